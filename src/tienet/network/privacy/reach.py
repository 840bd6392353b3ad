"""How far the hidden cells of a symmetric table can lie from their values, given everything that is told: integer programmes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Cells: TypeAlias = NDArray[np.bool_]
Weights: TypeAlias = NDArray[np.float64]


class Reach:
    """Whether hidden cells stay wider than a number, under each of several systems of known sums.

    Parameters
    ----------
    values
        (c,) the counts in the cells.
    most
        (c,) the most that a cell can hold; infinite where that is not known.
    systems
        Each (k, c): weights of the cells in k known sums. A reader knows one of the systems, not all of them.
    width
        The difference of the largest and the smallest possible value of a hidden cell has to be larger than this.
    """

    def __init__(self, values: NDArray[np.int64], most: Weights, systems: Sequence[Weights], width: int) -> None:
        self.values, self.most, self.systems, self.width = values, np.maximum(most, values), systems, width
        # Tables that agree with what is known; one of them often shows that many cells are wide enough.
        self._found: list[list[NDArray[np.int64]]] = [[] for _ in systems]

    def exposed(self, hidden: Cells, first: Iterable[int] = (), but: Cells | None = None) -> int | None:
        """A hidden cell that is not wide enough, the cells of `first` asked first and those of `but` not at all; None if there is none."""
        asked = [*(place for place in first if hidden[place]), *np.flatnonzero(hidden).tolist()]
        asked = asked if but is None else [place for place in asked if not but[place]]
        for system, found in zip(self.systems, self._found, strict=True):
            fitting = [table for table in found if np.array_equal(table[~hidden], self.values[~hidden])]
            low, high = (edge([self.values, *fitting], axis=0) for edge in (np.min, np.max))
            for place in asked:
                for sign in (1.0, -1.0):
                    if high[place] - low[place] > self.width:
                        break
                    table = self._furthest(system, hidden, place, sign)
                    found.append(table)
                    low, high = np.minimum(low, table), np.maximum(high, table)
                if high[place] - low[place] <= self.width:
                    return int(place)
        return None

    def _furthest(self, system: Weights, hidden: Cells, place: int, sign: float) -> NDArray[np.int64]:
        """The table with the smallest (1) or largest (-1) value in a cell."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        cells = _joined(system, hidden, place)
        goal = np.where(cells == place, sign, 0.0)
        known = system[:, cells]
        known = known[known.any(axis=1)]
        sums = known @ self.values[cells]
        # Whole numbers, since sums that allow 0.5 to 1.5 determine the value 1.
        end = milp(
            goal,
            integrality=np.ones(len(cells)),
            bounds=Bounds(0.0, self._bounds(cells)),
            constraints=LinearConstraint(known, sums, sums) if len(known) else None,
        )
        table = self.values.copy()
        if end.x is not None:
            table[cells] = np.rint(end.x).astype(np.int64)
        return table

    def _bounds(self, cells: NDArray[np.int64]) -> Weights:
        """The most that each cell can hold. Any value this far away is wide enough, so that no programme is without an end."""
        bounds: Weights = np.minimum(self.most[cells], self.values[cells] + 4.0 * (self.width + 1))
        return bounds


def _joined(system: Weights, hidden: Cells, place: int) -> NDArray[np.int64]:
    """The hidden cells that known sums connect with one of them; the others have no say in it."""
    found = np.zeros_like(hidden)
    found[place] = True
    while True:
        rows = (system[:, found] != 0).any(axis=1)
        more = hidden & (found | (system[rows] != 0).any(axis=0))
        if (more == found).all():
            return np.flatnonzero(found)
        found = more
