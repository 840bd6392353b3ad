"""Measures of all ego networks at once: ties among the alters, and the betweenness of ego."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Limits for a block of egos: two-step walks, and cells in the table of alters; together below 200 MB.
_WALKS = 4_000_000
_CELLS = 20_000_000


def ego_structure(both: csr_array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ties among each person's alters, and the person's betweenness in their own ego network.

    Two alters without a tie have 1 + c two-step paths inside the ego network, one through ego and c through common alters, so
    ego betweenness is the sum over such pairs of 1 / (1 + c): the number of them less the sum of c / (1 + c).

    Parameters
    ----------
    both
        (n, n) symmetric matrix of ones without a diagonal.

    Returns
    -------
    ties_among : (n,) array
    ego_betweenness : (n,) array
    """
    both = both.tocsr()
    both.sum_duplicates()
    degree = np.diff(both.indptr).astype(np.float64)
    among, shortened = np.zeros(len(degree)), np.zeros(len(degree))
    edges = _stretches(both @ degree, len(degree))
    for first, stop in pairwise(edges.tolist()):
        among[first:stop], shortened[first:stop] = _stretch(both.indptr, both.indices, first, stop)
    return among, degree * (degree - 1.0) / 2.0 - among - shortened


def _stretches(walks: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """Limits of blocks of egos that fit into memory."""
    part = np.maximum(np.cumsum(walks) // _WALKS, 0)
    part = part * size + np.arange(size) // max(1, _CELLS // size)
    return np.append(np.flatnonzero(np.diff(part, prepend=-1.0)), size)


def _stretch(
    indptr: NDArray[np.int32], indices: NDArray[np.int32], first: int, stop: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ties among alters, and the sum of c / (1 + c), for egos first ... stop - 1."""
    from scipy.sparse import coo_array

    alters = indices[indptr[first] : indptr[stop]]
    owner = np.repeat(np.arange(stop - first), np.diff(indptr[first : stop + 1]))
    place = np.full((stop - first, len(indptr) - 1), -1, dtype=np.int32)
    place[owner, alters] = np.arange(len(alters))
    # All contacts of all alters; those that are alters of the same ego close a triangle.
    reach = np.diff(indptr)[alters]
    row = np.repeat(np.arange(len(alters)), reach)
    step = np.arange(len(row)) - np.repeat(np.cumsum(reach) - reach, reach)
    found = place[owner[row], indices[np.repeat(indptr[alters], reach) + step]]
    closed = found >= 0
    size = (len(alters), len(alters))
    # All ego networks of the block as one block-diagonal matrix of alters.
    among = coo_array((np.ones(int(closed.sum())), (row[closed], found[closed])), shape=size).tocsr()
    common = among @ among
    common = (common - common.multiply(among)).tocoo()
    from_, to = common.coords
    apart = (from_ != to) & (common.data > 0)
    through = common.data[apart]
    ties = np.bincount(owner[row[closed]], minlength=stop - first) / 2.0
    return ties, np.bincount(owner[from_[apart]], weights=through / (1.0 + through), minlength=stop - first) / 2.0
