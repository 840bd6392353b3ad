"""The result of a mediation with several mediators, parallel or one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import count, counted, coverage, interval_text, n_text, number, p_text, statistic_text
from tienet.base.record import locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation
from tienet.regression.resampling._intervals import Resampled
from tienet.regression.resampling._mediating import all_resampled
from tienet.regression.resampling._several import edge_covariance, equations, find_paths

__all__ = ["SeveralMediators"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SeveralMediators(Resampled):
    """Indirect effects through several mediators, their total and differences, with delta errors and a bootstrap distribution.

    Parameters
    ----------
    focal, mediators, outcome
        Names, the mediators in their order.
    fits
        The equations of the mediators and of the outcome, on the same rows.
    effect, label, level
        r of "indirect" (label: the mediators on the path, "m1" or "m1 -> m2"), "total indirect", "difference" of two indirect effects,
        "direct", and "total"; with the category of a categorical focal variable, each against its base, else "".
    estimate
        (r,) from the original sample.
    estimates
        (draws, r) from the resamples; a resample has the same rows in all equations.
    left_out
        (units, r) without each unit in turn, for BCa intervals; None with percentile intervals.
    normal_error
        (r,) standard errors by the delta method, from the joint covariance of the slopes of all equations.
    omnibus_statistic, omnibus_df1, omnibus_df2, omnibus_p_value
        Wald F that the total indirect effects of all categories are zero, from delta errors; NaN for a number.
    interval, alpha
        "percentile" or "bca", and the significance level.
    failed
        Number of resamples left out because they are singular.
    """

    focal: str
    mediators: tuple[str, ...]
    outcome: str
    fits: tuple[ModerationFit, ...]
    effect: tuple[str, ...]
    label: tuple[str, ...]
    level: tuple[str, ...]
    estimate: Vector
    estimates: Vector
    left_out: Vector | None
    normal_error: Vector
    omnibus_statistic: float
    omnibus_df1: int
    omnibus_df2: float
    omnibus_p_value: float
    interval: str
    alpha: float
    failed: int

    def _works(self) -> tuple[str, ...]:
        bca = ("efron_1987",) if self.interval == "bca" else ()
        return ("preacher_hayes_2008", "sobel_1982", "efron_tibshirani_1993", *bca, *self.covariance._works())

    def _columns(self) -> Columns:
        low, high = self.limits
        z, p = self.normal_test
        several = {"category": np.array(self.level, dtype=object)} if any(self.level) else {}
        return {
            "effect": np.array(self.effect, dtype=object),
            "label": np.array(self.label, dtype=object),
            **several,
            "estimate": self.estimate,
            "std_error": self.std_error,
            "conf_low": low,
            "conf_high": high,
            "sobel_z": z,
            "sobel_p": p,
        }

    @property
    def n(self) -> int:
        """Number of rows used, the same in all equations."""
        return self.fits[-1].n

    @property
    def covariance(self) -> Covariance:
        """Covariance of the outcome's equation; those of the mediators' equations are of the same kind."""
        return self.fits[-1].covariance

    @property
    def backend(self) -> Backend:
        """Kind of data frame that `frame` returns."""
        return self.fits[-1].backend

    @property
    def std_error(self) -> Vector:
        """(r,) standard errors by the delta method."""
        return self.normal_error

    @property
    def normal_test(self) -> tuple[Vector, Vector]:
        """(r,) z and (r,) p by normal theory, valid only in large samples; prefer the bootstrap interval."""
        from scipy.stats import norm

        z = np.divide(self.estimate, self.normal_error, out=np.full_like(self.estimate, np.nan), where=self.normal_error > 0)
        return z, np.asarray(2 * norm.sf(np.abs(z)))

    @property
    def design(self) -> str:
        """Number and units of the resamples, in words."""
        codes, name = self.fits[-1].sample.clusters, self.fits[-1].model.cluster
        units = counted(self.n, "observation") if codes is None else f"{int(codes.max()) + 1} whole clusters of {name} ({n_text(self.n)})"
        lost = f", {count(self.failed)} more left out as singular" if self.failed else ""
        return f"{counted(self.draws, 'resample')} of {units}{lost}"

    def __str__(self) -> str:
        low, high = self.limits
        said = [
            f"{self._name(i)} {number(self.estimate[i])} (SE {number(self.normal_error[i])}) {interval_text(low[i], high[i])}"
            for i in range(len(self.effect))
        ]
        kind = f"{coverage(self.alpha)} {'BCa' if self.interval == 'bca' else 'percentile'} bootstrap intervals"
        omnibus = ""
        if self.omnibus_df1 > 1:
            test = statistic_text("Wald F", self.omnibus_statistic, self.omnibus_df1, self.omnibus_df2)
            omnibus = f" All total indirect effects are zero: {test}, {p_text(self.omnibus_p_value)}."
        return (
            f"Indirect effects of {self.focal} on {self.outcome} through {', '.join(self.mediators)}, {kind}: {'; '.join(said)}.{omnibus} "
            f"{self.design}; delta errors from {self.covariance.label}. The effects describe associations under the order stated; they "
            "are no evidence for that order."
        )

    def _name(self, i: int) -> str:
        what = f"through {self.label[i]}" if self.effect[i] == "indirect" else f"{self.effect[i]} {self.label[i]}".strip()
        return f"{self.level[i]}: {what}" if self.level[i] else what


def several_mediators(
    outcome: Moderation,
    mediators: Sequence[Moderation],
    data: object,
    *,
    focal: str,
    draws: int,
    rng: np.random.Generator,
    interval: str,
    alpha: float,
) -> SeveralMediators:
    """Fit all equations on the same rows, multiply the slopes along every path, and resample."""
    fits = equations(mediators, outcome, data)
    paths = find_paths(fits, focal)
    found, failed, left = all_resampled(fits, draws, rng, interval == "bca")
    own = [fit.polynomial.estimate for fit in fits]
    gradient = paths.gradient(own)
    covariance = gradient @ edge_covariance(fits, paths.edges) @ gradient.T
    estimate = paths.effects(own)
    return SeveralMediators(
        focal=focal,
        mediators=tuple(fit.outcome for fit in fits[:-1]),
        outcome=fits[-1].outcome,
        fits=fits,
        effect=paths.effect,
        label=paths.label,
        level=paths.level,
        estimate=locked(estimate),
        estimates=locked(paths.effects(found)),
        left_out=None if left is None else locked(paths.effects(left)),
        normal_error=locked(np.sqrt(np.maximum(np.diag(covariance), 0.0))),
        **_omnibus(estimate, covariance, paths.effect, fits[-1].df),
        interval=interval,
        alpha=alpha,
        failed=failed,
    )


def _omnibus(estimate: Vector, covariance: Vector, effect: tuple[str, ...], df: float) -> dict[str, Any]:
    """Wald F of the total indirect effects of all categories."""
    from scipy.special import fdtrc

    places = [i for i, kind in enumerate(effect) if kind == "total indirect"]
    q, statistic = len(places), float("nan")
    if q > 1:
        values = estimate[places]
        statistic = float(values @ np.linalg.solve(covariance[np.ix_(places, places)], values)) / q
    p = float(fdtrc(q, df, statistic)) if q > 1 else float("nan")
    return {"omnibus_statistic": statistic, "omnibus_df1": q, "omnibus_df2": float(df), "omnibus_p_value": p}
