"""What was found: key numbers, a card per function, who is shown, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass

from tienet.base.numbers import coverage
from tienet.base.wording import visible
from tienet.study.cards.card import Card
from tienet.study.language.reading import say
from tienet.study.page.drawings.interaction import Interaction, draw_interaction, span_of
from tienet.study.page.drawings.intervals import Interval, draw_intervals, scale_of
from tienet.study.page.drawings.scales import shortened
from tienet.study.page.markup import plain
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.words.found import chip, headline, how_sure, is_found, levels_note, one_more, small_sample
from tienet.study.words.keys import key_numbers
from tienet.study.words.readings import caption, how_to_read, line_name
from tienet.study.words.written import outcome

MOST_CARDS = 4  # of more, a table is easier to compare


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card as the page shows it: its sentences, and what its drawings need."""

    function: str
    label: str
    chip: str
    found: bool
    headline: str
    rows: tuple[tuple[str, Interval], ...]
    figure: Interaction | None
    title: str
    description: str
    axis: str
    along: str
    names: dict[str, tuple[str, str]]
    note: str
    sure: str
    more: str


def build(material: Material) -> Section:
    """The first screen of the page."""
    study, cards = material.result.study, shown_cards(material)
    return Section(
        "found",
        "everyone",
        "",
        say("page.found.heading"),
        {
            "numbers": key_numbers(material.result, material.questions.thinnest),
            "cards": cards,
            "table": len(cards) > MOST_CARDS,
            "caption": caption(study),
            "coverage": coverage(study.alpha),
            "read": how_to_read(material.cards, study),
            "who": say(f"page.found.{material.people}", floor=study.floor),
        },
    )


def shown_cards(material: Material) -> list[ShownCard]:
    """All cards, on common scales."""
    span, scale = span_of(material.cards), scale_of(material.cards)
    return [
        _shown(material, card, draw_interaction(card, span, material.result.study.floor), draw_intervals(card, scale))
        for card in material.cards
    ]


def _shown(material: Material, card: Card, figure: Interaction | None, rows: tuple[Interval, ...]) -> ShownCard:
    study = material.result.study
    return ShownCard(
        function=card.function,
        label=visible(card.label, 60),
        chip=chip(card),
        found=is_found(card),
        headline=headline(card, study),
        rows=tuple((say(f"word.{'difference' if row.key == 'apart' else row.key}"), row) for row in rows),
        figure=figure,
        title=f"{visible(card.label, 60)}: {plain(headline(card, study))}",
        description="" if figure is None else _description(material, figure),
        axis=material.axis(),
        along=shortened(say("page.found.along", function=visible(card.label)), 15, 350),
        names={key: _two(line_name(card, study, key)) for key in ("weak", "strong")} if figure else {},
        note=" ".join(filter(None, (levels_note(card), small_sample(card, study)))),
        sure=_sure(material, card),
        more=one_more(card, study),
    )


def _sure(material: Material, card: Card) -> str:
    """How sure it is, and that the fit warned of its p-values."""
    said = how_sure(card, material.result.study)
    return f"{said} {say('sure.caution')}" if said and getattr(material.result.fit, "cautions", None) else said


def _two(name: str) -> tuple[str, str]:
    """The name of a line in two rows: which ties, and their strength."""
    first, _, second = name.partition(", ")
    return first, second


def _description(material: Material, figure: Interaction) -> str:
    ends = {key: (first, last) for key, first, last in figure.ends}
    words = {"outcome": outcome(material.result.study), "from_ties": figure.first, "to_ties": figure.last}
    goes = (say(f"page.found.goes_{key}", first=ends[key][0], last=ends[key][1], **words) for key in ("weak", "strong"))
    return "".join(goes)
