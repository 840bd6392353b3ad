"""Results of other packages as fits that can be probed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tienet.base.checks import checked_labels, checked_level, positive
from tienet.base.naming import Names
from tienet.base.record import Fixed, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import sandwich
from tienet.regression.core.polynomial import Polynomial
from tienet.regression.foreign.fit import ForeignFit
from tienet.regression.foreign.reading import ForeignResult, PrintedErrors
from tienet.regression.foreign.register import read_result
from tienet.regression.foreign.rows import rows_of
from tienet.regression.foreign.surface import shape_of

__all__ = ["from_statsmodels"]


def from_statsmodels(
    result: Any, data: object = None, *, df: float | None = None, alpha: float = 0.05, labels: Mapping[str, str] | None = None
) -> ForeignFit:
    r"""Read a result of statsmodels, linearmodels or pyfixest, so that every probe, figure and table takes it.

    Parameters
    ----------
    result
        A fitted model: statsmodels OLS, WLS, GLS, QuantReg, RLM, GLM, GEE, Logit, Probit, Poisson, negative binomial, MixedLM or PHReg;
        linearmodels; pyfixest ``feols`` and ``fepois``; or any object with named coefficients (`params`) and their covariance
        (`cov_params()` or `cov`).
    data
        The table it was fitted on. Needed only if the result has none (it was made from arrays, or its data were removed), for means,
        ranges and categories; without it, probes need ``at=``.
    df
        Degrees of freedom of every t, instead of those of the result; ``float("inf")`` for the normal distribution.
    alpha
        Significance level of the intervals.
    labels
        Labels of the columns in figures and tables.

    Returns
    -------
    ForeignFit
        Coefficients, covariance and degrees of freedom as in the result.

    Raises
    ------
    ArgumentError
        If it is not a result that can be read.
    ModelError
        If a coefficient or standard error is missing, or the columns are linearly dependent.
    DataError
        If `data` is not the table that the result was fitted on.

    Warns
    -----
    HiddenProduct
        If a column is the square of another, or the product of two others, and its name does not say so.

    Notes
    -----
    Tests use the distribution that the result itself uses: the normal one where its summary prints z (in statsmodels also for least squares
    with ``cov_type="HC3"`` or clusters), otherwise t with its own degrees of freedom. The sentence of every result says which.

    Names of columns are read as products, squares, categories and the transforms log, log1p and sqrt; ``I(x ** 2):z`` is ``x^2:z``. A
    column that cannot be read, such as a spline, or that is not what its name says, is kept; slopes of the variables in it are refused.
    Means, SDs and ranges are those of the rows used, not of the whole table.

    For MixedLM the covariance is :math:`(\sum_j X_j' V_j^{-1} X_j)^{-1}` at the estimated variances, as in lme4 (statsmodels prints errors
    up to half a percent larger), and a variable that never changes within a unit has the mean and SD of units.

    Examples
    --------
    >>> import pandas as pd
    >>> import statsmodels.formula.api as smf
    >>> from tienet.regression.probes import simple_slopes
    >>> data = pd.DataFrame({"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5, 6.0], "x": [1, 2, 3, 4, 5, 6, 7], "z": [0, 1, 0, 1, 0, 1, 1]})
    >>> fit = from_statsmodels(smf.ols("y ~ x*z", data).fit())
    >>> simple_slopes(fit, focal="x", moderator="z").estimate.round(3)
    array([0.75 , 0.805])
    """
    checked_level(alpha)
    spoken = Names(Fixed(checked_labels(labels)))
    reading = read_result(result)
    if df is not None:
        reading = replace(
            reading, errors=replace(reading.errors, df=float(df) if df == np.inf else positive("df", df), asked="normal distribution")
        )
    rows = rows_of(reading, data)
    shape = shape_of(reading, rows, given=data is not None)
    labels_ = [column.label for column in shape.columns]
    terms = tuple(column.name if labels_.count(label) > 1 else label for column, label in zip(shape.columns, labels_, strict=True))
    covariance = _covariance(reading, terms, "pandas" if rows is None else rows.backend, spoken)
    polynomial = Polynomial(
        terms=shape.terms,
        centers=Fixed(dict.fromkeys(shape.variables, 0.0)),
        estimate=locked(shape.move @ reading.estimate),
        matrix=locked(sandwich(shape.move, reading.matrix)),
        variables=shape.variables,
        outcome=reading.outcome,
        n=reading.n,
        df=reading.errors.df,
        covariance=covariance,
        alpha=alpha,
        backend=covariance.backend,
        response=reading.response,
        unread=shape.unread,
    )
    return ForeignFit(
        reading.package, reading.method, locked(reading.estimate, float), covariance, polynomial, reading.beside, reading.remark
    )


def _covariance(reading: ForeignResult, terms: tuple[str, ...], backend: Any, spoken: Names) -> Covariance:
    errors, package, linear = reading.errors, reading.package, reading.response.link.is_identity
    said = errors.said(package) if linear else errors.said(package).replace("classical", "model-based", 1)
    normal = errors.asked or f"normal distribution, as {package} printed"
    worded = PrintedErrors(said, normal, equal_variance=linear and errors.kind == "classical")
    return Covariance(
        errors.kind,
        locked(reading.matrix, float),
        errors.df,
        errors.clusters,
        errors.factor,
        terms,
        errors.cluster,
        backend,
        worded,
        spoken,
    )
