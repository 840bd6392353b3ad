"""Working time between two moments: hours of the working day, on working days, in one time zone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import several, text
from tienet.base.errors import ArgumentError, shown
from tienet.base.time import SECOND, is_day

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOUR = 3600 * SECOND
_DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours and days at which people work.

    Parameters
    ----------
    start, end
        Begin and end of the working day, microseconds after midnight.
    days
        Whether each day of the week is a working day, from Monday on.
    holidays
        Days off, as ISO 8601, sorted.
    timezone
        The time zone of the hours.
    """

    start: int
    end: int
    days: tuple[bool, ...]
    holidays: tuple[str, ...]
    timezone: str

    @property
    def day(self) -> float:
        """Hours of a working day."""
        return (self.end - self.start) / HOUR

    def elapsed(self, moments: NDArray[np.int64]) -> NDArray[np.float64]:
        """Working hours before each moment (microseconds UTC), counted from 1970: differences are working hours between moments."""
        wall = self._wall_clock(moments)
        day = wall // _DAY
        dates = day.astype("datetime64[D]")
        holidays = np.array(self.holidays, dtype="datetime64[D]")
        whole = np.busday_count(np.datetime64(0, "D"), dates, weekmask=list(self.days), holidays=holidays)
        works = np.is_busday(dates, weekmask=list(self.days), holidays=holidays)
        today = np.clip(wall - day * _DAY, self.start, self.end) - self.start
        return np.asarray(whole * self.day + works * (today / HOUR), dtype=np.float64)

    def _wall_clock(self, moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """What clocks in the time zone show, as microseconds of a calendar without zones."""
        import pandas as pd

        local = pd.DatetimeIndex(moments.astype("datetime64[us]")).tz_localize("UTC").tz_convert(self.timezone).tz_localize(None)
        return np.asarray(local.to_numpy().astype("datetime64[us]").astype(np.int64))

    def __str__(self) -> str:
        named = [name for name, works in zip(DAYS, self.days, strict=True) if works]
        places = [DAYS.index(name) for name in named]
        joined = f"{named[0]}-{named[-1]}" if len(named) > 2 and places == list(range(places[0], places[-1] + 1)) else ", ".join(named)
        off = f", {len(self.holidays)} day{'' if len(self.holidays) == 1 else 's'} off" if self.holidays else ""
        return f"{_clock(self.start)} to {_clock(self.end)}, {joined} ({self.timezone}){off}"


def working_hours_of(hours: object, days: object, holidays: Iterable[object], timezone: str) -> WorkingHours:
    """Check and read working hours ("09:00", "17:00"), days "Mon-Fri" and days off."""
    found = several(hours)
    if found is None or len(found) != 2:
        raise ArgumentError(f"working_hours must be begin and end of the day, such as ('09:00', '17:00'); got {shown(hours)}")
    start, end = (_time_of_day(each) for each in found)
    if end <= start:
        raise ArgumentError(f"working_hours must end after they begin on the same day; got {shown(hours)}")
    return WorkingHours(start, end, _week(days), _days_off(holidays), timezone)


def _time_of_day(given: object) -> int:
    match = re.fullmatch(r"(\d{1,2}):(\d\d)", given) if isinstance(given, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if match is None or int(match[2]) > 59 or minutes > 24 * 60:
        raise ArgumentError(f"working_hours must be times of day from 00:00 to 24:00, as '09:00'; got {shown(given)}")
    return minutes * 60 * SECOND


def _week(given: object) -> tuple[bool, ...]:
    works = [False] * 7
    for part in text("days", given).split(","):
        ends = [name.strip().capitalize() for name in part.split("-")]
        if not 1 <= len(ends) <= 2 or not set(ends) <= set(DAYS):
            raise ArgumentError(f"days must be working days, such as 'Mon-Fri' or 'Mon,Wed,Thu'; got {shown(given)}")
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        for place in range(first, first + (last - first) % 7 + 1):
            works[place % 7] = True
    return tuple(works)


def _days_off(given: object) -> tuple[str, ...]:
    found = several(given)
    if found is None or not all(is_day(each) for each in found):
        raise ArgumentError(f"holidays must be a list of days, such as ['2025-05-01']; got {shown(given)}")
    return tuple(sorted({each.isoformat() if isinstance(each, date) else _day(each) for each in found}))


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise ArgumentError(f"holidays must be days, such as '2025-05-01'; got {shown(given)}") from None


def _clock(microseconds: int) -> str:
    minutes = microseconds // (60 * SECOND)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
