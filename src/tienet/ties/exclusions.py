"""Ids that are no people: bots and shared mailboxes, left out by a table that says why."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tienet._frames import require_columns
from tienet._tables import load_table
from tienet.ties.pairs import Pairs

UNSTATED = "no reason stated"


def read_exclusions(table: object) -> dict[str, str]:
    """Id -> reason, from a table with the columns person and reason; empty where there is no table."""
    if table is None:
        return {}
    found = load_table(table, where="the table of exclusions")
    require_columns(found.names, ("person", "reason"), where=found.where)
    rows = zip(found.text("person").tolist(), found.text("reason").tolist(), strict=True)
    return {person: reason or UNSTATED for person, reason in rows if person is not None}


def count_excluded(pairs: Pairs, barred: Mapping[str, str]) -> tuple[dict[str, int], NDArray[np.bool_]]:
    """Rows with an excluded id at either end, by the reason of the first that has one; and which pairs these are."""
    reasons = sorted(set(barred.values()))
    place = {person: reasons.index(reason) for person, reason in barred.items()}
    low = np.array([place.get(person, -1) for person in pairs.low.tolist()], dtype=np.int64)
    high = np.array([place.get(person, -1) for person in pairs.high.tolist()], dtype=np.int64)
    reason = np.where(low >= 0, low, high)
    shut_out = reason >= 0
    rows = np.bincount(reason[shut_out], weights=pairs.columns["rows"][shut_out], minlength=len(reasons))
    return {name: int(count) for name, count in zip(reasons, rows, strict=True) if count}, shut_out
