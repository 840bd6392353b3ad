"""Figure of the function x function matrix: a heatmap with numbers in the cells, or a chord diagram."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError
from tienet.base.numbers import UNKNOWN, bare, brief, percent
from tienet.network.measures.functions import FunctionMatrix
from tienet.output.figures import _style as style
from tienet.output.figures._labels import broken, plain
from tienet.output.figures._plot import plot
from tienet.output.figures.chord import draw_chords

CellValue: TypeAlias = Literal["density", "ties", "strength", "reciprocity"]
MatrixKind: TypeAlias = Literal["heatmap", "chord"]
_MEANING = {
    "density": "Density: ties as a share of possible pairs",
    "ties": "Ties",
    "strength": "Tie strength, summed",
    "reciprocity": "Share of ties with contact in both directions",
}


def _size(matrix: FunctionMatrix) -> style.Size:
    """Wide enough for a number in each cell."""
    side = max(style.COLUMN, 1.9 + 0.29 * len(matrix.functions))
    return side, side - 0.2 - 0.02 * len(matrix.functions)


@plot.register(FunctionMatrix)
@style.styled(_size)
def draw_matrix(matrix: FunctionMatrix, ax: Axes, *, kind: MatrixKind = "heatmap", value: CellValue | None = None) -> None:
    """Draw one number per pair of functions as a heatmap (diagonal: within the function) or a chord diagram."""
    if kind not in get_args(MatrixKind):
        raise ArgumentError.not_one_of("kind", kind, get_args(MatrixKind))
    if value is not None and value not in get_args(CellValue):
        raise ArgumentError.not_one_of("value", value, get_args(CellValue))
    if kind == "chord":
        draw_chords(matrix, ax, value or "ties")
    else:
        _draw_heatmap(matrix, ax, value or "density")


def _draw_heatmap(matrix: FunctionMatrix, ax: Axes, value: CellValue) -> None:
    cells = np.asarray(getattr(matrix, value), dtype=float)
    top = 1.0 if value == "reciprocity" else float(np.nanmax(cells, initial=0.0)) or 1.0
    image = ax.imshow(np.ma.masked_invalid(cells), cmap="cividis", norm=Normalize(0.0, top), aspect="equal")
    _hatch_missing(ax, cells)
    _name_cells(ax, matrix)
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.046, pad=0.03)
    bar.set_label(_MEANING[value], fontsize=style.SMALL)
    bar.ax.tick_params(labelsize=style.SMALL - 0.5, width=0.5, length=2)
    bar.outline.set_visible(False)
    style.settle(ax)
    _print_cells(ax, cells, value, top)
    style.note(
        ax, f"{_within_text(matrix)}diagonal: within the function{'; hatched: not shown or not known' if np.isnan(cells).any() else ''}"
    )


def _within_text(matrix: FunctionMatrix) -> str:
    """How many ties stay within a function, and how many would regardless of functions, by the numbers of pairs."""
    members = np.asarray(matrix.members, dtype=float)
    people = members.sum()
    if not (np.isfinite([matrix.ei_index, people]).all() and people > 1):
        return ""
    inside, chance = (1 - matrix.ei_index) / 2, float((members * (members - 1)).sum() / (people * (people - 1)))
    return f"{percent(inside, 0)} of ties stay within a function, {percent(chance, 0)} would regardless of function; "


def _hatch_missing(ax: Axes, cells: NDArray[np.float64]) -> None:
    for row, col in np.argwhere(np.isnan(cells)):
        ax.add_patch(Rectangle((col - 0.5, row - 0.5), 1, 1, facecolor="#f2f2f2", edgecolor="#bfbfbf", hatch="////", linewidth=0))


def _print_cells(ax: Axes, cells: NDArray[np.float64], value: str, top: float) -> None:
    """Write the numbers as large as the cells allow; omitted if they would be too small to read."""
    width, height = style.inches(ax)
    cell = 0.95 * min(width, height) / len(cells)
    texts = [[_cell_text(number, value) for number in row] for row in cells]
    longest = max(len(text) for row in texts for text in row)
    size = min(style.SMALL, cell * 72 / (0.62 * max(longest, 2)))
    if size < 4.0:
        return
    colors = mpl.colormaps["cividis"]
    for (row, col), number in np.ndenumerate(cells):
        ink = "black" if np.isnan(number) or bright(colors(number / top)) else "white"
        ax.text(col, row, texts[row][col], ha="center", va="center", fontsize=size, color=ink, gid="cell")


def _cell_text(number: float, value: str) -> str:
    if np.isnan(number):
        return UNKNOWN
    if value in ("density", "reciprocity"):
        return bare(number) if 0 < number < 0.995 else f"{number:.0f}"
    return brief(number)


def bright(color: tuple[float, ...] | Any) -> bool:
    """Whether black is more legible than white on this colour (WCAG 2 luminance); the better one has a contrast of at least 4.5."""
    rgb = np.array(color[:3])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722]) > 0.179


def _name_cells(ax: Axes, matrix: FunctionMatrix) -> None:
    labels = [broken(plain(label)) for label in matrix.labels]
    many = len(labels) > 8
    places = np.arange(len(labels))
    slanted: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    turn = {"rotation": 90} if many else slanted if len(labels) > 2 else {}
    size = style.SMALL - (1.0 if many else 0.0)
    ax.set_xticks(places, labels, fontsize=size, linespacing=0.95, **turn)
    ax.set_yticks(places, labels, fontsize=size, linespacing=0.95)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
