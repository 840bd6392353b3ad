"""The interaction figure: the predicted outcome along the focal variable, a line for each value of the moderator."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tienet._record import n_text
from tienet.figures import _style as style
from tienet.figures._labels import at_value, human, lower, percent
from tienet.probes.surface import Surface


@style.styled((style.COLUMN, 3.0))
def draw_surface(surface: Surface, ax: Axes) -> None:
    """Draw the lines with their bands where there are data, and a tick for every case."""
    handles = [_draw_line(surface, ax, i) for i in range(len(surface.label))]
    style.rug(ax, surface.focal_observed)
    ax.margins(x=0.02, y=0.1)
    style.name_axes(ax, human(surface.focal), f"Predicted {lower(human(surface.outcome))}{', less a constant' if surface.relative else ''}")
    above = style.key(ax, handles, human(surface.moderator)) if surface.moderator else 0.0
    ticks = "\none tick a case, equal ones side by side" if len(surface.focal_observed) else ""
    drawn = np.isfinite(surface.conf_low).any()
    bands = f"{percent(surface.alpha)} bands, {surface.covariance.label}" if drawn else "no bands, their errors are not known"
    style.note(ax, f"{n_text(surface.n)}, {bands}{ticks}", above=above)


def _draw_line(surface: Surface, ax: Axes, i: int) -> Line2D:
    color, dash = style.COLORS[i % len(style.COLORS)], style.DASHES[i % len(style.DASHES)]
    seen = surface.support[i]
    x = surface.focal_values[seen]
    marker = "" if len(x) > 5 else style.MARKERS[i % len(style.MARKERS)]
    label = at_value(surface.moderator or "", surface.label[i], float(surface.moderator_values[i]))
    if np.isfinite(surface.conf_low[i]).any():
        low, high = surface.conf_low[i][seen], surface.conf_high[i][seen]
        ax.fill_between(x, low, high, facecolor=(color, 0.17), edgecolor=(color, 0.6), linewidth=0.6, linestyle=dash, gid="band")
    return ax.plot(x, surface.estimate[i][seen], color=color, linestyle=dash, linewidth=1.7, marker=marker, markersize=4.5, label=label)[0]
