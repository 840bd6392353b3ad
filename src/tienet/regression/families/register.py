"""The registry of families, by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from tienet.base.errors import ArgumentError
from tienet.regression.families.family import Family

# name -> module in this folder, whose FAMILY it is
BUILT_IN = {
    "logit": "logit",
    "probit": "probit",
    "poisson": "poisson",
    "negative_binomial": "negative_binomial",
    "gamma": "gamma",
    "ordinal": "ordinal",
}
LINEAR = "linear"


def family_names() -> tuple[str, ...]:
    """Names of all families."""
    return (LINEAR, *BUILT_IN)


@cache
def _built_in(name: str) -> Family:
    made: Family = import_module(f"tienet.regression.families.{BUILT_IN[name]}").FAMILY
    return made


def family_of(name: object) -> Family | None:
    """The family with this name; None for None and "linear", least squares. An unknown name raises an error."""
    if name is None or (isinstance(name, str) and name == LINEAR):
        return None
    if not isinstance(name, str) or name not in BUILT_IN:
        raise ArgumentError.not_one_of("family", name, family_names())
    return _built_in(name)
