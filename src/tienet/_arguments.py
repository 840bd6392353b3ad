"""What is asked of an argument before it is used: each a line that names it, what was found, and what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from tienet._surface import Model, Polynomial
from tienet.errors import ArgumentError


def surface_of(model: Model) -> Polynomial:
    """The surface of a fit or a printed model, refused for anything else."""
    surface = getattr(model, "polynomial", None)
    if not isinstance(surface, Polynomial):
        raise ArgumentError(f"a {type(model).__name__} has no fitted surface; pass a fit, or a model rebuilt from a printed table")
    return surface


def generator(seed: int | np.random.Generator) -> np.random.Generator:
    """A generator from a seed, or the one given."""
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ArgumentError(f"seed={seed!r} is not a whole number of at least 0, and no numpy Generator; write seed=0")
    return np.random.default_rng(int(seed))


def names(argument: str, given: object) -> list[str]:
    """One name or several, as a list of texts."""
    if isinstance(given, str):
        return [given]
    found: list[Any] = list(given) if isinstance(given, Iterable) and not isinstance(given, bytes) else [given]
    for name in found:
        if not isinstance(name, str):
            raise ArgumentError(f"{argument} holds {name!r}, which is no name; write names as text, ['x', 'z']")
    return found


def real(argument: str, given: object) -> float:
    """A finite number."""
    if (
        isinstance(given, bool)
        or not isinstance(given, int | float | np.integer | np.floating)
        or not abs(cast("float", given)) <= sys.float_info.max
    ):
        raise ArgumentError(f"{argument}={given!r} is not a number; give one finite number")
    return float(given)


def reals(argument: str, given: object, count: int) -> tuple[float, ...]:
    """So many finite numbers."""
    found = list(given) if isinstance(given, Sequence | np.ndarray) and not isinstance(given, str | bytes) else []
    if len(found) != count:
        raise ArgumentError(f"{argument}={given!r} has to be {count} numbers")
    return tuple(real(f"{argument}[{place}]", value) for place, value in enumerate(found))


def mapping(given: object, argument: str) -> dict[Any, Any]:
    """A copy of a mapping; an empty one for None."""
    if given is not None and not isinstance(given, Mapping):
        raise ArgumentError(f"{argument} is a {type(given).__name__}; write it as a mapping from names, {{'x': ...}}")
    return dict(given or {})


def wordings(given: object) -> dict[str, str]:
    """Words in place of names, `labels=`; an empty mapping for None."""
    found = mapping(given, "labels")
    for name, words in found.items():
        if not isinstance(name, str) or not isinstance(words, str):
            raise ArgumentError(f"labels holds {name!r}: {words!r}; names and words are texts, {{'x': 'Ties'}}")
    return found


def choice(argument: str, given: object, allowed: Iterable[str]) -> None:
    """Refuse what is not one of the texts of a closed set."""
    known = tuple(allowed)
    if not isinstance(given, str) or given not in known:
        raise ArgumentError.not_one_of(argument, given, known)
