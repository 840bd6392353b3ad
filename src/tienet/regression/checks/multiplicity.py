"""P-values adjusted for multiple testing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import choice
from tienet.base.errors import ArgumentError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, p_text
from tienet.base.record import Record, locked

__all__ = ["AdjustedP", "adjust_p"]


AdjustmentMethod: TypeAlias = Literal["holm", "bh", "bonferroni", "hochberg", "by"]
_SAYS = {
    "holm": ("Holm", "the chance of any false finding", "holm_1979"),
    "bh": ("Benjamini-Hochberg", "the expected share of false findings", "benjamini_hochberg_1995"),
    "bonferroni": ("Bonferroni", "the chance of any false finding", "dunn_1961"),
    "hochberg": ("Hochberg", "the chance of any false finding, for independent or positively dependent tests", "hochberg_1988"),
    "by": ("Benjamini-Yekutieli", "the expected share of false findings, whatever the dependence", "benjamini_yekutieli_2001"),
}
_STATSMODELS = {"holm": "holm", "bh": "fdr_bh", "bonferroni": "bonferroni", "hochberg": "simes-hochberg", "by": "fdr_by"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AdjustedP(Record):
    """P-values of h hypotheses, raw and adjusted.

    Parameters
    ----------
    hypothesis
        h names, or numbers from 1.
    p_value, p_adjusted
        (h,) each; NaN if none was given.
    method
        "holm", "bh", "bonferroni", "hochberg" or "by".
    """

    hypothesis: tuple[str, ...]
    p_value: Vector
    p_adjusted: Vector
    method: AdjustmentMethod

    def _works(self) -> tuple[str, ...]:
        return (_SAYS[self.method][2],)

    def _columns(self) -> Columns:
        return {"hypothesis": np.array(self.hypothesis, dtype=object), "p_value": self.p_value, "p_adjusted": self.p_adjusted}

    def __getitem__(self, hypothesis: str) -> float:
        choice("hypothesis", hypothesis, self.hypothesis)
        return float(self.p_adjusted[self.hypothesis.index(hypothesis)])

    def __str__(self) -> str:
        name, holds, _ = _SAYS[self.method]
        known = int(np.sum(~np.isnan(self.p_value)))
        missing = f" ({len(self.p_value) - known} without a p-value not counted)" if known < len(self.p_value) else ""
        parts = [f"{name} {p_text(raw)}, adjusted {p_text(p)}" for name, raw, p in self._known()]
        return f"{name} over {counted(known, 'hypothesis', 'hypotheses')}{missing}, which controls {holds}: {'; '.join(parts)}."

    def _known(self) -> list[tuple[str, float, float]]:
        rows = zip(self.hypothesis, self.p_value, self.p_adjusted, strict=True)
        return [(name, float(raw), float(p)) for name, raw, p in rows if not np.isnan(raw)]


def adjust_p(p: Mapping[str, float] | Sequence[float] | Vector | Record, method: AdjustmentMethod = "holm") -> AdjustedP:
    r"""Adjust p-values for the number of hypotheses.

    With m sorted p-values, Holm: :math:`\max_{j \le i} (m - j + 1) p_{(j)}`; Hochberg: the minimum over :math:`j \ge i` of the same;
    Benjamini-Hochberg: :math:`\min_{j \ge i} m p_{(j)} / j`, and Benjamini-Yekutieli that times :math:`\sum 1/j`; Bonferroni:
    :math:`m p`. All are capped at 1. The numbers are those of ``statsmodels.stats.multitest.multipletests``.

    Parameters
    ----------
    p
        P-values, a mapping of hypotheses to p-values, or a result with p-values, such as that of `slope_differences` or a fit (whose
        intercept is left out). Missing ones (NaN) are not counted.
    method
        "holm" (default), "bonferroni" and "hochberg" control the chance of any false finding; "bh" and "by" the expected share of false
        findings.

    Returns
    -------
    AdjustedP
        In the order given.

    Raises
    ------
    ArgumentError
        If a p-value is not between 0 and 1, there is none, or the method is unknown.

    References
    ----------
    Holm, S. (1979). Scandinavian Journal of Statistics 6, 65-70.
    Benjamini, Y. & Hochberg, Y. (1995). Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> adjusted = adjust_p({"H1": 0.01, "H2": 0.04, "H3": 0.03})
    >>> adjusted.p_adjusted.round(3), adjusted["H1"]
    (array([0.03, 0.06, 0.06]), 0.03)
    """
    from statsmodels.stats.multitest import multipletests

    choice("method", method, get_args(AdjustmentMethod))
    names, values = _read(p)
    known = ~np.isnan(values)
    adjusted = np.full(len(values), np.nan)
    if known.any():
        adjusted[known] = multipletests(values[known], method=_STATSMODELS[method])[1]
    return AdjustedP(names, locked(values), locked(adjusted), method)


def _read(p: Any) -> tuple[tuple[str, ...], Vector]:
    if isinstance(p, Record):
        p = _of_result(p)
    named = isinstance(p, Mapping)
    try:
        values = np.asarray(list(p.values()) if named else p, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError("p must be a list of numbers, a mapping of hypotheses to p-values, or a result with p-values") from None
    if values.ndim != 1 or not values.size:
        raise ArgumentError("p must be a non-empty, one-dimensional list with one p-value for each hypothesis")
    names = tuple(map(str, p)) if named else tuple(str(i + 1) for i in range(values.size))
    for name, value in zip(names, values, strict=True):
        if not np.isnan(value) and not 0 <= value <= 1:
            raise ArgumentError(f"the p-value of hypothesis {name} must be between 0 and 1, got {value:g}")
    return names, values


def _of_result(result: Record) -> Mapping[str, float] | Vector:
    """The p-values of a result by the names of its rows, without an intercept."""
    columns = result._columns()
    if "p_value" not in columns:
        raise ArgumentError(f"a {type(result).__name__} has no p-values to adjust; give them as a list or a mapping")
    values = np.asarray(columns["p_value"], dtype=float)
    parts = [[str(one) for one in columns[name]] for name in ("term", "label", "against") if name in columns]
    names = [" minus ".join(words) for words in zip(*parts, strict=True)]
    if len(set(names)) < len(values):
        return values
    return {name: value for name, value in zip(names, values.tolist(), strict=True) if name != "(Intercept)"}
