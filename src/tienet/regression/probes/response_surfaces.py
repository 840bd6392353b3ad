"""The response surface: the expected outcome over two variables at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import mapping, real, whole
from tienet.base.errors import ArgumentError, ModelError, shown
from tienet.base.frames import Columns
from tienet.base.numbers import counted, n_text, number
from tienet.base.record import locked
from tienet.regression.core.least_squares import lincom, t_critical
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.probes._hull import hull_of
from tienet.regression.probes.predicted_surfaces import levelled
from tienet.regression.probes.probe import Probe, Values, common, level, pair, placed, split_values, standing

__all__ = ["ResponseSurface", "response_surface"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ResponseSurface(Probe):
    """Expected outcome over a grid of the focal variable (f values) and the moderator (m values), all else at its mean.

    Parameters
    ----------
    focal_values, moderator_values
        (f,) and (m,) values over the observed ranges, on the variables' own scales.
    estimate, std_error, conf_low, conf_high
        (m, f) each, in units of the outcome: expected mean at each point of the grid, and its pointwise interval.
    support
        (m, f) whether the point lies within the convex hull of the observations; all False without data.
    hull
        (h, 2) corners (focal, moderator) of that hull, in order; empty without data.
    focal_observed, moderator_observed
        (c,) observed values of the observations on the map; empty without data.
    without
        Number of observations left off the map for lack of a value of the moderator: rows dropped for it, and rows marked by an indicator.
    relative
        True if the level is not known (see `Surface`): heights lack a constant, and there are no errors.
    """

    focal_values: Vector
    moderator_values: Vector
    estimate: Vector
    std_error: Vector
    conf_low: Vector
    conf_high: Vector
    support: NDArray[np.bool_]
    hull: Vector
    focal_observed: Vector
    moderator_observed: Vector
    without: int
    relative: bool = False

    def _works(self) -> tuple[str, ...]:
        return ("edwards_parry_1993", *self.covariance._works())

    def _columns(self) -> Columns:
        grid = {name: getattr(self, name) for name in ("estimate", "std_error", "conf_low", "conf_high", "support")}
        return {
            "value": np.tile(self.focal_values, len(self.moderator_values)),
            "at": np.repeat(self.moderator_values, len(self.focal_values)),
            **{name: values.ravel() for name, values in grid.items()},
        }

    @property
    def sentence(self) -> str:
        """What is expected, with errors and sample."""
        seen = self.estimate[self.support] if self.support.any() else self.estimate
        where = "among the observations" if self.support.any() else "over the ranges given"
        less = " (up to an unknown constant)" if self.relative else ""
        missing = f" {counted(self.without, 'observation')} without {self._moderator} left out." if self.without else ""
        return (
            f"{self._expected}{less} over {self._focal} and {self._moderator}, other variables at their means unless given: "
            f"from {number(seen.min())} to {number(seen.max())} {where}. {self.covariance.label}, {n_text(self.n)}.{missing}"
        )

    def __str__(self) -> str:
        return self.sentence


def response_surface(
    model: Model,
    *,
    focal: str,
    moderator: str,
    at: Values = None,
    indicator: str | None = None,
    points: int = 51,
    alpha: float | None = None,
    over: Mapping[str, tuple[float, float]] | None = None,
) -> ResponseSurface:
    r"""Predict the outcome over two variables at once: the map of a moderated regression.

    With :math:`y = b_0 + b_1 x + b_2 x^2 + b_3 z + b_4 xz + \dots` the height at (x, z) is :math:`L'b` and its variance :math:`L'VL`, where
    L is the model's row at (x, z) with all other variables held.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table with the ranges of both variables.
    focal, moderator
        Names of two numeric variables whose product is in the model.
    at
        Values at which to hold the other variables, {variable: value}; by default their means.
    indicator
        A 0/1 variable of the model that marks observations without a value of the moderator. These are left off the map, which is drawn
        for indicator 0. By default ``no_ties_f`` for ``tie_strength_f``, if the model has it: people without ties to f have no tie
        strength.
    points
        Grid points along each variable.
    alpha
        Significance level of the intervals; by default the model's.
    over
        {variable: (low, high)}, the range of the map; by default the observed range of each variable, whose ends are values of people.

    Returns
    -------
    ResponseSurface
        Includes the convex hull of the observations: outside it the surface rests on no data.

    Raises
    ------
    ModelError
        If a variable or the product is not in the model, a variable has only two values, or a range is not known.

    References
    ----------
    Edwards, J. R. & Parry, M. E. (1993). Academy of Management Journal 36, 1577-1613.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 2.2, 2.7, 5.4, 4.6, 9.1, 7.2], "x": [1, 2, 3, 4, 5, 6, 7], "z": [0.0, 1.1, 0.2, 2.3, 0.9, 3.1, 1.0]}
    >>> found = response_surface(Moderation("y ~ x*z", covariance="classical").fit(data), focal="x", moderator="z", points=3)
    >>> found.support.tolist()
    [[True, False, False], [False, True, False], [False, False, False]]
    """
    fitted = surface_of(model)
    first, second = _both(fitted, focal, moderator)
    whole("points", points, 2, 1000, hint=", along each side of the grid")
    marks = _indicator(fitted, second, indicator)
    held = {**({marks.name: 0.0} if marks else {}), **_given(fitted, first, second, at)}
    first, second = (_placed(variable, marks) for variable in (first, second))
    x, z = (np.linspace(*_range(variable, over), points) for variable in (first, second))
    hull, inside = hull_of(first, second, np.column_stack([np.tile(x, points), np.repeat(z, points)]))
    point = standing(fitted, {first.name: first.mean, second.name: second.mean, **held})
    others = {name: value for name, value in point.items() if name not in (first.name, second.name)}
    return ResponseSurface(
        **common(fitted, first.name, second.name, alpha, others),
        **_heights(fitted, first, second, (x, z), point, level(fitted, alpha)),
        focal_values=locked(x),
        moderator_values=locked(z),
        support=locked(inside.reshape(points, points), bool),
        hull=locked(hull),
        focal_observed=first.values,
        moderator_observed=second.values,
        without=int(getattr(model, "dropped", {}).get(second.name, 0)) + (int((marks.values == 1).sum()) if marks else 0),
    )


def _both(fitted: Polynomial, focal: str, moderator: str) -> tuple[Variable, Variable]:
    first, second = pair(fitted, focal, moderator)
    if first.name == second.name:
        raise ModelError(f"{first.name} is both focal and moderator; a map needs two variables, plot(predict_surface(...)) draws one curve")
    for variable in (first, second):
        if variable.kind == "binary":
            raise ModelError(f"{variable.name} has only two values, so there is no map over it; use predict_surface")
        if not np.isfinite([variable.low, variable.high]).all():
            raise ModelError(f"the observed range of {variable.name} is not known; give it with the model")
    return first, second


def _range(variable: Variable, over: Mapping[str, tuple[float, float]] | None) -> tuple[float, float]:
    given = mapping("over", over).get(variable.name, (variable.low, variable.high))
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ArgumentError(f"over[{variable.name!r}] must be a range, (low, high); got {shown(given)}")
    low, high = (real("over", end) for end in given)
    if not low < high:
        raise ArgumentError(f"over[{variable.name!r}] must go from a lower to a higher value; got {low:g} to {high:g}")
    return low, high


def _indicator(fitted: Polynomial, moderator: Variable, name: str | None) -> Variable | None:
    """The variable that marks observations without a value of the moderator, if there is one."""
    usual = moderator.name.replace("tie_strength_", "no_ties_", 1)
    if name is None and (usual == moderator.name or usual not in fitted.variables):
        return None
    marks = fitted.variable(usual if name is None else name)
    if marks.kind != "binary" or (marks.low, marks.high) != (0, 1):
        raise ArgumentError(f"indicator={marks.name!r} must be a 0/1 variable that marks observations without {moderator.name}")
    return marks


def _placed(variable: Variable, marks: Variable | None) -> Variable:
    """The variable, in the observations on the map only."""
    if marks is None or len(variable.values) == 0:
        return variable
    values = variable.values[marks.values == 0]
    return replace(variable, values=locked(values), low=float(values.min()), high=float(values.max()))


def _given(fitted: Polynomial, first: Variable, second: Variable, at: Values) -> dict[str, float]:
    own, others = split_values(fitted, second.name, {} if at is None else at)
    if own is not None or first.name in others:
        raise ArgumentError(f"at: {first.name} and {second.name} vary here; hold only other variables, at={{'variable': value}}")
    return placed(fitted, others)


def _heights(
    fitted: Polynomial, first: Variable, second: Variable, axes: tuple[Vector, Vector], point: Mapping[str, float], alpha: float
) -> dict[str, Any]:
    """Heights and errors over the grid, with one row for each value of the moderator."""
    stands = [{**point, second.name: float(value)} for value in axes[1]]
    known, relative = levelled(fitted, (first.name, second.name), stands[:1])
    rows = np.concatenate([known.value_rows(first.name, axes[0], stand) for stand in stands])
    estimate, std_error = lincom(rows, known.estimate, known.matrix)
    half = t_critical(alpha, known.df_of(rows)) * std_error
    found = {"estimate": estimate, "std_error": std_error, "conf_low": estimate - half, "conf_high": estimate + half}
    shape = (len(axes[1]), len(axes[0]))
    return {name: locked(values.reshape(shape)) for name, values in found.items()} | {"relative": relative}
