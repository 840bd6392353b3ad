"""The Gaussian copula correction for endogenous variables without instruments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, choice
from tienet.base.errors import ModelError, WeakIdentification, warn
from tienet.base.numbers import number, p_text
from tienet.regression.core.polynomial import Variable
from tienet.regression.endogeneity._instrumented import FEWEST_DRAWS, pose
from tienet.regression.endogeneity.corrected import CorrectedFit, correct
from tienet.regression.model.moderation import Moderation

__all__ = ["gaussian_copula"]


Ecdf: TypeAlias = Literal["replace", "shift", "midpoint"]
FEW_CASES = 600
FEW_VALUES = 20


def gaussian_copula(
    model: Moderation,
    data: object,
    *,
    endogenous: str | Sequence[str],
    ecdf: Ecdf = "replace",
    draws: int = 999,
    seed: int | np.random.Generator = 0,
) -> CorrectedFit:
    r"""Estimate a moderated regression with Gaussian copula terms for endogenous variables.

    .. math:: y = X \beta + \sum_j c_j P_j^* + e, \qquad P_j^* = \Phi^{-1}(\hat H(P_j))

    with :math:`\hat H` the share of observations at or below the value. There are terms for the main effects only: further ones for
    products and squares would bias the estimates and inflate their variance.

    Parameters
    ----------
    model
        Formula, cluster, centring and significance level. Its covariance applies only to the ordinary least-squares fit.
    data
        Any data frame that narwhals supports.
    endogenous
        Numeric variables of the formula with more than two values and far from normal.
    ecdf
        Share used for r observations at or below the value: "replace", r / n, but n / (n + 1) for the largest value; "shift",
        r / (n + 1); "midpoint", (r - 1/2) / n. The choice changes the estimates, more so in small samples; report it.
    draws
        Number of resamples of the rows (of whole clusters, with a cluster); P* is computed again in each.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    CorrectedFit
        The corrections are called ``copula(x)``.

    Raises
    ------
    ArgumentError
        If an endogenous variable is unknown or categorical, `ecdf` is unknown, or there are too few draws.
    ModelError
        If a variable has only two values, so that its copula is not identified, or too many resamples cannot be estimated.

    Warns
    -----
    WeakIdentification
        If there are fewer than 600 observations or fewer than 20 distinct values (as with counts of ties), or normality is not rejected.

    Notes
    -----
    The correction rests on three assumptions that the data cannot show: a Gaussian copula between the variable and the error, a normal
    error, and an error unrelated to the other terms of the model. With an intercept it is biased and weak in small samples.

    References
    ----------
    Park, S. & Gupta, S. (2012). Marketing Science 31, 567-586.
    Becker, J.-M., Proksch, D. & Ringle, C. M. (2022). Journal of the Academy of Marketing Science 50, 46-66.
    Qian, Y., Xie, H. & Koschmann, A. (2022). NBER Working Paper 29978.

    Examples
    --------
    >>> import numpy as np
    >>> from tienet.regression.model import Moderation
    >>> rand = np.random.default_rng(3)
    >>> x = rand.gamma(1.0, size=1000)
    >>> data = {"y": 1 + 2 * x + rand.normal(size=1000), "x": x}
    >>> fit = gaussian_copula(Moderation("y ~ x"), data, endogenous="x", draws=199)
    >>> fit.corrections, fit.estimate.round(1).tolist()
    (('copula(x)',), [1.0, 2.0, -0.0])
    """
    choice("ecdf", ecdf, get_args(Ecdf))
    size = checked_draws(draws, FEWEST_DRAWS)
    problem = pose(model, data, endogenous)
    variables = [problem.design.variables[name] for name in problem.endogenous]
    for variable in variables:
        if variable.kind == "binary":
            raise ModelError(f"{variable.name} has only two values, so its copula is not identified; look for an instrument")
    if trouble := _trouble(variables, problem.sample.n, model.alpha):
        warn(f"the copula correction is unreliable here: {'; '.join(trouble)}", WeakIdentification)

    def corrections(counts: Vector) -> Vector:
        return np.stack([normal_scores(variable.values, counts, ecdf) for variable in variables], axis=2)

    return correct(problem, "gaussian copula", [f"copula({name})" for name in problem.endogenous], corrections, size, seed)


def _trouble(variables: Sequence[Variable], n: int, alpha: float) -> list[str]:
    """Reasons not to trust a copula correction of these data."""
    from scipy.stats import jarque_bera, skew

    found = [f"with an intercept it is biased below about {FEW_CASES} observations, and there are {n}"] if n < FEW_CASES else []
    for variable in variables:
        distinct = len(np.unique(variable.values))
        if distinct < FEW_VALUES:
            found.append(f"{variable.name} has only {distinct} distinct values, which hardly identify a copula")
        p = float(jarque_bera(variable.values).pvalue)
        if p >= alpha:
            shape = f"skewness {number(float(skew(variable.values)), 2)}, Jarque-Bera {p_text(p)}"
            found.append(f"{variable.name} looks normal ({shape}), and the correction is not identified for normal variables")
    return found


def normal_scores(values: Vector, counts: Vector, ecdf: Ecdf = "replace") -> Vector:
    """Compute normal scores of the empirical distribution under each row of counts.

    Parameters
    ----------
    values
        (n,) values of the variable.
    counts
        (r, n) how often each observation is in a resample; ones for the sample itself.
    ecdf
        See `gaussian_copula`.

    Returns
    -------
    ndarray
        (r, n) scores; 0 for observations that are not in a resample.

    Examples
    --------
    >>> normal_scores(np.array([3.0, 1.0, 2.0]), np.ones((1, 3))).round(3).tolist()
    [[0.674, -0.431, 0.431]]
    """
    from scipy.special import ndtri

    levels, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(levels)))
    held = np.add.reduceat(counts[:, order], starts, axis=1)
    below, total = np.cumsum(held, axis=1), counts.sum(axis=1, keepdims=True)
    if ecdf == "replace":
        share = np.where(below == total, total / (total + 1), below / total)
    else:
        share = below / (total + 1) if ecdf == "shift" else (below - 0.5) / total
    scores = np.zeros_like(share)
    np.copyto(scores, ndtri(np.clip(share, 0.0, 1.0)), where=held > 0)
    return np.asarray(scores[:, place])
