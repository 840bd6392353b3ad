"""Whether fits are of the same model to imputations of the same data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tienet.base.errors import ModelError
from tienet.regression.core.polynomial import Model, Polynomial


def refuse_different(surfaces: Sequence[Polynomial], fits: Sequence[Model]) -> None:
    """Refuse fits that are not of the same model to imputations of the same data."""
    if len(surfaces) < 2:
        raise ModelError(f"pooling needs the fits of at least 2 imputations, got {len(surfaces)}")
    first = surfaces[0]
    if first.level:
        raise ModelError(
            "fits with absorbed effects cannot be pooled, since they have no common level; write a short effect as C(name) instead"
        )
    for place, other in enumerate(surfaces[1:], start=2):
        differs = {
            "the outcome": (first.outcome, other.outcome),
            "the terms": (_terms(first), _terms(other)),
            "the number of observations": (str(first.n), str(other.n)),
            "the link": (first.response.link.name, other.response.link.name),
            "the exposure": (_exposed(first), _exposed(other)),
            "the event": (_specified(fits[0], "event"), _specified(fits[place - 1], "event")),
            "the weights": (_specified(fits[0], "weights"), _specified(fits[place - 1], "weights")),
            "the categories": tuple(str(getattr(fit, "categories", "")) for fit in (fits[0], fits[place - 1])),
            "the covariance": (first.covariance.label.split(" (")[0], other.covariance.label.split(" (")[0]),
        }
        for what, (one, two) in differs.items():
            if one != two:
                raise ModelError(
                    f"fits: imputations of different models; {what} of fit {place}: {two}, but of fit 1: {one}; fit the same "
                    "model to every imputation"
                )
        if np.isnan(other.matrix).any() or np.isnan(first.matrix).any():
            raise ModelError("fits: pooling needs the whole covariance of every fit, but one of them is not known")


def _specified(fit: Model, what: str) -> str:
    return str(getattr(getattr(fit, "model", None), what, None))


def _exposed(surface: Polynomial) -> str:
    return "none" if surface.response.offset is None else "one"


def _terms(surface: Polynomial) -> str:
    return ", ".join(map(str, surface.terms))
