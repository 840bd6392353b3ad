"""Figure of tie-rule sensitivity: ties per person under each rule, and how similarly people rank."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import counted, printed
from tienet.network.measures.tie_rules import TieRuleSensitivity
from tienet.output.figures import _style as style
from tienet.output.figures._labels import broken, function_label, plain
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import name_ruled_rows
from tienet.output.figures.spread import handle


def _size(result: TieRuleSensitivity) -> style.Size:
    lines = sum(_name(label).count("\n") + 1 for label in result.label)
    return style.COLUMN + (0.9 if len(result.functions) > 2 else 0.0), 1.55 + 0.16 * lines + 0.1 * len(result) + _key_rows(result)


def _key_rows(result: TieRuleSensitivity) -> float:
    return 0.12 * (len(result.functions) // 2)


@plot.register(TieRuleSensitivity)
@style.styled(_size)
def draw_rules(result: TieRuleSensitivity, ax: Axes) -> None:
    """Draw mean total ties to each function under each rule, with the ties and the lowest rank correlation with the base on the right."""
    places = np.arange(len(result))[::-1]
    kinds = [(style.MARKERS[at % len(style.MARKERS)], style.COLORS[at % len(style.COLORS)]) for at in range(len(result.functions))]
    for at, (marker, color) in enumerate(kinds):
        ax.plot(result.mean_total_ties[:, at], places, marker, color=color, markersize=5.5, alpha=0.9, gid=result.functions[at])
    ax.axhspan(len(result) - 1.5, len(result) - 0.5, color=style.FAINT, alpha=0.45, linewidth=0, zorder=0, gid="base")
    ax.set_xlim(0, float(np.nan_to_num(result.mean_total_ties).max(initial=0.0)) * 1.08 or 1.0)  # a hidden mean is missing
    across = ax.get_yaxis_transform()
    for left, head, texts in ((1.05, "ties", [f"{count:,}" for count in result.ties]), (1.3, "ρ", _lowest(result))):
        ax.text(left, -0.75, head, transform=across, fontsize=style.SMALL, color=style.MUTED, va="top")
        for place, text in zip(places, texts, strict=True):
            ax.text(left, place, text, transform=across, fontsize=style.SMALL, va="center", gid=head)
    name_ruled_rows(ax, [_name(label) for label in result.label[::-1]])
    style.name_axes(ax, "Mean total ties per person", "")
    handles = [handle(marker, color, plain(label, 22)) for (marker, color), label in zip(kinds, result.labels, strict=True)]
    above = style.key(ax, handles, "")
    least = "lowest " if len(result.functions) > 1 else ""
    people = counted(result.egos, "person", "people")
    text = f"{people} in {function_label(result.of)}; ρ: {least}rank correlation of total ties with the base rule (shaded)"
    style.note(ax, text, above=above + style.SMALL * 0.6)


def _name(label: str) -> str:
    return broken(plain(label.replace("_", " "), 60), 22)


def _lowest(result: TieRuleSensitivity) -> list[str]:
    """The lowest rank correlation of each rule over the functions; '–' if none is known."""
    rows = [row[np.isfinite(row)] for row in result.rank_correlation]
    return [printed(row.min()) if len(row) else "–" for row in rows]
