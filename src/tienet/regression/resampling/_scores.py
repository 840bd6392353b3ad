"""Computations of the wild cluster bootstrap-t: random signs, and five sums per draw that serve every null value."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.regression.core.least_squares import Solution
from tienet.regression.resampling.draws import blocks

WildWeights: TypeAlias = Literal["rademacher", "webb"]
_WEBB = np.array([-(1.5**0.5), -1.0, -(0.5**0.5), 0.5**0.5, 1.0, 1.5**0.5])
_TIE = 1e-9  # two t statistics are tied if they are closer than this, relative to their size
_REACH = 0.25 * 1.3 ** np.arange(70)  # standard errors from the estimate, out to 18 million


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSums:
    r"""Sums per draw from which t* follows for any null value r.

    With :math:`\delta` the estimate minus r, the numerator of t* is :math:`n_0 + \delta n_1` and the sum of its squared scores
    :math:`q_0 + 2 \delta q_1 + \delta^2 q_2`.
    """

    estimate: float
    error: float
    factor: float
    numerator: Vector
    squares: Vector

    def statistic(self, null: float) -> float:
        return (self.estimate - null) / self.error

    def _parts(self, null: float) -> tuple[Vector, Vector]:
        """Numerators and variances of the bootstrap t: (draws,) each."""
        away = self.estimate - null
        variance = self.squares[0] + away * (2 * self.squares[1] + away * self.squares[2])
        return self.numerator[0] + away * self.numerator[1], self.factor * np.maximum(variance, 0.0)

    def drawn(self, null: float) -> Vector:
        """(draws,) t*."""
        top, variance = self._parts(null)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(top / np.sqrt(variance))

    def shares(self, null: float) -> tuple[float, float]:
        """Share of draws with |t*| above the observed |t|, and with |t*| at least as large; compared without a division."""
        top, variance = self._parts(null)
        observed = self.statistic(null) ** 2 * variance
        drawn = top**2
        return float(np.mean(drawn > observed * (1 + 2 * _TIE))), float(np.mean(drawn >= observed * (1 - 2 * _TIE)))

    def limit(self, side: float, alpha: float) -> float:
        """Null value on one side of the estimate at which rejection begins."""
        for near, far in pairwise((0.0, *_REACH)):
            if self.shares(self.estimate + side * far * self.error)[0] <= alpha:
                return self._halved(side, near, far, alpha)
        return side * float("inf")

    def _halved(self, side: float, near: float, far: float, alpha: float) -> float:
        for _ in range(48):
            middle = (near + far) / 2
            if self.shares(self.estimate + side * middle * self.error)[0] <= alpha:
                far = middle
            else:
                near = middle
        return self.estimate + side * (near + far) / 2 * self.error


def score_sums(
    solution: Solution, direction: Vector, codes: NDArray[np.int64], kind: str, draws: int | None, rng: np.random.Generator
) -> ScoreSums:
    """Make the draws (None: one of each two mirrored sign patterns) and keep five sums of each."""
    n, k = solution.basis.shape
    groups = int(codes.max()) + 1
    scores, projected = _by_cluster(solution, direction, codes, groups)
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    own = scores @ direction
    error = float((factor * (own[0] @ own[0])) ** 0.5)
    if not error > 1e-12 * np.linalg.norm(direction) * np.linalg.norm(solution.residuals):
        raise ModelError("the clustered standard error of this coefficient or slope is 0, so there is nothing to test")
    many = 2 ** (groups - 1) if draws is None else draws
    numerator, squares = np.empty((2, many)), np.empty((3, many))
    for part in blocks(many, 4 * groups + 2 * k):
        signs = _signs(part, groups) if draws is None else _weights(kind, (part.stop - part.start, groups), rng)
        base, slope = (_drawn_scores(signs, own[i], scores[i], projected) for i in (0, 1))
        numerator[:, part] = own @ signs.T
        for row, (left, right) in enumerate(((base, base), (base, slope), (slope, slope))):
            squares[row, part] = np.einsum("ij,ij->i", left, right)
    return ScoreSums(float(direction @ solution.coordinates), error, factor, numerator, squares)


def _drawn_scores(signs: Vector, own: Vector, scores: Vector, projected: Vector) -> Vector:
    """(draws, G) score of every cluster in every draw: one product with few clusters, via the k sums with many."""
    if len(own) <= 4 * projected.shape[1]:
        return np.asarray(signs @ (np.diag(own) - scores @ projected.T))
    return np.asarray(signs * own - (signs @ scores) @ projected.T)


def _by_cluster(solution: Solution, direction: Vector, codes: NDArray[np.int64], groups: int) -> tuple[Vector, Vector]:
    """(2, G, k) scores of each cluster at the estimate and per unit of distance to the null, and (G, k) a'X_g'X_g."""
    fitted = solution.basis @ direction
    rows = np.stack([solution.basis * solution.residuals[:, None], solution.basis * fitted[:, None]])
    sums = np.zeros((2, groups, solution.basis.shape[1]))
    for total, each in zip(sums, rows, strict=True):
        np.add.at(total, codes, each)
    projected = sums[1].copy()
    sums[1] /= direction @ direction
    return sums, projected


def _signs(part: slice, groups: int) -> Vector:
    """Sign patterns by number, with the last cluster always +1: the others are mirror images with the same |t|."""
    bits = (np.arange(part.start, part.stop)[:, None] >> np.arange(groups)) & 1
    return np.asarray(1.0 - 2.0 * bits, dtype=float)


def _weights(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> Vector:
    if kind == "rademacher":
        return np.asarray(2.0 * rng.integers(0, 2, shape, dtype=np.int8) - 1.0, dtype=float)
    return np.asarray(_WEBB[rng.integers(0, 6, shape, dtype=np.int8)])
