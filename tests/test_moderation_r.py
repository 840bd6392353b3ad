"""Weights, steps, the standardised solution and several outcomes against R (tests/oracles/model)."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, FewClusters, ModelError
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation
from tienet.regression.model.outcomes import fit_outcomes
from tienet.regression.model.refits import drop_terms, standardize

FOLDER = Path(__file__).parent / "oracles" / "model"
R = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
FORMULA = "growth ~ tenure + region + ties*strength + ties^2"
RESULT = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
KINDS = ("classical", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5", "CR0", "CR1")
WEIGHTS = {"weighted": "precision", "unweighted": None}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data.csv")


def fitted(data: pd.DataFrame, kind: str, case: str, **options: object) -> ModerationFit:
    cluster = "team" if kind.startswith("CR") else None
    return Moderation(FORMULA, **{"covariance": kind, "cluster": cluster, "weights": WEIGHTS[case], "center": "none"} | options).fit(data)


@pytest.mark.parametrize("case", WEIGHTS)
@pytest.mark.parametrize("kind", KINDS)
def test_tables(data: pd.DataFrame, kind: str, case: str) -> None:
    fit, expected = fitted(data, kind, case), R[case]["tables"][kind]
    table = fit.frame.set_index("term").loc[R["terms"]]
    for column in RESULT:
        np.testing.assert_allclose(table[column], expected[column], rtol=1e-8, err_msg=column)
    assert table["df"].tolist() == [expected["df"]] * len(table)


@pytest.mark.parametrize("case", WEIGHTS)
def test_the_whole_model(data: pd.DataFrame, case: str) -> None:
    fit, expected = fitted(data, "classical", case), R[case]["whole"]
    for name in ("n", "r_squared", "adj_r_squared", "sigma", "aic", "bic"):
        assert getattr(fit, name) == pytest.approx(expected[name], rel=1e-10), name
    for name in ("residuals", "fitted"):
        np.testing.assert_allclose(getattr(fit, name), expected[name], rtol=1e-8, atol=1e-10, err_msg=name)
    np.testing.assert_allclose(fit.solution.leverage, expected["leverage"], rtol=1e-9)
    assert fit.f_test[:3] == pytest.approx(expected["f"], rel=1e-9)
    assert fit.f_test.p_value == pytest.approx(expected["p"], rel=1e-8)
    for kind, f in R[case]["wald"].items():
        assert fitted(data, kind, case).f_test.f == pytest.approx(f, rel=1e-8)
    assert fitted(data, "CR1", case).f_test.df2 == 17


@pytest.mark.parametrize("case", WEIGHTS)
@pytest.mark.parametrize("kind", ["classical", "HC3", "CR1"])
@pytest.mark.parametrize("center", ["mean", "none"])
def test_probes_of_weighted_fits(data: pd.DataFrame, kind: str, case: str, center: str) -> None:
    slopes = tn.simple_slopes(fitted(data, kind, case, center=center), focal="ties", moderator="strength")
    for column, wanted in R[case]["slopes"][kind].items():
        np.testing.assert_allclose(getattr(slopes, column), wanted, rtol=1e-8, err_msg=column)


@pytest.mark.parametrize("case", WEIGHTS)
@pytest.mark.parametrize("kind", ["classical", "HC3", "CR1"])
def test_steps(data: pd.DataFrame, kind: str, case: str) -> None:
    steps, expected = fitted(data, kind, case).steps, pd.DataFrame(R[case]["steps"][kind])
    assert steps.step == ("controls", "main", "quadratic", "interactions")
    for column in expected:
        if kind == "CR1" and column in ("df2", "p_change"):
            continue  # waldtest keeps n - k; the clusters give G - 1
        np.testing.assert_allclose(getattr(steps, column), expected[column], rtol=1e-8, err_msg=column)
    assert kind != "CR1" or steps.df2.tolist() == [17] * 4


def test_vif(data: pd.DataFrame) -> None:
    for case, weights in WEIGHTS.items():
        fit = fitted(data, "classical", case)
        order = [fit.terms[1:].index(term) for term in R["terms"][1:]]
        np.testing.assert_allclose(fit.vif.raw[order], R[case]["vif_raw"], rtol=1e-8)
        linear = Moderation("growth ~ tenure + ties + strength", weights=weights).fit(data)
        for column in (linear.vif.raw, linear.vif.centred):
            np.testing.assert_allclose(column, R["car_vif_weighted" if weights else "car_vif"], rtol=1e-9)


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3", "CR0", "CR1"])
def test_the_escape_hatch_is_weighted_too(data: pd.DataFrame, kind: str) -> None:
    fit = fitted(data, kind, "weighted")
    np.testing.assert_allclose(fit.statsmodels.params, fit.estimate, rtol=1e-9)
    np.testing.assert_allclose(fit.statsmodels.bse, fit.std_error, rtol=1e-8)


def test_weights_change_the_scale_of_sigma_alone(data: pd.DataFrame) -> None:
    once, again = fitted(data, "HC3", "weighted"), fitted(data.assign(precision=data["precision"] * 50), "HC3", "weighted")
    np.testing.assert_allclose(again.estimate, once.estimate, rtol=1e-10)
    np.testing.assert_allclose(again.covariance.matrix, once.covariance.matrix, rtol=1e-9)
    assert again.sigma == pytest.approx(once.sigma * 50**0.5)
    ones = Moderation(FORMULA, weights="one").fit(data.assign(one=1))
    np.testing.assert_allclose(ones.covariance.matrix, Moderation(FORMULA).fit(data).covariance.matrix, rtol=1e-10)


def test_missing_weights_drop_the_row_and_are_counted(data: pd.DataFrame) -> None:
    fit = Moderation(FORMULA, weights="precision").fit(data.assign(precision=data["precision"].where(data.index != 3)))
    assert (fit.n, dict(fit.dropped)) == (94, {"tenure": 1, "precision": 1})
    assert "weighted by precision" in str(fit)
    assert "weights: precision" in str(fit.model)
    assert "weighted" not in str(Moderation(FORMULA).fit(data))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "weights: column 'precision' contains 1 value not above zero, the first in row 6"),
        (-1.0, "1 value not above zero"),
        (np.inf, "column 'precision' contains 1 infinite value, the first in row 6"),
        (1e300, "column 'precision' contains numbers of the size 1e\\+300"),
        (1e17, "column 'precision' ranges from 0.206 to 1e\\+17; beyond a ratio of 1e\\+16"),
    ],
)
def test_bad_weights(data: pd.DataFrame, value: float, words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        Moderation(FORMULA, weights="precision").fit(data.assign(precision=data["precision"].where(data.index != 5, value)))
    assert "\n" not in str(caught.value)


def test_weights_name_a_column(data: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="no column 'precison'; did you mean 'precision'"):
        Moderation(FORMULA, weights="precison").fit(data)
    with pytest.raises(ArgumentError, match="weights must be the name of the column"):
        Moderation(FORMULA, weights=data["precision"])
    with pytest.raises(ArgumentError, match="weights='growth' is the outcome"):
        Moderation(FORMULA, weights="growth")
    with pytest.raises(ArgumentError, match=r"is a category in the formula, C\(team\)"):
        Moderation("growth ~ ties + C(team)", weights="team")


def test_order_of_rows_changes_nothing(data: pd.DataFrame) -> None:
    model = Moderation(FORMULA, weights="precision", cluster="team")
    once, again = model.fit(data), model.fit(data.iloc[::-1])
    np.testing.assert_allclose(again.estimate, once.estimate, rtol=1e-10)
    np.testing.assert_allclose(again.std_error, once.std_error, rtol=1e-10)
    np.testing.assert_allclose(again.steps.f_change, once.steps.f_change, rtol=1e-9)


@pytest.mark.parametrize("heavy", [1e4, 1e10, 1e14])
def test_a_very_heavy_row_is_one_the_line_passes_through(data: pd.DataFrame, heavy: float) -> None:
    fit = Moderation("growth ~ ties*strength", weights="w", covariance="classical").fit(
        data.assign(w=np.where(data.index == 7, heavy, 1.0))
    )
    assert abs(fit.residuals[7]) < 1e3 / heavy
    assert fit.solution.leverage[7] == pytest.approx(1.0, abs=1e2 / heavy)


# ---------------------------------------------------------------- steps of one's own

OWN = {"people": ["tenure", "region"], "strength": ["strength"], "ties": ["ties", "ties^2"], "together": ["strength:ties"]}


def test_steps_of_ones_own_are_the_nested_models(data: pd.DataFrame) -> None:
    fit = Moderation(FORMULA, steps=OWN, covariance="HC3").fit(data)
    steps = fit.steps
    assert steps.step == tuple(OWN)
    assert steps.terms == (("tenure", "region[south]", "region[west]"), ("strength",), ("ties", "ties^2"), ("ties:strength",))
    smaller = [drop_terms(fit, ["ties:strength", "ties^2", "ties", "strength"]), drop_terms(fit, ["ties:strength", "ties^2", "ties"])]
    smaller += [drop_terms(fit, ["ties:strength"]), fit]
    for name in ("r_squared", "adj_r_squared", "aic", "bic"):
        np.testing.assert_allclose(getattr(steps, name), [getattr(model, name) for model in smaller], rtol=1e-9, err_msg=name)
    wald = smaller[2].statsmodels.f_test(np.eye(len(smaller[2].terms))[[smaller[2].terms.index(t) for t in ("ties", "ties^2")]])
    assert steps.f_change[2] == pytest.approx(float(wald.fvalue), rel=1e-8)
    assert steps.p_change[2] == pytest.approx(float(wald.pvalue), rel=1e-7)
    np.testing.assert_allclose(steps.f2, steps.delta_r_squared / (1 - steps.r_squared), rtol=1e-10)
    assert smaller[1].steps.step == ("people", "strength")
    assert "people adds" in str(steps)


@pytest.mark.parametrize(
    ("steps", "error", "words"),
    [
        ({**OWN, "ties": ["ties"]}, ModelError, "ties^2 is not in any step"),
        ({**OWN, "more": ["tenure"]}, ModelError, "tenure is in both 'people' and 'more'"),
        ({**OWN, "more": ["tenuer"]}, ModelError, "'more' contains tenuer, which is not in the formula; did you mean 'tenure'?"),
        (
            {"a": ["ties:strength", "strength"], "b": ["ties", "ties^2", "tenure", "region"]},
            ModelError,
            "ties:strength enters in 'a' before ties",
        ),
        ({"a": ["ties^2"], **{k: v for k, v in OWN.items() if k != "ties"}, "b": ["ties"]}, ModelError, "ties^2 enters in 'a' before ties"),
        ({**OWN, "none": []}, ModelError, "'none' has no term"),
        ({"controls": "tenure"}, ArgumentError, "steps['controls'] must be a list of names, such as ['tenure']; got 'tenure'"),
        ({"controls": [3]}, ArgumentError, "steps['controls'] must be a list of names, such as ['x', 'z']; got a list containing 3"),
        (["tenure"], ArgumentError, "steps must be a mapping of names to terms"),
    ],
)
def test_steps_that_do_not_fit_are_refused_before_the_data(steps: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        Moderation(FORMULA, steps=steps)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_blocks_of_harder_models(data: pd.DataFrame) -> None:
    curve = Moderation("growth ~ tenure + ties^2*strength").fit(data).steps
    assert curve.terms == (("tenure",), ("ties", "strength"), ("ties^2",), ("ties:strength", "ties^2:strength"))
    both = Moderation("growth ~ ties*strength^2").fit(data).steps
    assert both.terms == (("ties", "strength"), ("strength^2",), ("ties:strength", "ties:strength^2"))
    three = Moderation("growth ~ tenure + ties*strength*region").fit(data)
    assert three.steps.step == ("controls", "main", "interactions")
    assert three.steps.df1.tolist() == [1, 4, 7]
    assert three.steps.terms[1] == ("ties", "strength", "region[south]", "region[west]")
    assert three.steps.r_squared[-1] == pytest.approx(three.r_squared, rel=1e-12)
    assert (three.aic, three.bic) == pytest.approx((three.steps.aic[-1], three.steps.bic[-1]), rel=1e-12)


# ---------------------------------------------------------------- standardised

STANDARD = "growth ~ tenure + region + lead*ties + ties*strength + ties^2"


@pytest.mark.parametrize("binary", [False, True])
def test_standardised_solution(data: pd.DataFrame, binary: bool) -> None:
    fit = standardize(Moderation(STANDARD).fit(data), binary=binary)
    expected = R["standardised"]["binary" if binary else "kept"]
    named = {"lead:ties": "lead:ties", "ties:lead": "lead:ties", "I(ties^2)": "ties^2"}
    names = [named.get(name, name.replace("regions", "region[s").replace("regionw", "region[w")) for name in expected["names"]]
    names = [f"{name}]" if "[" in name else name for name in names]
    table = fit.frame.set_index("term").loc[names]
    for column in RESULT:
        np.testing.assert_allclose(table[column], expected[column], rtol=1e-8, atol=1e-15, err_msg=column)


def test_weighted_standardised_solution(data: pd.DataFrame) -> None:
    # z-scores by the means and standard deviations of the 95 rows that also have tenure, as in the R script
    kept = data.dropna(subset=["tenure"])
    table = standardize(Moderation("growth ~ ties*strength", weights="precision").fit(kept)).frame
    for column in RESULT:
        np.testing.assert_allclose(table[column], R["standardised"]["weighted"][column], rtol=1e-8, err_msg=column)


def test_standardising_keeps_the_model(data: pd.DataFrame) -> None:
    fit = Moderation(STANDARD, cluster="team", covariance="CR0").fit(data)
    scored = standardize(fit)
    assert scored.terms == fit.terms
    assert scored.r_squared == pytest.approx(fit.r_squared, rel=1e-10)
    assert (scored.n, scored.df, scored.covariance.kind) == (fit.n, fit.df, "CR0")
    last = [fit.terms.index(term) for term in ("ties:strength", "lead:ties", "ties^2")]
    frames = [model.frame.iloc[last]["p_value"] for model in (fit, scored)]
    np.testing.assert_allclose(*frames, rtol=1e-7)  # what cannot be moved by shifting has the same test on any scale
    assert scored.variables["ties"].sd == pytest.approx(1.0)
    assert (scored.variables["lead"].low, scored.variables["lead"].high) == (0.0, 1.0)
    assert "z-scores" in str(scored)
    assert "Friedrich" in scored.cite()
    np.testing.assert_allclose(standardize(scored).estimate, scored.estimate, atol=1e-12)
    assert drop_terms(scored, ["ties^2"]).variables["ties"].sd == pytest.approx(1.0)
    shifted = standardize(Moderation(STANDARD, cluster="team").fit(data.assign(ties=3 * data["ties"] + 1000, growth=-2 * data["growth"])))
    np.testing.assert_allclose(shifted.estimate, -scored.estimate, atol=1e-10)


def test_regions_of_the_standardised_solution_are_the_same_regions(data: pd.DataFrame) -> None:
    for formula in ("growth ~ tenure + ties*strength", "growth ~ tenure + ties*strength^2"):
        fit = Moderation(formula, weights="precision").fit(data)
        strength = fit.variables["strength"]
        once = tn.johnson_neyman(fit, focal="ties", moderator="strength")
        again = tn.johnson_neyman(standardize(fit), focal="ties", moderator="strength")
        np.testing.assert_allclose(np.array(again.bounds) * strength.sd + strength.mean, once.bounds, rtol=1e-7)
        np.testing.assert_array_equal(again.significant, once.significant)
        np.testing.assert_allclose(again.share, once.share)


def test_bounds_where_the_moderator_is_squared_are_where_t_is_critical(data: pd.DataFrame) -> None:
    from scipy.stats import t

    fit = Moderation("growth ~ tenure + ties*strength^2", weights="precision", covariance="HC3").fit(data)
    regions = tn.johnson_neyman(fit, focal="ties", moderator="strength")
    assert len(regions.bounds) > 0
    model = fit.statsmodels
    away = np.array(regions.bounds) - fit.variables["strength"].center
    rows = np.zeros((len(away), len(fit.terms)))
    for term, power in (("ties", 0), ("ties:strength", 1), ("ties:strength^2", 2)):
        rows[:, fit.terms.index(term)] = away**power
    np.testing.assert_allclose(np.abs(model.t_test(rows).tvalue), t.isf(0.025, fit.df), rtol=1e-7)


def test_the_figure_says_that_these_are_z_scores(data: pd.DataFrame) -> None:
    import matplotlib.pyplot as plt

    fit = Moderation("growth ~ ties*strength").fit(data)
    assert tn.plot(fit).get_xlabel() == "Growth per unit"
    assert tn.plot(standardize(fit)).get_xlabel() == "Growth: SD per SD"
    plt.close("all")


# ---------------------------------------------------------------- several outcomes


@pytest.mark.parametrize("rows", ["common", "own"])
def test_outcomes(data: pd.DataFrame, rows: str) -> None:
    fits = fit_outcomes(Moderation("anything ~ tenure + ties*lead", center="none"), data, ["growth", "quota"], rows=rows)
    assert list(fits) == ["growth", "quota"]
    for name, fit in fits.items():
        expected = R["outcomes"][rows][name]
        assert (fit.outcome, fit.n, fit.terms) == (name, expected["n"], ("(Intercept)", "tenure", "ties", "lead", "ties:lead"))
        for column in RESULT:
            np.testing.assert_allclose(fit.frame[column], expected[column], rtol=1e-8, err_msg=column)
    assert dict(fits["growth"].dropped) == ({"quota": 2, "tenure": 1} if rows == "common" else {"tenure": 1})


def test_outcomes_share_one_factorisation_with_weights_and_clusters(data: pd.DataFrame) -> None:
    model = Moderation("growth ~ ties*strength", weights="precision", cluster="team")
    fits = fit_outcomes(model, data, ["quota", "growth"])
    assert fits["growth"].solution.basis is fits["quota"].solution.basis
    alone = model.fit(data.dropna(subset=["quota"]))
    np.testing.assert_allclose(fits["growth"].estimate, alone.estimate, rtol=1e-12)
    np.testing.assert_allclose(fits["growth"].covariance.matrix, alone.covariance.matrix, rtol=1e-10)
    assert fits["growth"].aic == pytest.approx(alone.aic, rel=1e-12)


def test_outcomes_refused(data: pd.DataFrame) -> None:
    model = Moderation("growth ~ ties*strength")
    for outcomes, error, words in [
        ("growth", ArgumentError, "must be a list of names"),
        ([], ArgumentError, "0 different names"),
        (["growth", "growth"], ArgumentError, "1 different name"),
        (["growth", "ties"], ModelError, "'ties' is on both sides"),
        (["growth", "qouta"], ValueError, "did you mean 'quota'"),
        (["growth", "a b"], ValueError, "no column .a b."),
    ]:
        with pytest.raises(error, match=words):
            fit_outcomes(model, data, outcomes)
    with pytest.raises(ArgumentError, match=r"rows must be .*; got 'all'"):
        fit_outcomes(model, data, ["growth"], rows="all")  # type: ignore[arg-type]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit_outcomes(Moderation("growth ~ ties", cluster="region"), data, ["growth", "quota"])
    assert [each.category for each in caught] == [FewClusters]  # said once, not for every outcome
