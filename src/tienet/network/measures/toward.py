"""Functions of alters, and of both ends of ties, at the time of the interactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.network.ties.network import Ties
from tienet.network.ties.pairs import per_week, reaches
from tienet.network.ties.segments import Segments
from tienet.network.ties.strengths import Strength
from tienet.network.ties.tie_numbers import part_values, strength_values

Toward: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def ties_toward(ties: Ties, strength: Strength, functions: Sequence[str]) -> Toward:
    """For both ends of every tie to some functions: ego (roster position), position of the alter's function among them, strength.

    An alter who changed functions during the tie counts in each function whose interactions reach the threshold, with the strength of
    that part of the tie.
    """
    as_a, as_b = strength_values(ties, strength)
    place, segments = _places(ties.people.function, functions), ties.segments
    whole = None if segments is None else np.ones(len(ties), dtype=bool)
    if segments is not None and whole is not None:
        whole[segments.tie] = False
    parts = []
    for ego, alter, seen in ((ties.a, ties.b, as_a), (ties.b, ties.a, as_b)):
        there = place[alter]
        wanted = there >= 0 if whole is None else (there >= 0) & whole
        parts.append((ego[wanted], there[wanted], seen[wanted]))
    if segments is not None:
        for end, held, seen in ((ties.a, segments.function_b, as_a), (ties.b, segments.function_a, as_b)):
            tie, there, value = _parts(ties, segments, _places(held, functions), len(functions), strength, seen)
            parts.append((end[tie], there, value))
    ego, toward, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return ego, toward, values


def _places(held: NDArray[Any], functions: Sequence[str]) -> NDArray[np.int64]:
    """Position of each among the functions, -1 if it is not one of them."""
    import pandas as pd

    return np.asarray(pd.Index(list(functions), dtype=object).get_indexer(pd.Index(held, dtype=object)), dtype=np.int64)


def _parts(ties: Ties, segments: Segments, place: NDArray[np.int64], size: int, strength: Strength, seen: NDArray[np.float64]) -> Toward:
    """Tie, position of the alter's function, and strength of the parts that reach the threshold, whatever function ego held."""
    wanted = place >= 0
    cells, cell = np.unique(segments.tie[wanted] * size + place[wanted], return_inverse=True)

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(cell, weights=values[wanted], minlength=len(cells)).astype(np.float64)

    interactions, tie = total(segments.interactions), cells // size
    # The weaker direction of a part is not the sum of the weaker directions within it.
    frequency = per_week(total(segments.weighted), total(segments.weighted_a_to_b), ties.rule, ties.window)
    value = seen[tie]
    if strength.of_part is not None:
        own = frequency if ties.given is None else ties.given.both[tie]
        value = part_values(strength, {"interactions": interactions, "frequency": frequency, "strength": own}, len(tie))
    enough = reaches(interactions, ties.rule.min_interactions)
    return tie[enough], (cells % size)[enough], value[enough]


def functions_of_ties(ties: Ties) -> tuple[NDArray[Any], NDArray[Any]]:
    """The functions of the two ends with most of each tie's interactions; among equals, those with the latest contact."""
    of_a, of_b = ties.people.function[ties.a], ties.people.function[ties.b]
    segments = ties.segments
    if segments is None or not len(segments.tie):
        return of_a, of_b
    names, code = np.unique(np.concatenate([segments.function_a, segments.function_b]), return_inverse=True)
    # Sales and Marketing are one pair of functions, whichever end holds which.
    first, second = np.sort(code.reshape(2, -1), axis=0)
    cells, cell = np.unique((segments.tie * len(names) + first) * len(names) + second, return_inverse=True)
    count = np.bincount(cell, weights=segments.interactions)
    last = np.full(len(cells), np.iinfo(np.int64).min)
    np.maximum.at(last, cell, segments.last)
    tie, pair = cells // len(names) ** 2, cells % len(names) ** 2
    most = np.zeros(len(ties))
    np.maximum.at(most, tie, count)
    # With a tolerance, since sums of the same weights in another order may differ in rounding.
    best = np.flatnonzero(count >= most[tie] * (1.0 - 1e-12))
    best = best[np.lexsort((last[best], tie[best]))]
    best = best[np.append(tie[best][1:] != tie[best][:-1], True)]
    of_a[tie[best]], of_b[tie[best]] = names[pair[best] // len(names)], names[pair[best] % len(names)]
    return of_a, of_b
