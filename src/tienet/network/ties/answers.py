"""What is said when a rule finds few or no interactions: made from the reason that left out most rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tienet.base.errors import NoInteraction, RowsUnmatched, closest, shown, warn
from tienet.base.frames import collect, duckdb_in_one_line
from tienet.base.numbers import counted
from tienet.base.time import day_text
from tienet.base.wording import visible
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.matching import UNMATCHED, Matching, match_rows
from tienet.network.ties.pairs import Pairs, Roster, Window, unknown_ends
from tienet.network.ties.rule import TieRule

_MOST_NAMED = 8
_LONGEST = 110  # of a ledger within a message


def warn_unmatched(log: InteractionLog, rule: TieRule, window: Window | None, roster: Roster, pairs: Pairs) -> None:
    """Warn if more than a tenth of the rows that the rule counts name someone who is not in the roster."""
    unknown = pairs.left_out.get("unknown_person", 0)
    if unknown <= UNMATCHED * _counted(pairs):
        return
    found = _matching(log, rule, window, roster, pairs)
    if found.rule or unknown > 1:  # one stranger is no pattern
        warn(f"{log.origin}: {found}", RowsUnmatched)


def warn_channels(log: InteractionLog, rule: TieRule) -> None:
    """Warn of channels that the rule names in another way than the log does."""
    if log.channels is None or not rule.needs_channels:
        return
    for argument, named in (("channels", rule.channels or ()), ("channel_weights", [name for name, _ in rule.weights])):
        for name in named:
            others = [other for other in log.channels if other not in named and _loose(other) == _loose(name)]
            if others:
                listed = ", ".join(map(shown, others[:_MOST_NAMED]))
                warn(
                    f"{log.origin}: {argument} names {shown(name)}, but {_having(_rows_in(log, others))} {listed}; name it as the log does",
                    RowsUnmatched,
                )
            elif name not in log.channels and (near := closest(name, log.channels)):
                warn(f"{log.origin}: {argument} names {shown(name)}, which no row of the log has{near}", RowsUnmatched)


def nothing_left(log: InteractionLog, rule: TieRule, window: Window | None, roster: Roster, pairs: Pairs, ledger: Ledger) -> NoInteraction:
    """The error for a log in which no interaction between two people is left."""
    left_out = dict(pairs.left_out) | ({"excluded_person": sum(pairs.excluded.values())} if pairs.excluded else {})
    reason = max(left_out, key=lambda code: left_out[code])
    known = reason != "unknown_person"
    answer = _answer(reason, log, rule, window) if known else _matching(log, rule, window, roster, pairs).advice
    told = str(ledger)
    if len(told) > _LONGEST:
        told = f"{ledger.rows_in:,} rows in: 0 used, {left_out[reason]:,} {reason}"
    return NoInteraction(f"no interaction is left between two people in the people table: {told}; {answer}")


def _matching(log: InteractionLog, rule: TieRule, window: Window | None, roster: Roster, pairs: Pairs) -> Matching:
    ends = unknown_ends(log, rule, window, roster)
    unknown = pairs.left_out["unknown_person"]
    found = match_rows(ends, roster.ids, roster.codes, rows=_counted(pairs), unknown=unknown, origin=log.origin, job=log.job)
    return replace(found, exports=bool(log.found))


def _counted(pairs: Pairs) -> int:
    """The rows that the rule counts, whoever is in them."""
    return int(np.sum(pairs.columns["rows"])) + pairs.left_out.get("unknown_person", 0) + sum(pairs.excluded.values())


def _answer(reason: str, log: InteractionLog, rule: TieRule, window: Window | None) -> str:
    """What to do about a reason."""
    if reason == "channel_left_out":
        return _of_channels(log, rule.channels or ())
    if reason == "outside_window" and window is not None and log.first is not None and log.last is not None:
        return (
            f"the window of the tie rule is {day_text(window.start, log.timezone)} to {day_text(window.end - 1, log.timezone)}, "
            f"the log runs from {day_text(log.first, log.timezone)} to {day_text(log.last, log.timezone)}"
        )
    return _ANSWERS.get(reason, "check the tie rule").format(max_size=rule.max_size)


_ANSWERS = {
    "too_many_people": "events have more than {max_size} people; is size the number of people of an event? "
    "else leave it out of the log (columns={{'size': None}}), or raise max_size",
    "excluded_person": "nearly all are with ids in the table of exclusions; list only ids that are not people",
    "self_loop": "they are between two ids of the same person; check the aliases",
}


def _of_channels(log: InteractionLog, channels: Sequence[str]) -> str:
    named = ", ".join(map(shown, channels))
    if log.channels is None:
        return f"channels=[{named}] counts none of the channels of the log"
    alike = [name for name in log.channels if any(_loose(name) == _loose(other) for other in channels)]
    meant = f"; did you mean {', '.join(map(shown, alike))}?" if alike else ""
    return f"the log has the channels {_listed(log.channels)}, and channels=[{named}] counts none of them{meant}"


def _listed(channels: tuple[str, ...]) -> str:
    return ", ".join(visible(name, 30) for name in channels[:_MOST_NAMED]) + (", ..." if len(channels) > _MOST_NAMED else "")


def _having(rows: int) -> str:
    return f"{counted(rows, 'row')} {'has' if rows == 1 else 'have'}"


def _loose(channel: str) -> str:
    """A channel without case, blanks and hyphens."""
    return re.sub(r"[\W_]+", "", visible(channel).casefold()) or channel


def _rows_in(log: InteractionLog, channels: list[str]) -> int:
    import narwhals.stable.v2 as nw

    with duckdb_in_one_line(log.origin):
        found = collect(log.rows.filter(nw.col("channel").is_in(channels)).select(nw.len().alias("rows")), log.job)
    return int(found["rows"].to_list()[0])
