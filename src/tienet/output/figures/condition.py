"""Figure of collinearity: variance inflation per term, centred and uncentred."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import height_of, name_rows
from tienet.regression.checks.collinearities import Collinearity
from tienet.regression.model.variance_inflation import Vif


def _size(found: Collinearity | Vif) -> style.Size:
    return style.COLUMN, height_of(_vif(found).terms, 1.22)


def _vif(found: Collinearity | Vif) -> Vif:
    return found.vif if isinstance(found, Collinearity) else found


@plot.register(Collinearity)
@plot.register(Vif)
@style.styled(_size)
def draw_collinearity(found: Collinearity | Vif, ax: Axes) -> None:
    """Draw two joined dots per term on a log scale; dotted lines at 5 and 10."""
    vif = _vif(found)
    places = np.arange(len(vif.terms))[::-1]
    for mark in (5, 10):
        ax.axvline(mark, color=style.MUTED, linewidth=0.7, linestyle=style.DASHES[2], gid="mark")
    ax.hlines(places, vif.centred, vif.raw, color=style.FAINT, linewidth=1.5, zorder=1, gid="joined")
    ax.plot(vif.raw, places, "s", color=style.COLORS[1], markerfacecolor="white", markersize=5, gid="raw")
    ax.plot(vif.centred, places, "o", color=style.COLORS[0], markersize=5, gid="centred")
    ax.set_xscale("log")
    top = max(12.0, 1.3 * float(max(vif.raw.max(), vif.centred.max())))
    ax.set_xlim(0.9, top)
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 1000, 10_000) if tick < top]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    name_rows(ax, places, [term_label(term) for term in vif.terms])
    style.name_axes(ax, "Variance inflation", "")
    centred, raw = ("", "")
    if isinstance(found, Collinearity):
        centred, raw = (f" (condition number {printed(value)})" for value in found.condition_number)
    style.note(ax, f"Filled: centred{centred}, hollow: uncentred{raw}")
