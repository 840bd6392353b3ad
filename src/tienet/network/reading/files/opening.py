"""Open the files of a table through DuckDB: streamed, within a memory limit, with rejected lines kept."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from os import fspath
from pathlib import Path
from typing import Any

import duckdb

from tienet.base.errors import ArgumentError, DataError, shown
from tienet.base.paths import PathSpec
from tienet.network.reading.files.arrow_files import arrow_as_parquet
from tienet.network.reading.files.connections import claim_scratch, kept_until_closed, private_connection, refuse_unknown_size
from tienet.network.reading.files.csv_files import CsvFile, as_utf8, pass_over, refuse_lacking, scan_sql
from tienet.network.reading.files.encodings import known_codec
from tienet.network.reading.files.finding import find_files
from tienet.network.reading.files.job import stamp_of, unreadable
from tienet.network.reading.files.json_files import json_as_parquet
from tienet.network.reading.files.tables import TableFile, tables_in
from tienet.network.reading.files.workbooks import workbook_as_parquet
from tienet.network.reading.sql import path_list


@dataclass(frozen=True, slots=True, eq=False)
class OpenedFiles:
    """One or more files as one DuckDB relation: text columns for CSV, typed ones for the other kinds.

    Parameters
    ----------
    files
        The paths that are read: the files themselves, or what was made from them.
    name
        The name for messages: the file that was given, and how many more there are.
    csv
        For CSV files: where their tables are, and what a pass over them found.
    partitioned
        Whether folder names, such as channel=mail, are columns too.
    stamps
        Size and modification time of each file when it was opened.
    malformed
        For JSON with an object in each line: path -> the lines that hold none.
    notes
        What was passed over, in sentences.
    missing
        Column -> its text in CSV files that lack it while others have it.
    """

    relation: duckdb.DuckDBPyRelation
    connection: duckdb.DuckDBPyConnection
    files: tuple[str, ...]
    name: str
    csv: tuple[CsvFile, ...] = ()
    partitioned: bool = False
    stamps: dict[str, tuple[int, int]] = field(default_factory=dict)
    malformed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def records(self) -> int | None:
        """The number of intact records in CSV files; None for other kinds, and where a blank line may be a record."""
        countable = self.csv and all(file.table.layout.width > 1 for file in self.csv)
        return sum(file.found.records for file in self.csv) if countable else None


def open_files(
    path: PathSpec,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    skip: int | None = None,
    whole: bool = False,
    memory_limit: str | None = None,
    spill: PathSpec | None = None,
    wanted: Collection[str] = (),
    required: Collection[str] = (),
    missing: Mapping[str, str] | None = None,
) -> OpenedFiles:
    """Open a file, a folder or a pattern of files; what they are is told by their first bytes.

    The connection reaches only these files and a private folder in `spill`, to which it also spills, and stays within `memory_limit`.

    Parameters
    ----------
    whole
        Whether lines that cannot be decoded raise an error.
    skip
        Lines before the header of CSV files, or rows with a value before that of a sheet.
    wanted
        Columns that the table must have: they tell which sheet of a workbook is meant, and which line of a CSV file is its header.
    required
        Columns that all CSV files must have if one of them has.
    missing
        Column -> its text in CSV files that lack it while others have it; otherwise it is missing there.

    Raises
    ------
    InputNotFound
        No file was found.
    DataError
        Files are empty, of mixed kinds, no tables, or cannot be read.
    """
    refuse_unknown_size(memory_limit)
    delimiter = _one_character(delimiter)
    if encoding is not None:
        known_codec(encoding)
    found = find_files(str(fspath(path)))
    stamps = {name: stamp for name in found.files if (stamp := stamp_of(name)) is not None}
    scratch, remove = claim_scratch(spill)
    try:
        there = tables_in(found, str(fspath(path)), scratch, encoding=encoding)
        connection = private_connection([table.place for table in there.tables], scratch, memory_limit)
    except BaseException:
        remove()
        raise
    kept_until_closed(connection, remove)
    tables = there.tables
    read = found.files if len(found.files) == 1 else tuple(table.name for table in tables)
    name = Path(read[0]).name + (f" and {len(read) - 1} more" if len(read) > 1 else "")
    stated = {tuple(part.partition("=")[0] for part in table.stated) for table in tables}
    partitioned = len(stated) == 1 and stated != {()}
    if tables[0].kind.family == "text":
        passed = _passed(tables, scratch, delimiter=delimiter, encoding=encoding, skip=skip, wanted=wanted, strict=whole)
        refuse_lacking(passed, required)
        opened = _open_text(passed, connection, name, partitioned=partitioned, missing=missing or {})
    else:
        opened = _open_typed(tables, connection, scratch, name, encoding=encoding, skip=skip, wanted=wanted, partitioned=partitioned)
    return replace(opened, stamps=stamps, notes=(*there.notes, *opened.notes))


def _passed(tables: tuple[TableFile, ...], scratch: Path, **options: Any) -> tuple[CsvFile, ...]:
    """CSV files after one pass over them."""
    try:
        return pass_over(tables, scratch, **options)
    except (OSError, EOFError, zlib.error) as problem:
        raise unreadable(tuple(table.place for table in tables), problem) from None


def _open_text(
    passed: tuple[CsvFile, ...], connection: duckdb.DuckDBPyConnection, name: str, *, partitioned: bool, missing: Mapping[str, str]
) -> OpenedFiles:
    """Open CSV files after a pass over them."""
    if partitioned:
        for file in passed:
            _refuse_twice_stated(file.file, file.table.header)
    scan = scan_sql(passed, partitioned=partitioned, missing=missing)
    paths = tuple(file.path for file in passed)
    relation = _open(lambda: connection.execute(f"create view scan as {scan}").sql("select * from scan"), paths)
    notes = tuple(note for file in passed for note in file.notes)
    return OpenedFiles(relation, connection, paths, name, passed, partitioned, notes=notes, missing=missing)


def _open_typed(
    tables: tuple[TableFile, ...],
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
    name: str,
    *,
    encoding: str | None,
    skip: int | None,
    wanted: Collection[str],
    partitioned: bool,
) -> OpenedFiles:
    """Open Parquet files, or those of other kinds as Parquet files in the scratch folder."""
    files, malformed = [], {}
    for at, table in enumerate(tables):
        if table.kind.family == "parquet":
            files.append(table.place)
            continue
        made = scratch.joinpath("typed", str(at), *table.stated, f"{Path(table.place).name[-100:]}.parquet")
        made.parent.mkdir(parents=True)
        files.append(str(made))
        if table.kind.family == "excel":
            try:
                workbook_as_parquet(table.place, str(made), connection, wanted=wanted, skip=skip)
            except duckdb.Error as problem:
                raise unreadable((table.place,), problem) from None
        elif table.kind.family == "arrow":
            arrow_as_parquet(table.place, table.kind, str(made))
        else:
            text = as_utf8(table.place, encoding, scratch / str(at), name=table.name, strict=True)
            malformed[table.place] = json_as_parquet(text, str(made), connection)
    scan = _parquet_sql(files, partitioned=partitioned)
    relation = _open(lambda: connection.sql(scan), tuple(files))
    if partitioned:
        held = _open(lambda: connection.sql(_parquet_sql(files, partitioned=False)), tuple(files)).columns
        _refuse_twice_stated(tables[0], held)
    return OpenedFiles(relation, connection, tuple(files), name, partitioned=partitioned, malformed=malformed)


def scan_in_order(opened: OpenedFiles) -> None:
    """Scan CSV files with one thread, where a parallel scan did not find all of their records."""
    scan = scan_sql(opened.csv, partitioned=opened.partitioned, in_order=True, missing=opened.missing)
    opened.connection.execute(f"create or replace view scan as {scan}")


def keep_order(opened: OpenedFiles) -> None:
    """Use one thread, so that sums are the same to the last digit every time."""
    opened.connection.execute("set threads = 1")


def _one_character(delimiter: str | None) -> str | None:
    """The delimiter; a tab may be written with a backslash or in letters, as on a command line."""
    found = {"\\t": "\t", "tab": "\t"}.get(delimiter or "", delimiter)
    if found is not None and (len(found) != 1 or not found.isascii() or found in '"\r\n\0'):
        raise ArgumentError(f"delimiter must be one ASCII character, such as ';' or '\\t'; got {shown(delimiter)}")
    return found


def _refuse_twice_stated(table: TableFile, header: Iterable[str]) -> None:
    held = {name.lower() for name in header}
    twice = next((name for part in table.stated if (name := part.partition("=")[0]).lower() in held), None)
    if twice:
        raise DataError(f"the folder names ({twice}=...) and {table.name!r} both have a column {twice!r}; rename one of them")


def _open(opening: Callable[[], duckdb.DuckDBPyRelation], files: tuple[str, ...]) -> duckdb.DuckDBPyRelation:
    try:
        return opening()
    except duckdb.Error as problem:
        raise unreadable(files, problem) from None


def _parquet_sql(files: Iterable[str], *, partitioned: bool) -> str:
    """One scan over all files, with columns matched by name, binary columns as text, and folder names as they are written."""
    folders = f"hive_partitioning = {str(partitioned).lower()}, hive_types_autocast = false"
    return f"select * from read_parquet({path_list(files)}, union_by_name = true, binary_as_string = true, {folders})"  # noqa: S608 - quoted above
