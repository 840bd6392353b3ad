"""Centrality of each person in the whole network, and in the person's ego network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import choice, generator, made_by, whole
from tienet.base.errors import ArgumentError, DataError, TienetWarning, warn
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number
from tienet.base.record import Record, locked
from tienet.network.measures._around_egos import ego_structure
from tienet.network.measures._paths import (
    PIVOTS,
    PathMethod,
    betweenness_by_rustworkx,
    choose_pivots,
    first_eigenvector,
    has_rustworkx,
    path_measures,
)
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
        "tienet" or "rustworkx" if exact, "sampled" if estimated from a sample of people.
    closeness_method
        "exact" or "sampled".
    ties_of_zero
        Number of ties of strength 0, which no path uses; 0 under "unweighted".
    labels
        Function -> its label in the people table.
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
    ties_of_zero: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.person)

    def _works(self) -> tuple[str, ...]:
        return ("freeman_1979", "bonacich_1972", "watts_strogatz_1998", "everett_borgatti_2005")

    def _columns(self) -> Columns:
        return {"person": self.person, "function": self.function} | {name: getattr(self, name) for name in _NUMBERS}

    def __str__(self) -> str:
        sampled = f"estimated from shortest paths of {PIVOTS} people drawn at random"
        between = sampled if self.betweenness_method == "sampled" else f"exact ({self.betweenness_method})"
        none = f" ({counted(self.ties_of_zero, 'tie')} of strength 0 left out of paths)" if self.ties_of_zero else ""
        near = sampled if self.closeness_method == "sampled" else "exact, within components"
        return (
            f"Centrality of {counted(len(self), 'person', 'people')}, {number(float(self.degree.mean()), 1)} ties on average, "
            f"{int(np.sum(self.degree == 0)):,} without any; the length of a tie is {_LENGTHS[self.length]}{none}; "
            f"betweenness {between}; closeness {near}"
        )


def centrality(
    ties: Ties, *, length: Length = "inverse", sample_above: int | None = None, seed: int | np.random.Generator = 0
) -> Centrality:
    """Measure the centrality of each person in the network.

    Parameters
    ----------
    ties
        From `build_ties`.
    length
        How strength s is turned into the length of a tie: "inverse" (1 / s, so that strong ties are short), "unweighted" (every tie has
        length 1), or a function from an array of strengths above 0 to an array of positive lengths.
    sample_above
        In components with more people, paths start from a random sample of 500 people. Up to 500 people the measures are always exact.
        By default they are exact while people x ties of the component are at most 500 million, which takes about a minute; beyond that
        they are sampled, with a warning. Raise it for exact numbers.
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
    component with the largest eigenvalue. Paths whose lengths differ by less than 1e-10 of their length are equally long, so that the
    rounding of sums such as 1/5 + 1/5 + 1/5 does not decide between them.

    A tie of strength 0 (all its interactions have a channel weight of 0, or are many half-lives old) is infinitely long: no path uses it.
    It counts in degree, clustering, ego_density and ego_betweenness, and everywhere under "unweighted". `structural_holes` leaves it out.
    A sampled betweenness is the sum over the sampled starting points, times people per starting point in their component.

    Without ties: degree, strength_sum, betweenness, clustering and ego_betweenness are 0, closeness and ego_density NaN. With
    fewer than two alters clustering is 0, ego_density NaN. Units: people, strength, 1 / length, shares, and pairs of alters.

    Where every tie has length 1, exact betweenness is computed by rustworkx (``pip install tienet[fast]``) if it is installed.
    `betweenness_method` and `str()` of the result say which.

    Raises
    ------
    ArgumentError
        `length` or `sample_above` is not valid, or the function does not return one positive number per tie.
    DataError
        A strength is missing or negative, so it has no length.

    References
    ----------
    Freeman, L. C. (1979). Centrality in social networks: conceptual clarification. Social Networks 1, 215-239.
    Everett, M., & Borgatti, S. P. (2005). Ego network betweenness. Social Networks 27, 31-38.
    Brandes, U. (2001). A faster algorithm for betweenness centrality. Journal of Mathematical Sociology 25, 163-177.
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
    if sample_above is not None:
        whole("sample_above", sample_above)
    draw = generator("seed", seed)
    both = ties.adjacency("ties")
    near, between, method = _paths(ties, length, sample_above, draw)
    return Centrality(
        person=locked(ties.people.person, dtype=object),
        function=locked(ties.people.function, dtype=object),
        closeness=locked(near),
        betweenness=locked(between),
        eigenvector=locked(first_eigenvector(both if length == "unweighted" else ties.adjacency())),
        **{name: locked(values) for name, values in local_positions(ties).items()},
        length="own" if callable(length) else length,
        betweenness_method=method,
        closeness_method="sampled" if method == "sampled" else "exact",
        backend=ties.backend,
        ties_of_zero=int(np.sum(~_passable(ties, length))),
        labels=ties.people.labels,
    )


def local_positions(ties: Ties) -> dict[str, NDArray[Any]]:
    """The measures that depend on the ties of a person and among the person's contacts only: (n,) each."""
    both = ties.adjacency("ties")
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


def _paths(
    ties: Ties, length: Length, sample_above: int | None, draw: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], PathMethod]:
    """Closeness, betweenness, and how they were computed."""
    size, there = len(ties.people), _passable(ties, length)
    ends = ties.a[there], ties.b[there]
    lengths = _matrix(ends, _lengths(ties.strength[there], length), size)
    pivots, stands_for = choose_pivots(lengths, sample_above, draw)
    sampled = len(pivots) < size
    if sampled and sample_above is None:
        told = f"betweenness and closeness are estimated from shortest paths of {PIVOTS} people drawn at random, in {size:,} people with "
        warn(f"{told}{len(ties):,} ties; use centrality(ties, sample_above={size}) for exact numbers, which take longer", TienetWarning)
    fast = length == "unweighted" and not sampled and has_rustworkx()
    near, between = path_measures(lengths, pivots, stands_for, through=not fast)
    if fast:
        return near, betweenness_by_rustworkx(ends, size), "rustworkx"
    return near, between, "sampled" if sampled else "tienet"


def _passable(ties: Ties, length: Length) -> NDArray[np.bool_]:
    """Whether a path can use each tie: unless ties are unweighted, its strength must be above 0."""
    if not callable(length):
        choice("length", length, ("inverse", "unweighted"))
    if length == "unweighted":
        return np.ones(len(ties), dtype=bool)
    unusable = int(np.sum(~(ties.strength >= 0)))
    if unusable:
        raise DataError(f"the strength of {counted(unusable, 'tie')} is missing or negative and has no length; use length='unweighted'")
    # The inverse of a strength below 1e-308 is infinite in floating point.
    return ties.strength >= np.finfo(np.float64).tiny


def _lengths(strength: NDArray[np.float64], length: Length) -> NDArray[np.float64]:
    """The lengths of ties of these strengths, all above 0."""
    if not callable(length):
        return np.ones(len(strength)) if length == "unweighted" else 1.0 / strength
    try:
        lengths = np.asarray(length(strength.copy()), dtype=np.float64)
    except (TypeError, ValueError):
        lengths = np.empty(0)
    if lengths.shape != strength.shape or not (np.isfinite(lengths) & (lengths > 0)).all():
        raise ArgumentError("the function passed as length must return one positive, finite number per tie")
    return lengths


def _matrix(ends: tuple[NDArray[np.int64], NDArray[np.int64]], values: NDArray[np.float64], size: int) -> csr_array:
    from scipy.sparse import coo_array

    rows, cols = np.concatenate(ends), np.concatenate(ends[::-1])
    return coo_array((np.tile(values, 2), (rows, cols)), shape=(size, size)).tocsr()
