"""Collinearity: variance inflation per term, centred and as the numbers came."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.diagnostics.collinearity import Collinearity
from tienet.figures import _style as style
from tienet.figures._labels import short_number, term_label


def _size(found: Collinearity) -> style.Size:
    lines = sum(term_label(term).count("\n") + 1 for term in found.terms[1:])
    return style.COLUMN, 1.1 + 0.19 * lines + 0.06 * len(found.terms)


@style.styled(_size)
def draw_collinearity(found: Collinearity, ax: Axes) -> None:
    """Draw two dots per term on a logarithmic scale, joined; the dotted lines stand at 5 and 10."""
    places = np.arange(len(found.vif.terms))[::-1]
    for mark in (5, 10):
        ax.axvline(mark, color=style.MUTED, linewidth=0.7, linestyle=style.DASHES[2], gid="mark")
    ax.hlines(places, found.vif.centred, found.vif.raw, color=style.FAINT, linewidth=1.5, zorder=1, gid="joined")
    ax.plot(found.vif.raw, places, "s", color=style.COLORS[1], markerfacecolor="white", markersize=5, gid="raw")
    ax.plot(found.vif.centred, places, "o", color=style.COLORS[0], markersize=5, gid="centred")
    ax.set_xscale("log")
    top = max(12.0, 1.3 * float(max(found.vif.raw.max(), found.vif.centred.max())))
    ax.set_xlim(0.9, top)
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 1000, 10_000) if tick < top]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    ax.set_yticks(places, [term_label(term) for term in found.vif.terms], fontsize=style.SMALL, linespacing=1.0, color=style.INK)
    ax.set_ylim(-0.6, len(places) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    style.settle(ax)
    style.name_axes(ax, "Variance inflation", "")
    centred, raw = (short_number(value) for value in found.condition_number)
    style.note(ax, f"Filled: centred (condition number {centred}), hollow: as the numbers came ({raw})")
