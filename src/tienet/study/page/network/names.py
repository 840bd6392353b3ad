"""Where the names of functions stand: beside their function, never over one another, legible on a phone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.wording import visible
from tienet.study.page.drawings.scales import shortened, text_width
from tienet.study.page.network.layout import HEIGHT, WIDTH

SIZE = 30.0  # of letters on a phone, in units of the drawing; there it is about 11 pixels
ROOM = 300.0  # the widest a name may be


@dataclass(frozen=True, slots=True)
class Place:
    """The short name of a function, the middle of its foot, and a line to the function if it stands apart."""

    short: str
    x: float
    y: float
    line: str


def place_names(labels: Sequence[str], clouds: Sequence[NDArray[np.float64]], reach: Sequence[float]) -> list[Place]:
    """Place a name for each function.

    Parameters
    ----------
    labels
        The functions.
    clouds
        (m, 2) places of the marks of each.
    reach
        How far a mark of each reaches around its place.
    """
    made: list[Place] = []
    taken: list[tuple[float, float, float, float]] = []
    occupied = [(*(cloud.min(axis=0) - far), *(cloud.max(axis=0) + far)) for cloud, far in zip(clouds, reach, strict=True)]
    for at, (label, cloud, far) in enumerate(zip(labels, clouds, reach, strict=True)):
        short = shortened(visible(label, 60), SIZE, ROOM)
        half = text_width(short, SIZE) / 2
        free = [one for one in _candidates(cloud, far, half) if not any(_over(_box(one[0], one[1], half), box) for box in taken)]
        others = occupied[:at] + occupied[at + 1 :]
        clear = [one for one in free if not one[2] and not any(_over(_box(one[0], one[1], half), box) for box in others)]
        x, y, away = next(iter([*clear, *free]), (WIDTH / 2, HEIGHT / 2, True))
        taken.append(_box(x, y, half))
        made.append(Place(short, round(x, 1), round(y, 1), _line(x, y, cloud) if away else ""))
    return made


def _candidates(cloud: NDArray[np.float64], far: float, half: float) -> Iterator[tuple[float, float, bool]]:
    """Places above, below and beside the marks, then ever farther out with a line."""
    middle, low, high = cloud.mean(axis=0), cloud.min(axis=0) - far, cloud.max(axis=0) + far
    near = [
        (middle[0], low[1] - 8),
        (middle[0], high[1] + SIZE),
        (high[0] + half + 6, middle[1] + SIZE / 3),
        (low[0] - half - 6, middle[1] + SIZE / 3),
    ]
    yield from ((*_inside(x, y, half), False) for x, y in near if _fits(x, y, half))
    for step in range(1, 12):
        for x, y in ((middle[0], low[1] - 8 - 34 * step), (middle[0], high[1] + SIZE + 34 * step)):
            if SIZE <= y <= HEIGHT - 8:
                yield (*_inside(x, y, half), True)
    for y in np.arange(SIZE, HEIGHT - 8, 36.0):  # anywhere that is free
        for x in (half + 4, WIDTH / 2, WIDTH - half - 4):
            yield float(x), float(y), True


def _fits(x: float, y: float, half: float) -> bool:
    return bool(SIZE <= y <= HEIGHT - 6) and bool(half - 40 <= x <= WIDTH - half + 40)


def _inside(x: float, y: float, half: float) -> tuple[float, float]:
    return float(np.clip(x, half + 4, max(WIDTH - half - 4, half + 4))), float(np.clip(y, SIZE, HEIGHT - 8))


def _box(x: float, y: float, half: float) -> tuple[float, float, float, float]:
    return x - half, y - SIZE, x + half, y + 6


def _over(one: tuple[float, float, float, float], two: tuple[float, float, float, float]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _line(x: float, y: float, cloud: NDArray[np.float64]) -> str:
    nearest = cloud[np.argmin(np.hypot(cloud[:, 0] - x, cloud[:, 1] - y))]
    foot = y + 8 if nearest[1] > y else y - SIZE + 4
    return f"M{x:.0f} {foot:.0f}L{nearest[0]:.0f} {nearest[1]:.0f}"
