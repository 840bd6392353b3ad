"""The people table, or roster: the people of the firm, their functions and attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import mapping, text
from tienet.base.errors import ArgumentError, DataError, RowsRejected, offer, shown, warn
from tienet.base.frames import Backend, Columns, require_columns
from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.base.record import Fixed, Record, locked
from tienet.base.small_table import SmallTable
from tienet.base.wording import snake_case
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.small_tables import load_table
from tienet.network.reading.spells import UNASSIGNED, Spells, bounds, refuse_overlap, timeline

__all__ = ["People", "read_people"]


SPELL = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class People(Record):
    """The people of the roster, in the order of the people table.

    Parameters
    ----------
    person
        (n,) ids, exactly as in the table.
    function
        (n,) functions in snake_case; "unassigned" where the table has none. For people who change functions, the last one.
    labels
        Function in snake_case -> its label in the table, for figures and reports.
    attributes
        Name -> (n,) values of every other column; for people who change functions, from the row of the last one.
    ledger
        Rows of the people table by reason code.
    spells
        The function of everyone at every moment; None if no one changes functions.
    """

    person: NDArray[Any]
    function: NDArray[Any]
    labels: Mapping[str, str]
    attributes: Mapping[str, NDArray[Any]]
    ledger: Ledger
    backend: Backend = "pandas"
    spells: Spells | None = None

    def __len__(self) -> int:
        return len(self.person)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that people hold, sorted, in snake_case."""
        return tuple(sorted(set(self.function.tolist())))

    @property
    def functions_ever(self) -> tuple[str, ...]:
        """The functions that people hold or held, sorted; "unassigned" only if it is the last one of some person."""
        held = set() if self.spells is None else set(self.spells.function.tolist()) - {UNASSIGNED}
        return tuple(sorted({*self.functions, *held}))

    def codes(self, ids: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
        """Roster positions of ids, -1 for ids not in the roster."""
        import pandas as pd

        try:
            positions = pd.Index(self.person, dtype=object).get_indexer(pd.Index(ids, dtype=object))
        except TypeError:
            raise ArgumentError(f"ids must be a list of strings; got {shown(ids)}") from None
        return np.asarray(positions, dtype=np.int64)

    def without(self, ids: Sequence[str]) -> People:
        """The people table without some of its people."""
        gone = self.codes(ids)
        kept = np.setdiff1d(np.arange(len(self)), gone[gone >= 0])
        if len(kept) == len(self):
            return self
        attributes = {name: locked(values[kept]) for name, values in self.attributes.items()}
        return replace(
            self,
            person=locked(self.person[kept]),
            function=locked(self.function[kept]),
            attributes=Fixed(attributes),
            spells=self.spells and self.spells.of(kept),
        )

    def holders(self, function: str) -> NDArray[np.int64]:
        """Roster positions of the people in a function, given by label or in snake_case.

        Raises
        ------
        ArgumentError
            No one is in the function; the closest name is suggested.
        """
        return np.flatnonzero(self.function == self.known(function))

    def known(self, function: str) -> str:
        """A function in snake_case; raises an error if no one holds it."""
        name = snake_case(text("a function", function))
        if name not in self.functions:
            raise ArgumentError(f"no one in the people table holds the function {function!r}{offer(name, self.functions)}")
        return name

    def known_ever(self, function: str) -> str:
        """A function in snake_case; raises an error if no one holds it or ever held it."""
        name = snake_case(text("a function", function))
        if name in self.functions_ever or (self.spells is not None and name == UNASSIGNED):
            return name
        return self.known(function)

    def _columns(self) -> Columns:
        return {"person": self.person, "function": self.function, **self.attributes}

    def __str__(self) -> str:
        sizes = {name: int(np.sum(self.function == name)) for name in self.functions}
        listed = ", ".join(f"{self.labels[name]} {size}" for name, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])))
        return f"{counted(len(self), 'person', 'people')} in {counted(len(sizes), 'function')}: {listed}"


def read_people(data: PathSpec | object, *, columns: Mapping[str, str] | None = None, encoding: str | None = None) -> People:
    """Read the people table from a file or any data frame.

    Parameters
    ----------
    data
        A path to CSV or Parquet, or a frame: pandas, Polars, PyArrow, DuckDB.
    columns
        Mapping from canonical names (``person``, ``function``, ``valid_from``, ``valid_to``) to your column names; attributes can be
        renamed in the same way. All other columns become attributes under their own names (team, tenure, ...), unless `columns` gives
        the same name to another column.
    encoding
        Encoding of a CSV file that is not UTF-8, such as "cp1252".

    Returns
    -------
    People

    Notes
    -----
    Ids are strings, exactly as written. Functions are compared in snake_case, so "Customer Service" and "customer_service " are the same.
    A person without a function is "unassigned". A row without a person is rejected and counted. A row that repeats another one in every
    column is counted as a duplicate.

    With ``valid_from`` or ``valid_to`` a person may have several rows, one for each spell in a function: from the day `valid_from` to
    before the day `valid_to` (dates, or text in ISO 8601; UTC); leave one empty if the spell is open. Outside all spells a person is
    "unassigned". `function` and the attributes are those of the last spell. `build_ties` divides interactions by the functions held at
    the time, for `measure_egos` and `function_matrix`; every other measure uses the last function.

    Raises
    ------
    InputNotFound
        No file was found.
    DataError
        A column is missing, ids are floating-point numbers, no one is left, a person has several different rows without spells, spells
        of a person overlap or are empty, or a day is not a date.

    Examples
    --------
    >>> import tienet as tn
    >>> people = tn.read_people({"id": ["ann", "bob"], "dept": ["Sales", "Marketing"]}, columns={"person": "id", "function": "dept"})
    >>> print(people)
    2 people in 2 functions: Marketing 1, Sales 1

    Ann moves from Sales to Marketing on the first of March:

    >>> table = {"person": ["ann", "ann"], "function": ["Sales", "Marketing"]}
    >>> tn.read_people({**table, "valid_from": [None, "2025-03-01"], "valid_to": ["2025-03-01", None]}).function.tolist()
    ['marketing']
    """
    own = {name: text(f"columns: {name!r}", column) for name, column in mapping("columns", columns).items()}
    table = load_table(data, where="the people table", encoding=encoding)
    mapped = {"person": "person", "function": "function", **own}
    mapped |= {name: name for name in SPELL if name in table.names and name not in mapped and name not in mapped.values()}
    require_columns(table.names, mapped.values(), where=table.where)
    if len(set(mapped.values())) < len(mapped):
        raise ArgumentError(f"columns: one of {', '.join(mapped.values())} is given two names")
    if len(table.rows):
        table.refuse_float_ids(mapped["person"])
    return _people(table, mapped)


def _people(table: SmallTable, mapped: Mapping[str, str]) -> People:
    person, function = mapped["person"], mapped["function"]
    over_time = any(name in mapped for name in SPELL)
    texts = {name: table.text(name) for name in table.names}
    ids = texts[person]
    stated = np.array([value is not None for value in ids], dtype=bool)
    kept = _distinct(stated, texts) if over_time else _first_of_each(ids, stated, texts, where=table.where)
    ledger = _ledger(table, stated, len(kept))
    labels = [UNASSIGNED if value is None else " ".join(value.split()) or UNASSIGNED for value in texts[function][kept]]
    shown = _function_names(labels, where=table.where)
    names = np.array([snake_case(label) for label in labels], dtype=object)
    last, spells = _spells(table, mapped, ids[kept], names, kept) if over_time else (np.arange(len(kept)), None)
    if spells is not None:
        shown.setdefault(UNASSIGNED, UNASSIGNED)
    renamed = {own: name for name, own in mapped.items()}
    used = {person, function, *(mapped[name] for name in SPELL if name in mapped)}
    taken = {*used, *mapped} - set(renamed) | used
    attributes = {renamed.get(name, name): locked(table.values(name)[kept[last]]) for name in table.names if name not in taken}
    return People(
        locked(ids[kept[last]], dtype=object),
        locked(names[last], dtype=object),
        Fixed(shown),
        Fixed(attributes),
        ledger,
        table.backend,
        spells,
    )


def _ledger(table: SmallTable, stated: NDArray[np.bool_], used: int) -> Ledger:
    """Make the ledger; warns if rows are rejected, and raises an error if none is left."""
    ledger = Ledger(
        {
            "malformed_line": len(table.malformed),
            "missing_person": int(np.sum(~stated)),
            "repeated_row": int(stated.sum()) - used,
            "used": used,
        }
    )
    if not used:
        raise DataError.no_rows(table.where, str(ledger))
    if ledger.rejected:
        lines = f", malformed lines {', '.join(map(str, table.malformed[:6]))}" if table.malformed else ""
        told = f"{table.where}: {ledger.rejected:,} of {ledger.rows_in:,} rows rejected; {ledger}{lines}"
        warn(told, RowsRejected)
    return ledger


def _spells(
    table: SmallTable, mapped: Mapping[str, str], ids: NDArray[Any], names: NDArray[Any], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Spells | None]:
    """The row with the last spell of each person, in order of appearance; and everyone's functions over time."""
    import pandas as pd

    person = pd.factorize(ids)[0].astype(np.int64)
    start, end = bounds([table.rows[mapped[name]] if name in mapped else None for name in SPELL], rows, where=table.where)
    refuse_overlap(person, start, end, rows, where=table.where)
    order = np.lexsort((start, person))
    last = order[np.append(person[order][1:] != person[order][:-1], True)]
    return last, timeline(person, names, start, end)


def _function_names(labels: list[str], *, where: str) -> dict[str, str]:
    """The label of each function, the first of several spellings; raises an error if different functions have the same name."""
    shown: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        name = snake_case(label)
        first = shown.setdefault(name, label)
        if not name:
            raise DataError(f"{where}: the name of the function {label!r} has no letter or digit; rename it")
        if _spelling(first) != _spelling(label):
            raise DataError(f"{where}: the functions {first!r} and {label!r} would both be called {name!r}; rename one of them")
    return shown


def _spelling(label: str) -> str:
    return re.sub(r"[\s_-]+", "_", label.casefold()).strip("_")


def _distinct(stated: NDArray[np.bool_], texts: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
    """The rows with a person, without repeated rows."""
    import pandas as pd

    rows = pd.DataFrame(dict(texts), dtype=object)[stated]
    kept: NDArray[np.int64] = rows.index[~rows.duplicated()].to_numpy(dtype=np.int64)
    return kept


def _first_of_each(ids: NDArray[Any], stated: NDArray[np.bool_], texts: Mapping[str, NDArray[Any]], *, where: str) -> NDArray[np.int64]:
    """The first row of each person; raises an error if a later one differs."""
    import pandas as pd

    kept = _distinct(stated, texts)
    at = kept[pd.Series(ids[kept], dtype=object).duplicated(keep=False).to_numpy()]
    if len(at):
        lines = ", ".join(str(row + 1) for row in at[:6].tolist()) + (", ..." if len(at) > 6 else "")
        raise DataError(
            f"{where}: rows {lines} name the same person with different values; keep one row per person "
            "(one function each), add the columns valid_from and valid_to, or make the ids of different people differ"
        )
    return kept
