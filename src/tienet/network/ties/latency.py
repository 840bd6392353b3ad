"""Reply latency: the median time from an interaction to the reply that refers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import collect, to_text
from tienet.base.time import SECOND
from tienet.network.reading.engine import UNKNOWN, encoded
from tienet.network.reading.files.job import FileJob
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.ties.exclusions import roster_of
from tienet.network.ties.network import Ties
from tienet.network.ties.pairs import Roster, Window, counted_by_rule
from tienet.network.ties.rule import TieRule

if TYPE_CHECKING:
    import pandas as pd

HOUR = 3600 * SECOND


def reply_latency(log: InteractionLog, rule: TieRule, window: Window | None, people: People) -> pd.Series | None:
    """Median hours to a reply by pair of roster positions (a * n + b, a < b); None where the log does not identify replies.

    A reply is a row whose `reply_to` is the event of an earlier row between the same two people in the other direction. Both rows must
    count under the rule: its window, channels and largest size. Lazy engines compute the medians themselves.
    """
    import narwhals.stable.v2 as nw

    if window is None or not {"reply_to", "event"} <= log.has:
        return None
    rows = log.rows.filter(counts_under(log, rule, window))
    asked = rows.select(reply_to=nw.col("event"), source=nw.col("target"), target=nw.col("source"), asked=nw.col("time"))
    # A reply names no moment: of an event with several, it answers the first.
    asked = asked.group_by("reply_to", "source", "target").agg(nw.col("asked").min())
    replies = rows.filter(~nw.col("reply_to").is_null()).select("reply_to", "source", "target", "time")
    joined = replies.join(asked, on=["reply_to", "source", "target"], how="inner").filter(nw.col("time") >= nw.col("asked"))
    roster = roster_of(people, {}, log.ids)
    return _medians_there(joined, roster, log.job) if isinstance(joined, nw.LazyFrame) else _medians_here(joined, roster)


def counts_under(log: InteractionLog, rule: TieRule, window: Window) -> Any:
    """Whether a row counts under the rule, as when ties are built."""
    import narwhals.stable.v2 as nw

    counts: Any = (nw.col("time") >= window.start) & (nw.col("time") < window.end)
    for counted in counted_by_rule(log, rule).values():
        counts &= counted
    return counts


def _medians_there(joined: Any, roster: Roster, job: FileJob | None) -> pd.Series:
    import narwhals.stable.v2 as nw
    import pandas as pd

    rows = encoded(joined, roster.ids, roster.codes, connection=job.connection if job else None)
    low, high = nw.min_horizontal("source_code", "target_code"), nw.max_horizontal("source_code", "target_code")
    rows = rows.filter(low >= 0).with_columns(pair=low * roster.size + high, hours=(nw.col("time") - nw.col("asked")) / HOUR)
    table = collect(rows.group_by("pair").agg(nw.col("hours").median()), job)
    return pd.Series(table["hours"].to_numpy(), index=table["pair"].to_numpy())


def _medians_here(joined: Any, roster: Roster) -> pd.Series:
    import pandas as pd

    codes = pd.Series(roster.codes, index=pd.Index(roster.ids, dtype=object))
    ends = np.sort([codes.reindex(to_text(joined[end])).fillna(UNKNOWN).to_numpy(dtype=np.int64) for end in ("source", "target")], axis=0)
    hours = (joined["time"].to_numpy() - joined["asked"].to_numpy()).astype(float) / HOUR
    known = ends[0] >= 0 if len(hours) else np.zeros(0, dtype=bool)
    keys = ends[0] * roster.size + ends[1]
    return pd.Series(hours[known]).groupby(keys[known]).median()


def latency_of(ties: Ties, medians: pd.Series | None) -> NDArray[np.float64] | None:
    """The latency of each tie, NaN without identified replies; None where the log does not identify replies."""
    return None if medians is None else np.asarray(medians.reindex(ties.a * len(ties.people) + ties.b), dtype=float)
