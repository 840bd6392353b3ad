"""How to read the cards: the paragraph below them, the caption of the estimates, and the names of lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from tienet.base.numbers import count, coverage
from tienet.study.cards.card import Card
from tienet.study.language.reading import enumerated, holds, say, say_counted
from tienet.study.words.written import begun, fixed, is_probability, name, outcome, people_word, short_outcome, unit

if TYPE_CHECKING:
    from tienet.study.specification import StudySpecification


def caption(study: StudySpecification) -> str:
    """What the estimates of a card are: "Sales growth per additional tie, in percentage points"."""
    said = begun(outcome(study))
    of = unit(study)
    return say("estimate.caption", outcome=said, unit=of) if of else say("estimate.caption_without_unit", outcome=said)


def line_name(card: Card, study: StudySpecification, which: Literal["weak", "strong"]) -> str:
    """The name of a line of the figure: "Weak ties, 0.15 a week"."""
    value = _short_number(card.levels.weak if which == "weak" else card.levels.strong)
    key = f"line.{study.strength}"
    return say("line.named", kind=say(f"word.{which}"), value=say(key, value=value) if holds(key) else value)


def how_to_read(cards: Sequence[Card], study: StudySpecification) -> str:
    """What an estimate compares, what weak and strong mean, and who is not in the figures; without its title."""
    tested = [card for card in cards if card.difference is not None]
    if not tested:
        return ""
    return " ".join(filter(None, (_compare(tested, len(cards), study), _levels(tested), _columns(study), _outside(tested, study))))


def _compare(cards: Sequence[Card], functions: int, study: StudySpecification) -> str:
    things = [name(study.label_of(control)) for control in study.controls]
    things += [say_counted("read.other_functions", functions - 1)] if functions > 1 else []
    values = {
        "people": people_word(study),
        "alike": say("read.alike", things=enumerated(things)) if things else "",
        "short": short_outcome(study),
        "coverage": coverage(study.alpha),
    }
    if not study.on_response:
        return say("read.compare", **values, means=enumerated(_means(cards)))
    own = "" if study.exposure is None else say("read.own_exposure", exposure=name(study.label_of(study.exposure)))
    return say("read.compare_probability" if is_probability(study) else "read.compare_expected", **values, own=own)


def _means(cards: Sequence[Card]) -> list[str]:
    """The mean number of ties: once if it is the same to all functions, else to each of them."""
    means = [fixed(card.mean_ties, 1) for card in cards]
    if len(set(means)) == 1:
        return [say("read.mean", mean=means[0])]
    keys = ["read.mean_to"] + ["read.mean_also"] * (len(cards) - 1)
    return [say(key, mean=mean, function=name(card.label)) for key, mean, card in zip(keys, means, cards, strict=True)]


def _levels(cards: Sequence[Card]) -> str:
    sixths = [name(card.label) for card in cards if card.levels.percentiles]
    if len(sixths) == len(cards):
        return say("read.levels_sixths")
    return say("read.levels_both", functions=enumerated(sixths)) if sixths else say("read.levels")


def _columns(study: StudySpecification) -> str:
    return say("read.columns", people=people_word(study), floor=study.floor)


def _outside(cards: Sequence[Card], study: StudySpecification) -> str:
    groups = [
        say("read.group", count=people_count(card.outside, study), ties=say_counted("unit.tie", end), function=name(card.label))
        for card in cards
        for end in card.support.ties[-1:]
        if card.outside
    ]
    return say("read.outside", groups=enumerated(groups)) if groups else ""


def people_count(n: int, study: StudySpecification) -> str:
    """A number of people, which is not given below the study's floor."""
    return say("unit.few", floor=study.floor) if 0 < n < study.floor else count(n)


def _short_number(value: float) -> str:
    return fixed(value, 2 if abs(value) < 10 else 1) if abs(value) >= 0.1 or not value else f"{value:.2g}".replace("-", "−")
