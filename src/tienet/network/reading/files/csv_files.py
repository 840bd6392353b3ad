"""CSV files: their encoding, a pass over every byte, and the scan that DuckDB runs on what is intact.

Nothing is left to DuckDB's detection: the dialect, the columns and the number of records are known before it scans. Damaged records,
several tables in a file and encodings other than UTF-8 cost a copy in the private folder of the log; any other file is scanned where it is.
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BufferedIOBase
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from tienet.base.errors import DataError, OutputError
from tienet.base.numbers import counted
from tienet.network.reading.files.csv_records import Findings, survey
from tienet.network.reading.files.csv_tables import CsvTable, clean, find_table, values_of
from tienet.network.reading.files.encodings import codec_of
from tienet.network.reading.files.kinds import HEAD as FIRST_BYTES
from tienet.network.reading.files.tables import TableFile
from tienet.network.reading.sql import identifier, path_list, quoted

HEAD = 1 << 20
LONG_LINE = 2_000_000  # bytes; DuckDB wants to be told of longer lines
STRAY = 1_000  # of so many records, one may have bytes that are not UTF-8: more are another encoding
UTF8 = ("utf-8", "utf-8-sig")


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file that has been passed over once.

    Parameters
    ----------
    file
        The file as it was found.
    text
        The file with its text in UTF-8, whose lines are those of the file: the file itself, or a copy.
    path
        What DuckDB scans: `text`, or a copy of its intact records only, without header.
    table
        The columns and the place of the table.
    found
        What is in it.
    """

    file: TableFile
    text: str
    path: str
    table: CsvTable
    found: Findings

    @property
    def name(self) -> str:
        """Its name, without its folder."""
        return Path(self.file.name).name

    @property
    def notes(self) -> tuple[str, ...]:
        """What was passed over, for the reader."""
        told = {"above its header": self.table.above, "below its table": self.table.below}
        return tuple(f"{self.name}: {counted(lines, 'line')} {where} passed over" for where, lines in told.items() if lines)


def pass_over(
    files: Sequence[TableFile],
    folder: Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    skip: int | None = None,
    wanted: Collection[str] = (),
    strict: bool = False,
) -> tuple[CsvFile, ...]:
    """Pass over CSV files once: what their columns are, how many records they hold, and which are damaged.

    Parameters
    ----------
    files
        Plain or gzip.
    folder
        A private folder for copies.
    delimiter, encoding, skip
        As in `read_log`.
    wanted
        Columns that the table must have, by which its header is found below other lines.
    strict
        Whether a single record that cannot be decoded is refused, as in tables where it would be lost by the letters of a name.

    Raises
    ------
    ArgumentError
        The delimiter or encoding is not valid.
    DataError
        A file has no table, has two columns of one name, or is not in the encoding.
    OutputError
        A copy cannot be written.
    """
    passed = []
    for place, given in enumerate(files):
        name = Path(given.name).name
        text = as_utf8(given.place, encoding, folder.joinpath("text", str(place), *given.stated), name=name)
        with binary_file(text) as handle:
            head = handle.read(HEAD)
        table = find_table(head, delimiter=delimiter, skip=skip, wanted=wanted, where=name)
        if table is None:
            continue
        _refuse_header(name, head, table)
        with binary_file(text) as handle:
            found = survey(handle, table.layout, enough=1 if strict else STRAY)
        _refuse_undecodable(name, text, found, strict=strict)
        file = CsvFile(given, text, text, table, found)
        passed.append(replace(file, path=_intact_only(file, folder / "intact" / str(place))) if _needs_copy(file) else file)
    if not passed:
        raise DataError.no_rows(Path(files[0].name).name, "there is no line with text in it")
    return tuple(passed)


def refuse_lacking(files: Sequence[CsvFile], required: Collection[str]) -> None:
    """Raise a DataError if a file lacks a required column that another file has."""
    for name in required:
        lacking = [file for file in files if name not in file.table.header]
        holding = [file for file in files if name in file.table.header]
        if lacking and holding:
            raise DataError(
                f"{lacking[0].name} has no column {name!r}, which {holding[0].name} has "
                f"({len(lacking)} of {len(files)} files lack it); name it alike in all files, or read them one by one and combine the logs"
            )


def scan_sql(files: Sequence[CsvFile], *, partitioned: bool, in_order: bool = False, missing: Mapping[str, str] | None = None) -> str:
    """One scan over all files, with every column as text, and columns that only some files have united by name.

    Parameters
    ----------
    in_order
        One thread after another, where parallel scans do not find all records.
    missing
        Column -> its text in files that lack it, else NULL.
    """
    everything = list(dict.fromkeys(name for file in files for name in file.table.header))
    scans = []
    for (header, options), group in groupby(files, key=lambda file: (file.table.header, _options(file, in_order=in_order))):
        kept = {"hive_partitioning": str(partitioned).lower(), "hive_types_autocast": "false", **dict(options)}
        paths = path_list(file.path for file in group)
        made = [
            f"{quoted(text)} as {identifier(name)}" for name, text in (missing or {}).items() if name in everything and name not in header
        ]
        columns = ", ".join(["*", *made])
        scans.append(f"select {columns} from read_csv({paths}, {', '.join(f'{key}={value}' for key, value in kept.items())})")  # noqa: S608 - quoted
    return " union all by name ".join(scans)


def _options(file: CsvFile, *, in_order: bool) -> tuple[tuple[str, str], ...]:
    """The options of DuckDB's scan of a file: everything is told, nothing detected."""
    copied = file.path != file.text
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in file.table.header)
    options = {
        "auto_detect": "false",
        "columns": f"{{{columns}}}",
        "header": str(not copied).lower(),
        "skip": "0" if copied else str(file.table.line - 1),
        "delim": quoted(file.table.layout.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "comment": "''",
        "null_padding": "false",
        "strict_mode": str(len(file.found.ends) < 2).lower(),  # a strict scan takes one kind of line end only
        # Where threads share a file, they look for the starts of records, and line ends within quotes mislead them (seen in DuckDB 2.0).
        "parallel": str(not (in_order or file.found.spanning)).lower(),
    }
    if file.found.longest >= LONG_LINE:
        options["max_line_size"] = str(file.found.longest + LONG_LINE)
    return tuple(options.items())


def as_utf8(place: str, encoding: str | None, folder: Path, *, name: str, strict: bool = False) -> str:
    """The file itself if it is UTF-8 by its encoding, else a copy in UTF-8; if `strict`, UTF-8 is copied too, so that all is decoded."""
    with binary_file(place) as handle:
        codec = codec_of(handle.read(FIRST_BYTES), encoding, shown_as=name)
    if codec in UTF8 and not strict:
        return place
    try:
        decoder = codecs.getincrementaldecoder(codec)()
        with binary_file(place) as old, _new_file(folder, name) as (copy, new):
            while part := old.read(HEAD):
                new.write(decoder.decode(part).encode())
            new.write(decoder.decode(b"", True).encode())
    except UnicodeError as problem:
        with binary_file(place) as handle:
            raise _not_in(name, codec, getattr(problem, "reason", "it has no byte-order mark"), handle.read(HEAD)) from None
    return copy


def _refuse_header(name: str, head: bytes, table: CsvTable) -> None:
    """Raise a DataError if the header cannot be decoded, or two columns have the same name."""
    line = head[: table.layout.start].splitlines(keepends=True)
    own = b"".join(line[table.line - 1 :]) if len(line) >= table.line else b""
    try:
        own.decode()
    except UnicodeDecodeError as problem:
        raise _not_in(name, "utf-8", problem.reason, head) from None
    refuse_repeated_names(name, [clean(value) for value in values_of(own, table.layout.delimiter)])


def refuse_repeated_names(name: str, header: Sequence[str]) -> None:
    """Raise a DataError if two columns have the same name."""
    repeated = sorted({column for column in header if header.count(column) > 1 and column})
    if repeated:
        raise DataError(f"{Path(name).name} has two columns named {repeated[0]!r}; rename one of them")


def _refuse_undecodable(name: str, text: str, found: Findings, *, strict: bool) -> None:
    """Raise a DataError if so many records are not UTF-8 that the file is in another encoding."""
    lines, records = found.undecodable, found.records + found.damaged
    if lines and (strict or lines == records or (lines > 1 and lines * STRAY > records)):
        first = next(line for line, detail in found.lines.items() if "utf-8" in detail)
        with binary_file(text) as handle:
            raise _not_in(name, "utf-8", f"line {first}" if lines == 1 else f"line {first} and others", handle.read(HEAD))


def _not_in(name: str, codec: str, reason: str, head: bytes) -> DataError:
    """The error for a file that is not in an encoding, with the one that it may be in."""
    other = next((other for other in ("utf-8", "cp1252", "latin-1") if other != codec and _decodes(head, other)), "cp1252")
    return DataError(f"{name} cannot be decoded as {codec} ({reason}); set encoding={other!r} (or another), or save it as UTF-8")


def _decodes(head: bytes, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)().decode(head)
    except UnicodeError:
        return False
    return True


def _needs_copy(file: CsvFile) -> bool:
    """Whether DuckDB must not see the file as it is."""
    table = file.table
    simple_header = table.layout.line == table.line + 1 and (table.line == 1 or file.found.ends <= {"\n", "\r\n"})
    return bool(file.found.damaged) or table.layout.stop is not None or not simple_header


def _intact_only(file: CsvFile, folder: Path) -> str:
    """A copy of the intact records, without the header."""
    layout, start = file.table.layout, file.table.layout.start
    with binary_file(file.text) as old, _new_file(folder.joinpath(*file.file.stated), file.name) as (copy, new):
        for gap in (*file.found.gaps, (layout.stop, None)):
            _copy(old, new, start, gap[0])
            start = gap[1] or 0
    return copy


def _copy(old: BinaryIO, new: BinaryIO, start: int, end: int | None) -> None:
    old.seek(start)
    left = None if end is None else end - start
    while left != 0 and (part := old.read(HEAD if left is None else min(HEAD, left))):
        new.write(part)
        left = None if left is None else left - len(part)


@contextmanager
def _new_file(folder: Path, name: str) -> Iterator[tuple[str, BinaryIO]]:
    """A new file in a private folder."""
    try:
        folder.mkdir(parents=True)
        copy = folder / "table.csv"
        with copy.open("wb") as handle:
            yield str(copy), handle
    except OSError as problem:
        raise OutputError.cannot_write(f"a copy of {name}", problem.strerror or "the folder for spilled data is full") from None


@contextmanager
def binary_file(name: str) -> Iterator[BinaryIO]:
    """Open a plain or compressed file in binary mode."""
    opener = gzip.open if name.lower().endswith(".gz") else _plain
    with opener(name) as handle:
        yield handle  # type: ignore[misc]


def _plain(name: str) -> BufferedIOBase:
    return Path(name).open("rb")
