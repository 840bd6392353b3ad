"""Shared parts of resampling: clusters, blocks of draws that fit into memory, and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, comb

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import FewClusters, FewDraws, ModelError, warn
from tienet.base.numbers import counted, coverage
from tienet.regression.model.fit import ModerationFit

_SHARE_LOST = 0.05
_BEYOND, _ENOUGH = 1, 25  # draws beyond each end: fewest that are not warned of, and number that is advised
_DIFFERENT = 1000
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
        raise ModelError("this is defined for one kind of cluster, but the fit has two; fit with one column as the cluster")
    return codes


def warn_draws(draws: int, alpha: float) -> None:
    """Warn of intervals whose ends the draws cannot show; 0 draws stand for an enumeration of all patterns."""
    beyond = draws * alpha / 2
    if 0 < beyond < _BEYOND:
        warn(
            f"draws={draws}: on average only {beyond:.2g} of them lie beyond each end of a {coverage(alpha)} interval, so its ends are "
            f"those of the most extreme draws; use at least {counted(ceil(2 * _ENOUGH / alpha), 'draw')}",
            FewDraws,
        )


def warn_few_units(groups: int) -> None:
    """Warn of a bootstrap of so few clusters that there are hardly any different resamples, C(2G - 1, G)."""
    different = comb(2 * groups - 1, groups)
    if different < _DIFFERENT:
        warn(
            f"{groups} clusters give only {different} different resamples, so these errors and intervals say little; no bootstrap of "
            f"clusters is reliable with so few",
            FewClusters,
        )


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
