"""Map of a response surface with the lines of agreement and disagreement, the stationary point and the principal axes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from tienet.base.errors import ArgumentError
from tienet.base.numbers import as_typed, minus
from tienet.output.figures import _style as style
from tienet.output.figures._plot import plot
from tienet.output.figures.response import draw_map
from tienet.regression.probes.tested_surfaces import SurfaceTests


@plot.register(SurfaceTests)
@style.styled((style.COLUMN, 3.8))
def draw_surface_tests(found: SurfaceTests, ax: Axes, *, cases: bool | None = None) -> None:
    """Draw the map with dotted lines of equal and opposite values, and a diamond with the principal axes if it is among the people."""
    if found.map is None:
        raise ArgumentError(f"there is no map without the ranges of {found.focal} and {found.moderator}; give ranges= with the model")
    draw_map(found.map, ax, cases, f"; {_note(found)}")
    middle = (found.midpoint, found.midpoint)
    for sign, gid in ((1.0, "agreement"), (-1.0, "disagreement")):
        _line(ax, middle, sign, ":", gid)
    at = found.stationary
    if at.inside:
        for slope, dashes, gid in ((at.first, "-", "first axis"), (at.second, (0, (5, 2)), "second axis")):
            if not np.isnan(slope):
                _line(ax, (at.x, at.z), slope, dashes, gid)
        ax.plot([at.x], [at.z], "D", color="white", markeredgecolor=style.INK, markersize=7, zorder=6, gid="stationary")


def _line(ax: Axes, through: tuple[float, float], slope: float, dashes: object, gid: str) -> None:
    """A dark line with a light edge, legible on all shades."""
    halo = [withStroke(linewidth=2.6, foreground="white", alpha=0.8)]
    ax.axline(through, slope=slope, color=style.INK, linewidth=1.2, linestyle=dashes, path_effects=halo, zorder=3.5, gid=gid)


def _note(found: SurfaceTests) -> str:
    dotted = f"dotted: both equal, or opposite around {minus(as_typed(round(found.midpoint, 2)))}"
    at = found.stationary
    if not at.inside:
        return dotted
    axes = "" if np.isnan(at.first) else "; solid, dashed: principal axes"
    return f"{dotted}; diamond: {'saddle point' if at.kind == 'saddle' else at.kind}{axes}"
