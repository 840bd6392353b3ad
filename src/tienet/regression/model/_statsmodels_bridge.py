"""Fits as statsmodels results, with the fit's own covariance and degrees of freedom.

The module is private so that listing the names of this folder does not import statsmodels.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, Protocol

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.base.model import LikelihoodModel, LikelihoodModelResults, LikelihoodResultsWrapper
from statsmodels.iolib.summary import Summary
from statsmodels.regression._prediction import PredictionResults
from statsmodels.regression.linear_model import OLSResults, RegressionResults, RegressionResultsWrapper
from statsmodels.stats.contrast import ContrastResults

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import collect, open_frame
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.least_squares import Solution, sandwich
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.new_data import read_new_data
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.core.wald import wald_f
from tienet.regression.model.predictions import expected


class Estimated(Protocol):
    """What a fit must have to become statsmodels results."""

    @property
    def estimate(self) -> Vector:
        """(k,) coefficients under the chosen centring."""
        ...

    @property
    def covariance(self) -> Covariance:
        """Covariance of the coefficients."""
        ...

    @property
    def polynomial(self) -> Polynomial:
        """The surface centred at the means."""
        ...


class LeastSquares(Estimated, Protocol):
    """The same for least squares."""

    @property
    def sample(self) -> ModelFrame:
        """The rows used."""
        ...

    @property
    def design(self) -> Design:
        """Terms and variables."""
        ...

    @property
    def solution(self) -> Solution:
        """The fit centred at the means."""
        ...

    @property
    def sigma(self) -> float:
        """Residual standard deviation."""
        ...


class FitResults(LikelihoodModelResults):  # type: ignore[misc]
    """Statsmodels results with the covariance and the degrees of freedom of a fit.

    `t_test`, `f_test`, `wald_test`, `conf_int`, `pvalues`, `predict` and `get_prediction` use both. If degrees of freedom differ between
    combinations of coefficients, each row of a `t_test` and each prediction has its own, and an `f_test` is the joint test of the fit.
    """

    _surface: Polynomial
    _design: Design
    _move: Vector

    def carry(self, fit: Estimated, design: Design, clusters: Any) -> None:
        """Set the covariance and the degrees of freedom to those of the fit."""
        covariance = fit.covariance
        self.use_t = True
        self._surface, self._design = fit.polynomial, design
        self._move = recentring(design.terms, design.means, design.centers)
        dfs = self._surface.df_of(self._move)
        carry_covariance(self, covariance, clusters)
        self.df_resid_inference = float(dfs[0]) if np.ptp(dfs) == 0 else dfs

    def t_test(self, r_matrix: Any, cov_p: Any = None, use_t: bool | None = None) -> Any:
        """T test of each combination, with its own degrees of freedom if the covariance has them."""
        asked = self
        if self._surface.own_degrees is not None:
            asked = copy(self)
            asked.df_resid_inference = self._surface.df_of(self._constraints(r_matrix)[0] @ self._move)
        return LikelihoodModelResults.t_test(asked, r_matrix, cov_p=cov_p, use_t=use_t)

    def wald_test(
        self,
        r_matrix: Any,
        cov_p: Any = None,
        invcov: Any = None,
        use_f: bool | None = None,
        df_constraints: int | None = None,
        scalar: bool = True,
    ) -> Any:
        """Joint test of the combinations, as in the fit; with another covariance or as chi-square, the test of statsmodels."""
        if use_f is False or any(given is not None for given in (cov_p, invcov, df_constraints)):
            return super().wald_test(r_matrix, cov_p, invcov, use_f, df_constraints, scalar)
        rows, values = self._constraints(r_matrix)
        if np.linalg.matrix_rank(rows) < len(rows):
            raise ModelError("the constraints are not linearly independent; leave out those that follow from the others")
        degrees, matrix = self._surface.degrees.along(rows @ self._move), rows @ self.cov_params_default @ rows.T
        f, df1, df2 = wald_f(rows @ np.asarray(self.params) - values, matrix, degrees)
        return ContrastResults(F=f if scalar else np.array([[f]]), df_denom=df2, df_num=df1)

    def predict(self, exog: Any = None, transform: bool = True, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - statsmodels' own
        """Expected outcomes for the rows used, for new data with the variables of the formula, or for rows of the design."""
        rows, index = self._rows(exog)
        mean = expected(self._surface, rows)[0]
        return mean if index is None or exog is None else pd.Series(mean, index=index)

    def get_prediction(
        self,
        exog: Any = None,
        transform: bool = True,  # noqa: ARG002 - statsmodels' own
        weights: Any = None,
        row_labels: Any = None,
        pred_kwds: Any = None,  # noqa: ARG002 - statsmodels' own
    ) -> Any:
        """Expected outcomes with standard errors and intervals, for the same input as `predict`."""
        rows, index = self._rows(exog)
        mean, std_error, df = expected(self._surface, rows)
        if exog is None and weights is None:
            weights = getattr(self.model, "weights", None)
        spread = self.scale if weights is None else self.scale / np.asarray(weights)
        return PredictionResults(mean, std_error**2, spread, df=df, dist="t", row_labels=index if row_labels is None else row_labels)

    def _constraints(self, r_matrix: Any) -> tuple[Vector, Vector]:
        """(q, k) combinations and the (q,) values they are tested against, parsed as in statsmodels."""
        from patsy import DesignInfo  # type: ignore[import-untyped]  # a dependency of statsmodels, which parses constraints with it

        read = DesignInfo(self.model.data.cov_names).linear_constraint(r_matrix)
        return np.asarray(read.coefs, dtype=float), np.asarray(read.constants, dtype=float).ravel()

    def _rows(self, exog: Any) -> tuple[Vector, Any]:
        """Rows of the design centred at the means, and their labels if they have any."""
        names = self.model.exog_names
        if exog is None:
            return _with_constant(self._design.columns(self._design.means)), self.model.data.row_labels
        if not (isinstance(exog, Mapping) or hasattr(exog, "columns")):
            return self._by_position(np.atleast_2d(np.asarray(exog, dtype=float))), None
        table = open_frame(exog, where="the new data", paths=False)
        if set(names) <= set(table.collect_schema().names()):
            return self._by_position(np.asarray(collect(table.select(names)).to_numpy(), dtype=float)), getattr(exog, "index", None)
        new = read_new_data(exog, self._surface)
        return new.rows, new.index

    def _by_position(self, columns: Vector) -> Vector:
        if columns.shape[-1] != len(self._move):
            raise ArgumentError(
                f"an array of new data must have the {len(self._move)} columns of the design, in the order of the coefficients; got "
                f"{columns.shape[-1]}; or pass a table with the variables of the formula"
            )
        return columns @ self._move


class LeastSquaresResults(FitResults, RegressionResults):  # type: ignore[misc]
    """The same for least squares, with everything that statsmodels offers for a regression."""

    @property
    def fvalue(self) -> float:
        """F of the test that every coefficient except the intercept is zero."""
        return float(self.f_test(np.eye(len(self.params))[1:]).fvalue)

    @property
    def f_pvalue(self) -> float:
        """The p-value of `fvalue`."""
        return float(self.f_test(np.eye(len(self.params))[1:]).pvalue)

    def get_robustcov_results(self, cov_type: str = "HC1", use_t: bool | None = None, **kwargs: Any) -> Any:
        """The same coefficients with a robust covariance computed by statsmodels."""
        kind = OLSResults if isinstance(self, OLSResults) else RegressionResults
        plain = kind(self.model, self.params, self.normalized_cov_params, self.scale)
        return plain.get_robustcov_results(cov_type, use_t=use_t, **kwargs)


class OrdinaryResults(LeastSquaresResults, OLSResults):  # type: ignore[misc]
    """The same without weights, with influence and outlier tests, which statsmodels offers only for these."""


class OtherResults(FitResults):
    """Results for other fits: the coefficients and what follows from them."""

    method: str

    def summary(self, yname: str | None = None, xname: Any = None, title: str | None = None, alpha: float = 0.05) -> Any:
        """Table of the coefficients, with the method and the kind of covariance."""
        left = [("Dep. Variable:", None), ("Method:", [self.method]), ("No. Observations:", [str(len(self.model.endog))])]
        right = [("Covariance Type:", [self.cov_type])]
        made = Summary()
        made.add_table_2cols(self, gleft=left, gright=right, yname=yname, xname=xname, title=title or "Regression Results")
        made.add_table_params(self, yname=yname, xname=xname, alpha=alpha, use_t=self.use_t)
        made.add_extra_txt([self.cov_kwds["description"]])
        return made


def carry_covariance(results: Any, covariance: Covariance, clusters: Any) -> None:
    """Set the covariance of results of statsmodels, its kind and its clusters."""
    results.cov_type = "nonrobust" if covariance.kind == "classical" else covariance.kind
    results.cov_kwds = {"description": f"{covariance} (from tienet)"}
    results.cov_params_default = covariance.matrix
    if covariance.clusters is not None:
        results.cov_kwds["groups"] = clusters
        results.n_groups = covariance.clusters


def least_squares_results(fit: LeastSquares) -> Any:
    """Results for least squares; coefficients are named by term and rows by their position in the data."""
    sample, design, solution = fit.sample, fit.design, fit.solution
    y, X = data_of(sample, design, fit.polynomial.outcome)
    model = sm.OLS(y, X) if sample.weights is None else sm.WLS(y, X, weights=sample.weights)
    back = recentring(design.terms, design.means, design.centers) @ solution.back
    # Statsmodels would compute these by a pseudo-inverse, which loses precision for columns far from zero.
    model.pinv_wexog, model.rank = back @ solution.basis.T, X.shape[1]
    model.df_model, model.df_resid = float(X.shape[1] - 1), float(solution.df)
    kind = OrdinaryResults if sample.weights is None else LeastSquaresResults
    results = kind(model, np.array(fit.estimate), sandwich(back, np.eye(len(back))), fit.sigma**2)
    results.carry(fit, design, sample.clusters)
    return RegressionResultsWrapper(results)


def other_results(fit: Estimated, design: Design, sample: ModelFrame, method: str, scale: float) -> Any:
    """Results for any other fit with coefficients of a design and one covariance.

    Parameters
    ----------
    fit, design, sample
        The fit, its terms and its rows.
    method
        The name of the method in the summary.
    scale
        Variance of one observation around its expected outcome; NaN if unknown.
    """
    model = LikelihoodModel(*data_of(sample, design, fit.polynomial.outcome))
    results = OtherResults(model, np.array(fit.estimate), scale=scale)
    results.method = method
    results.df_resid = float(sample.n - len(fit.estimate))
    results.carry(fit, design, sample.clusters)
    return LikelihoodResultsWrapper(results)


def data_of(sample: ModelFrame, design: Design, outcome: str) -> tuple[Any, Any]:
    """The outcome and the columns of the design, as statsmodels takes them."""
    columns = _with_constant(design.columns(design.centers))
    y = pd.Series(sample.response, index=sample.rows, name=outcome)
    return y, pd.DataFrame(columns, index=sample.rows, columns=[str(term) for term in design.terms])


def _with_constant(columns: Vector) -> Vector:
    return np.column_stack([np.ones(len(columns)), columns])
