"""The pairs bootstrap: rows, or whole clusters, are drawn with replacement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, checked_level, choice, flag, generator
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import count, counted, coverage, interval_text, n_text, number
from tienet.base.record import locked
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.model.fit import ModerationFit, least_squares_fit
from tienet.regression.probes.probe import Values, chosen_values, pair, single, split_values, standing
from tienet.regression.resampling._intervals import Resampled
from tienet.regression.resampling.draws import cluster_codes, refuse_alone, refuse_singular, warn_draws, warn_few_units
from tienet.regression.resampling.moments import left_out, resampled, unit_moments

__all__ = ["Bootstrap", "bootstrap"]


IntervalKind: TypeAlias = Literal["percentile", "bca"]
Quantity: TypeAlias = Literal["coefficients", "slopes", "turning point", "R2"]
_SHOWN = 8


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """Estimates from every resample, from which all quantities of a `Bootstrap` are computed.

    Parameters
    ----------
    surface
        Fitted surface, around the means of the original sample.
    r_squared
        R2 of the fit.
    coefficients
        (draws, k) coefficients of that surface.
    fits
        (draws,) R2.
    jackknife
        Both without each unit in turn, (units, k) and (units,); None if no interval needs them.
    """

    surface: Polynomial
    r_squared: float
    coefficients: Vector
    fits: Vector
    jackknife: tuple[Vector, Vector] | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bootstrap(Resampled):
    """Estimates with their bootstrap distribution.

    These are the coefficients; `slopes`, `turning_point` and `r_squared` return further quantities from the same resamples.

    Parameters
    ----------
    quantity
        "coefficients", "slopes", "turning point" or "R2".
    focal, moderator
        Names of variables, if the quantity has them.
    term
        r names.
    estimate
        (r,) from the original sample.
    estimates
        (draws, r) from the resamples.
    left_out
        (units, r) without each unit in turn, for BCa intervals; None with percentile intervals.
    interval
        "percentile" or "bca".
    alpha
        Significance level of the intervals.
    failed
        Number of resamples left out because they are singular (a term is a combination of others); `estimates` does not contain them.
    n, clusters, cluster
        Number of observations; number of clusters and name of their column, or None if rows were drawn.
    resamples
        Coefficients of every resample.
    """

    quantity: Quantity
    focal: str | None
    moderator: str | None
    term: tuple[str, ...]
    estimate: Vector
    estimates: Vector
    left_out: Vector | None
    interval: IntervalKind
    alpha: float
    failed: int
    n: int
    clusters: int | None
    cluster: str | None
    resamples: Resamples

    def _works(self) -> tuple[str, ...]:
        grouped = ("cameron_miller_2015",) if self.clusters else ()
        return ("efron_tibshirani_1993", *(("efron_1987",) if self.interval == "bca" else ()), *grouped)

    def _columns(self) -> Columns:
        low, high = self.limits
        return {
            "term": np.array(self.term, dtype=object),
            "estimate": self.estimate,
            "bias": self.bias,
            "std_error": self.std_error,
            "conf_low": low,
            "conf_high": high,
        }

    @property
    def backend(self) -> Backend:
        """Kind of data frame that `frame` returns."""
        return self.resamples.surface.backend

    @property
    def outcome(self) -> str:
        """Name of the outcome."""
        return self.resamples.surface.outcome

    @property
    def bias(self) -> Vector:
        """(r,) mean over the resamples minus the estimate."""
        return np.asarray(self.estimates.mean(axis=0) - self.estimate)

    @property
    def design(self) -> str:
        """Number and units of the resamples, in words."""
        whole = f"{self.clusters} whole clusters of {self.cluster} ({n_text(self.n)})"
        units = counted(self.n, "observation") if self.clusters is None else whole
        lost = f", {count(self.failed)} more left out as singular" if self.failed else ""
        return f"{counted(self.draws, 'resample')} of {units}{lost}"

    def __str__(self) -> str:
        low, high = self.limits
        shown = [
            f"{name}: {number(b)} {interval_text(a, z)}"
            for name, b, a, z in zip(self.term, self.estimate, low, high, strict=True)
            if name != "(Intercept)"
        ]
        rest = f" and {len(shown) - _SHOWN} more in the frame" if len(shown) > _SHOWN else ""
        kind = "BCa" if self.interval == "bca" else "percentile"
        of = (f" of {self.focal}" if self.focal else "") + (f" at {self.moderator}" if self.moderator else "")
        head = f"Bootstrapped {self.quantity}{of}, outcome {self.outcome}, {coverage(self.alpha)} {kind} intervals"
        return f"{head}: {'; '.join(shown[:_SHOWN])}{rest}. {self.design}."

    def slopes(self, *, focal: str, moderator: str | None = None, at: Values = None, difference: bool = False) -> Bootstrap:
        """Compute the slopes of the focal variable at values of the moderator in every resample.

        Parameters
        ----------
        focal, moderator, at
            As in `simple_slopes`; other variables are held at one value each, by default their means. All values, including means and
            standard deviations, are those of the original sample.
        difference
            Add the slope at the last value minus the one at the first.

        Raises
        ------
        ModelError
            If a variable is not in the model, or the slope does not depend on the moderator.
        """
        surface = self.resamples.surface
        first = surface.variable(focal)
        second = None if moderator is None else pair(surface, focal, moderator)[1]
        flag("difference", difference)
        own, others = split_values(surface, second.name if second else None, at)
        point = {first.name: first.mean, **{name: single(name, value) for name, value in others.items()}}
        values, labels = chosen_values(second, own) if second else (np.empty(0), ("mean",))
        points = [{**point, second.name: float(value)} for value in values] if second else [point]
        rows = np.array([surface.slope_row(first.name, standing(surface, spot)) for spot in points])
        if difference and len(rows) > 1:
            rows, labels = np.vstack([rows, rows[-1] - rows[0]]), (*labels, f"{labels[-1]} minus {labels[0]}")
        kept, jackknife = self.resamples, self.resamples.jackknife
        left = None if jackknife is None else jackknife[0] @ rows.T
        named = replace(self, quantity="slopes", focal=first.name, moderator=second.name if second else None, term=labels)
        return named._with(rows @ surface.estimate, kept.coefficients @ rows.T, left)

    def turning_point(self, *, focal: str, at: Values = None) -> Bootstrap:
        """Compute the turning point of the curve over the focal variable in every resample.

        A turning point is a ratio: if the square may be near zero, its standard error and bias mean little, and the interval is wide.

        Parameters
        ----------
        focal, at
            As in `turning_point`.

        Raises
        ------
        ModelError
            If the variable or its square is not in the model.
        """
        surface = self.resamples.surface
        name = pair(surface, focal, focal)[0].name
        point = {other: single(other, value) for other, value in split_values(surface, None, at)[1].items()}
        level, steepness, _ = surface.slope_rows(name, name, standing(surface, point))

        def turns(b: Vector) -> Vector:
            return np.asarray(surface.centers[name] - (b @ level) / (b @ steepness))[..., None]

        jackknife = self.resamples.jackknife
        left = None if jackknife is None else turns(jackknife[0])
        found = turns(self.resamples.coefficients)
        named = replace(self, quantity="turning point", focal=name, moderator=None, term=(name,))
        return named._with(turns(surface.estimate), found, left)

    def r_squared(self) -> Bootstrap:
        """Compute R2 in every resample; it exceeds R2 of the sample by about as much as that is too large, see `bias`."""
        kept, jackknife = self.resamples, self.resamples.jackknife
        left = None if jackknife is None else jackknife[1][:, None]
        named = replace(self, quantity="R2", focal=None, moderator=None, term=("R2",))
        return named._with(np.array([kept.r_squared]), kept.fits[:, None], left)

    def _with(self, estimate: Vector, estimates: Vector, left: Vector | None) -> Bootstrap:
        left = None if left is None else locked(left)
        return replace(self, estimate=locked(estimate), estimates=locked(estimates), left_out=left)


def bootstrap(
    fit: ModerationFit,
    draws: int = 2000,
    *,
    interval: IntervalKind = "percentile",
    alpha: float | None = None,
    seed: int | np.random.Generator = 0,
) -> Bootstrap:
    r"""Bootstrap a fit by drawing its rows, or its clusters if it has any, with replacement.

    Each resample is estimated again, :math:`b^* = (X'MX)^{-1} X'My` with M the diagonal matrix of counts, and slopes, turning points and
    R2 are computed from each.

    Parameters
    ----------
    fit
        A fit. Rows keep their weights.
    draws
        Resamples.
    interval
        "percentile" for the :math:`\alpha/2` and :math:`1 - \alpha/2` quantiles of the resamples, or "bca" to correct these levels for
        bias and skewness by leaving out each row or cluster in turn.
    alpha
        Significance level of the intervals; by default the fit's.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    Bootstrap
        The coefficients; its `slopes`, `turning_point` and `r_squared` return further quantities from the same resamples.

    Raises
    ------
    ArgumentError
        If there are fewer than 2 draws, or the interval or alpha is not valid.
    ModelError
        If more than 5% of the resamples cannot be estimated, as with a category of very few rows; if a coefficient rests on one row or
        cluster and the intervals are BCa; or if the rows are clustered in two ways.

    Warns
    -----
    FewDraws
        If fewer than one draw is expected beyond each end of the intervals.
    FewClusters
        If fewer than seven clusters are drawn.

    Notes
    -----
    Centring is not repeated: coefficients of every resample are around the centers of the original sample, and "-1 SD" is that of the
    original sample. Johnson-Neyman bounds are not bootstrapped: where a slope begins to differ from zero depends on its standard error,
    which a resample does not have.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap.
    Efron, B. (1987). Journal of the American Statistical Association 82, 171-185.

    Examples
    --------
    >>> import tienet as tn
    >>> rng = np.random.default_rng(2)
    >>> data = {"x": rng.normal(size=80), "z": rng.normal(size=80)}
    >>> data["y"] = data["x"] + 0.5 * data["x"] * data["z"] + rng.normal(size=80)
    >>> resampled = tn.regression.resampling.bootstrap(tn.Moderation("y ~ x*z").fit(data), draws=500)
    >>> resampled.estimates.shape, resampled.slopes(focal="x", moderator="z", difference=True).term
    ((500, 4), ('-1 SD', 'mean', '+1 SD', '+1 SD minus -1 SD'))
    """
    codes = cluster_codes(least_squares_fit(fit, "bootstrap"))
    wanted, level = checked_draws(draws, 2), checked_level(fit.alpha if alpha is None else alpha)
    choice("interval", interval, get_args(IntervalKind))
    moments, start = unit_moments(fit.solution, codes), fit.solution.coordinates
    coordinates, fits = resampled(moments, start, wanted, generator("seed", seed))
    kept = np.isfinite(coordinates).all(axis=1)
    refuse_singular(int(wanted - kept.sum()), wanted)
    warn_draws(wanted, level)
    if codes is not None:
        warn_few_units(len(moments))
    jackknife = _jackknife(moments, fit, codes is None) if interval == "bca" else None
    back = fit.solution.back
    resamples = Resamples(
        fit.polynomial,
        fit.r_squared,
        locked(coordinates[kept] @ back.T),
        locked(fits[kept]),
        jackknife,
    )
    move = recentring(fit.design.terms, fit.design.means, fit.design.centers)
    return Bootstrap(
        quantity="coefficients",
        focal=None,
        moderator=None,
        term=fit.terms,
        estimate=fit.estimate,
        estimates=locked(resamples.coefficients @ move.T),
        left_out=None if jackknife is None else locked(jackknife[0] @ move.T),
        interval=interval,
        alpha=level,
        failed=int(wanted - kept.sum()),
        n=fit.n,
        clusters=None if codes is None else len(moments),
        cluster=None if codes is None else str(fit.model.cluster),
        resamples=resamples,
    )


def _jackknife(moments: Vector, fit: ModerationFit, rows: bool) -> tuple[Vector, Vector]:
    found, fits = left_out(moments, fit.solution.coordinates)
    refuse_alone(found, rows)
    return locked(found @ fit.solution.back.T), locked(fits)
