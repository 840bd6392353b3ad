"""Turning points of quadratics, with delta and Fieller intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import count, number, percent, range_text
from tienet.regression.core.polynomial import Model, surface_of
from tienet.regression.probes._along import slope_along
from tienet.regression.probes._stretches import observed_range
from tienet.regression.probes.predicted_surfaces import Surface, curve_over
from tienet.regression.probes.probe import Probe, Values, common, held_values, level, pair
from tienet.regression.probes.zeros import FiellerKind, Zero, zeros_of

__all__ = ["TurningPoint", "turning_point"]


Curvature: TypeAlias = Literal["U", "inverted U"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class TurningPoint(Probe):
    """The value of the focal variable at which the slope is zero.

    Parameters
    ----------
    estimate, std_error
        Turning point on the variable's own scale, and its delta-method error; NaN for a published model without the covariance it needs.
    delta
        Delta interval; unreliable when the square is less than about three standard errors from zero.
    fieller
        Limits of the Fieller set, the values whose slope does not differ from zero: between the two limits if "bounded", below the first or
        above the second if "two_rays", no limits if "whole_line".
    kind
        Kind of the Fieller set; "bounded" exactly when the square differs from zero at this level. Under CR2 each value has its own
        degrees of freedom, and a set of more pieces than these kinds allow is given by its outermost limits. "not known" for a published
        model without standard errors.
    zero
        The same with the smallest and largest error that any covariance could give. If only standard errors are published, `delta` and
        `fieller` are the widest possible.
    curvature
        "U" or "inverted U", from the sign of the square.
    observed
        Observed range of the focal variable.
    inside
        Whether the estimate lies in the observed range.
    share_below
        Share of the observations below the estimate; NaN without data.
    curve
        Fitted curve over the observed range, for a figure; None if the range is not known.
    """

    estimate: float
    std_error: float
    delta: tuple[float, float]
    fieller: tuple[float, ...]
    kind: FiellerKind
    curvature: Curvature
    observed: tuple[float, float]
    inside: bool
    share_below: float
    curve: Surface | None
    zero: Zero

    def _works(self) -> tuple[str, ...]:
        return ("fieller_1954", "haans_et_al_2016", *self.covariance._works())

    def _columns(self) -> Columns:
        low, high = self.zero.limits
        return {
            "estimate": np.array([self.estimate]),
            "std_error": np.array([self.std_error]),
            **self.zero.bounds_columns(),
            "delta_low": np.array([self.delta[0]]),
            "delta_high": np.array([self.delta[1]]),
            "fieller_low": np.array([low]),
            "fieller_high": np.array([high]),
            "kind": np.array([self.kind], dtype=object),
            "curvature": np.array([self.curvature], dtype=object),
            "inside": np.array([self.inside]),
            "share_below": np.array([self.share_below]),
        }

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        cases = "" if np.isnan(self.share_below) else f", {percent(self.share_below, 1)} of the {count(self.n)} observations below it"
        article = "A" if self.curvature == "U" else "An"
        outcome = self.measured or self._outcome
        return (
            f"{self._caveat()}{article} {self.curvature} fitted to {outcome} over {self._focal} turns at {number(self.estimate)} "
            f"({self._place()}{cases}). "
            f"{self._interval()}."
        )

    def _place(self) -> str:
        if not np.isfinite(self.observed).all():
            return "the observed range is not known"
        place = "inside" if self.inside else "outside"
        return f"{place} the observed range {range_text(*self.observed)}"

    def _caveat(self) -> str:
        """The reservation to read before the estimate."""
        unsure = self.kind in ("two_rays", "whole_line")
        return f"The data do not show that {self._outcome} turns over {self._focal}. " if unsure else ""

    def _interval(self) -> str:
        said = self.zero.interval_text(self.alpha)
        return f"{said[0].upper()}{said[1:]}{self.zero.error_text()}"


def turning_point(model: Model, *, focal: str, at: Values = None, alpha: float | None = None) -> TurningPoint:
    r"""Find the turning point of a quadratic: :math:`x^* = -b_1 / (2 b_2)`, or :math:`-(b_1 + b_3 z) / (2 (b_2 + b_4 z))` if moderated.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal
        A variable whose square is in the model.
    at
        Values at which to hold the variables that interact with it, {variable: value}; by default their means.
    alpha
        Significance level of the intervals; by default the model's.

    Returns
    -------
    TurningPoint
        Includes the delta interval and the Fieller set, which is the complement of the Johnson-Neyman regions over the focal variable.

    Raises
    ------
    ModelError
        If the variable or its square is not in the model.

    References
    ----------
    Fieller, E. C. (1954). Journal of the Royal Statistical Society B 16, 175-185.
    Haans, R. F. J., Pieters, C. & He, Z.-L. (2016). Strategic Management Journal 37, 1177-1195.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> fit = Moderation("y ~ x + x^2", covariance="classical").fit({"y": [9.1, 3.9, 1.2, 0.1, 0.8, 4.2, 8.9], "x": [0, 1, 2, 3, 4, 5, 6]})
    >>> point = turning_point(fit, focal="x")
    >>> round(point.estimate, 2), point.kind, point.curvature
    (3.01, 'bounded', 'U')
    """
    surface = surface_of(model)
    variable, _ = pair(surface, focal, focal)
    rows, point = slope_along(surface, variable, variable, at)
    found = zeros_of(surface, rows, variable, level(surface, alpha))
    if not found:
        raise ModelError(f"the curve over {variable.name} is straight at these values (its square is zero), so it has no turning point")
    zero = found[0]
    low, high = observed_range(variable)
    return TurningPoint(
        **common(surface, variable.name, None, alpha, held_values(surface, variable.name, variable.name, point)),
        estimate=zero.estimate,
        std_error=zero.std_error,
        delta=zero.delta,
        fieller=zero.fieller,
        kind=zero.kind,
        curvature=curvature_of(rows @ np.nan_to_num(surface.estimate)),
        observed=(low, high),
        inside=bool(low <= zero.estimate <= high),
        share_below=float(np.mean(variable.spread < zero.estimate)) if len(variable.values) else float("nan"),
        curve=curve_over(surface, variable, point, (low, high), alpha) if np.isfinite((low, high)).all() else None,
        zero=zero,
    )


def curvature_of(slope: Vector) -> Curvature:
    """Return the shape of the fitted curve, from the sign of its square."""
    return "U" if slope[1] > 0 else "inverted U"
