"""Join measures, outcome, controls and clusters into one row per person, and count who is included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import DataError, offer
from tienet.base.frames import Columns, require_columns
from tienet.base.numbers import counted
from tienet.base.small_table import SmallTable
from tienet.base.wording import bare
from tienet.network.measures.ego import EgoMeasures
from tienet.network.reading.cells.identity import normal_ids
from tienet.network.reading.people import People
from tienet.network.reading.small_tables import load_table
from tienet.regression.covariance.register import estimator_of
from tienet.study.specification import StudySpecification

__all__ = ["Cases"]

_COMMA = re.compile(r"\s*[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Cases:
    """Counts of the people studied.

    Parameters
    ----------
    egos
        People in the function studied.
    without_outcome
        Those without a row in the outcomes table.
    matched
        Those with one.
    outcomes_of_others
        Outcome rows of other people.
    no_ties
        Function -> people without ties to it.
    """

    egos: int
    without_outcome: int
    matched: int
    outcomes_of_others: int
    no_ties: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The outcomes table matched to the egos: `position` is the row of each ego, -1 if it has none."""

    table: SmallTable
    egos: NDArray[Any]
    position: NDArray[np.int64]
    others: int

    def taken(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of the matched rows; missing if there is no row."""
        found = values[np.maximum(self.position, 0)].copy()
        found[self.position < 0] = None if found.dtype == object else np.nan
        return found


def join_outcomes(study: StudySpecification, egos: EgoMeasures, people: People) -> tuple[Columns, Cases]:
    """Join outcome, controls, clusters, weights and exposure to the measures of each ego."""
    _refuse_undecided(study, egos)
    matched = _match(study, egos)
    data = {"person": egos.ego, **measure_columns(study, egos)}
    data[study.outcome] = _outcome(study, matched)
    others = [*study.cluster_columns, *(name for name in (study.weights, study.exposure) if name)]
    controls = [bare(control) for control in study.controls]
    for name in controls + others:
        data[name] = _column(study, name, people, matched)
    without = int((matched.position < 0).sum())
    return data, Cases(len(egos), without, len(egos) - without, matched.others, _without_ties(egos))


def _outcome(study: StudySpecification, matched: Matched) -> NDArray[Any]:
    """The outcome as numbers; with a family as it stands in the table, since it may be in words."""
    own = _own(study, study.outcome)
    if study.fitted_family is None:
        return matched.taken(_numbers(matched.table, own, study.decimal))
    values = _with_point(matched.table.values(own), study.outcome, study.decimal)
    return matched.taken(values.astype(object if values.dtype.kind in "bOU" else float))


def _without_ties(egos: EgoMeasures) -> dict[str, int]:
    return {name: int(np.sum(egos.total_ties[:, place] == 0)) for place, name in enumerate(egos.functions)}


def _own(study: StudySpecification, name: str) -> str:
    """The name of a column in the outcomes table."""
    return study.columns.get("outcomes", {}).get(name, name)


def measure_columns(study: StudySpecification, egos: EgoMeasures) -> dict[str, NDArray[Any]]:
    """The columns of each function: total ties, tie strength and, where the study asks for it, the indicator of no ties."""
    data: dict[str, NDArray[Any]] = {}
    for place, name in enumerate(egos.functions):
        total, strength = egos.total_ties[:, place], egos.tie_strength[:, place]
        data[f"total_ties_{name}"] = total
        if study.no_ties == "zero_with_indicator":
            data[f"no_ties_{name}"] = (total == 0).astype(float)
            strength = np.where(total == 0, 0.0, strength)
        data[f"tie_strength_{name}"] = strength
    return data


def _refuse_undecided(study: StudySpecification, egos: EgoMeasures) -> None:
    """Raise an error if `no_ties` is needed but missing, or if an indicator would have no standard error."""
    none = _without_ties(egos)
    kind = study.covariance_kind
    alone = [name for name, count in none.items() if count == 1]
    if study.no_ties == "zero_with_indicator" and estimator_of(kind).divides_by_leverage and alone:
        raise DataError(
            f"only one person has no tie to {' and only one to '.join(alone)}, so an indicator would single out that person and "
            f"{kind} standard errors would not be defined; choose no_ties='drop'"
        )
    if study.no_ties is None and any(none.values()):
        listed = ", ".join(f"{count} without a tie to {name}" for name, count in none.items() if count)
        raise DataError(
            f"of {counted(len(egos), 'person', 'people')} in {egos.of}, {listed}, so their tie strength is missing; "
            "choose no_ties='drop' to exclude them, or no_ties='zero_with_indicator'"
        )


def _column(study: StudySpecification, name: str, people: People, matched: Matched) -> NDArray[Any]:
    """A control or cluster column, from the people table or the outcomes table."""
    own = _own(study, name)
    here, there = name in people.attributes, own in matched.table.names
    if here and there:
        raise DataError(f"column {name!r} is in both the people table and the outcomes table; rename or remove one of them")
    if here:
        return _with_point(people.attributes[name][people.codes(matched.egos)], name, study.decimal)
    if there:
        return _with_point(matched.taken(matched.table.values(own)), name, study.decimal)
    known = [*people.attributes, *matched.table.names]
    raise DataError(f"neither the people table nor the outcomes table has a column {name!r}{offer(name, known)}")


def _numbers(table: SmallTable, name: str, decimal: str | None) -> NDArray[Any]:
    """A column of the outcomes table as numbers."""
    values = _with_point(table.values(name), name, decimal)
    return table.numbers(name) if values.dtype == object else values


def _with_point(values: NDArray[Any], name: str, decimal: str | None) -> NDArray[Any]:
    """Text as numbers if all of it has the decimal sign of the study; numbers with a comma are refused if none is stated."""
    stated = [str(value) for value in values if value is not None] if values.dtype == object else []
    if not stated or not all(map(_COMMA.fullmatch, stated)) or not any("," in text for text in stated):
        return values
    if decimal != ",":
        raise DataError(f"the numbers in column {name!r} have a decimal comma; set decimal=','")
    return np.array([np.nan if value is None else float(str(value).replace(".", "").replace(",", ".")) for value in values])


def _match(study: StudySpecification, egos: EgoMeasures) -> Matched:
    """Find the row of each ego in the outcomes table."""
    import pandas as pd

    person = _own(study, "person")
    wanted = (person, _own(study, study.outcome))
    written: dict[str, Any] = {"encoding": study.encoding_of("outcomes"), "delimiter": study.delimiter_of("outcomes")}
    table = load_table(study.outcomes, where="the outcomes table", wanted=wanted, **written)
    require_columns(table.names, wanted, where=table.where)
    table.refuse_float_ids(person)
    ids = pd.Index(normal_ids(table.text(person), study.ids), dtype=object)
    stated = ids[ids.notna()]
    if stated.has_duplicates:
        repeated = int(stated.duplicated().sum())
        verb = "repeats" if repeated == 1 else "repeat"
        raise DataError(f"{table.where}: {counted(repeated, 'row')} {verb} a person; keep one outcome per person")
    at = stated.get_indexer(pd.Index(normal_ids(egos.ego, study.ids), dtype=object))
    found = at >= 0
    if not len(stated):
        raise DataError.no_rows(table.where, "no row has a person")
    if not found.any():
        raise DataError(
            f"none of the {len(stated):,} people in {table.where} is among the {len(egos):,} in {egos.of}; "
            "check that both tables write ids the same way, and which function is studied"
        )
    return Matched(table, egos.ego, np.where(found, np.flatnonzero(ids.notna())[at], -1), len(stated) - int(found.sum()))
