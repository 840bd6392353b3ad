"""Diversity of a person's ties over the business functions: the E-I index, Blau's index, IQV and entropy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import choice, made_by
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number
from tienet.base.record import Record, locked
from tienet.network.reading.people import People
from tienet.network.reading.spells import UNASSIGNED
from tienet.network.ties.network import Ties

__all__ = ["Diversity", "diversity"]


By: TypeAlias = Literal["ties", "strength"]
Direction: TypeAlias = Literal["both", "out", "in"]
_WHICH = {"both": "ties", "out": "outgoing ties", "in": "incoming ties"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Diversity(Record):
    """Diversity of each person's ties over functions.

    Parameters
    ----------
    person, function
        (n,) ids and functions, in roster order, people without ties included.
    alters
        (n,) number of people in `functions` with whom there is a tie.
    external, internal
        (n,) ties, or their summed strength, to people in other functions and in one's own; NaN for people without a function.
    ei_index, expected_ei
        (n,) the index, from -1 (all ties within one's function) to +1 (all outside it), and its value under random mixing.
    blau, iqv, entropy, entropy_normalised
        (n,) diversity of the functions among the alters; NaN without alters.
    n_functions
        (n,) number of distinct functions among the alters.
    functions
        The K functions that the shares refer to.
    by, direction
        "ties" or "strength", and "both", "out" or "in": what was counted.
    unassigned
        Number of people without a function, who are left out as alters.
    labels
        Function -> its label in the people table.
    """

    person: NDArray[Any]
    function: NDArray[Any]
    alters: NDArray[np.int64]
    external: NDArray[np.float64]
    internal: NDArray[np.float64]
    ei_index: NDArray[np.float64]
    expected_ei: NDArray[np.float64]
    blau: NDArray[np.float64]
    iqv: NDArray[np.float64]
    entropy: NDArray[np.float64]
    entropy_normalised: NDArray[np.float64]
    n_functions: NDArray[np.int64]
    functions: tuple[str, ...]
    by: By
    direction: Direction
    backend: Backend = "pandas"
    unassigned: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.person)

    def _works(self) -> tuple[str, ...]:
        return ("krackhardt_stern_1988", "blau_1977", "teachman_1980")

    def _columns(self) -> Columns:
        names = ("person", "function", "alters", "external", "internal", "ei_index", "expected_ei", "blau", "iqv", "entropy")
        return {name: getattr(self, name) for name in (*names, "entropy_normalised", "n_functions")}

    def __str__(self) -> str:
        some = ~np.isnan(self.blau)
        people = counted(len(self), "person", "people")
        what = "strength of the " if self.by == "strength" else ""
        head = f"Diversity of the {what}{_WHICH[self.direction]} of {people} over {counted(len(self.functions), 'function')}"
        if self.unassigned:
            head += f", {counted(self.unassigned, 'person', 'people')} without a function left out"
        if not some.any():
            return f"{head}: no one has ties to them"
        outward = self.ei_index[~np.isnan(self.ei_index)]
        mean = float(outward.mean()) if len(outward) else np.nan
        return (
            f"{head}: Blau {number(float(self.blau[some].mean()), 2)} and E-I index {number(mean, 2)} on average "
            f"(-1 inward, +1 outward), {int(np.sum(~some)):,} without ties to them"
        )


def diversity(ties: Ties, *, functions: Sequence[str] | None = None, by: By = "ties", direction: Direction = "both") -> Diversity:
    """Measure how each person's ties spread over the business functions.

    Parameters
    ----------
    ties
        From `build_ties`.
    functions
        The K functions that the shares refer to, by label or in snake_case; by default all in the roster. Alters in other functions
        count in the E-I index only, alters without a function nowhere, unless "unassigned" is named here.
    by
        "ties" counts alters; "strength" sums the strength of the ties to them (with a direction, the interactions that way).
    direction
        Which ties count: "both" (every tie once), "out" (ties with interactions from the person) or "in" (toward the person).

    Returns
    -------
    Diversity

    Notes
    -----
    With E the ties (or strength) to functions other than one's own, I those within it, and p_f the share of function f::

        ei_index           = (E - I) / (E + I)                      -1 inward ... +1 outward
        expected_ei        = (N - 2 n_g + 1) / (N - 1)              N people, n_g of them in ego's function g
        blau               = 1 - sum of p_f^2
        iqv                = blau K / (K - 1)
        entropy            = - sum of p_f ln p_f                    nats
        entropy_normalised = entropy / ln K

    `expected_ei` is the expected index of a person whose alters are drawn at random from the roster. K is the number of listed
    functions, whether or not an ego has ties to them. Without alters everything but the counts is NaN; with one alter the diversities
    are 0, so read them together with `alters`. `iqv` and `entropy_normalised` are NaN where K is 1. Ego is not part of the shares.

    People without a function ("unassigned") are not alike: their functions are unknown. They are not counted as alters, N does not count
    them, and their own external, internal, ei_index and expected_ei are NaN; the shares describe their alters as everyone's.

    Raises
    ------
    ArgumentError
        No one is in one of the functions, the list is empty or names a function twice; `by` or `direction` is not known.

    References
    ----------
    Krackhardt, D., & Stern, R. N. (1988). Informal networks and organizational crises. Social Psychology Quarterly 51, 123-140.
    Blau, P. M. (1977). Inequality and Heterogeneity. Free Press.
    Teachman, J. D. (1980). Analysis of population diversity. Sociological Methods & Research 8, 341-362.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "ann"], "target": ["bob", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.network.measures.diversity(ties).frame[["person", "external", "internal", "ei_index", "blau", "iqv"]]
      person  external  internal  ei_index  blau  iqv
    0    ann       1.0       1.0       0.0   0.5  1.0
    1    bob       1.0       0.0       1.0   0.0  0.0
    2    cat       0.0       1.0      -1.0   0.0  0.0
    """
    made_by("build_ties", Ties, ties=ties)
    choice("by", by, get_args(By))
    choice("direction", direction, get_args(Direction))
    people = ties.people
    names = _declared(people, functions)
    place = np.searchsorted(np.array(people.functions, dtype=object), people.function).astype(np.int64)
    egos, alters, strength = _ends(ties, direction)
    shape = (len(people), len(people.functions))
    counts = _cells(egos, place[alters], np.ones(len(egos)), shape)
    amounts = counts if by == "ties" else _cells(egos, place[alters], strength, shape)
    known = people.assigned
    stated = np.array([name != UNASSIGNED for name in people.functions])
    internal = np.where(known, amounts[np.arange(len(people)), place], np.nan)
    external = np.where(known, _without(amounts, place)[:, stated].sum(axis=1), np.nan)
    columns = [people.functions.index(name) for name in names]
    reached = counts[:, columns]
    return Diversity(
        person=locked(people.person, dtype=object),
        function=locked(people.function, dtype=object),
        alters=locked(reached.sum(axis=1), dtype=np.int64),
        external=locked(external),
        internal=locked(internal),
        ei_index=locked(ei_index(external, internal)),
        expected_ei=locked(_expected_of_known(place, known)),
        **{name: locked(values) for name, values in spread(amounts[:, columns]).items()},
        n_functions=locked((reached > 0).sum(axis=1), dtype=np.int64),
        functions=tuple(names),
        by=by,
        direction=direction,
        backend=ties.backend,
        unassigned=int(np.sum(~known)),
        labels=people.labels,
    )


def ei_index(external: NDArray[np.float64], internal: NDArray[np.float64]) -> NDArray[np.float64]:
    """(E - I) / (E + I), NaN where both are 0; arrays of one shape."""
    total = external + internal
    index: NDArray[np.float64] = (external - internal) / np.where(total > 0, total, np.nan)
    return index


def expected_ei(place: NDArray[np.int64]) -> NDArray[np.float64]:
    """(N - 2 n_g + 1) / (N - 1) for people with these (n,) codes of functions; NaN with only one person."""
    size = len(place)
    own = np.bincount(place)[place]
    return np.asarray((size - 2.0 * own + 1.0) / (size - 1.0 if size > 1 else np.nan), dtype=np.float64)


def _expected_of_known(place: NDArray[np.int64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The expected index among people whose function is known, NaN for all others."""
    expected = np.full(len(place), np.nan)
    expected[known] = expected_ei(place[known])
    return expected


def spread(amounts: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Blau, IQV, entropy and normalised entropy of each row of an (n, K) array of amounts; NaN where a row is all 0."""
    total = amounts.sum(axis=1, keepdims=True)
    shares = amounts / np.where(total > 0, total, np.nan)
    kinds = amounts.shape[1]
    blau = 1.0 - np.where(total[:, 0] > 0, (shares**2).sum(axis=1), np.nan)
    # x ln x is 0 at 0; adding 0 turns the -0.0 of a single share into 0.0.
    entropy = -np.where(total[:, 0] > 0, (shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1), np.nan) + 0.0
    return {
        "blau": blau,
        "iqv": blau * kinds / (kinds - 1) if kinds > 1 else np.full(len(blau), np.nan),
        "entropy": entropy,
        "entropy_normalised": entropy / np.log(kinds) if kinds > 1 else np.full(len(blau), np.nan),
    }


def _declared(people: People, functions: Sequence[str] | None) -> list[str]:
    if functions is None:
        return [name for name in people.functions if name != UNASSIGNED]
    names = [people.known(function) for function in checked_names("functions", functions)]
    if not names or len(set(names)) < len(names):
        raise ArgumentError(f"functions must name at least one function, each once, not {names}")
    return names


def _ends(ties: Ties, direction: Direction) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Ego, alter and strength of every end that counts."""
    egos, alters = np.concatenate([ties.a, ties.b]), np.concatenate([ties.b, ties.a])
    if direction == "both":
        return egos, alters, np.tile(ties.strength, 2)
    flows = (ties.a_to_b, ties.b_to_a) if direction == "out" else (ties.b_to_a, ties.a_to_b)
    strength = np.concatenate(flows)
    counts = strength > 0
    return egos[counts], alters[counts], strength[counts]


def _cells(rows: NDArray[np.int64], cols: NDArray[np.int64], values: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    """Sum values per cell of a dense matrix."""
    sums = np.bincount(rows * shape[1] + cols, weights=values, minlength=shape[0] * shape[1])
    return sums.reshape(shape).astype(np.float64)


def _without(amounts: NDArray[np.float64], place: NDArray[np.int64]) -> NDArray[np.float64]:
    """The amounts with each person's own function set to zero; a difference of sums would leave rounding errors."""
    others = amounts.copy()
    others[np.arange(len(place)), place] = 0.0
    return others
