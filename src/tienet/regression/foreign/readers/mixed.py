"""Random intercepts and slopes of statsmodels' MixedLM."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.numbers import counted
from tienet.regression.foreign.readers.shared import NORMAL, is_model, reading_of
from tienet.regression.foreign.reading import ForeignErrors, ForeignResult

READS = "MixedLM"


def takes(result: Any) -> bool:
    """Whether it is a multilevel model."""
    return is_model(result, ("MixedLM",))


def read(result: Any) -> ForeignResult:
    """What is taken from it: fixed effects, their covariance at the estimated variances, and the units."""
    model = result.model
    units = np.unique(np.asarray(model.groups), return_inverse=True)[1].astype(np.int64)
    k = model.exog.shape[1]
    components = model.k_vc > 0
    matrix = np.asarray(result.cov_params(), dtype=float)[:k, :k] if components else _gls(model, result.cov_re, float(result.scale), units)
    told = "REML" if model.reml else "ML"
    return reading_of(
        result,
        f"MixedLM by {told} ({counted(int(units.max()) + 1, 'unit')})",
        errors=ForeignErrors("likelihood" if components else "GLS", NORMAL, factor=1.0),
        matrix=matrix,
        units=units,
        beside=_variances(result),
    )


def _gls(model: Any, covariance: Any, residual: float, units: Codes) -> Vector:
    r""":math:`(\sum_j X_j' V_j^{-1} X_j)^{-1}` with :math:`V_j = Z_j \Psi Z_j' + \sigma^2 I`, without a matrix for each unit.

    :math:`V^{-1} = (I - Z (\sigma^2 I + \Psi Z'Z)^{-1} \Psi Z')/\sigma^2`, also with a variance of 0.
    """
    X, Z = np.asarray(model.exog, dtype=float), np.asarray(model.exog_re, dtype=float)
    psi = np.asarray(covariance, dtype=float)
    order = np.argsort(units, kind="stable")
    X, Z, starts = X[order], Z[order], np.unique(units[order], return_index=True)[1]
    inner = np.add.reduceat(Z[:, :, None] * Z[:, None, :], starts, axis=0)
    cross = np.add.reduceat(Z[:, :, None] * X[:, None, :], starts, axis=0)
    middle = np.linalg.solve(residual * np.eye(len(psi)) + psi @ inner, np.broadcast_to(psi, inner.shape))
    information = (X.T @ X - np.einsum("gqk,gqr,grl->kl", cross, middle, cross)) / residual
    return np.asarray(np.linalg.inv(information))


def _variances(result: Any) -> dict[str, float]:
    """Variances and covariances of the random effects in squared units of the outcome; `params` has them over the residual's."""
    names = [str(name) for name in result.model.data.exog_re_names]
    psi = np.asarray(result.cov_re, dtype=float)
    found = {
        f"variance of {one}" if i == j else f"covariance of {one} and {other}": float(psi[i, j])
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if j <= i
    }
    return found | {"residual variance": float(result.scale)}
