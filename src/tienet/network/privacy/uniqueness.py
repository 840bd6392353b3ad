"""How many people can be told apart by what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.columns import Column
from tienet.network.privacy.floors import FLOOR
from tienet.network.ties.network import Ties

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "networks of groups": (
        Column("group_name", "text", "a function, or a part of it, in words"),
        Column("group_a", "text", "a group"),
        Column("group_b", "text", "a group; the same for ties within one"),
        Column("value", "text", 'value of the attributes that divide the function; "other" where small ones are joined'),
        Column("members", "people", "people in the group"),
        Column("hidden", "true or false", "whether the numbers of the cell are not told"),
    ),
    "the risk report": (
        Column("known", "text", "what somebody knows of people, or what a file shows of them"),
        Column("unique", "people", "people with whom nobody shares it"),
        Column("below_floor", "people", "people who share it with so few that they are fewer than the floor, with the unique ones"),
        Column("share_unique", "0 to 1", "unique people as a share"),
        Column("file", "text", "a file that the study writes"),
        Column("holds", "text", "what stands in the file"),
        Column("about", "text", "whom it tells of: the log, groups of people, all people studied, or single people"),
        Column("rounded", "text", "how its numbers are rounded"),
    ),
}


def told_apart(keys: Sequence[NDArray[Any]], floor: int = FLOOR) -> tuple[int, int]:
    """How many people are unique by these values, and how many share them with fewer than the floor.

    Parameters
    ----------
    keys
        Each (n,) values of the people, of any kind.
    floor
        Fewest people that a group needs.
    """
    if not keys or not len(keys[0]):
        return 0, 0
    codes = np.column_stack([np.unique([str(one) for one in key], return_inverse=True)[1] for key in keys])
    _, place, sizes = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    own = sizes[place.reshape(-1)]
    return int(np.sum(own == 1)), int(np.sum(own < floor))


def ties_by_function(ties: Ties) -> NDArray[np.int64]:
    """(n, f) ties of everyone to people in each function."""
    functions = np.array(ties.people.functions, dtype=object)
    place = np.searchsorted(functions, ties.people.function)
    counts = np.zeros((len(ties.people), len(functions)), dtype=np.int64)
    np.add.at(counts, (ties.a, place[ties.b]), 1)
    np.add.at(counts, (ties.b, place[ties.a]), 1)
    return counts


def strengths_drawn(ties: Ties) -> NDArray[Any]:
    """(n,) the strengths of everyone's ties as a network of people shows them, sorted and to four digits."""
    held: list[list[str]] = [[] for _ in range(len(ties.people))]
    for a, b, strength in zip(ties.a.tolist(), ties.b.tolist(), np.nan_to_num(ties.strength).tolist(), strict=True):
        for end in (a, b):
            held[end].append(f"{strength:.4g}")
    return np.array([" ".join(sorted(one)) for one in held], dtype=object)
