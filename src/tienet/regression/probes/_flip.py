"""The value of the moderator at which a curve is straight and changes from a U to an inverted U or back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import OutsideSupport, warn
from tienet.base.numbers import coverage, interval_text, number, range_text
from tienet.regression.core.least_squares import lincom, quadratic_form, t_critical
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.probes._critical import critical_along
from tienet.regression.probes.zeros import FiellerKind, fieller_set


class Flip(NamedTuple):
    """Value of the moderator at which the curvature is zero, with its delta-method error and interval and its Fieller set."""

    estimate: float
    std_error: float
    delta: tuple[float, float]
    fieller: tuple[float, ...]
    kind: FiellerKind
    inside: bool


def flip_of(surface: Polynomial, rows: Vector, moderator: Variable, alpha: float) -> Flip:
    """Solve b2 + b4 z = 0, and find the values whose curvature does not differ from zero."""
    line = np.array([rows[1], rows[3], np.zeros(rows.shape[1])])
    b, covariance = lincom(line, surface.estimate, surface.matrix)[0], quadratic_form(line, surface.matrix)
    if b[1] == 0:
        return Flip(float("nan"), float("nan"), (float("nan"),) * 2, (), "whole_line", False)
    center = surface.centers[moderator.name]
    away = -b[0] / b[1]
    combined = (rows[1] + away * rows[3])[None, :] / b[1]
    error = float(lincom(combined, surface.estimate, surface.matrix)[1][0])
    reach = float(t_critical(alpha, surface.df_of(combined))[0]) * error
    kind, set_ = fieller_set(b, covariance, critical_along(surface, line, alpha), moderator, center)
    estimate = float(center + away)
    inside = bool(moderator.low <= estimate <= moderator.high)
    if inside:
        warn(
            f"as {moderator.name} rises the curve changes {direction(float(b[1]))} at {moderator.name} = {number(estimate)}, inside its "
            f"observed range {range_text(moderator.low, moderator.high)}; describe the shape on each side separately",
            OutsideSupport,
        )
    return Flip(estimate, error, (estimate - reach, estimate + reach), set_, kind, inside)


def direction(bend: float) -> str:
    """How the shape changes at the flip as the moderator rises."""
    return "from an inverted U to a U" if bend > 0 else "from a U to an inverted U"


def within(flip: Flip, values: Vector) -> NDArray[np.bool_]:
    """Whether each value of the moderator lies in the Fieller set, so that its curvature does not differ from zero."""
    if flip.kind == "whole_line":
        return np.ones(len(values), dtype=bool)
    low, high = flip.fieller
    return np.asarray((values >= low) & (values <= high) if flip.kind == "bounded" else (values <= low) | (values >= high))


def set_text(flip: Flip, alpha: float) -> str:
    """Describe the Fieller set."""
    if flip.kind == "whole_line":
        return f"no {coverage(alpha)} interval can be given (Fieller set: the whole line)"
    if flip.kind == "bounded":
        return f"{coverage(alpha)} Fieller interval {interval_text(flip.fieller[0], flip.fieller[1])}"
    low, high = map(number, flip.fieller)
    return f"{coverage(alpha)} Fieller set: below {low} or above {high}"
