"""Johnson-Neyman regions of the average effect on the expected outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError
from tienet.regression.core.least_squares import lincom, t_critical
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.probes._critical import Critical
from tienet.regression.probes._mean_effects import effect_parts, effects, gradient, require_level
from tienet.regression.probes._stretches import described
from tienet.regression.probes.probe import Values, common, level, placed
from tienet.regression.probes.products import product_test
from tienet.regression.probes.regions import Band, JohnsonNeyman

__all__ = ["ResponseRegions"]

_GRID = 101


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ResponseRegions(JohnsonNeyman):
    """Regions of the moderator in which the average effect on the expected outcome does and does not differ from zero.

    The average is over the observations, each with its own values but for the moderator. Bounds are those in the observed range; `low`
    and `high` of the outer regions are its ends. They differ from the bounds on the scale of the link.

    Parameters
    ----------
    surface, fixed
        The fitted surface, and the values at which others were held for every row; for `curve`.
    """

    surface: Polynomial
    fixed: Mapping[str, float]

    def curve(self, values: Values) -> Band:
        """Return the average effect and its band at values of the moderator."""
        spots = self._spots(values)
        estimate, std_error, df = _along(self.surface, self._variables(), self.fixed, spots)
        half = t_critical(self.alpha, df) * std_error
        return Band(estimate, estimate - half, estimate + half)

    def critical_at(self, values: Values) -> Vector:
        """Return the critical value of ``|t|`` at values of the moderator."""
        return t_critical(self.alpha, _along(self.surface, self._variables(), self.fixed, self._spots(values))[2])

    def _variables(self) -> tuple[Variable, Variable]:
        return self.surface.variables[self.focal], self.surface.variables[str(self.moderator)]

    @property
    def _slope(self) -> str:
        return f"the average slope of {self._focal} in the {self._measured}"


def response_regions(
    surface: Polynomial, focal: Variable, moderator: Variable, control: str, others: Mapping[str, Values], alpha: float | None
) -> ResponseRegions:
    """Find where the average effect crosses its critical multiple of its error, on a grid of the observed range and then exactly."""
    from scipy.optimize import brentq

    if control != "pointwise":
        raise ArgumentError(f"control={control!r} is for scale='link'; on the response scale use control='pointwise'")
    if focal.name == moderator.name:
        raise ModelError(f"{focal.name} is both focal and moderator; on the response scale name two variables")
    require_level(surface)
    fixed, a = placed(surface, others), level(surface, alpha)

    def beyond(values: Vector) -> Vector:
        estimate, std_error, df = _along(surface, (focal, moderator), fixed, values)
        return np.asarray(np.abs(estimate) - t_critical(a, df) * std_error)

    grid = np.linspace(moderator.low, moderator.high, _GRID)
    above = beyond(grid) > 0
    turns = np.flatnonzero(above[:-1] != above[1:])
    bounds = np.array([brentq(lambda z: float(beyond(np.array([z]))[0]), grid[i], grid[i + 1], xtol=1e-12) for i in turns])
    significant: NDArray[np.bool_] = np.concatenate([above[turns], above[-1:]])
    middle = (np.concatenate([[moderator.low], bounds]) + np.concatenate([bounds, [moderator.high]])) / 2
    fields: dict[str, Any] = described(moderator, bounds, significant, np.zeros(3), 0.0)
    signs = np.sign(_along(surface, (focal, moderator), fixed, middle)[0]).astype(np.int64)
    low, high = (np.array(fields[name]) for name in ("low", "high"))
    low[0], high[-1] = moderator.low, moderator.high
    return ResponseRegions(
        **{**common(surface, focal.name, moderator.name, alpha, fixed), "scale": "response"},
        **{**fields, "low": low, "high": high, "sign": np.where(significant, signs, 0), "line_kind": fields["kind"]},
        control="pointwise",
        critical=float("nan") if surface.own_degrees else float(t_critical(a, surface.df)),
        criterion=Critical(a, 0, surface.df),
        grid=0,
        passed=0,
        moderator_observed=moderator.values,
        slope=np.full(3, np.nan),
        slope_covariance=np.full((3, 3), np.nan),
        center=0.0,
        surface=surface,
        fixed=fixed,
        product=product_test(surface, focal.name, moderator.name, a),
    )


def _along(
    surface: Polynomial, pair: tuple[Variable, Variable], fixed: Mapping[str, float], values: Vector
) -> tuple[Vector, Vector, Vector]:
    """(v,) average slopes of the focal variable at values of the moderator, their errors and degrees of freedom."""
    focal, moderator = pair
    parts = [effect_parts(surface, focal, {**fixed, moderator.name: float(value)}) for value in values]
    rows = np.array([gradient(surface, each) for each in parts]).reshape(len(parts), -1)
    estimate = np.array([float(effects(surface, each).mean()) for each in parts])
    if not len(parts):
        return estimate, estimate, estimate
    return estimate, lincom(rows, surface.estimate, surface.matrix)[1], surface.df_of(rows)
