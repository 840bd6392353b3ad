"""Generalised linear models by iterated weighted least squares, in functions of arrays."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.regression.families.family import NOTHING_OF_ITS_OWN, Maximum

_CLOSE = 1e-12  # a probit stopped at 1e-8 is 3e-6 off
_STEPS = 100


def iterate(columns: Vector, response: Vector, offset: Vector | None, family: Any) -> tuple[Any, bool]:
    """Statsmodels' GLM results, and whether the last step was below 1e-12 of the coefficients."""
    import statsmodels.api as sm

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fitted = sm.GLM(response, columns, family=family, offset=offset).fit(
                maxiter=_STEPS, tol_criterion="params", atol=_CLOSE, rtol=_CLOSE
            )
        except (ValueError, np.linalg.LinAlgError) as problem:
            raise ModelError("the likelihood has no maximum that could be found: its steps left the range of numbers") from problem
        _ = fitted.mu  # computed here and kept: along a separation it runs out of the range of numbers
    return fitted, bool(fitted.converged)


def maximum_of(fitted: Any, *, parameters: int, log_likelihood: float, dispersion: float = 1.0) -> Maximum:
    r"""The maximum in the shape that standard errors are computed from, with the expected information.

    With :math:`w = g'(\eta)^2 / V(\mu)` the scores are :math:`x (y - \mu) w / g'(\eta)` and the information :math:`X'WX`, both divided by
    the dispersion.
    """
    model = fitted.model
    X, mean = model.exog, fitted.mu
    slope = 1 / model.family.link.deriv(mean)
    variance = model.family.variance(mean)
    weight = slope**2 / variance / dispersion
    return Maximum(
        coefficients=np.asarray(fitted.params),
        own=NOTHING_OF_ITS_OWN,
        scores=X * ((model.endog - mean) * slope / variance / dispersion)[:, None],
        information=(X * weight[:, None]).T @ X,
        log_likelihood=log_likelihood,
        parameters=parameters,
        mean=np.asarray(mean),
        dispersion=dispersion,
    )
