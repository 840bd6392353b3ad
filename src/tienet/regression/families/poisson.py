"""Counts on the scale of logs, with a variance equal to the mean, which robust standard errors do not rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.regression.families.counts import read_count, receding
from tienet.regression.families.family import Family, Maximum
from tienet.regression.families.iterated import iterate, maximum_of

_NOTHING = 1e-8  # an expected count this small may be on its way to zero
_FAR = 15.0


def maximise(columns: Vector, response: Vector, offset: Vector | None) -> Maximum:
    """The maximum of the likelihood of a Poisson regression."""
    fitted, settled = iterate(columns, response, offset, in_statsmodels({}))
    found = maximum_of(fitted, parameters=columns.shape[1], log_likelihood=float(fitted.llf))
    rate = fitted.mu if offset is None else fitted.mu / np.exp(offset)
    near = bool((rate < _NOTHING * response.max()).any() or (np.abs(fitted.params[1:]) > _FAR).any())
    return found if settled and not near else found.doubtful(settled)


def in_statsmodels(own: Mapping[str, float]) -> Any:  # noqa: ARG001 - it has none
    """Statsmodels' family."""
    import statsmodels.api as sm

    return sm.families.Poisson()


FAMILY = Family(
    name="poisson",
    method="Poisson regression",
    link="log",
    on_link="log of expected {outcome}",
    on_response="expected {outcome}",
    read=read_count,
    maximise=maximise,
    in_statsmodels=in_statsmodels,
    receding=receding,
    covariance="HC1",
    counts=True,
    equidispersed=True,
    works=("cameron_trivedi_2013",),
)
