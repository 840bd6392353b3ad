"""The face that every fit shows, whatever estimated it."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Backend, Columns
from tienet.base.record import Record
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import estimate_columns, lincom
from tienet.regression.core.polynomial import Polynomial


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
