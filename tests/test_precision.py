"""Numerical precision: certified values, exact rational arithmetic, variables far from zero, values whose squares overflow."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from statsmodels.datasets import longley

import tienet as tn
from tienet.base.errors import ModelError
from tienet.regression.model.moderation import Moderation
from tienet.regression.model.refits import standardize


def exact(columns: list[list[Fraction]], y: list[float], weights: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Weighted least squares with an intercept in rational arithmetic: coefficients and classical standard errors."""
    rows = list(zip([Fraction(1)] * len(y), *columns, strict=True))
    outcome, w = [Fraction(value) for value in y], [Fraction(value) for value in weights]
    k = len(rows[0])
    identity = [[Fraction(int(i == j)) for j in range(k)] for i in range(k)]
    gram = [[sum(v * row[i] * row[j] for v, row in zip(w, rows, strict=True)) for j in range(k)] for i in range(k)]
    moments = [sum(v * row[i] * value for v, row, value in zip(w, rows, outcome, strict=True)) for i in range(k)]
    A = [[*gram[i], *identity[i]] for i in range(k)]
    for i in range(k):
        A[i] = [value / A[i][i] for value in A[i]]
        for j in set(range(k)) - {i}:
            A[j] = [a - A[j][i] * b for a, b in zip(A[j], A[i], strict=True)]
    inverse = [row[k:] for row in A]
    b = [sum(inverse[i][j] * moments[j] for j in range(k)) for i in range(k)]
    rss = sum(v * (value - sum(p * q for p, q in zip(row, b, strict=True))) ** 2 for v, row, value in zip(w, rows, outcome, strict=True))
    s2 = rss / (len(y) - k)
    return np.array([float(value) for value in b]), np.array([float(s2 * inverse[i][i]) ** 0.5 for i in range(k)])


@pytest.fixture(scope="module")
def far() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    x, year = 1e6 + rng.integers(0, 60, 40), 1990.0 + rng.integers(0, 30, 40)
    y = np.round(0.001 * (x - 1e6) * (year - 2000) + rng.normal(size=40), 6)
    return {"y": y, "x": x, "year": year, "w": np.round(rng.uniform(0.1, 9, 40), 3)}


@pytest.mark.parametrize("weights", [None, "w"])
def test_a_year_as_moderator_and_a_predictor_near_a_million(far: dict[str, np.ndarray], weights: str | None) -> None:
    fit = Moderation("y ~ x*year", covariance="classical", center="none", weights=weights).fit(far)
    x, year = ([Fraction(value) for value in far[name].tolist()] for name in ("x", "year"))
    w = far["w"].tolist() if weights else [1.0] * 40
    b, se = exact([x, year, [p * q for p, q in zip(x, year, strict=True)]], far["y"].tolist(), w)
    assert fit.estimate[3] == pytest.approx(b[3], rel=1e-12)
    assert fit.std_error[3] == pytest.approx(se[3], rel=1e-12)
    # The lower-order terms belong to x = 0 and the year 0: differences of numbers 1e3 to 1e7 times their size.
    np.testing.assert_allclose(fit.estimate, b, rtol=1e-9)
    np.testing.assert_allclose(fit.std_error, se, rtol=1e-9)
    # slopes where the data are: the same model around x = 1e6 and 2000, exactly
    near_x, near_year = [value - 1_000_000 for value in x], [value - 2000 for value in year]
    b, se = exact([near_x, near_year, [p * q for p, q in zip(near_x, near_year, strict=True)]], far["y"].tolist(), w)
    slope = tn.simple_slopes(fit, focal="x", moderator="year", at=[2000])
    assert (slope.estimate[0], slope.std_error[0]) == pytest.approx((b[1], se[1]), rel=1e-11)


def test_a_square_far_from_zero(far: dict[str, np.ndarray]) -> None:
    fit = Moderation("y ~ x + x^2", covariance="classical", center="none").fit(far)
    x = [Fraction(value) for value in far["x"].tolist()]
    b, se = exact([x, [value**2 for value in x]], far["y"].tolist(), [1.0] * 40)
    assert (fit.estimate[2], fit.std_error[2]) == pytest.approx((b[2], se[2]), rel=1e-11)
    turning = tn.turning_point(fit, focal="x")
    near = [value - 1_000_000 for value in x]
    c, _ = exact([near, [value**2 for value in near]], far["y"].tolist(), [1.0] * 40)
    assert turning.estimate - 1e6 == pytest.approx(-c[1] / (2 * c[2]), rel=1e-9)


@pytest.mark.parametrize("shift", [0.0, 1e6, -1e8])
def test_an_outcome_far_from_zero(far: dict[str, np.ndarray], shift: float) -> None:
    y = np.round(far["y"], 2) + shift
    fit = Moderation("y ~ x*year", covariance="classical").fit({**far, "y": y})
    x, year = ([Fraction(value) for value in far[name].tolist()] for name in ("x", "year"))
    b, se = exact([x, year, [p * q for p, q in zip(x, year, strict=True)]], y.tolist(), [1.0] * 40)
    # the outcome itself is rounded at 1e-8, five digits below its spread of about 1; rational arithmetic starts from the rounded one
    assert (fit.estimate[3], fit.std_error[3]) == pytest.approx((b[3], se[3]), rel=1e-10)


def test_longley_through_the_model() -> None:
    # NIST Statistical Reference Datasets, Longley: certified values
    data = longley.load_pandas().data
    fit = Moderation("TOTEMP ~ GNPDEFL + GNP + UNEMP + ARMED + POP + YEAR", covariance="classical").fit(data)
    b = [
        -3482258.63459582,
        15.0618722713733,
        -0.0358191792925910,
        -2.02022980381683,
        -1.03322686717359,
        -0.0511041056535807,
        1829.15146461355,
    ]
    se = [890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675, 0.226073200069370, 455.478499142212]
    np.testing.assert_allclose(fit.estimate, b, rtol=1e-10)
    np.testing.assert_allclose(fit.std_error, se, rtol=1e-10)
    assert (fit.sigma, fit.r_squared) == pytest.approx((304.854073561965, 0.995479004577296), rel=1e-11)
    assert fit.f_test[:3] == pytest.approx((330.285339234588, 6, 9), rel=1e-10)
    weighted = Moderation("TOTEMP ~ GNPDEFL + GNP + UNEMP + ARMED + POP + YEAR", covariance="classical", weights="one").fit(
        data.assign(one=7)
    )
    np.testing.assert_allclose(weighted.estimate, b, rtol=1e-10)


@pytest.mark.parametrize("power", [-60, -20, 20, 60])
def test_any_sensible_unit_gives_the_same_test(far: dict[str, np.ndarray], power: int) -> None:
    once = Moderation("y ~ x + year").fit(far)
    again = Moderation("y ~ x + year").fit({**far, "x": far["x"] * 10.0**power})
    np.testing.assert_allclose(again.frame["statistic"], once.frame["statistic"], rtol=1e-9)
    np.testing.assert_allclose(standardize(again).estimate, standardize(once).estimate, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize(
    ("column", "factor", "formula", "words"),
    [
        ("x", 1e200, "y ~ x*year", r"column 'x' contains numbers of the size 1e\+206, outside the range 1e-70 to 1e\+70"),
        ("x", 1e-200, "y ~ x*year", "column 'x' contains numbers of the size 1e-194"),
        ("x", 1e302, "y ~ x", r"column 'x' contains numbers of the size 1e\+308"),
        ("x", 1e-320, "y ~ x", "column 'x' contains numbers of the size 1e-314"),
        ("y", 1e200, "y ~ x", "column 'y' contains numbers"),
        ("x", 1e50, "y ~ x + x^2", r"x\^2 would have values of the size 1e\+103, .*; multiply x by a power of ten first"),
        ("x", 1e-50, "y ~ x*year + x^2", r"x\^2 would have values of the size 1e-97"),
        ("x", 0.0, "y ~ x", "x is constant in the rows used"),
    ],
)
def test_sizes_that_cannot_be_squared_are_refused_for_that_reason(
    far: dict[str, np.ndarray], column: str, factor: float, formula: str, words: str
) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        Moderation(formula).fit({**far, column: far[column] * factor})
    assert "\n" not in str(caught.value)


def test_opposite_sizes_cancel_in_a_product(far: dict[str, np.ndarray]) -> None:
    once = Moderation("y ~ x*year").fit(far)
    again = Moderation("y ~ x*year").fit({**far, "x": far["x"] * 1e60, "year": far["year"] * 1e-60})
    np.testing.assert_allclose(again.frame["statistic"], once.frame["statistic"], rtol=1e-8)
