"""Estimation with the levels of one or two columns taken out (within, or fixed-effects, regression)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError, TienetWarning, warn
from tienet.base.naming import Names
from tienet.base.numbers import counted, listed
from tienet.base.record import Fixed, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design, build_design
from tienet.regression.core.formula import Formula
from tienet.regression.core.least_squares import Solution, sandwich, solve_swept
from tienet.regression.core.model_frame import ModelFrame, rows_kept
from tienet.regression.core.polynomial import Polynomial
from tienet.regression.core.within import ALONE, dummies_basis, in_groups, nested, rank, sweep
from tienet.regression.covariance.register import estimator_of
from tienet.regression.covariance.sandwich import EstimatedMeat, Sandwich
from tienet.regression.model.absorbed_fit import AbsorbedFit, moves
from tienet.regression.model.cluster_counts import count_clusters
from tienet.regression.model.double_demeaning import deviating
from tienet.regression.model.lagged_outcome import lagged_outcomes
from tienet.regression.model.specification import Specification

_EPS = float(np.finfo(float).eps)
_ROOM = 30_000_000  # numbers in one array of a CR2 with dummies


def estimate_absorbed(model: Specification, formula: Formula, sample: ModelFrame) -> AbsorbedFit:
    r"""Fit a specification with absorbed effects to a model frame.

    Columns are finished first (products of centred variables), then :math:`\ddot x = x - D (D'D)^- D'x` with D the dummies of the effects,
    and :math:`b = (\ddot X'\ddot X)^{-1} \ddot X'\ddot y`. Degrees of freedom, with K the coefficients counted:

    - classical and HC1: :math:`n - p - \operatorname{rank} D`
    - CR1: :math:`\frac{G}{G-1}\,\frac{n-1}{n-K}` with K = p + 1 + the groups, less one each, of effects that are *not* nested in the
      clusters; t(G - 1)
    - CR2: leverages and Satterthwaite's degrees of freedom of the design with all dummies, of which those nested in clusters drop out
    """
    absorbed = model.absorbed
    keep = in_groups(np.asarray(sample.effects))
    if not keep.any():
        raise ModelError(
            f"every row is alone in its {listed(absorbed, 'or')}, so nothing varies within; absorb a column with more rows each"
        )
    whole = rows_kept(sample, keep)
    used, changed = deviating(whole, formula, absorbed[0]) if model.double_demeaned else (whole, ())
    codes = np.asarray(used.effects)
    design = _around_zero(build_design(used, formula, model.center), changed)
    if np.ptp(used.response) == 0:
        raise ModelError(f"{formula.outcome} has the same value in all {used.n} rows used; there is nothing to explain")
    centers = {name: one.mean for name, one in design.variables.items()}
    names = [str(term) for term in design.terms[1:]]
    columns, left, gone, noise = _swept(design, centers, used, names)
    swept = rank(codes)
    solution = _solved(left, [name for name, out in zip(names, gone, strict=True) if not out], noise, swept, used)
    clusters = count_clusters(used.clusters, model.cluster, used.n, "HC1")
    kind = estimator_of(str(model.covariance))
    found, back = _meat(kind, solution, used)
    own = None if found.own is None else found.own.along(_from_kept(columns, gone))
    matrix = sandwich(_from_kept(columns, gone) @ back, found.meat)
    estimate = _from_kept(columns, gone) @ solution.estimate
    estimate[0] += used.response.mean()
    unknown = np.concatenate([[False], gone])
    estimate[unknown], matrix[unknown], matrix[:, unknown] = np.nan, np.nan, np.nan
    said = model.names.spoken
    kept = tuple(name for name, out in zip(names, gone, strict=True) if not out)
    blank = Covariance(kind.name, matrix, found.df, clusters, found.factor, kept, model.cluster, used.backend, kind, _named(model, changed))
    surface = Polynomial(
        terms=design.terms,
        centers=Fixed(centers),
        estimate=locked(estimate),
        matrix=locked(matrix),
        variables=design.variables,
        outcome=formula.outcome,
        n=used.n,
        df=found.df,
        covariance=blank,
        alpha=model.alpha,
        backend=used.backend,
        own_degrees=own,
        level=f"up to the mean of {said(formula.outcome)}: the level of each {' and '.join(map(said, absorbed))} is taken out",
    )
    rows = moves(surface, design, kept)
    inside = ~unknown
    mine = locked(sandwich(rows[:, inside], matrix[np.ix_(inside, inside)]))
    dfs = surface.df_of(rows)
    covariance = replace(blank, matrix=mine, df=float(dfs.min()))
    return AbsorbedFit(
        model=model,
        formula=formula,
        sample=used,
        design=design,
        solution=solution,
        estimate=locked(rows[:, inside] @ estimate[inside]),
        covariance=covariance,
        polynomial=replace(surface, df=covariance.df, covariance=covariance),
        dfs=locked(dfs),
        swallowed=tuple(name for name, out in zip(names, gone, strict=True) if out),
        deviations=changed,
        singletons=int((~keep).sum()),
        groups=tuple(int(column.max()) + 1 for column in codes.T),
        effects_rank=swept,
    )


def warn_absorbed(fit: AbsorbedFit) -> None:
    """Warn about rows of a group that are treated as independent, and about lags of the outcome."""
    unit = fit.absorbed[0]
    if fit.covariance.cluster is None:
        warn(
            f"{fit.covariance.kind} errors take the rows of one {unit} as independent, which they rarely are; use cluster={unit!r}",
            TienetWarning,
        )
    for trouble in lagged_outcomes(fit):
        warn(trouble, TienetWarning)


def _swept(design: Design, centers: dict[str, float], used: ModelFrame, names: list[str]) -> tuple[Vector, Vector, np.ndarray, float]:
    """The columns, what is left of the outcome and the columns, which columns have nothing left, and a bound on rounding errors."""
    columns = design.columns(centers)
    left = sweep(np.column_stack([used.response, columns]), np.asarray(used.effects), used.weights)
    if used.weights is not None:
        left *= np.sqrt(used.weights)[:, None]
    spread = _spread(np.column_stack([used.response, columns]), used.weights)
    size = np.einsum("ij,ij->j", left, left)
    for name, flat in zip(names, np.ptp(columns, axis=0) == 0, strict=True):
        if flat:
            raise ModelError(f"{name} is constant in the rows used, so it cannot be separated from the absorbed effects; drop it")
    if size[0] <= ALONE * spread[0]:
        raise ModelError("the absorbed effects reproduce the outcome, so nothing is left to explain; absorb fewer columns")
    gone = size[1:] <= ALONE * spread[1:]
    if gone.all():
        raise ModelError(
            f"no term varies within the absorbed groups: {listed(names[:6])}{', ...' * (len(names) > 6)}; absorb fewer columns"
        )
    noise = float(np.max(_EPS * np.abs(columns).max(axis=0)[~gone] * len(columns) ** 0.5 / np.sqrt(size[1:][~gone])))
    return columns, left[:, [True, *~gone]], gone, noise


def _around_zero(design: Design, changed: tuple[str, ...]) -> Design:
    """The design with deviations around exactly 0, their mean without rounding errors."""
    if not changed:
        return design
    # a deviation of log(x) is no value of x, so the slope in x cannot be asked
    zero = {name: replace(design.variables[name], mean=0.0, center=0.0, of=None, transform=None) for name in changed}
    return replace(design, variables=Fixed({**design.variables, **zero}))


def _spread(columns: Vector, weights: Vector | None) -> Vector:
    """Weighted sums of squares around the mean."""
    mass = np.ones(len(columns)) if weights is None else weights
    away = columns - mass @ columns / mass.sum()
    return np.asarray(np.einsum("i,ij,ij->j", mass, away, away))


def _solved(left: Vector, names: list[str], noise: float, swept: int, used: ModelFrame) -> Solution:
    if used.n <= len(names) + swept:
        raise ModelError(
            f"n = {counted(used.n, 'usable row')} too few for {counted(len(names), 'coefficient')} and {swept:,} effects; drop terms or "
            "absorb fewer columns"
        )
    return solve_swept(left[:, 1:], left[:, 0], names, noise, swept)


def _from_kept(columns: Vector, gone: np.ndarray) -> Vector:
    """(terms, p) rows from the coefficients kept to those of all terms; the constant puts the surface at the mean of the outcome."""
    rows = np.zeros((columns.shape[1] + 1, int((~gone).sum())))
    rows[0] = -columns[:, ~gone].mean(axis=0)
    rows[1:][~gone] = np.eye(rows.shape[1])
    return rows


def _meat(kind: Sandwich, solution: Solution, used: ModelFrame) -> tuple[EstimatedMeat, Vector]:
    """The covariance of the coordinates, with the coefficients of the effects counted as the kind needs, and the map to coefficients."""
    clusters = used.clusters
    if clusters is None:
        return kind.estimated(solution, rows=used.rows), solution.back
    effects = np.asarray(used.effects)
    inside = [nested(column, clusters) for column in effects.T]
    if kind.name == "CR2":
        solution = _with_dummies(solution, used, inside)
    counted_ = sum(int(column.max()) for column, within in zip(effects.T, inside, strict=True) if not within) + 1
    return kind.estimated(replace(solution, swept=counted_), clusters, rows=used.rows), solution.back


def _with_dummies(solution: Solution, used: ModelFrame, inside: list[bool]) -> Solution:
    """The solution with columns for the effects not nested in clusters, whose leverage CR2 needs.

    Nested ones drop out: their part of the hat matrix is block-diagonal in the clusters and orthogonal to all other columns (Pustejovsky &
    Tipton 2018, theorem 2).
    """
    effects = np.asarray(used.effects)
    crossing = [column for column, within in zip(effects.T, inside, strict=True) if not within]
    if not crossing:
        return solution
    groups, k = int(np.asarray(used.clusters).max()) + 1, sum(int(column.max()) + 1 for column in crossing) + solution.basis.shape[1]
    if max(used.n * k, groups * k**2) > _ROOM:
        raise ModelError(
            f"CR2 needs a column for each of {k:,} effects and terms that are not nested in the {groups:,} clusters, too many for "
            f"{used.n:,} rows; use covariance='CR1'"
        )
    inner = effects[:, inside] if any(inside) else None
    dummies = dummies_basis(crossing, inner, used.weights)
    r = dummies.shape[1]
    return replace(
        solution,
        basis=np.column_stack([dummies, solution.basis]),
        back=np.column_stack([np.zeros((len(solution.back), r)), solution.back]),
        coordinates=np.concatenate([np.zeros(r), solution.coordinates]),
    )


def _named(model: Specification, changed: tuple[str, ...]) -> Names:
    """Labels and units, with that of deviations."""
    words = f"deviation from the {model.absorbed[0]}'s mean" if model.absorbed else ""
    return model.names | Names(units=Fixed({name: _unit(model, name) + words for name in changed}))


def _unit(model: Specification, name: str) -> str:
    unit = (model.units or {}).get(name)
    return f"{unit}, " if unit else ""
