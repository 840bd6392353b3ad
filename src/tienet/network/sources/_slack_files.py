"""The files of an export of Slack: lists of users and conversations, and a folder of messages for each conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from tienet.base.numbers import counted, listed
from tienet.network.sources.exports.files import Export, ExportFile
from tienet.network.sources.exports.json_items import document, items
from tienet.network.sources.exports.records import Records

USERS = ("users", "org_users")  # Enterprise Grid writes org_users.json
# What the lists of conversations hold. The first that knows a folder decides: old exports list group messages as private channels too.
LISTS = {"dms": "direct messages", "mpims": "group messages", "groups": "private channels", "channels": "public channels"}
_LIST_FILES = {f"{name}.json": name for name in (*USERS, *LISTS)}
_WAYS = {"dms": "chat_direct", "mpims": "chat_group"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d.*\.json", re.IGNORECASE)
WHOLE = 1 << 22  # bytes; larger files are read message by message, which takes longer


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel, or direct or group messages.

    Parameters
    ----------
    key
        Its id; the name of its folder where no list knows it.
    way
        The channel of all its interactions, "chat_direct" or "chat_group"; None where it depends on the message.
    members
        Ids of its members on the day of the export.
    """

    key: str
    way: str | None = None
    members: tuple[str, ...] = ()


def text_of(value: Any) -> str | None:
    """The value if it is text that is not empty."""
    return value if isinstance(value, str) and value else None


def rows(file: ExportFile) -> Iterator[Any]:
    """The items of the list that a file holds; a file that holds no list is one item."""
    if file.size <= WHOLE:
        held = document(file)
        yield from held if isinstance(held, list) else (held,)
        return
    for _, value in items(file, "item"):
        yield value


def roots_of(export: Export) -> tuple[str, ...]:
    """The folders that hold lists: the topmost, and those of the workspaces of Enterprise Grid in `teams` below them.

    Files that people uploaded may have the names of lists, and lie deeper.
    """
    holders = {_folder(file.name) for file in export.files if _list_name(file)}
    top = min((_depth(holder) for holder in holders), default=0)
    roots = {holder for holder in holders if _depth(holder) == top}
    grid = {holder for holder in holders if _last(_folder(holder)) == "teams" and _folder(_folder(holder)) in roots - {holder}}
    return tuple(sorted(roots | grid))


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def users_of(export: Export, roots: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The entries of the lists of users."""
    return (entry for _, _, entry in _entries(export, roots, USERS))


def conversations_of(export: Export, roots: Sequence[str], records: Records) -> list[tuple[Conversation, list[ExportFile]]]:
    """Each conversation with its files by day. It may lie in several folders: renamed channels, exports side by side."""
    known = _known(export, roots)
    gathered: dict[str, tuple[Conversation, list[ExportFile]]] = {}
    unlisted: set[str] = set()
    for folder, files in _folders(export, roots).items():
        name = normalize("NFC", _last(folder))  # macOS writes letters and their accents apart
        conversation = next((known[root, name] for root in _lookups(folder, roots) if (root, name) in known), None)
        if conversation is None:
            files = [file for file in files if _DAY.fullmatch(_last(file.name))]
            unlisted |= {folder} if files else set()
            conversation = Conversation(f"/{_last(folder)}")
        gathered.setdefault(conversation.key, (conversation, []))[1].extend(files)
    if unlisted:
        records.note(f"{counted(len(unlisted), 'folder')} of messages in no list of conversations: read as channels.")
    return [(conversation, sorted(files, key=lambda file: _last(file.name))) for conversation, files in gathered.values()]


def _folders(export: Export, roots: Sequence[str]) -> dict[str, list[ExportFile]]:
    """The files of messages by folder; a canvas is none."""
    held: dict[str, list[ExportFile]] = {}
    above = frozenset(roots)
    for file in export.files:
        folder, _, name = file.name.rpartition("/")
        if name.lower().endswith(".json") and not name.startswith("canvas") and folder not in above and _folder(folder) in above:
            held.setdefault(folder, []).append(file)
    return held


def tell_missing(export: Export, roots: Sequence[str], records: Records) -> None:
    """Say which conversations the export does not hold."""
    there = {_list_name(file) for file in export.files if _folder(file.name) in roots}
    missing = [name for name in reversed(LISTS) if name not in there]
    if missing:
        files = ", ".join(f"{name}.json" for name in missing)
        records.lack(f"The export has no {listed([LISTS[name] for name in missing], 'or')} ({files}), so ties are understated.")


def _folder(inside: str) -> str:
    """The folder that a file or folder lies in; "" is the topmost."""
    return inside.rpartition("/")[0]


def _last(inside: str) -> str:
    return inside.rpartition("/")[2]


def _list_name(file: ExportFile) -> str | None:
    """The name of a list of users or conversations; None for other files."""
    return _LIST_FILES.get(_last(file.name).lower())


def _entries(export: Export, roots: Sequence[str], names: Iterable[str]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Of the lists of some names: root, name of the list, entry."""
    for file in export.files:
        name, folder = _list_name(file), _folder(file.name)
        if name is not None and name in names and folder in roots:
            yield from ((folder, name, entry) for entry in rows(file) if isinstance(entry, dict) and text_of(entry.get("id")))


def _lookups(folder: str, roots: Sequence[str]) -> tuple[str, ...]:
    """The root that a folder of messages lies in, then the topmost, which knows what the workspaces of Enterprise Grid share."""
    own = _folder(folder)
    upper = _folder(_folder(own))
    return (own, upper) if _last(_folder(own)) == "teams" and upper in roots else (own,)


def _known(export: Export, roots: Sequence[str]) -> dict[tuple[str, str], Conversation]:
    """Conversations by root and name of the folder, which is the id, the name, or a name that the channel had before."""
    entries = sorted(_entries(export, roots, LISTS), key=lambda one: list(LISTS).index(one[1]))
    known: dict[tuple[str, str], Conversation] = {}
    before: dict[tuple[str, str], Conversation] = {}
    for root, name, entry in entries:
        conversation = _conversation(name, entry)
        for folder in filter(None, (entry["id"], text_of(entry.get("name")))):
            known.setdefault((root, normalize("NFC", folder)), conversation)
        for folder in _texts(entry.get("previous_names")):
            before.setdefault((root, normalize("NFC", folder)), conversation)
    return before | known


def _conversation(name: str, entry: Mapping[str, Any]) -> Conversation:
    members = _texts(entry.get("members"))
    way = "chat_direct" if entry.get("is_im") is True else "chat_group" if entry.get("is_mpim") is True else _WAYS.get(name)
    # Direct messages without members say to whom they went no better than channels do.
    return Conversation(entry["id"], way if members else None, members)


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in values if text_of(one))) if isinstance(values, list) else ()
