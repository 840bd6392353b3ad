"""Tests of what a regression takes for granted: equal variance of the errors, and the functional form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import choice, flag
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import n_text, p_text, statistic_text
from tienet.base.record import Record, locked
from tienet.regression.checks._shared import extended, needs_cases, wald
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import f_tail, solve
from tienet.regression.model.fit import ModerationFit

__all__ = ["SpecificationTest", "breusch_pagan", "reset_test"]


Explained: TypeAlias = Literal["terms", "fitted"]
Distribution: TypeAlias = Literal["chi-square", "F"]
_HIGHEST = 10  # a higher power of the fitted values is the few largest of them


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SpecificationTest(Record):
    """A test of an assumption.

    Parameters
    ----------
    name
        What the test is called.
    null
        What it takes as given until the data speak against it.
    statistic
        Its value.
    distribution
        "chi-square" with df1, or "F" with df1 and df2 degrees of freedom.
    df1, df2
        Degrees of freedom; df2 is infinite for a chi-square.
    p_value
        Of the upper tail.
    advice
        What to do when it rejects.
    outcome, n, alpha, covariance, backend
        As in the fit.
    works
        Keys of the works it rests on.
    fitted, residuals
        (n,) of the fit, for the figure; in a weighted fit each residual times the root of its weight, whose spread should be even.
    weights
        The column the fit is weighted by, or None.
    """

    name: str
    null: str
    statistic: float
    distribution: Distribution
    df1: int
    df2: float
    p_value: float
    advice: str
    outcome: str
    n: int
    alpha: float
    covariance: Covariance
    works: tuple[str, ...]
    fitted: Vector
    residuals: Vector
    backend: Backend = "pandas"
    weights: str | None = None

    def _works(self) -> tuple[str, ...]:
        return self.works

    def _columns(self) -> Columns:
        return {
            "test": np.array([self.name], dtype=object),
            "statistic": np.array([self.statistic]),
            "distribution": np.array([self.distribution], dtype=object),
            "df1": np.array([self.df1]),
            "df2": np.array([self.df2]),
            "p_value": np.array([self.p_value]),
        }

    def __str__(self) -> str:
        found = statistic_text(self.distribution, self.statistic, self.df1, self.df2)
        test = f"{self.name}, null: {self.null}. {found}, {p_text(self.p_value)}"
        if np.isnan(self.p_value):
            return f"{test}: too few clusters for this test. Outcome {self.outcome}, {n_text(self.n)}."
        verdict = self.advice if self.p_value < self.alpha else "the data do not speak against it"
        weighted = f", weighted by {self.weights}" if self.weights else ""
        return f"{test}: {verdict}. Outcome {self.outcome}, {n_text(self.n)}{weighted}, {self.covariance.label}."


def breusch_pagan(fit: ModerationFit, *, studentize: bool = True, on: Explained = "terms") -> SpecificationTest:
    r"""Test that the variance of the errors is the same for all cases.

    The squared residuals :math:`e^2` are regressed on the terms of the model (or on fitted values and their squares, a short form of
    White's test). Koenker's studentised statistic is :math:`n R^2` of that regression; the original one is half its explained sum of
    squares with :math:`e^2 / (e'e/n)` as the outcome, which needs normal errors. Both are chi-square with the number of regressors.
    In a weighted fit the null is that the variances are those the weights say, :math:`\sigma^2 / w`: :math:`w e^2` stands for
    :math:`e^2`, and the regression of it is not weighted (as car's ``ncvTest``; lmtest's ``bptest`` asks about :math:`e^2` itself).

    Parameters
    ----------
    fit
        The fit. Its own covariance does not enter.
    studentize
        Koenker's form (default), or the original.
    on
        "terms", or "fitted" for fitted values and their squares.

    Returns
    -------
    SpecificationTest
        Where it rejects, classical standard errors are not to be trusted; heteroscedasticity-consistent ones remain right.

    References
    ----------
    Breusch, T. S. & Pagan, A. R. (1979). Econometrica 47, 1287-1294.
    Koenker, R. (1981). Journal of Econometrics 17, 107-112.
    White, H. (1980). Econometrica 48, 817-838.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 2.1, 2.9, 4.2, 4.8, 9.0], "x": [1, 2, 3, 4, 5, 6]}
    >>> round(breusch_pagan(Moderation("y ~ x").fit(data)).p_value, 4)
    0.039
    """
    choice("on", on, get_args(Explained))
    flag("studentize", studentize)
    solution = needs_cases(fit).solution
    basis = _unweighted_basis(fit, on)
    squares = solution.residuals**2 / np.mean(solution.residuals**2)
    explained = float(np.sum((basis.T @ (squares - 1)) ** 2))
    statistic = fit.n * explained / float(np.sum((squares - 1) ** 2)) if studentize else explained / 2
    form = "White's test, short form" if on == "fitted" else "Breusch-Pagan test"
    return SpecificationTest(
        name=f"{form}, {'studentised (Koenker)' if studentize else 'original'}",
        null=f"the errors have {'the same variance for all cases' if fit.model.weights is None else 'the variances weighted for'}",
        statistic=statistic,
        distribution="chi-square",
        df1=basis.shape[1],
        df2=float("inf"),
        p_value=f_tail(statistic / basis.shape[1], basis.shape[1], float("inf")),
        advice=_variance_advice(fit),
        outcome=fit.outcome,
        n=fit.n,
        alpha=fit.alpha,
        covariance=fit.covariance,
        works=("breusch_pagan_1979", *(["koenker_1981"] if studentize else []), *(["white_1980"] if on == "fitted" else [])),
        fitted=locked(fit.fitted),
        residuals=locked(fit.solution.residuals),
        backend=fit.backend,
        weights=fit.model.weights,
    )


def _variance_advice(fit: ModerationFit) -> str:
    if fit.covariance.estimator.equal_variance:
        return f"the variance differs, so {fit.covariance.kind} standard errors are not to be trusted; fit with covariance='HC3'"
    return f"the variance differs, which {fit.covariance.kind} standard errors allow for"


def _unweighted_basis(fit: ModerationFit, on: Explained) -> Vector:
    """Orthonormal columns of the terms, or of fitted values and their squares, beside a constant."""
    if on == "fitted":
        return solve(_powers(fit, (1, 2)), fit.sample.response, ["fitted", "fitted^2"]).basis[:, 1:]
    if fit.sample.weights is None:
        return fit.solution.basis[:, 1:]
    return solve(fit.design.columns(fit.design.means), fit.sample.response, fit.terms[1:]).basis[:, 1:]


def reset_test(fit: ModerationFit, powers: Sequence[int] = (2, 3)) -> SpecificationTest:
    r"""Test of the functional form: whether powers of the fitted values explain anything beyond the model.

    The model is fitted again with :math:`\hat y^2, \hat y^3` as further terms, and the F test that their coefficients are zero uses the
    covariance of the fit: the F of the change in R2 under "classical", a Wald F otherwise. A weighted fit stays weighted (lmtest's
    ``resettest`` leaves the weights out).

    Parameters
    ----------
    fit
        The fit.
    powers
        Whole numbers from 2 to 10.

    Returns
    -------
    SpecificationTest
        Where it rejects, a curve or an interaction is missing, or the outcome wants another scale; it does not say which.

    Raises
    ------
    ArgumentError
        For powers that are not whole numbers from 2 to 10.
    ModelError
        When a power of the fitted values is already in the span of the terms, as with two-valued variables only.

    References
    ----------
    Ramsey, J. B. (1969). Journal of the Royal Statistical Society B 31, 350-371.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 4.2, 8.9, 16.1, 25.2, 35.8, 49.1, 64.3], "x": [1, 2, 3, 4, 5, 6, 7, 8]}
    >>> reset_test(Moderation("y ~ x", covariance="classical").fit(data), powers=(2,)).p_value < 0.001
    True
    """
    chosen = list(powers) if isinstance(powers, Sequence) else [powers]
    if not chosen or not all(type(power) is int and 2 <= power <= _HIGHEST for power in chosen) or len(set(chosen)) < len(chosen):
        raise ArgumentError(f"powers={powers!r}: give different whole numbers from 2 to {_HIGHEST}, such as (2, 3)")
    added = _powers(needs_cases(fit), chosen)
    test = wald(extended(fit, added, [f"fitted^{power}" for power in chosen]), len(chosen))
    return SpecificationTest(
        name=f"Ramsey's RESET (powers {', '.join(map(str, chosen))})",
        null="the model's terms have the right form",
        statistic=test.f,
        distribution="F",
        df1=test.df1,
        df2=test.df2,
        p_value=test.p_value,
        advice="a curve or an interaction may be missing; look at the squares, at linearity_check, or at another scale of the outcome",
        outcome=fit.outcome,
        n=fit.n,
        alpha=fit.alpha,
        covariance=fit.covariance,
        works=("ramsey_1969", *fit.covariance._works()),
        fitted=locked(fit.fitted),
        residuals=locked(fit.solution.residuals),
        backend=fit.backend,
        weights=fit.model.weights,
    )


def _powers(fit: ModerationFit, powers: Sequence[int]) -> Vector:
    """Powers of the standardised fitted values, so that the unit and the zero of the outcome do not bear on a power that stands alone."""
    away = (fit.fitted - fit.fitted.mean()) / fit.fitted.std()
    return np.column_stack([away**power for power in powers])
