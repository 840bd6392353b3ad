"""The files that a study read, by name, hash, size and rows; never by path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tienet.base.errors import TienetError
from tienet.base.paths import is_path
from tienet.base.wording import visible
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.small_tables import load_table
from tienet.network.sources.register import LogSource

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

_TABLES = ("log", "people", "outcomes", "survey", "exclude", "identities", "aliases")


@dataclass(frozen=True, slots=True)
class InputRead:
    """An input of a study.

    Parameters
    ----------
    table
        What it is: "log", "people", "outcomes", ...
    name
        The name of its file or folder, without the path; of a table given in Python, that it is one.
    sha256
        The hash of its bytes; of a folder, that of the hashes of its files. None for a table given in Python.
    size
        Its bytes.
    rows
        Its rows, or records of an export; None where they are not counted.
    """

    table: str
    name: str
    sha256: str | None = None
    size: int | None = None
    rows: int | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is a file or folder, not a table given in Python."""
        return self.sha256 is not None


def inputs_of(result: StudyFindings) -> tuple[InputRead, ...]:
    """The inputs in the order log, people, outcomes, survey, exclude, identities, aliases; files are hashed as they are now."""
    return tuple(one for table in _TABLES for one in _inputs(result, table))


def _inputs(result: StudyFindings, table: str) -> Iterator[InputRead]:
    given = getattr(result.study, table)
    if given is None or (table == "aliases" and isinstance(given, str) and not Path(given).exists()):  # a column of the people table
        return
    several = isinstance(given, list | tuple) and len(given) > 1
    rows = None if several else _rows(result, table, given)
    for one in given if isinstance(given, list | tuple) else [given]:
        if isinstance(one, LogSource):
            yield from _of_path(table, one.path, rows)
        elif is_path(one):
            yield from _of_path(table, one, rows)
        elif isinstance(one, InteractionLog) and one.job is not None and one.job.stamps:
            files = [Path(name) for name in one.job.stamps]
            yield from _of_path(table, files[0], rows) if len(files) == 1 else [_of_many(table, f"{len(files)} files", files, rows)]
        else:
            yield InputRead(table, f"{table} given in Python", rows=rows)


def _of_path(table: str, given: Any, rows: int | None) -> Iterator[InputRead]:
    path = Path(given)
    name = visible(path.name, 80)
    if path.is_file():
        yield InputRead(table, name, _hash(path), path.stat().st_size, rows)
        return
    # Files within a folder can be named after people, so their names are only hashed.
    files = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else _matching(path)
    if files:
        yield _of_many(table, name, files, rows)


def _matching(pattern: Path) -> list[Path]:
    return [one for one in map(Path, glob(str(pattern), recursive=True)) if one.is_file()]  # noqa: PTH207 - as the readers do


def _of_many(table: str, name: str, files: list[Path], rows: int | None) -> InputRead:
    """One hash for several files: that of the lines which ``sha256sum`` prints for them, in the order of their names."""
    root = Path(os.path.commonpath([one.parent for one in files]))
    named = sorted((f"./{one.relative_to(root).as_posix()}", one) for one in files)
    lines = "".join(f"{_hash(path)}  {inside}\n" for inside, path in named)
    return InputRead(table, name, sha256(os.fsencode(lines)).hexdigest(), sum(one.stat().st_size for one in files), rows)


def _hash(path: Path) -> str:
    with path.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest()


def _rows(result: StudyFindings, table: str, given: Any) -> int | None:
    """The rows of a table; those of small tables are counted by reading them again."""
    study = result.study
    if table == "log":
        ledger = None if result.log is None else result.log.ledger
        return None if ledger is None else (ledger if ledger.records is None else ledger.records).rows_in
    if table == "people":
        return result.people.ledger.rows_in
    if table == "survey":
        return None if result.survey is None else result.survey.ledger.rows_in
    settings: dict[str, Any] = {"encoding": study.encoding_of(table), "delimiter": study.delimiter_of(table)} if table == "outcomes" else {}
    try:
        return len(load_table(given, where=table, **settings).rows)
    except TienetError:
        return None
