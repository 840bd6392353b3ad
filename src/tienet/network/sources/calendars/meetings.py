"""The meetings that entries of calendars are about: series are expanded, versions and copies of one meeting are put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from tienet.network.sources.calendars.clocks import UTC_CLOCK
from tienet.network.sources.calendars.invitations import Invitation
from tienet.network.sources.calendars.rules import Rule, walls

_DAY = timedelta(days=1)
_ERRORS = (ValueError, IndexError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """A meeting, or an entry that is none.

    Parameters
    ----------
    code
        "used" for a meeting; else the reason for which the entry is left out.
    start
        Microseconds UTC; None where `code` says that there is none.
    minutes
        The length; None if not stated.
    guests
        Id -> the answer that holds; `""` -> the number of guests without an id.
    copies
        How often calendars hold it besides.
    private
        Whether it is marked as private.
    files
        The numbers of the files that hold it.
    """

    code: str
    start: int | None = None
    minutes: float | None = None
    guests: Mapping[str, int] = field(default_factory=dict)
    copies: int = 0
    private: bool = False
    files: frozenset[int] = frozenset()


def is_endless(one: Invitation) -> bool:
    """Whether an entry is a series that no rule ends."""
    try:
        return any(Rule.parse(rule).endless for rule in one.rules)
    except _ERRORS:
        return False


def together(copies: Sequence[Invitation]) -> dict[str, int]:
    """Who is invited, with the answer that holds, by all copies of a meeting.

    The calendar of the organiser decides. Without it the largest answer does: everyone's own calendar shows the own answer, and others show
    it late or not at all. Of the versions in one calendar, the one that was written last counts.
    """
    latest: dict[tuple[int, int], int] = {}
    for one in copies:
        latest[one.file, one.calendar] = max(latest.get((one.file, one.calendar), 0), one.stamp)
    copies = [one for one in copies if not one.calendar or one.stamp == latest[one.file, one.calendar]]
    own = [one for one in copies if one.own]
    best: dict[str, int] = {}
    for one in [max(own, key=_rank)] if own else copies:
        for who, answer in one.guests:
            best[who] = max(best.get(who, 0), answer)
    return best


def meetings_of(entries: Sequence[Invitation], end: int | None) -> Iterator[Meeting]:
    """The meetings of the entries that share a UID, and the entries that give none.

    Parameters
    ----------
    entries
        The entries, of all calendars, in any order.
    end
        Series without an end are expanded to before this moment, microseconds UTC.
    """
    if len(entries) == 1 and not entries[0].rules and not entries[0].added:
        yield _meeting(entries[0], entries[0].start, entries, 0)
        return
    plans, dropped = _newest([one for one in entries if one.replaces is None])
    changes: list[list[Invitation]] = []
    for start in _grouped(one for one in entries if one.replaces is not None).values():
        newest, older = _newest(start)
        leader = max(newest, key=_rank)
        same = [one for one in newest if one.start == leader.start]
        changes.append([leader, *(one for one in same if one is not leader)])
        dropped += older + len(newest) - len(same)
    for _ in range(dropped):
        yield Meeting("older_version")
    yield from _without_repeats(_expanded(plans, changes, end))


def _rank(one: Invitation) -> tuple[Any, ...]:
    """The order of copies with one sequence number: when they were written, then what they say, whatever the order of files."""
    return one.own, one.stamp, one.cancelled, one.rules, one.start, -1 if one.minutes is None else one.minutes, one.guests


def _newest(entries: Sequence[Invitation]) -> tuple[list[Invitation], int]:
    """The entries with the highest sequence number, and how many others there are."""
    highest = max((one.sequence for one in entries), default=0)
    newest = [one for one in entries if one.sequence == highest]
    return newest, len(entries) - len(newest)


def _grouped(changes: Iterable[Invitation]) -> dict[int, list[Invitation]]:
    groups: dict[int, list[Invitation]] = {}
    for one in changes:
        groups.setdefault(one.replaces or 0, []).append(one)
    return dict(sorted(groups.items()))


def _without_repeats(found: Iterable[Meeting]) -> Iterator[Meeting]:
    """Meetings of one UID at one start are one: a series may stand beside its meetings."""
    first: dict[int, int] = {}
    held: list[Meeting] = []
    for one in found:
        if one.code != "used" or one.start is None:
            yield one
        elif one.start in first:
            at = first[one.start]
            held[at] = replace(held[at], copies=held[at].copies + one.copies + 1, files=held[at].files | one.files)
        else:
            first[one.start] = len(held)
            held.append(one)
    yield from held


def _expanded(plans: Sequence[Invitation], changes: Sequence[list[Invitation]], end: int | None) -> Iterator[Meeting]:
    waiting = {change[0].replaces: change for change in changes if not change[0].day_only}
    of_days = {change[0].replaces_day: change for change in changes}
    onward = sorted((change[0] for change in changes if change[0].onward), key=lambda one: one.replaces or 0)
    done: set[int] = set()
    removed: set[int] = set()
    removed_days: set[int] = set()
    for group in _by_start(plans):
        leader = max(group, key=_rank)
        copies = [one for one in group if (one.rules, one.unless) == (leader.rules, leader.unless)]
        for _ in range(len(group) - len(copies)):
            yield Meeting("older_version")
        try:
            starts = _starts(copies, end)
        except _ERRORS:
            yield from (Meeting("bad_recurrence") for _ in copies)
            continue
        if starts is None:
            yield from (Meeting("outside_period") for _ in copies)
            continue
        removed |= leader.removed
        removed_days |= leader.removed_days
        template = _meeting(leader, 0, copies, 0)
        for (start, minutes), times in sorted(starts.items(), key=lambda one: one[0][0]):
            change = waiting.get(start)
            if change is None and of_days:
                day = leader.clock.wall(start).toordinal()
                change = of_days.get(day)
                if change is not None and not (leader.all_day or change[0].day_only):
                    change = None
            if change is not None:
                if id(change) not in done:
                    done.add(id(change))
                    yield _meeting(change[0], change[0].start, change, max(times, len(change)) - 1)
                continue
            later = next((one for one in reversed(onward) if (one.replaces or 0) <= start), None)
            if later is not None:
                yield _meeting(later, start + later.start - (later.replaces or 0), [later], times - 1)
            else:
                yield replace(template, start=start, minutes=leader.minutes if minutes is None else minutes, copies=times - 1)
    over = bool(plans) and all(one.cancelled for one in plans)
    for change in changes:
        if id(change) in done:
            continue
        one = change[0]
        gone = one.replaces in removed or one.replaces_day in removed_days or (over and one.sequence < plans[0].sequence)
        yield _meeting(replace(one, cancelled=True) if gone else one, one.start, change, len(change) - 1)


def _by_start(plans: Sequence[Invitation]) -> list[list[Invitation]]:
    groups: dict[int, list[Invitation]] = {}
    for one in plans:
        groups.setdefault(one.start, []).append(one)
    return [groups[start] for start in sorted(groups)]


def _starts(copies: Sequence[Invitation], end: int | None) -> dict[tuple[int, float | None], int] | None:
    """The starts of a series, with lengths where these differ -> number of copies; None if an endless one starts at `end` or later."""
    counted: Counter[tuple[int, float | None]] = Counter()
    known: dict[tuple[Any, ...], list[tuple[int, float | None]]] = {}
    late = False
    for one in copies:
        key = (one.added, one.removed, one.removed_days)
        if key not in known:
            known[key] = list(_starts_of(one, end))
            late |= not known[key] and is_endless(one) and end is not None and one.start >= end
        counted.update(known[key])
    return None if late and not counted else dict(counted)


def _starts_of(one: Invitation, end: int | None) -> Iterator[tuple[int, float | None]]:
    found: dict[int, float | None] = {}
    untils = []
    for text in one.rules:
        rule = Rule.parse(text)
        until = _until(rule, one)
        if until is not None:
            untils.append(until)
        found.update(dict.fromkeys(_ruled(text, rule, one, end)))
    if not one.rules or ((not untils or one.start <= max(untils)) and not (end is not None and one.start >= end and is_endless(one))):
        found.setdefault(one.start, None)
    found.update(one.added)
    for text in one.unless:
        for start in _ruled(text, Rule.parse(text), one, end):
            found.pop(start, None)
    for start, minutes in found.items():
        if start in one.removed:
            continue
        if one.removed_days and one.clock.wall(start).toordinal() in one.removed_days:
            continue
        yield start, minutes


def _until(rule: Rule, one: Invitation) -> int | None:
    """The last moment at which a meeting by a rule may start."""
    if rule.until is None:
        return None
    if rule.until_day:
        return one.clock.moment(rule.until + _DAY) - 1
    return (UTC_CLOCK if rule.until_utc else one.clock).moment(rule.until)


def _ruled(text: str, rule: Rule, one: Invitation, end: int | None) -> Iterator[int]:
    last = _until(rule, one)
    if rule.endless:
        if end is None or end <= one.start:
            return
        last = end - 1
    # A day more than needed by the clock; what is too late by the moment is left out below.
    bound = (
        one.clock.wall(last) + _DAY
        if last is not None
        else one.wall.replace(year=min(one.wall.year + 101, 9999), day=min(one.wall.day, 28))
    )
    for wall in walls(text, one.wall, bound):
        start = one.clock.moment(wall)
        if last is not None and start > last:
            return
        yield start


def _meeting(one: Invitation, start: int, copies: Sequence[Invitation], more: int) -> Meeting:
    code = "cancelled" if one.cancelled else "draft" if one.draft else "all_day" if one.all_day else "used"
    return Meeting(
        code,
        start,
        one.minutes,
        together(copies),
        more,
        any(copy.private for copy in copies),
        frozenset(copy.file for copy in copies),
    )
