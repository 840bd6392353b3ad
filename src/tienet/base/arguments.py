"""What is asked of an argument before it is used: each a line that names it, what was found, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tienet.base.checks import is_whole, several
from tienet.base.checks import real as checked_real
from tienet.base.errors import ArgumentError

MOST_DRAWS = 10_000_000  # more would not fit into memory


def generator(seed: int | np.random.Generator) -> np.random.Generator:
    """A generator from a seed, or the one given."""
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ArgumentError(f"seed={seed!r} is not a whole number of at least 0, and no numpy Generator; write seed=0")
    return np.random.default_rng(int(seed))


def names(argument: str, given: object) -> list[str]:
    """One name or several, as a list of texts."""
    found = several(given)
    found = [given] if found is None else found
    for name in found:
        if not isinstance(name, str):
            raise ArgumentError(f"{argument} holds {name!r}, which is no name; write names as text, ['x', 'z']")
    return found


def real(argument: str, given: object) -> float:
    """A finite number."""
    number = checked_real(given)
    if number is None:
        raise ArgumentError(f"{argument}={given!r} is not a number; give one finite number")
    return number


def reals(argument: str, given: object, count: int) -> tuple[float, ...]:
    """So many finite numbers."""
    found = several(given) or []
    if len(found) != count:
        raise ArgumentError(f"{argument}={given!r} has to be {count} numbers")
    return tuple(real(f"{argument}[{place}]", value) for place, value in enumerate(found))


def whole(argument: str, given: object, least: int, most: int, hint: str = "") -> int:
    """A whole number within limits."""
    if not is_whole(given, least, most):
        raise ArgumentError(f"{argument}={given!r} has to be a whole number of at least {least} and at most {most:,}{hint}")
    return int(given)


def draws_of(given: object, least: int = 1) -> int:
    """The number of draws, resamples or permutations."""
    return whole("draws", given, least, MOST_DRAWS, "; 9999 is usual for a test, 2000 for intervals")


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


def flag(argument: str, given: object) -> bool:
    """True or False."""
    if not isinstance(given, bool | np.bool_):
        raise ArgumentError(f"{argument}={given!r} is neither True nor False")
    return bool(given)


def choice(argument: str, given: object, allowed: Iterable[str]) -> None:
    """Refuse what is not one of the texts of a closed set."""
    known = tuple(allowed)
    if not isinstance(given, str) or given not in known:
        raise ArgumentError.not_one_of(argument, given, known)
