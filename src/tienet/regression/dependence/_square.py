"""The one door for matrices of people by people: arrays, sparse matrices, frames, and anything that has an adjacency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import DataError

FEWEST = 4  # with three people there are six orders, and no p below .05


def square(matrix: Any, name: str) -> Vector:
    """A dense (n, n) copy of an array, a sparse matrix, a frame, or the `adjacency()` of an object that has one.

    Raises
    ------
    DataError
        Unless it is a square table of numbers, missing (NaN) but never infinite.

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
        raise DataError(f"{name} is no table of numbers but a {type(matrix).__name__}; pass an (n, n) array or sparse matrix") from None
    if numbers.ndim != 2 or numbers.shape[0] != numbers.shape[1]:
        shape = " x ".join(map(str, numbers.shape)) or "a single number"
        raise DataError(f"{name} is not square but {shape}; it needs one row and one column for each person, in the same order")
    if np.isinf(numbers).any():
        raise DataError(
            f"{name} holds an infinite value in row {_first(np.isinf(numbers))} (counted from 1); write NaN where it is not known"
        )
    return numbers


def same_people(matrices: Mapping[str, Vector]) -> int:
    """How many people all of the matrices are about.

    Raises
    ------
    DataError
        When their sizes differ, or there are fewer than 4 people.
    """
    sizes = {name: len(matrix) for name, matrix in matrices.items()}
    if len(set(sizes.values())) > 1:
        found = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise DataError(f"the matrices are about different numbers of people ({found}); cut them to the same people in the same order")
    (n,) = set(sizes.values())
    if n < FEWEST:
        raise DataError(f"the matrices are about {n} people; a permutation test needs at least {FEWEST}")
    return n


def checked_weights(matrix: Vector, name: str) -> Vector:
    """The matrix, refused unless its entries can weigh neighbours: known, not negative, zero in the diagonal."""
    for bad, fault, repair in (
        (np.isnan(matrix), "a missing value", "write 0 where there is no tie, and leave out people whose ties are not known"),
        (matrix < 0, "a negative weight", "use weights of at least 0"),
        (np.diag(np.diag(matrix) != 0), "a tie of a person with herself", "set the diagonal to 0"),
    ):
        if bad.any():
            raise DataError(f"{name} holds {fault} in row {_first(bad)} (counted from 1); {repair}")
    return matrix


def _first(bad: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(bad.any(axis=1))[0]) + 1
