"""The people table: who is in the firm, in which function, with which attributes. It anchors the roster."""

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
from tienet.base.wording import snake_case
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.small_tables import SmallTable, load_table
from tienet.network.reading.spells import UNASSIGNED, Spells, bounds, refuse_overlap, timeline

__all__ = ["People", "read_people"]


SPELL = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class People(Record):
    """Everyone who counts, in roster order.

    Attributes
    ----------
    person : (n,) array of str
        Ids, exactly as written.
    function : (n,) array of str
        The function's name in snake_case; "unassigned" where the table states none. Where functions change, the one held last.
    labels : mapping of str to str
        Function in snake_case -> the label as the table writes it, for figures and reports.
    attributes : mapping of str to (n,) array
        Every other column; where functions change, of the row of the last one.
    ledger : Ledger
        Rows of the people table by reason code.
    spells : Spells or None
        The function of everybody at every moment; None where nobody's changes.
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
        """The functions that somebody holds, sorted, in snake_case."""
        return tuple(sorted(set(self.function.tolist())))

    @property
    def functions_ever(self) -> tuple[str, ...]:
        """The functions that somebody holds or held, sorted; "unassigned" only where it is somebody's last."""
        held = set() if self.spells is None else set(self.spells.function.tolist()) - {UNASSIGNED}
        return tuple(sorted({*self.functions, *held}))

    def codes(self, ids: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
        """Roster positions of ids; -1 for ids that are not in the roster."""
        import pandas as pd

        try:
            positions = pd.Index(self.person, dtype=object).get_indexer(pd.Index(ids, dtype=object))
        except TypeError:
            raise ArgumentError(f"ids is {shown(ids)}, and has to be a list of texts") from None
        return np.asarray(positions, dtype=np.int64)

    def without(self, ids: Sequence[str]) -> People:
        """The people table without some of its members."""
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
        """Roster positions of those who hold a function, named by its label or in snake_case.

        Raises
        ------
        ArgumentError
            When nobody holds it; the closest function is offered.
        """
        return np.flatnonzero(self.function == self.known(function))

    def known(self, function: str) -> str:
        """A function's name in snake_case, refused when nobody holds it."""
        name = snake_case(text("a function", function))
        if name not in self.functions:
            raise ArgumentError(f"nobody in the people table holds the function {function!r}{offer(name, self.functions)}")
        return name

    def known_ever(self, function: str) -> str:
        """A function's name in snake_case, refused when nobody holds it or ever held it."""
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
        Canonical name -> your name, for ``person``, ``function``, ``valid_from`` and ``valid_to``; an attribute can be renamed the same
        way. All other columns become attributes under their own names (team, tenure, ...), except one that bears a name which `columns`
        gives to another.
    encoding
        Of a CSV file that is not UTF-8, such as "cp1252".

    Returns
    -------
    People

    Notes
    -----
    Ids are text exactly as written. Functions are compared in snake_case, so "Customer Service" and "customer_service " are one.
    A person without a function is kept under "unassigned"; a row without a person is rejected and counted; a row that repeats
    another one in every column is counted as a duplicate.

    With ``valid_from`` or ``valid_to`` a person may stand in several rows, one for each spell in a function: from the day `valid_from` on,
    before the day `valid_to` (dates, or text in ISO 8601; UTC), either empty where the spell is open. Outside all spells a person is
    "unassigned". `function` and the attributes are those of the last spell. `build_ties` keeps apart what happened under which function
    for `measure_egos` and `function_matrix`; every other measure uses the function held last.

    Raises
    ------
    InputNotFound
        No file is there.
    DataError
        A column is missing, ids are floating-point, nobody is left, one person stands in rows that differ without spells, spells of a
        person overlap or are empty, or a day does not read as one.

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
    """The account of the rows, told where some are rejected; refused where none is left."""
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
    """Which of the rows is the last spell of each person, people in order of appearance; and everybody's functions over time."""
    import pandas as pd

    person = pd.factorize(ids)[0].astype(np.int64)
    start, end = bounds([table.rows[mapped[name]] if name in mapped else None for name in SPELL], rows, where=table.where)
    refuse_overlap(person, start, end, rows, where=table.where)
    order = np.lexsort((start, person))
    last = order[np.append(person[order][1:] != person[order][:-1], True)]
    return last, timeline(person, names, start, end)


def _function_names(labels: list[str], *, where: str) -> dict[str, str]:
    """The label shown for each function: of several spellings the first; refused where different functions would become one."""
    shown: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        name = snake_case(label)
        first = shown.setdefault(name, label)
        if not name:
            raise DataError(f"{where}: the function {label!r} has no letter or digit to name it by; rename it")
        if _spelling(first) != _spelling(label):
            raise DataError(f"{where}: the functions {first!r} and {label!r} would both be called {name!r}; rename one of them")
    return shown


def _spelling(label: str) -> str:
    return re.sub(r"[\s_-]+", "_", label.casefold()).strip("_")


def _distinct(stated: NDArray[np.bool_], texts: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
    """The rows with a person that repeat none before them."""
    import pandas as pd

    rows = pd.DataFrame(dict(texts), dtype=object)[stated]
    kept: NDArray[np.int64] = rows.index[~rows.duplicated()].to_numpy(dtype=np.int64)
    return kept


def _first_of_each(ids: NDArray[Any], stated: NDArray[np.bool_], texts: Mapping[str, NDArray[Any]], *, where: str) -> NDArray[np.int64]:
    """The first row of each person; refused where a later one says something else."""
    import pandas as pd

    kept = _distinct(stated, texts)
    at = kept[pd.Series(ids[kept], dtype=object).duplicated(keep=False).to_numpy()]
    if len(at):
        lines = ", ".join(str(row + 1) for row in at[:6].tolist()) + (", ..." if len(at) > 6 else "")
        raise DataError(
            f"{where}: rows {lines} name the same person with different values; keep one row per person "
            "(one function each), say from when to when each holds with valid_from and valid_to, or add the distinguishing part to the id"
        )
    return kept
