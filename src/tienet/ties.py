"""Ties: what a rule makes of a log, one row per pair of people in the roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet import _time
from tienet._frames import Backend, Columns
from tienet._pairs import Pairs, Window, group_pairs
from tienet._record import Record, counted, locked
from tienet.errors import ArgumentError, DataError, offer
from tienet.ledger import Ledger
from tienet.log import InteractionLog
from tienet.people import People

if TYPE_CHECKING:
    import networkx as nx
    from scipy.sparse import csr_array

SizeWeight: TypeAlias = Literal["newman", "none"]
Moment: TypeAlias = str | date | datetime
TIE_NUMBERS = ("interactions", "a_to_b", "b_to_a", "frequency", "reciprocity", "regularity", "channels", "strength")
# The numbers that mean the same from both ends, whoever stands first in the roster.
BOTH_WAYS = tuple(name for name in TIE_NUMBERS if name not in ("a_to_b", "b_to_a"))


@dataclass(frozen=True, slots=True)
class TieRule:
    """When two people have a tie, and what an interaction weighs.

    Parameters
    ----------
    min_interactions
        A tie exists from this many interactions on, both directions added. Unweighted by size and age.
    half_life
        Age after which an interaction weighs half, as "90d" or "12w"; None for no decay.
    size_weight
        "newman": an event with n people weighs 1/(n - 1) for each pair (Newman 2001); "none": 1.
    max_size
        Events with more people are left out; None keeps all.
    reciprocal
        Whether a tie needs interactions in both directions.
    channels
        Channels that count; None for all.
    since, until
        The window: from `since` on, before `until`. By default the whole log.
    as_of
        The moment that ages are counted from, by default the end of the window; later interactions are left out.

    Examples
    --------
    >>> import tienet as tn
    >>> print(tn.TieRule(half_life=None, size_weight="none", max_size=None))
    A tie is a pair of people with at least 3 interactions, both directions added; every interaction weighs 1.
    """

    min_interactions: float = 3
    half_life: str | float | None = "90d"
    size_weight: SizeWeight = "newman"
    max_size: int | None = 50
    reciprocal: bool = False
    channels: Sequence[str] | None = None
    since: Moment | None = None
    until: Moment | None = None
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        if self.size_weight not in get_args(SizeWeight):
            raise ArgumentError.not_one_of("size_weight", self.size_weight, get_args(SizeWeight))
        if not self.min_interactions > 0:
            raise ArgumentError(f"min_interactions must be positive, not {self.min_interactions!r}")
        if self.max_size is not None and self.max_size < 2:
            raise ArgumentError(f"max_size must be at least 2 people, not {self.max_size!r}")
        if self.channels is not None:
            names = (self.channels,) if isinstance(self.channels, str) else tuple(self.channels)
            object.__setattr__(self, "channels", names)
        _ = self.half_life_days
        for value in (self.since, self.until, self.as_of):
            if value is not None:
                _time.moment(value)

    @property
    def half_life_days(self) -> float | None:
        """The half-life in days."""
        return None if self.half_life is None else _time.days(self.half_life)

    @property
    def needs_times(self) -> bool:
        """Whether the rule asks for something that only a log with times can tell."""
        return self.half_life is not None or any(value is not None for value in (self.since, self.until, self.as_of))

    def __str__(self) -> str:
        plural = "" if self.min_interactions == 1 else "s"
        gate = " and at least one in each direction" if self.reciprocal else ""
        parts = [f"A tie is a pair of people with at least {self.min_interactions:g} interaction{plural}, both directions added{gate}"]
        sized = (
            "an interaction weighs 1/(n - 1) in an event with n people" if self.size_weight == "newman" else "every interaction weighs 1"
        )
        if self.half_life_days is not None:
            sized += f", halved for every {self.half_life_days:g} days of age"
        parts.append(sized)
        if self.max_size is not None:
            parts.append(f"events with more than {self.max_size} people are left out")
        if self.channels is not None:
            parts.append(f"only {', '.join(self.channels)} counts")
        ends = [
            f"{word} {value}" for word, value in (("from", self.since), ("before", self.until), ("as of", self.as_of)) if value is not None
        ]
        if ends:
            parts.append("window " + ", ".join(ends))
        return "; ".join(parts) + "."


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ties(Record):
    """One entry per tie between two people of the roster, `a` before `b` in roster order.

    Attributes
    ----------
    a, b : (m,) int array
        Roster positions of the two.
    interactions, a_to_b, b_to_a : (m,) array
        Interactions (rows, or their weights), in all and each way.
    frequency : (m,) array
        Interactions weighted for size and age, per week of the window; NaN where the log has no times.
    reciprocity : (m,) array
        2 min(a_to_b, b_to_a) / interactions, 0 to 1.
    regularity : (m,) array
        Share of the window's weeks with contact, 0 to 1; NaN without times.
    channels : (m,) array
        Distinct channels used; NaN where the log has none.
    first, last : (m,) int array or None
        First and last contact, microseconds UTC.
    strength : (m,) array
        `frequency`, or `interactions` where the log has no times.
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

    def __len__(self) -> int:
        return len(self.a)

    @property
    def strength(self) -> NDArray[np.float64]:
        """The tie's strength: frequency where the log has times, else interactions."""
        return self.interactions if self.window is None else self.frequency

    def _columns(self) -> Columns:
        ids = self.people.person
        columns: dict[str, NDArray[Any]] = {"a": ids[self.a], "b": ids[self.b]}
        columns |= {name: getattr(self, name) for name in TIE_NUMBERS[:-1]}
        if self.first is not None and self.last is not None:
            columns |= {"first": self.first.astype("datetime64[us]"), "last": self.last.astype("datetime64[us]")}
        return columns | {"strength": self.strength}

    def __str__(self) -> str:
        isolates = len(self.people) - len(np.union1d(self.a, self.b))
        below = f" {counted(self.pairs_below, 'pair')} had contact below the threshold." if self.pairs_below else ""
        return (
            f"{counted(len(self), 'tie')} among {counted(len(self.people), 'person', 'people')}, {isolates:,} of them without any.{below} "
            f"{self.rule} {self.ledger}."
        )

    def adjacency(self, weight: str = "strength") -> csr_array:
        """The symmetric matrix of ties, people in roster order, isolates kept.

        Parameters
        ----------
        weight
            "strength", "interactions", "frequency", "reciprocity", "regularity", "channels", or "ties" for ones.

        Returns
        -------
        (n, n) scipy.sparse.csr_array
        """
        from scipy.sparse import coo_array

        if weight != "ties" and weight not in BOTH_WAYS:
            raise ArgumentError.not_one_of("weight", weight, ("ties", *BOTH_WAYS))
        values = np.ones(len(self)) if weight == "ties" else getattr(self, weight)
        rows, cols = np.concatenate([self.a, self.b]), np.concatenate([self.b, self.a])
        size = len(self.people)
        return coo_array((np.concatenate([values, values]), (rows, cols)), shape=(size, size)).tocsr()

    def to_networkx(self, directed: bool = False) -> nx.Graph:
        """The ties as a networkx graph, isolates kept; nodes carry `function`, edges every number of the tie.

        With ``directed=True`` there is one arc for each direction that has interactions, with `interactions` the count that way.
        """
        import networkx as nx

        ids = self.people.person
        graph = nx.DiGraph() if directed else nx.Graph()
        graph.add_nodes_from(
            (person, {"function": function}) for person, function in zip(ids.tolist(), self.people.function.tolist(), strict=True)
        )
        ends = list(zip(ids[self.a].tolist(), ids[self.b].tolist(), strict=True))
        if directed:
            for (a, b), there, back in zip(ends, self.a_to_b.tolist(), self.b_to_a.tolist(), strict=True):
                graph.add_weighted_edges_from([(u, v, w) for u, v, w in ((a, b, there), (b, a, back)) if w > 0], weight="interactions")
            return graph
        rows = zip(*(getattr(self, name).tolist() for name in TIE_NUMBERS), strict=True)
        graph.add_edges_from((a, b, dict(zip(TIE_NUMBERS, row, strict=True))) for (a, b), row in zip(ends, rows, strict=True))
        return graph


def build_ties(log: InteractionLog, people: People, *, rule: TieRule | None = None) -> Ties:
    """Turn a log into the ties among the people of the roster.

    Parameters
    ----------
    log
        From `read_log`.
    people
        From `read_people`: interactions with anybody else are counted in the ledger and kept apart.
    rule
        The tie rule; its defaults where left out.

    Returns
    -------
    Ties

    Notes
    -----
    With events k between i and j, at ages t_k (days before ``as_of``), with n_k people and weight w_k::

        interactions_ij = sum_k w_k
        frequency_ij    = sum_k w_k * 1/(n_k - 1) * 2^(-t_k / half_life)  /  weeks of the window

    The window runs from `since` (or the first interaction) to `until` (or the last) and counts as one week at least.

    Raises
    ------
    DataError
        The rule needs times or channels that the log does not state, the window holds no interaction, or nobody of the
        roster is in the log.

    References
    ----------
    Newman, M. E. J. (2001). Scientific collaboration networks II. Physical Review E 64, 016132.
    Ahmad, W., Porter, M. A., & Beguerisse-Diaz, M. (2018). Tie-decay networks in continuous time. arXiv:1805.00193.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=2, half_life=None))
    >>> ties.frame[["a", "b", "interactions", "reciprocity"]]
         a    b  interactions  reciprocity
    0  ann  bob           2.0          1.0
    """
    rule = rule or TieRule()
    _refuse_unanswerable(log, rule)
    window = _window(log, rule)
    pairs = group_pairs(log, rule, window)
    low, high = people.codes(pairs.low), people.codes(pairs.high)
    known = (low >= 0) & (high >= 0)
    unknown = int(pairs.columns["rows"][~known].sum()) if len(known) else 0
    ledger = log.ledger.after({**pairs.left_out, "unknown_person": unknown})
    if not known.any():
        raise DataError(f"no interaction is left between two people of the people table: {ledger}; compare how the two files write ids")
    return _ties(pairs, low, high, known, people=people, rule=rule, window=window, ledger=ledger, backend=log.backend)


def _refuse_unanswerable(log: InteractionLog, rule: TieRule) -> None:
    if rule.needs_times and "time" not in log.has:
        raise DataError(
            "the tie rule uses times (half_life, since, until or as_of) but the log has none; "
            "map a time column, or say TieRule(half_life=None) and measure strength='interactions'"
        )
    if rule.channels is not None and "channel" not in log.has:
        raise DataError("the tie rule counts some channels only, but the log states none; map a channel column or leave channels out")


def _window(log: InteractionLog, rule: TieRule) -> Window | None:
    """The rule's window on this log; None where the log has no times."""
    if log.first is None or log.last is None:
        return None
    start = log.first if rule.since is None else _time.moment(rule.since)
    end = log.last + 1 if rule.until is None else _time.moment(rule.until)
    as_of = end - 1 if rule.as_of is None else _time.moment(rule.as_of)
    end = min(end, as_of + 1)
    if end <= start or start > log.last or end <= log.first:
        raise DataError(
            f"no interaction falls in the window of the tie rule ({_time.day_text(start)} to {_time.day_text(end)}); "
            f"the log runs from {_time.day_text(log.first)} to {_time.day_text(log.last)}"
        )
    return Window(start, end, as_of)


def _ties(
    pairs: Pairs,
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    known: NDArray[np.bool_],
    *,
    people: People,
    rule: TieRule,
    window: Window | None,
    ledger: Ledger,
    backend: Backend,
) -> Ties:
    weight, forward = pairs.columns["weight"], pairs.columns["forward"]
    backward = weight - forward
    # Weights that add up to the threshold reach it, in whatever order they were added.
    enough = known & (weight >= rule.min_interactions * (1.0 - 1e-12))
    if rule.reciprocal:
        enough &= (forward > 0) & (backward > 0)
    # `low` and `high` are in text order; ties are in roster order, which may turn a pair round.
    turned = low > high
    a, b = np.where(turned, high, low), np.where(turned, low, high)
    there, back = np.where(turned, backward, forward), np.where(turned, forward, backward)
    order = np.lexsort((b[enough], a[enough]))

    def kept(values: NDArray[Any]) -> NDArray[Any]:
        return locked(values[enough][order])

    def stated(name: str, divisor: float = 1.0) -> NDArray[Any]:
        values = pairs.columns.get(name)
        return kept(np.full(len(weight), np.nan) if values is None else values / divisor)

    timed = window is not None
    return Ties(
        people=people,
        rule=rule,
        window=window,
        a=kept(a),
        b=kept(b),
        interactions=kept(weight),
        a_to_b=kept(there),
        b_to_a=kept(back),
        frequency=stated("weighted", window.weeks) if window else kept(np.full(len(weight), np.nan)),
        reciprocity=kept(2.0 * np.minimum(forward, backward) / weight),
        regularity=stated("weeks", window.week_count if window else 1),
        channels=stated("channels"),
        first=kept(pairs.columns["first"]).astype(np.int64) if timed else None,
        last=kept(pairs.columns["last"]).astype(np.int64) if timed else None,
        pairs_below=int(np.sum(known & ~enough)),
        ledger=ledger,
        backend=backend,
    )


def strength_values(ties: Ties, strength: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The strength of each tie as its `a` end and as its `b` end sees it.

    "frequency", "interactions" or another number of the tie look alike from both ends. "composite" is the mean of three
    z-scores over all ends of all ties: frequency; importance, the tie's share of that end's interactions; closeness, the
    mean of reciprocity and regularity.
    """
    if strength != "composite":
        if strength not in BOTH_WAYS:
            raise ArgumentError(f"strength={strength!r} is not known{offer(strength, ('composite', *BOTH_WAYS))}")
        values: NDArray[np.float64] = getattr(ties, strength)
        if len(values) and np.isnan(values).all():
            raise DataError(
                f"strength={strength!r} cannot be had from this log (it states no times or channels for it); use strength='interactions'"
            )
        return values, values
    return _composite(ties)


def _composite(ties: Ties) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if ties.window is None:
        raise DataError(
            "strength='composite' needs times (frequency and regularity), which the log does not state; use strength='interactions'"
        )
    totals = np.zeros(len(ties.people))
    np.add.at(totals, ties.a, ties.interactions)
    np.add.at(totals, ties.b, ties.interactions)
    importance = np.concatenate([ties.interactions / totals[ties.a], ties.interactions / totals[ties.b]])
    closeness = (ties.reciprocity + ties.regularity) / 2.0
    parts = (np.tile(ties.frequency, 2), importance, np.tile(closeness, 2))
    composite = np.mean([_z(part) for part in parts], axis=0)
    return composite[: len(ties)], composite[len(ties) :]


def _z(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard scores with the n - 1 standard deviation; all zero where nothing varies."""
    spread = values.std(ddof=1) if len(values) > 1 else 0.0
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max(initial=0.0))):
        return np.zeros_like(values)
    standard: NDArray[np.float64] = (values - values.mean()) / spread
    return standard
