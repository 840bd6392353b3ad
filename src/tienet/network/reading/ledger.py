"""The row ledger: every input row is used, rejected, excluded or a duplicate, and these add up to the rows in.

This module also has the register of reasons. Those of the library are entries in `_REASONS`; a reader declares its own with
`declare_reason`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from tienet.base.checks import choice, made_by, mapping, whole
from tienet.base.errors import ArgumentError, offer, shown
from tienet.base.frames import Columns
from tienet.base.numbers import counted
from tienet.base.record import Fixed, Record

__all__ = ["Ledger", "declare_reason"]


Status: TypeAlias = Literal["used", "rejected", "excluded", "duplicate"]
Unit: TypeAlias = Literal["row", "record", "interaction"]
LEFT_OUT: tuple[Status, ...] = ("rejected", "excluded", "duplicate")

# In the order in which rows are checked: the first reason that applies counts.
_REASONS: dict[str, tuple[Status, str]] = {
    "used": ("used", "counted"),
    "malformed_line": ("rejected", "the line does not have the columns of its header, has a stray quote, or cannot be decoded"),
    "missing_source": ("rejected", "no id of the person it came from"),
    "missing_target": ("rejected", "no id of the person it went to"),
    "missing_event": ("rejected", "no id of the event that the person took part in"),
    "missing_time": ("rejected", "no time"),
    "bad_time": ("rejected", "the time cannot be read as a moment"),
    "bad_weight": ("rejected", "the weight is missing, negative or not a number"),
    "bad_size": ("rejected", "the number of people in the event is not a whole number of at least two"),
    "self_loop": ("excluded", "from a person to the same person"),
    "zero_weight": ("excluded", "weight zero"),
    "alone": ("excluded", "no one else took part in the event"),
    "duplicate_event": ("duplicate", "the same event between the same two people, listed again"),
    "channel_left_out": ("excluded", "a channel the tie rule does not count"),
    "too_many_people": ("excluded", "more people in the event than are counted"),
    "outside_window": ("excluded", "outside the window of the tie rule"),
    "excluded_person": ("excluded", "one of the two is not a person (a bot, a shared mailbox), by the table of exclusions"),
    "unknown_person": ("excluded", "at least one of the two is not in the people table"),
    "missing_person": ("rejected", "no id of the person"),
    "repeated_header": ("rejected", "the line with the names of the columns, once more"),
    "repeated_row": ("duplicate", "the same person with the same values, listed again"),
    "missing_answer": ("rejected", "at least one item of the answer is empty"),
    "outside_scale": ("rejected", "an answer outside the scale"),
    "conflicting_answer": ("rejected", "the same respondent gave different answers about the same colleague"),
    "repeated_answer": ("duplicate", "the same answers of the same respondent about the same colleague, again"),
}
REASONS: Mapping[str, tuple[Status, str]] = MappingProxyType(_REASONS)  # includes reasons declared later
CODES = tuple(REASONS)  # those of the library: passes over a log use their positions in this tuple


def declare_reason(code: str, status: Status, meaning: str) -> None:
    """Declare a reason of your own for leaving out rows, so that a `Ledger` can count them.

    A reader declares its reasons when its module is imported; the list of reason codes in the docs, the glossary and figures then
    include them. Declaring the same reason again has no effect.

    Parameters
    ----------
    code
        The name of the reason: lower-case letters, digits and underscores, such as ``"bot_message"``.
    status
        "rejected" for rows that cannot be read, "excluded" for readable rows that are left out, "duplicate" for repeats.
    meaning
        The reason in words, for readers of the ledger.

    Raises
    ------
    ArgumentError
        The code is already declared with another status or meaning, or is not a valid name.

    Examples
    --------
    >>> import tienet as tn
    >>> tn.network.reading.declare_reason("bot_message", "excluded", "written by a bot")
    >>> print(tn.Ledger({"used": 40, "bot_message": 2}))
    42 rows in: 40 used, 2 excluded (bot_message 2)
    """
    if not isinstance(code, str) or not re.fullmatch("[a-z][a-z0-9_]*", code):
        raise ArgumentError(f"a reason code must be lower-case letters, digits and underscores, as 'bot_message'; got {shown(code)}")
    choice("status", status, LEFT_OUT)
    if not isinstance(meaning, str) or not meaning.strip():
        raise ArgumentError(f"the meaning of {code!r} must be a string that is not empty; got {shown(meaning)}")
    if REASONS.get(code, (status, meaning)) != (status, meaning):
        raise ArgumentError(f"reason code {code!r} is already declared, as {': '.join(REASONS[code])}; choose another name")
    _REASONS[code] = (status, meaning)


def _refuse_undeclared(codes: Mapping[str, object]) -> None:
    for code in codes:
        if code not in REASONS:
            near = offer(code, REASONS)
            raise ArgumentError(f"reason code {code!r} is not declared{near}; declare a new one with declare_reason(code, status, meaning)")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ledger(Record):
    """Rows by reason code.

    A record of a log can state several interactions, such as a mail to three people. The ledger of such a log counts records, and
    says how many interactions they gave; what a later step leaves out are interactions, counted in a ledger of their own, which
    keeps the one of the records.

    Parameters
    ----------
    counts
        Rows per reason code, "used" included; codes without rows are left out.
    unit
        What is counted: "row", "record" or "interaction".
    interactions
        Number of interactions that the rows or records gave; None where each gave one.
    records
        For interactions: the ledger of the rows or records that gave them.

    Raises
    ------
    ArgumentError
        A code is not declared (the closest one is suggested), or a count is not a whole number of at least 0.

    Examples
    --------
    >>> import tienet as tn
    >>> mails = tn.Ledger({"used": 40, "missing_target": 2}, unit="record", interactions=95)
    >>> print(mails)
    42 records in: 40 used, 2 rejected (missing_target 2); they gave 95 interactions
    >>> print(mails.after({"unknown_person": 5}))
    95 interactions in: 90 used, 5 excluded (unknown_person 5); from 42 records: 40 used, 2 rejected (missing_target 2)
    """

    counts: Mapping[str, int]
    unit: Unit = "row"
    interactions: int | None = None
    records: Ledger | None = None

    def __post_init__(self) -> None:
        given = mapping("counts", self.counts)
        _refuse_undeclared(given)
        choice("unit", self.unit, get_args(Unit))
        if self.interactions is not None:
            whole("interactions", self.interactions, 0)
        if self.records is not None:
            made_by("a log", Ledger, records=self.records)
        rows = {
            code: whole(f"{self.unit}s under {code!r}", given[code], 0)
            for code in (*CODES, *sorted(given.keys() - set(CODES)))
            if code in given
        }
        object.__setattr__(self, "counts", Fixed({code: count for code, count in rows.items() if count}))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the reasons too, since another process may not have imported the reader that declared them."""
        reasons = {code: REASONS[code] for code in self.counts}
        return _told_again, (dict(self.counts), reasons, self.unit, self.interactions, self.records)

    def total(self, status: Status) -> int:
        """Rows (records, interactions) of one status: "used", "rejected", "excluded" or "duplicate"."""
        choice("status", status, get_args(Status))
        return sum(rows for code, rows in self.counts.items() if REASONS[code][0] == status)

    @property
    def rows_in(self) -> int:
        """Number of input rows."""
        return sum(self.counts.values())

    @property
    def used(self) -> int:
        """Number of rows used."""
        return self.total("used")

    @property
    def rejected(self) -> int:
        """Number of rows that could not be read."""
        return self.total("rejected")

    @property
    def excluded(self) -> int:
        """Number of readable rows left out by a rule."""
        return self.total("excluded")

    @property
    def duplicate(self) -> int:
        """Number of rows that repeat another one."""
        return self.total("duplicate")

    def after(self, left_out: Mapping[str, int]) -> Ledger:
        """The ledger after a later step has left out some of the rows used so far.

        Of records that gave several interactions, a later step leaves out interactions: the ledger returned counts these.
        """
        several = self.interactions is not None
        merged = {} if several else dict(self.counts)
        for code, rows in left_out.items():
            merged[code] = merged.get(code, 0) + rows
        merged["used"] = (self.used if self.interactions is None else self.interactions) - sum(left_out.values())
        return Ledger(merged, "interaction", records=self) if several else Ledger(merged, self.unit, records=self.records)

    @property
    def beside(self) -> dict[str, Any]:
        """What is counted, for output as JSON beside the counts; empty where each row is one interaction."""
        found: dict[str, Any] = {} if self.unit == "row" and self.interactions is None else {"unit": self.unit}
        if self.interactions is not None:
            found["interactions"] = self.interactions
        if self.records is not None:
            found["records"] = dict(self.records.counts)
        return found

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
        for status in LEFT_OUT:
            codes = [f"{code} {rows:,}" for code, rows in self.counts.items() if REASONS[code][0] == status]
            if codes:
                parts.append(f"{self.total(status):,} {status} ({', '.join(codes)})")
        said = f"{counted(self.rows_in, self.unit)} in: " + ", ".join(parts)
        if self.interactions is not None:
            said += f"; they gave {counted(self.interactions, 'interaction')}"
        if self.records is None:
            return said
        origin = str(self.records).partition("; they gave")[0].replace(" in: ", ": ", 1)
        return f"{said}; from {origin}"


def _told_again(
    counts: dict[str, int],
    reasons: dict[str, tuple[Status, str]],
    unit: Unit = "row",
    interactions: int | None = None,
    records: Ledger | None = None,
) -> Ledger:
    for code, reason in reasons.items():
        _REASONS.setdefault(code, reason)
    return Ledger(counts, unit, interactions, records)
