from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError, WeakIdentification
from tienet.regression.endogeneity._instrumented import pose, resampled

DATA = pd.read_csv(Path(__file__).parent / "oracles" / "endogeneity" / "data.csv")
ONE = {"endogenous": "x", "instruments": ["iv1", "iv2"]}
MODEL = tn.Moderation("y ~ x + w + g", covariance="classical")


def by_hand(data, interactions=False):
    """Both stages with statsmodels: y ~ x*w + residual (+ residual:w)."""
    x, w = (data[name] - DATA[name].mean() for name in "xw")
    first = sm.OLS(data["x"], sm.add_constant(data[["w", "iv1", "iv2"]])).fit()
    v = first.resid
    columns = [x, w, x * w, v] + ([v * w] if interactions else [])
    return sm.OLS(data["y"], sm.add_constant(np.column_stack(columns))).fit()


def test_t_squared_is_the_f_of_wu_and_hausman_and_the_estimates_are_those_of_two_stages():
    fit = tn.regression.endogeneity.control_function(MODEL, DATA, **ONE, draws=99)
    two = tn.regression.endogeneity.two_stage_least_squares(MODEL, DATA, **ONE)
    row = two.diagnostics.test.index("Wu-Hausman")
    assert fit.f_value == pytest.approx(two.diagnostics.statistic[row], rel=1e-8)
    assert (fit.df1, fit.df2) == (1, two.diagnostics.df2[row])
    assert fit.p_endogenous == pytest.approx(two.diagnostics.p_value[row], rel=1e-8)
    np.testing.assert_allclose(fit.estimate[:-1], two.estimate, rtol=1e-8)
    data = DATA.assign(
        v=sm.OLS(DATA["x"], sm.add_constant(pd.get_dummies(DATA[["w", "g", "iv1", "iv2"]], drop_first=True).astype(float))).fit().resid
    )
    hand = tn.Moderation("y ~ x + w + g + v", covariance="classical").fit(data)
    np.testing.assert_allclose(fit.estimate, hand.estimate, rtol=1e-8)
    assert fit.f_value == pytest.approx(float(hand.frame["statistic"].iloc[-1]) ** 2, rel=1e-8)


@pytest.mark.parametrize("products", [False, True])
def test_two_stages_by_hand_with_a_product(products):
    fit = tn.regression.endogeneity.control_function(tn.Moderation("y ~ x*w"), DATA, **ONE, draws=99, products=products)
    hand = by_hand(DATA, products)
    np.testing.assert_allclose(fit.estimate, hand.params, rtol=1e-8)
    assert fit.corrections == (("residual(x)", "residual(x):w") if products else ("residual(x)",))
    added = np.eye(len(hand.params))[4:]
    assert fit.f_value == pytest.approx(float(hand.f_test(added).fvalue), rel=1e-8)


def test_squares_and_two_endogenous_variables():
    fit = tn.regression.endogeneity.control_function(
        tn.Moderation("y ~ x*w + x^2 + x2"), DATA, endogenous=["x", "x2"], instruments=["iv1", "iv2", "iv3"], draws=99, products=True
    )
    assert fit.corrections == ("residual(x)", "residual(x2)", "residual(x):w", "residual(x):x")


@pytest.mark.parametrize("cluster", [None, "team"])
def test_each_resample_is_the_fit_to_the_resampled_rows(cluster):
    # the counts of the first resamples, drawn as documented: multinomial over rows, or over clusters in sorted order
    fit = tn.regression.endogeneity.control_function(tn.Moderation("y ~ x*w", cluster=cluster), DATA, **ONE, draws=99, seed=4)
    groups = DATA.index.to_numpy() if cluster is None else np.unique(DATA["team"].astype(str), return_inverse=True)[1]
    size = groups.max() + 1
    counts = np.random.default_rng(4).multinomial(size, np.full(size, 1 / size), size=99)[:, groups]
    for row in (0, 57, 98):
        again = DATA.loc[np.repeat(DATA.index, counts[row])].reset_index(drop=True)
        np.testing.assert_allclose(fit.draws[row], by_hand(again).params, rtol=1e-8)
    np.testing.assert_allclose(fit.std_error, fit.draws.std(axis=0, ddof=1), rtol=1e-8)
    np.testing.assert_allclose(fit.conf_low, np.quantile(fit.draws, 0.025, axis=0), rtol=1e-8)
    assert fit.df == (23 if cluster else len(DATA) - 5)


def test_the_bootstrap_error_is_near_that_of_two_stages():
    fit = tn.regression.endogeneity.control_function(tn.Moderation("y ~ x + w"), DATA, **ONE, draws=4000, seed=1)
    two = tn.regression.endogeneity.two_stage_least_squares(tn.Moderation("y ~ x + w", covariance="HC1"), DATA, **ONE)
    np.testing.assert_allclose(fit.std_error[:-1], two.std_error, rtol=0.1)  # Monte Carlo error 1 %, the rest second order in 1/n


def test_probes_take_it():
    fit = tn.regression.endogeneity.control_function(tn.Moderation("y ~ x*w + x^2"), DATA, **ONE, draws=199)
    slope = tn.simple_slopes(fit, focal="x", moderator="w", at=[DATA["w"].mean()])
    j = fit.terms.index("x")
    assert slope.estimate[0] == pytest.approx(fit.estimate[j], rel=1e-8)
    assert slope.std_error[0] == pytest.approx(fit.std_error[j], rel=1e-8)
    assert slope.df == fit.df
    raw = tn.regression.endogeneity.control_function(tn.Moderation("y ~ x*w + x^2", center="none"), DATA, **ONE, draws=199)
    at_zero = raw.draws @ np.array([0, 1, 0, DATA["w"].mean(), 2 * DATA["x"].mean(), 0])
    assert slope.std_error[0] == pytest.approx(at_zero.std(ddof=1), rel=1e-7)
    assert tn.johnson_neyman(fit, focal="x", moderator="w").covariance.label == "bootstrap standard errors"
    assert tn.turning_point(fit, focal="x").n == fit.n


def test_seeds():
    same = [tn.regression.endogeneity.control_function(MODEL, DATA, **ONE, draws=99, seed=seed).conf_low for seed in (1, 1, 2)]
    assert (same[0] == same[1]).all()
    assert (same[0] != same[2]).any()


def test_the_face():
    fit = tn.regression.endogeneity.control_function(MODEL, DATA, **ONE, draws=99)
    assert "x corrected by a control function with iv1 and iv2 as instruments: x " in str(fit)
    assert "percentile intervals from 99 resamples" in str(fit)
    assert "Petrin" in fit.cite()
    assert np.isnan(fit.frame["ols_estimate"].iloc[-1])


def test_weak_instruments_are_said():
    noise = DATA.assign(noise=np.random.default_rng(0).normal(size=len(DATA)))
    with pytest.warns(WeakIdentification, match="below 10") as caught:
        tn.regression.endogeneity.control_function(MODEL, noise, endogenous="x", instruments="noise", draws=99)
    assert caught[0].filename == __file__


def test_resamples_that_cannot_carry_the_model_are_counted_or_refused():
    rare = DATA.assign(g=["rare"] * 3 + ["a"] * (len(DATA) - 3))
    fit = tn.regression.endogeneity.control_function(MODEL, rare, **ONE, draws=500)
    # a resample without the three rows: (1 - 3/n)^n
    assert fit.lost == pytest.approx(500 * (1 - 3 / len(DATA)) ** len(DATA), abs=5 * (500 * 0.05 * 0.95) ** 0.5)
    assert len(fit.draws) == 500 - fit.lost
    assert f"({fit.lost} resamples could not be used)" in str(fit)
    rarer = DATA.assign(g=["rare"] * 1 + ["a"] * (len(DATA) - 1))
    with pytest.raises(ModelError, match="resamples cannot be estimated"):
        tn.regression.endogeneity.control_function(MODEL, rarer, **ONE, draws=500)


@pytest.mark.parametrize(
    ("change", "error"), [({"draws": 10}, ArgumentError), ({"draws": True}, ArgumentError), ({"instruments": "w"}, ArgumentError)]
)
def test_refusals(change, error):
    with pytest.raises(error):
        tn.regression.endogeneity.control_function(MODEL, DATA, **{**ONE, "draws": 99, **change})


def test_fewer_instruments_than_variables():
    with pytest.raises(ModelError, match="1 instrument cannot identify 2 endogenous variables"):
        tn.regression.endogeneity.control_function(tn.Moderation("y ~ x + x2"), DATA, endogenous=["x", "x2"], instruments="iv1")


def test_a_copy_is_no_instrument():
    with pytest.raises(ModelError, match="predict x exactly"):
        tn.regression.endogeneity.control_function(MODEL, DATA.assign(copy=5 - 2 * DATA["x"]), endogenous="x", instruments="copy")


def test_resampling_alone():
    problem = pose(tn.Moderation("y ~ x + w"), DATA, "x", ["iv1"])
    found, lost = resampled(problem, problem.ordinary.solution.basis, lambda counts: np.zeros((*counts.shape, 0)), 99, 0)
    assert (found.shape, lost) == ((99, 3), 0)
