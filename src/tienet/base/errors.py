"""Errors and warnings.

A message is one line of at most 300 visible characters: what is wrong and where, what was found, what to do. Problems in single *rows* are
counted in a ledger, not raised; errors are for what stops the work.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from numbers import Number
from pathlib import PurePath
from unicodedata import normalize

from tienet.base.headers import is_header, looks_like_data
from tienet.base.wording import visible

LONGEST = 300  # characters of a message
_NAME = 40  # characters of a name in a list
_LONGEST_NAME = 200  # longer ones are not compared, which would take long


def one_line(message: object) -> str:
    r"""A message as one line of visible characters; what is too long is cut within, since the end says what to do.

    Examples
    --------
    >>> one_line("no column\n'\x1b]0;title\x07'; rename it")
    "no column ']0;title'; rename it"
    """
    line = " ".join(visible(" ".join(str(message).split())).split())
    if len(line) <= LONGEST:
        return line
    head, tail = line[: LONGEST * 2 // 3 - 3], line[-LONGEST // 3 :]
    return f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"


def file_name(path: object) -> str:
    """The name of a file for a message, without its folders."""
    return PurePath(str(path)).name or str(path)


class TienetError(ValueError):
    """Base class of every error that tienet raises on purpose. The message is one line, whatever the values in it contain."""

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(message))


class InputNotFound(TienetError):  # noqa: N818 - named after the situation
    """A path or pattern that matches no file."""

    @classmethod
    def path(cls, path: object) -> InputNotFound:
        """No file was found."""
        return cls(f"no file at {shown(file_name(path))}; check the spelling, its folder and the working directory")


class DataError(TienetError):
    """Data that cannot be used: columns, ids, types, empty tables."""

    @classmethod
    def missing_column(
        cls, wanted: str, found: Iterable[str], *, where: str, repair: str = "", known: Iterable[str] = (), cutoff: float = 0.8
    ) -> DataError:
        """A table lacks a column. Names that are found are shown only if one of them is `known` to be a column: others may be people's.

        Without such a one, a name at least as like the wanted one as `cutoff`, 0 to 1, is offered by itself.
        """
        names = list(map(str, found))  # pandas allows numbers as names
        lacks = f"{where} has no column {shown(wanted)}"
        twin = next((name for name in names if normalize("NFC", name) == normalize("NFC", wanted)), None)
        if twin is not None:
            return cls(f"{lacks}; one column has the same name in another Unicode form, rename it with unicodedata.normalize('NFC', name)")
        if is_header(names, known):
            return cls(_with_repair(f"{lacks}{offer(wanted, names)}", repair))
        if any(map(looks_like_data, names)):
            return cls(f"{lacks}, and its first line looks like data; it needs a line with column names")
        near = closest(wanted, names, cutoff=cutoff)
        return cls(_with_repair(f"{lacks}{near or _unknown_header(len(names))}", repair))

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
        return cls(f"cannot write {shown(file_name(path))}: {reason}; choose another location or change its permissions")


class NotPrinted(OutputError):  # noqa: N818 - named after the situation
    """The page of a study could not be printed to PDF; all other files of the study are written."""


class TienetWarning(UserWarning):
    """Base class of every warning, so that one filter can turn all of them into errors."""


class RowsRejected(TienetWarning):
    """Rows of the input could not be used; the ledger says how many and why."""


class RowsUnmatched(TienetWarning):
    """Many rows name nobody in the people table, or channels of a tie rule are written otherwise in the log."""


class FilesPassedOver(TienetWarning):
    """A folder, pattern or archive holds files that were not read, some of them tables of another kind."""


class SeveralInCell(TienetWarning):
    """Cells that should hold one person seem to hold several; the message says how many, and how to read them."""


class OutsideSupport(TienetWarning):
    """A requested value lies outside the observed data."""


class TextAsCategory(TienetWarning):
    """A text column of whole numbers was read as categories; the message names it and says how to read it as numbers."""


class HiddenProduct(TienetWarning):
    """A column of a model is the square of another, or the product of two others, so that slopes leave it out."""


class FewClusters(TienetWarning):
    """Too few clusters for the usual cluster-robust approximation."""


class FewRows(TienetWarning):
    """A coefficient depends on one row, so its standard error means little or nothing."""


class FewDraws(TienetWarning):
    """Too few resamples for the interval asked for."""


class ExactFit(TienetWarning):
    """A model that reproduces its outcome without residuals, so that nothing can be tested."""


class FewImputations(TienetWarning):
    """Too few imputations for the share of information that is missing."""


class OutcomeKind(TienetWarning):
    """A line is fitted to an outcome that is no measure: yes or no, or a count, which it predicts below zero."""


class SmallGroup(TienetWarning):
    """A group is small enough that its members could be recognised."""


class FilesKept(TienetWarning):
    """Files stood where results belong and were not as a run wrote them; they are kept under another name."""


class MissingLetters(TienetWarning):
    """No installed font has the letters of a name in a figure; the message names the script and how to set a font."""


class WeakIdentification(TienetWarning):
    """The data say little about a coefficient: nearly collinear terms, weak instruments, a copula that is not identified, poor measures."""


def warn(message: str, kind: type[TienetWarning]) -> None:
    """Issue a warning that points at the user's line rather than at one inside tienet."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "tienet":
        frame, level = frame.f_back, level + 1
    warnings.warn(one_line(message), kind, stacklevel=level)


def shown(value: object) -> str:
    """A value for a message: a string or number itself, shortened; any other value by its type, since it may contain personal data."""
    if value is not None and not isinstance(value, str | bytes | Number):
        return _kind(value)
    if isinstance(value, int) and value.bit_length() > 10_000:  # Python refuses to write it
        return f"a whole number of {value.bit_length():,} bits"
    try:
        written = str(value) if isinstance(value, Number) else repr(value[:61] if value is not None else None)
    except (ValueError, OverflowError):
        return _kind(value)
    return written if len(written) <= 60 else f"{written[:59]}…"


def _kind(value: object) -> str:
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'aeioAEIO' or kind == 'ndarray' else 'a'} {kind}"


def offer(wanted: object, found: Iterable[str], limit: int = 12) -> str:
    """The end of a "no such name" message: the closest names, or else the available ones. Addresses are not shown."""
    every = [str(name) for name in found]
    names = [name for name in every if "@" not in name]
    if not names:
        return f"; its {len(every)} names look like data" if every else "; none available"
    listed = ", ".join(visible(name, _NAME) for name in names[:limit]) + (", ..." if len(every) > min(limit, len(names)) else "")
    return closest(wanted, names) or f"; available: {listed}"


def closest(wanted: object, found: Iterable[object], *, cutoff: float = 0.6) -> str:
    """The names that a misspelt one may stand for: '; did you mean ...?', or an empty string."""
    lowered = {str(name).lower(): str(name) for name in found if len(str(name)) <= _LONGEST_NAME}
    close = [lowered[key] for key in get_close_matches(str(wanted)[:_LONGEST_NAME].lower(), lowered, n=2, cutoff=cutoff)]
    return "; did you mean " + " or ".join(shown(name) for name in close) + "?" if close else ""


def _with_repair(said: str, repair: str) -> str:
    """A message with its repair, "; or ...", which begins a sentence of its own after a question."""
    return f"{said} {repair[2:3].upper()}{repair[3:]}" if said.endswith("?") and repair else f"{said}{repair}"


def _unknown_header(count: int) -> str:
    return f"; none of its {count} names is known: if its first line is data, it needs a line with column names" if count > 1 else ""
