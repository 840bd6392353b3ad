"""Shared parts of the checks: refits with added columns, their Wald test, bins and row numbers."""

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
    """A fit with added columns: its solution, the (k, k) covariance of its coefficients, and the degrees of freedom of each t."""

    solution: Solution
    matrix: Vector
    degrees: OwnDegrees


class WaldF(NamedTuple):
    """F test of several coefficients at once."""

    f: float
    df1: int
    df2: float
    p_value: float


def needs_cases(fit: ModerationFit) -> ModerationFit:
    """Refuse a model without data, such as one rebuilt from a published table."""
    return least_squares_fit(fit, "a diagnostic")


def extended(fit: ModerationFit, added: Vector, names: Sequence[str]) -> Extended:
    """Refit the terms (around the means) with added columns on the same rows and weights, under the same kind of covariance."""
    columns = np.column_stack([fit.design.columns(fit.design.means), added])
    solution = solve(columns, fit.sample.response, [*fit.terms[1:], *names], fit.sample.weights)
    found = sandwich_of(fit.covariance).estimated(solution, fit.sample.clusters, rows=fit.sample.rows)
    return Extended(solution, sandwich(solution.back, found.meat), found.degrees)


def wald(found: Extended, last: int) -> WaldF:
    """Test that the last coefficients are zero; NaN without more clusters than coefficients tested."""
    b, V = found.solution.estimate[-last:], found.matrix[-last:, -last:]
    scale = np.sqrt(np.diag(V))  # unit diagonal, so that the units of the columns do not matter
    rows = np.eye(len(found.matrix))[-last:] / scale[:, None]
    f, df1, df2 = wald_f(b / scale, V / np.outer(scale, scale), found.degrees.along(rows))
    return WaldF(f, df1, df2, f_tail(f, df1, df2))


def one_way(fit: ModerationFit) -> ModerationFit:
    """Refuse a fit clustered two ways, for which single clusters are not defined."""
    if isinstance(fit.covariance.clusters, tuple):
        raise ModelError("this check works with one cluster variable, but the fit has two; fit the model with one of them")
    return fit


def asked_back(fit: ModerationFit) -> Vector:
    """(k, k) map from the coordinates of the fit's basis to its coefficients in the model's centring."""
    move = recentring(fit.design.terms, fit.design.means, fit.design.centers)
    return np.asarray(move @ fit.solution.back)


def place_of(fit: ModerationFit, term: str) -> int:
    """Position of a term among the coefficients; the order of variables in a product does not matter."""
    from tienet.regression.core.formula import parse_term

    if not isinstance(term, str):
        raise ArgumentError(f"term must be a string such as 'x:z', got {term!r}")
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
    """(n,) numbers of the rows used, counted from 1 in the original data."""
    return np.asarray(fit.sample.rows, dtype=np.int64) + 1


def cut_points(variable: Variable, bins: int | Sequence[float]) -> Vector:
    """Return the edges of the bins: quantiles for a number of bins (duplicates dropped), or the inner edges given.

    Raises
    ------
    ArgumentError
        If there are fewer than two bins, or the edges do not increase or lie outside the data.
    """
    values = variable.values
    if isinstance(bins, bool) or (isinstance(bins, int | np.integer) and bins < 2):
        raise ArgumentError(f"bins must be at least 2, or the edges between the bins, got {bins!r}")
    if isinstance(bins, int | np.integer) and bins > len(values):
        raise ArgumentError(f"bins={bins!r} is more than the {len(values)} observations; use fewer, three are usual")
    if isinstance(bins, int | np.integer):
        return np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)))
    try:
        inner = np.asarray(bins, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"bins must be a whole number or the edges between the bins, got {bins!r}") from None
    if inner.ndim != 1 or inner.size == 0 or not np.isfinite(inner).all() or (np.diff(inner) <= 0).any():
        raise ArgumentError(f"bins={bins!r}: the edges between the bins must be finite, increasing numbers")
    if inner[0] < variable.low or inner[-1] >= variable.high:
        raise ArgumentError(
            f"bins={bins!r}: an edge lies outside the observed range of {variable.name}, [{variable.low:g}, {variable.high:g}]"
        )
    return np.concatenate([[variable.low], inner, [variable.high]])


def bin_codes(values: Vector, edges: Vector) -> NDArray[np.int64]:
    """Bin of each value; bins are right-closed, and the first includes the lowest value."""
    return np.asarray(np.clip(np.searchsorted(edges, values, side="left") - 1, 0, len(edges) - 2), dtype=np.int64)
