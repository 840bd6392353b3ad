"""Blocks of a hierarchical regression and the test of the whole model, without refits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import number, p_text, shown_terms, statistic_text
from tienet.base.record import Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.formula import Term
from tienet.regression.core.least_squares import Solution, f_tail, solve
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.wald import says_nothing, wald_f, why_none
from tienet.regression.covariance.sandwich import Sandwich, sandwich_of

__all__ = ["FTest", "Steps"]


_NO_REST = 1e-12
STEPS = ("controls", "main", "quadratic", "interactions")


class FTest(NamedTuple):
    """Test that all coefficients but the intercept are zero: F of the model (classical), else a Wald F."""

    f: float
    df1: int
    df2: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Steps(Record):
    """The s blocks of a hierarchical regression, all on one sample.

    Parameters
    ----------
    step
        Names of the blocks that are not empty: "controls", "main", "quadratic", "interactions", or the names given to the model.
    terms
        Terms that each block adds.
    r_squared, adj_r_squared, delta_r_squared
        (s,) each, after the block; the change is from the block before.
    f2
        (s,) Cohen's f2 of the block: its change in R2 divided by 1 - R2 after it.
    f_change, df1, df2, p_change
        (s,) each: test that the added coefficients are zero, with the errors of the model up to and including this block.
        NaN if there are too few clusters for the number of terms added, or no residuals. Under CR2 and CR3 it is the HTZ test, whose df2
        is not a whole number.
        (R's ``anova`` of several models at once tests every change against the error of the last one; for two models at a time it agrees
        with this test, as does SPSS.)
    aic, bic
        (s,) each, counting the residual variance as a parameter, as in R.
    covariance
        Covariance of the whole model. Under "classical" the test is the F of the change in R2, under CR2 the HTZ test, otherwise a
        Wald F.
    backend
        Kind of data frame that `frame` returns.
    cautions
        What limits these tests, as in `ModerationFit.cautions`.
    """

    step: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    r_squared: Vector
    adj_r_squared: Vector
    delta_r_squared: Vector
    f2: Vector
    f_change: Vector
    df1: Vector
    df2: Vector
    p_change: Vector
    aic: Vector
    bic: Vector
    covariance: Covariance
    backend: Backend = "pandas"
    cautions: tuple[str, ...] = ()

    def _works(self) -> tuple[str, ...]:
        return ("cohen_et_al_2003", "cohen_1988", *self.covariance._works(), *self.covariance.estimator.joint_works)

    def _columns(self) -> Columns:
        return {
            "step": np.array(self.step, dtype=object),
            "terms": np.array([" + ".join(shown_terms(added)) for added in self.terms], dtype=object),
            "r_squared": self.r_squared,
            "adj_r_squared": self.adj_r_squared,
            "delta_r_squared": self.delta_r_squared,
            "f2": self.f2,
            "f_change": self.f_change,
            "df1": self.df1,
            "df2": self.df2,
            "p_change": self.p_change,
            "aic": self.aic,
            "bic": self.bic,
        }

    def __str__(self) -> str:
        parts = [
            f"{name} adds {number(d)} ({self._tested(i)})" for i, (name, d) in enumerate(zip(self.step, self.delta_r_squared, strict=True))
        ]
        told = "".join(f". Caution: {caution}" for caution in self.cautions)
        return f"R2 reaches {number(self.r_squared[-1])}: {'; '.join(parts)}; {self.covariance.kind} covariance{told}"

    def _tested(self, i: int) -> str:
        f, df1, df2, p = (float(column[i]) for column in (self.f_change, self.df1, self.df2, self.p_change))
        if np.isnan(f):
            return f"no test: {'no residuals are left' if self.r_squared[i] >= 1 - _NO_REST else why_none(int(df1), self.covariance)}"
        nothing = (
            f", which says nothing: it is a test of {df1:g} terms with {df1 + 1:g} clusters"
            if says_nothing(int(df1), self.covariance)
            else ""
        )
        return f"{statistic_text('F', f, df1, df2)}, {p_text(p)}{nothing}"


def stepwise(design: Design, sample: ModelFrame, covariance: Covariance, given: Mapping[str, tuple[Term, ...]] | None = None) -> Steps:
    r"""Compute the change in R2 and its test for every block.

    Parameters
    ----------
    design, sample
        The model and its rows.
    covariance
        The covariance of the whole model; its kind is used for every block.
    given
        Terms of the formula by name of the block; None for the blocks of `STEPS`.

    Returns
    -------
    Steps
        One entry per block.

    Notes
    -----
    With the columns in the order of the blocks, the coordinates of one orthonormal basis give every nested model:
    :math:`\Delta R^2 = \sum g_j^2 / TSS` over the block, and the Wald test of the added coefficients is
    :math:`F = g_2' W_{22}^{-1} g_2 / q`, with W the meat of the model up to this block. The classical F is the same with :math:`W = s^2 I`.

    References
    ----------
    Cohen, J., Cohen, P., West, S. G. & Aiken, L. S. (2003). Applied Multiple Regression, 3rd ed., section 5.5.
    """
    labels_, block = blocks(design, given)
    order = np.argsort(block, kind="stable")
    names = [str(term) for term in design.terms[1:]]
    whole = solve(design.columns(design.means)[:, order], sample.response, [names[i] for i in order], sample.weights)
    total = float(np.sum(whole.coordinates[1:] ** 2) + whole.residuals @ whole.residuals)
    rows, labels, added = [], [], []
    for number_ in np.unique(block):
        before, after = 1 + int((block < number_).sum()), 1 + int((block <= number_).sum())
        labels.append(labels_[number_])
        added.append(tuple(names[i] for i in order[before - 1 : after - 1]))
        rows.append(_step(_truncated(whole, after), before, total, sandwich_of(covariance), sample))
    r2, adjusted, change, f2, f, df1, df2, p, aic, bic = (locked(column) for column in zip(*rows, strict=True))
    return Steps(tuple(labels), tuple(added), r2, adjusted, change, f2, f, df1, df2, p, aic, bic, covariance, covariance.backend)


def blocks(design: Design, given: Mapping[str, tuple[Term, ...]] | None) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names of the blocks, and the position of the block of each term but the intercept."""
    if given is None:
        return STEPS, np.array([_block(term, design) for term in design.terms[1:]])
    return tuple(given), np.array([_given(term, given) for term in design.sources[1:]])


def _given(source: Term, steps: Mapping[str, tuple[Term, ...]]) -> int:
    return next(i for i, terms in enumerate(steps.values()) if source in terms)


def _block(term: Term, design: Design) -> int:
    """Position in STEPS: a variable without squares or products is a control, unless the whole model is linear."""
    if term.order > 1:
        return 2 if len(term.powers) == 1 else 3
    together = {name for other in design.terms if other.order > 1 for name in other.names}
    factors = {design.variables[name].factor for name in together} - {None}
    name = term.names[0]
    return 1 if not together or name in together or design.variables[name].factor in factors else 0


def _truncated(whole: Solution, k: int) -> Solution:
    """Nested model of the first k columns, from the basis of the whole model; its map back is not needed."""
    basis = whole.basis[:, :k]
    residuals = whole.residuals + whole.basis[:, k:] @ whole.coordinates[k:]
    return Solution(basis, np.eye(k), whole.coordinates[:k], residuals, np.sum(basis**2, axis=1))


def _step(nested: Solution, before: int, total: float, kind: Sandwich, sample: ModelFrame) -> tuple[float, ...]:
    n, k = nested.basis.shape
    rss = float(nested.residuals @ nested.residuals)
    r2, added = 1 - rss / total, float(np.sum(nested.coordinates[before:] ** 2))
    f, df1, df2 = _wald(nested, before, kind, sample)
    f2 = added / rss if rss > 0 else np.inf
    adjusted = 1 - (1 - r2) * (n - 1) / (n - k)
    return r2, adjusted, added / total, f2, f, df1, df2, f_tail(f, df1, df2), *criteria(nested, sample.weights)


def criteria(solution: Solution, weights: Vector | None) -> tuple[float, float]:
    r"""Compute AIC and BIC for normal errors with variance :math:`\sigma^2 / w`, counting the residual variance as in R.

    .. math:: n \log(2 \pi RSS / n) + n - \sum_i \log w_i + c (k + 1), \quad c = 2 \text{ or } \log n

    Examples
    --------
    >>> aic, bic = criteria(solve(np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 2.0, 5.0]), ["x"]), None)
    >>> round(aic, 4), round(bic, 4)
    (10.6173, 8.7762)
    """
    n, k = solution.basis.shape
    rss = float(solution.residuals @ solution.residuals)
    if rss == 0:
        return float("-inf"), float("-inf")
    deviance = n * np.log(2 * np.pi * rss / n) + n - (0.0 if weights is None else np.log(weights).sum())
    return float(deviance + 2 * (k + 1)), float(deviance + np.log(n) * (k + 1))


def overall(solution: Solution, kind: Sandwich, sample: ModelFrame) -> FTest:
    """Test that all coefficients but the intercept are zero, under a kind of covariance."""
    f, df1, df2 = _wald(solution, 1, kind, sample)
    return FTest(f, df1, df2, f_tail(f, df1, df2))


def _wald(nested: Solution, before: int, kind: Sandwich, sample: ModelFrame) -> tuple[float, int, float]:
    found = kind.estimated(nested, sample.clusters, rows=sample.rows)
    added = np.eye(len(found.meat))[before:]
    if nested.exact:
        return float("nan"), len(added), found.degrees.joint(added)[1]
    return wald_f(nested.coordinates[before:], found.meat[before:, before:], found.degrees.along(added))
