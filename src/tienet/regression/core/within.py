r"""Group effects taken out of columns (within transformation), in functions of arrays.

With D the dummies of one or two effects and W the weights, `sweep` returns :math:`x - D (D'WD)^- D'W x`. One effect needs the means of its
groups. For two, the larger is eliminated and the coefficients of the smaller solve
:math:`(N_s - C' N_l^{-1} C) a = r`, with C the table of counts of both: directly, or by conjugate gradients if both effects are large. No
matrix of dummies is made.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ModelError

ALONE = 1e-10  # a smaller share of variance left within the groups is rounding error
_CLOSE = 1e-9  # relative residual at which conjugate gradients stop; the second pass squares it
_FEW = 300  # groups of the smaller effect up to which the equations are solved directly
_MOST_ROUNDS = 20_000


def recoded(codes: Codes) -> Codes:
    """Codes from 0 without gaps, in the same order."""
    there = np.bincount(codes) > 0
    return np.asarray((np.cumsum(there) - 1)[codes])


def in_groups(codes: Codes) -> NDArray[np.bool_]:
    """(n,) whether a row is left when rows alone in a group of any of the (n, a) effects are dropped, again and again.

    Examples
    --------
    >>> in_groups(np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 1]])).tolist()
    [True, True, True, True, False]
    >>> in_groups(np.array([[0, 0], [0, 1], [1, 1]])).tolist()  # without the last row, the second is alone in 1, then the first in 0
    [False, False, False]
    """
    keep = np.ones(len(codes), dtype=bool)
    while keep.any():
        alone = np.zeros(len(codes), dtype=bool)
        for column in codes.T:
            alone |= keep & (np.bincount(column[keep], minlength=int(column.max()) + 1)[column] == 1)
        if not alone.any():
            break
        keep &= ~alone
    return keep


def nested(effect: Codes, clusters: Codes) -> bool:
    """Whether each group of an effect lies in one cluster."""
    home = np.zeros(int(effect.max()) + 1, dtype=np.int64)
    home[effect] = clusters
    return bool((home[effect] == clusters).all())


def rank(codes: Codes) -> int:
    """Rank of the dummies of the (n, a) effects: for two, the groups of both less the number of connected parts of the data."""
    groups = codes.max(axis=0) + 1
    return int(groups.sum()) - (int(_parts(*codes.T).max()) + 1 if len(groups) > 1 else 0)


def sweep(columns: Vector, codes: Codes, weights: Vector | None = None) -> Vector:
    """The (n, q) columns less the levels of (n, a) groups, a = 1 or 2.

    Parameters
    ----------
    columns
        (n, q).
    codes
        (n, a) groups, from 0 without gaps.
    weights
        (n,) weights of the rows in the means of groups; None for equal ones.

    Examples
    --------
    >>> sweep(np.array([[1.0], [3.0], [4.0], [4.0]]), np.array([[0], [0], [1], [1]])).ravel().tolist()
    [-1.0, 1.0, 0.0, 0.0]
    """
    long, *short = sorted(codes.T, key=lambda column: -int(column.max()))
    away = np.asfortranarray(columns - columns.mean(axis=0))
    make = (lambda part: _one_out(part, long, weights)) if not short else _TwoOut(long, short[0], weights)
    return make(make(away))  # the second pass takes out the rounding error of the first


def group_means(columns: Vector, codes: Codes, weights: Vector | None = None) -> Vector:
    """(groups, q) means of the rows of each group."""
    return _sums(columns, codes, weights) / np.bincount(codes, weights=weights)[:, None]


def _sums(columns: Vector, codes: Codes, weights: Vector | None) -> Vector:
    """(groups, q) weighted sums of the rows of each group."""
    return np.column_stack([np.bincount(codes, weights=column if weights is None else column * weights) for column in columns.T])


def _one_out(columns: Vector, codes: Codes, weights: Vector | None) -> Vector:
    left = np.empty_like(columns)
    for at, means in enumerate(np.ascontiguousarray(group_means(columns, codes, weights).T)):
        np.subtract(columns[:, at], means[codes], out=left[:, at])
    return left


class _TwoOut:
    """Takes out two effects, given the table of their groups."""

    def __init__(self, long: Codes, short: Codes, weights: Vector | None) -> None:
        self.long, self.short, self.weights = long, short, weights
        mass = np.ones(len(long)) if weights is None else weights
        self.table = _crossed(long, short, mass, (int(long.max()) + 1, int(short.max()) + 1))
        self.across = self.table.T.tocsr()
        self.of_long, self.of_short = (np.bincount(codes, weights=mass)[:, None] for codes in (long, short))
        # In each connected part one group stays at 0: without that the equations have no unique solution, and rounding errors grow.
        self.fixed = np.unique(_parts(long, short), return_index=True)[1]
        self.direct = self._factored() if len(self.of_short) <= _FEW else None

    def __call__(self, columns: Vector) -> Vector:
        upper, lower = _sums(columns, self.long, self.weights), _sums(columns, self.short, self.weights)
        small = self._solved(lower - self.across @ (upper / self.of_long))
        large = (upper - self.table @ small) / self.of_long
        left = np.empty_like(columns)
        for at, (one, other) in enumerate(zip(np.ascontiguousarray(large.T), np.ascontiguousarray(small.T), strict=True)):
            np.subtract(columns[:, at], one[self.long], out=left[:, at])
            left[:, at] -= other[self.short]
        return left

    def _factored(self) -> Any:
        from scipy.linalg import cho_factor

        half = self.table.multiply(1 / np.sqrt(self.of_long)).tocsr()
        matrix = np.diag(self.of_short[:, 0]) - (half.T @ half).toarray()
        matrix[self.fixed], matrix[:, self.fixed] = 0.0, 0.0
        matrix[self.fixed, self.fixed] = 1.0
        return cho_factor(matrix)

    def _times(self, values: Vector) -> Vector:
        moved = self.of_short * values - self.across @ ((self.table @ values) / self.of_long)
        moved[self.fixed] = 0.0
        return np.asarray(moved)

    def _solved(self, target: Vector) -> Vector:
        """Coefficients of the smaller effect: directly if it is small, else by conjugate gradients for all columns at once."""
        found, residual = np.zeros_like(target), target.copy()
        residual[self.fixed] = 0.0
        if self.direct is not None:
            from scipy.linalg import cho_solve

            return np.asarray(cho_solve(self.direct, residual))
        scaled = residual / self.of_short
        direction, size = scaled.copy(), np.sum(residual * scaled, axis=0)
        limit = _CLOSE**2 * size
        for _ in range(_MOST_ROUNDS):
            busy = size > limit
            if not busy.any():
                return found
            moved = self._times(direction)
            bend = np.sum(direction * moved, axis=0)
            step = np.where(busy & (bend > 0), size / np.where(bend > 0, bend, 1.0), 0.0)
            found += step * direction
            residual -= step * moved
            scaled = residual / self.of_short
            before, size = size, np.where(busy & (bend > 0), np.sum(residual * scaled, axis=0), 0.0)
            direction = scaled + np.where(before > 0, size / np.where(before > 0, before, 1.0), 0.0) * direction
        raise ModelError(
            f"the two absorbed effects are too weakly connected to be separated in {_MOST_ROUNDS:,} steps; absorb one, and write the other "
            "as C(name)"
        )


def _parts(first: Codes, second: Codes) -> Codes:
    """The connected part of the data in which each group of the second effect lies."""
    from scipy.sparse.csgraph import connected_components

    before, after = int(first.max()) + 1, int(second.max()) + 1
    table = _crossed(first, second + before, np.ones(len(first)), (before + after, before + after))
    return np.asarray(connected_components(table, directed=False)[1][before:])


def _crossed(first: Codes, second: Codes, mass: Vector, shape: tuple[int, int]) -> Any:
    """A sparse table of the mass in each pair of groups."""
    from scipy.sparse import coo_array

    return coo_array((mass, (first, second)), shape=shape).tocsr()


def dummies_basis(codes: list[Codes], inner: Codes | None, weights: Vector | None) -> Vector:
    """(n, r) orthonormal columns that span the dummies of some effects, less the levels of `inner` groups; with root weights."""
    wide = np.column_stack([np.equal.outer(column, np.arange(int(column.max()) + 1)).astype(float) for column in codes])
    left = wide if inner is None else sweep(wide, inner, weights)
    left = left if weights is None else left * np.sqrt(weights)[:, None]
    values, vectors = np.linalg.eigh(left.T @ left)
    kept = values > ALONE * values[-1]
    return np.asarray(left @ (vectors[:, kept] / np.sqrt(values[kept])))
