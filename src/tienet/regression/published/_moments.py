"""Regression from a correlation matrix, and bounds for the rounding of printed correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import choice
from tienet.base.errors import DataError, ModelError, offer
from tienet.base.numbers import listed
from tienet.regression.core.formula import Term, parse_term
from tienet.regression.published._matrix import finite, square_frame


class Standardised(NamedTuple):
    """Regression of one standardised variable on k others: (k,) beta, (k, k) inverse of the predictors' correlations, and R2."""

    beta: Vector
    inverse: Vector
    r_squared: float


class Rounding(NamedTuple):
    """(k,) limits of the betas and of their |t| for all correlations that round to the printed ones."""

    beta_low: Vector
    beta_high: Vector
    t_low: Vector
    t_high: Vector


def standardised(within: Vector, outcome: Vector) -> Standardised:
    """Compute standardised coefficients R_xx^-1 r_xy and R2 = beta' r_xy from (k, k) and (k,) correlations.

    Examples
    --------
    >>> float(standardised(np.eye(2), np.array([0.6, 0.5])).r_squared)
    0.61
    """
    inverse = np.linalg.inv(within)
    beta: Vector = np.asarray(np.linalg.solve(within, outcome), dtype=float)
    return Standardised(beta, (inverse + inverse.T) / 2, float(beta @ outcome))


def rounding(within: Vector, outcome: Vector, half: float, df: float) -> Rounding:
    r"""Compute bounds that hold for all correlations within `half` of the printed ones.

    With true correlations :math:`R + \Delta`, :math:`r + \delta` and betas :math:`\beta + d`,
    :math:`d = R^{-1}(\delta - \Delta(\beta + d))`, hence :math:`|d| \le (I - M)^{-1} |R^{-1}| (h 1 + E |\beta|)` with E = h off the
    diagonal and :math:`M = |R^{-1}| E`, if the spectral radius of M is below 1. Likewise
    :math:`|(R + \Delta)^{-1} - R^{-1}| \le (I - M)^{-1} M |R^{-1}|`. The bounds are safe but not the narrowest possible, because all errors
    are assumed to have their worst signs.

    Parameters
    ----------
    within, outcome
        (k, k) and (k,) printed correlations.
    half
        Half a unit of the last printed digit.
    df
        Degrees of freedom of the t.

    Returns
    -------
    Rounding
        Infinite limits if correlations that round to the same digits could be singular.

    References
    ----------
    Higham, N. J. (2002). Accuracy and Stability of Numerical Algorithms, 2nd ed., section 7.2.
    """
    beta, inverse, r_squared = standardised(within, outcome)
    k = len(beta)
    size, E = np.abs(inverse), half * (1 - np.eye(k))
    M = size @ E
    if k > 1 and np.abs(np.linalg.eigvals(M)).max() >= 1:
        return Rounding(np.full(k, -np.inf), np.full(k, np.inf), np.zeros(k), np.full(k, np.inf))
    spread = np.linalg.solve(np.eye(k) - M, size @ (half + E @ np.abs(beta)))
    moved = np.diag(np.linalg.solve(np.eye(k) - M, M @ size))
    explained = float((np.abs(outcome) + half) @ spread + half * np.abs(beta).sum())
    unexplained = np.clip(1 - r_squared + np.array([-explained, explained]), 0.0, 1.0)
    diagonal = np.diag(inverse)
    smallest = np.sqrt(unexplained[0] * np.maximum(diagonal - moved, 1.0) / df)  # no diagonal of an inverse correlation is below 1
    largest = np.sqrt(unexplained[1] * (diagonal + moved) / df)
    nearest = np.maximum(np.abs(beta) - spread, 0.0)
    far = np.divide(np.abs(beta) + spread, smallest, out=np.full(k, np.inf), where=smallest > 0)
    return Rounding(beta - spread, beta + spread, nearest / largest, far)


def read_correlations(r: Any, wanted: Sequence[str], names: Sequence[str] | None) -> Vector:
    """Read the correlations of some variables, in the order given, from any of the accepted forms."""
    if hasattr(r, "correlation") and hasattr(r, "names"):
        names, matrix = tuple(r.names), np.array(r.correlation, dtype=float)
    elif isinstance(r, Mapping):
        return _from_pairs(r, wanted)
    elif isinstance(r, list | tuple) or (isinstance(r, np.ndarray) and r.ndim):
        names = tuple(wanted) if names is None else tuple(names)
        matrix = _from_rows(r, len(names))
    else:
        columns, labels, cells = square_frame(r, "the correlations")
        order = [labels.index(name) for name in columns]
        names, matrix = tuple(columns), _symmetric(np.array([[_number(cell) for cell in cells[i]] for i in order]))
    for name in wanted:
        if name not in names:
            raise _no_row(name, names)
    _check_all(matrix, names)
    places = [list(names).index(name) for name in wanted]
    return np.asarray(matrix[np.ix_(places, places)])


def _number(cell: Any) -> float:
    try:
        return np.nan if cell is None or (isinstance(cell, str) and not cell.strip()) else float(cell)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"the correlations must be numbers, got {cell!r}; write .32 without stars or dashes") from None


def _from_pairs(r: Mapping[Any, Any], wanted: Sequence[str]) -> Vector:
    found: dict[frozenset[str], float] = {}
    for key, value in r.items():
        if not isinstance(key, tuple) or len(key) != 2:
            raise DataError(f"the keys of the correlations must be pairs of names such as ('y', 'x'), got {key!r}")
        pair = frozenset(key)
        if pair in found and found[pair] != _number(value):
            raise DataError(f"the correlation of {key[0]} and {key[1]} is given twice, as {found[pair]:g} and {value:g}; keep one")
        found[pair] = _number(value)
    known = {name for pair in found for name in pair}
    for name in wanted:
        if name not in known:
            raise _no_row(name, sorted(known))
    matrix = np.eye(len(wanted))
    for name in wanted:
        if found.get(frozenset((name,)), 1.0) != 1.0:
            raise _no_one(name, found[frozenset((name,))])
    for i, j in combinations(range(len(wanted)), 2):
        pair = frozenset((wanted[i], wanted[j]))
        if pair not in found:
            raise DataError(f"the correlation of {wanted[i]} and {wanted[j]} is missing; a regression needs those of all pairs")
        matrix[i, j] = matrix[j, i] = found[pair]
    _check_all(matrix, wanted)
    return matrix


def _from_rows(r: Any, v: int) -> Vector:
    """Read a full square, or the rows of the lower triangle with or without the diagonal."""
    rows = [np.atleast_1d(np.array([_number(cell) for cell in np.atleast_1d(np.asarray(row, dtype=object))])) for row in r]
    lengths = [len(row) for row in rows]
    matrix = np.full((v, v), np.nan)
    if lengths == [v] * v:
        return _symmetric(np.array(rows))
    np.fill_diagonal(matrix, 1.0)
    if lengths == list(range(1, v + 1)):
        for i, row in enumerate(rows):
            matrix[i, : i + 1] = row
    elif [length for length in lengths if length] == list(range(1, v)):
        for i, row in enumerate([row for row in rows if len(row)], start=1):
            matrix[i, :i] = row
    else:
        raise DataError(f"the correlations have rows of {lengths} numbers for {v} names; give a square, or the lower triangle with names=")
    return _symmetric(matrix)


def _symmetric(matrix: Vector) -> Vector:
    """Fill an empty triangle from the other one."""
    return np.where(np.isnan(matrix), matrix.T, matrix)


def _check_all(matrix: Vector, names: Sequence[str]) -> None:
    """Refuse an impossible correlation matrix, and name the entry."""
    for i, j in np.argwhere(np.isnan(matrix))[:1]:
        raise DataError(f"the correlation of {names[i]} and {names[j]} is missing; a regression needs those of all pairs")
    for i in np.flatnonzero(np.abs(np.diag(matrix) - 1) > 1e-8)[:1]:
        raise _no_one(names[i], float(matrix[i, i]))
    for i, j in np.argwhere(np.abs(matrix - matrix.T) > 1e-8)[:1]:
        raise DataError(
            f"the correlations are not symmetric: {names[i]} and {names[j]} have {matrix[i, j]:g} and {matrix[j, i]:g}; check them"
        )
    for i, j in np.argwhere(np.abs(matrix) > 1 + 1e-8)[:1]:
        raise DataError(f"the correlation of {names[i]} and {names[j]} must be between -1 and 1, got {matrix[i, j]:g}; check the table")
    values, vectors = np.linalg.eigh(matrix)
    if values[0] <= 1e-10:
        involved = listed(names[i] for i in np.argsort(-np.abs(vectors[:, 0]))[: min(3, len(names))])
        raise DataError(
            f"no data have these correlations, or a variable is a combination of others (smallest eigenvalue {values[0]:.3g}); "
            f"check {involved} for a mistyped digit, or for correlations from different observations"
        )


def _no_one(name: str, value: float) -> DataError:
    """The error for a diagonal that is not 1."""
    if 0 < value < 1:
        return DataError(
            f"the diagonal has {value:g} for {name}: reliabilities are often printed there; leave the diagonal out, or put 1 there"
        )
    return DataError(f"the correlation of {name} with itself must be 1, got {value:g}; check the table")


def _no_row(name: str, names: Sequence[str]) -> ModelError:
    if ":" in name or "^" in name:
        return ModelError(
            f"{name} has no row of correlations, which cannot be computed from the parts of a product or square; give its own row, "
            "or leave it out"
        )
    return ModelError(f"the correlations have no {name!r}{offer(name, names)}")


def locations_of(
    names: Sequence[str], means: Mapping[str, float] | None, sds: Mapping[str, float] | None, moments: tuple[Vector, int], center: str
) -> Vector | None:
    """Means of the columns, the outcome first; None if one of them is not known."""
    choice("center", center, ("mean", "none"))
    if not means or not sds:
        return None
    moderated = {part for name in names if parse_term(name).order > 1 for part in parse_term(name).names}
    found = [_location(name, parse_term(name), (names, means, sds, *moments), center, moderated) for name in names]
    return None if any(value is None for value in found) else np.array(found, dtype=float)


def _location(name: str, term: Term, moments: tuple[Any, ...], center: str, moderated: set[str]) -> float | None:
    """Mean of a variable; that of a product of two follows from its parts and (n - 1) / n of their covariance."""
    names, means, sds, matrix, n = moments
    if term.order == 1:
        known = finite(means[name], f"means[{name!r}]") if name in means else None
        return 0.0 if center == "mean" and name in moderated and known is not None else known
    if name in means:
        return finite(means[name], f"means[{name!r}]")
    parts = [part for part, power in term.powers for _ in range(power)]
    if len(parts) != 2 or any(part not in names or part not in means for part in parts):
        return None
    i, j = (list(names).index(part) for part in parts)
    together = matrix[i, j] * sds[parts[0]] * sds[parts[1]] * (n - 1) / n
    return float(together if center == "mean" else together + means[parts[0]] * means[parts[1]])


def with_intercept(slopes: Vector, V: Vector, locations: Vector, of_mean: float) -> tuple[Vector, Vector]:
    r"""Add the intercept, :math:`b_0 = \bar y - \bar x' b` with variance :math:`s^2 / n + \bar x' V \bar x`, before the slopes."""
    center = locations[1:]
    estimate = np.concatenate([[locations[0] - center @ slopes], slopes])
    whole = np.empty((len(estimate),) * 2)
    whole[1:, 1:] = V
    whole[0, 1:] = whole[1:, 0] = -V @ center
    whole[0, 0] = of_mean + center @ V @ center
    return estimate, whole
