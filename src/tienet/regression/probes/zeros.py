"""Where a slope is zero along a variable: the points, their delta-method errors, and their Fieller sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import coverage, interval_text, number
from tienet.base.record import Sealed
from tienet.regression.core.least_squares import quadratic_form, t_critical
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.probes._along import powers
from tienet.regression.probes._critical import Critical, critical_along
from tienet.regression.probes._error_bounds import error_bounds
from tienet.regression.probes._stretches import regions_of
from tienet.regression.probes.bounded_regions import judged
from tienet.regression.probes.probe import only_errors

__all__ = ["Zero"]

FiellerKind: TypeAlias = Literal["bounded", "two_rays", "whole_line", "not known"]


@dataclass(frozen=True, slots=True, eq=False)
class Zero(Sealed):
    """A value at which a slope is zero.

    Parameters
    ----------
    estimate
        The value, on the variable's own scale.
    std_error
        Delta-method error; NaN if the covariances it needs are not known.
    std_error_low, std_error_high
        Smallest and largest error that any covariance could give; equal if it is known, NaN without standard errors.
    delta
        Delta interval, the widest possible one if only bounds of the error are known.
    fieller
        Limits of the Fieller set, the values whose slope does not differ from zero; the largest possible set if only standard errors are
        known.
    kind
        Between the limits ("bounded"), below the first or above the second ("two_rays"), no limits ("whole_line"), or "not known".
    """

    estimate: float
    std_error: float
    std_error_low: float
    std_error_high: float
    delta: tuple[float, float]
    fieller: tuple[float, ...]
    kind: FiellerKind

    @property
    def is_exact(self) -> bool:
        """Whether the error is known, rather than bounds of it or nothing."""
        return bool(np.isfinite(self.std_error))

    @property
    def limits(self) -> tuple[float, float]:
        """Limits of the Fieller set, infinite for the whole line and NaN if it is not known."""
        if self.fieller:
            return self.fieller[0], self.fieller[1]
        return (-np.inf, np.inf) if self.kind == "whole_line" else (np.nan, np.nan)

    def bounds_columns(self) -> dict[str, Vector]:
        """Columns for the bounds of the error, if it is not known."""
        if self.is_exact:
            return {}
        return {"std_error_low": np.array([self.std_error_low]), "std_error_high": np.array([self.std_error_high])}

    def error_text(self) -> str:
        """The bounds of the error in words, if only they are known."""
        if self.is_exact or not np.isfinite(self.std_error_high):
            return ""
        low, high = number(self.std_error_low), number(self.std_error_high)
        return f"; its standard error lies between {low} and {high}, because the covariances of the coefficients are not given"

    def interval_text(self, alpha: float) -> str:
        """Both intervals in words: "95% Fieller interval [1, 2], delta interval [1.1, 1.9]"."""
        share = coverage(alpha)
        if self.kind == "not known":
            return "no interval can be given, because standard errors are not known"
        widest = "" if self.is_exact else " at most"
        if self.kind == "whole_line":
            could = "" if self.is_exact else " could be"
            return f"no {share} interval can be given (Fieller set:{could} the whole line)"
        if self.kind == "two_rays":
            low, high = map(number, self.fieller)
            return f"the {share} Fieller set is{widest} everything below {low} or above {high}"
        fieller, delta = (interval_text(low, high) for low, high in (self.fieller, self.delta))
        return f"{share} Fieller interval{widest} {fieller}, delta interval{widest} {delta}"


def zeros_of(surface: Polynomial, rows: Vector, variable: Variable, alpha: float) -> list[Zero]:
    r"""Find where a slope is zero.

    At a root a of :math:`s(a) = s_0 + s_1 a + s_2 a^2` the delta variance is :math:`\operatorname{Var} s(a) / s'(a)^2`, with s(a) held as a
    combination of coefficients. The Fieller set is the complement of the Johnson-Neyman regions of s.

    Parameters
    ----------
    surface
        The model; of its covariance only standard errors may be known, or nothing.
    rows
        (3, k) rows of the slope as a polynomial in the centred variable.
    variable
        The variable along which it runs.
    alpha
        Significance level.

    Returns
    -------
    list
        At most two, in increasing order.

    Raises
    ------
    ModelError
        If a coefficient is not known.
    """
    used = rows.any(axis=0)
    for j in np.flatnonzero(used & np.isnan(surface.estimate)):
        raise ModelError(f"the coefficient of {surface.terms[j]} is not known, so it cannot be said where the slope is zero; give it")
    slope = rows[:, used] @ surface.estimate[used]
    center = surface.centers[variable.name]
    regions = _regions(surface, rows, slope, variable, alpha)
    found = []
    for away in _roots(slope):
        gradient = powers(np.array([away])) @ rows / (slope[1] + 2 * slope[2] * away)
        low, high = (float(bound[0]) for bound in error_bounds(gradient, surface.matrix))
        estimate, half = float(center + away), float(t_critical(alpha, surface.df_of(gradient))[0]) * high
        kind, limits = ("not known", ()) if regions is None else _set_around(estimate, *regions, linear=slope[2] == 0)
        found.append(Zero(estimate, high if low == high else float("nan"), low, high, (estimate - half, estimate + half), limits, kind))
    return found


def fieller_set(
    slope: Vector, covariance: Vector, critical: Critical, variable: Variable, center: float
) -> tuple[FiellerKind, tuple[float, ...]]:
    """Find the values whose slope, a straight line, does not differ from zero."""
    return _set_around(float(center - slope[0] / slope[1]), *regions_of(slope, covariance, critical, variable, center), linear=True)


def _regions(surface: Polynomial, rows: Vector, slope: Vector, variable: Variable, alpha: float) -> tuple[Vector, NDArray[np.bool_]] | None:
    """Bounds of the Johnson-Neyman regions and whether each is significant, for any covariance if it is not known; None without errors."""
    center = surface.centers[variable.name]
    if only_errors(surface, rows):
        used = rows.any(axis=0)
        parts = np.abs(rows[:, used]) * np.sqrt(np.diag(surface.matrix)[used])
        borders, verdicts = judged(slope, parts, Critical(alpha, 0, surface.df).constant)
        return center + borders, np.array([word == "yes" for word in verdicts])
    covariance = quadratic_form(rows, surface.matrix)
    if not np.isfinite(covariance).all():
        return None
    return regions_of(slope, covariance, critical_along(surface, rows, alpha), variable, center)


def _roots(slope: Vector) -> Vector:
    """Simple real roots of the slope, in increasing order."""
    constant, linear, square = slope
    if square == 0:
        return np.array([-constant / linear]) if linear else np.empty(0)
    discriminant = linear**2 - 4 * square * constant
    if discriminant <= 0:
        return np.empty(0)
    q = -(linear + np.copysign(np.sqrt(discriminant), linear)) / 2
    return np.sort([q / square, constant / q])


def _set_around(estimate: float, bounds: Vector, significant: NDArray[np.bool_], linear: bool) -> tuple[FiellerKind, tuple[float, ...]]:
    """The piece of the Fieller set that holds the estimate; of a straight line the whole set, by its outermost limits."""
    if len(bounds) == 0:
        # a perfect fit has no error: the set is the estimate alone
        return ("bounded", (estimate, estimate)) if significant[0] else ("whole_line", ())
    place = int(np.searchsorted(bounds, estimate))
    low, high = np.concatenate([[-np.inf], bounds, [np.inf]])[[place, place + 1]]
    if linear and len(bounds) > 1:
        return ("bounded" if significant[0] else "two_rays"), (float(bounds[0]), float(bounds[-1]))
    if significant[place]:
        return "bounded", (estimate, estimate)
    if np.isfinite([low, high]).all():
        return "bounded", (float(low), float(high))
    # both ends of the line meet at infinity; a single ray has moved its other end there
    above = float(bounds[-1]) if not significant[-1] else np.inf
    below = float(bounds[0]) if not significant[0] else -np.inf
    return "two_rays", (below, above)
