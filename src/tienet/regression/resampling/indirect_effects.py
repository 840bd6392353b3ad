"""Simple and moderated mediation: indirect effects from two equations on the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, checked_level, choice, generator
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import count, counted, coverage, interval_text, n_text, number, p_text
from tienet.base.record import locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation
from tienet.regression.probes.probe import Values
from tienet.regression.resampling._intervals import Resampled
from tienet.regression.resampling._mediating import all_resampled, find_stages, fitted, path_tests, specified
from tienet.regression.resampling.bootstrapping import IntervalKind
from tienet.regression.resampling.draws import warn_draws, warn_few_units
from tienet.regression.resampling.several_mediators import SeveralMediators, several_mediators

__all__ = ["Mediation", "mediation"]


_ORDER = "The indirect effect describes associations under the order stated; it is no evidence for that order"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mediation(Resampled):
    """Paths of a mediation model, and its indirect effects with their bootstrap distribution.

    Parameters
    ----------
    focal, mediator, outcome, moderator
        Names, in the order stated; the moderator is None if neither path depends on one.
    mediator_fit, outcome_fit
        The two equations, on the same rows.
    path
        p of "a" (mediator on focal variable), "b" (outcome on mediator), "c'" (outcome on focal variable with the mediator held) and, if
        it equals c' + ab, "c" (without the mediator).
    path_label, path_at
        p labels and (p,) values of the moderator; "" and NaN for a path that does not depend on it.
    paths
        (p,) arrays `estimate, std_error, statistic, dfs, p_value, conf_low, conf_high`, under the covariance of the models.
    effect
        r of "indirect", "index" (of moderated mediation) and "difference" (last conditional effect minus the first).
    label, at
        r labels and (r,) values of the moderator, on its own scale.
    estimate
        (r,) from the original sample.
    estimates
        (draws, r) from the resamples.
    left_out
        (units, r) without each unit in turn, for BCa intervals; None with percentile intervals.
    sobel
        (r,) normal-theory standard errors, by the delta method with the two equations taken as independent.
    interval, alpha
        "percentile" or "bca", and the significance level.
    failed
        Number of resamples left out because they are singular (a term is a combination of others).
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
        """Number of rows used, the same in both equations."""
        return self.outcome_fit.n

    @property
    def covariance(self) -> Covariance:
        """Covariance of the outcome's equation; that of the mediator's equation is of the same kind."""
        return self.outcome_fit.covariance

    @property
    def backend(self) -> Backend:
        """Kind of data frame that `frame` returns."""
        return self.outcome_fit.backend

    @property
    def sobel_test(self) -> tuple[Vector, Vector]:
        """(r,) z and (r,) p by normal theory, valid only in large samples; prefer the bootstrap interval."""
        from scipy.stats import norm

        z = np.divide(self.estimate, self.sobel, out=np.full_like(self.estimate, np.nan), where=self.sobel > 0)
        return z, np.asarray(2 * norm.sf(np.abs(z)))

    @property
    def design(self) -> str:
        """Number and units of the resamples, in words."""
        codes, name = self.outcome_fit.sample.clusters, self.outcome_fit.model.cluster
        units = counted(self.n, "observation") if codes is None else f"{int(codes.max()) + 1} whole clusters of {name} ({n_text(self.n)})"
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
    mediator: str | Moderation | None = None,
    mediators: Sequence[str | Moderation] | None = None,
    focal: str,
    moderator: str | None = None,
    at: Values = None,
    covariance: str | None = None,
    cluster: str | None = None,
    draws: int = 2000,
    interval: IntervalKind = "percentile",
    alpha: float | None = None,
    seed: int | np.random.Generator = 0,
) -> Mediation | SeveralMediators:
    r"""Estimate indirect effects: the slope of the mediator on a focal variable times the slope of the outcome on the mediator.

    .. math:: m = i_m + a x + \dots + e_m, \qquad y = i_y + c' x + b m + \dots + e_y, \qquad \text{indirect} = ab

    With a product with a moderator w in the first equation (a becomes :math:`a_1 + a_3 w`; model 7 of Hayes), in the second
    (:math:`b_1 + b_3 w`; model 14) or in both, the indirect effect is conditional on w. If it is linear in w, its slope
    (:math:`a_3 b` or :math:`a b_3`) is the index of moderated mediation.

    Parameters
    ----------
    outcome
        Formula of the outcome, with the focal variable, the mediator and controls; or a `Moderation`.
    data
        Any data frame that narwhals supports; rows with a missing value in either equation are dropped from both.
    mediator
        Formula of the mediator, such as ``"m ~ x*w + tenure"``; or a `Moderation`.
    mediators
        Instead of `mediator`, the formulas of several in their order: ``["m1 ~ x", "m2 ~ x"]`` side by side, ``["m1 ~ x", "m2 ~ x + m1"]``
        one after another. Then without a moderator; the focal variable may be a category.
    focal
        The variable at the start of the path.
    moderator
        A variable that interacts with the focal variable (first stage) or with the mediator (second stage).
    at
        Values of the moderator, on its own scale, or a mapping of names to values, as in `simple_slopes`; by default its mean and one
        SD to either side, or both values of a two-valued variable. Other variables that matter for a slope are held at their means unless
        given.
    covariance, cluster
        As in `Moderation`, for formulas given as strings. With a cluster the bootstrap draws whole clusters.
    draws
        Number of resamples; both equations are estimated in each.
    interval
        "percentile" or "bca".
    alpha
        Significance level of the intervals; by default the models'.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    Mediation
        Paths under the models' covariance, indirect effects with bootstrap intervals, and Sobel's z by normal theory. With `mediators` a
        `SeveralMediators`: the effect through each path, their total and differences, and for a category a joint test.

    Raises
    ------
    ModelError
        If the equations do not form a mediation model, or as in `bootstrap`.
    ArgumentError
        If covariance or cluster is given with a `Moderation`, there are fewer than 2 draws, or the interval is unknown.
    DataError
        As in `Moderation.fit`.

    Notes
    -----
    The indirect effect describes associations under the order that the user states. With squares of the focal variable or of the mediator
    it is the instantaneous effect at their means (or at the values in `at`). Means and standard deviations are those of the original sample
    in every resample. The total path c is given if it equals c' + ab: without a moderator, with the same other terms in both equations
    and without squares or products of the mediator.

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
    if mediators is not None and mediator is None:
        if moderator is not None or at is not None:
            raise ArgumentError("a moderator (and at=) goes with one mediator; call mediation(mediator=...) for each")
        if isinstance(mediators, str) or not isinstance(mediators, Sequence):
            raise ArgumentError(f"mediators must be a list of formulas such as ['m1 ~ x', 'm2 ~ x'], got {mediators!r}")
        between, last = [specified(each, covariance, cluster, alpha) for each in mediators], specified(outcome, covariance, cluster, alpha)
        level = checked_level(last.alpha if alpha is None else alpha)
        rng = generator("seed", seed)
        warn_draws(wanted, level)
        return several_mediators(last, between, data, focal=focal, draws=wanted, rng=rng, interval=interval, alpha=level)
    if mediator is None or mediators is not None:
        raise ArgumentError("give either mediator=, the formula of one, or mediators=[...], those of several")
    first, second = (specified(each, covariance, cluster, alpha) for each in (mediator, outcome))
    fits = fitted(first, second, data)
    middle = fits[0].outcome
    stages = find_stages(fits, focal, middle, moderator, at)
    (start, end), failed, left = all_resampled(fits, wanted, generator("seed", seed), interval == "bca")
    level = checked_level(second.alpha if alpha is None else alpha)
    warn_draws(wanted, level)
    if isinstance(fits[1].covariance.clusters, int):
        warn_few_units(fits[1].covariance.clusters)
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
