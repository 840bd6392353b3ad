"""The drawing of hand-off times: a dot and a bar per direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.wording import visible
from tienet.network.measures.answer_times import HandoffTimes
from tienet.study.page.drawings.scales import Scale, round_ticks, shortened, text_width
from tienet.study.words.written import fixed, share_words

SIZE, _ROW, _HEAD, _WIDTH, _ROOM = 14.0, 30.0, 44.0, 330.0, 230.0
_SLIM = 250.0  # width of the bars on a phone
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
    top: float
    above: bool


def draw_times(found: HandoffTimes, *, above: bool = False) -> Times:
    """Place the directions between functions that have answers; with `above` each name above its bar, for a phone."""
    shown = np.flatnonzero(~found.within & np.isfinite(found.median_hours)).tolist()
    other = {at: found.function_to[at] if found.function_from[at] == found.of else found.function_from[at] for at in shown}
    shown.sort(key=lambda at: (str(other[at]), found.function_from[at] != found.of, str(found.function_from[at])))
    room = _SLIM + _UNANSWERED if above else _ROOM
    names = [
        shortened(visible(f"{found.label(found.function_from[at])} → {found.label(found.function_to[at])}", 90), SIZE, room) for at in shown
    ]
    left = 8.0 if above else round(max(text_width(one, SIZE) for one in names) * 1.05 + 14, 1)
    width, row, head = (_SLIM, _ROW + 18.0, _HEAD + 24.0) if above else (_WIDTH, _ROW, _HEAD)
    longest = float(max(found.high_hours[at] for at in shown))
    across = Scale(0.0, longest * 1.04, left, left + width)
    inside = found.reference(str(found.of)) if found.of else float("nan")
    height = head + row * len(shown)
    rows = tuple(
        Direction(
            name,
            round(head + row * (place + (0.7 if above else 0.5)), 1),
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
        ticks=tuple((across(one), f"{one:g}") for one in round_ticks(0.0, longest, most=4 if above else 6)),
        within=across(inside) if np.isfinite(inside) and inside <= longest else None,
        within_label=visible(found.label(found.of) if found.of else "", 30),
        within_hours=fixed(inside, 1) if np.isfinite(inside) else "",
        left=left,
        right=round(left + width, 1),
        width=round(left + width + _UNANSWERED, 1),
        height=round(height + 44, 1),
        top=head - 4.0,
        above=above,
    )
