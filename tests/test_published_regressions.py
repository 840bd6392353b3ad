"""Published moderated regressions against all of R's numbers for them (see tests/data; two more in test_unpublished_data)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from real import find

MODELS = {
    "teams": "perform ~ negtone*negexp + dysfunc",
    "disaster": "justify ~ frame*skeptic",
    "ugtests": "Final ~ Yr2*Yr3",
    "salespeople": "sales ~ customer_rate*performance",
}
COLUMNS = {"estimate": "estimate", "std_error": "se", "statistic": "t", "p_value": "p", "conf_low": "ci_low", "conf_high": "ci_high"}
SLOPES = COLUMNS | {"estimate": "slope", "at": "w"}
# The file was made from raw columns whose products R's QR knows to about 1e-10; p-values of 1e-85 lose three digits more.
CLOSE = {"rtol": 1e-8, "atol": 1e-300}


class Case:
    """One model with its data and what is expected of it."""

    def __init__(self, name: str) -> None:
        self.data = pd.read_csv(find(f"regression_moderation/raw/{name}.csv"))
        found = json.loads(find(f"regression_moderation/expected/{name}.json").read_text(encoding="utf-8"))
        self.expected: dict[str, Any] = found.get("ols_interaction", found)
        self.formula = MODELS[name]
        self.focal, self.moderator = (self.expected[end]["name"] for end in ("focal", "moderator"))

    def fit(self, covariance: str = "classical", center: str = "none") -> tn.ModerationFit:
        return tn.Moderation(self.formula, covariance=covariance, center=center).fit(self.data)


@pytest.fixture(scope="module", params=["ugtests", "salespeople"])
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


@pytest.mark.parametrize(("covariance", "block"), [("classical", "coefficients"), ("HC3", "coefficients_hc3")])
def test_coefficients(case: Case, covariance: str, block: str) -> None:
    fit, wanted = case.fit(covariance), case.expected[block]
    for column, key in COLUMNS.items():
        np.testing.assert_allclose(fit.frame[column], [wanted[term][key] for term in fit.terms], err_msg=column, **CLOSE)
    assert (fit.df, fit.n, fit.n_dropped) == (case.expected["df_residual"], case.expected["n"], case.expected["dropped_missing"])


def test_the_whole(case: Case) -> None:
    fit, wanted = case.fit(), case.expected
    assert (fit.r_squared, fit.adj_r_squared, fit.sigma) == pytest.approx((wanted["r2"], wanted["adj_r2"], wanted["sigma"]), rel=1e-10)
    assert fit.f_test[:3] == pytest.approx((wanted["f"]["value"], wanted["f"]["df1"], wanted["f"]["df2"]), rel=1e-9)


def test_the_interaction_as_a_step(case: Case) -> None:
    steps, wanted = case.fit().steps, case.expected["interaction"]
    assert steps.step[-1] == "interactions"
    found = [getattr(steps, name)[-1] for name in ("delta_r_squared", "f_change", "df1", "df2", "p_change")]
    np.testing.assert_allclose(found, [wanted[key] for key in ("delta_r2", "f", "df1", "df2", "p")], **CLOSE)
    assert steps.f2[-1] == pytest.approx(wanted["delta_r2"] / (1 - case.expected["r2"]), rel=1e-8)


def test_centred(case: Case) -> None:
    fit, wanted = case.fit(center="mean"), case.expected["coefficients_mean_centred"]
    np.testing.assert_allclose(fit.estimate, [wanted[term] for term in fit.terms], **CLOSE)


def test_standardised(case: Case) -> None:
    fit, wanted = tn.regression.model.standardize(case.fit(), binary=True), case.expected["coefficients_standardised"]
    np.testing.assert_allclose(fit.estimate, [wanted[term] for term in fit.terms], **CLOSE)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_variables_and_slopes(case: Case) -> None:
    for covariance, suffix in (("classical", ""), ("HC3", "_hc3")):
        fit = case.fit(covariance, center="mean")
        slopes = tn.simple_slopes(fit, focal=case.focal, moderator=case.moderator)
        for column, key in SLOPES.items():
            wanted = [row[key] for row in case.expected[f"simple_slopes_mean_sd{suffix}"]]
            np.testing.assert_allclose(getattr(slopes, column), wanted, err_msg=column, **CLOSE)
    for end in ("focal", "moderator"):
        variable = fit.variables[case.expected[end]["name"]]
        for name in ("mean", "sd"):
            assert getattr(variable, name) == pytest.approx(case.expected[end][name], rel=1e-12)
    moderator = fit.variables[case.moderator]
    assert (moderator.low, moderator.high) == (case.expected["moderator"]["min"], case.expected["moderator"]["max"])
    rows = case.expected.get("simple_slopes_at", [])
    if rows:
        slopes = tn.simple_slopes(case.fit(), focal=case.focal, moderator=case.moderator, at=[row["w"] for row in rows])
        for column, key in SLOPES.items():
            np.testing.assert_allclose(getattr(slopes, column), [row[key] for row in rows], err_msg=column, **CLOSE)


def test_johnson_neyman(case: Case) -> None:
    for covariance, suffix in (("classical", ""), ("HC3", "_hc3")):
        fit, wanted = case.fit(covariance), case.expected[f"johnson_neyman{suffix}"]
        regions = tn.johnson_neyman(fit, focal=case.focal, moderator=case.moderator)
        np.testing.assert_allclose(regions.bounds, [wanted["lower"], wanted["upper"]], **CLOSE)
        assert regions.line_kind == {"outside the interval": "outside", "inside the interval": "between"}[wanted["significant"]]
        if "percent_cases_below_lower" in wanted:
            shares = [wanted["percent_cases_below_lower"], wanted["percent_cases_above_upper"]]
            np.testing.assert_allclose(100 * regions.share[[0, -1]], shares, rtol=1e-12, atol=1e-12)
