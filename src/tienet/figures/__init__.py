"""Draws every record: `plot(result, ax=None)` on matplotlib axes, `save(ax, path)` to a file."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from matplotlib.axes import Axes

from tienet.errors import ArgumentError
from tienet.figures._save import figure_svg, save
from tienet.figures._style import off_screen
from tienet.figures.bending import draw_curve_moderation
from tienet.figures.floodlight import draw_regions
from tienet.figures.histogram import draw_ties
from tienet.figures.interaction import draw_surface
from tienet.figures.matrix import draw_matrix
from tienet.figures.network import draw_ego_network
from tienet.figures.pairs import draw_differences, draw_specifications
from tienet.figures.plane import draw_slope_region
from tienet.figures.scatter import draw_egos
from tienet.figures.segments import draw_two_lines
from tienet.figures.turning import draw_turning_point
from tienet.figures.ushape import draw_u_test
from tienet.figures.whiskers import draw_fit, draw_slopes
from tienet.measures.ego import EgoMeasures
from tienet.measures.ego_network import EgoNetwork
from tienet.measures.functions import FunctionMatrix
from tienet.moderation import ModerationFit
from tienet.moderation.segments import TwoLines
from tienet.moderation.specifications import WithAndWithoutQuadratics
from tienet.probes import CurveModeration, JohnsonNeyman, SimpleSlopes, SlopeDifferences, SlopeRegion, Surface, TurningPoint, UTest
from tienet.ties import Ties

__all__ = ["figure_svg", "plot", "save", "sheet"]


@singledispatch
def plot(result: Any, ax: Axes | None = None, **options: Any) -> Axes:  # noqa: ARG001 - for the drawings registered below
    """Draw a result.

    Parameters
    ----------
    result
        Ties, EgoMeasures, EgoNetwork, FunctionMatrix, ModerationFit, SimpleSlopes, SlopeDifferences, JohnsonNeyman, SlopeRegion,
        TurningPoint, CurveModeration, UTest, TwoLines, WithAndWithoutQuadratics or Surface.
    ax
        Where to draw; by default a new figure, one column wide.
    **options
        What the record's own figure knows:

        - EgoMeasures: ``function``, by default the first one looked toward.
        - EgoNetwork: ``labels=True`` writes the ids of the colleagues.
        - FunctionMatrix: ``value``, "density" (default), "ties", "strength" or "reciprocity".
        - ModerationFit: ``per``, "unit" (default) or "sd" of the term; ``intercept=True``.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. Nothing global in matplotlib is changed.

    Raises
    ------
    ArgumentError
        When there is no figure for such an object.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> from matplotlib.figure import Figure
    >>> tn.plot(ties, ax=Figure().subplots()).get_xlabel()
    'Ties per person'
    """
    known = ", ".join(sorted(kind.__name__ for kind in plot.registry if kind is not object))
    raise ArgumentError(f"there is no figure for a {type(result).__name__}; what can be drawn: {known}")


plot.register(CurveModeration, draw_curve_moderation)
plot.register(EgoMeasures, draw_egos)
plot.register(EgoNetwork, draw_ego_network)
plot.register(FunctionMatrix, draw_matrix)
plot.register(JohnsonNeyman, draw_regions)
plot.register(ModerationFit, draw_fit)
plot.register(SimpleSlopes, draw_slopes)
plot.register(SlopeDifferences, draw_differences)
plot.register(SlopeRegion, draw_slope_region)
plot.register(Surface, draw_surface)
plot.register(Ties, draw_ties)
plot.register(TurningPoint, draw_turning_point)
plot.register(TwoLines, draw_two_lines)
plot.register(UTest, draw_u_test)
plot.register(WithAndWithoutQuadratics, draw_specifications)


def sheet(result: object) -> Axes:
    """Make axes for one result that no window or notebook shows: ``save(plot(result, sheet(result)), path)``.

    Parameters
    ----------
    result
        What is to be drawn; it tells the size.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> matrix = tn.function_matrix(tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None)))
    >>> plot(matrix, sheet(matrix)).get_yticklabels()[0].get_text()
    'Marketing'
    """
    return off_screen(getattr(plot.dispatch(type(result)), "size", (3.5, 2.8)), result)
