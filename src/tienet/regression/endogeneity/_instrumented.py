"""Shared parts of the corrections for endogenous variables: the sample, the instruments, and resampling of two stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import generator
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError, FewClusters, ModelError, offer, warn
from tienet.regression.core.design import Design, build_design
from tienet.regression.core.formula import Formula, Term, checked, parse_formula
from tienet.regression.core.model_frame import Factor, ModelFrame, read_model_frame
from tienet.regression.model.cautions import warn_of
from tienet.regression.model.clusters import FEW_CLUSTERS
from tienet.regression.model.family_arguments import refuse_family
from tienet.regression.model.fit import ModerationFit, estimate
from tienet.regression.model.held_terms import held_cautions
from tienet.regression.model.moderation import Moderation
from tienet.regression.resampling.draws import blocks
from tienet.regression.resampling.moments import eliminated

FEWEST_DRAWS = 99  # with fewer, the percentiles of the resamples mean nothing
_MOST_LOST = 0.1
Corrections = Callable[[Vector], Vector]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A model with endogenous variables, on the rows for which all variables and instruments are known.

    Parameters
    ----------
    model, sample, design
        The specification, the rows, and the terms over them.
    ordinary
        The ordinary least-squares fit on these rows.
    endogenous, instruments
        Names of variables.
    """

    model: Moderation
    sample: ModelFrame
    design: Design
    ordinary: ModerationFit
    endogenous: tuple[str, ...]
    instruments: tuple[str, ...] = ()

    @property
    def inner(self) -> NDArray[np.bool_]:
        """(k,) whether each term has an endogenous variable."""
        return np.array([bool(set(term.names) & set(self.endogenous)) for term in self.design.terms])

    def instrument_design(self, *, products: bool) -> Design:
        """Exogenous terms, then the instruments, with their products that correspond to those of the endogenous variables."""
        formula = self.ordinary.formula
        kept = [term for term in formula.terms if not set(term.names) & set(self.endogenous)]
        added = [Term(((name, 1),)) for name in self.instruments]
        if products:
            added += [new for term in formula.terms if term.order > 1 for new in self._stand_ins(term)]
        return build_design(self.sample, checked(formula.outcome, [*kept, *added], formula.columns), "mean")

    def _stand_ins(self, term: Term) -> Iterator[Term]:
        """Replace endogenous variables by instruments: x:z gives iv:z, x^2 gives iv^2 unless iv has two values."""
        inside = [(name, power) for name, power in term.powers if name in self.endogenous]
        outside = tuple((name, power) for name, power in term.powers if name not in self.endogenous)
        for chosen in product(self.instruments, repeat=len(inside)) if inside else ():
            powers: dict[str, int] = {}
            for name, (_, power) in zip(chosen, inside, strict=True):
                powers[name] = powers.get(name, 0) + power
            if all(power == 1 or self._has_powers(name, power) for name, power in powers.items()):
                yield Term((*powers.items(), *outside))

    def _has_powers(self, name: str, power: int) -> bool:
        column = self.sample.columns[name]
        return power == 2 and not isinstance(column, Factor) and len(np.unique(column)) > 2


def pose(model: Moderation, data: object, endogenous: str | Sequence[str], instruments: str | Sequence[str] | None = None) -> Problem:
    """Read the rows, with the instruments, and fit the model as if nothing were endogenous."""
    if not isinstance(model, Moderation):
        raise ArgumentError(f"the model must be a Moderation such as Moderation('y ~ x*z'), got {type(model).__name__}")
    refuse_family(model, "a correction for endogeneity")
    formula = parse_formula(model.formula)
    inner = _named("endogenous", endogenous)
    outer = () if instruments is None else _named("instruments", instruments)
    for name in inner:
        if name not in formula.names:
            raise ArgumentError(f"endogenous={name!r} is not a variable of the model{offer(name, formula.names)}")
    for name in outer:
        if name in (*formula.names, formula.outcome, model.cluster):
            raise ArgumentError(f"instrument {name!r} is in the model itself; an instrument must be another column, not in the formula")
    read = Formula(formula.outcome, (*formula.terms, *(Term(((name, 1),)) for name in outer)), formula.columns)
    if model.weights is not None:
        raise ModelError("weights are not available with endogenous variables; leave them out of the model")
    sample = read_model_frame(data, read, model.cluster)
    for name in inner:
        if isinstance(sample.columns[name], Factor):
            raise ArgumentError(f"endogenous {name!r} must be numeric, but it holds categories; code two categories as 0 and 1")
    ordinary = estimate(model, formula, sample)
    groups = ordinary.covariance.clusters
    if isinstance(groups, tuple):
        raise ModelError("two-way clusters are not available with endogenous variables; name one column in cluster")
    if groups is not None and groups < FEW_CLUSTERS:
        warn(f"{model.cluster} has {groups} clusters: below about {FEW_CLUSTERS} the errors are too small", FewClusters)
    if groups is not None:
        warn_of(held_cautions(ordinary))
    return Problem(model, sample, build_design(sample, formula, model.center), ordinary, inner, outer)


def _named(argument: str, names: str | Sequence[str]) -> tuple[str, ...]:
    found = tuple(checked_names(argument, names, single=True))
    if not found or len(set(found)) < len(found):
        raise ArgumentError(f"{argument} must name one or more different columns, got {names!r}")
    return found


def resampled(problem: Problem, basis: Vector, corrections: Corrections, draws: int, seed: int | np.random.Generator) -> tuple[Vector, int]:
    r"""Estimate the coordinates of both stages in resamples of the rows, or of whole clusters.

    A resample is a vector w of multinomial counts. Its coefficients solve :math:`A'WA g = A'Wy` with :math:`A = [B, C_w]`, B the
    columns of the model and C_w the corrections computed from the resample. A batch is solved in one call.

    Parameters
    ----------
    problem, basis
        The model, and its (n, k) orthonormal columns.
    corrections
        Function from (r, n) counts to (r, n, m) columns.
    draws, seed
        Number of resamples, and a seed or Generator.

    Returns
    -------
    tuple
        (draws - lost, k + m) coordinates, and the number of resamples lost because they could not be estimated.
    """
    drawn, found = generator("seed", seed), []
    for part in blocks(draws, problem.sample.n):
        counts = _counts(problem.sample, part.stop - part.start, drawn)
        found.append(_solve(basis, problem.sample.response, corrections(counts), counts))
    solved = np.concatenate(found)
    kept = solved[np.isfinite(solved).all(axis=1)]
    lost = draws - len(kept)
    if lost > _MOST_LOST * draws:
        raise ModelError(
            f"{lost} of {draws} resamples cannot be estimated (a category or a value is too rare); merge categories or drop terms"
        )
    return kept, lost


def _counts(sample: ModelFrame, draws: int, generator: np.random.Generator) -> Vector:
    if sample.clusters is None:
        return generator.multinomial(sample.n, np.full(sample.n, 1 / sample.n), size=draws).astype(float)
    groups = int(sample.clusters.max()) + 1
    return generator.multinomial(groups, np.full(groups, 1 / groups), size=draws)[:, sample.clusters].astype(float)


def weighted_gram(columns: Vector, weights: Vector) -> Vector:
    """(r, k, k) cross products of the columns under each of r rows of weights."""
    k = columns.shape[1]
    first, second = np.triu_indices(k)
    found = np.empty((len(weights), k, k))
    found[:, first, second] = found[:, second, first] = weights @ (columns[:, first] * columns[:, second])
    return found


def solve_each(gram: Vector, right: Vector) -> Vector:
    """Solve r systems, (r, k, k), with m right-hand sides each, (r, k, m); NaN if singular."""
    system = np.concatenate([gram, right], axis=2).transpose(1, 2, 0)
    return eliminated(np.ascontiguousarray(system)).transpose(2, 0, 1)


def _solve(basis: Vector, response: Vector, added: Vector, counts: Vector) -> Vector:
    k, m = basis.shape[1], added.shape[2]
    heavy = added * counts[:, :, None]
    gram = np.empty((len(counts), k + m, k + m))
    gram[:, :k, :k] = weighted_gram(basis, counts)
    gram[:, k:, :k] = np.swapaxes(heavy, 1, 2) @ basis
    gram[:, :k, k:] = np.swapaxes(gram[:, k:, :k], 1, 2)
    gram[:, k:, k:] = np.swapaxes(heavy, 1, 2) @ added
    right = np.concatenate([(counts * response) @ basis, np.einsum("rnm,n->rm", heavy, response)], axis=1)
    return solve_each(gram, right[:, :, None])[:, :, 0]
