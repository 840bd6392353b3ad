"""One person's ego network: the alters, their functions, and the ties among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by, text
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted
from tienet.base.record import Record, locked
from tienet.network.ties.network import Ties

__all__ = ["EgoNetwork", "ego_network"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EgoNetwork(Record):
    """The ties of one ego and those among the alters.

    Parameters
    ----------
    ego, ego_function
        The person, and the person's function.
    alter, function
        (k,) ids and functions of the alters, sorted by function and then from the strongest tie to the weakest.
    strength
        (k,) strength of ego's tie to each alter.
    among
        (m, 2) ties among the alters, as positions in `alter`.
    """

    ego: str
    ego_function: str
    alter: NDArray[Any]
    function: NDArray[Any]
    labels: dict[str, str]
    strength: NDArray[np.float64]
    among: NDArray[np.int64]
    strength_name: str
    backend: Backend = "pandas"

    def _columns(self) -> Columns:
        return {"alter": self.alter, "function": self.function, "strength": self.strength}

    def __str__(self) -> str:
        functions = sorted(set(self.function.tolist()))
        parts = ", ".join(f"{self.labels[name]} {int(np.sum(self.function == name))}" for name in functions)
        listed = f": {parts}" if parts else ""
        mine, among = counted(len(self.alter), "tie"), counted(len(self.among), "tie")
        return f"A person in {self.labels[self.ego_function]} with {mine}{listed}; {among} among the alters"


def ego_network(ties: Ties, ego: str) -> EgoNetwork:
    """Get the ego network of one person.

    Parameters
    ----------
    ties
        From `build_ties`.
    ego
        The person's id, as in the people table.

    Returns
    -------
    EgoNetwork

    Raises
    ------
    ArgumentError
        The id is not in the people table.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> print(tn.network.measures.ego_network(ties, "ann"))
    A person in Sales with 2 ties: Marketing 1, Sales 1; 0 ties among the alters
    """
    made_by("build_ties", Ties, ties=ties)
    people = ties.people
    at = int(people.codes([text("ego", ego)])[0])
    if at < 0:
        raise ArgumentError("ego is not in the people table; ids must match exactly, as written there")
    mine = (ties.a == at) | (ties.b == at)
    alters = np.where(ties.a[mine] == at, ties.b[mine], ties.a[mine])
    order = np.lexsort((alters, -ties.strength[mine], people.function[alters].astype(str)))
    alters = alters[order]
    place = np.full(len(people), -1, dtype=np.int64)
    place[alters] = np.arange(len(alters))
    inside = (place[ties.a] >= 0) & (place[ties.b] >= 0)
    return EgoNetwork(
        ego=str(people.person[at]),
        ego_function=str(people.function[at]),
        alter=locked(people.person[alters], dtype=object),
        function=locked(people.function[alters], dtype=object),
        labels=dict(people.labels),
        strength=locked(ties.strength[mine][order]),
        among=locked(np.column_stack([place[ties.a[inside]], place[ties.b[inside]]])),
        strength_name=ties.own_strength.label,
        backend=ties.backend,
    )
