"""The lines of iCalendar files, taken apart in flat memory, without regard to what is written in them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

LONGEST = 1 << 20  # bytes of a line that are looked at; only pictures and the like are longer
MOST_ZONE_LINES = 20_000
_NAME = re.compile(rb"[ \t]*([A-Za-z0-9-]+)[ \t]*[;:]").match
_PARAMETER = re.compile(r';\s*([A-Za-z0-9-]+)\s*=((?:"[^"]*"|[^;:"])*)')
WANTED = frozenset(
    (
        b"UID", b"DTSTART", b"DTEND", b"DURATION", b"RRULE", b"EXRULE", b"RDATE", b"EXDATE", b"RECURRENCE-ID", b"STATUS", b"CLASS",
        b"SEQUENCE", b"DTSTAMP", b"LAST-MODIFIED", b"CREATED", b"ORGANIZER", b"ATTENDEE",
    )
)  # fmt: skip
OF_CALENDAR = frozenset((b"METHOD", b"X-WR-TIMEZONE", b"X-WR-CALNAME"))


@dataclass(slots=True)
class Block:
    """A part of a calendar file.

    Parameters
    ----------
    kind
        "calendar" and "end" where a calendar begins and ends, "property" for one of its own lines, "zone" for the definition of a time
        zone, "event" for a VEVENT.
    whole
        Whether its end was there.
    held
        Name -> its lines, of an event or a property.
    zone
        The lines of a time zone.
    """

    kind: str
    whole: bool = True
    held: dict[bytes, list[bytes]] = field(default_factory=dict)
    zone: list[bytes] = field(default_factory=list)


def lines_of(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file in UTF-8, or in UTF-16 with a byte-order mark, ended in any way, as UTF-8; long ones are cut."""
    first = stream.read(4096)
    whole: IO[bytes] = io.BufferedReader(_After(first, stream), 1 << 17)
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = io.TextIOWrapper(whole, encoding="utf-16", errors="replace", newline=None)
        return (line.encode(errors="replace") for line in iter(lambda: text.readline(LONGEST), ""))
    if b"\n" not in first and b"\r" in first:
        text = io.TextIOWrapper(whole, encoding="latin-1", newline=None)
        return (line.encode("latin-1") for line in iter(lambda: text.readline(LONGEST), ""))
    if first.startswith(b"\xef\xbb\xbf"):
        whole.read(3)
    return _cut(whole)


def _cut(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream, long ones without their end."""
    while line := stream.readline(LONGEST):
        yield line
        while len(line) == LONGEST and not line.endswith(b"\n"):
            line = stream.readline(LONGEST)


class _After(io.RawIOBase):
    """A stream after its first bytes were read."""

    def __init__(self, first: bytes, rest: IO[bytes]) -> None:
        self._first, self._rest = first, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        held = self._first[: len(buffer)] or self._rest.read(len(buffer))
        self._first = self._first[len(held) :]
        buffer[: len(held)] = held
        return len(held)


def blocks(lines: Iterable[bytes]) -> Iterator[Block]:
    """The parts of calendars that matter for who meets whom, in their order; everything else is passed over unread."""
    event: Block | None = None
    zone: Block | None = None
    held: list[bytes] = []  # of the wanted line, which may be folded over several
    name = b""
    nested = 0  # components inside of the event, such as alarms
    outside = 0  # components that are neither calendars nor events
    opened = False

    for raw in lines:
        if raw[:1] in (b" ", b"\t"):
            if held:
                held.append(raw.rstrip(b"\r\n")[1:])
            elif zone is not None and zone.zone:
                zone.zone[-1] += raw.rstrip(b"\r\n")[1:]
            continue
        if held:
            if event is not None:
                event.held.setdefault(name, []).append(held[0] if len(held) == 1 else b"".join(held))
            else:
                yield Block("property", held={name: [b"".join(held)]})
            held = []
        match = _NAME(raw)
        if match is None:
            continue
        name = match[1].upper()
        if name == b"BEGIN" or name == b"END":
            what = raw[match.end() :].strip().upper()
            if what == b"VEVENT":
                if event is not None:
                    event.whole = name == b"END"
                    yield event
                event = Block("event") if name == b"BEGIN" else None
                nested = 0
            elif what == b"VCALENDAR":
                if event is not None:
                    event.whole, event, nested = False, None, 0
                    yield Block("event", whole=False)
                zone, outside = None, 0
                opened = name == b"BEGIN"
                yield Block("calendar" if opened else "end")
            elif event is not None:
                nested += 1 if name == b"BEGIN" else -1
            elif what == b"VTIMEZONE":
                if zone is not None:
                    yield zone
                zone = Block("zone") if name == b"BEGIN" else None
            elif zone is not None:
                zone.zone.append(raw.strip())
            else:
                outside = max(outside + (1 if name == b"BEGIN" else -1), 0)
        elif event is not None:
            if nested <= 0 and name in WANTED:
                held = [raw.rstrip(b"\r\n")]
        elif zone is not None:
            if len(zone.zone) < MOST_ZONE_LINES:
                zone.zone.append(raw.strip())
        elif not outside and name in OF_CALENDAR:
            held = [raw.rstrip(b"\r\n")]
    if held and event is None:
        yield Block("property", held={name: [b"".join(held)]})
    if event is not None:
        event.whole = False
        yield event
    yield Block("end", whole=not opened)


def text_of_line(line: bytes) -> str:
    """A line as text; one that is not UTF-8 is read as Windows text."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def parameters(line: str) -> tuple[dict[str, str], str]:
    """The parameters of a line, with names in upper case, and its value.

    Examples
    --------
    >>> parameters('ATTENDEE;CN="Be, Bob";PARTSTAT=DECLINED:mailto:bob@firm.example')
    ({'CN': 'Be, Bob', 'PARTSTAT': 'DECLINED'}, 'mailto:bob@firm.example')
    """
    if '"' not in line:
        head, _, value = line.partition(":")
        pairs = (part.partition("=") for part in head.split(";")[1:])
        return {name.strip().upper(): stated for name, _, stated in pairs}, value
    found: dict[str, str] = {}
    at = re.match(r"[ \t]*[A-Za-z0-9-]+[ \t]*", line).end()  # type: ignore[union-attr]
    while match := _PARAMETER.match(line, at):
        found[match[1].upper()] = match[2].strip().strip('"')
        at = match.end()
    colon = line.find(":", at)
    return found, line[colon + 1 :] if colon >= 0 else ""
