"""First messages of the threads of a log, and when they were answered."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import collect, collect_numbers
from tienet.network.reading.engine import UNKNOWN, encoded
from tienet.network.reading.interactions import InteractionLog
from tienet.network.ties.exclusions import roster_of
from tienet.network.ties.latency import counts_under
from tienet.network.ties.network import Ties
from tienet.network.ties.pairs import Window

NEVER = -(1 << 62)  # the moment of an answer that did not come


def threads(
    log: InteractionLog, ties: Ties, window: Window, names: tuple[str, ...]
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]], int]:
    """First messages with the moments they were sent and answered (`NEVER` without an answer); who was reached; events without threads.

    The first table has one row per event, sender and function of the recipients, the second one per direction and recipient.
    """
    import narwhals.stable.v2 as nw

    roster = roster_of(ties.people, {}, log.ids)
    place = np.array([names.index(name) if name in names else UNKNOWN for name in ties.people.function.tolist()], dtype=np.int64)
    many = max(len(names), 1)
    # A person and a function in one number, so that one look-up finds both.
    codes = np.where(place[roster.codes] < 0, UNKNOWN, roster.codes * many + place[roster.codes])
    rows = log.rows.filter(counts_under(log, ties.rule, window)).filter(~nw.col("event").is_null())
    first = nw.col("reply_to").is_null()
    threaded = _has_threads(log, rows)
    others = collect(rows.filter(first & ~threaded).select("event").unique().select(rows=nw.len()), log.job)["rows"].to_numpy()
    rows = encoded(rows, roster.ids, codes, connection=log.job.connection if log.job else None)
    rows = rows.filter((nw.col("source_code") >= 0) & (nw.col("target_code") >= 0))
    rows = rows.with_columns(left=nw.col("source_code") % many, went=nw.col("target_code") % many)
    rows = rows.with_columns(sender=nw.col("source_code") - nw.col("left"), receiver=nw.col("target_code") - nw.col("went"))
    rows = rows.filter(nw.col("sender") != nw.col("receiver"))
    sent = rows.filter(first & threaded).select("event", "time", "receiver", "left", "went", person="sender")
    asked = sent.group_by("event", "person", "left", "went").agg(asked=nw.col("time").min())
    replies = rows.filter(~first).select("time", event="reply_to", person="receiver", went="left")
    later = replies.join(asked, on=["event", "person", "went"], how="inner").filter(nw.col("time") >= nw.col("asked"))
    answers = later.group_by("event", "person", "went").agg(answered=nw.col("time").min())
    both = asked.join(answers, on=["event", "person", "went"], how="left")
    both = both.select("person", "left", "went", "asked", nw.col("answered").fill_null(NEVER))
    reached = sent.group_by("left", "went", "receiver").agg(rows=nw.len())
    return collect_numbers(both, log.job), collect_numbers(reached, log.job), int(others[0])


def _has_threads(log: InteractionLog, rows: Any) -> Any:
    """Whether the channel of a row has threads: whether any message in it answers another."""
    import narwhals.stable.v2 as nw

    if "channel" not in log.has:
        return nw.lit(value=True)
    found = collect(rows.filter(~nw.col("reply_to").is_null()).select("channel").unique(), log.job)["channel"].to_list()
    named = nw.col("channel").is_in([name for name in found if name is not None])
    return named | nw.col("channel").is_null() if None in found else named & ~nw.col("channel").is_null()
