"""Wald tests that several coefficients, or combinations of them, are all zero."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.numbers import p_text, statistic_text
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.degrees import OwnDegrees

_SINGULAR = 1e-12


def wald_f(values: Vector, matrix: Vector, degrees: OwnDegrees) -> tuple[float, int, float]:
    r"""Wald F of q values and their covariance: F, df1 = q and df2.

    Parameters
    ----------
    values, matrix
        (q,) and (q, q).
    degrees
        Degrees of freedom of exactly these q values. Shared ones are df2 of :math:`F = v' V^{-1} v / q`. Others may change F as well:
        under CR2, :math:`F = v' V^{-1} v (\eta - q + 1) / (\eta q)` with :math:`df_2 = \eta - q + 1` (HTZ). A random intercept keeps F
        and uses the df2 of Fai and Cornelius. After imputation V is that of D1 (Li, Raghunathan and Rubin).

    Returns
    -------
    tuple
        F is NaN if there is no test: more values than degrees of freedom with clusters, a singular covariance, or
        :math:`\eta - q + 1 \le 0` (df2 is then NaN too).

    References
    ----------
    Tipton, E. & Pustejovsky, J. E. (2015). Journal of Educational and Behavioral Statistics 40, 604-634.
    """
    q = len(values)
    scale, df2 = degrees.joint(np.eye(q))
    matrix = degrees.joint_matrix(matrix)
    if not df2 > 0:
        return float("nan"), q, float("nan")
    if np.isnan(scale) or _is_singular(matrix):
        return float("nan"), q, df2
    return scale * float(values @ np.linalg.solve(matrix, values)) / q, q, df2


def joint_text(statistic: float, df1: int, df2: float, p: float, covariance: Covariance) -> str:
    """'F(2, 40) = 3.10, p = .056', or a text that there is no test."""
    if np.isnan(statistic):
        return f"no joint test of {df1} differences under this covariance"
    # with one difference every such test is the square of its t, an F
    name = covariance.estimator.joint_test.removeprefix("Wald ") if df1 > 1 else "F"
    return f"{statistic_text(name, statistic, df1, df2)}, {p_text(p)}"


def joint_works(covariance: Covariance, df1: int) -> tuple[str, ...]:
    """Keys of the references for a joint test of several combinations."""
    return covariance.estimator.joint_works if df1 > 1 else ()


def _is_singular(matrix: Vector) -> bool:
    """Whether some combination of the values has no variance."""
    size = np.sqrt(np.diag(matrix))
    if not (size > 0).all():
        return True
    return bool(np.linalg.eigvalsh(matrix / np.outer(size, size))[0] <= _SINGULAR)
