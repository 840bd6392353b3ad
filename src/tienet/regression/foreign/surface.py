"""From what a reader took to a surface: columns as polynomials in variables, and the variables in the rows used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import DataError, ModelError
from tienet.base.record import Fixed, Sealed, locked
from tienet.regression.core.hidden_products import warn_products
from tienet.regression.core.polynomial import Variable, VariableKind
from tienet.regression.core.terms import Term
from tienet.regression.core.transforms import TRANSFORMS
from tienet.regression.foreign.categories import based, one_for_all
from tienet.regression.foreign.column_names import NamedColumn, NamedVariable, plain_column, read_column_name, unread_column
from tienet.regression.foreign.evidence import same, verified
from tienet.regression.foreign.reading import ForeignResult
from tienet.regression.foreign.rows import TableRows

_ZERO = 1e-13  # of the largest value: the mean of a centred column
_NOTHING = locked((), float)


@dataclass(frozen=True, slots=True, eq=False)
class NamedSurface(Sealed):
    """Terms and variables of a result.

    Parameters
    ----------
    columns
        k columns as printed.
    terms
        m terms of the surface.
    move
        (m, k) map from the coefficients to those of the terms.
    variables, unread
        As in `Polynomial`.
    """

    columns: tuple[NamedColumn, ...]
    terms: tuple[Term, ...]
    move: Vector
    variables: Mapping[str, Variable]
    unread: Mapping[str, tuple[str, ...]]


def shape_of(reading: ForeignResult, rows: TableRows | None, given: bool) -> NamedSurface:
    """Read the names of a result and describe its variables.

    Parameters
    ----------
    reading
        What was taken from the result.
    rows
        The rows used, if known.
    given
        Whether the user gave them.
    """
    _refuse_collinear(reading)
    columns = _named(reading, rows)
    if rows is not None and not _aligned(columns, reading, rows):
        if given:
            raise DataError("data does not have the values that the result was fitted on; give data= the frame you fitted, in its order")
        rows = None
    values = _values(columns, reading, rows)
    columns = verified(columns, reading.columns, values)
    values = {name: value for name, value in values.items() if any(name in column.sources for column in columns)}
    values |= {column.name: reading.columns[:, j] for j, column in enumerate(columns) if column.unread and reading.columns is not None}
    warn_products(_plain(columns, values))
    sources, against = _sources(columns)
    bases = based(sources, rows)
    parts = one_for_all([column.parts for column in columns], sources, against, bases, values)
    level = [Term()] if reading.anchored else []
    terms = tuple(dict.fromkeys([*level, *sorted((t for part in parts for t in part), key=lambda term: term.order > 0)]))
    move = np.array([[part.get(term, 0.0) for part in parts] for term in terms])
    used = dict.fromkeys(name for term in terms for name in term.names)
    variables = {name: _variable(sources[name], values.get(name), bases, reading.units) for name in used}
    return NamedSurface(columns, terms, move, Fixed(variables), Fixed(_unread(columns, sources, used)))


def _named(reading: ForeignResult, rows: TableRows | None) -> tuple[NamedColumn, ...]:
    known = () if rows is None else rows.names
    if reading.formula:
        return tuple(read_column_name(name, known) for name in reading.names)
    return tuple(_of_arrays(name, reading.names, known) for name in reading.names)


def _of_arrays(name: str, names: Sequence[str], known: Sequence[str]) -> NamedColumn:
    """A column of a table that was made by hand: an expression in columns that are there, else a variable with an unusual name."""
    column = read_column_name(name, known)
    if not column.sources or (column.alone and not column.unread):
        return column
    there = [part in names or part in known for part in column.unread or column.inside]
    if all(there) or ":" in name:
        return column
    return unread_column(name, column.unread or column.inside) if any(there) else plain_column(name)


def _aligned(columns: Sequence[NamedColumn], reading: ForeignResult, rows: TableRows) -> bool:
    """Whether plain columns are the same in the table as in the design."""
    for j, column in enumerate(columns):
        own = rows.numbers(column.alone) if column.alone and reading.columns is not None else None
        if own is not None and reading.columns is not None and not same(own, reading.columns[:, j]):
            return False
    return True


def _values(columns: Sequence[NamedColumn], reading: ForeignResult, rows: TableRows | None) -> dict[str, Vector]:
    """(n,) values of each variable, from the design or from the table."""
    values: dict[str, Vector] = {}
    for j, column in enumerate(columns):
        if column.alone and reading.columns is not None:
            values[column.alone] = reading.columns[:, j]
    for column in columns:
        for name, source in column.sources.items():
            found = _from_rows(source, rows) if rows is not None and name not in values else None
            if found is not None:
                values[name] = found
    return values


def _plain(columns: Sequence[NamedColumn], values: Mapping[str, Vector]) -> dict[str, Vector]:
    """Values of the columns that stand by themselves, as numbers."""
    alone = [column.alone for column in columns if column.alone and not column.unread]
    return {name: values[name] for name in alone if name in values and np.isfinite(values[name]).all() and values[name].size}


def _from_rows(source: NamedVariable, rows: TableRows) -> Vector | None:
    if source.factor:
        return rows.is_category(source.factor, source.level or "")
    if source.of is None:
        return rows.numbers(source.name)
    plain = rows.numbers(source.of)
    transform = TRANSFORMS.get(source.transform or "")
    if plain is None or transform is None:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(transform.forward(plain))


def _sources(columns: Sequence[NamedColumn]) -> tuple[dict[str, NamedVariable], set[str]]:
    """All variables by name, and dummies that have a base in some column."""
    found: dict[str, NamedVariable] = {}
    against: set[str] = set()
    for column in columns:
        for name, source in column.sources.items():
            found[name] = source if name not in found or source.whole else found[name]
            against |= {name} if source.factor and not source.whole else set()
    return found, against


def _unread(columns: Sequence[NamedColumn], sources: Mapping[str, NamedVariable], used: Mapping[str, None]) -> dict[str, tuple[str, ...]]:
    """Columns and dummies whose inner variables cannot be probed, and rescaled variables beside the same variable as it is."""
    found = {column.name: column.unread for column in columns if column.unread}
    for name in used:
        source = sources[name]
        others = {other.of or name_ for name_, other in sources.items() if name_ != name and not other.factor}
        if source.inside:
            found[name] = source.inside
        elif source.of and source.transform not in TRANSFORMS and source.of in others:
            found[name] = (source.of,)
    return found


def _variable(source: NamedVariable, values: Vector | None, bases: Mapping[str, str], units: Codes | None) -> Variable:
    """A variable in the rows used; over units if it is one of theirs."""
    known = values is not None and len(values) > 0 and bool(np.isfinite(values).all())
    column = values if known and values is not None else _NOTHING
    mean, sd, low, high = _moments(column, units)
    if source.factor and not known:
        low, high = 0.0, 1.0
    two = bool(known and low < high and ((column == low) | (column == high)).all())
    kind: VariableKind = "binary" if two or (source.factor and not known) else "continuous"
    base = bases.get(source.factor or "", source.base)
    of, transform = (source.of, source.transform) if source.transform in TRANSFORMS else (None, None)
    return Variable(source.name, mean, sd, low, high, 0.0, kind, locked(column, float), source.factor, base, of, transform)


def _moments(values: Vector, units: Codes | None) -> tuple[float, float, float, float]:
    if not len(values):
        return (float("nan"),) * 4
    one = values
    if units is not None:
        first = np.unique(units, return_index=True)[1]
        codes = np.unique(units, return_inverse=True)[1]
        one = values[first] if same(values[first][codes], values) else values
    mean, sd = float(one.mean()), float(one.std(ddof=1)) if len(one) > 1 else 0.0
    low, high = float(values.min()), float(values.max())
    return 0.0 if abs(mean) < _ZERO * max(abs(low), abs(high)) else mean, sd, low, high


def _refuse_collinear(reading: ForeignResult) -> None:
    """Refuse columns that depend on each other: statsmodels then picks one of endlessly many solutions."""
    columns = reading.columns
    if columns is None or not columns.size:
        return
    sizes = np.linalg.norm(columns, axis=0)
    if (sizes > 0).all() and np.linalg.matrix_rank(columns / sizes, tol=1e-10 * columns.shape[1] ** 0.5) == columns.shape[1]:
        return
    raise ModelError(
        f"{reading.package} {reading.method}: the columns are linearly dependent, so the coefficients are one solution among many; "
        "leave out the term that follows from the others and fit again"
    )
