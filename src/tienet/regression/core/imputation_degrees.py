"""Degrees of freedom of estimates pooled over imputations."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Sealed
from tienet.regression.core.degrees import Degrees


@dataclass(frozen=True, slots=True, eq=False)
class BarnardRubin(Sealed):
    r"""Barnard and Rubin's degrees of freedom of each combination, from the variance within and between m imputations.

    With :math:`\lambda = (1 + 1/m) L'BL / L'TL`, :math:`\nu_{old} = (m - 1) / \lambda^2` and, with :math:`\nu` those of complete data,
    :math:`\nu_{obs} = \frac{\nu + 1}{\nu + 3} \nu (1 - \lambda)`, they are :math:`1 / (1/\nu_{old} + 1/\nu_{obs})`.

    Parameters
    ----------
    within, between
        (k, k) mean covariance W and covariance B of the estimates, with m - 1.
    imputations
        m.
    complete
        Degrees of freedom of each of the m fits; their mean is that of complete data, infinite for likelihood models.

    References
    ----------
    Barnard, J. & Rubin, D. B. (1999). Biometrika 86, 948-955.
    """

    within: Vector
    between: Vector
    imputations: int
    complete: tuple[Degrees, ...]

    def along(self, rows: Vector) -> BarnardRubin:
        """The same for combinations of (r, k) rows."""
        complete = tuple(each.along(rows) for each in self.complete)
        return replace(self, within=rows @ self.within @ rows.T, between=rows @ self.between @ rows.T, complete=complete)

    def compact(self) -> BarnardRubin:
        """Itself, which is small whatever the number of rows."""
        return self

    def missing(self, rows: Vector) -> Vector:
        r"""(r,) shares :math:`\lambda` of the variance of each combination that are due to missing values."""
        between = (1 + 1 / self.imputations) * np.einsum("ri,ij,rj->r", rows, self.between, rows)
        total = np.einsum("ri,ij,rj->r", rows, self.within, rows) + between
        return np.asarray(np.divide(between, total, out=np.full(len(rows), np.nan), where=total > 0))

    def of(self, rows: Vector) -> Vector:
        """(r,) degrees of freedom of (r, k) combinations; NaN for a row of zeros."""
        share = self.missing(rows)
        complete = np.mean([each.of(rows) for each in self.complete], axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            old = (self.imputations - 1) / share**2
            observed = np.where(np.isinf(complete), np.inf, (complete + 1) / (complete + 3) * complete * (1 - share))
            return np.asarray(np.where(np.isnan(share), np.nan, 1 / (1 / old + 1 / observed)))

    def joint_matrix(self, matrix: Vector) -> Vector:  # noqa: ARG002 - replaced by that of D1
        r"""(q, q) covariance of D1, :math:`W (1 + \bar r)`, for exactly these q combinations; for one combination it is T."""
        return self.within * (1 + self._increase())

    def joint(self, rows: Vector) -> tuple[float, float]:
        """1 and df2 of the test D1: Reiter's for finite complete-data degrees of freedom, else those of Li, Raghunathan and Rubin.

        References
        ----------
        Li, K. H., Raghunathan, T. E. & Rubin, D. B. (1991). Journal of the American Statistical Association 86, 1065-1073.
        Reiter, J. P. (2007). Biometrika 94, 502-508.
        """
        own = self.along(rows)
        q = len(rows)
        if q == 1:
            return 1.0, float(own.of(np.eye(1))[0])
        complete = float(np.mean([each.of(np.eye(q)) for each in own.complete]))
        increase, free = own._increase(), q * (self.imputations - 1)
        if increase <= 0:
            return 1.0, (complete + 1) / (complete + 3) * complete if np.isfinite(complete) else np.inf
        if free <= 4:
            return 1.0, free * (1 + 1 / q) * (1 + 1 / increase) ** 2 / 2
        if np.isinf(complete):
            return 1.0, 4 + (free - 4) * (1 + (1 - 2 / free) / increase) ** 2
        return 1.0, _reiter(increase, free, complete)

    def _increase(self) -> float:
        """Average relative increase of the variance by missing values, over exactly these combinations."""
        q = len(self.within)
        return float((1 + 1 / self.imputations) * np.trace(np.linalg.solve(self.within, self.between)) / q)


def _reiter(increase: float, free: float, complete: float) -> float:
    """Reiter's df2, from the average increase r, q (m - 1) and the degrees of freedom of complete data."""
    a = increase * free / (free - 2)
    observed = (complete + 1) / (complete + 3) * complete
    one, two, share = observed - 2 * (1 + a), observed - 4 * (1 + a), 1 / (free - 4)
    inverse = 1 / two + share * (
        a**2 * one / ((1 + a) ** 2 * two)
        + 8 * a**2 * one / ((1 + a) * two**2)
        + 4 * a**2 / ((1 + a) * two)
        + 4 * a**2 / (two * one)
        + 16 * a**2 * one / two**3
        + 8 * a**2 / two**2
    )
    return 4 + 1 / inverse
