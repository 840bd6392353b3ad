"""CSV files: encoding, delimiter, header, and the scan that DuckDB runs on them."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import SEEK_END
from pathlib import Path
from typing import Any, TextIO

import duckdb

from tienet.base.errors import DataError
from tienet.network.reading.encodings import codec_of
from tienet.network.reading.kinds import HEAD
from tienet.network.reading.sql import literal, path_list, quoted

QUOTE = '"'
STRETCH = 1 << 20


def as_utf8(name: str, encoding: str | None, folder: Path, *, strict: bool) -> str:
    """The file itself if it is plain UTF-8, else a copy in UTF-8, so that byte positions of the engine are those of the file.

    A file with mixed line ends is copied too, since the engine accepts one kind per file.
    """
    with binary_file(name) as handle:
        codec = codec_of(handle.read(HEAD), encoding, shown_as=Path(name).name)
    plain = codec in ("utf-8", "utf-8-sig")
    if plain and not strict and not _mixed_ends(name):
        return name
    folder = folder.joinpath(*(part for part in Path(name).parent.parts if "=" in part))
    folder.mkdir(parents=True)
    copy = str(folder / Path(name).name)
    try:
        kept = (
            "surrogateescape" if plain and not strict else "strict"
        )  # bytes that cannot be decoded are kept, and their lines rejected later
        with text_file(name, codec, kept, newline=None) as old, text_file(copy, "utf-8", kept, mode="wt") as new:
            shutil.copyfileobj(old, new, 1 << 20)
    except UnicodeError as problem:
        reason = getattr(problem, "reason", "it has no byte-order mark")
        raise DataError(
            f"{Path(name).name} cannot be decoded as {codec} ({reason}); set encoding='cp1252' (or another), or save it as UTF-8"
        ) from None
    return copy


def _mixed_ends(name: str) -> bool:
    """Whether the first or (unless it is compressed) the last stretch of a file has mixed line ends."""
    with binary_file(name) as handle:
        parts = [handle.read(STRETCH)]
        if not name.lower().endswith(".gz") and Path(name).stat().st_size > 2 * STRETCH:
            handle.seek(-STRETCH, SEEK_END)
            parts.append(handle.read())
    ends = Counter(end for part in parts for end in re.findall(rb"\r\n|\n|\r", part.removeprefix(b"\n").removesuffix(b"\r")))
    return len(ends) > 1


def header_of(name: str, delimiter: str) -> list[str]:
    """The first row with a value: the column names."""
    with text_file(name, "utf-8-sig", "replace") as handle:
        return next((row for row in csv.reader(handle, delimiter=delimiter, quotechar=QUOTE) if row), [])


def refuse_repeated_names(name: str, header: list[str]) -> None:
    """Raise a DataError if two columns have the same name."""
    repeated = sorted({column for column in header if header.count(column) > 1 and column})
    if repeated:
        raise DataError(f"{Path(name).name} has two columns named {repeated[0]!r}; rename one of them")


def blank_start(files: tuple[str, ...]) -> int:
    """Count the blank lines before the header, which the engine would otherwise mistake for a row."""
    starts = set()
    for name in files:
        with text_file(name, "utf-8-sig", "replace") as handle:
            starts.add(next((place for place, line in enumerate(handle) if line.strip("\r\n")), 0))
    if len(starts) > 1:
        raise DataError(f"{Path(files[0]).name!r} and the files with it start with different numbers of blank lines; remove those lines")
    return starts.pop()


def delimiter_of(connection: duckdb.DuckDBPyConnection, name: str, skip: int) -> str:
    """Detect the delimiter of a file, and nothing else, so that no line is skipped and no quote dropped."""
    try:
        found = connection.execute(
            "select Delimiter from sniff_csv(?, header=true, all_varchar=true, ignore_errors=true, skip=?, comment='')",
            [literal(name), skip],
        ).fetchall()
    except duckdb.Error:
        found = []
    return next((sniffed for (sniffed,) in found if sniffed in {",", ";", "\t", "|"}), ",")


def scan_sql(files: Iterable[str], delimiter: str, skip: int, *, careful: bool, partitioned: bool, named: str = "") -> str:
    """One scan over all files, with every column as text; `named` adds a column with the file name.

    The careful scan stores malformed lines. It is not parallel: if a thread's part of a file begins at such a line, DuckDB's parallel
    scan with rejects (seen in 2.0) drops the part without counting it.
    """
    options = {
        "header": "true",
        "all_varchar": "true",
        "store_rejects": str(careful).lower(),
        "parallel": str(not careful).lower(),
        "skip": str(skip),
        "comment": "''",
        "null_padding": "false",
        "hive_partitioning": str(partitioned).lower(),
        "hive_types_autocast": "false",
        "delim": quoted(delimiter),
        "quote": quoted(QUOTE),
        "escape": quoted(QUOTE),
    }
    if named:
        options["filename"] = quoted(named)
    return f"select * from read_csv({path_list(files)}, " + ", ".join(f"{key}={value}" for key, value in options.items()) + ")"  # noqa: S608 - quoted above


@contextmanager
def binary_file(name: str) -> Iterator[Any]:
    """Open a plain or compressed file in binary mode."""
    with gzip.open(name) if name.lower().endswith(".gz") else Path(name).open("rb") as handle:
        yield handle


@contextmanager
def text_file(name: str, encoding: str, errors: str, mode: str = "rt", newline: str | None = "") -> Iterator[TextIO]:
    """Open a plain or compressed file in text mode."""
    opener = gzip.open if name.lower().endswith(".gz") else open
    with opener(name, mode, encoding=encoding, newline=newline, errors=errors) as handle:
        yield handle  # type: ignore[misc]
