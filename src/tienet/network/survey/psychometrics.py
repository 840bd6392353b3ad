"""Reliability of survey answers: consistency of items, agreement between the two ends of a tie, and reliability of ego means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError, DataError, shown
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number, percent
from tienet.base.record import Record, locked
from tienet.network.ties.given import Answers
from tienet.network.ties.network import Ties

__all__ = ["Reliability", "reliability"]


Array = NDArray[np.float64]

# Principal-axis steps: convergence is linear, and slow where a communality is near 1.
_STEPS, _SETTLED = 5_000, 1e-12
# Below this share, variation is rounding error.
_NONE = 1e-12

_NUMBERS = ("alpha", "composite_reliability", "ave", "agreement", "answer_correlation", "dyad_icc", "icc1", "icc2")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reliability(Record):
    """Reliability of answers about ties; NaN where a value is not defined.

    Parameters
    ----------
    items
        The k items.
    answers
        Number of complete answers, the rows of the item matrix.
    alpha, composite_reliability, ave
        Cronbach's alpha; composite reliability and average variance extracted of one principal-axis factor. NaN for one item.
    loadings, alpha_without
        (k,) standardised loadings, and alpha without the item.
    ties, agreement
        Number of ties that both people could have named, and the share that both named.
    dyads, answer_correlation, dyad_icc
        Number of pairs who rated each other, the correlation of the two scores, and their ICC(1).
    egos, ties_per_ego, icc1, icc2
        Number of respondents who named someone, the mean number they named, and ICC(1) and ICC(2) of the scores within respondents.
    """

    items: tuple[str, ...]
    answers: int
    alpha: float
    composite_reliability: float
    ave: float
    loadings: Array
    alpha_without: Array
    ties: int = 0
    agreement: float = np.nan
    dyads: int = 0
    answer_correlation: float = np.nan
    dyad_icc: float = np.nan
    egos: int = 0
    ties_per_ego: float = np.nan
    icc1: float = np.nan
    icc2: float = np.nan
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        items = ("cronbach_1951", "fornell_larcker_1981") if len(self.items) > 1 else ()
        return (*items, "shrout_fleiss_1979", "bliese_2000")

    def _columns(self) -> Columns:
        return {"answers": np.array([self.answers]), **{name: np.array([getattr(self, name)]) for name in _NUMBERS}}

    @property
    def per_item(self) -> Any:
        """One row per item: item, loading, alpha_without."""
        from tienet.base.frames import make_frame

        columns = {"item": np.array(self.items, dtype=object), "loading": self.loadings, "alpha_without": self.alpha_without}
        return make_frame(columns, self.backend)

    def __str__(self) -> str:
        consistency = (
            f"Cronbach's alpha {number(self.alpha, 2)}, composite reliability {number(self.composite_reliability, 2)}, average variance "
            f"extracted {number(self.ave, 2)} (one principal-axis factor)"
        )
        said = consistency if len(self.items) > 1 else "consistency needs at least two items"
        parts = [f"{counted(self.answers, 'answer')} on {counted(len(self.items), 'item')}: {said}"]
        against = [item for item, loading in zip(self.items, self.loadings, strict=True) if loading < 0]
        if against:
            parts.append(f"{', '.join(against)} correlates negatively with the other items: reverse it if a high answer means a weak tie")
        if self.ties:
            parts.append(f"of {counted(self.ties, 'tie')} that both could have named, {percent(self.agreement, 0)} are named by both")
        if self.dyads:
            parts.append(
                f"for people who rated each other ({counted(self.dyads, 'pair')}) the two scores correlate "
                f"{number(self.answer_correlation, 2)}, ICC(1) {number(self.dyad_icc, 2)}"
            )
        if not np.isnan(self.icc1):
            parts.append(
                f"ICC(1) of tie scores within {counted(self.egos, 'ego')} is {number(self.icc1, 2)}; a mean over "
                f"{number(self.ties_per_ego, 1)} ties has ICC(2) = {number(self.icc2, 2)}"
            )
        return "; ".join(parts)


def reliability(answers: Ties | ArrayLike, *, items: Sequence[str] | None = None) -> Reliability:
    """Estimate how reliable the answers of a survey are.

    Parameters
    ----------
    answers
        Ties from `read_survey`, or an (n, k) matrix of answers with one column per item, after reversing items;
        rows with missing values are left out.
    items
        Names for the columns of a matrix; by default "1", "2", ...

    Returns
    -------
    Reliability
        For a matrix only the part about items, since it does not say who answered about whom.

    Notes
    -----
    The item matrix has one row per answer (respondent and colleague), also below the threshold, with x_m the items, s2_m
    their variances and s2_T the variance of their sum; lambda_m are the loadings of the items' correlation matrix on one
    principal-axis factor (iterated communalities, from squared multiple correlations), theta_m = 1 - lambda_m^2::

        alpha = k / (k - 1) * (1 - sum s2_m / s2_T)
        composite reliability = (sum lambda)^2 / ((sum lambda)^2 + sum theta)
        average variance extracted = sum lambda^2 / (sum lambda^2 + sum theta)

    The sign of the factor makes the sum of the loadings positive. Two items have one correlation, so both load sqrt(r). All three
    are NaN for one item or if the sum of the items does not vary; the last two also if an item does not vary, or if the
    communality of an item exceeds 1 (a Heywood case) or does not converge.

    Agreement is the share of ties that both named among those that both could have named: in a roster survey, the pairs who rated
    each other; in a name generator, the pairs of people who both took part. The two scores of a pair who rated each other have no
    order, so each pair enters the correlation in both orders. ICC, with mean squares
    between and within groups (pairs of two answers; or the named ties of a respondent, n_g each, N in all, G respondents)::

        ICC(1) = (MSB - MSW) / (MSB + (n0 - 1) MSW)          n0 = (N - sum n_g^2 / N) / (G - 1)
        ICC(2) = n ICC(1) / (1 + (n - 1) ICC(1))             n  = N / G

    n0 makes ICC(1) the variance ratio in groups of unequal size; in equal groups n0 = n and ICC(2) = (MSB - MSW) / MSB. Both can be
    negative, if ties differ more within egos than between them; do not interpret the ICC(2) of a negative ICC(1).
    No rule of thumb is applied; alpha and composite reliability above .7 and an average variance extracted above .5 are customary.

    Raises
    ------
    ArgumentError
        The ties are not from a survey, or there is not one name per column.
    DataError
        The matrix does not have two dimensions, or has fewer than two complete rows.

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika 16(3).
    Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with unobservable variables and measurement
    error. Journal of Marketing Research 18(1).
    Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater reliability. Psychological Bulletin 86(2).
    Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability. In Klein & Kozlowski (eds.), Multilevel
    theory, research, and methods in organizations. Jossey-Bass.

    Examples
    --------
    >>> import tienet as tn
    >>> judged = tn.network.survey.reliability([[1, 2, 1], [3, 3, 4], [2, 3, 2], [5, 4, 5]], items=["frequency", "importance", "closeness"])
    >>> print(f"{judged.alpha:.3f}")
    0.932
    """
    if isinstance(answers, Ties):
        if answers.given is None or answers.given.answers is None:
            raise ArgumentError("reliability needs ties from read_survey, or a matrix of answers; these ties have no answers")
        if items is not None:
            raise ArgumentError("items= names the columns of a matrix; leave it out for survey ties, which have items already")
        return _of_ties(answers.given.answers, answers.backend)
    try:
        matrix = np.asarray(answers, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"answers must be survey ties or a matrix of numbers, one row per answer; got {shown(answers)}") from None
    if matrix.ndim != 2:
        raise DataError(
            f"a matrix of answers needs one row per answer and one column per item; this one has {counted(matrix.ndim, 'dimension')}"
        )
    names = tuple(str(place + 1) for place in range(matrix.shape[1])) if items is None else tuple(checked_names("items", items))
    if len(names) != matrix.shape[1]:
        raise ArgumentError(f"items must have one name per column of the matrix ({matrix.shape[1]}); got {len(names)}")
    return Reliability(names, *_of_items(matrix[~np.isnan(matrix).any(axis=1)]))


def _of_items(values: Array) -> tuple[int, float, float, float, Array, Array]:
    if len(values) < 2:
        raise DataError(f"reliability needs at least two complete answers; there is {len(values)}")
    loadings = factor_loadings(values)
    places = range(values.shape[1])
    without = locked([cronbach_alpha(np.delete(values, place, axis=1)) for place in places], dtype=float)
    extracted = average_variance_extracted(loadings)
    return len(values), cronbach_alpha(values), composite_reliability(loadings), extracted, locked(loadings), without


def _of_ties(answers: Answers, backend: Backend) -> Reliability:
    there, back, named = _both_ways(answers)
    asked = ~np.isnan(there) & ~np.isnan(back)
    pairs = np.concatenate([there[asked], back[asked]])
    group = np.tile(np.arange(int(asked.sum())), 2)
    scores, egos = answers.score[answers.names], answers.respondent[answers.names]
    within = icc1(scores, egos)
    count = len(np.unique(egos))
    per_ego = len(egos) / count if count else np.nan
    return Reliability(
        answers.items,
        *_of_items(answers.values),
        ties=len(named),
        agreement=float(np.mean(named == 2)) if len(named) else np.nan,
        dyads=int(asked.sum()),
        answer_correlation=_correlation(pairs, np.roll(pairs, int(asked.sum()))),
        dyad_icc=icc1(pairs, group),
        egos=count,
        ties_per_ego=per_ego,
        icc1=within,
        icc2=icc2(within, per_ego),
        backend=backend,
    )


def _both_ways(answers: Answers) -> tuple[Array, Array, NDArray[np.int64]]:
    """The two scores of each pair, NaN where missing; and for each tie that both could have named, how many did."""
    size = int(max(answers.respondent.max(), answers.colleague.max())) + 1
    low, high = np.minimum(answers.respondent, answers.colleague), np.maximum(answers.respondent, answers.colleague)
    key, pair = np.unique(low * size + high, return_inverse=True)
    forward = answers.respondent == low
    there, back = np.full(len(key), np.nan), np.full(len(key), np.nan)
    there[pair[forward]], back[pair[~forward]] = answers.score[forward], answers.score[~forward]
    named = np.bincount(pair, weights=answers.names, minlength=len(key)).astype(np.int64)
    # In a roster survey a missing answer is unknown; in a name generator, everyone who took part and did not name a person has answered.
    took_part = np.isin(key // size, answers.respondent) & np.isin(key % size, answers.respondent)
    could_name = took_part if answers.design == "name_generator" else ~np.isnan(there) & ~np.isnan(back)
    return there, back, named[could_name & (named > 0)]


def cronbach_alpha(values: Array) -> float:
    """Cronbach's alpha of an (n, k) matrix of answers: k/(k-1) (1 - sum of the items' variances / variance of their sum)."""
    k = values.shape[1]
    total = float(values.sum(axis=1).var(ddof=1))
    if k < 2 or total <= _NONE * float(np.square(values).sum(axis=1).mean()):
        return np.nan
    return float(k / (k - 1) * (1.0 - values.var(axis=0, ddof=1).sum() / total))


def factor_loadings(values: Array) -> Array:
    """Standardised loadings (k,) of an (n, k) matrix on one principal-axis factor; NaN if there is no solution.

    The diagonal of the correlation matrix is replaced by the communalities lambda^2; its first eigenvector times the root of
    its eigenvalue gives the next loadings, until they converge.
    """
    k = values.shape[1]
    spread = values.std(axis=0, ddof=1)
    if k < 2 or len(values) < 3 or (spread <= _NONE * np.abs(values).max(axis=0, initial=0.0)).any():
        return np.full(k, np.nan)
    R: Array = np.atleast_2d(np.corrcoef(values, rowvar=False))
    communality = _squared_multiple_correlations(R)
    for _ in range(_STEPS):
        reduced = R - np.diag(1.0 - communality)
        roots, vectors = np.linalg.eigh(reduced)
        loadings: Array = vectors[:, -1] * np.sqrt(max(roots[-1], 0.0))
        moved, communality = float(np.abs(loadings**2 - communality).max()), loadings**2
        if communality.max() > 1.0 + 1e-9:
            return np.full(k, np.nan)
        if moved < _SETTLED:
            return -loadings if _leans_down(loadings) else loadings
    return np.full(k, np.nan)


def _leans_down(loadings: Array) -> bool:
    """Whether the sum of the loadings is negative; if the sum is 0, whether the first one is."""
    total = float(loadings.sum())
    return total < 0 if abs(total) > 1e-9 else bool(loadings[0] < 0)


def _squared_multiple_correlations(R: Array) -> Array:
    """Share of each item's variance explained by the other items; its largest correlation if the matrix is singular."""
    if np.linalg.cond(R) > 1e12:
        largest: Array = np.abs(R - np.eye(len(R))).max(axis=1)
        return largest
    explained: Array = 1.0 - 1.0 / np.diag(np.linalg.inv(R))
    return explained


def composite_reliability(loadings: Array) -> float:
    """(sum lambda)^2 / ((sum lambda)^2 + sum (1 - lambda^2)) of standardised loadings (Fornell & Larcker 1981)."""
    common = float(loadings.sum() ** 2)
    return common / (common + float((1.0 - loadings**2).sum()))


def average_variance_extracted(loadings: Array) -> float:
    """The mean of the squared standardised loadings (Fornell & Larcker 1981)."""
    return float(np.mean(loadings**2))


def icc1(values: Array, group: NDArray[Any]) -> float:
    """ICC(1) of (n,) values in groups, from a one-way analysis of variance; NaN without variation or without repeated groups."""
    _, place, sizes = np.unique(group, return_inverse=True, return_counts=True)
    n, groups = len(values), len(sizes)
    if groups < 2 or n <= groups:
        return np.nan
    means = np.bincount(place, weights=values) / sizes
    within = float(np.square(values - means[place]).sum()) / (n - groups)
    between = float((sizes * np.square(means - values.mean())).sum()) / (groups - 1)
    if between + within <= _NONE * float(np.square(values).mean()):
        return np.nan
    n0 = (n - float(np.square(sizes).sum()) / n) / (groups - 1)
    return (between - within) / (between + (n0 - 1.0) * within)


def icc2(single: float, size: float) -> float:
    """The reliability of a mean over `size` values whose ICC(1) is `single` (Spearman-Brown)."""
    divisor = 1.0 + (size - 1.0) * single
    return size * single / divisor if divisor > 0 else np.nan


def _correlation(x: Array, y: Array) -> float:
    dx, dy = x - x.mean() if len(x) else x, y - y.mean() if len(y) else y
    length = float(np.sqrt(np.square(dx).sum() * np.square(dy).sum()))
    return float((dx * dy).sum()) / length if len(x) > 2 and length > _NONE else np.nan
