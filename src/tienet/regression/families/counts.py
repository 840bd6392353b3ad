"""Counts: how their column is read, and where their likelihood may grow for ever."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.regression.core.cells import read_numbers
from tienet.regression.core.model_frame import Outcome


def read_count(event: object, column: Any) -> Outcome:  # noqa: ARG001 - counts have no event
    """The outcome as whole numbers of at least 0."""
    values = read_numbers(column)
    for bad, what in ((values < 0, "below zero"), (values != np.floor(values), "with decimals")):
        rows = np.flatnonzero(bad & ~np.isnan(values))
        if rows.size:
            raise ModelError(
                f"{column.name} is not a count: it has {counted(rows.size, 'value')} {what}, the first in row {rows[0] + 1}; counts are "
                "whole numbers of at least 0"
            )
    return Outcome(values)


def receding(columns: Vector, response: Vector) -> tuple[Vector, Vector]:
    """Rows along which the likelihood may grow for ever: down where the count is 0, while the others stay."""
    zero = response == 0
    return -columns[zero], np.asarray(np.linalg.qr(columns[~zero], mode="r"))
