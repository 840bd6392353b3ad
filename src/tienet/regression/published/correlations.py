"""Regression from published means, standard deviations and correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level, mapping, text, whole
from tienet.base.checks import names as checked_names
from tienet.base.errors import DataError, ModelError, offer
from tienet.base.frames import Columns
from tienet.base.numbers import counted, listed, n_text, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.formula import parse_term
from tienet.regression.core.least_squares import f_tail, t_critical, t_ratio, two_sided
from tienet.regression.core.polynomial import Polynomial
from tienet.regression.covariance.classical import Classical
from tienet.regression.model.steps import Steps
from tienet.regression.published._matrix import cases, finite
from tienet.regression.published._moments import Rounding, locations_of, read_correlations, rounding, standardised, with_intercept
from tienet.regression.published.model import PublishedModel

__all__ = ["CorrelationRegression", "regression_from_correlations"]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class CorrelationRegression(Record):
    """A regression computed from correlations, standard deviations and, if given, means.

    Parameters
    ----------
    outcome, predictors
        Names of the outcome and of p predictors.
    term
        k names of the coefficients: the predictors, after the intercept if the means are known.
    estimate, std_error, statistic, p_value, conf_low, conf_high
        (k,) each, in units of the outcome per unit (in standard deviations if none are given).
    beta, beta_error
        (p,) standardised coefficients and their standard errors.
    beta_rounding
        Limits of the betas and of their t for all correlations that round to the printed ones.
    r_squared, adj_r_squared, f, n, df
        Of the whole model.
    decimals
        Decimals of the printed correlations; None if they are exact.
    covariance
        (k, k) covariance of the coefficients.
    steps
        Blocks of a hierarchical regression; one block if the predictors are not in steps.
    alpha
        Significance level of the intervals.
    published
        The same as a `PublishedModel`, or the reason why there is none.
    """

    outcome: str
    predictors: tuple[str, ...]
    term: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    statistic: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    beta: Vector
    beta_error: Vector
    beta_rounding: Rounding
    r_squared: float
    adj_r_squared: float
    f: float
    n: int
    df: int
    decimals: int | None
    covariance: Covariance
    steps: Steps
    alpha: float
    published: PublishedModel | str

    def _works(self) -> tuple[str, ...]:
        return ("cohen_et_al_2003", "higham_2002") if self.decimals is not None else ("cohen_et_al_2003",)

    @property
    def polynomial(self) -> Polynomial:
        """Surface used by the probes.

        Raises
        ------
        ModelError
            If products cannot be probed from the table; the message names what is missing.
        """
        if isinstance(self.published, str):
            raise ModelError(self.published)
        return self.published.polynomial

    @property
    def sign_settled(self) -> NDArray[np.bool_]:
        """(p,) whether all correlations that round to the printed ones give the coefficient the same sign."""
        return np.asarray((self.beta_rounding.beta_low > 0) | (self.beta_rounding.beta_high < 0))

    @property
    def significance_settled(self) -> NDArray[np.bool_]:
        """(p,) whether all such correlations agree that the coefficient does, or does not, differ from zero at this level."""
        critical = t_critical(self.alpha, self.df)
        return np.asarray((self.beta_rounding.t_low > critical) | (self.beta_rounding.t_high < critical))

    def _columns(self) -> Columns:
        more = len(self.term) - len(self.predictors)

        def spread(values: Vector) -> Vector:
            return np.concatenate([np.full(more, np.nan), values])

        return {
            "term": np.array(self.term, dtype=object),
            **{name: getattr(self, name) for name in ("estimate", "std_error", "statistic")},
            "df": np.full(len(self.term), self.df),
            **{name: getattr(self, name) for name in ("p_value", "conf_low", "conf_high")},
            "beta": spread(self.beta),
            "rounding_low": spread(self.beta_rounding.beta_low),
            "rounding_high": spread(self.beta_rounding.beta_high),
            "sign_settled": np.concatenate([np.ones(more, dtype=bool), self.sign_settled]),
            "significance_settled": np.concatenate([np.ones(more, dtype=bool), self.significance_settled]),
        }

    def __str__(self) -> str:
        first = len(self.term) - len(self.predictors)
        parts = [
            f"{name} {number(b)} (beta {number(beta)}, {p_text(p)})"
            for name, b, beta, p in zip(self.predictors, self.estimate[first:], self.beta, self.p_value[first:], strict=True)
        ]
        r2 = f"R2 = {number(self.r_squared)} (adjusted {number(self.adj_r_squared)})"
        lead = f"{self.outcome} from correlations, {n_text(self.n)}, {self.covariance}"
        return f"{lead}: {r2}; {', '.join(parts)}. {self._rounded()}"

    def _rounded(self) -> str:
        if self.decimals is None:
            return "Correlations taken as exact."
        lead = f"With correlations printed to {counted(self.decimals, 'decimal')}"
        signs = [name for name, yes in zip(self.predictors, self.sign_settled, strict=True) if not yes]
        tests = [name for name, yes in zip(self.predictors, self.significance_settled, strict=True) if not yes]
        if not signs and not tests:
            return f"{lead} every sign and every significance is settled."
        open_ = [f"the {what} of {', '.join(names)}" for what, names in (("sign", signs), ("significance", tests)) if names]
        return f"{lead} rounding may change {listed(open_)}."


def regression_from_correlations(
    r: Any,
    *,
    n: int | None = None,
    outcome: str,
    predictors: Sequence[str] | Mapping[str, Sequence[str]],
    sds: Mapping[str, float] | None = None,
    means: Mapping[str, float] | None = None,
    names: Sequence[str] | None = None,
    decimals: int | None = 2,
    center: str = "mean",
    alpha: float = 0.05,
) -> CorrelationRegression:
    r"""Compute a regression from a published table of means, standard deviations and correlations.

    .. math:: b = S_{xx}^{-1} s_{xy}, \quad R^2 = b' s_{xy} / s_{yy}, \quad V = \frac{s_{yy} (1 - R^2)}{n - p - 1} S_{xx}^{-1}

    Parameters
    ----------
    r
        Correlations: a square data frame, {("y", "x"): .32, ...}, a square array or the rows of its lower triangle (with `names`), or a
        `Descriptives`, which is exact and includes means, standard deviations and n.
    n
        Number of observations, the same for every correlation.
    outcome
        Name of the outcome.
    predictors
        Names in order, or {step: names it adds} for a hierarchical regression. Products "x:z" and squares "x^2" need their own rows.
    sds, means
        {variable: value}. Without standard deviations all results are in standard deviations; without means there is no intercept.
    names
        Names of the rows of an array; by default the outcome, then the predictors.
    decimals
        Decimals of the printed correlations, each of which may be off by half a unit of the last. None takes them as exact.
    center
        "mean" if products and squares in the table were formed from centred variables, "none" if from raw ones.
    alpha
        Significance level of the intervals.

    Returns
    -------
    CorrelationRegression
        `rounding_low` and `rounding_high` are safe limits of the betas under rounding. They assume the worst signs of all rounding errors,
        so they are somewhat wider than necessary.

    Raises
    ------
    DataError
        If the correlations are impossible, or n is a table instead of one number.
    ModelError
        If a name, or a product, has no row, or n is not above the number of coefficients.

    References
    ----------
    Cohen, J., Cohen, P., West, S. G. & Aiken, L. S. (2003). Applied Multiple Regression, 3rd ed., section 3.2.
    Higham, N. J. (2002). Accuracy and Stability of Numerical Algorithms, 2nd ed., section 7.2.

    Examples
    --------
    >>> r = {("y", "a"): 0.32, ("y", "b"): 0.18, ("a", "b"): 0.25}
    >>> result = regression_from_correlations(r, n=85, outcome="y", predictors=["a", "b"])
    >>> result.beta.round(3), result.significance_settled
    (array([0.293, 0.107]), array([ True,  True]))
    """
    outcome, blocks = text("outcome", outcome), _blocks(predictors)
    names = None if names is None else checked_names("names", names, single=True)
    sds, means = mapping("sds", sds), mapping("means", means)
    chosen = _listed(blocks, outcome)
    if hasattr(r, "correlation") and hasattr(r, "names"):
        sds, means, n, decimals = _described(r, sds, means, n)
    matrix = read_correlations(r, (outcome, *chosen), names)
    df = _degrees(n, len(chosen))
    level = checked_level(alpha)
    exact = decimals is None
    if not exact:
        whole("decimals", decimals, 1, 15, hint=", the digits after the point (2 for .32), or None for exact correlations")
    scale = _scale((outcome, *chosen), sds)
    beta, inverse, r_squared = standardised(matrix[1:, 1:], matrix[1:, 0])
    slopes = beta * scale[0] / scale[1:]
    V = scale[0] ** 2 * (1 - r_squared) / df * inverse / np.outer(scale[1:], scale[1:])
    total = df + len(chosen) + 1
    locations = locations_of((outcome, *chosen), means, sds, (matrix, total), center)
    residual = scale[0] ** 2 * (1 - r_squared) * (total - 1) / df
    term = chosen if locations is None else ("(Intercept)", *chosen)
    estimate, V = (slopes, V) if locations is None else with_intercept(slopes, V, locations, residual / total)
    error = np.sqrt(np.diag(V))
    half = t_critical(level, df) * error
    covariance = Covariance("classical", locked(V), df, None, 1.0, term, estimator=Classical())
    edges = rounding(matrix[1:, 1:], matrix[1:, 0], 0.0 if exact else 0.5 * 10.0 ** -cast("int", decimals), df)
    return CorrelationRegression(
        outcome=outcome,
        predictors=chosen,
        term=term,
        estimate=locked(estimate),
        std_error=locked(error),
        statistic=locked(t_ratio(estimate, error)),
        p_value=locked(two_sided(t_ratio(estimate, error), df)),
        conf_low=locked(estimate - half),
        conf_high=locked(estimate + half),
        beta=locked(beta),
        beta_error=locked(np.sqrt((1 - r_squared) / df * np.diag(inverse))),
        beta_rounding=Rounding(*map(locked, edges)),
        r_squared=r_squared,
        adj_r_squared=1 - (1 - r_squared) * (total - 1) / df,
        f=r_squared / len(chosen) / ((1 - r_squared) / df),
        n=total,
        df=df,
        decimals=decimals,
        covariance=covariance,
        steps=_steps(matrix, blocks, total, covariance),
        alpha=level,
        published=_published(dict(zip(term, estimate, strict=True)), covariance, outcome, (sds, means, center, total, level)),
    )


def _blocks(predictors: object) -> dict[str, list[str]]:
    """Names that each step adds."""
    given = predictors if isinstance(predictors, Mapping) else {"main": predictors}
    return {str(step): checked_names("predictors", added, single=True) for step, added in given.items()}


def _listed(blocks: Mapping[str, Sequence[str]], outcome: str) -> tuple[str, ...]:
    chosen = tuple(name for names in blocks.values() for name in names)
    if not chosen or not all(blocks.values()):
        raise ModelError("predictors: each step must name at least one predictor")
    for name in chosen:
        if chosen.count(name) > 1 or name == outcome:
            raise ModelError(f"predictors: {name!r} is in the model twice; keep it once")
    return chosen


def _described(r: Any, sds: Any, means: Any, n: Any) -> tuple[Mapping[str, float], Mapping[str, float], Any, None]:
    """Moments of a `Descriptives`, unless others are given."""
    own_sds, own_means = (dict(zip(r.names, map(float, values), strict=True)) for values in (r.sd, r.mean))
    return sds or own_sds, means or own_means, r.n if n is None else n, None


def _degrees(n: Any, p: int) -> int:
    if n is None:
        raise ModelError("n, the number of observations, is needed for standard errors; give n=")
    if isinstance(n, Mapping | Sequence | np.ndarray) or hasattr(n, "columns"):
        raise DataError(
            "n must be one number, not a table: correlations from different observations can be impossible together; "
            "if the table has only pairwise n, give the smallest"
        )
    return cases(n, p + 1) - p - 1


def _scale(names: Sequence[str], sds: Mapping[str, float] | None) -> Vector:
    if not sds:
        return np.ones(len(names))
    for name in names:
        if name not in sds:
            raise ModelError(
                f"sds has no {name!r}{offer(name, sds)}; give the standard deviations of all variables of the model, or of none"
            )
    scale = np.array([finite(sds[name], f"sds[{name!r}]") for name in names])
    for j in np.flatnonzero(scale <= 0)[:1]:
        raise ModelError(f"sds[{names[j]!r}] must be above zero, got {scale[j]:g}")
    return scale


def _steps(matrix: Vector, blocks: Mapping[str, Sequence[str]], n: int, covariance: Covariance) -> Steps:
    """Change in R2 of every block, tested with the errors of the model up to it."""
    rows, terms, used, before = [], [], 0, 0.0
    for names in blocks.values():
        added = tuple(names)
        used += len(added)
        df2 = n - used - 1
        r2 = standardised(matrix[1 : used + 1, 1 : used + 1], matrix[1 : used + 1, 0]).r_squared
        f = (r2 - before) / len(added) / ((1 - r2) / df2)
        rows.append(
            (r2, 1 - (1 - r2) * (n - 1) / df2, r2 - before, (r2 - before) / (1 - r2), f, len(added), df2, f_tail(f, len(added), df2))
        )
        terms.append(added)
        before = r2
    r_squared, adjusted, change, f2, f_change, df1, df2s, p_change = (locked(column) for column in zip(*rows, strict=True))
    unknown = locked(np.full(len(terms), np.nan))  # a likelihood needs the spread of the outcome
    return Steps(tuple(blocks), tuple(terms), r_squared, adjusted, change, f2, f_change, df1, df2s, p_change, unknown, unknown, covariance)


def _published(coefficients: Mapping[str, float], covariance: Covariance, outcome: str, known: tuple[Any, ...]) -> PublishedModel | str:
    """Return a model that can be probed, or the reason why there is none."""
    sds, means, center, n, alpha = known
    terms = [parse_term(name) for name in coefficients]
    names = {name for term in terms for name in term.names}
    if any(term.order > 1 for term in terms) and not sds:
        return "slopes of a product need the standard deviations of its parts and of the product; give sds="
    pairs = {(a, b): covariance.matrix[i, j] for i, a in enumerate(coefficients) for j, b in enumerate(coefficients) if i <= j}
    kept = {name: float(value) for name, value in (means or {}).items() if name in names}
    if not sds:  # in standard deviations every variable has mean 0 and SD 1
        kept = dict.fromkeys(names, 0.0)
    missing = sorted({name for term in terms if term.order > 1 for name in term.names} - set(kept))
    if missing and center == "mean":
        kept |= dict.fromkeys(missing, 0.0)  # at= then counts from the mean
    spread = {name: float((sds or {}).get(name, 1.0)) for name in names}
    try:
        return PublishedModel(
            coefficients=dict(coefficients), covariance=pairs, means=kept, sds=spread, n=n, outcome=outcome, center=center, alpha=alpha
        )
    except ModelError as problem:
        return str(problem)
