"""Entries of the glossary of columns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One entry of the glossary.

    Parameters
    ----------
    name
        The column, or a family of columns with a name in braces, as ``total_ties_{function}``.
    unit
        Its unit, such as "hours" or "0 to 1"; "" where it has none.
    meaning
        What it contains, in words.
    reference
        Where its definition comes from; "" where it needs none.
    """

    name: str
    unit: str
    meaning: str
    reference: str = ""
