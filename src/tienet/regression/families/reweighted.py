"""Coefficients of a generalised linear model for many sets of weights at once, in functions of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.regression.core.response import Link

_STEPS, _CLOSE, _FAR, _FLAT = 40, 1e-8, 25.0, 1e-10


def reweighted(
    columns: Vector, response: Vector, offset: Vector | None, link: Link, family: Any, start: Vector
) -> Callable[[Vector], Vector]:
    """A function of (d, n) weights that returns (d, k) maxima by Fisher scoring, NaN where there is none.

    Parameters
    ----------
    columns, response, offset
        (n, k) well-scaled columns, (n,) outcomes and the fixed part of eta.
    link
        The link.
    family
        Statsmodels' family, for its variance; parameters of its own, such as alpha, stay as they are.
    start
        (k,) maximum with equal weights.
    """
    n, k = columns.shape
    squares = (columns[:, :, None] * columns[:, None, :]).reshape(n, k * k)
    fixed = np.zeros(n) if offset is None else offset

    def maxima(weights: Vector) -> Vector:
        b = np.tile(start, (len(weights), 1))
        lost, moving = np.zeros(len(weights), dtype=bool), np.ones(len(weights), dtype=bool)
        with np.errstate(all="ignore"):
            for _ in range(_STEPS):
                at = np.flatnonzero(moving)
                if not at.size:
                    break
                eta = b[at] @ columns.T + fixed
                mean, slope = link.mean(eta), link.first(eta)
                pull = weights[at] * slope / family.variance(mean)
                score = (pull * (response - mean)) @ columns
                information = ((pull * slope) @ squares).reshape(-1, k, k)
                good = np.isfinite(information).all(axis=(1, 2)) & np.isfinite(score).all(axis=1)
                information[~good] = np.eye(k)
                good &= np.linalg.eigvalsh(information)[:, 0] > _FLAT * n
                information[~good] = np.eye(k)
                step = np.linalg.solve(information, np.where(good[:, None], score, 0.0)[..., None])[..., 0]
                b[at] += step
                gone = ~good | (np.abs(b[at]) > _FAR).any(axis=1)
                lost[at[gone]] = True
                moving[at] = ~gone & (np.abs(step).max(axis=1) > _CLOSE)
        b[lost | moving] = np.nan
        return b

    return maxima
