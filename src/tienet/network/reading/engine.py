"""Operations that narwhals lacks, for each engine: replacing ids by codes, and counting distinct values with bits.

Everything else on a log is a narwhals expression that runs in any engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from operator import or_
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import collect_numbers, is_spark, table_like

if TYPE_CHECKING:
    import duckdb

    from tienet.network.reading.files.job import FileJob

How: TypeAlias = Literal["rows", "count", "sum", "min", "max", "distinct"]
UNKNOWN = -1
PAIRING = "grouping by pair"
WORD = 62  # bits that fit into a signed integer in every engine
MOST_WORDS = 8
DENSE = 1 << 20  # whole numbers between which there are no more than this are looked up by their place in a list


@dataclass(frozen=True, slots=True, eq=False)
class Small:
    """A column with few known values, each with a position from 0 to size - 1.

    Parameters
    ----------
    value
        A narwhals expression for the value; null if the row has none.
    place
        A narwhals expression for its position; out of range if the row has none.
    size
        Number of positions.
    """

    value: Any
    place: Any
    size: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """The positions of a small set that are in one word: from `low` to before `high`, the first of them at bit `low - start`."""

    name: str
    low: int
    high: int
    start: int

    @property
    def mask(self) -> int:
        """The bits of the stretch within the word."""
        return (1 << (self.high - self.start)) - (1 << (self.low - self.start))


def packed(sizes: Mapping[str, int]) -> list[list[Stretch]]:
    """Distribute small sets over as few words as possible; returns the stretches of each word."""
    words: list[list[Stretch]] = [[] for _ in range(-(-sum(sizes.values()) // WORD))]
    first = 0
    for name, size in sizes.items():
        for word in range(first // WORD, -(-(first + size) // WORD)):
            start = word * WORD - first
            words[word].append(Stretch(name, max(start, 0), min(start + WORD, size), start))
        first += size
    return words


def encoded(
    rows: Any,
    ids: NDArray[Any],
    codes: NDArray[np.int64],
    *,
    ends: Sequence[str] = ("source", "target"),
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Any:
    """Add a column `{end}_code` for each end: the code of its id, -1 for ids not listed.

    Parameters
    ----------
    rows
        A narwhals frame, eager or lazy, whose ends are both strings or both integers.
    ids, codes
        (m,) each: distinct ids as strings, and their codes.
    ends
        The columns with ids.
    connection
        The connection opened by tienet that holds the rows, as for files.
    """
    import narwhals.stable.v2 as nw

    numeric = rows.collect_schema()[ends[0]].is_integer()
    ids, codes = _as_numbers(ids, codes) if numeric else (ids, codes)
    if rows.implementation.is_duckdb():
        if numeric and len(ids) and int(ids.max()) - int(ids.min()) < DENSE:
            return _encoded_by_place(rows, ids, codes, ends, connection)
        return _encoded_in_duckdb(rows, ids, codes, ends, connection)
    if is_spark(rows):
        from tienet.network.reading.spark import encoded_in_spark

        rows = encoded_in_spark(rows, ids, codes, tuple(ends))
    else:
        for end in ends:
            table = table_like(rows, {end: ids, f"{end}_code": codes})
            rows = rows.join(table, on=end, how="left")
    return rows.with_columns(*(nw.col(f"{end}_code").fill_null(UNKNOWN).cast(nw.Int64) for end in ends))


def _as_numbers(ids: NDArray[Any], codes: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The ids that an integer column can contain: 7, but not 007."""
    there = np.array([text.lstrip("-").isdecimal() and len(text) < 19 and str(int(text)) == text for text in ids.tolist()], dtype=bool)
    return ids[there].astype(np.int64), codes[there]


def _encoded_by_place(
    rows: Any, ids: NDArray[Any], codes: NDArray[np.int64], ends: Sequence[str], connection: duckdb.DuckDBPyConnection | None
) -> Any:
    """In DuckDB, take the code of a whole number from a list with a place for every number in between, in half the time of a join."""
    import narwhals.stable.v2 as nw
    import pandas as pd

    low, high = (
        int(ids.min()) - 1,
        int(ids.max()) + 1,
    )  # ids beyond, and missing ones, take the place of one of these two, which are unknown
    listed = np.full(high - low + 1, UNKNOWN, dtype=np.int32)
    listed[ids - low] = codes
    native = nw.to_native(rows)
    if connection is not None:
        table = pd.DataFrame({"place": np.arange(len(listed), dtype=np.int32), "code": listed})
        one = connection.from_df(table).aggregate("list(code order by place) as tienet_codes")
    else:
        one = native.limit(0).aggregate("count(*)").select(_list(listed, "integer").alias("tienet_codes"))
    found = ", ".join(f"tienet_codes[greatest(least({end}, {high}), {low}) + {1 - low}]::bigint as {end}_code" for end in ends)
    joined = native.set_alias("log_rows").join(one.set_alias("listed"), "true", how="inner")
    return nw.from_native(joined.select(f"log_rows.*, {found}"))


def _encoded_in_duckdb(
    rows: Any, ids: NDArray[Any], codes: NDArray[np.int64], ends: Sequence[str], connection: duckdb.DuckDBPyConnection | None
) -> Any:
    """In DuckDB, join the list as a relation: without names that could clash with a user's tables or remain as views.

    On a connection of ours the list is a frame in memory. On a user's connection, which is not known here, it is made from the rows' own
    relation, which takes a little longer.
    """
    import narwhals.stable.v2 as nw
    import pandas as pd

    native = nw.to_native(rows)
    if connection is not None:
        listed = connection.from_df(pd.DataFrame({"id": ids, "code": codes.astype(np.int32)}))
    else:
        kind = "bigint" if ids.dtype.kind == "i" else "varchar"
        listed = native.limit(0).aggregate("count(*)").select(_unnested(ids, kind).alias("id"), _unnested(codes, "bigint").alias("code"))
    joined = native.set_alias("log_rows")
    for end in ends:
        joined = joined.join(listed.set_alias(f"{end}_list"), f"log_rows.{end} = {end}_list.id", how="left")
    return nw.from_native(joined.select(f"log_rows.*, {_codes(ends)}"))


def _codes(ends: Sequence[str]) -> str:
    return ", ".join(f"coalesce({end}_list.code, {UNKNOWN})::bigint as {end}_code" for end in ends)


def _unnested(values: NDArray[Any], kind: str) -> Any:
    """A column of constants as a DuckDB expression."""
    import duckdb

    return duckdb.FunctionExpression("unnest", _list(values, kind))


def _list(values: NDArray[Any], kind: str) -> Any:
    """A list of constants as a DuckDB expression. One string, since each further step binds all constants again."""
    import duckdb

    texts = [str(value) for value in values.tolist()] or [str(UNKNOWN)]
    whole = "".join(texts)
    mark = next(mark for mark in map(chr, range(1, 0x110000)) if mark not in whole)
    parts = duckdb.FunctionExpression("string_split", duckdb.ConstantExpression(mark.join(texts)), duckdb.ConstantExpression(mark))
    return parts.cast(f"{kind}[]")


def whole_units(elapsed: Any, unit: int) -> Any:
    """The number of whole units elapsed; exact for days and weeks within a few centuries."""
    return (elapsed / unit).floor()


def grouped(rows: Any, key: str, how: Mapping[str, tuple[How, Any]], job: FileJob | None = None) -> dict[str, NDArray[Any]]:
    """Group rows and collect the result.

    Parameters
    ----------
    rows
        A narwhals frame, eager or lazy.
    key
        The column to group by.
    how
        Name of a result -> the operation and its argument: "rows" (None), "count", "sum", "min", "max" (a column), "distinct" (a `Small`).
    job
        Runs the query and watches the files, if the rows come from files.

    Returns
    -------
    dict of str to (p,) array
        `key` and each name. "count" and "distinct" count values other than null.
    """
    import narwhals.stable.v2 as nw

    made = {name: of for name, (kind, of) in how.items() if kind == "distinct"}
    if not made:
        return collect_numbers(rows.group_by(key).agg(*(_plain(name, kind, of) for name, (kind, of) in how.items())), job, PAIRING)
    words = packed({name: of.size for name, of in made.items()}) if sum(of.size for of in made.values()) <= MOST_WORDS * WORD else []
    if words and _has_bits(rows):
        rows = rows.with_columns(**{f"{name}_place": of.place for name, of in made.items()})
        plain_too = {name: pair for name, pair in how.items() if name not in made}
        bits = {f"word_{at}": ("bits", word) for at, word in enumerate(words)}
        table = collect_numbers(_by_bits(rows, key, {**plain_too, **bits}), job, PAIRING)
        return table | _bits_counted(words, [table.pop(name) for name in bits])
    rows = rows.with_columns(**{f"{name}_value": of.value for name, of in made.items()})
    rows = rows.with_columns(
        **{f"{name}_gap": nw.when(nw.col(f"{name}_value").is_null()).then(nw.lit(1)).otherwise(nw.lit(0)) for name in made}
    )
    plain = [_plain(name, kind, of) for name, (kind, of) in how.items()]
    gaps = [nw.col(f"{name}_gap").max() for name in made]
    table = collect_numbers(rows.group_by(key).agg(*plain, *gaps), job, PAIRING)
    return table | {name: table[name].astype(np.int64) - table.pop(f"{name}_gap") for name in made}


def _plain(name: str, kind: str, of: Any) -> Any:
    import narwhals.stable.v2 as nw

    if kind == "rows":
        return nw.len().alias(name)
    if kind == "distinct":
        return nw.col(f"{name}_value").n_unique().alias(name)  # counts null as a value, which the gap subtracts again
    return getattr(nw.col(of), kind)().alias(name)


def _has_bits(rows: Any) -> bool:
    """Whether the engine can combine bits in a grouping."""
    engine = rows.implementation
    return bool(engine.is_duckdb() or engine.is_polars() or is_spark(rows))


def _by_bits(rows: Any, key: str, how: Mapping[str, tuple[str, Any]]) -> Any:
    """Group natively in the engine; "bits" combines the bits of the positions in one word."""
    import narwhals.stable.v2 as nw

    native = nw.to_native(rows)
    if rows.implementation.is_polars():
        return nw.from_native(native.group_by(key).agg(*(_in_polars(kind, of).alias(name) for name, (kind, of) in how.items())))
    made = {name: _in_sql(kind, of, _SHIFT["spark" if is_spark(rows) else "duckdb"]) for name, (kind, of) in how.items()}
    if rows.implementation.is_duckdb():
        return nw.from_native(native.aggregate(", ".join([key, *(f"{sql} as {name}" for name, sql in made.items())]), key))
    functions = import_module("pyspark.sql.connect.functions" if rows.implementation.is_pyspark_connect() else "pyspark.sql.functions")
    return nw.from_native(native.groupBy(key).agg(*(functions.expr(sql).alias(name) for name, sql in made.items())))


_SHIFT = {"duckdb": "(1::bigint << ({0})::int)", "spark": "shiftleft(1L, cast({0} as int))"}


def _in_sql(kind: str, of: Any, shift: str) -> str:
    if kind == "rows":
        return "count(*)"
    if kind != "bits":
        return f"{kind}({of})"
    parts = []
    for part in of:
        place = f"{part.name}_place"
        bit = shift.format(f"{place} - {part.start}")
        parts.append(f"case when {place} >= {part.low} and {place} < {part.high} then {bit} else 0 end")
    return f"bit_or({' | '.join(parts)})"


def _in_polars(kind: str, of: Any) -> Any:
    import polars as pl

    if kind == "rows":
        return pl.len()
    if kind != "bits":
        return getattr(pl.col(of), kind)()
    parts = []
    for part in of:
        place = pl.col(f"{part.name}_place").cast(pl.Int64)
        here = (place >= part.low) & (place < part.high)
        parts.append(pl.when(here).then(pl.lit(2, pl.Int64).pow(pl.when(here).then(place - part.start).otherwise(0))).otherwise(0))
    return reduce(or_, (part.cast(pl.Int64) for part in parts)).bitwise_or()


def _bits_counted(words: Sequence[Sequence[Stretch]], held: Sequence[Any]) -> dict[str, NDArray[np.int64]]:
    """Count the values of each small set in the words."""
    counts: dict[str, NDArray[np.int64]] = {}
    for stretches, numbers in zip(words, held, strict=True):
        for part in stretches:
            count = np.bitwise_count(numbers.astype(np.int64, copy=False) & part.mask).astype(np.int64)
            counts[part.name] = counts[part.name] + count if part.name in counts else count
    return counts
