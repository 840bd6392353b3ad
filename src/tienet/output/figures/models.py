"""Figure of several models side by side: the coefficients by term, one colour and marker per model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from tienet.base.errors import ArgumentError
from tienet.base.numbers import count, coverage, listed, n_text
from tienet.output.figures import _style as style
from tienet.output.figures._labels import per_unit, plain, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import Intervals, draw_row, name_rows, zero_line
from tienet.output.tables.column import ModelColumn, read_column

_APART = 0.8  # share of a row used by the models


def _size(models: Mapping[str, Any]) -> style.Size:
    terms = _terms(_columns(models), intercept=False)
    lines = sum(max(term_label(term).count("\n") + 1, 0.75 * len(models)) for term in terms)
    return style.COLUMN, 1.3 + 0.19 * lines + 0.08 * len(terms) + 0.08 * len(models)


@plot.register(Mapping)
@style.styled(_size)
def draw_models(models: Mapping[str, Any], ax: Axes, *, intercept: bool = False) -> None:
    """Draw the coefficients of models given by name: one row per term, in it a dot with its interval per model, the first on top."""
    columns = _columns(models)
    terms = _terms(columns, intercept)
    if not terms:
        raise ArgumentError("plot: these models have no term besides the intercept; add intercept=True to draw it")
    places = {term: float(len(terms) - 1 - row) for row, term in enumerate(terms)}
    shifts = _APART * (0.5 - (np.arange(len(columns)) + 0.5) / len(columns))
    zero_line(ax)
    for low in range(len(terms) - 1):
        ax.axhline(low + 0.5, color=style.FAINT, linewidth=0.5, zorder=0, gid="between")
    handles = [_draw(ax, column, places, (which, float(shift))) for which, (column, shift) in enumerate(zip(columns, shifts, strict=True))]
    name_rows(ax, np.array(list(places.values())), [term_label(term) for term in terms])
    outcomes = {str(getattr(column.model, "outcome", "")) for column in columns}
    style.name_axes(ax, per_unit(outcomes.pop(), measured=columns[0].measured) if len(outcomes) == 1 else "Outcome per unit", "")
    style.settle(ax)
    above = style.key(ax, handles, "")
    style.note(ax, _note(columns), above=above - style.SMALL)


def _columns(models: Mapping[str, Any]) -> list[ModelColumn]:
    if not models:
        raise ArgumentError('no models to draw; pass them by name: plot({"(1)": fit1, "(2)": fit2})')
    columns = [read_column(str(name), model, where="plot") for name, model in models.items()]
    scales = {
        column.measured.replace(str(getattr(column.model, "outcome", "")), "the outcome") or "units of the outcome" for column in columns
    }
    if len(scales) > 1:
        raise ArgumentError(f"plot: these models have their coefficients in {listed(sorted(scales))}; draw models of one scale together")
    return columns


def _terms(columns: list[ModelColumn], intercept: bool) -> tuple[str, ...]:
    """All terms in the order of the largest model, then those only in other models."""
    ordered = sorted(columns, key=lambda column: -len(column.terms))
    return tuple(dict.fromkeys(term for column in ordered for term in column.terms if intercept or term != "(Intercept)"))


def _draw(ax: Axes, column: ModelColumn, places: Mapping[str, float], look: tuple[int, float]) -> Any:
    which, shift = look
    kept = [i for i, term in enumerate(column.terms) if term in places]
    rows = Intervals(*(column.numbers[name][kept] for name in ("estimate", "conf_low", "conf_high")))
    heights = np.array([places[column.terms[i]] for i in kept]) + shift
    return draw_row(ax, heights, rows, which, plain(column.name, 24))


def _note(columns: list[ModelColumn]) -> str:
    cases = list(dict.fromkeys(column.ask("n") for column in columns))
    errors = list(dict.fromkeys(column.covariance.label for column in columns if column.covariance))
    n = (
        n_text(int(cases[0]))
        if len(cases) == 1 and np.isfinite(cases[0])
        else "n = " + ", ".join(count(c) for c in cases if np.isfinite(c))
    )
    levels = list(dict.fromkeys(coverage(float(getattr(column.model, "alpha", 0.05))) for column in columns))
    return f"{', '.join(levels)} intervals, {n}{', ' + listed(errors) if errors else ''}; filled: the interval leaves out zero"
