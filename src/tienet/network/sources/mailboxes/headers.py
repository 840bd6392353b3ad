"""What a mail says in its headers: who wrote to whom, when, and in answer to what. Subjects and texts are not read."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import NamedTuple

from tienet.network.sources.exports.moments import moment_of
from tienet.network.sources.mailboxes.addresses import addresses_in

_ADDRESSED = ("to", "cc", "bcc")
_WANTED = frozenset(
    {
        "from", "sender", *_ADDRESSED, "date", "message-id", "in-reply-to", "references", "auto-submitted", "x-autoreply", "x-auto-reply",
        "precedence", "return-path", "content-type", "list-post", "x-gmail-labels",
    }
)  # fmt: skip
_LINE_END = re.compile(r"\n(?![ \t])")  # other lines continue a header
_SIGNS = re.compile(rb"^(?:from|sender|to|cc|bcc|date|message-id|received|subject|return-path|delivered-to)[ \t]*:", re.I | re.M)
_BEGINNING = re.compile(rb"(?:>?From [^\n]*\n)*[!-9;-~]+[ \t]*:")

_MONTHS = {name: at for at, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}
_DATE = re.compile(
    rf"(?:[a-z]{{2,9}}\.?\s*,\s*)?(\d\d?)[ -]({'|'.join(_MONTHS)})[ -](\d{{4}})"
    r"\s+(\d\d?):(\d\d)(?::(\d\d))?\s+([+-])(\d\d)(\d\d)(?:\s*\(.*)?",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_DATE = 200
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_BAD_DAY_NAME = re.compile(r"(?![^\W\d_]+\.?\s*,)[^,\d]*,")  # "RANDOM_Wed, 21 Sep 2005 ..." was made by a machine
_ZONE_AFTER = re.compile(r"\d[:.]\d\d(?:[:.]\d\d)?(?:\.\d+)?\s*(?:(?:(?:UTC|GMT)\s*)?([+-])(\d\d):?(\d\d)|([A-Z]{1,5})\b)", re.IGNORECASE)
_HALF = re.compile(r"(?<=\d)\s*([AP])M\b", re.IGNORECASE)
# Hours from UTC of zones that RFC 5322 does not know and mail programs wrote. Others of letters mean UTC (RFC 5322, 4.3).
_ZONES = {"WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3}
_REPORT = "multipart/report"
_AUTOMATIC = frozenset({"auto-submitted", "x-autoreply", "x-auto-reply", "precedence", "return-path"})
_MAIL_TO = re.compile(r"<\s*mailto:([^<>?\s]++)[^<>]*+>", re.IGNORECASE)
_DRAFT = re.compile(r'(?:^|,)"?drafts?"?(?:,|$)', re.IGNORECASE)


class Mail(NamedTuple):
    """What the headers of a mail say.

    Parameters
    ----------
    source
        The address that it comes from, None if there is none.
    targets
        The addresses in To, Cc and Bcc, in this order.
    names
        Address and name of all who have a name, not decoded.
    time
        Microseconds UTC; None if it has no date, "bad_time" if it cannot be read.
    id, reply_to
        Its id, and that of the mail that it answers, without brackets; None if there is none.
    lists
        Addresses of the mailing list that sent it on.
    code
        The reason for which it is left out: "automatic", "draft", or None.
    complete
        Whether it names recipients of a blind copy, which only the copy of its author does.
    """

    source: str | None
    targets: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    time: int | str | None
    id: str | None
    reply_to: str | None
    lists: tuple[str, ...]
    code: str | None
    complete: bool


def is_mail(headers: bytes) -> bool:
    """Whether headers are those of a mail: lines "Name: value", at least one of them among those that mails have."""
    return bool(_BEGINNING.match(headers)) and bool(_SIGNS.search(headers))


def mail_of(headers: bytes, zone: str = "UTC") -> Mail:
    """What the headers of a mail say; `zone` is that of a date without one."""
    told = _fields(headers)
    source = addresses_in(told.get("from", "")) or addresses_in(told.get("sender", ""))
    lists: tuple[str, ...] = ()
    targets = [pair for name in _ADDRESSED if name in told for pair in addresses_in(told[name])]
    try:
        time: int | str | None = moment_in(told.get("date", ""), zone)
    except ValueError:
        time = "bad_time"
    if "list-post" in told:
        lists = tuple(address for part in _MAIL_TO.findall(told["list-post"]) for _, address in addresses_in(part))
    return Mail(
        source[0][1] if source else None,
        tuple(address for _, address in targets),
        tuple((address, name) for name, address in (*source[:1], *targets) if name),
        time,
        message_id(told.get("message-id", "")),
        _answered(told),
        lists,
        _left_out(told),
        bool(told.get("bcc")),
    )


def _fields(headers: bytes) -> dict[str, str]:
    """The headers of interest by name; addresses in repeated ones are put together, of others the first counts."""
    text = headers.decode("utf-8", "surrogateescape")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    told: dict[str, str] = {}
    for line in _LINE_END.split(text):
        name, colon, value = line.partition(":")
        name = name.lower()
        if name not in _WANTED:
            if colon and " " not in name:
                continue
            name = name.rstrip(" \t")
            if name.startswith(("from ", ">from ")):  # the line above the headers in an mbox
                continue
            if not colon or " " in name:  # the text has begun, without an empty line before it
                break
        if name in _WANTED and name not in told:
            told[name] = _told(value)
        elif name in _ADDRESSED:
            told[name] += f", {_told(value)}"
    return told


def _told(value: str) -> str:
    """The value of a header in one line, as UTF-8 or else as Latin-1."""
    value = " ".join(value.split())  # runs of blanks would cost time in the patterns
    if value.isascii():
        return value
    try:
        return value.encode("utf-8", "surrogateescape").decode()
    except UnicodeDecodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")


def message_id(value: str) -> str | None:
    """The id of a mail without brackets and blanks; None if there is none."""
    inner = value.strip()
    if inner.startswith("<"):
        inner = inner[1:].partition(">")[0]
    return "".join(inner.split()) or None


def _answered(told: dict[str, str]) -> str | None:
    """The id of the mail that it answers: In-Reply-To, else the last of References."""
    stated = told.get("in-reply-to", "")
    ids = re.findall(r"<([^<>]+)>", stated)
    if ids:
        # "Message from Ann <ann@firm.example> of Monday <id>": with words around them, the id comes last.
        return message_id(ids[0] if stated.lstrip().startswith("<") else ids[-1])
    ids = re.findall(r"<([^<>]+)>", told.get("references", ""))
    return message_id(ids[-1]) if ids else None


def _left_out(told: dict[str, str]) -> str | None:
    report = told.get("content-type", "")[: len(_REPORT)].lower() == _REPORT
    if report or told.get("from", "").endswith("<>") or any(_says_automatic(told[name], name) for name in _AUTOMATIC & told.keys()):
        return "automatic"
    return "draft" if "x-gmail-labels" in told and _DRAFT.search(told["x-gmail-labels"]) else None


def _says_automatic(value: str, name: str) -> bool:
    if name == "return-path":
        return value == "<>"
    if name == "precedence":
        return value.lower() in ("auto_reply", "auto-reply")
    if name == "auto-submitted":
        return value.partition(";")[0].strip().lower() not in ("no", "")
    return True


def moment_in(text: str, zone: str = "UTC") -> int | None:
    """The moment of a Date header in microseconds UTC; None if it is empty.

    Parameters
    ----------
    text
        The value of the header.
    zone
        The zone of a date without one.

    Raises
    ------
    ValueError
        It is no date, or lies outside of the years 1970 to 2199.

    Examples
    --------
    >>> moment_in("Mon, 5 Jan 2026 10:00:00 +0100 (CET)")
    1767603600000000
    """
    if not text:
        return None
    if len(text) > _LONGEST_DATE:
        raise ValueError
    match = _DATE.fullmatch(text)
    if match is None:
        return _any_moment(text, zone)
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups("0")
    days = date(int(year), _MONTHS[month.lower()], int(day)).toordinal() - _EPOCH_DAY
    if int(hour) > 23 or int(minute) > 59 or int(second) > 60 or int(minutes) > 59:
        raise ValueError
    offset = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1)
    seconds = days * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second) - offset
    if not 0 <= seconds < 7258118400:
        raise ValueError
    return seconds * 1_000_000


def _any_moment(text: str, zone: str) -> int | None:
    """The moment of a date in other writings: with two digits of a year, as C prints it, ISO, with the name of a zone or without one."""
    if _BAD_DAY_NAME.match(text):
        raise ValueError
    try:
        return moment_of(text, zone)
    except ValueError:
        pass
    try:
        half = _HALF.search(text)
        stated = _ZONE_AFTER.search(text := _HALF.sub("", text, count=1))
        if stated and stated[1]:
            text = text[: stated.start(1)]  # the standard library takes no colon in it, and no name before it
        parsed = parsedate_tz(text)
        if parsed is None:
            raise ValueError
        local = datetime(*parsed[:5], min(parsed[5], 59))
        if half:
            if not 1 <= local.hour <= 12:
                raise ValueError
            local = local.replace(hour=local.hour % 12 + (12 if half[1] in "pP" else 0))
        if stated is None:
            return moment_of(local, zone)
        return moment_of(local.replace(tzinfo=timezone(_offset(stated, parsed[9] or 0))))
    except (TypeError, IndexError, OverflowError):
        raise ValueError from None


def _offset(stated: re.Match[str], known: int) -> timedelta:
    """The offset from UTC that a date states; `known` is what the standard library knows of a name, in seconds."""
    if stated[1]:
        return timedelta(hours=int(stated[2]), minutes=int(stated[3])) * (-1 if stated[1] == "-" else 1)
    named = stated[4].upper()
    return timedelta(hours=_ZONES[named]) if named in _ZONES else timedelta(seconds=known)
