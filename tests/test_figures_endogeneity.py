"""Figures of the corrections for endogenous variables and of sensitivity, against the arrays of the results."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import tienet as tn
from drawing import drawn, marked, note
from tienet.base.errors import ArgumentError

mpl.use("Agg")
DATA = pd.read_csv(Path(__file__).parent / "oracles" / "endogeneity" / "data.csv")
MODEL = tn.Moderation("y ~ x*w + g")
ARGUMENTS = {"endogenous": "x", "instruments": ["iv1", "iv2"]}


@pytest.fixture(scope="module")
def fits():
    return {
        "Two-stage least squares": tn.regression.endogeneity.two_stage_least_squares(MODEL, DATA, **ARGUMENTS),
        "Control function": tn.regression.endogeneity.control_function(MODEL, DATA, **ARGUMENTS, draws=99),
    }


@pytest.mark.parametrize("name", ["Two-stage least squares", "Control function"])
def test_both_sets_of_coefficients_stand_side_by_side(fits, name):
    fit = fits[name]
    ax = drawn(fit)
    k = len(fit.design.terms)
    for label, table in (("Least squares", fit.ordinary._columns()), (name, fit._columns())):
        (dots,) = marked(ax, f"estimates {label}")
        np.testing.assert_allclose(dots.get_offsets()[:, 0], table["estimate"][1:k])
        (lines,) = marked(ax, f"whiskers {label}")
        ends = np.array([segment[:, 0] for segment in lines.get_segments()])
        np.testing.assert_allclose(ends, np.column_stack([table["conf_low"], table["conf_high"]])[1:k])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Least squares", name]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["x", "w", "x × w", "g: b", "g: c"]
    assert f"n = {fit.n}; HC3 standard errors" in note(ax)
    assert ("percentiles of 99 resamples" in note(ax)) == (name == "Control function")
    assert len(drawn(fit, intercept=True).get_yticks()) == k


def test_the_copula_has_its_name():
    x = np.random.default_rng(0).exponential(size=700)
    fit = tn.regression.endogeneity.gaussian_copula(
        tn.Moderation("y ~ x"), {"x": x, "y": x + np.random.default_rng(1).normal(size=700)}, endogenous="x", draws=99
    )
    assert drawn(fit).get_legend().get_texts()[1].get_text() == "Gaussian copula"


def test_contours_are_the_adjusted_estimates():
    found = tn.regression.endogeneity.sensitivity(MODEL.fit(DATA), "x:w", benchmarks=["g"])
    ax = drawn(found)
    (lines,), (zero,) = marked(ax, "estimates"), marked(ax, "zero")
    for contour in (lines, zero):
        for level, path in zip(contour.levels, contour.get_paths(), strict=True):
            points = path.vertices[path.vertices[:, 0] > 0.02]
            np.testing.assert_allclose(found.at(points[:, 0], points[:, 1]), level, atol=0.02 * abs(found.estimate))
    (diamond,) = marked(ax, "robustness")
    assert diamond.get_xydata().tolist() == [[found.robustness, found.robustness]]
    dots = np.array([dot.get_xydata()[0] for dot in marked(ax, "benchmark")])
    np.testing.assert_allclose(dots[::-1], np.column_stack([found.bound_term, found.bound_outcome]))
    assert "with x × w" in ax.get_xlabel().replace("\n", " ")
    assert f"zero at {found.robustness:.3f} of both" in note(ax)


def test_contours_of_a_corner_without_zero():
    found = tn.regression.endogeneity.sensitivity(MODEL.fit(DATA), "w")
    ax = drawn(found, limit=0.02)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 0.02), (0, 0.02))
    assert not marked(ax, "zero")
    with pytest.raises(ArgumentError, match="limit=2 is not a partial R2"):
        drawn(found, limit=2)
