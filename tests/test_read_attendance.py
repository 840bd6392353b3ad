"""Attendance reports, against counts made by others and against the seconds that people of generated meetings spend together."""

from __future__ import annotations

import json
import random
import time
import zipfile
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import numpy as np
import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, same_log
from real import find
from tienet.network.sources.exports import recognise

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
ZOOM = find("made_up_exports") / "raw/zoom"
TEAMS = find("teams_attendance")


def test_zoom_gives_what_an_independent_script_counted():
    log = tn.read_attendance(ZOOM, timezone="Europe/Berlin")
    expected = json.loads((find("made_up_exports") / "expected/zoom.json").read_text())
    del expected["ordered_rows"]  # the script did not count these
    assert_counts(log, expected)
    assert_closed(log, 5)
    rows = {tuple(row) for row in log.frame[["source", "target", "duration"]].to_numpy().tolist()}
    ana, ben, cleo = (f"{name}@firm.example" for name in ("ana", "ben", "cleo"))
    assert rows == {(ana, ben, 29.0), (ben, ana, 29.0), (ana, cleo, 1.0), (cleo, ana, 1.0)}
    assert str(log.frame["time"].min()) == "2026-03-02 13:55:00"
    assert set(log.frame["size"]) == {3}


def test_teams_gives_what_an_independent_script_counted():
    log = tn.read_attendance(TEAMS / "raw")
    expected = json.loads((TEAMS / "expected/teams_attendance.json").read_text())
    listed = expected.pop("pairs")  # the first 40 of 1,767
    del expected["ordered_rows"]
    assert_counts(log, expected)
    assert_closed(log, 69)
    pairs = {"|".join(sorted(pair)) for pair in log.frame[["source", "target"]].to_numpy().tolist()}
    assert set(listed) <= pairs
    assert len(log.frame) == 2 * 1767
    assert log.frame["event"].nunique() == 1


def report(rows, *, header="Name,User Email,Join Time,Leave Time"):
    return "\n".join([header, *rows]) + "\n"


def read(folder, content, name="report.csv", **options):
    (folder / name).write_text(content, encoding="utf-8")
    return tn.read_attendance(folder, **options)


def test_who_only_passes_somebody_at_the_door_was_not_there_at_the_same_time(tmp_path):
    rows = [
        "A,a@firm.example,2025-02-03 10:00:00,2025-02-03 10:10:00",
        "B,b@firm.example,2025-02-03 10:10:00,2025-02-03 10:20:00",
        "C,c@firm.example,2025-02-03 10:05:00,2025-02-03 10:15:00",
    ]
    log = read(tmp_path, report(rows))
    assert sorted(map(tuple, log.frame[["source", "target", "duration"]].to_numpy().tolist())) == [
        ("a@firm.example", "c@firm.example", 5.0),
        ("b@firm.example", "c@firm.example", 5.0),
        ("c@firm.example", "a@firm.example", 5.0),
        ("c@firm.example", "b@firm.example", 5.0),
    ]


def test_two_devices_of_a_person_count_once(tmp_path):
    rows = [
        "A,a@firm.example,2025-02-03 10:00:00,2025-02-03 10:30:00",
        "A phone,A@firm.example,2025-02-03 10:10:00,2025-02-03 10:20:00",
        "B,b@firm.example,2025-02-03 10:00:00,2025-02-03 10:30:00",
    ]
    log = read(tmp_path, report(rows))
    assert set(log.frame["duration"]) == {30.0}
    assert log.ledger.counts == {"used": 3}


def test_two_addresses_of_a_person_in_the_table_of_identities_are_one(tmp_path):
    rows = [
        "A,a@firm.example,2025-02-03 10:00:00,2025-02-03 10:30:00",
        "A,a.private@mail.example,2025-02-03 10:20:00,2025-02-03 10:40:00",
        "B,b@firm.example,2025-02-03 10:00:00,2025-02-03 10:40:00",
    ]
    who = {"person": ["7", "7"], "kind": ["email", "email"], "value": ["a@firm.example", "a.private@mail.example"]}
    log = read(tmp_path, report(rows), identities=who)
    assert sorted(map(tuple, log.frame[["source", "target"]].to_numpy().tolist())) == [
        ("7", "email:b@firm.example"),
        ("email:b@firm.example", "7"),
    ]


def test_rooms_in_the_table_of_identities_link_nobody(tmp_path):
    rows = [
        "A,a@firm.example,2025-02-03 10:00:00,2025-02-03 10:30:00",
        "Room,room@firm.example,2025-02-03 10:00:00,2025-02-03 10:40:00",
        "B,b@firm.example,2025-02-03 10:20:00,2025-02-03 10:40:00",
    ]
    who = {"person": [""], "kind": ["email"], "value": ["room@firm.example"], "exclude": ["room"]}
    log = read(tmp_path, report(rows), identities=who)
    assert len(log.frame) == 2
    assert log.ledger.counts == {"used": 2, "no_person": 1}


@pytest.mark.parametrize(
    ("dates", "options", "expected"),
    [
        (("02/03/2025", "03/02/2025"), {}, {"2025-02-03", "2025-03-02"}),
        (("02/03/2025", "03/02/2025"), {"day_first": True}, {"2025-03-02", "2025-02-03"}),
        (("02/03/2025", "15/03/2025"), {}, {"2025-03-02", "2025-03-15"}),
        (("02.03.2025", "03.02.25"), {}, {"2025-03-02", "2025-02-03"}),
        (("2/3/25", "2025-02-04"), {}, {"2025-02-03", "2025-02-04"}),
    ],
)
def test_dates_are_read_as_the_clear_ones_are_written(tmp_path, dates, options, expected):
    for number, day in enumerate(dates):
        rows = [f'{who},{who}@firm.example,"{day}, 10:00:00","{day}, 10:30:00"' for who in ("a", "b")]
        (tmp_path / f"{number}.csv").write_text(report(rows))
    log = tn.read_attendance(tmp_path, **options)
    assert {str(day)[:10] for day in log.frame["time"]} == expected
    assert any("month first" in note for note in log.notes) == (options == {} and "/" in dates[0] and "15/03/2025" not in dates)


def test_headers_in_other_languages_are_told_by_what_is_below_them(tmp_path):
    rows = [
        "1. Zusammenfassung",
        "Besprechungstitel\tzanzibarplan",
        "Startzeit\t13.04.22, 09:56:32",
        "",
        "2. Teilnehmer",
        "Name\tErster Beitritt\tLetzter Austritt\tDauer\tE-Mail\tTeilnehmer-ID (UPN)\tRolle",
        "A\t13.04.22, 10:00:00\t13.04.22, 11:00:00\t1 Std.\ta@firm.example\ta@firm.example\tOrganisator",
        "B\t13.04.22, 10:00:00\t13.04.22, 11:00:00\t1 Std.\tb@firm.example\tb@firm.example\tTeilnehmer",
        "",
        "3. Aktivitäten",
        "Name\tBeitrittszeit\tVerlassen\tDauer\tE-Mail\tRolle",
        "A\t13.04.22, 10:00:00\t13.04.22, 11:00:00\t1 Std.\ta@firm.example\tOrganisator",
        "B\t13.04.22, 10:00:00\t13.04.22, 10:05:00\t5 Min.\tb@firm.example\tTeilnehmer",
        "B\t13.04.22, 10:50:00\t13.04.22, 11:00:00\t10 Min.\tb@firm.example\tTeilnehmer",
    ]
    (tmp_path / "Bericht zanzibarplan.csv").write_bytes("\r\n".join(rows).encode("utf-16"))
    log = tn.read_attendance(tmp_path, timezone="Europe/Berlin")
    assert log.frame["duration"].tolist() == [15.0, 15.0]
    assert log.ledger.counts == {"used": 3}
    assert str(log.frame["time"].iloc[0]) == "2022-04-13 08:00:00"
    assert_no_planted(log)


def test_a_recurring_meeting_id_is_a_meeting_each_day(tmp_path):
    header = "Topic,Meeting ID,User Email,Start Time,End Time,Name (Original Name),User Email,Join Time,Leave Time,Guest"
    rows = []
    for day in ("2025-02-03", "2025-02-10"):
        hours = f"{day} 10:00,{day} 11:00"
        rows += [f"zanzibarplan,812,host@firm.example,{hours},{who},{who}@firm.example,{hours},No" for who in ("a", "b")]
    log = read(tmp_path, report(rows, header=header))
    assert log.frame["event"].nunique() == 2
    assert set(log.frame["source"]) == {"a@firm.example", "b@firm.example"}
    assert_no_planted(log)


def test_meet_writes_times_without_a_day(tmp_path):
    header = "First name,Last name,Email,Duration,Time joined,Time exited"
    rows = ["Ada,N,ada@firm.example,1 hr 2 min,11:30 PM,12:32 AM", "Bo,M,bo@firm.example,40 min,11:50 PM,12:30 AM"]
    log = read(tmp_path, report(rows, header=header), name="2025-02-03 23_30 zanzibarplan - Attendance Report.csv")
    assert log.frame["duration"].tolist() == [40.0, 40.0]
    assert str(log.frame["time"].iloc[0]) == "2025-02-03 23:30:00"
    assert_no_planted(log)
    (tmp_path / "next").mkdir()
    with pytest.raises(tn.TienetError, match=r"bad_time.*into the name of the file"):
        read(tmp_path / "next", report(rows, header=header))


def test_a_report_saved_by_a_spreadsheet_gives_the_same_log(tmp_path):
    """Its lines are filled up to the widest with empty cells, also those of titles and blank ones."""
    tables = [
        ["1. Summary"],
        ["Meeting title", PLANTED[0]],
        ["Attended participants"],
        [],
        ["3. In-Meeting Activities"],
        ["Name", "Join Time", "Leave Time", "Duration", "Email"],
        ["A", "3/20/26, 9:00:00 AM", "3/20/26, 10:00:00 AM", "1h", "a@firm.example"],
        ["Guest"],
        ["B", "3/20/26, 9:30:00 AM", "3/20/26, 10:00:00 AM", "30m", "b@firm.example"],
    ]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    plain = read(tmp_path / "one", "\n".join("\t".join(row) for row in tables if row != ["Guest"]) + "\n")
    padded = read(tmp_path / "two", "\n".join(";".join(row + [""] * (7 - len(row))) for row in tables) + "\n")
    same_log(plain, padded)
    assert plain.ledger.counts == {"used": 2}
    assert padded.ledger.counts == {"used": 2, "no_address": 1}


def test_a_stay_without_an_end_has_its_length(tmp_path):
    rows = [
        "A,a@firm.example,2025-02-03 10:00:00,,1h 5m",
        "B,b@firm.example,2025-02-03 10:00:00,,28m 30s",
        "C,c@firm.example,2025-02-03 10:00:00,,",
    ]
    log = read(tmp_path, report(rows, header="Name,Email,Join Time,Leave Time,Duration"))
    assert log.frame["duration"].tolist() == [28.5, 28.5]
    assert log.ledger.counts == {"used": 2, "missing_time": 1}


def test_bad_rows_are_counted(tmp_path):
    rows = [
        "A,a@firm.example,2025-02-03 10:00:00,2025-02-03 10:30:00",
        "B,b@firm.example,2025-02-03 10:00:00,2025-02-03 10:30:00",
        "C,c@firm.example,2025-02-03 10:30:00,2025-02-03 10:00:00",
        "D,d@firm.example,32/13/2025 10:30:00,2025-02-03 10:40:00",
        "E,e@firm.example,,2025-02-03 10:40:00",
        "F,f@firm.example,2025-02-03 12:00:00,2025-02-03 12:40:00",
        "F,f@firm.example,2025-02-03 10:10:00,2025-02-03 10:10:00",
        "G,,2025-02-03 10:00:00,2025-02-03 10:30:00",
        "A,a@firm.example,2025-02-03 10:00:00,2025-02-03 10:30:00",
    ]
    log = read(tmp_path, report(rows))
    assert log.ledger.counts == {
        "used": 2, "bad_duration": 1, "bad_time": 1, "missing_time": 1, "alone": 2, "no_address": 1, "repeated_record": 1,
    }  # fmt: skip
    assert [(line.file, line.line) for line in log.rejects] == [("file 1", 4), ("file 1", 5), ("file 1", 6)]


def test_large_meetings_are_left_out(tmp_path):
    rows = [f"{at},p{at}@firm.example,2025-02-03 10:00:00,2025-02-03 10:30:00" for at in range(5)]
    with pytest.raises(tn.TienetError, match="5 of 5 records are too_many_people"):
        read(tmp_path, report(rows), max_people=4)
    assert len(tn.read_attendance(tmp_path, max_people=5).frame) == 20


@pytest.mark.parametrize(
    "content",
    [
        "Name,Email\nzanzibarplan,a@firm.example\n",
        "zanzibarplan\n",
        "Subject,Number of attendees who joined on time,Duration\nzanzibarplan,3,2\n",
        "Name,User Email,Join Time,Leave Time\n",
        "Name,User Email,Join Time,Leave Time\nzanzibarplan,,2025-02-03 10:00,2025-02-03 11:00\n",
        "PrimaryCollaborator_PersonId,SecondaryCollaborator_PersonId,MetricDate\nzanzibarplan,b,2025-02-01\n",
    ],
)
def test_other_files_give_one_line_without_content(tmp_path, content):
    with pytest.raises(tn.TienetError) as problem:
        read(tmp_path, content, name="zanzibarplan.csv")
    assert "\n" not in str(problem.value)
    assert_no_planted(None, str(problem.value))


# An independent count: a set of seconds for each person and meeting.


class Meetings:
    """Random meetings, and for each pair the seconds together in each of them."""

    def __init__(self, seed):
        draw = self.draw = random.Random(seed)  # noqa: S311 - not for secrets
        self.held, self.codes, self.minutes = [], Counter(), {}
        people = [f"p{at}@firm.example" for at in range(draw.randint(2, 6))]
        for number in range(draw.randint(1, 4)):
            day = datetime(2025, 2, 13) + timedelta(days=2 * number, hours=draw.randint(8, 20))
            stays = []
            for who in draw.sample(people, draw.randint(1, len(people))):
                for _ in range(draw.randint(1, 3)):
                    start = draw.randint(0, 600)
                    stays.append((who, start, start + draw.randint(0, 300)))
            stays = list(dict.fromkeys(stays))
            guests = [("", 0, 600)] * draw.randint(0, 1)
            # So that the first in a meeting, and with that its id, is somebody with an address, at the moment 0 of a meeting of two.
            self.held.append((day, [*stays, *guests]))
            self.count(number, stays, guests)
        pair = [("a@firm.example", 0, 60), ("b@firm.example", 30, 90)]
        self.held.append((datetime(2025, 3, 31, 9), pair))
        self.count(-1, pair, [])

    def count(self, number, stays, guests):
        self.codes["no_address"] += len(guests)
        seconds = defaultdict(set)
        for who, start, end in stays:
            seconds[who] |= set(range(start, end))
        for who, start, end in stays:
            met = any(set(range(start, end)) & seconds[other] for other in seconds if other != who)
            self.codes["used" if met else "alone"] += 1
        for who in seconds:
            for other in seconds:
                if who != other and (both := seconds[who] & seconds[other]):
                    self.minutes[number, who, other] = len(both) / 60

    def rows(self, pattern, stays, day, columns):
        def at(second):
            return (day + timedelta(seconds=second)).strftime(pattern)

        return [columns.format(name=f"{PLANTED[0]} {who[:2]}", address=who, join=at(start), leave=at(end)) for who, start, end in stays]

    def save(self, folder):
        files = {}
        for number, (day, stays) in enumerate(self.held):
            shape = self.draw.choice([self.zoom, self.teams, self.graph])
            files |= shape(number, day, self.draw.sample(stays, len(stays)))
        if self.draw.random() < 0.3:
            with zipfile.ZipFile(folder / "reports.zip", "w") as archive:
                for name, content in files.items():
                    archive.writestr(name, content)
            return folder / "reports.zip"
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return folder

    def zoom(self, number, day, stays):
        head = ["Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,"]
        head += [f"81{number} 3456,{PLANTED[1]},{day:%m/%d/%Y %I:%M:%S %p},{day:%m/%d/%Y %I:%M:%S %p},a@firm.example,36,4,", ""]
        head += ["Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"]
        rows = self.rows("%m/%d/%Y %I:%M:%S %p", stays, day, "{name},{address},{join},{leave},9,No")
        return {f"{PLANTED[2]} {number}.csv": "\n".join([*head, *rows]).encode("utf-8-sig")}

    def teams(self, number, day, stays):
        head = ["1. Summary", f"Meeting title\t{PLANTED[3]}", f"Start time\t{day:%m/%d/%y, %I:%M:%S %p}", ""]
        table = ["2. Participants", "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole"]
        table += self.rows("%m/%d/%y, %I:%M:%S %p", stays[:1], day, "{name}\t{join}\t{leave}\t1m\t{address}\t{address}\tPresenter")
        stay = ["", "3. In-Meeting Activities", "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole"]
        stay += self.rows("%m/%d/%y, %I:%M:%S\u202f%p", stays, day, "{name}\t{join}\t{leave}\t9m 1s\t{address}\tPresenter")
        return {f"report {number}.csv": "\r\n".join([*head, *table, *stay]).encode("utf-16")}

    def graph(self, number, day, stays):
        held = defaultdict(list)
        for who, start, end in stays:
            join, leave = ((day + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z") for second in (start, end))
            held[who].append({"joinDateTime": join, "leaveDateTime": leave, "durationInSeconds": end - start})
        records = [
            {"emailAddress": who or None, "identity": {"displayName": PLANTED[4]}, "role": "Presenter", "attendanceIntervals": intervals}
            for who, intervals in held.items()
        ]
        made = {"id": f"report {number}", "totalParticipantCount": len(held), "attendanceRecords": records}
        return {f"{number}.json": json.dumps({"value": [made]} if self.draw.random() < 0.5 else made).encode()}


def check(seed, folder, capsys, recwarn):
    made = Meetings(seed)
    log = tn.read_attendance(made.save(folder))
    assert_closed(log, sum(len(stays) for _, stays in made.held))
    assert log.ledger.counts == {code: count for code, count in made.codes.items() if count}
    found = sorted(zip(log.frame["source"], log.frame["target"], log.frame["duration"], strict=True))
    expected = sorted((who, other, minutes) for (_, who, other), minutes in made.minutes.items())
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    np.testing.assert_allclose([row[2] for row in found], [row[2] for row in expected], rtol=1e-12)
    assert log.frame["event"].nunique() == len({number for number, _, _ in made.minutes})
    said = capsys.readouterr()
    unnamed = log.people_found.drop(columns="name")  # names are for matching people, and planted here
    assert set(unnamed["id"]) == set(unnamed["address"])
    for text in (str(log), repr(log), *log.notes, *log.lacks, said.out, said.err, *(str(one.message) for one in recwarn.list)):
        assert_no_planted(None, text)
    assert_no_planted(None, log.frame.to_csv(), unnamed.to_csv())


@pytest.mark.parametrize("seed", range(1, 7))
def test_generated_meetings_give_what_was_written(seed, tmp_path, capsys, recwarn):
    check(seed, tmp_path, capsys, recwarn)


@pytest.mark.exports
@pytest.mark.parametrize("seed", range(16, 516))
def test_many_generated_meetings_give_what_was_written(seed, tmp_path, capsys, recwarn):
    check(seed, tmp_path, capsys, recwarn)


def test_a_report_downloaded_twice_or_shuffled_gives_the_same_log(tmp_path):
    for name in ("once", "twice", "shuffled"):
        (tmp_path / name).mkdir()
    source = (TEAMS / "raw/meetingAttendanceReport.csv").read_text()
    header, *rows = source.strip().split("\n")
    once = read(tmp_path / "once", source)
    (tmp_path / "twice/report (1).csv").write_text(source)
    twice = read(tmp_path / "twice", source)
    same_log(once, twice)
    assert twice.ledger.counts == {"used": 69, "repeated_record": 69}
    same_log(once, read(tmp_path / "shuffled", "\n".join([header, *sorted(rows, reverse=True)])))


def test_a_later_and_longer_report_of_a_meeting_adds_to_the_earlier_one(tmp_path):
    header, *rows = (TEAMS / "raw/meetingAttendanceReport.csv").read_text().strip().split("\n")
    (tmp_path / "early.csv").write_text("\n".join([header, *rows[:30]]))
    same_log(read(tmp_path, "\n".join([header, *rows])), tn.read_attendance(TEAMS / "raw"))


def test_the_time_zone_of_the_machine_changes_nothing(monkeypatch):
    before = tn.read_attendance(ZOOM)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        same_log(before, tn.read_attendance(ZOOM))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_recognition():
    assert recognise(ZOOM) == recognise(TEAMS / "raw") == "attendance"
