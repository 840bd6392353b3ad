"""Spells: which function each person held from which day to which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base import time as _time
from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import is_missing
from tienet.base.numbers import rows_text
from tienet.base.record import locked
from tienet.network.reading.cells.written import BAD_TIME

UNASSIGNED = "unassigned"
# All moments of a log are in between, so spells that start or end beyond are open (9999-12-31 stands for "no end").
BEGINNING, END = BAD_TIME, -BAD_TIME


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Spells:
    """The function of everyone at every moment: the spells of each person in order of time, without gaps.

    Parameters
    ----------
    person
        (k,) roster positions, sorted; the spells of one person are in order of time.
    function
        (k,) functions in snake_case; "unassigned" outside all spells of the table. Successive spells of a person differ.
    start, end
        (k,) first moment of the spell and first moment after it, microseconds UTC; the first start and the last end of a person lie beyond
        every log.
    """

    person: NDArray[np.int64]
    function: NDArray[Any]
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def at(self, person: NDArray[np.int64], moment: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find the spell of each person at the given moment."""
        starts = np.unique(self.start)
        keys = self.person * len(starts) + np.searchsorted(starts, self.start)
        wanted = person * len(starts) + np.searchsorted(starts, moment, side="right") - 1
        found: NDArray[np.int64] = np.searchsorted(keys, wanted, side="right") - 1
        return found

    def changing(self, function: NDArray[Any], start: int, end: int) -> NDArray[np.int64]:
        """Roster positions of people who hold a function other than `function` at some time from `start` to before `end`."""
        other = self.function != function[self.person]
        return np.unique(self.person[other & (self.start < end) & (self.end > start)])

    def of(self, kept: NDArray[np.int64]) -> Spells:
        """The spells of part of the roster, given by sorted positions, with new positions."""
        there = np.isin(self.person, kept)
        person = np.searchsorted(kept, self.person[there])
        return Spells(locked(person, np.int64), *(locked(values[there]) for values in (self.function, self.start, self.end)))


def bounds(columns: Sequence[Any], rows: NDArray[np.int64], *, where: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of the spell in each row; `columns` are valid_from and valid_to, None for a missing column."""
    start, end = (
        np.full(len(rows), opened, dtype=np.int64) if column is None else _moments(column, rows, opened, where=where)
        for column, opened in zip(columns, (BEGINNING, END), strict=True)
    )
    empty = rows[end <= start]
    if len(empty):
        raise DataError(
            f"{where}: {_named(empty)} valid_to is not after valid_from; valid_to is the first day on which the function is no longer held"
        )
    return start, end


def _moments(column: Any, rows: NDArray[np.int64], opened: int, *, where: str) -> NDArray[np.int64]:
    values = column.to_list()
    found = [_moment(values[row], opened, where=f"{where}: column {column.name!r}, row {row + 1}") for row in rows.tolist()]
    return np.clip(np.array(found, dtype=np.int64), BEGINNING, END)


def _moment(value: Any, opened: int, *, where: str) -> int:
    """A day in microseconds UTC. Messages do not show the value, which may be personal data."""
    if is_missing(value) or (isinstance(value, str) and not value.strip()):
        return opened
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime(warn=False)
    if not isinstance(value, str | date):
        raise DataError(f"{where}: expected a date, found a number; write dates as 2026-03-01")
    try:
        found = _time.moment(value.strip() if isinstance(value, str) else value)
    except ArgumentError:
        raise DataError(f"{where}: this is not a date; write dates as 2026-03-01") from None
    if found % _time.DAY:
        raise DataError(f"{where}: a time of day other than midnight UTC; functions change by the day, so write only the date")
    return found


def refuse_overlap(person: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64], rows: Any, *, where: str) -> None:
    """Raise an error if a person holds two functions at a time."""
    order = np.lexsort((start, person))
    who, rows = person[order], rows[order]
    both = np.flatnonzero((who[1:] == who[:-1]) & (start[order][1:] < end[order][:-1]))
    if len(both):
        at = np.unique(np.concatenate([rows[both], rows[both + 1]]))
        raise DataError(
            f"{where}: {_named(at)} the same person holds a function in spells that overlap; end each with valid_to "
            "(the first day on which the function is no longer held) before the next begins, or make the ids of different people differ"
        )


def _named(rows: NDArray[np.int64]) -> str:
    return f"in {rows_text((rows + 1).tolist())}"


def timeline(person: NDArray[np.int64], function: NDArray[Any], start: NDArray[np.int64], end: NDArray[np.int64]) -> Spells | None:
    """The spells of the table, with gaps filled in; None if no one ever changes functions."""
    order = np.lexsort((start, person))
    person, function, start, end = (values[order] for values in (person, function, start, end))
    last = np.append(person[1:] != person[:-1], True)
    first = np.roll(last, 1)
    before, after = np.where(first, BEGINNING, np.roll(end, 1)), np.where(last, END, 0)
    ahead, behind = start > before, last & (end < after)
    person = np.concatenate([person, person[ahead], person[behind]])
    begins = np.concatenate([start, before[ahead], end[behind]])
    function = np.concatenate([function, np.full(int(ahead.sum() + behind.sum()), UNASSIGNED, dtype=object)])
    order = np.lexsort((begins, person))
    person, function, begins = person[order], function[order], begins[order]
    new = np.append(True, (person[1:] != person[:-1]) | (function[1:] != function[:-1]))
    person, function, begins = person[new], function[new], begins[new]
    if len(np.unique(person)) == len(person):
        return None
    ends = np.where(np.append(person[1:] != person[:-1], True), END, np.append(begins[1:], END))
    return Spells(locked(person, np.int64), locked(function, dtype=object), locked(begins, np.int64), locked(ends, np.int64))
