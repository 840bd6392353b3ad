"""What to do about times that could not be read: told from the first of them, and tried on all rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from tienet.network.reading.cells.patterns import EXCEL, ISO, MEANING, unit_of
from tienet.network.reading.cells.times import joined, text_cells, time_steps
from tienet.network.reading.cells.written import BAD_TIME, MOMENT
from tienet.network.reading.cells.zones import WORDS
from tienet.network.reading.sql import identifier, in_memory, quoted

# From texts to how many of them each of several ways to read times can read.
Tried: TypeAlias = Callable[[Sequence[tuple[str, ...]]], tuple[int, list[int]]]

_DAYS = (
    *(
        "%Y-%m-%d",
        "%Y.%m.%d",
        "%Y/%m/%d",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d-%m-%Y",
        "%m-%d-%Y",
        "%d/%m/%y",
        "%m/%d/%y",
        "%d.%m.%y",
        "%d-%m-%y",
        "%y-%m-%d",
    ),
    *(
        "%Y%m%d",
        "%d-%b-%y",
        "%d-%b-%Y",
        "%d %b %Y",
        "%d %B %Y",
        "%d %b %y",
        "%d%b%Y",
        "%b %d %Y",
        "%a %d/%m/%Y",
        "%a %m/%d/%Y",
        "%A, %d %B %Y",
    ),
)
_BETWEEN = (" ", ", ", "T", " - ", "  ", " at ", "")
_CLOCKS = (
    "%H:%M",
    "%H:%M:%S",
    "%I:%M %p",
    "%I:%M:%S %p",
    "%I:%M%p",
    "%I:%M:%S%p",
    "%H:%M:%S.%f",
    "%H.%M",
    "%H.%M.%S",
    "%H%M",
    "%H%M%S",
    "%Hh%M",
)
MOST_TRIED = 200
_KNOWN = re.compile(
    r"(?i)jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
    r"|(mon|tue|wed|thu|fri|sat|sun)([a-z]*day)?|am|pm|at|[tz]|utc|gmt|st|nd|rd|th|uhr"
)
_DOUBTFUL = ("ADT", "AMT", "ART", "AST", "BST", "CDT", "CST", "ECT", "GST", "IDT", "IST", "KST", "MSK", "NST", "PDT", "PST", "SST")
_AREAS = "Africa|America|Antarctica|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific|US"
_ZONE = re.compile(rf"{'|'.join((*WORDS, *_DOUBTFUL))}|({_AREAS})/[A-Za-z_/+-]+\d*")
_FARTHEST = re.compile(r"[+-](1[5-9]|[2-9]\d):?\d\d\s*$")


def masked(text: str) -> str:
    """A text that is not a time, for a message: words that do not belong to times are crossed out."""

    def word(match: re.Match[str]) -> str:
        found = match[0]
        return found if _KNOWN.fullmatch(found) or _ZONE.fullmatch(found) else re.sub(r"\w", "x", found)

    if not re.search(r"\d", text) or not re.search("[-/:. ]", text.strip()):
        return "the first one"  # a name, or a number that may be an id
    made = re.sub(r"[^\W\d_]+(?:/[^\W\d]+)*", word, " ".join(text.split()))
    return repr(made if len(made) <= 40 else f"{made[:39]}…")


def time_hint(bad: Sequence[str], formats: Sequence[str], tried: Tried) -> str:
    """The end of a message about times that could not be read.

    Parameters
    ----------
    bad
        Texts that could not be read, the first ones first.
    formats
        How times were read.
    tried
        Counts how many texts of all rows, and how many of them each way can read.
    """
    if not bad:
        return ""
    first = bad[0].strip()
    start = f"; {masked(first)} is not a time"
    shape = f"; {first!r} is not a time" if unit_of(_number(first) or 0) else start
    if (year := re.match(r"\d{4}(?=[-/.])", first)) and not 1684 <= int(year[0]) <= 2255:
        return f"; {masked(first)} lies outside the years 1684 to 2255"
    number = _number(first)
    unit = None if number is None else unit_of(number)
    if unit and unit not in formats and all((value := _number(text)) is not None and unit_of(value) == unit for text in bad):
        return f"{shape}: it looks like {MEANING[unit]}; set time_format={unit!r}"
    if _FARTHEST.search(first):
        return f"{start}: its offset is beyond 14 hours"
    if (word := _doubtful_word(first)) is not None:
        return f"{start}: {word} means several time zones; write offsets such as +01:00"
    if number is not None and any(one in MEANING for one in formats):
        return f"{start} in {'days of Excel' if EXCEL in formats else MEANING[next(one for one in formats if one in MEANING)]}"
    fitting = [pattern for pattern in _fitting(first) if pattern not in formats]
    if not fitting and list(formats) != [ISO]:
        every, (read,) = tried([tuple(formats)])
        return f"{start}; {_said(formats)} reads {read:,} of {every:,} rows"
    if not fitting:
        return f"{start}; set time_format to how times are written, such as '%d/%m/%Y %H:%M'"
    every, counts = tried([tuple(formats), *((pattern,) for pattern in fitting), *((*formats, pattern) for pattern in fitting)])
    now, alone, added = counts[0], counts[1 : len(fitting) + 1], counts[len(fitting) + 1 :]
    own = f"{_said(formats)} reads {now:,} of {every:,}, " if list(formats) != [ISO] else ""
    best = [pattern for pattern, count in zip(fitting, alone, strict=True) if count == every]
    if len({_order(one) for one in best}) > 1:
        other = next(one for one in best if _order(one) != _order(best[0]))
        return f"{start}; {own}{best[0]!r} and {other!r} both read all rows: set time_format to the one that is meant"
    if best:
        return f"{start}; {own}time_format={best[0]!r} reads all"
    most = max(range(len(fitting)), key=lambda at: (added[at], alone[at]))
    twin = next((other for other in fitting if added[fitting.index(other)] == added[most] and _order(other) != _order(fitting[most])), None)
    if twin:
        return (
            f"{start}; {own}{fitting[most]!r} and {twin!r} both fit: add the one that is meant to a list, time_format=['{formats[0]}', ...]"
        )
    both = f"[{', '.join(map(repr, (*formats, fitting[most])))}]"
    reads = "all" if added[most] == every else f"{added[most]:,} of {every:,}"
    return f"{start}; {own}time_format={both} reads {reads}"


def _order(pattern: str) -> str:
    """The order of day, month and year in a pattern."""
    return "".join(re.findall("%([dmbBYy])", pattern)).lower()


def _said(formats: Sequence[str]) -> str:
    return f"time_format={formats[0]!r}" if len(formats) == 1 else "your list"


def _number(text: str) -> float | None:
    try:
        return float(text.strip())
    except ValueError:
        return None


def _doubtful_word(text: str) -> str | None:
    """A zone word at the end of a time that has several meanings."""
    found = re.search(r"\d\s*([A-Z]{3})$", text)
    return found[1] if found and found[1] in _DOUBTFUL else None


def _fitting(text: str) -> list[str]:
    """The patterns that read a text, the plainer ones first."""
    zone = re.search(r"\d(?:[ap]m)?( ?)(?:[+-]\d{1,2}:?(?:\d\d)?|Z|[A-Z]{3,4})$", text)
    end = f"{zone[1]}%z" if zone and zone[0][-2:] not in ("AM", "PM") else ""
    bare = text[: zone.start(1)] if zone and end else text
    patterns = [*_DAYS, *(f"{day}{between}{clock}" for day in _DAYS for between in _BETWEEN for clock in _CLOCKS)]
    patterns = [one for one in patterns if _signs(re.sub("%.", "", one)) == _signs(bare)]
    if not patterns:
        return []
    fits = ", ".join(f"try_strptime($1, {quoted(one)}) is not null" for one in patterns)
    with in_memory() as connection:
        ((found,),) = connection.execute(f"select [{fits}]", [bare]).fetchall()
    return [f"{one}{end}" for one, fit in zip(patterns, found, strict=True) if fit][:6]


def _signs(text: str) -> str:
    """What is neither a letter nor a digit."""
    return re.sub(r"\w", "", text)


def _bad_sql(relation: Any, column: str, kind: str, formats: Sequence[str]) -> list[str]:
    """The first texts of a column that are not times."""
    first, _ = time_steps(column, kind, formats, "UTC", own="", where="")
    rows = relation.select(f"cast({column} as varchar) as v, {first} as time")
    rows = rows.filter(f"time <= {BAD_TIME} or (time >= {-BAD_TIME} and time < {MOMENT // 2})").select("v").limit(MOST_TRIED)
    return [text for (text,) in rows.fetchall()]


def hint_in(relation: Any, column: str, kind: str, formats: Sequence[str]) -> str:
    """The hint for a column of a DuckDB relation in which some times could not be read."""
    bad = _bad_sql(relation, column, kind, formats)
    if kind != "VARCHAR" and bad and any(mark in bad[0] for mark in "-:"):
        return f"; {masked(bad[0])} lies outside the years 1684 to 2255"

    def tried(ways: Sequence[tuple[str, ...]]) -> tuple[int, list[int]]:
        counts = [f"count(*) filter (coalesce(trim({column}), '') <> '')"]
        for way in ways:
            clock, _ = time_steps(column, kind, way, "UTC", own="", where="")
            counts.append(f"count(*) filter (({clock}) > {BAD_TIME} and not ({clock}) between {-BAD_TIME} and {MOMENT // 2})")
        (row,) = relation.aggregate(", ".join(counts)).fetchall()
        return int(row[0]), [int(count) for count in row[1:]]

    return time_hint(bad, formats, tried)


def hint_for(frame: Any, own: tuple[str, ...], formats: Sequence[str]) -> str:
    """The same for an eager frame; none for a lazy one, whose times are typed."""
    import narwhals.stable.v2 as nw
    import pandas as pd

    if isinstance(frame, nw.LazyFrame):
        return ""
    held = {name: texts for name, texts in text_cells(frame, own).items() if name != "m"}
    table = pd.DataFrame({name: pd.Series(texts, dtype="str") for name, texts in held.items()})
    column, kind = joined([identifier(name) for name in held], ["VARCHAR"] * len(held), formats)
    with in_memory() as connection:
        return hint_in(connection.from_df(table), column, kind, formats)
