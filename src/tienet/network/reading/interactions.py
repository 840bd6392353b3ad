"""The noun of a log: its usable rows in canonical columns, in the engine that holds them, with a ledger of all rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tienet.base.frames import Backend, Columns, collect, make_frame, to_text
from tienet.base.record import Fixed, Record
from tienet.base.time import day_text
from tienet.network.reading.cells.canonical import IDS
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.export_facts import ExportFacts
from tienet.network.reading.files.job import FileJob
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.lines import RejectedLine
from tienet.network.reading.log_columns import CANONICAL
from tienet.network.reading.shapes import told_left_out

__all__ = ["InteractionLog"]

FOUND = (
    "id", "kind", "address", "name", "handle", "bot", "room", "group", "external", "deactivated", "interactions", "person", "matched_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class InteractionLog(Record):
    """An interaction log in canonical columns, in the engine that holds it, with a ledger of its rows.

    Parameters
    ----------
    rows
        The usable rows as a narwhals frame, eager or lazy, in canonical columns; `time` in microseconds UTC.
    has
        The canonical columns that the log has.
    ledger
        Rows by reason code: rows in = used + rejected + excluded + duplicate.
    rejects
        For CSV files: file, physical line and reason code of each rejected row (the first 100,000).
    first, last
        The earliest and latest moment, microseconds UTC; None where the log has no times.
    channels
        The channels, sorted; None where the log has none, or more than 32.
    ids
        How its ids are compared with those of the people table: "exact", "trim" or "address".
    made
        Canonical columns that the data do not state: `size` counted from the people of a record or event, `event` made for a record.
    left_out
        Participants who were left out of records that are used, by reason.
    timezone
        The time zone of the log: times without one are in it, and days of a tie rule are its days.
    notes
        What was noticed in reading, in sentences without ids.
    lacks
        What the export does not hold, and which way that biases ties, in sentences.
    found
        The columns of `people_found`.
    parts
        For a log that is combined from several: what each says of its export.
    """

    rows: Any
    has: frozenset[str]
    ledger: Ledger
    rejects: tuple[RejectedLine, ...]
    first: int | None
    last: int | None
    channels: tuple[str, ...] | None
    origin: str
    backend: Backend = "pandas"
    job: FileJob | None = None
    ids: IdRule = "exact"
    made: frozenset[str] = frozenset()
    left_out: Mapping[str, int] = field(default_factory=lambda: Fixed({}))
    notes: tuple[str, ...] = ()
    timezone: str = "UTC"
    lacks: tuple[str, ...] = ()
    found: Columns = field(default_factory=lambda: Fixed({}))
    parts: tuple[ExportFacts, ...] = ()

    @property
    def exports(self) -> tuple[ExportFacts, ...]:
        """What the log says of each export that it was read from: its records by reason, participants left out, and what it lacks.

        Tables combined with exports stand among them; a log of tables only has none.
        """
        if not self.found:
            return ()
        return self.parts or (ExportFacts(self.origin, self.ledger.records or self.ledger, self.left_out, self.channels, self.lacks),)

    @property
    def people_found(self) -> Any:
        """The people that an export names, by interactions, as a frame; without rows for a log that is not read from an export.

        Columns: `id` in the system and its `kind`, `address`, `name`, `handle`, whether it is a `bot`, `room`, `group`, `external` or
        `deactivated`, its `interactions`, the `person` of the roster and what the match rests on (`matched_by`).
        """
        return make_frame(self.found or {name: np.array([], dtype=object) for name in FOUND}, self.backend)

    def _columns(self) -> Columns:
        held = collect(self.rows, self.job)
        if "event" in self.has - self.made:
            held = held.sort(held.columns)  # repeats were merged by grouping, which does not keep the order of rows
        columns = {}
        for name in CANONICAL:
            if name not in self.has:
                continue
            if name == "time":
                columns[name] = held[name].to_numpy().astype(np.int64).astype("datetime64[us]")
            else:
                columns[name] = to_text(held[name]) if name in IDS else held[name].to_numpy()
        return columns

    def __str__(self) -> str:
        if self.found:
            from tienet.network.reading.paragraph import export_paragraph

            return export_paragraph(self)
        period = "without times"
        if self.first is not None and self.last is not None:
            period = f"from {day_text(self.first, self.timezone)} to {day_text(self.last, self.timezone)}"
        stated = ", ".join(name for name in CANONICAL if name in self.has)
        told = [str(self.ledger), *([f"left out: {told_left_out(self.left_out, self.channels)}"] if self.left_out else []), *self.notes]
        return f"Interaction log {period} ({stated}). {'; '.join(told)}"
