"""Figure of common support: where people lie in the plane of focal variable and moderator, and where the usual lines leave them."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from tienet.base.numbers import n_text, percent
from tienet.network.privacy.bins import grid_of
from tienet.network.privacy.floors import FLOOR
from tienet.output.figures import _style as style
from tienet.output.figures._labels import at_value, axis_name
from tienet.output.figures._people import draw_grid
from tienet.output.figures._plot import plot
from tienet.regression.checks.support import CommonSupport


@plot.register(CommonSupport)
@style.styled((style.COLUMN, 3.0))
def draw_support(support: CommonSupport, ax: Axes, *, cases: bool | None = None) -> None:
    """Draw squares that count people, and the lines of the interaction figure, solid where their bin has people, else dotted."""
    if cases is None:
        draw_grid(ax, grid_of(support.focal_observed, support.moderator_observed), style.FAINT, style.MUTED)
    elif cases:
        look: dict[str, Any] = {"color": style.MUTED, "alpha": 0.45, "markersize": 3.2, "markeredgewidth": 0, "gid": "cases"}
        style.dots(ax, support.focal_observed, support.moderator_observed, spread=True, **look)
    for edge in support.bin_high[:-1]:
        if (support.bin_high > support.bin_low).any():
            ax.axhline(edge, color=style.FAINT, linewidth=0.8, gid="edge")
    low, high = support.focal_low.min(), support.focal_high.max()
    ax.margins(x=0.04, y=0.08)
    for i, (at, place) in enumerate(zip(support.line_at, support.line_bin, strict=True)):
        color = style.COLORS[i]
        ax.plot([low, high], [at, at], color=color, linewidth=1.1, linestyle=style.DASHES[2], gid="whole")
        if place >= 0:
            ax.plot([support.focal_low[place], support.focal_high[place]], [at, at], color=color, linewidth=2.2, gid="supported")
        ax.annotate(
            at_value(support.moderator or "", support.line_label[i], float(at)),
            (1.0, at),
            xycoords=("axes fraction", "data"),
            xytext=(-1, 2.5),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=style.SMALL,
            color=color,
            gid="name",
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6},
        )
    style.name_axes(ax, axis_name(support.focal), axis_name(support.moderator or ""))
    marks = {None: f"Squares: people, hollow where fewer than {FLOOR}, ", True: "Each dot is one person, ", False: ""}[cases]
    shares = ", ".join(f"{percent(share, 0)}" for share in support.line_share_outside)
    style.note(ax, f"{marks}{n_text(support.n)}; dotted: nobody there (share of each line: {shares})")
