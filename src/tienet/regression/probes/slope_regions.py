"""The floodlight in two dimensions: regions of a variable and its moderator in which the slope differs from zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import whole
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import count, listed, percent, range_text
from tienet.base.record import locked
from tienet.regression.core.least_squares import lincom, t_critical
from tienet.regression.core.polynomial import Model, Point, Polynomial, Variable, surface_of
from tienet.regression.probes._hull import hull_of
from tienet.regression.probes.probe import Probe, Values, common, held_values, level, pair, placed, split_values, standing, tested

__all__ = ["SlopeRegion", "slope_region"]


_HALVINGS = 50


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SlopeRegion(Probe):
    """Slope of the focal variable over a grid of its own values (f of them) and the moderator's (m).

    Parameters
    ----------
    focal_values, moderator_values
        (f,) and (m,) values over the observed ranges, on the variables' own scales.
    estimate, std_error, statistic, p_value, conf_low, conf_high, dfs
        (m, f) each: slope, in units of the outcome per unit of the focal variable, and its test at each point of the grid.
    significant
        (m, f) whether the slope differs from zero.
    sign
        (m, f) sign of the slope where significant, 0 elsewhere.
    support
        (m, f) whether the point lies within the convex hull of the observations; all False without data.
    hull
        (h, 2) corners (focal, moderator) of that hull, in order; empty without data.
    boundary
        (b, 2) points (focal, moderator) at which the slope just differs from zero, in no particular order.
    share_negative, share_positive
        Share of the observations at whose values the slope is significantly negative, and positive; NaN without data.
    focal_observed, moderator_observed
        (n,) observed values; empty without data.
    """

    focal_values: Vector
    moderator_values: Vector
    estimate: Vector
    std_error: Vector
    statistic: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    dfs: Vector
    significant: NDArray[np.bool_]
    sign: NDArray[np.int64]
    support: NDArray[np.bool_]
    hull: Vector
    boundary: Vector
    share_negative: float
    share_positive: float
    focal_observed: Vector
    moderator_observed: Vector

    def _works(self) -> tuple[str, ...]:
        return ("bauer_curran_2005", "johnson_neyman_1936", *self.covariance._works())

    def _columns(self) -> Columns:
        grid = {
            **self._tests(),
            "significant": self.significant,
            "sign": self.sign,
            "support": self.support,
        }
        return {
            "value": np.tile(self.focal_values, len(self.moderator_values)),
            "at": np.repeat(self.moderator_values, len(self.focal_values)),
            **{name: values.ravel() for name, values in grid.items()},
        }

    @property
    def share_significant(self) -> float:
        """Share of the observations at whose values the slope differs from zero."""
        return self.share_negative + self.share_positive

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        focal, moderator = (range_text(values[0], values[-1]) for values in (self.focal_values, self.moderator_values))
        spans = f"{self._focal} in {focal} and {self._moderator} in {moderator}"
        return f"Slope of {self._focal}{self._on} over {spans}: {self._finding()} ({self.level}, pointwise)."

    def _finding(self) -> str:
        if np.isnan(self.share_significant):
            found = [word for sign, word in ((1, "above zero"), (-1, "below zero")) if (self.sign == sign).any()]
            return f"{listed(found)} in parts of the ranges" if found else "different from zero nowhere"
        neither = max(0.0, 1 - self.share_significant)
        return (
            f"above zero for {percent(self.share_positive, 1)} of the {count(self.n)} observations, "
            f"below zero for {percent(self.share_negative, 1)}, not different from zero for {percent(neither, 1)}"
        )


def slope_region(
    model: Model, *, focal: str, moderator: str, at: Values = None, points: int = 51, alpha: float | None = None
) -> SlopeRegion:
    r"""Find where the slope of a variable differs from zero, over its own values and a moderator's at once.

    With :math:`y = b_0 + b_1 x + b_2 x^2 + b_3 z + b_4 xz` the slope is :math:`s(x, z) = b_1 + 2 b_2 x + b_4 z` and its variance
    :math:`V_{11} + 4 x^2 V_{22} + z^2 V_{44} + 4 x V_{12} + 2 z V_{14} + 4 xz V_{24}`; further terms of both enter the same way.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal
        A variable whose square is in the model.
    moderator
        A numeric variable that interacts with it.
    at
        Values at which to hold the other variables that matter, {variable: value}; by default their means.
    points
        Grid points along each variable, over the observed ranges.
    alpha
        Significance level; by default the model's. Each point is tested on its own.

    Returns
    -------
    SlopeRegion
        Includes the share of the observations in each part, counted at the values (x_i, z_i) of each, with other variables held as above.

    Raises
    ------
    ModelError
        If a variable, the square or the product is not in the model, the moderator has only two values, or a range is not known.

    References
    ----------
    Bauer, D. J. & Curran, P. J. (2005). Multivariate Behavioral Research 40, 373-400.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 2.2, 2.7, 5.4, 4.6, 9.1, 7.2], "x": [1, 2, 3, 4, 5, 6, 7], "z": [0.0, 1.1, 0.2, 2.3, 0.9, 3.1, 1.0]}
    >>> found = slope_region(Moderation("y ~ x*z + x^2", covariance="classical").fit(data), focal="x", moderator="z", points=11)
    >>> found.estimate.shape, found.share_positive + found.share_negative == found.share_significant
    ((11, 11), True)
    """
    surface = surface_of(model)
    first, second, point = _both(surface, focal, moderator, at)
    whole("points", points, 2, 1000, hint=", along each side of the grid")
    a = level(surface, alpha)
    x, z = np.linspace(first.low, first.high, points), np.linspace(second.low, second.high, points)
    spots = np.column_stack([np.tile(x, points), np.repeat(z, points)])
    found = _tested_at(surface, (first, second), point, spots, a)
    grid: dict[str, Any] = {name: locked(np.reshape(values, (points, points))) for name, values in found.items()}
    significant = _clear(grid["conf_low"], grid["conf_high"])
    negative, positive = _shares(surface, (first, second), point, a)
    hull, inside = hull_of(first, second, spots)
    return SlopeRegion(
        **common(surface, first.name, second.name, alpha, _held(surface, first, second, point)),
        **grid,
        focal_values=locked(x),
        moderator_values=locked(z),
        significant=locked(significant, bool),
        sign=locked(np.where(significant, np.sign(grid["estimate"]), 0), np.int64),
        support=locked(inside.reshape(points, points), bool),
        hull=locked(hull),
        boundary=locked(_boundary(surface, (first, second), point, (x, z), a)),
        share_negative=negative,
        share_positive=positive,
        focal_observed=first.values,
        moderator_observed=second.values,
    )


def slope_rows_at(surface: Polynomial, focal: Variable, moderator: Variable, point: Point, spots: Vector) -> Vector:
    """(s, k) rows of the slope of the focal variable at s pairs of its own value and the moderator's."""
    center = surface.centers[moderator.name]
    # the slope is a polynomial of degree 2 in the moderator, so three points determine it
    places = center + np.array([-1.0, 0.0, 1.0])
    below, here, above = (surface.slope_rows(focal.name, focal.name, {**point, moderator.name: place}) for place in places)
    powers = np.stack([here, (above - below) / 2, (above + below) / 2 - here])
    u, v = spots[:, 0] - surface.centers[focal.name], spots[:, 1] - center
    return np.asarray(np.einsum("si,sj,ijk->sk", np.vander(v, 3, increasing=True), np.vander(u, 3, increasing=True), powers, optimize=True))


def _both(surface: Polynomial, focal: str, moderator: str, at: Values) -> tuple[Variable, Variable, dict[str, float]]:
    first, second = pair(surface, focal, moderator)
    if first.name == second.name:
        raise ModelError(f"{first.name} is both focal and moderator; for regions along one curve use johnson_neyman with the name twice")
    pair(surface, first.name, first.name)
    if second.kind == "binary":
        raise ModelError(f"{second.name} has only two values; use johnson_neyman over {first.name} at each of them")
    if not np.isfinite([first.low, first.high, second.low, second.high]).all():
        raise ModelError(f"the observed ranges of {first.name} and {second.name} are not known; give them with the model")
    own, others = split_values(surface, second.name, {} if at is None else at)
    if own is not None or first.name in others:
        raise ArgumentError(f"at: {first.name} and {second.name} vary here; hold only other variables, at={{'variable': value}}")
    given = placed(surface, others)
    return first, second, standing(surface, {first.name: first.mean, second.name: second.mean, **given})


def _held(surface: Polynomial, first: Variable, second: Variable, point: Point) -> dict[str, float]:
    return {name: value for name, value in held_values(surface, first.name, second.name, point).items() if name != first.name}


def _tested_at(surface: Polynomial, names: tuple[Variable, Variable], point: Point, spots: Vector, alpha: float) -> dict[str, Any]:
    return tested(surface, slope_rows_at(surface, *names, point, spots), alpha)


def _clear(low: Vector, high: Vector) -> NDArray[np.bool_]:
    return np.asarray((low > 0) | (high < 0))


def _shares(surface: Polynomial, names: tuple[Variable, Variable], point: Point, alpha: float) -> tuple[float, float]:
    """Share of the observations at whose own values the slope is below, and above, zero."""
    first, second = names
    if len(first.values) == 0 or len(second.values) != len(first.values):
        return float("nan"), float("nan")
    there = _tested_at(surface, names, point, np.column_stack([first.values, second.values]), alpha)
    return float(np.mean(there["conf_high"] < 0)), float(np.mean(there["conf_low"] > 0))


def _boundary(surface: Polynomial, names: tuple[Variable, Variable], point: Point, axes: tuple[Vector, Vector], alpha: float) -> Vector:
    """Points at which |slope| is the critical value times its error, by bisection of every grid edge whose ends differ."""
    x, z = axes
    nodes = np.stack(np.meshgrid(x, z), axis=-1)

    def margin(spots: Vector) -> Vector:
        rows = slope_rows_at(surface, *names, point, spots)
        estimate, error = lincom(rows, surface.estimate, surface.matrix)
        return np.abs(estimate) - t_critical(alpha, surface.df_of(rows)) * error

    beyond = margin(nodes.reshape(-1, 2)).reshape(nodes.shape[:2]) > 0
    along, across = beyond[:, 1:] != beyond[:, :-1], beyond[1:] != beyond[:-1]
    start = np.concatenate([nodes[:, :-1][along], nodes[:-1][across]])
    end = np.concatenate([nodes[:, 1:][along], nodes[1:][across]])
    from_beyond = np.concatenate([beyond[:, :-1][along], beyond[:-1][across]])
    for _ in range(_HALVINGS if len(start) else 0):
        middle = (start + end) / 2
        same = ((margin(middle) > 0) == from_beyond)[:, None]
        start, end = np.where(same, middle, start), np.where(same, end, middle)
    return np.asarray((start + end) / 2)
