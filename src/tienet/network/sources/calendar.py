"""Calendars: iCalendar files and events of Microsoft Graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from tienet.base.checks import choice
from tienet.base.errors import RowsUnmatched, warn
from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.base.time import day_text
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.calendars.clocks import Clock, named_clock
from tienet.network.sources.calendars.graph import GraphReading
from tienet.network.sources.calendars.ics import IcsReading, NoMeeting
from tienet.network.sources.calendars.invitations import ACCEPTED, GROUP, ORGANISER, REASONS_OF, ROOM, Guests, Invitation
from tienet.network.sources.calendars.meetings import Meeting, is_endless, meetings_of
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records

__all__ = ["read_calendar"]

Attending = Literal["invited", "accepted"]
PrivateMeetings = Literal["keep", "drop"]
_JSON = r".*\.json(\.\w+)?"
_ICS = r".*\.(ics|ical|icalendar|ifb|vcs)(\.\w+)?"


def read_calendar(
    path: PathSpec,
    *,
    people: People | PathSpec | object = None,
    identities: PathSpec | object = None,
    domains: str | Sequence[str] | None = None,
    timezone: str | None = None,
    since: Any = None,
    until: Any = None,
    max_people: int = 250,
    ids: IdRule = "exact",
    attending: Attending = "invited",
    private: PrivateMeetings = "keep",
) -> InteractionLog:
    r"""Read the meetings of calendars: iCalendar files (``.ics``), and events of Microsoft Graph saved as JSON.

    A meeting is one record. The organiser and all invited, except those who declined or sent someone else, rooms and groups, are there
    together: every pair of them, both ways (`meeting`). Series are expanded to their meetings; changed and cancelled ones take the place of
    those that they change. A meeting that several calendars hold counts once: by its UID and start.

    Parameters
    ----------
    path
        A file, or a folder or ZIP of them, such as one calendar for each person.
    people
        The people table, or its path. Ids whose address it holds become its ids; other ids are then written ``email:address``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``; see `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only are left out.
    timezone
        The zone of days and of times without one or in one that is not known. By default, times without a zone are in that of their
        calendar (``X-WR-TIMEZONE``), else in UTC; meetings in a zone that is not known are rejected.
    since, until
        The period, from the day or moment `since` to before `until`; by default all. Series without an end are expanded to `until`; by
        default to the latest moment at which an entry was written (``DTSTAMP``, ``lastModifiedDateTime``).
    max_people
        Meetings with more people are excluded.
    ids
        How ids are compared, as in `read_log`.
    attending
        Who counts as there: "invited" for all who did not decline, "accepted" for the organiser and those who accepted.
    private
        "drop" leaves out meetings that are marked as private or confidential.

    Returns
    -------
    InteractionLog
        `duration` is the length of the meeting in minutes.

    Raises
    ------
    DataError
        The path holds no calendar, a file is damaged, or no meeting has two people.

    Notes
    -----
    Of entries with one UID, those with the highest ``SEQUENCE`` hold; of these the one written last says when the meeting is. Who declined
    is taken from the calendar of the organiser if it is there (the name of the file, of its folder, or of the calendar is the address of
    the organiser; ``isOrganizer`` in Graph); else someone who declined in any of them has declined.

    References
    ----------
    RFC 5545, Internet Calendaring and Scheduling Core Object Specification, 2009. https://www.rfc-editor.org/rfc/rfc5545

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> lines = [
    ...     "BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20250203T080000Z",
    ...     "DTSTART:20250204T090000Z", "DURATION:PT30M", "RRULE:FREQ=WEEKLY;COUNT=3", "ORGANIZER:mailto:ann@firm.example",
    ...     "ATTENDEE:mailto:bob@firm.example", "ATTENDEE;PARTSTAT=DECLINED:mailto:cyn@firm.example", "END:VEVENT", "END:VCALENDAR",
    ... ]
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "ann.ics"
    ...     _ = file.write_text("\n".join(lines))
    ...     log = read_calendar(file)
    >>> print(log.ledger)
    3 records in: 3 used; they gave 6 interactions
    >>> log.left_out
    {'declined': 3}
    """
    choice("attending", attending, get_args(Attending))
    choice("private", private, get_args(PrivateMeetings))
    export = open_export(path, kind="calendar")
    records = Records(
        "calendar",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    held = _read_files(export, None if timezone is None else named_clock(records.zone), records)
    end = records.until if records.until is not None else _last_written(held)
    present = _Present(held.guests, attending)
    doubles = _Doubles()
    for entries in held.of_uid.values():
        for meeting in meetings_of(entries, end):
            _add(meeting, entries[0].uid, present, records, private, doubles)
    _tell_people(held.guests, records)
    _tell_what_matters(held, end, attending, records)
    doubles.warn(records)
    return records.log()


@dataclass(slots=True)
class _Entries:
    """The entries of all calendars: by UID, those of one UID in the order in which they were read."""

    ics: IcsReading
    graph: GraphReading
    guests: Guests
    of_uid: dict[str, list[Invitation]] = field(default_factory=dict)
    endless: int = 0
    latest: int = 0
    latest_start: int = 0

    def keep(self, one: Invitation) -> None:
        """Keep an entry; one without a UID is the same as another with the same start, length and guests."""
        if not one.uid:
            one = replace(one, uid=f"\n{one.start} {one.minutes} {one.rules} {one.guests}")
        self.of_uid.setdefault(one.uid, []).append(one)
        self.latest = max(self.latest, one.stamp)
        self.latest_start = max(self.latest_start, one.start)
        self.endless += is_endless(one)


def _read_files(export: Export, floating: Clock | None, records: Records) -> _Entries:
    guests = Guests()
    held = _Entries(IcsReading(floating, guests), GraphReading(floating, guests), guests)
    plans: list[tuple[Invitation | NoMeeting, str, tuple[int, int]]] = []
    understood = False
    for file, is_json in _calendars(export):
        understood = True
        for number, entry, plan in held.graph.read(file) if is_json else ((at, one, "") for at, one in held.ics.read(file)):
            if plan:
                plans.append((entry, plan, (file.number, number)))
            elif isinstance(entry, NoMeeting):
                records.skip(entry.code, at=(file.number, number))
            else:
                held.keep(entry)
    if not understood:
        raise not_understood(export, "BEGIN:VCALENDAR in .ics files, or JSON events with start, end and attendees")
    for entry, plan, at in plans:
        if plan in held.graph.series or (isinstance(entry, Invitation) and entry.uid in held.graph.series):
            records.skip("series_master")
        elif isinstance(entry, NoMeeting):
            records.skip(entry.code, at=at)
        else:
            held.keep(entry)
    return held


def _calendars(export: Export) -> Iterator[tuple[ExportFile, bool]]:
    """The files that hold calendars, and whether each is JSON. Files of other kinds beside them are passed over."""
    named = export.find(_ICS), export.find(_JSON)
    others = export.files if not any(named) else ()
    for file in (*named[0], *named[1], *others):
        head = file.head(1 << 16)
        text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", errors="replace").lstrip("\ufeff \r\n\t")
        if _looks_like_calendar(text):
            yield file, False
        elif text.startswith(("{", "[")) and _looks_like_events(text):
            yield file, True


def _looks_like_calendar(text: str) -> bool:
    upper = text.upper()
    return "BEGIN:VCALENDAR" in upper or "BEGIN:VEVENT" in upper


def _looks_like_events(text: str) -> bool:
    """Whether JSON begins as events do. One without events has no sign of them but its context."""
    return '"iCalUId"' in text or ('"start"' in text and '"attendees"' in text) or ("/events" in text[:500] and '"value"' in text)


def _last_written(held: _Entries) -> int | None:
    """The moment to which series without an end are expanded: that of the latest entry, with the meetings that start then."""
    latest = held.latest or held.latest_start
    return latest + 1 if held.of_uid else None


def _add(meeting: Meeting, uid: str, present: _Present, records: Records, private: PrivateMeetings, doubles: _Doubles) -> None:
    code = meeting.code
    if code == "used" and meeting.private and private == "drop":
        code = "private"
    if code != "used" or meeting.start is None:
        for _ in range(meeting.copies + 1):
            records.skip(code)
        return
    there, left_out = present.of(meeting.guests)
    records.meet(meeting.start, there, event=f"{uid}\n{meeting.start}", duration=meeting.minutes, left_out=left_out)
    for _ in range(meeting.copies):
        records.skip("repeated_record")
    doubles.note(meeting, there)


@dataclass(slots=True)
class _Present:
    """Who of those invited is in a meeting; the meetings of a series share the answer."""

    known: Guests
    attending: Attending
    _last: Mapping[str, int] | None = None
    _answer: tuple[list[str], dict[str, int]] = field(default_factory=lambda: ([], {}))

    def of(self, guests: Mapping[str, int]) -> tuple[list[str], dict[str, int]]:
        """Those who are there, and how many others are not, by reason."""
        if guests is not self._last:
            self._last, self._answer = guests, self._sorted_out(guests)
        return self._answer

    def _sorted_out(self, guests: Mapping[str, int]) -> tuple[list[str], dict[str, int]]:
        best: dict[str, int] = {}
        for who, answer in guests.items():
            plain = self.known.aliases.get(who, who)
            best[plain] = max(best.get(plain, 0), answer) if plain else answer
        left_out: dict[str, int] = {}
        there = []
        for who, answer in sorted(best.items()):
            reason = "no_address" if not who else REASONS_OF.get(self.known.kinds.get(who, answer))
            if reason is None and self.attending == "accepted" and answer not in (ACCEPTED, ORGANISER):
                reason = "not_accepted"
            if reason is None:
                there.append(who)
            else:
                left_out[reason] = left_out.get(reason, 0) + (answer if not who else 1)
        return there, left_out


def _tell_people(guests: Guests, records: Records) -> None:
    for who in (*guests.names, *guests.kinds):
        plain = guests.aliases.get(who, who)
        kind = guests.kinds.get(who)
        records.person(plain, name=guests.names.get(who), room=kind == ROOM, group=kind == GROUP)


def _tell_what_matters(held: _Entries, end: int | None, attending: Attending, records: Records) -> None:
    ics, graph = held.ics, held.graph
    who = "The organiser and all who were invited and did not decline" if attending == "invited" else "The organiser and those who accepted"
    records.note(f"{who} count as in a meeting; who came is not known.")
    if held.endless and end is not None:
        given = records.until is not None
        why = "the end of the period" if given else "the latest moment at which an entry was written; until= sets another end"
        records.note(f"{counted(held.endless, 'series', 'series')} without an end: expanded to {day_text(end - 1, records.zone)}, {why}.")
    if ics.unzoned:
        zone = records.zone if ics.floating is not None else "that of their calendar, or else in UTC"
        records.note(f"Times without a zone ({ics.unzoned:,}) were read in {zone}; timezone= sets another.")
    if ics.unended:
        records.lack(f"The end of {counted(ics.unended, 'calendar')} is missing: meetings may be missing, so ties are understated.")
    if graph.unended and graph.unended == graph.pages:
        records.lack("Every file of events names a next page: pages are missing, so ties are understated.")
    if graph.hidden:
        records.lack(f"The guests of {counted(graph.hidden, 'meeting')} are hidden, and missing, so ties are understated.")
    records.lack("A mailing list that is invited is one guest: its members are missing, so ties are understated.")


@dataclass(slots=True)
class _Doubles:
    """Meetings with the same start, length and people, under different UIDs in different files."""

    files: dict[int, frozenset[int]] = field(default_factory=dict)
    count: int = 0

    def note(self, meeting: Meeting, there: Sequence[str]) -> None:
        """Look at a meeting."""
        if len(there) < 2:
            return
        key = hash((meeting.start, meeting.minutes, tuple(there)))
        before = self.files.get(key)
        if before is None:
            self.files[key] = meeting.files
        elif not before & meeting.files:
            self.count += 1
            self.files[key] = before | meeting.files

    def warn(self, records: Records) -> None:
        """Warn of them."""
        if self.count:
            warn(
                f"{counted(self.count, 'meeting')} with the start, length and people of a meeting of another file, and another UID: if the "
                "files are two downloads of one calendar, pass the later one only",
                RowsUnmatched,
            )
            records.note(f"{counted(self.count, 'meeting')} may be counted twice: another file holds the same under another UID.")
