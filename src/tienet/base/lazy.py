"""Names of a package found in its files when they are first asked for, so that importing the package costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

WINGS = ("tienet.network", "tienet.regression", "tienet.output")


def lazy_names(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package: its folders and files, and whatever its files list in `__all__`.

    A new file is found without being entered anywhere.

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
    """Name -> the file that lists it; a folder within the package keeps its names to itself."""
    modules = (import_module(name) for name in _files(package))
    return {name: module.__name__ for module in modules if not hasattr(module, "__path__") for name in getattr(module, "__all__", ())}


def public_names(package: str) -> dict[str, str]:
    """Every name that the files below a package list in ``__all__`` -> the place where it is found, a folder or a file of a wing.

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
            # A file that stands beside the folders of a wing is a place of its own; any other is a part of its folder.
            place = module.__name__ if package in WINGS else package
            found |= dict.fromkeys(getattr(module, "__all__", ()), place)
    return found
