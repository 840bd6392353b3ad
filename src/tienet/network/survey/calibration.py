"""Compare log ties with survey ties, and calibrate tie strength on a survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number
from tienet.base.record import Record, changed, locked
from tienet.network.ties.given import Answers, GivenStrength
from tienet.network.ties.network import Ties

__all__ = ["TieComparison", "calibrated", "compare_ties"]


Array = NDArray[np.float64]

FEATURES = ("interactions", "frequency", "reciprocity", "regularity", "channels")
# A feature with less than this share of its variance unexplained by those before it is left out.
_ADDS_NOTHING = 1e-8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TieComparison(Record):
    """How the features of a log relate to survey strength, over pairs of people who answered.

    Parameters
    ----------
    feature
        The f features of a tie that the log has.
    pearson, spearman, auc
        (f,) correlation with survey strength, rank correlation, and AUC for "named in the survey".
    coefficient
        (f,) survey strength per standard deviation of log(1 + feature); NaN for features left out of the calibration.
    center, scale
        (f,) mean and standard deviation of log(1 + feature) over the pairs.
    intercept
        Calibrated strength where every feature is at its center.
    r_squared, r_squared_loo
        R2 of the calibration: in the sample, and predicting each pair from the others (NaN if one pair alone determines a coefficient).
    dyads, named, contacts
        Numbers of pairs compared, of pairs named in the survey, and of pairs with a tie in the log.
    """

    feature: tuple[str, ...]
    pearson: Array
    spearman: Array
    auc: Array
    coefficient: Array
    center: Array
    scale: Array
    intercept: float
    r_squared: float
    r_squared_loo: float
    dyads: int
    named: int
    contacts: int
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("gilbert_karahalios_2009", "allen_1974")

    def _columns(self) -> Columns:
        numbers = {name: getattr(self, name) for name in ("pearson", "spearman", "auc", "coefficient")}
        return {"feature": np.array(self.feature, dtype=object), **numbers}

    def __str__(self) -> str:
        best = "" if np.isnan(self.spearman).all() else self._best()
        return (
            f"{counted(self.dyads, 'pair')} of people who answered, {self.named:,} named in the survey and {self.contacts:,} with a tie "
            f"in the log{best}. Calibrated on {', '.join(self.used)}: R2 {number(self.r_squared, 2)}, {number(self.r_squared_loo, 2)} "
            "for pairs left out"
        )

    def _best(self) -> str:
        at = int(np.nanargmax(np.abs(self.spearman)))
        return (
            f"; closest to survey strength is {self.feature[at]} (Spearman {number(self.spearman[at], 2)}, "
            f"AUC {number(self.auc[at], 2)} for being named)"
        )

    @property
    def used(self) -> tuple[str, ...]:
        """The features in the calibration."""
        return tuple(name for name, value in zip(self.feature, self.coefficient, strict=True) if not np.isnan(value))


def compare_ties(log_ties: Ties, survey_ties: Ties) -> TieComparison:
    """Compare the ties of a log with those of a survey, and calibrate a tie strength on the survey.

    Parameters
    ----------
    log_ties
        From `build_ties`. Use a generous rule (``min_interactions=1``) to include weak contacts; contacts below the threshold
        count as no contact.
    survey_ties
        From `read_survey`. The rosters may differ; people are matched by id.

    Returns
    -------
    TieComparison

    Notes
    -----
    The cases are pairs of people who both gave some usable answer and are in the roster of the log. In a roster survey these are the
    pairs in which at least one answered about the other; in a name generator all pairs, since not naming someone is an answer (n
    people make n (n - 1) / 2 pairs). A pair without a tie in the log has 0 in every feature. Survey strength y is the mean of the
    pair's scores, also below the threshold, and 0 if neither named the other; "named" means that at least one did. With x_f the
    features (those of interactions, frequency, reciprocity, regularity and channels that the log has)::

        AUC_f = (sum of the named pairs' ranks - n1 (n1 + 1) / 2) / (n1 n0)          equal values share their mean rank
        z_f   = (log(1 + x_f) - mean) / sd                                           sd with n - 1
        y_hat = b0 + sum_f b_f z_f                                                   least squares
        R2    = 1 - sum e^2 / sum (y - mean)^2
        R2, left out = 1 - sum (e / (1 - h))^2 / sum (y - mean)^2                    h the leverage: no refitting (Allen 1974)

    A feature that does not vary, or that is determined by the features before it (frequency repeats interactions if nothing is
    weighted), is left out of the calibration. There are no p-values, since pairs that share a person are not independent.

    Raises
    ------
    ArgumentError
        The second ties are not from a survey, or the first ones are.
    DataError
        There are too few pairs to compare (they must exceed the coefficients by two), or survey strength or every feature is constant.

    References
    ----------
    Gilbert, E., & Karahalios, K. (2009). Predicting tie strength with social media. Proceedings of CHI 2009.
    Allen, D. M. (1974). The relationship between variable selection and data augmentation and a method for prediction.
    Technometrics 16(1).

    Examples
    --------
    >>> import tienet as tn
    >>> people = tn.read_people({"person": list("abcde"), "function": ["Sales", "Marketing", "Sales", "Marketing", "Sales"]})
    >>> log = tn.read_log({"source": list("aaabbaacbdde"), "target": list("bbbaaccbceed")})
    >>> log_ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> answers = {"respondent": list("abcde"), "colleague": list("bcaed"), "closeness": [5, 4, 4, 3, 4]}
    >>> survey_ties = tn.read_survey(answers, people, items=["closeness"], scale=(1, 5), design="name_generator")
    >>> compared = tn.network.survey.compare_ties(log_ties, survey_ties)
    >>> compared.frame[["feature", "spearman", "auc"]].round(3)
            feature  spearman    auc
    0  interactions     0.953  1.000
    1   reciprocity     0.784  0.875
    """
    made_by("build_ties", Ties, log_ties=log_ties)
    made_by("read_survey", Ties, survey_ties=survey_ties)
    answers = _answers_of(log_ties, survey_ties)
    low, high, y, named = _dyads(answers, log_ties.people.codes(survey_ties.people.person), size=len(survey_ties.people))
    names = tuple(name for name in FEATURES if len(log_ties) and not np.isnan(getattr(log_ties, name)).any())
    X, contact = _features(log_ties, low, high, names)
    if len(y) < 3 or not names or np.ptp(y) == 0 or not np.ptp(X, axis=0).any():
        raise DataError(
            f"{counted(len(y), 'pair')} of people who answered can be compared; "
            "at least three are needed, with survey strengths and log features that vary"
        )
    logs = np.log1p(X)
    center, scale = logs.mean(axis=0), logs.std(axis=0, ddof=1)
    Z = (logs - center) / np.where(scale > 0, scale, 1.0)
    used = _independent(Z)
    b, r_squared, r_squared_loo = fit_left_out(Z[:, used], y)
    coefficient = np.full(len(names), np.nan)
    coefficient[used] = b[1:]
    return TieComparison(
        feature=names,
        pearson=locked([_pearson(x, y) for x in X.T]),
        spearman=locked([_pearson(_ranks(x), _ranks(y)) for x in X.T]),
        auc=locked([auc(x, named) for x in X.T]),
        coefficient=locked(coefficient),
        center=locked(center),
        scale=locked(scale),
        intercept=float(b[0]),
        r_squared=r_squared,
        r_squared_loo=r_squared_loo,
        dyads=len(y),
        named=int(named.sum()),
        contacts=int(contact.sum()),
        backend=log_ties.backend,
    )


def calibrated(log_ties: Ties, comparison: TieComparison) -> Ties:
    """Replace the strength of log ties by the strength that people would be expected to report.

    Parameters
    ----------
    log_ties
        From `build_ties`, under the rule used in the comparison: features with another window or half-life are on another scale.
    comparison
        From `compare_ties`.

    Returns
    -------
    Ties
        The same ties with calibrated ``strength``, also available as ``measure_egos(..., strength="calibrated")``.

    Notes
    -----
    ::

        strength = b0 + sum_f b_f (log(1 + x_f) - center_f) / scale_f,      limited to 0 and 1, the ends of the survey's scale

    It is the same from both ends.

    Raises
    ------
    ArgumentError
        The ties are from a survey.
    DataError
        The log lacks a feature that the calibration uses.

    References
    ----------
    Gilbert, E., & Karahalios, K. (2009). Predicting tie strength with social media. Proceedings of CHI 2009.

    Examples
    --------
    >>> import tienet as tn
    >>> people = tn.read_people({"person": list("abcde"), "function": ["Sales", "Marketing", "Sales", "Marketing", "Sales"]})
    >>> log = tn.read_log({"source": list("aaabbaacbdde"), "target": list("bbbaaccbceed")})
    >>> log_ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> answers = {"respondent": list("abcde"), "colleague": list("bcaed"), "closeness": [5, 4, 4, 3, 4]}
    >>> survey_ties = tn.read_survey(answers, people, items=["closeness"], scale=(1, 5), design="name_generator")
    >>> tn.network.survey.calibrated(log_ties, tn.network.survey.compare_ties(log_ties, survey_ties)).strength.round(2).tolist()
    [1.0, 0.65, 0.61, 0.79]
    """
    made_by("build_ties", Ties, log_ties=log_ties)
    made_by("compare_ties", TieComparison, comparison=comparison)
    if log_ties.given is not None and log_ties.given.answers is not None:
        raise ArgumentError("calibrated needs ties from build_ties; these are from a survey and already have its strength")
    held = locked(expected_answer(comparison, {name: getattr(log_ties, name) for name in comparison.used}))
    sentence = (
        f"Strength is calibrated on a survey of {counted(comparison.dyads, 'pair')} from {', '.join(comparison.used)}, 0 to 1 "
        f"(R2 {number(comparison.r_squared_loo, 2)} for pairs left out)."
    )
    return changed(log_ties, given=GivenStrength("calibrated", held, held, sentence))


def expected_answer(comparison: TieComparison, numbers: Mapping[str, Array]) -> Array:
    """The calibrated strength of ties, 0 to 1, from their features."""
    strength: Array = np.array(comparison.intercept)
    for place, name in enumerate(comparison.feature):
        if name not in comparison.used:
            continue
        values = numbers[name]
        if np.isnan(values).any():
            raise DataError(f"the calibration uses {name}, which this log does not have; calibrate on a log like this one")
        strength = strength + comparison.coefficient[place] * (np.log1p(values) - comparison.center[place]) / comparison.scale[place]
    return np.clip(strength, 0.0, 1.0)


def _answers_of(log_ties: Ties, survey_ties: Ties) -> Answers:
    if survey_ties.given is None or survey_ties.given.answers is None:
        raise ArgumentError("the second argument of compare_ties must be ties from read_survey; these have no answers")
    if log_ties.given is not None and log_ties.given.answers is not None:
        raise ArgumentError("the first argument of compare_ties must be ties from build_ties; these are from a survey")
    return survey_ties.given.answers


def _dyads(
    answers: Answers, codes: NDArray[np.int64], *, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array, NDArray[np.bool_]]:
    """Pairs of respondents as positions in the log's roster, their survey strength, and whether the survey names them."""
    low, high = np.minimum(answers.respondent, answers.colleague), np.maximum(answers.respondent, answers.colleague)
    key, pair = np.unique(low * size + high, return_inverse=True)
    score = np.bincount(pair, weights=answers.score) / np.bincount(pair)
    names = np.bincount(pair, weights=answers.names) > 0
    took_part = np.zeros(size, dtype=bool)
    took_part[answers.respondent] = True
    took_part &= codes >= 0
    if answers.design == "name_generator":
        people = np.flatnonzero(took_part)
        first, second = np.triu_indices(len(people), 1)
        every = people[first] * size + people[second]
        place = np.searchsorted(key, every).clip(max=len(key) - 1)
        found = key[place] == every
        key, score, names = every, np.where(found, score[place], 0.0), found & names[place]
    both = took_part[key // size] & took_part[key % size]
    a, b = codes[key[both] // size], codes[key[both] % size]
    return np.minimum(a, b), np.maximum(a, b), score[both], names[both]


def _features(ties: Ties, low: NDArray[np.int64], high: NDArray[np.int64], names: tuple[str, ...]) -> tuple[Array, NDArray[np.bool_]]:
    """The features of each pair, (n, f), 0 where the log has no tie; and whether it has one."""
    X = np.zeros((len(low), len(names)))
    size = len(ties.people)
    key, wanted = ties.a * size + ties.b, low * size + high
    if not len(key):
        return X, np.zeros(len(low), dtype=bool)
    order = np.argsort(key)
    place = order[np.searchsorted(key[order], wanted).clip(max=len(key) - 1)]
    found = key[place] == wanted
    for column, name in enumerate(names):
        X[found, column] = getattr(ties, name)[place[found]]
    return X, found


def _independent(Z: Array) -> NDArray[np.int64]:
    """The columns of standard scores that are not determined by those before them."""
    used: list[int] = []
    for place in range(Z.shape[1]):
        basis = Z[:, used]
        rest = Z[:, place] - basis @ np.linalg.lstsq(basis, Z[:, place], rcond=None)[0] if used else Z[:, place]
        if float(rest @ rest) > _ADDS_NOTHING * (len(Z) - 1):
            used.append(place)
    return np.array(used, dtype=np.int64)


def fit_left_out(Z: Array, y: Array) -> tuple[Array, float, float]:
    """Least squares of (n,) y on a constant and (n, f) Z: (1 + f,) coefficients, R2, and R2 of predicting each case from the others.

    The last is NaN if one case alone determines a coefficient (leverage 1), since the others cannot predict it.

    Raises
    ------
    DataError
        The cases do not exceed the coefficients by at least two.
    """
    D = np.column_stack([np.ones(len(y)), Z])
    if len(y) < D.shape[1] + 2:
        raise DataError(
            f"{counted(len(y), 'pair')} are too few for {D.shape[1]} coefficients; a calibration needs at least {D.shape[1] + 2}"
        )
    Q, R = np.linalg.qr(D)
    b: Array = np.linalg.solve(R, Q.T @ y)
    residual = y - D @ b
    free = 1.0 - np.square(Q).sum(axis=1)
    total = float(np.square(y - y.mean()).sum())
    left_out = np.nan if free.min() < 1e-10 else 1.0 - float(np.square(residual / free).sum()) / total
    return b, 1.0 - float(residual @ residual) / total, left_out


def auc(x: Array, named: NDArray[np.bool_]) -> float:
    """Probability that a named pair has the larger x, equal values counting half; NaN if all pairs or none are named."""
    n1 = int(named.sum())
    n0 = len(named) - n1
    if not n1 or not n0:
        return np.nan
    return float((_ranks(x)[named].sum() - n1 * (n1 + 1) / 2.0) / (n1 * n0))


def _ranks(x: Array) -> Array:
    from scipy.stats import rankdata

    ranks: Array = rankdata(x)
    return ranks


def _pearson(x: Array, y: Array) -> float:
    """Pearson correlation; NaN if one of the two does not vary."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan
    return float(np.corrcoef(x, y)[0, 1])
