"""The messages of Slack: whom each of them addresses."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal

import numpy as np

from tienet.network.sources._slack_files import Conversation, rows, text_of
from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.values import moment_in, sequence_in

Thread = Literal["root", "participants"]

SLACKBOT = "USLACKBOT"  # in no list of users
_COUNTED = frozenset({None, "", "thread_broadcast", "reply_broadcast", "me_message", "file_share"})
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_EVERYBODY = re.compile(r"<!(?:channel|everyone)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Counting:
    """Which messages count, and how."""

    reactions: bool = False
    thread: Thread = "root"
    group_mentions: bool = False


@dataclass(slots=True)
class Seen:
    """What is noticed over all conversations: ids, and how many posts and replies there are."""

    listed: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    bots: set[str] = field(default_factory=lambda: {SLACKBOT})
    posts: int = 0
    threaded: int = 0
    replies_stated: int = 0
    replies_missing: int = 0


@dataclass(frozen=True, slots=True)
class _Message:
    """A message that counts.

    Parameters
    ----------
    time
        Its moment in microseconds, or why there is none.
    source
        Who wrote it.
    event, answered
        Its id, and that of the message it answers, unique over the export.
    at
        The number of its file and its place there.
    """

    time: int | str | None
    source: str | None
    event: str
    answered: str | None
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply in a channel, until all files of the channel are read and its root is known; `stated` is the root's author as it says."""

    time: int
    message: _Message
    named: tuple[str, ...]
    root: int | None
    stated: str | None


@dataclass(slots=True)
class _Threads:
    """The threads of one conversation."""

    author: dict[int, str] = field(default_factory=dict)  # of messages that are no replies; "" where it is not known
    stated: dict[int, int] = field(default_factory=dict)  # replies that a root says it has
    held: tuple[array[int], array[int]] = field(default_factory=lambda: (array("q"), array("q")))  # root and moment of each reply
    replies: list[_Reply] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """Where records go, what is noticed, and what counts."""

    records: Records
    counting: Counting
    seen: Seen = field(default_factory=Seen)

    def add(self, message: _Message, targets: Mapping[str, str], event: str | None = None) -> None:
        """Add a message to its targets, each with its channel."""
        self.seen.named.update(targets, (message.source,) if message.source else ())
        self.records.add(
            message.time,
            message.source,
            list(targets.items()),
            None,
            event=event or message.event,
            reply_to=message.answered,
            at=message.at,
        )


def read_conversation(conversation: Conversation, files: Iterable[ExportFile], reading: Reading) -> None:
    """Add the messages of a conversation to the records. Replies in channels come last: their root may be in any file."""
    threads = _Threads()
    for file in files:
        for position, held in enumerate(rows(file), 1):
            _read_message(conversation, held, (file.number, position), threads, reading)
    _add_replies(threads, reading)
    _count_missing(threads, reading.seen)


def _read_message(conversation: Conversation, held: Any, at: tuple[int, int], threads: _Threads, reading: Reading) -> None:
    if not isinstance(held, dict) or not isinstance(held.get("user"), str | None):
        reading.records.skip("bad_record", at=at)
        return
    time, root = _moment(held.get("ts")), _moment(held.get("thread_ts"))
    event = "" if time is None else f"{conversation.key}:{time if isinstance(time, int) else held['ts']}"
    is_reply = root is not None and root != time
    code = _why_not(held, reading.seen.bots)
    if isinstance(time, int):
        _note_thread(held, time, root if is_reply else None, code, threads, reading.seen)
    if code is not None:
        reading.records.skip(code, event=event, at=at)
        return
    answered = f"{conversation.key}:{root}" if is_reply and isinstance(root, int) else None
    message = _Message(time, held.get("user") or None, event, answered, at)
    if reading.counting.reactions and isinstance(time, int):
        _add_reactions(held, message, reading)
    if conversation.way is not None:
        others = [one for one in conversation.members if one != message.source] or list(conversation.members)
        reading.add(message, dict.fromkeys(others, conversation.way))
        return
    reading.seen.posts += 1
    named = _named(held, conversation, reading.counting)
    if is_reply and isinstance(time, int):
        threads.replies.append(_Reply(time, message, named, root if isinstance(root, int) else None, _stated_author(held)))
        return
    reading.add(message, dict.fromkeys(named, "chat_mention"))


def _add_replies(threads: _Threads, reading: Reading) -> None:
    """Add the replies of a channel: to the author of the root, perhaps to those who replied before, and to the people they name."""
    earlier: dict[int, dict[str, None]] = {}
    for reply in sorted(threads.replies, key=attrgetter("time")):
        author = (None if reply.root is None else threads.author.get(reply.root)) or reply.stated
        source = reply.message.source
        answered = [author] if author else []
        if reading.counting.thread == "participants" and reply.root is not None:
            before = earlier.setdefault(reply.root, {})
            answered += [one for one in before if one != source]
            if source:
                before[source] = None
        reading.add(reply.message, dict.fromkeys(reply.named, "chat_mention") | dict.fromkeys(answered, "chat_reply"))


def _add_reactions(held: Mapping[str, Any], message: _Message, reading: Reading) -> None:
    """Add who reacted to a message, each once, at the moment of the message: reactions have no time of their own."""
    if message.source is None:
        return
    people = [
        one for reaction in sequence_in(held.get("reactions")) if isinstance(reaction, dict) for one in sequence_in(reaction.get("users"))
    ]
    for one in dict.fromkeys(filter(None, map(text_of, people))):
        reacted = _Message(message.time, one, f"{message.event}:reaction:{one}", None, message.at)
        reading.add(reacted, {message.source: "chat_reaction"})


def _moment(value: Any) -> int | str | None:
    """A `ts` in microseconds, "bad_time" where it cannot be read, None where it is missing."""
    # What Slack writes, "1772441000.000100"; the rest by the slower way.
    if isinstance(value, str) and len(value) == 17 and value[0] == "1" and value[10] == "." and value.isascii():
        digits = value[:10] + value[11:]
        if digits.isdigit():
            return int(digits)
    return moment_in(value, unit="s")


def _why_not(held: Mapping[str, Any], bots: Container[str]) -> str | None:
    """The code of a message that is left out whatever it says; None for one that counts."""
    subtype = held.get("subtype")
    if held.get("type", "message") != "message":
        return "other_action"
    if subtype == "tombstone" or held.get("hidden"):
        return "deleted"
    if subtype == "bot_message" or held.get("bot_id") or held.get("user") in bots:
        return "bot"
    return None if isinstance(subtype, str | None) and subtype in _COUNTED else "system"


def _note_thread(held: Mapping[str, Any], time: int, root: int | str | None, code: str | None, threads: _Threads, seen: Seen) -> None:
    """Note the author of a message that may be a root, or a reply that its thread holds."""
    seen.threaded += bool(held.get("thread_ts"))
    if root is not None:
        if isinstance(root, int):
            threads.held[0].append(root)
            threads.held[1].append(time)
        return
    author = "" if code == "deleted" else held.get("user") or ""
    if code == "bot" and author not in seen.bots:
        author = text_of(held.get("bot_id")) or SLACKBOT
        seen.bots.add(author)
    threads.author.setdefault(time, author)
    count = held.get("reply_count")
    if type(count) is int and count > 0:
        threads.stated[time] = count


def _stated_author(held: Mapping[str, Any]) -> str | None:
    root = held.get("root")
    return text_of(held.get("parent_user_id")) or (text_of(root.get("user")) if isinstance(root, dict) else None)


def _named(held: Mapping[str, Any], conversation: Conversation, counting: Counting) -> tuple[str, ...]:
    """The people that a message names, in the order in which it does; its text is not kept."""
    text = held.get("text")
    if not isinstance(text, str) or "<" not in text:
        return ()
    named = dict.fromkeys(_MENTION.findall(text))
    if counting.group_mentions and _EVERYBODY.search(text):
        named |= dict.fromkeys(one for one in conversation.members if one != held.get("user"))
    return tuple(named)


def _count_missing(threads: _Threads, seen: Seen) -> None:
    """Count the replies that roots say they have and that the conversation does not hold; listed twice, a reply counts once."""
    if not threads.stated:
        return
    pairs = np.array(threads.held, dtype=np.int64)
    distinct = np.unique(pairs, axis=1) if pairs.size else pairs
    held = Counter(distinct[0].tolist())
    seen.replies_stated += sum(threads.stated.values())
    seen.replies_missing += sum(max(0, count - held[root]) for root, count in threads.stated.items())
