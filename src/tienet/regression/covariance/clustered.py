"""Covariances of clustered errors: the base of CR0 to CR3, one-way and two-way."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.regression.core.degrees import SmallSampleFactor
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.cluster_sums import small_sample_factor, sums
from tienet.regression.covariance.sandwich import Sandwich


class Clustered(Sandwich):
    r"""Errors that go together within clusters: :math:`W = c \sum_g B_g' A_g e_g e_g' A_g B_g`, with G - 1 degrees of freedom.

    :math:`A_g` undoes what leverage took from the residuals of a cluster, c is a small-sample factor; a child says which. Two-way it is
    :math:`W_1 + W_2 - W_{12}`, each with the factor of its own number of clusters (Petersen's and Stata's convention), and eigenvalues
    below zero are set to 0. With weights B and e are multiplied by their roots.

    References
    ----------
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011). Journal of Business & Economic Statistics 29, 238-249.
    Petersen, M. A. (2009). Review of Financial Studies 22, 435-480.
    """

    clustered = True

    def factor(self, groups: int, n: int, k: int) -> float:  # noqa: ARG002 - for children
        """The small-sample factor c."""
        return 1.0

    def scores(self, basis: Vector, residuals: Vector, codes: Codes) -> Vector:
        """(G, k) scores B_g' A_g e_g of the clusters."""
        return sums(basis * residuals[:, None], codes)

    def one_way(self, basis: Vector, residuals: Vector, codes: Codes) -> tuple[Vector, float]:
        """Meat and factor for (n,) codes of one cluster."""
        scores, factor = self.scores(basis, residuals, codes), self.factor(int(codes.max()) + 1, *basis.shape)
        return factor * scores.T @ scores, factor

    def meat(
        self,
        solution: Solution,
        codes: Codes | None = None,
        *,
        rows: Codes | None = None,  # noqa: ARG002
    ) -> tuple[Vector, SmallSampleFactor]:
        """The sum over clusters, or over both ways less their intersection."""
        assert codes is not None  # noqa: S101 - a kind that needs a cluster is not chosen without one
        if codes.ndim == 1:
            return self.one_way(solution.basis, solution.residuals, codes)
        combined, factors = self._two_way(solution, codes)
        values, vectors = np.linalg.eigh(combined)
        return (vectors * np.maximum(values, 0.0)) @ vectors.T, factors

    def below_zero(self, solution: Solution, codes: Codes) -> int:
        """How many eigenvalues of the two-way meat are below zero by more than rounding, and were set to 0."""
        values = np.linalg.eigvalsh(self._two_way(solution, codes)[0])
        return int((values < -1e-12 * np.abs(values).max()).sum())

    def _two_way(self, solution: Solution, codes: Codes) -> tuple[Vector, tuple[float, ...]]:
        """W_1 + W_2 - W_12 as it comes, and the factors of the three."""
        both = np.unique(codes, axis=0, return_inverse=True)[1].ravel()
        parts = [self.one_way(solution.basis, solution.residuals, part) for part in (codes[:, 0], codes[:, 1], both)]
        matrices, factors = zip(*parts, strict=True)
        return matrices[0] + matrices[1] - matrices[2], tuple(float(factor) for factor in factors)


class CR0(Clustered):
    """Scores as they are, without a factor."""

    name = "CR0"
    works = ("liang_zeger_1986",)
    with_instruments = True


class CR1(CR0):
    r"""Scores as they are, times :math:`G/(G-1) \cdot (n-1)/(n-k)`."""

    name = "CR1"
    works = ("cameron_miller_2015",)

    def factor(self, groups: int, n: int, k: int) -> float:
        """G/(G - 1) (n - 1)/(n - k)."""
        return small_sample_factor(groups, n, k)
