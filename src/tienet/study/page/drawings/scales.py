"""Scales and ticks of a drawing, and how wide a text is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray

_STEPS = (1.0, 2.0, 5.0, 10.0)
_NARROW, _WIDE = frozenset("fijlrtI.,:;'|!()[] -"), frozenset("mwMW@%")


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to positions in a drawing."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The position of a value, to a tenth."""
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return round(self.start + share * (self.end - self.start), 1)


def round_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """At most `most` ticks within a range, a step of 1, 2 or 5 times a power of ten apart.

    Examples
    --------
    >>> round_ticks(2.7, 9.4)
    [4.0, 6.0, 8.0]
    """
    if not high > low:
        return [low]
    power = 10.0 ** np.floor(np.log10((high - low) / most))
    for step in (power * one for one in (*_STEPS, 20.0, 50.0)):
        first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [float(f"{step * one:.10g}") + 0.0 for one in np.arange(first, last + 1)]
    return [low, high]


def whole_ticks(low: int, high: int, most: int = 11) -> list[int]:
    """Whole numbers as ticks: multiples of 1, 2, 5, 10, 20, ... within a range.

    Examples
    --------
    >>> whole_ticks(1, 10), whole_ticks(1, 23)
    ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22])
    """
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            first = -(-low // step) * step
            found = list(range(first, high + 1, step))
            if len(found) <= most:
                return found or [low]
        size *= 10


def text_width(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif font of this size.

    Examples
    --------
    >>> text_width("Sales", 10) < text_width("Customer Service", 10) < text_width("Customer Service", 20)
    True
    """
    return size * sum(_width(one) for one in text)


def _width(letter: str) -> float:
    if east_asian_width(letter) in "WF":
        return 1.0
    return 0.32 if letter in _NARROW else 0.85 if letter in _WIDE else 0.66 if letter.isupper() else 0.55


def shortened(text: str, size: float, room: float) -> str:
    """A text that fits into a room, with an ellipsis if it had to be shortened.

    Examples
    --------
    >>> shortened("Customer Service", 10, 200), shortened("Customer Service", 10, 60)
    ('Customer Service', 'Customer S…')
    """
    if text_width(text, size) <= room:
        return text
    cut = text
    while cut and text_width(cut + "…", size) > room:
        cut = cut[:-1]
    return cut.rstrip() + "…"


def points(x: Sequence[float] | NDArray[np.float64], y: Sequence[float] | NDArray[np.float64]) -> str:
    """The path of a line through points; gaps where a value is missing.

    Examples
    --------
    >>> points([0, 1, 2, 3], [1, 2, float("nan"), 4])
    'M0 1L1 2'
    """
    pieces: list[str] = []
    held: list[str] = []
    for one, two in zip(x, y, strict=True):
        if np.isfinite(two):
            held.append(f"{one:g} {two:g}")
            continue
        pieces, held = _closed(pieces, held), []
    return "".join(_closed(pieces, held))


def _closed(pieces: list[str], held: list[str]) -> list[str]:
    return [*pieces, "M" + "L".join(held)] if len(held) > 1 else pieces


def ribbon(x: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
    """The path of the area between two lines; missing values are left out.

    Examples
    --------
    >>> ribbon([0, 1], [2, 2], [4, 4])
    'M0 2L1 2L1 4L0 4Z'
    """
    kept = [(a, b, c) for a, b, c in zip(x, low, high, strict=True) if np.isfinite(b) and np.isfinite(c)]
    if len(kept) < 2:
        return ""
    there = [f"{a:g} {b:g}" for a, b, _ in kept]
    back = [f"{a:g} {c:g}" for a, _, c in reversed(kept)]
    return "M" + "L".join(there + back) + "Z"
