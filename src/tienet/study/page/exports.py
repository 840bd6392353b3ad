"""What the report says of the exports of a study: records, participants left out, people found, and what the exports lack."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tienet.base.frames import rows
from tienet.base.numbers import counted, listed
from tienet.network.reading.shapes import told_left_out
from tienet.network.reading.who import sorted_ids

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

_BY = {"address": "by an address", "identities": "by the table of identities", "id": "by the id itself"}


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
        titles.append(f"{title[:1].upper()}{title[1:]}{f' {seen[title]}' if all_titles[title] > 1 else ''}")
    return [
        ExportPart(
            title,
            rows(part.ledger._columns()),
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
    how = listed([f"{by[name]:,} {words}" for name, words in _BY.items() if by[name]])
    told = [f"{states['matched']:,} are matched with a person{f' ({how})' if how else ''}"]
    told += [f"{states['left out']:,} left out as bots, rooms, lists or shared mailboxes"] if states["left out"] else []
    told += [f"{states['conflict']:,} may be several people"] if states["conflict"] else []
    others = states["suggested"] + states["unmatched"]
    told += [f"{others:,} match no one"] if others else []
    return (
        f"The exports name {counted(len(found['id']), 'id')}: {listed(told)}. Of {counted(len(result.people), 'person', 'people')} in the "
        f"people table, {len(whose):,} {'are' if len(whose) != 1 else 'is'} found in the exports."
    )
