"""Values of JSON as an export should hold them; those of another shape count as missing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tienet.network.sources.exports.moments import moment_of


def mapping_in(value: Any) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence_in(value: Any) -> Sequence[Any]:
    """The value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def id_in(value: Any) -> str | None:
    """The value as an id: text, or a whole number written as text; None if it is neither or blank.

    Examples
    --------
    >>> id_in(17), id_in(" "), id_in(["a"])
    ('17', None, None)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        return None
    return value if value.isascii() else value.encode(errors="replace").decode()  # half of a character cannot be written to a file


def text_in(value: Any) -> str:
    """The value as `id_in` reads it, without blanks at its ends; "" if it is none.

    Examples
    --------
    >>> text_in(17), text_in(" a "), text_in(None)
    ('17', 'a', '')
    """
    return (id_in(value) or "").strip()


def holder_at(time: int | str | None, first: str | None, changes: Sequence[tuple[int, str | None]]) -> str | None:
    """Who holds a task, ticket or issue at a moment: `first`, until the changes, in order of time, say who comes next.

    Examples
    --------
    >>> changes = [(10, "ben"), (20, None)]
    >>> holder_at(9, "ann", changes), holder_at(10, "ann", changes), holder_at(30, "ann", changes)
    ('ann', 'ben', None)
    """
    at = bisect_right(changes, time, key=lambda change: change[0]) if isinstance(time, int) else 0
    return changes[at - 1][1] if at else first


def moment_in(value: Any, zone: str = "UTC", *, unit: Literal["s", "ms"] | None = None) -> int | str | None:
    """The moment as `moment_of` reads it, or the reason code "bad_time" if it cannot be read, as records take it.

    Examples
    --------
    >>> moment_in("1970-01-01T00:00:01Z"), moment_in("yesterday"), moment_in("")
    (1000000, 'bad_time', None)
    """
    try:
        return moment_of(value, zone, unit=unit)
    except ValueError:
        return "bad_time"
