"""Figure of hand-off times: median and middle half of the working hours to the first answer, per direction."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tienet.base.errors import DataError
from tienet.base.numbers import counted, percent
from tienet.network.measures.answer_times import HandoffTimes
from tienet.output.figures import _style as style
from tienet.output.figures._labels import plain
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import name_ruled_rows


def _rows(found: HandoffTimes) -> np.ndarray:
    """Directions between two functions with answers, the longest median last."""
    across = np.flatnonzero(~found.within & np.isfinite(found.median_hours))
    return across[np.argsort(found.median_hours[across], kind="stable")]


def _size(found: HandoffTimes) -> style.Size:
    return style.COLUMN + 1.0, 1.3 + 0.22 * max(len(_rows(found)), 1)


@plot.register(HandoffTimes)
@style.styled(_size)
def draw_handoff_times(found: HandoffTimes, ax: Axes) -> None:
    """Draw the median as a dot and the middle half as a bar, the longest on top; on the right the share without an answer."""
    rows = _rows(found)
    if not rows.size:
        raise DataError("no direction between two functions has enough answered messages to be drawn; lower `least`, or use a longer log")
    places = np.arange(len(rows))
    inside = found.reference(found.of) if found.of is not None else float("nan")
    if np.isfinite(inside):
        ax.axvline(inside, color=style.MUTED, linewidth=0.8, linestyle="--", gid="within")
    ax.hlines(places, found.low_hours[rows], found.high_hours[rows], color=style.COLORS[5], linewidth=4.5, gid="middle half")
    ax.plot(found.median_hours[rows], places, "o", color=style.COLORS[0], markersize=5, clip_on=False, gid="medians")
    names = [f"{plain(found.label(found.function_from[row]), 22)} → {plain(found.label(found.function_to[row]), 22)}" for row in rows]
    name_ruled_rows(ax, names)
    ax.grid(visible=False)
    ax.set_xlim(0, max(1.0, 1.05 * float(found.high_hours[rows].max()), 1.2 * np.nan_to_num(inside)))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    style.name_axes(ax, "Working hours until the first answer", "")
    head = ax.get_yaxis_transform()
    for place, row in zip(places.tolist(), rows.tolist(), strict=True):
        text = percent(found.unanswered[row], 0)
        ax.text(1.03, place, text, va="center", fontsize=style.SMALL, color=style.INK, transform=head, gid="unanswered")
    wait = f"No answer in\n{counted(found.wait, 'working day')}"
    ax.text(1.03, len(rows) - 0.35, wait, va="bottom", fontsize=6.5, color=style.MUTED, transform=head, gid="unanswered head")
    style.settle(ax)
    line = f"; dashed: median within {plain(found.label(found.of))}, {inside:,.1f}" if found.of and np.isfinite(inside) else ""
    messages = int(found.messages[rows].sum())
    style.note(ax, f"{counted(messages, 'first message')}; dot: median; bar: middle half{line}\nWorking hours {found.hours}", above=12)
