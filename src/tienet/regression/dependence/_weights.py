"""Network weights between the rows of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import flag
from tienet.base.errors import DataError, ModelError
from tienet.base.numbers import counted
from tienet.regression.dependence._square import checked_weights, square
from tienet.regression.model.fit import ModerationFit, equal_weights, least_squares_fit


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights between the n rows of a fit.

    Parameters
    ----------
    matrix
        (n, n) weights; row i has the weights of the neighbours of row i, and sums to 1 if normalised and not empty.
    binding
        (n, n) weights before normalising.
    normalised
        Whether rows were divided by their sums.
    isolates
        Number of rows without neighbours.
    """

    matrix: Vector
    binding: Vector
    normalised: bool
    isolates: int

    def __str__(self) -> str:
        scale = "row-normalised" if self.normalised else "as given"
        return f"weights {scale}, {counted(self.isolates, 'observation')} without neighbours"


def weights_of(fit: ModerationFit, network: Any, row_normalise: bool) -> Weights:
    """Reduce the network to the rows used by the fit, then normalise.

    Raises
    ------
    DataError
        If the matrix is not square, does not match the rows of the data, has invalid weights, or has no tie among the rows used.
    """
    equal_weights(least_squares_fit(fit, "a model of the network"), "a model of the network")
    flag("row_normalise", row_normalise)
    whole = checked_weights(square(network, "the network"), "the network")
    given = fit.n + fit.n_dropped
    if len(whole) != given:
        raise DataError(
            f"the network has {len(whole)} people, but the data of the fit have {given} rows; reduce it to these people in their order, "
            "as ties.adjacency(of=data['ego']) does"
        )
    cut = whole[np.ix_(fit.sample.rows, fit.sample.rows)]
    sums = cut.sum(axis=1)
    if not sums.any():
        raise DataError(f"no two of the {fit.n} observations used are tied, so there is nothing for the network to explain")
    matrix = cut / np.where(sums > 0, sums, 1.0)[:, None] if row_normalise else cut
    return Weights(matrix, cut, row_normalise, int(np.sum(sums == 0)))


def eigenvalues(weights: Weights) -> Vector | Any:
    """(n,) eigenvalues of the weights, computed from the similar symmetric matrix (and real) if the ties have no direction."""
    if not np.array_equal(weights.binding, weights.binding.T):
        return np.linalg.eigvals(weights.matrix)
    if not weights.normalised:
        return np.linalg.eigvalsh(weights.binding)
    sums = weights.binding.sum(axis=1)
    root = np.sqrt(np.where(sums > 0, sums, 1.0))
    return np.linalg.eigvalsh(weights.binding / root / root[:, None])


def valid_interval(values: Any, matrix: Vector) -> tuple[float, float]:
    """Open interval around 0 in which I - rho W can be inverted: between the reciprocals of the extreme real eigenvalues.

    If W has no real eigenvalue on one side, as without cycles, that bound is the reciprocal of the largest modulus (or row sum).
    """
    size = float(np.abs(values).max())
    real = np.real(values[np.abs(np.imag(values)) <= 1e-9 * max(size, 1.0)])
    reach = size if size > 1e-6 else float(np.abs(matrix).sum(axis=1).max())
    low, high = real.min(initial=0.0), real.max(initial=0.0)
    return -1 / (-low if low < -1e-6 else reach), 1 / (high if high > 1e-6 else reach)


def refuse_saturated(fit: ModerationFit) -> None:
    """Refuse a perfect fit, whose residuals of zero cannot be autocorrelated."""
    spread = np.sum((fit.sample.response - fit.sample.response.mean()) ** 2)
    if fit.residuals @ fit.residuals <= 1e-20 * spread:
        raise ModelError("the model fits the outcome perfectly, so there are no residuals to test")
