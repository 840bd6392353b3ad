"""The columns of a log: which columns of a table stand for the canonical ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tienet.base.checks import mapping, names
from tienet.base.errors import ArgumentError, DataError, closest, offer
from tienet.base.frames import require_columns
from tienet.base.numbers import listed
from tienet.network.reading.cells.nested import owned

REQUIRED = ("source", "target")
SEVERAL = ("source", "target", "time")  # canonical columns that several columns of the table may stand for
CANONICAL = ("time", "source", "target", "channel", "size", "duration", "weight", "event", "reply_to")


def column_mapping(
    found: list[str],
    columns: Mapping[str, str | Sequence[str] | None] | None,
    *,
    where: str,
    several: Callable[[str], bool] = lambda _column: False,
) -> dict[str, Any]:
    """Canonical name -> column of the table, or several of them, for the columns that exist.

    `several` says whether the cells of a column hold several people, so that a row without target is an event of its own.
    """
    wanted: dict[str, Any] = mapping("columns", columns)
    for name in wanted:
        if name not in CANONICAL:
            raise ArgumentError(f"columns: {name!r} is not a column of a log{offer(name, CANONICAL)}")
        wanted[name] = _own(name, wanted[name])
    stated = set(wanted)
    for name in CANONICAL:
        if name not in wanted and name in found:
            wanted[name] = name
    mapped = {name: own for name in CANONICAL if (own := wanted.get(name)) is not None}
    require_columns(found, [own for own in owned(mapped) if own.split(".")[0] not in found], where=where)
    for name in REQUIRED:
        if name not in mapped and not (name == "target" and _of_people(mapped, stated, found, several)):
            raise DataError.missing_column(name, found, where=where, repair=f"; or map yours with columns={{'{name}': ...}}")
    return mapped


def looked_for(columns: Mapping[str, str | Sequence[str] | None] | None) -> dict[str, Any]:
    """What `open_files` is told of the columns: which it looks for, which no file may lack, and the weight of rows in files without one."""
    given: dict[str, Any] = mapping("columns", columns)
    own = {name: _own(name, value) for name, value in given.items() if name in CANONICAL}
    by_person = {"source", "event"} <= own.keys() and "target" not in own
    ends = {name: own.get(name, name) for name in REQUIRED if name in own or not by_person}
    wanted, required = ({name.split(".")[0] for name in owned(_stated(part))} for part in (own | ends, ends))
    weight = own.get("weight", "weight")
    return {"wanted": wanted, "required": required, "missing": {weight: "1"} if isinstance(weight, str) else {}}


def _stated(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: own for name, own in columns.items() if own is not None}


def _own(name: str, given: object) -> str | tuple[str, ...] | None:
    """The column or columns that stand for a canonical one."""
    if given is None or isinstance(given, str):
        return given
    several = tuple(names(f"columns: {name!r}", given, single=True))
    if name not in SEVERAL:
        raise ArgumentError(f"columns: {name!r} must be one column; only {listed(SEVERAL)} may be several")
    if not several or len(set(several)) < len(several):
        raise ArgumentError(f"columns: {name!r} must be different columns, at least one")
    return several if len(several) > 1 else several[0]


def _of_people(mapped: Mapping[str, Any], stated: set[str], found: list[str], several: Callable[[str], bool]) -> bool:
    """Whether a table without target has the people of an event in each row or in its rows, and not a misspelt target."""
    own = mapped.get("source")
    if own is None:
        return False
    if isinstance(own, tuple) or (("source" in stated or "target" in stated) and several(own)):
        return True
    if "event" not in mapped:
        return False
    others = set(found) - set(owned(mapped))
    return stated >= {"source", "event"} or "target" in stated or not closest("target", others)
