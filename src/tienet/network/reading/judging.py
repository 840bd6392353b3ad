"""Assign each log row a reason code, and count the codes in the engine that holds the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tienet.base.frames import collect, to_text
from tienet.network.reading.cells.canonical import NUMBERS
from tienet.network.reading.cells.written import BAD_TIME
from tienet.network.reading.ledger import CODES

if TYPE_CHECKING:
    from tienet.network.reading.files.job import FileJob

MOST_CHANNELS = 32


def reason_code(has: frozenset[str], *, loop: Any = None) -> Any:
    """The reason code of a row as an expression: the first rule that it breaks, 0 if it breaks none.

    Parameters
    ----------
    has
        The canonical columns that the rows have; without `target`, rows are people of events, and without `event` too, whole events.
    loop
        Whether a record has no one but its sender, as an expression; by default whether source and target are the same.
    """
    import narwhals.stable.v2 as nw

    def col(name: str) -> Any:
        return nw.col(name)

    pairs = "target" in has
    other = "target" if pairs else "event"
    rules = [("missing_source", col("source").is_null())]
    if other in has:
        rules.append((f"missing_{other}", col(other).is_null()))
    if "time" in has:
        rules += [("missing_time", col("time").is_null()), ("bad_time", ~((col("time") > BAD_TIME) & (col("time") < -BAD_TIME)))]
    if "weight" in has:
        weight = col("weight")
        rules.append(("bad_weight", weight.is_null() | ~((weight >= 0) & (weight < np.inf))))
    if "size" in has:
        size = col("size")
        rules.append(("bad_size", ~size.is_null() & ~((size >= 2) & (size < np.inf) & (size.floor() == size))))
    if pairs:
        rules.append(("self_loop", col("source") == col("target") if loop is None else loop))
    if "weight" in has:
        rules.append(("zero_weight", col("weight") == 0))
    code: Any = nw.lit(0)
    for name, broken in reversed(rules):
        code = nw.when(broken).then(nw.lit(CODES.index(name))).otherwise(code)
    return code


def unread_duration() -> Any:
    """Whether a row has a duration that is not one, 1 or 0; nothing is counted by durations, so it costs no row."""
    import narwhals.stable.v2 as nw

    duration = nw.col("duration")
    return nw.when(~duration.is_null() & ~((duration >= 0) & (duration < np.inf))).then(nw.lit(1)).otherwise(nw.lit(0))


def several_people(rows: Any, ends: Sequence[str]) -> Any:
    """Add two columns for each end, ``source;`` and ``source,``: 1 where that sign seems to separate people in its text, else 0.

    A semicolon does so in every export, a comma where it stands between two addresses.
    """
    import narwhals.stable.v2 as nw

    def one_where(found: Any) -> Any:
        return nw.when(found).then(nw.lit(1)).otherwise(nw.lit(0))

    made: dict[str, Any] = {}
    for end in ends:
        parted, commas = (nw.col(end).str.contains(sign, literal=True) for sign in ";,")
        made[f"{end};"] = one_where(parted)
        # Texts without a comma need no look at the pattern, which would take longer than everything else.
        made[f"{end},"] = nw.when(commas & ~parted).then(one_where(nw.col(end).str.contains("@[^,]*,.*@"))).otherwise(nw.lit(0))
    return rows.with_columns(**made) if made else rows


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
    sums
        Name -> reason code -> the sum of that column over the rows under the code.
    """

    counts: dict[str, int]
    first: int | None
    last: int | None
    channels: tuple[str, ...] | None
    sums: dict[str, dict[str, int]]


def take_census(coded: Any, has: frozenset[str], job: FileJob | None = None, *, sums: Sequence[str] = ()) -> Census:
    """Count rows by reason code, and find the time range and channels of the usable ones, in one pass; `sums` names columns to add up."""
    import narwhals.stable.v2 as nw

    timed = "time" in has
    keys = ["code", "channel"] if "channel" in has else ["code"]
    made = [nw.col("time").min().alias("first"), nw.col("time").max().alias("last")] if timed else []
    made += [nw.col(name).sum() for name in sums]
    table = collect(coded.group_by(*keys).agg(nw.len().alias("rows"), *made), job, "reading the log")
    numbers = {name: table[name].to_numpy().astype(np.int64) for name in ("code", "rows", *sums)}
    codes = numbers.pop("code")
    by_code = {
        name: {CODES[code]: int(values[codes == code].sum()) for code in np.unique(codes).tolist()} for name, values in numbers.items()
    }
    used = codes == 0
    first = int(table["first"].to_numpy()[used].min()) if timed and used.any() else None
    last = int(table["last"].to_numpy()[used].max()) if timed and used.any() else None
    named = {name for name in to_text(table["channel"])[used] if name is not None} if "channel" in has else set()
    channels = tuple(sorted(named)) if "channel" in has and len(named) <= MOST_CHANNELS else None
    return Census(by_code.pop("rows"), first, last, channels, by_code)


def once_per_event(usable: Any, has: frozenset[str]) -> Any:
    """Keep one row per event, moment and ordered pair, with the largest numbers, so that row order does not matter.

    One id with several moments is a series, such as a weekly meeting: each moment is an event of its own.
    """
    import narwhals.stable.v2 as nw

    keys = [*_event_keys(has), "source", "target"]
    kept = [nw.col(name).min() for name in ("channel", "reply_to") if name in has]
    kept += [nw.col(name).max() for name in NUMBERS if name in has]
    # Rows without an event id cannot be matched, so all of them are kept.
    single = usable.filter(nw.col("event").is_null())
    merged = usable.filter(~nw.col("event").is_null()).group_by(keys).agg(nw.len().alias("listings"), *kept)
    order = usable.collect_schema().names()
    return nw.concat([merged.select(order), single.select(order)])


def sized_by_event(usable: Any, has: frozenset[str], *, missing: bool = False) -> Any:
    """Count the people in the event of each row as its size, or only where it is `missing`; rows without an event keep what they have."""
    import narwhals.stable.v2 as nw

    keys = _event_keys(has)
    order = [name for name in usable.collect_schema().names() if name != "size"]
    listed = usable.filter(~nw.col("event").is_null())
    people = nw.concat([listed.select(*keys, person=nw.col(end)) for end in ("source", "target")]).unique()
    sizes = people.group_by(keys).agg(nw.len().alias("people")).with_columns(nw.col("people").cast(nw.Float64))
    size = nw.coalesce(*(("size", "people") if missing else ("people", "size"))) if "size" in has else nw.col("people")
    return usable.join(sizes, on=keys, how="left").select(*order, size=size)


def _event_keys(has: frozenset[str]) -> list[str]:
    return ["event", "time"] if "time" in has else ["event"]
