"""Which cases carry a coefficient: what leaving each one (or each cluster) out would change, without a refit."""

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
    """What each of u units (cases, or clusters) does to one coefficient.

    Parameters
    ----------
    outcome, term
        Names.
    unit
        "case" or "cluster".
    numbers
        (u,) row of the data, counted from 1; or number of the cluster in the order of first appearance. Never an id.
    full_estimate, full_std_error, full_df, full_p_value
        The coefficient with everything in, and the degrees of freedom of its t.
    estimate
        (u,) the coefficient without the unit: exact, in closed form. NaN where the rest cannot carry the model.
    change
        (u,) full estimate less that.
    dfbetas
        (u,) the change in standard errors: for cases those of classical theory with the unit out; for clusters the fit's own.
    cook
        (u,) Cook's distance, the change of all coefficients at once.
    leverage
        (u,) diagonal of the hat matrix; summed over a cluster.
    studentized
        (u,) residual over its standard error with the case out; NaN for clusters.
    removals
        Smallest sets found whose absence takes the significance away, or turns the sign.
    n, alpha, covariance, backend
        Cases, level, the covariance of the fit, kind of frame.
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
        """Size of DFBETAS usually looked at, 2 / sqrt(units)."""
        return float(2 / len(self.numbers) ** 0.5)

    @property
    def largest_set(self) -> int:
        """How many units are left out together at most in the search for `removals`."""
        return min(len(self.numbers) // 2, LONGEST_PATH)

    def __str__(self) -> str:
        return f"{self._size()} {' '.join(self._sentence(removal) for removal in self.removals)} Outcome {self.outcome}, {self._note()}."

    def _size(self) -> str:
        large = int(np.sum(np.abs(self.dfbetas) > self.cutoff))
        start = f"{self.term}: {number(self.full_estimate)} ({p_text(self.full_p_value)})"
        if np.isnan(self.change).all():
            return f"{start}; it cannot be estimated without any one {self.unit}."
        worst = int(np.nanargmax(np.abs(self.change)))
        name = f"{'row' if self.unit == 'case' else 'cluster'} {self.numbers[worst]}"
        return (
            f"{start}; leaving out one {self.unit} moves it most for {name}, to {number(self.estimate[worst])}; "
            f"{counted(large, self.unit)} above |DFBETAS| = {number(self.cutoff, 2)}."
        )

    def _sentence(self, removal: Removal) -> str:
        aim = "lose its significance" if removal.aim == "not_significant" else "change its sign"
        if not len(removal.numbers):
            return f"No set of up to {counted(self.largest_set, self.unit)} was found that makes it {aim}."
        many = counted(len(removal.numbers), self.unit)
        shown = ", ".join(map(str, removal.numbers[:8])) + (", ..." if len(removal.numbers) > 8 else "")
        named = f"{many} ({'row' if self.unit == 'case' else 'number'} {shown})"
        if np.isnan(removal.estimate):
            return f"By approximation it would {aim} without {named}, but that model cannot be estimated."
        refit = f"a refit without them gives {number(removal.estimate)}, {p_text(removal.p_value)}"
        if removal.confirmed:
            return f"It would {aim} without {named}: {refit}."
        return f"By approximation it would {aim} without {named}, but {refit}."

    def _note(self) -> str:
        return f"{self.covariance.label}, {n_text(self.n)}; sets are found greedily, so smaller ones may exist"


class _Left(NamedTuple):
    """Coordinates without each unit, and their difference from the full ones: (u, k)."""

    difference: Vector
    leverage: Vector


def influence(fit: ModerationFit, term: str | None = None, *, by: Unit = "case", alpha: float | None = None) -> Influence:
    r"""Estimate of a term without each case, or without each cluster.

    With leverage :math:`h_i` and residual :math:`e_i` the change is :math:`b - b_{(i)} = (X'X)^{-1} x_i e_i / (1 - h_i)`; a cluster g
    leaves :math:`(X'X - X_g'X_g)^{-1}(X'y - X_g'y_g)`. DFBETAS divides by :math:`s_{(i)} \sqrt{(X'X)^{-1}_{jj}}`, and Cook's distance is
    :math:`e_i^2 h_i / (k s^2 (1 - h_i)^2)`. In a weighted fit rows of X, y and e are those times the root of their weight (as R's
    ``influence.measures`` has them).

    Units are then ordered by their change towards zero and left out one after the other. The estimate after each is exact; its standard
    error is held at that of the full fit while looking for the place where the interval reaches zero, and one refit checks the set found.
    The order is not renewed on the way, so the sets are approximations from above. The centers stay where they are throughout.

    Parameters
    ----------
    fit
        The fit.
    term
        A coefficient; by default the last product in the model (the last term, where there is none). Lower-order terms are taken in the
        centring asked for.
    by
        "case", or "cluster" for a fit with clustered standard errors.
    alpha
        Level at which the term is significant; by default the model's.

    Returns
    -------
    Influence
        One entry a unit in the order of the data; rows are counted from 1, and no id is shown.

    Raises
    ------
    ModelError
        For a term the model does not have, or clusters in a fit without any.

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
    """Clusters in the order in which the data first show them, which a reader can follow without an id."""
    first = np.unique(codes, return_index=True)[1]
    return np.asarray(np.argsort(np.argsort(first))[codes], dtype=np.int64)


def _left_out(solution: Solution, units: Units, by: Unit) -> _Left:
    """What each unit moves in coordinates: (I - A_u)^-1 B_u'e_u, A_u the cross products of its rows; closed form for single cases."""
    if by == "case":
        h = solution.leverage
        return _Left(units.score / np.where(h > FULL_LEVERAGE, np.nan, 1 - h)[:, None], h)
    grams = grams_of(solution.basis, units.codes, np.arange(len(units.numbers)))
    return _Left(solved(np.eye(grams.shape[1]) - grams, units.score), np.trace(grams, axis1=1, axis2=2))


def _spread_without(solution: Solution) -> Vector:
    """(n,) residual standard deviation without each case."""
    e, h = solution.residuals, solution.leverage
    rest = np.where(h > FULL_LEVERAGE, np.nan, 1 - h)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(np.maximum(e @ e - e**2 / rest, 0.0) / (solution.df - 1))


def _studentized(solution: Solution) -> Vector:
    rest = np.where(solution.leverage > FULL_LEVERAGE, np.nan, 1 - solution.leverage)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(solution.residuals / (_spread_without(solution) * np.sqrt(rest)))
