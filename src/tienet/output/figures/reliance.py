"""Figure of how far connections depend on few people: shares with one contact, and left without one, per function."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from tienet.base.errors import DataError
from tienet.base.numbers import counted, percent
from tienet.network.measures.reliance import Dependence
from tienet.output.figures import _style as style
from tienet.output.figures._labels import plain
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import name_ruled_rows
from tienet.output.figures.spread import handle


def _size(found: Dependence) -> style.Size:
    return style.COLUMN + 0.6, 1.65 + 0.32 * max(int(found.shown.sum()), 1)


@plot.register(Dependence)
@style.styled(_size)
def draw_dependence(found: Dependence, ax: Axes) -> None:
    """Draw two shares of the people per function, those with one contact and those left without one, the largest on top."""
    rows = np.flatnonzero(found.shown)
    if not rows.size:
        raise DataError(f"no function has at least {found.floor} people and ties to {found.of_label}, so there is nothing to draw")
    rows = rows[np.argsort(np.nan_to_num(found.left_without[rows], nan=1e-9), kind="stable")]
    places = np.arange(len(rows))
    ax.axvline(found.mark, color=style.MUTED, linewidth=0.8, linestyle="--", gid="mark")
    looks = ((found.one_contact, -0.15, style.COLORS[0], "o", "white"), (found.left_without, 0.15, style.COLORS[1], "s", style.COLORS[1]))
    names = ("one contact", "left without")
    for (values, lift, color, marker, face), name in zip(looks, names, strict=True):
        known = np.isfinite(values[rows])
        at = places + lift
        ax.hlines(at[known], 0, values[rows][known], color=color, linewidth=1.2, gid=f"stems {name}")
        ax.plot(values[rows][known], at[known], marker, color=color, markerfacecolor=face, markersize=5, clip_on=False, gid=name)
        for place, row in zip(at[~known].tolist(), rows[~known].tolist(), strict=True):
            text = _hidden(found, row) if name == "left without" else " not shown"
            ax.text(0.0, place, text, va="center", fontsize=6.5, color=style.MUTED, gid="hidden")
    name_ruled_rows(ax, [f"{plain(found.labels[row])} ({found.members[row]:,})" for row in rows])
    ax.grid(visible=False)
    ax.set_xlim(0, max(0.2, 1.08 * float(np.nanmax([*found.one_contact, *found.left_without], initial=0.0))))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    style.name_axes(ax, f"Share of the {counted(found.people, 'person', 'people')} in {plain(found.of_label)}", "")
    handles = [
        handle("s", style.COLORS[1], "No contact left if the busiest\ncolleague there were away"),
        handle("o", style.COLORS[0], "One contact there"),
    ]
    handles[1].set_markerfacecolor("white")
    above = style.key(ax, handles, "")
    style.note(ax, f"Dashed line: {percent(found.mark)}, from which a connection is marked", above=above + 0.4 * style.SMALL)


def _hidden(found: Dependence, row: int) -> str:
    """What stands for a hidden share: too few people, or, if it is marked, all but too few."""
    return f" all but fewer than {found.floor}" if found.marked[row] else f" fewer than {found.floor}, not shown"
