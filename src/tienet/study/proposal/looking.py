"""Look at the files of a folder: which tables there are, and a part of the rows of each."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from os import fspath
from pathlib import Path

import numpy as np

from tienet.base.errors import DataError, InputNotFound, TienetError
from tienet.base.frames import duckdb_in_one_line
from tienet.base.paths import PathSpec
from tienet.network.reading.files.opening import open_files
from tienet.network.reading.sql import identifier
from tienet.study.proposal.patterns import Written, is_clock, times_written
from tienet.study.proposal.vocabulary import likeness

ROWS = 20_000  # rows of a table that are looked at
MOST = 200  # files that are looked at
STRETCH = 1 << 22
DEEPEST = 30  # rows of a sheet in which the names of columns are looked for
SEARCHED = 60  # lines of a text file
TEXTS = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
ENDINGS = (
    *(*TEXTS, ".gz", ".bz2", ".xz", ".zst", ".zip", ".parquet", ".pq", *WORKBOOKS),
    *(".json", ".jsonl", ".ndjson", ".feather", ".arrow", ".ipc"),
)
_SEVERAL = re.compile(r";|@[^,;]*,[^,;]*@")
_TYPED = re.compile("DOUBLE|FLOAT|DECIMAL|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$")
LIST = "VARCHAR[]"
_NUMBER = re.compile(r"[+-]?\s*(\d{1,3}([.,' ]\d{3})+|\d+)([.,]\d+)?\s*%?")


@dataclass(frozen=True)
class SeenColumn:
    """A column of a table: its name and the values that are not missing, as text, in the rows looked at."""

    name: str
    values: tuple[str, ...]
    rows: int
    kind: str = "VARCHAR"

    @property
    def typed_number(self) -> bool:
        """Whether the file says that it holds numbers."""
        return bool(_TYPED.match(self.kind))

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The different values."""
        return frozenset(self.values)

    @property
    def filled(self) -> float:
        """The share of rows with a value."""
        return len(self.values) / self.rows if self.rows else 0.0

    @cached_property
    def written(self) -> Written | None:
        """How times are written in it; None if it does not hold times."""
        if self.kind.startswith(("TIMESTAMP", "DATE")):
            return Written((), zoned="TIME ZONE" in self.kind)
        return times_written(self.values, named=any(likeness(self.name, kind) > 0 for kind in ("time", "day")))

    @cached_property
    def is_clock(self) -> bool:
        """Whether it holds times of day."""
        return is_clock(self.values)

    @cached_property
    def is_number(self) -> bool:
        """Whether it holds numbers, with a point or a comma; codes such as 007 are not numbers."""
        if self.typed_number:
            return True
        stated = self.values[:2_000]
        coded = any(re.match(r"0\d", value) for value in stated)
        return bool(stated) and not coded and all(_NUMBER.fullmatch(value.strip()) for value in stated)

    @property
    def has_commas(self) -> bool:
        """Whether its numbers have a decimal comma."""
        return not self.typed_number and self.is_number and any(re.search(r",\d{1,2}\s*%?$|,\d{4,}$", value) for value in self.values)

    @property
    def is_unique(self) -> bool:
        """Whether (nearly) every row has a value of its own."""
        return self.filled > 0.9 and len(self.distinct) >= 0.98 * len(self.values)

    @property
    def is_id(self) -> bool:
        """Whether the values may be ids: short texts or whole numbers, no times."""
        if not self.values or self.written is not None or self.is_clock:
            return False
        if self.typed_number or self.is_number:
            return all(re.fullmatch(r"\d+", value) for value in self.values[:2_000])
        return float(np.median([len(value) for value in self.values[:2_000]])) <= 200

    @property
    def several(self) -> float:
        """The share of values that hold several people."""
        return sum(bool(_SEVERAL.search(value)) for value in self.values) / max(len(self.values), 1)

    @property
    def with_address(self) -> float:
        """The share of values with a mail address."""
        return sum("@" in value for value in self.values) / max(len(self.values), 1)


@dataclass(frozen=True)
class SeenTable:
    """A table that was looked at: one file, or files of one folder with the same columns (`path` is then a pattern)."""

    path: Path
    columns: tuple[SeenColumn, ...]
    rows: int
    whole: bool
    encoding: str | None
    files: int = 1

    @property
    def named(self) -> str:
        """The table in words."""
        parts = f"{self.files} files, " if self.files > 1 else ""
        return f"{self.path.name} ({parts}{'' if self.whole else 'more than '}{self.rows:,} rows)"


def look(paths: Sequence[PathSpec], taken: Callable[[Path], bool] = lambda _: False) -> tuple[list[SeenTable], list[str]]:
    """Look at files and the files of folders; also tells which were passed over and why. Files that are `taken` are parts of exports.

    Raises
    ------
    InputNotFound
        A path does not exist, or no file is there.
    """
    tables, passed = [], []
    for file in list(_files(paths, taken)):
        for header in _headers(file):
            try:
                tables.append(_seen(file, header))
            except TienetError as problem:
                passed.append(f"{file.name}: {problem}")
    return _joined(tables), passed


def _files(paths: Sequence[PathSpec], taken: Callable[[Path], bool]) -> Iterator[Path]:
    found = 0
    for path in map(Path, paths):
        if path.is_file() and taken(path):
            continue
        if path.is_dir():
            here = sorted(one for one in path.rglob("*") if one.is_file() and one.suffix.lower() in ENDINGS and not set_aside(one, path))
        else:
            here = [path]
        if not path.exists() or not (here or taken(path)):
            raise InputNotFound.path(path)
        for one in here:
            if taken(one):
                continue
            if found == MOST:
                raise DataError(
                    f"{path.name or fspath(path)} has more than {MOST} files; name those of the study: tienet init LOG PEOPLE OUTCOMES"
                )
            if one.stat().st_size:
                found += 1
                yield one


def set_aside(file: Path, folder: Path) -> bool:
    """Hidden files, and the results of an earlier study."""
    inside = file.relative_to(folder)
    return any(part.startswith((".", "_", "~")) or part.endswith("-results") or part in ("tables", "figures") for part in inside.parts)


def _headers(file: Path) -> list[tuple[str, ...]]:
    """The names of columns in each sheet of a workbook, or below the lines above a table in a text file, by which they are found."""
    if file.suffix.lower() in TEXTS:
        return [_text_header(file)]
    if file.suffix.lower() not in WORKBOOKS or not find_spec("python_calamine"):
        return [()]
    from python_calamine import CalamineError, load_workbook

    try:
        with load_workbook(fspath(file)) as book:
            sheets = [book.get_sheet_by_name(name).to_python(nrows=DEEPEST) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError):
        return [()]  # opening it says why
    headers = [header for rows in sheets if (header := _header(rows))]
    return list(dict.fromkeys(headers)) or [()]


def _text_header(file: Path) -> tuple[str, ...]:
    """The names of columns in a text file that begins with lines of another width; nothing if they stand in its first line."""
    with file.open("rb") as handle:
        start = handle.read(1 << 16)
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.decode("utf-16" if wide else encoding_of(file) or "utf-8-sig", errors="replace").replace("\0", "")
    lines = [line for line in text.splitlines()[:SEARCHED] if line.strip()]
    rows = max((list(csv.reader(lines, delimiter=sign)) for sign in ",;\t|"), key=lambda rows: _usual_width(rows)[1])
    width = _usual_width(rows)[0]
    first = next((row for row in rows if len(row) == width), None)
    return () if first is None or first is rows[0] else _header([first])


def _usual_width(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """The number of fields that most rows have, if it is more than one, and the number of these rows."""
    return max(Counter(len(row) for row in rows if len(row) > 1).items(), key=lambda found: found[1], default=(0, 0))


def _header(rows: Sequence[Sequence[object]]) -> tuple[str, ...]:
    """The first row that names as many columns as the rows below it have."""
    widths = [sum(cell not in (None, "") for cell in row) for row in rows]
    for row, width in zip(rows, widths, strict=True):
        if (
            width >= 2
            and 2 * width > max(widths)
            and all(cell is None or (isinstance(cell, str) and not _NUMBER.fullmatch(cell)) for cell in row)
        ):
            return tuple(dict.fromkeys(str(cell).strip() for cell in row if cell))
    return ()


def _seen(file: Path, header: Collection[str]) -> SeenTable:
    encoding = encoding_of(file)
    opened = open_files(file, encoding=encoding, wanted=header)
    kinds = dict(zip(opened.relation.columns, map(str, opened.relation.types), strict=True))
    with duckdb_in_one_line(file.name):
        rows = opened.relation.limit(ROWS + 1).select(", ".join(_as_text(name, kind) for name, kind in kinds.items())).fetchall()
    values = zip(*rows, strict=True) if rows else [()] * len(kinds)
    columns = tuple(_column(name, kind, cells) for (name, kind), cells in zip(kinds.items(), values, strict=True))
    if len(columns) < 2 or any("@" in column.name for column in columns):
        raise DataError("no table with named columns")
    return SeenTable(file, columns, min(len(rows), ROWS), len(rows) <= ROWS, encoding)


def _as_text(name: str, kind: str) -> str:
    """A column as text, as SQL; lists as cells with several people."""
    column = identifier(name)
    return f"array_to_string({column}, ';')" if kind == LIST else f"cast({column} as varchar)"


def _column(name: str, kind: str, cells: Sequence[str | None]) -> SeenColumn:
    texts = (cell for cell in cells if cell is not None and cell.strip())
    if kind in ("DOUBLE", "FLOAT"):  # whole numbers with missing values
        texts = (text.removesuffix(".0") for text in texts)
    return SeenColumn(name, tuple(texts), len(cells), kind)


def _joined(tables: Sequence[SeenTable]) -> list[SeenTable]:
    """Tables of one folder and kind with the same columns, as one table with a pattern."""
    alike: dict[object, list[SeenTable]] = {}
    for table in tables:
        key = (table.path.parent, table.path.suffix.lower(), tuple(column.name for column in table.columns), table.encoding)
        alike.setdefault(key, []).append(table)
    return [group[0] if len(group) == 1 else _pattern(group, tables) for group in alike.values()]


def _pattern(group: Sequence[SeenTable], tables: Sequence[SeenTable]) -> SeenTable:
    """One table for several files, if a pattern matches them and no other; else the first, which is the log as far as it goes."""
    first, names = group[0], [table.path.name for table in group]
    start = names[0][: next((at for at in range(len(names[0])) if len({name[: at + 1] for name in names}) > 1), len(names[0]))]
    pattern = f"{start}*{first.path.suffix}"
    beside = {table.path.name for table in tables if table.path.parent == first.path.parent}
    matched = {name for name in beside if name.startswith(start) and name.endswith(first.path.suffix)}
    if matched != set(names) or re.search(r"[*?\[]", start):
        return first
    rows = sum(table.rows for table in group)
    return SeenTable(first.path.with_name(pattern), first.columns, rows, all(table.whole for table in group), first.encoding, len(group))


def encoding_of(file: Path) -> str | None:
    """The encoding of a text file that is not UTF-8, else None."""
    with file.open("rb") as handle:
        start = handle.read(4096)
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or file.suffix.lower() not in TEXTS:
            return None
        if b"\0" in start:
            return None if b"\0\0" in start else "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        able = codecs.getincrementaldecoder("cp1252")()
        utf8, ansi, stretch = True, True, start
        while stretch and (utf8 or ansi):
            utf8, ansi = utf8 and _decodes(decoder, stretch), ansi and _decodes(able, stretch)
            stretch = handle.read(STRETCH)
    return None if utf8 else "cp1252" if ansi else "latin-1"


def _decodes(decoder: codecs.IncrementalDecoder, stretch: bytes) -> bool:
    try:
        decoder.decode(stretch)
    except UnicodeDecodeError:
        return False
    return True
