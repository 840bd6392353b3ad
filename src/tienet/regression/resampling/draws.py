"""Shared parts of resampling: clusters, blocks of draws that fit into memory, and refusals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ModelError
from tienet.base.numbers import counted
from tienet.regression.model.fit import ModerationFit

_SHARE_LOST = 0.05
_CELLS = 2_000_000  # numbers in one array of draws at a time: 16 MB


def blocks(draws: int, width: int) -> Iterator[slice]:
    """Split the draws into consecutive slices, each small enough for arrays of (draws, width)."""
    size = max(1, _CELLS // max(1, width))
    for start in range(0, draws, size):
        yield slice(start, min(start + size, draws))


def cluster_codes(fit: ModerationFit) -> NDArray[np.int64] | None:
    """(n,) cluster of each row, 0 to G - 1; None without clusters."""
    codes = fit.sample.clusters
    if codes is not None and np.ndim(codes) != 1:
        raise ModelError("the bootstrap draws one kind of cluster, but the fit has two; fit with one column as the cluster")
    return codes


def refuse_singular(lost: int, draws: int) -> None:
    """Refuse a bootstrap if too many resamples cannot be estimated."""
    if lost > _SHARE_LOST * draws or draws - lost < 2:
        raise ModelError(
            f"{lost:,} of {draws:,} resamples cannot be estimated because they lack something the model needs, often a rare category; "
            "drop or merge it, or use the covariance of the fit"
        )


def refuse_alone(left: NDArray[np.float64], rows: bool) -> None:
    """Refuse BCa intervals if the model cannot be estimated without some unit; `left` is (units, k)."""
    bad = int(np.sum(~np.isfinite(left).all(axis=1)))
    if bad:
        unit = counted(bad, "row") if rows else counted(bad, "cluster")
        raise ModelError(
            f"BCa intervals leave out each unit in turn, but the model needs {unit} to be estimated; use interval='percentile'"
        )
