"""The control function: first-stage residuals as added terms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, flag
from tienet.base.errors import ModelError, WeakIdentification, warn
from tienet.base.numbers import counted, listed, number
from tienet.regression.core.least_squares import solve
from tienet.regression.endogeneity._instrumented import FEWEST_DRAWS, Problem, pose, solve_each, weighted_gram
from tienet.regression.endogeneity.corrected import CorrectedFit, correct
from tienet.regression.endogeneity.first_stage import partial_f, refuse_explained, solve_or_mean
from tienet.regression.endogeneity.instruments import WEAK
from tienet.regression.model.moderation import Moderation

__all__ = ["control_function"]


def control_function(
    model: Moderation,
    data: object,
    *,
    endogenous: str | Sequence[str],
    instruments: str | Sequence[str],
    products: bool = False,
    draws: int = 999,
    seed: int | np.random.Generator = 0,
) -> CorrectedFit:
    r"""Estimate a moderated regression with first-stage residuals as added terms.

    .. math:: x = Z \pi + v, \qquad y = X \beta + \rho \hat v + \sum_j \rho_j \hat v \, (w_j - \bar w_j) + e

    with Z the exogenous terms of the formula and the instruments themselves, one residual for each endogenous variable.

    Parameters
    ----------
    model
        Formula, cluster, centring and significance level. Its covariance applies only to the ordinary least-squares fit.
    data
        Any data frame that narwhals supports; rows with a missing variable or instrument are dropped and counted.
    endogenous
        Variables of the formula that may be correlated with the error.
    instruments
        Columns that are not in the formula, at least as many as endogenous variables.
    products
        False: the residual alone corrects x and all its products and squares, which is right if the error depends on x in the same way
        everywhere. True: also use the residual times each variable that x is multiplied with in the formula (x itself for x^2), the
        second sum above, for a dependence that varies with it.
    draws
        Number of resamples of the rows (of whole clusters, with a cluster); both stages are estimated again in each.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    CorrectedFit
        The corrections are called ``residual(x)``. In a model without products, t^2 of a single residual with classical errors is the F
        of Wu and Hausman, and the coefficients equal those of two-stage least squares; with products they differ.

    Raises
    ------
    ArgumentError
        If an endogenous variable is unknown or categorical, an instrument is in the formula, or there are too few draws.
    ModelError
        If there are fewer instruments than endogenous variables, instruments are collinear, or too many resamples cannot be estimated.

    Warns
    -----
    WeakIdentification
        If the F of the instruments in a first stage is below 10.

    References
    ----------
    Petrin, A. & Train, K. (2010). Journal of Marketing Research 47, 3-13.
    Wooldridge, J. M. (2015). Journal of Human Resources 50, 420-445.

    Examples
    --------
    >>> import numpy as np
    >>> from tienet.regression.model import Moderation
    >>> rand = np.random.default_rng(1)
    >>> iv, z, u = rand.normal(size=(3, 400))
    >>> x = iv + u + rand.normal(size=400)
    >>> data = {"y": x + 0.5 * x * z - u + rand.normal(size=400), "x": x, "z": z, "iv": iv}
    >>> fit = control_function(Moderation("y ~ x*z"), data, endogenous="x", instruments="iv", draws=199)
    >>> fit.corrections, fit.estimate.round(1).tolist()
    (('residual(x)',), [0.0, 1.0, 0.1, 0.5, -0.5])
    """
    flag("products", products)
    size = checked_draws(draws, FEWEST_DRAWS)
    problem = pose(model, data, endogenous, instruments)
    first, observed, weakest = _first_stage(problem)
    if weakest < WEAK:
        warn(
            f"weak instruments: the smallest first-stage F is {number(weakest, 2)}, below {WEAK:g}; the correction is unreliable",
            WeakIdentification,
        )
    names = [f"residual({name})" for name in problem.endogenous]
    pairs = _pairs(problem) if products else []
    names += [f"residual({name}):{other}" for name, other in pairs]
    partner = [(problem.endogenous.index(name), _around_mean(problem, other)) for name, other in pairs]

    def corrections(counts: Vector) -> Vector:
        residual = _residuals(first, observed, counts)
        return np.concatenate([residual, *((residual[:, :, j] * other)[:, :, None] for j, other in partner)], axis=2)

    return correct(problem, "control function", names, corrections, size, seed)


def _first_stage(problem: Problem) -> tuple[Vector, Vector, float]:
    """(n, q) orthonormal columns of the first stage, (n, p) endogenous variables around their means, and the smallest F."""
    if len(problem.instruments) < len(problem.endogenous):
        raise ModelError(
            f"{counted(len(problem.instruments), 'instrument')} cannot identify {len(problem.endogenous)} endogenous variables "
            f"({listed(problem.endogenous)}); add instruments"
        )
    outer = problem.instrument_design(products=False)
    columns = outer.columns(outer.means)
    basis = solve(columns, problem.sample.response, [str(term) for term in outer.terms[1:]]).basis
    observed = np.column_stack([_around_mean(problem, name) for name in problem.endogenous])
    refuse_explained(observed, basis, problem.endogenous)
    kept = [not set(source.names) & set(problem.instruments) for source in outer.sources[1:]]
    exogenous = solve_or_mean(columns[:, kept], problem.sample.response)
    free = basis.shape[1] - exogenous.shape[1]
    return basis, observed, min(partial_f(column, exogenous, basis, free)[0] for column in observed.T)


def _around_mean(problem: Problem, name: str) -> Vector:
    variable = problem.design.variables[name]
    return np.asarray(variable.values - variable.mean)


def _pairs(problem: Problem) -> list[tuple[str, str]]:
    """Pairs of an endogenous variable and a variable it is multiplied with (itself if it is squared)."""
    found = [
        (name, other)
        for name in problem.endogenous
        for term in problem.design.terms
        if term.power(name)
        for other in term.names
        if other != name or term.power(name) > 1
    ]
    return list(dict.fromkeys(found))


def _residuals(basis: Vector, observed: Vector, counts: Vector) -> Vector:
    """(r, n, p) first-stage residuals under each row of counts."""
    right = np.stack([(counts * column) @ basis for column in observed.T], axis=2)
    shares = solve_each(weighted_gram(basis, counts), right)
    return np.asarray(observed - basis @ shares)
