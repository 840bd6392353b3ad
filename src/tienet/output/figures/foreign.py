"""Figure of a fit of another package: its coefficients."""

from __future__ import annotations

from matplotlib.axes import Axes

from tienet.base.errors import ArgumentError
from tienet.output.figures import _style as style
from tienet.output.figures._labels import per_unit, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import Intervals, draw_whiskers, height_of
from tienet.output.figures.whiskers import covariance_note
from tienet.regression.foreign.fit import ForeignFit


def _kept(fit: ForeignFit, intercept: bool) -> list[int]:
    """Positions of the terms drawn, the first on top."""
    return [row for row, term in enumerate(fit.terms) if intercept or term != "(Intercept)"][::-1]


def _size(fit: ForeignFit) -> style.Size:
    return style.COLUMN, height_of([fit.terms[row] for row in _kept(fit, intercept=False)], 1.06)


@plot.register(ForeignFit)
@style.styled(_size)
def draw_foreign(fit: ForeignFit, ax: Axes, *, intercept: bool = False) -> None:
    """Draw the coefficients, the first term on top, on the scale of the link."""
    table, kept = fit._columns(), _kept(fit, intercept)
    if not kept:
        raise ArgumentError("plot: this model has no term besides the intercept; add intercept=True to draw it")
    draw_whiskers(
        ax, [term_label(fit.terms[row]) for row in kept], Intervals(*(table[name][kept] for name in ("estimate", "conf_low", "conf_high")))
    )
    scale = fit.polynomial.response.on_link
    style.name_axes(ax, per_unit(scale or fit.outcome), "")
    style.note(ax, covariance_note(fit.alpha, fit.n, fit.covariance.label))
