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
from tienet.network.ties.network import Ties
from tienet.network.ties.strengths import StrengthLike, chosen_strength

__all__ = ["EgoMeasures", "measure_egos"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EgoMeasures(Record):
    """Total ties and tie strength per ego and function.

    Attributes
    ----------
    ego : (n,) array of str
        Ids of the egos, in roster order; people without ties are in.
    functions : tuple of str
        The f functions looked toward, snake_case.
    total_ties : (n, f) int array
        Number of ties to people of the function; 0 where there are none.
    tie_strength : (n, f) array
        Mean strength over those ties; NaN where there are none.
    strength : str
        What strength means here: the name asked for, or that of the function; "custom" for one without a name.
    strength_scale : str
        Its unit, as figures write it; what it is called where it has none.
    included : mapping of str to (n,) array
        The further measures asked for.
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

    @property
    def backend(self) -> Any:
        """The kind of frame to give back."""
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
        return f"{counted(len(self), 'ego')} in {self.of}; tie strength is {self.strength}; toward " + "; ".join(parts)


def measure_egos(
    ties: Ties, *, of: str, toward: Sequence[str] | None = None, strength: StrengthLike = "frequency", include: Sequence[str] = ()
) -> EgoMeasures:
    """Count each ego's ties and average their strength, per function of the alter.

    Parameters
    ----------
    ties
        From `build_ties`.
    of
        The function whose people are the egos, by label or in snake_case ("sales"); where functions change, those who hold it last.
    toward
        The functions looked at, by default every other one that the people table names for somebody.
    strength
        "frequency" (default), "interactions", "composite", or another that `known_strengths` lists: a number of the tie ("reciprocity",
        "regularity", ...); "survey" for ties from `read_survey` (ego's own answer, the alter's where ego gave none), "calibrated" for
        `calibrated`; one added by `register_strength`. Or a function of the numbers of the ties, ``lambda tie: tie["a_to_b"]``: it
        gets a mapping (`TieNumbers`) from the columns of `Ties.frame` to arrays and returns one number a tie, or a pair of arrays: as the
        `a` end of each tie sees it, and as the `b` end does.
    include
        Further columns, or ["all"]: "constraint", "effective_size", "efficiency", "hierarchy" (`structural_holes`); "ei_index", "blau",
        "iqv", "entropy", ... (`diversity`); "coordinator", ..., "brokerage", with ``expected_`` and ``z_`` before them (`brokerage`);
        "degree", "closeness", "betweenness", "eigenvector", "clustering", "ego_density", "ego_betweenness", "strength_sum" (`centrality`);
        "peers", "exclusive_pairs" (`exclusive_intermediaries`); and per function "tie_strength_max", "tie_strength_sum",
        "tie_strength_median", "tie_share". Each family with its own defaults; call it for others.

    Returns
    -------
    EgoMeasures

    Notes
    -----
    With the alters j of function F that ego i has a tie with::

        total_ties_F   = number of such j
        tie_strength_F = sum of s_ij over them / total_ties_F

    Where functions change (``valid_from`` and ``valid_to`` of the people table), the function counted is the one the alter held at the
    time of the interaction: j counts toward F where the interactions of the tie while j held F reach the rule's `min_interactions`, and
    s_ij is the strength of that part for "interactions", "frequency" (per week of the whole window) and what was registered with
    `of_part`, of the tie for any other. An alter counts once per function at most, and no interaction toward two functions;
    "unassigned", outside all spells, is looked toward on request or where it is somebody's last. Other conditions of the rule are on the
    tie, and the function that ego held at the time does not matter. Of the further columns, those per function of `include`
    ("tie_strength_max", ..., "tie_share") follow this too; all others use the function held last.

    Zero ties is a number; the mean strength of no tie is missing, never zero. "composite" is tienet's reading of "frequency,
    importance and closeness" from logs: the mean of the z-scores of frequency, of the tie's share of the ego's interactions,
    and of the mean of reciprocity and regularity, z-scored over both ends of all ties of the network.

    Raises
    ------
    ArgumentError
        Nobody holds a function asked for, the strength is not known, or a function does not give one number a tie.
    DataError
        The log cannot tell the strength asked for; a function fails, or gives infinite numbers, or none for any tie.

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
    egos = people.holders(of)
    others = [name for name in people.functions_ever if name != people.known(of)]
    names = [people.known_ever(function) for function in (others if toward is None else checked_names("toward", toward))]
    if not names:
        raise ArgumentError(f"there is no function to look toward besides {of!r}; name one with toward=[...]")
    further = checked_names("include", include)
    if len(set(names)) < len(names):
        raise ArgumentError(f"toward names a function twice: {', '.join(names)}")
    chosen = chosen_strength(strength)
    there = ties_toward(ties, chosen, names)
    totals, sums = _per_function(there, len(people), len(names))
    with np.errstate(invalid="ignore"):
        means = sums[egos] / totals[egos]
    return EgoMeasures(
        ego=locked(people.person[egos], dtype=object),
        of=people.known(of),
        functions=tuple(names),
        total_ties=locked(totals[egos]),
        tie_strength=locked(means),
        strength=chosen.name,
        strength_scale=chosen.scale,
        ties=ties,
        included=further_measures(ties, further, of=of, functions=names, toward=there, egos=egos) if further else {},
    )


def _per_function(toward: Toward, people: int, functions: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Ties and summed strength, everyone x function, from both ends of every tie."""
    ego, place, values = toward
    shape = (people, functions)
    cell = ego * functions + place
    totals = np.bincount(cell, minlength=people * functions).reshape(shape)
    sums = np.bincount(cell, weights=values, minlength=people * functions).reshape(shape)
    return totals.astype(np.int64), sums.astype(np.float64)
