"""Figure of slopes within and between persons: two dots with their intervals for each term, no single person."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import count, coverage, n_text
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, per_unit, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import Intervals, draw_row, name_rows, zero_line
from tienet.regression.model.contextual import WithinBetween

_APART = 0.17


def _size(found: WithinBetween) -> style.Size:
    return style.COLUMN, 1.5 + 0.44 * len(found.terms)


@plot.register(WithinBetween)
@style.styled(_size)
def draw_within_between(found: WithinBetween, ax: Axes) -> None:
    """Draw the slope within and the slope between for each term, the first on top."""
    places = np.arange(len(found.terms))[::-1].astype(float)
    zero_line(ax)
    unit = lower(human(found.unit))
    handles = [
        draw_row(
            ax,
            places + shift,
            Intervals(found.estimate[:, part], found.conf_low[:, part], found.conf_high[:, part]),
            part,
            f"{name} {unit}s",
            name,
        )
        for part, (name, shift) in enumerate((("within", _APART), ("between", -_APART)))
    ]
    name_rows(ax, places, [term_label(term) for term in found.terms])
    style.name_axes(ax, per_unit(found.outcome), "")
    above = style.key(ax, handles, "")
    said = f"{coverage(found.alpha)} intervals, {n_text(found.n)}, {count(found.groups)} {unit}s; filled: the interval leaves out zero"
    style.note(ax, said, above=above)
