"""The numbers of ties that a strength function receives, and the strength computed from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError, DataError, TienetError, offer
from tienet.base.record import read_only
from tienet.network.ties.network import Ties
from tienet.network.ties.strengths import Strength, StrengthFunction

__all__ = ["TieNumbers"]


# The columns of `Ties.frame`, and what a log must have for them.
NUMBERS = {
    **dict.fromkeys(("a", "b", "interactions", "a_to_b", "b_to_a", "reciprocity", "importance_a", "importance_b", "embeddedness"), ""),
    **dict.fromkeys(("frequency", "regularity", "first", "last"), "times"),
    "channels": "channels",
    "latency": "replies",
    "strength_a": "answers",
    "strength_b": "answers",
    "strength": "",
}
_STATED = ("frequency", "regularity", "channels")
_REPAIR = "return one number per tie, an array of shape ({0},), or a pair of them (as seen by a, as seen by b)"


class TieNumbers(Mapping[str, NDArray[Any]]):
    """The columns of `Ties.frame` as read-only arrays with one entry per tie.

    `a` and `b` are positions in the roster, `first` and `last` are moments in UTC; "strength_a" and "strength_b" exist for ties from a
    survey or calibrated on one. A column that the ties do not have raises an error.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "bob"]})
    >>> people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(half_life=None))
    >>> numbers = tn.network.ties.TieNumbers(ties)
    >>> numbers["a_to_b"].tolist(), "frequency" in numbers
    ([2.0], False)
    """

    __slots__ = ("_name", "_ties")

    def __init__(self, ties: Ties, name: str = "custom") -> None:
        self._ties, self._name = ties, name

    def __getitem__(self, column: str) -> NDArray[Any]:
        if column not in NUMBERS:
            raise ArgumentError(f"strength={self._name!r} uses {column!r}, which is not a number of the tie{offer(column, NUMBERS)}")
        values = self._values(column)
        if values is None:
            raise self._missing(column)
        return values

    def __contains__(self, column: object) -> bool:
        return column in NUMBERS and self._values(str(column)) is not None

    def __iter__(self) -> Iterator[str]:
        return (column for column in NUMBERS if column in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _values(self, column: str) -> NDArray[Any] | None:
        """The column as a read-only array; None if the ties do not have it."""
        ties = self._ties
        if column in ("strength_a", "strength_b"):
            end = column.replace("strength", "as")
            return None if ties.given is None else read_only(getattr(ties.given, end).view())
        values: NDArray[Any] | None = getattr(ties, column)
        if values is None or (column in _STATED and len(values) and np.isnan(values).all()):
            return None
        seen = values.astype("datetime64[us]") if column in ("first", "last") else values.view()
        return read_only(seen)

    def _missing(self, column: str) -> DataError:
        asked, what = f"strength={self._name!r}", NUMBERS[column]
        if what == "answers":
            return DataError(f"{asked} needs answers ({column}), which only ties from read_survey or calibrated have")
        if self._ties.given is not None and self._ties.given.answers is not None:
            return DataError(f"{asked} is not available for survey ties; use strength='survey'")
        return DataError(f"{asked} needs {what} ({column}), which the log does not have; use strength='interactions'")


def strength_values(ties: Ties, strength: Strength) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The strength of each tie as seen by its `a` end and by its `b` end, (m,) each."""
    if strength.made_by and (ties.given is None or ties.given.name != strength.name):
        raise DataError(f"strength={strength.name!r} needs ties made by {strength.made_by}; these are not")
    numbers = TieNumbers(ties, strength.name)
    for column in strength.needs:
        _ = numbers[column]
    found = _made(strength.values, numbers, len(ties), strength.name)
    pair = found if isinstance(found, tuple) and len(found) == 2 else (found,)
    ends = [_one_a_tie(end, len(ties), strength.name) for end in pair]
    if len(ties) and not strength.gaps and all(np.isnan(end).all() for end in ends):
        missing = f"strength={strength.name!r} is missing (NaN) for all {len(ties):,} ties"
        raise DataError(f"{missing}; compute it from numbers that these ties have")
    return ends[0], ends[-1]


def part_values(strength: Strength, parts: Mapping[str, NDArray[Any]], count: int) -> NDArray[np.float64]:
    """The strength of parts of ties, for a strength with `of_part`."""
    function = strength.of_part or strength.values
    return _one_a_tie(_made(function, parts, count, strength.name), count, strength.name)


def _made(function: StrengthFunction, numbers: Mapping[str, NDArray[Any]], count: int, name: str) -> object:
    try:
        return function(numbers)
    except TienetError:
        raise
    except Exception as problem:  # a user's function may raise anything; its message may contain ids
        raise DataError(
            f"strength={name!r} failed with {type(problem).__name__} on the numbers of {count:,} ties; it receives a mapping from the "
            "columns of the ties' frame to arrays with one entry per tie"
        ) from problem


def _one_a_tie(found: object, count: int, name: str) -> NDArray[np.float64]:
    """Check the numbers that a function returned."""
    repair = _REPAIR.format(count)
    try:
        values = np.asarray(found)
    except ValueError:
        raise ArgumentError(f"strength={name!r} returns a {type(found).__name__} that is not an array of numbers; {repair}") from None
    if values.dtype.kind not in "biuf" or isinstance(found, np.ma.MaskedArray):
        raise ArgumentError(f"strength={name!r} returns a {type(found).__name__} of type {values.dtype}, not numbers; {repair}")
    if values.shape != (count,):
        raise ArgumentError(f"strength={name!r} returns numbers of shape {values.shape} for {count:,} ties; {repair}")
    numbers = values.astype(np.float64, copy=False)
    infinite = int(np.isinf(numbers).sum())
    if infinite:
        raise DataError(f"strength={name!r} is infinite for {infinite:,} of {count:,} ties; return finite numbers or NaN (log1p, not log)")
    return numbers
