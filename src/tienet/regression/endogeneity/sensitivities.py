"""How strong an omitted variable would have to be: the result of `sensitivity`, and its bounds by benchmarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import count, counted, level_text, n_text, number, p_text, percent
from tienet.base.record import Record
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import t_ratio
from tienet.regression.endogeneity._robustness import adjusted

__all__ = ["Bounds", "Sensitivity"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sensitivity(Record):
    """Strength that an omitted variable would need to change the estimate of a term.

    Parameters
    ----------
    term, outcome, n
        Names of term and outcome, and number of observations.
    estimate, std_error, statistic, p_value
        From the fit, under its covariance.
    classical_error, df_residual
        Classical standard error and n - k, used for the partial R2s and the contours.
    covariance
        Covariance of the fit.
    alpha, q
        Significance level, and share of the estimate to be removed.
    partial_r2
        Partial R2 of the term with the outcome, given the other terms; it does not depend on the covariance.
    robustness, robustness_alpha
        Robustness values of the estimate (from the partial R2) and of its significance (from the fit's t).
    itcv, rir, rir_share
        Impact threshold of a confounding variable; number of observations to replace, and their share of n.
    delta, adjusted_estimate, r2_short, r2_long, r2_max
        Proportional selection: delta at which the coefficient is zero, the coefficient at delta = 1, and the three R2s used.
    covariate, times, bound_term, bound_outcome, bound_estimate, bound_error
        (b,) each: omitted variables so many times as strong as a covariate, their partial R2s, and the estimate and classical error with
        them in the model.
    backend
        Kind of data frame that `frame` returns.
    """

    term: str
    outcome: str
    n: int
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    classical_error: float
    df_residual: int
    covariance: Covariance
    alpha: float
    q: float
    partial_r2: float
    robustness: float
    robustness_alpha: float
    itcv: float
    rir: int
    rir_share: float
    delta: float
    adjusted_estimate: float
    r2_short: float
    r2_long: float
    r2_max: float
    covariate: tuple[str, ...]
    times: Vector
    bound_term: Vector
    bound_outcome: Vector
    bound_estimate: Vector
    bound_error: Vector
    backend: Backend = "pandas"

    def _columns(self) -> Columns:
        tests = ("estimate", "std_error", "statistic", "p_value", "partial_r2", "robustness", "robustness_alpha")
        names = (*tests, "itcv", "rir", "rir_share", "delta", "adjusted_estimate", "r2_max")
        return {"term": np.array([self.term], dtype=object), **{name: np.array([getattr(self, name)]) for name in names}}

    @property
    def bounds(self) -> Bounds:
        """Estimates with omitted variables as strong as the benchmarks."""
        return Bounds(self)

    def _works(self) -> tuple[str, ...]:
        return ("cinelli_hazlett_2020", "frank_2000", "frank_et_al_2013", "oster_2019", *self.covariance._works())

    def at(self, r2_term: Vector, r2_outcome: Vector) -> Vector:
        """Return the estimate with an omitted variable of these partial R2s (with term and outcome) that moves it toward zero."""
        shares = _shares("r2_term", r2_term), _shares("r2_outcome", r2_outcome)
        return np.asarray(adjusted(self.estimate, self.classical_error, self.df_residual, *shares)[0])

    def __str__(self) -> str:
        part = "all" if self.q == 1 else percent(self.q)
        clear = self.p_value < self.alpha
        below = level_text(self.alpha, "above" if clear else "below")
        lose = f" ({percent(self.robustness_alpha, 1)} for {below})" if clear else ""
        share = percent(self.rir_share, 1)
        kept = f"For {below}, {counted(self.rir, 'observation')} of {count(self.n)} ({share}) would have to be replaced"
        delta = (
            f"proportional selection of {number(self.delta, 2)} would bring it to zero" if np.isfinite(self.delta) else "delta not defined"
        )
        return (
            f"{self.term} ({number(self.estimate)}, {p_text(self.p_value)}) in the model of {self.outcome}: to remove {part} of the "
            f"estimate, an omitted variable would have to explain {percent(self.robustness, 1)} of the remaining variance of both "
            f"{self.term} and {self.outcome}{lose}. "
            f"{kept}; impact threshold {number(self.itcv)}; {delta} at R2 up to {number(self.r2_max, 2)}. "
            f"{n_text(self.n)}, t under {self.covariance.label}; the theory assumes classical errors."
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bounds(Record):
    """Estimates with omitted variables as strong as named covariates: one row per covariate and multiple.

    Parameters
    ----------
    sensitivity
        The result from which they come.
    """

    sensitivity: Sensitivity

    @property
    def backend(self) -> Backend:
        """Kind of data frame that `frame` returns."""
        return self.sensitivity.backend

    def _columns(self) -> Columns:
        s = self.sensitivity
        return {
            "covariate": np.array(s.covariate, dtype=object),
            "times": s.times,
            "r2_term": s.bound_term,
            "r2_outcome": s.bound_outcome,
            "estimate": s.bound_estimate,
            "std_error": s.bound_error,
            "statistic": t_ratio(s.bound_estimate, s.bound_error),
        }

    def _works(self) -> tuple[str, ...]:
        return ("cinelli_hazlett_2020",)

    def __str__(self) -> str:
        s = self.sensitivity
        parts = [f"{times:g} times {name}: {number(b)}" for name, times, b in zip(s.covariate, s.times, s.bound_estimate, strict=True)]
        if not parts:
            return f"{s.term} ({number(s.estimate)}): no benchmarks given. {n_text(s.n)}."
        return f"{s.term} ({number(s.estimate)}) with an omitted variable as strong as {'; '.join(parts)}. {n_text(s.n)}, classical errors."


def _shares(argument: str, given: Any) -> Vector:
    try:
        found = np.asarray(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        found = np.array(np.nan)
    if not ((found >= 0) & (found <= 1)).all() or (argument == "r2_term" and (found == 1).any()):
        raise ArgumentError(f"{argument} must be partial R2s, numbers from 0 to below 1")
    return found
