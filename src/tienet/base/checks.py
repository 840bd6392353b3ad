"""Argument validation.

Each check takes the argument's name and value. It returns the value in a standard form, or raises an `ArgumentError` that says
what the argument must be and what was given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

import numpy as np

from tienet.base.errors import ArgumentError, shown

MOST = 10**12  # no array is longer
MOST_DRAWS = 10_000_000  # more would not fit into memory


def made_by(maker: str, kind: type, **given: object) -> None:
    """Refuse arguments that are not of the class that the function `maker` returns."""
    for argument, value in given.items():
        if not isinstance(value, kind):
            raise ArgumentError(f"{argument} must be of type {kind.__name__}, as returned by {maker}; got {shown(value)}")


def choice(argument: str, given: object, allowed: Iterable[str]) -> None:
    """One of several allowed strings."""
    known = tuple(allowed)
    if not isinstance(given, str) or given not in known:
        raise ArgumentError.not_one_of(argument, given, known)


def text(argument: str, given: object) -> str:
    """A string."""
    if not isinstance(given, str):
        raise ArgumentError(f"{argument} must be a string; got {shown(given)}")
    return given


def names(argument: str, given: object, *, single: bool = False) -> list[str]:
    """A list of names; with `single`, also one name alone."""
    if single and isinstance(given, str):
        return [given]
    found: list[Any] | None = None if isinstance(given, Mapping) else several(given)
    if found is None or not all(isinstance(name, str) for name in found):
        wrong = shown(given) if found is None else f"a list containing {shown(next(one for one in found if not isinstance(one, str)))}"
        example = [given] if isinstance(given, str) else ["x", "z"]
        raise ArgumentError(f"{argument} must be {'a name or ' if single else ''}a list of names, such as {example}; got {wrong}")
    return found


def real(argument: str, given: object) -> float:
    """A finite number, from Python or numpy."""
    number = as_real(given)
    if number is None:
        raise ArgumentError(f"{argument} must be a finite number; got {shown(given)}")
    return number


def reals(argument: str, given: object, count: int) -> tuple[float, ...]:
    """A list of `count` finite numbers."""
    found = several(given) or []
    if len(found) != count:
        raise ArgumentError(f"{argument} must be a list of {count} numbers; got {shown(given)}")
    return tuple(real(f"{argument}[{place}]", value) for place, value in enumerate(found))


def positive(argument: str, given: object, *, zero: bool = False) -> float:
    """A positive finite number; with `zero`, also 0."""
    number = as_real(given)
    if number is None or number < 0 or (number == 0 and not zero):
        raise ArgumentError(f"{argument} must be a {'number of at least 0' if zero else 'positive number'}; got {shown(given)}")
    return number


def whole(argument: str, given: object, least: int = 1, most: float = MOST, *, hint: str = "") -> int:
    """A whole number from `least` to `most`, from Python or numpy."""
    if not is_whole(given, least, most):
        limits = f"of at least {least}" if most >= MOST else f"from {least} to {most:,}"
        raise ArgumentError(f"{argument} must be a whole number {limits}{hint}; got {shown(given)}")
    return int(given)


def flag(argument: str, given: object) -> bool:
    """True or False, from Python or numpy."""
    if not isinstance(given, bool | np.bool_):
        raise ArgumentError(f"{argument} must be True or False; got {shown(given)}")
    return bool(given)


def mapping(argument: str, given: object) -> dict[str, Any]:
    """A mapping with names as keys, copied; empty for None."""
    found = {} if given is None else given
    if not isinstance(found, Mapping) or not all(isinstance(name, str) for name in found):
        raise ArgumentError(f"{argument} must be a mapping with names as keys, such as {{'x': ...}}; got {shown(given)}")
    return dict(found)


def generator(argument: str, given: object) -> np.random.Generator:
    """A numpy random generator: the given one, or a new one from a seed."""
    if isinstance(given, np.random.Generator):
        return given
    return np.random.default_rng(whole(argument, given, 0, math.inf, hint=", or a numpy Generator"))


def checked_level(alpha: object) -> float:
    """The level `alpha` of intervals and tests."""
    number = as_real(alpha)
    if number is None or not 0 < number < 1:
        raise ArgumentError(f"alpha must be between 0 and 1 (0.05 gives 95% intervals); got {shown(alpha)}")
    return number


def checked_draws(draws: object, least: int = 1) -> int:
    """The number of `draws`: resamples or permutations."""
    return whole("draws", draws, least, MOST_DRAWS, hint=" (9,999 is usual for a test, 2,000 for an interval)")


def checked_labels(labels: object) -> dict[str, str]:
    """The `labels` that replace names in output; empty for None."""
    found = mapping("labels", labels)
    for name, label in found.items():
        text(f"labels[{name!r}]", label)
    return found


def several(given: object) -> list[Any] | None:
    """The items of a list, array, series or other iterable; None for strings, bytes and values without items."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable) or (isinstance(given, np.ndarray) and given.ndim == 0):
        return None
    return list(given)


def is_whole(given: object, least: float, most: float) -> TypeGuard[int]:
    """Whether a value is a whole number from `least` to `most`, from Python or numpy."""
    return isinstance(given, int | np.integer) and not isinstance(given, bool) and bool(least <= given <= most)


def as_real(given: object) -> float | None:
    """A finite number, from Python or numpy; None for anything else."""
    if isinstance(given, bool) or not isinstance(given, int | float | np.integer | np.floating):
        return None
    try:
        number = float(given)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
