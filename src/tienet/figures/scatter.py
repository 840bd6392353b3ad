"""Total ties against tie strength: where each salesperson stands toward one function."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tienet.errors import ArgumentError
from tienet.figures import _style as style
from tienet.figures._labels import plain
from tienet.measures.ego import EgoMeasures

_UNITS = {
    "frequency": "interactions per week",
    "interactions": "interactions",
    "composite": "z-score",
    "reciprocity": "0 to 1",
    "regularity": "0 to 1",
}


@style.styled()
def draw_egos(egos: EgoMeasures, ax: Axes, *, function: str | None = None) -> None:
    """Draw a dot per ego with ties to the function (by default the first), and a tick over the axes per ego without."""
    name = egos.functions[0] if function is None else egos.ties.people.known_ever(function)
    if name not in egos.functions:
        raise ArgumentError.not_one_of("function", name, egos.functions)
    place = egos.functions.index(name)
    total, strength = egos.total_ties[:, place], egos.tie_strength[:, place]
    tied = total > 0
    ax.plot(total[tied], strength[tied], "o", color=style.COLORS[0], alpha=0.4, markersize=4.5, markeredgewidth=0, gid="egos")
    if tied.any():
        ax.axvline(float(np.median(total[tied])), color=style.MUTED, linewidth=0.8, linestyle=":")
        ax.axhline(float(np.median(strength[tied])), color=style.MUTED, linewidth=0.8, linestyle=":")
    ax.set_xlim(0, max(int(total.max(initial=0)), 1) + 0.7)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    label = plain(egos.ties.people.labels[name])
    unit = _UNITS.get(egos.strength)
    style.name_axes(ax, f"Total ties to {label}", f"Tie strength to {label}" + (f"\n({unit})" if unit else ""))
    above = _draw_without(ax, int(np.sum(~tied)))
    style.note(
        ax,
        f"{int(tied.sum()):,} people with ties (dotted: medians), {int(np.sum(~tied)):,} without ties{' (ticks)' if above else ''}",
        above=above,
    )


def _draw_without(ax: Axes, count: int) -> float:
    """A tally over the axes of those who have no tie and so no place in the plane; returns its height in points."""
    if not count:
        return 0.0
    at = np.arange(count) * min(0.016, 0.98 / count) + 0.005
    ax.plot(
        at,
        np.full(count, 1.03),
        "|",
        color=style.COLORS[1],
        markersize=5,
        markeredgewidth=0.9,
        transform=ax.transAxes,
        clip_on=False,
        gid="without",
    )
    return 8.0
