"""Cells that hold several people, as SQL: texts with a separator, lists, structs, and several columns of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tienet.base.errors import ArgumentError, DataError, shown
from tienet.network.reading.cells.canonical import text_sql
from tienet.network.reading.cells.identity import ALL_BLANKS, IdRule, id_sql
from tienet.network.reading.sql import identifier, quoted

PERSON_LEAVES = ("address", "email", "id")  # fields that hold an id, where a struct has several


def known_separator(separator: object) -> str:
    """The sign between people in a cell; blanks around it do not matter."""
    sign = separator.strip() or separator[:1] if isinstance(separator, str) else ""
    if len(sign) != 1 or sign.isalnum() or sign in "\"'@<>.":
        raise ArgumentError(f"separator must be the sign between people in a cell, such as ';' or ','; got {shown(separator)}")
    return sign


def people_sql(relation: Any, columns: Sequence[str], separator: str | None, ids: IdRule, *, where: str) -> str:
    """The people in some columns of a DuckDB relation, as an SQL list of ids as they are compared."""
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    parts = []
    for own in columns:
        column, kind = identifier(own), kinds[own]
        if kind.endswith("]"):
            inner = text_sql("one", kind[: kind.rindex("[")], own=own, where=where)
            listed = f"list_transform({column}, lambda one: {inner})"
        else:
            cell = text_sql(column, kind, own=own, where=where)
            listed = f"[{cell}]" if separator is None else split_sql(cell, separator)
        parts.append(f"coalesce({listed}, [])")
    everyone = parts[0] if len(parts) == 1 else f"list_concat({', '.join(parts)})"
    # Looking for every kind of blank takes a hundred times as long as for spaces, after which nearly all ids begin and end visibly.
    visible = "trim(one) >= '!' and trim(one) < '\x7f' and right(trim(one), 1) >= '!' and right(trim(one), 1) < '\x7f'"
    bare = f"list_transform({everyone}, lambda one: case when {visible} then trim(one) else trim(one, {quoted(ALL_BLANKS)}) end)"
    return f"list_filter(list_transform({bare}, lambda one: {id_sql('one', ids)}), lambda one: one is not null)"


def split_sql(cell: str, separator: str) -> str:
    """A cell as a list of texts; a separator between quotes does not separate."""
    sign = "\\" + separator if separator in "^-]\\|$*+?()[{}" else separator
    parts = quoted(f'(?:"[^"]*"|[^{sign}])+')
    return f"case when contains({cell}, '\"') then regexp_extract_all({cell}, {parts}) else string_split({cell}, {quoted(separator)}) end"


def is_nested(kind: str) -> bool:
    """Whether an SQL type holds other values: a list, an array or a struct."""
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))


def flat_sql(name: str, relation: Any, *, where: str, lists: bool) -> tuple[str, str] | None:
    """The values that a name such as ``toRecipients.emailAddress.address`` means: an SQL expression, and the path it stands for.

    None where the column needs no path. The fields of a list of structs come as a list, of lists in lists as one list.

    Raises
    ------
    DataError
        The struct has no such field, or several fields could be meant; the message lists the paths.
    """
    kinds = dict(zip(relation.columns, relation.types, strict=True))
    own, path = (name, []) if name in kinds else (name.split(".")[0], name.split(".")[1:])
    if not is_nested(str(kinds[own])):
        if path:
            raise DataError(f"{where}: column {own!r} has no fields; write {own!r} instead of {name!r}")
        return None
    leaves = _leaves(kinds[own])
    chosen = _chosen(own, path, leaves, where=where)
    expression, listed = _walk(identifier(own), kinds[own], chosen)
    if listed and not lists:
        raise DataError(f"{where}: column {own!r} holds lists, which only source and target may have")
    return expression, ".".join([own, *chosen])


def _leaves(kind: Any) -> list[tuple[str, ...]]:
    """The paths to the values inside a type."""
    if kind.id in ("list", "array"):
        return _leaves(dict(kind.children)["child"])
    if kind.id == "struct":
        return [(field, *rest) for field, inner in kind.children for rest in _leaves(inner)]
    return [()]


def _chosen(own: str, path: Sequence[str], leaves: Sequence[tuple[str, ...]], *, where: str) -> tuple[str, ...]:
    """The one leaf below a path: the only one, or the only one with the name of an id."""
    below = [leaf for leaf in leaves if leaf[: len(path)] == tuple(path)]
    if len(below) > 1:
        named = [leaf for leaf in below if leaf[-1].lower() in PERSON_LEAVES]
        below = named if len(named) == 1 else below
    if len(below) == 1:
        return below[0]
    shown_paths = ", ".join(repr(".".join([own, *leaf])) for leaf in (below or leaves)[:6])
    told = "holds several fields" if below else f"has no field {'.'.join(path)!r}"
    raise DataError(f"{where}: column {own!r} {told}; name the one with the ids: {shown_paths}")


def _walk(expression: str, kind: Any, path: Sequence[str], depth: int = 0) -> tuple[str, bool]:
    """The values at a path inside an expression of a type, and whether they are a list."""
    if kind.id in ("list", "array"):
        inner, nested = _walk(f"v{depth}", dict(kind.children)["child"], path, depth + 1)
        if kind.id == "array":
            expression = f"cast({expression} as {dict(kind.children)['child']}[])"
        listed = expression if inner == f"v{depth}" else f"list_transform({expression}, lambda v{depth}: {inner})"
        return f"flatten({listed})" if nested else listed, True
    if kind.id == "struct":
        field = dict(kind.children)[path[0]]
        return _walk(f"struct_extract({expression}, {quoted(path[0])})", field, path[1:], depth)
    return expression, False
