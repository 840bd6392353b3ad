"""Handoffs between two functions: who carries the ties across, who has a backup, and whose absence would cut the two apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet._frames import Backend, Columns
from tienet._record import Record, counted, locked
from tienet.errors import ArgumentError
from tienet.ties import Ties

Through: TypeAlias = Literal["anyone", "members"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Handoffs(Record):
    """How two functions are joined; counts and shares per function stand in the order of `functions`.

    Attributes
    ----------
    functions, labels : tuple of two str
        The two functions, in snake_case and as the people table writes them.
    members : (2,) int array
        People in each.
    ties : int
        Ties from the one function to the other.
    carriers : (2,) int array
        Boundary spanners: members with at least one of those ties.
    within_two : (2,) array
        Share of the members who reach the other function by a tie or by two in a row.
    backup_coverage : (2,) array
        Share of the carriers' contacts that a colleague of the same function also has; NaN without contacts.
    pairs : int
        Pairs of members, one from each function, with a path between them.
    through : "anyone" or "members"
        Whether paths may pass through other functions.
    person, function : (k,) array of str
        Everyone who carries ties across or whose removal parts some pairs, in roster order.
    contacts : (k,) int array
        Ties across of each.
    covered : (k,) array
        Share of those contacts that a colleague also has; NaN without any.
    pairs_cut : (k,) int array
        Pairs of other members without a path once the person is gone.
    single_point : (k,) bool array
        Whether no such pair keeps a path.
    """

    functions: tuple[str, str]
    labels: tuple[str, str]
    members: NDArray[np.int64]
    ties: int
    carriers: NDArray[np.int64]
    within_two: NDArray[np.float64]
    backup_coverage: NDArray[np.float64]
    pairs: int
    through: Through
    person: NDArray[np.object_]
    function: NDArray[np.object_]
    contacts: NDArray[np.int64]
    covered: NDArray[np.float64]
    pairs_cut: NDArray[np.int64]
    single_point: NDArray[np.bool_]
    backend: Backend = "pandas"

    @property
    def single_points(self) -> int:
        """How many people are single points of failure."""
        return int(self.single_point.sum())

    def _columns(self) -> Columns:
        return {
            "person": self.person,
            "function": self.function,
            "contacts": self.contacts,
            "covered": self.covered,
            "pairs_cut": self.pairs_cut,
            "single_point": self.single_point,
        }

    def __str__(self) -> str:
        sides = [
            f"{label}: {carriers:,} of {counted(members, 'person', 'people')} carry them, "
            f"{two:.0%} reach the other function within two steps, "
            + ("no contacts to back up" if np.isnan(backup) else f"a colleague also has {backup:.0%} of the contacts")
            for label, carriers, members, two, backup in zip(
                self.labels, self.carriers.tolist(), self.members.tolist(), self.within_two, self.backup_coverage, strict=True
            )
        ]
        paths = "any path" if self.through == "anyone" else "any path within the two functions"
        weak = int(np.sum(self.pairs_cut > 0))
        return (
            f"{counted(self.ties, 'tie')} between {self.labels[0]} and {self.labels[1]}. {'; '.join(sides)}. "
            f"{counted(self.single_points, 'single point')} of failure ({paths} between the two passes through the person); the absence of "
            f"{counted(weak, 'person', 'people')} would leave some pair without a path"
        )


def handoffs(ties: Ties, *, between: tuple[str, str] = ("sales", "marketing"), through: Through = "anyone") -> Handoffs:
    r"""Find how two functions are joined: ties across, those who carry them, backups and single points of failure.

    Parameters
    ----------
    ties
        From `build_ties`.
    between
        The two functions, by label or in snake_case.
    through
        "anyone": paths may pass through people of any function; "members": through people of the two functions only, with the ties
        between those.

    Returns
    -------
    Handoffs

    Notes
    -----
    For functions F and G, N(i) the people i has a tie with, and a carrier i of F (those of G the other way round):

    .. math::
        \text{contacts}_i = |N(i) \cap G|, \qquad
        \text{covered}_i = \frac{|\{g \in N(i) \cap G : N(g) \cap F \ne \{i\}\}|}{\text{contacts}_i}

    `backup_coverage` of F is the same over all contacts of all its carriers. `within_two` is the share of F with a person of G among
    their alters or the alters of those.

    Let :math:`P_v` be the pairs (f, g) of members other than v that have a path in the network, and :math:`C_v` those of them without one
    once v and v's ties are taken away. Then `pairs_cut` is :math:`|C_v|`, and v is a **single point of failure** when

    .. math:: C_v = P_v \ne \emptyset

    that is, when the remaining members had paths between the two functions and none is left. v may belong to either function or,
    with paths through anyone, to neither; nobody whose function has no other member with a path can be one, since no pair remains.
    Anybody with `pairs_cut` above zero is an articulation point of the network. All of them come from one depth-first tree (Tarjan
    1972): a subtree below v with no tie to anybody above v is cut off with v.

    Numbers are people, ties and pairs; shares run from 0 to 1. A function without ties across has no carriers, and its coverage is
    missing (NaN).

    Raises
    ------
    ArgumentError
        Nobody holds a function asked for, there are not two different ones, or `through` is not known.

    References
    ----------
    Tarjan, R. (1972). Depth-first search and linear graph algorithms. SIAM Journal on Computing 1, 146-160.
    Tushman, M. L., & Scanlan, T. J. (1981). Boundary spanning individuals. Academy of Management Journal 24, 289-305.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "cat", "ann"], "target": ["bob", "cat", "dan", "eve"]})
    >>> functions = ["Sales", "Sales", "Ops", "Marketing", "Sales"]
    >>> people = tn.read_people({"person": ["ann", "bob", "cat", "dan", "eve"], "function": functions})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.handoffs(ties, between=("sales", "marketing")).frame[["person", "contacts", "pairs_cut", "single_point"]]
      person  contacts  pairs_cut  single_point
    0    ann         0          1         False
    1    bob         0          2          True
    2    cat         0          3          True
    """
    people = ties.people
    functions = _two(ties, between)
    if through not in get_args(Through):
        raise ArgumentError.not_one_of("through", through, get_args(Through))
    sides = np.array([people.function == name for name in functions], dtype=np.int64)
    member: NDArray[np.bool_] = np.asarray(sides.any(axis=0))
    usable = np.flatnonzero((through == "anyone") | (member[ties.a] & member[ties.b]))
    a, b = ties.a[usable], ties.b[usable]
    contacts, covered = _contacts(a, b, sides)
    near = _within_two(a, b, sides)
    pairs, left, cut = _pairs_cut(a, b, sides)
    shown = np.flatnonzero((contacts.sum(axis=0) > 0) | (cut > 0))
    counts = sides.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return Handoffs(
            functions=functions,
            labels=(people.labels[functions[0]], people.labels[functions[1]]),
            members=locked(counts),
            ties=int(contacts[0].sum()),
            carriers=locked(np.count_nonzero(contacts, axis=1)),
            within_two=locked(np.sum(near & (sides > 0), axis=1) / counts),
            backup_coverage=locked(covered.sum(axis=1) / contacts.sum(axis=1)),
            pairs=pairs,
            through=through,
            person=locked(people.person[shown], dtype=object),
            function=locked(people.function[shown], dtype=object),
            contacts=locked(contacts.sum(axis=0)[shown]),
            covered=locked((covered.sum(axis=0) / contacts.sum(axis=0))[shown]),
            pairs_cut=locked(cut[shown]),
            single_point=locked((cut == left)[shown] & (left > 0)[shown]),
            backend=ties.backend,
        )


def _two(ties: Ties, between: tuple[str, str]) -> tuple[str, str]:
    names = [ties.people.known(name) for name in ((between,) if isinstance(between, str) else between)]
    if len(names) != 2 or names[0] == names[1]:
        raise ArgumentError(
            f"between takes two different functions, not {', '.join(names) or 'none'}; name them as between=('sales', 'ops')"
        )
    return names[0], names[1]


def _contacts(a: NDArray[np.int64], b: NDArray[np.int64], sides: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Contacts in the other function, and those that a colleague also has: (2, n) each, by the function of the carrier."""
    ends, alters = np.concatenate([a, b]), np.concatenate([b, a])
    size = sides.shape[1]
    contacts = np.zeros((2, size), dtype=np.int64)
    covered = np.zeros((2, size), dtype=np.int64)
    for side, other in ((0, 1), (1, 0)):
        across = (sides[side][ends] > 0) & (sides[other][alters] > 0)
        carriers, met = ends[across], alters[across]
        known_to = np.bincount(met, minlength=size)
        contacts[side] = np.bincount(carriers, minlength=size)
        covered[side] = np.bincount(carriers[known_to[met] > 1], minlength=size)
    return contacts, covered


def _within_two(a: NDArray[np.int64], b: NDArray[np.int64], sides: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each person reaches the function opposite to each side by one tie or two: (2, n)."""
    near = np.zeros(sides.shape, dtype=bool)
    for side, other in ((0, 1), (1, 0)):
        one = _beside(a, b, sides[other] > 0)
        near[side] = one | _beside(a, b, one)
    return near


def _beside(a: NDArray[np.int64], b: NDArray[np.int64], there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each person has a tie with somebody of whom `there` is true."""
    found = np.zeros(len(there), dtype=bool)
    found[a[there[b]]] = True
    found[b[there[a]]] = True
    return found


def _pairs_cut(a: NDArray[np.int64], b: NDArray[np.int64], sides: NDArray[np.int64]) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
    """Connected pairs across the two sides; those without each person as a member; and those of them that go with the person.

    Where a person v is taken away, each subtree of the depth-first tree that hangs on v and has no tie to anybody above v becomes a
    part of its own; whatever else was connected to v stays together.
    """
    component, order, parent, low = _depth_first(a, b, sides.shape[1])
    whole = np.array([np.bincount(component, weights=side) for side in sides]).astype(np.int64)[:, component]
    below, low = _over_subtrees(parent, low, sides)
    hung = np.flatnonzero(parent >= 0)
    hung = hung[low[hung] >= order[parent[hung]]]
    above = parent[hung]
    size = sides.shape[1]
    part = np.array([np.bincount(above, weights=side[hung], minlength=size) for side in below]).astype(np.int64)
    kept = np.bincount(above, weights=below[0][hung] * below[1][hung], minlength=size).astype(np.int64)
    others = whole - sides
    rest = others - part
    before = others[0] * others[1]
    pairs = int(np.sum(sides[0] * whole[1]))
    # Pairs in other components stay, and keep a person from being a single point of failure.
    elsewhere = pairs - whole[0] * whole[1]
    return pairs, before + elsewhere, before - kept - rest[0] * rest[1]


def _depth_first(
    a: NDArray[np.int64], b: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Depth-first forest: component, place in the order of visits, parent (-1 for a root), and the first-visited person tied to each."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components, depth_first_order

    def graph(x: NDArray[np.int64], y: NDArray[np.int64], n: int) -> coo_array:
        ones = np.ones(2 * len(x), dtype=np.int8)
        return coo_array((ones, (np.concatenate([x, y]), np.concatenate([y, x]))), shape=(n, n)).tocsr()

    _, component = connected_components(graph(a, b, size), directed=False)
    # One more node, tied to one person of each component, makes the forest a tree: one call visits everybody.
    roots = np.unique(component, return_index=True)[1]
    tied = graph(np.concatenate([a, np.full(len(roots), size)]), np.concatenate([b, roots]), size + 1)
    visits, parent = depth_first_order(tied, size, directed=True)
    place = np.empty(size + 1, dtype=np.int64)
    place[visits] = np.arange(size + 1)
    first = place[:size].copy()
    np.minimum.at(first, a, place[b])
    np.minimum.at(first, b, place[a])
    above = parent[:size].astype(np.int64)
    above[above == size] = -1
    return component.astype(np.int64), place[:size], above, first


def _over_subtrees(
    parent: NDArray[np.int64], low: NDArray[np.int64], sides: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sum of the sides and minimum of `low` over the subtree of each person, the person included.

    Doubling: what is known of the descendants nearer than 2^k reaches the ancestor 2^k above, which then knows those nearer than 2^(k+1).
    """
    sums, low, up = sides.copy(), low.copy(), parent.copy()
    while (there := np.flatnonzero(up >= 0)).size:
        ancestor = up[there]
        for side in sums:
            side += np.bincount(ancestor, weights=side[there], minlength=len(up)).astype(np.int64)
        nearer = low[there]
        np.minimum.at(low, ancestor, nearer)
        up[there] = up[ancestor]
    return sums, low
