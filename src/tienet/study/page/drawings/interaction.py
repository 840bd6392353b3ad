"""The figure of a card: two lines with their bands, and a column of people per number of ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.numbers import minus
from tienet.study.cards.card import Card, Line
from tienet.study.page.drawings.scales import Scale, points, ribbon, round_ticks, whole_ticks

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 430.0, 38.0, 322.0, 26.0, 182.0
_FOOT, _TALL, _FEW = 224.0, 18.0, 3.0  # the columns: their foot, the height of the highest, that of those below the floor
_APART = 33.0  # between the names of two lines, which take two rows of text each


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line of the figure with its band, and the height at which its name stands."""

    key: str
    curve: str
    band: str
    at: float
    strength: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A column of people; one below the floor is hollow and always as high as any other such."""

    x: float
    width: float
    y: float
    height: float
    few: bool


@dataclass(frozen=True, slots=True)
class Interaction:
    """Positions of the figure of a card, in a drawing 430 wide."""

    lines: tuple[NamedLine, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    columns: tuple[Bar, ...]
    ends: tuple[tuple[str, str, str], ...]  # for each line: weak or strong, expected outcome at its two ends
    first: str
    last: str


def span_of(cards: Sequence[Card]) -> tuple[float, float]:
    """The outcome's axis that all cards share: the lines with room for their bands, so that a wild band does not flatten them."""
    drawn = [line for card in cards if card.lines is not None for line in (card.lines.weak, card.lines.strong)]
    fits = _finite([line.fit for line in drawn])
    if not fits.size:
        return 0.0, 1.0
    low, high = float(fits.min()), float(fits.max())
    room = max(high - low, 1e-9)
    ends = _finite([end for line in drawn for end in (line.low, line.high)])
    return max(float(ends.min()), low - 0.45 * room), min(float(ends.max()), high + 0.45 * room)


def _finite(values: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    joined = np.concatenate(values) if values else np.zeros(0)
    kept: NDArray[np.float64] = joined[np.isfinite(joined)]
    return kept


def draw_interaction(card: Card, span: tuple[float, float], floor: int) -> Interaction | None:
    """Place the parts of the figure; None for a card without lines."""
    lines = card.lines
    if lines is None:
        return None
    first, last = int(np.floor(lines.ties[0])), int(np.ceil(lines.ties[-1]))
    across = Scale(first, max(last, first + 1), LEFT + 6, RIGHT)
    up = Scale(*span, BOTTOM, TOP)
    x = [across(one) for one in lines.ties]
    named = [_named(key, line, strength, x, up) for key, line, strength in _of(card)]
    return Interaction(
        lines=_spread(named),
        across=tuple((across(one), str(one)) for one in whole_ticks(first, last)),
        up=tuple((up(one), minus(f"{one:g}")) for one in round_ticks(*span, most=5)),
        columns=_columns(card, across, floor),
        ends=tuple((key, *_ends(line)) for key, line, _ in _of(card)),
        first=str(first),
        last=str(last),
    )


def _of(card: Card) -> tuple[tuple[str, Line, float], ...]:
    assert card.lines is not None  # noqa: S101 - for the type checker
    return ("weak", card.lines.weak, card.levels.weak), ("strong", card.lines.strong, card.levels.strong)


def _named(key: str, line: Line, strength: float, x: Sequence[float], up: Scale) -> NamedLine:
    fit, low, high = (
        np.array([np.clip(up(one), TOP, BOTTOM) if np.isfinite(one) else np.nan for one in v]) for v in (line.fit, line.low, line.high)
    )
    seen = np.flatnonzero(np.isfinite(fit))
    at = float(fit[seen[-1]]) if seen.size else (TOP + BOTTOM) / 2
    return NamedLine(key, points(x, fit), ribbon(x, low.tolist(), high.tolist()), at, strength)


def _spread(named: Sequence[NamedLine]) -> tuple[NamedLine, ...]:
    """Move the names apart where they would overlap, and keep them inside the drawing."""
    upper, lower = sorted(named, key=lambda one: one.at)
    middle = float(np.clip((upper.at + lower.at) / 2, TOP + _APART / 2 + 4, BOTTOM - _APART / 2 - 8))
    if lower.at - upper.at < _APART:
        places = {upper.key: middle - _APART / 2, lower.key: middle + _APART / 2}
    else:
        places = {upper.key: max(upper.at, TOP + 6), lower.key: min(lower.at, BOTTOM - 14)}
    return tuple(NamedLine(one.key, one.curve, one.band, round(places[one.key], 1), one.strength) for one in named)


def _columns(card: Card, across: Scale, floor: int) -> tuple[Bar, ...]:
    """Columns in steps of the floor, so that their heights do not give counts away."""
    support = card.support
    steps = np.where(support.people >= floor, support.people // max(floor, 1), 0)
    most = max(int(steps.max(initial=1)), 1)
    width = round(min(16.0, 0.62 * (across(1) - across(0))), 1)
    made = []
    for ties, step in zip(support.ties.tolist(), steps.tolist(), strict=True):
        tall = round(_FEW + (_TALL - _FEW) * step / most, 1) if step else _FEW
        made.append(Bar(round(across(ties) - width / 2, 1), width, round(_FOOT - tall, 1), tall, not step))
    return tuple(made)


def _ends(line: Line) -> tuple[str, str]:
    seen = line.fit[np.isfinite(line.fit)]
    return (minus(f"{seen[0]:.3g}"), minus(f"{seen[-1]:.3g}")) if seen.size else ("–", "–")
