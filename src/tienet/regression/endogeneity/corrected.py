"""A fit with correction terms for endogenous variables, and errors from a bootstrap of all stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Columns
from tienet.base.numbers import counted, interval_text, listed, number, p_text, statistic_text
from tienet.base.record import locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.least_squares import f_tail, solve, t_ratio, two_sided
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.endogeneity._instrumented import Corrections, Problem, resampled
from tienet.regression.endogeneity.first_stage import f_of
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.fitted import Fitted
from tienet.regression.model.moderation import Moderation
from tienet.regression.resampling.draws import warn_draws

__all__ = ["CorrectedFit"]


CorrectionMethod: TypeAlias = Literal["control function", "gaussian copula"]
_WORKS: dict[str, tuple[str, ...]] = {
    "control function": ("petrin_train_2010", "wooldridge_2015"),
    "gaussian copula": ("park_gupta_2012", "qian_et_al_2022", "becker_et_al_2022"),
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CorrectedFit(Fitted):
    """A moderated regression with correction terms for endogenous variables, for use with every probe and figure.

    Parameters
    ----------
    method
        "control function" or "gaussian copula".
    model, design
        The specification, and its terms and variables.
    ordinary
        The ordinary least-squares fit on the same rows, without corrections.
    endogenous, instruments
        Names of variables; a copula has no instruments.
    corrections
        m names of the correction terms.
    estimate
        (k + m,) coefficients in the model's centring: the intercept, the terms, the corrections.
    conf_low, conf_high
        (k + m,) percentile intervals.
    draws
        (r, k + m) coefficients in each resample, around the centers of the sample.
    lost
        Number of resamples left out because they could not be estimated.
    f_value, df1, df2
        Classical F test that no correction is needed (all coefficients of the corrections are zero).
    covariance
        Covariance of all k + m coefficients over the resamples. Its df, n - k - m (or clusters - 1), is a convention for t and p.
    polynomial
        Surface of the model's own k terms with their bootstrap covariance, and with the corrections at zero.
    """

    method: CorrectionMethod
    model: Moderation
    design: Design
    ordinary: ModerationFit
    endogenous: tuple[str, ...]
    instruments: tuple[str, ...]
    corrections: tuple[str, ...]
    estimate: Vector
    conf_low: Vector
    conf_high: Vector
    draws: Vector
    lost: int
    f_value: float
    df1: int
    df2: int
    covariance: Covariance
    polynomial: Polynomial

    def _works(self) -> tuple[str, ...]:
        return _WORKS[self.method]

    def _columns(self) -> Columns:
        statistic = t_ratio(self.estimate, self.std_error)
        without = np.full(len(self.estimate), np.nan)
        without[: len(self.design.terms)] = self.ordinary.estimate
        return {
            "term": np.array(self.terms, dtype=object),
            "estimate": self.estimate,
            "std_error": self.std_error,
            "statistic": statistic,
            "df": np.full(len(self.estimate), self.df),
            "p_value": two_sided(statistic, self.df),
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
            "ols_estimate": without,
        }

    def __str__(self) -> str:
        corrected = [i for i, inside in enumerate(self._inner()) if inside]
        parts = [
            f"{self.terms[i]} {number(self.estimate[i])} {interval_text(self.conf_low[i], self.conf_high[i])} "
            f"(least squares {number(self.ordinary.estimate[i])})"
            for i in corrected
        ]
        by = f" with {listed(self.instruments)} as instruments" if self.instruments else ""
        test = f"{statistic_text('F', self.f_value, self.df1, self.df2)}, {p_text(self.p_endogenous)}"
        lost = f" ({self.lost} resamples could not be used)" if self.lost else ""
        return (
            f"{self.outcome} in {counted(self.n, 'observation')}, {listed(self.endogenous)} corrected by a {self.method}{by}: "
            f"{'; '.join(parts)}. {self.covariance}, percentile intervals from {counted(len(self.draws), 'resample')}{lost}. "
            f"Test that no correction is needed: {test}."
        )

    def _inner(self) -> list[bool]:
        return [bool(set(term.names) & set(self.endogenous)) for term in self.design.terms]

    @property
    def p_endogenous(self) -> float:
        """Classical p-value of the test that no correction is needed."""
        return f_tail(self.f_value, self.df1, self.df2)


def correct(
    problem: Problem, method: CorrectionMethod, names: Sequence[str], corrections: Corrections, draws: int, seed: int | np.random.Generator
) -> CorrectedFit:
    """Fit the model with its corrections and bootstrap both.

    Parameters
    ----------
    problem, method, names
        The model, the method, and names of the m corrections.
    corrections
        Function from (r, n) counts of the rows to (r, n, m) columns.
    draws, seed
        Number of resamples, and a seed or Generator.
    """
    warn_draws(draws, problem.model.alpha)
    ordinary, design, sample = problem.ordinary, problem.design, problem.sample
    solution, k, m = ordinary.solution, len(design.terms), len(names)
    added = corrections(np.ones((1, sample.n)))[0]
    columns = np.column_stack([design.columns(design.means), added])
    whole = solve(columns, sample.response, [*(str(term) for term in design.terms[1:]), *names])
    coordinates, lost = resampled(problem, solution.basis, corrections, draws, seed)
    around = np.eye(k + m)
    around[:k, :k] = solution.back
    move = np.eye(k + m)
    move[:k, :k] = recentring(design.terms, design.means, design.centers)
    means = coordinates @ around.T
    found = means @ move.T
    low, high = np.quantile(found, [problem.model.alpha / 2, 1 - problem.model.alpha / 2], axis=0)
    groups = ordinary.covariance.clusters
    covariance = Covariance(
        kind="bootstrap",
        matrix=locked(np.cov(found, rowvar=False)),
        df=whole.df if not isinstance(groups, int) else groups - 1,
        clusters=groups,
        factor=1.0,
        terms=(*map(str, design.terms), *names),
        cluster=problem.model.cluster,
        backend=sample.backend,
        names=problem.model.names,
    )
    surface = replace(
        ordinary.polynomial,
        estimate=locked(whole.estimate[:k]),
        matrix=locked(np.cov(means[:, :k], rowvar=False)),
        df=covariance.df,
        covariance=covariance,
        own_degrees=None,  # would be those of the ordinary fit; here the errors come from the resamples
    )
    rss, rest = float(ordinary.residuals @ ordinary.residuals), float(whole.residuals @ whole.residuals)
    return CorrectedFit(
        method=method,
        model=problem.model,
        design=design,
        ordinary=ordinary,
        endogenous=problem.endogenous,
        instruments=problem.instruments,
        corrections=tuple(names),
        estimate=locked(move @ whole.estimate),
        conf_low=locked(low),
        conf_high=locked(high),
        draws=locked(found),
        lost=lost,
        f_value=f_of(rss - rest, rest, m, whole.df)[0],
        df1=m,
        df2=whole.df,
        covariance=covariance,
        polynomial=surface,
    )
