"""Benchmarks for an omitted variable from the columns of a fit, and the short and long regressions of proportional selection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError, offer
from tienet.regression.core.formula import Term, parse_term
from tienet.regression.endogeneity._robustness import Selection, bounds
from tienet.regression.endogeneity.first_stage import solve_or_mean
from tienet.regression.model.fit import ModerationFit


def term_of(fit: ModerationFit, text: str) -> Term:
    """Find a term by its name in the fit, which may hold any characters of a category, or parse it in another order."""
    return fit.design.terms[fit.terms.index(text)] if isinstance(text, str) and text in fit.terms else parse_term(text)


def selection(fit: ModerationFit, columns: Vector, j: int, rest: Vector, r2_max: float | None) -> Selection:
    """Short and long regressions of proportional selection; both contain the lower-order terms of a product."""
    parts = set(fit.design.terms[j].divisors()) - {fit.design.terms[j]}
    always = [i for i, term in enumerate(fit.design.terms[1:]) if term in parts]
    response = fit.sample.response
    total = float(np.sum((response - response.mean()) ** 2))
    term, outcome = (residual(column, columns[:, always]) for column in (columns[:, j - 1], response))
    short = float(term @ outcome / (term @ term))
    left = outcome - short * term
    n, alone = fit.n, len(always) + 1 == columns.shape[1]  # without covariates there is no selection to compare with
    return Selection(
        short=short,
        long=short if alone else float(fit.estimate[j]),
        r2_short=fit.r_squared if alone else 1 - float(left @ left) / total,
        r2_long=fit.r_squared,
        r2_max=min(1.0, 1.3 * fit.r_squared) if r2_max is None else float(r2_max),
        var_outcome=total / n,
        var_term=float(term @ term) / n,
        var_rest=float(term @ term if alone else rest @ rest) / n,
    )


def benchmark_bounds(
    fit: ModerationFit, columns: Vector, j: int, benchmarks: Sequence[str], times: Sequence[float]
) -> tuple[list[tuple[str, float]], Vector]:
    """Names and multiples of the benchmarks, and (b, 2) partial R2s of variables that strong."""
    named: list[tuple[str, float]] = []
    found: list[tuple[float, float]] = []
    for name in benchmarks:
        chosen = _benchmark(fit, name, j)
        others = [i for i in range(columns.shape[1]) if i not in chosen and i != j - 1]
        with_term = _explained(columns[:, j - 1], columns[:, chosen], columns[:, others])
        with_outcome = _explained(fit.sample.response, columns[:, chosen], columns[:, [*others, j - 1]])
        named += [(name, float(k)) for k in times]
        found += [bounds(with_term, with_outcome, float(k)) for k in times]
    return named, np.array(found, dtype=float).reshape(-1, 2)


def _benchmark(fit: ModerationFit, name: str, j: int) -> list[int]:
    """Columns of a benchmark: a term, or all dummies of a category."""
    wanted = term_of(fit, name)
    chosen = [
        i
        for i, (term, source) in enumerate(zip(fit.design.terms[1:], fit.design.sources[1:], strict=True))
        if wanted in (term, source) and i != j - 1
    ]
    if not chosen:
        known = [term for i, term in enumerate(fit.terms) if i not in (0, j)]
        raise ModelError(f"benchmarks: {name!r} is not another term of the model{offer(name, known)}")
    return chosen


def _explained(response: Vector, added: Vector, others: Vector) -> float:
    """Partial R2 of some columns with a response, given others."""
    left = residual(response, others)
    inside = np.linalg.qr(residual(added, others))[0].T @ left
    return float(inside @ inside / (left @ left))


def residual(column: Vector, others: Vector) -> Vector:
    """Residual of one or several columns on a constant and other columns."""
    basis = solve_or_mean(others, column if column.ndim == 1 else column[:, 0])
    left = column - basis @ (basis.T @ column)
    return np.asarray(left - basis @ (basis.T @ left))
