"""The step that outgrows a machine: from rows to one row per pair of people, in the engine where the log lives.

Everything after it works on the small table that comes out. One grouping does it all: rows that the tie rule
leaves out form a group of their own under a reason code, so their counts come with the pairs in the same pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet._canonical import week_index
from tienet._frames import collect, to_text
from tienet._time import DAY
from tienet.ledger import CODES
from tienet.log import InteractionLog
from tienet.ties.rule import TieRule


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time a rule looks at, microseconds UTC; `end` is the first moment outside, `as_of` the moment ages count from."""

    start: int
    end: int
    as_of: int

    @property
    def weeks(self) -> float:
        """Its length in weeks, at least one."""
        return max(1.0, (self.end - self.start) / (7 * DAY))

    @property
    def week_count(self) -> int:
        """How many numbered weeks it touches."""
        return int(week_index(self.end - 1, self.start)) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """One entry per unordered pair of ids, `low` before `high` as text; and the rows left out, by code."""

    low: NDArray[Any]
    high: NDArray[Any]
    columns: Mapping[str, NDArray[np.float64]]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """One entry per unordered pair of ids and day (its first moment, microseconds UTC): the interactions that count, and their weights."""

    low: NDArray[Any]
    high: NDArray[Any]
    day: NDArray[np.int64]
    weight: NDArray[np.float64]
    weighted: NDArray[np.float64]
    weighted_forward: NDArray[np.float64]


def group_pairs(log: InteractionLog, rule: TieRule, window: Window | None) -> Pairs:
    """Group a log by pair under a tie rule (channels, max_size, window, size weight, half-life)."""
    import narwhals.stable.v2 as nw

    counted = _weighted_rows(log, rule, window)
    sums = [nw.len().alias("rows"), *(nw.col(name).sum() for name in ("weight", "forward", "weighted", "weighted_forward"))]
    if window:
        counted = counted.with_columns(week=week_index(nw.col("time"), window.start))
        sums += [nw.col("week").n_unique().alias("weeks"), nw.col("time").min().alias("first"), nw.col("time").max().alias("last")]
    if "channel" in log.has:
        # A row that states no channel is no further channel.
        counted = counted.with_columns(silent=nw.when(nw.col("channel").is_null()).then(nw.lit(1)).otherwise(nw.lit(0)))
        sums += [nw.col("channel").n_unique().alias("channels"), nw.col("silent").max()]
    return _split(collect(counted.group_by("code", "low", "high").agg(*sums)))


def group_days(log: InteractionLog, rule: TieRule, window: Window, ids: Sequence[str]) -> Days:
    """Group the rows with one of `ids` at either end by pair and day (UTC) under a tie rule, as `group_pairs` does by pair."""
    import narwhals.stable.v2 as nw

    midnight = window.start // DAY * DAY
    touched = nw.col("low").is_in(list(ids)) | nw.col("high").is_in(list(ids))
    rows = _weighted_rows(log, rule, window).filter(nw.col("code") == 0).filter(touched)
    rows = rows.with_columns(day=(nw.col("time") - midnight) // DAY)
    numbers = ("weight", "weighted", "weighted_forward")
    table = collect(rows.group_by("low", "high", "day").agg(*(nw.col(name).sum() for name in numbers))).sort("low", "high", "day")
    day = table["day"].to_numpy().astype(np.int64) * DAY + midnight
    return Days(to_text(table["low"]), to_text(table["high"]), day, *(table[name].to_numpy().astype(np.float64) for name in numbers))


def per_week(both: NDArray[np.float64], there: NDArray[np.float64], rule: TieRule, window: Window | None) -> NDArray[np.float64]:
    """Weighted interactions per week; from both directions where the rule asks for it, so that a balanced tie keeps its value."""
    if window is None:
        return np.full(len(both), np.nan)
    back = np.maximum(both - there, 0.0)
    if rule.reciprocal == "min":
        both = 2.0 * np.minimum(there, back)
    elif rule.reciprocal == "geometric":
        both = 2.0 * np.sqrt(np.maximum(there, 0.0) * back)
    return both / window.weeks


def reaches(interactions: NDArray[np.float64], rule: TieRule) -> NDArray[np.bool_]:
    """Whether interactions reach the threshold: weights that add up to it do, in whatever order they were added."""
    enough: NDArray[np.bool_] = interactions >= rule.min_interactions * (1.0 - 1e-12)
    return enough


def _weighted_rows(log: InteractionLog, rule: TieRule, window: Window | None) -> Any:
    """The rows with the code of the rule that leaves them out, the pair in text order, and what they weigh in all and from low to high."""
    import narwhals.stable.v2 as nw

    low = nw.when(nw.col("source") < nw.col("target")).then(nw.col("source")).otherwise(nw.col("target"))
    high = nw.when(nw.col("source") < nw.col("target")).then(nw.col("target")).otherwise(nw.col("source"))
    weight: Any = nw.col("weight") if "weight" in log.has else nw.lit(1.0)
    counted = log.rows.with_columns(code=_left_out(log, rule, window), weight=weight, low=low, high=high)
    counted = counted.with_columns(
        low=nw.when(nw.col("code") == 0).then(nw.col("low")),
        high=nw.when(nw.col("code") == 0).then(nw.col("high")),
        forward=nw.when(nw.col("source") == nw.col("low")).then(nw.col("weight")).otherwise(nw.lit(0.0)),
        weighted=nw.col("weight") * _discount(log, rule, window),
    )
    # Strength from both directions needs each of them weighted.
    forward = nw.when(nw.col("source") == nw.col("low")).then(nw.col("weighted")).otherwise(nw.lit(0.0))
    return counted.with_columns(weighted_forward=forward)


def _left_out(log: InteractionLog, rule: TieRule, window: Window | None) -> Any:
    """The code of the first rule that leaves a row out, 0 where none does."""
    import narwhals.stable.v2 as nw

    code: Any = nw.lit(0)
    if window:
        outside = (nw.col("time") < window.start) | (nw.col("time") >= window.end)
        code = nw.when(outside).then(nw.lit(CODES.index("outside_window"))).otherwise(code)
    if rule.max_size is not None and "size" in log.has:
        code = nw.when(nw.col("size") > rule.max_size).then(nw.lit(CODES.index("too_many_people"))).otherwise(code)
    if rule.channels is not None:
        counted = ~nw.col("channel").is_null() & nw.col("channel").is_in(list(rule.channels))
        code = nw.when(counted).then(code).otherwise(nw.lit(CODES.index("channel_left_out")))
    return code


def _discount(log: InteractionLog, rule: TieRule, window: Window | None) -> Any:
    """What one interaction weighs for its size, channel and age: 1/(n-1) under "newman", 2^(-age / half-life)."""
    import narwhals.stable.v2 as nw

    factor: Any = nw.lit(1.0)
    if rule.size_weight != "none" and "size" in log.has:
        people = nw.when(nw.col("size").is_null()).then(nw.lit(2.0)).otherwise(nw.col("size"))
        factor = factor / (people - 1.0) if rule.size_weight == "newman" else nw.lit(2.0) / (people * (people - 1.0))
    for channel, weight in rule.weights:
        named = ~nw.col("channel").is_null() & (nw.col("channel") == channel)
        factor = factor * nw.when(named).then(nw.lit(float(weight))).otherwise(nw.lit(1.0))
    if rule.half_life_days is not None and window is not None:
        rate = np.log(2.0) / (rule.half_life_days * DAY)
        factor = factor * ((nw.col("time") - window.as_of) * rate).exp()
    return factor


def _split(table: Any) -> Pairs:
    codes = table["code"].to_numpy().astype(np.int64)
    rows = table["rows"].to_numpy().astype(np.int64)
    left_out = {CODES[code]: int(rows[codes == code].sum()) for code in np.unique(codes) if code != 0}
    kept = table.filter(table["code"] == 0).sort("low", "high")
    numeric = [name for name in kept.columns if name not in ("code", "low", "high")]
    columns = {name: kept[name].to_numpy().astype(np.float64) for name in numeric}
    if "silent" in columns:
        columns["channels"] = columns["channels"] - columns.pop("silent")
    return Pairs(to_text(kept["low"]), to_text(kept["high"]), columns, left_out)
