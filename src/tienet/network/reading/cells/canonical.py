"""Convert a table to the canonical columns of a log, in the engine that holds the table.

The result is the same for all engines: ids as strings (or both ends as integers), time in microseconds UTC, numbers as floats. Values
that cannot be read become a sentinel (`BAD_TIME`, -1), so that `judging` can distinguish bad values from missing ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError
from tienet.base.frames import as_text, collect, has_decimals, is_missing, table_like, to_text
from tienet.network.reading.cells.identity import BLANKS, IdRule, id_sql, normal_ids
from tienet.network.reading.cells.numeric import FLOATS, INTEGERS, Decimal, duration_sql, number_column, number_sql
from tienet.network.reading.cells.times import joined, time_column, time_steps
from tienet.network.reading.sql import identifier

IDS = ("source", "target", "channel", "event", "reply_to")
NUMBERS = ("weight", "size", "duration")
ENDS = ("source", "target")
CLOCK = '"tienet clock"'
Mapped: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Readings:
    """How the cells of a log are read.

    Parameters
    ----------
    formats
        The ways in which times are written.
    timezone
        The zone of times without one.
    decimal
        The sign of decimals in text; None for a point and no doubt.
    where
        The name of the table, for messages.
    ids
        How ids are compared.
    stated
        Whether a pass over the table has found an id in every row, so that they need not be looked at again.
    """

    formats: tuple[str, ...]
    timezone: str
    decimal: Decimal
    where: str
    ids: IdRule = "exact"
    stated: bool = False


def own_columns(own: str | tuple[str, ...]) -> tuple[str, ...]:
    """The columns of the table that make up one canonical column."""
    return (own,) if isinstance(own, str) else tuple(own)


def canonical_relation(relation: Any, mapped: Mapped, how: Readings) -> Any:
    """Convert a DuckDB relation to canonical columns."""
    relation, parts = canonical_sql(relation, mapped, how)
    return relation.select(", ".join(f"{sql} as {name}" for name, sql in parts.items()))


def canonical_sql(relation: Any, mapped: Mapped, how: Readings) -> tuple[Any, dict[str, str]]:
    """The canonical columns of a DuckDB relation, each as an SQL expression on the relation returned, where times are clocks."""
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    whole = all(types[mapped[end]] in INTEGERS for end in ENDS if end in mapped)
    parts = {}
    for name, own in mapped.items():
        if name == "time":
            column, kind = time_source(relation, own, how)
            clock, placed = time_steps(column, kind, how.formats, how.timezone, own=own_columns(own)[0], where=how.where, name=CLOCK)
            relation = relation if placed is None else relation.select(f"*, {clock} as {CLOCK}")
            parts[name] = clock if placed is None else placed
            continue
        column, kind = identifier(own), types[own]
        if name in NUMBERS:
            parts[name] = (duration_sql if name == "duration" else number_sql)(column, kind, how.decimal)
        elif name in ENDS and whole:
            parts[name] = f"cast({column} as bigint)"
        elif name in ENDS:
            text = text_sql(column, kind, own=own, where=how.where)
            parts[name] = text if how.stated and how.ids == "exact" else id_sql(text, how.ids)
        else:
            parts[name] = f"nullif({text_sql(column, kind, own=own, where=how.where)}, '')"
    return relation, parts


def time_source(relation: Any, own: str | tuple[str, ...], how: Readings) -> tuple[str, str]:
    """The time of a DuckDB relation as one SQL column, and its type."""
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    names = own_columns(own)
    return joined([identifier(name) for name in names], [types[name] for name in names], how.formats)


def text_sql(column: str, kind: str, *, own: str, where: str) -> str:
    """A column with ids as text; DataError for floating-point numbers."""
    if kind in FLOATS or is_broken(kind):
        raise float_ids(own, where)
    return column if kind == "VARCHAR" else f"decode({column})" if kind == "BLOB" else f"cast({column} as varchar)"


def is_broken(kind: str) -> bool:
    """Whether an SQL type is a decimal with digits after the point, such as DECIMAL(18,3)."""
    return kind.lower().startswith("decimal") and not kind.replace(" ", "").endswith(",0)")


def canonical_frame(frame: Any, mapped: Mapped, how: Readings) -> Any:
    """Convert a narwhals frame (eager or lazy, neither DuckDB nor Spark) to canonical columns."""
    import narwhals.stable.v2 as nw

    schema = frame.collect_schema()
    whole = all(
        schema[mapped[end]].is_integer() and schema[mapped[end]] not in (nw.UInt64, nw.Int128, nw.UInt128) for end in ENDS if end in mapped
    )
    made = {}
    for name, own in mapped.items():
        if name in ENDS and whole:
            made[name] = nw.col(own).cast(nw.Int64)
        elif name in IDS:
            text = _id_column(frame, own, schema[own], where=how.where)
            made[name] = nw.when((text.str.strip_chars(BLANKS) if name in ENDS else text) != "").then(text)
        elif name == "time":
            made[name] = time_column(frame, own_columns(own), how.formats, how.timezone, where=how.where)
        else:
            duration = name == "duration"
            made[name] = number_column(frame, own, schema[own], where=how.where, decimal=how.decimal, duration=duration)
    held = frame.select(*[values.alias(name) for name, values in made.items()])
    return held if whole or how.ids == "exact" else normalised(held, tuple(end for end in ENDS if end in mapped), how.ids)


def normalised(rows: Any, ends: tuple[str, ...], how: IdRule) -> Any:
    """Replace the ids of a narwhals frame by the form in which they are compared, through a table of the distinct ones."""
    import narwhals.stable.v2 as nw

    order = rows.collect_schema().names()
    for end in ends:
        if isinstance(rows, nw.DataFrame):
            rows = rows.with_columns(nw.new_series(end, _compared(to_text(rows[end]), how), nw.String, backend=rows.implementation))
            continue
        listed = to_text(collect(rows.select(end).unique())[end])
        listed = listed[[one is not None for one in listed.tolist()]]
        table = table_like(rows, {end: listed, f"{end}_as": normal_ids(listed, how)})
        rows = rows.join(table, on=end, how="left").drop(end).rename({f"{end}_as": end})
    return rows.select(order)


def _compared(ids: NDArray[Any], how: IdRule) -> list[str | None]:
    import pandas as pd

    places, listed = pd.factorize(ids, use_na_sentinel=True)
    compared = [*normal_ids(np.asarray(listed, dtype=object), how).tolist(), None]  # -1, a missing id, is the last
    return [compared[place] for place in places.tolist()]


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
    return text


def float_ids(own: str, where: str) -> DataError:
    """The error for ids that are floating-point numbers."""
    return DataError(
        f"{where}: column {own!r} holds floating-point numbers where ids are expected (an id such as 123 has become 123.0); "
        "read the column as text or as whole numbers"
    )
