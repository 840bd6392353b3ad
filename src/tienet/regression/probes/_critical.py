"""Critical values along a moderator, and the points at which a slope crosses them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Sealed
from tienet.regression.core.degrees import Degrees
from tienet.regression.core.least_squares import f_critical, lincom, t_critical
from tienet.regression.core.polynomial import Polynomial

_STEPS = 4001


@dataclass(frozen=True, slots=True, eq=False)
class Critical(Sealed):
    r"""Critical value c of \|t\| of a slope: that of t, or :math:`\sqrt{r F(r, df)}` for a whole line at once.

    Parameters
    ----------
    alpha
        Significance level.
    free
        r, the number of coefficients in the slope; 0 for t.
    df
        Degrees of freedom everywhere if `moving` is None.
    moving
        Under CR2 the degrees of freedom of each combination of the slope's coefficients, so that c changes with the moderator.
    """

    alpha: float
    free: int
    df: float
    moving: Degrees | None = None

    @property
    def constant(self) -> float:
        """The critical value; NaN if it changes with the moderator."""
        return float("nan") if self.moving else float(self._at(np.array([self.df]))[0])

    def df_of(self, rows: Vector) -> Vector:
        """(v,) degrees of freedom of combinations of the slope's coefficients, (v, 3)."""
        return self.moving.of(rows) if self.moving else np.full(len(rows), float(self.df))

    def of(self, rows: Vector) -> Vector:
        """(v,) critical values for combinations of the slope's coefficients, (v, 3)."""
        return self._at(self.df_of(rows)) if self.moving else np.full(len(rows), self.constant)

    def _at(self, df: Vector) -> Vector:
        if not self.free:
            return t_critical(self.alpha, df)
        return np.sqrt(self.free * f_critical(self.alpha, self.free, df))


def critical_along(surface: Polynomial, rows: Vector, alpha: float, free: int = 0) -> Critical:
    """Critical values of a slope whose coefficients are the combinations `rows`, (3, k), of the model's coefficients."""
    moving = surface.own_degrees.along(rows).compact() if surface.own_degrees else None
    return Critical(alpha, free, surface.df, moving)


def moving_bounds(slope: Vector, covariance: Vector, critical: Critical) -> tuple[Vector, Vector]:
    r"""Find where \|s(u)\| crosses c(u) times its standard error, over the whole line of u.

    With :math:`u = \tan\theta` the line becomes the interval from :math:`-\pi/2` to :math:`\pi/2`, and multiplying the slope by
    :math:`\cos^d\theta`, d its degree, changes neither t nor its degrees of freedom. Crossings are bracketed between 4001 even steps of
    the angle (densest around u = 0) and the zeros of the slope, and each is then refined to the last digits.

    Parameters
    ----------
    slope, covariance
        (3,) coefficients of 1, u, u^2 and their (3, 3) covariance, with u in units of its spread.
    critical
        Critical values for combinations of these.

    Returns
    -------
    tuple
        (b,) crossings in increasing order, and (b + 1,) whether the slope exceeds c left of, between and right of them.
    """
    from scipy.optimize import brentq

    degree = int(np.flatnonzero((slope != 0) | (np.diag(covariance) > 0)).max(initial=0))

    def beyond(angles: Vector) -> Vector:
        rows = _powers_of(angles, degree)
        estimate, std_error = lincom(rows, slope, covariance)
        return np.asarray(np.abs(estimate) - critical.of(rows) * std_error)

    zeros = np.roots(slope[: degree + 1][::-1])
    angles = np.union1d(np.linspace(-np.pi / 2, np.pi / 2, _STEPS), np.arctan(zeros.real))
    above = beyond(angles) > 0
    turns = np.flatnonzero(above[:-1] != above[1:])
    found = [brentq(lambda a: float(beyond(np.array([a]))[0]), angles[i], angles[i + 1], xtol=1e-15, rtol=1e-15) for i in turns]
    return np.tan(found), np.concatenate([above[turns], above[-1:]])


def _powers_of(angles: Vector, degree: int) -> Vector:
    """(v, 3) rows cos^(degree - j) sin^j."""
    powers = np.arange(3)
    inside = np.cos(angles)[:, None] ** np.maximum(degree - powers, 0) * np.sin(angles)[:, None] ** powers
    return np.asarray(np.where(powers <= degree, inside, 0.0))
