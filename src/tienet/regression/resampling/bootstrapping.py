"""The pairs bootstrap of a whole study: rows, or whole clusters, drawn with replacement."""

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
from tienet.regression.resampling.draws import cluster_codes, refuse_alone, refuse_singular
from tienet.regression.resampling.moments import left_out, resampled, unit_moments

__all__ = ["Bootstrap", "bootstrap"]


IntervalKind: TypeAlias = Literal["percentile", "bca"]
Quantity: TypeAlias = Literal["coefficients", "slopes", "turning point", "R2"]
_SHOWN = 8


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """What was estimated from every resample; all quantities of a `Bootstrap` are made of it.

    Parameters
    ----------
    surface
        The fitted surface, around the means of the original sample.
    r_squared
        R2 of the fit.
    coefficients
        (draws, k) coefficients of that surface.
    fits
        (draws,) R2.
    jackknife
        The same two without each unit in turn, (units, k) and (units,); None where no interval asks for them.
    """

    surface: Polynomial
    r_squared: float
    coefficients: Vector
    fits: Vector
    jackknife: tuple[Vector, Vector] | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bootstrap(Resampled):
    """Quantities of a study with their bootstrap distribution.

    The coefficients come first; `slopes`, `turning_point` and `r_squared` give further quantities from the same resamples.

    Parameters
    ----------
    quantity
        What they are: "coefficients", "slopes", "turning point" or "R2".
    focal, moderator
        Names, where the quantity has them.
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
        Level of the intervals.
    failed
        Resamples left out because a coefficient could not be told from the others in them; `estimates` does not hold them.
    n, clusters, cluster
        Cases; clusters and the column that makes them, or None where rows were drawn.
    resamples
        The coefficients of every resample.
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
        """The kind of frame `frame` gives."""
        return self.resamples.surface.backend

    @property
    def outcome(self) -> str:
        """The name of the outcome."""
        return self.resamples.surface.outcome

    @property
    def bias(self) -> Vector:
        """(r,) mean over the resamples less the estimate."""
        return np.asarray(self.estimates.mean(axis=0) - self.estimate)

    @property
    def design(self) -> str:
        """What was drawn, in words."""
        units = counted(self.n, "case") if self.clusters is None else f"{self.clusters} whole clusters of {self.cluster} ({n_text(self.n)})"
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
        """Slopes of the focal variable at values of the moderator, in every resample.

        Parameters
        ----------
        focal, moderator, at
            As in `simple_slopes`; other variables stand at one value each, by default their means. All values, the means and standard
            deviations among them, are those of the original sample.
        difference
            Add the slope at the last value less the one at the first.

        Raises
        ------
        ModelError
            For a variable the model does not have, or a moderator on which the slope does not depend.
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
            rows, labels = np.vstack([rows, rows[-1] - rows[0]]), (*labels, f"{labels[-1]} less {labels[0]}")
        kept, jackknife = self.resamples, self.resamples.jackknife
        left = None if jackknife is None else jackknife[0] @ rows.T
        named = replace(self, quantity="slopes", focal=first.name, moderator=second.name if second else None, term=labels)
        return named._with(rows @ surface.estimate, kept.coefficients @ rows.T, left)

    def turning_point(self, *, focal: str, at: Values = None) -> Bootstrap:
        """Where the curve over the focal variable turns, in every resample.

        A turning point is a ratio: where the square may be near zero, its standard error and bias say little, and the interval is wide.

        Parameters
        ----------
        focal, at
            As in `turning_point`.

        Raises
        ------
        ModelError
            For a variable the model does not have, or whose square is not in it.
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
        """R2 of every resample, which is larger than R2 of the sample by about as much as that is too large: see `bias`."""
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
    r"""Bootstrap a fit by drawing its rows, or with a cluster its whole clusters, with replacement.

    Each resample is estimated anew, :math:`b^* = (X'MX)^{-1} X'My` with M the diagonal of the counts; what is made of the coefficients
    (slopes, turning points, R2) is made of every resample.

    Parameters
    ----------
    fit
        A fit. Weights of rows go with their rows.
    draws
        Resamples.
    interval
        "percentile", the :math:`\alpha/2` and :math:`1 - \alpha/2` quantiles of the resamples; or "bca", which corrects their levels for
        bias and skewness by leaving out each row or cluster in turn.
    alpha
        Level of the intervals; by default the fit's.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    Bootstrap
        The coefficients; its `slopes`, `turning_point` and `r_squared` give the rest from the same resamples.

    Raises
    ------
    ArgumentError
        For draws below 2, or an unknown interval or alpha.
    ModelError
        When more than 5% of the resamples cannot be estimated, as with a category of very few rows; when a coefficient rests on one row
        or cluster and BCa intervals are asked for; for rows grouped in two ways.

    Notes
    -----
    Centring is a convention of the study and not estimated anew: coefficients of every resample are around the centers of the original
    sample, and "-1 SD" is that of the original sample. Johnson-Neyman bounds are left out: where a slope begins to differ from zero is a
    matter of its standard error, which a resample does not carry.

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
    ((500, 4), ('-1 SD', 'mean', '+1 SD', '+1 SD less -1 SD'))
    """
    codes = cluster_codes(least_squares_fit(fit, "bootstrap"))
    wanted, level = checked_draws(draws, 2), checked_level(fit.alpha if alpha is None else alpha)
    choice("interval", interval, get_args(IntervalKind))
    moments, start = unit_moments(fit.solution, codes), fit.solution.coordinates
    coordinates, fits = resampled(moments, start, wanted, generator("seed", seed))
    kept = np.isfinite(coordinates).all(axis=1)
    refuse_singular(int(wanted - kept.sum()), wanted)
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
