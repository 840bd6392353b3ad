"""The style of every figure: sizes, colours with matching markers and dashes, and the wrapper that each drawing shares."""

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
from matplotlib.axis import Axis
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from tienet.base.checks import flag
from tienet.base.errors import ArgumentError, offer, shown
from tienet.network.privacy.floors import FLOOR
from tienet.output.figures._labels import plain
from tienet.output.figures._look import COMMON, families, look, looked
from tienet.output.figures._people import draw_columns
from tienet.output.figures.styles import OKABE_ITO

Size: TypeAlias = tuple[float, float]
AxisValues: TypeAlias = NDArray[np.float64]

INK, MUTED, FAINT = "#1a1a1a", "#595959", "#d9d9d9"


class _Palette(Sequence[str]):
    """The seven colours of the style in use."""

    def __getitem__(self, place: Any) -> Any:
        return look().style.colors[place]

    def __len__(self) -> int:
        return len(OKABE_ITO)


COLORS = _Palette()
# Nine markers and seven colours: 63 groups before a combination repeats.
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
COLUMN = 3.5  # inches, one column of a journal
PEOPLE = (f"columns: people, hollow where fewer than {FLOOR}", "each tick is one person")


def styled(size: Size | Callable[..., Size] = (COLUMN, 2.8)) -> Callable[[Callable[..., None]], Callable[..., Axes]]:
    """Wrap a drawing function: create its axes, apply the style, and leave matplotlib's global settings unchanged.

    Parameters
    ----------
    size
        Width and height of a new figure in inches, or a function that returns them for a result and those options that affect the size.
    """

    def around(draw: Callable[..., None]) -> Callable[..., Axes]:
        known = {name: each.annotation for name, each in signature(draw).parameters.items() if each.kind is Parameter.KEYWORD_ONLY}

        @wraps(draw)
        def drawn(result: Any, ax: Axes | None = None, **options: Any) -> Axes:
            common, own = _parted(options)
            _refuse_unknown(result, own, known)
            if ax is not None and not isinstance(ax, Axes):
                raise ArgumentError(f"ax must be a matplotlib Axes, got {ax!r}; omit it for a new figure")
            with looked(result, common):
                figure = new_figure(size_of(size, result, own)) if ax is None else None
                try:
                    with mpl.rc_context({**STYLE, "font.family": families()}):
                        ax = cast("Figure", figure).subplots() if ax is None else ax
                        look().axes.append(ax)
                        clean(ax)
                        draw(result, ax, **own)
                        name_figure(ax)
                except BaseException:
                    close(figure)
                    raise
            return ax

        drawn.size = size  # type: ignore[attr-defined]
        return drawn

    return around


def size_of(size: Size | Callable[..., Size], result: object, options: Mapping[str, Any]) -> Size:
    """Width and height in inches; options that do not affect the size are ignored."""
    if callable(size):
        wide, tall = size(result, **{name: value for name, value in options.items() if name in signature(size).parameters})
    else:
        wide, tall = size
    return wide * look().style.width / COLUMN, tall


def _parted(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options that every figure has, and those of this one: `labels` names columns as a mapping, or people as True or an attribute."""
    common = {name: value for name, value in options.items() if name in COMMON and not (name == "labels" and isinstance(value, bool | str))}
    return common, {name: value for name, value in options.items() if name not in common}


def _refuse_unknown(result: object, options: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if name == "labels" and name not in known:
            raise ArgumentError(f"labels must map names to labels in the figure of a {type(result).__name__}, got {shown(value)}")
        if name not in known:
            raise ArgumentError(f"the figure of a {type(result).__name__} has no option {name!r}{offer(name, (*known, *COMMON))}")
        if known[name] == "bool" or (known[name] == "bool | None" and value is not None):
            flag(name, value)


def off_screen(size: Size | Callable[..., Size], result: object, options: Mapping[str, Any] | None = None) -> Axes:
    """Axes sized for a result, on a figure outside pyplot, so that nothing shows or keeps it."""
    common, own = _parted(options or {})
    with looked(result, common), mpl.rc_context({**STYLE, "font.family": families()}):
        return Figure(figsize=size_of(size, result, own), layout="constrained").subplots()


def new_figure(size: Size) -> Figure:
    """Create a figure that a notebook shows. Not inside an rc_context: leaving it would undo the settings of a backend loaded here."""
    import matplotlib.pyplot as plt

    return plt.figure(figsize=size, dpi=STYLE["figure.dpi"], layout="constrained")


def close(figure: Figure | SubFigure | None) -> None:
    if isinstance(figure, Figure):
        import matplotlib.pyplot as plt

        plt.close(figure)


def clean(ax: Axes) -> None:
    """Keep two spines and use small ticks."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=SMALL, width=0.7, length=3)


def name_axes(ax: Axes, x: str, y: str) -> None:
    """Set the axis labels, wrapped to fit the axes."""
    width, height = (int(side * 72 / (0.53 * TEXT)) for side in inches(ax))
    ax.set_xlabel("\n".join(wrap(x, max(width, 24), break_long_words=False)), fontsize=TEXT, color=INK)
    ax.set_ylabel("\n".join(wrap(y, max(height, 24), break_long_words=False)), fontsize=TEXT, color=INK)


def name_above(ax: Axes, y: str) -> float:
    """Write the vertical axis' label level above the axis, so that it reads without turning the head; return its height in points."""
    lines = fitted(y, inches(ax)[0] + 0.3, TEXT)
    ax.set_ylabel("\n".join(lines), fontsize=TEXT, color=INK, rotation=0, ha="left", va="bottom", linespacing=1.15)
    ax.yaxis.set_label_coords(0.0, 1.02)
    return len(lines) * TEXT * 1.15 + 5


def whole_ticks(axis: Axis, name: str, *values: NDArray[Any]) -> None:
    """Put ticks at whole numbers, in steps of 1, 2, 5 or 10, on an axis that counts: with whole values, or total ties without data."""
    known = np.concatenate([np.asarray(one, dtype=float) for one in values]) if values else np.zeros(0)
    if (known == np.round(known)).all() if len(known) else name.startswith("total_ties_") and name not in look().names.units:
        axis.set_major_locator(MaxNLocator(integer=True, nbins=7, steps=[1, 2, 5, 10]))


def note(ax: Axes, text: str, above: float = 0.0) -> None:
    """Write a small note over the axes, wrapped to their width and raised by `above` points; not with ``note=False``."""
    above = max(above, 0.0)
    ax.tienet_pad = ax.tienet_above = above + 5  # type: ignore[attr-defined]
    look().said.append(text)
    if not look().note:
        return
    width = inches(ax)[0]
    lines = [line for part in _tied(text).split("\n") for line in fitted(part, width)]
    ax.set_title("\n".join(lines), loc="left", fontsize=SMALL, color=MUTED, pad=5 + above, linespacing=1.25)
    ax.tienet_above += len(lines) * SMALL * 1.25 + 3  # type: ignore[attr-defined]


def name_figure(ax: Axes) -> None:
    """Write the title over the note."""
    if title := look().title:
        lines = [line for part in shown_text(title).split("\n") for line in fitted(part, inches(ax)[0], TEXT + 1)]
        # The pad is that of the note, because matplotlib has one for both; the title's own place follows.
        look_: dict[str, Any] = {"fontsize": TEXT + 1, "color": INK, "linespacing": 1.2, "pad": getattr(ax, "tienet_pad", 5.0)}
        said = ax.set_title("\n".join(lines), x=0.0, ha="left", **look_)
        points = getattr(ax, "tienet_above", 5.0)
        said.set_transform(ax.transAxes + ScaledTranslation(0, points / 72, ax.figure.dpi_scale_trans))


def shown_text(text: str) -> str:
    """A text by the user, with its own lines, in letters that some font has."""
    return "\n".join(plain(line, 400) for line in text.split("\n"))


def fitted(text: str, width: float, size: float = SMALL) -> list[str]:
    """Wrap a text at spaces into lines of at most `width` inches; a longer word gets its own line.

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
    """Run the layout engine now, because what is drawn next depends on the size of the axes."""
    if isinstance(ax.figure, Figure) and (engine := ax.figure.get_layout_engine()) is not None:
        engine.execute(ax.figure)


def key(ax: Axes, handles: Sequence[Artist], title: str, raised: float = 0.0) -> float:
    """Add a legend over the axes, in as many columns as fit; return its height in points, 0 if `legend=` hides or moves it.

    `raised` points stay free between it and the axes.
    """
    if look().legend is False:
        return 0.0
    # matplotlib omits labels that begin with an underscore
    labels = [f"\u200b{label}" if (label := str(handle.get_label())).startswith("_") else label for handle in handles]
    if isinstance(place := look().legend, str):
        inside: dict[str, Any] = {"loc": place, "alignment": "left", "frameon": False, "handlelength": 2.4}
        ax.legend(handles=handles, labels=labels, title=title, **inside)
        return 0.0
    beside = _beside(labels, inches(ax)[0])
    ax.legend(
        handles=handles,
        labels=labels,
        title=title,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        bbox_transform=ax.transAxes + ScaledTranslation(0, raised / 72, ax.figure.dpi_scale_trans),
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
    return (rows + (1.0 if title else 0.2)) * SMALL * 1.45


def key_below(ax: Axes, handles: Sequence[Artist], title: str | None = None, **more: Any) -> None:
    """Add a legend under a figure without axes, unless `legend=` hides or moves it."""
    chosen = look().legend
    if chosen is False or not len(handles):
        return
    place: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "borderaxespad": 0.1, **more}
    if isinstance(chosen, str):
        place = {"loc": chosen}
    ax.legend(handles=handles, title=title, frameon=False, **{"ncols": len(handles), **place}).set_zorder(5)


def _beside(labels: Sequence[str], width: float) -> int:
    """The number of legend columns that fit: up to three entries in one row, else two columns, or fewer if the labels are long."""
    entry = [text_size(label, SMALL)[0] + 4.1 * SMALL / 72 for label in labels]  # with the handle and its padding
    most = len(labels) if len(labels) < 4 else 2
    room = width + 0.25  # the figure is a little wider than the axes
    # matplotlib fills column by column
    fits = (count for count in range(most, 1, -1) if sum(part.max() for part in np.array_split(entry, count)) <= room)
    return next(fits, 1)


def dots(ax: Axes, x: NDArray[Any], y: AxisValues, marker: str = "o", *, spread: bool = False, **look: Any) -> None:
    """Draw a dot per person, sorted by x: in the order of the people table, the saved file would reveal whose dot is whose.

    ``spread=True`` draws points with equal x side by side.
    """
    order = np.lexsort((y, x))
    if spread:
        order = order[np.random.default_rng(0).permutation(len(order))]  # else points with equal x would form a slope
        x = side_by_side(x[order])
    else:
        x = x[order]
    ax.plot(x, y[order], marker, **look)


def rug(ax: Axes, values: Sequence[float] | np.ndarray[Any, Any], *, each: bool = False) -> None:
    """Draw columns that count people along the bottom, or with ``each=True`` a tick per person, equal values side by side.

    The ticks are sorted: unsorted, the saved file would reveal whose tick is whose.
    """
    if len(values) and not each:
        draw_columns(ax, values, INK)
    elif len(values):
        ax.plot(
            side_by_side(np.sort(np.asarray(values, dtype=float))),
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
    """Spread equal values evenly over a third of the smallest gap, so that every point is visible.

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


def few(people: int) -> str:
    """A number of people in words; small ones are not given, because they could point at someone."""
    return f"{people:,}" if people == 0 or people >= FLOOR else f"fewer than {FLOOR}"


def stand_for(artist: Artist, values: NDArray[Any]) -> None:
    """Store on an artist the numbers that its sizes, widths or colours stand for, for `figure_data`."""
    artist.tienet_values = np.asarray(values, dtype=float)  # type: ignore[attr-defined]


def inches(ax: Axes) -> Size:
    """Width and height of the axes in inches."""
    box, whole = ax.get_position(), ax.figure.get_window_extent()
    return box.width * whole.width / ax.figure.dpi, box.height * whole.height / ax.figure.dpi


def columns(ax: Axes) -> int:
    """The number of small characters that fit across the axes."""
    return max(int(inches(ax)[0] * 72 / (0.53 * SMALL)), 20)


def text_size(text: str, size: float) -> Size:
    """Width and height in inches of a text, which may have several lines, without drawing it."""
    lines = text.split("\n")
    return max(map(_ink, lines)) * size / 72, len(lines) * size * 1.25 / 72


def _ink(line: str) -> float:
    """The width of a line up to its last character, as a multiple of the font size; 0 for a blank line."""
    return _ink_in(line, tuple(families())) if line.strip() else 0.0


@lru_cache(maxsize=8192)
def _ink_in(line: str, fonts: tuple[str, ...]) -> float:
    # The outline points of a character enclose it, and nearly always touch its right edge, so the curves need no evaluation.
    font = FontProperties(family=list(fonts))
    return float(TextPath((0, 0), line, size=1, prop=font, usetex=False).vertices[:, 0].max(initial=0.0))


def _step(word: str) -> float:
    """The width of a word and the space after it, as a multiple of the font size."""
    return _ink(f"{word} |") - _ink("|")
