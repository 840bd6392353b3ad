"""The one glossary: every column a tienet frame can have, with its unit, its meaning and where it comes from.

It joins the columns of the two wings with those that a file declares for itself, as ``COLUMNS = {"group": (Column(...), ...)}``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import walk_packages

from tienet import network, regression
from tienet.base.columns import Column
from tienet.base.errors import DataError
from tienet.network.columns import COLUMNS as NETWORK
from tienet.network.reading.ledger import REASONS
from tienet.network.ties.strengths import known_strengths
from tienet.regression.columns import COLUMNS as REGRESSION

__all__ = ["describe"]

GLOSSARY: dict[str, Column] = {column.name: column for group in (*NETWORK.values(), *REGRESSION.values()) for column in group}


@cache
def groups() -> dict[str, tuple[Column, ...]]:
    """Every group of columns by its title: the wings' own, then those that single files declare."""
    found = {**NETWORK, **REGRESSION}
    for wing in (network, regression):
        for module in walk_packages(wing.__path__, f"{wing.__name__}."):
            found |= getattr(import_module(module.name), "COLUMNS", {})
    return found


def gathered() -> dict[str, Column]:
    """The columns that single files declare as well; all of them have to be imported for it."""
    return {column.name: column for group in groups().values() for column in group}


def describe(name: str) -> Column:
    """The glossary entry of a column, families such as `total_ties_{function}` included, of a tie strength, or of a reason code.

    Raises
    ------
    DataError
        When no entry fits, with the closest name.

    Examples
    --------
    >>> describe("total_ties_marketing").unit
    'ties'
    >>> describe("bad_time").meaning
    'rejected: the time does not read as a moment'
    """
    for entries in (GLOSSARY, gathered()):
        if name in entries:
            return entries[name]
        for pattern, column in entries.items():
            head, brace, _ = pattern.partition("{")
            if brace and name.startswith(head) and len(name) > len(head):
                return column
    strengths = {strength.name: strength for strength in known_strengths()}
    if name in strengths:
        return Column(name, strengths[name].unit, strengths[name].meaning)
    if name in REASONS:  # those of readers are declared where their files are imported, which `gathered` has done
        return Column(name, "rows", ": ".join(REASONS[name]))
    raise DataError.missing_column(name, [*GLOSSARY, *strengths], where="the glossary")
