"""Lazy imports: a package looks for its public names in its modules when they are first used."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

WINGS = ("tienet.network", "tienet.regression", "tienet.output")


def lazy_names(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make `__getattr__` and `__dir__` for a package: its subpackages and modules, and the names in the `__all__` of its modules.

    A new module is found without being registered.

    Parameters
    ----------
    package
        ``__name__`` of the package.

    Examples
    --------
    In the ``__init__.py`` of a package: ``__getattr__, __dir__ = lazy_names(__name__)``.

    >>> import tienet.regression.power
    >>> "sample_size" in dir(tienet.regression.power)
    True
    """

    def get(name: str) -> Any:
        if not name.startswith("_"):
            if find_spec(f"{package}.{name}"):
                return import_module(f"{package}.{name}")
            if name in _listed(package):
                return getattr(import_module(_listed(package)[name]), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def names() -> list[str]:
        return sorted({*_listed(package), *(name.rpartition(".")[2] for name in _files(package))})

    return get, names


def _files(package: str) -> list[str]:
    found = (f"{package}.{module.name}" for module in iter_modules(import_module(package).__path__))
    return [name for name in found if not name.rpartition(".")[2].startswith("_")]


@cache
def _listed(package: str) -> dict[str, str]:
    """Public name -> the module that defines it; names of subpackages are left out."""
    modules = (import_module(name) for name in _files(package))
    return {name: module.__name__ for module in modules if not hasattr(module, "__path__") for name in getattr(module, "__all__", ())}


def public_names(package: str) -> dict[str, str]:
    """Every name in an ``__all__`` below a package -> where users find it: a folder, or a module directly in a wing.

    Examples
    --------
    >>> public_names("tienet")["gaussian_copula"], public_names("tienet")["write_graphml"]
    ('tienet.regression.endogeneity', 'tienet.network.exchange')
    """
    found: dict[str, str] = {}
    for module in map(import_module, _files(package)):
        if hasattr(module, "__path__"):
            found |= public_names(module.__name__)
        else:
            # A module directly in a wing is a place of its own; any other belongs to its folder.
            place = module.__name__ if package in WINGS else package
            found |= dict.fromkeys(getattr(module, "__all__", ()), place)
    return found
