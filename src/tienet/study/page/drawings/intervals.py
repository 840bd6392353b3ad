"""The small drawings of estimates: a dot and its interval on the scale that all cards share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tienet.base.numbers import minus
from tienet.study.cards.card import Card, Estimate
from tienet.study.page.drawings.scales import Scale


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate in a row of a card: positions from 0 to 100, and its numbers in words."""

    key: str
    low: float
    at: float
    high: float
    zero: float
    value: str
    range: str


def scale_of(cards: Sequence[Card]) -> Scale:
    """The scale that the estimates of all cards share; it includes zero."""
    held = [one for card in cards for one in _estimates(card).values()]
    ends = [0.0, *(end for one in held for end in (one.low, one.high) if np.isfinite(end))]
    low, high = min(ends), max(ends)
    room = 0.04 * (high - low) or 1.0
    return Scale(low - room, high + room, 0.0, 100.0)


def draw_intervals(card: Card, scale: Scale) -> tuple[Interval, ...]:
    """The rows of a card: weak ties, strong ties and their difference; none where nothing was tested."""
    held = _estimates(card)
    if not held:
        return ()
    digits = max(_decimals(one.std_error) for one in held.values())
    return tuple(
        Interval(key, scale(one.low), scale(one.estimate), scale(one.high), scale(0.0), *estimate_words(one, digits))
        for key, one in held.items()
    )


def _estimates(card: Card) -> dict[str, Estimate]:
    held = {"weak": card.weak, "strong": card.strong, "apart": card.difference}
    return {key: one for key, one in held.items() if one is not None}


def estimate_words(one: Estimate, digits: int | None = None) -> tuple[str, str]:
    """An estimate with its sign, and its interval; as many decimals as its standard error needs to show two digits."""
    digits = _decimals(one.std_error) if digits is None else digits
    return minus(f"{one.estimate:+,.{digits}f}"), minus(f"{one.low:,.{digits}f} to {one.high:,.{digits}f}")


def _decimals(error: float) -> int:
    if not (np.isfinite(error) and error > 0):
        return 2
    return int(np.clip(1 - np.floor(np.log10(error)), 0, 8))
