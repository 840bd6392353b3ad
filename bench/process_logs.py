"""A process log in XES to handovers: tienet compared with a loop over the elements of the file, with equal results required.

    python bench/process_logs.py --megabytes 100
    python bench/process_logs.py --megabytes 500 --repeat 1

The log is made up: 500 people, traces of 3 to 14 steps, each with a start and a complete event. The loop parses the file with
`xml.etree.ElementTree.iterparse`, drops each trace when it is read, and keeps a list of the handovers; it knows nothing of broken events,
copies and people.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from _measured import apart_in_turns, export_options, pair_sums, run_alone

PEOPLE = 500
EVENT = (
    '\t\t<event>\n\t\t\t<string key="org:resource" value="user_{person}"/>\n\t\t\t<date key="time:timestamp" value="{time}"/>\n'
    '\t\t\t<string key="concept:name" value="check the ticket"/>\n\t\t\t<string key="lifecycle:transition" value="{step}"/>\n'
    '\t\t\t<float key="cost" value="{cost}"/>\n\t\t</event>\n'
)


def write(path: Path, size: int) -> None:
    """Write a log of about this many bytes."""
    rng = np.random.default_rng(1)
    written = traces = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n')
        while written < size:
            traces += 1
            time = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=int(rng.integers(500_000)))
            parts = [f'\t<trace>\n\t\t<string key="concept:name" value="case_{traces}"/>\n']
            for _ in range(rng.integers(3, 15)):
                time += timedelta(seconds=int(rng.integers(1, 90_000)))
                for step in ("start", "complete"):
                    person, cost = rng.integers(PEOPLE), rng.integers(1000)
                    parts.append(EVENT.format(person=person, time=time.isoformat(timespec="milliseconds"), step=step, cost=cost))
            written += file.write("".join(parts) + "\t</trace>\n")
        file.write("</log>\n")


def tienet(path: Path) -> Callable[[], Any]:
    """With tienet."""
    import tienet as tn

    return lambda: tn.read_xes(path)


def loop(path: Path) -> Callable[[], Any]:
    """With the standard library and pandas."""
    from xml.etree.ElementTree import iterparse

    import pandas as pd

    def run() -> Any:
        rows = []
        for _, element in iterparse(path):  # noqa: S314 - our own file
            if not element.tag.endswith("}trace"):
                continue
            events = []
            for event in element.iterfind("{*}event"):
                stated = {one.get("key"): one.get("value") for one in event}
                if stated["lifecycle:transition"] == "complete":
                    events.append((datetime.fromisoformat(stated["time:timestamp"]), stated["org:resource"]))
            events.sort(key=lambda one: one[0])
            rows += [(later[0], one[1], later[1]) for one, later in pairwise(events) if one[1] != later[1]]
            element.clear()
        return pd.DataFrame(rows, columns=["time", "source", "target"])

    return run


CONTENDERS = {"tienet": tienet, "loop": loop}


def main() -> None:
    """Print a Markdown table."""
    parser = export_options(__doc__, "megabytes", 100, CONTENDERS)
    given = parser.parse_args()
    if given.one:
        run_alone(CONTENDERS[given.one](given.export), pair_sums)
        return
    lines = [f"{os.cpu_count()} cores, Python {platform.python_version()}; median of {given.repeat}.", ""]
    lines += ["| MB | contender | wall s | own s | peak GB |", "|--:|---|--:|--:|--:|"]
    for size in given.megabytes:
        path = given.folder / f"process_{size}.xes"
        if not path.exists():
            given.folder.mkdir(parents=True, exist_ok=True)
            write(path, size * 1_000_000)
        commands = {name: [sys.executable, __file__, "--one", name, "--export", str(path)] for name in given.only}
        found = apart_in_turns(commands, given.repeat, f"{size} MB")
        lines += [f"| {size:,} | {name} | {took['wall']:.1f} | {took['own']:.1f} | {took['peak']:.2f} |" for name, took in found.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
