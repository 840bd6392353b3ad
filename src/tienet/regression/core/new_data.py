"""Read new data for predictions from a fitted surface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import DataError, ModelError, OutsideSupport, warn
from tienet.base.frames import Backend, backend_of, collect, make_frame, open_frame, require_columns, to_numbers
from tienet.base.numbers import counted, number
from tienet.regression.core.cells import MISSING, read_labels
from tienet.regression.core.model_frame import LARGEST
from tienet.regression.core.polynomial import Polynomial, Variable, columns_of
from tienet.regression.core.transforms import transformed

_WHERE = "the new data"


@dataclass(frozen=True, slots=True, eq=False)
class NewData:
    """Rows at which a surface is predicted.

    Parameters
    ----------
    rows
        (m, k) rows of the design: their product with the coefficients is the prediction. All NaN if a variable is missing.
    backend
        The kind of frame that the rows were given in.
    index
        (m,) labels of the rows of a pandas frame, otherwise None.
    """

    rows: Vector
    backend: Backend
    index: Any = None

    def frame(self, columns: Mapping[str, Vector]) -> Any:
        """A frame of the same kind as the rows; in pandas with their index."""
        made = make_frame(columns, self.backend)
        return made if self.index is None else made.set_index(self.index)


def read_new_data(data: object, surface: Polynomial) -> NewData:
    """Read new data as rows of the design.

    Parameters
    ----------
    data
        Any frame that narwhals supports, or a mapping of columns. Only the variables on the right of the formula are needed. Products,
        squares, transforms and dummies are computed here, centred as in the fit.
    surface
        The fitted surface.

    Raises
    ------
    DataError
        For a missing column, text instead of numbers, or a category that is not in the data of the fit.
    ModelError
        For infinite numbers, numbers too large to be squared, and numbers without the logarithm or root that the model has.

    Warns
    -----
    OutsideSupport
        If a number is outside the range observed in the fit.
    """
    if isinstance(data, str | PathLike):
        raise DataError(f"{_WHERE} is a path; read the file first, for example with pandas.read_csv or polars.read_parquet")
    variables = surface.variables
    names = list(dict.fromkeys(variable.factor or variable.of or variable.name for variable in variables.values()))
    frame = open_frame(data, where=_WHERE, paths=False)
    require_columns(frame.collect_schema().names(), names, where=_WHERE, cutoff=0.6)
    table = collect(frame.select(names))
    values: dict[str, Vector] = {}
    for name in names:
        dummies = surface.dummies(name)
        values |= _dummies(table[name], dummies) if dummies else _moved(surface, name, _numbers(table[name]))
    _warn_far({name: variable for name, variable in variables.items() if not variable.factor}, values)
    rows = np.column_stack([np.ones(len(table)), columns_of(surface.terms[1:], values, surface.centers)])
    rows[np.isnan(rows).any(axis=1)] = np.nan
    index = table.to_native().index if table.implementation.is_pandas() and not isinstance(data, Mapping) else None
    return NewData(rows, backend_of(frame), index)


def _moved(surface: Polynomial, name: str, numbers: Vector) -> dict[str, Vector]:
    """The variables that a column of numbers gives: itself and its transforms."""
    rows = np.arange(len(numbers))
    repair = "leave those values empty to get no prediction for their rows"
    return {
        one: numbers if how is None else transformed(numbers, how.name, name, rows, _WHERE, repair)
        for one, how in surface.moved_by(name).items()
    }


def read_exposure(data: object, name: str) -> Vector:
    """(m,) logs of the exposure of new rows; NaN where it is missing."""
    frame = open_frame(data, where=_WHERE, paths=False)
    found = frame.collect_schema().names()
    if name not in found:
        raise DataError.missing_column(name, found, where=_WHERE, repair="; or give it the value 1 in every row for a rate", cutoff=0.6)
    values = _numbers(collect(frame.select(name))[name])
    bad = np.flatnonzero(values <= 0)
    if bad.size:
        raise ModelError(f"{_WHERE}: exposure {name!r} must be above zero; row {bad[0] + 1} is not")
    return np.asarray(np.log(values))


def _numbers(column: Any) -> Vector:
    values = to_numbers(column, where=_WHERE)
    large = np.flatnonzero(np.abs(values) > LARGEST)
    if large.size:
        raise ModelError(
            f"{_WHERE}: column {column.name!r} contains {counted(large.size, 'number')} infinite or too large to be squared, the first in "
            f"row {large[0] + 1}; leave them empty to get no prediction for those rows"
        )
    return values


def _dummies(column: Any, dummies: list[Variable]) -> dict[str, Vector]:
    """The dummies of a factor. Messages do not show the category, since it may be a person's name."""
    factor, base = str(dummies[0].factor), dummies[0].base
    levels = {variable.name[len(factor) + 1 : -1]: variable.name for variable in dummies}
    labels = read_labels(column)
    unseen = [code for code, label in enumerate(labels.levels) if label != base and label not in levels]
    rows = np.flatnonzero(np.isin(labels.codes, unseen))
    if rows.size:
        raise DataError(
            f"{_WHERE}: column {factor!r} contains a category that is not in the data of the fit in {counted(rows.size, 'row')}, the first "
            f"in row {rows[0] + 1}; the fit cannot predict it, so leave those rows out"
        )
    gap, place = labels.codes == MISSING, {label: code for code, label in enumerate(labels.levels)}
    return {name: np.where(gap, np.nan, labels.codes == place.get(level, len(place))) for level, name in levels.items()}


def _warn_far(variables: Mapping[str, Variable], values: Mapping[str, Vector]) -> None:
    found = []
    for name, variable in variables.items():
        slack = 1e-12 * max(abs(variable.low), abs(variable.high))
        far = int(np.sum((values[name] < variable.low - slack) | (values[name] > variable.high + slack)))
        if far:
            found.append(f"{name} in {counted(far, 'row')} (observed: {number(variable.low)} to {number(variable.high)})")
    if found:
        warn(f"{_WHERE} are outside the observed range, so these predictions are extrapolations: {'; '.join(found)}", OutsideSupport)
