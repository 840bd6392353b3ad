"""The register of readers of exports, used by the command line, study files and the docs.

To add a reader, write its module in this folder and add an entry to `_READERS`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tienet.base.errors import ArgumentError, DataError, offer
from tienet.base.paths import PathSpec, is_path

if TYPE_CHECKING:
    from tienet.network.reading.interactions import InteractionLog

__all__ = ["LogSource", "Reader", "readers", "register_reader"]


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: a function for one kind of export, and its name.

    Parameters
    ----------
    kind
        Its name in study files and in ``tienet read KIND PATH``.
    place
        The function, or its location, "package.module.function", from which it is imported when first needed.
    about
        What it reads, in one line.
    takes
        What its path may be.
    names
        Regular expressions: a file inside an export whose whole name matches one of them is a sign of this kind.
    heads
        Regular expressions: so is the beginning of a file in which one of them is found.
    """

    kind: str
    place: str | Callable[..., InteractionLog]
    about: str
    takes: str
    names: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    @property
    def function(self) -> Callable[..., InteractionLog]:
        """The function, imported if necessary."""
        if not isinstance(self.place, str):
            return self.place
        module, _, name = self.place.rpartition(".")
        function: Callable[..., InteractionLog] = getattr(import_module(module), name)
        return function

    @property
    def options(self) -> tuple[str, ...]:
        """The keywords that the function takes after the path."""
        return tuple(one.name for one in _parameters(self.function)[1:] if one.kind in _BY_NAME)

    @property
    def paths(self) -> tuple[str, ...]:
        """The options that are paths, according to their annotations."""
        return tuple(one.name for one in _parameters(self.function)[1:] if re.search(r"\bPath(Spec|Like)?\b", str(one.annotation)))

    def refuse_unknown(self, options: Mapping[str, object]) -> None:
        """Raise an error for an option that the function does not have, with the closest name."""
        if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in _parameters(self.function)):
            return
        for name in options:
            if name not in self.options:
                raise ArgumentError(f"the reader {self.kind!r} has no option {name!r}{offer(name, self.options, limit=20)}")


# One entry per reader: kind, function, what it reads, what its path may be.
_READERS: dict[str, Reader] = {
    reader.kind: reader
    for reader in (
        Reader(
            "table",
            "tienet.network.reading.log.read_log",
            "A table with a row per interaction",
            "CSV, Excel, JSON, Parquet or Arrow, a folder or a pattern",
        ),
        Reader(
            "slack",
            "tienet.network.sources.slack.read_slack",
            "Direct and group messages, replies and mentions in Slack",
            "the ZIP of an export of Slack, or its folder",
            names=(r"(.*/)?(org_users|channels|mpims|integration_logs)\.json",),
        ),
        Reader(
            "mail",
            "tienet.network.sources.mail.read_mail",
            "Mails of mailboxes, and message traces of Exchange",
            "an mbox or .eml file, a maildir, a CSV of a message trace, a folder or ZIP of them",
            names=(r".*\.(?:mbox|mbx|eml|emlx)", r"(?:.*/)?(?:cur|new)/[^/]*[:;!]2,[a-z]*"),
            heads=(
                r"\A\s*From [^\n]*\d:\d\d[^\n]*\d{4}\r?\n[!-9;-~]+:",
                r"(?i)\A[^\n]*origin_timestamp",
                r"(?i)\A(?:#TYPE[^\n]*\n)?[^\n]*sender_?address[^\n]*recipient_?address",
            ),
        ),
        Reader(
            "calendar",
            "tienet.network.sources.calendar.read_calendar",
            "Meetings of calendars, with series expanded",
            "an .ics file or JSON of events of Microsoft Graph, a folder or ZIP of them",
            names=(r".*\.(?:ics|ical|icalendar)",),
            heads=(r"(?i)\A\s*BEGIN:VCALENDAR", r'"iCalUId"\s*:', r'"attendees"\s*:\s*\[.*"emailAddress"'),
        ),
        Reader(
            "attendance",
            "tienet.network.sources.attendance.read_attendance",
            "Attendance reports of meetings in Teams, Zoom or Meet: who was there at the same time",
            "a report, a folder or ZIP of them",
            heads=(
                r"(?i)\b(?:first join|join time|time joined)\b[^\n]*\b(?:leave|exited|duration)",
                r'"attendanceRecords"\s*:|"attendanceIntervals"\s*:',
                r"(?i)^\ufeff?meeting id,topic,start time,",
            ),
        ),
        Reader(
            "teams",
            "tienet.network.sources.teams.read_teams",
            "Messages in chats and channels of Teams, as JSON of Microsoft Graph",
            "JSON pages or lists, a folder or ZIP of them",
            heads=(r'"[mM]essageType"\s*:', r'"[cC]hannelIdentity"\s*:'),
        ),
        Reader(
            "trello",
            "tienet.network.sources.trello.read_trello",
            "Assignments and comments on cards of a Trello board",
            "the JSON of a board or card, a folder or ZIP of them",
            heads=(r'"actions"\s*:\s*\[.*"idMemberCreator"', r'"idMemberCreator"\s*:.*"type"\s*:\s*"(?:comment|update|addMember|create)'),
        ),
        Reader(
            "viva",
            "tienet.network.sources.viva.viva_months",
            "Months in which Viva Insights lists two people (read_viva reads its scores)",
            "the CSV of a person-to-person query, a folder or ZIP of them",
            heads=(r"(?i)(?:PrimaryCollaborator|TieOrigin)_PersonId[^\n]*(?:SecondaryCollaborator|TieDestination)_PersonId",),
        ),
        Reader(
            "asana",
            "tienet.network.sources.asana.read_asana",
            "Assignments of tasks and comments on them in Asana",
            "JSON of tasks or a table as CSV, a folder or ZIP of them",
            heads=(
                r"(?:^|\n)[^\n]*Task ID[,;\t][^\n]*Assignee",
                r'"resource_type"\s*:\s*"(?:task|story)"',
            ),
        ),
        Reader(
            "jira",
            "tienet.network.sources.jira.read_jira",
            "Issues of Jira: reported, assigned, handed over, commented",
            "JSON of issues or a table as CSV, a folder or ZIP of them",
            heads=(
                r"^\ufeff?[^\n]*\bIssue key\b",
                r'"issues"\s*:\s*\[.*"fields"\s*:\s*\{',
                r'"key"\s*:\s*"[A-Z][A-Z0-9_]+-\d+"[^{}\[\]]{0,400}"fields"\s*:\s*\{',
            ),
        ),
        Reader(
            "salesforce",
            "tienet.network.sources.salesforce.read_salesforce",
            "Tasks, events, handovers and teams of Salesforce",
            "a folder or ZIP of object tables as CSV (Task, Event, EventRelation, User), or one of them",
            names=(r"(?:.*/)?(?:EventRelation|OpportunityTeamMember|AccountTeamMember)\.csv",),
            heads=(
                r"\A(?=[^\r\n]*\b(?:OwnerId|owner_id)\b)(?=[^\r\n]*\b(?:WhoId|who_id)\b)",
                r"\A(?=[^\r\n]*\b(?:OldValue|old_value)\b)(?=[^\r\n]*\b(?:NewValue|new_value)\b)",
            ),
        ),
        Reader(
            "hubspot",
            "tienet.network.sources.hubspot.read_hubspot",
            "Tasks, calls, mails and meetings of HubSpot",
            "a folder or ZIP of JSON files (engagements or activities, owners), or one of them",
            heads=(r'"engagement"\s*:\s*\{', r'"hubspot_owner_id"|"hs_attendee_owner_ids"'),
        ),
        Reader(
            "zendesk",
            "tienet.network.sources.zendesk.read_zendesk",
            "Assignments and internal comments on tickets of Zendesk",
            "a folder or ZIP of JSON files (audits, users), or one of them",
            heads=(r'"audits"\s*:\s*\[', r'"ticket_id"\s*:.*"field_name"\s*:'),
        ),
        Reader(
            "xes",
            "tienet.network.sources.xes.read_xes",
            "Handovers of work in a process log (XES)",
            "an XES file, a folder or ZIP of them",
            heads=(r"<(?:\w+:)?log\b[^>]*\bxes", r"<(?:\w+:)?log\b[^>]*>.*<(?:\w+:)?trace\b"),
        ),
        Reader(
            "ocel",
            "tienet.network.sources.ocel.read_ocel",
            "People of the same events and handovers in an object-centric process log (OCEL)",
            "OCEL 2.0 or 1.0 as JSON, a folder or ZIP of such files",
            heads=(
                r'"ocel:(?:events|objects|global-log)"',
                r'"objectTypes"\s*:',
                r'"relationships"\s*:\s*\[\s*\{\s*"(?:objectId|qualifier)"',
            ),
        ),
    )
}
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def register_reader(kind: str, function: Callable[..., InteractionLog], *, about: str | None = None, takes: str = "a path") -> None:
    """Register a reader of your own, for study files and the command line, in this Python process.

    Parameters
    ----------
    kind
        Its name: lower-case letters, digits, ``-`` and ``_``, as in ``log = {crm = "crm.json"}`` and ``tienet read crm crm.json``.
    function
        A function whose first parameter is the path and that returns an `InteractionLog`. Its other parameters are options: further keys
        of the table in the study file, and ``--option name=value`` on the command line. Options annotated as paths are relative to the
        folder of the study file. Settings of the study (``columns``, ``time_format``, ``timezone``, ``encoding``, ``people``) are
        passed if the function has a parameter of that name.
    about
        What it reads, in one line; by default the first line of the function's docstring.
    takes
        What its path may be, in words.

    Raises
    ------
    ArgumentError
        The kind is already registered or not a valid name, or the function has no parameter for the path.

    Examples
    --------
    >>> import tienet as tn
    >>> def read_pairs(path, *, sign=">"):
    ...     "Lines such as ann>bob."
    ...     pairs = [line.split(sign) for line in open(path).read().split()]
    ...     return tn.read_log({"source": [pair[0] for pair in pairs], "target": [pair[1] for pair in pairs]})
    >>> tn.register_reader("pairs", read_pairs, takes="a text file")
    >>> print(tn.network.sources.readers()["pairs"].about)
    Lines such as ann>bob.
    """
    if not isinstance(kind, str) or not re.fullmatch("[a-z][a-z0-9_-]*", kind):
        raise ArgumentError(f"the kind of a reader must consist of lower-case letters, digits, - and _, such as 'slack'; got {kind!r}")
    if kind in _READERS:
        raise ArgumentError(f"a reader {kind!r} is already registered; choose another kind")
    if not callable(function) or not _parameters(function):
        raise ArgumentError(f"the reader {kind!r} must be a function whose first parameter is the path")
    said = about if about is not None else (inspect.getdoc(function) or "").partition("\n")[0]
    _READERS[kind] = Reader(kind, function, said, takes)


def readers() -> dict[str, Reader]:
    """List all readers by kind: those of tienet, then those added by `register_reader`.

    Examples
    --------
    >>> readers()["table"].takes
    'CSV, Excel, JSON, Parquet or Arrow, a folder or a pattern'
    """
    return dict(_READERS)


@dataclass(frozen=True, slots=True, eq=False)
class LogSource:
    """An export to read, as in a study file: ``log = {slack = "slack.zip", option = value}``.

    Parameters
    ----------
    kind
        The kind of its reader.
    path
        The path of the export.
    options
        Options of the reader.

    Raises
    ------
    ArgumentError
        There is no such reader, or it has no such option; the closest name is suggested.
    """

    kind: str
    path: PathSpec
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_path(self.path):
            raise ArgumentError(f"the path of the reader {self.kind!r} must be a string; got a {type(self.path).__name__}")
        self.reader.refuse_unknown(self.options)

    @property
    def reader(self) -> Reader:
        """The reader for it."""
        if self.kind not in _READERS:
            raise ArgumentError(f"there is no reader {self.kind!r}{offer(self.kind, _READERS, limit=20)}")
        return _READERS[self.kind]

    def read(self, offered: Mapping[str, Any] | None = None) -> InteractionLog:
        """Read the log with the options, and with those offered keywords that the reader has; options take precedence."""
        from tienet.network.reading.interactions import InteractionLog

        known = {name: value for name, value in (offered or {}).items() if name in self.reader.options}
        log = self.reader.function(self.path, **(known | dict(self.options)))
        if not isinstance(log, InteractionLog):
            raise DataError(f"the reader {self.kind!r} returned a {type(log).__name__}; it must return an InteractionLog, like tn.read_log")
        return log


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # functions written in C may have no signature
        return []
