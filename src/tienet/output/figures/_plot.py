"""The `plot` function; each figure module registers its drawing with it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from matplotlib.axes import Axes

from tienet.base.errors import ArgumentError
from tienet.output.tables.printing import Table
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.endogeneity.confounding import Bounds
from tienet.regression.endogeneity.first_stage import Diagnostics
from tienet.regression.endogeneity.printed_sensitivities import PrintedSensitivity
from tienet.regression.model.joint import JointTest
from tienet.regression.model.likelihood_steps import LikelihoodSteps
from tienet.regression.model.ordinal import Thresholds

__all__ = ["plot"]

# Regression results without a figure, and the reason.
UNDRAWN: dict[type, str] = {
    Bounds: "plot the Sensitivity result instead, which shows the bounds as dots",
    Covariance: "see .frame for its numbers, or plot the fit or a probe",
    Diagnostics: "its tests are on different scales; use str() or tienet.table()",
    PrintedSensitivity: "figures of sensitivity need the fit itself, plot(sensitivity(fit, term)); use str() or .frame",
    JointTest: "it is a single test; use str()",
    LikelihoodSteps: "log-likelihoods have no zero to draw from; use str() or tienet.table()",
    Thresholds: "they only place the categories; plot fit.at_least(category) or a probe of it",
    Table: "write it with .markdown(), .html(), .latex() or .docx(), or plot the models: plot({name: fit, ...})",
}


@singledispatch
def plot(result: Any, ax: Any = None, **options: Any) -> Axes:  # noqa: ARG001 - for the drawings registered below
    """Draw a result.

    Parameters
    ----------
    result
        Any result that has a figure; several models by name, ``{"(1)": fit1, "(2)": fit2}``, to compare their coefficients; or a list of
        results, drawn as panels a, b, ... of one figure.
    ax
        Where to draw; by default a new figure, one column wide. For panels a list of axes.
    **options
        Options that every figure has:

        - ``labels``: names of columns and functions, ``{"sales_growth": "Growth", "r_d": "R&D"}``. Names that the result carries, of its
          model or of the people table, stay where this has none.
        - ``unit``: unit of the outcome; ``units``: of any column, ``{"tie_strength_r_d": "contacts a week"}``.
        - ``title``: over the figure; for panels a list with one for each.
        - ``note=False``: without the small text over the axes, ``legend``: False, or a place inside the axes such as "upper right". Lines
          named at their ends have a legend with ``legend=True``.
        - ``style``: "report" (default), "journal", or `tienet.output.figures.style`.

        Options by the type of the result. People are counted in columns and squares, hollow where fewer than 5 are, unless a mark per
        person is asked for:

        - Bootstrap: ``term``, one quantity, to draw its bootstrap distribution; by default all quantities with their intervals.
        - Centrality: ``measure``, "degree" (default), "strength_sum", "closeness", "betweenness", "eigenvector", "clustering",
          "ego_density" or "ego_betweenness".
        - CorrectedFit, InstrumentedFit: ``intercept=True``.
        - Diversity: ``measure``, "ei_index" (default), "blau", "iqv", "entropy", "entropy_normalised" or "n_functions".
        - EgoMeasures: ``function``, by default the first function measured; ``cases=True`` draws a dot per person.
        - EgoNetwork: ``labels=True`` shows the ids of the colleagues.
        - ForeignFit: ``intercept=True``.
        - FunctionMatrix: ``kind``, "heatmap" (default) or "chord"; ``value``, "density" (the heatmap's default), "ties" (the chord
          diagram's default), "strength" or "reciprocity".
        - ModerationFit, GeneralisedFit: ``per``, "unit" (default) or "sd" of the term; ``intercept=True``.
        - NetworkAutocorrelation: ``intercept=True``.
        - Panel: ``value``, "total_ties" (default) or "tie_strength".
        - Influence: ``cases``, as below; with ``cases=True`` also ``numbers=True``, the row numbers of the three most influential.
        - PartialResiduals: ``band``, None (default), "pointwise" or "simultaneous"; ``cases``, as below.
        - PublishedModel: ``intercept=True``.
        - ResponseSurface, SlopeRegion, CommonSupport, SpecificationTest: ``cases=True`` draws a dot per person, ``cases=False`` no people.
        - Sensitivity: ``limit``, where both axes end.
        - StructuralHoles: ``measure``, "constraint" (default), "effective_size", "efficiency" or "hierarchy"; ``cases``, as above.
        - Surface: ``band``, "pointwise" (default), "simultaneous" or None; ``rug=True`` draws a tick per person, ``rug=False`` no people.
        - Crossover: ``band`` and ``rug``, as for Surface.
        - JohnsonNeyman, TurningPoint: ``rug``, as for Surface.
        - Several models by name: ``intercept=True``.
        - Ties: ``kind``, "distribution" (default) of ties per person, or "network". The network shows people, grouped by function, with
          a line for each of the 600 strongest ties (``strongest=None`` draws all); above 500 people it shows functions. ``level="people"``
          or ``"functions"`` overrides this, ``labels=True`` shows ids, ``labels="name"`` an attribute.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the figure. Matplotlib's global settings are not changed.

    Raises
    ------
    ArgumentError
        If this type of result has no figure; the message gives the reason, or types that have one.

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
    reason = next((why for kind, why in UNDRAWN.items() if isinstance(result, kind)), None)
    if reason:
        raise ArgumentError(f"there is no figure for a {type(result).__name__}: {reason}")
    known = {kind.__name__ for kind in plot.registry}
    common = ", ".join(name for name in _COMMON if name in known)
    raise ArgumentError(f"there is no figure for a {type(result).__name__}; {len(known) - 1} types of results have one, such as {common}")


_COMMON = ("Ties", "EgoMeasures", "FunctionMatrix", "ModerationFit", "SimpleSlopes", "JohnsonNeyman", "TurningPoint", "UTest")
