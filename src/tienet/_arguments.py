"""What is asked of an argument before it is used: each a line that names it, what was found, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
    if isinstance(given, bool) or not isinstance(given, int | float | np.integer | np.floating) or not np.isfinite(given):
        raise ArgumentError(f"{argument}={given!r} is not a number; give one finite number")
    return float(given)
