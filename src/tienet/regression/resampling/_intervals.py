"""Spread and intervals of a bootstrap distribution."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Record

__all__ = ["Resampled"]


class Resampled(Record):
    """Base of results with a bootstrap distribution; subclasses are frozen dataclasses with these four fields.

    Parameters
    ----------
    estimate
        (r,) from the sample.
    estimates
        (draws, r) from the resamples.
    left_out
        (units, r) without each unit in turn, for BCa intervals; None with percentile intervals.
    alpha
        Significance level of the intervals.
    """

    __slots__ = ()

    estimate: Vector
    estimates: Vector
    left_out: Vector | None
    alpha: float

    @property
    def draws(self) -> int:
        """Number of resamples used."""
        return len(self.estimates)

    @property
    def std_error(self) -> Vector:
        """(r,) standard deviation over the resamples."""
        return np.asarray(self.estimates.std(axis=0, ddof=1))

    @property
    def limits(self) -> tuple[Vector, Vector]:
        """(r,) lower and (r,) upper ends of the bootstrap intervals."""
        return quantile_limits(self.estimate, self.estimates, self.left_out, self.alpha)


def quantile_limits(estimate: Vector, estimates: Vector, left: Vector | None, alpha: float) -> tuple[Vector, Vector]:
    """Return the lower and upper ends of the intervals: BCa if the values without each unit are given, else percentile.

    Parameters
    ----------
    estimate, estimates
        (r,) from the sample, (draws, r) from the resamples.
    left
        (units, r) without each unit in turn, or None.
    alpha
        Significance level of the intervals.

    Returns
    -------
    tuple
        (r,) lower and (r,) upper ends.
    """
    levels = np.tile([[alpha / 2], [1 - alpha / 2]], len(estimate))
    if left is not None:
        levels = _bca_levels(estimate, estimates, left, alpha)
    ends = np.array([np.quantile(column, two) for column, two in zip(estimates.T, levels.T, strict=True)])
    return ends[:, 0], ends[:, 1]


def _bca_levels(estimate: Vector, estimates: Vector, left: Vector, alpha: float) -> Vector:
    r"""(2, r) levels :math:`\Phi(z_0 + (z_0 + z) / (1 - a (z_0 + z)))`: z0 from the share below the estimate, a from the jackknife."""
    from scipy.special import ndtr, ndtri

    below = (np.mean(estimates < estimate, axis=0) + np.mean(estimates <= estimate, axis=0)) / 2
    shift = ndtri(np.clip(below, 0.5 / len(estimates), 1 - 0.5 / len(estimates)))
    away = left.mean(axis=0) - left
    spread = np.sum(away**2, axis=0)
    skew = np.divide(np.sum(away**3, axis=0), 6 * spread**1.5, out=np.zeros_like(spread), where=spread > 0)
    moved = shift + ndtri(np.array([[alpha / 2], [1 - alpha / 2]]))
    return np.asarray(ndtr(shift + moved / (1 - skew * moved)))
