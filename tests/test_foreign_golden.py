"""Results of statsmodels and pyfixest, probed, against R (see the README of the shared models)."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import tienet as tn
from models import data as model_data
from models import expected

# The README compares two programs at 1e-5 relative: both iterate, and one of them takes derivatives numerically.
CLOSE = {"rtol": 1e-5}
NAMES = {"Intercept": "(Intercept)"}
LOG = sm.families.links.Log


def quietly(fit):
    """A fit without the warnings of the package, which are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit()


def check_coefficients(fit, want, errors=None, **close):
    frame = fit.frame.set_index("term")
    renamed = {name.replace("I(", "").replace("^2)", "^2"): row for name, row in want.items()}
    assert set(renamed) == set(frame.index)
    for name, row in renamed.items():
        np.testing.assert_allclose(frame.loc[name, "estimate"], row["est"], err_msg=name, **(close or CLOSE))
        np.testing.assert_allclose(frame.loc[name, "std_error"], (errors or {}).get(name, row["se"]), err_msg=name, **(close or CLOSE))


def check_rows(
    found, rows, columns=(("estimate", "est"), ("std_error", "se"), ("p_value", "p"), ("conf_low", "lo"), ("conf_high", "hi")), **close
):
    for mine, theirs in columns:
        np.testing.assert_allclose(getattr(found, mine), [row[theirs] for row in rows], err_msg=mine, **(close or CLOSE))


@pytest.mark.filterwarnings("ignore:Catholic = ")  # the mean less one SD is below 0 %
def test_the_bridge_to_a_formula_with_a_product_a_square_and_a_logarithm():
    want = expected("bridge")
    data = model_data("swiss")
    formula = 'Fertility ~ Education*Catholic + Examination + I(Examination ** 2) + np.log(Q("Infant.Mortality"))'
    result = smf.ols(formula, data).fit(cov_type="HC1")
    pair = {"focal": "Education", "moderator": "Catholic"}
    normal, t = tn.from_statsmodels(result), tn.from_statsmodels(result, df=want["df"])
    check_rows(tn.simple_slopes(normal, **pair), want["slopes_of_Education_normal"], rtol=1e-8)
    check_rows(tn.simple_slopes(t, **pair), want["slopes_of_Education"], rtol=1e-8)
    region = tn.johnson_neyman(t, **pair)
    np.testing.assert_allclose(region.bounds, want["jn"]["roots"], **CLOSE)
    turn = tn.turning_point(t, focal="Examination")
    np.testing.assert_allclose(
        [turn.estimate, turn.std_error], [want["turning_point_Examination"][key] for key in ("est", "se_delta")], **CLOSE
    )
    logarithm = want["coefficients"]["log(Infant.Mortality)"]
    found = tn.simple_slopes(t, focal="log(Infant.Mortality)")  # per unit of the logarithm, below per unit of the column at its mean
    np.testing.assert_allclose([found.estimate[0], found.std_error[0]], [logarithm["est"], logarithm["se"]], rtol=1e-8)
    check_rows(tn.simple_slopes(t, focal="Infant.Mortality"), [want["slope_of_Infant.Mortality_at_its_mean"]], rtol=1e-8)


@pytest.mark.parametrize("kind", ["GLM", "Logit"])
def test_logit(kind):
    want, data = expected("logit"), model_data("won_deals")
    formula = want["formula"]
    fits = {
        "GLM": lambda: smf.glm(formula, data, family=sm.families.Binomial()).fit(tol=1e-14),
        "Logit": lambda: smf.logit(formula, data).fit(disp=0),
    }
    fit = tn.from_statsmodels(fits[kind]())
    check_coefficients(fit, want["coefficients"])
    at = {"strength": [row["strength"] for row in want["link_slopes_of_ties_crm0"]], "crm": 0}
    check_rows(tn.simple_slopes(fit, focal="ties", moderator="strength", at=at), want["link_slopes_of_ties_crm0"])
    usual = tn.simple_slopes(fit, focal="ties", moderator="strength", at={"crm": 0})
    np.testing.assert_allclose(usual.at, at["strength"], rtol=1e-10)
    region = tn.johnson_neyman(fit, focal="ties", moderator="strength", at={"crm": 0})
    np.testing.assert_allclose(region.bounds, want["jn_over_strength_crm0"]["roots"], **CLOSE)
    average = tn.average_effects(fit, focal="ties", moderator="strength")
    check_rows(average, want["ame_ties_by_strength"]["at"])
    check_rows(tn.average_effects(fit, focal="ties"), [want["ame_ties"]])


def test_probit_by_both_kinds_of_information():
    want = expected("probit")
    data = model_data("swiss_labor").assign(wk=lambda rows: (rows["youngkids"] > 0).astype(int))
    formula = "participation ~ foreign*wk + age + I(age**2) + education + income"
    glm = smf.glm(formula, data, family=sm.families.Binomial(sm.families.links.Probit())).fit(tol=1e-14, maxiter=200)
    check_coefficients(tn.from_statsmodels(glm), want["coefficients"])
    observed = {name.replace("I(age^2)", "age^2"): error for name, error in want["se_observed_information"].items()}
    check_coefficients(tn.from_statsmodels(smf.probit(formula, data).fit(disp=0)), want["coefficients"], observed)


def test_poisson_with_an_exposure():
    want, data = expected("poisson"), model_data("deal_counts")
    result = smf.poisson("deals ~ ties*strength + I(ties**2)", data, exposure=data["months"]).fit(disp=0, cov_type="HC0")
    fit = tn.from_statsmodels(result)
    check_coefficients(fit, want["coefficients"])
    point = want["turning_point_mean_strength"]
    turn = tn.turning_point(fit, focal="ties")
    np.testing.assert_allclose([turn.estimate, turn.std_error], [point["est"], point["se_delta"]], **CLOSE)
    check_rows(tn.average_effects(fit, focal="ties"), [want["ame_ties"]])  # at the exposure of each row
    check_rows(tn.average_effects(fit, focal="strength"), [want["ame_strength"]])


def test_negative_binomial():
    want, data = expected("negative_binomial"), model_data("deal_counts")
    model = smf.negativebinomial("deals ~ ties*strength + I(ties**2)", data, exposure=data["months"])
    start = quietly(lambda: model.fit(disp=0, maxiter=500))
    fit = tn.from_statsmodels(quietly(lambda: model.fit(start_params=start.params, method="newton", disp=0)))
    check_coefficients(fit, want["coefficients"], rtol=2e-5)  # the README's tolerance for this family
    assert fit.beside["alpha"] == pytest.approx(want["alpha"], rel=2e-5)
    check_rows(tn.average_effects(fit, focal="ties"), [want["ame_ties"]], rtol=1e-4)  # p and limits add up the differences


def test_negative_binomial_of_categories():
    want, data = expected("negative_binomial_quine"), model_data("quine")
    model = smf.negativebinomial("Days ~ Eth*Lrn + Sex", data)
    start = quietly(lambda: model.fit(disp=0, maxiter=500))
    fit = tn.from_statsmodels(quietly(lambda: model.fit(start_params=start.params, method="newton", disp=0)))
    names = {"EthN": "Eth[N]", "LrnSL": "Lrn[SL]", "SexM": "Sex[M]", "EthN:LrnSL": "Eth[N]:Lrn[SL]"}
    check_coefficients(fit, {names.get(name, name): row for name, row in want["coefficients"].items()}, rtol=2e-5)
    own = [want["coefficients"][name]["est"] for name in ("EthN", "EthN:LrnSL")]
    np.testing.assert_allclose(tn.simple_slopes(fit, focal="Eth", moderator="Lrn").estimate, np.cumsum(own), rtol=2e-5)


def test_gamma_as_r_tests_it():
    want, data = expected("gamma"), model_data("closing_days")
    result = smf.glm("days ~ ties*strength + senior", data, family=sm.families.Gamma(LOG())).fit(tol=1e-14)
    fit = tn.from_statsmodels(result, df=want["df"])
    check_coefficients(fit, want["coefficients_t"])
    check_rows(tn.simple_slopes(fit, focal="ties", moderator="strength"), want["slopes"])
    check_rows(tn.average_effects(fit, focal="ties"), [want["ame_ties"]])


def test_random_slopes_have_errors_of_generalised_least_squares_and_moderators_of_teams():
    want, data = expected("random_slopes"), model_data("teams")
    data = data.assign(tw=data["ties"] - data.groupby("team")["ties"].transform("mean"))
    model = smf.mixedlm("sales ~ tw*climate", data, groups="team", re_formula="~tw")
    fit = tn.from_statsmodels(model.fit(method="bfgs", gtol=1e-8))
    check_coefficients(fit, want["coefficients"])
    slopes = tn.simple_slopes(fit, focal="tw", moderator="climate")
    np.testing.assert_allclose(slopes.at, [row["climate"] for row in want["slopes_team_level_sd"]], rtol=1e-8)
    check_rows(slopes, want["slopes_team_level_sd"], (("estimate", "est"), ("std_error", "se")))
    variance = want["variance"]
    names = ("variance of team", "variance of tw", "covariance of tw and team", "residual variance")
    expected_ = [variance[key] for key in ("intercept", "slope", "covariance", "residual")]
    np.testing.assert_allclose([fit.beside[name] for name in names], expected_, **CLOSE)


@pytest.mark.filterwarnings("ignore")
def test_absorbed_effects_of_pyfixest():
    pyfixest = pytest.importorskip("pyfixest")
    want = expected("panel_sales")
    result = pyfixest.feols("sales ~ ties*strength | person + month", model_data("sales_panel"), vcov={"CRV1": "person"}, fixef_tol=1e-12)
    fit = tn.from_statsmodels(result)
    assert (fit.n, fit.covariance.clusters) == (want["n"], want["G"])
    check_coefficients(fit, want["coefficients"])
    pair = {"focal": "ties", "moderator": "strength"}
    slopes = tn.simple_slopes(fit, **pair)
    np.testing.assert_allclose(slopes.at, [row["strength"] for row in want["slopes"]], rtol=1e-10)
    check_rows(slopes, want["slopes"])
    np.testing.assert_allclose(tn.johnson_neyman(fit, **pair).bounds, want["jn"]["roots"], **CLOSE)
    lines = tn.predict_surface(fit, **pair)
    assert lines.relative  # the persons' effects are no coefficients, so the level is not known


@pytest.mark.filterwarnings("ignore")
def test_panels_of_linearmodels_have_the_estimates_and_their_own_errors():
    linearmodels = pytest.importorskip("linearmodels")
    want, data = expected("panel_grunfeld"), model_data("grunfeld").set_index(["firm", "year"])
    result = linearmodels.PanelOLS.from_formula("inv ~ value*capital + EntityEffects + TimeEffects", data).fit()
    fit = tn.from_statsmodels(result)
    assert fit.df == want["df_classical"]
    check_coefficients(fit, want["classical"])
