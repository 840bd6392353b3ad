"""The network of persons, under pseudonyms or by name: only where the study asks for it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.numbers import counted
from tienet.base.time import DAY
from tienet.base.wording import column_label, visible
from tienet.network.measures.toward import functions_of_ties
from tienet.network.privacy import SuppressedMatrix, pseudonyms
from tienet.network.reading.interactions import InteractionLog
from tienet.network.ties.network import Ties
from tienet.network.ties.spans import interactions_by_span
from tienet.study.language.reading import say, say_counted
from tienet.study.page.network.attributes import Values, values_of
from tienet.study.page.network.groups import groups_of
from tienet.study.page.network.layout import layout
from tienet.study.page.network.lines import levels_of, steps_of
from tienet.study.page.network.view import Attribute, Mark, NetworkView, Shown

MOST_PEOPLE = 500
WINDOWS = 12


def view_of_people(
    ties: Ties,
    matrix: SuppressedMatrix,
    known: tuple[str, ...],
    *,
    shown: Shown,
    key: bytes,
    log: InteractionLog | None,
    attributes: tuple[str, ...],
    floor: int,
) -> NetworkView:
    """The network of persons.

    Parameters
    ----------
    ties, matrix
        The protected ones: small functions merged, small cells hidden.
    known
        Functions of the study; people of merged ones are not shown one by one.
    shown, key
        Pseudonyms under this key, or names.
    log
        For contact over time; None without one.
    attributes
        Columns of the people table that may be shown.
    floor
        Fewest people of a function x value cell.
    """
    people = ties.people
    called = _called(ties, key, shown)
    inside = np.flatnonzero(np.isin(people.function.astype(str), known))
    inside = inside[np.argsort(called[inside])]  # the order of the people table must not show on the page
    a, b, at = _drawn(ties, matrix, inside)
    names = sorted({*people.function[inside].tolist()})
    group = np.searchsorted(np.array(names, dtype=object), people.function[inside])
    names, group = _in_order(people.functions, names, group)
    xy = layout(group, a, b)
    weight = np.array([float(f"{one:.4g}") for one in np.nan_to_num(ties.strength[at])])
    order = np.argsort(-weight, kind="stable")
    a, b, at, weight = a[order], b[order], at[order], weight[order]
    counts, windows = _over_time(log, ties, at)
    levels, first = levels_of(weight, people=True)
    scale = round(float(np.clip(1.45 - len(inside) / 600, 0.7, 1.35)), 2)
    marks = [Mark(str(called[person]), int(one), *_tenths(place), scale, 1) for person, one, place in zip(inside, group, xy, strict=True)]
    drawn = weight >= levels[first].least
    offered, refused = _attributes(ties, inside, group, attributes, floor)
    return NetworkView(
        shown=shown,
        groups=groups_of(
            [people.labels[name] for name in names], group, xy, np.full(len(inside), 9.0), np.bincount(group, minlength=len(names))
        ),
        marks=marks,
        ends=list(zip(a.tolist(), b.tolist(), strict=True)),
        weight=weight.tolist(),
        levels=levels,
        first=first,
        steps=steps_of(weight, levels),
        windows=windows,
        attributes=offered,
        left_out=[*_left_out(len(people) - len(inside), len(ties) - len(at)), *refused],
        alone=len(inside) - len({*a[drawn].tolist(), *b[drawn].tolist()}),
        ties=len(ties),
        numbers={"n": [round(float(one), 1) for one in ties.interactions[at]], "w": counts},
    )


def _called(ties: Ties, key: bytes, shown: Shown) -> NDArray[Any]:
    """Pseudonyms of the people, or if names are requested, the column `name`, else the id."""
    if shown != "names":
        made: NDArray[Any] = pseudonyms(ties.people, key)
        return made
    own = ties.people.attributes.get("name", ties.people.person)
    return np.array([visible(str(one), 60) for one in own], dtype=object)


def _in_order(functions: tuple[str, ...], names: list[str], group: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    """Functions in the order that they have on the whole page."""
    order = sorted(range(len(names)), key=lambda one: functions.index(names[one]))
    back = np.empty(len(names), dtype=np.int64)
    back[order] = np.arange(len(names))
    return [names[one] for one in order], back[group]


def _drawn(
    ties: Ties, matrix: SuppressedMatrix, inside: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The ties that may be drawn: positions of their ends among the marks, the smaller first, and in the ties."""
    place = np.full(len(ties.people), -1)
    place[inside] = np.arange(len(inside))
    kept = _countable(ties, matrix) & (place[ties.a] >= 0) & (place[ties.b] >= 0)
    a, b = place[ties.a[kept]], place[ties.b[kept]]
    order = np.lexsort((np.maximum(a, b), np.minimum(a, b)))
    return np.minimum(a, b)[order], np.maximum(a, b)[order], np.flatnonzero(kept)[order]


def _countable(ties: Ties, matrix: SuppressedMatrix) -> NDArray[np.bool_]:
    """Ties between functions whose number of ties is shown; the others could be counted in the picture."""
    known = np.array(matrix.functions, dtype=object)
    order = np.argsort(known)
    rows, cols = (order[np.searchsorted(known[order], ends)] for ends in functions_of_ties(ties))
    seen: NDArray[np.bool_] = ~matrix.hidden[rows, cols]
    return seen


def _attributes(
    ties: Ties, inside: NDArray[np.int64], group: NDArray[np.int64], wanted: tuple[str, ...], floor: int
) -> tuple[list[Attribute], list[str]]:
    offered, refused = [], []
    for name in wanted:
        label = column_label(name)
        if name not in ties.people.attributes:
            refused.append(say("page.network.attribute.refused", name=label, why=say("page.network.attribute.absent")))
            continue
        found = values_of(np.asarray(ties.people.attributes[name])[inside], group, floor)
        if isinstance(found, Values):
            offered.append(Attribute(name, label, found.values, tuple(found.codes.tolist())))
        else:
            refused.append(say("page.network.attribute.refused", name=label, why=found))
    return offered, refused


def _left_out(people: int, ties: int) -> list[str]:
    notes = []
    if people:
        notes.append(say("page.network.left_people", people=counted(people, "person", "people")))
    if ties:
        notes.append(say_counted("page.network.left_ties", ties))
    return notes


def _over_time(log: InteractionLog | None, ties: Ties, at: NDArray[np.int64]) -> tuple[list[list[float]], list[tuple[str, str]]]:
    """Interactions of each drawn tie in up to twelve periods, (w, m), and the first and last day of each period."""
    window = ties.window
    if window is None or log is None or ties.given is not None or window.end - window.start < 2 * DAY or not len(at):
        return [], []
    pieces = min(WINDOWS, (window.end - window.start) // DAY)
    edges = np.linspace(window.start, window.end, int(pieces) + 1).astype(np.int64)
    inner = (edges[1:-1] // DAY) * DAY  # periods begin at midnight
    edges = np.concatenate([edges[:1], inner[inner > edges[0]], edges[-1:]])
    counts = interactions_by_span(log, ties, edges.tolist())[:, at]
    spans = [(_day(start), _day(end - 1)) for start, end in pairwise(edges.tolist())]
    return [[round(float(one), 1) for one in row] for row in counts], spans


def _day(microseconds: int) -> str:
    """A day as people write it, such as "6 January 2025"."""
    from datetime import UTC, datetime

    day = datetime.fromtimestamp(microseconds / 1e6, tz=UTC)
    return f"{day.day} {day:%B} {day.year}"


def _tenths(point: NDArray[np.float64]) -> tuple[float, float]:
    return round(float(point[0]), 1), round(float(point[1]), 1)
