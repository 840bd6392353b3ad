r"""Least squares of many resamples at once, from cross products.

With the orthonormal basis B of the fit, its coordinates c and its residuals e, a resample that contains row i :math:`m_i` times has
:math:`G = \sum m_i b_i b_i'` and :math:`g = \sum m_i b_i e_i`, and its coordinates are :math:`c + G^{-1} g`. G is near the identity and g
near zero, so cross products do not lose digits, as they would with the raw columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.regression.core.least_squares import Solution
from tienet.regression.resampling.draws import blocks

_LEFT = 1e-10  # a column is singular if the columns before it leave less than this share of its square unexplained


def unit_moments(solution: Solution, codes: NDArray[np.int64] | None) -> Vector:
    """Return the cross products of each unit to be drawn, a row or a whole cluster.

    Parameters
    ----------
    solution
        The fit.
    codes
        (n,) cluster of each row, or None to draw rows.

    Returns
    -------
    ndarray
        (units, k (k + 1) / 2 + k + 1) upper triangle of bb', then be, then e^2.
    """
    basis, residuals = solution.basis, solution.residuals
    first, second = np.triu_indices(basis.shape[1])
    rows = np.column_stack([basis[:, first] * basis[:, second], basis * residuals[:, None], residuals**2])
    if codes is None:
        return rows
    sums = np.zeros((int(codes.max()) + 1, rows.shape[1]))
    np.add.at(sums, codes, rows)
    return sums


def resampled(moments: Vector, coordinates: Vector, draws: int, rng: np.random.Generator) -> tuple[Vector, Vector]:
    """(draws, k) coordinates and (draws,) R2 of resamples of the units with replacement; NaN if singular."""
    return resampled_together([(moments, coordinates)], draws, rng)[0]


def resampled_together(equations: Sequence[tuple[Vector, Vector]], draws: int, rng: np.random.Generator) -> list[tuple[Vector, Vector]]:
    """As `resampled`, for several equations on the same rows: each draw is the same for all of them."""
    units = len(equations[0][0])
    found = [(np.empty((draws, len(coordinates))), np.empty(draws)) for _, coordinates in equations]
    for part in blocks(draws, units + 2 * sum(moments.shape[1] for moments, _ in equations)):
        counts = drawn_counts(part.stop - part.start, units, rng).T
        for (moments, coordinates), (estimates, fits) in zip(equations, found, strict=True):
            estimates[part], fits[part] = solved(moments.T @ counts, coordinates)
    return found


def drawn_counts(draws: int, units: int, rng: np.random.Generator) -> Vector:
    """(draws, units) multinomial counts of each unit in each resample."""
    places = rng.integers(0, units, (draws, units)) + units * np.arange(draws)[:, None]
    return np.bincount(places.ravel(), minlength=draws * units).reshape(draws, units).astype(float)


def left_out(moments: Vector, coordinates: Vector) -> tuple[Vector, Vector]:
    """(units, k) coordinates and (units,) R2 without each unit in turn."""
    total, width = moments.sum(axis=0), moments.shape[1]
    found, fits = np.empty((len(moments), len(coordinates))), np.empty(len(moments))
    for part in blocks(len(moments), 2 * width):
        found[part], fits[part] = solved(np.ascontiguousarray((total - moments[part]).T), coordinates)
    return found, fits


def solved(sums: Vector, coordinates: Vector) -> tuple[Vector, Vector]:
    r"""Compute coordinates and R2 of resamples from their cross products.

    Parameters
    ----------
    sums
        (k (k + 1) / 2 + k + 1, draws), each column the weighted sum of `unit_moments`.
    coordinates
        (k,) coordinates of the fit.

    Returns
    -------
    tuple
        (draws, k) and (draws,). With u the coordinates without that of the constant, the outcome minus its constant part is Bu + e, so the
        total sum of squares is :math:`u'Gu + 2u'g + e'e` minus the part of the constant, and the residual one :math:`e'e - g'G^{-1}g`.
    """
    k, draws = len(coordinates), sums.shape[1]
    first, second = np.triu_indices(k)
    system = np.empty((k, k + 1, draws))
    system[first, second] = system[second, first] = sums[: len(first)]
    system[:, k] = sums[len(first) : -1]
    away = np.append(0.0, coordinates[1:])
    pulled = np.tensordot(away, system[:, :k], axes=(0, 0))  # Gu
    right = system[:, k].copy()
    total = away @ (pulled + 2 * right) + sums[-1] - (pulled[0] + right[0]) ** 2 / system[0, 0]
    step = eliminated(system)[:, 0]
    unexplained = sums[-1] - np.einsum("ij,ij->j", right, step)
    return coordinates + step.T, 1 - unexplained / total


def eliminated(system: Vector) -> Vector:
    """Solve G x = g for every draw by elimination in place: (k, m, draws) from (k, k + m, draws), G followed by the m columns of g.

    G is positive definite, so it needs no pivoting; NaN if singular.
    """
    k = len(system)
    least = _LEFT * np.array([system[j, j] for j in range(k)])
    for j in range(k):
        system[j, j] = np.where(system[j, j] > least[j], system[j, j], np.nan)
        share = system[j + 1 :, j] / system[j, j]
        system[j + 1 :, j + 1 :] -= share[:, None] * system[j, None, j + 1 :]
    found = system[:, k:]
    for j in reversed(range(k)):
        found[j] = (found[j] - np.einsum("id,imd->md", system[j, j + 1 : k], found[j + 1 :])) / system[j, j]
    return found
