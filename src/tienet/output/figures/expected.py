"""Figure of the ties between functions over the ties expected: a table of ratios, coloured on a log scale around 1."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from tienet.base.numbers import counted
from tienet.network.measures.expected import ExpectedTies
from tienet.output.figures import _style as style
from tienet.output.figures._labels import broken, plain
from tienet.output.figures._plot import plot
from tienet.output.figures.matrix import bright

# Fewer ties than expected in vermilion, more in blue; differences of a factor of 4 or more have the darkest colour.
_COLORS = LinearSegmentedColormap.from_list("ratio", [style.COLORS[1], "#ffffff", style.COLORS[0]])
_LEAST, _MOST = 0.5, 2.0  # log2 of the ratio at the darkest colour


def _size(found: ExpectedTies) -> style.Size:
    side = max(style.COLUMN, 1.9 + 0.36 * len(found.functions))
    return side, side - 0.2 - 0.02 * len(found.functions)


@plot.register(ExpectedTies)
@style.styled(_size)
def draw_expected(found: ExpectedTies, ax: Axes) -> None:
    """Draw ties / expected ties per pair of functions; bold outside the middle 95% of the rewirings, own function left blank."""
    with np.errstate(divide="ignore"):
        logs = np.log2(found.ratio)
    reach = float(np.clip(np.abs(logs[np.isfinite(logs)]).max(initial=0.0), _LEAST, _MOST))
    logs = np.clip(logs, -reach, reach)
    image = ax.imshow(np.ma.masked_invalid(logs), cmap=_COLORS, norm=Normalize(-reach, reach), aspect="equal")
    style.stand_for(image, found.ratio)
    _blank(ax, found)
    places = np.arange(len(found.functions))
    labels = [broken(plain(label)) for label in found.labels]
    ax.set_xticks(places, labels, fontsize=style.SMALL, linespacing=0.95, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(places, labels, fontsize=style.SMALL, linespacing=0.95)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.046, pad=0.03)
    steps = [ratio for ratio in (0.25, 0.5, 0.7, 0.8, 1.0, 1.25, 1.4, 2.0, 4.0) if abs(np.log2(ratio)) <= reach + 1e-9]
    steps = [ratio for ratio in steps if reach < 1 or ratio in (0.25, 0.5, 1.0, 2.0, 4.0)]
    bar.set_ticks(np.log2(steps).tolist(), labels=[f"{ratio:g}" for ratio in steps])
    bar.set_label("Ties / expected ties, log scale", fontsize=style.SMALL)
    bar.ax.tick_params(labelsize=style.SMALL - 0.5, width=0.5, length=2)
    bar.outline.set_visible(False)
    style.settle(ax)
    _print_ratios(ax, found, logs / reach)
    hidden = f"; hatched: fewer than {found.floor}, or needed to infer it, not shown" if found.hidden.any() else ""
    seeded = "" if found.seed is None else f", seed {found.seed}"
    style.note(ax, f"1: as expected; bold: outside the middle 95% of {counted(found.draws, 'rewiring')}{seeded}{hidden}")


def _blank(ax: Axes, found: ExpectedTies) -> None:
    for place in range(len(found.functions)):
        ax.add_patch(Rectangle((place - 0.5, place - 0.5), 1, 1, facecolor="#f2f2f2", linewidth=0, gid="own"))
    for row, col in np.argwhere(found.hidden):
        ax.add_patch(
            Rectangle((col - 0.5, row - 0.5), 1, 1, facecolor="#f2f2f2", edgecolor="#bfbfbf", hatch="////", linewidth=0, gid="hidden")
        )


def _print_ratios(ax: Axes, found: ExpectedTies, shares: NDArray[np.float64]) -> None:
    """Write the ratios as large as the cells allow; omitted if they would be too small to read."""
    cell = 0.95 * min(style.inches(ax)) / max(len(found.functions), 1)
    size = min(style.SMALL, cell * 72 / (0.7 * 4))
    if size < 4.0:
        return
    clear = found.thin | found.thick
    for row, col in np.argwhere(np.isfinite(found.ratio)):
        ink = "black" if bright(_COLORS(0.5 + 0.5 * float(shares[row, col]))) else "white"
        weight = "bold" if clear[row, col] else "normal"
        ax.text(
            col, row, f"{found.ratio[row, col]:.2f}", ha="center", va="center", fontsize=size, color=ink, fontweight=weight, gid="ratio"
        )
