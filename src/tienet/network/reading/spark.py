"""Logs in Spark: canonical columns in Spark SQL, by the same rules as for other engines.

Columns are selected by position, since names may contain dots and Spark ignores case. Times of day are never converted with the
session's time zone: a TIMESTAMP is a moment, and a TIMESTAMP_NTZ or a string is split into days, hours and seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError
from tienet.base.frames import spark_in_one_line
from tienet.base.time import DAY
from tienet.network.reading.cells.canonical import ENDS, NUMBERS, Mapped, Readings, float_ids, is_broken, own_columns
from tienet.network.reading.cells.dialects import Dialect
from tienet.network.reading.cells.identity import BLANKS, IdRule, normal_ids
from tienet.network.reading.cells.numeric import Decimal, clock_minutes, number_texts
from tienet.network.reading.cells.patterns import EPOCHS, ISO
from tienet.network.reading.cells.times import numeric_time
from tienet.network.reading.cells.written import BAD_TIME, MOMENT, written_sql
from tienet.network.reading.sql import quoted

_WHOLE = ("tinyint", "smallint", "int", "bigint")
_BROKEN = ("float", "double")
_FINITE = "cast('Infinity' as double)"


def canonical_spark(frame: Any, mapped: Mapped, how: Readings) -> Any:
    """Convert a PySpark DataFrame to canonical columns, as a narwhals frame."""
    import narwhals.stable.v2 as nw

    native = nw.to_native(frame)
    own = list(native.columns)
    if len(set(own)) < len(own):
        raise DataError(f"{how.where}: two columns have the same name; rename or drop one of them")
    _refuse_stopped(native)
    with spark_in_one_line():
        placed = native.toDF(*(f"c{place}" for place in range(len(own))))
        kinds = dict(zip(own, (kind if kind.startswith("decimal") else kind.split("(")[0] for _, kind in placed.dtypes), strict=True))
        whole = all(kinds[mapped[end]] in _WHOLE for end in ENDS)
        parts = []
        for name, stated in mapped.items():
            of, *more = own_columns(stated)
            column, kind = f"c{own.index(of)}", kinds[of]
            if more:
                cells = ", ".join(f"trim(cast(c{own.index(one)} as string))" for one in (of, *more))
                column, kind = f"nullif(concat_ws(' ', {cells}), '')", "string"
            if name == "time":
                made = _time_sql(column, kind, how, own=of)
            elif name in NUMBERS:
                made = _number_sql(column, kind, how.decimal, duration=name == "duration")
            elif name in ENDS and whole:
                made = f"cast({column} as bigint)"
            elif kind in _BROKEN or is_broken(kind):
                raise float_ids(of, how.where)
            elif name in ENDS:
                made = f"case when trim(both {_text(BLANKS)} from cast({column} as string)) <> '' then cast({column} as string) end"
            else:
                made = f"nullif(cast({column} as string), '')"
            parts.append(f"{made} as `{name}`")
        held = placed.selectExpr(*parts)
        return nw.from_native(held if whole or how.ids == "exact" else _normalised(held, how.ids))


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


def _number_sql(column: str, kind: str, decimal: Decimal = None, *, duration: bool = False) -> str:
    """A number; NULL where missing, -1 where it is not a number."""
    if kind == "string":
        # Java reads 1d and 1f as numbers.
        number = number_texts(f"(case when not {column} rlike '[dDfF] *$' then {column} end)", decimal, _SPARK)
        if duration:
            number = f"coalesce({number}, {clock_minutes(column, _SPARK)})"
        return f"case when trim({column}) <> '' then coalesce(case when abs({number}) < {_FINITE} then {number} end, -1D) end"
    if kind in _BROKEN:
        number = f"cast({column} as double)"
        finite = f"case when abs({number}) < {_FINITE} then {number} else -1D end"
        return f"case when {column} is not null and not isnan({column}) then {finite} end"
    return f"cast({column} as double)"


def _time_sql(column: str, kind: str, how: Readings, *, own: str) -> str:
    """Microseconds since 1970 UTC; NULL where missing, BAD_TIME where it is not a time."""
    if kind == "timestamp":
        return f"unix_micros({column})"
    if kind in ("timestamp_ntz", "date"):
        return _moment(_clock(column, kind), quoted(how.timezone))
    named = next((one for one in how.formats if one in EPOCHS), None)
    if named and kind != "boolean":
        number = f"try_cast({column} as double) * {EPOCHS[named]}D"
        stated = {"string": f"and trim({column}) <> ''", **dict.fromkeys(_BROKEN, f"and not isnan({column})")}.get(kind, "")
        whole = "floor" if named == "epoch_ns" else "rint"
        near = f"case when abs({number}) < {-BAD_TIME}D then cast({whole}({number}) as bigint) end"
        return f"case when {column} is not null {stated} then coalesce({near}, {BAD_TIME}) end"
    if kind != "string":
        raise numeric_time(own, how.where)
    if how.formats != (ISO,):
        raise DataError(
            f"{how.where}: column {own!r} holds text, which is read in Spark as ISO 8601 only; convert it there with to_timestamp_ntz(), "
            "and leave out time_format"
        )
    placed = _SPARK.let(written_sql(column, _SPARK), "w", lambda w: (
        f"case when {w} > {MOMENT // 2} then {w} - {MOMENT} when {w} <= {BAD_TIME} then {w} else {_moment(w, quoted(how.timezone))} end"
    ))  # fmt: skip
    return f"case when trim({column}) <> '' then coalesce({placed}, {BAD_TIME}) end"


def _clock(column: str, kind: str) -> str:
    """A local time in microseconds, as if it were UTC; a plain cast would use the session's time zone."""
    days = f"unix_date(cast({column} as date)) * {DAY}L"
    if kind == "date":
        return days
    seconds = f"cast(extract(second from {column}) * 1000000 as bigint)"
    return f"({days} + hour({column}) * 3600000000L + minute({column}) * 60000000L + {seconds})"


def _moment(stated: str, timezone: str) -> str:
    """Microseconds UTC of a local time in a zone, both as SQL.

    The later moment of a repeated time, and the offset before the gap for a skipped one.
    """
    if timezone == "'UTC'":
        return stated

    def shown(moment: str) -> str:
        return f"unix_micros(from_utc_timestamp(timestamp_micros({moment}), {timezone}))"

    def with_offset_at(moment: str) -> str:
        return f"({stated} - ({shown(moment)} - ({moment})))"

    later = with_offset_at(f"{stated} + {DAY}L")
    found = f"case when {shown(later)} = {stated} then {later} else {with_offset_at(f'{stated} - {DAY}L')} end"
    # Close to the limits of the type, adding a day would overflow.
    return f"case when abs({stated}) < {-BAD_TIME} then {found} when {stated} is not null then {BAD_TIME} end"


def _escaped(text: str) -> str:
    """A string for Spark SQL, where a backslash escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SPARK = Dialect(
    let=lambda value, name, body: f"transform(array({value}), {name} -> {body(name)})[0]",
    group="${}",
    replaced=lambda text, pattern, by: f"regexp_replace({text}, {_escaped(pattern)}, {_escaped(by)})",
    matches=lambda text, pattern: f"{text} rlike {_escaped(pattern)}",
    split="split({}, '[|]', -1)",
    part="element_at({}, {})",
    clock=lambda text: _clock(f"try_cast({text} as timestamp_ntz)", "timestamp_ntz"),
    placed=_moment,
)
