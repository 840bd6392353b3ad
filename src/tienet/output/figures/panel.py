"""Figure of a panel: ties to each function over time, one small plot per function, without individual lines."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError
from tienet.base.numbers import counted
from tienet.network.measures.panel import Panel
from tienet.output.figures import _style as style
from tienet.output.figures._labels import function_label, plain
from tienet.output.figures._plot import plot
from tienet.output.figures.sources import name_days
from tienet.output.figures.spread import FLOOR

PanelValue: TypeAlias = Literal["total_ties", "tie_strength"]
_NAMES = {"total_ties": "Total ties", "tie_strength": "Tie strength"}
_LOW, _HIGH = 0.1, 0.9


def _size(panel: Panel) -> style.Size:
    return style.COLUMN, 1.15 + 1.45 * -(-len(panel.functions) // 2)


@plot.register(Panel)
@style.styled(_size)
def draw_panel(panel: Panel, ax: Axes, *, value: PanelValue = "total_ties") -> None:
    """Draw the mean and the middle 80% of people in each window; for a split, before and after as two ends of a line."""
    if value not in get_args(PanelValue):
        raise ArgumentError.not_one_of("value", value, get_args(PanelValue))
    ax.set_axis_off()
    numbers = summarised(np.where(panel.held[:, :, None], getattr(panel, value), np.nan))
    top = float(np.nanmax(numbers, initial=0.0)) * 1.08 or 1.0
    small = _grid(ax, len(panel.functions))
    for place, (each, function) in enumerate(zip(small, panel.functions, strict=True)):
        each.set_title(function_label(function), fontsize=style.SMALL, color=style.INK, pad=3)
        _draw_one(panel, each, numbers[:, :, place])
        each.set_ylim(0, top)
    unit = plain(panel.strength_scale) if value == "tie_strength" else ""
    small[0].set_ylabel(_NAMES[value] + (f"\n({unit})" if unit else ""), fontsize=style.SMALL, color=style.INK)
    hidden = int(np.isnan(numbers[0]).sum())
    about = f"; {counted(hidden, 'mean')} of fewer than {FLOOR} people not shown" if hidden else ""
    lengths = len(np.unique(panel.end - panel.start)) > 1 and value == "total_ties"
    unequal = "; windows differ in length, and longer ones have more ties" if lengths else ""
    kind = "before and after" if panel.kind == "split" else counted(len(panel), f"{panel.kind} window") + ", drawn at their ends"
    style.settle(ax)
    band = "middle 80% of people"
    handles = [
        Line2D([], [], color=style.COLORS[0], linewidth=1.6, marker="o", markersize=4, label="mean"),
        Line2D([], [], color=style.COLORS[0], linewidth=4, alpha=0.25, label=band) if panel.kind == "split" else _patch(band),
    ]
    style.key_below(ax, handles, borderaxespad=0.3)
    style.note(ax, f"{counted(len(panel.ego), 'person', 'people')} in {function_label(panel.of)}, {kind}{about}{unequal}", above=12)


def _patch(label: str) -> Patch:
    return Patch(facecolor=style.COLORS[0], alpha=0.22, label=label)


def summarised(values: NDArray[Any]) -> NDArray[np.float64]:
    """Mean, 10% and 90% quantile over people with a value: (n, w, f) -> (3, w, f); NaN for fewer than five people."""
    known = values.astype(float)
    enough = np.isfinite(known).sum(axis=0) >= FLOOR
    found = np.full((3, *known.shape[1:]), np.nan)
    for window, function in np.argwhere(enough):
        column = known[:, window, function]
        column = column[np.isfinite(column)]
        found[:, window, function] = (column.mean(), *np.quantile(column, [_LOW, _HIGH]))
    return found


def _grid(ax: Axes, count: int) -> list[Axes]:
    """Inset axes in two columns."""
    rows, cols = -(-count // 2), min(count, 2)
    wide, high = (0.44, 1.0)[cols == 1], 1.0 / rows
    small = []
    for place in range(count):
        row, col = divmod(place, 2)
        inner = ax.inset_axes((col * (1 - wide), 1 - (row + 1) * high + 0.26 * high, wide, 0.6 * high))
        style.clean(inner)
        small.append(inner)
    return small


def _draw_one(panel: Panel, ax: Axes, numbers: NDArray[np.float64]) -> None:
    mean, low, high = numbers
    color = style.COLORS[0]
    if panel.kind == "split":
        ax.vlines([0, 1], low, high, color=color, linewidth=5, alpha=0.25, gid="band")
        ax.plot([0, 1], mean, "o-", color=color, linewidth=1.6, markersize=4, gid="mean")
        ax.set_xlim(-0.5, 1.5)
        ax.set_xticks([0, 1], ["before", "after"], fontsize=style.SMALL)
        return
    moments = panel.end.astype("datetime64[us]")
    ax.fill_between(moments, low, high, color=color, alpha=0.22, linewidth=0, gid="band")
    ax.plot(moments, mean, "-o", color=color, linewidth=1.4, markersize=2.5, gid="mean")
    name_days(ax)
