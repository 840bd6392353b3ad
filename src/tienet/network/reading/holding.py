"""Hold what was read of files in a table of the private connection, so that later passes do not read and take apart the same text again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import duckdb

from tienet.network.reading.cells.canonical import own_columns
from tienet.network.reading.files.job import FileJob
from tienet.network.reading.files.opening import OpenedFiles

Hold: TypeAlias = Callable[[Any], Any]
MOST_HELD = 5_000_000  # rows; the files of larger logs are streamed in each pass, as they are under a memory limit


def slow_to_read(opened: OpenedFiles, mapped: Mapping[str, Any]) -> bool:
    """Whether files take longer to read than a table: CSV, and times as text."""
    times = own_columns(mapped["time"]) if "time" in mapped else ()
    texts = {name for name, kind in zip(opened.relation.columns, opened.relation.types, strict=True) if str(kind) == "VARCHAR"}
    return bool(opened.csv) or not texts.isdisjoint(times)


def holder(job: FileJob | None, opened: OpenedFiles | None, relation: Any, name: str) -> Hold | None:
    """What holds a relation on the job's connection in a table of this name; None without a job, and where the log is too large.

    The relation stands for the log whose rows are counted; the number of rows of a CSV file is known from the pass over it.
    """
    if job is None:
        return None
    rows = opened.records if opened else None
    if rows is None:
        rows = int(job.run(relation.aggregate("count(*)").fetchall, "reading the log")[0][0])
    return (lambda read: _held(read, job, name)) if rows <= MOST_HELD else None


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
