"""Further measures of each ego, found by column name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError, offer
from tienet.base.frames import Columns
from tienet.network.measures.brokering import brokerage, exclusive_intermediaries
from tienet.network.measures.centralities import centrality
from tienet.network.measures.diversities import diversity
from tienet.network.measures.holes import structural_holes
from tienet.network.measures.toward import Toward
from tienet.network.ties.network import Ties

_ROLES = ("coordinator", "itinerant", "representative", "gatekeeper", "liaison", "brokerage")
HOLES = ("constraint", "effective_size", "efficiency", "hierarchy")
DIVERSITY = ("external", "internal", "ei_index", "expected_ei", "blau", "iqv", "entropy", "entropy_normalised", "n_functions")
ROLES = tuple(f"{head}{role}" for head in ("", "expected_", "z_") for role in _ROLES)
POSITIONS = (
    "degree", "strength_sum", "closeness", "betweenness", "eigenvector", "clustering", "ego_density", "ego_betweenness",
)  # fmt: skip
INTERMEDIARY = ("peers", "exclusive_pairs")
PER_FUNCTION = ("tie_strength_max", "tie_strength_sum", "tie_strength_median", "tie_share")
_FAMILIES: tuple[tuple[tuple[str, ...], Callable[[Ties], Columns]], ...] = (
    (HOLES, lambda ties: structural_holes(ties)._columns()),
    (DIVERSITY, lambda ties: diversity(ties)._columns()),
    (ROLES, lambda ties: brokerage(ties)._columns()),
    (POSITIONS, lambda ties: centrality(ties)._columns()),
)
KNOWN = (*(name for names, _ in _FAMILIES for name in names), *INTERMEDIARY, *PER_FUNCTION)


def further_measures(
    ties: Ties, names: Sequence[str], *, of: str, functions: Sequence[str], toward: Toward, egos: NDArray[np.int64]
) -> Mapping[str, NDArray[np.float64]]:
    """Compute (n,) columns for the n egos, in the order of `names`; only the families of measures that are needed are computed.

    Raises
    ------
    ArgumentError
        A name is not known; the closest one is suggested.
    """
    wanted = KNOWN if list(names) == ["all"] else tuple(names)
    for name in wanted:
        if name not in KNOWN:
            raise ArgumentError(f"include: {name!r} is not known{offer(name, ('all', *KNOWN))}")
    made: dict[str, NDArray[np.float64]] = {}
    for family, measure in _FAMILIES:
        if set(family) & set(wanted):
            made |= {name: values[egos] for name, values in measure(ties).items() if name in family}
    if set(INTERMEDIARY) & set(wanted):
        made |= exclusive_intermediaries(ties, of=of, toward=functions)._columns()
    found: dict[str, NDArray[np.float64]] = {}
    for name in wanted:
        found |= _per_function(ties, name, functions, toward, egos) if name in PER_FUNCTION else {name: made[name]}
    return found


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
