"""Sentences as HTML: ``**`` around what is bold, backticks around what is typed."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from tienet.base.wording import visible

_BOLD, _TYPED = re.compile(r"\*\*(.+?)\*\*"), re.compile(r"`([^`]+)`")


def rich(sentence: str) -> Markup:
    """A sentence as HTML, escaped but for its own marks.

    Examples
    --------
    >>> rich("around **7 ties**, see `a < b`")
    Markup('around <strong>7 ties</strong>, see <code>a &lt; b</code>')
    """
    text = str(escape(visible(sentence)))
    return Markup(_TYPED.sub(r"<code>\1</code>", _BOLD.sub(r"<strong>\1</strong>", text)))  # noqa: S704 - escaped above


def plain(sentence: str) -> str:
    """A sentence without its marks, for titles of figures.

    Examples
    --------
    >>> plain("around **7 ties**")
    'around 7 ties'
    """
    return _TYPED.sub(r"\1", _BOLD.sub(r"\1", sentence))
