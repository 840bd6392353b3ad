"""The fitted polynomial, with rows of its value and of its slope.

Probes see a model only as a `Polynomial`; anything that provides one (a fit, a published table) can be probed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb, prod
from typing import Protocol, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError, offer
from tienet.base.frames import Backend
from tienet.base.record import Fixed, Sealed
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.degrees import OwnDegrees, SharedDegrees
from tienet.regression.core.formula import Term
from tienet.regression.core.formula_reader import FormulaReader
from tienet.regression.core.response import LINEAR, Response
from tienet.regression.core.transforms import TRANSFORMS, Transform
from tienet.regression.core.variables import Variable as Variable
from tienet.regression.core.variables import VariableKind as VariableKind
from tienet.regression.core.variables import untransformed

Point: TypeAlias = Mapping[str, float]


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

        A column that is in the model only under a transform, or beside one, is refused: see `column`.

        Raises
        ------
        ModelError
            If the model has no such variable, it is a factor with several dummies, or a term that holds it could not be read.
        """
        found = self.column(name)
        under = [each for each, how in self.moved_by(found.name).items() if how]
        if under:
            told = " and ".join([*([name] if name in self.variables else []), *under])
            instead = f"; write {under[0]!r} for a slope per unit of {under[0]}" if name not in self.variables else ""
            scale = "" if self.response.link.is_identity else " on the scale of the link"
            raise ModelError(
                f"{name} is in the model of {self.outcome} as {told}, so this is not known per unit of {name}{instead}; simple_slopes, "
                f"slope_differences, johnson_neyman and predict_surface take {name!r} itself{scale}"
            )
        return found

    def column(self, name: str) -> Variable:
        """Return a variable by name, or a column that the model has under a transform, on the column's own scale.

        The slope of a column, and values along it, follow all variables that it moves: x as well as ``log(x)``.
        """
        if not isinstance(name, str):
            raise ArgumentError(f"the name of a variable must be a string such as 'x', got {name!r}")
        for column, inside in self.unread.items():
            if name in inside or (name in self.variables and self.variables[name].of in inside):
                raise ModelError(
                    f"the slope of {name} is not known: the model of {self.outcome} has the term {column}, which cannot be read; write it "
                    f"with squares and products of columns, such as {name}^2, or of categories compared with one base, and fit again"
                )
        if name in self.variables:
            return self._alone(self.variables[name])
        under = next((one for one in self.variables.values() if one.of == name and one.transform in TRANSFORMS), None)
        if under is not None:
            return untransformed(under)
        dummies = self.dummies(name)
        if len(dummies) == 1:
            return dummies[0]
        if dummies:
            named = ", ".join(dummy.name for dummy in dummies)
            raise ModelError(
                f"{name!r} has several categories; name one of them, {named}, each compared with the base category "
                "(simple_slopes, slope_differences and predict_surface accept all of them as a moderator)"
            )
        if (written := FormulaReader(name).term()) is not None and written.order == 1 and written.names[0] != name:
            return self.column(written.names[0])  # np.log(x) for log(x), a name in backquotes
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

    def _alone(self, variable: Variable) -> Variable:
        """The variable, unless it is a transform of a column that is in the model itself too."""
        if variable.of is not None and len(self.moved_by(variable.of)) > 1:
            raise ModelError(
                f"{variable.name} does not move alone in this model of {self.outcome}: {variable.of} does; write {variable.of!r}"
            )
        return variable

    def moved_by(self, name: str) -> dict[str, Transform | None]:
        """Return the variables that move with a variable or column, and the transform of each: None for the column itself."""
        found: dict[str, Transform | None] = {name: None} if name in self.variables else {}
        return found | {
            one.name: TRANSFORMS[one.transform] for one in self.variables.values() if one.of == name and one.transform in TRANSFORMS
        }

    def axis(self, focal: str, moderator: str) -> Variable:
        """Return the variable in which the slope of the focal one is a polynomial: ``log(z)`` for the column z behind it."""
        moved, own = self.moved_by(moderator), self.moved_by(focal)
        changing = len(own) > 1 or any(own.values())  # the rate of a transform changes with the column
        same = moderator in (focal, *own) if changing else focal != moderator and focal in moved
        inside = [name for name in moved if any(term.power(name) and any(map(term.power, own)) for term in self.terms)]
        if same or len(inside) > 1:
            told = " and ".join({**own, **moved})
            raise ModelError(
                f"over {moderator} the slope of {focal} is no line or parabola (the model has {told}), so it cannot be solved here"
            )
        return self.variables[(inside or list(moved))[0]]

    def settled(self, given: Point) -> dict[str, float]:
        """Return values of the transformed variables, and of the columns behind them, where some variables or columns have values.

        A column without a value stands at its mean, and so ``log(x)`` at the logarithm of the mean of x, not at its own mean.
        """
        found: dict[str, float] = {}
        for one in self.variables.values():
            if one.of is None or one.transform not in TRANSFORMS or one.name in given:
                continue
            x = given[one.of] if one.of in given else self.variables.get(one.of, untransformed(one)).mean
            found[one.name] = float(self._forward(one.name, np.array([x]), one.of)[0]) if np.isfinite(x) else one.mean
            if np.isfinite(x):
                found[one.of] = x
        return found

    def _forward(self, name: str, values: Vector, column: str) -> Vector:
        """Values of a transformed variable at values of its column."""
        how = TRANSFORMS[str(self.variables[name].transform)]
        if not how.defined(values).all():
            bad = values[~how.defined(values)][0]
            raise ModelError(
                f"{name} is not defined at {column} = {bad:.4g}; choose other values of {column} (at='percentiles' lies within the data), "
                f"or write {name!r} in its place"
            )
        return how.forward(values)

    def slope_row(self, focal: str, point: Point) -> Vector:
        r"""Return the (k,) row of :math:`\partial Y / \partial` focal at a point; for a column by the chain rule through its transforms."""
        return np.asarray(sum(rate * self._slope_row(name, point) for name, rate in self._rates(focal, point).items()))

    def _slope_row(self, focal: str, point: Point) -> Vector:
        rows = self._slope_rows(focal, focal, point)
        if not rows[1:].any():
            return np.asarray(rows[0])
        away = self._away(focal, point)
        return np.asarray(np.array([1.0, away, away**2]) @ rows)

    def _rates(self, focal: str, point: Point) -> dict[str, float]:
        """The variables that move with the focal one, and how much each does per unit of it at a point."""
        rates: dict[str, float] = {}
        for name, how in self.moved_by(focal).items():
            x = np.array([point[focal]])
            if how is not None and not (how.defined(x) & (x > how.least)).all():
                raise ModelError(f"the slope of {focal} through {name} is not finite at {focal} = {x[0]:.4g}; choose a larger value")
            rates[name] = 1.0 if how is None else float(how.derivative(x)[0])
        return rates

    def slope_rows(self, focal: str, moderator: str, point: Point) -> Vector:
        """Return the slope of the focal variable as a polynomial in the moderator.

        Parameters
        ----------
        focal, moderator
            Names; the same name twice gives the slope along a curve. For columns behind transforms see `axis`.
        point
            Values of the other variables.

        Returns
        -------
        ndarray
            (3, k) rows L0, L1, L2: the slope at m is (L0 + L1 m' + L2 m'^2) b with m' = m - center of the moderator.
        """
        along = self.axis(focal, moderator).name
        return np.asarray(sum(rate * self._slope_rows(name, along, point) for name, rate in self._rates(focal, point).items()))

    def _slope_rows(self, focal: str, moderator: str, point: Point) -> Vector:
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
        moved = self.moved_by(focal)
        rows = np.array([self._product(term, point, besides=tuple(moved)) for term in self.terms])
        for name, how in moved.items():
            along = np.asarray(values) if how is None else self._forward(name, np.asarray(values, dtype=float), focal)
            powers = np.array([term.power(name) for term in self.terms])
            rows = rows * (along[:, None] - self.centers[name]) ** powers
        return np.asarray(rows)

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
