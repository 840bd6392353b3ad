"""Writing files: every refusal of the operating system becomes one line that names the place."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tienet.base.errors import ArgumentError, OutputError
from tienet.base.frames import Columns
from tienet.base.paths import PathSpec, is_path


@contextmanager
def writing(path: PathSpec) -> Iterator[Path]:
    """Turn an OSError while writing to a place into an OutputError that names it."""
    if not is_path(path):
        raise ArgumentError(f"a {type(path).__name__} is no path; write where to as text, 'folder/file'")
    try:
        yield Path(path)
    except OSError as problem:
        raise OutputError.cannot_write(path, problem.strerror or type(problem).__name__) from None


def make_folder(path: PathSpec) -> Path:
    """Create a folder with its parents, if it is not there."""
    with writing(path) as folder:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_text(path: PathSpec, text: str) -> Path:
    """Write a text file, whole or not at all where the folder cannot be written to."""
    with writing(path) as place:
        place.write_text(text, encoding="utf-8", newline="\n")
    return place


def write_csv(path: PathSpec, columns: Columns) -> Path:
    """Write columns as CSV; missing values are empty fields."""
    with writing(path) as place, place.open("w", encoding="utf-8", newline="") as handle:
        write_rows(handle, columns)
    return place


def write_rows(handle: Any, columns: Columns) -> None:
    """Write columns as lines of CSV to anything that takes text."""
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*([_field(value) for value in values.tolist()] for values in columns.values()), strict=True))


def _field(value: object) -> object:
    return "" if value is None or value != value else value


RELATION_ENDINGS = (".parquet", ".csv")


def write_relation(path: PathSpec, relation: Any) -> Path:
    """Write a DuckDB relation as Parquet, or as CSV where the name ends so: whole or not at all."""
    import duckdb

    with writing(path) as place:
        part = place.with_name(f".{place.name}.part")
        try:
            part.touch()  # a folder that is not there, or may not be written to, is the system's own words
            relation.write_csv(str(part)) if place.suffix.lower() == ".csv" else relation.write_parquet(str(part))
            part.replace(place)
        except duckdb.IOException as problem:
            if str(part) not in str(problem):
                raise
            raise OutputError.cannot_write(path, "the disk is full, or the place is gone") from None
        finally:
            part.unlink(missing_ok=True)
    return place
