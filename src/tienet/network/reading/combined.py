"""Combine several logs into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import Columns, is_spark, make_frame
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.lines import MOST_LINES_LOCATED
from tienet.network.reading.log import InteractionLog, read_log
from tienet.network.reading.log_columns import CANONICAL

__all__ = ["combine"]


def combine(*logs: InteractionLog) -> InteractionLog:
    """Combine several logs into one.

    Parameters
    ----------
    logs
        From `read_log` or another reader, all with times or all without. All rows are held in memory; to read many files with the
        same columns without that, use ``read_log("logs/*.csv")``.

    Returns
    -------
    InteractionLog

    Notes
    -----
    The ledgers are summed by code. A column that only some logs have is missing in the rows of the others (a missing ``size`` means
    two people); a missing ``weight`` is 1. The same ``event`` between the same two people counts once, also if it is in several logs,
    and its repeats are counted as ``duplicate_event``. Make the event ids of different logs distinct first if they mean different events.
    Logs of one time zone keep it; for logs of several, days of a tie rule are days of UTC.

    Raises
    ------
    ArgumentError
        There is no log, or an argument is not a log.
    DataError
        Some logs have times and others do not, or they are in different kinds of frames, or in Spark.

    Examples
    --------
    >>> import tienet as tn
    >>> mail = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "bob"], "channel": ["mail", "mail"]})
    >>> calls = tn.read_log({"source": ["ann"], "target": ["cat"], "duration": [12]})
    >>> print(tn.combine(mail, calls).ledger)
    3 rows in: 2 used, 1 excluded (self_loop 1)
    """
    if not logs:
        raise ArgumentError("there is no log to combine; write combine(log1, log2)")
    for place, log in enumerate(logs, start=1):
        made_by("read_log or another reader", InteractionLog, **{f"log {place}": log})
    if len(logs) == 1:
        return logs[0]
    _refuse_unlike(logs)
    held = [log._columns() for log in logs]
    names = [name for name in CANONICAL if any(name in log.has for log in logs)]
    columns = {name: np.concatenate([_stated(name, columns) for columns in held]) for name in names}
    joined = read_log(make_frame(columns, logs[0].backend))
    rows: Counter[str] = Counter()
    for log in logs:
        rows.update(log.ledger.counts)
    repeats = {code: count for code, count in joined.ledger.counts.items() if code != "used"}
    rejects = tuple(reject for log in logs for reject in log.rejects)[:MOST_LINES_LOCATED]
    zones = {log.timezone for log in logs}
    return replace(
        joined,
        ledger=Ledger(rows).after(repeats),
        rejects=rejects,
        origin=f"{logs[0].origin} and {len(logs) - 1} more",
        timezone=zones.pop() if len(zones) == 1 else "UTC",
        notes=tuple(dict.fromkeys(note for log in logs for note in log.notes)),
    )


def _refuse_unlike(logs: Sequence[InteractionLog]) -> None:
    if len({"time" in log.has for log in logs}) > 1:
        raise DataError("some of the logs have times and others have none; map a time column in each, or leave it out of all")
    if any(is_spark(log.rows) for log in logs):
        raise DataError("a log in Spark cannot be combined here; combine the tables in Spark and read the result")
    kinds = sorted({log.backend for log in logs})
    if len(kinds) > 1:
        raise DataError(f"the logs are in different kinds of frames ({', '.join(kinds)}); read all of them from one kind")


def _stated(name: str, columns: Columns) -> NDArray[Any]:
    """A column of one log, or missing values (weight: ones) if the log does not have it."""
    if name in columns:
        return columns[name]
    rows = len(columns["source"])
    if name == "weight":
        return np.ones(rows)
    return np.full(rows, np.nan) if name in ("size", "duration") else np.full(rows, None, dtype=object)
