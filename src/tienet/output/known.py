"""The names that a result knows, so that a misspelt one in `labels` does not pass in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from tienet.base.naming import refuse_misspelt
from tienet.base.record import Record
from tienet.base.wording import names_in
from tienet.network.reading.people import People
from tienet.regression.core.covariance_matrix import Covariance

_DEEP = 2  # records within records


def refuse_misspelt_of(result: Any, argument: str, given: Mapping[str, Any], more: Iterable[str] = ()) -> None:
    """Raise an error if a name with a label is a misspelt one of a result, or of `more`."""
    if given:
        refuse_misspelt(argument, given, {*known_names(result), *more})


def known_names(result: Any, deep: int = _DEEP) -> Iterator[str]:
    """Columns, variables and functions that a result speaks of, and those with a label already; never ids of people."""
    if isinstance(result, Mapping | list | tuple):
        for one in result.values() if isinstance(result, Mapping) else result:
            yield from known_names(one, deep)
    elif isinstance(result, People):
        yield from (*result.labels, *result.attributes)
    elif isinstance(result, Covariance):
        yield from (*result.names.labels, *_of_terms(result.terms))
    elif is_dataclass(result) and deep >= 0:
        yield from _in_record(result, deep)


def _in_record(result: Any, deep: int) -> Iterator[str]:
    for name in ("outcome", "focal", "moderator"):
        if isinstance(value := getattr(result, name, None), str):
            yield from names_in(value)
    for one in fields(result):
        value = getattr(result, one.name)
        if one.name in ("terms", "names", "moderators", "functions", "predictors") and isinstance(value, tuple):
            yield from _of_terms(value)
        elif isinstance(value, Record | People | Covariance) or one.name in ("model", "base"):
            yield from known_names(value, deep - 1)
    if isinstance(getattr(result, "functions", None), tuple) and isinstance(result, Record):  # measures have columns of functions
        yield from result._columns()


def _of_terms(terms: Iterable[Any]) -> Iterator[str]:
    for term in map(str, terms):
        yield from (term, *names_in(term))
