from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import tienet as tn
from tienet.base.errors import ArgumentError, FewClusters, ModelError, WeakIdentification
from tienet.output.glossary import describe

FOLDER = Path(__file__).parent / "oracles" / "endogeneity"
DATA = pd.read_csv(FOLDER / "data.csv")
ORACLE = json.loads((FOLDER / "instruments.json").read_text())["models"]
# name -> formula, endogenous, instruments
MODELS = {
    "exact": ("y ~ x + w", "x", "iv1"),
    "over": ("y ~ x + w + g", "x", ["iv1", "iv2"]),
    "two": ("y ~ x + x2 + w", ["x", "x2"], ["iv1", "iv2", "iv3"]),
    "product": ("y ~ x*w", "x", ["iv1", "iv2"]),
    "square": ("y ~ x + x^2 + w", "x", ["iv1", "iv2"]),
}


def fitted(name, data=DATA, **options):
    formula, endogenous, instruments = MODELS[name]
    return tn.regression.endogeneity.two_stage_least_squares(
        tn.Moderation(formula, **options), data, endogenous=endogenous, instruments=instruments
    )


def ordered(name, fit):
    """Positions of R's terms among ours."""
    words = {"xc": "x", "wc": "w", "I(xc^2)": "x^2", "xc:wc": "x:w", "gb": "g[b]", "gc": "g[c]"}
    return [fit.terms.index(words.get(term, term)) for term in ORACLE[name]["terms"]]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3", "CR0", "CR1"])
def test_estimates_and_errors_are_those_of_ivreg(name, kind):
    fit = fitted(name, covariance=kind, cluster="team" if kind.startswith("CR") else None)
    places, oracle = ordered(name, fit), ORACLE[name]
    np.testing.assert_allclose(fit.estimate[places], oracle["estimate"], rtol=1e-8)
    np.testing.assert_allclose(fit.std_error[places], oracle["errors"][kind], rtol=1e-8)
    assert fit.df == (DATA["team"].nunique() - 1 if kind.startswith("CR") else oracle["df"])
    assert fit.sigma == pytest.approx(oracle["sigma"], rel=1e-8)
    if kind == "classical":
        table = fit.frame.iloc[places]
        np.testing.assert_allclose(table["p_value"], oracle["p"], rtol=1e-8)
        np.testing.assert_allclose(table["conf_low"], oracle["low"], rtol=1e-8)
        np.testing.assert_allclose(table["conf_high"], oracle["high"], rtol=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_diagnostics_are_those_of_ivreg(name):
    oracle, found = ORACLE[name], fitted(name).diagnostics
    rows = [i for i, test in enumerate(found.test) if not test.startswith("conditional")]
    known = [i for i, value in enumerate(oracle["statistic"]) if value is not None]
    order = {"Weak instruments (xc)": "x", "Weak instruments (x)": "x", "Weak instruments (x2)": "x2", "Weak instruments (xc:wc)": "x:w"}
    order |= {"Weak instruments (I(xc^2))": "x^2", "Weak instruments": "x"}
    for i in known:
        label = oracle["tests"][i]
        row = next(j for j in rows if found.test[j] == label or ("weak" in found.test[j] and found.term[j] == order.get(label)))
        assert found.statistic[row] == pytest.approx(oracle["statistic"][i], rel=1e-8)
        assert found.df1[row] == oracle["df1"][i]
        assert found.p_value[row] == pytest.approx(oracle["p_tests"][i], rel=1e-8)
        if label != "Sargan":
            assert found.df2[row] == oracle["df2"][i]
    assert len(rows) == len(known)
    assert ("Sargan" in found.test) == (len(oracle["tests"]) == len(known))


def test_first_stages_are_those_of_the_centring_asked_for():
    """Raw products, AER 1.2: summary(ivreg(y ~ x*w | iv1*w + iv2*w, data = read.csv("data.csv")), diagnostics = TRUE)$diagnostics."""
    model = tn.Moderation("y ~ x*w", covariance="classical", center="none")
    found = tn.regression.endogeneity.two_stage_least_squares(model, DATA, endogenous="x", instruments=["iv1", "iv2"]).diagnostics
    weak = [value for test, value in zip(found.test, found.statistic, strict=True) if test == "weak instruments"]
    np.testing.assert_allclose(weak, [60.2218128787339779, 67.5984466704467906], rtol=1e-8)
    rest = dict(zip(found.test, found.statistic, strict=True))
    np.testing.assert_allclose([rest["Wu-Hausman"], rest["Sargan"]], [25.6875703030147697, 0.0744207829703925], rtol=1e-8)


def test_the_conditional_f_is_the_second_stage_of_two():
    found = fitted("two").diagnostics
    exogenous = sm.add_constant(DATA[["w"]])
    outer = sm.add_constant(DATA[["w", "iv1", "iv2", "iv3"]])
    seen = sm.OLS(DATA["x2"], outer).fit().fittedvalues
    share = sm.OLS(DATA["x"], exogenous.assign(seen=seen)).fit().params
    left = DATA["x"] - DATA["x2"] * share["seen"]
    # what the exogenous columns explain of it does not matter, since both regressions hold them
    small, large = sm.OLS(left, exogenous).fit(), sm.OLS(left, outer).fit()
    expected = (small.ssr - large.ssr) / 2 / (large.ssr / large.df_resid)
    row = found.test.index("conditional weak instruments")
    assert found.statistic[row] == pytest.approx(expected, rel=1e-8)
    assert (found.df1[row], found.df2[row]) == (2, large.df_resid)


def test_products_and_squares_stand_in():
    model = tn.Moderation("y ~ x*w + x^2 + g")
    fit = tn.regression.endogeneity.two_stage_least_squares(model, DATA, endogenous="x", instruments=["iv1", "iv2"])
    assert fit.endogenous == ("x", "x:w", "x^2")
    assert fit.instruments == ("iv1", "iv2", "iv1:w", "iv2:w", "iv1^2", "iv2^2")
    with_two_values = DATA.assign(b=(DATA["iv1"] > 0) * 1.0)
    with pytest.warns(WeakIdentification):
        found = tn.regression.endogeneity.two_stage_least_squares(
            tn.Moderation("y ~ x + x^2"), with_two_values, endogenous="x", instruments=["b", "iv2"]
        )
    assert found.instruments == ("b", "iv2", "iv2^2")


def test_instruments_that_are_the_variable_give_least_squares():
    data = DATA.assign(copy=2 * DATA["x"] - 7)
    model = tn.Moderation("y ~ x + w", covariance="HC3")
    fit = tn.regression.endogeneity.two_stage_least_squares(
        model, data.assign(copy=data["copy"] + 1e-7 * data["iv1"]), endogenous="x", instruments="copy"
    )
    np.testing.assert_allclose(fit.estimate, model.fit(DATA).estimate, rtol=1e-6)  # up to the noise that keeps it apart
    np.testing.assert_allclose(fit.std_error, model.fit(DATA).std_error, rtol=1e-6)


def test_probes_take_it_and_centring_moves_nothing_of_theirs():
    model = {"formula": "y ~ x*w + x^2"}
    arguments = {"endogenous": "x", "instruments": ["iv1", "iv2"]}
    one, other = (
        tn.regression.endogeneity.two_stage_least_squares(tn.Moderation(**model, center=c), DATA, **arguments) for c in ("mean", "none")
    )
    first, second = (tn.simple_slopes(fit, focal="x", moderator="w") for fit in (one, other))
    np.testing.assert_allclose(first.estimate, second.estimate, rtol=1e-10)
    np.testing.assert_allclose(first.std_error, second.std_error, rtol=1e-10)
    mean = DATA["w"].mean()
    at_mean = tn.simple_slopes(one, focal="x", moderator="w", at=[mean])
    assert at_mean.estimate[0] == pytest.approx(one.estimate[one.terms.index("x")], rel=1e-10)
    assert at_mean.std_error[0] == pytest.approx(one.std_error[one.terms.index("x")], rel=1e-10)
    assert tn.johnson_neyman(one, focal="x", moderator="w").covariance is one.covariance
    assert tn.turning_point(one, focal="x").n == len(DATA)
    assert tn.predict_surface(one, focal="x", moderator="w").df == one.df


def test_row_order_shift_and_scale():
    fit, shuffled = fitted("over"), fitted("over", DATA.sample(frac=1, random_state=1))
    np.testing.assert_allclose(shuffled.estimate, fit.estimate, rtol=1e-9)
    moved = fitted("over", DATA.assign(iv1=DATA["iv1"] * 1e6 + 1e7, x=DATA["x"] * 100 + 1000))
    np.testing.assert_allclose(moved.estimate[1:], fit.estimate[1:] / np.where(np.array(fit.terms[1:]) == "x", 100, 1), rtol=1e-7)
    np.testing.assert_allclose(moved.diagnostics.statistic, fit.diagnostics.statistic, rtol=1e-7)


def test_missing_values_of_an_instrument_drop_the_row_once():
    data = DATA.copy()
    data.loc[[0, 5], "iv1"] = np.nan
    fit = fitted("over", data)
    assert (fit.n, fit.ordinary.n_dropped, dict(fit.ordinary.dropped)) == (len(DATA) - 2, 2, {"iv1": 2})


def test_the_face():
    fit = fitted("over")
    assert str(fit).startswith(
        "y in 240 observations by two-stage least squares, x instrumented by iv1 and iv2: HC3 standard errors, df = 235. Smallest"
    )
    assert "Sargan chi2(1)" in str(fit)
    assert "Wooldridge" in fit.cite()
    assert fit.frame["ols_estimate"].tolist() == fit.ordinary.estimate.tolist()
    assert "weak instruments for x F(2, 234)" in str(fit.diagnostics)
    for column in (*fit.frame, *fit.diagnostics.frame):
        assert describe(column).meaning
    with pytest.raises(ValueError, match="read-only"):
        fit.estimate[0] = 0


def test_weak_instruments_are_said():
    noise = DATA.assign(noise=np.random.default_rng(0).normal(size=len(DATA)))
    with pytest.warns(WeakIdentification, match="first-stage F is .* below 10") as caught:
        tn.regression.endogeneity.two_stage_least_squares(tn.Moderation("y ~ x + w"), noise, endogenous="x", instruments="noise")
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("formula", "endogenous", "instruments", "error", "says"),
    [
        ("y ~ x + x2", ["x", "x2"], "iv1", ModelError, r"1 instrument \(iv1\) cannot identify 2 endogenous terms"),
        ("y ~ x + w", "x", "w", ArgumentError, "'w' is in the model itself"),
        ("y ~ x + w", "x", "y", ArgumentError, "is in the model itself"),
        ("y ~ x + w", "z", "iv1", ArgumentError, "not a variable of the model"),
        ("y ~ x + g", "g", "iv1", ArgumentError, "holds categories"),
        ("y ~ x + w", "x", "w2", ModelError, "w2 is an exact linear combination of w"),
        ("y ~ x + w", "x", [], ArgumentError, "must name one or more different columns"),
        ("y ~ x + w", "x", ["iv1", "iv1"], ArgumentError, "must name one or more different columns"),
        ("y ~ x + w", "x", "far", ModelError, "do not separate x from the other terms"),
        ("y ~ x + w", "x", "copy", ModelError, "predict x exactly"),
    ],
)
def test_refusals(formula, endogenous, instruments, error, says):
    data = DATA.assign(w2=3 * DATA["w"] + 1, copy=5 - 2 * DATA["x"])
    basis = np.column_stack([np.ones(len(data)), data["w"], data["x"]])
    data["far"] = sm.OLS(data["iv3"], basis).fit().resid
    with pytest.raises(error, match=says) as caught:
        tn.regression.endogeneity.two_stage_least_squares(tn.Moderation(formula), data, endogenous=endogenous, instruments=instruments)
    assert "\n" not in str(caught.value)


def test_few_clusters_are_said():
    few = DATA.assign(team=DATA["team"] % 6)
    with pytest.warns(FewClusters, match="team has 6 clusters") as caught:
        fit = fitted("over", few, cluster="team")
    assert caught[0].filename == __file__
    assert fit.df == 5


def test_covariances_made_for_least_squares_are_refused():
    with pytest.raises(ModelError, match="HC4 is not available"):
        fitted("over", covariance="HC4")
