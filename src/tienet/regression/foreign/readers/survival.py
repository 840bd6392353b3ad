"""Proportional hazards of statsmodels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tienet.regression.core.response import Response, link_named
from tienet.regression.foreign.readers.shared import NORMAL, is_model, outcome_of, reading_of
from tienet.regression.foreign.reading import ForeignErrors, ForeignResult

READS = "PHReg"


def takes(result: Any) -> bool:
    """Whether it is a model of proportional hazards."""
    return is_model(result, ("PHReg",))


def read(result: Any) -> ForeignResult:
    """What is taken from it: slopes of the log hazard. The baseline hazard is not a coefficient, so the level is not known."""
    robust = getattr(result, "covariance_type", "naive") != "naive"
    outcome = outcome_of(result.model)
    hazard = Response(replace(link_named("log"), name="log hazard"), f"log hazard of {outcome}", f"hazard of {outcome}")
    return reading_of(
        result,
        "proportional hazards",
        errors=ForeignErrors("robust" if robust else "classical", NORMAL),
        response=hazard,
        anchored=False,
    )
