"""Figure of the firm's network: people in one disc per function with their ties, or the functions as single discs."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError
from tienet.base.numbers import counted
from tienet.network.measures.functions import FunctionMatrix, function_matrix
from tienet.network.ties.network import Ties
from tienet.output.figures import _style as style
from tienet.output.figures._labels import plain
from tienet.output.figures._look import place_of
from tienet.output.figures._ring import ARC, Points, fit_names, name_lines, on_circle, room, set_view, write_names

Level: TypeAlias = Literal["people", "functions"]
_MANY = 500  # with more people, functions are drawn instead
STRONGEST = 600  # ties drawn by default; more become a grey cloud in which none can be followed
_CURVED = 4000  # up to this many ties, lines bend toward the centre
CROWD = 8  # with more functions, the figure is wider than one column
_TURN = np.pi * (3 - np.sqrt(5))  # the golden angle, which fills a disc evenly
_TIE, _LINK = 1.8, 8.0  # the widest line, in points


class Discs(NamedTuple):
    """The discs of the functions: names, (g, 2) centres and (g,) radii in data units, and inches per unit."""

    functions: tuple[str, ...]
    at: Points
    radius: Points
    unit: float


def firm_size(ties: Ties) -> style.Size:
    """One column wide, up to two if there are many functions to label."""
    more = max(len(ties.people.functions) - CROWD, 0)
    return min(style.COLUMN + 0.3 * more, 7.0), min(3.9 + 0.28 * more, 7.5)


def draw_firm(ties: Ties, ax: Axes, level: Level | None, labels: bool | str, strongest: int | None = STRONGEST) -> None:
    """Draw people in discs by function with a line for each of the strongest ties; above 500 people, functions with a line per pair."""
    if level is not None and level not in get_args(Level):
        raise ArgumentError.not_one_of("level", level, get_args(Level))
    drawn = level or ("people" if len(ties.people) <= _MANY else "functions")
    if labels and drawn == "functions":
        raise ArgumentError("labels=True needs people to be drawn one by one; add level='people'")
    if isinstance(labels, str) and labels not in ties.people.attributes:
        raise ArgumentError.not_one_of("labels", labels, ties.people.attributes, otherwise="True for ids")
    discs = _place(ties, ax, 1.0 if drawn == "people" else 0.72)
    if drawn == "people":
        _draw_people(ties, ax, discs, labels, strongest)
    else:
        _draw_functions(ties, ax, discs)


def _place(ties: Ties, ax: Axes, size: float) -> Discs:
    """Place the discs on a circle, with area proportional to people and as large as possible, and write the names outside."""
    functions = ties.people.functions
    members = np.array([np.sum(ties.people.function == name) for name in functions], dtype=float)
    angle, radius = _around(np.sqrt(members))
    centres = on_circle(angle) if len(functions) > 1 else np.zeros((1, 2))
    reach = float(1.0 + radius.max()) if len(functions) > 1 else float(radius[0])
    width = 11 if len(functions) <= CROWD else 18
    texts = [name_lines(ties.people.labels[name], f"{int(count):,}", width) for name, count in zip(functions, members, strict=True)]
    sizes = np.array([style.text_size(text, style.SMALL) for text in texts]).reshape(-1, 2)
    paper = room(ax, 1.0)
    out = 1.0 + radius if len(functions) > 1 else radius
    unit, at = fit_names(sizes, angle, 0.5 * ARC, paper, out)
    for _ in range(12):  # a name begins at its own disc, further out where it would cover another one
        covered = _covering(at, sizes / unit, centres, radius)
        if not covered.any() or (out >= reach).all():
            break
        out = np.where(covered, np.minimum(out + 0.1, reach), out)
        unit, at = fit_names(sizes, angle, 0.5 * ARC, paper, out)
    set_view(ax, unit, paper)
    write_names(ax, texts, at)
    return Discs(functions, centres, size * radius, unit)


def _covering(at: Points, sizes: Points, centres: Points, radius: Points) -> NDArray[np.bool_]:
    """Whether each label, (g, 2) positions and sizes in data units, covers a disc."""
    left = np.where(at[:, 0] > 0, at[:, 0], at[:, 0] - sizes[:, 0])[:, None]
    low = (at[:, 1] - sizes[:, 1] / 2)[:, None]
    x = np.clip(centres[:, 0], left, left + sizes[:, :1]) - centres[:, 0]
    y = np.clip(centres[:, 1], low, low + sizes[:, 1:]) - centres[:, 1]
    return np.asarray((np.hypot(x, y) < 0.97 * radius).any(axis=1))


def _around(sizes: Points) -> tuple[Points, Points]:
    """Angles and radii of discs of these relative sizes on the unit circle, so that neighbours almost touch."""
    if len(sizes) == 1:
        return np.array([np.pi / 2]), np.ones(1)
    low, high = 0.0, 2.0 / (sizes + np.roll(sizes, -1)).max()
    for _ in range(60):
        scale = (low + high) / 2
        low, high = (scale, high) if _steps(sizes, scale).sum() <= 2 * np.pi else (low, scale)
    step = _steps(sizes, low)
    step *= 2 * np.pi / step.sum()
    angle = np.pi / 2 - np.concatenate([[0.0], np.cumsum(step)[:-1]])
    at, radius = on_circle(angle), sizes * low
    i, j = np.triu_indices(len(sizes), 1)
    apart = np.hypot(*(at[i] - at[j]).T) / (radius[i] + radius[j])
    return angle, 0.93 * radius * min(float(apart.min()), 1.0)


def _steps(sizes: Points, scale: float) -> Points:
    """The angle from each disc to the next if they touch."""
    return np.asarray(2 * np.arcsin(np.clip(scale * (sizes + np.roll(sizes, -1)) / 2, 0.0, 1.0)))


def _draw_people(ties: Ties, ax: Axes, discs: Discs, labels: bool | str, strongest: int | None) -> None:
    degree = np.bincount(np.concatenate([ties.a, ties.b]), minlength=len(ties.people))
    weight = np.nan_to_num(ties.strength)
    summed = np.bincount(np.concatenate([ties.a, ties.b]), np.concatenate([weight, weight]), minlength=len(degree))
    inward = np.lexsort((-summed, -degree))
    at, spacing = _dots(ties.people.function, inward, discs)
    top = float(weight.max(initial=0.0)) or 1.0
    drawn = _strongest(weight, strongest)
    shade = float(np.clip(200 * discs.unit / max(len(drawn), 1), 0.05, 0.45))
    _draw_lines(ax, (at[ties.a[drawn]], at[ties.b[drawn]]), (weight[drawn], top), shade)
    widest = min(0.92 * spacing, 9.0)
    for number, name in enumerate(discs.functions):
        held = inward[ties.people.function[inward] == name]  # sorted: roster order would identify people
        dots = ax.scatter(
            at[held, 0],
            at[held, 1],
            s=_diameter(degree[held], degree.max(initial=1), widest) ** 2,
            color=style.COLORS[place_of(name, number) % len(style.COLORS)],
            marker=style.MARKERS[place_of(name, number) % len(style.MARKERS)],
            edgecolors="white",
            linewidths=min(0.4, 0.06 * widest),
            zorder=4,
            gid="people",
        )
        style.stand_for(dots, degree[held])
    if labels:
        names = ties.people.person if labels is True else ties.people.attributes[str(labels)]
        for person, (x, y) in zip(names, at, strict=True):
            ax.text(x, y, plain(person, 12), fontsize=max(0.4 * widest, 2.5), ha="center", va="center", zorder=5, gid="person")
    _key_of_people(ax, weight[drawn], top, ties.own_strength.label, (degree, widest))
    style.note(ax, f"{_drawn_text(ties, weight, drawn, degree)}; in each function, people with most ties are in the middle")


def _strongest(weight: Points, most: int | None) -> NDArray[np.int64]:
    """The positions of the ties to draw, in their order: all, or the strongest `most` and those as strong as the last of them."""
    if most is None or len(weight) <= most:
        return np.arange(len(weight))
    return np.flatnonzero(weight >= np.partition(weight, -most)[-most])


def _drawn_text(ties: Ties, weight: Points, drawn: NDArray[np.int64], degree: NDArray[np.int64]) -> str:
    people, alone = counted(len(degree), "person", "people"), int(np.sum(degree == 0))
    if len(drawn) == len(weight):
        return f"{counted(len(weight), 'tie')} among {people}, {style.few(alone)} without ties"
    unseen = len(degree) - len(np.unique(np.concatenate([ties.a[drawn], ties.b[drawn]])))
    least = f"those of at least {float(weight[drawn].min()):.2g} ({plain(ties.own_strength.label, 40)})"
    return f"The {len(drawn):,} strongest of {len(weight):,} ties, {least}, among {people}; {style.few(unseen)} have none that strong"


def _dots(function: NDArray[Any], inward: NDArray[np.int64], discs: Discs) -> tuple[Points, float]:
    """Positions of all people, those first in `inward` in the middle of their disc; and the spacing of neighbours in points."""
    at = np.empty((len(function), 2))
    spacing = np.inf
    for name, centre, radius in zip(discs.functions, discs.at, discs.radius, strict=True):
        held = inward[function[inward] == name]
        rank = np.arange(len(held))
        out = 0.94 * radius * np.sqrt((rank + 0.5) / len(held)) if len(held) > 1 else np.zeros(1)
        at[held] = centre + np.column_stack([out * np.cos(rank * _TURN), out * np.sin(rank * _TURN)])
        spacing = min(spacing, 1.6 * radius / np.sqrt(len(held)) * discs.unit * 72)
    return at, float(spacing)


def _diameter(ties: NDArray[Any] | float, most: float, widest: float) -> Points:
    """Diameter in points: the area grows with ties, with a minimum so that everyone is visible."""
    return np.asarray(widest * np.sqrt(0.12 + 0.88 * np.asarray(ties, dtype=float) / max(most, 1)))


def _draw_lines(ax: Axes, ends: tuple[Points, Points], weighed: tuple[Points, float], shade: float) -> None:
    """Draw one line per tie; stronger ties are wider, darker and on top."""
    weight, top = weighed
    order = np.argsort(weight, kind="stable")
    start, end, share = ends[0][order], ends[1][order], weight[order] / top
    t = np.linspace(0, 1, 9 if len(order) <= _CURVED else 2)[None, :, None]
    bend = 0.45 * (start + end)[:, None, :] / 2 if t.shape[1] > 2 else 0.0
    paths = (1 - t) ** 2 * start[:, None, :] + 2 * t * (1 - t) * bend + t**2 * end[:, None, :]
    if t.shape[1] == 2:
        paths = np.stack([start, end], axis=1)
    color = np.column_stack([np.tile(to_rgb(style.INK), (len(order), 1)), shade * (0.25 + 0.75 * np.sqrt(share))])
    lines = LineCollection(list(paths), linewidths=_line_width(share), colors=color, zorder=2, gid="ties")
    style.stand_for(lines, weight[order])
    ax.add_collection(lines)


def _line_width(share: Points) -> Points:
    return np.asarray(np.clip(_TIE * share, 0.2, None))


def _key_of_people(ax: Axes, weight: Points, top: float, strength: str, dots: tuple[NDArray[np.int64], float]) -> None:
    degree, widest = dots
    handles: list[Line2D] = []
    if len(weight):
        levels = list(dict.fromkeys(float(f"{level:.2g}") for level in np.quantile(weight, [0.5, 1])))
        widths = _line_width(np.array(levels) / top)
        handles = [
            Line2D([], [], color=style.INK, linewidth=width, label=f"{at:g}", solid_capstyle="butt")
            for at, width in zip(levels, widths, strict=True)
        ]
    for count in dict.fromkeys([int(np.median(degree)), int(degree.max(initial=0))]):
        size = float(_diameter(count, degree.max(initial=1), widest))
        handles.append(Line2D([], [], linestyle="", marker="o", color=style.MUTED, markersize=size, label=counted(count, "tie")))
    _key(ax, handles, f"Lines: tie strength, {strength};\ndots: ties per person (median and maximum of each)")


def _key(ax: Axes, handles: list[Line2D], title: str) -> None:
    style.key_below(ax, handles, title, columnspacing=1.2, handletextpad=0.7)


def _draw_functions(ties: Ties, ax: Axes, discs: Discs) -> None:
    matrix = function_matrix(ties)
    place = [matrix.functions.index(name) for name in discs.functions]
    counts = matrix.ties[np.ix_(place, place)].astype(float)
    top = float(counts.max(initial=0.0)) or 1.0
    rows, cols = (
        index[order] for order in [np.argsort(counts[np.triu_indices(len(place), 1)])] for index in np.triu_indices(len(place), 1)
    )
    kept = counts[rows, cols] > 0
    rows, cols = rows[kept], cols[kept]
    links = LineCollection(
        [[discs.at[i], discs.at[j]] for i, j in zip(rows, cols, strict=True)],
        linewidths=_link_width(counts[rows, cols] / top),
        colors="#8c8c8c",
        zorder=2,
        capstyle="butt",
        gid="links",
    )
    style.stand_for(links, counts[rows, cols])
    ax.add_collection(links)
    members = np.array([np.sum(ties.people.function == name) for name in discs.functions])
    nodes = ax.scatter(
        discs.at[:, 0],
        discs.at[:, 1],
        s=(2 * discs.radius * discs.unit * 72) ** 2,
        facecolors=[style.COLORS[place_of(name, number) % len(style.COLORS)] for number, name in enumerate(discs.functions)],
        edgecolors=style.INK,
        linewidths=(_link_width(np.diag(counts) / top) * (np.diag(counts) > 0)).tolist(),
        zorder=3,
        gid="functions",
    )
    style.stand_for(nodes, members)
    _key_of_functions(ax, matrix, top, np.diag(counts))
    style.note(ax, f"{counted(len(ties), 'tie')} among {counted(len(ties.people), 'person', 'people')} in "
                   f"{counted(len(place), 'function')}; disc area: number of people")  # fmt: skip


def _link_width(share: Points) -> Points:
    return np.asarray(np.clip(_LINK * share, 0.3, None))


def _key_of_functions(ax: Axes, matrix: FunctionMatrix, top: float, within: Points) -> None:
    across = matrix.ties[np.triu_indices(len(matrix.functions), 1)]
    across = across[across > 0]
    levels = dict.fromkeys([*np.quantile(across, [0.0, 1.0]).astype(int).tolist()] if len(across) else [])
    handles = [
        Line2D(
            [], [], color="#8c8c8c", linewidth=float(_link_width(np.array(level / top))), label=f"{level:,} between", solid_capstyle="butt"
        )
        for level in levels
    ]
    if within.max(initial=0.0) > 0:
        most = float(within.max())
        width = float(_link_width(np.array(most / top)))
        handles.append(Line2D([], [], color=style.INK, linewidth=width, label=f"{most:,.0f} within", solid_capstyle="butt"))
    _key(ax, handles, "Ties: lines between functions, rims within them")
