"""Influence of each observation, or each cluster, on a coefficient, without refits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level, choice
from tienet.base.errors import ModelError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, n_text, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.checks._shared import asked_back, needs_cases, one_way, place_of, row_numbers
from tienet.regression.checks.removals import FULL_LEVERAGE, LONGEST_PATH, Removal, Units, grams_of, removals, solved
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import Solution, two_sided
from tienet.regression.model.fit import ModerationFit

__all__ = ["Influence", "influence"]


Unit: TypeAlias = Literal["case", "cluster"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Influence(Record):
    """Influence of each of u units (observations or clusters) on one coefficient.

    Parameters
    ----------
    outcome, term
        Names.
    unit
        "case" for observations, or "cluster".
    numbers
        (u,) row of the data, counted from 1, or number of the cluster in order of first appearance. Never an id.
    full_estimate, full_std_error, full_df, full_p_value
        Coefficient from all data, and the degrees of freedom of its t.
    estimate
        (u,) coefficient without the unit: exact, in closed form. NaN if the model cannot be estimated without it.
    change
        (u,) full estimate minus that estimate.
    dfbetas
        (u,) change in standard errors: for observations, classical ones without the unit; for clusters, those of the fit.
    cook
        (u,) Cook's distance, the change of all coefficients at once.
    leverage
        (u,) diagonal of the hat matrix, summed over a cluster.
    studentized
        (u,) residual divided by its standard error without the observation; NaN for clusters.
    removals
        Smallest sets found whose removal makes the coefficient insignificant or changes its sign.
    n, alpha, covariance, backend
        Number of observations, significance level, covariance of the fit, and kind of data frame.
    """

    outcome: str
    term: str
    unit: Unit
    numbers: NDArray[np.int64]
    full_estimate: float
    full_std_error: float
    full_df: float
    full_p_value: float
    estimate: Vector
    change: Vector
    dfbetas: Vector
    cook: Vector
    leverage: Vector
    studentized: Vector
    removals: tuple[Removal, ...]
    n: int
    alpha: float
    covariance: Covariance
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("belsley_et_al_1980", "broderick_et_al_2020", "cook_1977", *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "row" if self.unit == "case" else "cluster_number": self.numbers,
            "estimate": self.estimate,
            "change": self.change,
            "dfbetas": self.dfbetas,
            "cook": self.cook,
            "leverage": self.leverage,
            "studentized": self.studentized,
        }

    @property
    def cutoff(self) -> float:
        """Usual cutoff of DFBETAS, 2 / sqrt(units)."""
        return float(2 / len(self.numbers) ** 0.5)

    @property
    def largest_set(self) -> int:
        """Largest number of units left out together in the search for `removals`."""
        return min(len(self.numbers) // 2, LONGEST_PATH)

    def __str__(self) -> str:
        return f"{self._size()} {' '.join(self._sentence(removal) for removal in self.removals)} Outcome {self.outcome}, {self._note()}."

    def _size(self) -> str:
        large, unit = int(np.sum(np.abs(self.dfbetas) > self.cutoff)), self._unit()
        start = f"{self.term}: {number(self.full_estimate)} ({p_text(self.full_p_value)})"
        if np.isnan(self.change).all():
            return f"{start}; it cannot be estimated if any single {unit} is left out."
        worst = int(np.nanargmax(np.abs(self.change)))
        name = f"{'row' if self.unit == 'case' else 'cluster'} {self.numbers[worst]}"
        return (
            f"{start}; the most influential single {unit} is {name}, without which it is {number(self.estimate[worst])}; "
            f"{counted(large, unit)} above |DFBETAS| = {number(self.cutoff, 2)}."
        )

    def _unit(self) -> str:
        return "observation" if self.unit == "case" else "cluster"

    def _sentence(self, removal: Removal) -> str:
        aim = "lose its significance" if removal.aim == "not_significant" else "change its sign"
        if not len(removal.numbers):
            return f"No set of up to {counted(self.largest_set, self._unit())} was found whose removal makes it {aim}."
        many = counted(len(removal.numbers), self._unit())
        shown = ", ".join(map(str, removal.numbers[:8])) + (", ..." if len(removal.numbers) > 8 else "")
        named = f"{many} ({'row' if self.unit == 'case' else 'number'} {shown})"
        if np.isnan(removal.estimate):
            return f"Approximately, it would {aim} without {named}, but that model cannot be estimated."
        refit = f"a refit without them gives {number(removal.estimate)}, {p_text(removal.p_value)}"
        if removal.confirmed:
            return f"It would {aim} without {named}: {refit}."
        return f"Approximately, it would {aim} without {named}, but {refit}."

    def _note(self) -> str:
        return f"{self.covariance.label}, {n_text(self.n)}; the search is greedy, so smaller sets may exist"


class _Left(NamedTuple):
    """(u, k) changes of the coordinates without each unit, and the (u,) leverages."""

    difference: Vector
    leverage: Vector


def influence(fit: ModerationFit, term: str | None = None, *, by: Unit = "case", alpha: float | None = None) -> Influence:
    r"""Estimate a term without each observation, or without each cluster.

    With leverage :math:`h_i` and residual :math:`e_i` the change is :math:`b - b_{(i)} = (X'X)^{-1} x_i e_i / (1 - h_i)`; without cluster g
    the estimate is :math:`(X'X - X_g'X_g)^{-1}(X'y - X_g'y_g)`. DFBETAS divides by :math:`s_{(i)} \sqrt{(X'X)^{-1}_{jj}}`, and Cook's
    distance is :math:`e_i^2 h_i / (k s^2 (1 - h_i)^2)`. In a weighted fit the rows of X, y and e are multiplied by the root of their weight
    (as in R's ``influence.measures``).

    Units are then ordered by how far their removal moves the estimate towards zero, and left out one after another. Each estimate is exact;
    the search for the point at which the interval reaches zero uses the standard error of the full fit, and one refit checks the set
    found. The order is not updated along the way, so smaller sets may exist. The centers do not change.

    Parameters
    ----------
    fit
        The fit.
    term
        A coefficient; by default the last product in the model, or the last term if there is none. Lower-order terms depend on the model's
        centring.
    by
        "case" for observations, or "cluster" for a fit with clustered standard errors.
    alpha
        Significance level for the term; by default the model's.

    Returns
    -------
    Influence
        One entry per unit, in the order of the data. Rows are counted from 1, and no id is shown.

    Raises
    ------
    ModelError
        If the term is not in the model, or by="cluster" and the fit has no clusters.

    References
    ----------
    Belsley, D. A., Kuh, E. & Welsch, R. E. (1980). Regression Diagnostics.
    Cook, R. D. (1977). Technometrics 19, 15-18.
    Broderick, T., Giordano, R. & Meager, R. (2020). An automatic finite-sample robustness metric. arXiv 2011.14999.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 2.1, 2.9, 4.2, 4.8, 9.0], "x": [1, 2, 3, 4, 5, 6]}
    >>> found = influence(Moderation("y ~ x", covariance="classical").fit(data), "x")
    >>> int(found.numbers[abs(found.change).argmax()]), found.estimate[-1].round(3)
    (6, np.float64(0.97))
    """
    choice("by", by, get_args(Unit))
    place = place_of(needs_cases(fit), _default_term(fit) if term is None else term)
    solution, chosen = fit.solution, checked_level(fit.alpha if alpha is None else alpha)
    units = _units(fit, by)
    left = _left_out(solution, units, by)
    row = asked_back(fit)[place]
    change = left.difference @ row
    p = two_sided(np.array(fit.estimate[place] / fit.std_error[place]), float(fit.dfs[place]))
    return Influence(
        outcome=fit.outcome,
        term=fit.terms[place],
        unit=by,
        numbers=locked(units.numbers, np.int64),
        full_estimate=float(fit.estimate[place]),
        full_std_error=float(fit.std_error[place]),
        full_df=float(fit.dfs[place]),
        full_p_value=float(p),
        estimate=locked(fit.estimate[place] - change),
        change=locked(change),
        dfbetas=locked(change / (_spread_without(solution) * np.linalg.norm(row) if by == "case" else fit.std_error[place])),
        cook=locked(np.sum(left.difference**2, axis=1) / (len(row) * fit.sigma**2)),
        leverage=locked(left.leverage),
        studentized=locked(_studentized(solution) if by == "case" else np.full(len(change), np.nan)),
        removals=removals(fit, place, units, change, chosen),
        n=fit.n,
        alpha=chosen,
        covariance=fit.covariance,
        backend=fit.backend,
    )


def _default_term(fit: ModerationFit) -> str:
    products = [str(term) for term in fit.design.terms if len(term.powers) > 1]
    return products[-1] if products else fit.terms[-1]


def _units(fit: ModerationFit, by: Unit) -> Units:
    codes = one_way(fit).sample.clusters
    numbers = row_numbers(fit)
    if by == "cluster":
        if codes is None:
            raise ModelError("by='cluster' needs a fit with clusters; give Moderation(..., cluster='column'), or use by='case'")
        codes = _by_appearance(codes)
        numbers = np.arange(1, int(codes.max()) + 2)
    else:
        codes = np.arange(fit.n)
    scores = np.zeros((len(numbers), fit.solution.basis.shape[1]))
    np.add.at(scores, codes, fit.solution.basis * fit.solution.residuals[:, None])
    return Units(scores, numbers, codes)


def _by_appearance(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the clusters in order of first appearance, which a reader can follow without an id."""
    first = np.unique(codes, return_index=True)[1]
    return np.asarray(np.argsort(np.argsort(first))[codes], dtype=np.int64)


def _left_out(solution: Solution, units: Units, by: Unit) -> _Left:
    """Change of the coordinates without each unit: (I - A_u)^-1 B_u'e_u, with A_u the cross products of its rows."""
    if by == "case":
        h = solution.leverage
        return _Left(units.score / np.where(h > FULL_LEVERAGE, np.nan, 1 - h)[:, None], h)
    grams = grams_of(solution.basis, units.codes, np.arange(len(units.numbers)))
    return _Left(solved(np.eye(grams.shape[1]) - grams, units.score), np.trace(grams, axis1=1, axis2=2))


def _spread_without(solution: Solution) -> Vector:
    """(n,) residual standard deviation without each observation."""
    e, h = solution.residuals, solution.leverage
    rest = np.where(h > FULL_LEVERAGE, np.nan, 1 - h)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(np.maximum(e @ e - e**2 / rest, 0.0) / (solution.df - 1))


def _studentized(solution: Solution) -> Vector:
    rest = np.where(solution.leverage > FULL_LEVERAGE, np.nan, 1 - solution.leverage)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(solution.residuals / (_spread_without(solution) * np.sqrt(rest)))
