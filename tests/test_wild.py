from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm

import tienet as tn
from tienet.base.errors import ArgumentError, FewClusters, ModelError
from tienet.output.figures.drawing import plot, sheet
from tienet.output.glossary import describe
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation
from tienet.regression.resampling.wild_cluster import WildBootstrap, wild_cluster_bootstrap

HERE = Path(__file__).parent
ORACLE = json.loads((HERE / "oracles" / "bootstrap" / "expected.json").read_text())


def simulated(groups: int, n: int = 90, seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    team = np.concatenate([np.arange(groups), rng.integers(0, groups, n - groups)])
    x, z = rng.normal(2, 1, n) + rng.normal(size=groups)[team], rng.normal(-1, 2, n)
    y = 0.3 * x + 0.2 * x * z + rng.normal(size=groups)[team] + rng.normal(size=n)
    return {"y": y, "x": x, "z": z, "team": team}


def fitted(data: object, formula: str = "y ~ x*z", **options: object) -> ModerationFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewClusters)
        return Moderation(formula, **{"cluster": "team", **options}).fit(data)


def refitted(fit: ModerationFit, row: np.ndarray, null: float, signs: np.ndarray) -> np.ndarray:
    """t of every draw by statsmodels: constrained fit, a new outcome, a new clustered fit; row is over (constant, columns)."""
    X = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.centers)])
    y, team, (j, *_) = fit.sample.response, fit.sample.clusters, np.flatnonzero(row)
    # the constraint solved for coefficient j leaves a regression without it
    rest = np.delete(X - np.outer(X[:, j], row / row[j]), j, axis=1)
    offset = X[:, j] * null / row[j]
    restricted = sm.OLS(y - offset, rest).fit()
    center, residuals = restricted.fittedvalues + offset, restricted.resid
    found = []
    for v in signs:
        again = sm.OLS(center + v[team] * residuals, X).fit(cov_type="cluster", cov_kwds={"groups": team})
        found.append((row @ again.params - null) / (row @ again.cov_params() @ row) ** 0.5)
    return np.array(found)


def all_signs(groups: int) -> np.ndarray:
    return 1.0 - 2.0 * ((np.arange(2**groups)[:, None] >> np.arange(groups)) & 1)


# ---------------------------------------------------------------- the draws


@pytest.mark.parametrize("null", [0.0, 0.25, -2.0])
def test_every_enumerated_t_is_that_of_a_literal_refit(null: float) -> None:
    fit = fitted(simulated(6))
    found = wild_cluster_bootstrap(fit, "x", weights="rademacher", null=null)
    t = refitted(fit, np.array([0.0, 1.0, 0.0, 0.0]), null, all_signs(6))
    np.testing.assert_allclose(np.sort(found.distribution), np.sort(t), rtol=1e-8, atol=1e-10)
    assert (found.draws, found.enumerated, found.clusters) == (64, True, 6)
    by_statsmodels = fit.statsmodels
    assert found.estimate == pytest.approx(by_statsmodels.params["x"], rel=1e-10)
    assert found.std_error == pytest.approx(by_statsmodels.bse["x"], rel=1e-10)
    assert found.statistic == pytest.approx((by_statsmodels.params["x"] - null) / by_statsmodels.bse["x"], rel=1e-10)
    tied = np.isclose(np.abs(t), abs(found.statistic), rtol=1e-8)
    assert tied.sum() == 2  # the data as they are, and their mirror
    assert found.p_value == np.mean((np.abs(t) > abs(found.statistic)) & ~tied)
    assert found.p_with_ties == pytest.approx(found.p_value + 2 / 64)


def test_a_simple_slope_is_tested_as_a_combination() -> None:
    data = simulated(6, seed=3)
    fit = fitted(data, center="none")
    found = wild_cluster_bootstrap(fit, focal="x", moderator="z", at=1.5, weights="rademacher")
    t = refitted(fit, np.array([0.0, 1.0, 0.0, 1.5]), 0.0, all_signs(6))
    np.testing.assert_allclose(np.sort(found.distribution), np.sort(t), rtol=1e-8, atol=1e-10)
    slope = tn.simple_slopes(fit, focal="x", moderator="z", at=1.5)
    assert (found.estimate, found.std_error) == pytest.approx((slope.estimate[0], slope.std_error[0]), rel=1e-10)
    # the same number is a coefficient, once z is centred there
    moved = wild_cluster_bootstrap(fitted(data, center={"z": 1.5}), "x", weights="rademacher")
    for name in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert getattr(found, name) == pytest.approx(getattr(moved, name), rel=1e-9)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.FewDraws")
@pytest.mark.parametrize("groups", [20, 45])
@pytest.mark.parametrize("weights", ["rademacher", "webb"])
def test_random_draws_are_those_of_a_literal_refit(groups: int, weights: str) -> None:
    fit = fitted(simulated(groups, n=120, seed=5))
    found = wild_cluster_bootstrap(fit, "x:z", draws=30, seed=8, weights=weights)
    rng = np.random.default_rng(8)
    six = np.sqrt([1.5, 1.0, 0.5])
    webb = np.concatenate([-six, six[::-1]])
    signs = (
        2.0 * rng.integers(0, 2, (30, groups), dtype=np.int8) - 1
        if weights == "rademacher"
        else webb[rng.integers(0, 6, (30, groups), dtype=np.int8)]
    )
    np.testing.assert_allclose(found.distribution, refitted(fit, np.array([0.0, 0, 0, 1]), 0.0, signs), rtol=1e-8, atol=1e-10)
    assert found.p_value == np.mean(np.abs(found.distribution) > abs(found.statistic))


@pytest.mark.parametrize("case", ORACLE["tests"], ids=lambda case: case["term"])
def test_the_draws_are_those_of_wildboottest(case: dict) -> None:
    data = pd.read_csv(HERE / "data" / "mtcars.csv").assign(team=ORACLE["group"])
    found = wild_cluster_bootstrap(fitted(data, "mpg ~ hp*wt", center="none"), case["term"], weights="rademacher")
    np.testing.assert_allclose(np.sort(found.distribution), case["t_boot"], rtol=1e-8)
    assert found.statistic == pytest.approx(case["t"], rel=1e-9)
    # its own rounding decides there whether the two ties count
    assert any(case["p_value"] == pytest.approx(p) for p in (found.p_value, (found.p_value + found.p_with_ties) / 2, found.p_with_ties))


# ---------------------------------------------------------------- the interval


@pytest.mark.parametrize(("groups", "weights"), [(8, "rademacher"), (8, "webb"), (20, "rademacher")])
def test_the_interval_holds_what_the_test_does_not_reject(groups: int, weights: str) -> None:
    fit = fitted(simulated(groups))
    found = wild_cluster_bootstrap(fit, "x", draws=999, weights=weights, alpha=0.1)
    assert found.conf_low < found.estimate < found.conf_high
    for end, inward in ((found.conf_low, 1e-6), (found.conf_high, -1e-6)):
        inside, outside = (
            wild_cluster_bootstrap(fit, "x", draws=999, weights=weights, null=end + step).p_value for step in (inward, -inward)
        )
        assert outside <= 0.1 < inside
    assert wild_cluster_bootstrap(fit, "x", draws=999, weights=weights, null=found.estimate).p_value == 1.0


def test_scale_shift_order_and_the_names_of_clusters_change_nothing() -> None:
    data = simulated(9)
    base = wild_cluster_bootstrap(fitted(data), "x:z", weights="rademacher")
    order = np.random.default_rng(0).permutation(90)
    changed = {"y": 5 - 3 * data["y"], "x": 1e6 + 1e-3 * data["x"], "z": data["z"] - 40, "team": 100 - data["team"]}
    other = wild_cluster_bootstrap(fitted({name: values[order] for name, values in changed.items()}), "x:z", weights="rademacher")
    assert other.p_value == base.p_value
    assert other.statistic == pytest.approx(-base.statistic, rel=1e-7)
    assert (other.conf_high, other.conf_low) == pytest.approx((-3e3 * base.conf_low, -3e3 * base.conf_high), rel=1e-6)


def test_draws_in_blocks_are_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted(simulated(9))
    whole = wild_cluster_bootstrap(fit, "x", weights="rademacher")
    monkeypatch.setattr("tienet.regression.resampling.draws._CELLS", 500)
    np.testing.assert_allclose(
        wild_cluster_bootstrap(fit, "x", weights="rademacher").distribution, whole.distribution, rtol=1e-9, atol=1e-12
    )


@pytest.mark.filterwarnings("ignore::tienet.base.errors.FewDraws")
def test_the_test_keeps_its_level_where_the_usual_t_does_not() -> None:
    # a regressor that is the same within each of 13 clusters of unequal size: 200 firms without any slope
    rng = np.random.default_rng(7)
    team = np.repeat(np.arange(13), np.arange(3, 16))
    usual, wild = [], []
    for _ in range(200):
        x = rng.standard_gamma(0.5, 13)[team]
        fit = fitted({"y": rng.normal(size=13)[team] + rng.normal(size=len(team)), "x": x, "team": team}, "y ~ x")
        usual.append(2 * norm.sf(abs(fit.estimate[1] / fit.std_error[1])))
        wild.append(wild_cluster_bootstrap(fit, "x", draws=199, seed=rng).p_value)
    assert np.mean(np.array(usual) < 0.05) > 0.12
    assert 0.01 < np.mean(np.array(wild) < 0.05) < 0.11  # .05 with a Monte Carlo error of .015


# ---------------------------------------------------------------- what it says


def test_which_weights_and_whether_all_patterns() -> None:
    few, some, many = (fitted(simulated(groups)) for groups in (11, 12, 14))
    assert wild_cluster_bootstrap(few, "x", draws=99).weights == "webb"
    twelve = wild_cluster_bootstrap(some, "x")
    assert (twelve.weights, twelve.enumerated, twelve.draws) == ("rademacher", True, 4096)
    assert len(twelve.distribution) == 4096
    fourteen = wild_cluster_bootstrap(many, "x")
    assert (fourteen.weights, fourteen.enumerated, fourteen.draws) == ("rademacher", False, 9999)
    assert "Webb" in wild_cluster_bootstrap(few, "x", draws=99).cite()


def test_five_clusters_say_that_nothing_can_be_found() -> None:
    fit = fitted(simulated(5))
    with pytest.warns(FewClusters, match=r"5 clusters give only 16 different sign patterns.*cannot fall below 0\.0625"):
        found = wild_cluster_bootstrap(fit, "x", weights="rademacher")
    assert "p cannot fall below 0.0625" in str(found)
    assert found.p_with_ties >= 0.0625
    assert f"{found.p_with_ties:.3f}"[1:] + " with ties counted" in str(found)
    assert (found.conf_low, found.conf_high) == (-np.inf, np.inf)
    assert found.least_p == 0.0625
    webb = wild_cluster_bootstrap(fit, "x", draws=99)
    assert "Too few" not in str(webb)
    assert "cannot fall" not in str(wild_cluster_bootstrap(fitted(simulated(6)), "x", weights="rademacher"))


def test_the_sentence_and_the_frame() -> None:
    found = wild_cluster_bootstrap(fitted(simulated(16)), "x:z", draws=999)
    assert "by wild cluster bootstrap-t, null imposed, 999 draws with Rademacher weights" in str(found)
    assert "CR1 standard errors clustered by team (16 clusters), n = 90" in str(found)
    row = found.frame.iloc[0]
    assert (row["term"], row["p_value"], row["clusters"], row["weights"]) == ("x:z", found.p_value, 16, "rademacher")
    for column in found.frame.columns:
        assert describe(column).meaning
    assert "Cameron, A. C., Gelbach" in found.cite()


def test_a_p_of_zero_is_not_printed_as_one() -> None:
    data = simulated(16)
    found = wild_cluster_bootstrap(fitted({**data, "y": data["y"] + 50 * data["x"]}), "x", draws=99)
    assert found.p_value == 0
    assert "p < .01," in str(found)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ArgumentError, "give exactly one of term"),
        ({"term": "x", "focal": "x"}, ArgumentError, "give exactly one of term"),
        ({"term": "x", "moderator": "z"}, ArgumentError, "can be given only with focal"),
        ({"term": "xx"}, ModelError, "no term 'xx'; did you mean 'x'"),
        ({"focal": "x", "moderator": "w"}, ModelError, "no variable 'w'"),
        ({"focal": "x", "moderator": "z", "at": [1, 2]}, ArgumentError, "held at one value"),
        ({"term": "x", "draws": 0}, ArgumentError, "draws must be a whole number from 1 to .*; got 0"),
        ({"term": "x", "draws": 9.5}, ArgumentError, "draws must be a whole number .*; got 9.5"),
        ({"term": "x", "weights": "mammen"}, ArgumentError, "weights must be .*; got 'mammen'"),
        ({"term": "x", "null": np.nan}, ArgumentError, "null must be a finite number; got nan"),
        ({"term": "x", "alpha": 2}, ArgumentError, "alpha must be between 0 and 1 .*; got 2"),
    ],
)
def test_refusals(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wild_cluster_bootstrap(fitted(simulated(12)), **arguments)


def test_a_fit_without_clusters_or_with_no_spread_between_them_is_refused() -> None:
    data = simulated(12)
    with pytest.raises(ModelError, match="needs a fit with clusters"):
        wild_cluster_bootstrap(fitted(data, cluster=None), "x")
    own = (data["team"] == 0) * 1.0
    with pytest.raises(ModelError, match=r"clustered standard error .* is 0"):
        wild_cluster_bootstrap(fitted({"y": data["y"], "own": own, "team": own + 2.0}, "y ~ own"), "own")


def test_the_figure_shows_the_draws_and_the_observed_t() -> None:
    found = wild_cluster_bootstrap(fitted(simulated(16)), "x", draws=999)
    ax = plot(found, sheet(found))
    assert sum(bar.get_height() for bar in ax.patches) == 999
    marks = {line.get_gid(): line.get_xdata()[0] for line in ax.lines}
    assert marks["observed"] == pytest.approx(found.statistic)
    assert marks["mirror"] == pytest.approx(-found.statistic)
    assert isinstance(found, WildBootstrap)
    assert "16 clusters" in ax.get_title(loc="left").replace("\n", " ")


@pytest.mark.parametrize(
    ("what", "title"),
    [
        ({"term": "total_ties_marketing:tie_strength_marketing"}, "Total ties × tie strength to marketing: p"),
        ({"focal": "total_ties_marketing", "moderator": "tie_strength_marketing", "at": 1.5}, "slope of total_ties_marketing at"),
    ],
)
def test_the_figure_names_the_term_in_words(what: dict, title: str) -> None:
    renamed = {"x": "total_ties_marketing", "z": "tie_strength_marketing"}
    data = {renamed.get(name, name): values for name, values in simulated(16).items()}
    found = wild_cluster_bootstrap(fitted(data, f"y ~ {'*'.join(renamed.values())}"), **what, draws=99)
    shown = plot(found, sheet(found)).get_title(loc="left")
    assert " ".join(shown.replace("\u00a0", " ").split()).startswith(title)
