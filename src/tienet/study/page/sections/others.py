"""Other analyses of the same data, and what the sample could find."""

from __future__ import annotations

from typing import Any

from tienet.base.numbers import coverage, number, percent
from tienet.base.wording import visible
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.refits import drop_terms
from tienet.study.cards.card import Card, Estimate
from tienet.study.cards.others import timed
from tienet.study.language.reading import say
from tienet.study.page.material import Material
from tienet.study.page.robustness import by_function
from tienet.study.page.section import Section
from tienet.study.words.found import is_found
from tienet.study.words.written import amount, begun, card_decimals, estimate_text, p_words, people_word


def build(material: Material) -> Section:
    """The whole study run again, and the ties under other rules."""
    result, study = material.result, material.result.study
    return Section(
        "others",
        "specialists",
        say("page.others.heading"),
        say("page.others.rail"),
        {
            "coverage": coverage(study.alpha),
            "labels": [visible(card.label, 60) for card in material.cards],
            "rows": _rows(material),
            "said": [*_could_find(material), *_power(material)],
            "f2": [(material.name(term), value) for term, value in _f2(result.fit)] if study.fitted_family is None else [],
            "rules": by_function(result, material.rules),
            "rules_how": _rules_how(material),
        },
        "; ".join(_folded(card) for card in material.cards),
    )


def _folded(card: Card) -> str:
    key = "few" if card.difference is None else "found" if is_found(card) else "open"
    return say(f"page.others.folded_{key}", function=visible(card.label, 60), found=card.found_in, all=card.analyses)


def _rows(material: Material) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """A row per analysis: for each function the difference, its p, and whether its finding is another than the study's."""
    study = material.result.study
    names = list(dict.fromkeys(one.name for card in material.cards for one in card.others))
    rows = [(say("page.others.this"), [_cell(card, card.difference, study.alpha) for card in material.cards])]
    for name in names:
        held = [next((one for one in card.others if one.name == name), None) for card in material.cards]
        cells = [
            ("–", "", False)
            if one is None
            else (one.refused or "–", "", False)
            if one.difference is None
            else _cell(card, one.difference, study.alpha)
            for card, one in zip(material.cards, held, strict=True)
        ]
        rows.append((begun(name), cells))
    return rows


def _cell(card: Card, found: Estimate | None, alpha: float) -> tuple[str, str, bool]:
    if found is None or card.difference is None:
        return "–", "", False
    other = (found.p_value < alpha) != (card.difference.p_value < alpha)
    return estimate_text(found, card_decimals(card)), p_words(found.p_value, alpha).removeprefix("p = ").removeprefix("p "), other


def _could_find(material: Material) -> list[str]:
    study = material.result.study
    sizes = [(card, amount(card.unseen, card_decimals(card), study)) for card in material.cards if card.unseen is not None]
    if not sizes:
        return []
    each = "; ".join(say("page.others.could_find_each", size=size, function=visible(card.label, 60)) for card, size in sizes)
    return [say("page.others.could_find", sizes=each, level=percent(study.alpha))]


def _power(material: Material) -> list[str]:
    """The smallest f2 that would be detected; nothing for an outcome without R2."""
    result = material.result
    if result.study.fitted_family is not None:
        return []
    terms, f2 = len(result.fit.terms) - 1, number(result.detectable_f2)
    return [say("page.others.power", n=f"{result.fit.n:,}", terms=terms, f2=f2, level=percent(result.study.alpha))]


def _rules_how(material: Material) -> list[str]:
    result = material.result
    if material.rules is None:
        return []
    people = f"{len(result.egos.ego):,} {people_word(result.study, len(result.egos.ego))}"
    how = say("page.others.rules_how", people=people, of=material.label(result.egos.of))
    return [how, say("page.others.half_life" if timed(result.log) else "page.others.no_half_life")]


def _f2(fit: ModerationFit) -> list[tuple[str, Any]]:
    """Observed f2 of each product: its increase in R2, divided by the variance the full model leaves unexplained."""
    products = [term for term in fit.terms if ":" in term]
    return [(term, max(0.0, float((fit.r_squared - drop_terms(fit, [term]).r_squared) / (1.0 - fit.r_squared)))) for term in products]
