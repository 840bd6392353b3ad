"""Attributes of people by which the network may be coloured and chosen, with small groups joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.numbers import listed
from tienet.base.wording import column_label, visible
from tienet.network.privacy.grouping import MOST_GROUPS
from tienet.network.ties.network import Ties
from tienet.study.language.reading import say

MOST_VALUES = 8
TEAM = "team"


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """The values of an attribute that may be shown, and (n,) the value of each person."""

    values: tuple[str, ...]
    codes: NDArray[np.int64]


def values_of(given: NDArray[Any], function: NDArray[np.int64], floor: int) -> Values | str:
    """The values of an attribute, joined until every function x value cell holds nobody or at least the floor; else why not.

    Parameters
    ----------
    given
        (n,) the attribute.
    function
        (n,) the function of each person, from 0.
    floor
        Fewest people of a cell.
    """
    words = np.array([_word(one) for one in given.tolist()], dtype=object)
    names, codes = np.unique(words.astype(str), return_inverse=True)
    if len(names) < 2:
        return say("page.network.attribute.same")
    codes = joined(codes, function, floor)
    kept = np.unique(codes)
    if len(kept) < 2:
        return say("page.network.attribute.small", floor=floor)
    if len(kept) > MOST_VALUES:
        return say("page.network.attribute.many", most=MOST_VALUES)
    other = len(names)
    labels = [say("page.network.attribute.other") if one == other else visible(str(names[one]), 30) for one in kept.tolist()]
    return Values(tuple(labels), np.searchsorted(kept, codes))


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """(n,) the part of its function that each person is in, the attributes that divide them, and why others do not, in sentences."""

    part: NDArray[np.int64]
    attributes: tuple[tuple[str, Values], ...] = ()
    refused: tuple[str, ...] = ()


def divide(ties: Ties, function: NDArray[np.int64], wanted: Sequence[str], floor: int) -> Division:
    """Divide functions by each attribute in turn, while every part has at least the floor and there are few enough of them.

    Without an attribute the teams divide them; where these are too many, small ones are joined until there are few enough.
    """
    held = ties.people.attributes
    taken: list[tuple[str, Values]] = []
    refused: list[str] = []
    cell, part = function, np.zeros(len(function), dtype=np.int64)
    for name in wanted:
        found = values_of(np.asarray(held[name]), cell, floor) if name in held else say("page.network.attribute.absent")
        if isinstance(found, Values):
            finer = np.unique(np.column_stack([cell, found.codes]), axis=0, return_inverse=True)[1].ravel()
            if int(finer.max()) < MOST_GROUPS:
                taken.append((name, found))
                cell = part = finer
                continue
            found = say("page.network.attribute.groups", most=MOST_GROUPS)
        elif taken and name in held and isinstance(values_of(np.asarray(held[name]), function, floor), Values):
            before = listed([column_label(one) for one, _ in taken])
            found = say("page.network.attribute.together", before=before, floor=floor)
        refused.append(say("page.network.attribute.refused", name=column_label(name), why=found))
    if not wanted and TEAM in held:
        part = _by_team(np.asarray(held[TEAM]), function, floor)
    return Division(part, tuple(taken), tuple(refused))


def _by_team(teams: NDArray[Any], function: NDArray[np.int64], floor: int) -> NDArray[np.int64]:
    part = np.zeros(len(function), dtype=np.int64)
    while floor <= len(function):
        for one in np.unique(function).tolist():
            inside = function == one
            part[inside] = split(teams[inside].tolist(), floor)
        if len(np.unique(np.column_stack([function, part]), axis=0)) <= MOST_GROUPS:
            return part
        floor *= 2
    return np.zeros(len(function), dtype=np.int64)


def joined(codes: NDArray[np.int64], function: NDArray[np.int64], floor: int) -> NDArray[np.int64]:
    """Join values, the smallest first, until no function x value cell has 1 to floor - 1 people; joined ones get the next free code."""
    codes = codes.astype(np.int64).copy()
    other = int(codes.max(initial=-1)) + 1
    while True:
        cells = np.zeros((int(function.max(initial=0)) + 1, other + 1), dtype=np.int64)
        np.add.at(cells, (function, codes), 1)
        small = np.asarray(((cells > 0) & (cells < floor)).any(axis=0))
        rest = [one for one in np.unique(codes).tolist() if one != other]
        if not small.any() or not rest:
            return codes
        wanting = [one for one in rest if small[one]] or rest
        codes[codes == min(wanting, key=lambda one: int(cells[:, one].sum()))] = other


def _word(value: Any) -> str:
    missing = value is None or (isinstance(value, float) and np.isnan(value))
    return say("page.network.attribute.missing") if missing else str(value)


def split(parts: Sequence[Any], floor: int) -> NDArray[np.int64]:
    """Split the people of one function into parts of at least the floor; small ones are joined with the smallest of the others.

    Examples
    --------
    >>> split(list("aaaabbbbc"), 3).tolist()
    [3, 3, 3, 3, 1, 1, 1, 1, 3]
    """
    return joined(np.unique([_word(one) for one in parts], return_inverse=True)[1], np.zeros(len(parts), dtype=np.int64), floor)
