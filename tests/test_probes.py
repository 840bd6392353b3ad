from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import f as f_dist
from scipy.stats import t as t_dist

from real import find
from tienet.base.errors import ArgumentError, ExactFit, FewRows, ModelError, OutsideSupport
from tienet.regression.core.formula import parse_term
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation
from tienet.regression.probes._roots import margin_polynomial, real_roots
from tienet.regression.probes.johnson_neyman_regions import johnson_neyman
from tienet.regression.probes.predicted_surfaces import predict_surface
from tienet.regression.probes.slopes import simple_slopes
from tienet.regression.probes.turning_points import turning_point
from tienet.regression.probes.u_tests import u_test

MTCARS = pd.read_csv(Path(__file__).parent / "data" / "mtcars.csv")


def simulated(seed: int = 0, n: int = 150, curve: float = 0.3, product: float = 0.4, noise: float = 1.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, z, w = rng.normal(3, 1, n), rng.normal(-1, 2, n), rng.normal(size=n)
    y = 1 - x + curve * x**2 + product * x * z + 0.2 * z + noise * rng.normal(size=n)
    return {"y": y, "x": x, "z": z, "w": w, "d": (w > 0) * 1.0, "g": rng.choice(["a", "b", "c"], n)}


def fitted(formula: str, data: object, **options: object) -> ModerationFit:
    return Moderation(formula, **{"covariance": "classical", **options}).fit(data)


@pytest.fixture(scope="module")
def cars() -> ModerationFit:
    return fitted("mpg ~ hp*wt", MTCARS)


# ---------------------------------------------------------------- printed numbers


def test_mtcars_slopes_as_printed(cars: ModerationFit) -> None:
    # README of the R package interactions
    slopes = simple_slopes(cars, focal="hp", moderator="wt")
    assert slopes.at.round(6).tolist() == [2.238793, 3.21725, 4.195707]
    assert slopes.estimate.round(7).tolist() == [-0.0577559, -0.0305076, -0.0032594]
    assert slopes.std_error.round(7).tolist() == [0.0102031, 0.0075030, 0.0106721]
    assert slopes.label == ("-1 SD", "mean", "+1 SD")
    assert slopes.df == 28


@pytest.mark.parametrize("center", ["none", "mean", {"hp": 100.0, "wt": -3.0}])
def test_mtcars_regions_as_printed_whatever_the_centre(center: object) -> None:
    found = johnson_neyman(fitted("mpg ~ hp*wt", MTCARS, center=center), focal="hp", moderator="wt")
    assert [round(bound, 6) for bound in found.bounds] == [3.692492, 5.900974]
    assert (found.kind, found.line_kind) == ("outside", "outside")
    assert found.bounds_inside == found.bounds[:1]
    assert found.observed == (1.513, 5.424)
    assert found.significant.tolist() == [True, False, True]
    assert found.sign.tolist() == [-1, 0, 1]
    assert found.share.tolist() == [(MTCARS["wt"] < found.bounds[0]).mean(), (MTCARS["wt"] > found.bounds[0]).mean(), 0.0]
    assert found.share_significant == found.share[0]
    # the README of R's interactions: hp:wt 0.0278, with the error of lm(mpg ~ hp * wt, mtcars), 0.00742
    assert str(found).startswith("Product hp:wt = 0.028 (SE 0.00742, p < .001): the slope of hp depends on wt. ")
    assert "When wt is outside [3.692, 5.901] (in the data: below 3.692), the slope of hp differs from zero (p < .05, pointwise)" in str(
        found
    )
    assert "observed range [1.513, 5.424]" in str(found)


def check_published_probes(name: str, formula: str, focal: str, moderator: str, kind: str, kind_hc3: str) -> None:
    """Slopes and bounds as R has them; two more data sets come here from test_unpublished_data."""
    data = pd.read_csv(find(f"regression_moderation/raw/{name}.csv"))
    expected = json.loads(find(f"regression_moderation/expected/{name}.json").read_text())
    for covariance, suffix, shape in (("classical", "", kind), ("HC3", "_hc3", kind_hc3)):
        fit = fitted(formula, data, covariance=covariance)
        slopes = simple_slopes(fit, focal=focal, moderator=moderator)
        for column, key in (
            ("at", "w"),
            ("estimate", "slope"),
            ("std_error", "se"),
            ("statistic", "t"),
            ("p_value", "p"),
            ("conf_low", "ci_low"),
            ("conf_high", "ci_high"),
        ):
            np.testing.assert_allclose(
                getattr(slopes, column), [row[key] for row in expected[f"simple_slopes_mean_sd{suffix}"]], rtol=1e-9, err_msg=column
            )
        regions = johnson_neyman(fit, focal=focal, moderator=moderator)
        block = expected[f"johnson_neyman{suffix}"]
        np.testing.assert_allclose(regions.bounds, [block["lower"], block["upper"]], rtol=1e-9)
        assert regions.line_kind == shape
        if not suffix:
            assert regions.share[0] * 100 == pytest.approx(block["percent_cases_below_lower"])
            assert regions.share[-1] * 100 == pytest.approx(block["percent_cases_above_upper"])
    for row in expected.get("simple_slopes_at", []):
        at = simple_slopes(fitted(formula, data), focal=focal, moderator=moderator, at=row["w"])
        assert (at.estimate[0], at.std_error[0]) == pytest.approx((row["slope"], row["se"]), rel=1e-9)


def test_published_probes_from_r() -> None:
    check_published_probes("ugtests", "Final ~ Yr2*Yr3", "Yr2", "Yr3", "outside", "outside")


def test_bounds_outside_the_data_mean_everywhere_in_it() -> None:
    folder = find("regression_moderation")
    expected = json.loads((folder / "expected" / "salespeople.json").read_text())["ols_interaction"]["johnson_neyman"]
    fit = fitted("sales ~ customer_rate*performance", pd.read_csv(folder / "raw" / "salespeople.csv"))
    regions = johnson_neyman(fit, focal="customer_rate", moderator="performance")
    np.testing.assert_allclose(regions.bounds, [expected["lower"], expected["upper"]], rtol=1e-9)
    assert (regions.kind, regions.line_kind, regions.bounds_inside) == ("everywhere", "between", ())
    assert "everywhere in the observed range of performance" in str(regions)
    assert regions.share_significant == 1.0


# ---------------------------------------------------------------- simple slopes


def test_slopes_against_statsmodels_lincom() -> None:
    data = pd.DataFrame(simulated())
    fit = fitted("y ~ x^2*z + w", data, covariance="HC3")
    model = smf.ols("y ~ x + I(x**2) + z + x:z + I(x**2):z + w", data).fit(cov_type="HC3", use_t=True)
    slopes = simple_slopes(fit, focal="x", moderator="z", at={"z": [-2.0, 1.0], "x": 2.5})
    rows = np.array([[0, 1, 5, 0, z, 5 * z, 0] for z in (-2.0, 1.0)])
    reference = model.t_test(rows)
    np.testing.assert_allclose(slopes.estimate, reference.effect, rtol=1e-9)
    np.testing.assert_allclose(slopes.std_error, reference.sd, rtol=1e-8)
    np.testing.assert_allclose(slopes.statistic, reference.tvalue, rtol=1e-8)
    np.testing.assert_allclose(slopes.p_value, reference.pvalue, rtol=1e-7)
    np.testing.assert_allclose(np.column_stack([slopes.conf_low, slopes.conf_high]), reference.conf_int(), rtol=1e-8)
    assert slopes.held == {"x": 2.5}
    assert slopes.label == ("-2", "1")


def test_three_way_slopes_are_every_combination() -> None:
    data = pd.DataFrame(simulated())
    fit = fitted("y ~ x*z*w", data)
    slopes = simple_slopes(fit, focal="x", moderator="z", at={"w": [0.0, 1.0], "z": [-1.0, 0.5]})
    model = smf.ols("y ~ x*z*w", data).fit()
    names = list(model.params.index)
    rows = np.zeros((4, 8))
    for i, (z, w) in enumerate([(-1.0, 0.0), (-1.0, 1.0), (0.5, 0.0), (0.5, 1.0)]):
        rows[i, [names.index(term) for term in ("x", "x:z", "x:w", "x:z:w")]] = [1, z, w, z * w]
    np.testing.assert_allclose(slopes.estimate, model.t_test(rows).effect, rtol=1e-9)
    np.testing.assert_allclose(slopes.std_error, model.t_test(rows).sd, rtol=1e-9)
    assert slopes.at.tolist() == [-1.0, -1.0, 0.5, 0.5]
    assert slopes.others["w"].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert slopes.label[1] == "-1, w = 1"


def test_difference_of_high_and_low_has_the_t_of_the_product(cars: ModerationFit) -> None:
    slopes = simple_slopes(cars, focal="hp", moderator="wt")
    assert slopes.estimate[2] - slopes.estimate[0] == pytest.approx(2 * cars.variables["wt"].sd * cars.estimate[3], rel=1e-12)


def test_a_dummy_is_probed_at_0_and_1() -> None:
    data = simulated()
    slopes = simple_slopes(fitted("y ~ x*d", data), focal="x", moderator="d")
    assert (slopes.label, slopes.at.tolist()) == (("0", "1"), [0.0, 1.0])
    apart = [smf.ols("y ~ x", pd.DataFrame(data).query(f"d == {d}")).fit().params["x"] for d in (0, 1)]
    np.testing.assert_allclose(slopes.estimate, apart, rtol=1e-9)


def test_categories_are_probed_one_against_the_base() -> None:
    data = simulated()
    fit = fitted("y ~ x*g", data)
    slopes = simple_slopes(fit, focal="x", moderator="g[b]")
    apart = [smf.ols("y ~ x", pd.DataFrame(data).query(f"g == '{g}'")).fit().params["x"] for g in "ab"]
    np.testing.assert_allclose(slopes.estimate, apart, rtol=1e-9)
    by_name = simple_slopes(fit, focal="x", at={"g": "b"})
    assert by_name.estimate[0] == pytest.approx(apart[1], rel=1e-9)
    with pytest.raises(ModelError, match=r"several categories; name one of them, g\[b\], g\[c\]"):
        johnson_neyman(fit, focal="x", moderator="g")
    two = fitted("y ~ x*f", {**data, "f": np.where(data["d"] > 0, "yes", "no")})
    assert simple_slopes(two, focal="x", moderator="f").moderator == "f[yes]"


def test_without_a_moderator_there_is_one_slope(cars: ModerationFit) -> None:
    slopes = simple_slopes(cars, focal="hp")
    assert slopes.estimate.tolist() == pytest.approx([simple_slopes(cars, focal="hp", moderator="wt").estimate[1]])
    assert (slopes.moderator, slopes.label) == (None, ("mean",))
    assert slopes.held == {"wt": pytest.approx(3.21725)}


def test_values_outside_the_data_are_said(cars: ModerationFit) -> None:
    with pytest.warns(OutsideSupport, match=r"wt = 9 lies outside the observed range \[1.513, 5.424\]"):
        simple_slopes(cars, focal="hp", moderator="wt", at=[3.0, 9.0])
    skewed = {"y": [1.0, 2, 2, 3, 5, 9, 8.5], "x": [1.0, 3, 2, 5, 4, 7, 6], "z": [0.0, 0, 0, 0, 0, 1, 30]}
    with pytest.warns(FewRows):
        fit = fitted("y ~ x*z", skewed)
    with pytest.warns(OutsideSupport, match="z = -"):
        simple_slopes(fit, focal="x", moderator="z")


@pytest.mark.parametrize(
    "probe",
    [
        lambda fit: simple_slopes(fit, focal="x", moderator="z", at=[99.0]),
        lambda fit: predict_surface(fit, focal="x", at={"z": 99.0}),
        lambda fit: predict_surface(fit, focal="x", moderator="z", moderator_at=[99.0]),
        lambda fit: johnson_neyman(fit, focal="x", moderator="z", at={"w": 99.0}),
    ],
)
def test_a_warning_points_at_the_line_that_called_the_library(probe: Callable[[ModerationFit], object]) -> None:
    with pytest.warns(OutsideSupport) as caught:
        probe(fitted("y ~ x*z + x*w", simulated()))
    assert {one.filename for one in caught} == {__file__}


# ---------------------------------------------------------------- regions


@given(st.integers(0, 10_000), st.floats(-0.6, 0.6), st.sampled_from(["pointwise", "simultaneous"]), st.sampled_from([0.05, 0.01, 0.3]))
def test_t_is_critical_at_every_bound(seed: int, product: float, control: str, alpha: float) -> None:
    fit = fitted("y ~ x*z", simulated(seed, n=40, curve=0.0, product=product))
    regions = johnson_neyman(fit, focal="x", moderator="z", control=control, alpha=alpha)
    bounds = np.array([bound for bound in regions.bounds if abs(bound) < 1e4])
    estimate, low, _ = regions.curve(bounds)
    # 1e-6: near a tangent a bound in m is the square root of the rounding in the polynomial
    np.testing.assert_allclose(np.abs(estimate) * regions.critical, np.abs(estimate - low) * regions.critical, rtol=1e-6)
    inner = np.concatenate([[-50.0], (bounds[1:] + bounds[:-1]) / 2, [50.0]]) if len(bounds) == len(regions.bounds) else []
    for value, yes, sign in zip(inner, regions.significant, regions.sign, strict=False):
        if (np.abs(bounds) < 50).all():
            band = regions.curve([value])
            assert bool(band.conf_low[0] > 0 or band.conf_high[0] < 0) == bool(yes)
            assert sign == (np.sign(band.estimate[0]) if yes else 0)
    assert regions.share.sum() == pytest.approx(1.0)


def test_bounds_solve_the_published_equation() -> None:
    fit = fitted("y ~ x*z", simulated(4, curve=0.0), center="none", covariance="HC3")
    b, V, c = fit.estimate, fit.covariance.matrix, t_dist.isf(0.025, fit.df)
    A, B, C = b[3] ** 2 - c**2 * V[3, 3], 2 * (b[1] * b[3] - c**2 * V[1, 3]), b[1] ** 2 - c**2 * V[1, 1]
    np.testing.assert_allclose(johnson_neyman(fit, focal="x", moderator="z").bounds, np.sort(np.roots([A, B, C])), rtol=1e-9)


@given(st.floats(-1e3, 1e3), st.floats(1e-2, 1e2))
def test_shift_and_scale_move_the_bounds_with_them(shift: float, scale: float) -> None:
    data = simulated(7, curve=0.0)
    before = johnson_neyman(fitted("y ~ x*z", data), focal="x", moderator="z")
    moved = johnson_neyman(fitted("y ~ x*z", {**data, "z": (data["z"] + shift) * scale}), focal="x", moderator="z")
    np.testing.assert_allclose((np.array(moved.bounds) / scale) - shift, before.bounds, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(moved.share, before.share)


def test_far_from_zero_the_bounds_keep_their_digits() -> None:
    data = simulated(7, curve=0.0)
    rounded = {**data, "x": np.round(data["x"], 3), "z": np.round(data["z"], 3)}
    near = johnson_neyman(fitted("y ~ x*z", rounded, center="none"), focal="x", moderator="z")
    far = johnson_neyman(
        fitted("y ~ x*z", {**rounded, "x": rounded["x"] + 1e6, "z": rounded["z"] + 2000}, center="none"), focal="x", moderator="z"
    )
    # x near 1e6 holds 1e-10 of its spread; the bounds hold that, times a hundred for the flat crossing
    np.testing.assert_allclose(np.array(far.bounds) - 2000, near.bounds, rtol=1e-8)


def test_nowhere() -> None:
    data = simulated(1, n=40)
    rng = np.random.default_rng(0)
    regions = johnson_neyman(fitted("y ~ w*z", {**data, "y": rng.normal(size=40)}), focal="w", moderator="z", alpha=0.001)
    assert regions.kind == regions.line_kind == "nowhere"
    assert regions.bounds == ()
    assert (regions.significant.tolist(), regions.share.tolist(), regions.share_significant) == ([False], [1.0], 0.0)
    assert "nowhere in the observed range of z" in str(regions)


def test_critical_values_of_the_three_controls(cars: ModerationFit) -> None:
    pointwise, fdr, simultaneous = (
        johnson_neyman(cars, focal="hp", moderator="wt", control=c) for c in ("pointwise", "fdr", "simultaneous")
    )
    assert pointwise.critical == pytest.approx(t_dist.isf(0.025, 28), rel=1e-12)
    assert simultaneous.critical == pytest.approx((2 * f_dist.isf(0.05, 2, 28)) ** 0.5, rel=1e-12)
    # Esarey & Sumner: t(1 - k a / 2m), k the points that pass Benjamini-Hochberg; here by statsmodels' own rule
    from statsmodels.stats.multitest import multipletests

    grid = np.linspace(1.513, 5.424, 1001)
    p = simple_slopes(cars, focal="hp", moderator="wt", at=grid).p_value
    passed = int(multipletests(p, 0.05, method="fdr_bh")[0].sum())
    assert (fdr.grid, fdr.passed) == (1001, passed)
    assert fdr.critical == pytest.approx(t_dist.isf(passed * 0.05 / 2002, 28), rel=1e-12)
    assert pointwise.critical < fdr.critical < simultaneous.critical


def test_false_discovery_without_a_region_has_no_critical_value() -> None:
    data = {**simulated(1, n=40), "y": np.random.default_rng(0).normal(size=40)}
    regions = johnson_neyman(fitted("y ~ w*z", data), focal="w", moderator="z", control="fdr")
    assert np.isnan(regions.critical)
    assert (regions.kind, regions.bounds, regions.passed) == ("nowhere", (), 0)
    assert np.isfinite(regions.critical_at([0.0, 1.0])).all()


def test_a_squared_moderator_gives_a_quartic() -> None:
    rng = np.random.default_rng(9)
    n = 300
    x, z = rng.normal(size=n), rng.uniform(-2, 2, n)
    y = x * (z**2 - 1) + rng.normal(size=n)
    fit = fitted("y ~ x*z^2", {"y": y, "x": x, "z": z})
    regions = johnson_neyman(fit, focal="x", moderator="z")
    assert len(regions.bounds) == 4
    assert regions.sign.tolist() == [1, 0, -1, 0, 1]
    for bound in regions.bounds:
        slopes = simple_slopes(fit, focal="x", moderator="z", at=bound)
        assert abs(slopes.statistic[0]) == pytest.approx(regions.critical, rel=1e-8)
    three = johnson_neyman(fit, focal="x", moderator="z", control="simultaneous")
    assert three.critical == pytest.approx((3 * f_dist.isf(0.05, 3, fit.df)) ** 0.5)
    assert "or" in str(regions)


def test_roots_of_known_polynomials() -> None:
    np.testing.assert_allclose(real_roots(np.poly([-2.0, -0.5, 1.0, 3.0])[::-1]), [-2, -0.5, 1, 3], rtol=1e-12)
    assert real_roots(np.array([1.0, 2.0, 1.0, 0.0, 0.0])).size == 0  # touches zero at -1
    assert real_roots(np.zeros(5)).size == 0
    assert real_roots(np.array([3.0, 0, 0, 0, 0])).size == 0
    assert real_roots(np.array([-2.0, 4.0, 0, 0, 0])).tolist() == [0.5]
    # a root near 1e12 beside one near 1: the textbook formula loses the small one
    small = real_roots(np.array([-1.0, 1.0, -1e-12, 0, 0]))
    assert small[0] == pytest.approx(1 + 1e-12, rel=1e-15)
    assert small[1] == pytest.approx(1e12, rel=1e-9)


def test_rounding_in_the_leading_coefficient_is_dropped() -> None:
    margin = margin_polynomial(np.array([1.0, 0.2, 0.0]), np.diag([1.0, 0.01, 0.0]), 2.0)
    assert margin.tolist() == [pytest.approx(-3.0), pytest.approx(0.4), 0.0, 0.0, 0.0]


def test_broken_covariance_is_refused() -> None:
    with pytest.raises(ModelError, match="they imply a negative variance"):
        real_roots(np.array([1.0, 0.0, 1.0, 0.0, 0.0]))


# ---------------------------------------------------------------- curves


def curved(seed: int, **options: object) -> ModerationFit:
    return fitted("y ~ x + x^2 + w", simulated(seed, n=80, product=0.0, **options))


@given(st.integers(0, 10_000), st.floats(-0.5, 0.5), st.sampled_from([0.05, 0.2]))
def test_fieller_is_the_complement_of_the_regions_over_x(seed: int, curve: float, alpha: float) -> None:
    fit = curved(seed, curve=curve)
    assume(fit.estimate[2] != 0)
    point = turning_point(fit, focal="x", alpha=alpha)
    regions = johnson_neyman(fit, focal="x", moderator="x", alpha=alpha)
    assert point.fieller == regions.bounds
    assert {"bounded": "outside", "two_rays": "between", "whole_line": "nowhere"}[point.kind] == regions.line_kind
    square = fit.frame[fit.frame["term"] == "x^2"].iloc[0]
    assert (point.kind == "bounded") == (square["p_value"] < alpha)
    # the slope is zero at the turning point, which lies in the Fieller set
    size = abs(regions.slope).max() * (1 + abs(point.estimate - regions.center))
    assert abs(regions.curve([point.estimate]).estimate[0]) < 1e-12 * size
    if point.kind == "bounded":
        assert point.fieller[0] < point.estimate < point.fieller[1]
    if point.kind == "two_rays":
        assert not point.fieller[0] < point.estimate < point.fieller[1]


def test_turning_point_by_the_textbook() -> None:
    fit = fitted("y ~ x + x^2", simulated(3, product=0.0), center="none", covariance="HC3")
    b, V, c = fit.estimate, fit.covariance.matrix, t_dist.isf(0.025, fit.df)
    point = turning_point(fit, focal="x")
    assert point.estimate == pytest.approx(-b[1] / (2 * b[2]), rel=1e-10)
    g = np.array([-1 / (2 * b[2]), b[1] / (2 * b[2] ** 2)])
    error = (g @ V[1:, 1:] @ g) ** 0.5
    assert point.std_error == pytest.approx(error, rel=1e-8)
    assert point.delta == pytest.approx((point.estimate - c * error, point.estimate + c * error), rel=1e-8)
    roots = np.roots([4 * (b[2] ** 2 - c**2 * V[2, 2]), 4 * (b[1] * b[2] - c**2 * V[1, 2]), b[1] ** 2 - c**2 * V[1, 1]])
    np.testing.assert_allclose(point.fieller, np.sort(roots), rtol=1e-8)
    assert (point.kind, point.curvature, point.moderator) == ("bounded", "U", None)
    x = fit.variables["x"].values
    assert point.share_below == np.mean(x < point.estimate)
    assert point.inside == (x.min() <= point.estimate <= x.max())


def test_moderated_turning_point() -> None:
    fit = fitted("y ~ x^2*z", simulated(3), center="none")
    b = dict(zip(fit.terms, fit.estimate, strict=True))
    for z in (-2.0, 0.5):
        expected = -(b["x"] + b["x:z"] * z) / (2 * (b["x^2"] + b["x^2:z"] * z))
        point = turning_point(fit, focal="x", at={"z": z})
        assert point.estimate == pytest.approx(expected, rel=1e-9)
        assert point.held == {"z": z}
    assert "with z = 0.500" in str(point)


@given(st.floats(-1e3, 1e3), st.floats(1e-2, 1e2))
def test_shift_and_scale_move_the_turning_point_with_them(shift: float, scale: float) -> None:
    data = simulated(5, product=0.0)
    before = turning_point(fitted("y ~ x + x^2", data), focal="x")
    after = turning_point(fitted("y ~ x + x^2", {**data, "x": (data["x"] + shift) * scale}), focal="x")
    assert after.estimate / scale - shift == pytest.approx(before.estimate, rel=1e-8, abs=1e-8)
    assert after.std_error / scale == pytest.approx(before.std_error, rel=1e-7)
    np.testing.assert_allclose(np.array(after.fieller) / scale - shift, before.fieller, rtol=1e-8, atol=1e-8)


def test_without_any_error_the_set_is_the_turning_point() -> None:
    x = np.linspace(-1, 3, 30)
    with pytest.warns(ExactFit):
        fit = fitted("y ~ x + x^2", {"x": x, "y": (x - 0.5) ** 2})
    point = turning_point(fit, focal="x")
    assert point.kind == "bounded"
    assert point.fieller == pytest.approx((0.5, 0.5), rel=1e-9)


def test_whole_line_and_its_sentence() -> None:
    data = {**simulated(1, n=60), "y": np.random.default_rng(1).normal(size=60)}
    point = turning_point(fitted("y ~ w + w^2", data), focal="w", alpha=0.001)
    assert (point.kind, point.fieller) == ("whole_line", ())
    assert "the whole line" in str(point)
    assert point.frame["fieller_low"].tolist() == [-np.inf]


@given(st.integers(0, 10_000), st.floats(0.05, 0.5))
@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_u_test_agrees_with_the_90_percent_fieller_interval(seed: int, curve: float) -> None:
    fit = curved(seed, curve=curve)
    test = u_test(fit, focal="x")
    point = turning_point(fit, focal="x", alpha=0.10)
    low, high = test.interval
    within = point.kind == "bounded" and low < point.fieller[0] and point.fieller[1] < high
    assert (test.p_value < 0.05) == within
    assert test.trivial == (not low < point.estimate < high)
    assert test.p_value > 0.5 if test.trivial else test.p_value <= 0.5


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_u_test_by_its_definition() -> None:
    data = pd.DataFrame(simulated(3, product=0.0))
    fit = fitted("y ~ x + x^2", data, covariance="HC1")
    model = smf.ols("y ~ x + I(x**2)", data).fit(cov_type="HC1", use_t=True)
    test = u_test(fit, focal="x", low=0.5, high=5.0)
    reference = model.t_test(np.array([[0, 1, 1.0], [0, 1, 10.0]]))
    np.testing.assert_allclose(test.slope, reference.effect, rtol=1e-9)
    np.testing.assert_allclose(test.std_error, reference.sd, rtol=1e-8)
    p = [t_dist.cdf(reference.tvalue[0], fit.df), t_dist.sf(reference.tvalue[1], fit.df)]
    np.testing.assert_allclose(test.end_p_value, p, rtol=1e-7)
    assert test.p_value == max(test.end_p_value)
    assert test.statistic == pytest.approx(min(-reference.tvalue[0], reference.tvalue[1]), rel=1e-8)
    assert test.share_low + test.share_high == pytest.approx(1.0)
    mirrored = u_test(fitted("y ~ x + x^2", data.assign(y=-data["y"]), covariance="HC1"), focal="x", low=0.5, high=5.0)
    assert (mirrored.shape, mirrored.p_value) == ("inverted U", pytest.approx(test.p_value, rel=1e-9))


def test_trivial_u_test_says_so() -> None:
    data = simulated(3, product=0.0)
    test = u_test(fitted("y ~ x + x^2", {**data, "y": np.exp(data["x"] / 3)}), focal="x")
    assert test.trivial
    assert test.p_value > 0.5
    assert "lies outside the interval" in str(test)


def test_u_test_warns_of_a_thin_arm() -> None:
    x = np.concatenate([[0.0, 0.3], np.linspace(2, 6, 98)])
    y = (x - 1) ** 2 + np.sin(np.arange(100))
    with pytest.warns(OutsideSupport, match=r"only 2.0% of the observations lie on one side of the turning point over x"):
        test = u_test(fitted("y ~ x + x^2", {"x": x, "y": y}), focal="x")
    assert test.share_low == 0.02


# ---------------------------------------------------------------- the surface


def test_surface_against_statsmodels_predictions() -> None:
    data = pd.DataFrame(simulated())
    fit = fitted("y ~ w + g + x*z + x^2", data, covariance="HC3")
    surface = predict_surface(fit, focal="x", moderator="z", points=5)
    data["b"], data["c"] = (data["g"] == "b") * 1.0, (data["g"] == "c") * 1.0
    model = smf.ols("y ~ w + b + c + x*z + I(x**2)", data).fit(cov_type="HC3", use_t=True)
    assert surface.estimate.shape == (2, 5)
    assert surface.label == ("-1 SD", "+1 SD")
    np.testing.assert_allclose(surface.moderator_values, data["z"].mean() + np.array([-1, 1]) * data["z"].std(), rtol=1e-12)
    shares = [(data["g"] == level).mean() for level in "bc"]
    for i, z in enumerate(surface.moderator_values):
        rows = np.array([[1, data["w"].mean(), *shares, x, z, x * z, x**2] for x in surface.focal_values])
        names = list(model.params.index)
        order = [names.index(n) for n in ("Intercept", "w", "b", "c", "x", "z", "x:z", "I(x ** 2)")]
        by_name = np.zeros_like(rows)
        by_name[:, order] = rows
        reference = model.t_test(by_name)
        np.testing.assert_allclose(surface.estimate[i], reference.effect, rtol=1e-9)
        np.testing.assert_allclose(surface.conf_low[i], reference.conf_int()[:, 0], rtol=1e-8)
        np.testing.assert_allclose(surface.conf_high[i], reference.conf_int()[:, 1], rtol=1e-8)
    assert surface.support.all()
    assert surface.focal_observed.tolist() == data["x"].tolist()
    assert surface.frame.shape == (10, 9)


def test_surface_options(cars: ModerationFit) -> None:
    surface = predict_surface(cars, focal="hp", moderator="wt", moderator_at=[2.0, 3.0, 4.0], over=(0, 400), points=9)
    assert surface.label == ("2", "3", "4")
    assert surface.support[0].tolist() == [52 <= hp <= 335 for hp in np.linspace(0, 400, 9)]
    assert predict_surface(cars, focal="hp", moderator="wt", at=[2.0, 3.0]).label == ("2", "3")
    single = predict_surface(cars, focal="hp")
    assert (single.moderator, single.estimate.shape, single.held) == (None, (1, 101), {"wt": pytest.approx(3.21725)})
    dummy = predict_surface(fitted("y ~ d*x", simulated()), focal="d", moderator="x")
    assert dummy.focal_values.tolist() == [0.0, 1.0]
    np.testing.assert_allclose(
        dummy.estimate[0, 1] - dummy.estimate[0, 0], simple_slopes(fitted("y ~ d*x", simulated()), focal="d", moderator="x").estimate[0]
    )


def test_surface_at_a_category() -> None:
    data = simulated()
    fit = fitted("y ~ g + x*z", data)
    base, c = (predict_surface(fit, focal="x", moderator="z", at={"g": level}, points=2).estimate for level in "ac")
    np.testing.assert_allclose(c - base, fit.estimate[fit.terms.index("g[c]")], rtol=1e-9)


# ---------------------------------------------------------------- what is refused, and what every probe carries


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda fit: simple_slopes(fit, focal="hpp", moderator="wt"), ModelError, "did you mean 'hp'"),
        (lambda fit: johnson_neyman(fit, focal="hp", moderator="w"), ModelError, "no variable 'w'"),
        (lambda fit: turning_point(fit, focal="hp"), ModelError, "add hp^2 to the formula"),
        (lambda fit: u_test(fit, focal="hp"), ModelError, "add hp^2 to the formula"),
        (lambda fit: simple_slopes(fit, focal="hp", moderator="qsec"), ModelError, "does not depend on qsec"),
        (lambda fit: predict_surface(fit, focal="qsec", moderator="hp"), ModelError, "add qsec:hp"),
        (
            lambda fit: johnson_neyman(fit, focal="hp", moderator="wt", control="bonferroni"),
            ArgumentError,
            "control must be one of 'pointwise', 'fdr', 'simultaneous'; got 'bonferroni'",
        ),
        (lambda fit: johnson_neyman(fit, focal="hp", moderator="wt", at=[1.0]), ArgumentError, "wt varies here, so it cannot be held"),
        (lambda fit: johnson_neyman(fit, focal="hp", moderator="wt", at={"qsec": [0.1, 0.2]}), ArgumentError, "held at one value"),
        (
            lambda fit: simple_slopes(fit, focal="hp", moderator="wt", at=["low"]),
            ArgumentError,
            "the values of wt must be numbers, got ['low']",
        ),
        (lambda fit: simple_slopes(fit, focal="hp", moderator="wt", at=[np.nan]), ArgumentError, "finite numbers"),
        (lambda fit: simple_slopes(fit, focal="hp", moderator="wt", at={"wt": "low"}), ArgumentError, "not categorical"),
        (lambda fit: simple_slopes(fit, focal="hp", at=[1.0]), ArgumentError, "at must name its variables"),
        (lambda fit: simple_slopes(fit, focal="hp", moderator="wt", alpha=2), ArgumentError, "alpha must be between 0 and 1"),
        (lambda fit: predict_surface(fit, focal="hp", moderator="wt", over=(3, 1)), ArgumentError, "low must be below high"),
        (
            lambda fit: predict_surface(fit, focal="hp", moderator="wt", points=1),
            ArgumentError,
            "points must be a whole number from 2 to 10,000; got 1",
        ),
    ],
)
def test_refusals_are_one_line(call, error: type[Exception], words: str) -> None:
    fit = fitted("mpg ~ hp*wt + qsec", MTCARS.assign(qsec=np.sin(np.arange(32))))
    with pytest.raises(error) as caught:
        call(fit)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_more_refusals() -> None:
    data = simulated()
    with pytest.raises(ModelError, match="d has only two values"):
        johnson_neyman(fitted("y ~ x*d", data), focal="x", moderator="d")
    with pytest.raises(ArgumentError, match="low must be below high"):
        u_test(fitted("y ~ x + x^2", data), focal="x", low=3, high=2)
    with pytest.raises(ModelError, match="x is both focal and moderator; leave the moderator out"):
        predict_surface(fitted("y ~ x + x^2", data), focal="x", moderator="x")


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_every_probe_carries_the_model() -> None:
    data = {**simulated(), "team": np.arange(150) % 20}
    fit = Moderation("y ~ x*z + x^2", cluster="team", alpha=0.1).fit(data)
    probes = [
        simple_slopes(fit, focal="x", moderator="z"),
        johnson_neyman(fit, focal="x", moderator="z"),
        turning_point(fit, focal="x"),
        u_test(fit, focal="x"),
        predict_surface(fit, focal="x", moderator="z"),
    ]
    for probe in probes:
        assert (probe.outcome, probe.focal, probe.n, probe.df, probe.alpha) == ("y", "x", 150, 19, 0.1)
        assert probe.covariance is fit.covariance
        assert probe.covariance.label == "CR1 standard errors clustered by team (20 clusters)"
        assert "clustered by team" in str(probe)
        assert len(probe.frame) > 0
        assert "\n" not in str(probe)
        assert not any(word in str(probe).lower() for word in ("effect", "increase", "lead", "impact", "drive", "cause"))
    for array in (probes[0].estimate, probes[1].share, probes[3].slope, probes[4].estimate):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


class Printed:
    """A model known from a printed table: coefficients, part of their covariance, no cases."""

    def __init__(self, matrix: np.ndarray) -> None:
        nan = float("nan")
        variables = {name: Variable(name, 0.0, 1.0, nan, nan) for name in ("x", "z")}
        terms = tuple(parse_term(text) for text in ("(Intercept)", "x", "z", "x:z"))
        self.polynomial = Polynomial(
            terms, {"x": 0.0, "z": 0.0}, np.array([np.nan, 0.5, 0.1, 0.3]), matrix, variables, "y", 120, np.inf, "printed", 0.05
        )


def test_a_printed_model_is_probed_from_what_is_known() -> None:
    V = np.full((4, 4), np.nan)
    V[np.ix_([1, 3], [1, 3])] = [[0.01, 0.001], [0.001, 0.004]]
    model = Printed(V)
    slopes = simple_slopes(model, focal="x", moderator="z")
    np.testing.assert_allclose(slopes.std_error, [(0.01 - 0.002 + 0.004) ** 0.5, 0.1, (0.01 + 0.002 + 0.004) ** 0.5])
    regions = johnson_neyman(model, focal="x", moderator="z")
    c = t_dist.isf(0.025, np.inf)
    expected = np.roots([0.09 - c**2 * 0.004, 2 * (0.15 - c**2 * 0.001), 0.25 - c**2 * 0.01])
    np.testing.assert_allclose(regions.bounds, np.sort(expected), rtol=1e-9)
    assert np.isnan(regions.share).all()
    assert np.isnan(regions.share_significant)
    with pytest.raises(ModelError, match="observed range of z"):
        johnson_neyman(model, focal="x", moderator="z", control="fdr")
    with pytest.raises(ModelError, match="covariances of the coefficients in the slope of x are not known"):
        johnson_neyman(Printed(np.full((4, 4), np.nan)), focal="x", moderator="z")
    lines = predict_surface(model, focal="x", moderator="z")
    assert lines.relative
    assert np.isnan(lines.conf_low).all()
    assert lines.focal_values[[0, -1]].tolist() == [-1.0, 1.0]  # one SD to either side where the range is not known


def test_a_turning_point_takes_its_only_moderator_as_a_number() -> None:
    fit = Moderation("y ~ x^2*z").fit(simulated())
    named = turning_point(fit, focal="x", at={"z": 0.5})
    assert turning_point(fit, focal="x", at=0.5).estimate == turning_point(fit, focal="x", at=[0.5]).estimate == named.estimate
    with pytest.raises(ArgumentError, match="call once for each"):
        turning_point(fit, focal="x", at=[0.1, 0.5])
    with pytest.raises(ArgumentError, match=r"does not say which variable it is for \(x has no moderator\)"):
        turning_point(Moderation("y ~ x + x^2 + z").fit(simulated()), focal="x", at=0.5)
