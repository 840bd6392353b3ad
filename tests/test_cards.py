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
    (120, 3, {}, {"controls": ["tenure"], "matters": 3.0, "strength": "channels"}),
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
BAD_NAMES = [
    ("R&D", "Sales & <b>Support</b>"),
    ('<script>alert("x")</script> & Co.', "IT"),
    ("תמיכה בלקוחות", "التسويق"),
    ("a" * 199 + "b", "Care " * 40),
]
KINDS = ["signs", "tags", "right-to-left", "long"]
SWEEP = pytest.mark.sweep
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


# The regression, a second time -----------------------------------------------------------------------------------------------------------


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


# The rules and sentences, a second time --------------------------------------------------------------------------------------------------


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
            return (
                f"More ties went with {said['strong']} {long} where ties were strong; where they were weak, there was no clear difference."
            )
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
        return (
            start
            + "The other analysis of these data points the "
            + ("other way." if not same else "same way and finds it too." if clear else "same way, but does not find it.")
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
    labels = {card.function: in_short(card.label) for card in cards}
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


def in_short(label):
    """A name in a sentence has at most 60 letters."""
    return label if len(label) <= 60 else label[:59].rstrip() + "…"


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
        yield (
            f"Holm's correction over {len(functions)} functions",
            own,
            multipletests([own.difference(f)[2] for f in functions], method="holm")[1],
        )
    for name, changes in USUAL.items():
        ties = tn.build_ties(result.log, result.people, rule=replace(study.rule, **changes))
        egos = tn.measure_egos(ties, of=study.of, toward=list(functions), strength=study.strength)
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


def test_every_sentence_of_a_simulated_firm_told_again(nine):
    check_told(nine[1])


@pytest.mark.sweep
@pytest.mark.parametrize("case", FIRMS, ids=[str(seed) for _, seed, _, _ in FIRMS])
def test_every_sentence_of_twelve_simulated_firms_told_again(case):
    people, seed, coefficients, changes = case
    check_told(study_of(tn.simulate_firm(n_people=people, seed=seed, coefficients=coefficients), **changes).run())


@pytest.mark.parametrize(
    "names",
    [pytest.param(names, id=kind, marks=marks) for names, kind, marks in zip(BAD_NAMES, KINDS, [(), SWEEP, (), SWEEP], strict=True)],
)
def test_every_sentence_of_a_badly_named_firm_told_again(nine, names):
    firm, _, _ = nine
    renamed = dict(zip(("marketing", "customer_service"), names, strict=True))
    people = tn.read_people(firm.people.frame.assign(function=[renamed.get(name, name) for name in firm.people.frame["function"]]))
    study = tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, functions=list(names), controls=["tenure"], no_ties="drop")
    cards = check_told(study.run())
    assert [card.label for card in cards] == [name.strip() for name in names]


# The rules -------------------------------------------------------------------------------------------------------------------------------

CLEAR, UNCLEAR = 0.01, 0.4


def an_estimate(value, p, width=0.4):
    return Estimate(value, width / 2, value - width, value + width, p, 100.0)


@pytest.mark.parametrize("p", [CLEAR, UNCLEAR])
@pytest.mark.parametrize("clear", list(product([True, False], repeat=3)))
@pytest.mark.parametrize("signs", list(product([1, -1], repeat=3)))
@pytest.mark.parametrize("matters", [None, 0.9])
def test_the_nine_headlines(nine, p, clear, signs, matters):
    _, result, cards = nine
    study = replace(result.study, matters=matters, outcome_label="revenue", outcome_unit="percentage points")
    weak, middle, strong = (
        an_estimate(sign * size, CLEAR if found else UNCLEAR) for sign, size, found in zip(signs, (0.5, 0.4, 0.3), clear, strict=True)
    )
    difference = an_estimate(0.2 * signs[0], p)
    chosen = verdict(weak, middle, strong, difference, alpha=study.alpha, matters=matters)
    card = replace(cards[0], verdict=chosen, weak=weak, middle=middle, strong=strong, difference=difference)
    said = headline(card, study)
    rows = [(one.estimate, one.std_error, one.p_value) for one in (weak, middle, strong, difference)]
    assert said == told_headline(study, *rows, (difference.low, difference.high), 2)
    about_strength = "where ties were" in said or "depended on how strong" in said
    assert about_strength == (p == CLEAR)
    assert chip(card).startswith("Found" if p == CLEAR else "Open")
    assert said.count("went with") <= 1


numbers, tests = st.floats(-2, 2).filter(bool), st.floats(0, 1)


@given(st.tuples(numbers, numbers, numbers, numbers), st.tuples(tests, tests, tests), st.floats(0.05, 1), st.none() | st.floats(0.01, 3))
def test_an_open_product_never_gives_a_headline_about_weak_against_strong(values, ps, p, matters):
    slopes = [an_estimate(value, one) for value, one in zip(values, ps, strict=False)]
    chosen = verdict(*slopes, an_estimate(values[3], p), alpha=0.05, matters=matters)
    assert chosen in ("mean_clear", "open", "small")


def test_the_firm_whose_headline_contradicted_its_test(nine):
    _, result, cards = nine
    card = cards[1]
    row = result.fit.frame.set_index("term").loc["total_ties_customer_service:tie_strength_customer_service"]
    assert card.difference.p_value == pytest.approx(row["p_value"], rel=1e-12)
    assert how_sure(card, result.study).startswith("The difference between weak and strong ties was tested first: p = .22. ")
    assert chip(card) == "Open"
    assert headline(card, result.study).endswith("the data leave open whether that depends on tie strength.")


def test_the_difference_is_the_slope_at_strong_less_the_slope_at_weak_ties(nine):
    for card in nine[2]:
        assert card.difference.estimate == pytest.approx(card.strong.estimate - card.weak.estimate, rel=1e-9)


def test_lines_are_predictions_where_people_are(nine):
    _, result, cards = nine
    for card in cards:
        total = result.fit.variables[f"total_ties_{card.function}"]
        assert card.lines.ties[0] == total.low
        assert card.lines.ties[-1] == card.support.ties[-1]
        assert card.outside == np.sum(total.values > card.support.ties[-1]) <= 0.03 * card.people
        rows = {name: np.full(len(card.lines.ties), variable.mean) for name, variable in result.fit.variables.items()}
        fit = result.fit.polynomial
        for line, z in ((card.lines.weak, card.levels.weak), (card.lines.strong, card.levels.strong)):
            rows |= {total.name: card.lines.ties, f"tie_strength_{card.function}": np.full(len(card.lines.ties), z)}
            values = [
                fit.value_row({name: column[at] for name, column in rows.items()}) @ fit.estimate for at in range(len(card.lines.ties))
            ]
            there = np.isfinite(line.fit)
            assert there.any()
            np.testing.assert_allclose(line.fit[there], np.array(values)[there], rtol=1e-9)
            assert np.all(line.low[there] < line.fit[there])
            assert np.all(np.isfinite(line.low) == there)


@pytest.mark.parametrize("p_values", [(0.04, 0.01, 0.03, 0.01), (0.9, 0.5, 0.02)])
def test_holm_as_in_statsmodels(p_values):
    from statsmodels.stats.multitest import multipletests

    found = holm({str(place): p for place, p in enumerate(p_values)})
    np.testing.assert_allclose([found[str(place)] for place in range(len(p_values))], multipletests(p_values, method="holm")[1], rtol=1e-12)


@given(st.floats(1e-6, 1), st.sampled_from([0.01, 0.05, 0.1]))
def test_a_p_value_never_reads_as_if_on_the_other_side_of_alpha(p, alpha):
    said = p_words(p, alpha)
    relation, value = re.fullmatch(r"p (=|<|>) (\.\d+)", said).groups()
    if relation == "=":
        assert (float(value) < alpha) == (p < alpha)
        assert float(value) == pytest.approx(p, abs=0.006)


# Other analyses --------------------------------------------------------------------------------------------------------------------------


def test_added_analyses_are_whole_studies_run_again(nine):
    firm, _, _ = nine
    asked = {
        "strength": "interactions",
        "covariance": ["classical", "HC3"],
        "controls": [[], ["tenure"], ["tenure", "region"]],
        "no_ties": ["zero_with_indicator"],
        "max_size": [3],
        "half_life": ["90d", "2w"],
    }
    changes = {
        "half-life of 14 days": {"rule": tn.TieRule(half_life="14d")},
        "events of at most 3 people": {"rule": tn.TieRule(max_size=3)},
        "strength as interactions": {"strength": "interactions"},
        "classical standard errors": {"covariance": "classical"},
        "no controls": {"controls": []},
        "controls: tenure": {"controls": ["tenure"]},
        "with people who have no tie to a function": {"no_ties": "zero_with_indicator"},
    }
    study = study_of(firm, other_analyses=asked)
    cards = make_cards(study.run())
    names = [one.name for one in cards[0].others]
    assert names[:6] == ["without squares", "Holm's correction over 2 functions", *USUAL]
    assert sorted(names[6:]) == sorted(changes)
    for name in ("events of at most 3 people", "strength as interactions", "controls: tenure"):
        again = study_of(firm, **changes[name]).run().fit
        for card in cards:
            (found,) = (one for one in card.others if one.name == name)
            strength = again.variables[f"tie_strength_{card.function}"]
            row = again.frame.set_index("term").loc[f"total_ties_{card.function}:tie_strength_{card.function}"]
            assert found.difference.estimate == pytest.approx(row["estimate"] * 2 * strength.sd, rel=1e-9)
            assert found.difference.p_value == pytest.approx(row["p_value"], rel=1e-9)
    (listed,) = (one for one in check_study(study) if one.topic == "analyses")
    assert listed.data["analyses"] == names


def test_an_analysis_that_cannot_be_made_says_why_and_is_not_counted(nine):
    firm, _, _ = nine
    result = study_of(firm, other_analyses={"channels": [["fax"]], "min_interactions": [10_000]}).run()
    card = make_cards(result)[0]
    refused = [one for one in card.others if one.refused]
    assert [one.name for one in refused] == ["only fax", "ties from 10,000 interactions"]
    assert [one.refused for one in refused] == ["no interaction is left", "too few people or ties are left"]
    assert all(one.difference is None and not one.found for one in refused)
    assert card.analyses == 1 + len(card.others) - 2 == 7
    assert how_sure(card, result.study).endswith("2 more could not be estimated (see which).")


def test_a_refused_analysis_points_to_no_row(nine):
    firm = tn.simulate_firm(n_people=120, seed=3)
    result = study_of(firm, controls=["tenure"], other_analyses={"no_ties": ["zero_with_indicator"]}).run()
    card = make_cards(result)[0]
    with pytest.raises(tn.base.errors.TienetError, match="only one person has no tie"):  # the study itself says why to its author
        replace(result.study, no_ties="zero_with_indicator", other_analyses={}).run()
    assert card.others[-1].refused == "these data do not determine the model"


def test_measures_under_other_rules_serve_the_table_of_rules_too(nine):
    _, result, _ = nine
    found = rule_sensitivity(result, measure_rules(result))
    rules = {name: replace(result.study.rule, **changes) for name, changes in USUAL.items()}
    again = tie_rule_sensitivity(result.log, result.people, of="sales", toward=list(result.egos.functions), rules=rules)
    pd.testing.assert_frame_equal(found.frame, again.frame)


# Other studies ---------------------------------------------------------------------------------------------------------------------------


def surveyed(firm, value):
    frame = tn.build_ties(firm.log, firm.people).frame
    answers = pd.DataFrame({"respondent": frame["a"], "colleague": frame["b"], "closeness": value(frame)})
    options = {"items": ["closeness"], "scale": (1, 5)}
    return tn.Study(
        survey=answers, survey_options=options, people=firm.people, outcomes=firm.outcomes, functions=["marketing"], no_ties="drop"
    )


def test_a_survey_has_no_tie_rules_and_one_function_no_correction(nine):
    firm, _, _ = nine
    study = surveyed(firm, lambda frame: 2 + np.arange(len(frame)) * 7 % 4)
    result = study.run()
    (card,) = make_cards(result)
    assert [one.name for one in card.others] == ["without squares"]
    assert card.analyses == 2
    assert period(result) == "answers to a survey"
    assert rule_sensitivity(result, measure_rules(result)) is None
    assert how_to_read([card], study).startswith("Compare two salespeople: the one with one more tie had")
    assert line_name(card, study, "weak") == f"Weak ties, {card.levels.weak:.2f}"


def test_levels_that_are_the_same_are_refused(nine):
    firm, _, _ = nine
    few = firm.outcomes["person"][::12]
    study = surveyed(firm, lambda frame: np.where(frame["a"].isin(few) | frame["b"].isin(few), 2 + np.arange(len(frame)) % 2, 5))
    result = study.run()
    strength = result.fit.variables["tie_strength_marketing"]
    assert len(np.unique(strength.values)) > 1
    (card,) = make_cards(result)
    assert (card.verdict, card.levels.percentiles, card.difference, card.lines) == ("too_few", True, None, None)
    assert headline(card, study) == "These data are too few to ask this: at least two thirds of these people have the same tie strength."
    assert (chip(card), how_sure(card, study), one_more(card, study), estimates(card)) == ("Not tested", "", "", ())
    assert how_to_read([card], study) == ""


def test_fewer_than_ten_degrees_of_freedom_are_not_tested():
    firm = tn.simulate_firm(n_people=60, seed=2)
    result = study_of(firm).run()
    left = result.fit.n - len(result.fit.terms)
    assert left < 10
    for card in make_cards(result):
        assert card.verdict == "too_few"
        assert headline(card, result.study) == (
            f"These data are too few to ask this: with {result.fit.n} people and {len(result.fit.terms)} coefficients, {left} degrees of "
            "freedom are left, and it takes at least 10."
        )


def test_many_functions(nine):
    firm, _, _ = nine
    functions = ["marketing", "customer service", "operations", "finance", "product"]
    result = study_of(firm, functions=functions, controls=[]).run()
    cards = make_cards(result)
    assert [card.function for card in cards] == [name.replace(" ", "_") for name in functions]
    assert {"Holm's correction over 5 functions"} == {card.others[1].name for card in cards}
    means = [result.fit.variables[f"total_ties_{card.function}"].mean for card in cards]
    each = key_numbers(result)[2]
    assert (each.number, each.phrase) == (
        f"{min(means):.1f} to {max(means):.1f}",
        "ties per salesperson to each of 5 functions, on average",
    )


def test_few_people_beyond_the_turning_point_are_not_counted(nine):
    _, result, cards = nine
    card = cards[0]
    for below, said in ((0.98, "fewer than 5 of these salespeople had more."), (0.03, "fewer than 5 of these salespeople had fewer.")):
        moved = replace(card, people=100, turn=replace(card.turn, share_below=below))
        assert one_more(moved, result.study).endswith(said)
    assert one_more(replace(card, people=100, turn=replace(card.turn, share_below=0.8)), result.study).endswith(
        "; 80% of these salespeople had fewer."
    )


# The first screen ------------------------------------------------------------------------------------------------------------------------


def test_key_numbers_and_period(nine):
    firm, result, _ = nine
    degree = pd.concat([result.ties.frame["a"], result.ties.frame["b"]]).value_counts().reindex(firm.people.person, fill_value=0)
    low, high = np.percentile(degree, [25, 75], method="inverted_cdf").astype(int)
    means = [result.fit.variables[f"total_ties_{name}"].mean for name in result.egos.functions]
    found = [(one.number, one.beside, one.phrase) for one in key_numbers(result, ("R&D", "Sales", 0.562))]
    assert found == [
        (str(result.fit.n), f"of {result.cases.egos}", "salespeople studied"),
        (f"{len(result.ties):,}", "", f"ties in the firm; half of all people have {low} to {high}"),
        (f"{means[0]:.1f} and {means[1]:.1f}", "", "ties to Marketing and Customer Service per salesperson, on average"),
        ("0.56", "", "of the ties expected between R&D and Sales, the thinnest pair"),
        (f"{100 * result.fit.adj_r_squared:.0f}%", "", "of the differences in growth go with what is in the model"),
    ]
    times = firm.interactions["time"]
    assert period(result) == period_words(times.min().date(), times.max().date())
    assert caption(replace(result.study, outcome_unit="percentage points")) == "Sales growth per additional tie, in percentage points"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (date(2025, 1, 6), date(2025, 7, 4), "6 January to 4 July 2025"),
        (date(2024, 10, 6), date(2025, 7, 4), "6 October 2024 to 4 July 2025"),
        (date(2025, 3, 6), date(2025, 3, 24), "6 to 24 March 2025"),
        (date(2025, 3, 6), date(2025, 3, 6), "6 March 2025"),
    ],
)
def test_periods_as_people_write_them(start, end, said):
    assert period_words(start, end) == said


def leaves(table, place=""):
    for name, value in table.items():
        yield from leaves(value, f"{place}{name}.") if isinstance(value, dict) else [(place + name, value)]


def test_no_sentence_says_what_causes_what():
    found = dict(leaves(tomllib.loads(SENTENCES.read_text(encoding="utf-8"))))
    assert len(found) > 100
    banned = r"\b(significan|effect|impact|rais|driv|leads? to|improv|caus|due to|because of|boost|increas|decreas)\w*"
    assert not {key: text for key, text in found.items() if re.search(banned, text)}
    assert not {key: text for key, text in found.items() if any(part.count("went with") > 1 for part in re.split(r"[.;] ", text))}
    assert not {key: text for key, text in found.items() if text.count("**") % 2 or "\n" in text}


# Keys of a study -------------------------------------------------------------------------------------------------------------------------

WRONG = [
    ({"outcome_label": ""}, "outcome_label must not be empty"),
    ({"outcome_label": 3}, "outcome_label must be a string; got 3"),
    ({"outcome_unit": ["points"]}, "outcome_unit must be a string"),
    ({"matters": 0}, "matters must be a positive number; got 0"),
    ({"matters": "0.3"}, "matters must be a positive number; got '0.3'"),
    ({"labels": {"tenur": "years"}}, "labels: 'tenur' is not a column of this study; did you mean 'tenure'?"),
    ({"labels": {"tenure": 3}}, "labels: tenure must be a string; got 3"),
    ({"labels": {"tenure": " "}}, "labels: tenure must not be empty"),
    ({"labels": "years"}, "labels must be a mapping"),
    (
        {"other_analyses": {"strenth": ["interactions"]}},
        "other_analyses: 'strenth' is not a choice that can be made otherwise; did you mean 'strength'?",
    ),
    ({"other_analyses": {"strength": ["frequenzy"]}}, "other_analyses: strength='frequenzy' is not known; did you mean 'frequency'?"),
    ({"other_analyses": {"strength": ["survey"]}}, "other_analyses: strength='survey' comes from read_survey"),
    ({"other_analyses": {"covariance": ["HC9"]}}, "other_analyses: covariance must be one of"),
    ({"other_analyses": {"covariance": ["CR2"]}}, "other_analyses: covariance='CR2' cannot be used with cluster=None"),
    ({"other_analyses": {"controls": [["tenur"]]}}, "other_analyses: 'tenur' is not a control of this study; did you mean 'tenure'?"),
    ({"other_analyses": {"no_ties": ["keep"]}}, "other_analyses: no_ties must be one of"),
    ({"other_analyses": {"min_interactions": [0]}}, "other_analyses: min_interactions must be a positive number; got 0"),
    ({"other_analyses": {"half_life": ["soon"]}}, "other_analyses: half_life must be a duration"),
    ({"other_analyses": ["HC4"]}, "other_analyses must be a mapping"),
    ({"show": "region"}, "show must be a list of names, such as ['region']"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=[str(changes)[:50] for changes, _ in WRONG])
def test_wrong_keys_are_refused_in_one_line(tmp_path, changes, message):
    with pytest.raises(ArgumentError) as met:
        tn.Study(log="log.csv", people="people.csv", outcomes="outcomes.csv", controls=["tenure"], **changes)
    assert str(met.value).startswith(message)
    assert "\n" not in str(met.value)
    from tienet.study.toml_values import in_toml

    ((name, value),) = changes.items()
    lines = [f"{key} = {in_toml(one)}" for key, one in value.items()] if isinstance(value, dict) else [f"{name} = {in_toml(value)}"]
    table = [f"[{name}]"] if isinstance(value, dict) else ["[report]"] if name == "show" else []
    base = ['log = "log.csv"', 'people = "people.csv"', 'outcomes = "outcomes.csv"', 'controls = ["tenure"]']
    body = [*base, *table, *lines] if table else [*base, *lines]
    (tmp_path / "study.toml").write_text("\n".join(body), encoding="utf-8")
    with pytest.raises(ArgumentError) as met:
        tn.read_study(tmp_path / "study.toml")
    assert message in str(met.value)
    assert "\n" not in str(met.value)


def test_a_study_file_with_every_new_key(tmp_path):
    (tmp_path / "study.toml").write_text(
        """
log = "log.csv"
people = "people.csv"
outcomes = "outcomes.csv"
controls = ["tenure", "C(region)"]
outcome_label = "growth of sales"
outcome_unit = "percentage points"
matters = 0.3
[rule]
size_weight = "none"
[labels]
region = "sales region"
[other_analyses]
half_life = ["none", "30d"]
size_weight = "newman"
max_size = "none"
controls = [[], ["tenure"]]
[report]
people = "pseudonyms"
show = ["region"]
key = "firm.key"
""",
        encoding="utf-8",
    )
    study = tn.read_study(tmp_path / "study.toml").study
    assert (study.outcome_words, study.outcome_unit, study.matters) == ("growth of sales", "percentage points", 0.3)
    assert [study.label_of(name) for name in study.controls] == ["tenure", "sales region"]
    assert study.rule.size_weight == "none"
    assert dict(study.other_analyses) == {
        "half_life": (None, "30d"),
        "size_weight": ("newman",),
        "max_size": (None,),
        "controls": ((), ("tenure",)),
    }
    assert (study.people_shown, study.names, study.show, study.key) == ("pseudonyms", False, ("region",), tmp_path / "firm.key")
    with pytest.raises(InputNotFound):
        list(check_study(study))


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ('people = "everyone"', "study.toml [report]: people must be one of"),
        ('people = "groups"\nnames = true', 'study.toml [report]: names = true contradicts people = "groups"; leave names out'),
        ("key = 3", "study.toml: key must be a path in quotes, got 3"),
    ],
)
def test_wrong_keys_of_the_report(tmp_path, report, message):
    base = 'log = "log.csv"\npeople = "people.csv"\noutcomes = "outcomes.csv"\n[report]\n'
    (tmp_path / "study.toml").write_text(base + report, encoding="utf-8")
    with pytest.raises(ArgumentError) as met:
        tn.read_study(tmp_path / "study.toml")
    assert str(met.value).startswith(message)


def test_names_are_an_older_way_to_ask_for_names(nine):
    firm, result, _ = nine
    assert (result.study.people_shown, result.study.names) == ("groups", False)
    named = study_of(firm, names=True)
    assert (named.people_shown, replace(named, title="x").names) == ("names", True)
    assert study_of(firm, people_shown="names").names
    with pytest.raises(ArgumentError, match="key must have at least 32 bytes, got 3"):
        study_of(firm, key=b"abc")


def test_a_column_to_show_must_be_in_the_people_table(nine):
    firm, _, _ = nine
    with pytest.raises(DataError, match="show: the people table has no column 'regon'; did you mean 'region'"):
        study_of(firm, show=["regon"]).run()


def test_analyses_of_a_log_are_not_for_a_survey(nine):
    firm, _, _ = nine
    with pytest.raises(
        ArgumentError, match="other_analyses: min_interactions is for a log, and this study has only a survey; leave it out"
    ):
        replace(surveyed(firm, lambda frame: 2), other_analyses={"min_interactions": [2]})


def test_the_test_of_the_difference_is_that_of_the_product_under_any_covariance(nine):
    firm, _, _ = nine
    weights = firm.outcomes.assign(weight=1.0 + np.arange(len(firm.outcomes)) % 3)
    for changes in (
        {"cluster": "team", "covariance": "CR2"},
        {"outcomes": weights, "weights": "weight", "covariance": "HC2", "alpha": 0.2},
    ):
        result = study_of(firm, controls=["tenure"], **changes).run()
        for card in make_cards(result):
            row = result.fit.frame.set_index("term").loc[f"total_ties_{card.function}:tie_strength_{card.function}"]
            assert (card.difference.df, card.difference.p_value) == pytest.approx((row["df"], row["p_value"]), rel=1e-9)
            scale = card.levels.strong - card.levels.weak
            assert (card.difference.low, card.difference.high) == pytest.approx(
                (row["conf_low"] * scale, row["conf_high"] * scale), rel=1e-9
            )
            assert len({one.name for one in card.others}) == len(card.others)
