"""Johnson-Neyman regions against emmeans, uniroot and brute force over fine grids."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as t_dist

import tienet as tn
from probing import DATA, EXPECTED, KINDS, fitted
from tienet.regression.model.fit import ModerationFit
from tienet.regression.probes.regions import JohnsonNeyman


@pytest.mark.parametrize("kind", KINDS)
def test_regions_at_a_level_of_a_third_variable(kind: str) -> None:
    fit, expected = fitted("y ~ x*z*w", covariance=kind), EXPECTED[f"floodlight_{kind}"]
    slopes = tn.simple_slopes(fit, focal="x", moderator="z", at={"z": expected["z"], "w": 0.5})
    for name in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(getattr(slopes, name), expected[name], rtol=1e-8, err_msg=name)
    found = tn.johnson_neyman(fit, focal="x", moderator="z", at={"w": 0.5})
    np.testing.assert_allclose(found.bounds_inside, expected["bounds"], rtol=1e-8)
    p = np.array(expected["p_value"])
    np.testing.assert_array_equal(found.significant[np.searchsorted(found.bounds, expected["z"])], p < 0.05)


def brute_force(found: JohnsonNeyman, fit: ModerationFit, rows: np.ndarray, values: np.ndarray) -> None:
    """Significance at every value from b and V of the uncentred model, without any polynomial."""
    b, V = fit.estimate, fit.covariance.matrix
    t = (rows @ b) / np.einsum("ij,jk,ik->i", rows, V, rows) ** 0.5
    significant = np.abs(t) > t_dist.isf(0.025, fit.df)
    place = np.searchsorted(found.bounds, values)
    away = np.min(np.abs(values[:, None] - np.array(found.bounds)[None, :]), axis=1, initial=np.inf) > 1e-9
    np.testing.assert_array_equal(found.significant[place][away], significant[away])
    np.testing.assert_array_equal(found.sign[place][away], np.where(significant, np.sign(t), 0)[away])


def row_of(fit: ModerationFit, **columns: np.ndarray) -> np.ndarray:
    n = len(next(iter(columns.values())))
    rows = np.zeros((n, len(fit.terms)))
    for term, values in columns.items():
        rows[:, fit.terms.index(term.replace("__", ":").replace("_2", "^2"))] = values
    return rows


@pytest.mark.parametrize("x", [0.5, 2.0, 4.5])
def test_over_z_at_levels_of_x_in_a_moderated_curve(x: float) -> None:
    fit = fitted("v ~ x^2*z + w", center="none")
    z = np.linspace(-8, 8, 4001)
    one = np.ones_like(z)
    found = tn.johnson_neyman(fit, focal="x", moderator="z", at={"x": x})
    brute_force(found, fit, row_of(fit, x=one, x_2=2 * x * one, x__z=z, x_2__z=2 * x * z), z)


@pytest.mark.parametrize("z", [-4.0, 0.0, 2.9])
def test_over_x_at_levels_of_z_in_a_moderated_curve(z: float) -> None:
    fit = fitted("v ~ x^2*z + w", center="none")
    x = np.linspace(-5, 10, 4001)
    one = np.ones_like(x)
    found = tn.johnson_neyman(fit, focal="x", moderator="x", at={"z": z})
    brute_force(found, fit, row_of(fit, x=one, x_2=2 * x, x__z=z * one, x_2__z=2 * x * z), x)


@pytest.mark.parametrize("seed", range(6))
def test_a_squared_moderator_over_a_fine_grid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = DATA.assign(y=0.3 * DATA["x"] * (DATA["z"] + 1) ** 2 - rng.uniform(0.2, 2) * DATA["x"] + rng.normal(0, 3, len(DATA)))
    fit = fitted("y ~ x*z^2", data, center="none")
    z = np.linspace(-10, 10, 4001)
    found = tn.johnson_neyman(fit, focal="x", moderator="z")
    brute_force(found, fit, row_of(fit, x=np.ones_like(z), x__z=z, x__z_2=z**2), z)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_a_u_test_on_given_ends_by_hand_and_its_sentence() -> None:
    fit = fitted("v ~ x + x^2 + w", center="none")
    b, V = fit.estimate, fit.covariance.matrix
    i, j = fit.terms.index("x"), fit.terms.index("x^2")
    for low, high in ((0.2, 5.0), (3.0, 5.0)):
        test = tn.u_test(fit, focal="x", low=low, high=high)
        ends = np.array([low, high])
        slope, error = b[i] + 2 * ends * b[j], (V[i, i] + 4 * ends * V[i, j] + 4 * ends**2 * V[j, j]) ** 0.5
        one_sided = t_dist.sf(slope / error * np.array([1, -1]), fit.df)  # an inverted U rises first
        assert test.shape == "inverted U"
        np.testing.assert_allclose(test.end_p_value, one_sided, rtol=1e-6)
        assert test.p_value == pytest.approx(one_sided.max(), rel=1e-6)
        inside = low < -b[i] / (2 * b[j]) < high
        assert test.trivial is not inside
        assert ("No evidence of an inverted U: the turning point" in str(test)) is not inside
        assert inside or f"lies outside the interval [{low:g}, {high:g}]" in str(test)
        assert inside or test.p_value > 0.5
