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


def says_nothing(q: int, covariance: Covariance) -> bool:
    """Whether a joint test has as many combinations as clusters less one, and so an F that is large whatever the data are."""
    least = fewest_clusters(covariance)
    return least is not None and not covariance.own_df and q > 1 and q == least - 1


def nothing_text(covariance: Covariance) -> str:
    """The caution of such a test."""
    least = fewest_clusters(covariance) or 0
    return (
        f"a joint test of {least - 1} terms with {least} clusters says nothing: the scores of so few clusters span no more dimensions, "
        "so its F can be any size whatever the data"
    )


def fewest_clusters(covariance: Covariance) -> int | None:
    """Number of clusters, of two ways the smaller one; None without clusters."""
    return min(covariance.clusters) if isinstance(covariance.clusters, tuple) else covariance.clusters


def why_none(q: int, covariance: Covariance) -> str:
    """Why there is no joint test of q combinations."""
    least = fewest_clusters(covariance)
    if least is not None and q > least - 1:
        return f"{least} clusters carry a test of at most {least - 1} terms"
    if covariance.own_df and least is not None:
        return f"the clusters hold too little information to test {q} terms at once"
    return "their covariance is singular"


def joint_text(statistic: float, df1: int, df2: float, p: float, covariance: Covariance) -> str:
    """'F(2, 40) = 3.10, p = .056', or a text that there is no test."""
    if np.isnan(statistic):
        return f"no joint test of {df1} differences, because {why_none(df1, covariance)}"
    # with one difference every such test is the square of its t, an F
    name = covariance.estimator.joint_test.removeprefix("Wald ") if df1 > 1 else "F"
    nothing = f" (which says nothing: {df1} differences with {df1 + 1} clusters)" if says_nothing(df1, covariance) else ""
    return f"{statistic_text(name, statistic, df1, df2)}, {p_text(p)}{nothing}"


def joint_works(covariance: Covariance, df1: int) -> tuple[str, ...]:
    """Keys of the references for a joint test of several combinations."""
    return covariance.estimator.joint_works if df1 > 1 else ()


def _is_singular(matrix: Vector) -> bool:
    """Whether some combination of the values has no variance."""
    size = np.sqrt(np.diag(matrix))
    if not (size > 0).all():
        return True
    return bool(np.linalg.eigvalsh(matrix / np.outer(size, size))[0] <= _SINGULAR)
