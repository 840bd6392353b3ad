"""The cards of a study, told again from the data: estimates by statsmodels, rules and sentences written a second time here."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from itertools import product
from math import floor, log10
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, InputNotFound
from tienet.network.measures.tie_rules import tie_rule_sensitivity
from tienet.study.cards.card import Estimate
from tienet.study.cards.making import make_cards
from tienet.study.cards.others import holm, measure_rules, rule_sensitivity
from tienet.study.cards.verdicts import verdict
from tienet.study.check import check_study
from tienet.study.words.found import chip, estimates, headline, how_sure, levels_note, one_more
from tienet.study.words.keys import key_numbers, period, period_words
from tienet.study.words.readings import caption, how_to_read, line_name
from tienet.study.words.written import p_words

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.TienetWarning")

CONTROLS = ("tenure", "region")
SENTENCES = Path(tn.__file__).parent / "study" / "language" / "english.toml"
# (people, seed, coefficients, study): small firms, some with products and squares that are large, some with none
FIRMS = [
    (240, 9, {}, {}),
    (150, 2, {"total_ties_marketing:tie_strength_marketing": -12.0}, {"outcome_unit": "percentage points"}),
    (120, 3, {}, {"controls": ["tenure"], "matters": 3.0}),
    (160, 4, {"total_ties_marketing:tie_strength_marketing": 9.0}, {"covariance": "classical", "alpha": 0.1}),
    (200, 5, {"total_ties_customer_service^2": 0.0}, {"no_ties": "zero_with_indicator", "covariance": "HC1"}),
    (140, 6, {"total_ties_customer_service": 2.5}, {"controls": [], "matters": 0.45, "outcome_unit": "kEUR"}),
    (130, 7, {"total_ties_marketing": 2.0, "total_ties_marketing:tie_strength_marketing": -3.0}, {}),
    (180, 8, {"total_ties_customer_service:tie_strength_customer_service": 0.0}, {"matters": 20.0}),
    (220, 10, {"total_ties_marketing^2": 0.2}, {"outcome_label": "growth of revenue", "alpha": 0.01}),
    (110, 11, {}, {"functions": ["marketing"], "outcome_unit": "percentage points"}),
    (170, 12, {}, {"functions": ["marketing", "customer service", "operations"], "controls": ["region"]}),
    (260, 13, {"total_ties_marketing:tie_strength_marketing": 0.0}, {"covariance": "HC4", "labels": {"tenure": "years here"}}),
]
FAST = 3
BAD_NAMES = [
    ("R&D", "Sales & <b>Support</b>"),
    ('<script>alert("x")</script> & Co.', "IT"),
    ("תמיכה בלקוחות", "التسويق"),
    ("a" * 199 + "b", "Care " * 40),
]
USUAL = {  # name in words -> changes of the default rule
    "ties from 2 interactions": {"min_interactions": 2},
    "ties from 5 interactions": {"min_interactions": 5},
    "half-life of 30 days": {"half_life": "30d"},
    "no half-life": {"half_life": None},
}


def study_of(firm, **changes):
    given = {"log": firm.log, "people": firm.people, "outcomes": firm.outcomes, "controls": list(CONTROLS), "no_ties": "drop"}
    return tn.Study(**{**given, **changes})


@pytest.fixture(scope="module")
def nine():
    """The firm of a headline that contradicted its test."""
    firm = tn.simulate_firm(n_people=240, seed=9)
    result = study_of(firm).run()
    return firm, result, make_cards(result)


# The regression, a second time -------------------------------------------------------------------------------------------------------------


class Own:
    """The model of a study on the columns of its data, by statsmodels, centred at the means."""

    def __init__(self, data, study, functions, squares=True):
        import statsmodels.api as sm

        frame = pd.DataFrame(data)
        self.functions = functions
        measured = [f"{family}_{name}" for name in functions for family in ("total_ties", "tie_strength")]
        frame = frame.dropna(subset=[study.outcome, *study.controls, *measured])
        self.frame, self.n = frame, len(frame)
        columns = {"const": np.ones(len(frame))}
        for control in study.controls:
            if frame[control].dtype == object or not np.issubdtype(frame[control].to_numpy().dtype, np.number):
                levels = sorted(frame[control].unique())[1:]
                columns |= {f"{control}={level}": (frame[control] == level).to_numpy(float) for level in levels}
            else:
                columns[control] = frame[control].to_numpy(float)
        for name in functions:
            total, strength = (frame[f"{family}_{name}"].to_numpy(float) for family in ("total_ties", "tie_strength"))
            none = frame.get(f"no_ties_{name}")
            if none is not None and none.any():
                columns[f"none {name}"] = none.to_numpy(float)
            total, strength = total - total.mean(), strength - strength.mean()
            columns |= {f"t {name}": total, f"s {name}": strength, f"p {name}": total * strength}
            columns |= {f"q {name}": total**2} if squares else {}
        design = pd.DataFrame(columns)
        kind = {"classical": "nonrobust", None: "HC3"}.get(study.covariance, study.covariance)
        y = frame[study.outcome].to_numpy(float)
        fit = sm.OLS(y, design.to_numpy()).fit()
        self.names = list(design.columns)
        self.df = len(y) - len(self.names)
        if kind == "HC4":
            self.cov = hc4(design.to_numpy(), fit.resid)
        else:
            self.cov = fit.get_robustcov_results(kind).cov_params() if kind != "nonrobust" else fit.cov_params()
        self.b, self.alpha, self.adjusted = fit.params, study.alpha, fit.rsquared_adj

    def test(self, weights):
        """Estimate, error, p of a combination of coefficients."""
        row = np.array([weights.get(name, 0.0) for name in self.names])
        estimate, error = float(row @ self.b), float(np.sqrt(row @ self.cov @ row))
        return estimate, error, float(2 * stats.t.sf(abs(estimate / error), self.df))

    def column(self, family, name):
        return self.frame[f"{family}_{name}"].to_numpy(float)

    def levels(self, name):
        z = self.column("tie_strength", name)
        low, high = z.mean() - z.std(ddof=1), z.mean() + z.std(ddof=1)
        if low < z.min() or high > z.max():
            return (*np.quantile(z, [0.16, 0.84]), True)
        return low, high, False

    def slope(self, name, z):
        return self.test({f"t {name}": 1.0, f"p {name}": z - self.column("tie_strength", name).mean()})

    def difference(self, name):
        weak, strong, _ = self.levels(name)
        return self.test({f"p {name}": strong - weak})


def hc4(x, residuals):
    """Cribari-Neto (2004)."""
    inverse = np.linalg.inv(x.T @ x)
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    power = np.minimum(4.0, leverage / leverage.mean())
    meat = x.T @ (x * (residuals**2 / (1 - leverage) ** power)[:, None])
    return inverse @ meat @ inverse


def turning(own, name):
    """U test, turning point and Fieller interval: (at, low, high, share of people below, highest), or None."""
    total = own.column("total_ties", name)
    mean = total.mean()
    at = mean - own.test({f"t {name}": 1.0})[0] / (2 * own.test({f"q {name}": 1.0})[0])
    if not total.min() <= at <= total.max():
        return None
    highest = own.test({f"q {name}": 1.0})[0] < 0
    signs = (1, -1) if highest else (-1, 1)
    worst = 0.0
    for sign, end in zip(signs, (total.min(), total.max()), strict=True):
        estimate, error, _ = own.test({f"t {name}": 1.0, f"q {name}": 2 * (end - mean)})
        worst = max(worst, float(stats.t.sf(sign * estimate / error, own.df)))
    index = [own.names.index(f"{letter} {name}") for letter in ("t", "q")]
    (b1, b2), cov = own.b[index], own.cov[np.ix_(index, index)]
    t2 = stats.t.isf(own.alpha / 2, own.df) ** 2
    # (b1 + 2 b2 x)^2 = t^2 (v11 + 4 x v12 + 4 x^2 v22)
    a, b, c = 4 * (b2**2 - t2 * cov[1, 1]), 4 * (b1 * b2 - t2 * cov[0, 1]), b1**2 - t2 * cov[0, 0]
    if worst >= own.alpha or a <= 0:
        return None
    low, high = sorted(mean + np.roots([a, b, c]).real)
    return at, low, high, float(np.mean(total < at)), highest


# The rules and sentences, a second time ----------------------------------------------------------------------------------------------------


def shown(value, decimals, plus=False):
    text = f"{abs(value):,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return ("−" if value < 0 else "+" if plus else "") + text


def p_shown(p):
    if p < 0.001:
        return "p < .001"
    return f"p = {p:.3f}".replace("0.", ".") if round(p, 3) < 0.1 else f"p = {p:.2f}".replace("0.", ".")


SHORT = {"sales growth": "growth"}


def words_of(study):
    long = study.outcome_label or study.outcome.replace("_", " ")
    unit = {"percentage points": " points", None: ""}.get(study.outcome_unit, f" {study.outcome_unit}")
    return long, SHORT.get(long, long), unit


def told_headline(study, weak, mean, strong, difference, interval, decimals):
    """The nine rules. `weak`, `mean`, `strong`, `difference` are (estimate, error, p)."""
    long, short, unit = words_of(study)
    up = {True: "higher", False: "lower"}
    clear = {name: one[2] < study.alpha for name, one in (("weak", weak), ("mean", mean), ("strong", strong))}
    said = {name: f"**{up[one[0] > 0]}**" for name, one in (("weak", weak), ("mean", mean), ("strong", strong))}
    if difference[2] < study.alpha:
        if clear["weak"] and clear["strong"] and weak[0] * strong[0] > 0:
            degree = "less" if abs(strong[0]) < abs(weak[0]) else "more"
            return f"More ties went with {said['weak']} {long}, **{degree} so** where ties were strong."
        if clear["weak"] and clear["strong"]:
            second = f"and with {said['strong']} {short} where they were strong."
            return f"More ties went with {said['weak']} {long} where ties were weak, {second}"
        if clear["weak"]:
            return f"More ties went with {said['weak']} {long} where ties were weak; where they were strong, there was no clear difference."
        if clear["strong"]:
            return f"More ties went with {said['strong']} {long} where ties were strong; where they were weak, there was no clear difference."
        return (
            f"How {short} differed with the number of ties depended on how strong they were, though neither at weak nor at strong ties "
            "alone was there a clear difference."
        )
    if clear["mean"]:
        first, second = f"More ties went with {said['mean']} {long}; ", "the data leave open whether that depends on tie strength."
    else:
        first, second = f"The data leave open whether more ties went with higher {short}", ", and whether that depends on tie strength."
    if study.matters is not None and -study.matters < interval[0] and interval[1] < study.matters:
        first = first.removesuffix("; ") + "; "
        typed = len(f"{study.matters:g}".partition(".")[2])
        size = f"{study.matters:.{max(typed, decimals)}f}{unit} per tie"
        second = f"any dependence on tie strength is smaller than what this study calls important ({size})."
    return first + second


def told_sure(p, found, others, alpha):
    """`others` are (estimate, error, p) of the other analyses; `found` the estimate of the study, or None if it is open."""
    n = len(others)
    start = f"The difference between weak and strong ties was tested first: {p_shown(p)}. "
    if found is None:
        clear = sum(one[2] < alpha for one in others)
        if n == 1:
            return start + ("The other analysis finds one (see which)." if clear else "The other analysis does not find it either.")
        if not clear:
            return start + f"None of {n} other analyses finds it either."
        return start + f"{clear} of {n} other analyses find{'s' if clear == 1 else ''} one (see which)."
    same = [one for one in others if one[0] * found > 0]
    clear = sum(one[2] < alpha for one in same)
    find = f"{clear} find{'s' if clear == 1 else ''} it too"
    if n == 1:
        return start + "The other analysis of these data points the " + (
            "other way." if not same else "same way and finds it too." if clear else "same way, but does not find it."
        )
    if len(same) < n:
        away = n - len(same)
        find = find if clear else "none finds it"
        return start + f"{away} of {n} other analyses point{'s' if away == 1 else ''} the other way (see which); {find}."
    if clear == n:
        return start + f"All {n} other analyses of these data point the same way and find it too."
    if not clear:
        return start + f"All {n} other analyses of these data point the same way; none of them finds it too (see which)."
    rest = f"{n - clear} {'does' if n - clear == 1 else 'do'} not (see which)"
    return start + f"All {n} other analyses of these data point the same way; {find}, {rest}."


def told_more(study, own, name, difference, decimals, turn):
    _, short, unit = words_of(study)
    if turn is not None:
        at, low, high, below, highest = turn
        few, many = round(below * own.n), round((1 - below) * own.n)
        people = "these salespeople had"
        who = f"{100 * below:.0f}% of {people} fewer"
        who = f"fewer than 5 of {people} fewer" if few < 5 else who
        who = f"fewer than 5 of {people} more" if 0 < many < 5 else who
        ties = f"{at:.0f} tie{'' if round(at) == 1 else 's'}"
        first = f"{short[0].upper()}{short[1:]} was {'highest' if highest else 'lowest'} around **{ties}**"
        return f"{first} ({shown(low, 1)} to {shown(high, 1)}); {who}."
    if difference[2] < study.alpha:
        return ""
    size = (stats.t.isf(study.alpha / 2, own.df) + stats.t.isf(0.2, own.df)) * difference[1]
    return (
        f"Open is not the same as none: in a sample of this size, a difference of less than **{shown(size, decimals)}{unit}** per tie "
        "would often go unseen."
    )


def told_reading(study, own, cards):
    _, short, _ = words_of(study)
    labels = {card.function: card.label for card in cards}
    things = [study.labels.get(name, name) for name in study.controls]
    things += ["ties to the other function" + ("s" if len(labels) > 2 else "")] if len(labels) > 1 else []
    alike = f" alike in {joined(things)}" if things else ""
    means = [f"{own.column('total_ties', name).mean():.1f}" for name in labels]
    average = [f"{mean} to {labels[name]}" for mean, name in zip(means, labels, strict=True)]
    average = average if len(set(means)) > 1 else [means[0]]
    average[0] = average[0].replace(means[0], f"{means[0]} ties", 1)
    text = (
        f"Compare two salespeople{alike}: the one with one more tie had, on average, {short} this much higher or lower "
        f"({100 * (1 - study.alpha):g}% interval in brackets), at the average of {joined(average)}. "
    )
    sixths = [labels[name] for name in labels if own.levels(name)[2]]
    usual = "Weak and strong: one standard deviation below and above the average strength"
    outside = "the weakest and strongest sixth; {}one standard deviation lies outside the data."
    if not sixths:
        text += f"{usual}. "
    elif len(sixths) == len(labels):
        text += f"Weak and strong: {outside.format('')} "
    else:
        text += f"{usual}, but for {joined(sixths)} {outside.format('there, ')} "
    text += "Columns at the bottom count salespeople; hollow: fewer than 5."
    groups = []
    for name, label in labels.items():
        ties = np.sort(own.column("total_ties", name))
        end = ties[int(np.ceil(0.97 * len(ties) - 1e-9)) - 1]
        beyond = int(np.sum(ties > end))
        if beyond:
            noun = "tie" if end == 1 else "ties"
            groups.append(f"{'fewer than 5' if beyond < 5 else beyond} with more than {end:.0f} {noun} to {label}")
    return text + (f" In the model but not in the picture: {joined(groups)}." if groups else "")


def joined(texts):
    texts = list(texts)
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def decimals_for(error):
    return max(0, 1 - floor(log10(error)))


def own_others(result, functions):
    """The other analyses by hand: each rule with its own pass over the log."""
    from statsmodels.stats.multitest import multipletests

    study = result.study
    yield "without squares", Own(result.data, study, functions, squares=False)
    if len(functions) > 1:
        own = Own(result.data, study, functions)
        yield f"Holm's correction over {len(functions)} functions", own, multipletests([own.difference(f)[2] for f in functions], method="holm")[1]
    for name, changes in USUAL.items():
        ties = tn.build_ties(result.log, result.people, rule=replace(study.rule, **changes))
        egos = tn.measure_egos(ties, of=study.of, toward=list(functions))
        data = {name: values for name, values in result.data.items() if not name.startswith("no_ties_")}
        for place, function in enumerate(functions):
            total, strength = egos.total_ties[:, place], egos.tie_strength[:, place]
            if study.no_ties == "zero_with_indicator":
                data[f"no_ties_{function}"] = (total == 0).astype(float)
                strength = np.where(total == 0, 0.0, strength)
            data |= {f"total_ties_{function}": total, f"tie_strength_{function}": strength}
        yield name, Own(data, study, functions)


def check_told(result):
    """Compare each number and sentence of the cards with those told again."""
    study, cards, functions = result.study, make_cards(result), result.egos.functions
    own = Own(result.data, study, functions)
    others = list(own_others(result, functions))
    for place, (name, card) in enumerate(zip(functions, cards, strict=True)):
        weak_at, strong_at, sixths = own.levels(name)
        weak, mean, strong = (own.slope(name, z) for z in (weak_at, own.column("tie_strength", name).mean(), strong_at))
        difference = own.difference(name)
        half = stats.t.isf(study.alpha / 2, own.df) * difference[1]
        interval = (difference[0] - half, difference[0] + half)
        for found, (estimate, error, p) in zip(
            (card.weak, card.middle, card.strong, card.difference), (weak, mean, strong, difference), strict=True
        ):
            np.testing.assert_allclose((found.estimate, found.std_error, found.p_value), (estimate, error, p), rtol=1e-6, atol=1e-12)
        assert (card.difference.df, card.levels.percentiles, card.people) == (own.df, sixths, own.n)
        assert levels_note(card) == (
            "Weak and strong: the weakest and strongest sixth; one standard deviation lies outside the data." if sixths else ""
        )
        decimals = decimals_for(difference[1])
        assert headline(card, study) == told_headline(study, weak, mean, strong, difference, interval, decimals)
        theirs = [(*one[1].difference(name)[:2], one[2][place] if len(one) > 2 else one[1].difference(name)[2]) for one in others]
        assert [one.name for one in card.others] == [one[0] for one in others]
        for found, (estimate, error, p) in zip(card.others, theirs, strict=True):
            np.testing.assert_allclose(
                (found.difference.estimate, found.difference.std_error, found.difference.p_value), (estimate, error, p), rtol=1e-6
            )
        clear = difference[2] < study.alpha
        assert how_sure(card, study) == told_sure(difference[2], difference[0] if clear else None, theirs, study.alpha)
        finding = 1 + sum(one[2] < study.alpha and one[0] * difference[0] > 0 for one in theirs)
        assert chip(card) == (f"Found in {finding} of {1 + len(theirs)} analyses" if clear else "Open")
        turn = turning(own, name)
        assert one_more(card, study) == told_more(study, own, name, difference, decimals, turn)
        told = [
            f"{shown(b, decimals, plus=True)} ({shown(b - stats.t.isf(study.alpha / 2, own.df) * s, decimals)} to "
            f"{shown(b + stats.t.isf(study.alpha / 2, own.df) * s, decimals)})"
            for b, s, _ in (weak, strong, difference)
        ]
        assert [text for _, text, _ in estimates(card)] == told
        assert card.label == result.people.labels[name]
        total = own.column("total_ties", name)
        assert int(card.support.people.sum()) + card.outside == own.n
        assert {int(t): int(n) for t, n in zip(card.support.ties, card.support.people, strict=True)} == {
            int(t): int(np.sum(total == t)) for t in np.unique(total) if t <= card.support.ties[-1]
        }
    assert how_to_read(cards, study) == told_reading(study, own, cards)
    return cards


@pytest.mark.parametrize("case", [pytest.param(case, marks=() if at < FAST else pytest.mark.sweep) for at, case in enumerate(FIRMS)])
def test_every_sentence_of_a_simulated_firm_told_again(case):
    people, seed, coefficients, changes = case
    check_told(study_of(tn.simulate_firm(n_people=people, seed=seed, coefficients=coefficients), **changes).run())


@pytest.mark.parametrize("names", BAD_NAMES, ids=["signs", "tags", "right-to-left", "long"])
def test_every_sentence_of_a_badly_named_firm_told_again(nine, names):
    firm, _, _ = nine
    renamed = dict(zip(("marketing", "customer_service"), names, strict=True))
    people = tn.read_people(firm.people.frame.assign(function=[renamed.get(name, name) for name in firm.people.frame["function"]]))
    study = tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, functions=list(names), controls=["tenure"], no_ties="drop")
    cards = check_told(study.run())
    assert [card.label for card in cards] == [name.strip() for name in names]
