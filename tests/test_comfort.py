"""No false comfort: what a small standard error does not show is said, and whoever asks for a way out is sent to an honest one."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import tienet as tn
from tienet.base.errors import ExactFit, FewClusters, FewDraws, FewRows, ModelError, WeakIdentification
from tienet.output.figures.drawing import plot
from tienet.regression.covariance.held import lives_in, shares_of_clusters, shares_of_rows
from tienet.regression.dependence import random_intercept
from tienet.regression.model import joint_test
from tienet.regression.probes import curve_moderation
from tienet.regression.resampling import bootstrap, wild_cluster_bootstrap


def firm(treated: int = 1, teams: int = 40, size: int = 10, seed: int = 1) -> dict[str, np.ndarray]:
    """Teams with effects of their own, the first few of which are treated, without any effect."""
    g, rng = np.repeat(np.arange(teams), size), np.random.default_rng(seed)
    x = rng.normal(size=g.size)
    return {"x": x, "t": (g < treated) * 1.0, "g": g, "y": 0.3 * x + 0.7 * rng.normal(size=teams)[g] + rng.normal(size=g.size)}


def heard(formula: str, data: object, **options: object) -> tuple[tn.ModerationFit, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = tn.Moderation(formula, **options).fit(data)
    return fit, [str(one.message) for one in caught]


# ---------------------------------------------------------------- terms of one cluster, or of a few


def test_shares_are_those_of_the_residualised_term() -> None:
    """By Frisch and Waugh: squares of the residuals of t on the other terms, summed within clusters."""
    data = firm(2)
    fit, _ = heard("y ~ x*t", data, cluster="g")
    X = np.column_stack([np.ones(400), data["x"] - data["x"].mean(), (data["x"] - data["x"].mean()) * (data["t"] - data["t"].mean())])
    rest = data["t"] - X @ np.linalg.lstsq(X, data["t"], rcond=None)[0]
    at = fit.terms.index("t")
    expected = np.bincount(data["g"], weights=rest**2) / np.sum(rest**2)
    np.testing.assert_allclose(shares_of_clusters(fit.solution.basis, fit.back, data["g"])[:, at], expected, rtol=1e-8)
    np.testing.assert_allclose(shares_of_rows(fit.solution.basis, fit.back)[:, at], rest**2 / np.sum(rest**2), rtol=1e-8, atol=1e-12)
    assert lives_in(fit.solution.basis, fit.back[at], data["g"], 4) == 2
    assert lives_in(fit.solution.basis, fit.back[fit.terms.index("x")], data["g"], 4) == 0


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2"])
@pytest.mark.parametrize(("formula", "named"), [("y ~ x + t", "t rests"), ("y ~ x*t", "t and x:t rest")])
def test_a_term_of_one_cluster_is_named(kind: str, formula: str, named: str) -> None:
    fit, said = heard(formula, firm(), cluster="g", covariance=kind)
    assert len(said) == 1  # once a fit
    assert said[0].startswith(f"{named} on 1 of 40 clusters of g: the {kind} standard error of ")
    assert "CR1'" not in said[0]
    assert "CR2'" not in said[0]
    assert fit.cautions == tuple(said)
    assert "t (b" not in str(fit)
    assert f"no test of {named.rpartition(' ')[0]}" in str(fit)
    with pytest.warns(FewClusters, match="rest"):
        assert "Caution: " in str(joint_test(fit, ["t"]))
    assert said[0] in str(fit.steps)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # other terms are not affected
        joint_test(fit, ["x"])


def test_a_category_of_one_cluster_is_named_and_several_are_counted() -> None:
    data = firm()
    data["area"] = np.array(["north", "south", "west"])[np.where(data["g"] == 0, 2, data["g"] % 2)]
    assert heard("y ~ x + area", data, cluster="g")[1][0].startswith("area[west] rests on 1 of 40 clusters")
    data["seat"] = np.char.add("s", (data["g"] * 10 + np.arange(400) % 2).astype(str))
    said = heard("y ~ x + seat", data, cluster="g")[1][0]
    assert said.startswith("seat (")
    assert "s10" not in said  # it may be a person's id


@pytest.mark.parametrize(("treated", "words"), [(2, "t rests on 2 of 40 clusters of g (95%"), (4, "t rests on 4 of 40 clusters of g (90%")])
def test_a_few_clusters_are_counted(treated: int, words: str) -> None:
    data = firm(treated)
    (said,) = heard("y ~ x + t", data, cluster="g")[1]
    assert said.startswith(words)
    assert "covariance='CR2'" in said
    (small,) = heard("y ~ x + t", data, cluster="g", covariance="CR2")[1] if treated == 2 else ("degrees of freedom are only",)
    assert "degrees of freedom are only" in small  # CR2 says it in its own way


def test_ordinary_terms_are_not_named() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        d = {"g": np.repeat(np.arange(20), 20), "x": rng.poisson(6, 400) * 1.0, "z": rng.gamma(4, 1, 400), "y": rng.normal(size=400)}
        assert heard("y ~ x*z + x^2", d, cluster="g")[1] == []
    assert heard("y ~ x + t", firm(12), cluster="g")[1] == []


@pytest.mark.parametrize(
    ("family", "outcome"),
    [("logit", "won"), ("poisson", "deals"), ("ordinal", "rating"), (None, "y")],
    ids=["logit", "counts", "ordered", "within"],
)
def test_one_treated_cluster_is_said_in_every_kind_of_model(family, outcome) -> None:
    d = firm()
    d["won"], d["deals"], d["rating"] = (d["y"] > 0) * 1, np.floor(np.exp(d["y"] / 2)), np.digitize(d["y"], [-0.5, 0.5])
    d["month"] = np.tile(np.arange(10), len(d["y"]) // 10)
    d["t"] = d["t"] * (1 if family else d["month"] >= 5)  # within clusters only a treatment that begins can be told
    model = tn.Moderation(f"{outcome} ~ x*t", family=family, cluster="g", absorb=() if family else ("g", "month"))
    with pytest.warns(FewClusters, match=r"t and x:t rest on 1 of 40 clusters of g: the CR1 standard error of them is far too small"):
        fit = model.fit(d)
    assert "; no test of t and x:t, see cautions" in str(fit)
    with pytest.warns(FewClusters, match="t and x:t rest on 1 of 40 clusters"):
        assert "Caution: t and x:t rest on 1 of 40" in str(joint_test(fit, ["t", "x"]))
    assert "t (b =" not in str(fit).split("no test")[0]
    assert "rest on 1 of 40 clusters of g" in tn.compare({"one": fit}).markdown()
    spread = {**d, "t": d["g"] % 2 * (1 if family else d["month"] >= 5)}
    with warnings.catch_warnings():
        warnings.simplefilter("error", FewClusters)
        assert model.fit(spread).cautions == ()


def test_cr3_sends_nobody_to_a_smaller_error() -> None:
    with pytest.raises(ModelError, match=r"a cluster of 10 rows alone determines t; no clustered error or bootstrap") as told:
        tn.Moderation("y ~ x + t", cluster="g", covariance="CR3").fit(firm())
    assert "CR1" not in str(told.value)
    assert "CR2" not in str(told.value)


def test_the_wild_bootstrap_of_one_cluster_says_that_it_cannot_reject() -> None:
    fit, _ = heard("y ~ x + t", firm(), cluster="g")
    with pytest.warns(FewClusters, match="t rests on 1 of 40 clusters: the wild cluster bootstrap then hardly ever rejects"):
        found = wild_cluster_bootstrap(fit, "t", draws=199)
    assert found.p_value > 0.05
    assert wild_cluster_bootstrap(fit, "x", draws=199).term == "x"


@pytest.mark.sweep
def test_where_the_warning_is_silent_the_intervals_cover() -> None:
    """Without an effect, 20 teams of 12: CR1 rejects 58% with one treated team, which is always said; near 5% with ten, never said."""
    rejected, said = {}, {}
    for treated in (1, 2, 4, 10):
        fits = [heard("y ~ x + t", firm(treated, 20, 12, seed), cluster="g") for seed in range(200)]
        rejected[treated] = np.mean([fit.frame["p_value"][2] < 0.05 for fit, _ in fits])
        said[treated] = np.mean([any(one.startswith("t rests") for one in told) for _, told in fits])
    assert said[1] == said[2] == 1
    assert said[4] > 0.9
    assert said[10] == 0
    assert rejected[1] > 0.4  # .58 of 2,000, with a Monte Carlo error of .035
    assert rejected[2] > 0.15
    assert rejected[10] < 0.12


def test_a_term_of_one_row() -> None:
    rng = np.random.default_rng(2)
    d = pd.DataFrame({"x": rng.normal(size=60), "g": ["a"] * 59 + ["b"]})
    d["y"] = d["x"] + rng.normal(size=60)
    for kind in ("HC0", "HC1"):
        with pytest.warns(
            FewRows, match=rf"g\[b\] rests on one row, whose residual is near 0 .* the {kind} standard error is far too small"
        ):
            fit = tn.Moderation("y ~ x + g", covariance=kind).fit(d)
        assert "no test of g[b]" in str(fit)
    with pytest.warns(FewRows, match="is right only if the error of that row varies"):
        plain = tn.Moderation("y ~ x + g", covariance="classical").fit(d)
    assert fit.std_error[2] < plain.std_error[2] / 3
    with pytest.raises(ModelError, match=r"row 60 \(counted from 1\) alone determines g\[b\] .*covariance='classical'") as told:
        tn.Moderation("y ~ x + g").fit(d)
    assert "HC1" not in str(told.value)


def test_a_count_of_one_row_is_no_evidence_of_its_variance() -> None:
    rng = np.random.default_rng(2)
    d = pd.DataFrame({"x": rng.normal(size=60), "g": ["a"] * 59 + ["b"], "deals": rng.poisson(3, size=60)})
    d.loc[59, "deals"] = 4
    with pytest.warns(FewRows, match=r"g\[b\] rests on one row.* the HC1 standard error is far too small .* covariance='classical'"):
        fit = tn.Moderation("deals ~ x + g", family="poisson").fit(d)
    assert "no test of g[b]" in str(fit)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FewRows)
        plain = tn.Moderation("deals ~ x + g", family="poisson", covariance="classical").fit(d)
    # of a count of 4 alone in its category, the information is 4; the squared residual is 0
    assert plain.std_error[2] == pytest.approx(0.5, rel=0.05)
    assert fit.std_error[2] < plain.std_error[2] / 3


# ---------------------------------------------------------------- joint tests with few clusters


def noise(groups: int, terms: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(groups)
    return {"y": rng.normal(size=120), "g": np.arange(120) % groups, **{f"v{i}": rng.normal(size=120) for i in range(terms)}}


def test_as_many_terms_as_clusters_less_one_say_nothing_and_more_are_refused() -> None:
    fit, _ = heard("y ~ v0 + v1 + v2", noise(3, 3), cluster="g")
    with pytest.warns(FewClusters) as caught:
        test = joint_test(fit, ["v0", "v1"])
    assert any("a joint test of 2 terms with 3 clusters says nothing" in str(one.message) for one in caught)
    assert "says nothing" in str(test)
    with pytest.warns(FewClusters):
        none = joint_test(fit, ["v0", "v1", "v2"])
    assert np.isnan([none.statistic, none.p_value]).all()
    assert none.reason == "3 clusters carry a test of at most 2 terms"
    assert "no test: 3 clusters carry a test of at most 2 terms" in str(fit.steps)
    two, _ = heard("y ~ v0 + v1", noise(3, 2), cluster="g")
    assert "which says nothing: it is a test of 2 terms with 3 clusters" in str(two.steps)
    assert "F(" not in str(two)


def test_joint_tests_and_steps_repeat_that_clusters_are_few() -> None:
    fit, said = heard("y ~ v0 + v1 + v2 + v3", noise(8, 4), cluster="g")
    assert "g has 8 clusters: below about 15" in said[0]
    with pytest.warns(FewClusters, match="g has 8 clusters"):
        assert said[0] in str(joint_test(fit, ["v0", "v1"]))
    assert said[0] in str(fit.steps)


# ---------------------------------------------------------------- resampling


def test_bootstraps_that_cannot_work_say_so() -> None:
    fit, _ = heard("y ~ v0", noise(2, 1), cluster="g")
    with pytest.warns(FewClusters, match="2 clusters give only 3 different resamples"):
        bootstrap(fit, 200)
    with pytest.warns(FewClusters, match="2 clusters are too few for any bootstrap"):
        wild_cluster_bootstrap(fit, "v0", draws=99)
    rows, _ = heard("y ~ v0", noise(30, 1))
    with pytest.warns(FewDraws, match=r"draws=2: .* 95% interval"):
        bootstrap(rows, 2)
    with pytest.warns(FewDraws, match=r"draws=200: .* 99.99% interval.* at least 500,000 draws"):
        bootstrap(rows, 200, alpha=1e-4)
    bootstrap(rows, 200)


# ---------------------------------------------------------------- collinear, exact, rounded


def test_nearly_is_not_exactly() -> None:
    rng = np.random.default_rng(3)
    x, e = rng.normal(size=(2, 200))
    y = x + rng.normal(size=200)
    with pytest.raises(ModelError, match="b is nearly a linear combination of a: the rest is 1e-10 of it"):
        tn.Moderation("y ~ a + b").fit({"y": y, "a": x, "b": x + 1e-10 * e})
    with pytest.raises(ModelError, match="b is an exact linear combination of a"):
        tn.Moderation("y ~ a + b").fit({"y": y, "a": x, "b": 3 * x - 1})
    with pytest.warns(WeakIdentification, match=r"a is nearly a linear combination .* \(variance inflation \de\+1"):
        close = tn.Moderation("y ~ a + b").fit({"y": y, "a": x, "b": x + 1e-5 * e})
    assert close.vif["a"] > 1e6
    np.testing.assert_allclose(close.solution.inflation, close.vif.centred, rtol=1e-4)  # 1 - R2 has lost ten digits
    assert heard("y ~ a + b", {"y": y, "a": x, "b": x + 1e-2 * e})[1] == []


def test_generalised_variance_inflation_of_a_category() -> None:
    """det R_SS det R_-S / det R of Fox and Monette, from the correlations of the columns; the base does not matter."""
    rng = np.random.default_rng(4)
    g = rng.choice(list("abcd"), 150)
    x = rng.normal(size=150) + (g == "b") - 2 * (g == "c")
    d = pd.DataFrame({"y": rng.normal(size=150), "x": x, "z": rng.normal(size=150) + 0.5 * x, "g": g})
    vif = tn.Moderation("y ~ x + z + g", center="none").fit(d).vif
    R = np.corrcoef(np.column_stack([d["x"], d["z"], *(g == level for level in "bcd")]).astype(float), rowvar=False)
    expected = np.linalg.det(R[2:, 2:]) * np.linalg.det(R[:2, :2]) / np.linalg.det(R)
    table = vif.frame.set_index("term")
    assert table["gvif"].loc[["g[b]", "g[c]", "g[d]"]].tolist() == pytest.approx([expected] * 3, rel=1e-10)
    assert table["gvif_scaled"]["g[b]"] == pytest.approx(expected ** (1 / 6), rel=1e-10)
    assert table["gvif"]["x"] == pytest.approx(table["centred"]["x"])
    assert table["gvif_scaled"]["x"] == pytest.approx(table["centred"]["x"] ** 0.5)
    assert "generalised for g (3 coefficients)" in str(vif)
    other = tn.Moderation("y ~ x + z + g").fit(d.assign(g=d["g"].replace({"a": "z", "d": "a"})))
    assert other.vif.frame.set_index("term")["gvif"]["g[b]"] == pytest.approx(expected, rel=1e-10)
    assert tn.regression.checks.collinearity(other).frame["gvif"].iloc[-1] == pytest.approx(expected, rel=1e-10)


def test_whole_numbers_that_floats_cannot_tell_apart() -> None:
    x, y = np.arange(60), np.random.default_rng(0).normal(size=60)
    with pytest.raises(ModelError, match=r"the values of id, near 1.15e\+18, cannot be told apart with the 16 digits of a float; subtract"):
        tn.Moderation("y ~ id").fit({"y": y, "id": x + 2**60})
    with pytest.raises(ModelError, match="id is constant in the rows used"):
        tn.Moderation("y ~ id").fit({"y": y, "id": x * 0 + 7})


def test_a_fit_without_residuals_has_no_test() -> None:
    x = np.linspace(0, 9, 40)
    with pytest.warns(ExactFit, match="is y computed from the terms"):
        fit = tn.Moderation("y ~ x").fit({"x": x, "y": 2 * x + 1})
    assert np.isnan(fit.f_test.f)
    assert " F(" not in str(fit)
    with pytest.warns(ExactFit):
        assert joint_test(fit, ["x"]).reason == "the model has no residuals"


def test_a_random_intercept_needs_something_between_units() -> None:
    u, rng = np.repeat(np.arange(6), 20), np.random.default_rng(5)
    x = rng.normal(size=120)
    d = {"x": x, "u": u, "y": 0.5 * x + rng.normal(size=6)[u] + rng.normal(size=120)}
    d |= {f"w{k}": rng.normal(size=6)[u] for k in range(5)}
    for formula in ("y ~ x + C(u)", "y ~ x + w0 + w1 + w2 + w3 + w4"):
        with pytest.raises(ModelError, match="the terms determine the level of every u"):
            random_intercept(formula, d, unit="u")
    assert random_intercept("y ~ x + w0 + w1 + w2 + w3", d, unit="u").units == 6


# ---------------------------------------------------------------- the product comes first


def crossed(n: int = 200, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    d = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n), "g": rng.choice(list("abc"), n)})
    return d.assign(y=0.2 * d["x"] + 0.05 * d["x"] * d["z"] + rng.normal(size=n))


def test_slopes_and_regions_begin_with_the_product() -> None:
    d = crossed()
    ols = smf.ols("y ~ x*z", d).fit()
    fit = tn.Moderation("y ~ x*z", covariance="classical").fit(d)
    for probe in (tn.simple_slopes, tn.johnson_neyman):
        found = probe(fit, focal="x", moderator="z")
        tested = (found.product.estimate, found.product.std_error, found.product.statistic, found.product.p_value, found.product.df2)
        assert tested == pytest.approx((ols.params["x:z"], ols.bse["x:z"], ols.tvalues["x:z"], ols.pvalues["x:z"], 196), rel=1e-8)
        assert str(found).startswith("Product x:z = ")
        assert "these data do not tell whether the slope of x depends on z" in str(found)
        ax = plot(found)
        written = f"{ols.pvalues['x:z']:.3f}".removeprefix("0")
        assert ax.get_title(loc="left").replace("\xa0", " ").startswith(f"Product p = {written}; ")
    assert tn.simple_slopes(fit, focal="x").product is None


def test_several_products_are_tested_together() -> None:
    d = crossed()
    by_group = smf.ols("y ~ x*g", d).fit(cov_type="HC3", use_t=True)
    found = tn.simple_slopes(tn.Moderation("y ~ x*g").fit(d), focal="x", moderator="g").product
    expected = by_group.f_test("x:g[T.b] = 0, x:g[T.c] = 0")
    assert (found.statistic, found.df1, found.df2, found.p_value) == pytest.approx(
        (float(expected.fvalue), 2, 194, float(expected.pvalue)), rel=1e-7
    )
    d["y"] += d["x"] ** 2
    bent = tn.Moderation("y ~ x*z + x^2 + x^2:z", covariance="classical").fit(d)
    nested = smf.ols("y ~ x + z + I(x**2)", d).fit()
    f, p, _ = smf.ols("y ~ x*z + I(x**2)*z", d).fit().compare_f_test(nested)
    moderated = curve_moderation(bent, focal="x", moderator="z")
    for product in (tn.johnson_neyman(bent, focal="x", moderator="z").product, moderated.product):
        assert product.terms == ("x:z", "x^2:z")
        assert (product.statistic, product.p_value) == pytest.approx((f, p), rel=1e-6)
    assert str(moderated).startswith("Products x:z and x^2:z: F(2, 194) = ")


def test_a_printed_model_has_the_product_where_its_error_is_known() -> None:
    b, moments = {"x": 0.3, "z": 0.1, "x:z": 0.2}, {"means": {"x": 0.0, "z": 0.0}, "sds": {"x": 1.0, "z": 1.0}, "n": 100}
    known = tn.simple_slopes(tn.PublishedModel(b, std_errors={"x": 0.1, "z": 0.1, "x:z": 0.05}, **moments), focal="x", moderator="z")
    assert known.product.statistic == pytest.approx(4)
    assert tn.simple_slopes(tn.PublishedModel(b, **moments), focal="x", moderator="z").product is None


def test_adjust_p_takes_any_result_with_p_values() -> None:
    fit = tn.Moderation("y ~ x*g").fit(crossed())
    found = tn.regression.probes.slope_differences(fit, focal="x", moderator="g")
    adjusted = tn.regression.checks.adjust_p(found)
    assert adjusted.hypothesis == ("b minus a", "c minus a", "c minus b")
    assert adjusted.p_adjusted.tolist() == tn.regression.checks.adjust_p(found.p_value).p_adjusted.tolist()
    assert tn.regression.checks.adjust_p(fit).hypothesis == fit.terms[1:]
    with pytest.raises(tn.base.errors.ArgumentError, match="a Steps has no p-values to adjust"):
        tn.regression.checks.adjust_p(fit.steps)
