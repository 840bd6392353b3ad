"""Dyads and their permutations: rows and columns of a matrix are permuted together, for many orders at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import choice, generator
from tienet.base.errors import ArgumentError, DataError
from tienet.base.numbers import counted, listed
from tienet.regression.dependence._square import same_people

Missing: TypeAlias = Literal["drop", "refuse"]
Whole: TypeAlias = NDArray[np.integer]

ENUMERATED = 8  # 8! = 40,320 orders are fewer than four times the usual number of draws
# Cells in memory at a time: few enough to stay in the processor's cache, and for products not to be split over threads, which costs more
# than it saves with few columns.
_CELLS = 80_000
_TIE = 1e-9  # statistics that differ by less, relative to the observed one, count as equal


class Orders(NamedTuple):
    """(r, n) orders of the people, and whether they are all possible orders."""

    orders: Whole
    exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class Dyads:
    """Pairs of people used, the same in every matrix.

    Parameters
    ----------
    n
        Number of people.
    i, j
        (m,) row and column of each dyad used; below the diagonal if undirected.
    directed
        Whether i -> j and j -> i are two dyads.
    left_out
        Number of dyads without a value in at least one matrix.
    """

    n: int
    i: Whole
    j: Whole
    directed: bool
    left_out: int

    def __len__(self) -> int:
        return len(self.i)

    def values(self, matrix: Vector) -> Vector:
        """(m,) values of the dyads used."""
        return np.asarray(matrix[self.i, self.j])

    def matrix(self, values: Vector) -> Vector:
        """(n, n) matrix with the values at the dyads used and 0 elsewhere."""
        found = np.zeros((self.n, self.n))
        found[self.i, self.j] = values
        return found if self.directed else found + found.T

    def permuted_sums(self, parts: Sequence[tuple[Vector, Vector]], orders: Whole) -> list[Vector]:
        """Sum a permuted matrix times fixed columns over the dyads used.

        Parameters
        ----------
        parts
            Pairs of an (n, n) matrix and (m, c) columns.
        orders
            (r, n) orders of the people.

        Returns
        -------
        list
            For each part (r, c) sums over dyads (i, j) of matrix[order[i], order[j]] times the columns at (i, j).
        """
        flat = [np.ascontiguousarray(matrix).ravel() for matrix, _ in parts]
        sums = [np.empty((len(orders), columns.shape[1])) for _, columns in parts]
        used = self.i * self.n + self.j
        rows = max(1, _CELLS // self.n**2)
        room = np.empty((rows, len(self)))
        for start in range(0, len(orders), rows):
            chunk = orders[start : start + rows].astype(np.intp)
            cells = np.take((chunk[:, :, None] * self.n + chunk[:, None, :]).reshape(len(chunk), -1), used, axis=1)
            for place, (_, columns) in enumerate(parts):
                # cells are inside by construction, so "clip" only avoids the bounds check and its copy
                moved = np.take(flat[place], cells, mode="clip", out=room[: len(chunk)])
                sums[place][start : start + rows] = moved @ columns
        return sums

    def __str__(self) -> str:
        kind = "directed dyad" if self.directed else "dyad"
        gaps = f", {self.left_out:,} left out for missing values" if self.left_out else ""
        return f"{counted(self.n, 'person', 'people')} ({counted(len(self), kind)}{gaps})"


def used_dyads(matrices: Mapping[str, Vector], directed: bool | None, missing: Missing) -> Dyads:
    """Return the dyads with a value in every matrix, without the diagonal.

    Raises
    ------
    DataError
        If matrices have different sizes or too few people, are not symmetric under ``directed=False``, or have missing values under
        "refuse".
    ArgumentError
        If an option is not valid.
    """
    choice("missing", missing, get_args(Missing))
    if directed is not None and not isinstance(directed, bool | np.bool_):
        raise ArgumentError.not_one_of("directed", directed, (None, True, False))
    n = same_people(matrices)
    uneven = [name for name, matrix in matrices.items() if not np.array_equal(matrix, matrix.T, equal_nan=True)]
    if directed is not None and not directed and uneven:
        raise DataError(f"{uneven[0]} must be symmetric for directed=False; add it to its transpose, or use directed=None")
    both = bool(uneven) if directed is None else bool(directed)
    i, j = np.nonzero(~np.eye(n, dtype=bool)) if both else np.tril_indices(n, -1)
    known = np.all([~np.isnan(matrix[i, j]) for matrix in matrices.values()], axis=0)
    if missing == "refuse" and not known.all():
        gaps = [name for name, matrix in matrices.items() if np.isnan(matrix[i, j]).any()]
        raise DataError(f"{int((~known).sum())} dyads have a missing value in {listed(gaps)}; fill them, or use missing='drop'")
    if not known.any():
        raise DataError("no dyad has a value in every matrix; check the order of the people and the coding of missing values")
    return Dyads(n, i[known], j[known], both, int((~known).sum()))


def orders_of(n: int, draws: int, seed: int | np.random.Generator) -> Orders:
    """All orders of up to 8 people, the original one first; random orders of more."""
    if n <= ENUMERATED:
        return Orders(np.array(list(permutations(range(n))), dtype=np.int32), True)
    start = np.tile(np.arange(n, dtype=np.int32), (draws, 1))
    return Orders(generator("seed", seed).permuted(start, axis=1), False)


class Shares(NamedTuple):
    """Permutation results for a statistic: the two-sided p and the one-sided shares."""

    p_value: float
    larger: float
    smaller: float


def shares(observed: float, permuted: Vector, exact: bool) -> Shares:
    """Shares of permutations that reach the observed statistic, which counts itself; those without a statistic (NaN) count too."""
    slack = _TIE * abs(observed)
    own = 0 if exact else 1  # all orders include the observed one
    total = len(permuted) + own
    below = [np.abs(permuted) < abs(observed) - slack, permuted < observed - slack, permuted > observed + slack]
    return Shares(*(float((np.sum(~short) + own) / total) for short in below))
