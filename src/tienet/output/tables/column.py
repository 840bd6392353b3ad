"""A model as a column of a regression table: what it says about its terms, and what it adds to the column before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError
from tienet.base.frames import collect, open_frame, to_numbers, to_text
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.steps import stepwise

NUMBERS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


@dataclass(frozen=True, slots=True, eq=False)
class ModelColumn:
    """A model as its column shows it; the model itself is asked for what only some models know."""

    name: str
    model: Any
    terms: tuple[str, ...]
    numbers: Mapping[str, NDArray[np.float64]]

    def ask(self, what: str) -> float:
        """A number of the model, NaN where it does not know such a thing."""
        found = getattr(self.model, what, None)
        return np.nan if found is None or callable(found) else float(found)

    @property
    def works(self) -> tuple[str, ...]:
        """Keys of the works the model rests on."""
        return tuple(self.model._works()) if hasattr(self.model, "_works") else ()

    @property
    def covariance(self) -> Covariance | None:
        """What the errors are of: the model's own word, or that of its surface where it was given a bare matrix."""
        own = getattr(self.model, "covariance", None)
        found = own if isinstance(own, Covariance) else getattr(getattr(self.model, "polynomial", None), "covariance", None)
        return found if isinstance(found, Covariance) else None


@dataclass(frozen=True, slots=True)
class StepChange:
    """What a model adds to a smaller one: the change in R2 and the test of the added terms."""

    r_squared: float
    f: float
    df1: float
    df2: float
    p_value: float


def read_column(name: str, model: Any, where: str = "compare") -> ModelColumn:
    """Read the frame of a model; refused where it has no single row for each term."""
    refusal = ArgumentError(
        f"{where}: {name} is of the kind {type(model).__name__}, which has no single row for each term to set beside others; "
        "pass fits or printed models"
    )
    try:
        rows = collect(open_frame(model.frame, where=name))
        terms = tuple(map(str, to_text(rows["term"])))
        numbers = {column: to_numbers(rows[column], where=name) for column in NUMBERS}
    except Exception as problem:  # every frame library has its own error for a column that is not there
        raise refusal from problem
    if len(set(terms)) < len(terms):
        raise refusal
    return ModelColumn(name, model, terms, numbers)


def change(before: ModelColumn | None, column: ModelColumn) -> StepChange | None:
    """The change in R2 against the model of the column before with its F, df and p, where that is nested in this one."""
    if before is None or not isinstance(before.model, ModerationFit) or not isinstance(column.model, ModerationFit):
        return None
    small, large = before.model, column.model
    inside, whole = set(small.formula.terms), large.formula.terms
    if not inside < set(whole) or not _same_rows(small, large):
        return None
    blocks = {"before": tuple(term for term in whole if term in inside), "added": tuple(term for term in whole if term not in inside)}
    steps = stepwise(large.design, large.sample, large.covariance, blocks)
    return StepChange(*(float(values[-1]) for values in (steps.delta_r_squared, steps.f_change, steps.df1, steps.df2, steps.p_change)))


def _same_rows(small: ModerationFit, large: ModerationFit) -> bool:
    """Whether two fits are of the same rows, outcome and weights, with the same kind of covariance."""
    one, other = small.sample, large.sample
    if (small.covariance.kind, small.covariance.cluster) != (large.covariance.kind, large.covariance.cluster):
        return False
    if one is other:
        return True
    if one.standardised != other.standardised or (one.weights is None) != (other.weights is None):
        return False
    pairs = [(one.rows, other.rows), (one.response, other.response)]
    pairs += [] if one.weights is None or other.weights is None else [(one.weights, other.weights)]
    numbers = [(small.variables[name], large.variables[name]) for name in small.variables if name in large.variables]
    return all(np.array_equal(a, b) for a, b in [*pairs, *((a.values, b.values) for a, b in numbers)])
