"""CR2, the bias-reduced clustered covariance, with Satterthwaite's degrees of freedom and the HTZ test."""

from __future__ import annotations

from tienet.base.arrays import Codes, Vector
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.cluster_sums import adjusted, spectra, sums
from tienet.regression.covariance.clustered import Clustered
from tienet.regression.covariance.satterthwaite_degrees import Satterthwaite, satterthwaite


class CR2(Clustered):
    r"""Scores with the symmetric :math:`A_g = (I - H_{gg})^{-1/2}`, or its pseudo-inverse if a cluster alone determines a coefficient.

    With weights, the working model has independent errors with variance 1/w. The symmetric root is taken after the rows are multiplied by
    the square roots of their weights. clubSandwich takes it before; its result is also unbiased but not the same number.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
    Tipton, E. & Pustejovsky, J. E. (2015). Journal of Educational and Behavioral Statistics 40, 604-634: the HTZ test.
    """

    name = "CR2"
    works = ("bell_mccaffrey_2002", "pustejovsky_tipton_2018")
    df_name = "Satterthwaite"
    joint_test = "HTZ"
    joint_works = ("tipton_pustejovsky_2015",)
    one_way_only = "its leverage correction is per group, and two groupings have no common one"

    def scores(self, basis: Vector, residuals: Vector, codes: Codes) -> Vector:
        """(G, k) scores with the residuals of each cluster corrected for leverage."""
        return adjusted(sums(basis * residuals[:, None], codes), spectra(basis, codes), -0.5)

    def own_degrees(self, solution: Solution, codes: Codes | None = None) -> Satterthwaite | None:
        """The Satterthwaite degrees of freedom of Bell and McCaffrey."""
        return None if codes is None else satterthwaite(solution.basis, solution.back, codes, -0.5)
