"""Cluster-robust covariances: the base class of CR0 to CR3, one-way and two-way, and CR0 and CR1."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.regression.core.degrees import SmallSampleFactor
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.cluster_sums import small_sample_factor, sums
from tienet.regression.covariance.sandwich import Sandwich


class Clustered(Sandwich):
    r"""Errors correlated within clusters: :math:`W = c \sum_g B_g' A_g e_g e_g' A_g B_g`, with G - 1 degrees of freedom.

    :math:`A_g` corrects the residuals of a cluster for leverage and c is a small-sample factor; each subclass defines both. For two-way
    clusters the meat is :math:`W_1 + W_2 - W_{12}`, each part with the factor for its own number of clusters (the convention of Petersen
    and Stata), and negative eigenvalues are set to 0. With weights, B and e are multiplied by the square roots of the weights.

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
        """(G, k) scores B_g' A_g e_g, one row per cluster."""
        return sums(basis * residuals[:, None], codes)

    def one_way(self, basis: Vector, residuals: Vector, codes: Codes, swept: int = 0) -> tuple[Vector, float]:
        """Meat and factor for one-way clusters with (n,) codes; `swept` more coefficients are counted in the factor."""
        n, k = basis.shape
        scores, factor = self.scores(basis, residuals, codes), self.factor(int(codes.max()) + 1, n, k + swept)
        return factor * scores.T @ scores, factor

    def meat(
        self,
        solution: Solution,
        codes: Codes | None = None,
        *,
        rows: Codes | None = None,  # noqa: ARG002
    ) -> tuple[Vector, SmallSampleFactor]:
        """The sum over clusters; for two-way clusters the sum of both ways minus that of their intersections."""
        assert codes is not None  # noqa: S101 - chosen_covariance refuses a clustered kind without a cluster
        if codes.ndim == 1:
            return self.one_way(solution.basis, solution.residuals, codes, solution.swept)
        combined, factors = self._two_way(solution, codes)
        values, vectors = np.linalg.eigh(combined)
        return (vectors * np.maximum(values, 0.0)) @ vectors.T, factors

    def below_zero(self, solution: Solution, codes: Codes) -> int:
        """Number of eigenvalues of the two-way meat that were negative beyond rounding, and were set to 0."""
        values = np.linalg.eigvalsh(self._two_way(solution, codes)[0])
        return int((values < -1e-12 * np.abs(values).max()).sum())

    def _two_way(self, solution: Solution, codes: Codes) -> tuple[Vector, tuple[float, ...]]:
        """W_1 + W_2 - W_12 before negative eigenvalues are set to 0, and the factors of the three parts."""
        both = np.unique(codes, axis=0, return_inverse=True)[1].ravel()
        parts = [self.one_way(solution.basis, solution.residuals, part) for part in (codes[:, 0], codes[:, 1], both)]
        matrices, factors = zip(*parts, strict=True)
        return matrices[0] + matrices[1] - matrices[2], tuple(float(factor) for factor in factors)


class CR0(Clustered):
    """Uncorrected scores, without a factor."""

    name = "CR0"
    works = ("liang_zeger_1986",)
    with_instruments = True


class CR1(CR0):
    r"""Uncorrected scores, times :math:`G/(G-1) \cdot (n-1)/(n-k)`."""

    name = "CR1"
    works = ("cameron_miller_2015",)

    def factor(self, groups: int, n: int, k: int) -> float:
        """G/(G - 1) (n - 1)/(n - k)."""
        return small_sample_factor(groups, n, k)
