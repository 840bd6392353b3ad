"""Regression with a random intercept per unit, an alternative to clustered standard errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import choice
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, findings, number
from tienet.base.record import locked
from tienet.regression.core.covariance_matrix import Covariance, CovarianceEstimator
from tienet.regression.core.design import Design, build_design
from tienet.regression.core.formula import parse_formula
from tienet.regression.core.least_squares import sandwich, solve
from tienet.regression.core.model_frame import ModelFrame, read_model_frame
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.dependence._profile import Profile, UnitSums, best_ratio, profile, unit_sums
from tienet.regression.model.family_arguments import refuse_family
from tienet.regression.model.fitted import Fitted
from tienet.regression.model.moderation import Moderation, refuse_gaps

__all__ = ["RandomIntercept", "random_intercept"]


LikelihoodMethod: TypeAlias = Literal["reml", "ml"]
_NO_BETWEEN = 1e-9  # below this share of the rows, what the terms leave of the units counts as zero
_NO_WITHIN = 1e-7  # below this share of the whole, the residual variance within units counts as zero


class MaximumLikelihood(CovarianceEstimator):
    """The covariance of a random intercept, given its two variances; Satterthwaite's degrees of freedom, jointly Fai and Cornelius'."""

    works: tuple[str, ...] = ("laird_ware_1982", "kuznetsova_et_al_2017")
    df_name = "Satterthwaite"
    joint_test = "F"
    joint_works = ("fai_cornelius_1996",)


class RestrictedLikelihood(MaximumLikelihood):
    """The same with variances by restricted likelihood."""

    works = ("laird_ware_1982", "patterson_thompson_1971", "kuznetsova_et_al_2017")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RandomIntercept(Fitted):
    """A regression with a random intercept for each unit.

    Parameters
    ----------
    model
        The specification.
    sample, design
        The rows used, with the unit of each in `sample.clusters`; terms and variables.
    unit
        Name of the column of units.
    method
        "reml" or "ml".
    estimate
        (k,) coefficients in the model's centring, the intercept first.
    covariance
        Covariance of the coefficients, given the variance components; its df is the smallest of `dfs`, without the intercept's.
    polynomial
        Fitted surface around the means, used by probes and figures.
    dfs
        (k,) Satterthwaite degrees of freedom of the coefficients.
    units
        Number of units.
    unit_variance, residual_variance
        Variance of the intercepts between units and of the errors within, in squared units of the outcome.
    log_likelihood
        (Restricted) log-likelihood, with the columns in the model's centring.
    """

    model: Moderation
    sample: ModelFrame
    design: Design
    unit: str
    method: LikelihoodMethod
    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial
    dfs: Vector
    units: int
    unit_variance: float
    residual_variance: float
    log_likelihood: float

    def _works(self) -> tuple[str, ...]:
        return self.covariance._works()

    def _columns(self) -> Columns:
        return self._estimates(self.dfs)

    def _described(self) -> tuple[Design, ModelFrame, str]:
        return self.design, self.sample, f"Random intercept for {self.unit}, {self.method.upper()}"

    def _case_sd(self) -> float:
        return float((self.unit_variance + self.residual_variance) ** 0.5)

    @property
    def icc(self) -> float:
        """Share of the unexplained variance that lies between units."""
        return self.unit_variance / (self.unit_variance + self.residual_variance)

    @property
    def boundary(self) -> bool:
        """Whether the variance between units is estimated as 0, its lowest possible value."""
        return self.unit_variance == 0

    def __str__(self) -> str:
        sizes = np.bincount(np.asarray(self.sample.clusters))
        zero = " (the variance between units is estimated as 0, so these are ordinary least-squares estimates)" * self.boundary
        found = findings(self.terms, self.estimate, self._columns()["p_value"], self.alpha)
        return (
            f"{self.outcome} in {counted(self.n, 'observation')}{self.sample.dropped_text()} of "
            f"{counted(self.units, 'unit')} ({self.unit}, {sizes.min()} to {sizes.max()} observations each), "
            f"random intercept by {self.method.upper()}: variance {number(self.unit_variance)} between "
            f"and {number(self.residual_variance)} within units, ICC = {number(self.icc)}{zero}. {found} (Satterthwaite df)."
        )


def random_intercept(
    model: str | Moderation, data: object, *, unit: str, method: LikelihoodMethod = "reml", alpha: float | None = None
) -> RandomIntercept:
    r"""Fit a moderated regression with a random intercept for each unit.

    .. math:: y_{ij} = x_{ij}'b + u_j + e_{ij}, \qquad u_j \sim N(0, \tau^2), \quad e_{ij} \sim N(0, \sigma^2), \qquad
        \text{ICC} = \frac{\tau^2}{\tau^2 + \sigma^2}

    Parameters
    ----------
    model
        A formula, or a `Moderation` without cluster and weights (its covariance is not used).
    data
        Any data frame that narwhals supports; rows with a missing value, including the unit, are dropped and counted.
    unit
        Name of the column of units: team, region, manager.
    method
        "reml" for restricted maximum likelihood, or "ml", whose variances are too small with few units.
    alpha
        Significance level of the intervals; by default the model's.

    Returns
    -------
    RandomIntercept
        A fit, for use with all probes and figures.

    Raises
    ------
    ModelError
        If there is only one unit, every row is a unit, the terms determine the level of every unit, the outcome does not vary within
        units, or as in `Moderation.fit`.
    ArgumentError
        If the method is unknown, or the model has a cluster or weights.

    Notes
    -----
    The likelihood is profiled in the ratio :math:`\tau^2 / \sigma^2`, from sums per unit. Degrees of freedom are Satterthwaite's,
    :math:`2 (L'VL)^2 / \operatorname{Var}(L'VL)`, with the observed information of the two variances in closed form. If the variance
    between units is estimated as 0 they are n - k (REML) or n (ML). Unlike clustered standard errors, these depend on the model: equal
    correlation within units, and intercepts that are unrelated to the predictors.

    References
    ----------
    Laird, N. M. & Ware, J. H. (1982). Biometrics 38, 963-974.
    Patterson, H. D. & Thompson, R. (1971). Biometrika 58, 545-554.
    Kuznetsova, A., Brockhoff, P. B. & Christensen, R. H. B. (2017). Journal of Statistical Software 82(13).

    Examples
    --------
    >>> import tienet as tn
    >>> rng = np.random.default_rng(4)
    >>> team = np.repeat(np.arange(12), 8)
    >>> data = {"team": team, "x": rng.normal(size=96), "z": rng.normal(size=96)}
    >>> data["y"] = data["x"] * (1 + data["z"]) + rng.normal(size=12)[team] + rng.normal(size=96)
    >>> fit = random_intercept("y ~ x*z", data, unit="team")
    >>> fit.units, bool(0 < fit.icc < 1), tn.simple_slopes(fit, focal="x", moderator="z").label
    (12, True, ('-1 SD', 'mean', '+1 SD'))
    """
    choice("method", method, get_args(LikelihoodMethod))
    asked = _specified(model, alpha)
    if not (isinstance(unit, str) and unit):
        raise ArgumentError(f"unit must be the name of the column that groups the rows, got {unit!r}")
    formula = parse_formula(asked.formula)
    sample = read_model_frame(data, formula, unit)
    refuse_gaps(asked, sample)
    design = build_design(sample, formula, asked.center)
    if np.ptp(sample.response) == 0:
        raise ModelError(f"{formula.outcome} has the same value in all {sample.n} rows used; there is nothing to explain")
    units = _count_units(sample, unit)
    solution = solve(design.columns(design.means), sample.response, [str(term) for term in design.terms[1:]])
    sums = unit_sums(solution, np.asarray(sample.clusters))
    _refuse_no_between(sums, unit)
    ratio = best_ratio(sums, method == "reml")
    found = profile(sums, ratio, method == "reml")
    whole = float(solution.residuals @ solution.residuals) / sample.n
    if found.variance < _NO_WITHIN * whole:
        raise ModelError(f"given the terms, {formula.outcome} hardly varies within {unit}; use one row per unit")
    return _assembled(asked, formula.outcome, sample, design, unit, method, units, solution.back, solution.coordinates, found)


def _assembled(
    model: Moderation,
    outcome: str,
    sample: ModelFrame,
    design: Design,
    unit: str,
    method: LikelihoodMethod,
    units: int,
    back: Vector,
    start: Vector,
    found: Profile,
) -> RandomIntercept:
    move = recentring(design.terms, design.means, design.centers)
    middle = found.variance * found.inverse
    degrees = found.degrees(back)
    terms = tuple(map(str, design.terms))
    dfs = degrees.along(move).of(np.eye(len(terms)))
    least = float(dfs[1:].min())
    label = f"random intercept ({method.upper()})"
    # a restricted likelihood depends on the scale of the columns, which `back` has
    restricted = float(np.linalg.slogdet(back)[1]) if method == "reml" else 0.0
    matrix, kind = locked(sandwich(move @ back, middle)), RestrictedLikelihood() if method == "reml" else MaximumLikelihood()
    covariance = Covariance(label, matrix, least, None, 1.0, terms, None, sample.backend, kind, model.names)
    polynomial = Polynomial(
        terms=design.terms,
        centers=design.means,
        estimate=locked(back @ (start + found.step)),
        matrix=locked(sandwich(back, middle)),
        variables=design.variables,
        outcome=outcome,
        n=sample.n,
        df=least,
        covariance=covariance,
        alpha=model.alpha,
        backend=sample.backend,
        own_degrees=degrees,
    )
    return RandomIntercept(
        model=model,
        sample=sample,
        design=design,
        unit=unit,
        method=method,
        estimate=locked(move @ polynomial.estimate),
        covariance=covariance,
        polynomial=polynomial,
        dfs=locked(dfs),
        units=units,
        unit_variance=found.ratio * found.variance,
        residual_variance=found.variance,
        log_likelihood=found.log_likelihood + restricted,
    )


def _specified(model: str | Moderation, alpha: float | None) -> Moderation:
    asked = model if isinstance(model, Moderation) else Moderation(model)
    refuse_family(asked, "random_intercept")
    if asked.cluster is not None or asked.weights is not None:
        raise ArgumentError("random_intercept does not support cluster or weights; leave them out of the Moderation")
    if asked.absorbed:
        raise ArgumentError("random_intercept does not support absorb: a unit has a random or an absorbed level; leave one out")
    return asked if alpha is None else replace(asked, alpha=alpha)


def _refuse_no_between(sums: UnitSums, unit: str) -> None:
    r"""Refuse terms that determine the level of every unit: the likelihood then does not depend on the variance between units.

    The units' own columns Z have nothing left beside the terms when :math:`\operatorname{tr}(Z'Z - Z'BB'Z) = n - \lVert B'Z \rVert^2`
    is 0.
    """
    if sums.n - float(np.sum(sums.basis**2)) <= _NO_BETWEEN * sums.n:
        raise ModelError(
            f"the terms determine the level of every {unit}, as a category for each or one column less than there are units does, so "
            f"nothing is left to vary between them; drop the terms that do not vary within {unit}, or fit a Moderation with C({unit})"
        )


def _count_units(sample: ModelFrame, unit: str) -> int:
    units = int(np.asarray(sample.clusters).max()) + 1
    if units == 1:
        raise ModelError(f"unit {unit!r} has only one value in the rows used, so nothing varies between units; fit without it")
    if units == sample.n:
        raise ModelError(f"unit {unit!r} is different in every row, so intercepts and errors cannot be separated; fit without it")
    return units
