"""Fits of several imputations of the same data, pooled into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level
from tienet.base.errors import ArgumentError, FewImputations, ModelError, warn
from tienet.base.frames import Columns
from tienet.base.numbers import counted, findings, percent
from tienet.base.record import Fixed, locked
from tienet.regression.core.covariance_matrix import Covariance, CovarianceEstimator
from tienet.regression.core.formula import Term
from tienet.regression.core.imputation_degrees import BarnardRubin
from tienet.regression.core.least_squares import sandwich
from tienet.regression.core.polynomial import Model, Polynomial, Variable, VariableKind, recentring, surface_of
from tienet.regression.model.fitted import Fitted
from tienet.regression.model.predictions import predict_response
from tienet.regression.model.same_models import refuse_different

__all__ = ["PooledFit", "pool"]

_FEW, _MUCH = 5, 0.3


class Pooled(CovarianceEstimator):
    """Rubin's total covariance, over whatever covariance each imputation's fit has."""

    works = ("rubin_1987", "barnard_rubin_1999")
    df_name = "Barnard-Rubin"
    joint_test = "D1"
    joint_works = ("li_et_al_1991", "reiter_2007")

    def label(self, covariance: Covariance) -> str:
        """'HC3 standard errors pooled over 5 imputations'."""
        return covariance.kind


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PooledFit(Fitted):
    """The fits of m imputations, pooled by Rubin's rules.

    Parameters
    ----------
    fits
        The m fits.
    estimate
        (k,) means of the coefficients, around the pooled centers.
    covariance
        Total covariance T = W + (1 + 1/m) B of the coefficients; its df is the smallest of `dfs`.
    polynomial
        The pooled surface, for probes and figures.
    dfs
        (k,) Barnard-Rubin degrees of freedom of the coefficients.
    within, between
        (k, k) mean covariance W within imputations and covariance B of the coefficients between them.
    """

    fits: tuple[Model, ...]
    estimate: Vector
    covariance: Covariance
    polynomial: Polynomial
    dfs: Vector
    within: Vector
    between: Vector

    def _works(self) -> tuple[str, ...]:
        return self.covariance._works()

    @property
    def imputations(self) -> int:
        """The number m of imputations."""
        return len(self.fits)

    @property
    def riv(self) -> Vector:
        r"""(k,) relative increase of the variance by missing values, :math:`(1 + 1/m) B / W`."""
        return (1 + 1 / self.imputations) * np.diag(self.between) / np.diag(self.within)

    @property
    def fmi(self) -> Vector:
        r"""(k,) fractions of missing information, :math:`(r + 2/(\nu + 3)) / (1 + r)` with r the `riv`; 0 if nothing was imputed."""
        return np.where(self.riv > 0, (self.riv + 2 / (self.dfs + 3)) / (1 + self.riv), 0.0)

    def _moves(self) -> Vector:
        """(k, k) rows from the coefficients of the surface to those of the fit."""
        surface = self.polynomial
        return _map(surface, surface.centers, {name: variable.center for name, variable in surface.variables.items()})

    def _columns(self) -> Columns:
        return {**self._estimates(self.dfs), "riv": self.riv, "fmi": self.fmi}

    @property
    def statsmodels(self) -> Any:
        """Not available: statsmodels has no results with degrees of freedom that differ between combinations of pooled estimates.

        Raises
        ------
        ModelError
            Always.
        """
        raise ModelError("pooled fits have no statsmodels results; use .frame, or .fits[0].statsmodels for one imputation")

    def predict(self, new_data: object, *, alpha: float | None = None) -> Any:
        """Predicted outcomes for new data, on the outcome's own scale, as `predict` of one of the fits gives them.

        Raises
        ------
        ModelError
            For ordered categories, and for an offset whose column is not known.
        """
        response, terms = self.polynomial.response, self.polynomial.terms
        if response.link.is_identity:
            return super(PooledFit, self).predict(new_data, alpha=alpha)
        if terms[0].order:
            raise ModelError("an ordinal outcome has a probability for each category; pool fit.at_least(category) of every imputation")
        exposure = getattr(getattr(self.fits[0], "model", None), "exposure", None)
        if response.offset is not None and exposure is None:
            raise ModelError("the fits have an offset whose column is not known, so an outcome cannot be predicted")
        return predict_response(self.polynomial, new_data, alpha, exposure)

    def __str__(self) -> str:
        terms, estimate, p = self.terms, self.estimate, self._columns()["p_value"]
        if self.polynomial.terms[0].order:  # ordered categories have no intercept to leave out
            terms, estimate, p = ("", *terms), np.append(0.0, estimate), np.append(1.0, p)
        found = findings(terms, estimate, p, self.alpha)
        lost = (
            "nothing was imputed: all fits are the same"
            if not self.between.any()
            else f"missing information up to {percent(self.fmi.max(), 0)}"
        )
        link = self.polynomial.response.link
        scale = "" if link.is_identity else f" on the {link.scale}"
        return f"{self.outcome} in {counted(self.n, 'observation')}{scale}, {self.covariance.label}; {lost}. {found} (Barnard-Rubin df)."


def pool(fits: Sequence[Model], *, alpha: float | None = None) -> PooledFit:
    r"""Pool fits of the same model to several imputations of the same data.

    .. math:: \bar b = \frac{1}{m} \sum_i b_i, \qquad T = W + (1 + \tfrac1m) B, \qquad W = \frac{1}{m} \sum_i V_i, \quad
        B = \frac{1}{m - 1} \sum_i (b_i - \bar b)(b_i - \bar b)'

    Every probe takes the result. Each slope, difference and prediction has its own Barnard-Rubin degrees of freedom, so the critical value
    of a Johnson-Neyman region changes along the moderator. Joint tests are D1.

    Parameters
    ----------
    fits
        m >= 2 fits of the same terms to the same number of rows: of a `Moderation`, or any other models that probes accept. Before pooling
        they are expressed around the same centers.
    alpha
        Significance level; by default that of the fits.

    Returns
    -------
    PooledFit
        One set of coefficients with one covariance.

    Raises
    ------
    ModelError
        If there are fewer than two fits, or they differ in outcome, terms, number of rows, link, or kind of covariance.

    Warns
    -----
    FewImputations
        With fewer than 5 imputations and more than 30% missing information: use about 100 times the fraction of missing information.

    Notes
    -----
    The data must be imputed with the product in the imputation model (or the product imputed as a variable of its own); otherwise the
    interaction is attenuated (von Hippel 2009; Seaman, Bartlett and White 2012). Means and standard deviations used by probes are averages
    over the imputations; ranges, shares of observations and average effects are over all of them, and figures show each observation at
    its average.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys.
    Barnard, J. & Rubin, D. B. (1999). Biometrika 86, 948-955.

    Examples
    --------
    >>> import tienet as tn
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 60))
    >>> y = x + z + 0.5 * x * z + rng.normal(size=60)
    >>> filled = [np.where(np.arange(60) < 10, z + rng.normal(size=60) / 4, z) for _ in range(5)]
    >>> fits = [tn.Moderation("y ~ x*z").fit({"y": y, "x": x, "z": made}) for made in filled]
    >>> pooled = pool(fits)
    >>> pooled.imputations, bool(abs(pooled.estimate[3] - np.mean([fit.estimate[3] for fit in fits])) < 0.01)
    (5, True)
    """
    if isinstance(fits, str | Mapping) or not isinstance(fits, Sequence):
        raise ArgumentError(f"fits must be a list of fits, one for each imputation; got {type(fits).__name__}")
    surfaces = [surface_of(fit) for fit in fits]
    refuse_different(surfaces, fits)
    first = surfaces[0]
    level = checked_level(first.alpha if alpha is None else alpha)
    centers = {name: float(np.mean([each.centers[name] for each in surfaces])) for name in first.centers}
    moves = [_map(each, each.centers, centers) for each in surfaces]
    b = np.array([move @ each.estimate for move, each in zip(moves, surfaces, strict=True)])
    within = np.mean([sandwich(move, each.matrix) for move, each in zip(moves, surfaces, strict=True)], axis=0)
    between = np.cov(b, rowvar=False).reshape(within.shape)
    between[np.abs(between) <= 1e-20 * np.abs(within)] = 0.0  # rounding among equal fits
    own = BarnardRubin(within, between, len(fits), tuple(e.degrees.along(move) for move, e in zip(moves, surfaces, strict=True)))
    total = within + (1 + 1 / len(fits)) * between
    return _assembled(tuple(fits), surfaces, centers, locked(b.mean(axis=0)), locked(total), own, level)


def _assembled(
    fits: tuple[Model, ...],
    surfaces: Sequence[Polynomial],
    centers: Mapping[str, float],
    estimate: Vector,
    total: Vector,
    own: BarnardRubin,
    alpha: float,
) -> PooledFit:
    first = surfaces[0]
    variables = {name: _variable([each.variables[name] for each in surfaces]) for name in first.variables}
    move = _map(first, centers, {name: variable.center for name, variable in variables.items()})
    dfs = own.of(move)
    df = float(dfs.min())
    kind = f"{first.covariance.label} pooled over {len(fits)} imputations"
    covariance = replace(
        first.covariance,
        kind=kind,
        matrix=locked(sandwich(move, total)),
        df=df,
        clusters=None,
        cluster=None,
        factor=1.0,
        estimator=Pooled(),
    )
    offsets = [each.response.offset for each in surfaces if each.response.offset is not None]
    # the first fit can be estimated again, but resamples of it know nothing of the others
    response = replace(first.response, offset=locked(np.concatenate(offsets)) if offsets else None, refit=None)
    polynomial = replace(
        first,
        centers=Fixed(centers),
        estimate=estimate,
        matrix=total,
        variables=Fixed(variables),
        df=df,
        covariance=covariance,
        alpha=alpha,
        own_degrees=own,
        response=response,
    )
    within, between = (locked(sandwich(move, part)) for part in (own.within, own.between))
    found = PooledFit(fits, locked(move @ estimate), covariance, polynomial, locked(dfs), within, between)
    if len(fits) < _FEW and float(found.fmi[1:].max(initial=0.0)) > _MUCH:
        most = float(found.fmi[1:].max())
        warn(
            f"{len(fits)} imputations are few for {percent(most, 0)} missing information; impute about {100 * most:.0f} times",
            FewImputations,
        )
    return found


def _map(surface: Polynomial, old: Mapping[str, float], new: Mapping[str, float]) -> Vector:
    """(k, k) map between centers; ordered categories have no intercept, to which the others would add."""
    if all(old[name] == center for name, center in new.items()):  # terms of another package need not include all lower-order ones
        return np.eye(len(surface.terms))
    if surface.terms[0].order:
        return recentring((Term(), *surface.terms), old, new)[1:, 1:]
    return recentring(surface.terms, old, new)


def _variable(each: Sequence[Variable]) -> Variable:
    """A variable over all imputations: averages, the whole range, each row's average, and every value for shares."""
    first = each[0]
    imputed = [one.values for one in each if len(one.values) == len(first.values)]
    mean, sd, center = (float(np.mean([getattr(one, name) for one in each])) for name in ("mean", "sd", "center"))
    values = np.mean(imputed, axis=0) if len(imputed) == len(each) else np.empty(0)
    kind: VariableKind = "binary" if all(one.kind == "binary" for one in each) else "continuous"
    return replace(
        first,
        mean=mean,
        sd=sd,
        center=center,
        low=min(one.low for one in each),
        high=max(one.high for one in each),
        kind=kind,
        values=locked(values, float),
        draws=locked(np.concatenate(imputed) if len(values) else values, float),
    )
