"""The slope of one variable along another, as a polynomial in the latter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError
from tienet.regression.core.least_squares import lincom, quadratic_form
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.probes.probe import Values, partners, placed, split_values, standing


def along(surface: Polynomial, focal: Variable, moderator: Variable, at: Values) -> tuple[Vector, Vector, dict[str, float]]:
    """Slope as a polynomial in the centred moderator: (3,) coefficients, their (3, 3) covariance, and the values of the others."""
    rows, point = slope_along(surface, focal, moderator, at)
    return (*moments(surface, focal, rows), point)


def slope_along(surface: Polynomial, focal: Variable, moderator: Variable, at: Values) -> tuple[Vector, dict[str, float]]:
    """(3, k) rows of the slope as a polynomial in the centred moderator, and the values of the others."""
    own, others = split_values(surface, moderator.name, _named(surface, focal, at) if focal.name == moderator.name else at)
    if own is not None:
        raise ArgumentError(f"at: {moderator.name} varies here, so it cannot be held; hold only other variables, at={{'variable': value}}")
    given = placed(surface, others)
    point = standing(surface, given, moderator.name)
    return surface.slope_rows(focal.name, moderator.name, point), point


def _named(surface: Polynomial, focal: Variable, at: Values) -> Values:
    """Read plain numbers, along a curve, as values of the one variable that moderates it."""
    if at is None or isinstance(at, Mapping):
        return at
    others = [name for name in partners(surface, focal.name) if name != focal.name]
    if len(others) != 1:
        known = f"{focal.name} has the moderators {', '.join(others)}" if others else f"{focal.name} has no moderator"
        raise ArgumentError(f"at={at!r} does not say which variable it is for ({known}); write at={{'variable': value}}")
    return {others[0]: at}


def moments(surface: Polynomial, focal: Variable, rows: Vector) -> tuple[Vector, Vector]:
    """(3,) coefficients of the slope and their (3, 3) covariance."""
    covariance = quadratic_form(rows, surface.matrix)
    if not np.isfinite(covariance).all():
        raise ModelError(f"the covariances of the coefficients in the slope of {focal.name} are not known; give them with the model")
    return lincom(rows, surface.estimate, surface.matrix)[0], covariance


def powers(away: Vector) -> Vector:
    """(v, 3) rows of a polynomial at distances from its center."""
    away = np.atleast_1d(away)
    return np.column_stack([np.ones_like(away), away, away**2])
