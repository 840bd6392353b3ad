"""Find the physical lines of rejected rows in CSV files. They are looked up only if there are any."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from tienet.network.reading.csv_files import QUOTE, binary_file, scan_sql, text_file
from tienet.network.reading.files import OpenedFiles
from tienet.network.reading.ledger import CODES, REASONS

if TYPE_CHECKING:
    import duckdb

MOST_LINES_LOCATED = 100_000


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that could not be used: the file, the physical line (1 is the header) and the reason code."""

    file: str
    line: int
    code: str


def rejected_lines(opened: OpenedFiles, coded: Any, counts: dict[str, int]) -> tuple[RejectedLine, ...]:
    """File, line and code of the rejected rows; adds the malformed lines to the counts."""
    lines = malformed_lines(opened)
    malformed = [RejectedLine(Path(name).name, line, "malformed_line") for name, found in lines.items() for line in found]
    counts["malformed_line"] = len(malformed)
    rejected = [code for code in counts if REASONS[code][0] == "rejected" and code != "malformed_line"]
    located = _locate(opened, coded.to_native(), rejected, lines) if rejected and opened.delimiter else []
    return tuple(sorted([*malformed, *located], key=lambda reject: (reject.file, reject.line))[:MOST_LINES_LOCATED])


def _locate(
    opened: OpenedFiles, coded: duckdb.DuckDBPyRelation, rejected: list[str], malformed: Mapping[str, list[int]]
) -> list[RejectedLine]:
    """Physical lines of well-formed rows that were rejected: their ordinals from DuckDB, their lines from the file."""
    delimiter = opened.delimiter or ","
    numbers = ", ".join(str(CODES.index(code)) for code in rejected)
    rows = coded.select("code, row_number() over () as ordinal").filter(f"code in ({numbers})").limit(MOST_LINES_LOCATED).fetchall()
    lengths = _records_per_file(opened) if len(opened.files) > 1 else [2**62]
    found, start = [], 0
    for name, length in zip(opened.files, lengths, strict=True):
        here = sorted((ordinal - start, code) for code, ordinal in rows if start < ordinal <= start + length)
        if here:
            lines = _line_numbers(name, delimiter, [ordinal for ordinal, _ in here], malformed.get(name, ()))
            found += [RejectedLine(Path(name).name, line, CODES[code]) for line, (_, code) in zip(lines, here, strict=True)]
        start += length
    return found


def malformed_lines(opened: OpenedFiles) -> dict[str, list[int]]:
    """The malformed lines found in the first full scan: path -> physical line numbers."""
    if opened.delimiter is None:
        return {name: list(lines) for name, lines in opened.malformed.items()}
    rows = opened.connection.execute(
        "select s.file_path, e.line_byte_position, any_value(e.csv_line) from reject_errors e join reject_scans s using (scan_id, file_id) "
        "where scan_id = (select min(scan_id) from reject_errors) group by all order by all"
    ).fetchall()
    starts: dict[str, list[int]] = {}
    for name, position, text in rows:
        blank = len(text) - len(text.lstrip("\r\n")) if text else 0
        starts.setdefault(name, []).append(position + blank)
    return {name: _lines_at(name, positions) for name, positions in starts.items()}


def _lines_at(name: str, positions: list[int]) -> list[int]:
    """The physical lines of byte positions, ascending; DuckDB's line numbers do not count blank lines."""
    lines, feeds, returns, at = [], 0, 0, 0
    with binary_file(name) as handle:
        for position in positions:
            while at < position and (part := handle.read(min(position - at, 1 << 20))):
                at, feeds, returns = at + len(part), feeds + part.count(b"\n"), returns + part.count(b"\r")
            lines.append(1 + max(feeds, returns))
    return lines


def _records_per_file(opened: OpenedFiles) -> list[int]:
    """Well-formed records of each CSV file, in the order of the scan."""
    named = opened.connection.sql(_named_scan(opened))
    counts = dict(named.aggregate('"tienet file", count(*)').fetchall())
    return [counts.get(name, 0) for name in opened.files]


def _named_scan(opened: OpenedFiles) -> str:
    return scan_sql(opened.files, opened.delimiter or ",", opened.skip, careful=True, partitioned=opened.partitioned, named="tienet file")


def _line_numbers(name: str, delimiter: str, ordinals: list[int], malformed: Iterable[int]) -> list[int]:
    """Physical lines of the well-formed records with these ordinals (the first record after the header is 1).

    Called only if rows were rejected, so intact files are never read in this slower way.
    """
    csv.field_size_limit(sys.maxsize)
    wanted, aside, lines = set(ordinals), set(malformed), {}
    with text_file(name, "utf-8-sig", "replace") as handle:
        records = (line for line in _record_lines(handle, delimiter) if line not in aside)
        for ordinal, line in enumerate(records, start=1):
            if ordinal in wanted:
                lines[ordinal] = line
                if len(lines) == len(wanted):
                    break
    return [lines.get(ordinal, 0) for ordinal in ordinals]


def _record_lines(handle: TextIO, delimiter: str) -> Iterator[int]:
    """Yield the line on which each record after the header starts; blank lines are not records."""
    reader = csv.reader(handle, delimiter=delimiter, quotechar=QUOTE)
    next((row for row in reader if row), None)
    start = reader.line_num + 1
    for row in reader:
        if row:
            yield start
        start = reader.line_num + 1
