"""Arguments that say how columns are read, `base=` and `numeric=`, written into the formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tienet.base.checks import mapping
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError, offer, shown
from tienet.regression.core.formula import Formula, FormulaColumn


def marked_formula(formula: Formula, base: Mapping[str, object] | None, numeric: Sequence[str]) -> Formula:
    """Mark categories with their base, and text columns as numbers.

    Examples
    --------
    >>> from tienet.regression.core.formula import parse_formula
    >>> str(marked_formula(parse_formula("y ~ x*size + age"), {"size": "large"}, ["age"]))
    'y ~ x + C(size, base="large") + x:C(size, base="large") + number(age)'
    """
    marks: dict[str, FormulaColumn] = {}
    for name in checked_names("numeric", numeric, single=True):
        if name not in formula.sources:
            raise ArgumentError(f"numeric: {name!r} is not in the formula{offer(name, formula.sources)}")
        if name in formula.categories:
            raise ArgumentError(f"numeric: {name!r} is a category in the formula, C({name}); choose one")
        if name in formula.names:
            marks[name] = FormulaColumn(name, number=True)
    for name, category in mapping("base", base).items():
        if name not in formula.names or name in formula.transforms:
            raise ArgumentError(f"base: {name!r} is not a column in the formula{offer(name, formula.names)}")
        stated = formula.bases.get(name)
        label = _label(name, category)
        if stated not in (None, label):
            raise ArgumentError(f"base: {name!r} has the base {stated!r} in the formula and {label!r} here; choose one")
        if name in marks or name in formula.numbers:
            raise ArgumentError(f"base: {name!r} is read as numbers, which have no base")
        marks[name] = FormulaColumn(name, category=True, base=label)
    return formula.marked(marks)


def _label(name: str, category: object) -> str:
    """A category as the data are labelled: '2' for 2.0."""
    if isinstance(category, str):
        return category
    if isinstance(category, bool | np.bool_ | int | np.integer):
        return str(category)
    if isinstance(category, float | np.floating):
        return str(int(category)) if float(category).is_integer() else str(float(category))
    raise ArgumentError(f"base[{name!r}] must be a category; got {shown(category)}")
