"""Figures of network statistics: bars, dots, lines and labels against the arrays of the results."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from scipy.stats import norm

import tienet as tn
from drawing import drawn, marked, note
from tienet.base.errors import ArgumentError
from tienet.base.numbers import p_text

mpl.use("Agg")


@pytest.fixture(scope="module")
def networks():
    rng = np.random.default_rng(5)
    xs = rng.normal(size=(2, 12, 12))
    return 0.8 * xs[0] + rng.normal(size=(12, 12)), {"reports_to": xs[0], "same_region": xs[1]}


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(6)
    return tn.Moderation("sales ~ tenure + visits").fit({name: rng.normal(size=50) for name in ("sales", "tenure", "visits")})


RING = np.roll(np.eye(50), 1, axis=1) + np.roll(np.eye(50), -1, axis=1)


def assert_row(stairs, values):
    """Bars of one row: counts of the values between the shared edges, the tallest the same height in every row."""
    heights, edges, base = stairs.get_data()
    counts = np.histogram(values, edges)[0]
    assert counts.sum() == len(values)
    np.testing.assert_allclose((heights - base) / (heights - base).max(), counts / counts.max())


def test_mrqap_has_one_row_a_predictor_the_first_on_top(networks):
    found = tn.regression.dependence.mrqap(networks[0], networks[1], draws=499)
    ax = drawn(found)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Same region", "Reports to"]
    for row, place in ((0, 1), (1, 0)):
        dot = marked(ax, "observed")[row]
        np.testing.assert_allclose(dot.get_offsets()[0], [found.statistic[place + 1], row])
        assert (dot.get_facecolor()[0, :3].tolist() == [1, 1, 1]) == (found.p_value[place + 1] >= 0.05)
        assert marked(ax, "p")[row].get_text() == p_text(found.p_value[place + 1])
        assert_row(marked(ax, "permuted")[row], found.permuted[:, place])
    low, high = ax.get_xlim()
    assert low < min(found.permuted.min(), found.statistic[1:].min())
    assert high > max(found.permuted.max(), found.statistic[1:].max())
    assert note(ax) == "12 people, 132 directed dyads 499 permutations"
    assert ax.get_xlabel() == "t of the predictor"


def test_permutations_without_a_statistic_are_left_out(networks):
    found = tn.regression.dependence.mrqap(networks[0], networks[1], draws=99)
    holes = found.permuted.copy()
    holes[:5] = np.nan
    assert_row(marked(drawn(replace(found, permuted=holes)), "permuted")[1], holes[5:, 0])


def test_qap_correlation(networks):
    found = tn.regression.dependence.qap_correlation(networks[0][:6, :6], networks[1]["reports_to"][:6, :6])
    ax = drawn(found)
    np.testing.assert_allclose(marked(ax, "observed")[0].get_offsets()[0], [found.estimate, 0])
    assert_row(marked(ax, "permuted")[0], found.permuted)
    assert "all 720 permutations" in note(ax)


def test_moran_marks_what_is_expected(fit):
    found = tn.regression.dependence.moran(fit, RING, draws=199)
    ax = drawn(found)
    assert marked(ax, "center")[0].get_xdata() == pytest.approx([found.expected] * 2)
    np.testing.assert_allclose(marked(ax, "observed")[0].get_offsets()[0], [found.estimate, 0])
    assert marked(ax, "p")[0].get_text() == p_text(found.p_permutation)
    assert_row(marked(ax, "permuted")[0], found.permuted)
    assert ax.get_xlabel() == "Moran's I of the residuals of sales"


def test_autocorrelation_has_rho_on_top(fit):
    found = tn.regression.dependence.network_autocorrelation(fit, RING, alpha=0.1)
    for intercept, kept in ((False, [3, 2, 0]), (True, [3, 2, 1, 0])):
        ax = drawn(found, intercept=intercept)
        (dots,), (lines,) = marked(ax, "estimates"), marked(ax, "whiskers")
        np.testing.assert_allclose(dots.get_offsets()[:, 0], found.estimate[kept])
        half = norm.isf(0.05) * found.std_error[kept]
        np.testing.assert_allclose([segment[1, 0] for segment in lines.get_segments()], found.estimate[kept] + half)
        assert ax.get_yticklabels()[-1].get_text() == "ρ (network)"
    assert "90% intervals, n = 50, maximum likelihood" in note(ax)
    with pytest.raises(ArgumentError, match="has no option 'per'"):
        drawn(found, per="sd")
