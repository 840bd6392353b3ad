r"""Directions in which a likelihood grows for ever: complete and quasi-complete separation.

A direction d of the coefficients is one if :math:`Gd \ge 0` with at least one row above zero and :math:`Ed = 0`. For a yes-or-no outcome
every row of G is x or -x, by its outcome; for counts G has -x of the rows with a zero and E the other rows. There is one exactly if a
linear programme has a solution above zero.

References
----------
Albert, A. & Anderson, J. A. (1984). Biometrika 71, 1-10.
Konis, K. (2007). Linear Programming Algorithms for Detecting Separated Data in Binary Logistic Regression Models. University of Oxford.
Correia, S., Guimaraes, P. & Zylkin, T. (2019). Verifying the existence of maximum likelihood estimates for generalized linear models.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.numbers import listed

_ABOVE = 1e-6  # the programme is solved to 1e-7
_FEW = 3  # more terms are not listed


def recedes(grows: Vector, stays: Vector, free: Vector) -> bool:
    """Whether there is a direction of the `free` coefficients along which the likelihood grows for ever.

    Parameters
    ----------
    grows, stays
        (r, p) rows G and (s, p) rows E.
    free
        (p,) whether a coefficient may move.

    Examples
    --------
    >>> recedes(np.array([[-1.0, -1.0], [1.0, 2.0]]), np.empty((0, 2)), np.array([True, True]))
    True
    """
    from scipy.optimize import linprog

    bounds = [(-1.0, 1.0) if one else (0.0, 0.0) for one in free]
    found = linprog(
        -grows.sum(axis=0),
        -grows,
        np.zeros(len(grows)),
        stays if len(stays) else None,
        np.zeros(len(stays)) if len(stays) else None,
        bounds,
    )
    return bool(found.status == 0 and -found.fun > _ABOVE * max(1.0, float(np.abs(grows).max())))


def separating(grows: Vector, stays: Vector, names: Sequence[str]) -> str:
    """The term, or the terms together, that separate the outcome, for a message; empty if none do. Columns without a name always move."""
    p, first = grows.shape[1], grows.shape[1] - len(names)
    free = np.ones(p, dtype=bool)
    if not recedes(grows, stays, free):
        return ""
    alone = []
    for place in range(first, p):
        free[place] = False
        if not recedes(grows, stays, free):
            alone.append(names[place - first])
        free[place] = True
    return listed(alone[:_FEW], "or") if alone else "several terms together"


def standardised(columns: Vector) -> Vector:
    """Columns of a similar size: the constant, and the others centred and divided by their standard deviation."""
    centred = columns - columns.mean(axis=0)
    return np.column_stack([np.ones(len(columns)), centred / centred.std(axis=0)])
