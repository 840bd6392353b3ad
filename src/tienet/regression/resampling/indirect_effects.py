"""Simple and moderated mediation: two equations on the same rows, and the product of two of their slopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, checked_level, choice, generator
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import count, counted, coverage, interval_text, n_text, number, p_text
from tienet.base.record import locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation
from tienet.regression.probes.probe import Values
from tienet.regression.resampling._intervals import Resampled
from tienet.regression.resampling._mediating import both_resampled, find_stages, fitted, path_tests, specified
from tienet.regression.resampling.bootstrapping import IntervalKind

__all__ = ["Mediation", "mediation"]


_ORDER = "A product of coefficients describes how the three go together under the order stated; it is no evidence for that order"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mediation(Resampled):
    """Paths of a mediation model, and the indirect effects made of them with their bootstrap distribution.

    Parameters
    ----------
    focal, mediator, outcome, moderator
        Names, in the order stated; the moderator is None where neither path depends on one.
    mediator_fit, outcome_fit
        The two equations, on the same rows.
    path
        p of "a" (mediator on focal variable), "b" (outcome on mediator), "c'" (outcome on focal variable, the mediator held) and, where it
        is c' + ab, "c" (the mediator left out).
    path_label, path_at
        p labels and (p,) values of the moderator; "" and NaN for a path that does not depend on it.
    paths
        (p,) arrays `estimate, std_error, statistic, dfs, p_value, conf_low, conf_high`, under the covariance of the models.
    effect
        r of "indirect", "index" (of moderated mediation) and "difference" (of the last conditional effect from the first).
    label, at
        r labels and (r,) values of the moderator, on its own scale.
    estimate
        (r,) from the original sample.
    estimates
        (draws, r) from the resamples.
    left_out
        (units, r) without each unit in turn, for BCa intervals; None with percentile intervals.
    sobel
        (r,) standard errors of normal theory, the delta method with the two equations taken as independent.
    interval, alpha
        "percentile" or "bca", and one less the level.
    failed
        Resamples left out because a coefficient could not be told from the others in them.
    """

    focal: str
    mediator: str
    outcome: str
    moderator: str | None
    mediator_fit: ModerationFit
    outcome_fit: ModerationFit
    path: tuple[str, ...]
    path_label: tuple[str, ...]
    path_at: Vector
    paths: Mapping[str, Vector]
    effect: tuple[str, ...]
    label: tuple[str, ...]
    at: Vector
    estimate: Vector
    estimates: Vector
    left_out: Vector | None
    sobel: Vector
    interval: IntervalKind
    alpha: float
    failed: int

    def _works(self) -> tuple[str, ...]:
        moderated = ("preacher_et_al_2007", "hayes_2015") if self.moderator else ()
        bca = ("efron_1987",) if self.interval == "bca" else ()
        return ("preacher_hayes_2008", *moderated, "sobel_1982", "efron_tibshirani_1993", *bca, *self.covariance._works())

    def _columns(self) -> Columns:
        low, high = self.limits
        z, p = self.sobel_test
        gap = np.full(len(self.path), np.nan)
        own, none = self.paths, np.full(len(self.effect), np.nan)
        return {
            "effect": np.array([*self.path, *self.effect], dtype=object),
            "label": np.array([*self.path_label, *self.label], dtype=object),
            "at": np.concatenate([self.path_at, self.at]),
            "estimate": np.concatenate([own["estimate"], self.estimate]),
            "std_error": np.concatenate([own["std_error"], self.std_error]),
            "statistic": np.concatenate([own["statistic"], none]),
            "df": np.concatenate([own["dfs"], none]),
            "p_value": np.concatenate([own["p_value"], none]),
            "conf_low": np.concatenate([own["conf_low"], low]),
            "conf_high": np.concatenate([own["conf_high"], high]),
            "sobel_z": np.concatenate([gap, z]),
            "sobel_p": np.concatenate([gap, p]),
        }

    @property
    def n(self) -> int:
        """Rows used, the same in both equations."""
        return self.outcome_fit.n

    @property
    def covariance(self) -> Covariance:
        """The covariance behind the paths of the outcome's equation; the mediator's is of the same kind."""
        return self.outcome_fit.covariance

    @property
    def backend(self) -> Backend:
        """The kind of frame `frame` gives."""
        return self.outcome_fit.backend

    @property
    def sobel_test(self) -> tuple[Vector, Vector]:
        """(r,) z and (r,) p of normal theory, which a product of two estimates follows in large samples only; the interval comes first."""
        from scipy.stats import norm

        z = np.divide(self.estimate, self.sobel, out=np.full_like(self.estimate, np.nan), where=self.sobel > 0)
        return z, np.asarray(2 * norm.sf(np.abs(z)))

    @property
    def design(self) -> str:
        """What was drawn, in words."""
        codes, name = self.outcome_fit.sample.clusters, self.outcome_fit.model.cluster
        units = counted(self.n, "case") if codes is None else f"{int(codes.max()) + 1} whole clusters of {name} ({n_text(self.n)})"
        lost = f", {count(self.failed)} more left out as singular" if self.failed else ""
        return f"{counted(self.draws, 'resample')} of {units}{lost}"

    def __str__(self) -> str:
        kind = f"{coverage(self.alpha)} {'BCa' if self.interval == 'bca' else 'percentile'} bootstrap interval"
        low, high = self.limits
        shown = [
            f"{_spoken(*name)}{number(b)} {interval_text(a, z)}"
            for *name, b, a, z in zip(self.effect, self.label, self.estimate, low, high, strict=True)
        ]
        at = f" at {self.moderator}" if self.moderator else ""
        z, p = (float(each[0]) for each in self.sobel_test)
        sobel = "" if self.moderator else f" Sobel z = {number(z, 2)}, {p_text(p)}, by normal theory."
        paths = "; ".join(
            f"{name}{f' ({label})' if label else ''} = {number(b)} ({p_text(q)})"
            for name, label, b, q in zip(self.path, self.path_label, self.paths["estimate"], self.paths["p_value"], strict=True)
        )
        return (
            f"Indirect effect of {self.focal} on {self.outcome} through {self.mediator}{at}, {kind}: {'; '.join(shown)}. {self.design}."
            f"{sobel} Paths: {paths}; {self.covariance.label}. {_ORDER}."
        )


def mediation(
    outcome: str | Moderation,
    data: object,
    *,
    mediator: str | Moderation,
    focal: str,
    moderator: str | None = None,
    at: Values = None,
    covariance: str | None = None,
    cluster: str | None = None,
    draws: int = 2000,
    interval: IntervalKind = "percentile",
    alpha: float | None = None,
    seed: int | np.random.Generator = 0,
) -> Mediation:
    r"""Indirect effects: the slope of the mediator on a focal variable, times the slope of the outcome on the mediator.

    .. math:: m = i_m + a x + \dots + e_m, \qquad y = i_y + c' x + b m + \dots + e_y, \qquad \text{indirect} = ab

    Where a product with a moderator w stands in the first equation (a becomes :math:`a_1 + a_3 w`; model 7 of Hayes), in the second
    (:math:`b_1 + b_3 w`; model 14) or in both, the indirect effect is conditional on w. Where it is linear in w, its slope
    (:math:`a_3 b` or :math:`a b_3`) is the index of moderated mediation.

    Parameters
    ----------
    outcome
        Formula of the outcome, with the focal variable, the mediator and controls; or a `Moderation`.
    data
        Any frame narwhals knows; rows that miss a value in either equation are dropped once, for both.
    mediator
        Formula of the mediator, such as ``"m ~ x*w + tenure"``; or a `Moderation`.
    focal
        The variable where the path begins.
    moderator
        The variable in a product with the focal variable (first stage) or with the mediator (second stage).
    at
        Values of the moderator, on its own scale, or a mapping of names to values, as in `simple_slopes`; by default its mean and one
        SD to either side, a two-valued variable at its two values. Variables that matter for a slope stand at their means unless given.
    covariance, cluster
        As in `Moderation`, for formulas given as texts. With a cluster the bootstrap draws whole clusters.
    draws
        Resamples; both equations are solved in each.
    interval
        "percentile" or "bca".
    alpha
        Level of the intervals; by default the models'.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    Mediation
        The paths under the models' covariance, the indirect effects with bootstrap intervals, and Sobel's z (normal theory) beside them.

    Raises
    ------
    ModelError
        For equations that do not make a mediation model together, and as `bootstrap`.
    ArgumentError
        For covariance or cluster beside a `Moderation`, draws below 2, an unknown interval.
    DataError
        As `Moderation.fit`.

    Notes
    -----
    A product of coefficients describes association under the order that the reader states. With squares of the focal variable or of the
    mediator the effect is the instantaneous one at their means (or where `at` puts them). Means and standard deviations are those of the
    original sample in every resample. The total path c is given where it equals c' + ab: without a moderator, with the same further terms
    in both equations and no square or product of the mediator.

    References
    ----------
    Preacher, K. J. & Hayes, A. F. (2008). Behavior Research Methods 40, 879-891.
    Preacher, K. J., Rucker, D. D. & Hayes, A. F. (2007). Multivariate Behavioral Research 42, 185-227.
    Hayes, A. F. (2015). Multivariate Behavioral Research 50, 1-22.
    Sobel, M. E. (1982). Sociological Methodology 13, 290-312.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> x, w, e, f = rng.normal(size=(4, 150))
    >>> m = 0.5 * x + 0.4 * x * w + e
    >>> data = {"x": x, "w": w, "m": m, "y": 0.6 * m + 0.1 * x + f}
    >>> found = mediation("y ~ x + m", data, mediator="m ~ x*w", focal="x", moderator="w", draws=500)
    >>> found.effect, found.label
    (('indirect', 'indirect', 'indirect', 'index'), ('-1 SD', 'mean', '+1 SD', ''))
    """
    wanted = checked_draws(draws, 2)
    choice("interval", interval, get_args(IntervalKind))
    first, second = (specified(each, covariance, cluster, alpha) for each in (mediator, outcome))
    fits = fitted(first, second, data)
    middle = fits[0].outcome
    stages = find_stages(fits, focal, middle, moderator, at)
    (start, end), failed, left = both_resampled(fits, wanted, generator("seed", seed), interval == "bca")
    level = checked_level(second.alpha if alpha is None else alpha)
    names, labels, values, tests = path_tests(fits, stages, level)
    return Mediation(
        focal=stages.focal,
        mediator=middle,
        outcome=fits[1].outcome,
        moderator=stages.moderator,
        mediator_fit=fits[0],
        outcome_fit=fits[1],
        path=names,
        path_label=labels,
        path_at=locked(values),
        paths=tests,
        effect=stages.effect,
        label=stages.label,
        at=locked(stages.at),
        estimate=locked(stages.products(fits[0].polynomial.estimate, fits[1].polynomial.estimate)),
        estimates=locked(stages.products(start, end)),
        left_out=None if left is None else locked(stages.products(*left)),
        sobel=locked(stages.sobel(*fits)),
        interval=interval,
        alpha=level,
        failed=failed,
    )


def _spoken(effect: str, label: str) -> str:
    return {"indirect": f"{label}: " if label else "", "index": "index of moderated mediation: "}.get(effect, f"{label}: ")
