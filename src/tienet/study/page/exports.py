"""What the report says of the exports of a study: records, participants left out, people found, and what the exports lack."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tienet.base.frames import rows
from tienet.base.numbers import count
from tienet.network.reading.shapes import told_left_out
from tienet.network.reading.who import sorted_ids
from tienet.study.language.reading import enumerated, say, say_counted
from tienet.study.words.ruled import reasons_worded
from tienet.study.words.written import begun

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings


@dataclass(frozen=True, slots=True)
class ExportPart:
    """One export in the report: its title, its records by reason, who was left out of those used, and what it lacks."""

    title: str
    records: list[dict[str, Any]]
    rows_in: int
    interactions: int
    left_out: str
    lacks: tuple[str, ...]


def export_parts(result: StudyFindings) -> list[ExportPart]:
    """The exports of the study; none if its log is a table."""
    parts = result.log.exports if result.log is not None else ()
    all_titles, seen = Counter(part.title for part in parts), Counter[str]()
    titles = []
    for title in (part.title for part in parts):
        seen[title] += 1  # in the order of the study; the name of a file may hold that of a person
        titles.append(begun(title) + (f" {seen[title]}" if all_titles[title] > 1 else ""))
    return [
        ExportPart(
            title,
            reasons_worded(rows(part.ledger._columns())),
            part.ledger.rows_in,
            part.ledger.used if part.ledger.interactions is None else part.ledger.interactions,
            told_left_out(part.left_out, part.channels),
            part.lacks,
        )
        for title, part in zip(titles, parts, strict=True)
    ]


def people_found(result: StudyFindings) -> str:
    """How many ids the exports name, and who of the people table they are; empty for a log that is a table."""
    if result.log is None or not result.log.found:
        return ""
    found = sorted_ids(result.log, result.people, None)
    states, by = Counter(found["state"].tolist()), Counter(found["matched_by"].tolist())
    whose = {one for one in found["person"].tolist() if one is not None} & set(result.people.person.tolist())
    how = enumerated(say(f"page.found_ids.by_{name}", n=count(by[name])) for name in ("address", "identities", "id") if by[name])
    counts = {"left_out": states["left out"], "conflict": states["conflict"], "others": states["suggested"] + states["unmatched"]}
    matched = say("page.found_ids.matched", n=count(states["matched"]), how=say("page.found_ids.how", how=how) if how else "")
    told = [matched, *(say(f"page.found_ids.{key}", n=count(n)) for key, n in counts.items() if n)]
    return say_counted(
        "page.found_ids.all",
        len(whose),
        ids=say_counted("unit.id", len(found["id"])),
        told=enumerated(told),
        people=say_counted("page.people", len(result.people)),
    )
