"""Bins of people: columns and cells that count, so that nobody's own values can be read from a figure or its file.

PeopleColumns and cells of fewer people than the floor tell no number; neighbouring columns of few people become one. The others count in
multiples of the floor, so that the number of a column of few people is not the rest. Edges are round numbers, never somebody's value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.steps import step_above, to_step
from tienet.network.privacy.floors import FLOOR

Numbers = NDArray[np.float64]
_MOST = 30  # columns
_ROOM = 5  # the outermost columns, where they are of few people, end at a multiple of this many columns


@dataclass(frozen=True, slots=True, eq=False)
class PeopleColumns:
    """People by the value of one variable.

    Parameters
    ----------
    left, right
        (c,) edges of the columns with people.
    people
        (c,) people, rounded to multiples of the floor; NaN in columns of few.
    """

    left: Numbers
    right: Numbers
    people: Numbers

    @property
    def few(self) -> NDArray[np.bool_]:
        """Which columns have fewer people than the floor."""
        return np.isnan(self.people)


def width_of(values: Numbers, most: int = _MOST) -> float:
    """The width of a column: a round number, and at least 1 for whole numbers."""
    known = values[np.isfinite(values)]
    span = float(np.ptp(known)) if len(known) else 0.0
    whole = bool(np.all(known == np.round(known)))
    wide = step_above(span / max(most, 1)) or 1.0
    return max(1.0, wide) if whole else wide


def edge_of(values: Numbers) -> float:
    """Where columns begin: half a unit below whole numbers, so that these stand in the middle."""
    known = values[np.isfinite(values)]
    return -0.5 if bool(np.all(known == np.round(known))) else 0.0


def columns_of(values: Numbers, floor: int = FLOOR) -> PeopleColumns:
    """Count the people by the value of a variable."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        return PeopleColumns(*(np.zeros(0) for _ in range(3)))
    width = width_of(values, int(np.clip(len(values) / floor, 5, _MOST)) if np.any(values != np.round(values)) else _MOST)
    start = edge_of(values)
    place = np.floor((values - start) / width + 1e-9).astype(np.int64)
    first = int(place.min())
    counts = np.bincount(place - first)
    runs = _runs(counts, floor)
    ends = [_widened(run, first, (at == 0, at == len(runs) - 1)) for at, run in enumerate(runs)]
    edges = np.array([(start + low * width, start + high * width) for low, high in ends])
    low = start if bool((values >= 0).all()) else -np.inf  # no column below zero where there are no such values
    people = np.array([np.nan if few else max(1, round(count / floor)) * floor for _, _, count, few in runs], dtype=float)
    return PeopleColumns(np.maximum(edges[:, 0], low), edges[:, 1], people)


def _runs(counts: NDArray[np.int64], floor: int) -> list[tuple[int, int, int, bool]]:
    """PeopleColumns as (first, last + 1, people, whether too few), neighbouring ones of too few joined; empty ones between those too."""
    found: list[tuple[int, int, int, bool]] = []
    for place, count in enumerate(counts.tolist()):
        few = count < floor
        if not count:
            continue
        if few and found and found[-1][3]:
            low, _, held, _ = found[-1]
            found[-1] = (low, place + 1, held + count, True)
        else:
            found.append((place, place + 1, count, few))
    return found


def _widened(run: tuple[int, int, int, bool], first: int, ends: tuple[bool, bool]) -> tuple[int, int]:
    """The edges of a column in widths; a hollow one at an end of all of them is extended, so that the end is nobody's value."""
    low, high, _, few = run
    low, high = low + first, high + first
    if few and ends[0]:
        low = _ROOM * (low // _ROOM)
    if few and ends[1]:
        high = -_ROOM * (-high // _ROOM)
    return low, high


@dataclass(frozen=True, slots=True, eq=False)
class PeopleGrid:
    """People by the values of two variables.

    Parameters
    ----------
    x, y
        (c,) middles of the cells with people.
    width, height
        Size of a cell.
    people
        (c,) people, rounded to multiples of the floor; NaN in cells of few.
    """

    x: Numbers
    y: Numbers
    width: float
    height: float
    people: Numbers

    @property
    def corners(self) -> Numbers:
        """(4 c, 2) the corners of all cells."""
        return np.concatenate([
            np.column_stack([self.x + side * self.width / 2, self.y + up * self.height / 2]) for side in (-1, 1) for up in (-1, 1)
        ])  # fmt: skip

    @property
    def hull(self) -> Numbers:
        """(h, 2) the corners of the convex hull of all cells, counter-clockwise."""
        from scipy.spatial import ConvexHull

        return self.corners[ConvexHull(self.corners).vertices] if len(self.x) else np.empty((0, 2))


def grid_of(x: Any, y: Any, floor: int = FLOOR, *, which: Any = None) -> PeopleGrid:
    """Count the people by the values of two variables, in about as many cells as there are floors of people.

    ``which`` counts some of them only, in the cells of all.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    known = np.isfinite(x) & np.isfinite(y)
    counted = known if which is None else known & which
    across = int(np.clip(2 * np.sqrt(known.sum() / floor), 4, 14))
    places, sizes = [], []
    for values in (x, y):
        width, start = width_of(values[known], across), edge_of(values[known])
        places.append(np.floor((values[counted] - start) / width + 1e-9))
        sizes.append((start, width))
    spots, counts = np.unique(np.column_stack(places), axis=0, return_counts=True)
    spots = spots.reshape(-1, 2)
    middle = [start + (spots[:, at] + 0.5) * width for at, (start, width) in enumerate(sizes)]
    people = np.where(counts < floor, np.nan, np.maximum(1, np.round(counts / floor)) * floor).astype(float)
    return PeopleGrid(middle[0], middle[1], sizes[0][1], sizes[1][1], people)


def range_of(values: Any, floor: int = FLOOR, share: float = 0.97) -> tuple[float, float]:
    """A round range that holds the share of the people, with at least the floor of them at or beyond either end."""
    known = np.sort(np.asarray(values, dtype=float)[np.isfinite(values)])
    beyond = min(max(floor, int(np.ceil((1 - share) * len(known)))), len(known))
    low, high = float(known[beyond - 1]), float(known[-beyond])
    step = width_of(known, 50)
    start = float(np.ceil(low / step - 1e-9)) if np.sum(known == known[0]) < floor else round(known[0] / step)
    end = float(np.floor(high / step + 1e-9))
    if not start < end:  # nearly all have one value: a step around everybody
        start, end = float(np.floor(known[0] / step)), float(np.floor(known[-1] / step)) + 1.0
    return float(to_step(start * step, step)), float(to_step(end * step, step))


def joined_edges(values: Any, floor: int = FLOOR, most: int = _MOST) -> Numbers:
    """Edges of bars over whole numbers, each of at least the floor of people; bars of fewer are joined with those beside them."""
    values = np.asarray(values, dtype=float)
    width, start = width_of(values, most), edge_of(values)
    place = np.floor((values - start) / width + 1e-9).astype(np.int64)
    counts = np.bincount(place)
    ends, held = [int(place.min())], 0
    for at in range(ends[0], len(counts)):
        held += int(counts[at])
        if held >= floor or (held == 0 and len(ends) > 1):
            ends.append(at + 1)
            held = 0
    if held:  # the rest joins the last bar that has people
        while len(ends) > 1 and counts[ends[-2] : ends[-1]].sum() == 0:
            ends.pop()
        ends = [*(ends[:-1] if len(ends) > 1 else ends), -_ROOM * (-len(counts) // _ROOM)]
    return np.asarray(start + np.array(ends) * width)
