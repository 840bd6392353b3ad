"""Two-stage least squares with its diagnostics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError, WeakIdentification, warn
from tienet.base.frames import Columns
from tienet.base.numbers import counted, findings, listed, number
from tienet.base.record import locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.least_squares import Solution, sandwich, solve
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.covariance.register import covariance_names, estimator_of
from tienet.regression.endogeneity._instrumented import Problem, pose
from tienet.regression.endogeneity.first_stage import Diagnostics, diagnose, refuse_explained
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.fitted import Fitted
from tienet.regression.model.moderation import Moderation

__all__ = ["InstrumentedFit", "two_stage_least_squares"]


WEAK = 10.0
_SAME = 1e-9  # a projected column is a copy of others if a smaller share of it is left after them


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class InstrumentedFit(Fitted):
    """A moderated regression by two-stage least squares, for use with every probe and figure.

    Parameters
    ----------
    model, design
        The specification, and its terms and variables.
    ordinary
        The ordinary least-squares fit on the same rows.
    endogenous, instruments
        Terms with an endogenous variable, and the terms that serve as their instruments.
    estimate
        (k,) coefficients in the model's centring, the intercept first.
    residuals
        (n,) outcome minus the observed (not the projected) terms times the coefficients.
    covariance
        Covariance of the coefficients.
    polynomial
        Fitted surface around the means.
    diagnostics
        Tests of the instruments and of endogeneity.
    """

    model: Moderation
    design: Design
    ordinary: ModerationFit
    endogenous: tuple[str, ...]
    instruments: tuple[str, ...]
    estimate: Vector
    residuals: Vector
    covariance: Covariance
    polynomial: Polynomial
    diagnostics: Diagnostics

    def _works(self) -> tuple[str, ...]:
        return ("wooldridge_2010", *self.covariance._works(), *self.diagnostics._works())

    def _columns(self) -> Columns:
        return {**self._estimates(np.full(len(self.estimate), self.df)), "ols_estimate": self.ordinary.estimate}

    def __str__(self) -> str:
        found = findings(self.terms, self.estimate, self._columns()["p_value"], self.alpha)
        return (
            f"{self.outcome} in {counted(self.n, 'observation')} by two-stage least squares, {listed(self.endogenous)} instrumented by "
            f"{listed(self.instruments)}: {self.covariance}. {self.diagnostics.gist}. {found}."
        )

    def _described(self) -> tuple[Design, ModelFrame, str]:
        return self.design, self.ordinary.sample, "Two-stage least squares"

    @property
    def sigma(self) -> float:
        """Residual standard deviation, with n - k."""
        return float((self.residuals @ self.residuals / (self.n - len(self.estimate))) ** 0.5)


def two_stage_least_squares(
    model: Moderation, data: object, *, endogenous: str | Sequence[str], instruments: str | Sequence[str]
) -> InstrumentedFit:
    r"""Estimate a moderated regression with instruments for some of its variables.

    .. math:: b = (X' P_Z X)^{-1} X' P_Z y, \qquad P_Z = Z (Z'Z)^{-1} Z'

    with Z the exogenous terms of the formula and the instruments. Products and squares of an endogenous variable are endogenous as
    well; the same products and squares of every instrument serve as their instruments: iv:z for x:z, iv^2 for x^2 (unless the instrument
    has only two values, so that its square adds nothing).

    Parameters
    ----------
    model
        Formula, covariance ("classical", "HC0" to "HC3", "CR0", "CR1"), cluster, centring and significance level.
    data
        Any data frame that narwhals supports; rows with a missing variable or instrument are dropped and counted.
    endogenous
        Variables of the formula that may be correlated with the error.
    instruments
        Columns that are not in the formula.

    Returns
    -------
    InstrumentedFit
        Has small-sample errors (n - k, or clusters - 1) and `diagnostics`: for each endogenous term the F of the excluded instruments
        in its first stage and, with several such terms, the conditional F of Sanderson and Windmeijer; Wu and Hausman's F; and Sargan's
        chi-square if there are more instruments than endogenous terms.

    Raises
    ------
    ArgumentError
        If an endogenous variable is unknown or categorical, or an instrument is in the formula.
    ModelError
        If there are fewer instruments than endogenous terms, the instruments copy exogenous terms or do not identify the endogenous terms,
        or the covariance is HC4, HC4m or HC5, which are defined for least squares only.

    Warns
    -----
    WeakIdentification
        If a first-stage F is below 10: estimates are then biased toward least squares, and intervals are too narrow.

    Notes
    -----
    The leverage in HC2 and HC3 is the diagonal of :math:`X (X'P_ZX)^{-1} X'P_Z`. The diagnostics use classical errors whatever the
    covariance of the coefficients.

    References
    ----------
    Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed., chapter 5.
    Sanderson, E. & Windmeijer, F. (2016). Journal of Econometrics 190, 212-221.
    Sargan, J. D. (1958). Econometrica 26, 393-415. Hausman, J. A. (1978). Econometrica 46, 1251-1271.

    Examples
    --------
    >>> import numpy as np
    >>> from tienet.regression.model import Moderation
    >>> rng = np.random.default_rng(1)
    >>> iv, z, u = rng.normal(size=(3, 400))
    >>> x = iv + u + rng.normal(size=400)
    >>> data = {"y": x + 0.5 * x * z - u + rng.normal(size=400), "x": x, "z": z, "iv": iv}
    >>> fit = two_stage_least_squares(Moderation("y ~ x*z"), data, endogenous="x", instruments="iv")
    >>> fit.instruments, fit.frame["estimate"].round(1).tolist()
    (('iv', 'iv:z'), [0.0, 1.0, 0.1, 0.5])
    """
    _refuse_kind(model)
    problem = pose(model, data, endogenous, instruments)
    fitted = _fit(problem, problem.instrument_design(products=True))
    if fitted.diagnostics.weakest < WEAK:
        warn(
            f"weak instruments: the smallest first-stage F is {number(fitted.diagnostics.weakest, 2)}, below {WEAK:g}; the estimates are "
            "biased toward least squares and the intervals are too narrow",
            WeakIdentification,
        )
    return fitted


def _refuse_kind(model: Moderation) -> None:
    """Refuse a covariance that is made for least squares; what is no model is refused by `pose`."""
    kind = getattr(model, "covariance", None)
    if isinstance(kind, str) and not estimator_of(kind).with_instruments:
        *known, last = (name for name in covariance_names() if estimator_of(name).with_instruments)
        raise ModelError(f"{kind} is not available with instruments; use {', '.join(known)} or {last}")


def _fit(problem: Problem, outer: Design) -> InstrumentedFit:
    design, sample = problem.design, problem.sample
    names, inner = [str(term) for term in design.terms], problem.inner
    added = [str(term) for term in outer.terms if str(term) not in names]
    if len(added) < inner.sum():
        raise ModelError(
            f"{counted(len(added), 'instrument')} ({listed(added)}) cannot identify {int(inner.sum())} endogenous terms "
            f"({listed(np.array(names)[inner])}); add instruments, or drop products and squares of the endogenous variables"
        )
    columns = design.columns(design.means)
    first = solve(outer.columns(outer.means), sample.response, [str(term) for term in outer.terms[1:]])
    refuse_explained(columns[:, inner[1:]], first.basis, list(np.array(names)[inner]))
    _refuse_copies(first.basis, columns, names[1:], inner[1:])
    second = _second_stage(first.basis, columns, sample.response, names[1:])
    ordinary = problem.ordinary
    middle, factor = estimator_of(str(problem.model.covariance)).meat(second, sample.clusters, rows=sample.rows)
    back = recentring(design.terms, design.means, design.centers) @ second.back
    covariance = replace(ordinary.covariance, matrix=locked(sandwich(back, middle)), factor=factor)
    surface = replace(
        ordinary.polynomial, estimate=locked(second.estimate), matrix=locked(sandwich(second.back, middle)), covariance=covariance
    )
    return InstrumentedFit(
        model=problem.model,
        design=design,
        ordinary=ordinary,
        endogenous=tuple(np.array(names)[inner]),
        instruments=tuple(added),
        estimate=locked(back @ second.coordinates),
        residuals=locked(second.residuals),
        covariance=covariance,
        polynomial=surface,
        diagnostics=diagnose(problem, outer, first, second),
    )


def _second_stage(basis: Vector, columns: Vector, response: Vector, names: Sequence[str]) -> Solution:
    """Least squares on the projected columns, with residuals and leverages from the observed ones."""
    n = len(response)
    projected = basis[:, 1:] @ (basis[:, 1:].T @ (columns - columns.mean(axis=0)))
    solved = solve(projected + columns.mean(axis=0), response, names)
    observed = np.column_stack([np.ones(n), columns]) @ solved.back
    residuals = response - observed @ solved.coordinates
    return replace(solved, residuals=residuals, leverage=np.sum(observed * solved.basis, axis=1))


def _refuse_copies(basis: Vector, columns: Vector, names: Sequence[str], inner: NDArray[np.bool_]) -> None:
    """Refuse an endogenous term whose projection on the instruments is a copy of other terms, exogenous ones first."""
    order = np.argsort(inner, kind="stable")
    around = (columns - columns.mean(axis=0))[:, order]
    R = np.linalg.qr(basis @ (basis.T @ around) / np.linalg.norm(around, axis=0), mode="r")
    for j in order[np.abs(np.diag(R)) <= _SAME][:1]:
        raise ModelError(
            f"the instruments do not separate {names[j]} from the other terms, so the model is not identified; add one correlated with it"
        )
