"""Marks that stand for people: columns and squares that count, hollow where there are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from tienet.base.steps import to_step
from tienet.network.privacy.bins import PeopleGrid, columns_of, grid_of, width_of
from tienet.network.privacy.floors import FLOOR

_TALL = 0.09  # height of the highest column, as a share of the axes


def draw_columns(ax: Axes, values: Any, color: str, floor: int = FLOOR) -> bool:
    """Draw columns that count people along the bottom of the axes; return whether some are hollow."""
    found = columns_of(np.asarray(values, dtype=float), floor)
    few = found.few
    most = float(np.nanmax(found.people)) if (~few).any() else float(floor)
    tall = _TALL * np.where(few, floor, found.people) / max(most, floor)
    boxes = [[(left, 0.0), (left, top), (right, top), (right, 0.0)] for left, right, top in zip(found.left, found.right, tall, strict=True)]
    for gid, which, look in (("people", ~few, {"facecolor": (color, 0.35)}), ("few people", few, {"facecolor": "none"})):
        if which.any():
            drawn = [box for box, yes in zip(boxes, which, strict=True) if yes]
            marks = PolyCollection(drawn, edgecolor=color, linewidth=0.5, zorder=0.6, gid=gid, transform=ax.get_xaxis_transform(), **look)
            marks.tienet_values = found.people[which]  # type: ignore[attr-defined]
            ax.add_collection(marks, autolim=False)
    return bool(few.any())


def draw_grid(ax: Axes, grid: PeopleGrid, color: str, edge: str, gid: str = "cases", marker: str = "s") -> bool:
    """Draw a square per cell, its area by the number of people, hollow where these are few; return whether some are."""
    few = np.isnan(grid.people)
    most = float(np.nanmax(grid.people)) if (~few).any() else 1.0
    full: dict[str, Any] = {"s": 9.0 + 45.0 * grid.people[~few] / most, "color": color, "edgecolors": edge}
    hollow: dict[str, Any] = {"s": 9.0, "facecolors": "none", "edgecolors": edge}
    for name, which, look in ((gid, ~few, full), ("few people", few, hollow)):
        if which.any():
            marks = ax.scatter(grid.x[which], grid.y[which], marker=marker, linewidths=0.5, zorder=3, gid=name, **look)
            marks.tienet_values = grid.people[which]  # type: ignore[attr-defined]
    return bool(few.any())


def draw_grids(ax: Axes, x: Any, y: Any, groups: Sequence[tuple[Any, str, str, str]]) -> PeopleGrid:
    """Draw people in groups of (which of them, colour, marker, gid), counted in the same cells, side by side; return the cells of all."""
    whole = grid_of(x, y)
    for place, (which, color, marker, gid) in enumerate(groups):
        grid = grid_of(x, y, which=which)
        aside = grid.width * ((place + 0.5) / len(groups) - 0.5) * 0.8
        draw_grid(ax, replace(grid, x=grid.x + aside), color, color, gid, marker)
    return whole


def median_of(values: Any, *, exact: bool) -> float:
    """The median, rounded unless it may be exact: it is the value of the person in the middle."""
    found = float(np.median(values))
    return found if exact else float(to_step(found, width_of(values, 50)))


def marks_text(cases: bool | None) -> str:
    """What the marks of people are, for the note under a figure: counts by default, people with ``cases=True``."""
    return {None: f"squares: people, hollow where fewer than {FLOOR}", True: "each mark is one person", False: ""}[cases]
