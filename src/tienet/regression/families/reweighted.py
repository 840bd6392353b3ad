"""Coefficients of a generalised linear model for many sets of weights at once, in functions of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Sealed
from tienet.regression.core.response import Link, link_named

_STEPS, _CLOSE, _FAR, _FLAT = 40, 1e-8, 25.0, 1e-10


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reweighted(Sealed):
    """A function of (d, n) weights that returns (d, k) maxima by Fisher scoring, NaN where there is none.

    Parameters
    ----------
    columns, response, offset
        (n, k) well-scaled columns, (n,) outcomes and the fixed part of eta.
    link
        Name of the link.
    family
        Statsmodels' family, for its variance; parameters of its own, such as alpha, stay as they are.
    start
        (k,) maximum with equal weights.
    back
        (k, k) map from these coefficients to those returned.
    """

    columns: Vector
    response: Vector
    offset: Vector | None
    link: str
    family: Any
    start: Vector
    back: Vector

    def __call__(self, weights: Vector) -> Vector:
        """The maxima for each row of weights."""
        n, k = self.columns.shape
        squares = (self.columns[:, :, None] * self.columns[:, None, :]).reshape(n, k * k)
        fixed, link = np.zeros(n) if self.offset is None else self.offset, link_named(self.link)
        b = np.tile(self.start, (len(weights), 1))
        lost, moving = np.zeros(len(weights), dtype=bool), np.ones(len(weights), dtype=bool)
        with np.errstate(all="ignore"):
            for _ in range(_STEPS):
                at = np.flatnonzero(moving)
                if not at.size:
                    break
                step, good = self._step(b[at], weights[at], squares, fixed, link)
                b[at] += step
                gone = ~good | (np.abs(b[at]) > _FAR).any(axis=1)
                lost[at[gone]] = True
                moving[at] = ~gone & (np.abs(step).max(axis=1) > _CLOSE)
        b[lost | moving] = np.nan
        return np.asarray(b @ self.back.T)

    def _step(self, b: Vector, weights: Vector, squares: Vector, fixed: Vector, link: Link) -> tuple[Vector, Any]:
        """One step of Fisher scoring for each row, and whether its information could be inverted."""
        n, k = self.columns.shape
        eta = b @ self.columns.T + fixed
        mean, slope = link.mean(eta), link.first(eta)
        pull = weights * slope / self.family.variance(mean)
        score = (pull * (self.response - mean)) @ self.columns
        information = ((pull * slope) @ squares).reshape(-1, k, k)
        good = np.isfinite(information).all(axis=(1, 2)) & np.isfinite(score).all(axis=1)
        information[~good] = np.eye(k)
        good &= np.linalg.eigvalsh(information)[:, 0] > _FLAT * n
        information[~good] = np.eye(k)
        return np.linalg.solve(information, np.where(good[:, None], score, 0.0)[..., None])[..., 0], good
