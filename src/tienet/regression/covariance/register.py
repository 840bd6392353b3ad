"""The register of covariances: where a kind is found by its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import isabstract, isclass
from typing import TypeVar

from tienet.base.checks import choice
from tienet.base.errors import ArgumentError
from tienet.base.numbers import listed
from tienet.regression.covariance.sandwich import Sandwich

__all__ = ["register_covariance"]

DEFAULT = "HC3"
DEFAULT_CLUSTERED = "CR1"

# name -> file in this folder, and class in it
BUILT_IN = {
    "classical": "classical.Classical",
    "HC0": "heteroscedastic.HC0",
    "HC1": "heteroscedastic.HC1",
    "HC2": "heteroscedastic.HC2",
    "HC3": "heteroscedastic.HC3",
    "HC4": "heteroscedastic.HC4",
    "HC4m": "heteroscedastic.HC4m",
    "HC5": "heteroscedastic.HC5",
    "CR0": "clustered.CR0",
    "CR1": "clustered.CR1",
    "CR2": "cr2.CR2",
    "CR3": "cr3.CR3",
}
_REGISTERED: dict[str, Sandwich] = {}

Kind = TypeVar("Kind", bound=type[Sandwich])


def register_covariance(kind: Kind) -> Kind:
    """Add a covariance of your own, or replace one you added; also a decorator of its class.

    From then on `Moderation(covariance=name)`, a study file and the command line, run in this process, know it by its name.

    Parameters
    ----------
    kind
        A child of `Sandwich` with a name and a `meat`; it is made without arguments.

    Returns
    -------
    type
        The same class.

    Raises
    ------
    ArgumentError
        For anything but a child of `Sandwich`, one without a name or a meat, or a name that tienet itself uses.

    Examples
    --------
    >>> import tienet as tn
    >>> HC1 = tn.regression.covariance.heteroscedastic.HC1
    >>> @tn.regression.covariance.register_covariance
    ... class Larger(HC1):
    ...     name = "HC1+"
    ...
    ...     def factor(self, n, k):
    ...         return n / (n - k - 1)
    >>> str(tn.Moderation("y ~ x", covariance="HC1+"))
    'y ~ x; HC1+ standard errors; centred: mean'
    """
    if not (isclass(kind) and issubclass(kind, Sandwich)):
        raise ArgumentError(f"a covariance is a class derived from tn.regression.covariance.Sandwich, got {kind!r}")
    name = getattr(kind, "name", None)
    if not (isinstance(name, str) and name.strip()) or kind.meat is Sandwich.meat or isabstract(kind):
        raise ArgumentError(f"{kind.__name__} needs a name (a string) and a method meat; see tn.regression.covariance.Sandwich")
    if name in BUILT_IN:
        raise ArgumentError(f"covariance {name!r} is one of tienet's own; give {kind.__name__} another name")
    _REGISTERED[name] = kind()
    return kind


def covariance_names(*, clustered: bool | None = None) -> tuple[str, ...]:
    """Names of all kinds, or of those that need a cluster, or of those that do not."""
    names = (*BUILT_IN, *_REGISTERED)
    return names if clustered is None else tuple(name for name in names if _found(name).clustered == clustered)


def estimator_of(name: str) -> Sandwich:
    """The kind of that name; an unknown one is refused with the closest."""
    choice("covariance", name, covariance_names())
    return _found(name)


def chosen_covariance(name: str | None, cluster: str | tuple[str, str] | None) -> str:
    """The kind asked for, or the default, refused where it does not go with the clusters."""
    if name is None:
        return DEFAULT_CLUSTERED if cluster else DEFAULT
    kind = estimator_of(name)
    if kind.clustered != bool(cluster):
        with_clusters = f"with a cluster use {listed(covariance_names(clustered=True), 'or')}"
        repair = with_clusters if cluster else "name the column that groups the rows in `cluster`"
        raise ArgumentError(f"covariance={name!r} does not go with cluster={cluster!r}; {repair}")
    if kind.one_way_only and isinstance(cluster, tuple):
        others = listed((other for other in covariance_names(clustered=True) if not _found(other).one_way_only), "or")
        raise ArgumentError(
            f"covariance={name!r} is defined for one cluster only: {kind.one_way_only}; use {others}, or cluster by the column with "
            "fewer groups"
        )
    return name


def _found(name: str) -> Sandwich:
    return _REGISTERED[name] if name in _REGISTERED else _built_in(name)


@cache
def _built_in(name: str) -> Sandwich:
    module, _, kind = BUILT_IN[name].rpartition(".")
    made: Sandwich = getattr(import_module(f"tienet.regression.covariance.{module}"), kind)()
    return made
