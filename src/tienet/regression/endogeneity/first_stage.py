"""Tests of instruments and of endogeneity: weak instruments, Wu-Hausman, Sargan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import number, p_text, statistic_text
from tienet.base.record import Record, locked
from tienet.regression.core.design import Design
from tienet.regression.core.least_squares import Solution, f_tail, solve
from tienet.regression.endogeneity._instrumented import Problem

__all__ = ["Diagnostics"]


_NOTHING = 1e-14  # a smaller share of a sum of squares is rounding error
_WHOLE = 1e-9  # a smaller residual, relative to its column, is rounding error


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Diagnostics(Record):
    """The t classical tests of the instruments and of endogeneity.

    Parameters
    ----------
    test
        "weak instruments", "conditional weak instruments", "Wu-Hausman", "Sargan".
    term
        Endogenous term of a test of weak instruments, else empty.
    statistic, df1, df2, p_value
        (t,) each: F statistics, and Sargan's chi-square with df1 (df2 infinite; NaN without over-identification).
    backend
        Kind of data frame that `frame` returns.
    """

    test: tuple[str, ...]
    term: tuple[str, ...]
    statistic: Vector
    df1: Vector
    df2: Vector
    p_value: Vector
    backend: Backend = "pandas"

    def _columns(self) -> Columns:
        return {
            "test": np.array(self.test, dtype=object),
            "term": np.array(self.term, dtype=object),
            "statistic": self.statistic,
            "df1": self.df1,
            "df2": self.df2,
            "p_value": self.p_value,
        }

    def _works(self) -> tuple[str, ...]:
        behind = {"conditional weak instruments": "sanderson_windmeijer_2016", "Wu-Hausman": "hausman_1978", "Sargan": "sargan_1958"}
        return tuple(work for test, work in behind.items() if test in self.test)

    def __str__(self) -> str:
        shown = [self._one(i) for i in range(len(self.test)) if np.isfinite(self.statistic[i])]
        return f"{'; '.join(shown)} (classical tests)"

    def _one(self, i: int) -> str:
        about = f" for {self.term[i]}" if self.term[i] else ""
        sign = "F" if np.isfinite(self.df2[i]) else "chi2"
        found = statistic_text(sign, self.statistic[i], self.df1[i], self.df2[i])
        return f"{self.test[i]}{about} {found}, {p_text(self.p_value[i])}"

    @property
    def gist(self) -> str:
        """Smallest F of weak instruments, and the tests of the whole model, in words."""
        whole = [self._one(i) for i, test in enumerate(self.test) if "weak" not in test]
        return "; ".join([f"Smallest first-stage F = {number(self.weakest, 2)}", *whole])

    @property
    def weakest(self) -> float:
        """Smallest F of a test of weak instruments."""
        return min(float(value) for test, value in zip(self.test, self.statistic, strict=True) if "weak" in test)


def diagnose(problem: Problem, outer: Design, first: Solution, second: Solution) -> Diagnostics:
    """Compute all tests that apply, from the bases of both stages."""
    design = problem.design
    names, inner = [str(term) for term in design.terms], problem.inner[1:]
    columns = design.columns(design.centers)  # terms and first stages in the model's centring
    exogenous = solve_or_mean(columns[:, ~inner], problem.sample.response)
    endogenous, labels = columns[:, inner], list(np.array(names[1:])[inner])
    free = first.basis.shape[1] - exogenous.shape[1]
    rows = [
        ("weak instruments", label, *partial_f(column, exogenous, first.basis, free))
        for label, column in zip(labels, endogenous.T, strict=True)
    ]
    if len(labels) > 1:
        rows += [
            ("conditional weak instruments", label, *_conditional_f(endogenous, j, exogenous, first.basis))
            for j, label in enumerate(labels)
        ]
    rows.append(("Wu-Hausman", "", *_wu_hausman(problem, first.basis, endogenous)))
    if len(outer.terms) > len(design.terms):
        rows.append(("Sargan", "", *_sargan(second.residuals, first.basis, len(outer.terms) - len(design.terms))))
    test, term, statistic, df1, df2, p_value = zip(*rows, strict=True)
    return Diagnostics(test, term, locked(statistic), locked(df1, float), locked(df2, float), locked(p_value), problem.sample.backend)


def solve_or_mean(columns: Vector, response: Vector) -> Vector:
    """Orthonormal basis of a constant and columns, if there are any."""
    if not columns.shape[1]:
        return np.full((len(response), 1), len(response) ** -0.5)
    return solve(columns, response, [str(j) for j in range(columns.shape[1])]).basis


def partial_f(column: Vector, exogenous: Vector, basis: Vector, free: int) -> tuple[float, float, float, float]:
    """F of the excluded instruments in the first stage of one column."""
    left = _rest(column, exogenous)
    unexplained = _rest(left, basis)
    df2 = len(column) - basis.shape[1]
    rest = float(unexplained @ unexplained)
    return f_of(float(left @ left) - rest, rest, free, df2)


def f_of(gain: float, rest: float, df1: float, df2: float) -> tuple[float, float, float, float]:
    """F of an increase in the explained sum of squares, its degrees of freedom and p; NaN if nothing is left unexplained."""
    if not (df2 > 0 and rest > _NOTHING * (gain + rest)):
        return float("nan"), df1, df2, float("nan")
    value = gain / df1 / (rest / df2)
    return value, df1, df2, f_tail(value, df1, df2)


def refuse_explained(columns: Vector, basis: Vector, names: Sequence[str]) -> None:
    """Refuse endogenous columns that the first stage explains completely, which leaves nothing endogenous."""
    around = columns - columns.mean(axis=0)
    left = np.linalg.norm(_rest(around, basis), axis=0)
    for j in np.flatnonzero(left <= _WHOLE * np.linalg.norm(around, axis=0))[:1]:
        raise ModelError(f"the instruments and exogenous terms predict {names[j]} exactly; an instrument must not be a copy of it")


def _conditional_f(endogenous: Vector, j: int, exogenous: Vector, basis: Vector) -> tuple[float, float, float, float]:
    """F of the instruments for one column after removing the projections of the others."""
    outside = _rest(endogenous, exogenous)
    others = np.delete(outside, j, axis=1)
    seen = others - _rest(others, basis)
    share = np.linalg.lstsq(seen, outside[:, j], rcond=None)[0]
    free = basis.shape[1] - exogenous.shape[1] - others.shape[1]
    return partial_f(outside[:, j] - others @ share, exogenous, basis, free)


def _rest(columns: Vector, basis: Vector) -> Vector:
    """Part of the columns outside the span of a basis; the second pass removes the rounding error of the first."""
    left = columns - basis @ (basis.T @ columns)
    return np.asarray(left - basis @ (basis.T @ left))


def _wu_hausman(problem: Problem, basis: Vector, endogenous: Vector) -> tuple[float, float, float, float]:
    """F of the first-stage residuals added to the model's terms."""
    ordinary = problem.ordinary.solution
    surprise = _rest(_rest(endogenous, basis), ordinary.basis)
    inside = np.linalg.qr(surprise / np.linalg.norm(surprise, axis=0))[0].T @ ordinary.residuals
    gain, rss = float(inside @ inside), float(ordinary.residuals @ ordinary.residuals)
    df1 = endogenous.shape[1]
    df2 = ordinary.df - df1
    return f_of(gain, rss - gain, df1, df2)


def _sargan(residuals: Vector, basis: Vector, df: int) -> tuple[float, float, float, float]:
    """Sample size times the R2 of the residuals on all instruments."""
    around = residuals - residuals.mean()
    inside = basis.T @ around
    value = float(len(around) * (inside @ inside) / (around @ around))
    return value, df, np.inf, f_tail(value / df, df, np.inf)
