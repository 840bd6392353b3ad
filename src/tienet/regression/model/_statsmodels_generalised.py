"""Fits with a family of outcomes as statsmodels results, with the fit's own covariance and degrees of freedom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import statsmodels.api as sm
from statsmodels.base.model import LikelihoodModel, LikelihoodResultsWrapper
from statsmodels.genmod.generalized_linear_model import GLMResults, GLMResultsWrapper

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import open_frame
from tienet.regression.core.design import Design
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.new_data import read_exposure, read_new_data
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.families.family import Family, Maximum
from tienet.regression.model._statsmodels_bridge import Estimated, OtherResults, carry_covariance, data_of
from tienet.regression.model.specification import Specification


class Generalised(Estimated, Protocol):
    """The same for a family of outcomes."""

    @property
    def model(self) -> Specification:
        """The specification."""
        ...

    @property
    def sample(self) -> ModelFrame:
        """The rows used."""
        ...

    @property
    def design(self) -> Design:
        """Terms and variables."""
        ...

    @property
    def family(self) -> Family:
        """The family."""
        ...

    @property
    def maximum(self) -> Maximum:
        """The maximum of the likelihood."""
        ...

    @property
    def fitted(self) -> Vector:
        """(n,) expected outcomes."""
        ...


class GeneralisedResults(GLMResults):  # type: ignore[misc]
    """Statsmodels' results of a generalised linear model with the covariance and the degrees of freedom of a fit."""

    _surface: Polynomial
    _to_printed: Vector
    _exposure: str | None

    def carry(self, fit: Generalised) -> None:
        """Set the covariance and the degrees of freedom to those of the fit."""
        carry_covariance(self, fit.covariance, fit.sample.clusters)
        self.use_t = bool(np.isfinite(fit.covariance.df))
        self.df_resid_inference = float(fit.covariance.df) if self.use_t else None
        self._surface, self._exposure = fit.polynomial, fit.model.exposure
        self._to_printed = recentring(fit.design.terms, fit.design.centers, fit.design.means)

    def predict(self, exog: Any = None, transform: bool = True, *args: Any, **kwargs: Any) -> Any:
        """Expected outcomes for the rows used, for new data with the variables of the formula, or for rows of the design."""
        rows, more = self._designed(exog)
        return super().predict(rows, transform, *args, **(more | kwargs))

    def get_prediction(self, exog: Any = None, **kwargs: Any) -> Any:
        """The same with standard errors and intervals."""
        rows, more = self._designed(exog)
        return super().get_prediction(rows, **(more | kwargs))

    def _designed(self, exog: Any) -> tuple[Any, dict[str, Any]]:
        """Rows of the design, in the order of the coefficients, and the offset of new data."""
        if not (isinstance(exog, Mapping) or hasattr(exog, "columns")):
            return exog, {}
        table = open_frame(exog, where="the new data", paths=False)
        if set(self.model.exog_names) <= set(table.collect_schema().names()):
            return exog, {}
        rows = read_new_data(exog, self._surface).rows @ self._to_printed
        return rows, {} if self._exposure is None else {"offset": read_exposure(exog, self._exposure)}


class OrdinalResults(OtherResults):
    """Results for ordered categories: coefficients without an intercept, and what follows from them."""

    def predict(self, exog: Any = None, transform: bool = True, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - statsmodels' own
        """Not defined: an ordinal outcome has a probability for each category."""
        raise ModelError("an ordinal outcome has a probability for each category; use fit.at_least(category).predict(new_data)")

    get_prediction = predict


def generalised_results(fit: Generalised) -> Any:
    """Results for a fit with a family; coefficients are named by term and rows by their position in the data."""
    sample, design, own = fit.sample, fit.design, fit.maximum.own
    y, X = data_of(sample, design, fit.polynomial.outcome)
    if fit.family.in_statsmodels is None:
        results = OrdinalResults(LikelihoodModel(y, X.iloc[:, 1:]), np.array(fit.estimate), scale=1.0)
        results.method, results.df_resid = fit.family.method, float(sample.n - fit.maximum.parameters)
        carry_covariance(results, fit.covariance, sample.clusters)
        results.use_t = bool(np.isfinite(fit.covariance.df))
        results.df_resid_inference = float(fit.covariance.df)
        results._surface, results._design, results._move = fit.polynomial, design, np.eye(len(fit.estimate))
        return LikelihoodResultsWrapper(results)
    model = sm.GLM(y, X, family=fit.family.in_statsmodels(own), offset=fit.polynomial.response.offset)
    model.scale = model.estimate_scale(fit.fitted) if fit.family.dispersion else 1.0
    model.mu = np.asarray(fit.fitted)
    results = GeneralisedResults(model, np.array(fit.estimate), np.asarray(fit.covariance.matrix) / model.scale, model.scale)
    results.method, results.converged = "IRLS", True
    results.fit_history = {"iteration": 0, "params": [], "deviance": []}
    results.carry(fit)
    return GLMResultsWrapper(results)
