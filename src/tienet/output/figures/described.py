"""Figure of descriptives: a heat map of correlations."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle

from tienet.base.numbers import bare, n_text
from tienet.output.figures import _style as style
from tienet.output.figures._labels import broken, human
from tienet.output.figures._plot import plot
from tienet.output.figures.matrix import bright
from tienet.output.tables.descriptive_statistics import Descriptives

# Pale in the middle: colour shows the sign, and so does the minus in the cell.
_SIGNED = LinearSegmentedColormap.from_list("tienet_signed", ["#D55E00", "#f7f7f7", "#0072B2"])


def _size(table: Descriptives) -> style.Size:
    return max(style.COLUMN, 1.9 + 0.3 * len(table.names)), max(2.6, 1.3 + 0.28 * len(table.names))


@plot.register(Descriptives)
@style.styled(_size)
def draw_descriptives(table: Descriptives, ax: Axes) -> None:
    """Draw the correlations below the diagonal, with the value in each cell."""
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
        ax.text(col, row, bare(value), ha="center", va="center", fontsize=font, color=ink, gid="cell")
    style.note(ax, f"Pearson correlations, {n_text(table.n)}; blue positive, orange negative")
