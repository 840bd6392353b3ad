"""Blocks of a hierarchical regression of an outcome with a likelihood, by likelihood ratios or Wald tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import number, p_text, statistic_text
from tienet.base.record import Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.degrees import SharedDegrees
from tienet.regression.core.design import Design
from tienet.regression.core.formula import Term
from tienet.regression.core.least_squares import f_tail, solve
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.wald import wald_f
from tienet.regression.families.errors import errors_of
from tienet.regression.families.family import Family, Maximum
from tienet.regression.model.steps import blocks

__all__ = ["LikelihoodSteps"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LikelihoodSteps(Record):
    """The s blocks of a hierarchical regression of an outcome with a likelihood, all on one sample. There is no R2.

    Parameters
    ----------
    step
        Names of the blocks that are not empty: "controls", "main", "quadratic", "interactions", or the names given to the model.
    terms
        Terms that each block adds.
    log_likelihood
        (s,) after the block.
    test
        "LR chi2", twice the gain in log-likelihood, with model-based standard errors. Robust and clustered standard errors, and an
        estimated dispersion, do not go with a likelihood ratio: "Wald chi2", or "Wald F" where df2 is finite.
    statistic, df1, df2, p_change
        (s,) each: test that the added coefficients are zero, in the model up to and including this block. NaN if there are too few
        clusters for the number of terms added.
    aic, bic
        (s,) each.
    covariance
        Covariance of the whole model.
    backend
        Kind of data frame that `frame` returns.
    """

    step: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    log_likelihood: Vector
    test: str
    statistic: Vector
    df1: Vector
    df2: Vector
    p_change: Vector
    aic: Vector
    bic: Vector
    covariance: Covariance
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("cohen_et_al_2003", *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "step": np.array(self.step, dtype=object),
            "terms": np.array([" + ".join(added) for added in self.terms], dtype=object),
            "log_likelihood": self.log_likelihood,
            "test": np.array([self.test] * len(self.step), dtype=object),
            "statistic": self.statistic,
            "df1": self.df1,
            "df2": self.df2,
            "p_change": self.p_change,
            "aic": self.aic,
            "bic": self.bic,
        }

    def __str__(self) -> str:
        parts = [
            f"{name} ({statistic_text(self.test, f, a, b)}, {p_text(p)})"
            for name, f, a, b, p in zip(self.step, self.statistic, self.df1, self.df2, self.p_change, strict=True)
        ]
        return f"Log likelihood reaches {number(self.log_likelihood[-1])}: {'; '.join(parts)}; {self.covariance.label}"


def likelihood_steps(
    design: Design,
    sample: ModelFrame,
    family: Family,
    covariance: Covariance,
    offset: Vector | None,
    given: Mapping[str, tuple[Term, ...]] | None = None,
) -> LikelihoodSteps:
    r"""Fit the model up to every block, and test what the block adds.

    Parameters
    ----------
    design, sample, family, covariance, offset
        The model and its rows.
    given
        Terms of the formula by name of the block; None for the usual blocks.

    Notes
    -----
    The likelihood ratio is :math:`2(\ell_m - \ell_{m-1}) \sim \chi^2_q`, the Wald test :math:`b' V^{-1} b` of the q added coefficients
    (divided by q, an F, where degrees of freedom are finite).
    """
    labels, block = blocks(design, given)
    order = np.argsort(block, kind="stable")
    names = [str(term) for term in design.terms[1:]]
    basis = solve(design.columns(design.means)[:, order], sample.response, [names[i] for i in order]).basis * sample.n**0.5
    ratio = covariance.kind == "classical" and not family.dispersion
    last = family.null(sample.response, offset)
    rows, step, added = [], [], []
    for number_ in np.unique(block):
        before, after = 1 + int((block < number_).sum()), 1 + int((block <= number_).sum())
        now = family.maximise(basis[:, :after], sample.response, offset)
        tested = _ratio(last, now, after - before) if ratio else _wald(now, before, family, covariance, sample)
        step.append(labels[number_])
        added.append(tuple(names[i] for i in order[before - 1 : after - 1]))
        rows.append((now.log_likelihood, *tested, *_criteria(now, sample.n)))
        last = now
    likelihood, statistic, df1, df2, p, aic, bic = (locked(column) for column in zip(*rows, strict=True))
    test = "LR chi2" if ratio else "Wald F" if np.isfinite(df2).all() else "Wald chi2"
    return LikelihoodSteps(tuple(step), tuple(added), likelihood, test, statistic, df1, df2, p, aic, bic, covariance, covariance.backend)


def _ratio(before: Maximum, after: Maximum, q: int) -> tuple[float, int, float, float]:
    statistic = max(0.0, 2 * (after.log_likelihood - before.log_likelihood))
    return statistic, q, np.inf, f_tail(statistic / q, q, np.inf)


def _wald(now: Maximum, before: int, family: Family, covariance: Covariance, sample: ModelFrame) -> tuple[float, int, float, float]:
    errors = errors_of(now, family, covariance.kind, sample.clusters)
    added = slice(before - family.ordered, len(now.coefficients))
    f, df1, df2 = wald_f(now.coefficients[added], errors.matrix[added, added], SharedDegrees(errors.df, sample.clusters is not None))
    return f if np.isfinite(df2) else f * df1, df1, df2, f_tail(f, df1, df2)


def _criteria(found: Maximum, n: int) -> tuple[float, float]:
    return -2 * found.log_likelihood + 2 * found.parameters, float(-2 * found.log_likelihood + found.parameters * np.log(n))
