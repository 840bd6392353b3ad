"""Combine several logs into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import Columns, collect, is_spark, make_frame, open_frame, to_text
from tienet.base.numbers import listed
from tienet.base.record import Fixed, locked
from tienet.network.reading.cells.canonical import Readings, canonical_frame
from tienet.network.reading.cells.patterns import formats_of
from tienet.network.reading.export_facts import ExportFacts
from tienet.network.reading.identities import plain_key
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.judging import once_per_event, sized_by_event, take_census
from tienet.network.reading.ledger import Ledger, Unit
from tienet.network.reading.lines import MOST_LINES_LOCATED
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
    The ledgers are summed by code. If the rows or records of a log gave several interactions, the sum says how many all of them gave;
    interactions that two logs state are then in `InteractionLog.left_out`, as ``repeated_interaction``. Sizes counted from the people of
    an event are counted again over all logs. A column that only some logs have is missing in the rows of the others (a missing ``size``
    means two people); a missing ``weight`` is 1. The same ``event`` between the same two people counts once, also if it is in several
    logs, and its repeats are counted as ``duplicate_event``. Make the event ids of different logs distinct first if they mean different
    events.
    Logs of one time zone keep it; for logs of several, days of a tie rule are days of UTC.

    Raises
    ------
    ArgumentError
        There is no log, or an argument is not a log.
    DataError
        Some logs have times and others do not, they compare ids in different ways, or they are in different kinds of frames, or in Spark.

    Examples
    --------
    >>> import tienet as tn
    >>> mail = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "bob"], "channel": ["mail", "mail"]})
    >>> calls = tn.read_log({"source": ["ann"], "target": ["cat"], "duration": [12]})
    >>> print(tn.combine(mail, calls).ledger)
    3 rows in: 2 used, 1 excluded (self_loop 1)
    """
    import narwhals.stable.v2 as nw

    if not logs:
        raise ArgumentError("there is no log to combine; write combine(log1, log2)")
    for place, log in enumerate(logs, start=1):
        made_by("read_log or another reader", InteractionLog, **{f"log {place}": log})
    if len(logs) == 1:
        return logs[0]
    _refuse_unlike(logs)
    has = frozenset().union(*(log.has for log in logs))
    names = [name for name in CANONICAL if name in has]
    held = [_with_own_events(log, place, logs) for place, log in enumerate(logs, start=1)]
    frame = open_frame(
        make_frame({name: np.concatenate([_stated(name, columns) for columns in held]) for name in names}, logs[0].backend), where="logs"
    )
    rows = canonical_frame(frame, {name: name for name in names}, Readings(formats_of(None), "UTC", None, "the logs"))
    made = frozenset(name for name in ("size", "event") if all(name in log.made for log in logs if name in log.has)) & has
    repeats = 0
    if "event" in has:
        merged = once_per_event(rows, has)
        repeats, rows = len(rows) - len(merged), merged
        rows = sized_by_event(rows, has, missing=True) if _counted_by_event(logs) else rows
    ledger, left_out = _summed(logs, repeats)
    census = take_census(rows.with_columns(code=nw.lit(0)), has)
    zones = {log.timezone for log in logs}
    return replace(
        logs[0],
        rows=rows,
        has=has,
        ledger=ledger,
        rejects=tuple(reject for log in logs for reject in log.rejects)[:MOST_LINES_LOCATED],
        first=census.first,
        last=census.last,
        channels=census.channels,
        origin=f"{logs[0].origin} and {len(logs) - 1} more",
        job=None,
        made=made,
        left_out=left_out,
        timezone=zones.pop() if len(zones) == 1 else "UTC",
        notes=tuple(dict.fromkeys(note for log in logs for note in log.notes)),
        lacks=tuple(dict.fromkeys(lack for log in logs for lack in log.lacks)),
        found=_found(logs),
        parts=_parts(logs),
    )


def _parts(logs: Sequence[InteractionLog]) -> tuple[ExportFacts, ...]:
    """What each log says of its export; also tables, without the names of their files, if there are exports among the logs."""
    if not any(log.found for log in logs):
        return ()
    tables = [ExportFacts("the table", log.ledger.records or log.ledger, log.left_out, log.channels, log.lacks) for log in logs]
    return tuple(part for log, table in zip(logs, tables, strict=True) for part in (log.exports or (table,)))


def _found(logs: Sequence[InteractionLog]) -> Columns:
    """The people that the exports name; an id that several logs of a kind name stands once, with the sum of its interactions."""
    import pandas as pd

    tables = [pd.DataFrame(dict(log.found)) for log in logs if log.found]
    if not tables:
        return Fixed({})
    whole = pd.concat(tables, ignore_index=True)
    for kind, at in whole.groupby("kind").indices.items():
        whole.loc[at, "key"] = plain_key(str(kind), whole["id"].iloc[at].tolist())
    names = [name for name in whole.columns if name not in ("kind", "key")]
    how = {name: "sum" if name == "interactions" else "max" if whole[name].dtype == bool else "first" for name in names}
    joined = whole.groupby(["kind", "key"], sort=True).agg(how).reset_index()
    joined = joined.sort_values(["interactions", "id"], ascending=[False, True], kind="stable")
    return Fixed({name: locked(_as_before(joined[name], tables[0][name])) for name in tables[0].columns})


def _as_before(values: Any, before: Any) -> NDArray[Any]:
    """A column of a joined table with the type that it had: texts with None where they are missing."""
    if before.dtype.kind in "bi":
        return np.asarray(values.to_numpy(), dtype=before.dtype)
    return np.array([None if value is None or value != value else value for value in values.tolist()], dtype=object)


def _counted_by_event(logs: Sequence[InteractionLog]) -> bool:
    """Whether sizes are the number of people in stated events in one of the logs: an event may go on in another log."""
    return any("size" in log.made and "event" in log.has - log.made for log in logs)


def _with_own_events(log: InteractionLog, place: int, logs: Sequence[InteractionLog]) -> Columns:
    """The columns of a log, with made events that no other log has, and without sizes that are to be counted again."""
    columns = dict(log._columns())
    if "event" in log.made:
        others = {
            one
            for other in logs
            if other is not log
            for name in ("event", "reply_to")
            if name in other.has - other.made
            for one in to_text(collect(other.rows, other.job)[name]).tolist()
        }
        mark = f"record of log {place}: "
        while any(one is not None and one.startswith(mark) for one in others):
            mark = f"a {mark}"
        columns["event"] = np.array([mark + one for one in columns["event"].tolist()], dtype=object)
    elif "size" in log.made and "event" in log.has:
        stated = np.array([one is not None for one in columns["event"].tolist()], dtype=bool)
        columns["size"] = np.where(stated, np.nan, columns["size"].astype(np.float64))
    return columns


def _summed(logs: Sequence[InteractionLog], repeats: int) -> tuple[Ledger, Mapping[str, int]]:
    """The ledgers of the logs as one, and what their records left out."""
    counts: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    interactions = 0
    bases = [log.ledger.records or log.ledger for log in logs]
    for log, base in zip(logs, bases, strict=True):
        counts.update(base.counts)
        left_out.update(log.left_out)
        if base is not log.ledger:  # a later step has left out interactions
            left_out.update({code: count for code, count in log.ledger.counts.items() if code != "used"})
        interactions += log.ledger.used if log.ledger.interactions is None else log.ledger.interactions
    units = {base.unit for base in bases}
    unit: Unit = units.pop() if len(units) == 1 else "record"
    if all(base.interactions is None for base in bases):
        return Ledger(counts, unit).after({"duplicate_event": repeats}), Fixed(left_out)
    if repeats:
        left_out["repeated_interaction"] += repeats
    return Ledger(counts, unit, interactions=interactions - repeats), Fixed(left_out)


def _refuse_unlike(logs: Sequence[InteractionLog]) -> None:
    if len({"time" in log.has for log in logs}) > 1:
        raise DataError("some of the logs have times and others have none; map a time column in each, or leave it out of all")
    if len({log.ids for log in logs}) > 1:
        rules = listed(sorted({repr(log.ids) for log in logs}))
        raise DataError(f"the logs compare ids in different ways ({rules}); read all of them with the same ids=")
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
