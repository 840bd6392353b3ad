"""Johnson-Neyman figure: the slope along the moderator, and where it differs from zero."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import count, coverage, n_text, percent, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import SLOPE_OF, axis_name, slope_name
from tienet.output.figures._plot import plot
from tienet.regression.probes.regions import JohnsonNeyman

_SHADED = {"facecolor": "#d6e6f2", "edgecolor": "#9fb8cc", "hatch": "///", "gid": "significant"}
_CONTROL = {"pointwise": ("", ""), "fdr": (" (false discovery rate)", "adjusted"), "simultaneous": (" (simultaneous)", "simultaneous")}


@plot.register(JohnsonNeyman)
@style.styled((style.COLUMN, 3.0))
def draw_regions(regions: JohnsonNeyman, ax: Axes, *, rug: bool | None = None) -> None:
    """Draw the slope with its band and columns that count people; regions where it differs from zero are shaded and hatched."""
    draw_stretches(regions, ax, [_SHADED if yes else None for yes in regions.significant])
    if rug is None or rug:
        style.rug(ax, regions.moderator_observed, each=bool(rug))
    style.note(ax, _subtitle(regions))


def draw_stretches(regions: JohnsonNeyman, ax: Axes, looks: Iterable[dict[str, Any] | None]) -> None:
    """Draw the slope with its band and bounds; `looks` gives the shading of each stretch of the moderator."""
    low, high = view(regions)
    values = np.linspace(low, high, 301)
    slope, conf_low, conf_high = regions.curve(values)
    for start, end, look in zip(regions.low, regions.high, looks, strict=True):
        if look and max(start, low) < min(end, high):
            ax.axvspan(max(start, low), min(end, high), linewidth=0, zorder=0, **look)
    if np.isfinite(conf_low).any():
        ax.fill_between(values, conf_low, conf_high, color=style.MUTED, alpha=0.3, linewidth=0, gid="band")
    ax.plot(values, slope, color=style.COLORS[0], linewidth=1.7, gid="slope")
    ax.axhline(0, color=style.INK, linewidth=0.8, gid="zero")
    ax.set_xlim(low, high)
    ax.margins(y=0.16)
    _mark_bounds(regions, ax, low, high)
    style.whole_ticks(ax.xaxis, str(regions.moderator), regions.moderator_observed)
    style.name_axes(
        ax,
        axis_name(str(regions.moderator)),
        slope_name(regions.focal, regions.outcome, SLOPE_OF[regions.scale], regions.measured, base=regions.base),
    )


def view(regions: JohnsonNeyman) -> tuple[float, float]:
    """The observed range; else two SDs to either side of the mean, and to bounds within four; else the bounds with some margin."""
    if np.isfinite(regions.observed).all():
        return regions.observed
    mean, sd = regions.usual
    if np.isfinite(mean) and sd > 0:
        near = [bound for bound in regions.bounds if abs(bound - mean) <= 4 * sd]
        return min([mean - 2 * sd, *(bound - 0.1 * sd for bound in near)]), max([mean + 2 * sd, *(bound + 0.1 * sd for bound in near)])
    spots = [spot for spot in (*regions.bounds, regions.center) if np.isfinite(spot)]
    room = 0.5 * (max(spots) - min(spots)) or 1.0
    return min(spots) - room, max(spots) + room


def _mark_bounds(regions: JohnsonNeyman, ax: Axes, low: float, high: float) -> None:
    """Mark each bound in view with a dashed line and its value; the values are staggered so that close ones stay legible."""
    shown = [bound for bound in regions.bounds if low <= bound <= high]
    edges = [low, *shown, high]
    for place, bound in enumerate(shown):
        ax.axvline(bound, color=style.INK, linewidth=0.9, linestyle="--", gid="bound")
        left = bound - edges[place] > edges[place + 2] - bound  # to the side with more room
        ax.annotate(
            printed(bound),
            (bound, 0.98 - 0.08 * place),
            (-3 if left else 3, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
            fontsize=style.SMALL,
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.8},
        )


def _subtitle(regions: JohnsonNeyman) -> str:
    share = regions.share_significant
    cases = f", {percent(share, 0)} of {count(regions.n)} people" if np.isfinite(share) and 0 < share < 1 else f", {n_text(regions.n)}"
    shaded = "" if regions.kind == "nowhere" else " (shaded)"
    control, band = _CONTROL[regions.control]
    slope = f"{regions.product.note}; slope" if regions.product else "Slope"
    return f"{slope} differs from zero {_where(regions)}{shaded}{cases}; {regions.level}{control}, {band or coverage(regions.alpha)} band"


def _where(regions: JohnsonNeyman) -> str:
    """The significant part of the range, in words."""
    if regions.kind in ("everywhere", "nowhere") and not np.isfinite(regions.observed).all():
        return regions.kind
    if regions.kind in ("everywhere", "nowhere"):
        return f"{regions.kind} in the observed range"
    low, high = view(regions)
    inside = [bound for bound in regions.bounds_inside if low <= bound <= high]
    if len(inside) == 2:
        return f"{regions.kind} {printed(inside[0])} and {printed(inside[1])}"
    seen = [
        (start, end)
        for start, end, yes in zip(regions.low, regions.high, regions.significant, strict=True)
        if yes and start < high and end > low
    ]
    return " or ".join(_stretch(start, end, (low, high)) for start, end in seen)


def _stretch(start: float, end: float, view: tuple[float, float]) -> str:
    if start <= view[0]:
        return f"below {printed(end)}"
    return f"above {printed(start)}" if end >= view[1] else f"between {printed(start)} and {printed(end)}"
