"""Figure of a crossover: the lines of an interaction, where they cross, and its interval."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tienet.base.numbers import coverage, n_text, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, predicted_name
from tienet.output.figures._lines import Bands, draw_lines, line_name
from tienet.output.figures._plot import plot
from tienet.output.figures._spans import Span, draw_spans, set_spans
from tienet.regression.probes.crossovers import Crossover
from tienet.regression.probes.predicted_surfaces import Surface
from tienet.regression.probes.zeros import Zero

_BAR, _BELOW = 0.15, 0.055  # heights of the Fieller bar and, below it, of the delta bar, as shares of the axes; both lie above the rug


@plot.register(Crossover)
@style.styled((style.COLUMN, 3.2))
def draw_crossover(found: Crossover, ax: Axes, *, band: Bands = "pointwise", rug: bool | None = None) -> None:
    """Draw the lines, dotted where nobody is, with a diamond where they cross; bars for the Fieller set and the delta interval."""
    view = _view(found)
    above = 0.0 if found.lines is None else _draw_crossing_lines(found, found.lines, ax, band, rug)
    for crossing in found.on_focal:
        zero = crossing.zero
        height = _BAR if found.lines is not None else 0.6
        draw_spans(ax, set_spans(zero.kind, zero.fieller), height, view, "-")
        if zero.kind == "bounded":
            draw_spans(ax, [zero.delta], height - _BELOW, view, (0, (1, 0.6)), ("delta", 1.4))
        if view[0] <= zero.estimate <= view[1]:
            ax.axvline(zero.estimate, color=style.INK, linewidth=0.8, linestyle=":")
            if found.lines is None:
                across = ax.get_xaxis_transform()
                ax.plot([zero.estimate], [height], "D", color=style.INK, markersize=5, zorder=5, transform=across, gid="crossing")
    if found.lines is None:
        ax.set_yticks([])
    ax.set_xlim(*view)
    style.whole_ticks(ax.xaxis, found.focal, *([] if found.lines is None else [found.lines.focal_observed]))
    ax.set_xlabel(axis_name(found.focal), fontsize=style.TEXT)
    style.note(ax, _note(found), above=above)


def _draw_crossing_lines(found: Crossover, lines: Surface, ax: Axes, band: Bands, rug: bool | None) -> float:
    """The lines of the interaction with their extensions and crossings; returns the room that the legend takes."""
    handles = draw_lines(lines, ax, band)
    x = lines.focal_values
    for row, seen, handle in zip(lines.estimate, lines.inside & lines.support, handles, strict=True):
        low, high = x[seen][[0, -1]] if seen.any() else lines.focal_range
        sides = [(x <= low, x[0] < lines.focal_range[0]), (x >= high, x[-1] > lines.focal_range[1])]
        for part, longer in sides:
            if longer:
                ax.plot(x[part], row[part], color=handle.get_color(), linestyle=style.DASHES[2], linewidth=1.1, gid="extension")
    for crossing in found.on_focal:
        spot = crossing.zero.estimate
        if x[0] <= spot <= x[-1]:
            ax.plot([spot], [np.interp(spot, x, lines.estimate[0])], "D", color=style.INK, markersize=5.5, zorder=5, gid="crossing")
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom - 0.3 * (top - bottom), top)
    if rug is not False and len(lines.focal_observed):
        style.rug(ax, lines.focal_observed, each=rug is True)
    ax.set_ylabel(predicted_name(found.outcome, lines.relative), fontsize=style.TEXT)
    return style.key(ax, _handles(lines, handles), axis_name(found.moderator or ""))


def _handles(lines: Surface, handles: list[Line2D]) -> list[Line2D]:
    for i, handle in enumerate(handles):
        handle.set_label(line_name(lines, i))
    return handles


def _view(found: Crossover) -> Span:
    """The range of the lines with a margin, and a Fieller interval that ends less than one range beyond; without lines all limits."""
    if found.lines is None:
        ends = [end for crossing in found.on_focal for end in (crossing.zero.estimate, *crossing.zero.delta, *crossing.zero.fieller)]
        spots = [*ends, *(end for crossing in found.on_focal for end in crossing.observed)]
    else:
        low, high = found.lines.focal_values[[0, -1]]
        near = [end for crossing in found.on_focal if crossing.zero.kind == "bounded" for end in crossing.zero.fieller]
        spots = [low, high, *(end for end in near if 2 * low - high <= end <= 2 * high - low)]
    known = [float(spot) for spot in spots if np.isfinite(spot)] or [0.0, 1.0]
    room = 0.04 * (max(known) - min(known)) or 1.0
    return min(known) - room, max(known) + room


def _note(found: Crossover) -> str:
    if not found.on_focal:
        return f"The lines do not cross; {n_text(found.n)}"
    where = " and ".join(printed(crossing.zero.estimate) for crossing in found.on_focal)
    place = "" if found.inside or not np.isfinite(found.on_focal[0].observed).all() else ", outside the observed range"
    said = [_set(crossing.zero, found.alpha) for crossing in found.on_focal]
    dotted = "; dotted: nobody there" if found.lines is not None and not found.lines.support.all() else ""
    return f"The lines cross at {where}{place}; {n_text(found.n)}{dotted}\n{'; '.join(said)}"


def _set(zero: Zero, alpha: float) -> str:
    if zero.kind == "not known":
        return "no interval, because standard errors are not known"
    name = f"{coverage(alpha)} Fieller{'' if zero.is_exact else ' at most'}"
    if zero.kind == "whole_line":
        return f"{name}: no interval can be given; the data do not show that they cross"
    low, high = map(printed, zero.fieller)
    if zero.kind == "two_rays":
        return f"{name} set: below {low} or above {high}; the data do not show that they cross"
    fieller, delta = (f"{printed(low)} to {printed(high)}" for low, high in (zero.fieller, zero.delta))
    return f"{name} {fieller} (bar), delta {delta}"
