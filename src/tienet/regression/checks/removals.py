"""Sets of observations or clusters whose removal changes a conclusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.base.record import locked
from tienet.regression.checks._shared import asked_back
from tienet.regression.core.least_squares import lincom, sandwich, solve, t_critical, two_sided
from tienet.regression.core.polynomial import recentring
from tienet.regression.covariance.sandwich import sandwich_of
from tienet.regression.model.fit import ModerationFit

__all__ = ["Removal"]


FULL_LEVERAGE = 1 - 1e-8
LONGEST_PATH = 1000  # units left out one after another; 1000 k x k systems are solved at once


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Removal:
    """A set of units whose removal changes the conclusion.

    Parameters
    ----------
    aim
        "not_significant" or "sign_change".
    numbers
        (m,) numbers of the units, the most influential first; empty if no set was found.
    estimate, std_error, p_value
        Result for the term in a refit without them, under the fit's kind of covariance; NaN if that model cannot be estimated.
    confirmed
        Whether the refit confirms the change.
    """

    aim: str
    numbers: NDArray[np.int64]
    estimate: float
    std_error: float
    p_value: float
    confirmed: bool

    def __repr__(self) -> str:
        return f"<Removal: {self.aim}, {counted(len(self.numbers), 'unit')}, {'' if self.confirmed else 'not '}confirmed>"


class Units(NamedTuple):
    """(u, k) scores of the units in the basis, their (u,) numbers, and the (n,) unit of each row."""

    score: Vector
    numbers: NDArray[np.int64]
    codes: NDArray[np.int64]


def removals(fit: ModerationFit, place: int, units: Units, change: Vector, alpha: float) -> tuple[Removal, ...]:
    """Find one set for the significance, if the term is significant, and one for the sign."""
    b, s = float(fit.estimate[place]), float(fit.std_error[place])
    towards = np.where(np.isnan(change), -np.inf, change * np.sign(b))
    order = np.argsort(-towards, kind="stable")[: min(len(change) // 2, LONGEST_PATH)]
    order = order[towards[order] > 0]
    if not order.size:
        path = np.zeros(0)
    else:
        grams = np.cumsum(grams_of(fit.solution.basis, units.codes, order), axis=0)
        gone = solved(np.eye(grams.shape[1]) - grams, np.cumsum(units.score[order], axis=0))
        path = (b - gone @ asked_back(fit)[place]) * np.sign(b)
    reach = t_critical(alpha, float(fit.dfs[place])) * s
    aims = {"not_significant": reach, "sign_change": 0.0} if abs(b) > reach else {"sign_change": 0.0}
    return tuple(_removal(fit, place, units, order[: _first_below(path, limit)], (aim, alpha)) for aim, limit in aims.items())


def _first_below(path: Vector, limit: float) -> int:
    below = np.flatnonzero(path < limit)
    return int(below[0]) + 1 if below.size else 0


def _removal(fit: ModerationFit, place: int, units: Units, gone: NDArray[np.int64], wanted: tuple[str, float]) -> Removal:
    aim, alpha = wanted
    estimate, std_error, p = _refit_without(fit, place, np.isin(units.codes, gone)) if gone.size else (np.nan, np.nan, np.nan)
    shown = p >= alpha if aim == "not_significant" else estimate * fit.estimate[place] < 0
    return Removal(aim, locked(units.numbers[gone], np.int64), estimate, std_error, p, bool(shown))


def _refit_without(fit: ModerationFit, place: int, gone: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Estimate, standard error and p of the term on the remaining rows, at the same centers."""
    kept, clusters, weights = ~gone, fit.sample.clusters, fit.sample.weights
    codes = None if clusters is None else np.unique(clusters[kept], return_inverse=True)[1]
    try:
        columns = fit.design.columns(fit.design.means)[kept]
        solution = solve(columns, fit.sample.response[kept], fit.terms[1:], None if weights is None else weights[kept])
        if codes is not None and codes.max() < 1:
            return np.nan, np.nan, np.nan
        found = sandwich_of(fit.covariance).estimated(solution, codes, rows=fit.sample.rows[kept])
    except ModelError:  # the remaining rows cannot carry the model, which the NaN records
        return np.nan, np.nan, np.nan
    move = recentring(fit.design.terms, fit.design.means, fit.design.centers)
    back, row = move @ solution.back, np.eye(len(move))[[place]]
    estimate, std_error = lincom(row, back @ solution.coordinates, sandwich(back, found.meat))
    df = found.degrees.of(row @ move)
    return float(estimate[0]), float(std_error[0]), float(two_sided(estimate / std_error, df)[0])


def grams_of(basis: Vector, codes: NDArray[np.int64], chosen: NDArray[np.int64]) -> Vector:
    """(len(chosen), k, k) cross products of the rows of each chosen unit."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(int(codes.max()) + 2))
    return np.array([(rows := basis[order[starts[u] : starts[u + 1]]]).T @ rows for u in chosen])


def solved(matrices: Vector, right: Vector) -> Vector:
    """(u, k) solutions, NaN if the remaining rows cannot carry the model."""
    poor = np.linalg.eigvalsh(matrices)[:, 0] < 1 - FULL_LEVERAGE
    safe = np.where(poor[:, None, None], np.eye(matrices.shape[1]), matrices)
    return np.where(poor[:, None], np.nan, np.linalg.solve(safe, right[:, :, None])[:, :, 0])
