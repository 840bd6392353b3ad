"""The fit of a model for an outcome that is not measured on a line: coefficients on the scale of the link, and the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, findings, number
from tienet.base.record import locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design, build_design
from tienet.regression.core.formula import Formula
from tienet.regression.core.least_squares import sandwich, solve
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Polynomial, Variable, recentring
from tienet.regression.families.errors import errors_of, estimator_for
from tienet.regression.families.family import Family, Maximum
from tienet.regression.families.separation import separating, standardised
from tienet.regression.model.cluster_counts import count_clusters
from tienet.regression.model.fitted import Fitted
from tienet.regression.model.predictions import predict_response
from tienet.regression.model.specification import Specification

__all__ = ["GeneralisedFit"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GeneralisedFit(Fitted):
    r"""An estimated model :math:`E(y) = g(\eta)`, :math:`\eta = x'b`, of a yes-or-no outcome, a count or a positive amount.

    Coefficients, slopes and products are on the scale of the link: log odds for a logit, logs for counts.

    Parameters
    ----------
    model
        The specification.
    formula
        The formula, parsed and expanded.
    family
        Link, words and estimation.
    sample
        The rows used.
    design
        Terms and variables.
    maximum
        The maximum of the likelihood.
    estimate
        (k,) coefficients under the chosen centring, the intercept first.
    covariance
        Covariance of the coefficients.
    polynomial
        The same surface centred at the means, for probes and figures.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"won": [0, 0, 1, 0, 1, 1, 0, 1], "ties": [1, 2, 3, 4, 5, 6, 7, 8]}
    >>> print(Moderation("won ~ ties", family="logit").fit(data))  # doctest: +NORMALIZE_WHITESPACE
    won in 8 observations, logistic regression on the log-odds scale: log likelihood -4.831 (-5.545 without predictors), model-based
    standard errors, normal distribution. No term differs from zero at p < .05.
    """

    model: Specification
    formula: Formula
    family: Family
    sample: ModelFrame
    design: Design
    maximum: Maximum
    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial

    def _works(self) -> tuple[str, ...]:
        return ("aiken_west_1991", *self.family.works, *self.covariance._works())

    def _columns(self) -> Columns:
        return self._estimates(self.dfs)

    def __str__(self) -> str:
        cases = f"{self.outcome} in {counted(self.n, 'observation')}{self.sample.dropped_text}"
        likelihood = f"log likelihood {number(self.log_likelihood)} ({number(self.null_log_likelihood)} without predictors)"
        exposed = f", exposure {self.model.exposure}" if self.model.exposure else ""
        found = findings(self.terms, self.estimate, self._columns()["p_value"], self.alpha)
        scale = self.polynomial.response.link.scale
        return f"{cases}, {self.family.method} on the {scale}{exposed}: {likelihood}, {self.covariance}. {found}."

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The variables in the estimation sample, by name; dummies have names like ``region[north]``."""
        return self.design.variables

    @property
    def n_dropped(self) -> int:
        """Number of rows dropped for missing values."""
        return self.sample.n_dropped

    @property
    def dropped(self) -> Mapping[str, int]:
        """Number of missing values by column (a row may have several)."""
        return self.sample.dropped

    @property
    def dfs(self) -> Vector:
        """(k,) degrees of freedom of the t of each coefficient; infinite for the normal distribution."""
        return np.full(len(self.estimate), self.covariance.df)

    @property
    def fitted(self) -> Vector:
        """(n,) expected outcomes, on the scale of the outcome."""
        return self.maximum.mean

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at its maximum."""
        return self.maximum.log_likelihood

    @property
    def null_log_likelihood(self) -> float:
        """Log-likelihood with an intercept alone (and the same exposure)."""
        return self.family.null(self.sample.response, self.polynomial.response.offset).log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's criterion, -2 log L + 2 p."""
        return -2 * self.log_likelihood + 2 * self.maximum.parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, -2 log L + p log n."""
        return float(-2 * self.log_likelihood + self.maximum.parameters * np.log(self.n))

    @property
    def mcfadden(self) -> float:
        """McFadden's 1 - log L / log L with an intercept alone. It is no share of explained variance."""
        return 1 - self.log_likelihood / self.null_log_likelihood

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:
        r"""Expected outcomes for new data, on the outcome's own scale.

        .. math:: \hat\mu = g(x'b), \qquad g(x'b \pm t\,\text{SE}), \qquad \text{SE} = \sqrt{x'Vx}

        Parameters
        ----------
        new_data
            As for `Fitted.predict`; with an exposure, also its column (1 in every row gives a rate).
        alpha
            Level of the intervals; by default the model's.

        Returns
        -------
        frame
            One row for each row of the new data: `estimate`, a probability or an expected count or amount; `std_error`, by the delta
            method; `df`; `conf_low` and `conf_high`, the interval of the link through g, which stays within the possible values; `link`
            and `link_std_error`, the same on the scale of the link. Rows with a missing value are NaN.

        Raises
        ------
        DataError, ModelError
            As in `Fitted.predict`.
        """
        return predict_response(self.polynomial, new_data, alpha, self.model.exposure)


def maximise(model: Specification, formula: Formula, family: Family, sample: ModelFrame) -> GeneralisedFit:
    """Fit a specification with a family to a model frame."""
    design = build_design(sample, formula, model.center)
    if np.ptp(sample.response) == 0:
        raise ModelError(f"{formula.outcome} has the same value in all {sample.n} rows used; there is nothing to explain")
    names = [str(term) for term in design.terms[1:]]
    columns = design.columns(design.means)
    # Columns with unit mean square: the likelihood is found on them whatever the units of the variables.
    solved = solve(columns, sample.response, names)
    size = sample.n**0.5
    back = solved.back * size
    offset = None if sample.exposure is None else locked(np.log(sample.exposure))
    maximum = family.maximise(solved.basis * size, sample.response, offset)
    if maximum.doubted:
        _refuse_runaway(maximum, family, columns, sample, names, formula.outcome)
    errors = errors_of(maximum, family, str(model.covariance), sample.clusters)
    k = len(maximum.coefficients)
    move = recentring(design.terms, design.means, design.centers)
    centred, matrix = back @ maximum.coefficients, sandwich(back, errors.matrix[:k, :k])
    covariance = Covariance(
        kind=str(model.covariance),
        matrix=locked(sandwich(move, matrix)),
        df=errors.df,
        clusters=count_clusters(sample.clusters, model.cluster, sample.n, family.covariance),
        factor=errors.factor,
        terms=tuple(map(str, design.terms)),
        cluster=model.cluster,
        backend=sample.backend,
        estimator=estimator_for(family),
        names=model.names,
    )
    polynomial = Polynomial(
        terms=design.terms,
        centers=design.means,
        estimate=locked(centred),
        matrix=locked(matrix),
        variables=design.variables,
        outcome=formula.outcome,
        n=sample.n,
        df=errors.df,
        covariance=covariance,
        alpha=model.alpha,
        backend=sample.backend,
        response=family.response(formula.outcome, offset),
    )
    return GeneralisedFit(model, formula, family, sample, design, maximum, locked(move @ centred), covariance, polynomial)


def _refuse_runaway(maximum: Maximum, family: Family, columns: Vector, sample: ModelFrame, names: list[str], outcome: str) -> None:
    """Refuse a likelihood that has no maximum, and name the term along which it grows."""
    separated = separating(*family.receding(standardised(columns), sample.response), names) if family.receding else ""
    if separated:
        raise ModelError(
            f"{outcome} is separated by {separated}: some of its values tell the outcome without error, so the coefficient has no finite "
            "estimate; leave the term out, join its categories, or report the counts"
        )
    if not maximum.settled:
        raise ModelError(
            f"the likelihood of {outcome} has no maximum that could be found; leave out terms, or scale their columns differently"
        )
