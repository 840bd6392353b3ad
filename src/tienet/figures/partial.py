"""Partial residuals: the interaction figure with a dot for every case."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tienet.diagnostics.residuals import PartialResiduals
from tienet.figures import _style as style
from tienet.figures._labels import at_value, human, lower


@style.styled((style.COLUMN, 3.2))
def draw_partial(points: PartialResiduals, ax: Axes) -> None:
    """Draw the lines without bands, and each case in the colour and shape of the line nearest to it."""
    surface = points.surface
    handles = []
    for i, label in enumerate(surface.label):
        color, marker = style.COLORS[i % len(style.COLORS)], style.MARKERS[i % len(style.MARKERS)]
        mine = points.nearest == i
        ax.plot(
            points.focal_observed[mine],
            points.partial_residual[mine],
            marker,
            color=color,
            alpha=0.45,
            markersize=3.4,
            markeredgewidth=0,
            gid="cases",
        )
        dash = style.DASHES[i % len(style.DASHES)]
        ax.plot(surface.focal_values, surface.estimate[i], color=color, linestyle=dash, linewidth=1.8, zorder=3, gid="line")
        name = at_value(surface.moderator or "", label, float(surface.moderator_values[i]))
        handles.append(Line2D([], [], color=color, linestyle=dash, linewidth=1.8, marker=marker, markersize=4, label=name))
    ax.margins(x=0.03, y=0.05)
    style.name_axes(ax, human(surface.focal), f"{human(surface.outcome)}, partial residual")
    above = style.key(ax, handles, human(surface.moderator)) if surface.moderator else 0.0
    nearest = f", drawn like the line nearest in {lower(human(surface.moderator))}" if surface.moderator else ""
    style.note(ax, f"A dot a case{nearest}; other variables at their means, n = {points.n:,}", above=above)
