"""Data frames: any kind comes in through narwhals, numpy is used inside, and the caller's kind goes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from importlib.util import find_spec
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError

Backend: TypeAlias = Literal["pandas", "polars", "pyarrow"]
Columns: TypeAlias = Mapping[str, NDArray[Any]]


def open_frame(data: object, *, where: str, paths: bool = True) -> Any:
    """Wrap a data frame in a narwhals frame (eager or lazy); `paths` says whether the error message suggests a path."""
    import narwhals.stable.v2 as nw

    if isinstance(data, Mapping):
        import pandas as pd

        try:
            data = pd.DataFrame(dict(data))
        except (TypeError, ValueError):
            raise DataError(
                f"{where}: the columns of the mapping must be lists of the same length, such as {{'y': [1, 2], 'x': [3, 4]}}"
            ) from None
    try:
        frame = nw.from_native(data)  # type: ignore[call-overload]
        if any(isinstance(name, tuple) for name in frame.collect_schema().names()):
            raise DataError(
                f"{where} has two or more rows of headers, but a column needs one name; join them, in pandas with "
                "data.columns = data.columns.map('_'.join), and use the joined names"
            )
    except nw.exceptions.DuplicateError:
        raise DataError(f"{where}: two columns have the same name; rename or drop one of them") from None
    except TypeError:
        kinds = "pandas, Polars, PyArrow, DuckDB or PySpark table"
        is_not, instead = ("a path or ", f"pass a path, or a {kinds}") if paths else ("", f"pass a {kinds}, or a mapping of columns")
        raise DataError(f"{where}: {type(data).__name__} is not {is_not}a data frame; {instead}") from None
    return frame


def backend_of(frame: Any) -> Backend:
    """The kind of frame to return for this one (pandas for engines without frames of their own)."""
    name = frame.implementation.name.lower()
    return name if name in ("polars", "pyarrow") else "pandas"


class Watch(Protocol):
    """An object that runs long work and watches over it."""

    def run(self, work: Callable[[], Any], what: str) -> Any:
        """Run the work and return its result."""


def collect(frame: Any, job: Watch | None = None, what: str = "reading") -> Any:
    """Collect a frame. A DuckDB relation becomes pandas, since narwhals would need PyArrow; a `job` runs the query where it is given."""
    import narwhals.stable.v2 as nw

    if not isinstance(frame, nw.LazyFrame):
        return frame
    if frame.implementation.is_duckdb():
        relation = nw.to_native(frame)
        return nw.from_native(job.run(relation.df, what) if job else relation.df(), eager_only=True)
    if is_spark(frame):
        with spark_in_one_line():
            return frame.collect()
    return frame.collect()


def collect_numbers(frame: Any, job: Watch | None = None, what: str = "reading") -> dict[str, NDArray[Any]]:
    """Collect numeric columns without missing values as arrays; from DuckDB directly, without the copy that a frame would make."""
    if frame.implementation.is_duckdb():
        relation = frame.to_native()
        return dict(job.run(relation.fetchnumpy, what) if job else relation.fetchnumpy())
    held = collect(frame, job, what)
    return {name: held[name].to_numpy() for name in held.columns}


def is_spark(frame: Any) -> bool:
    """Whether a frame lives in Spark, in this process or behind Spark Connect."""
    return bool(frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect())


@contextmanager
def spark_in_one_line() -> Iterator[None]:
    """Turn an error of Spark into one line, without its Java stack trace."""
    try:
        yield
    except DataError:
        raise
    except Exception as problem:  # Spark, py4j and the socket between them have no common kind of error
        raise DataError(
            f"Spark failed: {_gist(problem)}; check that its cluster is running and can read the table, and start again with a new session"
        ) from None


@contextmanager
def duckdb_in_one_line(where: str) -> Iterator[None]:
    """Turn an error of DuckDB on a user's connection into one line, without its hints and SQL."""
    import duckdb

    try:
        yield
    except duckdb.Error as problem:
        raise DataError(f"{where}: {_gist(problem)}") from None


def _gist(problem: Exception) -> str:
    """The first informative line of an error; quoted values are left out, since they may be ids."""
    lines = [line.strip().lstrip(": ") for line in str(problem).splitlines()]
    said = [line for line in lines if line and not line.startswith("An error occurred while calling")]
    return re.sub(r"'[^']*'", "'...'", said[0] if said else type(problem).__name__)[:300].rstrip(".;")


def require_columns(found: Iterable[str], wanted: Iterable[str], *, where: str, cutoff: float = 0.8, mapping: bool = False) -> None:
    """Raise a DataError for a missing column, with the closest name; with `mapping`, also how to map a column to the name."""
    names, needed = list(found), list(wanted)
    for name in needed:
        if name not in names:
            repair = f"; or map yours with columns={{{name!r}: ...}}" if mapping else ""
            raise DataError.missing_column(name, names, where=where, repair=repair, known=needed, cutoff=cutoff)


def rows(columns: Columns) -> list[dict[str, Any]]:
    """Convert a table to one mapping per row, with plain Python values."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*(values.tolist() for values in columns.values()), strict=True)]


def make_frame(columns: Columns, backend: Backend = "pandas") -> Any:
    """Make a native frame from arrays, with the columns in the order of the mapping."""
    if backend == "polars" and find_spec("polars"):
        import polars as pl

        return pl.DataFrame({name: _plain(values) for name, values in columns.items()})
    if backend == "pyarrow" and find_spec("pyarrow"):
        import pyarrow as pa

        return pa.table({name: pa.array(_plain(values), from_pandas=True) for name, values in columns.items()})
    import pandas as pd

    return pd.DataFrame({name: _plain(values) for name, values in columns.items()})


def _plain(values: NDArray[Any]) -> Any:
    """Text arrays as lists, so that every library infers its own text type; numbers as they are."""
    return values.tolist() if values.dtype.kind in "OU" else np.asarray(values)


def table_like(rows: Any, columns: Columns) -> Any:
    """Make a small table of texts and whole numbers in the engine of a frame, to be joined by its first column."""
    import narwhals.stable.v2 as nw

    name = next(iter(columns))
    schema = {key: nw.Int64() if values.dtype.kind in "iu" else nw.String() for key, values in columns.items()}
    table = nw.from_dict({key: values.tolist() for key, values in columns.items()}, schema, backend=rows.implementation)
    if isinstance(rows, nw.LazyFrame):
        return table.lazy()
    return table.with_columns(nw.col(name).cast(rows.schema[name]))


def factorized(texts: list[str | None]) -> tuple[list[Any], NDArray[np.int64]]:
    """Distinct texts in order of appearance, and the position of each row's, without a Python step for each row."""
    import pandas as pd

    codes, labels = pd.factorize(np.array(texts, dtype=object), use_na_sentinel=False)
    return labels.tolist(), codes.astype(np.int64)


def to_text(column: Any) -> NDArray[np.object_]:
    """A collected narwhals column as text, None where missing."""
    import narwhals.stable.v2 as nw

    # Cast to strings, the whole numbers of a categorical column would read 7.0 where one is missing.
    plain = not column.dtype.is_nested() and column.dtype not in (nw.Categorical, nw.Object)
    values = column.cast(nw.String).to_list() if plain else column.to_list()
    return np.array([as_text(value) for value in values], dtype=object)


def as_text(value: object) -> str | None:
    """A cell as a string, None where it is missing."""
    return None if is_missing(value) else value.decode() if isinstance(value, bytes | bytearray) else str(value)


def has_decimals(value: object) -> bool:
    """Whether a cell is a number with decimals, 7.0 as well as 7.5: as an id it would match no other table."""
    return (isinstance(value, float) and value == value) or (isinstance(value, Decimal) and value.as_tuple().exponent != 0)


def is_missing(value: object) -> bool:
    """Whether a cell is missing: None, NaN, NaT, or pandas' NA, whose comparisons have no truth value."""
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def to_floats(column: Any) -> NDArray[np.float64] | None:
    """A collected numeric column as floats, NaN where missing; None for decimals and other types, which are read value by value."""
    if not column.dtype.is_numeric():
        return None
    values = column.to_numpy()
    return values.astype(np.float64) if values.dtype.kind in "iuf" else None


def to_numbers(column: Any, *, where: str) -> NDArray[np.float64]:
    """A collected narwhals column as floats, NaN where missing.

    Raises
    ------
    DataError
        Some values are not numbers; the message names the column, how many, and the first row.
    """
    import narwhals.stable.v2 as nw

    if (floats := to_floats(column)) is not None:
        return floats
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        return np.array([np.nan if is_missing(v) else float(v) for v in column.to_list()], dtype=float)
    texts = to_text(column)
    numbers = np.full(len(texts), np.nan)
    bad: list[int] = []
    for row, text in enumerate(texts):
        if text is None or not text.strip():
            continue
        try:
            numbers[row] = float(text)
        except ValueError:
            bad.append(row + 1)
    if bad:
        raise DataError.text_for_number(column.name, bad, where=where)
    return numbers
