"""Slopes and curvatures of a response surface along x = z and x = -z, its stationary point and its principal axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import real
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import number, p_text, value_text
from tienet.base.record import Sealed
from tienet.regression.core.formula import Term
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.probes._hull import hull_of
from tienet.regression.probes.probe import Probe, Values, common, level, pair, placed, split_values, standing, tested, warn_outside
from tienet.regression.probes.response_surfaces import ResponseSurface, response_surface

__all__ = ["StationaryPoint", "SurfaceTests", "surface_tests"]


StationaryKind: TypeAlias = Literal["maximum", "minimum", "saddle", "none", "not known"]
_FLAT = 1e-10  # curvatures of smaller relative size are rounding errors
# of b_x, b_z, b_xx, b_xz, b_zz
_SUMS = {"a1": (1, 1, 0, 0, 0), "a2": (0, 0, 1, 1, 1), "a3": (1, -1, 0, 0, 0), "a4": (0, 0, 1, -1, 1)}


@dataclass(frozen=True, slots=True, eq=False)
class StationaryPoint(Sealed):
    """The point at which a fitted surface is level, and its principal axes through it. All are estimates without errors.

    Parameters
    ----------
    x, z
        The point, in units of the focal variable and of the moderator; NaN if there is none.
    kind
        "maximum", "minimum" or "saddle"; "none" for a ridge, a trough or a plane, which are not level at one point only; "not known"
        without all coefficients.
    first, second
        Slopes p11 and p21 of the principal axes, units of the moderator per unit of the focal variable; infinite for an axis along the
        moderator, NaN if the surface bends equally in all directions. Along the first the surface bends upward most, or downward least.
    inside
        Whether the point lies in the convex hull of the observations; False without data.
    """

    x: float
    z: float
    kind: StationaryKind
    first: float
    second: float
    inside: bool

    @property
    def intercepts(self) -> tuple[float, float]:
        """Values p10 and p20 of the moderator at which the axes pass the focal variable's zero; NaN for an axis along the moderator."""
        slopes = (slope if np.isfinite(slope) else float("nan") for slope in (self.first, self.second))
        first, second = (self.z - slope * self.x for slope in slopes)
        return first, second


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SurfaceTests(Probe):
    """Tests of a response surface along the lines x = z (agreement) and x = -z (disagreement, both from a common midpoint).

    Parameters
    ----------
    midpoint
        Value of both variables from which they are counted. a1 and a3 depend on it, a2 and a4 do not.
    label, measure
        The four names "a1" to "a4", and what each is.
    estimate, std_error, statistic, dfs, p_value, conf_low, conf_high
        (4,) each: a1 and a3 in units of the outcome per unit of the variables, a2 and a4 per squared unit.
    stationary
        The stationary point with its kind and the principal axes.
    map
        The surface, for a figure; None if the ranges of the variables are not known.
    """

    midpoint: float
    label: tuple[str, ...]
    measure: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    statistic: Vector
    dfs: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    stationary: StationaryPoint
    map: ResponseSurface | None

    def _works(self) -> tuple[str, ...]:
        return ("edwards_parry_1993", "shanock_et_al_2010", *self.covariance._works())

    def _columns(self) -> Columns:
        return {"label": np.array(self.label, dtype=object), "measure": np.array(self.measure, dtype=object), **self._tests()}

    def _under_table(self) -> str:
        held = f", with {self.held_words}" if self.held else ""
        return f"{self._focal} and {self._moderator} counted from {value_text(self.midpoint)}. {self._stationary()} {self.setting}{held}."

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        said = [self._said(i) for i in range(4)]
        same, opposite = f"{self._focal} = {self._moderator}", f"{self._focal} = -{self._moderator}"
        return (
            f"Response surface{self._on} over {self._focal} and {self._moderator}, both counted from {value_text(self.midpoint)}: along "
            f"{same} slope {said[0]} and curvature {said[1]}; along {opposite} slope {said[2]} and curvature {said[3]}. "
            f"{self._unknown()}{self._stationary()}"
        )

    def _said(self, i: int) -> str:
        known = "" if np.isnan(self.std_error[i]) else f" (SE {number(self.std_error[i])}, {p_text(self.p_value[i])})"
        return f"{self.label[i]} = {number(self.estimate[i])}{known}"

    def _unknown(self) -> str:
        missing = np.isnan(self.std_error).any() and np.isfinite(self.estimate).all()
        return "Their errors need the covariances of the coefficients, which are not all known. " if missing else ""

    def _stationary(self) -> str:
        found = self.stationary
        if found.kind == "not known":
            return "Its stationary point is not known, because not all coefficients are."
        if found.kind == "none":
            return "The fitted surface has no single stationary point: it is a ridge, a trough or a plane."
        place = "" if self.map is None or not len(self.map.hull) else f", {'among' if found.inside else 'outside'} the observations"
        kind = "saddle point" if found.kind == "saddle" else found.kind
        return (
            f"The fitted surface has a {kind} at {self._focal} = {number(found.x)}, {self._moderator} = {number(found.z)}{place} "
            f"(by the estimates, without an interval).{self._axes()}"
        )

    def _axes(self) -> str:
        slopes = self.stationary.first, self.stationary.second
        if np.isnan(slopes).any():
            return " It bends equally in all directions."
        if np.isinf(slopes).any():
            return f" Its principal axes run along {self._focal} and {self._moderator}."
        return f" Slopes of its principal axes: {number(slopes[0])} and {number(slopes[1])}."


def surface_tests(
    model: Model,
    *,
    focal: str,
    moderator: str,
    midpoint: float | None = None,
    at: Values = None,
    alpha: float | None = None,
) -> SurfaceTests:
    r"""Test the shape of a response surface where two variables agree and where they differ.

    For :math:`y = b_0 + b_x x + b_z z + b_{xx} x^2 + b_{xz} xz + b_{zz} z^2 + \dots`, with x and z counted from the midpoint,

    .. math:: a_1 = b_x + b_z, \quad a_2 = b_{xx} + b_{xz} + b_{zz}, \quad a_3 = b_x - b_z, \quad a_4 = b_{xx} - b_{xz} + b_{zz}

    are the slope at the midpoint and the curvature along x = z, and the same along x = -z. Each is a combination :math:`L'b` with
    variance :math:`L'VL` and its own degrees of freedom. The surface is level at

    .. math:: x_0 = \frac{b_z b_{xz} - 2 b_x b_{zz}}{4 b_{xx} b_{zz} - b_{xz}^2}, \qquad
        z_0 = \frac{b_x b_{xz} - 2 b_z b_{xx}}{4 b_{xx} b_{zz} - b_{xz}^2}

    and its principal axes through that point have the slopes

    .. math:: p_{11}, p_{21} = \frac{b_{zz} - b_{xx} \pm \sqrt{(b_{xx} - b_{zz})^2 + b_{xz}^2}}{b_{xz}}

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal, moderator
        Names of two numeric variables on the same scale, with their squares and their product in the model.
    midpoint
        The value of both from which they are counted: 4 on a scale from 1 to 7. By default the average of their two means.
    at
        Values at which to hold the other variables, {variable: value}; by default their means.
    alpha
        Significance level of the intervals; by default the model's.

    Returns
    -------
    SurfaceTests
        The four tests are of one surface and are not adjusted for multiple testing. `plot` draws the map with both lines, and the
        stationary point with its axes if it is among the observations.

    Raises
    ------
    ModelError
        If a variable, a square or the product is not in the model, if the model has terms of higher order in them, or if the means are not
        known and no midpoint is given.

    Warns
    -----
    OutsideSupport
        If the midpoint is outside the observed range of a variable.

    Notes
    -----
    x = z means something only if both are measured in the same units on the same scale.

    References
    ----------
    Edwards, J. R. & Parry, M. E. (1993). Academy of Management Journal 36, 1577-1613.
    Shanock, L. R. et al. (2010). Journal of Business and Psychology 25, 543-554.

    Examples
    --------
    >>> from tienet.regression.published import PublishedModel
    >>> b = {"x": 1.0, "z": 0.5, "x^2": -1.0, "x:z": 0.5, "z^2": -1.0}
    >>> found = surface_tests(PublishedModel(b), focal="x", moderator="z", midpoint=0)
    >>> found.estimate.tolist(), found.stationary.kind
    ([1.5, -1.5, 0.5, -2.5], 'maximum')
    """
    surface = surface_of(model)
    first, second = _both(surface, focal, moderator)
    center = _midpoint(first, second, midpoint)
    others = _others(surface, first, second, at)
    point = standing(surface, {first.name: center, second.name: center, **others})
    rows = _rows(surface, first, second, point)
    fields = common(surface, first.name, second.name, alpha, {name: point[name] for name in _beside(surface, first, second)})
    drawn = _map(model, first, second, others, alpha)
    seen = (first, second) if drawn is None else _seen(first, second, drawn)
    return SurfaceTests(
        **fields,
        **tested(surface, np.array(list(_SUMS.values()), dtype=float) @ rows, level(surface, alpha)),
        midpoint=center,
        label=tuple(_SUMS),
        measure=tuple(f"{what} along {first.name} = {sign}{second.name}" for sign in ("", "-") for what in ("slope", "curvature")),
        stationary=_stationary(*seen, rows @ np.where(rows.any(axis=0), surface.estimate, 0.0), center),
        map=drawn,
    )


def _both(surface: Polynomial, focal: str, moderator: str) -> tuple[Variable, Variable]:
    first, second = surface.variable(focal), surface.variable(moderator)
    if first.name == second.name:
        raise ModelError(f"{first.name} is both focal and moderator; a response surface needs two variables")
    for variable in (first, second):
        if variable.kind == "binary":
            raise ModelError(f"{variable.name} has only two values, so it has no square; compare its two lines with predict_surface")
    x, z = first.name, second.name
    pair(surface, x, z)
    for name in (x, z):
        if Term(((name, 2),)) not in surface.terms:
            raise ModelError(
                f"the model of {surface.outcome} has no {name}^2; a response surface needs {x}, {z}, {x}^2, {x}:{z} and {z}^2, so add "
                f"{name}^2 to the formula"
            )
    for term in surface.terms:
        if term.power(x) + term.power(z) > 2:
            raise ModelError(
                f"{term} bends the surface over {x} and {z} more than squares do, so a1 to a4 do not describe it; drop it, or see "
                "response_surface"
            )
    return first, second


def _midpoint(first: Variable, second: Variable, given: float | None) -> float:
    center = (first.mean + second.mean) / 2 if given is None else real("midpoint", given)
    if np.isnan(center):
        name = first.name if np.isnan(first.mean) else second.name
        raise ModelError(f"the mean of {name} is not known; give the value from which both variables are counted, midpoint=")
    for variable in (first, second):
        warn_outside(variable, [center])
    return float(center)


def _others(surface: Polynomial, first: Variable, second: Variable, at: Values) -> dict[str, float]:
    if at is not None and not isinstance(at, Mapping):
        raise ArgumentError(f"at={at!r} must name its variables; write at={{'variable': value}}, and midpoint= for the two variables")
    others = split_values(surface, None, at)[1]
    for name in (first.name, second.name):
        if name in others:
            raise ArgumentError(f"at: {name} varies here, so it cannot be held; midpoint= is the value from which it is counted")
    return placed(surface, others)


def _beside(surface: Polynomial, first: Variable, second: Variable) -> list[str]:
    """Other variables on which the shape depends."""
    both = {first.name, second.name}
    return sorted({name for term in surface.terms if both & set(term.names) for name in term.names} - both)


def _rows(surface: Polynomial, first: Variable, second: Variable, point: Mapping[str, float]) -> Vector:
    """(5, k) rows of b_x, b_z, b_xx, b_xz and b_zz around a point: its slopes, half its second derivatives, and the mixed one."""
    x, z = first.name, second.name
    curves = {name: surface.slope_rows(name, name, point)[1] / 2 for name in (x, z)}
    mixed = surface.slope_rows(x, z, point)[1]
    return np.array([surface.slope_row(x, point), surface.slope_row(z, point), curves[x], mixed, curves[z]])


def _stationary(first: Variable, second: Variable, b: Vector, center: float) -> StationaryPoint:
    nothing = float("nan")
    if not np.isfinite(b).all():
        return StationaryPoint(nothing, nothing, "not known", nothing, nothing, inside=False)
    bends = np.array([[2 * b[2], b[3]], [b[3], 2 * b[4]]])
    roots, axes = np.linalg.eigh(bends)
    size = float(np.abs(roots).max())
    slopes = _slopes(roots, axes, size)
    if np.abs(roots).min() <= _FLAT * size:
        return StationaryPoint(nothing, nothing, "none", *slopes, inside=False)
    spot = center - np.linalg.solve(bends, b[:2])
    kind: StationaryKind = "saddle" if roots[0] < 0 < roots[1] else "minimum" if roots[0] > 0 else "maximum"
    inside = bool(hull_of(first, second, spot[None, :]).inside[0])
    return StationaryPoint(float(spot[0]), float(spot[1]), kind, *slopes, inside=inside)


def _slopes(roots: Vector, axes: Vector, size: float) -> tuple[float, float]:
    """Slopes of the axes of the larger and the smaller curvature."""
    if not np.ptp(roots) > _FLAT * size:
        return float("nan"), float("nan")
    first, second = (float(axis[1] / axis[0]) if abs(axis[0]) > _FLAT else float("inf") for axis in axes.T[::-1])
    return first, second


def _map(model: Model, first: Variable, second: Variable, others: dict[str, float], alpha: float | None) -> ResponseSurface | None:
    if not np.isfinite([first.low, first.high, second.low, second.high]).all():
        return None
    given: dict[str, Any] = dict(others)
    return response_surface(model, focal=first.name, moderator=second.name, at=given, alpha=alpha)


def _seen(first: Variable, second: Variable, drawn: ResponseSurface) -> tuple[Variable, Variable]:
    """Both variables in the observations on the map."""
    return replace(first, values=drawn.focal_observed), replace(second, values=drawn.moderator_observed)
