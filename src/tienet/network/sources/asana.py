"""Tasks of Asana: who created and assigned them to whom, and who commented them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tienet.base.errors import DataError
from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources._asana_json import read_tasks
from tienet.network.sources._asana_table import is_table, read_tables
from tienet.network.sources.exports.files import open_export
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records

__all__ = ["read_asana"]


def read_asana(
    path: PathSpec,
    *,
    people: People | PathSpec | object = None,
    identities: PathSpec | object = None,
    domains: str | Sequence[str] | None = None,
    timezone: str | None = None,
    since: Any = None,
    until: Any = None,
    max_people: int = 250,
    ids: IdRule = "exact",
) -> InteractionLog:
    """Read tasks of Asana, from the JSON of its API or from an exported table.

    In JSON each task and each of its stories is a record. A story `assigned` is an interaction from its author to the assignee
    (`assign`); a task without such a story is one from its creator to its assignee. A comment is one from its author to those mentioned
    and to the assignee at that moment (`comment`). Followers and likes are not counted.

    A table does not say who did anything. A row is an interaction from the assignee of its parent task to its own assignee (`assign`),
    if exactly one task of the export has the title of the parent. The same holds for JSON without creators and stories, where the
    parent is known by its id.

    Parameters
    ----------
    path
        Tasks as JSON, with ``created_by``, ``assignee`` and ``stories``, or one object per line, or tables as CSV; a file, or a folder or
        ZIP of them.
    people
        The people table, or its path. Ids whose address it holds become its ids; other ids are then written ``asana:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``; the JSON mostly holds no addresses. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only are left out.
    timezone
        The time zone of days; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Records with more people are excluded.
    ids
        How ids are compared, as in `read_log`.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no Asana export, a file is damaged, or no record links two people.

    Notes
    -----
    An id is the number of the user in JSON, and the address in a table; it is the name for guests without an address in any row. A row
    whose assignee is written by a name of two addresses is left out (``no_address``).

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_asana("tests/data/made_up_exports/raw/asana/tasks.csv")
    >>> print(log.ledger)
    5 records in: 1 used, 4 excluded (no_recipient 3, self 1); they gave 1 interaction
    """
    export = open_export(path, kind="asana")
    records = Records(
        "asana",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    pages, tables = export.pages_and_tables(is_table)
    found = read_tasks(pages, records)
    if found and tables:
        raise DataError("the Asana export holds tasks as JSON and as tables, which name people otherwise; pass one of them")
    if not found and not tables:
        raise not_understood(export, "JSON with tasks, or CSV with a column Task ID")
    if tables:
        read_tables(tables, records)
    return records.log()
