"""Which lines are drawn, how many at first, and their paths for a page without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.study.page.network.view import Level, NetworkView

_STEPS = 40
OF_PEOPLE, OF_GROUPS = (200, 600), (25, 75)  # lines of the first two choices


@dataclass(frozen=True, slots=True)
class Path:
    """Lines between two functions that are drawn from the same choice on; `level` is 0 for those of all choices."""

    a: int
    b: int
    level: int
    d: str
    width: str = ""


def levels_of(weight: NDArray[np.float64], *, people: bool) -> tuple[list[Level], int]:
    """The choices of how many lines are drawn, fewest first, and the position of the one at the start.

    Ties of equal strength stay together: a choice holds those at least as strong as the weakest of the strongest n, or fewer if that
    would be many more.
    """
    made = []
    for key, most in zip(("few", "some"), OF_PEOPLE if people else OF_GROUPS, strict=True):
        if len(weight) > most:
            least = float(np.sort(weight)[::-1][most - 1])
            if np.sum(weight >= least) > 1.1 * most and (weight > least).any():
                least = float(weight[weight > least].min())
            made.append(Level(key, least, int(np.sum(weight >= least))))
    made = [one for one in made if one.lines < len(weight)]
    return [*made, Level("all", 0.0, len(weight))], max(len(made) - 1, 0)


def steps_of(weight: NDArray[np.float64], levels: Sequence[Level]) -> list[float]:
    """The values of the slider, from all lines to the strongest few; those of the choices among them."""
    if not len(weight):
        return [0.0]
    shares = np.quantile(weight, np.linspace(0, 0.995, _STEPS), method="lower")
    return sorted({0.0, *(float(one) for one in shares[1:]), *(one.least for one in levels)})


def paths_of(view: NetworkView) -> list[Path]:
    """The lines as paths: of people joined by function and choice, of groups one each, as wide as it has ties."""
    place = [_level(weight, view.levels) for weight in view.weight]
    if not view.of_people:
        most = max(view.weight, default=1.0)
        return [
            Path(*_functions(view, ends), level, _line(view, ends), f"{1.2 + 9 * weight / most:.1f}")
            for ends, level, weight in zip(view.ends, place, view.weight, strict=True)
        ]
    found: dict[tuple[int, int, int], list[str]] = {}
    for ends, level in zip(view.ends, place, strict=True):
        a, b = _functions(view, ends)
        found.setdefault((a, b, level), []).append(_line(view, ends))
    return [Path(*key, "".join(lines)) for key, lines in sorted(found.items(), key=lambda item: (-item[0][2], item[0]))]


def _level(weight: float, levels: Sequence[Level]) -> int:
    """0 for the strongest, 2 for those drawn only where all are."""
    names = {"few": 0, "some": 1, "all": 2 if len(levels) > 1 else 1}
    return names[next(one.key for one in levels if weight >= one.least)]


def _functions(view: NetworkView, ends: tuple[int, int]) -> tuple[int, int]:
    one, two = sorted(view.marks[end].group for end in ends)
    return one, two


def _line(view: NetworkView, ends: tuple[int, int]) -> str:
    a, b = (view.marks[end] for end in ends)
    return f"M{a.x:.0f} {a.y:.0f}L{b.x:.0f} {b.y:.0f}"
