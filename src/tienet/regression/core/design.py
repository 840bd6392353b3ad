"""The design: categories as dummies, centred variables, and one column per term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError, offer
from tienet.base.numbers import counted, listed
from tienet.base.record import Fixed, Sealed, locked
from tienet.regression.core.formula import Formula, Term
from tienet.regression.core.model_frame import LARGEST, Factor, ModelFrame, numbers_of
from tienet.regression.core.polynomial import Variable, VariableKind, columns_of

Center: TypeAlias = Literal["mean", "none"] | Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Design(Sealed):
    """Terms of a model over a model frame.

    Parameters
    ----------
    terms
        k terms over numbers and dummies, the intercept (an empty term) first.
    sources
        Term of the formula from which each term comes.
    variables
        Numbers and dummies, with the model's centers.
    """

    terms: tuple[Term, ...]
    sources: tuple[Term, ...]
    variables: Mapping[str, Variable]

    def columns(self, centers: Mapping[str, float]) -> Vector:
        """Return the (n, k - 1) columns without the constant, around the given centers."""
        return columns_of(self.terms[1:], {name: variable.values for name, variable in self.variables.items()}, centers)

    @property
    def centers(self) -> dict[str, float]:
        """Values subtracted from each variable in the model's centring."""
        return {name: variable.center for name, variable in self.variables.items()}

    @property
    def means(self) -> dict[str, float]:
        """Centers used in computations: the mean of every number, 0 for dummies."""
        return {name: 0.0 if variable.factor else variable.mean for name, variable in self.variables.items()}

    def __repr__(self) -> str:
        return f"<Design: {counted(len(self.terms), 'term')}, {counted(len(self.variables), 'variable')}>"


def build_design(frame: ModelFrame, formula: Formula, center: Center) -> Design:
    """Build the terms and variables of a formula over a model frame.

    Parameters
    ----------
    frame
        The rows.
    formula
        The terms.
    center
        "mean" (subtract the mean from every number in a product or square), "none", or a mapping of names to values, with other variables
        not centred.

    Returns
    -------
    Design
        Has categories as dummies ``name[level]`` against their base, the first level.

    Raises
    ------
    ModelError
        If a factor has only one level, a category is squared, or a center is given for a variable that is not in the model.
    """
    numbers = [name for name in formula.names if not isinstance(frame.columns[name], Factor)]
    centers = _centers(frame, formula, numbers, center)
    variables: dict[str, Variable] = {}
    for name in formula.names:
        column = frame.columns[name]
        made = _dummies(name, column) if isinstance(column, Factor) else [_variable(name, column, centers.get(name, 0.0))]
        if name in formula.transforms and not frame.standardised:  # z-scores of a logarithm do not lead back to the column
            transform, of = formula.transforms[name]
            made = [replace(made[0], of=of, transform=transform)]
        variables |= {variable.name: variable for variable in made}
    pairs = [(expanded, term) for term in formula.terms for expanded in _expanded(term, variables)]
    terms, sources = zip((Term(), Term()), *pairs, strict=True)
    _refuse_extreme_products(terms, variables)
    return Design(terms, sources, Fixed(variables))


def _refuse_extreme_products(terms: Sequence[Term], variables: Mapping[str, Variable]) -> None:
    for term in terms:
        sizes = [power * np.log10(variables[name].sd) for name, power in term.powers if variables[name].sd > 0]
        if abs(sum(sizes)) > np.log10(LARGEST):
            raise ModelError(
                f"{term} would have values of the size 1e{sum(sizes):+.0f}, outside the {1 / LARGEST:.0e} to {LARGEST:.0e} that can be "
                f"computed with; multiply {listed(term.names)} by a power of ten first"
            )


def _centers(frame: ModelFrame, formula: Formula, numbers: list[str], center: Center) -> dict[str, float]:
    if isinstance(center, str):
        if center not in ("mean", "none"):
            raise ArgumentError.not_one_of("center", center, ("mean", "none"), otherwise="a mapping of names to values")
        together = {name for term in formula.terms if term.order > 1 for name in term.names}
        return {name: _mean(numbers_of(frame.columns[name])) for name in numbers if name in together} if center == "mean" else {}
    for name in center:
        if name not in numbers:
            raise ModelError(f"center names {name!r}, which is not a number in this model{offer(name, numbers)}")
        real = isinstance(center[name], int | float | np.integer | np.floating) and not isinstance(center[name], bool)
        if not (real and np.isfinite(center[name])):
            raise ArgumentError(f"center[{name!r}] must be a finite number, got {center[name]!r}")
    return {name: float(value) for name, value in center.items()}


def _mean(values: Vector) -> float:
    """Mean, with a second pass that removes the rounding error of the first."""
    first = values.mean()
    return float(first + (values - first).mean())


def _variable(name: str, values: Vector, center: float, factor: str | None = None, base: str | None = None) -> Variable:
    low, high = float(values.min()), float(values.max())
    kind: VariableKind = "binary" if low < high and bool(((values == low) | (values == high)).all()) else "continuous"
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return Variable(name, _mean(values), sd, low, high, center, kind, locked(values), factor, base)


def _dummies(name: str, column: Factor) -> list[Variable]:
    if len(column.levels) < 2:
        raise ModelError(
            f"{name} has only the category {column.levels[0]!r} in the rows used, so it is collinear with the intercept; drop it"
        )
    return [
        _variable(f"{name}[{level}]", np.asarray(column.codes == code, dtype=float), 0.0, name, column.levels[0])
        for code, level in enumerate(column.levels)
        if code > 0
    ]


def _expanded(term: Term, variables: Mapping[str, Variable]) -> list[Term]:
    """One term per combination of dummies."""
    choices = []
    for name, power in term.powers:
        dummies = [(variable.name, power) for variable in variables.values() if variable.factor == name]
        if dummies and power > 1:
            raise ModelError(f"{term} squares {name!r}, which is categorical; only numbers can be squared")
        choices.append(dummies or [(name, power)])
    return [Term(powers) for powers in product(*choices)]
