"""The one function that draws every result; each figure's own file registers itself with it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from matplotlib.axes import Axes

from tienet.base.errors import ArgumentError
from tienet.output.tables.printing import Table
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.endogeneity.confounding import Bounds
from tienet.regression.endogeneity.first_stage import Diagnostics
from tienet.regression.model.joint import JointTest

__all__ = ["plot"]

# What of the regression wing is not drawn, and why.
UNDRAWN: dict[type, str] = {
    Bounds: "draw the Sensitivity it belongs to, which shows it as dots",
    Covariance: "a matrix; its numbers are in .frame, and draw the fit or a probe for what it means",
    Diagnostics: "a few tests on scales of their own; str() says them, tienet.table() prints them",
    JointTest: "one test; str() says it",
    Table: "it is for print; write it with .markdown(), .html(), .latex() or .docx(), or draw the models: plot({name: fit, ...})",
}


@singledispatch
def plot(result: Any, ax: Axes | None = None, **options: Any) -> Axes:  # noqa: ARG001 - for the drawings registered below
    """Draw a result.

    Parameters
    ----------
    result
        Any record that has a figure, or several models by name, ``{"(1)": fit1, "(2)": fit2}``, whose coefficients are set beside each
        other; what has no figure is refused with the reason, or with the list of those that have.
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
        - PartialResiduals: ``band``, None (default), "pointwise" or "simultaneous".
        - PublishedModel: ``intercept=True``.
        - ResponseSurface: ``cases=False`` leaves the dots out.
        - Sensitivity: ``limit``, where both axes end.
        - StructuralHoles: ``measure``, "constraint" (default), "effective_size", "efficiency" or "hierarchy".
        - Surface: ``band``, "pointwise" (default), "simultaneous" or None; ``rug=False``.
        - several models by name: ``intercept=True``.
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
    reason = next((why for kind, why in UNDRAWN.items() if isinstance(result, kind)), None)
    if reason:
        raise ArgumentError(f"there is no figure for a {type(result).__name__}: {reason}")
    known = ", ".join(sorted(kind.__name__ for kind in plot.registry if kind is not object))
    raise ArgumentError(f"there is no figure for a {type(result).__name__}; what can be drawn: {known}")
