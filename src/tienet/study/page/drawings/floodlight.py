"""The drawing of a slope along tie strength, with its interval and where this leaves out zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.numbers import minus
from tienet.regression.probes.regions import JohnsonNeyman
from tienet.study.page.drawings.scales import Scale, points, ribbon, round_ticks

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 430.0, 44.0, 422.0, 26.0, 158.0
_POINTS = 81


@dataclass(frozen=True, slots=True)
class Floodlight:
    """Positions of the drawing of a slope, in a drawing 430 wide."""

    curve: str
    band: str
    clear: tuple[str, ...]
    zero: float | None
    levels: tuple[float, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    ends: tuple[tuple[str, str], tuple[str, str]]


def draw_floodlight(region: JohnsonNeyman, levels: tuple[float, float]) -> Floodlight:
    """Place the slope over the observed range of tie strength."""
    low, high = (float(end) for end in region.observed)
    strength = np.linspace(low, high, _POINTS)
    band = region.curve(strength)
    ends = np.concatenate([band.conf_low, band.conf_high, [0.0]])
    across, up = Scale(low, high, LEFT, RIGHT), Scale(float(ends.min()), float(ends.max()), BOTTOM, TOP)
    x = [across(one) for one in strength]
    lower, upper = ([up(one) for one in side] for side in (band.conf_low, band.conf_high))
    clear = (band.conf_low > 0) | (band.conf_high < 0)
    return Floodlight(
        curve=points(x, [up(one) for one in band.estimate]),
        band=ribbon(x, lower, upper),
        clear=tuple(ribbon(x[a:b], lower[a:b], upper[a:b]) for a, b in _runs(clear)),
        zero=up(0.0),
        levels=tuple(across(one) for one in levels if low <= one <= high),
        across=tuple((across(one), minus(f"{one:g}")) for one in round_ticks(low, high, most=7)),
        up=tuple((up(one), minus(f"{one:g}")) for one in round_ticks(float(ends.min()), float(ends.max()))),
        ends=tuple((minus(f"{strength[at]:.3g}"), minus(f"{band.estimate[at]:.3g}")) for at in (0, -1)),  # type: ignore[arg-type]
    )


def _runs(clear: np.ndarray) -> list[tuple[int, int]]:
    """Where a run of true values begins and ends."""
    edges = np.flatnonzero(np.diff(np.r_[False, clear, False].astype(int)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a > 1]
