"""What tests of readers of exports share: planted texts, and comparisons with counts made by others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

# Texts for subjects, bodies, names of channels and tasks; none may leave a reader.
PLANTED = ("zanzibarplan", "quokkabudget", "Vorstandsgehalt", "секрет", "機密")
CODES = {"duplicate": ("repeated_record", "series_master", "child_copy", "older_version")}


def assert_counts(log: Any, expected: Mapping[str, Any] | Path, *, alias: Mapping[str, str] | None = None) -> None:
    """Compare a log with an expected file of the shared data: records, used, codes, people, interactions and pairs.

    `alias` maps ids of the log to those of the expected file where they differ.
    """
    if isinstance(expected, Path):
        expected = json.loads(expected.read_text())
    counts = dict(log.ledger.counts if log.ledger.records is None else log.ledger.records.counts)
    if "records" in expected:
        assert sum(counts.values()) == expected["records"]
        assert counts["used"] == expected["used"]
        left_out = Counter()
        for code, count in counts.items():
            if code != "used":
                left_out[next((name for name, codes in CODES.items() if code in codes), code)] += count
        assert dict(left_out) == expected["left_out"]
    frame = log.frame
    source, target = ([(alias or {}).get(one, one) for one in frame[end]] for end in ("source", "target"))
    people = set(source) | set(target)
    assert len(people) == expected["people"]
    rows = {(event, one, other) for event, one, other in zip(frame["event"], source, target, strict=True)}
    if "ordered_rows" in expected:
        assert len(rows) == len(frame) == expected["ordered_rows"]
    pairs = Counter(
        "|".join(sorted(pair)) for pair in {(event, frozenset((one, other))) for event, one, other in rows} for pair in [pair[1]]
    )
    if "pairs" in expected:
        assert {pair: pairs[pair] for pair in pairs} == {
            "|".join(sorted(pair.split("|"))): count for pair, count in expected["pairs"].items()
        }
    if "undirected_pairs" in expected:
        assert len(pairs) == expected["undirected_pairs"]


def assert_closed(log: Any, records: int) -> None:
    """The ledger has every record once, and the interactions it tells are the rows."""
    ledger = log.ledger
    assert ledger.rows_in == records
    assert ledger.used + ledger.rejected + ledger.excluded + ledger.duplicate == records
    assert ledger.interactions == len(log.frame)


def assert_no_planted(log: Any, *texts: str, folder: Path | None = None) -> None:
    """No planted text in a log, its ledger, people, notes and rejects, in further texts (output, warnings), or in the files of a folder."""
    frames = [log.frame, log.people_found] if log is not None else []
    said = (
        []
        if log is None
        else [str(log), repr(log), str(log.ledger), repr(log.rejects), repr(log.left_out), log.origin, *log.notes, *log.lacks]
    )
    said += [one for frame in frames for name in frame.columns for one in map(str, frame[name].tolist())]
    if folder is not None:
        said += [str(one) for one in folder.rglob("*")]
        said += [one.read_bytes().decode(errors="replace") for one in folder.rglob("*") if one.is_file()]
    for text in (*said, *texts):
        for planted in PLANTED:
            assert planted.lower() not in str(text).lower(), "planted content came out"


def rows_of(log: Any) -> list[tuple[Any, ...]]:
    """The interactions of a log, sorted, for comparisons that do not depend on order."""
    frame = log.frame
    made = [np.asarray(frame[name].astype(str)) for name in sorted(frame.columns)]
    return sorted(zip(*made, strict=True))


def same_log(one: Any, other: Any) -> None:
    """Two logs have the same interactions and the same people."""
    assert rows_of(one) == rows_of(other)
    assert sorted(map(str, one.people_found.to_dict("records"))) == sorted(map(str, other.people_found.to_dict("records")))
