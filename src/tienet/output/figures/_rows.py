"""Rows of estimates with intervals, shared by the figures of coefficients, slopes and differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from tienet.output.figures import _style as style
from tienet.output.figures._labels import term_label

Places = NDArray[np.float64] | NDArray[np.int64]


class Intervals(NamedTuple):
    """Estimates and the limits of their intervals: (r,) each."""

    estimate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def height_of(terms: Sequence[str], base: float) -> float:
    """Figure height in inches for one row per term; long names take two lines."""
    return base + 0.19 * sum(term_label(term).count("\n") + 1 for term in terms) + 0.06 * len(terms)


def zero_line(ax: Axes) -> None:
    """A dashed line at zero."""
    ax.axvline(0, color=style.MUTED, linewidth=0.8, linestyle="--", gid="zero")


def draw_row(ax: Axes, places: Places, rows: Intervals, which: int = 0, label: str = "", name: str = "") -> Line2D:
    """Draw dots and whiskers in style number `which`, filled if the interval leaves out zero; return a legend handle."""
    color, marker = style.COLORS[which % len(style.COLORS)], style.MARKERS[which % len(style.MARKERS)]
    dash = style.DASHES[which % len(style.DASHES)]
    suffix = f" {name}" if name else ""
    ax.hlines(places, rows.low, rows.high, color=color, linewidth=1.5, linestyle=dash, gid=f"whiskers{suffix}")
    face = [color if yes else "white" for yes in (rows.low > 0) | (rows.high < 0)]
    ax.scatter(rows.estimate, places, s=26, c=face, marker=marker, edgecolors=color, linewidths=1.2, zorder=3, gid=f"estimates{suffix}")
    return Line2D([], [], color=color, marker=marker, linestyle=dash, linewidth=1.5, markersize=5, label=label)


def name_rows(ax: Axes, places: Places, names: Sequence[str], linespacing: float = 1.0) -> None:
    """Label each row on the left and hide that axis; the rows fill the axes."""
    ax.set_yticks(places, names, fontsize=style.SMALL, linespacing=linespacing, color=style.INK)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    style.settle(ax)


def name_ruled_rows(ax: Axes, names: Sequence[str]) -> None:
    """Label rows at 0, 1, ... from the bottom up, with a faint line along each."""
    ax.grid(axis="y", color=style.FAINT, linewidth=0.5)
    ax.set_axisbelow(True)
    name_rows(ax, np.arange(len(names)), names, linespacing=1.1)


def draw_whiskers(ax: Axes, names: Sequence[str], rows: Intervals) -> None:
    """Draw one row per estimate from the bottom up; the dot is filled if the interval leaves out zero."""
    places = np.arange(len(names))
    zero_line(ax)
    draw_row(ax, places, rows)
    name_rows(ax, places, names)
