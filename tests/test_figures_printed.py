"""Figures of published models against the arrays of the results."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

import tienet as tn
from drawing import drawn, marked, note

mpl.use("Agg")
PAIR = {"focal": "x", "moderator": "z"}
COEFFICIENTS = {"x": 0.5, "z": 0.1, "x:z": 0.3}
AROUND = {"means": {"x": 0.0, "z": 0.0}, "sds": {"x": 1.0, "z": 1.0}}
BARE = tn.PublishedModel(COEFFICIENTS, **AROUND)
ERRORS = tn.PublishedModel(COEFFICIENTS, std_errors={"x": 0.1, "z": 0.2, "x:z": 0.06}, n=100, **AROUND)
R = {("y", "a"): 0.32, ("y", "b"): 0.18, ("a", "b"): 0.25}


def test_coefficients_of_a_printed_model():
    ax = drawn(ERRORS)
    (dots,), (whiskers,) = marked(ax, "estimates"), marked(ax, "whiskers")
    np.testing.assert_allclose(dots.get_offsets()[:, 0], [0.3, 0.1, 0.5])
    table = ERRORS.frame
    np.testing.assert_allclose([line[:, 0] for line in whiskers.get_segments()], table[["conf_low", "conf_high"]][::-1])
    assert "no errors are printed" in note(drawn(BARE))
    with_intercept = tn.PublishedModel(COEFFICIENTS, intercept=2.0)
    assert len(drawn(with_intercept, intercept=True).get_yticks()) == 4
    assert len(drawn(with_intercept).get_yticks()) == 3


def test_bounded_slopes_show_both_intervals():
    slopes = tn.simple_slopes(ERRORS, **PAIR)
    ax = drawn(slopes)
    wide, narrow = (np.array([line[:, 0] for line in marked(ax, gid)[0].get_segments()]) for gid in ("whiskers", "narrowest"))
    np.testing.assert_allclose(wide, np.column_stack([slopes.conf_low, slopes.conf_high]))
    ratio = (narrow[:, 1] - narrow[:, 0]) / (wide[:, 1] - wide[:, 0])
    np.testing.assert_allclose(ratio, slopes.std_error_low / slopes.std_error_high)
    assert "covariances not printed" in note(ax)


def test_bounded_regions_shade_what_is_certain():
    regions = tn.johnson_neyman(ERRORS, **PAIR)
    ax = drawn(regions)
    (slope,) = marked(ax, "slope")
    np.testing.assert_allclose(slope.get_ydata(), 0.5 + 0.3 * slope.get_xdata())
    assert len(marked(ax, "yes")) == regions.verdict.count("yes") == 2
    assert len(marked(ax, "no")) == regions.verdict.count("no") == 0
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["differs", "not known"]
    np.testing.assert_allclose([line.get_xdata()[0] for line in marked(ax, "bound")], regions.bounds)
    weak = tn.PublishedModel({**COEFFICIENTS, "x": 0.0, "x:z": 0.0}, std_errors={"x": 0.1, "x:z": 0.06}, n=100, **AROUND)
    assert len(marked(drawn(tn.johnson_neyman(weak, **PAIR)), "no")) >= 1


def test_lines_without_bands_or_level_say_so():
    surface = tn.predict_surface(BARE, **PAIR)
    ax = drawn(surface)
    assert not marked(ax, "band")
    assert not marked(ax, "rug")
    assert "no bands" in note(ax)
    assert "less a constant" in ax.get_ylabel().replace("\n", " ")
    np.testing.assert_allclose([line.get_ydata() for line in marked(ax, "line")], surface.estimate)
    slopes = drawn(tn.simple_slopes(BARE, **PAIR))
    assert "No intervals" in note(slopes)


@pytest.mark.parametrize("ranges", [{}, {"x": (0.0, 10.0)}])
def test_curves_of_print_are_drawn_with_and_without_a_range(ranges):
    known = {"covariance": {("x", "x"): 0.04, ("x", "x^2"): 0.0, ("x^2", "x^2"): 0.0001}}
    model = tn.PublishedModel({"x": -2.0, "x^2": 0.2}, ranges=ranges, **known)
    point = drawn(tn.turning_point(model, focal="x"))
    assert len(marked(point, "curve")) == len(ranges)
    assert "n not given" in note(point)
    test = tn.u_test(model, focal="x", low=0.0, high=10.0)
    ax = drawn(test)
    np.testing.assert_allclose(marked(ax, "curve")[0].get_ydata(), test.curve.estimate[0])
    assert "less a constant" in ax.get_ylabel().replace("\n", " ")


def test_betas_and_what_rounding_leaves_open():
    result = tn.regression_from_correlations(R, n=85, outcome="y", predictors=["a", "b"], sds={"y": 2.0, "a": 4.0, "b": 1.0})
    ax = drawn(result)
    np.testing.assert_allclose(marked(ax, "estimates")[0].get_offsets()[:, 0], result.beta[::-1])
    broad = [line[:, 0] for line in marked(ax, "rounding")[0].get_segments()]
    np.testing.assert_allclose(broad, np.column_stack(result.beta_rounding[:2])[::-1])
    whiskers = np.array([line[:, 0] for line in marked(ax, "whiskers")[0].get_segments()])[::-1]
    np.testing.assert_allclose(whiskers[:, 0] * 2.0 / np.array([4.0, 1.0]), result.conf_low)
    assert "2-decimal" in note(ax)
    exact = tn.regression_from_correlations(R, n=85, outcome="y", predictors=["a", "b"], decimals=None)
    assert not marked(drawn(exact), "rounding")
