"""Diagnostics against R (tests/oracles/diagnostics), statsmodels, closed forms and refits."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy.stats import f as f_dist
from scipy.stats import t as t_dist
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.outliers_influence import OLSInfluence

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError
from tienet.output.glossary import describe
from tienet.regression.checks._shared import bin_codes
from tienet.regression.checks._varying import _WINDOWS, Smooth, _sums_by_case, _sums_by_cell, smooth_slope
from tienet.regression.checks.effects import _noncentral_limits
from tienet.regression.checks.support import l_kurtosis
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation

FOLDER = Path(__file__).parent / "oracles" / "diagnostics"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
DATA = pd.read_csv(FOLDER / "data.csv")
TERMS = ("w", "region[north]", "region[west]", "x", "z", "x:z")
PAIR = {"focal": "x", "moderator": "z"}


def fitted(formula: str = "y ~ w + region + x*z", data: object = DATA, **options: object) -> ModerationFit:
    return Moderation(formula, **{"covariance": "classical", "center": "none", **options}).fit(data)


@pytest.fixture(scope="module")
def fit() -> ModerationFit:
    return fitted()


@pytest.fixture(scope="module")
def clustered() -> ModerationFit:
    return fitted(covariance="CR1", cluster="group")


def close(found: object, expected: object, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=rtol, atol=1e-12)


# ---------------------------------------------------------------- linearity


@pytest.mark.parametrize("expected", EXPECTED["linearity"], ids=lambda each: each["kind"])
@pytest.mark.parametrize("center", ["none", "mean"])
def test_bins_and_their_test_against_r(expected: dict, center: str) -> None:
    kind = expected["kind"]
    check = tn.linearity_check(
        fitted(covariance=kind, cluster="group" if kind == "CR1" else None, center=center), **PAIR, points=5, bandwidth=1.0
    )
    for column in ("at", "estimate", "std_error", "p_value"):
        close(getattr(check, column), expected[column], rtol=1e-7 if column == "p_value" else 1e-8)
    assert set(check.dfs) == {expected["df"]}
    assert (check.df1, check.df2) == (expected["df1"], expected["df"])
    close(check.chi_square, expected["chi_square"])
    # lmtest's Wald tests know one df only; after clustering it is G - 1
    close(check.linearity_p, f_dist.sf(expected["chi_square"] / 8, 8, expected["df"]))
    half = (check.conf_high - check.conf_low) / 2
    close(half, t_dist.isf(0.025, expected["df"]) * check.std_error)


def test_the_line_is_the_simple_slope_and_bins_are_right_closed(fit: ModerationFit) -> None:
    check = tn.linearity_check(fit, **PAIR)
    slopes = tn.simple_slopes(fit, **PAIR, at=list(check.at))
    close(check.linear, slopes.estimate)
    ends = tn.simple_slopes(fit, **PAIR, at=[check.line_at[0], check.line_at[-1]])
    close(check.line[[0, -1]], ends.estimate)
    close(check.line_low[[0, -1]], ends.conf_low)
    close(check.line_high[[0, -1]], ends.conf_high)
    assert check.cases.sum() == fit.n
    assert bin_codes(np.array([0.0, 1.0, 1.5, 2.0, 3.0]), np.array([0.0, 1.0, 2.0, 3.0])).tolist() == [0, 0, 1, 1, 2]
    assert f"F(8, {fit.n - 15})" in str(check)


def test_an_exactly_linear_interaction_is_found_everywhere_and_a_curved_one_is_seen() -> None:
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=(2, 300))
    noise = 0.1 * rng.normal(size=300)
    straight = tn.linearity_check(fitted("y ~ x*z", {"y": 1 + x + 2 * x * z + noise, "x": x, "z": z}), **PAIR)
    close(straight.estimate, 1 + 2 * straight.at, rtol=0.2)
    assert straight.linearity_p > 0.01
    near = np.abs(straight.line_at) < 1.5
    assert np.abs(straight.smooth - straight.line)[near].max() < 0.1
    curved = tn.linearity_check(fitted("y ~ x*z", {"y": x * z**2 + noise, "x": x, "z": z}), **PAIR)
    assert curved.linearity_p < 1e-10
    assert "depart from a linear interaction" in str(curved)
    inside = np.abs(curved.line_at) < 1
    assert np.abs(curved.smooth - curved.line_at**2)[inside].max() < 0.2


def test_linearity_with_a_richer_model_shift_and_scale() -> None:
    data = DATA.assign(z_moved=DATA["z"] * 100 + 1e5, x_moved=DATA["x"] * 10 - 7)
    one = tn.linearity_check(fitted("y ~ w*x + region + x*z + x^2 + z^2", data, covariance="HC3", center="mean"), **PAIR)
    two = tn.linearity_check(
        fitted("y ~ w*x_moved + region + x_moved*z_moved + x_moved^2 + z_moved^2", data, covariance="HC3", center="mean"),
        focal="x_moved",
        moderator="z_moved",
    )
    for name in ("estimate", "std_error", "linear", "line", "smooth", "smooth_low"):
        np.testing.assert_allclose(getattr(two, name) * 10, getattr(one, name), rtol=1e-6, err_msg=name)
    close([two.f, two.linearity_p], [one.f, one.linearity_p], rtol=1e-6)
    shuffled = tn.linearity_check(
        fitted("y ~ w*x + region + x*z + x^2 + z^2", data.sample(frac=1, random_state=1), covariance="HC3", center="mean"), **PAIR
    )
    close(shuffled.estimate, one.estimate)
    close(shuffled.smooth, one.smooth, rtol=1e-6)


def test_local_regression_against_weighted_lm_in_r() -> None:
    expected = EXPECTED["local"]
    data = Smooth(*(DATA[name].to_numpy() for name in ("y", "x", "z")), np.ones(len(DATA)), 1.3, 2.0)
    found = smooth_slope(data, np.array([expected["at"]]), expected["h"], None)
    close([found.slope[0], found.std_error[0]], [expected["slope"], expected["std_error"]])
    alone = smooth_slope(data, np.array([expected["at"]]), expected["h"], np.arange(len(DATA)))
    close(alone.std_error, found.std_error)
    assert np.isnan(smooth_slope(data, np.array([1e4]), 0.1, None).slope).all()


@pytest.mark.parametrize("shape", ["normal", "skewed"])
def test_sums_by_cells_are_the_sums_by_cases(shape: str) -> None:
    rng = np.random.default_rng(4)
    D, z, response = rng.normal(size=(3, 3000))
    z = z if shape == "normal" else (np.exp(z) - np.exp(0.5)) / 2
    data = Smooth(response, D, z, rng.uniform(0.5, 2.0, 3000), 1.0, 1.0)
    spots = np.quantile(z, np.linspace(0, 1, 50))
    by_case, by_cell = _sums_by_case(D, z, data), _sums_by_cell(D, z, data)
    for h in _WINDOWS:
        expected = by_case(spots, h)
        np.testing.assert_allclose(by_cell(spots, h), expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())


def test_the_window_is_the_same_whichever_way_it_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    x, z = rng.normal(size=(2, 1500))
    model = fitted("y ~ x*z", {"y": x * np.sin(2 * z) + rng.normal(size=1500), "x": x, "z": z})
    few = tn.linearity_check(model, **PAIR)
    monkeypatch.setattr("tienet.regression.checks._varying._FEW", 0)
    many = tn.linearity_check(model, **PAIR)
    assert many.bandwidth == few.bandwidth
    close(many.smooth, few.smooth, rtol=1e-12)


def test_the_smooth_slope_takes_memory_for_cases_not_for_cases_times_places() -> None:
    n = 20_000
    D, z, response = np.random.default_rng(6).normal(size=(3, n))
    data = Smooth(response, D, z, np.ones(n), 1.0, 1.0)
    tracemalloc.start()
    smooth_slope(data, np.linspace(-2, 2, 50), None, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * n * 8


def test_linearity_refusals(fit: ModerationFit) -> None:
    binary = fitted("y ~ x*region", DATA[DATA["region"] != "west"])
    with pytest.raises(ModelError, match="is always linear"):
        tn.linearity_check(binary, "x", "region")
    flat = DATA.assign(k=(DATA["z"] > DATA["z"].median()) * DATA["x"])
    with pytest.raises(ModelError, match=r"k does not vary in the bin of z .* so it has no slope there; use fewer bins, or other edges"):
        tn.linearity_check(fitted("y ~ k*z", flat), "k", "z")
    with pytest.raises(ModelError, match="does not depend on w"):
        tn.linearity_check(fit, "x", "w")
    with pytest.raises(ModelError, match="x is both focal and moderator; for a curve, use u_test"):
        tn.linearity_check(fitted("y ~ x + x^2"), "x", "x")
    for options, message in (
        ({"bins": 1}, "bins must be at least 2"),
        ({"bins": [3.0, 2.0]}, "must be finite, increasing numbers"),
        ({"bins": [99.0]}, "outside the observed"),
        ({"bandwidth": -1.0}, "above 0"),
        ({"points": 1}, "points must be a whole number from 2 to .*; got 1"),
    ):
        with pytest.raises(ArgumentError, match=message):
            tn.linearity_check(fit, **PAIR, **options)
    with pytest.raises(ArgumentError, match="needs the fit of a Moderation on data"):
        tn.linearity_check(fit.polynomial, **PAIR)
    given = tn.linearity_check(fit, **PAIR, bins=[2.0])
    assert given.df1 == 4
    assert given.cases.tolist() == [(DATA["z"] <= 2).sum(), (DATA["z"] > 2).sum()]


def test_a_bin_in_which_the_moderator_is_constant_has_a_slope() -> None:
    """That of a regression of its own rows; where each bin is one value, the test is that of the product with a category."""
    rng = np.random.default_rng(0)
    z = np.where(rng.random(400) < 0.6, 0, rng.integers(1, 9, 400)) * 1.0
    x = rng.normal(size=400)
    data = pd.DataFrame({"x": x, "z": z, "three": rng.integers(0, 3, 400), "y": x * (z > 3) + rng.normal(size=400)})
    check = tn.linearity_check(fitted("y ~ x*z", data), "x", "z", bins=[0.5, 3.5])
    for place, rows in enumerate((z == 0, (z > 0) & (z <= 3.5), z > 3.5)):
        columns = sm.add_constant(np.column_stack([x, z - check.at[place], x * (z - check.at[place])])[rows], has_constant="add")
        columns = columns[:, :2] if place == 0 else columns
        assert check.estimate[place] == pytest.approx(sm.OLS(data["y"][rows], columns).fit().params.iloc[1], rel=1e-8)
    assert check.df1 == 6
    each = tn.linearity_check(fitted("y ~ x*three", data), "x", "three", bins=[0.5, 1.5])
    full, line = smf.ols("y ~ x*C(three)", data).fit(), smf.ols("y ~ x*three", data).fit()
    f, p, _ = full.compare_f_test(line)
    assert (each.f, each.df1, each.linearity_p) == pytest.approx((f, 2, p), rel=1e-8)


def test_too_few_clusters_leave_no_test_but_bins() -> None:
    data = DATA.assign(few=DATA["group"] % 6)
    with pytest.warns(tn.base.errors.FewClusters):
        check = tn.linearity_check(fitted(data=data, covariance="CR1", cluster="few"), **PAIR)
    assert np.isnan(check.f)
    assert "cannot be tested: 6 clusters carry a test of at most 5 terms" in str(check)


# ---------------------------------------------------------------- common support


def test_support_by_bins_is_what_pandas_counts(fit: ModerationFit) -> None:
    found = tn.regression.checks.common_support(fit, **PAIR)
    cut = pd.qcut(DATA["z"], 3)
    table = DATA.groupby(cut, observed=True)["x"].agg(["size", "min", "max"])
    assert found.cases.tolist() == table["size"].tolist()
    close(found.focal_low, table["min"])
    close(found.focal_high, table["max"])
    close(found.share_outside, 1 - (table["max"] - table["min"]) / np.ptp(DATA["x"]))
    close(found.line_at, DATA["z"].mean() + np.array([-1, 1]) * DATA["z"].std())
    for at, place in zip(found.line_at, found.line_bin, strict=True):
        assert found.bin_low[place] <= at <= found.bin_high[place]
    assert found.frame["share"].sum() == pytest.approx(1)


def test_support_of_a_category_and_of_given_edges() -> None:
    two = DATA[DATA["region"] != "west"]
    found = tn.regression.checks.common_support(fitted("y ~ x*region", two), "x", "region")
    assert found.label == ("0", "1")
    assert found.cases.tolist() == [(two["region"] == level).sum() for level in ("east", "north")]
    empty = tn.regression.checks.common_support(fitted(), **PAIR, bins=[0.5, 7.0, 7.01])
    assert empty.cases.sum() == len(DATA)
    assert (empty.cases > 0).all()


def test_a_line_whose_moderator_value_nobody_has_is_all_extrapolation() -> None:
    rng = np.random.default_rng(0)
    z = np.concatenate([np.zeros(90), rng.uniform(5, 6, 10)])
    data = {"y": rng.normal(size=100), "x": rng.normal(size=100), "z": z}
    found = tn.regression.checks.common_support(fitted("y ~ x*z", data), **PAIR, bins=[1.0])
    assert found.line_bin[0] == -1
    assert found.line_share_outside[0] == 1


def test_l_kurtosis_of_known_distributions() -> None:
    # Hosking (1990), table 1: uniform 0, normal 0.1226, exponential 1/6, Gumbel 0.1504
    from scipy.stats import expon, gumbel_r, norm, uniform

    grid = (np.arange(200_000) + 0.5) / 200_000
    for distribution, value in ((uniform, 0.0), (norm, 0.1226), (expon, 1 / 6), (gumbel_r, 0.1504)):
        assert l_kurtosis(distribution.ppf(grid)) == pytest.approx(value, abs=2e-4)
    assert np.isnan(l_kurtosis(np.ones(9)))


# ---------------------------------------------------------------- influence


def test_influence_of_cases_against_r(fit: ModerationFit) -> None:
    found, expected = tn.regression.checks.influence(fit), EXPECTED["influence"]
    assert found.term == expected["term"]
    for name in ("dfbetas", "cook", "leverage", "studentized"):
        close(getattr(found, name), expected[name])
    close(found.change, expected["dfbeta"])
    close(found.estimate, found.full_estimate - np.array(expected["dfbeta"]))


def test_influence_against_statsmodels_for_any_term_and_centre() -> None:
    centred = fitted(center="mean")
    reference = OLSInfluence(OLS(*_arrays(centred)).fit())
    for j, term in enumerate(centred.terms):
        found = tn.regression.checks.influence(centred, term)
        close(found.dfbetas, reference.dfbetas[:, j], rtol=1e-7)
        close(found.cook, reference.cooks_distance[0], rtol=1e-7)
        close(found.studentized, reference.resid_studentized_external)
    assert tn.regression.checks.influence(centred, "z:x").term == "x:z"


def _arrays(fit: ModerationFit) -> tuple[np.ndarray, np.ndarray]:
    return fit.sample.response, np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.centers)])


def test_influence_of_clusters_against_r(clustered: ModerationFit) -> None:
    found = tn.regression.checks.influence(clustered, by="cluster")
    close(found.estimate, EXPECTED["influence"]["without_cluster"])
    close(found.cook, EXPECTED["influence"]["cook_cluster"])
    assert found.numbers.tolist() == list(range(1, 21))
    assert np.isnan(found.studentized).all()
    assert found.leverage.sum() == pytest.approx(7)
    assert "cluster_number" in found.frame


@pytest.mark.parametrize("covariance", ["classical", "HC3", "CR1"])
def test_sets_of_cases_do_what_they_say_in_a_refit(covariance: str) -> None:
    cluster = "group" if covariance == "CR1" else None
    data = DATA.assign(y=DATA["y"] + 0.2 * DATA["x"] * DATA["z"])
    found = tn.regression.checks.influence(fitted(data=data, covariance=covariance, cluster=cluster))
    assert [removal.aim for removal in found.removals] == ["not_significant", "sign_change"]
    for removal in found.removals:
        rest = fitted(data=data.drop(index=removal.numbers - 1), covariance=covariance, cluster=cluster).frame.set_index("term").loc["x:z"]
        close([removal.estimate, removal.std_error, removal.p_value], rest[["estimate", "std_error", "p_value"]], rtol=1e-7)
        assert removal.confirmed == ((removal.p_value >= 0.05) if removal.aim == "not_significant" else (removal.estimate < 0))
    less, turned = found.removals
    assert len(less.numbers) < len(turned.numbers)
    assert turned.confirmed
    one_less = fitted(data=data.drop(index=turned.numbers[:-1] - 1))
    assert one_less.estimate[-1] > 0
    assert set(less.numbers) <= set(turned.numbers)


def test_influence_does_not_depend_on_units_zeros_or_the_order_of_rows(fit: ModerationFit) -> None:
    one = tn.regression.checks.influence(fit)
    moved = DATA.assign(x=DATA["x"] * 1e3 + 1e6, z=DATA["z"] / 7 - 40, y=5 - 2 * DATA["y"])
    two = tn.regression.checks.influence(fitted(data=moved))
    close(two.dfbetas, -one.dfbetas, rtol=1e-5)  # the sign turns with the outcome; x keeps ten of its digits
    close(two.cook, one.cook, rtol=1e-5)
    assert [removal.numbers.tolist() for removal in two.removals] == [removal.numbers.tolist() for removal in one.removals]
    back = tn.regression.checks.influence(fitted(data=DATA.iloc[::-1]))
    close(back.dfbetas[::-1], one.dfbetas)
    assert [(161 - removal.numbers).tolist() for removal in back.removals] == [removal.numbers.tolist() for removal in one.removals]


def test_clusters_are_numbered_as_the_data_show_them() -> None:
    named = DATA.assign(team=[f"t{(7 * group) % 20}" for group in DATA["group"]])
    one = tn.regression.checks.influence(fitted(covariance="CR1", cluster="group"), by="cluster")
    two = tn.regression.checks.influence(fitted(data=named, covariance="CR1", cluster="team"), by="cluster")
    close(two.estimate, one.estimate)
    assert not set(named["team"]) & set(str(two).split())


def test_rows_are_counted_in_the_data_as_they_came() -> None:
    data = {"id": list("abcdefg"), "y": [np.nan, 1.0, 2.1, 2.9, 4.2, 4.8, 9.0], "x": [0, 1, 2, 3, 4, 5, 6]}
    found = tn.regression.checks.influence(fitted("y ~ x", data), "x")
    assert found.numbers.tolist() == [2, 3, 4, 5, 6, 7]
    assert "row 7" in str(found)


def test_a_case_that_alone_carries_a_term_has_no_estimate_without() -> None:
    data = {"y": [1.0, 2.0, 3.5, 4.0, 5.5, 7.0], "x": [1, 2, 3, 4, 5, 6], "d": [0, 0, 0, 0, 0, 1]}
    with pytest.warns(tn.base.errors.FewRows, match="d rests on one row: its standard error is right only if"):
        found = tn.regression.checks.influence(fitted("y ~ x + d", data), "d")
    assert np.isnan(found.estimate[-1])
    assert not np.isnan(found.estimate[:-1]).any()
    grouped = pd.DataFrame({**data, "g": [0, 0, 1, 1, 2, 2]})
    with pytest.warns(tn.base.errors.FewClusters):
        by = tn.regression.checks.influence(fitted("y ~ x + d", grouped, covariance="CR0", cluster="g"), "d", by="cluster")
    assert np.isnan(by.estimate[-1])


def test_influence_refusals(fit: ModerationFit) -> None:
    with pytest.raises(ModelError, match="needs a fit with clusters"):
        tn.regression.checks.influence(fit, by="cluster")
    with pytest.raises(ModelError, match="no term 'x:w'"):
        tn.regression.checks.influence(fit, "x:w")
    with pytest.raises(ArgumentError, match=r"by must be one of .*; got 'team'"):
        tn.regression.checks.influence(fit, by="team")


# ---------------------------------------------------------------- collinearity, assumptions


def test_condition_indexes_and_proportions_against_r(fit: ModerationFit) -> None:
    found = tn.regression.checks.collinearity(fit)
    order = [0, 1, 2, 3, 4, 5, 6]
    for name in ("centred", "raw"):
        expected = EXPECTED["collinearity"][name]
        close(getattr(found, f"{name}_index"), expected["index"])
        close(getattr(found, f"{name}_proportions")[:, order], expected["proportions"], rtol=1e-6)
        close(getattr(found, f"{name}_proportions").sum(axis=0), np.ones(7))
    assert found.condition_number == (found.centred_index[-1], found.raw_index[-1])
    close(found.frame["centred"][1:], fit.vif.centred)


def test_collinearity_says_who_is_involved() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=50)
    found = tn.regression.checks.collinearity(fitted("y ~ x + v", {"y": rng.normal(size=50), "x": x, "v": x + 0.01 * rng.normal(size=50)}))
    assert "It accounts for over half of the variance of x and v" in str(found)


@pytest.mark.parametrize(("name", "options"), [("koenker", {}), ("original", {"studentize": False}), ("white", {"on": "fitted"})])
def test_breusch_pagan_against_lmtest(name: str, options: dict) -> None:
    expected = EXPECTED["bptest"][name]
    for center in ("none", "mean"):
        found = tn.regression.checks.breusch_pagan(fitted(center=center), **options)
        close([found.statistic, found.df1, found.p_value], [expected["statistic"], expected["df"], expected["p_value"]])
    assert "covariance='HC3'" in str(found)
    assert "allow for" in str(tn.regression.checks.breusch_pagan(fitted(covariance="HC3"), **options))


@pytest.mark.parametrize(
    ("powers", "covariance", "key"),
    [((2, 3), "classical", "2,3"), ((2,), "classical", "2"), ((3,), "classical", "3"), ((2, 3), "HC3", "HC3")],
)
def test_reset_against_lmtest(powers: tuple[int, ...], covariance: str, key: str) -> None:
    expected = EXPECTED["reset"][key]
    found = tn.regression.checks.reset_test(fitted(covariance=covariance), powers)
    close([found.statistic, found.df1, found.df2, found.p_value], [expected["statistic"], *expected["df"], expected["p_value"]], rtol=1e-7)
    assert "F(" in str(found)


def test_specification_refusals(fit: ModerationFit) -> None:
    with pytest.raises(ArgumentError, match=r"on must be one of .*; got 'squares'"):
        tn.regression.checks.breusch_pagan(fit, on="squares")
    for powers in ((), (1,), (2, 2), (2.5,)):
        with pytest.raises(ArgumentError, match="whole numbers from 2"):
            tn.regression.checks.reset_test(fit, powers)
    with pytest.raises(ModelError, match=r"fitted\^2"):
        tn.regression.checks.reset_test(fitted("y ~ region", DATA[DATA["region"] != "west"]))
    assert list(tn.regression.checks.reset_test(fit).frame.columns) == ["test", "statistic", "distribution", "df1", "df2", "p_value"]


# ---------------------------------------------------------------- several hypotheses


@pytest.mark.parametrize("method", ["holm", "bh", "bonferroni", "hochberg", "by"])
def test_adjusted_p_against_r(method: str) -> None:
    p = [np.nan if value is None else value for value in EXPECTED["adjust"]["p"]]
    found = tn.regression.checks.adjust_p(p, method)
    close(found.p_adjusted, [np.nan if value is None else value for value in EXPECTED["adjust"][method]], rtol=1e-12)
    close(tn.regression.checks.adjust_p(p[::-1], method).p_adjusted, found.p_adjusted[::-1], rtol=1e-12)
    assert "1 without a p-value not counted" in str(found)


def test_adjusted_p_by_name_and_refusals() -> None:
    found = tn.regression.checks.adjust_p({"H1": 0.01, "H2": 0.2})
    assert (found["H1"], found["H2"]) == (0.02, 0.2)
    assert found.frame["hypothesis"].tolist() == ["H1", "H2"]
    assert np.isnan(tn.regression.checks.adjust_p([np.nan]).p_adjusted).all()
    for p in ([1.2], [-0.1], [np.inf]):
        with pytest.raises(ArgumentError, match="between 0 and 1"):
            tn.regression.checks.adjust_p(p)
    for p in ([], ["small"], [[0.1, 0.2]]):
        with pytest.raises(ArgumentError, match="p "):
            tn.regression.checks.adjust_p(p)
    with pytest.raises(ArgumentError, match=r"method must be one of .*; got 'sidak'"):
        tn.regression.checks.adjust_p([0.1], "sidak")


# ---------------------------------------------------------------- sizes


def test_sizes_against_r(fit: ModerationFit) -> None:
    found, expected = tn.regression.checks.effect_sizes(fit), EXPECTED["sizes"]
    assert found.term == (*TERMS, "region")
    close(found.f_squared, [*expected["f_squared"], expected["region_f_squared"]])
    close(found.partial_r_squared[:-1], expected["partial"])
    close(found.delta_r_squared[:-1], expected["delta"])
    limits = np.vstack([expected["limits"], expected["region_limits"]])
    close(found.f_squared_low, limits[:, 0], rtol=1e-6)  # two root finders
    close(found.f_squared_high, limits[:, 1], rtol=1e-6)
    close(found.partial_high, limits[:, 1] / (1 + limits[:, 1]), rtol=1e-6)
    assert found.kind[-1] == "block"


def test_standardized_coefficients_are_those_of_z_scores(fit: ModerationFit) -> None:
    expected = EXPECTED["sizes"]
    for center in ("none", "mean"):
        found = tn.regression.checks.effect_sizes(fitted(center=center))
        close(found.standardized[:-1], expected["standardized"])
        close(found.standardized_low[:-1], expected["standardized_low"])
    assert np.isnan(found.standardized[-1])


def test_delta_r_squared_is_what_leaving_out_takes_away(fit: ModerationFit) -> None:
    found = tn.regression.checks.effect_sizes(fit, blocks={"both": ["region", "x:z"]})
    without = tn.regression.model.drop_terms(fit, ["region", "x:z"])
    close(found.delta_r_squared[-1], fit.r_squared - without.r_squared)
    assert found.df1[-1] == 3
    assert np.isnan(tn.regression.checks.effect_sizes(fitted(covariance="HC3")).f_squared_low).all()
    assert "no intervals of f2 under HC3" in str(tn.regression.checks.effect_sizes(fitted(covariance="HC3")))
    with pytest.raises(ModelError, match="no term 'q'"):
        tn.regression.checks.effect_sizes(fit, blocks={"b": ["q"]})
    with pytest.raises(ArgumentError, match="is empty; give its terms"):
        tn.regression.checks.effect_sizes(fit, blocks={"b": []})


def test_a_fit_without_residuals_has_no_interval() -> None:
    x = np.arange(8.0)
    with pytest.warns(tn.base.errors.ExactFit):
        found = tn.regression.checks.effect_sizes(fitted("y ~ x", {"y": 2 * x + 1, "x": x}))
    assert np.isnan(found.f_squared_high).all()
    assert found.standardized[0] == pytest.approx(1)


def test_limits_of_a_very_large_f_are_where_the_distribution_says() -> None:
    from scipy.stats import ncf

    low, high = _noncentral_limits(5000.0, 1, 500, 0.05)
    close([ncf.cdf(5000.0, 1, 500, low), ncf.cdf(5000.0, 1, 500, high)], [0.975, 0.025], rtol=1e-6)
    assert low < 5000 < high
    assert _noncentral_limits(0.5, 1, 50, 0.05)[0] == 0


def test_shares_of_r_squared_against_all_orders_in_r() -> None:
    fit, expected = fitted(center="mean"), EXPECTED["shares"]
    found = tn.regression.checks.variance_shares(fit, {"w": ["w"], "region": ["region"], "x": ["x"], "z": ["z", "x:z"]})
    assert list(found.block) == expected["block"]
    close(found.r_squared_share, expected["share"])
    close(found.alone, expected["alone"])
    close(found.r_squared_share.sum(), fit.r_squared)
    close(found.after_others[0], fit.r_squared - tn.regression.model.drop_terms(fit, ["w"]).r_squared)
    rest = tn.regression.checks.variance_shares(fit, {"w": ["w"]})
    assert rest.block == ("w", "other terms")
    close(rest.r_squared_share.sum(), fit.r_squared)


def test_share_refusals(fit: ModerationFit) -> None:
    with pytest.raises(ArgumentError, match="x must be in only one block, but is in two"):
        tn.regression.checks.variance_shares(fit, {"a": ["x"], "b": ["x", "z"]})
    with pytest.raises(ArgumentError, match="got 1"):
        tn.regression.checks.variance_shares(fit, {"all": ["w", "region", "x", "z", "x:z"]})


# ---------------------------------------------------------------- partial residuals


def test_partial_residuals_of_an_additive_model_against_r() -> None:
    fit = fitted("y ~ w + region + x + z")
    for name in ("x", "z"):
        found = tn.regression.checks.partial_residuals(fit, name).partial_residual
        close(found - found.mean(), EXPECTED["partial"][name], rtol=1e-7)


@pytest.mark.parametrize("center", ["none", "mean"])
def test_partial_residuals_give_the_coefficients_back(center: str) -> None:
    fit = fitted(center=center)
    found = tn.regression.checks.partial_residuals(fit, **PAIR)
    x, z = found.focal_observed - fit.variables["x"].center, found.moderator_observed - fit.variables["z"].center
    b = np.linalg.lstsq(np.column_stack([np.ones(fit.n), x, z, x * z]), found.partial_residual, rcond=None)[0]
    close(b[1:], fit.estimate[4:], rtol=1e-7)
    low, high = found.surface.moderator_values
    assert (found.nearest == (np.abs(DATA["z"] - high) < np.abs(DATA["z"] - low))).all()
    assert found.numbers.tolist() == list(range(1, 161))
    assert "nearest to +1 SD" in str(found)


# ---------------------------------------------------------------- all of them


def test_every_record_has_a_sentence_and_what_to_cite(fit: ModerationFit) -> None:
    found = [
        tn.linearity_check(fit, **PAIR),
        tn.regression.checks.common_support(fit, **PAIR),
        tn.regression.checks.influence(fit),
        tn.regression.checks.collinearity(fit),
    ]
    found += [
        tn.regression.checks.breusch_pagan(fit),
        tn.regression.checks.breusch_pagan(fit, on="fitted"),
        tn.regression.checks.reset_test(fit),
        tn.regression.checks.adjust_p([0.1, 0.2]),
    ]
    found += [
        tn.regression.checks.effect_sizes(fit),
        tn.regression.checks.variance_shares(fit, {"w": ["w"]}),
        tn.regression.checks.partial_residuals(fit, **PAIR),
    ]
    for record in found:
        assert len(str(record)) > 40
        assert record.cite().count(";") >= 1
        for column in record.frame.columns:
            assert describe(column).meaning


def test_a_removal_prints_what_was_found() -> None:
    found = tn.regression.checks.influence(fitted("y ~ x*z"), "x:z").removals
    assert [repr(removal).startswith(f"<Removal: {removal.aim}, {len(removal.numbers)} unit") for removal in found] == [True] * len(found)
    assert found
