"""Tests of a response surface: against statsmodels, a rotated regression, numeric optima, closed forms, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

import tienet as tn
from drawing import drawn, marked, note
from tienet.base.errors import ArgumentError, ModelError, OutsideSupport

surface_tests = tn.regression.probes.surface_tests
RNG = np.random.default_rng(5)
X, Z, W = RNG.uniform(1, 7, (3, 160))
U, V = X - 4, Z - 4
DATA = {
    "x": X,
    "z": Z,
    "w": W,
    "u": U,
    "v": V,
    "team": np.arange(160) % 12,
    "y": 9 - 0.5 * U**2 - 0.7 * V**2 + 0.4 * U * V + 0.3 * U + 0.2 * W * U + RNG.normal(size=160),
}
FORMULA = "y ~ x*z + x^2 + z^2 + w"
PAIR = {"focal": "x", "moderator": "z"}
COLUMNS = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
LINES = [[0, 1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1, 0], [0, 1, -1, 0, 0, 0, 0], [0, 0, 0, 1, -1, 1, 0]]


@pytest.fixture(scope="module")
def found():
    return surface_tests(tn.Moderation(FORMULA, covariance="HC3").fit(DATA), **PAIR, midpoint=4)


@pytest.fixture(scope="module")
def other():
    columns = np.column_stack([np.ones(160), U, V, U**2, U * V, V**2, W])
    return sm.OLS(DATA["y"], columns).fit(cov_type="HC3", use_t=True)


def test_the_four_tests_are_those_of_statsmodels(found, other):
    for row, line in enumerate(LINES):
        test = other.t_test(line)
        want = [test.effect[0], test.sd[0, 0], test.tvalue[0, 0], float(test.pvalue), *test.conf_int()[0]]
        np.testing.assert_allclose(found.frame.loc[row, COLUMNS].astype(float), want, rtol=1e-7, atol=1e-12)  # both in doubles
        assert found.dfs[row] == other.df_resid


def test_the_stationary_point_is_the_optimum_of_the_surface(found, other):
    b = other.params

    def height(spot):
        u, v = spot
        return b[1] * u + b[2] * v + b[3] * u**2 + b[4] * u * v + b[5] * v**2

    top = minimize(lambda spot: -height(spot), [0.0, 0.0], tol=1e-14)
    point = found.stationary
    np.testing.assert_allclose([point.x - 4, point.z - 4], top.x, atol=1e-6)  # where the gradient is this small, BFGS stops
    assert (point.kind, point.inside) == ("maximum", True)
    first = (b[5] - b[3] + np.sqrt((b[3] - b[5]) ** 2 + b[4] ** 2)) / b[4]
    assert point.first == pytest.approx(first, rel=1e-8)
    assert point.first * point.second == pytest.approx(-1)  # the axes are at right angles
    assert point.intercepts == pytest.approx((point.z - first * point.x, point.z + point.x / first))
    turn = np.linspace(0, np.pi, 20001)  # along the first axis the surface falls least
    steepest = turn[np.argmax([height(top.x + np.array([np.cos(t), np.sin(t)])) for t in turn])]
    assert np.tan(steepest) == pytest.approx(first, abs=1e-3)


def test_they_are_coefficients_of_sum_and_difference_with_their_own_degrees_of_freedom():
    options = {"covariance": "CR2", "cluster": "team"}
    found = surface_tests(tn.Moderation(FORMULA, **options).fit(DATA), **PAIR, midpoint=4)
    turned = tn.Moderation("y ~ s*d + s^2 + d^2 + w", center="none", **options).fit({**DATA, "s": (U + V) / 2, "d": (U - V) / 2})
    want = turned.frame.set_index("term").loc[["s", "s^2", "d", "d^2"], [*COLUMNS, "df"]]
    np.testing.assert_allclose(found.frame[[*COLUMNS, "df"]], want, rtol=1e-7)
    assert len(set(found.dfs)) == 4


def test_the_midpoint_moves_slopes_only(found):
    fit = tn.Moderation(FORMULA, covariance="HC3", center="none").fit(DATA)
    moved, usual = surface_tests(fit, **PAIR, midpoint=3), surface_tests(fit, **PAIR)
    np.testing.assert_allclose(moved.estimate[[1, 3]], found.estimate[[1, 3]])
    assert moved.estimate[0] == pytest.approx(found.estimate[0] - 2 * found.estimate[1])
    assert moved.estimate[2] == pytest.approx(found.estimate[2] - 2 * (moved_bends(fit)))
    assert (moved.stationary.x, moved.stationary.z) == pytest.approx((found.stationary.x, found.stationary.z))
    assert usual.midpoint == pytest.approx((X.mean() + Z.mean()) / 2)
    with pytest.warns(OutsideSupport, match="= 20 lies outside"):
        surface_tests(fit, **PAIR, midpoint=20)


def moved_bends(fit):
    """b_xx - b_zz, by which a3 changes with the midpoint."""
    b = fit.frame.set_index("term")["estimate"]
    return b["x^2"] - b["z^2"]


def test_other_variables_are_held():
    fit = tn.Moderation("y ~ x*z + x^2 + z^2 + x*w").fit(DATA)
    held = surface_tests(fit, **PAIR, midpoint=4, at={"w": 5})
    again = tn.Moderation("y ~ u*v + u^2 + v^2 + u*far", center="none").fit({**DATA, "far": W - 5})
    b = again.frame.set_index("term")["estimate"]
    assert held.estimate[0] == pytest.approx(b["u"] + b["v"])
    assert held.held == {"w": 5}
    assert held.map.held["w"] == 5
    assert "w = 5" in str(held)


@pytest.mark.parametrize(
    ("bends", "kind", "axes"),
    [
        ((-1, 0.5, -1), "maximum", (1, -1)),
        ((1, 0.5, 1), "minimum", (1, -1)),
        ((1, 0.0, -1), "saddle", (0, np.inf)),
        ((-1, 0.0, 1), "saddle", (np.inf, 0)),
        ((-1, 2.0, -1), "none", (1, -1)),
        ((1, 0.0, 1), "minimum", (np.nan, np.nan)),
    ],
)
def test_kinds_and_axes_of_printed_surfaces(bends, kind, axes):
    terms = dict(zip(("x^2", "x:z", "z^2"), bends, strict=True))
    found = surface_tests(tn.PublishedModel({"x": 1.0, "z": 0.5, **terms}), **PAIR, midpoint=0)
    assert found.estimate.tolist() == [1.5, sum(bends), 0.5, bends[0] - bends[1] + bends[2]]
    assert np.isnan(found.std_error).all()
    assert "Their errors need the covariances of the coefficients" in str(found)
    assert found.stationary.kind == kind
    np.testing.assert_allclose((found.stationary.first, found.stationary.second), axes, atol=1e-12)
    assert ("no single stationary point" in str(found)) == (kind == "none")


def test_what_is_no_response_surface_is_refused():
    def fit(formula):
        return tn.Moderation(formula).fit({**DATA, "g": np.where(W > 4, "a", "b")})

    cases = {
        "y ~ x*z + x^2": r"the model of y has no z\^2; a response surface needs x, z, x\^2, x:z and z\^2, so add z\^2 to the formula",
        "y ~ x*z + z^2": r"the model of y has no x\^2;",
        "y ~ x + z + x^2 + z^2": "does not depend on z.*add x:z",
        "y ~ x*z + x^2 + z^2 + x^2:z": r"x\^2:z bends the surface over x and z more than squares do",
        "y ~ x": "no variable 'z'",
    }
    for formula, words in cases.items():
        with pytest.raises(ModelError, match=words):
            surface_tests(fit(formula), **PAIR)
    whole = fit(FORMULA + " + x*g")
    with pytest.raises(ModelError, match="has only two values"):
        surface_tests(whole, focal="x", moderator="g")
    with pytest.raises(ArgumentError, match="x varies here, so it cannot be held; midpoint="):
        surface_tests(whole, **PAIR, at={"x": 4})
    with pytest.raises(ModelError, match="the mean of x is not known; give the value"):
        surface_tests(tn.PublishedModel({"x": 1, "z": 1, "x^2": 1, "x:z": 1, "z^2": 1}), **PAIR)


def test_the_figure_marks_the_point_and_its_axes(found):
    ax = drawn(found)
    (spot,) = marked(ax, "stationary")
    assert spot.get_xydata().tolist() == [[found.stationary.x, found.stationary.z]]
    for gid, slope in (
        ("first axis", found.stationary.first),
        ("second axis", found.stationary.second),
        ("agreement", 1),
        ("disagreement", -1),
    ):
        assert marked(ax, gid)[0].get_slope() == slope
    assert "dotted: both equal, or opposite around 4; diamond: maximum; solid, dashed: principal axes" in note(ax)
    ridge = {**DATA, "y": X + Z - (X - Z) ** 2 + 0.1 * RNG.normal(size=160)}
    far = surface_tests(tn.Moderation(FORMULA).fit(ridge), **PAIR)
    assert not far.stationary.inside
    assert not marked(drawn(far), "stationary") + marked(drawn(far), "first axis")
    with pytest.raises(ArgumentError, match="give ranges= with the model"):
        drawn(surface_tests(tn.PublishedModel({"x": 1, "z": 1, "x^2": 1, "x:z": 1, "z^2": 2}), **PAIR, midpoint=0))
