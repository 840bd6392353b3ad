"""The one glossary: every column a tienet frame can have, with its unit, its meaning and where it comes from.

Names with a function in them are written with `{function}`; `describe` resolves the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from tienet.errors import DataError


@dataclass(frozen=True, slots=True)
class Column:
    """One entry of the glossary."""

    name: str
    unit: str
    meaning: str
    reference: str = ""


_NETWORK = (
)

_STATISTICS = (
)

GLOSSARY: dict[str, Column] = {column.name: column for column in (*_NETWORK, *_STATISTICS)}


def describe(name: str) -> Column:
    """The glossary entry of a column, families such as `total_ties_{function}` included.

    Raises
    ------
    DataError
        When no entry fits, with the closest name.
    """
    if name in GLOSSARY:
        return GLOSSARY[name]
    for pattern, column in GLOSSARY.items():
        head, brace, tail = pattern.partition("{function}")
        if brace and name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail):
            return column
    raise DataError.missing_column(name, GLOSSARY, where="the glossary")
