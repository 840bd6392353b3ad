"""Write a log to a file that `read_log` can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np

from tienet.base.checks import made_by
from tienet.base.errors import ArgumentError, OutputError
from tienet.base.frames import make_frame
from tienet.base.numbers import listed
from tienet.base.paths import PathSpec
from tienet.base.writing import RELATION_ENDINGS, refused, write_relation
from tienet.network.reading.cells.canonical import NUMBERS
from tienet.network.reading.files.connections import scratch_of
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.log_columns import CANONICAL

__all__ = ["write_log"]


def write_log(log: InteractionLog, path: PathSpec) -> Path:
    """Write the usable rows of a log in canonical columns, as Parquet or CSV.

    Parameters
    ----------
    log
        From `read_log` or another reader. A log from files is streamed and may be larger than memory.
    path
        The file to write, ending in .parquet or .csv. It contains ids of people.

    Returns
    -------
    Path
        The file.

    Notes
    -----
    Times are moments in UTC. Reading the file with `read_log` gives the same interactions; its ledger counts the rows of the file, without
    those that were left out before.

    Raises
    ------
    ArgumentError
        The file name has another ending.
    OutputError
        The file cannot be written, or is one of the files that the log is read from.

    Examples
    --------
    >>> import tempfile, tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "cat"], "time": ["2025-01-31T10:00+01:00", "2025-02-01T08:30Z"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(tn.read_log(tn.network.reading.write_log(log, f"{folder}/log.csv")).ledger)
    2 rows in: 2 used
    """
    made_by("read_log or another reader", InteractionLog, log=log)
    with refused(path) as place:
        if place.suffix.lower() not in RELATION_ENDINGS:
            raise ArgumentError(f"a log is written as {listed(RELATION_ENDINGS, 'or')}, not as {place.name!r}")
        read = [Path(name).resolve() for name in log.job.stamps] if log.job else []
        if place.resolve() in read:
            raise OutputError.cannot_write(path, "the log is read from this file")
    as_text = place.suffix.lower() == ".csv"
    if log.job:
        rows, folder = nw.to_native(log.rows), scratch_of(log.job.connection)
        return log.job.run(lambda: write_relation(path, rows.select(_written(log, as_text)), through=folder), "writing the log")
    with duckdb.connect() as connection:
        return write_relation(path, connection.from_df(_held(log)).select(_written(log, as_text)))


def _held(log: InteractionLog) -> Any:
    columns = dict(log._columns())
    if "time" in columns:
        columns["time"] = columns["time"].astype(np.int64)
    return make_frame(columns)


def _written(log: InteractionLog, as_text: bool) -> str:
    """The canonical columns as SQL, with times in UTC and missing values as NULL."""
    moment = "strftime(make_timestamp(time), '%Y-%m-%dT%H:%M:%S.%fZ')" if as_text else "make_timestamptz(time)"
    special = {"time": f"{moment} as time", **{name: f"case when not isnan({name}) then {name} end as {name}" for name in NUMBERS}}
    return ", ".join(special.get(name, name) for name in CANONICAL if name in log.has)
