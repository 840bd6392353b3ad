"""Tasks of Asana as a table: a row per task, without its author, and with the title of its parent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.tables import csv_rows
from tienet.network.sources.exports.values import moment_in

MOST_LINES_ABOVE = 20
_TASK, _ASSIGNEE = "task id", "assignee"


@dataclass(frozen=True, slots=True)
class _Task:
    """A row: who works on it, and of which title it is a part."""

    gid: str
    at: tuple[int, int]
    created: int | str | None
    name: str
    mail: str
    parent: str


@dataclass(slots=True)
class _Tables:
    """The rows of all tables; titles are held while they are compared, and never told."""

    tasks: list[_Task] = field(default_factory=list)
    titled: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)  # title -> task -> assignee
    mails: dict[str, set[str]] = field(default_factory=dict)  # name -> addresses

    def person(self, name: str, mail: str, records: Records) -> str | None:
        """The id of an assignee: the address, which may stand in other rows of the same name, else the name of a guest."""
        if not mail:
            known = self.mails.get(name, ())
            if len(known) > 1:
                return None  # two people of one name
            mail = next(iter(known), "")
        who = mail or name
        if who:
            records.person(who, addresses=[mail] if mail else [], name=name or None)
        return who or None


def is_table(file: ExportFile) -> bool:
    """Whether a CSV file has the header of Asana among its first lines."""
    return any(_is_header(cells) for _, cells in _first(file))


def read_tables(files: Sequence[ExportFile], records: Records) -> None:
    """Tell the records what the tables hold."""
    held = _Tables()
    parents = False
    for file in files:
        parents |= _read_table(file, records, held)
    for task in held.tasks:
        _tell(task, held, records)
    if not parents:
        records.lack("The table has no column Parent task, and names no author: no one addresses anyone in it.")
    records.lack(
        "A table of Asana does not say who created or assigned a task: only assignees of subtasks are linked with the assignee of the "
        "parent task, where one task alone has its title, so ties are understated. The JSON of its API says more."
    )
    records.note("The moment of a task is the day on which it was created.")


def _first(file: ExportFile) -> Iterator[tuple[int, list[str]]]:
    for number, cells in csv_rows(file):
        if number > MOST_LINES_ABOVE:
            return
        yield number, cells


def _is_header(cells: Sequence[str]) -> bool:
    return {_TASK, _ASSIGNEE} <= {cell.strip().lower() for cell in cells}


def _read_table(file: ExportFile, records: Records, held: _Tables) -> bool:
    """Take the rows below the header of a table; returns whether it says of which task a row is a part."""
    places: dict[str, int] = {}
    for number, cells in csv_rows(file):
        if _is_header(cells):
            names = [cell.strip().lower() for cell in cells]
            places = {name: at for at, name in reversed(list(enumerate(names)))}
        elif places and any(map(str.strip, cells)):
            _take(cells, places, (file.number, number), records, held)
    return "parent task" in places


def _take(cells: Sequence[str], places: dict[str, int], at: tuple[int, int], records: Records, held: _Tables) -> None:
    def cell(name: str) -> str:
        place = places.get(name, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    gid, name, mail = cell(_TASK), cell(_ASSIGNEE), cell("assignee email").lower()
    if not gid:
        records.skip("bad_record", at=at)
        return
    if mail and name:
        held.mails.setdefault(name, set()).add(mail)
    if title := cell("name"):
        held.titled.setdefault(title, {}).setdefault(gid, (name, mail))
    held.tasks.append(_Task(gid, at, moment_in(cell("created at"), records.zone), name, mail, cell("parent task")))


def _tell(task: _Task, held: _Tables, records: Records) -> None:
    """Add a row: from the assignee of the task of which it is a part, if that is clear, to its own."""
    parents = list(held.titled.get(task.parent, {}).values()) if task.parent else []
    over, own = (held.person(*one, records) for one in (parents[0] if len(parents) == 1 else ("", ""), (task.name, task.mail)))
    event = f"task:{task.gid}"
    if over is not None and own is not None:
        records.add(task.created, over, [own], "assign", event=event, at=task.at)
    elif (task.name and own is None) or (len(parents) == 1 and parents[0][0] and over is None):
        records.skip("no_address", event=event)
    else:
        records.skip("no_recipient", event=event)
