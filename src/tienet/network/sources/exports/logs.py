"""Make a log of the records of an export that were judged: its interactions, and the people that the export names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.found import FLAGS, FoundMatches, FoundPerson
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.log_columns import CANONICAL
from tienet.network.reading.recorded import log_from_columns, log_from_records, text_column
from tienet.network.sources.exports.held import CHANNELS, EVENT, NO_EVENT, Held, event_column, event_texts


@dataclass(frozen=True, slots=True)
class Said:
    """What a log says of its export: the kind of its reader, its name in messages, its zone, how its ids are compared, and its notes."""

    kind: str
    where: str
    zone: str
    ids: IdRule
    notes: tuple[str, ...]


def name_ends(held: Held, ids: Sequence[str], matched: FoundMatches, kind: str | None) -> NDArray[np.object_]:
    """Give each interaction its ends as positions, "from" and "to", in the texts returned: ids of people, or else of the system.

    Ids of the system stand behind their kind, if one is given.
    """
    raw = ids if kind is None else [f"{kind}:{one}" for one in ids]
    told = [one if who is None else who for one, who in zip(raw, matched.person.tolist(), strict=True)]
    spelled = [spell.person for spells in matched.spells.values() for spell in spells]
    place: dict[str, int] = {}
    for text in (*told, *spelled):
        place.setdefault(text, len(place))
    behind = np.array([place[one] for one in told], dtype=np.int32)
    links = held.links
    times = held.time[links["record"]]
    for end, name in (("from", "source"), ("to", "target")):
        links[end] = behind[links[name]] if len(behind) else links[name]
        for at, spells in matched.spells.items():
            for spell in spells:
                links[end][(links[name] == at) & (times >= spell.start) & (times < spell.end)] = place[spell.person]
    return np.array(list(place), dtype=object)


def people_found(held: Held, ids: Sequence[str], found: Sequence[FoundPerson], matched: FoundMatches, kind: str) -> dict[str, NDArray[Any]]:
    """What `InteractionLog.people_found` holds, by interactions."""
    count = len(found)
    both = np.concatenate([held.links["source"], held.links["target"]])
    times = np.bincount(both, minlength=count)
    named = np.array(ids, dtype=object)
    order = np.lexsort((named.astype(str), -times)) if count else np.empty(0, np.int64)

    def texts(values: Iterable[str | None]) -> NDArray[np.object_]:
        return np.array(list(values), dtype=object)

    columns: dict[str, NDArray[Any]] = {
        "id": named,
        "kind": texts([kind] * count),
        "address": texts("; ".join(one.addresses) or None for one in found),
        "name": texts(one.name for one in found),
        "handle": texts("; ".join(one.handles) or None for one in found),
        **{flag: np.array([flag in one.flags for one in found], dtype=bool) for flag in FLAGS},
        "deactivated": np.array([one.deactivated for one in found], dtype=bool),
        "interactions": times.astype(np.int64),
        "person": matched.person,
        "matched_by": matched.by,
    }
    return {name: values[order] for name, values in columns.items()}


def lean_log(held: Held, texts: NDArray[np.object_], counts: Mapping[str, int], left_out: Mapping[str, int], said: Said) -> InteractionLog:
    """The log of interactions that need no further look, in little memory."""
    records = held.links["record"]
    people, channels = text_column(texts.tolist()), text_column(list(CHANNELS))
    columns: dict[str, Any] = {"time": held.time[records], "size": held.sizes()}
    for name, end in (("source", "from"), ("target", "to")):
        columns[name] = people.take(held.links.pop(end)).reset_index(drop=True)
    columns["channel"] = channels.take(held.links.pop("channel")).reset_index(drop=True)
    duration = held.duration[records]
    if not np.isnan(duration).all():
        columns["duration"] = duration
    columns["event"] = event_column(held.event, records, said.kind)
    held.time, held.duration, held.event = np.empty(0, np.int64), np.empty(0), np.empty(0, EVENT)  # let go
    if (held.reply[records] != NO_EVENT).any():
        columns["reply_to"] = event_column(held.reply, records, said.kind)
    columns = {name: columns[name] for name in CANONICAL if name in columns}
    return log_from_columns(columns, counts, left_out=left_out, timezone=said.zone, notes=said.notes, where=said.where)


def judged_log(
    held: Held, texts: NDArray[np.object_], counts: Mapping[str, int], left_out: Mapping[str, int], said: Said
) -> InteractionLog:
    """The log of interactions that are judged as `read_log` judges rows."""
    import pandas as pd

    links, records = held.links, held.links["record"]
    table = {
        "time": pd.to_datetime(held.time[records], unit="us", utc=True),
        "source": texts[links["from"]],
        "target": texts[links["to"]],
        "channel": np.array(CHANNELS, dtype=object)[links["channel"]],
        "event": event_texts(held.event, records, said.kind),
    }
    if (held.reply[records] != NO_EVENT).any():
        table["reply_to"] = event_texts(held.reply, records, said.kind)
    duration = links["minutes"] if "minutes" in links else held.duration[records]
    if not np.isnan(duration).all():
        table["duration"] = duration
    return log_from_records(
        table,
        record=records,
        unused={code: count for code, count in counts.items() if code != "used"},
        left_out=left_out,
        ids=said.ids,
        timezone=said.zone,
        notes=said.notes,
        where=said.where,
    )
