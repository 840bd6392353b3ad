"""Tables for print: descriptives with correlations, and the regression in steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet._frames import Backend, Columns, backend_of, collect, open_frame, require_columns, to_numbers
from tienet._record import Record, counted, locked
from tienet.errors import DataError
from tienet.moderation import ModerationFit, drop_terms


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Descriptives(Record):
    """Means, standard deviations, ranges and correlations over complete rows.

    Attributes
    ----------
    names : tuple of str
        The v variables.
    mean, sd, low, high : (v,) array
        Standard deviation with n - 1.
    correlation : (v, v) array
        Pearson's r; NaN where a variable is constant.
    n : int
        Rows without any missing value among the variables.
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    correlation: NDArray[np.float64]
    n: int
    backend: Backend = "pandas"

    def _columns(self) -> Columns:
        columns: dict[str, NDArray[Any]] = {"variable": np.array(self.names, dtype=object)}
        columns |= {name: getattr(self, name) for name in ("mean", "sd", "low", "high")}
        return columns | {f"r_{place + 1}": self.correlation[:, place] for place in range(len(self.names))}

    def __str__(self) -> str:
        return f"Means, standard deviations and correlations of {counted(len(self.names), 'variable')} over {counted(self.n, 'case')}"


def descriptives(data: object, variables: Sequence[str]) -> Descriptives:
    """Means, standard deviations, ranges and correlations.

    Parameters
    ----------
    data
        Any frame, or a mapping of arrays.
    variables
        Columns that hold numbers. Rows that miss any of them are left out, so that every number is about the same cases.

    Returns
    -------
    Descriptives

    Raises
    ------
    DataError
        A column is missing or holds text, or fewer than two rows are complete.

    Examples
    --------
    >>> import tienet as tn
    >>> table = tn.descriptives({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.0]}, ["x", "y"])
    >>> float(table.correlation[0, 1].round(6))
    1.0
    """
    frame = open_frame(data, where="the data")
    require_columns(frame.collect_schema().names(), variables, where="the data")
    rows = collect(frame.select(list(variables)))
    values = np.column_stack([to_numbers(rows[name], where="the data") for name in variables])
    values = values[~np.isnan(values).any(axis=1)]
    if len(values) < 2:
        raise DataError.no_rows("the data", f"{counted(len(values), 'row')} without missing values; descriptives need two")
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.atleast_2d(np.corrcoef(values, rowvar=False))
    return Descriptives(
        tuple(variables),
        locked(values.mean(axis=0)),
        locked(values.std(axis=0, ddof=1)),
        locked(values.min(axis=0)),
        locked(values.max(axis=0)),
        locked(correlation),
        len(values),
        backend_of(frame),
    )


def step_fits(fit: ModerationFit) -> Mapping[str, ModerationFit]:
    """The model after each of its steps, all on the rows of the whole model: step -> fit.

    A first step without any term has no model of its own.
    """
    steps = fit.steps
    fits: dict[str, ModerationFit] = {}
    for place, name in enumerate(steps.step):
        later = [term for added in steps.terms[place + 1 :] for term in added]
        fits[name] = drop_terms(fit, _sources(fit, later)) if later else fit
    return fits


def _sources(fit: ModerationFit, terms: Sequence[str]) -> list[str]:
    """The formula's own terms behind the columns of the design: `region` for `region[North]`."""
    source = {str(term): str(origin) for term, origin in zip(fit.design.terms, fit.design.sources, strict=True)}
    return list(dict.fromkeys(source[term] for term in terms))
