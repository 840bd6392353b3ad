"""The number of clusters in the rows of a model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ModelError


def count_clusters(
    codes: NDArray[np.int64] | None, cluster: str | tuple[str, ...] | None, n: int, instead: str = "HC3"
) -> int | tuple[int, ...] | None:
    """Number of clusters, both numbers for two-way clusters, or None; one cluster, or one for every row, is refused.

    `instead` is the covariance to advise without a cluster.
    """
    if codes is None:
        return None
    if codes.ndim == 1:
        return _count(codes, str(cluster), n, instead)
    return tuple(_count(column, name, n, instead) for column, name in zip(codes.T, cluster or (), strict=True))


def _count(codes: NDArray[np.int64], cluster: str, n: int, instead: str) -> int:
    groups = int(codes.max()) + 1
    if groups == 1:
        raise ModelError(
            f"cluster {cluster!r} has only one value in the rows used, but clustered standard errors need many groups; "
            f"leave it out and use covariance={instead!r}"
        )
    if groups == n:
        raise ModelError(
            f"cluster {cluster!r} has a different value in every row, so it forms no groups; use covariance={instead!r} without it"
        )
    return groups
