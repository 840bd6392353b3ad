"""Comparison of the interactions of a model with and without its squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import level_text, n_text, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.formula import Term
from tienet.regression.model.fit import ModerationFit, least_squares_fit
from tienet.regression.model.refits import without_quadratics

__all__ = ["WithAndWithoutQuadratics", "with_and_without_quadratics"]


Change: TypeAlias = Literal["none", "sign", "significance", "sign and significance"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class WithAndWithoutQuadratics(Record):
    """Products of a model in two specifications: with its squares, and without them.

    Parameters
    ----------
    outcome, n, alpha
        Name of the outcome, number of observations, and significance level.
    terms
        r products of different variables, in both specifications.
    estimate, std_error, df, p_value, conf_low, conf_high
        (r,) each, with the squares.
    estimate_without, std_error_without, df_without, p_value_without, conf_low_without, conf_high_without
        (r,) each, without them.
    change
        What differs for each product: "none", "sign", "significance" or "sign and significance".
    quadratics
        Terms left out of the second specification.
    r_squared, r_squared_without
        R2 of each specification.
    covariance
        Covariance of the first specification; that of the second is of the same kind.
    backend
        Kind of data frame that `frame` returns.
    """

    outcome: str
    n: int
    alpha: float
    terms: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    df: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    estimate_without: Vector
    std_error_without: Vector
    df_without: Vector
    p_value_without: Vector
    conf_low_without: Vector
    conf_high_without: Vector
    change: tuple[Change, ...]
    quadratics: tuple[str, ...]
    r_squared: float
    r_squared_without: float
    covariance: Covariance
    backend: Backend

    def _works(self) -> tuple[str, ...]:
        return ("ganzach_1997", "kalnins_2022", *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "term": np.array(self.terms, dtype=object),
            "estimate": self.estimate,
            "std_error": self.std_error,
            "df": self.df,
            "p_value": self.p_value,
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
            "estimate_without": self.estimate_without,
            "std_error_without": self.std_error_without,
            "df_without": self.df_without,
            "p_value_without": self.p_value_without,
            "conf_low_without": self.conf_low_without,
            "conf_high_without": self.conf_high_without,
            "change": np.array(self.change, dtype=object),
        }

    def __str__(self) -> str:
        rows = zip(
            self.terms, self.estimate, self.p_value, self.estimate_without, self.p_value_without, map(self._told, self.change), strict=True
        )
        parts = [f"{term} {number(b)} ({p_text(p)}) with, {number(c)} ({p_text(q)}) without: {text}" for term, b, p, c, q, text in rows]
        r2 = f"R2 {number(self.r_squared)} with, {number(self.r_squared_without)} without"
        return (
            f"Interactions of {self.outcome} with and without {', '.join(self.quadratics)}: {'; '.join(parts)}. {r2}. "
            f"{self.covariance.label}, {n_text(self.n)}."
        )

    def _told(self, change: Change) -> str:
        if change == "none":
            return "same sign, same conclusion"
        answer = f"significance at {level_text(self.alpha)} changes"
        return {"sign": "the sign changes", "significance": answer, "sign and significance": f"the sign and {answer}"}[change]


def with_and_without_quadratics(fit: ModerationFit) -> WithAndWithoutQuadratics:
    """Compare the products of a model with and without its squares.

    With correlated variables, a product can pick up the curve of a square left out, and a square that of a product, even with the opposite
    sign; unneeded squares can mislead as well. Report both specifications.

    Parameters
    ----------
    fit
        A model with a square and a product of different variables.

    Returns
    -------
    WithAndWithoutQuadratics
        Estimates around the same centers and on the same rows.

    Raises
    ------
    ModelError
        If the model has no square, or no product that is in both specifications.

    References
    ----------
    Ganzach, Y. (1997). Psychological Methods 2, 235-247.
    Kalnins, A. (2022). Organizational Research Methods, doi 10.1177/10944281221124945.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 2.2, 2.7, 5.4, 4.6, 9.1, 7.2], "x": [1, 2, 3, 4, 5, 6, 7], "z": [0.0, 1.1, 0.2, 2.3, 0.9, 3.1, 1.0]}
    >>> found = with_and_without_quadratics(Moderation("y ~ x*z + x^2", covariance="classical").fit(data))
    >>> found.terms, found.quadratics
    (('x:z',), ('x^2',))
    """
    least_squares_fit(fit, "with_and_without_quadratics")
    squared = tuple(str(term) for term in fit.formula.terms if _squared(term))
    if not squared:
        raise ModelError(f"the model of {fit.outcome} has no square to leave out; add one such as x^2 to compare")
    without = without_quadratics(fit)
    kept = [i for i, term in enumerate(fit.design.terms) if len(term.powers) > 1 and not _squared(term)]
    if not kept:
        raise ModelError(f"the model of {fit.outcome} has no product of two variables to compare; add one such as x:z")
    terms = tuple(fit.terms[i] for i in kept)
    there = [without.terms.index(term) for term in terms]
    first, second = _picked(fit, kept), _picked(without, there)
    return WithAndWithoutQuadratics(
        outcome=fit.outcome,
        n=fit.n,
        alpha=fit.alpha,
        terms=terms,
        **first,
        **{f"{name}_without": values for name, values in second.items()},
        change=_changes(first, second, fit.alpha),
        quadratics=squared,
        r_squared=fit.r_squared,
        r_squared_without=without.r_squared,
        covariance=fit.covariance,
        backend=fit.backend,
    )


def _squared(term: Term) -> bool:
    return any(power > 1 for _, power in term.powers)


def _picked(fit: ModerationFit, places: list[int]) -> dict[str, Vector]:
    table = fit._columns()
    return {name: locked(table[name][places], float) for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high")}


def _changes(first: dict[str, Vector], second: dict[str, Vector], alpha: float) -> tuple[Change, ...]:
    words: dict[tuple[bool, bool], Change] = {
        (False, False): "none",
        (True, False): "sign",
        (False, True): "significance",
        (True, True): "sign and significance",
    }
    sign = np.sign(first["estimate"]) != np.sign(second["estimate"])
    answer = (first["p_value"] < alpha) != (second["p_value"] < alpha)
    return tuple(words[bool(a), bool(b)] for a, b in zip(sign, answer, strict=True))
