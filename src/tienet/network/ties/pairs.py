"""Group the rows of a log by pair of people, in the engine that holds the log.

This is the only step on the full log; later steps use the small table that it returns. Ids are replaced by roster positions and each
pair by one integer, so a single grouping is enough. Rows that are left out form groups by reason, and are counted in the same pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import collect
from tienet.base.time import DAY, WEEK
from tienet.network.reading.engine import How, Small, encoded, grouped, whole_units
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.ledger import CODES
from tienet.network.ties.rule import TieRule


@dataclass(frozen=True, slots=True)
class Window:
    """The time window of a rule, in microseconds UTC; `end` is the first moment after it, `as_of` the moment at which ages are measured."""

    start: int
    end: int
    as_of: int

    @property
    def weeks(self) -> float:
        """Its length in weeks, at least one."""
        return max(1.0, (self.end - self.start) / (7 * DAY))

    @property
    def week_count(self) -> int:
        """The number of weeks, counted from its start, that it touches."""
        return (self.end - 1 - self.start) // (7 * DAY) + 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Roster:
    """The ids of a log that are known: people by roster position, and ids that are not people by reason.

    Parameters
    ----------
    ids, codes
        (m,) each: ids as text; roster positions from 0 to size - 1, and size + r for an id that is left out for reason r.
    size
        Number of people in the roster.
    reasons
        The reasons for leaving ids out.
    aliases
        Whether several ids may stand for one person, so that a row may be from a person to the same person.
    """

    ids: NDArray[Any]
    codes: NDArray[np.int64]
    size: int
    reasons: tuple[str, ...] = ()
    aliases: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """One entry per pair of people with interactions that count, a < b; and the rows left out.

    Parameters
    ----------
    a, b
        (p,) roster positions, sorted.
    columns
        (p,) each: rows, weight, forward (the weight from a to b) and weighted; if needed weighted_forward; if a rule counts weeks, also
        weeks, channels, first and last, which `contacts` otherwise finds when they are read.
    left_out
        Rows left out, by reason code.
    excluded
        Rows with an id that is not a person, by the reason given.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]
    left_out: Mapping[str, int]
    excluded: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """One entry per pair of people (a < b) and day (its start, microseconds UTC): the interactions that count, and their weights."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    day: NDArray[np.int64]
    weight: NDArray[np.float64]
    weighted: NDArray[np.float64]
    weighted_forward: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SpanCounts:
    """One entry per pair of people (a < b) and span of time (numbered from 0): the interactions that count."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    span: NDArray[np.int64]
    weight: NDArray[np.float64]


def group_pairs(log: InteractionLog, rules: Sequence[TieRule], window: Window | None, roster: Roster) -> list[Pairs]:
    """Group a log by pair in one pass under tie rules (channels, max_size, window, size weight) that differ only in half-life.

    The pair is one integer, ``a * size + b``. Rows that are left out have a negative one that encodes the reason.
    """
    rows = _weighted_rows(log, rules, window, roster)
    both_ways = rules[0].reciprocal in ("min", "geometric")
    # Interactions that all weigh 1 are counted: sums of them would be the same, but take more time and memory.
    how: dict[str, tuple[How, Any]] = {"rows": ("rows", None), "forward": ("sum" if "weight" in log.has else "count", "forward")}
    there = set(rows.collect_schema())
    summed = ["weight"] * ("weight" in log.has)
    for at in range(len(rules)):
        summed += [f"weighted{_tail(at)}", *[f"weighted_forward{_tail(at)}"] * both_ways]
    how |= {name: ("sum", name) for name in summed if name in there}
    if any(rule.min_weeks > 1 for rule in rules):
        how |= contact_columns(log, window)
    every = _split(grouped(rows, "pair", how, log.job), roster)
    return [replace(every, columns=_under(every.columns, at)) for at in range(len(rules))]


def contact_columns(log: InteractionLog, window: Window | None) -> dict[str, tuple[How, Any]]:
    """What a grouping by pair finds of contacts: their weeks, their channels, the first and the last; as far as the log has them."""
    import narwhals.stable.v2 as nw

    how: dict[str, tuple[How, Any]] = {}
    if window:
        week = whole_units(nw.col("time") - window.start, WEEK)
        how |= {"weeks": ("distinct", Small(week, week, window.week_count))}
        how |= {"first": ("min", "time"), "last": ("max", "time")}
    if "channel" in log.has:
        how["channels"] = ("distinct", _channel_places(log))
    return how


def _tail(at: int) -> str:
    """The end of the names of what is weighted under the rule at this place."""
    return f"_{at}" if at else ""


def _under(columns: Mapping[str, NDArray[Any]], at: int) -> dict[str, NDArray[Any]]:
    """The columns of one rule; what no discount changes is the plain sum."""
    plain = {name: values for name, values in columns.items() if not name.startswith("weighted")}
    plain.setdefault("weight", plain["rows"].astype(np.float64))
    plain["forward"] = plain["forward"].astype(np.float64, copy=False)
    weighted = columns.get(f"weighted{_tail(at)}", plain["weight"])
    return plain | {"weighted": weighted, "weighted_forward": columns.get(f"weighted_forward{_tail(at)}", plain["forward"])}


def group_days(log: InteractionLog, rule: TieRule, window: Window, roster: Roster, changing: NDArray[np.int64]) -> Days:
    """Group the rows with one of `changing` at either end by pair and day (UTC) under a tie rule, as `group_pairs` does by pair."""
    import narwhals.stable.v2 as nw

    midnight = window.start // DAY * DAY
    touched = nw.col("source_code").is_in(changing.tolist()) | nw.col("target_code").is_in(changing.tolist())
    rows = _weighted_rows(log, (rule,), window, roster, plain=True).filter(touched).filter(nw.col("pair") >= 0)
    rows = rows.with_columns(day=whole_units(nw.col("time") - midnight, DAY))
    numbers = ("weight", "weighted", "weighted_forward")
    table = collect(rows.group_by("pair", "day").agg(*(nw.col(name).sum() for name in numbers)), log.job).sort("pair", "day")
    pair = table["pair"].to_numpy().astype(np.int64)
    day = table["day"].to_numpy().astype(np.int64) * DAY + midnight
    a, b = np.divmod(pair, roster.size)
    return Days(a, b, day, *(table[name].to_numpy().astype(np.float64) for name in numbers))


def group_spans(log: InteractionLog, rule: TieRule, edges: Sequence[int], roster: Roster) -> SpanCounts:
    """Group the rows between the first and the last edge by pair and span under a tie rule, as `group_pairs` does by pair."""
    import narwhals.stable.v2 as nw

    span: Any = nw.lit(0)
    for at, edge in enumerate(edges[1:-1], 1):
        span = nw.when(nw.col("time") >= edge).then(nw.lit(at)).otherwise(span)
    window = Window(edges[0], edges[-1], edges[-1] - 1)
    rows = _weighted_rows(log, (rule,), window, roster, plain=True).filter(nw.col("pair") >= 0).with_columns(span=span)
    table = collect(rows.group_by("pair", "span").agg(nw.col("weight").sum()), log.job)
    a, b = np.divmod(table["pair"].to_numpy().astype(np.int64), roster.size)
    return SpanCounts(a, b, table["span"].to_numpy().astype(np.int64), table["weight"].to_numpy().astype(np.float64))


def per_week(both: NDArray[np.float64], there: NDArray[np.float64], rule: TieRule, window: Window | None) -> NDArray[np.float64]:
    """Weighted interactions per week; combined from both directions where the rule says so, which does not change a balanced tie."""
    if window is None:
        return np.full(len(both), np.nan)
    back = np.maximum(both - there, 0.0)
    if rule.reciprocal == "min":
        both = 2.0 * np.minimum(there, back)
    elif rule.reciprocal == "geometric":
        both = 2.0 * np.sqrt(np.maximum(there, 0.0) * back)
    return both / window.weeks


def reaches(interactions: NDArray[np.float64], least: float) -> NDArray[np.bool_]:
    """Whether interactions reach the threshold, with a tolerance for the rounding of sums of weights."""
    enough: NDArray[np.bool_] = interactions >= least * (1.0 - 1e-12)
    return enough


def _weighted_rows(log: InteractionLog, rules: Sequence[TieRule], window: Window | None, roster: Roster, *, plain: bool = False) -> Any:
    """The rows with their pair and their weights, in total and from a to b; `plain` writes out weights that are always 1."""
    import narwhals.stable.v2 as nw

    rows = paired_rows(log, rules[0], window, roster)
    weighs = plain or "weight" in log.has
    if weighs and "weight" not in log.has:
        rows = rows.with_columns(weight=nw.lit(1.0))
    ahead = nw.col("source_code") < nw.col("target_code")
    forward = nw.when(ahead).then(nw.col("weight")).otherwise(nw.lit(0.0)) if weighs else nw.when(ahead).then(nw.lit(1))
    rows = rows.with_columns(forward=forward)
    discounts = {_tail(at): _discount(log, rule, window) for at, rule in enumerate(rules)}
    factors = {tail: nw.lit(1.0) if one is None else one for tail, one in discounts.items() if plain or one is not None}
    if not factors:
        return rows
    rows = rows.with_columns(**{f"weighted{tail}": nw.col("weight") * one if weighs else one for tail, one in factors.items()})
    # Strength from both directions needs weights for each of them.
    there = {tail: nw.when(ahead).then(nw.col(f"weighted{tail}")).otherwise(nw.lit(0.0)) for tail in factors}
    return rows.with_columns(**{f"weighted_forward{tail}": one for tail, one in there.items()})


def paired_rows(log: InteractionLog, rule: TieRule, window: Window | None, roster: Roster) -> Any:
    """The rows with their pair, ``a * size + b``; a negative one encodes the reason to leave the row out."""
    if log.job:
        log.job.refuse_changed()
    rows = encoded(log.rows, roster.ids, roster.codes, connection=log.job.connection if log.job else None)
    rows = rows.with_columns(left_out=_left_out(log, rule, window, roster))
    return rows.with_columns(pair=_pair(roster))


def _pair(roster: Roster) -> Any:
    """One integer for the pair; -1 minus the reason code where the row is left out."""
    import narwhals.stable.v2 as nw

    source, target = nw.col("source_code"), nw.col("target_code")
    pair = nw.when(source < target).then(source * roster.size + target).otherwise(target * roster.size + source)
    return nw.when(nw.col("left_out") == 0).then(pair).otherwise(-1 - nw.col("left_out"))


def _channel_places(log: InteractionLog) -> Small:
    """Channels by their position in the list of channels of the log; by name where there are too many to list."""
    import narwhals.stable.v2 as nw

    place: Any = nw.lit(-1)
    if log.channels is None:
        return Small(nw.col("channel"), place, 2**62)
    for at, name in enumerate(log.channels):
        place = nw.when(nw.col("channel") == name).then(nw.lit(at)).otherwise(place)
    return Small(nw.col("channel"), place, len(log.channels))


def _left_out(log: InteractionLog, rule: TieRule, window: Window | None, roster: Roster) -> Any:
    """The code of the first reason to leave a row out, 0 for none; codes above the last one are reasons of ids that are not people."""
    import narwhals.stable.v2 as nw

    source, target = nw.col("source_code"), nw.col("target_code")
    low, high = nw.min_horizontal("source_code", "target_code"), nw.max_horizontal("source_code", "target_code")
    code: Any = nw.when((source < 0) | (target < 0)).then(nw.lit(CODES.index("unknown_person"))).otherwise(nw.lit(0))
    if roster.reasons:
        barred = nw.when((source >= roster.size) & (target >= roster.size)).then(low).otherwise(high)
        code = nw.when(high >= roster.size).then(barred - roster.size + len(CODES)).otherwise(code)
    if window and not _covers(window, log):
        outside = (nw.col("time") < window.start) | (nw.col("time") >= window.end)
        code = nw.when(outside).then(nw.lit(CODES.index("outside_window"))).otherwise(code)
    for reason, counted in counted_by_rule(log, rule).items():
        code = nw.when(counted).then(code).otherwise(nw.lit(CODES.index(reason)))
    if roster.aliases:
        code = nw.when((source == target) & (source >= 0) & (source < roster.size)).then(nw.lit(CODES.index("self_loop"))).otherwise(code)
    return code


def counted_by_rule(log: InteractionLog, rule: TieRule) -> dict[str, Any]:
    """Whether a row counts for its size and its channel: reason code of the rows that do not -> an expression, never null."""
    import narwhals.stable.v2 as nw

    counted: dict[str, Any] = {}
    if rule.max_size is not None and "size" in log.has:
        counted["too_many_people"] = nw.col("size").is_null() | (nw.col("size") <= rule.max_size)
    if rule.channels is not None:
        counted["channel_left_out"] = ~nw.col("channel").is_null() & nw.col("channel").is_in(list(rule.channels))
    return counted


def unknown_ends(log: InteractionLog, rule: TieRule, window: Window | None, roster: Roster) -> Any:
    """Source and target of the rows that the rule would count if both were known."""
    import narwhals.stable.v2 as nw

    rows = encoded(log.rows, roster.ids, roster.codes, connection=log.job.connection if log.job else None)
    rows = rows.with_columns(left_out=_left_out(log, rule, window, roster))
    return rows.filter(nw.col("left_out") == CODES.index("unknown_person")).select("source", "target")


def _covers(window: Window, log: InteractionLog) -> bool:
    """Whether all rows of the log are in the window, so that they need no check."""
    return log.first is not None and log.last is not None and window.start <= log.first and log.last < window.end


def _discount(log: InteractionLog, rule: TieRule, window: Window | None) -> Any:
    """The weight of an interaction for its size, channel and age, such as 1/(n-1) * 2^(-age / half-life); None if it is always 1."""
    import narwhals.stable.v2 as nw

    factor: Any = None
    if rule.size_weight != "none" and "size" in log.has:
        people = nw.when(nw.col("size").is_null()).then(nw.lit(2.0)).otherwise(nw.col("size"))
        factor = nw.lit(1.0) / (people - 1.0) if rule.size_weight == "newman" else nw.lit(2.0) / (people * (people - 1.0))
    for channel, weight in rule.weights:
        named = ~nw.col("channel").is_null() & (nw.col("channel") == channel)
        weighed = nw.when(named).then(nw.lit(float(weight))).otherwise(nw.lit(1.0))
        factor = weighed if factor is None else factor * weighed
    if rule.half_life_days is not None and window is not None:
        rate = np.log(2.0) / (rule.half_life_days * DAY)
        faded = ((nw.col("time") - window.as_of) * rate).exp()
        factor = faded if factor is None else factor * faded
    return factor


def _split(table: dict[str, NDArray[Any]], roster: Roster) -> Pairs:
    pair, rows = table.pop("pair").astype(np.int64, copy=False), table["rows"]
    order = np.argsort(pair, kind="stable")
    barred, order = np.split(order, [int(np.count_nonzero(pair < 0))])
    reasons = dict(zip((-1 - pair[barred]).tolist(), rows[barred].tolist(), strict=True))
    left_out = {CODES[code]: count for code, count in reasons.items() if code < len(CODES)}
    excluded = {roster.reasons[code - len(CODES)]: count for code, count in sorted(reasons.items()) if code >= len(CODES)}
    a, b = np.divmod(pair[order], roster.size)
    return Pairs(a, b, _in_order(table, order), left_out, excluded)


def _in_order(table: dict[str, NDArray[Any]], order: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Reorder all columns, each in the memory of the one before it, since new memory takes longer than the reordering."""
    columns: dict[str, NDArray[Any]] = {}
    room: NDArray[Any] | None = None
    for name in list(table):
        values = table.pop(name)
        fits = room is not None and room.itemsize == values.itemsize
        out = room.view(values.dtype)[: len(order)] if room is not None and fits else np.empty(len(order), values.dtype)
        columns[name] = np.take(values, order, out=out, mode="clip")  # the other modes copy through a buffer
        room = values if values.flags.writeable and values.flags.c_contiguous else None
    return columns
