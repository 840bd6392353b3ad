"""Diagnostics of weighted fits against R (tests/oracles/weighted_diagnostics) and against rows repeated according to their weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as t_dist

import tienet as tn

ORACLE = Path(__file__).parent / "oracles" / "weighted_diagnostics"
EXPECTED: dict[str, Any] = json.loads((ORACLE / "expected.json").read_text(encoding="utf-8"))
DATA = pd.read_csv(ORACLE / "data.csv")
FORMULA = "y ~ s + x*z"
SCALED = DATA.assign(w=DATA["w"] * 1e9)


def fitted(data: object = DATA, formula: str = FORMULA, **options: Any) -> tn.ModerationFit:
    return tn.Moderation(formula, **{"covariance": "classical", "weights": "w", **options}).fit(data)


FIT = fitted()


def close(found: object, expected: object, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=rtol, atol=1e-12)


@pytest.mark.parametrize("data", [DATA, SCALED], ids=["as they are", "another unit of the weights"])
def test_influence_of_each_case_is_rs(data: pd.DataFrame) -> None:
    found = tn.regression.checks.influence(fitted(data), "x:z")
    for column, expected in EXPECTED["influence"].items():
        close(getattr(found, column), expected, rtol=1e-7)


def test_influence_of_each_cluster_and_the_refit_without_a_set() -> None:
    clustered = fitted(covariance="CR1", cluster="team")
    close(tn.regression.checks.influence(clustered, "x:z", by="cluster").estimate, EXPECTED["clusters"])
    found = tn.regression.checks.influence(FIT, "x:z")
    for removal in found.removals:
        if removal.numbers.size:
            rest = fitted(DATA.drop(index=removal.numbers - 1), center={"x": FIT.variables["x"].mean, "z": FIT.variables["z"].mean})
            row = rest.frame.set_index("term").loc["x:z"]
            close([removal.estimate, removal.std_error, removal.p_value], row[["estimate", "std_error", "p_value"]], rtol=1e-7)
    assert any(removal.numbers.size for removal in found.removals)


def test_variances_other_than_the_weights_say() -> None:
    expected = EXPECTED["pagan"]
    original = tn.regression.checks.breusch_pagan(FIT, studentize=False)
    close([original.statistic, original.df1, original.p_value], [expected["original"], expected["df"], expected["original_p"]])
    close(tn.regression.checks.breusch_pagan(FIT).statistic, expected["studentised"])
    close(tn.regression.checks.breusch_pagan(FIT, on="fitted").statistic, expected["fitted"])
    assert "H0: the errors have the variances implied by the weights" in str(original)
    assert "n = 140, weighted by w, classical standard errors" in str(original)
    assert tn.plot(original).get_ylabel() == "Residual times root of weight"
    close(original.residuals, FIT.residuals * np.sqrt(DATA["w"]))


@pytest.mark.parametrize("kind", ["classical", "HC3"])
def test_powers_of_the_fitted_values(kind: str) -> None:
    found, expected = tn.regression.checks.reset_test(fitted(covariance=kind)), EXPECTED["reset"][kind]
    close([found.statistic, found.df2, found.p_value], [expected["f"], expected["df2"], expected["p"]], rtol=1e-6)


def test_sizes_and_shares() -> None:
    found, expected = tn.regression.checks.effect_sizes(FIT), EXPECTED["effects"]
    close(found.f_squared, np.array(expected["f_squared_of_terms"]))
    close(found.delta_r_squared, expected["delta"])
    close(found.standardized, expected["standardized"])
    close(found.standardized_low, expected["low"])
    close(found.standardized_high, expected["high"])
    shares, expected = tn.regression.checks.variance_shares(FIT, {"s": ["s"], "ties": ["x", "z", "x:z"]}), EXPECTED["shares"]
    close(shares.r_squared_share, expected["share"])
    close(shares.alone, expected["alone"])
    close(shares.after_others, expected["after"])


def test_collinearity() -> None:
    found = tn.regression.checks.collinearity(FIT)
    close(found.vif.centred, EXPECTED["collinear"]["vif"])
    close(found.centred_index, EXPECTED["collinear"]["index"])


def test_bins_and_the_smooth_slope() -> None:
    found, expected = tn.linearity_check(fitted(covariance="HC3"), "x", "z", points=5), EXPECTED["binned"]
    for column in ("at", "estimate", "std_error"):
        close(getattr(found, column), expected[column], rtol=1e-7)
    close([found.f, found.df2], [expected["f"], expected["df2"]], rtol=1e-6)
    smooth, expected = tn.linearity_check(fitted(formula="y ~ x*z"), "x", "z", points=5, bandwidth=1.2), EXPECTED["smooth"]
    close(smooth.line_at, expected["grid"])
    close(smooth.smooth, expected["slope"], rtol=1e-6)
    half = (smooth.smooth_high - smooth.smooth_low) / 2
    close(half, t_dist.isf(0.025, len(DATA) - 4) * np.array(expected["std_error"]), rtol=1e-6)


def test_points_beside_the_lines_and_the_values_there_are() -> None:
    points = tn.regression.checks.partial_residuals(FIT, "x", "z")
    close(points.partial_residual, EXPECTED["partial"])
    plain = fitted(weights=None)
    assert tn.regression.checks.common_support(FIT, "x", "z").frame.equals(tn.regression.checks.common_support(plain, "x", "z").frame)


def test_whole_weights_are_rows_written_out() -> None:
    data = DATA.assign(w=np.random.default_rng(2).integers(1, 4, len(DATA)))
    center = {"x": 3.0, "z": 3.0}
    heavy, again = (fitted(each, center=center, weights=by) for each, by in ((data, "w"), (data.loc[data.index.repeat(data["w"])], None)))
    options = {"bins": [2.2, 3.8], "bandwidth": 1.0, "points": 5}
    first, second = (tn.linearity_check(each, "x", "z", **options) for each in (heavy, again))
    close(first.smooth, second.smooth)
    blocks = {"a": ["s"], "b": ["x"], "c": ["z", "x:z"]}
    close(*(tn.regression.checks.variance_shares(each, blocks).r_squared_share for each in (heavy, again)))
    close(*(tn.regression.checks.effect_sizes(each, blocks=blocks).f_squared for each in (heavy, again)))


@pytest.mark.parametrize("verb", ["influence", "linearity", "partial", "support", "pagan"])
def test_figures_of_weighted_fits(verb: str) -> None:
    made = {
        "influence": lambda: tn.regression.checks.influence(FIT),
        "linearity": lambda: tn.linearity_check(FIT, "x", "z"),
        "partial": lambda: tn.regression.checks.partial_residuals(FIT, "x", "z"),
        "support": lambda: tn.regression.checks.common_support(FIT, "x", "z"),
        "pagan": lambda: tn.regression.checks.breusch_pagan(FIT),
    }[verb]()
    assert tn.plot(made).has_data()
