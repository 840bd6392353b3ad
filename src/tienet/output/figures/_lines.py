"""Lines of a fitted surface with their bands, drawn only where there are people and named at their ends."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError
from tienet.base.numbers import coverage, p_text, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import at_value, broken, human, levels_heading, plain
from tienet.output.figures._look import look
from tienet.regression.probes.predicted_surfaces import BandKind, Surface

Bands = BandKind | None
_WORDS = {
    "-1 SD": "Weak",
    "16th percentile": "Weak",
    "mean": "Average",
    "50th percentile": "Middling",
    "+1 SD": "Strong",
    "84th percentile": "Strong",
}


def draw_lines(surface: Surface, ax: Axes, band: Bands, end: float = np.inf) -> list[Line2D]:
    """Draw the lines of a surface with their bands, up to `end` where there are people; return the legend handles."""
    if band is not None and not (isinstance(band, str) and band in get_args(BandKind)):
        raise ArgumentError.not_one_of("band", band, (*get_args(BandKind), None))
    low, high = (None, None) if band is None else surface.band(band)
    handles = []
    for i in range(len(surface.label)):
        if low is not None and high is not None and np.isfinite(low[i]).any():
            _draw_band(surface, ax, i, low[i], high[i], end)
        handles.append(_draw_line(surface, ax, i, end))
    return handles


def name_ends(surface: Surface, ax: Axes) -> None:
    """Write the name of each line at its right end: beside the axes, pushed apart, or over a line that ends well before them."""
    lines = [line for line in ax.lines if line.get_gid() == "line"][-len(surface.label) :]
    ends = np.array([_end_of(line) for line in lines])
    low, high = ax.get_ylim()
    left, right = ax.get_xlim()
    names = [end_name(surface, i) for i in range(len(lines))]
    if not any("\n" in name for name in names):  # the moderator is named once, over the topmost value
        top = int(np.argmax(ends[:, 1]))
        names[top] = f"{human(levels_heading(surface.moderator or '', surface.label), 22)}\n{names[top]}"
    tall = 1.15 * np.array([style.text_size(name, style.SMALL)[1] for name in names]) / style.inches(ax)[1] * (high - low)
    heights = ends[:, 1].copy()
    outside = ends[:, 0] > left + 0.8 * (right - left)
    heights[outside] = apart(heights[outside], tall[outside])
    for i, name in enumerate(names):
        look: dict[str, Any] = {"fontsize": style.SMALL, "color": style.INK, "linespacing": 1.1, "gid": "name"}
        across: Any = ("axes fraction", "data") if outside[i] else "data"
        ax.annotate(
            name,
            (1.0 if outside[i] else ends[i, 0], heights[i]),
            (4, 0),
            xycoords=across,
            textcoords="offset points",
            va="center",
            annotation_clip=False,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6},
            **look,
        )


def apart(y: NDArray[np.float64], tall: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centres shifted in one sweep so that texts of these heights do not overlap."""
    order = np.argsort(y)
    moved = y.copy()
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + (tall[before] + tall[after]) / 2)
    return moved - (moved - y).mean() if len(y) else moved


def end_name(surface: Surface, i: int) -> str:
    """The name of a line at its end: "Weak ties" and "0.15 a week" on two lines, or the value of the moderator."""
    moderator, value = surface.moderator or "", float(surface.moderator_values[i])
    unit = look().names.units.get(moderator, "")
    word = _WORDS.get(surface.label[i], "") if moderator.startswith("tie_strength_") else ""
    if word:
        each = re.sub(r"^interactions per ", "a ", unit)  # 0.15 a week
        amount = broken(f"{printed(value)} {plain(each, 28)}".rstrip(), 14)
        return f"{word} ties\n{amount}"
    return at_value(moderator, surface.label[i], value)


def _end_of(line: Line2D) -> tuple[float, float]:
    x, y = (np.asarray(values, dtype=float) for values in line.get_data())
    last = np.flatnonzero(np.isfinite(y))[-1]
    return float(x[last]), float(y[last])


def name_slope(ax: Axes, end: int, height: float, slope: float, p: float, gid: str) -> None:
    """Write the slope and its p at the left (0) or right (1) end, above or below the line, wherever there is room."""
    bottom, top = ax.get_ylim()
    over = height < (bottom + top) / 2
    ax.text(
        0.02 + 0.96 * end,
        0.98 if over else 0.08,
        f"slope {printed(slope)}\n{p_text(p)}",
        transform=ax.transAxes,
        ha="right" if end else "left",
        va="top" if over else "bottom",
        fontsize=style.SMALL,
        gid=gid,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8},
    )


def line_name(surface: Surface, i: int) -> str:
    """The legend label of a line."""
    return at_value(surface.moderator or "", surface.label[i], float(surface.moderator_values[i]))


def band_text(surface: Surface, band: Bands) -> str:
    """A description of the bands for the note."""
    if band is None:
        return f"no bands, {surface.covariance.label}"
    if not np.isfinite(surface.conf_low).any():
        return "no bands (standard errors not known)"
    return f"{coverage(surface.alpha)}{' simultaneous' if band == 'simultaneous' else ''} bands, {surface.covariance.label}"


def heights_of(surface: Surface, band: Bands) -> tuple[float, float]:
    """The lowest and highest value drawn."""
    end = end_of_people(surface)
    limits = (surface.estimate, surface.estimate) if band is None else surface.band(band)
    seen = np.array([_people_at(surface, i, end) for i in range(len(surface.label))])
    drawn = np.concatenate([values[seen] for values in (surface.estimate, *limits)])
    return float(np.nanmin(drawn)), float(np.nanmax(drawn))


def without_people(surface: Surface) -> bool:
    """Whether a whole line lies where there are no people; it is then dotted, because without it nothing would be left."""
    return bool((~(surface.support & surface.inside).any(axis=1)).any())


def cut_short(surface: Surface) -> bool:
    """Whether part of a line is left out because there are no people."""
    inside = surface.support & surface.inside
    return bool((surface.support & ~surface.inside)[inside.any(axis=1)].any())


def end_of_people(surface: Surface) -> float:
    """Where 97% of the people are, the end of the axis; infinite if the caller chose another range or the data are not known."""
    values = surface.focal_observed
    if not len(values) or surface.focal_values[-1] != surface.focal_range[1]:
        return np.inf
    end = float(np.quantile(values, 0.97, method="inverted_cdf"))
    # A count is shared by many; another value would be that of one person, so it is rounded up.
    return end if (values == np.round(values)).all() else min(round_up(end, float(np.ptp(values))), surface.focal_range[1])


def round_up(value: float, spread: float) -> float:
    """The next higher number in steps of about a hundredth of the spread."""
    step = 10.0 ** np.floor(np.log10(spread / 20)) if spread > 0 else 1.0
    return float(np.ceil(value / step) * step)


def line_look(surface: Surface, i: int) -> tuple[str, Any]:
    """Colour and dash of a line: of two, the first (the lower value) is dashed and the second full; the dash tells a second moderator."""
    lines = len(surface.label)
    if surface.second:
        first = len(first_lines(surface))
        i, other, others = i % first, i // first, lines // first
        return style.COLORS[i % len(style.COLORS)], _dash(other, others)
    return style.COLORS[i % len(style.COLORS)], _dash(i, lines)


def _dash(i: int, lines: int) -> Any:
    return style.DASHES[1 - i if lines == 2 else i % len(style.DASHES)]


def first_lines(surface: Surface) -> range:
    """The lines at the first value of the second moderator: one for each value of the first; all lines without a second."""
    same = sum(label == surface.second_label[0] for label in surface.second_label) if surface.second else len(surface.label)
    return range(same)


def second_handles(surface: Surface) -> list[Line2D]:
    """Legend handles of both moderators: colours, then dashes."""
    own = first_lines(surface)
    rows = range(0, len(surface.label), len(own))
    moderator, second = human(surface.moderator or "", 22), human(surface.second or "", 22)
    colours = [
        Line2D([], [], color=line_look(surface, i)[0], linewidth=4, solid_capstyle="butt", label=f"{moderator} {line_name(surface, i)}")
        for i in own
    ]
    dashes = [
        Line2D([], [], color=style.INK, linestyle=line_look(surface, i)[1], linewidth=1.8, label=f"{second} {_second_name(surface, i)}")
        for i in rows
    ]
    return [*colours, *dashes]


def _second_name(surface: Surface, i: int) -> str:
    return at_value(surface.second or "", surface.second_label[i], float(surface.second_values[i]))


def _people_at(surface: Surface, i: int, end: float) -> NDArray[np.bool_]:
    """Where a line is drawn."""
    inside = surface.support[i] & surface.inside[i]
    return np.asarray((inside if inside.any() else surface.support[i]) & (surface.focal_values <= end))


def _draw_line(surface: Surface, ax: Axes, i: int, end: float) -> Line2D:
    color, dash = line_look(surface, i)
    seen = _people_at(surface, i, end)
    nobody = not (surface.support[i] & surface.inside[i]).any()
    known = surface.support[i]
    x, y = surface.focal_values[known], np.where(seen, surface.estimate[i], np.nan)[known]
    marker = style.MARKERS[i % len(style.MARKERS)]
    dots = marker if len(x) <= 5 else ""
    drawn: dict[str, Any] = {"linestyle": style.DASHES[2], "linewidth": 1.1} if nobody else {"linestyle": dash, "linewidth": 1.9}
    ax.plot(x, y, color=color, marker=dots, markersize=4.5, zorder=3, gid="line", **drawn)
    return line_handle(surface, i, dots)


def line_handle(surface: Surface, i: int, marker: str) -> Line2D:
    """The legend handle of a line."""
    color, dash = line_look(surface, i)
    return Line2D([], [], color=color, linestyle=dash, linewidth=1.8, marker=marker, markersize=4, label=line_name(surface, i))


def _draw_band(surface: Surface, ax: Axes, i: int, low: style.AxisValues, high: style.AxisValues, end: float) -> None:
    if not (surface.support[i] & surface.inside[i]).any():
        return
    color, dash = line_look(surface, i)
    seen, x = _people_at(surface, i, end), surface.focal_values
    edge: dict[str, Any] = {"edgecolor": (color, 0.6), "linewidth": 0.5, "linestyle": dash}
    ax.fill_between(x, low, high, where=seen, facecolor=(color, 0.17), gid="band", **edge)
