from __future__ import annotations

import pytest
from scipy.stats import ncf, nct, t
from statsmodels.stats.power import FTestPowerF2

from tienet.base.errors import ArgumentError
from tienet.regression.core.least_squares import f_critical
from tienet.regression.power.sample_sizes import _noncentral_tail, detectable_f2, power, sample_size


@pytest.mark.parametrize(("f2", "n"), [(0.01, 787), (0.02, 395), (0.04, 199), (0.10, 81), (0.15, 55)])
@pytest.mark.parametrize("predictors", [1, 3, 12])
def test_published_sample_sizes(f2: float, n: int, predictors: int) -> None:
    # G*Power "linear multiple regression, R2 increase", u = 1, 80 %: with lambda = f2 n the sizes are the same for 1 and 12 regressors
    assert sample_size(f2, predictors) == n
    assert power(f2, n, predictors) >= 0.8 > power(f2, n - 1, predictors)


def test_one_term_is_a_two_sided_t_test() -> None:
    n, k, f2 = 70, 5, 0.08
    cut = t.isf(0.025, n - k - 1)
    expected = nct.sf(cut, n - k - 1, (f2 * n) ** 0.5) + nct.cdf(-cut, n - k - 1, (f2 * n) ** 0.5)
    assert power(f2, n, k) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("f2", "n", "predictors", "added"), [(0.02, 395, 12, 1), (0.1, 120, 7, 3), (0.35, 40, 5, 5), (0.001, 900, 20, 2)])
def test_statsmodels_has_the_same_power(f2: float, n: int, predictors: int, added: int) -> None:
    # effect_size is f2; n = df_num + df_denom + ncc, so that ncc stands for the intercept and the regressors that are not tested
    theirs = FTestPowerF2().power(f2, df_num=added, df_denom=n - predictors - 1, alpha=0.05, ncc=predictors + 1 - added)
    assert power(f2, n, predictors, added=added) == pytest.approx(theirs, rel=1e-10)


def test_very_large_effects_have_a_power() -> None:
    # FTestPowerF2().power(16, df_num=1, df_denom=93, alpha=0.05, ncc=1) is NaN in statsmodels 0.15 with scipy 1.17
    assert power(16.0, 95, 1) == 1


def test_detectable_is_the_inverse() -> None:
    f2 = detectable_f2(180, 12, added=2, power=0.9, alpha=0.01)
    assert power(f2, 180, 12, added=2, alpha=0.01) == pytest.approx(0.9, rel=1e-9)


def test_smallest_possible_sample() -> None:
    assert sample_size(1e6, 3) == 5
    assert detectable_f2(5, 3) > 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: power(0.0, 50, 3),
        lambda: power(0.1, 4, 3),
        lambda: power(0.1, 50, 3, added=4),
        lambda: power(0.1, 50, 3, alpha=0),
        lambda: sample_size(0.1, 3, power=1.0),
        lambda: sample_size(0.1, 3, added=0),
        lambda: detectable_f2(4, 3),
        lambda: detectable_f2(40, 3, power=0.01),
    ],
)
def test_refusals(call) -> None:
    with pytest.raises(ArgumentError) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("df1", [1, 2, 12])
@pytest.mark.parametrize("df2", [1, 30, 5000])
@pytest.mark.parametrize("size", [1e-12, 0.3, 17.0, 1e3, 1e5])
def test_the_noncentral_tail_is_that_of_scipy(df1: int, df2: int, size: float) -> None:
    for alpha in (0.001, 0.05, 0.2):
        cut = f_critical(alpha, df1, df2)
        assert _noncentral_tail(cut, df1, df2, size) == pytest.approx(ncf.sf(cut, df1, df2, size), rel=1e-10)
