"""What printed tables allow: turning points and U tests from errors alone, t and p values, signs of products, sensitivity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as t_dist

import tienet as tn
from drawing import drawn, note
from tienet.base.errors import ArgumentError, DataError, ModelError

CURVE = {"x": 0.4, "x^2": -0.1}
AROUND = {"center": "mean", "means": {"x": 5}, "sds": {"x": 1.5}, "n": 150, "ranges": {"x": (1, 9)}}
ERRORS = {"x": 0.1, "x^2": 0.03}


def test_a_turning_point_needs_no_covariance() -> None:
    bare = tn.turning_point(tn.PublishedModel(CURVE, **AROUND), focal="x")
    assert bare.estimate == pytest.approx(7)
    assert (bare.kind, bare.fieller) == ("not known", ())
    assert np.isnan(bare.frame[["std_error", "fieller_low", "delta_high"]].to_numpy()).all()
    assert "standard errors are not known" in str(bare)
    assert "no interval" in note(drawn(bare))
    found = tn.turning_point(tn.PublishedModel(CURVE, std_errors=ERRORS, **AROUND), focal="x")
    # the delta error is that of (b1 + 4 b2) / .2
    assert (found.zero.std_error_low, found.zero.std_error_high) == pytest.approx((0.02 / 0.2, 0.22 / 0.2))
    assert "lies between 0.100 and 1.100" in str(found)
    assert found.delta == pytest.approx((7 - t_dist.isf(0.025, 147) * 1.1, 7 + t_dist.isf(0.025, 147) * 1.1))
    for r in (-0.95, 0.0, 0.95):
        known = {("x", "x"): 0.01, ("x^2", "x^2"): 0.0009, ("x", "x^2"): r * 0.003}
        point = tn.turning_point(tn.PublishedModel(CURVE, covariance=known, **AROUND), focal="x")
        assert found.zero.std_error_low <= point.std_error <= found.zero.std_error_high
        assert found.fieller[0] <= point.fieller[0]
        assert point.fieller[1] <= found.fieller[1]


def test_a_u_test_from_standard_errors_has_bounds() -> None:
    found = tn.u_test(tn.PublishedModel(CURVE, std_errors=ERRORS, **AROUND), focal="x")
    np.testing.assert_allclose(found.slope, [1.2, -0.4])
    # the slope at an end is b1 -+ 8 b2
    low, high = 0.8 * 0.3 - 0.1, 0.8 * 0.3 + 0.1
    np.testing.assert_allclose((found.bounds.std_error_low, found.bounds.std_error_high), [[low] * 2, [high] * 2])
    np.testing.assert_allclose(found.bounds.p_high, t_dist.sf([1.2 / high, 0.4 / high], 147))
    np.testing.assert_allclose(found.bounds.p_low, t_dist.sf([1.2 / low, 0.4 / low], 147), rtol=1e-6)
    assert found.bounds.p_value == (found.bounds.p_low[1], found.bounds.p_high[1])
    assert "cannot be settled (p between .002 and .121)" in str(found)
    assert "Cannot settle" in note(drawn(found))
    assert np.isnan(found.p_value)
    sure = tn.u_test(tn.PublishedModel(CURVE, std_errors={"x": 0.01, "x^2": 0.003}, **AROUND), focal="x")
    assert "whatever the covariances" in str(sure)
    weak = tn.u_test(tn.PublishedModel(CURVE, std_errors={"x": 0.1, "x^2": 0.3}, **AROUND), focal="x")
    assert "does not show" in str(weak)


def test_standard_errors_follow_from_t_and_p() -> None:
    b = {"x": 0.4, "z": -0.3, "x:z": 0.2}
    p = 2 * t_dist.sf(0.2 / 0.08, 96)
    model = tn.PublishedModel(b, n=100, std_errors={"x": 0.1}, t_values={"z": -2.0}, p_values={"x*z": p})
    np.testing.assert_allclose(model.std_error, [0.1, 0.15, 0.08])
    for more, words in (
        ({"t_values": {"z": 2.0}}, "same sign"),
        ({"t_values": {"z": 0}}, "is 0"),
        ({"p_values": {"z": 0}}, "between 0 and 1"),
        ({"p_values": {"z": 0.1}, "t_values": {"z": -2}}, "both t_values and p_values"),
        ({"std_errors": {"z": 0.1}, "t_values": {"z": -3}}, "keep one"),
    ):
        with pytest.raises(ModelError, match=words):
            tn.PublishedModel(b, n=100, **more)


@pytest.mark.parametrize("sign", ["x*z", "x×z", "x × z", "x x z", "x·z"])
def test_products_are_read_as_papers_print_them(sign: str) -> None:
    model = tn.PublishedModel({"x": 0.4, "z": 0.3, sign: 0.2}, std_errors={sign: 0.1}, means={"x": 0, "z": 0}, sds={"x": 1, "z": 1}, n=90)
    assert model.terms == ("x", "z", "x:z")
    assert tn.simple_slopes(model, focal="x", moderator="z", at=[1.0]).estimate[0] == pytest.approx(0.6)


def test_reliabilities_on_the_diagonal_are_named() -> None:
    with pytest.raises(DataError, match=r"diagonal has 0.85 for x: reliabilities"):
        tn.regression_from_correlations([[1, 0.3], [0.3, 0.85]], n=80, outcome="y", predictors=["x"], names=["y", "x"])
    with pytest.raises(DataError, match="with itself must be 1"):
        tn.regression_from_correlations([[1, 0.3], [0.3, 1.85]], n=80, outcome="y", predictors=["x"], names=["y", "x"])


def test_the_points_of_dawsons_sheets() -> None:
    # the sheets compute b0 + b1 (m +- s) + ...: the polynomial at one SD below and above each mean
    m, s = {"x": 3.2, "z": 2.1, "w": 0.4}, {"x": 0.8, "z": 1.1, "w": 0.5}
    two = {"x": 0.3, "z": -0.2, "x:z": 0.15}
    three = {**two, "w": 0.6, "x:w": 0.1, "z:w": -0.25, "x:z:w": 0.35}
    ends = {name: (m[name] - s[name], m[name] + s[name]) for name in m}
    pair = {"focal": "x", "moderator": "z", "over": ends["x"], "points": 2}
    means, sds = ({name: given[name] for name in "xz"} for given in (m, s))
    found = tn.predict_surface(tn.PublishedModel(two, intercept=1.5, means=means, sds=sds), **pair)
    np.testing.assert_allclose(found.estimate, [[1.5 + 0.3 * x - 0.2 * z + 0.15 * x * z for x in ends["x"]] for z in ends["z"]])
    found = tn.predict_surface(tn.PublishedModel(three, intercept=1.5, means=m, sds=s), **pair, second="w")
    wanted = [
        [1.5 + 0.3 * x - 0.2 * z + 0.15 * x * z + 0.6 * w + 0.1 * x * w - 0.25 * z * w + 0.35 * x * z * w for x in ends["x"]]
        for w in ends["w"]
        for z in ends["z"]
    ]
    np.testing.assert_allclose(found.estimate, wanted)


def test_sensitivity_of_a_printed_t_is_that_of_the_fit() -> None:
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=(2, 120))
    fit = tn.Moderation("y ~ x + z", covariance="classical").fit({"y": 0.3 * x + z + rng.normal(size=120), "x": x, "z": z})
    whole = tn.regression.endogeneity.sensitivity(fit, "x", q=0.5)
    found = tn.regression.endogeneity.printed_sensitivity(whole.statistic, 117, n=120, q=0.5)
    for name in ("partial_r2", "robustness", "robustness_alpha", "itcv", "rir", "rir_share"):
        assert getattr(found, name) == pytest.approx(getattr(whole, name), rel=1e-10), name
    # sensemakr's example of Darfur: t = 4.18445 with 783 df
    assert "13.9% of what is left" in str(tn.regression.endogeneity.printed_sensitivity(4.18445, 783))
    with pytest.raises(ArgumentError, match="df must be at least 2"):
        tn.regression.endogeneity.printed_sensitivity(2, 1)
    with pytest.raises(ArgumentError, match="n must be above df"):
        tn.regression.endogeneity.printed_sensitivity(2, 50, n=40)
