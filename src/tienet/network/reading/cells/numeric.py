"""Numbers of a log: weights, sizes and durations, in SQL and in frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError
from tienet.base.frames import is_missing
from tienet.network.reading.cells.dialects import DUCKDB, Dialect
from tienet.network.reading.sql import in_memory

Decimal: TypeAlias = Literal[".", ",", None]
FLOATS = ("FLOAT", "DOUBLE")
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")

_BLANK = "[ '\u00a0\u2009\u202f\u2019]"  # what groups the digits of thousands besides a point or a comma
# Numbers with groups of digits that cannot mean anything else: 1,250.5 and 1,250,000 and 1 250. (1,250 can: it is 1.25 in half of Europe.)
_GROUPED = f"^[+-]?[0-9]{{1,3}}(?:(?:,[0-9]{{3}})+[.][0-9]+|(?:,[0-9]{{3}}){{2,}}|(?:{_BLANK}[0-9]{{3}})+(?:[.][0-9]+)?)$"
_POINT = f"^[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:(?:,|{_BLANK})[0-9]{{3}})+)(?:[.][0-9]*)?(?:[eE][+-]?[0-9]+)?$"
_COMMA = f"^[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:(?:[.]|{_BLANK})[0-9]{{3}})+)(?:,[0-9]*)?(?:[eE][+-]?[0-9]+)?$"

_LONG = "([0-9]+(?:[.,][0-9]+)?)"
# Durations: days, hours, minutes, seconds.
_DURATIONS = (
    "(?i)^(?:([0-9]+)(?:[.]| ?d(?:ays?)?,? ))?([0-9]+):([0-5]?[0-9])(?::([0-5]?[0-9](?:[.,][0-9]+)?))?$",
    f"(?i)^P(?:{_LONG}D)?(?:T(?:{_LONG}H)?(?:{_LONG}M)?(?:{_LONG}S)?)?$",
    f"(?i)^(?:{_LONG} ?d(?:ays?)?,? ?)?(?:{_LONG} ?h(?:(?:ou)?rs?)?[.]?,? ?)?(?:{_LONG} ?m(?:in(?:ute)?s?)?[.]?,? ?)?"
    f"(?:{_LONG} ?s(?:ec(?:ond)?s?)?[.]?)?$",
)


def number_sql(column: str, kind: str, decimal: Decimal = None) -> str:
    """A number; NULL where missing, -1 where it is not a number."""
    if kind in INTEGERS:
        return f"cast({column} as double)"
    numbers = [_number(column)] if kind != "VARCHAR" else _ways(column, decimal, DUCKDB)
    finite = ", ".join(f"case when isfinite({number}) then {number} end" for number in numbers)
    return f"case when {stated_sql(column, kind)} then coalesce({finite}, -1.0::double) end"


def _number(column: str) -> str:
    return f"try_cast({column} as double)"


def _ways(column: str, decimal: Decimal, dialect: Dialect) -> list[str]:
    """The numbers that a text may state, in order; each NULL if it does not."""
    grouped = f"case when {dialect.matches(f'trim({column})', {None: _GROUPED, '.': _POINT, ',': _COMMA}[decimal])} then "
    bare = dialect.replaced(column, "[^0-9.eE+-]" if decimal != "," else "[^0-9,eE+-]", "")
    number = _number(f"replace({bare}, ',', '.')" if decimal == "," else bare)
    return [f"{grouped}{number} end"] if decimal == "," else [_number(column), f"{grouped}{number} end"]


def number_texts(column: str, decimal: Decimal, dialect: Dialect) -> str:
    """The number in a text of any engine, NULL if it is none."""
    return f"coalesce({', '.join(_ways(column, decimal, dialect))})"


def number_texts_of(frame: Any, own: str, decimal: Decimal) -> list[str]:
    """The first texts of a column of an eager frame that are not numbers."""
    import narwhals.stable.v2 as nw

    if isinstance(frame, nw.LazyFrame) or frame[own].dtype.is_numeric():
        return []
    texts = list(texts_of(frame, own))
    numbers = answers({"v": texts}, number_sql("v", "VARCHAR", decimal))
    return [text for text, number in zip(texts, numbers.tolist(), strict=True) if number == -1][:200]


def duration_sql(column: str, kind: str, decimal: Decimal = None) -> str:
    """A duration in minutes: a number, or hours and minutes (1:30, 01:30:00, PT1H30M, 1h 30m); NULL where missing, -1 where unreadable."""
    if kind in ("INTERVAL", "TIME"):
        return f"case when {column} is not null then epoch({column}) / 60.0 end"
    if kind != "VARCHAR":
        return number_sql(column, kind)
    number = number_sql(column, kind, decimal)
    return f"case when {number} is null or {number} <> -1 then {number} else coalesce({clock_minutes(column)}, -1.0::double) end"


def clock_minutes(column: str, dialect: Dialect = DUCKDB) -> str:
    """The minutes of a duration that is not a plain number; NULL if it is none."""

    def parts(text: str) -> str:
        cases = []
        for pattern in _DURATIONS:
            by = "|".join(map(dialect.group.format, range(1, 5)))
            cases.append(f"when {dialect.matches(text, pattern)} then {dialect.split.format(dialect.replaced(text, pattern, by))}")
        return f"case when not {dialect.matches(text, '[0-9]')} then null {' '.join(cases)} end"

    def minutes(found: str) -> str:
        numbers = [f"coalesce({_number(_pointed(dialect.part.format(found, place)))}, 0)" for place in range(1, 5)]
        total = " + ".join(f"{number} * {weight}" for number, weight in zip(numbers, ("1440e0", "60e0", "1e0", "1e0 / 60"), strict=True))
        return f"case when {found} is not null then {total} end"

    return dialect.let(f"trim({column})", "d", lambda text: dialect.let(parts(text), "p", minutes))


def _pointed(text: str) -> str:
    return f"replace({text}, ',', '.')"


def stated_sql(column: str, kind: str) -> str:
    """Whether a column has a value: not NULL, not blank, and not the NaN of a missing float."""
    if kind == "VARCHAR":
        return f"coalesce(trim({column}), '') <> ''"
    return f"({column} is not null and not isnan({column}))" if kind in FLOATS else f"{column} is not null"


def texts_of(frame: Any, own: str) -> Any:
    """A column of an eager frame as texts for `answers`, None where missing; a column of strings in pandas as it is."""
    column = frame[own].to_native()
    if frame.implementation.is_pandas() and str(column.dtype) in ("str", "string"):
        return column.to_numpy(dtype=object, na_value=None)
    return [None if is_missing(cell) else str(cell) for cell in frame[own].to_list()]


def answers(held: Mapping[str, Any], *steps: str | None) -> NDArray[np.float64]:
    """What SQL makes of columns of text, as floats, NaN for NULL; microseconds are exact until the year 2255.

    Parameters
    ----------
    held
        The columns by their names in the SQL.
    steps
        Expressions, each but the first in terms of `time`, the result of the one before; None is passed over.
    """
    import pandas as pd

    table = pd.DataFrame({name: pd.Series(texts, dtype="str") for name, texts in held.items()})
    with in_memory() as connection:
        rows = connection.from_df(table)
        for step in steps:
            if step is not None:
                rows = rows.select(f"{step} as time")
        values = rows.fetchnumpy()["time"]
    return np.ma.filled(np.ma.masked_array(values).astype(np.float64), np.nan)


def lazy_text(frame: Any, own: str, *, where: str) -> Any:
    """A column of a lazy frame in which all values are missing; texts cannot be read in one."""
    import narwhals.stable.v2 as nw

    if frame.collect_schema()[own] == nw.Unknown:
        return nw.lit(None, nw.Float64)
    raise DataError(f"{where}: column {own!r} of a lazy frame contains text; convert it to dates or numbers, or collect the frame first")


def number_column(frame: Any, own: str, dtype: Any, *, where: str, decimal: Decimal = None, duration: bool = False) -> Any:
    """A number column of a narwhals frame; null where missing, -1 where it is not a number. Durations are in minutes."""
    import narwhals.stable.v2 as nw

    if dtype == nw.Boolean or dtype.is_decimal():
        return nw.col(own).cast(nw.Float64)
    if dtype.is_numeric():
        return _float(own)
    if duration and dtype == nw.Duration:
        return (nw.col(own).dt.total_microseconds() / 60_000_000).cast(nw.Float64).fill_nan(None)
    if isinstance(frame, nw.LazyFrame):
        return lazy_text(frame, own, where=where)
    expression = (duration_sql if duration else number_sql)("v", "VARCHAR", decimal)
    values = answers({"v": texts_of(frame, own)}, expression)
    return nw.new_series(own, values, nw.Float64, backend=frame.implementation).fill_nan(None)


def _float(own: str) -> Any:
    """A number column as floats, NULL for NaN; divided by 1 first, since Arrow does not cast integers that are not exact as floats."""
    import narwhals.stable.v2 as nw

    return (nw.col(own) / 1).cast(nw.Float64).fill_nan(None)
