"""An export of Slack, to interactions: tienet compared with a plain loop over its files, with equal results required.

    python bench/slack.py --megabytes 100
    python bench/slack.py --megabytes 1000 --packed folder zip --repeat 1

The export is made up: 1,000 people in 200 channels of very different sizes over a year, with threads, mentions and the fields that Slack
writes beside them, and direct messages. The loop does what tienet does to a message, and keeps a list of the interactions; it checks
nothing, and tells no repeats, bots, and people apart.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from _measured import alone, apart_in_turns, export_options, pair_sums, run_alone

PEOPLE, CHANNELS, PAIRS, DAYS = 1_000, 200, 400, 365
START, DAY = 1_735_689_600, 86_400
MESSAGE = 1_170  # bytes, as found in exports
WORDS = [
    "the",
    "plan",
    "for",
    "the",
    "second",
    "quarter",
    "is",
    "on",
    "the",
    "shelf,",
    "please",
    "have",
    "a",
    "look",
    "at",
    "it",
    "before",
    "we",
    "talk",
    "to",
    "them",
    "again",
    "tomorrow",
]


def users() -> list[dict[str, Any]]:
    """The users of the export."""
    names = {at: f"person{at}" for at in range(PEOPLE)}
    return [
        {"id": f"U{at:06}", "name": name, "deleted": False, "is_bot": False, "profile": {"email": f"{name}@firm.example"}}
        for at, name in names.items()
    ]


def message(rng: np.random.Generator, author: int, time: float) -> dict[str, Any]:
    """One message."""
    words = rng.choice(WORDS, 12)
    text = " ".join(words)
    if rng.random() < 0.3:
        text = f"<@U{rng.integers(PEOPLE):06}> {text}"
    block = {
        "type": "rich_text",
        "block_id": "aB3x",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }
    profile = {"avatar_hash": "g6e7071ea93d", "image_72": "https://secure.example/avatar/6e7071ea93d29d3d4aa327fe4a604fd8.jpg?s=72&d=x" * 4}
    profile |= {"first_name": "A", "real_name": f"Person {author}", "display_name": "", "team": "T0000001", "name": f"person{author}"}
    return {
        "client_msg_id": "00000000-0000-4000-8000-000000000000",
        "type": "message",
        "user": f"U{author:06}",
        "text": text,
        "ts": f"{time:.6f}",
        "team": "T0000001",
        "user_team": "T0000001",
        "source_team": "T0000001",
        "user_profile": profile,
        "blocks": [block],
    }


def day_of(rng: np.random.Generator, members: np.ndarray[Any, Any], count: int, start: int) -> list[dict[str, Any]]:
    """The messages of a conversation on one day; half of them are in threads."""
    made: list[dict[str, Any]] = []
    root: dict[str, Any] | None = None
    for time in np.sort(rng.integers(0, DAY * 1_000_000, count)):
        one = message(rng, int(rng.choice(members)), start + time / 1e6)
        if root is not None and rng.random() < 0.5:
            one |= {"thread_ts": root["ts"], "parent_user_id": root["user"]}
            root["thread_ts"], root["reply_count"] = root["ts"], root.get("reply_count", 0) + 1
        else:
            root = one
        made.append(one)
    return made


def write_export(path: Path, megabytes: int, *, packed: bool) -> None:
    """Write an export of a size, as a folder or a ZIP."""
    rng = np.random.default_rng(1)
    people = np.arange(PEOPLE)
    total = megabytes * 1_000_000 // MESSAGE
    share = 1 / np.arange(1, CHANNELS + 1)
    channels = {f"channel-{at}": (f"C{at:06}", people) for at in range(CHANNELS)}
    direct = {f"D{at:06}": (f"D{at:06}", rng.choice(people, 2, replace=False)) for at in range(PAIRS)}
    sizes = [*(0.9 * total * share / share.sum() / DAYS), *[0.1 * total / PAIRS / DAYS] * PAIRS]
    with ExitStack() as stack:
        if packed:
            archive = stack.enter_context(zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1))
            put: Callable[[str, str], Any] = archive.writestr
        else:

            def put(name: str, text: str) -> None:
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_text(text)

        for name, held in (("channels", channels), ("dms", direct)):
            entries = [{"id": one, "members": [f"U{at:06}" for at in members]} for one, members in held.values()]
            put(f"{name}.json", json.dumps([entry | {"name": folder} for entry, folder in zip(entries, held, strict=True)]))
        put("users.json", json.dumps(users()))
        for (folder, (_, members)), size in zip((channels | direct).items(), sizes, strict=True):
            for day in range(DAYS):
                if count := rng.poisson(size):
                    date = np.datetime64(START + day * DAY, "s").astype("datetime64[D]")
                    put(f"{folder}/{date}.json", json.dumps(day_of(rng, members, count, START + day * DAY), indent=1))


def tienet(path: Path) -> Callable[[], Any]:
    """Read it with tienet."""
    import tienet as tn

    return lambda: tn.read_slack(path)


def loop(path: Path) -> Callable[[], Any]:
    """A loop as one would write it by hand."""
    import pandas as pd

    mention = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")

    def lists_first(name: str) -> tuple[bool, str]:
        return "/" in name, name

    def files() -> Iterator[tuple[str, Callable[[], Any]]]:
        if path.is_dir():
            held = {file.relative_to(path).as_posix(): file.read_bytes for file in path.rglob("*.json")}
            yield from ((name, held[name]) for name in sorted(held, key=lists_first))
            return
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist(), key=lists_first):
                yield name, lambda name=name: archive.read(name)

    def run() -> Any:
        members, rows = {}, []
        for name, read in files():
            folder, _, day = name.rpartition("/")
            if day == "dms.json":
                members = {one["id"]: one["members"] for one in json.loads(read())}
            if not folder:
                continue
            roots = {}
            for one in json.loads(read()):
                author, time = one["user"], one["ts"]
                roots[time] = author
                if folder in members:
                    targets = {other for other in members[folder] if other != author}
                else:
                    targets = {*mention.findall(one["text"])}
                    if "thread_ts" in one and one["thread_ts"] != time:
                        targets.add(roots.get(one["thread_ts"], one["parent_user_id"]))
                rows += [(time, author, target) for target in targets if target != author]
        table = pd.DataFrame(rows, columns=["time", "source", "target"])
        return table.assign(time=pd.to_datetime(table["time"].astype(float), unit="s", utc=True))

    return run


CONTENDERS = {"tienet": tienet, "loop": loop}


def main() -> None:
    """Print a Markdown table."""
    parser = export_options(__doc__, "megabytes", 100, CONTENDERS)
    parser.add_argument("--packed", nargs="+", choices=("folder", "zip"), default=["folder", "zip"])
    given = parser.parse_args()
    if given.one:
        run_alone(CONTENDERS[given.one](given.export), pair_sums)
        return
    lines = [f"{os.cpu_count()} cores, Python {platform.python_version()}; median of {given.repeat}.", ""]
    lines += ["| MB | export | contender | wall s | own s | peak GB | tienet's own / its |", "|--:|---|---|--:|--:|--:|--:|"]
    for megabytes in given.megabytes:
        for packed in given.packed:
            path = given.folder / f"slack_{megabytes}{'.zip' if packed == 'zip' else ''}"
            if not path.exists():
                given.folder.mkdir(parents=True, exist_ok=True)
                alone(write_export_of, path, megabytes, packed == "zip")
            commands = {name: [sys.executable, __file__, "--one", name, "--export", str(path)] for name in given.only}
            found = apart_in_turns(commands, given.repeat, f"{megabytes} MB {packed}")
            ours = found.get("tienet", next(iter(found.values())))
            lines += [
                f"| {megabytes:,} | {packed} | {name} | {took['wall']:.1f} | {took['own']:.1f} | {took['peak']:.2f} "
                f"| {ours['own'] / took['own']:.2f} |"
                for name, took in found.items()
            ]
    sys.stdout.write("\n".join(lines) + "\n")


def write_export_of(path: Path, megabytes: int, packed: bool) -> None:
    """Write an export in a process of its own: the peak memory of a process counts that of the one which started it."""
    write_export(path, megabytes, packed=packed)


if __name__ == "__main__":
    main()
