"""Work on several items: one after the other, or in parallel inside a joblib configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any, Literal, TypeAlias, TypeVar

from tienet.base.frames import is_spark

Item = TypeVar("Item")
Made = TypeVar("Made")
Reach: TypeAlias = Literal["anywhere", "process", "alone"]


def each(function: Callable[[Item], Made], items: Iterable[Item], *, reach: Reach = "anywhere") -> list[Made]:
    """Apply a function to each item, in order; in parallel inside ``with joblib.parallel_config(...)``.

    Parameters
    ----------
    function
        Takes one item. To run in another process, it and the items must pickle: a module-level function, or a `functools.partial` of one.
    items
        The items.
    reach
        Where the work may run: "anywhere"; "process", in threads of this process; "alone", one item after the other.
    """
    jobs = 1 if reach == "alone" else _jobs()
    if jobs == 1:
        return [function(item) for item in items]
    import joblib

    options: dict[str, Any] = {"n_jobs": jobs, "require": "sharedmem"} if reach == "process" else {}
    return list(joblib.Parallel(**options)(joblib.delayed(function)(item) for item in items))


def reach_of(frame: Any) -> Reach:
    """Where work on a narwhals frame may run.

    A DuckDB connection can neither be pickled nor run two queries at once (one uses every core). A Spark session can run several.
    """
    return "alone" if frame.implementation.is_duckdb() else "process" if is_spark(frame) else "anywhere"


def _jobs() -> int:
    """The number of jobs set by the surrounding ``parallel_config``; 1 where there is none."""
    if not find_spec("joblib"):
        return 1
    import joblib

    return int(joblib.effective_n_jobs(None))
