"""Yes-or-no outcomes on the scale of log odds."""

from __future__ import annotations

from tienet.base.arrays import Vector
from tienet.regression.families.binary import maximise_binary, read_event, receding
from tienet.regression.families.family import Family, Maximum


def maximise(columns: Vector, response: Vector, offset: Vector | None) -> Maximum:
    """The maximum of the likelihood of a logistic regression."""
    import statsmodels.api as sm

    return maximise_binary(columns, response, offset, sm.families.links.Logit())


FAMILY = Family(
    name="logit",
    method="logistic regression",
    link="logit",
    on_link="log odds of {outcome}",
    on_response="probability of {outcome}",
    read=read_event,
    maximise=maximise,
    receding=receding,
    events=True,
)
