"""The model frame: the complete rows of the columns that a model uses, and a count of the rows dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import DataError, ModelError, offer
from tienet.base.frames import Backend, backend_of, collect, open_frame, require_columns
from tienet.base.numbers import counted
from tienet.base.record import Fixed, Record, Sealed, locked
from tienet.regression.core.cells import MISSING, WHERE, Labels, level_order, read_labels, read_numbers_or_labels
from tienet.regression.core.formula import Formula
from tienet.regression.core.hidden_products import warn_products
from tienet.regression.core.transforms import transformed
from tienet.regression.core.within import recoded

LARGEST = 1e70  # numbers from 1e-70 to 1e70 have ratios up to 1e140, whose squares still fit into a float
MOST_UNEQUAL = 1e16


@dataclass(frozen=True, slots=True, eq=False)
class Factor(Sealed):
    """A categorical column of the estimation sample.

    Parameters
    ----------
    levels
        Categories, the base first, the others in their declared order or else sorted.
    codes
        (n,) position of each row's category.
    """

    levels: tuple[str, ...]
    codes: NDArray[np.int64]

    def __repr__(self) -> str:
        return f"<Factor: {len(self.levels)} categories, {counted(len(self.codes), 'row')}>"


@dataclass(frozen=True, slots=True, eq=False)
class Outcome(Sealed):
    """An outcome as numbers.

    Parameters
    ----------
    values
        (n,) numbers, NaN where missing.
    levels
        Names of its ordered categories, whose positions are the numbers; empty for other outcomes.
    """

    values: Vector
    levels: tuple[str, ...] = ()


ReadOutcome: TypeAlias = Callable[[Any], Outcome]


@dataclass(frozen=True, slots=True, eq=False)
class ModelFrame(Sealed):
    """The rows used to estimate a model.

    Parameters
    ----------
    response
        (n,) outcome.
    columns
        The variables of the formula, each (n,) numbers, transformed if the formula says so, or a factor.
    clusters
        (n,) code of each row's cluster, (n, 2) for two-way clusters, or None.
    rows
        (n,) positions of the kept rows in the data, from 0.
    dropped
        Number of missing values of each used column that has any.
    n_dropped
        Number of rows dropped for missing values.
    backend
        The kind of frame that the data were given in.
    weights
        (n,) positive weights, or None.
    standardised
        Whether the outcome and the numeric columns are z-scores.
    exposure
        (n,) positive exposures of counts, or None.
    levels
        Names of the ordered categories of the outcome, whose positions are the response; empty for other outcomes.
    effects
        (n, a) code of each row's group in the a absorbed effects, or None.
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
    exposure: Vector | None = None
    levels: tuple[str, ...] = ()
    effects: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """Number of rows kept."""
        return len(self.response)

    def __repr__(self) -> str:
        return f"<ModelFrame: {counted(self.n, 'row')}, {counted(len(self.columns), 'column')}, {self.n_dropped:,} dropped>"

    def dropped_text(self, spoken: Callable[[str], str] = str) -> str:
        """' (3 dropped for missing values: x 2, z 1)', for the text of a fit, with names as spoken; empty if no row was dropped."""
        gaps = ", ".join(f"{spoken(name)} {count}" for name, count in self.dropped.items())
        return f" ({self.n_dropped} dropped for missing values: {gaps})" if self.n_dropped else ""


def read_model_frame(
    data: object,
    formula: Formula,
    cluster: str | Sequence[str] | None = None,
    weights: str | None = None,
    *,
    exposure: str | None = None,
    read: ReadOutcome | None = None,
    absorb: Sequence[str] = (),
) -> ModelFrame:
    """Read the complete rows of the columns that a formula uses.

    Parameters
    ----------
    data
        Any frame that narwhals supports.
    formula
        The formula, with the outcome and the columns.
    cluster
        The column that groups the rows, or two such columns.
    weights
        The column of positive weights.
    exposure
        The column of positive exposures.
    read
        Reads the outcome, for those that are not numbers on a line.
    absorb
        Columns whose effects will be taken out.

    Returns
    -------
    ModelFrame
        Without the rows that miss a used value; missing values are counted by column.

    Raises
    ------
    DataError
        For a missing column, text among numbers, or if no row is complete.
    ModelError
        For infinite values, numbers too large or too small to be squared, values without the logarithm or root that the formula asks for,
        an unknown base category, and weights that are not positive.

    Warns
    -----
    TextAsCategory
        If text of whole numbers is read as categories.
    HiddenProduct
        If a column is the square of another, or the product of two others.
    """
    return read_model_frames(data, [formula], cluster, weights, exposure=exposure, read=read, absorb=absorb)[0]


def read_model_frames(
    data: object,
    formulas: Sequence[Formula],
    cluster: str | Sequence[str] | None,
    weights: str | None,
    *,
    exposure: str | None = None,
    read: ReadOutcome | None = None,
    absorb: Sequence[str] = (),
) -> list[ModelFrame]:
    """Model frames of formulas that differ only in their outcome, all with the rows that are complete in every outcome."""
    if isinstance(data, str | PathLike):
        raise DataError(f"{WHERE} is a path; read the file first, for example with pandas.read_csv or polars.read_parquet")
    formula, outcomes = formulas[0], [each.outcome for each in formulas]
    groups = [cluster] if isinstance(cluster, str) else list(cluster or ())
    others = [name for name in (weights, exposure) if name]
    labels = (*groups, *absorb)
    names = list(dict.fromkeys([*outcomes, *formula.sources, *labels, *others]))
    table, backend = _table(data, names)
    special = read(table[formula.outcome]) if read else None
    raw = {
        name: special.values if special and name in outcomes else _read(table[name], formula, name, labels, (*outcomes, *others))
        for name in names
    }
    missing = {name: _missing(values) for name, values in raw.items()}
    keep = np.flatnonzero(~np.logical_or.reduce(list(missing.values())))
    dropped = {name: int(gaps.sum()) for name, gaps in missing.items() if gaps.any()}
    if keep.size == 0:
        raise DataError.no_rows(WHERE, _why_empty(dropped, len(table)))
    kept = {name: values[keep] for name, values in raw.items()}
    numbers = {name: values for name, values in kept.items() if not isinstance(values, Labels)}
    _refuse_unusable(numbers, weights, keep)
    if exposure is not None:
        _refuse_exposure(numbers[exposure], exposure, keep)
    clusters = _joined([_codes(kept[name]) for name in groups])
    columns = {name: _variable(formula, name, kept, keep) for name in formula.names}
    warn_products({name: column for name, column in columns.items() if not isinstance(column, Factor)})
    first = ModelFrame(
        response=locked(numbers[formula.outcome], float),
        columns=Fixed(columns),
        clusters=None if clusters is None else locked(clusters, np.int64),
        rows=locked(keep),
        dropped=Fixed(dropped),
        n_dropped=len(table) - len(keep),
        backend=backend,
        weights=None if weights is None else locked(numbers[weights], float),
        exposure=None if exposure is None else locked(numbers[exposure], float),
        levels=special.levels if special else (),
        effects=locked(np.column_stack([_codes(kept[name]) for name in absorb]), np.int64) if absorb else None,
    )
    return [replace(first, response=locked(numbers[name], float)) for name in outcomes]


def rows_kept(frame: ModelFrame, keep: NDArray[np.bool_]) -> ModelFrame:
    """A model frame with some of its rows; categories, clusters and groups that no longer occur are gone."""
    columns = {name: _factor_kept(one, keep) if isinstance(one, Factor) else locked(one[keep]) for name, one in frame.columns.items()}
    return replace(
        frame,
        response=locked(frame.response[keep]),
        columns=Fixed(columns),
        clusters=None if frame.clusters is None else _codes_kept(frame.clusters, keep),
        rows=locked(frame.rows[keep]),
        weights=None if frame.weights is None else locked(frame.weights[keep]),
        effects=None if frame.effects is None else _codes_kept(frame.effects, keep),
    )


def _factor_kept(factor: Factor, keep: NDArray[np.bool_]) -> Factor:
    codes = factor.codes[keep]
    there = np.flatnonzero(np.bincount(codes, minlength=len(factor.levels)))
    return replace(factor, levels=tuple(factor.levels[code] for code in there), codes=locked(recoded(codes)))


def _codes_kept(codes: NDArray[np.int64], keep: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Codes without gaps of the rows kept, for one grouping or several."""
    return locked(recoded(codes[keep]) if codes.ndim == 1 else np.column_stack([recoded(column[keep]) for column in codes.T]))


def _table(data: object, names: Sequence[str]) -> tuple[Any, Backend]:
    """The named columns, in memory, and the kind of frame that they were given in."""
    frame = open_frame(data.frame if isinstance(data, Record) else data, where=WHERE, paths=False)
    require_columns(frame.collect_schema().names(), names, where=WHERE, cutoff=0.6)
    return collect(frame.select(names)), backend_of(frame)


def _refuse_unusable(numbers: Mapping[str, Vector], weights: str | None, rows: NDArray[np.int64]) -> None:
    """Refuse numbers outside the range of squares, and invalid weights."""
    for name, values in numbers.items():
        _refuse_extremes(values, f"column {name!r}")
    if weights is not None:
        _refuse_weights(numbers[weights], weights, rows)


def _refuse_weights(weights: Vector, name: str, rows: NDArray[np.int64]) -> None:
    bad = np.flatnonzero(weights <= 0)
    if bad.size:
        raise ModelError(
            f"weights: column {name!r} contains {counted(bad.size, 'value')} not above zero, the first in row {rows[bad[0]] + 1}; "
            "a weight is an inverse variance; to leave a row out, leave its weight empty (such rows are counted)"
        )
    if weights.max() > MOST_UNEQUAL * weights.min():
        raise ModelError(
            f"weights: column {name!r} ranges from {weights.min():.3g} to {weights.max():.3g}; beyond a ratio of {MOST_UNEQUAL:.0e} "
            "rows with small weights are lost to rounding; leave out the rows with extreme weights"
        )


def _refuse_exposure(exposure: Vector, name: str, rows: NDArray[np.int64]) -> None:
    bad = np.flatnonzero(exposure <= 0)
    if bad.size:
        raise ModelError(
            f"exposure: column {name!r} contains {counted(bad.size, 'value')} not above zero, the first in row {rows[bad[0]] + 1}; an "
            "exposure is the time or size in which a count came about; to leave a row out, leave its exposure empty (such rows are counted)"
        )


def _refuse_extremes(values: Vector, what: str) -> None:
    """Refuse numbers whose squares, or the squares of whose ratios, may exceed the range of a float."""
    low, high = float(values.min()), float(values.max())
    largest, spread = max(-low, high), high / 2 - low / 2
    if largest > LARGEST or 0 < spread < 1 / LARGEST:
        raise ModelError(
            f"{what} contains numbers of the size {largest:.0e}, outside the range {1 / LARGEST:.0e} to {LARGEST:.0e} of reliable "
            "computation; multiply it by a power of ten first"
        )


def _why_empty(dropped: Mapping[str, int], rows: int) -> str:
    gaps = ", ".join(f"{name} ({count})" for name, count in dropped.items())
    return f"each of its {rows} rows has a missing value: {gaps}" if rows else "the table is empty"


def numbers_of(column: Vector | Factor) -> Vector:
    """A column that `_read` has checked to be numeric."""
    assert not isinstance(column, Factor)  # noqa: S101 - `_read` refuses a non-numeric outcome
    return column


def _codes(column: Vector | Labels) -> NDArray[np.int64]:
    """Codes of a cluster's values, ordered as text."""
    if not isinstance(column, Labels):
        values, codes = np.unique(column, return_inverse=True)
        column = Labels(tuple(map(str, values)), codes)
    return _in_order(replace(column, ordered=False)).codes


def _joined(codes: list[NDArray[np.int64]]) -> NDArray[np.int64] | None:
    """(n,) codes of one-way clusters, (n, 2) of two-way clusters, or None."""
    if not codes:
        return None
    return codes[0] if len(codes) == 1 else np.column_stack(codes)


def _read(column: Any, formula: Formula, name: str, clusters: Sequence[str], numbers: Sequence[str | None]) -> Vector | Labels:
    if name in clusters and name not in numbers and name not in formula.sources:
        return read_labels(column)
    return read_numbers_or_labels(column, number=name in numbers or name in formula.numbers, category=name in formula.categories)


def _missing(column: Vector | Labels) -> NDArray[np.bool_]:
    return np.asarray(column.codes == MISSING if isinstance(column, Labels) else np.isnan(column))


def _variable(formula: Formula, name: str, columns: Mapping[str, Vector | Labels], rows: NDArray[np.int64]) -> Vector | Factor:
    """A variable of the formula from the columns of the data at some rows."""
    if name in formula.transforms:
        transform, of = formula.transforms[name]
        return locked(transformed(np.asarray(columns[of]), transform, of, rows, WHERE), float)
    column = columns[name]
    if not isinstance(column, Labels):
        return np.asarray(locked(column, float))
    return _in_order(column, level_order, formula.bases.get(name), name)


def _in_order(column: Labels, order: Callable[[str], Any] = str, base: str | None = None, name: str = "") -> Factor:
    """A factor with the labels that occur, in the declared order or sorted by `order`, and the base first."""
    there = np.flatnonzero(np.bincount(column.codes, minlength=len(column.levels)))
    found = [column.levels[code] for code in there]
    levels = found if column.ordered else sorted(found, key=order)
    if base is not None:
        if base not in levels:
            raise ModelError(f"{name} has no category {base!r} in the rows used, so it cannot be the base{offer(base, levels)}")
        levels = [base, *(level for level in levels if level != base)]
    index = {level: code for code, level in enumerate(levels)}
    place = np.array([index.get(level, MISSING) for level in column.levels], dtype=np.int64)
    return Factor(tuple(levels), locked(place[column.codes], np.int64))
