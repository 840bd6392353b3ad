"""Weighted and clustered fits through what is made of them: CR2, joint tests of slopes, and who refuses weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tienet as tn

ORACLE = Path(__file__).parent / "oracles" / "weighted"
EXPECTED: dict[str, Any] = json.loads((ORACLE / "expected.json").read_text())
DATA = pd.read_csv(ORACLE / "data.csv")
FORMULA = "y ~ x*year + g*x + x^2 + x^2*year"
NAMES = {"xc": "x", "zc": "year", "gnorth": "g[north]", "gwest": "g[west]", "I(xc^2)": "x^2"}


def fitted(**options: Any) -> tn.ModerationFit:
    return tn.Moderation(FORMULA, **options).fit(DATA)


pytestmark = pytest.mark.filterwarnings("ignore::tienet.errors.FewClusters")


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
    slopes, curve = tn.slope_differences(fit, focal="x", moderator="g"), tn.curve_moderation(fit, focal="x", moderator="year")
    for found, name in ((slopes, "slopes"), (curve, "curve")):
        numbers = (found.joint_statistic, found.joint_df1, found.joint_df2, found.joint_p_value)
        assert numbers == pytest.approx(tuple(EXPECTED[prefix + name].values()), rel=1e-7)
        assert "HTZ(2, " in str(found)
        assert "Tipton" in found.cite()
    same = tn.joint_test(fit, ["x:g"])
    assert (same.statistic, same.df2, same.p_value) == pytest.approx((slopes.joint_statistic, slopes.joint_df2, slopes.joint_p_value))


def test_joint_tests_beside_a_random_intercept_have_df_of_their_own() -> None:
    fit = tn.random_intercept(FORMULA, DATA, unit="team")
    slopes, curve = tn.slope_differences(fit, focal="x", moderator="g"), tn.curve_moderation(fit, focal="x", moderator="year")
    for found, name in ((slopes, "mixed_slopes"), (curve, "mixed_curve")):
        numbers = (found.joint_statistic, found.joint_df1, found.joint_df2, found.joint_p_value)
        assert numbers == pytest.approx(tuple(EXPECTED[name].values()), rel=1e-4)  # lmer stops its search early
    same = tn.joint_test(fit, ["x:g"])
    assert same.test == "F"
    assert (same.statistic, same.df2, same.p_value) == pytest.approx((slopes.joint_statistic, slopes.joint_df2, slopes.joint_p_value))
    assert "Fai" in same.cite()
    one = tn.joint_test(fit, ["x:year"])
    row = fit.frame.set_index("term").loc["x:year"]
    assert (one.statistic, one.df2, one.p_value) == pytest.approx((row["statistic"] ** 2, row["df"], row["p_value"]))
