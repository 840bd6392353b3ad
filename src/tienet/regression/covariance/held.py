r"""Which clusters or rows hold a coefficient: the share of a term's own variation in each, in functions of arrays.

A coefficient is a weighted sum of the outcomes, :math:`b_j = \sum_i l_{ij} y_i`. The weights are proportional to what is left of term j
after the other terms are partialled out, so the share of row i in the variation of that rest is :math:`l_{ij}^2 / \sum_i l_{ij}^2`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.numbers import counted
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.cluster_sums import ALONE, sums

MOST = 0.25  # share of a coefficient's variance along a direction above which it depends on it
_MAINLY = 0.5
_NAMED = 3


def shares_of_rows(basis: Vector, back: Vector) -> Vector:
    """(n, p) share of each row in the variation of p terms that the others leave; `back` is (p, k)."""
    squares = (basis @ back.T) ** 2
    return np.asarray(squares / squares.sum(axis=0))


def shares_of_clusters(basis: Vector, back: Vector, codes: Codes) -> Vector:
    """(G, p) share of each cluster in the same."""
    return sums(shares_of_rows(basis, back), codes)


def along(back: Vector, directions: Vector) -> Vector:
    """(p,) share of the variance of each coefficient along orthonormal (d, k) directions, under independent errors."""
    return np.asarray(((back @ directions.T) ** 2).sum(axis=1) / (back**2).sum(axis=1))


def directions_alone(basis: Vector, codes: Codes, clusters: Codes) -> Vector:
    """(d, k) orthonormal directions that some of these clusters alone determine: their residuals along them are 0 whatever the errors."""
    found = [np.zeros((0, basis.shape[1]))]
    for cluster in clusters:
        part = basis[codes == cluster]
        values, vectors = np.linalg.eigh(part.T @ part)
        found.append(vectors[:, 1 - values <= ALONE].T)
    return np.concatenate(found)


def lives_in(basis: Vector, row: Vector, codes: Codes, most: int) -> int:
    """Fewest clusters, up to `most`, outside which a (k,) combination has nothing, as a treatment of so few; 0 for more."""
    order = np.argsort(-shares_of_clusters(basis, row[None], codes)[:, 0], kind="stable")[:most]
    for count in range(1, len(order) + 1):
        union = np.isin(codes, order[:count]).astype(np.int64)
        if along(row[None], directions_alone(basis, union, np.array([1])))[0] > _MAINLY:
            return count
    return 0


def terms_along(solution: Solution, directions: Vector) -> list[str]:
    """Names of the coefficients, other than the intercept, that depend on some directions; empty if there are no names."""
    if not solution.names:
        return []
    shares = along(solution.back, directions)
    return [name for name, share in zip(solution.names[1:], shares[1:], strict=True) if share > MOST]


def shown_terms(names: Sequence[str]) -> list[str]:
    """The first few names, and how many more there are; several dummies of one category, which may be people, are only counted.

    Examples
    --------
    >>> shown_terms(["t", "x:t"]), shown_terms(["g[a]", "z", "g[b]"]), shown_terms(["a", "b", "c", "d", "e"])
    (['t', 'x:t'], ['g (2 categories)', 'z'], ['a', 'b', 'c', '2 others'])
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(re.sub(r"\[[^:]*\]", "", name), []).append(name)
    said = [one[0] if len(one) == 1 else f"{column} ({len(one)} categories)" for column, one in groups.items()]
    rest = len(said) - _NAMED
    return said if rest <= 1 else [*said[:_NAMED], counted(rest, "other")]
