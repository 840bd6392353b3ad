"""From rows in canonical columns to a log: each row judged once, counted, and kept or left out with its reason."""

from __future__ import annotations

from typing import Any

from tienet.base.errors import SeveralInCell, warn
from tienet.base.frames import Backend, collect, duckdb_in_one_line, open_frame
from tienet.base.numbers import counted
from tienet.base.record import Fixed
from tienet.network.reading.files.job import FileJob
from tienet.network.reading.files.opening import OpenedFiles, scan_in_order
from tienet.network.reading.holding import Hold
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.judging import once_per_event, reason_code, several_people, sized_by_event, take_census, unread_duration
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.lines import RejectedLine, rejected_lines
from tienet.network.reading.log_columns import REQUIRED
from tienet.network.reading.shapes import (
    Apart,
    Shape,
)


def judged(
    canonical: Any,
    stated: Any,
    has: frozenset[str],
    opened: OpenedFiles | None,
    job: FileJob | None,
    *,
    where: str,
    backend: Backend,
    hold: Hold | None,
) -> InteractionLog:
    """Assign and count reason codes in one pass over the log, and keep the usable rows: of `stated` where no row lacks an id.

    Where the rows are held in a table, that pass is the only one over the files.
    """
    import narwhals.stable.v2 as nw

    read = canonical.with_columns(code=reason_code(has))
    texts = REQUIRED if not canonical.collect_schema()["source"].is_integer() else ()
    made: frozenset[str] = frozenset()
    with duckdb_in_one_line(where):
        signs = [f"{end}{sign}" for end in texts for sign in ";,"]
        timed = ["unread"] if "duration" in has else []

        def counted_once() -> tuple[Any, Any]:
            coded = open_frame(hold(read.to_native()), where=where) if hold else read
            marked = several_people(coded, texts)
            marked = marked.with_columns(unread=unread_duration()) if timed else marked
            return coded, take_census(marked, has, job, sums=[*signs, *timed])

        coded, census = counted_once()
        if opened and opened.records not in (None, sum(census.counts.values())):
            scan_in_order(opened)
            coded, census = counted_once()
        counts, unread = census.counts, sum(census.sums["unread"].values()) if timed else 0
        several = {name: sum(census.sums[name].values()) for name in signs}
        rows_in = sum(counts.values())
        if coded is read:
            stated = canonical if {"missing_source", "missing_target"} & set(counts) else stated
            stated = stated.with_columns(code=reason_code(has))
        else:
            stated = coded
        # Where there is nothing to leave out, later passes need no filter.
        usable = (stated if set(counts) == {"used"} else stated.filter(nw.col("code") == 0)).drop("code")
        usable = _read_durations(usable) if unread else usable
        if "event" in has and "used" in counts:
            usable = once_per_event(usable, has)
            if "size" not in has:
                usable, made = sized_by_event(usable, has), frozenset({"size"})
            census = take_census(usable.with_columns(code=nw.lit(0)), has, job)
            counts["duplicate_event"] = counts["used"] - census.counts["used"]
            counts["used"] = census.counts["used"]
        rejects = _located(opened, coded, counts)
    notes = tuple(_several(name[:-1], name[-1], rows, rows_in) for name, rows in several.items() if rows)
    for note in notes:
        warn(f"{where}: {note}", SeveralInCell)
    ends = (census.first, census.last, census.channels)
    notes += _unread(unread)
    return InteractionLog(usable, has | made, Ledger(counts), rejects, *ends, where, backend, job, made=made, notes=notes)


def _read_durations(rows: Any) -> Any:
    """Rows in which a duration that cannot be read is missing."""
    import narwhals.stable.v2 as nw

    return rows.with_columns(duration=nw.when(unread_duration() == 0).then(nw.col("duration")))


def _unread(durations: int) -> tuple[str, ...]:
    if not durations:
        return ()
    return (f"{durations:,} durations cannot be read and count as missing (write minutes as a number, 1:30:00 or PT30M)",)


def _several(end: str, sign: str, rows: int, rows_in: int) -> str:
    has = "has" if rows == 1 else "have"
    return f"{rows:,} of {counted(rows_in, 'row')} {has} {sign!r} in {end}: several people in one cell; set separator={sign!r}"


def judged_apart(
    apart: Apart, shape: Shape, opened: OpenedFiles | None, job: FileJob | None, *, where: str, backend: Backend
) -> InteractionLog:
    """The log of rows that were taken apart."""
    counts = dict(apart.counts)
    with duckdb_in_one_line(where):
        rejects = _located(opened, apart.coded, counts)
    ledger = Ledger(counts, shape.unit, interactions=apart.interactions)
    census, rows, unread = apart.census, apart.rows, 0
    if "duration" in apart.has and ledger.used:
        with duckdb_in_one_line(where):
            unread = int(collect(rows.select(unread_duration().sum().alias("unread")), job)["unread"].to_list()[0] or 0)
        rows = _read_durations(rows) if unread else rows
    ends = (census.first, census.last, census.channels)
    return InteractionLog(
        rows, apart.has, ledger, rejects, *ends, where, backend, job, made=apart.made, left_out=Fixed(apart.left_out), notes=_unread(unread)
    )


def _located(opened: OpenedFiles | None, coded: Any, counts: dict[str, int]) -> tuple[RejectedLine, ...]:
    """The lines of rejected rows."""
    return rejected_lines(opened, coded, counts) if opened else ()
