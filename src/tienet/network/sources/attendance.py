"""Attendance reports of Teams, Zoom and Meet: who was in a meeting together, and how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import flag
from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.base.time import DAY
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources._attendance_tables import (
    ReportRow,
    is_ambiguous,
    minutes,
    moment,
    only_clock,
    rows_of_report,
    rows_of_table,
    tells_day_first,
)
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.json_items import document
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.tables import csv_rows

__all__ = ["read_attendance"]

MINUTE = 60_000_000
# Stays under one meeting id belong to one meeting as long as each begins within half a day of the one before, as in `read_log`.
SAME_MEETING = DAY // 2


def read_attendance(
    path: PathSpec,
    *,
    people: People | PathSpec | object = None,
    identities: PathSpec | object = None,
    domains: str | Sequence[str] | None = None,
    timezone: str | None = None,
    since: Any = None,
    until: Any = None,
    max_people: int = 250,
    ids: IdRule = "exact",
    day_first: bool | None = None,
) -> InteractionLog:
    r"""Read attendance reports of meetings in Teams, Zoom or Meet.

    Two people are linked, both ways, if they were in the meeting at the same time. `duration` is how many minutes that was: of stays
    :math:`[s_{ik}, e_{ik})` of person i, joined where they overlap,

    .. math::
        d_{ij} = \sum_k \sum_l \max(0, \min(e_{ik}, e_{jl}) - \max(s_{ik}, s_{jl}))

    Parameters
    ----------
    path
        A report, or a folder or ZIP of them: CSV as downloaded (UTF-8 or UTF-16; commas, semicolons or tabs; headers in any language), or
        JSON of Microsoft Graph (``attendanceRecords``).
    people
        The people table, or its path. Addresses that it holds become its ids; others are then written ``email:address``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only are left out.
    timezone
        The time zone of the reports, which write local times without one, and of days; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Meetings with more people are excluded.
    ids
        How ids are compared, as in `read_log`.
    day_first
        Whether dates such as 03/02/2026 begin with the day. By default dates that are clear, such as 15/02/2026, tell how the others of
        the export are written; without such a date they begin with the month.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no attendance report, a file is damaged, or no two people were in a meeting at the same time.

    Notes
    -----
    A record is a stay: a row of a report. Who joins again has several. Guests without an address are not counted (``no_address``), and
    neither is a stay at which no one else was there (``alone``). `time` is the first moment of the meeting, `size` the number of people
    in it who were there with anyone else.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tienet as tn
    >>> report = (
    ...     "Name,User Email,Join Time,Leave Time\n"
    ...     "Ann,ann@firm.example,02/16/2025 03:00:00 PM,02/16/2025 03:30:00 PM\n"
    ...     "Bob,bob@firm.example,02/16/2025 03:10:00 PM,02/16/2025 03:50:00 PM\n"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "report.csv").write_text(report)
    ...     log = tn.read_attendance(folder, timezone="Europe/Berlin")
    >>> log.frame[["source", "target", "duration"]]
                 source            target  duration
    0  ann@firm.example  bob@firm.example      20.0
    1  bob@firm.example  ann@firm.example      20.0
    """
    if day_first is not None:
        flag("day_first", day_first)
    export = open_export(path, kind="attendance")
    records = Records(
        "attendance",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    rows = list(_rows(export))
    _say_how_read(rows, timezone, day_first, records)
    meetings: dict[object, list[_Stay]] = defaultdict(list)
    for stay in _stays(rows, records, day_first):
        meetings[stay.meeting or stay.at[0]].append(stay)
    for held in _meetings(meetings):
        _add_meeting(held, records)
    if not all(row.addresses for row in rows):
        records.lack("Guests without an address are not counted, so ties with them are missing.")
    return records.log()


@dataclass(frozen=True, slots=True)
class _Stay:
    """A stay in a meeting, from one moment to before another, in microseconds UTC."""

    at: tuple[int, int]
    meeting: str | None
    person: str
    start: int
    end: int


def _rows(export: Export) -> Iterator[ReportRow]:
    """The stays that the files of an export list."""
    found = False
    for file in export.files:
        rows = _rows_of_file(file)
        found |= rows is not None
        yield from rows or ()
    if not found:
        raise not_understood(export, "tables with times of joining and leaving")


def _rows_of_file(file: ExportFile) -> list[ReportRow] | None:
    if file.suffix == ".json":
        held = document(file)
        listed = held.get("value", held) if isinstance(held, dict) else held
        reports = [one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, dict)]
        if any("attendanceIntervals" in one for one in reports):
            reports = [{"attendanceRecords": reports}]
        rows: list[ReportRow] = []
        for report in reports:
            rows.extend(rows_of_report(report, file.number, len(rows) + 1))
        return rows if any("attendanceRecords" in one for one in reports) else None
    return rows_of_table(csv_rows(file), file.number, file.name) if file.suffix in (".csv", ".tsv", ".txt", "") else None


def _say_how_read(rows: Sequence[ReportRow], timezone: str | None, stated: bool | None, records: Records) -> None:
    texts = [text for row in rows for text in (row.join, row.leave) if text]
    if timezone is None and any(not text.endswith("Z") for text in texts):
        records.note("Times without a time zone were read as UTC; pass timezone= if they are local.")
    if stated is None and tells_day_first(texts) is None and any(map(is_ambiguous, texts)):
        records.note("Dates such as 03/02/2026 were read month first; pass day_first=True if they begin with the day.")
    if undated := len({row.at[0] for row in rows if row.day is None and only_clock(row.join)}):
        records.lack(
            f"The day of {counted(undated, 'report')} is not known: put it into the name of the file, such as 2026-03-31, as Meet does."
        )


def _stays(rows: Sequence[ReportRow], records: Records, stated: bool | None) -> Iterator[_Stay]:
    """The stays whose times can be read and whose person is known; the others are counted."""
    by_file: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        by_file[row.at[0]] += [row.join, row.leave]
    overall = tells_day_first(text for texts in by_file.values() for text in texts)
    told = {number: tells_day_first(texts) for number, texts in by_file.items()}
    for row in rows:
        own = told[row.at[0]]
        by_day = stated if stated is not None else own if own is not None else bool(overall)
        time = _ends(row, records.zone, by_day=by_day)
        event = f"{row.meeting}|{'|'.join(row.addresses) or row.name}|{row.join}|{row.leave}"
        if not row.addresses:
            records.skip("no_address", event=f"{row.at[0] if row.meeting is None else ''}|{event}", at=row.at)
        elif isinstance(time, str):
            records.skip(time, at=row.at)
        else:
            person = row.addresses[0].lower()
            records.person(person, addresses=[one.lower() for one in row.addresses], name=row.name)
            yield _Stay(row.at, row.meeting, person, *time)


def _ends(row: ReportRow, zone: str, *, by_day: bool) -> tuple[int, int] | str:
    """When a stay began and ended; or the code of what is wrong with it."""
    try:
        start, end = (moment(text, zone, by_day=by_day, day=row.day) for text in (row.join, row.leave))
    except (ValueError, OverflowError):
        return "bad_time"
    if start is None:
        return "missing_time"
    if end is None:
        length = minutes(row.length)
        if length is None:
            return "missing_time"
        end = start + round(length * MINUTE)
    elif end < start and only_clock(row.leave):
        end += DAY  # past midnight
    return (start, end) if end >= start else "bad_duration"


def _meetings(stays: Mapping[object, list[_Stay]]) -> list[list[_Stay]]:
    """The stays of each meeting. One id may stand for many meetings, and one meeting may be reported twice."""
    found: dict[str, list[_Stay]] = defaultdict(list)
    for held in stays.values():
        ordered = sorted(held, key=lambda one: (one.start, one.person, one.end, one.at))
        first = 0
        for at in range(1, len(ordered) + 1):
            if at == len(ordered) or (ordered[at].meeting and ordered[at].start - ordered[at - 1].start > SAME_MEETING):
                found[_event(ordered[first])] += ordered[first:at]
                first = at
    return list(found.values())


def _event(first: _Stay) -> str:
    """The id of a meeting: its stated id, and who came first at which moment."""
    return f"{first.meeting or ''}|{first.start}|{first.person}"


def _add_meeting(stays: list[_Stay], records: Records) -> None:
    """Add each stay with those who were there at the same time, and their minutes together in the whole meeting."""
    names, who = np.unique(np.array([stay.person for stay in stays], dtype=object), return_inverse=True)
    event = _event(min(stays, key=lambda one: (one.start, one.person)))
    if len(names) > records.max_people:
        for stay in stays:
            records.skip("too_many_people", event=_key(event, stay))
        return
    start, end = (np.array([getattr(stay, name) for stay in stays], dtype=np.int64) for name in ("start", "end"))
    spans = _joined(who, start, end)
    together = _minutes_together(spans, len(names))
    for at, stay in enumerate(stays):
        there = np.minimum(spans[2], end[at]) > np.maximum(spans[1], start[at])  # a stay without length meets no one
        others = {names[one]: float(together[who[at], one]) for one in np.unique(spans[0][there]).tolist() if one != who[at]}
        records.stay(int(start.min()), stay.person, others, event=_key(event, stay), meeting=event)


def _key(event: str, stay: _Stay) -> str:
    return f"{event}|{stay.person}|{stay.start}|{stay.end}"


def _joined(who: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """(3, k) person, start and end of the stays of each person, with those joined that overlap (two devices, a stay listed twice)."""
    order = np.lexsort((start, who))
    who, start, end = who[order], start[order], end[order]
    held: list[list[int]] = []
    for one, first, last in zip(who.tolist(), start.tolist(), end.tolist(), strict=True):
        if held and held[-1][0] == one and first <= held[-1][2]:
            held[-1][2] = max(held[-1][2], last)
        else:
            held.append([one, first, last])
    return np.array(held, dtype=np.int64).reshape(-1, 3).T


def _minutes_together(spans: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """(n, n) minutes for which each two people were there at the same time; spans are person, start and end, (3, k)."""
    who, start, end = spans
    found = np.zeros((count, count))
    for one, first, last in zip(who.tolist(), start.tolist(), end.tolist(), strict=True):
        shared = np.clip(np.minimum(end, last) - np.maximum(start, first), 0, None)
        found[one] += np.bincount(who, weights=shared / MINUTE, minlength=count)
    return found
