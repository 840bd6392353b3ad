"""Figure of total ties against tie strength to one function, people counted."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tienet.base.errors import ArgumentError
from tienet.network.measures.ego import EgoMeasures
from tienet.network.privacy.bins import grid_of
from tienet.network.privacy.floors import FLOOR, count_at_least
from tienet.output.figures import _style as style
from tienet.output.figures._labels import plain
from tienet.output.figures._people import draw_grid, median_of
from tienet.output.figures._plot import plot


@plot.register(EgoMeasures)
@style.styled()
def draw_egos(egos: EgoMeasures, ax: Axes, *, function: str | None = None, cases: bool | None = None) -> None:
    """Draw squares that count the people with ties to the function (by default the first); with ``cases=True`` people counted."""
    name = egos.functions[0] if function is None else egos.ties.people.known_ever(function)
    if name not in egos.functions:
        raise ArgumentError.not_one_of("function", name, egos.functions)
    place = egos.functions.index(name)
    total, strength = egos.total_ties[:, place], egos.tie_strength[:, place]
    tied = total > 0
    if cases:
        style.dots(ax, total[tied], strength[tied], color=style.COLORS[0], alpha=0.4, markersize=4.5, markeredgewidth=0, gid="egos")
    elif cases is None and tied.any():
        draw_grid(ax, grid_of(total[tied], strength[tied]), style.COLORS[0], style.COLORS[0], "egos")
    if tied.any():
        across, up = (median_of(values[tied], exact=bool(cases)) for values in (total.astype(float), strength))
        ax.axvline(across, color=style.MUTED, linewidth=0.8, linestyle=":")
        ax.axhline(up, color=style.MUTED, linewidth=0.8, linestyle=":")
    most = int(total.max(initial=0))
    _draw_without(ax, int(np.sum(~tied)), most if cases else 5 * -(-most // 5), bool(cases))
    label = plain(egos.ties.people.labels[name])
    unit = plain(egos.strength_scale)
    style.name_axes(ax, f"Total ties to {label}", f"Tie strength to {label}" + (f"\n({unit})" if unit else ""))
    without = int(np.sum(~tied))
    marks = f"; hollow: fewer than {FLOOR}" if cases is None else ""
    style.note(
        ax,
        f"{int(tied.sum()):,} people with ties (dotted: medians){f', {count_at_least(without)} without (left)' if without else ''}{marks}",
    )


def _draw_without(ax: Axes, count: int, most: int, each: bool) -> None:
    """Set the horizontal axis; people without a tie have no strength, so they get a separate strip at zero."""
    ticks = [
        int(tick)
        for tick in MaxNLocator(integer=True, nbins=7, steps=[1, 2, 5, 10]).tick_values(1, max(most, 2))
        if 1 <= tick <= max(most, 1)
    ]
    if not count:
        ax.set_xlim(0, max(most, 1) + 0.7)
        ax.set_xticks([0, *ticks])
        return
    room = max(most, 1)
    low, high = 0.45 - 0.16 * room, 0.45
    ax.set_xlim(low, room + 0.05 * room + 0.3)
    middle, wide = (low + high) / 2, high - low
    ax.axvspan(low, high, color=style.FAINT, alpha=0.5, linewidth=0, zorder=0, gid="strip")
    ax.set_xticks([middle, *ticks], ["0", *map(str, ticks)])
    ax.text(middle, 0.98, "no\nties", transform=ax.get_xaxis_transform(), ha="center", va="top", fontsize=style.SMALL, linespacing=0.95)
    if not each:
        said = f"{count:,}" if count >= FLOOR else f"< {FLOOR}"
        ax.text(middle, 0.5, said, transform=ax.get_xaxis_transform(), ha="center", va="center", fontsize=style.SMALL, gid="without")
        return
    across = 5 if count > 12 else 3
    rows = max(-(-count // across), 12)
    places = np.arange(count)
    ax.plot(
        middle + 0.72 * wide * ((places % across) / (across - 1) - 0.5),
        0.03 + 0.8 * (places // across) / rows,
        "s",
        color=style.COLORS[1],
        markersize=float(np.clip(110 / rows, 0.8, 3.2)),
        markeredgewidth=0,
        transform=ax.get_xaxis_transform(),
        gid="without",
    )
