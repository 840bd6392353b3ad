"""Sums and spectra of clusters, in functions of arrays.

All computations use the k coordinates of the orthonormal basis B. With B_g the rows of cluster g, H_gg = B_g B_g' and
M_g = B_g' B_g have the same positive eigenvalues, so functions of I - H_gg are computed from I - M_g. No n x n matrix, and none as
large as a cluster, is formed.
"""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Codes, Vector

ALONE = 1e-10  # eigenvalues of I - H_gg up to this are zero: the cluster alone determines a direction


def sums(values: Vector, codes: Codes) -> Vector:
    """(G, k) sums of the rows of each cluster."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(int(codes.max()) + 1))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0))


def spectra(basis: Vector, codes: Codes) -> tuple[Vector, Vector]:
    """(G, k) eigenvalues and (G, k, k) eigenvectors of every B_g' B_g."""
    # one column after another, so that no (n, k, k) array is needed
    values, vectors = np.linalg.eigh(np.stack([sums(basis * column[:, None], codes) for column in basis.T], axis=1))
    return np.clip(values, 0.0, 1.0), vectors


def power_left(values: Vector, power: float) -> Vector:
    """(1 - value)^power, or 0 if 1 - value is zero, as in a pseudo-inverse."""
    left = 1 - values
    return np.asarray(np.where(left > ALONE, np.maximum(left, ALONE) ** power, 0.0))


def adjusted(scores: Vector, spectrum: tuple[Vector, Vector], power: float) -> Vector:
    r"""(G, k) scores B_g' A_g e_g with :math:`A_g = (I - H_{gg})^p`, from the B_g' e_g and the spectrum of the clusters."""
    values, vectors = spectrum
    return np.asarray(np.einsum("gij,gj,gkj,gk->gi", vectors, power_left(values, power), vectors, scores, optimize=True))


def small_sample_factor(groups: int, n: int, k: int) -> float:
    """G/(G - 1) (n - 1)/(n - k)."""
    return groups / (groups - 1) * (n - 1) / (n - k)


def effective_clusters(codes: Codes) -> float:
    r"""Number of equal-sized clusters with the same information: :math:`G / (1 + CV^2) = n^2 / \sum n_g^2`.

    This is the effective number of Carter, Schnepel and Steigerwald for clusters that differ only in size.

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
