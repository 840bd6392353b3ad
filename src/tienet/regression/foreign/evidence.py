"""Whether the columns of a design are what their names say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Fixed
from tienet.regression.core.terms import Term
from tienet.regression.foreign.column_names import NamedColumn, unread_column

_EQUAL = 1e-7  # relative to the largest value; packages keep their columns to about 1e-12


def same(one: Vector, other: Vector) -> bool:
    """Whether two columns are equal up to rounding."""
    size = max(float(np.abs(other).max(initial=0.0)), 1e-300)
    return len(one) == len(other) and bool((np.abs(one - other) <= _EQUAL * size).all())


def verified(columns: Sequence[NamedColumn], design: Vector | None, values: Mapping[str, Vector]) -> tuple[NamedColumn, ...]:
    """Compare products and squares with the design.

    A product of centred columns that is called ``x:z`` is read as what it is, :math:`(x - a)(z - b)`. A column that is neither counts as
    unread.

    Parameters
    ----------
    columns
        k columns as named.
    design
        (n, k) columns of the rows used, or None.
    values
        (n,) values of the variables that are known.
    """
    if design is None:
        return tuple(columns)
    return tuple(_verified(column, design[:, j], values) for j, column in enumerate(columns))


def _verified(column: NamedColumn, found: Vector, values: Mapping[str, Vector]) -> NamedColumn:
    if column.unread or column.alone or any(name not in values for name in column.sources):
        return column
    said = sum(factor * _product(term, values, found) for term, factor in column.parts.items())
    if same(np.asarray(said), found):
        return column
    return _around_other_centers(column, found, values) or unread_column(column.name, (*column.sources, *column.inside))


def _product(term: Term, values: Mapping[str, Vector], like: Vector) -> Vector:
    return np.asarray(prod((values[name] ** power for name, power in term.powers), start=np.ones_like(like)))


def _around_other_centers(column: NamedColumn, found: Vector, values: Mapping[str, Vector]) -> NamedColumn | None:
    """The column as a polynomial in its highest term and all lower ones, if it is one."""
    highest = max(column.parts, key=lambda term: term.order)
    terms = [Term(), *highest.divisors()]
    basis = np.column_stack([_product(term, values, found) for term in terms])
    sizes = np.linalg.norm(basis, axis=0)
    factors = np.linalg.lstsq(basis / sizes, found, rcond=None)[0] / sizes
    if not same(basis @ factors, found):
        return None
    matter = np.abs(factors) * sizes > _EQUAL * np.linalg.norm(found)
    return replace(column, parts=Fixed({term: float(f) for term, f, yes in zip(terms, factors, matter, strict=True) if yes}))
