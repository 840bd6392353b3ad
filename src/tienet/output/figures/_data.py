"""The numbers behind a figure, read from the drawn artists, so they never hold more than the figure shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection, PolyCollection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy.typing import NDArray

from tienet.base.frames import Columns

_NUMBERS = ("x", "y", "x_end", "y_end", "value", "points")
_TEXTS = ("text", "x_label", "y_label")
_UNNAMED = {Line2D: "line", PathCollection: "dots", LineCollection: "lines", PolyCollection: "area", AxesImage: "cells", Patch: "bar"}
Part = dict[str, Any]


def marks_of(ax: Axes) -> Columns:
    """All marks on the axes and their inset axes: one row per point, segment, bar, cell or text."""
    panels: list[Axes] = getattr(ax, "tienet_panels", [ax])
    parts = [
        part
        for each in panels
        for panel in (each, *cast("list[Axes]", each.child_axes))
        for part in _of_axes(panel, panel is not each or len(panels) > 1)
    ]
    sizes = [len(part["x"]) for part in parts]
    columns: dict[str, NDArray[Any]] = {
        name: np.repeat(np.array([part[name] for part in parts], dtype=object), sizes) if parts else np.zeros(0, dtype=object)
        for name in ("panel", "mark")
    }
    columns["item"] = _joined(parts, "item", float).astype(np.int64)
    columns |= {name: _joined(parts, name, float) for name in _NUMBERS}
    columns |= {name: _joined(parts, name, object) for name in _TEXTS}
    return columns


def _joined(parts: list[Part], name: str, kind: type) -> NDArray[Any]:
    fill = np.nan if kind is float else ""
    whole: list[NDArray[Any]] = [np.broadcast_to(np.asarray(part.get(name, fill), dtype=kind), len(part["x"])) for part in parts]
    return np.concatenate(whole) if whole else np.zeros(0, dtype=kind)


def _of_axes(ax: Axes, inner: bool) -> Iterator[Part]:
    seen: dict[str, int] = {}
    for artist in ax.get_children():
        found = _read(artist)
        if found is None or isinstance(artist, Spine) or artist is ax.patch or not artist.get_visible():
            continue
        mark = artist.get_gid() or next((name for kind, name in _UNNAMED.items() if isinstance(artist, kind)), "text")
        count = len(np.atleast_1d(found["x"]))
        alone = isinstance(artist, Line2D | AxesImage | Text | Patch) or (
            isinstance(artist, PolyCollection) and len(artist.get_paths()) < 2
        )
        start = seen.get(mark, 0) + 1
        seen[mark] = start if alone else start + count - 1
        panel = (ax.get_title() or ax.get_title(loc="left")) if inner else ""
        across, up = artist.get_transform().contains_branch_seperately(ax.transData)
        part: Part = {name: np.atleast_1d(value) for name, value in found.items()}
        part |= {"panel": panel.replace("\n", " "), "mark": mark, "item": start if alone else np.arange(start, start + count)}
        if isinstance(artist, PathCollection):
            across = up = True
        for name, known in (("x", across), ("x_end", across), ("y", up), ("y_end", up)):
            if name in part and not known:
                part[name] = np.full(count, np.nan)
        yield part | {"x_label": _names(ax.xaxis, _middle(part, "x")), "y_label": _names(ax.yaxis, _middle(part, "y"))}


def _read(artist: object) -> Part | None:
    if isinstance(artist, Line2D):
        x, y = artist.get_data(orig=False)
        return {"x": np.asarray(x, dtype=float), "y": np.asarray(y, dtype=float), "points": _thick(artist)}
    if isinstance(artist, PathCollection) and len(np.atleast_2d(artist.get_offsets())):
        x, y = np.ma.filled(np.ma.asarray(artist.get_offsets(), dtype=float), np.nan).T
        return {"x": x, "y": y, "points": np.sqrt(artist.get_sizes()), **_values(artist, len(x))}
    if isinstance(artist, LineCollection) and artist.get_segments():
        ends = np.array([(*segment[0], *segment[-1]) if len(segment) else [np.nan] * 4 for segment in artist.get_segments()])
        widths = np.resize(np.atleast_1d(artist.get_linewidth()), len(ends))
        return {**dict(zip(("x", "y", "x_end", "y_end"), ends.T, strict=True)), "points": widths, **_values(artist, len(ends))}
    if isinstance(artist, PolyCollection) and len(artist.get_paths()) == 1:
        return _band(np.asarray(artist.get_paths()[0].vertices))
    if isinstance(artist, Collection) and artist.get_paths():
        drawn = [path for path in artist.get_paths() if np.size(path.vertices)]  # a contour level can be empty
        first = np.array([np.asarray(path.vertices)[0] for path in drawn], dtype=float).reshape(-1, 2)
        return {"x": first[:, 0], "y": first[:, 1], **_values(artist, len(first))}
    if isinstance(artist, AxesImage):
        cells: NDArray[np.float64] = np.ma.filled(np.ma.asarray(artist.get_array(), dtype=float), np.nan)
        y, x = np.indices(cells.shape)
        return {"x": x.ravel().astype(float), "y": y.ravel().astype(float), "value": cells.ravel()}
    if isinstance(artist, Patch):
        box = artist.get_patch_transform().transform_path(artist.get_path()).get_extents()
        return {"x": box.x0, "y": box.y0, "x_end": box.x1, "y_end": box.y1}
    if isinstance(artist, Text) and artist.get_gid() and artist.get_text():
        x, y = artist.get_position()
        return {"x": float(x), "y": float(y), "text": np.array([artist.get_text().replace("\\$", "$").replace("\n", " ")], dtype=object)}
    return None


def _thick(line: Line2D) -> float:
    return float(line.get_markersize() if line.get_linestyle() == "None" else line.get_linewidth())


def _values(artist: Collection, count: int) -> Part:
    values = getattr(artist, "tienet_values", None)
    return {} if values is None or len(values) != count else {"value": values}


def _band(vertices: Any) -> Part:
    """The lower and upper limit of a filled band at each x."""
    points = np.asarray(vertices, dtype=float)
    x = np.unique(points[:, 0])
    place = np.searchsorted(x, points[:, 0])
    low, high = np.full(len(x), np.inf), np.full(len(x), -np.inf)
    np.minimum.at(low, place, points[:, 1])
    np.maximum.at(high, place, points[:, 1])
    return {"x": x, "y": low, "y_end": high}


def _middle(part: Part, name: str) -> NDArray[np.float64]:
    """Where the axis would label the mark: the middle of a bar, else the point itself."""
    start, end = part[name], part.get(f"{name}_end", part[name])
    return np.asarray(start if len(start) > 1 else np.round((start + end) / 2, 9), dtype=float)


def _names(axis: Any, places: NDArray[np.float64]) -> NDArray[np.object_]:
    """The category labels of an axis at these positions; empty where it shows numbers."""
    found = np.full(len(places), "", dtype=object)
    locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
    if isinstance(locator, FixedLocator) and isinstance(formatter, FuncFormatter):  # how matplotlib stores fixed tick labels
        for place in axis.get_majorticklocs():
            found[places == place] = formatter(place).replace("\\$", "$").replace("\n", " ")
    return found
