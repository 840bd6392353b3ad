"""Figures to files: the same bytes for the same figure, and no label left in the comments of an SVG."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from tienet.errors import ArgumentError, OutputError

# What would make two runs differ: the moment of writing, and the version of matplotlib.
_METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_RC: Any = {"svg.hashsalt": "tienet", "svg.fonttype": "path", "pdf.fonttype": 42}


def save(ax: Axes, path: str | Path, *, dpi: float = 300) -> Path:
    """Write the figure of some axes.

    Parameters
    ----------
    ax
        What `plot` returned.
    path
        Ends in .png, .svg or .pdf; an older file is replaced.
    dpi
        Dots per inch of a PNG.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    ArgumentError
        For another ending.
    OutputError
        When the place cannot be written to.

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
    """Give the SVG that `save` writes, as text for a page.

    Parameters
    ----------
    ax
        What `plot` returned.

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
    """The bytes of a .png, .svg or .pdf."""
    file = BytesIO()
    with mpl.rc_context(_RC):
        _whole(ax).savefig(file, format=ending[1:], dpi=dpi, metadata=_METADATA[ending])
    content = file.getvalue()
    # matplotlib writes each text into an SVG as a comment, ids of people among them, although it is drawn as outlines.
    return re.sub(rb"<!--.*?-->\n?", b"", content, flags=re.DOTALL) if ending == ".svg" else content


def _whole(ax: Axes) -> Figure:
    figure = ax.figure
    while isinstance(figure, SubFigure):
        figure = figure.figure
    return figure
