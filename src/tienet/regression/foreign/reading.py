"""What a reader takes from a result of another package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.base.record import Fixed, Sealed
from tienet.regression.core.covariance_matrix import Covariance, CovarianceEstimator
from tienet.regression.core.degrees import SmallSampleFactor
from tienet.regression.core.response import LINEAR, Response


@dataclass(frozen=True, slots=True)
class PrintedErrors(CovarianceEstimator):
    """Standard errors that another package printed.

    Parameters
    ----------
    said
        The text for the note: "HC3 standard errors from statsmodels".
    infinite_df
        What an infinite df means, such as "normal distribution, as statsmodels printed".
    equal_variance
        Whether they assume independent errors with equal variance.
    """

    said: str
    infinite_df: str
    equal_variance: bool = False

    def label(self, covariance: Covariance) -> str:  # noqa: ARG002 - its kind and clusters are in the text
        """The text for the note under a table."""
        return self.said


@dataclass(frozen=True, slots=True, eq=False)
class ForeignErrors(Sealed):
    """The covariance of the coefficients and the distribution of their tests.

    Parameters
    ----------
    kind
        "classical", "HC3", "CR1", or as the package calls it.
    df
        Degrees of freedom that the result itself used, infinite for the normal distribution.
    clusters, cluster
        Numbers of clusters, and the column that groups the rows if its name is known.
    factor
        The small-sample factor in the matrix, NaN if not known.
    asked
        What to say for a normal distribution if the result does not tell which one it uses.
    """

    kind: str
    df: float
    clusters: int | tuple[int, ...] | None = None
    cluster: str | None = None
    factor: SmallSampleFactor = float("nan")
    asked: str = ""

    def said(self, package: str) -> str:
        """'HC3 standard errors from statsmodels'."""
        by = f" clustered by {self.cluster}" if self.cluster else ""
        groups = (self.clusters,) if isinstance(self.clusters, int) else self.clusters or ()
        many = f" ({' and '.join(counted(one, 'cluster') for one in groups)})" if groups else ""
        return f"{self.kind} standard errors{by}{many} from {package}"


@dataclass(frozen=True, slots=True, eq=False)
class ForeignResult(Sealed):
    """What a reader takes from a result.

    Parameters
    ----------
    package, method
        "statsmodels" and "OLS".
    names
        k names of the columns, as printed.
    estimate, matrix
        (k,) coefficients and their (k, k) covariance, without parameters of the distribution.
    errors
        Kind of covariance, and the distribution of the tests.
    n
        Number of rows used.
    outcome
        Name of the outcome.
    columns
        (n, k) columns of the rows used, or None.
    frame, dropped
        The table that the result was fitted on, or None, and positions of its rows left out.
    labels
        Labels of the rows used, by which they can be found in the table; or None.
    formula
        Whether names come from a formula; otherwise they are names of columns.
    response
        Scale of the outcome.
    anchored
        Whether the coefficients give the level of the outcome; not so with absorbed effects or a baseline hazard.
    units
        (n,) unit of each row, in which variables that never change count once; or None.
    beside
        Other parameters: {"alpha": 0.31}.
    remark
        What the sentence should add, such as that it did not converge.
    """

    package: str
    method: str
    names: tuple[str, ...]
    estimate: Vector
    matrix: Vector
    errors: ForeignErrors
    n: int
    outcome: str
    columns: Vector | None = None
    frame: Any = None
    dropped: Codes | None = None
    labels: Any = None
    formula: bool = True
    response: Response = LINEAR
    anchored: bool = True
    units: Codes | None = None
    beside: Mapping[str, float] = field(default_factory=lambda: Fixed({}))
    remark: str = ""

    def __post_init__(self) -> None:
        k = len(self.names)
        if self.estimate.shape != (k,) or self.matrix.shape != (k, k):
            raise ModelError(
                f"{self.package} {self.method}: {counted(k, 'name')}, {counted(self.estimate.size, 'coefficient')} and a covariance of "
                f"shape {self.matrix.shape} do not belong together"
            )
        if len(set(self.names)) < k:
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise ModelError(f"{self.package} {self.method}: two coefficients are called {twice!r}; rename the columns and fit again")
        for name, value, variance in zip(self.names, self.estimate, np.diag(self.matrix), strict=True):
            if not (np.isfinite(value) and np.isfinite(variance) and variance >= 0):
                raise ModelError(
                    f"{self.package} {self.method}: the coefficient of {name} or its standard error is not a number; the fit did not "
                    "succeed, so change the model or its starting values and fit again"
                )
