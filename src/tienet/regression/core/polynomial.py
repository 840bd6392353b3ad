"""The kernel: the fitted polynomial, rows of its value and of its slope, and the slope as a polynomial in one variable.

Probes know a model only as a `Polynomial`; whoever can make one (a fit, a printed table) can be probed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb, prod
from typing import Literal, Protocol, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError, offer
from tienet.base.frames import Backend
from tienet.base.record import Sealed, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.degrees import OwnDegrees, SharedDegrees
from tienet.regression.core.formula import Term

Point: TypeAlias = Mapping[str, float]
VariableKind: TypeAlias = Literal["continuous", "binary"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable(Sealed):
    """A variable of a model in the estimation sample, on its own scale.

    Parameters
    ----------
    name
        Its name; a dummy is called ``region[north]``.
    mean, sd
        Mean and standard deviation (n - 1) over the n rows used.
    low, high
        Observed range.
    center
        What was subtracted before products and squares were formed (0: nothing).
    kind
        "binary" when it takes two values, else "continuous".
    values
        (n,) its values, read-only; empty when only summaries are known.
    factor
        The text column a dummy comes from, else None.
    base
        The category a dummy is set against, else None.
    """

    name: str
    mean: float
    sd: float
    low: float
    high: float
    center: float = 0.0
    kind: VariableKind = "continuous"
    values: Vector = field(default_factory=lambda: locked((), float))
    factor: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Polynomial(Sealed):
    r"""A fitted surface :math:`\sum_j b_j \prod_v (v - c_v)^{p_{jv}}` with the covariance of its coefficients.

    Parameters
    ----------
    terms
        k terms, the intercept an empty one.
    centers
        c_v for every variable, in its own units.
    estimate, matrix
        (k,) b and its (k, k) covariance; the matrix may hold NaN where it is not known.
    variables
        What is known about each variable.
    outcome, n, df, covariance, alpha, backend
        What every result made from the model carries: name, cases, degrees of freedom, the covariance with its kind, default level,
        kind of frame.
    satterthwaite
        What gives each combination of coefficients its own degrees of freedom, under CR2 and for a random intercept Satterthwaite's; None
        where all share `df`.
    """

    terms: tuple[Term, ...]
    centers: Mapping[str, float]
    estimate: Vector
    matrix: Vector
    variables: Mapping[str, Variable]
    outcome: str
    n: int
    df: float
    covariance: Covariance
    alpha: float = 0.05
    backend: Backend = "pandas"
    satterthwaite: OwnDegrees | None = None

    def variable(self, name: str) -> Variable:
        """Variable of that name; a two-level factor stands for its only dummy.

        Raises
        ------
        ModelError
            When the model has no such variable, with the closest name; for a factor with several dummies, with their names.
        """
        if not isinstance(name, str):
            raise ArgumentError(f"{name!r} is not the name of a variable; write it as text, 'x'")
        if name in self.variables:
            return self.variables[name]
        dummies = self.dummies(name)
        if len(dummies) == 1:
            return dummies[0]
        if dummies:
            named = ", ".join(dummy.name for dummy in dummies)
            raise ModelError(
                f"{name!r} has several categories; name one of them, {named}: each is set against the base category "
                "(simple_slopes, slope_differences and predict_surface take all of them as a moderator)"
            )
        raise ModelError(f"the model of {self.outcome} has no variable {name!r}{offer(name, self.variables)}")

    @property
    def degrees(self) -> OwnDegrees:
        """Degrees of freedom of combinations of the coefficients and of their joint tests, their own or shared ones."""
        return self.satterthwaite or SharedDegrees(self.df, self.covariance.clusters is not None)

    def df_of(self, rows: Vector) -> Vector:
        """(r,) degrees of freedom of the t of each combination L'b, L a row of the (r, k) rows."""
        return np.full(len(rows), float(self.df)) if self.satterthwaite is None else self.satterthwaite.of(rows)

    def dummies(self, factor: str) -> list[Variable]:
        """Dummies made from one factor."""
        return [variable for variable in self.variables.values() if variable.factor == factor]

    def value_row(self, point: Point) -> Vector:
        """(k,) row whose product with b is the surface at a point (every variable has a value there)."""
        return np.array([self._product(term, point) for term in self.terms])

    def slope_row(self, focal: str, point: Point) -> Vector:
        r"""(k,) row of :math:`\partial Y / \partial` focal at a point."""
        rows = self.slope_rows(focal, focal, point)
        if not rows[1:].any():
            return np.asarray(rows[0])
        away = self._away(focal, point)
        return np.asarray(np.array([1.0, away, away**2]) @ rows)

    def slope_rows(self, focal: str, moderator: str, point: Point) -> Vector:
        """Slope of the focal variable written as a polynomial in the moderator.

        Parameters
        ----------
        focal, moderator
            Names; the same name twice gives the slope along a curve.
        point
            Values of the other variables.

        Returns
        -------
        ndarray
            (3, k) rows L0, L1, L2: the slope at m is (L0 + L1 m' + L2 m'^2) b with m' = m - center of the moderator.
        """
        rows = np.zeros((3, len(self.terms)))
        for j, term in enumerate(self.terms):
            power = term.power(focal)
            if power == 0:
                continue
            if focal == moderator:
                rows[power - 1, j] = power * self._product(term, point, besides=(focal,))
            else:
                own = self._away(focal, point) ** (power - 1) if power > 1 else 1.0
                rows[term.power(moderator), j] = power * own * self._product(term, point, besides=(focal, moderator))
        return rows

    def value_rows(self, focal: str, values: Vector, point: Point) -> Vector:
        """(len(values), k) rows of the surface along the focal variable, the others at a point."""
        rest = np.array([self._product(term, point, besides=(focal,)) for term in self.terms])
        powers = np.array([term.power(focal) for term in self.terms])
        return np.asarray(rest * (np.asarray(values)[:, None] - self.centers[focal]) ** powers)

    def _product(self, term: Term, point: Point, besides: Sequence[str] = ()) -> float:
        return prod(self._away(name, point) ** power for name, power in term.powers if name not in besides)

    def _away(self, name: str, point: Point) -> float:
        """A variable less its center; a model from print may not know where it stands."""
        if np.isnan(point[name]):
            raise ModelError(f"where {name} stands is not known, since no mean of it is given; say it with at={{{name!r}: value}}")
        return point[name] - self.centers[name]


class Model(Protocol):
    """Whatever can be probed: a fit, or a model rebuilt from a printed table."""

    @property
    def polynomial(self) -> Polynomial:
        """The fitted surface."""
        ...


def columns_of(terms: Sequence[Term], values: Mapping[str, Vector], centers: Mapping[str, float]) -> Vector:
    """(n, len(terms)) columns of the terms, each variable less its center.

    Examples
    --------
    >>> columns_of([Term((("x", 2),))], {"x": np.array([1.0, 2.0])}, {"x": 1.0})
    array([[0.],
           [1.]])
    """
    n = len(next(iter(values.values())))
    away = {name: column - centers.get(name, 0.0) for name, column in values.items()}
    columns = np.empty((n, len(terms)), order="F")  # each written, and later read, in one piece
    for at, term in enumerate(terms):
        columns[:, at] = prod(away[name] ** power for name, power in term.powers)
    return columns


def recentring(terms: Sequence[Term], old: Mapping[str, float], new: Mapping[str, float]) -> Vector:
    r"""Map, (k, k), from coefficients around the old centers to coefficients around the new ones: b_new = T b_old.

    Every factor is expanded, :math:`(v - c)^p = \sum_q \binom{p}{q} (c' - c)^{p-q} (v - c')^q`; the terms must hold all their divisors.

    Examples
    --------
    >>> recentring([Term(), Term((("x", 1),))], {"x": 2.0}, {"x": 0.0})
    array([[ 1., -2.],
           [ 0.,  1.]])
    """
    index = {term: i for i, term in enumerate(terms)}
    T = np.zeros((len(terms), len(terms)))
    for j, term in enumerate(terms):
        for part in (Term(), *term.divisors()):
            steps = ((p, part.power(name), new[name] - old[name]) for name, p in term.powers)
            T[index[part], j] = prod((comb(p, q) * step ** (p - q) for p, q, step in steps), start=1.0)
    return T


def surface_of(model: Model) -> Polynomial:
    """The surface of a fit or a printed model, refused for anything else."""
    surface = getattr(model, "polynomial", None)
    if not isinstance(surface, Polynomial):
        raise ArgumentError(f"a {type(model).__name__} has no fitted surface; pass a fit, or a model rebuilt from a printed table")
    return surface
