"""The slope over two variables at once: against car, brute force, and the floodlight along one of them."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.path import Path as Polygon
from scipy.stats import t as t_dist

import tienet as tn
from probing import DATA, EXPECTED, KINDS, fitted
from tienet.base.errors import ArgumentError, ModelError
from tienet.regression.probes.slope_regions import SlopeRegion

FORMULA = "v ~ x + x^2 + z + x:z + w"


def region(points: int = 21, **options: object) -> SlopeRegion:
    return tn.regression.probes.slope_region(fitted(FORMULA, **options), focal="x", moderator="z", points=points)


@pytest.mark.parametrize("kind", KINDS)
def test_slopes_against_linear_hypotheses(kind: str) -> None:
    fit, expected = fitted(FORMULA, covariance=kind), EXPECTED[f"map_{kind}"]
    for x, z, *wanted in zip(*(expected[name] for name in ("x", "z", "estimate", "std_error", "p_value")), strict=True):
        found = tn.simple_slopes(fit, focal="x", moderator="z", at={"x": x, "z": z})
        assert (found.estimate[0], found.std_error[0], found.p_value[0]) == pytest.approx(wanted, rel=1e-8)
    corners = tn.regression.probes.slope_region(fit, focal="x", moderator="z", points=2)
    ends = [i for i, (x, z) in enumerate(zip(expected["x"], expected["z"], strict=True)) if i % 5 in (0, 4) and i // 5 in (0, 3)]
    for name in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(getattr(corners, name).ravel(), np.array(expected[name])[ends], rtol=1e-8, err_msg=name)


def test_grid_by_the_textbook() -> None:
    fit = fitted(FORMULA, center="none", covariance="HC3")
    b, V = fit.estimate, fit.covariance.matrix
    found = region(9, covariance="HC3")
    x, z = np.meshgrid(found.focal_values, found.moderator_values)
    i, j, k = (fit.terms.index(term) for term in ("x", "x^2", "x:z"))
    slope = b[i] + 2 * b[j] * x + b[k] * z
    variance = V[i, i] + 4 * x**2 * V[j, j] + z**2 * V[k, k] + 4 * x * V[i, j] + 2 * z * V[i, k] + 4 * x * z * V[j, k]
    np.testing.assert_allclose(found.estimate, slope, rtol=1e-9)
    np.testing.assert_allclose(found.std_error, variance**0.5, rtol=1e-8)
    np.testing.assert_allclose(found.p_value, 2 * t_dist.sf(np.abs(slope) / variance**0.5, fit.df), rtol=1e-6)
    np.testing.assert_array_equal(found.significant, found.p_value < 0.05)
    np.testing.assert_array_equal(found.sign, np.where(found.p_value < 0.05, np.sign(slope), 0))


def test_the_boundary_is_the_one_dimensional_floodlight_at_every_x() -> None:
    fit, found = fitted(FORMULA), region()
    assert len(found.boundary) > 20
    critical = t_dist.isf(0.025, fit.df)
    for x, z in found.boundary[::7]:
        slope = tn.simple_slopes(fit, focal="x", moderator="z", at={"x": x, "z": z})
        assert abs(slope.statistic[0]) == pytest.approx(critical, rel=1e-9)
        bounds = tn.johnson_neyman(fit, focal="x", moderator="z", at={"x": x}).bounds
        assert np.min(np.abs(np.array(bounds) - z)) < 1e-7
        along = tn.johnson_neyman(fit, focal="x", moderator="x", at={"z": z}).bounds
        assert np.min(np.abs(np.array(along) - x)) < 1e-7


def test_shares_count_the_cases_at_their_own_places() -> None:
    fit, found = fitted(FORMULA), region()
    slopes = [tn.simple_slopes(fit, focal="x", moderator="z", at={"x": x, "z": z}) for x, z in DATA[["x", "z"]].to_numpy()]
    p, b = np.array([s.p_value[0] for s in slopes]), np.array([s.estimate[0] for s in slopes])
    assert found.share_positive == ((p < 0.05) & (b > 0)).mean()
    assert found.share_negative == ((p < 0.05) & (b < 0)).mean()
    assert f"above zero for {100 * found.share_positive:.1f}% of the 180 observations" in str(found)


def test_support_is_the_convex_hull() -> None:
    found = region(31)
    x, z = np.meshgrid(found.focal_values, found.moderator_values)
    polygon = Polygon(found.hull)
    spots = np.column_stack([x.ravel(), z.ravel()])
    # the corners that lie on an edge of the range are nodes of neither side for matplotlib
    inner = (spots > spots.min(axis=0)).all(axis=1) & (spots < spots.max(axis=0)).all(axis=1)
    np.testing.assert_array_equal(found.support.ravel()[inner], polygon.contains_points(spots)[inner])
    assert polygon.contains_points(DATA[["x", "z"]], radius=1e-9).all() or polygon.contains_points(DATA[["x", "z"]], radius=-1e-9).all()


def test_shift_and_scale_move_the_region_with_them() -> None:
    before = region()
    after = tn.regression.probes.slope_region(
        fitted(FORMULA, DATA.assign(x=10 + 2 * DATA["x"], z=5 - 3 * DATA["z"])), focal="x", moderator="z", points=21
    )
    np.testing.assert_allclose(after.estimate[::-1] * 2, before.estimate, rtol=1e-8)
    np.testing.assert_allclose(after.p_value[::-1], before.p_value, rtol=1e-6, atol=1e-250)
    assert (after.share_negative, after.share_positive) == (before.share_negative, before.share_positive)


def test_a_squared_moderator_and_a_third_variable() -> None:
    fit = fitted("v ~ x^2*z^2 + x*w")
    found = tn.regression.probes.slope_region(fit, focal="x", moderator="z", at={"w": 1.0}, points=5)
    for i, z in enumerate(found.moderator_values):
        for j, x in enumerate(found.focal_values):
            one = tn.simple_slopes(fit, focal="x", moderator="z", at={"x": x, "z": z, "w": 1.0})
            assert (found.estimate[i, j], found.std_error[i, j]) == pytest.approx((one.estimate[0], one.std_error[0]), rel=1e-9)
    assert found.held == {"w": 1.0}


def test_refusals() -> None:
    fit = fitted(FORMULA)
    with pytest.raises(ModelError, match=r"slope of z does not depend on z"):
        tn.regression.probes.slope_region(fit, focal="z", moderator="x")
    with pytest.raises(ModelError, match="x is both focal and moderator"):
        tn.regression.probes.slope_region(fit, focal="x", moderator="x")
    with pytest.raises(ModelError, match="has only two values; use johnson_neyman over x"):
        tn.regression.probes.slope_region(fitted("v ~ x*d + x^2", DATA.assign(d=(DATA["w"] > 0) * 1.0)), focal="x", moderator="d")
    with pytest.raises(ArgumentError, match="x and z vary here; hold only other"):
        tn.regression.probes.slope_region(fit, focal="x", moderator="z", at={"z": 1.0})
    with pytest.raises(ArgumentError, match=r"points must be a whole number from 2 to .*; got 1"):
        tn.regression.probes.slope_region(fit, focal="x", moderator="z", points=1)
