"""Glossary of all columns in tienet's frames, with unit, meaning and source.

It joins the columns of the network and regression packages with those that single modules declare as
``COLUMNS = {"group": (Column(...), ...)}``.
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
    """All groups of columns by title: those of the two packages, then those declared in single modules."""
    found = {**NETWORK, **REGRESSION}
    for wing in (network, regression):
        for module in walk_packages(wing.__path__, f"{wing.__name__}."):
            found |= getattr(import_module(module.name), "COLUMNS", {})
    return found


def gathered() -> dict[str, Column]:
    """All columns, including those declared in single modules; this imports every module."""
    return {column.name: column for group in groups().values() for column in group}


def describe(name: str) -> Column:
    """Return the glossary entry of a column, including families such as `total_ties_{function}`, of a tie strength or of a reason code.

    Raises
    ------
    DataError
        If there is no such entry; the message offers the closest name.

    Examples
    --------
    >>> describe("total_ties_marketing").unit
    'ties'
    >>> describe("bad_time").meaning
    'rejected: the time cannot be read as a moment'
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
    if name in REASONS:  # importing the readers' modules, as `gathered` does, registers their codes
        return Column(name, "rows", ": ".join(REASONS[name]))
    raise DataError.missing_column(name, [*GLOSSARY, *strengths], where="the glossary")
