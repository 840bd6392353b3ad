"""Coefficients of a generalised linear model for many sets of weights at once, in functions of arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Sealed
from tienet.regression.core.response import Link

_STEPS, _CLOSE, _FAR, _FLAT = 40, 1e-8, 25.0, 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Reweighted(Sealed):
    """The maxima of a likelihood for (d, n) weights of its rows: (d, k) coefficients by Fisher scoring, NaN where there is none.

    Parameters
    ----------
    columns, response, offset
        (n, k) well-scaled columns, (n,) outcomes and the fixed part of eta.
    link
        The link.
    family
        Makes statsmodels' family, for its variance; parameters of its own, such as alpha, stay as they are.
    own
        These parameters.
    start
        (k,) maximum with equal weights.
    back
        (k, k) map from coefficients of the columns to those that are returned.
    """

    columns: Vector
    response: Vector
    offset: Vector | None
    link: Link
    family: Callable[[Mapping[str, float]], Any] = field(repr=False)
    own: Mapping[str, float]
    start: Vector
    back: Vector

    def __call__(self, weights: Vector) -> Vector:
        """(d, k) coefficients."""
        columns, (n, k), family = self.columns, self.columns.shape, self.family(self.own)
        squares = (columns[:, :, None] * columns[:, None, :]).reshape(n, k * k)
        fixed = np.zeros(n) if self.offset is None else self.offset
        b = np.tile(self.start, (len(weights), 1))
        lost, moving = np.zeros(len(weights), dtype=bool), np.ones(len(weights), dtype=bool)
        with np.errstate(all="ignore"):
            for _ in range(_STEPS):
                at = np.flatnonzero(moving)
                if not at.size:
                    break
                eta = b[at] @ columns.T + fixed
                mean, slope = self.link.mean(eta), self.link.first(eta)
                pull = weights[at] * slope / family.variance(mean)
                score = (pull * (self.response - mean)) @ columns
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
        return b @ self.back.T
