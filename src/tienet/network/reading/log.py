"""Interaction logs: who contacted whom, when and over which channel, with a ledger of every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from tienet.base.checks import choice, text, whole
from tienet.base.errors import ArgumentError, DataError, RowsRejected, TienetWarning, shown, warn
from tienet.base.frames import backend_of, duckdb_in_one_line, is_spark, open_frame
from tienet.base.paths import PathSpec, is_path
from tienet.base.time import DAY, day_text
from tienet.network.reading.cells.canonical import Readings, canonical_frame, canonical_relation
from tienet.network.reading.cells.hints import repairs
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.cells.nested import Lists, flat_frame, flat_relation, holds_several
from tienet.network.reading.cells.numeric import Decimal
from tienet.network.reading.cells.patterns import EPOCHS, MEANING, PER_SECOND, TimeFormat, formats_of, unit_of
from tienet.network.reading.cells.people_cells import known_separator
from tienet.network.reading.cells.zones import known_zone
from tienet.network.reading.files.job import FileJob, OnProgress
from tienet.network.reading.files.opening import keep_order, open_files
from tienet.network.reading.holding import holder, slow_to_read
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.judged import judged, judged_apart
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.lines import RejectedLine
from tienet.network.reading.log_columns import column_mapping, looked_for
from tienet.network.reading.shapes import (
    held_in_duckdb,
    others_sql,
    refuse_in_spark,
    shape_of,
    taken_apart,
)
from tienet.network.reading.sql import quoted

__all__ = ["read_log"]


FIRST_DAYS = 60 * DAY  # in which seconds of today end up that are read as milliseconds, and day numbers read as seconds
ORDERED = 500_000  # up to this many rows, sums are the same to the last digit every time, unless memory_limit is set


def read_log(
    data: PathSpec | object,
    *,
    columns: Mapping[str, str | Sequence[str] | None] | None = None,
    ids: IdRule = "exact",
    separator: str | None = None,
    max_people: int = 250,
    time_format: TimeFormat = None,
    timezone: str = "UTC",
    decimal: Decimal = None,
    skip: int | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    memory_limit: str | None = None,
    spill: PathSpec | None = None,
    progress: bool | OnProgress | None = None,
) -> InteractionLog:
    """Read an interaction log from files or a data frame.

    Parameters
    ----------
    data
        A path to a file, a folder (also partitioned, as in ``channel=mail/``) or a pattern, or a frame. Its first bytes tell what a
        file is: CSV, Excel and OpenDocument workbooks (``pip install tienet[excel]``), JSON (an object in each line, or an array of
        objects), Parquet, Arrow and Feather (with PyArrow or Polars), each also in gzip, bzip2, xz, zstd or ZIP. A name with ``*``, ``?``
        or ``[`` is a pattern unless a file of that name exists. Frames are:
        pandas, Polars (eager and lazy), PyArrow, a DuckDB relation, or a PySpark DataFrame (aggregated in Spark; the small results are
        returned as pandas).
    columns
        Mapping from canonical names to your column names, such as ``{"time": "ts", "source": "sender", "target": "recipient"}``.
        Columns that already have a canonical name need no entry; map one to None to ignore it. Canonical columns:
        ``source`` and ``target`` (required, see Notes); ``time``; ``channel``; ``size``, the number of people in the event (a missing
        value means two); ``duration`` (minutes, or written as 1:30:00, PT30M, 54m 55s); ``weight``, the number of interactions that the
        row represents; ``event``, an id by which repeated rows for one event and moment between the same two people are counted once;
        ``reply_to``, the id of the event that the row answers. ``source`` and ``target`` may be several columns, such as ``["To", "Cc"]``,
        and ``time`` a day and a time of day, ``["Start Date", "Start Time"]``. A path such as ``"toRecipients.emailAddress.address"`` names
        a field of a column of structs.
    ids
        How ids are compared with those of the people table. "exact": as they are written. "trim": without blanks at their ends and
        signs without width, inner blanks as one space, letters in composed form (NFC). "address": also without the display name in
        ``Name <address>``, without comments, ``mailto:`` and regard to case.
    separator
        The sign between people in a cell of ``source`` or ``target``, such as ";"; not between quotes. Where several columns are
        named for one of them, it is ";" unless another is given.
    max_people
        For rows of one person and event: events with more people are left out before their pairs are made.
    time_format
        How times are written, if they are not ISO 8601 or do not name an English month: a strptime pattern (``"%d/%m/%Y %H:%M"``), "epoch"
        (seconds since 1970), "epoch_ms", "epoch_us", "epoch_ns", "excel" (day numbers), or a list of these and "iso", tried in order.
        Moments and dates of a typed column need none.
    timezone
        The time zone of times without one, and of the days of a tie rule. Times with an offset keep their own; an offset or a name such as
        Europe/Berlin may follow the time. Words that mean several zones (BST, IST, CST) make a time unreadable.
    decimal
        The sign of decimals in ``weight``, ``size`` and ``duration`` where they are text: "," for 1.250,5 and "." for 1,250.5. By default
        a point; numbers in which a comma can mean either, such as 1,250, are not read.
    skip
        For CSV files: the number of lines before the header. Otherwise the header is the first line with text, or the first one that has
        all columns that are mapped.
    delimiter, encoding
        For CSV files, if they are not detected correctly (comma, semicolon, tab or bar; UTF-8, or UTF-16 with a byte-order mark).
    memory_limit
        For files: the memory to use, such as "500MB"; by default 80% of the machine's memory. Work that needs more spills to disk and takes
        longer, in this call and in later passes over the log, such as `build_ties`. Without a limit, up to 5 million rows are held in
        memory once read where reading them again would take longer: CSV, times as text, several people in a row. Otherwise each pass
        reads the files.
    spill
        The folder for spilled data, by default the system's temporary one. A private folder is created in it and removed with the log.
    progress
        For files: a line on stderr with the share that is done. None shows it after two seconds if stderr is a terminal, True also if
        it is not, False never; a callable receives the share, 0 to 1, and what is being done.

    Returns
    -------
    InteractionLog

    Notes
    -----
    Ids are strings, exactly as written unless `ids` says otherwise: ``NA``, ``null``, ``00123`` and ``1e5`` are ids. A field that is
    empty or has only blanks is a missing id. Other columns are not read, so no message content is kept.

    **Several people in a row.** Where a separator or several columns are given, or a column holds lists, a row is a *record*: it gives
    one interaction from its source to each distinct target. A target that is also the source is left out, and counted in
    `InteractionLog.left_out`. The ledger counts records, and says how many interactions they gave. A missing `size` is the number of
    distinct people in the record, and a record without `event` is an event of its own.

    **A row per person and event.** Where ``source`` and ``event`` are mapped and there is no ``target``, every two people of an event
    have an interaction in each direction. Rows of one event id belong together as long as each is within 12 hours of the one before
    (people join at different minutes); after a longer gap, the next occurrence begins. Its time is the earliest. Events with one
    person are left out (``alone``).

    **A row per event.** Without ``target`` and ``event``, a row whose ``source`` holds several people is an event: every two of them have
    an interaction in each direction. Calendars are of this form: ``{"source": ["Meeting Organizer", "Required Attendees"]}``. With
    ``event``, rows of one id are joined as above.

    **Events.** Rows with the same ``event`` and time are one event; one id at several times is a series, such as a weekly meeting,
    and each time is an event. Where a log states events and no sizes, `size` is the number of distinct people in the event.

    Raises
    ------
    InputNotFound
        No file was found.
    DataError
        A column is missing (the closest name is suggested), ids are floating-point numbers, or no row can be used.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "ann"]})
    >>> print(log.ledger)
    3 rows in: 2 used, 1 excluded (self_loop 1)

    A mail to two people:

    >>> mail = {"From": ["ann"], "To": ["bob; cyn"]}
    >>> log = tn.read_log(mail, columns={"source": "From", "target": "To"}, separator=";")
    >>> print(log.ledger)
    1 record in: 1 used; they gave 2 interactions

    Three people in a meeting:

    >>> table = {"meeting": ["m1", "m1", "m1"], "person": ["ann", "bob", "cyn"]}
    >>> log = tn.read_log(table, columns={"event": "meeting", "source": "person"})
    >>> log.frame[["source", "target", "size"]]
      source target  size
    0    ann    bob   3.0
    1    ann    cyn   3.0
    2    bob    ann   3.0
    3    bob    cyn   3.0
    4    cyn    ann   3.0
    5    cyn    bob   3.0
    """
    import narwhals.stable.v2 as nw

    for name, value in {"delimiter": delimiter, "encoding": encoding, "memory_limit": memory_limit}.items():
        if value is not None:
            text(name, value)
    choice("ids", ids, get_args(IdRule))
    sign = None if separator is None else known_separator(separator)
    whole("max_people", max_people, 2)
    if skip is not None:
        whole("skip", skip, 0)
    if decimal not in (None, ".", ","):
        raise ArgumentError(f"decimal must be '.' or ','; got {shown(decimal)}")
    formats, zone = formats_of(time_format), known_zone(timezone)
    limits: dict[str, Any] = {"memory_limit": memory_limit, "spill": spill}
    dialect: dict[str, Any] = {"delimiter": delimiter, "encoding": encoding, "skip": skip, **looked_for(columns)}
    opened = open_files(data, **dialect, **limits) if is_path(data) else None  # type: ignore[arg-type]
    job = FileJob(opened.connection, opened.stamps, progress) if opened else None
    where = opened.name if opened else "the log"
    frame = open_frame(opened.relation if opened else data, where=where)
    found = frame.collect_schema().names()
    mapped = column_mapping(found, columns, where=where, several=lambda column: sign is not None or holds_several(frame, column))
    how = Readings(formats, zone, decimal, where, ids)
    if opened:  # for times without a zone in columns where other times have one
        opened.connection.execute(f"set TimeZone = {quoted(zone)}")
    if not isinstance(frame, nw.LazyFrame) and frame.is_empty():
        raise DataError.no_rows(where)
    backend = backend_of(frame)
    with duckdb_in_one_line(where):
        frame, mapped, lists = _flat(frame, mapped, where=where)
        shape = shape_of(frame, mapped, lists, sign)
        if is_spark(frame):
            refuse_in_spark(shape, where)
    if shape.plain:
        canonical = _canonical(frame, mapped, how)
        with duckdb_in_one_line(where):
            slow = opened is not None and memory_limit is None and slow_to_read(opened, mapped)
            hold = holder(job, opened, frame.to_native(), "rows_read") if slow else None
        again = frame.implementation.is_duckdb() and not hold
        stated = _canonical(frame, mapped, replace(how, stated=True)) if again else canonical
        log = judged(canonical, stated, frozenset(mapped), opened, job, where=where, backend=backend, hold=hold)
    else:
        with duckdb_in_one_line(where):
            if frame.implementation.is_duckdb():
                relation, others = others_sql(frame.to_native(), mapped, how)
            else:
                relation, others, job = held_in_duckdb(frame, mapped, lists, how)
            hold = holder(job, opened, relation, "records") if memory_limit is None else None
            apart = taken_apart(relation, others, mapped, shape, ids=ids, most=max_people, where=where, job=job, hold=hold)
        log = judged_apart(apart, shape, opened, job, where=where, backend=backend)
    _warn_or_refuse(log.ledger, log.rejects, lambda: repairs(frame, mapped, how, log.ledger.counts), where=where)
    _warn_of_1970(log, how)
    if opened and memory_limit is None and log.ledger.rows_in <= ORDERED:
        keep_order(opened)
    return replace(log, ids=ids, timezone=zone, notes=(*(opened.notes if opened else ()), *log.notes))


def _flat(frame: Any, mapped: Mapping[str, Any], *, where: str) -> tuple[Any, dict[str, Any], Lists]:
    """The table with the values of structs in columns of their own, and lists beside it where it is a frame."""
    if not frame.implementation.is_duckdb():
        return flat_frame(frame, mapped, where=where)
    relation, mapped = flat_relation(frame.to_native(), mapped, where=where)
    return open_frame(relation, where=where), mapped, {}


def _canonical(frame: Any, mapped: Mapping[str, Any], how: Readings) -> Any:
    """The canonical columns, in the engine that holds the table."""
    if frame.implementation.is_duckdb():
        return open_frame(canonical_relation(frame.to_native(), mapped, how), where=how.where)
    if is_spark(frame):
        from tienet.network.reading.spark import canonical_spark

        return canonical_spark(frame, mapped, how)
    return canonical_frame(frame, mapped, how)


def _warn_or_refuse(ledger: Ledger, rejects: tuple[RejectedLine, ...], repair: Callable[[], str], *, where: str) -> None:
    if ledger.used == 0:
        hint = repair()
        if ledger.counts.get("alone") and not hint:
            hint = "; without a target, rows are the people of an event: map a target, or the right event"
        raise DataError.no_rows(where, str(ledger) + hint if ledger.rows_in else "the table is empty")
    if ledger.rejected:
        lines = ", ".join(str(reject) for reject in rejects[:3])
        shown = f" (the first: {lines})" if lines else ""
        unit = f"{ledger.unit}s"
        warn(f"{where}: {ledger.rejected:,} of {ledger.rows_in:,} {unit} rejected{shown}; see .ledger and .rejects{repair()}", RowsRejected)


def _warn_of_1970(log: InteractionLog, how: Readings) -> None:
    """Warn of a log that lies in the first days of 1970, where times in another unit end up."""
    if log.first is None or log.last is None or not 0 <= log.first <= log.last < FIRST_DAYS:
        return
    named = next((one for one in how.formats if one in EPOCHS), "epoch_ns")  # typed moments come from nanoseconds mostly
    units = {unit_of(moment / 1_000_000 * PER_SECOND[named]) for moment in (log.first, log.last)}
    unit = units.pop()
    if unit and not units:
        last = day_text(log.last)
        warn(
            f"{how.where}: all times lie between 1970-01-01 and {last}; as numbers they look like {MEANING[unit]}, "
            f"set time_format={unit!r}",
            TienetWarning,
        )
