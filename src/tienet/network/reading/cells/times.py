"""Times of a log: from what a column holds to microseconds UTC, in SQL and in frames.

In SQL this takes two steps. The first reads a *clock*: microseconds of local time as if it were UTC, or a moment raised by `MOMENT`. The
second places the clocks in the zone of the log. They are two projections of a query, so that no text is read twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, TypeAlias

import numpy as np

from tienet.base.errors import DataError
from tienet.base.frames import is_missing
from tienet.base.time import DAY
from tienet.network.reading.cells.numeric import INTEGERS, answers, lazy_text, number_column, stated_sql, texts_of
from tienet.network.reading.cells.patterns import EPOCHS, EXCEL, ISO, MEANING, NUMERIC, number_clock_sql, pattern_sql, unit_of
from tienet.network.reading.cells.written import BAD_TIME, MOMENT, written_sql
from tienet.network.reading.cells.zones import moment_sql
from tienet.network.reading.sql import identifier

Steps: TypeAlias = tuple[str, str | None]
_WHOLE = (*INTEGERS, "HUGEINT", "UBIGINT", "UHUGEINT")
_NO_MOMENT = ("TIME", "INTERVAL", "BOOLEAN")


def time_steps(column: str, kind: str, formats: Sequence[str], timezone: str, *, own: str, where: str, name: str = "time") -> Steps:
    """The two steps for a column of this SQL type, the second in terms of a column `name`; None where the first is enough.

    The result is NULL where a time is missing, and `BAD_TIME` or beyond where there is something else.
    """
    if kind == '"NULL"':
        return "null::bigint", None
    if kind == "TIMESTAMPTZ_NS":
        return _whole_microseconds(column), None
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return _finite(column, f"epoch_us({column})"), None
    if kind == "TIMESTAMP_NS":
        return _whole_microseconds(column), _placed_sql(name, timezone)
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return _finite(column, f"epoch_us(cast({column} as timestamp))"), _placed_sql(name, timezone)
    if kind == "VARCHAR":
        return _text_clock_sql(column, formats), _placed_sql(name, timezone, raised=True)
    named = next((one for one in formats if one in NUMERIC), None)
    if named is None or kind in _NO_MOMENT:
        raise numeric_time(own, where, kind)
    clock = number_clock_sql(column, named, whole=kind in _WHOLE)
    return f"case when {stated_sql(column, kind)} then coalesce({clock}, {BAD_TIME}) end", _placed_sql(name, timezone, raised=True)


def joined(columns: Sequence[str], kinds: Sequence[str], formats: Sequence[str]) -> tuple[str, str]:
    """One column of SQL, and its type, for times in several: a day, a time of day, perhaps a zone."""
    if len(columns) == 1:
        return columns[0], kinds[0]
    day, *rest = columns
    if len(columns) == 2 and kinds[0].startswith(("DATE", "TIMESTAMP")) and "ZONE" not in kinds[0] and kinds[1].startswith("TIME"):
        return f"(cast({day} as date) + coalesce(cast({rest[0]} as time), time '00:00:00'))", "TIMESTAMP"
    if EXCEL in formats and len(columns) == 2:
        return f"(try_cast({day} as double) + coalesce(try_cast({rest[0]} as double), 0))", "DOUBLE"
    parts = [_day_text(day, kinds[0]), *(_clock_text(column, kind) for column, kind in zip(rest, kinds[1:], strict=True))]
    return f"concat_ws(' ', {', '.join(parts)})", "VARCHAR"


def _day_text(column: str, kind: str) -> str:
    """A day as text; spreadsheets write one as its midnight."""
    if kind.startswith(("DATE", "TIMESTAMP")):
        return f"strftime(cast({column} as date), '%Y-%m-%d')"
    return f"nullif(regexp_replace(trim(cast({column} as varchar)), '[ T]00:00(:00([.]0+)?)?$', ''), '')"


def _clock_text(column: str, kind: str) -> str:
    """A time of day as text; spreadsheets write one as a time of the day before their first one."""
    if kind.startswith("TIMESTAMP"):
        return f"strftime({column}, '%H:%M:%S')"
    return f"nullif(regexp_replace(trim(cast({column} as varchar)), '^(1899-12-3[01]|1900-01-0[01])[ T]', ''), '')"


def _placed_sql(name: str, timezone: str, *, raised: bool = False) -> str | None:
    """The second step: microseconds UTC of the clocks, by the zone of the log."""
    placed = moment_sql(name, timezone)
    bad = "" if placed == name else f"when {name} <= {BAD_TIME} or {name} >= {-BAD_TIME} then {BAD_TIME} "
    moment = f"when {name} > {MOMENT // 2} then {name} - {MOMENT} " if raised else ""
    return f"case {moment}{bad}else {placed} end" if moment or bad else None


def _finite(column: str, microseconds: str) -> str:
    return f"case when isfinite({column}) then {microseconds} when {column} is not null then {BAD_TIME} end"


def _text_clock_sql(column: str, formats: Sequence[str]) -> str:
    ways = [_way_sql(column, one) for one in formats]
    if len(ways) > 1:  # what one way cannot read is left to the next
        ways = [f"coalesce({', '.join(f'nullif({way}, {BAD_TIME})' for way in ways)})"]
    stated = f"case when {stated_sql(column, 'VARCHAR')} then coalesce({ways[0]}, {BAD_TIME}) end"
    return ways[0] if formats == (ISO,) else stated


def _way_sql(column: str, way: str) -> str:
    if way == ISO:
        return _iso_sql(column, f"case when {stated_sql(column, 'VARCHAR')} then {written_sql(column)} end")
    return number_clock_sql(f"trim({column})", way) if way in NUMERIC else pattern_sql(column, way)


def _iso_sql(column: str, rest: str) -> str:
    """ISO times of fixed width are cast directly; a place for each sign leaves none for an offset, which the cast would drop."""
    clock = f"coalesce(epoch_us(try_cast({column} as timestamp)), {BAD_TIME})"
    cut = f"coalesce(epoch_us(try_cast({column}[:{{}}] as timestamp)) + {MOMENT}, {BAD_TIME})"
    moment = f"coalesce(epoch_us(try_cast({column} as timestamptz)) + {MOMENT}, {BAD_TIME})"
    digits = f"translate({column}[21:{{}}], '0123456789', '') = ''"
    second = "____-__-_____:__:__"
    offset = f"{column}[21:] <= '14:00' and {column}[24] < '6'"
    cases = (
        (19, f"{column} like '{second}'", clock),
        (20, f"{column} like '{second}Z'", cut.format(19)),
        (25, f"({column} like '{second}+__:__' or {column} like '{second}-__:__') and {offset}", moment),
        (24, f"{column} like '{second}.___Z' and {digits.format(23)}", cut.format(23)),
        (26, f"{column} like '{second}.______' and {digits.format(26)}", clock),
        (23, f"{column} like '{second}.___' and {digits.format(23)}", clock),
        (16, f"{column} like '{second[:-3]}'", clock),
        (10, f"{column} like '{second[:10]}'", clock),
    )
    whens = " ".join(f"when strlen({column}) = {width} and {like} then {read}" for width, like, read in cases)
    return f"case {whens} else {rest} end"


def _whole_microseconds(column: str) -> str:
    """Nanoseconds rounded down to microseconds, as in every frame library; a plain cast would round to the nearest."""
    nanoseconds = f"epoch_ns({column})"
    return f"(({nanoseconds} - ({nanoseconds} % 1000 + 1000) % 1000) // 1000)"


def time_column(frame: Any, own: tuple[str, ...], formats: Sequence[str], timezone: str, *, where: str) -> Any:
    """The times of a narwhals frame in microseconds UTC; null where missing, `BAD_TIME` where it is not a time."""
    import narwhals.stable.v2 as nw

    dtype = frame.collect_schema()[own[0]]
    named = next((one for one in formats if one in NUMERIC), None)
    if len(own) == 1 and dtype == nw.Date:
        return _moment(nw.col(*own).cast(nw.Datetime("us")), timezone)
    if len(own) == 1 and dtype == nw.Datetime:
        return nw.col(*own).dt.timestamp("us") if dtype.time_zone else _moment(nw.col(*own), timezone)
    if len(own) == 1 and dtype.is_numeric() and named != EXCEL:
        if named is None:
            raise numeric_time(own[0], where, example=_first_number(frame, own[0]))
        if named == "epoch_ns":
            whole = nw.col(*own) // 1000 if dtype.is_integer() else (nw.col(*own) / 1000).floor()
            return (whole / 1).cast(nw.Float64).fill_nan(None)
        return (number_column(frame, own[0], dtype, where=where) * float(EPOCHS[named])).round(0)
    if len(own) == 1 and dtype in (nw.Time, nw.Duration, nw.Boolean):
        raise numeric_time(own[0], where, str(dtype).upper())
    if isinstance(frame, nw.LazyFrame):
        return lazy_text(frame, own[0], where=where)
    return _read_in_duckdb(frame, own, formats, timezone, where=where)


def _read_in_duckdb(frame: Any, own: tuple[str, ...], formats: Sequence[str], timezone: str, *, where: str) -> Any:
    """Text times of an eager frame; a cell that is a moment already needs no pattern."""
    import narwhals.stable.v2 as nw

    held = text_cells(frame, own)
    columns = [name for name in held if name != "m"]
    column, kind = joined([identifier(name) for name in columns], ["VARCHAR"] * len(columns), formats)
    first, second = time_steps(column, kind, formats, timezone, own=own[0], where=where)
    if tuple(formats) == (ISO,) and list(held) == ["v"]:
        # Nearly all tables have times of fixed width only; planning the SQL for all others takes longer than reading a small table.
        values = answers(held, _iso_sql(column, f"case when {stated_sql(column, 'VARCHAR')} then {BAD_TIME} end"), second)
        if not (values <= BAD_TIME).any():
            return nw.new_series(own[0], values, nw.Float64, backend=frame.implementation).fill_nan(None)
    if "m" in held:
        first = f"case when m is not null then {_iso_sql('m', written_sql('m'))} else {first} end"
    values = answers(held, first, second)
    return nw.new_series(own[0], values, nw.Float64, backend=frame.implementation).fill_nan(None)


def text_cells(frame: Any, own: tuple[str, ...]) -> dict[str, Any]:
    """The cells of the columns of a time as texts: "v" and further ones; "m" for those that are moments already."""
    import narwhals.stable.v2 as nw

    if len(own) > 1:
        day, *rest = own
        days = [None if is_missing(cell) else _day_cell(cell) for cell in frame[day].to_list()]
        clocks = {
            f"v{at}": [None if is_missing(cell) else _clock_cell(cell) for cell in frame[name].to_list()] for at, name in enumerate(rest)
        }
        return {"v": days, **clocks}
    if frame[own[0]].dtype != nw.Object:
        return {"v": texts_of(frame, own[0])}
    cells = frame[own[0]].to_list()
    moments = [isinstance(cell, date | np.datetime64) and not is_missing(cell) for cell in cells]
    held = {"v": [None if moment or is_missing(cell) else str(cell) for cell, moment in zip(cells, moments, strict=True)]}
    if any(moments):
        held["m"] = [_iso(cell) if moment else None for cell, moment in zip(cells, moments, strict=True)]
    return held


def _iso(cell: Any) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _day_cell(cell: Any) -> str:
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def _clock_cell(cell: Any) -> str:
    return cell.time().isoformat() if isinstance(cell, datetime) else cell.isoformat() if isinstance(cell, time) else str(cell)


def _first_number(frame: Any, own: str) -> float | None:
    """A number of a numeric column, for messages."""
    import narwhals.stable.v2 as nw

    held = frame.select(nw.col(own).max().cast(nw.Float64))
    held = held.collect() if isinstance(held, nw.LazyFrame) else held
    value = held[own].to_list()[0]
    return None if is_missing(value) else float(value)


def _moment(clock: Any, timezone: str) -> Any:
    """Microseconds UTC of a local time, by the rules that DuckDB uses for files.

    A time repeated at the end of summer time is the later one; a time skipped at its start has the offset before it.
    """
    import narwhals.stable.v2 as nw

    stated = clock.dt.timestamp("us")
    if timezone == "UTC":
        return stated

    def shown(moment: Any) -> Any:
        """The local time at a moment, as if it were UTC."""
        return (
            moment.cast(nw.Datetime("us"))
            .dt.replace_time_zone("UTC")
            .dt.convert_time_zone(timezone)
            .dt.replace_time_zone(None)
            .dt.timestamp("us")
        )

    def with_offset_at(moment: Any) -> Any:
        return stated - (shown(moment) - moment)

    later = with_offset_at(stated + DAY)
    return nw.when(shown(later) == stated).then(later).otherwise(with_offset_at(stated - DAY))


def numeric_time(own: str, where: str, kind: str = "", example: float | None = None) -> DataError:
    """The error for times that are numbers of unknown unit, or no moments at all."""
    if kind in ("TIME", "INTERVAL", "DURATION"):
        return DataError(f"{where}: column {own!r} holds times of day without a day; name both, columns={{'time': ['date', {own!r}]}}")
    unit = None if example is None else unit_of(example)
    looks = f"; {example:.15g} looks like {MEANING[unit]}: set time_format={unit!r}" if unit else ""
    repair = looks or "; set time_format='epoch', 'epoch_ms' or 'epoch_us'"
    return DataError(f"{where}: column {own!r} holds numbers where times are expected{repair}")
