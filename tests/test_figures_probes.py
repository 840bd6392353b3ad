"""Figures of the further probes against the arrays of the results."""

from __future__ import annotations

import warnings
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

import tienet as tn
from drawing import drawn, marked, note
from probing import DATA, fitted
from tienet.base.errors import ArgumentError, OutsideSupport

mpl.use("Agg")


def labels(ticks):
    return [tick.get_text() for tick in ticks]


def test_categories_as_lines_and_as_whiskers() -> None:
    fit = fitted("y ~ x*g + z")
    surface = tn.predict_surface(fit, focal="x", moderator="g")
    ax = drawn(surface)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["east", "north", "south", "west"]
    for line, heights, inside in zip(marked(ax, "line"), surface.estimate, surface.inside, strict=True):
        seen = np.isfinite(line.get_ydata())
        assert seen.sum() > 10
        assert inside[seen].all()
        np.testing.assert_array_equal(line.get_ydata()[seen], heights[seen])
    assert len({repr(line._dash_pattern) for line in marked(ax, "line")}) == 4
    assert labels(drawn(tn.simple_slopes(fit, focal="x", moderator="g")).get_yticklabels()) == ["east", "north", "south", "west"]


def test_percentiles_carry_their_values() -> None:
    slopes = tn.simple_slopes(fitted("y ~ x*z"), focal="x", moderator="z", at="percentiles")
    assert labels(drawn(slopes).get_yticklabels())[0] == f"16th percentile (−{abs(slopes.at[0]):.2f})"


def test_differences_read_from_the_top() -> None:
    found = tn.regression.probes.slope_differences(fitted("y ~ x*g + z"), focal="x", moderator="g")
    ax = drawn(found)
    assert labels(ax.get_yticklabels())[::-1][:2] == ["north − east", "south − east"]
    np.testing.assert_array_equal(marked(ax, "estimates")[0].get_offsets()[::-1, 0], found.estimate)
    ends = np.array([segment[:, 0] for segment in marked(ax, "whiskers")[0].get_segments()])[::-1]
    np.testing.assert_allclose(ends, np.column_stack([found.conf_low, found.conf_high]))
    assert "not adjusted for multiple comparisons" in note(ax)
    three = drawn(tn.regression.probes.slope_differences(fitted("y ~ x*z*w"), focal="x", moderator=("z", "w")))
    assert labels(three.get_yticklabels())[-1] == "(−1 SD, +1 SD)\n− (−1 SD, −1 SD)"
    assert three.get_ylabel() == "z, w"


def test_region_areas_boundary_cases_and_empty_parts() -> None:
    found = tn.regression.probes.slope_region(fitted("v ~ x*z + x^2 + w"), focal="x", moderator="z")
    ax = drawn(found, cases=True)
    assert ax.get_xlim() == (found.focal_values[0], found.focal_values[-1])
    assert ax.get_ylim() == (found.moderator_values[0], found.moderator_values[-1])
    for sign in (-1, 1):
        (area,) = marked(ax, f"area {sign}")
        (path,) = area.get_paths()
        spots = np.array([(x, z) for z in found.moderator_values[1:-1:7] for x in found.focal_values[1:-1:7]])
        inside = found.sign[1:-1:7, 1:-1:7].ravel() == sign
        np.testing.assert_array_equal(path.contains_points(spots), inside)
    lightness = [sum(marked(ax, f"area {sign}")[0].get_facecolor()[0][:3]) / 3 for sign in (-1, 1)]
    assert lightness[1] - lightness[0] > 0.15  # told apart in grey
    edge = np.concatenate([path.vertices for line in marked(ax, "boundary") for path in line.get_paths()])
    near = [np.min(np.hypot((edge[:, 0] - x) / 5, (edge[:, 1] - z) / 11)) for x, z in found.boundary]
    assert max(near) < 0.02
    (dots,) = marked(ax, "cases")
    np.testing.assert_array_equal(dots.get_xydata(), DATA[["x", "z"]].sort_values(["x", "z"]).to_numpy())  # not as in the table
    (empty,) = marked(ax, "empty")
    assert empty.get_hatch()
    assert f"differs from zero for {100 * found.share_significant:.0f}% of 180 people" in note(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["below zero", "not different", "above zero"]


def test_region_without_known_cases_has_neither_dots_nor_hatching() -> None:
    found = tn.regression.probes.slope_region(fitted("v ~ x*z + x^2 + w"), focal="x", moderator="z", points=9)
    bare = replace(found, hull=np.empty((0, 2)), focal_observed=np.empty(0), moderator_observed=np.empty(0))
    ax = drawn(replace(bare, share_negative=np.nan, share_positive=np.nan))
    assert not marked(ax, "cases")
    assert not marked(ax, "empty")
    assert "n = 180" in note(ax)


def test_moderated_curves_turn_where_they_should() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideSupport)
        found = tn.regression.probes.curve_moderation(fitted("v ~ x^2*z + w"), focal="x", moderator="z")
    ax = drawn(found)
    diamonds, curves = marked(ax, "turning point"), marked(ax, "curve")
    np.testing.assert_array_equal([line.get_ydata() for line in curves], found.curves.estimate)
    assert [line.get_xdata()[0] for line in diamonds] == [found.turning_point[0], found.turning_point[2]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["−1 SD (−3.05)", "+1 SD (1.07)"]
    assert note(ax).startswith("Products p < .001; the curve flattens, p < .001")
    path = drawn(replace(found, curves=None))
    np.testing.assert_array_equal(marked(path, "turning point")[0].get_ydata(), found.turning_point)


def test_two_lines_with_their_break() -> None:
    found = tn.two_lines(fitted("v ~ x + x^2 + w"), focal="x", break_at=2.5)
    ax = drawn(found)
    for i, line in enumerate(marked(ax, "line")):
        np.testing.assert_array_equal(line.get_xdata(), found.line_values[i])
        np.testing.assert_array_equal(line.get_ydata(), found.line_estimate[i])
    assert marked(ax, "break")[0].get_xdata()[0] == 2.5
    np.testing.assert_array_equal(marked(ax, "smooth")[0].get_ydata(), found.smooth)
    assert sum(np.nan_to_num(marks.tienet_values).sum() for marks in marked(ax, "people")) == pytest.approx(180, abs=40)
    assert [text.get_text().split("\n")[0] for text in marked(ax, "slope")] == [f"slope −{abs(b):.2f}" for b in found.estimate]


def test_both_specifications_stand_side_by_side() -> None:
    found = tn.regression.model.with_and_without_quadratics(fitted("v ~ x*z + x*w + x^2"))
    ax = drawn(found)
    first, second = marked(ax, "estimates")
    np.testing.assert_array_equal(first.get_offsets()[:, 0], found.estimate)
    np.testing.assert_array_equal(second.get_offsets()[:, 0], found.estimate_without)
    assert (first.get_offsets()[:, 1] > second.get_offsets()[:, 1]).all()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["with squares", "without"]
    with pytest.raises(ArgumentError, match="has no option 'per'"):
        drawn(found, per="sd")


def test_every_column_is_in_the_glossary_and_every_record_cites() -> None:
    from tienet.output.glossary import describe

    fit = fitted("v ~ x*z + x^2 + w")
    records = [
        tn.regression.probes.slope_region(fit, focal="x", moderator="z", points=5),
        tn.regression.probes.curve_moderation(fit, focal="x", moderator="z"),
        tn.two_lines(fit, focal="x", break_at=2.5),
        tn.regression.model.with_and_without_quadratics(fit),
        tn.regression.probes.slope_differences(fit, focal="x", moderator="z"),
    ]
    for record in records:
        for column in record.frame.columns:
            assert describe(column).meaning, column
        assert len(record.cite()) > 60
        assert len(str(record)) > 60
        for name in ("estimate", "std_error"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(record, name)[0] = 0.0
