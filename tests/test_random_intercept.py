from __future__ import annotations

import csv
import json
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError, OutsideSupport
from tienet.output.figures.drawing import plot, sheet
from tienet.output.glossary import describe
from tienet.regression.dependence.random_intercepts import random_intercept

HERE = Path(__file__).parent / "oracles" / "random_intercept"
EXPECTED = json.loads((HERE / "expected.json").read_text())


def columns() -> dict[str, np.ndarray]:
    with (HERE / "data.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    text = ("unit", "north")
    return {
        name: np.array([row[name] if name in text else float(row[name]) for row in rows], dtype=object if name in text else float)
        for name in rows[0]
    }


DATA = columns()


@pytest.mark.parametrize("name", list(EXPECTED["fits"]))
def test_the_numbers_of_lme4_and_lmertest(name: str) -> None:
    # lme4 stops its search, and lmerTest differentiates numerically: their last digits, not ours
    expected = EXPECTED["fits"][name]
    formula = expected["formula"].replace(" + (1 | unit)", "").replace("x * z", "x*z")
    method = "ml" if name in ("ml", "flat_ml") else "reml"
    found = random_intercept(tn.Moderation(formula, center="none"), DATA, unit="unit", method=method)
    frame = found.frame.set_index("term").loc[[term.replace("northyes", "north[yes]") for term in expected["terms"]]]
    for column, rtol in (("estimate", 1e-7), ("std_error", 1e-7), ("statistic", 1e-7), ("conf_low", 1e-7), ("conf_high", 1e-7)):
        np.testing.assert_allclose(frame[column], expected[column], rtol=rtol)
    np.testing.assert_allclose(frame["df"], expected["df"], rtol=1e-6)
    np.testing.assert_allclose(frame["p_value"], expected["p_value"], rtol=1e-5)
    assert found.unit_variance == pytest.approx(expected["unit"], rel=1e-6)
    assert found.residual_variance == pytest.approx(expected["residual"], rel=1e-7)
    assert found.log_likelihood == pytest.approx(expected["loglik"], rel=1e-10)
    assert found.icc == pytest.approx(expected["unit"] / (expected["unit"] + expected["residual"]), rel=1e-6)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_simple_slopes_have_their_own_degrees_of_freedom(method: str) -> None:
    found = tn.simple_slopes(random_intercept("y ~ x*z + s", DATA, unit="unit", method=method), focal="x", moderator="z")
    got = np.column_stack([found.estimate, found.std_error, found.dfs, found.p_value])
    np.testing.assert_allclose(got, EXPECTED["slopes" if method == "reml" else "slopes_ml"], rtol=1e-5)


def test_every_probe_takes_it() -> None:
    found = random_intercept("y ~ x*z + s + x^2", DATA, unit="unit")
    region = tn.johnson_neyman(random_intercept("y ~ x*z + s", DATA, unit="unit"), focal="x", moderator="z")
    model = random_intercept("y ~ x*z + s", DATA, unit="unit")
    inside = [float(value) for value in region.bounds if abs(value) < 30]
    assert inside
    for bound in inside:  # p at a bound is alpha, with the degrees of freedom that the slope has there
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideSupport)
            assert tn.simple_slopes(model, focal="x", moderator="z", at=bound).p_value[0] == pytest.approx(0.05, rel=1e-8)
    assert "Satterthwaite df" in str(region)
    assert np.isfinite(tn.turning_point(found, focal="x").estimate)
    assert len(tn.predict_surface(found, focal="x", moderator="z").estimate)


def test_a_balanced_design_has_the_closed_form_of_the_analysis_of_variance() -> None:
    # Searle, Casella & McCulloch: REML is the ANOVA estimator when balanced and positive
    rng = np.random.default_rng(2)
    unit = np.repeat(np.arange(9), 6)
    x = np.tile(np.array([-2.0, -1, 0, 0, 1, 2]), 9)  # the same in every unit: the slope is that of least squares
    y = 1 + 0.5 * x + rng.normal(size=9)[unit] + rng.normal(size=54)
    found = random_intercept("y ~ x", {"y": y, "x": x, "unit": unit}, unit="unit")
    between = 6 * np.var([y[unit == u].mean() for u in range(9)], ddof=1)
    b = x @ y / (x @ x)
    within = np.sum((y - b * x - np.array([y[unit == u].mean() for u in range(9)])[unit]) ** 2) / (54 - 9 - 1)
    assert found.residual_variance == pytest.approx(within, rel=1e-9)
    assert found.unit_variance == pytest.approx((between - within) / 6, rel=1e-9)
    assert found.estimate[1] == pytest.approx(b, rel=1e-10)
    assert found.dfs == pytest.approx([8, 44], rel=1e-8)


def test_it_can_be_pickled() -> None:
    found = random_intercept("y ~ x*z + s", DATA, unit="unit")
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
    assert str(again) == str(found)
    assert not again.polynomial.matrix.flags.writeable


def test_variance_zero_is_said_and_is_least_squares() -> None:
    found = random_intercept("flat ~ x + z", DATA, unit="unit")
    plain = tn.Moderation("flat ~ x + z", covariance="classical").fit(DATA)
    assert found.boundary
    assert "estimated as 0" in str(found)
    np.testing.assert_allclose(found.estimate, plain.estimate, rtol=1e-10)
    np.testing.assert_allclose(found.std_error, plain.std_error, rtol=1e-10)
    np.testing.assert_allclose(found.dfs, found.n - 3)


def test_row_order_names_of_units_and_centring_change_nothing() -> None:
    base = random_intercept("y ~ x*z", DATA, unit="unit")
    order = np.random.default_rng(0).permutation(base.n)
    turned = {name: values[order] for name, values in DATA.items()}
    turned["unit"] = np.array([f"team {each}" for each in turned["unit"]], dtype=object)
    again = random_intercept("y ~ x*z", turned, unit="unit")
    np.testing.assert_allclose(again.estimate, base.estimate, rtol=1e-9)
    np.testing.assert_allclose(again.dfs, base.dfs, rtol=1e-7)
    raw = random_intercept(tn.Moderation("y ~ x*z", center="none"), DATA, unit="unit")
    assert raw.frame["p_value"].iloc[-1] == pytest.approx(base.frame["p_value"].iloc[-1], rel=1e-9)
    scaled = random_intercept("y ~ x*z", {**DATA, "y": 1e4 + 100 * DATA["y"], "x": DATA["x"] / 1000 + 7}, unit="unit")
    assert scaled.icc == pytest.approx(base.icc, rel=1e-8)
    assert scaled.unit_variance == pytest.approx(1e4 * base.unit_variance, rel=1e-8)
    np.testing.assert_allclose(scaled.dfs[1:], base.dfs[1:], rtol=1e-6)


def test_missing_units_are_counted() -> None:
    unit = DATA["unit"].copy()
    unit[:4] = None
    found = random_intercept("y ~ x", {**DATA, "unit": unit}, unit="unit")
    assert found.sample.n_dropped == 4
    assert "unit 4" in str(found)


@pytest.mark.parametrize(
    ("model", "options", "error"),
    [
        ("y ~ x", {"unit": "one"}, "one value"),
        ("y ~ x", {"unit": "each"}, "different in every row"),
        ("y ~ x", {"unit": ""}, "must be the name of the column"),
        ("y ~ x", {"unit": "unit", "method": "bayes"}, "method must be one of 'reml', 'ml'; got 'bayes'"),
        ("y ~ x", {"unit": "unit", "alpha": 1.5}, "alpha must be between 0 and 1 .*; got 1.5"),
        ("s ~ x", {"unit": "unit"}, "hardly varies within unit"),
        ("one ~ x", {"unit": "unit"}, "same value"),
        (tn.Moderation("y ~ x", cluster="unit"), {"unit": "unit"}, "does not support cluster or weights"),
        (tn.Moderation("y ~ x", weights="z"), {"unit": "unit"}, "does not support cluster or weights"),
    ],
)
def test_refusals(model: object, options: dict, error: str) -> None:
    n = len(DATA["x"])
    with pytest.raises((ModelError, ArgumentError), match=error) as caught:
        random_intercept(model, {**DATA, "one": np.ones(n), "each": np.arange(n)}, **options)
    assert "\n" not in str(caught.value)


def test_the_record_and_its_figure() -> None:
    found = random_intercept("y ~ x*z + s", DATA, unit="unit")
    for column in found.frame.columns:
        assert describe(column).meaning
    assert "95 observations of 13 units (unit, 1 to 20 observations each)" in str(found)
    assert "Laird" in found.cite()
    ax = plot(found, sheet(found))
    (lines,) = (each for each in ax.collections if each.get_gid() == "whiskers")
    frame = found.frame.iloc[:0:-1]
    np.testing.assert_allclose(np.array([segment[:, 0] for segment in lines.get_segments()]), frame[["conf_low", "conf_high"]])
    assert "ICC = 0.40" in ax.get_title(loc="left").replace("\n", " ").replace("\u00a0", " ")
    with pytest.raises(ValueError, match="read-only"):
        found.estimate[0] = 1.0
