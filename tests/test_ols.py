from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.datasets import longley

from tienet.base.errors import ModelError
from tienet.regression.core.least_squares import f_critical, f_tail, lincom, sandwich, solve, t_critical, t_ratio, two_sided
from tienet.regression.covariance.register import BUILT_IN, estimator_of


def sample(n: int = 60, q: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, q)) * [1.0, 30.0, 0.2][:q] + 5
    y = X @ np.arange(1, q + 1) + rng.normal(size=n) * (1 + X[:, 0] ** 2)
    return X, y, rng.integers(0, 12, n)


def covariance(X: np.ndarray, y: np.ndarray, kind: str, codes: np.ndarray | None = None) -> np.ndarray:
    found = solve(X, y, [f"x{i}" for i in range(X.shape[1])])
    return sandwich(found.back, estimator_of(kind).meat(found, codes)[0])


def test_longley_certified() -> None:
    # NIST Statistical Reference Datasets, Longley: certified to 15 digits; raw condition number about 5e9
    data = longley.load_pandas().data
    names = ["GNPDEFL", "GNP", "UNEMP", "ARMED", "POP", "YEAR"]
    found = solve(data[names].to_numpy(), data["TOTEMP"].to_numpy(), names)
    b = [
        -3482258.63459582,
        15.0618722713733,
        -0.358191792925910e-1,
        -2.02022980381683,
        -1.03322686717359,
        -0.511041056535807e-1,
        1829.15146461355,
    ]
    se = [
        890420.383607373,
        84.9149257747669,
        0.334910077722432e-1,
        0.488399681651699,
        0.214274163161675,
        0.226073200069370,
        455.478499142212,
    ]
    # 11 digits: centring leaves a condition number of about 100, and the variables themselves are rounded at 1e-16
    np.testing.assert_allclose(found.estimate, b, rtol=1e-11)
    V = sandwich(found.back, estimator_of("classical").meat(found)[0])
    np.testing.assert_allclose(np.sqrt(np.diag(V)), se, rtol=1e-11)
    assert (found.residuals @ found.residuals / found.df) ** 0.5 == pytest.approx(304.854073561965, rel=1e-11)


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_covariances_against_statsmodels(kind: str) -> None:
    X, y, _ = sample()
    reference = sm.OLS(y, sm.add_constant(X)).fit(cov_type="nonrobust" if kind == "classical" else kind)
    np.testing.assert_allclose(covariance(X, y, kind), reference.cov_params(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["HC4", "HC4m", "HC5"])
def test_later_covariances_against_their_definition(kind: str) -> None:
    # on the raw columns by the normal equations: Cribari-Neto (2004), & da Silva (2011), Souza & Vasconcellos (2007)
    X, y, _ = sample()
    Z = sm.add_constant(X)
    bread = np.linalg.inv(Z.T @ Z)
    h = np.diag(Z @ bread @ Z.T)
    e = y - Z @ bread @ Z.T @ y
    n, k = Z.shape
    r = n * h / k
    power = {
        "HC4": np.minimum(4, r),
        "HC4m": np.minimum(1, r) + np.minimum(1.5, r),
        "HC5": np.minimum(r, max(4, 0.7 * r.max())) / 2,
    }[kind]
    expected = bread @ (Z.T * (e**2 / (1 - h) ** power)) @ Z @ bread
    np.testing.assert_allclose(covariance(X, y, kind), expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("kind", ["CR0", "CR1"])
def test_clustered_covariances_against_statsmodels(kind: str) -> None:
    X, y, codes = sample()
    reference = sm.OLS(y, sm.add_constant(X)).fit(cov_type="cluster", cov_kwds={"groups": codes, "use_correction": kind == "CR1"})
    np.testing.assert_allclose(covariance(X, y, kind, codes), reference.cov_params(), rtol=1e-9, atol=1e-12)


def test_every_kind_is_tested_here() -> None:
    clustered = {name for name in BUILT_IN if estimator_of(name).clustered}
    assert set(BUILT_IN) - clustered == {"classical", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5"}
    assert clustered == {"CR0", "CR1", "CR2", "CR3"}  # CR2, CR3: test_covariances.py


def exact(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares in rational arithmetic."""
    rows = [[Fraction(1), *map(Fraction, row)] for row in X.tolist()]
    k = len(rows[0])
    A = [
        [sum(row[i] * row[j] for row in rows) for j in range(k)] + [sum(r[i] * Fraction(v) for r, v in zip(rows, y.tolist(), strict=True))]
        for i in range(k)
    ]
    for i in range(k):
        A[i] = [value / A[i][i] for value in A[i]]
        for j in range(k):
            if j != i:
                A[j] = [a - A[j][i] * b for a, b in zip(A[j], A[i], strict=True)]
    return np.array([float(A[i][k]) for i in range(k)])


def test_variables_far_from_zero_keep_their_digits() -> None:
    rng = np.random.default_rng(3)
    X = np.column_stack([1e6 + rng.integers(0, 40, 30), 1990.0 + rng.integers(0, 30, 30)])
    y = rng.normal(size=30)
    # 1e-9 and not 1e-14, since the coordinates of y in the basis carry the rounding of columns 1e6 away from their spread
    np.testing.assert_allclose(solve(X, y, ["x", "year"]).estimate, exact(X, y), rtol=1e-9)


def test_a_constant_is_named() -> None:
    X, y, _ = sample()
    X[:, 1] = 1e6 + 0.1
    with pytest.raises(ModelError, match="b is constant in the rows used"):
        solve(X, y, ["a", "b", "c"])


@pytest.mark.parametrize("far", [0.0, 1e6])
def test_collinear_columns_are_named_with_their_partners(far: float) -> None:
    X, y, _ = sample()
    X += far
    X[:, 2] = 2 * X[:, 0] - X[:, 1] + 7
    with pytest.raises(ModelError, match="c is an exact linear combination of a and b; drop one of them"):
        solve(X, y, ["a", "b", "c"])


def test_strong_but_honest_collinearity_is_estimated() -> None:
    X, y, _ = sample()
    X[:, 2] = X[:, 0] + 1e-5 * X[:, 2]
    np.testing.assert_allclose(solve(X, y, ["a", "b", "c"]).estimate, exact(X, y), rtol=1e-8)


@pytest.mark.parametrize("n", [2, 4])
def test_too_few_rows(n: int) -> None:
    X, y, _ = sample(n)
    with pytest.raises(ModelError, match=f"n = {n} usable rows are too few for 4 coefficients"):
        solve(X, y, ["a", "b", "c"])


@pytest.mark.parametrize("kind", ["HC2", "HC3", "HC4", "HC4m", "HC5"])
def test_full_leverage_is_refused_by_row_number(kind: str) -> None:
    X, y, _ = sample()
    X[:, 2] = 0
    X[17, 2] = 1
    with pytest.raises(ModelError, match=f"{kind} is not defined: row 18 "):
        covariance(X, y, kind)
    found = solve(X, y, ["a", "b", "c"])
    with pytest.raises(ModelError, match="row 101 "):
        estimator_of(kind).meat(found, rows=np.arange(60) + 83)
    assert np.isfinite(covariance(X, y, "HC1")).all()


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e3))
def test_shift_and_scale_of_a_column_move_its_coefficient_only(shift: float, scale: float) -> None:
    X, y, _ = sample()
    before = solve(X, y, ["a", "b", "c"])
    moved = X.copy()
    moved[:, 0] = (X[:, 0] + shift) * scale
    after = solve(moved, y, ["a", "b", "c"])
    # 1e-6: a column shifted by 1e4 has lost four of its digits before it comes here
    np.testing.assert_allclose(after.estimate[1:], before.estimate[1:] / [scale, 1, 1], rtol=1e-6)
    np.testing.assert_allclose(after.leverage, before.leverage, rtol=1e-6)


def test_lincom_and_tails() -> None:
    X, y, _ = sample()
    model = sm.OLS(y, sm.add_constant(X)).fit()
    rows = np.array([[0.0, 1, -1, 0], [1, 0, 0, 2]])
    reference = model.t_test(rows)
    estimate, se = lincom(rows, np.asarray(model.params), np.asarray(model.cov_params()))
    np.testing.assert_allclose(estimate, reference.effect, rtol=1e-12)
    np.testing.assert_allclose(se, reference.sd, rtol=1e-10)
    np.testing.assert_allclose(two_sided(t_ratio(estimate, se), model.df_resid), reference.pvalue, rtol=1e-9)
    np.testing.assert_allclose(estimate - t_critical(0.05, model.df_resid) * se, reference.conf_int()[:, 0], rtol=1e-9)


def test_lincom_ignores_coefficients_that_do_not_enter() -> None:
    V = np.array([[np.nan, np.nan], [np.nan, 4.0]])
    assert lincom(np.array([[0.0, 1.0]]), np.array([np.nan, 3.0]), V)[1].tolist() == [2.0]


def test_tails_that_underflow_one_minus_cdf() -> None:
    assert two_sided(np.array([40.0]), 1000)[0] == pytest.approx(7.1e-213, rel=1.0)
    assert f_tail(3.84145882069412, 1, np.inf) == pytest.approx(0.05)
    assert f_critical(0.05, 2, np.inf) == pytest.approx(5.99146454710798 / 2)
    assert t_critical(0.05, np.inf) == pytest.approx(1.95996398454005)


def test_no_error_no_ratio() -> None:
    assert np.isnan(t_ratio(np.array([1.0]), np.array([0.0]))).all()


@pytest.mark.parametrize("df", [0.3, 1, 2.5, 30, 1e6, np.inf, np.nan])
def test_tails_and_critical_values_are_those_of_scipy_stats(df: float) -> None:
    statistic = np.array([-5.0, 0.0, 1e-12, 0.7, 3.0, 40.0, 1e5, np.inf, np.nan])
    np.testing.assert_array_equal(two_sided(statistic, df), 2 * stats.t.sf(np.abs(statistic), df))
    for alpha in (1e-10, 0.05, 0.4):
        np.testing.assert_array_equal(t_critical(alpha, df), stats.t.isf(alpha / 2, df))
        limit = stats.chi2.isf(alpha, 3) / 3 if np.isinf(df) else stats.f.isf(alpha, 3, df)
        np.testing.assert_array_equal(f_critical(alpha, 3, df), limit)
    for f in (-1e-16, 0.0, 0.5, 4.0, 300.0):
        limit = stats.f.sf(f, 3, df) if np.isfinite(df) else stats.chi2.sf(f * 3, 3)
        np.testing.assert_array_equal(f_tail(f, 3, df if np.isfinite(df) else np.inf), limit)
