"""Covariances against sandwich and clubSandwich in R: tests/oracles/covariances/make.R says how the numbers were made."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as f_dist
from scipy.stats import t as t_dist

import tienet as tn
from tienet.base.errors import FewClusters, ModelError
from tienet.regression.core.polynomial import recentring
from tienet.regression.covariance.cluster_sums import effective_clusters
from tienet.regression.covariance.clustered import CR1
from tienet.regression.covariance.cr2 import CR2
from tienet.regression.covariance.satterthwaite_degrees import satterthwaite
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation
from tienet.regression.probes._along import along
from tienet.regression.probes._critical import Critical
from tienet.regression.probes._stretches import regions_of

FOLDER = Path(__file__).parent / "oracles" / "covariances"
R = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
DATA = pd.read_csv(FOLDER / "data.csv")
FORMULA = "y ~ w + x + z + x^2 + x:z"  # the order of the coefficients in R
COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.FewClusters", "ignore::tienet.base.errors.OutsideSupport")


def fitted(covariance: str, formula: str = FORMULA, data: pd.DataFrame = DATA, **options: object) -> ModerationFit:
    cluster = {"cluster": "team"} if covariance.startswith("CR") else {}
    return Moderation(formula, covariance=covariance, **{**cluster, **options}).fit(data)


def same_table(fit: ModerationFit, expected: dict[str, object], rtol: float = 1e-8, columns: tuple[str, ...] = COLUMNS) -> None:
    for name in columns:
        np.testing.assert_allclose(fit.frame[name], expected[name], rtol=rtol, err_msg=name)
    np.testing.assert_allclose(fit.covariance.matrix, expected["matrix"], rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5"])
def test_heteroscedastic_tables_from_sandwich(kind: str) -> None:
    same_table(fitted(kind), R["hc"][kind])


@pytest.mark.parametrize(("kind", "theirs"), [("CR0", "CR0"), ("CR1", "CR1S"), ("CR2", "CR2"), ("CR3", "CR3")])
def test_clustered_tables_from_clubsandwich(kind: str, theirs: str) -> None:
    # the stored table of CR3 has its "naive" t with G - 1 degrees of freedom; ours are checked by their definition below
    same_table(fitted(kind), R["cr"][theirs], columns=COLUMNS[:3] if kind == "CR3" else COLUMNS)


def test_other_factors_of_cr1_are_not_ours() -> None:
    ours = fitted("CR1").std_error[1]
    assert ours == pytest.approx(R["cr"]["CR1S"]["std_error"][1], rel=1e-8)
    for other in ("CR1", "CR1p"):
        assert ours != pytest.approx(R["cr"][other]["std_error"][1], rel=1e-3)


def test_a_cluster_that_alone_decides_a_coefficient() -> None:
    same_table(fitted("CR2", "y ~ w + only"), R["alone"]["CR2"])
    with pytest.raises(
        ModelError, match="CR3 is not defined: a cluster of 3 rows alone determines only; no clustered error or bootstrap can test"
    ):
        fitted("CR3", "y ~ w + only")


def test_advice_on_few_clusters_can_be_followed() -> None:
    with pytest.warns(FewClusters) as told:
        fitted("CR1", cluster=("team", "month"))
    few = [str(one.message) for one in told if "below about 15" in str(one.message)]
    assert len(few) == 2
    assert all(
        f"cluster={name!r} alone with covariance='CR2' corrects for that" in one for name, one in zip(("team", "month"), few, strict=True)
    )


def test_two_way_tables_from_sandwich() -> None:
    for kind in ("CR0", "CR1"):
        fit = fitted(kind, "y ~ w + x", cluster=("team", "month"), center="none")
        same_table(fit, {**R["two_way"][kind], "df": [6] * 3})
    assert fit.covariance.clusters == (10, 7)
    both = len(DATA[["team", "month"]].drop_duplicates())
    assert fit.covariance.factor == pytest.approx([G / (G - 1) * 119 / 117 for G in (10, 7, both)])
    assert str(fit.covariance) == "CR1 standard errors clustered by team and month (10 and 7 clusters), df = 6"
    assert fit.df == 6
    assert {"petersen_2009", "cameron_gelbach_miller_2011"} <= set(fit.covariance._works())


def test_firms_and_years() -> None:
    data = pd.read_csv(FOLDER / "panel.csv")
    oracle = R["panel"]
    both = Moderation("y ~ x", cluster=("firm", "year"), center="none").fit(data)
    np.testing.assert_allclose(both.estimate, oracle["estimate"], rtol=1e-10)
    np.testing.assert_allclose(both.std_error, oracle["both"], rtol=1e-9)
    assert both.df == 9
    none = Moderation("y ~ x", covariance="CR0", cluster=("firm", "year"), center="none").fit(data)
    np.testing.assert_allclose(none.std_error, oracle["both0"], rtol=1e-9)
    for cluster in ("firm", "year"):
        one = Moderation("y ~ x", cluster=cluster, center="none").fit(data)
        np.testing.assert_allclose(one.std_error, oracle[cluster], rtol=1e-9)


def test_eigenvalues_below_zero_are_clipped_and_said() -> None:
    with pytest.warns(FewClusters, match=r"the two-way covariance by team and month had 2 negative eigenvalues, set to 0"):
        fit = fitted("CR1", cluster=("team", "month"))
    solution, codes = fit.solution, fit.sample.clusters
    # what sandwich gives, unclipped, in the coordinates of the basis
    back = recentring(fit.design.terms, fit.design.means, fit.design.centers) @ solution.back
    forward = np.linalg.inv(back)
    values, vectors = np.linalg.eigh(forward @ np.array(R["two_way"]["indefinite"]["matrix"]) @ forward.T)
    assert (values < 0).sum() == CR1().below_zero(solution, codes) == 2
    clipped = back @ (vectors * np.maximum(values, 0)) @ vectors.T @ back.T
    np.testing.assert_allclose(fit.covariance.matrix, clipped, rtol=1e-7, atol=1e-10)
    assert np.isnan(tn.regression.model.joint_test(fit, ["w", "x", "z", "x^2", "x:z"]).statistic)


# ---------------------------------------------------------------- Satterthwaite, everywhere


def working_products(fit: ModerationFit, rows: np.ndarray, power: float) -> np.ndarray:
    """(r, r, G, G) inner products of the weights that the adjusted residuals of each cluster give to independent errors, (r, k) rows."""
    X = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.means)])
    codes = fit.sample.clusters
    bread = np.linalg.inv(X.T @ X)
    M = np.eye(fit.n) - X @ bread @ X.T
    weights = []
    for row in rows:
        columns = []
        for g in range(codes.max() + 1):
            own = codes == g
            values, vectors = np.linalg.eigh(M[np.ix_(own, own)])
            root = (vectors * np.where(values > 1e-10, np.maximum(values, 1e-10) ** power, 0)) @ vectors.T
            columns.append(M[:, own] @ root @ X[own] @ bread @ row)
        weights.append(columns)
    return np.einsum("sgi,thi->stgh", np.array(weights), np.array(weights), optimize=True)


def brute_force(fit: ModerationFit, rows: np.ndarray, power: float = -0.5) -> np.ndarray:
    """Bell and McCaffrey as written, with n x n matrices, on the columns around the means."""
    each = [working_products(fit, row[None], power)[0, 0] for row in rows]
    return np.array([np.trace(P) ** 2 / np.sum(P**2) for P in each])


def test_degrees_of_freedom_by_their_definition() -> None:
    rng = np.random.default_rng(0)
    fit = fitted("CR2")
    rows = rng.normal(size=(7, 6))
    np.testing.assert_allclose(fit.polynomial.df_of(rows), brute_force(fit, rows), rtol=1e-8)
    np.testing.assert_allclose(fit.polynomial.df_of(-3e5 * rows), fit.polynomial.df_of(rows), rtol=1e-10)
    three = fit.polynomial.own_degrees.along(rows[:3]).compact()
    np.testing.assert_allclose(three.of(rows[3:, :3]), fit.polynomial.df_of(rows[3:, :3] @ rows[:3]), rtol=1e-9)
    lonely = fitted("CR2", "y ~ w + only")
    rows = rng.normal(size=(5, 3))
    np.testing.assert_allclose(lonely.polynomial.df_of(rows), brute_force(lonely, rows), rtol=1e-7)
    assert np.isnan(fit.polynomial.df_of(np.zeros((1, 6)))[0])


def test_degrees_of_freedom_of_cr3_by_their_definition() -> None:
    """Those of Bell and McCaffrey with the adjustment matrices of CR3; jointly the eta of Tipton and Pustejovsky with the same."""
    fit = fitted("CR3")
    rows = np.random.default_rng(1).normal(size=(5, 6))
    np.testing.assert_allclose(fit.polynomial.df_of(rows), brute_force(fit, rows, -1.0), rtol=1e-8)
    assert (fit.dfs < fitted("CR2").dfs).all()
    expected = np.einsum("stgg->st", working_products(fit, rows[:3], -1.0))
    root = np.linalg.inv(np.linalg.cholesky(expected))
    P = working_products(fit, root @ rows[:3], -1.0)
    spread = np.einsum("ssgh,ttgh->", P, P) + np.einsum("stgh,tsgh->", P, P)
    degrees = fit.polynomial.own_degrees
    assert degrees.hotelling(rows[:3]) == pytest.approx(12 / spread, rel=1e-8)
    test = tn.regression.model.joint_test(fit, ["x:z"])
    assert (test.test, test.statistic) == ("HTZ", pytest.approx(fit.frame["statistic"].iloc[-1] ** 2, rel=1e-10))


def test_equal_clusters_of_a_mean_have_all_their_degrees_of_freedom() -> None:
    codes = np.repeat(np.arange(8), 5)
    basis = np.full((40, 1), 40**-0.5)
    assert satterthwaite(basis, np.eye(1), codes).of(np.eye(1))[0] == pytest.approx(7, rel=1e-12)


def test_slopes_and_bands_from_clubsandwich() -> None:
    fit = fitted("CR2")
    expected = R["slopes"]
    slopes = tn.simple_slopes(fit, focal="x", moderator="z", at=expected["at"])
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(slopes, name), expected[name], rtol=1e-8, err_msg=name)
    np.testing.assert_allclose(slopes.dfs, expected["df"], rtol=1e-8)
    band = tn.johnson_neyman(fit, focal="x", moderator="z").curve(expected["at"])
    np.testing.assert_allclose(band.conf_low, expected["conf_low"], rtol=1e-8, atol=1e-12)
    along = tn.johnson_neyman(fit, focal="x", moderator="x").curve(R["curve"]["at"])
    np.testing.assert_allclose(along.conf_high, R["curve"]["conf_high"], rtol=1e-8, atol=1e-12)
    assert str(slopes).endswith(
        "CR2 standard errors clustered by team (10 clusters), n = 120, Satterthwaite df, with x = " + f"{DATA['x'].mean():.3f}."
    )


def test_the_fit_has_degrees_of_freedom_for_each_row_in_every_centring() -> None:
    for center in ("mean", "none", {"x": 3.0, "z": -1.0}):
        fit = fitted("CR2", center=center)
        direct = tn.simple_slopes(fit, focal="x", moderator="z", at={"z": fit.variables["z"].center, "x": fit.variables["x"].center})
        assert fit.dfs[2] == pytest.approx(direct.dfs[0], rel=1e-9)
        assert fit.df == fit.covariance.df == pytest.approx(fit.dfs.min())
    assert "Satterthwaite df from" in str(fit)
    np.testing.assert_allclose(fitted("CR3").frame["df"], fitted("CR3").dfs)


@pytest.mark.parametrize("control", ["pointwise", "fdr", "simultaneous"])
@pytest.mark.parametrize(("focal", "moderator"), [("x", "z"), ("x", "x"), ("z", "x")])
def test_t_is_critical_at_every_bound_of_its_own(control: str, focal: str, moderator: str) -> None:
    fit, level = fitted("CR2"), 0.3
    regions = tn.johnson_neyman(fit, focal=focal, moderator=moderator, control=control, alpha=level)
    assert regions.bounds
    assert np.isnan(regions.critical)
    slopes = tn.simple_slopes(fit, focal=focal, moderator=moderator, at=list(regions.bounds))
    np.testing.assert_allclose(np.abs(slopes.statistic), regions.critical_at(regions.bounds), rtol=1e-8)
    each = level * regions.passed / 1001 if control == "fdr" else level
    own = np.sqrt(2 * f_dist.isf(level, 2, slopes.dfs)) if control == "simultaneous" else t_dist.isf(each / 2, slopes.dfs)
    np.testing.assert_allclose(regions.critical_at(regions.bounds), own, rtol=1e-10)
    values = np.linspace(-40, 60, 4001)
    band = regions.curve(values)
    place = np.searchsorted(regions.bounds, values)
    assert ((band.conf_low > 0) | (band.conf_high < 0)).tolist() == regions.significant[place].tolist()
    assert (np.sign(band.estimate)[regions.significant[place]] == regions.sign[place][regions.significant[place]]).all()


@pytest.mark.parametrize("seed", range(6))
def test_regions_are_where_the_band_leaves_zero_out(seed: int) -> None:
    """Linear and quartic margins, units from thousandths to hundreds."""
    rng = np.random.default_rng(seed)
    team = rng.integers(0, 8, 80)
    z = rng.gamma(1.5, size=80)
    x = rng.normal(size=80) + rng.normal(size=8)[team]
    y = x * (0.3 * z - 0.4) + rng.normal(size=80) + 0.5 * rng.normal(size=8)[team]
    data = pd.DataFrame({"y": y, "x": x, "z": z * 10.0 ** (seed - 3), "team": team})
    fit = fitted("CR2", "y ~ x*z^2" if seed % 2 else "y ~ x*z", data)
    regions = tn.johnson_neyman(fit, focal="x", moderator="z", alpha=0.2)
    values = data["z"].mean() + data["z"].std() * np.linspace(-50, 50, 10_001)
    band = regions.curve(values)
    place = np.searchsorted(regions.bounds, values)
    assert ((band.conf_low > 0) | (band.conf_high < 0)).tolist() == regions.significant[place].tolist()


def test_false_discovery_without_a_region() -> None:
    data = DATA.assign(y=np.random.default_rng(0).normal(size=len(DATA)))
    regions = tn.johnson_neyman(fitted("CR2", "y ~ w*z", data), focal="w", moderator="z", control="fdr", alpha=0.001)
    assert (regions.kind, regions.bounds, regions.passed) == ("nowhere", (), 0)
    assert np.isfinite(regions.curve([1.0]).conf_low).all()


def test_moving_and_constant_critical_values_meet() -> None:
    """With equal degrees of freedom everywhere the numeric bounds are those of the formula."""
    fit = fitted("CR1")
    for focal, moderator in (("x", "z"), ("x", "x"), ("z", "x")):
        surface = fit.polynomial
        slope, covariance, _ = along(surface, surface.variable(focal), surface.variable(moderator), None)
        constant = Critical(0.2, 0, 9.0)
        # a mean of ten equal clusters has 9 degrees of freedom for every contrast that is a multiple of it
        ten = satterthwaite(np.full((40, 1), 40**-0.5), np.ones((3, 1)), np.repeat(np.arange(10), 4)).compact()
        moving = replace(constant, moving=ten)
        variable = surface.variable(moderator)
        ours = regions_of(slope, covariance, moving, variable, variable.mean)
        exact = regions_of(slope, covariance, constant, variable, variable.mean)
        np.testing.assert_allclose(ours[0], exact[0], rtol=1e-8)
        assert ours[1].tolist() == exact[1].tolist()


def test_turning_point_and_u_test_take_their_own_degrees_of_freedom() -> None:
    fit = fitted("CR2")
    point = tn.turning_point(fit, focal="x", alpha=0.3)
    b, V = fit.polynomial.estimate, fit.polynomial.matrix
    assert fit.terms[2:5] == ("x", "z", "x^2")
    gradient = np.zeros(6)
    gradient[[2, 4]] = -1 / (2 * b[4]), b[2] / (2 * b[4] ** 2)
    error = (gradient @ V @ gradient) ** 0.5
    df = brute_force(fit, gradient[None])[0]
    assert point.std_error == pytest.approx(error, rel=1e-10)
    assert point.delta[1] - point.estimate == pytest.approx(t_dist.isf(0.15, df) * error, rel=1e-8)
    outside = tn.johnson_neyman(fit, focal="x", moderator="x", alpha=0.3)
    assert point.fieller == outside.bounds
    low, high = DATA["x"].min(), DATA["x"].max()
    test, ends = tn.u_test(fit, focal="x"), tn.simple_slopes(fit, focal="x", moderator="x", at=[low, high])
    np.testing.assert_allclose(test.dfs, ends.dfs, rtol=1e-10)
    np.testing.assert_allclose(test.end_p_value, t_dist.sf(ends.statistic * [1, -1], ends.dfs), rtol=1e-9)
    assert test.frame["df"].tolist()[2] in test.dfs


def test_predicted_bands_take_their_own_degrees_of_freedom() -> None:
    fit = fitted("CR2")
    surface = tn.predict_surface(fit, focal="x", moderator="z", points=5)
    point = {"w": DATA["w"].mean(), "z": surface.moderator_values[1]}
    df = brute_force(fit, fit.polynomial.value_rows("x", surface.focal_values, point))
    half = t_dist.isf(0.025, df) * surface.std_error[1]
    np.testing.assert_allclose(surface.conf_high[1] - surface.estimate[1], half, rtol=1e-7)


# ---------------------------------------------------------------- joint tests


@pytest.mark.parametrize(
    ("which", "terms"),
    [
        ("6", ["x:z"]),
        ("5,6", ["x^2", "x:z"]),
        ("3,4,5", ["x", "z", "x^2"]),
        ("2,3,4,5,6", ["w", "x", "z", "x^2", "x:z"]),
    ],
)
def test_htz_from_clubsandwich(which: str, terms: list[str]) -> None:
    test, expected = tn.regression.model.joint_test(fitted("CR2"), terms), R["htz"][which]
    found = (test.statistic, test.df1, test.df2, test.p_value)
    assert found == pytest.approx((expected["statistic"], expected["df1"], expected["df2"], expected["p_value"]), rel=1e-7)
    assert test.test == "HTZ"


def test_htz_in_the_steps() -> None:
    steps = fitted("CR2").steps
    place, expected = steps.step.index("main"), R["htz"]["main"]
    found = (steps.f_change[place], steps.df1[place], steps.df2[place], steps.p_change[place])
    assert found == pytest.approx((expected["statistic"], expected["df1"], expected["df2"], expected["p_value"]), rel=1e-7)
    last = fitted("CR2").frame.iloc[-1]
    assert (steps.f_change[-1], steps.df2[-1]) == pytest.approx((last["statistic"] ** 2, last["df"]), rel=1e-8)
    assert steps.p_change[-1] == pytest.approx(last["p_value"], rel=1e-8)


def test_joint_tests_of_the_other_kinds() -> None:
    wald = tn.regression.model.joint_test(fitted("CR1"), ["x:z", "x^2"])
    assert (wald.statistic, wald.df1, wald.df2, wald.p_value) == pytest.approx(tuple(R["naive"].values()), rel=1e-8)
    assert wald.test == "Wald F"
    assert "Joint test of x^2, x:z: Wald F(2, 9) = 8.53, p = .008." in str(wald)
    classical = tn.regression.model.joint_test(fitted("classical"), "x:z")
    assert (classical.test, classical.statistic) == ("F", pytest.approx(R["hc"]["classical"]["statistic"][5] ** 2, rel=1e-8))
    factor = fitted("classical", "y ~ w + C(month)")
    assert tn.regression.model.joint_test(factor, ["month"]).df1 == 6
    assert tn.regression.model.joint_test(factor, ["month"]).p_value == pytest.approx(
        factor.statsmodels.f_test(np.eye(8)[2:]).pvalue, rel=1e-8
    )


def test_a_joint_test_of_too_many_terms_is_none() -> None:
    few = DATA.assign(team=DATA["team"] % 3)
    for kind in ("CR1", "CR2"):
        test = tn.regression.model.joint_test(fitted(kind, data=few), ["w", "x", "z", "x^2", "x:z"])
        assert np.isnan([test.statistic, test.p_value]).all()
        assert str(test).startswith("No joint test of")


@pytest.mark.parametrize("kind", ["classical", "HC1"])
def test_more_terms_than_residual_degrees_of_freedom_have_an_f(kind: str) -> None:
    fit = fitted(kind, data=DATA.iloc[:7])
    assert (fit.f_test.df1, fit.f_test.df2) == (5, 1)
    assert fit.f_test.f == pytest.approx(float(fit.statsmodels.f_test(np.eye(6)[1:]).fvalue), rel=1e-6)
    if kind == "classical":
        assert fit.f_test.f == pytest.approx(fit.r_squared / 5 / (1 - fit.r_squared), rel=1e-8)
    assert tn.regression.model.joint_test(fit, fit.terms[1:]).statistic == pytest.approx(fit.f_test.f, rel=1e-8)


def test_joint_test_of_a_category_whose_name_holds_brackets() -> None:
    data = DATA.assign(h=np.where(np.arange(len(DATA)) % 3, "a]b", "c^2"), team=np.arange(len(DATA)) % 40)
    fit = Moderation("y ~ x*h").fit(data)
    row = fit.frame.set_index("term").loc["x:h[c^2]"]
    assert tn.regression.model.joint_test(fit, ["x:h[c^2]"]).statistic == pytest.approx(row["statistic"] ** 2)
    fit = Moderation("y ~ x*h").fit(data.assign(h=data["h"].replace("c^2", "z]z")))
    row = fit.frame.set_index("term").loc["x:`h[z]z]`"]  # in backquotes, so that the term can be read back
    assert tn.regression.model.joint_test(fit, ["x:`h[z]z]`"]).statistic == pytest.approx(row["statistic"] ** 2)
    assert tn.regression.endogeneity.sensitivity(fit, "x:`h[z]z]`", benchmarks=["`h[z]z]`"]).statistic == pytest.approx(row["statistic"])


def test_joint_test_refuses() -> None:
    fit = fitted("CR2")
    with pytest.raises(ModelError, match="no term 'q'"):
        tn.regression.model.joint_test(fit, ["q"])
    with pytest.raises(ModelError, match="terms is empty"):
        tn.regression.model.joint_test(fit, [])


# ---------------------------------------------------------------- invariances, warnings, the escape hatch, pickles


def test_row_order_shift_and_scale_change_no_degrees_of_freedom() -> None:
    before = fitted("CR2")
    mixed = DATA.sample(frac=1, random_state=1).assign(x=lambda d: 1e3 * d["x"] - 7, y=lambda d: d["y"] / 50, team=lambda d: -d["team"])
    after = fitted("CR2", data=mixed)
    np.testing.assert_allclose(after.frame["df"], before.frame["df"], rtol=1e-8)
    np.testing.assert_allclose(after.frame["statistic"], before.frame["statistic"], rtol=1e-8)
    bounds = tn.johnson_neyman(before, focal="z", moderator="x", alpha=0.2).bounds
    np.testing.assert_allclose(tn.johnson_neyman(after, focal="z", moderator="x", alpha=0.2).bounds, 1e3 * np.array(bounds) - 7, rtol=1e-7)
    np.testing.assert_allclose(after.steps.df2, before.steps.df2, rtol=1e-8)


def test_effective_clusters() -> None:
    assert effective_clusters(np.repeat(np.arange(9), 4)) == pytest.approx(9)


def warned(data: pd.DataFrame, **options: object) -> str:
    with pytest.warns(FewClusters) as caught:
        Moderation("y ~ w + x", **options).fit(data)
    return " | ".join(str(one.message) for one in caught)


def test_warnings_of_few_and_unequal_clusters() -> None:
    n = 400
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"y": rng.normal(size=n), "w": rng.normal(size=n), "x": rng.normal(size=n), "even": np.arange(n) % 40})
    data["lop"] = np.where(np.arange(n) < 300, 0, np.arange(n) % 20)
    data["few"] = np.arange(n) % 5
    assert "lop has 20 clusters, whose unequal sizes make them equivalent to 1.7 equal ones" in warned(data, cluster="lop")
    two_way = warned(data, cluster=("even", "few"))
    assert "few has 5 clusters: below about 15" in two_way
    assert "cluster='few' alone with covariance='CR2' corrects for that" in two_way
    lonely = data.assign(w=(data["few"] == 0) * 1.0)
    assert "the Satterthwaite degrees of freedom are only" in warned(lonely, cluster="few", covariance="CR2")
    text = data.assign(w=data["few"].map(str) + "t", few=data["few"].map(str) + "t")
    with pytest.warns(FewClusters, match="few is both the cluster and a category of the model"):
        Moderation("y ~ x + few", cluster="few").fit(text)


def test_two_way_refusals() -> None:
    with pytest.raises(ModelError, match="cluster 'one' has only one value"):
        fitted("CR1", data=DATA.assign(one=1), cluster=("team", "one"))
    with pytest.raises(ModelError, match="cluster 'row' has a different value in every row"):
        fitted("CR1", data=DATA.assign(row=np.arange(len(DATA))), cluster=("row", "team"))


def pickled(result: object) -> object:
    return pickle.loads(pickle.dumps(result))  # noqa: S301 - our own bytes


def test_results_can_be_pickled_and_stay_read_only() -> None:
    fit = fitted("CR2", center={"x": 2.0})
    again = pickled(fit)
    pd.testing.assert_frame_equal(again.frame, fit.frame)
    assert str(again) == str(fit)
    assert again.steps.frame.equals(fit.steps.frame)
    with pytest.raises(ValueError, match="read-only"):
        again.estimate[0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        again.variables["x"].values[0] = 0.0
    with pytest.raises(TypeError):
        again.variables["x"] = None
    with pytest.raises(AttributeError):
        again.model.alpha = 0.1
    probes = [
        tn.simple_slopes(fit, focal="x", moderator="z"),
        tn.johnson_neyman(fit, focal="x", moderator="z"),
        tn.turning_point(fit, focal="x"),
        tn.u_test(fit, focal="x"),
        tn.predict_surface(fit, focal="x", moderator="z"),
        tn.regression.model.joint_test(fit, ["x:z"]),
        fit.vif,
        fit.steps,
    ]
    for probe in probes:
        copy = pickled(probe)
        assert str(copy) == str(probe)
        pd.testing.assert_frame_equal(copy.frame, probe.frame)
    assert dict(copy.covariance.frame) is not None
    assert tn.johnson_neyman(again, focal="x", moderator="z").bounds == probes[1].bounds


def test_network_records_can_be_pickled_too(firm) -> None:
    people = firm.people
    assert str(pickled(people)) == str(people)


# ---------------------------------------------------------------- does it help?


def test_size_of_the_test_with_ten_clusters() -> None:
    """Rejections of a true null at 5 %: CR2 with its own degrees of freedom holds the level where CR1 does not.

    A predictor that is constant within ten clusters of unequal size, of which two carry most of it; 2000 draws of the outcome with errors
    that go together within clusters, all at once: the coordinates, residuals and sandwiches of one basis.
    """
    rng = np.random.default_rng(3)
    sizes = np.array([30, 20, 15, 10, 8, 7, 5, 5, 5, 5])
    codes, draws = np.repeat(np.arange(10), sizes), 2000
    x = np.array([3.0, -1.0, 0.5, 0, -0.5, 0.2, -0.2, 2.5, 0.1, -0.4])[codes]
    basis = np.linalg.qr(np.column_stack([np.ones(len(x)), x]))[0]
    y = rng.normal(size=(len(x), draws)) + 0.7 * rng.normal(size=(10, draws))[codes]
    coordinates = basis.T @ y
    e = y - basis @ coordinates
    small = satterthwaite(basis, np.eye(2), codes)
    df = small.of(np.array([[0.0, 1.0]]))[0]
    weights = np.zeros((10, len(x)))
    spread = weights.copy()
    for g in range(10):
        own = codes == g
        left, vectors = np.linalg.eigh(np.eye(own.sum()) - basis[own] @ basis[own].T)
        weights[g, own] = (vectors * left**-0.5) @ vectors.T @ basis[own, 1]
        spread[g, own] = basis[own, 1]
    v2 = np.sum((weights @ e) ** 2, axis=0)
    v1 = 10 / 9 * (len(x) - 1) / (len(x) - 2) * np.sum((spread @ e) ** 2, axis=0)
    assert v2[0] == pytest.approx(CR2().one_way(basis, e[:, 0], codes)[0][1, 1], rel=1e-9)
    cr2 = np.mean(2 * t_dist.sf(np.abs(coordinates[1]) / np.sqrt(v2), df) < 0.05)
    cr1 = np.mean(2 * t_dist.sf(np.abs(coordinates[1]) / np.sqrt(v1), 9) < 0.05)
    # the Monte Carlo error of a rate of 5 % in 2000 draws is 0.5 percentage points; the working model is not the true one
    assert cr2 < 0.05 + 4 * 0.005
    assert cr1 > cr2 + 4 * 0.005
