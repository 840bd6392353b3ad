"""Issues of Jira: who reported them to whom, who assigned and commented them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tienet.base.errors import DataError
from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.cells.patterns import formats_of
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources._jira_json import read_issues
from tienet.network.sources._jira_table import is_table, read_tables
from tienet.network.sources.exports.files import open_export
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records

__all__ = ["read_jira"]


def read_jira(
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
    time_format: str | Sequence[str] | None = None,
) -> InteractionLog:
    """Read issues of Jira, from the JSON of its API or from an exported table.

    Each of these is a record: an issue that was created is an interaction from its reporter to its first assignee (`assign`). A change of
    assignee is one from who made it to the new assignee (`assign`), and one from the old assignee to the new (`handover`). A comment is
    one from its author to the assignee at that moment, the reporter and those mentioned (`comment`). Other changes address no one;
    watchers and votes are not counted.

    Parameters
    ----------
    path
        Pages of a search, a list of issues, single issues or one issue per line as JSON, or tables as CSV; a file, or a folder or ZIP of
        them. JSON should come with ``expand=changelog``: without it, and in a table, the assignee is today's for all times.
    people
        The people table, or its path. Ids whose address it holds become its ids; other ids are then written ``jira:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``: Jira hides most addresses, so that mostly this table alone
        joins it with other systems. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only, and customers of a service desk, are left
        out.
    timezone
        The zone of days, and of the times of a table, which are local; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Records with more people are excluded.
    ids
        How ids are compared, as in `read_log`.
    time_format
        Pattern of the times of a table, or a list of patterns, such as ``"%m/%d/%y %H:%M"``. By default those with the month in letters
        ("12/Mar/26 9:41 AM"), with dots ("12.03.26 09:41") and ISO are read.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no Jira export, a file is damaged, or no record links two people.

    Notes
    -----
    An id is that of the account, on servers the key of the user. Apps (``accountType``) are bots. Where comments or changelogs are cut to
    a page, or pages of a search are missing, `InteractionLog.lacks` says so.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_jira("tests/data/made_up_exports/raw/jira/issues.json")
    >>> print(log.ledger)
    11 records in: 5 used, 6 excluded (bot 2, no_recipient 1, other_action 1, self 2); they gave 8 interactions
    """
    export = open_export(path, kind="jira")
    records = Records(
        "jira",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    # A study may name another way for its other logs, such as "epoch", which no table of Jira is written in.
    formats = [one for one in formats_of(time_format) if "%" in one]
    pages, tables = export.pages_and_tables(is_table)
    issues = read_issues(pages, records)
    if issues and tables:
        raise DataError("the Jira export holds issues as JSON and as tables, which would count twice; pass one of them")
    if not issues and not tables:
        raise not_understood(export, "JSON with issues, or CSV with a column Issue key")
    if tables:
        read_tables(tables, records, formats)
    return records.log()
