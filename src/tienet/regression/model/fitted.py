"""The base class of all fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import Backend, Columns
from tienet.base.record import Record
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.least_squares import estimate_columns, lincom
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.model.predictions import predict_rows


class Fitted(Record):
    """The base class of all fits. Subclasses are frozen records with these three fields and others of their own.

    Parameters
    ----------
    estimate
        (k,) coefficients under the chosen centring.
    covariance
        Covariance of the coefficients, with their names.
    polynomial
        The surface centred at the means, for probes and figures.
    """

    __slots__ = ()

    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial

    @property
    def std_error(self) -> Vector:
        """(k,) standard errors."""
        return lincom(np.eye(len(self.estimate)), self.estimate, self.covariance.matrix)[1]

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the k coefficients."""
        return self.covariance.terms

    @property
    def outcome(self) -> str:
        """The name of the outcome."""
        return self.polynomial.outcome

    @property
    def alpha(self) -> float:
        """Level of the intervals."""
        return self.polynomial.alpha

    @property
    def n(self) -> int:
        """Number of rows used."""
        return self.polynomial.n

    @property
    def df(self) -> float:
        """Degrees of freedom of every t: n - k, or G - 1 with clusters; the smallest if they differ between coefficients."""
        return self.covariance.df

    @property
    def backend(self) -> Backend:
        """The kind of frame that the data were given in."""
        return self.polynomial.backend

    def _estimates(self, dfs: Vector) -> Columns:
        """The columns of a table of coefficients; `dfs` has the degrees of freedom of each t."""
        return {"term": np.array(self.terms, dtype=object), **estimate_columns(self.estimate, self.std_error, dfs, self.alpha)}

    @property
    def statsmodels(self) -> Any:
        """Statsmodels results for this fit, with the fit's own covariance and degrees of freedom.

        `summary`, `t_test`, `f_test`, `wald_test`, `conf_int`, `predict` and `get_prediction` give the numbers of this fit. Coefficients
        have the names in `terms`. Like `predict` of the fit, `predict` and `get_prediction` take new data with the variables of the
        formula.

        Raises
        ------
        ModelError
            For a fit with correction terms: its intervals are bootstrap percentiles, which statsmodels results cannot represent.

        Notes
        -----
        A least-squares fit has everything that statsmodels offers for a regression, including `get_influence` and `compare_f_test`. Other
        fits have their coefficients and what follows from them, without a likelihood.

        Examples
        --------
        >>> from tienet.regression.model import Moderation
        >>> data = {"y": [1.0, 2.1, 2.9, 4.2, 4.8, 6.1], "x": [1, 2, 3, 4, 5, 6], "team": [1, 1, 2, 2, 3, 3]}
        >>> fit = Moderation("y ~ x", covariance="HC4").fit(data)
        >>> bool(fit.statsmodels.pvalues["x"] == fit.frame["p_value"][1])
        True
        """
        from tienet.regression.model._statsmodels_bridge import other_results

        return other_results(self, *self._described(), self._case_sd() ** 2)

    def _described(self) -> tuple[Design, ModelFrame, str]:
        """Design, rows and the name of the method, for statsmodels results."""
        raise ModelError(
            f"a {type(self).__name__} has bootstrap percentile intervals, which statsmodels results cannot represent; "
            "use .frame, or .ordinary.statsmodels for least squares"
        )

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:
        r"""Predicted outcomes for new data.

        .. math:: \hat y = x'b, \qquad \text{SE} = \sqrt{x'Vx}, \qquad \hat y \pm t\,\text{SE}, \qquad \hat y \pm t \sqrt{\text{SE}^2 + s^2}

        Parameters
        ----------
        new_data
            Any frame that narwhals supports, or a mapping of columns, with the variables on the right of the formula in their original
            units. Other columns are ignored. Categories, products and squares are computed as in the fit, with the fit's own centring.
        alpha
            Level of the intervals; by default the model's.

        Returns
        -------
        frame
            One row for each row of the new data, in the same kind of frame (in pandas with their index): `estimate`, `std_error`, `df`;
            `conf_low` and `conf_high` for the mean outcome at these values; `prediction_low` and `prediction_high` for one new observation.
            Rows with a missing value are NaN.

        Raises
        ------
        DataError
            For a missing column, text instead of numbers, or a category that is not in the data of the fit.
        ModelError
            For infinite numbers and numbers too large to be squared.

        Warns
        -----
        OutsideSupport
            If a number is outside the range observed in the fit.

        Notes
        -----
        The standard error and its degrees of freedom use the fit's covariance. s is the residual standard deviation, the same for every
        observation and every kind of covariance; with weights it is that of an observation with weight 1, with a random intercept that of
        an observation in a new unit. The interval for one observation therefore assumes nearly normal errors with equal variance. With an
        instrument or a correction term, errors are correlated with the predictors, and the two columns of this interval are NaN.

        Examples
        --------
        >>> from tienet.regression.model import Moderation
        >>> data = {"y": [1.0, 2.1, 2.9, 4.2, 4.8, 6.1], "x": [1, 2, 3, 4, 5, 6]}
        >>> fit = Moderation("y ~ x", covariance="classical").fit(data)
        >>> fit.predict({"x": [2.5, 4.0]}).round(2)[["estimate", "conf_low", "conf_high", "prediction_low", "prediction_high"]]
           estimate  conf_low  conf_high  prediction_low  prediction_high
        0      2.52      2.30       2.74            2.01             3.02
        1      4.02      3.82       4.21            3.52             4.51
        """
        return predict_rows(self.polynomial, new_data, alpha, self._case_sd())

    def _case_sd(self) -> float:
        """Standard deviation of one observation around its expected outcome; NaN if errors are correlated with the predictors."""
        return float("nan")


class WithDesign:
    """What follows from the rows and the design that a fit keeps.

    Parameters
    ----------
    sample
        The rows used.
    design
        Terms and variables.
    """

    __slots__ = ()

    sample: ModelFrame
    design: Design

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
