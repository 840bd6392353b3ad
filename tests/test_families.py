"""Models of outcomes that are not measured on a line, against R, statsmodels and closed forms."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from matplotlib.text import Text
from scipy import stats
from statsmodels.discrete.discrete_model import NegativeBinomial
from statsmodels.miscmodels.ordinal_model import OrderedModel

import tienet as tn
from models import column, data, expected
from tienet.base.errors import ArgumentError, FewClusters, ModelError, OutcomeKind
from tienet.regression.model import Moderation, drop_terms, joint_test

# R's numbers were computed with its steps stopped at 1e-10 to 1e-12, which leaves up to 5e-8 in the probit.
CLOSE = {"rtol": 1e-7}
WON = "won ~ ties*strength + ties*crm"
DEALS = "deals ~ ties*strength + ties^2"
WORK = "participation ~ foreign*wk + age + age^2 + education + income"
DAYS = "days ~ ties*strength + senior"
R_NAMES = {
    "ties^2": "I(ties^2)",
    "age^2": "I(age^2)",
    "Eth[N]": "EthN",
    "Lrn[SL]": "LrnSL",
    "Sex[M]": "SexM",
    "Eth[N]:Lrn[SL]": "EthN:LrnSL",
}
NUMBERS = {"estimate": "est", "std_error": "se", "p_value": "p", "conf_low": "lo", "conf_high": "hi"}


def fitted(formula, rows, **options):
    return Moderation(formula, center="none", **options).fit(rows)


def in_r(fit):
    return [R_NAMES.get(term, term) for term in fit.terms]


def assert_coefficients(fit, table, columns=NUMBERS):
    frame = fit.frame
    for ours, theirs in columns.items():
        close = {"rtol": 1e-5} if ours == "p_value" else CLOSE  # a p of 1e-10 moves twenty times as much as its z
        np.testing.assert_allclose(frame[ours], column(table, in_r(fit), theirs), **close, err_msg=ours)


def working_women():
    rows = data("swiss_labor")
    return rows.assign(wk=(rows.youngkids > 0) * 1)


def made_up(n=240, seed=3):
    """Rows with predictors on odd scales, and an outcome of each kind."""
    rng = np.random.default_rng(seed)
    x, z, team = rng.normal(50, 10, n), rng.normal(size=n), rng.integers(0, 24, n)
    eta = 0.03 * (x - 50) - 0.4 * z + 0.02 * (x - 50) * z
    rows = {"x": x, "z": z, "team": team, "months": rng.integers(3, 15, n)}
    rows |= {"won": (rng.random(n) < 1 / (1 + np.exp(-eta))) * 1, "deals": rng.negative_binomial(2, 2 / (2 + np.exp(1 + eta)))}
    rows |= {"days": rng.gamma(3, np.exp(eta)), "grade": np.searchsorted([-1.0, 0.2, 1.4], eta + rng.logistic(size=n)) + 1}
    return pd.DataFrame(rows)


ROWS = made_up()
COLUMNS = np.column_stack([np.ones(len(ROWS)), ROWS.x, ROWS.z, ROWS.x * ROWS.z])


def test_logit_as_in_r():
    rows, wanted = data("won_deals"), expected("logit")
    fit = fitted(WON, rows, family="logit")
    assert_coefficients(fit, wanted["coefficients"])
    assert (fit.log_likelihood, fit.aic) == pytest.approx((wanted["loglik"], wanted["aic"]), rel=1e-10)
    assert -2 * fit.null_log_likelihood == pytest.approx(wanted["null_deviance"], rel=1e-10)
    slopes = tn.simple_slopes(fit, focal="ties", moderator="strength", at={"crm": 0})
    table = pd.DataFrame(wanted["link_slopes_of_ties_crm0"])
    np.testing.assert_allclose(slopes.frame[["estimate", "std_error", "p_value"]], table[["est", "se", "p"]], **CLOSE)
    regions = tn.johnson_neyman(fit, focal="ties", moderator="strength", at={"crm": 0})
    np.testing.assert_allclose(regions.bounds, wanted["jn_over_strength_crm0"]["roots"], **CLOSE)


@pytest.mark.parametrize(("kind", "theirs"), [("HC0", "hc0_se"), ("CR0", "cr0_se"), ("CR1", "cr1_se")])
def test_robust_errors_of_a_logit_as_in_r(kind, theirs):
    clustered = kind.startswith("CR")
    fit = fitted(WON, data("won_deals"), family="logit", covariance=kind, cluster="team" if clustered else None)
    np.testing.assert_allclose(fit.std_error, column(expected("logit")["robust"][theirs], list(fit.terms)), **CLOSE)
    assert fit.df == (19 if clustered else np.inf)


def test_predictions_stay_probabilities():
    rows, wanted = data("won_deals"), pd.DataFrame(expected("logit")["predictions"])
    found = Moderation(WON, family="logit").fit(rows).predict(wanted[["ties", "strength", "crm"]])
    for ours, theirs in {
        "estimate": "est",
        "std_error": "se_delta",
        "conf_low": "lo",
        "conf_high": "hi",
        "link_std_error": "link_se",
    }.items():
        np.testing.assert_allclose(found[ours], wanted[theirs], **CLOSE, err_msg=ours)


def test_two_dummies_and_a_turning_point_as_in_r():
    wanted = expected("logit_two_dummies")
    fit = fitted(WORK, working_women(), family="logit")
    assert_coefficients(fit, wanted["coefficients"])
    turning, theirs = tn.turning_point(fit, focal="age"), wanted["turning_point_age"]
    assert (turning.estimate, turning.std_error) == pytest.approx((theirs["est"], theirs["se_delta"]), rel=1e-7)
    assert turning.fieller == pytest.approx((theirs["fieller"]["lo"], theirs["fieller"]["hi"]), rel=1e-7)
    assert "fitted to log odds of participation over age" in str(turning)


def test_probit_has_the_expected_information_as_in_r():
    wanted = expected("probit")
    fit = fitted(WORK, working_women(), family="probit")
    assert_coefficients(fit, wanted["coefficients"])
    assert fit.covariance.label == "model-based standard errors (expected information)"
    observed = column(wanted["se_observed_information"], in_r(fit))
    assert (np.abs(fit.std_error / observed - 1) > 1e-4).any()  # the other convention is another number


def test_poisson_as_in_r():
    wanted = expected("poisson")
    fit = fitted(DEALS, data("deal_counts"), family="poisson", exposure="months", covariance="HC0")
    assert_coefficients(fit, wanted["coefficients"])
    assert fit.dispersion == pytest.approx(wanted["dispersion"], rel=1e-9)
    plain = fitted(DEALS, data("deal_counts"), family="poisson", exposure="months", covariance="classical")
    np.testing.assert_allclose(plain.std_error, column(wanted["se_model_based"], in_r(plain)), **CLOSE)
    turning, theirs = tn.turning_point(fit, focal="ties"), wanted["turning_point_mean_strength"]
    assert (turning.estimate, turning.std_error) == pytest.approx((theirs["est"], theirs["se_delta"]), rel=1e-7)
    usual = fitted(DEALS, data("deal_counts"), family="poisson", exposure="months")
    assert usual.std_error == pytest.approx(fit.std_error * (300 / 295) ** 0.5, rel=1e-12)  # HC1


@pytest.mark.parametrize(
    ("entry", "formula", "file", "exposure"),
    [("negative_binomial", DEALS, "deal_counts", "months"), ("negative_binomial_quine", "Days ~ Eth*Lrn + Sex", "quine", None)],
)
def test_negative_binomial_as_in_r(entry, formula, file, exposure):
    wanted = expected(entry)
    fit = fitted(formula, data(file), family="negative_binomial", exposure=exposure)
    assert_coefficients(fit, wanted["coefficients"])
    assert fit.log_likelihood == pytest.approx(wanted["loglik"], rel=1e-9)
    assert fit.own["alpha"] == pytest.approx((wanted["alpha"], wanted["alpha_se"]), rel=1e-6)


def test_gamma_as_in_r():
    wanted = expected("gamma")
    fit = fitted(DAYS, data("closing_days"), family="gamma")
    assert_coefficients(fit, wanted["coefficients_t"])
    assert (fit.dispersion, fit.df) == pytest.approx((wanted["dispersion"], wanted["df"]), rel=1e-8)
    slopes = tn.simple_slopes(fit, focal="ties", moderator="strength")
    np.testing.assert_allclose(slopes.frame[["estimate", "std_error"]], pd.DataFrame(wanted["slopes"])[["est", "se"]], **CLOSE)
    robust = wanted["robust"]["expected_information"]
    np.testing.assert_allclose(
        fitted(DAYS, data("closing_days"), family="gamma", covariance="HC0").std_error, column(robust["hc0_se"], in_r(fit)), **CLOSE
    )
    with pytest.warns(FewClusters, match="branch has 18 clusters: below about 20"):
        clustered = fitted(DAYS, data("closing_days"), family="gamma", cluster="branch")
    np.testing.assert_allclose(clustered.std_error, column(robust["cr1_se"], in_r(fit)), **CLOSE)


def test_two_by_two_table_in_closed_form():
    """Log odds ratio and the root of the sum of the inverse counts."""
    counts = {(1, 1): 12, (1, 0): 8, (0, 1): 5, (0, 0): 15}
    rows = [pair for pair, count in counts.items() for _ in range(count)]
    fit = Moderation("won ~ crm", family="logit").fit({"crm": [crm for crm, _ in rows], "won": [won for _, won in rows]})
    assert fit.estimate == pytest.approx([np.log(5 / 15), np.log(12 * 15 / (8 * 5))], rel=1e-10)
    assert fit.std_error[1] == pytest.approx(sum(1 / count for count in counts.values()) ** 0.5, rel=1e-10)


def test_rates_in_closed_form():
    """Two groups: the rates are events over exposure, and the error of their log ratio the root of the inverse events."""
    rows = pd.DataFrame({"group": [0, 0, 0, 1, 1, 1], "deals": [2, 5, 1, 7, 9, 4], "months": [3, 6, 2, 4, 5, 3]})
    fit = Moderation("deals ~ group", family="poisson", exposure="months", covariance="classical").fit(rows)
    assert np.exp(fit.estimate) == pytest.approx([8 / 11, (20 / 12) / (8 / 11)], rel=1e-10)
    assert fit.std_error[1] == pytest.approx((1 / 8 + 1 / 20) ** 0.5, rel=1e-10)
    assert fit.predict({"group": [1], "months": [6]})["estimate"][0] == pytest.approx(10.0, rel=1e-10)
    null = stats.poisson(28 / 23 * rows.months).logpmf(rows.deals).sum()
    assert fit.null_log_likelihood == pytest.approx(null, rel=1e-10)


@pytest.mark.parametrize(
    ("outcome", "family", "theirs"),
    [
        ("won", "logit", sm.families.Binomial()),
        ("won", "probit", sm.families.Binomial(sm.families.links.Probit())),
        ("deals", "poisson", sm.families.Poisson()),
        ("days", "gamma", sm.families.Gamma(sm.families.links.Log())),
    ],
)
def test_estimates_of_statsmodels_and_no_slope_left(outcome, family, theirs):
    fit = fitted(f"{outcome} ~ x*z", ROWS, family=family)
    glm = sm.GLM(ROWS[outcome], COLUMNS, family=theirs).fit(tol=1e-12)
    np.testing.assert_allclose(fit.estimate, glm.params, rtol=1e-7)
    assert np.abs(fit.maximum.scores.sum(axis=0)).max() < 1e-8 * np.abs(fit.maximum.scores).sum()
    clustered = fitted(f"{outcome} ~ x*z", ROWS, family=family, cluster="team")
    if family in ("logit", "poisson"):  # elsewhere statsmodels takes the observed information
        robust = sm.GLM(ROWS[outcome], COLUMNS, family=theirs).fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": ROWS.team})
        np.testing.assert_allclose(clustered.std_error, robust.bse, rtol=1e-6)


def test_robust_negative_binomial_of_statsmodels():
    fit = fitted("deals ~ x*z", ROWS, family="negative_binomial", cluster="team")
    model = NegativeBinomial(ROWS.deals, COLUMNS / [1, 50, 1, 50])
    theirs = model.fit(method="newton", disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": ROWS.team})
    np.testing.assert_allclose(fit.std_error, theirs.bse[:-1] / [1, 50, 1, 50], rtol=1e-6)
    assert fit.own["alpha"] == pytest.approx((theirs.params.iloc[-1], theirs.bse.iloc[-1]), rel=1e-6)


def test_gamma_log_likelihood_is_that_of_r():
    """R takes the deviance divided by n as the dispersion."""
    fit = fitted("days ~ x*z", ROWS, family="gamma")
    deviance = 2 * np.sum(ROWS.days / fit.fitted - 1 - np.log(ROWS.days / fit.fitted)) / len(ROWS)
    assert fit.log_likelihood == pytest.approx(stats.gamma(1 / deviance, scale=fit.fitted * deviance).logpdf(ROWS.days).sum(), rel=1e-10)
    assert fit.aic == pytest.approx(-2 * fit.log_likelihood + 2 * 5, rel=1e-12)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
@pytest.mark.parametrize("center", ["mean", "none", {"x": 40.0}])
def test_centring_changes_printed_coefficients_only(center):
    usual = Moderation("won ~ x*z + x^2", family="logit").fit(ROWS)
    fit = Moderation("won ~ x*z + x^2", family="logit", center=center).fit(ROWS)
    np.testing.assert_allclose(fit.predict(ROWS)["estimate"], usual.fitted, rtol=1e-9)
    slopes = [tn.simple_slopes(one, focal="x", moderator="z") for one in (usual, fit)]
    assert slopes[0].std_error == pytest.approx(slopes[1].std_error, rel=1e-9)
    at_zero = tn.simple_slopes(fit, focal="x", at={"z": fit.design.centers["z"], "x": fit.design.centers["x"]})
    assert at_zero.estimate[0] == pytest.approx(fit.estimate[1], rel=1e-9)


def test_ordered_categories_as_in_statsmodels():
    fit = fitted("grade ~ x*z", ROWS, family="ordinal")
    model = OrderedModel(ROWS.grade, COLUMNS[:, 1:] / [50, 1, 50], distr="logit")
    theirs = model.fit(method="bfgs", disp=0, gtol=1e-8, maxiter=500)
    np.testing.assert_allclose(fit.estimate, theirs.params[:3] / [50, 1, 50], rtol=1e-4)
    np.testing.assert_allclose(fit.std_error, theirs.bse[:3] / [50, 1, 50], rtol=1e-4)  # its second derivatives are numeric
    np.testing.assert_allclose(fit.thresholds.estimate, model.transform_threshold_params(theirs.params)[1:-1], rtol=1e-4)
    assert fit.log_likelihood == pytest.approx(theirs.llf, rel=1e-9)
    shares = np.cumsum(ROWS.grade.value_counts(normalize=True).sort_index())[:-1]
    empty = fit.family.null(fit.sample.response, None)
    np.testing.assert_allclose(list(empty.own.values()), np.log(shares / (1 - shares)), rtol=1e-9)


def test_at_least_a_category():
    """With two categories joined it is nearly the logit of the split, and for all splits the slopes are the same."""
    fit = Moderation("grade ~ x*z", family="ordinal").fit(ROWS)
    parts = [fit.at_least(level) for level in (2, 3, 4)]
    shares = np.array([part.predict(ROWS)["estimate"] for part in parts])
    assert (np.diff(shares, axis=0) < 0).all()
    assert shares.mean(axis=1) == pytest.approx([(ROWS.grade >= level).mean() for level in (2, 3, 4)], abs=0.01)
    for part in parts:
        np.testing.assert_allclose(part.estimate[1:], fit.estimate)
        np.testing.assert_allclose(part.covariance.matrix[1:, 1:], fit.covariance.matrix)
    slope, whole = (tn.simple_slopes(one, focal="x", moderator="z") for one in (parts[0], fit))
    np.testing.assert_allclose(slope.std_error, whole.std_error)
    assert str(parts[2]).startswith("Log odds of grade at 4 or above")
    with pytest.raises(ArgumentError, match="everybody is at least there"):
        fit.at_least(1)
    with pytest.raises(ModelError, match=r"fit\.at_least"):
        fit.predict(ROWS)


def test_covariance_of_a_threshold_is_that_of_the_joint_likelihood():
    """The recentred threshold equals one estimated with the columns centred by hand."""
    by_hand = ROWS.assign(x=ROWS.x - 40)
    ours = Moderation("grade ~ x + z", family="ordinal", center={"x": 40.0}).fit(ROWS)
    theirs = Moderation("grade ~ x + z", family="ordinal", center="none").fit(by_hand)
    np.testing.assert_allclose(ours.thresholds.std_error, theirs.thresholds.std_error, rtol=1e-8)
    np.testing.assert_allclose(ours.thresholds.estimate, theirs.thresholds.estimate, rtol=1e-8)


def test_steps_by_likelihood_ratio_and_by_wald():
    fit = Moderation("won ~ x*z", family="logit").fit(ROWS)
    steps = fit.steps
    smaller = Moderation("won ~ x + z", family="logit").fit(ROWS)
    gain = 2 * (fit.log_likelihood - smaller.log_likelihood)
    assert (steps.test, steps.statistic[-1]) == ("LR chi2", pytest.approx(gain, rel=1e-9))
    assert steps.p_change[-1] == pytest.approx(stats.chi2.sf(gain, 1), rel=1e-9)
    assert steps.statistic[0] == pytest.approx(2 * (smaller.log_likelihood - fit.null_log_likelihood), rel=1e-9)
    clustered = Moderation("won ~ x*z", family="logit", cluster="team").fit(ROWS)
    assert (clustered.steps.test, clustered.steps.df2[-1]) == ("Wald F", 23)
    test = joint_test(clustered, ["x:z"])
    assert clustered.steps.statistic[-1] == pytest.approx(test.statistic, rel=1e-9)
    assert drop_terms(fit, ["x:z"]).log_likelihood == pytest.approx(smaller.log_likelihood, rel=1e-12)
    ordinal = Moderation("grade ~ x*z", family="ordinal", covariance="HC1").fit(ROWS)
    assert ordinal.steps.statistic[-1] == pytest.approx((ordinal.estimate[-1] / ordinal.std_error[-1]) ** 2, rel=1e-9)


@pytest.mark.parametrize(("outcome", "family"), [("won", "logit"), ("deals", "negative_binomial"), ("days", "gamma"), ("grade", "ordinal")])
def test_statsmodels_results_have_the_numbers_of_the_fit(outcome, family):
    fit = Moderation(f"{outcome} ~ x*z", family=family).fit(ROWS)
    results, frame = fit.statsmodels, fit.frame
    np.testing.assert_allclose(results.bse, fit.std_error, rtol=1e-12)
    np.testing.assert_allclose(results.pvalues, frame["p_value"], rtol=1e-9)
    np.testing.assert_allclose(results.conf_int(), frame[["conf_low", "conf_high"]], rtol=1e-9)
    assert fit.terms[-1] in str(results.summary())
    if family != "ordinal":
        few = ROWS.head(3)
        np.testing.assert_allclose(results.predict(few), fit.predict(few)["estimate"], rtol=1e-9)
        np.testing.assert_allclose(results.get_prediction(few).summary_frame()["mean_ci_lower"], fit.predict(few)["conf_low"], rtol=1e-9)


def test_words_of_outcomes():
    words = pd.DataFrame({"x": ROWS.x, "won": np.where(ROWS.won == 1, "yes", "no"), "late": ROWS.won == 1, "code": ROWS.won + 1})
    wanted = Moderation("won ~ x", family="logit").fit(ROWS).estimate
    for outcome, event in (("won", "yes"), ("late", None), ("code", 2), ("won", "yes")):
        np.testing.assert_allclose(Moderation(f"{outcome} ~ x", family="logit", event=event).fit(words).estimate, wanted)
    no = Moderation("won ~ x", family="logit", event="no").fit(words)
    np.testing.assert_allclose(no.estimate, -wanted, rtol=1e-9)
    ordered = pd.Categorical(np.array(["low", "fair", "good", "top"])[ROWS.grade - 1], ["low", "fair", "good", "top"], ordered=True)
    named = Moderation("grade ~ x", family="ordinal").fit({"x": ROWS.x, "grade": ordered})
    assert named.categories == ("low", "fair", "good", "top")
    np.testing.assert_allclose(named.estimate, Moderation("grade ~ x", family="ordinal").fit(ROWS).estimate)


TEXT = ["a", "b"] * 5
REFUSED = [
    ("logit", [1, 2] * 5, "y is not 0 or 1 but has the two values 1 and 2; name the one that counts as the event, such as event='2'"),
    ("logit", TEXT, "y is text with the two values a and b; name the one that counts as the event"),
    ("probit", [0, 1, 2, 1, 0] * 2, "y is not 0 or 1 but has 3 different values; a yes-or-no outcome has two"),
    ("logit", [1] * 10, "y has the same value in all 10 rows used"),
    ("poisson", [0, -1] * 5, "y is not a count: it has 5 values below zero, the first in row 2"),
    ("negative_binomial", [1.5, 2] * 5, "y is not a count: it has 5 values with decimals, the first in row 1"),
    ("gamma", [1.0, 0.0] * 5, "y must be above zero for family='gamma', but 5 values are not, the first in row 2"),
    ("ordinal", TEXT, "y is text, whose order is not known"),
    ("ordinal", [0, 1] * 5, "y has 2 different values; family='ordinal' takes 3 to 20: use family='logit'"),
    ("negative_binomial", [3, 4, 3, 4, 5, 4, 3, 4, 4, 3], "the counts vary no more than a Poisson .* use family='poisson'"),
]


@pytest.mark.parametrize(("family", "values", "message"), REFUSED)
def test_outcomes_that_are_refused(family, values, message):
    with pytest.raises(ModelError, match=message):
        Moderation("y ~ x", family=family).fit({"y": values, "x": [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]})


@pytest.mark.parametrize(
    ("family", "y", "z", "term"),
    [
        ("logit", [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], None, "x"),  # complete
        ("probit", [0, 1, 0, 1, 0, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 1, 1, 1], "z"),  # all z = 1 have y = 1
        ("poisson", [2, 1, 3, 1, 2, 4, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1, 1, 1], "z"),
        ("ordinal", [1, 2, 3, 1, 2, 3, 1, 3, 3, 3], [0, 0, 0, 0, 0, 0, 0, 1, 1, 1], "z"),
    ],
)
def test_separation_is_named(family, y, z, term):
    rows = {"y": y, "x": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] if z is None else [4, 1, 3, 5, 2, 6, 3, 1, 4, 2], "z": z or [0, 1] * 5}
    with pytest.raises(ModelError, match=f"y is separated by {term}: "):
        Moderation("y ~ x + z", family=family).fit(rows)


def test_a_whole_separation_is_named_without_a_warning_of_another_library():
    x = np.random.default_rng(7).gamma(3, 1.5, size=400)  # log odds of thousands
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ModelError, match="y is separated by x: "):
            Moderation("y ~ x", family="logit").fit({"y": (x > 4) * 1, "x": x})


def test_extreme_fitted_values_are_no_separation():
    """A steep but finite logit has fitted values within 1e-8 of 0 and 1."""
    x = np.concatenate([np.linspace(-12, 12, 60), [-0.2, 0.3]])
    fit = Moderation("y ~ x", family="logit").fit({"x": x, "y": np.append((x[:-2] > 0) * 1, [1, 0])})
    assert fit.fitted.min() < 1e-8
    assert np.isfinite(fit.std_error).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"family": "logistic"}, "family must be one of .*did you mean 'logit'"),
        ({"family": "logit", "covariance": "HC3"}, "leverage corrections .* use classical, HC0 or HC1"),
        (
            {"family": "logit", "covariance": "CR2", "cluster": "team"},
            "CR2 and CR3 have no agreed form outside least squares; use CR0 or CR1",
        ),
        ({"family": "logit", "covariance": "HC1", "cluster": "team"}, "cannot be used with cluster='team'"),
        ({"family": "logit", "covariance": "CR1"}, "covariance='CR1' cannot be used with cluster=None"),
        ({"family": "logit", "weights": "w"}, "weights='w' cannot be used with family='logit'"),
        ({"family": "logit", "exposure": "months"}, "exposure='months' belongs to counts"),
        ({"exposure": "months"}, "exposure='months' belongs to a family of outcomes; set family"),
        ({"family": "poisson", "event": 1}, "event=1 belongs to yes-or-no outcomes"),
    ],
)
def test_arguments_that_are_refused(options, message):
    with pytest.raises(ArgumentError, match=message):
        Moderation("y ~ x", **options)


def test_what_least_squares_alone_has():
    fit = Moderation("won ~ x*z + x^2", family="logit", cluster="team").fit(ROWS)
    regression = tn.regression
    calls = (
        lambda: regression.model.standardize(fit),
        lambda: regression.checks.effect_sizes(fit),
        lambda: regression.resampling.bootstrap(fit, 9),
        lambda: regression.resampling.wild_cluster_bootstrap(fit, ["x:z"]),
        lambda: regression.endogeneity.sensitivity(fit, "x:z"),
        lambda: regression.resampling.mediation(fit.model, ROWS, mediator="z ~ x", focal="x"),
        lambda: regression.dependence.random_intercept(fit.model, ROWS, unit="team"),
        lambda: regression.endogeneity.two_stage_least_squares(fit.model, ROWS, endogenous="x", instruments="months"),
    )
    for call in calls:
        with pytest.raises(ArgumentError, match="least squares"):
            call()
    with pytest.raises(ModelError, match="f2, which is defined for least squares"):
        regression.power.detectable_interactions(fit)
    assert not hasattr(fit, "r_squared")
    with pytest.raises(AttributeError, match="has no vif"):
        fit.vif  # noqa: B018


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_every_sentence_names_the_scale():
    fit = Moderation("won ~ x*z + x^2", family="logit").fit(ROWS)
    probes = tn.regression.probes
    said = {
        "on the log-odds scale": [
            fit,
            tn.simple_slopes(fit, focal="x", moderator="z"),
            tn.johnson_neyman(fit, focal="x", moderator="z"),
            probes.slope_differences(fit, focal="x", moderator="z"),
            probes.slope_region(fit, focal="x", moderator="z"),
            tn.u_test(fit, focal="x"),
        ],
        "og odds of won": [
            tn.predict_surface(fit, focal="x", moderator="z"),
            probes.response_surface(fit, focal="x", moderator="z"),
            probes.curve_moderation(Moderation("won ~ x*z + x^2*z", family="logit").fit(ROWS), focal="x", moderator="z"),
        ],
    }
    for words, results in said.items():
        for result in results:
            assert words in str(result), result
    assert "two_lines" not in str(tn.u_test(fit, focal="x"))  # which needs least squares
    drawn = tn.plot(tn.predict_surface(fit, focal="x", moderator="z")).findobj(Text)
    assert "Log odds of won" in [text.get_text() for text in drawn]
    assert (
        tn.plot(tn.simple_slopes(fit, focal="x", moderator="z")).get_xlabel().replace("\n", " ") == "Slope of x (log odds of won per unit)"
    )
    table = tn.compare({"(1)": fit}).markdown()
    assert "coefficients in log odds of won".capitalize() in table
    assert [name in table for name in ("Log likelihood", "AIC", "R²")] == [True, True, False]


def test_a_line_through_a_kind_of_outcome_is_remarked_on():
    with pytest.warns(OutcomeKind, match=r"won is 0 or 1, and least squares fits a line to it.*family='logit' fits probabilities"):
        Moderation("won ~ x").fit(ROWS)
    steep = ROWS.assign(won=(ROWS.x > 50) * 1)
    with pytest.warns(OutcomeKind, match=r"predicts -0\.\d+ to 1\.\d+, outside it in \d+ of 240 rows"):
        Moderation("won ~ x").fit(steep)
    counts = ROWS.assign(deals=np.maximum(0, np.round((ROWS.x - 48) / 3)))
    with pytest.warns(OutcomeKind, match=r"deals looks like a count, .* below zero in \d+ of 240 rows.*'negative_binomial'"):
        Moderation("deals ~ x").fit(counts)
    quiet = [Moderation("won ~ x", family="linear"), Moderation("days ~ x"), Moderation("grade ~ x"), Moderation("won ~ x", family="logit")]
    for model in quiet:  # any warning is an error in the tests
        assert model.fit(ROWS).n == 240


@pytest.mark.parametrize(
    ("outcome", "family"), [("won", "probit"), ("deals", "negative_binomial"), ("days", "gamma"), ("grade", "ordinal")]
)
def test_a_fit_survives_pickling(outcome, family):
    fit = Moderation(f"{outcome} ~ x*z", family=family).fit(ROWS)
    again = pickle.loads(pickle.dumps(fit))  # noqa: S301 - made here
    assert str(again) == str(fit)
    assert str(tn.simple_slopes(again, focal="x")) == str(tn.simple_slopes(fit, focal="x"))


def test_a_fit_comes_from_any_frame():
    fit = Moderation("won ~ x*z", family="logit").fit(ROWS)
    polars = pytest.importorskip("polars")
    other = Moderation("won ~ x*z", family="logit").fit(polars.DataFrame({"won": ROWS.won == 1, "x": ROWS.x, "z": ROWS.z}))
    assert isinstance(other.frame, polars.DataFrame)
    np.testing.assert_allclose(other.estimate, fit.estimate)
