"""Logs in Spark: canonical columns in Spark SQL, by the same rules as for other engines.

Columns are selected by position, since names may contain dots and Spark ignores case. Times of day are never converted with the
session's time zone: a TIMESTAMP is a moment, and a TIMESTAMP_NTZ or a string is split into days, hours and seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError
from tienet.base.frames import spark_in_one_line
from tienet.base.time import DAY
from tienet.network.reading.canonical import ENDS, NUMBERS, float_ids, is_broken
from tienet.network.reading.identity import BLANKS, IdRule, normal_ids
from tienet.network.reading.sql import quoted
from tienet.network.reading.times import BAD_TIME, EPOCHS, numeric_time

_WHOLE = ("tinyint", "smallint", "int", "bigint")
_BROKEN = ("float", "double")
_FINITE = "cast('Infinity' as double)"
# As in files: a string with a zone after its time of day is a moment. (The dashes of the date come before any colon.)
_ZONE = "':.*([zZ]|[+-][0-9]{2}(:?[0-9]{2}){0,2}| ?[A-Za-z_]+(/[A-Za-z_]+)*)$'"
_DATE = "'^[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}([ T]|$)'"


def canonical_spark(
    frame: Any, mapped: Mapping[str, str], *, time_format: str | None, timezone: str, where: str, ids: IdRule = "exact"
) -> Any:
    """Convert a PySpark DataFrame to canonical columns, as a narwhals frame."""
    import narwhals.stable.v2 as nw

    native = nw.to_native(frame)
    own = list(native.columns)
    if len(set(own)) < len(own):
        raise DataError(f"{where}: two columns have the same name; rename or drop one of them")
    _refuse_stopped(native)
    with spark_in_one_line():
        placed = native.toDF(*(f"c{place}" for place in range(len(own))))
        kinds = dict(zip(own, (kind if kind.startswith("decimal") else kind.split("(")[0] for _, kind in placed.dtypes), strict=True))
        whole = all(kinds[mapped[end]] in _WHOLE for end in ENDS)
        parts = []
        for name, of in mapped.items():
            column, kind = f"c{own.index(of)}", kinds[of]
            if name == "time":
                made = _time_sql(column, kind, time_format, timezone, own=of, where=where)
            elif name in NUMBERS:
                made = _number_sql(column, kind)
            elif name in ENDS and whole:
                made = f"cast({column} as bigint)"
            elif kind in _BROKEN or is_broken(kind):
                raise float_ids(of, where)
            elif name in ENDS:
                made = f"case when trim(both {_text(BLANKS)} from cast({column} as string)) <> '' then cast({column} as string) end"
            else:
                made = f"nullif(cast({column} as string), '')"
            parts.append(f"{made} as `{name}`")
        held = placed.selectExpr(*parts)
        return nw.from_native(held if whole or ids == "exact" else _normalised(held, ids))


def _normalised(native: Any, how: IdRule) -> Any:
    """Replace the ids at both ends by the form in which they are compared, through a table of the distinct ones."""
    import pyarrow as pa

    order = native.columns
    distinct = native.selectExpr(f"explode(array({', '.join(ENDS)})) as id").distinct()
    listed = np.array([row[0] for row in distinct.collect() if row[0] is not None], dtype=object)
    texts = {"id": listed, "as": normal_ids(listed, how)}
    table = native.sparkSession.createDataFrame(pa.table({name: pa.array(values.tolist(), pa.string()) for name, values in texts.items()}))
    for end in ENDS:
        native = (
            native.join(table.toDF(end, f"{end}_as").hint("broadcast"), on=end, how="left").drop(end).withColumnRenamed(f"{end}_as", end)
        )
    return native.select(*order)


def _text(value: str) -> str:
    """A string, quoted for Spark's SQL, in which a backslash escapes."""
    return "'" + "".join(f"\\u{ord(sign):04x}" for sign in value) + "'"


def encoded_in_spark(rows: Any, ids: NDArray[Any], codes: NDArray[np.int64], ends: tuple[str, ...]) -> Any:
    """Add the codes of both ends to the rows, null for ids not listed; the list is broadcast, so the rows are not moved."""
    import narwhals.stable.v2 as nw
    import pyarrow as pa

    native = nw.to_native(rows)
    kind = pa.int64() if ids.dtype.kind == "i" else pa.string()
    _refuse_stopped(native)
    with spark_in_one_line():
        listed = native.sparkSession.createDataFrame(pa.table({"id": pa.array(ids.tolist(), kind), "code": pa.array(codes, pa.int64())}))
        for end in ends:
            native = native.join(listed.toDF(end, f"{end}_code").hint("broadcast"), on=end, how="left")
    return nw.from_native(native)


def _refuse_stopped(native: Any) -> None:
    """Raise an error for a stopped session, which would otherwise fail somewhere inside Spark."""
    context = getattr(native.sparkSession, "_sc", None)  # Spark Connect has none here
    if context is not None and context._jsc is None:
        raise DataError("Spark failed: its session was stopped; start a new one and read the table again")


def _number_sql(column: str, kind: str) -> str:
    """A number; NULL where missing, -1 where it is not a number."""
    if kind == "string":
        # Java reads 1d and 1f as numbers.
        number = f"try_cast(case when not {column} rlike '[dDfF] *$' then {column} end as double)"
        return f"case when trim({column}) <> '' then coalesce(case when abs({number}) < {_FINITE} then {number} end, -1D) end"
    if kind in _BROKEN:
        number = f"cast({column} as double)"
        finite = f"case when abs({number}) < {_FINITE} then {number} else -1D end"
        return f"case when {column} is not null and not isnan({column}) then {finite} end"
    return f"cast({column} as double)"


def _time_sql(column: str, kind: str, time_format: str | None, timezone: str, *, own: str, where: str) -> str:
    """Microseconds since 1970 UTC; NULL where missing, BAD_TIME where it is not a time."""
    if kind == "timestamp":
        return f"unix_micros({column})"
    if kind in ("timestamp_ntz", "date"):
        return _moment(_clock(column, kind), timezone)
    if time_format in EPOCHS and kind != "boolean":
        number = f"try_cast({column} as double) * {EPOCHS[time_format]}D"
        stated = {"string": f"and trim({column}) <> ''", **dict.fromkeys(_BROKEN, f"and not isnan({column})")}.get(kind, "")
        near = f"case when abs({number}) < {-BAD_TIME}D then cast(rint({number}) as bigint) end"
        return f"case when {column} is not null {stated} then coalesce({near}, {BAD_TIME}) end"
    if kind != "string":
        raise numeric_time(own, where)
    if time_format:
        raise DataError(
            f"{where}: column {own!r} holds text, which is read in Spark as ISO 8601 only; convert it there with to_timestamp_ntz(), "
            "and leave out time_format"
        )
    text = f"trim({column})"
    shown = _moment(_clock(f"try_cast({text} as timestamp_ntz)", "timestamp_ntz"), timezone)
    moment = f"case when {text} rlike {_ZONE} then unix_micros(try_cast({text} as timestamp)) else {shown} end"
    return f"case when {text} <> '' then coalesce(case when {text} rlike {_DATE} then {moment} end, {BAD_TIME}) end"


def _clock(column: str, kind: str) -> str:
    """A local time in microseconds, as if it were UTC; a plain cast would use the session's time zone."""
    days = f"unix_date(cast({column} as date)) * {DAY}L"
    if kind == "date":
        return days
    seconds = f"cast(extract(second from {column}) * 1000000 as bigint)"
    return f"({days} + hour({column}) * 3600000000L + minute({column}) * 60000000L + {seconds})"


def _moment(stated: str, timezone: str) -> str:
    """Microseconds UTC of a local time: the later moment of a repeated time, and the offset before the gap for a skipped one."""
    if timezone == "UTC":
        return stated

    def shown(moment: str) -> str:
        return f"unix_micros(from_utc_timestamp(timestamp_micros({moment}), {quoted(timezone)}))"

    def with_offset_at(moment: str) -> str:
        return f"({stated} - ({shown(moment)} - ({moment})))"

    later = with_offset_at(f"{stated} + {DAY}L")
    found = f"case when {shown(later)} = {stated} then {later} else {with_offset_at(f'{stated} - {DAY}L')} end"
    # Close to the limits of the type, adding a day would overflow.
    return f"case when abs({stated}) < {-BAD_TIME} then {found} when {stated} is not null then {BAD_TIME} end"
