"""Tokens of a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_KINDS = {
    "quoted": r"`[^`\n]+`",
    "text": r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'",
    "name": r"[^\W\d]\w*(?:\.\w+)*",
    "number": r"\d+(?:\.\d+)?(?!\w)",
    "sign": r"\*\*|%in%|[-~+:*^(),=/|]",
}
_TOKEN = re.compile(r"\s*(?:" + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()) + ")")


class Token(NamedTuple):
    """A token: its kind ("name", "quoted", "text", "number", "foreign", or the sign itself), its text, and its position from 1."""

    kind: str
    text: str
    position: int


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, up to the first that no formula has; ``**`` and ``^`` are the same.

    Examples
    --------
    >>> [token.text for token in tokens_of("y ~ np.log(`a b`)**2")]
    ['y', '~', 'np.log', '(', 'a b', ')', '^', '2']
    """
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        start = position + len(text[position:]) - len(text[position:].lstrip())
        if match is None:
            yield Token("foreign", text[start], start + 1)
            return
        kind, found = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "sign":
            kind = found = "^" if found == "**" else found
        elif kind == "quoted":
            found = found[1:-1]
        elif kind == "text":
            found = re.sub(r"\\(.)", r"\1", found[1:-1])
        yield Token(kind, found, start + 1)
        position = match.end()


def as_name(name: str) -> str:
    """A name as written in a formula: in backquotes unless it consists of letters, digits and underscores.

    Examples
    --------
    >>> as_name("tenure"), as_name("Tenure (years)")
    ('tenure', '`Tenure (years)`')
    """
    return name if re.fullmatch(r"[^\W\d]\w*", name) else f"`{name}`"


def as_text(text: str) -> str:
    """A text in quotes, as written in a formula."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
