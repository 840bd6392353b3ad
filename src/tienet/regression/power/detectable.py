"""Smallest interactions that a fit can detect, to be used instead of observed power, which only restates the p-value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import real
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import n_text, number, percent
from tienet.base.record import Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import lincom
from tienet.regression.core.polynomial import surface_of
from tienet.regression.model.fit import ModerationFit
from tienet.regression.power.sample_sizes import detectable_f2
from tienet.regression.probes.probe import level, usual_values

__all__ = ["Detectable", "detectable_interactions"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Detectable(Record):
    """Smallest interactions that a study of this size and precision detects.

    Parameters
    ----------
    outcome, n, power, alpha
        Name of the outcome, number of observations, required power and significance level.
    term
        r products of two variables.
    f2
        Smallest f2 of one added term, for this n and number of regressors; the same for all terms.
    coefficient
        (r,) smallest coefficients detected, in units of the outcome per product of units.
    difference
        (r,) the same as the difference of the first variable's slope between one SD below and one SD above the mean of the second (or
        between the values of a two-valued one), in units of the outcome per unit of the first.
    dfs
        (r,) degrees of freedom of the tests.
    covariance
        Covariance of the fit.
    backend
        Kind of data frame that `frame` returns.
    """

    outcome: str
    n: int
    power: float
    alpha: float
    term: tuple[str, ...]
    f2: float
    coefficient: Vector
    difference: Vector
    dfs: Vector
    covariance: Covariance
    backend: Backend

    def _works(self) -> tuple[str, ...]:
        return ("bloom_1995", "cohen_1988", *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "term": np.array(self.term, dtype=object),
            "f2": np.full(len(self.term), self.f2),
            "detectable": self.coefficient,
            "slope_difference": self.difference,
            "df": self.dfs,
        }

    def __str__(self) -> str:
        shown = [
            f"{term}: {number(b)} (slopes {number(d)} apart)"
            for term, b, d in zip(self.term, self.coefficient, self.difference, strict=True)
        ]
        return (
            f"With {percent(self.power)} power at alpha = {self.alpha:g} this study of {self.outcome} detects interactions of at least "
            f"f2 = {number(self.f2)}; as coefficients, {'; '.join(shown)}. Slopes are compared one SD below and above the mean of the "
            f"second variable. {self.covariance.label}, {n_text(self.n)}."
        )


def detectable_interactions(fit: ModerationFit, *, power: float = 0.8, alpha: float | None = None) -> Detectable:
    r"""Compute the smallest interactions that a study like this one detects.

    A two-sided t test has the required power if the coefficient is :math:`\delta` standard errors from zero, with
    :math:`\delta` from the noncentral t: :math:`b_{min} = \delta(\alpha, \text{power}, df) \cdot SE`.

    Parameters
    ----------
    fit
        A fit with at least one product of two variables.
    power
        Required power.
    alpha
        Significance level of the tests; by default the fit's.

    Returns
    -------
    Detectable
        One entry per product of two variables.

    Raises
    ------
    ModelError
        If the model has no product of two variables.
    ArgumentError
        If power is not between alpha and 1.

    Notes
    -----
    The observed estimate is not used. Power computed from it is a function of its p-value and adds nothing.

    References
    ----------
    Bloom, H. S. (1995). Evaluation Review 19, 547-556.

    Examples
    --------
    >>> import tienet as tn
    >>> rng = np.random.default_rng(0)
    >>> data = {"x": rng.normal(size=200), "z": rng.normal(size=200), "y": rng.normal(size=200)}
    >>> found = detectable_interactions(tn.Moderation("y ~ x*z").fit(data))
    >>> found.term, round(found.f2, 3)
    (('x:z',), 0.04)
    """
    surface = surface_of(fit)
    if surface.response.on_link:
        raise ModelError(f"detectable_interactions gives f2, which is defined for least squares, not for {surface.response.on_link}")
    wanted = level(surface, alpha)
    if not wanted < real("power", power) < 1:
        raise ArgumentError(f"power must be between alpha={wanted:g} and 1 (0.8 is usual), got {power!r}")
    places = [j for j, term in enumerate(surface.terms) if len(term.powers) == 2 and term.order == 2]
    if not places:
        raise ModelError(f"the model of {surface.outcome} has no product of two variables; add one, such as x:z")
    rows = np.eye(len(surface.terms))[places]
    errors, dfs = lincom(rows, surface.estimate, surface.matrix)[1], surface.df_of(rows)
    least = np.array([_noncentrality(power, wanted, float(df)) for df in dfs]) * errors
    ends = [usual_values(surface.variables[surface.terms[j].names[1]], whole=False)[0] for j in places]
    return Detectable(
        outcome=surface.outcome,
        n=surface.n,
        power=power,
        alpha=wanted,
        term=tuple(str(surface.terms[j]) for j in places),
        f2=detectable_f2(surface.n, len(surface.terms) - 1, power=power, alpha=wanted),
        coefficient=locked(least),
        difference=locked(least * np.array([high - low for low, high in ends])),
        dfs=locked(dfs),
        covariance=surface.covariance,
        backend=surface.backend,
    )


def _noncentrality(power: float, alpha: float, df: float) -> float:
    """Distance from zero, in standard errors, at which a coefficient is detected."""
    from scipy.optimize import brentq
    from scipy.stats import f, ncf

    cut = f.isf(alpha, 1, df)
    return float(brentq(lambda away: ncf.sf(cut, 1, df, away**2) - power, 1e-3, 50.0, xtol=1e-12))
