"""Collinearity: variance inflation factors, condition indexes and variance-decomposition proportions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import listed, number
from tienet.base.record import Record, locked
from tienet.regression.checks._shared import needs_cases
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.variance_inflation import Vif

__all__ = ["Collinearity", "collinearity"]


_STRONG_INDEX, _STRONG_SHARE = 30.0, 0.5  # Belsley, Kuh & Welsch (1980), section 3.2


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Collinearity(Record):
    """Condition of the k columns of a design, intercept included, each of unit length.

    Parameters
    ----------
    terms
        k names, the intercept first.
    vif
        Variance inflation factors of the other terms.
    centred_index, raw_index
        (k,) condition indexes in increasing order, with mean-centred and with raw variables; the last is the condition number.
    centred_proportions, raw_proportions
        (k, k) share of each coefficient's variance (columns) that belongs to each index (rows). Columns sum to 1.
    backend
        Kind of data frame that `frame` returns.
    """

    terms: tuple[str, ...]
    vif: Vif
    centred_index: Vector
    raw_index: Vector
    centred_proportions: Vector
    raw_proportions: Vector
    backend: Backend = "pandas"

    @property
    def condition_number(self) -> tuple[float, float]:
        """Condition numbers of the centred and of the raw columns."""
        return float(self.centred_index[-1]), float(self.raw_index[-1])

    def _works(self) -> tuple[str, ...]:
        return ("belsley_et_al_1980", "echambadi_hess_2007", *self.vif._works())

    def _columns(self) -> Columns:
        """One row per term: its variance inflation, and its share in the weakest direction of the data."""
        nothing = np.array([np.nan])
        return {
            "term": np.array(self.terms, dtype=object),
            "centred": np.concatenate([nothing, self.vif.centred]),
            "raw": np.concatenate([nothing, self.vif.raw]),
            "gvif": np.concatenate([nothing, self.vif.gvif]),
            "gvif_df": np.concatenate([nothing, self.vif.gvif_df]),
            "gvif_scaled": np.concatenate([nothing, self.vif.gvif_scaled]),
            "centred_proportion": self.centred_proportions[-1],
            "raw_proportion": self.raw_proportions[-1],
        }

    def __str__(self) -> str:
        centred, raw = self.condition_number
        involved = [term for term, share in zip(self.terms, self.centred_proportions[-1], strict=True) if share > _STRONG_SHARE]
        if centred > _STRONG_INDEX and len(involved) > 1:
            verdict = f"It accounts for over half of the variance of {listed(involved)}, which the data can hardly separate"
        else:
            verdict = f"Worry only about a centred number above {_STRONG_INDEX:g} that two coefficients share"
        worst = int(np.argmax(self.vif.centred))
        largest = f"{number(self.vif.centred[worst], 1)} with centred variables and {number(self.vif.raw[worst], 1)} with raw ones"
        return (
            f"The condition number is {number(centred, 1)} with centred variables and {number(raw, 1)} with raw ones. {verdict}. "
            f"The largest variance inflation factor belongs to {self.vif.terms[worst]}: {largest}. "
            "Centring lowers these numbers but adds no information about a product: its coefficient and R2 stay the same."
        )


def collinearity(fit: ModerationFit) -> Collinearity:
    r"""Compute condition indexes, variance-decomposition proportions and variance inflation factors.

    With :math:`X = U D V'` the columns scaled to unit length, including the intercept, the indexes are :math:`d_{max} / d_j`, and index j
    has the share :math:`(v_{kj}^2 / d_j^2) / \sum_l v_{kl}^2 / d_l^2` of the variance of coefficient k. In a weighted fit every row of X
    is first multiplied by the root of its weight.

    Parameters
    ----------
    fit
        The fit.

    Returns
    -------
    Collinearity
        Centred (every numeric variable minus its mean) and raw values. The frame has one row per term with its share in the largest index;
        the arrays have all shares.

    References
    ----------
    Belsley, D. A., Kuh, E. & Welsch, R. E. (1980). Regression Diagnostics, chapter 3.
    Echambadi, R. & Hess, J. D. (2007). Marketing Science 26, 438-445.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [11, 12, 13, 14, 15, 16], "z": [0, 1, 0, 1, 0, 1]}
    >>> collinearity(Moderation("y ~ x + z").fit(data)).centred_index.round(2)
    array([1.  , 1.14, 1.35])
    """
    design = needs_cases(fit).design
    centred = _decomposed(design.columns(design.means), fit.sample.weights)
    raw = _decomposed(design.columns(dict.fromkeys(design.variables, 0.0)), fit.sample.weights)
    return Collinearity(fit.terms, fit.vif, centred[0], raw[0], centred[1], raw[1], fit.backend)


def _decomposed(columns: Vector, weights: Vector | None) -> tuple[Vector, Vector]:
    X = np.column_stack([np.ones(len(columns)), columns])
    if weights is not None:
        X *= np.sqrt(weights)[:, None]
    _, d, Vt = np.linalg.svd(X / np.linalg.norm(X, axis=0), full_matrices=False)
    phi = (Vt / d[:, None]) ** 2
    return locked(d[0] / d), locked(phi / phi.sum(axis=0))
