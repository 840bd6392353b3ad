"""Made-up boards of Trello, Asana and Jira: a simulation says what happened, one function writes it as the system does, and what the
readers must find is what was simulated."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest

from exporting import PLANTED, assert_closed, assert_no_planted
from tienet.base.errors import DataError

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass
class Told:
    """What happened: records by code, and interactions as (moment, source, target, channel)."""

    codes: Counter[str] = field(default_factory=Counter)
    rows: Counter[tuple[Any, ...]] = field(default_factory=Counter)

    def record(self, when: datetime, links: list[tuple[str | None, str | None, str]]) -> None:
        """A record with links; those to the person itself or to no one are none, and a pair counts once, first come."""
        stated = [link for link in links if link[0] and link[1]]
        pairs = {}
        for source, target, channel in stated:
            if source != target:
                pairs.setdefault((source, target), channel)
        self.codes["used" if pairs else "self" if stated else "no_recipient"] += 1
        for (source, target), channel in pairs.items():
            self.rows[when.replace(tzinfo=None), source, target, channel] += 1


def seeded(seed: int) -> Random:
    """Random numbers that are the same each time."""
    return Random(seed)  # noqa: S311 - not for secrets


def check(read: Any, path: Any, told: Told, **options: Any) -> Any:
    """Read an export and compare with what happened; returns the log, None where no one is linked with anyone."""
    if not told.codes["used"]:
        with pytest.raises(DataError) as refusal:
            read(path, **options)
        assert_no_planted(None, str(refusal.value))
        return None
    log = read(path, **options)
    assert +Counter(log.ledger.counts) == +told.codes
    frame = log.frame
    columns = [frame[name] for name in ("time", "source", "target", "channel")]
    assert Counter(zip(columns[0].dt.to_pydatetime(), *columns[1:], strict=True)) == told.rows
    assert_closed(log, told.codes.total())
    assert_no_planted(log)
    return log


def zipped(path: Any, files: dict[str, str]) -> Any:
    """Files as a ZIP archive."""
    with ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def foldered(path: Any, files: dict[str, str]) -> Any:
    """Files as a folder."""
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def secret(random: Random) -> str:
    """A text that may not leave a reader."""
    return f"{random.choice(PLANTED)} {random.choice(PLANTED)}"


def iso(when: datetime) -> str:
    """A moment as Trello and Asana write it."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def moments(random: Random, number: int) -> list[datetime]:
    """Different moments in order, in whole milliseconds."""
    found = sorted(random.sample(range(1, 40_000_000), number))
    return [START + timedelta(milliseconds=20 * one) for one in found]


# Jira


def jira(random: Random, *, server: bool = False, issues: int = 6) -> tuple[list[dict[str, Any]], Told]:
    """Issues as the API of the cloud or of a server answers, and what happened in them."""
    told = Told()
    names = [f"p{number}" for number in range(6)]
    bot = "robot"

    def user(name: str) -> dict[str, Any]:
        if server:
            return {
                "key": f"JIRAUSER{name}",
                "name": name,
                "displayName": f"Person {name}",
                "emailAddress": f"{name}@firm.example",
                "active": True,
            }
        kind = "app" if name == bot else "atlassian"
        return {"accountId": f"5f:{name}", "accountType": kind, "displayName": f"Person {name}", "emailAddress": "", "active": True}

    def who(name: str | None) -> str | None:
        return None if name is None else f"JIRAUSER{name}" if server else f"5f:{name}"

    def written(when: datetime) -> str:
        return (when + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}+0100"

    def text_for(mentioned: list[str]) -> Any:
        if server or random.random() < 0.5:
            marks = [f"[~{one}]" if server else f"[~accountid:5f:{one}]" for one in mentioned]
            return f"{secret(random)} {' and '.join(marks)} {secret(random)}"
        nodes = [{"type": "mention", "attrs": {"id": f"5f:{one}", "text": f"@{secret(random)}"}} for one in mentioned]
        deep = {"type": "bulletList", "content": [{"type": "listItem", "content": [{"type": "paragraph", "content": nodes}]}]}
        return {
            "type": "doc",
            "version": 1,
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": secret(random)}]}, deep],
        }

    made = []
    for number in range(1, issues + 1):
        times = moments(random, 9)
        reporter = random.choice(names)
        first = assignee = random.choice([*names, None])
        told.record(times[0], [(who(reporter), who(first), "assign")])
        histories: list[dict[str, Any]] = []
        comments: list[dict[str, Any]] = []
        for place, when in enumerate(times[1:], 1):
            actor, kind = random.choice(names), random.choice(["comment", "comment", "assign", "status", "anonymous"])
            robot = not server and random.random() < 0.1
            author = bot if robot else actor
            if kind == "comment":
                mentioned = random.sample(names, random.choice([0, 0, 1, 2]))
                comments.append({"id": f"{number}{place}", "author": user(author), "created": written(when), "body": text_for(mentioned)})
                if robot:
                    told.codes["bot"] += 1
                else:
                    told.record(when, [(who(actor), who(one), "comment") for one in (assignee, reporter, *mentioned)])
                continue
            items = [{"field": "status", "from": "1", "fromString": secret(random), "to": "3", "toString": secret(random)}]
            told.codes["other_action"] += 1
            if kind != "status":
                new = random.choice([one for one in (*names, None) if one != assignee])
                items.append({"field": "assignee", "from": who(assignee), "fromString": assignee, "to": who(new), "toString": new})
                if robot:
                    told.codes["bot"] += 1
                elif kind == "anonymous":
                    told.codes["missing_source"] += 1
                else:
                    told.record(when, [(who(actor), who(new), "assign"), (who(assignee) if new else None, who(new), "handover")])
                assignee = new
            history = {"id": f"{number}{place}", "created": written(when), "items": items, "author": user(author)}
            if kind == "anonymous" and not robot:
                del history["author"]
            histories.append(history)
        random.shuffle(histories)
        fields = {
            "summary": secret(random),
            "reporter": user(reporter),
            "creator": user(reporter),
            "assignee": user(assignee) if assignee else None,
            "created": written(times[0]),
            "watches": {"watchCount": 4},
            "comment": {"total": len(comments), "comments": comments},
        }
        made.append(
            {"id": f"100{number}", "key": f"PAY-{number}", "fields": fields, "changelog": {"total": len(histories), "histories": histories}}
        )
    return made, told


def jira_page(issues: list[dict[str, Any]], total: int) -> str:
    """A page of a search."""
    return json.dumps({"expand": "names", "startAt": 0, "maxResults": 50, "total": total, "issues": issues})


def jira_table(random: Random, *, rows: int = 6) -> tuple[str, Told]:
    """A table as the cloud exports it, and what it says."""
    told = Told()
    names = [f"p{number}" for number in range(5)]
    most = 4
    header = ["Summary", "Issue key", "Issue id", "Assignee", "Assignee Id", "Reporter", "Reporter Id", "Created", "Watchers", "Watchers"]
    table = [[*header, *["Comment"] * most]]

    def written(when: datetime) -> str:
        return f"{when.day}/{when:%b/%y} {when.hour % 12 or 12}:{when:%M} {'AM' if when.hour < 12 else 'PM'}"

    for number in range(1, rows + 1):
        times = [one.replace(second=0, microsecond=0) for one in moments(random, most + 1)]
        reporter, assignee = random.choice(names), random.choice([*names, None])
        told.record(times[0], [(f"5f:{reporter}", assignee and f"5f:{assignee}", "assign")])
        comments = []
        for when in times[1 : 1 + random.randint(0, most)]:
            author, mentioned = random.choice(names), random.sample(names, random.choice([0, 1]))
            marks = " ".join(f"[~accountid:5f:{one}]" for one in mentioned)
            comments.append(f"{written(when)};5f:{author};{secret(random)}; at 9;30\n{marks}")
            targets = [assignee, reporter, *mentioned]
            told.record(when, [(f"5f:{author}", one and f"5f:{one}", "comment") for one in targets])
        people = [f"Person {assignee}" if assignee else "", f"5f:{assignee}" if assignee else "", f"Person {reporter}", f"5f:{reporter}"]
        cells = [secret(random), f"PAY-{number}", f"100{number}", *people, written(times[0]), "Person w1", "Person w2", *comments]
        table.append([*cells, *[""] * (most - len(comments))])
    stream = io.StringIO()
    csv.writer(stream).writerows(table)
    return stream.getvalue(), told


# Asana


def asana(random: Random, *, tasks: int = 6) -> tuple[list[dict[str, Any]], Told]:
    """Tasks with their stories as the API answers, and what happened in them."""
    told = Told()
    names = [str(number) for number in range(11, 17)]

    def user(gid: str | None) -> dict[str, Any] | None:
        return None if gid is None else {"gid": gid, "name": f"Person {gid}", "resource_type": "user"}

    made = []
    for number in range(1, tasks + 1):
        times = moments(random, 8)
        creator, assignee = random.choice(names), random.choice([*names, None])
        stories: list[dict[str, Any]] = []

        def story(when: datetime, author: str | None, kind: str, **more: Any) -> None:
            sort = "comment" if kind == "comment_added" else "system"
            gid = f"s{len(stories)}of{number}"  # noqa: B023 - called within the loop only
            told_by = {"gid": gid, "created_at": iso(when), "created_by": user(author), "resource_type": "story", "type": sort}
            stories.append({**told_by, "resource_subtype": kind, "text": secret(random), **more})  # noqa: B023

        storied = random.random() < 0.6
        if storied and assignee is None:
            assignee = random.choice(names)
        if storied:
            told.codes["other_action"] += 1  # the task itself
            story(times[1], creator, "assigned", assignee=user(assignee))
            told.record(times[1], [(creator, assignee, "assign")])
        else:
            told.record(times[0], [(creator, assignee, "assign")])
        for when in times[2:]:
            actor, kind = random.choice(names), random.choice(["comment", "comment", "assigned", "unassigned", "due", "nobody"])
            if kind == "comment":
                mentioned = random.sample(names, random.choice([0, 0, 1, 2]))
                links = "".join(
                    f'<a href="https://app.asana.com/0/{one}/list" data-asana-type="user" data-asana-gid="{one}">@{secret(random)}</a>'
                    for one in mentioned
                )
                task = f'<a data-asana-gid="99{number}" data-asana-accessible="true" data-asana-type="task">{secret(random)}</a>'
                story(when, actor, "comment_added", html_text=f"<body>{secret(random)} {links} {task}</body>")
                told.record(when, [(actor, one, "comment") for one in (assignee, *mentioned)])
            elif kind == "nobody":
                story(when, None, "comment_added", html_text=f"<body>{secret(random)}</body>")
                told.codes["missing_source"] += 1
            elif kind == "due" or not storied:
                story(when, actor, "due_date_changed")
                told.codes["other_action"] += 1
            elif kind == "assigned":
                assignee = random.choice(names)
                story(when, actor, "assigned", assignee=user(assignee))
                told.record(when, [(actor, assignee, "assign")])
            else:
                assignee = None
                story(when, actor, "unassigned")
                told.codes["other_action"] += 1
        random.shuffle(stories)
        made.append(
            {
                "gid": str(number),
                "resource_type": "task",
                "name": secret(random),
                "notes": secret(random),
                "created_at": iso(times[0]),
                "created_by": user(creator),
                "assignee": user(assignee),
                "followers": [user(one) for one in names[:3]],
                "completed_at": None,
                "stories": stories,
            }
        )
    return made, told


def asana_table(random: Random, *, rows: int = 12) -> tuple[list[list[str]], Told]:
    """A table as Asana exports it, its header first, and what it says."""
    told = Told()
    names = [f"Person {number}" for number in range(5)]
    header = ["Task ID", "Created At", "Name", "Section/Column", "Assignee", "Assignee Email", "Tags", "Notes", "Projects", "Parent task"]
    titles = [f"{PLANTED[number % len(PLANTED)]} {number}" for number in range(rows - 2)]
    named = [*titles, titles[0], titles[0]]  # three tasks of one title
    assigned = [random.choice([*names, ""]) for _ in named]
    table = [header]
    for number, (title, name) in enumerate(zip(named, assigned, strict=True), 1):
        day = START.replace(hour=0) + timedelta(days=number)
        parent = random.choice([*titles, "", "elsewhere"])
        over = assigned[titles.index(parent)] if parent in titles[1:] else ""
        ids = [f"p{one.rpartition(' ')[2]}@firm.example" if one else None for one in (over, name)]
        if all(ids):
            told.record(day, [(*ids, "assign")])
        else:
            told.codes["no_recipient"] += 1
        # An address stands in the first row of a person, in the others it may be missing.
        address = ids[1] if ids[1] and (name not in assigned[: number - 1] or random.random() < 0.5) else ""
        table.append(
            [str(number), day.date().isoformat(), title, secret(random), name, address, "a,b", f"{secret(random)}\nmore", "", parent]
        )
    return table, told


def as_csv(table: list[list[str]], delimiter: str = ",") -> str:
    """A table as CSV."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(table)
    return stream.getvalue()


# Trello


def trello(random: Random, *, actions: int = 40) -> tuple[dict[str, Any], Told]:
    """A board, and what happened on it. Whoever was on a card before its oldest action is still on it."""
    told = Told()
    people = [f"m{number}" for number in range(6)]
    cards = {f"k{number}": set(random.sample(people, random.choice([0, 0, 1, 2]))) for number in range(4)}

    def member(one: str) -> dict[str, str]:
        return {"id": one, "username": f"user_{one}", "fullName": f"Person {one}"}

    made: list[dict[str, Any]] = []
    added: dict[str, set[str]] = {card: set() for card in cards}
    for number, when in enumerate(moments(random, actions)):
        actor, card, members = random.choice(people), *random.choice(list(cards.items()))
        kind = random.choice(["commentCard", "commentCard", "addMemberToCard", "removeMemberFromCard", "updateCard", "butler", "nobody"])
        data: dict[str, Any] = {"board": {"id": "B", "name": secret(random)}, "card": {"id": card, "name": secret(random)}}
        action: dict[str, Any] = {"id": f"t{number}", "idMemberCreator": actor, "data": data, "date": iso(when), "appCreator": None}
        action |= {"memberCreator": member(actor), "type": "commentCard" if kind in ("butler", "nobody") else kind}
        if kind in ("commentCard", "butler", "nobody"):
            mentioned = random.sample(people, random.choice([0, 1, 2]))
            marks = " ".join(f"@{random.choice([str.upper, str])(f'user_{one}')}," for one in mentioned)
            data["text"] = f"{secret(random)} {marks} mail@user_m0.example @nobody {secret(random)}"
            if kind == "butler":
                action["appCreator"] = {"id": "app", "name": secret(random)}
                told.codes["bot"] += 1
            elif kind == "nobody":
                action["idMemberCreator"] = None
                del action["memberCreator"]
                told.codes["missing_source"] += 1
            else:
                told.record(when, [(actor, one, "comment") for one in (*mentioned, *members)])
        elif kind == "addMemberToCard" and len(members) < len(people):
            other = random.choice([one for one in people if one not in members])
            data["idMember"], action["member"] = other, member(other)
            told.record(when, [(actor, other, "assign")])
            members.add(other)
            added[card].add(other)
        elif kind == "removeMemberFromCard" and added[card] & members:
            other = random.choice(sorted(added[card] & members))
            data["idMember"], action["member"] = other, member(other)
            told.codes["other_action"] += 1
            members.discard(other)
        else:
            action["type"] = "updateCard"
            told.codes["other_action"] += 1
        made.append(action)
    acted = {action["memberCreator"]["id"] for action in made if "memberCreator" in action}
    here = [one for number, one in enumerate(people) if number < 4 or one not in acted]  # the others have left the board
    board = {
        "id": "B",
        "name": secret(random),
        "members": [member(one) for one in here],
        "cards": [{"id": card, "name": secret(random), "idMembers": sorted(members)} for card, members in cards.items()],
        "actions": made[::-1],
    }
    return board, told
