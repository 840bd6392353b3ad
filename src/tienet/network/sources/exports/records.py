"""Collect the records of an export: each is counted once, and gives none, one or several interactions.

Records and interactions are held in flat arrays. Who is who, what is repeated and what is left out is decided at the end, for all records
at once, so that it does not depend on the order in which an export lists them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Literal, get_args

import numpy as np

from tienet.base import time as _time
from tienet.base.checks import choice, names, whole
from tienet.base.errors import ArgumentError, DataError, RowsRejected, shown, warn
from tienet.base.paths import PathSpec
from tienet.base.record import Fixed, changed
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.cells.zones import known_zone
from tienet.network.reading.found import FLAGS, FoundPerson, match_found, written
from tienet.network.reading.identities import Identities, read_identities
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.ledger import REASONS, Ledger
from tienet.network.reading.lines import MOST_LINES_LOCATED, RejectedLine
from tienet.network.reading.people import People, read_people
from tienet.network.sources.exports.files import titled
from tienet.network.sources.exports.held import CHANNELS, EVENT, MEETING, NO_TIME, Held
from tienet.network.sources.exports.logs import Said, judged_log, lean_log, name_ends, people_found
from tienet.network.sources.exports.reasons import largest

__all__ = ["Records"]

Externals = Literal["keep", "drop"]
_PLACE = {channel: at for at, channel in enumerate(CHANNELS)}
ID_KINDS = {"mail": "email", "calendar": "email", "attendance": "email", "xes": "resource"}


class Records:
    """The records of an export while it is read; `log` makes the log of them.

    Parameters
    ----------
    kind
        The kind of reader, such as "slack": the prefix of its event ids, and the kind of its ids in a table of identities (addresses for
        mail, calendars and attendance).
    people
        The people table, or its path. Ids whose address is in it become its ids.
    identities
        The table of identities, or its path; see `match_people`.
    domains
        Domains of the firm: people with addresses of others only are left out as external.
    timezone
        The zone of times without one, and of the days of `since` and `until`; by default UTC.
    since, until
        The period, from `since` to before `until`.
    max_people
        Records with more people are excluded.
    ids
        How ids are compared, as in `read_log`.
    externals
        "drop" leaves out people that the export itself marks as external.
    """

    def __init__(
        self,
        kind: str,
        *,
        people: People | PathSpec | object = None,
        identities: PathSpec | object = None,
        domains: str | Sequence[str] | None = None,
        timezone: str | None = None,
        since: Any = None,
        until: Any = None,
        max_people: int = 250,
        ids: IdRule = "exact",
        externals: Externals = "keep",
    ) -> None:
        choice("ids", ids, get_args(IdRule))
        choice("externals", externals, get_args(Externals))
        self.kind = kind
        self._where = f"the {titled(kind)} export"
        self.id_kind = ID_KINDS.get(kind, kind)
        self.zone = known_zone("UTC" if timezone is None else timezone)
        self.max_people = whole("max_people", max_people, 2)
        self._ids, self._drop = ids, externals == "drop"
        self.domains = tuple(one.lower().lstrip("@").strip() for one in names("domains", domains, single=True)) if domains else ()
        self.since, self.until = (
            None if day is None else _time.moment(day, self.zone, name=name) for name, day in (("since", since), ("until", until))
        )
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ArgumentError(f"the period is empty: it runs from {shown(since)} to before {shown(until)}")
        self.people = people if people is None or isinstance(people, People) else read_people(people)
        self.identities: Identities | None = None if identities is None else read_identities(identities, timezone=self.zone)
        self._place: dict[str, int] = {}
        self._found: list[FoundPerson] = []
        self._codes: dict[str, int] = {"used": 0}
        # One value for each record.
        self._code, self._form, self._time, self._duration = array("h"), array("b"), array("q"), array("d")
        self._event, self._reply = bytearray(), bytearray()
        # One value for each interaction.
        self._record, self._source, self._target, self._channel = array("q"), array("i"), array("i"), array("b")
        self._parts, self._part = array("q"), bytearray()  # records that are parts of an event, and the hash of event and part
        self._best = array("q")  # records that count before others of their event
        self._dropped: list[tuple[int, str, int]] = []  # record, reason, participants
        # Who wrote the records that address no one, and these records: those of bots count as theirs, and who is one is known at the end.
        self._alone: dict[str, int] = {}
        self._lone, self._loner = array("q"), array("i")
        # For stays in meetings: record -> hash of its meeting, and interaction -> minutes.
        self._meetings: dict[int, bytes] = {}
        self._minutes: dict[int, float] = {}
        self._rejects: list[RejectedLine] = []
        self._lacks: dict[str, None] = {}
        self._notes: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._code)

    def person(
        self,
        who: str,
        *,
        addresses: Iterable[str | None] = (),
        name: str | None = None,
        handles: Iterable[str | None] = (),
        bot: bool = False,
        room: bool = False,
        group: bool = False,
        external: bool = False,
        deactivated: bool = False,
    ) -> None:
        """Say what the export knows of an id; it may be said in parts, and before or after records name the id."""
        one = self._found[self._at(who)]
        given = zip(FLAGS, (bot, room, group, external), strict=True)
        one.learn(addresses, name, handles, [flag for flag, stated in given if stated])
        one.deactivated |= deactivated

    def skip(self, code: str, *, event: str | None = None, at: tuple[int, int] | None = None) -> None:
        """Count a record that gives no interaction, under a reason code; `at` is the number of its file and its place there."""
        self._add_record(code, None, event, None, None, at)

    def add(
        self,
        time: int | str | None,
        source: str | None,
        targets: Iterable[Any],
        channel: str | None,
        *,
        event: str | None,
        part: str | None = None,
        best: bool = False,
        reply_to: str | None = None,
        duration: float | None = None,
        left_out: Mapping[str, int] | None = None,
        at: tuple[int, int] | None = None,
    ) -> None:
        """Add a record from one person to any number of others.

        Parameters
        ----------
        time
            Microseconds UTC; None or "missing_time" if it has none, "bad_time" if it cannot be read.
        source
            The id it comes from; None or "" if there is none.
        targets
            The ids it goes to, or (id, channel) pairs if `channel` is None. An id named twice counts once, under the stronger channel.
        event
            Its id in the system, unique over the export.
        part
            Where several records are about one event, such as a row for each recipient of a mail, which of them it is: records with the
            same event and part are repeats, those with another part are not.
        best
            Whether it counts before other records of its event, such as the copy of a mail that names all recipients.
        reply_to
            The `event` of what it answers.
        duration
            Minutes.
        left_out
            Participants that are not among the targets, by reason.
        at
            The number of its file and its place there, for the list of rejected records.
        """
        links = [(source, target, channel) for target in targets] if channel else [(source, *pair) for pair in targets]
        links = [link for link in links if link[1]]
        code = "used" if source else "missing_source"
        if code == "used" and not links:
            code = "no_recipient"
            self._address_no_one(source)
        number = len(self._code)
        if part and event:
            self._parts.append(number)
            self._part += self._hash(f"{event} {part}")
        if best:
            self._best.append(number)
        self._add(time, links, code, event, reply_to, duration, left_out, at)

    def meet(
        self,
        time: int | str | None,
        people: Iterable[str],
        channel: str = "meeting",
        *,
        event: str,
        duration: float | None = None,
        left_out: Mapping[str, int] | None = None,
        at: tuple[int, int] | None = None,
    ) -> None:
        """Add a record in which people are together: every pair, both ways."""
        there = list(dict.fromkeys(one for one in people if one))
        code = "alone" if len(there) < 2 else "too_many_people" if len(there) > self.max_people else "used"
        number = len(self._code)
        self._add(time, [], code, event, None, duration, left_out, at, form=MEETING)
        if self._code[number] != self._codes["used"]:
            return
        # All pairs at once: meetings of twenty have 380.
        places = [self._at(one) for one in there]
        others = len(places) - 1
        self._record.extend([number] * (len(places) * others))
        self._source.extend([one for one in places for _ in range(others)])
        self._target.extend([other for one in places for other in places if other != one])
        self._channel.extend([_PLACE[channel]] * (len(places) * others))

    def add_links(
        self,
        time: int | str | None,
        links: Iterable[tuple[str | None, str | None, str]],
        *,
        event: str,
        reply_to: str | None = None,
        duration: float | None = None,
        left_out: Mapping[str, int] | None = None,
        at: tuple[int, int] | None = None,
    ) -> None:
        """Add a record with links of its own, each (source, target, channel), such as a handover beside an assignment."""
        given = list(links)
        stated = [link for link in given if link[0] and link[1]]
        if not stated:
            self._address_no_one(next((link[0] for link in given if link[0]), None))
        self._add(time, stated, "used" if stated else "no_recipient", event, reply_to, duration, left_out, at)

    def stay(
        self, time: int, person: str, others: Mapping[str, float], *, event: str, meeting: str, at: tuple[int, int] | None = None
    ) -> None:
        """Add the stay of a person in a meeting, which may have several: each is a record, but a pair has one interaction each way.

        Parameters
        ----------
        time
            The first moment of the meeting, in microseconds UTC.
        person
            The id of who was there.
        others
            Those who were there at the same time -> minutes together in the whole meeting.
        event
            The id of the stay.
        meeting
            The id of the meeting, the `event` of its interactions.
        at
            The number of its file and its place there, for the list of rejected records.
        """
        first = len(self._record)
        self._meetings[len(self)] = self._hash(meeting)
        self._add(time, [(person, other, "meeting") for other in others], "used" if others else "alone", event, None, None, None, at)
        self._minutes.update(zip(range(first, len(self._record)), others.values(), strict=False))

    def lack(self, sentence: str) -> None:
        """Say what the export does not hold, and which way that biases the ties."""
        self._lacks[sentence] = None

    def note(self, sentence: str) -> None:
        """Say a default that matters, or something noticed, without ids and content."""
        self._notes[sentence] = None

    def log(self) -> InteractionLog:
        """The log of the records.

        Raises
        ------
        DataError
            No record is used; the largest reason is named.
        """
        matched = match_found(
            self.id_kind, list(self._place), self._found, self.people, self.identities, domains=self.domains, drop=self._drop
        )
        # Views, not copies: only what is changed is copied.
        held = Held(
            np.array(self._code, dtype=np.int16),
            np.frombuffer(self._form, dtype=np.int8),
            np.frombuffer(self._time, dtype=np.int64),
            np.frombuffer(self._duration, dtype=np.float64),
            np.frombuffer(self._event, dtype=EVENT),
            np.frombuffer(self._reply, dtype=EVENT),
            {
                "record": np.frombuffer(self._record, dtype=np.int64),
                "source": np.frombuffer(self._source, dtype=np.int32),
                "target": np.frombuffer(self._target, dtype=np.int32),
                "channel": np.frombuffer(self._channel, dtype=np.int8),
            },
            self._code_of,
        )
        if self._meetings:
            held.links["minutes"] = np.array([self._minutes.get(at, np.nan) for at in range(len(self._record))])
        self._code_bots(held)
        keys = held.event
        if self._parts:
            keys = held.event.copy()
            keys[np.array(self._parts, dtype=np.int64)] = np.frombuffer(bytes(self._part), dtype=EVENT)
        held.refuse_repeats(keys, np.array(self._best, dtype=np.int64))
        held.refuse_outside(self.since, self.until)
        known = self.people is not None or self.identities is not None
        texts = name_ends(held, list(self._place), matched, self.id_kind if known else None)
        dropped = held.judge(matched.reason)
        codes = np.bincount(held.code, minlength=len(self._codes))
        counts = {code: int(codes[at]) for code, at in self._codes.items() if codes[at]}
        ledger = Ledger(counts, "record")
        if self._meetings:
            held.join_stays(np.frombuffer(b"".join(self._meetings.get(at, bytes(16)) for at in range(len(self))), dtype=EVENT))
        if not counts.get("used"):
            lacks = "".join(f"; {sentence.rstrip('.')}" for sentence in list(self._lacks)[:1])
            raise DataError(f"{self._where} gives no interaction: {largest(ledger)}{lacks}")
        for record, reason, participants in self._dropped:
            dropped[reason] += participants if held.code[record] == 0 else 0
        found = people_found(held, list(self._place), self._found, matched, self.id_kind)
        self._forget(held)
        # Records that share an event, and ids that are compared in another form, can give one interaction twice.
        told_apart = not (self._meetings or self._parts) and self._ids == "exact" and all(text.strip() for text in texts.tolist())
        said = Said(self.kind, self._where, self.zone, self._ids, tuple(self._notes))
        log = (lean_log if told_apart else judged_log)(held, texts, counts, dropped, said)
        if self._meetings:  # later stays of a person are used too, although their interactions are those of the first
            joined = ledger.used - len(np.unique(held.links["record"]))
            log = changed(log, ledger=replace(log.ledger, counts={**log.ledger.counts, "used": log.ledger.used + joined}))
        if ledger.rejected:
            warn(
                f"{self._where}: {ledger.rejected:,} of {ledger.rows_in:,} records rejected; see .ledger and .rejects",
                RowsRejected,
            )
        return changed(log, rejects=tuple(self._rejects), lacks=tuple(self._lacks), found=Fixed(found))

    def _address_no_one(self, source: str | None) -> None:
        """Remember who wrote the record that is added next."""
        if source:
            self._lone.append(len(self._code))
            self._loner.append(self._alone.setdefault(source, len(self._alone)))

    def _code_bots(self, held: Held) -> None:
        """Count records of bots that address no one as those of bots, as the reasons stand in their order."""
        if not self._alone:
            return
        said = [self._found[self._place[one]] if one in self._place else FoundPerson() for one in map(written, self._alone)]
        matched = match_found(self.id_kind, [*map(written, self._alone)], said, self.people, self.identities, domains=self.domains)
        bots = matched.reason == "bot"
        records = np.array(self._lone, dtype=np.int64)[bots[np.array(self._loner, dtype=np.int64)]]
        held.code[records[held.code[records] == self._codes.get("no_recipient", -1)]] = self._code_of("bot")

    def _forget(self, held: Held) -> None:
        """Leave the arrays to `held`, so that each can be given back when it is not needed any more."""
        for name in ("_time", "_duration", "_record", "_source", "_target", "_channel"):
            setattr(self, name, array(getattr(self, name).typecode))
        self._event, self._reply = bytearray(), bytearray()
        for end in ("source", "target"):
            del held.links[end]

    def _at(self, who: str) -> int:
        at = self._place.get(who)
        if at is None and (text := written(who)) != who:
            return self._at(text)
        if at is None:
            at = self._place[who] = len(self._found)
            self._found.append(FoundPerson())
        return at

    def _code_of(self, code: str) -> int:
        if code not in self._codes:
            if code not in REASONS:
                raise ArgumentError(f"reason code {code!r} is not declared; declare it with declare_reason")
            self._codes[code] = len(self._codes)
        return self._codes[code]

    def _add(
        self,
        time: int | str | None,
        links: list[Any],
        code: str,
        event: str | None,
        reply_to: str | None,
        duration: float | None,
        left_out: Mapping[str, int] | None,
        at: tuple[int, int] | None,
        *,
        form: int = 0,
    ) -> None:
        if code == "used" and len({one for link in links for one in link[:2]}) > self.max_people:
            code = "too_many_people"
        if code != "missing_source" and (time is None or isinstance(time, str)):
            code, time = time or "missing_time", None
        number = len(self._code)
        self._add_record(code, None if isinstance(time, str) else time, event, reply_to, duration, at, form)
        if code != "used":
            return
        for source, target, channel in links:
            self._record.append(number)
            self._source.append(self._at(source))
            self._target.append(self._at(target))
            self._channel.append(_PLACE[channel])
        for reason, participants in (left_out or {}).items():
            if participants:
                self._dropped.append((number, reason, participants))

    def _add_record(
        self,
        code: str,
        time: int | None,
        event: str | None,
        reply_to: str | None,
        duration: float | None,
        at: tuple[int, int] | None,
        form: int = 0,
    ) -> None:
        self._code.append(self._code_of(code))
        self._form.append(form)
        self._time.append(NO_TIME if time is None else time)
        self._duration.append(float("nan") if duration is None else duration)
        self._event += self._hash(event)
        self._reply += self._hash(reply_to)
        if at and REASONS[code][0] == "rejected" and len(self._rejects) < MOST_LINES_LOCATED:
            self._rejects.append(RejectedLine(f"file {at[0]}", at[1], code))

    def _hash(self, event: str | None) -> bytes:
        """128 bits of an event id, which may hold addresses and names of machines."""
        if not event:
            return bytes(16)
        return blake2b(f"{self.kind}:{event}".encode(errors="surrogatepass"), digest_size=16).digest()
