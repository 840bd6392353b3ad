from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, ExactFit, FewClusters, FewRows, ModelError
from tienet.regression.model.claro_ramos_model import claro_ramos
from tienet.regression.model.moderation import Moderation
from tienet.regression.model.refits import drop_terms, without_quadratics

MTCARS = Path(__file__).parent / "data" / "mtcars.csv"
RESULT = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


@pytest.fixture(scope="module")
def firm() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 240
    data = pd.DataFrame(
        {
            "ties": rng.poisson(4, n).astype(float),
            "strength": rng.gamma(2.0, 1.0, n),
            "tenure": rng.uniform(0, 20, n),
            "region": rng.choice(["north", "south", "west"], n),
            "team": rng.integers(0, 30, n),
        }
    )
    noise = rng.normal(size=n) * (1 + data["ties"] / 4)
    data["growth"] = 2 - data["ties"] + 0.1 * data["ties"] ** 2 + data["strength"] * (1 - 0.3 * data["ties"]) + noise
    data.loc[[3, 10], "tenure"] = np.nan
    data.loc[[10, 40], "strength"] = np.nan
    return data


FORMULA = "growth ~ tenure + region + ties*strength + ties^2"
PATSY = "growth ~ tenure + region + ties*strength + I(ties**2)"
ORDER = ["Intercept", "tenure", "region[T.south]", "region[T.west]", "ties", "strength", "ties:strength", "I(ties ** 2)"]


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3", "CR0", "CR1"])
def test_whole_table_against_statsmodels(firm: pd.DataFrame, kind: str) -> None:
    clustered = kind.startswith("CR")
    fit = Moderation(FORMULA, covariance=kind, cluster="team" if clustered else None, center="none").fit(firm)
    complete = firm.dropna()
    options = {"cov_type": "nonrobust" if kind == "classical" else kind, "use_t": True}
    if clustered:
        options |= {"cov_type": "cluster", "cov_kwds": {"groups": complete["team"], "use_correction": kind == "CR1"}}
    reference = smf.ols(PATSY, complete).fit(**options)
    interval = reference.conf_int()
    expected = [reference.params, reference.bse, reference.tvalues, reference.pvalues, interval[0], interval[1]]
    # 1e-8: statsmodels works on the raw columns, whose condition number is about 1e3
    for name, column in zip(RESULT, expected, strict=True):
        np.testing.assert_allclose(fit.frame[name], column[ORDER], rtol=1e-8, atol=1e-14, err_msg=name)
    assert fit.frame["df"].tolist() == [29 if clustered else fit.n - 8] * 8
    np.testing.assert_allclose(fit.covariance.matrix, reference.cov_params().loc[ORDER, ORDER], rtol=1e-7, atol=1e-12)
    assert fit.r_squared == pytest.approx(reference.rsquared, rel=1e-12)
    assert fit.adj_r_squared == pytest.approx(reference.rsquared_adj, rel=1e-12)
    assert fit.sigma == pytest.approx(reference.mse_resid**0.5, rel=1e-12)
    np.testing.assert_allclose(fit.residuals, reference.resid, atol=1e-11)
    np.testing.assert_allclose(fit.fitted, reference.fittedvalues, rtol=1e-11)


def test_statsmodels_has_the_same_model(firm: pd.DataFrame) -> None:
    for options in ({}, {"covariance": "classical"}, {"covariance": "HC4m"}, {"cluster": "team"}, {"cluster": "team", "covariance": "CR0"}):
        fit = Moderation(FORMULA, **options).fit(firm)
        result = fit.statsmodels
        np.testing.assert_allclose(result.params, fit.estimate, rtol=1e-9)
        np.testing.assert_allclose(result.pvalues, fit.frame["p_value"], rtol=1e-7)
        assert list(result.params.index) == list(fit.terms)


def test_mtcars_as_printed() -> None:
    # README of the R package interactions, mpg ~ hp * wt
    fit = Moderation("mpg ~ hp*wt", covariance="classical", center="none").fit(pd.read_csv(MTCARS))
    assert fit.estimate.round(6).tolist() == [49.808423, -0.120102, -8.216624, 0.027848]
    assert fit.n == 32


def test_steps_against_nested_models(firm: pd.DataFrame) -> None:
    complete = firm.dropna()
    nested = [
        smf.ols(formula, complete).fit()
        for formula in (
            "growth ~ tenure + region",
            "growth ~ tenure + region + ties + strength",
            "growth ~ tenure + region + ties + strength + I(ties**2)",
            PATSY,
        )
    ]
    steps = Moderation(FORMULA, covariance="classical").fit(firm).steps
    assert steps.step == ("controls", "main", "quadratic", "interactions")
    assert steps.terms == (("tenure", "region[south]", "region[west]"), ("ties", "strength"), ("ties^2",), ("ties:strength",))
    np.testing.assert_allclose(steps.r_squared, [model.rsquared for model in nested], rtol=1e-10)
    np.testing.assert_allclose(steps.adj_r_squared, [model.rsquared_adj for model in nested], rtol=1e-10)
    np.testing.assert_allclose(steps.aic, [model.aic + 2 for model in nested], rtol=1e-12)  # R counts the residual variance
    for i in range(1, 4):
        f, p, q = nested[i].compare_f_test(nested[i - 1])
        assert (steps.f_change[i], steps.p_change[i], steps.df1[i]) == pytest.approx((f, p, q), rel=1e-8)
        assert steps.df2[i] == nested[i].df_resid
    assert steps.f_change[0] == pytest.approx(nested[0].fvalue, rel=1e-9)
    assert list(steps.frame.columns[:2]) == ["step", "terms"]


@pytest.mark.parametrize("options", [{"covariance": "HC3"}, {"covariance": "HC1"}, {"cluster": "team"}])
def test_robust_steps_are_wald_tests_of_the_added_terms(firm: pd.DataFrame, options: dict[str, str]) -> None:
    fit = Moderation(FORMULA, **options).fit(firm)
    steps = fit.steps
    main = drop_terms(fit, ["ties^2", "ties:strength"]).statsmodels
    test = main.f_test(np.eye(6)[4:])
    assert steps.f_change[1] == pytest.approx(float(test.fvalue), rel=1e-8)
    assert steps.p_change[1] == pytest.approx(float(test.pvalue), rel=1e-7)
    assert steps.df2[1] == (29 if "cluster" in options else main.df_resid)
    last = fit.frame[fit.frame["term"] == "ties:strength"].iloc[0]
    assert steps.f_change[-1] == pytest.approx(last["statistic"] ** 2, rel=1e-9)
    assert steps.p_change[-1] == pytest.approx(last["p_value"], rel=1e-9)


def test_steps_that_do_not_exist_are_left_out(firm: pd.DataFrame) -> None:
    assert Moderation("growth ~ ties + strength").fit(firm).steps.step == ("main",)
    assert Moderation("growth ~ region*ties").fit(firm).steps.step == ("main", "interactions")
    assert Moderation("growth ~ tenure + ties + ties^2").fit(firm).steps.step == ("controls", "main", "quadratic")


def test_more_terms_than_clusters_have_no_wald_test(firm: pd.DataFrame) -> None:
    data = firm.dropna().assign(team=lambda d: np.arange(len(d)) % 3)
    with pytest.warns(FewClusters, match="team has 3 clusters"):
        fit = Moderation(FORMULA, cluster="team").fit(data)
    assert np.isnan(fit.steps.f_change[0])
    assert fit.df == 2


def test_vif_against_statsmodels(firm: pd.DataFrame) -> None:
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    fit = Moderation(FORMULA, center="none").fit(firm)
    exog = fit.statsmodels.model.exog
    expected = [variance_inflation_factor(exog, j) for j in range(1, exog.shape[1])]
    np.testing.assert_allclose(fit.vif.raw, expected, rtol=1e-8)
    centred = Moderation(FORMULA).fit(firm)
    exog = centred.statsmodels.model.exog
    expected = [variance_inflation_factor(exog, j) for j in range(1, exog.shape[1])]
    np.testing.assert_allclose(centred.vif.centred, expected, rtol=1e-8)
    assert dict(centred.vif) == dict(zip(centred.terms[1:], centred.vif.centred, strict=True))
    assert fit.vif.centred.tolist() == centred.vif.centred.tolist()


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_centring_changes_neither_fit_nor_the_highest_terms(firm_centers: tuple[pd.DataFrame, object], a: float, b: float) -> None:
    data, raw = firm_centers
    fit = Moderation(FORMULA, center={"ties": a, "strength": b}).fit(data)
    assert fit.r_squared == raw.r_squared
    for term in ("ties:strength", "ties^2", "tenure"):
        i = fit.terms.index(term)
        assert fit.estimate[i] == pytest.approx(raw.estimate[i], rel=1e-9)
        assert fit.std_error[i] == pytest.approx(raw.std_error[i], rel=1e-9)
    np.testing.assert_array_equal(fit.polynomial.matrix, raw.polynomial.matrix)


@pytest.fixture(scope="module")
def firm_centers(firm: pd.DataFrame) -> tuple[pd.DataFrame, object]:
    return firm, Moderation(FORMULA, center="none").fit(firm)


def test_any_centre_is_the_model_on_moved_columns(firm: pd.DataFrame) -> None:
    fit = Moderation("growth ~ ties^2*strength", center={"ties": 3.0}).fit(firm)
    moved = firm.assign(ties=firm["ties"] - 3.0).dropna(subset=["strength"])
    reference = smf.ols("growth ~ ties + I(ties**2) + strength + ties:strength + I(ties**2):strength", moved).fit(
        cov_type="HC3", use_t=True
    )
    np.testing.assert_allclose(fit.estimate, reference.params, rtol=1e-9)
    np.testing.assert_allclose(fit.std_error, reference.bse, rtol=1e-8)


def test_far_from_zero_the_product_keeps_its_digits() -> None:
    rng = np.random.default_rng(5)
    x, year = 1e6 + rng.integers(0, 60, 40), 1990.0 + rng.integers(0, 30, 40)
    y = np.round(0.001 * (x - 1e6) * (year - 2000) + rng.normal(size=40), 6)
    rows = [[Fraction(1), Fraction(a), Fraction(b), Fraction(a) * Fraction(b)] for a, b in zip(x.tolist(), year.tolist(), strict=True)]
    A = [
        [sum(r[i] * r[j] for r in rows) for j in range(4)] + [sum(r[i] * Fraction(v) for r, v in zip(rows, y.tolist(), strict=True))]
        for i in range(4)
    ]
    for i in range(4):
        A[i] = [value / A[i][i] for value in A[i]]
        for j in set(range(4)) - {i}:
            A[j] = [p - A[j][i] * q for p, q in zip(A[j], A[i], strict=True)]
    exact = [float(row[4]) for row in A]
    fit = Moderation("y ~ x*year", covariance="classical", center="none").fit({"y": y, "x": x, "year": year})
    assert fit.estimate[3] == pytest.approx(exact[3], rel=1e-12)
    # the others are differences of numbers 1e3 to 1e7 times their size
    np.testing.assert_allclose(fit.estimate, exact, rtol=1e-9)
    small = Moderation("y ~ x*year", covariance="classical", center="none").fit({"y": y, "x": x - 1e6, "year": year - 2000})
    assert fit.std_error[3] == pytest.approx(small.std_error[3], rel=1e-11)


def test_missing_values_are_named(firm: pd.DataFrame) -> None:
    fit = Moderation(FORMULA).fit(firm)
    assert (fit.n, fit.n_dropped, dict(fit.dropped)) == (237, 3, {"tenure": 2, "strength": 2})
    assert "3 dropped for missing values: tenure 2, strength 2" in str(fit)
    assert fit.variables["ties"].mean == pytest.approx(firm.dropna()["ties"].mean())
    assert fit.variables["ties"].center == fit.variables["ties"].mean
    assert fit.variables["tenure"].center == 0.0


def test_order_of_rows_changes_nothing(firm: pd.DataFrame) -> None:
    once, again = Moderation(FORMULA, cluster="team").fit(firm), Moderation(FORMULA, cluster="team").fit(firm.iloc[::-1])
    np.testing.assert_allclose(once.estimate, again.estimate, rtol=1e-10)
    np.testing.assert_allclose(once.std_error, again.std_error, rtol=1e-10)


def test_frames_come_back_as_they_came(firm: pd.DataFrame) -> None:
    assert isinstance(Moderation(FORMULA).fit(pl.from_pandas(firm)).frame, pl.DataFrame)
    assert isinstance(Moderation(FORMULA).fit(firm).steps.frame, pd.DataFrame)


def test_reduced_models_stay_on_the_same_rows(firm: pd.DataFrame) -> None:
    fit = Moderation(FORMULA).fit(firm)
    reduced = without_quadratics(fit)
    assert reduced.terms == tuple(term for term in fit.terms if term != "ties^2")
    reference = smf.ols("growth ~ tenure + region + ties*strength", firm.dropna()).fit()
    assert reduced.estimate[-1] == pytest.approx(reference.params["ties:strength"], rel=1e-9)
    assert drop_terms(fit, "tenure").n == fit.n
    assert drop_terms(fit, ["region"]).terms[2] == "ties"
    with_center = Moderation(FORMULA, center={"ties": 2.0, "strength": 1.0}).fit(firm)
    assert drop_terms(with_center, ["ties:strength", "strength"]).variables["ties"].center == 2.0
    counted = Moderation(FORMULA, center={"ties": np.int64(2), "strength": np.float32(1)}).fit(firm)  # as a column's minimum is
    np.testing.assert_array_equal(counted.estimate, with_center.estimate)
    with pytest.raises(ModelError, match="without ties"):
        drop_terms(fit, ["ties"])
    with pytest.raises(ModelError, match="no term 'q'"):
        drop_terms(fit, ["q"])


def test_covariance_knows_its_kind(firm: pd.DataFrame) -> None:
    fit = Moderation(FORMULA, cluster="team").fit(firm)
    n, k, G = fit.n, 8, 30
    record = fit.covariance
    assert (record.kind, record.df, record.clusters, record.cluster) == ("CR1", G - 1, G, "team")
    assert record.factor == pytest.approx(G / (G - 1) * (n - 1) / (n - k))
    assert str(record) == "CR1 standard errors clustered by team (30 clusters), df = 29"
    assert record.frame.shape == (64, 3)
    assert Moderation(FORMULA, covariance="HC1").fit(firm).covariance.factor == pytest.approx(n / (n - k))
    assert Moderation(FORMULA).covariance == "HC3"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"covariance": "HC9"},
            "; got 'HC9'; did you mean 'HC5' or 'HC4'?",
        ),
        ({"covariance": "CR1"}, "cannot be used with cluster=None; set `cluster` to the column"),
        ({"covariance": "HC3", "cluster": "team"}, "with a cluster use CR0, CR1, CR2 or CR3"),
        ({"cluster": ("team", "month", "region")}, "must be the name of one column that groups the rows, or of two"),
        ({"cluster": ("team", "team")}, "must be the name of one column that groups the rows, or of two"),
        ({"cluster": ("team", "month"), "covariance": "CR2"}, "defined for one-way clusters only"),
        ({"alpha": 5}, "alpha must be between 0 and 1"),
        ({"center": "median"}, "center must be one of 'mean', 'none', or a mapping of names to values; got 'median'; did you mean 'mean'?"),
    ],
)
def test_options_are_checked_before_the_data(options: dict[str, object], words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Moderation(FORMULA, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def refused(formula: str, data: object, **options: object) -> str:
    with pytest.raises((ModelError, DataError)) as caught:
        Moderation(formula, **options).fit(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_refusals(firm: pd.DataFrame) -> None:
    data = firm.dropna().reset_index(drop=True)
    assert "one is constant" in refused("growth ~ one", data.assign(one=3.0))
    assert "double is an exact linear combination of ties" in refused("growth ~ ties + double", data.assign(double=2 * data["ties"]))
    assert "late^2 is an exact linear combination of late" in refused(
        "growth ~ late + late^2", data.assign(late=data["tenure"] > 10).assign(late=lambda d: d["late"] * 1.0)
    )
    assert "n = 8 usable rows are too few for 8 coefficients" in refused(
        FORMULA, data.head(8).assign(region=["north", "south", "west"] * 2 + ["north"] * 2)
    )
    assert "n = 1 usable row is too few for 2 coefficients" in refused("growth ~ ties", data.head(1))
    assert "both is an exact linear combination of tenure and ties" in refused(
        "growth ~ tenure + ties + both", data.assign(both=data["tenure"] - 3 * data["ties"])
    )
    assert "same[south] is an exact linear combination of region[south]" in refused(
        "growth ~ region + same", data.assign(same=data["region"])
    )
    assert "did you mean 'tenure'" in refused("growth ~ tenur", data)
    assert "no column 'tema'; did you mean 'team'?" in refused(FORMULA, data, cluster="tema")
    assert "column 'growth' contains 1 infinite value, the first in row 3" in refused(
        FORMULA, data.assign(growth=data["growth"].where(data.index != 2, np.inf))
    )
    assert "cluster 'team' has only one value" in refused(FORMULA, data.assign(team=1), cluster="team")
    assert "different value in every row" in refused(FORMULA, data.assign(team=np.arange(len(data))), cluster="team")
    assert "nothing to explain" in refused(FORMULA, data.assign(growth=1.0))
    lonely = data.assign(region=np.where(np.arange(len(data)) == 20, "east", data["region"]))
    lonely["region"] = lonely["region"].where(lonely["region"] != "x")
    # the base is the first level in order, so that the lonely row has to be another one
    lonely["region"] = lonely["region"].replace({"east": "zone"})
    assert "row 21 (counted from 1)" in refused(FORMULA, lonely)
    with pytest.warns(FewRows, match=r"region\[zone\] rests on one row"):
        assert np.isfinite(Moderation(FORMULA, covariance="HC1").fit(lonely).std_error).all()


def test_a_focal_term_that_is_not_in_the_model(firm: pd.DataFrame) -> None:
    fit = Moderation(FORMULA).fit(firm)
    for probe, options, words in [
        (tn.simple_slopes, {"focal": "tie", "moderator": "strength"}, "no variable 'tie'; did you mean 'ties'"),
        (tn.johnson_neyman, {"focal": "ties", "moderator": "tenure"}, "does not depend on tenure in this model of growth; add ties:tenure"),
        (tn.turning_point, {"focal": "strength"}, "add strength^2 to the formula"),
        (tn.simple_slopes, {"focal": "ties", "moderator": "region"}, "does not depend on region in this model of growth; add ties:region"),
    ]:
        with pytest.raises(ModelError) as caught:
            probe(fit, **options)
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)


def test_noise_free_data_give_back_their_coefficients() -> None:
    rng = np.random.default_rng(8)
    x, z = rng.normal(size=30), rng.normal(size=30)
    with pytest.warns(ExactFit, match="the model reproduces y without residuals"):
        fit = Moderation("y ~ x*z", center="none").fit({"y": 1 + 2 * x - z + 0.5 * x * z, "x": x, "z": z})
    assert np.isnan(fit.f_test.f)
    assert "without residuals, so nothing can be tested" in str(fit)
    assert "Significant" not in str(fit)
    assert np.isnan(fit.steps.f_change[-1])
    assert "no residuals are left" in str(fit.steps)
    np.testing.assert_allclose(fit.estimate, [1, 2, -1, 0.5], rtol=1e-13)
    assert fit.r_squared == pytest.approx(1.0)
    assert fit.steps.r_squared[-1] == pytest.approx(1.0)


def test_claro_ramos_builds_the_model_class() -> None:
    model = claro_ramos("sales_growth", ("marketing", "Customer Service"), controls=("tenure", "C(region)"), no_ties="zero_with_indicator")
    assert model.formula == (
        "sales_growth ~ tenure + C(region) + no_ties_marketing + no_ties_customer_service"
        " + total_ties_marketing*tie_strength_marketing + total_ties_marketing^2"
        " + total_ties_customer_service*tie_strength_customer_service + total_ties_customer_service^2"
    )
    assert claro_ramos("y", ["m"], quadratics=False, cluster="team").formula == "y ~ total_ties_m*tie_strength_m"
    assert claro_ramos("y", ["m"], cluster="team").covariance == "CR1"
    chosen = claro_ramos("y", ["m", "c"], no_ties="zero_with_indicator", indicators=["c"])
    assert "no_ties_m" not in chosen.formula
    assert "no_ties_c" in chosen.formula


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"functions": "marketing"}, "functions must be a list of names, such as ['marketing']; got 'marketing'"),
        ({"functions": []}, "functions is empty"),
        ({"functions": ["m"], "controls": "tenure"}, "controls must be a list of names, such as ['tenure']; got 'tenure'"),
        ({"functions": ["m"], "no_ties": "zero"}, "no_ties must be one of 'drop', 'zero_with_indicator'; got 'zero'"),
        ({"functions": ["m"], "no_ties": "zero_with_indicator", "indicators": ["c"]}, "indicators must be 'm'; got 'c'"),
    ],
)
def test_claro_ramos_refuses(options: dict[str, object], words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        claro_ramos("y", **options)
    assert words in str(caught.value)


def test_claro_ramos_steps_and_truth() -> None:
    rng = np.random.default_rng(2)
    n = 600
    ties, strength = rng.poisson(5, n) * 1.0, rng.gamma(3.0, 1.0, n)
    none = (ties == 0) * 1.0
    strength[ties == 0] = 0.0
    growth = 1 - 0.5 * ties + 0.05 * ties**2 + 0.4 * strength - 0.1 * ties * strength + 0.3 * none + rng.normal(size=n) * 0.2
    data = {"growth": growth, "total_ties_m": ties, "tie_strength_m": strength, "no_ties_m": none}
    fit = claro_ramos("growth", ["m"], no_ties="zero_with_indicator", center="none").fit(data)
    assert fit.steps.step == ("controls", "main", "quadratic", "interactions")
    assert fit.steps.terms[0] == ("no_ties_m",)
    truth = [1, 0.3, -0.5, 0.4, -0.1, 0.05]
    assert (np.abs(fit.estimate - truth) < 4 * fit.std_error).all()


def test_sentences_say_nothing_of_causes(firm: pd.DataFrame) -> None:
    fit = Moderation(FORMULA).fit(firm)
    texts = " ".join([str(fit), str(fit.steps), str(fit.vif), str(fit.model), repr(fit), fit._repr_html_()])
    assert "HC3 standard errors" in str(fit)
    assert "Significant at p < .05: ties (b = -0.804)" in str(fit)
    assert not any(word in texts.lower() for word in ("effect", "increase", "lead", "impact", "drive", "cause"))
    assert "No term differs" in str(Moderation("growth ~ tenure").fit(firm))


def test_public_names() -> None:
    assert tn.Moderation is Moderation
    assert tn.regression.model.drop_terms is drop_terms
    assert tn.regression.power.sample_size(0.15, 1) == 55


def test_arrays_are_read_only(firm: pd.DataFrame) -> None:
    fit = Moderation(FORMULA).fit(firm)
    for array in (fit.estimate, fit.covariance.matrix, fit.polynomial.estimate, fit.steps.r_squared, fit.vif.raw, fit.sample.response):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_statsmodels_sees_the_columns_as_reported(firm: pd.DataFrame) -> None:
    fit = Moderation(FORMULA).fit(firm)
    assert isinstance(fit.statsmodels.model, sm.OLS)
    np.testing.assert_allclose(fit.statsmodels.model.exog @ fit.estimate, fit.fitted, rtol=1e-10)
