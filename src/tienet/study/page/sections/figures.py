"""The figures of many functions, where the cards are a table."""

from __future__ import annotations

from tienet.study.language.reading import say
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.page.sections.found import MOST_CARDS, shown_cards


def build(material: Material) -> Section | None:
    """The cards without their estimates, which are in the table."""
    if len(material.cards) <= MOST_CARDS:
        return None
    cards = [card for card in shown_cards(material) if card.figure is not None]
    return Section("figures", "everyone", say("page.figures.heading"), say("page.found.figures"), {"cards": cards}) if cards else None
