"""A slope that varies smoothly with the moderator: local linear regressions at the points of a grid, all at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.arguments import real
from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError

_WINDOWS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)  # SD of the moderator
_TRIED = 200  # cases at which the prediction error is measured
_MOST_CONDITION = 1e10  # beyond it the cases near a point do not tell the four coefficients apart


class Smooth(NamedTuple):
    """What the local regressions read: (n,) each, and the standard deviations of D and X; weights are 1 in a fit without any."""

    response: Vector
    D: Vector
    X: Vector
    weights: Vector
    spread_focal: float
    spread_moderator: float


class SmoothSlope(NamedTuple):
    """(g,) slopes and standard errors at the grid, NaN where too few cases are near, and the window used."""

    slope: Vector
    std_error: Vector
    bandwidth: float


def smooth_slope(data: Smooth, grid: Vector, bandwidth: float | None, clusters: NDArray[np.int64] | None) -> SmoothSlope:
    r"""Slope of D at each value of the grid from least squares on 1, D, X, DX with Gaussian weights around it, times those of the rows.

    The variance at a point is :math:`\sum_i (l_i w_i e_i)^2` with :math:`l_i` the weights of the slope in the rows, e the residuals of
    that local regression; with clusters the products are summed within them first.

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
        raise ArgumentError(f"bandwidth={bandwidth!r} is not a length above 0, in the moderator's units")
    middle = float(data.X.mean())
    z = (data.X - middle) / data.spread_moderator
    design = np.column_stack([np.ones_like(z), data.D / data.spread_focal, z, z * data.D / data.spread_focal])
    h = _best_window(design, data) if bandwidth is None else bandwidth / data.spread_moderator
    spots = (grid - middle) / data.spread_moderator
    weights = np.exp(-0.5 * ((spots[:, None] - z) / h) ** 2) * data.weights
    inverse = _inverses(design, weights)
    b = np.einsum("gjk,gk->gj", inverse, weights @ (design * data.response[:, None]))
    row = np.column_stack([np.zeros_like(spots), np.ones_like(spots), np.zeros_like(spots), spots])
    pull = (np.einsum("gj,gjk->gk", row, inverse) @ design.T) * weights
    scores = pull * (data.response - b @ design.T)
    if clusters is not None:
        order = np.argsort(clusters, kind="stable")
        starts = np.searchsorted(clusters[order], np.arange(int(clusters.max()) + 1))
        scores = np.add.reduceat(scores[:, order], starts, axis=1)
    std_error = np.sqrt(np.sum(scores**2, axis=1))
    return SmoothSlope(np.sum(row * b, axis=1) / data.spread_focal, std_error / data.spread_focal, float(h * data.spread_moderator))


def _inverses(design: Vector, weights: Vector) -> Vector:
    """(g, 4, 4) inverses of the weighted cross products, NaN where they are close to singular."""
    n, k = design.shape
    cross = (weights @ (design[:, :, None] * design[:, None, :]).reshape(n, k * k)).reshape(-1, k, k)
    cross /= np.maximum(weights.sum(axis=1), np.finfo(float).tiny)[:, None, None]
    poor = ~(np.linalg.cond(cross) < _MOST_CONDITION)
    cross[poor] = np.eye(k)
    inverse = np.linalg.inv(cross) / np.maximum(weights.sum(axis=1), np.finfo(float).tiny)[:, None, None]
    inverse[poor] = np.nan
    return np.asarray(inverse)


def _best_window(design: Vector, data: Smooth) -> float:
    """Window with the smallest leave-one-out prediction error at up to 200 cases spread evenly over the moderator's order."""
    order = np.argsort(design[:, 2], kind="stable")
    tried = order[np.unique(np.linspace(0, len(order) - 1, min(_TRIED, len(order))).astype(int))]
    distance = design[tried, 2][:, None] - design[:, 2]
    errors = [_left_out_error(design, data, tried, np.exp(-0.5 * (distance / h) ** 2) * data.weights) for h in _WINDOWS]
    return _WINDOWS[int(np.argmin(errors))]


def _left_out_error(design: Vector, data: Smooth, tried: NDArray[np.int64], weights: Vector) -> float:
    """Mean squared e / (1 - h), which is what each case would be missed by without itself."""
    inverse = _inverses(design, weights)
    b = np.einsum("gjk,gk->gj", inverse, weights @ (design * data.response[:, None]))
    own, weight = design[tried], data.weights[tried]
    leverage = weight * np.einsum("gj,gjk,gk->g", own, inverse, own)
    missed = (data.response[tried] - np.sum(own * b, axis=1)) / (1 - leverage)
    return float(np.average(missed**2, weights=weight)) if np.isfinite(missed).all() else float("inf")
