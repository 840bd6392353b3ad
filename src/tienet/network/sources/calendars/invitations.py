"""What a calendar says of a meeting, whatever wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from tienet.network.sources.calendars.clocks import UTC_CLOCK, Clock

# What is known of someone invited: (id, answer). Several copies of a meeting may disagree, since each shows the answer of its owner and
# may show others as they were before. The larger answer holds.
Guest = tuple[str, int]
NO_ANSWER, TENTATIVE, ACCEPTED, ORGANISER, DELEGATED, DECLINED, NO_ADDRESS, GROUP, ROOM = range(9)
ANSWERS = {"TENTATIVE": TENTATIVE, "ACCEPTED": ACCEPTED, "DELEGATED": DELEGATED, "DECLINED": DECLINED}
REASONS_OF = {DELEGATED: "delegated", DECLINED: "declined", NO_ADDRESS: "no_address", GROUP: "group", ROOM: "room"}
# Google lets calendars of their own invite, and names them like people.
_ROOMS = ("@resource.calendar.google.com",)
_GROUPS = ("@group.calendar.google.com", "@calendar.google.com", "@import.calendar.google.com")


@dataclass(frozen=True, slots=True, eq=False)
class Invitation:
    """One entry of a calendar: a meeting, a series of meetings, or a changed meeting of a series.

    Parameters
    ----------
    uid
        The id that it has in all calendars.
    start
        The first start, microseconds UTC; of a whole day, its midnight as if it were UTC.
    wall
        The same by the clock, without a zone.
    clock
        The zone of `wall`.
    guests
        Everyone invited and the organiser, sorted by id.
    sequence, stamp
        The number of the version, and when it was written (microseconds UTC, 0 if not stated).
    minutes
        The length; None if not stated.
    rules, unless
        The rules by which it recurs, and those of dates on which it does not, as in iCalendar.
    added
        Further starts, microseconds UTC, each with its length or None.
    removed, removed_days
        Starts that are left out, in microseconds UTC, and days (`date.toordinal`) that are.
    replaces
        For a changed meeting of a series: the start that it has in the series.
    replaces_day
        The day of `replaces` by its own clock.
    day_only
        Whether `replaces` is a day.
    onward
        Whether the change holds for the later ones too.
    cancelled, all_day, private, draft
        Whether it is.
    own
        Whether the calendar is that of the organiser.
    file
        The number of its file.
    calendar
        The number of its calendar, 0 if a file may hold events of several.
    """

    uid: str
    start: int
    wall: datetime
    clock: Clock = UTC_CLOCK
    guests: tuple[Guest, ...] = ()
    sequence: int = 0
    stamp: int = 0
    minutes: float | None = None
    rules: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    added: tuple[tuple[int, float | None], ...] = ()
    removed: frozenset[int] = frozenset()
    removed_days: frozenset[int] = frozenset()
    replaces: int | None = None
    replaces_day: int = 0
    day_only: bool = False
    onward: bool = False
    cancelled: bool = False
    all_day: bool = False
    private: bool = False
    draft: bool = False
    own: bool = False
    file: int = 1
    calendar: int = 0


@dataclass(slots=True)
class Guests:
    """Everyone whom the calendars name, by id.

    Parameters
    ----------
    names
        Id -> display name.
    kinds
        Id -> the kind of those who are no people: `GROUP` or `ROOM`.
    aliases
        Id without an address -> the address that another line states for it.
    """

    names: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def invited(self, who: str, name: str | None, answer: int) -> Guest:
        """Note someone invited; returns the id and the answer."""
        if who.endswith(_ROOMS):
            answer = ROOM
        elif who.endswith(_GROUPS):
            answer = GROUP
        if name and who not in self.names:
            self.names[who] = name
        if answer in (GROUP, ROOM) and who:
            self.kinds[who] = answer
        return who, answer if who else max(answer, NO_ADDRESS)


_MAILTO = re.compile(r".*mailto:\s*", re.IGNORECASE | re.DOTALL)
_NOBODY = ("", "invalid:nomail", "invalid%3anomail", "none", "null")


def address_of(text: str) -> str:
    """The id of a calendar address: the mail address in lower case, or what else stands for it; empty if no one is named.

    Examples
    --------
    >>> address_of("MAILTO:Ann@Firm.example")
    'ann@firm.example'
    >>> address_of("urn:x-uid:00A")
    'urn:x-uid:00a'
    """
    from unicodedata import normalize

    plain = _MAILTO.sub("", text).strip().strip("<>\"'").strip()
    lowered = plain.lower() if plain.isascii() else normalize("NFC", plain).lower()
    return "" if lowered in _NOBODY else lowered
