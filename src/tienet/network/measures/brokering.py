"""Brokerage: the roles of Gould and Fernandez, and exclusive intermediaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import flag, made_by, positive
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns, make_frame
from tienet.base.numbers import counted, number
from tienet.base.record import Record, locked
from tienet.network.measures.roles import ROLES, role_counts, role_moments, standard_scores, total_moments
from tienet.network.ties.network import Ties
from tienet.network.ties.pairs import reaches

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Brokerage", "ExclusiveIntermediaries", "brokerage", "exclusive_intermediaries"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Brokerage(Record):
    """Gould-Fernandez roles of everyone in the roster, and of the network as a whole.

    Parameters
    ----------
    person, function
        (n,) ids and functions, in roster order.
    counts, expected, z
        (n, 6) ordered pairs brokered as coordinator, itinerant, representative, gatekeeper, liaison, and in all; the expected numbers at
        this size and density; the standard scores, NaN where the count cannot vary.
    totals, expected_totals, z_totals
        (6,) the same for the network's totals.
    density
        Arcs over n (n - 1).
    directed
        Whether arcs have a direction. If not, each pair of ends counts twice, and gatekeeper counts equal representative counts.
    unassigned
        Number of people without a function, who are left out.
    labels
        Function -> its label in the people table.
    """

    person: NDArray[Any]
    function: NDArray[Any]
    counts: NDArray[np.int64]
    expected: NDArray[np.float64]
    z: NDArray[np.float64]
    totals: NDArray[np.int64]
    expected_totals: NDArray[np.float64]
    z_totals: NDArray[np.float64]
    density: float
    directed: bool
    backend: Backend = "pandas"
    unassigned: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.person)

    def _works(self) -> tuple[str, ...]:
        return ("gould_fernandez_1989",)

    def _columns(self) -> Columns:
        columns: dict[str, NDArray[Any]] = {"person": self.person, "function": self.function}
        for prefix, values in (("", self.counts), ("expected_", self.expected), ("z_", self.z)):
            columns |= {f"{prefix}{role}": values[:, place] for place, role in enumerate(ROLES)}
        return columns

    @property
    def network(self) -> Any:
        """One row per role for the network as a whole: role, total, expected_total, z_total."""
        columns = {
            "role": np.array(ROLES, dtype=object),
            "total": self.totals,
            "expected_total": self.expected_totals,
            "z_total": self.z_totals,
        }
        return make_frame(columns, self.backend)

    def __str__(self) -> str:
        brokers = int(np.sum(self.counts[:, -1] > 0))
        parts = ", ".join(f"{role} {total:,}" for role, total in zip(ROLES[:-1], self.totals[:-1].tolist(), strict=True))
        kind = "directed" if self.directed else "undirected, each pair of ends counted twice"
        kind += f"; {counted(self.unassigned, 'person', 'people')} without a function left out" if self.unassigned else ""
        return (
            f"{brokers:,} of {counted(len(self), 'person', 'people')} broker {counted(int(self.totals[-1]), 'pair')} ({kind}): {parts}; "
            f"{number(float(self.expected_totals[-1]), 1)} pairs would be expected at a density of {number(self.density)}"
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExclusiveIntermediaries(Record):
    """How often each ego is the only connection between a colleague and a person in another function.

    Parameters
    ----------
    ego
        (n,) ids of the egos, in roster order.
    of
        Their function.
    functions
        The f functions of the alters, in snake_case.
    peers
        (n,) number of colleagues in the same function with whom ego has a tie.
    exclusive_pairs
        (n, f) number of pairs of a peer and a person in the function whom only ego connects.
    """

    ego: NDArray[Any]
    of: str
    functions: tuple[str, ...]
    peers: NDArray[np.int64]
    exclusive_pairs: NDArray[np.int64]
    backend: Backend = "pandas"

    def __len__(self) -> int:
        return len(self.ego)

    def _works(self) -> tuple[str, ...]:
        return ("jams_2019",)

    def _columns(self) -> Columns:
        columns: dict[str, NDArray[Any]] = {"ego": self.ego, "peers": self.peers, "exclusive_pairs": self.exclusive_pairs.sum(axis=1)}
        return columns | {f"exclusive_pairs_{name}": self.exclusive_pairs[:, place] for place, name in enumerate(self.functions)}

    def __str__(self) -> str:
        pairs = self.exclusive_pairs.sum(axis=1)
        return (
            f"Exclusive intermediaries among {counted(len(self), 'ego')} in {self.of} toward {', '.join(self.functions)}: "
            f"{int(np.sum(pairs > 0)):,}, with {counted(int(pairs.sum()), 'pair')} of a peer and an alter that only they connect"
        )


def brokerage(ties: Ties, *, directed: bool = True, min_interactions: float | None = None) -> Brokerage:
    """Count how often each person brokers between two others, by the functions of all three.

    Parameters
    ----------
    ties
        From `build_ties`.
    directed
        Whether an arc needs interactions in its direction; otherwise each tie counts as two arcs, one each way.
    min_interactions
        Interactions that an arc needs (in its direction if directed, otherwise in both together). By default any number is enough,
        within the ties that the tie rule makes.

    Returns
    -------
    Brokerage

    Notes
    -----
    Person v brokers the ordered pair (a, b) if there are arcs a -> v and v -> b but no arc a -> b. By the functions A, B, C of
    a -> v -> b::

        coordinator A A A    itinerant A B A    representative A A B    gatekeeper A B B    liaison A B C    brokerage: all

    The unit is pairs; a person without arcs has 0. With N people, n_g of them in the broker's function and the density d, and
    p = d^2 (1 - d), the expected counts are p (n_g - 1)(n_g - 2) for coordinators, p sum over h != g of n_h (n_h - 1) for
    itinerants, p (N - n_g)(n_g - 1) for representatives and for gatekeepers, p times the pairs across two other functions for
    liaisons, p (N - 1)(N - 2) in all. They and their variances assume independent arcs, also for
    undirected networks (as in R's sna), and z is (count - expected) / sd, NaN where the variance is 0. It is not known whether z
    is close to normal, so read it as a scale. The variances of the totals are those of sna, which ignore that some triples
    exclude each other: those of representatives, gatekeepers, coordinators and all roles are a little too large.

    The roles depend on all three functions, so people without a function ("unassigned") and their arcs are left out, N and the density
    do not count them, and their counts are 0 with missing expected counts and z.

    In sna's output representative is the column b_IO and gatekeeper b_OI; some packages have the two labels swapped.

    Raises
    ------
    ArgumentError
        `min_interactions` is not a positive number.

    References
    ----------
    Gould, R. V., & Fernandez, R. M. (1989). Structures of mediation: a formal approach to brokerage in transaction networks.
    Sociological Methodology 19, 89-126.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Sales", "Marketing"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.network.measures.brokerage(ties).frame[["person", "representative", "gatekeeper", "brokerage"]]
      person  representative  gatekeeper  brokerage
    0    ann               0           0          0
    1    bob               1           0          1
    2    cat               0           0          0
    """
    made_by("build_ties", Ties, ties=ties)
    flag("directed", directed)
    people = ties.people
    known = np.flatnonzero(people.assigned)
    arcs = _arcs(ties, directed=directed, least=min_interactions)[known][:, known]
    place = np.unique(people.function[known], return_inverse=True)[1].astype(np.int64)
    sizes = np.bincount(place).astype(np.int64)
    possible = len(known) * (len(known) - 1)
    density = arcs.nnz / possible if possible else 0.0
    counts = np.zeros((len(people), len(ROLES)), dtype=np.int64)
    counts[known] = role_counts(arcs, place)
    mean, variance = (np.full((len(people), len(ROLES)), np.nan) for _ in range(2))
    mean[known], variance[known] = (moment[place] for moment in role_moments(sizes, density))
    mean_totals, variance_totals = total_moments(sizes, density)
    return Brokerage(
        person=locked(people.person, dtype=object),
        function=locked(people.function, dtype=object),
        counts=locked(counts),
        expected=locked(mean),
        z=locked(standard_scores(counts, mean, variance)),
        totals=locked(counts.sum(axis=0)),
        expected_totals=locked(mean_totals),
        z_totals=locked(standard_scores(counts.sum(axis=0), mean_totals, variance_totals)),
        density=density,
        directed=directed,
        backend=ties.backend,
        unassigned=len(people) - len(known),
        labels=people.labels,
    )


def exclusive_intermediaries(ties: Ties, *, of: str, toward: Sequence[str]) -> ExclusiveIntermediaries:
    """Count the pairs of a peer and an alter that only ego connects.

    Parameters
    ----------
    ties
        From `build_ties`.
    of
        The function whose people are the egos and their peers, by label or in snake_case.
    toward
        The functions of the alters, by label or in snake_case.

    Returns
    -------
    ExclusiveIntermediaries

    Notes
    -----
    On undirected ties, a pair (p, j) counts for ego i if

    1. i and p are in the function `of` and have a tie with each other,
    2. j is in one of the functions `toward` and has a tie with i,
    3. p and j have no tie, and no one else in the roster, of any function, has ties with both of them.

    So the only two-step path from p to j goes through i; longer paths are ignored. The unit is pairs, each counted for at most one
    ego. An ego without peers or without ties to the functions has 0; see also `peers`.

    Raises
    ------
    ArgumentError
        No one is in one of the functions, or `toward` is empty or names a function twice.

    References
    ----------
    Journal of the Academy of Marketing Science (2019), doi 10.1007/s11747-019-00656-8, for the construct; the counting rule is tienet's.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Sales", "Marketing"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.network.measures.exclusive_intermediaries(ties, of="sales", toward=["marketing"]).frame
       ego  peers  exclusive_pairs  exclusive_pairs_marketing
    0  ann      1                0                          0
    1  bob      1                1                          1
    """
    made_by("build_ties", Ties, ties=ties)
    people = ties.people
    names = [people.known_ever(function) for function in checked_names("toward", toward)]
    if not names or len(set(names)) < len(names):
        raise ArgumentError(f"toward must name at least one function, each once, not {', '.join(names) or 'none'}")
    egos = people.holders(of)
    both = ties.adjacency("ties")
    pairs = [_only_ways(both, egos, np.flatnonzero(people.function == name)) for name in names]
    return ExclusiveIntermediaries(
        ego=locked(people.person[egos], dtype=object),
        of=people.known(of),
        functions=tuple(names),
        peers=locked(both[egos][:, egos].sum(axis=1), dtype=np.int64),
        exclusive_pairs=locked(np.column_stack(pairs), dtype=np.int64),
        backend=ties.backend,
    )


def _arcs(ties: Ties, *, directed: bool, least: float | None) -> csr_array:
    """The matrix of arcs, source -> target, with ones for arcs."""
    from scipy.sparse import coo_array

    if least is not None:
        positive("min_interactions", least)
    flows = (ties.a_to_b, ties.b_to_a) if directed else (ties.interactions, ties.interactions)
    there, back = (flow > 0 if least is None else reaches(flow, least) for flow in flows)
    rows, cols = np.concatenate([ties.a[there], ties.b[back]]), np.concatenate([ties.b[there], ties.a[back]])
    size = len(ties.people)
    return coo_array((np.ones(len(rows)), (rows, cols)), shape=(size, size)).tocsr()


def _only_ways(both: csr_array, egos: NDArray[np.int64], alters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Number of pairs (peer, alter) per ego without a tie and with ego as their only common contact."""
    from scipy.sparse import coo_array

    direct = both[egos][:, alters]
    ways = (both[egos] @ both[:, alters]).tocoo()
    peer, alter = ways.coords
    single = (ways.data == 1) & (egos[peer] != alters[alter])
    lone = coo_array((np.ones(int(single.sum())), (peer[single], alter[single])), shape=ways.shape).tocsr()
    lone = lone - lone.multiply(direct)
    # The only common contact of a pair is the ego tied to both ends.
    reached = both[egos][:, egos] @ lone
    return np.asarray(reached.multiply(direct).sum(axis=1), dtype=np.float64).ravel()
