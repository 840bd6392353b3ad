"""Moran's I: autocorrelation of residuals on a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, generator
from tienet.base.errors import ModelError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.core.least_squares import two_sided
from tienet.regression.dependence._weights import refuse_saturated, weights_of
from tienet.regression.model.fit import ModerationFit
from tienet.regression.resampling.draws import blocks

__all__ = ["Moran", "moran"]


_FLAT = 1e-10  # a smaller variance, relative to the squared mean, is rounding error


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Moran(Record):
    """Moran's I of regression residuals.

    Parameters
    ----------
    outcome
        Outcome of the model.
    estimate
        Moran's I.
    expected, std_error
        Its mean and standard deviation under independent normal errors, given the columns of the model.
    p_value
        Two-sided p-value of the z statistic under the normal distribution.
    p_permutation
        Two-sided p-value from permuted residuals.
    n, isolates, draws
        Number of observations, of those without neighbours, and of permutations.
    normalised
        Whether the weights were row-normalised.
    permuted
        (draws,) Moran's I under each permutation.
    backend
        Kind of data frame that `frame` returns.
    """

    outcome: str
    estimate: float
    expected: float
    std_error: float
    p_value: float
    p_permutation: float
    n: int
    isolates: int
    draws: int
    normalised: bool
    permuted: Vector
    backend: Backend = "pandas"

    @property
    def statistic(self) -> float:
        """Z statistic: I minus its mean, divided by its standard deviation."""
        return (self.estimate - self.expected) / self.std_error

    @property
    def variance(self) -> float:
        """Variance of I under independent normal errors."""
        return self.std_error**2

    def _columns(self) -> Columns:
        names = ("estimate", "expected", "std_error", "statistic", "p_value", "p_permutation", "draws")
        return {name: np.array([getattr(self, name)]) for name in names}

    def _works(self) -> tuple[str, ...]:
        return ("cliff_ord_1981", "freedman_lane_1983", "phipson_smyth_2010")

    def __str__(self) -> str:
        scale = "row-normalised weights" if self.normalised else "weights as given"
        return (
            f"Residuals of {self.outcome} in {counted(self.n, 'observation')} ({self.isolates:,} without neighbours): "
            f"Moran's I = {number(self.estimate)}; {number(self.expected)} is expected without autocorrelation "
            f"(z = {number(self.statistic, 2)}, {p_text(self.p_value)}; {counted(self.draws, 'permutation')} of the "
            f"residuals: {p_text(self.p_permutation)}), two-sided, {scale}."
        )


def moran(fit: ModerationFit, network: Any, *, draws: int = 9999, seed: int | np.random.Generator = 0, row_normalise: bool = True) -> Moran:
    r"""Test whether the residuals of tied people are alike.

    .. math:: I = \frac{n_0}{S_0} \frac{e' W e}{e' e}, \qquad S_0 = \sum_{ij} w_{ij}, \qquad
        E[I] = \frac{n_0}{S_0} \frac{\operatorname{tr}(MW)}{n - k}, \qquad M = I - X (X'X)^{-1} X'

    .. math:: \operatorname{Var}[I] = \left( \frac{n_0}{S_0} \right)^2
        \frac{\operatorname{tr}(MWMW') + \operatorname{tr}(MWMW) + \operatorname{tr}(MW)^2}{(n - k)(n - k + 2)} - E[I]^2

    with n observations, k coefficients and :math:`n_0` observations with neighbours, so that under row-normalised weights I is
    :math:`e'We / e'e`. z, which does not depend on that scale, is compared with the normal distribution, its limit in large samples. The
    permutation p does not need this limit: permuted residuals are regressed on the terms again, to remove what the terms would explain,
    and :math:`p = (1 + |\{r : |I_r - E[I]| \ge |I - E[I]|\}|) / (1 + R)`. Both assume errors of equal variance.

    Parameters
    ----------
    fit
        The model whose residuals are tested.
    network
        (n, n) array, sparse matrix, or an object with an ``adjacency()``: rows in the order of the *data* of the fit, weights of at least
        0, zero diagonal. A fit to some of the people needs the part of the network among them, in their order:
        ``ties.adjacency(of=data["ego"])``. This drops ties through people who are not in the data, such as colleagues in other functions.
        Rows that the fit dropped for missing values are dropped here too, before normalising.
    draws
        Number of permutations.
    seed
        A seed, or a numpy Generator.
    row_normalise
        Divide each row by its sum. Rows without neighbours stay zero and are counted.

    Returns
    -------
    Moran
        Moran's I with its normal and permutation tests.

    Raises
    ------
    DataError
        If the network is not square, does not match the rows of the data, has negative or missing weights, or ties no two observations.
    ModelError
        If the model fits perfectly, or the index is the same for all residuals, as when all are tied to all with the same weight.
    ArgumentError
        If draws is not a whole number of at least one.

    References
    ----------
    Cliff, A. D. & Ord, J. K. (1981). Spatial Processes: Models and Applications, chapter 8.
    Freedman, D. & Lane, D. (1983). Journal of Business & Economic Statistics 1, 292-298 (permuted residuals).

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> ring = np.roll(np.eye(40), 1, axis=1) + np.roll(np.eye(40), -1, axis=1)
    >>> x = np.random.default_rng(2).normal(size=40)
    >>> y = x + np.sin(np.arange(40) / 40 * 2 * np.pi)
    >>> found = moran(Moderation("y ~ x").fit({"y": y, "x": x}), ring, draws=999)
    >>> bool(found.estimate > 0.9), found.p_permutation
    (True, 0.001)
    """
    weights, number_of = weights_of(fit, network, row_normalise), checked_draws(draws)
    refuse_saturated(fit)
    basis, W = fit.solution.basis, weights.matrix
    observed = float(moran_i(fit.residuals[None], W)[0])
    expected, variance = residual_moments(basis, W)
    if variance <= _FLAT * (variance + expected**2):
        raise ModelError(
            f"Moran's I is {number(expected)} whatever the residuals are, so there is nothing to test: the network ties all people alike, "
            f"or {fit.n} observations are too few for this model; use another network, or fewer terms"
        )
    permuted = _permuted(fit.residuals, basis, W, number_of, generator("seed", seed))
    far = np.abs(permuted - expected) >= abs(observed - expected) * (1 - 1e-9)
    return Moran(
        outcome=fit.outcome,
        estimate=observed,
        expected=expected,
        std_error=variance**0.5,
        p_value=float(two_sided(np.array((observed - expected) / variance**0.5), np.inf)),
        p_permutation=float((1 + far.sum()) / (1 + number_of)),
        n=fit.n,
        isolates=weights.isolates,
        draws=number_of,
        normalised=row_normalise,
        permuted=locked(permuted),
        backend=fit.backend,
    )


def moran_i(residuals: Vector, W: Vector) -> Vector:
    """(r,) Moran's I of (r, n) residuals, each row of mean 0, on (n, n) weights."""
    scale = np.count_nonzero(W.sum(axis=1)) / W.sum()
    return np.asarray(scale * np.sum((residuals @ W) * residuals, axis=1) / np.sum(residuals**2, axis=1))


def residual_moments(basis: Vector, W: Vector) -> tuple[float, float]:
    """Mean and variance of I under independent normal errors, for least squares on (n, k) orthonormal columns."""
    n, k = basis.shape
    MW = W - basis @ (basis.T @ W)
    MWt = W.T - basis @ (basis.T @ W.T)
    trace, scale = float(np.trace(MW)), np.count_nonzero(W.sum(axis=1)) / W.sum()
    mean = scale * trace / (n - k)
    second = np.sum(MW * MWt.T) + np.sum(MW * MW.T) + trace**2
    return float(mean), float(scale**2 * second / ((n - k) * (n - k + 2)) - mean**2)


def _permuted(residuals: Vector, basis: Vector, W: Vector, draws: int, rng: np.random.Generator) -> Vector:
    found = np.empty(draws)
    for part in blocks(draws, len(residuals)):
        shuffled = rng.permuted(np.tile(residuals, (part.stop - part.start, 1)), axis=1)
        shuffled -= (shuffled @ basis) @ basis.T
        found[part] = moran_i(shuffled, W)
    return found
