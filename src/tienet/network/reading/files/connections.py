"""Private DuckDB connections: in memory, within a memory limit, and closed to every file but those that they are opened for."""

from __future__ import annotations

import re
import tempfile
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import duckdb

from tienet.base.errors import ArgumentError, OutputError, shown
from tienet.base.paths import PathSpec
from tienet.network.reading.files.scratch import claim
from tienet.network.reading.sql import literal, quoted

# Return memory to the system after each grouping instead of keeping it for a next one. The thread that does so belongs to DuckDB, one
# per process; it does not change the settings or results of other connections.
GIVE_BACK = (
    "allocator_background_threads = true",
    "allocator_flush_threshold = '4MB'",
    "allocator_bulk_deallocation_flush_threshold = '16MB'",
)
_CLOSED = {"autoinstall_known_extensions": False, "autoload_known_extensions": False, "allow_community_extensions": False}


def refuse_unknown_size(memory_limit: str | None) -> None:
    """Raise an ArgumentError for a memory limit that is not a size."""
    if memory_limit is None:
        return
    stated = re.fullmatch(r"([0-9]{1,6}(\.[0-9]{1,6})?) ?[KMGT]i?B", memory_limit)
    if stated is None or not float(stated[1]):
        raise ArgumentError(f"memory_limit={shown(memory_limit)} is not a size; write it as '500MB' or '4GB'")


def claim_scratch(spill: PathSpec | None) -> tuple[Path, Callable[[], None]]:
    """Create a private scratch folder, and return it with a function that removes it; OutputError if it cannot be created."""
    try:
        return claim(None if spill is None else Path(spill).absolute())
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not a path"
        raise OutputError.cannot_write(shown_place(spill or tempfile.gettempdir()), reason) from None


def shown_place(path: PathSpec) -> str:
    """The last part of a path, for messages."""
    name = Path(path).name or "."
    return name if len(name) <= 60 else f"{name[:59]}…"


def private_connection(files: Iterable[str], scratch: Path, memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Connect to a database in memory that may read these files and use the scratch folder, and reaches nothing else.

    Frames are given to it with `from_df` or `register`: it looks for no names in Python.
    """
    limit = {} if memory_limit is None else {"memory_limit": memory_limit}
    try:
        connection = duckdb.connect(config={"temp_directory": str(scratch), **_CLOSED, **limit})
    except duckdb.Error:
        raise ArgumentError(f"memory_limit={shown(memory_limit)} is not a size that can be used; write it as '500MB' or '4GB'") from None
    allowed = ", ".join(quoted(path) for name in files for path in dict.fromkeys((name, literal(name))))  # a pattern is checked as written
    connection.execute(f"set allowed_paths = [{allowed}]; set allowed_directories = [{quoted(str(scratch))}]")
    connection.execute("set enable_external_access = false")
    for setting in GIVE_BACK:
        with suppress(duckdb.Error):  # nothing depends on it
            connection.execute(f"set {setting}")
    # DuckDB counts progress for `job` but prints nothing. In a notebook it needs ipywidgets for this; without it, no progress is shown.
    with suppress(duckdb.InvalidInputException):
        connection.execute("set enable_progress_bar_print = false; set enable_progress_bar = true; set progress_bar_time = 0")
    return connection


def scratch_of(connection: duckdb.DuckDBPyConnection) -> Path:
    """The scratch folder of a private connection, the only one that it may write to."""
    return Path(connection.execute("select current_setting('temp_directory')").fetchall()[0][0])


def kept_until_closed(connection: duckdb.DuckDBPyConnection, remove: Callable[[], None]) -> None:
    """Remove the scratch folder together with the connection."""
    weakref.finalize(connection, remove)
