"""Yes-or-no outcomes on the scale of a normal quantile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tienet.base.arrays import Vector
from tienet.regression.families.binary import maximise_binary, read_event, receding
from tienet.regression.families.family import Family, Maximum


def maximise(columns: Vector, response: Vector, offset: Vector | None) -> Maximum:
    """The maximum of the likelihood of a probit regression."""
    return maximise_binary(columns, response, offset, in_statsmodels({}))


def in_statsmodels(own: Mapping[str, float]) -> Any:  # noqa: ARG001 - it has none
    """Statsmodels' family."""
    import statsmodels.api as sm

    return sm.families.Binomial(link=sm.families.links.Probit())


FAMILY = Family(
    name="probit",
    method="probit regression",
    link="probit",
    on_link="probit index of {outcome}",
    on_response="probability of {outcome}",
    read=read_event,
    maximise=maximise,
    in_statsmodels=in_statsmodels,
    receding=receding,
    information="expected",
    events=True,
    works=("mccullagh_nelder_1989",),
)
