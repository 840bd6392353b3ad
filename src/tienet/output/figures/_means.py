"""Predicted means by category with their intervals, side by side for each level of the moderator."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tienet.base.numbers import n_text
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, broken, plain, predicted_name
from tienet.output.figures._lines import Bands, band_text, line_look, line_name, second_handles
from tienet.regression.probes.predicted_surfaces import Surface

_APART = 0.14  # between neighbours of one category, in categories


def draw_means(surface: Surface, ax: Axes, band: Bands) -> None:
    """Draw a dot with its interval for each category and level, hollow where nobody is; a faint line links one level's dots."""
    low, high = surface.band(band or "pointwise")
    lines = len(surface.label)
    for i in range(lines):
        color, dash = line_look(surface, i)
        x = surface.focal_values + _APART * (i - (lines - 1) / 2)
        if band is not None and np.isfinite(low[i]).any():
            ax.vlines(x, low[i], high[i], color=color, linewidth=1.6, gid="interval")
        if surface.moderator:
            ax.plot(x, surface.estimate[i], color=color, linestyle=dash, linewidth=0.8, alpha=0.6, gid="line")
        faces = [color if seen else "white" for seen in surface.inside[i]]
        ax.scatter(x, surface.estimate[i], s=24, marker=_marker(i), facecolors=faces, edgecolors=color, zorder=3, gid="mean")
    ax.set_xticks(surface.focal_values, [broken(plain(category)) for category in surface.categories])
    ax.set_xlim(-0.6, len(surface.categories) - 0.4)
    ax.margins(y=0.1)
    style.name_axes(ax, axis_name(surface.focal), "")
    above = style.name_above(ax, predicted_name(surface.outcome, surface.relative, surface.measured))
    style.settle(ax)
    if surface.second:
        above += style.key(ax, second_handles(surface), "", raised=above)
    elif surface.moderator:
        above += style.key(ax, [_handle(surface, i) for i in range(lines)], axis_name(surface.moderator), raised=above)
    empty = "; hollow: nobody there" if not surface.inside.all() else ""
    style.note(ax, f"{n_text(surface.n)}, {band_text(surface, band).replace('bands', 'intervals')}{empty}", above=above)


def _marker(i: int) -> Any:
    return style.MARKERS[i % len(style.MARKERS)]


def _handle(surface: Surface, i: int) -> Line2D:
    color, dash = line_look(surface, i)
    return Line2D([], [], color=color, linestyle=dash, linewidth=1.2, marker=_marker(i), markersize=5, label=line_name(surface, i))
