"""Suppression of small cells, so that no hidden cell can be computed from what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import flag, made_by, whole
from tienet.base.errors import ArgumentError, offer, shown
from tienet.base.numbers import counted, number
from tienet.base.record import locked
from tienet.network.measures.functions import FunctionMatrix
from tienet.network.privacy.floors import FLOOR
from tienet.network.privacy.reach import Cells, Reach, Weights
from tienet.network.reading.spells import UNASSIGNED

__all__ = ["SuppressedMatrix", "suppress"]

MOST = 0.5  # one person has at most this share of the ties of a cell that is shown


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class SuppressedMatrix(FunctionMatrix):
    """A function matrix with hidden cells: `ties` and all other numbers are NaN where `hidden` is True.

    Parameters
    ----------
    hidden
        (f, f) whether a cell is hidden, symmetric.
    total
        Number of all ties, including those in hidden cells.
    floor
        Number of ties that a cell needs to be shown; cells without ties are shown as 0.

    A hidden cell has fewer ties than the floor, or one person has most of them, or it protects such a cell.
    """

    hidden: NDArray[np.bool_]
    total: int
    floor: int

    def __str__(self) -> str:
        hidden = int(np.triu(self.hidden).sum())
        inward = (
            f"E-I index {number(self.ei_index, 2)} (rescaled for group sizes {number(self.ei_index_rescaled, 2)}; -1 inward, +1 outward)"
            if np.isfinite(self.ei_index)
            else "the E-I index is hidden"
        )
        kept_back = (
            f"; {counted(hidden, 'cell')} hidden: fewer than {self.floor} ties, most of them one person's, or a number from which such a "
            "cell could be inferred"
            if hidden
            else f"; no cell has 1 to {self.floor - 1} ties"
            if self.floor > 1
            else ""
        )
        return f"{counted(self.total, 'tie')} among {counted(len(self.functions), 'function')}; {inward}{kept_back}"


def suppress(
    matrix: FunctionMatrix,
    *,
    floor: int = FLOOR,
    told: Sequence[tuple[str, str]] = (),
    sums: Sequence[Cells] = (),
    hide: Cells | None = None,
    margins: bool = True,
) -> SuppressedMatrix:
    r"""Hide the cells of a function matrix that tell of few ties or of one person, and further cells so that no hidden one can be computed.

    A cell is hidden if it has 1 to floor - 1 ties, or if one person has more than half of its ties. Readers may know the number of ties
    of each function, their total, the E-I index and the sizes of the functions, so a hidden cell could be computed if it were the only one
    in its row. Further cells are therefore hidden, those with the fewest ties first and no more than needed, until each hidden cell stays
    wider than the floor,

    .. math:: \max t_{ij} - \min t_{ij} > floor \quad\text{over all whole } 0 \le t \le pairs \text{ with the known sums.}

    The ties of a function may be known in two ways: each counted once, or (as the sum of its people's ties) those within it twice. Both are
    taken into account, not both at once. If no choice of cells is enough, all are hidden, and the E-I index too.

    Parameters
    ----------
    matrix
        From `function_matrix`, preferably of `merge_small(ties)`, since a floor on ties does not replace one on people.
    floor
        Number of ties that a cell needs to be shown.
    told
        Pairs of functions whose number of ties the readers know from elsewhere, such as from a mean of total ties. They are hidden only
        if they must be (then the other number has to go as well), never to protect another cell.
    sums
        Each (f, f), symmetric: cells whose sum is known.
    hide
        (f, f) further cells to hide, symmetric.
    margins
        Whether readers may know the ties of each function and the E-I index. With False the index is hidden.

    Returns
    -------
    SuppressedMatrix

    Raises
    ------
    ArgumentError
        The floor is below 1, or `told` names a function that is not in the matrix.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, chapter 4.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=80, seed=2)
    >>> matrix = tn.function_matrix(tn.build_ties(firm.log, firm.people))
    >>> bool((tn.network.privacy.suppress(matrix, floor=5).ties >= 5).sum() > 0)
    True
    """
    made_by("function_matrix", FunctionMatrix, matrix=matrix)
    whole("floor", floor)
    size = len(matrix.functions)
    at = np.triu_indices(size)
    ties = np.asarray(matrix.ties)
    sensitive = _sensitive(matrix, floor)[at] | (False if hide is None else _square("hide", hide, size).astype(bool)[at])
    kept = np.zeros((size, size), dtype=bool)
    for one, other in _pairs(told):
        row, col = (_place(matrix, name) for name in (one, other))
        kept[row, col] = kept[col, row] = True
    if isinstance(sums, str | bytes) or not isinstance(sums, Sequence):
        raise ArgumentError(f"sums must be a list of (f, f) arrays, got {shown(sums)}")
    known = np.array([_square("sums", cells, size)[at] for cells in sums])
    choice = _Choice(matrix, at, sensitive, kept[at], known, floor, flag("margins", margins))
    chosen, telling = choice.made()
    hidden = np.zeros((size, size), dtype=bool)
    hidden[at] = chosen
    hidden |= hidden.T
    values = {field.name: _without(getattr(matrix, field.name), hidden) for field in fields(FunctionMatrix)}
    if not telling:
        values |= {"ei_index": float("nan"), "ei_index_rescaled": float("nan")}
    return SuppressedMatrix(**values, hidden=locked(hidden), total=int(np.triu(ties).sum()), floor=floor)


def _pairs(told: object) -> Sequence[tuple[str, str]]:
    """Pairs of functions, as `told` gives them."""
    if isinstance(told, list | tuple) and all(map(_is_pair, told)):
        return told
    raise ArgumentError(f"told must be a list of pairs of functions, such as [('sales', 'marketing')]; got {shown(told)}")


def _is_pair(given: object) -> bool:
    return isinstance(given, list | tuple) and len(given) == 2 and all(isinstance(name, str) for name in given)


def _square(name: str, cells: object, size: int) -> NDArray[np.float64]:
    """Cells of the matrix as numbers."""
    try:
        found = np.asarray(cells, dtype=float)
    except (TypeError, ValueError, OverflowError):
        found = np.empty(0)
    if found.shape != (size, size) or not np.isfinite(found).all():
        raise ArgumentError(f"{name} must have a number for each pair of the {size} functions, ({size}, {size}); got {shown(cells)}")
    return found


def _place(matrix: FunctionMatrix, name: str) -> int:
    if name not in matrix.functions:
        raise ArgumentError(f"told names {name!r}, which is not a function of the matrix{offer(name, matrix.functions)}")
    return matrix.functions.index(name)


def _sensitive(matrix: FunctionMatrix, floor: int) -> Cells:
    """(f, f) cells with few ties, or most of whose ties one person has; a floor of 1 protects nobody."""
    ties = np.asarray(matrix.ties)
    few: Cells = np.asarray((ties > 0) & (ties < floor))
    if floor > 1 and matrix.busiest is not None:
        few = few | (matrix.busiest > MOST * ties)
    return few


def _without(value: Any, hidden: Cells) -> Any:
    """A field of the matrix, with NaN in hidden cells if it has one number per cell."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return locked(np.where(hidden, np.nan, value)) if hidden.any() else value
    return value


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Which of the c cells of a matrix to hide; all arrays have one entry per unordered pair of functions."""

    matrix: FunctionMatrix
    at: tuple[NDArray[np.int64], NDArray[np.int64]]
    sensitive: Cells
    told: Cells
    sums: Weights
    floor: int
    margins: bool

    def made(self) -> tuple[Cells, bool]:
        """The cells to hide, and whether the E-I index may be shown with them."""
        if not self.sensitive.any():
            return self.sensitive, self.margins
        protected = self._protected()
        if protected is not None:
            return protected, self.margins
        # Without a sum per function and without the E-I index, readers know the total, and what is told elsewhere.
        everything = np.ones_like(self.sensitive)
        all_but_told = everything & ~(self.told & ~self.sensitive)
        reach = self._reach([np.ones((1, len(everything)))])
        return (all_but_told if reach.exposed(all_but_told) is None else everything), False

    def _protected(self) -> Cells | None:
        """The sensitive cells and as few others as needed; None if hiding all is not enough."""
        reach = self._reach(self._systems())
        hidden, asked = self.sensitive.copy(), 0
        done = np.zeros_like(hidden)  # cells all of whose neighbours are hidden, which is all that can be done
        # A cell that is wide stays wide when further ones are hidden.
        while (open_to_view := reach.exposed(hidden, [asked], done)) is not None:
            more = self._next(hidden, open_to_view)
            if more is not None:
                hidden[more], asked = True, open_to_view
            elif self.margins:
                return None
            else:
                done[open_to_view] = True
        return self._fewer(reach, hidden, done)

    def _next(self, hidden: Cells, open_to_view: int) -> int | None:
        """The visible cell with the fewest ties among those that help an exposed cell; empty cells come last."""
        rows, cols = self.at
        pair = (rows[open_to_view], cols[open_to_view])
        free = ~hidden & ~self.told
        beside = np.isin(rows, pair) | np.isin(cols, pair) if self.margins else self._beside(open_to_view)
        for offered in (free & beside, free) if self.margins else (free & beside,):
            places = np.flatnonzero(offered).tolist()
            if places:
                return int(min(places, key=lambda place: (self._ties[place] == 0, self._ties[place], place)))
        return None

    def _beside(self, place: int) -> Cells:
        """The cells that share a known sum with one."""
        if not len(self.sums):
            return np.ones_like(self.sensitive)
        return np.asarray((self.sums[self.sums[:, place] > 0] > 0).any(axis=0))

    def _fewer(self, reach: Reach, hidden: Cells, done: Cells) -> Cells:
        """Show again, those with the most ties first, the cells that the others do not need."""
        needed = self.sensitive.copy()
        for place in np.flatnonzero(done).tolist():
            needed |= self._beside(place)
        extra = np.flatnonzero(hidden & ~needed).tolist()
        for place in sorted(extra, key=lambda place: -self._ties[place]):
            hidden[place] = False
            if reach.exposed(hidden, (), done) is not None:
                hidden[place] = True
        return hidden

    @property
    def _ties(self) -> NDArray[np.int64]:
        return np.asarray(self.matrix.ties)[self.at]

    def _reach(self, systems: Sequence[Weights]) -> Reach:
        known = [np.vstack([system, *([self.sums] if len(self.sums) else [])]) for system in systems]
        return Reach(self._ties, self._pairs(), known, self.floor if self.floor > 1 else 0)

    def _systems(self) -> list[Weights]:
        """What readers may know of the ties of each function, with the sum of the diagonal that the E-I index gives."""
        rows, cols = self.at
        total = np.ones((1, len(rows)))
        if not self.margins:
            return [total[: not len(self.sums)]]  # sums of all parts are known instead
        touched = np.array([(rows == place) | (cols == place) for place in range(len(self.matrix.functions))], dtype=float)
        within = np.array(rows == cols, dtype=float)
        stated = np.array([name != UNASSIGNED for name in self.matrix.functions])[rows]
        return [np.vstack([margins, within * stated, total]) for margins in (touched, touched * (1.0 + within))]

    def _pairs(self) -> Weights:
        """The most ties of each cell: the pairs of its people, unless people have changed functions."""
        rows, cols = self.at
        members = np.asarray(self.matrix.members, dtype=float)
        pairs = np.where(rows == cols, members[rows] * (members[rows] - 1.0) / 2.0, members[rows] * members[cols])
        return pairs if (self._ties <= pairs).all() else np.full(len(rows), np.inf)
