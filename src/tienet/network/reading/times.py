"""Times of a log: from what a column holds to microseconds UTC, in SQL and in frames."""

from __future__ import annotations

from typing import Any

from tienet.base.errors import DataError
from tienet.base.time import DAY
from tienet.network.reading.numeric import number_column, parsed, stated_sql
from tienet.network.reading.sql import quoted

# The largest integer that is exact as a float in every engine. In microseconds it spans the years 1684 to 2255; anything beyond is not a
# moment of a log (0001-01-01 and 9999-12-31 stand for "none", milliseconds read as seconds give the year 57000).
BAD_TIME = -(2**53)
EPOCHS = {"epoch": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}


def time_sql(column: str, kind: str, time_format: str | None, timezone: str, *, own: str, where: str) -> str:
    """Microseconds since 1970 UTC, whatever the session's time zone is."""
    zone, text = quoted(timezone), f"trim({column})"
    if kind == "TIMESTAMPTZ_NS":
        return _whole_microseconds(column)
    if kind == '"NULL"':
        return "null::bigint"
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        moment = column
    elif kind == "TIMESTAMP_NS":
        moment = f"timezone({zone}, make_timestamp({_whole_microseconds(column)}))"
    elif kind.startswith("TIMESTAMP") or kind == "DATE":
        moment = f"timezone({zone}, cast({column} as timestamp))"
    elif time_format in EPOCHS:
        microseconds = f"try_cast(try_cast({column} as double) * {EPOCHS[time_format]} as bigint)"
        return f"case when {stated_sql(column, kind)} then coalesce({microseconds}, {BAD_TIME}) end"
    elif kind != "VARCHAR":
        raise numeric_time(own, where)
    elif time_format:
        moment = f"timezone({zone}, try_strptime({text}, {quoted(time_format)}))"
    else:
        # A plain cast silently drops offsets, so strings with an offset are cast differently; words such as "epoch" are not times.
        offset = f"regexp_matches({text}, ':.*([zZ]|[+-][0-9]{{2}}(:?[0-9]{{2}}){{0,2}}| ?[A-Za-z_]+(/[A-Za-z_]+)*)$')"
        written = f"case when {offset} then try_cast({text} as timestamptz) else timezone({zone}, try_cast({text} as timestamp)) end"
        moment = f"case when regexp_matches({text}, '^[0-9]') then {written} end"
    finite = f"case when isfinite({moment}) then epoch_us({moment}) end"
    return f"case when {stated_sql(column, kind)} then coalesce({finite}, {BAD_TIME}) end"


def _whole_microseconds(column: str) -> str:
    """Nanoseconds rounded down to microseconds, as in every frame library; a plain cast would round to the nearest."""
    nanoseconds = f"epoch_ns({column})"
    return f"(({nanoseconds} - ({nanoseconds} % 1000 + 1000) % 1000) // 1000)"


def is_pattern(time_format: str) -> bool:
    """Whether a strptime pattern is valid."""
    import duckdb

    try:
        with duckdb.connect() as connection:
            connection.execute(f"select try_strptime('', {quoted(time_format)})")
    except duckdb.Error:
        return False
    return "%" in time_format


def time_column(frame: Any, own: str, dtype: Any, time_format: str | None, timezone: str, *, where: str) -> Any:
    """A time column of a narwhals frame in microseconds UTC; null where missing, `BAD_TIME` where it is not a time."""
    import narwhals.stable.v2 as nw

    if dtype == nw.Date:
        return _moment(nw.col(own).cast(nw.Datetime("us")), timezone)
    if dtype == nw.Datetime:
        return nw.col(own).dt.timestamp("us") if dtype.time_zone else _moment(nw.col(own), timezone)
    if dtype.is_numeric():
        if time_format not in EPOCHS:
            raise numeric_time(own, where)
        return (number_column(frame, own, dtype, where=where) * float(EPOCHS[time_format])).round(0)
    return parsed(frame, own, time_sql("v", "VARCHAR", time_format, timezone, own=own, where=where), where=where)


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


def numeric_time(own: str, where: str) -> DataError:
    """The error for times that are numbers of unknown unit."""
    return DataError(f"{where}: column {own!r} holds numbers where times are expected; set time_format='epoch', 'epoch_ms' or 'epoch_us'")
