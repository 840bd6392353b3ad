"""Descriptive statistics: means, standard deviations, ranges, reliabilities and correlations with p-values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import checked_labels, mapping, names
from tienet.base.errors import ArgumentError, DataError, offer
from tienet.base.frames import Backend, Columns, backend_of, collect, open_frame, require_columns, to_numbers
from tienet.base.naming import refuse_misspelt
from tienet.base.numbers import bare, cell, counted, df_text, n_text
from tienet.base.record import Record, locked
from tienet.base.wording import names_in
from tienet.output.tables.grid import STARS, Grid, label_of, legend, starred
from tienet.output.tables.printing import Printable
from tienet.regression.core.least_squares import two_sided

__all__ = ["Descriptives", "descriptives"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Descriptives(Printable, Record):
    """Means, standard deviations, ranges and correlations over complete rows, ready to print.

    Parameters
    ----------
    names
        The v variables.
    mean, sd, low, high
        (v,) mean, standard deviation (with n - 1), minimum and maximum.
    correlation
        (v, v) Pearson correlations; NaN if a variable is constant.
    p_value
        (v, v) two-sided p of each correlation; NaN on the diagonal, and if the correlation is NaN or n is 2.
    alphas
        (v,) Cronbach's alpha of each variable, NaN if none was given.
    n
        Rows without a missing value in any of the variables.
    backend
        The frame library of the input, used by `frame`.
    labels
        Labels of the variables in print.
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    correlation: NDArray[np.float64]
    p_value: NDArray[np.float64]
    alphas: NDArray[np.float64]
    n: int
    backend: Backend = "pandas"
    labels: Mapping[str, str] = field(default_factory=dict)

    def _works(self) -> tuple[str, ...]:
        return ("cohen_et_al_2003", *(("cronbach_1951",) if self._measured else ()))

    @property
    def _measured(self) -> bool:
        return not np.isnan(self.alphas).all()

    def _columns(self) -> Columns:
        columns: dict[str, NDArray[Any]] = {"variable": np.array(self.names, dtype=object)}
        columns |= {name: getattr(self, name) for name in ("mean", "sd", "low", "high")}
        columns |= {"alpha": self.alphas} if self._measured else {}
        places = range(len(self.names))
        columns |= {f"r_{place + 1}": self.correlation[:, place] for place in places}
        return columns | {f"p_r_{place + 1}": self.p_value[:, place] for place in places}

    @property
    def grid(self) -> Grid:
        """The text cells: means, SDs and ranges, then correlations below the diagonal and alphas on it."""
        places = range(len(self.names))
        diagonal = ", Cronbach's alpha in parentheses on the diagonal" if self._measured else ""
        return Grid(
            title="Means, standard deviations and correlations",
            header=("Variable", "Mean", "SD", "Min", "Max", *(str(place + 1) for place in places)),
            rows=tuple(self._row(place) for place in places),
            note=(
                f"{n_text(self.n)}, complete rows only (listwise)",
                f"Pearson correlations below the diagonal, two-sided t tests with df = {df_text(self.n - 2)}{diagonal}",
                *legend(STARS),
            ),
            align="l" + "r" * (4 + len(self.names)),
        )

    def _row(self, place: int) -> tuple[str, ...]:
        numbers = (cell(float(values[place]), 2) for values in (self.mean, self.sd, self.low, self.high))
        return (
            f"{place + 1}. {label_of(self.names[place], self.labels)}",
            *numbers,
            *(self._r(place, other) for other in range(len(self.names))),
        )

    def _r(self, place: int, other: int) -> str:
        if other > place:
            return ""
        if other == place:
            return "–" if np.isnan(self.alphas[place]) else f"({bare(float(self.alphas[place]))})"
        return bare(float(self.correlation[place, other])) + starred(float(self.p_value[place, other]), STARS)

    def __str__(self) -> str:
        return f"Means, standard deviations and correlations of {counted(len(self.names), 'variable')} over {counted(self.n, 'case')}"


def descriptives(
    data: object, variables: Sequence[str], *, alphas: Mapping[str, Any] | None = None, labels: Mapping[str, str] | None = None
) -> Descriptives:
    r"""Compute means, standard deviations, ranges and correlations with their tests.

    .. math:: t = r \sqrt{(n - 2) / (1 - r^2)}, \qquad df = n - 2

    Parameters
    ----------
    data
        Any data frame, or a mapping of arrays.
    variables
        Numeric columns. Rows with a missing value in any of them are dropped (listwise), so that all statistics use the same rows.
    alphas
        {variable: Cronbach's alpha}, or {variable: result of `reliability`}, for the diagonal of the printed table.
    labels
        {variable: label} in print.

    Returns
    -------
    Descriptives
        With `.markdown()`, `.html()`, `.latex()` and `.docx(path)`.

    Raises
    ------
    DataError
        If a column is missing or contains text, or fewer than two rows are complete.
    ArgumentError
        If an alpha is given for another variable, or is not a number up to 1.

    References
    ----------
    Cohen, J., Cohen, P., West, S. G. & Aiken, L. S. (2003). Applied Multiple Regression, 3rd ed., section 2.8.
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika 16, 297-334.

    Examples
    --------
    >>> import tienet as tn
    >>> table = tn.descriptives({"x": [1.0, 2.0, 3.0, 5.0], "y": [2.0, 5.0, 4.0, 9.0]}, ["x", "y"], alphas={"x": 0.85})
    >>> print("\n".join(table.markdown().splitlines()[2:6]))
    | Variable | Mean | SD | Min | Max | 1 | 2 |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    | 1. x | 2.75 | 1.71 | 1.00 | 5.00 | (.85) |  |
    | 2. y | 5.00 | 2.94 | 2.00 | 9.00 | .93 | – |
    """
    frame = open_frame(data, where="the data", paths=False)
    variables, spoken = _variables(variables), checked_labels(labels)
    require_columns(frame.collect_schema().names(), variables, where="the data", cutoff=0.6)
    known = _alphas(mapping("alphas", alphas), variables)
    refuse_misspelt("labels", spoken, [name for variable in variables for name in names_in(variable)])
    rows = collect(frame.select(variables))
    values = np.column_stack([to_numbers(rows[name], where="the data") for name in variables])
    values = values[~np.isnan(values).any(axis=1)]
    if len(values) < 2:
        raise DataError.no_rows("the data", f"{counted(len(values), 'row')} without missing values; at least two are needed")
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.atleast_2d(np.corrcoef(values, rowvar=False))
    return Descriptives(
        names=tuple(variables),
        mean=locked(values.mean(axis=0)),
        sd=locked(values.std(axis=0, ddof=1)),
        low=locked(values.min(axis=0)),
        high=locked(values.max(axis=0)),
        correlation=locked(correlation),
        p_value=locked(_p_values(correlation, len(values))),
        alphas=known,
        n=len(values),
        backend=backend_of(frame),
        labels=MappingProxyType(spoken),
    )


def _variables(given: object) -> list[str]:
    found = names("variables", given, single=True)
    if not found or len(set(found)) < len(found):
        raise ArgumentError(f"variables must name at least one column, each once, got {found!r}")
    return found


def _alphas(given: Mapping[str, Any], variables: Sequence[str]) -> NDArray[np.float64]:
    for name in given:
        if name not in variables:
            raise ArgumentError(f"alphas names {name!r}, which is not one of the variables{offer(str(name), variables)}")
    return locked([_alpha(name, given[name]) if name in given else np.nan for name in variables], dtype=float)


def _alpha(name: str, value: Any) -> float:
    found = getattr(value, "alpha", value)
    if isinstance(found, bool) or not isinstance(found, Real) or not found <= 1:
        raise ArgumentError(f"alphas[{name!r}]={value!r} is not a number up to 1, nor the reliability of more than one item")
    return float(found)


def _p_values(r: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Two-sided p of each correlation; an infinite t has p = 0."""
    if n < 3:
        return np.full(r.shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.clip(r, -1, 1) * np.sqrt((n - 2) / ((1 - r) * (1 + r)).clip(min=0))
    p = two_sided(t, n - 2)
    np.fill_diagonal(p, np.nan)
    return p
