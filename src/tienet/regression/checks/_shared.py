"""What the diagnostics share: the fit with further columns, the Wald test of some of them, bins, and row numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError, offer
from tienet.regression.core.degrees import OwnDegrees
from tienet.regression.core.least_squares import Solution, f_tail, sandwich, solve
from tienet.regression.core.polynomial import Variable, recentring
from tienet.regression.core.wald import wald_f
from tienet.regression.covariance.sandwich import sandwich_of
from tienet.regression.model.fit import ModerationFit, least_squares_fit


class Extended(NamedTuple):
    """A fit with columns added: its solution, the (k, k) covariance of its coefficients, and the degrees of freedom of each t."""

    solution: Solution
    matrix: Vector
    degrees: OwnDegrees


class WaldF(NamedTuple):
    """F of several coefficients at once."""

    f: float
    df1: int
    df2: float
    p_value: float


def needs_cases(fit: ModerationFit) -> ModerationFit:
    """Refuse what has no cases behind it, such as a model rebuilt from a printed table."""
    return least_squares_fit(fit, "a diagnostic")


def extended(fit: ModerationFit, added: Vector, names: Sequence[str]) -> Extended:
    """Fit the terms (around the means) and further columns on the same rows and weights, under the same kind of covariance."""
    columns = np.column_stack([fit.design.columns(fit.design.means), added])
    solution = solve(columns, fit.sample.response, [*fit.terms[1:], *names], fit.sample.weights)
    found = sandwich_of(fit.covariance).estimated(solution, fit.sample.clusters, rows=fit.sample.rows)
    return Extended(solution, sandwich(solution.back, found.meat), found.degrees)


def wald(found: Extended, last: int) -> WaldF:
    """Test that the last coefficients are zero; NaN with no more clusters than coefficients tested."""
    b, V = found.solution.estimate[-last:], found.matrix[-last:, -last:]
    scale = np.sqrt(np.diag(V))  # unit diagonal, so that the units of the columns do not bear on the solution
    rows = np.eye(len(found.matrix))[-last:] / scale[:, None]
    f, df1, df2 = wald_f(b / scale, V / np.outer(scale, scale), found.degrees.along(rows))
    return WaldF(f, df1, df2, f_tail(f, df1, df2))


def one_way(fit: ModerationFit) -> ModerationFit:
    """Refuse a fit clustered two ways, where what belongs to one cluster alone is not defined."""
    if isinstance(fit.covariance.clusters, tuple):
        raise ModelError("this diagnostic is defined for one cluster, and the fit has two; fit with one of them to look at it")
    return fit


def asked_back(fit: ModerationFit) -> Vector:
    """(k, k) map from the coordinates of the fit's basis to its coefficients in the centring asked for."""
    move = recentring(fit.design.terms, fit.design.means, fit.design.centers)
    return np.asarray(move @ fit.solution.back)


def place_of(fit: ModerationFit, term: str) -> int:
    """Position of a term among the coefficients; products are found in whatever order they are written."""
    from tienet.regression.core.formula import parse_term

    if not isinstance(term, str):
        raise ArgumentError(f"term={term!r} is not a term of the model; write it as text, 'x:z'")
    if term in fit.terms:
        return fit.terms.index(term)
    try:
        wanted = parse_term(term)
    except ModelError:
        wanted = None
    if wanted in fit.design.terms:
        return fit.design.terms.index(wanted)
    raise ModelError(f"the model of {fit.outcome} has no term {term!r}{offer(term, fit.terms)}")


def row_numbers(fit: ModerationFit) -> NDArray[np.int64]:
    """(n,) numbers of the rows used, counted from 1 in the data as they came."""
    return np.asarray(fit.sample.rows, dtype=np.int64) + 1


def cut_points(variable: Variable, bins: int | Sequence[float]) -> Vector:
    """Edges of the bins: quantiles for a number of bins (equal ones once), or the inner edges given.

    Raises
    ------
    ArgumentError
        For fewer than two bins, or edges that leave a bin empty or do not rise.
    """
    values = variable.values
    if isinstance(bins, bool) or (isinstance(bins, int | np.integer) and bins < 2):
        raise ArgumentError(f"bins={bins!r}: at least 2 bins are needed, or the edges between them")
    if isinstance(bins, int | np.integer) and bins > len(values):
        raise ArgumentError(f"bins={bins!r}: there are {len(values)} cases, too few for so many bins; three are usual")
    if isinstance(bins, int | np.integer):
        return np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)))
    try:
        inner = np.asarray(bins, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"bins={bins!r} is neither a number of bins nor the edges between them") from None
    if inner.ndim != 1 or inner.size == 0 or not np.isfinite(inner).all() or (np.diff(inner) <= 0).any():
        raise ArgumentError(f"bins={bins!r}: the edges between the bins have to be finite numbers that rise")
    if inner[0] < variable.low or inner[-1] >= variable.high:
        raise ArgumentError(
            f"bins={bins!r}: an edge lies outside the observed range of {variable.name}, [{variable.low:g}, {variable.high:g}]"
        )
    return np.concatenate([[variable.low], inner, [variable.high]])


def bin_codes(values: Vector, edges: Vector) -> NDArray[np.int64]:
    """Bin of each value, right-closed with the lowest included."""
    return np.asarray(np.clip(np.searchsorted(edges, values, side="left") - 1, 0, len(edges) - 2), dtype=np.int64)
