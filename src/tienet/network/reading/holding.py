"""Hold what was read of files in a table of the private connection, so that later passes do not read and take apart the same text again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import duckdb

from tienet.network.reading.files.job import FileJob

Hold: TypeAlias = Callable[[Any], Any]
MOST_HELD = 5_000_000  # rows; the files of larger logs are streamed in each pass, as they are under a memory limit


def holder(job: FileJob, rows: int, name: str) -> Hold | None:
    """What holds a relation of the job's connection in a table; None where the log is too large."""
    return (lambda relation: _held(relation, job, name)) if rows <= MOST_HELD else None


def _held(relation: Any, job: FileJob, name: str) -> Any:
    """The relation as a table, with its rows in the same order; as it is where memory is short."""
    job.connection.execute(f"drop table if exists {name}")

    def make() -> bool:
        try:
            relation.create(name)
        except duckdb.OutOfMemoryException:
            return False
        return True

    return job.connection.table(name) if job.run(make, "reading the log") else relation
