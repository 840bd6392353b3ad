"""Johnson-Neyman figure in two dimensions: where a slope is above, below or not different from zero."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from tienet.base.numbers import count, n_text, percent, printed
from tienet.network.privacy.bins import grid_of
from tienet.network.privacy.floors import FLOOR
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, slope_name
from tienet.output.figures._people import draw_grid
from tienet.output.figures._plot import plot
from tienet.regression.probes.slope_regions import SlopeRegion

# Dark, light and white, so that the areas differ in greyscale too.
_AREAS = {-1: ("#7fb0d8", "below zero"), 0: ("#ffffff", "not different"), 1: ("#fbdcc0", "above zero")}
_EMPTY = "#8c8c8c"


@plot.register(SlopeRegion)
@style.styled((style.COLUMN, 3.6))
def draw_slope_region(region: SlopeRegion, ax: Axes, *, cases: bool | None = None) -> None:
    """Draw the areas where the slope differs from zero, its contours and squares that count people; hatched where there is nobody."""
    x, z = region.focal_values, region.moderator_values
    for sign, margin in ((-1, -region.conf_high), (1, region.conf_low)):
        if (margin > 0).any():
            ax.contourf(x, z, margin, levels=[0.0, margin.max() + 1.0], colors=[_AREAS[sign][0]]).set_gid(f"area {sign}")
        if (margin > 0).any() and (margin < 0).any():
            ax.contour(x, z, margin, levels=[0.0], colors=[style.INK], linewidths=0.9).set_gid("boundary")
    _draw_slopes(region, ax)
    if len(region.hull):
        grid = grid_of(region.focal_observed, region.moderator_observed)
        _hatch_empty(region, ax, region.hull if cases else grid.hull)
        if cases is None:
            draw_grid(ax, grid, style.MUTED, style.INK)
        elif cases:
            style.dots(ax, region.focal_observed, region.moderator_observed, color=style.INK, markersize=2.0, alpha=0.6, mew=0, gid="cases")
    style.whole_ticks(ax.xaxis, region.focal, region.focal_observed)
    style.whole_ticks(ax.yaxis, str(region.moderator), region.moderator_observed)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(z[0], z[-1])
    style.name_axes(ax, axis_name(region.focal), axis_name(str(region.moderator)))
    above = style.key(ax, _handles(region), slope_name(region.focal, region.outcome, measured=region.measured))
    style.note(ax, _subtitle(region, cases), above=above)


def _draw_slopes(region: SlopeRegion, ax: Axes) -> None:
    """Draw thin, labelled contours of the slope."""
    if np.ptp(region.estimate) > 0:
        x, z = region.focal_values, region.moderator_values
        lines = ax.contour(x, z, region.estimate, levels=5, colors=[style.INK], linewidths=0.5, linestyles=":")
        lines.set_gid("slopes")
        for text in ax.clabel(lines, fontsize=style.SMALL - 1.0, fmt=printed, inline_spacing=2):
            text.set_bbox({"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.6})  # legible over the marks of people
            text.set_zorder(5)


def _hatch_empty(region: SlopeRegion, ax: Axes, hull: NDArray[np.float64]) -> None:
    """Hatch the area outside the convex hull of the cases: a rectangle with the hull as a hole."""
    x, z = region.focal_values[[0, -1]], region.moderator_values[[0, -1]]
    frame = np.array([[x[0], z[0]], [x[0], z[1]], [x[1], z[1]], [x[1], z[0]]])  # clockwise; the hull is counter-clockwise
    path = Path.make_compound_path(Path([*frame, frame[0]], closed=True), Path([*hull, hull[0]], closed=True))
    ax.add_patch(PathPatch(path, facecolor="none", edgecolor=_EMPTY, hatch="xxxx", linewidth=0.6, gid="empty"))


def _handles(region: SlopeRegion) -> list[Patch]:
    shown = [sign for sign in _AREAS if (region.sign == sign).any()]
    return [Patch(facecolor=_AREAS[sign][0], edgecolor=style.MUTED, linewidth=0.6, label=_AREAS[sign][1]) for sign in shown]


def _subtitle(region: SlopeRegion, shown: bool | None) -> str:
    share = region.share_significant
    marks = " (dots)" if shown else "" if shown is not None else f" (squares, hollow where fewer than {FLOOR})"
    cases = n_text(region.n) if np.isnan(share) else f"differs from zero for {percent(share, 0)} of {count(region.n)} people{marks}"
    empty = "; hatched: nobody there" if len(region.hull) else ""
    return f"{region.level}, {cases}{empty}"
