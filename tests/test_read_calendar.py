"""Calendars: compared with counts made by others, with icalendar and recurring-ical-events, and with a plain count of generated ones."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import zipfile
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, rows_of, same_log
from real import find
from tienet.base.errors import DataError, RowsRejected, RowsUnmatched
from tienet.network.sources.calendars.clocks import EPOCH, MICROSECOND, defined_clock, named_clock
from tienet.network.sources.calendars.lines import blocks, lines_of, parameters
from tienet.network.sources.exports.recognition import recognise

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
read = tn.read_calendar

# Two people who meet once, so that calendars in which no one does give a log too.
PAIR = [
    "BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:pair-of-the-test", "DTSTAMP:20010101T000000Z", "DTSTART:20010102T090000Z",
    "ORGANIZER:mailto:one@pair.example", "ATTENDEE:mailto:two@pair.example", "END:VEVENT", "END:VCALENDAR", "",
]  # fmt: skip


def calendar(*events, top=(), fold=0, end="\r\n"):
    """A calendar of events, each a list of lines; lines longer than `fold` are folded."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *top]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    lines.append("END:VCALENDAR")
    if fold:
        lines = [f"{end} ".join(line[at : at + fold] for at in range(0, len(line), fold)) for line in lines]
    return end.join(lines) + end


def event(*lines, uid="1", start="20250204T090000Z", organiser="ann", guests=("bob",), stamp="20250203T080000Z"):
    """The lines of an event with an organiser and guests, who may have parameters: "bob;PARTSTAT=DECLINED"."""
    invited = []
    for guest in guests:
        name, sign, stated = guest.partition(";")
        invited.append(f"ATTENDEE{sign}{stated}:mailto:{name}@firm.example")
    who = [f"ORGANIZER:mailto:{organiser}@firm.example"] if organiser else []
    return [f"UID:{uid}", f"DTSTAMP:{stamp}", f"DTSTART:{start}", *who, *invited, *lines]


def in_folder(folder, **texts):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.ics").write_bytes(text.encode())
    return folder


def counts_with_pair(folder, text, **options):
    """The reason codes of a calendar beside the pair, without the pair's meeting."""
    folder.mkdir(exist_ok=True)
    (folder / "calendar.ics").write_bytes(text)
    (folder / "pair.ics").write_text("\n".join(PAIR))
    log = read(folder, **options)
    counts = Counter(log.ledger.counts)
    counts["used"] -= 1
    return log, {code: count for code, count in counts.items() if count}


def names(log):
    """Source, target and start of each interaction."""
    frame = log.frame
    return sorted(
        (one.partition("@")[0], other.partition("@")[0], str(time)[:16])
        for one, other, time in zip(frame["source"], frame["target"], frame["time"], strict=True)
    )


@cache
def files_of(folder):
    """The calendars of a folder of shared data, by name."""
    with tarfile.open(find(folder) / "raw" / "ics.tar.gz") as archive:
        return {one.name.removeprefix("./"): archive.extractfile(one).read() for one in archive.getmembers() if one.isfile()}


# What others counted


def test_the_events_of_graph_are_counted_as_an_independent_script_did():
    log = read(find("made_up_exports") / "raw" / "graph" / "events.json")
    assert_counts(log, find("made_up_exports") / "expected" / "graph_events.json")
    assert dict(log.left_out) == {"declined": 1, "room": 1}
    assert_no_planted(log)


def invitations(tmp_path, part):
    expected = json.loads((find("calendar_itip") / "expected" / "calendar_itip.json").read_text())
    assert len(expected) == 351
    for name, counted in sorted(expected.items())[part]:
        held = next(text for path, text in files_of("calendar_itip").items() if path.endswith(name))
        _log, counts = counts_with_pair(tmp_path / "both", held, until="2030-01-01")
        assert sum(counts.values()) == counted["records"], name
        assert counts.pop("used", 0) == counted["used"], name
        assert counts == counted["left_out"], name
        if counted["used"]:
            (tmp_path / "alone.ics").write_bytes(held)
            assert_counts(read(tmp_path / "alone.ics", until="2030-01-01"), counted)


def test_invitations_answers_and_cancellations_give_what_others_counted(tmp_path):
    invitations(tmp_path, slice(0, None, 60))


@pytest.mark.exports
def test_all_invitations_answers_and_cancellations_give_what_others_counted(tmp_path):
    invitations(tmp_path, slice(None))


# Where tienet counts otherwise, and why. In all other files the counts are those of recurring-ical-events.
OTHERWISE = {
    "bad_custom_ms_tz.ics": "a zone without a definition and a negative length are rejected",
    "bad_custom_ms_tz2.ics": "the same",
    "daily-count-exdate-recurrence-id.ics": "an end before the start is rejected",
    "festival-multiday-rrule.ics": "entries without a UID that say the same are one",
    "germany_at_end_of_day_repeating.ics": "Europe/Germany is no zone",
    "ms_timezones.ics": "an unreadable date is a record too",
    "multi-era-vtimezone.ics": "its meeting of 1985 lies before 2000, where the other count begins",
    "multi-event-basic.ics": "an unreadable date is a record too",
    "non-utc-until-ny.ics": "an UNTIL without a zone is in that of the start",
    "sabredav-school-holidays.ics": "a day with a zone is a day",
    "test_date_duration.ics": "a length that is none is rejected",
    "test_with_tz_list.ics": "it ends before it starts, which the count leaves without a record",
    "tv-show-episode.ics": "the same entry twice is a repeat",
    "yearly-recurring-unicode.ics": "a day with a zone is a day",
    "Office-2012-owa.ics": "zones by the names that Windows shows are read",
    "windows-quoted-tz-rrule.ics": "the same",
}


def odd_calendars(tmp_path, part):
    expected = json.loads((find("ics_node_ical") / "expected" / "ics_node_ical.json").read_text())
    files = {Path(path).name: text for path, text in files_of("ics_node_ical").items()}
    for name in sorted(expected)[part]:
        _log, counts = counts_with_pair(tmp_path / "both", files[name], until="2030-01-01")
        assert counts.pop("used", 0) == 0, name
        if "error" not in expected[name] and name not in OTHERWISE:
            counts.pop("older_version", 0)  # entries that the other count does not mention
            assert counts == expected[name]["left_out"], name


def test_odd_times_are_read_as_others_read_them(tmp_path):
    odd_calendars(tmp_path, slice(0, None, 8))


@pytest.mark.exports
def test_all_odd_times_are_read_as_others_read_them(tmp_path):
    odd_calendars(tmp_path, slice(None))


def test_zones_by_the_names_that_windows_shows_give_all_meetings(tmp_path):
    expected = json.loads((find("ics_node_ical") / "expected" / "ics_node_ical.json").read_text())
    files = {Path(path).name: text for path, text in files_of("ics_node_ical").items()}
    for name in ("Office-2012-owa.ics", "windows-quoted-tz-rrule.ics"):
        _, counts = counts_with_pair(tmp_path / "both", files[name], until="2030-01-01")
        assert sum(counts.values()) >= expected[name]["records"] - 2
        assert set(counts) == {"alone"}


def test_every_entry_of_the_calendars_of_icalendar_is_found_or_the_file_is_refused_in_one_line(tmp_path):
    files = files_of("ics_icalendar")
    for told in json.loads((find("ics_icalendar") / "expected" / "files.json").read_text()):
        held = next(text for path, text in files.items() if path.endswith(told["file"]))
        found = [one for one in blocks(lines_of(io.BytesIO(held))) if one.kind == "event"]
        # icalendar gives up on two of them, and finds no event there.
        assert len(found) == sum(line.strip().upper() == b"BEGIN:VEVENT" for line in held.replace(b"\r", b"\n").split(b"\n")), told["file"]
        if told["status"] == "ok" and len(found) == told["n_vevent"]:
            assert sum(len(one.held.get(b"ATTENDEE", ())) for one in found) == sum(len(one["attendees"]) for one in told["events"])
        (tmp_path / "one.ics").write_bytes(held or b"\n")
        with suppress(DataError):  # of tienet's own, whatever is in the file
            read(tmp_path / "one.ics")


# Oracles

RULES = (
    "FREQ=DAILY;COUNT={n}", "FREQ=DAILY;INTERVAL=3;COUNT={n}", "FREQ=WEEKLY;COUNT={n}", "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT={n}",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU;COUNT={n}", "FREQ=MONTHLY;COUNT={n}", "FREQ=MONTHLY;BYDAY=2TU;COUNT={n}",
    "FREQ=MONTHLY;BYDAY=-1FR;COUNT={n}", "FREQ=MONTHLY;BYMONTHDAY=15,-1;COUNT={n}", "FREQ=YEARLY;COUNT={n}",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT={n}", "FREQ=WEEKLY;UNTIL={until}", "FREQ=DAILY;INTERVAL=5;UNTIL={until}",
    "FREQ=WEEKLY;BYDAY=MO;UNTIL={until}", "FREQ=MONTHLY;UNTIL={until}",
)  # fmt: skip


def random_series(rng):
    """A series with days that are left out, a meeting that is moved and one that is cancelled; its text, in a zone with summer time."""
    start = datetime(2025, rng.randint(1, 12), rng.randint(1, 28), rng.randint(7, 18), rng.choice((0, 30)))
    zone = rng.choice(("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC"))
    until = (start + timedelta(days=rng.randint(10, 300))).strftime("%Y%m%dT%H%M%SZ")
    rule = rng.choice(RULES).format(n=rng.randint(1, 20), until=until)
    at = lambda wall: f";TZID={zone}:{wall:%Y%m%dT%H%M%S}"  # noqa: E731
    guests = ["ORGANIZER:mailto:ann@firm.example", "ATTENDEE:mailto:bob@firm.example"]
    whole = ["UID:s", "DTSTAMP:20250101T000000Z", f"DTSTART{at(start)}", f"RRULE:{rule}", *guests]
    return start, zone, rule, at, guests, whole


def starts_by_oracle(text):
    import icalendar
    import recurring_ical_events

    held = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(datetime(2024, 1, 1), datetime(2090, 1, 1))
    return sorted(one["DTSTART"].dt.astimezone(UTC).replace(tzinfo=None) for one in held if one.get("STATUS") != "CANCELLED")


def starts_of(log):
    return sorted({time.to_pydatetime() for time in log.frame["time"]})


def same_as_the_oracle(tmp_path, seeds):
    for seed in seeds:
        rng = Random(seed)  # noqa: S311
        start, zone, rule, at, guests, whole = random_series(rng)
        plain = starts_by_oracle(calendar(whole))
        walls = [one.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in plain]
        removed = rng.sample(walls[1:], min(len(walls) - 1, rng.randint(0, 2))) if len(walls) > 1 else []
        left = [one for one in walls if one not in removed]
        events = [whole + [f"EXDATE{at(one)}" for one in removed]]
        if len(left) > 2 and not removed:  # the oracle forgets changes that lie outside of a series with EXDATE
            moved, gone = rng.sample(left, 2)
            new = moved + timedelta(hours=rng.choice((1, 49)), minutes=5)
            events.append(["UID:s", "SEQUENCE:1", f"RECURRENCE-ID{at(moved)}", f"DTSTART{at(new)}", *guests])
            events.append(["UID:s", "SEQUENCE:1", f"RECURRENCE-ID{at(gone)}", f"DTSTART{at(gone)}", "STATUS:CANCELLED", *guests])
        rng.shuffle(events)
        text = calendar(*events, fold=rng.choice((0, 20, 75)))
        (tmp_path / "series.ics").write_bytes(text.encode())
        expected = starts_by_oracle(text)
        if expected:
            assert starts_of(read(tmp_path / "series.ics")) == expected, (seed, rule, zone, start)


def test_series_are_expanded_as_recurring_ical_events_does(tmp_path):
    same_as_the_oracle(tmp_path, range(12))


@pytest.mark.exports
def test_five_hundred_series_are_expanded_as_recurring_ical_events_does(tmp_path):
    same_as_the_oracle(tmp_path, range(1000, 1500))


BERLIN = (
    "BEGIN:VTIMEZONE", "TZID:Own", "BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "DTSTART:19810329T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT", "BEGIN:STANDARD", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
    "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


def test_a_zone_that_a_calendar_defines_shows_what_the_zone_itself_shows():
    own, berlin = defined_clock(BERLIN), ZoneInfo("Europe/Berlin")
    rng = Random(5)  # noqa: S311
    walls = [datetime(2000, 1, 1) + timedelta(minutes=rng.randrange(40 * 365 * 24 * 60)) for _ in range(2000)]
    walls += [datetime(2024, 3, 31, 2) + timedelta(minutes=30 * at) for at in range(-4, 6)]  # skipped by the clock
    walls += [datetime(2024, 10, 27, 2) + timedelta(minutes=30 * at) for at in range(-4, 6)]  # shown twice
    for wall in walls:
        moment = (wall.replace(tzinfo=berlin).astimezone(UTC).replace(tzinfo=None) - EPOCH) // MICROSECOND
        assert own.moment(wall) == moment == named_clock("W. Europe Standard Time").moment(wall)
        there = datetime.fromtimestamp(moment / 1e6, tz=berlin).replace(tzinfo=None)
        assert own.wall(moment) == there


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ('"Pacific Standard Time"', "America/Los_Angeles"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT+10:00) Canberra, Melbourne, Sydney", "Australia/Sydney"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
        ("Amsterdam, Belgrade, Berlin, Brussels, Budapest, Madrid, Paris, Prague, Stockholm", "Europe/Berlin"),
        ("GMT+0200", "Etc/GMT-2"),
        ("tzone://Microsoft/Utc", "UTC"),
    ],
)
def test_zones_are_known_by_many_names(name, zone):
    for wall in (datetime(2024, 1, 10, 9), datetime(2024, 7, 10, 9)):
        assert named_clock(name).moment(wall) == (wall.replace(tzinfo=ZoneInfo(zone)) - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND


@pytest.mark.parametrize(
    "name", ["", "Nowhere", "Customized Time Zone", "../../etc/passwd", "/etc/localtime", "1", "x" * 5000, "+99:00", "\0"]
)
def test_other_names_are_no_zones(name):
    assert named_clock(name) is None


def test_lines_are_taken_apart_as_icalendar_does():
    import icalendar

    for line in (
        'ATTENDEE;CN="Be, Bob";PARTSTAT=DECLINED;CUTYPE=INDIVIDUAL:mailto:bob@firm.example',
        'ATTENDEE;CN="a:b;c";EMAIL=ann@firm.example:urn:x-uid:0-1',
        'ORGANIZER;SENT-BY="mailto:cyn@firm.example":mailto:ann@firm.example',
        "UID:a:b;c=d",
        "DTSTART;TZID=Europe/Berlin:20250204T090000",
    ):
        _, stated, value = icalendar.parser.Contentline(line).parts()
        assert parameters(line) == ({name: str(one) for name, one in stated.items()}, value)


# Generated calendars: what is in them is known, and counted without any reading

PEOPLE = [f"p{at}@firm.example" for at in range(8)]
ROOM, LIST = "room1@firm.example", "all@firm.example"


class Plan:
    """A meeting or series of meetings, who is invited, and which mailboxes hold it."""

    def __init__(self, rng, number):
        self.rng, self.uid = rng, f"{rng.choice(PLANTED)}-{number}@host.example"
        self.zone = rng.choice(("Europe/Berlin", "America/New_York", None))
        self.start = datetime(2025, 1, 6, 9) + timedelta(days=rng.randrange(300), minutes=15 * rng.randrange(30) + number % 15)
        self.step = rng.choice((None, None, 1, 7))
        self.number = rng.randint(2, 6) if self.step else 1
        self.organiser, *others = rng.sample(PEOPLE, rng.randint(1, 5))
        answers = ("ACCEPTED", "TENTATIVE", "NEEDS-ACTION", "DECLINED", "DELEGATED")
        self.guests = {who: rng.choice(answers) for who in others}
        self.extra = [(who, kind) for who, kind in ((ROOM, "ROOM"), (LIST, "GROUP")) if rng.random() < 0.2]
        self.kind = rng.choice(("",) * 6 + ("cancelled", "all_day", "private"))
        self.removed = {at for at in range(1, self.number) if rng.random() < 0.2}
        self.moved = {at for at in range(1, self.number) if at not in self.removed and rng.random() < 0.2} if not self.kind else set()
        self.called_off = (
            {at for at in range(1, self.number) if at not in self.removed | self.moved and rng.random() < 0.2} if not self.kind else set()
        )
        self.boxes = rng.sample(range(3), rng.randint(1, 3))

    def at(self, number, moved=False):
        return self.start + timedelta(days=(self.step or 0) * number, minutes=65 if moved else 0)

    def there(self):
        return {self.organiser, *(who for who, answer in self.guests.items() if answer not in ("DECLINED", "DELEGATED"))}

    def time(self, wall):
        if self.kind == "all_day":
            return f";VALUE=DATE:{wall:%Y%m%d}"
        return f";TZID={self.zone}:{wall:%Y%m%dT%H%M%S}" if self.zone else f":{wall:%Y%m%dT%H%M%SZ}"

    def utc(self, wall):
        return wall.replace(tzinfo=ZoneInfo(self.zone or "UTC")).astimezone(UTC).replace(tzinfo=None)

    def entries(self, box):
        """What a mailbox holds of it; someone's own calendar knows the own answer, others' answers may not have come yet."""
        rng = self.rng
        word = rng.choice(PLANTED)
        lines = [f"UID:{self.uid}", "DTSTAMP:20251231T000000Z", f"SUMMARY:{word}", f"DESCRIPTION:{word}\\n{word}", f"LOCATION:{word}"]
        lines.append(
            rng.choice(("ORGANIZER;CN=O", "ORGANIZER")) + f":mailto:{self.organiser.upper() if rng.random() < 0.3 else self.organiser}"
        )
        for place, (who, answer) in enumerate(self.guests.items()):
            known = answer if place % 3 == box or box == self.boxes[0] else "NEEDS-ACTION"
            lines.append(f'ATTENDEE;CN="{word}";PARTSTAT={known}:mailto:{who}'.replace(f'CN="{word}";', ""))
        lines += [f"ATTENDEE;CUTYPE={kind};PARTSTAT=ACCEPTED:mailto:{who}" for who, kind in self.extra]
        lines += {"cancelled": ["STATUS:CANCELLED"], "private": ["CLASS:PRIVATE"]}.get(self.kind, [])
        lines += ["BEGIN:VALARM", "UID:no", "ATTENDEE:mailto:alarm@firm.example", "DESCRIPTION:x", "END:VALARM"]
        length = "DURATION:P1D" if self.kind == "all_day" else "DURATION:PT45M"
        whole = [*lines, f"DTSTART{self.time(self.start)}", length]
        if self.step:
            whole.append(f"RRULE:FREQ={'DAILY' if self.step == 1 else 'WEEKLY'};COUNT={self.number}")
            whole += [f"EXDATE{self.time(self.at(at))}" for at in sorted(self.removed)]
        yield whole
        for at in sorted(self.moved | self.called_off):
            start = f"DTSTART{self.time(self.at(at, at in self.moved))}"
            status = ["STATUS:CANCELLED"] if at in self.called_off else []
            yield [*lines, f"RECURRENCE-ID{self.time(self.at(at))}", start, length, "SEQUENCE:2", *status]

    def count(self, ledger, rows, left_out, private):
        there = self.there()
        for at in range(self.number):
            if at in self.removed:
                continue
            code = {"cancelled": "cancelled", "all_day": "all_day"}.get(self.kind, "used")
            code = "cancelled" if at in self.called_off else code
            code = "private" if private == "drop" and self.kind == "private" else code
            code = "alone" if code == "used" and len(there) < 2 else code
            several = len(self.boxes) - 1
            if code in ("used", "alone"):
                ledger["repeated_record"] += several
                several = 0
            ledger[code] += 1 + several
            if code == "used":
                moment = self.utc(self.at(at, at in self.moved))
                rows.update((one, other, moment) for one in there for other in there if one != other)
                left_out.update(answer.lower() for answer in self.guests.values() if answer in ("DECLINED", "DELEGATED"))
                left_out.update(kind.lower() for _, kind in self.extra)


def generate(seed):
    rng = Random(seed)  # noqa: S311
    plans = [Plan(rng, number) for number in range(rng.randint(4, 12))]
    boxes = {box: [entry for plan in plans if box in plan.boxes for entry in plan.entries(box)] for box in range(3)}
    return rng, plans, {box: entries for box, entries in boxes.items() if entries}


def generated(tmp_path, seeds, capsys, recwarn):
    for seed in seeds:
        rng, plans, boxes = generate(seed)
        private = rng.choice(("keep", "drop"))
        ledger, rows, left_out = Counter(), Counter(), Counter()
        for plan in plans:
            plan.count(ledger, rows, left_out, private)
        if not rows:
            continue
        folder = tmp_path / str(seed)
        for entries in boxes.values():
            rng.shuffle(entries)
        texts = {
            f"box{box}": calendar(*entries, fold=rng.choice((0, 74)), end=rng.choice(("\n", "\r\n"))) for box, entries in boxes.items()
        }
        log = read(in_folder(folder, **texts), private=private)
        frame = log.frame
        found = Counter(zip(frame["source"], frame["target"], [time.to_pydatetime() for time in frame["time"]], strict=True))
        assert found == rows, seed
        assert {code: count for code, count in ledger.items() if count} == dict(log.ledger.counts), seed
        assert {name: count for name, count in left_out.items() if count} == dict(log.left_out), seed
        assert set(frame["duration"]) == {45.0}
        assert_closed(log, sum(ledger.values()))
        assert_no_planted(log, capsys.readouterr().out, *(str(one.message) for one in recwarn))
        # One file or several, a ZIP, the same mailbox twice under another name, another order: the same interactions.
        joined = tmp_path / f"{seed}.ics"
        joined.write_bytes("".join(texts[name] for name in sorted(texts, reverse=True)).encode())
        if seed % 5 == 0:
            same_log(read(joined, private=private), log)
        if seed % 10 == 0:
            packed = tmp_path / f"{seed}.zip"
            with zipfile.ZipFile(packed, "w") as archive:
                for name, text in texts.items():
                    archive.writestr(f"{rng.choice(PLANTED)}/{name}.ics", text)
            same_log(read(packed, private=private), log)
            twice = read(in_folder(folder, **{f"again{name}": text for name, text in texts.items()}), private=private)
            assert rows_of(twice) == rows_of(log)
            assert twice.ledger.used == log.ledger.used


def test_generated_calendars_give_what_was_put_in(tmp_path, capsys, recwarn):
    generated(tmp_path, range(25), capsys, recwarn)


@pytest.mark.exports
def test_five_hundred_generated_calendars_give_what_was_put_in(tmp_path, capsys, recwarn):
    generated(tmp_path, range(500, 1000), capsys, recwarn)


# Versions, copies and answers


def test_of_versions_the_highest_sequence_holds_then_the_latest_stamp(tmp_path):
    moved = event("SEQUENCE:2", start="20250205T100000Z")
    first = event("SEQUENCE:1", guests=("bob", "cyn"), stamp="20250301T080000Z")
    late = event("SEQUENCE:2", "DURATION:PT30M", start="20250205T100000Z", guests=("bob",), stamp="20250302T080000Z")
    for order in ((moved, first, late), (late, moved, first), (first, late, moved)):
        log = read(in_folder(tmp_path, a=calendar(*order)))
        assert names(log) == [("ann", "bob", "2025-02-05 10:00"), ("bob", "ann", "2025-02-05 10:00")]
        assert dict(log.ledger.counts) == {"used": 1, "older_version": 1, "repeated_record": 1}
        assert set(log.frame["duration"]) == {30.0}


def test_of_versions_in_one_calendar_the_latest_stamp_says_who_is_invited(tmp_path):
    early, late = event(guests=("cyn;PARTSTAT=DECLINED", "dan")), event(guests=("bob", "cyn"), stamp="20250203T090000Z")
    for order in ((early, late), (late, early)):
        log = read(in_folder(tmp_path / "one", a=calendar(*order)))
        assert {one for one, _, _ in names(log)} == {"ann", "bob", "cyn"}
        assert dict(log.ledger.counts) == {"used": 1, "repeated_record": 1}
    several = read(in_folder(tmp_path / "two", a=calendar(early), b=calendar(late)))  # of two people: each shows the answer of its owner
    assert {one for one, _, _ in names(several)} == {"ann", "bob", "dan"}


def test_a_changed_meeting_does_not_wipe_out_its_series(tmp_path):
    series = event("RRULE:FREQ=WEEKLY;COUNT=3", "SEQUENCE:0")
    changed = event("RECURRENCE-ID:20250211T090000Z", "SEQUENCE:4", start="20250212T090000Z", guests=("cyn",))
    log = read(in_folder(tmp_path, a=calendar(series, changed)))
    assert {(one, other) for one, other, time in names(log) if time.startswith("2025-02-12")} == {("ann", "cyn"), ("cyn", "ann")}
    assert log.ledger.counts["used"] == 3


def test_a_change_from_one_meeting_on_moves_the_later_ones(tmp_path):
    series = event("RRULE:FREQ=WEEKLY;COUNT=4")
    changed = event("RECURRENCE-ID;RANGE=THISANDFUTURE:20250218T090000Z", start="20250218T100000Z", guests=("cyn",))
    assert {time for _, _, time in names(read(in_folder(tmp_path, a=calendar(series, changed))))} == {
        "2025-02-04 09:00", "2025-02-11 09:00", "2025-02-18 10:00", "2025-02-25 10:00"
    }  # fmt: skip


def test_a_change_without_its_series_counts_by_itself(tmp_path):
    log = read(in_folder(tmp_path, a=calendar(event("RECURRENCE-ID:20250211T090000Z", "RRULE:FREQ=WEEKLY"))))
    assert log.ledger.rows_in == 1


def test_the_calendar_of_the_organiser_says_who_declined_else_anyone_does(tmp_path):
    ours, theirs = (calendar(event(guests=(f"bob;PARTSTAT={answer}", "cyn"))) for answer in ("ACCEPTED", "DECLINED"))
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    for name, text in (("x.ics", ours), ("y.ics", theirs)):
        (tmp_path / "one" / name).write_text(text)
    for name, text in (("ann@firm.example.ics", ours), ("bob@firm.example.ics", theirs)):
        (tmp_path / "two" / name).write_text(text)
    one, two = read(tmp_path / "one"), read(tmp_path / "two")
    assert set(one.frame["source"]) == {"ann@firm.example", "cyn@firm.example"}
    assert set(two.frame["source"]) == {"ann@firm.example", "bob@firm.example", "cyn@firm.example"}
    assert dict(one.ledger.counts) == dict(two.ledger.counts) == {"used": 1, "repeated_record": 1}
    named = calendar(event(guests=("bob;PARTSTAT=ACCEPTED", "cyn")), top=["X-WR-CALNAME:ann@firm.example"])
    assert rows_of(read(in_folder(tmp_path / "three", x=named, y=theirs))) == rows_of(two)


def test_a_cancellation_cancels_what_other_calendars_hold(tmp_path):
    cancel = calendar(event("SEQUENCE:1"), top=["METHOD:CANCEL"])
    reply = calendar(event("SEQUENCE:1", guests=("bob;PARTSTAT=ACCEPTED",)), top=["METHOD:REPLY"])
    other = calendar(event(uid="2"))
    log = read(in_folder(tmp_path, a=calendar(event("SEQUENCE:0")), b=cancel, c=reply, d=other))
    assert dict(log.ledger.counts) == {"used": 1, "cancelled": 1, "other_action": 1, "older_version": 1}


def test_two_downloads_with_new_ids_are_counted_and_told(tmp_path):
    folder = in_folder(tmp_path, a=calendar(event(uid="1"), event(uid="2", start="20250206T090000Z")), b=calendar(event(uid="3")))
    with pytest.warns(RowsUnmatched, match="1 meeting"):
        log = read(folder)
    assert log.ledger.used == 3
    assert any("twice" in note for note in log.notes)


def test_addresses_of_apple_are_in_a_parameter(tmp_path):
    lines = [
        "UID:1", "DTSTART:20250204T090000Z", "ORGANIZER;EMAIL=Ann@Firm.example:urn:x-uid:AA", "ATTENDEE:urn:x-uid:AA",
        "ATTENDEE;CN=a:b:mailto:bob@firm.example", "ATTENDEE:invalid:nomail", "ATTENDEE;CUTYPE=ROOM:mailto:r@firm.example",
    ]  # fmt: skip
    log = read(in_folder(tmp_path, a=calendar(lines)))
    assert names(log) == [("ann", "bob", "2025-02-04 09:00"), ("bob", "ann", "2025-02-04 09:00")]
    assert dict(log.left_out) == {"no_address": 1, "room": 1}


# Options


def test_who_accepted_can_be_asked_for(tmp_path):
    guests = ("bob;PARTSTAT=ACCEPTED", "cyn;PARTSTAT=TENTATIVE", "dan", "eve;PARTSTAT=DECLINED")
    folder = in_folder(tmp_path, a=calendar(event(guests=guests)))
    assert {who.partition("@")[0] for who in read(folder).frame["source"]} == {"ann", "bob", "cyn", "dan"}
    strict = read(folder, attending="accepted")
    assert {who.partition("@")[0] for who in strict.frame["source"]} == {"ann", "bob"}
    assert dict(strict.left_out) == {"not_accepted": 2, "declined": 1}
    with pytest.raises(tn.network.reading.ledger.ArgumentError, match="attending must be"):
        read(folder, attending="accept")


def test_series_without_an_end_run_to_the_latest_stamp_or_to_until(tmp_path):
    folder = in_folder(tmp_path, a=calendar(event("RRULE:FREQ=DAILY", stamp="20250206T090000Z"), event(uid="2", stamp="20250101T000000Z")))
    log = read(folder)
    assert len({time for _, _, time in names(log)}) == 3
    assert any("2025-02-06" in note and "1 series without an end" in note for note in log.notes)
    assert len(set(read(folder, until="2025-03-01").frame["time"])) == 25
    assert read(folder, until="2025-03-01", since="2025-02-10").ledger.counts["outside_period"] == 7
    with pytest.raises(DataError, match="outside_period"):
        read(in_folder(tmp_path / "late", a=calendar(event("RRULE:FREQ=DAILY", stamp="20250101T000000Z"))))


def test_times_without_a_zone_are_in_that_of_the_calendar_or_of_the_option(tmp_path):
    folder = in_folder(tmp_path, a=calendar(event(start="20250204T090000"), top=["X-WR-TIMEZONE:Europe/Berlin"]))
    assert str(read(folder).frame["time"].iloc[0]) == "2025-02-04 08:00:00"
    assert str(read(folder, timezone="America/New_York").frame["time"].iloc[0]) == "2025-02-04 14:00:00"
    odd = [line.replace("DTSTART", "DTSTART;TZID=Nowhere") for line in event(start="20250204T090000")]
    unknown = in_folder(tmp_path / "unknown", a=calendar(odd, event(uid="2")))
    assert dict(read(unknown).ledger.counts) == {"used": 1, "unknown_zone": 1}
    assert read(unknown, timezone="UTC").ledger.used == 2


def test_graph_series_are_expanded_where_their_meetings_are_not_there(tmp_path):
    def box(who):
        return {"emailAddress": {"name": PLANTED[0], "address": f"{who}@firm.example"}}

    def master(kind, **more):
        return {
            "id": "m", "iCalUId": "u", "type": "seriesMaster", "subject": PLANTED[1], "organizer": box("ann"),
            "attendees": [{"type": "required", "status": {"response": "none"}, **box("bob")}],
            "start": {"dateTime": "2025-01-31T09:00:00.0000000", "timeZone": "W. Europe Standard Time"},
            "end": {"dateTime": "2025-01-31T09:30:00.0000000", "timeZone": "W. Europe Standard Time"},
            "recurrence": {"pattern": {"interval": 1, **kind}, "range": {"type": "numbered", "numberOfOccurrences": 3} | more},
        }  # fmt: skip

    def days(event):
        (tmp_path / "events.json").write_text(json.dumps({"value": [event]}))
        return [str(day)[:16] for day in sorted(set(read(tmp_path / "events.json").frame["time"]))]

    assert days(master({"type": "daily"})) == ["2025-01-31 08:00", "2025-02-01 08:00", "2025-02-02 08:00"]
    assert days(master({"type": "weekly", "daysOfWeek": ["friday", "monday"], "firstDayOfWeek": "sunday"})) == [
        "2025-01-31 08:00", "2025-02-03 08:00", "2025-02-07 08:00"
    ]  # fmt: skip
    last = {"type": "relativeMonthly", "daysOfWeek": ["friday"], "index": "last"}
    assert days(master(last)) == ["2025-01-31 08:00", "2025-02-28 08:00", "2025-03-28 08:00"]
    absolute = {"type": "absoluteMonthly", "dayOfMonth": 31}
    assert days(master(absolute)) == ["2025-01-31 08:00", "2025-03-31 07:00", "2025-05-31 07:00"]
    called_off = master({"type": "daily"}) | {"cancelledOccurrences": ["OID.m.2025-02-01", "odd"]}
    assert days(called_off) == ["2025-01-31 08:00", "2025-02-02 08:00"]
    # A long text may stand before the times.
    assert len(days({"iCalUId": "u", "body": {"content": "x" * 70_000}} | master({"type": "daily"}))) == 3
    until = {"type": "endDate", "endDate": "2025-02-01"}
    assert days(master({"type": "daily"}, **until)) == ["2025-01-31 08:00", "2025-02-01 08:00"]


# Broken and foreign files


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("RRULE:FREQ=SECONDLY", "bad_recurrence"),
        ("RRULE:FREQ=WEEKLY;BYDAY=XX", "bad_recurrence"),
        ("RRULE:FREQ=HOURLY;COUNT=99999999", "bad_recurrence"),
        ("RRULE:FREQ=YEARLY;RSCALE=CHINESE", "bad_recurrence"),
        ("EXDATE:soon", "bad_recurrence"),
        ("DTEND:20250204T080000Z", "bad_duration"),
        ("DURATION:long", "bad_duration"),
        ("DURATION:P99999999999999999D", "bad_duration"),
        ("RECURRENCE-ID:never", "bad_time"),
    ],
)
def test_broken_meetings_are_rejected_and_located(tmp_path, line, code):
    folder = in_folder(tmp_path, a=calendar(event(uid="2"), event(line), event(line, uid="3", start=f"{PLANTED[0]}")))
    with pytest.warns(RowsRejected, match="2 of 3 records"):
        log = read(folder)
    assert dict(log.ledger.counts) == ({"used": 1, code: 1, "bad_time": 1} if code != "bad_time" else {"used": 1, "bad_time": 2})
    assert ("file 1", 3, "bad_time") in [(one.file, one.line, one.code) for one in log.rejects]
    assert_no_planted(log)


def test_a_calendar_that_ends_too_early_is_told(tmp_path):
    text = calendar(event(uid="2"), event())
    log = read(in_folder(tmp_path, a=text[: text.rindex("ATTENDEE")]))
    assert dict(log.ledger.counts) == {"used": 1, "truncated": 1}
    assert any("end of 1 calendar" in lack for lack in log.lacks)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.ics", b"nothing\n", "looked for"),
        ("a.json", b'{"actions": [{"idMemberCreator": "1", "type": "commentCard"}], "cards": []}', "trello"),
        ("a.json", b'{"value": [{"id": "1", "start": {}, "attendees": [', "no JSON, or ends too early"),
        ("a.ics", calendar(event(guests=())).encode(), "1 of 1 records are alone"),
        ("a.ics", b"\x00\xff" * 5000, "looked for"),
    ],
)
def test_what_gives_no_meeting_is_told_in_one_line(tmp_path, name, text, said):
    (tmp_path / name).write_bytes(text)
    with pytest.raises(DataError, match=said) as raised:
        read(tmp_path / name)
    assert "\n" not in str(raised.value)


def test_truncated_archives_and_odd_bytes_are_refused_or_read(tmp_path):
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.ics", calendar(event()))
    whole = packed.read_bytes()
    packed.write_bytes(whole[:-30])
    with pytest.raises(DataError):
        read(packed)
    text = calendar(event(f"SUMMARY:{PLANTED[0]}"))
    for at, held in enumerate((text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode(), text.replace("\r\n", "\r").encode(), text.encode())):
        (tmp_path / f"{at}.ics").write_bytes(held)
        assert read(tmp_path / f"{at}.ics").ledger.used == 1
        shutil.move(tmp_path / f"{at}.ics", tmp_path / f"{at}.txt")
        assert read(tmp_path / f"{at}.txt").ledger.used == 1
    assert recognise(tmp_path / "1.txt") == recognise(tmp_path / "3.txt") == "calendar"
    assert recognise(find("made_up_exports") / "raw" / "graph" / "events.json") == "calendar"


def test_the_zone_of_the_machine_does_not_matter(tmp_path, monkeypatch):
    import time

    folder = in_folder(tmp_path, a=calendar(event("RRULE:FREQ=WEEKLY;COUNT=9", start="20250304T090000")))
    log = read(folder)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        same_log(read(folder), log)
    finally:
        monkeypatch.undo()
        time.tzset()
