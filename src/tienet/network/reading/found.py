"""The people that an export names: what it says of each, and who of the roster each is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tienet.base.wording import snake_case
from tienet.network.reading.identities import ALWAYS, Identities, Spell, plain_key
from tienet.network.reading.people import People

CONFLICT = "conflict"
FLAGS = ("bot", "room", "group", "external")
# Columns of the people table that hold addresses.
ADDRESSES = frozenset({"email", "e_mail", "mail", "address", "email_address", "mail_address", "upn", "user_principal_name", "work_email"})


def written(text: str) -> str:
    """A text without halves of characters, which JSON can hold and no file."""
    return text if text.isascii() else text.encode(errors="replace").decode()


@dataclass(slots=True)
class FoundPerson:
    """What an export says of an id; the first address, name and handle that are stated stay first."""

    addresses: list[str] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)
    name: str | None = None
    flags: set[str] = field(default_factory=set)
    deactivated: bool = False

    def learn(self, addresses: Iterable[str | None], name: str | None, handles: Iterable[str | None], flags: Iterable[str]) -> None:
        """Add what another place of the export says; what is no text, in a damaged export, says nothing."""
        for known, told in ((self.addresses, addresses), (self.handles, handles)):
            texts = dict.fromkeys(written(one) for one in told if isinstance(one, str) and one)
            known.extend(one for one in texts if one not in known)
        self.name = self.name or (written(name) if isinstance(name, str) and name else None)
        self.flags.update(flags)


@dataclass(frozen=True, slots=True)
class FoundMatches:
    """Who the ids of an export are.

    Parameters
    ----------
    person
        (n,) id in the roster, None for those that match no one.
    by
        (n,) what the match rests on: "identities", "address" or "id"; "conflict" where the addresses belong to several people.
    reason
        (n,) "bot", "room", "group" or "external" for ids that are left out, else None.
    spells
        Position of an id -> its spells, for ids that changed hands.
    """

    person: NDArray[np.object_]
    by: NDArray[np.object_]
    reason: NDArray[np.object_]
    spells: dict[int, tuple[Spell, ...]]


def match_found(
    kind: str,
    ids: Sequence[str],
    found: Sequence[FoundPerson],
    people: People | None,
    identities: Identities | None,
    *,
    domains: Sequence[str] = (),
    drop: bool = False,
) -> FoundMatches:
    """Match the ids of an export with the roster: by the table of identities, then by the address that the system states, then by the id.

    Names and handles match no one here: they are suggestions of `match_people`. An id outside of `domains` is external; external ids are
    left out if domains are given or with `drop`.
    """
    count = len(ids)
    own = plain_key(kind, ids)
    addresses = _keys("email", [one.addresses for one in found])
    if kind == "email":
        addresses = [[key, *others] for key, others in zip(own, addresses, strict=True)]
    handles = _keys(kind, [one.handles for one in found])
    names = _keys("name", [[one.name] if one.name else [] for one in found])
    person, by, reason = (np.full(count, None, dtype=object) for _ in range(3))
    spells: dict[int, tuple[Spell, ...]] = {}
    roster = by_address(people)
    for at, one in enumerate(found):
        flags = set(one.flags)
        if domains and addresses[at] and not any(is_inside(address, domains) for address in addresses[at]):
            flags.add("external")
            one.flags.add("external")
        if not (domains or drop):
            flags.discard("external")
        reason[at] = next((flag for flag in FLAGS if flag in flags), None)
        if identities is not None:
            keys = [(kind, key) for key in (own[at], *handles[at]) if kind != "email"]
            keys += [("email", key) for key in addresses[at]] + [("name", key) for key in names[at]]
            stated = next((identities.excluded[key] for key in keys if key in identities.excluded), None)
            if stated is not None:
                reason[at] = stated
                one.flags.add(stated)
                continue
            held = next((identities.people[key] for key in keys if key in identities.people), ())
            if held:
                reason[at] = None
                by[at] = "identities"
                if len(held) == 1 and (held[0].start, held[0].end) == ALWAYS:
                    person[at] = held[0].person
                else:
                    spells[at] = held
                continue
        matches = {person for address in addresses[at] for person in roster.get(address, ())}
        exact = next(iter(roster.get(f"={ids[at]}", ())), None)
        if len(matches) == 1:
            person[at], by[at] = matches.pop(), "address"
        elif exact is not None and (not matches or exact in matches):
            person[at], by[at] = exact, "id"
        elif matches:
            by[at] = CONFLICT
        if person[at] is not None and reason[at] == "external":
            reason[at] = None  # the roster lists people of the firm
    return FoundMatches(person, by, reason, spells)


def _keys(kind: str, values: Sequence[Sequence[str]]) -> list[list[str]]:
    """Several values for each id as they are compared, all of them rewritten at once."""
    keys = iter(plain_key(kind, [one for several in values for one in several]))
    return [[next(keys) for _ in several] for several in values]


def is_inside(address: str, domains: Sequence[str]) -> bool:
    """Whether an address is of one of the domains, or of a part of one."""
    domain = address.rpartition("@")[2]
    return any(domain == one or domain.endswith(f".{one}") for one in domains)


def by_address(people: People | None) -> dict[str, frozenset[str]]:
    """Address as compared -> the people of the roster who have it; "=" and an id or alias as it is written -> its person."""
    if people is None:
        return {}
    known, positions = people.listed()
    table: dict[str, set[str]] = {}
    for key, at in zip(plain_key("email", known.tolist()), positions.tolist(), strict=True):
        table.setdefault(key, set()).add(people.person[at])
    for name, values in people.attributes.items():
        if snake_case(name) not in ADDRESSES:
            continue
        stated = [
            (at, part) for at, value in enumerate(values.tolist()) if isinstance(value, str) for part in value.split(";") if "@" in part
        ]
        for (at, _), key in zip(stated, plain_key("email", [part for _, part in stated]), strict=True):
            table.setdefault(key, set()).add(people.person[at])
    own = {f"={one}": frozenset([people.person[at]]) for one, at in zip(known.tolist(), positions.tolist(), strict=True)}
    return {key: frozenset(those) for key, those in table.items()} | own
