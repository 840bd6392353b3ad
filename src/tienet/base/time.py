"""Moments and durations: from what users write ("90d", "2026-03-01") to days and microseconds UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tienet.base.checks import as_real
from tienet.base.errors import ArgumentError, shown

SECOND = 1_000_000
DAY = 86_400 * SECOND
WEEK = 7 * DAY
_UNITS = {"h": 1 / 24, "d": 1.0, "w": 7.0}


def days(duration: str | float | timedelta, name: str = "a duration") -> float:
    """A duration in days: "12h", "90d", "6w", a number of days, or a timedelta; `name` is what messages call it."""
    if isinstance(duration, timedelta):
        length = duration / timedelta(days=1)
    elif isinstance(duration, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([hdw])\s*", duration)
        if not match:
            raise ArgumentError(f"{name} must be a duration, hours, days or weeks as '12h', '90d' or '6w'; got {shown(duration)}")
        length = float(match[1]) * _UNITS[match[2]]
    else:
        length = as_real(duration) or 0.0
    if not 0 < length < float("inf"):
        raise ArgumentError(f"{name} must be positive; got {shown(duration)}")
    return length


def moment(value: str | date | datetime, timezone: str = "UTC", *, name: str = "a moment", whole_day: bool = False) -> int:
    """A moment in microseconds since 1970-01-01 UTC; a value without a time zone is in `timezone`.

    A day is its first moment, or with `whole_day` its last microsecond.
    """
    day = is_day(value)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            message = f"{name} must be a date, as '2026-03-01' or '2026-03-01T09:00+01:00'; got {shown(value)}"
            raise ArgumentError(message) from None
    elif not isinstance(value, date):
        raise ArgumentError(f"{name} must be a date, as '2026-03-01'; got {shown(value)}")
    elif not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # made aware below
    if whole_day and day:
        value += timedelta(days=1)
    aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(timezone))
    return round((aware - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) - (whole_day and day)


def is_day(value: object) -> bool:
    """Whether a moment is given as a day, without a time of day: "2026-03-01" or a date."""
    if isinstance(value, str):
        return re.fullmatch(r"\d{4}-?(\d\d-?\d\d|W\d\d-?\d?)", value) is not None
    return isinstance(value, date) and not isinstance(value, datetime)


def midnight(microseconds: int, timezone: str) -> int:
    """The start of the day of a moment in a time zone, microseconds UTC."""
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).astimezone(ZoneInfo(timezone)).date()
    return moment(day, timezone)


def day_text(microseconds: int, timezone: str = "UTC") -> str:
    """The date of a moment in a time zone, as in "2026-03-01"."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).astimezone(ZoneInfo(timezone)).date().isoformat()
