"""The variables of a model as they were in the estimation sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.numbers import counted, listed
from tienet.base.record import Sealed, locked
from tienet.regression.core.transforms import TRANSFORMS

MOST_NAMED = 12  # categories of a factor whose base a sentence names
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


def bases_text(variables: Mapping[str, Variable], said: Callable[[str], str]) -> str:
    """' Categories against chat (g).', for factors of few categories (those of many may be persons); empty without any."""
    factors: dict[str, list[str]] = {}
    for variable in variables.values():
        if variable.factor and variable.base:
            factors.setdefault(variable.factor, []).append(variable.base)
    named = [f"{bases[0]} ({said(name)})" for name, bases in factors.items() if len(bases) < MOST_NAMED]
    return f" Categories against {listed(named)}." if named else ""


def untransformed(variable: Variable) -> Variable:
    """The column behind a transformed variable, on its own scale; mean and SD are known only with data."""
    how = TRANSFORMS[str(variable.transform)]
    low, high = (float(how.inverse(np.array([end]))[0]) if np.isfinite(end) else end for end in (variable.low, variable.high))
    values = how.inverse(variable.values)
    mean = float(values.mean()) if len(values) else float("nan")
    sd = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    draws = locked(how.inverse(variable.draws), float)
    return Variable(str(variable.of), mean, sd, low, high, 0.0, variable.kind, locked(values, float), draws=draws)
