"""Further measures of each ego, found by column name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError, offer
from tienet.base.frames import Columns
from tienet.base.record import changed
from tienet.network.measures._paths import PIVOTS, first_eigenvector
from tienet.network.measures.brokering import brokerage, exclusive_intermediaries
from tienet.network.measures.centralities import centrality, local_positions
from tienet.network.measures.diversities import diversity
from tienet.network.measures.holes import structural_holes
from tienet.network.measures.toward import Toward
from tienet.network.ties.given import GivenStrength
from tienet.network.ties.network import Ties
from tienet.network.ties.strengths import Strength
from tienet.network.ties.tie_numbers import strength_values

_ROLES = ("coordinator", "itinerant", "representative", "gatekeeper", "liaison", "brokerage")
HOLES = ("constraint", "effective_size", "efficiency", "hierarchy")
DIVERSITY = ("external", "internal", "ei_index", "expected_ei", "blau", "iqv", "entropy", "entropy_normalised", "n_functions")
ROLES = tuple(f"{head}{role}" for head in ("", "expected_", "z_") for role in _ROLES)
POSITIONS = (
    "degree", "strength_sum", "closeness", "betweenness", "eigenvector", "clustering", "ego_density", "ego_betweenness",
)  # fmt: skip
INTERMEDIARY = ("peers", "exclusive_pairs")
PER_FUNCTION = ("tie_strength_max", "tie_strength_sum", "tie_strength_median", "tie_share")
# Measures that weigh ties by their strength; the paths of closeness and betweenness become longer where ties are weaker.
WEIGHED = (*HOLES, "strength_sum", "closeness", "betweenness", "eigenvector")
_PATHS = ("closeness", "betweenness")
_LOCAL = ("degree", "strength_sum", "clustering", "ego_density", "ego_betweenness")
_FAMILIES: tuple[tuple[tuple[str, ...], Callable[[Ties], Columns]], ...] = (
    (HOLES, lambda ties: structural_holes(ties)._columns()),
    (DIVERSITY, lambda ties: diversity(ties)._columns()),
    (ROLES, lambda ties: brokerage(ties)._columns()),
    (_LOCAL, local_positions),
    (("eigenvector",), lambda ties: {"eigenvector": first_eigenvector(ties.adjacency())}),
)
KNOWN = (*HOLES, *DIVERSITY, *ROLES, *POSITIONS, *INTERMEDIARY, *PER_FUNCTION)


def further_measures(
    ties: Ties,
    names: Sequence[str],
    *,
    of: str | None,
    functions: Sequence[str],
    toward: Toward,
    egos: NDArray[np.int64],
    strength: Strength,
) -> tuple[Mapping[str, NDArray[Any]], tuple[str, ...]]:
    """Compute (n,) columns for the n egos, in the order of `names`; only the families of measures that are needed are computed.

    The second value are remarks on how they were computed, one clause each.

    Raises
    ------
    ArgumentError
        A name is not known; the closest one is suggested.
    """
    wanted = KNOWN if list(names) == ["all"] else tuple(names)
    for name in wanted:
        if name not in KNOWN:
            raise ArgumentError(f"include: {name!r} is not known{offer(name, ('all', *KNOWN))}")
    weighed = [name for name in WEIGHED if name in wanted]
    weighted, notes = _weighted(ties, strength, weighed) if weighed else (ties, ())
    made: dict[str, NDArray[Any]] = {}
    for family, measure in _FAMILIES:
        if set(family) & set(wanted):
            made |= {name: values[egos] for name, values in measure(weighted).items() if name in family}
    if asked := [name for name in _PATHS if name in wanted]:
        positions = centrality(weighted)
        made |= {name: getattr(positions, name)[egos] for name in asked}
        if positions.betweenness_method == "sampled":
            notes += (f"{' and '.join(asked)} estimated from shortest paths of {PIVOTS} people drawn at random",)
    if set(INTERMEDIARY) & set(wanted):
        made |= _intermediaries(ties, of, functions, egos)
    found: dict[str, NDArray[Any]] = {}
    for name in wanted:
        found |= _per_function(ties, name, functions, toward, egos) if name in PER_FUNCTION else {name: made[name]}
    return found, notes


def _weighted(ties: Ties, strength: Strength, names: Sequence[str]) -> tuple[Ties, tuple[str, ...]]:
    """The ties with the chosen strength, the mean of both ends, as their own; as they are where it cannot weigh ties, and a remark."""
    as_a, as_b = strength_values(ties, strength)
    given = GivenStrength(strength.name, as_a, as_b, "")
    if (given.both >= 0).all():
        return changed(ties, given=given), ()
    own, what = ties.own_strength.name, "negative" if (given.both < 0).any() else "missing"
    return ties, (f"{', '.join(names)} weighted by {own}, since {strength.name} is {what} for some ties",)


def _intermediaries(ties: Ties, of: str | None, functions: Sequence[str], egos: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Peers and exclusive pairs of the egos; each has the people of the own function as peers."""
    found = {name: np.zeros(len(ties.people), dtype=np.int64) for name in INTERMEDIARY}
    for function in ties.people.functions if of is None else (of,):
        columns = exclusive_intermediaries(ties, of=function, toward=functions)._columns()
        for name in INTERMEDIARY:
            found[name][ties.people.holders(function)] = columns[name]
    return {name: values[egos] for name, values in found.items()}


def _per_function(
    ties: Ties, name: str, functions: Sequence[str], toward: Toward, egos: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    """One column per function: maximum, sum or median of the ego's tie strengths, or the share of the ego's ties."""
    import pandas as pd

    ego, place, strength = toward
    size, statistic = len(ties.people), "size" if name == "tie_share" else name.removeprefix("tie_strength_")
    values = pd.Series(strength).groupby(place * size + ego).agg(statistic)
    gap = np.nan if statistic in ("max", "median") else 0.0
    columns = {
        f"{name}_{function}": np.asarray(values.reindex(at * size + egos, fill_value=gap), dtype=float)
        for at, function in enumerate(functions)
    }
    if name != "tie_share":
        return columns
    whole = np.bincount(np.concatenate([ties.a, ties.b]), minlength=size)[egos]
    with np.errstate(invalid="ignore"):
        return {column: counts / whole for column, counts in columns.items()}
