"""Message traces of Exchange: who sent to whom and whether it was delivered, for the mails of a whole firm."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Literal

import numpy as np

from tienet.base.errors import DataError
from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.moments import moment_of
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.tables import csv_rows, text_of
from tienet.network.sources.mailboxes.addresses import plain_address
from tienet.network.sources.mailboxes.headers import message_id

# What Exchange calls its columns, in the admin center and in PowerShell, without blanks, "_" and case.
_COLUMNS = {
    "time": ("origintimestamputc", "origintimestamp", "datetimeutc", "datetime", "received", "receiveddatetime"),
    "sender": ("senderaddress", "sender"),
    "recipient": ("recipientaddress", "recipient"),
    "status": ("status", "deliverystatus"),
    "recipients": ("recipientstatus",),
    "id": ("messageid",),
}
_SUMMARY = {"time", "sender", "recipient", "status", "id"}
_ENHANCED = {"time", "sender", "recipients", "id"}
_LINES_ABOVE = 5  # PowerShell writes "#TYPE ..." above the header
_STATUS = re.compile(r"\s*([^;]+?)\s*##([^;#]*)")  # addresses of guests have "#EXT#" in them


@dataclass(frozen=True, slots=True)
class Trace:
    """A file with a message trace.

    Parameters
    ----------
    file
        The file.
    form
        "summary" with a row for each recipient, "enhanced" with a row for each mail.
    columns
        The position of each column.
    above
        The number of the line of its header.
    """

    file: ExportFile
    form: Literal["summary", "enhanced"]
    columns: dict[str, int] = field(hash=False)
    above: int


def trace_in(file: ExportFile, head: bytes) -> Trace | None:
    """The message trace in a file with these first bytes; None if it holds none.

    Raises
    ------
    DataError
        It is an extended report, with a row for each step of a mail.
    """
    first = text_of(head[: 1 << 12])[0].lower()
    if not re.search(r"sender_?\s?address", first):
        return None
    for at, (line, cells) in enumerate(csv_rows(file)):
        if at == _LINES_ABOVE:
            break
        plain = [re.sub(r"[\s_]", "", cell).lower() for cell in cells]
        columns = {role: plain.index(name) for role, names in _COLUMNS.items() for name in reversed(names) if name in plain}
        if "eventid" in plain and "sender" in columns:
            raise DataError(
                f"file {file.number:,} of the export is an extended report, with a row for each step of a mail; "
                "download the enhanced summary report instead"
            )
        if columns.keys() >= _ENHANCED:
            return Trace(file, "enhanced", columns, line)
        if columns.keys() >= _SUMMARY:
            return Trace(file, "summary", columns, line)
    return None


def read_traces(traces: Sequence[Trace], records: Records, time_format: str | None) -> None:
    """Add the mails of message traces to the records.

    In a summary each row is a record, and the rows of a mail are one event; in an enhanced report a row is a mail.

    Raises
    ------
    DataError
        There are reports of both forms, which tell the same mails twice.
    """
    if len({trace.form for trace in traces}) > 1:
        raise DataError(
            "the mail export holds message traces of two forms, summary and enhanced, which list the same mails; pass one of them"
        )
    if traces[0].form == "enhanced":
        for trace in traces:
            for line, row in _rows(trace):
                _read_mail_row(row, (trace.file.number, line), records, time_format)
        return
    sizes = _recipients_of_mails(traces)
    number = 0
    for trace in traces:
        for line, row in _rows(trace):
            _read_recipient_row(row, (trace.file.number, line), int(sizes[number]), records, time_format)
            number += 1


def _rows(trace: Trace) -> Iterator[tuple[int, dict[str, str] | None]]:
    """The rows of a trace with the cells of its columns, None for a row that lacks some."""
    last = max(trace.columns.values())
    for line, cells in csv_rows(trace.file):
        if line > trace.above:
            yield line, {name: cells[at].strip() for name, at in trace.columns.items()} if len(cells) > last else None


def _recipients_of_mails(traces: Sequence[Trace]) -> np.ndarray:
    """(n,) for each row of summaries, the number of distinct recipients to whom its mail was delivered."""
    mails, deliveries = array("q"), array("q")
    for trace in traces:
        for _, row in _rows(trace):
            key = "" if row is None else message_id(row["id"]) or ""
            delivered = row is not None and _is_delivered(row)
            mails.append(_short_hash(key) if key else 0)
            deliveries.append(_short_hash(f"{key} {plain_address(row['recipient'])}") if key and delivered and row else 0)
    ids, told = np.array(mails, dtype=np.int64), np.array(deliveries, dtype=np.int64)
    distinct, at = np.unique(ids, return_inverse=True)
    first = np.unique(told, return_index=True)[1]
    counts = np.bincount(at[first[told[first] != 0]], minlength=len(distinct))
    return np.where(ids == 0, 1, counts[at]) if len(ids) else np.zeros(0, dtype=np.int64)


def _short_hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big", signed=True)


def _is_delivered(row: dict[str, str]) -> bool:
    return row["status"].lower() == "delivered"


def _read_recipient_row(
    row: dict[str, str] | None, at: tuple[int, int], recipients: int, records: Records, time_format: str | None
) -> None:
    if row is None:
        records.skip("bad_record", at=at)
        return
    key, recipient = message_id(row["id"]), plain_address(row["recipient"])
    status = row["status"].lower()
    part = f"{recipient} {status}"
    if status == "expanded":
        records.person(recipient, group=True)
        records.skip("group_address", event=key and f"{key} {part}")
    elif status != "delivered":
        records.skip("not_delivered", event=key and f"{key} {part}")
    elif row["sender"] == "<>":
        records.skip("automatic", event=key and f"{key} {part}")
    elif 1 + recipients > records.max_people:
        records.skip("too_many_people", event=key and f"{key} {part}")
    else:
        records.add(_time(row, time_format, records), plain_address(row["sender"]), [recipient], "mail", event=key, part=part, at=at)


def _read_mail_row(row: dict[str, str] | None, at: tuple[int, int], records: Records, time_format: str | None) -> None:
    if row is None:
        records.skip("bad_record", at=at)
        return
    event = message_id(row["id"])
    events = {plain_address(address): set(re.findall(r"\w+", what.lower())) for address, what in _STATUS.findall(row["recipients"])}
    delivered = [address for address, what in events.items() if what & {"deliver", "send"}]
    lists = [address for address, what in events.items() if "expand" in what and address not in delivered]
    for address in lists:
        records.person(address, group=True)
    if row["sender"] == "<>":
        records.skip("automatic", event=event)
    elif delivered or not events:
        records.add(
            _time(row, time_format, records),
            plain_address(row["sender"]),
            delivered,
            "mail",
            event=event,
            left_out={"group": len(lists), "not_delivered": len(events) - len(delivered) - len(lists)},
            at=at,
        )
    else:
        records.skip("group_address" if lists else "not_delivered", event=event)


def _time(row: dict[str, str], time_format: str | None, records: Records) -> int | str | None:
    """The moment of a row, in UTC whatever the zone of days: Exchange writes traces in UTC."""
    try:
        return moment_of(row["time"])
    except ValueError:
        pass
    try:
        return moment_of(datetime.strptime(row["time"], time_format or ""))
    except ValueError:
        records.lack(
            f"Times of the message trace are not as {time_format} says."
            if time_format
            else 'Times of the message trace are not in ISO 8601: time_format="%m/%d/%Y %I:%M:%S %p" says how they are written.'
        )
        return "bad_time"
