"""The records of a CSV text: which lines form one, how many there are, and which are damaged.

Every byte is looked at once, block by block, with numpy; only records near damage are matched one by one. What DuckDB then scans is known
to be intact, so that its scan can run in parallel, and the number of records tells whether it found them all.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 16  # bytes at a time: small enough for memory to be used again rather than asked for anew
LONGEST = 1 << 24  # bytes: where a quote has not closed after so many, it never does
CALM = 32  # intact records after damage before blocks are looked at as a whole again; doubled each time
LF, CR, QUOTE, BLANK = b'\n\r" '
MOST_LINES = 100_000  # damaged lines that are remembered one by one


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table of a text begins and ends, and how its records are written.

    Parameters
    ----------
    delimiter
        One ASCII character.
    width
        Values in a record.
    start, stop
        The bytes of the records: from the end of the header to before `stop`; None for the end of the text.
    line
        The physical line of `start`, from 1.
    """

    delimiter: str
    width: int
    start: int
    line: int
    stop: int | None = None


@dataclass(slots=True)
class Findings:
    """What a pass over the records found.

    Parameters
    ----------
    records
        Intact records; blank lines are none.
    damaged
        Records that are damaged.
    lines
        Physical line of a damaged record -> what is wrong with it, for the first 100,000.
    gaps
        (start, end) bytes of the damaged stretches.
    ends
        The ends of lines in use.
    longest
        Bytes of the longest record.
    undecodable
        Damaged records that are not UTF-8.
    spanning
        Whether a record spans several lines, by line ends within quotes.
    """

    records: int = 0
    damaged: int = 0
    lines: dict[int, str] = field(default_factory=dict)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    ends: set[str] = field(default_factory=set)
    longest: int = 0
    undecodable: int = 0
    spanning: bool = False


def survey(text: BinaryIO, layout: Layout, enough: int | None = None) -> Findings:
    """Pass over all records; stops early once `enough` of them are not UTF-8."""
    scan = _Scan(layout)
    for _ in scan.run(text):
        if enough is not None and scan.found.undecodable >= enough:
            break
    return scan.found


def lines_of(text: BinaryIO, layout: Layout, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
    """The physical lines of intact records, given by their ordinals (ascending, the first is 1); 0 where there is none."""
    lines, scan, before = np.zeros(len(ordinals), dtype=np.int64), _Scan(layout, placing=True), 0
    for placed in scan.run(text):
        low, high = np.searchsorted(ordinals, [before + 1, before + len(placed) + 1])
        lines[low:high] = placed[ordinals[low:high] - before - 1]
        before += len(placed)
        if high == len(ordinals):
            break
    return lines


def record_pattern(delimiter: str, width: int | None = None) -> re.Pattern[bytes]:
    """A whole record with its line end, of so many values, or of any number."""
    mark, value = re.escape(delimiter.encode()), _value_pattern(delimiter)
    more = b"*+" if width is None else b"{%d}" % (width - 1)
    return re.compile(rb"%b(?:%b%b)%b(?:\r\n|\n|\r)" % (value, mark, value, more))


def _value_pattern(delimiter: str) -> bytes:
    """One value up to what ends it: in quotes, perhaps with blanks around them, or as it stands."""
    return rb"(?>%b(?=[\r\n%b])|(?!%b)[^\r\n%b]*+)" % (_quoted(delimiter), mark := re.escape(delimiter.encode()), _opening(delimiter), mark)


def _opening(delimiter: str) -> bytes:
    return b'"' if delimiter == " " else rb' *+"'


def _quoted(delimiter: str) -> bytes:
    return rb'%b[^"]*+(?:""[^"]*+)*+"' % _opening(delimiter) + (b"" if delimiter == " " else rb" *+")


class _Scan:
    """One pass over the records of a text."""

    def __init__(self, layout: Layout, *, placing: bool = False) -> None:
        self.layout, self.placing, self.found = layout, placing, Findings()
        self.delimiter = ord(layout.delimiter)
        self.record, self.any_record = record_pattern(layout.delimiter, layout.width), record_pattern(layout.delimiter)
        self.values_before = re.compile(rb"(?:%b%b)*+" % (_value_pattern(layout.delimiter), re.escape(layout.delimiter.encode())))
        self.unclosed = re.compile(rb'%b[^"]*+(?:""[^"]*+)*+' % _opening(layout.delimiter))
        self.at, self.line, self.calm = layout.start, layout.line, CALM
        self.placed: list[NDArray[np.int64]] = []

    def run(self, text: BinaryIO) -> Iterator[NDArray[np.int64]]:
        """Read block by block; yields the lines of the intact records of each if `placing`."""
        text.seek(self.layout.start)
        left = None if self.layout.stop is None else self.layout.stop - self.layout.start
        data = b""
        while True:
            fresh = _read(text, max(BLOCK, len(data)), left)
            left = None if left is None else left - len(fresh)
            final = not fresh
            data += fresh
            while not final and data[-1] in (CR, QUOTE):  # what follows decides what they mean
                fresh = _read(text, 1, left)
                left = None if left is None else left - len(fresh)
                final, data = not fresh, data + fresh
            if not data:
                return
            if final and data[-1] not in (LF, CR):
                data += b"\n"
            self.placed = []
            taken = self._block(data, final)
            self.at += taken
            data = data[taken:]
            yield np.concatenate(self.placed) if self.placed else np.zeros(0, dtype=np.int64)
            if final:
                return

    def _block(self, data: bytes, final: bool) -> int:
        """Take the complete records of a block, and return their bytes."""
        taken, intact = 0, data.isascii() or _is_utf8(data)
        slow = not intact or (len(data) > LONGEST and not final)
        while taken < len(data):
            if not slow:
                taken, troubled = self._at_once(data, taken)
                if not troubled and (taken == len(data) or not final):
                    break
            taken, decided = self._one_by_one(data, taken, final, intact)
            if not decided:
                break
            slow, self.calm = False, min(2 * self.calm, 1 << 16)
        return taken

    def _at_once(self, data: bytes, start: int) -> tuple[int, bool]:
        """Take records up to the first with trouble; returns where that was, and whether there is one."""
        held = np.frombuffer(data, dtype=np.uint8)
        place, kind = self._marks(data, held, start)
        if (taken := self._alike(place, kind, start)) is not None:
            return taken, False
        ends_line = kind == LF
        trouble = len(data) + 1
        if QUOTE in data:
            quote = kind == QUOTE
            inside = np.cumsum(quote) & 1
            trouble = self._first_misplaced(held, place[quote & (inside == 1)], place[quote & (inside == 0)], start)
            kept = ~quote & (inside == 0)
            outside, closing = place[kept], np.flatnonzero(ends_line[kept])
            lines_before = np.cumsum(ends_line)[np.flatnonzero(kept)[closing]] if len(closing) else closing
        else:
            outside, closing = place, np.flatnonzero(ends_line)
            lines_before = np.arange(1, len(closing) + 1)
        end = outside[closing]
        begin = np.append(start, end[:-1] + 1) if len(end) else end
        width, length = np.diff(closing, prepend=-1), end - begin
        blank = (width == 1) & ((length == 0) | ((length == 1) & (held[begin] == CR)))
        wrong = np.flatnonzero((width != self.layout.width) & ~blank)
        first = min(int(wrong[0]) if len(wrong) else len(end), int(np.searchsorted(end, trouble)))
        troubled = first < len(end) or trouble < len(data)
        if first == 0:
            return start, troubled
        real = ~blank[:first]
        self.found.records += int(real.sum())
        self.found.longest = max(self.found.longest, int(length[:first].max()))
        if self.placing:
            self.placed.append((self.line + np.append(0, lines_before[: first - 1]))[real])
        self.line += int(lines_before[first - 1])
        self.found.spanning |= int(lines_before[first - 1]) > first
        return int(end[first - 1]) + 1, troubled

    def _alike(self, place: NDArray[np.int64], kind: NDArray[np.uint8], start: int) -> int | None:
        """Take all records if every mark stands where equal records have it, as is usual; None if not."""
        width = self.layout.width
        count = len(kind) // width
        if width == 1 or not count:
            return None
        ends = kind[width - 1 :: width][:count] == LF
        whole = kind[: count * width]
        if (
            not ends.all()
            or int(np.count_nonzero(whole == LF)) != count
            or int(np.count_nonzero(whole == self.delimiter)) != len(whole) - count
        ):
            return None
        if len(kind) > len(whole) and (kind[len(whole) :] != self.delimiter).any():
            return None
        last = place[width - 1 : len(whole) : width]
        self.found.records += count
        self.found.longest = max(self.found.longest, int(last[0]) - start, int(np.diff(last).max(initial=0)))
        if self.placing:
            self.placed.append(np.arange(self.line, self.line + count))
        self.line += count
        return int(last[-1]) + 1

    def _marks(self, data: bytes, held: NDArray[np.uint8], start: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Places and kinds of delimiters, quotes and ends of lines; a lone CR counts as an LF, one before an LF not at all."""
        here = held[start:]
        marked = here == LF
        marked |= here == self.delimiter
        if QUOTE in data:
            marked |= here == QUOTE
        if CR not in data:
            place = np.flatnonzero(marked) + start
            self.found.ends.add("\n")
            return place, held[place]
        marked |= here == CR
        place = np.flatnonzero(marked) + start
        kind = held[place]
        returns = kind == CR
        pairs = returns & (np.append(held, 0)[place + 1] == LF)
        feeds, both, lone = int((kind == LF).sum()), int(pairs.sum()), int(returns.sum())
        self.found.ends |= {end for end, count in (("\n", feeds - both), ("\r\n", both), ("\r", lone - both)) if count}
        place, kind = place[~pairs], kind[~pairs]
        return place, np.where(kind == CR, LF, kind).astype(np.uint8)

    def _first_misplaced(self, held: NDArray[np.uint8], opening: NDArray[np.int64], closing: NDArray[np.int64], start: int) -> int:
        """The first quote that neither opens nor closes a value nor is doubled within one; beyond the data if there is none."""
        edges = np.zeros(256, dtype=bool)
        edges[[LF, CR, self.delimiter]] = True
        inner = edges.copy()
        inner[QUOTE] = True
        before = opening[opening > start]
        wrong = before[~inner[held[before - 1]]]
        if len(wrong):  # one blank between delimiter and quote
            wrong = wrong[~((held[wrong - 1] == BLANK) & ((wrong - 1 == start) | edges[held[wrong - 2]]))]
        after = closing[closing + 1 < len(held)]
        loose = after[~inner[held[after + 1]]]
        if len(loose):
            loose = loose[~((held[loose + 1] == BLANK) & edges[np.append(held, LF)[loose + 2]])]
        return min((int(places[0]) for places in (wrong, loose) if len(places)), default=len(held) + 1)

    def _one_by_one(self, data: bytes, at: int, final: bool, intact: bool) -> tuple[int, bool]:
        """Take records one by one until enough of them in a row are intact; returns where, and whether the last was complete."""
        good, found = 0, self.found
        while at < len(data) and (good < self.calm or not intact):
            if data[at] in (LF, CR):
                end = at + (2 if data[at : at + 2] == b"\r\n" else 1)
            elif matched := self.record.match(data, at):
                end = matched.end()
                if intact or _is_utf8(data[at:end], whole=True):
                    good += 1
                    found.records += 1
                    found.longest = max(found.longest, end - at)
                    found.spanning |= data.find(b"\n", at, end - 1) >= 0 or data.find(b"\r", at, end - 2) >= 0
                    if self.placing:
                        self.placed.append(np.array([self.line]))
                else:
                    found.undecodable += 1
                    self._set_aside(at, end, "bytes that are not utf-8")
            else:
                damage = self._damage(data, at, final)
                if damage is None:
                    return at, False
                end, detail = damage
                good = 0
                self._set_aside(at, end, detail)
            self.line += _lines_in(data, at, end)
            at = end
        return at, True

    def _set_aside(self, start: int, end: int, detail: str) -> None:
        found = self.found
        found.damaged += 1
        if len(found.lines) < MOST_LINES:
            found.lines[self.line] = detail
        start, end = start + self.at, end + self.at
        if found.gaps and found.gaps[-1][1] == start:
            start = found.gaps.pop()[0]
        found.gaps.append((start, end))

    def _damage(self, data: bytes, at: int, final: bool) -> tuple[int, str] | None:
        """Where a damaged record ends and what is wrong with it; None if that takes more data."""
        own = _line_end(data, at)
        if own is None:
            return (len(data), "a line that is too long") if len(data) - at > LONGEST else None
        if whole := self.any_record.match(data, at):
            values = _values(whole.group(), self.layout.delimiter)
            told = f"{values} value{'s' * (values != 1)} where the header has {self.layout.width}"
            return (own, "a quote that never closes") if self._holds_intact(data, own, whole.end()) else (whole.end(), told)
        before = self.values_before.match(data, at)
        opened = before.end() if before else at
        quoted = self.unclosed.match(data, opened)
        stray = quoted.end() if quoted else opened  # the quote that closes, with more text behind it
        if stray >= len(data):
            if not final and len(data) - at <= LONGEST:
                return None
            return own, "a quote that never closes"
        if stray < own:
            return own, "a quote inside a field"
        # The quote stands in a later line. Where it opens a value, or a line before it is intact by itself, the first never closes.
        if data[stray - 1] in (self.delimiter, LF, CR) or self._holds_intact(data, own, stray):
            return own, "a quote that never closes"
        last = _line_end(data, stray)
        return None if last is None else (last, "a quote inside a field")

    def _holds_intact(self, data: bytes, at: int, before: int) -> bool:
        """Whether a line before a place is an intact record by itself."""
        while at < before and (end := _line_end(data, at)) is not None:
            matched = self.record.match(data, at)
            if matched and matched.end() == end and (self.layout.width > 1 or end - at > 2):
                return True
            at = end
        return False


def _read(text: BinaryIO, size: int, left: int | None) -> bytes:
    return text.read(size if left is None else min(size, left))


def _is_utf8(data: bytes, *, whole: bool = False) -> bool:
    """Whether bytes are UTF-8, apart from a letter cut off at their end."""
    try:
        codecs.utf_8_decode(data, "strict", whole)
    except UnicodeDecodeError:
        return False
    return True


def _line_end(data: bytes, at: int) -> int | None:
    """Where the next physical line starts."""
    feed = data.find(b"\n", at)
    carriage = data.find(b"\r", at, feed if feed >= 0 else len(data))
    if carriage >= 0:
        return carriage + (2 if data[carriage + 1 : carriage + 2] == b"\n" else 1)
    return feed + 1 if feed >= 0 else None


def _lines_in(data: bytes, start: int, end: int) -> int:
    returns = data.count(b"\r", start, end)
    return data.count(b"\n", start, end) + (returns - data.count(b"\r\n", start, end) if returns else 0)


def _values(record: bytes, delimiter: str) -> int:
    """The number of values of a record whose quotes are in order."""
    value, mark = re.compile(_value_pattern(delimiter)), delimiter.encode()
    count, at = 0, 0
    while found := value.match(record, at):
        count, at = count + 1, found.end() + 1
        if record[found.end() : at] != mark:
            break
    return count
