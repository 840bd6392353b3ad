"""JSON as tables: a line per object, an array of objects, or one object that holds such an array."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from tienet.base.errors import DataError
from tienet.network.reading.files.job import lacks_room, unreadable
from tienet.network.reading.sql import literal, quoted

LONGEST = 64 << 20  # bytes of one object, but for a file that is one object


def json_as_parquet(name: str, place: str, connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Write the objects of a JSON file in UTF-8 to a Parquet file, and return the lines that are no objects.

    Strings stay strings, numbers numbers; where a key has both, text.

    Raises
    ------
    DataError
        The file is not an array of objects, nor has it an object in each line.
    """
    form = _form(name)
    longest = max(LONGEST, Path(name).stat().st_size + 1 if form == "unstructured" else 0)
    scan = (
        f"read_json_objects({quoted(literal(name))}, format = {quoted(form)}, maximum_object_size = {longest}, "
        f"compression = 'none', ignore_errors = {str(form == 'newline_delimited').lower()})"
    )
    try:
        structure, objects, others = _structure(scan, connection)
        inner = _only_list(structure) if (objects, others) == (1, 0) else None
        if inner:  # one object around the table, such as {"value": [...]}
            scan = f"(select unnest(json_extract(json, {quoted(_path(inner))})::json[]) as json from {scan})"  # noqa: S608 - quoted above
            structure, objects, others = _structure(scan, connection)
        if not structure:
            raise DataError.no_rows(Path(name).name, "it has no JSON object with a value")
        if others and (inner or form != "newline_delimited"):
            raise DataError(f"{Path(name).name}: {others:,} of {objects + others:,} elements are no objects; each must be one, as a row")
        _refuse_twin_keys(name, structure)
        shape = quoted(json.dumps(_loose(structure)))
        rows = f"select unnest(json_transform(json, {shape})) from {scan} where json_type(json) = 'OBJECT'"  # noqa: S608 - quoted above
        connection.execute(f"copy ({rows}) to {quoted(place)} (format parquet)")
        return _other_lines(name, scan, connection) if others else ()
    except duckdb.Error as problem:
        if lacks_room(problem):
            raise unreadable((name,), problem) from None
        raise DataError(
            f"cannot read {Path(name).name!r}: it is not readable as JSON, and may be damaged or incomplete; it must be an "
            "array of objects, or have an object in each line"
        ) from None


def _form(name: str) -> str:
    """How objects follow each other, in the words of DuckDB."""
    with Path(name).open("rb") as handle:
        start = next((line for line in handle if line.strip()), b"")
        if start.lstrip()[:1] == b"[":
            return "array"
        following = next((line for line in handle if line.strip()), b"")
    # Of the first two lines one may be broken.
    return "newline_delimited" if _is_object(start) or _is_object(following) else "unstructured"


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _structure(scan: str, connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, Any], int, int]:
    """The keys of the objects with the types of their values, the number of objects, and that of other values and broken lines."""
    only = "case when json_type(json) = 'OBJECT' then json end"
    query = f"select json_group_structure({only}), count({only}), count(*) from {scan}"  # noqa: S608 - ours
    found, objects, every = connection.execute(query).fetchall()[0]
    structure = json.loads(found) if found else {}
    return structure if isinstance(structure, dict) else {}, objects, every - objects


def _only_list(structure: dict[str, Any]) -> str | None:
    """The only key that holds a list of objects, if there is one."""
    lists = [key for key, shape in structure.items() if isinstance(shape, list) and shape and isinstance(shape[0], dict)]
    return lists[0] if len(lists) == 1 and not any(isinstance(shape, dict) for shape in structure.values()) else None


def _path(key: str) -> str:
    return '$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _loose(shape: Any) -> Any:
    """A structure with text where values are of several kinds, or always missing."""
    if isinstance(shape, dict):
        return {key: _loose(inner) for key, inner in shape.items()}
    if isinstance(shape, list):
        return [_loose(inner) for inner in shape]
    return "VARCHAR" if shape in ("JSON", "NULL") else shape


def _refuse_twin_keys(name: str, structure: dict[str, Any]) -> None:
    twins = next((key for key in structure if sum(key.lower() == other.lower() for other in structure) > 1), None)
    if twins is not None:
        raise DataError(f"{Path(name).name} has two keys that differ only in case, such as {twins!r}; rename one of them")


def _other_lines(name: str, scan: str, connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """The physical lines that hold no object; they are looked up only if there are any."""
    numbered = f"select row_number() over () as place, coalesce(json_type(json), '') as type from {scan}"  # noqa: S608 - quoted above
    query = f"select place from ({numbered}) where type <> 'OBJECT'"  # noqa: S608 - ours
    places = {place for (place,) in connection.execute(query).fetchall()}
    return tuple(line for place, line in enumerate(_stated_lines(name), start=1) if place in places) if places else ()


def _stated_lines(name: str) -> Iterator[int]:
    with Path(name).open("rb") as handle:
        for line, text in enumerate(handle, start=1):
            if text.strip():
                yield line
