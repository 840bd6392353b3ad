"""Moments as exports write them, in microseconds UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

__all__ = ["day_first", "moment_of", "zone_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Moments outside of 1970 to 2200 are mistakes of a unit.
_FIRST, _LAST = 0, int((datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) / _MICROSECOND)
_UNITS = {"s": 1_000_000, "ms": 1_000}
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|UTC|[+-]\d\d:?\d\d(?::?\d\d)?|[+-]\d\d)?)?", re.IGNORECASE
)


def moment_of(value: Any, zone: str = "UTC", *, unit: Literal["s", "ms"] | None = None) -> int | None:
    """A moment in microseconds since 1970-01-01 UTC; None where it is missing.

    Parameters
    ----------
    value
        ISO text with any number of decimals and an offset written ``Z``, ``+02:00`` or ``+0200``, a datetime, or a number.
    zone
        The zone of a time without an offset.
    unit
        The unit of a number since 1970, which may be text.

    Raises
    ------
    ValueError
        It cannot be read, or lies outside of the years 1970 to 2199.

    Examples
    --------
    >>> moment_of("2024-03-01T09:00:00.1234567+0100")
    1709280000123456
    >>> moment_of("1709280000.000200", unit="s")
    1709280000000200
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        raise ValueError
    if unit is not None:
        return _within(_counted(value, _UNITS[unit]))
    if isinstance(value, str):
        value = _parsed(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # made aware below
    if not isinstance(value, datetime):
        raise ValueError
    try:
        aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))
        return _within((aware - _EPOCH) // _MICROSECOND)
    except OverflowError:
        raise ValueError from None


def _parsed(text: str) -> datetime:
    if text[4:5] == text[7:8] == "-" and text[10:11] == "T" and text[13:14] == text[16:17] == ":":
        try:
            return datetime.fromisoformat(text)  # the usual form, in a fifth of the time
        except ValueError:
            pass  # perhaps another form
    match = _ISO.fullmatch(text.strip())
    if not match:
        raise ValueError
    day, clock, decimals, offset = match.groups()
    offset = (offset or "").upper().replace("Z", "+00:00").replace("UTC", "+00:00")
    return datetime.fromisoformat(f"{day}T{clock or '00:00'}{offset}") + timedelta(microseconds=int((decimals or "0")[:6].ljust(6, "0")))


def _counted(value: Any, scale: int) -> int:
    """Units since 1970 in microseconds, exactly: "1.000200" seconds are 1,000,200."""
    from decimal import Decimal, InvalidOperation

    try:
        return int(Decimal(str(value).strip()) * scale)
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError from None


def _within(moment: int) -> int:
    if not _FIRST <= moment < _LAST:
        raise ValueError
    return moment


def day_first(dates: Iterable[tuple[int, int]]) -> bool | None:
    """Whether dates begin with the day, told by those of which one of the first two numbers is above 12; None if none or both do.

    Examples
    --------
    >>> day_first([(3, 2), (13, 2)]), day_first([(3, 2), (2, 13)]), day_first([(3, 2)])
    (True, False, None)
    """
    told = {first > 12 for first, second in dates if (first > 12) != (second > 12)}
    return told.pop() if len(told) == 1 else None


def month_and_day(first: int, second: int, sign: str, *, by_day: bool) -> tuple[int, int]:
    """The month and the day of a date from its first two numbers; dates with points begin with the day.

    Examples
    --------
    >>> month_and_day(3, 2, "/", by_day=False), month_and_day(3, 2, ".", by_day=False)
    ((3, 2), (2, 3))
    """
    return (second, first) if by_day or sign == "." else (first, second)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> str | None:
    """The IANA name of a time zone, from its IANA or Windows name; None if it is neither.

    Examples
    --------
    >>> zone_of("W. Europe Standard Time")
    'Europe/Berlin'
    """
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    found = WINDOWS_TO_OLSON.get(name.strip(), name.strip())
    try:
        return ZoneInfo(found).key
    except (KeyError, ValueError, OSError):
        return None
