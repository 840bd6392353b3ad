"""How many ties people have."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tienet._record import counted
from tienet.figures import _style as style
from tienet.ties import Ties

_BARS = 30


@style.styled()
def draw_ties(ties: Ties, ax: Axes) -> None:
    """Draw the distribution of ties per person, people without any included, with its median."""
    degree = np.bincount(np.concatenate([ties.a, ties.b]), minlength=len(ties.people))
    wide = max(1, -(-(int(degree.max()) + 1) // _BARS))
    edges = (np.arange(0, degree.max() + wide + 1, wide) - 0.5).tolist()
    ax.hist(degree, bins=edges, color=style.COLORS[5], edgecolor="white", linewidth=0.5)
    median = float(np.median(degree))
    ax.axvline(median, color=style.INK, linewidth=1.2, linestyle="--", gid="median")
    ax.annotate(
        f"median {median:g}",
        (median, 1.0),
        (3, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=style.SMALL,
        va="top",
    )
    ax.margins(y=0.14)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True, nbins=7))
    style.name_axes(ax, "Ties per person", "People")
    style.note(
        ax, f"{counted(len(ties), 'tie')} among {counted(len(degree), 'person', 'people')}, {int(np.sum(degree == 0)):,} without any"
    )
