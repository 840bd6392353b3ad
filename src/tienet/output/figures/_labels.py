"""Labels in plain words for columns, terms, functions and numbers."""

from __future__ import annotations

from functools import cache
from textwrap import wrap
from unicodedata import category, combining

from tienet.base.numbers import minus, printed
from tienet.base.wording import column_label, lower, term_lines

__all__ = ["at_value", "broken", "human", "lower", "plain", "term_label"]

_PLAIN = 36
_LINE = 25


def plain(text: str, limit: int = 28) -> str:
    r"""A label that is safe for matplotlib: one line, no math text, shortened with an ellipsis, no character the font lacks.

    Examples
    --------
    >>> plain("US$ and CA$")
    'US\\$ and CA\\$'
    >>> plain("a very long name of a department", 12)
    'a very long…'
    >>> plain("Sales\u202e")  # characters that reverse the text direction are removed
    'Sales'
    """
    line = "".join(map(_drawn, " ".join(str(text).split())))
    short = line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
    return short.replace("$", r"\$")


@cache
def _drawn(letter: str) -> str:
    """The character itself; "" for an invisible control character, a box for one the font lacks."""
    if category(letter) in ("Cc", "Cf", "Cs", "Mn") and not combining(letter):
        return ""
    return letter if ord(letter) in _font_letters() else "▯"


@cache
def _font_letters() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def human(name: str, limit: int = _PLAIN) -> str:
    """A column name in words, safe for matplotlib.

    Examples
    --------
    >>> human("total_ties_customer_service"), human("region[north]")
    ('Total ties to customer service', 'Region: north')
    """
    return plain(column_label(name), limit)


def term_label(term: str) -> str:
    r"""A model term in words, on two lines if it is long.

    Examples
    --------
    >>> term_label("total_ties_marketing:tie_strength_marketing")
    'Total ties × tie strength\nto marketing'
    >>> term_label("total_ties_marketing^2")
    'Total ties² to marketing'
    """
    lines = [plain(line, _PLAIN) for line in term_lines(term)]
    whole = " ".join(lines)
    return whole if len(whole) <= _LINE else "\n".join(lines)


def broken(label: str, width: int = 15) -> str:
    r"""A label wrapped at spaces for narrow places; long words stay whole.

    Examples
    --------
    >>> broken("Customer Service")
    'Customer\nService'
    """
    return "\n".join(wrap(label, width, break_long_words=False, break_on_hyphens=False)) or label


def at_value(variable: str, label: str, value: float) -> str:
    """The legend label for a value of the moderator.

    Examples
    --------
    >>> at_value("tenure", "-1 SD", 2.25), at_value("tenure", "3", 3.0), at_value("region[north]", "1", 1.0)
    ('−1 SD (2.25)', '3', 'yes')
    """
    if "[" in variable and label in ("0", "1"):
        return "yes" if label == "1" else "no"
    shown = minus(plain(label, 40))
    try:
        known = value != value or float(label) == value
    except ValueError:
        known = "SD" not in label and "percentile" not in label and label != "mean"
    return shown if known else f"{shown} ({printed(value)})"
