"""The network of ties among the people of a roster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import choice, flag
from tienet.base.errors import ArgumentError, DataError, shown
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted
from tienet.base.record import Record, late_fields
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.people import People
from tienet.network.ties.contacts import CONTACTS
from tienet.network.ties.given import GivenStrength
from tienet.network.ties.pairs import Window
from tienet.network.ties.rule import TieRule
from tienet.network.ties.rule_text import ATTRIBUTE as RULE
from tienet.network.ties.rule_text import rule_as_text
from tienet.network.ties.segments import Segments
from tienet.network.ties.strengths import Strength, find_strength

if TYPE_CHECKING:
    import networkx as nx
    from scipy.sparse import csr_array

__all__ = ["Ties"]


TIE_NUMBERS = ("interactions", "a_to_b", "b_to_a", "frequency", "reciprocity", "regularity", "channels", "strength")
SLICE = 20_000
# The numbers that do not depend on which end comes first in the roster.
BOTH_WAYS = tuple(name for name in TIE_NUMBERS if name not in ("a_to_b", "b_to_a"))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ties(Record):
    """One entry per tie between two people of the roster, `a` before `b` in roster order.

    Parameters
    ----------
    a, b
        (m,) roster positions of the two.
    interactions, a_to_b, b_to_a
        (m,) interactions (rows, or their weights), in total and in each direction.
    frequency
        (m,) interactions weighted for size and age, per week of the window; NaN where the log has no times.
    reciprocity
        (m,) 2 min(a_to_b, b_to_a) / interactions, 0 to 1.
    regularity
        (m,) share of the window's weeks with contact, 0 to 1; NaN without times.
    channels
        (m,) number of distinct channels used; NaN where the log has none.
    first, last
        (m,) first and last contact, microseconds UTC; None where the log has no times. These, `regularity` and `channels` are found in
        the log when one of them is first read, or when the ties are pickled.
    excluded
        Rows with ids that are not people, by reason.
    latency
        (m,) median hours to a reply, both directions; NaN without replies, None where the log does not identify them.
    given
        Strength that is not computed from the log: from a survey, or calibrated on one.
    segments
        Interactions by the functions held at the time, for people who change functions within the window; None without such people.
    sized
        Whether the log states how many people took part in an event, or states events whose people were counted.
    """

    people: People
    rule: TieRule
    window: Window | None
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    interactions: NDArray[np.float64]
    a_to_b: NDArray[np.float64]
    b_to_a: NDArray[np.float64]
    frequency: NDArray[np.float64]
    reciprocity: NDArray[np.float64]
    regularity: NDArray[np.float64]
    channels: NDArray[np.float64]
    first: NDArray[np.int64] | None
    last: NDArray[np.int64] | None
    pairs_below: int
    ledger: Ledger
    backend: Backend = "pandas"
    excluded: Mapping[str, int] = field(default_factory=dict)
    latency: NDArray[np.float64] | None = None
    given: GivenStrength | None = None
    segments: Segments | None = None
    sized: bool = True

    def __len__(self) -> int:
        return len(self.a)

    @property
    def strength(self) -> NDArray[np.float64]:
        """(m,) `frequency`, or `interactions` where the log has no times; with `given`, the mean of the strengths at the two ends."""
        if self.given is not None:
            return self.given.both
        own: NDArray[np.float64] = getattr(self, self.own_strength.name)
        return own

    @property
    def own_strength(self) -> Strength:
        """What `strength` is for these ties, among all that a tie strength can be."""
        timed = "interactions" if self.window is None else "frequency"
        return find_strength(timed if self.given is None else self.given.name)

    @property
    def rule_told(self) -> str:
        """The rule as a sentence, as it was applied to this log; of ties that are stated, as in a survey, what makes a tie there."""
        if self.given is not None and self.given.stated:
            return self.given.sentence
        return self.rule.told(sized=self.sized)

    @property
    def importance_a(self) -> NDArray[np.float64]:
        """(m,) the tie's share of the interactions in all ties of end a."""
        return self.interactions / self._totals()[self.a]

    @property
    def importance_b(self) -> NDArray[np.float64]:
        """(m,) the tie's share of the interactions in all ties of end b."""
        return self.interactions / self._totals()[self.b]

    def _totals(self) -> NDArray[np.float64]:
        """(n,) interactions of each person over all ties."""
        ends, twice = np.concatenate([self.a, self.b]), np.tile(self.interactions, 2)
        return np.bincount(ends, weights=twice, minlength=len(self.people)).astype(np.float64)

    @property
    def embeddedness(self) -> NDArray[np.float64]:
        """(m,) neighbourhood overlap, 0 to 1: people tied to both ends, over people tied to either (Onnela et al. 2007).

        With n_ab common neighbours and degrees k_a, k_b: n_ab / ((k_a - 1) + (k_b - 1) - n_ab); NaN where neither end has another
        tie. It describes where a tie lies in the network, not how strong it is.
        """
        matrix = self.adjacency("ties")
        degree = np.diff(matrix.indptr)
        # In slices of ties, since the rows of all ends together would be much larger than the network.
        ends = [(self.a[at : at + SLICE], self.b[at : at + SLICE]) for at in range(0, len(self), SLICE)]
        common = np.concatenate([np.zeros(0), *(np.asarray(matrix[a].multiply(matrix[b]).sum(axis=1)).ravel() for a, b in ends)])
        union = (degree[self.a] - 1) + (degree[self.b] - 1) - common
        return np.asarray(np.divide(common, union, out=np.full(len(self), np.nan), where=union > 0))

    def _works(self) -> tuple[str, ...]:
        told = self.own_strength.works if self.given else ()
        asked = self.given is not None and self.given.stated
        weighted = ("newman_2001",) if self.rule.size_weight == "newman" else ()
        faded = ("ahmad_et_al_2018",) if self.rule.half_life is not None and self.window is not None else ()
        counted_ = () if asked else (*weighted, *faded)
        return (*told, *counted_, "onnela_et_al_2007", *(() if self.latency is None else ("wuchty_uzzi_2011",)))

    def _columns(self) -> Columns:
        ids = self.people.person
        columns: dict[str, NDArray[Any]] = {"a": ids[self.a], "b": ids[self.b]}
        columns |= {name: getattr(self, name) for name in TIE_NUMBERS[:-1]}
        for name, moments in (("first", self.first), ("last", self.last)):
            columns[name] = np.full(len(self), "NaT", "datetime64[us]") if moments is None else moments.astype("datetime64[us]")
        if self.latency is not None:
            columns["latency"] = self.latency
        columns |= {name: getattr(self, name) for name in ("importance_a", "importance_b", "embeddedness")}
        if self.given is not None:
            columns |= {"strength_a": self.given.as_a, "strength_b": self.given.as_b}
        return columns | {"strength": self.strength}

    def __str__(self) -> str:
        isolates = len(self.people) - len(np.union1d(self.a, self.b))
        surveyed = self.given is not None and self.given.stated
        happened = "stayed" if surveyed else "had contact"
        below = f" {counted(self.pairs_below, 'pair')} {happened} below the threshold." if self.pairs_below else ""
        origin = " ".join([*([] if surveyed else [self.rule_told]), *([self.given.sentence] if self.given else [])])
        return (
            f"{counted(len(self), 'tie')} among {counted(len(self.people), 'person', 'people')}, {isolates:,} of them without any.{below} "
            f"{origin} {self.ledger}."
        )

    def adjacency(self, weight: str = "strength", *, of: Iterable[str] | None = None) -> csr_array:
        """Make the symmetric matrix of ties in roster order, isolates included, or the part of it among some people, in their order.

        Parameters
        ----------
        weight
            The entries: "strength", "interactions", "frequency", "reciprocity", "regularity", "channels", or "ties" for ones.
        of
            Ids of m people, each once, such as ``egos.ego`` or the id column of the data of a regression. The rows are in this order,
            as `network_autocorrelation` and `moran` need them. Ties to anyone else are left out.

        Returns
        -------
        (n, n) or (m, m) scipy.sparse.csr_array

        Raises
        ------
        ArgumentError
            The weight is not known.
        DataError
            `of` contains an id twice, or one that is not in the roster.
        """
        from scipy.sparse import coo_array

        choice("weight", weight, ("ties", *BOTH_WAYS))
        values = np.ones(len(self)) if weight == "ties" else getattr(self, weight)
        rows, cols = np.concatenate([self.a, self.b]), np.concatenate([self.b, self.a])
        size = len(self.people)
        whole = coo_array((np.concatenate([values, values]), (rows, cols)), shape=(size, size)).tocsr()
        if of is None:
            return whole
        kept = self._positions(of)
        return whole[kept][:, kept]

    def _positions(self, of: Iterable[str]) -> NDArray[np.int64]:
        """Roster positions of ids. Messages give the position of a wrong id rather than the id, which may be a name."""
        if isinstance(of, str) or not isinstance(of, Iterable):
            raise ArgumentError(f"of must be a list of ids; got {shown(of)}")
        place = {person: row for row, person in enumerate(self.people.person.tolist())}
        found = np.array([place.get(person, -1) if isinstance(person, str) else -1 for person in of], dtype=np.int64)
        unknown = np.flatnonzero(found < 0)
        if unknown.size:
            raise DataError(
                f"{unknown.size:,} of {counted(len(found), 'id')} in `of` missing from the roster, the first at position {unknown[0] + 1} "
                "(counted from 1); pass ids as strings, exactly as in the people table"
            )
        first = np.zeros(len(found), dtype=bool)
        first[np.unique(found, return_index=True)[1]] = True
        if not first.all():
            raise DataError(
                f"`of` has the same person twice, again at position {np.flatnonzero(~first)[0] + 1} (counted from 1); a network has one "
                "row per person, so data with several rows per person cannot be matched to it"
            )
        return found

    def to_networkx(self, directed: bool = False) -> nx.Graph:
        """Convert the ties to a networkx graph, isolates included, with `function` on the nodes and the numbers of the ties on the edges.

        With ``directed=True`` there is one arc for each direction with interactions, and `interactions` counts that direction; else the
        edges have the numbers of `Ties.frame`, first and last contact as ISO 8601 in UTC, except those that follow from the others
        (importance, embeddedness). The graph attributes `window_start`, `window_end` and `window_as_of` hold the window, microseconds UTC,
        if the log has times, `tie_rule` the rule as JSON, and `pairs_below` the pairs with contact below its threshold.
        """
        import networkx as nx

        flag("directed", directed)
        ids = self.people.person
        graph = nx.DiGraph() if directed else nx.Graph()
        if self.window is not None:
            graph.graph.update(window_start=self.window.start, window_end=self.window.end, window_as_of=self.window.as_of)
        graph.graph.update({RULE: rule_as_text(self.rule), "pairs_below": self.pairs_below})
        graph.add_nodes_from(
            (person, {"function": function}) for person, function in zip(ids.tolist(), self.people.function.tolist(), strict=True)
        )
        ends = list(zip(ids[self.a].tolist(), ids[self.b].tolist(), strict=True))
        if directed:
            for (a, b), there, back in zip(ends, self.a_to_b.tolist(), self.b_to_a.tolist(), strict=True):
                graph.add_weighted_edges_from([(u, v, w) for u, v, w in ((a, b, there), (b, a, back)) if w > 0], weight="interactions")
            return graph
        columns = self.edge_numbers()
        rows = zip(*(values.tolist() for values in columns.values()), strict=True)
        graph.add_edges_from((a, b, dict(zip(columns, row, strict=True))) for (a, b), row in zip(ends, rows, strict=True))
        return graph

    def edge_numbers(self) -> dict[str, NDArray[Any]]:
        """The numbers that define the ties, (m,) each, with moments as ISO 8601 in UTC."""
        columns: dict[str, NDArray[Any]] = {name: getattr(self, name) for name in TIE_NUMBERS}
        for name, moments in (("first", self.first), ("last", self.last)):
            if moments is not None:
                columns[name] = np.datetime_as_string(moments.astype("datetime64[us]"), timezone="UTC")
        if self.latency is not None:
            columns["latency"] = self.latency
        if self.given is not None:
            columns |= {"strength_a": self.given.as_a, "strength_b": self.given.as_b}
        return columns


late_fields(Ties, *CONTACTS)
