"""Reading what was printed: terms, covariances in their two spellings, and whether they can be what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError, offer
from tienet.base.frames import collect, is_missing, open_frame
from tienet.regression.core.formula import INTERCEPT, Term, parse_term

_INTERCEPTS = (INTERCEPT, "Intercept", "const")
_EPS = 1e-9
_MOST = 2**53  # cases: whole numbers beyond it are no longer told apart


def cases(n: Any, k: int) -> int:
    """The number of cases, refused unless a whole number above that of the coefficients."""
    known = not isinstance(n, bool) and isinstance(n, int | float | np.integer | np.floating) and abs(cast("float", n)) < _MOST
    if not known or int(n) != n or n <= k:
        raise ModelError(f"n = {n!r} cannot carry {k} coefficients (the intercept counted); give the number of cases of the model")
    return int(n)


def read_term(text: object) -> Term:
    """A printed term; the intercept may be called as R, statsmodels or tienet call it."""
    if not isinstance(text, str):
        raise ModelError(f"{text!r} is not a term; terms are written 'x', 'x^2', 'x:z', 'x^2:z'")
    return Term() if text.strip() in _INTERCEPTS else parse_term(text.strip())


def placed(text: object, terms: Sequence[Term], where: str) -> int:
    """Position of a term among those of the model."""
    term = read_term(text)
    if term not in terms:
        raise ModelError(f"{where} names {text!r}, which is not among the coefficients{offer(str(text), map(str, terms))}")
    return list(terms).index(term)


def finite(value: Any, what: str) -> float:
    """A printed number."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ModelError(f"{what} is {value!r}; give a number") from None
    if not np.isfinite(found):
        raise ModelError(f"{what} is {value!r}; give a finite number, or leave it out where it is not printed")
    return found


def read_matrix(given: Any, terms: Sequence[Term]) -> tuple[Vector, Vector]:
    """A covariance as (k, k) with NaN where it is not given, and half a unit of the last digit of each entry."""
    entries = given.items() if isinstance(given, Mapping) else _frame_entries(given)
    matrix, half = np.full((len(terms),) * 2, np.nan), np.zeros((len(terms),) * 2)
    listed = [(key, finite(value, f"covariance[{key!r}]")) for key, value in entries]
    for (key, found), unit in zip(listed, half_units([value for _, value in listed]), strict=True):
        if not isinstance(key, tuple) or len(key) != 2:
            raise ModelError(f"covariance has the key {key!r}; keys are pairs of terms, ('x', 'x:z')")
        i, j = (placed(name, terms, "covariance") for name in key)
        if np.isfinite(matrix[i, j]) and abs(matrix[i, j] - found) > 1e-6 * abs(found):
            raise ModelError(f"covariance is not symmetric: {key[0]} and {key[1]} have {matrix[i, j]:g} and {found:g}; check the table")
        matrix[i, j] = matrix[j, i] = found
        half[i, j] = half[j, i] = unit
    return matrix, half


def _frame_entries(given: Any) -> list[tuple[tuple[str, str], float]]:
    """Entries of a square frame whose columns, and whose index or first text column, are the terms."""
    names, labels, values = square_frame(given, "covariance")
    pairs = [((row, column), values[i][j]) for i, row in enumerate(labels) for j, column in enumerate(names)]
    return [(pair, value) for pair, value in pairs if not is_missing(value)]


def square_frame(given: Any, where: str) -> tuple[list[str], list[str], list[list[Any]]]:
    """Column names, row labels and the cells of a square frame.

    Row labels are the index of a pandas frame where it is text, else the first column where it holds text, else the names of the columns.
    """
    index = getattr(given, "index", None)
    named = isinstance(index, Iterable) and all(isinstance(label, str) for label in index)
    labels = [str(label) for label in cast("Iterable[str]", index)] if named else None
    if isinstance(given, np.ndarray | list | tuple):
        raise ModelError(f"{where} has no names; give a square frame labelled by the terms, or {{('x', 'z'): value, ...}}")
    frame = collect(open_frame(given, where=where, paths=False))
    names, columns = list(frame.columns), [frame[name].to_list() for name in frame.columns]
    if labels is None and columns and all(isinstance(cell, str) for cell in columns[0]):
        labels, names, columns = columns[0], names[1:], columns[1:]
    labels = list(names) if labels is None else labels
    if sorted(labels) != sorted(names) or any(len(column) != len(names) for column in columns):
        raise ModelError(
            f"{where} is not square: {len(labels)} rows and {len(names)} columns, or their labels differ; give the same on both"
        )
    return names, labels, [list(row) for row in zip(*columns, strict=True)]


def half_units(values: Sequence[float]) -> Vector:
    """Half a unit of the last printed digit of each number of a table.

    A float does not keep its trailing zeros, so a number has as many decimals as the finest in the table has, or as many significant
    digits as the longest has, whichever is fewer; and no fewer than it shows.

    Examples
    --------
    >>> half_units([0.1, 0.25]).tolist(), half_units([0.0075, 1.2e-05]).tolist()
    ([0.005, 0.005], [5e-05, 5e-07])
    """
    parts = [Decimal(repr(float(value))).normalize().as_tuple() for value in values]
    shown = np.array([int(part.exponent) for part in parts], dtype=float)
    digits = np.array([len(part.digits) for part in parts])
    assumed = np.maximum(shown.min(initial=0), shown + digits - digits.max(initial=0))
    return np.asarray(0.5 * 10.0 ** np.minimum(np.minimum(shown, 0), assumed))


def check_covariance(matrix: Vector, half: Vector, terms: Sequence[Term]) -> None:
    """Refuse what cannot be a covariance: a negative variance, |r| above 1, a negative eigenvalue, beyond the rounding of print."""
    variance = np.diag(matrix)
    for j in np.flatnonzero(variance < 0).tolist():
        raise ModelError(f"covariance: the variance of {terms[j]} is {variance[j]:g}, below zero; check the table")
    for i, j in np.argwhere(np.triu(np.isfinite(matrix), 1)).tolist():
        if not np.isfinite(variance[[i, j]]).all():
            continue
        top = np.sqrt((variance[i] + half[i, i]) * (variance[j] + half[j, j]))
        if abs(matrix[i, j]) > top * (1 + _EPS) + half[i, j]:
            raise ModelError(
                f"covariance: {terms[i]} and {terms[j]} have {matrix[i, j]:g}, more than their variances allow (at most {top:g})"
            )
    _check_eigenvalues(matrix, half, terms)


def _check_eigenvalues(matrix: Vector, half: Vector, terms: Sequence[Term]) -> None:
    full = np.flatnonzero(np.diag(matrix) > 0)
    while full.size and np.isnan(matrix[np.ix_(full, full)]).any():  # the largest block known in full, by leaving out the worst
        full = np.delete(full, int(np.isnan(matrix[np.ix_(full, full)]).sum(axis=0).argmax()))
    if full.size < 2:
        return
    scale = np.sqrt(np.diag(matrix)[full])
    lowest = float(np.linalg.eigvalsh(matrix[np.ix_(full, full)] / np.outer(scale, scale))[0])
    if lowest < -(float(np.linalg.norm(half[np.ix_(full, full)] / np.outer(scale, scale))) + _EPS):
        named = ", ".join(str(terms[int(j)]) for j in full)
        raise ModelError(
            f"covariance of {named} cannot be a covariance: an eigenvalue is below zero by more than rounding; check the table"
        )
