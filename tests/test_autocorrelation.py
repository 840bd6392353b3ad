"""Network autocorrelation and Moran's I of residuals, against the R packages spatialreg, sna and spdep (tests/oracles/networks)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import norm

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, ExactFit, ModelError
from tienet.output.glossary import describe
from tienet.regression.dependence._weights import eigenvalues, valid_interval, weights_of
from tienet.regression.dependence.autocorrelation import maximum_likelihood
from tienet.regression.dependence.morans_i import residual_moments

ORACLE = json.loads((Path(__file__).parent / "oracles" / "networks" / "expected.json").read_text())["autocorrelation"]
DATA = {name: np.array(values, dtype=float) for name, values in ORACLE["data"].items()}
GRAPHS = {name: np.array(rows, dtype=float) for name, rows in ORACLE["graphs"].items()}
CASES = [
    (scale, graph, kind)
    for scale, kinds in (("normalised", ("lag", "error")), ("raw", ("lag",)))
    for graph in ("undirected", "directed")
    for kind in kinds
]


def fitted(formula="y ~ a + b", data=DATA, **options):
    return tn.Moderation(formula, **{"covariance": "classical", "center": "none", **options}).fit(data)


# ---------------------------------------------------------------- against spatialreg and sna


@pytest.mark.parametrize(("scale", "graph", "kind"), CASES)
def test_as_lagsarlm_and_errorsarlm(scale, graph, kind):
    expected = ORACLE[scale][graph][kind]
    found = tn.regression.dependence.network_autocorrelation(fitted(), GRAPHS[graph], kind=kind, row_normalise=scale == "normalised")
    # R stops its search for rho about 1e-8 from the maximum.
    np.testing.assert_allclose(found.estimate, expected["estimate"], rtol=2e-6)
    np.testing.assert_allclose(found.std_error, expected["std_error"], rtol=2e-6)
    assert found.sigma2 == pytest.approx(expected["sigma2"], rel=1e-6)
    assert found.log_likelihood == pytest.approx(expected["log_likelihood"], rel=1e-10)
    assert found.likelihood_ratio == pytest.approx(expected["lr"], rel=1e-7)
    assert found.likelihood_ratio_p == pytest.approx(expected["lr_p"], rel=1e-7)
    z = found.estimate / found.std_error
    np.testing.assert_allclose(found.frame["p_value"], 2 * norm.sf(np.abs(z)), rtol=1e-12)
    np.testing.assert_allclose(found.frame["conf_high"], found.estimate + norm.isf(0.025) * found.std_error, rtol=1e-12)


@pytest.mark.parametrize(("scale", "graph", "kind"), CASES)
def test_as_lnam(scale, graph, kind):
    expected = ORACLE[scale][graph][kind]["lnam"]
    found = tn.regression.dependence.network_autocorrelation(fitted(), GRAPHS[graph], kind=kind, row_normalise=scale == "normalised")
    # lnam searches by BFGS with numerical derivatives.
    np.testing.assert_allclose(found.estimate, expected["estimate"], rtol=1e-4)
    # Its standard errors come from the observed information, those of spatialreg and ours from the expected one.
    assert found.sigma2**0.5 == pytest.approx(expected["sigma"], rel=1e-4)


@pytest.mark.parametrize("scale", ["normalised", "raw"])
@pytest.mark.parametrize("graph", ["undirected", "directed"])
def test_moran_as_lm_morantest(scale, graph):
    expected = ORACLE[scale][graph]["moran"]
    found = tn.regression.dependence.moran(
        fitted(), np.array(ORACLE["full"][graph], dtype=float), draws=4999, row_normalise=scale == "normalised"
    )
    for mine, theirs in (("estimate",) * 2, ("expected",) * 2, ("variance",) * 2, ("statistic",) * 2, ("p_value", "p")):
        assert getattr(found, mine) == pytest.approx(expected[theirs], rel=1e-8), mine
    # Permuted residuals put through the regression have about the moments of independent errors.
    assert found.permuted.mean() == pytest.approx(found.expected, abs=4 * found.std_error / 4999**0.5 + 0.02 * found.std_error)
    assert found.permuted.std() == pytest.approx(found.std_error, rel=0.1)


@pytest.mark.parametrize("graph", ["undirected", "directed"])
def test_moments_with_cases_without_neighbours(graph):
    found = tn.regression.dependence.moran(fitted(), GRAPHS[graph], draws=9, row_normalise=False)
    assert found.estimate == pytest.approx(ORACLE["raw"][graph]["isolates"], rel=1e-8)
    # Independent normal errors through the same regression; their I by the definition.
    W, basis = GRAPHS[graph], fitted().solution.basis
    errors = np.random.default_rng(3).normal(size=(20_000, 60))
    errors -= (errors @ basis) @ basis.T
    drawn = np.sum(W.any(axis=1)) / W.sum() * np.einsum("ri,ij,rj->r", errors, W, errors, optimize=True) / np.sum(errors**2, axis=1)
    assert found.expected == pytest.approx(drawn.mean(), abs=4 * found.std_error / 20_000**0.5)
    assert found.std_error == pytest.approx(drawn.std(), rel=4 / (2 * 20_000) ** 0.5 * 1.2)


def test_permuted_residuals_as_moran_mc():
    # With an intercept alone the regression takes nothing more out of permuted residuals.
    expected, flat = ORACLE["mc"], fitted("y ~ a").solution.basis[:, :1]
    draws = 20_000
    from tienet.regression.dependence.morans_i import _permuted, moran_i

    residuals = DATA["y"] - DATA["y"].mean()
    W = weights_of(fitted(), GRAPHS["undirected"], True).matrix
    permuted = _permuted(residuals, flat, W, draws, np.random.default_rng(1))
    assert moran_i(residuals[None], W)[0] == pytest.approx(expected["estimate"], rel=1e-8)
    assert permuted.mean() == pytest.approx(expected["mean"], abs=4 * expected["sd"] * (1 / draws + 1 / expected["reps"]) ** 0.5)
    assert permuted.std() == pytest.approx(expected["sd"], rel=0.03)
    p = np.mean(permuted >= expected["estimate"])
    assert abs(p - expected["p_greater"]) <= 4 * (max(p, 1e-4) * (1 / draws + 1 / expected["reps"])) ** 0.5


# ---------------------------------------------------------------- closed forms and invariances


def test_moments_as_the_definition_has_them():
    rng = np.random.default_rng(2)
    X, W = np.column_stack([np.ones(12), rng.normal(size=(12, 2))]), rng.random((12, 12))
    M = np.eye(12) - X @ np.linalg.inv(X.T @ X) @ X.T
    W[4] = 0
    scale, MW = 11 / W.sum(), M @ W  # the case without neighbours is not counted, as in spdep
    mean, variance = residual_moments(np.linalg.qr(X)[0], W)
    assert mean == pytest.approx(scale * np.trace(MW) / 9)
    second = np.trace(M @ W @ M @ W.T) + np.trace(MW @ MW) + np.trace(MW) ** 2
    assert variance == pytest.approx(scale**2 * second / (9 * 11) - mean**2)


@pytest.mark.parametrize("kind", ["lag", "error"])
def test_the_likelihood_is_the_normal_density_and_highest_at_the_estimate(kind):
    fit, n = fitted(), 60
    weights = weights_of(fit, GRAPHS["directed"], True)
    found = tn.regression.dependence.network_autocorrelation(fit, GRAPHS["directed"], kind=kind)
    X, W, y = np.column_stack([np.ones(n), DATA["a"], DATA["b"]]), weights.matrix, DATA["y"]

    def density(theta):
        rho, b, sigma2 = theta[0], theta[1:4], theta[4]
        A = np.eye(n) - rho * W
        e = A @ y - X @ b if kind == "lag" else A @ (y - X @ b)
        return np.linalg.slogdet(A)[1] - n / 2 * np.log(2 * np.pi * sigma2) - e @ e / (2 * sigma2)

    top = np.append(found.estimate, found.sigma2)
    assert density(top) == pytest.approx(found.log_likelihood, rel=1e-12)
    for place in range(5):
        for step in (-1e-4, 1e-4):
            assert density(top + step * (np.arange(5) == place)) < density(top)
    start = maximum_likelihood(y, fit.solution.basis, weights, kind)
    assert density(np.r_[0, fit.estimate, fit.residuals @ fit.residuals / n]) == pytest.approx(start.log_likelihood_ols, rel=1e-12)


def test_the_interval_is_where_the_determinant_keeps_its_sign():
    for graph in GRAPHS.values():
        for normalised in (True, False):
            weights = weights_of(fitted(), graph, normalised)
            low, high = valid_interval(eigenvalues(weights), weights.matrix)
            inside, outside = np.linspace(low, high, 41)[1:-1], (low * 1.001, high * 1.001)
            determinant = [np.linalg.det(np.eye(60) - rho * weights.matrix) for rho in (*inside, *outside)]
            assert min(determinant[:-2]) > 0
            assert max(determinant[-2:]) < 0
            if normalised and graph is GRAPHS["undirected"]:
                assert high == pytest.approx(1.0)
    chain = np.triu(np.ones((4, 4)), 1)  # without cycles every eigenvalue is 0
    assert valid_interval(np.zeros(4), chain) == (-1 / 3, 1 / 3)


def test_rows_in_another_order_and_other_units_give_the_same():
    order = np.random.default_rng(0).permutation(60)
    base = tn.regression.dependence.network_autocorrelation(fitted(), GRAPHS["undirected"])
    turned = tn.regression.dependence.network_autocorrelation(
        fitted(data={k: v[order] for k, v in DATA.items()}), GRAPHS["undirected"][np.ix_(order, order)]
    )
    np.testing.assert_allclose(turned.estimate, base.estimate, rtol=1e-9)
    np.testing.assert_allclose(turned.std_error, base.std_error, rtol=1e-9)
    scaled = tn.regression.dependence.network_autocorrelation(
        fitted(data=DATA | {"a": 1e6 + 3 * DATA["a"]}, center="mean"), 5 * GRAPHS["undirected"]
    )
    np.testing.assert_allclose(scaled.estimate[[0, 2, 3]], base.estimate[[0, 2, 3]] / [1, 3, 1], rtol=1e-7)
    np.testing.assert_allclose(scaled.std_error[[0, 2, 3]], base.std_error[[0, 2, 3]] / [1, 3, 1], rtol=1e-7)


def test_dropped_rows_drop_out_of_the_network_before_it_is_normalised():
    gone = np.array([0, 17, 40])
    kept = np.setdiff1d(np.arange(60), gone)
    holes = DATA | {"a": np.where(np.isin(np.arange(60), gone), np.nan, DATA["a"])}
    part = GRAPHS["undirected"][np.ix_(kept, kept)]
    fit, small = fitted(data=holes), fitted(data={name: values[kept] for name, values in DATA.items()})
    one, two = (tn.regression.dependence.network_autocorrelation(*pair) for pair in ((fit, csr_array(GRAPHS["undirected"])), (small, part)))
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-10)
    assert (one.n, one.isolates) == (57, two.isolates)
    assert tn.regression.dependence.moran(fit, GRAPHS["undirected"], draws=9).estimate == pytest.approx(
        tn.regression.dependence.moran(small, part, draws=9).estimate
    )


def test_egos_are_a_part_of_the_roster(study_result):
    egos = study_result.egos.ego
    data = {name: study_result.data[name] for name in ("sales_growth", "tenure", "person")}
    assert list(data["person"]) == list(egos)
    fit = tn.Moderation("sales_growth ~ tenure").fit(data)
    found = tn.regression.dependence.network_autocorrelation(fit, study_result.ties.adjacency(of=data["person"]))
    score = tn.regression.dependence.moran(fit, study_result.ties.adjacency(of=egos), draws=99)
    assert found.n == score.n == fit.n < len(study_result.ties.people)
    with pytest.raises(DataError, match="the network has 300 people, but the data"):
        tn.regression.dependence.moran(fit, study_result.ties)


# ---------------------------------------------------------------- faces and refusals


def test_faces():
    found, score = (
        tn.regression.dependence.network_autocorrelation(fitted(), GRAPHS["undirected"]),
        tn.regression.dependence.moran(fitted(), GRAPHS["undirected"], draws=99),
    )
    assert list(found.frame["term"]) == ["rho", "(Intercept)", "a", "b"]
    assert found.rho == found.frame["estimate"][0]
    assert found.isolates == int(np.sum(GRAPHS["undirected"].sum(axis=1) == 0)) >= 2
    assert f"60 observations ({found.isolates} without neighbours): rho = 0." in str(found)
    assert "likelihood ratio against rho = 0" in str(found)
    assert "Moran's I" in str(score)
    assert "Ord" in found.cite()
    assert "Cliff" in score.cite()
    for record in (found, score):
        assert all(describe(column).meaning for column in record.frame.columns)
    for array in (found.estimate, score.permuted):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def spoiled(row, col, value):
    graph = GRAPHS["undirected"].copy()
    graph[row, col] = value
    return graph


COMPLETE = np.ones((60, 60)) - np.eye(60)


@pytest.mark.parametrize("call", [tn.regression.dependence.network_autocorrelation, tn.regression.dependence.moran])
@pytest.mark.parametrize(
    ("network", "message"),
    [
        (GRAPHS["undirected"][:50, :50], "the network has 50 people, but the data of the fit have 60 rows"),
        (GRAPHS["undirected"][:50], "must be square.*got 50 x 60"),
        (spoiled(3, 4, -1.0), r"a negative weight in row 4 \(counted from 1\)"),
        (spoiled(5, 4, np.nan), r"a missing value in row 6"),
        (spoiled(2, 2, 1.0), r"a tie of a person with themselves in row 3"),
        (np.zeros((60, 60)), "no two of the 60 observations used are tied"),
    ],
)
def test_networks_that_are_refused(call, network, message):
    with pytest.raises(DataError, match=message) as caught:
        call(fitted(), network)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("n", [5, 10, 60])
def test_a_network_in_which_everybody_is_tied_has_one_index_only(n):
    data = {"a": DATA["a"][:n], "y": DATA["y"][:n]}
    with pytest.raises(ModelError, match=f"Moran's I is {-1 / (n - 1):.3f} whatever the residuals are"):
        tn.regression.dependence.moran(fitted("y ~ a", data), 1 - np.eye(n), draws=9)


def test_other_refusals():
    with pytest.raises(ArgumentError, match=r"kind must be .*; got 'both'"):
        tn.regression.dependence.network_autocorrelation(fitted(), GRAPHS["undirected"], kind="both")
    with pytest.raises(ArgumentError, match="alpha"):
        tn.regression.dependence.network_autocorrelation(fitted(), GRAPHS["undirected"], alpha=5)
    with pytest.raises(ArgumentError, match="draws"):
        tn.regression.dependence.moran(fitted(), GRAPHS["undirected"], draws=1.5)
    with pytest.warns(ExactFit, match="without residuals"):
        exact = fitted("y ~ a", {"a": DATA["a"], "y": 2 + 3 * DATA["a"]})
    for call in (tn.regression.dependence.network_autocorrelation, tn.regression.dependence.moran):
        with pytest.raises(ModelError, match="fits the outcome perfectly"):
            call(exact, GRAPHS["undirected"])
    pairs = np.kron(np.eye(30), [[0, 1], [1, 0]])
    alike = fitted("y ~ a", {"a": np.repeat(DATA["a"][:30], 2), "y": np.repeat(DATA["y"][:30], 2)})
    with pytest.raises(ModelError, match="highest at an end of the possible interval of rho"):
        tn.regression.dependence.network_autocorrelation(alike, pairs)
    with pytest.raises(ModelError, match="so rho cannot be estimated"):
        tn.regression.dependence.network_autocorrelation(fitted("y ~ lagged", DATA | {"lagged": pairs @ DATA["y"]}), pairs)
