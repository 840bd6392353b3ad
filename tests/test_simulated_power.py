from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError
from tienet.output.figures.drawing import plot, sheet
from tienet.output.glossary import describe
from tienet.regression.model.moderation import Moderation
from tienet.regression.power.detectable import detectable_interactions
from tienet.regression.power.sample_sizes import power
from tienet.regression.power.simulated_power import simulate_power, t_of_last


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_t_statistics_are_those_of_statsmodels(kind: str) -> None:
    rng = np.random.default_rng(0)
    X = np.concatenate([np.ones((6, 40, 1)), rng.normal(size=(6, 40, 3))], axis=2)
    y = rng.normal(size=(6, 40)) * np.exp(X[:, :, 1])
    expected = [sm.OLS(b, A).fit(cov_type="nonrobust" if kind == "classical" else kind).tvalues[-1] for A, b in zip(X, y, strict=True)]
    np.testing.assert_allclose(t_of_last(X, y, kind), expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["HC3", "HC4", "HC4m", "HC5"])
def test_many_samples_at_once_are_the_fits_one_by_one(kind: str) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(5, 40, 3)) ** 3
    X, y = np.concatenate([np.ones((5, 40, 1)), x], axis=2), rng.normal(size=(5, 40))
    fits = [
        Moderation("y ~ a + b + c", covariance=kind).fit({"y": b, "a": A[:, 0], "b": A[:, 1], "c": A[:, 2]})
        for A, b in zip(x, y, strict=True)
    ]
    np.testing.assert_allclose(t_of_last(X, y, kind), [fit.frame["statistic"].iloc[-1] for fit in fits], rtol=1e-8)


@pytest.mark.parametrize(("f2", "n"), [(0.02, 500), (0.05, 250)])
def test_it_agrees_with_the_closed_form(f2: float, n: int) -> None:
    found = simulate_power(f2, n, controls=2, correlation=0.3, draws=4000)
    # three Monte Carlo errors, and .015 for predictors that differ from sample to sample
    assert abs(found.power[0] - power(f2, n, 5)) < 3 * found.std_error[0] + 0.015


def test_no_interaction_is_found_as_often_as_alpha_says() -> None:
    for kind in ("classical", "HC3"):
        found = simulate_power(0.0, 150, covariance=kind, alpha=0.1, draws=4000, slopes=(0.5, 0.5))
        assert found.power[0] == pytest.approx(0.1, abs=3.5 * (0.09 / 4000) ** 0.5 + (0.015 if kind == "HC3" else 0))


def test_unreliable_measures_attenuate_by_the_product_of_their_reliabilities() -> None:
    # uncorrelated predictors: the product of the measures has reliability r_x r_z, so f2 falls to r f2 / (1 + (1 - r) f2)
    f2, n, r = 0.05, 300, 0.8 * 0.7
    found = simulate_power(f2, n, reliability=(0.8, 0.7), draws=4000)
    assert abs(found.power[0] - power(r * f2 / (1 + (1 - r) * f2), n, 3)) < 3 * found.std_error[0] + 0.02


def test_errors_that_spread_make_classical_tests_reject_too_often() -> None:
    # Var(e | x) rises with x^2 where it spreads, and x*z has its largest values there
    loose, robust = (simulate_power(0.0, 200, spread=0.6, covariance=kind, draws=3000).power[0] for kind in ("classical", "HC3"))
    assert loose > 0.1
    assert robust < 0.07


def test_the_same_effect_said_two_ways_and_a_seed() -> None:
    b = (0.05 / (1 + 0.4**2)) ** 0.5
    one, two = simulate_power(0.05, 100, correlation=0.4, draws=200), simulate_power(None, 100, interaction=b, correlation=0.4, draws=200)
    assert one.power.tolist() == two.power.tolist()
    assert two.f2 == pytest.approx(0.05)
    other = simulate_power(0.05, 100, correlation=0.4, draws=200, seed=np.random.default_rng(0))
    assert other.power.tolist() == one.power.tolist()
    assert one.std_error[0] == pytest.approx((one.power[0] * (1 - one.power[0]) / 200) ** 0.5)


@pytest.mark.parametrize(
    ("f2", "n", "options"),
    [
        (None, 100, {}),
        (0.1, 100, {"interaction": 0.2}),
        (-0.1, 100, {}),
        (0.1, 5, {}),
        (0.1, 10, {"controls": 5}),
        (0.1, 10.5, {}),
        (0.1, [], {}),
        (0.1, 100, {"controls": -1}),
        (0.1, 100, {"correlation": 1.0}),
        (0.1, 100, {"reliability": (0.0, 1.0)}),
        (0.1, 100, {"covariance": "CR1"}),
        (0.1, 100, {"spread": float("nan")}),
        (0.1, 100, {"alpha": 0}),
        (0.1, 100, {"draws": 1}),
    ],
)
def test_refusals(f2: float | None, n: object, options: dict) -> None:
    with pytest.raises(ArgumentError) as caught:
        simulate_power(f2, n, **options)
    assert "\n" not in str(caught.value)


def study(**options: object) -> tn.ModerationFit:
    rng = np.random.default_rng(3)
    n = 150
    data = {"x": rng.normal(size=n), "z": rng.normal(4, 2, n), "g": rng.integers(0, 2, n), "y": rng.normal(size=n)}
    return tn.Moderation("y ~ x*z + x*g + z^2", **options).fit(data)


def test_a_coefficient_just_detectable_has_the_power_asked_for() -> None:
    for kind in ("classical", "HC3"):
        fit = study(covariance=kind)
        found = detectable_interactions(fit, power=0.9, alpha=0.01)
        assert found.term == ("x:z", "x:g")
        table = fit.frame.set_index("term").loc[list(found.term)]
        away, df = found.coefficient / table["std_error"], table["df"]
        cut = stats.t.isf(0.005, df)
        np.testing.assert_allclose(stats.nct.sf(cut, df, away) + stats.nct.cdf(-cut, df, away), 0.9, rtol=1e-6)
        assert found.f2 == pytest.approx(tn.regression.power.detectable_f2(150, 6, power=0.9, alpha=0.01))
        np.testing.assert_allclose(found.difference, found.coefficient * [2 * fit.variables["z"].sd, 1.0], rtol=1e-12)


def test_under_classical_errors_it_is_the_detectable_f2() -> None:
    fit = study(covariance="classical")
    found = detectable_interactions(fit)
    table = fit.frame.set_index("term").loc["x:z"]
    # t^2 = b^2 / SE^2 is the noncentrality, which is f2 n
    assert found.coefficient[0] ** 2 / table["std_error"] ** 2 / fit.n == pytest.approx(found.f2, rel=1e-8)


def test_detectable_refuses_what_has_no_answer() -> None:
    with pytest.raises(ModelError, match="no product"):
        detectable_interactions(tn.Moderation("y ~ x").fit({"x": [1, 2, 3, 5.0], "y": [1, 2, 4, 3.0]}))
    with pytest.raises(ArgumentError, match=r"power must be between .*, got 0\.01"):
        detectable_interactions(study(), power=0.01)


def test_words_and_figures() -> None:
    found, small = simulate_power(0.05, [200, 100], draws=200), detectable_interactions(study())
    for record in (found, small):
        for column in record.frame.columns:
            assert describe(column).meaning
        assert "\n" not in str(record)
        assert "Cohen" in record.cite()
    assert "n = 200: " in str(found)
    assert "detects interactions of at least f2 = " in str(small)
    ax = plot(found, sheet(found))
    (line,) = (each for each in ax.lines if each.get_gid() == "power")
    assert line.get_xdata().tolist() == [100, 200]
    np.testing.assert_allclose(line.get_ydata(), found.power[::-1])
    ax = plot(small, sheet(small))
    (bars,) = (each for each in ax.collections if each.get_gid() == "undetected")
    np.testing.assert_allclose([segment[1, 0] for segment in bars.get_segments()], small.difference[::-1])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["x × g", "x × z"]
