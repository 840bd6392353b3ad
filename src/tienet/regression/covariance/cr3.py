"""CR3, the clustered covariance close to leaving out one cluster after another."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.regression.covariance.cluster_sums import ALONE, adjusted, spectra, sums
from tienet.regression.covariance.clustered import Clustered


class CR3(Clustered):
    r"""Scores with :math:`A_g = (I - H_{gg})^{-1}`, without a factor (others multiply it by (G - 1)/G).

    It is not defined where one cluster alone decides a coefficient: I - H_gg has no inverse.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    """

    name = "CR3"
    works = ("bell_mccaffrey_2002",)
    one_way_only = "its correction undoes the leverage within each group, and with two groupings there is no single one"

    def scores(self, basis: Vector, residuals: Vector, codes: Codes) -> Vector:
        """(G, k) scores with the residuals of each cluster as if the others alone had been fitted."""
        values, vectors = spectra(basis, codes)
        _refuse_alone(values, codes)
        return adjusted(sums(basis * residuals[:, None], codes), (values, vectors), -1.0)


def _refuse_alone(values: Vector, codes: Codes) -> None:
    """The other clustered kinds would answer, with an error far too small: nobody is sent there."""
    alone = np.flatnonzero(1 - values[:, -1] <= ALONE)
    if alone.size:
        sizes = np.bincount(codes)[alone]
        others = f" (and {counted(alone.size - 1, 'other cluster')})" if alone.size > 1 else ""
        raise ModelError(
            f"CR3 is not defined: a cluster of {counted(int(sizes[0]), 'row')}{others} alone decides a coefficient; drop the term it "
            "alone carries (CR0, CR1 and CR2 do print an error for that term, but one far too small)"
        )
