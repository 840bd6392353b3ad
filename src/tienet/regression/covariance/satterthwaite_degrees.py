"""Satterthwaite degrees of freedom for CR2 and CR3, and the HTZ test based on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.record import Sealed
from tienet.regression.covariance.cluster_sums import ALONE, power_left, spectra

_ROOM = 4_000_000  # numbers in one batch of contrasts


@dataclass(frozen=True, slots=True, eq=False)
class Satterthwaite(Sealed):
    """Degrees of freedom under CR2 or CR3, from two (k, k) matrices per cluster.

    Parameters
    ----------
    adjusted, squared
        (G, k, k) each: B_g' A_g B_g and B_g' A_g^2 B_g.
    back
        (p, k) map from the coordinates to the p quantities that contrasts combine.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
    """

    adjusted: Vector
    squared: Vector
    back: Vector

    def along(self, rows: Vector) -> Satterthwaite:
        """The same for combinations of (r, p) rows: contrasts are then (r,) weights of those rows."""
        return replace(self, back=rows @ self.back)

    def of(self, rows: Vector) -> Vector:
        r"""(r,) degrees of freedom of the t of each combination, for (r, p) rows.

        With u the row in the coordinates, and independent errors with equal variance as the working model,
        :math:`P_{gh} = 1_{g=h}\, u'S_g u - (D_g u)'(D_h u)` and the degrees of freedom are :math:`(\operatorname{tr} P)^2 /
        \operatorname{tr} P^2`. The length of u does not matter. NaN for a row of zeros.
        """
        contrasts = rows @ self.back
        size = np.linalg.norm(contrasts, axis=1, keepdims=True)
        contrasts = np.divide(contrasts, size, out=np.full_like(contrasts, np.nan), where=size > 0)
        groups, k, _ = self.adjusted.shape
        pieces = max(1, len(contrasts) * (groups + k) * k // _ROOM)
        return np.concatenate([self._of(part) for part in np.array_split(contrasts, pieces)])

    def _of(self, contrasts: Vector) -> Vector:
        moved = np.einsum("gij,rj->rgi", self.adjusted, contrasts, optimize=True)
        squares = np.einsum("ri,gij,rj->rg", contrasts, self.squared, contrasts, optimize=True)
        own = np.sum(moved**2, axis=2)
        together = np.matmul(moved.transpose(0, 2, 1), moved)
        diagonal = squares - own
        spread = np.sum(diagonal**2, axis=1) + np.sum(together**2, axis=(1, 2)) - np.sum(own**2, axis=1)
        return np.asarray(diagonal.sum(axis=1) ** 2 / spread)

    def compact(self) -> Compact:
        r"""A form for many combinations of the p rows of `back`, when p is small.

        :math:`\operatorname{tr} P` is a quadratic form and :math:`\operatorname{tr} P^2` a quartic form in the weights of those rows.
        """
        directions, triangle = np.linalg.qr(self.back.T)
        moved = self.adjusted @ directions
        own = np.matmul(moved.transpose(0, 2, 1), moved)
        diagonal = (directions.T @ self.squared @ directions - own).reshape(len(own), -1)
        own = own.reshape(len(own), -1)
        together = np.einsum("gia,gjb->abij", moved, moved, optimize=True).reshape(own.shape[1], -1)
        return Compact(diagonal.sum(axis=0), diagonal.T @ diagonal + together @ together.T - own.T @ own, triangle.T)

    def joint(self, rows: Vector) -> tuple[float, float]:
        r"""The HTZ test, :math:`F = (Q / q) (\eta - q + 1) / \eta` with q and :math:`\eta - q + 1` degrees of freedom."""
        eta = self.hotelling(rows)
        df2 = eta - len(rows) + 1
        return (df2 / eta, df2) if df2 > 0 else (float("nan"), float("nan"))

    def joint_matrix(self, matrix: Vector) -> Vector:
        """The covariance itself."""
        return matrix

    def hotelling(self, rows: Vector) -> float:
        r"""Degrees of freedom :math:`\eta` of the Wishart distribution closest to the covariance of q combinations, (q, p) rows.

        With the combinations made independent under the working model, :math:`\eta = q(q+1) / \sum_{st} \operatorname{Var} \Omega_{st}`;
        for q = 1 it is Satterthwaite's number. The Wald statistic Q then becomes :math:`F = Q (\eta - q + 1) / (\eta q)` with q and
        :math:`\eta - q + 1` degrees of freedom. NaN if the combinations are linearly dependent.

        References
        ----------
        Tipton, E. & Pustejovsky, J. E. (2015). Journal of Educational and Behavioral Statistics 40, 604-634.
        """
        q = len(rows)
        contrasts = np.linalg.qr((rows @ self.back).T)[0].T  # any basis of their span gives the same test
        expected = self._products(contrasts)[0].sum(axis=0)
        values, vectors = np.linalg.eigh(expected)
        if values[0] <= ALONE * values[-1]:
            return float("nan")
        diagonal, own, together = self._products((vectors / values**0.5).T @ contrasts)
        straight = np.einsum("gss,gtt->st", diagonal, diagonal) - np.einsum("gss,gtt->st", own, own)
        crossed = np.einsum("gst,gst->st", diagonal, diagonal) - np.einsum("gst,gst->st", own, own)
        straight += np.einsum("stij,stij->st", together, together)
        crossed += np.einsum("stij,stji->st", together, together)
        return float(q * (q + 1) / (straight + crossed).sum())

    def _products(self, contrasts: Vector) -> tuple[Vector, Vector, Vector]:
        """(G, q, q) of P_gg and of (D_g u_s)'(D_g u_t), and (q, q, k, k) sums of (D_g u_s)(D_g u_t)'."""
        moved = np.einsum("gij,sj->gsi", self.adjusted, contrasts, optimize=True)
        own = np.einsum("gsi,gti->gst", moved, moved, optimize=True)
        squares = np.einsum("si,gij,tj->gst", contrasts, self.squared, contrasts, optimize=True)
        return squares - own, own, np.einsum("gsi,gtj->stij", moved, moved, optimize=True)


@dataclass(frozen=True, slots=True, eq=False)
class Compact(Sealed):
    """Satterthwaite degrees of freedom of combinations of p rows, at a cost that does not depend on the number of clusters.

    Parameters
    ----------
    trace, square
        (p^2,) and (p^2, p^2) forms of tr P and tr PP in the products of two weights.
    back
        (m, p) map from combinations to orthonormal weights.
    """

    trace: Vector
    square: Vector
    back: Vector

    def along(self, rows: Vector) -> Compact:
        """The same for combinations of (r, m) rows."""
        return replace(self, back=rows @ self.back)

    def of(self, rows: Vector) -> Vector:
        """(v,) degrees of freedom of (v, m) combinations; NaN for a row of zeros."""
        weights = rows @ self.back
        size = np.linalg.norm(weights, axis=1, keepdims=True)
        weights = np.divide(weights, size, out=np.full_like(weights, np.nan), where=size > 0)
        products = np.einsum("va,vb->vab", weights, weights).reshape(len(rows), -1)
        return np.asarray((products @ self.trace) ** 2 / np.einsum("vi,vi->v", products @ self.square, products))


def satterthwaite(basis: Vector, back: Vector, codes: Codes, power: float = -0.5) -> Satterthwaite:
    r"""A `Satterthwaite` from the rows of the basis and the map to the coefficients, for :math:`A_g = (I - H_{gg})^p`."""
    values, vectors = spectra(basis, codes)
    adjusted, squared = (
        np.matmul(vectors * (values * power_left(values, p))[:, None], vectors.transpose(0, 2, 1)) for p in (power, 2 * power)
    )
    return Satterthwaite(adjusted, squared, back)
