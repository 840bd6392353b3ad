"""Clocks of calendars: time zones by name, and those that a calendar defines itself."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from tienet.network.sources.calendars.rules import Rule, wall_of, walls
from tienet.network.sources.exports.moments import zone_of

EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
_LAST_CHANGE = datetime(2100, 1, 1)
_OFFSET = re.compile(r"\s*(?:UTC|GMT)?\s*([+-])\s*(\d{1,2}):?(\d\d)?(?::?\d\d)?\s*", re.IGNORECASE)
# Zones that Windows shows without the name of a city.
_SHOWN = {
    "eastern time": "America/New_York", "central time": "America/Chicago", "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles", "atlantic time": "America/Halifax", "alaska": "America/Anchorage", "hawaii": "Pacific/Honolulu",
    "arizona": "America/Phoenix", "indiana": "America/Indiana/Indianapolis", "newfoundland": "America/St_Johns",
    "saskatchewan": "America/Regina", "central america": "America/Guatemala", "west central africa": "Africa/Lagos",
    "chennai": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "beijing": "Asia/Shanghai", "osaka": "Asia/Tokyo",
    "bern": "Europe/Zurich", "edinburgh": "Europe/London", "canberra": "Australia/Sydney", "kyiv": "Europe/Kiev", "abu dhabi": "Asia/Dubai",
    "islamabad": "Asia/Karachi", "hanoi": "Asia/Bangkok", "wellington": "Pacific/Auckland", "brasilia": "America/Sao_Paulo",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """A clock on the wall: what it shows is a moment plus an offset.

    Parameters
    ----------
    name
        The zone.
    offset
        A function: the offset at a time by this clock. A time that the clock shows twice is the first one.
    shows
        A function: the time by this clock at a time in UTC.
    """

    name: str
    offset: Callable[[datetime], timedelta]
    shows: Callable[[datetime], datetime]

    def moment(self, wall: datetime) -> int:
        """Microseconds UTC of a time by this clock."""
        return (wall - EPOCH - self.offset(wall)) // MICROSECOND

    def wall(self, moment: int) -> datetime:
        """The time by this clock at a moment, microseconds UTC."""
        return self.shows(EPOCH + moment * MICROSECOND)


UTC_CLOCK = Clock("UTC", lambda _: timedelta(0), lambda moment: moment)


def _fixed(offset: timedelta) -> Clock:
    return Clock("fixed", lambda _: offset, lambda moment: moment + offset)


@lru_cache(maxsize=1024)
def named_clock(name: str) -> Clock | None:
    """The clock of a time zone by its IANA or Windows name, also with what some programs put before it; None if it is not known.

    Examples
    --------
    >>> from datetime import datetime
    >>> named_clock("/mozilla.org/20050126_1/Europe/Berlin").moment(datetime(2024, 3, 1, 10))
    1709283600000000
    """
    plain = name.strip().strip('"').replace("\\,", ",").strip()
    if plain.upper() in ("UTC", "Z", "GMT", "TZONE://MICROSOFT/UTC"):
        return UTC_CLOCK
    parts = plain.strip("/").split("/")
    for candidate in (plain, *("/".join(parts[-several:]) for several in (3, 2))):
        # A path or an empty name is no zone, whatever the file system says.
        if candidate and not candidate.startswith(("/", ".")) and (found := zone_of(candidate)):
            return _of_zone(ZoneInfo(found))
    return _displayed_clock(plain)


def _displayed_clock(text: str) -> Clock | None:
    """The clock of a zone as Windows shows it, such as ``(UTC+01:00) Amsterdam, Berlin, Bern``, or of an offset alone."""
    head, _, words = text.partition(")") if text.startswith("(") else (text, "", "")
    match = _OFFSET.fullmatch(head.lstrip("("))
    if match is None and not ("," in text or head.lstrip("(").strip().upper() in ("UTC", "GMT")):
        return None
    length = timedelta(hours=int(match[2]), minutes=int(match[3] or 0)) if match else None
    if length is not None and (match and match[1] == "-"):
        length = -length
    if length is not None and abs(length) >= timedelta(hours=24):
        return None
    places = [part.strip().casefold() for part in (words or ("" if match else text)).split(",")]
    found = [zone for place in places if (zone := _SHOWN.get(place.partition(" (")[0]) or _by_city().get(place))]
    if words or not match:
        for zone in found:
            clock = _of_zone(ZoneInfo(zone))
            # In the half of the year without summer time, Windows's name has the offset of the zone.
            if length is None or length in {clock.offset(datetime(2020, month, 1)) for month in (1, 7)}:
                return clock
    return _fixed(length) if length is not None else None


@lru_cache(maxsize=1)
def _by_city() -> dict[str, str]:
    """City -> its zone, as in "Europe/Berlin"."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "US/", "posix/", "right/")))
    return {zone.rpartition("/")[2].replace("_", " ").casefold(): zone for zone in zones}


def _of_zone(zone: ZoneInfo) -> Clock:
    def offset(wall: datetime) -> timedelta:
        return wall.replace(tzinfo=zone).utcoffset() or timedelta(0)

    def shows(moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

    return Clock(zone.key, offset, shows)


@dataclass(frozen=True, slots=True)
class _Change:
    """From `at` (by the clock before it) on, the offset is `after`; before it, it was `before`."""

    at: datetime
    before: timedelta
    after: timedelta


@lru_cache(maxsize=256)
def defined_clock(lines: tuple[str, ...]) -> Clock | None:
    """The clock that a calendar defines in a VTIMEZONE; None if its lines cannot be read."""
    try:
        changes = sorted(_changes(lines), key=lambda one: one.at)
    except (ValueError, KeyError, OverflowError):
        return None
    if not changes:
        return None
    first = changes[0].before
    # A time that the clock skips has the offset before the change, and one that it shows twice is the first of them.
    walls_at = [one.at + max(one.after - one.before, timedelta(0)) for one in changes]
    moments_at = [one.at - one.before for one in changes]

    def offset(wall: datetime) -> timedelta:
        at = bisect_right(walls_at, wall)
        return changes[at - 1].after if at else first

    def shows(moment: datetime) -> datetime:
        at = bisect_right(moments_at, moment)
        return moment + (changes[at - 1].after if at else first)

    return Clock("defined", offset, shows)


def _changes(lines: Sequence[str]) -> Iterable[_Change]:
    held: dict[str, list[str]] = {}
    for line in lines:
        head, _, value = line.partition(":")
        name = head.partition(";")[0].strip().upper()
        if name == "BEGIN":
            held = {}
        elif name == "END" and value.strip().upper() in ("STANDARD", "DAYLIGHT"):
            yield from _changes_of(held)
        else:
            held.setdefault(name, []).append(value.strip())


def _changes_of(held: dict[str, list[str]]) -> Iterable[_Change]:
    before, after = (_offset(held[name][0]) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    start = wall_of(held["DTSTART"][0])[0]
    found = {start}
    for text in held.get("RRULE", ()):
        rule = Rule.parse(text)
        last = _LAST_CHANGE
        if rule.until is not None:
            last = min(last, rule.until + (before if rule.until_utc else timedelta(days=1 if rule.until_day else 0)))
        found.update(walls(text, start, last))
    found.update(wall_of(part)[0] for value in held.get("RDATE", ()) for part in value.partition("/")[0].split(","))
    return [_Change(at, before, after) for at in found]


def _offset(text: str) -> timedelta:
    match = re.fullmatch(r"\s*([+-]?)(\d\d):?(\d\d)?:?(\d\d)?\s*", text)
    if not match:
        raise ValueError
    length = timedelta(hours=int(match[2]), minutes=int(match[3] or 0), seconds=int(match[4] or 0))
    return -length if match[1] == "-" else length
