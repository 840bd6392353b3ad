"""The network of groups: functions, and their teams or another attribute's values where these have at least the floor of people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from tienet.base.wording import column_label, visible
from tienet.network.privacy import SuppressedMatrix
from tienet.network.ties.network import Ties
from tienet.study.language.reading import say, say_counted
from tienet.study.page.network.attributes import Values, split, values_of
from tienet.study.page.network.layout import layout_groups
from tienet.study.page.network.lines import levels_of, steps_of
from tienet.study.page.network.names import place_names
from tienet.study.page.network.view import Attribute, Group, Mark, NetworkView

TEAM = "team"
COLORS = 7
# Each function has its own shape beside its colour; beyond seven functions, shapes and colours are combined anew.
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
_SHAPE = 7.0  # radius of a shape


def groups_of(
    labels: Sequence[str], group: NDArray[np.int64], xy: NDArray[np.float64], reach: NDArray[np.float64], sizes: NDArray[np.int64]
) -> list[Group]:
    """The functions with colour, shape and a name that does not overlap others."""
    clouds = [xy[group == at] for at in range(len(labels))]
    far = [float(reach[group == at].max(initial=9.0)) for at in range(len(labels))]
    places = place_names(labels, clouds, far)
    return [
        Group(
            visible(label, 60),
            place.short,
            at % COLORS,
            SHAPES[(at + at // COLORS) % len(SHAPES)],
            int(sizes[at]),
            place.x,
            place.y,
            place.line,
        )
        for at, (label, place) in enumerate(zip(labels, places, strict=True))
    ]


def view_of_groups(ties: Ties, matrix: SuppressedMatrix, *, attributes: tuple[str, ...], floor: int) -> NetworkView:
    """The network of groups.

    Parameters
    ----------
    ties, matrix
        The protected ones: small functions merged, small cells hidden.
    attributes
        Columns of the people table that may be shown; the first splits functions, without any the column `team`.
    floor
        Fewest people of a group, and fewest ties of a line.
    """
    people, functions = ties.people, list(matrix.functions)
    function = np.array([functions.index(one) for one in people.function.tolist()], dtype=np.int64)
    part, attribute, refused = _parts(ties, function, attributes, floor)
    cells, mark = np.unique(function * (int(part.max(initial=0)) + 1) + part, return_inverse=True)
    size = np.bincount(mark, minlength=len(cells))
    home = np.array([function[mark == one][0] for one in range(len(cells))], dtype=np.int64)
    counts, hidden = lines_between(mark[ties.a], mark[ties.b], ties, home, matrix, floor)
    a, b = np.nonzero(np.triu((counts > 0) & ~hidden, 1))
    weight = counts[a, b].astype(float)
    order = np.argsort(-weight, kind="stable")
    a, b, weight = a[order], b[order], weight[order]
    xy, radius, discs = layout_groups(home, np.sqrt(size.astype(float)), a, b)
    levels, first = levels_of(weight, people=False)
    labels = [people.labels.get(one, one) for one in functions]
    names = _names(labels, home, mark, ties, attribute)
    several = np.bincount(home, minlength=len(functions)) > 1
    marks = [
        Mark(label, int(f), round(float(x), 1), round(float(y), 1), round(0.8 * float(r) / _SHAPE, 2), int(n), short if several[f] else "")
        for (label, short), f, (x, y), r, n in zip(names, home, xy, radius, size, strict=True)
    ]
    drawn = weight >= levels[first].least
    within = [int(counts[one, one]) if not hidden[one, one] and counts[one, one] else None for one in range(len(cells))]
    rings = [[round(float(one), 1) for one in ring] if several[at] else None for at, ring in enumerate(discs)]
    return NetworkView(
        shown="groups",
        groups=groups_of(labels, home, discs[home, :2], discs[home, 2], np.bincount(function, minlength=len(functions))),
        marks=marks,
        ends=list(zip(a.tolist(), b.tolist(), strict=True)),
        weight=weight.tolist(),
        levels=levels,
        first=first,
        steps=steps_of(weight, levels),
        windows=[],
        attributes=[attribute] if attribute is not None else [],
        left_out=[*_hidden_lines(hidden, floor), *refused],
        alone=len(marks) - len({*a[drawn].tolist(), *b[drawn].tolist()}),
        ties=int(weight.sum()),
        numbers={"within": within, "rings": rings},
    )


def _parts(
    ties: Ties, function: NDArray[np.int64], wanted: tuple[str, ...], floor: int
) -> tuple[NDArray[np.int64], Attribute | None, list[str]]:
    """(n,) the part of its function that each person is in, the attribute behind it if it is one to choose by, and what was refused."""
    held = ties.people.attributes
    refused: list[str] = []
    for name in wanted:
        label = column_label(name)
        found = values_of(np.asarray(held[name]), function, floor) if name in held else say("page.network.attribute.absent")
        if isinstance(found, Values):
            cells = np.unique(function * len(found.values) + found.codes) % len(found.values)
            return found.codes, Attribute(name, label, found.values, tuple(cells.tolist())), refused
        refused.append(say("page.network.attribute.refused", name=label, why=found))
    part = np.zeros(len(function), dtype=np.int64)
    if not wanted and TEAM in held:
        teams = np.asarray(held[TEAM])
        for one in np.unique(function).tolist():
            inside = function == one
            part[inside] = split(teams[inside].tolist(), floor)
    return part, None, refused


def _names(
    labels: Sequence[str],
    home: NDArray[np.int64],
    mark: NDArray[np.int64],
    ties: Ties,
    attribute: Attribute | None,
) -> list[tuple[str, str]]:
    """The name of each mark, and the short one drawn beside it."""
    made: list[tuple[str, str]] = []
    teams = ties.people.attributes.get(TEAM)
    for at, one in enumerate(home.tolist()):
        function = visible(labels[one], 60)
        if attribute is not None:
            short = attribute.values[attribute.codes[at]]
        elif teams is not None and int(np.sum(home == one)) > 1:
            inside = np.unique([str(team) for team in np.asarray(teams)[mark == at].tolist()])
            short = str(inside[0]) if len(inside) == 1 else say("page.network.other_teams")
        else:
            short = ""
        made.append((f"{function}, {visible(short, 30)}" if short else function, visible(short, 12)))
    return made


def lines_between(
    a: NDArray[np.int64], b: NDArray[np.int64], ties: Ties, home: NDArray[np.int64], matrix: SuppressedMatrix, floor: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Ties between groups, (m, m) symmetric, and which of them must not be shown.

    Not shown are cells of 1 to floor - 1 ties, cells in which one person holds more than half of the ties, all cells of two functions
    whose number of ties is hidden, and further cells of two functions, so that their known total does not give a hidden one away.

    Parameters
    ----------
    a, b
        (t,) groups at the ends of each tie.
    ties
        The ties.
    home
        (m,) the function of each group, as a position in the matrix.
    matrix
        The numbers of ties per pair of functions that the page shows.
    floor
        Fewest ties of a cell.
    """
    size = len(home)
    counts = np.zeros((size, size), dtype=np.int64)
    np.add.at(counts, (np.minimum(a, b), np.maximum(a, b)), 1)
    counts = counts + np.triu(counts, 1).T
    small = ((counts > 0) & (counts < floor)) | (2 * _largest_share(a, b, ties, size) > counts)
    hidden = np.triu(small | matrix.hidden[np.ix_(home, home)])
    for f, g in combinations_with_replacement(range(len(matrix.functions)), 2):
        _hide_more(counts, hidden, *_cells(home, f, g), floor)
    return counts, hidden | hidden.T


def _largest_share(a: NDArray[np.int64], b: NDArray[np.int64], ties: Ties, size: int) -> NDArray[np.int64]:
    """(m, m) the most ties of a cell that one person holds."""
    most = np.zeros((size, size), dtype=np.int64)
    for person, own, other in ((ties.a, a, b), (ties.b, b, a)):
        keys, held = np.unique(np.column_stack([person, own, other]), axis=0, return_counts=True)
        np.maximum.at(most, (keys[:, 1], keys[:, 2]), held)
    return np.maximum(most, most.T)


def _cells(home: NDArray[np.int64], f: int, g: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cells between two functions, each once."""
    one, two = np.meshgrid(np.flatnonzero(home == f), np.flatnonzero(home == g), indexing="ij")
    low, high = np.minimum(one, two).ravel(), np.maximum(one, two).ravel()
    pairs = np.unique(np.column_stack([low, high]), axis=0) if low.size else np.zeros((0, 2), dtype=np.int64)
    return pairs[:, 0], pairs[:, 1]


def _hide_more(counts: NDArray[np.int64], hidden: NDArray[np.bool_], rows: NDArray[np.int64], cols: NDArray[np.int64], floor: int) -> None:
    """Hide the smallest shown cells of two functions until the hidden ones together could be divided in many ways.

    A cell without ties is not drawn either, so it cannot be told from a hidden one.
    """
    if not hidden[rows, cols].any():
        return
    while True:
        unseen = hidden[rows, cols] | (counts[rows, cols] == 0)
        seen = np.flatnonzero(~unseen)
        if (unseen.sum() > 1 and counts[rows, cols][unseen].sum() >= 2 * floor) or not seen.size:
            return
        least = seen[np.argmin(counts[rows[seen], cols[seen]])]
        hidden[rows[least], cols[least]] = True


def _hidden_lines(hidden: NDArray[np.bool_], floor: int) -> list[str]:
    count = int(np.triu(hidden, 1).sum())
    return [say_counted("page.network.left_lines", count, floor=floor)] if count else []
