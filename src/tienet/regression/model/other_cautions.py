"""Cautions about fits other than plain least squares: of a likelihood, and within absorbed effects."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Vector
from tienet.regression.core.least_squares import solve
from tienet.regression.core.polynomial import recentring
from tienet.regression.model.cautions import Caution, WithSample
from tienet.regression.model.clusters import cluster_cautions
from tienet.regression.model.held_terms import Spanned, caution_of_one_row, cautions_of_clusters


def cautions_of_likelihood(fit: WithSample) -> tuple[Caution, ...]:
    """Few clusters, and terms that few of them, or one row, hold: what the design says, whatever the weights of the likelihood."""
    robust = fit.covariance.kind in ("HC0", "HC1")
    if fit.sample.clusters is None and not robust:
        return ()
    design = fit.design
    solution = solve(design.columns(design.means), fit.sample.response, [str(term) for term in design.terms[1:]])
    back = (recentring(design.terms, design.means, design.centers) @ solution.back)[1:]
    spanned = Spanned(tuple(map(str, design.terms[1:])), solution.basis, back)
    if robust:
        return tuple(caution_of_one_row(fit, spanned, "take the model's own errors with covariance='classical'"))
    return (*cluster_cautions(fit), *cautions_of_clusters(fit, spanned))


def cautions_of_absorbed(fit: WithSample, moves: Vector) -> tuple[Caution, ...]:
    """Few clusters, and terms whose variation within the absorbed groups few of them hold; `moves` as of an `AbsorbedFit`."""
    names = [str(term) for term in fit.design.terms]
    kept = np.flatnonzero([name in fit.terms for name in names])
    spanned = Spanned(fit.terms, fit.solution.basis, moves[:, kept] @ fit.solution.back)
    return (*cluster_cautions(fit), *cautions_of_clusters(fit, spanned))
