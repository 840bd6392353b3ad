"""A user-defined covariance, registered at run time, in everything computed from a fit."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as f_dist
from scipy.stats import t as t_dist
from typer.testing import CliRunner

import tienet as tn
from tienet.base.errors import ArgumentError, FewClusters, ModelError
from tienet.base.references import REFERENCES
from tienet.cli.app import program
from tienet.regression.covariance import Sandwich, register, register_covariance
from tienet.regression.covariance.cluster_sums import adjusted, power_left, spectra, sums
from tienet.regression.covariance.clustered import CR1, Clustered
from tienet.regression.covariance.heteroscedastic import HC2
from tienet.regression.covariance.satterthwaite_degrees import satterthwaite
from tienet.regression.model.fit import ModerationFit


class RowByRow(HC2):
    """HC2 with the degrees of freedom of Bell and McCaffrey, as if every row were a cluster."""

    name = "HC2-BM"
    works = ("mackinnon_white_1985", "bell_mccaffrey_2002")
    df_name = "Bell-McCaffrey"
    joint_test = "HTZ"
    joint_works = ("tipton_pustejovsky_2015",)
    with_instruments = False

    def own_degrees(self, solution, codes=None):
        return satterthwaite(solution.basis, solution.back, np.arange(len(solution.basis)))


class HalfClusters(Clustered):
    """Clustered scores with half the degrees of freedom, for one-way clusters only."""

    name = "half"
    one_way_only = "half of two numbers is not one number"

    def df(self, solution, codes=None):
        return super().df(solution, codes) / 2


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "_REGISTERED", {})
    register_covariance(RowByRow)
    register_covariance(HalfClusters)


def frame(n: int = 70) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    data = pd.DataFrame({"x": rng.normal(size=n) ** 3, "z": rng.normal(size=n), "w": rng.normal(size=n), "team": np.arange(n) % 20})
    return data.assign(y=data["x"] * (0.4 + 0.3 * data["z"]) + data["w"] + rng.normal(size=n) * np.exp(0.3 * data["z"]))


DATA = frame()


def own(formula: str = "y ~ w + x*z + x^2", **options: object) -> ModerationFit:
    return tn.Moderation(formula, covariance="HC2-BM", **options).fit(DATA)


def by_definition(fit: ModerationFit, rows: np.ndarray) -> np.ndarray:
    """(tr P)^2 / tr PP with n x n matrices, as Imbens and Kolesár (2016) write it."""
    X = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.means)])
    bread = np.linalg.inv(X.T @ X)
    M = np.eye(fit.n) - X @ bread @ X.T
    G = [M * (X @ bread @ row / np.sqrt(np.diag(M))) for row in rows]
    return np.array([np.trace(g.T @ g) ** 2 / np.sum((g.T @ g) ** 2) for g in G])


def test_the_fit_has_its_matrix_and_its_degrees_of_freedom() -> None:
    fit, plain = own(center="none"), tn.Moderation("y ~ w + x*z + x^2", covariance="HC2", center="none").fit(DATA)
    np.testing.assert_array_equal(fit.covariance.matrix, plain.covariance.matrix)
    rows = np.random.default_rng(0).normal(size=(5, 6))
    np.testing.assert_allclose(fit.polynomial.df_of(rows), by_definition(fit, rows), rtol=1e-8)
    assert (fit.frame["df"] < plain.df).all()
    np.testing.assert_allclose(fit.frame["p_value"], 2 * t_dist.sf(np.abs(fit.frame["statistic"]), fit.frame["df"]), rtol=1e-10)
    assert f"HC2-BM standard errors, Bell-McCaffrey df from {fit.frame['df'].min():.1f}" in str(fit)
    assert "Bell, R. M. & McCaffrey" in fit.cite()
    again = pickle.loads(pickle.dumps(fit))  # noqa: S301 - our own bytes
    assert str(again) == str(fit)
    assert again.steps.frame.equals(fit.steps.frame)


def test_slopes_and_regions_take_them() -> None:
    fit = own()
    slopes = tn.simple_slopes(fit, focal="x", moderator="z", at=[-1.0, 0.5])
    rows = np.array([fit.polynomial.slope_row("x", {"x": DATA["x"].mean(), "z": z, "w": DATA["w"].mean()}) for z in (-1.0, 0.5)])
    np.testing.assert_allclose(slopes.dfs, by_definition(fit, rows), rtol=1e-8)
    assert "HC2-BM standard errors, n = 70, Bell-McCaffrey df" in str(slopes)
    regions = tn.johnson_neyman(fit, focal="x", moderator="z")
    assert regions.bounds
    at_bounds = regions.curve(list(regions.bounds))
    zero = np.minimum(np.abs(at_bounds.conf_low), np.abs(at_bounds.conf_high))
    np.testing.assert_allclose(zero, 0, atol=1e-9)
    hc2 = tn.johnson_neyman(tn.Moderation("y ~ w + x*z + x^2", covariance="HC2").fit(DATA), focal="x", moderator="z")
    assert regions.bounds != hc2.bounds


def test_steps_and_joint_tests_take_them() -> None:
    fit = own()
    steps = fit.steps
    assert (steps.df2 < fit.n - 6).all()
    last = own("y ~ w + x*z + x^2").steps.frame.iloc[-1]
    one = fit.frame.set_index("term").loc["x:z"]
    np.testing.assert_allclose([last["f_change"], last["df2"]], [one["statistic"] ** 2, one["df"]], rtol=1e-8)  # one term: its t, squared
    assert "Tipton" in steps.cite()
    joint = tn.regression.model.joint_test(fit, ["x:z", "x^2"])
    assert (joint.test, joint.df1) == ("HTZ", 2)
    b = fit.estimate[[fit.terms.index("x:z"), fit.terms.index("x^2")]]
    eta = joint.df2 + 1
    V = fit.covariance.matrix[np.ix_(*[[fit.terms.index(t) for t in ("x:z", "x^2")]] * 2)]
    assert joint.statistic == pytest.approx(b @ np.linalg.solve(V, b) / 2 * (eta - 1) / eta)
    assert joint.p_value == pytest.approx(f_dist.sf(joint.statistic, 2, joint.df2))
    assert "HTZ(2, " in str(joint)


def test_checks_and_tables_take_them() -> None:
    fit = own()
    reset = tn.regression.checks.reset_test(fit)
    assert reset.df2 < fit.n - 6
    note = tn.compare({"(1)": own("y ~ w + x + z"), "(2)": fit}).markdown()
    assert "HC2-BM standard errors" in note
    frame = fit.frame
    low, high = (f"{value:.1f}".removesuffix(".0") for value in (frame["df"].min(), frame["df"].max()))
    assert f"{low} to {high} (2)" in note
    results = fit.statsmodels
    np.testing.assert_allclose(results.pvalues, frame["p_value"], rtol=1e-10)
    assert "HC2-BM" in str(results.summary())
    with pytest.raises(ArgumentError, match=r"covariance must be one of .*; got 'HC2-BM'"):  # its tests there would have n - k
        tn.regression.power.simulate_power(0.1, 50, covariance="HC2-BM")
    assert "no intervals of f2 under HC2-BM" in str(tn.regression.checks.effect_sizes(fit))


@pytest.mark.filterwarnings("ignore:x.z rests on 4 of 20 clusters")  # of 70 rows; CR2 has 4.2 degrees of freedom for it
def test_clustered_kinds_of_ones_own() -> None:
    fit = tn.Moderation("y ~ x*z", covariance="half", cluster="team").fit(DATA)
    plain = tn.Moderation("y ~ x*z", covariance="CR0", cluster="team").fit(DATA)
    np.testing.assert_array_equal(fit.covariance.matrix, plain.covariance.matrix)
    assert (fit.df, plain.df) == (9.5, 19)
    assert tn.simple_slopes(fit, focal="x", moderator="z").dfs.tolist() == [9.5] * 3
    assert "half standard errors clustered by team (20 clusters), df = 9.5" in str(fit)
    with pytest.raises(ArgumentError, match="with a cluster use CR0, CR1, CR2, CR3 or half"):
        tn.Moderation("y ~ x", covariance="HC2-BM", cluster="team")
    with pytest.raises(ArgumentError, match="set `cluster` to the column that groups the rows"):
        tn.Moderation("y ~ x", covariance="half")
    with pytest.raises(ArgumentError, match="one-way clusters only: half of two numbers is not one number; use CR0 or CR1, or"):
        tn.Moderation("y ~ x", covariance="half", cluster=("team", "month"))
    model = tn.Moderation("y ~ x", covariance="half", cluster="team")
    with pytest.raises(ModelError, match="half is not available with instruments"):
        tn.regression.endogeneity.two_stage_least_squares(model, DATA, endogenous="x", instruments="z")
    with pytest.warns(FewClusters, match="clusters"):
        tn.Moderation("y ~ x", covariance="half", cluster="team").fit(DATA.assign(team=DATA["team"] % 5))


def test_the_command_line_and_a_study_know_it(own_tables) -> None:
    path = own_tables / "data.csv"
    DATA.to_csv(path, index=False)
    words = ["fit", str(path), "--formula", "y ~ x*z", "--covariance", "HC2-BM", "--json", "-q"]
    done = CliRunner().invoke(program(), words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["covariance"] == "HC2-BM"
    text = 'log = "log.csv"\npeople = "people.csv"\noutcomes = "outcomes.csv"\nno_ties = "drop"\ncovariance = "HC2-BM"\n'
    (own_tables / "study.toml").write_text(text)
    assert "HC2-BM standard errors" in tn.read_study(own_tables / "study.toml").study.run().fit.covariance.label


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (3, "must be a subclass of"),
        (CR1(), "must be a subclass of"),
        (type("Nameless", (Sandwich,), {"meat": lambda *_: None}), "Nameless must have a name"),
        (type("Empty", (Sandwich,), {"name": "empty"}), "Empty must have a name .* and a method `meat`"),
        (type("Other", (HC2,), {"name": "HC3"}), "'HC3' is one of tienet's own"),
    ],
)
def test_what_cannot_be_registered(kind: object, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        register_covariance(kind)


def test_an_unknown_name_is_answered_with_what_there_is() -> None:
    with pytest.raises(ArgumentError, match="HC2-BM"):
        tn.Moderation("y ~ x", covariance="HC2-MB")
    register_covariance(type("Again", (RowByRow,), {"df_name": "another"}))
    assert own().covariance.estimator.df_name == "another"


def test_every_kind_of_the_register_is_what_it_says() -> None:
    for name in register.BUILT_IN:
        kind = register.estimator_of(name)
        assert kind.name == name
        assert isinstance(kind, Clustered) == kind.clustered
        assert all(work in REFERENCES or " (" in work for work in (*kind.works, *kind.joint_works))  # a key, or the work in full


# ---------------------------------------------------------------- a cluster that alone decides a coefficient


def basis_with_a_lonely_cluster() -> tuple[np.ndarray, np.ndarray]:
    codes = np.repeat(np.arange(5), [3, 4, 4, 5, 4])
    rng = np.random.default_rng(2)
    columns = np.column_stack([np.ones(20), rng.normal(size=20), np.where(codes == 0, rng.normal(size=20), 0.0)])
    return np.linalg.qr(columns)[0], codes


@pytest.mark.parametrize("power", [-0.5, -1.0])
def test_scores_of_a_lonely_cluster_use_the_pseudo_inverse(power: float) -> None:
    """Of (I - H_gg)^p, whatever the residuals: those of a fit have nothing in the direction that is lost, others have."""
    basis, codes = basis_with_a_lonely_cluster()
    e = np.random.default_rng(3).normal(size=20)
    found = adjusted(sums(basis * e[:, None], codes), spectra(basis, codes), power)
    for g in range(5):
        B = basis[codes == g]
        values, vectors = np.linalg.eigh(np.eye(len(B)) - B @ B.T)
        assert (values.min() < 1e-12) == (g == 0)
        A = (vectors * np.where(values > 1e-12, np.maximum(values, 1e-12) ** power, 0.0)) @ vectors.T
        np.testing.assert_allclose(found[g], B.T @ A @ e[codes == g], rtol=1e-8, atol=1e-10)
    np.testing.assert_array_equal(power_left(np.array([1.0, 0.75, 0.0]), power), [0.0, 0.25**power, 1.0])


def test_degrees_of_freedom_of_a_lonely_cluster_use_the_pseudo_inverse() -> None:
    basis, codes = basis_with_a_lonely_cluster()
    found = satterthwaite(basis, np.eye(3), codes)
    for name, power in (("adjusted", 0.5), ("squared", 1.0)):
        for g in range(5):
            B = basis[codes == g]
            values, vectors = np.linalg.eigh(np.eye(len(B)) - B @ B.T)
            A = (vectors * np.where(values > 1e-12, np.maximum(values, 1e-12) ** -power, 0.0)) @ vectors.T
            np.testing.assert_allclose(getattr(found, name)[g], B.T @ A @ B, rtol=1e-8, atol=1e-10)
