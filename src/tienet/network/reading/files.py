"""Open CSV and Parquet files through DuckDB: streamed, within a memory limit, with rejected lines kept."""

from __future__ import annotations

import re
import tempfile
import weakref
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from glob import glob, has_magic
from os import fspath
from pathlib import Path
from typing import Any

import duckdb

from tienet.base.errors import ArgumentError, DataError, InputNotFound, OutputError
from tienet.base.paths import PathSpec
from tienet.network.reading.csv_files import as_utf8, blank_start, delimiter_of, header_of, refuse_repeated_names, scan_sql
from tienet.network.reading.job import stamp_of, unreadable
from tienet.network.reading.scratch import claim
from tienet.network.reading.sql import quoted

_PARQUET = (".parquet", ".pq")
_CSV = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
# Return memory to the system after each grouping instead of keeping it for a next one. The thread that does so belongs to DuckDB, one
# per process; it does not change the settings or results of other connections.
GIVE_BACK = (
    "allocator_background_threads = true",
    "allocator_flush_threshold = '4MB'",
    "allocator_bulk_deallocation_flush_threshold = '16MB'",
)


@dataclass(frozen=True, slots=True, eq=False)
class OpenedFiles:
    """One or more files as one DuckDB relation: text columns for CSV, typed ones for Parquet.

    Parameters
    ----------
    delimiter
        The delimiter of CSV files; None for Parquet.
    skip
        Number of blank lines before the header.
    partitioned
        Whether folder names, such as channel=mail, are columns too.
    stamps
        Size and modification time of each file when it was opened.
    """

    relation: duckdb.DuckDBPyRelation
    connection: duckdb.DuckDBPyConnection
    files: tuple[str, ...]
    delimiter: str | None
    skip: int = 0
    partitioned: bool = False
    stamps: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name for messages: the file, and how many more there are."""
        first = Path(self.files[0]).name
        return first if len(self.files) == 1 else f"{first} and {len(self.files) - 1} more"


def open_files(
    path: PathSpec,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    whole: bool = False,
    memory_limit: str | None = None,
    spill: PathSpec | None = None,
) -> OpenedFiles:
    """Open a file, a folder or a glob of CSV or Parquet files; `whole` raises an error for lines that cannot be decoded.

    The connection stays within `memory_limit`, and spills to a private folder in `spill`.

    Raises
    ------
    InputNotFound
        No file was found.
    DataError
        Files are empty, of mixed kinds, or cannot be read.
    """
    files = _list_files(fspath(path))
    stamps = {name: stamp for name in files if (stamp := stamp_of(name)) is not None}
    connection, folder = _connect(memory_limit, spill)
    partitioned = _partitioned(fspath(path), files)
    if all(name.lower().endswith(_PARQUET) for name in files):
        scan = _parquet_sql(files, partitioned=partitioned)
        relation = _open(lambda: connection.sql(scan), files)
        if partitioned:
            _refuse_twice_stated(files, _open(lambda: connection.sql(_parquet_sql(files, partitioned=False)), files).columns)
        return OpenedFiles(relation, connection, files, None, partitioned=partitioned, stamps=stamps)
    try:
        files = tuple(as_utf8(name, encoding, folder / str(place), strict=whole) for place, name in enumerate(files))
        skip = blank_start(files)
    except (OSError, EOFError, zlib.error) as problem:
        raise unreadable(files, problem) from None
    found = delimiter or delimiter_of(connection, files[0], skip)
    header = header_of(files[0], found)
    refuse_repeated_names(files[0], header)
    if partitioned:
        _refuse_twice_stated(files, header)
    scan = scan_sql(files, found, skip, careful=True, partitioned=partitioned)
    relation = _open(lambda: connection.execute(f"create view scan as {scan}").sql("select * from scan"), files)
    return OpenedFiles(relation, connection, files, found, skip, partitioned, stamps)


def scan_in_parallel(opened: OpenedFiles) -> None:
    """Let later passes over CSV files use all cores, after a careful pass has found all lines intact."""
    if opened.delimiter is not None:
        scan = scan_sql(opened.files, opened.delimiter, opened.skip, careful=False, partitioned=opened.partitioned)
        opened.connection.execute(f"create or replace view scan as {scan}")


def keep_order(opened: OpenedFiles) -> None:
    """Use one thread, so that sums are the same to the last digit every time."""
    opened.connection.execute("set threads = 1")


def _list_files(path: str) -> tuple[str, ...]:
    if Path(path).is_dir():
        there = (p for p in sorted(Path(path).rglob("*")) if not _set_aside(p.relative_to(path)))
        found = [str(p) for p in there if p.is_file() and p.name.lower().endswith((*_PARQUET, *_CSV))]
    elif has_magic(path) and not Path(path).exists():
        found = sorted(name for name in glob(path, recursive=True) if Path(name).is_file())  # noqa: PTH207 - patterns with ** and absolute roots
    else:
        found = [path] if Path(path).is_file() else []
    if not found:
        raise InputNotFound.path(path)
    if all(Path(name).stat().st_size == 0 for name in found):
        raise DataError.no_rows(Path(path).name, "the file is empty")
    parquet = [name for name in found if name.lower().endswith(_PARQUET)]
    if parquet and len(parquet) < len(found):
        raise DataError(f"{path!r} matches Parquet and other files; choose one kind, such as '{path.rstrip('/')}/*.parquet'")
    return tuple(name for name in found if Path(name).stat().st_size > 0)


def _set_aside(inside: Path) -> bool:
    """Whether a name marks a file as temporary or hidden, as in Hive, Spark and Arrow: _temporary/, ._copy, .hidden/."""
    return any(part.startswith((".", "_")) and "=" not in part for part in inside.parts)


def _partitioned(path: str, files: tuple[str, ...]) -> bool:
    """Whether the folders below the path are named column=value, with the same columns for every file."""
    fixed = Path(path) if Path(path).is_dir() else next(place for place in Path(path).parents if not has_magic(str(place)))
    columns = {tuple(_stated_by(Path(name).relative_to(fixed))) for name in files}
    return len(columns) == 1 and columns != {()}


def _stated_by(place: Path) -> list[str]:
    """The columns in the names of folders."""
    return [part.partition("=")[0] for part in place.parent.parts if "=" in part]


def _refuse_twice_stated(files: tuple[str, ...], header: list[str]) -> None:
    held = {name.lower() for name in header}
    twice = next((name for name in _stated_by(Path(files[0])) if name.lower() in held), None)
    if twice:
        raise DataError(f"the folder names ({twice}=...) and {Path(files[0]).name!r} both have a column {twice!r}; rename one of them")


def _connect(memory_limit: str | None, spill: PathSpec | None) -> tuple[duckdb.DuckDBPyConnection, Path]:
    """Connect to a private in-memory database, with a spill folder that is removed with the connection."""
    if memory_limit is not None and not re.fullmatch(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", memory_limit):
        raise ArgumentError(f"memory_limit={memory_limit!r} is not a size; write it as '500MB' or '4GB'")
    try:
        folder, remove = claim(spill)
    except OSError as problem:
        raise OutputError.cannot_write(spill or tempfile.gettempdir(), problem.strerror or str(problem)) from None
    limit = {} if memory_limit is None else {"memory_limit": memory_limit}
    connection = duckdb.connect(config={"temp_directory": str(folder), "autoinstall_known_extensions": False, **limit})
    weakref.finalize(connection, remove)
    for setting in GIVE_BACK:
        with suppress(duckdb.Error):  # nothing depends on it
            connection.execute(f"set {setting}")
    # DuckDB counts progress for `job` but prints nothing. In a notebook it needs ipywidgets for this; without it, no progress is shown.
    with suppress(duckdb.InvalidInputException):
        connection.execute("set enable_progress_bar_print = false; set enable_progress_bar = true; set progress_bar_time = 0")
    return connection, folder


def _open(opening: Any, files: tuple[str, ...]) -> duckdb.DuckDBPyRelation:
    try:
        relation: duckdb.DuckDBPyRelation = opening()
    except duckdb.Error as problem:
        raise unreadable(files, problem) from None
    return relation


def _parquet_sql(files: Iterable[str], *, partitioned: bool) -> str:
    """One scan over all files, with columns matched by name, binary columns as text, and folder names as they are written."""
    names = ", ".join(quoted(name) for name in files)
    folders = f"hive_partitioning = {str(partitioned).lower()}, hive_types_autocast = false"
    return f"select * from read_parquet([{names}], union_by_name = true, binary_as_string = true, {folders})"  # noqa: S608 - quoted above
