"""The fit of an outcome in ordered categories: coefficients without an intercept, and thresholds between the categories."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError, shown
from tienet.base.frames import Columns
from tienet.base.numbers import findings, n_text, number
from tienet.base.record import Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.least_squares import estimate_columns, sandwich
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.model.cautions import without_void
from tienet.regression.model.fitted import Fitted
from tienet.regression.model.generalised import GeneralisedFit
from tienet.regression.model.predictions import predict_response

__all__ = ["AtLeast", "OrdinalFit", "Thresholds"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Thresholds(Record):
    r"""The thresholds of an ordinal outcome: :math:`P(y > j) = \Lambda(x'b - \tau_j)`.

    Parameters
    ----------
    category
        The J - 1 categories that begin above a threshold, lowest first.
    estimate, std_error
        (J - 1,) each, on the log-odds scale, under the centring of the model.
    covariance
        Of the model.
    alpha
        Level of the intervals.
    """

    category: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    covariance: Covariance
    alpha: float

    def _works(self) -> tuple[str, ...]:
        return ("mccullagh_1980", *self.covariance._works())

    def _columns(self) -> Columns:
        dfs = np.full(len(self.category), float(self.covariance.df))
        return {"category": np.array(self.category, dtype=object), **estimate_columns(self.estimate, self.std_error, dfs, self.alpha)}

    def __str__(self) -> str:
        parts = [
            f"{name} from {number(value)} (SE {number(error)})"
            for name, value, error in zip(self.category, self.estimate, self.std_error, strict=True)
        ]
        return f"Thresholds on the log-odds scale: {'; '.join(parts)}. {self.covariance}."


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OrdinalFit(GeneralisedFit):
    r"""A fitted proportional-odds model of ordered categories.

    Its terms have no intercept, and slopes are log odds of a higher category, the same wherever the categories are split.
    `at_least(category)` is the model of one split, with probabilities.

    Parameters
    ----------
    intercepts
        (J - 1,) log odds of at least each category but the lowest with all numbers at their means.
    joint
        Covariance of the intercepts, then the coefficients, both around the means.
    """

    intercepts: Vector
    joint: Vector

    def _findings(self) -> str:
        said = self.covariance.names.spoken
        p, none = without_void(self._cautions(), self.terms, self._columns()["p_value"], said)
        return findings(("", *self.terms), np.append(0.0, self.estimate), np.append(1.0, p), self.alpha, said) + none

    @property
    def categories(self) -> tuple[str, ...]:
        """The ordered categories, lowest first."""
        return self.sample.levels

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds between the categories, under the centring of the model."""
        fits = [self.at_least(category) for category in self.categories[1:]]
        estimate, error = (locked([getattr(fit, what)[0] for fit in fits]) for what in ("estimate", "std_error"))
        return Thresholds(self.categories[1:], locked(-estimate), error, self.covariance, self.alpha)

    def at_least(self, category: object) -> AtLeast:
        r"""The model of the probability of being in a category or above it.

        .. math:: P(y \ge j) = \Lambda(x'b - \tau_j)

        Parameters
        ----------
        category
            Any category but the lowest.

        Returns
        -------
        AtLeast
            A fit with minus the threshold as its intercept and the joint covariance of both, for every probe and for `predict`.

        Raises
        ------
        ArgumentError
            For a category that is not there, or the lowest one.
        """
        wanted = str(int(category)) if isinstance(category, float) and category.is_integer() else str(category)
        if wanted not in self.categories:
            raise ArgumentError.not_one_of("category", category, self.categories[1:])
        place = self.categories.index(wanted) - 1
        if place < 0:
            raise ArgumentError(f"category={shown(category)} is the lowest, and everybody is at least there; choose a higher one")
        chosen = [place, *range(len(self.intercepts), len(self.joint))]
        centred, matrix = np.append(self.intercepts[place], self.polynomial.estimate), self.joint[np.ix_(chosen, chosen)]
        move = recentring(self.design.terms, self.design.means, self.design.centers)
        terms = tuple(map(str, self.design.terms))
        covariance = replace(self.covariance, matrix=locked(sandwich(move, matrix)), terms=terms)
        named = f"{self.outcome} at {wanted} or above"
        surface = replace(
            self.polynomial,
            terms=self.design.terms,
            estimate=locked(centred),
            matrix=locked(matrix),
            covariance=covariance,
            response=replace(self.polynomial.response, on_link=f"log odds of {named}", on_response=f"probability of {named}"),
        )
        return AtLeast(wanted, locked(move @ centred), covariance, surface)

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:  # noqa: ARG002 - as in the other fits
        """Not defined for all categories at once; see `AtLeast.predict`."""
        raise ModelError(
            f"an ordinal outcome has a probability for each category; predict with fit.at_least({self.categories[-1]!r}).predict(new_data)"
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AtLeast(Fitted):
    """An ordinal model seen as one of being in a category or above it.

    Parameters
    ----------
    category
        The category.
    estimate
        (k,) coefficients under the centring of the model, the intercept first.
    covariance
        Covariance of the coefficients.
    polynomial
        The surface centred at the means.
    """

    category: str
    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial

    def _works(self) -> tuple[str, ...]:
        return ("mccullagh_1980", *self.covariance._works())

    def _columns(self) -> Columns:
        return self._estimates(np.full(len(self.estimate), float(self.covariance.df)))

    def __str__(self) -> str:
        said, found = self.polynomial.response.on_link, findings(self.terms, self.estimate, self._columns()["p_value"], self.alpha)
        return f"{said[0].upper()}{said[1:]}, {n_text(self.n)}, {self.covariance}. {found}."

    def _described(self) -> tuple[Design, ModelFrame, str]:
        raise ModelError("one split of an ordinal outcome has no statsmodels results; use those of the whole fit")

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:
        """Probabilities of the category or above for new data; the columns are those of `GeneralisedFit.predict`."""
        return predict_response(self.polynomial, new_data, alpha, None)
