"""Computations of a mediation with several mediators: equations on the same rows, paths through them, and their joint errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError
from tienet.regression.core.formula import Formula, parse_formula
from tienet.regression.core.model_frame import Factor, read_model_frame
from tienet.regression.model.fit import ModerationFit, estimate
from tienet.regression.model.moderation import Moderation, refuse_gaps, warn_few
from tienet.regression.probes.probe import standing

_LEVERAGE = {"HC2": 0.5, "HC3": 1.0}


class Edge(NamedTuple):
    """One slope: the equation it stands in, the variable it starts from, and its row of coefficients."""

    equation: int
    start: str
    row: Vector


class Paths(NamedTuple):
    """Slopes, the paths that are products of them, and the effects that are sums and differences of paths."""

    edges: tuple[Edge, ...]
    routes: tuple[tuple[int, ...], ...]  # the edges along each path
    weights: Vector  # (r, paths)
    effect: tuple[str, ...]
    label: tuple[str, ...]
    level: tuple[str, ...]  # category of the focal variable; "" for a number

    def effects(self, coefficients: Sequence[Vector]) -> Vector:
        """(..., r) effects from (..., k) coefficients of each equation."""
        slopes = [coefficients[edge.equation] @ edge.row for edge in self.edges]
        routes = np.stack([np.prod([slopes[e] for e in route], axis=0) for route in self.routes], axis=-1)
        return np.asarray(routes @ self.weights.T)

    def gradient(self, coefficients: Sequence[Vector]) -> Vector:
        """(r, edges) derivatives of the effects."""
        slopes = np.array([coefficients[edge.equation] @ edge.row for edge in self.edges])
        routes = np.zeros((len(self.routes), len(slopes)))
        for i, route in enumerate(self.routes):
            for e in route:  # an edge occurs at most once on a path
                routes[i, e] = np.prod([slopes[other] for other in route if other != e])
        return np.asarray(self.weights @ routes)


def equations(mediators: Sequence[Moderation], outcome: Moderation, data: object) -> tuple[ModerationFit, ...]:
    """All equations, the outcome's last, on the rows that are complete in all of them."""
    models = [*mediators, outcome]
    formulas = [parse_formula(model.formula) for model in models]
    _refuse(models, formulas)
    terms = dict.fromkeys(term for formula in reversed(formulas) for term in formula.terms)
    columns = {name: column for formula in formulas for name, column in formula.columns.items()}
    whole = Formula(formulas[-1].outcome, tuple(terms), columns)
    sample = read_model_frame(data, whole, outcome.cluster, outcome.weights)
    fits = []
    for model, formula in zip(models, formulas, strict=True):
        response = sample.response if formula is formulas[-1] else sample.columns[formula.outcome]
        if isinstance(response, Factor):
            raise ModelError(f"the mediator {formula.outcome} must be numeric, but it holds categories; code it as 0 and 1 to fit shares")
        refuse_gaps(model, sample)
        own = replace(sample, response=response, columns={name: sample.columns[name] for name in formula.names})
        fits.append(estimate(model, formula, own))
    warn_few(fits[-1])
    return tuple(fits)


def _refuse(models: Sequence[Moderation], formulas: Sequence[Formula]) -> None:
    outcome, names = formulas[-1], [formula.outcome for formula in formulas[:-1]]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ArgumentError(f"mediators must be formulas of at least two different mediators, got those of {', '.join(names) or 'none'}")
    for place, formula in enumerate(formulas):
        for later in [*names[place:], *([outcome.outcome] if formula is not outcome else [])]:
            if later in formula.names:
                raise ModelError(
                    f"{later} must not be in the formula of {formula.outcome}, because it does not come before "
                    "it; put mediators in their order"
                )
        torn = [name for name in set(formula.names) & set(outcome.names) if (name in formula.categories) != (name in outcome.categories)]
        if torn:
            raise ModelError(f"{torn[0]!r} is a category in one equation and a number in another; write C({torn[0]}) in all")
    if len({(model.cluster, model.weights) for model in models}) > 1:
        raise ModelError("all equations must have the same cluster and weights, because they use the same rows")
    lonely = [name for name in names if name not in outcome.names and not any(name in formula.names for formula in formulas[:-1])]
    if lonely:
        raise ModelError(f"the formula of {outcome.outcome} lacks the mediator {lonely[0]}; add it on the right of '~'")


def find_paths(fits: Sequence[ModerationFit], focal: str) -> Paths:
    """All paths from the focal variable, or from each of its categories, to the outcome."""
    last = fits[-1].polynomial
    levels = [dummy.name[len(focal) + 1 : -1] for dummy in last.dummies(focal)] or [""]
    starts = [f"{focal}[{level}]" for level in levels] if levels[0] else [last.variable(focal).name]
    edges: list[Edge] = []
    routes: list[tuple[int, ...]] = []
    weights: list[dict[int, float]] = []
    effect, label, level_ = [], [], []

    def edge(equation: int, start: str) -> int | None:
        surface = fits[equation].polynomial
        if start not in surface.variables:
            return None
        row = surface.slope_row(start, standing(surface, {}))
        if not row.any():
            return None
        found = next((i for i, known in enumerate(edges) if (known.equation, known.start) == (equation, start)), None)
        if found is None:
            edges.append(Edge(equation, start, row))
            found = len(edges) - 1
        return found

    def walk(start: str, equation: int) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
        """Every way from a variable to the outcome through mediators of this and later equations."""
        ways: list[tuple[tuple[int, ...], tuple[str, ...]]] = []
        for place in range(equation, len(fits)):
            step = edge(place, start)
            if step is None:
                continue
            if place == len(fits) - 1:
                ways.append(((step,), ()))
            else:
                name = fits[place].outcome
                ways += [((step, *rest), (name, *names)) for rest, names in walk(name, place + 1)]
        return ways

    for level, start in zip(levels, starts, strict=True):
        ways = sorted(walk(start, 0), key=lambda way: (len(way[1]) == 0, len(way[1])))
        through = [way for way in ways if way[1]]
        if not through:
            raise ModelError(f"no path leads from {focal} through a mediator to {fits[-1].outcome}; check the formulas")
        first = len(routes)
        routes += [way[0] for way in ways]
        places = list(range(first, first + len(through)))
        names = [" -> ".join(way[1]) for way in through]
        rows: list[tuple[str, str, dict[int, float]]] = []
        rows += [("indirect", name, {i: 1.0}) for name, i in zip(names, places, strict=True)]
        rows.append(("total indirect", "", dict.fromkeys(places, 1.0)))
        for (i, one), (j, other) in combinations(zip(places, names, strict=True), 2):
            rows.append(("difference", f"{one} minus {other}", {i: 1.0, j: -1.0}))
        rows += [("direct", "", {i: 1.0}) for i in range(first + len(through), len(routes))]
        rows.append(("total", "", dict.fromkeys(range(first, len(routes)), 1.0)))
        for kind, name, row in rows:
            effect.append(kind)
            label.append(name)
            level_.append(level)
            weights.append(row)
    matrix = np.array([[row.get(i, 0.0) for i in range(len(routes))] for row in weights])
    return Paths(tuple(edges), tuple(routes), matrix, tuple(effect), tuple(label), tuple(level_))


def edge_covariance(fits: Sequence[ModerationFit], edges: Sequence[Edge]) -> Vector:
    r"""(edges, edges) covariance of slopes of several equations on the same rows.

    Within an equation it is that of the fit. Between two it is :math:`s_{ij} L_i (X_i'X_i)^{-1} X_i'X_j (X_j'X_j)^{-1} L_j'` under
    classical errors, with :math:`s_{ij} = e_i'e_j / \sqrt{df_i df_j}`, and otherwise that of the scores, summed by cluster and scaled to
    the standard errors of the fits.
    """
    codes = fits[-1].sample.clusters
    reach = np.array([fits[edge.equation].solution.basis @ (fits[edge.equation].solution.back.T @ edge.row) for edge in edges])
    residuals = np.array([fits[edge.equation].solution.residuals for edge in edges])
    variance = np.array([edge.row @ fits[edge.equation].polynomial.matrix @ edge.row for edge in edges])
    if fits[-1].covariance.kind == "classical":
        df = np.array([fits[edge.equation].solution.df for edge in edges])
        matrix = (residuals @ residuals.T) / np.sqrt(np.outer(df, df)) * (reach @ reach.T)
    else:
        power = _LEVERAGE.get(fits[-1].covariance.kind, 0.0)
        scores = reach * residuals / np.array([(1 - fits[edge.equation].solution.leverage) ** power for edge in edges])
        if codes is not None:
            scores = np.array([np.bincount(codes, weights=row) for row in scores])
        size = np.sqrt((scores**2).sum(axis=1))
        scale = np.divide(np.sqrt(variance), size, out=np.zeros_like(size), where=size > 0)
        matrix = (scores @ scores.T) * np.outer(scale, scale)
    for i, one in enumerate(edges):
        for j, other in enumerate(edges):
            if one.equation == other.equation:
                matrix[i, j] = one.row @ fits[one.equation].polynomial.matrix @ other.row
    return np.asarray(matrix)
