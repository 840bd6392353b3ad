"""Slopes, regions and turning points of each function."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from tienet.base.frames import rows
from tienet.base.naming import Names
from tienet.base.numbers import coverage
from tienet.base.wording import lower, visible
from tienet.regression.probes.probe import Probe
from tienet.study.cards.card import Card
from tienet.study.findings import Probes
from tienet.study.language.reading import say
from tienet.study.page.drawings.floodlight import draw_floodlight
from tienet.study.page.drawings.scales import shortened
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.words.written import begun, fixed, outcome

AnyProbe = TypeVar("AnyProbe", bound=Probe)


def build(material: Material) -> Section:
    """A table, a drawing and the sentences of the probes, for each function."""
    parts = [_part(material, name, probes) for name, probes in material.shown.probes.items()]
    values = {"parts": parts, "coverage": coverage(material.result.study.alpha), "setting": _setting(material)}
    return Section("slopes", "specialists", say("page.slopes.heading"), say("page.slopes.rail"), values, say("page.slopes.folded"))


def _setting(material: Material) -> str:
    """Outcome, errors and sample of all probes, once."""
    first = next(iter(material.result.probes.values()))
    return material.spoken(say("page.slopes.setting", setting=lower(_named(first.slopes, material.names).setting)))


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
    unit = f", {study.outcome_unit}" if study.outcome_unit else ""
    return {
        "name": name,
        "label": label,
        "caption": say("page.slopes.caption", outcome=begun(outcome(study)), unit=unit, mean=fixed(card.mean_ties, 1)),
        "slopes": _slopes(card) or rows(probes.slopes._columns()),
        **_drawing(card, probes, label),
        "said": _said(material, probes, label),
    }


def _drawing(card: Card, probes: Probes, label: str) -> dict[str, object]:
    """The slope along tie strength with its words; none where tie strength has only two values."""
    if probes.region is None:
        return {"drawing": None}
    drawn, function = draw_floodlight(probes.region, (card.levels.weak, card.levels.strong)), shortened(label, 13, 360)
    first, last = drawn.ends
    return {
        "drawing": drawn,
        "title": say("page.slopes.title", function=function),
        "description": say("page.slopes.description", first=first[1], low=first[0], last=last[1], high=last[0]),
        "along": say("page.slopes.along", function=function),
    }


def _said(material: Material, probes: Probes, label: str) -> list[str]:
    """The sentences of the probes, or why there is none, and at what values of the other variables."""
    names = material.names
    region, turning, u = (None if one is None else _named(one, names) for one in (probes.region, probes.turning, probes.u))
    said = [one.sentence for one in (region, turning, u) if one is not None]
    missing = [say(f"page.slopes.no_{key}", function=label) for key, one in (("region", region), ("curve", turning)) if one is None]
    held = [
        say(f"page.slopes.held_{key}", held=one.held_words)
        for key, one in (("region", region), ("curve", turning))
        if one is not None and one.held_words
    ]
    return [*map(material.spoken, said), *missing, material.spoken(" ".join(held))]


def _named(probe: AnyProbe, names: Names) -> AnyProbe:
    """A probe whose sentences use these names."""
    return replace(probe, covariance=replace(probe.covariance, names=names))
