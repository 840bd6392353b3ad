"""The network of groups: functions, and their teams or another attribute's values where these have at least the floor of people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tienet.base.wording import column_label, visible
from tienet.network.privacy import SuppressedMatrix, group_network
from tienet.network.ties.network import Ties
from tienet.study.language.reading import say, say_counted
from tienet.study.page.network.attributes import TEAM, divide
from tienet.study.page.network.layout import layout_groups
from tienet.study.page.network.lines import levels_of, steps_of
from tienet.study.page.network.names import place_names
from tienet.study.page.network.view import Attribute, Group, Mark, NetworkView

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
        Columns of the people table that may be shown; they divide the functions, without any the column `team` does.
    floor
        Fewest people of a group, and fewest ties of a line.
    """
    people, functions = ties.people, list(matrix.functions)
    function = np.array([functions.index(one) for one in people.function.tolist()], dtype=np.int64)
    division = divide(ties, function, attributes, floor)
    parts = [f"{one:06d}" if division.part.any() else "" for one in division.part.tolist()]
    found = group_network(ties, floor=floor, parts=parts, between=matrix)
    place = {group: at for at, group in enumerate(zip(found.functions, found.values, strict=True))}
    mark = np.array([place[group] for group in zip(people.function.tolist(), parts, strict=True)], dtype=np.int64)
    first_of = np.unique(mark, return_index=True)[1]  # one person of each mark
    home, size, hidden = function[first_of], found.members, found.matrix.hidden
    counts = np.where(hidden, 0, found.matrix.ties).astype(np.int64)
    a, b = np.nonzero(np.triu(counts > 0, 1))
    weight = counts[a, b].astype(float)
    order = np.argsort(-weight, kind="stable")
    a, b, weight = a[order], b[order], weight[order]
    xy, radius, discs = layout_groups(home, np.sqrt(size.astype(float)), a, b)
    levels, first = levels_of(weight, people=False)
    labels = [people.labels.get(one, one) for one in functions]
    offered = [Attribute(name, column_label(name), one.values, tuple(one.codes[first_of].tolist())) for name, one in division.attributes]
    names = _names(labels, home, mark, ties, offered)
    several = np.bincount(home, minlength=len(functions)) > 1
    marks = [
        Mark(label, int(f), round(float(x), 1), round(float(y), 1), round(0.8 * float(r) / _SHAPE, 2), int(n), short if several[f] else "")
        for (label, short), f, (x, y), r, n in zip(names, home, xy, radius, size, strict=True)
    ]
    drawn = weight >= levels[first].least
    within = [int(one) or None for one in np.diag(counts).tolist()]
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
        attributes=offered,
        left_out=[*_hidden_lines(hidden, floor), *division.refused],
        alone=len(marks) - len({*a[drawn].tolist(), *b[drawn].tolist()}),
        ties=int(weight.sum()),
        numbers={"within": within, "rings": rings},
    )


def _names(
    labels: Sequence[str],
    home: NDArray[np.int64],
    mark: NDArray[np.int64],
    ties: Ties,
    offered: Sequence[Attribute],
) -> list[tuple[str, str]]:
    """The name of each mark, and the short one drawn beside it."""
    made: list[tuple[str, str]] = []
    teams = ties.people.attributes.get(TEAM)
    for at, one in enumerate(home.tolist()):
        function = visible(labels[one], 60)
        if offered:
            short = ", ".join(each.values[each.codes[at]] for each in offered)
        elif teams is not None and int(np.sum(home == one)) > 1:
            inside = np.unique([str(team) for team in np.asarray(teams)[mark == at].tolist()])
            short = str(inside[0]) if len(inside) == 1 else say("page.network.other_teams")
        else:
            short = ""
        made.append((f"{function}, {visible(short, 30)}" if short else function, visible(short, 12)))
    return made


def _hidden_lines(hidden: NDArray[np.bool_], floor: int) -> list[str]:
    count = int(np.triu(hidden, 1).sum())
    return [say_counted("page.network.left_lines", count, floor=floor)] if count else []
