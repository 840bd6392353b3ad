"""Errors and warnings.

A message is one line: what is wrong and where, what was found, what to do. Problems in single *rows* are counted in a ledger, not raised;
errors are for what stops the work.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from numbers import Number
from unicodedata import normalize


class TienetError(ValueError):
    """Base class of every error that tienet raises on purpose. The message is one line, even if a value in it has several."""

    def __init__(self, message: object = "") -> None:
        super().__init__(" ".join(str(message).split()))


class InputNotFound(TienetError):  # noqa: N818 - named after the situation
    """A path or pattern that matches no file."""

    @classmethod
    def path(cls, path: object) -> InputNotFound:
        """No file was found."""
        return cls(f"no file at {str(path)!r}; check the spelling and the working directory")


class DataError(TienetError):
    """Data that cannot be used: columns, ids, types, empty tables."""

    @classmethod
    def missing_column(cls, wanted: str, found: Iterable[str], *, where: str, repair: str = "") -> DataError:
        """A table lacks a column. A header that looks like data is not shown, since it may hold ids."""
        names = list(found)
        twin = next((name for name in names if normalize("NFC", name) == normalize("NFC", wanted)), None)
        if twin is not None:
            repair = "; one column has the same name in another Unicode form, rename it with unicodedata.normalize('NFC', name)"
            return cls(f"{where} has no column {wanted!r}{repair}")
        if any("@" in name or name[:1].isdigit() for name in names):
            return cls(f"{where} has no column {wanted!r}, and its first line looks like data; it needs a line with column names")
        return cls(f"{where} has no column {wanted!r}{offer(wanted, names)}{repair}")

    @classmethod
    def no_rows(cls, where: str, reason: str = "the table is empty") -> DataError:
        """A table has no usable row."""
        return cls(f"{where} has no usable row: {reason}")

    @classmethod
    def text_for_number(cls, column: str, rows: Sequence[int], *, where: str) -> DataError:
        """A column of numbers contains text. The message names rows, not their text, which may be a person's name."""
        return cls(
            f"{where}: column {column!r} must contain numbers, but {len(rows)} of its values cannot be read as numbers, "
            f"the first in row {rows[0]}; write decimals with a point and leave missing values empty (those rows are dropped and counted)"
        )


class NoInteraction(DataError):  # noqa: N818 - named after the situation
    """A log with no interaction in the window, or none between two people of the roster."""


class ModelError(TienetError):
    """A formula, a design matrix or a probe that is not valid or cannot be computed."""


class ArgumentError(TienetError):
    """An argument that is not valid."""

    @classmethod
    def not_one_of(cls, argument: str, given: object, allowed: Iterable[object], *, otherwise: str = "") -> ArgumentError:
        """A value is not among those allowed; `otherwise` describes one more kind of allowed value."""
        known = list(allowed)
        listed = ", ".join(map(repr, known[:12])) + (", ..." if len(known) > 12 else "") + (f", or {otherwise}" if otherwise else "")
        meant = closest(given, known) if isinstance(given, str) else ""
        return cls(f"{argument} must be {'one of ' if len(known) > 1 else ''}{listed}; got {shown(given)}{meant}")


class OutputError(TienetError):
    """A file or folder that cannot be written to."""

    @classmethod
    def cannot_write(cls, path: object, reason: str) -> OutputError:
        """The operating system refused to write the file."""
        return cls(f"cannot write {str(path)!r}: {reason}; choose another location or change its permissions")


class TienetWarning(UserWarning):
    """Base class of every warning, so that one filter can turn all of them into errors."""


class RowsRejected(TienetWarning):
    """Rows of the input could not be used; the ledger says how many and why."""


class OutsideSupport(TienetWarning):
    """A requested value lies outside the observed data."""


class FewClusters(TienetWarning):
    """Too few clusters for the usual cluster-robust approximation."""


class SmallGroup(TienetWarning):
    """A group is small enough that its members could be recognised."""


class WeakIdentification(TienetWarning):
    """The data say little about a coefficient corrected for endogeneity: weak instruments, or a copula that is not identified."""


def warn(message: str, kind: type[TienetWarning]) -> None:
    """Issue a warning that points at the user's line rather than at one inside tienet."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "tienet":
        frame, level = frame.f_back, level + 1
    warnings.warn(message, kind, stacklevel=level)


def shown(value: object) -> str:
    """A value for a message: a string or number itself, any other value by its type, since it may contain personal data."""
    if value is not None and not isinstance(value, str | bytes | Number):
        kind = type(value).__name__
        return f"{'an' if kind[0] in 'aeioAEIO' or kind == 'ndarray' else 'a'} {kind}"
    written = str(value) if isinstance(value, Number) else repr(value)
    return written if len(written) <= 60 else f"{written[:59]}…"


def offer(wanted: object, found: Iterable[str], limit: int = 12) -> str:
    """The end of a "no such name" message: the closest names, or else the available ones."""
    names = [str(name) for name in found]
    if not names:
        return "; none available"
    listed = ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")
    return closest(wanted, names) or f"; available: {listed}"


def closest(wanted: object, found: Iterable[object]) -> str:
    """The names that a misspelt one may stand for: '; did you mean ...?', or an empty string."""
    lowered = {str(name).lower(): str(name) for name in found}
    close = [lowered[key] for key in get_close_matches(str(wanted).lower(), lowered, n=2, cutoff=0.6)]
    return "; did you mean " + " or ".join(repr(name) for name in close) + "?" if close else ""
