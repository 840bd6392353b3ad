"""Parse XES: the traces of a file, one after the other, without building a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tienet.base.errors import DataError
from tienet.network.reading.aliases import is_blank
from tienet.network.sources.exports.files import Export, ExportFile
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.values import moment_in

WANTED = "a log with traces and events (XES)"
NAME, TIME, TRANSITION, IDENTITY = "concept:name", "time:timestamp", "lifecycle:transition", "identity:id"
INVALID = "__INVALID__"  # what ProM and its relatives write for a missing value
DEEPEST = 100  # levels of elements: attributes may hold attributes, but hardly more than two levels of them
STRETCH = 1 << 16
LONGEST = 1 << 26  # bytes without the start of an element: the parser holds a value whole
MOST_KEYS = 1_000  # names of attributes that are remembered, for the one error that offers them


@dataclass(slots=True)
class XesTrace:
    """The events of a trace in the order of the file; one value per event in each list.

    `times` holds microseconds, or the code of what is wrong with the time.
    """

    first: int = 0
    name: str | None = None
    times: list[int | str] = field(default_factory=list)
    people: list[str | None] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    transitions: list[str] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)


@dataclass(slots=True)
class XesSeen:
    """What was seen in all files: people, lifecycles as written and in lower case, and names of attributes."""

    people: set[str] = field(default_factory=set)
    transitions: dict[str, str] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)


def traces_of(file: ExportFile, export: Export, resource: str, zone: str, seen: XesSeen) -> Iterator[XesTrace]:
    """The traces of a file, each when its end is read; an event outside of traces is one of its own."""
    from xml.parsers import expat

    reading = _XesReading(file, export, resource, zone, seen)
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.StartDoctypeDeclHandler = reading.refuse_doctype  # entities can only be declared in one
    silent = last = 0
    with file.open() as stream:
        try:
            while piece := stream.read(STRETCH):
                parser.Parse(piece)
                silent, last = (silent + len(piece) if reading.elements == last else 0), reading.elements
                if silent > LONGEST:
                    raise DataError(
                        f"file {file.number:,} of the export has {LONGEST >> 20} MB without an element; no process log has that"
                    )
                yield from reading.taken()
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as problem:  # the last two for encodings that the parser does not know
            if isinstance(problem, DataError):
                raise
            if not reading.elements:
                raise not_understood(export, WANTED) from None
            line = parser.CurrentLineNumber
            raise DataError(f"file {file.number:,} of the export is no XML, or ends too early, in line {line:,}; export it again") from None
    yield from reading.taken()


class _XesReading:
    """The state of a parser of XES.

    Works on the depth of elements: a log (1) holds traces and events (2), a trace its attributes and events (3), an event its attributes,
    one level below it. What lies deeper are attributes of attributes.
    """

    __slots__ = (
        "depth", "done", "elements", "event", "events", "export", "file", "inside", "nobody", "people", "resource", "seen", "trace",
        "wanted", "within", "zone",
    )  # fmt: skip

    def __init__(self, file: ExportFile, export: Export, resource: str, zone: str, seen: XesSeen) -> None:
        self.file, self.export, self.resource, self.zone, self.seen = file, export, resource, zone, seen
        self.wanted = frozenset((resource, TIME, NAME, TRANSITION, IDENTITY))
        self.nobody = INVALID
        self.people: dict[str, str | None] = {}  # by the text of the attribute
        self.done: list[XesTrace] = []
        self.trace = XesTrace()
        self.event: dict[str, str] = {}
        self.inside = ""  # "trace" or "global" while one is open
        self.depth = self.elements = self.events = 0
        self.within = 0  # the depth of the attributes of the open event

    def start(self, tag: str, stated: list[str]) -> None:
        """An element begins; `stated` is its attributes, name and value in turns."""
        self.elements += 1
        self.depth = depth = self.depth + 1
        if depth == self.within:
            key, value = _key_and_value(stated)
            if key in self.wanted:
                self.event[key] = value
            elif len(self.seen.keys) < MOST_KEYS:
                self.seen.keys.add(key)
        elif depth <= 3:
            self.open(tag.rpartition(":")[2], stated)
        elif depth > DEEPEST:
            raise DataError(f"file {self.file.number:,} of the export is nested deeper than {DEEPEST} levels; no system writes that")

    def open(self, tag: str, stated: list[str]) -> None:
        """A log, a trace or an event begins, or an attribute of a trace."""
        if self.depth == 1 and tag != "log":
            raise not_understood(self.export, WANTED)
        if tag == "event" and (self.depth == 2 or self.inside == "trace"):
            self.event.clear()
            self.within = self.depth + 1
        elif self.depth == 2:
            if tag in ("object-types", "event-types"):
                raise DataError("this XML is an object-centric log (OCEL); save it as JSON, and read that: tienet read ocel")
            about_events = tag == "global" and dict(zip(stated[::2], stated[1::2], strict=True)).get("scope", "event") == "event"
            self.inside = tag if tag == "trace" or about_events else ""
        elif self.inside:
            key, value = _key_and_value(stated)
            if self.inside == "trace" and key == NAME:
                self.trace.name = value
            elif self.inside == "global" and key == self.resource:
                self.nobody = value.strip()

    def end(self, _: str) -> None:
        """An element ends."""
        self.depth = depth = self.depth - 1
        if self.within and depth == self.within - 2:
            self.within = 0
            self.add()
        if depth == 1:
            if self.trace.times:
                self.done.append(self.trace)
            self.trace, self.inside = XesTrace(), ""

    def add(self) -> None:
        """Add the event that has ended to its trace."""
        self.events += 1
        trace, event, seen = self.trace, self.event, self.seen
        trace.first = trace.first or self.events
        trace.times.append(_time(event.get(TIME), self.zone))
        stated = event.get(self.resource, "")
        if stated not in self.people:
            person = self.people[stated] = None if is_blank(stated) or stated.strip() in (self.nobody, INVALID) else stated.strip()
            seen.people.update([person] if person else [])
        trace.people.append(self.people[stated])
        transition = event.get(TRANSITION, "")
        trace.transitions.append(seen.transitions.setdefault(transition, transition.strip().lower()))
        trace.activities.append(event.get(NAME, ""))
        trace.ids.append(event.get(IDENTITY))

    def taken(self) -> list[XesTrace]:
        """The traces that have ended since the last call."""
        done, self.done = self.done, []
        return done

    def refuse_doctype(self, *_: object) -> None:
        """Stop at a document type."""
        raise DataError(
            f"file {self.file.number:,} of the export declares a document type, which can hide entities; remove the declaration"
        )


def _key_and_value(stated: list[str]) -> tuple[str, str]:
    if len(stated) == 4 and stated[0] == "key" and stated[2] == "value":
        return stated[1], stated[3]
    held = dict(zip(stated[::2], stated[1::2], strict=True))
    return held.get("key", ""), held.get("value", "")  # lists and containers have no value


def _time(text: str | None, zone: str) -> int | str:
    """A moment, or the code of what is wrong with it."""
    moment = moment_in(text, zone)
    return "missing_time" if moment is None else moment
