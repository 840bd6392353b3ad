"""Pooling: against mice (shared data), Rubin's closed forms, and invariances."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tienet as tn
from drawing import drawn, marked, note
from models import data as model_data
from models import expected
from tienet.base.errors import FewImputations, ModelError
from tienet.regression.core.imputation_degrees import BarnardRubin
from tienet.regression.core.wald import wald_f

MISSING = np.arange(60) < 15


def _fits(center="mean", formula="y ~ x*z", m=5, spread=0.4, **model):
    rng = np.random.default_rng(3)
    x, z = rng.normal(3, 1, size=(2, 60))
    y = x + z + 0.5 * x * z + rng.normal(size=60)
    made = [np.where(MISSING, z + spread * rng.normal(size=60), z) for _ in range(m)]
    return [tn.Moderation(formula, center=center, **model).fit({"y": y, "x": x, "z": z_i, "g": np.arange(60) % 12}) for z_i in made]


def test_pooling_meets_mice():
    want = expected("pooled")
    table = model_data("imputed_ties")
    fits = [
        tn.Moderation(want["formula"], covariance="classical", center="none").fit(table[table["imputation"] == i])
        for i in sorted(table["imputation"].unique())
    ]
    pooled = tn.pool(fits)
    frame = pooled.frame.set_index("term")
    for term, row in want["coefficients"].items():
        got = frame.loc[term]
        # both programs work in doubles; fits far from zero lose a few digits
        for ours, theirs in (("estimate", "est"), ("std_error", "se"), ("df", "df"), ("p_value", "p"), ("riv", "riv"), ("fmi", "fmi")):
            assert got[ours] == pytest.approx(row[theirs], rel=1e-6), (term, ours)
    matrix = pooled.covariance.frame.set_index(["term", "other"])["covariance"]
    for one, others in want["pooled_covariance"].items():
        for other, value in others.items():
            assert matrix[one, other] == pytest.approx(value, rel=1e-6)
    slopes = tn.simple_slopes(pooled, focal="x", moderator="z", at=[row["z"] for row in want["slopes"]])
    for name, theirs in (("estimate", "est"), ("std_error", "se"), ("dfs", "df"), ("p_value", "p")):
        np.testing.assert_allclose(getattr(slopes, name), [row[theirs] for row in want["slopes"]], rtol=1e-6)
    region = tn.johnson_neyman(pooled, focal="x", moderator="z")
    np.testing.assert_allclose(region.bounds, want["jn_bounds_df_at_each_z"], rtol=1e-6)
    d1 = want["D1_of_z_and_xz"]
    rows = np.eye(5)[[list(pooled.polynomial.terms).index(term) for term in pooled.polynomial.terms if str(term) in ("z", "x:z")]]
    raw = tn.pool(fits).polynomial
    test = wald_f(rows @ raw.estimate, rows @ raw.matrix @ rows.T, raw.degrees.along(rows))
    assert test[0] == pytest.approx(d1["F"], rel=1e-6)
    assert test[2] == pytest.approx(d1["df2"], rel=1e-6)


def test_usual_values_are_averages_over_the_imputations():
    fits = _fits()
    slopes = tn.simple_slopes(tn.pool(fits), focal="x", moderator="z")
    means, sds = ([getattr(fit.variables["z"], name) for fit in fits] for name in ("mean", "sd"))
    np.testing.assert_allclose(slopes.at, np.mean(means) + np.array([-1, 0, 1]) * np.mean(sds), rtol=1e-12)


def test_centring_moves_coefficients_but_no_slope():
    mean, none = tn.pool(_fits("mean")), tn.pool(_fits("none"))
    for name in ("estimate", "std_error", "dfs"):
        one, two = (getattr(tn.simple_slopes(fit, focal="x", moderator="z", at=[2, 3, 4]), name) for fit in (mean, none))
        np.testing.assert_allclose(one, two, rtol=1e-9)
    np.testing.assert_allclose(mean.estimate[3], none.estimate[3], rtol=1e-9)
    # the slope at the pooled mean is the coefficient printed around it
    at_mean = tn.simple_slopes(mean, focal="x", moderator="z", at=[mean.polynomial.variables["z"].mean])
    assert mean.estimate[1] == pytest.approx(at_mean.estimate[0], rel=1e-12)


def test_shares_of_a_region_are_averages_of_the_imputations_shares():
    fits = _fits()
    region = tn.johnson_neyman(tn.pool(fits), focal="x", moderator="z")
    values = [fit.variables["z"].values for fit in fits]
    each = [np.bincount(np.searchsorted(region.bounds, one), minlength=len(region.bounds) + 1) / 60 for one in values]
    np.testing.assert_allclose(region.share, np.mean(each, axis=0), rtol=1e-12)


def test_equal_fits_pool_to_themselves_and_say_so():
    fit = _fits(m=2, spread=0.0)[0]
    pooled = tn.pool([fit, fit, fit])
    np.testing.assert_allclose(pooled.covariance.matrix, fit.covariance.matrix, rtol=1e-12)
    assert "nothing was imputed" in str(pooled)
    df = fit.df
    # lambda = 0: df_old is infinite and df_obs (df + 1) / (df + 3) df
    np.testing.assert_allclose(pooled.dfs, (df + 1) / (df + 3) * df, rtol=1e-12)
    np.testing.assert_array_equal(pooled.fmi, 0)


def test_infinite_complete_degrees_leave_rubins_own():
    degrees = BarnardRubin(np.eye(1), np.eye(1) * 0.5, 4, tuple(fit.polynomial.degrees for fit in _fits(m=2)))
    wide = BarnardRubin(np.eye(1), np.eye(1) * 0.5, 4, (tn.PublishedModel({"x": 1.0}).polynomial.degrees,))
    r = 1.25 * 0.5
    assert wide.of(np.eye(1))[0] == pytest.approx(3 * (1 + 1 / r) ** 2, rel=1e-12)
    assert degrees.of(np.eye(1))[0] < wide.of(np.eye(1))[0]


@pytest.mark.parametrize(("covariance", "cluster"), [("HC3", None), ("CR1", "g"), ("CR2", "g")])
def test_any_covariance_can_be_pooled(covariance, cluster):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tn.base.errors.FewClusters)
        fits = _fits(covariance=covariance, cluster=cluster)
    pooled = tn.pool(fits)
    slopes = [tn.simple_slopes(fit, focal="x", moderator="z", at=[3.0]) for fit in fits]
    within, between = np.mean([one.std_error**2 for one in slopes]), np.var([one.estimate for one in slopes], ddof=1)
    assert tn.simple_slopes(pooled, focal="x", moderator="z", at=[3.0]).std_error[0] == pytest.approx((within + 1.2 * between) ** 0.5)


def test_figures_count_each_person_once():
    surface = tn.predict_surface(tn.pool(_fits()), focal="z", moderator="x")
    assert len(surface.focal_observed) == 60


def test_different_models_are_refused_by_name():
    one = _fits()
    others = {"the terms": {"formula": "y ~ x + z"}, "the covariance": {"covariance": "HC1"}, "the weights": {"weights": "x"}}
    for other, why in ((_fits(**how), why) for why, how in others.items()):
        with pytest.raises(ModelError, match=rf"imputations of different models; {why} of fit 2"):
            tn.pool([one[0], other[1]])
    with pytest.raises(ModelError, match="at least 2"):
        tn.pool(one[:1])
    with pytest.raises(tn.base.errors.ArgumentError, match="a list of fits"):
        tn.pool(one[0])


def test_few_imputations_of_much_missing_information_warn():
    with pytest.warns(FewImputations, match=r"3 imputations are few .* impute about"):
        tn.pool(_fits(m=3, spread=3.0))


def test_a_pooled_fit_stands_in_tables_and_figures():
    pooled = tn.pool(_fits())
    text = tn.compare({"pooled": pooled}).markdown()
    assert "pooled over 5 imputations" in text
    assert "R²" not in text
    assert "pooled over 5 imputations" in str(tn.simple_slopes(pooled, focal="x", moderator="z"))
    tn.plot(tn.predict_surface(pooled, focal="x", moderator="z"))


def test_the_figure_has_the_pooled_intervals():
    pooled = tn.pool(_fits())
    ax = drawn(pooled)
    table = pooled.frame.iloc[:0:-1]
    np.testing.assert_array_equal(marked(ax, "estimates")[0].get_offsets()[:, 0], table["estimate"])
    ends = np.array([segment[:, 0] for segment in marked(ax, "whiskers")[0].get_segments()])
    np.testing.assert_array_equal(ends, table[["conf_low", "conf_high"]])
    assert "pooled over 5 imputations" in note(ax)
    assert len(drawn(pooled, intercept=True).get_yticklabels()) == 4


def _likelihood(m=6, n=300, **model):
    """Fits to m imputations in which a third of z is drawn anew, of outcomes that bend much."""
    rng = np.random.default_rng(3)
    x, z, months = rng.normal(size=n), rng.normal(size=n), rng.integers(2, 15, size=n)
    eta = -1.5 + 1.2 * x + 1.2 * z + 0.5 * x * z
    u = rng.uniform(size=n)
    fixed = {"won": (u < 1 / (1 + np.exp(-eta))).astype(int), "x": x, "months": months, "deals": rng.poisson(months * np.exp(eta / 4))}
    fixed["rating"] = 1 + (eta + np.log(u / (1 - u)) > 0) + (eta + np.log(u / (1 - u)) > 2)
    draws = [np.where(np.arange(n) < n / 3, z + np.random.default_rng(k).normal(size=n) / 2, z) for k in range(m)]
    return [tn.Moderation(**model).fit({**fixed, "z": z}) for z in draws]


@pytest.mark.parametrize(
    "model",
    [
        {"formula": "won ~ x*z", "family": "logit"},
        {"formula": "deals ~ x*z", "family": "poisson", "exposure": "months"},
    ],
)
def test_average_effects_are_over_the_rows_of_all_imputations(model):
    fits = _likelihood(**model)
    pooled = tn.pool(fits)
    # by hand: the mean of g'(eta) eta_z at the pooled coefficients over the rows of each imputation
    found, by_hand = tn.average_effects(pooled, focal="z").estimate[0], []
    c = {name: variable.center for name, variable in pooled.polynomial.variables.items()}
    b0, b1, b2, b3 = pooled.estimate
    for fit in fits:
        x, z = (fit.variables[name].values - c[name] for name in ("x", "z"))
        eta = b0 + b1 * x + b2 * z + b3 * x * z
        mean = 1 / (1 + np.exp(-eta)) if model["family"] == "logit" else np.exp(eta + fit.polynomial.response.offset)
        by_hand.append(np.mean((mean * (1 - mean) if model["family"] == "logit" else mean) * (b2 + b3 * x)))
    assert found == pytest.approx(np.mean(by_hand), rel=1e-10)
    # and Rubin's rule over the effects of each fit, from which averaged rows are 3% away
    each = [tn.average_effects(fit, focal="z").estimate[0] for fit in fits]
    assert found == pytest.approx(np.mean(each), rel=0.01)


def test_a_pooled_fit_has_no_bootstrap_of_one_imputation():
    fits = _likelihood(n=120, formula="won ~ x*z", family="logit")
    assert tn.second_difference(tn.pool(fits), focal="x", moderator="z").draws == 0


def test_a_joint_test_of_coefficients_is_d1():
    fits = _fits(center="none")
    b, V = np.array([fit.estimate[2:] for fit in fits]), np.array([fit.covariance.matrix[2:, 2:] for fit in fits])
    W, B, m = V.mean(axis=0), np.cov(b.T), len(fits)
    r = (1 + 1 / m) * np.trace(np.linalg.solve(W, B)) / 2
    test = tn.regression.model.joint_test(tn.pool(fits), ["z", "x:z"])
    assert test.test == "D1"
    assert test.statistic == pytest.approx(b.mean(axis=0) @ np.linalg.solve(W, b.mean(axis=0)) / (2 * (1 + r)), rel=1e-8)
    one = tn.regression.model.joint_test(tn.pool(_fits(center="mean")), ["x:z"])
    assert one.statistic == pytest.approx((tn.pool(fits).estimate[3] / tn.pool(fits).std_error[3]) ** 2, rel=1e-8)


def test_ordered_categories_are_pooled_without_an_intercept():
    fits = _likelihood(formula="rating ~ x*z", family="ordinal", center="none")
    pooled = tn.pool(fits)
    np.testing.assert_allclose(pooled.estimate, np.mean([fit.estimate for fit in fits], axis=0), rtol=1e-6)
    assert "on the log-odds scale" in str(pooled)
    assert "x (b =" in str(pooled)


def test_fits_with_other_words_for_the_outcome_are_refused():
    logit, counts = _likelihood(formula="won ~ x*z", family="logit"), _likelihood(formula="deals ~ x*z", family="poisson")
    exposed = _likelihood(formula="deals ~ x*z", family="poisson", exposure="months")
    with pytest.raises(ModelError, match="the exposure of fit 2: one, but of fit 1: none"):
        tn.pool([counts[0], exposed[1]])
    with pytest.raises(tn.base.errors.ArgumentError, match="alpha must be between 0 and 1"):
        tn.pool(logit, alpha="0.05")


def test_predictions_are_on_the_scale_of_the_outcome():
    fits = _likelihood(formula="deals ~ x*z", family="poisson", exposure="months", center="none")
    pooled, new = tn.pool(fits), {"x": [0.5], "z": [1.0], "months": [6]}
    eta = pooled.estimate @ [1, 0.5, 1, 0.5]
    assert pooled.predict(new)["estimate"][0] == pytest.approx(6 * np.exp(eta), rel=1e-10)
    assert pooled.predict(new)["estimate"][0] == pytest.approx(np.mean([fit.predict(new)["estimate"][0] for fit in fits]), rel=0.01)
    ordered = _likelihood(formula="rating ~ x*z", family="ordinal")
    with pytest.raises(ModelError, match=r"pool fit\.at_least"):
        tn.pool(ordered).predict(new)
    split = tn.pool([fit.at_least(2) for fit in ordered])
    assert 0 < split.predict(new)["estimate"][0] < 1
