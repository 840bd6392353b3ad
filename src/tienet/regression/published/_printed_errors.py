"""Standard errors from what a table prints instead: t or p values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import mapping
from tienet.base.errors import ModelError
from tienet.regression.core.formula import Term
from tienet.regression.core.least_squares import t_critical
from tienet.regression.published._matrix import finite, placed


def derived_errors(
    t_values: Mapping[str, Any] | None, p_values: Mapping[str, Any] | None, terms: Sequence[Term], estimate: Vector, df: float
) -> dict[int, float]:
    r"""Return {position of a term: standard error}, from :math:`|b / t|` or :math:`|b| / t_{df}(p)`.

    Raises
    ------
    ModelError
        If a term is in both, its coefficient is not known or zero, or a t or p is impossible.
    """
    found: dict[int, float] = {}
    for where, given, size in (("t_values", t_values, _from_t), ("p_values", p_values, _from_p)):
        for term, value in mapping(where, given).items():
            j, named = placed(term, terms, where), f"{where}[{term!r}]"
            if j in found:
                raise ModelError(f"{term} is in both t_values and p_values; keep one")
            b, t = float(estimate[j]), size(named, finite(value, named), df)
            if not (np.isfinite(b) and b):
                raise ModelError(f"{named}: no standard error follows from it while the coefficient is zero or not known; leave it out")
            if t * b < 0 and where == "t_values":
                raise ModelError(f"{named} is {t:g} and the coefficient {b:g}: they must have the same sign; check the table")
            found[j] = abs(b / t)
    return found


def _from_t(where: str, t: float, df: float) -> float:  # noqa: ARG001 - the same form as for p
    if t == 0:
        raise ModelError(f"{where} is 0, from which no standard error follows; leave it out")
    return t


def _from_p(where: str, p: float, df: float) -> float:
    if not 0 < p < 1:
        raise ModelError(
            f"{where} must be a number between 0 and 1, as exact as it is printed, got {p:g}; leave out what is printed as < .001"
        )
    return t_critical(p, df)
