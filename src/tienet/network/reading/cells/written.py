"""Times written out in text, in SQL: ISO 8601 and times with English months, with whatever stands after them for a zone.

A time is read to a *clock*, microseconds since 1970 as if it were UTC. A time with an offset or a zone is a moment and does not depend on
the zone of the log: it is raised by `MOMENT`, which tells the two apart in one column.
"""

from __future__ import annotations

from tienet.base.time import SECOND
from tienet.network.reading.cells.dialects import DUCKDB, Dialect
from tienet.network.reading.cells.zones import FARTHEST, is_zone_sql, word_sql

# The largest integer that is exact as a float in every engine. In microseconds it spans the years 1684 to 2255; anything beyond is not a
# moment of a log (0001-01-01 and 9999-12-31 stand for "none", milliseconds read as seconds give the year 57000).
BAD_TIME = -(2**53)
MOMENT = 2**61

_DAY = "([0-9]{1,2})"
_MONTH = (
    "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)[.]?"
)
_WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.]?,? )?"
_YEAR = "([0-9]{4})"
_CLOCK = "([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.,]([0-9]*))?)?(?: ?([ap])[.]?m(?:[.]|\\b))?"
_ZONE = "(?: ?([a-z+-].*))?"
_THEN = "(?:(?:t|,? |, at | at )" + _CLOCK + _ZONE + ")?"
# Each form and the order of its parts: year, month, day, hour, minute, second, fraction, a or p, zone.
_FORMS = (
    (f"(?i)^{_YEAR}[-/. ]{_DAY}[-/. ]{_DAY}{_THEN}$", (1, 2, 3, 4, 5, 6, 7, 8, 9)),
    (f"(?i)^{_YEAR}-{_DAY}-{_DAY}(z|[+-][0-9]{{2}}:[0-9]{{2}})$", (1, 2, 3, 0, 0, 0, 0, 0, 4)),
    (f"(?i)^{_YEAR}([0-9]{{2}})([0-9]{{2}})t([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})?{_ZONE}$", (1, 2, 3, 4, 5, 6, 0, 0, 7)),
    (f"(?i)^{_WEEKDAY}{_DAY}[ -]{_MONTH}[ -]{_YEAR}{_THEN}$", (3, 2, 1, 4, 5, 6, 7, 8, 9)),  # RFC 2822
    (f"(?i)^{_WEEKDAY}{_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}{_THEN}$", (3, 1, 2, 4, 5, 6, 7, 8, 9)),
    (f"(?i)^{_WEEKDAY}{_MONTH} {_DAY} {_CLOCK}(?: ([a-z0-9+:-]+))? {_YEAR}$", (9, 1, 2, 3, 4, 5, 6, 7, 8)),  # C's ctime, date(1)
)
_OFFSET = "(?i)^(?:utc|gmt|ut)? ?([+-])([0-9]{1,2}):?([0-9]{2})?(?::?([0-9]{2}))?(?: [a-z]{1,6})?$"
_BLANKS = "[ \t\r\n\u00a0\u2007\u2009\u202f]+"


def written_sql(text: str, dialect: Dialect = DUCKDB) -> str:
    """The clock or the moment that a text states; `BAD_TIME` if none."""
    return dialect.let(cleaned_sql(text, dialect), "t", lambda t: dialect.let(_parts(t, dialect), "p", lambda p: _stated(p, dialect)))


def cleaned_sql(text: str, dialect: Dialect) -> str:
    """A text with single blanks, a plain minus, and without a comment in parentheses at its end."""
    blanks = dialect.replaced(f"replace({text}, '\u2212', '-')", _BLANKS, " ")
    return dialect.replaced(f"trim({blanks})", " ?[(][^()|]*[)]$", "")


def _parts(text: str, dialect: Dialect) -> str:
    """The parts of a time as a list of texts, NULL if it has none of the forms."""
    cases = []
    for pattern, order in _FORMS:
        by = "|".join(dialect.group.format(place) if place else "" for place in order)
        cases.append(f"when {dialect.matches(text, pattern)} then {dialect.split.format(dialect.replaced(text, pattern, by))}")
    return f"case when {text} like '%|%' then null {' '.join(cases)} end"


def _stated(parts: str, dialect: Dialect) -> str:
    year, month, day, hour, minute, second, fraction, half, zone = (dialect.part.format(parts, place) for place in range(1, 10))
    named = f"(instr('janfebmaraprmayjunjulaugsepoctnovdec', lower(substr({month}, 1, 3))) + 2) / 3"
    number = f"case when {month} < 'A' then {month} else cast(cast({named} as int) as varchar(2)) end"
    date = f"{year} || '-' || lpad({number}, 2, '0') || '-' || lpad({day}, 2, '0')"
    hours = f"cast({hour} as int)"
    of_day = f"case when {half} = '' then {hour} when {hours} between 1 and 12 then cast({hours} % 12 + case when lower({half}) = 'p' then 12 else 0 end as varchar(2)) else '99' end"  # noqa: E501
    time = f"lpad({of_day}, 2, '0') || ':' || lpad({minute}, 2, '0') || ':' || lpad({second}, 2, '0') || '.' || rpad(substr({fraction}, 1, 6), 6, '0')"  # noqa: E501
    clock = dialect.clock(f"{date} || ' ' || {time}")
    return dialect.let(clock, "c", lambda at: f"case when {parts} is null then {BAD_TIME} else {zoned_sql(at, zone, dialect)} end")


def zoned_sql(clock: str, zone: str, dialect: Dialect = DUCKDB) -> str:
    """A clock and the text of its zone: the clock where there is no zone, else the moment; `BAD_TIME` for a zone with several meanings."""
    offset = f"coalesce({_offset(zone, dialect)}, {word_sql(zone)})"
    moment = dialect.let(offset, "o", lambda seconds: (
        f"case when abs({seconds}) <= {FARTHEST} then {clock} - {seconds} * cast({SECOND} as bigint) "
        f"when {seconds} is not null then {BAD_TIME - MOMENT} when {is_zone_sql(zone)} then {dialect.placed(clock, zone)} "
        f"else {BAD_TIME - MOMENT} end"
    ))  # fmt: skip
    bounded = f"case when {zone} = '' then {clock} else {moment} + {MOMENT} end"
    return f"case when {clock} > {BAD_TIME} and {clock} < {-BAD_TIME} then coalesce({bounded}, {BAD_TIME}) else {BAD_TIME} end"


def _offset(zone: str, dialect: Dialect) -> str:
    """Seconds of an offset such as +02, +0530 or UTC+2; NULL if it is none."""
    sign, hours, minutes, seconds = (dialect.replaced(zone, _OFFSET, dialect.group.format(place)) for place in range(1, 5))
    size = f"cast({hours} as int) * 3600 + cast('0' || {minutes} as int) * 60 + cast('0' || {seconds} as int)"
    size = f"case when cast('0' || {minutes} as int) > 59 or cast('0' || {seconds} as int) > 59 then {FARTHEST + 1} else {size} end"
    return f"case when {dialect.matches(zone, _OFFSET)} then ({size}) * case when {sign} = '-' then -1 else 1 end end"
