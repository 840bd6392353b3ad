"""Absorbed effects against R's results, against the same model with dummies, and against dense matrices."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from models import data as model_data
from models import expected
from tienet.base.errors import ArgumentError, FewClusters, ModelError, TienetWarning
from tienet.regression.core.within import in_groups, rank, recoded, sweep
from tienet.regression.model import AbsorbedFit, absorb, within_between

CLOSE = {"rtol": 1e-9, "atol": 1e-12}  # R's results have 15 digits


def sales() -> pd.DataFrame:
    return model_data("sales_panel").copy()


def fitted(data, formula="sales ~ ties*strength", **options) -> AbsorbedFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tn.Moderation(formula, **{"absorb": ("person", "month"), "cluster": "person", **options}).fit(data)


def numbers(table: dict, what: str) -> list[float]:
    return [row[what] if isinstance(row, dict) else row for row in table.values()]


def dense(data: pd.DataFrame, cluster: str, absorbed: tuple[str, ...], weights=None) -> tuple[np.ndarray, ...]:
    """Estimates, CR2 errors and Satterthwaite's df of the model with every dummy, from n x n matrices (Pustejovsky & Tipton 2018)."""
    root = np.ones(len(data)) if weights is None else np.sqrt(weights)
    own = np.column_stack([data.ties, data.strength, data.ties * data.strength])
    dummies = [np.equal.outer(data[name].to_numpy(), np.unique(data[name])) for name in absorbed]
    X, y = np.column_stack([own, *dummies]).astype(float) * root[:, None], data.sales.to_numpy() * root
    inverse = np.linalg.pinv(X, rcond=1e-10)
    left = np.eye(len(y)) - X @ inverse
    scores, parts = [], []
    for group in np.unique(data[cluster]):
        rows = np.flatnonzero(data[cluster] == group)
        values, vectors = np.linalg.eigh(left[np.ix_(rows, rows)])
        half = (vectors * np.where(values > 1e-9, np.maximum(values, 1e-9) ** -0.5, 0)) @ vectors.T
        moved = inverse[:3, rows] @ half
        scores.append(moved @ (left @ y)[rows])
        parts.append(moved @ left[rows])
    together = np.einsum("gkn,hkn->kgh", parts, parts)
    df = np.trace(together, axis1=1, axis2=2) ** 2 / (together**2).sum(axis=(1, 2))
    return (inverse @ y)[:3], np.sqrt((np.array(scores) ** 2).sum(axis=0)), df


def test_a_panel_is_as_in_r():
    truth = expected("panel_sales")
    fit = fitted(sales(), center="none")
    assert (fit.n, fit.singletons, fit.df, fit.df_classical) == (truth["n"], truth["singletons"], truth["G"] - 1, truth["df_classical"])
    for kind, table, what in (("CR1", "coefficients", "se"), ("classical", "classical", "se"), ("HC1", "hc1_se", "se")):
        one = fitted(sales(), center="none", covariance=kind, cluster="person" if kind == "CR1" else None)
        assert np.allclose(one.estimate, numbers(truth["coefficients"], "est"), **CLOSE)
        assert np.allclose(one.std_error, numbers(truth[table], what), **CLOSE)
    assert np.isclose(fit.within_r_squared, truth["within_r2"], **CLOSE)
    assert np.allclose(
        fit.frame[["p_value", "conf_low", "conf_high"]], [[r["p"], r["lo"], r["hi"]] for r in truth["coefficients"].values()]
    )


def test_probes_of_a_panel_are_as_in_r_whatever_the_centring():
    truth = expected("panel_sales")
    for center in ("mean", "none", {"ties": 3.0}):
        slopes = tn.simple_slopes(fitted(sales(), center=center), focal="ties", moderator="strength")
        for mine, theirs in (("at", "strength"), ("estimate", "est"), ("std_error", "se"), ("p_value", "p"), ("conf_low", "lo")):
            assert np.allclose(getattr(slopes, mine), [row[theirs] for row in truth["slopes"]], rtol=1e-8)
    region = tn.johnson_neyman(fitted(sales()), focal="ties", moderator="strength")
    assert np.allclose(region.bounds, truth["jn"]["roots"], rtol=1e-8)


@pytest.mark.parametrize("way", ["two", "one"])
def test_grunfeld_is_as_in_r(way):
    truth = expected("panel_grunfeld")
    truth, absorbed = (truth, ("firm", "year")) if way == "two" else (truth["one_way"], "firm")
    data = model_data("grunfeld")
    for kind, table in (("CR1", "coefficients"), ("classical", "classical")):
        fit = fitted(
            data, "inv ~ value*capital", absorb=absorbed, cluster="firm" if kind == "CR1" else None, covariance=kind, center="none"
        )
        assert np.allclose(fit.estimate, numbers(truth["coefficients"], "est"), rtol=1e-8)
        assert np.allclose(fit.std_error, numbers(truth[table], "se"), rtol=1e-8)
    assert (fit.df_classical, round(fit.within_r_squared, 10)) == (truth["df_classical"], round(truth["within_r2"], 10))


def test_double_demeaned_products_are_as_in_r():
    truth = expected("double_demeaned")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = absorb(tn.Moderation("sales ~ ties*strength", cluster="person"), ["person", "month"], double_demeaned=True).fit(sales())
    assert np.allclose(fit.estimate, numbers(truth["coefficients"], "est"), **CLOSE)
    assert np.allclose(fit.std_error, numbers(truth["coefficients"], "se"), **CLOSE)
    slopes = tn.simple_slopes(fit, focal="ties", moderator="strength")
    assert np.allclose(slopes.at, np.array([-1, 0, 1]) * truth["sd_of_deviations"], **CLOSE)
    assert np.allclose(slopes.std_error, [row["se"] for row in truth["slopes"]], **CLOSE)
    assert fit.deviations == ("ties", "strength")


def test_a_moderator_that_never_changes_has_the_ordinary_product():
    one, other = (fitted(sales(), "sales ~ ties*senior", double_demeaned=double) for double in (False, True))
    assert np.array_equal(one.estimate, other.estimate)
    assert (one.swallowed, one.terms, other.deviations) == (("senior",), ("ties", "ties:senior"), ())
    assert "the ordinary product is right" in str(other)
    with_dummies = tn.Moderation("sales ~ ties + ties:senior + senior + C(person) + C(month)", covariance="classical", center="none")
    with pytest.raises(ModelError, match="linear combination"):
        with_dummies.fit(sales())
    data = sales()[lambda all_: all_.groupby("person").person.transform("size") > 1]
    data["both"] = data.ties * data.senior
    dummies = tn.Moderation("sales ~ ties + both + C(person) + C(month)", covariance="classical").fit(data)
    slopes = tn.simple_slopes(one, focal="ties", moderator="senior")
    assert np.allclose(slopes.estimate, [dummies.estimate[1], dummies.estimate[1:3].sum()], rtol=1e-8)
    with pytest.raises(ModelError, match=r"senior is swallowed.*simple_slopes"):
        tn.predict_surface(one, focal="ties", moderator="senior")
    with pytest.raises(ModelError, match="senior has no coefficient"):
        tn.regression.probes.average_effects(one, focal="ties")
    with pytest.raises(ModelError, match="no variation in senior is left"):
        tn.simple_slopes(one, focal="senior", moderator="ties")


def test_two_rows_a_person_swallow_a_double_demeaned_product():
    data = sales().groupby("person").head(2)
    fit = fitted(data, absorb="person", double_demeaned=True)
    assert fit.swallowed == ("ties:strength",)
    assert "No variation is left in ties:strength" in str(fit)
    with pytest.raises(ModelError, match="no variation in ties:strength is left"):
        tn.simple_slopes(fit, focal="ties", moderator="strength")


@pytest.mark.parametrize(
    ("cluster", "absorbed", "weighted"),
    [
        ("person", ("person", "month"), False),
        ("person", ("person", "month"), True),
        ("team", ("person", "month"), False),
        ("team", ("month",), False),
        ("month", ("person", "month"), False),
    ],
)
def test_cr2_is_that_of_the_design_with_all_dummies(cluster, absorbed, weighted):
    data = sales()
    data = data[data.groupby("person").person.transform("size") > 1][:160].reset_index(drop=True)
    data = data[in_groups(np.column_stack([pd.factorize(data[name])[0] for name in ("person", "month")]))].reset_index(drop=True)
    data["team"], data["w"] = data.person.str[1:].astype(int) % 9, np.linspace(0.3, 3, len(data))
    fit = fitted(data, absorb=absorbed, cluster=cluster, covariance="CR2", center="none", weights="w" if weighted else None)
    estimate, std_error, df = dense(data, cluster, absorbed, data.w.to_numpy() if weighted else None)
    assert np.allclose(fit.estimate, estimate, rtol=1e-8)
    assert np.allclose(fit.std_error, std_error, rtol=1e-8)
    assert np.allclose(fit.dfs, df, rtol=1e-7)


def test_weights_are_as_with_dummies():
    data = sales()[lambda all_: all_.groupby("person").person.transform("size") > 1]
    data["w"] = np.linspace(0.3, 3, len(data))
    one = fitted(data, weights="w", cluster=None, covariance="classical")
    other = tn.Moderation("sales ~ ties*strength + C(person) + C(month)", weights="w", covariance="classical").fit(data)
    places = [other.terms.index(term) for term in one.terms]
    assert np.allclose(one.estimate, other.estimate[places], rtol=1e-8)
    assert np.allclose(one.std_error, other.std_error[places], rtol=1e-8)
    assert np.isclose(one.sigma, other.sigma)


def by_dummies(columns, codes, weights):
    D = np.column_stack([np.eye(column.max() + 1)[column] for column in codes.T])
    root = np.sqrt(weights)[:, None]
    return columns - D @ np.linalg.lstsq(D * root, columns * root, rcond=None)[0], np.linalg.matrix_rank(D)


@pytest.mark.parametrize("shape", ["few", "many", "path", "apart"])
def test_effects_are_taken_out_as_by_dummies(shape, monkeypatch):
    rng = np.random.default_rng(1)
    if shape == "many":  # as with large effects, by conjugate gradients
        monkeypatch.setattr("tienet.regression.core.within._FEW", 0)
    pairs = rng.integers(0, (40, 9), (300, 2))
    if shape == "path":  # each person in two neighbouring months: weakly connected
        pairs = np.array([(person, person + step) for person in range(120) for step in (0, 1, 1)])
    if shape == "apart":
        pairs = np.concatenate([pairs[:150], pairs[150:] + np.array([40, 9])])
    codes = np.column_stack([recoded(column) for column in pairs.T])
    columns, weights = rng.normal(size=(len(codes), 2)), rng.uniform(0.2, 4, len(codes))
    for mass in (np.ones(len(codes)), weights):
        left, rows = by_dummies(columns, codes, mass)
        assert np.abs(sweep(columns + 1e6, codes, mass) - left).max() < 1e-8
    assert rank(codes) == rows


def test_a_large_panel_is_as_with_dummies_where_those_fit():
    """Two columns of thousands of groups: the residuals are orthogonal to every group, and sums of squares agree by blocks."""
    rng = np.random.default_rng(2)
    codes = np.column_stack([recoded(rng.integers(0, 3000, 20_000)), recoded(rng.integers(0, 500, 20_000))])
    left = sweep(rng.normal(size=(20_000, 2)), codes)
    for column in codes.T:
        assert max(np.abs(np.bincount(column, weights=values)).max() for values in left.T) < 1e-9


def test_effects_that_are_not_nested_in_clusters_are_counted():
    """K of the rule: terms, plus levels less one of each effect that is not nested, plus one."""
    data = sales()
    data["team"] = data.person.str[1:].astype(int) % 9
    for cluster, absorbed, counted in (
        ("team", ("person", "month"), 3 + 7 + 1),
        ("team", ("month",), 3 + 7 + 1),
        ("month", ("person",), 3 + 56 + 1),
    ):
        one, other = (fitted(data, absorb=absorbed, cluster=cluster, covariance=kind) for kind in ("CR1", "CR0"))
        G, n = one.covariance.clusters, one.n
        assert np.allclose((one.std_error / other.std_error) ** 2, G / (G - 1) * (n - 1) / (n - counted))


def test_rows_alone_are_dropped_again_and_again_and_told():
    data = {"person": list("aabbcd"), "month": [1, 2, 1, 2, 3, 3], "x": [1.0, 2, 3, 5, 1, 2], "y": [1.0, 3, 2, 6, 1, 2]}
    fit = fitted(data, "y ~ x", cluster=None, covariance="classical", absorb="person")
    assert (fit.n, fit.singletons, fit.n_dropped, dict(fit.dropped)) == (4, 2, 2, {"singletons": 2})
    assert "2 rows dropped, alone in person" in str(fit)
    lonely = {**data, "person": list("abcdef")}
    with pytest.raises(ModelError, match="every row is alone in its person"):
        fitted(lonely, "y ~ x", absorb="person")


def test_errors_with_dummies_of_persons_are_told_by_how_much_they_are_too_large():
    data = sales()[lambda all_: all_.groupby("person").person.transform("size") > 1]
    with pytest.warns(FewClusters, match=r"write absorb='person' instead of C\(person\)") as told:
        dummies = tn.Moderation("sales ~ ties*strength + C(person)", cluster="person").fit(data)
    factor = dummies.std_error[1] / fitted(data, absorb="person").std_error[0]
    assert f"{factor:.2f} times too large" in str(told[0].message)
    assert f"T = {len(data) / 57:.1f} rows" in str(told[0].message)


def test_no_person_is_named():
    data = sales()[lambda all_: all_.groupby("person").person.transform("size") > 1]
    fit, dummies = fitted(data), tn.Moderation("sales ~ ties + C(person)", covariance="classical").fit(data)
    table = tn.compare({"dummies": dummies, "within": fit}).markdown()
    texts = [str(fit), repr(fit), str(dummies), table, " ".join(dummies.steps.frame["terms"]), str(within_between(fit))]
    assert not any(person in text for text in texts for person in data.person.unique())
    assert all(text in table for text in ("Person | 57 categories", "Effects absorbed |  | Person, Month", "Within R² |  | .423"))
    drawn = tn.output.figures.figure_data(dummies)
    assert not drawn.astype(str).apply(lambda column: column.str.contains("p0")).any(axis=None)


def test_a_lagged_outcome_is_warned_about_by_name_and_by_value():
    data = sales().sort_values(["person", "month"])
    data["before"] = data.groupby("person").sales.shift()
    for name in ("before", "sales_lag1"):
        with pytest.warns(TienetWarning, match="Nickell"):
            tn.Moderation(f"sales ~ ties + {name}", absorb="person", cluster="person").fit(data.rename(columns={"before": name}))


def test_rows_taken_as_independent_are_warned_about():
    with pytest.warns(TienetWarning, match="use cluster='person'"):
        fit = absorb("sales ~ ties", "person").fit(sales())
    assert fit.covariance.kind == "HC1"


def test_levels_are_up_to_the_mean_of_the_outcome():
    fit = fitted(sales())
    surface = tn.predict_surface(fit, focal="ties")
    middle = tn.predict_surface(fit, focal="ties", moderator="strength", moderator_at=[fit.variables["strength"].mean])
    assert "up to the mean of sales" in str(surface)
    # the line of the terms at the means of all columns is the mean of the outcome, where its band is closed
    used = fit.sample
    at = used.response.mean() + (surface.focal_values - used.columns["ties"].mean()) * fit.estimate[0]
    shift = fit.estimate[2] * np.cov(used.columns["ties"], used.columns["strength"], ddof=0)[0, 1]
    assert np.allclose(surface.estimate[0], at - shift)
    assert np.allclose(middle.estimate, surface.estimate)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"absorb": ("a", "b", "c")}, "one or two columns, got 3"),
        ({"absorb": ("person", "person")}, "different columns"),
        ({"absorb": "sales"}, "is the outcome"),
        ({"absorb": 3}, "must be a name or a list of names"),
        ({"absorb": "person", "covariance": "HC3"}, "not offered with absorb.*classical, HC0 or HC1"),
        ({"absorb": "person", "covariance": "CR3", "cluster": "person"}, "CR0, CR1 or CR2"),
        ({"absorb": "person", "cluster": ("person", "month")}, "two-way clusters are not offered with absorb"),
        ({"absorb": "person", "steps": {"a": ["ties"]}}, "steps"),
        ({"double_demeaned": True}, "needs absorb"),
        ({"absorb": "person", "double_demeaned": True}, "has none"),
    ],
)
def test_what_is_not_offered_is_one_line(options, message):
    with pytest.raises(ArgumentError, match=message):
        tn.Moderation("sales ~ ties", **options)


def test_joint_tests_and_differences_leave_swallowed_terms_alone():
    fit = fitted(sales(), "sales ~ senior + ties*strength", covariance="CR2")
    plain = fitted(sales(), covariance="CR2")
    product = tn.regression.model.joint_test(fit, ["ties:strength"])
    assert np.isclose(product.statistic, float(fit.frame["statistic"].iloc[-1]) ** 2)
    for ask in (
        lambda one: tn.regression.model.joint_test(one, ["ties", "ties:strength"]).p_value,
        lambda one: tn.regression.probes.slope_differences(one, focal="ties", moderator="strength").joint_p_value,
    ):
        assert np.isclose(ask(fit), ask(plain), rtol=1e-9)
    with pytest.raises(ModelError, match="no term 'senior'"):
        tn.regression.model.joint_test(fit, ["senior"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda model, fit: tn.regression.model.fit_outcomes(model, sales(), ["sales"]),
        lambda model, fit: tn.regression.dependence.random_intercept(model, sales(), unit="person"),
        lambda model, fit: tn.pool([fit, fit]),
        lambda model, fit: tn.regression.model.standardize(fit),
        lambda model, fit: tn.output.tables.step_fits(fit),
    ],
)
def test_what_would_ignore_absorbed_effects_refuses_them(ask):
    with pytest.raises((ArgumentError, ModelError), match=r"absorb|AbsorbedFit"):
        ask(tn.Moderation("sales ~ ties", absorb="person"), fitted(sales()))


def test_what_has_no_level_is_refused():
    fit = fitted(sales())
    for ask in (lambda: fit.predict(sales()), lambda: fit.statsmodels):
        with pytest.raises(ModelError):
            ask()
    with pytest.raises(ModelError, match=r"drop C\(person\)"):
        tn.Moderation("sales ~ ties + C(person)", absorb="person")
    with pytest.raises(ModelError, match="no term varies"):
        fitted(sales(), "sales ~ senior")


def mundlak(fit, data, absorbed):
    """The regression on deviations and means of persons, months as dummies with their means, by ordinary least squares and CR0."""
    rows = data.iloc[fit.sample.rows].copy()
    names = ["ties", "strength"]
    if len(absorbed) == 2:
        for month in sorted(rows.month.unique())[1:]:
            rows[f"m{month}"] = (rows.month == month).astype(float)
            names.append(f"m{month}")
    for name in names:
        rows[f"{name}_mean"] = rows.groupby("person")[name].transform("mean")
        rows[name] -= rows[f"{name}_mean"]
    formula = " + ".join(["senior", *names, *(f"{name}_mean" for name in names)])
    return tn.Moderation(f"sales ~ {formula}", cluster="person", covariance="CR0").fit(rows)


@pytest.mark.parametrize("absorbed", [("person",), ("person", "month")])
def test_slopes_within_and_between_are_those_of_mundlak(absorbed):
    fit = fitted(sales(), "sales ~ ties + strength + senior", absorb=absorbed, covariance="CR0")
    found, pooled = within_between(fit), mundlak(fit, sales(), absorbed)
    for row, name in enumerate(("ties", "strength")):
        one, two = (pooled.terms.index(each) for each in (name, f"{name}_mean"))
        matrix = pooled.covariance.matrix
        variance = matrix[one, one] + matrix[two, two] - 2 * matrix[one, two]
        assert np.allclose(found.estimate[row], [*pooled.estimate[[one, two]], pooled.estimate[two] - pooled.estimate[one]], rtol=1e-7)
        assert np.allclose(found.std_error[row], [*pooled.std_error[[one, two]], variance**0.5], rtol=1e-7)
    clustered = fitted(sales(), "sales ~ ties + strength + senior", absorb=absorbed)
    assert np.allclose(within_between(clustered).std_error[:, 0], clustered.std_error)


def test_slopes_between_need_errors_for_both():
    with pytest.raises(ModelError, match="cluster='person'"):
        within_between(fitted(sales(), cluster=None, covariance="HC1"))
    with pytest.raises(ArgumentError, match="absorbed effects"):
        within_between(tn.Moderation("sales ~ ties").fit(sales()))


def test_categories_and_logarithms_are_as_with_dummies():
    data = sales()[lambda all_: all_.groupby("person").person.transform("size") > 1]
    data["grade"] = pd.Categorical(
        np.where(data.ties > 6, "high", np.where(data.ties > 3, "mid", "low")), ["low", "mid", "high"], ordered=True
    )
    data["strength"] += 2
    terms = "grade*strength + log(strength)"
    one = fitted(data, f"sales ~ {terms}", cluster=None, covariance="classical")
    other = tn.Moderation(f"sales ~ {terms} + C(person) + C(month)", covariance="classical").fit(data)
    places = [other.terms.index(term) for term in one.terms]
    assert np.allclose(one.estimate, other.estimate[places], rtol=1e-8)
    assert np.allclose(one.std_error, other.std_error[places], rtol=1e-8)
    double = fitted(data, "sales ~ log(strength)*ties", double_demeaned=True)
    with pytest.raises(ModelError, match="no variable 'strength'"):  # a deviation of the logarithm is no value of strength
        tn.simple_slopes(double, focal="strength", moderator="ties")
