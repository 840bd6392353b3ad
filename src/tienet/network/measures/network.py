"""Summary of the whole network: size, cohesion, and how far ties stay within functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number
from tienet.base.record import Record, changed
from tienet.network.measures._triangles import orient, triangles
from tienet.network.measures.functions import function_matrix, ratio
from tienet.network.reading.spells import UNASSIGNED
from tienet.network.ties.network import Ties

__all__ = ["NetworkSummary", "network_summary"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NetworkSummary(Record):
    """Summary statistics of one network; NaN where a number is not defined.

    Parameters
    ----------
    people, ties, isolates
        Numbers of people in the roster, undirected ties among them, and people without ties.
    density
        Ties as a share of the pairs of people.
    components, largest_component
        Number of connected components, each isolate being one, and people in the largest.
    reciprocity
        Share of the directed ties that are mutual.
    transitivity, mean_clustering
        Share of the two-step paths that are closed; mean over people of the share of their pairs of alters that have a tie.
    degree_assortativity, function_assortativity
        How far ties join people with similar numbers of ties, and people in the same function; -1 to 1.
    function_modularity, function_modularity_weighted
        Newman and Girvan's Q with the functions as communities, over ties and over strength.
    ei_index, ei_index_strength, ei_index_rescaled
        (E - I) / (E + I) over ties, over strength, and over densities; -1 inward, +1 outward.
    """

    people: int
    ties: int
    isolates: int
    density: float
    components: int
    largest_component: int
    reciprocity: float
    transitivity: float
    mean_clustering: float
    degree_assortativity: float
    function_assortativity: float
    function_modularity: float
    function_modularity_weighted: float
    ei_index: float
    ei_index_strength: float
    ei_index_rescaled: float
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("watts_strogatz_1998", "newman_2003", "newman_girvan_2004", "krackhardt_stern_1988")

    def _columns(self) -> Columns:
        return {name: np.array([getattr(self, name)]) for name in NetworkSummary.__dataclass_fields__ if name != "backend"}

    def __str__(self) -> str:
        return (
            f"{counted(self.people, 'person', 'people')} with {counted(self.ties, 'tie')}, {self.isolates:,} of them without any; density "
            f"{number(self.density)}; {counted(self.components, 'component')}, the largest of "
            f"{counted(self.largest_component, 'person', 'people')}; reciprocity {number(self.reciprocity, 2)}, transitivity "
            f"{number(self.transitivity, 2)}; functions: assortativity {number(self.function_assortativity, 2)}, modularity "
            f"{number(self.function_modularity, 2)}, E-I index {number(self.ei_index, 2)}, rescaled for group sizes "
            f"{number(self.ei_index_rescaled, 2)} (-1 inward, +1 outward)"
        )


def network_summary(ties: Ties) -> NetworkSummary:
    r"""Describe the whole network: size, cohesion, and how ties relate to degree and function.

    Parameters
    ----------
    ties
        From `build_ties`.

    Returns
    -------
    NetworkSummary

    Notes
    -----
    For N people and m undirected ties, d_i ties of person i, t_i ties among the alters of i, w_ij interactions from i to j, s_ij the
    strength of a tie, and e_fg the share of tie ends that join functions f and g (each tie seen from both ends, so that e is symmetric),
    with a_f its row sums:

    .. math::
        \text{density} = \frac{2 m}{N (N - 1)}, \qquad
        \text{reciprocity} = \frac{|\{(i, j): w_{ij} > 0, w_{ji} > 0\}|}{|\{(i, j): w_{ij} > 0\}|}, \qquad
        \text{transitivity} = \frac{\sum_i t_i}{\sum_i d_i (d_i - 1) / 2}

    .. math::
        \text{mean clustering} = \frac{1}{N} \sum_i \frac{t_i}{d_i (d_i - 1) / 2}, \qquad
        Q = \sum_f (e_{ff} - a_f^2), \qquad
        r = \frac{Q}{1 - \sum_f a_f^2}, \qquad
        EI = \frac{E - I}{E + I}

    Clustering is 0 for fewer than two alters. Degree assortativity is the correlation of the two degrees over all ties, each seen from
    both ends. The weighted modularity and `ei_index_strength` sum strength where the others count ties; `ei_index_rescaled` uses
    densities, so that the sizes of functions do not matter. Only `reciprocity` uses directions. People, ties, isolates and components
    are counts; all other numbers have no unit.

    Numbers about functions leave out people without one ("unassigned"), with their ties.

    A number whose denominator is zero is missing (NaN): density with fewer than two people; without ties, reciprocity and all numbers
    about functions or degrees; transitivity without two-step paths; degree assortativity where all degrees are equal; function
    assortativity where all ties are within one function; the rescaled E-I index where no pair of people could be external, or none
    internal.

    References
    ----------
    Krackhardt, D., & Stern, R. N. (1988). Informal networks and organizational crises. Social Psychology Quarterly 51, 123-140.
    Newman, M. E. J. (2003). Mixing patterns in networks. Physical Review E 67, 026126.
    Newman, M. E. J., & Girvan, M. (2004). Finding and evaluating community structure in networks. Physical Review E 69, 026113.
    Watts, D. J., & Strogatz, S. H. (1998). Collective dynamics of 'small-world' networks. Nature 393, 440-442.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> summary = tn.network.measures.network_summary(tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None)))
    >>> round(summary.density, 4), round(summary.reciprocity, 4), summary.transitivity, summary.components
    (0.6667, 0.6667, 0.0, 1)
    """
    made_by("build_ties", Ties, ties=ties)
    size, matrix = len(ties.people), function_matrix(held_last(ties))
    degree = np.bincount(np.concatenate([ties.a, ties.b]), minlength=size)
    triangles, two_paths = _triangles(ties, size), degree * (degree - 1) / 2.0
    parts = _component_sizes(ties)
    arcs = int(np.sum(ties.a_to_b > 0)) + int(np.sum(ties.b_to_a > 0))
    # Two people without a function are not alike because nothing is known of either.
    stated = np.flatnonzero(np.array(matrix.functions, dtype=object) != UNASSIGNED)
    binary, weighted = (_tie_ends(numbers[np.ix_(stated, stated)]) for numbers in (matrix.ties, matrix.strength))
    return NetworkSummary(
        people=size,
        ties=len(ties),
        isolates=int(np.sum(degree == 0)),
        density=ratio(len(ties), size * (size - 1) / 2),
        components=len(parts),
        largest_component=int(parts.max()),
        reciprocity=ratio(2 * int(np.sum((ties.a_to_b > 0) & (ties.b_to_a > 0))), arcs),
        transitivity=ratio(triangles.sum(), two_paths.sum()),
        mean_clustering=float(np.mean(triangles / np.maximum(two_paths, 1.0))),
        degree_assortativity=degree_assortativity(degree, ties.a, ties.b),
        function_assortativity=assortativity(binary),
        function_modularity=modularity(binary),
        function_modularity_weighted=modularity(weighted),
        ei_index=matrix.ei_index,
        ei_index_strength=_ei_of_ends(weighted),
        ei_index_rescaled=matrix.ei_index_rescaled,
        backend=ties.backend,
    )


def degree_assortativity(degree: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Correlation of the degrees at the two ends of the ties a-b, each tie from both ends; NaN where they do not vary."""
    # Python integers do not overflow, and equal degrees give exactly 0 / 0.
    d = degree.astype(object)
    ends, total, squares = 2 * len(a), int((d**2).sum()), int((d**3).sum())
    products = 2 * int((degree[a] * degree[b]).sum())
    return ratio(ends * products - total**2, ends * squares - total**2)


def modularity(ends: NDArray[np.float64]) -> float:
    """Newman and Girvan's Q of a symmetric (f, f) matrix of tie ends, the f groups as communities; NaN without ends."""
    total = ends.sum()
    if not total > 0:
        return float("nan")
    return float(np.trace(ends) / total - np.sum((ends.sum(axis=1) / total) ** 2))


def assortativity(ends: NDArray[np.float64]) -> float:
    """Newman's nominal assortativity of a symmetric (f, f) matrix of tie ends; NaN where one group has all of them."""
    if np.count_nonzero(ends.sum(axis=1)) < 2:
        return float("nan")
    expected = float(np.sum((ends.sum(axis=1) / ends.sum()) ** 2))
    return modularity(ends) / (1.0 - expected)


def held_last(ties: Ties) -> Ties:
    """The ties under the functions that people held last, so that everyone is in one group."""
    return changed(ties, segments=None)


def _tie_ends(matrix: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Tie ends per pair of functions, from ties with those within a function counted once."""
    return np.asarray(matrix + np.diag(np.diag(matrix)), dtype=np.float64)


def _ei_of_ends(ends: NDArray[np.float64]) -> float:
    return ratio(ends.sum() - 2.0 * np.trace(ends), ends.sum())


def _component_sizes(ties: Ties) -> NDArray[np.int64]:
    from scipy.sparse.csgraph import connected_components

    _, labels = connected_components(ties.adjacency("ties"), directed=False)
    return np.bincount(labels)


def _triangles(ties: Ties, size: int) -> NDArray[np.int64]:
    """Number of triangles through each person, which is the number of ties among the person's alters."""
    graph = orient(ties.a, ties.b, size)
    found = np.zeros(size, dtype=np.int64)
    for uv, uw, _ in triangles(graph):
        for corner in (graph.tail[uv], graph.head[uv], graph.head[uw]):
            found += np.bincount(corner, minlength=size)
    return found[graph.rank]
