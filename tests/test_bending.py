"""Moderated curves against car: shift of the turning point, flattening or steepening, and where the shape flips."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import t as t_dist

import tienet as tn
from models import data, expected
from probing import DATA, EXPECTED, KINDS, fitted
from tienet.base.errors import ArgumentError, ModelError, OutsideSupport
from tienet.regression.model.fit import ModerationFit
from tienet.regression.probes.curve_moderations import CurveModeration

FORMULA = "v ~ x^2*z + w"


def moderated(fit: ModerationFit, **options: object) -> CurveModeration:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideSupport)
        return tn.regression.probes.curve_moderation(fit, focal="x", moderator="z", **options)


@pytest.mark.parametrize("kind", KINDS)
def test_shift_flip_and_joint_test_against_car(kind: str) -> None:
    expected = EXPECTED[f"curve_{kind}"]
    found = moderated(fitted(FORMULA, covariance=kind))
    np.testing.assert_allclose(found.at, expected["z"], rtol=1e-12)
    # deltaMethod: gradients by symbolic differentiation
    np.testing.assert_allclose([found.estimate, found.std_error], expected["shift"], rtol=1e-8)
    np.testing.assert_allclose(found.turning_point, expected["turning"][0], rtol=1e-8)
    statistic = np.array(expected["shift"][0]) / np.array(expected["shift"][1])
    half = t_dist.isf(0.025, expected["df"]) * np.array(expected["shift"][1])
    np.testing.assert_allclose(found.p_value, 2 * t_dist.sf(np.abs(statistic), expected["df"]), rtol=1e-7)
    np.testing.assert_allclose(found.conf_low, expected["shift"][0] - half, rtol=1e-7)
    assert (found.flip.estimate, found.flip.std_error) == pytest.approx(expected["flip"], rel=1e-8)
    bend = (found.bend, found.bend_std_error, found.bend_statistic, found.bend_p_value)
    assert bend == pytest.approx(expected["b4"], rel=1e-8)
    assert (found.joint_statistic, found.joint_p_value) == pytest.approx((expected["joint"]["f"], expected["joint"]["p"]), rel=1e-8)
    assert (found.joint_df1, found.joint_df2, found.bend_df) == (2, expected["df"], expected["df"])


def test_curvature_at_each_level_against_r() -> None:
    fit = tn.Moderation("y ~ x*z + x^2*z + v", covariance="HC3").fit(data("three_way"))
    levels = expected("curvature")["levels"]
    found = moderated(fit, at=[row["z"] for row in levels])
    theirs = {"estimate": "est", "std_error": "se", "statistic": "t", "p_value": "p", "conf_low": "lo", "conf_high": "hi"}
    for ours, name in theirs.items():
        np.testing.assert_allclose(found.frame[f"curvature_{ours}"], [row[name] for row in levels], rtol=1e-7, err_msg=ours)
    for row in levels:  # and the turning point at each
        point, want = tn.turning_point(fit, focal="x", at={"z": row["z"]}), row["turning_point"]
        assert (point.estimate, point.std_error) == pytest.approx((want["est"], want["se_delta"]), rel=1e-7)
        assert point.fieller == pytest.approx((want["fieller"]["lo"], want["fieller"]["hi"]), rel=1e-7)
    flip = found.flip.estimate  # where the curvature is zero
    assert moderated(fit, at=[flip + 1e-6]).curvatures.estimate[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_turning_points_at_several_values_against_car(kind: str) -> None:
    expected = EXPECTED[f"curve_{kind}"]
    fit = fitted(FORMULA, covariance=kind)
    for z, estimate, error in zip(expected["z"], *expected["turning"], strict=True):
        point = tn.turning_point(fit, focal="x", at={"z": z})
        assert (point.estimate, point.std_error) == pytest.approx((estimate, error), rel=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_product_of_the_square_the_shift_is_the_same_everywhere(kind: str) -> None:
    found = moderated(fitted("v ~ x + x^2 + z + x:z + w", covariance=kind))
    estimate, error = EXPECTED[f"curve_{kind}"]["shift_without"]
    np.testing.assert_allclose(found.estimate, [estimate] * 3, rtol=1e-8)
    np.testing.assert_allclose(found.std_error, [error] * 3, rtol=1e-8)
    assert (found.steepness, found.flip, found.bend, found.joint_df1) == ("not in the model", None, 0.0, 1)
    assert "keeps the curvature the same" in str(found)


def test_the_set_of_the_flip_is_where_the_curvature_does_not_differ_from_zero() -> None:
    fit = fitted(FORMULA, center="none")
    found = moderated(fit)
    assert found.flip.kind == "bounded"
    low, high = found.flip.fieller
    b, V = fit.estimate, fit.covariance.matrix
    i, j = fit.terms.index("x^2"), fit.terms.index("x^2:z")
    for z in (low, high):
        t = (b[i] + b[j] * z) / (V[i, i] + 2 * z * V[i, j] + z**2 * V[j, j]) ** 0.5
        assert abs(t) == pytest.approx(t_dist.isf(0.025, fit.df), rel=1e-7)


def test_a_flip_inside_the_data_is_said() -> None:
    fit = fitted(FORMULA)
    with pytest.warns(
        OutsideSupport, match=r"as z rises the curve changes from an inverted U to a U at z = 2.975, inside its observed range"
    ):
        found = tn.regression.probes.curve_moderation(fit, focal="x", moderator="z")
    assert found.flip.inside
    assert " at z = 2.975, inside the observed range (95% Fieller interval" in str(found)


@pytest.mark.parametrize(("sign", "words"), [(1, "from an inverted U to a U"), (-1, "from a U to an inverted U")])
def test_the_flip_has_a_direction_and_no_turning_point_near_it(sign: int, words: str) -> None:
    rng = np.random.default_rng(11)
    x, z = rng.uniform(-2, 2, 300), rng.uniform(-1, 1, 300)
    fit = fitted("y ~ x^2*z", {"y": x + sign * x**2 * z + rng.normal(0, 0.2, 300), "x": x, "z": z})
    with pytest.warns(OutsideSupport, match=f"changes {words} at z = "):
        found = tn.regression.probes.curve_moderation(fit, focal="x", moderator="z", at=[-0.8, float(fit.polynomial.centers["z"]), 0.8])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideSupport)
        near = tn.regression.probes.curve_moderation(fit, focal="x", moderator="z", at=[-0.8, round(found.flip.estimate, 6), 0.8])
    curvature = fit.estimate[fit.terms.index("x^2:z")] * (near.at - near.flip.estimate)
    assert np.sign(curvature).tolist()[::2] == [-sign, sign]
    assert near.turns.tolist() == [True, False, True]
    assert str(near).count("too near a straight line for a turning point to be defined") == 1
    assert str(near).count("it turns at") == 2
    assert f"As z rises it changes {words} at z = " in str(near)


@pytest.mark.parametrize(
    ("sign", "product", "word"), [(1, 0.1, "steeper"), (1, -0.1, "flatter"), (-1, 0.1, "flatter"), (-1, -0.1, "steeper")]
)
def test_flatter_and_steeper_in_words(sign: int, product: float, word: str) -> None:
    rng = np.random.default_rng(4)
    x, z = rng.uniform(-2, 2, 200), rng.uniform(-1, 1, 200)
    y = sign * x**2 + product * 3 * x**2 * z + rng.normal(0, 0.3, 200)
    found = moderated(fitted("y ~ x^2*z", {"y": y, "x": x, "z": z}))
    assert found.steepness == word
    assert found.curvature == ("U" if sign > 0 else "inverted U")
    assert f"is {word} (" in str(found)
    assert not found.flip.inside


def test_without_evidence_neither_is_said() -> None:
    rng = np.random.default_rng(5)
    x, z = rng.uniform(-2, 2, 100), rng.uniform(-1, 1, 100)
    found = moderated(fitted("y ~ x^2*z", {"y": x**2 + rng.normal(0, 2, 100), "x": x, "z": z}))
    assert found.steepness == "unclear"
    assert "do not show whether the curve" in str(found)


def test_centring_shift_and_scale() -> None:
    plain = moderated(fitted(FORMULA))
    for center in ("none", {"x": 2.0, "z": 1.0}):
        other = moderated(fitted(FORMULA, center=center))
        np.testing.assert_array_equal(other.estimate, plain.estimate)
    moved = moderated(fitted(FORMULA, DATA.assign(x=7 + 4 * DATA["x"], z=3 + 2 * DATA["z"])))
    np.testing.assert_allclose(moved.estimate, plain.estimate * 2, rtol=1e-8)
    np.testing.assert_allclose(moved.p_value, plain.p_value, rtol=1e-7)
    np.testing.assert_allclose(moved.turning_point, 7 + 4 * plain.turning_point, rtol=1e-8)
    assert moved.flip.estimate == pytest.approx(3 + 2 * plain.flip.estimate, rel=1e-8)
    np.testing.assert_allclose(moved.flip.fieller, 3 + 2 * np.array(plain.flip.fieller), rtol=1e-7)


def test_the_shift_is_the_slope_of_the_turning_point() -> None:
    fit = fitted(FORMULA)
    found = moderated(fit, at=[0.5])
    step = 1e-5
    ends = [tn.turning_point(fit, focal="x", at={"z": 0.5 + away}).estimate for away in (-step, step)]
    assert found.estimate[0] == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-7)


def test_a_third_variable_moves_the_curve_where_it_stands() -> None:
    fit = fitted("v ~ x^2*z + x*w")
    found = moderated(fit, at={"w": 1.5, "z": [0.0]})
    assert found.turning_point[0] == pytest.approx(tn.turning_point(fit, focal="x", at={"w": 1.5, "z": 0.0}).estimate, rel=1e-10)
    assert found.held == {"w": 1.5}


def test_refusals() -> None:
    with pytest.raises(ModelError, match=r"x\^2 is not in this model of v"):
        tn.regression.probes.curve_moderation(fitted("v ~ x*z"), focal="x", moderator="z")
    with pytest.raises(ModelError, match="x is both focal and moderator"):
        tn.regression.probes.curve_moderation(fitted(FORMULA), focal="x", moderator="x")
    with pytest.raises(ModelError, match=r"multiplied by z\^2"):
        tn.regression.probes.curve_moderation(fitted("v ~ x^2*z^2"), focal="x", moderator="z")
    with pytest.raises(ArgumentError, match="the curve runs over x, so it cannot be held"):
        tn.regression.probes.curve_moderation(fitted(FORMULA), focal="x", moderator="z", at={"x": 1.0})
