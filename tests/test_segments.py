"""Two lines: the interrupted step against R, the spline against splines::ns, and the verdicts."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from probing import COLUMNS, DATA, EXPECTED, fitted
from tienet.base.errors import ArgumentError, ModelError
from tienet.regression.probes.two_line_tests import _flexible, restricted_spline


@pytest.mark.parametrize("expected", EXPECTED["two_lines"], ids=lambda each: f"{each['outcome']}-{each['kind']}")
def test_the_interrupted_regression_against_r(expected: dict) -> None:
    fit = fitted(f"{expected['outcome']} ~ x + x^2 + w + g", covariance=expected["kind"])
    found = tn.two_lines(fit, focal="x", break_at=expected["at"])
    for name in COLUMNS:
        np.testing.assert_allclose(getattr(found, name), expected[name], rtol=1e-8, err_msg=name)
    assert found.df == expected["df"]
    assert found.dfs.tolist() == [expected["df"]] * 2
    assert (found.rule, found.break_at) == ("given", expected["at"])
    assert found.share[0] == (DATA["x"] <= expected["at"]).mean()


def test_another_covariance_than_the_fit() -> None:
    expected = EXPECTED["two_lines"][0]
    fit = fitted("v ~ x + x^2 + w + g", covariance="classical")
    found = tn.two_lines(fit, focal="x", break_at=expected["at"], covariance="HC3")
    np.testing.assert_allclose(found.std_error, expected["std_error"], rtol=1e-8)
    assert found.covariance.kind == "HC3"
    clustered = fitted("v ~ x + x^2 + w", DATA.assign(team=np.arange(180) % 20), cluster="team")
    assert tn.two_lines(clustered, focal="x", break_at=2.5).df == 19
    assert tn.two_lines(clustered, focal="x", break_at=2.5, covariance="HC3").df == 180 - 5


def test_the_spline_spans_what_ns_spans() -> None:
    fit = fitted("u ~ x + x^2 + w")
    _, smooth, error = _flexible(fit, fit.variables["x"])
    np.testing.assert_allclose(smooth, EXPECTED["spline"]["fit"], rtol=1e-9)
    np.testing.assert_allclose(error, EXPECTED["spline"]["se"], rtol=1e-8)


def test_the_spline_is_straight_outside_its_knots() -> None:
    columns = restricted_spline(np.array([-3.0, -2.0, -1.0, 5.0, 6.0, 7.0]), np.array([0.0, 1.0, 2.0, 4.0]))
    np.testing.assert_allclose(columns[0] - 2 * columns[1] + columns[2], 0, atol=1e-12)
    np.testing.assert_allclose(columns[3] - 2 * columns[4] + columns[5], 0, atol=1e-12)


def curves(shape: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 10, 300)
    y = {"U": (x - 5) ** 2 + rng.normal(0, 3, 300), "inverted U": -((x - 4) ** 2) + rng.normal(0, 3, 300)}
    return {"x": x, "y": y[shape] if shape in y else np.log(x + 0.1) + rng.normal(0, 0.3, 300)}


@pytest.mark.parametrize("shape", ["U", "inverted U"])
def test_a_true_u_is_found(shape: str) -> None:
    data = curves(shape)
    for sign, name in ((1, shape), (-1, "inverted U" if shape == "U" else "U")):
        found = tn.two_lines(fitted("y ~ x + x^2", {**data, "y": sign * data["y"]}), focal="x", break_at=4.5)
        assert found.verdict == name
    found = tn.two_lines(fitted("y ~ x + x^2", curves("U")), focal="x")
    assert (found.verdict, found.rule) == ("U", "robin_hood")
    assert 4 < found.break_at < 6
    assert "show a U" in str(found)


def test_a_logarithm_passes_the_quadratic_but_not_two_lines() -> None:
    fit = fitted("y ~ x + x^2", curves("log"))
    quadratic = tn.u_test(fit, focal="x")
    assert quadratic.shape == "inverted U"
    assert quadratic.p_value < 0.001
    assert "level off: run the two-lines test, two_lines(" in str(quadratic)
    found = tn.two_lines(fit, focal="x")
    assert found.verdict == "neither"
    assert "no U in either direction" in str(found)


def test_shift_scale_and_row_order_move_the_break_with_them() -> None:
    before = tn.two_lines(fitted("v ~ x + x^2 + w + g"), focal="x")
    moved = DATA.assign(x=100 + 5 * DATA["x"]).sample(frac=1, random_state=2)
    after = tn.two_lines(fitted("v ~ x + x^2 + w + g", moved), focal="x")
    assert after.break_at == pytest.approx(100 + 5 * before.break_at, rel=1e-8)
    np.testing.assert_allclose(after.estimate * 5, before.estimate, rtol=1e-6)
    np.testing.assert_allclose(after.share, before.share)


def test_products_with_others_are_left_out_and_named() -> None:
    found = tn.two_lines(fitted("v ~ x*z + x^2 + w"), focal="x", break_at=2.5)
    assert found.left_out == ("x:z",)
    assert "Products left out: x:z." in str(found)
    plain = tn.two_lines(fitted("v ~ x + x^2 + z + w"), focal="x", break_at=2.5)
    np.testing.assert_allclose(found.estimate, plain.estimate, rtol=1e-10)


def test_a_count_with_few_values() -> None:
    rng = np.random.default_rng(2)
    x = rng.poisson(2, 200).astype(float)
    found = tn.two_lines(fitted("y ~ x + x^2", {"x": x, "y": -((x - 3) ** 2) + rng.normal(size=200)}), focal="x")
    assert found.verdict == "inverted U"
    assert 2 <= found.break_at <= 4


def test_cases_at_the_break_on_either_side_against_r() -> None:
    """R 4.2.2 and sandwich 3.0, the second slope of the original's program from a regression with the ties above.

    x <- rep(0:6, c(8, 14, 20, 24, 18, 10, 6)); i <- seq_along(x); s <- sin(i); y <- 0.6 * abs(x - 3) + 0.3 * s + cos(3 * i); c <- 3
    f <- lm(y ~ I((x - c) * (x <= c)) + I((x - c) * (x > c)) + I(x > c) + s)
    g <- lm(y ~ I((x - c) * (x < c)) + I((x - c) * (x >= c)) + I(x >= c) + s)
    c(coef(f)[2:3], sqrt(diag(vcovHC(f, "HC3")))[2:3], coef(g)[3], sqrt(diag(vcovHC(g, "HC3")))[3])
    """
    x = np.repeat(np.arange(7.0), [8, 14, 20, 24, 18, 10, 6])
    i = np.arange(1, 101)
    s = np.sin(i)
    fit = fitted("y ~ s + x + x^2", {"x": x, "s": s, "y": 0.6 * np.abs(x - 3) + 0.3 * s + np.cos(3 * i)}, covariance="HC3")
    below = tn.two_lines(fit, focal="x", break_at=3)
    above = tn.two_lines(fit, focal="x", break_at=float(np.nextafter(3, 0)))
    np.testing.assert_allclose(below.estimate, [-0.5966254266819446, 0.541898601996783], rtol=1e-8)
    np.testing.assert_allclose(below.std_error, [0.0946244958101253, 0.132254251164158], rtol=1e-8)
    np.testing.assert_allclose([above.estimate[1], above.std_error[1]], [0.6018955211534914, 0.0909199843653634], rtol=1e-8)
    assert "24 observations exactly at the break count as below it; to count them as above, set break_at just under it." in str(below)
    assert "at the break count" not in str(above)


def test_the_lines_are_those_of_the_regression() -> None:
    found = tn.two_lines(fitted("v ~ x + x^2 + w"), focal="x", break_at=2.5)
    rise = np.diff(found.line_estimate, axis=1) / np.diff(found.line_values, axis=1)
    np.testing.assert_allclose(rise, np.tile(found.estimate[:, None], rise.shape[1]), rtol=1e-8)
    assert (found.line_values[0, 0], found.line_values[0, -1], found.line_values[1, 0]) == (DATA["x"].min(), 2.5, 2.5)


def test_refusals() -> None:
    fit = fitted("v ~ x + x^2 + g")
    with pytest.raises(ModelError, match=r"leaves \d+ different values of x below it and 0 above"):
        tn.two_lines(fit, focal="x", break_at=50)
    with pytest.raises(ModelError, match="must be a numeric variable with many values"):
        tn.two_lines(fit, focal="g[west]")
    with pytest.raises(ArgumentError, match="break_at must be a finite number; got '3'"):
        tn.two_lines(fit, focal="x", break_at="3")
