"""The `table` function: any result as a table for publication."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import checked_labels, names
from tienet.base.errors import ArgumentError, offer
from tienet.base.frames import Columns
from tienet.base.naming import UNNAMED
from tienet.base.numbers import cell, p_cell
from tienet.base.record import Record
from tienet.output.known import refuse_misspelt_of
from tienet.output.tables.grid import Grid, checked_digits, clean, label_of
from tienet.output.tables.printing import Printable, Table

__all__ = ["table"]


_HEADS = {
    "at": "At",
    "std_error": "SE",
    "statistic": "t",
    "df": "df",
    "df1": "df1",
    "df2": "df2",
    "p_value": "p",
    "p_change": "p of change",
    "f_change": "F of change",
    "conf_low": "CI low",
    "conf_high": "CI high",
    "r_squared": "R²",
    "adj_r_squared": "Adjusted R²",
    "delta_r_squared": "ΔR²",
    "f2": "f²",
    "aic": "AIC",
    "bic": "BIC",
    "ave": "AVE",
    "iqv": "IQV",
    "ei_index": "E-I index",
    "ei_index_rescaled": "E-I index rescaled",
    "expected_ei": "Expected E-I index",
    "f_squared": "f²",
}
# These keep their decimals even if all values are whole numbers.
_MEASURED = ("estimate", "std_error", "statistic", "conf_low", "conf_high")


def table(result: Record, *, columns: Sequence[str] | None = None, labels: Mapping[str, str] | None = None, digits: int = 3) -> Table:
    r"""Convert any result to a table for publication: the rows of its frame, with column names in words.

    Parameters
    ----------
    result
        Any result of the library.
    columns
        Columns to show, in this order; by default all.
    labels
        Labels for columns, and for the terms and variables in the cells.
    digits
        Decimals; p-values have three, or "< .001".

    Returns
    -------
    Table
        With `.markdown()`, `.html()`, `.latex()` and `.docx(path)`; its note is the sentence of the result.

    Raises
    ------
    ArgumentError
        If this is not a result, or a column or the number of decimals is not valid.

    Examples
    --------
    >>> import tienet as tn
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> slopes = tn.simple_slopes(tn.Moderation("y ~ x*z", covariance="classical").fit(data), focal="x", moderator="z")
    >>> print("\n".join(tn.table(slopes, columns=["at", "estimate", "p_value"]).markdown().splitlines()[2:6]))
    | At | Estimate | p |
    | ---: | ---: | ---: |
    | 0 | 0.750 | .055 |
    | 1 | 1.625 | .013 |
    """
    if not isinstance(result, Record):
        raise ArgumentError(f"table needs a tienet result, got {type(result).__name__}")
    spoken, places = checked_labels(labels), checked_digits(digits)
    if isinstance(result, Printable) and columns is None:
        return Table(result.grid, result._columns(), str(result), result._works())
    found = result._columns()
    refuse_misspelt_of(result, "labels", spoken, found)
    shown = list(found) if columns is None else names("columns", columns, single=True)
    for name in shown:
        if name not in found:
            raise ArgumentError(f"this result has no column {name!r}{offer(name, found)}")
    own = getattr(getattr(result, "covariance", None), "names", UNNAMED)
    texts = [_texts(name, np.asarray(found[name]), {**own.labels, **spoken}, places) for name in shown]
    grid = Grid(
        title=re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", type(result).__name__).capitalize(),
        header=tuple(clean(spoken.get(name) or _head(name, found)) for name in shown),
        rows=tuple(zip(*texts, strict=True)),
        note=(clean(result._under_table()),),
        align="".join("r" if np.asarray(found[name]).dtype.kind in "iuf" else "l" for name in shown),
    )
    return Table(grid, {name: found[name] for name in shown}, f"Table of {type(result).__name__}", result._works())


def _head(name: str, found: Columns) -> str:
    """A column name in words; a statistic of an estimate is t."""
    if name == "statistic" and "estimate" not in found:
        return "Statistic"
    return _HEADS.get(name) or (f"p {name[2:].replace('_', ' ')}" if name.startswith("p_") else label_of(name, {}))


def _texts(name: str, values: NDArray[Any], labels: Mapping[str, str], digits: int) -> list[str]:
    if values.dtype.kind == "b":
        return ["yes" if value else "no" for value in values]
    if values.dtype.kind in "iu":
        return [cell(value, 0) for value in values.tolist()]
    if values.dtype.kind == "f":
        if name.startswith("p_"):
            return [p_cell(value) for value in values.tolist()]
        whole = name not in _MEASURED and bool(np.all(~np.isfinite(values) | (values == np.round(values))))
        return [cell(value, 0 if whole else digits) for value in values.tolist()]
    worded = name in ("term", "other", "variable")
    texts = ["" if value is None else label_of(str(value), labels) if worded else clean(value) for value in values.tolist()]
    return [re.sub(r"^-(?=\d)", "−", text) for text in texts] if name == "label" else texts
