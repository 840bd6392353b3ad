"""Handoffs between two functions: who has the ties, who has a backup, and whose absence would cut the functions off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import choice, made_by
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, percent
from tienet.base.record import Record, locked
from tienet.network.measures._blocks import block_above
from tienet.network.ties.network import Ties

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Handoffs", "handoffs"]


Through: TypeAlias = Literal["anyone", "members"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Handoffs(Record):
    """Ties between two functions. Counts and shares per function are in the order of `functions`.

    Parameters
    ----------
    functions, labels
        The two functions, in snake_case and as the people table writes them.
    members
        (2,) number of people in each.
    ties
        Number of ties between the functions.
    carriers
        (2,) number of boundary spanners: members with at least one of these ties.
    within_two
        (2,) share of the members who reach the other function in one step or two.
    backup_coverage
        (2,) share of the carriers' contacts whom a colleague in the same function also has; NaN without contacts.
    pairs
        Pairs of members, one from each function, with a path between them.
    through
        "anyone" or "members": whether paths may pass through other functions.
    person, function
        (k,) everyone with ties to the other function, or whose removal disconnects some pairs, in roster order.
    contacts
        (k,) number of ties to the other function.
    covered
        (k,) share of those contacts whom a colleague also has; NaN without contacts.
    pairs_cut
        (k,) number of pairs of other members left without a path if the person is removed.
    single_point
        (k,) whether no pair is left with a path.
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
        """Number of people who are single points of failure."""
        return int(self.single_point.sum())

    def _works(self) -> tuple[str, ...]:
        return ("tushman_scanlan_1981", "hopcroft_tarjan_1973")

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
            f"{percent(two, 0)} reach the other function within two steps, "
            + ("no contacts to back up" if np.isnan(backup) else f"{percent(backup, 0)} of those contacts are shared with a colleague")
            for label, carriers, members, two, backup in zip(
                self.labels, self.carriers.tolist(), self.members.tolist(), self.within_two, self.backup_coverage, strict=True
            )
        ]
        paths = "" if self.through == "anyone" else " (paths within the two functions only)"
        weak = int(np.sum(self.pairs_cut > 0))
        cut = f"; {counted(weak, 'person', 'people')} on whom the only paths of some pair depend" if weak else ""
        return (
            f"{counted(self.ties, 'tie')} between {self.labels[0]} and {self.labels[1]}. {'; '.join(sides)}. "
            f"{counted(self.single_points, 'single point')} of failure, without whom the two functions would not be connected{cut}{paths}"
        )


def handoffs(ties: Ties, *, between: tuple[str, str] = ("sales", "marketing"), through: Through = "anyone") -> Handoffs:
    r"""Describe the ties between two functions: who has them, who has a backup, and who is a single point of failure.

    Parameters
    ----------
    ties
        From `build_ties`.
    between
        The two functions, by label or in snake_case.
    through
        "anyone": paths may pass through people of any function; "members": through people of the two functions only.

    Returns
    -------
    Handoffs

    Notes
    -----
    For functions F and G, a carrier i in F (and likewise in G) and N(i) the people i has ties with:

    .. math::
        \text{contacts}_i = |N(i) \cap G|, \qquad
        \text{covered}_i = \frac{|\{g \in N(i) \cap G : N(g) \cap F \ne \{i\}\}|}{\text{contacts}_i}

    `backup_coverage` of F is the same share over all contacts of all its carriers. `within_two` is the share of F with a person of G
    among their alters or their alters' alters.

    Let :math:`P_v` be the pairs (f, g) of members other than v that have a path in the network, and :math:`C_v` those of them without one
    after v and v's ties are removed. Then `pairs_cut` is :math:`|C_v|`, and v is a **single point of failure** when

    .. math:: C_v = P_v \ne \emptyset

    that is, when the remaining members had paths between the two functions and none is left. v may belong to either function or,
    with paths through anyone, to neither. The only member of a function with a path is never one, since no pair remains.
    Anyone with `pairs_cut` above zero is an articulation point of the network. They are found from the network's blocks, the parts that
    stay connected when any one person is removed (Hopcroft & Tarjan 1973). The blocks come from rustworkx if it is installed
    (``pip install tienet[fast]``), otherwise from networkx.

    Units are people, ties and pairs; shares run from 0 to 1. A function without ties to the other has no carriers, and its coverage is
    missing (NaN).

    Raises
    ------
    ArgumentError
        No one is in one of the functions, the two are not different, or `through` is not known.

    References
    ----------
    Hopcroft, J., & Tarjan, R. (1973). Algorithm 447: Efficient algorithms for graph manipulation. Communications of the ACM 16, 372-378.
    Tushman, M. L., & Scanlan, T. J. (1981). Boundary spanning individuals. Academy of Management Journal 24, 289-305.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "cat", "ann"], "target": ["bob", "cat", "dan", "eve"]})
    >>> functions = ["Sales", "Sales", "Ops", "Marketing", "Sales"]
    >>> people = tn.read_people({"person": ["ann", "bob", "cat", "dan", "eve"], "function": functions})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.network.measures.handoffs(ties, between=("sales", "marketing")).frame[["person", "contacts", "pairs_cut", "single_point"]]
      person  contacts  pairs_cut  single_point
    0    ann         0          1         False
    1    bob         0          2          True
    2    cat         0          3          True
    """
    made_by("build_ties", Ties, ties=ties)
    people = ties.people
    functions = _two(ties, between)
    choice("through", through, get_args(Through))
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
    names = [ties.people.known(name) for name in checked_names("between", [between] if isinstance(between, str) else between)]
    if len(names) != 2 or names[0] == names[1]:
        raise ArgumentError(f"between must name two different functions, such as ('sales', 'ops'); got {', '.join(names) or 'none'}")
    return names[0], names[1]


def _contacts(a: NDArray[np.int64], b: NDArray[np.int64], sides: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Contacts in the other function, and those whom a colleague also has: (2, n) each, by the function of the carrier."""
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
    """Whether each person reaches the function opposite each side in one step or two: (2, n)."""
    near = np.zeros(sides.shape, dtype=bool)
    for side, other in ((0, 1), (1, 0)):
        one = _beside(a, b, sides[other] > 0)
        near[side] = one | _beside(a, b, one)
    return near


def _beside(a: NDArray[np.int64], b: NDArray[np.int64], there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each person has a tie with someone for whom `there` is true."""
    found = np.zeros(len(there), dtype=bool)
    found[a[there[b]]] = True
    found[b[there[a]]] = True
    return found


def _pairs_cut(a: NDArray[np.int64], b: NDArray[np.int64], sides: NDArray[np.int64]) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
    """Connected pairs across the two sides; those that do not include each person; and those of them lost without the person.

    If a person v is removed, the subtrees of a spanning tree below v separate by block: subtrees of one block stay connected, and
    those in the block of the tie to v's parent stay connected with everything above.
    """
    component, parent = _forest(a, b, sides.shape[1])
    block, below = block_above(a, b, parent), _subtree_sums(parent, sides)
    size = sides.shape[1]
    hung = np.flatnonzero(parent >= 0)
    hung = hung[block[hung] != block[parent[hung]]]
    above = np.zeros(size, dtype=np.int64)
    above[block[hung]] = parent[hung]
    loose = np.array([np.bincount(block[hung], weights=side[hung], minlength=size) for side in below]).astype(np.int64)
    part = np.array([np.bincount(above, weights=side, minlength=size) for side in loose]).astype(np.int64)
    kept = np.bincount(above, weights=loose[0] * loose[1], minlength=size).astype(np.int64)
    whole = np.array([np.bincount(component, weights=side) for side in sides]).astype(np.int64)[:, component]
    others = whole - sides
    rest = others - part
    before = others[0] * others[1]
    pairs = int(np.sum(sides[0] * whole[1]))
    # Pairs in other components are not affected, so no one is a single point of failure if there are any.
    elsewhere = pairs - whole[0] * whole[1]
    return pairs, before + elsewhere, before - kept - rest[0] * rest[1]


def _forest(a: NDArray[np.int64], b: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The component of each person, and the parent in a spanning tree of it, -1 for its root."""
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    _, component = connected_components(_graph(a, b, size), directed=False)
    # An extra node, tied to one person of each component, makes the forest a tree, so one search visits everyone.
    roots = np.unique(component, return_index=True)[1]
    tied = _graph(np.concatenate([a, np.full(len(roots), size)]), np.concatenate([b, roots]), size + 1)
    parent = breadth_first_order(tied, size, directed=True)[1][:size].astype(np.int64)
    parent[parent == size] = -1
    return component.astype(np.int64), parent


def _graph(a: NDArray[np.int64], b: NDArray[np.int64], size: int) -> csr_array:
    from scipy.sparse import coo_array

    ones = np.ones(2 * len(a), dtype=np.int8)
    return coo_array((ones, (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(size, size)).tocsr()


def _climb(parent: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield people and their ancestors 1, 2, 4, 8, ... steps above (pointer doubling)."""
    up = parent.copy()
    while (lower := np.flatnonzero(up >= 0)).size:
        upper = up[lower]
        yield lower, upper
        up[lower] = up[upper]


def _subtree_sums(parent: NDArray[np.int64], sides: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of members of either side in the subtree of each person: (2, n)."""
    sums = sides.copy()
    for lower, upper in _climb(parent):
        for total in sums:
            total += np.bincount(upper, weights=total[lower], minlength=len(parent)).astype(np.int64)
    return sums
