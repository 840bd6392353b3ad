"""Slopes within persons beside those between them, and their difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ArgumentError, ModelError, shown
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, n_text, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import estimate_columns, solve
from tienet.regression.core.within import ALONE, group_means, nested
from tienet.regression.covariance.cluster_sums import small_sample_factor, sums
from tienet.regression.model.absorbed_fit import AbsorbedFit

__all__ = ["WithinBetween", "within_between"]

_PARTS = ("within", "between", "difference")
_ROOM = 50_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class WithinBetween(Record):
    """Slopes of each term within groups, between their means, and the difference of the two (the contextual difference).

    Parameters
    ----------
    terms
        r terms that vary within and between the groups.
    estimate, std_error, statistic, dfs, p_value, conf_low, conf_high
        (r, 3) each: within, between, between less within.
    unit, groups
        The first absorbed column and its number of groups.
    outcome, n, alpha, covariance
        Of the fit.
    backend
        Kind of data frame that `frame` returns.
    """

    terms: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    statistic: Vector
    dfs: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    unit: str
    groups: int
    outcome: str
    n: int
    alpha: float
    covariance: Covariance
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("mundlak_1978", *self.covariance._works())

    def _columns(self) -> Columns:
        r = len(self.terms)
        names = ("estimate", "std_error", "statistic", "dfs", "p_value", "conf_low", "conf_high")
        return {
            "term": np.repeat(np.array(self.terms, dtype=object), 3),
            "part": np.tile(np.array(_PARTS, dtype=object), r),
            **{"df" if name == "dfs" else name: getattr(self, name).ravel() for name in names},
        }

    def __str__(self) -> str:
        speak = self.covariance.names.spoken
        unit = speak(self.unit)
        said = [
            f"{speak(term)} {number(b[0])} (SE {number(s[0])}) within and {number(b[1])} (SE {number(s[1])}) between {unit}s, "
            f"difference {number(b[2])} (SE {number(s[2])}, {p_text(p[2])})"
            for term, b, s, p in zip(self.terms, self.estimate, self.std_error, self.p_value, strict=True)
        ]
        note = f"{counted(self.groups, unit)}, {n_text(self.n)}, {self.covariance}"
        return f"Slopes on {speak(self.outcome)}, other variables at their means: {'; '.join(said)}. {note}."


def within_between(fit: AbsorbedFit) -> WithinBetween:
    r"""Compare the slopes within persons with those between persons.

    .. math:: y_{it} = x_{it}'b_W + \bar x_i'(b_B - b_W) + u_i + e_{it}

    The slope within compares a person with herself at other times, the one between compares the averages of persons. They differ if persons
    with high averages differ in other ways too, so a slope between persons says little about what goes with a change within one.

    Parameters
    ----------
    fit
        An absorbed fit, clustered by its first absorbed column or by groups of it.

    Returns
    -------
    WithinBetween
        Three rows for each term. Products and squares are of variables centred at their means, so the slopes of their parts hold at the
        means of the others.

    Raises
    ------
    ModelError
        If the fit is weighted, double-demeaned, not clustered by persons under "CR0" or "CR1", or no term varies between persons.

    Notes
    -----
    The slopes within are those of the fit. Those between are from a regression of the means of persons, weighted by their rows, with the
    terms that never change within a person, and with the share of each month in a person's rows if months are absorbed. Both are clustered
    alike, so the variance of the difference has their covariance. The factor of the second regression is
    :math:`G/(G-1) \cdot (N-1)/(N-k)` with its N means and k coefficients.

    References
    ----------
    Mundlak, Y. (1978). Econometrica 46, 69-85.

    Examples
    --------
    >>> import numpy as np, tienet as tn
    >>> rng = np.random.default_rng(1)
    >>> person = np.repeat(np.arange(80), 5)
    >>> usual = rng.normal(size=80)[person]
    >>> x = usual + rng.normal(size=400)
    >>> data = {"person": person, "x": x, "y": 0.2 * x + 0.6 * usual + rng.normal(size=400)}
    >>> found = within_between(tn.Moderation("y ~ x", absorb="person", cluster="person").fit(data))
    >>> within, between, difference = found.estimate[0]
    >>> bool(abs(within - 0.2) < 0.2), bool(np.isclose(difference, between - within))
    (True, True)
    """
    codes, clusters = _checked(fit)
    columns = fit.design.columns(fit.polynomial.centers)
    names = [str(term) for term in fit.design.terms[1:]]
    means = group_means(np.column_stack([fit.sample.response, columns]), codes)
    heads = np.bincount(codes).astype(float)
    between = _spread(means[:, 1:], heads) > ALONE * _spread(columns, np.ones(fit.n))
    shown_terms = [name for name, there in zip(names, between, strict=True) if there and name in fit.terms]
    if not shown_terms:
        raise ModelError(f"no term varies both within and between {fit.absorbed[0]}s, so there is nothing to compare")
    extra = _shares(fit, codes, heads)
    used = [name for name, there in zip(names, between, strict=True) if there]
    labels = [*(f"months {at}" for at in range(extra.shape[1])), *used]
    other = solve(np.column_stack([extra, means[:, 1:][:, between]]), means[:, 0], labels, heads)
    home = np.zeros(len(heads), dtype=np.int64)
    home[codes] = clusters
    inside = fit.solution.back @ sums(fit.solution.basis * fit.solution.residuals[:, None], clusters).T
    outside = other.back @ sums(other.basis * other.residuals[:, None], home).T
    factor = small_sample_factor(int(clusters.max()) + 1, len(heads), len(other.coordinates)) if fit.covariance.kind == "CR1" else 1.0
    mine = [fit.terms.index(name) for name in shown_terms]
    theirs = [1 + extra.shape[1] + used.index(name) for name in shown_terms]
    one = inside[mine] * float(np.asarray(fit.covariance.factor)) ** 0.5
    two = outside[theirs] * factor**0.5
    b_one, b_two = fit.solution.estimate[mine], other.estimate[theirs]
    estimate = np.column_stack([b_one, b_two, b_two - b_one])
    std_error = np.sqrt(np.stack([(scores**2).sum(axis=1) for scores in (one, two, two - one)], axis=1))
    df = np.full(estimate.shape, float(clusters.max()))
    tests = estimate_columns(estimate, std_error, df, fit.alpha)
    return WithinBetween(
        terms=tuple(shown_terms),
        **{"dfs" if name == "df" else name: locked(values) for name, values in tests.items()},
        unit=fit.absorbed[0],
        groups=len(heads),
        outcome=fit.outcome,
        n=fit.n,
        alpha=fit.alpha,
        covariance=fit.covariance,
        backend=fit.backend,
    )


def _checked(fit: object) -> tuple[Codes, Codes]:
    """Codes of the persons and of the clusters of a fit for which both slopes are defined."""
    if not isinstance(fit, AbsorbedFit):
        raise ArgumentError(f"within_between needs a fit with absorbed effects, Moderation(..., absorb='person'); got {shown(fit)}")
    unit, codes = fit.absorbed[0], np.asarray(fit.sample.effects)[:, 0]
    if fit.deviations or fit.sample.weights is not None:
        what = "double-demeaned products have no slope between persons" if fit.deviations else "weights of rows are not those of persons"
        raise ModelError(f"within_between: {what}; fit the model without them")
    clusters = fit.sample.clusters
    if clusters is None or fit.covariance.kind not in ("CR0", "CR1") or not nested(codes, clusters):
        raise ModelError(f"within_between needs errors that hold for both slopes; fit with cluster={unit!r} and covariance='CR1'")
    return codes, clusters


def _spread(columns: Vector, mass: Vector) -> Vector:
    away = columns - mass @ columns / mass.sum()
    return np.asarray(np.einsum("i,ij,ij->j", mass, away, away))


def _shares(fit: AbsorbedFit, codes: Codes, heads: Vector) -> Vector:
    """Orthonormal columns that span the share of each group of the second effect in a person's rows; none in a balanced panel."""
    effects = np.asarray(fit.sample.effects)
    if effects.shape[1] == 1:
        return np.empty((len(heads), 0))
    wide = (len(heads), int(effects[:, 1].max()) + 1)
    if wide[0] * wide[1] > _ROOM:
        raise ModelError(
            f"within_between needs a table of {wide[0]:,} by {wide[1]:,} groups, which is too large; absorb the first column only"
        )
    shares = np.bincount(codes * wide[1] + effects[:, 1], minlength=wide[0] * wide[1]).reshape(wide) / heads[:, None]
    away = (shares - heads @ shares / heads.sum()) * np.sqrt(heads)[:, None]
    values, vectors = np.linalg.eigh(away.T @ away)
    kept = values > ALONE * max(values[-1], 1.0)
    return np.asarray(shares @ vectors[:, kept])
