"""Regression with variables measured with error of known size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import mapping, whole
from tienet.base.errors import ArgumentError, ModelError, WeakIdentification, offer, warn
from tienet.base.frames import Columns
from tienet.base.numbers import count, counted, findings, listed, number
from tienet.base.record import Fixed, Sealed, locked
from tienet.regression.core.covariance_matrix import Covariance, CovarianceEstimator
from tienet.regression.core.design import Design
from tienet.regression.core.least_squares import sandwich
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import recentring
from tienet.regression.covariance.cluster_sums import sums
from tienet.regression.measurement_error._corrected_moments import Moments, moments_of, smallest_root
from tienet.regression.model.fit import ModerationFit, equal_weights, least_squares_fit
from tienet.regression.model.fitted import Fitted
from tienet.regression.resampling.draws import blocks, cluster_codes

__all__ = ["ErrorsInVariables", "errors_in_variables"]

_WEAK = 0.1
_FEW_ROWS = 150
_MOST_POWER = 2
_SHARE_LOST = 0.2


class MomentSandwich(CovarianceEstimator):
    """The sandwich of the corrected moments, with the influence of the error variance, times n / (n - k)."""

    works = ("fuller_1987",)

    def label(self, covariance: Covariance) -> str:
        """'errors-in-variables standard errors'."""
        said = "errors-in-variables standard errors"
        return said if covariance.clusters is None else f"{said} clustered by {covariance.cluster} ({covariance.clusters} clusters)"


@dataclass(frozen=True, slots=True, eq=False)
class Fallible(Sealed):
    """The variables measured with error.

    Parameters
    ----------
    names
        v names.
    reliability
        (v,) reliabilities; NaN where an error variance is given instead.
    known
        (v,) error variances given; NaN where a reliability is.
    """

    names: tuple[str, ...]
    reliability: Vector
    known: Vector

    def errors(self, variance: Vector) -> Vector:
        """(..., v) error variances in samples where the variables have these variances."""
        return np.where(np.isnan(self.known), (1 - self.reliability) * variance, self.known)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ErrorsInVariables(Fitted):
    """A moderated regression corrected for the unreliability of some of its variables.

    Parameters
    ----------
    ordinary
        The least-squares fit on the same rows, which takes every variable as exact.
    reliability
        Share of the observed variance of each corrected variable that is not error.
    error_variance
        Variance of the error of each, in its squared units.
    estimate
        (k,) coefficients in the model's centring.
    covariance
        Their covariance: the sandwich times n / (n - k), with t of n - k degrees of freedom (clusters: as CR1, G - 1).
    polynomial
        The corrected surface, for probes and figures.
    boot_low, boot_high
        (k,) percentile intervals over resampled rows, with the reliabilities fixed; NaN if none were drawn.
    draws, lost
        Number of resamples used, and of those left out because the reliabilities are impossible in them.
    smallest
        Smallest eigenvalue of the corrected correlations of the columns; near zero the correction is unstable.
    """

    ordinary: ModerationFit
    reliability: Mapping[str, float]
    error_variance: Mapping[str, float]
    estimate: Vector
    covariance: Covariance
    polynomial: Any
    boot_low: Vector
    boot_high: Vector
    draws: int
    lost: int
    smallest: float

    def _works(self) -> tuple[str, ...]:
        return self.covariance._works()

    @property
    def design(self) -> Design:
        """Terms and variables."""
        return self.ordinary.design

    def _columns(self) -> Columns:
        table = {**self._estimates(np.full(len(self.estimate), self.df)), "ols_estimate": self.ordinary.estimate}
        return {**table, "boot_low": self.boot_low, "boot_high": self.boot_high} if self.draws else table

    def _described(self) -> tuple[Design, ModelFrame, str]:
        return self.design, self.ordinary.sample, f"Errors in variables, reliability of {_said(self.reliability)}"

    def __str__(self) -> str:
        found = findings(self.terms, self.estimate, self._columns()["p_value"], self.alpha)
        changes = [
            f"{term} {number(b)} (least squares {number(o)})"
            for term, b, o in zip(self.terms, self.estimate, self.ordinary.estimate, strict=True)
            if any(name in self.reliability for name in term.replace("^2", "").split(":"))
        ]
        lost = f" ({self.lost:,} more could not be used)" if self.lost else ""
        boot = f"; percentile intervals from {counted(self.draws, 'resample')}{lost} beside them" if self.draws else ""
        errors = str(self.covariance)
        boot = boot or (f"; no percentile intervals: the reliabilities are impossible in {self.lost:,} resamples" if self.lost else "")
        return (
            f"{self.outcome} in {counted(self.n, 'observation')}, corrected for errors in {_said(self.reliability)}: "
            f"{'; '.join(changes)}. {errors[0].upper()}{errors[1:]}{boot}. {found}."
        )


def errors_in_variables(
    fit: ModerationFit,
    reliability: Mapping[str, float] | None = None,
    *,
    error_variance: Mapping[str, float] | None = None,
    draws: int | None = None,
    seed: int = 0,
) -> ErrorsInVariables:
    r"""Correct a fit for variables that are measured with error, in products and squares too.

    With :math:`x = \xi + e` and the reliability :math:`r = \operatorname{var}(\xi) / \operatorname{var}(x)`, the error variance is
    :math:`u = (1 - r) \operatorname{var}(x)` (divisor n), and

    .. math:: b = (M - E)^{-1} m, \qquad M = X'X / n, \quad m = X'y / n,

    with E the part of the moments that is due to error. For a product with an exact z, :math:`E[x, xz] = u \bar z` and
    :math:`E[xz, xz] = u \overline{z^2}`; for two fallible variables with error variances u and v,
    :math:`E[xw, xw] = u \overline{w^2} + v \overline{x^2} - uv`.

    Parameters
    ----------
    fit
        A least-squares fit of a `Moderation` without weights.
    reliability
        {variable: reliability}, above 0 and at most 1, of each variable as it stands in this sample. That of a product follows and is not
        given. Errors are independent of each other and of everything else; a square also needs them to be normal.
    error_variance
        {variable: variance of its error}, in its squared units, in place of its reliability.
    draws
        Resamples of rows (of clusters, if the fit has them) for percentile intervals beside the others, with the reliabilities fixed. The
        default is 2,000 below n = 150, where the sandwich is a little too narrow, and 0 from there on.
    seed
        Seed of the resamples.

    Returns
    -------
    ErrorsInVariables
        Taken by every probe and figure. Centring changes no slope.

    Raises
    ------
    ModelError
        If a variable is not a number in the model, a reliability is impossible, or it is too low for this sample: the corrected moments
        must be those of some distribution. The message gives the smallest reliability that would do.

    Warns
    -----
    WeakIdentification
        If the smallest eigenvalue of the corrected correlations is below 0.1, or the reliabilities are impossible in a fifth of the
        resamples, which then give no intervals.

    Notes
    -----
    Standard errors are the sandwich of the rows' influence, including that of the estimated error variance (with `error_variance` it is
    known and has none), times n / (n - k), with t of n - k degrees of freedom. Those of least squares would be far too small. A reliability
    that was itself estimated, such as alpha, adds uncertainty that is not in them.

    References
    ----------
    Fuller, W. A. (1987). Measurement Error Models.

    Examples
    --------
    >>> import tienet as tn
    >>> rng = np.random.default_rng(2)
    >>> true = rng.normal(size=400)
    >>> data = {"x": true + rng.normal(size=400) / 2, "y": true + rng.normal(size=400) / 2}
    >>> fit = tn.Moderation("y ~ x").fit(data)
    >>> corrected = tn.errors_in_variables(fit, reliability={"x": 0.8})
    >>> bool(np.isclose(corrected.estimate[1], fit.estimate[1] / 0.8))
    True
    """
    fit = equal_weights(least_squares_fit(fit, "errors_in_variables"), "errors_in_variables")
    codes = cluster_codes(fit)
    fallible = _given(fit, reliability, error_variance)
    surface = fit.polynomial
    away = {name: one.values - surface.centers[name] for name, one in surface.variables.items()}
    variance = np.array([float(np.var(away[name])) for name in fallible.names])
    errors = fallible.errors(variance)
    kept = dict(zip(fallible.names, map(float, 1 - errors / variance), strict=True))
    for name, share, spread in zip(fallible.names, kept.values(), variance, strict=True):
        if not 0 < share <= 1:
            raise ModelError(f"error_variance of {name} must be from 0 to below its variance, {number(float(spread))}")
    moments = moments_of(surface.terms, away, fit.sample.response, fallible.names)
    means = moments.monomials.mean(axis=0)[None]
    matrix = moments.assembled(means, errors[None])[0][0]
    smallest = smallest_root(matrix)
    if not smallest > 0:
        raise ModelError(_impossible(moments, means, variance, fallible))
    b = moments.solved(means, errors[None])[1][0]
    if smallest < _WEAK:
        warn(
            f"errors_in_variables: corrected for errors in {_said(kept)}, the predictors are nearly collinear (smallest eigenvalue "
            f"{number(smallest)}), so the estimates are unstable",
            WeakIdentification,
        )
    scores = moments.scores(b, errors)
    moved = moments.sensitivity(means, b, errors)
    for place in np.flatnonzero(np.isnan(fallible.known)):
        column = away[fallible.names[place]]
        changes = (1 - fallible.reliability[place]) * ((column - column.mean()) ** 2 - variance[place])
        scores = scores + changes[:, None] * moved[place]
    influence = np.linalg.solve(matrix, scores.T).T / fit.n
    V, df, factor = _spread(influence, codes)
    boot, lost = _resampled(moments, away, fallible, codes, fit, draws, seed)
    return _assembled(fit, kept, errors, b, V, df, factor, boot, lost, smallest)


def _assembled(
    fit: ModerationFit,
    kept: Mapping[str, float],
    errors: Vector,
    b: Vector,
    V: Vector,
    df: float,
    factor: float,
    boot: Vector,
    lost: int,
    smallest: float,
) -> ErrorsInVariables:
    design, surface = fit.design, fit.polynomial
    move = recentring(design.terms, design.means, design.centers)
    own = fit.covariance
    covariance = Covariance(
        "errors in variables",
        locked(sandwich(move, V)),
        df,
        own.clusters,
        factor,
        own.terms,
        own.cluster,
        own.backend,
        MomentSandwich(),
        own.names,
    )
    polynomial = replace(surface, estimate=locked(b), matrix=locked(V), df=df, covariance=covariance, own_degrees=None)
    low, high = np.quantile(boot @ move.T, [fit.alpha / 2, 1 - fit.alpha / 2], axis=0) if len(boot) else np.full((2, len(b)), np.nan)
    return ErrorsInVariables(
        ordinary=fit,
        reliability=Fixed(dict(kept)),
        error_variance=Fixed(dict(zip(kept, map(float, errors), strict=True))),
        estimate=locked(move @ b),
        covariance=covariance,
        polynomial=polynomial,
        boot_low=locked(low),
        boot_high=locked(high),
        draws=len(boot),
        lost=lost,
        smallest=smallest,
    )


def _given(fit: ModerationFit, reliability: Mapping[str, float] | None, error_variance: Mapping[str, float] | None) -> Fallible:
    """The fallible variables, after a look at what is said of each."""
    shares, known = mapping("reliability", reliability), mapping("error_variance", error_variance)
    if not shares and not known:
        raise ArgumentError("errors_in_variables needs reliability={variable: share}, such as {'ties': 0.8}")
    both = sorted(set(shares) & set(known))
    if both:
        raise ArgumentError(f"{both[0]!r} is in both reliability and error_variance; give one of them")
    for where, values in (("reliability", shares), ("error_variance", known)):
        for name, value in values.items():
            _checked(fit, where, name, value)
    names = (*shares, *known)
    return Fallible(names, *(np.array([float(given.get(name, np.nan)) for name in names]) for given in (shares, known)))


def _checked(fit: ModerationFit, where: str, name: str, value: object) -> None:
    variables = fit.variables
    if name not in variables:
        if ":" in str(name) or "^" in str(name):
            raise ModelError(f"{where} names {name!r}; that of a product or square follows from its variables, give those only")
        if any(one.factor == name for one in variables.values()):
            raise ModelError(f"{where} names {name!r}, a category; errors here are those of numbers, not wrong categories")
        raise ModelError(f"{where} names {name!r}, which is not in this model{offer(name, variables)}")
    if variables[name].kind == "binary":
        raise ModelError(f"{where} names {name!r}, which has two values; its errors depend on the true value and cannot be corrected here")
    if max(term.power(name) for term in fit.design.terms) > _MOST_POWER:
        raise ModelError(f"{name} has a power above {_MOST_POWER}, for which there is no correction")
    number_ = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool) and bool(np.isfinite(value))
    if where == "reliability" and not (number_ and 0 < float(value) <= 1):  # type: ignore[arg-type]
        raise ModelError(f"reliability of {name} must be above 0 and at most 1, got {value!r}")
    if where == "error_variance" and not (number_ and float(value) >= 0):  # type: ignore[arg-type]
        raise ModelError(f"error_variance of {name} must be a number from 0 on, got {value!r}")


def _impossible(moments: Moments, means: Vector, variance: Vector, fallible: Fallible) -> str:
    """Say which reliability is too low for the sample, and the smallest that would do."""
    names, errors = fallible.names, fallible.errors(variance)

    def possible(place: int, share: float) -> bool:
        tried = errors.copy()
        tried[place] = (1 - share) * variance[place]
        return smallest_root(moments.assembled(means, tried[None])[0][0]) > 0

    for place, name in enumerate(names):
        if not possible(place, 1.0):
            continue
        low, high = 1 - errors[place] / variance[place], 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (low, middle) if possible(place, middle) else (middle, high)
        least = np.ceil(high * 1000) / 1000
        also = " with the others as given" if len(names) > 1 else ""
        limit = f"one of at least {least:.3f}"
        if np.isfinite(fallible.known[place]):
            limit = f"an error variance of at most {number((1 - least) * variance[place])}"
        return (
            f"{name}: its reliability is too low for this sample, in which the other columns explain more of it than it leaves as true; "
            f"{limit} would do{also}"
        )
    return f"the reliabilities of {listed(names)} are together too low for this sample; correct for fewer variables at once"


def _spread(influence: Vector, codes: NDArray[np.int64] | None) -> tuple[Vector, float, float]:
    """(k, k) covariance, degrees of freedom and small-sample factor, from (n, k) influences of the rows."""
    n, k = influence.shape
    if codes is None:
        return np.asarray(n / (n - k) * influence.T @ influence), float(n - k), n / (n - k)
    grouped = sums(influence, codes)
    groups = len(grouped)
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    return np.asarray(factor * grouped.T @ grouped), float(groups - 1), factor


def _resampled(
    moments: Moments,
    away: Mapping[str, Vector],
    fallible: Fallible,
    codes: NDArray[np.int64] | None,
    fit: ModerationFit,
    draws: int | None,
    seed: int,
) -> tuple[Vector, int]:
    """(r, k) coefficients of resamples of the rows or clusters, around the means of the sample, and how many had none."""
    wanted = (2000 if fit.n < _FEW_ROWS else 0) if draws is None else whole("draws", draws, 0)
    if not wanted:
        return np.empty((0, len(fit.estimate))), 0
    values = np.column_stack([away[name] for name in fallible.names])
    columns = np.column_stack([np.ones(fit.n), moments.monomials, values, values**2])
    units = columns if codes is None else sums(columns, codes)
    rng = np.random.default_rng(seed)
    found = []
    for block in blocks(wanted, len(units)):
        weights = rng.multinomial(len(units), np.full(len(units), 1 / len(units)), size=block.stop - block.start)
        total = weights @ units
        means = total[:, 1:] / total[:, :1]
        q, v = moments.monomials.shape[1], len(fallible.names)
        monomials, firsts, squares = np.split(means, [q, q + v], axis=1)
        found.append(moments.solved(monomials, fallible.errors(squares - firsts**2))[1])
    kept = np.concatenate(found)
    good = np.isfinite(kept).all(axis=1)
    lost = int((~good).sum())
    if lost > _SHARE_LOST * wanted:
        warn(
            f"errors_in_variables: the reliabilities are impossible in {lost:,} of {wanted:,} resamples, so there are no percentile "
            "intervals; read the estimate as unstable",
            WeakIdentification,
        )
        return np.empty((0, kept.shape[1])), lost
    return kept[good], lost


def _said(reliability: Mapping[str, float]) -> str:
    return listed(f"{name} (reliability {count(round(r, 3)) if r == 1 else f'{r:.3g}'})" for name, r in reliability.items())
