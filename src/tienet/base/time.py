"""Moments and durations: from what users write ("90d", "2026-03-01") to days and microseconds UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from tienet.base.checks import as_real
from tienet.base.errors import ArgumentError, shown

SECOND = 1_000_000
DAY = 86_400 * SECOND
WEEK = 7 * DAY
_UNITS = {"h": 1 / 24, "d": 1.0, "w": 7.0}


def days(duration: str | float | timedelta) -> float:
    """A duration in days: "12h", "90d", "6w", a number of days, or a timedelta."""
    if isinstance(duration, timedelta):
        length = duration / timedelta(days=1)
    elif isinstance(duration, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([hdw])\s*", duration)
        if not match:
            raise ArgumentError(f"{duration!r} is not a duration; write hours, days or weeks as '12h', '90d' or '6w'")
        length = float(match[1]) * _UNITS[match[2]]
    else:
        length = as_real(duration) or 0.0
    if not 0 < length < float("inf"):
        raise ArgumentError(f"a duration must be positive, not {shown(duration)}")
    return length


def moment(value: str | date | datetime) -> int:
    """A moment in microseconds since 1970-01-01 UTC; a value without a time zone is taken as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ArgumentError(f"{value!r} is not a date; write it as '2026-03-01' or '2026-03-01T09:00+01:00'") from None
    elif not isinstance(value, date):
        raise ArgumentError(f"{shown(value)} is not a date; write it as '2026-03-01'")
    elif not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # made aware below
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return round((aware - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def day_text(microseconds: int) -> str:
    """The date of a moment, as in "2026-03-01"."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).date().isoformat()
