"""Aliases: other ids of the people of the roster, from columns of the people table or from a table of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from glob import has_magic
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import names
from tienet.base.errors import ArgumentError, DataError, closest, shown
from tienet.base.frames import as_text, is_missing, require_columns
from tienet.base.record import Fixed
from tienet.base.small_table import SmallTable
from tienet.base.wording import visible
from tienet.network.reading.small_tables import load_table

BETWEEN = ";"


def own_aliases(given: object, table: SmallTable) -> list[str]:
    """The columns of the people table that `aliases` names; empty if it is another table."""
    if isinstance(given, str) and given in table.names:
        return [given]
    if isinstance(given, str) and not has_magic(given) and not Path(given).exists():
        near = closest(given, table.names)
        raise ArgumentError(f"aliases must be a column of the people table or a table; {shown(given)} is no column and no file{near}")
    if isinstance(given, list | tuple):
        columns = names("aliases", given)
        if not columns:
            raise ArgumentError("aliases must name at least one column, or be a table with the columns person and alias")
        require_columns(table.names, columns, where=table.where)
        return columns
    return []


def read_aliases(given: object, table: SmallTable, person: str, roster: NDArray[Any], *, encoding: str | None) -> Fixed[str, str]:
    """Alias -> id of its person, for the people of the roster.

    Parameters
    ----------
    given
        A list of columns of the people table, or a path or frame with the columns person and alias.
    table, person
        The people table and its column of ids.
    roster
        (n,) the ids of the people.
    """
    if isinstance(given, list):
        rows, where = _of_columns(table, person, given), table.where
    else:
        listed = load_table(given, where="the table of aliases", encoding=encoding, wanted=("person", "alias"))
        require_columns(listed.names, ("person", "alias"), where=listed.where)
        for name in ("person", "alias"):
            if len(listed.rows):
                listed.refuse_float_ids(name)
        rows, where = _of_columns(listed, "person", ["alias"]), listed.where
    return _resolved(rows, roster.tolist(), where=where)


def is_blank(value: str | None) -> bool:
    """Whether an id is missing, or consists of blanks and invisible characters."""
    return value is None or not visible(value).strip()


def _of_columns(table: SmallTable, person: str, columns: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Row (counted from 1), person and alias."""
    people = table.text(person).tolist()
    for name in columns:
        for row, (who, cell) in enumerate(zip(people, table.rows[name].to_list(), strict=True), 1):
            if who is not None:
                yield from ((row, who, alias) for alias in _in_cell(cell))


def _in_cell(cell: Any) -> Iterable[str]:
    """The aliases in a cell: a list, or text with ";" between several."""
    if isinstance(cell, list | tuple | np.ndarray):
        parts = [as_text(one) or "" for one in cell]
    elif is_missing(cell):
        return []
    else:
        parts = (as_text(cell) or "").split(BETWEEN)
    return [part.strip() for part in parts if not is_blank(part)]


def _resolved(rows: Iterable[tuple[int, str, str]], roster: Sequence[str], *, where: str) -> Fixed[str, str]:
    """Each alias with its person; raises an error if one stands for two people, naming rows and no ids."""
    people = set(roster)
    first: dict[str, tuple[int, str]] = {}
    for row, person, alias in rows:
        if alias in people and alias != person:
            raise DataError(f"{where}: the alias in row {row} is the id of another person; remove it, or keep one of the two people")
        at, already = first.setdefault(alias, (row, person))
        if already != person:
            raise DataError(f"{where}: the aliases in rows {at} and {row} are the same but stand for two people; keep the right one")
    found = {alias: person for alias, (_, person) in first.items() if person in people and alias != person}
    if first and not any(person in people for _, person in first.values()):
        raise DataError(f"{where}: none of its {len(first):,} aliases is of a person in the people table; compare how the two write ids")
    return Fixed(found)
