"""Figures of the whole network: summary indices, the E-I index test, brokerage roles and hand-offs between two functions."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from tienet.base.errors import DataError
from tienet.base.numbers import counted, p_text, printed
from tienet.network.measures.brokering import Brokerage
from tienet.network.measures.ei_permutations import EiTest
from tienet.network.measures.handoff import Handoffs
from tienet.network.measures.network import NetworkSummary
from tienet.network.measures.roles import ROLES
from tienet.output.figures import _style as style
from tienet.output.figures._labels import plain
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import name_ruled_rows
from tienet.output.figures.spread import handle

_INDICES = {
    "density": "Density",
    "reciprocity": "Reciprocity",
    "transitivity": "Transitivity",
    "mean_clustering": "Mean clustering",
    "degree_assortativity": "Assortativity by ties",
    "function_assortativity": "Assortativity by function",
    "function_modularity": "Modularity of functions",
    "function_modularity_weighted": "– over strength",
    "ei_index": "E–I index",
    "ei_index_strength": "– over strength",
    "ei_index_rescaled": "– rescaled for group sizes",
}


@plot.register(NetworkSummary)
@style.styled((style.COLUMN, 3.2))
def draw_summary(summary: NetworkSummary, ax: Axes) -> None:
    """Draw every network index on one scale from -1 to 1."""
    values = np.array([getattr(summary, name) for name in _INDICES])[::-1]
    places = np.arange(len(values))
    ax.axvline(0, color=style.MUTED, linewidth=0.8, linestyle="--", gid="zero")
    ax.hlines(places, 0, values, color=style.COLORS[0], linewidth=1.2, gid="stems")
    ax.plot(values, places, "o", color=style.COLORS[0], markersize=5, gid="values")
    for place, value in zip(places, values, strict=True):
        side = 1 if np.isnan(value) or value >= 0 else -1
        at = 0.0 if np.isnan(value) else float(value)
        text = "not defined" if np.isnan(value) else printed(value)
        ax.annotate(
            text, (at, place), (5 * side, 0), textcoords="offset points", va="center", ha="left" if side > 0 else "right", fontsize=6.5
        )
    name_ruled_rows(ax, list(_INDICES.values())[::-1])
    ax.set_xlim(-1.6, 1.45)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    parts = f"{counted(summary.components, 'component')}, the largest of {summary.largest_component:,}"
    style.note(
        ax, f"{counted(summary.people, 'person', 'people')}, {counted(summary.ties, 'tie')}, {summary.isolates:,} without ties; {parts}"
    )


@plot.register(EiTest)
@style.styled()
def draw_ei_test(test: EiTest, ax: Axes) -> None:
    """Draw the E-I index under random assignment of functions, and the observed one."""
    values = test.permuted[np.isfinite(test.permuted)]
    if not len(values):
        raise DataError("the network has no ties, so there is no E-I index to draw; build ties with another rule")
    levels = np.unique(values)
    edges = np.linspace(float(levels[0]), float(levels[-1]), 31) if len(levels) > 30 else _around(levels)
    ax.hist(values, bins=edges.tolist(), color=style.COLORS[5], edgecolor="white", linewidth=0.3)
    ax.axvline(test.ei_expected, color=style.INK, linewidth=1.0, linestyle="--", gid="expected")
    ax.axvline(test.ei_index, color=style.COLORS[1], linewidth=1.8, gid="observed")
    ax.margins(x=0.06)
    style.name_axes(ax, "E–I index (−1 inward, +1 outward)", "Random assignments")
    style.settle(ax)
    handles = [
        Line2D([], [], color=style.COLORS[1], linewidth=1.8, label=f"observed, {printed(test.ei_index)}"),
        Line2D([], [], color=style.INK, linewidth=1.0, linestyle="--", label=f"expected, {printed(test.ei_expected)}"),
    ]
    above = style.key(ax, handles, "")
    drawn = counted(test.draws, "permutation")
    style.note(ax, f"Functions assigned at random: {p_text(test.p_value)}, two-sided, {drawn}", above=above - style.SMALL)


def _around(levels: np.ndarray) -> np.ndarray:
    """Bin edges around a few distinct values."""
    gap = float(np.diff(levels).min()) if len(levels) > 1 else 0.02
    return np.concatenate([levels - gap / 2, levels[-1:] + gap / 2])


@plot.register(Brokerage)
@style.styled((style.COLUMN, 2.6))
def draw_brokerage(brokerage: Brokerage, ax: Axes) -> None:
    """Draw the pairs brokered in each role as bars, the number expected by chance as a line, and the z score as text."""
    shown = list(range(len(ROLES)))[::-1]
    totals, expected, z = (values[shown] for values in (brokerage.totals, brokerage.expected_totals, brokerage.z_totals))
    places = np.arange(len(shown))
    ax.barh(places, totals, height=0.62, color=style.COLORS[5], gid="observed")
    ax.plot(expected, places, "|", color=style.INK, markersize=15, markeredgewidth=1.8, gid="expected")
    top = max(float(totals.max()), float(expected.max()), 1.0)
    for place, count, chance, score in zip(places.tolist(), totals, expected, z, strict=True):
        text = f"z = {printed(score, 1)}" if np.isfinite(score) else "z not defined"
        ax.text(max(float(count), float(chance)) + 0.03 * top, place, text, va="center", fontsize=style.SMALL, gid="z")
    ax.set_xlim(0, 1.3 * top)
    name_ruled_rows(ax, [ROLES[place].capitalize() if place < 5 else "All roles" for place in shown])
    ax.grid(visible=False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=4, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    style.name_axes(ax, "Ordered pairs brokered", "")
    kind = "directed" if brokerage.directed else "undirected, each pair counted twice"
    style.note(ax, f"{counted(len(brokerage), 'person', 'people')}, {kind}; line: expected at a density of {printed(brokerage.density)}")


@plot.register(Handoffs)
@style.styled((style.COLUMN, 2.4))
def draw_handoffs(result: Handoffs, ax: Axes) -> None:
    """Draw three shares for each function: people who carry ties across, people within two steps, and contacts with a backup."""
    with np.errstate(invalid="ignore"):
        carry = result.carriers / result.members
    rows = np.array([result.backup_coverage, result.within_two, carry])
    for side, (color, marker) in enumerate(((style.COLORS[0], "o"), (style.COLORS[1], "s"))):
        offset = 0.13 * (1 - 2 * side)
        ax.hlines(np.arange(3) + offset, 0, rows[:, side], color=color, linewidth=1.2, linestyle=("-", "--")[side], gid="stems")
        ax.plot(rows[:, side], np.arange(3) + offset, marker, color=color, markersize=5.5, clip_on=False, gid=result.functions[side])
    name_ruled_rows(ax, ["Contacts that a\ncolleague also has", "Within two steps of\nthe other function", "People who carry\nties across"])
    ax.grid(visible=False)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    handles = [
        handle(marker, color, f"{plain(label, 18)} ({int(count):,})")
        for (color, marker), label, count in zip(
            ((style.COLORS[0], "o"), (style.COLORS[1], "s")), result.labels, result.members, strict=True
        )
    ]
    above = style.key(ax, handles, "")
    points = counted(result.single_points, "single point")
    style.note(ax, f"{counted(result.ties, 'tie')} between the two; {points} of failure", above=above - style.SMALL)
