"""Issues of Jira as a table: a row per issue, with a column "Comment" for each comment."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from unicodedata import normalize

from tienet.base.errors import DataError
from tienet.network.sources._jira_json import ACCOUNT, APPS, mentions_in
from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.moments import moment_of
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.tables import csv_rows

KEY = "issue key"
_ROLES = ("reporter", "assignee", "creator")
# Names of months by their first letters without accents, in the languages of which we know how Jira writes them.
_MONTHS = (
    ("jan", "ene", "gen"), ("feb", "fev"), ("mar", "mrt", "mrz"), ("apr", "abr", "avr"), ("may", "mai", "mag", "mei", "maj"),
    ("jun", "giu", "juin"), ("jul", "lug", "juil"), ("aug", "ago", "aou"), ("sep", "set"), ("oct", "okt", "out", "ott"), ("nov",),
    ("dec", "dez", "dic"),
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_CLOCK = r"(?:[ ,T]+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp]\.?[Mm]\.?)?)?"
_NAMED = re.compile(r"(\d{1,2})[/ .-]+([^\W\d_]+)\.?[/ .-]+(\d{4}|\d\d)" + _CLOCK)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)" + _CLOCK)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})" + _CLOCK)


@dataclass(slots=True)
class _Seen:
    """What was noticed in the tables."""

    rows: int = 0
    read: int = 0
    unread: int = 0
    comments: bool = False
    ids: bool = False
    people: bool = False


def is_table(file: ExportFile) -> bool:
    """Whether the first row of a CSV file is a header of Jira: no column but the key of the issue is sure."""
    first = next(csv_rows(file), (1, []))[1]
    return KEY in map(_plain, first)


def read_tables(files: Sequence[ExportFile], records: Records, formats: Sequence[str]) -> None:
    """Tell the records what the tables hold."""
    seen = _Seen()
    for file in files:
        _read_table(file, records, formats, seen)
    if seen.unread and not seen.read:
        raise DataError(
            "the Jira export has no time that can be read: they are written in the language of who exported them; pass time_format, "
            "such as time_format='%m/%d/%y %H:%M'"
        )
    if not seen.people:
        raise DataError(
            "the Jira export has neither a column Reporter nor Assignee; export with English as the language, and with all fields"
        )
    if seen.unread:
        records.note(f"{seen.unread:,} times could not be read; if they follow another pattern, pass time_format.")
    if seen.rows:
        records.lack(
            "A table of Jira has no changelog: today's assignee is taken for all times, so comments can go to the wrong person, and "
            "reassignments are missing. The JSON of its API has more."
        )
    if not seen.comments:
        records.lack("The table has no column Comment, so ties are understated.")
    elif not seen.ids:
        records.lack(
            "The table has no ids of accounts, such as Assignee Id: people are named as its columns write them, and may be written "
            "otherwise in comments."
        )
    records.note(f"Times of the table have no zone and are read as {records.zone}; pass timezone for another one.")


def _read_table(file: ExportFile, records: Records, formats: Sequence[str], seen: _Seen) -> None:
    rows = csv_rows(file)
    header = [_plain(cell) for cell in next(rows, (1, []))[1]]
    places = {name: at for at, name in reversed(list(enumerate(header)))}
    comments = [at for at, name in enumerate(header) if name == "comment"]
    seen.comments |= bool(comments)
    seen.ids |= any(f"{role} id" in places for role in _ROLES)
    seen.people |= "reporter" in places or "assignee" in places
    for number, cells in rows:
        if [_plain(cell) for cell in cells] == header:
            continue  # tables put below one another
        _read_row(
            _IssueRow(cells, places), [cells[at] for at in comments if at < len(cells)], (file.number, number), records, formats, seen
        )


@dataclass(frozen=True, slots=True)
class _IssueRow:
    cells: Sequence[str]
    places: Mapping[str, int]

    def __getitem__(self, name: str) -> str:
        at = self.places.get(name, len(self.cells))
        return self.cells[at].strip() if at < len(self.cells) else ""

    def person(self, role: str, records: Records) -> str | None:
        """The id in a role: that of the account if the table has one, else what is written."""
        shown, account = self[role], self[f"{role} id"]
        who = account or shown
        if who:
            address = shown if "@" in shown else None
            records.person(who, name=shown, addresses=[address], bot=shown.casefold() in APPS)
        return who or None


def _read_row(row: _IssueRow, comments: Sequence[str], at: tuple[int, int], records: Records, formats: Sequence[str], seen: _Seen) -> None:
    seen.rows += 1
    event = row["issue id"] or row[KEY]
    if not event:
        records.skip("bad_record", at=at)
        return
    reporter, assignee, _ = (row.person(role, records) for role in _ROLES)

    def time_of(text: str) -> int | str | None:
        try:
            found = moment_in_words(text, records.zone, formats)
        except ValueError:
            seen.unread += 1
            return "bad_time"
        seen.read += found is not None
        return found

    records.add(time_of(row["created"]), reporter, [assignee], "assign", event=f"issue:{event}", at=at)
    again: Counter[tuple[str, ...]] = Counter()
    for cell in filter(str.strip, comments):
        time, account, text = [part.strip() for part in (*cell.split(";", 2), "", "")[:3]]
        if cell.count(";") < 2:
            records.skip("bad_record", at=at)
            continue
        again[time, account] += 1  # two comments of one account in one minute
        mentioned = list(_mentioned(text, accounts=bool(row.places.keys() & {f"{role} id" for role in _ROLES})))
        unknown = {"unknown_object": sum(one is None for one in mentioned)}
        records.add(
            time_of(time),
            account,
            [assignee, reporter, *mentioned],
            "comment",
            event=f"comment:{event}:{time}:{account}:{again[time, account]}",
            left_out=unknown,
            at=at,
        )


def _mentioned(text: str, *, accounts: bool) -> Iterator[str | None]:
    """Ids of those mentioned; None for a name in a table that has ids of accounts."""
    for one in dict.fromkeys(mentions_in(text)):
        yield one.value if one.form == ACCOUNT or not accounts else None


def _plain(cell: str) -> str:
    return cell.strip().lower()


def moment_in_words(text: str, zone: str, formats: Sequence[str] = ()) -> int | None:
    """A moment as Jira writes it for people: "12/Mar/26 9:41 AM", "12.03.26 09:41", ISO, or in the patterns given.

    A day and a month that are both numbers between slashes are refused, since it is not known which comes first.

    Raises
    ------
    ValueError
        It cannot be read.

    Examples
    --------
    >>> moment_in_words("01/Jan/70 12:00 AM", "UTC"), moment_in_words("1. Mai 1970, 13:00", "Europe/Berlin")
    (0, 10411200000000)
    """
    text = text.strip()
    for one in formats:
        try:
            return moment_of(datetime.strptime(text, one), zone)
        except ValueError:
            continue
    if formats and text:
        raise ValueError
    for pattern, order in ((_NAMED, (2, 1, 0)), (_DOTTED, (2, 1, 0)), (_YEAR_FIRST, (0, 1, 2))):
        if match := pattern.fullmatch(text):
            parts = match.groups()
            year, month, day = (parts[at] for at in order)
            return moment_of(datetime(_year(year), _month(month), int(day), *_clock(*parts[3:])), zone)
    return moment_of(text, zone)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text) - (100 if int(text) > 68 else 0)  # as strptime and Java do


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    plain = "".join(letter for letter in normalize("NFD", text.casefold()) if letter.isalpha())
    found = _MONTH.get(plain[:4]) or _MONTH.get(plain[:3])
    if found is None:
        raise ValueError
    return found


def _clock(hour: str | None, minute: str | None, second: str | None, half: str | None) -> tuple[int, int, int]:
    if hour is None or minute is None:
        return 0, 0, 0
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError
        number = number % 12 + (12 if half[0] in "pP" else 0)
    return number, int(minute), int(second or 0)
