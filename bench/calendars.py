"""A calendar file to interactions: tienet compared with icalendar and recurring-ical-events, with equal results required.

    python bench/calendars.py --entries 10000
    python bench/calendars.py --entries 50000 --only tienet --repeat 1

The calendar is made up: 1,000 people, a tenth of the entries are weekly series, with the lines that Google writes beside those that matter.
The other contender parses the file with icalendar, expands it with recurring-ical-events and keeps a list of the interactions; it knows
nothing of versions, copies, rooms and broken entries.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from _measured import apart_in_turns, export_options, pair_sums, run_alone

PEOPLE = 1_000
ANSWERS = ["ACCEPTED", "ACCEPTED", "NEEDS-ACTION", "DECLINED"]
DAYS = ["MO", "TU,TH", "WE", "FR"]
BESIDE = (
    "CREATED:20240101T000000Z", "DESCRIPTION:a text that is long and is folded, as most of them are, over several lines of the fi",
    " le\\nand goes on", "LAST-MODIFIED:20240101T000000Z", "LOCATION:Room 5", "SEQUENCE:0", "STATUS:CONFIRMED", "SUMMARY:a meeting",
    "TRANSP:OPAQUE", "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-P0DT0H10M0S", "END:VALARM",
)  # fmt: skip


def entries(count: int) -> Iterator[str]:
    """The lines of a calendar."""
    rng = np.random.default_rng(1)
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//made up//EN", "X-WR-TIMEZONE:Europe/Berlin")
    for at in range(count):
        month, day, hour = rng.integers(1, 13), rng.integers(1, 28), rng.integers(8, 17)
        start = f"2024{month:02}{day:02}T{hour:02}"
        people = rng.choice(PEOPLE, int(rng.choice([2, 3, 4, 5, 6, 9])), replace=False)
        yield from ("BEGIN:VEVENT", f"DTSTART;TZID=Europe/Berlin:{start}0000", f"DTEND;TZID=Europe/Berlin:{start}3000")
        if rng.random() < 0.1:
            yield f"RRULE:FREQ=WEEKLY;COUNT={rng.integers(5, 16)};BYDAY={rng.choice(DAYS)}"
        yield from ("DTSTAMP:20250101T000000Z", f"UID:{at:08}@google.com", f"ORGANIZER;CN=P:mailto:p{people[0]}@firm.example")
        for one in people[1:]:
            answer = rng.choice(ANSWERS)
            yield f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};CN=P{one}"
            yield f" ;X-NUM-GUESTS=0:mailto:p{one}@firm.example"
        yield from (*BESIDE, "END:VEVENT")
    yield "END:VCALENDAR"


def tienet(path: Path) -> Callable[[], Any]:
    """With tienet."""
    import tienet as tn

    return lambda: tn.read_calendar(path).frame


def icalendar(path: Path) -> Callable[[], Any]:
    """With the two packages that most programs use."""
    import pandas as pd
    import recurring_ical_events
    from icalendar import Calendar

    def run() -> Any:
        rows = []
        held = recurring_ical_events.of(Calendar.from_ical(path.read_bytes()))
        for one in held.between(datetime(2023, 1, 1), datetime(2026, 1, 1)):
            guests = one.get("ATTENDEE", [])
            guests = guests if isinstance(guests, list) else [guests]
            there = {str(one["ORGANIZER"])} | {str(guest) for guest in guests if guest.params.get("PARTSTAT") != "DECLINED"}
            time = one["DTSTART"].dt
            rows += [(time, source, target) for source in there for target in there if source != target]
        table = pd.DataFrame(rows, columns=["time", "source", "target"])
        return table.assign(time=pd.to_datetime(table["time"], utc=True))

    return run


CONTENDERS = {"tienet": tienet, "icalendar": icalendar}


def main() -> None:
    """Print a Markdown table."""
    parser = export_options(__doc__, "entries", 10_000, CONTENDERS)
    given = parser.parse_args()
    if given.one:
        run_alone(CONTENDERS[given.one](given.export), pair_sums)
        return
    lines = [f"{os.cpu_count()} cores, Python {platform.python_version()}; median of {given.repeat}.", ""]
    lines += ["| entries | contender | wall s | own s | peak GB | tienet's own / its |", "|--:|---|--:|--:|--:|--:|"]
    for count in given.entries:
        path = given.folder / f"calendar_{count}.ics"
        if not path.exists():
            given.folder.mkdir(parents=True, exist_ok=True)
            path.write_text("\r\n".join(entries(count)) + "\r\n", newline="")
        commands = {name: [sys.executable, __file__, "--one", name, "--export", str(path)] for name in given.only}
        found = apart_in_turns(commands, given.repeat, f"{count} entries")
        ours = found.get("tienet", next(iter(found.values())))
        lines += [
            f"| {count:,} | {name} | {took['wall']:.1f} | {took['own']:.1f} | {took['peak']:.2f} | {ours['own'] / took['own']:.2f} |"
            for name, took in found.items()
        ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
