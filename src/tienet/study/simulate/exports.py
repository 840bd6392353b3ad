"""Write the interactions of a simulated firm as the systems would export them: chats as Slack, mails as mbox, meetings as iCalendar."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np

if TYPE_CHECKING:
    from tienet.study.simulate.firm import Firm

__all__ = ["write_exports"]

DOMAIN = "firm.example"
WITHOUT_ADDRESS = 10  # every tenth person has no address in Slack, and stands in the table of identities
EVERY = 25  # one record in so many is followed by one that does not count
_FIRST = (
    "Ana",
    "Ben",
    "Cleo",
    "Dan",
    "Eva",
    "Finn",
    "Gita",
    "Hugo",
    "Ines",
    "Jan",
    "Kira",
    "Leo",
    "Mara",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Sven",
)
_LAST = (
    "Adler",
    "Berg",
    "Costa",
    "Dietz",
    "Ebner",
    "Falk",
    "Gross",
    "Huber",
    "Iversen",
    "Jung",
    "Keller",
    "Lang",
    "Moser",
    "Novak",
    "Otto",
    "Roth",
)


@dataclass(frozen=True, slots=True)
class _Event:
    """An event of the log: when, over what, from whom (None for a meeting), and who else took part."""

    name: str
    time: Any
    source: str | None
    others: tuple[str, ...]


def write_exports(firm: Firm, folder: Path) -> None:
    """Write slack.zip, mail.mbox and calendar.ics of a firm, people.csv with its addresses, and who.csv, the table of identities.

    The exports hold the interactions of the log and, beside these, records that no reader counts: posts of a bot, automatic replies,
    rooms, cancelled meetings and days off.

    Parameters
    ----------
    firm
        A simulated firm.
    folder
        The folder to write to.

    Examples
    --------
    >>> import tempfile
    >>> import tienet as tn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tn.study.simulate.write_exports(tn.simulate_firm(n_people=60, seed=3), Path(folder))
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['calendar.ics', 'mail.mbox', 'people.csv', 'slack.zip', 'who.csv']
    """
    from tienet.base.writing import writing

    people = firm.people.frame
    people["function"] = people["function"].map(firm.people.labels)
    names = [f"{_FIRST[at % len(_FIRST)]} {_LAST[at // len(_FIRST) % len(_LAST)]}" for at in range(len(people))]
    people["email"] = [f"{name.replace(' ', '.').lower()}.{who}@{DOMAIN}" for name, who in zip(names, people["person"], strict=True)]
    people["name"] = names
    address = dict(zip(people["person"], people["email"], strict=True))
    named = dict(zip(people["person"], names, strict=True))
    with writing(folder / "people.csv") as place:
        people.to_csv(place, index=False)
    events = _events(firm)
    slack = {who: f"U{at:07d}" for at, who in enumerate(people["person"], 1)}
    unstated = list(people["person"])[::WITHOUT_ADDRESS]
    with writing(folder / "slack.zip") as place, ZipFile(place, "w", ZIP_DEFLATED) as archive:
        for name, value in _slack(events["chat"], slack, named, {who: address[who] for who in slack if who not in unstated}):
            archive.writestr(_member(name), json.dumps(value, indent=1))
    with writing(folder / "mail.mbox") as place:
        Path(place).write_text("".join(_mails(events["mail"], named, address)), encoding="utf-8", newline="\n")
    with writing(folder / "calendar.ics") as place:
        Path(place).write_text("".join(_calendar(events["meeting"], named, address)), encoding="utf-8", newline="")
    with writing(folder / "who.csv") as place:
        rows = ["person,kind,value", *(f"{who},slack,{slack[who]}" for who in unstated)]
        Path(place).write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")


def _events(firm: Firm) -> dict[str, list[_Event]]:
    """The events of the log by channel, in the order of time."""
    table = firm.interactions.sort_values(["time", "event"], kind="stable")
    columns = (
        table["event"].tolist(),
        table["channel"].tolist(),
        table["time"].dt.to_pydatetime(),
        table["source"].tolist(),
        table["target"].tolist(),
    )
    found: dict[str, list[_Event]] = defaultdict(list)
    for name, held in groupby(zip(*columns, strict=True), key=itemgetter(0)):
        rows = list(held)
        _, channel, time, source, _ = rows[0]
        targets = [row[4] for row in rows]
        together = channel == "meeting"
        others = tuple(sorted({source, *targets})) if together else tuple(targets)
        found[channel].append(_Event(name, time, None if together else source, others))
    return found


def _member(name: str) -> ZipInfo:
    """A member of the archive with the same moment in every run, so that the same firm gives the same file."""
    info = ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    info.compress_type = ZIP_DEFLATED
    return info


def _slack(
    events: Sequence[_Event], ids: dict[str, str], named: dict[str, str], address: dict[str, str]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The files of a Slack export: a conversation for each set of people that write to each other, and a channel with a bot."""
    users: list[dict[str, Any]] = [
        {
            "id": ids[who],
            "name": named[who].split()[0].lower(),
            "real_name": named[who],
            "profile": {"email": address[who]} if who in address else {},
        }
        for who in ids
    ]
    users.append({"id": "UBOT00001", "name": "crm", "is_bot": True, "profile": {}})
    yield "users.json", users
    yield "channels.json", [{"id": "C0000001", "name": "deals", "members": list(ids.values())}]
    days: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    conversations: dict[tuple[str, ...], str] = {}
    times: Counter[tuple[str, int]] = Counter()  # the moment of a message is its id in a conversation
    for at, event in enumerate(events):
        members = tuple(sorted(ids[who] for who in (str(event.source), *event.others)))
        kind = "D" if len(members) == 2 else "G"
        conversation = conversations.setdefault(members, f"{kind}{len(conversations):07d}")
        day = event.time.date().isoformat()
        second = int((event.time - _EPOCH).total_seconds())
        moment = f"{second}.{times[conversation, second]:06d}"
        times[conversation, second] += 1
        folder = conversation if kind == "D" else f"mpdm-{conversation.lower()}"
        days[folder, day].append({"type": "message", "user": ids[str(event.source)], "ts": moment, "text": "…"})
        if at % EVERY == 0:
            post = {"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": moment, "text": "…"}
            days["deals", day].append(post)
    yield "dms.json", [{"id": one, "members": list(members)} for members, one in conversations.items() if len(members) == 2]
    yield (
        "mpims.json",
        [
            {"id": one, "name": f"mpdm-{one.lower()}", "members": list(members)}
            for members, one in conversations.items()
            if len(members) > 2
        ],
    )
    yield "groups.json", []
    for (folder, day), messages in days.items():
        yield f"{folder}/{day}.json", messages


def _mails(events: Sequence[_Event], named: dict[str, str], address: dict[str, str]) -> Iterator[str]:
    """The mails of an mbox, some of them followed by an automatic reply."""
    from email.utils import format_datetime, formataddr

    def written(who: str) -> str:
        return formataddr((named[who], address[who]))

    for at, event in enumerate(events):
        first, *copied = event.others
        source = str(event.source)
        lines = [f"From {address[source]} {event.time:%a %b %d %H:%M:%S %Y}", f"From: {written(source)}", f"To: {written(first)}"]
        lines += [f"Cc: {', '.join(map(written, copied))}"] if copied else []
        lines += [f"Date: {format_datetime(event.time)}", f"Message-ID: <{event.name}@mail.{DOMAIN}>", "Subject: …", "", "…", "", ""]
        yield "\n".join(lines)
        if at % EVERY == 0:
            reply = [f"From {address[first]} {event.time:%a %b %d %H:%M:%S %Y}", f"From: {written(first)}", f"To: {written(source)}"]
            reply += [f"Date: {format_datetime(event.time)}", f"Message-ID: <auto-{event.name}@mail.{DOMAIN}>"]
            yield "\n".join([*reply, "Auto-Submitted: auto-replied", "Subject: …", "", "…", "", ""])


def _calendar(events: Sequence[_Event], named: dict[str, str], address: dict[str, str]) -> Iterator[str]:
    """A calendar with a room in some meetings, some meetings that were cancelled, and some days off."""

    def person(kind: str, who: str, more: str = "") -> str:
        return f'{kind};CN="{named[who]}"{more}:mailto:{address[who]}'

    yield "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tienet//simulated//EN\r\n"
    for at, event in enumerate(events):
        organiser, *guests = event.others
        lines = [f"UID:{event.name}@calendar.{DOMAIN}", f"DTSTAMP:{event.time:%Y%m%dT%H%M%SZ}", f"DTSTART:{event.time:%Y%m%dT%H%M%SZ}"]
        lines += ["DURATION:PT30M", person("ORGANIZER", organiser), *(person("ATTENDEE", who, ";PARTSTAT=ACCEPTED") for who in guests)]
        yield _component(lines + ([f"ATTENDEE;CUTYPE=ROOM;PARTSTAT=ACCEPTED:mailto:room-1@{DOMAIN}"] if at % 3 == 0 else []))
        if at % EVERY == 0:
            yield _component([line.replace("UID:", "UID:no-") for line in lines] + ["STATUS:CANCELLED"])
            yield _component([f"UID:off-{event.name}@calendar.{DOMAIN}", f"DTSTART;VALUE=DATE:{event.time:%Y%m%d}", *lines[4:]])
    yield "END:VCALENDAR\r\n"


def _component(lines: Sequence[str]) -> str:
    """A VEVENT, its lines folded after 75 letters."""
    folded = ["\r\n ".join([line[:75], *(line[at : at + 74] for at in range(75, len(line), 74))]) for line in lines]
    return "\r\n".join(["BEGIN:VEVENT", *folded, "SUMMARY:…", "END:VEVENT", ""])


_EPOCH = np.datetime64("1970-01-01", "us").astype(object)
