"""Small tables (people, outcomes) held in memory, with their columns as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError
from tienet.base.frames import Backend, backend_of, collect, has_decimals, open_frame, to_numbers, to_text
from tienet.base.record import locked


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SmallTable:
    """A table in memory.

    Parameters
    ----------
    rows
        A narwhals frame.
    malformed
        The malformed lines of its file.
    where
        Its name for messages.
    backend
        The kind of frame it came as.
    damage
        What is wrong with the first malformed line.
    """

    rows: Any
    malformed: tuple[int, ...]
    where: str
    backend: Backend
    damage: str = ""

    @property
    def names(self) -> list[str]:
        """The column names."""
        return list(self.rows.columns)

    def text(self, name: str) -> NDArray[np.object_]:
        """A column as strings; None where missing or empty."""
        values = to_text(self.rows[name])
        return np.array([value or None for value in values], dtype=object)

    def refuse_float_ids(self, name: str) -> None:
        """Raise an error for ids that are numbers with decimals: 123 would become 123.0 and match no one."""
        if self.rows[name].dtype.is_float() or any(has_decimals(value) for value in self.rows[name].to_list()):
            raise DataError(f"{self.where}: column {name!r} holds floating-point numbers where ids are expected; read it as text")

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers; raises an error if it contains other text."""
        return to_numbers(self.rows[name], where=self.where)

    def values(self, name: str) -> NDArray[Any]:
        """A column as numbers if all values are numbers and nothing would be lost, else as strings."""
        column = self.rows[name]
        if column.dtype.is_numeric():
            return locked(to_numbers(column, where=self.where))
        texts = self.text(name)
        stated = [text for text in texts if text is not None]
        if stated and all(_is_plain_number(text) for text in stated):
            return locked([np.nan if text is None else float(text) for text in texts], dtype=float)
        return locked(texts, dtype=object)


def _is_plain_number(text: str) -> bool:
    """Whether text is a number, rather than a code such as 007."""
    body = text.strip().lstrip("+-")
    if len(body) > 1 and body[0] == "0" and body[1].isdigit():
        return False
    try:
        return "_" not in body and bool(np.isfinite(float(text)))
    except ValueError:
        return False


def hold(data: object, where: str) -> SmallTable:
    """Collect any data frame into memory, its ids as they are written."""
    frame = open_frame(data, where=where)
    return SmallTable(collect(_whole_as_text(frame)), (), where, backend_of(frame))


def _whole_as_text(frame: Any) -> Any:
    """A DuckDB relation with integers as text, since pandas would turn integer columns with missing or very long values into floats."""
    import narwhals.stable.v2 as nw

    if not frame.implementation.is_duckdb():
        return frame
    kinds = frame.collect_schema()
    whole = [name for name, kind in kinds.items() if kind.is_integer() or (kind.is_decimal() and not kind.scale)]
    return frame.with_columns(nw.col(name).cast(nw.String) for name in whole) if whole else frame
