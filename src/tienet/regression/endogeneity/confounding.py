"""Sensitivity of a coefficient to an omitted variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from tienet.base.checks import checked_level, names, real, several
from tienet.base.errors import ArgumentError, ModelError, offer
from tienet.base.numbers import number
from tienet.base.record import locked
from tienet.regression.core.formula import INTERCEPT, Term
from tienet.regression.endogeneity._benchmarks import benchmark_bounds, residual, selection, term_of
from tienet.regression.endogeneity._robustness import adjusted, impact_threshold, replaced_share, robustness_value
from tienet.regression.endogeneity.printed_sensitivities import PrintedSensitivity, published_sensitivity
from tienet.regression.endogeneity.sensitivities import Sensitivity
from tienet.regression.model.fit import ModerationFit, equal_weights, least_squares_fit
from tienet.regression.published.model import PublishedModel

__all__ = ["sensitivity"]


@overload
def sensitivity(
    fit: ModerationFit,
    term: str,
    *,
    q: float = 1.0,
    alpha: float | None = None,
    benchmarks: Sequence[str] = (),
    times: Sequence[float] = (1, 2, 3),
    r2_max: float | None = None,
) -> Sensitivity: ...
@overload
def sensitivity(fit: PublishedModel, term: str, *, q: float = 1.0, alpha: float | None = None) -> PrintedSensitivity: ...
def sensitivity(
    fit: ModerationFit | PublishedModel,
    term: str,
    *,
    q: float = 1.0,
    alpha: float | None = None,
    benchmarks: Sequence[str] = (),
    times: Sequence[float] = (1, 2, 3),
    r2_max: float | None = None,
) -> Sensitivity | PrintedSensitivity:
    r"""Compute how strong an omitted variable would have to be to change the estimate of a term.

    .. math:: RV = \tfrac12 (\sqrt{f^4 + 4 f^2} - f^2), \qquad ITCV = \frac{r - r_c}{1 - |r_c|}, \qquad RIR = n (1 - t_{crit} SE / |b|)

    Parameters
    ----------
    fit
        A fitted model, or a published one with the t (or standard error) of the term and its n or df.
    term
        One of its terms, such as "x", "x:z" or "x^2". A lower-order term is a slope at the centers of the variables it interacts with.
    q
        Share of the estimate that the omitted variable would have to remove.
    alpha
        Significance level; by default the fit's.
    benchmarks
        Terms or variables (a category with all its dummies) to compare an omitted variable with.
    times
        Multiples of the strength of each benchmark.
    r2_max
        R2 that the model would reach with the omitted variable; by default 1.3 times its own, at most 1.

    Returns
    -------
    Sensitivity
        Includes `bounds` for the benchmarks; `plot` draws the estimate over the strength of an omitted variable. Of a published model, a
        `PrintedSensitivity` from t and df: benchmarks and proportional selection need data.

    Raises
    ------
    ModelError
        If the term is not in the model, a benchmark is or contains the term itself, or the t or df of a published model is not known.
    ArgumentError
        If the fit is not least squares, benchmarks or r2_max are given for a published model,
        q or alpha is out of range, times is not positive, or r2_max is below the model's R2.

    Notes
    -----
    The robustness value of the estimate and the partial R2s are the same under every covariance. The robustness value of its significance,
    the impact threshold and the number of observations to replace use the fit's t and its critical value. Their theory is classical; under
    another covariance they are approximations. f always uses n - k; with clusters the critical value uses clusters - 1.

    Proportional selection compares with the regression on the term alone, plus the lower-order terms of a product (x and z for x:z).
    delta is the unrestricted one. The coefficient at delta = 1 is the root that keeps the covariates' direction, the nearer of two.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Journal of the Royal Statistical Society B 82, 39-67.
    Frank, K. A. (2000). Sociological Methods & Research 29, 147-194.
    Frank, K. A., Maroulis, S. J., Duong, M. Q. & Kelcey, B. M. (2013). Educational Evaluation and Policy Analysis 35, 437-460.
    Oster, E. (2019). Journal of Business & Economic Statistics 37, 187-204.

    Examples
    --------
    >>> import numpy as np
    >>> from tienet.regression.model import Moderation
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 200))
    >>> data = {"y": 0.4 * x + z + rng.normal(size=200), "x": x, "z": z}
    >>> found = sensitivity(Moderation("y ~ x + z", covariance="classical").fit(data), "x", benchmarks=["z"])
    >>> round(found.robustness, 2), found.rir
    (0.38, 142)
    """
    if isinstance(fit, PublishedModel):
        if len(names("benchmarks", benchmarks, single=True)) or r2_max is not None:
            raise ArgumentError("benchmarks and r2_max need data, which a published model does not have; leave them out")
        return published_sensitivity(fit, term, q=q, alpha=alpha)
    equal_weights(least_squares_fit(fit, "sensitivity"), "sensitivity")
    alpha = fit.alpha if alpha is None else checked_level(alpha)
    _check(q, times, r2_max, fit.r_squared)
    j = _index(fit, term)
    columns = fit.design.columns(fit.design.centers)
    table = fit._columns()
    b, error, t = (float(table[name][j]) for name in ("estimate", "std_error", "statistic"))
    df = fit.solution.df
    if df < 2:
        raise ModelError(f"n - k = {df} leaves no degree of freedom for an omitted variable; drop terms or add rows")
    own = float(fit.dfs[j])
    judged = None if own == df else own
    rest = residual(columns[:, j - 1], np.delete(columns, j - 1, axis=1))
    classical = fit.sigma / float(np.linalg.norm(rest))
    exact = b / classical
    chosen = selection(fit, columns, j, rest, r2_max)
    share = replaced_share(b, error, own, alpha)
    named, bound = benchmark_bounds(fit, columns, j, names("benchmarks", benchmarks, single=True), times)
    moved, moved_error = adjusted(b, classical, df, bound[:, 0], bound[:, 1])
    return Sensitivity(
        term=fit.terms[j],
        outcome=fit.outcome,
        n=fit.n,
        estimate=b,
        std_error=error,
        statistic=t,
        p_value=float(table["p_value"][j]),
        classical_error=classical,
        df_residual=df,
        covariance=fit.covariance,
        alpha=alpha,
        q=float(q),
        partial_r2=exact**2 / (exact**2 + df),
        robustness=robustness_value(exact, df, q=q),
        robustness_alpha=robustness_value(t, df, q=q, alpha=alpha, df_test=judged),
        itcv=impact_threshold(t, df, alpha, judged),
        rir=round(fit.n * share),
        rir_share=share,
        delta=chosen.delta(),
        adjusted_estimate=chosen.coefficient(),
        r2_short=chosen.r2_short,
        r2_long=chosen.r2_long,
        r2_max=chosen.r2_max,
        covariate=tuple(name for name, _ in named),
        times=locked([k for _, k in named], float),
        bound_term=locked(bound[:, 0]),
        bound_outcome=locked(bound[:, 1]),
        bound_estimate=locked(moved),
        bound_error=locked(moved_error),
        backend=fit.backend,
    )


def _check(q: float, times: Sequence[float], r2_max: float | None, r2: float) -> None:
    if several(times) is None:
        raise ArgumentError(f"times must be a list of numbers such as (1, 2, 3), got {times!r}")
    if not 0 < real("q", q) <= 1:
        raise ArgumentError(f"q must be above 0 and at most 1 (a share of the estimate), got {q!r}")
    if not all(real("times", k) > 0 for k in times):
        raise ArgumentError(f"times must be positive numbers, got {times!r}")
    if r2_max is not None and not r2 < real("r2_max", r2_max) <= 1:
        raise ArgumentError(f"r2_max must be above the model's own R2 ({number(r2)}) and at most 1, got {r2_max!r}")


def _index(fit: ModerationFit, term: str) -> int:
    wanted = term_of(fit, term)
    if wanted not in fit.design.terms or wanted == Term():
        raise ModelError(f"the model of {fit.outcome} has no term {term!r}{offer(term, [name for name in fit.terms if name != INTERCEPT])}")
    return fit.design.terms.index(wanted)
