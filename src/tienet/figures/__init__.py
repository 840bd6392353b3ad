"""Draws every record: `plot(result, ax=None)` on matplotlib axes, `save(ax, path)` to a file."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from matplotlib.axes import Axes

from tienet._frames import Backend, make_frame
from tienet.calibration import TieComparison
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
from tienet.figures._data import marks_of
from tienet.figures._save import figure_svg, save
from tienet.figures._style import off_screen
from tienet.figures.bending import draw_curve_moderation
from tienet.figures.bootstraps import draw_bootstrap, draw_wild
from tienet.figures.cohesion import draw_brokerage, draw_ei_test, draw_handoffs, draw_summary
from tienet.figures.condition import draw_collinearity
from tienet.figures.contours import draw_sensitivity
from tienet.figures.described import draw_descriptives, draw_steps
from tienet.figures.endogenous import draw_corrected
from tienet.figures.floodlight import draw_regions
from tienet.figures.histogram import draw_ties
from tienet.figures.influence import draw_influence
from tienet.figures.interaction import draw_surface
from tienet.figures.linearity import draw_linearity
from tienet.figures.matrix import draw_matrix
from tienet.figures.mediation import draw_mediation
from tienet.figures.network import draw_ego_network
from tienet.figures.pairs import draw_differences, draw_specifications
from tienet.figures.panel import draw_panel
from tienet.figures.partial import draw_partial
from tienet.figures.permutations import draw_moran, draw_mrqap, draw_qap_correlation
from tienet.figures.plane import draw_slope_region
from tienet.figures.power import draw_detectable, draw_power
from tienet.figures.printed import draw_bounded_regions, draw_bounded_slopes, draw_correlations, draw_published
from tienet.figures.scatter import draw_egos
from tienet.figures.segments import draw_two_lines
from tienet.figures.sensitivity import draw_rules
from tienet.figures.sizes import draw_shares, draw_sizes
from tienet.figures.sources import draw_ledger, draw_log, draw_people
from tienet.figures.specification import draw_adjusted, draw_specification
from tienet.figures.spread import draw_centrality, draw_diversity, draw_holes, draw_intermediaries
from tienet.figures.support import draw_support
from tienet.figures.survey import draw_comparison, draw_reliability
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
from tienet.ledger import Ledger
from tienet.log import InteractionLog
from tienet.measures.brokerage import Brokerage, ExclusiveIntermediaries
from tienet.measures.centrality import Centrality
from tienet.measures.diversity import Diversity
from tienet.measures.ego import EgoMeasures
from tienet.measures.ego_network import EgoNetwork
from tienet.measures.ei_test import EiTest
from tienet.measures.functions import FunctionMatrix
from tienet.measures.handoff import Handoffs
from tienet.measures.holes import StructuralHoles
from tienet.measures.network import NetworkSummary
from tienet.measures.panel import Panel
from tienet.measures.sensitivity import TieRuleSensitivity
from tienet.moderation import ModerationFit
from tienet.moderation.segments import TwoLines
from tienet.moderation.specifications import WithAndWithoutQuadratics
from tienet.moderation.steps import Steps
from tienet.people import People
from tienet.probes import (
    BoundedRegions,
    BoundedSlopes,
    CurveModeration,
    JohnsonNeyman,
    SimpleSlopes,
    SlopeDifferences,
    SlopeRegion,
    Surface,
    TurningPoint,
    UTest,
)
from tienet.psychometrics import Reliability
from tienet.published import CorrelationRegression, PublishedModel
from tienet.tables import Descriptives
from tienet.ties import Ties

__all__ = ["figure_data", "figure_svg", "plot", "save", "sheet"]


@singledispatch
def plot(result: Any, ax: Axes | None = None, **options: Any) -> Axes:  # noqa: ARG001 - for the drawings registered below
    """Draw a result.

    Parameters
    ----------
    result
        Any record that has a figure; one that has none is refused with the list of those that have.
    ax
        Where to draw; by default a new figure, one column wide.
    **options
        What the record's own figure knows:

        - Bootstrap: ``term``, one quantity whose bootstrap distribution is drawn; by default all with their intervals.
        - Centrality: ``measure``, "degree" (default), "strength_sum", "closeness", "betweenness", "eigenvector", "clustering",
          "ego_density" or "ego_betweenness".
        - CorrectedFit, InstrumentedFit: ``intercept=True``.
        - Diversity: ``measure``, "ei_index" (default), "blau", "iqv", "entropy", "entropy_normalised" or "n_functions".
        - EgoMeasures: ``function``, by default the first one looked toward.
        - EgoNetwork: ``labels=True`` writes the ids of the colleagues.
        - FunctionMatrix: ``kind``, "heatmap" (default) or "chord"; ``value``, "density" (the heatmap's default), "ties" (the chord
          diagram's default), "strength" or "reciprocity".
        - ModerationFit: ``per``, "unit" (default) or "sd" of the term; ``intercept=True``.
        - NetworkAutocorrelation: ``intercept=True``.
        - Panel: ``value``, "total_ties" (default) or "tie_strength".
        - PublishedModel: ``intercept=True``.
        - Sensitivity: ``limit``, where both axes end.
        - StructuralHoles: ``measure``, "constraint" (default), "effective_size", "efficiency" or "hierarchy".
        - Ties: ``kind``, "distribution" (default) of ties per person, or "network": people in discs by function with a line per tie,
          and above 500 people the functions; ``level="people"`` or ``"functions"`` chooses, ``labels=True`` writes ids.

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


plot.register(AdjustedP, draw_adjusted)
plot.register(Bootstrap, draw_bootstrap)
plot.register(BoundedRegions, draw_bounded_regions)
plot.register(BoundedSlopes, draw_bounded_slopes)
plot.register(Brokerage, draw_brokerage)
plot.register(Centrality, draw_centrality)
plot.register(Collinearity, draw_collinearity)
plot.register(CommonSupport, draw_support)
plot.register(CorrectedFit, draw_corrected)
plot.register(CorrelationRegression, draw_correlations)
plot.register(CurveModeration, draw_curve_moderation)
plot.register(Descriptives, draw_descriptives)
plot.register(Detectable, draw_detectable)
plot.register(Diversity, draw_diversity)
plot.register(EffectSizes, draw_sizes)
plot.register(EgoMeasures, draw_egos)
plot.register(EgoNetwork, draw_ego_network)
plot.register(EiTest, draw_ei_test)
plot.register(ExclusiveIntermediaries, draw_intermediaries)
plot.register(FunctionMatrix, draw_matrix)
plot.register(Handoffs, draw_handoffs)
plot.register(Influence, draw_influence)
plot.register(InstrumentedFit, draw_corrected)
plot.register(InteractionLog, draw_log)
plot.register(JohnsonNeyman, draw_regions)
plot.register(Ledger, draw_ledger)
plot.register(LinearityCheck, draw_linearity)
plot.register(Mediation, draw_mediation)
plot.register(ModerationFit, draw_fit)
plot.register(Moran, draw_moran)
plot.register(Mrqap, draw_mrqap)
plot.register(NetworkAutocorrelation, draw_autocorrelation)
plot.register(NetworkSummary, draw_summary)
plot.register(Panel, draw_panel)
plot.register(PartialResiduals, draw_partial)
plot.register(People, draw_people)
plot.register(PublishedModel, draw_published)
plot.register(QapCorrelation, draw_qap_correlation)
plot.register(RandomIntercept, draw_random_intercept)
plot.register(Reliability, draw_reliability)
plot.register(Sensitivity, draw_sensitivity)
plot.register(SimpleSlopes, draw_slopes)
plot.register(SimulatedPower, draw_power)
plot.register(SlopeDifferences, draw_differences)
plot.register(SlopeRegion, draw_slope_region)
plot.register(SpecificationTest, draw_specification)
plot.register(Steps, draw_steps)
plot.register(StructuralHoles, draw_holes)
plot.register(Surface, draw_surface)
plot.register(TieComparison, draw_comparison)
plot.register(TieRuleSensitivity, draw_rules)
plot.register(Ties, draw_ties)
plot.register(TurningPoint, draw_turning_point)
plot.register(TwoLines, draw_two_lines)
plot.register(UTest, draw_u_test)
plot.register(VarianceShares, draw_shares)
plot.register(WildBootstrap, draw_wild)
plot.register(WithAndWithoutQuadratics, draw_specifications)


def sheet(result: object, **options: Any) -> Axes:
    """Make axes for one result that no window or notebook shows: ``save(plot(result, sheet(result)), path)``.

    Parameters
    ----------
    result
        What is to be drawn; it tells the size.
    **options
        Those that `plot` will get; some bear on the size.

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
    return off_screen(getattr(plot.dispatch(type(result)), "size", (3.5, 2.8)), result, options)


def figure_data(result: Any, **options: Any) -> Any:
    """Give the numbers behind a figure: what is drawn, where, and what colour, size and width stand for.

    Parameters
    ----------
    result
        Any record that `plot` draws.
    **options
        As in `plot`.

    Returns
    -------
    data frame
        One row per point, segment, bar, cell or text: panel, mark, item, x, y, x_end, y_end, value, points, text, x_label, y_label; in
        the kind of frame the data came in. It is read off the drawing, so it holds nothing that the figure does not show, and no id of
        a person unless ``labels=True`` writes them. Moments are days since 1970-01-01 UTC. Numbers for analysis stand in the result's
        own `.frame`.

    Raises
    ------
    ArgumentError
        When there is no figure for such an object.

    Examples
    --------
    >>> import tienet as tn
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> tn.figure_data(people).query("mark == 'people'")[["item", "x_end", "y_label"]]
       item  x_end    y_label
    0     1    1.0  Marketing
    1     2    2.0      Sales
    """
    backend: Backend = getattr(result, "backend", "pandas")
    return make_frame(marks_of(plot(result, sheet(result, **options), **options)), backend)
