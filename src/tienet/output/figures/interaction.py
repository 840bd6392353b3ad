"""Interaction figure: the predicted outcome along the focal variable, one line per value of the moderator."""

from __future__ import annotations

from matplotlib.axes import Axes

from tienet.base.numbers import n_text
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human
from tienet.output.figures._lines import Bands, band_text, beyond, draw_lines
from tienet.output.figures._plot import plot
from tienet.regression.probes.predicted_surfaces import Surface


@plot.register(Surface)
@style.styled((style.COLUMN, 3.0))
def draw_surface(surface: Surface, ax: Axes, *, band: Bands = "pointwise", rug: bool | None = None) -> None:
    """Draw the lines with their bands, thin where there are no people, and columns that count people."""
    handles = draw_lines(surface, ax, band)
    shown = rug is not False and len(surface.focal_observed) > 0
    if shown:
        style.rug(ax, surface.focal_observed, each=rug is True)
    ax.margins(x=0.02, y=0.1)
    style.name_axes(ax, human(surface.focal), f"Predicted {lower(human(surface.outcome))}{', less a constant' if surface.relative else ''}")
    style.settle(ax)
    above = style.key(ax, handles, human(surface.moderator)) if surface.moderator else 0.0
    more = [*([style.PEOPLE[rug is True]] if shown else []), *(["thin: hardly anyone there"] if beyond(surface) else [])]
    style.note(ax, "\n".join([f"{n_text(surface.n)}, {band_text(surface, band)}", *filter(None, ["; ".join(more)])]), above=above)
