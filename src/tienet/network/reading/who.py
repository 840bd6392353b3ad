"""Sort the ids of an export by what is known of them: matched, left out, suggested, in conflict or unmatched; and the form to fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import Columns, collect, to_text
from tienet.base.record import Fixed, locked
from tienet.network.reading.aliases import is_blank
from tienet.network.reading.found import CONFLICT, FLAGS, FoundPerson, by_address, match_found
from tienet.network.reading.identities import Identities, is_doubted, plain_key
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.reading.small_tables import load_table
from tienet.network.reading.suggestions import NamedId, RosterNames, not_a_person, roster_names, suggested

__all__: list[str] = []

STATES = ("matched", "left out", "suggested", "conflict", "unmatched")
NO_PERSON = ("bot", "room", "group")
BETWEEN = "; "
STATED = ("person", "kind", "value", "exclude", "valid_from", "valid_to")
FORM = (*STATED, "name", "address", "interactions", "suggestion", "reason")


def sorted_ids(log: InteractionLog, people: People, identities: Identities | None) -> Columns:
    """The ids that the exports of a log name, by interactions: the columns of `people_found`, and what is known of each.

    Further columns are `state` (one of `STATES`), `suggestion` (a person of the roster, or several in conflict), `exclude` (the kind of no
    person that it is or may be) and `reason`.
    """
    if not log.found:
        return Fixed({})
    columns = dict(log.found)
    matched = _matched(columns, people, identities)
    columns |= matched
    columns |= _suggestions(columns, people, _traffic(log, columns))
    order = np.lexsort((columns["id"].astype(str), columns["kind"].astype(str), -columns["interactions"]))
    return Fixed({name: locked(values[order]) for name, values in columns.items()})


def _matched(columns: Columns, people: People, identities: Identities | None) -> dict[str, NDArray[Any]]:
    """Who each id is, and why it is no person, by what the log was read with and by the two tables."""
    person, by = columns["person"].copy(), columns["matched_by"].copy()
    exclude = np.full(len(person), None, dtype=object)
    for flag in NO_PERSON[::-1]:
        exclude[columns[flag].astype(bool)] = flag
    for kind in dict.fromkeys(columns["kind"].tolist()):
        at = np.flatnonzero(columns["kind"] == kind)
        found = [_found(columns, one) for one in at.tolist()]
        now = match_found(kind, columns["id"][at].tolist(), found, people, identities)
        by_table = np.array([one == "identities" for one in by[at].tolist()])
        new = np.array([one is not None for one in now.by.tolist()])
        # What a table of identities said when the log was read stays, unless the table given now says something else.
        takes = new & (~by_table | np.array([one == "identities" for one in now.by.tolist()]))
        person[at[takes]], by[at[takes]] = now.person[takes], now.by[takes]
        kept = by_table & ~new
        exclude[at] = now.reason
        exclude[at[kept]] = None
    return {"person": person, "matched_by": by, "exclude": exclude}


def _found(columns: Columns, at: int) -> FoundPerson:
    flags = {flag for flag in FLAGS if columns[flag][at]}
    return FoundPerson(_parts(columns["address"][at]), _parts(columns["handle"][at]), columns["name"][at], flags)


def _parts(cell: str | None) -> list[str]:
    return [part for part in (cell or "").split(BETWEEN) if part]


def _traffic(log: InteractionLog, columns: Columns) -> list[tuple[int, int, int]]:
    """For each id: interactions from it and to it, and the distinct ids that wrote to it."""
    import pandas as pd

    held = collect(log.rows.select("source", "target"), log.job)
    ends = pd.DataFrame({end: pd.Series(to_text(held[end]), dtype=object) for end in ("source", "target")})
    counts = [one.value_counts().to_dict() for one in (ends["source"], ends["target"], ends.drop_duplicates()["target"])]
    # Without a people table, a reader writes ids as the system has them; with one, behind their kind.
    both = [(f"{kind}:{who}", who) for kind, who in zip(columns["kind"].tolist(), columns["id"].tolist(), strict=True)]
    names = [long if any(long in one for one in counts) else short for long, short in both]
    return [tuple(one.get(name, 0) for one in counts) for name in names]


def _suggestions(columns: Columns, people: People, traffic: Sequence[tuple[int, int, int]]) -> dict[str, NDArray[Any]]:
    """The state of each id, and for those that match no one, who or what they may be."""
    count = len(traffic)
    roster, addresses = roster_names(people), by_address(people)
    state, suggestion, reason = (np.full(count, None, dtype=object) for _ in range(3))
    exclude = columns["exclude"].copy()
    for at in range(count):
        if columns["matched_by"][at] not in (None, CONFLICT):
            state[at] = "matched"
        elif exclude[at] is not None:
            state[at] = "left out"
        elif columns["matched_by"][at] == CONFLICT:
            state[at], reason[at] = "conflict", "addresses of several people"
            suggestion[at] = BETWEEN.join(_owners(columns, at, addresses)) or None
        else:
            state[at], suggestion[at], exclude[at], reason[at] = _judged(columns, at, roster, traffic[at])
    by = np.array([None if one == CONFLICT else one for one in columns["matched_by"].tolist()], dtype=object)
    return {"matched_by": by, "state": state, "suggestion": suggestion, "exclude": exclude, "reason": reason}


def _judged(columns: Columns, at: int, roster: RosterNames, traffic: tuple[int, int, int]) -> tuple[str | None, ...]:
    """State, suggestion, exclude and reason of an id that matches no one."""
    address, handle = (next(iter(_parts(columns[name][at])), None) for name in ("address", "handle"))
    one = NamedId(columns["kind"][at], columns["id"][at], address, columns["name"][at], handle)
    found = suggested(one, roster)
    if found is not None:
        return "suggested" if len(found.people) == 1 else "conflict", BETWEEN.join(found.people), None, found.reason
    sent, received, senders = traffic
    kind = not_a_person(one, sent=sent, received=received, senders=senders)
    return ("unmatched", None, None, None) if kind is None else ("suggested", None, *kind)


def _owners(columns: Columns, at: int, addresses: Mapping[str, frozenset[str]]) -> list[str]:
    own = [columns["id"][at]] if columns["kind"][at] == "email" else []
    keys = plain_key("email", [*own, *_parts(columns["address"][at])])
    return sorted({person for key in keys for person in addresses.get(key, ())})


def stated_rows(table: object) -> Columns:
    """The rows of a table of identities that are filled in, as text; no columns without a table."""
    if table is None:
        return {}
    read = load_table(table, where="the table of identities", wanted=("person", "kind", "value"))
    rows = len(read.rows)
    columns = {name: read.text(name) if name in read.names else np.full(rows, None, dtype=object) for name in STATED}
    for name in ("valid_from", "valid_to"):  # days that a workbook holds as moments
        columns[name] = np.array([one and one.removesuffix(" 00:00:00") for one in columns[name].tolist()], dtype=object)
    decided = [
        not is_blank(person) or not (is_blank(why) or is_doubted(why))
        for person, why in zip(columns["person"].tolist(), columns["exclude"].tolist(), strict=True)
    ]
    return {name: values[np.array(decided, dtype=bool)] for name, values in columns.items()}


def form_of(ids: Columns, stated: Columns) -> Columns:
    """The form to fill in: what is decided in the table of identities, and the ids with interactions that are not decided, by interactions.

    Suggestions stand beside: a person in `suggestion`, and in `exclude` a kind of no person with a question mark, which does not count
    until the mark is removed.
    """
    outside = ids["external"].astype(bool) & (ids["state"] == "unmatched")
    undecided = np.isin(ids["state"].astype(str), STATES[2:]) & ~outside & (ids["interactions"] > 0)
    rows = {name: values[undecided] for name, values in ids.items()}
    count = int(undecided.sum())
    empty = np.full(count, None, dtype=object)
    doubted = np.array([one and f"{one}?" for one in rows["exclude"].tolist()], dtype=object)
    form = {"person": empty, "kind": rows["kind"], "value": rows["id"], "exclude": doubted, "valid_from": empty, "valid_to": empty}
    form |= {name: rows[name] for name in FORM[len(STATED) :]}
    if stated:
        form = {name: np.concatenate([values, _of_stated(name, ids, stated)]) for name, values in form.items()}
    order = np.lexsort((form["value"].astype(str), form["kind"].astype(str), -form["interactions"].astype(np.int64)))
    return {name: form[name][order] for name in FORM}


def _of_stated(name: str, ids: Columns, stated: Columns) -> NDArray[Any]:
    """A column of the form for the rows that are filled in; what the export says of their ids is joined."""
    if name in STATED:
        return stated[name]
    if name not in ids or name in ("suggestion", "reason"):
        return np.full(len(stated["value"]), None, dtype=object)
    known: dict[tuple[str, str], Any] = {}
    for kind, key, value in zip(ids["kind"].tolist(), _compared(ids["kind"], ids["id"]), ids[name].tolist(), strict=True):
        known.setdefault((kind, key), value)
    kinds = [(one or "").strip().lower() for one in stated["kind"].tolist()]
    keys = zip(kinds, _compared(np.array(kinds, dtype=object), stated["value"]), strict=True)
    return np.array([known.get(key, 0 if name == "interactions" else None) for key in keys], dtype=object)


def _compared(kinds: NDArray[Any], values: NDArray[Any]) -> list[str]:
    """Values as the table of identities compares them."""
    keys = np.full(len(values), "", dtype=object)
    for kind in dict.fromkeys(kinds.tolist()):
        at = np.flatnonzero(kinds == kind)
        keys[at] = plain_key(kind, values[at].tolist())
    return keys.tolist()


def merged_people(ids: Columns) -> Columns:
    """How many ids of each kind, and how many of their interactions, stand for each person; one row per person and kind."""
    import pandas as pd

    there = np.array([one is not None for one in ids["person"].tolist()], dtype=bool)
    table = pd.DataFrame({name: ids[name][there] for name in ("person", "kind", "interactions")})
    found = table.groupby(["person", "kind"], sort=True)["interactions"].agg(["size", "sum"]).reset_index()
    return {
        "person": found["person"].to_numpy(dtype=object),
        "kind": found["kind"].to_numpy(dtype=object),
        "ids": found["size"].to_numpy(dtype=np.int64),
        "interactions": found["sum"].to_numpy(dtype=np.int64),
    }
