"""What is asked of an argument before it is used: what kind of thing it is, and the network half's lines that refuse it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard, TypeVar

import numpy as np

from tienet.base.errors import ArgumentError

Kind = TypeVar("Kind")
MOST = 10**12


def made_by(maker: str, kind: type[Kind], **given: object) -> None:
    """Refuse arguments that are not what one of the functions makes."""
    for argument, value in given.items():
        if not isinstance(value, kind):
            raise ArgumentError(f"{argument} is {shown(value)}, not {kind.__name__}; pass what {maker} gives")


def shown(value: object) -> str:
    """A value for a message: a plain one as it would be written, any other by its type, since it may hold people."""
    plain = value is None or isinstance(value, str | bytes | int | float | complex)
    written = repr(value) if plain else f"a {type(value).__name__}"
    return written if len(written) <= 60 else f"{written[:59]}…"


def choice(argument: str, given: object, allowed: Iterable[str]) -> None:
    """Refuse what is not one of the texts of a closed set."""
    known = tuple(allowed)
    if not isinstance(given, str):
        raise ArgumentError(f"{argument} is {shown(given)}; there is: {', '.join(known)}")
    if given not in known:
        raise ArgumentError.not_one_of(argument, given, known)


def text(argument: str, given: object) -> str:
    """A text."""
    if not isinstance(given, str):
        raise ArgumentError(f"{argument} is {shown(given)}, and has to be a text")
    return given


def names(argument: str, given: object) -> list[str]:
    """A list of names, which one text is not."""
    held = None if isinstance(given, Mapping) else several(given)
    found: list[Any] = [None] if held is None else held
    if not all(isinstance(name, str) for name in found):
        raise ArgumentError(f"{argument} is {shown(given)}; write a list of names, ['a', 'b']")
    return found


def whole(argument: str, given: object, least: int = 1) -> int:
    """A whole number, Python's or numpy's, that an array could have the length of."""
    if not is_whole(given, least, MOST):
        raise ArgumentError(f"{argument} must be a whole number of at least {least}, not {shown(given)}")
    return int(given)


def flag(argument: str, given: object) -> bool:
    """True or False."""
    if not isinstance(given, bool | np.bool_):
        raise ArgumentError(f"{argument} must be True or False, not {shown(given)}")
    return bool(given)


def generator(argument: str, given: object) -> np.random.Generator:
    """A generator from a seed, or the one given."""
    return given if isinstance(given, np.random.Generator) else np.random.default_rng(whole(argument, given, 0))


def mapping(argument: str, given: object) -> dict[str, Any]:
    """A copy of a mapping from names; an empty one for None."""
    found = {} if given is None else given
    if not isinstance(found, Mapping) or not all(isinstance(name, str) for name in found):
        raise ArgumentError(f"{argument} is {shown(given)}, and has to be a mapping from names, {{'name': ...}}")
    return dict(found)


def positive(argument: str, given: object, *, zero: bool = False) -> float:
    """A finite number above zero, or at least zero; Python's or numpy's."""
    number = real(given)
    if number is None or number < 0 or (number == 0 and not zero):
        raise ArgumentError(f"{argument} must be a {'number, zero or more' if zero else 'positive number'}, not {shown(given)}")
    return number


def several(given: object) -> list[Any] | None:
    """The items of a list, an array, a series, ...; None for a text, bytes, or anything that holds no items."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable) or (isinstance(given, np.ndarray) and given.ndim == 0):
        return None
    return list(given)


def is_whole(given: object, least: int, most: int) -> TypeGuard[int]:
    """Whether something is a whole number within limits, Python's or numpy's."""
    return isinstance(given, int | np.integer) and not isinstance(given, bool) and bool(least <= given <= most)


def real(given: object) -> float | None:
    """A finite number, Python's or numpy's; None for anything else."""
    plain = isinstance(given, int | float | np.integer | np.floating) and not isinstance(given, bool)
    return float(given) if plain and abs(given) <= sys.float_info.max else None  # type: ignore[arg-type]


def checked_level(alpha: float) -> float:
    """The level of intervals and tests, refused unless it lies between 0 and 1."""
    if isinstance(alpha, bool) or not isinstance(alpha, int | float | np.floating) or not 0 < alpha < 1:
        raise ArgumentError(f"alpha={alpha!r} is not between 0 and 1; 0.05 gives 95 % intervals")
    return float(alpha)
