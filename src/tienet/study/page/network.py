"""Data of the network section: positions, strengths and counts under pseudonyms, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.numbers import counted
from tienet.base.time import DAY, day_text
from tienet.base.wording import visible
from tienet.network.measures.toward import functions_of_ties
from tienet.network.privacy import SuppressedMatrix, pseudonyms
from tienet.network.ties.network import Ties
from tienet.network.ties.spans import interactions_by_span
from tienet.study.page.layout import HEIGHT, WIDTH, layout

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

MOST_PEOPLE = 500
WINDOWS = 12
_LEVELS = 40
_FIRST_SHOWN = 600  # ties drawn at first; more would be unreadable
# Okabe & Ito, darkened where needed for contrast on white; each has its own shape, and beyond seven functions shapes are recombined.
COLORS = ("#0072B2", "#B34700", "#007A5A", "#A3497F", "#8A6100", "#444444", "#3D8FC6")
SHAPES = (
    "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0z",
    "M-6.2-6.2h12.4v12.4h-12.4z",
    "M0-8.2L7.6 5.6H-7.6z",
    "M0-8.4L8.4 0 0 8.4-8.4 0z",
    "M0 8.2L7.6-5.6H-7.6z",
    "M-2.6-7.6h5.2v5h5v5.2h-5v5h-5.2v-5h-5v-5.2h5z",
    "M-7-7L0-3 7-7 3 0 7 7 0 3-7 7-3 0z",
    "M-7.8 0l3.9-6.8h7.8l3.9 6.8-3.9 6.8h-7.8z",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A person or a function in the network."""

    label: str
    group: int
    x: float
    y: float
    scale: float
    members: int


@dataclass(frozen=True, slots=True)
class Group:
    """A function in the network: colour, shape and position of its name."""

    label: str
    short: str
    color: str
    shape: str
    members: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class NetworkView:
    """The network section: people under pseudonyms, or functions if there are too many people."""

    of_people: bool
    groups: Sequence[Group]
    marks: Sequence[Mark]
    levels: Sequence[float]
    first_level: int
    windows: Sequence[tuple[str, str]]
    ties: int
    left_out: Sequence[str]
    numbers: dict[str, Any]


def network_view(result: StudyFindings, ties: Ties, matrix: SuppressedMatrix, *, key: bytes, names: bool) -> NetworkView:
    """Return the data for the network section.

    `ties` and `matrix` are the protected ones: small functions merged, small cells hidden.
    """
    if len(ties.people) > MOST_PEOPLE:
        return _of_functions(matrix)
    return _of_people(result, ties, matrix, _named(ties, key, names))


def _named(ties: Ties, key: bytes, names: bool) -> NDArray[Any]:
    """Pseudonyms of the people, or if names are requested, the column `name`, else the id."""
    if not names:
        made: NDArray[Any] = pseudonyms(ties.people, key)
        return made
    own = ties.people.attributes.get("name", ties.people.person)
    return np.array([visible(str(one), 60) for one in own], dtype=object)


def _of_people(result: StudyFindings, ties: Ties, matrix: SuppressedMatrix, called: NDArray[Any]) -> NetworkView:
    people = ties.people
    shown = np.flatnonzero(np.isin(people.function.astype(str), result.people.functions))  # people in functions that were not merged
    shown = shown[np.argsort(called[shown])]  # the order of the people table must not show on the page
    place = np.full(len(people), -1)
    place[shown] = np.arange(len(shown))
    kept = _countable(ties, matrix) & (place[ties.a] >= 0) & (place[ties.b] >= 0)
    a, b = place[ties.a[kept]], place[ties.b[kept]]
    order = np.lexsort((np.maximum(a, b), np.minimum(a, b)))
    at = np.flatnonzero(kept)[order]
    a, b = np.minimum(a, b)[order], np.maximum(a, b)[order]
    functions = sorted(set(people.function[shown].tolist()))
    group = np.searchsorted(np.array(functions, dtype=object), people.function[shown])
    xy = layout(group, a, b)
    counts, windows = _over_time(result, ties, at)
    marks = [
        Mark(str(called[person]), int(g), *_rounded(point), _scale(len(shown)), 1)
        for person, g, point in zip(shown, group, xy, strict=True)
    ]
    levels, first = _levels(ties.strength[at])
    numbers = _numbers(a, b, ties.strength[at], ties.interactions[at]) | {"w": counts}
    left_out = _left_out(len(people) - len(shown), int(len(ties) - kept.sum()))
    groups = _groups([people.labels[name] for name in functions], group, xy)
    return NetworkView(True, groups, marks, levels, first, windows, len(at), left_out, numbers)


def _of_functions(matrix: SuppressedMatrix) -> NetworkView:
    """One mark per function, one line per pair of functions whose count may be shown."""
    a, b = np.nonzero(np.triu(~matrix.hidden & (np.nan_to_num(matrix.ties) > 0), 1))
    group = np.arange(len(matrix.functions))
    xy = _ring(len(group))
    biggest = float(matrix.members.max())
    marks = [
        Mark(visible(label, 60), place, *_rounded(xy[place]), round(1.4 + 2.4 * float(np.sqrt(size / biggest)), 2), int(size))
        for place, (label, size) in enumerate(zip(matrix.labels, matrix.members, strict=True))
    ]
    counts = matrix.ties[a, b]
    levels, first = _levels(counts.astype(float))
    numbers = _numbers(a, b, matrix.density[a, b], counts.astype(float)) | {
        "w": [],
        "s": counts.tolist(),
        "d": matrix.density[a, b].tolist(),
    }
    hidden = int(np.triu(matrix.hidden).sum())
    left_out = (
        [f"{counted(hidden, 'pair')} of functions not shown, because they have few ties or would reveal such a pair."] if hidden else []
    )
    return NetworkView(
        False, _groups(matrix.labels, group, xy, away=56.0, sizes=matrix.members), marks, levels, first, [], len(a), left_out, numbers
    )


def _countable(ties: Ties, matrix: SuppressedMatrix) -> NDArray[np.bool_]:
    """Ties between functions whose number of ties is shown; the others could be counted in the picture."""
    known = np.array(matrix.functions, dtype=object)
    rows, cols = (np.searchsorted(known, ends) for ends in functions_of_ties(ties))
    shown: NDArray[np.bool_] = ~matrix.hidden[rows, cols]
    return shown


def _left_out(people: int, ties: int) -> list[str]:
    notes = []
    if people:
        notes.append(f"Not shown: {counted(people, 'person', 'people')} in functions with too few people.")
    if ties:
        notes.append(f"Not drawn: {counted(ties, 'tie')} of these people or between functions with few ties.")
    return notes


def _numbers(a: NDArray[Any], b: NDArray[Any], strength: NDArray[np.float64], interactions: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "a": a.tolist(),
        "b": b.tolist(),
        "s": [float(f"{one:.4g}") for one in np.nan_to_num(strength)],
        "n": [round(float(one), 1) for one in interactions],
    }


def _levels(strength: NDArray[np.float64]) -> tuple[list[float], int]:
    """The strengths of the slider steps, from all ties to the strongest few, and the step it starts at."""
    if not len(strength):
        return [0.0], 0
    values = np.nan_to_num(strength)
    shares = np.quantile(values, np.linspace(0, 0.995, _LEVELS), method="lower")
    levels = sorted({float(f"{one:.4g}") for one in shares})
    levels[0] = 0.0
    rounded = np.array([float(f"{one:.4g}") for one in values])
    first = next((at for at, level in enumerate(levels) if np.sum(rounded >= level) <= _FIRST_SHOWN), len(levels) - 1)
    return levels, first


def _over_time(result: StudyFindings, ties: Ties, at: NDArray[np.int64]) -> tuple[list[list[float]], list[tuple[str, str]]]:
    """Interactions of each drawn tie in up to twelve periods, (w, m), and the first and last day of each period."""
    window = ties.window
    if window is None or result.log is None or ties.given is not None or window.end - window.start < 2 * DAY or not len(at):
        return [], []
    pieces = min(WINDOWS, (window.end - window.start) // DAY)
    edges = np.linspace(window.start, window.end, int(pieces) + 1).astype(np.int64)
    inner = (edges[1:-1] // DAY) * DAY  # periods begin at midnight
    edges = np.concatenate([edges[:1], inner[inner > edges[0]], edges[-1:]])
    counts = interactions_by_span(result.log, ties, edges.tolist())[:, at]
    spans = [(day_text(start), day_text(end - 1)) for start, end in pairwise(edges.tolist())]
    return [[round(float(one), 1) for one in row] for row in counts], spans


def _scale(people: int) -> float:
    return round(float(np.clip(1.5 - people / 600, 0.7, 1.4)), 2)


def _rounded(point: NDArray[np.float64]) -> tuple[float, float]:
    return round(float(point[0]), 1), round(float(point[1]), 1)


def _ring(size: int) -> NDArray[np.float64]:
    turn = -np.pi / 2 + 2 * np.pi * np.arange(size) / max(size, 1)
    return np.column_stack([WIDTH / 2 + 0.36 * WIDTH * np.cos(turn), HEIGHT / 2 + 0.36 * HEIGHT * np.sin(turn)])


def _groups(
    labels: Sequence[str],
    group: NDArray[np.int64],
    xy: NDArray[np.float64],
    *,
    away: float = 16.0,
    sizes: NDArray[np.int64] | None = None,
) -> list[Group]:
    made = []
    for place, label in enumerate(labels):
        points = xy[group == place]
        x, y = float(points[:, 0].mean()), float(points[:, 1].min()) - away
        shape = SHAPES[(place + place // len(COLORS)) % len(SHAPES)]
        size = len(points) if sizes is None else int(sizes[place])
        short = visible(label, 22)
        x = float(np.clip(x, 9.0 * len(short), WIDTH - 9.0 * len(short)))
        made.append(Group(visible(label, 60), short, COLORS[place % len(COLORS)], shape, size, round(x, 1), round(max(y, 32.0), 1)))
    return made
