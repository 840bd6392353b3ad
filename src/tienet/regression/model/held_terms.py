"""Cautions about terms that one row, or one or a few clusters, hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import FewClusters, FewRows
from tienet.base.numbers import listed, percent
from tienet.regression.core.model_frame import Factor
from tienet.regression.covariance.cr2 import CR2
from tienet.regression.covariance.cr3 import CR3
from tienet.regression.covariance.held import (
    MOST,
    along,
    directions_alone,
    shares_of_clusters,
    shares_of_rows,
    shown_terms,
)
from tienet.regression.covariance.heteroscedastic import FULL_LEVERAGE, HC0
from tienet.regression.families.register import family_of
from tienet.regression.model.cautions import Caution, WithSample
from tienet.regression.model.clusters import terms_of

_HOLDS = 0.75  # share of a term's variation that its few clusters have together
_FEW = 4  # most clusters that are called few: with four treated ones of twenty, 95% intervals under CR1 cover 88%
_OF_ALL = 0.25  # largest share of all clusters that is called few
_ONE_ROW = 0.9  # share of a term's variation in one row, above which squared residuals do not show its variance


class HeldTerm(NamedTuple):
    """Number of clusters that hold each of p terms, 0 for many, and the (p,) share of its variation that they have."""

    clusters: Codes
    share: Vector


class Spanned(NamedTuple):
    """Names of p terms, (n, k) orthonormal columns of the design, and (p, k) rows that lead from their coordinates to coefficients."""

    terms: tuple[str, ...]
    basis: Vector
    back: Vector


def held_cautions(fit: WithSample) -> Iterator[Caution]:
    """Terms whose own variation, after the other terms are partialled out, is in few clusters or in one row."""
    spanned = Spanned(fit.terms[1:], fit.solution.basis, fit.back[1:])
    if fit.sample.clusters is None:
        yield from _one_row(fit, spanned)
    else:
        yield from cautions_of_clusters(fit, spanned)


def cautions_of_clusters(fit: WithSample, spanned: Spanned) -> Iterator[Caution]:
    """Terms whose own variation is in one or a few clusters; nothing without clusters."""
    codes, names = fit.sample.clusters, fit.covariance.cluster
    if codes is None or names is None:
        return
    each = [names] if isinstance(names, str) else list(names)
    for name, column in zip(each, codes.reshape(len(codes), -1).T, strict=True):
        yield from _few_clusters(fit, spanned, name, column)


def held_by_clusters(basis: Vector, back: Vector, codes: Codes, most: int = _FEW) -> HeldTerm:
    r"""Count the clusters that hold terms.

    One cluster holds a term if it alone determines a direction on which the coefficient depends, as it does for a treatment that no
    other cluster has. A few hold it if they have three quarters of its variation, but at most half as large a share of the rows, and are
    at most a quarter of the clusters.

    Parameters
    ----------
    basis, back
        (n, k) orthonormal columns, and (p, k) rows that lead from coordinates to coefficients.
    codes
        (n,) cluster of each row.
    most
        Largest number of clusters that counts as few.

    References
    ----------
    MacKinnon, J. G. & Webb, M. D. (2017). Journal of Applied Econometrics 32, 233-254.
    """
    shares = shares_of_clusters(basis, back, codes)
    groups, p = shares.shape
    order = np.argsort(-shares, axis=0, kind="stable")[: max(most, 1)]
    together = np.cumsum(np.take_along_axis(shares, order, axis=0), axis=0)
    rows = np.cumsum((np.bincount(codes) / len(codes))[order], axis=0)
    few = (together >= _HOLDS) & (rows <= together / 2) & (np.arange(1, len(order) + 1) <= _OF_ALL * groups)[:, None]
    first = np.argmax(few, axis=0)
    found = np.where(few.any(axis=0), first + 1, 0)
    share = together[first, np.arange(p)]
    alone = along(back, directions_alone(basis, codes, np.flatnonzero((shares > MOST).any(axis=1)))) > MOST
    return HeldTerm(np.where(alone, 1, found), np.where(alone, together[0], share))


def _few_clusters(fit: WithSample, spanned: Spanned, name: str, codes: Codes) -> Iterator[Caution]:
    own = isinstance(fit.covariance.estimator, CR2 | CR3)  # their degrees of freedom tell of two or more clusters
    held = held_by_clusters(spanned.basis, spanned.back, codes, 1 if own else _FEW)
    said = set(terms_of(fit, name)) if isinstance(fit.sample.columns.get(name), Factor) else set()
    one, few = ([place for place, count in enumerate(held.clusters) if low <= count <= high] for low, high in ((1, 1), (2, _FEW)))
    for places in (one, few):
        terms = [spanned.terms[place] for place in places if spanned.terms[place] not in said]
        if terms:
            count, share = int(held.clusters[places].max()), float(held.share[places].min())
            text = _cluster_text(fit, name, int(codes.max()) + 1, count, terms, share)
            yield Caution(text, FewClusters, tuple(terms), void=count == 1)


def _cluster_text(fit: WithSample, name: str, groups: int, count: int, terms: list[str], share: float) -> str:
    kind, one = fit.covariance.kind, len(terms) == 1
    what, verb, it = listed(shown_terms(terms)), "rests" if one else "rest", "it" if one else "them"
    if count == 1:
        return (
            f"{what} {verb} on 1 of {groups} clusters of {name}: the {kind} standard error of {it} is far too small and the p-value means "
            f"nothing, under any clustered covariance or bootstrap; report {it} without a test"
        )
    repair = (
        f"the degrees of freedom of covariance='CR2' show how little the clusters tell about {it}"
        if family_of(fit.model.family) is None
        else "no correction is agreed outside least squares, so report the number of clusters with it"
    )
    return (
        f"{what} {verb} on {'' if one else 'at most '}{count} of {groups} clusters of {name} ({percent(share, 0)} of "
        f"{'its' if one else 'their'} variation): the {kind} standard error is too small and the p-value too optimistic; {repair}"
    )


def _one_row(fit: WithSample, spanned: Spanned) -> Iterator[Caution]:
    kind = fit.covariance.estimator
    if isinstance(kind, HC0):
        yield from caution_of_one_row(fit, spanned, "assume equal variance with covariance='classical'")
    elif kind.equal_variance:
        full = fit.solution.leverage > FULL_LEVERAGE
        held = along(spanned.back, spanned.basis[full]) > MOST
        for head, their, terms in _resting(spanned, held):
            text = f"{head}: {their} standard error is right only if the error of that row varies as those of the others do"
            yield Caution(text, FewRows, terms)


def caution_of_one_row(fit: WithSample, spanned: Spanned, instead: str) -> Iterator[Caution]:
    """Terms of one row, whose squared residual does not show its variance; `instead` is what else can be assumed."""
    _, basis, back = spanned
    held = shares_of_rows(basis, back).max(axis=0) > _ONE_ROW
    held |= along(back, basis[(basis**2).sum(axis=1) > FULL_LEVERAGE]) > MOST
    for head, _, terms in _resting(spanned, held):
        text = (
            f"{head}, whose residual is near 0 whatever its error: the {fit.covariance.kind} standard error is far too small and the "
            f"p-value means nothing; drop that term, merge that category, or {instead}"
        )
        yield Caution(text, FewRows, terms, void=True)


def _resting(spanned: Spanned, held: NDArray[np.bool_]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """'g[b] rests on one row', 'its', and the terms; nothing if there are none."""
    terms = tuple(term for term, yes in zip(spanned.terms, held, strict=True) if yes)
    if terms:
        what, one = listed(shown_terms(terms)), len(terms) == 1
        yield f"{what} {'rests' if one else 'each rest'} on one row", "its" if one else "their", terms
