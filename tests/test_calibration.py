from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import tienet as tn
from frames import to_columns
from tienet.base.errors import ArgumentError, DataError
from tienet.network.survey.calibration import auc, fit_left_out
from tienet.output.glossary import describe

EVERY = tn.TieRule(min_interactions=1, half_life=None)


def surveyed(firm, design="roster", seed=3):
    """Log ties of a simulated firm, and what its people might answer: 1 to 5, closer where they meet more, with noise."""
    rng = np.random.default_rng(seed)
    ties = tn.build_ties(firm.log, firm.people, rule=EVERY)
    ids = ties.people.person
    a, b = np.triu_indices(60, 1)
    contact = np.asarray(ties.adjacency("interactions").todense())[a, b]
    listed = (contact > 0) | (rng.random(len(a)) < 0.1)
    a, b, contact = a[listed], b[listed], contact[listed]
    rows = {"respondent": [], "colleague": [], "close": []}
    for source, target in ((a, b), (b, a)):
        close = np.clip(np.round(1.0 + np.log1p(contact) + rng.normal(scale=0.7, size=len(a))), 1, 5)
        spoken = rng.random(len(a)) < 0.8
        rows["respondent"] += ids[source[spoken]].tolist()
        rows["colleague"] += ids[target[spoken]].tolist()
        rows["close"] += close[spoken].tolist()
    return ties, tn.read_survey(rows, firm.people, items=["close"], scale=(1, 5), design=design)


def dyads_by_hand(log_ties, survey_ties):
    """Features, strength and naming of each pair, one at a time as the docstring of `compare_ties` has it."""
    answers = survey_ties.given.answers
    said = {}
    for who, whom, score, names in zip(
        answers.respondent.tolist(), answers.colleague.tolist(), answers.score.tolist(), answers.names.tolist(), strict=True
    ):
        said.setdefault(frozenset((who, whom)), []).append((score, names))
    logged = {frozenset((a, b)): place for place, (a, b) in enumerate(zip(log_ties.a.tolist(), log_ties.b.tolist(), strict=True))}
    took_part = sorted(set(answers.respondent.tolist()))
    features = ("interactions", "frequency", "reciprocity", "regularity", "channels")
    X, y, named = [], [], []
    for position, one in enumerate(took_part):
        for other in took_part[position + 1 :]:
            pair = frozenset((one, other))
            if pair not in said and answers.design == "roster":
                continue
            X.append([getattr(log_ties, name)[logged[pair]] if pair in logged else 0.0 for name in features])
            y.append(np.mean([score for score, _ in said.get(pair, [(0.0, False)])]))
            named.append(any(names for _, names in said.get(pair, [])))
    return np.array(X), np.array(y), np.array(named)


@pytest.mark.parametrize("design", ["roster", "name_generator"])
def test_correlations_and_auc_against_scipy_over_the_pairs_by_hand(firm, design):
    log_ties, survey_ties = surveyed(firm, design)
    X, y, named = dyads_by_hand(log_ties, survey_ties)
    found = tn.network.survey.compare_ties(log_ties, survey_ties)
    assert (found.dyads, found.named) == (len(y), named.sum())
    assert found.contacts == (X[:, 0] > 0).sum()
    for place in range(len(found.feature)):
        x = X[:, place]
        assert found.pearson[place] == pytest.approx(stats.pearsonr(x, y).statistic, rel=1e-9)
        assert found.spearman[place] == pytest.approx(stats.spearmanr(x, y).statistic, rel=1e-9)
        U = stats.mannwhitneyu(x[named], x[~named]).statistic
        assert found.auc[place] == pytest.approx(U / (named.sum() * (~named).sum()), rel=1e-12)


def test_the_calibration_against_statsmodels(firm):
    log_ties, survey_ties = surveyed(firm)
    X, y, _ = dyads_by_hand(log_ties, survey_ties)
    found = tn.network.survey.compare_ties(log_ties, survey_ties)
    assert found.used == found.feature
    Z = stats.zscore(np.log1p(X), ddof=1)
    fit = sm.OLS(y, sm.add_constant(Z)).fit()
    np.testing.assert_allclose(found.coefficient, fit.params[1:], rtol=1e-8)
    assert found.intercept == pytest.approx(fit.params[0])
    assert found.r_squared == pytest.approx(fit.rsquared)
    press = fit.get_influence().ess_press
    assert found.r_squared_loo == pytest.approx(1 - press / fit.centered_tss)
    assert f"{found.dyads} pairs" in str(found).replace(",", "")
    assert all(describe(column).meaning for column in found.frame.columns)


def test_leaving_a_case_out_is_refitting_without_it():
    rng = np.random.default_rng(1)
    Z, y = rng.normal(size=(12, 2)), rng.normal(size=12)
    errors = []
    for case in range(12):
        rest = np.delete(np.arange(12), case)
        b = np.linalg.lstsq(np.column_stack([np.ones(11), Z[rest]]), y[rest], rcond=None)[0]
        errors.append(y[case] - b[0] - Z[case] @ b[1:])
    assert fit_left_out(Z, y)[2] == pytest.approx(1 - np.square(errors).sum() / np.square(y - y.mean()).sum())


def test_one_case_alone_leaves_nothing_to_predict_it_from():
    alone = np.zeros((6, 1))
    alone[2] = 1.0
    _, r_squared, left_out = fit_left_out(alone, np.array([1.0, 2, 7, 1, 2, 3]))
    assert 0 < r_squared < 1
    assert np.isnan(left_out)


def test_calibrated_strength_is_the_fitted_value_within_the_scale(firm):
    log_ties, survey_ties = surveyed(firm)
    X, y, _ = dyads_by_hand(log_ties, survey_ties)
    comparison = tn.network.survey.compare_ties(log_ties, survey_ties)
    ties = tn.network.survey.calibrated(log_ties, comparison)
    Z = np.column_stack(
        [
            (np.log1p(getattr(log_ties, name)) - np.log1p(X[:, k]).mean()) / np.log1p(X[:, k]).std(ddof=1)
            for k, name in enumerate(comparison.feature)
        ]
    )
    wanted = np.clip(
        sm.OLS(y, sm.add_constant(stats.zscore(np.log1p(X), ddof=1))).fit().params @ np.column_stack([np.ones(len(Z)), Z]).T, 0, 1
    )
    np.testing.assert_allclose(ties.strength, wanted, rtol=1e-8)
    assert 0 <= ties.strength.min() <= ties.strength.max() <= 1
    plain, new = (tn.measure_egos(some, of="sales", strength=name) for some, name in ((log_ties, "frequency"), (ties, "calibrated")))
    np.testing.assert_array_equal(plain.total_ties, new.total_ties)
    assert "Strength is calibrated on a survey" in str(ties)
    assert log_ties.given is None


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_won_with_ties_counted_half(cases):
    x, named = np.array([case[0] for case in cases], dtype=float), np.array([case[1] for case in cases])
    wins = [(p > q) + 0.5 * (p == q) for p in x[named] for q in x[~named]]
    assert auc(x, named) == pytest.approx(np.mean(wins) if wins else np.nan, nan_ok=True)


def test_a_feature_that_repeats_another_stays_out(firm):
    _, survey_ties = surveyed(firm)
    untimed = tn.read_log(firm.log.frame[["source", "target"]])
    found = tn.network.survey.compare_ties(tn.build_ties(untimed, firm.people, rule=EVERY), survey_ties)
    assert found.feature == found.used == ("interactions", "reciprocity")
    one_way = {"source": ["a", "a", "b", "c"], "target": ["b", "c", "c", "d"]}
    people = tn.read_people({"person": list("abcde"), "function": ["x"] * 5})
    answers = {"respondent": list("abcde"), "colleague": list("bcdea"), "close": [5, 4, 3, 2, 1]}
    few = tn.read_survey(answers, people, items=["close"], scale=(1, 5), design="name_generator")
    found = tn.network.survey.compare_ties(tn.build_ties(tn.read_log(one_way), people, rule=EVERY), few)
    assert found.used == ("interactions",)
    assert np.isnan(found.coefficient[1])
    assert np.isnan(found.pearson[1])
    assert found.auc[1] == 0.5


def test_people_are_matched_by_id_across_rosters(firm):
    log_ties, survey_ties = surveyed(firm)
    order = np.random.default_rng(0).permutation(len(firm.people))
    table = {"person": firm.people.person[order].tolist(), "function": firm.people.function[order].tolist()}
    shuffled = tn.build_ties(firm.log, tn.read_people(table), rule=EVERY)
    one, other = tn.network.survey.compare_ties(log_ties, survey_ties), tn.network.survey.compare_ties(shuffled, survey_ties)
    for name, values in to_columns(one.frame).items():
        assert to_columns(other.frame)[name] == (values if name == "feature" else pytest.approx(values, rel=1e-9))


def test_refusals(firm):
    log_ties, survey_ties = surveyed(firm)
    with pytest.raises(ArgumentError, match="the second argument of compare_ties must be ties from read_survey"):
        tn.network.survey.compare_ties(log_ties, log_ties)
    with pytest.raises(ArgumentError, match="the first argument of compare_ties must be ties from build_ties"):
        tn.network.survey.compare_ties(survey_ties, survey_ties)
    comparison = tn.network.survey.compare_ties(log_ties, survey_ties)
    with pytest.raises(ArgumentError, match="these are from a survey"):
        tn.network.survey.calibrated(survey_ties, comparison)
    untimed = tn.build_ties(tn.read_log(firm.log.frame[["source", "target"]]), firm.people, rule=EVERY)
    with pytest.raises(DataError, match="the calibration uses frequency, which this log does not have"):
        tn.network.survey.calibrated(untimed, comparison)
    ids = firm.people.person
    lone = tn.read_survey({"respondent": ids[:1], "colleague": ids[1:2], "close": [3]}, firm.people, items=["close"], scale=(1, 5))
    with pytest.raises(DataError, match="0 pairs of people who answered can be compared; at least three are needed"):
        tn.network.survey.compare_ties(log_ties, lone)
