"""Names of columns and terms as people read them: "Total ties to Marketing", not `total_ties_marketing`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from unicodedata import category

_FAMILIES = {"total_ties_": "Total ties", "tie_strength_": "Tie strength", "no_ties_": "No ties"}
_CONTROL = re.compile(r"`([^`]+)`|[\w.]+\(\s*(?:`([^`]+)`|([^\W\d]\w*))\s*(?:,.*)?\)")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})
_CALL = re.compile(r"(?P<function>[a-z]\w*)\((?P<inside>.+)\)")  # such as log(x), not Tenure (years)
_PRODUCT = re.compile(r":(?![^\[]*\])")  # between the factors of a term
_POWERS = {"": "", "2": "²", "3": "³"}


def snake_case(label: str) -> str:
    """A function's label as a column name: lower case, everything that is not a letter or digit an underscore.

    Examples
    --------
    >>> snake_case(" Customer Service "), snake_case("R&D")
    ('customer_service', 'r_d')
    """
    return re.sub(r"\W+", "_", label.strip().lower()).strip("_")


def bare(control: str) -> str:
    """The column behind a control, which a study may write as a category, with a transform or in backquotes.

    Examples
    --------
    >>> bare('C(region, base="north")'), bare("log(`Years with firm`)"), bare("tenure"), bare("Tenure (years)")
    ('region', 'Years with firm', 'tenure', 'Tenure (years)')
    """
    found = _CONTROL.fullmatch(control.strip())
    return next(filter(None, found.groups())) if found else control


def column_label(name: str, labels: Mapping[str, str] | None = None) -> str:
    """Name a column or a dummy in words: by its own label, else with functions under their labels in the people table.

    Examples
    --------
    >>> column_label("total_ties_r_d", {"r_d": "R&D"}), column_label("region[north]", {"region": "Area"})
    ('Total ties to R&D', 'Area: north')
    >>> column_label("growth", {"growth": "Sales growth"}), column_label("log(ties)")
    ('Sales growth', 'log(Ties)')
    """
    head, tail = _parts(name, labels or {})
    return f"{head} to {tail}" if tail else head


def term_label(term: str, labels: Mapping[str, str] | None = None) -> str:
    """Name a term of a model in words, on one line.

    Examples
    --------
    >>> term_label("total_ties_marketing:tie_strength_marketing")
    'Total ties × tie strength to marketing'
    >>> term_label("total_ties_r_d^2", {"r_d": "R&D"})
    'Total ties² to R&D'
    """
    return " ".join(term_lines(term, labels))


def term_lines(term: str, labels: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Name a term in parts that can be set on separate lines.

    Examples
    --------
    >>> term_lines("total_ties_marketing:tie_strength_marketing")
    ('Total ties × tie strength', 'to marketing')
    >>> term_lines("tenure:age")
    ('Tenure', '× age')
    """
    if term == "(Intercept)":
        return ("Intercept",)
    # A colon inside brackets belongs to the name of a category.
    pieces = [_parts(part, labels or {}) for part in _PRODUCT.split(term)]
    heads, tails = zip(*pieces, strict=True)
    if tails[0] and len(set(tails)) == 1:
        return " × ".join([heads[0], *map(lower, heads[1:])]), f"to {tails[0]}"
    whole = [f"{head} to {tail}" if tail else head for head, tail in pieces]
    return whole[0], *(f"× {lower(one)}" for one in whole[1:])


def spoken_label(term: str, labels: Mapping[str, str]) -> str:
    """Name a column or term within a sentence: by its label, or by its own name if neither it nor a part of it has one.

    Examples
    --------
    >>> [spoken_label(term, {"r_d": "R&D", "x": "Contacts"}) for term in ("total_ties_r_d", "x", "x:z", "x^2", "tenure")]
    ['total ties to R&D', 'Contacts', 'Contacts × z', 'Contacts²', 'tenure']
    """
    if term in labels:
        return labels[term]
    if not any(name in labels for name in names_in(term)):
        return term
    label = term_label(term, labels)
    return label if any(name in labels for name in _own_names(_PRODUCT.split(term)[0])) else lower(label)


def names_in(term: str) -> Iterator[str]:
    """The names in a term that may have a label: its factors, their columns, and the functions that these are about.

    Examples
    --------
    >>> sorted(set(names_in("region[north]:total_ties_r_d")))
    ['r_d', 'region', 'region[north]', 'total_ties_r_d']
    """
    for factor in _PRODUCT.split(term):
        own = _own_names(factor)
        yield from own
        yield from (own[-1].removeprefix(family) for family in _FAMILIES if own[-1].startswith(family))


def _own_names(factor: str) -> tuple[str, ...]:
    """The names under which a factor of a term may have a label of its own; the last is its column."""
    name = factor.partition("^")[0]
    call = _CALL.fullmatch(name)
    return factor, name, call["inside"] if call else name.partition("[")[0]


def lower(label: str) -> str:
    """Write a label for use inside a sentence: first letter in lower case, unless the word is an abbreviation or a symbol."""
    return label if len(label) < 3 or label[1].isupper() else label[:1].lower() + label[1:]


def _parts(factor: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """Split a name into what is counted, with its power, and the function it refers to ("" where there is none)."""
    name, _, power = factor.partition("^")
    raised = _POWERS.get(power, f"^{power}")
    if name in labels:
        return labels[name] + raised, ""
    for family, words in _FAMILIES.items():
        function = name.removeprefix(family)
        if function and function != name:
            return words + raised, labels.get(function, function.replace("_", " "))
    call = _CALL.fullmatch(name)
    if call:
        return f"{call['function']}({column_label(call['inside'], labels)}){raised}", ""
    level = re.fullmatch(r"(?P<factor>[^\[]+)\[(?P<level>.*)\]", name)
    column = level["factor"] if level else name
    words = column.replace("_", " ").strip() or name
    spoken = labels.get(column) or (words[:1].upper() + words[1:] if len(words) > 2 else words)  # x stays x
    return spoken + (f": {level['level']}" if level else "") + raised, ""


def visible(text: str, limit: int | None = None) -> str:
    r"""Remove invisible characters from a label, such as marks that reverse the direction of writing; shorten it to a limit.

    Examples
    --------
    >>> visible("Sales\u202e gnitekraM"), visible("a very long name of a department", 12)
    ('Sales gnitekraM', 'a very long…')
    """
    shown = text if text.isascii() and text.isprintable() else "".join(map(_seen, text))
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def escaped(text: str) -> str:
    r"""Write invisible characters as escapes, so that text cannot give orders to a terminal; tabs and new lines stay.

    Examples
    --------
    >>> escaped("ann\x1b]0;title\x07, bob\n")
    'ann\\x1b]0;title\\x07, bob\n'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter if letter in "\t\n" or category(letter) not in _UNSEEN else letter.encode("unicode_escape").decode() for letter in text
    )


def _seen(letter: str) -> str:
    if letter in "\t\n\r":
        return " "
    return "" if category(letter) in _UNSEEN else letter
