"""Read object-centric process logs (OCEL): who takes part in the same events, and who hands work over to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import names
from tienet.base.errors import ArgumentError, DataError, closest, shown
from tienet.base.numbers import listed
from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.sources._ocel_events import CODES, GOOD, PEOPLE_WORDS, HeldEvents, read_file, sounds_like
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.json_items import begins_json
from tienet.network.sources.exports.recognition import kind_of, not_understood
from tienet.network.sources.exports.records import Records

if TYPE_CHECKING:
    from tienet.network.reading.interactions import InteractionLog
    from tienet.network.reading.people import People

__all__ = ["read_ocel"]

Linking: TypeAlias = Literal["together", "handover"]
WANTED = "events and objects (OCEL as JSON)"


def read_ocel(
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
    person_types: str | Sequence[str] | None = None,
    of: Linking | Sequence[Linking] = ("together", "handover"),
) -> InteractionLog:
    """Read an object-centric process log (OCEL 2.0 or 1.0 as JSON): who takes part in the same events, and who hands work over to whom.

    A record is an event, at its time. Its people are its objects of the types, and the values of its attributes, that `person_types` names.

    - *together*: every pair of its people, both ways.
    - *handover*: for each of its objects that is no person, the people of the last event before it that has this object and people, to its
      own people. Events are sorted by time; equal times keep the order of the file. Events without people do not break the chain.

    A pair that is linked in both ways in a record counts once, as a handover.

    Parameters
    ----------
    path
        A JSON file of either version, plain or compressed, or a folder or ZIP of such files, which are one log together.
    people
        The people table, or its path. Ids that it holds, or whose address it holds, become its ids; other ids are then written ``ocel:id``.
    identities
        A table of who is who, with columns ``person``, ``kind`` (here ``ocel``) and ``value``: most logs hold no addresses, so that only
        this table joins them with other systems. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only are left out.
    timezone
        The zone of times without an offset, and of days; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Records with more people are excluded.
    ids
        How ids are compared, as in `read_log`.
    person_types
        The object types, or the attributes of events, that hold people, such as ``["employee"]`` or ``["pr_creator", "pr_approver"]``. By
        default they are guessed by the last word of their name (employee, user, resource, creator, ...), attributes only if no object is a
        person; a note says what was guessed.
    of
        Which links are made: ``"together"``, ``"handover"`` or, by default, both.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no OCEL as JSON, a file is damaged, no type or attribute holds people, or no event links two people.

    References
    ----------
    Berti, A., Koren, I., Adams, J. N., Park, G., Knopp, B., Graves, N., Rafiei, M., Liss, L., tacke genannt Unterberg, L., Zhang, Y.,
    Schwanen, C., Pegoraro, M., & van der Aalst, W. M. P. (2024). *OCEL (Object-Centric Event Log) 2.0 specification*. arXiv:2403.01975

    Examples
    --------
    >>> import warnings
    >>> import tienet as tn
    >>> with warnings.catch_warnings(action="ignore", category=tn.TienetWarning):  # an event has no time that can be read
    ...     log = tn.read_ocel("tests/data/made_up_exports/raw/ocel/log.json", of="handover")
    >>> log.frame[["source", "target"]].values.tolist()
    [['ana', 'cleo'], ['cleo', 'ben'], ['ben', 'ana'], ['cleo', 'ana']]
    >>> print(log.notes[0])
    People were guessed by name, from object type 'employee'; person_types= names others.
    """
    wanted = None if person_types is None else tuple(names("person_types", person_types, single=True))
    linking = _linking(of)
    export = open_export(path, kind="ocel")
    records = Records(
        "ocel",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    held = HeldEvents(wanted, records.zone)
    for file in _logs(export):
        read_file(file, held)
    if not held.is_ocel:
        raise not_understood(export, WANTED)
    types, attributes = _people_types(held)
    _tell_people(records, held, types)
    _add(records, held, types, attributes, linking)
    if wanted is None:
        guessed = [*(f"object type {shown(one)}" for one in types), *(f"attribute {shown(one)}" for one in attributes)]
        others = " and others" if len(guessed) > 6 else ""
        records.note(f"People were guessed by name, from {listed(guessed[:6])}{others}; person_types= names others.")
    if "together" in linking:
        records.note("All people of an event are together in it, each pair both ways.")
    if "handover" in linking:
        records.note("For each object that is no person, the people of an event hand over to those of its next event with people.")
    records.lack(
        "A process log holds who took part in what, not who wrote to or met whom: ties without a common event or handover are missing."
    )
    return records.log()


def _linking(of: object) -> tuple[Linking, ...]:
    stated = names("of", of, single=True)
    for one in stated:
        if one not in get_args(Linking):
            raise ArgumentError.not_one_of("of", one, get_args(Linking))
    if not stated:
        raise ArgumentError("of must name at least one of 'together' and 'handover'; got an empty list")
    return tuple(one for one in get_args(Linking) if one in stated)


def _logs(export: Export) -> tuple[ExportFile, ...]:
    """The files to read: JSON files, else the only file."""
    found = export.find(r".*\.(json|jsonocel|ocel)(\.\w+)?")
    if not found and export.find(r".*\.(xml|xmlocel|sqlite|db)(\.\w+)?") and kind_of(export.files) is None:
        raise DataError("an OCEL export as XML or as a database is not read; save it as JSON")
    if not found and (len(export.files) > 1 or not begins_json(export.files[0])):
        raise not_understood(export, WANTED)
    return found or export.files


def _people_types(held: HeldEvents) -> tuple[list[str], list[str]]:
    """The object types and the attributes that hold people.

    A guess takes attributes only where no object is a person: files with both name one person twice, under two ids.
    """
    if held.wanted is not None:
        for one in held.wanted:
            if one not in held.types | held.attributes:
                near = closest(one, held.types | held.attributes) or "; name those with people"
                raise DataError(f"the OCEL export has no object type or attribute of events {shown(one)}{near}")
        return [one for one in held.wanted if one in held.types], [one for one in held.wanted if one in held.attributes]
    by_number = list(held.names)
    listed_in = {held.text[at] for at in range(len(held.text)) if held.attribute[at] < 0}
    types = {by_number[kind] for one, kind in held.type_of.items() if one in listed_in}
    found = sorted(one for one in types if sounds_like(one, PEOPLE_WORDS))
    attributes = [] if found else sorted({by_number[one] for one in set(held.attribute) if one >= 0})
    if not found and not attributes:
        raise DataError(
            "no object type and no attribute of events in the OCEL export is named like people (employee, user, resource, creator, ...) "
            "and holds any; pass the names of those that do: person_types="
        )
    return found, attributes


def _tell_people(records: Records, held: HeldEvents, types: Sequence[str]) -> None:
    texts, kinds = list(held.texts), {held.names[one] for one in types if one in held.names}
    for at, (name, addresses) in held.said.items():
        if held.type_of[at] in kinds:
            records.person(texts[at], name=name, addresses=addresses)


def _add(records: Records, held: HeldEvents, types: Sequence[str], attributes: Sequence[str], linking: Sequence[Linking]) -> None:
    """Add every event as a record: its people together, and those who hand over to them."""
    parts = _Parts.of(held, types, attributes)
    texts = list(held.texts)
    before = parts.before(held, records.max_people) if "handover" in linking else {}
    for at, event in enumerate(held.ids):
        place = held.file[at], held.place[at]
        there = [texts[one] for one in parts.people[at]]
        if held.state[at] != GOOD:
            records.skip(CODES[held.state[at]], event=event, at=place)
            continue
        if not there:
            records.skip("no_person", event=event, at=place)
            continue
        givers = list(dict.fromkeys(texts[one] for earlier in before.get(at, ()) for one in parts.people[earlier]))
        if len({*there, *givers}) > records.max_people:
            records.skip("too_many_people", event=event, at=place)
            continue
        links = [(giver, one, "handover") for giver in givers for one in there]
        if "together" in linking:
            handed = {link[:2] for link in links}
            links += [(one, other, "together") for one in there for other in there if one != other and (one, other) not in handed]
        if links:
            records.add_links(held.time[at], links, event=event, left_out={"unknown_object": int(parts.unknown[at])}, at=place)
        else:
            records.skip("alone", event=event, at=place)


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """The people and other objects of each event.

    Parameters
    ----------
    people
        For each event, the numbers of its people, each once.
    objects
        (2, n) event and object, for objects that are no people.
    unknown
        (events,) how many of its objects are not listed in the export.
    """

    people: Sequence[NDArray[np.int64]]
    objects: NDArray[np.int64]
    unknown: NDArray[np.int64]

    @classmethod
    def of(cls, held: HeldEvents, types: Sequence[str], attributes: Sequence[str]) -> _Parts:
        """Tell people from other objects."""
        count = len(held.ids)
        kind_of = np.full(len(held.texts), -1, dtype=np.int64)
        kind_of[np.fromiter(held.type_of, np.int64)] = np.fromiter(held.type_of.values(), np.int64)
        event, text, attribute = (np.array(one, dtype=np.int64) for one in (held.event, held.text, held.attribute))
        kinds = kind_of[text]
        of_people = [held.names[one] for one in types if one in held.names]
        is_object = attribute < 0
        is_person = np.where(
            is_object, np.isin(kinds, of_people), np.isin(attribute, [held.names[one] for one in attributes if one in held.names])
        )
        people = _once(event[is_person], text[is_person])
        objects = _once(event[is_object & ~is_person & (kinds >= 0)], text[is_object & ~is_person & (kinds >= 0)])
        unknown = _once(event[is_object & (kinds < 0)], text[is_object & (kinds < 0)])
        starts = np.searchsorted(people[0], np.arange(count + 1))
        return cls(
            [people[1][starts[at] : starts[at + 1]] for at in range(count)],
            objects,
            np.bincount(unknown[0], minlength=count).astype(np.int64),
        )

    def before(self, held: HeldEvents, max_people: int) -> Mapping[int, list[int]]:
        """For each event, the events with people that came right before it for one of its objects.

        Events that are broken, repeated, without people or with too many of them are passed over.
        """
        import pandas as pd

        several = np.array([len(one) for one in self.people], dtype=np.int64)
        good = (
            (np.array(held.state) == GOOD)
            & (several > 0)
            & (several <= max_people)
            & ~pd.Series(held.ids, dtype=object).duplicated().to_numpy()
        )
        event, text = self.objects[:, good[self.objects[0]]]
        order = np.lexsort((event, np.array(held.time, dtype=np.int64)[event], text))
        event, text = event[order], text[order]
        same = np.flatnonzero(text[1:] == text[:-1])
        found: dict[int, list[int]] = {}
        for now, earlier in _once(event[same + 1], event[same]).T.tolist():
            found.setdefault(now, []).append(earlier)
        return found


def _once(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """(2, n) pairs, each once, sorted."""
    pairs = np.stack([first, second])[:, np.lexsort((second, first))]
    new = np.ones(pairs.shape[1], dtype=bool)
    new[1:] = (pairs[:, 1:] != pairs[:, :-1]).any(axis=0)
    once: NDArray[np.int64] = pairs[:, new]
    return once
