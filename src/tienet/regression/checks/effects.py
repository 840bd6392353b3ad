"""Sizes of terms and blocks of terms: partial and semipartial R2, Cohen's f2 and standardised coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level, names
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import interval_text, n_text, number
from tienet.base.record import Record, locked
from tienet.regression.checks._shared import asked_back, needs_cases, place_of
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import lincom, t_critical
from tienet.regression.model.fit import ModerationFit

__all__ = ["EffectSizes", "effect_sizes"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EffectSizes(Record):
    """Sizes of e entries: all terms, then the blocks.

    Parameters
    ----------
    term
        Names of terms and blocks.
    kind
        "term" or "block" for each.
    df1
        (e,) number of coefficients.
    partial_r_squared
        (e,) share of the variance unexplained by all other terms that the entry explains.
    delta_r_squared
        (e,) drop in R2 without the entry (semipartial R2).
    f_squared
        (e,) delta R2 over 1 - R2.
    f_squared_low, f_squared_high, partial_low, partial_high
        (e,) intervals under "classical"; NaN under any other covariance, for which there is no closed form.
    standardized, standardized_low, standardized_high
        (e,) coefficient with outcome and numeric variables as z-scores before products are formed, and its interval under the fit's
        covariance, which takes the standard deviations as known; NaN for blocks. Dummies of a category stay 0 and 1.
    outcome, n, alpha, covariance, backend
        As in the fit.
    """

    term: tuple[str, ...]
    kind: tuple[str, ...]
    df1: NDArray[np.int64]
    partial_r_squared: Vector
    delta_r_squared: Vector
    f_squared: Vector
    partial_low: Vector
    partial_high: Vector
    f_squared_low: Vector
    f_squared_high: Vector
    standardized: Vector
    standardized_low: Vector
    standardized_high: Vector
    outcome: str
    n: int
    alpha: float
    covariance: Covariance
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("cohen_1988", "friedrich_1982", "jones_waller_2015", "steiger_2004", *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "term": np.array(self.term, dtype=object),
            "kind": np.array(self.kind, dtype=object),
            "df1": self.df1,
            "partial_r_squared": self.partial_r_squared,
            "partial_low": self.partial_low,
            "partial_high": self.partial_high,
            "delta_r_squared": self.delta_r_squared,
            "f_squared": self.f_squared,
            "f_squared_low": self.f_squared_low,
            "f_squared_high": self.f_squared_high,
            "standardized": self.standardized,
            "standardized_low": self.standardized_low,
            "standardized_high": self.standardized_high,
        }

    def __str__(self) -> str:
        parts = [
            f"{term} f2 = {number(f2)}{self._interval(i)}, delta R2 = {number(d)}"
            for i, (term, f2, d) in enumerate(zip(self.term, self.f_squared, self.delta_r_squared, strict=True))
        ]
        without = "" if self.covariance.estimator.equal_variance else f"; no intervals of f2 under {self.covariance.kind}"
        known = "intervals of standardised coefficients take the standard deviations as known, and are too wide for strong relations"
        return f"Sizes in the model of {self.outcome}: {'; '.join(parts)}. {n_text(self.n)}, {self.covariance.label}{without}; {known}."

    def _interval(self, i: int) -> str:
        if np.isnan(self.f_squared_high[i]):
            return ""
        return f" {interval_text(self.f_squared_low[i], self.f_squared_high[i])}"


def effect_sizes(fit: ModerationFit, *, blocks: Mapping[str, Sequence[str]] | None = None, alpha: float | None = None) -> EffectSizes:
    r"""Compute partial R2, semipartial R2, Cohen's f2 and standardised coefficients.

    For q coefficients with classical F, :math:`\Delta R^2 = q F (1 - R^2) / (n - k)`, :math:`f^2 = \Delta R^2 / (1 - R^2)` and the
    partial R2 is :math:`f^2 / (1 + f^2)`. The intervals invert the noncentral F with :math:`\lambda = n f^2` and fixed regressors.
    Standardised coefficients are those of a regression in which the outcome and the numeric variables are turned into z-scores before
    products are formed; multiplying the raw coefficient by the standard deviation of the product would give something else. Their intervals
    take the standard deviations as known and are too wide for strong relations (Jones & Waller 2015). In a weighted fit sums of squares
    are weighted and standard deviations are not, as in `standardize`.

    Parameters
    ----------
    fit
        The fit. Sizes of lower-order terms depend on its centring.
    blocks
        Names of blocks and the terms in each; by default every category with several dummies.
    alpha
        Significance level of the intervals; by default the model's.

    Returns
    -------
    EffectSizes
        Terms first, then blocks.

    Raises
    ------
    ModelError
        If a block has a term that is not in the model.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., chapter 9.
    Friedrich, R. J. (1982). American Journal of Political Science 26, 797-833.
    Jones, J. A. & Waller, N. G. (2015). Psychometrika 80, 365-378.
    Steiger, J. H. (2004). Psychological Methods 9, 164-182.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> sizes = effect_sizes(Moderation("y ~ x*z", covariance="classical").fit(data))
    >>> sizes.term, sizes.f_squared.round(2)
    (('x', 'z', 'x:z'), array([41.65, 22.47,  5.65]))
    """
    named = blocks_of(needs_cases(fit), blocks)
    chosen = checked_level(fit.alpha if alpha is None else alpha)
    sets = [[j] for j in range(1, len(fit.terms))] + [list(places) for places in named.values()]
    q = np.array([len(places) for places in sets])
    f2 = np.array([_f_squared(fit, places) for places in sets])
    low, high = _f_squared_limits(fit, f2, q, chosen)
    betas = _standardized(fit, chosen, len(named))
    return EffectSizes(
        term=(*fit.terms[1:], *named),
        kind=("term",) * (len(fit.terms) - 1) + ("block",) * len(named),
        df1=locked(q, np.int64),
        partial_r_squared=locked(f2 / (1 + f2)),
        delta_r_squared=locked(f2 * (1 - fit.r_squared)),
        f_squared=locked(f2),
        partial_low=locked(low / (1 + low)),
        partial_high=locked(high / (1 + high)),
        f_squared_low=locked(low),
        f_squared_high=locked(high),
        standardized=locked(betas[0]),
        standardized_low=locked(betas[1]),
        standardized_high=locked(betas[2]),
        outcome=fit.outcome,
        n=fit.n,
        alpha=chosen,
        covariance=fit.covariance,
        backend=fit.backend,
    )


def blocks_of(fit: ModerationFit, blocks: Mapping[str, Sequence[str]] | None) -> dict[str, list[int]]:
    """Positions of each block's terms; the name of a category means all its dummies."""
    if blocks is not None and not isinstance(blocks, Mapping):
        raise ArgumentError(f"blocks must be a mapping such as {{'ties': ['x', 'x^2']}}, got {blocks!r}")
    sources = [str(source) for source in fit.design.sources]
    if blocks is None:
        return {name: places for name in dict.fromkeys(sources[1:]) if len(places := _places(sources, name)) > 1}
    found: dict[str, list[int]] = {}
    for name, terms in blocks.items():
        places = [
            place for term in names(f"blocks[{name!r}]", terms, single=True) for place in (_places(sources, term) or [place_of(fit, term)])
        ]
        found[name] = sorted(set(places) - {0})
        if not found[name]:
            raise ArgumentError(f"blocks[{name!r}] is empty; give its terms")
    return found


def _places(sources: Sequence[str], name: str) -> list[int]:
    return [j for j, source in enumerate(sources) if source == name and j > 0]


def _f_squared(fit: ModerationFit, places: list[int]) -> float:
    """Sum of squares of the coefficients, b'(X'X)^-1_SS^-1 b, divided by the residual sum of squares."""
    back = asked_back(fit)[places]
    _, R = np.linalg.qr(back.T)  # (X'X)^-1 of the block is R'R
    half = np.linalg.solve(R.T, back @ fit.solution.coordinates)
    rss = float(fit.solution.residuals @ fit.solution.residuals)
    return float(half @ half) / rss if rss > 0 else float("inf")


def _f_squared_limits(fit: ModerationFit, f2: Vector, q: NDArray[np.int64], alpha: float) -> tuple[Vector, Vector]:
    if not fit.covariance.estimator.equal_variance:
        nothing = np.full(len(f2), np.nan)
        return nothing, nothing
    v = fit.solution.df
    pairs = [_noncentral_limits(float(size) * v / int(df1), int(df1), v, alpha) for size, df1 in zip(f2, q, strict=True)]
    low, high = np.array(pairs).T / fit.n
    return low, high


def _noncentral_limits(f: float, q: int, v: int, alpha: float) -> tuple[float, float]:
    """The two noncentralities at which the observed F is an alpha/2 quantile; 0 if there is none."""
    return _noncentrality(f, q, v, 1 - alpha / 2), _noncentrality(f, q, v, alpha / 2)


def _noncentrality(f: float, q: int, v: int, tail: float) -> float:
    """Noncentrality at which P(F < f) is the tail; NaN if f is too large to compute it, as in a perfect fit."""
    from scipy.optimize import brentq
    from scipy.stats import ncf

    def miss(size: float) -> float:
        return float(ncf.cdf(f, q, v, size)) - tail

    high = max(4 * q * f, 10.0)
    while miss(high) > 0:
        high *= 2
    ends = miss(0.0), miss(high)
    if not np.isfinite(ends).all():
        return float("nan")
    return 0.0 if ends[0] <= 0 else float(brentq(miss, 0.0, high, xtol=1e-12, rtol=1e-13))


def _standardized(fit: ModerationFit, alpha: float, blocks: int) -> tuple[Vector, Vector, Vector]:
    """Coefficients around the means times the SDs of their variables, divided by that of the outcome; NaN for blocks."""
    surface, outcome_sd = fit.polynomial, float(fit.sample.response.std(ddof=1))
    spread = {name: 1.0 if variable.factor else variable.sd for name, variable in surface.variables.items()}
    scale = np.array([prod(spread[name] ** power for name, power in term.powers) for term in surface.terms]) / outcome_sd
    rows = np.diag(scale)[1:]
    estimate, std_error = lincom(rows, surface.estimate, surface.matrix)
    half = t_critical(alpha, surface.df_of(rows)) * std_error
    rest = np.full(blocks, np.nan)
    return (
        np.concatenate([estimate, rest]),
        np.concatenate([estimate - half, rest]),
        np.concatenate([estimate + half, rest]),
    )
