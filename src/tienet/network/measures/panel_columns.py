"""Columns added to a panel: outcomes of each person and window, and values of earlier windows, in functions of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base import time as _time
from tienet.base.checks import names
from tienet.base.errors import ArgumentError, DataError, TienetWarning, warn
from tienet.base.frames import require_columns
from tienet.base.numbers import counted
from tienet.base.small_table import SmallTable
from tienet.network.reading.small_tables import load_table

_WHERE = "the outcomes table"


def outcome_columns(
    outcomes: object,
    egos: NDArray[np.object_],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    *,
    person: str,
    window: str | None,
    day: str | None,
    columns: Sequence[str] | None,
) -> dict[str, NDArray[Any]]:
    """(n, w) values of columns of a table with a row per person and window, missing where there is no row.

    Parameters
    ----------
    outcomes
        The table.
    egos, start, end
        Ids of the egos, and the ends of the windows.
    person
        The column of ids.
    window, day
        The column of window numbers, from 1, or of days.
    columns
        The columns to take; None for all others.
    """
    if (window is None) == (day is None):
        raise ArgumentError("give window, the column with the numbers of windows, or day, the column with a day of each row, but not both")
    by = str(window or day)
    table = load_table(outcomes, where=_WHERE, wanted=(person, by))
    wanted = [name for name in table.names if name not in (person, by)] if columns is None else names("columns", columns, single=True)
    require_columns(table.names, [person, by, *wanted], where=table.where)
    table.refuse_float_ids(person)
    place = _places(table.text(person), egos)
    at = _windows(table, by, len(start)) if window else _steps(table.text(by), start, end)
    rows = np.flatnonzero((place >= 0) & (at >= 0))
    if not len(rows):
        raise DataError(f"no row of {table.where} is of a person and a window of the panel; check that ids and {by} are written as there")
    cells = place[rows] * len(start) + at[rows]
    repeated = len(cells) - len(np.unique(cells))
    if repeated:
        verb = "repeats" if repeated == 1 else "repeat"
        raise DataError(f"{table.where}: {counted(repeated, 'row')} {verb} a person and a window; add them up or choose one before")
    return {name: _spread(table.values(name)[rows], cells, (len(egos), len(start))) for name in wanted}


def _places(ids: NDArray[np.object_], egos: NDArray[np.object_]) -> NDArray[np.int64]:
    place = {ego: at for at, ego in enumerate(egos.tolist())}
    return np.array([place.get(one, -1) for one in ids.tolist()], dtype=np.int64)


def _windows(table: SmallTable, by: str, windows: int) -> NDArray[np.int64]:
    values = table.numbers(by)
    known = np.isfinite(values) & (values >= 1) & (values <= windows) & (values == np.floor(values))
    return np.where(known, np.where(known, values, 0).astype(np.int64) - 1, -1)


def _steps(days: NDArray[np.object_], start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """The window in whose last step each day lies: after the end of the window before, up to its own end; -1 for none."""
    limits = np.concatenate([[end[0] - (end[1] - end[0]) if len(end) > 1 and start[1] < end[0] else start[0]], end])
    moments = np.array([-1 if day is None else _time.moment(day, name="day") for day in days.tolist()], dtype=np.int64)
    at = np.searchsorted(limits, moments, side="right") - 1
    inside = (moments >= limits[0]) & (moments < limits[-1])
    at = np.where(inside, at, 0)
    return np.where(inside & (moments >= start[at]), at, -1)


def _spread(values: NDArray[Any], cells: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[Any]:
    """Values in the cells of a table; the others are missing."""
    numeric = values.dtype.kind in "fiub"
    found = np.full(shape[0] * shape[1], np.nan if numeric else None, dtype=float if numeric else object)
    found[cells] = values
    return found.reshape(shape)


def lagged(values: NDArray[Any], held: NDArray[np.bool_], windows: int) -> NDArray[Any]:
    """(n, w) values of the same ego some windows before; missing where the ego was not there or the panel begins.

    Examples
    --------
    >>> lagged(np.array([[1.0, 2.0, 3.0]]), np.array([[True, False, True]]), 1).tolist()
    [[nan, 1.0, nan]]
    """
    numeric = values.dtype.kind in "fiub"
    before = np.full(values.shape, np.nan if numeric else None, dtype=float if numeric else object)
    there = values.astype(before.dtype)
    there[~held] = np.nan if numeric else None
    before[:, windows:] = there[:, : max(values.shape[1] - windows, 0)]
    return before


def warn_overlap(start: NDArray[np.int64], end: NDArray[np.int64], windows: int, kind: str) -> None:
    """Warn if a window shares time with the one that many windows before."""
    if windows >= len(start):
        return
    shared = (end[:-windows] - np.maximum(start[windows:], start[:-windows])).max() / _time.DAY
    if shared > 0:
        repair = (
            "measure the panel with every= as long as window="
            if kind == "cumulative"
            else "take more windows before, or every= as long as window="
        )
        warn(
            f"windows overlap: lag {windows} shares up to {counted(round(float(shared), 1), 'day')} with the window itself, partly the "
            f"same interactions; {repair}",
            TienetWarning,
        )
