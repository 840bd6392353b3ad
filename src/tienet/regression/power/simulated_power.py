"""Simulated power of an interaction, with measurement error, correlated predictors and unequal error variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, checked_level, choice, generator, real, reals, whole
from tienet.base.errors import ArgumentError
from tienet.base.frames import Columns
from tienet.base.numbers import number
from tienet.base.record import Record, locked
from tienet.regression.core.least_squares import t_critical
from tienet.regression.covariance.classical import Classical
from tienet.regression.covariance.heteroscedastic import Heteroscedastic
from tienet.regression.covariance.register import covariance_names, estimator_of
from tienet.regression.resampling.draws import blocks

__all__ = ["SimulatedPower", "simulate_power"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SimulatedPower(Record):
    """Share of simulated samples in which the interaction is significant.

    Parameters
    ----------
    n
        (s,) sample sizes.
    power
        (s,) shares of samples.
    std_error
        (s,) Monte Carlo standard errors of the shares.
    f2
        Effect size for true scores and errors of equal variance.
    interaction
        Coefficient of the interaction, in error standard deviations per product of standard deviations.
    slopes, correlation, reliability, controls, covariance, spread, alpha, draws
        The design, as given.
    """

    n: Vector
    power: Vector
    std_error: Vector
    f2: float
    interaction: float
    slopes: tuple[float, float]
    correlation: float
    reliability: tuple[float, float]
    controls: int
    covariance: str
    spread: float
    alpha: float
    draws: int

    def _works(self) -> tuple[str, ...]:
        return ("cohen_1988",)

    def _columns(self) -> Columns:
        return {"n": self.n, "power": self.power, "mc_error": self.std_error}

    def __str__(self) -> str:
        shown = [
            f"n = {n:,.0f}: {number(p, 3)} (MC error {number(e, 2)})" for n, p, e in zip(self.n, self.power, self.std_error, strict=True)
        ]
        first, second = self.reliability
        spread = f", error SD changing with x (log SD {self.spread:g} per SD)" if self.spread else ""
        return (
            f"Simulated power of an interaction of f2 = {number(self.f2)} at alpha = {self.alpha:g}: {'; '.join(shown)}. Predictors "
            f"correlated {self.correlation:g}, measured with reliability {first:g} and {second:g}, {self.controls} controls, "
            f"{self.covariance} standard errors{spread}; {self.draws:,} samples each."
        )


def simulate_power(
    f2: float | None,
    n: int | Sequence[int],
    *,
    interaction: float | None = None,
    slopes: tuple[float, float] = (0.0, 0.0),
    correlation: float = 0.0,
    reliability: tuple[float, float] = (1.0, 1.0),
    controls: int = 0,
    covariance: str = "classical",
    spread: float = 0.0,
    alpha: float = 0.05,
    draws: int = 2000,
    seed: int | np.random.Generator = 0,
) -> SimulatedPower:
    r"""Simulate the power of the t test of an interaction.

    .. math:: y = b_1 x + b_2 z + b_3 xz + \varepsilon, \qquad b_3 = \sqrt{f^2 / (1 + \rho^2)}

    x and z are normal with variance 1 and correlation :math:`\rho`, and the errors have variance 1. The regression uses
    :math:`x^* = \sqrt{r_x} x + \sqrt{1 - r_x}\, e`, and likewise for z: a product of unreliable measures is less reliable than either.

    Parameters
    ----------
    f2
        Cohen's :math:`f^2` of the interaction, with perfect measures and errors of equal variance; None if `interaction` is given.
    n
        Sample size, one number or several.
    interaction
        :math:`b_3` instead of f2, in error standard deviations.
    slopes
        :math:`b_1, b_2`, in error standard deviations per standard deviation; with unreliable measures they add to the error.
    correlation
        :math:`\rho`, the correlation of x and z.
    reliability
        Share of true variance in the measures of x and z.
    controls
        Number of further regressors, unrelated to everything.
    covariance
        Covariance used by the test, "classical", "HC0" to "HC5" or "HC4m".
    spread
        s in the standard deviation of the errors, which is proportional to :math:`e^{sx}`; their mean variance stays 1.
    alpha
        Significance level of the test.
    draws
        Number of samples for each n.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    SimulatedPower
        Power with its Monte Carlo standard error, :math:`\sqrt{p (1 - p) / \text{draws}}`, for each n.

    Raises
    ------
    ArgumentError
        If a value is out of range.

    Notes
    -----
    With perfect measures and errors of equal variance it nearly agrees with `power`. There the predictors are fixed, while here each sample
    has its own, which costs a little power in small samples.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., chapter 9.

    Examples
    --------
    >>> found = simulate_power(0.02, [200, 400], reliability=(0.8, 0.8), draws=500)
    >>> bool(found.power[0] < found.power[1] < 0.8)
    True
    """
    sizes = _checked_sizes(n, controls)
    _check(f2, interaction, correlation, reliability, covariance, slopes, spread)
    level, wanted = checked_level(alpha), checked_draws(draws, 2)
    strength = float(interaction) if interaction is not None else (float(f2 or 0.0) / (1 + correlation**2)) ** 0.5
    design = _Design(strength, slopes, correlation, reliability, controls, covariance, spread)
    rng = generator("seed", seed)
    shares = np.array([_share(design, int(size), level, wanted, rng) for size in sizes])
    return SimulatedPower(
        n=locked(sizes),
        power=locked(shares),
        std_error=locked(np.sqrt(shares * (1 - shares) / wanted)),
        f2=strength**2 * (1 + correlation**2),
        interaction=strength,
        slopes=slopes,
        correlation=correlation,
        reliability=reliability,
        controls=controls,
        covariance=covariance,
        spread=spread,
        alpha=level,
        draws=wanted,
    )


class _Design(NamedTuple):
    interaction: float
    slopes: tuple[float, float]
    correlation: float
    reliability: tuple[float, float]
    controls: int
    covariance: str
    spread: float


def _share(design: _Design, n: int, alpha: float, draws: int, rng: np.random.Generator) -> float:
    k = 4 + design.controls
    critical, passed = t_critical(alpha, n - k), 0
    for part in blocks(draws, n * (k + 4)):
        X, y = _samples(design, n, part.stop - part.start, rng)
        passed += int(np.sum(np.abs(t_of_last(X, y, design.covariance)) > critical))
    return passed / draws


def _samples(design: _Design, n: int, draws: int, rng: np.random.Generator) -> tuple[Vector, Vector]:
    """(draws, n, k) regressors as measured, the product last, and (draws, n) outcomes."""
    x, other, error = rng.normal(size=(3, draws, n))
    z = design.correlation * x + (1 - design.correlation**2) ** 0.5 * other
    s = design.spread
    y = design.slopes[0] * x + design.slopes[1] * z + design.interaction * x * z + error * np.exp(s * x - s**2)
    seen = [r**0.5 * true + (1 - r) ** 0.5 * rng.normal(size=(draws, n)) for true, r in zip((x, z), design.reliability, strict=True)]
    first, second = (each - each.mean(axis=1, keepdims=True) for each in seen)
    further = rng.normal(size=(design.controls, draws, n))
    return np.stack([np.ones((draws, n)), first, second, *further, first * second], axis=2), y


def t_of_last(X: Vector, y: Vector, kind: str) -> Vector:
    """Compute the t statistic of the last coefficient of many regressions.

    Parameters
    ----------
    X, y
        (draws, n, k) regressors and (draws, n) outcomes.
    kind
        "classical", "HC0" to "HC5" or "HC4m".

    Returns
    -------
    ndarray
        (draws,) t statistics.
    """
    n, k = X.shape[1:]
    inverse = np.linalg.inv(X.transpose(0, 2, 1) @ X)
    b = np.einsum("dij,dnj,dn->di", inverse, X, y, optimize=True)
    squares = (y - np.einsum("dnj,dj->dn", X, b)) ** 2
    if kind == Classical.name:
        return np.asarray(b[:, -1] / np.sqrt(inverse[:, -1, -1] * squares.sum(axis=1) / (n - k)))
    last = np.einsum("dnj,dj->dn", X, inverse[:, -1])  # the last row of (X'X)^-1 X'
    leverage = np.einsum("dnj,dnj->dn", X @ inverse, X)
    weights = _row_weighted()[kind].weights(squares, leverage, k)
    return np.asarray(b[:, -1] / np.sqrt(np.sum(last**2 * weights, axis=1)))


def _row_weighted() -> dict[str, Heteroscedastic]:
    """Kinds of one weight per row and n - k degrees of freedom, with which many samples are computed at once."""
    kinds = {name: estimator_of(name) for name in covariance_names(clustered=False)}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, Heteroscedastic) and kind.df_name is None}


def _checked_sizes(n: int | Sequence[int], controls: int) -> Vector:
    whole("controls", controls, 0)
    try:
        sizes = np.atleast_1d(np.asarray(n))
    except ValueError:
        sizes = np.empty(0)
    if sizes.dtype.kind not in "iu" or sizes.ndim != 1 or sizes.size == 0:
        raise ArgumentError(f"n must be one or more whole numbers, got {n!r}")
    if sizes.min() < controls + 6:
        raise ArgumentError(
            f"n must be {controls + 6} or more with {controls} controls, got {sizes.min()}: too few degrees of freedom are left"
        )
    return sizes


def _check(
    f2: float | None,
    interaction: float | None,
    correlation: float,
    reliability: tuple[float, float],
    covariance: str,
    slopes: tuple[float, float],
    spread: float,
) -> None:
    if (f2 is None) == (interaction is None):
        raise ArgumentError("give exactly one of f2 and interaction, and None for the other")
    if f2 is not None and not real("f2", f2) >= 0:
        raise ArgumentError(f"f2 must be 0 or more (.02 is small, .15 medium, .35 large), got {f2!r}")
    if interaction is not None:
        real("interaction", interaction)
    if not -1 < real("correlation", correlation) < 1:
        raise ArgumentError(f"correlation must be between -1 and 1, got {correlation!r}")
    if not all(0 < each <= 1 for each in reals("reliability", reliability, 2)):
        raise ArgumentError(f"reliability must be two numbers above 0 and at most 1, for x and z, got {reliability!r}")
    choice("covariance", covariance, (Classical.name, *_row_weighted()))
    reals("slopes", slopes, 2)
    real("spread", spread)
