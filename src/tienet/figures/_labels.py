"""Names as people read them: columns, terms, functions, numbers."""

from __future__ import annotations

import re
from textwrap import wrap

from tienet._record import number

_FAMILIES = {"total_ties_": "Total ties to ", "tie_strength_": "Tie strength to ", "no_ties_": "No ties to "}
_PLAIN = 36
_LINE = 25


def plain(text: str, limit: int = 28) -> str:
    r"""A label that matplotlib draws as it stands: no mathematics, one line, shortened with an ellipsis.

    Examples
    --------
    >>> plain("US$ and CA$")
    'US\\$ and CA\\$'
    >>> plain("a very long name of a department", 12)
    'a very long…'
    """
    line = " ".join(str(text).split())
    short = line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
    return short.replace("$", r"\$")


def human(name: str, limit: int = _PLAIN) -> str:
    """A column's name in words.

    Examples
    --------
    >>> human("total_ties_customer_service"), human("region[north]")
    ('Total ties to customer service', 'Region: north')
    """
    for family, words in _FAMILIES.items():
        if name.startswith(family) and len(name) > len(family):
            return plain(words + name.removeprefix(family).replace("_", " "), limit)
    level = re.fullmatch(r"(?P<factor>[^\[]+)\[(?P<level>.*)\]", name)
    words = f"{level['factor']}: {level['level']}" if level else name
    words = words.replace("_", " ").strip() or name
    return plain(words[:1].upper() + words[1:] if len(words) > 2 else words, limit)


def lower(label: str) -> str:
    """A label inside a sentence: the first letter small, unless the word is an abbreviation."""
    return label if len(label) < 3 or label[1].isupper() else label[:1].lower() + label[1:]


def term_label(term: str) -> str:
    r"""A model term on at most two lines.

    Examples
    --------
    >>> term_label("total_ties_marketing:tie_strength_marketing")
    'Total ties × tie strength\nto marketing'
    >>> term_label("tenure^2")
    'Tenure²'
    >>> term_label("total_ties_marketing^2")
    'Total ties² to marketing'
    """
    if term == "(Intercept)":
        return "Intercept"
    factors = (
        [_factor(part) for part in term.split(":")] if "[" not in term else [_factor(part) for part in re.split(r":(?![^\[]*\])", term)]
    )
    if len(factors) == 1:
        return factors[0] if len(factors[0]) <= _LINE else factors[0].replace(" to ", "\nto ", 1)
    heads, tails = zip(*(factor.partition(" to ")[::2] for factor in factors), strict=True)
    if len(set(tails)) == 1 and tails[0]:
        return f"{heads[0]} × {' × '.join(map(lower, heads[1:]))}\nto {tails[0]}"
    return f"{factors[0]}\n× {' × '.join(map(lower, factors[1:]))}"


def _factor(part: str) -> str:
    name, _, power = part.partition("^")
    raised = {"": "", "2": "²", "3": "³"}.get(power, f"^{power}")
    head, to, tail = human(name).partition(" to ")
    return f"{head}{raised}{to}{tail}"


def broken(label: str, width: int = 15) -> str:
    r"""A label broken into lines at its spaces, for narrow places; long words stay whole.

    Examples
    --------
    >>> broken("Customer Service")
    'Customer\nService'
    """
    return "\n".join(wrap(label, width, break_long_words=False, break_on_hyphens=False)) or label


def short_number(value: float) -> str:
    """A number for an annotation: two decimals, more where it is small."""
    return number(value, 2).replace("-", "−")


def percent(alpha: float) -> str:
    """'95 %' for alpha = 0.05."""
    return f"{100 * (1 - alpha):g} %"


def at_value(variable: str, label: str, value: float) -> str:
    """A value of a moderator for a legend.

    Examples
    --------
    >>> at_value("tenure", "-1 SD", 2.25), at_value("tenure", "3", 3.0), at_value("region[north]", "1", 1.0)
    ('−1 SD (2.25)', '3', 'yes')
    """
    if "[" in variable and label in ("0", "1"):
        return "yes" if label == "1" else "no"
    shown = plain(label, 40).replace("-", "−")
    try:
        known = value != value or float(label) == value
    except ValueError:
        known = "SD" not in label and label != "mean"
    return shown if known else f"{shown} ({short_number(value)})"
