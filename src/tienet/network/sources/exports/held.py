"""The records of an export as arrays: what is repeated, outside of the period or between people who are not counted, for all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.network.reading.found import FLAGS
from tienet.network.reading.recorded import text_column

# A closed list: names of a system's own channels are content. A record with a pair twice keeps the channel that comes first here.
CHANNELS = (
    "chat_direct", "chat_group", "chat_reply", "chat_mention", "chat_reaction", "mail", "meeting", "call", "assign", "comment", "handover",
    "together", "team",
)  # fmt: skip
EVENT = np.dtype([("high", ">u8"), ("low", ">u8")])
NO_EVENT = np.zeros(1, dtype=EVENT)[0]
NO_TIME = -(1 << 62)
TEXTS = 1 << 15
MEETING = 1  # the form of a record in which people are together; 0 is one that goes from one person to others
# The code of a record whose interactions are all left out: the first of these that applies to one of them.
_REFUSALS = ("bot", "no_person", "external", "self")
_BOT, _NO_PERSON, _EXTERNAL, _SELF, _KEPT = range(5)


@dataclass(slots=True)
class Held:
    """Records and interactions as arrays.

    Parameters
    ----------
    code, form, time, duration, event, reply
        (n,) of each record: the position of its reason code, its form, its moment (`NO_TIME` if it has none), its minutes, the hash of its
        id and of the one that it answers.
    links
        Name -> (m,) of each interaction: its record, the ids at its ends, its channel, and later the people at its ends, "from" and "to".
    place
        A function that gives the position of a reason code.
    """

    code: NDArray[np.int16]
    form: NDArray[np.int8]
    time: NDArray[np.int64]
    duration: NDArray[np.float64]
    event: NDArray[Any]
    reply: NDArray[Any]
    links: dict[str, NDArray[Any]]
    place: Callable[[str], int]

    def refuse_repeats(self, keys: NDArray[Any] | None = None, best: NDArray[np.int64] | None = None) -> None:
        """Count records as repeated if another one has the same key: one of the `best` is kept, else the first.

        Parameters
        ----------
        keys
            (n,) of each record, what tells it from others; by default the hash of its id.
        best
            Positions of records that are kept before others.
        """
        keys = self.event if keys is None else keys
        rank = np.ones(len(keys), dtype=np.int8)
        if best is not None:
            rank[best] = 0
        stated = np.flatnonzero(keys != NO_EVENT)
        order = stated[np.lexsort((stated, rank[stated], keys["low"][stated], keys["high"][stated]))]
        again = order[1:][keys[order[1:]] == keys[order[:-1]]]
        if len(again):
            self.code[again] = self.place("repeated_record")

    def refuse_outside(self, since: int | None, until: int | None) -> None:
        """Exclude records outside of the period."""
        outside = np.zeros(len(self.code), dtype=bool)
        if since is not None:
            outside |= self.time < since
        if until is not None:
            outside |= self.time >= until
        outside &= (self.time != NO_TIME) & (self.code != self.place("repeated_record"))
        if outside.any():
            self.code[outside] = self.place("outside_period")

    def judge(self, reasons: NDArray[np.object_]) -> Counter[str]:
        """Drop interactions with ids that are not counted, and code the records that have none left.

        Parameters
        ----------
        reasons
            (k,) of each id, why it is not counted, or None.

        Returns
        -------
        Counter
            Participants left out of records that are used, by reason.
        """
        self._keep(self.code[self.links["record"]] == 0)
        numbers = {name: at for at, name in enumerate((None, *FLAGS))}
        why = np.array([numbers[one] for one in reasons.tolist()], dtype=np.int8)
        record, source, target = (self.links[name] for name in ("record", "source", "target"))
        ends = (why[source], why[target]) if len(why) else (np.zeros(0, np.int8), np.zeros(0, np.int8))
        oneself = self.links["from"] == self.links["to"]
        bot, external = numbers["bot"], numbers["external"]
        code = np.full(len(record), _KEPT, dtype=np.int8)
        code[oneself] = _SELF
        code[ends[1] > 0] = _NO_PERSON
        code[ends[1] == external] = _EXTERNAL
        code[ends[0] > 0] = _NO_PERSON
        code[ends[0] == external] = _EXTERNAL
        code[ends[0] == bot] = _BOT
        kept = code == _KEPT
        lives = np.zeros(len(self.code), dtype=bool)
        lives[record[kept]] = True
        first = np.full(len(self.code), _KEPT, dtype=np.int8)
        np.minimum.at(first, record, code)
        lost = (self.code == 0) & ~lives
        for at, name in enumerate(_REFUSALS):
            if (chosen := lost & (first == at) & (self.form != MEETING)).any():
                self.code[chosen] = self.place(name)
        if (alone := lost & (self.form == MEETING)).any():
            self.code[alone] = self.place("alone")
        left_out: Counter[str] = Counter()
        used = lives[record]
        for end, names in zip(ends, (source, target), strict=True):
            if not (end > 0).any():
                continue
            for at, name in enumerate(FLAGS, 1):
                # In a meeting everyone is at both ends of interactions, so one end suffices.
                once = used & (end == at) & ((self.form[record] != MEETING) | (names is target))
                left_out[name] += _distinct(record[once], names[once])
        itself = used & oneself & (ends[0] == 0) & (ends[1] == 0)
        left_out["self"] += _distinct(record[itself], self.links["to"][itself])
        self._keep(kept)
        left_out["repeated"] += self._merge_pairs()
        return left_out

    def join_stays(self, meeting: NDArray[Any]) -> None:
        """Join the stays of each meeting: one interaction for each ordered pair, with the minutes of the first id that stands for both.

        Parameters
        ----------
        meeting
            (n,) of each record, the hash of the id of its meeting.
        """
        self.event = meeting
        records = self.links["record"]
        keys = (meeting["high"][records], meeting["low"][records], self.links["from"], self.links["to"])
        order = np.lexsort((records, -self.links["minutes"], *keys[::-1]))
        self._keep(np.sort(order[~_repeats([key[order] for key in keys])]))

    def _merge_pairs(self) -> int:
        """Keep one interaction for each record and ordered pair, that of the first channel; returns how many others there were."""
        links = self.links
        order = np.lexsort((links["channel"], links["to"], links["from"], links["record"]))
        keys = [links[name][order] for name in ("record", "from", "to")]
        again = _repeats(keys)
        counted = int(np.sum(again & (self.form[keys[0]] != MEETING)))
        self.links = {name: values[order][~again] for name, values in links.items()}
        return counted

    def _keep(self, which: NDArray[Any]) -> None:
        self.links = {name: values[which] for name, values in self.links.items()}

    def sizes(self) -> NDArray[np.float64]:
        """(m,) the number of people in the record of each interaction."""
        ends = self.links["from"], self.links["to"]
        if not len(ends[0]):
            return np.zeros(0)
        records = self.links["record"]
        people = 1 + max(int(end.max()) for end in ends)
        pairs = np.unique(np.concatenate([records * people + end for end in ends]))
        counts = np.bincount(pairs // people, minlength=len(self.code))
        sizes: NDArray[np.float64] = counts[records].astype(np.float64)
        return sizes


def event_column(hashes: NDArray[Any], records: NDArray[np.int64], kind: str) -> Any:
    """The event of each interaction as a pandas column, from the hashes of all records; missing where there is none."""
    import pandas as pd

    dtype = text_column(["text"]).dtype
    if getattr(dtype, "storage", None) == "pyarrow":
        return pd.Series(dtype.__from_arrow__(_event_array(hashes, records, kind)))
    return text_column(event_texts(hashes, records, kind).tolist())


def _event_array(hashes: NDArray[Any], records: NDArray[np.int64], kind: str) -> Any:
    """The same as an Arrow array, made without a Python object for each."""
    import pyarrow as pa

    start = np.frombuffer(f"{kind}:".encode(), dtype=np.uint8)
    signs = np.frombuffer(b"".join(f"{byte:02x}".encode() for byte in range(256)), dtype=np.uint8).reshape(256, 2)
    width = len(start) + 32
    there = hashes[records] != NO_EVENT
    text = np.empty((int(there.sum()), width), dtype=np.uint8)
    text[:, : len(start)] = start
    stated = records[there]
    for first in range(0, len(stated), TEXTS):
        piece = np.ascontiguousarray(hashes[stated[first : first + TEXTS]])
        text[first : first + TEXTS, len(start) :] = signs[piece.view(np.uint8)].reshape(len(piece), 32)
    ends = np.zeros(len(records) + 1, dtype=np.int64)
    np.cumsum(there * width, out=ends[1:])
    missing = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.LargeStringArray.from_buffers(len(records), pa.py_buffer(ends), pa.py_buffer(text), missing)


def event_texts(hashes: NDArray[Any], records: NDArray[np.int64], kind: str) -> NDArray[np.object_]:
    """The event of each interaction as text, from the hashes of all records; None where there is none."""
    there, back = np.unique(records, return_inverse=True)
    digits = np.ascontiguousarray(hashes[there]).tobytes().hex()
    none = (hashes[there] == NO_EVENT).tolist()
    texts = [None if missing else f"{kind}:{digits[32 * at : 32 * at + 32]}" for at, missing in enumerate(none)]
    return np.array(texts, dtype=object)[back]


def _repeats(keys: Sequence[NDArray[Any]]) -> NDArray[np.bool_]:
    """Whether each row has the same keys as the row before it."""
    again = np.zeros(len(keys[0]), dtype=bool)
    again[1:] = np.logical_and.reduce([key[1:] == key[:-1] for key in keys])
    return again


def _distinct(records: NDArray[np.int64], ids: NDArray[np.int64]) -> int:
    return len(np.unique(np.stack([records, ids]), axis=1).T)
