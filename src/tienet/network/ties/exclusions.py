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


def with_aliases(barred: Mapping[str, str], people: People) -> dict[str, str]:
    """The excluded ids with the aliases of the people among them."""
    return {alias: barred[person] for alias, person in people.aliases.items() if person in barred} | dict(barred)


def roster_of(people: People, barred: Mapping[str, str]) -> Roster:
    """The roster with its aliases, followed by the excluded ids, which are no longer in `people`."""
    reasons = tuple(sorted(set(barred.values())))
    known, positions = people.listed()
    ids = np.array([*known.tolist(), *barred], dtype=object)
    behind = np.array([len(people) + reasons.index(reason) for reason in barred.values()], dtype=np.int64)
    return Roster(ids, np.concatenate([positions, behind]), len(people), reasons, aliases=bool(people.aliases))
