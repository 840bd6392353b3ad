r"""Bounds on the standard error of a slope when the covariances of the coefficients are unknown.

For a combination with parts :math:`l_j b_j` and standard errors :math:`s_j` of the coefficients, the triangle inequality gives
:math:`\max(0, 2 \max_j |l_j| s_j - \sum_j |l_j| s_j) \le SE \le \sum_j |l_j| s_j`, whatever the covariances are.
"""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Vector
from tienet.regression.core.least_squares import lincom


def error_bounds(rows: Vector, matrix: Vector) -> tuple[Vector, Vector]:
    """Return the smallest and largest standard error, (r,) each, of every L'b; they are equal if the covariances it needs are known.

    Examples
    --------
    >>> V = np.array([[4.0, np.nan], [np.nan, 1.0]])
    >>> [bound.tolist() for bound in error_bounds(np.array([[1.0, 0.0], [1.0, 1.0]]), V)]
    [[2.0, 1.0], [2.0, 3.0]]
    """
    used = rows.any(axis=0)
    parts = np.abs(rows[:, used]) * np.sqrt(np.diag(matrix)[used])
    high = parts.sum(axis=1)
    low = np.maximum(2 * parts.max(axis=1) - high, 0.0)
    for i, row in enumerate(rows):
        inside = row != 0
        if np.isfinite(matrix[np.ix_(inside, inside)]).all():
            low[i] = high[i] = lincom(row[None], np.zeros(len(row)), matrix)[1][0]
    return low, high
