"""The model frame: the complete rows of the columns a model uses, the others dropped once and counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import DataError, ModelError
from tienet.base.frames import Backend, backend_of, collect, open_frame, require_columns
from tienet.base.numbers import counted
from tienet.base.record import Fixed, Sealed, locked
from tienet.regression.core.formula import Formula

_WHERE = "the data"
LARGEST = 1e70
MOST_UNEQUAL = 1e16
_NO_CELL = (complex, bytes, list, tuple, dict, set, np.ndarray)
# What somebody wrote as a number and Python does not read as one: 4,7 or 12% or 1.234,5. It is refused, never taken for a category.
_MEANT = re.compile(r"[-+]?[\d.,\s]*\d\s*%?")


@dataclass(frozen=True, slots=True, eq=False)
class Factor(Sealed):
    """A categorical column of the estimation sample.

    Parameters
    ----------
    levels
        Its categories in sorted order; the first is the base.
    codes
        (n,) position of each row's category.
    """

    levels: tuple[str, ...]
    codes: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ModelFrame(Sealed):
    """The rows a model is estimated on.

    Parameters
    ----------
    response
        (n,) the outcome.
    columns
        The used columns: (n,) numbers, or a factor.
    clusters
        (n,) code of each row's cluster, (n, 2) for two-way clusters, or None.
    rows
        (n,) positions of the kept rows in the data, from 0.
    dropped
        How many missing values each used column has, where there are any.
    n_dropped
        How many rows were dropped for them.
    backend
        The kind of frame the data came in.
    weights
        (n,) positive weights, or None.
    standardised
        Whether outcome and numbers have become z-scores.
    """

    response: Vector
    columns: Mapping[str, Vector | Factor]
    clusters: NDArray[np.int64] | None
    rows: NDArray[np.int64]
    dropped: Mapping[str, int]
    n_dropped: int
    backend: Backend
    weights: Vector | None = None
    standardised: bool = False

    @property
    def n(self) -> int:
        """Rows kept."""
        return len(self.response)

    @property
    def dropped_text(self) -> str:
        """' (3 dropped for missing values: x 2, z 1)', for the sentence of a fit; nothing where no row was."""
        gaps = ", ".join(f"{name} {count}" for name, count in self.dropped.items())
        return f" ({self.n_dropped} dropped for missing values: {gaps})" if self.n_dropped else ""


def read_model_frame(data: object, formula: Formula, cluster: str | Sequence[str] | None = None, weights: str | None = None) -> ModelFrame:
    """Complete rows of the columns a formula uses.

    Parameters
    ----------
    data
        Any frame narwhals knows.
    formula
        Names the outcome and the columns.
    cluster
        A further column that groups the rows, or two of them.
    weights
        A further column of positive weights.

    Returns
    -------
    ModelFrame
        With rows that miss any used value dropped once, and the missing values counted by column.

    Raises
    ------
    DataError
        For a missing column, text among numbers, or no complete row.
    ModelError
        For infinite values, named with their count, for numbers too large or too small to be squared, and for weights that are not above
        zero.
    """
    return read_model_frames(data, [formula], cluster, weights)[0]


def read_model_frames(
    data: object, formulas: Sequence[Formula], cluster: str | Sequence[str] | None, weights: str | None
) -> list[ModelFrame]:
    """Model frames of formulas that differ in their outcome only, all on the rows that are complete in every outcome."""
    if isinstance(data, str | PathLike):
        raise DataError(f"{_WHERE} is a path; read the file first, with pandas.read_csv or polars.read_parquet for example")
    formula, outcomes = formulas[0], [each.outcome for each in formulas]
    groups = [cluster] if isinstance(cluster, str) else list(cluster or ())
    names = list(dict.fromkeys([*outcomes, *formula.names, *groups, *([weights] if weights else [])]))
    table, backend = _table(data, names)
    raw = {name: _read(table[name], formula, name, groups, (*outcomes, weights)) for name in names}
    missing = {name: _missing(values) for name, values in raw.items()}
    keep = np.flatnonzero(~np.logical_or.reduce(list(missing.values())))
    dropped = {name: int(gaps.sum()) for name, gaps in missing.items() if gaps.any()}
    if keep.size == 0:
        raise DataError.no_rows(_WHERE, _why_empty(dropped, len(table)))
    kept = {name: values[keep] for name, values in raw.items()}
    _refuse_unusable(kept, weights, keep)
    clusters = _joined([_codes(kept[name]) for name in groups])
    columns = {name: _encoded(kept[name]) for name in formula.names}
    first = ModelFrame(
        response=locked(kept[formula.outcome], float),
        columns=Fixed(columns),
        clusters=None if clusters is None else locked(clusters, np.int64),
        rows=locked(keep),
        dropped=Fixed(dropped),
        n_dropped=len(table) - len(keep),
        backend=backend,
        weights=None if weights is None else locked(kept[weights], float),
    )
    return [replace(first, response=locked(kept[name], float)) for name in outcomes]


def _table(data: object, names: Sequence[str]) -> tuple[Any, Backend]:
    """The columns of these names, in memory, and the kind of frame they came in."""
    frame = open_frame(data, where=_WHERE, paths=False)
    require_columns(frame.collect_schema().names(), names, where=_WHERE)
    return collect(frame.select(names)), backend_of(frame)


def _refuse_unusable(kept: Mapping[str, NDArray[Any]], weights: str | None, rows: NDArray[np.int64]) -> None:
    """Numbers that cannot be computed with, and weights that are none."""
    for name, values in kept.items():
        if values.dtype != object:
            _refuse_extremes(values, f"column {name!r}")
    if weights is not None:
        _refuse_weights(kept[weights], weights, rows)


def _refuse_weights(weights: Vector, name: str, rows: NDArray[np.int64]) -> None:
    bad = np.flatnonzero(weights <= 0)
    if bad.size:
        raise ModelError(
            f"weights: column {name!r} holds {counted(bad.size, 'value')} not above zero, the first in row {rows[bad[0]] + 1}; "
            "a weight is the inverse of a variance; leave it empty where the row is to be left out (such rows are counted)"
        )
    if weights.max() > MOST_UNEQUAL * weights.min():
        raise ModelError(
            f"weights: column {name!r} runs from {weights.min():.3g} to {weights.max():.3g}; beyond a ratio of {MOST_UNEQUAL:.0e} "
            "the light rows are lost in the rounding of the heavy ones; leave one of them out"
        )


def _refuse_extremes(values: Vector, what: str) -> None:
    """Squares of such numbers, and of their ratios, would leave the range of a float; 70 powers of ten leave room for both."""
    largest, spread = float(np.abs(values).max()), float(values.max() / 2 - values.min() / 2)
    if largest > LARGEST or 0 < spread < 1 / LARGEST:
        raise ModelError(
            f"{what} holds numbers of the size {largest:.0e}, outside the {1 / LARGEST:.0e} to {LARGEST:.0e} that can be computed with; "
            "multiply it by a power of ten first"
        )


def _why_empty(dropped: Mapping[str, int], rows: int) -> str:
    gaps = ", ".join(f"{name} ({count})" for name, count in dropped.items())
    return f"every one of its {rows} rows misses a value: {gaps}" if rows else "the table is empty"


def numbers_of(column: Vector | Factor) -> Vector:
    """A column that `_read` has made sure is no category."""
    assert not isinstance(column, Factor)  # noqa: S101 - `_read` refuses an outcome that is no number
    return column


def _codes(values: NDArray[Any]) -> NDArray[np.int64]:
    keys = [str(value) for value in values]
    return np.asarray(np.unique(keys, return_inverse=True)[1], np.int64)


def _joined(codes: list[NDArray[np.int64]]) -> NDArray[np.int64] | None:
    """(n,) codes of one cluster, (n, 2) of two."""
    if not codes:
        return None
    return codes[0] if len(codes) == 1 else np.column_stack(codes)


def _read(column: Any, formula: Formula, name: str, clusters: Sequence[str], numbers: Sequence[str | None]) -> NDArray[Any]:
    """One column as floats, or as an object array of category labels (None where missing)."""
    values = column.to_list()
    if name in clusters and name not in numbers and name not in formula.names:
        return labels_of(values)
    _refuse_dates(column, name)
    if name not in numbers and (name in formula.categories or _is_category(column, values)):
        return labels_of(values)
    return _floats(values, name)


def _refuse_dates(column: Any, name: str) -> None:
    if column.dtype.is_temporal():
        raise DataError(f"{_WHERE}: column {name!r} holds dates or times; turn it into a number (days, months) or a text first")


def _is_category(column: Any, values: list[Any]) -> bool:
    """Text that does not read as numbers, booleans and categorical types; mostly-numeric text is read, and refused, as numbers."""
    import narwhals.stable.v2 as nw

    if column.dtype in (nw.Categorical, nw.Enum, nw.Boolean):
        return True
    present = [value for value in values if not _is_gap(value)]
    odd = next((value for value in present if isinstance(value, _NO_CELL)), None)
    if odd is not None:
        raise DataError(
            f"{_WHERE}: column {column.name!r} holds values of type {type(odd).__name__}; make it a column of numbers or of texts"
        )
    if present and all(isinstance(value, bool | np.bool_) for value in present):
        return True
    meant = sum(_reads_as_number(value) or bool(_MEANT.fullmatch(str(value).strip())) for value in present)
    return 2 * meant < len(present)


def _is_gap(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    # pandas' NA has no truth value, so it is known by its name; NaN and NaT differ from themselves
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def _reads_as_number(value: Any) -> bool:
    try:
        _float(value)
    except (TypeError, ValueError):
        return False
    return True


def _float(value: Any) -> float:
    """A number; a whole one that no float can hold is infinite, and refused as such."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _floats(values: list[Any], name: str) -> Vector:
    bad = [row for row, value in enumerate(values, start=1) if not _is_gap(value) and not _reads_as_number(value)]
    if bad:
        raise DataError.text_for_number(name, bad, where=_WHERE)
    numbers = np.array([np.nan if _is_gap(value) else _float(value) for value in values], dtype=float)
    infinite = np.flatnonzero(np.isinf(numbers))
    if infinite.size:
        raise ModelError(
            f"column {name!r} holds {counted(infinite.size, 'infinite value')}, the first in row {infinite[0] + 1}; "
            "leave them empty, or transform the column another way"
        )
    return numbers


def labels_of(values: list[Any]) -> NDArray[Any]:
    """Categories as text, None where missing."""
    return np.array([None if _is_gap(value) else _label(value) for value in values], dtype=object)


def _label(value: Any) -> str:
    """'2' for 2.0, so that a column of whole numbers reads the same with and without gaps."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype == object:
        return np.array([value is None for value in values], dtype=bool)
    return np.asarray(np.isnan(values))


def _encoded(values: NDArray[Any]) -> Vector | Factor:
    if values.dtype != object:
        return np.asarray(locked(values, float))
    levels = sorted(set(values), key=_level_order)
    index = {level: code for code, level in enumerate(levels)}
    return Factor(tuple(levels), locked([index[value] for value in values], np.int64))


def _level_order(level: str) -> tuple[bool, float, str]:
    """Numbers by size before text by letter."""
    return (False, float(level), level) if _reads_as_number(level) else (True, 0.0, level)
