"""The physical lines of rejected rows in CSV files. They are looked up only if there are any."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tienet.network.reading.files.csv_files import binary_file
from tienet.network.reading.files.csv_records import MOST_LINES, lines_of
from tienet.network.reading.files.opening import OpenedFiles
from tienet.network.reading.ledger import CODES, REASONS

if TYPE_CHECKING:
    import duckdb

MOST_LINES_LOCATED = MOST_LINES


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that could not be used.

    Parameters
    ----------
    file
        The name of the file.
    line
        The physical line on which the row starts; 1 is the first of the file.
    code
        The reason code.
    detail
        What is wrong with the line, such as "a quote that never closes" or "7 values where the header has 5".
    """

    file: str
    line: int
    code: str
    detail: str = ""

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.code == "malformed_line" and self.detail else ""
        return f"{self.file}:{self.line} {self.code}{detail}"


def rejected_lines(opened: OpenedFiles, coded: Any, counts: dict[str, int]) -> tuple[RejectedLine, ...]:
    """File, line and code of the rejected rows; adds the malformed lines to the counts."""
    malformed = [
        RejectedLine(Path(name).name, line, "malformed_line", detail)
        for name, lines in malformed_lines(opened).items()
        for line, detail in lines.items()
    ]
    rejected = [code for code in counts if REASONS[code][0] == "rejected"]
    counts["malformed_line"] = sum(file.found.damaged for file in opened.csv) + sum(map(len, opened.malformed.values()))
    located = _locate(opened, coded.to_native(), rejected) if rejected and opened.csv else []
    return tuple(sorted([*malformed, *located], key=lambda reject: (reject.file, reject.line))[:MOST_LINES_LOCATED])


def _locate(opened: OpenedFiles, coded: duckdb.DuckDBPyRelation, rejected: list[str]) -> list[RejectedLine]:
    """Physical lines of intact rows that were rejected: their ordinals from DuckDB, their lines from the file."""
    numbers = ", ".join(str(CODES.index(code)) for code in rejected)
    rows = coded.select("code, row_number() over () as ordinal").filter(f"code in ({numbers})").limit(MOST_LINES_LOCATED).fetchnumpy()
    ordinals, codes = np.asarray(rows["ordinal"], dtype=np.int64), np.asarray(rows["code"])
    order = np.argsort(ordinals, kind="stable")
    ordinals, codes = ordinals[order], codes[order]
    found, start = [], 0
    for file in opened.csv:
        low, high = np.searchsorted(ordinals, [start + 1, start + file.found.records + 1])
        if high > low:
            with binary_file(file.text) as text:
                lines = lines_of(text, file.table.layout, ordinals[low:high] - start)
            named = [CODES[code] for code in codes[low:high].tolist()]
            found += [RejectedLine(file.name, line, code, REASONS[code][1]) for line, code in zip(lines.tolist(), named, strict=True)]
        start += file.found.records
    return found


def malformed_lines(opened: OpenedFiles) -> dict[str, dict[int, str]]:
    """The malformed lines: path -> physical line -> what is wrong with it."""
    found = {name: dict.fromkeys(lines, "no JSON object") for name, lines in opened.malformed.items()}
    for place, file in enumerate(opened.csv):
        if file.found.lines:
            found[file.file.place if file.file.place not in found else f"{place}/{file.name}"] = dict(file.found.lines)
    return found
