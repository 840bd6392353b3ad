"""The face that every fit shows, whatever estimated it."""

from __future__ import annotations

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
from tienet.regression.core.polynomial import Polynomial
from tienet.regression.model.predictions import predict_rows


class Fitted(Record):
    """The part common to all fits; a child is a frozen record with these three fields among its own.

    Parameters
    ----------
    estimate
        (k,) coefficients, in the centring asked for.
    covariance
        Their covariance, which knows their names.
    polynomial
        The surface around the means: what the probes and figures read.
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
        """K names of the coefficients."""
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
        """Rows used."""
        return self.polynomial.n

    @property
    def df(self) -> float:
        """Degrees of freedom of every t: n less the coefficients, or G - 1 after clustering; where each has its own, the smallest."""
        return self.covariance.df

    @property
    def backend(self) -> Backend:
        """The kind of frame the data came in."""
        return self.polynomial.backend

    def _estimates(self, dfs: Vector) -> Columns:
        """The columns of a table of the coefficients, each t with its own degrees of freedom."""
        return {"term": np.array(self.terms, dtype=object), **estimate_columns(self.estimate, self.std_error, dfs, self.alpha)}

    @property
    def statsmodels(self) -> Any:
        """Results of statsmodels for this fit, with the fit's own covariance and degrees of freedom, whatever their kind.

        `summary`, `t_test`, `f_test`, `wald_test`, `conf_int`, `predict` and `get_prediction` then give the numbers of this fit.
        Coefficients have the names in `terms`; `predict` and `get_prediction` take new data with the variables of the formula, as
        `predict` of the fit does.

        Raises
        ------
        ModelError
            For a fit with correction terms: its intervals are percentiles of a bootstrap, for which statsmodels has no place.

        Notes
        -----
        A least-squares fit has all that statsmodels has for a regression, `get_influence` and `compare_f_test` included; any other fit
        its coefficients and what follows from them, without a likelihood.

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
        """Design, rows and the name of the method, for results of statsmodels."""
        raise ModelError(
            f"a {type(self).__name__} has intervals from the percentiles of a bootstrap, for which statsmodels results have no place; "
            "use .frame, or .ordinary.statsmodels for least squares"
        )

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:
        r"""Predicted outcomes for new data.

        .. math:: \hat y = x'b, \qquad \text{SE} = \sqrt{x'Vx}, \qquad \hat y \pm t\,\text{SE}, \qquad \hat y \pm t \sqrt{\text{SE}^2 + s^2}

        Parameters
        ----------
        new_data
            Any frame narwhals knows, or a mapping of columns, with the variables on the right of the formula as the fit had them; other
            columns are ignored. Categories, products, squares and centring are made as in the fit, around the fit's own centers.
        alpha
            Level of the intervals; by default the model's.

        Returns
        -------
        frame
            One row for each row of the new data, in the kind of frame they came in (in pandas with their index): `estimate`, `std_error`,
            `df`; `conf_low` and `conf_high` for the mean of all cases like this one; `prediction_low` and `prediction_high` for one more
            such case. A row that misses a value has NaN throughout.

        Raises
        ------
        DataError
            For a missing column, text in place of numbers, or a category that the fit has not seen.
        ModelError
            For infinite numbers, and numbers too large to be squared.

        Warns
        -----
        OutsideSupport
            Where a number lies outside the range observed in the fit.

        Notes
        -----
        The standard error and its degrees of freedom are those of the fit's covariance. s is the residual standard deviation, the same for
        every case whatever the covariance (with weights that of a case of weight 1; with a random intercept that of a case of a new unit),
        so the interval of one case needs errors of equal variance and near normal. Where an instrument or a correction term
        takes part, errors go with the predictors and there is no such interval: its two columns are NaN.

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
        """Standard deviation of one case around its expected outcome; NaN where errors go with the predictors."""
        return float("nan")
