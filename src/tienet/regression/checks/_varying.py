"""A slope that varies smoothly with the moderator, by local linear regressions on a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import real
from tienet.base.errors import ArgumentError

_WINDOWS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)  # SD of the moderator
_TRIED = 200  # observations at which the prediction error is measured
_REACH = 8.6  # windows: observations farther away have less than 1e-16 of the weight of one at the place itself
_MOST_CONDITION = 1e10  # above it the observations near a point cannot identify the four coefficients
_FEW = 2000  # up to this many observations each gets its own weight when the window is chosen
_CELL = min(_WINDOWS) / 16
_ORDER = 11  # terms of the series within a cell; the next one is below 1e-16
# Powers of D and X in 1, D, X, DX, and the positions of their products in the sums of `_columns`.
_POWERS = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
_PLACES = (_POWERS[:, None] + _POWERS) @ [3, 1]


Sums: TypeAlias = Callable[[Vector, float], Vector]


class Smooth(NamedTuple):
    """Input of the local regressions: (n,) each, and the standard deviations of D and X; weights are 1 in an unweighted fit."""

    response: Vector
    D: Vector
    X: Vector
    weights: Vector
    spread_focal: float
    spread_moderator: float


class SmoothSlope(NamedTuple):
    """(g,) slopes and standard errors on the grid, NaN if too few observations are near, and the bandwidth used."""

    slope: Vector
    std_error: Vector
    bandwidth: float


def smooth_slope(data: Smooth, grid: Vector, bandwidth: float | None, clusters: NDArray[np.int64] | None) -> SmoothSlope:
    r"""Estimate the slope of D at each grid value by least squares on 1, D, X, DX with Gaussian weights times those of the rows.

    The variance at a point is :math:`\sum_i (l_i w_i e_i)^2` with :math:`l_i` the weight of row i in the slope and e the residuals of the
    local regression; with clusters the products are first summed within clusters.

    Parameters
    ----------
    data
        Outcome, D and X.
    grid
        (g,) values of X.
    bandwidth
        Standard deviation of the window, or None to choose it.
    clusters
        (n,) codes, or None.
    """
    if bandwidth is not None and not real("bandwidth", bandwidth) > 0:
        raise ArgumentError(f"bandwidth must be above 0, in units of the moderator, got {bandwidth!r}")
    middle = float(data.X.mean())
    z = (data.X - middle) / data.spread_moderator
    D = data.D / data.spread_focal
    h = _best_window(D, z, data) if bandwidth is None else bandwidth / data.spread_moderator
    order = np.argsort(z, kind="stable")  # so that the observations near a point stand together
    near = _Ordered(
        _columns(D[order], z[order], data.response[order]),
        data.response[order],
        data.weights[order],
        None if clusters is None else clusters[order],
    )
    found = np.array([_local(spot, h, near) for spot in (grid - middle) / data.spread_moderator])
    return SmoothSlope(found[:, 0] / data.spread_focal, found[:, 1] / data.spread_focal, float(h * data.spread_moderator))


class _Ordered(NamedTuple):
    """`_columns`, outcome, weights and clusters of the n observations in the order of the moderator."""

    columns: Vector
    response: Vector
    weights: Vector
    clusters: NDArray[np.int64] | None


def _local(spot: float, h: float, data: _Ordered) -> tuple[float, float]:
    """Slope at one place and its standard error; one place at a time, to save memory."""
    z = data.columns[1]
    near = slice(*np.searchsorted(z, [spot - _REACH * h, spot + _REACH * h]))
    columns = data.columns[:, near]
    design, response = columns[[0, 3, 1, 4]], data.response[near]  # 1, D, X, DX
    weights = np.exp(-0.5 * ((spot - z[near]) / h) ** 2) * data.weights[near]
    (inverse,), (b,) = _solved((columns @ weights)[None])
    if np.isnan(b).any():
        return np.nan, np.nan
    row = np.array([0.0, 1.0, 0.0, spot])
    scores = ((row @ inverse) @ design) * weights * (response - b @ design)
    if data.clusters is not None:
        scores = np.bincount(data.clusters[near], weights=scores)
    return float(row @ b), float(np.sqrt(scores @ scores))


def _columns(D: Vector, z: Vector, response: Vector) -> Vector:
    """(13, n): D^p X^q for p and q up to 2, p first, then the response times 1, X, D and DX: the columns that local regressions sum."""
    powers = np.stack([D**p * z**q for p in range(3) for q in range(3)])
    return np.concatenate([powers, response * powers[[0, 1, 3, 4]]])


def _solved(sums: Vector) -> tuple[Vector, Vector]:
    """(g, 4, 4) inverses of the weighted cross products and (g, 4) coefficients, NaN if close to singular."""
    total = np.maximum(sums[:, 0], np.finfo(float).tiny)
    cross = sums[:, _PLACES] / total[:, None, None]
    poor = ~(np.linalg.cond(cross) < _MOST_CONDITION)
    cross[poor] = np.eye(len(_POWERS))
    inverse = np.linalg.inv(cross) / total[:, None, None]
    inverse[poor] = np.nan
    return inverse, np.einsum("gjk,gk->gj", inverse, sums[:, [9, 11, 10, 12]])


def _best_window(D: Vector, z: Vector, data: Smooth) -> float:
    """Bandwidth with the smallest leave-one-out error at up to 200 observations, evenly spread in the order of the moderator."""
    order = np.argsort(z, kind="stable")
    tried = order[np.unique(np.linspace(0, len(order) - 1, min(_TRIED, len(order))).astype(int))]
    sums = _sums_by_case(D, z, data) if len(z) <= _FEW else _sums_by_cell(D, z, data)
    own = np.column_stack([np.ones(len(tried)), D[tried], z[tried], z[tried] * D[tried]])
    errors = [_left_out_error(own, sums(z[tried], h), data.response[tried], data.weights[tried]) for h in _WINDOWS]
    return _WINDOWS[int(np.argmin(errors))]


def _sums_by_case(D: Vector, z: Vector, data: Smooth) -> Sums:
    """(g, 13) sums of `_columns` around some places, with a weight for each observation."""
    columns = _columns(D, z, data.response)
    return lambda spots, h: np.exp(-0.5 * ((spots[:, None] - z) / h) ** 2) * data.weights @ columns.T


def _sums_by_cell(D: Vector, z: Vector, data: Smooth) -> Sums:
    r"""Return the same sums for many observations, from moments of narrow cells of the moderator and a series for the Gaussian.

    With c the middle of a cell, :math:`t = (s - c) / h` and :math:`x = (z - c) / h`, at most 1/32, and :math:`He_m` Hermite polynomials

    .. math:: e^{-(t - x)^2 / 2} = e^{-t^2 / 2} \sum_m He_m(t) \frac{x^m}{m!}

    The remainder after 11 terms is below :math:`10^{-16}` of an observation's weight at its own place.

    References
    ----------
    Greengard, L. & Strain, J. (1991). The fast Gauss transform. SIAM Journal on Scientific and Statistical Computing 12, 79-94.
    """
    number, cell = np.unique(np.floor((z - z.min()) / _CELL), return_inverse=True)
    middles = z.min() + (number + 0.5) * _CELL
    away = (z - middles[cell]) / _CELL
    held = np.stack([data.weights * part for part in (1.0, D, D**2, data.response, data.response * D)])
    moments = np.empty((_ORDER + 2, len(held), len(middles)))
    for order in range(len(moments)):
        moments[order] = [np.bincount(cell, weights=part, minlength=len(middles)) for part in held]
        held *= away
    # Powers of X from those of the distance to the middle of the cell.
    plain = moments[:-2]
    once = middles * plain + _CELL * moments[1:-1]
    twice = middles**2 * plain + 2 * middles * _CELL * moments[1:-1] + _CELL**2 * moments[2:]
    by_power = np.stack([plain, once, twice], axis=2)  # (order, part, power of X, cell)
    columns = np.concatenate([by_power[:, :3].reshape(_ORDER, 9, -1), by_power[:, 3:, :2].reshape(_ORDER, 4, -1)], axis=1)

    def sums(spots: Vector, h: float) -> Vector:
        t = (spots[:, None] - middles) / h
        before, term = np.zeros_like(t), np.exp(-0.5 * t**2)
        total = term @ columns[0].T
        for order in range(1, _ORDER):
            # He_m(t) = t He_{m-1}(t) - (m - 1) He_{m-2}(t), each multiplied by (cell / h)^m / m!
            step = _CELL / h / order
            before, term = term, step * (t * term - before * (_CELL / h))
            total += term @ columns[order].T
        return np.asarray(total)

    return sums


def _left_out_error(own: Vector, sums: Vector, response: Vector, weight: Vector) -> float:
    """Mean squared leave-one-out error, e / (1 - h)."""
    inverse, b = _solved(sums)
    leverage = weight * np.einsum("gj,gjk,gk->g", own, inverse, own)
    with np.errstate(divide="ignore", invalid="ignore"):  # a point that alone holds its line, up to rounding
        missed = (response - np.sum(own * b, axis=1)) / (1 - leverage)
    return float(np.average(missed**2, weights=weight)) if np.isfinite(missed).all() else float("inf")
