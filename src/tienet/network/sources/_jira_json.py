"""Issues of Jira as its API answers: pages of a search, lists of issues, single issues, or one issue per line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tienet.base.numbers import counted
from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.json_items import document, is_lines, items, lines
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.values import holder_at, id_in, mapping_in, moment_in, sequence_in

MENTION = re.compile(r"\[~(accountid:)?([^\]\s|]+)\]", re.IGNORECASE)
# Apps of Jira Cloud that write under a name of their own; tables say nothing of the type of an account.
APPS = frozenset(
    {"automation for jira", "jira automation", "jira service management widget", "slack for jira", "microsoft teams for jira cloud"}
)
_HOST = re.compile(r"https?://([^/]+)")
ACCOUNT, KEY, NAME = "account", "key", "name"  # what a reference to a person is


@dataclass(frozen=True, slots=True)
class Ref:
    """A person as an issue names it: by an account id, which is final, or by the key or name of a server, which the people tell."""

    form: str
    value: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment without its text."""

    event: str
    at: tuple[int, int]
    time: int | str | None
    author: Ref | None
    app: bool
    mentioned: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one field; the old and new assignee if that is the field."""

    event: str
    at: tuple[int, int]
    time: int | str | None
    author: Ref | None
    app: bool
    assigns: bool
    order: tuple[int, int] = (0, 0)
    old: Ref | None = None
    new: Ref | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """What an issue says about people."""

    event: str
    at: tuple[int, int]
    created: int | str | None
    reporter: Ref | None
    app: bool
    assignee: Ref | None
    cloud: bool
    changes: tuple[Change, ...]
    comments: tuple[Comment, ...]


@dataclass(slots=True)
class Cut:
    """How complete the issues are."""

    total: int = 0
    more: bool = False
    last: bool = False
    issues: set[str] = field(default_factory=set)
    without_changes: int = 0
    without_comments: int = 0
    cut_changes: int = 0
    cut_comments: int = 0


class Accounts:
    """The people of Jira: an account id in the cloud; on a server a key, and a name by which comments mention them."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._keys: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._written: dict[str, Any] = {}

    def learn(self, user: Any) -> tuple[Ref | None, bool]:
        """A reference to the user of a JSON object, and whether it is an app."""
        told = mapping_in(user)
        account, key, name = (id_in(told.get(one)) for one in ("accountId", "key", "name"))
        who = account or key or name
        if who is None:
            return None, False
        shown, mail = id_in(told.get("displayName")), id_in(told.get("emailAddress"))
        app = told.get("accountType") == "app" or (shown or "").strip().casefold() in APPS
        self._records.person(
            who,
            addresses=[mail] if mail and "@" in mail else [],
            name=shown,
            handles=[name] if name != who else [],
            bot=app,
            external=told.get("accountType") == "customer",
            deactivated=told.get("active") is False,
        )
        if key:
            self._keys.setdefault(key.casefold(), who)
        if name:
            self._names.setdefault(name.casefold(), who)
        return Ref(ACCOUNT, who), app

    def written(self, who: str, name: Any) -> None:
        """Keep the name of an account as a changelog writes it, for those that are named nowhere else."""
        self._written.setdefault(who, name)

    def tell_written(self) -> None:
        """Tell the records the names that changelogs write; those told before stay."""
        for who, name in self._written.items():
            self._records.person(who, name=id_in(name))

    def known(self, issue: Issue) -> bool:
        """Whether it is clear now whom the issue means."""
        return all(one.form == ACCOUNT or one.value.casefold() in (self._keys if one.form == KEY else self._names) for one in _refs(issue))

    def id_of(self, one: Ref | None, *, cloud: bool) -> str | None:
        """The id of a person; None for a name that no one in an export of the cloud has."""
        if one is None or one.form == ACCOUNT:
            return one.value if one else None
        first, second = (self._keys, self._names) if one.form == KEY else (self._names, self._keys)
        plain = one.value.casefold()
        found = first.get(plain) or second.get(plain)
        return found or (None if cloud and one.form == NAME else one.value)


def _refs(issue: Issue) -> Iterator[Ref]:
    for change in issue.changes:
        yield from (one for one in (change.old, change.new) if one)
    for comment in issue.comments:
        yield from comment.mentioned


def read_issues(files: Sequence[ExportFile], records: Records) -> int:
    """Tell the records what the issues of JSON files hold; returns how many issues that is."""
    accounts, cut, waiting = Accounts(records), Cut(), []
    found = passed_over = 0
    for file in files:
        odd, before = [], found
        for number, value in enumerate(_issues_in(file, cut), 1):
            issue = _parsed(value, (file.number, number), accounts, cut, records.zone)
            if issue is None:
                odd.append(number)
                continue
            found += 1
            if accounts.known(issue):
                _tell(issue, accounts, records)
            else:
                waiting.append(issue)  # a server names people by names, which a later issue may explain
        passed_over += found == before
        for number in odd if found > before else ():
            records.skip("bad_record", at=(file.number, number))
    for issue in waiting:
        _tell(issue, accounts, records)
    accounts.tell_written()
    if found and passed_over:
        records.note(f"{passed_over:,} of {counted(len(files), 'file')} of JSON hold no issue, and were not read.")
    if found:
        _tell_lacks(cut, found, records)
    return found


def _issues_in(file: ExportFile, cut: Cut) -> Iterator[Any]:
    """The issues of a file; what a page says of further pages is added to `cut`."""
    if is_lines(file):
        for line in lines(file):
            yield from _unwrapped(line, cut)
        return
    for prefix, value in items(file, "issues.item", "item", "total", "isLast", "nextPageToken", "key"):
        if prefix == "issues.item":
            yield value
        elif prefix == "item":
            yield from _unwrapped(value, cut)
        elif prefix == "key":  # of a single issue
            yield from _unwrapped(document(file), cut)
            return
        else:
            _note_page({prefix: value}, cut)


def _unwrapped(value: Any, cut: Cut) -> Iterator[Any]:
    """The issues of a value that is a page of them or one issue."""
    told = mapping_in(value)
    if isinstance(told.get("issues"), list):
        _note_page(told, cut)
        yield from told["issues"]
    else:
        yield value


def _note_page(page: Mapping[str, Any], cut: Cut) -> None:
    total = page.get("total")
    if isinstance(total, int):
        cut.total = max(cut.total, total)
    cut.last |= page.get("isLast") is True
    cut.more |= page.get("isLast") is False or bool(page.get("nextPageToken"))


def _parsed(value: Any, at: tuple[int, int], accounts: Accounts, cut: Cut, zone: str) -> Issue | None:
    told = mapping_in(value)
    fields = told.get("fields")
    number = id_in(told.get("id")) or id_in(told.get("key"))
    if not isinstance(fields, dict) or number is None:
        return None
    host = _HOST.match(told["self"]) if isinstance(told.get("self"), str) else None
    event = f"{host[1] if host else ''}:{number}"
    cut.issues.add(event)
    reporter, app = accounts.learn(fields.get("reporter"))
    assignee, _ = accounts.learn(fields.get("assignee"))
    accounts.learn(fields.get("creator"))
    authors = [mapping_in(one).get("author") for one in sequence_in(mapping_in(told.get("changelog")).get("histories"))]
    cloud = any("accountId" in mapping_in(one) for one in (*map(fields.get, ("reporter", "assignee", "creator")), *authors))
    changes = _changes(told.get("changelog"), event, at, accounts, cut, zone, cloud=cloud)
    comments = _comments(fields.get("comment"), event, at, accounts, cut, zone)
    return Issue(event, at, moment_in(fields.get("created"), zone), reporter, app, assignee, cloud, changes, comments)


def _changes(
    changelog: Any, issue: str, at: tuple[int, int], accounts: Accounts, cut: Cut, zone: str, *, cloud: bool
) -> tuple[Change, ...]:
    told = mapping_in(changelog)
    histories = told.get("histories")
    if not isinstance(histories, list):
        cut.without_changes += 1
        return ()
    cut.cut_changes += _is_cut(told, histories)
    found = []
    for place, history in enumerate(histories, 1):
        held = mapping_in(history)
        author, app = accounts.learn(held.get("author"))
        time = moment_in(held.get("created"), zone)
        own = id_in(held.get("id"))
        begun = f"{issue}:change:{own or f'{time}:{place}'}"
        rank = int(own) if own and own.isdecimal() else 0
        for number, item in enumerate(sequence_in(held.get("items"))):
            change = mapping_in(item)
            event = f"{begun}:{number}"
            if "assignee" not in (change.get("fieldId"), str(change.get("field")).lower()):
                found.append(Change(event, at, time, author, app, False))
                continue
            # While account ids were introduced, items had them beside the keys.
            old, new = (id_in(change.get(f"tmp{end.capitalize()}AccountId")) or id_in(change.get(end)) for end in ("from", "to"))
            for who, name in ((old, "fromString"), (new, "toString")):
                if who and cloud:
                    accounts.written(who, change.get(name))
            ends = [Ref(ACCOUNT if cloud else KEY, who) if who else None for who in (old, new)]
            found.append(Change(event, at, time, author, app, True, (rank, number), *ends))
    return tuple(found)


def _comments(comment: Any, issue: str, at: tuple[int, int], accounts: Accounts, cut: Cut, zone: str) -> tuple[Comment, ...]:
    told = mapping_in(comment)
    listed = told.get("comments")
    if not isinstance(listed, list):
        cut.without_comments += 1
        return ()
    cut.cut_comments += _is_cut(told, listed)
    found = []
    for place, one in enumerate(listed, 1):
        held = mapping_in(one)
        author, app = accounts.learn(held.get("author"))
        time = moment_in(held.get("created"), zone)
        event = f"{issue}:comment:{id_in(held.get('id')) or f'{time}:{place}'}"
        found.append(Comment(event, at, time, author, app, mentions_in(held.get("body"))))
    return tuple(found)


def _is_cut(told: Mapping[str, Any], held: Sequence[Any]) -> bool:
    total = told.get("total")
    return isinstance(total, int) and total > len(held)


def mentions_in(body: Any) -> tuple[Ref, ...]:
    """The people mentioned in a text (``[~accountid:...]``, ``[~name]``) or in a document of nodes."""
    if isinstance(body, str):
        return tuple(Ref(ACCOUNT if account else NAME, who) for account, who in MENTION.findall(body))
    found, open_nodes = [], [body]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, list):
            open_nodes.extend(reversed(node))
            continue
        held = mapping_in(node)
        if held.get("type") == "mention" and (who := id_in(mapping_in(held.get("attrs")).get("id"))):
            found.append(Ref(ACCOUNT, who.removeprefix("accountid:")))
        open_nodes.append(sequence_in(held.get("content")))
        if not held.get("content"):
            open_nodes.pop()
    return tuple(found)


def _tell(issue: Issue, accounts: Accounts, records: Records) -> None:
    """Add the records of an issue: that it was created, its changes, its comments."""

    def id_of(one: Ref | None) -> str | None:
        return accounts.id_of(one, cloud=issue.cloud)

    moved = sorted(
        ((change.time, change.order, change) for change in issue.changes if change.assigns and isinstance(change.time, int)),
        key=lambda one: one[:2],
    )
    first = id_of(moved[0][2].old if moved else issue.assignee)
    held = [(time, id_of(change.new)) for time, _, change in moved]
    reporter = id_of(issue.reporter)
    if issue.app:
        records.skip("bot", event=issue.event)
    else:
        records.add(issue.created, reporter, [first], "assign", event=issue.event, at=issue.at)
    for change in issue.changes:
        _tell_change(change, id_of(change.author), id_of(change.old), id_of(change.new), records)
    for comment in issue.comments:
        if comment.app:
            records.skip("bot", event=comment.event)
            continue
        mentioned = [id_of(one) for one in comment.mentioned]
        unknown = {"unknown_object": len({one for one, who in zip(comment.mentioned, mentioned, strict=True) if who is None})}
        targets = [holder_at(comment.time, first, held), reporter, *mentioned]
        records.add(comment.time, id_of(comment.author), targets, "comment", event=comment.event, left_out=unknown, at=comment.at)


def _tell_change(change: Change, author: str | None, old: str | None, new: str | None, records: Records) -> None:
    if not change.assigns:
        records.skip("other_action", event=change.event)
    elif change.app:
        records.skip("bot", event=change.event)
    elif author is None:
        records.skip("missing_source", event=change.event, at=change.at)
    else:
        links = [(author, new, "assign"), (old, new, "handover")]
        records.add_links(change.time, links, event=change.event, at=change.at)


def _tell_lacks(cut: Cut, found: int, records: Records) -> None:
    if cut.without_changes:
        records.lack(
            f"{cut.without_changes:,} of {found:,} issues come without their changelog: today's assignee is taken for all times, so "
            "comments can go to the wrong person, and reassignments are missing."
        )
    if cut.without_comments:
        records.lack(f"{cut.without_comments:,} of {found:,} issues come without their comments, so ties are understated.")
    for name, number in (("changelogs", cut.cut_changes), ("comments", cut.cut_comments)):
        if number:
            records.lack(f"The {name} of {number:,} of {found:,} issues are cut to a page, so ties are understated; export all pages.")
    if cut.total > len(cut.issues) or (cut.more and not cut.last):
        told = f"of {cut.total:,} issues" if cut.total > len(cut.issues) else "of issues"
        records.lack(f"Pages {told} are missing: the export holds {len(cut.issues):,}, so ties are understated.")
