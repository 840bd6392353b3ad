"""Exclusions: ids that are not people, such as bots and shared mailboxes, from a table with reasons."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tienet.base.frames import require_columns
from tienet.network.reading.people import People
from tienet.network.reading.small_tables import load_table
from tienet.network.ties.pairs import Roster

UNSTATED = "no reason given"


def read_exclusions(table: object) -> dict[str, str]:
    """Read a table with the columns person and reason as a mapping from ids to reasons; empty if there is no table."""
    if table is None:
        return {}
    found = load_table(table, where="the table of exclusions")
    require_columns(found.names, ("person", "reason"), where=found.where)
    rows = zip(found.text("person").tolist(), found.text("reason").tolist(), strict=True)
    return {person: reason or UNSTATED for person, reason in rows if person is not None}


def roster_of(people: People, barred: Mapping[str, str]) -> Roster:
    """The roster, followed by the excluded ids, which are no longer in `people`."""
    reasons = tuple(sorted(set(barred.values())))
    ids = np.array([*people.person.tolist(), *barred], dtype=object)
    behind = [len(people) + reasons.index(reason) for reason in barred.values()]
    return Roster(ids, np.array([*range(len(people)), *behind], dtype=np.int64), len(people), reasons)
