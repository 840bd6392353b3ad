"""From a table as somebody wrote it to the canonical columns of a log, in the engine where the table lives.

Every door ends in the same shape: text ids, time in microseconds UTC, numbers as floats. What does not read as
what it should becomes a sentinel (`BAD_TIME`, -1), so that one judgement in `log` can tell bad from missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from tienet._files import identifier
from tienet._time import DAY
from tienet.errors import DataError

BAD_TIME = -(2**53)  # the largest whole number that every engine holds exactly as a float; a moment of the year 1684
IDS = ("source", "target", "channel", "event")
NUMBERS = ("weight", "size", "duration")
EPOCHS = {"epoch": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
Mapped: TypeAlias = Mapping[str, str]


def canonical_relation(relation: Any, mapped: Mapped, *, time_format: str | None, timezone: str, where: str) -> Any:
    """A DuckDB relation in canonical columns."""
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    parts = []
    for name, own in mapped.items():
        column, kind = identifier(own), types[own]
        if name == "time":
            parts.append(f"{_time_sql(column, kind, time_format, timezone, own=own, where=where)} as time")
        elif name in NUMBERS:
            parts.append(f"{_number_sql(column)} as {name}")
        else:
            if kind in ("FLOAT", "DOUBLE"):
                raise _float_ids(own, where)
            parts.append(f"nullif(cast({column} as varchar), '') as {name}")
    return relation.select(", ".join(parts))


def _number_sql(column: str) -> str:
    return f"coalesce(try_cast({column} as double), case when {column} is not null then -1.0::double end)"


def _time_sql(column: str, kind: str, time_format: str | None, timezone: str, *, own: str, where: str) -> str:
    """Microseconds since 1970 UTC; the same words read the same everywhere, whatever the session's time zone is."""
    zone = f"'{timezone}'"
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"epoch_us({column})"
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return f"epoch_us(timezone({zone}, cast({column} as timestamp)))"
    if time_format in EPOCHS:
        return f"coalesce(cast(try_cast({column} as double) * {EPOCHS[time_format]} as bigint), case when {column} is not null then {BAD_TIME} end)"
    if kind != "VARCHAR":
        raise _numeric_time(own, where)
    text = f"trim({column})"
    if time_format:
        parsed = f"timezone({zone}, try_strptime({text}, '{time_format}'))"
    else:
        # A plain cast drops an offset without a word, so texts that carry one take another road.
        offset = f"regexp_matches({text}, ':.*([zZ]|[+-][0-9]{{2}}(:?[0-9]{{2}})?| ?[A-Za-z_]+(/[A-Za-z_]+)*)$')"
        parsed = f"case when {offset} then try_cast({text} as timestamptz) else timezone({zone}, try_cast({text} as timestamp)) end"
    finite = f"case when isfinite({parsed}) then epoch_us({parsed}) end"
    return f"coalesce({finite}, case when nullif({text}, '') is not null then {BAD_TIME} end)"


def canonical_frame(frame: Any, mapped: Mapped, *, time_format: str | None, timezone: str, where: str) -> Any:
    """A narwhals frame (eager or lazy, not DuckDB) in canonical columns."""
    schema = frame.collect_schema()
    made = {}
    for name, own in mapped.items():
        if name in IDS:
            made[name] = _id_column(frame, own, schema[own], where=where)
        elif name == "time":
            made[name] = _time_column(frame, own, schema[own], time_format, timezone, where=where)
        else:
            made[name] = _number_column(frame, own, schema[own], where=where)
    return frame.select(*[values.alias(name) for name, values in made.items()])


def _id_column(frame: Any, own: str, dtype: Any, *, where: str) -> Any:
    import narwhals.stable.v2 as nw

    if dtype.is_float():
        raise _float_ids(own, where)
    if dtype == nw.Object:
        values = [None if v is None or v != v else str(v) for v in frame[own].to_list()]
        text = nw.new_series(own, values, nw.String, backend=frame.implementation)
    else:
        text = nw.col(own).cast(nw.String)
    return nw.when(text != "").then(text)


def _number_column(frame: Any, own: str, dtype: Any, *, where: str) -> Any:
    import narwhals.stable.v2 as nw

    if dtype.is_numeric():
        return nw.col(own).cast(nw.Float64)
    return _parsed(frame, own, _number_sql("v"), where=where)


def _time_column(frame: Any, own: str, dtype: Any, time_format: str | None, timezone: str, *, where: str) -> Any:
    import narwhals.stable.v2 as nw

    if dtype == nw.Date:
        return nw.col(own).cast(nw.Datetime("us")).dt.replace_time_zone(timezone).dt.timestamp("us")
    if dtype == nw.Datetime:
        column = nw.col(own)
        return (column if dtype.time_zone else column.dt.replace_time_zone(timezone)).dt.timestamp("us")
    if dtype.is_numeric():
        if time_format not in EPOCHS:
            raise _numeric_time(own, where)
        return nw.col(own) * EPOCHS[time_format]
    return _parsed(frame, own, _time_sql("v", "VARCHAR", time_format, timezone, own=own, where=where), where=where)


def _parsed(frame: Any, own: str, expression: str, *, where: str) -> Any:
    """A text column of an eager frame, read by the same SQL as a file's; floats hold microseconds exactly until the year 2255."""
    import duckdb
    import narwhals.stable.v2 as nw
    import pandas as pd

    if isinstance(frame, nw.LazyFrame):
        raise DataError(f"{where}: column {own!r} of a lazy frame holds text; convert it to a date or number there, or collect first")
    texts = [None if v is None or v != v else str(v) for v in frame[own].to_list()]
    held = pd.DataFrame({"v": pd.Series(texts, dtype="str")})
    with duckdb.connect() as connection:
        rows = connection.from_df(held).select(f"{expression} as v").fetchnumpy()["v"]
    values = [None if gone else float(value) for gone, value in zip(np.ma.getmaskarray(rows), rows.tolist(), strict=True)]
    return nw.new_series(own, values, nw.Float64, backend=frame.implementation)


def _float_ids(own: str, where: str) -> DataError:
    return DataError(
        f"{where}: column {own!r} holds floating-point numbers where ids are expected (an id such as 123 has become 123.0); "
        "read the column as text or as whole numbers"
    )


def _numeric_time(own: str, where: str) -> DataError:
    return DataError(f"{where}: column {own!r} holds numbers where times are expected; say time_format='epoch', 'epoch_ms' or 'epoch_us'")


def week_index(time: Any, start: int) -> Any:
    """The number of the week a moment falls in, counted from the start of the window."""
    return (time - start) // (7 * DAY)
