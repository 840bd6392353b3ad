"""Tasks of Asana and their stories as its API answers, or as one object per line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tienet.base.numbers import counted
from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.json_items import document, is_lines, items, lines
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.values import holder_at, id_in, mapping_in, moment_in, sequence_in

_LINK = re.compile(r"<a\s[^>]*>", re.IGNORECASE)
_GID = re.compile(r"""\sdata-asana-gid\s*=\s*["']?(\w+)""", re.IGNORECASE)
_TYPE = re.compile(r"""\sdata-asana-type\s*=\s*["']?(\w+)""", re.IGNORECASE)
_PLACE = re.compile("[?&](?:offset|limit)=[^&]*")
_OF_TASKS = {"assignee", "stories", "completed_at", "created_by"}  # of older exports, without resource_type
_ASSIGNED, _UNASSIGNED, _COMMENT = "assigned", "unassigned", "comment_added"


@dataclass(frozen=True, slots=True)
class Story:
    """What a story says about people, without its text."""

    gid: str | None
    at: tuple[int, int]
    time: int | str | None
    author: str | None
    kind: str
    assignee: str | None
    mentioned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What a task says about people, without its name."""

    gid: str | None
    at: tuple[int, int]
    created: int | str | None
    author: str | None
    authored: bool
    assignee: str | None
    parent: str | None
    stories: tuple[Story, ...] | None


@dataclass(slots=True)
class _HeldTask:
    """Tasks that wait for stories of their own in other places, and what was noticed."""

    tasks: list[Task] = field(default_factory=list)
    stories: dict[str, list[Story]] = field(default_factory=dict)
    found: int = 0
    with_stories: int = 0
    authored: bool = False
    # Kind of object -> lists of which a page names a next one, and the number of pages that name none.
    more: dict[str, set[str]] = field(default_factory=dict)
    last: Counter[str] = field(default_factory=Counter)


def read_tasks(files: Sequence[ExportFile], records: Records) -> int:
    """Tell the records what the tasks and stories of JSON files hold; returns how many of them there are."""
    held, passed_over = _HeldTask(), 0
    for file in files:
        before = held.found
        odd = [number for number, value in enumerate(_objects_in(file, held), 1) if not _take(value, (file.number, number), records, held)]
        passed_over += held.found == before
        for number in odd if held.found > before else ():
            records.skip("bad_record", at=(file.number, number))
    if not held.found:
        return 0
    if not held.authored and not held.stories:
        _tell_subtasks(held.tasks, records)
    else:
        _tell_waiting(held, records)
    if passed_over:
        records.note(f"{passed_over:,} of {counted(len(files), 'file')} of JSON hold no task, and were not read.")
    if held.authored and not held.with_stories:
        records.lack("The export holds no stories: comments and reassignments are missing, so ties are understated.")
    missing = sum(max(0, len(lists) - held.last[kind] - held.last[""]) for kind, lists in held.more.items())
    if missing:
        records.lack(f"Pages are missing after those of {counted(missing, 'list')}, so ties are understated.")
    return held.found


def _objects_in(file: ExportFile, held: _HeldTask) -> Iterator[Any]:
    if is_lines(file):
        for line in lines(file):
            yield from _unwrapped(line, held)
        return
    kind, following, is_page = "", None, False
    for prefix, value in items(file, "data.item", "item", "data.gid", "gid", "next_page"):
        if prefix in ("data.gid", "gid"):  # a single task
            yield from _unwrapped(document(file), held)
            return
        if prefix == "next_page":
            following = value
        elif prefix == "item":
            yield from _unwrapped(value, held)
        else:
            kind, is_page = kind or _kind_of(value), True
            yield value
    if is_page or following:
        _note_page(kind, following, held)


def _unwrapped(value: Any, held: _HeldTask) -> Iterator[Any]:
    """The objects of an answer of the API, or the object itself."""
    told = mapping_in(value)
    if "data" not in told:
        yield value
        return
    if not isinstance(told["data"], list):
        yield told["data"]
        return
    _note_page(next(map(_kind_of, told["data"]), ""), told.get("next_page"), held)
    yield from told["data"]


def _kind_of(value: Any) -> str:
    return str(mapping_in(value).get("resource_type") or "")


def _note_page(kind: str, following: Any, held: _HeldTask) -> None:
    """Note whether a page names a next one, and of which list it is: the address of the next one without the place in the list."""
    if following:
        told = mapping_in(following)
        held.more.setdefault(kind, set()).add(_PLACE.sub("", str(told.get("path") or told.get("uri") or "")))
    else:
        held.last[kind] += 1


def _take(value: Any, at: tuple[int, int], records: Records, held: _HeldTask) -> bool:
    """Take a task or a story; returns False for what is no object of Asana. Its other objects are no records."""
    told = mapping_in(value)
    kind = told.get("resource_type")
    if kind == "user":
        _person(told, records)
    elif kind == "task" or (kind is None and "gid" in told and told.keys() & _OF_TASKS):
        _take_task(told, at, records, held)
    elif kind == "story":
        held.found += 1
        story, task = _story(told, at, records), id_in(mapping_in(told.get("target")).get("gid"))
        held.stories.setdefault(task or "", []).append(story)
    return kind is not None or bool(told.keys() & _OF_TASKS)


def _take_task(told: Mapping[str, Any], at: tuple[int, int], records: Records, held: _HeldTask) -> None:
    held.found += 1
    listed = mapping_in(told.get("stories")).get("data", told.get("stories"))  # perhaps as the API answers
    stories = tuple(_story(mapping_in(one), at, records) for one in listed) if isinstance(listed, list) else None
    for one in sequence_in(told.get("followers")):
        _person(one, records)
    task = Task(
        id_in(told.get("gid")),
        at,
        moment_in(told.get("created_at"), records.zone),
        _person(told.get("created_by"), records),
        "created_by" in told,
        _person(told.get("assignee"), records),
        id_in(mapping_in(told.get("parent")).get("gid")),
        stories,
    )
    held.authored |= task.authored
    if stories is None:
        held.tasks.append(task)
    else:
        held.with_stories += 1
        held.authored = True
        _tell(task, stories, records)
    for one in sequence_in(told.get("subtasks")):
        part = mapping_in(one)
        if "created_at" in part or "stories" in part:  # others are named only, and stand elsewhere in full
            _take_task({"parent": {"gid": task.gid}, **part}, at, records, held)


def _story(told: Mapping[str, Any], at: tuple[int, int], records: Records) -> Story:
    return Story(
        id_in(told.get("gid")),
        at,
        moment_in(told.get("created_at"), records.zone),
        _person(told.get("created_by"), records),
        str(told.get("resource_subtype") or {"comment": _COMMENT}.get(str(told.get("type")), "")),
        _person(told.get("assignee"), records),
        _mentions_in(told.get("html_text")),
    )


def _person(user: Any, records: Records) -> str | None:
    told = mapping_in(user)
    gid = id_in(told.get("gid"))
    if gid:
        mail = id_in(told.get("email"))
        records.person(gid, addresses=[mail] if mail else [], name=id_in(told.get("name")))
    return gid


def _mentions_in(text: Any) -> tuple[str, ...]:
    """The people that a text links to; links to tasks and projects say so."""
    found = []
    for link in _LINK.findall(text) if isinstance(text, str) else ():
        gid, kind = _GID.search(link), _TYPE.search(link)
        if gid and (kind is None or kind[1].lower() == "user"):
            found.append(gid[1])
    return tuple(found)


def _tell_waiting(held: _HeldTask, records: Records) -> None:
    """Add tasks whose stories stand elsewhere, and stories whose task is not in the export."""
    seen: set[str | None] = set()
    for task in held.tasks:
        stories = held.stories.get(task.gid or "", ()) if task.gid not in seen else ()
        held.with_stories += bool(stories)
        seen.add(task.gid)
        _tell(task, tuple(stories), records)
    for gid, stories in held.stories.items():
        if gid not in seen:
            held.with_stories += 1
            _tell_stories(tuple(stories), None, records)


def _tell(task: Task, stories: Sequence[Story], records: Records) -> None:
    """Add the records of a task: itself and each of its stories."""
    event = f"task:{task.gid or task.at}"
    assigned = any(story.kind == _ASSIGNED for story in stories)
    if assigned:
        records.skip("other_action", event=event)  # the story says by whom and when
    else:
        records.add(task.created, task.author, [task.assignee], "assign", event=event, at=task.at)
    _tell_stories(_with_today(stories, task.assignee), None if assigned else task.assignee, records)


def _with_today(stories: Sequence[Story], today: str | None) -> Sequence[Story]:
    """The stories; the last assignment is to the assignee of today if it does not say to whom, as stories in short form do not."""
    moved = [story for story in stories if story.kind in (_ASSIGNED, _UNASSIGNED) and isinstance(story.time, int)]
    last = max(moved, key=lambda story: (story.time, story.gid or ""), default=None)
    if last is None or last.kind == _UNASSIGNED or last.assignee:
        return stories
    return [replace(story, assignee=today) if story is last else story for story in stories]


def _tell_stories(stories: Sequence[Story], assignee: str | None, records: Records) -> None:
    moved = sorted(
        (story.time, story.gid or "", (story.assignee or "") if story.kind == _ASSIGNED else "")
        for story in stories
        if isinstance(story.time, int) and story.kind in (_ASSIGNED, _UNASSIGNED)
    )
    if any(story.kind == _ASSIGNED and not story.assignee for story in stories):
        records.lack(
            "Stories do not say to whom tasks were assigned, so ties are understated; ask the API for them with opt_fields=assignee."
        )
    changes = [(time, who or None) for time, _, who in moved]
    for number, story in enumerate(stories):
        event = f"story:{story.gid or (*story.at, number)}"
        if story.kind == _ASSIGNED:
            records.add(story.time, story.author, [story.assignee], "assign", event=event, at=story.at)
        elif story.kind == _COMMENT:
            then = holder_at(story.time, assignee, changes)
            records.add(story.time, story.author, [then, *story.mentioned], "comment", event=event, at=story.at)
        else:
            records.skip("other_action", event=event)


def _tell_subtasks(tasks: Sequence[Task], records: Records) -> None:
    """Add tasks that name no author: the assignee of a parent works with the assignee of its part."""
    assignees = {task.gid: task.assignee for task in tasks if task.gid}
    for task in tasks:
        over = assignees.get(task.parent) if task.parent else None
        event = f"task:{task.gid or task.at}"
        if over is None or task.assignee is None:
            records.skip("no_recipient", event=event)
        else:
            records.add(task.created, over, [task.assignee], "assign", event=event, at=task.at)
    records.lack(
        "The tasks do not say who created them: only assignees of subtasks are linked with the assignee of the parent task, so ties are "
        "understated. Tasks of the API with created_by and stories say more."
    )
