"""Several results as panels of one figure: `plot([surface_a, surface_b])`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tienet.base.errors import ArgumentError, shown
from tienet.output.figures import _style as style
from tienet.output.figures._lines import heights_of
from tienet.output.figures._look import COMMON, families, look, looked
from tienet.output.figures._plot import plot
from tienet.regression.probes.predicted_surfaces import Surface

_MOST = len(ascii_lowercase)
_BESIDE = 2  # panels in a row


@plot.register(list)
@plot.register(tuple)
def draw_panels(results: Sequence[Any], ax: Any = None, *, title: Any = None, **options: Any) -> Axes:
    """Draw each result as a panel with a letter, side by side; with one note and, where all share it, one legend.

    Lines of one outcome share the vertical axis. ``title`` is one for each panel. Returns the axes of the first panel; the figure has all.
    """
    _refuse_undrawn(results)
    titles = _titles(title, len(results))
    own = ax is None
    with looked(list(results), _common(options)):
        panels = new_panels(results, options, show=True) if own else _given(ax, len(results))
        try:
            _draw(results, panels, titles, options)
        except BaseException:
            if own:
                style.close(panels[0].figure)
            raise
    return panels[0]


def panels_off_screen(results: Sequence[Any], options: Mapping[str, Any]) -> Axes:
    """Axes for all panels on a figure outside pyplot."""
    _refuse_undrawn(results)
    with looked(list(results), _common(options)):
        return new_panels(results, options, show=False)[0]


def new_panels(results: Sequence[Any], options: Mapping[str, Any], *, show: bool) -> list[Axes]:
    """Axes for each result on one new figure, which a notebook shows with ``show=True``."""
    sizes = [_size_of(result, options) for result in results]
    beside = min(len(results), _BESIDE)
    rows = -(-len(results) // beside)
    size = beside * max(width for width, _ in sizes), rows * max(height for _, height in sizes)
    figure = style.new_figure(size) if show else Figure(figsize=size, layout="constrained")
    with mpl.rc_context({**style.STYLE, "font.family": families()}):
        made = list(np.ravel(figure.subplots(rows, beside, squeeze=False)))
    for spare in made[len(results) :]:
        spare.remove()
    panels: list[Axes] = made[: len(results)]
    panels[0].tienet_panels = panels  # type: ignore[attr-defined]
    panels[0].tienet_own = True  # type: ignore[attr-defined]
    return panels


def _common(options: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in options.items() if name in COMMON and name not in ("title", "unit")}
    return {name: value for name, value in kept.items() if not (name == "labels" and isinstance(value, bool | str))}


def _size_of(result: Any, options: Mapping[str, Any]) -> style.Size:
    own = {name: value for name, value in options.items() if name not in COMMON}
    return style.size_of(getattr(plot.dispatch(type(result)), "size", (style.COLUMN, 2.8)), result, own)


def _draw(results: Sequence[Any], panels: list[Axes], titles: list[str], options: Mapping[str, Any]) -> None:
    if all(isinstance(one, Surface) for one in results) and len({one.outcome for one in results}) == 1:
        low, high = zip(*(heights_of(one, options.get("band", "pointwise")) for one in results), strict=True)
        room = 0.1 * (max(high) - min(low)) or 1.0
        for panel in panels:
            panel.set_ylim(min(low) - room, max(high) + room)
    below = look().note and getattr(panels[0], "tienet_own", False)  # one note under the figure, in a figure of our own
    for result, panel, title in zip(results, panels, titles, strict=True):
        plot(result, panel, **{**options, "title": title, "note": look().note and not below})
    _keep_one_legend(panels)
    if below:
        figure = panels[0].figure
        width = figure.get_window_extent().width / figure.dpi - 0.2
        said = _joined([re.split("\n|; ", text) for text in look().said[-len(results) :]])
        lines = [line for part in said for line in style.fitted(part, width)]
        figure.supxlabel("\n".join(lines), x=0.02, ha="left", fontsize=style.SMALL, color=style.MUTED, linespacing=1.25)


def _joined(said: list[list[str]]) -> list[str]:
    """What all panels say, once; then what only some say, with their letters."""
    shared = [line for line in said[0] if line and all(line in other for other in said)]
    own = {letter: [line for line in mine if line and line not in shared] for letter, mine in zip(ascii_lowercase, said, strict=False)}
    return ["; ".join(shared), *(f"{letter}: {'; '.join(lines)}" for letter, lines in own.items() if lines)]


def _keep_one_legend(panels: list[Axes]) -> None:
    legends = [panel.get_legend() for panel in panels]
    texts = [legend and [text.get_text() for text in (legend.get_title(), *legend.get_texts())] for legend in legends]
    if texts[0] and all(text == texts[0] for text in texts):
        for legend in legends[1:]:
            if legend is not None:
                legend.remove()


def _titles(title: Any, count: int) -> list[str]:
    """A letter before each title."""
    given = [""] * count if title is None else list(title) if isinstance(title, list | tuple) else [title]
    if len(given) != count or not all(isinstance(one, str) for one in given):
        raise ArgumentError(f"title must be a list with a text for each of the {count} panels, got {shown(title)}")
    return [f"{letter}  {one}".rstrip() for letter, one in zip(ascii_lowercase, given, strict=False)]


def _given(ax: Any, count: int) -> list[Axes]:
    """The axes given for the panels."""
    found = getattr(ax, "tienet_panels", None) or (list(np.ravel(ax)) if isinstance(ax, list | tuple | np.ndarray) else [])
    if len(found) != count or not all(isinstance(one, Axes) for one in found):
        raise ArgumentError(f"ax must be a list of {count} matplotlib Axes, one for each panel; omit it for a new figure")
    found[0].tienet_panels = found
    return found


def _refuse_undrawn(results: Sequence[Any]) -> None:
    """Refuse what has no figure, a list in a list among it."""
    undrawn = [one for one in results if isinstance(one, list | tuple) or plot.dispatch(type(one)) is plot.dispatch(object)]
    if not 0 < len(results) <= _MOST or undrawn:
        plot.dispatch(object)(undrawn[0] if undrawn else results)
