"""Survey answers as they stand in a table, long or wide, and what becomes of each row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import require_columns, to_numbers
from tienet.network.reading.people import People
from tienet.network.reading.small_tables import SmallTable
from tienet.network.ties.given import SurveyDesign

ENDS = ("respondent", "colleague")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RawAnswers:
    """One entry per respondent and colleague as the table has them: (n,) ids, None where missing, and (n, k) answers on their own scale."""

    respondent: NDArray[Any]
    colleague: NDArray[Any]
    answers: NDArray[np.float64]


def from_long(table: SmallTable, mapped: Mapping[str, str], items: Sequence[str]) -> RawAnswers:
    """Answers from a table with a row per respondent and colleague and a column per item."""
    require_columns(table.names, [mapped[name] for name in (*ENDS, *items)], where=table.where)
    respondent, colleague = (_ids(table, mapped[name]) for name in ENDS)
    return RawAnswers(respondent, colleague, np.column_stack([table.numbers(mapped[item]) for item in items]))


def from_wide(table: SmallTable, respondent: str, pattern: str, items: Sequence[str], design: SurveyDesign) -> RawAnswers:
    """Answers from a table with a row per respondent and a column per item and colleague.

    A cell that is empty in every item is no answer of a name generator (nobody was named there), a missing one of a roster; on
    the diagonal of a roster it is neither, since nobody is asked about herself.
    """
    place = _wide_columns([name for name in table.names if name != respondent], pattern, items)
    people = {person: position for position, person in enumerate(dict.fromkeys(person for found in place.values() for person in found))}
    if not people:
        raise DataError(f"{table.where}: no column fits the pattern {pattern!r} for the items {', '.join(items)}")
    if respondent not in table.names:
        # No column is offered: those that fit the pattern bear people's ids, and so may those that nearly do.
        raise DataError(f"{table.where} has no column {respondent!r}; say which one it is with columns={{'respondent': ...}}")
    asked = _ids(table, respondent)
    cells = np.full((len(asked), len(people), len(items)), np.nan)
    for item, found in place.items():
        for person, name in found.items():
            cells[:, people[person], items.index(item)] = _numbers(table, name)
    ids, colleagues = np.repeat(asked, len(people)), np.tile(np.array(list(people), dtype=object), len(asked))
    values = cells.reshape(-1, len(items))
    stated = ~np.isnan(values).all(axis=1)
    kept = stated if design == "name_generator" else stated | (ids != colleagues)
    return RawAnswers(ids[kept], colleagues[kept], values[kept])


def _wide_columns(names: Sequence[str], pattern: str, items: Sequence[str]) -> dict[str, dict[str, str]]:
    """Item -> colleague -> column, for the columns that fit the pattern."""
    if pattern.count("{person}") != 1 or pattern.count("{item}") > 1 or ("{item}" not in pattern and len(items) > 1):
        raise ArgumentError(
            f"the pattern of the answers' columns must hold {{person}} and, for several items, {{item}} once, not {pattern!r}"
        )
    place: dict[str, dict[str, str]] = {item: {} for item in items}
    taken: set[str] = set()
    for item in items:
        head, tail = (re.escape(part.replace("{item}", item)) for part in pattern.split("{person}"))
        found = {match[1]: name for name in names if (match := re.fullmatch(f"{head}(.+){tail}", name))}
        if taken & set(found.values()):
            raise ArgumentError(f"some column fits the pattern {pattern!r} for more than one item ({item!r} and another); rename an item")
        taken |= set(found.values())
        place[item] = found
    return place


def _numbers(table: SmallTable, name: str) -> NDArray[np.float64]:
    """A column whose name bears a person's id as numbers: the message gives its position instead."""
    try:
        return to_numbers(table.rows[name], where=table.where)
    except DataError:
        position = table.names.index(name) + 1
        raise DataError(f"{table.where}: column {position} should hold answers as numbers, but some of it is other text") from None


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


def judge(raw: RawAnswers, people: People, ends: NDArray[np.float64] | None, *, where: str) -> Judged:
    """Give each row the first reason code that fits; scale ends that are not given are the observed ones, over all items."""
    import pandas as pd

    respondent, colleague = people.codes(raw.respondent), people.codes(raw.colleague)
    who = {
        "missing_source": pd.isna(raw.respondent),
        "missing_target": pd.isna(raw.colleague),
        "self_loop": raw.respondent == raw.colleague,
        "unknown_person": (respondent < 0) | (colleague < 0),
        "missing_answer": np.isnan(raw.answers).any(axis=1),
    }
    code = np.select([fits.astype(bool) for fits in who.values()], list(who), default="used").astype(object)
    if ends is None:
        ends = _observed(raw.answers[code == "used"], where=where)
    outside = ((raw.answers < ends[:, 0]) | (raw.answers > ends[:, 1])).any(axis=1)
    code[(code == "used") & outside] = "outside_scale"
    at = np.flatnonzero(code == "used")
    code[at] = _repeats(respondent[at] * len(people) + colleague[at], raw.answers[at])
    return Judged(code, respondent, colleague, ends)


def _observed(values: NDArray[np.float64], *, where: str) -> NDArray[np.float64]:
    """The lowest and the highest answer, for every item."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    if low == high:
        raise DataError(f"{where}: every answer is {low:g}, so the ends of the scale cannot be told; give them with scale=(low, high)")
    return np.tile([low, high], (values.shape[1], 1)).astype(np.float64)


def _repeats(key: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[Any]:
    """Whether an answer is the first or only one of its respondent on its colleague, says the same again, or is contradicted.

    Contradictions are all rejected: keeping the first would let the order of the rows decide.
    """
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    differs = (values != values[first][group]).any(axis=1)
    contradicted = np.bincount(group, weights=differs, minlength=len(first)) > 0
    code = np.full(len(key), "repeated_answer", dtype=object)
    code[first] = "used"
    code[contradicted[group]] = "conflicting_answer"
    return code
