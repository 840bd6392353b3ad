"""The row ledger: every row that came in is used, rejected, excluded or a duplicate, and the sum closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

import numpy as np

from tienet.base.checks import choice
from tienet.base.frames import Columns
from tienet.base.numbers import counted
from tienet.base.record import Fixed, Record

__all__ = ["Ledger"]


Status: TypeAlias = Literal["used", "rejected", "excluded", "duplicate"]

# Codes in the order in which a row is judged: the first that fits is the one that counts.
REASONS: Mapping[str, tuple[Status, str]] = MappingProxyType(
    {
        "used": ("used", "counted"),
        "malformed_line": ("rejected", "the line does not have the columns of its header, or cannot be decoded"),
        "missing_source": ("rejected", "no id of the person it came from"),
        "missing_target": ("rejected", "no id of the person it went to"),
        "missing_time": ("rejected", "no time"),
        "bad_time": ("rejected", "the time does not read as a moment"),
        "bad_weight": ("rejected", "the weight is missing, negative or not a number"),
        "bad_size": ("rejected", "the number of people in the event is not a whole number of at least two"),
        "bad_duration": ("rejected", "the duration is negative or not a number"),
        "self_loop": ("excluded", "from a person to the same person"),
        "zero_weight": ("excluded", "weight zero"),
        "duplicate_event": ("duplicate", "the same event between the same two people, listed again"),
        "channel_left_out": ("excluded", "a channel the tie rule does not count"),
        "too_many_people": ("excluded", "more people in the event than the tie rule counts"),
        "outside_window": ("excluded", "outside the window of the tie rule"),
        "excluded_person": ("excluded", "one of the two is no person (a bot, a shared mailbox), by the table of exclusions"),
        "unknown_person": ("excluded", "at least one of the two is not in the people table"),
        "missing_person": ("rejected", "no id of the person"),
        "repeated_row": ("duplicate", "the same person with the same values, listed again"),
        "missing_answer": ("rejected", "at least one item of the answer is empty"),
        "outside_scale": ("rejected", "an answer outside the scale"),
        "conflicting_answer": ("rejected", "the same respondent gave different answers about the same colleague"),
        "repeated_answer": ("duplicate", "the same answers of the same respondent about the same colleague, again"),
    }
)
CODES = tuple(REASONS)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ledger(Record):
    """Rows by reason code.

    Attributes
    ----------
    counts : mapping of str to int
        Rows per reason code, "used" included; codes without rows are left out.
    """

    counts: Mapping[str, int]

    def __post_init__(self) -> None:
        kept = {code: int(self.counts[code]) for code in CODES if self.counts.get(code)}
        object.__setattr__(self, "counts", Fixed(kept))

    def total(self, status: Status) -> int:
        """Rows of one status: "used", "rejected", "excluded" or "duplicate"."""
        choice("status", status, get_args(Status))
        return sum(rows for code, rows in self.counts.items() if REASONS[code][0] == status)

    @property
    def rows_in(self) -> int:
        """All rows that came in."""
        return sum(self.counts.values())

    @property
    def used(self) -> int:
        """Rows that were counted."""
        return self.total("used")

    @property
    def rejected(self) -> int:
        """Rows that could not be read."""
        return self.total("rejected")

    @property
    def excluded(self) -> int:
        """Rows that were readable and left out by a rule."""
        return self.total("excluded")

    @property
    def duplicate(self) -> int:
        """Rows that repeat another one."""
        return self.total("duplicate")

    def after(self, left_out: Mapping[str, int]) -> Ledger:
        """The ledger after a later step left out some of the rows used so far."""
        merged = dict(self.counts)
        for code, rows in left_out.items():
            merged[code] = merged.get(code, 0) + rows
        merged["used"] = self.used - sum(left_out.values())
        return Ledger(merged)

    def _columns(self) -> Columns:
        codes = list(self.counts)
        return {
            "code": np.array(codes, dtype=object),
            "status": np.array([REASONS[code][0] for code in codes], dtype=object),
            "rows": np.array([self.counts[code] for code in codes], dtype=np.int64),
            "meaning": np.array([REASONS[code][1] for code in codes], dtype=object),
        }

    def __str__(self) -> str:
        parts = [f"{self.used:,} used"]
        for status in ("rejected", "excluded", "duplicate"):
            codes = [f"{code} {rows:,}" for code, rows in self.counts.items() if REASONS[code][0] == status]
            if codes:
                parts.append(f"{self.total(status):,} {status} ({', '.join(codes)})")
        return f"{counted(self.rows_in, 'row')} in: " + ", ".join(parts)
