"""The wild cluster bootstrap-t: tests and intervals that remain valid with few clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, checked_level, choice, generator, real
from tienet.base.errors import ArgumentError, FewClusters, ModelError, offer, warn
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import as_typed, coverage, interval_text, level_text, n_text, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.core.polynomial import recentring
from tienet.regression.covariance.held import lives_in
from tienet.regression.model.fit import ModerationFit, least_squares_fit
from tienet.regression.probes.probe import Values, pair, single, split_values, standing
from tienet.regression.resampling._scores import WildWeights, score_sums
from tienet.regression.resampling.draws import cluster_codes, warn_draws

__all__ = ["WildBootstrap", "wild_cluster_bootstrap"]


_WEBB_BELOW = 12
_NO_RESAMPLING = 5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WildBootstrap(Record):
    """A coefficient or a slope tested by the wild cluster bootstrap-t.

    Parameters
    ----------
    outcome, term
        Names of the outcome and of the coefficient or slope.
    null
        Null value.
    estimate, std_error, statistic
        Estimate, its CR1 standard error, and t of the estimate minus the null value.
    p_value
        Share of the draws whose ``|t|`` is above the observed one.
    p_with_ties
        The same, counting also draws with the observed ``|t|``; with enumeration the data themselves and their mirror image always tie.
    conf_low, conf_high
        Limits of the null values that the test does not reject; infinite if no value is rejected, or if there are too few sign patterns
        to reject any at this level.
    alpha
        Significance level of the interval.
    draws
        Number of draws, or the 2^G sign patterns if enumerated.
    enumerated
        Whether all sign patterns were used.
    weights
        "rademacher" or "webb".
    clusters, cluster
        Number of clusters G, and name of their column.
    n
        Number of observations.
    distribution
        (draws,) bootstrap t statistics.
    backend
        Kind of data frame that `frame` returns.
    """

    outcome: str
    term: str
    null: float
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    p_with_ties: float
    conf_low: float
    conf_high: float
    alpha: float
    draws: int
    enumerated: bool
    weights: WildWeights
    clusters: int
    cluster: str
    n: int
    distribution: Vector
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        webb = ("webb_2023",) if self.weights == "webb" else ()
        return ("cameron_gelbach_miller_2008", "roodman_et_al_2019", *webb, "cameron_miller_2015")

    def _columns(self) -> Columns:
        numbers = ("null", "estimate", "std_error", "statistic", "p_value", "p_with_ties", "conf_low", "conf_high", "clusters", "draws")
        return {
            "term": np.array([self.term], dtype=object),
            **{name: np.array([getattr(self, name)]) for name in (*numbers, "enumerated")},
            "weights": np.array([self.weights], dtype=object),
        }

    def __str__(self) -> str:
        patterns = f"all {self.draws:,} sign patterns" if self.enumerated else f"{self.draws:,} draws with {self.weights.title()} weights"
        return (
            f"{self.term} in the model of {self.outcome}: {number(self.estimate)} (SE {number(self.std_error)}), tested against "
            f"{as_typed(self.null)}: t = {number(self.statistic, 2)}, {self.p_text}, {coverage(self.alpha)} interval "
            f"{interval_text(self.conf_low, self.conf_high)} by wild cluster bootstrap-t, null imposed, {patterns}.{self._limit()} "
            f"CR1 standard errors clustered by {self.cluster} ({self.clusters} clusters), {n_text(self.n)}."
        )

    @property
    def p_text(self) -> str:
        """The p-value in words: never zero, which a finite number of draws cannot show, and with ties if sign patterns are too few."""
        if _too_few(self.clusters, self.weights, self.alpha):
            return f"{p_text(self.p_with_ties)} with ties counted"
        return p_text(self.p_value) if self.p_value > 0 else level_text(round(max(self.least_p, 0.001), 3))

    @property
    def least_p(self) -> float:
        """Smallest p above zero that these draws can give."""
        return 2.0 ** (1 - self.clusters) if self.enumerated else 1 / self.draws

    def _limit(self) -> str:
        if not _too_few(self.clusters, self.weights, self.alpha):
            return ""
        return (
            f" Too few clusters to find anything: {self.clusters} give {2 ** (self.clusters - 1)} different sign patterns, so "
            f"with ties counted p cannot fall below {2.0 ** (1 - self.clusters):.3g}."
        )


def wild_cluster_bootstrap(
    fit: ModerationFit,
    term: str | None = None,
    *,
    focal: str | None = None,
    moderator: str | None = None,
    at: Values = None,
    null: float = 0.0,
    draws: int = 9999,
    weights: WildWeights | None = None,
    alpha: float | None = None,
    seed: int | np.random.Generator = 0,
) -> WildBootstrap:
    r"""Test a coefficient or a simple slope with the wild cluster bootstrap-t.

    Under the null :math:`L'b = r` the model is fitted with residuals :math:`\tilde u`, and each draw gives cluster g the outcome
    :math:`\tilde y_g + v_g \tilde u_g` with one random weight :math:`v_g`. The p-value is the share of draws with :math:`|t^*| > |t|`,
    where every t uses the CR1 standard error of its own fit.

    Parameters
    ----------
    fit
        A fit with a cluster.
    term
        Name of a coefficient in `fit.terms`.
    focal, moderator, at
        Instead of a term: the slope of the focal variable at one value of the moderator (by default its mean), or at a mapping
        {variable: value}; other variables are held at their means.
    null
        Null value r.
    draws
        Number of draws. If there are no more than that many sign patterns (2^G), all of them are used instead, without randomness.
    weights
        "rademacher" (+1 or -1 with equal chance) or "webb" (six values). By default "webb" below 12 clusters, where signs alone give
        too few different draws, and "rademacher" otherwise.
    alpha
        Significance level of the interval; by default the fit's.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    WildBootstrap
        Includes the interval of the null values that are not rejected, from the same draws.

    Raises
    ------
    ArgumentError
        Unless exactly one of term and focal is given, or if draws, weights, null or alpha is not valid.
    ModelError
        If the fit has no cluster or two, a name is not in the model, or the clustered standard error is 0.

    Warns
    -----
    FewClusters
        If sign weights cannot reach a p below the significance level: below 6 clusters at .05; if there are fewer than 5 clusters; or if
        one or two clusters hold the term, where the test hardly ever rejects (MacKinnon and Webb 2017).
    FewDraws
        If the draws are too few for an interval at this level.

    Notes
    -----
    The draws do not use the rows. With cluster score sums :math:`s_g = X_g' \tilde u_g` in an orthonormal basis of the columns, a = L in
    that basis, :math:`A_g = a's_g` and :math:`D_{gh} = a'X_g'X_g s_h`, the numerator of t* is :math:`\sum_g v_g A_g` and the score of
    cluster g is :math:`v_g A_g - \sum_h D_{gh} v_h`. Both are linear in r, so the same draws serve every null value of the interval.

    For the interval, growing steps from the estimate find the first value that is rejected (p at most alpha); the step is then halved.
    Statistics that agree to nine digits are ties, and ties are not counted in `p_value`, as in boottest. If there are so few sign patterns
    that the ties alone reach the significance level, that share can be 0 and means nothing: the sentence then reports `p_with_ties`, and
    the interval is the whole line.

    References
    ----------
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008). Review of Economics and Statistics 90, 414-427.
    Roodman, D., MacKinnon, J. G., Nielsen, M. O. & Webb, M. D. (2019). Stata Journal 19, 4-60.
    MacKinnon, J. G. & Webb, M. D. (2017). Journal of Applied Econometrics 32, 233-254.
    Webb, M. D. (2023). Canadian Journal of Economics 56, 839-858.

    Examples
    --------
    >>> import tienet as tn
    >>> rng = np.random.default_rng(4)
    >>> team, x = np.repeat(np.arange(16), 10), rng.normal(size=160)
    >>> data = {"y": 0.5 * x + rng.normal(size=16)[team] + rng.normal(size=160), "x": x, "team": team}
    >>> test = tn.regression.resampling.wild_cluster_bootstrap(tn.Moderation("y ~ x", cluster="team").fit(data), "x", draws=999)
    >>> test.clusters, test.weights, test.enumerated, test.p_value < 0.01
    (16, 'rademacher', False, True)
    """
    codes = cluster_codes(least_squares_fit(fit, "wild_cluster_bootstrap"))
    if codes is None:
        raise ModelError("the wild cluster bootstrap needs a fit with clusters; fit with cluster='column' first")
    real("null", null)
    groups, level = int(codes.max()) + 1, checked_level(fit.alpha if alpha is None else alpha)
    kind, wanted = _weights_kind(weights, groups), checked_draws(draws)
    name, direction = _combination(fit, term, focal, moderator, at)
    enumerated = kind == "rademacher" and 2**groups <= wanted
    sums = score_sums(fit.solution, direction, codes, kind, None if enumerated else wanted, generator("seed", seed))
    powerless = _too_few(groups, kind, level)
    if powerless:
        warn(_few(groups, level), FewClusters)
    elif groups < _NO_RESAMPLING:
        warn(f"{groups} clusters are too few for any bootstrap: its p-value says little, whatever the weights", FewClusters)
    holding = lives_in(fit.solution.basis, direction, codes, 2) if groups >= _NO_RESAMPLING else 0
    if holding:
        warn(_held(name, holding, groups), FewClusters)
    warn_draws(0 if enumerated else wanted, level)
    strict, weak = sums.shares(null)
    distribution = sums.drawn(null)
    return WildBootstrap(
        outcome=fit.outcome,
        term=name,
        null=float(null),
        estimate=sums.estimate,
        std_error=sums.error,
        statistic=sums.statistic(null),
        p_value=strict,
        p_with_ties=weak,
        conf_low=-np.inf if powerless else sums.limit(-1.0, level),
        conf_high=np.inf if powerless else sums.limit(1.0, level),
        alpha=level,
        draws=2**groups if enumerated else wanted,
        enumerated=enumerated,
        weights=kind,
        clusters=groups,
        cluster=str(fit.model.cluster),
        n=fit.n,
        distribution=locked(np.concatenate([distribution, -distribution]) if enumerated else distribution),
        backend=fit.backend,
    )


def _weights_kind(weights: WildWeights | None, groups: int) -> WildWeights:
    if weights is None:
        return "webb" if groups < _WEBB_BELOW else "rademacher"
    choice("weights", weights, get_args(WildWeights))
    return weights


def _too_few(groups: int, kind: str, alpha: float) -> bool:
    return kind == "rademacher" and 2.0 ** (1 - groups) >= alpha


def _few(groups: int, alpha: float) -> str:
    return (
        f"{groups} clusters give only {2 ** (groups - 1)} different sign patterns: with ties counted p cannot fall below "
        f"{2.0 ** (1 - groups):.3g}, so nothing can be significant at {alpha:g}"
        + ("; use weights='webb'" if groups >= _NO_RESAMPLING else ", and no bootstrap is reliable with so few")
    )


def _held(name: str, holding: int, groups: int) -> str:
    return (
        f"{name} rests on {holding} of {groups} clusters: the wild cluster bootstrap then hardly ever rejects, whatever the effect, so a "
        "large p says nothing; " + ("report it without a test" if holding == 1 else "see the degrees of freedom of covariance='CR2'")
    )


def _combination(fit: ModerationFit, term: str | None, focal: str | None, moderator: str | None, at: Values) -> tuple[str, Vector]:
    """Name of what is tested, and its (k,) combination of the coordinates."""
    if (term is None) == (focal is None):
        raise ArgumentError("give exactly one of term (a coefficient) and focal (a slope)")
    if focal is None:
        return _coefficient(fit, str(term), moderator, at)
    surface = fit.polynomial
    first = surface.variable(focal)
    second = None if moderator is None else pair(surface, focal, moderator)[1].name
    own, others = split_values(surface, second, at)
    asked = others if second is None else {second: surface.variables[second].mean if own is None else own, **others}
    point = {name: single(name, value) for name, value in asked.items()}
    where = ", ".join(f"{name} = {number(value)}" for name, value in point.items()) or "the means"
    row = surface.slope_row(first.name, standing(surface, {first.name: first.mean, **point}))
    return f"slope of {first.name} at {where}", row @ fit.solution.back


def _coefficient(fit: ModerationFit, term: str, moderator: str | None, at: Values) -> tuple[str, Vector]:
    if moderator is not None or at is not None:
        raise ArgumentError("moderator and at can be given only with focal=..., not with a term")
    if term not in fit.terms:
        raise ModelError(f"the model of {fit.outcome} has no term {term!r}{offer(term, fit.terms)}")
    move = recentring(fit.design.terms, fit.design.means, fit.design.centers)
    return term, move[fit.terms.index(term)] @ fit.solution.back
