"""Labels around a circle, shared by the ego network, the firm network and the chord diagram."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tienet.output.figures import _style as style
from tienet.output.figures._labels import plain
from tienet.output.figures._lines import apart

Points = NDArray[np.float64]
ARC, PAST = 0.09, 0.06  # inches from the dots to the arc of their function, and from the arc to its label


def room(ax: Axes, kept: float = 0.85) -> style.Size:
    """Width and height available for the circle and its labels; `kept` inches are reserved for title and legend."""
    width, height = style.inches(ax)
    if ax.figure.get_layout_engine() is None or len(ax.figure.axes) > 1:
        return width, height
    whole = ax.figure.get_window_extent()
    return whole.width / ax.figure.dpi - 0.1, whole.height / ax.figure.dpi - kept


def set_view(ax: Axes, unit: float, paper: style.Size) -> None:
    """Set axis limits so that one data unit is `unit` inches."""
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(-paper[0] / 2 / unit, paper[0] / 2 / unit)
    ax.set_ylim(-paper[1] / 2 / unit, paper[1] / 2 / unit)


def fit_names(sizes: Points, middle: Points, past: float, paper: style.Size, reach: float | Points = 1.0) -> tuple[float, Points]:
    """Inches per unit, and the (g, 2) positions of labels of these sizes around a drawing with radius `reach`, or one for each label."""
    width, height = paper
    unit = _unit(sizes, middle, past, (width, height), reach)
    at = names_at(sizes, middle, past, unit, reach)
    for _ in range(12):  # labels that were pushed apart may need a smaller circle
        if np.max(np.abs(at[:, 1]) * unit + sizes[:, 1] / 2, initial=0.0) <= height / 2:
            break
        unit *= 0.95
        at = names_at(sizes, middle, past, unit, reach)
    return unit, at


def names_at(sizes: Points, middle: Points, past: float, unit: float, reach: float | Points = 1.0) -> Points:
    """Positions of the labels, (g, 2): outside their arcs, pushed apart where they would overlap."""
    tall, outer = sizes[:, 1] / unit, np.broadcast_to(np.asarray(reach + past / unit), len(sizes))
    right = np.cos(middle) >= 0
    y = np.sin(middle) * (outer + tall / 2)
    for side in (right, ~right):
        y[side] = apart(y[side], tall[side])
    inner = np.clip(np.abs(y) - tall / 2, 0.0, outer)
    return np.column_stack([np.maximum(np.sqrt(outer**2 - inner**2), 0.05) * np.where(right, 1, -1), y])


def name_lines(label: str, count: str, width: int = 12) -> str:
    """A function's name with a number, wrapped to short lines; long words are broken too."""
    return "\n".join(wrap(f"{plain(label, 2 * width)} ({count})", width))


def write_names(ax: Axes, texts: list[str], at: Points) -> None:
    """Write the labels beside the circle."""
    for text, (x, y) in zip(texts, at, strict=True):
        ax.text(x, y, text, ha="left" if x > 0 else "right", va="center", fontsize=style.SMALL, linespacing=1.1, gid="function")


def on_circle(angle: Points, radius: float = 1.0) -> Points:
    """Points on a circle, (n, 2)."""
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _unit(sizes: Points, middle: Points, past: float, paper: style.Size, reach: float | Points) -> float:
    """Inches per unit: the largest circle that leaves room for every label."""
    across, up = np.abs(np.cos(middle)) + 0.08, np.abs(np.sin(middle)) + 1e-9
    widths, heights = sizes.T if len(sizes) else np.zeros((2, 0))
    sides = [((paper[0] / 2 - widths) / across - past) / reach, ((paper[1] / 2 - heights) / up - past) / reach]
    whole = np.max(reach, initial=0.0)
    return max(float(np.concatenate([*sides, [(min(paper) / 2 - past) / whole]]).min()), 0.15 * min(paper) / whole)
