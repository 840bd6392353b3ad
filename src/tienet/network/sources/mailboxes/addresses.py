"""Addresses and names in headers of mails (RFC 5322, 3.4), also in the ways in which programs break the rules."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

# One mailbox in plain writing: "Ce, Cyn" <cyn@firm.example>, Cyn Ce <cyn@firm.example>, or cyn@firm.example.
_ADDRESS = r"""(?!')[^\s<>()\[\]",;:\\@]+@[^\s<>()\[\]",;:\\@]+"""
_PLAIN = re.compile(rf"""\s*(?:(?:"([^"\\]*)"|([^"<>,;:()\\@]*))\s*<({_ADDRESS})>|({_ADDRESS}))\s*(?:,|\Z)""")
# Quoted text, address in brackets, parenthesis, separator, other text; what is opened and not closed runs to the end.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|\Z)|<([^<>]*)(?:>|\Z)|([()])|([,;:])|([^"<>(),;:]+|>)', re.DOTALL)
_WHOLE = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|[^\s<>()",;:\\@]+)@(?:\[[^\s\[\]]*\]|[^\s<>()\[\]",;:\\@]+)""")
_SHORT = 160
_ENCODED = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")


def addresses_in(value: str) -> tuple[tuple[str, str], ...]:
    """The addresses of a header, each with its name, before any word is decoded: a decoded comma does not separate.

    Groups are opened, comments and routes dropped, and semicolons separate like commas. What has no address is left out.

    Examples
    --------
    >>> addresses_in('"Be, Bob" <BOB@firm.example>, team: ann@firm.example (Ann);')
    (('Be, Bob', 'bob@firm.example'), ('Ann', 'ann@firm.example'))
    """
    return _known(value) if len(value) < _SHORT else _plain_addresses(value)


def _plain_addresses(value: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(value):
        match = _PLAIN.match(value, at)
        if match is None:
            return _any_addresses(value)
        quoted, name, bracketed, alone = match.groups()
        found.append(((quoted or name or "").strip(), plain_address(bracketed or alone)))
        at = match.end()
    return tuple(found)


# People write from one address, and often to the same few; the addresses of long lists would take memory.
_known = lru_cache(maxsize=1 << 14)(_plain_addresses)


def _any_addresses(value: str) -> tuple[tuple[str, str], ...]:
    """The same for a header of any writing."""
    found: list[tuple[str, str]] = []
    words: list[str] = []
    comments: list[str] = []
    bracketed: str | None = None
    depth = 0

    def close() -> None:
        nonlocal bracketed
        text = "".join(words).strip()
        address = _whole(bracketed if bracketed is not None else re.sub(r"\s*([@.])\s*", r"\1", text))
        if address:
            name = _unquoted(text) if bracketed is not None else "".join(comments)
            found.append((" ".join(name.split()), address))
        words.clear()
        comments.clear()
        bracketed = None

    for match in _TOKEN.finditer(value):
        quoted, inner, parenthesis, separator, other = match.groups()
        if parenthesis:
            depth = max(depth + (1 if parenthesis == "(" else -1), 0)
        elif depth:
            comments.append(match.group())
        elif separator in (",", ";"):
            close()
        elif separator:
            words.clear()  # the name of a group, or "mailto"
        elif inner is not None:
            bracketed = inner if bracketed is None else bracketed
        else:
            words.append(f'"{quoted}"' if quoted is not None else other)
    close()
    return tuple(found)


def _whole(text: str) -> str | None:
    """The address in a text that should be one; None if it is not."""
    text = text.strip()
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]  # a route: <@relay,@other:ann@firm.example>
    text = re.sub(r"^(?:mailto|smtp):", "", text, flags=re.IGNORECASE).strip("'")
    if _WHOLE.fullmatch(text) or re.match(r"/o=\S", text, re.IGNORECASE):  # Exchange names people inside a firm by /O=...
        return plain_address(text)
    return None


def _unquoted(text: str) -> str:
    return re.sub(r'"((?:[^"\\]|\\.)*)"', lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), text)


def plain_address(text: str) -> str:
    """An address as it is compared: in lower case and, beyond ASCII, in composed form (NFC)."""
    return text.lower() if text.isascii() else normalize("NFC", text).lower()


def words_of(name: str) -> str | None:
    """A name with its encoded words (RFC 2047) decoded; None if there is none, or it cannot be decoded."""
    if not _ENCODED.search(name):
        return name or None
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(name))).strip() or None
    except (HeaderParseError, LookupError, ValueError):
        return None
