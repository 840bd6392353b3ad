"""Salesforce: assignments, meetings, handovers and teams from its object tables as CSV."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tienet.base.checks import flag
from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.tables import csv_rows
from tienet.network.sources.exports.values import moment_in

__all__ = ["read_salesforce"]

_ID = re.compile(r"[0a][0-9A-Za-z]{14}(?:[0-9A-Za-z]{3})?")  # those of custom objects begin with an a
_LONG_ID = 18  # 15 letters, of which case matters, and 3 that only say which of them are capitals
_USER, _CONTACT, _LEAD, _RESOURCE = "005", "003", "00Q", "023"
_OUTSIDE = (_CONTACT, _LEAD)
_SERIES = "3"  # the GroupEventType of the plan of a series
# People of other firms who log in; customers among them.
_GUESTS = frozenset({"powerpartner", "cspliteportal", "customersuccess", "powercustomersuccess", "guest", "selfservice"})
_MACHINES = frozenset({"automatedprocess", "cloudintegrationuser"})
# Users that Salesforce itself makes, with the user type of people.
_MACHINE_NAMES = frozenset(
    {"automated process", "platform integration user", "integration user", "security user", "insights integration user", "chatter expert"}
)
_OWNER_FIELDS = frozenset({"owner", "ownerid", "ownerassignment", "owneraccepted"})
_ABSENT = frozenset({"declined", "uninvited"})
_TEAMS = {"opportunityid": "opportunity", "accountid": "account", "ownerid": "user"}


def read_salesforce(
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
    teams: bool = False,
) -> InteractionLog:
    r"""Read the object tables of Salesforce, exported as CSV: Task, Event, EventRelation, User, field histories and teams.

    A task is an interaction from who created it to its owner (`assign`). An event is a meeting of its owner and of the users invited who
    did not decline, every pair both ways (`meeting`); with nobody else there, one that its owner did not create is an
    assignment. A change of the owner of an account, lead or other object is one from the old to the new owner (`handover`). Only users
    are colleagues: customers, leads, rooms and queues are not.

    Parameters
    ----------
    path
        A folder or ZIP of the tables, or one of them. Tables are told by their columns, written as the data loader writes them
        (``OwnerId``) or as warehouses do (``owner_id``), whatever their files are called.
    people
        The people table, or its path. Users whose address it holds become its ids; others are then written ``salesforce:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``: ids of users with the kind ``salesforce``, of 15 or 18
        letters. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: users with addresses of others only are left out.
    timezone
        The time zone of times without one, and of days; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Records with more people are excluded.
    ids
        How ids are compared, as in `read_log`. Of ids of 18 letters the first 15 are kept in any case.
    teams
        Count teams of opportunities, accounts and users: whoever joins one is linked with those in it, both ways (`team`), at the
        moment of joining. This is weak evidence of contact, and without it the rows of these tables are ``other_action``.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no table of Salesforce, a file is damaged, or no record links two people.

    Notes
    -----
    Tasks, handovers and teams take place when they are created (``CreatedDate``; the date of a task is when it is due), meetings at
    their start. Copies of a meeting for those invited (``IsChild``) and the plan of a series beside its meetings are duplicates. Tasks
    logged by their owner, as most are, link no one.

    References
    ----------
    Salesforce. Object Reference for the Salesforce Platform: Task, Event, EventRelation, OpportunityTeamMember, StandardObjectNameHistory.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import tienet as tn
    >>> tasks = (
    ...     "Id,OwnerId,CreatedById,WhoId,CreatedDate\n"
    ...     "00T000000000001AAA,005000000000002AAA,005000000000001AAA,,2026-03-02T09:00:00.000Z\n"
    ...     "00T000000000002AAA,005000000000002AAA,005000000000002AAA,,2026-03-02T09:10:00.000Z\n"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "Task.csv").write_text(tasks)
    ...     log = tn.read_salesforce(folder)
    >>> print(log.ledger)
    2 records in: 1 used, 1 excluded (self 1); they gave 1 interaction
    >>> log.frame[["source", "target", "channel"]].values.tolist()
    [['005000000000001', '005000000000002', 'assign']]
    """
    flag("teams", teams)
    export = open_export(path, kind="salesforce")
    tables = _tables(export)
    records = Records(
        "salesforce",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
        externals="drop",
    )
    reading = _TablesReading(records)
    for table in tables["user"]:
        _read_users(table, reading)
    for table in tables["relation"]:
        _read_relations(table, reading)
    _read_tasks_and_events(tables, reading)
    for table in tables["history"]:
        _read_history(table, reading)
    _read_teams(tables["team"], reading, count=teams)
    _tell_lacks(tables, reading, counts_teams=teams)
    return records.log()


@dataclass(frozen=True, slots=True)
class _Table:
    """A CSV file with its columns by name, in lower case and without underscores: ``ownerid`` for OwnerId and owner_id."""

    file: ExportFile
    columns: dict[str, int]
    width: int

    def rows(self, records: Records | None = None) -> Iterator[tuple[tuple[int, int], _ObjectRow]]:
        """Its rows, each with its place. One of another length has cells in the wrong columns, and is told to the records as broken."""
        lines = csv_rows(self.file)
        next(lines)
        for line, cells in lines:
            at = self.file.number, line
            if len(cells) == self.width:
                yield at, _ObjectRow(cells, self.columns)
            elif records is not None:
                records.skip("bad_record", at=at)


@dataclass(frozen=True, slots=True)
class _ObjectRow:
    """A row, called with the name of a column: its cell, "" where there is none."""

    cells: list[str]
    columns: dict[str, int]

    def __call__(self, name: str) -> str:
        at = self.columns.get(name)
        return "" if at is None else self.cells[at].strip()


@dataclass(slots=True)
class _TablesReading:
    """What is known while the tables are read."""

    records: Records
    users: set[str] = field(default_factory=set)
    told: dict[str, str] = field(default_factory=dict)  # id as written -> in 15 letters
    invited: dict[str, dict[str, str]] = field(default_factory=dict)  # event -> id -> why it does not count, "" for those who attend
    series: set[str] = field(default_factory=set)
    owners_by_name: int = 0
    owners_by_id: int = 0

    def end(self, who: str) -> str:
        """The id of a user in 15 letters; ids of queues and others are told to the records as not of people."""
        short = self.told.get(who)
        if short is None:
            short = self.told[who] = _short(who)
            if who and not self.is_user(who):
                room, outside = short.startswith(_RESOURCE), short.startswith(_OUTSIDE)
                self.records.person(short, room=room, external=outside, group=not (room or outside))
        return short

    def is_user(self, who: str) -> bool:
        """Whether an id is that of a user; warehouses may write other ids, which are taken as they are."""
        return _short(who) in self.users or who.startswith(_USER) or not _ID.fullmatch(who)


def _short(who: str) -> str:
    return who[:15] if len(who) == _LONG_ID and _ID.fullmatch(who) else who


def _is_true(cell: str) -> bool:
    return cell.lower() in ("true", "1", "t", "yes")


def _tables(export: Export) -> dict[str, list[_Table]]:
    """The tables of an export by kind; those of other kinds are under "other"."""
    tables: dict[str, list[_Table]] = {kind: [] for kind in ("user", "relation", "task", "event", "history", "team", "other")}
    for file in export.files:
        if file.suffix not in (".csv", ".txt", ".tsv", ""):
            continue
        header = next((cells for _, cells in csv_rows(file)), [])
        columns: dict[str, int] = {}
        for at, name in enumerate(header):
            columns.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), at)
        tables[_kind(frozenset(columns), file.name)].append(_Table(file, columns, len(header)))
    if not any(tables[kind] for kind in ("task", "event", "history", "team")):
        raise not_understood(export, "CSV tables of Task (OwnerId, CreatedById, WhoId) or Event (OwnerId, StartDateTime)")
    return tables


def _kind(columns: frozenset[str], name: str) -> str:
    """The kind of a table, by its columns. A task has the fewest of its own, so that its file may also be called so."""
    called = re.sub(r"[^a-z]", "", name.lower().rpartition("/")[2])
    rules = (
        ("relation", {"eventid", "relationid"} <= columns and bool(columns & {"isinvitee", "status"})),
        ("history", {"field", "oldvalue", "newvalue"} <= columns),
        ("team", {"userid", "teammemberrole"} <= columns and bool(columns & _TEAMS.keys())),
        ("event", "ownerid" in columns and bool(columns & {"startdatetime", "enddatetime", "activitydatetime", "durationinminutes"})),
        ("task", "ownerid" in columns and bool(columns & {"tasksubtype", "whoid", "callduration", "calldurationinseconds"})),
        ("task", {"ownerid", "createdbyid"} <= columns and called.startswith("task")),
        ("user", "ownerid" not in columns and "email" in columns and bool(columns & {"usertype", "isactive", "userroleid", "profileid"})),
    )
    return next((kind for kind, fits in rules if fits), "other")


def _read_users(table: _Table, reading: _TablesReading) -> None:
    """Tell the records who the users are. They are no records, so broken rows are passed over."""
    for _, cell in table.rows():
        who = _short(cell("id"))
        if not who:
            continue
        kind, name = cell("usertype").lower(), cell("name") or f"{cell('firstname')} {cell('lastname')}".strip()
        active = cell("isactive")
        reading.users.add(who)
        reading.records.person(
            who,
            addresses=[cell("email")],
            name=name,
            handles=[cell("username")],
            bot=kind in _MACHINES or name.lower() in _MACHINE_NAMES,
            external=kind in _GUESTS,
            deactivated=bool(active) and not _is_true(active),
        )


def _read_relations(table: _Table, reading: _TablesReading) -> None:
    """Who was invited to each event, and who of them does not count: those who declined, customers and rooms."""
    stated = "isinvitee" in table.columns
    for _, cell in table.rows():
        event, who = _short(cell("eventid")), cell("relationid")
        if not event or not who or _is_true(cell("isdeleted")) or (stated and not _is_true(cell("isinvitee"))):
            continue
        if reading.is_user(who):
            reason = "declined" if cell("status").lower() in _ABSENT else ""
        elif who.startswith((*_OUTSIDE, _RESOURCE)):
            reason = "room" if who.startswith(_RESOURCE) else "external"
        else:
            continue  # what the event is about, such as an account
        people = reading.invited.setdefault(event, {})
        people[_short(who)] = people.get(_short(who)) or reason


def _read_tasks_and_events(tables: dict[str, list[_Table]], reading: _TablesReading) -> None:
    """Read tasks and events. The plan of a series comes last: it is a repeat only if tasks or meetings of the series were read."""
    plans: list[tuple[Callable[..., None], str, tuple[int, int], _ObjectRow]] = []
    for kind, add in (("task", _add_task), ("event", _add_event)):
        for table in tables[kind]:
            for at, cell in table.rows(reading.records):
                who, series = _short(cell("id")), _short(cell("recurrenceactivityid"))
                event = f"{kind}:{who}" if who else f"{kind}:{at[0]}:{at[1]}"
                if _is_true(cell("isdeleted")):
                    reading.records.skip("deleted", event=event)
                    continue
                if series and series != who:
                    reading.series.add(series)
                if _is_true(cell("isrecurrence")) or cell("groupeventtype") == _SERIES:
                    plans.append((add, event, at, cell))
                else:
                    add(event, at, cell, reading)
    for add, event, at, cell in plans:
        if _short(cell("id")) in reading.series:
            reading.records.skip("series_master", event=event)
        else:
            add(event, at, cell, reading)


def _add_task(event: str, at: tuple[int, int], cell: _ObjectRow, reading: _TablesReading) -> None:
    time = moment_in(cell("createddate"), reading.records.zone)
    reading.records.add(time, reading.end(cell("createdbyid")), [reading.end(cell("ownerid"))], "assign", event=event, at=at)


def _add_event(event: str, at: tuple[int, int], cell: _ObjectRow, reading: _TablesReading) -> None:
    owner, creator, who = reading.end(cell("ownerid")), cell("createdbyid"), _short(cell("id"))
    code = "child_copy" if _is_true(cell("ischild")) else "all_day" if _is_true(cell("isalldayevent")) else ""
    if code or not owner:
        reading.records.skip(code or "missing_source", event=event, at=at)
        return
    asked = reading.invited.get(who, {})
    there = [owner, *(one for one, reason in asked.items() if not reason and one != owner)]
    if len(there) < 2 and creator and _short(creator) != owner and reading.is_user(cell("ownerid")):
        time = moment_in(cell("createddate") or cell("startdatetime") or cell("activitydatetime"), reading.records.zone)
        reading.records.add(time, reading.end(creator), [owner], "assign", event=event, at=at)
        return
    start = moment_in(cell("startdatetime") or cell("activitydatetime"), reading.records.zone)
    try:
        minutes = _minutes(cell, start, reading)
    except ValueError:
        reading.records.skip("bad_duration", event=event, at=at)
        return
    left_out = Counter(reason for reason in asked.values() if reason)
    reading.records.meet(start, there, event=event, duration=minutes, left_out=left_out, at=at)


def _minutes(cell: _ObjectRow, start: int | str | None, reading: _TablesReading) -> float | None:
    """How long an event takes; None if the table does not say, or the times cannot be read."""
    if stated := cell("durationinminutes"):
        minutes = float(stated)
    else:
        end = moment_in(cell("enddatetime"), reading.records.zone)
        if not isinstance(start, int) or not isinstance(end, int):
            return None
        minutes = (end - start) / 60_000_000
    if not 0 <= minutes < float("inf"):
        raise ValueError
    return minutes


def _read_history(table: _Table, reading: _TablesReading) -> None:
    """Changes of owners. A change is told twice, by the ids of the owners and by their names; that by names is passed over."""
    for at, cell in table.rows(reading.records):
        event = f"history:{_short(cell('id')) or at}"
        old, new = cell("oldvalue"), cell("newvalue")
        if _is_true(cell("isdeleted")):
            reading.records.skip("deleted", event=event)
        elif cell("field").lower().replace("_", "") not in _OWNER_FIELDS:
            reading.records.skip("other_action", event=event)
        elif not all(_ID.fullmatch(one) for one in (old, new) if one):
            reading.owners_by_name += 1
            reading.records.skip("other_action", event=event)
        else:
            reading.owners_by_id += 1
            time = moment_in(cell("createddate"), reading.records.zone)
            if not old:
                reading.records.skip("no_person", event=event)  # owned by no one before
            else:
                reading.records.add(time, reading.end(old), [reading.end(new)] if new else [], "handover", event=event, at=at)


def _read_teams(tables: Sequence[_Table], reading: _TablesReading, *, count: bool) -> None:
    """Whoever joins a team is linked with those in it; those that joined at one moment, in the order of their rows' ids."""
    joined: list[tuple[str, int, str, str, tuple[int, int]]] = []
    there: dict[str, dict[str, None]] = {}
    records = reading.records
    for table in tables:
        key = next(name for name in _TEAMS if name in table.columns)
        for at, cell in table.rows(records):
            who = _short(cell("id"))
            event = f"team:{who}" if who else f"team:{at[0]}:{at[1]}"
            user, team = reading.end(cell("userid")), f"{key}:{_short(cell(key))}"
            time = moment_in(cell("createddate"), reading.records.zone)
            if _is_true(cell("isdeleted")):
                records.skip("deleted", event=event)
            elif not count:
                records.skip("other_action", event=event)
            elif not user:
                records.skip("missing_source", event=event, at=at)
            elif not isinstance(time, int):
                records.skip(time or "missing_time", event=event, at=at)
            else:
                joined.append((team, time, event, user, at))
                if key == "ownerid":
                    there.setdefault(team, {})[reading.end(cell(key))] = None
    for team, time, event, user, at in sorted(joined):
        members = there.setdefault(team, {})
        others = [one for one in members if one != user]
        members[user] = None
        if 0 < len(others) < records.max_people:
            records.add_links(time, [link for one in others for link in ((user, one, "team"), (one, user, "team"))], event=event, at=at)
        else:
            records.meet(time, [user, *others], "team", event=event, at=at)  # counts as alone, or as too many people


def _tell_lacks(tables: dict[str, list[_Table]], reading: _TablesReading, *, counts_teams: bool) -> None:
    records = reading.records
    if tables["event"] and not tables["relation"]:
        records.lack("The table EventRelation is missing: meetings show their owner only, so ties are understated.")
    if not tables["event"]:
        records.lack("The table Event is missing: there are no meetings, so ties are understated.")
    if not tables["task"]:
        records.lack("The table Task is missing: there are no assignments of tasks, so ties are understated.")
    if any("createdbyid" not in table.columns for table in tables["task"]):
        records.lack("A table of tasks has no column CreatedById: who assigned its tasks is not known, so ties are understated.")
    if not tables["user"]:
        records.lack(
            "The table User is missing: automated users count as people, so ties are overstated, and users have no addresses, so that "
            "only a table of identities joins them with other systems."
        )
    if not tables["history"]:
        records.lack("There is no table of field history (AccountHistory, LeadHistory): handovers are missing, so ties are understated.")
    if reading.owners_by_name and not reading.owners_by_id:
        records.lack("A field history names owners by their names only, without ids: its handovers are not counted.")
    records.note("Tasks logged by their own owner and meetings with customers alone link no colleagues.")
    if tables["team"] and not counts_teams:
        records.note("Members of teams are not linked; teams=True links whoever joins a team with those in it.")
    if tables["other"]:
        records.note(f"{counted(len(tables['other']), 'table')} of other objects passed over.")
