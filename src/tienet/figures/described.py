"""Descriptives as a heat map of correlations, and a regression in steps as its R2 building up."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle

from tienet._record import n_text, p_text
from tienet.figures import _style as style
from tienet.figures._labels import broken, human, plain, short_number
from tienet.figures.matrix import bright
from tienet.figures.spread import name_rows
from tienet.moderation.steps import Steps
from tienet.tables import Descriptives

# Pale toward the middle, so that the sign is told by colour and by the minus in the cell.
_SIGNED = LinearSegmentedColormap.from_list("tienet_signed", ["#D55E00", "#f7f7f7", "#0072B2"])


def _size(table: Descriptives) -> style.Size:
    return max(style.COLUMN, 1.9 + 0.3 * len(table.names)), max(2.6, 1.3 + 0.28 * len(table.names))


@style.styled(_size)
def draw_descriptives(table: Descriptives, ax: Axes) -> None:
    """Draw the correlations below the diagonal, with the number in each cell."""
    size = len(table.names)
    rows, cols = np.tril_indices(size, -1)
    cells = np.full((size, size), np.nan)
    cells[rows, cols] = table.correlation[rows, cols]
    norm = Normalize(-1, 1)
    ax.imshow(np.ma.masked_invalid(cells), cmap=_SIGNED, norm=norm, aspect="auto", gid="correlations")
    for place in range(size):
        ax.add_patch(Rectangle((place - 0.5, place - 0.5), 1, 1, facecolor="#ececec", linewidth=0, gid="diagonal"))
    names = [human(name) for name in table.names]
    places = np.arange(size)
    ax.set_yticks(places, [broken(f"{place + 1}. {name}", 22) for place, name in enumerate(names)], fontsize=style.SMALL, linespacing=0.95)
    ax.set_xticks(places, [str(place + 1) for place in places], fontsize=style.SMALL)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    style.settle(ax)
    width, height = style.inches(ax)
    font = min(style.SMALL, 0.95 * width / size * 72 / (0.62 * 4), 0.8 * height / size * 72)
    for row, col in zip(rows.tolist(), cols.tolist(), strict=True):
        value = float(cells[row, col])
        ink = "black" if np.isnan(value) or bright(_SIGNED(norm(value))) else "white"
        ax.text(col, row, _r(value), ha="center", va="center", fontsize=font, color=ink, gid="cell")
    style.note(ax, f"Pearson correlations, {n_text(table.n)}; blue positive, orange negative")


def _r(value: float) -> str:
    """A correlation as journals print it: '.31', '−.05'."""
    if np.isnan(value):
        return "–"
    text = f"{abs(value):.2f}"
    text = text[1:] if text.startswith("0") else text
    return f"−{text}" if value < 0 and text.strip(".0") else text


def _steps_size(steps: Steps) -> style.Size:
    return style.COLUMN, 1.3 + 0.34 * len(steps.step)


@style.styled(_steps_size)
def draw_steps(steps: Steps, ax: Axes) -> None:
    """Draw what each block adds to R2, from where the blocks before it end; the first on top."""
    places = np.arange(len(steps.step))[::-1]
    before = steps.r_squared - steps.delta_r_squared
    ax.barh(places, steps.delta_r_squared, left=before, height=0.6, color=style.COLORS[0], gid="added")
    ax.vlines(steps.r_squared[:-1], places[:-1] - 0.3, places[1:] - 0.3, color=style.MUTED, linewidth=0.7, linestyle=":", gid="reached")
    top = float(steps.r_squared[-1]) or 1.0
    for place, end, added, p in zip(places, steps.r_squared, steps.delta_r_squared, steps.p_change, strict=True):
        right = end < 0.55 * top
        at = float(end if right else end - added)
        text = f"+{short_number(float(added))}, {p_text(float(p))}".replace("+−", "−")
        spot: dict[str, Any] = {"va": "center", "ha": "left" if right else "right", "fontsize": style.SMALL}
        ax.annotate(text, (at, place), (4 if right else -4, 0), textcoords="offset points", **spot)
    name_rows(ax, [plain(str(name).capitalize()) for name in steps.step[::-1]])
    ax.grid(visible=False)
    ax.set_xlim(0, 1.05 * top)
    style.name_axes(ax, "R²", "")
    style.note(ax, f"R² {short_number(top)} after all steps; p of each step, {steps.covariance.kind} covariance")
