"""Read survey answers from a long or wide table, and assign each row a reason code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import require_columns, to_numbers
from tienet.base.small_table import SmallTable
from tienet.network.reading.cells.identity import IdRule, normal_ids
from tienet.network.reading.people import People
from tienet.network.ties.exclusions import roster_of
from tienet.network.ties.given import SurveyDesign

ENDS = ("respondent", "colleague")
Persons: TypeAlias = Callable[[NDArray[Any]], NDArray[Any]]  # ids as written -> whom they stand for


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RawAnswers:
    """One entry per respondent and colleague, as in the table: (n,) ids, None where missing, and (n, k) answers on the original scale."""

    respondent: NDArray[Any]
    colleague: NDArray[Any]
    answers: NDArray[np.float64]


def from_long(table: SmallTable, mapped: Mapping[str, str], items: Sequence[str]) -> RawAnswers:
    """Read answers from a table with one row per respondent and colleague and one column per item."""
    require_columns(table.names, [mapped[name] for name in (*ENDS, *items)], where=table.where)
    respondent, colleague = (_ids(table, mapped[name]) for name in ENDS)
    return RawAnswers(respondent, colleague, np.column_stack([table.numbers(mapped[item]) for item in items]))


class Named:
    """The people of the roster, as ids of the survey are compared with them."""

    def __init__(self, people: People, how: IdRule) -> None:
        import pandas as pd

        self.how, self.size = how, len(people)
        self.roster = roster_of(people, {}, how)
        self._index = pd.Index(self.roster.ids, dtype=object)

    def compared(self, ids: NDArray[Any]) -> NDArray[Any]:
        """The ids as they are compared; None where there is none."""
        import pandas as pd

        place, distinct = pd.factorize(pd.Series(ids, dtype=object))
        found = normal_ids(np.array([*distinct, None], dtype=object), self.how)
        return np.asarray(found[place], dtype=object)  # a missing one has the place -1, the last

    def codes(self, compared: NDArray[Any]) -> NDArray[np.int64]:
        """The roster position of each compared id, -1 where it stands for no one."""
        import pandas as pd

        at = self._index.get_indexer(pd.Index(compared, dtype=object))
        return np.where(at >= 0, self.roster.codes[at], -1).astype(np.int64)

    def persons(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Whom each id stands for: a roster position, or for others the id as it is compared."""
        compared = self.compared(ids)
        codes = self.codes(compared).astype(object)
        return np.where(codes >= 0, codes, compared)


def from_wide(table: SmallTable, respondent: str, pattern: str, items: Sequence[str], design: SurveyDesign, persons: Persons) -> RawAnswers:
    """Read answers from a table with one row per respondent and one column per item and colleague.

    If all items of a colleague are empty, the colleague was not named in a name generator, and the answer is missing in a roster
    survey, except on the diagonal, since people do not rate themselves.
    """
    place = _wide_columns([name for name in table.names if name != respondent], pattern, items)
    people = {person: position for position, person in enumerate(dict.fromkeys(person for found in place.values() for person in found))}
    if not people:
        raise DataError(f"{table.where}: no column matches the pattern {pattern!r} for the items {', '.join(items)}")
    if respondent not in table.names:
        # No column is suggested, since column names may contain people's ids.
        raise DataError(f"{table.where} has no column {respondent!r}; name it with columns={{'respondent': ...}}")
    asked = _ids(table, respondent)
    cells = np.full((len(asked), len(people), len(items)), np.nan)
    for item, found in place.items():
        for person, name in found.items():
            cells[:, people[person], items.index(item)] = _numbers(table, name)
    ids, colleagues = np.repeat(asked, len(people)), np.tile(np.array(list(people), dtype=object), len(asked))
    values = cells.reshape(-1, len(items))
    stated = ~np.isnan(values).all(axis=1)
    others = np.repeat(persons(asked), len(people)) != np.tile(persons(np.array(list(people), dtype=object)), len(asked))
    kept = stated if design == "name_generator" else stated | others
    return RawAnswers(ids[kept], colleagues[kept], values[kept])


def _wide_columns(names: Sequence[str], pattern: str, items: Sequence[str]) -> dict[str, dict[str, str]]:
    """Item -> colleague -> column, for the columns that match the pattern."""
    if pattern.count("{person}") != 1 or pattern.count("{item}") > 1 or ("{item}" not in pattern and len(items) > 1):
        raise ArgumentError(
            f"the pattern of the answer columns must contain {{person}} and, for several items, {{item}} once; got {pattern!r}"
        )
    place: dict[str, dict[str, str]] = {item: {} for item in items}
    taken: set[str] = set()
    for item in items:
        head, tail = (re.escape(part.replace("{item}", item)) for part in pattern.split("{person}"))
        found = {match[1]: name for name in names if (match := re.fullmatch(f"{head}(.+){tail}", name))}
        if taken & set(found.values()):
            raise ArgumentError(
                f"some column matches the pattern {pattern!r} for more than one item ({item!r} and another); rename an item"
            )
        taken |= set(found.values())
        place[item] = found
    return place


def _numbers(table: SmallTable, name: str) -> NDArray[np.float64]:
    """Read a column of numbers whose name contains a person's id; messages give its position instead."""
    try:
        return to_numbers(table.rows[name], where=table.where)
    except DataError:
        position = table.names.index(name) + 1
        raise DataError(f"{table.where}: column {position} must contain answers as numbers, but contains other text") from None


def _ids(table: SmallTable, name: str) -> NDArray[np.object_]:
    table.refuse_float_ids(name)
    return table.text(name)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The reason code of each row, the roster positions of its two people, and the ends of each item's scale, (k, 2)."""

    code: NDArray[Any]
    respondent: NDArray[np.int64]
    colleague: NDArray[np.int64]
    ends: NDArray[np.float64]


def judge(raw: RawAnswers, named: Named, ends: NDArray[np.float64] | None, *, where: str) -> Judged:
    """Assign each row the first reason code that applies. If scale ends are not given, the observed ones over all items are used."""
    import pandas as pd

    asked, about = named.compared(raw.respondent), named.compared(raw.colleague)
    respondent, colleague = named.codes(asked), named.codes(about)
    who = {
        "missing_source": pd.isna(asked),
        "missing_target": pd.isna(about),
        "self_loop": (asked == about) | ((respondent == colleague) & (respondent >= 0)),
        "unknown_person": (respondent < 0) | (colleague < 0),
        "missing_answer": np.isnan(raw.answers).any(axis=1),
    }
    code = np.select([fits.astype(bool) for fits in who.values()], list(who), default="used").astype(object)
    if ends is None:
        ends = _observed(raw.answers[code == "used"], where=where)
    outside = ((raw.answers < ends[:, 0]) | (raw.answers > ends[:, 1])).any(axis=1)
    code[(code == "used") & outside] = "outside_scale"
    at = np.flatnonzero(code == "used")
    code[at] = _repeats(respondent[at] * named.size + colleague[at], raw.answers[at])
    return Judged(code, respondent, colleague, ends)


def _observed(values: NDArray[np.float64], *, where: str) -> NDArray[np.float64]:
    """The lowest and the highest answer, for every item."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    if low == high:
        raise DataError(
            f"{where}: every answer is {low:g}, so the ends of the scale are unknown; give them with scale=(1, 5) or what they are"
        )
    return np.tile([low, high], (values.shape[1], 1)).astype(np.float64)


def _repeats(key: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[Any]:
    """Assign codes to repeated answers of one respondent about one colleague: the first, the same again, or conflicting.

    All conflicting answers are rejected; keeping the first would depend on the order of the rows.
    """
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    differs = (values != values[first][group]).any(axis=1)
    contradicted = np.bincount(group, weights=differs, minlength=len(first)) > 0
    code = np.full(len(key), "repeated_answer", dtype=object)
    code[first] = "used"
    code[contradicted[group]] = "conflicting_answer"
    return code
