"""Where the table of a CSV text is: its delimiter, its header, lines above it, and further tables below."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import NamedTuple

from tienet.base.errors import DataError
from tienet.network.reading.files.csv_records import Layout, record_pattern

DELIMITERS = (",", ";", "\t", "|")
SEARCHED = 1_000  # lines that are searched for the header, and sampled for the delimiter
MARK = b"\xef\xbb\xbf"
_SEPARATOR = re.compile(rb'"?sep=(.)"?[;,\t]*', re.IGNORECASE)
_TITLE = re.compile(r"[0-9]+\. [\w '-]{1,40}")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A table within a CSV text: the names of its columns, its place, and what stands around it.

    Parameters
    ----------
    header
        The column names, without blanks around them; a column without a name is called column0, column1, ... by its place.
    line
        The physical line of the header, from 1.
    layout
        Where its records are.
    above, below
        Lines with text above the header and below the table that are passed over.
    """

    header: tuple[str, ...]
    line: int
    layout: Layout
    above: int = 0
    below: int = 0


class _Line(NamedTuple):
    start: int
    end: int
    number: int
    text: bytes

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def find_table(head: bytes, *, delimiter: str | None, skip: int | None, wanted: Collection[str], where: str) -> CsvTable | None:
    """Find the table in the beginning of a text; None if there is no line with text.

    The header is the first line with text, after a line ``sep=;`` or after `skip` lines. If it lacks a column of those `wanted`, it is
    the first line that holds all of them, if there is one.

    Raises
    ------
    DataError
        The text holds several tables, and none of them has the wanted columns.
    """
    lines = [line for line in islice(_lines(head), SEARCHED + (skip or 0)) if line.number > (skip or 0)]
    there = [place for place, line in enumerate(lines) if not line.blank]
    if there and (stated := _SEPARATOR.fullmatch(lines[there[0]].text.strip())) and stated[1].isascii():
        delimiter, there = delimiter or stated[1].decode(), there[1:]
    if not there:
        return None
    first = there[0]
    place, above = first, 0
    if wanted and skip is None and not _holds_all(lines[first], delimiter, wanted):
        place = next((n for n in there[1:] if _holds_all(lines[n], delimiter, wanted)), first)
        above = there.index(place)
        sections = [title for title in (_words(lines[n]) for n in there) if _TITLE.fullmatch(title)]
        if place == first and len(sections) > 1:
            listed = ", ".join(sections[:6])
            needed = ", ".join(repr(name) for name in sorted(wanted))
            raise DataError(
                f"{where} holds several tables ({listed}); none has the columns {needed}: name the columns, or the lines to skip"
            )
    if delimiter is None:
        delimiter = _likeliest(lines[place:], wanted)
    return _at(head, lines, place, delimiter, above)


def _at(head: bytes, lines: Sequence[_Line], place: int, delimiter: str, above: int) -> CsvTable:
    """The table whose header begins with a line."""
    line = lines[place]
    whole = record_pattern(delimiter).match(head, line.start)
    end = whole.end() if whole else line.end
    own = values_of(head[line.start : end], delimiter)
    after = [other for other in lines[place:] if other.start >= end]
    filled = [other.text for other in after if not other.blank]
    closed = head[line.start : end].rstrip(b"\r\n").endswith(delimiter.encode())
    if (
        filled
        and own
        and all(text.rstrip(b"\r\n").endswith(delimiter.encode()) for text in filled)
        and all(len(values_of(text, delimiter)) == len(own) + 1 for text in filled)
    ):
        own = [*own, ""]  # a delimiter ends every line but that of the header
    elif closed and len(own) > 1 and filled and all(len(values_of(text, delimiter)) == len(own) - 1 for text in filled):
        own = own[:-1]  # a delimiter ends that of the header only
    number = after[0].number if after else line.number + 1
    layout = Layout(delimiter, max(len(own), 1), end, number)
    table = CsvTable(_named(own), line.number, layout, above)
    return _ended(table, after) if above else table


def _ended(table: CsvTable, after: Sequence[_Line]) -> CsvTable:
    """The table up to the title of the next one: a blank line, and a line such as "3. Activities"."""
    for place, (gap, title) in enumerate(pairwise(after)):
        if gap.blank and _TITLE.fullmatch(_words(title)):
            return replace(table, layout=replace(table.layout, stop=gap.start), below=sum(not line.blank for line in after[place:]))
    return table


def _words(line: _Line) -> str:
    return line.text.decode("utf-8", "replace").strip(" ,;\t\r\n\"'")


def _lines(head: bytes) -> Iterator[_Line]:
    for number, found in enumerate(re.finditer(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", head), start=1):
        text = found.group()
        while text.startswith(MARK):  # twice where files with a mark were put together
            text = text[len(MARK) :]
        yield _Line(found.end() - len(text), found.end(), number, text)


def _holds_all(line: _Line, delimiter: str | None, wanted: Collection[str]) -> bool:
    """Whether a line holds all of the wanted columns, with some delimiter."""
    splits = (set(map(clean, values_of(line.text, mark))) for mark in ([delimiter] if delimiter else DELIMITERS))
    return any(split.issuperset(wanted) for split in splits)


def _likeliest(lines: Sequence[_Line], wanted: Collection[str]) -> str:
    """The delimiter: the one with most wanted columns in the header, then with most lines of the header's width, then with most columns."""

    def likelihood(mark: str) -> tuple[int, float, int]:
        widths = [len(row) for row in _rows(lines, mark)]
        names = set(map(clean, values_of(lines[0].text, mark)))
        same = sum(width == widths[0] for width in widths[1:]) / max(len(widths) - 1, 1)
        return sum(name in names for name in wanted), same, widths[0]

    parting = [mark for mark in DELIMITERS if len(next(iter(_rows(lines, mark, most=1)), [])) > 1]
    return max(parting, key=likelihood) if len(parting) > 1 else (parting or DELIMITERS)[0]


def _rows(lines: Sequence[_Line], delimiter: str, most: int | None = None) -> list[list[str]]:
    texts = (line.text.decode("utf-8", "replace") for line in lines)
    try:
        return list(islice((row for row in csv.reader(texts, delimiter=delimiter, skipinitialspace=True) if row), most))
    except csv.Error:
        return [values_of(line.text, delimiter) for line in lines if not line.blank][:most]


def values_of(record: bytes, delimiter: str) -> list[str]:
    """The values of one record."""
    text = record.decode("utf-8", "replace").rstrip("\r\n")
    try:
        return next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return text.split(delimiter)


def clean(name: str) -> str:
    """A column name without blanks, marks and zero-width characters around it."""
    return name.strip(" \t\r\n\f\v\u00a0\u200b\u2060\ufeff")


def _named(own: Sequence[str]) -> tuple[str, ...]:
    """Names for all columns, different ones also where letters are not told apart by case."""
    names: list[str] = []
    taken: set[str] = set()
    digits = len(str(len(own) - 1))
    for place, name in enumerate(map(clean, own)):
        name = made = name or f"column{place:0{digits}}"
        count = 0
        while made.lower() in taken:
            count += 1
            made = f"{name}_{count}"
        taken.add(made.lower())
        names.append(made)
    return tuple(names)
