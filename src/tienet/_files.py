"""Tables in files, opened through DuckDB: streamed, spilling under a memory limit, with the rejected lines kept."""

from __future__ import annotations

import csv
import gzip
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob, has_magic
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import duckdb

from tienet.errors import DataError, InputNotFound

PathSpec: TypeAlias = str | PathLike[str]
_PARQUET = (".parquet", ".pq")
_CSV = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
MOST_LINES_LOCATED = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """How a CSV file is written."""

    delimiter: str
    quote: str
    escape: str
    encoding: str


@dataclass(frozen=True, slots=True, eq=False)
class OpenedFiles:
    """One or more files as one DuckDB relation: text columns for CSV, typed ones for Parquet."""

    relation: duckdb.DuckDBPyRelation
    connection: duckdb.DuckDBPyConnection
    files: tuple[str, ...]
    dialect: Dialect | None

    @property
    def name(self) -> str:
        """What to call it in a message: the file, or how many there are."""
        first = Path(self.files[0]).name
        return first if len(self.files) == 1 else f"{first} and {len(self.files) - 1} more"


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """One line that could not be used: the file, its physical line (1 is the header) and the reason code."""

    file: str
    line: int
    code: str


def is_path(data: object) -> bool:
    """Whether the caller gave a path rather than a frame."""
    return isinstance(data, str | PathLike)


def open_files(path: PathSpec, *, delimiter: str | None = None, encoding: str | None = None) -> OpenedFiles:
    """Open a file, a folder or a glob of CSV or Parquet files.

    Raises
    ------
    InputNotFound
        When nothing is there.
    DataError
        When files are empty, of mixed or unknown kinds, or cannot be read as what they claim to be.
    """
    files = _list_files(fspath(path))
    connection = _connect()
    if all(name.endswith(_PARQUET) for name in files):
        dialect = None
        relation = _open(lambda: connection.read_parquet(list(files), union_by_name=True), files)
    else:
        dialect = _dialect(connection, files[0], delimiter, encoding or _encoding(files[0]))
        relation = _open(lambda: connection.sql(_scan_sql(files, dialect)), files)
    return OpenedFiles(relation, connection, files, dialect)


def _list_files(path: str) -> tuple[str, ...]:
    if Path(path).is_dir():
        found = [str(p) for p in sorted(Path(path).rglob("*")) if p.is_file() and p.name.lower().endswith((*_PARQUET, *_CSV))]
    elif has_magic(path) and not Path(path).exists():
        found = sorted(name for name in glob(path, recursive=True) if Path(name).is_file())  # noqa: PTH207 - patterns with ** and absolute roots
    else:
        found = [path] if Path(path).is_file() else []
    if not found:
        raise InputNotFound.path(path)
    if all(Path(name).stat().st_size == 0 for name in found):
        raise DataError.no_rows(Path(path).name, "the file is empty")
    parquet = [name for name in found if name.endswith(_PARQUET)]
    if parquet and len(parquet) < len(found):
        raise DataError(f"{path!r} matches Parquet and other files together; name one kind, for example '{path.rstrip('/')}/*.parquet'")
    return tuple(name for name in found if Path(name).stat().st_size > 0)


def _connect() -> duckdb.DuckDBPyConnection:
    """A private in-memory database with its own spill folder, removed with the connection."""
    spill = tempfile.mkdtemp(prefix="tienet-")
    connection = duckdb.connect(config={"temp_directory": spill, "autoinstall_known_extensions": False})
    weakref.finalize(connection, shutil.rmtree, spill, ignore_errors=True)
    return connection


def _open(opening: Any, files: tuple[str, ...]) -> duckdb.DuckDBPyRelation:
    try:
        relation: duckdb.DuckDBPyRelation = opening()
    except duckdb.Error as problem:
        raise unreadable(files, problem) from None
    return relation


def unreadable(files: tuple[str, ...], problem: duckdb.Error) -> DataError:
    """DuckDB's long account of a file it could not read, in one line."""
    reason = next((line.strip() for line in str(problem).splitlines() if line.strip()), "unknown reason")
    return DataError(f"cannot read {Path(files[0]).name!r}: {reason}; check that the file is complete and of the kind its ending says")


def _encoding(name: str) -> str:
    """UTF-8 unless a byte-order mark says UTF-16; other encodings are the caller's to name."""
    with _binary(name) as handle:
        start = handle.read(2)
    return "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8"


def _dialect(connection: duckdb.DuckDBPyConnection, name: str, delimiter: str | None, encoding: str) -> Dialect:
    """The delimiter and quotes that the file uses; nothing else is guessed, so no line is skipped unasked."""
    try:
        found = connection.execute(
            "select Delimiter, Quote, Escape from sniff_csv(?, header=true, all_varchar=true, ignore_errors=true, skip=0, comment='', encoding=?)",
            [name, encoding],
        ).fetchall()
    except duckdb.Error:
        found = []
    sniffed, quote, escape = found[0] if found else (",", '"', '"')
    wanted = delimiter or (sniffed if sniffed in {",", ";", "\t", "|"} else ",")
    return Dialect(wanted, quote if quote == "'" else '"', escape if escape == "\\" else '"' if quote != "'" else "'", encoding)


def _scan_sql(files: Iterable[str], dialect: Dialect) -> str:
    """One scan over all files, every column as text, with the lines that do not fit kept aside."""
    options = {
        "header": "true",
        "all_varchar": "true",
        "store_rejects": "true",
        "skip": "0",
        "comment": "''",
        "null_padding": "false",
        "delim": _quoted(dialect.delimiter),
        "quote": _quoted(dialect.quote),
        "escape": _quoted(dialect.escape),
        "encoding": _quoted(dialect.encoding),
    }
    names = ", ".join(_quoted(name) for name in files)
    return f"select * from read_csv([{names}], " + ", ".join(f"{key}={value}" for key, value in options.items()) + ")"  # noqa: S608 - quoted above


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A column name, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def malformed_lines(opened: OpenedFiles) -> list[RejectedLine]:
    """The lines DuckDB kept aside during the first whole scan, with their physical line numbers."""
    if opened.dialect is None:
        return []
    rows = opened.connection.execute(
        "select s.file_path, e.line_byte_position, any_value(e.csv_line) from reject_errors e join reject_scans s using (scan_id, file_id) "
        "where scan_id = (select min(scan_id) from reject_errors) group by all order by all"
    ).fetchall()
    return [RejectedLine(Path(name).name, _line_at(name, position, text), "malformed_line") for name, position, text in rows]


def _line_at(name: str, position: int, text: str | None) -> int:
    """The physical line of a byte: DuckDB's own line numbers leave blank lines out."""
    blank = len(text) - len(text.lstrip("\r\n")) if text else 0
    with _binary(name) as handle:
        before = handle.read(position + blank)
    return 1 + max(before.count(b"\n"), before.count(b"\r"))


def line_numbers(name: str, dialect: Dialect, ordinals: list[int]) -> list[int]:
    """Physical lines of the well-formed records with these ordinals (the first record after the header is 1).

    Only asked for where rows were rejected, so an intact file is never read by this slower road.
    """
    csv.field_size_limit(sys.maxsize)
    wanted, lines = set(ordinals), {}
    with _text(name, dialect.encoding) as handle:
        for ordinal, line in enumerate(_record_lines(handle, dialect), start=1):
            if ordinal in wanted:
                lines[ordinal] = line
                if len(lines) == len(wanted):
                    break
    return [lines.get(ordinal, 0) for ordinal in ordinals]


def _record_lines(handle: TextIO, dialect: Dialect) -> Iterator[int]:
    doubled = dialect.escape == dialect.quote
    reader = csv.reader(
        handle,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        doublequote=doubled,
        escapechar=None if doubled else dialect.escape,
    )
    width = len(next((row for row in reader if row), []))
    start = reader.line_num + 1
    for row in reader:
        if len(row) == width:
            yield start
        start = reader.line_num + 1


@contextmanager
def _binary(name: str) -> Iterator[Any]:
    with gzip.open(name) if name.endswith(".gz") else Path(name).open("rb") as handle:
        yield handle


@contextmanager
def _text(name: str, encoding: str) -> Iterator[TextIO]:
    plain = "utf-8-sig" if encoding == "utf-8" else encoding
    opener = gzip.open if name.endswith(".gz") else open
    with opener(name, "rt", encoding=plain, newline="", errors="replace") as handle:
        yield handle  # type: ignore[misc]


