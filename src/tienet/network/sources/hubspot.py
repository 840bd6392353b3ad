"""HubSpot: tasks, calls, mails and meetings of its owners, from engagements as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.found import is_inside
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.json_items import begins_json, items_or_lines
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.values import mapping_in, moment_in, sequence_in, text_in

__all__ = ["read_hubspot"]

_ITEMS = ("results.item", "engagements.item", "item")
# What a page says of the pages after it: a list of engagements, and of objects.
_MORE = ("hasMore", "has-more", "paging.next.after")
_CALLED_OFF = frozenset({"CANCELED", "CANCELLED", "RESCHEDULED"})
# Kinds of activity by their properties. Contacts have some that begin alike, such as hs_email_domain.
_PROPERTIES = {
    "MEETING": re.compile("hs_attendee_owner_ids|hs_meeting_(?:start_time|end_time|title|body|outcome)"),
    "EMAIL": re.compile("hs_email_(?:headers|direction|subject|text|html|status|(?:from|to|cc|bcc)_email)"),
    "CALL": re.compile("hs_call_(?:title|body|direction|duration|status|disposition|(?:from|to)_number)"),
    "TASK": re.compile("hs_task_(?:subject|body|status|type|priority)"),
    "NOTE": re.compile("hs_note_body"),
    "COMMUNICATION": re.compile("hs_communication_(?:body|channel_type|logged_from)"),
    "POSTAL_MAIL": re.compile("hs_postal_mail_body"),
}
# The kind of the activities of a file, by its name without what is no letter: tasks.json, "Tasks page 2.json".
_CALLED = re.compile(r"(?:hubspot|crm|engagements?|objects?|activit(?:y|ies))*(meeting|email|call|task|note)s?(?:page|part|export)*")
_MAILS = frozenset({"EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"})


def read_hubspot(
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
    """Read activities of HubSpot, saved as JSON: engagements, or tasks, calls, emails and meetings, with the list of owners.

    A task or call is an interaction from who created it to its owner (`assign`), a mail one from its sender to the owners among its
    recipients (`mail`), a meeting one of its owner and of the owners who attend, every pair both ways (`meeting`). Notes
    address no one. Customers are external and are not counted.

    Parameters
    ----------
    path
        A folder or ZIP of JSON files, or one of them: answers of the engagements API (``engagement``, ``associations``, ``metadata``) or
        of the objects API (``properties``), and of the owners API (``owners.json``).
    people
        The people table, or its path. Owners whose address it holds become its ids, and so do other addresses of its people in mails;
        other ids are then written ``hubspot:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``: ids of owners with the kind ``hubspot``. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: addresses in mails that belong to no owner count as colleagues if they are in
        them; people with addresses of others only are left out.
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
        The path holds no activities of HubSpot, a file is damaged, or no record links two people.

    Notes
    -----
    HubSpot numbers its users, who create activities, otherwise than its owners, to whom they are assigned; only the list of owners says
    who is who. Without it tasks and calls have no known creator (``missing_source``), and mails no known colleagues. Users who are no
    owners are written ``user 9001``. Tasks take place when they are created (their timestamp is when they are due), meetings at their
    start, calls and mails at their timestamp. A meeting that was cancelled or rescheduled is ``cancelled``.

    References
    ----------
    HubSpot. Engagements API v1; CRM API v3: Activities, Owners.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> import tienet as tn
    >>> owners = [{"id": "101", "userId": 9001, "email": "ann@firm.example"}, {"id": "102", "userId": 9002, "email": "bob@firm.example"}]
    >>> task = {"id": 1, "type": "TASK", "createdAt": 1772441000000, "createdBy": 9001, "ownerId": 102}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "owners.json").write_text(json.dumps({"results": owners}))
    ...     _ = Path(folder, "engagements.json").write_text(json.dumps({"results": [{"engagement": task}]}))
    ...     log = tn.read_hubspot(folder)
    >>> log.frame[["source", "target", "channel"]].values.tolist()
    [['101', '102', 'assign']]
    """
    export = open_export(path, kind="hubspot")
    lists, activities = _sorted_files(export)
    records = Records(
        "hubspot",
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
    owners = _Owners(records)
    for file in lists:
        for _, item in items_or_lines(file, *_ITEMS):
            owners.learn(item)
    kinds: Counter[str] = Counter()
    pages: dict[str, list[bool]] = {}
    for file, kind in activities:
        _read_file(file, kind, records, owners, kinds, pages)
    _tell_lacks(records, owners, kinds, pages)
    return records.log()


def _sorted_files(export: Export) -> tuple[list[ExportFile], list[tuple[ExportFile, str]]]:
    """The lists of owners, and the files of activities with the kind that their names tell; files of other objects are passed over."""
    lists: list[ExportFile] = []
    activities: list[tuple[ExportFile, str]] = []
    for file in export.files:
        if not begins_json(file):
            continue
        called = _CALLED.fullmatch(re.sub(r"[^a-z]", "", file.name.lower().rpartition("/")[2].partition(".")[0]))
        told = called.group(1).upper() if called else ""
        first = next((item for _, item in items_or_lines(file, *_ITEMS)), None)
        if not isinstance(first, dict):
            continue
        properties = first.get("properties")
        if "engagement" in first or (isinstance(properties, dict) and (told or _kind_of(properties))):
            activities.append((file, told))
        elif "email" in first and not {"userId", "ownerId", "activeUserId"}.isdisjoint(first):
            lists.append(file)
    if not activities:
        raise not_understood(export, "JSON with engagement (ownerId, type) or properties (hubspot_owner_id)")
    return lists, activities


@dataclass(slots=True)
class _Owners:
    """The owners of the account: by id, by the id of their user, and by address."""

    records: Records
    of_user: dict[str, str] = field(default_factory=dict)
    of_address: dict[str, str] = field(default_factory=dict)
    addresses: set[str] = field(default_factory=set)

    def learn(self, owner: Any) -> None:
        """Take an item of a list of owners. Archived ones stay: they own what they owned."""
        if not isinstance(owner, dict):
            return
        who = _text(owner.get("ownerId") or owner.get("id"))
        if not who:
            return
        for name in ("userId", "userIdIncludingInactive", "activeUserId"):
            if user := _text(owner.get(name)):
                self.of_user[user] = who
        address = _address(owner.get("email"))
        if address:
            self.of_address.setdefault(address, who)
        self.records.person(
            who,
            addresses=[address],
            name=" ".join(_text(owner.get(part)) for part in ("firstName", "lastName")).strip(),
            group=owner.get("type") == "QUEUE",
            deactivated=bool(owner.get("archived")) or owner.get("isActive") is False,
        )

    def creator(self, user: str) -> str:
        """The owner who is a user; "" if users cannot be told from owners."""
        if not user or not self.of_user:
            return ""
        return self.of_user.get(user) or f"user {user}"

    def mailer(self, address: str) -> str:
        """The owner of an address, or the address; it is external unless it is of the firm."""
        if not address or address in self.of_address:
            return self.of_address.get(address, "")
        if address not in self.addresses:
            self.addresses.add(address)
            self.records.person(address, addresses=[address], external=not is_inside(address, self.records.domains))
        return address


@dataclass(frozen=True, slots=True)
class _Activity:
    """An activity, whichever of the two APIs it comes from."""

    kind: str
    event: str
    at: tuple[int, int]
    deleted: bool
    time: Any
    created: Any
    user: str
    owner: str
    attending: Sequence[str]
    start: Any
    end: Any
    outcome: str
    sender: str
    recipients: Sequence[str]


def _read_file(file: ExportFile, told: str, records: Records, owners: _Owners, kinds: Counter[str], pages: dict[str, list[bool]]) -> None:
    """Read the activities of a file, and note in `pages` whether it says that there are more."""
    first, more, number = "", False, 0
    for prefix, item in items_or_lines(file, *_ITEMS, *_MORE):
        if prefix in _MORE:
            more |= bool(item)
            continue
        number += 1
        activity = _activity(item, told, (file.number, number))
        if activity is None:
            records.skip("bad_record", at=(file.number, number))
            continue
        first = first or ("" if "engagement" in item else activity.kind)
        kinds[activity.kind] += 1
        _add(activity, records, owners)
    pages.setdefault(first, []).append(more)


def _activity(item: Any, told: str, at: tuple[int, int]) -> _Activity | None:
    """An item of either API as an activity; None if it is none."""
    if not isinstance(item, dict):
        return None
    if isinstance(one := item.get("engagement"), dict):
        return _engagement(one, mapping_in(item.get("associations")), mapping_in(item.get("metadata")), at)
    if isinstance(properties := item.get("properties"), dict) and (kind := _kind_of(properties) or told):
        return _object(kind, item, properties, at)
    return None


def _engagement(one: Mapping[str, Any], associations: Mapping[str, Any], metadata: Mapping[str, Any], at: tuple[int, int]) -> _Activity:
    who = _text(one.get("id"))
    addressed = [person for name in ("to", "cc", "bcc") for person in sequence_in(metadata.get(name))]
    return _Activity(
        _text(one.get("type")).upper(),
        who or f"{at[0]}:{at[1]}",
        at,
        one.get("active") is False,
        one.get("timestamp"),
        one.get("createdAt"),
        _text(one.get("createdBy")),
        _text(one.get("ownerId")),
        [_text(owner) for owner in sequence_in(associations.get("ownerIds"))],
        metadata.get("startTime"),
        metadata.get("endTime"),
        _text(metadata.get("meetingOutcome")).upper(),
        _address(mapping_in(metadata.get("from")).get("email")),
        [_address(mapping_in(person).get("email")) for person in addressed],
    )


def _object(kind: str, item: Mapping[str, Any], properties: Mapping[str, Any], at: tuple[int, int]) -> _Activity:
    who = _text(item.get("id") or properties.get("hs_object_id"))
    sender, recipients = _mail(properties)
    return _Activity(
        kind,
        who or f"{at[0]}:{at[1]}",
        at,
        item.get("archived") is True,
        properties.get("hs_timestamp"),
        properties.get("hs_createdate") or item.get("createdAt") or properties.get("createdate"),
        _text(properties.get("hs_created_by_user_id") or properties.get("hs_created_by")),
        _text(properties.get("hubspot_owner_id")),
        _parts(properties.get("hs_attendee_owner_ids")),
        properties.get("hs_meeting_start_time") or properties.get("hs_timestamp"),
        properties.get("hs_meeting_end_time"),
        _text(properties.get("hs_meeting_outcome")).upper(),
        sender,
        recipients,
    )


def _mail(properties: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Sender and recipients of a mail: the headers name all of them with their addresses, the other properties at times fewer."""
    try:
        headers = mapping_in(json.loads(_text(properties.get("hs_email_headers")) or "{}"))
    except (ValueError, RecursionError):
        headers = {}
    sender = _address(mapping_in(headers.get("from")).get("email")) or _address(properties.get("hs_email_from_email"))
    recipients: list[str] = []
    for name in ("to", "cc", "bcc"):
        stated = [_address(mapping_in(person).get("email")) for person in sequence_in(headers.get(name))]
        recipients += stated or [_address(one) for one in _parts(properties.get(f"hs_email_{name}_email"))]
    return sender, recipients


def _kind_of(properties: Mapping[str, Any]) -> str:
    """The kind of an activity, by its properties; "" if they do not tell it."""
    if stated := _text(properties.get("hs_engagement_type")):
        return stated.upper()
    return next((kind for kind, pattern in _PROPERTIES.items() if any(map(pattern.fullmatch, properties))), "")


def _add(one: _Activity, records: Records, owners: _Owners) -> None:
    if one.deleted:
        records.skip("deleted", event=one.event)
    elif one.kind in ("TASK", "CALL"):
        time = _time(one.created, one.time) if one.kind == "TASK" else _time(one.time, one.created)
        targets = [one.owner] if one.owner else []
        if targets and one.user and not owners.of_user:
            records.skip("missing_source", event=one.event, at=one.at)
        else:
            records.add(time, owners.creator(one.user), targets, "assign", event=one.event, at=one.at)
    elif one.kind in _MAILS:
        time = _time(one.time, one.created)
        recipients = [owners.mailer(address) for address in one.recipients]
        records.add(time, owners.mailer(one.sender), recipients, "mail", event=one.event, at=one.at)
    elif one.kind == "MEETING":
        _add_meeting(one, records)
    else:
        records.skip("other_action", event=one.event)


def _add_meeting(one: _Activity, records: Records) -> None:
    if one.outcome in _CALLED_OFF:
        records.skip("cancelled", event=one.event)
        return
    start, end = _time(one.start, one.time), _time(one.end)
    minutes = (end - start) / 60_000_000 if isinstance(start, int) and isinstance(end, int) else None
    if minutes is not None and minutes < 0:
        records.skip("bad_duration", event=one.event, at=one.at)
    else:
        records.meet(start, [one.owner, *one.attending], event=one.event, duration=minutes, at=one.at)


def _time(*stated: Any) -> int | str | None:
    """The first time that is stated, as text or in milliseconds."""
    value = next((one for one in stated if one not in (None, "")), None)
    return moment_in(value, unit=None if isinstance(value, str) and not value.strip().lstrip("-").isdigit() else "ms")


def _text(value: Any) -> str:
    """An id or word as text; "" for what is none, and for the 0 that stands for no user."""
    return "" if value == 0 else text_in(value)


def _address(value: Any) -> str:
    """An address as it is compared, without a name around it."""
    text = _text(value).lower()
    return text.rpartition("<")[2].rstrip(">").strip() if "@" in text else ""


def _parts(value: Any) -> list[str]:
    return [part.strip() for part in _text(value).split(";") if part.strip()]


def _tell_lacks(records: Records, owners: _Owners, kinds: Counter[str], pages: dict[str, list[bool]]) -> None:
    if not owners.of_user:
        records.lack(
            "The list of owners (owners.json, with userId) is missing: who created a task or call is not known, since users and owners "
            "have numbers of their own, and mails name no known colleagues. Such records are left out, so ties are understated."
        )
    if any(all(more) for more in pages.values()):
        records.lack("The last page is missing: the export says that there are more activities, so ties are understated.")
    for kind, name in (("TASK", "tasks"), ("MEETING", "meetings")):
        if not kinds[kind]:
            records.lack(f"The export holds no {name}, so ties are understated.")
    if not any(kinds[kind] for kind in _MAILS):
        records.lack("The export holds no mails, so ties are understated.")
    records.note("Mails count towards owners and known colleagues only; customers, notes and calls logged by their own owner do not count.")
