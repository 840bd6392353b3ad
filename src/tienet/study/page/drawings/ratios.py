"""The drawing of ties divided by ties expected, per pair of functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.wording import visible
from tienet.network.measures.expected import ExpectedTies
from tienet.study.page.drawings.scales import shortened, text_width

SIZE, _HEIGHT, _HEAD = 15.0, 40.0, 44.0  # letters as large as on a phone, so that there is room for them
_ROOM = 170.0  # for the names at the left
_TURNED = 8  # from this many functions on, names above are turned


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its place, its colour, and the ratio in it; `outside` the middle 95% it is bold."""

    x: float
    y: float
    color: str
    text: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Ratios:
    """Places of the cells and names."""

    width: float
    height: float
    cell: tuple[float, float]
    rows: tuple[tuple[float, str], ...]
    columns: tuple[tuple[float, tuple[str, ...]], ...]
    turned: bool
    top: float
    left: float
    cells: tuple[Cell, ...]


def draw_ratios(found: ExpectedTies) -> Ratios:
    """Place the ratios; the own function is left blank, and what is hidden is a dash."""
    labels = [visible(label, 60) for label in found.labels]
    short = [shortened(label, SIZE, _ROOM) for label in labels]
    left = max(text_width(one, SIZE) for one in short) * 1.06 + 12
    wide = max(56.0, min(80.0, 400.0 / len(labels)))
    turned = len(labels) >= _TURNED
    heads = [(shortened(label, SIZE, 110.0),) if turned else _two_rows(label, wide - 4) for label in labels]
    top = 96.0 if turned else _HEAD
    cells = [_cell(found, row, col, left + col * wide, top + row * _HEIGHT) for row in range(len(labels)) for col in range(len(labels))]
    return Ratios(
        width=round(left + wide * len(labels) + (60 if turned else 4), 1),
        height=round(top + _HEIGHT * len(labels) + 4, 1),
        cell=(round(wide - 2, 1), _HEIGHT - 2),
        rows=tuple((round(top + _HEIGHT * (at + 0.5) + 4.5, 1), one) for at, one in enumerate(short)),
        columns=tuple((round(left + wide * (at + 0.5), 1), head) for at, head in enumerate(heads)),
        turned=turned,
        top=top,
        left=round(left, 1),
        cells=tuple(cells),
    )


def _cell(found: ExpectedTies, row: int, col: int, x: float, y: float) -> Cell:
    place = (round(x, 1), round(y, 1))
    if row == col:
        return Cell(*place, "own", "", False)
    ratio = float(found.ratio[row, col])
    outside = bool(found.thin[row, col] or found.thick[row, col])
    return Cell(*place, _color(ratio), f"{ratio:.2f}" if np.isfinite(ratio) else "–", outside)


def _color(ratio: float) -> str:
    """A colour on the log scale, centred on 1."""
    if not np.isfinite(ratio):
        return "even"
    step = np.log2(ratio) if ratio > 0 else -2.0
    at = int(np.searchsorted([0.06, 0.2, 0.4, 0.7], abs(step)))
    return "even" if not at else f"{'low' if step < 0 else 'high'}{at}"


def _two_rows(label: str, room: float) -> tuple[str, ...]:
    """A name in one or two rows that fit above a column."""
    size = 12.5
    if text_width(label, size) <= room or " " not in label:
        return (shortened(label, size, room),)
    words = label.split(" ")
    cut = min(range(1, len(words)), key=lambda at: max(text_width(" ".join(words[:at]), size), text_width(" ".join(words[at:]), size)))
    return tuple(shortened(" ".join(part), size, room) for part in (words[:cut], words[cut:]))
