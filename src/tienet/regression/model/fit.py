"""The fit of a moderated regression: coefficients, their covariance, and the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import Columns
from tienet.base.naming import Names
from tienet.base.numbers import counted, findings, number, p_text, statistic_text
from tienet.base.record import Fixed, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design, build_design
from tienet.regression.core.formula import Formula, parse_term
from tienet.regression.core.least_squares import Solution, flat_text, project, sandwich, solve
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.core.variables import bases_text
from tienet.regression.core.wald import says_nothing
from tienet.regression.covariance.register import estimator_of
from tienet.regression.covariance.sandwich import sandwich_of
from tienet.regression.model.cautions import Caution, general_cautions, without_void
from tienet.regression.model.cluster_counts import count_clusters
from tienet.regression.model.clusters import cluster_cautions
from tienet.regression.model.fitted import Fitted, WithDesign
from tienet.regression.model.held_terms import held_cautions
from tienet.regression.model.specification import Specification
from tienet.regression.model.steps import FTest, Steps, criteria, overall, stepwise
from tienet.regression.model.variance_inflation import Vif, inflation

__all__ = ["ModerationFit"]


_COARSE = 64 * float(np.finfo(float).eps)  # a spread that is smaller, relative to the values, has less than two digits


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ModerationFit(WithDesign, Fitted):
    """An estimated moderated regression.

    Parameters
    ----------
    model
        The specification.
    formula
        The formula, parsed and expanded.
    sample
        The model frame: the rows used, kept for refits.
    design
        Terms and variables.
    solution
        The least-squares fit, centred at the means.
    estimate
        (k,) coefficients under the chosen centring, the intercept first.
    covariance
        Covariance of the coefficients.
    polynomial
        The same surface centred at the means. Probes use it, so that centring does not change their results.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 2.1, 2.9, 4.2, 4.8, 6.1], "x": [1, 2, 3, 4, 5, 6]}
    >>> print(Moderation("y ~ x", covariance="classical").fit(data))  # doctest: +NORMALIZE_WHITESPACE
    y in 6 observations: R2 = 0.994 (adjusted 0.992), F(1, 4) = 643.32, p < .001, classical standard errors, df = 4.
    Significant at p < .05: x (b = 0.997).
    """

    model: Specification
    formula: Formula
    sample: ModelFrame
    design: Design
    solution: Solution
    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial

    def _works(self) -> tuple[str, ...]:
        return (
            "aiken_west_1991",
            *(("friedrich_1982", "jones_waller_2015") if self.sample.standardised else ()),
            *self.covariance._works(),
        )

    def _columns(self) -> Columns:
        return self._estimates(self.dfs)

    def __str__(self) -> str:
        r2 = f"R2 = {number(self.r_squared)} (adjusted {number(self.adj_r_squared)})"
        test = self.f_test
        empty = np.isnan(test.f) or says_nothing(test.df1, self.covariance)
        whole = "" if empty else f", {statistic_text('F', test.f, test.df1, test.df2)}, {p_text(test.p_value)}"
        exact = " (the model reproduces the outcome without residuals, so nothing can be tested)" if self.solution.exact else ""
        said = self.covariance.names.spoken
        weighted = f", weighted by {said(self.model.weights)}" if self.model.weights else ""
        known = "; their standard deviations count as known, so the errors are too large for strong relations"
        scale = f" (outcome and numbers as z-scores{known})" if self.sample.standardised else ""
        cases = f"{said(self.outcome)}{scale} in {counted(self.n, 'observation')}{self.sample.dropped_text(said)}{weighted}"
        found = "" if exact else f" {self._found()}."
        return f"{cases}: {r2}{whole}{exact}, {self.covariance}.{found}{bases_text(self.variables, said)}"

    def _found(self) -> str:
        """The significant terms, without those whose p-value means nothing, which are named by themselves."""
        said = self.covariance.names.spoken
        p, none = without_void(cautions_of(self), self.terms, self._columns()["p_value"], said)
        return findings(self.terms, self.estimate, p, self.alpha, said) + none

    @property
    def dfs(self) -> Vector:
        """(k,) degrees of freedom of the t of each coefficient."""
        return self.polynomial.df_of(recentring(self.design.terms, self.design.means, self.design.centers))

    @property
    def residuals(self) -> Vector:
        """(n,) outcome minus fitted value, on the outcome's own scale even if the fit is weighted."""
        weights = self.sample.weights
        return self.solution.residuals if weights is None else np.asarray(self.solution.residuals / np.sqrt(weights))

    @property
    def fitted(self) -> Vector:
        """(n,) fitted values."""
        return np.asarray(self.sample.response - self.residuals)

    @property
    def sigma(self) -> float:
        """Residual standard deviation, with n - k degrees of freedom; with weights, that of an observation with weight 1."""
        return float((self.solution.residuals @ self.solution.residuals / self.solution.df) ** 0.5)

    @property
    def r_squared(self) -> float:
        """1 - RSS / TSS; both sums are weighted if the fit is."""
        explained = float(self.solution.coordinates[1:] @ self.solution.coordinates[1:])
        return explained / (explained + float(self.solution.residuals @ self.solution.residuals))

    @property
    def adj_r_squared(self) -> float:
        """1 - (1 - R2) (n - 1) / (n - k)."""
        return 1 - (1 - self.r_squared) * (self.n - 1) / self.solution.df

    @property
    def aic(self) -> float:
        """Akaike's criterion, with the residual variance counted as a parameter, as in R."""
        return criteria(self.solution, self.sample.weights)[0]

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the residual variance counted as a parameter, as in R."""
        return criteria(self.solution, self.sample.weights)[1]

    @property
    def back(self) -> Vector:
        """(k, k) map from the coordinates of the solution to the coefficients."""
        return np.asarray(recentring(self.design.terms, self.design.means, self.design.centers) @ self.solution.back)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What limits the standard errors and tests of this fit, a sentence each; `Moderation.fit` gave them as warnings."""
        return tuple(caution.text for caution in cautions_of(self))

    @property
    def f_test(self) -> FTest:
        """F test that every coefficient except the intercept is zero, under this fit's covariance."""
        return overall(self.solution, sandwich_of(self.covariance), self.sample)

    @property
    def steps(self) -> Steps:
        """Hierarchical regression on this sample: the model's own steps, or controls, main, quadratic and interactions if not empty."""
        given = self.model.steps
        parsed = None if given is None else {name: tuple(map(parse_term, terms)) for name, terms in given.items()}
        found = stepwise(self.design, self.sample, self.covariance, parsed)
        return replace(found, cautions=self.cautions)

    @property
    def vif(self) -> Vif:
        """Variance inflation, centred and raw."""
        return replace(inflation(self.design, self.sample), called=self.covariance.names)

    @property
    def statsmodels(self) -> Any:
        """Statsmodels regression results for this fit; see `Fitted.statsmodels`."""
        from tienet.regression.model._statsmodels_bridge import least_squares_results

        return least_squares_results(self)

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:
        """Predicted outcomes for new data; see `Fitted.predict`.

        Raises
        ------
        ModelError
            For a standardised fit, since new data are in their original units.
        """
        if self.sample.standardised:
            raise ModelError("this fit uses z-scores, but new data are in their original units; predict with the fit before standardising")
        return Fitted.predict(self, new_data, alpha=alpha)

    def _case_sd(self) -> float:
        return self.sigma


def estimate(model: Specification, formula: Formula, sample: ModelFrame, like: ModerationFit | None = None) -> ModerationFit:
    """Fit a specification to a model frame.

    Parameters
    ----------
    model, formula, sample
        The model and the rows.
    like
        A fit of the same terms to the same rows with another outcome, whose factorisation is reused.
    """
    if model.absorbed:
        raise ArgumentError("absorb is offered for the fit of a Moderation only, and not here; leave absorb out of this model")
    design = build_design(sample, formula, model.center) if like is None else like.design
    if like is None:
        _refuse_rounded(design)
        names = [str(term) for term in design.terms[1:]]
        solution = solve(design.columns(design.means), sample.response, names, sample.weights)
    else:
        solution = replace(project(like.solution.basis, like.solution.back, sample.response), names=like.solution.names)
    if np.ptp(sample.response) == 0:
        large = abs(sample.response[0]) >= 2.0**53
        raise ModelError(
            flat_text(formula.outcome, sample.response)
            if large
            else f"{formula.outcome} has the same value in all {sample.n} rows used; there is nothing to explain"
        )
    clusters = count_clusters(sample.clusters, model.cluster, sample.n)
    kind = estimator_of(str(model.covariance))
    found = kind.estimated(solution, sample.clusters, rows=sample.rows)
    move = recentring(design.terms, design.means, design.centers)
    back = move @ solution.back
    terms = tuple(map(str, design.terms))
    matrix = locked(sandwich(back, found.meat))
    df = float(found.own.of(move).min()) if found.own else found.df
    named = model.names | Names(units=_deviations(design, formula.outcome)) if sample.standardised else model.names
    covariance = Covariance(kind.name, matrix, df, clusters, found.factor, terms, model.cluster, sample.backend, kind, named)
    polynomial = Polynomial(
        terms=design.terms,
        centers=design.means,
        estimate=locked(solution.estimate),
        matrix=locked(sandwich(solution.back, found.meat)),
        variables=design.variables,
        outcome=formula.outcome,
        n=sample.n,
        df=df,
        covariance=covariance,
        alpha=model.alpha,
        backend=sample.backend,
        own_degrees=found.own,
    )
    return ModerationFit(model, formula, sample, design, solution, locked(back @ solution.coordinates), covariance, polynomial)


def _refuse_rounded(design: Design) -> None:
    """Refuse variables whose values differ by hardly more than the rounding of a float, which whole numbers near 2^60 do."""
    for name, variable in design.variables.items():
        size = max(abs(variable.low), abs(variable.high))
        if variable.sd <= _COARSE * size and (variable.sd > 0 or size >= 2.0**53):
            raise ModelError(flat_text(name, variable.values))


def cautions_of(fit: ModerationFit) -> tuple[Caution, ...]:
    """What limits the standard errors and tests of a fit, with the classes of the warnings and the terms concerned."""
    return (*general_cautions(fit), *cluster_cautions(fit), *held_cautions(fit))


def renamed(fit: ModerationFit, names: Names) -> ModerationFit:
    """The same fit with other names of its columns, which all results made from it use."""
    covariance = replace(fit.covariance, names=names)
    model = replace(fit.model, labels=names.labels, units=names.units)
    return replace(fit, model=model, covariance=covariance, polynomial=replace(fit.polynomial, covariance=covariance))


def _deviations(design: Design, outcome: str) -> Mapping[str, str]:
    """The unit of what a standardised fit has as z-scores."""
    scored = [name for name, one in design.variables.items() if not one.factor and abs(one.mean) < 1e-9 and abs(one.sd - 1) < 1e-9]
    return Fixed(dict.fromkeys([outcome, *scored], "SD"))


def least_squares_fit(fit: object, what: str) -> ModerationFit:
    """The fit itself, if it is the least-squares fit of a `Moderation` on data; otherwise an error."""
    if isinstance(fit, ModerationFit):
        return fit
    kind = type(fit).__name__
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    raise ArgumentError(f"{what} needs the fit of a Moderation on data (least squares); got {article} {kind}")


def equal_weights(fit: ModerationFit, what: str) -> ModerationFit:
    """The fit itself, if it is not weighted; otherwise an error."""
    if fit.sample.weights is not None:
        raise ModelError(
            f"{what} is defined only for equal weights, but the fit is weighted by {fit.model.weights}; fit the model without weights"
        )
    return fit
