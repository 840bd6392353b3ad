"""Quote strings, names and paths for SQL, and run SQL on data in memory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def quoted(text: str) -> str:
    """A string, quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A column name, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(path: str) -> str:
    """A path in which DuckDB finds no pattern: it would read log1.csv for log[1].csv."""
    return re.sub(r"([\[\]*?])", r"[\1]", path)


def path_list(paths: Iterable[str]) -> str:
    """Paths of files that exist, each taken literally, as an SQL list."""
    return f"[{', '.join(quoted(literal(path)) for path in paths)}]"


def in_memory() -> duckdb.DuckDBPyConnection:
    """A connection for SQL on data in memory, to be closed by the caller; it shares a database, since opening one takes 15 ms."""
    return _database(os.getpid()).cursor()


@lru_cache(maxsize=1)
def _database(_process: int) -> duckdb.DuckDBPyConnection:
    """The database of this process: one that was opened before a fork cannot be used after it."""
    import duckdb

    return duckdb.connect(
        config={"enable_external_access": False, "autoload_known_extensions": False, "autoinstall_known_extensions": False}
    )
