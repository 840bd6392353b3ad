"""The kinds of covariance of a least-squares fit, as the meat of a sandwich in the coordinates of its basis."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.regression.core.degrees import SmallSampleFactor
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.clustered import clustered_meat

RobustKind: TypeAlias = Literal["classical", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5"]


ClusterKind: TypeAlias = Literal["CR0", "CR1", "CR2", "CR3"]


ROBUST: tuple[str, ...] = get_args(RobustKind)


CLUSTERED: tuple[str, ...] = get_args(ClusterKind)


_FULL_LEVERAGE = 1 - 1e-8


def meat(
    solution: Solution, kind: str, codes: NDArray[np.int64] | None = None, rows: NDArray[np.int64] | None = None
) -> tuple[Vector, SmallSampleFactor]:
    r"""Covariance of the coordinates, and its small-sample factor.

    Parameters
    ----------
    solution
        The fit.
    kind
        "classical", "HC0" to "HC5", "HC4m", or "CR0" to "CR3".
    codes
        (n,) cluster of each row, 0 to G - 1, for the clustered kinds; (n, 2) for two-way clusters.
    rows
        (n,) row numbers for messages.

    Returns
    -------
    tuple
        (k, k) matrix W, so that the covariance of the coefficients is ``back @ W @ back.T``, and the factor already in it.

    Raises
    ------
    ModelError
        When a row has leverage 1 under HC2 to HC5: its weight would be 0/0; when a cluster alone decides a coefficient under CR3.

    Notes
    -----
    With residuals e, leverages h, n rows and k coefficients, the weights are :math:`e^2` (HC0), :math:`e^2 n/(n-k)` (HC1),
    :math:`e^2/(1-h)` (HC2), :math:`e^2/(1-h)^2` (HC3), :math:`e^2/(1-h)^{\min(4, nh/k)}` (HC4),
    :math:`e^2/(1-h)^{\min(1, nh/k) + \min(1.5, nh/k)}` (HC4m) and :math:`e^2/(1-h)^{\min(nh/k, \max(4, .7 n h_{max}/k))/2}` (HC5).
    The clustered kinds are those of `clustered_meat`.

    References
    ----------
    MacKinnon, J. G. & White, H. (1985). Journal of Econometrics 29, 305-325.
    Cribari-Neto, F. (2004); Cribari-Neto, F. & da Silva, W. B. (2011): HC4, HC4m; Cribari-Neto, Souza & Vasconcellos (2007): HC5.
    """
    n, k = solution.basis.shape
    if kind == "classical":
        return np.eye(k) * (solution.residuals @ solution.residuals / (n - k)), 1.0
    if kind in CLUSTERED:
        assert codes is not None  # noqa: S101 - the callers pair the clustered kinds with their clusters
        return clustered_meat(solution.basis, solution.residuals, codes, kind)
    factor = n / (n - k) if kind == "HC1" else 1.0
    weights = factor * solution.residuals**2 / _discount(solution.leverage, kind, k, rows)
    return (solution.basis * weights[:, None]).T @ solution.basis, factor


def _discount(leverage: Vector, kind: str, k: int, rows: NDArray[np.int64] | None) -> Vector:
    """Divisors of the squared residuals."""
    if kind in ("HC0", "HC1"):
        return np.ones_like(leverage)
    full = np.flatnonzero(leverage > _FULL_LEVERAGE)
    if full.size:
        numbers = full if rows is None else rows[full]
        raise ModelError(
            f"{kind} is not defined: row {', '.join(str(i + 1) for i in numbers[:8])} (counted from 1) alone decides a coefficient "
            "(leverage 1); drop the term it alone carries, or use HC1"
        )
    ratio = len(leverage) * leverage / k
    exponent = {
        "HC2": np.ones_like(leverage),
        "HC3": np.full_like(leverage, 2.0),
        "HC4": np.minimum(4.0, ratio),
        "HC4m": np.minimum(1.0, ratio) + np.minimum(1.5, ratio),
        "HC5": np.minimum(ratio, max(4.0, 0.7 * float(ratio.max()))) / 2,
    }[kind]
    return np.asarray((1 - leverage) ** exponent)
