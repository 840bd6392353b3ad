"""Writing files. An error of the operating system becomes one line that names the path."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError, OutputError
from tienet.base.frames import Columns
from tienet.base.paths import PathSpec, is_path

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")


@contextmanager
def refused(path: PathSpec) -> Iterator[Path]:
    """Turn an OSError while writing into an OutputError that names the path."""
    if not is_path(path):
        raise ArgumentError(f"the path must be a string or a path object, such as 'folder/file'; got a {type(path).__name__}")
    try:
        yield Path(path)
    except OSError as problem:
        raise OutputError.cannot_write(path, (problem.strerror or type(problem).__name__).lower()) from None


@contextmanager
def writing(path: PathSpec) -> Iterator[Path]:
    """Where to write a file: a part beside it, which takes its place once it is complete.

    A write that fails or is stopped leaves the old file as it was. Whoever reads the file meets the old or the new one.
    """
    with refused(path) as given:
        place = given.resolve() if given.is_symlink() else given
        if place.exists() and not place.is_file():  # a pipe or device cannot be replaced
            yield place
            return
        part = place.with_name(f".tienet-{token_hex(8)}{place.suffix[:20]}")
        try:
            yield part
            if place.exists():
                shutil.copymode(place, part)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def make_folder(path: PathSpec) -> Path:
    """Create a folder and its parents, unless it exists."""
    with refused(path) as folder:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_bytes(path: PathSpec, content: bytes) -> Path:
    """Write a file."""
    with writing(path) as place:
        place.write_bytes(content)
    return Path(path)


def write_text(path: PathSpec, text: str) -> Path:
    """Write a text file as UTF-8 with Unix line ends."""
    return write_bytes(path, text.encode("utf-8"))


def write_csv(path: PathSpec, columns: Columns) -> Path:
    """Write columns as CSV; missing values are empty fields."""
    with writing(path) as place, place.open("w", encoding="utf-8", newline="") as handle:
        write_rows(handle, columns)
    return Path(path)


def write_sheet(path: PathSpec, columns: Columns) -> Path:
    """Write columns as CSV for people who open it in a spreadsheet: no text is taken for a formula.

    A text that begins like one, such as "-1 SD" or "=A1", gets an apostrophe before it. Numbers stay numbers, also where they are texts.
    """
    return write_csv(path, {str(_inert(name)): _inert_texts(values) for name, values in columns.items()})


def _inert_texts(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind not in "OUT":
        return values
    return np.array([_inert(value) for value in values.tolist()], dtype=object)


def _inert(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value) else value


def write_rows(handle: Any, columns: Columns) -> None:
    """Write columns as CSV to an open text file."""
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*([_field(value) for value in values.tolist()] for values in columns.values()), strict=True))


def _field(value: object) -> object:
    return "" if value is None or value != value else value


RELATION_ENDINGS = (".parquet", ".csv")


def write_relation(path: PathSpec, relation: Any, *, through: Path | None = None) -> Path:
    """Write a DuckDB relation as Parquet, or as CSV if the name ends in .csv; a failed write leaves no file.

    A connection that may write to one folder only writes `through` it.
    """
    import duckdb

    with refused(path) as place:
        part = place.with_name(f".{place.name}.part")
        made = through / f"written{place.suffix.lower()}" if through else part
        try:
            part.touch()  # raises the error of the system if the folder is missing or not writable
            relation.write_csv(str(made)) if place.suffix.lower() == ".csv" else relation.write_parquet(str(made))
            if through:
                part.unlink()
                shutil.move(made, part)
            part.replace(place)
        except duckdb.IOException as problem:
            if str(made) not in str(problem):
                raise
            raise OutputError.cannot_write(path, "the disk is full, or the folder is gone") from None
        finally:
            part.unlink(missing_ok=True)
            made.unlink(missing_ok=True)
    return place
