"""Columns that hold lists, structs or dictionaries: the values that a name or a path means, in every kind of frame."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tienet.base.errors import DataError
from tienet.base.frames import as_text, has_decimals, is_missing, is_spark
from tienet.network.reading.cells.canonical import ENDS, float_ids
from tienet.network.reading.cells.people_cells import flat_sql, is_nested
from tienet.network.reading.sql import identifier, in_memory

Lists = dict[str, list[list[str]]]
_SEVERAL = (list, tuple, set, frozenset, np.ndarray)


def owned(mapped: Mapping[str, str | tuple[str, ...]], *names: str) -> list[str]:
    """The columns of the table that stand for some canonical ones (all by default)."""
    chosen = [mapped[name] for name in (names or mapped) if name in mapped]
    return list(dict.fromkeys(own for one in chosen for own in ([one] if isinstance(one, str) else one)))


def has_lists(relation: Any, columns: Iterable[str]) -> bool:
    """Whether one of the columns of a DuckDB relation holds lists."""
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    return any(kinds[own].endswith("]") for own in columns)


def holds_several(frame: Any, column: str) -> bool:
    """Whether a column of a narwhals frame holds lists, also within structs that a path such as ``people.email`` names."""
    import narwhals.stable.v2 as nw

    schema = frame.collect_schema()
    head = column if column in schema else column.split(".")[0]
    if frame.implementation.is_duckdb():
        relation = frame.to_native()
        return "]" in str(dict(zip(relation.columns, relation.types, strict=True))[head])
    if isinstance(frame, nw.DataFrame) and schema[head] == nw.Object:
        return any(isinstance(cell, _SEVERAL) for cell in frame[head].to_list())
    return bool(schema[head] in (nw.List, nw.Array))


def flat_relation(relation: Any, mapped: Mapping[str, Any], *, where: str) -> tuple[Any, dict[str, Any]]:
    """Take the values that paths mean out of the structs and lists of a DuckDB relation; returns the mapping to the new columns."""
    new: dict[str, str] = {}
    renamed: dict[str, str] = {}
    ends = owned(mapped, *ENDS)
    for own in owned(mapped):
        found = flat_sql(own, relation, where=where, lists=own in ends)
        if found is not None and found[0] != identifier(own):
            renamed[own] = found[1] if found[1] not in relation.columns else f"{found[1]}[]"
            new[renamed[own]] = found[0]
    if not new:
        return relation, dict(mapped)
    parts = ", ".join(f"{sql} as {identifier(name)}" for name, sql in new.items())
    return relation.select(f"*, {parts}"), _renamed(mapped, renamed)


def _renamed(mapped: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    def new(own: str) -> str:
        return renamed.get(own, own)

    return {name: new(own) if isinstance(own, str) else tuple(map(new, own)) for name, own in mapped.items()}


def flat_frame(frame: Any, mapped: Mapping[str, Any], *, where: str) -> tuple[Any, dict[str, Any], Lists]:
    """The same for a narwhals frame: single values become columns of text, lists are returned beside it; both under their paths."""
    import narwhals.stable.v2 as nw

    schema = frame.collect_schema()
    heads = {own: own if own in schema else own.split(".")[0] for own in owned(mapped)}
    nested = (nw.List, nw.Array, nw.Struct)
    if is_spark(frame):
        _refuse_in_spark(any(schema[head] in nested for head in heads.values()), where)
        return frame, dict(mapped), {}
    eager = isinstance(frame, nw.DataFrame)
    maybe = {own: head for own, head in heads.items() if schema[head] in nested or (eager and schema[head] == nw.Object)}
    if not maybe and all(own == head for own, head in heads.items()):
        return frame, dict(mapped), {}
    if not eager:
        frame = frame.select(*dict.fromkeys(heads.values())).collect()
    renamed: dict[str, str] = {}
    lists: Lists = {}
    for own, head in maybe.items():
        cells = frame[head].to_list()
        if own == head and not any(isinstance(cell, (*_SEVERAL, Mapping)) for cell in cells):
            continue
        path, values, several = _values(own, head, cells, where=where, lists=own in owned(mapped, *ENDS))
        renamed[own] = path
        if several:
            lists[path] = values
        else:
            frame = frame.with_columns(nw.new_series(path, values, nw.String, backend=frame.implementation))
    unread = next((own for own, head in heads.items() if own != head and own not in renamed), None)
    if unread:
        raise DataError(f"{where}: column {heads[unread]!r} has no fields; write {heads[unread]!r} instead of {unread!r}")
    return frame, _renamed(mapped, renamed), lists


def _refuse_in_spark(nested: bool, where: str) -> None:
    if nested:
        raise DataError(f"{where}: a column with lists or structs is not read in Spark; select its fields, or explode() its lists, there")


def _values(own: str, head: str, cells: Sequence[Any], *, where: str, lists: bool) -> tuple[str, list[Any], bool]:
    """The path that a name means, the values at it (text, or lists of text), and whether they are lists."""
    import duckdb
    import pandas as pd

    several = any(isinstance(cell, _SEVERAL) for cell in cells)
    plain = [_plain(cell) for cell in cells]
    if several:
        plain = [[] if cell is None else cell if isinstance(cell, list) else [cell] for cell in plain]
    if not any(map(_has_fields, plain)):
        if not lists:
            raise DataError(f"{where}: column {own!r} holds lists, which only source and target may have")
        return own, [[text for one in _leveled(cell) if (text := _text(one, own, where)) is not None] for cell in plain], True
    texts = pd.DataFrame({"cell": pd.Series([None if cell is None else json.dumps(cell, default=str) for cell in plain], dtype="str")})
    with in_memory() as connection:
        held = connection.from_df(texts)
        form = held.aggregate("json_group_structure(cell::json)").fetchall()[0][0]
        made = held.select(duckdb.SQLExpression(f"from_json(cell, {_literal(form)})").alias(head))
        if not is_nested(str(made.types[0])):
            raise DataError(f"{where}: the cells of column {head!r} are of different kinds; give all of them the same fields")
        sql, path = flat_sql(own, made, where=where, lists=lists) or (identifier(head), head)
        rows = [value for (value,) in made.select(sql).fetchall()]
    if any(isinstance(value, list) for value in rows) or several:
        return path, [[text for one in value or [] if (text := _text(one, own, where)) is not None] for value in rows], True
    return path, [_text(value, own, where) for value in rows], False


def _literal(form: str) -> str:
    return "'" + form.replace("'", "''") + "'"


def _plain(cell: Any) -> Any:
    """A cell in Python's lists and dictionaries; None where it is missing."""
    if isinstance(cell, _SEVERAL):
        items = cell.tolist() if isinstance(cell, np.ndarray) else cell
        return [_plain(one) for one in items]
    if isinstance(cell, Mapping):
        return {str(name): _plain(one) for name, one in cell.items()}
    return None if is_missing(cell) else cell


def _has_fields(cell: Any) -> bool:
    return isinstance(cell, dict) or (isinstance(cell, list) and any(map(_has_fields, cell)))


def _leveled(cell: list[Any]) -> list[Any]:
    """Lists within a list as one list."""
    return [one for part in cell for one in (_leveled(part) if isinstance(part, list) else [part])]


def _text(value: Any, own: str, where: str) -> str | None:
    if has_decimals(value):
        raise float_ids(own, where)
    return as_text(value)
