"""Segments of ties: interactions by the functions held at the time, for people who change functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.record import locked
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.reading.spells import Spells
from tienet.network.ties.pairs import Days, Roster, Window, group_days, per_week
from tienet.network.ties.rule import TieRule

__all__ = ["Segments"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Segments:
    """One entry per tie and pair of functions held at the time, for the ties of people who change functions within the window.

    Parameters
    ----------
    tie
        (s,) position of the tie, sorted; every interaction of a tie listed here is in one of its entries.
    function_a, function_b
        (s,) the functions of its two ends at the time.
    interactions
        (s,) interactions under these functions; they add up to the interactions of the tie.
    frequency
        (s,) their frequency, computed as for a tie: per week of the whole window, combined from both directions if the rule says so.
    weighted, weighted_a_to_b
        (s,) the weights behind the frequency, for size, channel and age: in total and from a to b.
    last
        (s,) the last day with such an interaction, microseconds UTC.
    """

    tie: NDArray[np.int64]
    function_a: NDArray[Any]
    function_b: NDArray[Any]
    interactions: NDArray[np.float64]
    frequency: NDArray[np.float64]
    weighted: NDArray[np.float64]
    weighted_a_to_b: NDArray[np.float64]
    last: NDArray[np.int64]


def find_segments(
    log: InteractionLog, roster: Roster, people: People, a: NDArray[np.int64], b: NDArray[np.int64], *, rule: TieRule, window: Window | None
) -> Segments | None:
    """The segments of ties (a, b), sorted by a and b; None where no one changes functions within the window."""
    if people.spells is None or window is None:
        return None
    changing = people.spells.changing(people.function, window.start, window.end)
    if not len(changing):
        return None
    days = group_days(log, rule, window, roster, changing)
    return _segments(days, people, people.spells, a * len(people) + b, rule=rule, window=window)


def _segments(days: Days, people: People, spells: Spells, ties: NDArray[np.int64], *, rule: TieRule, window: Window) -> Segments:
    key = days.a * len(people) + days.b
    place = np.minimum(np.searchsorted(ties, key), len(ties) - 1)
    # Pairs below the threshold have no tie.
    there = ties[place] == key if len(ties) else np.zeros(len(key), dtype=bool)
    names, code = np.unique(spells.function, return_inverse=True)
    of_a, of_b = (code[spells.at(end[there], days.day[there])] for end in (days.a, days.b))
    cells, cell = np.unique((place[there] * len(names) + of_a) * len(names) + of_b, return_inverse=True)

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(cell, weights=values[there], minlength=len(cells)).astype(np.float64)

    weighted = total(days.weighted)
    forward = total(days.weighted_forward)
    last = np.full(len(cells), window.start, dtype=np.int64)
    np.maximum.at(last, cell, days.day[there])
    pair = cells % len(names) ** 2
    return Segments(
        tie=locked(cells // len(names) ** 2),
        function_a=locked(names[pair // len(names)], dtype=object),
        function_b=locked(names[pair % len(names)], dtype=object),
        interactions=locked(total(days.weight)),
        frequency=locked(per_week(weighted, forward, rule, window)),
        weighted=locked(weighted),
        weighted_a_to_b=locked(forward),
        last=locked(last),
    )
