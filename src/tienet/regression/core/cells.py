"""Read the cells of a column as numbers or as categories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import DataError, ModelError, TextAsCategory, warn
from tienet.base.frames import factorized, to_floats
from tienet.base.numbers import counted
from tienet.regression.core.formula_tokens import as_name

WHERE = "the data"
MISSING = -1
_MANY = 10_000  # longer columns of text or whole numbers are read without a Python step for each cell
_NO_CELL = (complex, bytes, list, tuple, dict, set, np.ndarray)
# Numbers in a form that Python cannot read: 4,7 or 12% or 1.234,5. They raise an error instead of becoming categories.
_DIGITS = re.compile(r"\s*\d+\s*")
_MEANT = re.compile(r"[-+]?[\d.,\s]*\d\s*%?")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of a column: distinct values in order of first appearance, and the position of each row's value."""

    values: list[Any]
    codes: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of rows with each value."""
        return np.bincount(self.codes, minlength=len(self.values))


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A column of categories.

    Parameters
    ----------
    levels
        Labels, some of which may not occur.
    codes
        (n,) position of each row's label, `MISSING` if it has none.
    ordered
        Whether the labels are in an order declared with the column (pandas Categorical, Polars Enum, an ordered PyArrow dictionary).
    """

    levels: tuple[str, ...]
    codes: NDArray[np.int64]
    ordered: bool = False

    def __getitem__(self, rows: NDArray[np.int64]) -> Labels:
        return Labels(self.levels, self.codes[rows], self.ordered)


def read_numbers_or_labels(column: Any, *, number: bool, category: bool) -> Vector | Labels:
    """Read one column as floats, NaN where missing, or as labels.

    Parameters
    ----------
    column
        A collected narwhals column.
    number
        Whether the column must contain numbers.
    category
        Whether the formula marks it as a category.

    Raises
    ------
    DataError
        For dates, text among numbers, and values that are neither number nor text.
    ModelError
        For infinite values.

    Warns
    -----
    TextAsCategory
        If text of whole numbers is read as labels.
    """
    if column.dtype.is_temporal():
        raise DataError(f"{WHERE}: column {column.name!r} contains dates or times; convert it to numbers (days, months) or text first")
    labelled = category and not number
    if not labelled and (floats := to_floats(column)) is not None:
        return _finite(floats, column.name)
    cells = _distinct(column)
    if labelled or (not number and _is_category(column, cells)):
        return _labels(column, cells)
    return _floats(cells, column.name)


def read_numbers(column: Any) -> Vector:
    """Read one column that must contain numbers."""
    found = read_numbers_or_labels(column, number=True, category=False)
    assert not isinstance(found, Labels)  # noqa: S101 - text among numbers has been refused
    return found


def read_labels(column: Any) -> Labels:
    """Read one column of any type as labels, including dates and times."""
    return _labels(column, _distinct(column))


def _distinct(column: Any) -> Cells:
    """The cells of a column, each value once. In columns of mixed types every cell counts as distinct, since 1 == True there."""
    import narwhals.stable.v2 as nw

    if len(column) > _MANY and column.dtype.is_integer() and not column.is_null().any():
        found, codes = np.unique(column.to_numpy(), return_inverse=True)
        return Cells(found.tolist(), codes.astype(np.int64))
    values = column.to_list()
    if len(column) > _MANY and column.dtype == nw.String:
        return Cells(*factorized(values))
    if column.dtype.is_nested() or column.dtype in (nw.Object, nw.Unknown, nw.Decimal):
        return Cells(values, np.arange(len(values)))
    place: dict[Any, int] = {}
    codes = np.fromiter((place.setdefault(value, len(place)) for value in values), np.int64, len(values))
    return Cells(list(place), codes)


def _is_category(column: Any, cells: Cells) -> bool:
    """Whether a column has a categorical type, booleans, text that is mostly not numeric, or text of digits, which may be codes.

    Other text that is mostly numeric is read as numbers.
    """
    import narwhals.stable.v2 as nw

    if column.dtype in (nw.Categorical, nw.Enum, nw.Boolean):
        return True
    present: list[tuple[Any, int]] = [
        (value, count) for value, count in zip(cells.values, cells.counts.tolist(), strict=True) if not _is_gap(value)
    ]
    odd = next((value for value, _ in present if isinstance(value, _NO_CELL)), None)
    if odd is not None:
        raise DataError(f"{WHERE}: column {column.name!r} contains values of type {type(odd).__name__}; convert them to numbers or text")
    if present and all(isinstance(value, bool | np.bool_) for value, _ in present):
        return True
    if present and all(isinstance(value, str) and _DIGITS.fullmatch(value) for value, _ in present):
        _warn_digits(column.name, [value for value, _ in present])
        return True
    meant = sum(count for value, count in present if _reads_as_number(value) or _MEANT.fullmatch(str(value).strip()))
    return bool(2 * meant < sum(count for _, count in present))


def _warn_digits(name: str, texts: list[str]) -> None:
    """Say that text of digits is read as categories, unless a leading zero shows that it is codes."""
    if not any(text.strip()[0] == "0" and len(text.strip()) > 1 for text in texts):
        warn(
            f"column {name!r} is text of {counted(len(texts), 'whole number')}, read as {counted(len(texts), 'category', 'categories')}; "
            f"for numbers write number({as_name(name)}) in the formula or numeric=[{name!r}], for categories C({as_name(name)})",
            TextAsCategory,
        )


def _is_gap(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    # pandas' NA has no truth value, so it is recognised by its name; NaN and NaT are unequal to themselves
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def _reads_as_number(value: Any) -> bool:
    try:
        _float(value)
    except (TypeError, ValueError):
        return False
    return True


def _float(value: Any) -> float:
    """A float; an integer too large for a float becomes infinite, which is refused later."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _floats(cells: Cells, name: str) -> Vector:
    gaps = [_is_gap(value) for value in cells.values]
    bad = [code for code, value in enumerate(cells.values) if not gaps[code] and not _reads_as_number(value)]
    if bad:
        raise DataError.text_for_number(name, (np.flatnonzero(np.isin(cells.codes, bad)) + 1).tolist(), where=WHERE)
    numbers = [np.nan if gap else _float(value) for gap, value in zip(gaps, cells.values, strict=True)]
    return _finite(np.array(numbers, dtype=float)[cells.codes], name)


def _finite(numbers: Vector, name: str) -> Vector:
    infinite = np.flatnonzero(np.isinf(numbers))
    if infinite.size:
        raise ModelError(
            f"column {name!r} contains {counted(infinite.size, 'infinite value')}, the first in row {infinite[0] + 1}; "
            "leave them empty or transform the column differently"
        )
    return numbers


def _labels(column: Any, cells: Cells) -> Labels:
    known = [None if _is_gap(value) else _label(value) for value in cells.values]
    declared = _declared(column)
    place = {label: code for code, label in enumerate(dict.fromkeys(map(_label, declared or ())))}
    codes = np.array([MISSING if label is None else place.setdefault(label, len(place)) for label in known], dtype=np.int64)
    return Labels(tuple(place), codes[cells.codes], declared is not None)


def _declared(column: Any) -> list[Any] | None:
    """The categories of a column whose order was declared. Polars orders Categorical by letter, and PyArrow dictionaries by their rows."""
    import narwhals.stable.v2 as nw

    if column.dtype not in (nw.Categorical, nw.Enum):
        return None
    engine = column.implementation
    stated = column.dtype == nw.Enum or engine.is_pandas_like() or (engine.is_pyarrow() and column.to_native().type.ordered)
    return [value for value in column.cat.get_categories().to_list() if not _is_gap(value)] if stated else None


def _label(value: Any) -> str:
    """The label of a value: '2' for 2.0, so that whole numbers have the same labels with and without missing values."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def level_order(level: str) -> tuple[bool, float, str]:
    """A sort key: numbers by size, then text alphabetically."""
    return (False, float(level), level) if _reads_as_number(level) else (True, 0.0, level)
