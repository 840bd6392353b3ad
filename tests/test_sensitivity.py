from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as t_dist

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError
from tienet.output.glossary import describe
from tienet.regression.endogeneity._robustness import Selection, adjusted, impact_threshold, replaced_share, robustness_value

FOLDER = Path(__file__).parent / "oracles" / "endogeneity"
DATA = pd.read_csv(FOLDER / "data.csv")
ORACLE = json.loads((FOLDER / "sensitivity.json").read_text())


def fitted(formula="y ~ x2 + w + iv1 + iv2", data=DATA, **options):
    return tn.Moderation(formula, **{"covariance": "classical", **options}).fit(data)


def test_printed_numbers_of_the_darfur_example():
    # sensemakr: RV .138776, RV at alpha .05 .07625797, partial R2 .0219, from t = 4.18445 with 783 degrees of freedom
    assert robustness_value(4.18445, 783) == pytest.approx(0.138776, abs=5e-7)
    assert robustness_value(4.18445, 783, alpha=0.05) == pytest.approx(0.07625797, abs=5e-7)


def test_printed_numbers_of_konfound():
    # pkonfound(2, .4, 100, 3): threshold .794, RIR 60; df = 100 - 3 - 2
    assert round(100 * replaced_share(2.0, 0.4, 95, 0.05)) == 60
    assert round(t_dist.isf(0.025, 95) * 0.4, 3) == 0.794


def test_values_and_bounds_of_pysensemakr():
    found = tn.regression.endogeneity.sensitivity(fitted(), "x2", benchmarks=["iv1", "iv2"])
    assert found.partial_r2 == pytest.approx(ORACLE["partial_r2"], rel=1e-8)
    assert found.robustness == pytest.approx(ORACLE["rv"], rel=1e-8)
    assert found.robustness_alpha == pytest.approx(ORACLE["rv_alpha"], rel=1e-8)
    assert tn.regression.endogeneity.sensitivity(fitted(), "x2", q=0.5).robustness == pytest.approx(ORACLE["rv_half"], rel=1e-8)
    frame = found.bounds.frame
    for name, table in ORACLE["bounds"].items():
        rows = frame[frame["covariate"] == name]
        pairs = {"r2_term": "r2dz_x", "r2_outcome": "r2yz_dx", "estimate": "adjusted_estimate", "std_error": "adjusted_se"}
        for ours, theirs in pairs.items():
            np.testing.assert_allclose(rows[ours], table[theirs], rtol=1e-8, atol=1e-12)


def confounded(r2_term, r2_outcome, formula="y ~ x2*w + g", term="x2:w", seed=3):
    """The data with a column u made to have exactly these partial R2s with the term and the outcome."""
    fit = fitted(formula)
    j = fit.terms.index(term)
    columns = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.centers)])
    others = np.delete(columns, j, axis=1)
    e = np.random.default_rng(seed).normal(size=fit.n)
    Q, _ = np.linalg.qr(np.column_stack([others, columns[:, j], fit.residuals, e]))
    d, r, free = Q[:, -3], Q[:, -2], Q[:, -1]
    d, r = d * np.sign(d @ columns[:, j]), r * np.sign(r @ fit.residuals)
    sign = np.sign(fit.estimate[j])
    outside = (1 - r2_term) ** 0.5
    u = sign * r2_term**0.5 * d + outside * (r2_outcome**0.5 * r + (1 - r2_outcome) ** 0.5 * free)
    return fit, fitted(f"{formula} + u", {**DATA.to_dict("list"), "u": u}), j


@pytest.mark.parametrize(
    ("formula", "term"), [("y ~ x2*w + g", "x2:w"), ("y ~ x2*w + g", "w"), ("y ~ x2 + x2^2 + w", "x2^2"), ("y ~ x2 + g", "g[b]")]
)
def test_a_confounder_of_the_robustness_value_brings_the_estimate_to_zero(formula, term):
    rv = tn.regression.endogeneity.sensitivity(fitted(formula), term).robustness
    before, after, j = confounded(rv, rv, formula, term)
    place = after.terms.index(term)
    assert abs(after.estimate[place]) < 1e-9 * abs(before.estimate[j])


def test_a_confounder_of_any_strength_leaves_what_is_said():
    before, after, _ = confounded(0.1, 0.2)
    found = tn.regression.endogeneity.sensitivity(before, "x2:w")
    estimate, error = adjusted(found.estimate, found.classical_error, found.df_residual, np.array(0.1), np.array(0.2))
    place = after.terms.index("x2:w")
    assert after.estimate[place] == pytest.approx(float(estimate), rel=1e-8)
    assert after.std_error[place] == pytest.approx(float(error), rel=1e-8)
    assert found.at(np.array([0.1]), np.array([0.2]))[0] == pytest.approx(float(estimate), rel=1e-12)


def test_a_confounder_of_the_value_for_significance_brings_t_to_its_limit():
    found = tn.regression.endogeneity.sensitivity(fitted("y ~ x2*w + g"), "w")
    _, after, _ = confounded(found.robustness_alpha, found.robustness_alpha, term="w")
    assert abs(after.frame["statistic"][after.terms.index("w")]) == pytest.approx(t_dist.isf(0.025, found.df_residual - 1), rel=1e-8)


@pytest.mark.parametrize("t", [5.0, -5.0, 2.5])
def test_the_impact_threshold_brings_the_partial_correlation_to_its_limit(t):
    df = 95
    impact = impact_threshold(t, df, 0.05)
    r, size = t / (df + t**2) ** 0.5, abs(impact)
    left = (r - impact) / (1 - size)  # both correlations sqrt(|impact|)
    critical = t_dist.isf(0.025, df)
    assert abs(left) == pytest.approx(critical / (df + critical**2) ** 0.5, rel=1e-8)


def test_not_significant():
    assert impact_threshold(1.0, 95, 0.05) < 0 < impact_threshold(-1.0, 95, 0.05)
    assert replaced_share(1.0, 1.0, 95, 0.05) == pytest.approx(1 - 1 / t_dist.isf(0.025, 95), rel=1e-12)
    assert robustness_value(1.0, 95, alpha=0.05) == 0.0
    found = tn.regression.endogeneity.sensitivity(fitted(data=DATA.assign(x2=np.random.default_rng(5).normal(size=len(DATA)))), "x2")
    assert found.p_value > 0.05
    assert "For p below .05" in str(found)
    assert found.robustness_alpha == 0


def test_strong_terms_use_the_other_branch():
    # f above 1 / f_crit: the value at which the error itself decides
    value = robustness_value(60.0, 4, alpha=0.05)
    limit = t_dist.isf(0.025, 3) ** 2 / 3
    assert value == pytest.approx((900 - limit) / 901, rel=1e-12)


@pytest.mark.parametrize("delta", [0.5, 1.0, 2.0, -0.5])
def test_proportional_selection_of_a_known_variable(delta):
    """Covariate w1 and omitted w2, exactly uncorrelated, with known selection: the coefficient comes back exactly."""
    n, beta = 400, 0.7
    Q, _ = np.linalg.qr(np.column_stack([np.ones(n), np.random.default_rng(1).normal(size=(n, 4))]))
    w1, w2, v, e = (n**0.5 * Q[:, 1:]).T
    s1, s2 = 0.8, 0.6  # variances of both shares of the outcome
    c1 = 0.3
    # equal shares of covariance over variance, up to delta
    c2 = delta * c1 * s2 / s1
    x = c1 * w1 / s1**0.5 + c2 * w2 / s2**0.5 + v
    data = {"x": x, "w1": w1, "y": beta * x + s1**0.5 * w1 + s2**0.5 * w2 + 0.5 * e, "w2": w2}
    whole = fitted("y ~ x + w1 + w2", data)
    found = tn.regression.endogeneity.sensitivity(fitted("y ~ x + w1", data), "x", r2_max=whole.r_squared)
    short, long = fitted("y ~ x", data), fitted("y ~ x + w1", data)
    numbers = Selection(
        short=float(short.estimate[1]),
        long=float(long.estimate[1]),
        r2_short=short.r_squared,
        r2_long=long.r_squared,
        r2_max=whole.r_squared,
        var_outcome=float(np.var(data["y"])),
        var_term=float(np.var(x)),
        var_rest=float(np.var(x) - c1**2 / s1),
    )
    assert numbers.delta(beta) == pytest.approx(delta, rel=1e-8)
    assert abs(numbers.coefficient(delta) - beta) < 1e-8
    assert found.delta == pytest.approx(numbers.delta(), rel=1e-8)
    assert found.adjusted_estimate == pytest.approx(numbers.coefficient(), rel=1e-8)


def test_selection_keeps_what_a_product_contains():
    fit = fitted("y ~ x2*w + iv1")
    found = tn.regression.endogeneity.sensitivity(fit, "x2:w")
    assert found.r2_short == pytest.approx(fitted("y ~ x2*w").r_squared, rel=1e-10)
    assert found.r2_max == pytest.approx(min(1, 1.3 * fit.r_squared), rel=1e-12)
    assert found.delta == pytest.approx(_delta_again(found), rel=1e-8)


def _delta_again(found):
    """The same from three regressions of their own."""
    short = fitted("y ~ x2*w").estimate[-1]
    numbers = Selection(
        short=short,
        long=found.estimate,
        r2_short=found.r2_short,
        r2_long=found.r2_long,
        r2_max=found.r2_max,
        var_outcome=float(np.var(DATA["y"])),
        var_term=float(np.var(_left("x2*w", "x2:w"))),
        var_rest=float(np.var(_left("x2*w + iv1", "x2:w"))),
    )
    return numbers.delta()


def _left(formula, term):
    import statsmodels.api as sm

    fit = fitted(f"y ~ {formula}")
    columns = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.centers)])
    j = fit.terms.index(term)
    return sm.OLS(columns[:, j], np.delete(columns, j, axis=1)).fit().resid


def test_the_estimate_s_value_does_not_depend_on_the_covariance():
    one, other = (tn.regression.endogeneity.sensitivity(fitted(covariance=kind), "x2") for kind in ("classical", "HC3"))
    assert one.robustness == pytest.approx(other.robustness, rel=1e-12)
    assert other.robustness_alpha == pytest.approx(robustness_value(other.statistic, other.df_residual, alpha=0.05), rel=1e-12)
    assert one.robustness_alpha != other.robustness_alpha
    assert "t under HC3 standard errors; the theory assumes classical errors" in str(other)


def test_clusters_judge_with_their_own_degrees_of_freedom():
    fit = fitted(covariance="CR1", cluster="team")
    found = tn.regression.endogeneity.sensitivity(fit, "iv1")
    # at the level where the p of the fit stands, significance is just at its limit
    at_limit = tn.regression.endogeneity.sensitivity(fit, "iv1", alpha=found.p_value)
    assert abs(at_limit.itcv) < 1e-10
    assert abs(at_limit.rir_share) < 1e-10
    assert at_limit.robustness_alpha < 2 / at_limit.df_residual  # df - 1 for df in the limit
    assert found.robustness == pytest.approx(tn.regression.endogeneity.sensitivity(fitted(), "iv1").robustness, rel=1e-12)


def test_without_covariates_there_is_no_selection_to_compare_with():
    found = tn.regression.endogeneity.sensitivity(fitted("y ~ x2*w"), "x2:w")
    assert not np.isfinite(found.delta)
    assert np.isnan(found.adjusted_estimate)
    assert "delta not defined" in str(found)


def test_shift_scale_and_order():
    moved = DATA.assign(x2=DATA["x2"] * -50 + 7, y=DATA["y"] * 3).sample(frac=1, random_state=0)
    one, other = (tn.regression.endogeneity.sensitivity(fitted(data=data), "x2", benchmarks="iv2") for data in (DATA, moved))
    for name in ("robustness", "robustness_alpha", "partial_r2", "rir_share", "delta"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-8)
    assert one.itcv == pytest.approx(-other.itcv, rel=1e-8)
    np.testing.assert_allclose(one.bound_outcome, other.bound_outcome, rtol=1e-8)


def test_a_category_is_a_benchmark_with_all_its_dummies():
    found = tn.regression.endogeneity.sensitivity(fitted("y ~ x2 + w + g"), "x2", benchmarks=["g", "g[b]"], times=[1])
    assert found.covariate == ("g", "g[b]")
    assert found.bound_outcome[0] > found.bound_outcome[1]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"term": "x3"}, ModelError, "no term 'x3'; available: x2, w"),
        ({"term": "(Intercept)"}, ModelError, "no term"),
        ({"q": 0}, ArgumentError, r"q must be above 0 .*, got 0"),
        ({"alpha": 2}, ArgumentError, "alpha must be between 0 and 1 .*; got 2"),
        ({"times": [0]}, ArgumentError, "positive"),
        ({"r2_max": 0.01}, ArgumentError, "above the model's own R2"),
        ({"benchmarks": ["x2"]}, ModelError, "'x2' is not another term"),
        ({"benchmarks": ["zz"]}, ModelError, "'zz' is not another term"),
    ],
)
def test_refusals(options, error, says):
    with pytest.raises(error, match=says) as caught:
        tn.regression.endogeneity.sensitivity(fitted(), **{"term": "x2", **options})
    assert "\n" not in str(caught.value)


def test_the_face():
    found = tn.regression.endogeneity.sensitivity(fitted(), "w", benchmarks=["iv1"])
    assert "an omitted variable would have to explain" in str(found)
    assert "Cinelli" in found.cite()
    assert "1 times iv1" in str(found.bounds)
    assert "no benchmarks given" in str(tn.regression.endogeneity.sensitivity(fitted(), "w").bounds)
    assert len(found.frame) == 1
    for column in (*found.frame, *found.bounds.frame):
        assert describe(column).meaning


def test_other_fits_are_refused():
    two = tn.regression.endogeneity.two_stage_least_squares(tn.Moderation("y ~ x + w"), DATA, endogenous="x", instruments="iv1")
    with pytest.raises(ArgumentError, match="got an InstrumentedFit"):
        tn.regression.endogeneity.sensitivity(two, "x")
