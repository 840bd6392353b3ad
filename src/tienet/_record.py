"""The face every result shows: `.frame` (tidy numbers), `str()` (a sentence), and HTML that shows no person's row."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet._frames import Backend, Columns, make_frame
from tienet.references import cited


class Record:
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
    array = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def number(value: float, digits: int = 3) -> str:
    """A number for a sentence: three decimals, and enough significant digits when it is small."""
    if not np.isfinite(value):
        return "not defined" if np.isnan(value) else ("infinity" if value > 0 else "minus infinity")
    if value != 0 and abs(value) < 10.0 ** (1 - digits):
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
