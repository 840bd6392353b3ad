"""Centrality of each person in the whole network, and in the person's ego network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import choice, generator, made_by, whole
from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number
from tienet.base.record import Record, locked
from tienet.network.measures._around_egos import ego_structure
from tienet.network.measures._paths import PIVOTS, PathMethod, betweenness, choose_pivots, closeness, first_eigenvector
from tienet.network.ties.network import Ties

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Centrality", "centrality"]


Length: TypeAlias = Literal["inverse", "unweighted"] | Callable[[NDArray[np.float64]], NDArray[np.float64]]
_NUMBERS = ("degree", "strength_sum", "closeness", "betweenness", "eigenvector", "clustering", "ego_density", "ego_betweenness")
_LENGTHS = {"inverse": "1 / strength", "unweighted": "1", "own": "a function of strength"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Centrality(Record):
    """Centralities of everyone in the roster.

    Parameters
    ----------
    person, function
        (n,) ids and functions, in roster order.
    degree
        (n,) number of people with whom the person has a tie.
    strength_sum
        (n,) summed strength of these ties.
    closeness, betweenness, eigenvector
        (n,) centralities in the whole network.
    clustering, ego_density, ego_betweenness
        (n,) measures of the ties among the person's alters.
    length
        How strength was turned into length: "inverse", "unweighted", or "own" for a function given by the user.
    betweenness_method
        "networkx" or "rustworkx" if exact, "sampled" if estimated from a sample of people.
    closeness_method
        "exact" or "sampled".
    """

    person: NDArray[Any]
    function: NDArray[Any]
    degree: NDArray[np.int64]
    strength_sum: NDArray[np.float64]
    closeness: NDArray[np.float64]
    betweenness: NDArray[np.float64]
    eigenvector: NDArray[np.float64]
    clustering: NDArray[np.float64]
    ego_density: NDArray[np.float64]
    ego_betweenness: NDArray[np.float64]
    length: Literal["inverse", "unweighted", "own"]
    betweenness_method: PathMethod
    closeness_method: Literal["exact", "sampled"]
    backend: Backend = "pandas"

    def __len__(self) -> int:
        return len(self.person)

    def _works(self) -> tuple[str, ...]:
        return ("freeman_1979", "bonacich_1972", "watts_strogatz_1998", "everett_borgatti_2005")

    def _columns(self) -> Columns:
        return {"person": self.person, "function": self.function} | {name: getattr(self, name) for name in _NUMBERS}

    def __str__(self) -> str:
        sampled = f"estimated from shortest paths of {PIVOTS} people drawn at random"
        between = sampled if self.betweenness_method == "sampled" else f"exact ({self.betweenness_method})"
        near = sampled if self.closeness_method == "sampled" else "exact, within components"
        return (
            f"Centrality of {counted(len(self), 'person', 'people')}, {number(float(self.degree.mean()), 1)} ties on average, "
            f"{int(np.sum(self.degree == 0)):,} without any; the length of a tie is {_LENGTHS[self.length]}; "
            f"betweenness {between}; closeness {near}"
        )


def centrality(ties: Ties, *, length: Length = "inverse", sample_above: int = 2000, seed: int | np.random.Generator = 0) -> Centrality:
    """Measure the centrality of each person in the network.

    Parameters
    ----------
    ties
        From `build_ties`.
    length
        How strength s is turned into the length of a tie: "inverse" (1 / s, so that strong ties are short), "unweighted" (every tie has
        length 1), or a function from an array of strengths to an array of positive lengths.
    sample_above
        In networks with more people (for closeness: in larger components) paths start from a random sample of 500 people. Up to 500
        people the measures are always exact. Raise it for exact numbers; their computing time grows with people x ties.
    seed
        Seed or generator that draws the sample.

    Returns
    -------
    Centrality

    Notes
    -----
    On undirected ties, with d_ij the length of the shortest path, N people, and the n - 1 others that i reaches::

        degree          = number of alters
        strength_sum    = sum of s_ij
        closeness       = (n - 1) / sum of d_ij                     within the component
        betweenness     = sum over pairs {j, k} of g_jk(i) / g_jk, over (N - 1)(N - 2) / 2
        eigenvector     = x in A x = lambda x, lambda the largest, |x| = 1
        clustering      = 2 t / (k (k - 1))                         t ties among the k alters
        ego_density     = the same
        ego_betweenness = sum over pairs of alters without a tie of 1 / (two-step paths between them in the ego network)

    `closeness` is that of networkx with ``wf_improved=False``; multiplied by (n - 1) / (N - 1) it is the variant of Wasserman and Faust,
    the default of networkx. A is the matrix of strengths, or of ones under "unweighted"; `eigenvector` is 0 outside the
    component with the largest eigenvalue. Shortest paths of equal length count as equal only if rounding leaves them equal.
    Without ties: degree, strength_sum, betweenness, clustering and ego_betweenness are 0, closeness and ego_density NaN. With
    fewer than two alters clustering is 0, ego_density NaN. Units: people, strength, 1 / length, shares, and pairs of alters.

    Exact betweenness is computed by networkx, or by rustworkx (``pip install tienet[fast]``) if it is installed and every tie has
    length 1, the only lengths it supports. `betweenness_method` and `str()` of the result say which.

    Raises
    ------
    ArgumentError
        `length` or `sample_above` is not valid, or the function does not return one positive number per tie.
    DataError
        A strength is zero or missing, so it has no inverse.

    References
    ----------
    Freeman, L. C. (1979). Centrality in social networks: conceptual clarification. Social Networks 1, 215-239.
    Everett, M., & Borgatti, S. P. (2005). Ego network betweenness. Social Networks 27, 31-38.
    Bonacich, P. (1972). Factoring and weighting approaches to status scores and clique identification. J. Math. Sociology 2, 113-120.
    Watts, D. J., & Strogatz, S. H. (1998). Collective dynamics of 'small-world' networks. Nature 393, 440-442.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Sales", "Marketing"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.network.measures.centrality(ties, length="unweighted").frame[["person", "degree", "closeness", "betweenness", "ego_betweenness"]]
      person  degree  closeness  betweenness  ego_betweenness
    0    ann       1   0.666667          0.0              0.0
    1    bob       2   1.000000          1.0              1.0
    2    cat       1   0.666667          0.0              0.0
    """
    made_by("build_ties", Ties, ties=ties)
    whole("sample_above", sample_above)
    draw = generator("seed", seed)
    lengths = _lengths(ties, length)
    both = ties.adjacency("ties")
    pivots = choose_pivots(both, max(sample_above, PIVOTS), draw)
    between, method = betweenness((ties.a, ties.b), None if length == "unweighted" else lengths, len(ties.people), sample_above, draw)
    return Centrality(
        person=locked(ties.people.person, dtype=object),
        function=locked(ties.people.function, dtype=object),
        closeness=locked(closeness(_matrix(ties, lengths), pivots)),
        betweenness=locked(between),
        eigenvector=locked(first_eigenvector(both if length == "unweighted" else ties.adjacency())),
        **{name: locked(values) for name, values in _local(ties, both).items()},
        length="own" if callable(length) else length,
        betweenness_method=method,
        closeness_method="exact" if len(pivots) == len(ties.people) else "sampled",
        backend=ties.backend,
    )


def _local(ties: Ties, both: csr_array) -> dict[str, NDArray[Any]]:
    """The measures that depend on a person's own contacts only."""
    degree = np.diff(both.indptr).astype(np.int64)
    among, between = ego_structure(both)
    pairs = degree * (degree - 1) / 2.0
    density = among / np.where(pairs > 0, pairs, np.nan)
    return {
        "degree": degree,
        "strength_sum": np.asarray(ties.adjacency().sum(axis=1), dtype=np.float64).ravel(),
        "clustering": np.where(pairs > 0, density, 0.0),
        "ego_density": density,
        "ego_betweenness": between,
    }


def _lengths(ties: Ties, length: Length) -> NDArray[np.float64]:
    """The length of each tie."""
    strength = ties.strength
    if not callable(length):
        choice("length", length, ("inverse", "unweighted"))
    if length == "unweighted":
        return np.ones(len(ties))
    if length == "inverse":
        if not (strength > 0).all():
            raise DataError("the strength of some tie is zero or missing and has no inverse; use length='unweighted' or another half_life")
        return 1.0 / strength
    try:
        lengths = np.asarray(length(strength.copy()), dtype=np.float64)
    except (TypeError, ValueError):
        lengths = np.empty(0)
    if lengths.shape != strength.shape or not (np.isfinite(lengths) & (lengths > 0)).all():
        raise ArgumentError("the function passed as length must return one positive, finite number per tie")
    return lengths


def _matrix(ties: Ties, values: NDArray[np.float64]) -> csr_array:
    from scipy.sparse import coo_array

    size = len(ties.people)
    rows, cols = np.concatenate([ties.a, ties.b]), np.concatenate([ties.b, ties.a])
    return coo_array((np.tile(values, 2), (rows, cols)), shape=(size, size)).tocsr()
