from __future__ import annotations

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import norm, rankdata

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError, WeakIdentification
from tienet.regression.endogeneity.copula import normal_scores


def endogenous(seed, n=1000, rho=0.6):
    """An exponential variable whose Gaussian copula with a normal error has the correlation rho."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    error, z = rho * a + (1 - rho**2) ** 0.5 * b, rng.normal(size=n)
    x = -np.log(norm.sf(a))
    return {"y": 1 + x + 0.5 * z + 0.3 * (x - 1) * z + error, "x": x, "z": z}


def scores(x, rule):
    """The ECDF rules written out with ranks."""
    n, rank = len(x), rankdata(x, method="max")
    share = {"replace": np.where(rank == n, n / (n + 1), rank / n), "shift": rank / (n + 1), "midpoint": (rank - 0.5) / n}[rule]
    return norm.ppf(share)


def by_hand(data, rule="replace"):
    x, z = data["x"] - data["x"].mean(), data["z"] - data["z"].mean()
    return sm.OLS(data["y"], sm.add_constant(np.column_stack([x, z, x * z, scores(data["x"], rule)]))).fit()


@pytest.mark.parametrize("rule", ["replace", "shift", "midpoint"])
def test_least_squares_beside_hand_made_scores(rule):
    data = endogenous(0)
    fit = tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x*z"), data, endogenous="x", ecdf=rule, draws=99)
    hand = by_hand(data, rule)
    np.testing.assert_allclose(fit.estimate, hand.params, rtol=1e-8)
    assert fit.f_value == pytest.approx(hand.tvalues[-1] ** 2, rel=1e-8)
    assert fit.corrections == ("copula(x)",)  # none for the product


def test_each_resample_makes_its_own_scores():
    data = endogenous(1, n=640)
    fit = tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x*z"), data, endogenous="x", draws=99, seed=8)
    counts = np.random.default_rng(8).multinomial(640, np.full(640, 1 / 640), size=99)
    centre = {name: data[name].mean() for name in "xz"}
    for row in (0, 98):
        rows = np.repeat(np.arange(640), counts[row])
        again = {name: values[rows] for name, values in data.items()}
        x, z = again["x"] - centre["x"], again["z"] - centre["z"]
        hand = sm.OLS(again["y"], sm.add_constant(np.column_stack([x, z, x * z, scores(again["x"], "replace")]))).fit()
        np.testing.assert_allclose(fit.draws[row], hand.params, rtol=1e-8)


def test_scores_of_ties_and_of_resamples():
    values = np.array([2.0, 1.0, 2.0, 5.0])
    np.testing.assert_allclose(normal_scores(values, np.ones((1, 4)))[0], scores(values, "replace"), rtol=1e-12)
    found = normal_scores(values, np.array([[0.0, 3.0, 1.0, 0.0]]))[0]
    np.testing.assert_allclose(found[1:3], norm.ppf([3 / 4, 4 / 5]), rtol=1e-12)
    assert found[3] == 0


def test_it_finds_the_coefficient_where_least_squares_does_not():
    fits = [
        tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x*z"), endogenous(seed), endogenous="x", draws=99)
        for seed in range(40)
    ]
    corrected, plain = np.array([fit.estimate[1] for fit in fits]), np.array([fit.ordinary.estimate[1] for fit in fits])
    error = corrected.std(ddof=1) / 40**0.5
    assert abs(corrected.mean() - 1) < 3 * error + 0.02  # a bias of order 1/n is known
    assert plain.mean() - 1 > 0.3
    product = np.array([fit.estimate[3] for fit in fits])
    assert abs(product.mean() - 0.3) < 3 * product.std(ddof=1) / 40**0.5
    inside = np.mean([fit.conf_low[1] < 1 < fit.conf_high[1] for fit in fits])
    assert inside > 0.8


def test_probes_and_figures_take_it():
    fit = tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x*z"), endogenous(2), endogenous="x", draws=199)
    slopes = tn.simple_slopes(fit, focal="x", moderator="z")
    assert slopes.covariance is fit.covariance
    assert slopes.df == fit.df == 995
    assert slopes.std_error[1] == pytest.approx(fit.std_error[1], rel=1e-8)
    assert tn.johnson_neyman(fit, focal="x", moderator="z").n == 1000
    assert "x corrected by a gaussian copula: x " in str(fit)
    assert "Park" in fit.cite()


def warned(data, name="x"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x + z"), data, endogenous=name, draws=99)
    assert all(one.category is WeakIdentification and one.filename == __file__ for one in caught)
    return " ".join(str(one.message) for one in caught)


def test_weak_ground_is_said():
    assert warned(endogenous(3)) == ""
    assert "below about 600 observations, and there are 300" in warned(endogenous(3, n=300))
    assert "z looks normal" in warned(endogenous(3), "z")
    data = endogenous(3)
    assert "x has only 6 distinct values" in warned({**data, "x": np.minimum(np.floor(data["x"]), 5)})


def test_refusals():
    data = endogenous(4)
    with pytest.raises(ModelError, match="x has only two values"):
        tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x + z"), {**data, "x": (data["x"] > 1) * 1.0}, endogenous="x")
    with pytest.raises(ArgumentError, match=r"ecdf must be .*; got 'blom'"):
        tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x + z"), data, endogenous="x", ecdf="blom")
    with pytest.raises(ArgumentError, match="not a variable of the model"):
        tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x + z"), data, endogenous="w")


def test_row_order_shift_and_scale_do_not_matter():
    data = endogenous(5)
    order = np.random.default_rng(0).permutation(1000)
    first = tn.regression.endogeneity.gaussian_copula(tn.Moderation("y ~ x*z"), data, endogenous="x", draws=99)
    again = tn.regression.endogeneity.gaussian_copula(
        tn.Moderation("y ~ x*z"), {name: values[order] for name, values in data.items()}, endogenous="x", draws=99
    )
    moved = tn.regression.endogeneity.gaussian_copula(
        tn.Moderation("y ~ x*z"), {**data, "x": 1e4 + 10 * data["x"]}, endogenous="x", draws=99
    )
    np.testing.assert_allclose(again.estimate, first.estimate, rtol=1e-9)
    np.testing.assert_allclose(moved.estimate, first.estimate / [1, 10, 1, 10, 1], rtol=1e-7)
    np.testing.assert_allclose(moved.std_error, first.std_error / [1, 10, 1, 10, 1], rtol=1e-7)
