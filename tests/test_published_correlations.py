from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, ModelError
from tienet.regression.published._moments import rounding, standardised

HERE = Path(__file__).parent
CARS = pd.read_csv(HERE / "data" / "mtcars.csv")
R = json.loads((HERE / "oracles" / "published" / "expected.json").read_text())
PAIRS = {("y", "a"): 0.32, ("y", "b"): 0.18, ("a", "b"): 0.25}
MODEL = {"outcome": "y", "predictors": ["a", "b"]}


def table(key: str) -> dict[str, object]:
    names = R[key].get("names", ["y", "a", "b"])
    frame = pd.DataFrame(R[key]["cor"], index=names, columns=names)
    means, sds = (dict(zip(names, R[key][which], strict=True)) for which in ("mean", "sd"))
    return {"r": frame, "n": R[key]["n"], "sds": sds, "means": means, "decimals": None}


# ---------------------------------------------------------------- against R


@pytest.mark.parametrize(("key", "outcome", "predictors"), [("plain", "mpg", ["hp", "wt", "qsec"]), ("empirical", "y", ["a", "b"])])
def test_the_regression_is_that_of_lm(key: str, outcome: str, predictors: list[str]) -> None:
    result, expected = tn.regression_from_correlations(**table(key), outcome=outcome, predictors=predictors), R[key]
    for column in ("estimate", "std_error", "statistic", "beta", "r_squared", "adj_r_squared", "df", "f"):
        np.testing.assert_allclose(getattr(result, column), expected[column], rtol=1e-8, err_msg=column)
    np.testing.assert_allclose(result.p_value, expected["p_value"], rtol=1e-7)
    np.testing.assert_allclose(np.column_stack([result.conf_low, result.conf_high]), expected["conf"], rtol=1e-7)
    assert result.term == ("(Intercept)", *predictors)
    assert result.frame["term"].tolist() == list(result.term)
    assert "Cohen" in result.cite()


def test_steps_are_those_of_anova() -> None:
    result = tn.regression_from_correlations(**table("plain"), outcome="mpg", predictors={"first": "hp", "second": ["wt", "qsec"]})
    steps = result.steps
    assert steps.step == ("first", "second")
    np.testing.assert_allclose(steps.r_squared, [R["plain"]["r_squared_first"], R["plain"]["r_squared"]], rtol=1e-9)
    np.testing.assert_allclose((steps.f_change[1], steps.p_change[1]), (R["plain"]["step"]["f"], R["plain"]["step"]["p"]), rtol=1e-8)
    assert (steps.df1.tolist(), steps.df2.tolist()) == ([1, 2], [30, 28])


def test_a_product_with_its_own_row_is_probed_like_the_fit() -> None:
    given = table("product")
    given["r"] = given["r"].rename(index={"product": "hp:wt"}, columns={"product": "hp:wt"})
    given["sds"]["hp:wt"] = given["sds"].pop("product")
    given["means"] = {"mpg": given["means"]["mpg"], "hp": CARS["hp"].mean(), "wt": CARS["wt"].mean()}  # the product's mean follows
    result = tn.regression_from_correlations(**given, outcome="mpg", predictors=["hp", "wt", "hp:wt"])
    np.testing.assert_allclose(result.estimate, R["product"]["coef"], rtol=1e-8)
    np.testing.assert_allclose(result.std_error, R["product"]["se"], rtol=1e-8)
    np.testing.assert_allclose(result.covariance.matrix, R["product"]["vcov"], rtol=1e-7)
    slopes = tn.simple_slopes(result, focal="hp", moderator="wt")
    for column, expected in R["raw"]["slopes"].items():
        np.testing.assert_allclose(getattr(slopes, column), expected, rtol=1e-7, err_msg=column)
    assert [round(bound, 6) for bound in tn.johnson_neyman(result, focal="hp", moderator="wt").bounds] == [3.692492, 5.900974]
    fit = tn.Moderation("mpg ~ hp*wt", covariance="classical").fit(CARS)
    ours, theirs = (tn.predict_surface(m, focal="hp", moderator="wt", over=(52, 335)) for m in (result, fit))
    np.testing.assert_allclose(ours.conf_low, theirs.conf_low, rtol=1e-7)


def test_a_raw_product_gives_the_raw_model() -> None:
    data = CARS[["mpg", "hp", "wt"]].assign(**{"hp:wt": CARS["hp"] * CARS["wt"]})
    result = tn.regression_from_correlations(
        data.corr(), n=32, sds=data.std().to_dict(), means=data.mean().drop("hp:wt").to_dict(), outcome="mpg",
        predictors=["hp", "wt", "hp:wt"], center="none", decimals=None,
    )  # fmt: skip
    np.testing.assert_allclose(result.estimate, R["raw"]["coef"], rtol=1e-8)
    np.testing.assert_allclose(result.std_error, R["raw"]["se"], rtol=1e-7)
    np.testing.assert_allclose(tn.simple_slopes(result, focal="hp", moderator="wt").estimate, R["raw"]["slopes"]["estimate"], rtol=1e-7)


def test_descriptives_bring_all_they_know() -> None:
    table_one = tn.descriptives(CARS, ["mpg", "hp", "wt"])
    result = tn.regression_from_correlations(table_one, outcome="mpg", predictors=["hp", "wt"])
    fit = tn.Moderation("mpg ~ hp + wt", covariance="classical").fit(CARS)
    np.testing.assert_allclose(result.estimate, fit.estimate, rtol=1e-9)
    np.testing.assert_allclose(result.std_error, fit.std_error, rtol=1e-8)
    assert (result.n, result.decimals) == (32, None)


# ---------------------------------------------------------------- forms, scale, order


@pytest.mark.parametrize(
    "r",
    [
        PAIRS,
        {("a", "y"): 0.32, ("b", "y"): 0.18, ("b", "a"): 0.25},
        [[1], [0.32, 1], [0.18, 0.25, 1]],
        [[0.32], [0.18, 0.25]],
        [[], [0.32], [0.18, 0.25]],
        [[1, 0.32, 0.18], [0.32, 1, 0.25], [0.18, 0.25, 1]],
        [[1, None, None], [0.32, 1, None], [0.18, 0.25, 1]],
        pd.DataFrame({"y": [1, 0.32, 0.18], "a": [0.32, 1, 0.25], "b": [0.18, 0.25, 1]}, index=["y", "a", "b"]),
        pd.DataFrame({"of": ["y", "a", "b"], "y": [1, 0.32, 0.18], "a": [None, 1, 0.25], "b": [None, None, 1]}),
    ],
)
def test_every_form_of_a_table_says_the_same(r: object) -> None:
    result = tn.regression_from_correlations(r, n=85, **MODEL)
    np.testing.assert_allclose(result.beta, [(0.32 - 0.18 * 0.25) / 0.9375, (0.18 - 0.32 * 0.25) / 0.9375], rtol=1e-12)


def test_order_and_units_change_nothing_but_units() -> None:
    sds = {"y": 2.0, "a": 3.0, "b": 0.5}
    one = tn.regression_from_correlations(PAIRS, n=85, sds=sds, **MODEL)
    two = tn.regression_from_correlations(PAIRS, n=85, sds={**sds, "a": 300.0}, outcome="y", predictors=["b", "a"])
    np.testing.assert_allclose(one.statistic, two.statistic[::-1], rtol=1e-12)
    np.testing.assert_allclose(one.estimate[0], 100 * two.estimate[1], rtol=1e-12)
    plain = tn.regression_from_correlations(PAIRS, n=85, **MODEL)
    np.testing.assert_allclose(plain.estimate, plain.beta)
    assert tn.simple_slopes(plain, focal="a").estimate[0] == pytest.approx(plain.beta[0])


# ---------------------------------------------------------------- rounding


def moved(matrix: np.ndarray, half: float, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Correlations within half a unit of the printed ones: every corner where there are few, else random corners and insides."""
    v = len(matrix)
    low = np.tril_indices(v, -1)
    m = len(low[0])
    corners = np.array(list(product((-1.0, 1.0), repeat=m))) if m <= 6 else rng.choice((-1.0, 1.0), (draws, m))
    steps = half * np.concatenate([corners, rng.uniform(-1, 1, (draws, m))])
    out = np.repeat(matrix[None], len(steps), axis=0)
    out[:, low[0], low[1]] += steps
    out[:, low[1], low[0]] = out[:, low[0], low[1]]
    return out


@pytest.mark.parametrize("v", [2, 3, 4, 6])
def test_the_limits_hold_whatever_was_rounded(v: int) -> None:
    rng = np.random.default_rng(v)
    for _ in range(20):
        data = rng.normal(size=(40, v)) @ (np.eye(v) + 0.4 * rng.normal(size=(v, v)))
        matrix = np.round(np.corrcoef(data.T), 2)
        if np.linalg.eigvalsh(matrix)[0] < 0.05:
            continue
        df = 40 - v
        limits = rounding(matrix[1:, 1:], matrix[1:, 0], 0.005, df)
        betas, ts = [], []
        for other in moved(matrix, 0.005, rng, 200):
            beta, inverse, r2 = standardised(other[1:, 1:], other[1:, 0])
            betas.append(beta)
            ts.append(np.abs(beta) / np.sqrt(np.maximum((1 - r2) * np.diag(inverse) / df, 1e-300)))
        assert (np.min(betas, axis=0) >= limits.beta_low - 1e-12).all()
        assert (np.max(betas, axis=0) <= limits.beta_high + 1e-12).all()
        assert (np.min(ts, axis=0) >= limits.t_low - 1e-9).all()
        assert (np.max(ts, axis=0) <= limits.t_high + 1e-9).all()
        if v <= 4 and np.linalg.eigvalsh(matrix)[0] > 0.2:  # and they are not idle: every corner was tried
            assert (limits.beta_high - limits.beta_low <= 1.6 * np.ptp(betas, axis=0)).all()


def test_rounding_says_what_it_leaves_open() -> None:
    near = {("y", "a"): 0.2, ("y", "b"): 0.01, ("a", "b"): 0.0}
    result = tn.regression_from_correlations(near, n=98, **MODEL)
    assert result.sign_settled.tolist() == [True, True]
    assert result.significance_settled.tolist() == [False, True]  # t = 1.99 against 1.985
    assert "rounding may change the significance of a" in str(result)
    zero = tn.regression_from_correlations({**near, ("y", "b"): 0.0}, n=98, **MODEL)
    assert zero.sign_settled.tolist() == [True, False]
    exact = tn.regression_from_correlations(near, n=98, decimals=None, **MODEL)
    assert exact.significance_settled.all()
    np.testing.assert_allclose(exact.beta_rounding.beta_low, exact.beta_rounding.beta_high)
    nearly = tn.regression_from_correlations({("y", "a"): 0.5, ("y", "b"): 0.5, ("a", "b"): 0.999}, n=98, decimals=2, **MODEL)
    assert np.isinf(nearly.beta_rounding.beta_high).all()
    assert not nearly.sign_settled.any()


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"r": {**PAIRS, ("a", "b"): 1.2}}, "must be between -1 and 1, got 1.2"),
        ({"r": {("y", "a"): 0.9, ("y", "b"): 0.9, ("a", "b"): -0.5}}, "no data have these correlations"),
        ({"r": {**PAIRS, ("a", "b"): 1.0}}, "no data have these correlations"),
        ({"r": [[1, 0.3, 0.2], [0.4, 1, 0.2], [0.2, 0.2, 1]]}, "not symmetric: y and a"),
        ({"r": [[1, 0.3, 0.2], [0.3, 0.9, 0.2], [0.2, 0.2, 1]]}, "diagonal has 0.9 for a: reliabilities"),
        ({"r": [[1, 0.3], [0.3, 1]]}, "rows of"),
        ({"r": {("y", "a"): 0.3, ("y", "b"): 0.2}}, "correlation of a and b is missing"),
        ({"r": {**PAIRS, ("a", "y"): 0.33}}, "is given twice"),
        ({"r": {**PAIRS, ("a", "b"): ".25*"}}, "without stars"),
        ({"r": {"a": 0.2}}, "must be pairs of names"),
        ({"n": [85, 80]}, "n must be one number, not a table"),
        ({"n": {("y", "a"): 80}}, "n must be one number, not a table"),
        ({"n": None}, "n, the number of observations, is needed"),
        ({"n": 3}, "n must be a whole number above 3, .*, got 3"),
        ({"predictors": ["a", "b", "a:b"]}, "a:b has no row of correlations, which cannot be computed from the parts of a product"),
        ({"predictors": ["a", "q"]}, "have no 'q'"),
        ({"predictors": ["a", "a"]}, "is in the model twice"),
        ({"predictors": ["y"]}, "is in the model twice"),
        ({"predictors": {"one": ["a"], "two": []}}, "each step must name at least one predictor"),
        ({"sds": {"y": 1.0, "a": 1.0}}, "sds has no 'b'"),
        ({"sds": {"y": 1.0, "a": 0.0, "b": 1.0}}, "must be above zero, got 0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(options: dict[str, object], message: str) -> None:
    with pytest.raises((DataError, ModelError), match=message) as refused:
        tn.regression_from_correlations(**{"r": PAIRS, "n": 85, **MODEL, **options})
    assert "\n" not in str(refused.value)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"decimals must be a whole number from 1 to 15, .*; got 0"):
        tn.regression_from_correlations(PAIRS, n=85, decimals=0, **MODEL)
    with pytest.raises(ArgumentError, match=r"center must be one of .*; got 'median'"):
        tn.regression_from_correlations(PAIRS, n=85, center="median", **MODEL)


def test_slopes_of_products_need_standard_deviations() -> None:
    r = {**PAIRS, ("y", "a:b"): 0.2, ("a", "a:b"): 0.0, ("b", "a:b"): 0.05}
    bare = tn.regression_from_correlations(r, n=85, outcome="y", predictors=["a", "b", "a:b"])
    with pytest.raises(ModelError, match="need the standard deviations"):
        tn.simple_slopes(bare, focal="a", moderator="b")
    sds = {"y": 1.0, "a": 2.0, "b": 1.5, "a:b": 3.2}
    around = tn.regression_from_correlations(r, n=85, sds=sds, outcome="y", predictors=["a", "b", "a:b"])
    slopes = tn.simple_slopes(around, focal="a", moderator="b")  # values count from the mean
    np.testing.assert_allclose(slopes.at, [-1.5, 0, 1.5])
    np.testing.assert_allclose(slopes.estimate, around.estimate[0] + around.estimate[2] * slopes.at)
