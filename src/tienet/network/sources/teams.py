"""Teams: messages in chats and channels, as JSON of Microsoft Graph or of the exports made with it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tienet.base.errors import DataError
from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.json_items import items
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Externals, Records
from tienet.network.sources.exports.values import mapping_in, moment_in, sequence_in

__all__ = ["read_teams"]

Place: TypeAlias = tuple[int, int]  # the number of a file, and a place in it

_DIRECT = re.compile(r"19:(.+)_(.+)@unq\.gbl\.spaces", re.IGNORECASE)
_MAILBOX = re.compile(r"(?:.*/)?users/([^/]+)/.*", re.IGNORECASE | re.DOTALL)
_CHAT_OF_PAGE = re.compile(r"chats\('([^']+)'\)", re.IGNORECASE)
_AUDIT = re.compile(rb"(?i)auditdata|operations?.{0,40}creationdate|creationdate.{0,40}operation")
# Kinds of users that are not of the tenant; guests with an account in it are told by the list of users.
_OUTSIDE = frozenset(
    {
        "anonymousguest",
        "azurecommunicationservicesuser",
        "emailuser",
        "federateduser",
        "personalmicrosoftaccountuser",
        "phoneuser",
        "skypeuser",
    }
)
# Where an export keeps its items: pages of Graph, lists, batches of answers. Keys begin in capitals in exports made with .NET.
_ITEMS = ("value.item", "Value.item", "item", "responses.item.body.value.item")
_BESIDE = ("@odata.nextLink", "@odata.context", "members", "Members")


def read_teams(
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
    externals: Externals = "keep",
) -> InteractionLog:
    """Read messages of Teams from JSON of Microsoft Graph.

    A message in a chat of two goes to the other one (`chat_direct`), one in a group or meeting chat to all other members (`chat_group`), a
    reply in a channel to the author of the post that it answers (`chat_reply`), and a post to the people mentioned in it
    (`chat_mention`). Members of a team or channel are not addressed because they are members. Reactions do not count.

    Parameters
    ----------
    path
        A file, folder or ZIP: pages as Graph answers (``{"value": [...]}``), lists of messages, or a folder for each mailbox and team
        (``users/<id>/messages.json``). Lists of users, chats and members beside them are used.
    people
        The people table, or its path. Ids whose address it holds become its ids; other ids are then written ``teams:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``. See `match_people`.
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
    externals
        "drop" leaves out guests, anonymous and federated users, and users of another tenant; "keep" counts them.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no messages of Teams, a file is damaged, or no message links two people.

    Notes
    -----
    Every chat is in the mailbox of each of its members: a message with the same id in the same chat or channel counts once. Members of
    a group chat are those that a list of members states; without one, all who wrote in the chat or whose mailbox holds it.

    References
    ----------
    Microsoft Graph, chatMessage resource type, https://learn.microsoft.com/en-us/graph/api/resources/chatmessage

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> import tienet as tn
    >>> message = {
    ...     "id": "1", "messageType": "message", "createdDateTime": "2025-02-03T09:15:00Z",
    ...     "chatId": "19:ann_bob@unq.gbl.spaces", "from": {"user": {"id": "ann"}},
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "chat.json").write_text(json.dumps({"value": [message]}))
    ...     log = tn.read_teams(folder)
    >>> log.frame[["source", "target", "channel"]]
      source target      channel
    0    ann    bob  chat_direct
    """
    export = open_export(path, kind="teams")
    records = Records(
        "teams",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
        externals=externals,
    )
    reading = _TeamsReading(records)
    for file in _json_files(export):
        _read_file(file, reading)
    if not reading.messages:
        raise _refused(export)
    _add_pending(reading)
    _tell_outside(reading)
    _say_what_lacks(reading)
    return records.log()


@dataclass(slots=True)
class _Pending:
    """A message whose targets are known once all files are read."""

    time: int | str | None
    source: str
    conversation: str
    event: str
    at: Place
    root: str | None = None  # in a channel: the event of the post that it answers
    mentioned: tuple[str, ...] = ()


@dataclass(slots=True)
class _TeamsReading:
    """What is known of an export while its files are read."""

    records: Records
    messages: int = 0
    pending: list[_Pending] = field(default_factory=list)
    authors: dict[str, str] = field(default_factory=dict)  # event of a post -> its author
    stated: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # chat -> members as listed
    seen: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # chat -> writers and owners of mailboxes
    tenants: dict[str, str] = field(default_factory=dict)  # user -> tenant
    listed: set[str] = field(default_factory=set)
    last_pages: dict[str, bool] = field(default_factory=dict)  # pages that belong together -> whether the last one is there
    direct: int = 0
    posts: int = 0
    replies: int = 0


def _json_files(export: Export) -> tuple[ExportFile, ...]:
    """The JSON files; a single file may have any name."""
    found = export.find(r".*\.json(\.\w+)?")
    return found or (export.files if len(export.files) == 1 and export.files[0].suffix not in (".csv", ".zip") else ())


def _refused(export: Export) -> DataError:
    if any(_AUDIT.search(file.head(4096).replace(b"\0", b"")) for file in export.find(r".*\.csv(\.\w+)?")):
        return DataError(
            "this is an audit log, which holds who posted but not to whom; get the messages from Microsoft Graph "
            "(chats and channels as JSON) and read those"
        )
    return not_understood(export, "JSON of messages with messageType, chatId or channelIdentity")


def _read_file(file: ExportFile, reading: _TeamsReading) -> None:
    """Read the messages of a file, and its lists of users, chats and members."""
    owner = match.group(1).lower() if (match := _MAILBOX.fullmatch(file.name)) and "@" not in match.group(1) else None
    # Where in the file there are items of another shape: broken messages if it holds messages, otherwise another kind of list.
    others: list[int] = []
    chats: set[str] = set()
    members: set[str] = set()
    context, more = "", False
    before = reading.messages
    place = 0
    for prefix, value in items(file, *_ITEMS, *_BESIDE):
        if prefix == "@odata.nextLink":
            more = True
        elif prefix == "@odata.context":
            context = str(value)
        elif prefix in ("members", "Members"):
            members |= _learn_members(value, reading)
        elif isinstance(value, dict) and isinstance(pages := _get(value, "value"), list) and "messageType" not in value:
            # A list of pages.
            more, place = bool(_get(value, "@odata.nextLink")), place + len(pages)
            for at, one in enumerate(pages, place - len(pages) + 1):
                _take(one, (file.number, at), owner, reading, chats, members, others)
        else:
            place += 1
            _take(value, (file.number, place), owner, reading, chats, members, others)
    if reading.messages > before:
        key = f"{context}\n{file.name.rpartition('/')[0]}" if context else f"\n{file.number}"
        reading.last_pages[key] = reading.last_pages.get(key, False) or not more
        for at in others:
            reading.records.skip("bad_record", at=(file.number, at))
    # Members beside messages are those of the chat of the page; so are those of a page of members, whose address names the chat.
    if not chats and (match := _CHAT_OF_PAGE.search(context)):
        from urllib.parse import unquote

        chats = {unquote(match.group(1))}
    for chat in chats if len(chats) == 1 else ():
        reading.stated[chat] |= members


def _take(
    item: object, at: Place, owner: str | None, reading: _TeamsReading, chats: set[str], members: set[str], others: list[int]
) -> None:
    """Tell what an item is, and take it in."""
    if not isinstance(item, dict):
        others.append(at[1])
        return
    one = _Keys(item)
    if one["messageType"] is not None or one["chatId"] is not None or one["channelIdentity"] is not None:
        if one["chatId"]:
            chats.add(str(one["chatId"]))
        for message in _with_replies(one):
            _read_message(message, at, owner, reading)
    elif one["userPrincipalName"] is not None:
        _learn_user(one, reading)
    elif one["chatType"] is not None:
        if one["id"]:
            reading.stated[str(one["id"])] |= _learn_members(one["members"], reading)
    elif one["userId"] is not None:
        members |= _learn_members([item], reading)
    else:
        others.append(at[1])


class _Keys:
    """An object whose keys are found whatever the case of their first letter."""

    __slots__ = ("_held",)

    def __init__(self, held: Mapping[str, Any]) -> None:
        self._held = held

    def __getitem__(self, key: str) -> Any:
        return _get(self._held, key)

    def inner(self, *keys: str) -> _Keys:
        """The object at a path; an empty one where there is none."""
        held: object = self._held
        for key in keys:
            held = _get(held, key) if isinstance(held, dict) else None
        return _Keys(mapping_in(held))

    def objects(self, key: str) -> Iterator[_Keys]:
        """The objects of a list."""
        held = self[key]
        return (_Keys(one) for one in sequence_in(held) if isinstance(one, dict))

    def id(self, key: str = "id") -> str | None:
        """An id; those of Teams are compared without regard to case."""
        value = self[key]
        return str(value).strip().lower() or None if isinstance(value, str | int) and not isinstance(value, bool) else None

    def text(self, key: str) -> str | None:
        """A text that is not empty."""
        value = self[key]
        return value.strip() or None if isinstance(value, str) else None


def _get(held: Mapping[str, Any], key: str) -> Any:
    value = held.get(key)
    return held.get(key[:1].upper() + key[1:]) if value is None else value


def _with_replies(post: _Keys) -> Iterator[_Keys]:
    """A message, and the replies that a page may hold inside their post."""
    yield post
    yield from post.objects("replies")


def _read_message(message: _Keys, at: Place, owner: str | None, reading: _TeamsReading) -> None:
    reading.messages += 1
    records = reading.records
    chat, channel = message.text("chatId"), message.inner("channelIdentity").text("channelId")
    conversation = chat or channel or ""
    user, application = message.inner("from", "user"), message.inner("from", "application")
    source = user.id()
    number = message.id()
    # Numbers are unique in their conversation. A message that names none is told from others by its author.
    event = f"{conversation or f'?{source}'}:{number}" if number else f"{at}"
    if source:
        _learn_user_of(user, source, reading)
    if chat and not _DIRECT.fullmatch(chat):
        reading.seen[chat].update(one for one in (source, owner) if one)
    if channel and not message["replyToId"] and (source or application.id()):
        reading.authors[event] = source or application.id() or ""
    if application.id():
        records.person(application.id() or "", name=application.text("displayName"), bot=True)
    kind = message["messageType"]
    if kind is not None and kind != "message":
        records.skip("system", event=event)
    elif message["deletedDateTime"]:
        records.skip("deleted", event=event)
    elif application.id() or application.text("displayName") or (not source and message.inner("from", "device").id()):
        records.skip("bot", event=event)
    else:
        _add(message, conversation, source, event, at, reading, in_channel=not chat)


def _add(message: _Keys, conversation: str, source: str | None, event: str, at: Place, reading: _TeamsReading, *, in_channel: bool) -> None:
    records = reading.records
    time = moment_in(message["createdDateTime"])
    if in_channel:
        mentioned = tuple(_mentioned(message, reading))
        root = message.id("replyToId")
        reading.posts += not root
        reading.replies += bool(root)
        if not source or not root:
            records.add(time, source, mentioned, "chat_mention", event=event, at=at)
        else:
            reading.pending.append(_Pending(time, source, conversation, event, at, f"{conversation}:{root}", mentioned))
        return
    pair = _DIRECT.fullmatch(conversation)
    if pair:
        reading.direct += 1
        two = dict.fromkeys(one.lower() for one in pair.groups())
        # A chat with oneself has one person twice.
        others = [one for one in two if one != source] or list(two)
        records.add(time, source, others, "chat_direct", event=event, at=at)
    elif source:
        reading.pending.append(_Pending(time, source, conversation, event, at))
    else:
        records.add(time, source, [], "chat_group", event=event, at=at)


def _mentioned(message: _Keys, reading: _TeamsReading) -> Iterator[str]:
    """People mentioned, and bots; teams, channels and tags address no one in particular."""
    for mention in message.objects("mentions"):
        user, application = mention.inner("mentioned", "user"), mention.inner("mentioned", "application")
        if who := user.id():
            _learn_user_of(user, who, reading)
            yield who
        elif application.id():
            reading.records.person(application.id() or "", bot=True)
            yield application.id() or ""


def _add_pending(reading: _TeamsReading) -> None:
    """Add the messages of group chats, whose members are known now, and replies, whose posts are."""
    for one in reading.pending:
        if one.root is None:
            members = reading.stated.get(one.conversation) or reading.seen[one.conversation]
            others = [member for member in sorted(members) if member != one.source]
            reading.records.add(one.time, one.source, others, "chat_group", event=one.event, at=one.at)
            continue
        author = reading.authors.get(one.root)
        links = [(author, "chat_reply"), *((other, "chat_mention") for other in one.mentioned)]
        reading.records.add(one.time, one.source, links, None, event=one.event, reply_to=one.root, at=one.at)


def _learn_user_of(user: _Keys, who: str, reading: _TeamsReading) -> None:
    kind = (user.text("userIdentityType") or "").lower()
    reading.records.person(who, name=user.text("displayName"), external=kind in _OUTSIDE)
    if tenant := user.id("tenantId"):
        reading.tenants.setdefault(who, tenant)


def _learn_user(user: _Keys, reading: _TeamsReading) -> None:
    """What a list of users says: ``userPrincipalName``, ``mail``, ``proxyAddresses``, whether the account is active or a guest's."""
    who, principal = user.id(), user.text("userPrincipalName")
    if not who:
        return
    guest = "#ext#" in (principal or "").lower() or (user.text("userType") or "").lower() == "guest"
    more = user["proxyAddresses"] if isinstance(user["proxyAddresses"], list) else []
    smtp = [one[5:] for one in more if isinstance(one, str) and one.lower().startswith("smtp:")]
    addresses = [one for one in (user.text("mail"), principal, *smtp) if one and "@" in one and "#ext#" not in one.lower()]
    reading.listed.add(who)
    reading.records.person(
        who, addresses=addresses, name=user.text("displayName"), external=guest, deactivated=user["accountEnabled"] is False
    )


def _learn_members(members: object, reading: _TeamsReading) -> set[str]:
    """The users that a list of members names."""
    found = set()
    for member in (_Keys(one) for one in sequence_in(members) if isinstance(one, dict)):
        who = member.id("userId")
        if who:
            found.add(who)
            reading.records.person(who, addresses=[member.text("email")], name=member.text("displayName"))
            if tenant := member.id("tenantId"):
                reading.tenants.setdefault(who, tenant)
    return found


def _tell_outside(reading: _TeamsReading) -> None:
    """Users of a tenant other than that of most users are external."""
    own = [tenant for who, tenant in reading.tenants.items() if who in reading.listed] or list(reading.tenants.values())
    (home, most), *others = Counter(own).most_common(2) or [("", 0)]
    if others and others[0][1] == most:
        return  # two of one size: none of them is known to be the own one
    for who, tenant in reading.tenants.items():
        if tenant != home:
            reading.records.person(who, external=True)


def _say_what_lacks(reading: _TeamsReading) -> None:
    records = reading.records
    groups = {one.conversation for one in reading.pending if one.root is None}
    listless = sum(1 for chat in groups if not reading.stated.get(chat))
    if listless:
        records.lack(
            f"{counted(listless, 'group chat')} without a list of members: those who wrote there or whose mailbox holds the chat count as "
            "members, so ties are understated."
        )
    if not all(reading.last_pages.values()):
        records.lack("The last page of messages is missing (@odata.nextLink leads on), so ties are understated.")
    if not reading.direct and not groups:
        records.lack("The export holds no chats, so ties are understated.")
    if not reading.posts and not reading.replies:
        records.lack("The export holds no posts in channels, so ties are understated.")
    elif not reading.replies:
        records.lack("The export holds no replies in channels, which Graph lists apart from posts, so ties are understated.")
    if not reading.listed:
        records.lack("The export holds no list of users: people are joined with other systems by a table of identities only.")
    records.note("Mentions of people count, mentions of teams and channels and reactions do not.")
