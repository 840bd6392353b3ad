"""Figure of a turning point with its interval."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import coverage, n_text, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, predicted_name
from tienet.output.figures._plot import plot
from tienet.output.figures._spans import Span, draw_spans, set_spans
from tienet.regression.probes.predicted_surfaces import Surface
from tienet.regression.probes.turning_points import TurningPoint

_BAR = 0.15  # height of the Fieller bar, as a share of the axes; it lies above the rug


@plot.register(TurningPoint)
@style.styled((style.COLUMN, 2.8))
def draw_turning_point(point: TurningPoint, ax: Axes, *, rug: bool | None = None) -> None:
    """Draw the curve, its turning point and the Fieller and (if bounded) delta intervals; if the range is not known, no curve."""
    low, high = _view(point, wide=point.curve is None)
    if point.curve is None:
        _draw_intervals(point, ax, low, high)
    else:
        _draw_on_curve(point, ax, point.curve, (low, high), rug)
    ax.set_xlim(low, high)
    style.whole_ticks(ax.xaxis, point.focal, *([] if point.curve is None else [point.curve.focal_observed]))
    ax.set_xlabel(axis_name(point.focal), fontsize=style.TEXT)
    style.note(ax, f"{_turns(point)}\n{_fieller(point)}")


def _view(point: TurningPoint, wide: bool) -> Span:
    """The observed range with a margin; without a curve, wide enough for all finite limits."""
    spots = [spot for spot in point.observed if np.isfinite(spot)]
    if wide or not spots:
        reach = [*point.delta, *(point.fieller if point.kind == "bounded" else ())]
        spots += [spot for spot in (point.estimate, *reach) if np.isfinite(spot)]
    elif point.kind == "bounded":
        low, high = spots
        spots += [end for end in point.fieller if 2 * low - high <= end <= 2 * high - low]
    room = 0.04 * (max(spots) - min(spots)) or 1.0
    return min(spots) - room, max(spots) + room


def _draw_on_curve(point: TurningPoint, ax: Axes, curve: Surface, view: Span, rug: bool | None) -> None:
    seen = curve.support[0]
    x, y = curve.focal_values[seen], curve.estimate[0][seen]
    if np.isfinite(curve.conf_low).any():
        ax.fill_between(x, curve.conf_low[0][seen], curve.conf_high[0][seen], color=style.COLORS[0], alpha=0.17, linewidth=0, gid="band")
    ax.plot(x, y, color=style.COLORS[0], linewidth=1.7, gid="curve")
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom - 0.3 * (top - bottom), top)
    if point.inside:
        height = float(np.interp(point.estimate, x, y))
        ax.axvline(point.estimate, color=style.INK, linewidth=0.8, linestyle=":")
        ax.plot([point.estimate], [height], "D", color=style.INK, markersize=5.5, zorder=5, gid="turning point")
    draw_spans(ax, set_spans(point.kind, point.fieller), _BAR, view, "-")
    if not point.inside and view[0] <= point.estimate <= view[1]:
        ax.plot([point.estimate], [_BAR], "D", color=style.INK, markersize=4.5, zorder=5, transform=ax.get_xaxis_transform(), gid="outside")
    if point.kind == "bounded":
        draw_spans(ax, [point.delta], _BAR - 0.055, view, (0, (1, 0.6)), ("delta", 1.4))
    if rug is not False:
        style.rug(ax, curve.focal_observed, each=rug is True)
    ax.set_ylabel(predicted_name(point.outcome, curve.relative, point.measured), fontsize=style.TEXT)


def _draw_intervals(point: TurningPoint, ax: Axes, low: float, high: float) -> None:
    draw_spans(ax, set_spans(point.kind, point.fieller), 0.66, (low, high), "-")
    draw_spans(ax, [point.delta] if np.isfinite(point.delta).all() else [], 0.33, (low, high), "--")
    ax.axvline(point.estimate, color=style.INK, linewidth=0.8, linestyle=":")
    ax.plot([point.estimate] * 2, [0.66, 0.33], "D", color=style.INK, markersize=5.5, zorder=5, gid="turning point")
    ax.set_ylim(0, 1)
    ax.set_yticks([0.33, 0.66], ["delta", "Fieller"])


def _turns(point: TurningPoint) -> str:
    article = "A" if point.curvature == "U" else "An"
    outside = "" if point.inside or not np.isfinite(point.observed).all() else ", outside the observed range"
    return f"{article} {point.curvature} that turns at {printed(point.estimate)}{outside}; {n_text(point.n)}"


def _fieller(point: TurningPoint) -> str:
    name = f"{coverage(point.alpha)} Fieller{'' if point.zero.is_exact else ' at most'}"
    if point.kind == "not known":
        return "no interval, because standard errors are not known"
    if point.kind == "whole_line":
        return f"{name}: no interval can be given; the data do not show where it turns"
    low, high = map(printed, point.fieller)
    if point.kind == "two_rays":
        return f"{name} set: below {low} or above {high}; the data do not show that it turns"
    view = _view(point, wide=point.curve is None)
    bar = "bar" if point.fieller[0] < view[1] and point.fieller[1] > view[0] else "outside the figure"
    fieller, delta = (f"{printed(low)} to {printed(high)}" for low, high in (point.fieller, point.delta))
    return f"{name} {fieller} ({bar}), delta {delta}"
