"""Tests of the assumptions of a regression: equal error variance and functional form."""

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
_UNWEIGHTED, _WEIGHTED = "the same variance for all observations", "the variances implied by the weights"
_HIGHEST = 10  # a higher power of the fitted values is the few largest of them


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SpecificationTest(Record):
    """Test of an assumption.

    Parameters
    ----------
    name
        Name of the test.
    null
        Null hypothesis.
    statistic
        Value of the statistic.
    distribution
        "chi-square" with df1, or "F" with df1 and df2 degrees of freedom.
    df1, df2
        Degrees of freedom; df2 is infinite for a chi-square.
    p_value
        Upper-tail p-value.
    advice
        What to do if the test rejects.
    outcome, n, alpha, covariance, backend
        As in the fit.
    works
        Keys of the references.
    fitted, residuals
        (n,) fitted values and residuals, for the figure; in a weighted fit each residual is multiplied by the root of its weight, so that
        its spread should be even.
    weights
        Name of the column of weights, or None.
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
        test = f"{self.name}, H0: {self.null}. {found}, {p_text(self.p_value)}"
        if np.isnan(self.p_value):
            return f"{test}: too few clusters for this test. Outcome {self.outcome}, {n_text(self.n)}."
        verdict = self.advice if self.p_value < self.alpha else "not rejected"
        weighted = f", weighted by {self.weights}" if self.weights else ""
        return f"{test}: {verdict}. Outcome {self.outcome}, {n_text(self.n)}{weighted}, {self.covariance.label}."


def breusch_pagan(fit: ModerationFit, *, studentize: bool = True, on: Explained = "terms") -> SpecificationTest:
    r"""Test whether the variance of the errors is the same for all observations.

    The squared residuals :math:`e^2` are regressed on the terms of the model (or on fitted values and their squares, a short form of
    White's test). Koenker's studentised statistic is :math:`n R^2` of that regression. The original statistic is half its explained sum of
    squares with :math:`e^2 / (e'e/n)` as the outcome, and needs normal errors. Both are chi-square with the number of regressors as df.
    In a weighted fit the null hypothesis is that the variances are :math:`\sigma^2 / w`: :math:`w e^2` replaces :math:`e^2`, in an
    unweighted regression (as in car's ``ncvTest``; lmtest's ``bptest`` tests :math:`e^2` itself).

    Parameters
    ----------
    fit
        The fit. Its covariance does not matter.
    studentize
        Koenker's form (default), or the original.
    on
        "terms", or "fitted" for fitted values and their squares.

    Returns
    -------
    SpecificationTest
        If it rejects, do not rely on classical standard errors; heteroscedasticity-consistent ones remain valid.

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
        null=f"the errors have {_UNWEIGHTED if fit.model.weights is None else _WEIGHTED}",
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
        return f"the variance differs, so {fit.covariance.kind} standard errors are unreliable; fit with covariance='HC3'"
    return f"the variance differs, which {fit.covariance.kind} standard errors allow for"


def _unweighted_basis(fit: ModerationFit, on: Explained) -> Vector:
    """Orthonormal columns of the terms, or of fitted values and their squares, orthogonal to a constant."""
    if on == "fitted":
        return solve(_powers(fit, (1, 2)), fit.sample.response, ["fitted", "fitted^2"]).basis[:, 1:]
    if fit.sample.weights is None:
        return fit.solution.basis[:, 1:]
    return solve(fit.design.columns(fit.design.means), fit.sample.response, fit.terms[1:]).basis[:, 1:]


def reset_test(fit: ModerationFit, powers: Sequence[int] = (2, 3)) -> SpecificationTest:
    r"""Test the functional form: whether powers of the fitted values explain anything beyond the model.

    The model is refitted with :math:`\hat y^2, \hat y^3` as added terms, and the F test that their coefficients are zero uses the
    covariance of the fit: the F of the change in R2 under "classical", a Wald F otherwise. A weighted fit stays weighted (lmtest's
    ``resettest`` ignores weights).

    Parameters
    ----------
    fit
        The fit.
    powers
        Whole numbers from 2 to 10.

    Returns
    -------
    SpecificationTest
        If it rejects, a curve or an interaction is missing, or the outcome needs another scale; it does not show which.

    Raises
    ------
    ArgumentError
        If the powers are not different whole numbers from 2 to 10.
    ModelError
        If a power of the fitted values is a combination of the terms, as with two-valued variables only.

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
        raise ArgumentError(f"powers must be different whole numbers from 2 to {_HIGHEST}, such as (2, 3), got {powers!r}")
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
        advice="a curve or an interaction may be missing; add squares, run linearity_check, or try another scale of the outcome",
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
    """Powers of the standardised fitted values, so that unit and zero of the outcome do not matter to a single power."""
    away = (fit.fitted - fit.fitted.mean()) / fit.fitted.std()
    return np.column_stack([away**power for power in powers])
