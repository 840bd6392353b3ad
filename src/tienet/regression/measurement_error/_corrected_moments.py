r"""Moments of a polynomial design as they would be without errors in some variables, in functions of arrays.

If x is observed with an independent normal error of variance u, then :math:`h_0 = 1, h_1 = x, h_2 = x^2 - u, h_3 = x^3 - 3ux` and
:math:`h_4 = x^4 - 6ux^2 + 3u^2` have the powers of the true value as their expectations (only :math:`h_3, h_4` need the normal
distribution), and so have products of them for variables with independent errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from tienet.base.arrays import Vector
from tienet.regression.core.formula import Term

# h_p(x; u) = sum over a of _HERMITE[p][a] (-u)^a x^(p - 2a)
_HERMITE = ((1,), (1,), (1, 1), (1, 3), (1, 6, 3))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    r"""One summand of a corrected moment: :math:`c \prod_v (-u_v)^{a_v}` times the mean of a monomial."""

    factor: float
    powers: tuple[int, ...]
    monomial: int


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """The corrected moments of a design as sums of parts, and the monomials of every row that they need.

    Parameters
    ----------
    monomials
        (n, q) monomials of the rows, the outcome's own among them.
    cross
        (k, k) parts of each moment of two columns.
    outcome
        k parts of the moments with the outcome.
    """

    monomials: Vector
    cross: tuple[tuple[tuple[Part, ...], ...], ...]
    outcome: tuple[tuple[Part, ...], ...]

    def solved(self, means: Vector, errors: Vector) -> tuple[Vector, Vector]:
        """(d, k, k) corrected moments and (d, k) coefficients, from (d, q) means of the monomials and (d, v) error variances.

        Coefficients are NaN where the corrected moments are singular.
        """
        matrix, right = self.assembled(means, errors)
        b = np.full(right.shape, np.nan)
        good = np.isfinite(np.linalg.cond(matrix)) & (np.linalg.eigvalsh(_scaled(matrix))[:, 0] > 0)
        b[good] = np.linalg.solve(matrix[good], right[good][..., None])[..., 0]
        return matrix, b

    def assembled(self, means: Vector, errors: Vector) -> tuple[Vector, Vector]:
        """(d, k, k) moments of the columns and (d, k) moments with the outcome."""
        k = len(self.outcome)
        matrix, right = np.empty((len(means), k, k)), np.empty((len(means), k))
        for i in range(k):
            right[:, i] = _summed(self.outcome[i], means, errors)
            for j in range(i + 1):
                matrix[:, i, j] = matrix[:, j, i] = _summed(self.cross[i][j], means, errors)
        return matrix, right

    def scores(self, b: Vector, errors: Vector) -> Vector:
        """(n, k) contributions of the rows to the estimating equations, which average to zero."""
        k = len(b)
        found = np.empty((len(self.monomials), k))
        for i in range(k):
            found[:, i] = _summed(self.outcome[i], self.monomials, errors)
            for j in range(k):
                found[:, i] -= b[j] * _summed(self.cross[max(i, j)][min(i, j)], self.monomials, errors)
        return found

    def sensitivity(self, means: Vector, b: Vector, errors: Vector) -> Vector:
        """(v, k) derivatives of the mean score in each error variance, at (1, q) means of the monomials."""
        k, v = len(b), len(errors)
        found = np.empty((v, k))
        for which in range(v):
            for i in range(k):
                found[which, i] = _slope(self.outcome[i], means, errors, which) - sum(
                    b[j] * _slope(self.cross[max(i, j)][min(i, j)], means, errors, which) for j in range(k)
                )
        return found


def moments_of(terms: Sequence[Term], columns: Mapping[str, Vector], response: Vector, fallible: Sequence[str]) -> Moments:
    """Set up the corrected moments of terms over (n,) columns, some of them measured with error."""
    index: dict[tuple[frozenset[tuple[str, int]], bool], int] = {}
    cross = tuple(tuple(_parts(_multiplied(one, other), False, fallible, index) for other in terms[: i + 1]) for i, one in enumerate(terms))
    outcome = tuple(_parts(dict(term.powers), True, fallible, index) for term in terms)
    made = np.empty((len(response), len(index)), order="F")
    for (powers, with_outcome), place in index.items():
        value = prod((columns[name] ** power for name, power in powers), start=np.ones(len(response)))
        made[:, place] = value * response if with_outcome else value
    return Moments(made, cross, outcome)


def _multiplied(one: Term, other: Term) -> dict[str, int]:
    names = dict.fromkeys((*one.names, *other.names))
    return {name: one.power(name) + other.power(name) for name in names}


def _parts(
    powers: Mapping[str, int], with_outcome: bool, fallible: Sequence[str], index: dict[tuple[frozenset[tuple[str, int]], bool], int]
) -> tuple[Part, ...]:
    """The corrected moment of a monomial; new monomials of the rows are added to the index."""
    steps = [range(len(_HERMITE[powers.get(name, 0)])) for name in fallible]
    found = []
    for lowered in product(*steps):
        left = dict(powers)
        factor = 1.0
        for name, a in zip(fallible, lowered, strict=True):
            factor *= _HERMITE[powers.get(name, 0)][a]
            if name in left:
                left[name] -= 2 * a
        key = (frozenset((name, power) for name, power in left.items() if power), with_outcome)
        found.append(Part(factor, lowered, index.setdefault(key, len(index))))
    return tuple(found)


def _summed(parts: tuple[Part, ...], means: Vector, errors: Vector) -> Vector:
    """(d,) values of a corrected moment; `errors` is (d, v), or (v,) for all rows alike."""
    return np.asarray(sum(part.factor * _weight(errors, part.powers) * means[:, part.monomial] for part in parts))


def _weight(errors: Vector, powers: tuple[int, ...]) -> Vector:
    return np.asarray(np.prod((-errors) ** np.array(powers), axis=-1))


def _slope(parts: tuple[Part, ...], means: Vector, errors: Vector, which: int) -> float:
    """Derivative of a corrected moment in one error variance."""
    total = 0.0
    for part in parts:
        a = part.powers[which]
        if a:
            lowered = tuple(power - (place == which) for place, power in enumerate(part.powers))
            total += -a * part.factor * float(_weight(errors, lowered)) * float(means[0, part.monomial])
    return total


def _scaled(matrix: Vector) -> Vector:
    """Moments as correlations around zero; a diagonal that is not positive stays so."""
    size = np.sqrt(np.abs(np.diagonal(matrix, axis1=-2, axis2=-1)))
    size = np.where(size > 0, size, 1.0)
    return np.asarray(matrix / (size[..., :, None] * size[..., None, :]))


def smallest_root(matrix: Vector) -> float:
    """The smallest eigenvalue of the corrected correlations of the columns without the intercept, the first; below zero if impossible."""
    inner = matrix[1:, 1:] - np.outer(matrix[1:, 0], matrix[0, 1:]) / matrix[0, 0]
    return float(np.linalg.eigvalsh(_scaled(inner))[0])
