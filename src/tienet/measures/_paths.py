"""Measures of the whole network as numbers of arrays: closeness and betweenness on lengths, the first eigenvector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Numbers = NDArray[np.float64]

# People that a sampled measure starts from, and the size up to which an eigenvector is worked out densely.
PIVOTS = 500
_DENSE = 500
# Cells of an array with a row for every pivot of a block: about 30 MB.
_CELLS = 4_000_000


def choose_pivots(both: csr_array, sample_above: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], Numbers]:
    """Everybody of components up to `sample_above` people, a random `PIVOTS` of each larger one; and how many people each stands for."""
    from scipy.sparse.csgraph import connected_components

    _, component = connected_components(both, directed=False)
    sizes = np.bincount(component)
    drawn = [rng.choice(np.flatnonzero(component == large), size=PIVOTS, replace=False) for large in np.flatnonzero(sizes > sample_above)]
    pivots = np.sort(np.concatenate([np.flatnonzero(sizes[component] <= sample_above), *drawn])).astype(np.int64)
    return pivots, (sizes / np.bincount(component[pivots], minlength=len(sizes)))[component[pivots]]


def path_measures(lengths: csr_array, pivots: NDArray[np.int64], stand_for: Numbers) -> tuple[Numbers, Numbers]:
    """Closeness and betweenness from the shortest paths that start from some people.

    Parameters
    ----------
    lengths
        (n, n) symmetric matrix of the lengths of the ties, positive.
    pivots, stand_for
        (p,) each: whom paths start from, everybody for exact measures, and how many people each of them stands for.

    Returns
    -------
    closeness : (n,) array
        One over the mean distance to the pivots that each person can reach; NaN where there is none.
    betweenness : (n,) array
        Share of the shortest paths between two others, over the (n - 1)(n - 2) / 2 pairs of them; 0 where there are none.
    """
    from scipy.sparse.csgraph import dijkstra

    size = lengths.shape[0]
    reached, total, carried = np.zeros(size), np.zeros(size), np.zeros(size)
    step = max(1, _CELLS // max(size, lengths.nnz))
    for start in range(0, len(pivots), step):
        block = pivots[start : start + step]
        distance = np.atleast_2d(dijkstra(lengths, indices=block))
        known = np.isfinite(distance)
        reached += known.sum(axis=0)
        total += np.where(known, distance, 0.0).sum(axis=0)
        carried += stand_for[start : start + step] @ _dependencies(lengths, distance, block)
    reached[pivots] -= 1.0
    return reached / np.where(total > 0, total, np.nan), carried / max(1.0, (size - 1.0) * (size - 2.0))


def _dependencies(lengths: csr_array, distance: Numbers, starts: NDArray[np.int64]) -> Numbers:
    """How many of the shortest paths from each start run through each person, as shares summed over where they end (Brandes 2001).

    Parameters
    ----------
    lengths
        As above.
    distance
        (b, n) from each of b starts.
    starts
        (b,) positions.

    Returns
    -------
    (b, n) array
    """
    from scipy.sparse import coo_array

    rows, size = distance.shape
    tail, head = np.repeat(np.arange(size), np.diff(lengths.indptr)), lengths.indices
    near, far = distance[:, tail], distance[:, head]
    # The ties that shortest paths take away from the start; the networks of all starts stand side by side as one.
    row, tie = np.nonzero((near + lengths.data == far) & (near < far))
    ends = row * size + tail[tie], row * size + head[tie]
    onward = coo_array((np.ones(len(row)), ends), shape=(rows * size, rows * size)).tocsr()
    at = np.arange(rows) * size + starts
    begin = np.zeros(rows * size)
    begin[at] = 1.0
    paths = _along(onward.T.tocsr(), begin)
    share = np.divide(1.0, paths, out=np.zeros_like(paths), where=paths > 0)
    # With p paths to v: dependency(v) = p(v) sum over the next w of (1 + dependency(w)) / p(w).
    through = paths * _along(onward, share) - (paths > 0)
    through[at] = 0.0
    return through.reshape(rows, size)


def _along(step: csr_array, start: Numbers) -> Numbers:
    """The sum of start, step start, step step start, ..., which ends where the paths do."""
    found = start
    while not np.array_equal(more := start + step @ found, found):
        found = more
    return found


def first_eigenvector(weights: csr_array) -> NDArray[np.float64]:
    """The eigenvector of the largest eigenvalue, of length 1 and not negative; NaN where there are no ties.

    Where several components share the largest eigenvalue the part of the vector of ones in their common space is taken, which is
    what power iteration from equal starting values arrives at.

    Parameters
    ----------
    weights
        (n, n) symmetric matrix, not negative.

    Returns
    -------
    (n,) array
    """
    from scipy.sparse.linalg import eigsh

    size = weights.shape[0]
    if weights.nnz == 0:
        return np.full(size, np.nan)
    if size <= _DENSE:
        values, vectors = np.linalg.eigh(weights.toarray())
        top = vectors[:, values >= values[-1] * (1.0 - 1e-10)]
        vector = top @ top.sum(axis=0)
    else:
        vector = eigsh(weights.astype(np.float64), k=1, which="LA", v0=np.ones(size))[1][:, 0]
    length: NDArray[np.float64] = np.abs(vector) / np.linalg.norm(vector)
    return length
