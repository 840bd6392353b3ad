"""CR3, the clustered covariance that approximates the jackknife over clusters."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted, listed
from tienet.regression.core.degrees import SmallSampleFactor
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.cluster_sums import ALONE, adjusted, spectra, sums
from tienet.regression.covariance.clustered import Clustered
from tienet.regression.covariance.held import shown_terms, terms_along
from tienet.regression.covariance.satterthwaite_degrees import Satterthwaite, satterthwaite


class CR3(Clustered):
    r"""Scores with :math:`A_g = (I - H_{gg})^{-1}`, without a factor (some packages multiply it by (G - 1)/G).

    Every t has Satterthwaite degrees of freedom, and a joint test is HTZ, both as under CR2 but with these :math:`A_g`. It is not defined
    if a cluster alone determines a coefficient, since I - H_gg then has no inverse.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
    Tipton, E. & Pustejovsky, J. E. (2015). Journal of Educational and Behavioral Statistics 40, 604-634: the HTZ test.
    """

    name = "CR3"
    works = ("bell_mccaffrey_2002", "pustejovsky_tipton_2018")
    df_name = "Satterthwaite"
    joint_test = "HTZ"
    joint_works = ("tipton_pustejovsky_2015",)
    one_way_only = "its leverage correction is per group, and two groupings have no common one"

    def meat(self, solution: Solution, codes: Codes | None = None, *, rows: Codes | None = None) -> tuple[Vector, SmallSampleFactor]:
        """The sum over clusters; refuses clusters that alone determine a coefficient."""
        if codes is not None:
            _refuse_alone(solution, codes)
        return Clustered.meat(self, solution, codes, rows=rows)

    def scores(self, basis: Vector, residuals: Vector, codes: Codes) -> Vector:
        """(G, k) scores with the residuals that each cluster has under a fit to the other clusters."""
        return adjusted(sums(basis * residuals[:, None], codes), spectra(basis, codes), -1.0)

    def own_degrees(self, solution: Solution, codes: Codes | None = None) -> Satterthwaite | None:
        """Satterthwaite degrees of freedom with the adjustment of CR3."""
        return None if codes is None else satterthwaite(solution.basis, solution.back, codes, -1.0)


def _refuse_alone(solution: Solution, codes: Codes) -> None:
    """Refuse clusters that alone determine a coefficient. No other kind is suggested, since their error is far too small."""
    values, vectors = spectra(solution.basis, codes)
    alone = np.flatnonzero(1 - values[:, -1] <= ALONE)
    if alone.size:
        sizes = np.bincount(codes)[alone]
        others = f" (and {counted(alone.size - 1, 'other cluster')})" if alone.size > 1 else ""
        directions = vectors[alone].transpose(0, 2, 1)[1 - values[alone] <= ALONE]
        held = terms_along(solution, directions)
        what = listed(shown_terms(held)) if held else "a coefficient"
        raise ModelError(
            f"CR3 is not defined: a cluster of {counted(int(sizes[0]), 'row')}{others} alone determines {what}; no clustered error "
            f"or bootstrap can test that, so drop {'that term' if len(held) < 2 else 'those terms'}, or report "
            f"{'it' if len(held) < 2 else 'them'} without a test"
        )
