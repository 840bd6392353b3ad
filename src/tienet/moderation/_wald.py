"""The test that several coefficients, or combinations of them, are zero at once."""

from __future__ import annotations

import numpy as np

from tienet._clustered import Satterthwaite
from tienet._ols import Vector

_SINGULAR = 1e-12


def wald_f(values: Vector, matrix: Vector, df: float, small: Satterthwaite | None = None) -> tuple[float, int, float]:
    r"""Wald F of q values with their covariance: F, df1 = q and df2.

    Parameters
    ----------
    values, matrix
        (q,) and (q, q).
    df
        Degrees of freedom of the covariance, df2 of :math:`F = v' V^{-1} v / q`.
    small
        Under CR2, over exactly these q values: then :math:`F = v' V^{-1} v (\eta - q + 1) / (\eta q)` with
        :math:`df_2 = \eta - q + 1` (HTZ).

    Returns
    -------
    tuple
        F is NaN where there is no test: more values than degrees of freedom (the scores of G clusters span at most G - 1 directions),
        a covariance that is singular, or :math:`\eta - q + 1 \le 0` (df2 is then NaN too).

    References
    ----------
    Tipton, E. & Pustejovsky, J. E. (2015). Journal of Educational and Behavioral Statistics 40, 604-634.
    """
    q = len(values)
    eta = df if small is None else small.hotelling(np.eye(q))
    df2 = df if small is None else eta - q + 1
    if small is not None and not df2 > 0:
        return float("nan"), q, float("nan")
    if (small is None and q > df) or _is_singular(matrix):
        return float("nan"), q, df2
    statistic = float(values @ np.linalg.solve(matrix, values)) / q
    return (statistic if small is None else statistic * df2 / eta), q, df2


def _is_singular(matrix: Vector) -> bool:
    """Whether the correlations among the values leave a direction without any variance."""
    size = np.sqrt(np.diag(matrix))
    if not (size > 0).all():
        return True
    return bool(np.linalg.eigvalsh(matrix / np.outer(size, size))[0] <= _SINGULAR)
