"""Labels in plain words for columns, terms, functions and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from unicodedata import category, combining

from tienet.base.numbers import minus, printed
from tienet.base.wording import lower, term_lines
from tienet.output.figures._look import has_letter, look

__all__ = [
    "SLOPE_OF",
    "at_value",
    "axis_name",
    "broken",
    "function_label",
    "human",
    "levels_heading",
    "measured_name",
    "per_unit",
    "plain",
    "predicted_name",
    "slope_name",
    "term_label",
]

SLOPE_OF = {"link": "Slope of", "response": "Average slope of"}  # by the scale of a probe
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
    line = " ".join(str(text).split())
    line = line if line.isascii() and line.isprintable() else "".join(map(_drawn, line))
    short = line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
    return short.replace("$", r"\$")


def _drawn(letter: str) -> str:
    """The character itself; "" for an invisible control character, a box for one that no installed font has."""
    if category(letter) in ("Cc", "Cf", "Cs", "Mn") and not combining(letter):
        return ""
    return letter if has_letter(letter) else "▯"


def human(name: str, limit: int = _PLAIN) -> str:
    """A column name in words, safe for matplotlib.

    Examples
    --------
    >>> human("total_ties_customer_service"), human("region[north]")
    ('Total ties to customer service', 'Region: north')
    """
    return plain(look().names.column(name), limit)


def function_label(name: str, limit: int = 24) -> str:
    """A function as in the people table.

    Examples
    --------
    >>> function_label("customer_service")
    'Customer service'
    """
    spoken = name.replace("_", " ")
    return plain(look().names.labels.get(name, spoken[:1].upper() + spoken[1:]), limit)


def axis_name(name: str) -> str:
    """A column in words with its unit, for an axis.

    Examples
    --------
    >>> axis_name("sales_growth")
    'Sales growth'
    """
    unit = look().names.units.get(name, "")
    return f"{human(name)} ({plain(unit, 40)})" if unit else human(name)


def measured_name(measured: str, outcome: str) -> str:
    """What an outcome's scale measures, with the outcome in words.

    Examples
    --------
    >>> measured_name("log odds of deal_won", "deal_won")
    'log odds of deal won'
    """
    return plain(measured.replace(outcome, lower(human(outcome))), 60)


def predicted_name(outcome: str, relative: bool = False, measured: str = "") -> str:
    """The axis of predicted values; `relative` if their level is not known. `measured` says what they are if not the outcome itself."""
    if measured:
        said = measured_name(measured, outcome)
        return f"{said[:1].upper()}{said[1:]}{', less a constant' if relative else ''}"
    return f"Predicted {lower(axis_name(outcome))}{', less a constant' if relative else ''}"


def slope_name(focal: str, outcome: str, words: str = "Slope of", measured: str = "", *, base: str | None = None) -> str:
    """The axis of slopes, with their unit if that of the outcome is known: "SD per SD", "points per tie", "log odds of won per tie".

    The slope of a dummy is named with its base.
    """
    return f"{words} {lower(human(focal))}{'' if base is None else f' less {plain(base, 40)}'}{_per(outcome, focal, measured)}"


def per_unit(outcome: str, each: str = "unit", measured: str = "") -> str:
    """The axis of coefficients, whose terms differ in units."""
    if measured:
        return f"{predicted_name(outcome, measured=measured)} per {each}"
    unit = look().names.units.get(outcome, "")
    if unit == "SD":
        return f"{human(outcome)}: SD per SD"
    return f"{human(outcome)}{f', {plain(unit, 40)}' if unit else ''} per {each}"


def _per(outcome: str, focal: str, measured: str) -> str:
    units = look().names.units
    if outcome not in units and not measured:
        return ""
    one = units.get(focal) or ("tie" if focal.startswith("total_ties_") else "unit")
    return f" ({measured_name(measured, outcome) or plain(units[outcome], 40)} per {plain(one, 20)})"


def term_label(term: str) -> str:
    r"""A model term in words, on two lines if it is long.

    Examples
    --------
    >>> term_label("total_ties_marketing:tie_strength_marketing")
    'Total ties × tie strength\nto marketing'
    >>> term_label("total_ties_marketing^2")
    'Total ties² to marketing'
    """
    lines = [plain(line, _PLAIN) for line in term_lines(term, look().names.labels)]
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


def levels_heading(moderator: str, labels: Sequence[str]) -> str:
    """The moderator over its levels: its column if the levels are categories, as chat and meet of ``g[meet]``.

    Examples
    --------
    >>> levels_heading("channel[meet]", ["chat", "meet"]), levels_heading("channel[meet]", ["0", "1"])
    ('channel', 'channel[meet]')
    """
    factor, _, category = moderator.partition("[")
    return factor if category[:-1] in labels else moderator


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
