"""Read mails from mailboxes and message traces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from tienet.base.errors import FilesPassedOver, warn
from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records
from tienet.network.sources.mailboxes.addresses import words_of
from tienet.network.sources.mailboxes.blocks import is_mbox, mails_in_mbox, only_mail
from tienet.network.sources.mailboxes.headers import Mail, is_mail, mail_of
from tienet.network.sources.mailboxes.trace import Trace, read_traces, trace_in

__all__ = ["read_mail"]

HEAD = 1 << 16
# Mails that are one file each, by their names: exported ones, and those of a maildir (with flags, or in its folders).
_ONE_MAIL = re.compile(r".*\.(?:eml|emlx|mail)|.*[:;!]2,[a-z]*|(?:.*/)?(?:cur|new)/[^/]*", re.IGNORECASE | re.DOTALL)
_MBOX = (".mbox", ".mbx")
_DRAFT = re.compile(r".*[:;!]2,[A-Za-z]*D[A-Za-z]*", re.DOTALL)


def read_mail(
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
    time_format: str | None = None,
) -> InteractionLog:
    """Read mails: mbox files (also of Google Takeout and Thunderbird), maildirs, folders of .eml files, and message traces of Exchange.

    A mail is an interaction from its author to each address in To, Cc and Bcc (`mail`), at the time of its Date header. Copies of a mail in
    several mailboxes count once, by Message-ID. Answers name the mail that they answer, so that ties have a latency.

    Parameters
    ----------
    path
        A file, or a folder or ZIP of files. Files that are not mail are passed over.
    people
        The people table, or its path. Addresses that it holds become its ids; other ids are then written ``email:address``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``, for people with several addresses. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only are left out.
    timezone
        The time zone of dates without one, and of days; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Mails to more people are excluded.
    ids
        How ids are compared, as in `read_log`.
    time_format
        How times of a message trace are written if not as ISO 8601, such as ``"%m/%d/%Y %I:%M:%S %p"``. They are in UTC.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no mail, a file is damaged, or no mail links two people.

    Notes
    -----
    The source is the first address of From, else of Sender. Replies out of office, reports of delivery and other automatic mails
    (``Auto-Submitted`` of RFC 3834, an empty return path) are excluded, and so are drafts. The address of a mailing list (``List-Post``) is
    no person. Headers are read as RFC 5322 says; a date whose zone is not known is in UTC, as its section 4.3 says. Subjects, texts and
    attachments are not read. A mail without Message-ID is known by its source, Date and targets.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_mail("tests/data/made_up_exports/raw/message_trace/enhanced.csv", domains="firm.example")
    >>> print(log.ledger)
    3 records in: 2 used, 1 excluded (not_delivered 1); they gave 3 interactions
    >>> log.frame[["source", "target", "size"]].values.tolist()[0]
    ['ana@firm.example', 'ben@firm.example', 3.0]
    """
    export = open_export(path, kind="mail", hidden=True)
    records = Records(
        "mail",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    traces, mailboxes = _read_files(export, records)
    if traces:
        read_traces(traces, records, time_format)
        records.note("Of a message trace, delivered mails count; its times are read as UTC.")
        records.lack("A message trace does not say which mail answers which, so there is no latency.")
    if mailboxes:
        records.note("Recipients in To, Cc and Bcc count alike; automatic mails do not count.")
        records.lack(
            "Mails stand in the mailboxes that were exported only: ties between people whose mailboxes are missing are understated."
        )
    return records.log()


def _read_files(export: Export, records: Records) -> tuple[list[Trace], bool]:
    """Read the mails; the message traces are returned, and whether there are mails."""
    traces: list[Trace] = []
    named: set[str] = set()
    passed_over, mails = 0, 0
    for file in export.files:
        if "tmp" in PurePosixPath(file.name).parts[-2:-1]:  # of a maildir: mails that are being delivered
            passed_over += 1
            continue
        found = 0
        for found, mail in enumerate(_mails_of(file, records, traces), 1):
            _add(mail, (file.number, found), records, named)
        mails += found
        passed_over += not found and not (traces and traces[-1].file is file)
    if not (mails or traces):
        raise not_understood(export, "mbox files, mails with From and To, or a message trace with sender and recipient addresses")
    if passed_over:
        warn(f"the mail export: passed over {counted(passed_over, 'file')} without mail", FilesPassedOver)
    return traces, bool(mails)


def _mails_of(file: ExportFile, records: Records, traces: list[Trace]) -> Iterator[Mail | None]:
    """The mails of a file, None for one that cannot be read; nothing for a file that is not mail."""
    with file.open() as stream:
        head = stream.read(HEAD)
        if is_mbox(head) or file.suffix in _MBOX:
            for headers in mails_in_mbox(stream, head):
                yield mail_of(headers, records.zone) if is_mail(headers) else None
            return
        named_so = bool(_ONE_MAIL.fullmatch(file.name))
        if named_so or is_mail(head):
            headers = only_mail(stream, head)
            if is_mail(headers):
                mail = mail_of(headers, records.zone)
                yield mail._replace(code=mail.code or "draft") if _DRAFT.fullmatch(file.name) else mail
            elif named_so:
                yield None
            return
    if (trace := trace_in(file, head)) is not None:
        traces.append(trace)


def _add(mail: Mail | None, at: tuple[int, int], records: Records, named: set[str]) -> None:
    if mail is None:
        records.skip("bad_record", at=at)
        return
    event = mail.id
    if event is None and mail.source and mail.targets:
        event = f"{mail.source} {mail.time} {' '.join(sorted(set(mail.targets)))}"
    if mail.code:
        records.skip(mail.code, event=event, at=at)
        return
    for address, name in mail.names:
        if address not in named:
            named.add(address)
            records.person(address, name=words_of(name))
    for address in mail.lists:
        records.person(address, group=True)
    records.add(mail.time, mail.source, mail.targets, "mail", event=event, reply_to=mail.reply_to, at=at, best=mail.complete)
