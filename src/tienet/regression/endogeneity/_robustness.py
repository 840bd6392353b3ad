"""Formulas for the strength of an omitted variable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.regression.core.least_squares import t_critical

_REAL = 1e-8


def robustness_value(t: float, df: float, *, q: float = 1.0, alpha: float | None = None, df_test: float | None = None) -> float:
    r"""Return the partial R2 with both term and outcome that reduces the estimate by the share q, or makes it insignificant.

    .. math:: RV = \tfrac{1}{2} \left( \sqrt{f^4 + 4 f^2} - f^2 \right), \qquad f = q |t| / \sqrt{df}

    and with alpha :math:`f - t_{crit, df - 1} / \sqrt{df - 1}` instead of f; if that exceeds what the outcome has left,
    :math:`(f^2 - f_{crit}^2) / (1 + f^2)`.

    Parameters
    ----------
    t, df
        Statistic and its residual degrees of freedom.
    q
        Share of the estimate.
    alpha
        Significance level to be lost; None for the estimate itself.
    df_test
        Degrees of freedom of the critical value if they are not df - 1, as with clusters.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Journal of the Royal Statistical Society B 82, 39-67.

    Examples
    --------
    >>> round(robustness_value(4.18445, 783), 6), round(robustness_value(4.18445, 783, alpha=0.05), 6)
    (0.138776, 0.076258)
    """
    f = q * abs(t) / df**0.5
    limit = 0.0 if alpha is None else t_critical(alpha, df - 1 if df_test is None else df_test) / (df - 1) ** 0.5
    left = f - limit
    if left <= 0:
        return 0.0
    if limit and f > 1 / limit:
        return float((f**2 - limit**2) / (1 + f**2))
    return float((np.sqrt(left**4 + 4 * left**2) - left**2) / 2)


def impact_threshold(t: float, df: float, alpha: float, df_test: float | None = None) -> float:
    r"""Return the product of an omitted variable's correlations with term and outcome at which the test changes.

    .. math:: (r - r_c) / (1 - |r_c|), \qquad r = t / \sqrt{df + t^2}, \quad r_c = \pm t_{crit} / \sqrt{df + t_{crit}^2}

    with the sign of r for r_c, and the denominator 1 + |r_c| if the estimate is not significant (the sign then means that the variable
    would have to work in the other direction). df_test is the df of the critical value if it is not df, as with clusters.

    Examples
    --------
    >>> round(impact_threshold(5.0, 95, 0.05), 3)
    0.321
    """
    critical = t_critical(alpha, df if df_test is None else df_test)
    r = t / (df + t**2) ** 0.5
    limit = float(np.copysign(critical / (df + critical**2) ** 0.5, t))
    return float((r - limit) / (1 - abs(limit) if abs(r) > abs(limit) else 1 + abs(limit)))


def replaced_share(estimate: float, std_error: float, df: float, alpha: float) -> float:
    r"""Return the share of observations that would have to be replaced by ones without any relation for the test to change.

    .. math:: 1 - t_{crit} SE / |b|

    or, if the estimate is not significant, :math:`1 - |b| / (t_{crit} SE)`, replaced by observations at the threshold.

    Examples
    --------
    >>> round(100 * replaced_share(2.0, 0.4, 95, 0.05))
    60
    """
    limit, size = t_critical(alpha, df) * std_error, abs(estimate)
    return float(1 - limit / size if size > limit else 1 - size / limit)


def adjusted(estimate: float, std_error: float, df: float, r2_term: np.ndarray, r2_outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the estimate and classical error with an omitted variable of a given strength that moves it toward zero.

    .. math:: |b| - SE \sqrt{\frac{R^2_y R^2_d}{1 - R^2_d} df}, \qquad SE \sqrt{\frac{1 - R^2_y}{1 - R^2_d} \frac{df}{df - 1}}

    Parameters
    ----------
    estimate, std_error, df
        Classical estimate, standard error and degrees of freedom.
    r2_term, r2_outcome
        Partial R2 of the omitted variable with the term given the others, and with the outcome given all terms.

    Examples
    --------
    >>> adjusted(1.0, 0.1, 100, np.array(0.0), np.array(0.5))[0].item()
    1.0
    """
    bias = std_error * np.sqrt(r2_outcome * r2_term / (1 - r2_term) * df)
    error = std_error * np.sqrt((1 - r2_outcome) / (1 - r2_term) * df / (df - 1))
    return np.sign(estimate) * (abs(estimate) - bias), error


def bounds(r2_term: float, r2_outcome: float, times: float) -> tuple[float, float]:
    r"""Return the partial R2s of an omitted variable `times` as strong as a covariate.

    Parameters
    ----------
    r2_term
        Partial R2 of the covariate with the term, given the other covariates.
    r2_outcome
        Partial R2 of the covariate with the outcome, given the term and the other covariates.
    times
        Relative strength as a ratio of variances, for both.

    Returns
    -------
    tuple
        The same two for the omitted variable, given the covariate; both NaN if no variable can be that strong.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020), section 4.4.

    Examples
    --------
    >>> [round(value, 4) for value in bounds(0.0, 0.2, 2.0)]
    [0.0, 0.5]
    """
    odds = times * r2_term / (1 - r2_term)
    if odds >= 1:
        return float("nan"), float("nan")
    between = times * r2_term**2 / ((1 - times * r2_term) * (1 - r2_term))
    if not 0 <= between < 1:
        return float("nan"), float("nan")
    share = ((times**0.5 + between**0.5) / (1 - between) ** 0.5) ** 2 * r2_outcome / (1 - r2_outcome)
    return float(odds), float(min(share, 1.0))


@dataclass(frozen=True, slots=True)
class Selection:
    """Input of proportional selection: a short and a long regression, and the largest R2.

    Parameters
    ----------
    short, long
        Coefficient of the term without and with the covariates.
    r2_short, r2_long, r2_max
        R2 of both regressions, and of one that includes the omitted variable.
    var_outcome, var_term, var_rest
        Variances of the outcome, of the term given the terms always in the model, and of the term given the covariates as well.
    """

    short: float
    long: float
    r2_short: float
    r2_long: float
    r2_max: float
    var_outcome: float
    var_term: float
    var_rest: float

    def _cubic(self) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients of the powers of the bias, highest first, in the numerator and the denominator of delta."""
        moved, s, t = self.short - self.long, self.var_term, self.var_rest
        gained, open_ = (self.r2_long - self.r2_short) * self.var_outcome, (self.r2_max - self.r2_long) * self.var_outcome
        cubed = t * s - t**2
        return (
            np.array([cubed, 2 * t * moved * s, gained * t + s * t * moved**2, 0.0]),
            np.array([cubed, t * moved * s, open_ * (s - t), open_ * moved * s]),
        )

    def delta(self, target: float = 0.0) -> float:
        """Return the selection on the omitted variable, relative to the covariates, at which the coefficient would be `target`."""
        above, below = (float(np.polyval(part, self.long - target)) for part in self._cubic())
        return above / below if below else float("inf")

    def coefficient(self, delta: float = 1.0) -> float:
        """Return the coefficient if selection on the omitted variable is delta times that on the covariates; NaN if there is none.

        Of the real roots that keep the sign of the covariates' own share of the bias, the nearest is used.
        """
        above, below = self._cubic()
        parts = above - delta * below
        parts[np.abs(parts) <= 1e-14 * np.abs(parts).max(initial=0.0)] = 0.0
        roots = np.roots(parts)
        real = roots.real[np.abs(roots.imag) <= _REAL * (1 + np.abs(roots))]
        moved = self.short - self.long
        allowed = real[(moved * self.var_term + real * (self.var_term - self.var_rest)) * moved > 0]
        return float(self.long - allowed[np.argmin(np.abs(allowed))]) if allowed.size else float("nan")
