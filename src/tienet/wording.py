"""Names of columns and terms as people read them: "Total ties to Marketing", not `total_ties_marketing`."""

from __future__ import annotations

from collections.abc import Mapping

_FAMILIES = {"total_ties_": "Total ties to {}", "tie_strength_": "Tie strength to {}", "no_ties_": "No tie to {}"}


def term_label(term: str, labels: Mapping[str, str] | None = None) -> str:
    """A term of a model in words; functions under the label that the people table writes.

    Examples
    --------
    >>> term_label("total_ties_marketing:tie_strength_marketing")
    'Total ties to marketing × tie strength to marketing'
    >>> term_label("total_ties_r_d^2", {"r_d": "R&D"})
    'Total ties to R&D, squared'
    """
    if term == "(Intercept)":
        return "Intercept"
    words = [_factor(factor, labels or {}) for factor in term.split(":")]
    return " × ".join([words[0], *(word[0].lower() + word[1:] for word in words[1:])])


def _factor(factor: str, labels: Mapping[str, str]) -> str:
    name, square, _ = factor.partition("^")
    for head, words in _FAMILIES.items():
        if name.startswith(head):
            function = name.removeprefix(head)
            text = words.format(labels.get(function, function.replace("_", " ")))
            break
    else:
        base, bracket, level = name.partition("[")
        text = base.replace("_", " ")
        text = text[:1].upper() + text[1:] + (f": {level.rstrip(']')}" if bracket else "")
    return f"{text}, squared" if square else text
