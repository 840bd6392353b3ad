"""Numbers of a log: weights, sizes and durations, in SQL and in frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.errors import DataError
from tienet.base.frames import is_missing

FLOATS = ("FLOAT", "DOUBLE")
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")


def number_sql(column: str, kind: str) -> str:
    """A number; NULL where missing, -1 where it is not a number."""
    if kind in INTEGERS:
        return f"cast({column} as double)"
    number = f"try_cast({column} as double)"
    return f"case when {stated_sql(column, kind)} then coalesce(case when isfinite({number}) then {number} end, -1.0::double) end"


def stated_sql(column: str, kind: str) -> str:
    """Whether a column has a value: not NULL, not blank, and not the NaN of a missing float."""
    if kind == "VARCHAR":
        return f"coalesce(trim({column}), '') <> ''"
    return f"({column} is not null and not isnan({column}))" if kind in FLOATS else f"{column} is not null"


def parsed(frame: Any, own: str, expression: str, *, where: str) -> Any:
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


def number_column(frame: Any, own: str, dtype: Any, *, where: str) -> Any:
    """A number column of a narwhals frame; null where missing, -1 where it is not a number."""
    import narwhals.stable.v2 as nw

    if dtype == nw.Boolean or dtype.is_decimal():
        return nw.col(own).cast(nw.Float64)
    if dtype.is_numeric():
        return _float(own)
    return parsed(frame, own, number_sql("v", "VARCHAR"), where=where)


def _float(own: str) -> Any:
    """A number column as floats, NULL for NaN; divided by 1 first, since Arrow does not cast integers that are not exact as floats."""
    import narwhals.stable.v2 as nw

    return (nw.col(own) / 1).cast(nw.Float64).fill_nan(None)
