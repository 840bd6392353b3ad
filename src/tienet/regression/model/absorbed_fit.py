"""The fit of a model from which person and month effects are taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, findings, listed, number, p_text, statistic_text
from tienet.base.record import Fixed
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.formula import Formula
from tienet.regression.core.least_squares import Solution, f_tail
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Polynomial, Variable, recentring
from tienet.regression.core.wald import wald_f
from tienet.regression.model.cautions import Caution, WithSample, without_void
from tienet.regression.model.fitted import Fitted
from tienet.regression.model.other_cautions import cautions_of_absorbed
from tienet.regression.model.specification import Specification
from tienet.regression.model.steps import FTest

__all__ = ["AbsorbedFit"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AbsorbedFit(Fitted):
    """A regression within groups: the levels of one or two columns are taken out of the outcome and of every finished term.

    It has no intercept and no level for any person or month. Probes and figures take it as any other fit; a level, as in
    `predict_surface`, is drawn up to the mean of the outcome, and its band is that of the difference from there.

    Parameters
    ----------
    model
        The specification, with the absorbed columns in `absorb`.
    formula
        The formula, parsed and expanded.
    sample
        The rows used, without those alone in a group.
    design
        Terms and variables, with the terms that were swallowed.
    solution
        The least-squares fit of what is left of the terms, centred at the means.
    estimate
        (k,) coefficients under the chosen centring.
    covariance
        Covariance of the coefficients.
    polynomial
        The same surface centred at the means.
    dfs
        (k,) degrees of freedom of the t of each coefficient.
    swallowed
        Terms without variation left within the groups: they have no coefficient, their products do.
    deviations
        Columns that are deviations from the means of the first absorbed column; empty unless the model is `double_demeaned`.
    singletons
        Number of rows dropped because they were alone in a group.
    groups
        Number of groups of each absorbed column.
    effects_rank
        Number of coefficients that the absorbed effects stand for, the constant among them.
    """

    model: Specification
    formula: Formula
    sample: ModelFrame
    design: Design
    solution: Solution
    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial
    dfs: Vector
    swallowed: tuple[str, ...]
    deviations: tuple[str, ...]
    singletons: int
    groups: tuple[int, ...]
    effects_rank: int

    def _works(self) -> tuple[str, ...]:
        double = ("giesselmann_schmidt_catran_2022",) if self.deviations else ()
        return ("aiken_west_1991", *double, *self.covariance._works())

    def _columns(self) -> Columns:
        return self._estimates(self.dfs)

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The variables in the estimation sample, by name; of `deviations`, the deviations."""
        return self.polynomial.variables

    @property
    def absorbed(self) -> tuple[str, ...]:
        """The columns whose effects are taken out."""
        return self.model.absorbed

    @property
    def n_dropped(self) -> int:
        """Number of rows dropped, for missing values or because they were alone in a group."""
        return self.sample.n_dropped + self.singletons

    @property
    def dropped(self) -> Mapping[str, int]:
        """Number of missing values by column, and under "singletons" the rows alone in a group."""
        return Fixed({**self.sample.dropped, **({"singletons": self.singletons} if self.singletons else {})})

    @property
    def df_classical(self) -> int:
        """Rows less coefficients less the rank of the absorbed effects."""
        return self.n - len(self.terms) - self.effects_rank

    @property
    def within_r_squared(self) -> float:
        """Share of the outcome's variation within the groups, all absorbed effects taken out, that the terms explain."""
        explained = float(self.solution.coordinates @ self.solution.coordinates)
        return explained / (explained + float(self.solution.residuals @ self.solution.residuals))

    @property
    def cautions(self) -> tuple[str, ...]:
        """What limits the standard errors and tests: few clusters, and terms that rest on few of them."""
        return tuple(caution.text for caution in self._cautions())

    def _cautions(self) -> tuple[Caution, ...]:
        return cautions_of_absorbed(cast(WithSample, self), self._moves())

    @property
    def sigma(self) -> float:
        """Residual standard deviation, with n - k - the rank of the effects as degrees of freedom."""
        return float((self.solution.residuals @ self.solution.residuals / self.df_classical) ** 0.5)

    @property
    def residuals(self) -> Vector:
        """(n,) outcome less fitted value and effects, on the outcome's own scale."""
        weights = self.sample.weights
        return self.solution.residuals if weights is None else np.asarray(self.solution.residuals / np.sqrt(weights))

    @property
    def f_test(self) -> FTest:
        """Test that all coefficients are zero, under this fit's covariance."""
        f, df1, df2 = wald_f(self.estimate, self.covariance.matrix, self.polynomial.degrees.along(self._moves()))
        return FTest(f, df1, df2, f_tail(f, df1, df2))

    @property
    def statsmodels(self) -> Any:
        """Not offered: statsmodels has no results with absorbed effects."""
        raise ModelError("statsmodels has no results with absorbed effects; fit the formula with C(...) instead of absorb for them")

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:  # noqa: ARG002 - as in other fits
        """Not offered: the level of a new person or month is not known.

        Raises
        ------
        ModelError
            Always.
        """
        raise ModelError(
            f"the levels of {listed(self.absorbed)} are taken out, so an outcome cannot be predicted; predict_surface gives lines up to "
            "the mean of the outcome, simple_slopes the slopes"
        )

    def _moves(self) -> Vector:
        """(k, terms of the polynomial) rows that give the coefficients from those of the polynomial."""
        return moves(self.polynomial, self.design, self.terms)

    def __str__(self) -> str:
        test, said = self.f_test, self.covariance.names.spoken
        whole = "" if np.isnan(test.f) else f", {statistic_text('F', test.f, test.df1, test.df2)}, {p_text(test.p_value)}"
        weighted = f", weighted by {said(self.model.weights)}" if self.model.weights else ""
        out = listed(f"{said(name)} ({groups:,})" for name, groups in zip(self.absorbed, self.groups, strict=True))
        alone = (
            f" ({counted(self.singletons, 'row')} dropped, alone in {listed(map(said, self.absorbed), 'or')})" if self.singletons else ""
        )
        cases = f"{said(self.outcome)} in {counted(self.n, 'observation')}{self.sample.dropped_text(said)}{alone}{weighted}"
        p, none = without_void(self._cautions(), self.terms, self._columns()["p_value"], said)
        found = findings(("", *self.terms), np.r_[0.0, self.estimate], np.r_[1.0, p], self.alpha, said) + none
        return f"{cases}, {out} absorbed: within R2 = {number(self.within_r_squared)}{whole}, {self.covariance}. {found}.{self._notes()}"

    def _notes(self) -> str:
        """Terms that were swallowed, and what products are made of."""
        said = self.covariance.names.spoken
        unit, they = said(self.absorbed[0]), "it has" if len(self.swallowed) == 1 else "they have"
        text = f" No variation is left in {listed(map(said, self.swallowed))}, so {they} no coefficient." if self.swallowed else ""
        if self.deviations:
            text += f" Products are of deviations from the mean of each {unit}: {listed(map(said, self.deviations))}."
        elif self.model.double_demeaned:
            text += f" No product has two variables that change within {unit}, so the ordinary product is right and was used."
        return text


def moves(polynomial: Polynomial, design: Design, kept: tuple[str, ...]) -> Vector:
    """Rows that give the coefficients of the kept terms, in the chosen centring, from those of the polynomial.

    Raises
    ------
    ModelError
        If that depends on a term that was swallowed while its parts were not.
    """
    whole = recentring(polynomial.terms, polynomial.centers, {name: variable.center for name, variable in polynomial.variables.items()})
    names = [str(term) for term in design.terms]
    inside = np.array([name in kept for name in names])
    rows = whole[inside]
    for place in np.flatnonzero((rows != 0).any(axis=0) & ~inside):
        raise ModelError(
            f"{names[place]} has no variation left within the absorbed groups, though its parts have; drop it, or choose center='mean'"
        )
    return np.asarray(rows)
