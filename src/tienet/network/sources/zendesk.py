"""Zendesk: assignments and internal comments on tickets, from ticket audits as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.exports.files import ExportFile, open_export
from tienet.network.sources.exports.json_items import begins_json, items_or_lines
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.values import moment_in, text_in

__all__ = ["read_zendesk"]

_AUDITS, _USERS, _TICKETS = ("audits.item", "audit"), ("users.item", "user"), ("tickets.item", "ticket")
_PAGES = ("next_page", "previous_page", "meta.has_more")
_SYSTEM = "-1"  # the author of what triggers and automations do
_COLLEAGUES = frozenset({"agent", "admin"})


def read_zendesk(
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
) -> InteractionLog:
    """Read the ticket audits of Zendesk, saved as JSON, with the users.

    An audit is one update of a ticket. If it changes the assignee, it is an interaction from its author to the new assignee (`assign`)
    and from the old assignee to the new one (`handover`); if it adds an internal comment, one from its author to the assignee at that
    moment (`comment`). Comments that customers can read are written to them. Customers (end users) are no colleagues.

    Parameters
    ----------
    path
        A folder or ZIP of JSON files, or one of them: answers of the audits API (``audits``), and perhaps of the users API (``users``) and
        of the tickets API (``tickets``).
    people
        The people table, or its path. Users whose address it holds become its ids; other ids are then written ``zendesk:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``: ids of users with the kind ``zendesk``. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only are left out.
    timezone
        The time zone of days; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Records with more people are excluded.
    ids
        How ids are compared, as in `read_log`.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no ticket audits, a file is damaged, or no audit links two people.

    Notes
    -----
    A pair of people counts once for each audit, as an assignment before a comment or a handover. Changes made by triggers and automations
    (``via`` with the channel ``rule``) are by no one, but say who the assignee is from then on. Where the audits of a ticket do not begin
    with its creation, its first assignee is the previous value of the first change or, without a change, that of ``tickets``.

    References
    ----------
    Zendesk. Support API: Ticket Audits; Ticket Audit events reference.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> import tienet as tn
    >>> change = {"type": "Change", "field_name": "assignee_id", "previous_value": "12", "value": "13"}
    >>> audit = {"id": 1, "ticket_id": 7, "created_at": "2026-03-02T09:00:00Z", "author_id": 11, "events": [change]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "audits.json").write_text(json.dumps({"audits": [audit], "next_page": None}))
    ...     log = tn.read_zendesk(folder)
    >>> log.frame[["source", "target", "channel"]].values.tolist()
    [['11', '13', 'assign'], ['12', '13', 'handover']]
    """
    export = open_export(path, kind="zendesk")
    records = Records(
        "zendesk",
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
    held = _HeldTicket()
    for file in export.files:
        if begins_json(file):
            _read_file(file, records, held)
    if not held.found:
        raise not_understood(export, "JSON with audits (ticket_id, events)")
    _add_audits(held, records)
    _tell_lacks(held, records)
    return records.log()


class _Audit(NamedTuple):
    """What an audit says of colleagues. Audits of a ticket sort in the order of time, those of one moment by their ids."""

    ticket: str
    time: int
    number: int
    event: str
    author: str
    assigned: str | None  # the new assignee, "" for none; None if the audit does not change it
    before: str  # the old assignee, "" if there was none or it is not told
    by_rule: bool
    internal: bool
    public: bool
    at: tuple[int, int]


@dataclass(slots=True)
class _HeldTicket:
    """What was read."""

    audits: list[_Audit] = field(default_factory=list)
    assignees: dict[str, str] = field(default_factory=dict)  # ticket -> its assignee today
    found: bool = False
    users: bool = False
    following: int = 0  # pages that name a next one
    preceding: int = 0
    cut: bool | None = None  # whether no page of those that say so is the last one


def _read_file(file: ExportFile, records: Records, held: _HeldTicket) -> None:
    number = 0
    for prefix, item in items_or_lines(file, *_AUDITS, *_USERS, *_TICKETS, *_PAGES, "item"):
        if prefix == "item":
            prefix = _prefix_of(item)
        if prefix in _AUDITS:
            held.found = True
            number += 1
            _read_audit(item, (file.number, number), records, held)
        elif prefix in _USERS:
            held.users |= _learn_user(item, records)
        elif prefix in _TICKETS and isinstance(item, dict):
            held.assignees[text_in(item.get("id"))] = text_in(item.get("assignee_id"))
        elif prefix == "next_page":
            held.following += bool(item)
        elif prefix == "previous_page":
            held.preceding += bool(item)
        elif prefix == "meta.has_more":
            held.cut = bool(item) and held.cut is not False


def _prefix_of(item: Any) -> str:
    """What an item of a list without a name is."""
    if isinstance(item, dict) and isinstance(item.get("events"), list) and "ticket_id" in item:
        return _AUDITS[0]
    return _USERS[0] if isinstance(item, dict) and "role" in item and "email" in item else ""


def _learn_user(user: Any, records: Records) -> bool:
    if not isinstance(user, dict) or not text_in(user.get("id")):
        return False
    role = user.get("role")
    records.person(
        text_in(user["id"]),
        addresses=[user.get("email")],
        name=user.get("name"),
        external=isinstance(role, str) and role not in _COLLEAGUES,
        deactivated=user.get("active") is False or user.get("suspended") is True,
    )
    return role is not None


def _read_audit(audit: Any, at: tuple[int, int], records: Records, held: _HeldTicket) -> None:
    """Hold an audit that may link people until the others of its ticket are read; count one that does not."""
    if not isinstance(audit, dict) or not isinstance(audit.get("events"), list) or not text_in(audit.get("ticket_id")):
        records.skip("bad_record", at=at)
        return
    who = text_in(audit.get("id"))
    event = who or f"{at[0]}:{at[1]}"
    assigned, before, by_rule, internal, public = _told(audit["events"], audit.get("via"))
    if assigned is None and not internal and not public:
        records.skip("other_action", event=event)
        return
    author = text_in(audit.get("author_id"))
    if not author:
        records.skip("missing_source", event=event, at=at)
        return
    time = moment_in(audit.get("created_at"), records.zone)
    if not isinstance(time, int):
        records.skip(time or "missing_time", event=event, at=at)
        return
    number = int(who) if re.fullmatch("[0-9]{1,18}", who) else 0
    held.audits.append(_Audit(text_in(audit["ticket_id"]), time, number, event, author, assigned, before, by_rule, internal, public, at))


def _told(events: Sequence[Any], via: Any) -> tuple[str | None, str, bool, bool, bool]:
    """Of the events of an audit: new assignee, old one, whether a rule changed it, and whether it adds internal and public comments."""
    assigned: str | None = None
    before, by_rule, internal, public = "", False, False, False
    for one in events:
        if not isinstance(one, dict):
            continue
        kind = one.get("type")
        if kind in ("Create", "Change") and one.get("field_name") == "assignee_id":
            if assigned is None:
                before = text_in(one.get("previous_value"))
            assigned = text_in(one.get("value"))
            by_rule = _is_rule(one.get("via") or via)
        elif kind == "Comment" and not _is_rule(one.get("via") or via):
            internal |= one.get("public") is False
            public |= one.get("public") is not False
    return assigned, before, by_rule, internal, public


def _is_rule(via: Any) -> bool:
    """Whether a trigger or an automation did it."""
    return isinstance(via, dict) and via.get("channel") == "rule"


def _add_audits(held: _HeldTicket, records: Records) -> None:
    """Go through the audits of each ticket in the order of time, with its assignee."""
    held.audits.sort(key=lambda audit: (audit.ticket, audit.time, audit.number, audit.event, audit.at))
    first: dict[str, str] = {}
    for audit in held.audits:
        if audit.assigned is not None:
            first.setdefault(audit.ticket, audit.before)
    ticket, assignee = "", ""
    for audit in held.audits:
        if audit.ticket != ticket:
            ticket = audit.ticket
            assignee = first.get(ticket, held.assignees.get(ticket, ""))
        _add_audit(audit, assignee, records)
        if audit.assigned is not None:
            assignee = audit.assigned


def _add_audit(audit: _Audit, assignee: str, records: Records) -> None:
    """Add an audit, with the assignee before it."""
    author, event, at = audit.author, audit.event, audit.at
    now = assignee if audit.assigned is None else audit.assigned
    stated: list[tuple[str, str, str]] = []
    if audit.assigned and not audit.by_rule:
        stated.append((author, audit.assigned, "assign"))
    if audit.internal and now:
        stated.append((author, now, "comment"))
    if audit.assigned and not audit.by_rule and (before := audit.before or assignee):
        stated.append((before, audit.assigned, "handover"))
    pairs: dict[tuple[str, str], str] = {}
    for source, target, channel in stated:
        pairs.setdefault((source, target), channel)
    # Someone who takes a ticket over does not assign it to anyone; who assigns it to themselves and does nothing else is `self`.
    links = [(*pair, channel) for pair, channel in pairs.items() if len(set(pair)) == 2] or stated[:1]
    if author == _SYSTEM or (audit.by_rule and not links and not audit.public and not audit.internal):
        records.skip("bot", event=event)
    elif audit.public and not links and not audit.internal:
        records.skip("external", event=event)
    else:
        records.add_links(audit.time, links, event=event, at=at)


def _tell_lacks(held: _HeldTicket, records: Records) -> None:
    if not held.users:
        records.lack(
            "The export holds no list of users with their roles: customers who assign tickets cannot be told from colleagues, so ties are "
            "overstated, and there are no addresses, so that only a table of identities joins the ids with other systems."
        )
    if held.following > held.preceding or held.cut:
        records.lack("The last page is missing: the export says that there are more audits, so ties are understated.")
    records.note(
        "Internal comments count towards the assignee; public comments are written to customers, and mentions in comments are not read."
    )
