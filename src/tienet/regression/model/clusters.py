"""Warnings about the clusters of a fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tienet.base.numbers import counted, listed
from tienet.regression.core.model_frame import Factor
from tienet.regression.covariance.cluster_sums import effective_clusters
from tienet.regression.covariance.clustered import Clustered
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.generalised import GeneralisedFit

FEW_CLUSTERS = 15
FEW_CLUSTERS_OF_A_FAMILY = 20  # with 15 clusters, nominal 95% intervals of a logit covered 90%
_FEW_DF = 4
_OPTIMISTIC = "clustered standard errors are too small and p-values too optimistic"


def cluster_troubles(fit: ModerationFit | GeneralisedFit) -> Iterator[str]:
    """Warnings about the clusters of a fit, one sentence each."""
    codes, names = fit.sample.clusters, fit.covariance.cluster
    if codes is None or names is None:
        return
    each = [names] if isinstance(names, str) else list(names)
    if isinstance(fit, GeneralisedFit):
        for name, column in zip(each, codes.reshape(len(codes), -1).T, strict=True):
            yield from _few(
                name,
                column,
                "no correction is agreed outside least squares, so report the number of clusters with them",
                FEW_CLUSTERS_OF_A_FAMILY,
            )
    elif fit.covariance.own_df:
        yield from _small_df(fit)
    else:
        for name, column in zip(each, codes.reshape(len(codes), -1).T, strict=True):
            yield from _few(
                name, column, f"{'covariance' if codes.ndim == 1 else f'cluster={name!r} alone with covariance'}='CR2' corrects for that"
            )
    for name in each:
        if isinstance(fit.sample.columns.get(name), Factor):
            yield (
                f"{name} is both the cluster and a category of the model: each coefficient of its categories depends on one cluster, "
                "so their clustered standard errors are meaningless; use only those of the other terms"
            )
    kind = fit.covariance.estimator
    if codes.ndim == 2 and isinstance(kind, Clustered) and isinstance(fit, ModerationFit):
        clipped = kind.below_zero(fit.solution, codes)
        if clipped:
            yield (
                f"the two-way covariance by {listed(each)} had {counted(clipped, 'negative eigenvalue')}, set to 0: "
                "too few clusters for two ways; for comparison, cluster only by the column with fewer groups"
            )


def _few(name: str, codes: np.ndarray, repair: str, few: int = FEW_CLUSTERS) -> Iterator[str]:
    groups, effective = int(codes.max()) + 1, effective_clusters(codes)
    if groups < few:
        unequal = f", whose unequal sizes make them equivalent to {effective:.1f} equal ones" if effective < 0.8 * groups else ""
        yield f"{name} has {groups} clusters{unequal}: below about {few}, {_OPTIMISTIC}; {repair}"
    elif effective < FEW_CLUSTERS:
        yield (
            f"{name} has {groups} clusters, whose unequal sizes make them equivalent to {effective:.1f} equal ones: "
            f"below about {FEW_CLUSTERS}, {_OPTIMISTIC}; {repair}"
        )


def _small_df(fit: ModerationFit) -> Iterator[str]:
    dfs, name = fit.dfs, fit.covariance.estimator.df_name
    if dfs.min() < _FEW_DF:
        least = fit.terms[int(np.argmin(dfs))]
        yield (
            f"the {name} degrees of freedom are only {dfs.min():.1f} for {least}: below about {_FEW_DF}, the clusters contain too little "
            "information about a coefficient for a reliable p-value"
        )
