"""Figure of influence: the coefficient without each row or cluster."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError
from tienet.base.numbers import counted, number, p_text, printed
from tienet.network.privacy.floors import FLOOR
from tienet.output.figures import _style as style
from tienet.output.figures._labels import term_label
from tienet.output.figures._people import draw_grids
from tienet.output.figures._plot import plot
from tienet.regression.checks.influences import Influence
from tienet.regression.checks.removals import Removal
from tienet.regression.core.least_squares import t_critical

_NAMED = 3


@plot.register(Influence)
@style.styled((style.COLUMN, 3.0))
def draw_influence(influence: Influence, ax: Axes, *, cases: bool | None = None, numbers: bool = False) -> None:
    """Draw the estimate without each unit against its leverage, as marks that count units, with ``cases=True`` a mark a unit.

    ``numbers=True`` writes the row or cluster number of the three most influential, which takes ``cases=True``.
    """
    if numbers and not cases:
        raise ArgumentError("numbers=True names single rows; add cases=True, which draws them")
    known = np.isfinite(influence.estimate)
    x, y = influence.leverage[known], influence.estimate[known]
    large = np.abs(influence.dfbetas[known]) > influence.cutoff
    ax.axhline(influence.full_estimate, color=style.COLORS[0], linewidth=1.4, gid="full")
    half = t_critical(influence.alpha, influence.full_df) * influence.full_std_error
    for side in (-half, half):
        ax.axhline(influence.full_estimate + side, color=style.COLORS[0], linewidth=0.8, linestyle=style.DASHES[2], gid="interval")
    ax.axhline(0, color=style.MUTED, linewidth=0.8, linestyle="--", gid="zero")
    heights = y if cases else np.zeros(0)
    if cases:
        style.dots(ax, x[~large], y[~large], color=style.MUTED, alpha=0.5, markersize=3.5, markeredgewidth=0, gid="units")
        style.dots(ax, x[large], y[large], "D", color=style.COLORS[1], markersize=4, markeredgewidth=0, gid="large")
    elif cases is None:
        heights = draw_grids(ax, x, y, [(~large, style.MUTED, "s", "units"), (large, style.COLORS[1], "D", "large")]).corners[:, 1]
    _limit(ax, heights, (influence.full_estimate - half, influence.full_estimate + half))
    for place in np.argsort(-np.abs(influence.change[known]), kind="stable")[: _NAMED if numbers else 0]:
        _name(ax, str(influence.numbers[known][place]), (float(x[place]), float(y[place])), above=bool(y[place] >= influence.full_estimate))
    summed = " (summed)" if influence.unit == "cluster" else ""
    style.name_axes(ax, f"Leverage{summed}", f"{_flat(influence.term)} without the {influence.unit}")
    style.note(ax, _caption(influence, cases, numbers))


def _limit(ax: Axes, estimates: NDArray[np.float64], interval: tuple[float, float]) -> None:
    """Set limits around the estimates and the interval, including zero if it is close."""
    shown = [float(estimates.min(initial=interval[0])), float(estimates.max(initial=interval[1])), *interval]
    low, high = min(shown), max(shown)
    if low - (high - low) < 0 < high + (high - low):
        low, high = min(low, 0.0), max(high, 0.0)
    ax.margins(x=0.12)
    ax.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))


def _name(ax: Axes, text: str, spot: tuple[float, float], *, above: bool) -> None:
    """Write the number of a unit on the side away from the line."""
    ax.annotate(
        text,
        spot,
        xytext=(0, 5 if above else -5),
        textcoords="offset points",
        ha="center",
        va="bottom" if above else "top",
        fontsize=style.SMALL,
        color=style.INK,
        gid="number",
    )


def _flat(term: str) -> str:
    return term_label(term).replace("\n", " ")


def _caption(influence: Influence, cases: bool | None, numbers: bool) -> str:
    what = "row" if influence.unit == "case" else "cluster"
    diamonds = "" if cases is False else f"; diamonds: |DFBETAS| above {printed(influence.cutoff)}"
    marks = f"; marks: {what}s counted, hollow where fewer than {FLOOR}" if cases is None else ""
    named = f"; numbers: {what}" if numbers else ""
    start = f"Line: estimate from all {influence.n:,} rows with its interval (dotted){diamonds}{marks}{named}"
    return "\n".join([start, *(_verdict(influence, removal) for removal in influence.removals)])


def _verdict(influence: Influence, removal: Removal) -> str:
    """The finding about one removed set, in short."""
    aim = "No longer significant" if removal.aim == "not_significant" else "Changes sign"
    if not len(removal.numbers):
        return f"{aim}: no set of up to {counted(influence.largest_set, influence.unit)} found"
    many = counted(len(removal.numbers), influence.unit)
    if removal.confirmed:
        return f"{aim} without {many}"
    check = "the model cannot be refitted" if np.isnan(removal.estimate) else f"a refit gives {p_text(removal.p_value)}"
    if removal.aim == "sign_change" and np.isfinite(removal.estimate):
        check = f"a refit gives {number(removal.estimate)}"
    return f"{aim} without {many} by approximation, but {check}"
