"""The arguments of a `Moderation` that belong to a family of outcomes."""

from __future__ import annotations

from typing import Any

from tienet.base.errors import ArgumentError, shown
from tienet.regression.families.errors import chosen_kind
from tienet.regression.families.register import family_of


def checked_family(
    outcome: str,
    family: object,
    exposure: object,
    event: object,
    *,
    covariance: str | None,
    cluster: str | tuple[str, str] | None,
    weights: str | None,
) -> str | None:
    """Check family, exposure and event; returns the kind of covariance for a family, None for least squares."""
    found = family_of(family)
    if found is None:
        for argument, given in (("exposure", exposure), ("event", event)):
            if given is not None:
                raise ArgumentError(f"{argument}={shown(given)} belongs to a family of outcomes; set family, or leave {argument} out")
        return None
    if weights is not None:
        raise ArgumentError(f"weights={weights!r} cannot be used with family={found.name!r}; leave weights out")
    if exposure is not None:
        if not (isinstance(exposure, str) and exposure):
            raise ArgumentError(f"exposure must be the name of a column; got {shown(exposure)}")
        if not found.counts:
            raise ArgumentError(f"exposure={exposure!r} belongs to counts; family={found.name!r} has none, leave it out")
        if exposure == outcome:
            raise ArgumentError(f"exposure={exposure!r} is the outcome; choose another column")
    if event is not None and not found.events:
        raise ArgumentError(f"event={shown(event)} belongs to yes-or-no outcomes; family={found.name!r} has none, leave it out")
    return chosen_kind(found, covariance, cluster)


def refuse_family(model: Any, what: str) -> None:
    """Refuse a model with a family where only least squares is defined."""
    if family_of(model.family) is not None:
        raise ArgumentError(f"{what} is defined for least squares; family={model.family!r} cannot be used with it")
