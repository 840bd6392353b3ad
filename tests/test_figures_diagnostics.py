"""Figures of the diagnostics against the arrays of the results."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import tienet as tn
from drawing import drawn, marked, note
from tienet.base.errors import ArgumentError
from tienet.network.privacy.bins import grid_of
from tienet.output.figures.drawing import figure_data

mpl.use("Agg")
PAIR = {"focal": "x", "moderator": "z"}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(2)
    n = 120
    x, z = rng.normal(3, 1, n), rng.gamma(3, 1, n)
    y = 1 + 0.5 * x + 0.2 * z + 0.15 * x * z + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "z": z, "w": rng.normal(size=n), "team": np.arange(n) % 20})


@pytest.fixture(scope="module")
def fit(data):
    return tn.Moderation("y ~ w + x*z", covariance="classical").fit(data)


def dots(ax, gid):
    found = marked(ax, gid)
    return np.column_stack([np.concatenate([line.get_xdata() for line in found]), np.concatenate([line.get_ydata() for line in found])])


def in_order(x, y):
    """Dots from left to right, as they stand in a file: never in the order of the table."""
    return np.column_stack([x, y])[np.lexsort((y, x))]


def test_linearity_line_band_bins_and_smooth(fit):
    check = tn.linearity_check(fit, **PAIR)
    ax = drawn(check)
    np.testing.assert_array_equal(dots(ax, "line"), np.column_stack([check.line_at, check.line]))
    np.testing.assert_array_equal(dots(ax, "smooth"), np.column_stack([check.line_at, check.smooth]))
    np.testing.assert_array_equal(dots(ax, "bins"), np.column_stack([check.at, check.estimate]))
    (whiskers,) = marked(ax, "whiskers")
    np.testing.assert_array_equal(np.array(whiskers.get_segments())[:, :, 1], np.column_stack([check.conf_low, check.conf_high]))
    (band,) = marked(ax, "band")
    assert band.get_paths()[0].vertices[:, 1].max() == check.line_high.max()
    assert marked(ax, "people")
    assert f"F(8, {fit.n - 13}) = {check.f:.2f}" in note(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Model", "Smooth", "Bins"]


def test_linearity_without_a_test_says_so(data):
    few = data.assign(team=data["team"] % 5)
    with pytest.warns(tn.base.errors.FewClusters):
        fit = tn.Moderation("y ~ w + x*z", cluster="team").fit(few)
    assert "too few clusters" in note(drawn(tn.linearity_check(fit, **PAIR)))


def test_support_shows_cases_and_where_lines_leave_them(fit):
    support = tn.regression.checks.common_support(fit, **PAIR)
    ax = drawn(support, cases=True)
    np.testing.assert_array_equal(np.sort(dots(ax, "cases")[:, 1]), np.sort(support.moderator_observed))
    for i, line in enumerate(marked(ax, "supported")):
        place = support.line_bin[i]
        assert list(line.get_xdata()) == [support.focal_low[place], support.focal_high[place]]
        assert list(line.get_ydata()) == [support.line_at[i]] * 2
    assert len(marked(ax, "edge")) == 2
    assert f"{100 * support.line_share_outside[0]:.0f}%" in note(ax)


@pytest.mark.parametrize("by", ["case", "cluster"])
def test_influence_dots_and_numbers(data, by):
    fit = tn.Moderation("y ~ w + x*z", cluster="team").fit(data)
    found = tn.regression.checks.influence(fit, by=by)
    ax = drawn(found, cases=True, numbers=True)
    large = np.abs(found.dfbetas) > found.cutoff
    np.testing.assert_array_equal(dots(ax, "large"), in_order(found.leverage[large], found.estimate[large]))
    assert len(dots(ax, "units")) == (~large).sum()
    top = found.numbers[np.argsort(-np.abs(found.change), kind="stable")[:3]]
    assert [text.get_text() for text in marked(ax, "number")] == [str(number) for number in top]
    assert marked(ax, "full")[0].get_ydata()[0] == found.full_estimate
    assert f"numbers: {'row' if by == 'case' else 'cluster'}" in note(ax)
    assert not marked(drawn(found, cases=True), "number")
    with pytest.raises(ArgumentError, match="add cases=True"):
        drawn(found, numbers=True)


def test_people_are_counted_in_round_cells_unless_asked_for(fit):
    """A mark has the middle of a cell, a multiple of half its size, and counts add up to the people but for cells of few."""
    checks = tn.regression.checks
    points, test, found = checks.partial_residuals(fit, **PAIR), checks.reset_test(fit), checks.influence(fit)
    each = [(points, points.focal_observed, points.partial_residual), (test, test.fitted, test.residuals)]
    for record, x, y in [*each, (found, found.leverage, found.estimate)]:
        data = figure_data(record)
        full = data.query("mark in ('cases', 'units', 'large')")
        assert not np.isin(full["x"], x).any()
        assert not np.isin(full["y"], y).any()
        assert full["value"].min() >= 5
        assert (full["value"] % 5 == 0).all()
        assert "number" not in set(data["mark"])
        assert not len(figure_data(record, cases=False).query("mark in ('cases', 'units', 'large', 'few people')"))


def test_groups_of_people_are_counted_in_the_cells_of_all():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=300), rng.normal(size=300)
    whole, parts = grid_of(x, y, 1), [grid_of(x, y, 1, which=side) for side in (x < 0, x >= 0)]
    assert {(part.width, part.height) for part in parts} == {(whole.width, whole.height)}
    assert sum(part.people.sum() for part in parts) == whole.people.sum() == 300


def test_partial_residuals_are_the_dots_of_their_line(fit):
    for points in (tn.regression.checks.partial_residuals(fit, **PAIR), tn.regression.checks.partial_residuals(fit, "w")):
        ax = drawn(points, cases=True)
        seen = dots(ax, "cases")
        np.testing.assert_array_equal(np.sort(seen[:, 1]), np.sort(points.partial_residual))
        for i, line in enumerate(marked(ax, "line")):
            np.testing.assert_array_equal(line.get_ydata(), points.surface.estimate[i])


def test_sizes_shares_and_collinearity(fit):
    sizes = tn.regression.checks.effect_sizes(fit)
    ax = drawn(sizes)
    np.testing.assert_array_equal(dots(ax, "estimates")[:, 0], sizes.f_squared)
    (whiskers,) = marked(ax, "whiskers")
    np.testing.assert_array_equal(np.array(whiskers.get_segments())[:, 1, 0], sizes.f_squared_high)
    shares = tn.regression.checks.variance_shares(fit, {"w": ["w"], "x": ["x"]})
    ax = drawn(shares)
    assert [bar.get_width() for bar in marked(ax, "shares")] == shares.r_squared_share.tolist()
    np.testing.assert_array_equal(dots(ax, "alone")[:, 0], shares.alone)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["w", "x", "Other terms"]
    found = tn.regression.checks.collinearity(fit)
    ax = drawn(found)
    np.testing.assert_array_equal(dots(ax, "centred")[:, 0], found.vif.centred)
    np.testing.assert_array_equal(dots(ax, "raw")[:, 0], found.vif.raw)


def test_specification_and_adjusted_p(fit):
    test = tn.regression.checks.reset_test(fit)
    ax = drawn(test, cases=True)
    np.testing.assert_array_equal(dots(ax, "cases"), in_order(fit.fitted, fit.residuals))
    means = dots(ax, "mean")
    assert np.average(means[:, 1]) == pytest.approx(0, abs=1e-12)  # groups of equal size
    assert f"F(2, {fit.n - 7})" in note(ax)
    adjusted = tn.regression.checks.adjust_p({"H1": 1e-9, "H2": 0.02, "H3": np.nan})
    ax = drawn(adjusted)
    np.testing.assert_array_equal(dots(ax, "adjusted")[:, 0], [1e-4, 0.02, np.nan])
    assert "2 hypotheses" in note(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["H1", "H2", "H3"]
