"""The drawing of hand-off times: a dot and a bar per direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.wording import visible
from tienet.network.measures.answer_times import HandoffTimes
from tienet.study.page.drawings.scales import Scale, round_ticks, shortened, text_width
from tienet.study.words.written import fixed, share_words

SIZE, _ROW, _HEAD, _WIDTH, _ROOM = 14.0, 30.0, 44.0, 330.0, 230.0
_UNANSWERED = 96.0  # room for the share without an answer


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction: its name, its height, median and middle half, and the share without an answer."""

    name: str
    y: float
    low: float
    at: float
    high: float
    unanswered: str


@dataclass(frozen=True, slots=True)
class Times:
    """Places of the directions, two functions after each other; `within` is the median within the function asked about."""

    order: tuple[int, ...]
    rows: tuple[Direction, ...]
    ticks: tuple[tuple[float, str], ...]
    within: float | None
    within_label: str
    within_hours: str
    left: float
    right: float
    width: float
    height: float


def draw_times(found: HandoffTimes) -> Times:
    """Place the directions between functions that have answers."""
    shown = np.flatnonzero(~found.within & np.isfinite(found.median_hours)).tolist()
    other = {at: found.function_to[at] if found.function_from[at] == found.of else found.function_from[at] for at in shown}
    shown.sort(key=lambda at: (str(other[at]), found.function_from[at] != found.of, str(found.function_from[at])))
    names = [
        shortened(visible(f"{found.label(found.function_from[at])} → {found.label(found.function_to[at])}", 90), SIZE, _ROOM)
        for at in shown
    ]
    left = round(max(text_width(one, SIZE) for one in names) * 1.05 + 14, 1)
    longest = float(max(found.high_hours[at] for at in shown))
    across = Scale(0.0, longest * 1.04, left, left + _WIDTH)
    inside = found.reference(str(found.of)) if found.of else float("nan")
    height = _HEAD + _ROW * len(shown)
    rows = tuple(
        Direction(
            name,
            round(_HEAD + _ROW * (place + 0.5), 1),
            across(float(found.low_hours[at])),
            across(float(found.median_hours[at])),
            across(float(found.high_hours[at])),
            share_words(float(found.unanswered[at])),
        )
        for place, (at, name) in enumerate(zip(shown, names, strict=True))
    )
    return Times(
        order=tuple(shown),
        rows=rows,
        ticks=tuple((across(one), f"{one:g}") for one in round_ticks(0.0, longest, most=6)),
        within=across(inside) if np.isfinite(inside) and inside <= longest else None,
        within_label=visible(found.label(found.of) if found.of else "", 30),
        within_hours=fixed(inside, 1) if np.isfinite(inside) else "",
        left=left,
        right=round(left + _WIDTH, 1),
        width=round(left + _WIDTH + _UNANSWERED, 1),
        height=round(height + 44, 1),
    )
