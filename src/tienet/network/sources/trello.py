"""Trello: assignments and comments on the cards of a board."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tienet.base.paths import PathSpec
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.exports.files import Export, open_export
from tienet.network.sources.exports.json_items import document
from tienet.network.sources.exports.moments import moment_of
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records

__all__ = ["read_trello"]

MOST_ACTIONS = 1000  # Trello exports no more
_MENTION = re.compile(r"(?<![\w@.])@([\w.-]*\w)")


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
        The JSON of a board or a card, or a folder or ZIP of them.
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
    for number, board in _boards(export):
        _read_board(board, number, records)
    records.lack("Trello exports no addresses: people are joined with other systems by a table of identities only.")
    return records.log()


def _boards(export: Export) -> Iterator[tuple[int, Mapping[str, Any]]]:
    files = export.find(r".*\.json(\.\w+)?") or (export.files if len(export.files) == 1 and export.files[0].suffix in ("", ".txt") else ())
    boards = [(file.number, document(file)) for file in files]
    found = [(number, board) for number, board in boards if isinstance(board, dict) and isinstance(board.get("actions"), list)]
    if not found:
        raise not_understood(export, "JSON with actions")
    yield from found


def _read_board(board: Mapping[str, Any], number: int, records: Records) -> None:
    actions = [action for action in board["actions"] if isinstance(action, dict)]
    broken = len(board["actions"]) - len(actions)
    for at in range(broken):
        records.skip("bad_record", at=(number, at + 1))
    if len(actions) == MOST_ACTIONS:
        records.lack(
            "A board holds exactly 1,000 actions, the most that Trello exports: earlier ones are missing, so ties are understated."
        )
    usernames = _learn_members(board, actions, records)
    cards = {card["id"]: set(card.get("idMembers") or ()) for card in board.get("cards") or () if isinstance(card, dict) and "id" in card}
    added: dict[tuple[str, str], list[str]] = {}
    for action in actions:
        if action.get("type") == "addMemberToCard":
            added.setdefault(_membership(action), []).append(str(action.get("date") or ""))
    # From the newest action to the oldest, so that the members of cards, known for today, are undone step by step.
    newest = sorted(enumerate(actions, 1), key=lambda one: str(one[1].get("date") or ""), reverse=True)
    for at, action in newest:
        _read_action(action, (number, at), usernames, cards, added, records)


def _learn_members(board: Mapping[str, Any], actions: Iterable[Mapping[str, Any]], records: Records) -> dict[str, str]:
    """Tell the records who the members are; returns the id for each username. People who left stand in the actions only."""
    told = [*(board.get("members") or ()), *(action.get(name) for action in actions for name in ("memberCreator", "member"))]
    usernames = {}
    for member in told:
        if isinstance(member, dict) and member.get("id"):
            username = member.get("username")
            records.person(member["id"], name=member.get("fullName"), handles=[username], addresses=[member.get("email")])
            if username:
                usernames[username.casefold()] = member["id"]
    return usernames


def _read_action(
    action: Mapping[str, Any],
    at: tuple[int, int],
    usernames: Mapping[str, str],
    cards: dict[str, set[str]],
    added: Mapping[tuple[str, str], Sequence[str]],
    records: Records,
) -> None:
    kind, data = action.get("type"), action.get("data") or {}
    event = action.get("id")
    card, member = _membership(action)
    members = cards.setdefault(card, set())
    there = set(members)
    if kind == "addMemberToCard":
        members.discard(member)
    elif kind == "removeMemberFromCard" and any(day < str(action.get("date") or "") for day in added.get((card, member), ())):
        members.add(member)  # of someone whose addition is not in the file, it is not known since when
    if kind not in ("addMemberToCard", "commentCard"):
        records.skip("other_action", event=event)
        return
    if action.get("appCreator"):
        records.skip("bot", event=event)
        return
    try:
        time: int | str | None = moment_of(action.get("date"))
    except ValueError:
        time = "bad_time"
    source = action.get("idMemberCreator")
    if kind == "addMemberToCard":
        records.add(time, source, [member], "assign", event=event or f"{at}", at=at)
        return
    mentioned = [usernames.get(name.casefold()) for name in _MENTION.findall(str(data.get("text") or ""))]
    records.add(time, source, [one for one in (*mentioned, *sorted(there)) if one], "comment", event=event or f"{at}", at=at)


def _membership(action: Mapping[str, Any]) -> tuple[str, str]:
    """The ids of the card and of the member that an action is about."""
    data = action.get("data") or {}
    member = data.get("idMember") or (action.get("member") or {}).get("id")
    return str((data.get("card") or {}).get("id")), str(member or "")
