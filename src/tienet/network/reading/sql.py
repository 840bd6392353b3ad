"""Quote strings, names and paths for SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable


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
