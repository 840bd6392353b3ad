"""Events of Microsoft Graph, saved as JSON, to invitations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tienet.network.sources.calendars.clocks import UTC_CLOCK, Clock, named_clock
from tienet.network.sources.calendars.ics import NoMeeting, owner_of
from tienet.network.sources.calendars.invitations import (
    ACCEPTED,
    DECLINED,
    NO_ANSWER,
    ORGANISER,
    ROOM,
    TENTATIVE,
    Guest,
    Guests,
    Invitation,
    address_of,
)
from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.json_items import items
from tienet.network.sources.exports.moments import moment_of

_ANSWERS = {"organizer": ORGANISER, "accepted": ACCEPTED, "tentativelyaccepted": TENTATIVE, "declined": DECLINED}
_INDEX = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_STEPS = {
    "daily": "DAILY", "weekly": "WEEKLY", "absolutemonthly": "MONTHLY", "relativemonthly": "MONTHLY", "absoluteyearly": "YEARLY",
    "relativeyearly": "YEARLY",
}  # fmt: skip


@dataclass(slots=True)
class GraphReading:
    """What is read of files of events.

    Parameters
    ----------
    floating
        The clock of times without a zone.
    guests
        Everyone named so far.
    series
        Ids and UIDs of the series of which meetings are in the files.
    pages, unended, hidden
        Numbers of pages, of pages that name a next one, and of meetings that hide their guests.
    """

    floating: Clock | None
    guests: Guests
    series: set[str] = field(default_factory=set)
    pages: int = 0
    unended: int = 0
    hidden: int = 0

    def read(self, file: ExportFile) -> Iterator[tuple[int, Invitation | NoMeeting, str]]:
        """Yield for each event of a file its number, the `Invitation` or the `NoMeeting` with it, and the id of the plan of a series."""
        number = 0
        self.pages += 1
        owner = owner_of(file.name)
        for prefix, event in items(file, "value.item", "item", "@odata\\.nextLink", "@odata.nextLink"):
            if not prefix.endswith("item"):
                self.unended += isinstance(event, str)
                continue
            number += 1
            if not isinstance(event, dict):
                yield number, NoMeeting("bad_record"), ""
                continue
            kind = str(event.get("type") or "").lower()
            plan = str(event.get("id") or event.get("iCalUId") or "") if kind == "seriesmaster" else ""
            if kind in ("occurrence", "exception"):
                self.series.update(str(event[name]) for name in ("seriesMasterId", "iCalUId") if event.get(name))
            try:
                yield number, self._invitation(event, owner, file.number), plan
            except NoMeeting as problem:
                yield number, problem, plan

    def _invitation(self, event: Mapping[str, Any], owner: str, file: int) -> Invitation:
        guests = self._guests(event)
        start, clock = self._time(event.get("start"), "missing_time", "bad_time")
        end, _ = self._time(event.get("end"), None, "bad_duration")
        all_day = event.get("isAllDay") is True
        if end is not None and end < start:
            raise NoMeeting("bad_duration")
        rules: tuple[str, ...] = ()
        if event.get("recurrence") and str(event.get("type") or "seriesMaster").lower() == "seriesmaster":
            rules, clock = _rules(event["recurrence"], clock)
        self.hidden += event.get("hideAttendees") is True
        organiser = _address(event.get("organizer"))
        return Invitation(
            uid=str(event.get("iCalUId") or event.get("uid") or event.get("id") or ""),
            start=start,
            wall=clock.wall(start),
            clock=clock,
            guests=guests,
            stamp=_stamp(event),
            minutes=None if end is None else (end - start) / 60e6,
            rules=rules,
            removed_days=_removed(event.get("cancelledOccurrences")) if rules else frozenset(),
            cancelled=event.get("isCancelled") is True,
            all_day=all_day,
            private=str(event.get("sensitivity") or "").lower() in ("private", "confidential"),
            draft=event.get("isDraft") is True,
            own=event.get("isOrganizer") is True or (bool(organiser) and organiser == owner),
            file=file,
        )

    def _time(self, told: Any, missing: str | None, bad: str) -> tuple[Any, Clock]:
        text, zone = (told.get("dateTime"), told.get("timeZone")) if isinstance(told, dict) else (told, None)
        clock = named_clock(zone) if isinstance(zone, str) and zone else self.floating or UTC_CLOCK
        if clock is None:
            clock = self.floating
        if clock is None:
            raise NoMeeting("unknown_zone")
        try:
            moment = moment_of(text)
        except ValueError:
            raise NoMeeting(bad) from None
        if moment is None:
            if missing:
                raise NoMeeting(missing)
            return None, clock
        if isinstance(text, str) and _has_offset(text):
            return moment, clock
        return clock.moment(UTC_CLOCK.wall(moment)), clock

    def _guests(self, event: Mapping[str, Any]) -> tuple[Guest, ...]:
        best: dict[str, int] = {}
        nobody = 0
        attendees = event.get("attendees")
        told: list[tuple[Any, int]] = [(event.get("organizer"), ORGANISER)] if isinstance(event.get("organizer"), dict) else []
        for one in attendees if isinstance(attendees, list) else ():
            if isinstance(one, dict):
                status = one.get("status") or {}
                response = str(status.get("response") or "").lower() if isinstance(status, dict) else ""
                kind = str(one.get("type") or "").lower()
                told.append((one, ROOM if kind == "resource" else _ANSWERS.get(response, NO_ANSWER)))
        for one, answer in told:
            box = one.get("emailAddress")
            name = box.get("name") if isinstance(box, dict) else None
            who, answer = self.guests.invited(_address(one), name if isinstance(name, str) and "@" not in name else None, answer)
            if who:
                best[who] = max(best.get(who, 0), answer)
            else:
                nobody += answer != ORGANISER
        return (*((("", nobody),) if nobody else ()), *sorted(best.items()))


def _address(told: Any) -> str:
    box = told.get("emailAddress") if isinstance(told, dict) else None
    address = box.get("address") if isinstance(box, dict) else None
    return address_of(address) if isinstance(address, str) else ""


def _has_offset(text: str) -> bool:
    clock = text.strip().upper().partition("T")[2]
    return clock.endswith("Z") or "+" in clock or "-" in clock


def _stamp(event: Mapping[str, Any]) -> int:
    for name in ("lastModifiedDateTime", "createdDateTime"):
        try:
            moment = moment_of(event.get(name)) if isinstance(event.get(name), str) else None
        except ValueError:
            moment = None
        if moment is not None:
            return moment
    return 0


def _removed(told: Any) -> frozenset[int]:
    """The days of cancelled meetings of a series, which Graph writes as ``OID.<series>.2026-01-12``."""
    found = set()
    for one in told if isinstance(told, list) else ():
        try:
            found.add(date.fromisoformat(str(one).rpartition(".")[2]).toordinal())
        except ValueError:
            continue
    return frozenset(found)


def _rules(told: Any, clock: Clock) -> tuple[tuple[str, ...], Clock]:
    """The rule of a Graph recurrence as iCalendar writes it, and the clock by which it recurs."""
    try:
        pattern, span = told["pattern"], told["range"]
        kind = str(pattern["type"]).lower()
        parts = [f"FREQ={_STEPS[kind]}", f"INTERVAL={int(pattern.get('interval') or 1)}"]
        days = ",".join(str(day)[:2].upper() for day in pattern.get("daysOfWeek") or ())
        if kind == "weekly" or kind.startswith("relative"):
            parts.append(f"BYDAY={days}")
        if kind.startswith("relative"):
            parts.append(f"BYSETPOS={_INDEX[str(pattern.get('index') or 'first').lower()]}")
        if kind.startswith("absolute"):
            parts.append(f"BYMONTHDAY={int(pattern['dayOfMonth'])}")
        if kind.endswith("yearly"):
            parts.append(f"BYMONTH={int(pattern['month'])}")
        if kind == "weekly" and pattern.get("firstDayOfWeek"):
            parts.append(f"WKST={str(pattern['firstDayOfWeek'])[:2].upper()}")
        end = str(span["type"]).lower()
        if end == "numbered":
            parts.append(f"COUNT={int(span['numberOfOccurrences'])}")
        elif end == "enddate":
            parts.append(f"UNTIL={str(span['endDate']).replace('-', '')}")
        zone = span.get("recurrenceTimeZone")
        return (";".join(parts),), (named_clock(zone) if isinstance(zone, str) and zone else None) or clock
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NoMeeting("bad_recurrence") from None
