"""Exclusions: ids that are not people, such as bots and shared mailboxes, from a table with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError
from tienet.base.frames import require_columns
from tienet.network.reading.cells.identity import IdRule, each_once, normal_ids
from tienet.network.reading.people import People
from tienet.network.reading.small_tables import load_table
from tienet.network.ties.pairs import Roster

UNSTATED = "no reason given"


def read_exclusions(table: object) -> dict[str, str]:
    """Read a table with the columns person and reason as a mapping from ids to reasons; empty if there is no table."""
    if table is None:
        return {}
    found = load_table(table, where="the table of exclusions", wanted=("person", "reason"))
    require_columns(found.names, ("person", "reason"), where=found.where)
    rows = zip(found.text("person").tolist(), found.text("reason").tolist(), strict=True)
    return {person: reason or UNSTATED for person, reason in rows if person is not None}


def with_aliases(barred: Mapping[str, str], people: People, ids: IdRule = "exact") -> dict[str, str]:
    """The excluded ids with the aliases of the people among them."""
    gone = _excluded(people, barred, ids)
    return {alias: gone[person] for alias, person in people.aliases.items() if person in gone} | dict(barred)


def without_barred(people: People, barred: Mapping[str, str], ids: IdRule = "exact") -> People:
    """The people table without the excluded ids and aliases, compared as the log compares them."""
    return people.without([*barred, *_excluded(people, barred, ids)])


def _excluded(people: People, barred: Mapping[str, str], ids: IdRule) -> dict[str, str]:
    """The ids and aliases of the people table that are excluded, as they are written there, with the reasons."""
    if ids == "exact" or not barred:
        return dict(barred)
    reasons = dict(zip(normal_ids(np.array(list(barred), dtype=object), ids).tolist(), barred.values(), strict=True))
    known, _ = people.listed()
    compared = normal_ids(known, ids).tolist()
    return {one: reasons[same] for one, same in zip(known.tolist(), compared, strict=True) if same is not None and same in reasons}


def roster_of(people: People, barred: Mapping[str, str], ids: IdRule = "exact") -> Roster:
    """The roster with its aliases, followed by the excluded ids, which are no longer in `people`; all as the log compares them.

    Raises
    ------
    DataError
        Two people of the roster have the same id when compared in this way.
    """
    reasons = tuple(sorted(set(barred.values())))
    known, positions = people.listed()
    listed = np.array([*known.tolist(), *barred], dtype=object)
    behind = np.array([len(people) + reasons.index(reason) for reason in barred.values()], dtype=np.int64)
    codes = np.concatenate([positions, behind])
    if ids != "exact":
        compared = normal_ids(listed, ids)
        _refuse_alike(compared[: len(known)], positions, ids)
        listed, codes = each_once(compared, codes)
    return Roster(listed, codes, len(people), reasons, aliases=bool(people.aliases))


def _refuse_alike(compared: NDArray[Any], positions: NDArray[np.int64], ids: IdRule) -> None:
    """Raise a DataError if different people have the same id; it names rows, since ids are personal data."""
    import pandas as pd

    table = pd.DataFrame({"id": pd.Series(compared, dtype=object), "position": positions}).dropna()
    alike = table[table.groupby("id")["position"].transform("nunique") > 1]
    if len(alike):
        rows = sorted(set((alike["position"] + 1).tolist()))
        first = ", ".join(map(str, rows[:6])) + (", ..." if len(rows) > 6 else "")
        raise DataError(
            f"the people table: {len(rows)} people (number {first}) have the same id as another when ids are compared by {ids!r}; "
            "make their ids differ, keep one of them, or use ids='exact'"
        )
