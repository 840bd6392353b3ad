"""Time zones of a log: words and offsets after a time, and the offsets of a zone as a table."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import text
from tienet.base.errors import ArgumentError, shown
from tienet.base.time import DAY, SECOND
from tienet.network.reading.sql import in_memory, quoted

# Words that have had one offset, in minutes, since 1970 in every zone of the tz database that uses them. Words with several meanings (BST,
# IST, CST, AST, PST, MSK, ...) are not times.
_HOURS = {
    "UTC GMT UT Z WET": 0, "WEST CET MET WAT": 1, "CEST MEST EET CAT SAST": 2, "EEST EAT": 3, "PKT": 5, "WIB": 7, "HKT AWST": 8, "JST": 9,
    "ACST": 9.5, "AEST": 10, "ACDT": 10.5, "AEDT": 11, "NZST": 12, "NZDT": 13, "EDT": -4, "EST": -5, "MDT": -6, "MST": -7, "AKDT": -8,
    "AKST": -9, "HST": -10,
}  # fmt: skip
WORDS = {word: round(hours * 60) for words, hours in _HOURS.items() for word in words.split()}
FARTHEST = 14 * 3600  # seconds: no place has a larger offset
# The years in which the offsets of a zone are looked up in a table; outside of them a function of the engine is called for each row.
TABLE = (1990, 2040)


def known_zone(timezone: str) -> str:
    """The name of a time zone, or an ArgumentError."""
    try:
        return ZoneInfo(text("timezone", timezone)).key
    except (KeyError, ValueError, OSError):
        raise ArgumentError(f"timezone={shown(timezone)} is not known; write it as 'UTC' or 'Europe/Berlin'") from None


@lru_cache(maxsize=64)
def offsets(timezone: str) -> tuple[tuple[int, int], ...]:
    """The offsets of a zone by the clock: from this microsecond of local time on (as if it were UTC), clock minus UTC in microseconds.

    A repeated time is the later one, and a skipped time has the offset before it, so that each change has one place on the clock. They
    are asked from DuckDB, day by day and then by bisection, so that the table and the function it replaces cannot differ.
    """
    first, last = (int(np.datetime64(f"{year}-01-01", "us").astype(np.int64)) for year in TABLE)
    with in_memory() as connection:

        def offset_at(clocks: NDArray[np.int64]) -> NDArray[np.int64]:
            clock = "make_timestamp(unnest($1::bigint[]))"
            rows = connection.execute(f"select epoch_us(timezone($2, {clock})) as v", [clocks.tolist(), timezone]).fetchnumpy()["v"]
            return clocks - np.asarray(rows, dtype=np.int64)

        grid = np.arange(first, last + 1, DAY)
        there = offset_at(grid)
        changes = np.flatnonzero(np.diff(there))
        low, high = grid[changes], grid[changes + 1]
        while len(low) and (high - low).max() > SECOND:
            middle = (low + high) // (2 * SECOND) * SECOND
            before = offset_at(middle) == there[changes]
            low, high = np.where(before, middle, low), np.where(before, high, middle)
    return ((first, int(there[0])), *zip(high.tolist(), there[changes + 1].tolist(), strict=True))


def moment_sql(clock: str, timezone: str) -> str:
    """Microseconds UTC of a local time in microseconds, in DuckDB: through a search tree over the offsets of the zone."""
    table = offsets(timezone)
    if len(table) == 1 and timezone in ("UTC", "Etc/UTC", "GMT", "Etc/GMT"):
        return clock
    first, last = table[0][0], int(np.datetime64(f"{TABLE[1]}-01-01", "us").astype(np.int64))
    near = f"{clock} - {_tree(clock, table)}"
    far = f"epoch_us(timezone({quoted(timezone)}, make_timestamp({clock})))"
    return f"case when {clock} >= {first} and {clock} < {last} then {near} else {far} end"


def _tree(clock: str, table: tuple[tuple[int, int], ...]) -> str:
    if len(table) == 1:
        return f"{table[0][1]}::bigint"
    middle = len(table) // 2
    return f"case when {clock} < {table[middle][0]} then {_tree(clock, table[:middle])} else {_tree(clock, table[middle:])} end"


@lru_cache(maxsize=1)
def _named_zones() -> str:
    """The names of zones between bars: those with a slash, and those that cannot be a word, such as EST5EDT."""
    with in_memory() as connection:
        names = [name for (name,) in connection.execute("select distinct name from pg_timezone_names() order by name").fetchall()]
    return f"|{'|'.join(name for name in names if '/' in name or any(letter.isdigit() for letter in name))}|"


def is_zone_sql(name: str) -> str:
    """Whether a text is the name of a zone, such as Europe/Berlin. One long constant takes far less time to plan than a list."""
    return f"instr({quoted(_named_zones())}, '|' || {name} || '|') > 0"


def word_sql(name: str) -> str:
    """The offset of a zone word in seconds; NULL for a word that has several meanings or none."""
    table = quoted("".join(f"|{word}={minutes * 60:+06d}" for word, minutes in WORDS.items()))
    place = f"instr({table}, '|' || upper({name}) || '=')"
    return f"case when {place} > 0 then cast(substr({table}, {place} + length({name}) + 2, 6) as int) end"
