"""Figures of specification tests (residuals against fitted values) and of adjusted p-values."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tienet.base.numbers import n_text, p_text, statistic_text
from tienet.base.wording import lower
from tienet.network.privacy.bins import grid_of
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, plain, term_label
from tienet.output.figures._people import draw_grid, marks_text
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import height_of, name_rows
from tienet.regression.checks.assumptions import SpecificationTest
from tienet.regression.checks.multiplicity import AdjustedP

_GROUPS = 8
_SMALLEST = 1e-4  # smaller p-values are drawn at the edge


@plot.register(SpecificationTest)
@style.styled()
def draw_specification(test: SpecificationTest, ax: Axes, *, cases: bool | None = None) -> None:
    """Draw residuals against fitted values as squares that count people, with mean and standard deviation in up to eight equal groups."""
    ax.axhline(0, color=style.MUTED, linewidth=0.8, linestyle="--", gid="zero")
    if cases is None:
        draw_grid(ax, grid_of(test.fitted, test.residuals), style.FAINT, style.MUTED)
    elif cases:
        style.dots(ax, test.fitted, test.residuals, color=style.MUTED, alpha=0.4, markersize=3.2, markeredgewidth=0, gid="cases")
    parts = np.array_split(np.argsort(test.fitted, kind="stable"), max(1, min(_GROUPS, test.n // 5)))
    x, middle, spread = (np.array(column) for column in zip(*(_group(test, part) for part in parts), strict=True))
    ax.plot(x, middle, color=style.COLORS[0], linewidth=1.6, zorder=4, gid="mean")
    for side in (-spread, spread):
        ax.plot(x, middle + side, color=style.COLORS[1], linewidth=1.3, linestyle=style.DASHES[1], zorder=4, gid="spread")
    style.name_axes(ax, f"Fitted {lower(human(test.outcome))}", "Residual times root of weight" if test.weights else "Residual")
    verdict = f"{statistic_text(test.distribution, test.statistic, test.df1, test.df2)}, {p_text(test.p_value)}"
    marks = f"; {text}" if (text := marks_text(cases)) else ""
    style.note(ax, f"{test.name}: {verdict}, {n_text(test.n)}; line: group means, dashed: ± 1 SD{marks}")


def _group(test: SpecificationTest, part: NDArray[np.int64]) -> tuple[float, float, float]:
    residuals = test.residuals[part]
    return float(test.fitted[part].mean()), float(residuals.mean()), float(residuals.std())


def _size(adjusted: AdjustedP) -> style.Size:
    return style.COLUMN, height_of(adjusted.hypothesis, 1.2)


@plot.register(AdjustedP)
@style.styled(_size)
def draw_adjusted(adjusted: AdjustedP, ax: Axes) -> None:
    """Draw p per hypothesis on a log scale, hollow before and filled after adjustment; dotted: .05."""
    places = np.arange(len(adjusted.hypothesis))[::-1]
    raw, after = (np.maximum(values, _SMALLEST) for values in (adjusted.p_value, adjusted.p_adjusted))
    ax.axvline(0.05, color=style.MUTED, linewidth=0.8, linestyle=style.DASHES[2], gid="level")
    ax.hlines(places, raw, after, color=style.FAINT, linewidth=1.5, zorder=1, gid="joined")
    ax.plot(raw, places, "s", color=style.COLORS[1], markerfacecolor="white", markersize=5, gid="raw", clip_on=False)
    ax.plot(after, places, "o", color=style.COLORS[0], markersize=4.5, gid="adjusted", clip_on=False)
    ax.set_xscale("log")
    ax.set_xlim(_SMALLEST, 1.0)
    ax.set_xticks([1e-4, 1e-3, 0.01, 0.05, 0.2, 1], ["≤.0001", ".001", ".01", ".05", ".2", "1"])
    ax.minorticks_off()
    name_rows(ax, places, [plain(name) if " " in name else term_label(name) for name in adjusted.hypothesis])
    style.name_axes(ax, "p", "")
    known = int(np.sum(np.isfinite(adjusted.p_value)))
    style.note(ax, f"Hollow: unadjusted, filled: adjusted ({adjusted.method}) for {known} hypotheses")
