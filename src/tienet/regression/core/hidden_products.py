"""Columns that are the square of another column, or the product of two others, as people make them who do not know ``x^2`` and ``x:z``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import HiddenProduct, warn
from tienet.regression.core.formula_tokens import as_name

_CLOSE = 1e-9  # a product written with ten digits still counts
_LOOK = 8  # rows that are compared first


def warn_products(columns: Mapping[str, Vector]) -> None:
    """Warn about numeric columns that equal the square of another, or the product of two others. Columns with two values are left out.

    Pairs are compared in a few rows first, all with one variable at a time.
    """
    names = list(columns)
    wanted = np.array([_many_values(columns[name]) for name in names], dtype=bool)
    if not wanted.any():
        return
    look = np.array([columns[name][:_LOOK] for name in names])
    for i, first in enumerate(names):
        alike = np.isclose(look[i] * look[i:, None], look[None], rtol=_CLOSE, atol=0.0).all(axis=2) & wanted
        for j, found in np.argwhere(alike):
            second, name = names[i + j], names[found]
            if name not in (first, second) and np.allclose(columns[first] * columns[second], columns[name], rtol=_CLOSE, atol=0.0):
                what = f"the square of {first!r}" if first == second else f"the product of {first!r} and {second!r}"
                term = f"{as_name(first)}^2" if first == second else f"{as_name(first)}:{as_name(second)}"
                warn(f"column {name!r} is {what}, which slopes of {first} leave out; write {term} in its place", HiddenProduct)


def _many_values(column: Vector) -> bool:
    low, high = column.min(), column.max()
    return bool(((column > low) & (column < high)).any())
