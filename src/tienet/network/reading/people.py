"""The people table, or roster: the people of the firm, their functions and attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from tienet.network.reading.aliases import is_blank, own_aliases, read_aliases
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
    aliases
        Other id of a person -> the id in `person`; empty unless `read_people` is given aliases.
    """

    person: NDArray[Any]
    function: NDArray[Any]
    labels: Mapping[str, str]
    attributes: Mapping[str, NDArray[Any]]
    ledger: Ledger
    backend: Backend = "pandas"
    spells: Spells | None = None
    aliases: Mapping[str, str] = field(default_factory=lambda: Fixed({}))

    def __len__(self) -> int:
        return len(self.person)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that people hold, sorted, in snake_case."""
        return tuple(sorted(set(self.function.tolist())))

    @property
    def assigned(self) -> NDArray[np.bool_]:
        """(n,) whether the function of each person is known; not knowing two functions does not make them equal."""
        known: NDArray[np.bool_] = self.function != UNASSIGNED
        return known

    @property
    def functions_ever(self) -> tuple[str, ...]:
        """The functions that people hold or held, sorted; "unassigned" only if it is the last one of some person."""
        held = set() if self.spells is None else set(self.spells.function.tolist()) - {UNASSIGNED}
        return tuple(sorted({*self.functions, *held}))

    def listed(self) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Every id that stands for someone, and the roster position of each: the people in order, then their aliases."""
        own = dict(zip(self.person.tolist(), range(len(self)), strict=True))
        behind = np.array([own[person] for person in self.aliases.values()], dtype=np.int64)
        return np.array([*self.person.tolist(), *self.aliases], dtype=object), np.concatenate([np.arange(len(self)), behind])

    def codes(self, ids: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
        """Roster positions of ids and aliases, -1 for those that stand for no one in the roster."""
        import pandas as pd

        known, positions = self.listed()
        try:
            found = pd.Index(known, dtype=object).get_indexer(pd.Index(ids, dtype=object))
        except TypeError:
            raise ArgumentError(f"ids must be a list of strings; got {shown(ids)}") from None
        return np.where(found >= 0, positions[found], -1).astype(np.int64) if len(known) else np.full(len(found), -1, dtype=np.int64)

    def without(self, ids: Sequence[str]) -> People:
        """The people table without some of its people, and without their aliases; an alias among `ids` is taken from its person."""
        try:
            gone = set(None if isinstance(ids, str) else ids)  # type: ignore[arg-type]
        except TypeError:
            raise ArgumentError(f"ids must be a list of strings; got {shown(ids)}") from None
        kept = np.array([at for at, person in enumerate(self.person.tolist()) if person not in gone], dtype=np.int64)
        aliases = {alias: person for alias, person in self.aliases.items() if not {alias, person} & gone}
        if len(kept) == len(self) and len(aliases) == len(self.aliases):
            return self
        attributes = {name: locked(values[kept]) for name, values in self.attributes.items()}
        return replace(
            self,
            person=locked(self.person[kept]),
            function=locked(self.function[kept]),
            attributes=Fixed(attributes),
            spells=self.spells and self.spells.of(kept),
            aliases=Fixed(aliases),
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


def read_people(
    data: PathSpec | object,
    *,
    columns: Mapping[str, str] | None = None,
    aliases: object = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> People:
    """Read the people table from a file or any data frame.

    Parameters
    ----------
    data
        A path to a file of any kind that `read_log` reads, or a frame: pandas, Polars, PyArrow, DuckDB.
    columns
        Mapping from canonical names (``person``, ``function``, ``valid_from``, ``valid_to``) to your column names; attributes can be
        renamed in the same way. All other columns become attributes under their own names (team, tenure, ...), unless `columns` gives
        the same name to another column.
    aliases
        Other ids of the same people, such as a second address or a login: the name of one or more columns of the people table, whose
        cells hold one alias, several with ";" between them, or a list; or a table (path or frame) with the columns ``person`` and
        ``alias``. `build_ties` counts an alias in the log for its person.
    delimiter, encoding
        For a CSV file whose delimiter is not detected correctly, or that is not UTF-8 but, for example, "cp1252".

    Returns
    -------
    People

    Notes
    -----
    Ids are strings, exactly as written. Functions are compared in snake_case, so "Customer Service" and "customer_service " are the same.
    A person without a function is "unassigned". A row without a person, or with blanks only, is rejected and counted, and so is a row that
    repeats the header. A row that repeats another one in every column is counted as a duplicate.

    An alias must stand for one person: it cannot be the id of someone else, or an alias of two people. Aliases of people who are not in
    the people table are ignored.

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
        of a person overlap or are empty, a day is not a date, or an alias stands for two people.

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

    In the log, Ann also writes from another address:

    >>> table = {"person": ["ann", "bob"], "function": ["Sales", "Marketing"], "mail": ["a@firm.example; ann@firm.example", None]}
    >>> people = tn.read_people(table, aliases="mail")
    >>> people.codes(["ann@firm.example", "bob", "cyn"]).tolist()
    [0, 1, -1]
    """
    own = {name: text(f"columns: {name!r}", column) for name, column in mapping("columns", columns).items()}
    mapped = {"person": "person", "function": "function", **own}
    wanted = [mapped["person"], mapped["function"]]
    table = load_table(data, where="the people table", encoding=encoding, delimiter=delimiter, wanted=wanted)
    mapped |= {name: name for name in SPELL if name in table.names and name not in mapped and name not in mapped.values()}
    require_columns(table.names, own.values(), where=table.where)
    require_columns(table.names, mapped.values(), where=table.where, mapping=True)
    if len(set(mapped.values())) < len(mapped):
        raise ArgumentError(f"columns: one of {', '.join(mapped.values())} is given two names")
    other = own_aliases(aliases, table)
    if len(table.rows):
        table.refuse_float_ids(mapped["person"])
    people = _people(table, mapped, other)
    if aliases is None:
        return people
    return replace(people, aliases=read_aliases(other or aliases, table, mapped["person"], people.person, encoding=encoding))


def _people(table: SmallTable, mapped: Mapping[str, str], aliases: Sequence[str]) -> People:
    person, function = mapped["person"], mapped["function"]
    over_time = any(name in mapped for name in SPELL)
    texts = {name: table.text(name) for name in table.names}
    ids = texts[person]
    headers = _repeated_headers(table, texts, person)
    stated = np.array([not is_blank(value) for value in ids], dtype=bool)
    stated[headers] = False
    # A person may have a row for each alias.
    own = {name: values for name, values in texts.items() if name not in aliases}
    kept = _distinct(stated, own) if over_time else _first_of_each(ids, stated, own, where=table.where)
    ledger = _ledger(table, stated, len(headers), len(kept))
    labels = [UNASSIGNED if value is None else " ".join(value.split()) or UNASSIGNED for value in texts[function][kept]]
    shown = _function_names(labels, where=table.where)
    names = np.array([snake_case(label) for label in labels], dtype=object)
    last, spells = _spells(table, mapped, ids[kept], names, kept) if over_time else (np.arange(len(kept)), None)
    if spells is not None:
        shown.setdefault(UNASSIGNED, UNASSIGNED)
    renamed = {own: name for name, own in mapped.items()}
    used = {person, function, *(mapped[name] for name in SPELL if name in mapped), *aliases}
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


def _repeated_headers(table: SmallTable, texts: Mapping[str, NDArray[Any]], person: str) -> list[int]:
    """The rows that repeat the names of all columns."""
    like = [row for row, value in enumerate(texts[person].tolist()) if value is not None and value.strip() == person]
    return [row for row in like if all((texts[name][row] or "").strip() == name for name in table.names)]


def _ledger(table: SmallTable, stated: NDArray[np.bool_], headers: int, used: int) -> Ledger:
    """Make the ledger; warns if rows are rejected, and raises an error if none is left."""
    ledger = Ledger(
        {
            "malformed_line": len(table.malformed),
            "repeated_header": headers,
            "missing_person": int(np.sum(~stated)) - headers,
            "repeated_row": int(stated.sum()) - used,
            "used": used,
        }
    )
    if not used:
        raise DataError.no_rows(table.where, str(ledger))
    if ledger.rejected:
        lines = f", malformed lines {', '.join(map(str, table.malformed[:6]))} (the first: {table.damage})" if table.malformed else ""
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
