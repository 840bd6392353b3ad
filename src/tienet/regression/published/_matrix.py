"""Reading of published terms and covariances, and checks that they are possible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError, offer
from tienet.base.frames import collect, is_missing, open_frame
from tienet.regression.core.formula import INTERCEPT, Term, parse_term

_INTERCEPTS = (INTERCEPT, "Intercept", "const")
_SIGNS = re.compile(r"\s*(?<![*])[*×·∙⋅✕](?![*])\s*|\s+[xX]\s+")  # between the parts of a product in print
_EPS = 1e-9
_MOST = 2**53  # floats do not represent all larger whole numbers


def cases(n: Any, k: int) -> int:
    """Return the number of observations, checking that it is a whole number above the number of coefficients."""
    known = not isinstance(n, bool) and isinstance(n, int | float | np.integer | np.floating) and abs(cast("float", n)) < _MOST
    if not known or int(n) != n or n <= k:
        raise ModelError(f"n must be a whole number above {k}, the number of coefficients with the intercept, got {n!r}")
    return int(n)


def read_term(text: object) -> Term:
    """Read a term; the intercept may have its name in R, statsmodels or tienet, and a product its sign in print: x * z, x × z, x x z.

    Examples
    --------
    >>> [str(read_term(text)) for text in ("x*z", "x × z", "x x z", "Team size x Trust", "x²", "x²*z")]
    ['x:z', 'x:z', 'x:z', 'Team size:Trust', 'x^2', 'x^2:z']
    """
    if not isinstance(text, str):
        raise ModelError(f"{text!r} is not a term; terms are written 'x', 'x^2', 'x:z', 'x^2:z'")
    return Term() if text.strip() in _INTERCEPTS else parse_term(_SIGNS.sub(":", text.strip().replace("²", "^2")))


def placed(text: object, terms: Sequence[Term], where: str) -> int:
    """Position of a term among those of the model."""
    term = read_term(text)
    if term not in terms:
        raise ModelError(f"{where} names {text!r}, which is not among the coefficients{offer(str(text), map(str, terms))}")
    return list(terms).index(term)


def finite(value: Any, what: str) -> float:
    """Convert a value to a finite number."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ModelError(f"{what} must be a number, got {value!r}") from None
    if not np.isfinite(found):
        raise ModelError(f"{what} must be a finite number, got {value!r}; leave it out if it is not printed")
    return found


def read_matrix(given: Any, terms: Sequence[Term]) -> tuple[Vector, Vector]:
    """Read a covariance as (k, k), NaN if not given, and half a unit of the last digit of each entry."""
    entries = given.items() if isinstance(given, Mapping) else _frame_entries(given)
    matrix, half = np.full((len(terms),) * 2, np.nan), np.zeros((len(terms),) * 2)
    listed = [(key, finite(value, f"covariance[{key!r}]")) for key, value in entries]
    for (key, found), unit in zip(listed, half_units([value for _, value in listed]), strict=True):
        if not isinstance(key, tuple) or len(key) != 2:
            raise ModelError(f"the keys of covariance must be pairs of terms such as ('x', 'x:z'), got {key!r}")
        i, j = (placed(name, terms, "covariance") for name in key)
        if np.isfinite(matrix[i, j]) and abs(matrix[i, j] - found) > 1e-6 * abs(found):
            raise ModelError(f"covariance is not symmetric: {key[0]} and {key[1]} have {matrix[i, j]:g} and {found:g}; check the table")
        matrix[i, j] = matrix[j, i] = found
        half[i, j] = half[j, i] = unit
    return matrix, half


def _frame_entries(given: Any) -> list[tuple[tuple[str, str], float]]:
    """Entries of a square data frame with the terms as columns and as index or first text column."""
    names, labels, values = square_frame(given, "covariance")
    pairs = [((row, column), values[i][j]) for i, row in enumerate(labels) for j, column in enumerate(names)]
    return [(pair, value) for pair, value in pairs if not is_missing(value)]


def square_frame(given: Any, where: str) -> tuple[list[str], list[str], list[list[Any]]]:
    """Return column names, row labels and cells of a square data frame.

    Row labels are the index of a pandas frame if it is text, else the first column if it is text, else the column names.
    """
    index = getattr(given, "index", None)
    named = isinstance(index, Iterable) and all(isinstance(label, str) for label in index)
    labels = [str(label) for label in cast("Iterable[str]", index)] if named else None
    if isinstance(given, np.ndarray | list | tuple):
        raise ModelError(f"{where} must have names; give a square data frame labelled by the terms, or {{('x', 'z'): value, ...}}")
    frame = collect(open_frame(given, where=where, paths=False))
    names, columns = list(frame.columns), [frame[name].to_list() for name in frame.columns]
    if labels is None and columns and all(isinstance(cell, str) for cell in columns[0]):
        labels, names, columns = columns[0], names[1:], columns[1:]
    labels = list(names) if labels is None else labels
    if sorted(labels) != sorted(names) or any(len(column) != len(names) for column in columns):
        rows = len(columns[0]) if columns else 0
        raise ModelError(f"{where} must be square with the same labels on rows and columns, got {rows} rows and {len(names)} columns")
    return names, labels, [list(row) for row in zip(*columns, strict=True)]


def half_units(values: Sequence[float]) -> Vector:
    """Compute half a unit of the last printed digit of each number in a table.

    A float does not keep trailing zeros. So each number is taken to have as many decimals as the most precise one in the table, or as many
    significant digits as the longest, whichever is fewer, but at least those it shows.

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
    """Refuse an impossible covariance: a negative variance, |r| above 1 or a negative eigenvalue beyond rounding."""
    variance = np.diag(matrix)
    for j in np.flatnonzero(variance < 0).tolist():
        raise ModelError(f"covariance: the variance of {terms[j]} must not be below zero, got {variance[j]:g}; check the table")
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
    while full.size and np.isnan(matrix[np.ix_(full, full)]).any():  # find a fully known block by dropping the term with most gaps
        full = np.delete(full, int(np.isnan(matrix[np.ix_(full, full)]).sum(axis=0).argmax()))
    if full.size < 2:
        return
    scale = np.sqrt(np.diag(matrix)[full])
    lowest = float(np.linalg.eigvalsh(matrix[np.ix_(full, full)] / np.outer(scale, scale))[0])
    if lowest < -(float(np.linalg.norm(half[np.ix_(full, full)] / np.outer(scale, scale))) + _EPS):
        named = ", ".join(str(terms[int(j)]) for j in full)
        raise ModelError(f"the covariance of {named} is impossible: an eigenvalue is below zero by more than rounding; check the table")
