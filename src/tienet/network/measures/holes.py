"""Burt's measures of structural holes: how far each person's contacts are tied to one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import choice, flag, made_by, text
from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number
from tienet.base.record import Record, locked
from tienet.network.ties.network import BOTH_WAYS, Ties

__all__ = ["StructuralHoles", "structural_holes"]


Scope: TypeAlias = Literal["whole", "ego"]
_MEASURES = ("constraint", "effective_size", "efficiency", "hierarchy")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StructuralHoles(Record):
    """Burt's measures of structural holes for everyone in the roster; NaN for people without ties.

    Parameters
    ----------
    person
        (n,) ids, in roster order.
    degree
        (n,) number of distinct alters, whatever the direction of the interactions.
    constraint
        (n,) how far the person's ties concentrate on contacts who are tied to one another; above 0, and above 1 in some very small
        networks.
    effective_size
        (n,) number of alters minus their redundancy, 1 to degree.
    efficiency
        (n,) effective_size / degree, above 0 and up to 1.
    hierarchy
        (n,) how far the constraint is concentrated on one alter, 0 to 1; 1 with a single alter.
    weight
        What the ties were weighted by; "ties" if each counts 1.
    directed
        Whether each direction of a tie was weighted separately.
    scope
        "whole" or "ego".
    ties_of_zero
        Number of ties of weight 0, which are left out.
    """

    person: NDArray[Any]
    degree: NDArray[np.int64]
    constraint: NDArray[np.float64]
    effective_size: NDArray[np.float64]
    efficiency: NDArray[np.float64]
    hierarchy: NDArray[np.float64]
    weight: str
    directed: bool
    scope: Scope
    backend: Backend = "pandas"
    ties_of_zero: int = 0

    def __len__(self) -> int:
        return len(self.person)

    def _works(self) -> tuple[str, ...]:
        return ("burt_1992", "burt_2004", "borgatti_1997")

    def _columns(self) -> Columns:
        return {"person": self.person, "degree": self.degree} | {name: getattr(self, name) for name in _MEASURES}

    def __str__(self) -> str:
        tied = self.degree > 0
        arcs = " of each direction" if self.directed else ""
        weighed = f"each tie{arcs} counting 1" if self.weight == "ties" else f"ties weighted by {self.weight}{arcs}"
        weighed += f" ({counted(self.ties_of_zero, 'tie')} of weight 0 left out)" if self.ties_of_zero else ""
        where = "the whole network" if self.scope == "whole" else "each ego network alone"
        head = f"Structural holes of {counted(len(self), 'person', 'people')}, {int(np.sum(~tied)):,} without ties; {weighed}, over {where}"
        if not tied.any():
            return head
        means = ", ".join(f"{name.replace('_', ' ')} {number(float(getattr(self, name)[tied].mean()))}" for name in _MEASURES)
        return f"{head}; on average: {means}"


def structural_holes(ties: Ties, *, weight: str | None = "strength", directed: bool = False, scope: Scope = "whole") -> StructuralHoles:
    """Compute constraint, effective size, efficiency and hierarchy of everyone in the roster.

    Parameters
    ----------
    ties
        From `build_ties`.
    weight
        The weight of a tie: "strength" (default), "interactions", "frequency", "reciprocity", "regularity", "channels", or None (also
        "ties") for 1 each. Only ratios matter, not the unit. A tie with weight 0 is left out, also from degree;
        `centrality` leaves it out of paths.
    directed
        Weight each direction by its own interactions, `a_to_b` and `b_to_a`; with ``weight=None`` each direction with interactions counts
        1, so a tie in both directions counts 2. "strength" then means interactions; the other weights have no direction and raise an
        error.
    scope
        "whole": the proportions of third parties use all their ties. "ego": only those within i's ego network, as in software
        for ego networks (UCINET's "ego network model", R's egor).

    Returns
    -------
    StructuralHoles

    Notes
    -----
    With z_ij the weight from i to j, s_ij = z_ij + z_ji, N(i) the n_i people j with s_ij > 0, and::

        p_ij = s_ij / sum over k of s_ik       share of i's ties that go to j
        m_jq = s_jq / max over l of s_jl       tie of j with q relative to j's strongest tie, i included

        c_ij = (p_ij + sum over q of p_iq p_qj)^2                    q neither i nor j
        constraint      C_i = sum over j in N(i) of c_ij             no unit
        effective size  E_i = sum over j in N(i) of (1 - sum over q of p_iq m_jq)    people
        efficiency            E_i / n_i                              share
        hierarchy       H_i = sum over j of r_j ln r_j / (n_i ln n_i),  r_j = c_ij / (C_i / n_i)

    N(i) is everyone i sends to or receives from, so a person who only receives has values too. Both directions of an undirected tie
    have the same weight, and the 2 cancels. Unweighted, E_i = n_i - 2 t / n_i with t ties among the alters.

    With ``scope="ego"`` the sums and the maximum in p_qj and m_jq run over i and N(i) only; p_ij is the same.

    Without ties all four are NaN and degree is 0. With one alter C_i = E_i = 1, and hierarchy, 0/0, is 1 by UCINET's convention.
    Constraint can exceed 1: two people tied to each other and to a third, who has one more tie, have 1.0069.

    networkx and igraph agree on constraint for graphs without loops. networkx 3.5 and later divide by the wrong maximum in weighted
    effective size when asked for all nodes; see docs/structural-holes.md for this and the other differences.

    All people are measured at once from a list of the network's triangles. Time grows with the number of two-step paths from less to
    better connected people, at most m sqrt(2 m) for m ties.

    Raises
    ------
    ArgumentError
        The weight or the scope is not known, or the weight has no direction.
    DataError
        The weight is missing for some ties (frequency and regularity need times), negative or infinite.

    References
    ----------
    Burt, R. S. (1992). Structural Holes: The Social Structure of Competition. Harvard University Press, ch. 2.
    Burt, R. S. (2004). Structural holes and good ideas. American Journal of Sociology 110(2), 349-399.
    Borgatti, S. P. (1997). Structural holes: Unpacking Burt's redundancy measures. Connections 20(1), 35-38.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "ann", "bob", "cat"], "target": ["bob", "cat", "cat", "dan"], "weight": [3, 1, 2, 5]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat", "dan", "eve"], "function": ["Sales"] * 5})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> holes = tn.network.measures.structural_holes(ties)
    >>> holes.frame.round(4)
      person  degree  constraint  effective_size  efficiency  hierarchy
    0    ann       2      0.9627          1.5333      0.7667     0.1020
    1    bob       2      0.7250          1.7467      0.8733     0.0199
    2    cat       3      0.5844          2.6250      0.8750     0.2198
    3    dan       1      1.0000          1.0000      1.0000     1.0000
    4    eve       0         NaN             NaN         NaN        NaN
    >>> print(holes)
    Structural holes of 5 people, 1 without ties; ties weighted by strength, over the whole network; on average: constraint 0.818, ...
    """
    from tienet.network.measures._constraint import holes

    made_by("build_ties", Ties, ties=ties)
    choice("scope", scope, get_args(Scope))
    flag("directed", directed)
    name = "ties" if weight is None else text("weight", weight)
    if directed and name == "strength":
        name = "interactions"
    values = _arcs(ties, name) if directed else _edges(ties, name)
    there = values > 0
    numbers = holes(ties.a[there], ties.b[there], values[there], len(ties.people), ego=scope == "ego")
    return StructuralHoles(
        person=ties.people.person,
        degree=locked(numbers.degree),
        constraint=locked(numbers.constraint),
        effective_size=locked(numbers.effective_size),
        efficiency=locked(numbers.efficiency),
        hierarchy=locked(numbers.hierarchy),
        weight=name,
        directed=directed,
        scope=scope,
        backend=ties.backend,
        ties_of_zero=int(np.sum(~there)),
    )


def _edges(ties: Ties, weight: str) -> NDArray[np.float64]:
    """s_ij from a number of the tie that is the same from both ends."""
    if weight == "ties":
        return np.ones(len(ties))
    if weight not in BOTH_WAYS:
        raise ArgumentError.not_one_of("weight", weight, ("ties", *BOTH_WAYS))
    return _usable(getattr(ties, weight), weight)


def _arcs(ties: Ties, weight: str) -> NDArray[np.float64]:
    """s_ij = z_ij + z_ji from the interactions of each direction."""
    there, back = _usable(ties.a_to_b, "a_to_b"), _usable(ties.b_to_a, "b_to_a")
    if weight == "interactions":
        return there + back
    if weight == "ties":
        return np.add(there > 0, back > 0, dtype=np.float64)
    if weight in BOTH_WAYS:
        raise ArgumentError(
            f"weight={weight!r} has no direction; with directed=True use weight='interactions' or None, or set directed=False"
        )
    raise ArgumentError.not_one_of("weight", weight, ("interactions", "ties"))


def _usable(values: NDArray[np.float64], weight: str) -> NDArray[np.float64]:
    """The weights; raises an error unless all are finite and none is negative."""
    missing, wrong = int(np.isnan(values).sum()), int(np.sum((values < 0) | np.isinf(values)))
    if missing:
        raise DataError(
            f"weight={weight!r} is missing for {counted(missing, 'tie')} (frequency and regularity need times, channels a channel column); "
            "use weight='interactions' or None"
        )
    if wrong:
        raise DataError(f"weight={weight!r} is negative or infinite for {counted(wrong, 'tie')}; weights must be finite and at least 0")
    return values
