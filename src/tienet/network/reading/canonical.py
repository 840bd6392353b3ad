"""Convert a table to the canonical columns of a log, in the engine that holds the table.

The result is the same for all engines: ids as strings (or both ends as integers), time in microseconds UTC, numbers as floats. Values
that cannot be read become a sentinel (`BAD_TIME`, -1), so that `judging` can distinguish bad values from missing ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from tienet.base.errors import DataError
from tienet.base.frames import as_text, has_decimals, is_missing
from tienet.base.time import DAY
from tienet.network.reading.files import identifier, quoted

# The largest integer that is exact as a float in every engine. In microseconds it spans the years 1684 to 2255; anything beyond is not a
# moment of a log (0001-01-01 and 9999-12-31 stand for "none", milliseconds read as seconds give the year 57000).
BAD_TIME = -(2**53)
IDS = ("source", "target", "channel", "event", "reply_to")
NUMBERS = ("weight", "size", "duration")
ENDS = ("source", "target")
_FLOATS = ("FLOAT", "DOUBLE")
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
EPOCHS = {"epoch": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
Mapped: TypeAlias = Mapping[str, str]


def canonical_relation(relation: Any, mapped: Mapped, *, time_format: str | None, timezone: str, where: str) -> Any:
    """Convert a DuckDB relation to canonical columns."""
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    whole = all(types[mapped[end]] in _INTEGERS for end in ENDS)
    parts = []
    for name, own in mapped.items():
        column, kind = identifier(own), types[own]
        if name == "time":
            parts.append(f"{_time_sql(column, kind, time_format, timezone, own=own, where=where)} as time")
        elif name in NUMBERS:
            parts.append(f"{_number_sql(column, kind)} as {name}")
        elif name in ENDS and whole:
            parts.append(f"cast({column} as bigint) as {name}")
        else:
            if kind in _FLOATS or is_broken(kind):
                raise float_ids(own, where)
            text = f"decode({column})" if kind == "BLOB" else f"cast({column} as varchar)"
            parts.append(f"nullif({text}, '') as {name}")
    return relation.select(", ".join(parts))


def is_broken(kind: str) -> bool:
    """Whether an SQL type is a decimal with digits after the point, such as DECIMAL(18,3)."""
    return kind.lower().startswith("decimal") and not kind.replace(" ", "").endswith(",0)")


def _number_sql(column: str, kind: str) -> str:
    """A number; NULL where missing, -1 where it is not a number."""
    if kind in _INTEGERS:
        return f"cast({column} as double)"
    number = f"try_cast({column} as double)"
    return f"case when {_stated(column, kind)} then coalesce(case when isfinite({number}) then {number} end, -1.0::double) end"


def _stated(column: str, kind: str) -> str:
    """Whether a column has a value: not NULL, not blank, and not the NaN of a missing float."""
    if kind == "VARCHAR":
        return f"coalesce(trim({column}), '') <> ''"
    return f"({column} is not null and not isnan({column}))" if kind in _FLOATS else f"{column} is not null"


def _time_sql(column: str, kind: str, time_format: str | None, timezone: str, *, own: str, where: str) -> str:
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
        return f"case when {_stated(column, kind)} then coalesce({microseconds}, {BAD_TIME}) end"
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
    return f"case when {_stated(column, kind)} then coalesce({finite}, {BAD_TIME}) end"


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


def canonical_frame(frame: Any, mapped: Mapped, *, time_format: str | None, timezone: str, where: str) -> Any:
    """Convert a narwhals frame (eager or lazy, neither DuckDB nor Spark) to canonical columns."""
    import narwhals.stable.v2 as nw

    schema = frame.collect_schema()
    whole = all(schema[mapped[end]].is_integer() and schema[mapped[end]] not in (nw.UInt64, nw.Int128, nw.UInt128) for end in ENDS)
    made = {}
    for name, own in mapped.items():
        if name in ENDS and whole:
            made[name] = nw.col(own).cast(nw.Int64)
        elif name in IDS:
            made[name] = _id_column(frame, own, schema[own], where=where)
        elif name == "time":
            made[name] = _time_column(frame, own, schema[own], time_format, timezone, where=where)
        else:
            made[name] = _number_column(frame, own, schema[own], where=where)
    return frame.select(*[values.alias(name) for name, values in made.items()])


def _id_column(frame: Any, own: str, dtype: Any, *, where: str) -> Any:
    import narwhals.stable.v2 as nw

    if dtype.is_float() or (dtype.is_decimal() and dtype.scale):
        raise float_ids(own, where)
    text: Any = nw.col(own).cast(nw.String)
    if dtype in (nw.Object, nw.Categorical) and isinstance(frame, nw.DataFrame):
        held = frame[own].unique().to_list() if dtype == nw.Categorical else frame[own].to_list()
        if any(has_decimals(value) for value in held):
            raise float_ids(own, where)
        if not all(isinstance(value, str) or is_missing(value) for value in held):
            text = nw.new_series(own, [as_text(value) for value in frame[own].to_list()], nw.String, backend=frame.implementation)
    return nw.when(text != "").then(text)


def _number_column(frame: Any, own: str, dtype: Any, *, where: str) -> Any:
    import narwhals.stable.v2 as nw

    if dtype == nw.Boolean or dtype.is_decimal():
        return nw.col(own).cast(nw.Float64)
    if dtype.is_numeric():
        return _float(own)
    return _parsed(frame, own, _number_sql("v", "VARCHAR"), where=where)


def _float(own: str) -> Any:
    """A number column as floats, NULL for NaN; divided by 1 first, since Arrow does not cast integers that are not exact as floats."""
    import narwhals.stable.v2 as nw

    return (nw.col(own) / 1).cast(nw.Float64).fill_nan(None)


def _time_column(frame: Any, own: str, dtype: Any, time_format: str | None, timezone: str, *, where: str) -> Any:
    import narwhals.stable.v2 as nw

    if dtype == nw.Date:
        return _moment(nw.col(own).cast(nw.Datetime("us")), timezone)
    if dtype == nw.Datetime:
        return nw.col(own).dt.timestamp("us") if dtype.time_zone else _moment(nw.col(own), timezone)
    if dtype.is_numeric():
        if time_format not in EPOCHS:
            raise numeric_time(own, where)
        return (_number_column(frame, own, dtype, where=where) * float(EPOCHS[time_format])).round(0)
    return _parsed(frame, own, _time_sql("v", "VARCHAR", time_format, timezone, own=own, where=where), where=where)


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


def _parsed(frame: Any, own: str, expression: str, *, where: str) -> Any:
    """Parse a text column of an eager frame with the SQL used for files; microseconds are exact as floats until the year 2255."""
    import duckdb
    import narwhals.stable.v2 as nw
    import pandas as pd

    if isinstance(frame, nw.LazyFrame):
        if frame.collect_schema()[own] == nw.Unknown:  # all values are missing
            return nw.lit(None, nw.Float64)
        raise DataError(
            f"{where}: column {own!r} of a lazy frame contains text; convert it to dates or numbers, or collect the frame first"
        )
    texts = [None if is_missing(v) else str(v) for v in frame[own].to_list()]
    held = pd.DataFrame({"v": pd.Series(texts, dtype="str")})
    with duckdb.connect() as connection:
        rows = connection.from_df(held).select(f"{expression} as v").fetchnumpy()["v"]
    values = [None if gone else float(value) for gone, value in zip(np.ma.getmaskarray(rows), rows.tolist(), strict=True)]
    return nw.new_series(own, values, nw.Float64, backend=frame.implementation)


def float_ids(own: str, where: str) -> DataError:
    """The error for ids that are floating-point numbers."""
    return DataError(
        f"{where}: column {own!r} holds floating-point numbers where ids are expected (an id such as 123 has become 123.0); "
        "read the column as text or as whole numbers"
    )


def numeric_time(own: str, where: str) -> DataError:
    """The error for times that are numbers of unknown unit."""
    return DataError(f"{where}: column {own!r} holds numbers where times are expected; set time_format='epoch', 'epoch_ms' or 'epoch_us'")
