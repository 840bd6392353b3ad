"""The convex hull of the observations over two variables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.regression.core.polynomial import Variable

_EDGE = 1e-9  # of the range: an observation on the hull counts as inside


class Hull(NamedTuple):
    """(h, 2) corners, counter-clockwise, and whether each of s spots lies inside; no corners without data."""

    corners: Vector
    inside: NDArray[np.bool_]


def hull_of(first: Variable, second: Variable, spots: Vector) -> Hull:
    """Find the convex hull of the observations, with both variables scaled to [0, 1].

    Parameters
    ----------
    first, second
        Variables with their (n,) values.
    spots
        (s, 2) points to test.

    Examples
    --------
    >>> x, z = (Variable(name, 1, 1, 0, 2, values=np.array(v)) for name, v in (("x", [0.0, 2, 0]), ("z", [0.0, 0, 2])))
    >>> hull_of(x, z, np.array([[0.5, 0.5], [2, 2]])).inside.tolist()
    [True, False]
    """
    if len(first.values) == 0 or len(second.values) != len(first.values):
        return Hull(np.empty((0, 2)), np.zeros(len(spots), dtype=bool))
    from scipy.spatial import ConvexHull

    low, span = np.array([first.low, second.low]), np.array([first.high - first.low, second.high - second.low])
    cases = np.column_stack([first.values, second.values])
    found = ConvexHull((cases - low) / span)
    sides = found.equations
    inside = (((spots - low) / span) @ sides[:, :2].T + sides[:, 2] <= _EDGE).all(axis=1)
    return Hull(cases[found.vertices], np.asarray(inside))
