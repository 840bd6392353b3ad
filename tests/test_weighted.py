"""Weighted and clustered fits in later results: CR2, joint tests of slopes, and functions that refuse weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError

ORACLE = Path(__file__).parent / "oracles" / "weighted"
EXPECTED: dict[str, Any] = json.loads((ORACLE / "expected.json").read_text())
DATA = pd.read_csv(ORACLE / "data.csv")
FORMULA = "y ~ x*year + g*x + x^2 + x^2*year"
NAMES = {"xc": "x", "zc": "year", "gnorth": "g[north]", "gwest": "g[west]", "I(xc^2)": "x^2"}


def fitted(**options: Any) -> tn.ModerationFit:
    return tn.Moderation(FORMULA, **options).fit(DATA)


pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.FewClusters")


def place(fit: tn.ModerationFit, term: str) -> int:
    wanted = {NAMES.get(part, part) for part in term.split(":")}
    return next(i for i, own in enumerate(fit.terms) if set(own.split(":")) == wanted)


@pytest.mark.parametrize("column", ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"])
def test_cr2_of_a_weighted_fit_is_that_of_the_rows_times_the_root_of_their_weights(column: str) -> None:
    fit, expected = fitted(cluster="team", covariance="CR2", weights="w"), EXPECTED["weighted"]
    found = fit.frame[column].to_numpy()[[place(fit, term) for term in expected["terms"]]]
    np.testing.assert_allclose(found, expected[column], rtol=1e-7)  # the year as it came costs R some digits


def test_another_root_of_the_same_working_model_is_near() -> None:
    fit, expected = fitted(cluster="team", covariance="CR2", weights="w"), EXPECTED["other"]
    found = fit.std_error[[place(fit, term) for term in expected["terms"]]]
    np.testing.assert_allclose(found, expected["std_error"], rtol=0.05)  # unbiased both, but not the same estimator


@pytest.mark.parametrize(("weights", "prefix"), [(None, ""), ("w", "weighted_")])
def test_joint_tests_of_probes_are_htz_under_cr2(weights: str | None, prefix: str) -> None:
    fit = fitted(cluster="team", covariance="CR2", weights=weights)
    slopes, curve = (
        tn.regression.probes.slope_differences(fit, focal="x", moderator="g"),
        tn.regression.probes.curve_moderation(fit, focal="x", moderator="year"),
    )
    for found, name in ((slopes, "slopes"), (curve, "curve")):
        numbers = (found.joint_statistic, found.joint_df1, found.joint_df2, found.joint_p_value)
        assert numbers == pytest.approx(tuple(EXPECTED[prefix + name].values()), rel=1e-7)
        assert "HTZ(2, " in str(found)
        assert "Tipton" in found.cite()
    same = tn.regression.model.joint_test(fit, ["x:g"])
    assert (same.statistic, same.df2, same.p_value) == pytest.approx((slopes.joint_statistic, slopes.joint_df2, slopes.joint_p_value))


def test_joint_tests_beside_a_random_intercept_have_df_of_their_own() -> None:
    fit = tn.regression.dependence.random_intercept(FORMULA, DATA, unit="team")
    slopes, curve = (
        tn.regression.probes.slope_differences(fit, focal="x", moderator="g"),
        tn.regression.probes.curve_moderation(fit, focal="x", moderator="year"),
    )
    for found, name in ((slopes, "mixed_slopes"), (curve, "mixed_curve")):
        numbers = (found.joint_statistic, found.joint_df1, found.joint_df2, found.joint_p_value)
        assert numbers == pytest.approx(tuple(EXPECTED[name].values()), rel=1e-4)  # lmer stops its search early
    same = tn.regression.model.joint_test(fit, ["x:g"])
    assert same.test == "F"
    assert (same.statistic, same.df2, same.p_value) == pytest.approx((slopes.joint_statistic, slopes.joint_df2, slopes.joint_p_value))
    assert "Fai" in same.cite()
    one = tn.regression.model.joint_test(fit, ["x:year"])
    row = fit.frame.set_index("term").loc["x:year"]
    assert (one.statistic, one.df2, one.p_value) == pytest.approx((row["statistic"] ** 2, row["df"], row["p_value"]))


def test_two_lines_of_a_weighted_fit_are_those_of_the_rows_repeated() -> None:
    rng = np.random.default_rng(5)
    times = rng.integers(1, 4, 150)
    x = rng.uniform(0, 10, 150)
    data = pd.DataFrame({"x": x, "y": -((x - 4) ** 2) + rng.normal(0, 4, 150), "times": times})
    model = {"covariance": "classical", "alpha": 0.05}
    heavy = tn.Moderation("y ~ x + x^2", weights="times", **model).fit(data)
    again = tn.Moderation("y ~ x + x^2", **model).fit(data.loc[data.index.repeat(times)])
    found, expected = (tn.two_lines(fit, focal="x", break_at=4.0) for fit in (heavy, again))
    np.testing.assert_allclose(found.estimate, expected.estimate, rtol=1e-9)
    # the spline with the same knots: the curve of the weighted fit goes through the heavy rows
    flat = tn.two_lines(tn.Moderation("y ~ x + x^2", **model).fit(data), focal="x", break_at=4.0)
    assert np.abs(found.smooth - flat.smooth).max() > 1e-3


@pytest.mark.filterwarnings("ignore::tienet.base.errors.FewDraws")
def test_the_bootstrap_of_a_weighted_fit_is_that_of_the_rows_with_their_weights() -> None:
    fit = tn.Moderation("y ~ x*year", weights="w").fit(DATA)
    found = tn.regression.resampling.bootstrap(fit, 3, seed=7)
    places = np.random.default_rng(7).integers(0, fit.n, (3, fit.n))
    columns = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.centers)])
    for draw, rows in zip(found.estimates, places, strict=True):
        root = np.sqrt(DATA["w"].to_numpy()[rows])
        expected = np.linalg.lstsq(columns[rows] * root[:, None], DATA["y"].to_numpy()[rows] * root, rcond=None)[0]
        np.testing.assert_allclose(draw, expected, rtol=1e-8)


def network(n: int) -> np.ndarray:
    return np.eye(n, k=1) + np.eye(n, k=-1)


REFUSING = {
    "moran": lambda fit: tn.regression.dependence.moran(fit, network(fit.n), draws=19),
    "network_autocorrelation": lambda fit: tn.regression.dependence.network_autocorrelation(fit, network(fit.n)),
    "sensitivity": lambda fit: tn.regression.endogeneity.sensitivity(fit, "x:year"),
}


@pytest.mark.parametrize("verb", REFUSING)
def test_who_refuses_weights(verb: str) -> None:
    with pytest.raises(ModelError, match=r"equal weights, but the fit is weighted by w"):
        REFUSING[verb](fitted(weights="w"))


OTHERS = {
    "drop_terms": lambda fit: tn.regression.model.drop_terms(fit, ["x:g"]),
    "without_quadratics": tn.regression.model.without_quadratics,
    "with_and_without_quadratics": tn.regression.model.with_and_without_quadratics,
    "standardize": tn.regression.model.standardize,
    "two_lines": lambda fit: tn.two_lines(fit, focal="x"),
    "bootstrap": lambda fit: tn.regression.resampling.bootstrap(fit, 9),
    "wild_cluster_bootstrap": lambda fit: tn.regression.resampling.wild_cluster_bootstrap(fit, "x:year"),
    "partial_residuals": lambda fit: tn.regression.checks.partial_residuals(fit, "x", "year"),
    "influence": lambda fit: tn.regression.checks.influence(fit, "x:year"),
    "linearity_check": lambda fit: tn.linearity_check(fit, "x", "year"),
    **REFUSING,
}


@pytest.mark.parametrize("verb", OTHERS)
def test_what_rests_on_least_squares_takes_nothing_else(verb: str) -> None:
    with pytest.raises(ArgumentError, match=r"needs the fit of a Moderation on data \(least squares\); got a RandomIntercept"):
        OTHERS[verb](tn.regression.dependence.random_intercept(FORMULA, DATA, unit="team"))


def test_under_cr2_a_sensitivity_is_judged_by_the_df_of_its_own_term() -> None:
    fit = fitted(cluster="team", covariance="CR2")
    row = fit.frame.set_index("term").loc["x:year"]
    assert row["df"] > fit.df + 1
    found = tn.regression.endogeneity.sensitivity(fit, "x:year")
    reach = stats.t.isf(0.025, row["df"]) * row["std_error"] / abs(row["estimate"])
    assert found.rir_share == pytest.approx(1 - reach if reach < 1 else 1 - 1 / reach, rel=1e-9)


def test_influence_keeps_the_df_of_its_term() -> None:
    fit = fitted(cluster="team", covariance="CR2")
    found = tn.regression.checks.influence(fit, "x:year")
    assert found.full_df == fit.frame.set_index("term").loc["x:year", "df"]
    band = [line for line in tn.plot(found).lines if line.get_gid() == "interval"]
    half = stats.t.isf(0.025, found.full_df) * found.full_std_error
    assert sorted(line.get_ydata()[0] for line in band) == pytest.approx([found.full_estimate - half, found.full_estimate + half])


def test_a_correction_by_resampling_has_no_degrees_of_freedom_of_cr2() -> None:
    rng = np.random.default_rng(3)
    data = DATA.assign(iv=DATA["x"] + rng.normal(size=len(DATA)))
    model = tn.Moderation("y ~ x*year", cluster="team", covariance="CR2")
    fit = tn.regression.endogeneity.control_function(model, data, endogenous="x", instruments="iv", draws=99)
    assert tn.simple_slopes(fit, focal="x", moderator="year").dfs.tolist() == [11.0] * 3
