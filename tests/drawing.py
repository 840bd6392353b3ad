"""Helpers for tests of figures: draw on a new sheet, find marks by name, read the note as one line."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from tienet.output.figures.drawing import plot, sheet


def drawn(result: object, **options: Any) -> Axes:
    return plot(result, sheet(result, **options), **options)


def marked(ax: Axes, gid: str) -> list[Any]:
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def note(ax: Axes) -> str:
    return ax.get_title(loc="left").replace("\n", " ").replace("\u00a0", " ")
