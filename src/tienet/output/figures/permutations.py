"""Figures of permutation tests: permuted and observed statistics of network regressions, network correlations and Moran's I."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tienet.base.numbers import counted, n_text, p_text
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, term_label
from tienet.output.figures._plot import plot
from tienet.regression.dependence.dyadic_correlation import QapCorrelation
from tienet.regression.dependence.dyadic_regression import Mrqap
from tienet.regression.dependence.morans_i import Moran

_BINS = 40
_HEIGHT = 0.62  # height of the tallest bar; rows are 1 apart


class Row(NamedTuple):
    """One statistic: its name, observed value, p and permuted values."""

    name: str
    observed: float
    p: float
    permuted: NDArray[np.float64]


def _mrqap_size(result: Mrqap) -> style.Size:
    return style.COLUMN, 1.2 + 0.5 * (len(result.terms) - 1)


@plot.register(Mrqap)
@style.styled(_mrqap_size)
def draw_mrqap(result: Mrqap, ax: Axes) -> None:
    """Draw for each predictor the permuted t as bars and the observed t as a dot with its two-sided p, the first predictor on top."""
    terms = range(1, len(result.terms))
    rows = [Row(term_label(result.terms[k]), result.statistic[k], result.p_value[k], result.permuted[:, k - 1]) for k in terms]
    _draw_rows(ax, rows)
    style.name_axes(ax, "t of the predictor", "")
    style.note(ax, f"{_people(result.n, result.dyads, result.directed)}\n{_drawn(result.draws, result.exact)}")


@plot.register(QapCorrelation)
@style.styled((style.COLUMN, 1.8))
def draw_qap_correlation(result: QapCorrelation, ax: Axes) -> None:
    """Draw the permuted correlations as bars and the observed one as a dot."""
    _draw_rows(ax, [Row("", result.estimate, result.p_value, result.permuted)])
    style.name_axes(ax, "Correlation of the two networks", "")
    style.note(ax, f"{_people(result.n, result.dyads, result.directed)}\n{_drawn(result.draws, result.exact)}")


@plot.register(Moran)
@style.styled((style.COLUMN, 1.8))
def draw_moran(result: Moran, ax: Axes) -> None:
    """Draw Moran's I of permuted residuals as bars, the observed value as a dot and the expected value as a line."""
    _draw_rows(ax, [Row("", result.estimate, result.p_permutation, result.permuted)], result.expected)
    style.name_axes(ax, f"Moran's I of the residuals of {lower(human(result.outcome))}", "")
    style.note(ax, f"{n_text(result.n)}, {counted(result.draws, 'permutation')}\ndashed: expected")


def _people(n: int, dyads: int, directed: bool) -> str:
    return f"{counted(n, 'person', 'people')}, {counted(dyads, 'directed dyad' if directed else 'dyad')}"


def _drawn(draws: int, exact: bool) -> str:
    return f"{'all ' if exact else ''}{counted(draws, 'permutation')}"


def _draw_rows(ax: Axes, rows: Sequence[Row], center: float = 0.0) -> None:
    """Draw a histogram per row from the bottom up, with a dot at the observed value and its p on the right."""
    finite = [row.permuted[np.isfinite(row.permuted)] for row in rows]
    everything = np.concatenate([*finite, [row.observed for row in rows], [center]])
    span = float(np.ptp(everything)) or 1.0
    edges = np.linspace(everything.min(), everything.max() + 1e-9 * span, _BINS + 1)
    ax.axvline(center, color=style.MUTED, linewidth=0.8, linestyle="--", zorder=0, gid="center")
    for place, (row, permuted) in enumerate(zip(reversed(rows), reversed(finite), strict=True)):
        heights = np.histogram(permuted, edges)[0]
        tall = place + _HEIGHT * heights / max(heights.max(), 1)
        ax.stairs(tall, edges, baseline=place, fill=True, color=style.FAINT, gid="permuted")
        ax.hlines(place, edges[0], edges[-1], color=style.MUTED, linewidth=0.6, gid="row")
        face = style.COLORS[0] if row.p < 0.05 else "white"
        ax.scatter(row.observed, place, s=30, c=face, edgecolors=style.COLORS[0], linewidths=1.2, zorder=3, clip_on=False, gid="observed")
        ax.annotate(
            p_text(row.p),
            (1.0, place),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            fontsize=style.SMALL,
            va="center",
            annotation_clip=False,
            gid="p",
        )
    ax.set_yticks(range(len(rows)), [row.name for row in reversed(rows)], fontsize=style.SMALL, linespacing=1.0, color=style.INK)
    ax.set_ylim(-0.3, len(rows) - 1 + _HEIGHT + 0.18)
    ax.set_xlim(edges[0] - 0.04 * span, edges[-1] + 0.04 * span)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    style.settle(ax)
