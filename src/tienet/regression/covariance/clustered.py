"""Clustered sandwiches in functions of arrays: CR0 to CR3, two-way, and the degrees of freedom that belong to CR2.

Everything happens in the k coordinates of the orthonormal basis B. With B_g the rows of cluster g, H_gg = B_g B_g' and
M_g = B_g' B_g have the same eigenvalues above zero, so a function of I - H_gg is the same function of I - M_g: no n x n matrix, and
none of the size of a cluster, is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.base.record import Sealed
from tienet.regression.core.degrees import SmallSampleFactor

_ALONE = 1e-10  # what is left of an eigenvalue of I - H_gg when its cluster alone decides a direction
_ROOM = 4_000_000  # numbers in one batch of contrasts
_POWER = {"CR2": -0.5, "CR3": -1.0}


def clustered_meat(basis: Vector, residuals: Vector, codes: Codes, kind: str) -> tuple[Vector, SmallSampleFactor]:
    r"""Covariance of the coordinates, and the small-sample factor already in it.

    Parameters
    ----------
    basis, residuals
        (n, k) orthonormal and (n,).
    codes
        (n,) cluster of each row, 0 to G - 1; (n, 2) for two-way clusters.
    kind
        "CR0" to "CR3"; "CR0" or "CR1" when two-way.

    Raises
    ------
    ModelError
        Under CR3 when one cluster alone decides a coefficient: I - H_gg has no inverse.

    Notes
    -----
    The meat is :math:`\sum_g B_g' A_g e_g e_g' A_g B_g` with :math:`A_g = I` (CR0, and CR1 with the factor
    :math:`G/(G-1) \cdot (n-1)/(n-k)`), the symmetric :math:`(I - H_{gg})^{-1/2}` (CR2; a pseudo-inverse where a cluster alone decides a
    coefficient) or :math:`(I - H_{gg})^{-1}` (CR3, without a factor; others multiply it by (G - 1)/G). Two-way it is
    :math:`W_1 + W_2 - W_{12}`, each with the CR1 factor of its own number of clusters (Petersen's and Stata's convention), and
    eigenvalues below zero are set to 0. With weights B and e are multiplied by their roots, so the working model behind CR2 is errors of
    variance 1/w, independent of one another; the symmetric root is taken after that multiplication (clubSandwich takes it before, which
    is as unbiased but not the same number).

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011). Journal of Business & Economic Statistics 29, 238-249.
    Petersen, M. A. (2009). Review of Financial Studies 22, 435-480.
    """
    if codes.ndim == 2:
        combined, factors = _two_way(basis, residuals, codes, kind)
        values, vectors = np.linalg.eigh(combined)
        return (vectors * np.maximum(values, 0.0)) @ vectors.T, factors
    scores = _sums(basis * residuals[:, None], codes)
    if kind in _POWER:
        values, vectors = _spectra(basis, codes)
        if kind == "CR3":
            _refuse_alone(values, codes)
        scores = np.einsum("gij,gj,gkj,gk->gi", vectors, _power(values, _POWER[kind]), vectors, scores, optimize=True)
    factor = _factor(int(codes.max()) + 1, *basis.shape) if kind == "CR1" else 1.0
    return factor * scores.T @ scores, factor


def below_zero(basis: Vector, residuals: Vector, codes: Codes, kind: str) -> int:
    """How many eigenvalues of the two-way meat are below zero by more than rounding, and were set to 0."""
    values = np.linalg.eigvalsh(_two_way(basis, residuals, codes, kind)[0])
    return int((values < -1e-12 * np.abs(values).max()).sum())


def effective_clusters(codes: Codes) -> float:
    r"""Number of equal clusters that carry as much: :math:`G / (1 + CV^2) = n^2 / \sum n_g^2`.

    This is the effective number of Carter, Schnepel and Steigerwald with clusters that differ in their size alone.

    References
    ----------
    Carter, A. V., Schnepel, K. T. & Steigerwald, D. G. (2017). Review of Economics and Statistics 99, 698-709.

    Examples
    --------
    >>> effective_clusters(np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 2]))
    1.5151515151515151
    """
    sizes = np.bincount(codes)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Satterthwaite(Sealed):
    """What the degrees of freedom under CR2 need: two small matrices a cluster.

    Parameters
    ----------
    adjusted, squared
        (G, k, k) each: B_g' A_g B_g and B_g' A_g^2 B_g.
    back
        (p, k) map from the coordinates to whatever the contrasts combine.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
    """

    adjusted: Vector
    squared: Vector
    back: Vector

    def along(self, rows: Vector) -> Satterthwaite:
        """The same for combinations of some rows, (r, p): contrasts are then (r,) weights of those."""
        return replace(self, back=rows @ self.back)

    def of(self, rows: Vector) -> Vector:
        r"""Degrees of freedom of the t of each combination, (r,), for (r, p) rows.

        With u the row in the coordinates and independent errors of one variance as the working model,
        :math:`P_{gh} = 1_{g=h}\, u'S_g u - (D_g u)'(D_h u)` and the degrees of freedom are :math:`(\operatorname{tr} P)^2 /
        \operatorname{tr} P^2`. Neither changes with the length of u. NaN for a row of zeros.
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
        r"""Prepare many combinations of the few rows p of `back`.

        :math:`\operatorname{tr} P` and :math:`\operatorname{tr} P^2` are a quadratic and a quartic form in the weights of those rows.
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

    def hotelling(self, rows: Vector) -> float:
        r"""Degrees of freedom :math:`\eta` of the Wishart that comes nearest to the covariance of q combinations, (q, p) rows.

        With the combinations made independent under the working model, :math:`\eta = q(q+1) / \sum_{st} \operatorname{Var} \Omega_{st}`;
        for q = 1 it is the Satterthwaite number. The Wald statistic Q then becomes :math:`F = Q (\eta - q + 1) / (\eta q)` with q and
        :math:`\eta - q + 1` degrees of freedom. NaN when the combinations are not independent of each other.

        References
        ----------
        Tipton, E. & Pustejovsky, J. E. (2015). Journal of Educational and Behavioral Statistics 40, 604-634.
        """
        q = len(rows)
        contrasts = np.linalg.qr((rows @ self.back).T)[0].T  # any basis of their span gives the same test
        expected = self._products(contrasts)[0].sum(axis=0)
        values, vectors = np.linalg.eigh(expected)
        if values[0] <= _ALONE * values[-1]:
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
    """Satterthwaite degrees of freedom of combinations of p rows, whatever the number of clusters.

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
        """The same for combinations of some rows, (r, m)."""
        return replace(self, back=rows @ self.back)

    def of(self, rows: Vector) -> Vector:
        """(v,) degrees of freedom of (v, m) combinations; NaN for a row of zeros."""
        weights = rows @ self.back
        size = np.linalg.norm(weights, axis=1, keepdims=True)
        weights = np.divide(weights, size, out=np.full_like(weights, np.nan), where=size > 0)
        products = np.einsum("va,vb->vab", weights, weights).reshape(len(rows), -1)
        return np.asarray((products @ self.trace) ** 2 / np.einsum("vi,vi->v", products @ self.square, products))


def satterthwaite(basis: Vector, back: Vector, codes: Codes) -> Satterthwaite:
    """What `Satterthwaite` holds, from the rows of the basis and the map back to the coefficients."""
    values, vectors = _spectra(basis, codes)
    adjusted, squared = (np.matmul(vectors * (values * _power(values, p))[:, None], vectors.transpose(0, 2, 1)) for p in (-0.5, -1.0))
    return Satterthwaite(adjusted, squared, back)


def _sums(values: Vector, codes: Codes) -> Vector:
    """(G, k) sums of the rows of each cluster."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(int(codes.max()) + 1))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0))


def _spectra(basis: Vector, codes: Codes) -> tuple[Vector, Vector]:
    """(G, k) eigenvalues and (G, k, k) eigenvectors of every B_g' B_g."""
    # one column after another, so that no (n, k, k) array is needed
    values, vectors = np.linalg.eigh(np.stack([_sums(basis * column[:, None], codes) for column in basis.T], axis=1))
    return np.clip(values, 0.0, 1.0), vectors


def _power(values: Vector, power: float) -> Vector:
    """(1 - value)^power, 0 where nothing is left: the pseudo-inverse."""
    left = 1 - values
    return np.asarray(np.where(left > _ALONE, np.maximum(left, _ALONE) ** power, 0.0))


def _refuse_alone(values: Vector, codes: Codes) -> None:
    alone = np.flatnonzero(1 - values[:, -1] <= _ALONE)
    if alone.size:
        sizes = np.bincount(codes)[alone]
        others = f" (and {counted(alone.size - 1, 'other cluster')})" if alone.size > 1 else ""
        raise ModelError(
            f"CR3 is not defined: a cluster of {counted(int(sizes[0]), 'row')}{others} alone decides a coefficient; "
            "drop the term it alone carries, or use CR2 or CR1"
        )


def _factor(groups: int, n: int, k: int) -> float:
    return groups / (groups - 1) * (n - 1) / (n - k)


def _two_way(basis: Vector, residuals: Vector, codes: Codes, kind: str) -> tuple[Vector, tuple[float, ...]]:
    """W_1 + W_2 - W_12 as it comes, and the factors of the three."""
    both = np.unique(codes, axis=0, return_inverse=True)[1].ravel()
    parts = [clustered_meat(basis, residuals, part, kind) for part in (codes[:, 0], codes[:, 1], both)]
    matrices, factors = zip(*parts, strict=True)
    return matrices[0] + matrices[1] - matrices[2], tuple(float(factor) for factor in factors)
