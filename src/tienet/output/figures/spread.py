"""Figures of measures per person: their distribution by function, or against the number of ties."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError
from tienet.base.numbers import counted
from tienet.network.measures.brokering import ExclusiveIntermediaries
from tienet.network.measures.centralities import Centrality
from tienet.network.measures.diversities import Diversity
from tienet.network.measures.holes import StructuralHoles
from tienet.network.privacy.bins import grid_of
from tienet.output.figures import _style as style
from tienet.output.figures._labels import function_label, plain
from tienet.output.figures._people import draw_grid, marks_text, median_of
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import name_ruled_rows

Hole: TypeAlias = Literal["constraint", "effective_size", "efficiency", "hierarchy"]
Spread: TypeAlias = Literal["ei_index", "blau", "iqv", "entropy", "entropy_normalised", "n_functions"]
Position: TypeAlias = Literal[
    "degree", "strength_sum", "closeness", "betweenness", "eigenvector", "clustering", "ego_density", "ego_betweenness"
]
FLOOR = 5  # fewest people whose quartiles are shown
_NAMES = {
    "constraint": "Constraint",
    "effective_size": "Effective size (people)",
    "efficiency": "Efficiency",
    "hierarchy": "Hierarchy",
    "ei_index": "E–I index (−1 inward, +1 outward)",
    "blau": "Blau's index",
    "iqv": "IQV",
    "entropy": "Entropy (nats)",
    "entropy_normalised": "Entropy, 0 to 1",
    "n_functions": "Functions reached",
    "degree": "Ties",
    "strength_sum": "Summed tie strength",
    "closeness": "Closeness",
    "betweenness": "Betweenness",
    "eigenvector": "Eigenvector centrality",
    "clustering": "Clustering",
    "ego_density": "Density among the colleagues",
    "ego_betweenness": "Ego betweenness (pairs)",
}


@plot.register(StructuralHoles)
@style.styled()
def draw_holes(holes: StructuralHoles, ax: Axes, *, measure: Hole = "constraint", cases: bool | None = None) -> None:
    """Draw one of Burt's measures against the number of ties: squares that count people with ties, with ``cases=True`` a dot a person."""
    _known(measure, Hole)
    tied = holes.degree > 0
    degree, values = holes.degree[tied].astype(float), getattr(holes, measure)[tied]
    most = max(float(degree.max(initial=0.0)), 1.0)
    if cases:
        look: dict[str, Any] = {"color": style.COLORS[0], "alpha": _faint(len(degree)), "markersize": 4, "markeredgewidth": 0}
        style.dots(ax, degree, values, spread=True, gid="people", **look)
    else:
        grid = grid_of(degree, values)
        most = float((grid.x + grid.width / 2).max(initial=most if cases is False else 1.0))
        if cases is None:
            draw_grid(ax, grid, style.COLORS[0], style.COLORS[0], "people")
    if len(values):
        ax.axhline(median_of(values, exact=bool(cases)), color=style.INK, linewidth=1.0, linestyle="--", gid="median")
    ax.set_xlim(0, most * 1.05 + 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7, steps=[1, 2, 5, 10]))
    style.name_axes(ax, "Ties", _NAMES[measure])
    missing = int(np.sum(~tied))
    weighed = "ties weighted equally" if holes.weight == "ties" else f"ties weighted by {plain(holes.weight)}"
    without = f", {style.few(missing) if cases is None else f'{missing:,}'} without ties left out" if missing else ""
    marks = f"; {text}" if (text := marks_text(cases)) else ""
    style.note(ax, f"{counted(int(tied.sum()), 'person', 'people')}{without}; {weighed}; dashed: median{marks}")


def _faint(count: int) -> float:
    return float(np.clip(60 / max(count, 1), 0.15, 0.6))


def _rows_size(result: Diversity | Centrality) -> style.Size:
    return style.COLUMN, 1.35 + 0.27 * len(set(result.function.tolist()))


@plot.register(Diversity)
@style.styled(_rows_size)
def draw_diversity(diversity: Diversity, ax: Axes, *, measure: Spread = "ei_index") -> None:
    """Draw median and quartiles by function; for the E-I index also the value expected under random mixing."""
    _known(measure, Spread)
    rows = _draw_quartiles(ax, diversity.function, getattr(diversity, measure))
    tail = ""
    if measure == "ei_index":
        expected = [float(diversity.expected_ei[diversity.function == name][0]) for name in rows]
        ax.plot(expected, np.arange(len(rows)), "|", color=style.COLORS[1], markersize=13, markeredgewidth=1.8, gid="expected")
        tail = "; line: expected under random mixing"
        ax.set_xlim(-1.08, 1.08)
        ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    style.name_axes(ax, _NAMES[measure], "")
    style.note(ax, _quartile_note(getattr(diversity, measure)) + tail)


@plot.register(Centrality)
@style.styled(_rows_size)
def draw_centrality(centrality: Centrality, ax: Axes, *, measure: Position = "degree") -> None:
    """Draw median and quartiles by function."""
    _known(measure, Position)
    _draw_quartiles(ax, centrality.function, getattr(centrality, measure))
    style.name_axes(ax, _NAMES[measure], "")
    sampled = {"betweenness": centrality.betweenness_method, "closeness": centrality.closeness_method}.get(measure) == "sampled"
    style.note(ax, _quartile_note(getattr(centrality, measure)) + ("; estimated from a sample of paths" if sampled else ""))


def _known(measure: str, kind: Any) -> None:
    if measure not in get_args(kind):
        raise ArgumentError.not_one_of("measure", measure, get_args(kind))


def _quartile_note(values: NDArray[Any]) -> str:
    known = int(np.isfinite(values.astype(float)).sum())
    return f"Median and quartiles of {counted(known, 'person', 'people')} with a value; functions with fewer than {FLOOR} people not shown"


def _draw_quartiles(ax: Axes, function: NDArray[Any], values: NDArray[Any]) -> list[str]:
    """Draw a row per function from the bottom up, empty if there are too few people; return the functions."""
    names = sorted(set(function.tolist()), reverse=True)
    held = [values[function == name].astype(float) for name in names]
    held = [row[np.isfinite(row)] for row in held]
    shown = [place for place, row in enumerate(held) if len(row) >= FLOOR]
    quartiles = np.array([np.quantile(held[place], [0.25, 0.5, 0.75]) for place in shown]).reshape(-1, 3)
    ax.hlines(shown, quartiles[:, 0], quartiles[:, 2], color=style.COLORS[0], linewidth=2.4, gid="quartiles")
    ax.scatter(quartiles[:, 1], shown, s=30, color="white", edgecolors=style.COLORS[0], linewidths=1.4, zorder=3, gid="medians")
    labels = [f"{function_label(name)} ({len(row):,})" for name, row in zip(names, held, strict=True)]
    name_ruled_rows(ax, labels)
    return names


@plot.register(ExclusiveIntermediaries)
@style.styled()
def draw_intermediaries(result: ExclusiveIntermediaries, ax: Axes) -> None:
    """Draw how many people are the only connection of how many pairs."""
    pairs = result.exclusive_pairs.sum(axis=1)
    some = pairs[pairs > 0]
    wide = max(1, -(-int(pairs.max(initial=0)) // 25))
    if len(some):
        edges = np.arange(0.5, some.max() + wide + 0.5, wide)
        ax.hist(some, bins=edges.tolist(), color=style.COLORS[5], edgecolor="white", linewidth=0.5)
    ax.set_xlim(0.3, max(float(pairs.max(initial=0)) + wide, 6.0))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True, nbins=7, steps=[1, 2, 5, 10]))
    style.name_axes(ax, "Pairs of a peer and a colleague that only this person connects", "People")
    style.note(ax, f"{len(some):,} of {counted(len(pairs), 'person', 'people')} in {function_label(result.of)}, ties to "
                   f"{plain(', '.join(result.functions), 60)}; {len(pairs) - len(some):,} without such a pair not shown")  # fmt: skip


def handle(marker: str, color: str, label: str, face: str | None = None) -> Line2D:
    """A legend handle with one marker."""
    return Line2D([], [], linestyle="", marker=marker, color=color, markerfacecolor=face or color, markersize=5, label=label)
