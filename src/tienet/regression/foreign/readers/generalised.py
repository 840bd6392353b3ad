"""Generalised linear models and generalised estimating equations of statsmodels."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.numbers import number
from tienet.regression.core.response import Link, Response
from tienet.regression.foreign.readers.shared import NORMAL, is_model, offset_of, outcome_of, reading_of, response_of
from tienet.regression.foreign.reading import ForeignErrors, ForeignResult

READS = "GLM, GEE"
_LINKS = {"Identity": "identity", "Log": "log", "Logit": "logit", "Probit": "probit"}
_OTHERS = {"CLogLog": "complementary log-log", "LogLog": "log-log", "Sqrt": "square root"}
_STEP = 1e-4  # of a central difference


def takes(result: Any) -> bool:
    """Whether it is a result of a GLM or a GEE with one set of coefficients."""
    return is_model(result, ("GLM", "GEE")) and not is_model(result, ("OrdinalGEE", "NominalGEE", "GLMGam"))


def read(result: Any) -> ForeignResult:
    """What is taken from it, with its link and offset."""
    model = result.model
    family, link = type(model.family).__name__, type(model.family.link).__name__
    said = f"{family}, {_worded(link)} link"
    if is_model(result, ("GEE",)):
        units = np.unique(np.asarray(model.groups)).size
        structure = type(model.cov_struct).__name__.lower()
        errors = ForeignErrors(f"{result.cov_type.replace('_', '-')}", NORMAL, int(units))
        return reading_of(result, f"GEE ({said}, {structure})", errors=errors, response=_response(model))
    counted = getattr(model, "freq_weights", None)
    repeated = counted is not None and bool((np.asarray(counted) != 1).any())
    remarks = ["means and SDs count each row once, whatever its freq_weights"] if repeated else []
    if family == "NegativeBinomial":
        remarks.append(f"alpha is held at {number(model.family.alpha)} and not estimated, so the errors depend on that choice")
    return reading_of(result, f"GLM ({said})", response=_response(model), remark="; ".join(remarks))


def _worded(link: str) -> str:
    """The name of a link in words: "inverse power"."""
    return _LINKS.get(link) or _OTHERS.get(link) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", link).lower()


def _response(model: Any) -> Response:
    """The scale of the outcome; a link that the library lacks is taken from statsmodels."""
    link, outcome, offset = model.family.link, outcome_of(model), offset_of(model)
    known = _LINKS.get(type(link).__name__)
    if known:
        return response_of(known, outcome, offset)
    name = _worded(type(link).__name__)
    borrowed = Link(name, link.inverse, link.inverse_deriv, link.inverse_deriv2, _Third(link.inverse_deriv2))
    expected = "probability of" if type(model.family).__name__ == "Binomial" else "expected"
    return Response(borrowed, f"{name} of {expected} {outcome}", f"{expected} {outcome}", offset)


class _Third:
    """The third derivative of a link whose second is known, as a central difference."""

    def __init__(self, second: Any) -> None:
        self.second = second

    def __call__(self, eta: Vector) -> Vector:
        eta = np.asarray(eta, dtype=float)
        step = _STEP * np.maximum(1.0, np.abs(eta))
        return np.asarray((self.second(eta + step) - self.second(eta - step)) / (2 * step))
