"""Interaction logs: who contacted whom, when and over which channel, with a ledger of every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.checks import mapping, text
from tienet.base.errors import ArgumentError, DataError, RowsRejected, offer, shown, warn
from tienet.base.frames import Backend, Columns, backend_of, collect, duckdb_in_one_line, is_spark, open_frame, require_columns, to_text
from tienet.base.paths import PathSpec, is_path
from tienet.base.record import Record
from tienet.base.time import day_text
from tienet.network.reading.canonical import IDS, canonical_frame, canonical_relation
from tienet.network.reading.files import OpenedFiles, keep_order, open_files, scan_in_parallel
from tienet.network.reading.job import FileJob, OnProgress
from tienet.network.reading.judging import once_per_event, reason_code, take_census
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.lines import RejectedLine, rejected_lines
from tienet.network.reading.sql import quoted
from tienet.network.reading.times import EPOCHS, is_pattern

__all__ = ["InteractionLog", "read_log"]


REQUIRED = ("source", "target")
ORDERED = 500_000  # up to this many rows, sums are the same to the last digit every time, unless memory_limit is set
CANONICAL = ("time", "source", "target", "channel", "size", "duration", "weight", "event", "reply_to")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class InteractionLog(Record):
    """An interaction log in canonical columns, in the engine that holds it, with a ledger of its rows.

    Parameters
    ----------
    rows
        The usable rows as a narwhals frame, eager or lazy, in canonical columns; `time` in microseconds UTC.
    has
        The canonical columns that the log has.
    ledger
        Rows by reason code: rows in = used + rejected + excluded + duplicate.
    rejects
        For CSV files: file, physical line and reason code of each rejected row (the first 100,000).
    first, last
        The earliest and latest moment, microseconds UTC; None where the log has no times.
    channels
        The channels, sorted; None where the log has none, or more than 32.
    """

    rows: Any
    has: frozenset[str]
    ledger: Ledger
    rejects: tuple[RejectedLine, ...]
    first: int | None
    last: int | None
    channels: tuple[str, ...] | None
    origin: str
    backend: Backend = "pandas"
    job: FileJob | None = None

    def _columns(self) -> Columns:
        held = collect(self.rows, self.job)
        if "event" in self.has:
            held = held.sort(held.columns)  # repeats were merged by grouping, which does not keep the order of rows
        columns = {}
        for name in CANONICAL:
            if name not in self.has:
                continue
            if name == "time":
                columns[name] = held[name].to_numpy().astype(np.int64).astype("datetime64[us]")
            else:
                columns[name] = to_text(held[name]) if name in IDS else held[name].to_numpy()
        return columns

    def __str__(self) -> str:
        period = "without times" if self.first is None or self.last is None else f"from {day_text(self.first)} to {day_text(self.last)}"
        stated = ", ".join(name for name in CANONICAL if name in self.has)
        return f"Interaction log {period} ({stated}). {self.ledger}"


def read_log(
    data: PathSpec | object,
    *,
    columns: Mapping[str, str | None] | None = None,
    time_format: str | None = None,
    timezone: str = "UTC",
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
        A path to CSV (plain or gzip) or Parquet, a folder (also partitioned, as in ``channel=mail/``) or glob of either, or a frame:
        pandas, Polars (eager and lazy), PyArrow, a DuckDB relation, or a PySpark DataFrame (aggregated in Spark; the small results are
        returned as pandas).
    columns
        Mapping from canonical names to your column names, such as ``{"time": "ts", "source": "sender", "target": "recipient"}``.
        Columns that already have a canonical name need no entry; map one to None to ignore it. Canonical columns:
        ``source`` and ``target`` (required); ``time``; ``channel``; ``size``, the number of people in the event (a missing
        value means two); ``duration`` (minutes); ``weight``, the number of interactions that the row represents; ``event``, an
        id by which repeated rows for one event between the same two people are counted once; ``reply_to``, the id of the event that
        the row answers.
    time_format
        For times that are not ISO 8601: a strptime pattern (``"%d/%m/%Y %H:%M"``), or "epoch", "epoch_ms", "epoch_us".
    timezone
        The time zone of times without one. Times with an offset keep their own.
    delimiter, encoding
        For CSV files, if they are not detected correctly (comma, semicolon, tab or bar; UTF-8, or UTF-16 with a byte-order mark).
    memory_limit
        For files: the memory to use, such as "500MB"; by default 80% of the machine's memory. Work that needs more spills to disk and takes
        longer, in this call and in later passes over the log, such as `build_ties`.
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
    Ids are strings, exactly as written: ``NA``, ``null``, ``00123`` and ``1e5`` are ids. An empty field is a missing id.
    Other columns are not read, so no message content is kept.

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
    """
    import narwhals.stable.v2 as nw

    for name, value in {"time_format": time_format, "delimiter": delimiter, "encoding": encoding, "memory_limit": memory_limit}.items():
        if value is not None:
            text(name, value)
    limits: dict[str, Any] = {"memory_limit": memory_limit, "spill": spill}
    opened = open_files(data, delimiter=delimiter, encoding=encoding, **limits) if is_path(data) else None  # type: ignore[arg-type]
    job = FileJob(opened.connection, opened.stamps, progress) if opened else None
    where = opened.name if opened else "the log"
    frame = open_frame(opened.relation if opened else data, where=where)
    mapped = _mapping(frame.collect_schema().names(), columns, where=where)
    options: dict[str, Any] = {"time_format": time_format, "timezone": _known_zone(timezone), "where": where}
    if opened:  # for times without a zone in columns where other times have one
        opened.connection.execute(f"set TimeZone = {quoted(options['timezone'])}")
    if time_format is not None and time_format not in EPOCHS and not is_pattern(time_format):
        raise ArgumentError(f"time_format must be a pattern such as '%d/%m/%Y', or one of {', '.join(EPOCHS)}; got {time_format!r}")
    if not isinstance(frame, nw.LazyFrame) and frame.is_empty():
        raise DataError.no_rows(where)
    if frame.implementation.is_duckdb():
        canonical = open_frame(canonical_relation(frame.to_native(), mapped, **options), where=where)
    elif is_spark(frame):
        from tienet.network.reading.spark import canonical_spark

        canonical = canonical_spark(frame, mapped, **options)
    else:
        canonical = canonical_frame(frame, mapped, **options)
    log = _judged(canonical, frozenset(mapped), opened, job, where=where, backend=backend_of(frame))
    if opened and memory_limit is None and log.ledger.rows_in <= ORDERED:
        keep_order(opened)
    return log


def _mapping(found: list[str], columns: Mapping[str, str | None] | None, *, where: str) -> dict[str, str]:
    """Canonical name -> column of the table, for the columns that exist."""
    wanted = mapping("columns", columns)
    for name in wanted:
        if name not in CANONICAL:
            raise ArgumentError(f"columns: {name!r} is not a column of a log{offer(name, CANONICAL)}")
    for name in CANONICAL:
        if name not in wanted and name in found:
            wanted[name] = name
    mapped = {name: own for name in CANONICAL if (own := wanted.get(name)) is not None}
    require_columns(found, mapped.values(), where=where)
    for name in REQUIRED:
        if name not in mapped:
            raise DataError.missing_column(name, found, where=where, repair=f"; or map yours with columns={{'{name}': ...}}")
    return mapped


def _known_zone(timezone: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(text("timezone", timezone)).key
    except (KeyError, ValueError, OSError):
        raise ArgumentError(f"timezone={shown(timezone)} is not known; write it as 'UTC' or 'Europe/Berlin'") from None


def _judged(
    canonical: Any, has: frozenset[str], opened: OpenedFiles | None, job: FileJob | None, *, where: str, backend: Backend
) -> InteractionLog:
    """Assign and count reason codes in one pass over the log, and keep the usable rows."""
    import narwhals.stable.v2 as nw

    coded = canonical.with_columns(code=reason_code(has))
    usable = coded.filter(nw.col("code") == 0).drop("code")
    with duckdb_in_one_line(where):
        census = take_census(coded, has, job)
        counts = census.counts
        if set(counts) == {"used"}:
            usable = canonical  # nothing to leave out, so later passes need no filter
        if "event" in has and "used" in counts:
            usable = once_per_event(usable, has)
            census = take_census(usable.with_columns(code=nw.lit(0)), has, job)
            counts["duplicate_event"] = counts["used"] - census.counts["used"]
            counts["used"] = census.counts["used"]
        rejects = rejected_lines(opened, coded, counts) if opened else ()
        if opened and not counts.get("malformed_line"):
            scan_in_parallel(opened)
    ledger = Ledger(counts)
    _warn_or_refuse(ledger, rejects, where=where)
    return InteractionLog(usable, has, ledger, rejects, census.first, census.last, census.channels, where, backend, job)


def _warn_or_refuse(ledger: Ledger, rejects: tuple[RejectedLine, ...], *, where: str) -> None:
    # Nearly always dates in another format.
    hint = "; set the format of times, such as time_format='%d/%m/%Y %H:%M'" if ledger.counts.get("bad_time") else ""
    if ledger.used == 0:
        raise DataError.no_rows(where, str(ledger) + hint if ledger.rows_in else "the table is empty")
    if ledger.rejected:
        lines = ", ".join(f"{reject.file}:{reject.line} {reject.code}" for reject in rejects[:3])
        shown = f" (the first: {lines})" if lines else ""
        warn(f"{where}: {ledger.rejected:,} of {ledger.rows_in:,} rows rejected{shown}; see .ledger and .rejects{hint}", RowsRejected)
