"""The face every result shows: `.frame` (tidy numbers), `str()` (a sentence), and HTML that shows no person's row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tienet._frames import Backend, Columns, make_frame
from tienet.references import cited

Name = TypeVar("Name")
Value = TypeVar("Value")


class Sealed:
    """Base of what is frozen and may be pickled: arrays that were read-only are so again afterwards, which numpy alone forgets."""

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


class Fixed(Mapping[Name, Value]):
    """A mapping that nobody can change and, unlike the standard library's view, that can be pickled."""

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
    """Base of the frozen nouns. A child gives `_columns()`, `__str__` and, where it has one, a `backend` field."""

    __slots__ = ()

    def _columns(self) -> Columns:
        raise NotImplementedError

    @property
    def frame(self) -> Any:
        """The numbers behind this result, in the kind of frame the data came in (pandas for paths)."""
        backend: Backend = getattr(self, "backend", "pandas")
        return make_frame(self._columns(), backend)

    def _works(self) -> tuple[str, ...]:
        """Keys of `references.REFERENCES`: what this result rests on."""
        return ()

    def cite(self) -> str:
        """One line for a methods section: the software, and the works that define what was computed."""
        return cited(self._works())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def _repr_html_(self) -> str:
        return f"<p><b>{type(self).__name__}</b>: {escape(str(self))}</p>"


def locked(values: Any, dtype: Any = None) -> NDArray[Any]:
    """A read-only array: what a frozen noun holds."""
    return read_only(np.array(values, dtype=dtype))


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """An array of our own making, from now on read-only."""
    array.flags.writeable = False
    return array


def number(value: float, digits: int = 3) -> str:
    """A number for a sentence: three decimals, and significant digits when it is small, or too large for a float to have decimals."""
    if not np.isfinite(value):
        return "not defined" if np.isnan(value) else ("infinity" if value > 0 else "minus infinity")
    if value != 0 and not 10.0 ** (1 - digits) <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    return f"{value:,.{digits}f}"


def n_text(n: int) -> str:
    """'n = 1,204'; 0 stands for a printed model that does not say."""
    return f"n = {n:,}" if n else "n not given"


def p_text(p: float) -> str:
    """A p-value as journals print it: never 'p = .000'."""
    if np.isnan(p):
        return "p not known"
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """'1 person', '1,204 people'."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def level_text(alpha: float) -> str:
    """'p < .05'."""
    return f"p < {alpha:g}".replace("0.", ".", 1)


def findings(terms: Sequence[str], estimate: NDArray[np.float64], p_value: NDArray[np.float64], alpha: float) -> str:
    """What an outcome goes with at a level, for the end of a fit's sentence; the intercept, first, is left out."""
    tests = zip(terms[1:], estimate[1:], p_value[1:], strict=True)
    found = [f"{term} ({number(b)}, {p_text(p)})" for term, b, p in tests if p < alpha]
    return f"At {level_text(alpha)} it goes with {', '.join(found)}" if found else f"No term differs from zero at {level_text(alpha)}"
