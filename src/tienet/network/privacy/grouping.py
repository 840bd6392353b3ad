"""A network of groups: functions, divided by attributes where every part is large enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by, names, whole
from tienet.base.errors import ArgumentError, offer
from tienet.base.frames import Backend, Columns, make_frame
from tienet.base.numbers import counted, listed
from tienet.base.record import Record, changed, locked
from tienet.base.wording import visible
from tienet.network.measures.functions import function_matrix
from tienet.network.privacy.floors import FLOOR
from tienet.network.privacy.merging import merge_small
from tienet.network.privacy.reach import Cells
from tienet.network.privacy.suppression import SuppressedMatrix, suppress
from tienet.network.ties.network import Ties

__all__ = ["GroupNetwork", "group_network"]

JOINED = "other"
_BETWEEN = " · "
MOST_GROUPS = 40  # more would be unreadable, and their cells nearly all too small


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupNetwork(Record):
    """Ties between groups of people, each of at least the floor.

    Parameters
    ----------
    attributes
        The columns of the people table that divide the functions.
    functions, values, labels
        The g groups: function in snake_case, value of the attributes ("" where the function is not divided, "other" where small values
        are joined), and both in words.
    members
        (g,) people per group.
    matrix
        (g, g) ties between and within the groups, small cells hidden.
    joined
        Functions some of whose values were too small and were joined.
    undivided
        Functions that could not be divided.
    """

    attributes: tuple[str, ...]
    functions: tuple[str, ...]
    values: tuple[str, ...]
    labels: tuple[str, ...]
    members: NDArray[np.int64]
    matrix: SuppressedMatrix
    joined: tuple[str, ...] = ()
    undivided: tuple[str, ...] = ()

    @property
    def backend(self) -> Backend:
        """The frame library of the input, used by `frame`."""
        return self.matrix.backend

    def __len__(self) -> int:
        return len(self.functions)

    def _works(self) -> tuple[str, ...]:
        return ("hundepool_et_al_2012",)

    def _columns(self) -> Columns:
        rows, cols = np.triu_indices(len(self))
        labels = np.array(self.labels, dtype=object)
        numbers = {name: getattr(self.matrix, name)[rows, cols] for name in ("ties", "strength", "density", "reciprocity")}
        return {"group_a": labels[rows], "group_b": labels[cols], **numbers, "hidden": self.matrix.hidden[rows, cols]}

    @property
    def nodes(self) -> Any:
        """One row per group: label, function, value of the attributes, people."""
        texts = {"group_name": self.labels, "function": self.functions, "value": self.values}
        columns = {name: np.array(held, dtype=object) for name, held in texts.items()}
        return make_frame({**columns, "members": self.members}, self.backend)

    def __str__(self) -> str:
        by = f" by function and {listed(self.attributes)}" if self.attributes else " by function"
        hidden = int(np.triu(self.matrix.hidden).sum())
        kept = f"; {counted(hidden, 'pair')} of groups hidden" if hidden else ""
        least = int(self.members.min(initial=self.matrix.floor)) if len(self) else 0
        return f"{counted(len(self), 'group')}{by}, each of at least {least:,} people, and {counted(self.matrix.total, 'tie')}{kept}"


def group_network(
    ties: Ties,
    attributes: Sequence[str] = (),
    *,
    floor: int = FLOOR,
    told: Sequence[tuple[str, str]] = (),
    parts: Sequence[str] | None = None,
    between: SuppressedMatrix | None = None,
) -> GroupNetwork:
    """Make a network of groups instead of people: functions, divided by attributes where every part has at least the floor.

    Small functions are merged, as in `merge_small`. Within a function, values of the attributes that fewer people have are joined as
    "other", with the next larger value if they are still too few; a function that cannot be divided stays whole. Cells are hidden as in
    `suppress`, first between functions and then between groups: what is hidden between functions stays hidden between their groups, and
    the shown numbers between functions count as known.

    Parameters
    ----------
    ties
        From `build_ties`.
    attributes
        Columns of the people table, such as ["region"]; by default none, and the groups are the functions.
    floor
        Fewest people of a group, and fewest ties of a cell.
    told
        Pairs of functions whose number of ties is told elsewhere, as in `suppress`.
    parts
        Instead of attributes, the part of their function that everyone is in, in the order of the people table.
    between
        The ties between functions as they are shown elsewhere, from `suppress`; by default hidden here. The ties are then merged already.

    Returns
    -------
    GroupNetwork

    Raises
    ------
    ArgumentError
        An attribute is not in the people table, the floor is below 1, a given part has fewer people than the floor, there is not one part
        for each person, or the functions are divided into more than 40 groups.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, chapter 4.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=80, seed=2)
    >>> groups = tn.network.privacy.group_network(tn.build_ties(firm.log, firm.people), ["region"])
    >>> int(groups.members.min()) >= 5, int(groups.members.sum())
    (True, 80)
    """
    made_by("build_ties", Ties, ties=ties)
    whole("floor", floor)
    shown = tuple(names("attributes", attributes))
    for name in shown:
        if name not in ties.people.attributes:
            raise ArgumentError(f"the people table has no column {name!r}{offer(name, ties.people.attributes)}")
    merged = merge_small(ties, floor=floor) if between is None else ties
    outer = _between(merged, floor, told) if between is None else _same_functions(between, merged)
    chosen = _parts(merged, shown, floor) if parts is None else _given(merged, parts, shown, floor)
    if not any(chosen):
        groups = [(name, "") for name in outer.functions]
        return _network(shown, groups, outer, chosen)
    groups = sorted(set(zip(merged.people.function.tolist(), chosen, strict=True)))
    if len(groups) > MOST_GROUPS:
        by, fewer = (listed(shown), "name fewer columns") if parts is None else ("parts", "join some")
        raise ArgumentError(f"{by} divide the functions into {len(groups)} groups; at most {MOST_GROUPS} can be shown, {fewer}")
    return _network(shown, groups, _hidden(merged, groups, chosen, outer, floor), chosen)


def _between(ties: Ties, floor: int, told: Sequence[tuple[str, str]]) -> SuppressedMatrix:
    matrix = function_matrix(ties)
    return suppress(matrix, floor=floor, told=[pair for pair in told if set(pair) <= set(matrix.functions)])


def _same_functions(between: SuppressedMatrix, ties: Ties) -> SuppressedMatrix:
    made_by("suppress", SuppressedMatrix, between=between)
    if set(between.functions) != set(ties.people.functions):
        raise ArgumentError("between has other functions than the ties with small functions merged; make it from merge_small(ties)")
    return between


def _given(ties: Ties, parts: Sequence[str], attributes: Sequence[str], floor: int) -> list[str]:
    """The parts of the caller, each of at least the floor."""
    if attributes:
        raise ArgumentError("attributes and parts both divide the functions; give one of them")
    given = [str(part) for part in parts]
    if len(given) != len(ties.people):
        raise ArgumentError(f"parts has {len(given):,} values for {counted(len(ties.people), 'person', 'people')}; give one for each")
    sizes = Counter(zip(ties.people.function.tolist(), given, strict=True))
    if small := [name for (name, part), size in sizes.items() if part and size < floor]:
        raise ArgumentError(f"parts divide {small[0]!r} into groups of fewer than {floor} people; join them")
    return given


def _network(
    attributes: tuple[str, ...], groups: Sequence[tuple[str, str]], matrix: SuppressedMatrix, parts: Sequence[str]
) -> GroupNetwork:
    functions, values = (tuple(column) for column in zip(*groups, strict=True)) if groups else ((), ())
    divided = {name for name, value in groups if value}
    return GroupNetwork(
        attributes=attributes,
        functions=functions,
        values=values,
        labels=matrix.labels,
        members=matrix.members,
        matrix=matrix,
        joined=tuple(sorted({name for name, value in groups if value == JOINED})),
        undivided=tuple(sorted(set(functions) - divided)) if any(parts) or attributes else (),
    )


def _parts(ties: Ties, attributes: Sequence[str], floor: int) -> list[str]:
    """The part of their function that everyone is in: the values of the attributes, "other", or "" where the function is not divided."""
    people = ties.people
    if not attributes:
        return [""] * len(people)
    columns = [[_value(one) for one in people.attributes[name].tolist()] for name in attributes]
    values = np.array([_BETWEEN.join(row) for row in zip(*columns, strict=True)], dtype=object)
    parts = np.full(len(people), "", dtype=object)
    for name in people.functions:
        mine = people.function == name
        parts[mine] = _joined(values[mine], floor)
    return [str(part) for part in parts]


def _value(one: object) -> str:
    return "unknown" if one is None or one != one else visible(str(one), 24)


def _joined(values: NDArray[Any], floor: int) -> NDArray[Any]:
    """The values with the small ones joined; all "" if fewer than two parts remain."""
    found, place, sizes = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    order = sorted(range(len(found)), key=lambda at: (sizes[at], found[at]))
    small = [at for at in order if sizes[at] < floor]
    for at in order[len(small) :]:
        if not small or sum(sizes[one] for one in small) >= floor:
            break
        small.append(at)
    if len(found) - len(small) + bool(small) < 2:
        return np.full(len(values), "", dtype=object)
    return np.where(np.isin(place, small), JOINED, found[place]).astype(object)


def _hidden(ties: Ties, groups: Sequence[tuple[str, str]], parts: Sequence[str], outer: SuppressedMatrix, floor: int) -> SuppressedMatrix:
    """The ties between groups, with the cells hidden that tell too much, alone or together with those between functions."""
    names = {group: f"{place:02d}" for place, group in enumerate(groups)}  # sorted as the groups are
    people = ties.people
    labels = {names[group]: _BETWEEN.join(filter(None, (people.labels[group[0]], group[1]))) for group in groups}
    member = locked([names[group] for group in zip(people.function.tolist(), parts, strict=True)], dtype=object)
    grouped = changed(ties, people=replace(people, function=member, labels=MappingProxyType(labels), spells=None), segments=None)
    matrix = function_matrix(grouped)
    place = np.array([outer.functions.index(name) for name, _ in groups], dtype=np.int64)
    sums = [_cells(place, row, col) for row, col in _shown(outer)]
    # People who change functions have ties that the two levels count in different functions: then one tells nothing exact of the other.
    exact = all(matrix.ties[np.triu(cells)].sum() == outer.ties[pair] for cells, pair in zip(sums, _shown(outer), strict=True))
    return suppress(matrix, floor=floor, sums=sums if exact else (), hide=outer.hidden[np.ix_(place, place)], margins=False)


def _shown(outer: SuppressedMatrix) -> list[tuple[int, int]]:
    rows, cols = np.triu_indices(len(outer.functions))
    return [(int(row), int(col)) for row, col in zip(rows, cols, strict=True) if not outer.hidden[row, col]]


def _cells(place: NDArray[np.int64], row: int, col: int) -> Cells:
    """The cells between the groups of two functions, symmetric."""
    one_way = (place[:, None] == row) & (place[None, :] == col)
    return np.asarray(one_way | one_way.T)
