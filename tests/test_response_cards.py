"""Cards of outcomes with a link: in percentage points, counts or amounts, and told again from the fit."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats

import tienet as tn
from test_cards import an_estimate, decimals_for, p_shown, shown
from tienet.regression.model.refits import drop_terms
from tienet.study.cards.card import Slopes
from tienet.study.cards.making import make_cards
from tienet.study.cards.verdicts import verdict
from tienet.study.page.contents import tabled
from tienet.study.page.material import material_of, with_people
from tienet.study.page.rendering import rendered
from tienet.study.page.texts import methods
from tienet.study.words.found import chip, estimates, headline, how_sure, one_more
from tienet.study.words.readings import caption, how_to_read

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.TienetWarning")

ESTIMATE = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "dfs")


@pytest.fixture(scope="module")
def outcomes(firm):
    rng, growth = np.random.default_rng(0), firm.outcomes.sales_growth
    z = (growth - growth.mean()) / growth.std()
    won = np.where(rng.random(len(z)) < 1 / (1 + np.exp(-1.5 * z)), "yes", "no")
    months = rng.integers(6, 18, len(z))
    amounts = np.exp(2 + 0.4 * z) * rng.gamma(5, 0.2, len(z))
    grade = np.digitize(z + rng.normal(0, 0.5, len(z)), [-0.5, 0.5]) + 1
    return firm.outcomes.assign(won=won, months=months, deals=rng.poisson(np.exp(-1 + 0.4 * z) * months), revenue=amounts, grade=grade)


def run(firm, outcomes, **options):
    return tn.Study(log=firm.log, people=firm.people, outcomes=outcomes, controls=["tenure"], no_ties="drop", **options).run()


@pytest.fixture(scope="module")
def result(firm, outcomes):
    return run(firm, outcomes, outcome="won", family="logit", event="yes", outcome_label="a deal won")


@pytest.fixture(scope="module")
def cards(result):
    return make_cards(result)


def told(found, place, scaled=1.0):
    """Estimate, error, interval, p and df of a row of a probe."""
    return [float(getattr(found, name)[place]) * (scaled if name not in ("p_value", "dfs") else 1.0) for name in ESTIMATE]


def held(one):
    return [one.estimate, one.std_error, one.low, one.high, one.p_value, one.df]


# The rules and sentences, a second time --------------------------------------------------------------------------------------------------


def told_headline(card, link_p, same_sign):
    """The nine rules for the probability of a deal won, at alpha = .05."""
    weak, mean, strong, apart = card.weak, card.middle, card.strong, card.difference
    clear = {name: one.p_value < 0.05 for name, one in (("weak", weak), ("mean", mean), ("strong", strong))}
    ways = {name: "higher" if one.estimate > 0 else "lower" for name, one in zip(clear, (weak, mean, strong), strict=True)}
    said = {name: f"**a {way}** probability of a deal won" for name, way in ways.items()}
    first = (
        f"More ties went with {said['mean']}; "
        if clear["mean"]
        else "The data leave open whether more ties went with a higher probability of a deal won"
    )
    if (link_p < 0.05) != (apart.p_value < 0.05) or (link_p < 0.05 and not same_sign):
        first = first.removesuffix("; ")
        return f"{first}; whether that depends on tie strength has different answers in log odds and in percentage points."
    if link_p >= 0.05:
        return first + ("the data leave open whether" if clear["mean"] else ", and whether") + " that depends on tie strength."
    if clear["weak"] and clear["strong"] and weak.estimate * strong.estimate > 0:
        degree = "less" if abs(strong.estimate) < abs(weak.estimate) else "more"
        return f"More ties went with {said['weak']}, **{degree} so** where ties were strong."
    if clear["weak"] and clear["strong"]:
        return f"More ties went with {said['weak']} where ties were weak, and with {said['strong']} where they were strong."
    for name, other in (("weak", "strong"), ("strong", "weak")):
        if clear[name]:
            return f"More ties went with {said[name]} where ties were {name}; where they were {other}, there was no clear difference."
    return (
        "How the probability of a deal won differed with the number of ties depended on how strong they were, though neither at weak nor "
        "at strong ties alone was there a clear difference."
    )


def test_every_number_and_sentence_told_again_from_the_fit(result, cards):
    fit = result.fit
    for card in cards:
        total, strength = f"total_ties_{card.function}", f"tie_strength_{card.function}"
        at = fit.variables[strength]
        weak, strong = at.mean - at.sd, at.mean + at.sd
        if weak < at.low or strong > at.high:
            weak, strong = np.quantile(at.values, [0.16, 0.84])
        effects = tn.average_effects(fit, focal=total, moderator=strength, at=[weak, at.mean, strong])
        second = tn.second_difference(fit, focal=total, moderator=strength, at={strength: (weak, strong)}, draws=0)
        on_link = tn.simple_slopes(fit, focal=total, moderator=strength, at=[weak, at.mean, strong])
        for place, name in enumerate(("weak", "middle", "strong")):
            one, link = getattr(card, name), getattr(card.link, name)
            np.testing.assert_allclose(held(one), told(effects, place, 100.0), rtol=1e-9)
            np.testing.assert_allclose(held(link), told(on_link, place), rtol=1e-9)
        np.testing.assert_allclose(held(card.difference), told(second, 1, 100.0), rtol=1e-9)
        assert card.difference.estimate == pytest.approx(card.strong.estimate - card.weak.estimate, rel=1e-9)
        row = fit.frame.set_index("term").loc[f"{total}:{strength}"]
        assert card.link.difference.p_value == pytest.approx(row["p_value"], rel=1e-9)

        decimals = decimals_for(100 * second.std_error[1])
        rows = [told(effects, 0, 100.0), told(effects, 2, 100.0), told(second, 1, 100.0)]
        assert [text for _, text, _ in estimates(card)] == [
            f"{shown(b, decimals, plus=True)} ({shown(low, decimals)} to {shown(high, decimals)})" for b, _, low, high, _, _ in rows
        ]
        same_sign = row["estimate"] * second.estimate[1] > 0
        assert headline(card, result.study) == told_headline(card, row["p_value"], same_sign)
        tested = f"{p_shown(row['p_value'])} in log odds, {p_shown(second.p_value[1])} in percentage points. "
        assert how_sure(card, result.study).startswith(f"The difference between weak and strong ties was tested first: {tested}")
        if card.turn is None:
            size = (stats.norm.isf(0.025) + stats.norm.isf(0.2)) * 100 * second.std_error[1]
            unseen = f"a difference of less than **{shown(size, decimals)} points** per tie would often go unseen."
            assert one_more(card, result.study) == (
                "" if second.p_value[1] < 0.05 else f"Open is not the same as none: in a sample of this size, {unseen}"
            )
    assert caption(result.study) == "Probability of a deal won per additional tie, in percentage points"
    assert how_to_read(cards, result.study).startswith(
        "Compare two salespeople alike in tenure and ties to the other function: the one with one more tie had, on average, a probability "
        "of a deal won this much higher or lower (95% interval in brackets). That is the average over all salespeople studied, each at "
        "their own number of ties. Weak and strong: "
    )


def test_average_slopes_by_hand(result, cards):
    """The mean of p (1 - p) (b1 + b3 (z - mean) + 2 b2 (x - mean)) over the people, with z the same for all."""
    fit = result.fit
    b = dict(zip(fit.terms, fit.polynomial.estimate, strict=True))
    away = {name: variable.values - fit.polynomial.centers[name] for name, variable in fit.variables.items()}
    for card in cards:
        x, z = f"total_ties_{card.function}", f"tie_strength_{card.function}"
        for one, value in ((card.weak, card.levels.weak), (card.strong, card.levels.strong)):
            moved = {**away, z: np.full(fit.n, value - fit.polynomial.centers[z])}
            eta = b["(Intercept)"] + sum(
                b[term] * (moved[term[:-2]] ** 2 if term.endswith("^2") else np.prod([moved[part] for part in term.split(":")], axis=0))
                for term in fit.terms[1:]
            )
            p = 1 / (1 + np.exp(-eta))
            slope = b[x] + b[f"{x}:{z}"] * moved[z] + 2 * b.get(f"{x}^2", 0.0) * moved[x]
            assert one.estimate == pytest.approx(100 * np.mean(p * (1 - p) * slope), rel=1e-8)


@pytest.mark.parametrize("clear", list(product([True, False], repeat=3)))
@pytest.mark.parametrize(("link", "expected"), list(product([(0.2, 0.01), (-0.2, 0.01), (0.2, 0.4)], repeat=2)))
def test_headlines_of_two_scales(result, cards, clear, link, expected):
    """Each is (difference, p); the answer depends on the scale if one is clear and the other is open, or both are clear and opposite."""
    weak, middle, strong = (an_estimate(size, 0.01 if found else 0.4) for size, found in zip((0.5, 0.4, -0.3), clear, strict=True))
    own, apart = an_estimate(*link), an_estimate(*expected)
    chosen = verdict(weak, middle, strong, apart, alpha=0.05, matters=None, product=own)
    card = replace(
        cards[0], verdict=chosen, weak=weak, middle=middle, strong=strong, difference=apart, link=Slopes(weak, middle, strong, own)
    )
    said = headline(card, result.study)
    assert said == told_headline(card, link[1], link[0] * expected[0] > 0)
    depends = link[1] < 0.05 and expected[1] < 0.05 and link[0] == expected[0]
    assert chip(card).startswith("Found" if depends else "Open")
    assert said.count("went with") <= 1
    if "different answers" in said:
        assert ("where ties were" in said, "either" in how_sure(card, result.study)) == (False, False)


def test_a_difference_that_matters_is_judged_in_percentage_points():
    slope, open_ = an_estimate(0.5, 0.01), an_estimate(0.1, 0.4)
    assert verdict(slope, slope, slope, open_, alpha=0.05, matters=0.6, product=an_estimate(9.0, 0.4)) == "small"
    assert verdict(slope, slope, slope, open_, alpha=0.05, matters=0.6, product=an_estimate(9.0, 0.01)) == "scales_clear"


def test_other_analyses_are_judged_on_the_scale_of_the_link(result, cards):
    straight = drop_terms(result.fit, [term for term in result.fit.terms if term.endswith("^2")])
    for card in cards:
        row = straight.frame.set_index("term").loc[f"total_ties_{card.function}:tie_strength_{card.function}"]
        (one,) = (one for one in card.others if one.name == "without squares")
        assert one.difference.estimate == pytest.approx(row["estimate"] * (card.levels.strong - card.levels.weak), rel=1e-6)
        assert one.difference.p_value == pytest.approx(row["p_value"], rel=1e-6)
        own = card.link.difference
        assert one.found == (row["p_value"] < 0.05 and row["estimate"] * own.estimate > 0)
        assert card.found_in == (own.p_value < 0.05) + sum(
            one.difference is not None and one.difference.p_value < 0.05 and one.difference.estimate * own.estimate > 0
            for one in card.others
        )
    told_ = " ".join(methods(result))
    assert "Other analyses are judged by the product alone, in log odds, and by its sign." in told_


def test_lines_are_probabilities_in_percent(result, cards):
    for card in cards:
        lines = tn.predict_surface(
            result.fit,
            focal=f"total_ties_{card.function}",
            moderator=f"tie_strength_{card.function}",
            moderator_at=[card.levels.weak, card.levels.strong],
            over=(card.lines.ties[0], card.lines.ties[-1]),
        )
        for place, line in enumerate((card.lines.weak, card.lines.strong)):
            there = np.isfinite(line.fit)
            for mine, eta in ((line.fit, lines.estimate), (line.low, lines.conf_low), (line.high, lines.conf_high)):
                np.testing.assert_allclose(mine[there], 100 / (1 + np.exp(-eta[place][there])), rtol=1e-9)
            assert np.all((line.low[there] > 0) & (line.high[there] < 100))


def test_the_page_and_its_tables_have_both_scales(result, cards):
    material = with_people(material_of(result), people=None, key=None)
    page = rendered(material)
    text = " ".join(html.unescape(re.sub(r"<style>.*?</style>|<script.*?</script>|<[^>]+>", " ", page, flags=re.S)).split())
    assert "Probability of a deal won (%)" in text
    assert re.search(r"Where ties are weak, the probability of a deal won goes from [\d.]+% at \d+ ties to [\d.]+% at \d+;", text)
    assert f"Log odds of a deal won per additional tie, at the mean of total ties ({cards[0].mean_ties:.1f})" in text
    assert "Probability of a deal won per additional tie, percentage points: averages over all people studied" in text
    assert "the average slope of total ties to Marketing in the probability of" in text.replace("The average", "the average")
    assert "Difference between the slopes at strong and at weak ties, per tie in log odds" in text
    assert "Log odds of a deal won, logistic regression, n =" in text
    table = tabled(result, material.shown, None)["average_slopes_marketing"]
    effects = tn.average_effects(result.fit, focal="total_ties_marketing", moderator="tie_strength_marketing")
    off = np.abs(table["estimate"] - effects.estimate) / effects.std_error
    assert off.max() <= 1 / 20 + 1e-9  # rounded to the second digit of the standard error, so off by half of a tenth of it at most
    assert not {"smallest", "largest", "share_opposite"} & set(table)  # values of single people
    own = cards[0].link.difference
    digits = decimals_for(own.std_error)
    assert f"This study {shown(own.estimate, digits, plus=True)} ({shown(own.low, digits)} to {shown(own.high, digits)})" in text


@pytest.mark.parametrize(
    ("options", "unit", "scale"),
    [
        ({"outcome": "deals", "family": "poisson", "exposure": "months"}, "in expected deals", "in logs, {} in counts"),
        ({"outcome": "revenue", "family": "gamma"}, "in expected revenue", "in logs, {} in amounts"),
    ],
)
def test_counts_and_amounts(firm, outcomes, options, unit, scale):
    result = run(firm, outcomes, functions=["marketing"], **options)
    (card,) = make_cards(result)
    words = unit.removeprefix("in ")
    found = tn.average_effects(result.fit, focal="total_ties_marketing", moderator="tie_strength_marketing", at=[card.levels.strong])
    assert card.strong.estimate == pytest.approx(found.estimate[0], rel=1e-9)
    assert caption(result.study) == f"{words.capitalize()} per additional tie"
    assert words in headline(card, result.study)
    assert scale.format(p_shown(card.difference.p_value)) in how_sure(card, result.study)
    assert f"{unit}** per tie would often" in one_more(replace(card, turn=None, unseen=1.0), result.study)
    assert ("each at their own number of ties and their own months." in how_to_read([card], result.study)) == ("exposure" in options)
    assert np.nanmin(card.lines.weak.low) > 0


def test_ordered_categories_stay_on_the_scale_of_the_link(firm, outcomes):
    result = run(firm, outcomes, outcome="grade", family="ordinal", functions=["marketing"])
    (card,) = make_cards(result)
    slopes = tn.simple_slopes(result.fit, focal="total_ties_marketing", moderator="tie_strength_marketing", at=[card.levels.weak])
    assert (card.link, card.weak.estimate) == (None, pytest.approx(slopes.estimate[0], rel=1e-9))
    assert caption(result.study) == "Log odds of a higher grade per additional tie"
    assert "log odds of a higher grade" in headline(card, result.study)
    assert "second difference" not in " ".join(methods(result))
