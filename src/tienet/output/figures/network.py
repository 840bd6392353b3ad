"""Figure of one person's network: the person in the centre, colleagues on a circle by function."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from tienet.base.numbers import counted
from tienet.network.measures.ego_networks import EgoNetwork
from tienet.output.figures import _style as style
from tienet.output.figures._labels import broken, plain
from tienet.output.figures._look import place_of
from tienet.output.figures._plot import plot
from tienet.output.figures._ring import ARC, PAST, Points, fit_names, on_circle, room, set_view, write_names

_GAP = 1.2  # empty places between two functions
_WIDEST = 3.2  # points
_ID = 5.5
_CURVE = "#8c8c8c"  # grey, because the colours stand for functions


class Plan(NamedTuple):
    """The layout: angles of the colleagues, functions in order, their labels and (g, 2) positions, and inches per unit."""

    angle: Points
    names: list[str]
    texts: list[str]
    at: Points
    unit: float

    @property
    def step(self) -> float:
        """Distance of two neighbours on the circle, in points."""
        return 2 * np.pi / max(len(self.angle) + _GAP * len(self.names), 1.0) * self.unit * 72


def _size(net: EgoNetwork) -> style.Size:
    """Taller if there are many functions to label."""
    return style.COLUMN, 3.5 + 0.1 * max(len(set(net.function.tolist())) - 8, 0)


@plot.register(EgoNetwork)
@style.styled(_size)
def draw_ego_network(net: EgoNetwork, ax: Axes, *, labels: bool = False) -> None:
    """Draw the ties of one person: line width shows strength, colour and marker the function; ids only with ``labels=True``."""
    plan = _plan(net, ax, labels)
    places = on_circle(plan.angle)
    _draw_among(ax, places, net.among)
    widths = _widths(net.strength, plan, float(np.max(net.strength, initial=0.0)))
    lines = LineCollection([[(0, 0), place] for place in places], linewidths=widths, colors=style.MUTED, alpha=0.75, zorder=2, gid="ties")
    style.stand_for(lines, net.strength)
    ax.add_collection(lines)
    ax.scatter([0], [0], s=70, color=style.INK, zorder=4, gid="ego")
    for number, name in enumerate(plan.names):
        _draw_group(ax, number, plan.angle[net.function == name], plan)
    write_names(ax, plan.texts, plan.at)
    if labels:
        _draw_ids(ax, net, plan)
    _draw_widths(ax, net, plan)
    style.note(ax, f"Centre: a person in {plain(net.labels[net.ego_function])} with {counted(len(net.alter), 'tie')}; {_among_text(net)}")


def _among_text(net: EgoNetwork) -> str:
    return f"{counted(len(net.among), 'tie')} among the colleagues (thin curves)" if len(net.among) else "no ties among the colleagues"


def _plan(net: EgoNetwork, ax: Axes, labels: bool) -> Plan:
    """Lay out the circle and its labels to fill the axes, and set the limits."""
    angle, names = _angles(net.function), list(dict.fromkeys(net.function.tolist()))
    texts = [broken(f"{plain(net.labels[name], 22)} ({int(np.sum(net.function == name))})", 11) for name in names]
    middle = np.array([angle[net.function == name].mean() for name in names])
    ids = max((style.text_size(plain(person, 10), _ID)[0] for person in net.alter), default=0.0) if labels else 0.0
    sizes = np.array([style.text_size(text, style.SMALL) for text in texts]).reshape(-1, 2)
    past = ARC + PAST + ids
    paper = room(ax)
    unit, at = fit_names(sizes, middle, past, paper)
    set_view(ax, unit, paper)
    return Plan(angle, names, texts, at, unit)


def _angles(function: NDArray[np.object_]) -> Points:
    """Angles on the circle, clockwise from the top, with a gap after each function."""
    new = np.r_[False, function[1:] != function[:-1]] if len(function) else np.zeros(0, dtype=bool)
    steps = np.arange(len(function)) + _GAP * np.cumsum(new)
    around = len(function) + _GAP * (new.sum() + 1)
    angles: Points = np.pi / 2 - 2 * np.pi * (steps + (1 + _GAP) / 2) / max(around, 1.0)
    return angles


def _widths(strength: Points, plan: Plan, strongest: float) -> Points:
    """Line widths in points, proportional to strength; thinner if there are many, with a visible minimum."""
    widest = float(np.clip(0.6 * plan.step, 1.0, _WIDEST))
    share = np.nan_to_num(strength / strongest) if strongest > 0 else np.full(len(strength), 0.3)
    return np.clip(widest * share, 0.3, None)


def _draw_among(ax: Axes, places: Points, among: NDArray[np.int64]) -> None:
    """Draw thin curves bent toward the centre, so that neighbours on the circle stay legible."""
    t = np.linspace(0, 1, 24)[:, None]
    curves = [(1 - t) ** 2 * places[i] + 2 * t * (1 - t) * 0.3 * (places[i] + places[j]) + t**2 * places[j] for i, j in among]
    faint = float(np.clip(120 / max(len(among), 1), 0.06, 0.9))
    ax.add_collection(LineCollection(curves, linewidths=0.5, colors=_CURVE, alpha=faint, zorder=1, gid="among"))


def _draw_group(ax: Axes, number: int, angle: Points, plan: Plan) -> None:
    number = place_of(plan.names[number], number)
    color, marker = style.COLORS[number % len(style.COLORS)], style.MARKERS[number % len(style.MARKERS)]
    diameter = min(7.0, 0.9 * plan.step)
    x, y = on_circle(angle).T
    ax.scatter(x, y, s=diameter**2, color=color, marker=marker, edgecolors="white", linewidths=0.4, zorder=5, gid="alters")
    half = min(0.35 * plan.step / plan.unit / 72, 0.12)
    edge = np.linspace(angle[0] + half, angle[-1] - half, 40)
    ax.plot(*on_circle(edge, 1 + ARC / plan.unit).T, color=color, linewidth=1.6, solid_capstyle="butt", zorder=3)


def _draw_ids(ax: Axes, net: EgoNetwork, plan: Plan) -> None:
    for person, turn in zip(net.alter, plan.angle, strict=True):
        right = np.cos(turn) >= 0
        x, y = on_circle(np.array([turn]), 1 + (ARC + 0.03) / plan.unit)[0]
        ax.text(
            x,
            y,
            plain(person, 10),
            fontsize=float(np.clip(plan.step, 2.0, _ID)),
            rotation=np.degrees(turn) + (0 if right else 180),
            rotation_mode="anchor",
            ha="left" if right else "right",
            va="center",
            gid="person",
        )


def _draw_widths(ax: Axes, net: EgoNetwork, plan: Plan) -> None:
    """Add a legend of line widths for the weakest, median and strongest tie."""
    if not len(net.strength):
        return
    levels = list(dict.fromkeys(float(f"{level:.2g}") for level in np.quantile(net.strength, [0, 0.5, 1])))
    widths = _widths(np.array(levels), plan, float(np.max(net.strength)))
    lines = [Line2D([], [], color=style.MUTED, linewidth=width, label=f"{level:g}") for level, width in zip(levels, widths, strict=True)]
    title = f"Tie strength, {net.strength_name}"
    style.key_below(ax, lines, title)
