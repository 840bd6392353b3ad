"""Fits as statsmodels results, and predictions: against statsmodels where available, otherwise R and closed forms."""

from __future__ import annotations

import json
import pickle
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import statsmodels.api as sm
from scipy.stats import t as t_dist

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, ModelError, OutsideSupport
from tienet.output.glossary import describe
from tienet.regression.dependence import random_intercept
from tienet.regression.endogeneity import gaussian_copula, two_stage_least_squares
from tienet.regression.model import Moderation, ModerationFit, joint_test, standardize

FOLDER = Path(__file__).parent / "oracles" / "covariances"
R = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
DATA = pd.read_csv(FOLDER / "data.csv").assign(
    region=lambda data: np.array(["north", "south", "west"])[np.arange(len(data)) * 7 % 3], weight=lambda data: 1 + np.arange(len(data)) % 4
)
FORMULA = "y ~ w + region + x*z + x^2"
ROBUST = ("classical", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5")
CLUSTERED = ("CR0", "CR1", "CR2", "CR3")
EVERY = [
    *({"covariance": kind} for kind in ROBUST),
    *({"covariance": kind, "cluster": "team"} for kind in CLUSTERED),
    *({"covariance": kind, "cluster": ("team", "month")} for kind in ("CR0", "CR1")),
]
INTERVALS = ("conf_low", "conf_high", "prediction_low", "prediction_high")

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.FewClusters")


def fitted(formula: str = FORMULA, **options: object) -> ModerationFit:
    return Moderation(formula, **options).fit(DATA)


def same(found: object, expected: object, rtol: float = 1e-10) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=rtol, atol=1e-14)


# ---------------------------------------------------------------- results of statsmodels


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("options", EVERY, ids=lambda options: f"{options['covariance']}-{options.get('cluster')}")
def test_every_covariance_reaches_statsmodels(options: dict[str, object], weights: str | None) -> None:
    fit = fitted(**options, weights=weights)
    results, frame = fit.statsmodels, fit.frame
    same(results.params, frame["estimate"])
    same(results.bse, frame["std_error"])
    same(results.tvalues, frame["statistic"])
    same(results.pvalues, frame["p_value"])
    same(results.conf_int(), frame[["conf_low", "conf_high"]])
    same(results.cov_params(), fit.covariance.matrix)
    assert list(results.params.index) == list(results.cov_params().columns) == list(fit.terms)
    same(results.t_test(np.eye(len(fit.terms))).pvalue, frame["p_value"])
    same(results.t_test(np.eye(len(fit.terms))).conf_int(), frame[["conf_low", "conf_high"]])
    same(results.rsquared, fit.r_squared)
    same(results.mse_resid, fit.sigma**2)
    same((results.fvalue, results.f_pvalue), (fit.f_test.f, fit.f_test.p_value), rtol=1e-8)
    text = str(results.summary())
    assert str(fit.covariance)[:40] in " ".join(text.split())
    assert fit.covariance.kind in text or "nonrobust" in text


@pytest.mark.parametrize("options", EVERY, ids=lambda options: f"{options['covariance']}-{options.get('cluster')}")
def test_named_hypotheses_are_tested_with_the_degrees_of_freedom_of_the_fit(options: dict[str, object]) -> None:
    fit = fitted(**options)
    results = fit.statsmodels
    joint, found = joint_test(fit, ["x:z", "x^2"]), results.f_test("x:z = 0, x^2 = 0")
    same((found.fvalue, found.df_num, found.df_denom, found.pvalue), (joint.statistic, joint.df1, joint.df2, joint.p_value), rtol=1e-8)
    same(results.wald_test("x:z = 0, x^2 = 0", scalar=False).fvalue, [[joint.statistic]], rtol=1e-8)
    # a simple slope, as a combination of coefficients
    slope = tn.simple_slopes(fit, focal="x", moderator="z", at=[fit.variables["z"].center + 0.5, fit.variables["z"].center])
    at = slope.frame.iloc[0]
    away = fit.variables["x"].mean - fit.variables["x"].center
    row = np.zeros(len(fit.terms))
    row[[fit.terms.index(term) for term in ("x", "x:z", "x^2")]] = 1, 0.5, 2 * away
    one = results.t_test(row)
    same((one.effect[0], np.squeeze(one.sd), one.pvalue), (at["estimate"], at["std_error"], at["p_value"]), rtol=1e-8)
    assert "Test for Constraints" in str(one)
    chi2 = results.wald_test("x:z = 0, x^2 = 0", use_f=False)
    rows = [fit.terms.index(term) for term in ("x:z", "x^2")]
    b, V = fit.estimate[rows], fit.covariance.matrix[np.ix_(rows, rows)]
    assert chi2.statistic == pytest.approx(float(b @ np.linalg.solve(V, b)), rel=1e-8)


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3"])
@pytest.mark.parametrize("weights", [None, "weight"])
def test_statsmodels_own_numbers(kind: str, weights: str | None) -> None:
    results = fitted(covariance=kind, weights=weights).statsmodels
    X = results.model.exog
    theirs = sm.OLS(DATA["y"], X) if weights is None else sm.WLS(DATA["y"], X, weights=DATA[weights])
    theirs = theirs.fit(cov_type="nonrobust" if kind == "classical" else kind, use_t=True)
    for name in ("params", "bse", "tvalues", "pvalues", "resid", "fittedvalues"):
        same(getattr(results, name), getattr(theirs, name), rtol=1e-8)
    for name in ("fvalue", "rsquared", "rsquared_adj", "llf", "aic", "bic", "scale", "df_resid", "df_model", "nobs", "condition_number"):
        same(getattr(results, name), getattr(theirs, name), rtol=1e-8)
    same(results.normalized_cov_params, theirs.normalized_cov_params, rtol=1e-8)
    same(results.get_prediction().summary_frame(), theirs.get_prediction().summary_frame(), rtol=1e-8)
    same(results.get_prediction(X[:5]).summary_frame(alpha=0.1), theirs.get_prediction(X[:5]).summary_frame(alpha=0.1), rtol=1e-8)
    same(results.predict(X[:5]), theirs.predict(X[:5]), rtol=1e-8)
    same(results.get_robustcov_results("HC2").bse, theirs.get_robustcov_results("HC2").bse, rtol=1e-8)
    if weights is None:
        same(results.get_influence().cooks_distance[0], theirs.get_influence().cooks_distance[0], rtol=1e-8)


@pytest.mark.parametrize("kind", ["CR0", "CR1"])
def test_statsmodels_own_clusters(kind: str) -> None:
    fit = fitted(covariance=kind, cluster="team")
    theirs = sm.OLS(DATA["y"], fit.statsmodels.model.exog).fit(
        cov_type="cluster", use_t=True, cov_kwds={"groups": DATA["team"], "use_correction": kind == "CR1"}
    )
    same(fit.statsmodels.bse, theirs.bse, rtol=1e-8)
    same(fit.statsmodels.pvalues, theirs.pvalues, rtol=1e-8)
    same(fit.statsmodels.conf_int(), theirs.conf_int(), rtol=1e-8)


@pytest.mark.parametrize(
    ("kind", "theirs"), [("HC4", ("hc", "HC4")), ("HC5", ("hc", "HC5")), ("CR2", ("cr", "CR2")), ("CR3", ("cr", "CR3"))]
)
def test_kinds_that_statsmodels_lacks_against_r(kind: str, theirs: tuple[str, str]) -> None:
    cluster = {"cluster": "team"} if kind.startswith("CR") else {}
    results = fitted("y ~ w + x + z + x^2 + x:z", covariance=kind, **cluster).statsmodels
    expected = R["hc" if kind.startswith("HC") else "cr"][kind]
    for name, column in (("bse", "std_error"), ("tvalues", "statistic"), ("pvalues", "p_value"))[: 2 if kind == "CR3" else 3]:
        same(getattr(results, name), expected[column], rtol=1e-8)
    if kind == "CR3":  # the stored p-values have G - 1 degrees of freedom, ours Satterthwaite's
        same(results.pvalues, 2 * t_dist.sf(np.abs(results.tvalues), results.df_resid_inference), rtol=1e-10)
        return
    same(results.conf_int(), np.column_stack([expected["conf_low"], expected["conf_high"]]), rtol=1e-8)
    if kind == "CR2":
        found, htz = results.f_test("x^2 = 0, x:z = 0"), R["htz"]["5,6"]
        same(
            (found.fvalue, found.df_num, found.df_denom, found.pvalue), [htz[name] for name in ("statistic", "df1", "df2", "p_value")], 1e-7
        )


def test_two_way_clusters_against_r() -> None:
    results = fitted("y ~ w + x", covariance="CR1", cluster=("team", "month"), center="none").statsmodels
    same(results.cov_params(), R["two_way"]["CR1"]["matrix"], rtol=1e-7)
    same(results.bse, R["two_way"]["CR1"]["std_error"], rtol=1e-8)
    same(results.pvalues, 2 * t_dist.sf(np.abs(results.tvalues), 6), rtol=1e-8)


def test_too_few_clusters_for_a_joint_test_give_none() -> None:
    few = Moderation("y ~ w + x*z", cluster="three").fit(DATA.assign(three=DATA["team"] % 3))
    found = few.statsmodels.f_test(np.eye(5)[1:])
    assert np.isnan(found.fvalue)
    assert np.isnan(few.f_test.f)


def test_constraints_that_follow_from_others_are_refused() -> None:
    with pytest.raises(ModelError, match="the constraints are not linearly independent"):
        fitted().statsmodels.f_test("x = 0, 2*x = 0")


def test_results_far_from_zero_keep_their_digits() -> None:
    away = DATA.assign(x=DATA["x"] + 1e6)
    near, far = (Moderation("y ~ x*z", covariance="HC3").fit(data).statsmodels for data in (DATA, away))
    same(far.params, near.params, rtol=1e-7)
    same(far.bse, near.bse, rtol=1e-7)
    assert far.df_model == 3
    raw = Moderation("y ~ z + x^2 + x", covariance="HC3", center="none").fit(away)
    expected = Moderation("y ~ z + x^2 + x", covariance="HC3").fit(DATA)
    same(raw.statsmodels.predict(away), expected.fitted, rtol=1e-7)
    same(raw.statsmodels.get_prediction().conf_int(), expected.statsmodels.get_prediction().conf_int(), rtol=1e-7)


def test_rows_are_labelled_by_their_position_in_the_data() -> None:
    data = DATA.assign(x=DATA["x"].where(np.arange(len(DATA)) % 5 > 0))
    results = Moderation("y ~ x*z").fit(data).statsmodels
    assert list(results.resid.index) == [row for row in range(len(DATA)) if row % 5]


@pytest.mark.parametrize("covariance", ["HC3", "CR2"])
def test_results_can_be_kept_in_a_file(covariance: str, tmp_path: Path) -> None:
    results = fitted(covariance=covariance, cluster="team" if covariance == "CR2" else None).statsmodels
    results.save(str(tmp_path / "fit.pickle"))
    again = pickle.loads((tmp_path / "fit.pickle").read_bytes())  # noqa: S301 - our own bytes
    same(again.pvalues, results.pvalues)
    same(again.predict(DATA.head(3)), results.predict(DATA.head(3)))


def test_new_data_by_the_names_of_the_variables() -> None:
    for options in ({"covariance": "classical"}, {"cluster": "team", "covariance": "CR2"}, {"center": "none"}, {"weights": "weight"}):
        fit = fitted(**options)
        results, new = fit.statsmodels, DATA.iloc[[4, 2, 9]]
        ours = fit.predict(new)
        same(results.predict(new), ours["estimate"])
        assert list(results.predict(new).index) == [4, 2, 9]
        same(results.predict(new), fit.fitted[[4, 2, 9]], rtol=1e-8)
        frame = results.get_prediction(new).summary_frame()
        same(frame[["mean", "mean_se", "mean_ci_lower", "mean_ci_upper"]], ours[["estimate", "std_error", "conf_low", "conf_high"]])
        same(frame[["obs_ci_lower", "obs_ci_upper"]], ours[["prediction_low", "prediction_high"]])
        assert list(frame.index) == [4, 2, 9]
        # columns of the design, in any order, as statsmodels takes them
        design = pd.DataFrame(results.model.exog, columns=list(fit.terms))
        same(results.predict(design.iloc[[4, 2, 9], ::-1]), ours["estimate"], rtol=1e-8)
        same(results.predict(design.iloc[[4, 2, 9]].to_numpy()), ours["estimate"], rtol=1e-8)


def test_arrays_of_new_data_have_the_columns_of_the_design() -> None:
    with pytest.raises(ArgumentError, match="must have the 8 columns of the design"):
        fitted().statsmodels.predict(np.ones((3, 4)))


# ---------------------------------------------------------------- other fits


def test_a_random_intercept_as_statsmodels_results() -> None:
    fit = random_intercept("y ~ w + x*z", DATA, unit="team")
    results, frame = fit.statsmodels, fit.frame
    same(results.bse, frame["std_error"])
    same(results.pvalues, frame["p_value"])
    same(results.conf_int(), frame[["conf_low", "conf_high"]])
    joint, found = joint_test(fit, ["x:z", "w"]), results.f_test("x:z = 0, w = 0")
    same((found.fvalue, found.df_denom, found.pvalue), (joint.statistic, joint.df2, joint.p_value), rtol=1e-8)
    text = str(results.summary())
    assert "Random intercept for team, REML" in text
    assert "Least Squares" not in text
    new = DATA.head(4)
    same(results.predict(new), fit.predict(new)["estimate"])
    # sm.MixedLM has the same coefficients; the errors, which it takes from another Hessian, are checked against R elsewhere
    theirs = sm.MixedLM(DATA["y"], results.model.exog, groups=DATA["team"]).fit(reml=True)
    same(results.params, theirs.fe_params, rtol=1e-4)
    wide = fit.predict(new)
    half = t_dist.isf(0.025, wide["df"]) * np.sqrt(wide["std_error"] ** 2 + fit.unit_variance + fit.residual_variance)
    same(wide["prediction_high"] - wide["estimate"], half)


def test_instruments_as_statsmodels_results() -> None:
    from statsmodels.sandbox.regression.gmm import IV2SLS

    rng = np.random.default_rng(1)
    iv, z, u = rng.normal(size=(3, 300))
    x = iv + u + rng.normal(size=300)
    data = pd.DataFrame({"y": x + 0.5 * x * z - u + rng.normal(size=300), "x": x, "z": z, "iv": iv})
    fit = two_stage_least_squares(Moderation("y ~ x*z", covariance="classical", center="none"), data, endogenous="x", instruments="iv")
    results = fit.statsmodels
    theirs = IV2SLS(data["y"], results.model.exog, np.column_stack([np.ones(300), iv, z, iv * z])).fit()
    same(results.params, theirs.params, rtol=1e-8)
    same(results.bse, theirs.bse, rtol=1e-8)
    same(results.pvalues, fit.frame["p_value"])
    same(results.f_test(np.eye(4)[1:3]).fvalue, theirs.f_test(np.eye(4)[1:3]).fvalue, rtol=1e-8)
    assert "Two-stage least squares" in str(results.summary())
    new = fit.predict(data.head(3))
    same(new["estimate"], results.predict(data.head(3)))
    assert new[["prediction_low", "prediction_high"]].isna().all(axis=None)
    surface = tn.predict_surface(fit, focal="x", moderator="z", moderator_at=[0.5], over=(-1, 1), points=3)
    line = fit.predict({"x": [-1.0, 0.0, 1.0], "z": [0.5] * 3})
    same(line["conf_low"], surface.conf_low[0])


def test_intervals_from_a_bootstrap_have_no_place_there() -> None:
    rng = np.random.default_rng(2)
    x, z = rng.exponential(size=700), rng.normal(size=700)
    data = pd.DataFrame({"y": x + z + rng.normal(size=700), "x": x, "z": z})
    fit = gaussian_copula(Moderation("y ~ x*z"), data, endogenous="x", draws=99, seed=1)
    with pytest.raises(ModelError, match="bootstrap percentile intervals"):
        _ = fit.statsmodels
    new = fit.predict(data.head(2))
    # along x in the surface and in rows, each with the bootstrap's own errors
    surface = tn.predict_surface(fit, focal="x", moderator="z", moderator_at=[0.5], over=(0.5, 1.5), points=3)
    same(fit.predict({"x": [0.5, 1.0, 1.5], "z": [0.5] * 3})["conf_high"], surface.conf_high[0])
    assert new["prediction_low"].isna().all()


# ---------------------------------------------------------------- predictions

SPEED = [4, 4, 7, 7, 8, 9, 10, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15]
SPEED += [15, 16, 16, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 20, 20, 20, 20, 20, 22, 23, 24, 24, 24, 24, 25]
DIST = [2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26]
DIST += [54, 32, 40, 32, 40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85]


def test_r_predicts_the_same() -> None:
    # R: predict(lm(dist ~ speed, cars), data.frame(speed = c(12, 19, 24)), interval = "confidence"), then "prediction"
    found = Moderation("dist ~ speed", covariance="classical").fit({"speed": SPEED, "dist": DIST}).predict({"speed": [12, 19, 24]})
    assert found["estimate"].round(5).tolist() == [29.60981, 57.13667, 76.79872]
    assert found["conf_low"].round(5).tolist() == [24.39514, 51.82913, 68.38765]
    assert found["conf_high"].round(5).tolist() == [34.82448, 62.44421, 85.20978]
    assert found["prediction_low"].round(5).tolist() == [-1.74953, 25.76176, 44.75248]
    assert found["prediction_high"].round(5).tolist() == [60.96915, 88.51159, 108.84495]


@pytest.mark.parametrize("options", EVERY, ids=lambda options: f"{options['covariance']}-{options.get('cluster')}")
def test_predictions_are_combinations_of_the_coefficients(options: dict[str, object]) -> None:
    fit, alpha = fitted(**options), 0.1
    found = fit.predict(DATA, alpha=alpha)
    X = fit.statsmodels.model.exog
    se = np.sqrt(np.einsum("ij,jk,ik->i", X, fit.covariance.matrix, X))
    same(found["estimate"], fit.fitted, rtol=1e-8)
    same(found["std_error"], se, rtol=1e-8)
    critical = t_dist.isf(alpha / 2, found["df"])
    same(found["conf_high"], fit.fitted + critical * se, rtol=1e-8)
    same(found["prediction_low"], fit.fitted - critical * np.sqrt(se**2 + fit.sigma**2), rtol=1e-8)
    if not fit.covariance.own_df:
        assert set(found["df"]) == {fit.df}
    assert all(describe(column) for column in found)


def test_many_rows_have_the_degrees_of_freedom_of_few() -> None:
    for fit in (fitted(covariance="CR2", cluster="team"), random_intercept(FORMULA, DATA, unit="team")):
        few, many = fit.predict(DATA), fit.predict(pd.concat([DATA] * 10))
        same(many["df"][: len(DATA)], few["df"], rtol=1e-8)
        same(many["conf_low"][-len(DATA) :], few["conf_low"], rtol=1e-8)


def test_new_data_use_the_centers_and_the_categories_of_the_fit() -> None:
    for center in ("mean", "none", {"x": 1.0, "z": -2.0}):
        fit = fitted(center=center)
        one = fit.predict(DATA.iloc[[3]])  # one row, whose own mean is itself, with one category
        same(one["estimate"], fit.fitted[[3]], rtol=1e-8)
        west = np.flatnonzero(DATA["region"] == "west")
        same(fit.predict(DATA.iloc[west])["estimate"], fit.fitted[west], rtol=1e-8)


def test_the_frame_that_came_in_comes_back() -> None:
    fit = fitted()
    new = DATA[["region", "z", "x", "w"]].iloc[5:8]
    expected = fit.predict(new)
    assert isinstance(expected, pd.DataFrame)
    assert list(expected.index) == [5, 6, 7]
    for made, kind in (
        (pl.from_pandas(new), pl.DataFrame),
        (pl.from_pandas(new).lazy(), pl.DataFrame),
        (pa.Table.from_pandas(new), pa.Table),
    ):
        found = fit.predict(made)
        assert isinstance(found, kind)
        same(np.column_stack([found[name].to_numpy() for name in expected.columns]), expected)
    mapped = fit.predict(new.to_dict("list"))
    assert list(mapped.index) == [0, 1, 2]
    same(mapped, expected)
    same(Moderation(FORMULA).fit(pl.from_pandas(DATA)).predict(new), expected)
    same(fit.statsmodels.predict(pl.from_pandas(new)), expected["estimate"])


def test_categories_by_number_and_truth_values() -> None:
    data = DATA.assign(grade=np.arange(len(DATA)) % 3 + 1, lead=np.arange(len(DATA)) % 2 == 0)
    fit = Moderation("y ~ C(grade)*x + lead").fit(data)
    same(fit.predict(data.assign(grade=data["grade"].astype(float)))["estimate"], fit.fitted, rtol=1e-8)
    same(fit.predict(pl.from_pandas(data))["estimate"], fit.fitted, rtol=1e-8)


def test_a_row_that_misses_a_value_has_no_prediction() -> None:
    fit = fitted(cluster="team", covariance="CR2")
    new = DATA.iloc[:4].astype({"x": object})
    new.loc[1, "x"] = None
    new.loc[2, "region"] = None
    found = fit.predict(new)
    assert found.isna().all(axis=1).tolist() == [False, True, True, False]
    same(found["estimate"].dropna(), fit.fitted[[0, 3]], rtol=1e-8)
    assert fit.statsmodels.predict(new).isna().tolist() == [False, True, True, False]
    assert fit.predict(DATA.iloc[:0]).shape == (0, 7)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda data: data.drop(columns="x"), DataError, r"^the new data has no column 'x'"),
        (lambda data: data.rename(columns={"region": "Region"}), DataError, r"no column 'region'; did you mean 'Region'\?"),
        (
            lambda data: data.assign(region="east"),
            DataError,
            "'region' contains a category that is not in the data of the fit in 3 rows, the first in row 1",
        ),
        (lambda data: data.assign(x=["1", "many", "3"]), DataError, "column 'x' must contain numbers, but 1 of its values"),
        (
            lambda data: data.assign(x=[1.0, np.inf, 1.0]),
            ModelError,
            "'x' contains 1 number infinite or too large to be squared, the first in row 2",
        ),
        (lambda data: "new.csv", DataError, "the new data is a path"),
        (lambda data: 3, DataError, "int is not a data frame"),
        (lambda data: {"x": [1]}, DataError, "has no column"),
    ],
)
def test_new_data_that_cannot_be_used(change: object, error: type[Exception], words: str) -> None:
    fit, new = fitted(), change(DATA[["w", "region", "x", "z"]].head(3))
    with pytest.raises(error, match=words) as raised:
        fit.predict(new)
    assert "\n" not in str(raised.value)
    assert "many" not in str(raised.value)
    if not isinstance(new, str | int):
        with pytest.raises(error, match=words):
            fit.statsmodels.predict(new)


def test_values_outside_the_data_are_called_extrapolations() -> None:
    fit = fitted()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit.predict(DATA)
    far = DATA.head(3).assign(x=[5.0, 99.0, -99.0], z=[DATA["z"].max() + 1, 1.0, 1.0])
    with pytest.warns(OutsideSupport, match=r"extrapolations: x in 2 rows \(observed: .* to .*\); z in 1 row") as told:
        fit.predict(far)
    assert len(told) == 1
    assert told[0].filename == __file__
    with pytest.warns(OutsideSupport):
        fit.statsmodels.get_prediction(far)


def test_a_fit_on_z_scores_does_not_predict() -> None:
    with pytest.raises(ModelError, match="this fit uses z-scores"):
        standardize(fitted()).predict(DATA)
