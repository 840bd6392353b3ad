"""Figure of the U test: the curve with the slope at both ends."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import n_text, p_range_text, p_text, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, predicted_name
from tienet.output.figures._lines import name_slope
from tienet.output.figures._plot import plot
from tienet.regression.probes.u_tests import UTest

_REACH = 0.16  # length of a tangent as a share of the interval


@plot.register(UTest)
@style.styled((style.COLUMN, 3.0))
def draw_u_test(test: UTest, ax: Axes) -> None:
    """Draw the curve with its tangents at both ends."""
    x, y = test.curve.focal_values, test.curve.estimate[0]
    ax.plot(x, y, color=style.COLORS[0], linewidth=1.7, gid="curve")
    if not test.trivial:
        ax.axvline(test.extremum, color=style.MUTED, linewidth=0.8, linestyle=":", gid="extremum")
    for end, slope in enumerate(test.slope):
        _draw_tangent(ax, test.interval, end, (float(y[-end]), float(slope)))
    ax.margins(x=0.06, y=0.3)
    for end in (0, 1):
        name_slope(ax, end, float(y[-end]), float(test.slope[end]), _p(test, end), "end")
    style.rug(ax, test.curve.focal_observed)
    style.whole_ticks(ax.xaxis, test.focal, test.curve.focal_observed)
    style.name_axes(ax, axis_name(test.focal), predicted_name(test.outcome, test.curve.relative, test.measured))
    style.note(ax, _verdict(test))


def _p(test: UTest, end: int) -> float:
    """The p at an end; the largest possible one if only bounds are known."""
    return float(test.end_p_value[end] if test.bounds is None else test.bounds.p_high[end])


def _draw_tangent(ax: Axes, interval: tuple[float, float], end: int, spot: tuple[float, float]) -> None:
    height, slope = spot
    reach = _REACH * (interval[1] - interval[0])
    away = np.array([-0.15 * reach, reach]) * (1 if end == 0 else -1)
    color = style.COLORS[1]
    ax.plot(interval[end] + away, height + slope * away, color=color, linewidth=2.0, linestyle="--", gid="tangent")
    ax.plot([interval[end]], [height], "o", color=color, markersize=4.5, zorder=5)


def _verdict(test: UTest) -> str:
    shape = f"a{'' if test.shape == 'U' else 'n'} {test.shape}"
    if test.trivial:
        return f"No test of {shape}: the extremum ({printed(test.extremum)}) is outside the interval; p one-sided, {n_text(test.n)}"
    if test.bounds is not None:
        low, high = test.bounds.p_value
        settled = "In line with" if high < test.alpha else "Does not show" if low >= test.alpha else "Cannot settle"
        return f"{settled} {shape}: {p_range_text(low, high)}, turns at {printed(test.extremum)} (dotted); p one-sided, {n_text(test.n)}"
    verdict = "In line with" if test.p_value < test.alpha else "Does not show"
    turns = f"turns at {printed(test.extremum)} (dotted)"
    return f"{verdict} {shape}: {p_text(test.p_value)}, {turns}; p one-sided, {n_text(test.n)}"
