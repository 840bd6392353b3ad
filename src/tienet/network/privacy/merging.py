"""Functions with few people, merged into one that is large enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by, whole
from tienet.base.record import changed, locked
from tienet.network.measures.toward import functions_of_ties
from tienet.network.privacy.floors import FLOOR
from tienet.network.reading.people import People
from tienet.network.ties.network import Ties

__all__ = ["merge_small"]

OTHERS = "other_functions"


def merge_small(ties: Ties, *, floor: int = FLOOR) -> Ties:
    """Merge the functions with fewer people than the floor, so that every function is large enough.

    If all of them together are still too small, the next smallest functions are merged with them. The ties do not change.

    Parameters
    ----------
    ties
        From `build_ties`.
    floor
        Number of people that a function needs to be shown on its own.

    Returns
    -------
    Ties
        With the small functions merged into "Other functions"; the same object if none is too small.

    Raises
    ------
    ArgumentError
        The floor is below 1.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.network.privacy.merge_small(ties, floor=2).people.functions
    ('other_functions',)
    """
    made_by("build_ties", Ties, ties=ties)
    merged = small_functions(ties, floor)
    if not merged:
        return ties
    name = OTHERS
    while name in ties.people.labels:  # the name must be unused
        name += "_"
    people = _recoded(ties.people, merged, name)
    segments = ties.segments
    if segments is not None:
        ends = {end: locked(_renamed(getattr(segments, end), merged, name)) for end in ("function_a", "function_b")}
        segments = replace(segments, **ends)
    return changed(ties, people=people, segments=segments)


def small_functions(ties: Ties, floor: int = FLOOR) -> tuple[str, ...]:
    """The functions that `merge_small` merges, sorted."""
    whole("floor", floor)
    held = {*ties.people.functions_ever, *(name for ends in functions_of_ties(ties) for name in ends.tolist())}
    sizes = {name: int(np.sum(ties.people.function == name)) for name in held}
    in_order = sorted(sizes, key=lambda name: (sizes[name], name))
    small = [name for name in in_order if sizes[name] < floor]
    for name in in_order[len(small) :]:
        if not small or sum(sizes[one] for one in small) >= floor:
            break
        small.append(name)
    return tuple(sorted(small))


def _renamed(functions: NDArray[Any], merged: Sequence[str], name: str) -> NDArray[Any]:
    return np.where(np.isin(functions.astype(str), merged), name, functions).astype(object)


def _recoded(people: People, merged: Sequence[str], name: str) -> People:
    labels = {function: label for function, label in people.labels.items() if function not in merged}
    spells = people.spells and replace(people.spells, function=locked(_renamed(people.spells.function, merged, name)))
    function = locked(_renamed(people.function, merged, name), dtype=object)
    return replace(people, function=function, labels=MappingProxyType({**labels, name: "Other functions"}), spells=spells)
