"""The encoding of text files: the one that is given, or the one that the first bytes state."""

from __future__ import annotations

import codecs

from tienet.base.errors import ArgumentError, DataError, shown
from tienet.network.reading.files.kinds import marked_encoding

# Codecs of Python that turn text into text for other purposes than to store it.
_NO_ENCODINGS = ("idna", "punycode", "raw_unicode_escape", "unicode_escape", "undefined", "mbcs", "oem")


def known_codec(encoding: str) -> str:
    """Python's name of an encoding; ArgumentError if there is none of that name."""
    try:
        found = codecs.lookup(encoding)
        stored = found._is_text_encoding and found.name.replace("-", "_") not in _NO_ENCODINGS
    except (LookupError, ValueError, UnicodeError, OSError):  # a name with a NUL, not in ASCII, or too long for a module
        stored = False
    if not stored:
        raise ArgumentError(f"encoding={shown(encoding)} is not known; write it as 'utf-8', 'latin-1', 'cp1252' or 'utf-16'")
    return str(found.name)


def codec_of(head: bytes, encoding: str | None, *, shown_as: str) -> str:
    """The encoding of a file that begins with these bytes: the given one, else the stated one, else UTF-8.

    Raises
    ------
    ArgumentError
        The encoding is not known.
    DataError
        The given encoding contradicts the first bytes.
    """
    stated = marked_encoding(head)
    if encoding is None:
        return codecs.lookup(stated or "utf-8").name
    given = known_codec(encoding)
    wide = given.startswith(("utf-16", "utf-32"))
    if wide and not (stated or "").startswith(given[:6]):
        # Read as UTF-16, plain text becomes letters of other scripts, without an error.
        if b"\x00" not in head:
            raise DataError(f"{shown_as} does not read as {given}: its first bytes are those of a shorter encoding; leave encoding out")
        if given in ("utf-16", "utf-32"):
            raise DataError(f"{shown_as} has no byte-order mark, which encoding={encoding!r} needs; set '{given}-le' or '{given}-be'")
    if stated in ("utf-16", "utf-32") and not wide:
        raise DataError(f"{shown_as} does not read as {given}: it begins with the byte-order mark of {stated}; leave encoding out")
    return given
