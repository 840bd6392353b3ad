"""Draws every record: `plot(result, ax=None)` on matplotlib axes, `save(ax, path)` to a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from matplotlib.axes import Axes

from tienet.diagnostics import (
    AdjustedP,
    Collinearity,
    CommonSupport,
    EffectSizes,
    Influence,
    LinearityCheck,
    PartialResiduals,
    SpecificationTest,
    VarianceShares,
)
from tienet.errors import ArgumentError
from tienet.figures._save import figure_svg, save
from tienet.figures._style import off_screen
from tienet.figures.bending import draw_curve_moderation
from tienet.figures.bootstraps import draw_bootstrap, draw_wild
from tienet.figures.condition import draw_collinearity
from tienet.figures.contours import draw_sensitivity
from tienet.figures.endogenous import draw_corrected
from tienet.figures.floodlight import draw_regions
from tienet.figures.histogram import draw_ties
from tienet.figures.influence import draw_influence
from tienet.figures.interaction import draw_surface
from tienet.figures.linearity import draw_linearity
from tienet.figures.matrix import draw_matrix
from tienet.figures.mediation import draw_mediation
from tienet.figures.models import draw_models
from tienet.figures.network import draw_ego_network
from tienet.figures.pairs import draw_differences, draw_specifications
from tienet.figures.partial import draw_partial
from tienet.figures.permutations import draw_moran, draw_mrqap, draw_qap_correlation
from tienet.figures.plane import draw_slope_region
from tienet.figures.power import draw_detectable, draw_power
from tienet.figures.printed import draw_bounded_regions, draw_bounded_slopes, draw_correlations, draw_published
from tienet.figures.response import draw_response
from tienet.figures.scatter import draw_egos
from tienet.figures.segments import draw_two_lines
from tienet.figures.sizes import draw_shares, draw_sizes
from tienet.figures.specification import draw_adjusted, draw_specification
from tienet.figures.steps import draw_steps
from tienet.figures.support import draw_support
from tienet.figures.turning import draw_turning_point
from tienet.figures.ushape import draw_u_test
from tienet.figures.whiskers import draw_autocorrelation, draw_fit, draw_random_intercept, draw_slopes
from tienet.inference.autocorrelation import NetworkAutocorrelation
from tienet.inference.bootstrap import Bootstrap
from tienet.inference.corrected import CorrectedFit
from tienet.inference.detectable import Detectable
from tienet.inference.instruments import InstrumentedFit
from tienet.inference.mediation import Mediation
from tienet.inference.moran import Moran
from tienet.inference.mrqap import Mrqap
from tienet.inference.qap import QapCorrelation
from tienet.inference.random_intercept import RandomIntercept
from tienet.inference.sensitivity import Sensitivity
from tienet.inference.simulated_power import SimulatedPower
from tienet.inference.wild import WildBootstrap
from tienet.measures.ego import EgoMeasures
from tienet.measures.ego_network import EgoNetwork
from tienet.measures.functions import FunctionMatrix
from tienet.moderation import ModerationFit
from tienet.moderation.segments import TwoLines
from tienet.moderation.specifications import WithAndWithoutQuadratics
from tienet.moderation.steps import Steps, Vif
from tienet.probes import (
    BoundedRegions,
    BoundedSlopes,
    CurveModeration,
    JohnsonNeyman,
    ResponseSurface,
    SimpleSlopes,
    SlopeDifferences,
    SlopeRegion,
    Surface,
    TurningPoint,
    UTest,
)
from tienet.published import CorrelationRegression, PublishedModel
from tienet.ties import Ties

__all__ = ["figure_svg", "plot", "save", "sheet"]


@singledispatch
def plot(result: Any, ax: Axes | None = None, **options: Any) -> Axes:  # noqa: ARG001 - for the drawings registered below
    """Draw a result.

    Parameters
    ----------
    result
        Any record that has a figure; one that has none is refused with the list of those that have.
        Ties, EgoMeasures, EgoNetwork, FunctionMatrix, ModerationFit, SimpleSlopes, JohnsonNeyman, TurningPoint, UTest, Surface, Mrqap,
        QapCorrelation, NetworkAutocorrelation or Moran.
        Ties, EgoMeasures, EgoNetwork, FunctionMatrix, ModerationFit, SimpleSlopes, JohnsonNeyman, TurningPoint, UTest,
        Surface, LinearityCheck, CommonSupport, Influence, PartialResiduals, Collinearity, EffectSizes, VarianceShares,
        SpecificationTest or AdjustedP.
        Ties, EgoMeasures, EgoNetwork, FunctionMatrix, ModerationFit, SimpleSlopes, JohnsonNeyman, TurningPoint, UTest, Surface,
        InstrumentedFit, CorrectedFit or Sensitivity.
        Ties, EgoMeasures, EgoNetwork, FunctionMatrix, ModerationFit, SimpleSlopes, SlopeDifferences, JohnsonNeyman, SlopeRegion,
        TurningPoint, CurveModeration, UTest, TwoLines, WithAndWithoutQuadratics or Surface.
    ax
        Where to draw; by default a new figure, one column wide.
    **options
        What the record's own figure knows:

        - Bootstrap: ``term``, one quantity whose bootstrap distribution is drawn; by default all with their intervals.
        - CorrectedFit, InstrumentedFit: ``intercept=True``.
        - EgoMeasures: ``function``, by default the first one looked toward.
        - EgoNetwork: ``labels=True`` writes the ids of the colleagues.
        - FunctionMatrix: ``value``, "density" (default), "ties", "strength" or "reciprocity".
        - ModerationFit: ``per``, "unit" (default) or "sd" of the term; ``intercept=True``.
        - PublishedModel: ``intercept=True``.
        - NetworkAutocorrelation: ``intercept=True``.
        - Sensitivity: ``limit``, where both axes end.

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


plot.register(Bootstrap, draw_bootstrap)
plot.register(BoundedRegions, draw_bounded_regions)
plot.register(BoundedSlopes, draw_bounded_slopes)
plot.register(CorrelationRegression, draw_correlations)
plot.register(AdjustedP, draw_adjusted)
plot.register(Collinearity, draw_collinearity)
plot.register(CommonSupport, draw_support)
plot.register(Detectable, draw_detectable)
plot.register(EffectSizes, draw_sizes)
plot.register(CurveModeration, draw_curve_moderation)
plot.register(EgoMeasures, draw_egos)
plot.register(EgoNetwork, draw_ego_network)
plot.register(FunctionMatrix, draw_matrix)
plot.register(Influence, draw_influence)
plot.register(CorrectedFit, draw_corrected)
plot.register(InstrumentedFit, draw_corrected)
plot.register(JohnsonNeyman, draw_regions)
plot.register(LinearityCheck, draw_linearity)
plot.register(Mediation, draw_mediation)
plot.register(ModerationFit, draw_fit)
plot.register(PublishedModel, draw_published)
plot.register(Moran, draw_moran)
plot.register(Mrqap, draw_mrqap)
plot.register(NetworkAutocorrelation, draw_autocorrelation)
plot.register(QapCorrelation, draw_qap_correlation)
plot.register(PartialResiduals, draw_partial)
plot.register(RandomIntercept, draw_random_intercept)
plot.register(Mapping, draw_models)
plot.register(ResponseSurface, draw_response)
plot.register(Sensitivity, draw_sensitivity)
plot.register(SimpleSlopes, draw_slopes)
plot.register(SimulatedPower, draw_power)
plot.register(SpecificationTest, draw_specification)
plot.register(SlopeDifferences, draw_differences)
plot.register(SlopeRegion, draw_slope_region)
plot.register(Steps, draw_steps)
plot.register(Surface, draw_surface)
plot.register(Ties, draw_ties)
plot.register(TurningPoint, draw_turning_point)
plot.register(TwoLines, draw_two_lines)
plot.register(UTest, draw_u_test)
plot.register(Vif, draw_collinearity)
plot.register(WildBootstrap, draw_wild)
plot.register(VarianceShares, draw_shares)
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
