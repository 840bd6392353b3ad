"""The rows that a result used, as columns of its table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import DataError
from tienet.base.frames import Backend, backend_of, collect, open_frame, to_numbers, to_text
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

    def texts(self, name: str) -> NDArray[np.object_] | None:
        """(n,) categories of a column as text, None if the table lacks it."""
        if name not in self.names:
            return None
        column = self.table[name]
        values = to_text(column)
        if str(column.dtype) == "Boolean":  # some engines write true, all packages True
            values = np.array([text.capitalize() if text else text for text in values], dtype=object)
        return values if self.kept is None else values[self.kept]

    def is_category(self, name: str, level: str) -> Vector | None:
        """(n,) whether the rows have this category, written as the packages do; None if the table lacks the column."""
        texts = self.texts(name)
        if texts is None:
            return None
        here = texts == level
        if not here.any():  # 2 in the table may be 2.0 in the name, and the other way round
            other = _as_number(level)
            here = np.array([other is not None and _as_number(text) == other for text in texts])
        return np.asarray(here, dtype=float)


def _as_number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
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
        return np.setdiff1d(np.arange(len(table)), reading.dropped)
    index = getattr(source, "index", None)
    if reading.labels is not None and index is not None and getattr(index, "is_unique", False):
        places = index.get_indexer(reading.labels)
        if len(places) == reading.n and (places >= 0).all():
            return np.asarray(places, dtype=np.int64)
    wanted = {reading.outcome, *(part for name in reading.names for part in names_inside(name))}
    complete = np.ones(len(table), dtype=bool)
    for name in wanted & set(map(str, table.columns)):
        complete &= np.array([text is not None and text != "nan" for text in to_text(table[name])])
    return np.flatnonzero(complete) if complete.sum() == reading.n else None
