"""Roots and signs of s(m)^2 - c^2 Var s(m), which show where a slope differs from zero."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError

_EPS = float(np.finfo(float).eps)


def margin_polynomial(slope: Vector, covariance: Vector, critical: float) -> Vector:
    r"""Return the coefficients, lowest first, of :math:`s(u)^2 - c^2 \operatorname{Var} s(u)` for :math:`s(u) = s_0 + s_1 u + s_2 u^2`.

    Parameters
    ----------
    slope
        (3,) s.
    covariance
        (3, 3) covariance of s.
    critical
        c.

    Returns
    -------
    ndarray
        (5,) coefficients; those that are only rounding error are set to 0.
    """
    own = np.convolve(slope, slope)
    noise = np.array([covariance[np.arange(3)[:, None] + np.arange(3) == power].sum() for power in range(5)])
    size = np.array([np.abs(covariance)[np.arange(3)[:, None] + np.arange(3) == power].sum() for power in range(5)])
    combined = own - critical**2 * noise
    combined[np.abs(combined) <= 8 * _EPS * (np.convolve(np.abs(slope), np.abs(slope)) + critical**2 * size)] = 0.0
    return np.asarray(combined)


def real_roots(polynomial: Vector) -> Vector:
    """Real roots, in increasing order, at which the polynomial changes sign; beyond degree two by eigenvalues and Newton steps."""
    used = np.trim_zeros(polynomial, "b")
    roots = _quadratic_roots(used) if len(used) <= 3 else _polished(used)
    return _crossings(np.sort(roots), used)


def _quadratic_roots(coefficients: Vector) -> Vector:
    r"""Roots q/A and C/q with :math:`q = -(B + \operatorname{sign}(B)\sqrt D)/2`, so that neither loses digits."""
    C, B, A = (*coefficients, 0.0, 0.0, 0.0)[:3]
    if A == 0:
        return np.array([-C / B]) if B else np.empty(0)
    D = B * B - 4 * A * C
    if A > 0 and -1e-9 * (B * B + abs(4 * A * C)) > D:
        raise ModelError("the covariances of these coefficients are impossible (they imply a negative variance); check the printed values")
    if D <= 0:
        return np.empty(0)
    q = -(B + np.copysign(np.sqrt(D), B)) / 2
    return np.array([q / A, C / q])


def _polished(coefficients: Vector) -> Vector:
    """Real roots of a cubic or quartic: companion matrix, then Newton steps."""
    roots = np.polynomial.polynomial.polyroots(coefficients)
    real = roots.real[np.abs(roots.imag) <= 1e-8 * np.maximum(1.0, np.abs(roots))]
    derivative = np.polynomial.polynomial.polyder(coefficients)
    for _ in range(3):
        steepness = np.polynomial.polynomial.polyval(real, derivative)
        height = np.polynomial.polynomial.polyval(real, coefficients)
        real = real - np.divide(height, steepness, out=np.zeros_like(real), where=steepness != 0)
    return np.asarray(real)


def _crossings(roots: Vector, polynomial: Vector) -> Vector:
    """Drop roots at which the polynomial touches zero without changing sign."""
    positive = is_positive(roots, polynomial)
    return np.asarray(roots[positive[:-1] != positive[1:]])


def is_positive(roots: Vector, polynomial: Vector) -> Vector:
    """(len(roots) + 1,) whether the polynomial is above zero left of, between and right of the roots."""
    heights = np.polynomial.polynomial.polyval(inner_points(roots), polynomial if len(polynomial) else np.zeros(1))
    return np.asarray(heights > 0)


def inner_points(roots: Vector) -> Vector:
    """(len(roots) + 1,) one point to the left of, between and to the right of the roots."""
    if len(roots) == 0:
        return np.zeros(1)
    reach = 1.0 + np.abs(roots[[0, -1]])
    return np.concatenate([[roots[0] - reach[0]], (roots[1:] + roots[:-1]) / 2, [roots[-1] + reach[1]]])
