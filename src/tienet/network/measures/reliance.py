"""How far the ties between one function and each other function are in the hands of few people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by, real, text, whole
from tienet.base.columns import Column
from tienet.base.errors import ArgumentError, shown
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, listed, percent
from tienet.base.record import Record, locked
from tienet.network.reading.spells import UNASSIGNED
from tienet.network.ties.network import Ties

__all__ = ["Dependence", "dependence"]

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "depending on few people": (
        Column("ties", "ties", "ties between the two functions; missing where the function is not shown"),
        Column("members", "people", "people in the other function"),
        Column("holders", "people", "fewest people of the function asked about who hold half of the ties; missing below the floor"),
        Column("holders_there", "people", "the same among the people of the other function"),
        Column("one_contact", "0 to 1", "share of the people of the function asked about who have exactly one contact there"),
        Column(
            "left_without",
            "0 to 1",
            "share of them who would have no contact left there if the colleague with most contacts among them were away",
        ),
        Column("marked", "true or false", "whether left_without is at least the share from which it is marked, 10% by default"),
    ),
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dependence(Record):
    """How the ties between a function and each other one are spread over people. A number that is not shown is NaN.

    Parameters
    ----------
    of, of_label
        The function asked about, in snake_case and as the people table writes it.
    people
        Number of people in it.
    functions, labels
        The g other functions, sorted.
    members
        (g,) number of people in each.
    ties
        (g,) ties between the two functions; NaN where `shown` is False, as all that follows.
    holders, holders_there
        (g,) the smallest number of people of `of`, and of the other function, who hold at least half of the ties; NaN below the floor.
    one_contact
        (g,) share of the people of `of` with exactly one contact there.
    left_without
        (g,) share of them whose only contact there is the colleague with most contacts in `of`.
    marked
        (g,) whether `left_without` is at least `mark`, also where it is not shown because it leaves too few others.
    shown
        (g,) whether both functions have at least `floor` people, and `floor` or no ties between them.
    mark
        Share from which `left_without` is marked.
    floor
        Number of people, or ties, that a number needs to be shown.
    """

    of: str
    of_label: str
    people: int
    functions: tuple[str, ...]
    labels: tuple[str, ...]
    members: NDArray[np.int64]
    ties: NDArray[np.float64]
    holders: NDArray[np.float64]
    holders_there: NDArray[np.float64]
    one_contact: NDArray[np.float64]
    left_without: NDArray[np.float64]
    marked: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    mark: float
    floor: int
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("tushman_scanlan_1981",)

    def _columns(self) -> Columns:
        names = ("members", "ties", "holders", "holders_there", "one_contact", "left_without", "marked")
        return {"function": np.array(self.functions, dtype=object), **{name: getattr(self, name) for name in names}}

    def __str__(self) -> str:
        hidden = int(np.sum(~self.shown))
        kept_back = f" {counted(hidden, 'function')} not shown: fewer than {self.floor} people or ties." if hidden else ""
        return f"{self.answer}{kept_back}"

    @property
    def answer(self) -> str:
        """The answer to "Where does a connection depend on few people?", in one or two sentences."""
        if not self.shown.any():
            return f"No function has at least {self.floor} people and ties to {self.of_label}, so none is shown."
        away = f"if the one colleague there with the most contacts in {self.of_label} were away"
        whole_ = f"of the {counted(self.people, 'person', 'people')} in {self.of_label} would have no contact left"
        marked = np.flatnonzero(self.marked)
        rest = np.flatnonzero(self.shown & ~self.marked)
        if not marked.size:
            return f"No function stands out: {away}, {self._at_most(rest)} {whole_} there."
        marked = marked[np.argsort(-np.nan_to_num(self.left_without[marked], nan=1.0), kind="stable")]
        lower = f"; elsewhere it is {self._at_most(rest)}" if rest.size else ""
        there = "that function" if marked.size == 1 else "these functions"
        return (
            f"{listed([self.labels[at] for at in marked])}: {away}, {listed(map(self._told, marked.tolist()))} {whole_} in {there}{lower}."
        )

    def _told(self, at: int) -> str:
        """The share left without a contact in a marked function; a share that is hidden leaves too few others."""
        share = self.left_without[at]
        return f"more than {percent(1 - self.floor / self.people, 0)}" if np.isnan(share) else percent(share, 0)

    def _at_most(self, rest: NDArray[np.int64]) -> str:
        """The largest share among functions that are not marked, in which a hidden share stands for fewer people than the floor."""
        shares = self.left_without[rest]
        most = float(np.nanmax(shares, initial=0.0))
        if most:
            return percent(most, 0) if len(rest) == 1 else f"{percent(most, 0)} or less"
        return f"fewer than {self.floor}" if np.isnan(shares).any() else "none"


def dependence(ties: Ties, *, of: str = "sales", floor: int = 5, mark: float = 0.1) -> Dependence:
    r"""Describe how far the ties between one function and each other one are in the hands of few people. Nobody is named.

    Parameters
    ----------
    ties
        From `build_ties`, preferably through `merge_small`, so that every function is large enough to be shown.
    of
        The function asked about, by label or in snake_case.
    floor
        Number of people that a count needs to be shown, besides 0. Functions with fewer people, or with fewer ties to `of`, are not
        shown. 1 shows everything.
    mark
        Share of the people of `of` left without a contact from which a function is marked.

    Returns
    -------
    Dependence

    Notes
    -----
    For a function F, the one asked about, and another one G, with :math:`c_i` the contacts in the other function of each person i and
    :math:`T = \sum_{i \in F} c_i = \sum_{j \in G} c_j` ties between them:

    .. math::
        \text{holders} = \min \{ |S| : S \subseteq F, \; 2 \textstyle\sum_{i \in S} c_i \ge T \}, \qquad
        \text{one\_contact} = \frac{|\{i \in F : c_i = 1\}|}{|F|}

    .. math::
        \text{left\_without} = \frac{|\{i \in F : N(i) \cap G = \{j^*\}\}|}{|F|}, \qquad j^* = \arg\max_{j \in G} c_j

    and `holders_there` as `holders` over G. Of several colleagues with most contacts, j* is the one without whom most people are left
    without a contact. Shares are of all people in F, also of those who have no contact in G.

    A share is shown if it is of 0 or at least `floor` people, and the remaining people are 0 or at least `floor`; `one_contact` also
    needs at least `floor` people, or none, who are not in `left_without`. Functions are those that people held last. People without a
    function ("unassigned") are not counted.

    Raises
    ------
    ArgumentError
        No one is in the function, `floor` is not a whole number of at least 1, or `mark` is not between 0 and 1.

    References
    ----------
    Tushman, M. L., & Scanlan, T. J. (1981). Boundary spanning individuals. Academy of Management Journal 24, 289-305.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "cat", "ann"], "target": ["dan", "dan", "dan", "eve"]})
    >>> functions = ["Sales", "Sales", "Sales", "Finance", "Finance"]
    >>> people = tn.read_people({"person": ["ann", "bob", "cat", "dan", "eve"], "function": functions})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.network.measures.dependence(ties, floor=1).frame[["function", "holders", "holders_there", "left_without"]].round(2)
      function  holders  holders_there  left_without
    0  finance      1.0            1.0          0.67
    """
    made_by("build_ties", Ties, ties=ties)
    function = ties.people.known(text("of", of))
    floor, share = whole("floor", floor), real("mark", mark)
    if not 0 < share <= 1:
        raise ArgumentError(f"mark must be a share above 0 and up to 1, such as 0.1; got {shown(mark)}")
    names = tuple(sorted({*ties.people.functions} - {function, UNASSIGNED}))
    held = ties.people.function
    people = int(np.sum(held == function))
    rows = [_of_one(*_contacts(ties, function, name), people, int(np.sum(held == name)), floor) for name in names]
    table = np.array(rows, dtype=np.float64).reshape(len(names), 6)
    return Dependence(
        of=function,
        of_label=ties.people.labels[function],
        people=people,
        functions=names,
        labels=tuple(ties.people.labels[name] for name in names),
        members=locked([int(np.sum(held == name)) for name in names], np.int64),
        **{name: locked(table[:, place]) for place, name in enumerate(("ties", "holders", "holders_there", "one_contact", "left_without"))},
        marked=locked(table[:, 5] >= share),
        shown=locked(np.isfinite(table[:, 0])),
        mark=share,
        floor=floor,
        backend=ties.backend,
    )


def _contacts(ties: Ties, function: str, other: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ends of the ties between two functions: roster positions in the one, and in the other."""
    of_a, of_b = ties.people.function[ties.a], ties.people.function[ties.b]
    ahead, behind = (of_a == function) & (of_b == other), (of_b == function) & (of_a == other)
    return np.concatenate([ties.a[ahead], ties.b[behind]]), np.concatenate([ties.b[ahead], ties.a[behind]])


def _of_one(ours: NDArray[np.int64], theirs: NDArray[np.int64], people: int, members: int, floor: int) -> tuple[float, ...]:
    """Ties, holders of half of them on either side, shares with one contact and left without one, and the share that may be marked."""
    if min(people, members) < floor or 0 < len(ours) < floor:
        return (*(np.nan,) * 5, 0.0)
    sizes = np.bincount(ours)
    single = sizes[ours] == 1
    busy = np.bincount(theirs)
    without = np.bincount(theirs[single], minlength=len(busy))
    left = int(without[busy == busy.max()].max()) if len(busy) else 0
    one = int(single.sum())
    told = _told(one, people, floor)
    return (
        float(len(ours)),
        _floored(_half(sizes), floor),
        _floored(_half(busy), floor),
        told if one - left == 0 or one - left >= floor else np.nan,
        _told(left, people, floor),
        left / people if left >= floor else 0.0,
    )


def _half(contacts: NDArray[np.int64]) -> int:
    """The smallest number of people who hold at least half of the ties."""
    return int(np.searchsorted(2 * np.cumsum(np.sort(contacts)[::-1]), contacts.sum()) + 1) if contacts.sum() else 0


def _floored(count: int, floor: int) -> float:
    return float("nan") if 0 < count < floor else float(count)


def _told(count: int, people: int, floor: int) -> float:
    """A count as a share of people, NaN if it is about too few people, or leaves too few."""
    return float("nan") if 0 < count < floor or 0 < people - count < floor else count / people
