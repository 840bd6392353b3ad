"""Figure of a moderated curve: the curve at two values of the moderator, with its turning points."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tienet.base.numbers import n_text, p_text, printed
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import at_value, axis_name, human, predicted_name
from tienet.output.figures._plot import plot
from tienet.regression.probes.curve_moderations import CurveModeration
from tienet.regression.probes.predicted_surfaces import Surface


@plot.register(CurveModeration)
@style.styled((style.COLUMN, 3.2))
def draw_curve_moderation(found: CurveModeration, ax: Axes) -> None:
    """Draw both curves with a diamond at each turning point; if the range is not known, the turning point along the moderator."""
    if found.curves is None:
        _draw_path(found, ax)
        return
    handles = [_draw_curve(found, found.curves, ax, i) for i in range(len(found.curves.label))]
    style.rug(ax, found.curves.focal_observed)
    ax.margins(x=0.02, y=0.1)
    style.whole_ticks(ax.xaxis, found.focal, found.curves.focal_observed)
    style.name_axes(ax, axis_name(found.focal), predicted_name(found.outcome, measured=found.measured))
    above = style.key(ax, handles, axis_name(str(found.moderator)))
    style.note(ax, _subtitle(found), above=above)


def _draw_curve(found: CurveModeration, curves: Surface, ax: Axes, i: int) -> Line2D:
    color, dash = style.COLORS[i], style.DASHES[i]
    x, value = curves.focal_values, float(curves.moderator_values[i])
    ax.fill_between(x, curves.conf_low[i], curves.conf_high[i], facecolor=(color, 0.15), edgecolor="none", gid="band")
    place = int(np.argmin(np.abs(found.at - value)))
    turn = float(found.turning_point[place])
    if found.turns[place] and x[0] <= turn <= x[-1]:
        height = float(np.interp(turn, x, curves.estimate[i]))
        ax.axvline(turn, color=color, linewidth=0.8, linestyle=":")
        ax.plot([turn], [height], "D", color=color, markeredgecolor=style.INK, markersize=5.5, zorder=5, gid="turning point")
    label = at_value(str(found.moderator), found.label[place], value)
    return ax.plot(x, curves.estimate[i], color=color, linestyle=dash, linewidth=1.7, label=label, gid="curve")[0]


def _draw_path(found: CurveModeration, ax: Axes) -> None:
    """Draw the turning point at each value of the moderator."""
    order = np.argsort(found.at)
    ax.plot(found.at[order], found.turning_point[order], "-D", color=style.COLORS[0], linewidth=1.4, markersize=5, gid="turning point")
    style.name_axes(ax, axis_name(str(found.moderator)), f"Turning point of {lower(human(found.focal))}")
    style.note(ax, _subtitle(found))


def _subtitle(found: CurveModeration) -> str:
    words = {
        "flatter": f"The curve flattens, {p_text(found.bend_p_value)}",
        "steeper": f"The curve steepens, {p_text(found.bend_p_value)}",
        "unclear": f"No clear change in curvature, {p_text(found.bend_p_value)}",
        "not in the model": "Same curvature throughout, by the model",
    }[found.steepness]
    middle = len(found.at) // 2
    shift = f"turning point shifts {printed(found.estimate[middle])} per unit ({p_text(found.p_value[middle])})"
    if not found.turns[middle]:
        shift = "no turning point"
    where = f"at {found.label[middle].replace('-', '−')}" if len(found.at) > 1 else ""
    tested = f"{found.product.note}; " if found.product and len(found.product.terms) > 1 else ""
    words = f"{words[:1].lower()}{words[1:]}" if tested else words
    return f"{tested}{words}; {shift} {where}; {n_text(found.n)}".replace(" ;", ";")
