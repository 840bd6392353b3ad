"""Rules of repeated meetings, as in iCalendar, to the times by the clock that they give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

MOST = 50_000  # occurrences of a series: 137 years of a daily meeting
LONGEST = 100  # years
_NEVER = 2100  # programs write an UNTIL in this year or later, such as 9999, for no end
_NUMBERS = {
    "BYMONTH": "bymonth", "BYMONTHDAY": "bymonthday", "BYYEARDAY": "byyearday", "BYWEEKNO": "byweekno", "BYSETPOS": "bysetpos",
    "BYHOUR": "byhour", "BYMINUTE": "byminute", "BYSECOND": "bysecond",
}  # fmt: skip
_DAYS = {day: at for at, day in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
# Nobody meets every minute; such a rule would run for hours.
_STEPS = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
_TIME = re.compile(r"\s*(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d):?(\d\d)?(?:[.,]\d+)?\s*(Z?))?\s*", re.IGNORECASE)


@lru_cache(maxsize=4096)
def wall_of(text: str) -> tuple[datetime, bool, bool]:
    """A date or time of iCalendar: the time by its clock, whether it is a day, whether it is in UTC.

    Raises
    ------
    ValueError
        It is neither.

    Examples
    --------
    >>> wall_of("20240301T090000Z")
    (datetime.datetime(2024, 3, 1, 9, 0), False, True)
    """
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError
    year, month, day, hour, minute, second, zulu = match.groups()
    if hour is None:
        return datetime(int(year), int(month), int(day)), True, False
    return datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59)), False, bool(zulu)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of iCalendar.

    Parameters
    ----------
    step
        YEARLY, MONTHLY, WEEKLY, DAILY or HOURLY.
    options
        The keywords of ``dateutil.rrule.rrule``.
    count
        The number of occurrences; None if the rule does not say.
    until
        The last possible start; None if the rule does not say.
    until_utc, until_day
        Whether `until` is in UTC, or a day of which all starts count.
    """

    step: str
    options: Mapping[str, Any]
    count: int | None
    until: datetime | None
    until_utc: bool
    until_day: bool

    @property
    def endless(self) -> bool:
        """Whether the rule has no end."""
        return self.count is None and self.until is None

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> Rule:
        """The rule of a text such as ``"FREQ=WEEKLY;BYDAY=MO;COUNT=10"``; a part that is not ``NAME=VALUE`` is passed over.

        Raises
        ------
        ValueError
            It is no rule, recurs more often than hourly, or in another calendar than the Gregorian.
        """
        pairs = (part.partition("=") for part in text.replace(" ", "").strip(";").upper().split(";"))
        parts = {name: value for name, sign, value in pairs if sign}
        step = parts.get("FREQ", "")
        if step not in _STEPS or parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
            raise ValueError
        options: dict[str, Any] = {"interval": max(int(parts.get("INTERVAL") or 1), 1)}
        for name, keyword in _NUMBERS.items():
            if parts.get(name):
                options[keyword] = [int(value) for value in parts[name].split(",") if value]
        if parts.get("BYDAY"):
            options["byweekday"] = [_weekday(day) for day in parts["BYDAY"].split(",") if day]
        if parts.get("WKST"):
            options["wkst"] = _DAYS.get(parts["WKST"], 0)
        count = int(parts["COUNT"]) if parts.get("COUNT") else 0
        until, day, utc = _last(parts.get("UNTIL"))
        return cls(step, options, count if count > 0 else None, until, utc, day)


def _weekday(text: str) -> Any:
    from dateutil.rrule import weekday

    if text[-2:] not in _DAYS:
        raise ValueError
    return weekday(_DAYS[text[-2:]], int(text[:-2]) if text[:-2] else None)


def _last(text: str | None) -> tuple[datetime | None, bool, bool]:
    if not text:
        return None, False, False
    until, day, utc = wall_of(text)
    return (None, False, False) if until.year >= _NEVER else (until, day, utc)


@lru_cache(maxsize=16)
def walls(text: str, start: datetime, last: datetime) -> tuple[datetime, ...]:
    """The times by the clock that a rule gives from `start` to `last`; its UNTIL is left to the caller.

    Raises
    ------
    ValueError
        It is no rule, or gives more than `MOST`.

    Examples
    --------
    >>> from datetime import datetime
    >>> [day.day for day in walls("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", datetime(2024, 1, 1), datetime(2025, 1, 1))]
    [1, 3, 8]
    """
    from dateutil import rrule

    rule = Rule.parse(text)
    end = min(last, start.replace(year=min(start.year + LONGEST, 9999), day=min(start.day, 28)))
    if end < start:
        return ()
    steps = rrule.rrule(getattr(rrule, rule.step), dtstart=start, until=end, **rule.options)
    found = tuple(islice(steps, min(rule.count or MOST + 1, MOST + 1)))
    if len(found) > MOST:
        raise ValueError
    return found
