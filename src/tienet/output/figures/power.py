"""Figures of power: simulated power over sample sizes, and the smallest detectable differences."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import coverage, n_text, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import height_of, name_rows, zero_line
from tienet.regression.power.detectable import Detectable
from tienet.regression.power.simulated_power import SimulatedPower

_USUAL = 0.8


@plot.register(SimulatedPower)
@style.styled()
def draw_power(result: SimulatedPower, ax: Axes) -> None:
    """Draw the power at each sample size with its Monte Carlo interval, and a line at 80%."""
    order = np.argsort(result.n)
    n, power, half = result.n[order], result.power[order], 1.96 * result.std_error[order]
    ax.axhline(_USUAL, color=style.MUTED, linewidth=0.8, linestyle="--", gid="usual")
    ax.plot(n, power, "-o", color=style.COLORS[0], linewidth=1.2, markersize=4, gid="power")
    ax.vlines(n, np.maximum(power - half, 0), np.minimum(power + half, 1), color=style.COLORS[0], linewidth=1.5, gid="error")
    ax.set_ylim(0, 1.02)
    style.name_axes(ax, "Sample size", "Power")
    first, second = result.reliability
    text = (
        f"Interaction of f² = {printed(result.f2)}, reliabilities {first:g} and {second:g}, correlation {result.correlation:g}, "
        f"{result.covariance} standard errors, alpha = {result.alpha:g}, {result.draws:,} samples each; dashed: 80%"
    )
    style.note(ax, text)


def _detectable_size(result: Detectable) -> style.Size:
    return style.COLUMN, height_of(result.term, 1.4)


@plot.register(Detectable)
@style.styled(_detectable_size)
def draw_detectable(result: Detectable, ax: Axes) -> None:
    """Draw the slope differences that are too small to be detected, the first term on top."""
    places, ends = np.arange(len(result.term)), result.difference[::-1]
    zero_line(ax)
    ax.hlines(places, -ends, ends, color=style.COLORS[0], linewidth=5, alpha=0.35, gid="undetected")
    for side in (-ends, ends):
        ax.plot(side, places, "|", color=style.COLORS[0], markersize=9, markeredgewidth=1.6)
    name_rows(ax, places, [term_label(term) for term in result.term][::-1])
    style.name_axes(ax, "Difference in slopes between −1 and +1 SD", "")
    inside = f"Inside the bars: less than {coverage(1 - result.power)} power"
    text = f"{human(result.outcome)} per unit. {inside}; {n_text(result.n)}, {result.covariance.label}"
    style.note(ax, text)
