"""Positive, skewed amounts such as durations, on the scale of logs; the standard deviation is proportional to the mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.regression.core.cells import read_numbers
from tienet.regression.core.model_frame import Outcome
from tienet.regression.families.family import Family, Maximum
from tienet.regression.families.iterated import iterate, maximum_of


def read_amount(event: object, column: Any) -> Outcome:  # noqa: ARG001 - amounts have no event
    """The outcome as numbers above zero."""
    values = read_numbers(column)
    rows = np.flatnonzero(values <= 0)
    if rows.size:
        raise ModelError(
            f"{column.name} must be above zero for family='gamma', but {counted(rows.size, 'value')} are not, the first in row "
            f"{rows[0] + 1}; for amounts with zeros use family='poisson' on whole numbers"
        )
    return Outcome(values)


def maximise(columns: Vector, response: Vector, offset: Vector | None) -> Maximum:
    r"""The maximum of the likelihood of a gamma regression with a log link.

    The dispersion is Pearson's :math:`\sum ((y - \mu)/\mu)^2 / (n - k)`. The log-likelihood takes the deviance divided by n instead, as R
    does, and its AIC counts the dispersion as a parameter.
    """
    fitted, settled = iterate(columns, response, offset, in_statsmodels({}))
    n, k = columns.shape
    pearson = float(np.sum(np.square(response / fitted.mu - 1)) / (n - k))
    likelihood = _log_likelihood(response, fitted.mu, float(fitted.deviance) / n)
    found = maximum_of(fitted, parameters=k + 1, log_likelihood=likelihood, dispersion=pearson)
    return found if settled else found.doubtful(settled)


def _log_likelihood(response: Vector, mean: Vector, dispersion: float) -> float:
    from scipy.special import gammaln

    shape = 1 / dispersion
    return float(np.sum(shape * np.log(shape * response / mean) - shape * response / mean - np.log(response) - gammaln(shape)))


def in_statsmodels(own: Mapping[str, float]) -> Any:  # noqa: ARG001 - it has none
    """Statsmodels' family."""
    import statsmodels.api as sm

    return sm.families.Gamma(link=sm.families.links.Log())


FAMILY = Family(
    name="gamma",
    method="gamma regression",
    link="log",
    on_link="log of expected {outcome}",
    on_response="expected {outcome}",
    read=read_amount,
    maximise=maximise,
    in_statsmodels=in_statsmodels,
    information="expected",
    dispersion=True,
    works=("mccullagh_nelder_1989",),
)
