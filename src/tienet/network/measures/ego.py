"""Total ties and tie strength of each ego toward each function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, number
from tienet.base.record import Record, locked
from tienet.network.measures.include import further_measures
from tienet.network.measures.toward import Toward, ties_toward
from tienet.network.reading.people import People
from tienet.network.ties.network import Ties
from tienet.network.ties.strengths import StrengthLike, chosen_strength

__all__ = ["EgoMeasures", "measure_egos"]

EVERYONE = "everyone"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EgoMeasures(Record):
    """Total ties and tie strength per ego and function.

    Parameters
    ----------
    ego
        (n,) ids of the egos, in roster order, people without ties included.
    of
        The function of the egos, in snake_case; "everyone" for the people of all functions.
    functions
        The f functions that ties are counted to, in snake_case.
    total_ties
        (n, f) number of ties to people in the function.
    tie_strength
        (n, f) mean strength of these ties; NaN where there are none.
    strength
        The kind of strength: its name, or that of the function given; "custom" for one without a name.
    ties
        The ties of the whole network.
    included
        Name -> (n,) values of the further measures.
    strength_scale
        The unit of strength, as in figures; its label if it has no unit.
    remarks
        How the further measures were computed, where it is not as usual; one clause each.
    """

    ego: NDArray[Any]
    of: str
    functions: tuple[str, ...]
    total_ties: NDArray[np.int64]
    tie_strength: NDArray[np.float64]
    strength: str
    ties: Ties
    included: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    strength_scale: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def backend(self) -> Any:
        """The kind of frame to return."""
        return self.ties.backend

    def __len__(self) -> int:
        return len(self.ego)

    def _works(self) -> tuple[str, ...]:
        return ("claro_ramos_2018", *self.ties._works())

    def _columns(self) -> Columns:
        columns: dict[str, NDArray[Any]] = {"ego": self.ego}
        for place, function in enumerate(self.functions):
            columns[f"total_ties_{function}"] = self.total_ties[:, place]
            columns[f"tie_strength_{function}"] = self.tie_strength[:, place]
        return columns | dict(self.included)

    @property
    def long(self) -> Any:
        """One row per ego and function: ego, function, total_ties, tie_strength."""
        from tienet.base.frames import make_frame

        egos, functions = self.total_ties.shape
        columns = {
            "ego": np.repeat(self.ego, functions),
            "function": np.tile(np.array(self.functions, dtype=object), egos),
            "total_ties": self.total_ties.ravel(),
            "tie_strength": self.tie_strength.ravel(),
        }
        return make_frame(columns, self.backend)

    def __str__(self) -> str:
        parts = []
        for place, function in enumerate(self.functions):
            none = int(np.sum(self.total_ties[:, place] == 0))
            mean = float(np.mean(self.total_ties[:, place]))
            parts.append(f"{function}: {number(mean, 2)} ties on average, {none:,} without any")
        who = counted(len(self), "ego") + ("" if self.of == EVERYONE else f" in {self.of}")
        return f"{who}; tie strength is {self.strength}; toward " + "; ".join([*parts, *self.remarks])


def measure_egos(
    ties: Ties, *, of: str | None, toward: Sequence[str] | None = None, strength: StrengthLike = "frequency", include: Sequence[str] = ()
) -> EgoMeasures:
    """Count each ego's ties and average their strength, per function of the alter.

    Parameters
    ----------
    ties
        From `build_ties`.
    of
        The function whose people are the egos, by label or in snake_case ("sales"). People who change functions belong to their last one.
        None for everyone in the roster.
    toward
        The functions that ties are counted to, by default every other one that people hold or held; for everyone, every one.
    strength
        "frequency" (default), "interactions", "composite", or another listed by `known_strengths`: a number of the tie ("reciprocity",
        "regularity", ...); "survey" for ties from `read_survey` (ego's own answer, or the alter's if ego gave none), "calibrated" for
        ties from `calibrated`; or one added by `register_strength`. It can also be a function of the numbers of the ties, such as
        ``lambda tie: tie["a_to_b"]``: it receives a mapping (`TieNumbers`) from the columns of `Ties.frame` to arrays, and returns one
        number per tie, or a pair of arrays: strength as seen by the `a` end and by the `b` end.
    include
        Further columns, or ["all"]: "constraint", "effective_size", "efficiency", "hierarchy" (`structural_holes`); "ei_index", "blau",
        "iqv", "entropy", ... (`diversity`); "coordinator", ..., "brokerage", also with ``expected_`` and ``z_`` in front (`brokerage`);
        "degree", "closeness", "betweenness", "eigenvector", "clustering", "ego_density", "ego_betweenness", "strength_sum" (`centrality`);
        "peers", "exclusive_pairs" (`exclusive_intermediaries`); and per function "tie_strength_max", "tie_strength_sum",
        "tie_strength_median", "tie_share". The functions in parentheses are called with their defaults and with the ties weighted by
        `strength` (the mean of its two ends); where it is missing or negative for some ties, as "composite" is, they are weighted by the
        ties' own strength, and `str()` of the result says so. Call the functions directly for other options.

    Returns
    -------
    EgoMeasures

    Notes
    -----
    With the alters j of function F that ego i has a tie with::

        total_ties_F   = number of such j
        tie_strength_F = sum of s_ij over them / total_ties_F

    If people change functions (``valid_from`` and ``valid_to`` of the people table), an interaction counts for the function that the
    alter held at the time: j counts toward F if the interactions of the tie while j held F reach the rule's `min_interactions`. s_ij is
    then the strength of that part of the tie for "interactions", "frequency" (per week of the whole window) and strengths registered
    with `of_part`, and of the whole tie for any other. An alter counts at most once per function, and each interaction for one
    function only. "unassigned", the state outside all spells, is included if you name it or if it is the last one of some person. Other
    conditions of the rule apply to the whole tie, and the function that ego held at the time does not matter. Among the further columns,
    those per function ("tie_strength_max", ..., "tie_share") follow the same rule; all others use the last function.

    The number of ties can be 0; the mean strength of no ties is missing, never 0. "composite" is tienet's version of "frequency,
    importance and closeness" for logs: the mean of the z-scores of frequency, of the tie's share of the ego's interactions,
    and of the mean of reciprocity and regularity, over both ends of all ties of the network.

    Raises
    ------
    ArgumentError
        No one is in one of the functions, the strength is not known, or a strength function does not return one number per tie.
    DataError
        The log does not have the columns for the strength; a strength function fails, returns infinite numbers, or NaN for all ties.

    References
    ----------
    Claro, D. P., & Ramos, C. (2018). Sales intrafirm networks and the performance impact of sales cross-functional
    collaboration with marketing and customer service. Journal of Personal Selling & Sales Management 38(2).

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "bob"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(half_life=None))
    >>> tn.measure_egos(ties, of="sales", strength="interactions").frame
       ego  total_ties_marketing  tie_strength_marketing
    0  ann                     1                     3.0
    1  cat                     0                     NaN
    """
    made_by("build_ties", Ties, ties=ties)
    people = ties.people
    egos = np.arange(len(people)) if of is None else people.holders(of)
    names = functions_toward(people, None if of is None else people.known(of), toward)
    further = checked_names("include", include)
    chosen = chosen_strength(strength)
    there = ties_toward(ties, chosen, names)
    totals, means = totals_and_means(there, len(people), len(names))
    included, remarks = (
        further_measures(ties, further, of=of, functions=names, toward=there, egos=egos, strength=chosen) if further else ({}, ())
    )
    return EgoMeasures(
        ego=locked(people.person[egos], dtype=object),
        of=EVERYONE if of is None else people.known(of),
        functions=tuple(names),
        total_ties=locked(totals[egos]),
        tie_strength=locked(means[egos]),
        strength=chosen.name,
        strength_scale=chosen.scale,
        ties=ties,
        included=included,
        remarks=remarks,
    )


def functions_toward(people: People, own: str | None, toward: Sequence[str] | None) -> list[str]:
    """The functions that ties of egos in `own` (None: of everyone) are counted to; by default all others that people hold or held.

    Raises
    ------
    ArgumentError
        No one is or was in one of them, one is named twice, or there is none.
    """
    others = [name for name in people.functions_ever if name != own]
    names = [people.known_ever(function) for function in (others if toward is None else checked_names("toward", toward))]
    if not names:
        besides = "" if own is None else f" besides {own!r}"
        raise ArgumentError(f"there is no function to count ties to{besides}; name at least one with toward=[...]")
    if len(set(names)) < len(names):
        raise ArgumentError(f"toward names a function twice: {', '.join(names)}")
    return names


def totals_and_means(toward: Toward, people: int, functions: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Ties and their mean strength, everyone x function, from both ends of every tie."""
    ego, place, values = toward
    shape = (people, functions)
    cell = ego * functions + place
    totals = np.bincount(cell, minlength=people * functions).reshape(shape)
    sums = np.bincount(cell, weights=values, minlength=people * functions).reshape(shape)
    with np.errstate(invalid="ignore"):
        return totals.astype(np.int64), np.asarray(sums / totals, dtype=np.float64)
