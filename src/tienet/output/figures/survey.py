"""Figures of surveys: how a log agrees with survey strength, and the reliability of the answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import cell, counted, printed
from tienet.network.survey.calibration import TieComparison
from tienet.network.survey.psychometrics import Reliability
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, plain
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import name_ruled_rows
from tienet.output.figures.spread import handle

_COEFFICIENTS = {
    "alpha": "Cronbach's alpha",
    "composite_reliability": "Composite reliability",
    "ave": "Average variance extracted",
    "agreement": "Named by both ends",
    "answer_correlation": "Correlation of the two ends",
    "dyad_icc": "ICC(1) of the two ends",
    "icc1": "ICC(1) within respondents",
    "icc2": "ICC(2) of a respondent's mean",
}


def _comparison_size(result: TieComparison) -> style.Size:
    return style.COLUMN, 1.5 + 0.32 * len(result.feature)


@plot.register(TieComparison)
@style.styled(_comparison_size)
def draw_comparison(result: TieComparison, ax: Axes) -> None:
    """Draw two correlations of each log feature with survey strength, and write the AUC beside them."""
    places = np.arange(len(result.feature))
    marks = ((result.pearson, "o", style.COLORS[0], "Pearson"), (result.spearman, "s", style.COLORS[1], "Spearman"))
    ax.axvline(0, color=style.MUTED, linewidth=0.8, linestyle="--", gid="zero")
    for side, (values, marker, color, name) in enumerate(marks):
        ax.plot(values[::-1], places + 0.14 * (1 - 2 * side), marker, color=color, markersize=5, gid=name.lower())
    values = np.concatenate([result.pearson, result.spearman])
    low = min(0.0, float(np.nanmin(values, initial=0.0)))
    ax.set_xlim(low - 0.08, 1.08)
    for place, auc in enumerate(result.auc[::-1]):
        text = cell(auc, 2)
        ax.text(1.02, place, text, transform=ax.get_yaxis_transform(), fontsize=style.SMALL, va="center", gid="auc")
    ax.text(1.02, len(places) - 0.4, "AUC", transform=ax.get_yaxis_transform(), fontsize=style.SMALL, va="bottom", color=style.MUTED)
    used = set(result.used)
    name_ruled_rows(ax, [human(name) + ("*" if name in used else "") for name in result.feature[::-1]])
    style.name_axes(ax, "Correlation with survey strength", "")
    above = style.key(ax, [handle(marker, color, name) for _, marker, color, name in marks], "")
    fit = f"*in the calibration, R² {printed(result.r_squared)} ({printed(result.r_squared_loo)} left out)"
    style.note(ax, f"{counted(result.dyads, 'pair')}, {result.named:,} named; {fit}", above=above - style.SMALL)


def _reliability_size(result: Reliability) -> style.Size:
    return style.COLUMN, 1.3 + 0.24 * (len(_known(result)) + len(_items(result)))


@plot.register(Reliability)
@style.styled(_reliability_size)
def draw_reliability(result: Reliability, ax: Axes) -> None:
    """Draw the reliability coefficients that can be computed, and below them the loading of each item."""
    rows = [*_known(result).items(), *_items(result).items()][::-1]
    names, values = [name for name, _ in rows], np.array([value for _, value in rows])
    places, items = np.arange(len(rows)), len(_items(result))
    ax.axvline(0, color=style.MUTED, linewidth=0.8, linestyle="--", gid="zero")
    for gid, marker, color, kept in (
        ("loadings", "s", style.COLORS[1], places < items),
        ("coefficients", "o", style.COLORS[0], places >= items),
    ):
        ax.hlines(places[kept], 0, values[kept], color=color, linewidth=1.1, gid="stems")
        ax.plot(values[kept], places[kept], marker, color=color, markersize=5, gid=gid)
    for place, value in zip(places, values, strict=True):
        side = 1 if value >= 0 else -1
        spot: dict[str, Any] = {"va": "center", "ha": "left" if side > 0 else "right", "fontsize": 6.5}
        ax.annotate(printed(value), (value, place), (5 * side, 0), textcoords="offset points", **spot)
    name_ruled_rows(ax, names)
    if 0 < items < len(rows):
        ax.axhline(items - 0.5, color=style.MUTED, linewidth=0.6)
    ax.set_xlim(min(-0.05, float(values.min(initial=0.0)) - 0.25), 1.2)
    ax.set_xticks([tick for tick in (-1, -0.5, 0, 0.5, 1) if tick >= ax.get_xlim()[0]])
    about = "; squares: loadings on one factor" if items else ""
    style.note(ax, f"{counted(result.answers, 'answer')} on {counted(len(result.items), 'item')}{about}")


def _known(result: Reliability) -> dict[str, float]:
    found = {label: float(getattr(result, name)) for name, label in _COEFFICIENTS.items()}
    return {label: value for label, value in found.items() if np.isfinite(value)}


def _items(result: Reliability) -> dict[str, float]:
    """Loadings by item; items whose shortened names agree are numbered."""
    found: dict[str, float] = {}
    for place, (item, loading) in enumerate(zip(result.items, result.loadings, strict=True), 1):
        if np.isfinite(loading):
            name = f"Item {plain(item, 22)}"
            found[name if name not in found else f"{name} ({place})"] = float(loading)
    return found
