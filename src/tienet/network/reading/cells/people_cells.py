"""Cells that hold several people, as SQL: texts with a separator, lists, structs, and several columns of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tienet.base.errors import ArgumentError, DataError, shown
from tienet.network.reading.cells.canonical import text_sql
from tienet.network.reading.cells.identity import ALL_BLANKS, IdRule, id_sql
from tienet.network.reading.sql import identifier, quoted

PERSON_LEAVES = ("address", "email", "id")  # fields that hold an id, where a struct has several
# Signs for which an id has to be looked at: other than visible ASCII and, for addresses, those of display names, comments and schemes.
_ODD: dict[IdRule, str] = {"exact": "[^!-~]", "trim": "[^!-~]", "address": r"[^!#-&*-9;=?-Z\\^-~]"}


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
            found = _people(f"list_transform({column}, lambda one: {inner})", ids)
        else:
            cell = text_sql(column, kind, own=own, where=where)
            found = _people(f"[{cell}]", ids) if separator is None else _people_of_cell(cell, separator, ids)
        parts.append(f"coalesce({found}, [])")
    return parts[0] if len(parts) == 1 else f"list_concat({', '.join(parts)})"


def _people_of_cell(cell: str, separator: str, ids: IdRule) -> str:
    """The people in a cell of text.

    Nearly all cells hold nothing but visible ASCII and single spaces, which takes one look to find out. They are split and no more, in a
    tenth of the time that looking for quotes, brackets and every kind of blank in each id takes.
    """
    text = f"lower({cell})" if ids == "address" else cell
    split = f"string_split({text}, {quoted(separator)})"
    spaced = f"case when contains({cell}, ' ') then list_transform({split}, lambda one: trim(one)) else {split} end"
    plain = f"not regexp_matches({cell}, {quoted(_ODD[ids].replace('[^', '[^ ', 1))}) and not contains({cell}, '\"')"
    single = "" if ids == "exact" else f" and not contains({cell}, '  ')"
    return (
        f"case when {plain}{single} then list_filter({spaced}, lambda one: one <> '') else {_people(split_sql(cell, separator), ids)} end"
    )


def _people(listed: str, ids: IdRule) -> str:
    """The ids in a list of texts as they are compared."""
    clean = "lower(one)" if ids == "address" else "one"
    plain = f"one <> '' and not regexp_matches(one, {quoted(_ODD[ids])})"
    other = id_sql(f"trim(one, {quoted(ALL_BLANKS)})", ids)
    return (
        f"list_filter(list_transform({listed}, lambda one: case when {plain} then {clean} else {other} end), lambda one: one is not null)"
    )


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
