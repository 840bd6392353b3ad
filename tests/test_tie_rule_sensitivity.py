"""Comparing tie rules: against scipy, against ties built one by one, and errors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

import tienet as tn
from tienet.base.errors import ArgumentError
from tienet.network.measures import tie_rules
from tienet.network.ties import build
from tienet.network.ties.build import ties_under
from tienet.network.ties.pairs import group_pairs

TOWARD = ["marketing", "customer_service"]
RULES = {"two": tn.TieRule(min_interactions=2), "both": tn.TieRule(reciprocal=True), "five": tn.TieRule(min_interactions=5)}


@pytest.fixture(scope="module")
def compared(firm):
    return tn.network.measures.tie_rule_sensitivity(firm.log, firm.people, of="sales", toward=TOWARD, rules=RULES)


@pytest.mark.sweep
def test_each_rule_gives_what_its_own_ties_give(firm, compared):
    base = tn.build_ties(firm.log, firm.people)
    first = tn.measure_egos(base, of="sales", toward=TOWARD)
    pairs = set(zip(base.a.tolist(), base.b.tolist(), strict=True))
    for place, rule in enumerate([tn.TieRule(), *RULES.values()]):
        ties = tn.build_ties(firm.log, firm.people, rule=rule)
        egos = tn.measure_egos(ties, of="sales", toward=TOWARD)
        mine = set(zip(ties.a.tolist(), ties.b.tolist(), strict=True))
        assert compared.ties[place] == len(ties)
        assert compared.jaccard[place] == len(mine & pairs) / len(mine | pairs)
        np.testing.assert_allclose(compared.mean_total_ties[place], egos.total_ties.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(compared.without[place], (egos.total_ties == 0).mean(axis=0), rtol=1e-12)
        for at in range(2):
            expected = spearmanr(egos.total_ties[:, at], first.total_ties[:, at]).statistic
            np.testing.assert_allclose(compared.rank_correlation[place, at], expected, rtol=1e-8)
            expected = spearmanr(egos.tie_strength[:, at], first.tie_strength[:, at], nan_policy="omit").statistic
            np.testing.assert_allclose(compared.strength_correlation[place, at], expected, rtol=1e-8)


def test_the_base_agrees_with_itself_and_a_harder_threshold_takes_ties_away(compared):
    assert compared.label == ("base", "two", "both", "five")
    np.testing.assert_allclose(compared.rank_correlation[0], 1.0, rtol=1e-12)
    assert compared.jaccard[0] == 1.0
    assert compared.ties[1] >= compared.ties[0] >= compared.ties[3]
    assert list(compared.frame["rule"]) == list(compared.label)
    assert "rank correlation with the base rule" in str(compared)


def test_a_grid_is_every_combination_but_the_base(firm):
    grid = {"min_interactions": np.array([3, 4]), "half_life": ["90d", None]}
    made = tn.network.measures.tie_rule_sensitivity(firm.log, firm.people, of="sales", toward=["marketing"], grid=grid)
    assert made.label == ("base", "half_life=None", "min_interactions=4", "min_interactions=4, half_life=None")
    assert made.rules[2] == tn.TieRule(min_interactions=4)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "give either rules"),
        ({"rules": [tn.TieRule(min_interactions=2)], "grid": {"min_interactions": [2]}}, "give either rules"),
        ({"grid": {"min_interaction": [2]}}, "did you mean 'min_interactions'"),
        ({"grid": {"half_life": "90d"}}, "must be a list"),
        ({"grid": {"min_interactions": [3]}}, "no rule other than the base"),
        ({"rules": []}, "no rule other than the base"),
        ({"rules": [3]}, "must contain tie rules, such as .*; got int"),
        ({"rules": {"base": tn.TieRule(min_interactions=2)}}, "two different rules are called 'base'"),
    ],
)
def test_what_cannot_be_compared_is_refused(firm, given, words):
    with pytest.raises(ArgumentError, match=words):
        tn.network.measures.tie_rule_sensitivity(firm.log, firm.people, of="sales", **given)


def test_constant_ties_have_no_rank_correlation():
    log = tn.read_log({"source": ["ann", "cat", "eve"], "target": ["bob", "bob", "bob"]})
    people = tn.read_people({"person": ["ann", "bob", "cat", "eve"], "function": ["Sales", "Ops", "Sales", "Sales"]})
    base = tn.TieRule(min_interactions=1, half_life=None)
    made = tn.network.measures.tie_rule_sensitivity(
        log, people, of="sales", base=base, grid={"min_interactions": [2]}, strength="interactions"
    )
    assert made.ties.tolist() == [3, 0]
    assert np.isnan(made.rank_correlation).all()
    assert made.jaccard.tolist() == [1.0, 0.0]


def test_rules_that_group_alike_read_the_log_once(firm, monkeypatch):
    rules = [
        tn.TieRule(min_interactions=2),
        tn.TieRule(reciprocal=True, min_weeks=2),
        tn.TieRule(half_life="30d"),
        tn.TieRule(half_life=None, min_interactions=5),
        tn.TieRule(reciprocal="min", half_life="30d"),
        tn.TieRule(reciprocal="min"),
        tn.TieRule(size_weight="none"),
    ]
    passes = []
    monkeypatch.setattr(build, "group_pairs", lambda *given: passes.append(given) or group_pairs(*given))
    made = [ties for group in tie_rules._alike(rules) for ties in ties_under(firm.log, firm.people, group)]
    assert len(passes) == 3
    assert {ties.rule for ties in made} == set(rules)
    for ties in made:
        alone = tn.build_ties(firm.log, firm.people, rule=ties.rule)
        assert ties.ledger.counts == alone.ledger.counts
        for name in ("a", "b", "interactions", "a_to_b", "frequency", "reciprocity", "regularity", "first", "last"):
            np.testing.assert_array_equal(getattr(ties, name), getattr(alone, name), err_msg=f"{name} under {ties.rule}")
