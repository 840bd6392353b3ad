"""A fit of another package as a result that can be probed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, findings, listed, number
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.core.terms import INTERCEPT
from tienet.regression.foreign.name_parts import without_categories
from tienet.regression.model.fitted import Fitted

__all__ = ["ForeignFit"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ForeignFit(Fitted):
    """A fit of statsmodels, linearmodels, pyfixest or another package, for use with every probe, figure and table.

    Parameters
    ----------
    package, method
        Where it comes from: "statsmodels" and "OLS".
    estimate
        (k,) coefficients as printed, without parameters of the distribution.
    covariance
        Their covariance, with their names in `terms`. A name is in the spelling of the library (``x^2:z``, ``size[large]``) if the column
        is one term, otherwise as printed.
    polynomial
        The same model as a surface, for probes and figures.
    beside
        Parameters left out, such as ``{"alpha": 0.31}`` of a negative binomial or the variances of a multilevel model.
    remark
        What else to know about it; often empty.
    """

    package: str
    method: str
    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial
    beside: Mapping[str, float]
    remark: str = ""

    def _works(self) -> tuple[str, ...]:
        return ("aiken_west_1991",)

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The variables in the rows used, by name."""
        return self.polynomial.variables

    @property
    def unread(self) -> Mapping[str, tuple[str, ...]]:
        """Columns whose name could not be read, with the variables in each, whose slopes are therefore refused."""
        return self.polynomial.unread

    def _columns(self) -> Columns:
        return self._estimates(np.full(len(self.terms), float(self.df)))

    @property
    def statsmodels(self) -> Any:
        """Not available: the result that was brought along is what it would be.

        Raises
        ------
        ModelError
            Always.
        """
        raise ModelError(f"a fit of {self.package} has no other results; use the result that was given to from_statsmodels")

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:  # noqa: ARG002 - as in the other fits
        """Not available: the package knows how its own formula makes columns of new data.

        Raises
        ------
        ModelError
            Always.
        """
        raise ModelError(f"new data are predicted by {self.package} itself; use `predict` of the result that was given to from_statsmodels")

    def __str__(self) -> str:
        kept = [row for row, term in enumerate(self.terms) if term != INTERCEPT]
        p_value = self._columns()["p_value"][kept]
        none = [np.nan]  # `findings` leaves out the first term
        found = findings(
            [INTERCEPT, *(self.terms[row] for row in kept)], np.append(none, self.estimate[kept]), np.append(none, p_value), self.alpha
        )
        scale = f", in {self.polynomial.response.on_link}" if self.polynomial.response.on_link else ""
        beside = "".join(f", {name} {number(value)}" for name, value in self.beside.items())
        closed = f" Not read: {listed(dict.fromkeys(map(without_categories, self.unread)))}." if self.unread else ""
        remark = f" {self.remark[:1].upper()}{self.remark[1:]}." if self.remark else ""
        return (
            f"{self.outcome} in {counted(self.n, 'observation')}, {self.method} from {self.package}{scale}{beside}: {self.covariance}. "
            f"{found}.{closed}{remark}"
        )
