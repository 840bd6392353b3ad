"""Stretches of a moderator in which a slope does or does not differ from zero."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.record import locked
from tienet.regression.core.polynomial import Variable
from tienet.regression.core.transforms import Transform
from tienet.regression.probes._along import powers
from tienet.regression.probes._critical import Critical, moving_bounds
from tienet.regression.probes._roots import inner_points, is_positive, margin_polynomial, real_roots

RegionKind: TypeAlias = Literal["outside", "between", "everywhere", "nowhere"]


def regions_of(
    slope: Vector, covariance: Vector, critical: Critical, moderator: Variable, center: float
) -> tuple[Vector, NDArray[np.bool_]]:
    """Find the bounds on the moderator's own scale, and whether each stretch is significant; solved in units of its SD."""
    unit = moderator.sd if moderator.sd > 0 else 1.0
    scale = unit ** np.arange(3)
    if critical.moving:
        scaled = replace(critical, moving=critical.moving.along(np.diag(scale)))
        crossings, significant = moving_bounds(slope * scale, covariance * np.outer(scale, scale), scaled)
        return center + unit * crossings, significant.astype(bool)
    polynomial = margin_polynomial(slope * scale, covariance * np.outer(scale, scale), critical.constant)
    roots = real_roots(polynomial)
    return center + unit * roots, is_positive(roots, polynomial).astype(bool)


def described(moderator: Variable, bounds: Vector, significant: NDArray[np.bool_], slope: Vector, center: float) -> dict[str, Any]:
    """Fields of `JohnsonNeyman` that follow from its bounds."""
    edges = np.concatenate([[-np.inf], bounds, [np.inf]])
    low, high = observed_range(moderator)
    share = _shares(moderator.spread, bounds)
    return {
        "kind": _kind(significant, (np.maximum(edges[:-1], low) < np.minimum(edges[1:], high))),
        "line_kind": _kind(significant, np.ones(len(significant), dtype=bool)),
        "bounds": tuple(map(float, bounds)),
        "bounds_inside": tuple(float(bound) for bound in bounds if low <= bound <= high),
        "low": locked(edges[:-1]),
        "high": locked(edges[1:]),
        "significant": locked(significant, bool),
        "sign": locked(_signs(bounds, significant, slope, center), np.int64),
        "share": locked(share),
        "share_significant": float(share[significant].sum()) if len(moderator.values) else float("nan"),
        "observed": (low, high),
        "usual": (moderator.mean, moderator.sd),
    }


def described_through(
    how: Transform | None,
    axis: Variable,
    moderator: Variable,
    bounds: Vector,
    significant: NDArray[np.bool_],
    slope: Vector,
    center: float,
) -> dict[str, Any]:
    """The same fields on the own scale of the column that the axis is a transform of; bounds at which it has no value are left out."""
    if how is None:
        return described(axis, bounds, significant, slope, center)
    if how.closed:
        bounds = bounds[bounds > float(how.forward(np.array([how.least]))[0])]
        significant = significant[len(significant) - len(bounds) - 1 :]
    found = described(axis, bounds, significant, slope, center)
    own = how.inverse(bounds)
    inside = {"bounds": own, "bounds_inside": how.inverse(np.array(found["bounds_inside"]))}
    edges = {"low": np.concatenate([[how.least], own]), "high": np.concatenate([own, [np.inf]])}
    return {
        **found,
        **{name: tuple(map(float, values)) for name, values in inside.items()},
        **{name: locked(values) for name, values in edges.items()},
        "observed": observed_range(moderator),
        "usual": (moderator.mean, moderator.sd),
    }


def observed_range(variable: Variable) -> tuple[float, float]:
    """Lowest and highest value, infinite if unknown."""
    return (-np.inf if np.isnan(variable.low) else variable.low, np.inf if np.isnan(variable.high) else variable.high)


def _kind(significant: NDArray[np.bool_], looked_at: NDArray[np.bool_]) -> RegionKind:
    seen = significant[looked_at]
    if seen.all():
        return "everywhere"
    if not seen.any():
        return "nowhere"
    return "outside" if significant[0] or significant[-1] else "between"


def _shares(values: Vector, bounds: Vector) -> Vector:
    if len(values) == 0:
        return np.full(len(bounds) + 1, np.nan)
    return np.bincount(np.searchsorted(bounds, values), minlength=len(bounds) + 1) / len(values)


def _signs(bounds: Vector, significant: NDArray[np.bool_], slope: Vector, center: float) -> Vector:
    """Sign of the slope in each significant region, within which it cannot change."""
    return np.where(significant, np.sign(powers(inner_points(bounds - center)) @ slope), 0)
