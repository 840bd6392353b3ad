"""Burt's measures of structural holes for all nodes at once, as functions of arrays.

With s_ij the symmetric strengths, all measures follow from sums, for each tie i-j, over the q tied to both. The sums are made by listing
the triangles once and adding up products per tie.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.network.measures._triangles import Oriented, Places, orient, triangles

Numbers = NDArray[np.float64]


class Holes(NamedTuple):
    """Measures per node, (n,) each; NaN for nodes without ties."""

    degree: Places
    constraint: Numbers
    effective_size: Numbers
    efficiency: Numbers
    hierarchy: Numbers


class _Sums(NamedTuple):
    """Sums over third parties q. The (2 m,) arrays have each tie twice: first seen from the tails, then from the heads.

    Parameters
    ----------
    products
        (m,) sum_q s_iq s_qj, the same from both ends.
    shares
        (2 m,) sum_q s_iq p_qj, with i the end that the tie is seen from.
    largest
        (2 m,) max_l s_jl of the other end j.
    """

    products: Numbers
    shares: Numbers
    largest: Numbers


def holes(a: Places, b: Places, strength: Numbers, nodes: int, *, ego: bool = False) -> Holes:
    """Constraint, effective size, efficiency and hierarchy of every node.

    Parameters
    ----------
    a, b
        (m,) the two ends of each tie, 0 to nodes - 1; each pair occurs once, and there are no loops.
    strength
        (m,) s_ij > 0, in any unit, since only ratios matter.
    nodes
        Number of nodes.
    ego
        Whether p_qj and m_jq use only ties within i's ego network, instead of all ties of q and j.

    Notes
    -----
    See `structural_holes` for the formulas. Time grows with the number of two-step paths along ties that point to the better connected
    end, at most m sqrt(2 m); memory grows with m.
    """
    graph = orient(a, b, nodes)
    # Relative to the strongest tie, so that products of very large or very small strengths stay finite.
    s = strength[graph.order] / strength.max(initial=0.0)
    sums = _inside(graph, s) if ego else _everywhere(graph, s)
    ends = np.concatenate([graph.tail, graph.head])
    numbers = _per_node(ends, np.tile(s, 2), np.tile(sums.products, 2), sums.shares, sums.largest, nodes)
    return Holes._make(values[graph.rank] for values in numbers)


def _everywhere(graph: Oriented, s: Numbers) -> _Sums:
    """Sums with p_qj and m_jq over all ties of q and of j."""
    total, largest = np.zeros(graph.nodes), np.zeros(graph.nodes)
    for end in (graph.tail, graph.head):
        np.add.at(total, end, s)
        np.maximum.at(largest, end, s)
    inverse = 1.0 / np.where(total > 0, total, 1.0)
    products, shares = np.zeros(len(s)), np.zeros(len(s))
    for uv, uw, vw in triangles(graph):
        corners = inverse[graph.tail[uv]], inverse[graph.head[uv]], inverse[graph.head[uw]]
        x, y, z = s[uv], s[uw], s[vw]
        for tie, product, corner in ((uv, y * z, corners[2]), (uw, x * z, corners[1]), (vw, x * y, corners[0])):
            np.add.at(products, tie, product)
            np.add.at(shares, tie, product * corner)
    # sum_q s_iq s_qj / s_q is the same from i and from j.
    return _Sums(products, np.tile(shares, 2), np.concatenate([largest[graph.head], largest[graph.tail]]))


def _inside(graph: Oriented, s: Numbers) -> _Sums:
    """Sums with p_qj and m_jq over the ties among i and its alters, in two passes, since p_qj differs between egos."""
    both = np.tile(s, 2)
    total, largest = both.copy(), both.copy()
    for alter, _, beyond in _views(graph):
        np.add.at(total, alter, s[beyond])
        np.maximum.at(largest, alter, s[beyond])
    products, shares = np.zeros(len(both)), np.zeros(len(both))
    for alter, third, beyond in _views(graph):
        product = both[third] * s[beyond]
        np.add.at(products, alter, product)
        np.add.at(shares, alter, product / total[third])
    return _Sums(products[: len(s)], shares, largest)


def _views(graph: Oriented) -> Iterator[tuple[Places, Places, Places]]:
    """Yield each triangle from each corner i, in both orders of j and q: the half-ties i-j and i-q, and the tie j-q.

    A half-tie is the position of its tie if seen from the tail, and that position + m if seen from the head.
    """
    m = len(graph.tail)
    for uv, uw, vw in triangles(graph):
        for one, other, beyond in ((uv, uw, vw), (uv + m, vw, uw), (uw + m, vw + m, uv)):
            yield one, other, beyond
            yield other, one, beyond


def _per_node(ends: Places, s: Numbers, products: Numbers, shares: Numbers, largest: Numbers, nodes: int) -> Holes:
    """Combine the half-ties of each ego."""

    def gathered(values: Numbers) -> Numbers:
        return np.bincount(ends, weights=values, minlength=nodes).astype(np.float64, copy=False)

    degree = np.bincount(ends, minlength=nodes)
    n = np.where(degree > 0, degree, np.nan)
    inverse = 1.0 / np.where(degree > 0, gathered(s), np.nan)
    local = ((s + shares) * inverse[ends]) ** 2
    constraint = gathered(local) + 0.0 * n
    effective = n - gathered(products / largest) * inverse
    return Holes(degree, constraint, effective, effective / n, _hierarchy(ends, local, constraint, degree))


def _hierarchy(ends: Places, local: Numbers, constraint: Numbers, degree: Places) -> Numbers:
    """Coleman-Theil inequality of the local constraints: 0 if all are equal, 1 if one alter has all, 1 by convention for one alter."""
    ratio = local * (degree / constraint)[ends]
    spread = np.bincount(ends, weights=ratio * np.log(np.where(ratio > 0, ratio, 1.0)), minlength=len(degree))
    several = degree > 1
    bound = np.where(several, degree * np.log(np.where(several, degree, 2)), 1.0)
    hierarchy: Numbers = np.where(several, spread / bound, np.where(degree == 1, 1.0, np.nan))
    return hierarchy
