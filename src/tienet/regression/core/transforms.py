"""Transforms that a formula may contain, with their inverses and slopes: ``log(x)``, ``log1p(x)`` and ``sqrt(x)``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted

_DIGITS = 13  # of a number computed back from its transform, so that 3 is 3 and not 3.0000000000000004


@dataclass(frozen=True, slots=True)
class Transform:
    """A strictly increasing transform :math:`u = t(x)`.

    Parameters
    ----------
    name
        As written in a formula.
    least
        Infimum of the x at which it is defined.
    closed
        Whether it is defined at `least` itself. Its slope never is.
    forward, back, derivative
        t, its inverse and its derivative in x, all of arrays.
    """

    name: str
    least: float
    closed: bool
    forward: Callable[[Vector], Vector]
    back: Callable[[Vector], Vector]
    derivative: Callable[[Vector], Vector]

    def defined(self, values: Vector) -> NDArray[np.bool_]:
        """Whether t is defined at each value."""
        return np.asarray(values >= self.least if self.closed else values > self.least)

    def inverse(self, values: Vector) -> Vector:
        """Return x of each u, to 13 digits; `least` where u is below the range of t."""
        with np.errstate(over="ignore"):
            found = self.back(np.asarray(values, dtype=float))
        return np.maximum(_short(found), self.least)


def _short(values: Vector) -> Vector:
    """Values rounded to 13 digits."""
    there = np.isfinite(values) & (values != 0)
    places = _DIGITS - 1 - np.floor(np.log10(np.abs(np.where(there, values, 1.0))))
    inside = np.abs(places) < 290
    scale = 10.0 ** np.where(inside, places, 0.0)
    return np.where(there & inside, np.round(values * scale) / scale, values)


TRANSFORMS = {
    made.name: made
    for made in (
        Transform("log", 0.0, False, np.log, np.exp, np.reciprocal),
        Transform("log1p", -1.0, False, np.log1p, np.expm1, lambda x: 1 / (1 + x)),
        Transform("sqrt", 0.0, True, np.sqrt, lambda u: np.maximum(u, 0.0) ** 2, lambda x: 0.5 / np.sqrt(x)),
    )
}


def transformed(values: Vector, transform: str, column: str, rows: NDArray[np.int64], where: str, repair: str = "") -> Vector:
    """A transform of a column; raises an error where it is not defined, with the first of the `rows` counted from 0.

    Examples
    --------
    >>> transformed(np.array([1.0, 4.0]), "sqrt", "x", np.arange(2), "the data")
    array([1., 2.])
    """
    how = TRANSFORMS[transform]
    bad = np.flatnonzero(~(how.defined(values) | np.isnan(values)))
    if bad.size:
        limit = f"{'below' if how.closed else 'not above'} {how.least:g}"
        raise ModelError(
            f"{where}: column {column!r} contains {counted(bad.size, 'value')} {limit}, the first in row {rows[bad[0]] + 1}, where "
            f"{transform}({column}) is not defined; {repair or _instead(transform, column, values)}"
        )
    return how.forward(values)


def _instead(transform: str, column: str, values: Vector) -> str:
    if transform == "log" and np.nanmin(values) > TRANSFORMS["log1p"].least:
        return f"use log1p({column}), the logarithm of 1 + {column}, or leave those values empty to drop their rows"
    return f"use {column} itself, or leave those values empty to drop their rows"
