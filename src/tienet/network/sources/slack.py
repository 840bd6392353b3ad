"""Read an export of Slack: who wrote to whom, when, and in what way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from tienet.base.checks import choice, flag
from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.sources._slack_files import conversations_of, roots_of, tell_missing, text_of, users_of
from tienet.network.sources._slack_messages import Counting, Reading, Thread, read_conversation
from tienet.network.sources.exports.files import open_export
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Externals, Records

if TYPE_CHECKING:
    from tienet.network.reading.interactions import InteractionLog
    from tienet.network.reading.people import People

__all__ = ["read_slack"]


def read_slack(
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
    reactions: bool = False,
    thread: Thread = "root",
    group_mentions: bool = False,
) -> InteractionLog:
    """Read an export of Slack: direct and group messages, replies and mentions.

    A direct message is an interaction from its author to the other member (`chat_direct`), a message to a group one to all its other
    members (`chat_group`). In a channel, a reply is one to the author of the first message of its thread (`chat_reply`), and a message
    one to each person it names (`chat_mention`); nobody is addressed by being a member of the channel. Bots, joins and other notices of
    the system, and deleted messages are left out.

    Parameters
    ----------
    path
        The ZIP that Slack gave you, or its folder, with ``users.json`` (or ``org_users.json``), ``channels.json`` and a folder for each
        conversation. Several exports may lie side by side in one folder.
    people
        The people table, or its path. Ids whose address it holds become its ids; other ids are then written ``slack:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``, to join with other systems; see `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only are left out, and so are those that
        `externals` names.
    timezone
        The time zone of days; by default UTC. Slack states moments, so that they do not depend on it.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Records with more people are excluded.
    ids
        How ids are compared, as in `read_log`.
    externals
        "drop" leaves out guests, people of other firms, and ids that the list of users does not hold.
    reactions
        Whether a reaction is an interaction from who reacted to the author of the message (`chat_reaction`). Slack does not say when
        people reacted, so that it counts at the moment of the message.
    thread
        Whom a reply addresses: "root", the author of the first message, or "participants", also all who replied before.
    group_mentions
        Whether ``@channel`` and ``@everyone`` address the members of the channel, as they were on the day of the export.

    Returns
    -------
    InteractionLog
        The record of the ledger is a message; with `reactions`, also who reacted to a message.

    Raises
    ------
    DataError
        The path holds no export of Slack, a file is damaged, or no message links two people.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_slack("tests/data/slack_export/raw/testarchive.zip")
    >>> print(log.ledger)
    158 records in: 14 used, 144 excluded (bot 97, no_recipient 35, self 3, system 9); they gave 14 interactions
    >>> sorted(set(log.frame["channel"]))
    ['chat_mention']
    """
    choice("thread", thread, get_args(Thread))
    counting = Counting(flag("reactions", reactions), thread, flag("group_mentions", group_mentions))
    records = Records(
        "slack",
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
    _read_export(path, Reading(records, counting))
    return records.log()


def _read_export(path: PathSpec, reading: Reading) -> None:
    export = open_export(path, kind="slack")
    roots = roots_of(export)
    if not roots:
        raise not_understood(export, "users.json and channels.json")
    _learn_users(users_of(export, roots), reading)
    tell_missing(export, roots, reading.records)
    waiting = conversations_of(export, roots, reading.records)[::-1]
    del export  # what is known of files takes memory too, and is let go with each conversation
    while waiting:
        read_conversation(*waiting.pop(), reading)
    _tell(reading)


def _learn_users(users: Iterable[Mapping[str, Any]], reading: Reading) -> None:
    """Tell the records who the users are. A user of Enterprise Grid may have two ids."""
    for user in users:
        profile, grid = (user[name] if isinstance(user.get(name), dict) else {} for name in ("profile", "enterprise_user"))
        for one in dict.fromkeys(filter(None, (user["id"], text_of(grid.get("id"))))):
            bot = _any(user, "is_bot", "is_workflow_bot")
            reading.seen.listed.add(one)
            if bot:
                reading.seen.bots.add(one)
            reading.records.person(
                one,
                addresses=(text_of(profile.get("email")),),
                name=text_of(user.get("real_name")) or text_of(profile.get("real_name")),
                handles=(text_of(user.get("name")), text_of(profile.get("display_name"))),
                bot=bot,
                external=_any(user, "is_restricted", "is_ultra_restricted", "is_stranger"),
                deactivated=_any(user, "deleted"),
            )


def _any(user: Mapping[str, Any], *flags: str) -> bool:
    return any(user.get(name) is True for name in flags)


def _tell(reading: Reading) -> None:
    """Say what the export lacks, and what counts."""
    seen, records, counting = reading.seen, reading.records, reading.counting
    for one in seen.named & seen.bots:
        records.person(one, bot=True)
    if not seen.listed:
        records.lack("The export has no users (users.json): bots and guests count as people, so ties are overstated.")
    elif strangers := seen.named - seen.listed - seen.bots:
        for one in strangers:
            records.person(one, external=True)
        records.note(f"{counted(len(strangers), 'id')} in no list of users: people of other firms, or users who were deleted.")
    if seen.posts and not seen.threaded:
        records.lack("No message belongs to a thread, as in exports from before 2017: replies are missing, so ties are understated.")
    elif seen.replies_missing:
        records.lack(
            f"{seen.replies_missing:,} of {seen.replies_stated:,} replies that threads count are not in it, so ties are understated."
        )
    answered = "those who wrote in it before" if counting.thread == "participants" else "the author of its first message"
    records.note(f"A reply in a channel addresses {answered} and the people it names; members are not addressed by being members.")
    if counting.reactions:
        records.note("Reactions count, at the time of the message: they have no time of their own.")
    else:
        records.note("Mentions count; reactions do not.")
