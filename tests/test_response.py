"""The response surface against the lines of the interaction figure, statsmodels and polygons; simultaneous bands in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.formula.api as smf
from matplotlib.path import Path
from scipy.stats import f as f_distribution

import tienet as tn
from probing import DATA, fitted
from tienet.base.errors import ArgumentError, ModelError

PAIR = {"focal": "x", "moderator": "z"}
CURVED = "v ~ x*z + x^2 + w"


def firm(seed: int = 4, n: int = 90) -> dict[str, np.ndarray]:
    """Some people without ties, whose strength is 0 beside an indicator or missing."""
    rng = np.random.default_rng(seed)
    ties = rng.poisson(2, n).astype(float)
    none = ties == 0
    strength = np.where(none, 0.0, rng.gamma(4, 0.1, n) + 0.05)
    growth = 1 + 0.3 * ties + 2 * strength - 0.5 * ties * strength + rng.normal(size=n)
    return {
        "growth": growth,
        "total_ties_it": ties,
        "tie_strength_it": strength,
        "no_ties_it": none.astype(float),
        "team": np.arange(n) % 15,
    }


@pytest.mark.parametrize("options", [{}, {"covariance": "classical"}, {"covariance": "CR2", "cluster": "team"}])
def test_heights_are_those_of_the_lines(options) -> None:
    data = DATA.assign(team=np.arange(len(DATA)) % 12)
    fit = fitted(CURVED, data, **options)
    found = tn.regression.probes.response_surface(fit, **PAIR, at={"w": 0.3}, points=6)
    lines = tn.predict_surface(fit, **PAIR, at={"w": 0.3}, moderator_at=found.moderator_values, points=6)
    np.testing.assert_allclose(found.focal_values, lines.focal_values)
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(found, name), getattr(lines, name), rtol=1e-10, err_msg=name)
    assert found.held == {"w": 0.3}


def test_heights_against_statsmodels() -> None:
    found = tn.regression.probes.response_surface(fitted(CURVED, covariance="HC1"), **PAIR, points=5)
    model = smf.ols("v ~ x*z + I(x**2) + w", DATA).fit(cov_type="HC1", use_t=True)
    grid = found.frame.rename(columns={"value": "x", "at": "z"}).assign(w=DATA["w"].mean())
    wanted = model.get_prediction(grid[["x", "z", "w"]]).summary_frame(alpha=0.05)
    columns = {"estimate": "mean", "std_error": "mean_se", "conf_low": "mean_ci_lower", "conf_high": "mean_ci_upper"}
    for ours, theirs in columns.items():
        np.testing.assert_allclose(grid[ours], wanted[theirs], rtol=1e-8, err_msg=ours)


def test_support_is_the_hull_and_scale_moves_with_the_variables() -> None:
    found = tn.regression.probes.response_surface(fitted(CURVED), **PAIR, points=17)
    spots = np.column_stack([found.frame["value"], found.frame["at"]])
    inside = Path(found.hull).contains_points(spots, radius=1e-9) | Path(found.hull).contains_points(spots, radius=-1e-9)
    np.testing.assert_array_equal(found.support.ravel(), inside)
    moved = tn.regression.probes.response_surface(fitted(CURVED, DATA.assign(x=DATA["x"] * 10 - 4, z=3 - DATA["z"])), **PAIR, points=17)
    np.testing.assert_allclose(moved.estimate[::-1], found.estimate, rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(moved.support[::-1], found.support)
    shuffled = tn.regression.probes.response_surface(fitted(CURVED, DATA.sample(frac=1, random_state=1)), **PAIR, points=17)
    np.testing.assert_allclose(shuffled.std_error, found.std_error, rtol=1e-9)
    np.testing.assert_array_equal(shuffled.support, found.support)


def test_people_without_ties_have_no_place_and_are_counted() -> None:
    data = firm()
    none = int(data["no_ties_it"].sum())
    pair = {"focal": "total_ties_it", "moderator": "tie_strength_it"}
    fit = tn.claro_ramos("growth", ["it"], no_ties="zero_with_indicator").fit(data)
    found = tn.regression.probes.response_surface(fit, **pair, points=4)
    assert (found.without, len(found.focal_observed)) == (none, fit.n - none)
    assert found.focal_values[0] == 1
    assert found.moderator_values[0] > 0
    lines = tn.predict_surface(
        fit, **pair, at={"no_ties_it": 0}, moderator_at=found.moderator_values, over=tuple(found.focal_values[[0, -1]]), points=4
    )
    np.testing.assert_allclose(found.estimate, lines.estimate, rtol=1e-10)
    assert f"{none} observations without tie_strength_it left out" in str(found)
    missing = {**data, "tie_strength_it": np.where(data["no_ties_it"] == 1, np.nan, data["tie_strength_it"])}
    dropped = tn.regression.probes.response_surface(tn.claro_ramos("growth", ["it"], no_ties="drop").fit(missing), **pair)
    assert (dropped.without, len(dropped.focal_observed), dropped.n) == (none, fit.n - none, fit.n - none)
    with pytest.raises(ArgumentError, match="must be a 0/1 variable"):
        tn.regression.probes.response_surface(fit, **pair, indicator="total_ties_it")


def test_a_printed_model_has_heights_less_a_constant() -> None:
    model = tn.PublishedModel({"x": 0.5, "z": 0.1, "x:z": 0.3}, ranges={"x": (0.0, 2.0), "z": (0.0, 1.0)}, n=90)
    found = tn.regression.probes.response_surface(model, **PAIR, points=3)
    assert found.relative
    np.testing.assert_allclose(found.estimate[2], [0.1, 0.9, 1.7])
    assert np.isnan(found.std_error).all()
    assert not found.support.any()
    assert "(up to an unknown constant)" in str(found)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"focal": "x", "moderator": "w"}, "add x:w to the formula"),
        ({"focal": "x", "moderator": "x"}, "x is both focal and moderator"),
        ({**PAIR, "at": {"x": 1.0}}, "x and z vary here"),
        ({**PAIR, "points": 1}, "points must be a whole number from 2 to .*; got 1"),
        ({**PAIR, "indicator": "w"}, "must be a 0/1 variable"),
    ],
)
def test_what_has_no_map_is_refused_in_one_line(call, message) -> None:
    with pytest.raises((ModelError, ArgumentError), match=message) as refused:
        tn.regression.probes.response_surface(fitted(CURVED), **call)
    assert "\n" not in str(refused.value)


def test_two_valued_variables_unknown_ranges_and_models_without_interaction() -> None:
    with pytest.raises(ModelError, match="has only two values"):
        tn.regression.probes.response_surface(fitted("y ~ b*z", DATA.assign(b=(DATA["w"] > 0) * 1.0)), focal="b", moderator="z")
    with pytest.raises(ModelError, match="range of x is not known"):
        tn.regression.probes.response_surface(tn.PublishedModel({"x": 0.5, "z": 0.1, "x:z": 0.3}), **PAIR)
    for verb in (tn.regression.probes.response_surface, tn.predict_surface, tn.johnson_neyman):
        with pytest.raises(ModelError, match="does not depend on z") as refused:
            verb(fitted("y ~ x + z"), **PAIR)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("formula", "moderator", "free"), [("y ~ x", None, 2), ("y ~ x + x^2 + w", None, 3), ("y ~ x*z", "z", 4), ("y ~ x*z + x^2", "z", 5)]
)
def test_simultaneous_bands_have_the_width_of_scheffe(formula, moderator, free) -> None:
    fit = fitted(formula, covariance="classical")
    surface = tn.predict_surface(fit, focal="x", moderator=moderator, alpha=0.1)
    wanted = np.sqrt(free * f_distribution.isf(0.1, free, fit.df))
    np.testing.assert_allclose(surface.simultaneous, wanted, rtol=1e-10)
    low, high = surface.band("simultaneous")
    np.testing.assert_allclose(high - surface.estimate, wanted * surface.std_error, rtol=1e-10)
    np.testing.assert_allclose(surface.estimate - low, wanted * surface.std_error, rtol=1e-10)
    assert (high > surface.conf_high).all()
    np.testing.assert_array_equal(surface.band()[0], surface.conf_low)
    with pytest.raises(ArgumentError, match=r"band must be .*; got 'wide'"):
        surface.band("wide")


def test_every_line_of_the_confidence_region_stays_inside_the_simultaneous_band_and_fills_it() -> None:
    fit = fitted("y ~ x", covariance="classical")
    surface = tn.predict_surface(fit, focal="x", points=41)
    root = np.linalg.cholesky(fit.covariance.matrix) * surface.simultaneous[0, 0]
    turn = np.linspace(0, 2 * np.pi, 2001)
    coefficients = fit.estimate[:, None] + root @ np.vstack([np.cos(turn), np.sin(turn)])  # the edge of the joint region
    center = fit.variables["x"].center
    heights = np.column_stack([np.ones(41), surface.focal_values - center]) @ coefficients
    low, high = (limit[0] for limit in surface.band("simultaneous"))
    np.testing.assert_allclose(heights.max(axis=1), high, atol=1e-5)
    np.testing.assert_allclose(heights.min(axis=1), low, atol=1e-5)


def test_lines_lie_among_the_cases_where_the_hull_or_their_category_says() -> None:
    surface = tn.predict_surface(fitted(CURVED), **PAIR)
    hull = Path(tn.regression.probes.response_surface(fitted(CURVED), **PAIR).hull)
    for value, inside in zip(surface.moderator_values, surface.inside, strict=True):
        np.testing.assert_array_equal(inside, hull.contains_points(np.column_stack([surface.focal_values, np.full(101, value)])))
        assert 0 < inside.sum() < 101
    parts = tn.predict_surface(fitted("y ~ x*g + z"), focal="x", moderator="g")
    for label, inside in zip(parts.label, parts.inside, strict=True):
        own = DATA.loc[DATA["g"] == label, "x"]
        np.testing.assert_array_equal(inside, (parts.focal_values >= own.min()) & (parts.focal_values <= own.max()))
    alone = tn.predict_surface(fitted(CURVED), focal="x")
    np.testing.assert_array_equal(alone.inside, alone.support)
