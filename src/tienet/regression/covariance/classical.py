"""The classical covariance: independent errors with equal variance."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.sandwich import Sandwich


class Classical(Sandwich):
    r"""Errors with equal variance: :math:`W = I \, e'e / (n - k)`."""

    name = "classical"
    equal_variance = True
    with_instruments = True
    joint_test = "F"

    def meat(self, solution: Solution, codes: Codes | None = None, *, rows: Codes | None = None) -> tuple[Vector, float]:  # noqa: ARG002
        """The residual variance times the identity."""
        n, k = solution.basis.shape
        return np.eye(k) * (solution.residuals @ solution.residuals / (n - k)), 1.0
