"""Figure of partial residuals: the interaction figure with people, adjusted for what else is in the model."""

from __future__ import annotations

from dataclasses import replace

from matplotlib.axes import Axes

from tienet.base.numbers import n_text
from tienet.base.wording import lower
from tienet.network.privacy.floors import FLOOR
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, human
from tienet.output.figures._lines import Bands, band_text, draw_lines, line_handle
from tienet.output.figures._people import draw_grids
from tienet.output.figures._plot import plot
from tienet.regression.checks.residuals import PartialResiduals


@plot.register(PartialResiduals)
@style.styled((style.COLUMN, 3.2))
def draw_partial(points: PartialResiduals, ax: Axes, *, band: Bands = None, cases: bool | None = None) -> None:
    """Draw the lines, by default without bands, and marks that count people in the colour and shape of the nearest line."""
    surface = points.surface
    x, y = points.focal_observed, points.partial_residual
    looks = [(style.COLORS[i % len(style.COLORS)], style.MARKERS[i % len(style.MARKERS)]) for i in range(len(surface.label))]
    groups = [(points.nearest == i, color, marker, "cases") for i, (color, marker) in enumerate(looks)]
    if cases is None:
        draw_grids(ax, x, y, groups)
    elif cases:
        for mine, color, marker, gid in groups:
            style.dots(ax, x[mine], y[mine], marker, color=color, alpha=0.45, markersize=3.4, markeredgewidth=0, gid=gid)
    everywhere = replace(surface, inside=surface.support)  # each line goes with its marks, wherever they are
    draw_lines(everywhere, ax, band)
    handles = [line_handle(surface, i, style.MARKERS[i % len(style.MARKERS)]) for i in range(len(surface.label))]
    ax.margins(x=0.03, y=0.05)
    style.name_axes(ax, axis_name(surface.focal), f"{human(surface.outcome)}, partial residual")
    style.settle(ax)
    above = style.key(ax, handles, human(surface.moderator)) if surface.moderator else 0.0
    nearest = f", in the style of the line nearest in {lower(human(surface.moderator))}" if surface.moderator and cases is not False else ""
    bands = f"; {band_text(surface, band)}" if band else ""
    marks = {None: f"Marks: people, hollow where fewer than {FLOOR}", True: "Each mark is one person", False: "No people drawn"}[cases]
    style.note(ax, f"{marks}{nearest}; other variables at their means, {n_text(points.n)}{bands}", above=above)
