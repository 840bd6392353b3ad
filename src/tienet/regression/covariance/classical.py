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
        return np.eye(solution.basis.shape[1]) * (solution.residuals @ solution.residuals / solution.df), 1.0
