"""Sensitivity of a coefficient to an omitted variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level, names, real, several
from tienet.base.errors import ArgumentError, ModelError, offer
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import count, counted, level_text, n_text, number, p_text, percent
from tienet.base.record import Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.formula import INTERCEPT, Term
from tienet.regression.core.least_squares import t_ratio
from tienet.regression.endogeneity._benchmarks import benchmark_bounds, residual, selection, term_of
from tienet.regression.endogeneity._robustness import adjusted, impact_threshold, replaced_share, robustness_value
from tienet.regression.model.fit import ModerationFit, equal_weights, least_squares_fit

__all__ = ["Bounds", "Sensitivity", "sensitivity"]


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


def sensitivity(
    fit: ModerationFit,
    term: str,
    *,
    q: float = 1.0,
    alpha: float | None = None,
    benchmarks: Sequence[str] = (),
    times: Sequence[float] = (1, 2, 3),
    r2_max: float | None = None,
) -> Sensitivity:
    r"""Compute how strong an omitted variable would have to be to change the estimate of a term.

    .. math:: RV = \tfrac12 (\sqrt{f^4 + 4 f^2} - f^2), \qquad ITCV = \frac{r - r_c}{1 - |r_c|}, \qquad RIR = n (1 - t_{crit} SE / |b|)

    Parameters
    ----------
    fit
        A fitted model.
    term
        One of its terms, such as "x", "x:z" or "x^2". A lower-order term is a slope at the centers of the variables it interacts with.
    q
        Share of the estimate that the omitted variable would have to remove.
    alpha
        Significance level; by default the fit's.
    benchmarks
        Terms or variables (a category with all its dummies) to compare an omitted variable with.
    times
        Multiples of the strength of each benchmark.
    r2_max
        R2 that the model would reach with the omitted variable; by default 1.3 times its own, at most 1.

    Returns
    -------
    Sensitivity
        Includes `bounds` for the benchmarks; `plot` draws the estimate over the strength of an omitted variable.

    Raises
    ------
    ModelError
        If the term is not in the model, or a benchmark is or contains the term itself.
    ArgumentError
        If the fit is not least squares, q or alpha is out of range, times is not positive, or r2_max is below the model's R2.

    Notes
    -----
    The robustness value of the estimate and the partial R2s are the same under every covariance. The robustness value of its significance,
    the impact threshold and the number of observations to replace use the fit's t and its critical value. Their theory is classical; under
    another covariance they are approximations. f always uses n - k; with clusters the critical value uses clusters - 1.

    Proportional selection compares with the regression on the term alone, plus the lower-order terms of a product (x and z for x:z).
    delta is the unrestricted one. The coefficient at delta = 1 is the root that keeps the covariates' direction, the nearer of two.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Journal of the Royal Statistical Society B 82, 39-67.
    Frank, K. A. (2000). Sociological Methods & Research 29, 147-194.
    Frank, K. A., Maroulis, S. J., Duong, M. Q. & Kelcey, B. M. (2013). Educational Evaluation and Policy Analysis 35, 437-460.
    Oster, E. (2019). Journal of Business & Economic Statistics 37, 187-204.

    Examples
    --------
    >>> import numpy as np
    >>> from tienet.regression.model import Moderation
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 200))
    >>> data = {"y": 0.4 * x + z + rng.normal(size=200), "x": x, "z": z}
    >>> found = sensitivity(Moderation("y ~ x + z", covariance="classical").fit(data), "x", benchmarks=["z"])
    >>> round(found.robustness, 2), found.rir
    (0.38, 142)
    """
    equal_weights(least_squares_fit(fit, "sensitivity"), "sensitivity")
    alpha = fit.alpha if alpha is None else checked_level(alpha)
    _check(q, times, r2_max, fit.r_squared)
    j = _index(fit, term)
    columns = fit.design.columns(fit.design.centers)
    table = fit._columns()
    b, error, t = (float(table[name][j]) for name in ("estimate", "std_error", "statistic"))
    df = fit.solution.df
    if df < 2:
        raise ModelError(f"n - k = {df} leaves no degree of freedom for an omitted variable; drop terms or add rows")
    own = float(fit.dfs[j])
    judged = None if own == df else own
    rest = residual(columns[:, j - 1], np.delete(columns, j - 1, axis=1))
    classical = fit.sigma / float(np.linalg.norm(rest))
    exact = b / classical
    chosen = selection(fit, columns, j, rest, r2_max)
    share = replaced_share(b, error, own, alpha)
    named, bound = benchmark_bounds(fit, columns, j, names("benchmarks", benchmarks, single=True), times)
    moved, moved_error = adjusted(b, classical, df, bound[:, 0], bound[:, 1])
    return Sensitivity(
        term=fit.terms[j],
        outcome=fit.outcome,
        n=fit.n,
        estimate=b,
        std_error=error,
        statistic=t,
        p_value=float(table["p_value"][j]),
        classical_error=classical,
        df_residual=df,
        covariance=fit.covariance,
        alpha=alpha,
        q=float(q),
        partial_r2=exact**2 / (exact**2 + df),
        robustness=robustness_value(exact, df, q=q),
        robustness_alpha=robustness_value(t, df, q=q, alpha=alpha, df_test=judged),
        itcv=impact_threshold(t, df, alpha, judged),
        rir=round(fit.n * share),
        rir_share=share,
        delta=chosen.delta(),
        adjusted_estimate=chosen.coefficient(),
        r2_short=chosen.r2_short,
        r2_long=chosen.r2_long,
        r2_max=chosen.r2_max,
        covariate=tuple(name for name, _ in named),
        times=locked([k for _, k in named], float),
        bound_term=locked(bound[:, 0]),
        bound_outcome=locked(bound[:, 1]),
        bound_estimate=locked(moved),
        bound_error=locked(moved_error),
        backend=fit.backend,
    )


def _shares(argument: str, given: Any) -> Vector:
    try:
        found = np.asarray(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        found = np.array(np.nan)
    if not ((found >= 0) & (found <= 1)).all() or (argument == "r2_term" and (found == 1).any()):
        raise ArgumentError(f"{argument} must be partial R2s, numbers from 0 to below 1")
    return found


def _check(q: float, times: Sequence[float], r2_max: float | None, r2: float) -> None:
    if several(times) is None:
        raise ArgumentError(f"times must be a list of numbers such as (1, 2, 3), got {times!r}")
    if not 0 < real("q", q) <= 1:
        raise ArgumentError(f"q must be above 0 and at most 1 (a share of the estimate), got {q!r}")
    if not all(real("times", k) > 0 for k in times):
        raise ArgumentError(f"times must be positive numbers, got {times!r}")
    if r2_max is not None and not r2 < real("r2_max", r2_max) <= 1:
        raise ArgumentError(f"r2_max must be above the model's own R2 ({number(r2)}) and at most 1, got {r2_max!r}")


def _index(fit: ModerationFit, term: str) -> int:
    wanted = term_of(fit, term)
    if wanted not in fit.design.terms or wanted == Term():
        raise ModelError(f"the model of {fit.outcome} has no term {term!r}{offer(term, [name for name in fit.terms if name != INTERCEPT])}")
    return fit.design.terms.index(wanted)
