"""The interactions of a model with and without its squares, side by side."""

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
    """The products of a model in two specifications: with its squares, and without any of them.

    Parameters
    ----------
    outcome, n, alpha
        Name, cases, and the level at which significance is read.
    terms
        r products of different variables that stand in both.
    estimate, std_error, df, p_value, conf_low, conf_high
        (r,) each, with the squares.
    estimate_without, std_error_without, df_without, p_value_without, conf_low_without, conf_high_without
        (r,) each, without them.
    change
        For each product what differs: "none", "sign", "significance" or "sign and significance".
    quadratics
        The terms left out of the second.
    r_squared, r_squared_without
        Of either specification.
    covariance
        That of the first; the second has the same kind.
    backend
        The kind of frame `frame` gives.
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
            self.terms, self.estimate, self.p_value, self.estimate_without, self.p_value_without, map(self._said, self.change), strict=True
        )
        parts = [f"{term} {number(b)} ({p_text(p)}) with, {number(c)} ({p_text(q)}) without: {said}" for term, b, p, c, q, said in rows]
        r2 = f"R2 {number(self.r_squared)} with, {number(self.r_squared_without)} without"
        return (
            f"Interactions of {self.outcome} with and without {', '.join(self.quadratics)}: {'; '.join(parts)}. {r2}. "
            f"{self.covariance.label}, {n_text(self.n)}."
        )

    def _said(self, change: Change) -> str:
        if change == "none":
            return "same sign, same answer"
        answer = f"whether {level_text(self.alpha)} changes"
        return {"sign": "the sign changes", "significance": answer, "sign and significance": f"the sign changes, and {answer}"}[change]


def with_and_without_quadratics(fit: ModerationFit) -> WithAndWithoutQuadratics:
    """Compare the products of a model in the specification with its squares and in the one without.

    With correlated variables a product can stand in for a square left out and a square for a product, up to a change of sign; but squares
    put in can mislead as well. Both specifications belong into a report.

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
        When the model has no square, or no product that stands in both specifications.

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
        raise ModelError(f"the model of {fit.outcome} has no square, so there is nothing to leave out; add one such as x^2 to compare")
    without = without_quadratics(fit)
    kept = [i for i, term in enumerate(fit.design.terms) if len(term.powers) > 1 and not _squared(term)]
    if not kept:
        raise ModelError(f"the model of {fit.outcome} has no product of two variables without a square; there is nothing to compare")
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
