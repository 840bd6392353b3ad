"""Estimation of a specification with a family of outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.record import Fixed, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import build_design
from tienet.regression.core.formula import Formula
from tienet.regression.core.least_squares import sandwich, solve
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Polynomial, recentring
from tienet.regression.core.response import Reestimation, link_named
from tienet.regression.families.errors import Errors, errors_of, estimator_for
from tienet.regression.families.family import Family, Maximum
from tienet.regression.families.reweighted import Reweighted
from tienet.regression.families.separation import separating, standardised
from tienet.regression.model.cluster_counts import count_clusters
from tienet.regression.model.generalised import GeneralisedFit, Own
from tienet.regression.model.ordinal import OrdinalFit
from tienet.regression.model.specification import Specification


def maximise(model: Specification, formula: Formula, family: Family, sample: ModelFrame) -> GeneralisedFit:
    """Fit a specification with a family to a model frame."""
    design = build_design(sample, formula, model.center)
    if np.ptp(sample.response) == 0:
        raise ModelError(f"{formula.outcome} has the same value in all {sample.n} rows used; there is nothing to explain")
    names = [str(term) for term in design.terms[1:]]
    columns = design.columns(design.means)
    # Columns with a mean square of 1: the likelihood is found on them whatever the units of the variables.
    solved, size = solve(columns, sample.response, names), sample.n**0.5
    back = solved.back * size
    offset = None if sample.exposure is None else locked(np.log(sample.exposure))
    maximum = family.maximise(solved.basis * size, sample.response, offset)
    if maximum.doubted:
        _refuse_runaway(maximum, family, columns, sample.response, names, formula.outcome)
    errors = errors_of(maximum, family, str(model.covariance), sample.clusters)
    move = recentring(design.terms, design.means, design.centers)
    first = 1 if family.ordered else 0  # ordered categories have thresholds instead of an intercept
    terms, k = design.terms[first:], len(maximum.coefficients)
    centred, matrix = back[first:, first:] @ maximum.coefficients, sandwich(back[first:, first:], errors.matrix[:k, :k])
    moved = move[first:, first:]
    covariance = Covariance(
        kind=str(model.covariance),
        matrix=locked(sandwich(moved, matrix)),
        df=errors.df,
        clusters=count_clusters(sample.clusters, model.cluster, sample.n, family.covariance),
        factor=errors.factor,
        terms=tuple(map(str, terms)),
        cluster=model.cluster,
        backend=sample.backend,
        estimator=estimator_for(family),
        names=model.names,
    )
    refit = None
    if family.in_statsmodels is not None:
        link, own, start = link_named(family.link), maximum.own, maximum.coefficients
        again = Reweighted(solved.basis * size, sample.response, offset, link, family.in_statsmodels, own, start, back)
        refit = Reestimation(again, sample.clusters)
    polynomial = Polynomial(
        terms=terms,
        centers=design.means,
        estimate=locked(centred),
        matrix=locked(matrix),
        variables=design.variables,
        outcome=formula.outcome,
        n=sample.n,
        df=errors.df,
        covariance=covariance,
        alpha=model.alpha,
        backend=sample.backend,
        response=replace(family.response(formula.outcome, offset), refit=refit),
    )
    parts = (model, formula, family, sample, design, maximum)
    if family.ordered:
        joint = _intercepts(maximum, errors, back)
        return OrdinalFit(*parts, Fixed({}), locked(moved @ centred), covariance, polynomial, *joint)
    return GeneralisedFit(*parts, _own(maximum, errors), locked(moved @ centred), covariance, polynomial)


def _own(maximum: Maximum, errors: Errors) -> Fixed[str, Own]:
    deviations = np.sqrt(np.diag(errors.matrix)[len(maximum.coefficients) :])
    return Fixed({name: Own(value, float(error)) for (name, value), error in zip(maximum.own.items(), deviations, strict=True)})


def _intercepts(maximum: Maximum, errors: Errors, back: Vector) -> tuple[Vector, Vector]:
    r"""The (J-1,) intercepts of "at least category j", minus the thresholds, and the covariance of them and the coefficients.

    Both at the variables' means: with :math:`x'b` of centred columns, whose squares and products have means of their own.
    """
    k, thresholds = len(maximum.coefficients), np.array(list(maximum.own.values()))
    J = len(thresholds)
    move = np.zeros((J + k, k + J))
    move[:J, :k], move[:J, k:], move[J:, :k] = back[0, 1:], -np.eye(J), back[1:, 1:]
    return locked(move[:J] @ np.concatenate([maximum.coefficients, thresholds])), locked(sandwich(move, errors.matrix))


def _refuse_runaway(maximum: Maximum, family: Family, columns: Vector, response: Vector, names: Sequence[str], outcome: str) -> None:
    """Refuse a likelihood that has no maximum, and name the term along which it grows."""
    separated = separating(*family.receding(standardised(columns), response), names) if family.receding else ""
    if separated:
        raise ModelError(
            f"{outcome} is separated by {separated}: some of its values tell the outcome without error, so the coefficient has no finite "
            "estimate; leave the term out, or join its categories"
        )
    if not maximum.settled:
        raise ModelError(
            f"the likelihood of {outcome} has no maximum that could be found; leave out terms that add little, or join categories"
        )
