"""Lines of a fitted surface with their bands: thick and shaded where there are people, thin and unshaded where there are none."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tienet.base.errors import ArgumentError
from tienet.base.numbers import coverage, p_text, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import at_value
from tienet.regression.probes.predicted_surfaces import BandKind, Surface

Bands = BandKind | None


def draw_lines(surface: Surface, ax: Axes, band: Bands, markers: bool = False) -> list[Line2D]:
    """Draw the lines of a surface with their bands; return the legend handles."""
    if band is not None and not (isinstance(band, str) and band in get_args(BandKind)):
        raise ArgumentError.not_one_of("band", band, (*get_args(BandKind), None))
    low, high = (None, None) if band is None else surface.band(band)
    handles = []
    for i in range(len(surface.label)):
        if low is not None and high is not None and np.isfinite(low[i]).any():
            _draw_band(surface, ax, i, low[i], high[i])
        handles.append(_draw_line(surface, ax, i, markers))
    return handles


def name_slope(ax: Axes, end: int, height: float, slope: float, p: float, gid: str) -> None:
    """Write the slope and its p at the left (0) or right (1) end, above or below the line, wherever there is room."""
    bottom, top = ax.get_ylim()
    over = height < (bottom + top) / 2
    ax.text(
        0.02 + 0.96 * end,
        0.98 if over else 0.08,
        f"slope {printed(slope)}\n{p_text(p)}",
        transform=ax.transAxes,
        ha="right" if end else "left",
        va="top" if over else "bottom",
        fontsize=style.SMALL,
        gid=gid,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8},
    )


def line_name(surface: Surface, i: int) -> str:
    """The legend label of a line."""
    return at_value(surface.moderator or "", surface.label[i], float(surface.moderator_values[i]))


def band_text(surface: Surface, band: Bands) -> str:
    """A description of the bands for the note."""
    if band is None:
        return f"no bands, {surface.covariance.label}"
    if not np.isfinite(surface.conf_low).any():
        return "no bands (standard errors not known)"
    return f"{coverage(surface.alpha)}{' simultaneous' if band == 'simultaneous' else ''} bands, {surface.covariance.label}"


def beyond(surface: Surface) -> bool:
    """Whether part of a drawn line lies where there are no people."""
    return bool((surface.support & ~surface.inside).any())


def _look(i: int) -> tuple[str, Any]:
    return style.COLORS[i % len(style.COLORS)], style.DASHES[i % len(style.DASHES)]


def _draw_line(surface: Surface, ax: Axes, i: int, markers: bool) -> Line2D:
    color, dash = _look(i)
    seen = surface.support[i]
    x, y = surface.focal_values[seen], surface.estimate[i][seen]
    marker = style.MARKERS[i % len(style.MARKERS)]
    dots = marker if len(x) <= 5 else ""
    ax.plot(x, y, color=color, linestyle=dash, linewidth=0.9, marker=dots, markersize=4.5, gid="line")
    firm = np.where(surface.inside[i][seen], y, np.nan)
    ax.plot(x, firm, color=color, linestyle=dash, linewidth=1.9, zorder=3, gid="among cases")
    shown = dots or (marker if markers else "")
    return Line2D([], [], color=color, linestyle=dash, linewidth=1.8, marker=shown, markersize=4, label=line_name(surface, i))


def _draw_band(surface: Surface, ax: Axes, i: int, low: style.AxisValues, high: style.AxisValues) -> None:
    color, dash = _look(i)
    seen, firm = surface.support[i], surface.inside[i]
    x = surface.focal_values
    ax.fill_between(x[seen], low[seen], high[seen], facecolor="none", edgecolor=(color, 0.6), linewidth=0.5, linestyle=dash, gid="band")
    ax.fill_between(x, low, high, where=seen & firm, facecolor=(color, 0.17), edgecolor="none", gid="filled")
