"""Closeness, betweenness and eigenvector centrality, as functions of arrays."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PathMethod: TypeAlias = Literal["tienet", "rustworkx", "sampled"]

# People that a sampled measure starts from, and the largest network whose eigenvector is computed from a dense matrix.
PIVOTS = 500
_DENSE = 500
_CELLS = 4_000_000
# People x ties of a component up to which paths start from everyone in it, which takes about a minute.
AFFORDABLE = 500_000_000
# Lengths are sums of fractions, whose rounding depends on their order: paths this close, as a share of their length, are equally long.
EQUAL = 1e-10


def choose_pivots(tied: csr_array, sample_above: int | None, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The people from whom shortest paths start, and how many people of their component each of them stands for.

    Everyone in a component of up to `sample_above` people, each for one; a random `PIVOTS` of each larger one. By default a component
    is sampled if its people x ties exceed `AFFORDABLE`.
    """
    from scipy.sparse.csgraph import connected_components

    _, component = connected_components(tied, directed=False)
    sizes = np.bincount(component)
    ties = np.bincount(component, weights=np.diff(tied.indptr)) / 2.0
    large = (sizes * ties > AFFORDABLE if sample_above is None else sizes > sample_above) & (sizes > PIVOTS)
    drawn = [rng.choice(np.flatnonzero(component == which), size=PIVOTS, replace=False) for which in np.flatnonzero(large)]
    pivots = np.sort(np.concatenate([np.flatnonzero(~large[component]), *drawn])).astype(np.int64)
    return pivots, np.where(large, sizes / PIVOTS, 1.0)[component[pivots]]


def path_measures(
    lengths: csr_array, pivots: NDArray[np.int64], stands_for: NDArray[np.float64], *, through: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Closeness, and betweenness over the (N - 1)(N - 2) / 2 pairs of others, from the shortest paths that start at the pivots.

    Closeness is one over the mean distance to the pivots that a person can reach, NaN if there are none.

    Parameters
    ----------
    lengths
        (n, n) symmetric matrix of the lengths of the ties.
    pivots
        Positions of the people at whom paths start; everyone, for the exact measures.
    stands_for
        The number of people for whom each pivot stands.
    through
        Whether to compute betweenness, which is 0 otherwise.

    Returns
    -------
    closeness : (n,) array
    betweenness : (n,) array

    References
    ----------
    Brandes, U. (2001). A faster algorithm for betweenness centrality. Journal of Mathematical Sociology 25, 163-177.
    """
    from scipy.sparse.csgraph import dijkstra

    size = lengths.shape[0]
    reached, total, between = np.zeros(size), np.zeros(size), np.zeros(size)
    arcs = np.repeat(np.arange(size), np.diff(lengths.indptr)), lengths.indices, lengths.data
    step = max(1, _CELLS // max(size, len(lengths.data)))
    for start in range(0, len(pivots), step):
        block = slice(start, start + step)
        distance, before = dijkstra(lengths, indices=pivots[block], return_predecessors=True)
        known = np.isfinite(distance)
        reached += known.sum(axis=0)
        total += np.where(known, distance, 0.0).sum(axis=0)
        if through:
            between += stands_for[block] @ _through(arcs, pivots[block], distance, before)
    reached[pivots] -= 1.0
    return reached / np.where(total > 0, total, np.nan), between / max(1.0, (size - 1.0) * (size - 2.0))


def _through(
    arcs: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]],
    pivots: NDArray[np.int64],
    distance: NDArray[np.float64],
    before: NDArray[np.int32],
) -> NDArray[np.float64]:
    """The share of the shortest paths from each of p pivots to all others that pass through each person: (p, n), 0 at the pivot.

    The last steps of all shortest paths from all pivots make one matrix P without circles. With sigma the number of shortest paths to
    each person, sigma = e + P sigma; and with z = 1 / sigma + P' z, a person is passed by sigma (z - 1 / sigma). Both are sums of
    powers of P, which end where the longest path ends.
    """
    from scipy.sparse import coo_array

    tail, head, length = arcs
    rows, size = distance.shape
    with np.errstate(invalid="ignore"):  # infinite less infinite, where people are not reached
        detour = distance[:, tail]
        there = distance[:, head]
        shorter = detour < there
        detour += length
        detour -= there
        there *= EQUAL
        row, arc = np.nonzero(shorter & (detour <= there))
    last, after = row * size + tail[arc], row * size + head[arc]
    # A step so short that the distance does not grow in floating point is in the tree of predecessors.
    lost = np.flatnonzero((before.ravel() >= 0) & (np.bincount(after, minlength=rows * size) == 0))
    last = np.concatenate([last, lost // size * size + before.ravel()[lost]])
    after = np.concatenate([after, lost])
    steps = coo_array((np.ones(len(last)), (after, last)), shape=(rows * size, rows * size)).tocsr()
    begins = np.arange(rows) * size + pivots
    first = np.zeros(rows * size)
    first[begins] = 1.0
    paths = first + _onward(steps, first)
    share = np.divide(1.0, paths, out=np.zeros_like(paths), where=paths > 0)
    passed: NDArray[np.float64] = paths * _onward(steps.T.tocsr(), share)
    passed[begins] = 0.0
    return passed.reshape(rows, size)


def _onward(steps: csr_array, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of P x, P^2 x, ... for a matrix P of steps without circles."""
    found = np.zeros_like(values)
    moved = steps @ values
    while moved.any():
        found += moved
        moved = steps @ moved
    return found


def has_rustworkx() -> bool:
    """Whether rustworkx is installed, which is faster where all ties are equally long."""
    return find_spec("rustworkx") is not None


def betweenness_by_rustworkx(ends: tuple[NDArray[np.int64], NDArray[np.int64]], size: int) -> NDArray[np.float64]:
    """Exact betweenness where all ties are equally long, on every core."""
    import rustworkx as rx

    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(size))
    graph.add_edges_from_no_data(list(zip(ends[0].tolist(), ends[1].tolist(), strict=True)))
    values = rx.graph_betweenness_centrality(graph, normalized=True)
    return np.array([values[person] for person in range(size)], dtype=np.float64)


def first_eigenvector(weights: csr_array) -> NDArray[np.float64]:
    """The non-negative eigenvector of the largest eigenvalue, of length 1; NaN without ties.

    If several components share the largest eigenvalue, the vector of ones is projected on their eigenspace, which is the limit of
    power iteration from equal starting values.

    Parameters
    ----------
    weights
        (n, n) symmetric, non-negative matrix.

    Returns
    -------
    (n,) array
    """
    from scipy.sparse.linalg import eigsh

    size = weights.shape[0]
    if not weights.data.any():
        return np.full(size, np.nan)
    if size <= _DENSE:
        values, vectors = np.linalg.eigh(weights.toarray())
        top = vectors[:, values >= values[-1] * (1.0 - 1e-10)]
        vector = top @ top.sum(axis=0)
    else:
        vector = eigsh(weights.astype(np.float64), k=1, which="LA", v0=np.ones(size))[1][:, 0]
    length: NDArray[np.float64] = np.abs(vector) / np.linalg.norm(vector)
    return length
