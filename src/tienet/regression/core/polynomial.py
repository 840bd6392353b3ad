"""The fitted polynomial, with rows of its value and of its slope.

Probes see a model only as a `Polynomial`; anything that provides one (a fit, a published table) can be probed.
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
from tienet.base.numbers import counted
from tienet.base.record import Fixed, Sealed, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.degrees import OwnDegrees, SharedDegrees
from tienet.regression.core.formula import Term
from tienet.regression.core.response import LINEAR, Response

Point: TypeAlias = Mapping[str, float]
VariableKind: TypeAlias = Literal["continuous", "binary"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable(Sealed):
    """A variable of a model in the estimation sample, on its own scale.

    Parameters
    ----------
    name
        Name; a dummy is called ``region[north]``.
    mean, sd
        Mean and standard deviation (n - 1) over the n rows used.
    low, high
        Observed range.
    center
        Value subtracted before products and squares were formed.
    kind
        "binary" if it has two values, else "continuous".
    values
        (n,) values, read-only; empty without data.
    draws
        (m n,) values in all m imputations, from which shares of observations are computed; empty unless pooled, when `values` has each
        row's average.
    factor
        Categorical column from which a dummy comes, else None.
    base
        Base category of a dummy, else None.
    of, transform
        Column that was transformed and how, "log" of "x" for the variable ``log(x)``; None for a column as it is.
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
    of: str | None = None
    transform: str | None = None
    draws: Vector = field(default_factory=lambda: locked((), float))

    @property
    def spread(self) -> Vector:
        """Values from which shares of observations are computed."""
        return self.draws if len(self.draws) else self.values

    def __repr__(self) -> str:
        return f"<Variable {self.name}: {self.kind}, {counted(len(self.values), 'value')}>"


@dataclass(frozen=True, slots=True, eq=False)
class Polynomial(Sealed):
    r"""A fitted surface :math:`\sum_j b_j \prod_v (v - c_v)^{p_{jv}}` with the covariance of its coefficients.

    Parameters
    ----------
    terms
        k terms; the intercept is an empty one.
    centers
        c_v for every variable, in its own units.
    estimate, matrix
        (k,) b and its (k, k) covariance, NaN if not known.
    variables
        Variables by name.
    outcome, n, df, covariance, alpha, backend
        Name of the outcome, number of observations, degrees of freedom, covariance, default significance level and kind of data frame, for
        every result computed from the model.
    own_degrees
        Source of the degrees of freedom of each combination of coefficients if it has its own (Satterthwaite's under CR2 and for a random
        intercept, Barnard and Rubin's after imputation); None if all share `df`, which is infinite for a normal distribution.
    response
        The outcome's scale: the surface is :math:`\eta`, the expected outcome :math:`g(\eta)`.
    unread
        Columns of the design whose formula could not be read, with the names of the variables in each. Such a column is a variable and a
        term of its own. It is constant along other variables; the variables in it cannot be probed.
    level
        What the level of the surface is, if it is not that of an outcome: "up to the mean of sales: the level of each person is taken out".
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
    own_degrees: OwnDegrees | None = None
    response: Response = LINEAR
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: Fixed({}))
    level: str = ""

    def variable(self, name: str) -> Variable:
        """Return a variable by name; a two-level factor is its only dummy.

        Raises
        ------
        ModelError
            If the model has no such variable, it is a factor with several dummies, or a term that holds it could not be read.
        """
        if not isinstance(name, str):
            raise ArgumentError(f"the name of a variable must be a string such as 'x', got {name!r}")
        for column, inside in self.unread.items():
            if name in inside:
                raise ModelError(
                    f"the slope of {name} is not known: the model of {self.outcome} has the term {column}, which cannot be read; write it "
                    f"with squares and products of columns, such as {name}^2, and fit again"
                )
        if name in self.variables:
            return self.variables[name]
        dummies = self.dummies(name)
        if len(dummies) == 1:
            return dummies[0]
        if dummies:
            named = ", ".join(dummy.name for dummy in dummies)
            raise ModelError(
                f"{name!r} has several categories; name one of them, {named}, each compared with the base category "
                "(simple_slopes, slope_differences and predict_surface accept all of them as a moderator)"
            )
        raise ModelError(f"the model of {self.outcome} has no variable {name!r}{offer(name, self.variables)}")

    @property
    def degrees(self) -> OwnDegrees:
        """Degrees of freedom of combinations of the coefficients and of their joint tests, their own or shared ones."""
        return self.own_degrees or SharedDegrees(self.df, self.covariance.clusters is not None)

    def df_of(self, rows: Vector) -> Vector:
        """Return the (r,) degrees of freedom of the t of each combination L'b, with L a row of the (r, k) rows."""
        return np.full(len(rows), float(self.df)) if self.own_degrees is None else self.own_degrees.of(rows)

    def dummies(self, factor: str) -> list[Variable]:
        """Return the dummies of a factor."""
        return [variable for variable in self.variables.values() if variable.factor == factor]

    def value_row(self, point: Point) -> Vector:
        """Return the (k,) row whose product with b is the surface at a point, which has a value for every variable."""
        return np.array([self._product(term, point) for term in self.terms])

    def slope_row(self, focal: str, point: Point) -> Vector:
        r"""Return the (k,) row of :math:`\partial Y / \partial` focal at a point."""
        rows = self.slope_rows(focal, focal, point)
        if not rows[1:].any():
            return np.asarray(rows[0])
        away = self._away(focal, point)
        return np.asarray(np.array([1.0, away, away**2]) @ rows)

    def slope_rows(self, focal: str, moderator: str, point: Point) -> Vector:
        """Return the slope of the focal variable as a polynomial in the moderator.

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
        gone = rows.any(axis=0) & np.isnan(self.estimate)
        if self.level and gone.any():
            term = self.terms[int(np.argmax(gone))]
            raise ModelError(f"the slope of {focal} is not known: no variation in {term} is left within the absorbed effects")
        return rows

    def value_rows(self, focal: str, values: Vector, point: Point) -> Vector:
        """Return the (len(values), k) rows of the surface along the focal variable, with the others at a point."""
        rest = np.array([self._product(term, point, besides=(focal,)) for term in self.terms])
        powers = np.array([term.power(focal) for term in self.terms])
        return np.asarray(rest * (np.asarray(values)[:, None] - self.centers[focal]) ** powers)

    def _product(self, term: Term, point: Point, besides: Sequence[str] = ()) -> float:
        return prod(self._away(name, point) ** power for name, power in term.powers if name not in besides)

    def _away(self, name: str, point: Point) -> float:
        """A variable minus its center; its mean may be unknown in a published model."""
        if np.isnan(point[name]):
            raise ModelError(f"the mean of {name} is not known; give a value for it, at={{{name!r}: value}}")
        return point[name] - self.centers[name]


class Model(Protocol):
    """Anything that can be probed: a fit, or a model rebuilt from a published table."""

    @property
    def polynomial(self) -> Polynomial:
        """Fitted surface."""
        ...


def columns_of(terms: Sequence[Term], values: Mapping[str, Vector], centers: Mapping[str, float]) -> Vector:
    """Compute the (n, len(terms)) columns of the terms, with each variable minus its center.

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
    r"""Return the (k, k) map T from coefficients around the old centers to those around the new ones, b_new = T b_old.

    Every factor is expanded, :math:`(v - c)^p = \sum_q \binom{p}{q} (c' - c)^{p-q} (v - c')^q`; the terms must include all lower-order
    terms.

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
    """Return the surface of a fit or a published model; raises for anything else."""
    surface = getattr(model, "polynomial", None)
    if not isinstance(surface, Polynomial):
        raise ArgumentError(f"expected a fit or a model rebuilt from a published table, got {type(model).__name__}")
    return surface
