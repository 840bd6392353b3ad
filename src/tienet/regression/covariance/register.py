"""The registry of covariance estimators, by name."""

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

# name -> module in this folder and its class
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
    """Register a covariance of your own, or replace one you registered. Also works as a class decorator.

    Until the process ends, `Moderation(covariance=name)`, study files and the command line accept its name.

    Parameters
    ----------
    kind
        A subclass of `Sandwich` with a name and a `meat`, whose constructor takes no arguments.

    Returns
    -------
    type
        The same class.

    Raises
    ------
    ArgumentError
        If it is not a subclass of `Sandwich`, has no name or no `meat`, or has the name of one of tienet's own kinds.

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
        raise ArgumentError(f"a covariance must be a subclass of tn.regression.covariance.Sandwich; got {kind!r}")
    name = getattr(kind, "name", None)
    if not (isinstance(name, str) and name.strip()) or kind.meat is Sandwich.meat or isabstract(kind):
        raise ArgumentError(f"{kind.__name__} must have a name (a string) and a method `meat`; see tn.regression.covariance.Sandwich")
    if name in BUILT_IN:
        raise ArgumentError(f"covariance {name!r} is one of tienet's own; give {kind.__name__} a different name")
    _REGISTERED[name] = kind()
    return kind


def covariance_names(*, clustered: bool | None = None) -> tuple[str, ...]:
    """Names of all kinds, only the clustered ones, or only the others."""
    names = (*BUILT_IN, *_REGISTERED)
    return names if clustered is None else tuple(name for name in names if _found(name).clustered == clustered)


def estimator_of(name: str) -> Sandwich:
    """The estimator with this name. An unknown name raises an error that suggests the closest one."""
    choice("covariance", name, covariance_names())
    return _found(name)


def chosen_covariance(name: str | None, cluster: str | tuple[str, str] | None) -> str:
    """The given kind, or the default for None. A kind that does not fit the clusters raises an error."""
    if name is None:
        return DEFAULT_CLUSTERED if cluster else DEFAULT
    kind = estimator_of(name)
    if kind.clustered != bool(cluster):
        with_clusters = f"with a cluster use {listed(covariance_names(clustered=True), 'or')}"
        repair = with_clusters if cluster else "set `cluster` to the column that groups the rows"
        raise ArgumentError(f"covariance={name!r} cannot be used with cluster={cluster!r}; {repair}")
    if kind.one_way_only and isinstance(cluster, tuple):
        others = listed((other for other in covariance_names(clustered=True) if not _found(other).one_way_only), "or")
        raise ArgumentError(
            f"covariance={name!r} is defined for one-way clusters only: {kind.one_way_only}; use {others}, or cluster only by "
            "the column with fewer groups"
        )
    return name


def _found(name: str) -> Sandwich:
    return _REGISTERED[name] if name in _REGISTERED else _built_in(name)


@cache
def _built_in(name: str) -> Sandwich:
    module, _, kind = BUILT_IN[name].rpartition(".")
    made: Sandwich = getattr(import_module(f"tienet.regression.covariance.{module}"), kind)()
    return made
