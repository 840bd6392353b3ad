"""Numbers, names and units as the sentences of the page write them."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from tienet.base.numbers import as_typed, minus
from tienet.base.wording import snake_case, visible
from tienet.study.language.reading import holds, say

if TYPE_CHECKING:
    from tienet.study.cards.card import Card, Estimate
    from tienet.study.specification import StudySpecification


_DECIMALS = 2  # where no standard error says how many
_MOST_DECIMALS = 12
_LONGEST = 60  # letters of a name in a sentence


def decimals_of(std_error: float) -> int:
    """As many decimals as make a standard error show two digits.

    Examples
    --------
    >>> [decimals_of(error) for error in (0.14, 0.023, 2.5, 140.0)]
    [2, 3, 1, 0]
    """
    if not isfinite(std_error) or std_error <= 0:
        return _DECIMALS
    return min(max(0, 1 - floor(log10(std_error))), _MOST_DECIMALS)


def card_decimals(card: Card) -> int:
    """The decimals of all estimates of a card: those of the difference."""
    return _DECIMALS if card.difference is None else decimals_of(card.difference.std_error)


def fixed(value: float, decimals: int, *, sign: bool = False) -> str:
    """A number with a true minus sign, and never minus nothing; with `sign`, also a plus.

    Examples
    --------
    >>> fixed(-0.396, 2), fixed(0.594, 2, sign=True), fixed(-0.001, 2)
    ('−0.40', '+0.59', '0.00')
    """
    text = f"{value:,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return text.lstrip("-")
    return minus(f"+{text}" if sign and value > 0 else text)


def estimate_text(found: Estimate, decimals: int) -> str:
    """An estimate with its interval: "+0.59 (0.37 to 0.82)"."""
    low, high = fixed(found.low, decimals), fixed(found.high, decimals)
    return say("estimate.value", estimate=fixed(found.estimate, decimals, sign=True), low=low, high=high)


def p_words(p: float, alpha: float) -> str:
    """A p-value with two or three decimals; with more where rounding would put it on the other side of alpha.

    Examples
    --------
    >>> [p_words(p, 0.05) for p in (0.0061, 0.93, 0.1049, 0.0004, 0.0498, 0.9999)]
    ['p = .006', 'p = .93', 'p = .10', 'p < .001', 'p = .0498', 'p > .99']
    """
    if p < 0.001:
        return say("p.below", value=".001")
    if p > 0.995:
        return say("p.above", value=".99")
    decimals = 3 if round(p, 3) < 0.1 else 2
    while decimals < _MOST_DECIMALS and (round(p, decimals) < alpha) != (p < alpha):
        decimals += 1
    return say("p.value", value=f"{p:.{decimals}f}".removeprefix("0"))


def share_words(share: float) -> str:
    """A share as a whole percentage; never none or all of something that is not.

    Examples
    --------
    >>> share_words(0.874), share_words(0.9991)
    ('87%', 'over 99%')
    """
    if 0.995 <= share < 1:
        return say("unit.nearly_all")
    return say("unit.hardly_any") if 0 < share < 0.005 else f"{100 * share:.0f}%"


def fewer_words(share: float, n: int, study: StudySpecification) -> str:
    """How many of n people had fewer ties; a number of people below the floor is not given."""
    below = round(share * n)
    people, few = people_word(study), study.floor
    if 0 < n - below < few:
        return say("more.few_more", floor=few, people=people)
    if below < few:
        return say("more.few_fewer", floor=few, people=people)
    return say("more.fewer", share=share_words(share), people=people)


def amount(value: float, decimals: int, study: StudySpecification) -> str:
    """A size in the unit of the outcome: "0.40 points"."""
    after = short_unit(study)
    return fixed(value, decimals) + (f" {after}" if after else "")


def as_stated(value: float, decimals: int, study: StudySpecification) -> str:
    """A size that the study states, with the decimals of the card, or more where it states more."""
    typed = as_typed(value).partition(".")[2]
    return amount(value, max(decimals, len(typed) if typed.isdigit() else 0), study)


def name(text: str) -> str:
    """A name of the user's, without what would set it in bold."""
    return visible(text, _LONGEST).replace("**", "∗∗").strip()


def outcome(study: StudySpecification) -> str:
    """What cards are about, in words: "sales growth", "probability of a deal won"; of ordered categories "log odds of a higher grade"."""
    return name(study.expected_words)


def expected_outcome(study: StudySpecification) -> str:
    """What lines show, in words: "expected sales growth", "probability of a deal won"."""
    return outcome(study) if study.on_response else say("outcome.expected", outcome=outcome(study))


def the_outcome(study: StudySpecification, text: str) -> str:
    """An outcome that is compared or described: "the probability of a deal won"; others need no article."""
    return say("outcome.the", outcome=text) if is_probability(study) else text


def measured_outcome(study: StudySpecification) -> str:
    """What coefficients are measured in, in words: "sales growth", or "log odds of a deal won"."""
    return name(study.measured_words)


def is_probability(study: StudySpecification) -> bool:
    """Whether cards are in percentage points of a probability."""
    family = study.fitted_family
    return study.on_response and family is not None and family.events


def scales(study: StudySpecification) -> dict[str, str]:
    """The scales of a family, after a number: "link", such as "in log odds", and "expected", such as "in percentage points"."""
    family = study.fitted_family
    if family is None:
        return {}
    kind = "probability" if family.events else "count" if family.counts else "amount"
    return {"link": say(f"scale.{family.link}"), "expected": say(f"scale.{kind}")}


def observed_outcome(study: StudySpecification) -> str:
    """The outcome as it was observed, in words: "sales growth", "won"."""
    return name(study.outcome_words)


def short_outcome(study: StudySpecification) -> str:
    """The outcome where it is named again: "growth"."""
    return _short("short_outcome", outcome(study))


def unit(study: StudySpecification) -> str:
    """The unit of the cards: "percentage points"; empty without one."""
    return say("unit.probability") if is_probability(study) else name(study.outcome_unit or "")


def short_unit(study: StudySpecification) -> str:
    """The unit after a number: "points", "in expected deals"; empty without one."""
    if study.on_response and not is_probability(study):
        return say("unit.expected", outcome=outcome(study))
    return _short("short_unit", unit(study))


def people_word(study: StudySpecification, n: int = 2) -> str:
    """What the people studied are called: salespeople, if their function is Sales."""
    noun = "salesperson" if snake_case(study.of) == "sales" else "person"
    return say(f"word.{noun}.{'one' if n == 1 else 'other'}")


def begun(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def _short(table: str, text: str) -> str:
    key = f"{table}.{text}"
    return say(key) if text and holds(key) else text
