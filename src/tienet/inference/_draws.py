"""What every resampling shares: the clusters that are drawn, and how many draws fit into memory at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tienet.errors import ModelError
from tienet.moderation.fit import ModerationFit

_CELLS = 2_000_000  # numbers that one array of draws holds at a time: 16 MB


def blocks(draws: int, width: int) -> Iterator[slice]:
    """Consecutive slices of the draws, each small enough for arrays of (draws, width)."""
    size = max(1, _CELLS // max(1, width))
    for start in range(0, draws, size):
        yield slice(start, min(start + size, draws))


def cluster_codes(fit: ModerationFit) -> NDArray[np.int64] | None:
    """(n,) cluster of each row, 0 to G - 1; None without a cluster."""
    codes = fit.sample.clusters
    if codes is not None and np.ndim(codes) != 1:
        raise ModelError("the rows are grouped in two ways, and the bootstrap draws along one; fit with one column as the cluster")
    return codes
