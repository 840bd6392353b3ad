"""Map of a fitted surface: the expected outcome over two variables, with people counted, hatched where there is nobody."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tienet.base.numbers import as_typed, minus, n_text
from tienet.base.wording import lower
from tienet.network.privacy.bins import grid_of
from tienet.network.privacy.floors import FLOOR
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, human, measured_name
from tienet.output.figures._people import draw_grid
from tienet.output.figures._plot import plot
from tienet.regression.probes.response_surfaces import ResponseSurface

_EMPTY = "#8c8c8c"


@plot.register(ResponseSurface)
@style.styled((style.COLUMN, 3.6))
def draw_response(found: ResponseSurface, ax: Axes, *, cases: bool | None = None) -> None:
    """Draw the expected outcome where there are people, with labelled lines, and squares that count people."""
    draw_map(found, ax, cases)


def draw_map(found: ResponseSurface, ax: Axes, cases: bool | None, more: str = "") -> None:
    """Draw the map on styled axes; `more` is added to its note."""
    x, z = found.focal_values, found.moderator_values
    levels = _levels(found)
    area = ax.contourf(x, z, found.estimate, levels=levels, cmap="cividis", extend="both")
    area.set_gid("heights")
    # The corners of the hull are the values of people, and so they are only drawn where each person is.
    grid = grid_of(found.focal_observed, found.moderator_observed)
    corners = found.hull if cases else grid.hull
    seen = found.support
    if len(found.hull):
        hull = Path([*corners, corners[0]], closed=True)
        if not cases:
            spots = np.column_stack([np.tile(x, len(z)), np.repeat(z, len(x))])
            seen = hull.contains_points(spots, radius=1e-9).reshape(len(z), len(x))
        area.set_clip_path(hull, ax.transData)
        _hatch(ax, (x, z), hull)
        if cases is None:
            draw_grid(ax, grid, "white", style.INK)
        elif cases:
            style.dots(
                ax,
                found.focal_observed,
                found.moderator_observed,
                color="white",
                markeredgecolor=style.INK,
                markersize=2.6,
                markeredgewidth=0.5,
                zorder=3,
                clip_on=False,
                gid="cases",
            )
    style.whole_ticks(ax.xaxis, found.focal, found.focal_observed)
    style.whole_ticks(ax.yaxis, str(found.moderator), found.moderator_observed)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(z[0], z[-1])
    style.name_axes(ax, axis_name(found.focal), axis_name(str(found.moderator)))
    style.settle(ax)
    beyond = cases is None and bool(np.any((grid.x < x[0]) | (grid.x > x[-1]) | (grid.y < z[0]) | (grid.y > z[-1])))
    style.note(ax, f"{_note(found, cases)}{'; a few people lie beyond the axes' if beyond else ''}{more}")
    style.settle(ax)  # line labels need the final size of the axes
    _draw_lines(found, ax, levels, seen)


def _levels(found: ResponseSurface) -> list[float]:
    """Round levels over the range that occurs among the cases."""
    seen = found.estimate[found.support] if found.support.any() else found.estimate
    low, high = float(seen.min()), float(seen.max())
    if not low < high:
        return [low - 1.0, low, low + 1.0]
    ticks = MaxNLocator(nbins=10, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in ticks]


def _draw_lines(found: ResponseSurface, ax: Axes, levels: list[float], seen: NDArray[np.bool_]) -> None:
    """Draw a thin labelled line at each level, only where there are cases."""
    heights = np.where(seen, found.estimate, np.nan) if seen.any() else found.estimate
    lines = ax.contour(found.focal_values, found.moderator_values, heights, levels=levels, colors=style.INK, linewidths=0.7, linestyles="-")
    lines.set_gid("lines")
    for text in ax.clabel(lines, fontsize=style.SMALL - 0.5, fmt=lambda height: minus(as_typed(height)), inline=True, inline_spacing=2):
        text.set_bbox({"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.6})
        text.set_zorder(4)


def _hatch(ax: Axes, axes: tuple[np.ndarray, np.ndarray], hull: Path) -> None:
    """Hatch the area outside the hull: a rectangle with the hull as a hole."""
    (left, right), (bottom, top) = (values[[0, -1]] for values in axes)
    frame = [[left, bottom], [left, top], [right, top], [right, bottom], [left, bottom]]  # clockwise; the hull is counter-clockwise
    path = Path.make_compound_path(Path(frame, closed=True), hull)
    ax.add_patch(PathPatch(path, facecolor="none", edgecolor=_EMPTY, hatch="////", linewidth=0.6, gid="empty"))


def _note(found: ResponseSurface, cases: bool | None) -> str:
    expected = measured_name(found.measured, found.outcome) or f"expected {lower(human(found.outcome))}"
    lines = f"Lines: {expected} of people at that point{', less a constant' if found.relative else ''}"
    missing = f"; {style.few(found.without)} without {lower(human(str(found.moderator)))} left out" if found.without else ""
    marks = "each dot is one person" if cases else f"squares: people, hollow where fewer than {FLOOR}"
    dots = f"; {marks}, {n_text(len(found.focal_observed))}" if (cases is None or cases) and len(found.hull) else f"; {n_text(found.n)}"
    empty = "; hatched: nobody there" if len(found.hull) else ""
    return f"{lines}{dots}{missing}{empty}"
