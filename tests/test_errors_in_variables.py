"""Errors in variables: against eivtools-like results (shared data), closed forms, and large samples whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from models import data as model_data
from models import expected
from tienet.base.errors import ArgumentError, ModelError, WeakIdentification

RELIABILITY = {"x": 0.77, "w": 0.70}


def _fitted(formula, data, **options):
    return tn.Moderation(formula, **{"covariance": "classical", **options}).fit(data)


@pytest.mark.parametrize(
    ("entry", "formula", "names"),
    [("eiv_additive", "y ~ x + z + c", "x"), ("eiv_product", "y ~ x*z + c", "x"), ("eiv_both", "yw ~ x*w + c", "xw")],
)
@pytest.mark.parametrize("center", ["none", "mean"])
def test_estimates_and_sandwich_meet_the_printed_ones(entry, formula, names, center):
    data, want = model_data("reliability"), expected(entry)
    fit = tn.errors_in_variables(_fitted(formula, data, center=center), {name: RELIABILITY[name] for name in names})
    raw = tn.errors_in_variables(_fitted(formula, data, center="none"), {name: RELIABILITY[name] for name in names})
    frame = raw.frame.set_index("term")
    k = len(frame)
    for term, row in want["coefficients"].items():
        assert frame.loc[term, "estimate"] == pytest.approx(row["est"], rel=1e-6)
        # the printed sandwich has no n / (n - k)
        assert frame.loc[term, "std_error"] * ((300 - k) / 300) ** 0.5 == pytest.approx(row["se"], rel=1e-5)
    product = [term for term in fit.terms if ":" in term]
    for term in product:  # centring changes no highest-order coefficient
        np.testing.assert_allclose(fit.frame.set_index("term").loc[term], frame.loc[term], rtol=1e-8)
    if entry == "eiv_product":
        slopes = tn.simple_slopes(fit, focal="x", moderator="z", at=[row["z"] for row in want["slopes"]])
        np.testing.assert_allclose(slopes.estimate, [row["est"] for row in want["slopes"]], rtol=1e-6)
        np.testing.assert_allclose(slopes.std_error * ((300 - k) / 300) ** 0.5, [row["se"] for row in want["slopes"]], rtol=1e-5)


def test_one_variable_alone_is_divided_by_its_reliability():
    data = model_data("reliability")
    fit = _fitted("y ~ x", data)
    assert tn.errors_in_variables(fit, {"x": 0.77}).estimate[1] == pytest.approx(fit.estimate[1] / 0.77, rel=1e-12)


def test_a_reliability_of_one_changes_nothing():
    fit = _fitted("y ~ x*z + x^2 + c", model_data("reliability"))
    np.testing.assert_allclose(tn.errors_in_variables(fit, {"x": 1}).estimate, fit.estimate, rtol=1e-8)


def test_standard_errors_without_error_are_hc1():
    data = model_data("reliability")
    exact = tn.errors_in_variables(_fitted("y ~ x*z", data), error_variance={"x": 0})
    np.testing.assert_allclose(exact.std_error, _fitted("y ~ x*z", data, covariance="HC1").std_error, rtol=1e-8)


def test_clusters_enter_as_in_cr1():
    data = model_data("reliability").assign(team=np.arange(300) % 30)
    exact = tn.errors_in_variables(_fitted("y ~ x*z", data, cluster="team", covariance="CR1"), error_variance={"x": 0})
    plain = _fitted("y ~ x*z", data, cluster="team", covariance="CR1")
    np.testing.assert_allclose(exact.std_error, plain.std_error, rtol=1e-8)
    assert exact.df == 29


def test_a_large_sample_gives_the_truth_back():
    rng = np.random.default_rng(8)
    n = 400_000
    true, other = rng.multivariate_normal([1, 2], [[1, 0.3], [0.3, 1]], size=n).T
    y = 1 + 0.5 * true + 0.4 * other + 0.3 * true * other - 0.2 * true**2 + rng.normal(size=n)
    data = {"y": y, "x": true + 0.5 * rng.normal(size=n), "w": other + 0.6 * rng.normal(size=n)}
    fit = tn.errors_in_variables(_fitted("y ~ x*w + x^2", data, center="none"), error_variance={"x": 0.25, "w": 0.36})
    # five standard errors of each estimate
    assert (np.abs(fit.estimate - [1, 0.5, 0.4, 0.3, -0.2]) < 5 * fit.std_error).all()
    assert (fit.std_error < 0.06).all()
    assert abs(fit.ordinary.estimate[3] - 0.3) > 0.05  # least squares is far off


def test_the_bootstrap_stands_beside_below_150_rows_and_is_vectorised():
    data = model_data("reliability").iloc[:120]
    fit = tn.errors_in_variables(_fitted("y ~ x*z", data), {"x": 0.77})
    assert fit.draws > 1900
    widths = (fit.boot_high - fit.boot_low) / (fit.frame["conf_high"] - fit.frame["conf_low"])
    assert ((widths > 0.7) & (widths < 1.6)).all()
    assert "boot_low" in fit.frame
    assert "boot_low" not in tn.errors_in_variables(_fitted("y ~ x*z", model_data("reliability")), {"x": 0.77}).frame
    again = tn.errors_in_variables(_fitted("y ~ x*z", data), {"x": 0.77})
    np.testing.assert_array_equal(fit.boot_low, again.boot_low)


def test_one_resample_equals_the_correction_of_the_drawn_rows():
    data = model_data("reliability").iloc[:60]
    rng = np.random.default_rng(5)
    weights = rng.multinomial(60, np.full(60, 1 / 60), size=80)
    low, high = (np.empty((80, 4)) for _ in range(2))
    for draw, weight in enumerate(weights):
        rows = data.iloc[np.repeat(np.arange(60), weight)]
        low[draw] = tn.errors_in_variables(_fitted("y ~ x*z", rows, center="none"), {"x": 0.9}, draws=0).estimate
    high = np.quantile(low, 0.975, axis=0)
    ours = tn.errors_in_variables(_fitted("y ~ x*z", data, center="none"), {"x": 0.9}, draws=80, seed=5)
    np.testing.assert_allclose(ours.boot_high, high, rtol=1e-6)


def test_a_reliability_that_is_too_low_is_refused_with_one_that_would_do():
    data = model_data("reliability")
    fit = _fitted("y ~ x + z + c", data)
    explained = _fitted("x ~ z + c", data).r_squared
    with pytest.raises(ModelError, match=rf"x: its reliability is too low .* at least {np.ceil(explained * 1000) / 1000:.3f} would do"):
        tn.errors_in_variables(fit, {"x": explained * 0.9})
    with pytest.warns(WeakIdentification, match="nearly collinear"):
        tn.errors_in_variables(fit, {"x": explained * 1.04})


@pytest.mark.parametrize("share", [0, -0.1, 1.2, float("nan"), "high"])
def test_an_impossible_reliability_is_one_line(share):
    fit = _fitted("y ~ x*z", model_data("reliability"))
    with pytest.raises(ModelError, match="reliability of x must be above 0 and at most 1") as problem:
        tn.errors_in_variables(fit, {"x": share})
    assert "\n" not in str(problem.value)


def test_what_cannot_be_corrected_is_refused():
    data = model_data("reliability")
    data = data.assign(d=(data.z > 2) * 1, g=np.where(data.z > 3, "a", "b"))
    fit = _fitted("y ~ x*z + d + g", data)
    for name, why in (("x:z", "follows from its variables"), ("d", "two values"), ("g", "a category"), ("q", "not in this model")):
        with pytest.raises(ModelError, match=why):
            tn.errors_in_variables(fit, {name: 0.8})
    with pytest.raises(ArgumentError, match="needs reliability"):
        tn.errors_in_variables(fit)
    with pytest.raises(ArgumentError, match="both"):
        tn.errors_in_variables(fit, {"x": 0.8}, error_variance={"x": 0.1})


def test_resamples_with_impossible_reliabilities_give_no_percentiles_and_a_warning():
    data = model_data("reliability").iloc[:60]
    fit = _fitted("y ~ x + z + c", data)
    explained = _fitted("x ~ z + c", data).r_squared
    with pytest.warns(WeakIdentification, match="impossible in .* resamples"):
        found = tn.errors_in_variables(fit, {"x": explained + 0.03})
    assert np.isnan(found.boot_low).all()
    assert "no percentile intervals" in str(found)


def test_every_probe_and_table_takes_it():
    fit = tn.errors_in_variables(_fitted("y ~ x*z + x^2", model_data("reliability")), {"x": 0.9})
    assert ". Errors-in-variables standard errors, df = " in str(fit)
    assert "errors-in-variables" in str(tn.johnson_neyman(fit, focal="x", moderator="z"))
    assert "errors-in-variables standard errors" in tn.compare({"least squares": fit.ordinary, "corrected": fit}).markdown()
    np.testing.assert_allclose(fit.predict({"x": [1.0], "z": [2.0]})["estimate"], fit.statsmodels.predict({"x": [1.0], "z": [2.0]}))
    tn.plot(fit)
