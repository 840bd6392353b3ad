"""Figure of the two-lines test: a line on each side of a break."""

from __future__ import annotations

from matplotlib.axes import Axes

from tienet.base.numbers import n_text, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, predicted_name
from tienet.output.figures._lines import name_slope
from tienet.output.figures._plot import plot
from tienet.regression.probes.two_line_tests import TwoLines


@plot.register(TwoLines)
@style.styled((style.COLUMN, 3.0))
def draw_two_lines(lines: TwoLines, ax: Axes) -> None:
    """Draw both lines with their bands, the break, and a thin flexible fit behind them."""
    ax.plot(lines.smooth_values, lines.smooth, color=style.MUTED, linewidth=0.9, linestyle=(0, (1, 1.2)), gid="smooth")
    for side in (0, 1):
        color, dash = style.COLORS[side], style.DASHES[side]
        x = lines.line_values[side]
        ax.fill_between(x, lines.line_low[side], lines.line_high[side], facecolor=(color, 0.17), edgecolor="none", gid="band")
        ax.plot(x, lines.line_estimate[side], color=color, linestyle=dash, linewidth=1.8, gid="line")
    ax.axvline(lines.break_at, color=style.INK, linewidth=0.8, linestyle="--", gid="break")
    ax.margins(x=0.02, y=0.22)
    for side in (0, 1):
        name_slope(ax, side, float(lines.line_estimate[side][-side]), float(lines.estimate[side]), float(lines.p_value[side]), "slope")
    style.rug(ax, lines.focal_observed)
    style.name_axes(ax, axis_name(lines.focal), predicted_name(lines.outcome))
    found = {"U": "a U", "inverted U": "an inverted U", "neither": "no U in either direction"}[lines.verdict]
    style.note(ax, f"Two lines show {found}; break at {printed(lines.break_at)}, dotted: flexible fit; {n_text(lines.n)}")
