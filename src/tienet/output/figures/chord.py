"""Chord diagram: functions as arcs of a circle, the ties between two functions as a ribbon."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError, DataError
from tienet.base.numbers import brief
from tienet.network.measures.functions import FunctionMatrix
from tienet.output.figures import _style as style
from tienet.output.figures._look import place_of
from tienet.output.figures._ring import ARC, PAST, Points, fit_names, name_lines, on_circle, room, set_view, write_names

_SUMS = {"ties": "ties", "strength": "tie strength, summed"}
_GAP = 0.045  # share of the circle between two arcs, at most
_THICK = 0.07  # share of the radius
_HATCH = ("", "////", "....", "\\\\\\\\", "xxxx", "----", "||||", "++++", "oooo")


def draw_chords(matrix: FunctionMatrix, ax: Axes, value: str) -> None:
    """Draw a ribbon per pair of functions, as wide as they have ties; ties within a function loop back to it."""
    if value not in _SUMS:
        raise ArgumentError(f"value={value!r} cannot be drawn as chords, because chord widths are sums; use one of {', '.join(_SUMS)}")
    cells = np.asarray(getattr(matrix, value), dtype=float)
    shown = np.flatnonzero(cells.sum(axis=1) > 0)
    if not len(shown) or not np.isfinite(cells).all():
        raise DataError(f"there are no {_SUMS[value]} to draw as chords; build ties with another rule, or use value='ties'")
    cells = cells[np.ix_(shown, shown)]
    starts, ends = _spans(cells)
    texts = [name_lines(matrix.labels[at], brief(float(cells[row].sum()))) for row, at in enumerate(shown)]
    paper = room(ax, 0.75)
    sizes = np.array([style.text_size(text, style.SMALL) for text in texts]).reshape(-1, 2)
    unit, at = fit_names(sizes, (starts + ends) / 2, ARC + PAST, paper)
    set_view(ax, unit, paper)
    looks = np.array([place_of(matrix.functions[at], int(at)) for at in shown])
    _draw_ribbons(ax, cells, starts, looks)
    for row, which in enumerate(looks):
        _draw_arc(ax, (float(starts[row]), float(ends[row])), int(which))
    write_names(ax, texts, at)
    note = f"Width: {_SUMS[value]} (hills: within a function); colour: the function with more"
    style.note(ax, note)


def _spans(cells: Points) -> tuple[Points, Points]:
    """Start and end angle of each arc, clockwise from the top."""
    share = cells.sum(axis=1) / cells.sum()
    gap = min(_GAP, 0.4 / len(cells)) if len(cells) > 1 else 0.0
    length = share * (1 - gap * len(cells)) * 2 * np.pi
    before = np.concatenate([[0.0], np.cumsum(length)[:-1]]) + 2 * np.pi * gap * (np.arange(len(cells)) + 0.5)
    return np.pi / 2 - before, np.pi / 2 - before - length


def _draw_arc(ax: Axes, span: tuple[float, float], which: int) -> None:
    turn = np.linspace(*span, 80)
    outline = np.concatenate([on_circle(turn, 1.0), on_circle(turn[::-1], 1.0 - _THICK)])
    color, hatch = style.COLORS[which % len(style.COLORS)], _HATCH[which % len(_HATCH)]
    ax.add_patch(PathPatch(Path(outline), facecolor=color, edgecolor="white", hatch=hatch, linewidth=0.4, zorder=3, gid="arc"))


def _draw_ribbons(ax: Axes, cells: Points, starts: Points, looks: NDArray[np.int64]) -> None:
    """Draw the widest ribbons first, so that narrow ones stay visible."""
    per = (2 * np.pi - _gaps(cells)) / cells.sum()
    place = _places(cells, starts, per)
    rows, cols = np.triu_indices(len(cells))
    kept = cells[rows, cols] > 0
    pairs = sorted(zip(rows[kept].tolist(), cols[kept].tolist(), strict=True), key=lambda pair: -cells[pair])
    totals = cells.sum(axis=1)
    colors = [style.COLORS[int(looks[i if totals[i] >= totals[j] else j]) % len(style.COLORS)] for i, j in pairs]
    ribbons = [PathPatch(_ribbon(place[i, j], place[j, i], float(cells[i, j] * per))) for i, j in pairs]
    drawn = PatchCollection(ribbons, facecolors=colors, edgecolors="white", linewidths=0.5, alpha=0.7, zorder=2, gid="ribbons")
    style.stand_for(drawn, np.array([cells[pair] for pair in pairs]))
    ax.add_collection(drawn)


def _gaps(cells: Points) -> float:
    return 2 * np.pi * (min(_GAP, 0.4 / len(cells)) * len(cells) if len(cells) > 1 else 0.0)


def _places(cells: Points, starts: Points, per: float) -> Points:
    """The angle at which each ribbon starts, (g, g); the clockwise neighbour comes last, so that few ribbons cross."""
    size = len(cells)
    place = np.zeros((size, size))
    for row in range(size):
        order = (row - np.arange(size)) % size  # its own, then counter-clockwise around the circle
        lengths = cells[row, order] * per
        place[row, order] = starts[row] - np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    return place


def _ribbon(one: float, other: float, width: float) -> Path:
    """A ribbon from one arc through the centre to the other and back; within a function, a hill over its own arc."""
    inner = 1.0 - _THICK
    first = on_circle(np.linspace(one, one - width, 24), inner)
    points: list[Any] = [*first]
    codes: list[Any] = [Path.MOVETO, *[Path.LINETO] * (len(first) - 1)]
    if one == other:
        peak = on_circle(np.array([one - width / 2]), inner * (1 - 1.1 * min(width, 1.6)) if width < 1.6 else -0.6)[0]
        return Path([*points, peak, first[0]], [*codes, Path.CURVE3, Path.CURVE3])
    second = on_circle(np.linspace(other, other - width, 24), inner)
    points += [(0, 0), *second, (0, 0), first[0]]
    codes += [Path.CURVE3, Path.CURVE3, *[Path.LINETO] * (len(second) - 1), Path.CURVE3, Path.CURVE3]
    return Path(points, codes)
