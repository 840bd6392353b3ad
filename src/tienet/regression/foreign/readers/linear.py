"""Least squares, quantile regression and robust regression of statsmodels."""

from __future__ import annotations

from typing import Any

from tienet.regression.foreign.readers.shared import NORMAL, errors_of, is_model, reading_of
from tienet.regression.foreign.reading import ForeignErrors, ForeignResult

READS = "statsmodels OLS, WLS, GLS, QuantReg, RLM"
_LEAST_SQUARES = ("OLS", "WLS", "GLS", "GLSAR")


def takes(result: Any) -> bool:
    """Whether it is a result of least squares, of quantiles or robust."""
    return is_model(result, (*_LEAST_SQUARES, "QuantReg", "RLM")) and hasattr(result, "cov_params")


def read(result: Any) -> ForeignResult:
    """What is taken from it; a quantile regression is one of its quantile, a robust regression has its own covariance H1 to H3."""
    model = result.model
    name = type(model).__name__
    if is_model(result, ("QuantReg",)):
        return reading_of(result, f"quantile regression (quantile {float(result.q):g})", errors=_of_quantiles(result))
    if is_model(result, ("RLM",)):
        return reading_of(
            result, f"robust regression ({type(model.M).__name__})", errors=ForeignErrors(f"robust {result.fit_options['cov']}", NORMAL)
        )
    return reading_of(result, name)


def _of_quantiles(result: Any) -> ForeignErrors:
    """Statsmodels calls them nonrobust, but they come from an estimate of the density at the quantile, usually a robust one."""
    found = errors_of(result)
    return ForeignErrors("kernel", found.df)
