"""Figure of the linearity check: the slope along the moderator by the model, in bins, and smoothed."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tienet.base.numbers import coverage, n_text, p_text, statistic_text
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, slope_name
from tienet.output.figures._plot import plot
from tienet.regression.checks.linearity import LinearityCheck

_ROOM = 3.0  # the smooth band is cut off beyond this many heights of the lines


@plot.register(LinearityCheck)
@style.styled((style.COLUMN, 3.2))
def draw_linearity(check: LinearityCheck, ax: Axes) -> None:
    """Draw the model's slope and the smooth slope with their bands, a whisker per bin, and columns that count people."""
    line, bins, smooth = style.COLORS[0], style.COLORS[1], style.COLORS[2]
    ax.axhline(0, color=style.MUTED, linewidth=0.8, linestyle="--", gid="zero")
    ax.fill_between(check.line_at, check.line_low, check.line_high, facecolor=(line, 0.17), edgecolor="none", gid="band")
    handles = ax.plot(check.line_at, check.line, color=line, linewidth=1.7, label="Model", gid="line")
    handles += ax.plot(check.line_at, check.smooth, color=smooth, linewidth=1.4, linestyle=style.DASHES[1], label="Smooth", gid="smooth")
    for limit in (check.smooth_low, check.smooth_high):
        ax.plot(check.line_at, limit, color=smooth, linewidth=0.8, linestyle=style.DASHES[2], gid="smooth band")
    ax.vlines(check.at, check.conf_low, check.conf_high, color=bins, linewidth=1.5, gid="whiskers")
    ax.plot(check.at, check.estimate, "s", color=bins, markerfacecolor="white", markersize=5, markeredgewidth=1.3, zorder=4, gid="bins")
    handles.append(Line2D([], [], color=bins, marker="s", markerfacecolor="white", markersize=5, markeredgewidth=1.3, label="Bins"))
    _limit(check, ax)
    style.rug(ax, check.moderator_observed)
    style.name_axes(ax, axis_name(check.moderator or ""), slope_name(check.focal, check.outcome))
    above = style.key(ax, handles, "")
    style.note(ax, _verdict(check), above=above - style.SMALL)


def _limit(check: LinearityCheck, ax: Axes) -> None:
    """Set limits around lines and whiskers; the smooth band is cut where few cases make it very wide."""
    firm = np.concatenate(
        [check.line_low, check.line_high, check.conf_low, check.conf_high, check.smooth[np.isfinite(check.smooth)], [0.0]]
    )
    low, high = float(firm.min()), float(firm.max())
    middle = np.concatenate([check.line, check.estimate])
    reach = _ROOM * max(float(np.ptp(middle)), float(np.median(check.conf_high - check.conf_low)))
    low, high = max(low, float(middle.min()) - reach), min(high, float(middle.max()) + reach)
    ax.set_ylim(low - 0.14 * (high - low), high + 0.06 * (high - low))


def _verdict(check: LinearityCheck) -> str:
    if np.isnan(check.f):
        test = f"too few clusters to test {check.df1} added terms"
    else:
        says = "Not linear" if check.linearity_p < check.alpha else "No clear departure from a line"
        test = f"{says}: {statistic_text('F', check.f, check.df1, check.df2)}, {p_text(check.linearity_p)}"
    return f"{test}; {coverage(check.alpha)} bands and whiskers, {n_text(check.n)}, {check.covariance.label}"
