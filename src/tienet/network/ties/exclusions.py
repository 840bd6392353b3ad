"""Ids that are no people: bots and shared mailboxes, left out by a table that says why."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tienet.base.frames import require_columns
from tienet.network.reading.people import People
from tienet.network.reading.small_tables import load_table
from tienet.network.ties.pairs import Roster

UNSTATED = "no reason stated"


def read_exclusions(table: object) -> dict[str, str]:
    """Id -> reason, from a table with the columns person and reason; empty where there is no table."""
    if table is None:
        return {}
    found = load_table(table, where="the table of exclusions")
    require_columns(found.names, ("person", "reason"), where=found.where)
    rows = zip(found.text("person").tolist(), found.text("reason").tolist(), strict=True)
    return {person: reason or UNSTATED for person, reason in rows if person is not None}


def roster_of(people: People, barred: Mapping[str, str]) -> Roster:
    """Everybody on the roster, and the ids that are left out behind them; people who are left out are no longer in `people`."""
    reasons = tuple(sorted(set(barred.values())))
    ids = np.array([*people.person.tolist(), *barred], dtype=object)
    behind = [len(people) + reasons.index(reason) for reason in barred.values()]
    return Roster(ids, np.array([*range(len(people)), *behind], dtype=np.int64), len(people), reasons)
