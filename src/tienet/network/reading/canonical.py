"""Convert a table to the canonical columns of a log, in the engine that holds the table.

The result is the same for all engines: ids as strings (or both ends as integers), time in microseconds UTC, numbers as floats. Values
that cannot be read become a sentinel (`BAD_TIME`, -1), so that `judging` can distinguish bad values from missing ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from tienet.base.errors import DataError
from tienet.base.frames import as_text, has_decimals, is_missing
from tienet.network.reading.numeric import FLOATS, INTEGERS, number_column, number_sql
from tienet.network.reading.sql import identifier
from tienet.network.reading.times import time_column, time_sql

IDS = ("source", "target", "channel", "event", "reply_to")
NUMBERS = ("weight", "size", "duration")
ENDS = ("source", "target")
Mapped: TypeAlias = Mapping[str, str]


def canonical_relation(relation: Any, mapped: Mapped, *, time_format: str | None, timezone: str, where: str) -> Any:
    """Convert a DuckDB relation to canonical columns."""
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    whole = all(types[mapped[end]] in INTEGERS for end in ENDS)
    parts = []
    for name, own in mapped.items():
        column, kind = identifier(own), types[own]
        if name == "time":
            parts.append(f"{time_sql(column, kind, time_format, timezone, own=own, where=where)} as time")
        elif name in NUMBERS:
            parts.append(f"{number_sql(column, kind)} as {name}")
        elif name in ENDS and whole:
            parts.append(f"cast({column} as bigint) as {name}")
        else:
            if kind in FLOATS or is_broken(kind):
                raise float_ids(own, where)
            text = f"decode({column})" if kind == "BLOB" else f"cast({column} as varchar)"
            parts.append(f"nullif({text}, '') as {name}")
    return relation.select(", ".join(parts))


def is_broken(kind: str) -> bool:
    """Whether an SQL type is a decimal with digits after the point, such as DECIMAL(18,3)."""
    return kind.lower().startswith("decimal") and not kind.replace(" ", "").endswith(",0)")


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
            made[name] = time_column(frame, own, schema[own], time_format, timezone, where=where)
        else:
            made[name] = number_column(frame, own, schema[own], where=where)
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


def float_ids(own: str, where: str) -> DataError:
    """The error for ids that are floating-point numbers."""
    return DataError(
        f"{where}: column {own!r} holds floating-point numbers where ids are expected (an id such as 123 has become 123.0); "
        "read the column as text or as whole numbers"
    )
