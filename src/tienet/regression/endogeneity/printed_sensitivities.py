"""How strong an omitted variable would have to be, from a printed t and its degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.checks import checked_level, real
from tienet.base.errors import ArgumentError
from tienet.base.frames import Columns
from tienet.base.numbers import coverage, df_text, number, percent
from tienet.base.record import Record
from tienet.regression.endogeneity._robustness import impact_threshold, replaced_share, robustness_value

__all__ = ["PrintedSensitivity", "printed_sensitivity"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class PrintedSensitivity(Record):
    """Strength of an omitted variable that would change a printed result.

    Parameters
    ----------
    statistic, df, n, alpha, q
        As given; n is None if it is not known.
    partial_r2
        Partial R2 of the term with the outcome.
    robustness, robustness_alpha
        Partial R2, with both term and outcome, of an omitted variable that removes the share q of the estimate, or makes it insignificant.
    itcv
        Product of the omitted variable's correlations with term and outcome, given the others, at which the test changes.
    rir_share, rir
        Share and number of observations that would have to be replaced for the test to change; the number is None without n.
    """

    statistic: float
    df: float
    n: int | None
    alpha: float
    q: float
    partial_r2: float
    robustness: float
    robustness_alpha: float
    itcv: float
    rir_share: float
    rir: int | None

    def _works(self) -> tuple[str, ...]:
        return ("cinelli_hazlett_2020", "frank_2000", "frank_et_al_2013")

    def _columns(self) -> Columns:
        named = {
            "partial_r2": self.partial_r2,
            "robustness": self.robustness,
            "robustness_alpha": self.robustness_alpha,
            "itcv": self.itcv,
            "rir_share": self.rir_share,
        }
        return {"measure": np.array(list(named), dtype=object), "estimate": np.array(list(named.values()))}

    def __str__(self) -> str:
        many = f" ({self.rir:,} of {self.n:,})" if self.rir is not None else ""
        removed = "all" if self.q == 1 else percent(self.q)
        both, alone = percent(self.robustness, 1), percent(self.robustness_alpha, 1)
        return (
            f"t = {number(self.statistic)} with {df_text(self.df)} df: to remove {removed} of the estimate, an omitted variable would have "
            f"to explain {both} of what is left of both term and outcome; to take zero into its {coverage(self.alpha)} interval, {alone}. "
            f"Impact threshold {number(self.itcv)}; {percent(self.rir_share, 1)} of the observations{many} would have to be replaced for "
            "the test to change."
        )


def printed_sensitivity(t: float, df: float, *, n: int | None = None, q: float = 1.0, alpha: float = 0.05) -> PrintedSensitivity:
    r"""Compute from a printed t how strong an omitted variable would have to be: robustness value, impact threshold, replaced cases.

    Parameters
    ----------
    t
        Printed statistic, or coefficient divided by standard error.
    df
        Residual degrees of freedom, n - k.
    n
        Number of observations, for the number to be replaced.
    q
        Share of the estimate that the omitted variable would have to remove.
    alpha
        Significance level.

    Returns
    -------
    PrintedSensitivity
        The same numbers as `sensitivity` of the fit itself with classical standard errors. Benchmarks and proportional selection need data.

    Raises
    ------
    ArgumentError
        If df is not at least 2, or a number is out of range.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Journal of the Royal Statistical Society B 82, 39-67.
    Frank, K. A. (2000). Sociological Methods & Research 29, 147-194.
    Frank, K. A., Maroulis, S. J., Duong, M. Q. & Kelcey, B. M. (2013). Educational Evaluation and Policy Analysis 35, 437-460.

    Examples
    --------
    >>> found = printed_sensitivity(4.18445, 783)
    >>> round(found.robustness, 3), round(found.robustness_alpha, 3)
    (0.139, 0.076)
    """
    t, df, alpha = real("t", t), real("df", df), checked_level(alpha)
    if df < 2:
        raise ArgumentError(f"df must be at least 2, which leaves one for an omitted variable, got {df:g}")
    if not 0 < real("q", q) <= 1:
        raise ArgumentError(f"q must be above 0 and at most 1 (a share of the estimate), got {q!r}")
    if n is not None and not real("n", n) > df:
        raise ArgumentError(f"n must be above df = {df:g}, got {n!r}")
    share = replaced_share(t, 1.0, df, alpha)
    return PrintedSensitivity(
        statistic=t,
        df=df,
        n=None if n is None else int(n),
        alpha=alpha,
        q=float(q),
        partial_r2=t**2 / (t**2 + df),
        robustness=robustness_value(t, df, q=q),
        robustness_alpha=robustness_value(t, df, q=q, alpha=alpha),
        itcv=impact_threshold(t, df, alpha),
        rir_share=share,
        rir=None if n is None else round(n * share),
    )
