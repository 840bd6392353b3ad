"""Interaction figure: the predicted outcome along the focal variable, one line per value of the moderator."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import n_text, printed
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, human, levels_heading, predicted_name
from tienet.output.figures._lines import Bands, band_text, cut_short, draw_lines, end_of_people, name_ends, second_handles, without_people
from tienet.output.figures._look import look
from tienet.output.figures._means import draw_means
from tienet.output.figures._plot import plot
from tienet.regression.probes.predicted_surfaces import Surface

_NAMED = 3  # with more lines, their names at the ends would not stand apart


@plot.register(Surface)
@style.styled((style.COLUMN, 3.0))
def draw_surface(surface: Surface, ax: Axes, *, band: Bands = "pointwise", rug: bool | None = None) -> None:
    """Draw the lines with their bands where there are people, named at their ends, and columns that count people."""
    if surface.categories:
        draw_means(surface, ax, band)
        return
    end = end_of_people(surface)
    handles = draw_lines(surface, ax, band, end=end)
    shown = rug is not False and len(surface.focal_observed) > 0
    if shown:
        style.rug(ax, surface.focal_observed, each=rug is True)
    _end_axis(surface, ax, end)
    style.whole_ticks(ax.xaxis, surface.focal, surface.focal_observed)
    style.name_axes(ax, axis_name(surface.focal), "")
    above = style.name_above(ax, predicted_name(surface.outcome, surface.relative, surface.measured))
    style.settle(ax)
    if surface.second:
        above += style.key(ax, second_handles(surface), "", raised=above)
    elif surface.moderator and look().legend is None and len(handles) <= _NAMED:
        name_ends(surface, ax)
        style.settle(ax)
    elif surface.moderator:
        raised = style.key(ax, handles, axis_name(levels_heading(surface.moderator, surface.label)), raised=above)
        above += raised
    more = "; ".join(_more(surface, [style.PEOPLE[rug is True]] if shown else [], end))
    style.note(ax, "\n".join(filter(None, [f"{n_text(surface.n)}, {band_text(surface, band)}", more])), above=above)


def _end_axis(surface: Surface, ax: Axes, end: float) -> None:
    """End the axis where most people are; the vertical one fits what is drawn."""
    ax.margins(x=0.02, y=0.1)
    if np.isfinite(end):
        low = surface.focal_range[0]
        room = 0.5 if (surface.focal_observed == np.round(surface.focal_observed)).all() else 0.03 * (end - low)
        ax.set_xlim(low - room, end + room)


def _more(surface: Surface, marks: list[str], end: float) -> list[str]:
    said = [*marks, *([f"level {surface.level_of}"] if surface.level_of else [])]
    if without_people(surface):
        said.append("dotted: nobody there")
    elif cut_short(surface):
        said.append("lines end where people do")
    return [*said, *_beyond(surface.focal_observed, end, surface.focal)]


def _beyond(values: Any, end: float, focal: str) -> list[str]:
    """How many people lie beyond the end of the axis, in words; small numbers are not given."""
    count = int(np.sum(values > end)) if len(values) else 0
    if not count:
        return []
    who = f"{style.few(count)} people"
    more = f"more than {printed(end, 0 if end == round(end) else 2)}"
    return [f"{who} with {more} {'ties' if focal.startswith('total_ties_') else 'in ' + lower(human(focal))} not shown"]
