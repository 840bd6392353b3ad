"""Interaction logs: who turned to whom, when, over which channel; every row accounted for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tienet._canonical import BAD_TIME, EPOCHS, IDS, NUMBERS, canonical_frame, canonical_relation, is_pattern
from tienet._files import (
    MOST_LINES_LOCATED,
    OpenedFiles,
    PathSpec,
    RejectedLine,
    is_path,
    line_numbers,
    malformed_lines,
    open_files,
    records_per_file,
    scan_in_parallel,
    unreadable,
)
from tienet._frames import Backend, Columns, backend_of, collect, open_frame, require_columns, to_text
from tienet._record import Record
from tienet._time import day_text
from tienet.errors import ArgumentError, DataError, RowsRejected, offer
from tienet.ledger import CODES, REASONS, Ledger

if TYPE_CHECKING:
    import duckdb

REQUIRED = ("source", "target")
CANONICAL = ("time", "source", "target", "channel", "size", "duration", "weight", "event")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class InteractionLog(Record):
    """A log in canonical columns, where it lives, with the account of its rows.

    Attributes
    ----------
    rows : narwhals frame
        The usable rows, eager or lazy, in canonical columns; `time` in microseconds UTC.
    has : frozenset of str
        The canonical columns that the log states.
    ledger : Ledger
        Rows in = used + rejected + excluded + duplicate, by reason code.
    rejects : tuple of RejectedLine
        From CSV files: file, physical line and reason code of each rejected row (the first 100,000).
    first, last : int or None
        The earliest and latest moment, microseconds UTC; None where the log has no times.
    """

    rows: Any
    has: frozenset[str]
    ledger: Ledger
    rejects: tuple[RejectedLine, ...]
    first: int | None
    last: int | None
    origin: str
    backend: Backend = "pandas"

    def _columns(self) -> Columns:
        held = collect(self.rows)
        if "event" in self.has:
            held = held.sort(held.columns)  # the repeats were found by grouping, which leaves rows in any order
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
) -> InteractionLog:
    """Read an interaction log from files or from any data frame.

    Parameters
    ----------
    data
        A path to CSV (plain or gzip) or Parquet, a folder or glob of either, or a frame: pandas, Polars (eager or lazy),
        PyArrow, a DuckDB relation.
    columns
        Canonical name -> your name, such as ``{"time": "ts", "source": "sender", "target": "recipient"}``. A canonical
        name that stands in the table needs no entry; map it to None to leave the column unread. Canonical columns:
        ``source`` and ``target`` (required); ``time``; ``channel``; ``size``, the people in the event, where a missing
        value stands for two; ``duration`` (minutes); ``weight``, how many interactions the row stands for; ``event``, an
        id that lets repeated listings of one event between the same two people be counted once.
    time_format
        For times that are not ISO 8601: a strptime pattern (``"%d/%m/%Y %H:%M"``), or "epoch", "epoch_ms", "epoch_us".
    timezone
        The zone of times that state none. Times with an offset keep their own.
    delimiter, encoding
        For CSV files, where the guess (comma, semicolon, tab or bar; UTF-8, or UTF-16 by its mark) is wrong.

    Returns
    -------
    InteractionLog

    Notes
    -----
    Ids are text exactly as written: ``NA``, ``null``, ``00123`` and ``1e5`` are ids. An empty field is a missing id.
    No other column is read, so no message content is kept.

    Raises
    ------
    InputNotFound
        No file is there.
    DataError
        A column is missing (the closest name is offered), ids are floating-point, or no row can be used.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "ann"]})
    >>> print(log.ledger)
    3 rows in: 2 used, 1 excluded (self_loop 1)
    """
    opened = open_files(data, delimiter=delimiter, encoding=encoding) if is_path(data) else None  # type: ignore[arg-type]
    where = opened.name if opened else "the log"
    frame = open_frame(opened.relation if opened else data, where=where)
    mapped = _mapping(frame.collect_schema().names(), columns, where=where)
    options: dict[str, Any] = {"time_format": time_format, "timezone": _known_zone(timezone), "where": where}
    if time_format is not None and time_format not in EPOCHS and not is_pattern(time_format):
        raise ArgumentError(f"time_format={time_format!r} is neither a pattern such as '%d/%m/%Y' nor one of {', '.join(EPOCHS)}")
    if frame.implementation.is_duckdb():
        canonical = open_frame(canonical_relation(frame.to_native(), mapped, **options), where=where)
    else:
        canonical = canonical_frame(frame, mapped, **options)
    return _judged(canonical, frozenset(mapped), opened, where=where, backend=backend_of(frame))


def _mapping(found: list[str], columns: Mapping[str, str | None] | None, *, where: str) -> dict[str, str]:
    """Canonical name -> the table's own name, for the columns that are there."""
    wanted = dict(columns or {})
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
        return ZoneInfo(timezone).key
    except (KeyError, ValueError, OSError):
        raise ArgumentError(f"timezone={timezone!r} is not known; write it as 'UTC' or 'Europe/Berlin'") from None


def _judged(canonical: Any, has: frozenset[str], opened: OpenedFiles | None, *, where: str, backend: Backend) -> InteractionLog:
    """One pass over the log: a reason code for each row, counted; then only the usable rows go on."""
    import duckdb
    import narwhals.stable.v2 as nw

    coded = canonical.with_columns(code=_code(has))
    usable = coded.filter(nw.col("code") == 0).drop("code")
    try:
        counts, first, last = _counts(coded, timed="time" in has)
        if "event" in has and "used" in counts:
            usable = _once(usable, has)
            kept, first, last = _counts(usable.with_columns(code=nw.lit(0)), timed="time" in has)
            counts["duplicate_event"] = counts["used"] - kept["used"]
            counts["used"] = kept["used"]
        rejects = _rejects(opened, coded, counts) if opened else ()
        if opened and not counts.get("malformed_line"):
            scan_in_parallel(opened)
    except duckdb.Error as problem:
        if opened:
            raise unreadable(opened.files, problem) from None
        raise DataError(f"{where}: {str(problem).splitlines()[0]}") from None
    ledger = Ledger(counts)
    _warn_or_refuse(ledger, rejects, where=where)
    return InteractionLog(usable, has, ledger, rejects, first, last, where, backend)


def _code(has: frozenset[str]) -> Any:
    """The reason code of a row as an expression: the first rule that it breaks, 0 where it breaks none."""
    import narwhals.stable.v2 as nw

    def col(name: str) -> Any:
        return nw.col(name)

    rules = [("missing_source", col("source").is_null()), ("missing_target", col("target").is_null())]
    if "time" in has:
        rules += [("missing_time", col("time").is_null()), ("bad_time", ~((col("time") > BAD_TIME) & (col("time") < -BAD_TIME)))]
    if "weight" in has:
        weight = col("weight")
        rules.append(("bad_weight", weight.is_null() | ~((weight >= 0) & (weight < np.inf))))
    if "size" in has:
        size = col("size")
        rules.append(("bad_size", ~size.is_null() & ~((size >= 2) & (size < np.inf) & (size % 1 == 0))))
    if "duration" in has:
        rules.append(("bad_duration", ~col("duration").is_null() & ~((col("duration") >= 0) & (col("duration") < np.inf))))
    rules.append(("self_loop", col("source") == col("target")))
    if "weight" in has:
        rules.append(("zero_weight", col("weight") == 0))
    code: Any = nw.lit(0)
    for name, broken in reversed(rules):
        code = nw.when(broken).then(nw.lit(CODES.index(name))).otherwise(code)
    return code


def _counts(coded: Any, *, timed: bool) -> tuple[dict[str, int], int | None, int | None]:
    import narwhals.stable.v2 as nw

    ends = [nw.col("time").min().alias("first"), nw.col("time").max().alias("last")] if timed else []
    table = collect(coded.group_by("code").agg(nw.len().alias("rows"), *ends))
    codes = [int(code) for code in table["code"].to_list()]
    counts = {CODES[code]: int(rows) for code, rows in zip(codes, table["rows"].to_list(), strict=True)}
    if not timed or 0 not in codes:
        return counts, None, None
    used = codes.index(0)
    return counts, int(table["first"].to_list()[used]), int(table["last"].to_list()[used])


def _once(usable: Any, has: frozenset[str]) -> Any:
    """One row per event and ordered pair. Which of the repeats stays must not depend on row order: the earliest and largest values do."""
    import narwhals.stable.v2 as nw

    keys = ["event", "source", "target"]
    kept = [nw.col(name).min() for name in ("time", "channel") if name in has]
    kept += [nw.col(name).max() for name in NUMBERS if name in has]
    # An event without an id cannot be recognised again: its rows stay as they are.
    single = usable.filter(nw.col("event").is_null())
    merged = usable.filter(~nw.col("event").is_null()).group_by(keys).agg(nw.len().alias("listings"), *kept)
    order = usable.collect_schema().names()
    return nw.concat([merged.select(order), single.select(order)])


def _rejects(opened: OpenedFiles, coded: Any, counts: dict[str, int]) -> tuple[RejectedLine, ...]:
    """File, line and code of the rejected rows; the lines DuckDB kept aside join the counts."""
    lines = malformed_lines(opened)
    malformed = [RejectedLine(Path(name).name, line, "malformed_line") for name, found in lines.items() for line in found]
    counts["malformed_line"] = len(malformed)
    rejected = [code for code in counts if REASONS[code][0] == "rejected" and code != "malformed_line"]
    located = _locate(opened, coded.to_native(), rejected, lines) if rejected and opened.dialect else []
    return tuple(sorted([*malformed, *located], key=lambda reject: (reject.file, reject.line))[:MOST_LINES_LOCATED])


def _locate(
    opened: OpenedFiles, coded: duckdb.DuckDBPyRelation, rejected: list[str], malformed: Mapping[str, list[int]]
) -> list[RejectedLine]:
    """Physical lines of rows rejected for what they say: their ordinals from DuckDB, their lines from the file."""
    assert opened.dialect is not None  # noqa: S101 - CSV only, for the type checker
    numbers = ", ".join(str(CODES.index(code)) for code in rejected)
    rows = coded.select("code, row_number() over () as ordinal").filter(f"code in ({numbers})").limit(MOST_LINES_LOCATED).fetchall()
    lengths = records_per_file(opened) if len(opened.files) > 1 else [2**62]
    found, start = [], 0
    for name, length in zip(opened.files, lengths, strict=True):
        here = sorted((ordinal - start, code) for code, ordinal in rows if start < ordinal <= start + length)
        if here:
            lines = line_numbers(name, opened.dialect, [ordinal for ordinal, _ in here], malformed.get(name, ()))
            found += [RejectedLine(Path(name).name, line, CODES[code]) for line, (_, code) in zip(lines, here, strict=True)]
        start += length
    return found


def _warn_or_refuse(ledger: Ledger, rejects: tuple[RejectedLine, ...], *, where: str) -> None:
    if ledger.used == 0:
        raise DataError.no_rows(where, str(ledger) if ledger.rows_in else "the table is empty")
    if ledger.rejected:
        lines = ", ".join(f"{reject.file}:{reject.line} {reject.code}" for reject in rejects[:3])
        shown = f" (the first: {lines})" if lines else ""
        warnings.warn(
            f"{where}: {ledger.rejected:,} of {ledger.rows_in:,} rows rejected{shown}; see .ledger and .rejects", RowsRejected, stacklevel=4
        )
