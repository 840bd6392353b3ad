"""Interaction figure: the predicted outcome along the focal variable, one line per value of the moderator."""

from __future__ import annotations

from matplotlib.axes import Axes

from tienet.base.numbers import n_text
from tienet.output.figures import _style as style
from tienet.output.figures._labels import axis_name, human, predicted_name
from tienet.output.figures._lines import Bands, band_text, beyond, draw_lines
from tienet.output.figures._plot import plot
from tienet.regression.probes.predicted_surfaces import Surface


@plot.register(Surface)
@style.styled((style.COLUMN, 3.0))
def draw_surface(surface: Surface, ax: Axes, *, band: Bands = "pointwise", rug: bool = True) -> None:
    """Draw the lines with their bands, thin where there are no people, and a tick per person."""
    handles = draw_lines(surface, ax, band)
    shown = rug and len(surface.focal_observed) > 0
    if shown:
        style.rug(ax, surface.focal_observed)
    ax.margins(x=0.02, y=0.1)
    style.name_axes(ax, axis_name(surface.focal), predicted_name(surface.outcome, surface.relative))
    style.settle(ax)
    above = style.key(ax, handles, human(surface.moderator)) if surface.moderator else 0.0
    more = [*(["each tick is one person"] if shown else []), *(["thin: hardly anyone there"] if beyond(surface) else [])]
    style.note(ax, "\n".join([f"{n_text(surface.n)}, {band_text(surface, band)}", *filter(None, ["; ".join(more)])]), above=above)
