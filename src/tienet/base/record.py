"""Base classes of results: `.frame` (tidy numbers), `str()` (a sentence), and HTML that shows no person's row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from html import escape
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import Backend, Columns, make_frame
from tienet.base.references import cited

Name = TypeVar("Name")
Value = TypeVar("Value")
Frozen = TypeVar("Frozen")


class Sealed:
    """Base class of frozen objects that can be pickled. Read-only arrays stay read-only, which numpy alone does not ensure."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        closed = [name for name, value in values.items() if isinstance(value, np.ndarray) and not value.flags.writeable]
        return _unsealed, (type(self), values, closed)


def _unsealed(kind: type, values: dict[str, Any], closed: list[str]) -> Any:
    made: Any = object.__new__(kind)
    for name, value in values.items():
        if name in closed:
            value.flags.writeable = False
        object.__setattr__(made, name, value)
    return made


class Late:
    """Values of several fields, made together when one of them is first read, and only then.

    Parameters
    ----------
    make
        Called once; returns the values by field. If it fails, the next reader calls it again.
    """

    __slots__ = ("_lock", "_made", "_make")

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make: Callable[[], Mapping[str, Any]] | None = make
        self._made: Mapping[str, Any] = {}
        self._lock = RLock()

    def value(self, name: str) -> Any:
        """The value of a field."""
        with self._lock:
            if self._make is not None:
                # What made the values is let go, with the data that it held on to.
                self._made, self._make = self._make(), None
        return self._made[name]


class WhenRead:
    """Stands before the slot of a field that may hold a `Late`, and gives its value instead."""

    __slots__ = ("name", "slot")

    def __init__(self, slot: Any, name: str) -> None:
        self.slot, self.name = slot, name

    def __get__(self, record: Any, kind: type | None = None) -> Any:
        if record is None:
            return self
        held = self.slot.__get__(record, kind)
        return held.value(self.name) if isinstance(held, Late) else held

    def __set__(self, record: Any, value: Any) -> None:
        self.slot.__set__(record, value)


def late_fields(kind: type, *names: str) -> None:
    """Let fields of a dataclass with slots hold a `Late`. Pickling reads them, so that a copy depends on nothing else."""
    for name in names:
        setattr(kind, name, WhenRead(getattr(kind, name), name))


def changed(record: Frozen, **changes: Any) -> Frozen:
    """A copy of a frozen dataclass with some fields changed, as `dataclasses.replace`, but without reading late fields."""
    kind = type(record)
    held = {field.name: _unread(getattr(kind, field.name), record) for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**(held | changes))


def _unread(slot: Any, record: Any) -> Any:
    return (slot.slot if isinstance(slot, WhenRead) else slot).__get__(record)


class Fixed(Mapping[Name, Value]):
    """A read-only mapping that, unlike `types.MappingProxyType`, can be pickled."""

    __slots__ = ("_inside",)

    def __init__(self, values: Mapping[Name, Value]) -> None:
        self._inside = dict(values)

    def __getitem__(self, name: Name) -> Value:
        return self._inside[name]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._inside)

    def __len__(self) -> int:
        return len(self._inside)

    def __repr__(self) -> str:
        return repr(self._inside)

    def __or__(self, other: Mapping[Name, Value]) -> dict[Name, Value]:
        return {**self, **other}

    def __ror__(self, other: Mapping[Name, Value]) -> dict[Name, Value]:
        return {**other, **self}


class Record(Sealed):
    """Base class of results. A subclass defines `_columns()`, `__str__` and, where it has one, a `backend` field."""

    __slots__ = ()

    def _columns(self) -> Columns:
        raise NotImplementedError

    @property
    def frame(self) -> Any:
        """The numbers as a data frame, of the kind the data came in (pandas for files)."""
        backend: Backend = getattr(self, "backend", "pandas")
        return make_frame(self._columns(), backend)

    def _under_table(self) -> str:
        """The note under a table of these numbers: the sentence, or the part of it that the table does not hold."""
        return str(self)

    def _works(self) -> tuple[str, ...]:
        """Keys in `references.REFERENCES` of the works to cite for this result."""
        return ()

    def cite(self) -> str:
        """One line for a methods section: the software, and the works that define what was computed."""
        return cited(self._works())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def _repr_html_(self) -> str:
        return f"<p><b>{type(self).__name__}</b>: {escape(str(self))}</p>"


def locked(values: Any, dtype: Any = None) -> NDArray[Any]:
    """A read-only copy of some values as an array."""
    return read_only(np.array(values, dtype=dtype))


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Make an array read-only and return it."""
    array.flags.writeable = False
    return array
