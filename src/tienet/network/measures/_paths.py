"""Closeness, betweenness and eigenvector centrality, as functions of arrays."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PathMethod: TypeAlias = Literal["networkx", "rustworkx", "sampled"]

# People that a sampled measure starts from, and the largest network whose eigenvector is computed from a dense matrix.
PIVOTS = 500
_DENSE = 500
_CELLS = 10_000_000


def closeness(lengths: csr_array, pivots: NDArray[np.int64]) -> NDArray[np.float64]:
    """One over the mean distance to the pivots that each person can reach; NaN if there are none.

    Parameters
    ----------
    lengths
        (n, n) symmetric matrix of the lengths of the ties.
    pivots
        Positions of the people to whom distances are measured; everyone, for the exact measure.

    Returns
    -------
    (n,) array
    """
    from scipy.sparse.csgraph import dijkstra

    size = lengths.shape[0]
    reached, total = np.zeros(size), np.zeros(size)
    step = max(1, _CELLS // size)
    for start in range(0, len(pivots), step):
        block = pivots[start : start + step]
        distance = np.atleast_2d(dijkstra(lengths, directed=False, indices=block))
        known = np.isfinite(distance)
        reached += known.sum(axis=0)
        total += np.where(known, distance, 0.0).sum(axis=0)
    reached[pivots] -= 1.0
    return reached / np.where(total > 0, total, np.nan)


def choose_pivots(both: csr_array, sample_above: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Everyone in components of up to `sample_above` people, and a random `PIVOTS` of each larger one."""
    from scipy.sparse.csgraph import connected_components

    _, component = connected_components(both, directed=False)
    sizes = np.bincount(component)
    chosen = [np.flatnonzero(sizes[component] <= sample_above)]
    for large in np.flatnonzero(sizes > sample_above):
        members = np.flatnonzero(component == large)
        chosen.append(rng.choice(members, size=min(PIVOTS, len(members)), replace=False))
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def betweenness(
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    lengths: NDArray[np.float64] | None,
    size: int,
    sample_above: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], PathMethod]:
    """Share of shortest paths through each person, over the (N - 1)(N - 2) / 2 pairs of others, and how it was computed.

    Parameters
    ----------
    ends
        (m,) positions of the two ends of each tie.
    lengths
        (m,) lengths of the ties; None where all are 1.
    size
        Number of people in the network.
    sample_above
        In larger networks, shortest paths start from `PIVOTS` people only.
    rng
        Draws these people.
    """
    sampled = size > max(sample_above, PIVOTS)
    if lengths is None and not sampled and find_spec("rustworkx"):
        return _with_rustworkx(ends, size), "rustworkx"
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(size))
    weights = np.ones(len(ends[0])) if lengths is None else lengths
    graph.add_weighted_edges_from(zip(ends[0].tolist(), ends[1].tolist(), weights.tolist(), strict=True), weight="length")
    values = nx.betweenness_centrality(
        graph,
        k=PIVOTS if sampled else None,
        weight=None if lengths is None else "length",
        seed=int(rng.integers(2**31)),
    )
    return np.array([values[person] for person in range(size)], dtype=np.float64), "sampled" if sampled else "networkx"


def _with_rustworkx(ends: tuple[NDArray[np.int64], NDArray[np.int64]], size: int) -> NDArray[np.float64]:
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
