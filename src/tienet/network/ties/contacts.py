"""Weeks, channels, first and last contact of ties: a second pass over the log, made when one of them is first read.

Total ties and tie strength need none of them, and they cost more than the counts and weights that every network needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError
from tienet.base.frames import duckdb_in_one_line
from tienet.base.record import Late, read_only
from tienet.network.reading.engine import grouped
from tienet.network.reading.interactions import InteractionLog
from tienet.network.ties.pairs import Roster, Window, contact_columns, paired_rows
from tienet.network.ties.rule import TieRule

CONTACTS = ("regularity", "channels", "first", "last")


class ContactPass:
    """One pass over a log for the contacts of all pairs, shared by the ties of rules that group alike."""

    def __init__(self, log: InteractionLog, rule: TieRule, window: Window | None, roster: Roster) -> None:
        self.log, self.rule, self.window, self.roster = log, rule, window, roster
        self._table: dict[str, NDArray[Any]] | None = None
        self._lock = RLock()

    def of(self, a: NDArray[np.int64], b: NDArray[np.int64], rows: NDArray[Any]) -> Late:
        """The contacts of ties (a, b), sorted by a and b, each with the rows of the log that it was built from: unread."""
        return Late(partial(self._find, a * self.roster.size + b, rows))

    def _find(self, pair: NDArray[np.int64], rows: NDArray[Any]) -> dict[str, Any]:
        with self._lock, duckdb_in_one_line(self.log.origin):
            table = self._table = self._table or self._group()
        place = np.minimum(np.searchsorted(table["pair"], pair), max(len(table["pair"]) - 1, 0))
        if len(pair) and not (
            len(table["pair"]) and np.array_equal(table["rows"][place], rows) and np.array_equal(table["pair"][place], pair)
        ):
            raise DataError(f"{self.log.origin} has changed since the ties were built; read the log and build the ties again")
        return contacts({name: values[place] for name, values in table.items()}, len(pair), self.window)

    def _group(self) -> dict[str, NDArray[Any]]:
        import narwhals.stable.v2 as nw

        rows = paired_rows(self.log, self.rule, self.window, self.roster).filter(nw.col("pair") >= 0)
        table = grouped(rows, "pair", contact_columns(self.log, self.window) | {"rows": ("rows", None)}, self.log.job)
        order = np.argsort(table["pair"], kind="stable")
        return {name: values[order] for name, values in table.items()}


def contacts(columns: Mapping[str, NDArray[Any]], ties: int, window: Window | None) -> dict[str, Any]:
    """The fields of `Ties` from the columns of a grouping: NaN, or None for moments, where the log does not state them."""

    def stated(name: str, divisor: float = 1.0) -> NDArray[np.float64]:
        values = columns.get(name)
        return read_only(np.full(ties, np.nan) if values is None else values / divisor)

    def moments(name: str) -> NDArray[np.int64] | None:
        return read_only(columns[name].astype(np.int64)) if window else None

    weeks = window.week_count if window else 1
    return {"regularity": stated("weeks", weeks), "channels": stated("channels"), "first": moments("first"), "last": moments("last")}
