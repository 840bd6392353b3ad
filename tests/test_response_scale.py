"""The response scale: average effects, second differences, regions and lines, against R and numeric derivatives."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import tienet as tn
from models import data, expected
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.record import changed
from tienet.regression.core.polynomial import columns_of
from tienet.regression.probes import slope_differences
from tienet.regression.probes._mean_effects import cross_parts, effect_parts, effects, gradient


@cache
def won():
    return tn.Moderation("won ~ ties*strength + ties*crm", family="logit").fit(data("won_deals"))


def _close(found, row, place=0):
    for ours, theirs in (("estimate", "est"), ("std_error", "se"), ("p_value", "p"), ("conf_low", "lo"), ("conf_high", "hi")):
        # errors of R are by analytic gradients of an IRLS stopped at 1e-12
        assert getattr(found, ours)[place] == pytest.approx(row[theirs], rel=2e-6, abs=1e-9), ours


def test_average_effects_of_a_logit_meet_r():
    want = expected("logit")
    _close(tn.average_effects(won(), focal="ties"), want["ame_ties"])
    _close(tn.average_effects(won(), focal="crm"), want["effect_crm"])
    for moderator, entry in (("strength", "ame_ties_by_strength"), ("crm", "ame_ties_by_crm")):
        found = tn.average_effects(won(), focal="ties", moderator=moderator)
        for place, row in enumerate(want[entry]["at"]):
            assert found.at[place] == pytest.approx(row["moderator"])
            _close(found, row, place)
        last = want[entry]["difference_last_minus_first"]
        _close(found.interaction, last, len(found.interaction.label) - 1)
        _close(tn.regression.probes.slope_differences(won(), focal="ties", moderator=moderator, scale="response"), last)


def test_the_cross_partial_meets_r():
    want = expected("logit")["cross_partial"]
    found = tn.second_difference(won(), focal="ties", moderator="strength")
    _close(found, want["average"])
    assert found.smallest[0] == pytest.approx(want["smallest"], rel=1e-6)
    assert found.largest[0] == pytest.approx(want["largest"], rel=1e-6)
    assert found.share_opposite[0] == want["share_opposite_to_coefficient"]
    assert found.product.estimate == pytest.approx(want["coefficient"], rel=1e-8)


def test_the_second_difference_of_two_dummies_meets_r():
    want, table = expected("logit_two_dummies"), data("swiss_labor")
    table["wk"] = (table["youngkids"] > 0) * 1
    fit = tn.Moderation("participation ~ foreign*wk + age + age^2 + education + income", family="logit").fit(table)
    found = tn.second_difference(fit, focal="foreign", moderator="wk")
    assert found.kind == "two-valued"
    _close(found, want["average"])
    assert found.smallest[0] == pytest.approx(want["smallest"], rel=1e-6)
    assert found.largest[0] == pytest.approx(want["largest"], rel=1e-6)
    assert found.share_opposite[0] == pytest.approx(want["share_opposite_to_coefficient"])
    _close(tn.average_effects(fit, focal="age"), want["ame_age"])  # the square counts
    assert "with the sign opposite to the product's" in str(found)


@pytest.mark.parametrize(("entry", "name", "family"), [("poisson", "deal_counts", "poisson"), ("gamma", "closing_days", "gamma")])
def test_average_effects_of_counts_and_amounts_meet_r(entry, name, family):
    want = expected(entry)
    formula = want["formula"].split(",")[0].replace("I(ties^2)", "ties^2")
    options = {"exposure": "months"} if family == "poisson" else {}
    fit = tn.Moderation(formula, family=family, covariance="HC0" if family == "poisson" else None, **options).fit(data(name))
    found = tn.average_effects(fit, focal="ties")
    row = want["ame_ties"]
    assert found.estimate[0] == pytest.approx(row["est"], rel=1e-6)
    assert found.std_error[0] == pytest.approx(row["se"], rel=2e-6)


def test_analytic_gradients_are_numeric_ones():
    fit = tn.Moderation("won ~ ties*strength + ties^2 + ties^2:strength + ties*crm", family="probit").fit(data("won_deals"))
    surface = fit.polynomial
    ties, strength, crm = (surface.variable(name) for name in ("ties", "strength", "crm"))
    for parts in (effect_parts(surface, ties, {}), effect_parts(surface, crm, {"strength": 2.0}), cross_parts(surface, ties, strength, {})):
        exact = gradient(surface, parts)
        step = 1e-5
        for j in range(len(exact)):
            up, down = (surface.estimate + sign * step * np.eye(len(exact))[j] for sign in (1, -1))
            numeric = (effects(surface, parts, up).mean() - effects(surface, parts, down).mean()) / (2 * step)
            # a central difference of step 1e-5 has an error of about 1e-10 times the third derivative
            assert exact[j] == pytest.approx(numeric, rel=1e-5, abs=1e-8)


def test_the_effect_of_a_number_is_the_slope_of_its_average_prediction():
    surface, step = won().polynomial, 1e-5
    values = {name: variable.values for name, variable in surface.variables.items()}

    def mean(shift):
        moved = {**values, "ties": values["ties"] + shift}
        return surface.response.link.mean(columns_of(surface.terms, moved, surface.centers) @ surface.estimate).mean()

    numeric = (mean(step) - mean(-step)) / (2 * step)
    assert tn.average_effects(won(), focal="ties").estimate[0] == pytest.approx(numeric, rel=1e-6)


def test_centring_changes_no_effect():
    raw = tn.Moderation("won ~ ties*strength + ties*crm", family="logit", center="none").fit(data("won_deals"))
    one, two = (tn.average_effects(fit, focal="ties", moderator="strength") for fit in (raw, won()))
    np.testing.assert_allclose(one.std_error, two.std_error, rtol=1e-7)


def test_a_linear_model_has_the_same_numbers_on_both_scales():
    fit = tn.Moderation("won ~ ties*strength", family="linear", covariance="HC1").fit(data("won_deals"))
    one, two = (tn.simple_slopes(fit, focal="ties", moderator="strength", scale=scale) for scale in ("link", "response"))
    np.testing.assert_array_equal(one.estimate, two.estimate)
    effect = tn.average_effects(fit, focal="ties")
    assert effect.estimate[0] == pytest.approx(tn.simple_slopes(fit, focal="ties").estimate[0], rel=1e-9)
    found = tn.second_difference(fit, focal="ties", moderator="strength")
    assert found.estimate[0] == pytest.approx(found.product.estimate, rel=1e-9)
    assert found.p_value[0] == pytest.approx(found.product.p_value, rel=1e-7)


def test_bounds_on_the_response_scale_are_where_the_band_touches_zero():
    found = tn.johnson_neyman(won(), focal="ties", moderator="strength", scale="response")
    assert found.scale == "response"
    band = found.curve(found.bounds)
    ends = np.minimum(np.abs(band.conf_low), np.abs(band.conf_high))
    np.testing.assert_allclose(ends, 0, atol=1e-9)
    at = tn.average_effects(won(), focal="ties", moderator="strength", at=[found.bounds[0]])
    assert at.p_value[0] == pytest.approx(0.05, rel=1e-6)
    link = tn.johnson_neyman(won(), focal="ties", moderator="strength", at={"crm": 0})
    assert link.bounds[0] == pytest.approx(expected("logit")["jn_over_strength_crm0"]["roots"][0], rel=1e-6)
    assert abs(link.bounds[0] - found.bounds[0]) > 0.01  # other bounds, so each names its scale
    assert "average slope of ties in the probability of won" in str(found)
    assert "log-odds" in str(link)
    with pytest.raises(ArgumentError, match="for scale='link'"):
        tn.johnson_neyman(won(), focal="ties", moderator="strength", scale="response", control="fdr")


def test_lines_on_the_response_scale_stay_within_zero_and_one():
    link, response = (tn.predict_surface(won(), focal="ties", moderator="strength", scale=scale) for scale in ("link", "response"))
    np.testing.assert_allclose(np.log(response.estimate / (1 - response.estimate)), link.estimate, rtol=1e-9)
    for kind in ("pointwise", "simultaneous"):
        low, high = response.band(kind)
        assert (low > 0).all()
        assert (high < 1).all()
        assert (low < response.estimate).all()
    assert str(response).startswith("Probability of won over ties")
    assert str(link).startswith("Log odds of won over ties")


def test_the_bootstrap_stands_beside_in_small_samples_and_agrees_with_refits():
    table = data("won_deals").iloc[:120]
    fit = tn.Moderation("won ~ ties*strength", family="logit").fit(table)
    found = tn.second_difference(fit, focal="ties", moderator="strength", draws=60, seed=4)
    weights = np.random.default_rng(4).multinomial(120, np.full(120, 1 / 120), size=60)
    values = []
    for weight in weights:
        again = tn.Moderation("won ~ ties*strength", family="logit").fit(table.iloc[np.repeat(np.arange(120), weight)])
        values.append(tn.second_difference(again, focal="ties", moderator="strength", draws=0).estimate[0])
    np.testing.assert_allclose([found.boot_low[0], found.boot_high[0]], np.quantile(values, [0.025, 0.975]), rtol=1e-5)
    assert tn.second_difference(fit, focal="ties", moderator="strength").draws > 900
    assert tn.second_difference(won(), focal="ties", moderator="strength").draws == 0


def test_both_tests_of_the_interaction_are_printed():
    text = str(tn.simple_slopes(won(), focal="ties", moderator="strength", scale="response"))
    assert "(SE 0.050, p = .155) on the log-odds scale" in text
    assert "0.031 (p = .132) on the probability of won" in text


def test_a_model_without_observations_or_level_is_refused():
    printed = tn.PublishedModel({"x": 0.5, "z": 0.1, "x:z": 0.3}, means={"x": 0, "z": 0}, sds={"x": 1, "z": 1}, intercept=0.0)
    bare = changed(printed.polynomial, response=won().polynomial.response)

    class Foreign:
        polynomial = bare

    with pytest.raises(ModelError, match="came without them"):
        tn.average_effects(Foreign(), focal="x")
    with pytest.raises(ArgumentError, match="scale"):
        tn.simple_slopes(won(), focal="ties", scale="odds")


def test_every_result_has_a_figure_and_a_table():
    for found in (
        tn.average_effects(won(), focal="ties", moderator="strength"),
        tn.second_difference(won(), focal="ties", moderator="strength"),
        tn.johnson_neyman(won(), focal="ties", moderator="strength", scale="response"),
        tn.predict_surface(won(), focal="ties", moderator="strength", scale="response"),
    ):
        axes = tn.plot(found)
        labels = axes.get_xlabel() + axes.get_ylabel() + "".join(text.get_text() for text in [*axes.texts, *axes.figure.texts])
        assert "probability of won" in labels.lower().replace("\n", " ")
        assert "p" in tn.table(found).markdown()


def _three_kinds(n=250):
    rng = np.random.default_rng(11)
    x, z, g = rng.normal(size=n), rng.uniform(1, 5, size=n), rng.choice(["a", "b", "c"], size=n)
    eta = -0.5 + 0.8 * x + 0.4 * np.log(z) * x + 0.7 * (g == "b")
    return {"x": x, "z": z, "g": g, "won": (rng.uniform(size=n) < 1 / (1 + np.exp(-eta))).astype(int)}


def test_effects_at_categories_need_no_product():
    """The same by statsmodels: the derivative of the average prediction with everybody in one category."""
    d = pd.DataFrame(_three_kinds())
    theirs, h = smf.logit("won ~ x + g", d).fit(disp=0, tol=1e-12), 1e-5
    found = tn.average_effects(tn.Moderation("won ~ x + g", family="logit").fit(d), focal="x", moderator="g")
    expected_ = [(theirs.predict(d.assign(g=g, x=d.x + h)) - theirs.predict(d.assign(g=g, x=d.x - h))).mean() / (2 * h) for g in "abc"]
    np.testing.assert_allclose(found.estimate, expected_, rtol=1e-6)
    assert found.product is None
    with_products = tn.average_effects(tn.Moderation("won ~ x*g", family="logit").fit(d), focal="x", moderator="g")
    assert str(with_products).startswith("Products x:g[b] and x:g[c]: F(2) = ")
    assert "on the log-odds scale: " in str(with_products).split("Average slope")[0]


def test_regions_of_both_scales_and_of_a_column_behind_a_logarithm_begin_with_the_product():
    fit = tn.Moderation("won ~ x*log(z)", family="logit").fit(_three_kinds())
    p = fit.frame.set_index("term").loc["x:log(z)", "p_value"]
    for found in (
        tn.johnson_neyman(fit, focal="x", moderator="log(z)", scale="response"),
        tn.johnson_neyman(fit, focal="x", moderator="z"),
        tn.simple_slopes(fit, focal="x", moderator="z"),
        tn.simple_slopes(fit, focal="z", moderator="x"),
    ):
        assert found.product.p_value == pytest.approx(p, rel=1e-9)
        assert str(found).startswith("Product x:log(z) = ")
        assert "on the log-odds scale" in str(found).split(". ")[0] + str(found).split(". ")[1]
    of_categories = tn.second_difference(
        tn.Moderation("won ~ x*g", family="logit").fit(_three_kinds()), focal="x", moderator="g[b]", draws=0
    )
    assert of_categories.label == ("average slope of x at g = b minus at g = a",)
    assert " minus at g = a: " in str(of_categories)


def test_differences_between_average_slopes_name_their_scale():
    fit = tn.Moderation("won ~ x*g", family="logit").fit(_three_kinds())
    found = slope_differences(fit, focal="x", moderator="g", scale="response")
    assert str(found).startswith("Differences between average slopes of x in the probability of won over g")
    each = tn.average_effects(fit, focal="x", moderator="g").estimate
    np.testing.assert_allclose(found.estimate, [each[1] - each[0], each[2] - each[0], each[2] - each[1]], rtol=1e-9)
    linked = slope_differences(fit, focal="x", moderator="g")
    assert str(linked).startswith("Differences between slopes of x on the log-odds scale over g")
