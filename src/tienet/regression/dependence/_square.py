"""Validation of people-by-people matrices: arrays, sparse matrices, data frames, and objects with an adjacency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import DataError

FEWEST = 4  # three people have six orders, so p cannot fall below .05


def square(matrix: Any, name: str) -> Vector:
    """Return a dense (n, n) copy of an array, a sparse matrix, a data frame, or the `adjacency()` of an object.

    Raises
    ------
    DataError
        Unless it is a square table of numbers, possibly missing (NaN) but never infinite.

    Examples
    --------
    >>> square([[0, 1], [1, 0]], "advice")
    array([[0., 1.],
           [1., 0.]])
    """
    found = matrix.adjacency() if hasattr(matrix, "adjacency") else matrix
    dense = found.toarray() if hasattr(found, "toarray") else found
    try:
        numbers = np.array(dense, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{name} must be an (n, n) array or sparse matrix of numbers, got {type(matrix).__name__}") from None
    if numbers.ndim != 2 or numbers.shape[0] != numbers.shape[1]:
        shape = " x ".join(map(str, numbers.shape)) or "a single number"
        raise DataError(f"{name} must be square, with one row and one column for each person in the same order, got {shape}")
    if np.isinf(numbers).any():
        raise DataError(f"{name} has an infinite value in row {_first(np.isinf(numbers))} (counted from 1); use NaN for unknown values")
    return numbers


def same_people(matrices: Mapping[str, Vector]) -> int:
    """Return the number of people, which must be the same in all matrices.

    Raises
    ------
    DataError
        If sizes differ, or there are fewer than 4 people.
    """
    sizes = {name: len(matrix) for name, matrix in matrices.items()}
    if len(set(sizes.values())) > 1:
        found = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise DataError(f"the matrices have different numbers of people ({found}); reduce them to the same people in the same order")
    (n,) = set(sizes.values())
    if n < FEWEST:
        raise DataError(f"the matrices have {n} people; a permutation test needs at least {FEWEST}")
    return n


def checked_weights(matrix: Vector, name: str) -> Vector:
    """Return the matrix, checking that its entries are valid weights: known, not negative, and zero on the diagonal."""
    for bad, fault, repair in (
        (np.isnan(matrix), "a missing value", "use 0 for no tie, and leave out people whose ties are not known"),
        (matrix < 0, "a negative weight", "use weights of at least 0"),
        (np.diag(np.diag(matrix) != 0), "a tie of a person with themselves", "set the diagonal to 0"),
    ):
        if bad.any():
            raise DataError(f"{name} has {fault} in row {_first(bad)} (counted from 1); {repair}")
    return matrix


def _first(bad: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(bad.any(axis=1))[0]) + 1
