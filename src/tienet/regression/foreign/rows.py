"""The rows that a result used, as columns of its table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import DataError
from tienet.base.frames import Backend, backend_of, collect, open_frame, to_numbers
from tienet.regression.core.cells import MISSING, Labels, read_labels
from tienet.regression.foreign.name_parts import names_inside
from tienet.regression.foreign.reading import ForeignResult


class TableRows:
    """Columns of a table, in the rows used.

    Parameters
    ----------
    table
        A collected narwhals frame.
    kept
        Positions of the rows used, or None for all.
    """

    def __init__(self, table: Any, kept: NDArray[np.int64] | None) -> None:
        self.table, self.kept = table, kept
        self._read: dict[str, Labels] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(map(str, self.table.columns))

    @property
    def backend(self) -> Backend:
        """The kind of frame."""
        return backend_of(self.table)

    def numbers(self, name: str) -> Vector | None:
        """(n,) numbers of a column, None if it has none or the table lacks it."""
        if name not in self.names:
            return None
        try:
            values = to_numbers(self.table[name], where="data")
        except DataError:
            return None
        return values if self.kept is None else values[self.kept]

    def levels(self, name: str) -> tuple[str, ...] | None:
        """Categories of a column that occur in the rows used, None if the table lacks it."""
        labels = self._labels(name)
        if labels is None:
            return None
        return tuple(labels.levels[code] for code in np.unique(labels.codes) if code != MISSING)

    def is_category(self, name: str, level: str) -> Vector | None:
        """(n,) whether the rows have this category, written as the packages do; None if the table lacks the column."""
        labels = self._labels(name)
        if labels is None:
            return None
        place = same_level(labels.levels, level)
        return np.zeros(len(labels.codes)) if place is None else np.asarray(labels.codes == labels.levels.index(place), dtype=float)

    def _labels(self, name: str) -> Labels | None:
        if name not in self.names:
            return None
        if name not in self._read:
            labels = read_labels(self.table[name])
            self._read[name] = labels if self.kept is None else labels[self.kept]
        return self._read[name]


def same_level(levels: Iterable[str], level: str) -> str | None:
    """The category that a name means: 2 in the table may be 2.0 in the name, and the other way round."""
    if level in levels:
        return level
    number = _as_number(level)
    return next((each for each in levels if number is not None and _as_number(each) == number), None)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def rows_of(reading: ForeignResult, data: object) -> TableRows | None:
    """The rows used, from the table given or the result's own; None without a table.

    Raises
    ------
    DataError
        If the table given is not that of the result.
    """
    source = reading.frame if data is None else data
    if source is None:
        return None
    table = collect(open_frame(source, where="data", paths=False))
    if len(table) == reading.n:
        return TableRows(table, None)
    kept = _kept(reading, table, source)
    if kept is None and data is not None:
        raise DataError(
            f"data has {len(table)} rows, but {reading.package} used {reading.n}; give data= the frame you fitted, or its rows without "
            "missing values"
        )
    return None if kept is None else TableRows(table, kept)


def _kept(reading: ForeignResult, table: Any, source: Any) -> NDArray[np.int64] | None:
    """Positions of the rows used in a longer table: by the rows left out, by labels, or by what is missing."""
    if reading.dropped is not None and len(reading.dropped) + reading.n == len(table):
        return np.delete(np.arange(len(table)), reading.dropped)
    index = getattr(source, "index", None)
    if reading.labels is not None and index is not None and getattr(index, "is_unique", False):
        places = index.get_indexer(reading.labels)
        if len(places) == reading.n and (places >= 0).all():
            return np.asarray(places, dtype=np.int64)
    wanted = {reading.outcome, *(part for name in reading.names for part in names_inside(name))}
    complete = np.ones(len(table), dtype=bool)
    for name in wanted & set(map(str, table.columns)):
        complete &= read_labels(table[name]).codes != MISSING
    return np.flatnonzero(complete) if complete.sum() == reading.n else None
