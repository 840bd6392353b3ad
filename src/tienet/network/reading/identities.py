"""The table that joins the systems: which address, handle or id is which person of the roster, and which are not people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.errors import DataError, closest
from tienet.base.frames import as_text, require_columns
from tienet.base.paths import PathSpec
from tienet.base.time import moment
from tienet.network.reading.aliases import is_blank
from tienet.network.reading.cells.identity import IdRule, normal_ids
from tienet.network.reading.small_tables import load_table

KINDS = (
    "email", "slack", "teams", "trello", "asana", "jira", "salesforce", "hubspot", "zendesk", "resource", "ocel", "viva", "name",
)  # fmt: skip
EXCLUDE = ("bot", "room", "group", "external")
ALWAYS = -(1 << 62), 1 << 62
# Values of ASCII that `normal_ids` leaves as they are, but for case; most are, and need no engine.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(?:@[A-Za-z0-9.-]+)?")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")


@dataclass(frozen=True, slots=True)
class Spell:
    """A person behind an id, from one moment to before another, in microseconds UTC."""

    person: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Identities:
    """The table of identities.

    Parameters
    ----------
    people
        (kind, value as compared) -> who it is; several spells for a value that changed hands.
    excluded
        (kind, value as compared) -> why it is not a person: "bot", "room", "group" (lists, shared mailboxes) or "external".
    """

    people: Mapping[tuple[str, str], tuple[Spell, ...]]
    excluded: Mapping[tuple[str, str], str]


def plain_key(kind: str, values: Sequence[str]) -> list[str]:
    """Values of a kind as they are compared: addresses without names and case, the others without blanks at the ends and without case.

    Ids of Salesforce differ in case alone, so theirs is kept, and their first 15 letters are compared.
    """
    how: IdRule = "address" if kind == "email" else "trim"
    plain = _PLAIN_ADDRESS if kind == "email" else _PLAIN
    keys = list(values)
    odd = [at for at, value in enumerate(keys) if not plain.fullmatch(value)]
    if odd:
        normal = normal_ids(np.array([keys[at] for at in odd], dtype=object), how)
        for at, one in zip(odd, normal.tolist(), strict=True):
            keys[at] = "" if one is None else str(one)
    if kind == "salesforce":
        return [key[:15] for key in keys]
    return [key.casefold() for key in keys]


def read_identities(given: PathSpec | object, *, timezone: str = "UTC") -> Identities:
    """Read the table of identities: columns ``person``, ``kind`` and ``value``, perhaps ``exclude``, ``valid_from``, ``valid_to``.

    A row without a person and without a reason in ``exclude`` is one not filled in yet, and is passed over; so is a reason with a question
    mark, which `match_people` suggests.

    Raises
    ------
    DataError
        A column is missing, a kind or reason is not known, or two people stand under one value at one time. Rows are named, not people.
    """
    table = load_table(given, where="the table of identities", wanted=("person", "kind", "value"))
    require_columns(table.names, ("kind", "value"), where=table.where)
    if "person" not in table.names and "exclude" not in table.names:
        require_columns(table.names, ("person",), where=table.where)
    columns = {name: table.rows[name].to_list() for name in table.names}
    rows = len(table.rows)
    kinds = [(as_text(one) or "").strip().lower() for one in columns["kind"]]
    values = [as_text(one) or "" for one in columns["value"]]
    keys = _keys(kinds, values)
    people: dict[tuple[str, str], list[tuple[int, Spell]]] = {}
    excluded: dict[tuple[str, str], str] = {}
    for at in range(rows):
        person, reason = (as_text(columns[name][at]) or "" if name in columns else "" for name in ("person", "exclude"))
        reason = "" if is_doubted(reason) else reason
        if is_blank(values[at]) or (is_blank(person) and is_blank(reason)):
            continue
        if kinds[at] not in KINDS:
            raise DataError(
                f"{table.where}: row {at + 1} has a kind that is not known{closest(kinds[at], KINDS)}; known: {', '.join(KINDS)}"
            )
        key = kinds[at], keys[at]
        if not is_blank(reason):
            excluded[key] = _reason(reason, at, table.where)
        start, end = (_end(columns, name, at, timezone, table.where) for name in ("valid_from", "valid_to"))
        if not is_blank(reason):
            if (start, end) != (None, None):
                raise DataError(
                    f"{table.where}: row {at + 1} excludes an id, which holds at all times; leave valid_from and valid_to empty"
                )
            continue
        if start is not None and end is not None and end <= start:
            raise DataError(f"{table.where}: row {at + 1} has a valid_to that is not after its valid_from; correct one of them")
        spell = Spell(person.strip(), ALWAYS[0] if start is None else start, ALWAYS[1] if end is None else end)
        for row, other in people.setdefault(key, []):
            if other.person != spell.person and other.start < spell.end and spell.start < other.end:
                raise DataError(
                    f"{table.where}: rows {row + 1} and {at + 1} give the same {kinds[at]} to two people; keep the right one, or say in "
                    "valid_from and valid_to when it was whose"
                )
        people[key].append((at, spell))
    both = next((key for key in excluded if key in people), None)
    if both is not None:
        raise DataError(
            f"{table.where}: row {people[both][0][0] + 1} names a person for a {both[0]} that another row excludes; keep one of them"
        )
    return Identities({key: tuple(spell for _, spell in spells) for key, spells in people.items()}, excluded)


def is_doubted(reason: str | None) -> bool:
    """Whether a reason in ``exclude`` is a suggestion that no one has accepted yet."""
    return bool(reason) and str(reason).strip().endswith("?")


def _keys(kinds: Sequence[str], values: Sequence[str]) -> list[str]:
    keys = [""] * len(values)
    for kind in set(kinds):
        places = [at for at, one in enumerate(kinds) if one == kind]
        for at, key in zip(places, plain_key(kind, [values[at] for at in places]), strict=True):
            keys[at] = key
    return keys


def _reason(text: str, at: int, where: str) -> str:
    reason = text.strip().lower()
    if reason not in EXCLUDE:
        raise DataError(
            f"{where}: row {at + 1} has a reason in exclude that is not known; write one of {', '.join(EXCLUDE)}, or leave it empty"
        )
    return reason


def _end(columns: Mapping[str, Sequence[Any]], name: str, at: int, timezone: str, where: str) -> int | None:
    """The start or end of a row; `valid_to` is the first moment, or day, on which it no longer holds, as in the people table."""
    value = columns[name][at] if name in columns else None
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return None
    try:
        written = value.strip() if isinstance(value, str) else getattr(value, "to_pydatetime", lambda: value)()
        return moment(written, timezone, name=name)
    except ValueError:
        raise DataError(f"{where}: row {at + 1} has a {name} that is no date; write it as 2026-03-01") from None
