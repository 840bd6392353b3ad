"""CR3, the clustered covariance that approximates the jackknife over clusters."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.regression.covariance.cluster_sums import ALONE, adjusted, spectra, sums
from tienet.regression.covariance.clustered import Clustered


class CR3(Clustered):
    r"""Scores with :math:`A_g = (I - H_{gg})^{-1}`, without a factor (some packages multiply it by (G - 1)/G).

    It is not defined if a cluster alone determines a coefficient, since I - H_gg then has no inverse.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    """

    name = "CR3"
    works = ("bell_mccaffrey_2002",)
    one_way_only = "its leverage correction is per group, and two groupings have no common one"

    def scores(self, basis: Vector, residuals: Vector, codes: Codes) -> Vector:
        """(G, k) scores with the residuals that each cluster has under a fit to the other clusters."""
        values, vectors = spectra(basis, codes)
        _refuse_alone(values, codes)
        return adjusted(sums(basis * residuals[:, None], codes), (values, vectors), -1.0)


def _refuse_alone(values: Vector, codes: Codes) -> None:
    """Refuse clusters that alone determine a coefficient. No other kind is suggested, since their error is far too small."""
    alone = np.flatnonzero(1 - values[:, -1] <= ALONE)
    if alone.size:
        sizes = np.bincount(codes)[alone]
        others = f" (and {counted(alone.size - 1, 'other cluster')})" if alone.size > 1 else ""
        raise ModelError(
            f"CR3 is not defined: a cluster of {counted(int(sizes[0]), 'row')}{others} alone determines a coefficient; drop that term "
            "(CR0, CR1 and CR2 give a standard error for it, but one that is far too small)"
        )
