"""Find the stays in attendance reports: which table of a file lists them, which of its columns is what, and how its times are written.

Headers follow the language of the person who downloads a report, so where the header is not known, columns are told by what their cells
hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from tienet.network.sources.exports.moments import day_first, moment_of, month_and_day

Place = tuple[int, int]  # the number of a file, and of a line or record in it

_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u200e": None, "\u200f": None, "\ufeff": None})
_CLOCK = r"(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?:\s*([ap])\.?\s?m\.?)?"
_STAMP = re.compile(rf"(\d{{1,4}})([./-])\s?(\d{{1,2}})[./-]\s?(\d{{1,4}})\.?,?\s+{_CLOCK}", re.IGNORECASE)
_ONLY_CLOCK = re.compile(_CLOCK, re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(\d{4})[-_](\d\d)[-_](\d\d)(?!\d)")
_PART = re.compile(r"(\d+)\s*(h|m|s)[a-z]*\.?", re.IGNORECASE)
_JOIN, _LEAVE = re.compile(r"\bjoin|\bjoined"), re.compile(r"\bleave|\bleft|\bexit")
_JOINS = frozenset({"join time", "first join", "time joined"})
_LENGTH, _NAME = re.compile(r"\bduration"), re.compile(r"\bname|original name")
_MEETING = ("conference id", "meeting uuid", "meeting id", "meetingid", "meeting code")


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A stay as a report writes it: one row of its participants.

    Parameters
    ----------
    at
        The number of the file, and of the line.
    meeting
        The id of the meeting; None if the report states none.
    addresses
        Addresses of the person; none for a guest.
    name
        The name, which is shown in `people_found` only.
    join, leave, length
        When it began and ended, and how long it was, as written.
    day
        The day of the report, for times without one.
    """

    at: Place
    meeting: str | None
    addresses: tuple[str, ...]
    name: str | None
    join: str
    leave: str
    length: str
    day: date | None


@dataclass(frozen=True, slots=True)
class _Columns:
    join: int
    leave: int | None
    length: int | None
    addresses: tuple[int, ...]
    names: tuple[int, ...]
    meeting: int | None


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of a file without a blank one between them: a header and rows."""

    lines: list[int]
    rows: list[list[str]]


def rows_of_table(rows: Iterable[tuple[int, list[str]]], number: int, name: str) -> list[ReportRow] | None:
    """The stays that a CSV report lists; None if none of its tables does.

    The last table with times of joining counts: a report of Teams lists first and last moments in one table, and all stays in the next.

    Parameters
    ----------
    rows
        The rows of the file, each with its line.
    number
        The number of the file.
    name
        Its name, which may state the day of the meeting.
    """
    blocks = list(_blocks(rows))
    found = [(at, columns) for at, block in enumerate(blocks) if (columns := _columns_of(block)) is not None]
    if not found:
        return None
    at, columns = found[-1]
    before = [row for block in blocks[:at] for row in block.rows]
    meeting, day = _stated_meeting(blocks[:at]), _stated_day(before, name)
    block = blocks[at]
    return [_row(cells, columns, (number, line), meeting, day) for line, cells in zip(block.lines[1:], block.rows[1:], strict=True)]


def rows_of_report(report: Mapping[str, Any], number: int, first: int = 1) -> list[ReportRow]:
    """The stays in a report of Microsoft Graph: each interval of each of its attendance records."""
    found: list[ReportRow] = []
    records = report.get("attendanceRecords")
    meeting = report.get("id")
    for record in records if isinstance(records, list) else ():
        if not isinstance(record, dict):
            continue
        address, identity = record.get("emailAddress"), record.get("identity")
        name = identity.get("displayName") if isinstance(identity, dict) else None
        intervals = record.get("attendanceIntervals")
        for one in intervals if isinstance(intervals, list) else ():
            stay = one if isinstance(one, dict) else {}
            found.append(
                ReportRow(
                    (number, first + len(found)),
                    meeting if isinstance(meeting, str) else None,
                    (address.strip(),) if isinstance(address, str) and "@" in address else (),
                    name if isinstance(name, str) else None,
                    str(stay.get("joinDateTime") or ""),
                    str(stay.get("leaveDateTime") or ""),
                    "",
                    None,
                )
            )
    return found


def tells_day_first(texts: Iterable[str]) -> bool | None:
    """Whether dates such as 03/02/2026 begin with the day, told by those whose first or second number is above 12; None if none is."""
    return day_first(filter(None, map(_ambiguous, texts)))


def is_ambiguous(text: str) -> bool:
    """Whether day and month of a date could be exchanged, and would differ."""
    numbers = _ambiguous(text)
    return numbers is not None and max(numbers) <= 12 and numbers[0] != numbers[1]


def moment(text: str, zone: str, *, by_day: bool, day: date | None) -> int | None:
    """The moment of a cell in microseconds UTC; None if it is empty.

    Raises
    ------
    ValueError
        It cannot be read.
    """
    written = text.translate(_SPACES).strip()
    if not written or written == "-":
        return None
    match = _STAMP.fullmatch(written)
    if match:
        first, second, third = int(match[1]), int(match[3]), int(match[4])
        year, month, of_month = (
            (first, second, third) if len(match[1]) == 4 else (third, *month_and_day(first, second, match[2], by_day=by_day))
        )
        return moment_of(datetime(year + (2000 if year < 100 else 0), month, of_month) + _clock(match.groups()[4:]), zone)
    clock = _ONLY_CLOCK.fullmatch(written)
    if clock:
        if day is None:
            raise ValueError
        return moment_of(datetime(day.year, day.month, day.day) + _clock(clock.groups()), zone)
    return moment_of(written, zone)


def minutes(text: str) -> float | None:
    """A length in minutes: 36, 1h 42m, 28m 59s, 1 hr 2 min, 1:02:00; None if it cannot be read."""
    written = text.translate(_SPACES).strip()
    if re.fullmatch(r"\d+(\.\d+)?", written):
        return float(written)
    if match := re.fullmatch(r"(\d+):(\d\d):(\d\d)", written):
        return int(match[1]) * 60 + int(match[2]) + int(match[3]) / 60
    parts = _PART.findall(written)
    if not parts or _PART.sub("", written).strip():
        return None
    return sum(int(number) * {"h": 60, "m": 1, "s": 1 / 60}[unit.lower()] for number, unit in parts)


def only_clock(text: str) -> bool:
    """Whether a time is without its day."""
    return _ONLY_CLOCK.fullmatch(text.translate(_SPACES).strip()) is not None


def _ambiguous(text: str) -> tuple[int, int] | None:
    """The first two numbers of a date with slashes or dashes that does not begin with the year."""
    match = _STAMP.fullmatch(text.translate(_SPACES).strip())
    return (int(match[1]), int(match[3])) if match and match[2] != "." and len(match[1]) < 4 else None


def _clock(parts: Sequence[str | None]) -> timedelta:
    hour, minute, second, half = int(parts[0] or 0), int(parts[1] or 0), int(parts[2] or 0), (parts[3] or "").lower()
    if minute > 59 or second > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        raise ValueError
    return timedelta(hours=hour % 12 + 12 * (half == "p") if half else hour, minutes=minute, seconds=second)


def _blocks(rows: Iterable[tuple[int, list[str]]]) -> Iterator[_Block]:
    """Split a file at blank lines, and at titles: lines with one cell. Spreadsheets fill up both with empty cells."""
    block = _Block([], [])
    before = 0
    for line, row in rows:
        cells = [cell.translate(_SPACES).strip() for cell in row]
        filled = sum(bool(cell) for cell in cells)
        begins = not block.rows or line > before + 1
        is_title = filled == 1 and bool(cells[0]) and (len(cells) == 1 or begins)
        if line > before + 1 or filled == 0 or is_title:
            if block.rows:
                yield block
            block = _Block([], [])
        before = line
        if filled and not is_title:
            block.lines.append(line)
            block.rows.append(cells)
    if block.rows:
        yield block


def _columns_of(block: _Block) -> _Columns | None:
    """The columns of a table of participants; None if it is another table."""
    header = [" ".join(re.sub(r"[_()]", " ", cell).lower().split()) for cell in block.rows[0]]
    rows = block.rows[1:]
    if not rows or any(map(_is_time, block.rows[0])):
        return None
    times = [at for at in range(len(header)) if _mostly(rows, at, _is_time)]
    joins = [at for at, cell in enumerate(header) if cell in _JOINS or (_JOIN.search(cell) and at in times)]
    leaves = [at for at, cell in enumerate(header) if _LEAVE.search(cell)]
    lengths = [at for at, cell in enumerate(header) if _LENGTH.search(cell)]
    if joins:
        join, leave = joins[-1], next((at for at in leaves if at not in joins), None)
    elif len(times) > 1 and any(_mostly(rows, at, _is_address) for at in range(len(header))) and not _is_meeting(header):
        join, leave = times[-2:]
    else:
        return None
    length = next((at for at in lengths if at > join), next(iter(lengths), None))
    if leave is None and length is None:
        return None
    named = [at for at, cell in enumerate(header) if re.search(r"e-?mail|upn", cell)]
    addresses = [at for at in range(len(header)) if at in named or _mostly(rows, at, _is_address)]
    left = [at for at in addresses if at < join]
    meeting = next((header.index(one) for one in _MEETING if one in header), None)
    return _Columns(join, leave, length, tuple(left[-1:] or addresses), _names(header, join, addresses), meeting)


def _is_meeting(header: Sequence[str]) -> bool:
    """Whether a table lists meetings, as Zoom does above its participants."""
    return "topic" in header and "participants" in header


def _names(header: Sequence[str], join: int, addresses: Sequence[int]) -> tuple[int, ...]:
    both = [at for at, cell in enumerate(header) if cell in ("first name", "last name")]
    if len(both) == 2:
        return tuple(both)
    left = [at for at, cell in enumerate(header) if at < join and at not in addresses and _NAME.search(cell)]
    return tuple(left[-1:]) or ((0,) if 0 not in addresses and join > 0 else ())


def _mostly(rows: Sequence[Sequence[str]], at: int, fits: Any) -> bool:
    cells = [row[at] for row in rows if at < len(row) and row[at]]
    return bool(cells) and 2 * sum(map(bool, map(fits, cells))) > len(cells)


def _is_address(cell: str) -> bool:
    return _ADDRESS.fullmatch(cell) is not None


def _is_time(cell: str) -> bool:
    written = cell.translate(_SPACES).strip()
    if _STAMP.fullmatch(written) or _ONLY_CLOCK.fullmatch(written):
        return True
    try:
        return len(written) > 9 and moment_of(written) is not None
    except ValueError:
        return False


def _row(cells: Sequence[str], columns: _Columns, at: Place, meeting: str | None, day: date | None) -> ReportRow:
    def cell(column: int | None) -> str:
        return cells[column] if column is not None and column < len(cells) else ""

    addresses = dict.fromkeys(one for one in map(cell, columns.addresses) if _is_address(one))
    name = " ".join(filter(None, map(cell, columns.names)))
    stated = cell(columns.meeting) or meeting
    return ReportRow(at, stated, tuple(addresses), name or None, cell(columns.join), cell(columns.leave), cell(columns.length), day)


def _stated_meeting(blocks: Sequence[_Block]) -> str | None:
    """The id of the meeting from the tables above: below or beside its header."""
    for block in blocks:
        for at, row in enumerate(block.rows):
            for place, cell in enumerate(row):
                if " ".join(cell.lower().split()) in _MEETING:
                    below = block.rows[at + 1] if at + 1 < len(block.rows) and at == 0 and len(row) > 2 else []
                    value = below[place] if place < len(below) else row[place + 1] if place + 1 < len(row) and len(row) == 2 else ""
                    if value:
                        return value
    return None


def _stated_day(rows: Sequence[Sequence[str]], name: str) -> date | None:
    """The day of a report whose times are without one: from the tables above, else from the name of the file."""
    for text in [cell for row in rows for cell in row] + [PurePosixPath(name).name]:
        if match := _DAY.search(text):
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue
    return None
