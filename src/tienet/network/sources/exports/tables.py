"""Read the CSV files of an export row by row, with repeated headers and lines above the header left to the reader."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from tienet.base.errors import DataError
from tienet.network.sources.exports.files import ExportFile

__all__ = ["csv_rows"]

_DELIMITERS = ",;\t"
LONGEST_FIELD = 1 << 24


def csv_rows(file: ExportFile, *, delimiter: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file, its header included, each with its number from 1; blank lines are passed over.

    UTF-8 and UTF-16 are told by their marks (text that is not UTF-8 is read as Windows-1252), and the delimiter, a comma, semicolon or
    tab, by the first ten lines.

    Parameters
    ----------
    file
        A file of an export.
    delimiter
        The delimiter, if it is known.

    Raises
    ------
    DataError
        A quote is not closed, or a field is longer than 16 MB.

    Examples
    --------
    >>> from tienet.network.sources.exports import open_export
    >>> (file,) = open_export("data/samples/people.csv", kind="table").files
    >>> next(csv_rows(file))[1][:2]
    ['person', 'function']
    """
    with file.open() as raw:
        stream = io.BufferedReader(_Raw(raw), 1 << 16)
        head = stream.peek(1 << 16)[: 1 << 16]
        encoding = text_of(head)[1]
        text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
        sign = delimiter or _delimiter(head.decode(encoding, errors="replace"))
        before = csv.field_size_limit(LONGEST_FIELD)
        try:
            for number, row in enumerate(csv.reader(text, delimiter=sign, strict=False), 1):
                if row:
                    yield number, row
        except csv.Error:
            raise DataError(
                f"file {file.number:,} of the export has a field longer than {LONGEST_FIELD >> 20} MB; a quote is not closed"
            ) from None
        finally:
            csv.field_size_limit(before)


def text_of(head: bytes) -> tuple[str, str]:
    """The text of the first bytes of a file, and its encoding."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(mark):
            return head.decode(encoding, errors="replace"), encoding
    if len(head) > 3 and head[1:4:2] == b"\0\0":
        return head.decode("utf-16-le", errors="replace"), "utf-16-le"
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head), "utf-8"
    except UnicodeDecodeError:
        return head.decode("cp1252", errors="replace"), "cp1252"


def _delimiter(text: str) -> str:
    """The sign that stands in most of the first lines, and most often."""
    lines = [line for line in text.splitlines()[:10] if line.strip()]
    return max(_DELIMITERS, key=lambda sign: (sum(sign in line for line in lines), sum(line.count(sign) for line in lines)))


class _Raw(io.RawIOBase):
    """A stream of bytes as the raw stream that a buffer needs, without closing it."""

    def __init__(self, stream: object) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, into: object) -> int:
        """Fill a buffer."""
        piece: bytes = self._stream.read(len(into))  # type: ignore[attr-defined,arg-type]
        into[: len(piece)] = piece  # type: ignore[index]
        return len(piece)
