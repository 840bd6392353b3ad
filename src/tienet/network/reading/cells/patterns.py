"""Times by the patterns of strptime, and the named ways to write a time as a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from tienet.base.errors import ArgumentError, shown
from tienet.network.reading.cells.dialects import DUCKDB
from tienet.network.reading.cells.written import BAD_TIME, MOMENT, cleaned_sql, zoned_sql
from tienet.network.reading.sql import in_memory, quoted

TimeFormat: TypeAlias = str | Sequence[str] | None
EPOCHS = {"epoch": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1, "epoch_ns": 1 / 1_000}
EXCEL = "excel"
ISO = "iso"
NUMERIC = (*EPOCHS, EXCEL)
NAMED = (*NUMERIC, ISO)
MEANING = {
    "epoch": "seconds since 1970",
    "epoch_ms": "milliseconds since 1970",
    "epoch_us": "microseconds since 1970",
    "epoch_ns": "nanoseconds since 1970",
    EXCEL: "a day number of Excel",
}
_EXCEL_1970 = 25_569  # the day number of 1970-01-01
_DAY_MS = 86_400_000
PER_SECOND = {"epoch": 1, "epoch_ms": 1e3, "epoch_us": 1e6, "epoch_ns": 1e9}
_DIRECTIVE = re.compile(r"%-?([A-Za-z%])")
_LETTERS, _DIGITS = "[^0-9 ]+", "[0-9]+"
_MATCHES = {**dict.fromkeys("aAbBp", _LETTERS), **dict.fromkeys("dmyYHIMSfgnjuUVwWG", _DIGITS), "%": "%"}


def formats_of(time_format: TimeFormat) -> tuple[str, ...]:
    """The ways to read times, in order; none given is ISO 8601.

    Raises
    ------
    ArgumentError
        One is neither a valid pattern nor a known name.
    """
    if time_format is None:
        return (ISO,)
    given = (time_format,) if isinstance(time_format, str) else time_format
    if not isinstance(given, Sequence) or not given:
        raise ArgumentError(f"time_format must be a pattern such as '%d/%m/%Y', or a list of patterns; got {shown(time_format)}")
    for one in given:
        if not isinstance(one, str):
            raise ArgumentError(f"time_format must be a string, or a list of strings; got {shown(one)}")
        if one not in NAMED and not _is_pattern(one):
            raise ArgumentError(f"time_format must be a pattern such as '%d/%m/%Y', or one of {', '.join(NAMED)}; got {shown(one)}")
    return tuple(dict.fromkeys(given))


def _is_pattern(pattern: str) -> bool:
    """Whether a strptime pattern is valid."""
    import duckdb

    try:
        with in_memory() as connection:
            connection.execute(f"select try_strptime('', {quoted(_without_zone(pattern)[0])})")
    except duckdb.Error:
        return False
    return "%" in pattern


def number_clock_sql(column: str, time_format: str, *, whole: bool = False) -> str:
    """The clock or moment of a number under a named way; NULL if it is not a number. `whole` columns keep every digit."""
    if time_format == EXCEL:
        # Excel counts in milliseconds; a day as a float has digits that go beyond them.
        milliseconds = f"round((try_cast({column} as double) - {_EXCEL_1970}) * {_DAY_MS})"
        return f"try_cast({milliseconds} as bigint) * 1000"
    if time_format == "epoch_ns":
        exact = column if whole else f"try_cast({column} as hugeint)"
        floored = f"({exact} - ({exact} % 1000 + 1000) % 1000) // 1000"
        return _raised(f"try_cast({floored} as bigint)")
    return _raised(f"try_cast(try_cast({column} as double) * {EPOCHS[time_format]} as bigint)")


def unit_of(number: float) -> str | None:
    """The way to read a number under which it lies in the years 1990 to 2100; None if there is none."""
    days = {name: number / per_second / 86_400 for name, per_second in PER_SECOND.items()} | {EXCEL: number - _EXCEL_1970}
    return next((name for name, day in days.items() if 7_305 <= day < 47_482), None)


def _raised(moment: str) -> str:
    """A moment in the column of clocks; what lies too far away to be one is left as it is."""
    return f"case when abs({moment}) < {-BAD_TIME} then {moment} + {MOMENT} else null end"


def pattern_sql(text: str, pattern: str) -> str:
    """The clock or moment of a text under a strptime pattern; `BAD_TIME` or NULL if it does not fit.

    The zone (``%z``, ``%Z``) is read by the rules for ISO times, since strptime takes words with several meanings for one of them.
    """
    bare, expression = _without_zone(pattern)
    if expression is None:
        return f"epoch_us(try_strptime(trim({text}), {quoted(bare)}))"
    cleaned = cleaned_sql(text, DUCKDB) if "(" not in pattern else f"trim({text})"

    def read(t: str) -> str:
        rest = f"regexp_replace({t}, {quoted(expression)}, '\\1\\3')"
        zone = f"regexp_replace({t}, {quoted(expression)}, '\\2')"
        clock = f"epoch_us(try_strptime({rest}, {quoted(bare)}))"
        stated = DUCKDB.let(clock, "c", lambda at: DUCKDB.let(zone, "z", lambda word: zoned_sql(at, word)))
        return f"case when regexp_matches({t}, {quoted(expression)}) then {stated} end"

    return DUCKDB.let(cleaned, "t", read)


def _without_zone(pattern: str) -> tuple[str, str | None]:
    """A pattern without its zone, and the regular expression that takes a text apart: before the zone, the zone, and after it."""
    zones = [match for match in _DIRECTIVE.finditer(pattern) if match[1] in "zZ"]
    if not zones:
        return pattern, None
    before, after = pattern[: zones[0].start()], pattern[zones[0].end() :]
    tail = _as_regex(after)
    for extra in zones[1:]:  # such as "%z (%Z)": the offset says it all
        after = after.replace(extra[0], "", 1)
    ends = not re.search("%[^%]", after)  # nothing but signs follows, which strptime need not see
    before = before.rstrip(" ") if ends else before
    zone = "([A-Za-z+-][A-Za-z0-9_+:/-]*(?: [+-][0-9:]+)?)"
    return before + ("" if ends else after), f"^({_as_regex(before)}) *{zone}{f'(){tail}' if ends else f'({tail})'}$"


def _as_regex(pattern: str) -> str:
    """A regular expression for the texts of a pattern; strptime itself looks at the values."""
    made, at = "", 0
    for match in _DIRECTIVE.finditer(pattern):
        made += re.escape(pattern[at : match.start()]).replace("\\ ", " +")
        made += "[A-Za-z+-][A-Za-z0-9_+:/-]*" if match[1] in "zZ" else _MATCHES.get(match[1], ".+?")
        at = match.end()
    return made + re.escape(pattern[at:]).replace("\\ ", " +")
