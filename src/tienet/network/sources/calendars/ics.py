"""iCalendar files (RFC 5545) to invitations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tienet.network.sources.calendars.clocks import EPOCH, MICROSECOND, UTC_CLOCK, Clock, defined_clock, named_clock
from tienet.network.sources.calendars.invitations import (
    ANSWERS,
    GROUP,
    NO_ANSWER,
    ORGANISER,
    ROOM,
    Guest,
    Guests,
    Invitation,
    address_of,
)
from tienet.network.sources.calendars.lines import Block, blocks, lines_of, parameters, text_of_line
from tienet.network.sources.calendars.rules import wall_of
from tienet.network.sources.exports.files import ExportFile

_TZID = re.compile(r';\s*TZID\s*=\s*("[^"]*"|[^;]*)', re.IGNORECASE)
_DURATION = re.compile(r"\s*([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
# Methods of messages about meetings that are no meetings.
_ANSWERS_TO = frozenset(("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"))
_FIRST, _LAST = 0, (datetime(2200, 1, 1) - EPOCH) // MICROSECOND
_MOST_HELD = 100_000


class NoMeeting(Exception):  # noqa: N818 - caught where it is counted
    """An entry that is no meeting, by the reason code under which it is counted."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class _Calendar:
    """What one calendar says outside of its entries."""

    method: str = ""
    owner: str = ""
    floating: Clock | None = None
    zones: dict[str, Clock | None] = field(default_factory=dict)


@dataclass(slots=True)
class IcsReading:
    """What is read of calendar files.

    Parameters
    ----------
    floating
        The clock of times without a zone, if the user gives one; it then also takes the place of unknown zones.
    guests
        Everyone named so far.
    calendars, unended, unzoned
        Numbers of calendars, of those whose end is missing, and of entries without a zone.
    """

    floating: Clock | None
    guests: Guests
    calendars: int = 0
    unended: int = 0
    unzoned: int = 0
    _lines: dict[bytes, Guest] = field(default_factory=dict)
    _lists: dict[tuple[Guest, ...], tuple[Guest, ...]] = field(default_factory=dict)

    def read(self, file: ExportFile) -> Any:
        """Yield for each entry of a file its number and the `Invitation`, or the `NoMeeting` with it."""
        calendar = _Calendar(owner=owner_of(file.name))
        waiting: list[tuple[int, Block]] = []
        number = 0
        with file.open() as stream:
            for block in blocks(lines_of(stream)):
                if block.kind == "event":
                    number += 1
                    if self._waits(block, calendar):
                        waiting.append((number, block))
                    else:
                        yield number, self._entry(block, calendar, file.number)
                elif block.kind == "zone":
                    _define(block, calendar)
                elif block.kind == "property":
                    self._property(block, calendar)
                else:
                    for at, one in waiting:
                        yield at, self._entry(one, calendar, file.number)
                    waiting = []
                    self.calendars += block.kind == "calendar"
                    self.unended += not block.whole
                    calendar = _Calendar(owner=owner_of(file.name))

    def _property(self, block: Block, calendar: _Calendar) -> None:
        ((name, lines),) = block.held.items()
        value = parameters(text_of_line(lines[0]))[1].strip()
        if name == b"METHOD":
            calendar.method = value.upper()
        elif name == b"X-WR-TIMEZONE":
            calendar.floating = named_clock(value)
        elif match := _ADDRESS.fullmatch(value):
            calendar.owner = match[0].lower()

    def _waits(self, block: Block, calendar: _Calendar) -> bool:
        """Whether an entry names a zone that is not known yet: its definition may follow."""
        for name in (b"DTSTART", b"DTEND", b"RECURRENCE-ID"):
            for line in block.held.get(name, ()):
                if b"TZID" in line.upper() and self._clock(_zone_of_line(text_of_line(line)), calendar) is None:
                    return True
        return False

    def _clock(self, zone: str, calendar: _Calendar) -> Clock | None:
        return named_clock(zone) or calendar.zones.get(_plain(zone))

    def _entry(self, block: Block, calendar: _Calendar, file: int) -> Invitation | NoMeeting:
        try:
            return self._invitation(block, calendar, file)
        except NoMeeting as problem:
            return problem

    def _invitation(self, block: Block, calendar: _Calendar, file: int) -> Invitation:
        held = block.held
        if not block.whole:
            raise NoMeeting("truncated")
        if calendar.method in _ANSWERS_TO:
            raise NoMeeting("other_action")
        guests = self._guests(held)
        if b"DTSTART" not in held:
            raise NoMeeting("missing_time")
        wall, start, clock, all_day = self._time(held[b"DTSTART"][0], calendar)
        if not _FIRST <= start < _LAST:
            raise NoMeeting("bad_time")
        rules, unless = (tuple(_value(line) for line in held.get(name, ())) for name in (b"RRULE", b"EXRULE"))
        replaces, replaces_day, day_only, onward = None, 0, False, False
        if b"RECURRENCE-ID" in held:
            line = held[b"RECURRENCE-ID"][0]
            day, replaces, _, day_only = self._time(line, calendar)
            replaces_day, onward = day.toordinal(), b"THISANDFUTURE" in line.upper()
            rules = unless = ()
        removed, removed_days = self._removed(held.get(b"EXDATE", ()), calendar, all_day)
        status = _upper(held, b"STATUS")
        organiser = next((who for who, answer in guests if answer == ORGANISER), "")
        return Invitation(
            uid=_value(held[b"UID"][0]) if b"UID" in held else "",
            start=start,
            wall=wall,
            clock=clock,
            guests=guests,
            sequence=_number(held),
            stamp=self._stamp(held),
            minutes=self._minutes(held, calendar, start, all_day),
            rules=rules,
            unless=unless,
            added=self._added(held.get(b"RDATE", ()), calendar) if replaces is None else (),
            removed=removed,
            removed_days=removed_days,
            replaces=replaces,
            replaces_day=replaces_day,
            day_only=day_only,
            onward=onward,
            cancelled=status == "CANCELLED" or calendar.method == "CANCEL",
            all_day=all_day,
            private=_upper(held, b"CLASS") in ("PRIVATE", "CONFIDENTIAL"),
            draft=status == "DRAFT",
            own=bool(organiser) and organiser == calendar.owner,
            file=file,
            calendar=self.calendars,
        )

    def _time(self, line: bytes, calendar: _Calendar) -> tuple[datetime, int, Clock, bool]:
        """A time: by its clock, in microseconds UTC, its clock, and whether it is a day."""
        text = text_of_line(line)
        value = text.rpartition(":")[2]
        if not value.strip():
            raise NoMeeting("missing_time")
        try:
            wall, day, utc = wall_of(value)
            clock = UTC_CLOCK if utc or day else self._clock_of_line(text, calendar)
            return wall, clock.moment(wall), clock, day
        except (ValueError, OverflowError):
            raise NoMeeting("bad_time") from None

    def _clock_of_line(self, text: str, calendar: _Calendar) -> Clock:
        zone = _zone_of_line(text)
        if zone:
            clock = self._clock(zone, calendar) or self.floating
            if clock is None:
                raise NoMeeting("unknown_zone")
            return clock
        self.unzoned += 1
        return self.floating or calendar.floating or UTC_CLOCK

    def _minutes(self, held: Mapping[bytes, Sequence[bytes]], calendar: _Calendar, start: int, all_day: bool) -> float | None:
        if b"DTEND" in held:
            try:
                end = self._time(held[b"DTEND"][0], calendar)[1]
            except NoMeeting as problem:
                raise NoMeeting("bad_duration" if problem.code != "unknown_zone" else problem.code) from None
            length = end - start
        elif b"DURATION" in held:
            length = duration_of(_value(held[b"DURATION"][0])) // MICROSECOND
        else:
            return None
        if length < 0 and not all_day:
            raise NoMeeting("bad_duration")
        return length / 60e6

    def _stamp(self, held: Mapping[bytes, Sequence[bytes]]) -> int:
        for name in (b"DTSTAMP", b"LAST-MODIFIED", b"CREATED"):
            for line in held.get(name, ()):
                try:
                    moment = UTC_CLOCK.moment(wall_of(text_of_line(line).rpartition(":")[2])[0])
                except (ValueError, OverflowError):
                    continue
                if _FIRST <= moment < _LAST:
                    return moment
        return 0

    def _removed(self, lines: Sequence[bytes], calendar: _Calendar, all_day: bool) -> tuple[frozenset[int], frozenset[int]]:
        moments, days = set(), set()
        for wall, moment, day in self._list(lines, calendar):
            if day or all_day:
                days.add(wall.toordinal())
            else:
                moments.add(moment)
        return frozenset(moments), frozenset(days)

    def _added(self, lines: Sequence[bytes], calendar: _Calendar) -> tuple[tuple[int, float | None], ...]:
        found: list[tuple[int, float | None]] = []
        for line in lines:
            text = text_of_line(line)
            for part in text.rpartition(":")[2].split(","):
                begin, _, end = part.partition("/")
                for _, moment, _ in self._list([_with_value(line, begin)], calendar):
                    minutes: float | None = None
                    if end.strip().upper().startswith(("P", "+P")):
                        minutes = duration_of(end) / timedelta(minutes=1)
                    elif end:
                        minutes = sum((last - moment) / 60e6 for _, last, _ in self._list([_with_value(line, end)], calendar))
                    found.append((moment, minutes))
        return tuple(sorted(found, key=lambda one: one[0]))

    def _list(self, lines: Sequence[bytes], calendar: _Calendar) -> list[tuple[datetime, int, bool]]:
        """The times of EXDATE and RDATE lines, several in a line; an unreadable one makes the recurrence unreadable."""
        found = []
        for line in lines:
            text = text_of_line(line)
            for part in text.rpartition(":")[2].split(","):
                if not part.strip():
                    continue
                try:
                    wall, day, utc = wall_of(part)
                except ValueError:
                    raise NoMeeting("bad_recurrence") from None
                clock = UTC_CLOCK if utc or day else self._clock_of_line(text, calendar)
                found.append((wall, clock.moment(wall), day))
        return found

    def _guests(self, held: Mapping[bytes, Sequence[bytes]]) -> tuple[Guest, ...]:
        best: dict[str, int] = {}
        nobody = 0
        for name in (b"ORGANIZER", b"ATTENDEE"):
            for line in held.get(name, ()):
                guest = self._lines.get(line)
                if guest is None:
                    if len(self._lines) > _MOST_HELD:
                        self._lines.clear()
                    guest = self._lines[line] = self._guest(text_of_line(line), name == b"ORGANIZER")
                who, answer = guest
                if who:
                    best[who] = max(best.get(who, 0), answer)
                else:
                    nobody += name == b"ATTENDEE"
        listed = (*((("", nobody),) if nobody else ()), *sorted(best.items()))  # no id comes before all others
        return self._lists.setdefault(listed, listed)

    def _guest(self, line: str, organiser: bool) -> Guest:
        stated, value = parameters(line)
        who = address_of(value)
        mail = address_of(stated.get("EMAIL", ""))
        if "@" in mail:
            if who and who != mail and "@" not in who:
                self.guests.aliases[who] = mail
            who = mail
        kind = stated.get("CUTYPE", "").strip().upper()
        answer = ORGANISER if organiser else ANSWERS.get(stated.get("PARTSTAT", "").strip().upper(), NO_ANSWER)
        answer = ROOM if kind in ("ROOM", "RESOURCE") else GROUP if kind == "GROUP" else answer
        return self.guests.invited(who, stated.get("CN", "").strip() or None, answer)


def _define(block: Block, calendar: _Calendar) -> None:
    lines = tuple(text_of_line(line) for line in block.zone)
    names = [line.partition(":")[2].strip() for line in lines if re.match(r"TZID\s*[;:]", line, re.IGNORECASE)]
    location = [line.partition(":")[2].strip() for line in lines if line.upper().startswith("X-LIC-LOCATION")]
    for name in names:
        known = next((clock for one in location if (clock := named_clock(one))), None)
        calendar.zones[_plain(name)] = known or defined_clock(lines)


def owner_of(name: str) -> str:
    """The address of the mailbox that a file is of, if its name or the name of its folder is one; else empty."""
    folders, _, file = name.lower().rpartition("/")
    file = re.sub(r"\.(ics|ical|json)(\.\w+)?$", "", file)
    for part in (file, *reversed(folders.split("/"))):
        if _ADDRESS.fullmatch(part):
            return part
    return ""


def duration_of(text: str) -> timedelta:
    """A length such as ``PT1H30M``.

    Examples
    --------
    >>> duration_of("P1DT2H")
    datetime.timedelta(days=1, seconds=7200)
    """
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()[1:]):
        raise NoMeeting("bad_duration")
    sign, *parts = match.groups()
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts)
    try:
        length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise NoMeeting("bad_duration") from None
    return -length if sign == "-" else length


def _zone_of_line(text: str) -> str:
    match = _TZID.search(text.rpartition(":")[0])
    return match[1] if match else ""


def _plain(zone: str) -> str:
    return zone.strip().strip('"').replace("\\", "").strip()


def _with_value(line: bytes, value: str) -> bytes:
    return line[: line.rindex(b":") + 1] + value.encode()


def _value(line: bytes) -> str:
    return parameters(text_of_line(line))[1].strip()


def _upper(held: Mapping[bytes, Sequence[bytes]], name: bytes) -> str:
    return _value(held[name][0]).upper() if name in held else ""


def _number(held: Mapping[bytes, Sequence[bytes]]) -> int:
    try:
        return int(_value(held[b"SEQUENCE"][0])) if b"SEQUENCE" in held else 0
    except ValueError:
        return 0
