"""The function x function matrix: ties, strength, density and reciprocity per pair of functions, and the E-I index."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number
from tienet.base.record import Record, locked
from tienet.network.measures.toward import functions_of_ties
from tienet.network.reading.spells import UNASSIGNED
from tienet.network.ties.network import Ties
from tienet.network.ties.strengths import StrengthLike, chosen_strength
from tienet.network.ties.tie_numbers import strength_values

__all__ = ["FunctionMatrix", "function_matrix"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FunctionMatrix(Record):
    """Ties per pair of functions.

    Parameters
    ----------
    functions
        The f functions, sorted, in snake_case; `labels` holds them as the people table writes them.
    members
        (f,) people per function; where people change functions, they count in their last one.
    ties
        (f, f) numbers of ties, symmetric; ties within a function are on the diagonal, each counted once.
    strength
        (f, f) summed tie strength, counted as `ties`.
    strength_name
        The kind of strength, as in `EgoMeasures`.
    busiest
        (f, f) the most ties of the cell that one person has; `suppress` needs it, and None leaves it out.
    density
        (f, f) ties as a share of the pairs that could have one; NaN where there is no such pair.
    reciprocity
        (f, f) share of the ties with interactions in both directions; NaN without ties.
    latency
        (f, f) median over the ties of the median hours to a reply; NaN without replies, None where the log does not identify replies.
    ei_index
        (E - I) / (E + I) over ties, from -1 (all ties within functions) to +1 (all between them).
    ei_index_rescaled
        The same over densities, so that the sizes of the functions do not matter.

    People without a function are the row "unassigned". Not knowing two functions does not make them equal, so neither index counts
    their ties; `str()` says how many they are.
    order
        The functions in the order of the people table, which gives each its colour in figures.
    """

    functions: tuple[str, ...]
    labels: tuple[str, ...]
    members: NDArray[np.int64]
    ties: NDArray[np.int64]
    strength: NDArray[np.float64]
    density: NDArray[np.float64]
    reciprocity: NDArray[np.float64]
    ei_index: float
    ei_index_rescaled: float
    backend: Backend = "pandas"
    latency: NDArray[np.float64] | None = None
    strength_name: str = ""
    order: tuple[str, ...] = ()
    busiest: NDArray[np.int64] | None = None

    def _works(self) -> tuple[str, ...]:
        return ("krackhardt_stern_1988",)

    def _columns(self) -> Columns:
        rows, cols = np.triu_indices(len(self.functions))
        names = np.array(self.functions, dtype=object)
        numbers = {name: getattr(self, name)[rows, cols] for name in ("ties", "strength", "density", "reciprocity")}
        if self.latency is not None:
            numbers["latency"] = self.latency[rows, cols]
        return {"function_a": names[rows], "function_b": names[cols], **numbers}

    def __str__(self) -> str:
        known = np.array([name != UNASSIGNED for name in self.functions])
        without = int(self.members[~known].sum())
        left_out = (
            f" ({counted(without, 'person', 'people')} without a function in a row of their own, not in the E-I index)" if without else ""
        )
        return (
            f"{counted(int(np.triu(self.ties).sum()), 'tie')} among {counted(int(known.sum()), 'function')}{left_out}; "
            f"E-I index {number(self.ei_index, 2)} (rescaled for group sizes {number(self.ei_index_rescaled, 2)}; -1 inward, +1 outward)"
        )


def function_matrix(ties: Ties, strength: StrengthLike = "strength") -> FunctionMatrix:
    """Count the ties between and within functions.

    Parameters
    ----------
    ties
        From `build_ties`.
    strength
        As in `measure_egos`, and by default the ties' own `strength`; of a tie that its two ends see differently, the mean of both.

    Returns
    -------
    FunctionMatrix

    Notes
    -----
    With E external and I internal ties: E-I = (E - I) / (E + I). Rescaled: the same of E / possible E and I / possible I.
    Density of functions F, G: ties / (n_F n_G), and ties / (n_F (n_F - 1) / 2) within one.

    Where people change functions (``valid_from`` and ``valid_to`` of the people table), a tie counts once, with all of its strength, in
    the pair of functions in which most of its interactions took place; if several pairs have equally many, in the one with the latest
    contact. Members of a function are the people for whom it is the last one, so a function that people have left can have more ties
    than pairs of members (density above 1) or no members at all (density missing).

    The E-I indices leave out people without a function ("unassigned"), with their ties and pairs.

    References
    ----------
    Krackhardt, D., & Stern, R. N. (1988). Informal networks and organizational crises. Social Psychology Quarterly 51, 123-140.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.function_matrix(ties).ei_index
    0.0
    """
    made_by("build_ties", Ties, ties=ties)
    people = ties.people
    of_a, of_b = functions_of_ties(ties)
    chosen = chosen_strength(strength)
    names = tuple(sorted({*people.functions, *of_a.tolist(), *of_b.tolist()}))
    known = np.array(names, dtype=object)
    members = np.bincount(np.searchsorted(known, people.function), minlength=len(names))
    place = np.array([np.searchsorted(known, of_a), np.searchsorted(known, of_b)])
    counts = _between(place, np.ones(len(ties)), len(names)).astype(np.int64)
    mutual = _between(place, ((ties.a_to_b > 0) & (ties.b_to_a > 0)).astype(float), len(names))
    possible = np.outer(members, members).astype(float)
    np.fill_diagonal(possible, members * (members - 1) / 2.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        density, reciprocity = counts / possible, mutual / counts
    density[possible == 0] = np.nan
    stated = np.flatnonzero(known != UNASSIGNED)
    raw, rescaled = _ei(counts[np.ix_(stated, stated)], possible[np.ix_(stated, stated)])
    return FunctionMatrix(
        functions=names,
        labels=tuple(people.labels[name] for name in names),
        members=locked(members),
        ties=locked(counts),
        strength=locked(_between(place, np.mean(strength_values(ties, chosen), axis=0), len(names))),
        density=locked(density),
        reciprocity=locked(reciprocity),
        ei_index=raw,
        ei_index_rescaled=rescaled,
        backend=ties.backend,
        latency=_latency(ties, place, len(names)),
        strength_name=ties.own_strength.name if chosen.name == "strength" else chosen.name,
        order=tuple(people.labels),
        busiest=locked(_busiest(ties, place, len(names))),
    )


def _between(place: NDArray[np.int64], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Sum one value per tie over unordered pairs of functions, as a symmetric matrix with the diagonal counted once.

    `place` is (2, m): the functions of the two ends.
    """
    cell = place[0] * size + place[1]
    one_way = np.bincount(cell, weights=values, minlength=size * size).reshape(size, size).astype(np.float64)
    return np.asarray(one_way + one_way.T - np.diag(np.diag(one_way)))


def _busiest(ties: Ties, place: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The most ties of one person per unordered pair of functions, symmetric."""
    low, high = np.sort(place, axis=0)
    cell = low * size + high
    people = len(ties.people)
    held, counts = np.unique(np.concatenate([cell * people + ties.a, cell * people + ties.b]), return_counts=True)
    most = np.zeros(size * size, dtype=np.int64)
    np.maximum.at(most, held // people, counts)
    one_way = most.reshape(size, size)
    return np.asarray(np.maximum(one_way, one_way.T))


def _latency(ties: Ties, place: NDArray[np.int64], size: int) -> NDArray[np.float64] | None:
    """The median latency of the ties per unordered pair of functions."""
    if ties.latency is None:
        return None
    import pandas as pd

    ends = np.sort(place, axis=0)
    medians = pd.Series(ties.latency).groupby([ends[0], ends[1]]).median()
    latency = np.full((size, size), np.nan)
    rows, cols = (medians.index.get_level_values(level).to_numpy() for level in (0, 1))
    latency[rows, cols] = latency[cols, rows] = medians.to_numpy()
    return latency


def _ei(counts: NDArray[np.int64], possible: NDArray[np.float64]) -> tuple[float, float]:
    upper = np.triu(np.ones_like(possible), 1).astype(bool)
    external, internal = counts[upper].sum(), np.diag(counts).sum()
    outward, inward = ratio(external, possible[upper].sum()), ratio(internal, np.diag(possible).sum())
    return ratio(external - internal, external + internal), ratio(outward - inward, outward + inward)


def ratio(part: float, whole: float) -> float:
    """The part over the whole, NaN where the whole is 0."""
    return float(part / whole) if whole else float("nan")
