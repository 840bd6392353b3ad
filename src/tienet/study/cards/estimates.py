"""The estimates of a card: slopes at weak, mean and strong ties, and their difference."""

from __future__ import annotations

import numpy as np

from tienet.regression.core.least_squares import t_critical
from tienet.regression.core.polynomial import Variable
from tienet.regression.model.fit import ModerationFit
from tienet.regression.probes.probe import tested
from tienet.regression.probes.slopes import SimpleSlopes, simple_slopes
from tienet.study.cards.card import Estimate, StrengthLevels
from tienet.study.language.reading import say

LEAST_DF = 10  # residual degrees of freedom; with fewer, nothing is tested
SIXTHS = (0.16, 0.84)
POWER = 0.8


def levels_of(fit: ModerationFit, function: str) -> StrengthLevels:
    """What weak and strong ties are: the mean - 1 SD and the mean + 1 SD, or the 16th and 84th percentile where one of them is outside."""
    strength = variable(fit, f"tie_strength_{function}")
    weak, strong = strength.mean - strength.sd, strength.mean + strength.sd
    outside = bool(weak < strength.low or strong > strength.high)
    if outside:
        weak, strong = map(float, np.quantile(strength.values, SIXTHS))
    return StrengthLevels(weak, strength.mean, strong, outside)


def refusal(fit: ModerationFit, function: str) -> str | None:
    """Why the difference between weak and strong ties cannot be tested, in one clause; None if it can."""
    df = fit.n - len(fit.terms)
    if df < LEAST_DF:
        return say("refused.few", n=fit.n, k=len(fit.terms), df=df, least=LEAST_DF)
    if product(function) not in fit.terms:
        return say("refused.product")
    levels = levels_of(fit, function)
    if not levels.weak < levels.strong:
        return say("refused.levels")
    return None if np.isfinite(difference(fit, function).std_error) else say("refused.error")


def difference(fit: ModerationFit, function: str) -> Estimate:
    """The slope at strong less the slope at weak ties: the product's coefficient times the difference in strength, with its t, df and p."""
    levels, surface = levels_of(fit, function), fit.polynomial
    row = np.array([[float(str(term) == product(function)) for term in surface.terms]])
    found = tested(surface, row * (levels.strong - levels.weak), fit.alpha)
    names = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "dfs")
    return Estimate(*(float(found[name][0]) for name in names))


def slopes(fit: ModerationFit, function: str) -> tuple[Estimate, Estimate, Estimate]:
    """The slope of total ties at weak, mean and strong ties, at the mean of total ties."""
    levels = levels_of(fit, function)
    found = simple_slopes(
        fit,
        focal=f"total_ties_{function}",
        moderator=f"tie_strength_{function}",
        at=[levels.weak, levels.middle, levels.strong],
    )
    weak, middle, strong = (_slope(found, place) for place in range(3))
    return weak, middle, strong


def unseen(found: Estimate, alpha: float) -> float:
    """The size of a difference that would be found with 80% power: (t(1 - alpha/2) + t(.80)) times the standard error."""
    return (t_critical(alpha, found.df) + t_critical(2 * (1 - POWER), found.df)) * found.std_error


def variable(fit: ModerationFit, name: str) -> Variable:
    """A variable of the model, over the people in it."""
    return fit.polynomial.variable(name)


def product(function: str) -> str:
    """The term of total ties times tie strength."""
    return f"total_ties_{function}:tie_strength_{function}"


def _slope(found: SimpleSlopes, place: int) -> Estimate:
    columns = (found.estimate, found.std_error, found.conf_low, found.conf_high, found.p_value, found.dfs)
    return Estimate(*(float(column[place]) for column in columns))
