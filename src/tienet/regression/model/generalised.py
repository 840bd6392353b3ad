"""The fit of a model for an outcome that is not measured on a line: coefficients on the scale of the link, and the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Columns
from tienet.base.numbers import counted, findings, number
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.formula import Formula, parse_term
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Polynomial
from tienet.regression.core.variables import bases_text
from tienet.regression.covariance.register import estimator_of
from tienet.regression.families.family import Family, Maximum
from tienet.regression.model.cautions import Caution, WithSample, without_void
from tienet.regression.model.fitted import Fitted, WithDesign
from tienet.regression.model.likelihood_steps import LikelihoodSteps, likelihood_steps
from tienet.regression.model.other_cautions import cautions_of_likelihood
from tienet.regression.model.predictions import predict_response
from tienet.regression.model.specification import Specification

__all__ = ["GeneralisedFit"]


_LIKELIHOOD = "see log_likelihood, aic and mcfadden"
_LEAST_SQUARES = {
    "r_squared": _LIKELIHOOD,
    "adj_r_squared": _LIKELIHOOD,
    "sigma": "the spread around the expected outcome follows from the family",
    "f_test": "joint_test tests several terms at once",
    "vif": "ask the same formula fitted by least squares, whose columns are the same",
    "residuals": "see fitted",
    "solution": "it is estimated by maximum likelihood",
}


class Own(NamedTuple):
    """A parameter of the family itself, such as the alpha of a negative binomial."""

    estimate: float
    std_error: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GeneralisedFit(WithDesign, Fitted):
    r"""An estimated model :math:`E(y) = g(\eta)`, :math:`\eta = x'b`, of a yes-or-no outcome, a count or a positive amount.

    Coefficients, slopes and products are on the scale of the link: log odds for a logit, logs for counts and amounts.

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
    own
        Parameters of the family itself: "alpha" of a negative binomial, whose variance is mean + alpha mean^2. Empty for most.
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
    won in 8 observations, logistic regression on the log-odds scale: log likelihood -4.735 (-5.545 without predictors), model-based
    standard errors, normal distribution. No term differs from zero at p < .05.
    """

    model: Specification
    formula: Formula
    family: Family
    sample: ModelFrame
    design: Design
    maximum: Maximum
    own: Mapping[str, Own]
    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial

    def __getattr__(self, name: str) -> Any:
        if name in _LEAST_SQUARES:
            raise AttributeError(f"a fit with family={self.family.name!r} has no {name}; {_LEAST_SQUARES[name]}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _works(self) -> tuple[str, ...]:
        kind = self.covariance.kind
        robust = () if kind == "classical" else estimator_of(kind).works
        return ("aiken_west_1991", *self.family.works, *robust, *self.covariance._works())

    def _columns(self) -> Columns:
        return self._estimates(self.dfs)

    def __str__(self) -> str:
        said = self.covariance.names.spoken
        cases = f"{said(self.outcome)} in {counted(self.n, 'observation')}{self.sample.dropped_text(said)}"
        likelihood = f"log likelihood {number(self.log_likelihood)} ({number(self.null_log_likelihood)} without predictors)"
        exposed = f", exposure {self.model.exposure}" if self.model.exposure else ""
        own = "".join(f", {name} {number(one.estimate)} (SE {number(one.std_error)})" for name, one in self.own.items())
        spread = f", dispersion {number(self.dispersion)}" if self.family.dispersion or self.family.equidispersed else ""
        scale = f" on the {self.polynomial.response.link.scale}{exposed}"
        found = f"{self._findings()}.{bases_text(self.variables, said)}"
        return f"{cases}, {self.family.method}{scale}: {likelihood}{own}{spread}, {self.covariance}. {found}"

    def _findings(self) -> str:
        said = self.covariance.names.spoken
        p, none = without_void(self._cautions(), self.terms, self._columns()["p_value"], said)
        return findings(self.terms, self.estimate, p, self.alpha, said) + none

    @property
    def cautions(self) -> tuple[str, ...]:
        """What limits the standard errors and tests: few clusters, and terms that rest on few of them."""
        return tuple(caution.text for caution in self._cautions())

    def _cautions(self) -> tuple[Caution, ...]:
        return cautions_of_likelihood(cast(WithSample, self))

    @property
    def dfs(self) -> Vector:
        """(k,) degrees of freedom of the t of each coefficient; infinite for the normal distribution."""
        return np.full(len(self.estimate), float(self.covariance.df))

    @property
    def fitted(self) -> Vector:
        """(n,) expected outcomes, on the scale of the outcome."""
        return self.maximum.mean

    @property
    def dispersion(self) -> float:
        """Pearson's sum of squares divided by n - k, of a Poisson and a gamma regression; 1 for the other families.

        Well above 1, counts vary more than a Poisson: its model-based standard errors are then too small by the root of it.
        """
        if not self.family.equidispersed:
            return self.maximum.dispersion
        squares = np.square(self.sample.response - self.fitted) / self.fitted
        return float(squares.sum() / (self.n - len(self.estimate)))

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at its maximum. For a gamma regression it takes the deviance divided by n as the dispersion, as in R."""
        return self.maximum.log_likelihood

    @property
    def null_log_likelihood(self) -> float:
        """Log-likelihood with an intercept alone (and the same exposure)."""
        return self.family.null(self.sample.response, self.polynomial.response.offset).log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's criterion, -2 log L + 2 p; p counts coefficients, thresholds, alpha and the dispersion of a gamma regression."""
        return -2 * self.log_likelihood + 2 * self.maximum.parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, -2 log L + p log n."""
        return float(-2 * self.log_likelihood + self.maximum.parameters * np.log(self.n))

    @property
    def mcfadden(self) -> float:
        """McFadden's 1 - log L / log L with an intercept alone. It is not a share of explained variance."""
        return 1 - self.log_likelihood / self.null_log_likelihood

    @property
    def steps(self) -> LikelihoodSteps:
        """Hierarchical regression on this sample: the model's own steps, or controls, main, quadratic and interactions if not empty."""
        given = self.model.steps
        parsed = None if given is None else {name: tuple(map(parse_term, terms)) for name, terms in given.items()}
        return likelihood_steps(self.design, self.sample, self.family, self.covariance, self.polynomial.response.offset, parsed)

    @property
    def statsmodels(self) -> Any:
        """Statsmodels results of a generalised linear model for this fit; see `Fitted.statsmodels`.

        `predict` there gives expected outcomes on their own scale. Its log-likelihood of a gamma regression takes another dispersion, and
        its AIC of a negative binomial does not count alpha.
        """
        from tienet.regression.model._statsmodels_generalised import generalised_results

        return generalised_results(self)

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
