"""Gould-Fernandez roles as functions of arrays: counts per broker, and their moments in a random network of the same density.

A path a -> v -> b without the arc a -> b is brokered by v. With W the arcs within functions and X the arcs between them, the roles are
products of W and X, since the functions of a, v and b determine which of the two each arc belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ROLES = ("coordinator", "itinerant", "representative", "gatekeeper", "liaison", "brokerage")
# Terms of a masked product computed at a time: 4 million take about 50 MB.
_BLOCK = 4_000_000


def role_counts(arcs: csr_array, place: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the ordered pairs that each person brokers, in the order of `ROLES`, with the sum in the last column.

    Parameters
    ----------
    arcs
        (n, n) matrix of ones, row -> column, no loops.
    place
        (n,) codes of the people's functions.

    Returns
    -------
    (n, 6) int array
    """
    within, across = _split(arcs, place)
    into, out_of = _degrees(within.T), _degrees(within)
    from_others, to_others = _degrees(across.T), _degrees(across)
    same = _same_ends(across, place)
    roles = [
        into * out_of - _mutual(within) - _closed(within, within, within),
        same - _mutual(across) - _closed(across, within, across),
        into * to_others - _closed(within, across, across),
        from_others * out_of - _closed(across, across, within),
        from_others * to_others - same - _closed(across, across, across),
    ]
    counts = np.rint(np.column_stack(roles)).astype(np.int64)
    return np.column_stack([counts, counts.sum(axis=1)])


def role_moments(sizes: NDArray[np.int64], density: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of a person's counts, per function, if every arc exists with probability `density`.

    A pair of ends contributes p = d^2 (1 - d); two pairs that share one arc have the covariance d^3 (1 - d)^3, others none.

    Parameters
    ----------
    sizes
        (k,) people per function.
    density
        Arcs over n (n - 1).

    Returns
    -------
    (k, 6) array, (k, 6) array
    """
    n = sizes.astype(np.float64)
    others = n.sum() - n
    pairs, sharing = _pairs(n, others), _sharing(n, others)
    p = density**2 * (1.0 - density)
    return p * pairs, p * (1.0 - p) * pairs + (density * (1.0 - density)) ** 3 * sharing


def total_moments(sizes: NDArray[np.int64], density: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of the network's totals, as in R's sna.

    The covariance of two brokers' triples is d^3 (1 - d)^3 if both need the same arc, d^5 (1 - d) if both need its absence, and
    -d^4 (1 - d)^2 if one needs it and the other its absence.

    Parameters
    ----------
    sizes
        (k,) people per function.
    density
        Arcs over n (n - 1).

    Returns
    -------
    (6,) array, (6,) array
    """
    n = sizes.astype(np.float64)
    d, rest = density, 1.0 - density
    triples = n @ _pairs(n, n.sum() - n)
    need, contrary, miss = _related(n)
    p = d**2 * rest
    return p * triples, p * (1.0 - p) * triples + need * (d * rest) ** 3 - contrary * d**4 * rest**2 + miss * d**5 * rest


def standard_scores(counts: NDArray[np.int64], mean: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(count - mean) / sd, NaN where the variance is 0."""
    spread = np.sqrt(np.where(variance > 0, variance, np.nan))
    scores: NDArray[np.float64] = (counts - mean) / spread
    return scores


def _pairs(n: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Number of ordered pairs of ends that a broker in each function could have, by role."""
    total = n.sum()
    inside = n * (n - 1)
    squares = (n**2).sum() - n**2
    between = others * (n - 1)
    return np.column_stack(
        [(n - 1) * (n - 2), inside.sum() - inside, between, between, others**2 - squares, np.full_like(n, (total - 1) * (total - 2))]
    )


def _sharing(n: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Number of ordered pairs of such pairs that share one arc, by role."""
    total = n.sum()
    triples = n * (n - 1) * (n - 2)
    squares, cubes = (n**2).sum() - n**2, (n**3).sum() - n**3
    between = others * (n - 1) * (total - 3)
    liaison = others**3 - 2 * others * squares + cubes - others**2 + squares
    return np.column_stack(
        [
            2 * (n - 1) * (n - 2) * (n - 3),
            2 * (triples.sum() - triples),
            between,
            between,
            2 * liaison,
            np.full_like(n, 2 * (total - 1) * (total - 2) * (total - 3)),
        ]
    )


def _related(n: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Ordered pairs of triples where both need an arc, where one needs it and one its absence, where both need its absence; by role."""
    total = n.sum()
    others, squares = total - n, (n**2).sum() - n**2
    inside, all_three = n * (n - 1) * (n - 2), total * (total - 1) * (total - 2)
    s2, s3, s4 = (float((n**power).sum()) for power in (2, 3, 4))
    # Over functions i, j, k that all differ: the sums of n_i n_j n_k and of n_i^2 n_j n_k.
    apart = total**3 - 3 * total * s2 + 2 * s3
    weighted = s2 * total**2 - 2 * total * s3 + 2 * s4 - s2**2
    liaison = (4 * total - 2) * apart - 8 * weighted
    itinerant = (n * (n - 1) * ((2 * n - 6) * others + 2 * squares)).sum()
    between = (n * (n - 1) * others).sum() * (total - 3)
    need = [(inside * (4 * n - 10)).sum(), itinerant, between, between, liaison, all_three * (4 * total - 10)]
    contrary = [(inside * 4 * (n - 3)).sum(), 0.0, 0.0, 0.0, liaison, all_three * 4 * (total - 3)]
    fewer = (inside * others).sum()
    miss = [
        (inside * (n - 3)).sum(),
        (n * (n - 1) * others * (others - 1)).sum(),
        fewer,
        fewer,
        (total - 1) * apart - 2 * weighted,
        all_three * (total - 3),
    ]
    return np.array(need), np.array(contrary), np.array(miss)


def _split(arcs: csr_array, place: NDArray[np.int64]) -> tuple[csr_array, csr_array]:
    """The arcs within functions and those between them."""
    from scipy.sparse import coo_array

    rows, cols = arcs.nonzero()
    inside = place[rows] == place[cols]

    def only(kept: NDArray[np.bool_]) -> csr_array:
        return coo_array((np.ones(int(kept.sum())), (rows[kept], cols[kept])), shape=arcs.shape).tocsr()

    return only(inside), only(~inside)


def _degrees(arcs: csr_array) -> NDArray[np.float64]:
    return np.asarray(arcs.sum(axis=1), dtype=np.float64).ravel()


def _mutual(arcs: csr_array) -> NDArray[np.float64]:
    """Mutual arcs of each person. A path there and back has the same person at both ends, so it is not brokered."""
    return _degrees(arcs.multiply(arcs.T).tocsr())


def _same_ends(arcs: csr_array, place: NDArray[np.int64]) -> NDArray[np.float64]:
    """Paths through each person with both ends in one function: the sum over functions of arcs from it times arcs to it."""
    from scipy.sparse import coo_array

    size = len(place)
    member = coo_array((np.ones(size), (np.arange(size), place)), shape=(size, int(place.max(initial=0)) + 1)).tocsr()
    return _degrees((arcs.T.tocsr() @ member).multiply(arcs @ member).tocsr())


def _closed(first: csr_array, direct: csr_array, second: csr_array) -> NDArray[np.float64]:
    """Paths a -> v -> b through each v that the arc a -> b closes: column sums of first * (direct @ second^T), elementwise.

    The product is computed for a block of rows at a time, since all of it would be much denser than the network.
    """
    backward = second.T.tocsr()
    work = direct @ _degrees(backward)
    edges = np.flatnonzero(np.diff(np.cumsum(work) // _BLOCK, prepend=-1.0))
    closed = np.zeros(first.shape[0])
    for start, stop in zip(edges, np.append(edges[1:], first.shape[0])[: len(edges)], strict=True):
        product = first[start:stop].multiply(direct[start:stop] @ backward)
        closed += np.asarray(product.sum(axis=0)).ravel()
    return closed
