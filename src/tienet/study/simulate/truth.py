"""The true coefficients of simulated outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import mapping
from tienet.base.frames import Columns
from tienet.base.numbers import counted
from tienet.base.record import Record

__all__ = ["CENTERS", "COEFFICIENTS", "NOISE", "Truth"]


# Signs follow the abstract (interaction signs are inferred); sizes are our choice, in percentage points of sales growth per tie
# and per weekly interaction. None is an estimate from the study, whose tables are not public.
COEFFICIENTS: Mapping[str, float] = {
    "intercept": 6.0,
    "tenure": 0.10,
    "region[South]": 0.6,
    "region[West]": -0.4,
    "total_ties_marketing": -0.30,
    "tie_strength_marketing": 3.0,
    "total_ties_marketing^2": 0.07,
    "total_ties_marketing:tie_strength_marketing": -2.4,
    "total_ties_customer_service": 0.30,
    "tie_strength_customer_service": -3.0,
    "total_ties_customer_service^2": -0.07,
    "total_ties_customer_service:tie_strength_customer_service": -2.0,
}
CENTERS: Mapping[str, float] = {
    "total_ties_marketing": 4.0,
    "tie_strength_marketing": 0.25,
    "total_ties_customer_service": 5.0,
    "tie_strength_customer_service": 0.25,
}
NOISE = 1.5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Truth(Record):
    """The true coefficients of a simulated firm's outcomes.

    Parameters
    ----------
    coefficients
        Term -> coefficient, for variables minus their `centers`.
    centers
        Variable -> value at which the main effects hold.
    noise
        Standard deviation of the residuals, in percentage points of sales growth.
    """

    coefficients: Mapping[str, float]
    centers: Mapping[str, float]
    noise: float

    def at(self, centers: Mapping[str, float]) -> dict[str, float]:
        """Rewrite the coefficients for other centres: main effects and intercept change, squares and products do not.

        With ``y = ... + b (x - c) + q (x - c)^2 + p (x - c)(z - d)``, shifting c by h adds ``2 q h`` to b, and shifting d by h
        adds ``p h``.
        """
        moved, new = dict(self.coefficients), mapping("centers", centers)
        moves = {name: new.get(name, center) - center for name, center in self.centers.items()}
        for name, h in moves.items():
            moved["intercept"] += self.coefficients[name] * h
            square = self.coefficients.get(f"{name}^2", 0.0)
            moved["intercept"] += square * h * h
            moved[name] += 2.0 * square * h
        for term, product in self.coefficients.items():
            if ":" in term:
                first, second = term.split(":")
                moved[first] += product * moves[second]
                moved[second] += product * moves[first]
                moved["intercept"] += product * moves[first] * moves[second]
        return moved

    def _works(self) -> tuple[str, ...]:
        return ("claro_ramos_2018",)

    def _columns(self) -> Columns:
        return {
            "term": np.array(list(self.coefficients), dtype=object),
            "true_value": np.array(list(self.coefficients.values()), dtype=float),
        }

    def __str__(self) -> str:
        return f"{counted(len(self.coefficients), 'true coefficient')}, residual standard deviation {self.noise:g}"

    def surface(self, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """The expected outcome of n people, (n,), from the (n,) uncentred values of each variable."""
        away = {name: value - self.centers.get(name, 0.0) for name, value in values.items()}
        terms = (b * _monomial(term, away) for term, b in self.coefficients.items() if term != "intercept")
        return np.asarray(self.coefficients["intercept"] + sum(terms))


def _monomial(term: str, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    factors = [values[name.removesuffix("^2")] ** (2 if name.endswith("^2") else 1) for name in term.split(":")]
    return np.asarray(np.prod(factors, axis=0))
