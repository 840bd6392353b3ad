"""Yes-or-no outcomes and counts of statsmodels' discrete models."""

from __future__ import annotations

from typing import Any

from tienet.regression.foreign.readers.shared import is_model, offset_of, outcome_of, reading_of, response_of
from tienet.regression.foreign.reading import ForeignResult

READS = "Logit, Probit, Poisson, negative binomial"
_LINKS = {
    "Logit": "logit",
    "Probit": "probit",
    "Poisson": "log",
    "NegativeBinomial": "log",
    "NegativeBinomialP": "log",
    "GeneralizedPoisson": "log",
}


def takes(result: Any) -> bool:
    """Whether it is a result of one of these models with one set of coefficients."""
    return is_model(result, tuple(_LINKS)) and hasattr(result, "cov_params")


def read(result: Any) -> ForeignResult:
    """What is taken from it; parameters of the distribution, such as alpha, stand beside."""
    model = result.model
    name = next(kind.__name__ for kind in type(model).__mro__ if kind.__name__ in _LINKS)
    return reading_of(result, name, response=response_of(_LINKS[name], outcome_of(model), offset_of(model)))
