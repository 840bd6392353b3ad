"""Trello: assignments and comments on the cards of a board."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.exports.files import Export, open_export
from tienet.network.sources.exports.json_items import document
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.values import id_in, mapping_in, moment_in, sequence_in

__all__ = ["read_trello"]

MOST_ACTIONS = 1000  # Trello exports no more
_MENTION = re.compile(r"(?<![\w@.])@(\w+)")  # usernames hold letters, digits and underscores only


def read_trello(
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
    """Read the boards or cards of Trello, exported as JSON.

    Adding a member to a card is an interaction from who did it to the member (`assign`); a comment is one from its author to those
    mentioned in it and to the members of the card at that moment (`comment`). All other actions address no one.

    Parameters
    ----------
    path
        The JSON of a board or a card, or a list of actions, or a folder or ZIP of them.
    people
        The people table, or its path. Ids whose address it holds become its ids; other ids are then written ``trello:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``: Trello exports no addresses, so that only this table joins it
        with other systems. See `match_people`.
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
        The path holds no Trello export, a file is damaged, or no action links two people.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_trello("tests/data/trello_board/raw/board.json")
    >>> print(log.ledger)
    264 records in: 1 used, 263 excluded (no_recipient 4, other_action 249, self 10); they gave 1 interaction
    """
    export = open_export(path, kind="trello")
    records = Records(
        "trello",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    _read_boards(export, records)
    records.lack("Trello exports no addresses: people are joined with other systems by a table of identities only.")
    return records.log()


def _read_boards(export: Export, records: Records) -> None:
    files = export.find(r".*\.json(\.\w+)?") or (export.files if len(export.files) == 1 and export.files[0].suffix in ("", ".txt") else ())
    boards = 0
    for file in files:
        board = document(file)
        if isinstance(board, list) and any("idMemberCreator" in mapping_in(one) for one in board):
            board = {"actions": board}  # as the API answers
        if isinstance(board, dict) and isinstance(board.get("actions"), list):
            boards += 1
            _read_board(board, file.number, records)
    if not boards:
        raise not_understood(export, "JSON with actions")
    if boards < len(files):
        records.note(f"{len(files) - boards:,} of {counted(len(files), 'file')} of JSON are no boards or cards, and were not read.")


def _read_board(board: Mapping[str, Any], number: int, records: Records) -> None:
    listed = list(enumerate(board["actions"], 1))
    for at, action in listed:
        if not isinstance(action, dict):
            records.skip("bad_record", at=(number, at))
    # From the newest action to the oldest, so that the members of cards, known for today, are undone step by step.
    newest = sorted(((at, one) for at, one in listed if isinstance(one, dict)), key=lambda one: _order_of(one[1]), reverse=True)
    if len(listed) == MOST_ACTIONS and newest:
        records.lack(
            f"A board holds exactly 1,000 actions, the most that Trello exports: those before {_day_of(newest[-1][1])[:10]} are missing, "
            "so ties are understated."
        )
    usernames = _learn_members(board, [action for _, action in newest], records)
    # The export of one card is the card itself.
    cards = {
        id_in(card.get("id")) or "": {one for one in map(id_in, sequence_in(card.get("idMembers"))) if one}
        for card in map(mapping_in, [*sequence_in(board.get("cards")), *([board] if "idMembers" in board else [])])
    }
    added: dict[tuple[str, str], list[str]] = {}
    for _, action in newest:
        if action.get("type") == "addMemberToCard":
            added.setdefault(_membership(action), []).append(_day_of(action))
    for at, action in newest:
        _read_action(action, (number, at), usernames, cards, added, records)


def _order_of(action: Mapping[str, Any]) -> tuple[str, str]:
    return _day_of(action), id_in(action.get("id")) or ""


def _day_of(action: Mapping[str, Any]) -> str:
    """The moment of an action as text, in which order they sort; "" for one that is no moment."""
    date = action.get("date")
    return date if isinstance(date, str) and date[:4].isdigit() else ""


def _learn_members(board: Mapping[str, Any], actions: Iterable[Mapping[str, Any]], records: Records) -> dict[str, str]:
    """Tell the records who the members are; returns the id for each username. People who left stand in the actions only."""
    told = [*sequence_in(board.get("members")), *(action.get(name) for action in actions for name in ("memberCreator", "member"))]
    usernames: dict[str, str] = {}
    for member in map(mapping_in, told):
        who, username, mail = (id_in(member.get(name)) for name in ("id", "username", "email"))
        if who:
            records.person(who, name=id_in(member.get("fullName")), handles=[username], addresses=[mail])
            if username:
                usernames.setdefault(username.casefold(), who)
    return usernames


def _read_action(
    action: Mapping[str, Any],
    at: tuple[int, int],
    usernames: Mapping[str, str],
    cards: dict[str, set[str]],
    added: Mapping[tuple[str, str], Sequence[str]],
    records: Records,
) -> None:
    kind, event = action.get("type"), id_in(action.get("id"))
    card, member = _membership(action)
    members = cards.setdefault(card, set())
    there = set(members)
    if kind == "addMemberToCard":
        members.discard(member)
    elif kind == "removeMemberFromCard" and any(day < _day_of(action) for day in added.get((card, member), ())):
        members.add(member)  # of someone whose addition is not in the file, it is not known since when
    if kind not in ("addMemberToCard", "commentCard"):
        records.skip("other_action", event=event)
        return
    if action.get("appCreator"):
        records.skip("bot", event=event)
        return
    time = moment_in(action.get("date"))
    source = id_in(action.get("idMemberCreator")) or id_in(mapping_in(action.get("memberCreator")).get("id"))
    targets, channel = [member], "assign"
    if kind == "commentCard":
        named = _MENTION.findall(str(mapping_in(action.get("data")).get("text") or ""))
        targets, channel = [*(usernames.get(name.casefold(), "") for name in named), *sorted(there)], "comment"
    records.add(time, source, targets, channel, event=event or f"{at}", at=at)


def _membership(action: Mapping[str, Any]) -> tuple[str, str]:
    """The ids of the card and of the member that an action is about."""
    data = mapping_in(action.get("data"))
    member = id_in(data.get("idMember")) or id_in(mapping_in(action.get("member")).get("id"))
    return id_in(mapping_in(data.get("card")).get("id")) or "", member or ""
