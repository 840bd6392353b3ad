"""Power of the F test of added terms, from the noncentral F as in G*Power.

The noncentrality is lambda = f2 n, and the denominator has n - predictors - 1 degrees of freedom, where `predictors` counts all regressors
of the full model without the intercept. The required n hardly depends on the number of predictors: for one added term at 80% power,
f2 = .15 needs 55 and .02 needs 395 whether the model has one regressor or twelve.
"""

from __future__ import annotations

import numpy as np

from tienet.base.checks import real
from tienet.base.errors import ArgumentError
from tienet.regression.core.least_squares import f_critical

__all__ = ["detectable_f2", "power", "sample_size"]

_MOST_TERMS = 10_000


def power(f2: float, n: int, predictors: int, *, added: int = 1, alpha: float = 0.05) -> float:
    r"""Compute the power of the F test of added terms.

    .. math:: 1 - \beta = P\left(F'_{u, v}(\lambda) > F_{u, v; 1 - \alpha}\right), \quad \lambda = f^2 n,
        \quad u = \text{added}, \quad v = n - \text{predictors} - 1

    Parameters
    ----------
    f2
        Cohen's :math:`f^2 = \Delta R^2 / (1 - R^2)`, with R2 of the full model.
    n
        Number of observations.
    predictors
        Number of regressors of the full model, without the intercept.
    added
        Number of regressors tested together; 1 for one interaction.
    alpha
        Significance level of the test.

    Returns
    -------
    float
        The power.

    Raises
    ------
    ArgumentError
        If a value is out of range.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., chapter 9.
    Faul, F., Erdfelder, E., Buchner, A. & Lang, A.-G. (2009). Behavior Research Methods 41, 1149-1160.

    Examples
    --------
    >>> round(power(0.15, 55, 12), 3)
    0.801
    """
    _check(predictors, added, alpha, f2=f2)
    _check_room(n, predictors)
    return _attained(f2, n, predictors, added, alpha)


def _attained(f2: float, n: int, predictors: int, added: int, alpha: float) -> float:
    """Power for checked values.

    Not ``FTestPowerF2`` of statsmodels: that is NaN for large effects, where the power is 1, and loses digits of small powers.
    """
    v = n - predictors - 1
    return _noncentral_tail(f_critical(alpha, added, v), added, v, f2 * n)


def _noncentral_tail(statistic: float, df1: float, df2: float, size: float) -> float:
    """P(F > statistic) of the noncentral F: beta tails weighted by the Poisson probabilities of half the noncentrality.

    The same as ``scipy.stats.ncf.sf``, without the half second that importing scipy.stats takes; every saved study asks for it.
    """
    from scipy.special import betainc, gammaln, xlogy

    mean = size / 2
    if mean > _MOST_TERMS**2:
        from scipy.stats import ncf

        return float(ncf.sf(statistic, df1, df2, size))
    reach = 60 + 12 * np.sqrt(mean)  # what lies beyond weighs less than rounding
    j = np.arange(max(0.0, np.floor(mean - reach)), mean + reach)
    weight = np.exp(xlogy(j, mean) - mean - gammaln(j + 1))
    share = df2 / (df1 * statistic + df2)
    return min(1.0, float(weight @ betainc(df2 / 2, df1 / 2 + j, share) / weight.sum()))  # up to rounding


def sample_size(f2: float, predictors: int, *, added: int = 1, power: float = 0.8, alpha: float = 0.05) -> int:
    """Compute the smallest sample size that reaches a given power.

    Parameters
    ----------
    f2, predictors, added, alpha
        As in `power`.
    power
        Required power.

    Returns
    -------
    int
        The sample size.

    Raises
    ------
    ArgumentError
        If a value is out of range.

    Examples
    --------
    >>> [sample_size(f2, 12) for f2 in (0.01, 0.02, 0.04, 0.10, 0.15)]
    [787, 395, 199, 81, 55]
    """
    _check(predictors, added, alpha, f2=f2, power=power)
    low = predictors + 1  # too few by construction
    high = low + 1
    while _attained(f2, high, predictors, added, alpha) < power:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _attained(f2, middle, predictors, added, alpha) >= power else (middle, high)
    return high


def detectable_f2(n: int, predictors: int, *, added: int = 1, power: float = 0.8, alpha: float = 0.05) -> float:
    """Compute the smallest f2 that n observations detect with a given power.

    Parameters
    ----------
    n, predictors, added, alpha
        As in `power`.
    power
        Required power.

    Returns
    -------
    float
        The smallest f2.

    Raises
    ------
    ArgumentError
        If a value is out of range.

    Examples
    --------
    >>> round(detectable_f2(395, 12), 4)
    0.02
    """
    _check(predictors, added, alpha, power=power)
    _check_room(n, predictors)
    low, high = 0.0, 1.0
    while _attained(high, n, predictors, added, alpha) < power:
        low, high = high, 2 * high
    while high - low > 1e-15 * high and low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if _attained(middle, n, predictors, added, alpha) >= power else (middle, high)
    return high


def _check_room(n: int, predictors: int) -> None:
    if real("n", n) - real("predictors", predictors) < 2:
        raise ArgumentError(f"n must be above {predictors + 1} with {predictors} predictors, got {n}: no degrees of freedom are left")


def _check(predictors: int, added: int, alpha: float, *, f2: float = 1.0, power: float = 0.8) -> None:
    for name, value in (("predictors", predictors), ("added", added), ("alpha", alpha), ("f2", f2), ("power", power)):
        real(name, value)
    if not 1 <= added <= predictors:
        raise ArgumentError(f"added must be between 1 and predictors={predictors!r}, the regressors of the full model, got {added!r}")
    if not 0 < alpha < power < 1:
        raise ArgumentError(f"alpha and power must be between 0 and 1, and power above alpha, got alpha={alpha!r}, power={power!r}")
    if not f2 > 0:
        raise ArgumentError(f"f2 must be above 0 (.02 is small, .15 medium, .35 large), got {f2!r}")
