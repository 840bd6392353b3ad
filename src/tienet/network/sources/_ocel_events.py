"""Parse OCEL as JSON: the events and objects of all files, as numbers in arrays."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import Any

from tienet.network.reading.aliases import is_blank
from tienet.network.reading.found import ADDRESSES
from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.json_items import items
from tienet.network.sources.exports.moments import moment_of

# The last word of a name of an object type, or of an attribute of events, that holds people.
PEOPLE_WORDS = frozenset(
    {
        *("agent", "clerk", "colleague", "employee", "manager", "member", "officer", "operator", "originator", "people", "performer"),
        *("person", "representative", "resource", "salesperson", "seller", "staff", "technician", "user", "worker"),
    }
)
DOER_WORDS = PEOPLE_WORDS | {
    *("approver", "assignee", "author", "blocker", "by", "changer", "checker", "creator", "editor", "handler", "inserter", "inspector"),
    *("owner", "planner", "processor", "recorder", "remover", "requester", "reviewer", "submitter"),
}
NAMES = frozenset({"name", "full_name", "fullname", "display_name", "displayname"})
INVALID = "__INVALID__"
GOOD, WRONG_TIME, NO_TIME, WRONG_SHAPE = range(4)
CODES = {WRONG_TIME: "bad_time", NO_TIME: "missing_time", WRONG_SHAPE: "bad_record"}


@dataclass(slots=True, eq=False)
class HeldEvents:
    """What is held of all files, with texts (ids of objects, people in attributes) as numbers.

    `wanted` is the types and attributes that hold people; None if they are to be guessed.
    """

    wanted: tuple[str, ...] | None
    zone: str
    texts: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)  # of types and attributes
    types: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    type_of: dict[int, int] = field(default_factory=dict)  # object -> name of its type
    said: dict[int, tuple[str | None, list[str]]] = field(default_factory=dict)  # object -> name and addresses of a person
    is_ocel: bool = False
    # One value per event.
    time: array[int] = field(default_factory=lambda: array("q"))
    state: array[int] = field(default_factory=lambda: array("b"))
    file: array[int] = field(default_factory=lambda: array("i"))
    place: array[int] = field(default_factory=lambda: array("q"))
    ids: list[str] = field(default_factory=list)
    # One value per object or person of an event; `attribute` is -1 for objects.
    event: array[int] = field(default_factory=lambda: array("q"))
    text: array[int] = field(default_factory=lambda: array("q"))
    attribute: array[int] = field(default_factory=lambda: array("q"))

    def may_hold_people(self, name: str, words: frozenset[str]) -> bool:
        """Whether a type or an attribute holds people, as it was stated or as its name sounds."""
        return sounds_like(name, words) if self.wanted is None else name in self.wanted

    def declare(self, kind: str, stated: Any) -> None:
        """Take note of a declared object type, or of the attributes of an event type."""
        self.is_ocel = True
        if not isinstance(stated, dict):
            return
        if kind == "objectTypes":
            self.types.update(_texts([stated.get("name")]))
        else:
            self.attributes.update(name for name, _ in _pairs(stated.get("attributes")))

    def add_object(self, number: Any, kind: Any, attributes: Any) -> None:
        """Add an object; those without an id or type are as good as not listed."""
        self.is_ocel = True
        if not isinstance(number, str | int) or not isinstance(kind, str):
            return
        at = _number(self.texts, str(number))
        self.types.add(kind)
        self.type_of.setdefault(at, _number(self.names, kind))
        if self.may_hold_people(kind, PEOPLE_WORDS):
            self.said.setdefault(at, _said(str(number), attributes))

    def add_event(self, name: Any, time: Any, attributes: Any, objects: Any, at: tuple[int, int]) -> None:
        """Add an event, with the ids of its objects; None for what does not have the shape of one."""
        here = len(self.time)
        moment, state = _moment(time, self.zone)
        whole = objects is not None and isinstance(name, str | int | None)
        self.time.append(moment)
        self.state.append(state if whole else WRONG_SHAPE)
        self.file.append(at[0])
        self.place.append(at[1])
        self.ids.append(str(name) if whole and name is not None else f"{at}")
        if not whole:
            return
        for one in objects:
            self._relate(here, one, -1)
        for attribute, value in _pairs(attributes):
            self.attributes.add(attribute)
            if self.may_hold_people(attribute, DOER_WORDS):
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, str | int) and not isinstance(one, bool) and not is_blank(str(one)) and one != INVALID:
                        self._relate(here, str(one).strip(), _number(self.names, attribute))

    def _relate(self, event: int, text: str, attribute: int) -> None:
        self.event.append(event)
        self.text.append(_number(self.texts, text))
        self.attribute.append(attribute)


def _number(known: dict[str, int], text: str) -> int:
    return known.setdefault(text, len(known))


def _texts(values: Any) -> list[str]:
    return [one for one in values if isinstance(one, str)] if isinstance(values, list) else []


def _pairs(stated: Any) -> list[tuple[str, Any]]:
    """Names and values of attributes: a list of records with name and value (OCEL 2.0), or a mapping (1.0)."""
    if isinstance(stated, dict):
        return list(stated.items())
    found = [(one.get("name"), one.get("value")) for one in stated if isinstance(one, dict)] if isinstance(stated, list) else []
    return [(name, value) for name, value in found if isinstance(name, str)]


def _moment(time: Any, zone: str) -> tuple[int, int]:
    try:
        moment = moment_of(time, zone)
    except ValueError:
        return 0, WRONG_TIME
    return (0, NO_TIME) if moment is None else (moment, GOOD)


def _said(who: str, attributes: Any) -> tuple[str | None, list[str]]:
    """The name and addresses that the export states for a person."""
    name, addresses = None, [who] if "@" in who else []
    for key, value in _pairs(attributes):
        plain = re.sub(r"[\s-]+", "_", key.strip().lower())
        if isinstance(value, str) and plain in NAMES:
            name = name or value
        elif isinstance(value, str) and plain in ADDRESSES and "@" in value:
            addresses.append(value)
    return name, addresses


def sounds_like(name: str, words: frozenset[str]) -> bool:
    """Whether the last word of a name is one of `words`, or one of them in the plural: org:resource, pr_creator, salesPerson, Employees."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    last = parts[-1].lower() if parts else ""
    return last in words or last.removesuffix("s") in words


def read_file(file: ExportFile, held: HeldEvents) -> None:
    """Read a file of either version, in one pass: objects may come before events or after them."""
    objects, events = "ocel:objects.", "ocel:events."
    kinds = ("objectTypes.item", "eventTypes.item", "objects.item", "events.item")
    number = 0
    for prefix, value in items(file, *kinds, f"{objects}*", f"{events}*"):
        record = value if isinstance(value, dict) else {}
        number += prefix == "events.item" or prefix.startswith(events)
        if prefix in kinds[:2]:
            held.declare(prefix.partition(".")[0], value)
        elif prefix == "objects.item":
            held.add_object(record.get("id"), record.get("type"), record.get("attributes"))
        elif prefix.startswith(objects):
            held.add_object(prefix.removeprefix(objects), record.get("ocel:type"), record.get("ocel:ovmap"))
        elif prefix == "events.item":
            held.add_event(record.get("id"), record.get("time"), record.get("attributes"), _related(value), (file.number, number))
        else:
            held.is_ocel = True
            related = _related_before_2(value)
            held.add_event(
                prefix.removeprefix(events), record.get("ocel:timestamp"), record.get("ocel:vmap"), related, (file.number, number)
            )


def _related(event: Any) -> list[str] | None:
    """The ids of the objects of an event of OCEL 2.0; None if it does not have that shape."""
    stated = (event.get("relationships") or []) if isinstance(event, dict) else None
    if not isinstance(stated, list) or not all(isinstance(one, dict) for one in stated):
        return None
    return [str(one["objectId"]) for one in stated if isinstance(one.get("objectId"), str | int)]


def _related_before_2(event: Any) -> list[str] | None:
    """The ids of the objects of an event of OCEL 1.0; None if it does not have that shape."""
    stated = (event.get("ocel:omap") or []) if isinstance(event, dict) else None
    return [str(one) for one in stated if isinstance(one, str | int)] if isinstance(stated, list) else None
