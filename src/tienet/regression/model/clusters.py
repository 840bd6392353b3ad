"""Cautions about the clusters of a fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tienet.base.errors import FewClusters
from tienet.base.numbers import counted, listed
from tienet.regression.core.model_frame import Factor
from tienet.regression.covariance.cluster_sums import effective_clusters
from tienet.regression.covariance.clustered import Clustered
from tienet.regression.families.register import family_of
from tienet.regression.model.cautions import Caution, WithSample

FEW_CLUSTERS = 15
FEW_CLUSTERS_OF_A_FAMILY = 20  # with 15 clusters, nominal 95% intervals of a logit covered 90%
_FEW_DF = 4
_OPTIMISTIC = "clustered standard errors are too small and p-values too optimistic"


def cluster_cautions(fit: WithSample) -> Iterator[Caution]:
    """Few or unequal clusters, categories that are the clusters, and an indefinite two-way covariance."""
    codes, names = fit.sample.clusters, fit.covariance.cluster
    if codes is None or names is None:
        return
    each = [names] if isinstance(names, str) else list(names)
    if family_of(fit.model.family) is not None:
        for name, column in zip(each, codes.reshape(len(codes), -1).T, strict=True):
            repair = "no correction is agreed outside least squares, so report the number of clusters with them"
            yield from (Caution(text, FewClusters) for text in _few(name, column, repair, FEW_CLUSTERS_OF_A_FAMILY))
    elif fit.covariance.own_df and not fit.model.absorbed:
        yield from _small_df(fit)
    else:
        for name, column in zip(each, codes.reshape(len(codes), -1).T, strict=True):
            repair = f"{'covariance' if codes.ndim == 1 else f'cluster={name!r} alone with covariance'}='CR2' corrects for that"
            yield from (Caution(text, FewClusters) for text in _few(name, column, repair))
    for name in each:
        factor = fit.sample.columns.get(name)
        if isinstance(factor, Factor):
            yield Caution(
                f"{name} is both the cluster and a category of the model: clustered errors of its categories are meaningless"
                f"{_too_large(fit, factor, name)}",
                FewClusters,
                tuple(terms_of(fit, name)),
                void=True,
            )
    kind = fit.covariance.estimator
    if codes.ndim == 2 and isinstance(kind, Clustered) and not fit.model.absorbed:
        clipped = kind.below_zero(fit.solution, codes)
        if clipped:
            yield Caution(
                f"the two-way covariance by {listed(each)} had {counted(clipped, 'negative eigenvalue')}, set to 0: "
                "too few clusters for two ways; for comparison, cluster only by the column with fewer groups",
                FewClusters,
            )


def terms_of(fit: WithSample, factor: str) -> list[str]:
    """Names of the terms that contain a category."""
    pairs = zip(fit.terms, fit.design.sources, strict=False)
    return [name for name, source in pairs if factor in source.names]


def _too_large(fit: WithSample, column: Factor, name: str) -> str:
    """How much too large the errors of the other terms are if the categories of a cluster are counted as coefficients."""
    if fit.covariance.kind != "CR1" or family_of(fit.model.family) is not None:
        return "; use only those of the other terms"
    n, inside, k = fit.sample.n, len(column.levels) - 1, len(fit.terms)
    times = ((n - k + inside) / (n - k)) ** 0.5
    rows = n / len(column.levels)
    return (
        f", and those of the other terms are {times:.2f} times too large, about root(T/(T - 1)) with T = {rows:.1f} rows each; "
        f"write absorb={name!r} instead of C({name})"
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


def _small_df(fit: WithSample) -> Iterator[Caution]:
    dfs, name = fit.dfs, fit.covariance.estimator.df_name
    if dfs.min() < _FEW_DF:
        least = fit.terms[int(np.argmin(dfs))]
        yield Caution(
            f"the {name} degrees of freedom are only {dfs.min():.1f} for {least}: below about {_FEW_DF}, the clusters contain too little "
            "information about a coefficient for a reliable p-value",
            FewClusters,
            tuple(term for term, df in zip(fit.terms, dfs, strict=True) if df < _FEW_DF),
        )
