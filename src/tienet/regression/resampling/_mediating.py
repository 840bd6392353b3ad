"""Computations of a mediation: two fits on the same rows, their slopes, and the products of these in every resample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import text
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.record import locked
from tienet.regression.core.formula import Formula, Term, checked, parse_formula
from tienet.regression.core.least_squares import lincom
from tienet.regression.core.model_frame import Factor, ModelFrame, read_model_frame
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.model.family_arguments import refuse_family
from tienet.regression.model.fit import ModerationFit, estimate
from tienet.regression.model.moderation import Moderation, refuse_gaps, warn_few
from tienet.regression.probes.probe import Values, chosen_values, partners, single, split_values, standing, tested
from tienet.regression.resampling.draws import cluster_codes, refuse_alone, refuse_singular
from tienet.regression.resampling.moments import left_out, resampled_together, unit_moments

Pair: TypeAlias = tuple[ModerationFit, ModerationFit]
Surfaces: TypeAlias = tuple[Polynomial, Polynomial]


class Stages(NamedTuple):
    """Rows of both slopes at v values of the moderator, and the effects to compute from their products."""

    focal: str
    moderator: str | None
    first: Vector  # (v, k of the mediator's equation)
    second: Vector  # (v, k of the outcome's)
    direct: Vector  # (1, k of the outcome's)
    extra: tuple[Vector, Vector] | None  # one further row of each: their product is the index
    effect: tuple[str, ...]
    label: tuple[str, ...]
    at: Vector

    def products(self, start: Vector, end: Vector) -> Vector:
        """(..., r) effects from (..., k) coefficients of the two equations."""
        found = (start @ self.first.T) * (end @ self.second.T)
        if self.extra is not None:
            more = (start @ self.extra[0]) * (end @ self.extra[1])
        elif self.moderator is not None:
            more = found[..., -1] - found[..., 0]
        else:
            return np.asarray(found)
        return np.concatenate([found, more[..., None]], axis=-1)

    def sobel(self, first: ModerationFit, second: ModerationFit) -> Vector:
        """(r,) standard errors by the delta method; NaN for a difference, which is not a product."""
        rows, columns = self.first, self.second
        if self.extra is not None:
            rows, columns = np.vstack([rows, self.extra[0]]), np.vstack([columns, self.extra[1]])
        (a, sa), (b, sb) = (
            lincom(each, fit.polynomial.estimate, fit.polynomial.matrix) for each, fit in ((rows, first), (columns, second))
        )
        return np.append(np.sqrt(a**2 * sb**2 + b**2 * sa**2), np.full(len(self.effect) - len(rows), np.nan))


def specified(model: str | Moderation, covariance: str | None, cluster: str | None, alpha: float | None) -> Moderation:
    if not isinstance(model, Moderation):
        return Moderation(model, covariance=covariance, cluster=cluster, alpha=0.05 if alpha is None else alpha)
    if covariance is not None or cluster is not None:
        raise ArgumentError("covariance and cluster are for formulas given as strings; a Moderation has its own")
    refuse_family(model, "mediation")
    return model


def fitted(first: Moderation, second: Moderation, data: object) -> Pair:
    """Both equations on the rows that are complete in both."""
    inner, outer = parse_formula(first.formula), parse_formula(second.formula)
    _refuse_equations(first, second, inner, outer)
    both = Formula(outer.outcome, tuple(dict.fromkeys([*outer.terms, *inner.terms])), {**inner.columns, **outer.columns})
    sample = read_model_frame(data, both, second.cluster, second.weights)
    between = sample.columns[inner.outcome]
    if isinstance(between, Factor):
        raise ModelError(f"the mediator {inner.outcome} must be numeric, but it holds categories; code it as 0 and 1 to fit shares")
    refuse_gaps(first, sample)
    refuse_gaps(second, sample)
    fits = estimate(first, inner, _of(replace(sample, response=between), inner)), estimate(second, outer, _of(sample, outer))
    warn_few(fits[1])
    return fits


def _of(sample: ModelFrame, formula: Formula) -> ModelFrame:
    return replace(sample, columns={name: sample.columns[name] for name in formula.names})


def _refuse_equations(first: Moderation, second: Moderation, inner: Formula, outer: Formula) -> None:
    if inner.outcome not in outer.names:
        raise ModelError(f"the formula of {outer.outcome} lacks the mediator {inner.outcome}; add it on the right of '~'")
    if inner.outcome in outer.categories:
        raise ModelError(f"the mediator {inner.outcome} must be numeric, but it is a category in the formula of {outer.outcome}")
    if outer.outcome in inner.names:
        raise ModelError(f"the outcome {outer.outcome} must not be in the formula of the mediator, because it comes last in the order")
    torn = sorted((inner.categories ^ outer.categories) & set(inner.names) & set(outer.names))
    if torn:
        raise ModelError(f"{torn[0]!r} is a category in one equation and a number in the other; write C({torn[0]}) in both")
    if (first.cluster, first.weights) != (second.cluster, second.weights):
        raise ModelError("the two equations must have the same cluster and weights, because they use the same rows")


def find_stages(fits: Pair, focal: str, middle: str, moderator: str | None, at: Values) -> Stages:
    surfaces = fits[0].polynomial, fits[1].polynomial
    start = surfaces[0].variable(focal).name
    surfaces[1].variable(focal)  # raises if it is missing: b would then absorb what belongs to c'
    if start == middle:
        raise ModelError(f"the focal variable must differ from the mediator, {middle}")
    variable = _moderating(surfaces, (start, middle), moderator)
    name = variable.name if variable else None
    given = [_given(surface, name, at, surfaces) for surface in surfaces]
    values, labels = chosen_values(variable, next((own for own, _ in given if own is not None), None)) if variable else _nowhere()
    points = [_points(surface, name, values, others) for surface, (_, others) in zip(surfaces, given, strict=True)]
    rows = [
        np.array([surface.slope_row(path, point) for point in each])
        for surface, path, each in zip(surfaces, (start, middle), points, strict=True)
    ]
    direct = standing(surfaces[1], given[1][1])
    extra = _index_rows(surfaces, (start, middle), name, [each[0] for each in points]) if name else None
    effect = ["indirect"] * len(values)
    if name:
        effect.append("difference" if extra is None else "index")
        labels = (*labels, f"{labels[-1]} minus {labels[0]}" if extra is None else "")
        values = np.append(values, np.nan)
    return Stages(start, name, rows[0], rows[1], surfaces[1].slope_row(start, direct)[None], extra, tuple(effect), labels, values)


def _nowhere() -> tuple[Vector, tuple[str, ...]]:
    return np.array([np.nan]), ("",)


def _moderating(surfaces: Surfaces, paths: tuple[str, str], moderator: str | None) -> Variable | None:
    """Return the moderator as a variable, checking that one of the two slopes depends on it."""
    depends = [[name for name in partners(surface, path) if name != path] for surface, path in zip(surfaces, paths, strict=True)]
    if moderator is None:
        return None
    moderator = text("moderator", moderator)
    known = [surface for surface in surfaces if moderator in surface.variables or surface.dummies(moderator)] or [surfaces[1]]
    variable = known[0].variable(moderator)
    if variable.name not in depends[0] + depends[1]:
        raise ModelError(
            f"neither the slope of {paths[0]} (mediator's equation) nor that of {paths[1]} (outcome's) depends on {variable.name}; "
            f"write {paths[0]}*{variable.name} or {paths[1]}*{variable.name}"
        )
    return variable


def _given(surface: Polynomial, moderator: str | None, at: Values, surfaces: Surfaces) -> tuple[Values, dict[str, float]]:
    """Split `at` into the part for the moderator and the part for the other variables of one equation."""
    if isinstance(at, Mapping):
        for name in at:
            if not any(name in each.variables or each.dummies(name) for each in surfaces):
                surfaces[1].variable(name)  # raises, with the names there are
        at = {name: value for name, value in at.items() if name in surface.variables or surface.dummies(name)}
    own, others = split_values(surface, moderator, at)
    return own, {name: single(name, value) for name, value in others.items()}


def _points(surface: Polynomial, moderator: str | None, values: Vector, others: Mapping[str, float]) -> list[dict[str, float]]:
    if moderator is None or moderator not in surface.variables:
        return [standing(surface, others)] * len(values)
    return [standing(surface, {**others, moderator: float(value)}) for value in values]


def _index_rows(surfaces: Surfaces, paths: tuple[str, str], moderator: str, points: list[dict[str, float]]) -> tuple[Vector, Vector] | None:
    """Rows whose product is the slope of the indirect effect over the moderator; None if the effect is not linear in it."""
    slopes = [
        surface.slope_rows(path, moderator, point) if moderator in surface.variables else surface.slope_row(path, point)[None]
        for surface, path, point in zip(surfaces, paths, points, strict=True)
    ]
    degrees = [max((power for power, row in enumerate(each) if row.any()), default=0) for each in slopes]
    if sum(degrees) != 1:
        return None
    return slopes[0][degrees[0]], slopes[1][degrees[1]]


def all_resampled(
    fits: Sequence[ModerationFit], draws: int, rng: np.random.Generator, bca: bool
) -> tuple[list[Vector], int, list[Vector] | None]:
    """Coefficients of all equations in every resample, the number of singular ones, and coefficients without each unit."""
    codes = cluster_codes(fits[-1])
    equations = [(unit_moments(fit.solution, codes), fit.solution.coordinates) for fit in fits]
    found = [coordinates for coordinates, _ in resampled_together(equations, draws, rng)]
    kept = np.all([np.isfinite(each).all(axis=1) for each in found], axis=0)
    lost = int(draws - kept.sum())
    refuse_singular(lost, draws)
    left = None
    if bca:
        each = [left_out(*equation)[0] for equation in equations]
        refuse_alone(np.column_stack(each), codes is None)
        left = [coordinates @ fit.solution.back.T for coordinates, fit in zip(each, fits, strict=True)]
    return [coordinates[kept] @ fit.solution.back.T for coordinates, fit in zip(found, fits, strict=True)], lost, left


def path_tests(fits: Pair, stages: Stages, alpha: float) -> tuple[tuple[str, ...], tuple[str, ...], Vector, dict[str, Any]]:
    """Names, labels, values of the moderator and tests of the paths; a path that does not depend on the moderator appears once."""
    names: list[str] = []
    labels: list[str] = []
    values: list[float] = []
    tests: list[dict[str, Any]] = []
    total = _total(fits)
    parts = [("a", fits[0], stages.first), ("b", fits[1], stages.second), ("c'", fits[1], stages.direct)]
    if total is not None and stages.moderator is None:
        surface = total.polynomial
        parts.append(("c", total, surface.slope_row(stages.focal, standing(surface, {}))[None]))
    for name, fit, rows in parts:
        once = len(rows) == 1 or bool((rows == rows[0]).all())
        used = rows[:1] if once else rows
        names += [name] * len(used)
        labels += [""] if once else stages.label[: len(used)]
        values += [np.nan] if once else stages.at[: len(used)].tolist()
        tests.append(tested(fit.polynomial, used, alpha))
    return tuple(names), tuple(labels), np.array(values), {key: locked(np.concatenate([t[key] for t in tests])) for key in tests[0]}


def _total(fits: Pair) -> ModerationFit | None:
    """Fit the outcome without the mediator if c = c' + ab holds: same other terms, and the mediator in no square or product."""
    inner, outer = fits[0].formula, fits[1].formula
    middle = Term(((inner.outcome, 1),))
    rest = [term for term in outer.terms if inner.outcome not in term.names]
    if set(rest) != set(inner.terms) or len(rest) != len(outer.terms) - 1 or middle not in outer.terms:
        return None
    formula = checked(outer.outcome, rest, outer.columns)
    return estimate(replace(fits[1].model, formula=str(formula), center="mean", steps=None), formula, fits[1].sample)
