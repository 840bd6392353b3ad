"""Take the headers of each mail out of a file, as bytes: mbox files are split here and never held as a whole.

`mailbox.mbox` of the standard library reads the line between two mails as ASCII and gives up the whole file at the first one that is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

CHUNK = 1 << 20
LONGEST = 1 << 22  # headers of more bytes are cut: those of a mail to 100,000 people have about 4 MB
_LONGEST_LINE = 1 << 12

_MARK = b"\xef\xbb\xbf"
_SEPARATOR = b"\nFrom "
_BLANK = re.compile(rb"\n\r?\n")
_HEADER = re.compile(rb"[!-9;-~]++[ \t]*+:|>?From ")
_DATED = re.compile(rb"(?=.*\d:\d\d)(?=.*\b(?:19|20)\d\d\b)")
_BARE = re.compile(rb"-?[ \t]*|[^\s:]+[ \t]*")  # Thunderbird writes "From " or "From -", others a name only
_COUNT = re.compile(rb"\A\d+[ \t]*\r?\n")


def is_mbox(head: bytes) -> bool:
    """Whether a file with these first bytes is an mbox."""
    return _plain(head).startswith(b"From ")


def mails_in_mbox(stream: IO[bytes], head: bytes = b"") -> Iterator[bytes]:
    """The headers of each mail of an mbox.

    A line that begins with "From " and names a day and a time stands between two mails if an empty line is before it or a header after
    it. One without a date needs both. Most programs write such lines of a text as ">From ", but not all.

    Parameters
    ----------
    stream
        The rest of the file.
    head
        Bytes that were read from it already.
    """
    buffer = _Buffer(stream, b"\n\n" + _plain(head))
    start = buffer.next_start(0)
    while start is not None:
        headers, end = buffer.headers(start)
        yield headers
        start = buffer.next_start(end)


def only_mail(stream: IO[bytes], head: bytes = b"") -> bytes:
    """The headers of the only mail of a file; a number of bytes above it, as Apple Mail writes it, is passed over."""
    begun = _COUNT.sub(b"", _plain(head))
    return _Buffer(stream, begun if b"\n" in begun else begun.replace(b"\r", b"\n")).headers(0)[0]


def _plain(head: bytes) -> bytes:
    return head.removeprefix(_MARK).lstrip()


class _Buffer:
    """A piece of a stream, which grows at its end and is cut at its beginning."""

    def __init__(self, stream: IO[bytes], held: bytes) -> None:
        self._stream = stream
        self._held = held

    def _more(self, keep: int) -> bool:
        """Drop what lies before `keep` and read on; False at the end of the stream, where nothing is dropped."""
        piece = self._stream.read(CHUNK)
        if piece:
            self._held = self._held[keep:] + piece
        return bool(piece)

    def next_start(self, at: int) -> int | None:
        """Where the headers of the next mail begin, searched from `at`, the end of a line; None if there is none."""
        while True:
            found = self._held.find(_SEPARATOR, at)
            if found < 0:
                # A separator may have begun: its first bytes and the empty line before it are kept.
                if not self._more(max(at, len(self._held) - len(_SEPARATOR) - 3)):
                    return None
                at = 0
                continue
            keep = max(found - 2, 0)
            if len(self._held) - found < 2 * _LONGEST_LINE and self._more(keep):
                at = found - keep
                continue
            start = _behind_separator(self._held, found)
            if start is not None:
                return start
            at = found + 1

    def headers(self, start: int) -> tuple[bytes, int]:
        """The headers that begin at `start`, and where the search for the next mail goes on."""
        while not (blank := _BLANK.search(self._held, max(start - 1, 0))) and len(self._held) - start < LONGEST:
            if not self._more(start):
                break
            start = 0
        end = blank.start() + 1 if blank else min(len(self._held), start + LONGEST)
        headers = self._held[start:end]
        inside = headers.find(_SEPARATOR)
        while inside >= 0 and _behind_separator(headers, inside) is None:
            inside = headers.find(_SEPARATOR, inside + 1)
        if inside >= 0:  # a mail of headers only, without an empty line before the next mail
            return headers[: inside + 1], start + inside
        return headers, max(end - 1, start)


def _behind_separator(held: bytes, at: int) -> int | None:
    """Where the headers begin if the line behind a line end stands between two mails."""
    end = held.find(b"\n", at + 1, at + _LONGEST_LINE)
    if end < 0:
        return None
    line = held[at + len(_SEPARATOR) : end].rstrip(b"\r")
    alone = held[at - 1 : at] == b"\n" or held[at - 2 : at] == b"\n\r"
    before_header = bool(_HEADER.match(held, end + 1))
    if _DATED.match(line):
        return end + 1 if alone or before_header else None
    return end + 1 if alone and before_header and _BARE.fullmatch(line) else None
