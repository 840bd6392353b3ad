"""The look of every figure: sizes, colours with a second channel beside them, and the frame that each drawing shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from inspect import Parameter, signature
from textwrap import wrap
from typing import Any, TypeAlias, cast

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from numpy.typing import NDArray

from tienet.base.checks import flag
from tienet.base.errors import ArgumentError, offer

Size: TypeAlias = tuple[float, float]
AxisValues: TypeAlias = NDArray[np.float64]

INK, MUTED, FAINT = "#1a1a1a", "#595959", "#d9d9d9"
# Okabe & Ito (2008), told apart by people with any colour vision; the yellow comes last because it is weak on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
# Nine markers and seven colours: 63 groups before a pair repeats.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (8, 2, 2, 2)))
SMALL, TEXT = 7.5, 8.5
STYLE: Any = {
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "figure.dpi": 200,
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "hatch.linewidth": 0.4,
    "legend.fontsize": SMALL,
    "legend.title_fontsize": SMALL,
    "text.color": INK,
    "text.usetex": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
}
_FONT = FontProperties(family=STYLE["font.family"])
COLUMN = 3.5  # inches, one column of a journal


def styled(size: Size | Callable[..., Size] = (COLUMN, 2.8)) -> Callable[[Callable[..., None]], Callable[..., Axes]]:
    """Give a drawing its axes and the house style, and leave matplotlib's global settings as they were.

    Parameters
    ----------
    size
        Width and height in inches of a figure of its own, or a function of the result, and of options that bear on it, that tells them.
    """

    def around(draw: Callable[..., None]) -> Callable[..., Axes]:
        known = {name: each.annotation for name, each in signature(draw).parameters.items() if each.kind is Parameter.KEYWORD_ONLY}

        @wraps(draw)
        def drawn(result: Any, ax: Axes | None = None, **options: Any) -> Axes:
            _refuse_unknown(result, options, known)
            if ax is not None and not isinstance(ax, Axes):
                raise ArgumentError(f"ax={ax!r} is no Axes of matplotlib; leave it out for a figure of its own")
            figure = _new_figure(size_of(size, result, options)) if ax is None else None
            try:
                with mpl.rc_context(STYLE):
                    ax = cast("Figure", figure).subplots() if ax is None else ax
                    clean(ax)
                    draw(result, ax, **options)
            except BaseException:
                _close(figure)
                raise
            return ax

        drawn.size = size  # type: ignore[attr-defined]
        return drawn

    return around


def size_of(size: Size | Callable[..., Size], result: object, options: Mapping[str, Any]) -> Size:
    """Width and height in inches, for those of the options that bear on it."""
    if not callable(size):
        return size
    return size(result, **{name: value for name, value in options.items() if name in signature(size).parameters})


def _refuse_unknown(result: object, options: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if name not in known:
            raise ArgumentError(f"the figure of a {type(result).__name__} has no option {name!r}{offer(name, known)}")
        if known[name] == "bool":
            flag(name, value)


def off_screen(size: Size | Callable[..., Size], result: object, options: Mapping[str, Any] | None = None) -> Axes:
    """Axes of the size a result asks for, on a figure that pyplot does not know and so neither shows nor keeps."""
    with mpl.rc_context(STYLE):
        return Figure(figsize=size_of(size, result, options or {}), layout="constrained").subplots()


def _new_figure(size: Size) -> Figure:
    """Make a figure that a notebook shows; outside any rc_context, whose end would undo the settings of a backend that starts here."""
    import matplotlib.pyplot as plt

    return plt.figure(figsize=size, dpi=STYLE["figure.dpi"], layout="constrained")


def _close(figure: Figure | None) -> None:
    if figure is not None:
        import matplotlib.pyplot as plt

        plt.close(figure)


def clean(ax: Axes) -> None:
    """Two spines and small ticks."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=SMALL, width=0.7, length=3)


def name_axes(ax: Axes, x: str, y: str) -> None:
    """Axis labels, broken into lines that fit the axes."""
    width, height = (int(side * 72 / (0.53 * TEXT)) for side in inches(ax))
    ax.set_xlabel("\n".join(wrap(x, max(width, 24), break_long_words=False)), fontsize=TEXT, color=INK)
    ax.set_ylabel("\n".join(wrap(y, max(height, 24), break_long_words=False)), fontsize=TEXT, color=INK)


def note(ax: Axes, text: str, above: float = 0.0) -> None:
    """A small line over the axes, wrapped to their width and set `above` points higher."""
    width = inches(ax)[0]
    lines = [line for part in _tied(text).split("\n") for line in fitted(part, width)]
    ax.set_title("\n".join(lines), loc="left", fontsize=SMALL, color=MUTED, pad=5 + above, linespacing=1.25)


def fitted(text: str, width: float, size: float = SMALL) -> list[str]:
    """Break a text at its spaces into lines of at most so many inches; a word that is longer has a line of its own.

    Examples
    --------
    >>> fitted("iiii iiii MMMM MMMM", 0.6)
    ['iiii iiii', 'MMMM', 'MMMM']
    """
    lines, used = [""], 0.0
    for word in text.split(" "):
        if not lines[-1] or (used + _ink(word)) * size / 72 <= width:
            lines[-1] = f"{lines[-1]} {word}".lstrip(" ")
        else:
            lines.append(word)
            used = 0.0
        used += _step(word) if lines[-1] else 0.0
    return lines


def _tied(text: str) -> str:
    """Spaces that must not become line breaks: 'n = 115', 'p < .05'."""
    for glue in (" = ", " < "):
        text = text.replace(glue, glue.replace(" ", "\u00a0"))
    return text


def settle(ax: Axes) -> None:
    """Let the layout engine place the axes now, so that what is written next knows their size."""
    if isinstance(ax.figure, Figure) and (engine := ax.figure.get_layout_engine()) is not None:
        engine.execute(ax.figure)


def key(ax: Axes, handles: Sequence[Artist], title: str) -> float:
    """A legend in the space over the axes, in as many columns as fit beside each other; returns its height in points."""
    # matplotlib leaves labels out that begin with an underscore
    labels = [f"\u200b{label}" if (label := str(handle.get_label())).startswith("_") else label for handle in handles]
    beside = _beside(labels, inches(ax)[0])
    ax.legend(
        handles=handles,
        labels=labels,
        title=title,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=beside,
        alignment="left",
        frameon=False,
        borderaxespad=0.2,
        borderpad=0.1,
        handlelength=2.4,
        handletextpad=0.5,
        columnspacing=1.2,
    )
    rows = -(-len(handles) // beside)
    return (rows + 1) * SMALL * 1.45


def _beside(labels: Sequence[str], width: float) -> int:
    """How many columns of a legend fit: up to three entries in one row, more in two columns, less where their labels are long."""
    entry = [text_size(label, SMALL)[0] + 4.1 * SMALL / 72 for label in labels]  # with its handle and the space after it
    most = len(labels) if len(labels) < 4 else 2
    room = width + 0.25  # the figure goes on a little beyond the axes
    # matplotlib fills one column after the other
    fits = (count for count in range(most, 1, -1) if sum(part.max() for part in np.array_split(entry, count)) <= room)
    return next(fits, 1)


def dots(ax: Axes, x: NDArray[Any], y: AxisValues, marker: str = "o", *, spread: bool = False, **look: Any) -> None:
    """A dot for each case, from left to right, equal x side by side on request: in the order of the roster a file says whose each is."""
    order = np.lexsort((y, x))
    if spread:
        order = order[np.random.default_rng(0).permutation(len(order))]  # or equal x would lie on a slope
        x = side_by_side(x[order])
    else:
        x = x[order]
    ax.plot(x, y[order], marker, **look)


def rug(ax: Axes, values: Sequence[float] | np.ndarray[Any, Any]) -> None:
    """One short tick at the bottom for each case, equal values side by side; no tick says whose it is."""
    if len(values):
        ax.plot(
            side_by_side(np.sort(np.asarray(values, dtype=float))),  # in the order of the roster the file would say whose each is
            np.zeros(len(values)),
            "|",
            color=INK,
            alpha=0.45,
            markersize=7,
            markeredgewidth=0.6,
            transform=ax.get_xaxis_transform(),
            gid="rug",
        )


def side_by_side(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values with equal ones spread evenly over a third of the smallest distance to others, so that each case is seen.

    Examples
    --------
    >>> side_by_side(np.array([2.0, 1.0, 2.0])).round(2).tolist()
    [1.92, 1.0, 2.08]
    """
    levels, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    gap = np.diff(levels).min(initial=np.inf)
    if not np.isfinite(gap) or sizes.max() == 1:
        return values
    order = np.argsort(place, kind="stable")
    rank = np.empty(len(values))
    rank[order] = np.arange(len(values)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    spread: NDArray[np.float64] = values + ((rank + 0.5) / sizes[place] - 0.5) * gap / 3
    return spread


def stand_for(artist: Artist, values: NDArray[Any]) -> None:
    """Keep with some marks the numbers that their sizes, widths or colours show, for `figure_data`."""
    artist.tienet_values = np.asarray(values, dtype=float)  # type: ignore[attr-defined]


def inches(ax: Axes) -> Size:
    """Width and height of the axes on paper."""
    box, whole = ax.get_position(), ax.figure.get_window_extent()
    return box.width * whole.width / ax.figure.dpi, box.height * whole.height / ax.figure.dpi


def columns(ax: Axes) -> int:
    """How many small letters fit beside each other over the axes."""
    return max(int(inches(ax)[0] * 72 / (0.53 * SMALL)), 20)


def text_size(text: str, size: float) -> Size:
    """Width and height in inches of a text of one or more lines, without drawing it."""
    lines = text.split("\n")
    return max(map(_ink, lines)) * size / 72, len(lines) * size * 1.25 / 72


@lru_cache(maxsize=4096)
def _ink(line: str) -> float:
    """Where the last letter of a line ends, in units of the font's size; 0 for a line of spaces."""
    if not line.strip():
        return 0.0
    # The points of a letter's outline enclose it, and nearly every letter has one where it reaches farthest: no curve needs to be followed.
    return float(TextPath((0, 0), line, size=1, prop=_FONT, usetex=False).vertices[:, 0].max(initial=0.0))


def _step(word: str) -> float:
    """How far a word and the space after it move the pen, in units of the font's size."""
    return _ink(f"{word} |") - _ink("|")
