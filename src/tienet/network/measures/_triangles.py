"""List every triangle of an undirected network once, in chunks of bounded size.

The network is oriented first: each tie points from the end with fewer ties to the end with more, so no node has more than
sqrt(2 m) outgoing ties, and a triangle is found once, from its corner with the fewest ties.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

# Two-step paths in a chunk, and cells of the lookup table: about 30 MB of arrays, which fit into the processor's cache.
PATHS = 1 << 18
CELLS = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Oriented:
    """Ties that point from lower to higher rank, sorted by tail and head.

    Parameters
    ----------
    rank
        (n,) rank of each node by number of ties, from few to many.
    order
        (m,) positions of the sorted ties among the ties as given.
    tail, head
        (m,) ranks of the two ends, tail < head.
    start
        (n + 1,) the ties with tail r are those from start[r] to before start[r + 1].
    """

    rank: Places
    order: Places
    tail: Places
    head: Places
    start: Places

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.rank)


def orient(a: Places, b: Places, nodes: int) -> Oriented:
    """Rank the nodes by number of ties and point every tie upward.

    Parameters
    ----------
    a, b
        (m,) the two ends of each tie, 0 to nodes - 1; each pair occurs once, and there are no loops.
    nodes
        Number of nodes, those without ties included.
    """
    degree = np.bincount(a, minlength=nodes) + np.bincount(b, minlength=nodes)
    rank = np.empty(nodes, dtype=np.int64)
    rank[np.argsort(degree, kind="stable")] = np.arange(nodes)
    ends = rank[a], rank[b]
    tail, head = np.minimum(*ends), np.maximum(*ends)
    order = np.argsort(tail * nodes + head)
    tail, head = tail[order], head[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=nodes))])
    return Oriented(rank, order, tail, head, start)


def triangles(graph: Oriented) -> Iterator[tuple[Places, Places, Places]]:
    """List the triangles u < v < w as positions of their ties u-v, u-w and v-w in `graph`.

    Parameters
    ----------
    graph
        From `orient`.

    Yields
    ------
    uv, uw, vw : (t,) int arrays
        One entry per triangle in the chunk.

    Notes
    -----
    Each tie u-v is extended by the outgoing ties v-w of v, and the path is a triangle if u-w is a tie too. This is looked up in a table
    with a row for every u in the chunk and a column for every w, which is much faster than searching sorted keys.

    References
    ----------
    Latapy, M. (2008). Main-memory triangle computations for very large (sparse (power-law)) graphs. Theoretical Computer Science 407(1-3).
    """
    rows = max(1, CELLS // max(1, graph.nodes))
    # Half the bytes of the other arrays, since the table should fit into the cache.
    table = np.full(rows * graph.nodes, -1, dtype=np.int32)
    onward = np.diff(graph.start)[graph.head]
    for first, last in _chunks(graph, onward, rows):
        places = np.arange(first, last)
        row = (graph.tail[places] - graph.tail[first]) * graph.nodes
        cells = row + graph.head[places]
        table[cells] = places
        yield _closed(graph, table, onward[first:last], first, row)
        table[cells] = -1


def _closed(graph: Oriented, table: NDArray[np.int32], onward: Places, first: int, row: Places) -> tuple[Places, Places, Places]:
    """Extend a run of ties u-v to every v-w, and keep the paths whose ends are tied."""
    ends = np.cumsum(onward)
    begin = graph.start[graph.head[first : first + len(onward)]]
    vw = np.arange(ends[-1]) + np.repeat(begin - ends + onward, onward)
    uw = table[graph.head[vw] + np.repeat(row, onward)]
    hit = np.flatnonzero(uw >= 0)
    uv = np.repeat(np.arange(first, first + len(onward)), onward)[hit]
    return uv, uw[hit].astype(np.int64), vw[hit]


def _chunks(graph: Oriented, onward: Places, rows: int) -> Iterator[tuple[int, int]]:
    """Cut the ties, at changes of tail, into runs of at most `rows` tails and about `PATHS` two-step paths."""
    paths = np.concatenate([[0], np.cumsum(onward)])[graph.start]
    node, nodes = 0, graph.nodes
    while node < nodes and paths[node] < paths[-1]:
        # Skip tails without two-step paths.
        node = int(np.searchsorted(paths, paths[node], side="right")) - 1
        stop = int(np.searchsorted(paths, paths[node] + PATHS, side="right")) - 1
        stop = min(max(stop, node + 1), node + rows, nodes)
        yield int(graph.start[node]), int(graph.start[stop])
        node = stop
