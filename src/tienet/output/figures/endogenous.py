"""Figure of least squares next to a correction, for endogeneity or for errors in variables."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tienet.base.numbers import coverage, n_text
from tienet.output.figures import _style as style
from tienet.output.figures._labels import per_unit, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import name_rows, zero_line
from tienet.regression.endogeneity.corrected import CorrectedFit
from tienet.regression.endogeneity.instruments import InstrumentedFit
from tienet.regression.measurement_error.errors_in_variables_fit import ErrorsInVariables

Corrected: TypeAlias = InstrumentedFit | CorrectedFit | ErrorsInVariables
_NAMES = {"control function": "Control function", "gaussian copula": "Gaussian copula"}
_APART = 0.17


def _size(fit: Corrected) -> style.Size:
    return style.COLUMN, 1.5 + 0.42 * (len(fit.design.terms) - 1)


@plot.register(CorrectedFit)
@plot.register(InstrumentedFit)
@plot.register(ErrorsInVariables)
@style.styled(_size)
def draw_corrected(fit: Corrected, ax: Axes, *, intercept: bool = False) -> None:
    """Draw each coefficient twice, by least squares and corrected, with its intervals."""
    k, first = len(fit.design.terms), 0 if intercept else 1
    places = np.arange(k - first)[::-1]
    before, after = fit.ordinary._columns(), fit._columns()
    name = _name(fit)
    zero_line(ax)
    handles = []
    for label, table, shift, color, marker in (
        ("Least squares", before, _APART, style.MUTED, "s"),
        (name, after, -_APART, style.COLORS[0], "o"),
    ):
        low, high, estimate = (table[column][first:k] for column in ("conf_low", "conf_high", "estimate"))
        ax.hlines(places + shift, low, high, color=color, linewidth=1.5, gid=f"whiskers {label}")
        ax.scatter(estimate, places + shift, s=24, c=color, marker=marker, zorder=3, gid=f"estimates {label}")
        handles.append(Line2D([], [], color=color, marker=marker, markersize=4.5, linewidth=1.5, label=label))
    name_rows(ax, places, [term_label(term) for term in fit.terms[first:k]])
    style.name_axes(ax, per_unit(fit.outcome), "")
    style.settle(ax)
    # Right-aligned and stacked, because long term names leave the axes little width.
    style.key_below(ax, handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=1, borderaxespad=0.2, borderpad=0.1)
    style.note(ax, f"{coverage(fit.alpha)} intervals, {n_text(fit.n)}; {_errors(fit)}", above=2 * style.SMALL * 1.6)


def _name(fit: Corrected) -> str:
    if isinstance(fit, CorrectedFit):
        return _NAMES[fit.method]
    return "Two-stage least squares" if isinstance(fit, InstrumentedFit) else "Corrected for errors in variables"


def _errors(fit: Corrected) -> str:
    own = fit.ordinary.covariance.label
    if isinstance(fit, InstrumentedFit):
        return own
    return f"{own} and " + (f"percentiles of {len(fit.draws):,} resamples" if isinstance(fit, CorrectedFit) else fit.covariance.label)
