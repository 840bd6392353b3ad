"""Which columns of a table are those of an interaction log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tienet.study.proposal.looking import LIST, SeenColumn, SeenTable
from tienet.study.proposal.vocabulary import likeness, plain

OFTEN = 0.02  # share of cells with several people from which on they are taken apart


@dataclass(frozen=True)
class LogRoles:
    """The columns of a log.

    Parameters
    ----------
    source, target
        One or several columns each; `target` is empty for a log with a row per person and event.
    time
        One column, or those of day and hour; empty if there is none.
    other
        Standard name -> column: channel, size, duration, weight, event, reply_to.
    named
        Whether the names of the columns say who is who; else their contents do.
    """

    table: SeenTable
    source: tuple[SeenColumn, ...]
    target: tuple[SeenColumn, ...]
    time: tuple[SeenColumn, ...]
    other: Mapping[str, SeenColumn]
    named: bool

    @property
    def ends(self) -> tuple[SeenColumn, ...]:
        """The columns with people."""
        return (*self.source, *self.target)

    @property
    def separator(self) -> str | None:
        """What separates several people in one cell, if cells hold several."""
        written = [column for column in self.ends if column.kind != LIST]
        if max((column.several for column in written), default=0.0) < OFTEN:
            return None
        return ";" if any(";" in value for column in written for value in column.values) else ","

    def people(self) -> list[str]:
        """The ids in the rows looked at, several in a cell taken apart."""
        signs = [(column, ";" if column.kind == LIST else self.separator) for column in self.ends]
        return [part for column, sign in signs for cell in column.values for part in (cell.split(sign) if sign else [cell]) if part.strip()]

    @property
    def score(self) -> float:
        """How much the table is a log."""
        return (4.0 if self.target else 2.0) + 2.0 * bool(self.time) + 2.0 * self.named + min(self.table.rows, 1_000) / 1_000


def log_roles(table: SeenTable) -> LogRoles | None:
    """Recognise the columns of a log; None if the table is none."""
    ids = [column for column in table.columns if column.is_id]
    time = _times(table)
    pair, named = _named(ids), True
    if pair is None:
        pair, named = _alike(ids), False
    if pair is None:
        return _attendance(table, ids, time)
    source, target = pair
    copies = _copies(ids, source, target) if named else ()
    other = _other(table, {column.name for column in (source, target, *copies, *time)})
    return LogRoles(table, (source,), (target, *copies), time, other, named)


def _named(ids: Iterable[SeenColumn]) -> tuple[SeenColumn, SeenColumn] | None:
    """The columns of source and target, by their names."""
    ids = [column for column in ids if not re.search(r"\btype?\b", plain(column.name))]
    source = _best(ids, lambda column: likeness(column.name, "source"))
    left = [column for column in ids if column is not source]
    target = _best(left, lambda column: likeness(column.name, "target"))
    return None if source is None or target is None else (source, target)


def _best(columns: Iterable[SeenColumn], score: Callable[[SeenColumn], float]) -> SeenColumn | None:
    """The column with the best score; among equals one with mail addresses, then one with more values."""
    able = [column for column in columns if score(column) > 0]
    return max(able, key=lambda column: (score(column), column.with_address, column.filled), default=None)


def _copies(ids: Iterable[SeenColumn], source: SeenColumn, target: SeenColumn) -> tuple[SeenColumn, ...]:
    """The columns for people in copy, one per kind (Cc, Bcc)."""
    heads: dict[str, list[SeenColumn]] = {}
    for column in ids:
        if column not in (source, target) and likeness(column.name, "copy") >= 0.8:
            heads.setdefault(plain(column.name).split()[0], []).append(column)
    found = [_best(group, lambda column: likeness(column.name, "copy")) for group in heads.values()]
    return tuple(column for column in found if column is not None and (column.with_address > 0.5) == (target.with_address > 0.5))


def _alike(ids: list[SeenColumn]) -> tuple[SeenColumn, SeenColumn] | None:
    """Two columns that hold the same people, by their contents."""
    able = [column for column in ids if not column.is_unique and len(column.distinct) > 2 and column.filled > 0.5]
    shares = {(a.name, b.name): (_shared(a, b), a, b) for a, b in combinations(able, 2)}
    share, first, second = max(shares.values(), key=lambda found: found[0], default=(0.0, None, None))
    return (first, second) if share >= 0.3 and first is not None and second is not None else None


def _shared(a: SeenColumn, b: SeenColumn) -> float:
    first, second = ({value.strip().casefold() for value in column.distinct} for column in (a, b))
    return len(first & second) / min(len(first), len(second))


def _attendance(table: SeenTable, ids: list[SeenColumn], time: tuple[SeenColumn, ...]) -> LogRoles | None:
    """A row per person and event."""
    event = _best([column for column in ids if not column.is_unique], lambda column: likeness(column.name, "event"))
    person = _best(
        [column for column in ids if column is not event and not column.is_unique],
        lambda column: max(likeness(column.name, role) for role in ("person", "source", "target")),
    )
    if event is None or person is None or not time:
        return None
    other = _other(table, {person.name, *(column.name for column in time)})
    return LogRoles(table, (person,), (), time, {**other, "event": event}, named=True)


def _times(table: SeenTable) -> tuple[SeenColumn, ...]:
    """The column of times, or the two of day and hour."""
    able = [column for column in table.columns if column.written is not None and column.filled > 0.5]
    best = max(
        able,
        key=lambda column: (_has_clock(column), max(likeness(column.name, kind) for kind in ("time", "day")), column.filled),
        default=None,
    )
    if best is None or _has_clock(best):
        return () if best is None else (best,)
    clock = _best([column for column in table.columns if column.is_clock], lambda column: likeness(column.name, "clock") + 0.1)
    return (best,) if clock is None else (best, clock)


def _has_clock(column: SeenColumn) -> bool:
    written = column.written
    if written is None:
        return False
    if written.patterns:
        return any("H" in pattern or "I" in pattern or pattern.startswith("e") for pattern in written.patterns)
    return column.kind.startswith("TIMESTAMP") or any(":" in value for value in column.values[:2_000])


def _other(table: SeenTable, taken: set[str]) -> dict[str, SeenColumn]:
    found: dict[str, SeenColumn] = {}
    for name, fits in _FITS.items():
        left = [column for column in table.columns if column.name not in taken and column.values and fits(column)]
        best = max(left, key=lambda column: likeness(column.name, name), default=None)
        if best is not None and likeness(best.name, name) >= 0.8:
            found[name] = best
            taken.add(best.name)
    return found


def _is_size(column: SeenColumn) -> bool:
    """Whole numbers of people, not bytes."""
    if not column.is_number or any(not value.strip().isdigit() for value in column.values[:2_000]):
        return False
    sizes = [int(value) for value in column.values[:2_000]]
    return min(sizes) >= 1 and float(np.median(sizes)) <= 500


_FITS: dict[str, Callable[[SeenColumn], bool]] = {
    "event": lambda column: column.is_id,
    "reply_to": lambda column: column.is_id,
    "channel": lambda column: len(column.distinct) <= 32 and not column.is_number,
    "size": _is_size,
    "duration": lambda column: column.is_number or any(":" in value for value in column.values[:50]),
    "weight": lambda column: column.is_number and likeness(column.name, "weight") == 1,
}
