r"""Profile likelihood of a random intercept in the ratio :math:`\theta = \tau^2 / \sigma^2`, from sums per unit.

With :math:`V = \sigma^2 (I + \theta ZZ')` the inverse needs, per unit of m rows, only the sums of the basis and of the residuals:
:math:`V_j^{-1} = \sigma^{-2} (I - \theta / (1 + m\theta) \, 11')`. All is in the orthonormal basis of the least-squares fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.record import Sealed
from tienet.regression.core.least_squares import Solution

_GRID = 400  # values of the ICC between 0 and 1 at which the profile is computed to bracket its maximum
_TOP = 1 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class UnitSums:
    """Sums per unit from which the likelihood is computed.

    Parameters
    ----------
    sizes
        (G,) number of rows in each unit.
    basis
        (G, k) sums of the basis over the rows of each unit.
    residuals
        (G,) sums of the least-squares residuals.
    square
        Sum of squares of the residuals.
    n
        Number of rows.
    """

    sizes: Vector
    basis: Vector
    residuals: Vector
    square: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class DegreesOfFreedom(Sealed):
    r"""Satterthwaite's :math:`2 (L'VL)^2 / g'Ag`, g the gradient of L'VL in the variance parameters and A their covariance.

    Parameters
    ----------
    matrix
        (k, k) covariance V.
    gradient
        (2, k, k) derivatives of V.
    spread
        (2, 2) covariance A.
    """

    matrix: Vector
    gradient: Vector
    spread: Vector

    def along(self, rows: Vector) -> DegreesOfFreedom:
        """Return the same for combinations of the coefficients, (r, k)."""
        return replace(self, matrix=rows @ self.matrix @ rows.T, gradient=rows @ self.gradient @ rows.T)

    def compact(self) -> DegreesOfFreedom:
        """Return itself, which is small whatever the number of units."""
        return self

    def of(self, rows: Vector) -> Vector:
        """(r,) degrees of freedom of (r, k) combinations; NaN for a row of zeros."""
        variance = np.einsum("ri,ij,rj->r", rows, self.matrix, rows)
        slope = np.einsum("ri,pij,rj->rp", rows, self.gradient, rows)
        noise = np.einsum("rp,pq,rq->r", slope, self.spread, slope)
        found = np.full(len(rows), np.nan)
        np.divide(2 * variance**2, noise, out=found, where=noise > 0)
        return found

    def joint(self, rows: Vector) -> tuple[float, float]:
        r"""Return the factor of F (1) and :math:`df_2 = 2E / (E - q)`, :math:`E = \sum_m \nu_m / (\nu_m - 2)`.

        The :math:`\nu_m` are the degrees of freedom of the t of the independent combinations whose squares add up to Q; if one is 2 or
        less, :math:`df_2` is 2.

        References
        ----------
        Fai, A. H.-T. & Cornelius, P. L. (1996). Journal of Statistical Computation and Simulation 54, 363-378.
        """
        variance = rows @ self.matrix @ rows.T
        size = np.sqrt(np.diag(variance))
        vectors = np.linalg.eigh(variance / np.outer(size, size))[1]
        each = self.of((vectors.T / size) @ rows)
        if np.ptp(each) <= 1e-8 * each.max():
            return 1.0, float(each.mean())
        if each.min() <= 2:
            return 1.0, 2.0
        expected = float(np.sum(each / (each - 2)))
        return 1.0, 2 * expected / (expected - len(each))

    def joint_matrix(self, matrix: Vector) -> Vector:
        """The covariance itself."""
        return matrix


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Likelihood at one ratio.

    Parameters
    ----------
    ratio, variance
        The ratio, and the error variance at it.
    step
        (k,) difference of the generalised from the ordinary least-squares coordinates.
    inverse
        (k, k) covariance of the coordinates divided by the error variance.
    log_likelihood
        Log-likelihood in the coordinates.
    score
        Derivative of -2 log-likelihood with respect to the ratio.
    gradient, spread
        As in `DegreesOfFreedom`, in the coordinates.
    """

    ratio: float
    variance: float
    step: Vector
    inverse: Vector
    log_likelihood: float
    score: float
    gradient: Vector
    spread: Vector

    def degrees(self, back: Vector) -> DegreesOfFreedom:
        """Return the degrees of freedom for combinations of the coefficients, back @ coordinates."""
        return DegreesOfFreedom(self.variance * self.inverse, self.gradient, self.spread).along(back)


def unit_sums(solution: Solution, codes: NDArray[np.int64]) -> UnitSums:
    """Sum a least-squares fit over the rows of each unit; `codes` is (n,) from 0 to G - 1."""
    basis = np.zeros((int(codes.max()) + 1, solution.basis.shape[1]))
    np.add.at(basis, codes, solution.basis)
    residuals = np.asarray(np.bincount(codes, weights=solution.residuals), dtype=float)
    square = float(solution.residuals @ solution.residuals)
    return UnitSums(np.asarray(np.bincount(codes), dtype=float), basis, residuals, square, len(codes))


def best_ratio(sums: UnitSums, restricted: bool) -> float:
    """Return the ratio that maximises the (restricted) likelihood; 0 if no positive ratio is better."""
    from scipy.optimize import brentq

    shares = np.linspace(0.0, 1.0, _GRID + 1)[:-1]  # of the variance between units: the ICC
    likelihoods = [profile(sums, share / (1 - share), restricted).log_likelihood for share in shares]
    best = int(np.argmax(likelihoods))
    low, high = shares[max(best - 1, 0)], shares[best + 1] if best + 1 < len(shares) else _TOP

    def score(share: float) -> float:
        return profile(sums, share / (1 - share), restricted).score

    if best == 0 and score(0.0) >= 0:
        return 0.0
    if score(high) < 0:
        return float(high / (1 - high))
    share = brentq(score, low, high, xtol=1e-15, rtol=1e-14)
    return float(share / (1 - share))


def profile(sums: UnitSums, ratio: float, restricted: bool) -> Profile:
    r"""Compute the likelihood at one ratio, its score, and the parts of Satterthwaite's degrees of freedom.

    With r the residuals of generalised least squares, summed per unit, and :math:`d_j = 1 + m_j \theta`, the derivative of the residual sum
    of squares is :math:`-\sum r_j^2 / d_j^2`, by the envelope theorem.
    """
    k = sums.basis.shape[1]
    shrunk = 1 + sums.sizes * ratio
    inside = (sums.basis * (ratio / shrunk)[:, None]).T
    inverse = np.linalg.inv(np.eye(k) - inside @ sums.basis)
    inverse = (inverse + inverse.T) / 2
    pull = -inside @ sums.residuals
    step = inverse @ pull
    square = sums.square - float(np.sum(sums.residuals**2 * ratio / shrunk)) - float(pull @ step)
    many = sums.n - k if restricted else sums.n
    variance = square / many
    left = sums.residuals - sums.basis @ step
    first, second = -(shrunk**-2), 2 * sums.sizes * shrunk**-3  # derivatives of the middle of the inverse
    slope = float(first @ left**2)
    tilt = (sums.basis * (first * left)[:, None]).sum(axis=0)
    bend = float(second @ left**2) - 2 * float(tilt @ inverse @ tilt)
    log_det = float(np.log(shrunk).sum())
    det_slope, det_bend = float((sums.sizes / shrunk).sum()), -float(((sums.sizes / shrunk) ** 2).sum())
    moved = (sums.basis * first[:, None]).T @ sums.basis  # derivative of B'WB
    if restricted:
        around = inverse @ moved
        log_det -= float(np.linalg.slogdet(inverse)[1])
        det_slope += float(np.trace(around))
        det_bend += float(np.trace(inverse @ ((sums.basis * second[:, None]).T @ sums.basis)) - np.trace(around @ around))
    gradient = np.array([-variance * inverse @ moved @ inverse, inverse])
    hessian = np.array([[bend / variance + det_bend, -slope / variance**2], [-slope / variance**2, many / variance**2]])
    return Profile(
        ratio=ratio,
        variance=variance,
        step=step,
        inverse=inverse,
        log_likelihood=-0.5 * (many * np.log(2 * np.pi * variance) + many + log_det),
        score=slope / variance + det_slope,
        gradient=gradient,
        spread=_spread(hessian, ratio),
    )


def _spread(hessian: Vector, ratio: float) -> Vector:
    """Covariance of ratio and error variance, twice the inverse Hessian of -2 log-likelihood; only the second at ratio 0."""
    found = np.zeros((2, 2))
    if ratio > 0:
        determinant = hessian[0, 0] * hessian[1, 1] - hessian[0, 1] ** 2
        if determinant > 0:
            return np.asarray(2 * np.array([[hessian[1, 1], -hessian[0, 1]], [-hessian[1, 0], hessian[0, 0]]]) / determinant)
    found[1, 1] = 2 / hessian[1, 1]
    return found
