"""One thing after the other, or side by side where joblib has been told so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any, Literal, TypeAlias, TypeVar

from tienet.base.frames import is_spark

Item = TypeVar("Item")
Made = TypeVar("Made")
Reach: TypeAlias = Literal["anywhere", "process", "alone"]


def each(function: Callable[[Item], Made], items: Iterable[Item], *, reach: Reach = "anywhere") -> list[Made]:
    """What a function makes of each item, in order; side by side inside ``with joblib.parallel_config(...)``.

    Parameters
    ----------
    function
        Takes an item. To go to another process, it and the items have to pickle: a function of a module, or `functools.partial` of one.
    items
        What it is called with.
    reach
        How far the work can go: "anywhere"; "process", in threads of this one; "alone", one after the other.
    """
    jobs = 1 if reach == "alone" else _jobs()
    if jobs == 1:
        return [function(item) for item in items]
    import joblib

    options: dict[str, Any] = {"n_jobs": jobs, "require": "sharedmem"} if reach == "process" else {}
    return list(joblib.Parallel(**options)(joblib.delayed(function)(item) for item in items))


def reach_of(frame: Any) -> Reach:
    """How far work on a narwhals frame can go.

    A DuckDB connection neither pickles nor runs two queries at once (one uses every core); a Spark session does the latter.
    """
    return "alone" if frame.implementation.is_duckdb() else "process" if is_spark(frame) else "anywhere"


def _jobs() -> int:
    """How many jobs the surrounding ``parallel_config`` asks for; 1 where there is none."""
    if not find_spec("joblib"):
        return 1
    import joblib

    return int(joblib.effective_n_jobs(None))
