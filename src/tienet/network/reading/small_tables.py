"""Read small tables (people, outcomes) from a path or a frame into memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from tienet.base.checks import text
from tienet.base.paths import PathSpec, is_path
from tienet.base.small_table import SmallTable, hold
from tienet.network.reading.files.job import unreadable
from tienet.network.reading.files.opening import open_files, scan_in_order
from tienet.network.reading.lines import malformed_lines


def load_table(
    data: PathSpec | object, *, where: str, encoding: str | None = None, delimiter: str | None = None, wanted: Collection[str] = ()
) -> SmallTable:
    """Read a small table from a file of any kind or any data frame; columns that are `wanted` tell its sheet or header.

    A file that cannot be decoded raises an error; otherwise rows would be lost depending on the letters in their names.
    """
    import duckdb

    for name, value in {"encoding": encoding, "delimiter": delimiter}.items():
        if value is not None:
            text(name, value)
    if not is_path(data):
        return hold(data, where)
    opened = open_files(data, delimiter=delimiter, encoding=encoding, wanted=wanted, required=wanted, whole=True)  # type: ignore[arg-type]
    try:
        table = hold(opened.relation, opened.name)
    except duckdb.Error as problem:
        raise unreadable(opened.files, problem) from None
    if opened.records is not None and len(table.rows) != opened.records:
        scan_in_order(opened)
        table = hold(opened.relation, opened.name)
    found = [(line, detail) for lines in malformed_lines(opened).values() for line, detail in lines.items()]
    return replace(table, malformed=tuple(line for line, _ in found), damage=found[0][1] if found else "")
