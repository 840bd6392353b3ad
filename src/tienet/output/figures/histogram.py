"""Figure of ties: the distribution of ties per person, or the firm's network."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tienet.base.checks import whole
from tienet.base.errors import ArgumentError
from tienet.base.numbers import counted
from tienet.network.privacy.bins import joined_edges
from tienet.network.privacy.floors import FLOOR, count_at_least
from tienet.network.ties.network import Ties
from tienet.output.figures import _style as style
from tienet.output.figures._plot import plot
from tienet.output.figures.firm import STRONGEST, Level, draw_firm, firm_size

TiesKind: TypeAlias = Literal["distribution", "network"]

_BARS = 30


def _size(ties: Ties, kind: TiesKind = "distribution") -> style.Size:
    return firm_size(ties) if kind == "network" else (style.COLUMN, 2.8)


@plot.register(Ties)
@style.styled(_size)
def draw_ties(
    ties: Ties,
    ax: Axes,
    *,
    kind: TiesKind = "distribution",
    level: Level | None = None,
    labels: bool | str = False,
    strongest: int | None = STRONGEST,
) -> None:
    """Draw the distribution of ties per person, or the network with ``kind="network"``; ids only with ``labels=True``."""
    if kind not in get_args(TiesKind):
        raise ArgumentError.not_one_of("kind", kind, get_args(TiesKind))
    if kind == "network":
        draw_firm(ties, ax, level, labels, None if strongest is None else whole("strongest", strongest, 1, math.inf))
    elif labels is not False or level is not None:
        raise ArgumentError("level and labels apply to the network only; add kind='network'")
    else:
        _draw_distribution(ties, ax)


def _draw_distribution(ties: Ties, ax: Axes) -> None:
    """Draw the distribution of ties per person, including people without ties, with its median."""
    degree = np.bincount(np.concatenate([ties.a, ties.b]), minlength=len(ties.people))
    ax.hist(degree, bins=joined_edges(degree, most=_BARS).tolist(), color=style.COLORS[5], edgecolor="white", linewidth=0.5)
    median = float(np.median(degree))
    ax.axvline(median, color=style.INK, linewidth=1.2, linestyle="--", gid="median")
    ax.annotate(
        f"median {median:g}",
        (median, 1.0),
        (3, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=style.SMALL,
        va="top",
    )
    ax.margins(y=0.14)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True, nbins=7, steps=[1, 2, 5, 10]))
    style.name_axes(ax, "Ties per person", "People")
    without = count_at_least(int(np.sum(degree == 0)))
    told = f"{counted(len(ties), 'tie')} among {counted(len(degree), 'person', 'people')}, {without} without ties"
    style.note(ax, f"{told}; a bar has at least {FLOOR} people")
