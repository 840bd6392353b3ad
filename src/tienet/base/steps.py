"""Rounding to round steps: 1, 2 or 5 times a power of ten."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SLACK = 1e-9  # so that 0.2 is not passed over because it is stored as 0.2 and a little less


def step_above(width: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is at least this wide; 0 for 0.

    Examples
    --------
    >>> step_above(0.031), step_above(0.2), step_above(6.0)
    (0.05, 0.2, 10.0)
    """
    if not width > 0 or not math.isfinite(width):
        return 0.0
    power = math.floor(math.log10(width))
    found = next(digit for digit in (1, 2, 5, 10) if digit * 10.0**power >= width * (1 - _SLACK))
    return float(f"{found}e{power}")


def to_step(values: Any, step: Any) -> NDArray[np.float64]:
    """The values rounded to multiples of a step, which is of the form 1, 2 or 5 times a power of ten; a step of 0 changes nothing.

    Examples
    --------
    >>> to_step([0.34, 1.0 / 3], 0.05).tolist()
    [0.35, 0.35]
    """
    given, steps = np.broadcast_arrays(np.asarray(values, dtype=float), np.asarray(step, dtype=float))
    found = given.copy()
    wide = (steps > 0) & np.isfinite(given)
    # Through decimal text, so that the file says 0.35 and not 0.35000000000000003.
    found[wide] = [_decimal(value, one) for value, one in zip(given[wide].tolist(), steps[wide].tolist(), strict=True)]
    return found


def _decimal(value: float, step: float) -> float:
    places = max(0, -math.floor(math.log10(step) + _SLACK))
    return float(f"{round(value / step) * step:.{places}f}") + 0.0
