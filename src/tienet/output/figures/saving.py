"""Save figures to files: reproducible bytes, an accessible SVG title and description, and no labels in SVG comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure, SubFigure

from tienet.base.errors import ArgumentError
from tienet.base.writing import write_bytes

__all__ = ["figure_svg", "save", "save_all"]


# Metadata that would make two runs differ: the time of writing and the matplotlib version.
_METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_RC: Any = {
    "svg.hashsalt": "tienet",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "figure.autolayout": False,  # else matplotlib would add the removed layout engine again
    "figure.constrained_layout.use": False,
}


def save(ax: Axes, path: str | Path, *, dpi: float = 300) -> Path:
    """Save a figure to a file.

    Parameters
    ----------
    ax
        The axes that `plot` returned.
    path
        File name ending in .png, .svg or .pdf; an existing file is replaced.
    dpi
        Resolution of a PNG.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ArgumentError
        If the ending is not one of these.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Figure().subplots(), f"{folder}/empty.svg").name
    'empty.svg'
    """
    place = Path(path)
    if place.suffix.lower() not in _METADATA:
        raise ArgumentError.not_one_of("the ending of path", place.suffix, _METADATA)
    ending = place.suffix.lower()
    return write_bytes(place, _rendered(ax, (ending,), dpi)[ending])


def save_all(ax: Axes, path: str | Path, *, endings: Sequence[str] = (".svg", ".png", ".pdf"), dpi: float = 300) -> list[Path]:
    """Save one figure in several formats; it is laid out once, so that all look alike.

    Parameters
    ----------
    ax
        The axes that `plot` returned.
    path
        File name without an ending.
    endings
        Some of ".svg", ".png" and ".pdf".
    dpi
        Resolution of a PNG.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ArgumentError
        If an ending is not one of these.
    OutputError
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [made.name for made in save_all(Figure().subplots(), f"{folder}/empty", endings=(".svg", ".png"))]
    ['empty.svg', 'empty.png']
    """
    for ending in endings:
        if ending not in _METADATA:
            raise ArgumentError.not_one_of("endings", ending, _METADATA)
    return [write_bytes(Path(f"{path}{ending}"), content) for ending, content in _rendered(ax, endings, dpi).items()]


def figure_svg(ax: Axes) -> str:
    """Return a figure as SVG text, the same as `save` writes.

    Parameters
    ----------
    ax
        The axes that `plot` returned.

    Returns
    -------
    str

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> "<svg" in figure_svg(Figure().subplots())
    True
    """
    return _rendered(ax, (".svg",))[".svg"].decode()


def _rendered(ax: Axes, endings: Sequence[str], dpi: float = 300) -> dict[str, bytes]:
    """The figure as bytes of .png, .svg and .pdf files, laid out once."""
    pixels = dpi if tuple(endings) == (".png",) else None
    with mpl.rc_context(_RC), _unmoved(_whole(ax)) as figure, _laid_out(figure, pixels):
        return {ending: _drawn(ax, figure, ending, dpi) for ending in endings}


def _drawn(ax: Axes, figure: Figure, ending: str, dpi: float) -> bytes:
    file = BytesIO()
    # The usual level of compression takes a third longer for 8 % less.
    squeezed: Any = {"pil_kwargs": {"compress_level": 3}} if ending == ".png" else {}
    figure.savefig(file, format=ending[1:], dpi=dpi, metadata=_METADATA[ending], **squeezed)
    content = file.getvalue()
    # matplotlib writes every text, ids of people included, into the SVG as a comment, although it draws the text as outlines.
    return _spoken_svg(re.sub(rb"<!--.*?-->\n?", b"", content, flags=re.DOTALL), ax) if ending == ".svg" else content


@contextmanager
def _unmoved(figure: Figure) -> Iterator[Figure]:
    """Restore the positions of the axes afterwards, because a layout engine moves them slightly at every draw."""
    places = [(ax, ax.get_position(original=True), ax.get_position(), ax.get_in_layout()) for ax in figure.axes]
    try:
        yield figure
    finally:
        for ax, original, active, counts in places:
            ax.set_position(original, which="original")
            ax.set_position(active, which="active")
            ax.set_in_layout(counts)


@contextmanager
def _laid_out(figure: Figure, pixels: float | None) -> Iterator[None]:
    """Lay out the figure beforehand, for a resolution or for any; `savefig` would draw everything once more for it."""
    engine = figure.get_layout_engine()
    if engine is None:
        yield
        return
    canvas, before = figure.canvas, figure.dpi
    try:
        (FigureCanvasAgg if pixels else FigureCanvasSVG)(figure)  # the latter measures text by its outlines, rounded by no resolution
        figure.dpi = pixels or 72
        with suppress(ValueError):  # no room for the labels; matplotlib then draws the axes as they are
            engine.execute(figure)
        figure.dpi = before
        figure.set_layout_engine(None)
        yield
    finally:
        figure.dpi = before
        figure.set_canvas(canvas)
        figure.set_layout_engine(engine)


def _spoken_svg(content: bytes, ax: Axes) -> bytes:
    """Add a title and a description for screen readers to the SVG: axis labels, note and legend, but no names of marks."""
    name, described = (escape(_words(part)) for part in _said(ax))
    head = re.search(rb"<svg\b[^>]*>", content)
    if head is None:
        return content
    tag = head[0][:-1] + b' role="img" aria-labelledby="title desc">'
    told = f'\n <title id="title">{name}</title>\n <desc id="desc">{described}</desc>'.encode()
    return content[: head.start()] + tag + told + content[head.end() :]


def _said(ax: Axes) -> tuple[str, str]:
    panels = [each for panel in getattr(ax, "tienet_panels", [ax]) for each in (panel, *cast("list[Axes]", panel.child_axes))]
    names = [(panel.get_xlabel(), panel.get_ylabel()) for panel in panels]
    axes = " | ".join(dict.fromkeys(f"{y} by {x}" if x and y else x or y for x, y in names if x or y))
    notes = [panel.get_title(loc=place) for panel in panels for place in ("center", "left")]
    notes += [" ".join(text.get_text().split()) for panel in panels for text in panel.texts if text.get_gid() == "name"]
    notes.append(_whole(ax).get_supxlabel())
    legend = ax.get_legend()
    shown = [legend.get_title().get_text(), *(text.get_text() for text in legend.get_texts())] if legend else []
    note = ". ".join(part for part in [*notes, ", ".join(filter(None, shown))] if part)
    return axes or note or "Figure", note or axes or "Figure"


def _words(text: str) -> str:
    """One line without characters that XML forbids and without the escapes for matplotlib's math text."""
    return re.sub(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", " ".join(text.replace(r"\$", "$").split()))


def _whole(ax: Axes) -> Figure:
    figure = ax.figure
    while isinstance(figure, SubFigure):
        figure = figure.figure
    return figure
