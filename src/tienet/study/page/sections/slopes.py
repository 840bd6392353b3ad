"""Slopes, regions and turning points of each function."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from tienet.base.frames import rows
from tienet.base.naming import Names
from tienet.base.numbers import coverage, df_text, n_text
from tienet.base.wording import visible
from tienet.regression.probes.probe import Probe
from tienet.study.cards.card import Card, Estimate, Slopes
from tienet.study.findings import Probes
from tienet.study.language.reading import say
from tienet.study.page.drawings.floodlight import draw_floodlight
from tienet.study.page.drawings.scales import shortened
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.specification import StudySpecification
from tienet.study.words.probed import product_words, region_words, turning_words, u_words
from tienet.study.words.written import begun, fixed, measured_outcome, outcome, scales, unit

AnyProbe = TypeVar("AnyProbe", bound=Probe)


def build(material: Material) -> Section:
    """A table, a drawing and the sentences of the probes, for each function."""
    parts = [_part(material, name, probes) for name, probes in material.shown.probes.items()]
    values = {"parts": parts, "coverage": coverage(material.result.study.alpha), "setting": _setting(material)}
    return Section("slopes", "specialists", say("page.slopes.heading"), say("page.slopes.rail"), values, say("page.slopes.folded"))


def _setting(material: Material) -> str:
    """Outcome, errors and sample of all probes, once."""
    first = next(iter(material.result.probes.values())).slopes
    kind, values = first.covariance.estimator, {"outcome": material.names.spoken(first.outcome), "n": n_text(first.n)}
    known = say("page.slopes.df", df=df_text(first.df)) if np.isfinite(first.df) else kind.infinite_df
    df = say("page.slopes.df_own", name=kind.df_name) if first.covariance.own_df else known
    return say("page.slopes.setting", errors=first.covariance.label, df=df, **values)


def _slopes(card: Card, of: Card | Slopes) -> list[dict[str, object]]:
    """The slopes of the card, or those of its link, with t; none if nothing was tested."""
    levels, sixth = card.levels, "_sixth" if card.levels.percentiles else ""
    held = (
        (f"weak{sixth}", levels.weak, of.weak),
        ("middle", levels.middle, of.middle),
        (f"strong{sixth}", levels.strong, of.strong),
    )
    return [_row(say(f"page.slopes.{key}"), at, one) for key, at, one in held if one is not None]


def _row(label: str, at: float | None, one: Estimate) -> dict[str, object]:
    return {
        "label": label,
        "at": at,
        "estimate": one.estimate,
        "std_error": one.std_error,
        "statistic": one.estimate / one.std_error,
        "p_value": one.p_value,
        "conf_low": one.low,
        "conf_high": one.high,
    }


def _part(material: Material, name: str, probes: Probes) -> dict[str, object]:
    study, label = material.result.study, visible(material.label(name), 60)
    card = next(card for card in material.cards if card.function == name)
    unit_ = f", {study.outcome_unit}" if study.outcome_unit else ""
    return {
        "name": name,
        "label": label,
        "caption": say("page.slopes.caption", outcome=begun(measured_outcome(study)), unit=unit_, mean=fixed(card.mean_ties, 1)),
        "slopes": _slopes(card, card.link or card) or rows(probes.slopes._columns()),
        "expected": None if card.link is None else _expected(card, study),
        **_drawing(card, probes, label),
        "said": _said(material, probes, label),
    }


def _expected(card: Card, study: StudySpecification) -> dict[str, object]:
    """The average slopes of the expected outcome, and their difference, which has no value of tie strength."""
    of = f", {unit(study)}" if unit(study) else ""
    rows_ = _slopes(card, card)
    if card.difference is not None:
        rows_.append(_row(say("page.slopes.difference"), None, card.difference))
    return {"caption": say("page.slopes.caption_expected", outcome=begun(outcome(study)), unit=of), "slopes": rows_}


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
    names, study = material.names, material.result.study
    region, turning = (None if one is None else _named(one, names) for one in (probes.region, probes.turning))
    said = [region_words(one, names, study) for one in (probes.region, probes.expected_region) if one is not None]
    if probes.region is not None and probes.region.product is not None:
        said.insert(0, product_words(probes.region.product, names, study))
    said += [] if probes.turning is None else [turning_words(probes.turning, names, study)]
    said += [] if probes.u is None else [u_words(probes.u, names, study)]
    link = f" {scales(study)['link']}" if study.on_response else ""
    missing = [say(f"page.slopes.no_{key}", function=label) for key, one in (("region", region), ("curve", turning)) if one is None]
    held = [
        say(f"page.slopes.held_{key}", held=one.held_words, link=link)
        for key, one in (("region", region), ("curve", turning))
        if one is not None and one.held_words
    ]
    return [*said, *missing, material.spoken(" ".join(held))]


def _named(probe: AnyProbe, names: Names) -> AnyProbe:
    """A probe whose setting and held values use these names."""
    return replace(probe, covariance=replace(probe.covariance, names=names))
