"""The wild cluster bootstrap-t: tests and intervals that hold with few clusters."""

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
from tienet.regression.model.fit import ModerationFit, least_squares_fit
from tienet.regression.probes.probe import Values, pair, single, split_values, standing
from tienet.regression.resampling._scores import WildWeights, score_sums
from tienet.regression.resampling.draws import cluster_codes

__all__ = ["WildBootstrap", "wild_cluster_bootstrap"]


_WEBB_BELOW = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WildBootstrap(Record):
    """A coefficient, or another combination of them, under the wild cluster bootstrap-t.

    Parameters
    ----------
    outcome, term
        Names: the outcome, and what was tested.
    null
        The value it was tested against.
    estimate, std_error, statistic
        Estimate, its CR1 standard error, and t of the estimate less the null.
    p_value
        Share of the draws whose ``|t|`` is above the observed one.
    p_with_ties
        The same with the draws that have just the observed ``|t|``; under enumeration the data as they are and their mirror always do.
    conf_low, conf_high
        Limits of the null values that the test does not reject; infinite where no value is rejected, and where sign patterns are too few
        to reject any at this level.
    alpha
        Level of the interval.
    draws
        Draws, or the 2^G sign patterns when enumerated.
    enumerated
        Whether every sign pattern was gone through.
    weights
        "rademacher" or "webb".
    clusters, cluster
        Their number G and the column that makes them.
    n
        Cases.
    distribution
        (draws,) bootstrap t statistics.
    backend
        The kind of frame `frame` gives.
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
        """The p-value in words: never zero, which so many draws cannot show, and with ties where sign patterns are too few."""
        if _too_few(self.clusters, self.weights, self.alpha):
            return f"{p_text(self.p_with_ties)} with ties counted"
        return p_text(self.p_value) if self.p_value > 0 else level_text(round(max(self.least_p, 0.001), 3))

    @property
    def least_p(self) -> float:
        """The smallest p above zero that these draws can show."""
        return 2.0 ** (1 - self.clusters) if self.enumerated else 1 / self.draws

    def _limit(self) -> str:
        if not _too_few(self.clusters, self.weights, self.alpha):
            return ""
        return (
            f" Too few clusters for a finding: {self.clusters} have {2 ** (self.clusters - 1)} sign patterns up to the mirror, so "
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
    :math:`\tilde y_g + v_g \tilde u_g` with one random weight :math:`v_g`; p is the share of draws with
    :math:`|t^*| > |t|`, where every t has the CR1 standard error of its own fit.

    Parameters
    ----------
    fit
        A fit with a cluster.
    term
        A coefficient by its name in `fit.terms`.
    focal, moderator, at
        Instead of a term: the slope of the focal variable at one value of the moderator (by default its mean), or at a mapping
        {variable: value}; other variables stand at their means.
    null
        The value tested against, r.
    draws
        Draws. Where all 2^G sign patterns are no more than that, they are gone through instead, without chance.
    weights
        "rademacher" (+1 or -1 with equal chance) or "webb" (six values). By default Webb below 12 clusters, where signs alone make
        too few different draws, and Rademacher from 12 on.
    alpha
        Level of the interval; by default the fit's.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    WildBootstrap
        With the interval of the null values that are not rejected, from the same draws.

    Raises
    ------
    ArgumentError
        Without exactly one of term and focal, or for draws, weights, null or alpha that cannot be.
    ModelError
        For a fit without a cluster or grouped in two ways, a name the model does not have, or a combination that does not vary.

    Warns
    -----
    FewClusters
        When with sign weights no p at the level asked for can be reached: below 6 clusters at .05.

    Notes
    -----
    No draw touches the rows. With cluster score sums :math:`s_g = X_g' \tilde u_g` in an orthonormal basis of the columns, a = L in it,
    :math:`A_g = a's_g` and :math:`D_{gh} = a'X_g'X_g s_h`, the numerator of t* is :math:`\sum_g v_g A_g` and the score of cluster g is
    :math:`v_g A_g - \sum_h D_{gh} v_h`. Both are linear in r, so the draws made once serve every null of the interval.

    The interval runs from the estimate out to the first value, in growing steps, that is rejected (p at most alpha); the step is then
    halved. Statistics that agree to nine digits are ties, and ties are not counted in `p_value`, as boottest does it. With so few sign
    patterns that the ties alone make up the level, that share can be 0 and says nothing: `p_with_ties` is then what the sentence tells,
    and the interval is the whole line.

    References
    ----------
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008). Review of Economics and Statistics 90, 414-427.
    Roodman, D., MacKinnon, J. G., Nielsen, M. O. & Webb, M. D. (2019). Stata Journal 19, 4-60.
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
        raise ModelError("the fit has no cluster, and the wild cluster bootstrap draws by clusters; fit with cluster='...' first")
    real("null", null)
    groups, level = int(codes.max()) + 1, checked_level(fit.alpha if alpha is None else alpha)
    kind, wanted = _weights_kind(weights, groups), checked_draws(draws)
    name, direction = _combination(fit, term, focal, moderator, at)
    enumerated = kind == "rademacher" and 2**groups <= wanted
    sums = score_sums(fit.solution, direction, codes, kind, None if enumerated else wanted, generator("seed", seed))
    powerless = _too_few(groups, kind, level)
    if powerless:
        warn(_few(groups, level), FewClusters)
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
        f"{groups} clusters have only {2 ** (groups - 1)} sign patterns up to the mirror: with ties counted p cannot fall below "
        f"{2.0 ** (1 - groups):.3g}, so nothing can differ at {alpha:g}; use weights='webb'"
    )


def _combination(fit: ModerationFit, term: str | None, focal: str | None, moderator: str | None, at: Values) -> tuple[str, Vector]:
    """What is tested, in words and as a combination of the coordinates: (k,)."""
    if (term is None) == (focal is None):
        raise ArgumentError("name either a term (a coefficient) or focal=... (a slope), one of the two")
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
        raise ArgumentError("moderator and at go with focal=...; a term is one coefficient and stands nowhere")
    if term not in fit.terms:
        raise ModelError(f"the model of {fit.outcome} has no term {term!r}{offer(term, fit.terms)}")
    move = recentring(fit.design.terms, fit.design.means, fit.design.centers)
    return term, move[fit.terms.index(term)] @ fit.solution.back
