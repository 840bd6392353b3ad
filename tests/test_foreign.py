"""Results of other packages: names, rows, distributions and refusals. Slopes are compared with the packages' own tests of combinations."""

from __future__ import annotations

import pickle
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy.stats import norm

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, HiddenProduct, ModelError
from tienet.regression.foreign.column_names import read_column_name
from tienet.regression.foreign.name_parts import split_name

N = 120
RNG = np.random.default_rng(14)
DATA = pd.DataFrame({"x": RNG.uniform(1, 9, N), "z": RNG.normal(3, 1, N), "v": RNG.normal(3, 1, N), "t": RNG.uniform(1, 3, N)})
DATA["g"] = np.repeat(np.arange(12), 10)
DATA["size"] = RNG.choice(["small", "medium", "large"], N)
DATA["y"] = 2 + DATA.x + 0.3 * DATA.x * DATA.z + RNG.normal(size=N)
DATA["b"] = (RNG.uniform(size=N) < 1 / (1 + np.exp(2 - 0.1 * DATA.x * DATA.z))).astype(int)
DATA["c"] = RNG.poisson(DATA.t * np.exp(0.1 * DATA.x))
AT = [2.0, 4.0]
LOGIT, POISSON = sm.families.Binomial(), sm.families.Poisson()


def quietly(fit):
    """A fit without the warnings of the package, which are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit()


def ols(formula="y ~ x*z", data=DATA, **how):
    return smf.ols(formula, data).fit(**how)


def slopes(fit, at=AT, focal="x", moderator="z"):
    return tn.simple_slopes(fit, focal=focal, moderator=moderator, at=at)


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("x:z", {"x:z": 1}),
        ("I(x ** 2)", {"x^2": 1}),
        ("np.power(x, 2)", {"x^2": 1}),
        ("pow(x, 2)", {"x^2": 1}),
        ("np.square(x):z", {"x^2:z": 1}),
        ("I(x * z)", {"x:z": 1}),
        ("I(x ** 2):z", {"x^2:z": 1}),
        ("x^2", {"x^2": 1}),
        ("I(x / 4)", {"x": 0.25}),
        ("I((x - 3) ** 2)", {"x^2": 1, "x": -6, "(Intercept)": 9}),
        ("x:C(size)[T.medium]", {"x:size[medium]": 1}),
        ("C(size, Treatment('small'))[T.large]", {"size[large]": 1}),
        ("size[T.a:b]:x", {"size[a:b]:x": 1}),
        ("size[T.it's]", {"size[it's]": 1}),
        ("C(Q('size'))[T.a]", {"size[a]": 1}),
        ("month::3:x", {"month[3]:x": 1}),
        ("x:v > 0[T.True]", {"x:v > 0[True]": 1}),
        ("np.log(x):z", {"log(x):z": 1}),
        ("center(z)", {"center(z)": 1}),
        ("const", {"(Intercept)": 1}),
    ],
)
def test_names_are_read_as_terms(name, terms):
    column = read_column_name(name)
    assert not column.unread
    # backquotes around an unusual name are the formula language's own business
    assert {str(term).replace("`", ""): factor for term, factor in column.parts.items()} == terms


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("bs(x, df=3)[0]", ("x",)),
        ("x:bs(z, df=3)[0]", ("x", "z")),
        ("np.exp(x)", ("x",)),
        ("np.log(x + 1)", ("x",)),
        ("I(x ** 3)", ("x",)),
        ("x:C(size, Sum)[S.large]", ("x", "size")),
        ("C(size, Poly).Linear", ("size",)),
        ("I(x / z)", ("x", "z")),
        ("__import__('os').system('x')", ()),
    ],
)
def test_names_that_cannot_be_read_say_which_variables_are_in_them(name, inside):
    column = read_column_name(name)
    assert column.unread
    assert set(inside) <= set(column.unread)


def test_products_are_split_outside_brackets_and_quotes():
    assert split_name("x:C(g, Treatment('a:b'))[T.c:d]:m::3") == ["x", "C(g, Treatment('a:b'))[T.c:d]", "m::3"]


# ---------------------------------------------------------------- every kind of result


KINDS = {
    "OLS": lambda: ols(),
    "OLS, HC3": lambda: ols(cov_type="HC3"),
    "OLS, clusters": lambda: ols(cov_type="cluster", cov_kwds={"groups": DATA["g"]}),
    "OLS, clusters and t": lambda: ols(cov_type="cluster", cov_kwds={"groups": DATA["g"]}, use_t=True),
    "WLS": lambda: smf.wls("y ~ x*z", DATA, weights=DATA.t).fit(),
    "GLM, logit": lambda: smf.glm("b ~ x*z", DATA, family=LOGIT).fit(),
    "GLM, exposure": lambda: smf.glm("c ~ x*z", DATA, family=POISSON, exposure=DATA.t).fit(),
    "GLM, gamma": lambda: smf.glm("t ~ x*z", DATA, family=sm.families.Gamma(sm.families.links.Log())).fit(),
    "Logit": lambda: smf.logit("b ~ x*z", DATA).fit(disp=0),
    "Probit": lambda: smf.probit("b ~ x*z", DATA).fit(disp=0),
    "Poisson": lambda: smf.poisson("c ~ x*z", DATA, exposure=DATA.t).fit(disp=0),
    "NegativeBinomial": lambda: smf.negativebinomial("c ~ x*z", DATA).fit(disp=0),
    "RLM": lambda: smf.rlm("y ~ x*z", DATA).fit(),
    "QuantReg": lambda: smf.quantreg("y ~ x*z", DATA).fit(q=0.4),
    "GEE": lambda: smf.gee("b ~ x*z", "g", DATA, family=LOGIT).fit(),
    "PHReg": lambda: smf.phreg("t ~ x*z", DATA).fit(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_slopes_are_those_of_the_result_s_own_test(kind):
    result = quietly(KINDS[kind])
    found = slopes(tn.from_statsmodels(result))
    names = list(result.model.exog_names)
    rows = np.zeros((len(AT), len(np.asarray(result.params))))
    rows[:, names.index("x")], rows[:, names.index("x:z")] = 1, AT
    own = quietly(lambda: result.t_test(rows))
    for mine, theirs in ((found.estimate, own.effect), (found.std_error, own.sd), (found.p_value, own.pvalue)):
        np.testing.assert_allclose(mine, np.ravel(theirs), rtol=1e-9, atol=1e-14)  # the same numbers, combined in another order
    np.testing.assert_allclose(np.column_stack([found.conf_low, found.conf_high]), own.conf_int(), rtol=1e-9)
    normal = "normal distribution, as statsmodels printed"
    assert (normal in str(found)) == (not result.use_t)


def test_the_table_is_that_of_the_result_and_extra_parameters_stay_out():
    result = quietly(KINDS["NegativeBinomial"])
    fit = tn.from_statsmodels(result)
    assert fit.terms == ("(Intercept)", "x", "z", "x:z")
    np.testing.assert_allclose(fit.frame["p_value"], result.pvalues.iloc[:4], rtol=1e-9)
    assert fit.beside == {"alpha": pytest.approx(result.params["alpha"])}
    assert "alpha" in str(fit)


def test_the_expected_outcome_is_refused_where_its_level_is_no_coefficient():
    hazards = tn.from_statsmodels(quietly(KINDS["PHReg"]))
    assert "in log hazard of t" in str(hazards)
    for ask in (tn.average_effects, tn.predict_surface):
        with pytest.raises(ModelError, match="not known"):
            ask(hazards, focal="x", moderator="z", **({} if ask is tn.average_effects else {"scale": "response"}))
    assert tn.predict_surface(hazards, focal="x", moderator="z").relative


def test_degrees_of_freedom_can_be_given():
    result = ols(cov_type="HC3")
    again = ols(cov_type="HC3", use_t=True)
    found = slopes(tn.from_statsmodels(result, df=result.df_resid))
    np.testing.assert_allclose(found.p_value, slopes(tn.from_statsmodels(again)).p_value, rtol=1e-12)
    assert f"df = {int(result.df_resid)}" in str(found)
    normal = slopes(tn.from_statsmodels(again, df=float("inf")))
    np.testing.assert_allclose(normal.p_value, 2 * norm.sf(np.abs(normal.statistic)), rtol=1e-9)
    for wrong in (0, -3, "many", float("nan")):
        with pytest.raises(ArgumentError, match="df"):
            tn.from_statsmodels(result, df=wrong)


def test_the_scale_of_the_outcome_comes_along():
    counts = tn.from_statsmodels(quietly(KINDS["GLM, exposure"])).polynomial.response
    assert (counts.link.name, counts.on_response) == ("log", "expected c")
    np.testing.assert_allclose(counts.offset, np.log(DATA.t))
    probit = tn.from_statsmodels(quietly(KINDS["Probit"]))
    assert probit.polynomial.response.on_response == "probability of b"
    assert "in probit index of b: model-based standard errors from statsmodels" in str(probit)
    assert tn.from_statsmodels(ols()).polynomial.response.link.is_identity
    rare = smf.glm("b ~ x*z", DATA, family=sm.families.Binomial(sm.families.links.CLogLog())).fit()
    link = pickle.loads(pickle.dumps(tn.from_statsmodels(rare))).polynomial.response.link  # noqa: S301 - our own
    eta = np.array([-1.0, 0.3])
    np.testing.assert_allclose(link.mean(eta), 1 - np.exp(-np.exp(eta)))
    inner = np.exp(eta)  # f' = e^(eta - e^eta), f''' = f' ((1 - e^eta)^2 - e^eta); a central difference is good to 1e-8
    np.testing.assert_allclose(link.third(eta), np.exp(eta - inner) * ((1 - inner) ** 2 - inner), rtol=1e-6)


# ---------------------------------------------------------------- categories


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ x*size + z",
        "y ~ x*C(size) + z",
        "y ~ 0 + C(size) + C(size):x + z",
        "y ~ 0 + C(size)*x + z",
        "y ~ x*C(size, Treatment('small')) + z",
    ],
)
def test_every_coding_of_a_category_has_the_same_slopes(formula):
    found = tn.simple_slopes(tn.from_statsmodels(ols(formula)), focal="x", moderator="size")
    ours = tn.Moderation("y ~ x*size + z", covariance="classical").fit(DATA)
    expected = dict(zip(*((s := tn.simple_slopes(ours, focal="x", moderator="size")).label, s.estimate), strict=True))
    errors = dict(zip(s.label, s.std_error, strict=True))
    assert set(found.label) == set(expected)
    np.testing.assert_allclose(found.estimate, [expected[label] for label in found.label], rtol=1e-8)
    np.testing.assert_allclose(found.std_error, [errors[label] for label in found.label], rtol=1e-8)
    assert found.label[0] == ("small" if "Treatment" in formula else "large")


def test_a_coding_with_another_meaning_is_never_a_dummy():
    fit = tn.from_statsmodels(ols("y ~ x*C(size, Sum) + z*v"))
    with pytest.raises(ModelError, match=r"slope of x is not known.*C\(size, Sum\)\[S.large\]"):
        tn.simple_slopes(fit, focal="x")
    assert slopes(fit, focal="z", moderator="v").estimate.shape == (2,)  # it is constant in this slope


def test_levels_are_found_in_columns_of_whole_numbers_and_of_booleans():
    data = DATA.assign(month=DATA["g"] % 3, flag=DATA["v"] > 3)
    fit = tn.from_statsmodels(ols("y ~ x*C(month) + x*flag", data))
    assert tn.simple_slopes(fit, focal="x", moderator="month").label == ("0", "1", "2")
    assert fit.variables["flag[True]"].base == "False"
    result = ols("y ~ x*(v > 3)")
    compared = tn.from_statsmodels(result)
    found = tn.simple_slopes(compared, focal="x", moderator="v > 3")
    np.testing.assert_allclose(found.estimate, result.params["x"] + np.array([0, result.params["x:v > 3[T.True]"]]), rtol=1e-10)
    with pytest.raises(ModelError, match="slope of v is not known"):
        tn.simple_slopes(compared, focal="v")


# ---------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(
    ("formula", "term"),
    [
        ("x*z + np.exp(x)", r"np\.exp\(x\)"),
        ("z + x:z + bs(x, df=4)", r"bs\(x, df=4\)\[0\]"),
        ("x*z + I(x**3)", r"I\(x \*\* 3\)"),
    ],
)
def test_a_slope_with_an_unread_term_is_refused_and_the_others_are_known(formula, term):
    result = ols(f"y ~ v*t + {formula}")
    fit = tn.from_statsmodels(result)
    with pytest.raises(ModelError, match=f"slope of x is not known.*{term}"):
        slopes(fit)
    with pytest.raises(ModelError, match=f"slope of x is not known.*{term}"):
        slopes(fit, focal="z", moderator="x")
    found = slopes(fit, focal="v", moderator="t", at=[1.5, 2.5])
    np.testing.assert_allclose(found.estimate, result.params["v"] + result.params["v:t"] * np.array([1.5, 2.5]), rtol=1e-10)
    assert "Not read" in str(fit)


def test_rescaled_variables_keep_their_own_scale():
    result = ols("y ~ x*center(z)")
    fit = tn.from_statsmodels(result)
    assert fit.variables["center(z)"].mean == 0
    np.testing.assert_allclose(tn.simple_slopes(fit, focal="x", moderator="center(z)").estimate[1], result.params["x"], rtol=1e-10)


def test_a_logarithm_moves_with_its_column():
    pair = {"focal": "x", "moderator": "z", "at": AT}
    own = tn.Moderation("y ~ x + log(x)*z", covariance="classical").fit(DATA)
    found, same = tn.simple_slopes(tn.from_statsmodels(ols("y ~ x + np.log(x)*z")), **pair), tn.simple_slopes(own, **pair)
    np.testing.assert_allclose([found.estimate, found.std_error], [same.estimate, same.std_error], rtol=1e-8)


def test_a_product_under_another_name_is_noticed():
    arrays = sm.add_constant(np.column_stack([DATA.x, DATA.z, DATA.x * DATA.z]))
    with pytest.warns(HiddenProduct, match="'x3' is the product of 'x1' and 'x2'"):
        tn.from_statsmodels(sm.OLS(DATA.y.to_numpy(), arrays).fit())
    with pytest.warns(HiddenProduct, match="'squared' is the square of 'x'"):
        tn.from_statsmodels(ols("y ~ x*z + squared", DATA.assign(squared=DATA.x**2)))


def test_products_of_columns_made_by_hand_are_checked_against_the_design():
    made = sm.add_constant(DATA[["x", "z"]].assign(**{"x:z": (DATA.x - 5) * (DATA.z - 3)}))
    wrong = made.assign(**{"x:z": DATA.x * DATA.z + DATA.v})
    raw = tn.from_statsmodels(ols())
    centred = tn.from_statsmodels(sm.OLS(DATA.y, made).fit())  # the product of centred columns beside the columns as they are
    np.testing.assert_allclose(slopes(centred).estimate, slopes(raw).estimate, rtol=1e-8)
    np.testing.assert_allclose(slopes(centred).std_error, slopes(raw).std_error, rtol=1e-8)
    with pytest.raises(ModelError, match=r"slope of x is not known.*x:z"):
        slopes(tn.from_statsmodels(sm.OLS(DATA.y, wrong).fit()))


def test_columns_with_unusual_names_are_variables():
    made = sm.add_constant(DATA[["x", "z"]].set_axis(["total ties", "growth-rate"], axis=1))
    fit = tn.from_statsmodels(sm.OLS(DATA.y, made).fit())
    assert tn.simple_slopes(fit, focal="total ties").estimate[0] == pytest.approx(fit.estimate[1])
    assert fit.variables["growth-rate"].mean == pytest.approx(DATA.z.mean())
    quoted = tn.from_statsmodels(ols('y ~ Q("my ties")*z', DATA.rename(columns={"x": "my ties"})))
    np.testing.assert_allclose(slopes(quoted, focal="my ties").estimate, slopes(tn.from_statsmodels(ols())).estimate, rtol=1e-12)


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize("kind", ["ols", "gee"])
def test_means_and_ranges_are_those_of_the_rows_used(kind):
    gaps = DATA.copy()
    gaps.loc[[3, 50], "z"] = np.nan
    gaps.loc[7, "y"] = np.nan
    used = gaps.dropna()
    result = ols(data=gaps) if kind == "ols" else quietly(lambda: smf.gee("y ~ x*z", "g", gaps).fit())
    fit = tn.from_statsmodels(result)
    assert fit.n == len(used)
    for name in ("x", "z"):
        one = fit.variables[name]
        np.testing.assert_allclose([one.mean, one.sd, one.low, one.high], used[name].agg(["mean", "std", "min", "max"]), rtol=1e-12)


def test_results_from_arrays_take_the_table_or_values():
    made = sm.add_constant(DATA[["x"]].assign(**{"x:z": DATA.x * DATA.z}))
    result = sm.OLS(DATA.y, made).fit()
    fit = tn.from_statsmodels(result)
    with pytest.raises(ModelError, match=r"give its values in at="):
        tn.simple_slopes(fit, focal="x", moderator="z")
    np.testing.assert_allclose(slopes(fit).estimate, result.params["x"] + result.params["x:z"] * np.array(AT))
    known = tn.from_statsmodels(result, data=pl.from_pandas(DATA))
    assert known.variables["z"].mean == pytest.approx(DATA.z.mean())
    assert isinstance(known.frame, pl.DataFrame)
    with pytest.raises(DataError, match="data has 100 rows"):
        tn.from_statsmodels(result, data=DATA.head(100))
    with pytest.raises(DataError, match="data= the frame you fitted"):
        tn.from_statsmodels(result, data=DATA.sample(frac=1, random_state=1))


def test_removed_data_are_asked_for():
    result = ols()
    kept = slopes(tn.from_statsmodels(result), at=None)
    result.remove_data()
    fit = tn.from_statsmodels(result, data=DATA)
    np.testing.assert_allclose(slopes(fit, at=None).estimate, kept.estimate, rtol=1e-12)


# ---------------------------------------------------------------- objects with named estimates


def bare(**changes):
    result = ols()
    given = {
        "params": result.params,
        "cov": result.cov_params(),
        "nobs": result.nobs,
        "endog_names": "y",
        "use_t": True,
        "df_resid": result.df_resid,
    }
    return SimpleNamespace(**{name: value for name, value in (given | changes).items() if value is not None})


def test_any_object_with_named_estimates_and_a_covariance_is_read():
    own = slopes(tn.from_statsmodels(ols()))
    shuffled = ["x:z", "Intercept", "z", "x"]
    arrays = bare(names=list(ols().params.index), params=ols().params.to_numpy(), cov=ols().cov_params().to_numpy())
    for given in (bare(), bare(cov=ols().cov_params().loc[shuffled, shuffled]), bare(params=dict(ols().params)), arrays):
        found = slopes(tn.from_statsmodels(given, data=DATA))
        np.testing.assert_allclose([found.estimate, found.p_value], [own.estimate, own.p_value], rtol=1e-12)
    silent = slopes(tn.from_statsmodels(bare(use_t=None), data=DATA))
    assert "does not say which one it uses" in str(silent)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (bare(cov=None), "no covariance"),
        (bare(nobs=None), "needs nobs"),
        (bare(cov=np.eye(2)), "do not belong together"),
        (bare(cov=np.full((4, 4), np.nan)), "is not a number"),
        ({"x": 1.0}, "it reads statsmodels OLS.*pyfixest"),
        (smf.ols("y ~ x", DATA), "is not fitted"),
        (tn.Moderation("y ~ x").fit(DATA), "can be probed as it is"),
    ],
)
def test_what_is_missing_is_named_in_one_line(given, said):
    with pytest.raises((ArgumentError, ModelError), match=said) as refused:
        tn.from_statsmodels(given)
    assert "\n" not in str(refused.value)


def test_several_equations_penalties_and_collinear_columns_are_refused():
    several = quietly(lambda: smf.mnlogit("g ~ x", DATA.assign(g=DATA["g"] % 3)).fit(disp=0))
    with pytest.raises(ArgumentError, match="cannot read this MultinomialResults"):
        tn.from_statsmodels(several)
    with pytest.raises(ArgumentError, match="no covariance of its coefficients"):
        tn.from_statsmodels(smf.ols("y ~ x*z", DATA).fit_regularized())
    twice = quietly(lambda: ols("y ~ x + w", DATA.assign(w=2 * DATA.x + 1)))
    with pytest.raises(ModelError, match="linearly dependent"):
        tn.from_statsmodels(twice)


# ---------------------------------------------------------------- other packages, figures, tables


def test_linearmodels_use_their_own_distribution():
    linearmodels = pytest.importorskip("linearmodels")
    panel = DATA.assign(month=np.tile(np.arange(10), 12)).set_index(["g", "month"])
    within = linearmodels.PanelOLS.from_formula("y ~ x*z + EntityEffects", panel).fit(cov_type="clustered", cluster_entity=True)
    found = slopes(tn.from_statsmodels(within), at=None)
    assert (found.df, found.at[1]) == (within.df_resid, pytest.approx(DATA.z.mean()))
    test = within.wald_test(np.array([[0, 1, 0]]))  # the coefficient of z: the same error and distribution
    np.testing.assert_allclose(tn.from_statsmodels(within).frame["p_value"][1], within.pvalues["z"], rtol=1e-9)
    assert test.stat == pytest.approx(tn.from_statsmodels(within).frame["statistic"][1] ** 2)
    instrumented = linearmodels.IV2SLS.from_formula("y ~ 1 + z + [x ~ v + t]", DATA).fit()
    fit = tn.from_statsmodels(instrumented)
    np.testing.assert_allclose(fit.frame.set_index("term")["p_value"]["x"], instrumented.pvalues["x"], rtol=1e-9)
    assert "normal distribution, as linearmodels printed" in str(fit)


@pytest.mark.filterwarnings("ignore")
def test_pyfixest_uses_its_own_distribution():
    pyfixest = pytest.importorskip("pyfixest")
    linear = pyfixest.feols("y ~ x*z + I(z**2) | g", DATA, vcov={"CRV1": "g"})
    fit = tn.from_statsmodels(linear)
    assert (fit.df, fit.covariance.clusters, fit.covariance.kind) == (11, 12, "CR1")
    np.testing.assert_allclose(fit.frame["p_value"], linear.pvalue(), rtol=1e-8)
    counts = pyfixest.fepois("c ~ x*z | g", DATA)
    np.testing.assert_allclose(tn.from_statsmodels(counts).frame["p_value"], counts.pvalue(), rtol=1e-8)
    with pytest.raises(ModelError, match="not known"):
        tn.average_effects(tn.from_statsmodels(counts), focal="x")
    months = pyfixest.feols("y ~ i(size, x) + z", DATA)
    separate = tn.simple_slopes(tn.from_statsmodels(months), focal="x", moderator="size")
    np.testing.assert_allclose(separate.estimate, [months.coef()[f"size::{label}:x"] for label in separate.label], rtol=1e-10)


@pytest.mark.filterwarnings("ignore:as z rises the curve changes")
def test_figures_and_tables_take_it():
    fit = tn.from_statsmodels(ols(), labels={"y": "Growth"})
    ours = tn.Moderation("y ~ x*z", covariance="classical", center="none").fit(DATA)
    assert tn.plot(fit).get_xlabel() == "Growth per unit"
    assert len(tn.plot(fit, intercept=True).get_yticks()) == 4
    text = tn.compare({"(1)": ours, "(2)": fit}).markdown()
    rows = [line.split("|")[2:4] for line in text.splitlines() if line.startswith(("| x", "| Intercept", "| z"))]
    assert rows
    assert all(one.strip() == other.strip() for one, other in rows)
    normal = tn.compare({"(1)": tn.from_statsmodels(ols(cov_type="HC3"))}).markdown()
    assert "HC3 standard errors from statsmodels. Normal distribution, as statsmodels printed" in normal
    assert "x × z" in tn.table(fit).markdown()
    again = pickle.loads(pickle.dumps(fit))  # noqa: S301 - our own
    assert str(again) == str(fit)
    curve = tn.from_statsmodels(ols("y ~ I(x**2)*z + x*z"))
    same = tn.Moderation("y ~ x^2*z", covariance="classical").fit(DATA)
    pair = {"focal": "x", "moderator": "z"}
    for probe in (tn.johnson_neyman, tn.predict_surface, tn.regression.probes.curve_moderation, tn.regression.probes.slope_differences):
        mine, theirs = probe(curve, **pair).frame, probe(same, **pair).frame
        numbers = theirs.select_dtypes("number").columns
        np.testing.assert_allclose(mine[numbers], theirs[numbers], rtol=1e-6, atol=1e-9)  # theirs is centred, so it rounds differently


def test_the_sentence_names_every_significant_term_and_no_category_of_an_unread_coding():
    result = ols("y ~ 0 + x + z + C(size, Sum):t")
    said = str(tn.from_statsmodels(result))
    assert result.pvalues["x"] < 0.05  # the first coefficient is no intercept
    assert "x (b = " in said
    assert "Not read: C(size, Sum):t." in said


@pytest.mark.parametrize("kind", ["OLS", "OLS, clusters and t", "Poisson"])
def test_a_joint_test_is_that_of_the_result(kind):
    result = quietly(KINDS[kind])
    test = tn.regression.model.joint_test(tn.from_statsmodels(result), ["x", "x:z"])
    own = result.wald_test("x = 0, x:z = 0", use_f=bool(result.use_t), scalar=True)
    np.testing.assert_allclose([test.p_value, test.statistic * (1 if result.use_t else 2)], [own.pvalue, own.statistic], rtol=1e-8)
    with pytest.raises(ModelError, match="no term 'x:v'"):
        tn.regression.model.joint_test(tn.from_statsmodels(result), ["x:v"])


def test_more_terms_than_clusters_less_one_have_no_joint_test():
    groups = DATA["g"] % 3
    result = quietly(lambda: ols("y ~ x*z + v", cov_type="cluster", cov_kwds={"groups": groups}, use_t=True))
    test = tn.regression.model.joint_test(tn.from_statsmodels(result), ["x", "z", "v"])
    assert np.isnan(test.p_value)
    assert "cluster" in test.reason


def test_an_alpha_that_statsmodels_only_holds_is_named():
    d = pd.DataFrame({"x": np.arange(40.0) % 7, "deals": np.arange(40) % 5})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels warns that it takes 1
        result = smf.glm("deals ~ x", d, family=sm.families.NegativeBinomial(alpha=0.5)).fit()
    assert "Alpha is held at 0.500 and not estimated" in str(tn.from_statsmodels(result))
