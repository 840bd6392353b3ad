"""What every resampling shares: the clusters that are drawn, how many draws fit into memory, and which samples cannot be resampled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.regression.model.fit import ModerationFit

_SHARE_LOST = 0.05
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


def refuse_singular(lost: int, draws: int) -> None:
    """Refuse a bootstrap of which too many resamples have no fit."""
    if lost > _SHARE_LOST * draws or draws - lost < 2:
        raise ModelError(
            f"{lost:,} of {draws:,} resamples cannot be estimated: something the model needs, often a rare category, is absent from them; "
            "drop or merge it, or use the covariance of the fit"
        )


def refuse_alone(left: NDArray[np.float64], rows: bool) -> None:
    """Refuse BCa intervals when the fit without some unit, (units, k), does not exist."""
    bad = int(np.sum(~np.isfinite(left).all(axis=1)))
    if bad:
        unit = counted(bad, "row") if rows else counted(bad, "cluster")
        raise ModelError(f"BCa intervals leave out each unit in turn, but a coefficient rests on {unit} alone; use interval='percentile'")
