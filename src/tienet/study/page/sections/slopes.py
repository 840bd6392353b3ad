"""Slopes, regions and turning points of each function."""

from __future__ import annotations

from tienet.base.frames import rows
from tienet.base.numbers import coverage
from tienet.base.wording import visible
from tienet.study.cards.card import Card
from tienet.study.findings import Probes
from tienet.study.language.reading import say
from tienet.study.page.drawings.floodlight import draw_floodlight
from tienet.study.page.drawings.scales import shortened
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.words.written import begun, fixed, outcome


def build(material: Material) -> Section:
    """A table, a drawing and the sentences of the probes, for each function."""
    parts = [_part(material, name, probes) for name, probes in material.shown.probes.items()]
    values = {"parts": parts, "coverage": coverage(material.result.study.alpha)}
    return Section("slopes", "specialists", say("page.slopes.heading"), say("page.slopes.rail"), values, say("page.slopes.folded"))


def _slopes(card: Card) -> list[dict[str, object]]:
    """The slopes of the card, with t; none if nothing was tested."""
    levels, sixth = card.levels, "_sixth" if card.levels.percentiles else ""
    held = (
        (f"weak{sixth}", levels.weak, card.weak),
        ("middle", levels.middle, card.middle),
        (f"strong{sixth}", levels.strong, card.strong),
    )
    return [
        {
            "label": say(f"page.slopes.{key}"),
            "at": at,
            "estimate": one.estimate,
            "std_error": one.std_error,
            "statistic": one.estimate / one.std_error,
            "p_value": one.p_value,
            "conf_low": one.low,
            "conf_high": one.high,
        }
        for key, at, one in held
        if one is not None
    ]


def _part(material: Material, name: str, probes: Probes) -> dict[str, object]:
    study, label = material.result.study, visible(material.label(name), 60)
    card = next(card for card in material.cards if card.function == name)
    drawn = draw_floodlight(probes.region, (card.levels.weak, card.levels.strong))
    unit = f", {study.outcome_unit}" if study.outcome_unit else ""
    first, last = drawn.ends
    return {
        "name": name,
        "label": label,
        "caption": say("page.slopes.caption", outcome=begun(outcome(study)), unit=unit, mean=fixed(card.mean_ties, 1)),
        "slopes": _slopes(card) or rows(probes.slopes._columns()),
        "drawing": drawn,
        "title": say("page.slopes.title", function=shortened(label, 13, 360)),
        "description": say("page.slopes.description", first=first[1], low=first[0], last=last[1], high=last[0]),
        "along": say("page.slopes.along", function=shortened(label, 13, 360)),
        "said": [material.spoken(str(one)).rstrip(".") + "." for one in (probes.region, probes.turning, probes.u)],
    }
