"""Intervals and Fieller sets as bars along an axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes

from tienet.output.figures import _style as style

Span: TypeAlias = tuple[float, float]


def set_spans(kind: str, limits: Sequence[float]) -> list[Span]:
    """A Fieller set as a list of intervals; none if it is not known."""
    if kind == "whole_line":
        return [(-np.inf, np.inf)]
    if len(limits) < 2:
        return []
    low, high = limits
    spans = [(low, high)] if kind == "bounded" else [(-np.inf, low), (high, np.inf)]
    return [(start, end) for start, end in spans if start < end]


def draw_spans(ax: Axes, spans: Iterable[Span], height: float, view: Span, dash: Any, look: tuple[str, float] = ("interval", 2.4)) -> None:
    """Draw bars at this height of the axes: a cap where an interval ends, an arrowhead where it continues outside the view."""
    across = ax.get_xaxis_transform()
    for start, end in spans:
        inside = max(start, view[0]), min(end, view[1])
        if inside[0] >= inside[1]:
            continue
        ax.plot(
            inside,
            [height] * 2,
            color=style.COLORS[1],
            linewidth=look[1],
            linestyle=dash,
            transform=across,
            solid_capstyle="butt",
            gid=look[0],
        )
        for place, limit, arrow in zip(inside, (start, end), "<>", strict=True):
            marker = "|" if place == limit else arrow
            thick: dict[str, Any] = {"markersize": 2.9 * look[1], "markeredgewidth": 0.67 * look[1]}
            ax.plot([place], [height], marker, color=style.COLORS[1], transform=across, clip_on=False, **thick)
