"""Assign each log row a reason code, and count the codes in the engine that holds the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tienet.base.frames import collect, to_text
from tienet.network.reading.canonical import NUMBERS
from tienet.network.reading.ledger import CODES
from tienet.network.reading.times import BAD_TIME

if TYPE_CHECKING:
    from tienet.network.reading.job import FileJob

MOST_CHANNELS = 32


def reason_code(has: frozenset[str]) -> Any:
    """The reason code of a row as an expression: the first rule that it breaks, 0 if it breaks none."""
    import narwhals.stable.v2 as nw

    def col(name: str) -> Any:
        return nw.col(name)

    rules = [("missing_source", col("source").is_null()), ("missing_target", col("target").is_null())]
    if "time" in has:
        rules += [("missing_time", col("time").is_null()), ("bad_time", ~((col("time") > BAD_TIME) & (col("time") < -BAD_TIME)))]
    if "weight" in has:
        weight = col("weight")
        rules.append(("bad_weight", weight.is_null() | ~((weight >= 0) & (weight < np.inf))))
    if "size" in has:
        size = col("size")
        rules.append(("bad_size", ~size.is_null() & ~((size >= 2) & (size < np.inf) & (size.floor() == size))))
    if "duration" in has:
        rules.append(("bad_duration", ~col("duration").is_null() & ~((col("duration") >= 0) & (col("duration") < np.inf))))
    rules.append(("self_loop", col("source") == col("target")))
    if "weight" in has:
        rules.append(("zero_weight", col("weight") == 0))
    code: Any = nw.lit(0)
    for name, broken in reversed(rules):
        code = nw.when(broken).then(nw.lit(CODES.index(name))).otherwise(code)
    return code


@dataclass(frozen=True, slots=True)
class Census:
    """Counts, time range and channels of a log.

    Parameters
    ----------
    counts
        Rows by reason code.
    first, last
        First and last moment of the usable rows, microseconds UTC; None without times.
    channels
        Channels of the usable rows, sorted; None if the log has no channels, or too many to count with bits.
    """

    counts: dict[str, int]
    first: int | None
    last: int | None
    channels: tuple[str, ...] | None


def take_census(coded: Any, has: frozenset[str], job: FileJob | None = None) -> Census:
    """Count rows by reason code, and find the time range and channels of the usable ones, in one pass."""
    import narwhals.stable.v2 as nw

    timed = "time" in has
    keys = ["code", "channel"] if "channel" in has else ["code"]
    ends = [nw.col("time").min().alias("first"), nw.col("time").max().alias("last")] if timed else []
    table = collect(coded.group_by(*keys).agg(nw.len().alias("rows"), *ends), job, "reading the log")
    codes, rows = (table[name].to_numpy().astype(np.int64) for name in ("code", "rows"))
    counts = {CODES[code]: int(rows[codes == code].sum()) for code in np.unique(codes).tolist()}
    used = codes == 0
    first = int(table["first"].to_numpy()[used].min()) if timed and used.any() else None
    last = int(table["last"].to_numpy()[used].max()) if timed and used.any() else None
    named = {name for name in to_text(table["channel"])[used] if name is not None} if "channel" in has else set()
    return Census(counts, first, last, tuple(sorted(named)) if "channel" in has and len(named) <= MOST_CHANNELS else None)


def once_per_event(usable: Any, has: frozenset[str]) -> Any:
    """Keep one row per event and ordered pair, with the earliest time and largest numbers, so that row order does not matter."""
    import narwhals.stable.v2 as nw

    keys = ["event", "source", "target"]
    kept = [nw.col(name).min() for name in ("time", "channel", "reply_to") if name in has]
    kept += [nw.col(name).max() for name in NUMBERS if name in has]
    # Rows without an event id cannot be matched, so all of them are kept.
    single = usable.filter(nw.col("event").is_null())
    merged = usable.filter(~nw.col("event").is_null()).group_by(keys).agg(nw.len().alias("listings"), *kept)
    order = usable.collect_schema().names()
    return nw.concat([merged.select(order), single.select(order)])
