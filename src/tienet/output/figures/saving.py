"""Save figures to files: reproducible bytes, an accessible SVG title and description, and no labels in SVG comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure, SubFigure

from tienet.base.errors import ArgumentError, OutputError

__all__ = ["figure_svg", "save"]


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
    content = _rendered(ax, place.suffix.lower(), dpi)
    try:
        place.write_bytes(content)
    except OSError as error:
        raise OutputError.cannot_write(place, (error.strerror or str(error)).lower()) from error
    return place


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
    return _rendered(ax, ".svg").decode()


def _rendered(ax: Axes, ending: str, dpi: float = 300) -> bytes:
    """The figure as bytes of a .png, .svg or .pdf file."""
    file = BytesIO()
    with mpl.rc_context(_RC), _unmoved(_whole(ax)) as figure, _laid_out(figure, ending, dpi):
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
def _laid_out(figure: Figure, ending: str, dpi: float) -> Iterator[None]:
    """Lay out the figure for this file type beforehand; `savefig` would draw everything once more for it."""
    engine = figure.get_layout_engine()
    if engine is None:
        yield
        return
    canvas, before = figure.canvas, figure.dpi
    try:
        _canvas_class(ending)(figure)  # measures text as in the file
        figure.dpi = dpi if ending == ".png" else 72
        with suppress(ValueError):  # no room for the labels; matplotlib then draws the axes as they are
            engine.execute(figure)
        figure.dpi = before
        figure.set_layout_engine(None)
        yield
    finally:
        figure.dpi = before
        figure.set_canvas(canvas)
        figure.set_layout_engine(engine)


def _canvas_class(ending: str) -> type[FigureCanvasBase]:
    module = import_module(f"matplotlib.backends.backend_{'agg' if ending == '.png' else ending[1:]}")
    found: type[FigureCanvasBase] = module.FigureCanvas
    return found


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
    panels = [ax, *cast("list[Axes]", ax.child_axes)]
    names = [(panel.get_xlabel(), panel.get_ylabel()) for panel in panels]
    axes = " | ".join(dict.fromkeys(f"{y} by {x}" if x and y else x or y for x, y in names if x or y))
    notes = [panel.get_title(loc=place) for panel in panels for place in ("left", "center")]
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
