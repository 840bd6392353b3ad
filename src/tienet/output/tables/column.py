"""A model as a column of a regression table, and its change in R2 from the previous column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError
from tienet.base.frames import collect, open_frame, to_numbers, to_text
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.polynomial import Polynomial
from tienet.regression.model.absorbed_fit import AbsorbedFit
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.steps import stepwise

NUMBERS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


@dataclass(frozen=True, slots=True, eq=False)
class ModelColumn:
    """A model as a table column; values that only some models have are read from the model itself."""

    name: str
    model: Any
    terms: tuple[str, ...]
    numbers: Mapping[str, NDArray[np.float64]]

    def ask(self, what: str) -> float:
        """An attribute of the model as a number, NaN if it has no such attribute."""
        found = getattr(self.model, what, None)
        return np.nan if found is None or callable(found) else float(found)

    @property
    def absorbed(self) -> tuple[str, ...]:
        """The columns whose effects are absorbed."""
        return self.model.absorbed if isinstance(self.model, AbsorbedFit) else ()

    @property
    def double_demeaned(self) -> bool:
        """Whether products are of deviations from the means of groups."""
        return isinstance(self.model, AbsorbedFit) and bool(self.model.deviations)

    @property
    def works(self) -> tuple[str, ...]:
        """Keys of the works the model is based on."""
        return tuple(self.model._works()) if hasattr(self.model, "_works") else ()

    @property
    def covariance(self) -> Covariance | None:
        """The covariance behind the standard errors: the model's own, or that of its fitted surface."""
        own = getattr(self.model, "covariance", None)
        found = own if isinstance(own, Covariance) else getattr(getattr(self.model, "polynomial", None), "covariance", None)
        return found if isinstance(found, Covariance) else None

    @property
    def measured(self) -> str:
        """What its coefficients are measured in on the scale of a link, 'log odds of won'; empty for a linear model."""
        surface = getattr(self.model, "polynomial", None)
        return surface.response.on_link if isinstance(surface, Polynomial) else ""

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels with which the model was made."""
        return self.covariance.names.labels if self.covariance else {}


@dataclass(frozen=True, slots=True)
class StepChange:
    """The change in R2 from a smaller model, and the test of the added terms."""

    r_squared: float
    f: float
    df1: float
    df2: float
    p_value: float


def read_column(name: str, model: Any, where: str = "compare") -> ModelColumn:
    """Read the frame of a model; raise an error unless it has one row per term."""
    refusal = ArgumentError(
        f"{where}: {name} is a {type(model).__name__}, which does not have one row per term; pass fits or published models"
    )
    try:
        rows = collect(open_frame(model.frame, where=name))
        terms = tuple(map(str, to_text(rows["term"])))
        numbers = {column: to_numbers(rows[column], where=name) for column in NUMBERS}
    except Exception as problem:  # each frame library has its own error for a missing column
        raise refusal from problem
    if len(set(terms)) < len(terms):
        raise refusal
    return ModelColumn(name, model, terms, numbers)


def change(before: ModelColumn | None, column: ModelColumn) -> StepChange | None:
    """The change in R2 from the previous column with its F, df and p, if that model is nested in this one."""
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
    """Whether two fits use the same rows, outcome and weights and the same kind of covariance."""
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
