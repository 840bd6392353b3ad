"""Regression and correlation of networks with permuted people, against the R package sna (tests/oracles/networks) and naive loops."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

import tienet as tn
from networks import random_ties
from tienet.base.errors import ArgumentError, DataError, ModelError
from tienet.output.glossary import describe
from tienet.regression.dependence._dyads import used_dyads

ORACLE = json.loads((Path(__file__).parent / "oracles" / "networks" / "expected.json").read_text())


def matrix(rows):
    return np.array([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=float)


def networks(case):
    return matrix(ORACLE[case]["y"]), {f"x{place}": matrix(x) for place, x in enumerate(ORACLE[case].get("x", ORACLE["directed"]["x"]))}


def close_to(p, expected, reps, draws):
    """Within 4 Monte Carlo standard errors of a share found with so many permutations, each side its own."""
    p, expected = np.asarray(p), np.asarray(expected)
    likely = np.maximum(expected, 2 / draws)  # netlm can print 0, where the error of its share would be 0 too
    return bool((np.abs(p - expected) <= 4 * np.sqrt(likely * (1 - expected) * (1 / reps + 1 / draws)) + 1 / draws).all())


def t_of(y, columns):
    """t ratios by the normal equations: what the naive loops refit with."""
    X = np.column_stack([np.ones(len(y)), *columns])
    b, _, rank, _ = np.linalg.lstsq(X, y, rcond=None)
    if rank < X.shape[1]:
        return np.full(X.shape[1], np.nan)
    e = y - X @ b
    return b / np.sqrt(e @ e / (len(y) - X.shape[1]) * np.diag(np.linalg.inv(X.T @ X)))


def naive(y, predictors, orders, method, lower=False):
    """t of each predictor under each order, refitted one at a time."""
    n, matrices = len(y), list(predictors.values())
    used = np.tril(np.ones((n, n), dtype=bool), -1) if lower else ~np.eye(n, dtype=bool)
    joint = ~np.isnan(sum(matrices) + y)
    found = np.empty((len(orders), len(matrices)))
    for place in range(len(matrices)):
        others = [other for k, other in enumerate(matrices) if k != place]
        cells = used & joint
        focal = np.full((n, n), np.nan)
        columns = np.column_stack([np.ones(cells.sum()), *[other[cells] for other in others]])
        focal[cells] = matrices[place][cells] - columns @ np.linalg.lstsq(columns, matrices[place][cells], rcond=None)[0]
        if lower:
            focal.T[cells] = focal[cells]
        outcome = np.where(joint, y, np.nan)
        for row, order in enumerate(orders):
            moved = (focal if method == "dsp" else outcome)[np.ix_(order, order)]
            keep = cells & ~np.isnan(moved)
            if method == "dsp":
                found[row, place] = t_of(y[keep], [*[other[keep] for other in others], moved[keep]])[-1]
            else:
                found[row, place] = t_of(moved[keep], [one[keep] for one in matrices])[place + 1]
    return found


# ---------------------------------------------------------------- against sna


@pytest.mark.parametrize(
    ("case", "hypothesis", "method"), [("directed", "dsp", "dsp"), ("directed", "qapy", "y"), ("undirected", "dsp", "dsp")]
)
def test_mrqap_as_netlm(case, hypothesis, method):
    y, predictors = networks(case)
    expected = ORACLE[case][hypothesis]
    found = tn.regression.dependence.mrqap(y, predictors, method=method, draws=4999)
    np.testing.assert_allclose(found.estimate, expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(found.statistic, expected["statistic"], rtol=1e-8)
    assert found.dyads - len(found.terms) == expected["df"]
    assert found.directed == (case == "directed")
    for mine, theirs in (("p_value", "p"), ("share_larger", "larger"), ("share_smaller", "smaller")):
        assert close_to(getattr(found, mine)[1:], expected[theirs][1:], expected["reps"], 4999), mine
    assert np.isnan(found.p_value[0])


def test_observed_values_with_missing_dyads_as_netlm():
    y, predictors = networks("holes")
    found = tn.regression.dependence.mrqap(y, predictors, draws=19)
    np.testing.assert_allclose(found.estimate, ORACLE["holes"]["fit"]["estimate"], rtol=1e-8)
    np.testing.assert_allclose(found.statistic, ORACLE["holes"]["fit"]["statistic"], rtol=1e-8)
    assert found.left_out == 3
    assert "3 left out for missing values" in str(found)


@pytest.mark.parametrize("case", ["directed", "undirected"])
def test_qap_correlation_as_gcor_and_qaptest(case):
    y, predictors = networks(case)
    expected = ORACLE["qap"][case]
    found = tn.regression.dependence.qap_correlation(y, predictors["x1"], draws=4999)
    assert found.estimate == pytest.approx(expected["estimate"], rel=1e-10)
    for mine, theirs in ((found.p_value, "p"), (found.share_larger, "larger"), (found.share_smaller, "smaller")):
        assert close_to(mine, expected[theirs], expected["reps"], 4999)


# ---------------------------------------------------------------- against loops that refit


@pytest.mark.parametrize("method", ["dsp", "y"])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("lower", [False, True])
def test_every_order_of_five_people_as_a_loop_that_refits(method, gaps, lower):
    rng = np.random.default_rng(4)
    y, *xs = rng.normal(size=(3, 5, 5)) * 10 + 50
    if gaps:
        y[0, 3] = y[3, 0] = xs[1][2, 4] = xs[1][4, 2] = np.nan
    if lower:
        y, xs = y + y.T, [x + x.T for x in xs]
    predictors = {"a": xs[0], "b": xs[1]}
    found = tn.regression.dependence.mrqap(y, predictors, method=method)
    orders = np.array(list(permutations(range(5))))
    expected = naive(y, predictors, orders, method, lower)
    assert (found.exact, found.draws, found.directed) == (True, 120, not lower)
    np.testing.assert_allclose(found.permuted, expected, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.permuted[0], found.statistic[1:], rtol=1e-10)  # the first order is the observed one
    np.testing.assert_allclose(found.p_value[1:], np.mean(np.abs(expected) >= np.abs(expected[0]) * (1 - 1e-9), axis=0), rtol=1e-12)


def test_random_orders_as_a_loop_that_refits():
    y, predictors = networks("holes")
    found = tn.regression.dependence.mrqap(y, predictors, draws=40, seed=3)
    orders = np.random.default_rng(3).permuted(np.tile(np.arange(15, dtype=np.int32), (40, 1)), axis=1)
    np.testing.assert_allclose(found.permuted, naive(y, predictors, orders, "dsp"), rtol=1e-8)
    beyond = np.sum(np.abs(found.permuted) >= np.abs(found.statistic[1:]), axis=0)
    np.testing.assert_allclose(found.p_value[1:], (1 + beyond) / 41, rtol=1e-12)


@pytest.mark.parametrize("gaps", [False, True])
def test_qap_correlations_as_a_loop(gaps):
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=(2, 5, 5)) + 3
    if gaps:
        a[1, 4] = b[3, 0] = b[2, 1] = np.nan
    used = ~np.eye(5, dtype=bool) & ~np.isnan(a + b)
    moving, fixed = (np.where(used, matrix, np.nan) for matrix in (a, b))
    expected = []
    for order in permutations(range(5)):
        moved = moving[np.ix_(order, order)]
        keep = used & ~np.isnan(moved)
        expected.append(np.corrcoef(moved[keep], fixed[keep])[0, 1])
    found = tn.regression.dependence.qap_correlation(a, b)
    np.testing.assert_allclose(found.permuted, expected, rtol=1e-9)
    assert found.p_value == pytest.approx(np.mean(np.abs(expected) >= abs(expected[0]) * (1 - 1e-9)))


def test_an_outcome_that_only_the_observed_order_fits_has_the_smallest_p_there_is():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 6))
    y = x + 1e-3 * rng.normal(size=(6, 6))
    assert tn.regression.dependence.mrqap(y, {"x": x}).p_value[1] == pytest.approx(1 / 720)
    assert tn.regression.dependence.qap_correlation(y, x).p_value == pytest.approx(1 / 720)
    y, x = (np.kron(one, np.ones((3, 3))) + rng.normal(size=(18, 18)) / 100 for one in (y, x))
    assert tn.regression.dependence.mrqap(y, {"x": x}, draws=99).p_value[1] == pytest.approx(1 / 100)  # never 0


def test_equal_orders_count_as_equal():
    ring = np.roll(np.eye(6), 1, axis=1)
    both = ring + ring.T
    found = tn.regression.dependence.qap_correlation(both, both)
    assert found.p_value == pytest.approx(12 / 720)  # a ring of six has twelve symmetries


# ---------------------------------------------------------------- invariances and the level of the test


def test_shift_scale_and_the_diagonal_change_no_p_and_the_order_of_people_no_estimate():
    y, predictors = networks("directed")
    base = tn.regression.dependence.mrqap(y, predictors, draws=199)
    moved = {name: 1e6 + 30 * x + np.diag(np.full(15, 1e9)) for name, x in predictors.items()}
    other = tn.regression.dependence.mrqap(7 - 2 * y, moved, draws=199)
    np.testing.assert_allclose(other.statistic[1:], -base.statistic[1:], rtol=1e-7)
    np.testing.assert_array_equal(other.p_value, base.p_value)
    np.testing.assert_array_equal(other.share_larger[1:], base.share_smaller[1:])
    order = np.random.default_rng(1).permutation(15)
    turned = tn.regression.dependence.mrqap(
        y[np.ix_(order, order)], {name: x[np.ix_(order, order)] for name, x in predictors.items()}, draws=9
    )
    np.testing.assert_allclose(turned.estimate, base.estimate, rtol=1e-10)


def test_the_level_holds_under_effects_of_people_where_a_t_table_fails():
    # Sender and receiver effects in outcome and predictors that have nothing to do with one another.
    rng = np.random.default_rng(12)
    rejected, by_table, runs = 0, 0, 300

    def net():
        return rng.normal(size=(14, 14)) + 1.2 * rng.normal(size=(14, 1)) + 1.2 * rng.normal(size=(1, 14))

    for _ in range(runs):
        shared = net()
        found = tn.regression.dependence.mrqap(net() + 0.5 * shared, {"x": net() + 0.5 * shared, "z": shared}, draws=199, seed=rng)
        rejected += found.p_value[1] <= 0.05
        by_table += abs(found.statistic[1]) > 1.96
    assert abs(rejected / runs - 0.05) < 3 * np.sqrt(0.05 * 0.95 / runs)
    assert by_table / runs > 0.2


def test_inputs_of_every_kind_are_the_same_network():
    ties = random_ties(3, size=10)
    dense, other = ties.adjacency().toarray(), random_ties(8, size=10).adjacency().toarray()
    base = tn.regression.dependence.qap_correlation(dense, other, draws=49)
    for kind in (ties, ties.adjacency(), csr_array(dense), dense.tolist()):
        again = tn.regression.dependence.qap_correlation(kind, other, draws=49)
        assert (again.estimate, again.p_value, again.directed) == (base.estimate, base.p_value, False)


def test_direction_is_seen_unless_it_is_stated():
    ring = np.roll(np.eye(9), 1, axis=1)
    assert len(used_dyads({"a": ring + ring.T}, None, "drop")) == 36
    assert len(used_dyads({"a": ring + ring.T, "b": ring}, None, "drop")) == 72
    assert len(used_dyads({"a": ring + ring.T}, True, "drop")) == 72
    with pytest.raises(DataError, match="b must be symmetric"):
        used_dyads({"a": ring + ring.T, "b": ring}, False, "drop")


def test_the_same_seed_gives_the_same_numbers():
    y, predictors = networks("directed")
    one, two, other = (tn.regression.dependence.mrqap(y, predictors, draws=99, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.permuted, two.permuted)
    assert (one.permuted != other.permuted).any()


# ---------------------------------------------------------------- faces and refusals


def test_faces():
    y, predictors = networks("directed")
    found, pair = (
        tn.regression.dependence.mrqap(y, predictors, draws=99),
        tn.regression.dependence.qap_correlation(y, predictors["x0"], draws=99),
    )
    assert list(found.frame["term"]) == ["(Intercept)", "x0", "x1", "x2"]
    assert "MRQAP on 15 people (210 directed dyads)" in str(found)
    assert "99 permutations of the people" in str(found)
    assert "Dekker" in found.cite()
    assert "210 directed dyads" in str(pair)
    assert "Krackhardt" in pair.cite()
    for record in (found, pair):
        assert all(describe(column).meaning for column in record.frame.columns)
        with pytest.raises(ValueError, match="read-only"):
            record.permuted[0] = 0
    assert "all 120 permutations" in str(tn.regression.dependence.mrqap(y[:5, :5], {"x": predictors["x0"][:5, :5]}))


BASE = np.arange(25.0).reshape(5, 5) ** 2 % 7


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tn.regression.dependence.mrqap(BASE[:4], {"x": BASE}), DataError, "the outcome must be square.*got 4 x 5"),
        (lambda: tn.regression.dependence.mrqap(BASE, {"x": BASE[:4, :4]}), DataError, "different numbers of people .*x 4"),
        (lambda: tn.regression.dependence.mrqap(BASE, {"x": "text"}), DataError, "x must be an .* of numbers, got str"),
        (
            lambda: tn.regression.dependence.mrqap(BASE, {"x": np.where(BASE == 4, np.inf, BASE)}),
            DataError,
            "x has an infinite value in row 1",
        ),
        (
            lambda: tn.regression.dependence.mrqap(BASE[:3, :3], {"x": BASE[:3, :3].T}),
            DataError,
            "3 people; a permutation test needs at least 4",
        ),
        (lambda: tn.regression.dependence.mrqap(BASE, {"x": np.ones((5, 5))}), ModelError, "x is constant"),
        (
            lambda: tn.regression.dependence.mrqap(BASE, {"x": BASE.T, "z": 2 * BASE.T + 1}),
            ModelError,
            "z is an exact linear combination of x",
        ),
        (lambda: tn.regression.dependence.mrqap(np.eye(5), {"x": BASE}), ModelError, "the outcome has the same value in all 20 dyads"),
        (lambda: tn.regression.dependence.mrqap(3 * BASE, {"x": BASE}), ModelError, "fit the outcome perfectly"),
        (lambda: tn.regression.dependence.mrqap(BASE, {}), ArgumentError, "predictors must be a mapping of names"),
        (lambda: tn.regression.dependence.mrqap(BASE, BASE), ArgumentError, "predictors must be a mapping of names"),
        (lambda: tn.regression.dependence.mrqap(BASE, {"x": BASE.T}, method="qapy"), ArgumentError, "method must be .*; got 'qapy'"),
        (lambda: tn.regression.dependence.mrqap(BASE, {"x": BASE.T}, missing="fill"), ArgumentError, "missing must be .*; got 'fill'"),
        (lambda: tn.regression.dependence.mrqap(BASE, {"x": BASE.T}, directed="no"), ArgumentError, "directed must be .*; got 'no'"),
        (
            lambda: tn.regression.dependence.mrqap(BASE, {"x": BASE.T}, draws=0),
            ArgumentError,
            "draws must be a whole number from 1 to .*; got 0",
        ),
        (lambda: tn.regression.dependence.mrqap(BASE, {"x": np.full((5, 5), np.nan)}), DataError, "no dyad has a value"),
        (
            lambda: tn.regression.dependence.mrqap(BASE, {"x": np.where(BASE.T == 4, np.nan, BASE.T)}, missing="refuse"),
            DataError,
            "dyads have a missing value in x",
        ),
        (lambda: tn.regression.dependence.qap_correlation(BASE, np.ones((5, 5))), ModelError, "the second matrix has the same value"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
