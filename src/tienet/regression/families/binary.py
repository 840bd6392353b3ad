"""Yes-or-no outcomes: how their column is read, and what logit and probit share."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError, offer, shown
from tienet.base.numbers import as_typed, counted, listed
from tienet.regression.core.cells import MISSING, Labels, read_labels, read_numbers_or_labels
from tienet.regression.core.model_frame import Outcome
from tienet.regression.families.family import Maximum
from tienet.regression.families.iterated import iterate, maximum_of

_EDGE = 1e-8  # a fitted probability this close to 0 or 1 may be on its way there
_FAR = 15.0  # log odds per standard deviation


def read_event(event: object, column: Any) -> Outcome:
    """The outcome as 0 and 1: numbers 0 and 1, True and False, or two categories of which the event is named."""
    if event is not None:
        return _named(column, event)
    if _is_boolean(column):
        return _named(column, True, known=True)
    found = read_numbers_or_labels(column, number=False, category=False)
    if isinstance(found, Labels):
        raise ModelError(f"{column.name} is text with {_ask(sorted(found.levels))}")
    values = np.unique(found[~np.isnan(found)])
    if not np.isin(values, (0.0, 1.0)).all():
        raise ModelError(f"{column.name} is not 0 or 1 but has {_ask([as_typed(value) for value in values])}")
    return Outcome(found)


def _ask(levels: list[str]) -> str:
    if len(levels) == 2:
        return f"the two values {listed(levels)}; name the one that counts as the event, such as event={levels[-1]!r}"
    return f"{counted(len(levels), 'different value')}; a yes-or-no outcome has two"


def _is_boolean(column: Any) -> bool:
    import narwhals.stable.v2 as nw

    if column.dtype == nw.Boolean:
        return True
    return bool(column.dtype == nw.Object and all(isinstance(value, bool | np.bool_ | type(None)) for value in column.to_list()))


def _named(column: Any, event: object, *, known: bool = False) -> Outcome:
    """1 for the event, 0 for the other category. `known`: it need not occur, since the values are known."""
    labels = read_labels(column)
    wanted = str(int(event)) if isinstance(event, float) and event.is_integer() else str(event)
    if wanted not in labels.levels and not known:
        raise ModelError(f"event={shown(event)} is not a value of {column.name}{offer(wanted, labels.levels)}")
    if len(labels.levels) > 2:
        raise ModelError(f"{column.name} has {len(labels.levels)} different values; a yes-or-no outcome has two")
    code = labels.levels.index(wanted) if wanted in labels.levels else len(labels.levels)
    return Outcome(np.where(labels.codes == MISSING, np.nan, labels.codes == code))


def maximise_binary(columns: Vector, response: Vector, offset: Vector | None, family: Any) -> Maximum:
    """The maximum for a binomial family of statsmodels."""
    fitted, settled = iterate(columns, response, offset, family)
    mean = fitted.mu
    near = bool((np.minimum(mean, 1 - mean) < _EDGE).any() or (np.abs(fitted.params) > _FAR).any())
    found = maximum_of(fitted, parameters=columns.shape[1], log_likelihood=float(fitted.llf))
    return found if settled and not near else found.doubtful(settled)


def receding(columns: Vector, response: Vector) -> tuple[Vector, Vector]:
    """Rows along which the likelihood may grow for ever: x where the outcome is 1, -x where it is 0."""
    return columns * np.where(response == 1, 1.0, -1.0)[:, None], columns[:0]
