"""Issues of Jira, against counts made by others and against simulated issues."""

from __future__ import annotations

import gzip
import json
import warnings
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

import tienet as tn
from board_exports import as_csv, check, foldered, jira, jira_page, jira_table, seeded, zipped
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, rows_of, same_log
from real import find
from tienet.base.errors import ArgumentError, DataError, RowsRejected
from tienet.network.sources._jira_table import moment_in_words
from tienet.network.sources.jira import read_jira

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
EXPORTS = find("made_up_exports")


def user(name, **more):
    return {"accountId": name, "accountType": "atlassian", "displayName": f"Person {name}", **more}


def issue(number=1, *, comments=(), histories=(), reporter="ann", assignee="ben", **more):
    fields = {
        "reporter": reporter and user(reporter),
        "assignee": assignee and user(assignee),
        "created": "2026-03-02T10:00:00.000+0000",
        "comment": {"comments": list(comments), "total": len(comments)},
    }
    return {"id": str(number), "key": f"PAY-{number}", "fields": fields, "changelog": {"histories": list(histories)}, **more}


def comment(body, author="ann", number=1, **more):
    return {"id": str(number), "author": user(author), "created": "2026-03-03T10:00:00.000+0000", "body": body, **more}


def written(path, value):
    path.write_text(json.dumps(value))
    return path


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_made_up_issues_give_what_an_independent_script_counted(kind):
    log = read_jira(EXPORTS / f"raw/jira/issues.{kind}")
    expected = json.loads((EXPORTS / f"expected/jira_{kind}.json").read_text())
    assert_counts(log, expected)
    assert_closed(log, expected["records"])
    assert_no_planted(log)


def in_every_shape(folder, issues, random):
    """The same issues as one page, a list, lines, single issues, and pages in a ZIP with one page twice."""
    folder.mkdir(parents=True)
    yield written(folder / "list.json", issues)
    yield written(folder / "page.json", {"issues": issues, "total": len(issues)})
    (folder / "lines.jsonl").write_text("\n".join(map(json.dumps, issues)))
    yield folder / "lines.jsonl"
    yield foldered(folder / "single", {f"{one['key']}.json": json.dumps(one) for one in issues})
    with gzip.open(folder / "page.json.gz", "wt") as stream:
        stream.write(jira_page(issues, len(issues)))
    yield folder / "page.json.gz"
    shuffled = random.sample(issues, len(issues))
    pages = {"b.json": jira_page(shuffled[:2], len(issues)), "a.json": jira_page(shuffled[2:], len(issues))}
    yield zipped(folder / "pages.zip", pages)


def simulated(seed, folder):
    """From the cloud, from a server, and a table, in turn."""
    if seed % 3 == 2:
        table, told = jira_table(seeded(seed))
        (folder / f"{seed}.csv").write_text(table)
        check(read_jira, folder / f"{seed}.csv", told)
    else:
        issues, told = jira(seeded(seed), server=seed % 3 == 1)
        check(read_jira, written(folder / f"{seed}.json", issues), told)


@pytest.mark.parametrize("start", range(0, 24, 6))
def test_simulated_issues_are_read_as_they_happened(start, tmp_path):
    for seed in range(start, start + 6):
        simulated(seed, tmp_path)


@pytest.mark.exports
@pytest.mark.parametrize("start", range(100, 600, 50))
def test_many_simulated_issues_are_read_as_they_happened(start, tmp_path):
    for seed in range(start, start + 50):
        simulated(seed, tmp_path)


@pytest.mark.parametrize("server", [False, True])
def test_files_pages_and_order_do_not_matter(server, tmp_path):
    random = seeded(5)
    issues, told = jira(random, server=server)
    logs = [check(read_jira, path, told) for path in in_every_shape(tmp_path / "shapes", issues, random)]
    for log in logs[1:]:
        same_log(log, logs[0])
        assert not log.lacks


def test_pages_that_overlap_count_once(tmp_path):
    issues, told = jira(seeded(6))
    again, more = jira(seeded(6))
    path = foldered(tmp_path / "pages", {"1.json": jira_page(issues, 6), "2.json": jira_page(again[3:], 6)})
    log = read_jira(path)
    assert rows_of(log) == rows_of(read_jira(foldered(tmp_path / "once", {"1.json": jira_page(issues, 6)})))
    assert log.ledger.counts["repeated_record"] > 0
    assert log.ledger.used == told.codes["used"] == more.codes["used"]


def test_the_zone_of_the_machine_does_not_matter(tmp_path, monkeypatch):
    import time

    table, _ = jira_table(seeded(7))
    (tmp_path / "issues.csv").write_text(table)
    before = read_jira(tmp_path / "issues.csv", timezone="Europe/Berlin")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        same_log(read_jira(tmp_path / "issues.csv", timezone="Europe/Berlin"), before)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_read_in_every_encoding_with_every_delimiter(delimiter, encoding, tmp_path):
    header = ["Issue key", "Assignee", "Reporter", "Created", "Comment", "Comment"]
    row = ["PAY-1", "ben", "ann", "12/Mar/26 9:41 AM", "12/Mar/26 9:50 AM;cem;a;b", ""]
    (tmp_path / "issues.csv").write_bytes(as_csv([header, row], delimiter).encode(encoding))
    log = read_jira(tmp_path / "issues.csv")
    assert sorted(log.frame["channel"]) == ["assign", "comment", "comment"]
    assert sorted(zip(log.frame["source"], log.frame["target"], strict=True)) == [("ann", "ben"), ("cem", "ann"), ("cem", "ben")]
    assert any("no ids of accounts" in one for one in log.lacks)


@pytest.mark.parametrize(
    "text",
    [
        "12/Mar/26 9:41 PM",
        "12/mrz/26 21:41",
        "12. März 2026, 21:41",
        "12.03.26 21:41",
        "2026-03-12 21:41",
        "2026-03-12T21:41:00",
        "12 mars 2026 21:41",
    ],
)
def test_times_are_read_as_jira_writes_them(text):
    expected = datetime(2026, 3, 12, 21, 41, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1e6
    assert moment_in_words(text, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    "text", ["03/04/26 9:41", "12/Foo/26 9:41", "31/Feb/26 9:41", "12/Mar/26 13:41 PM", "12/Mar/26 25:00", "yesterday", "0/0/0"]
)
def test_times_that_are_unclear_are_not_guessed(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the kit's own way to say so
        moment_in_words(text, "UTC")


def test_unclear_times_of_a_whole_table_ask_for_a_pattern(tmp_path):
    table = as_csv([["Issue key", "Assignee", "Reporter", "Created"], ["PAY-1", "ben", "ann", "03/04/26 09:41"]])
    (tmp_path / "issues.csv").write_text(table)
    with pytest.raises(DataError, match="pass time_format"):
        read_jira(tmp_path / "issues.csv")
    log = read_jira(tmp_path / "issues.csv", time_format="%m/%d/%y %H:%M")
    assert log.frame["time"].dt.strftime("%Y-%m-%d %H:%M").tolist() == ["2026-03-04 09:41"]
    with pytest.raises(ArgumentError, match="time_format must be a pattern"):
        read_jira(tmp_path / "issues.csv", time_format="day first")


def test_a_comment_goes_to_the_assignee_of_its_moment_and_to_those_mentioned_once(tmp_path):
    change = {"field": "assignee", "from": "ben", "to": "cem"}
    history = {"id": "7", "author": user("ben"), "created": "2026-03-03T09:00:00.000+0000", "items": [change]}
    body = "[~accountid:dan] [~accountid:dan] [~accountid:ann] [~old.name]"
    log = read_jira(written(tmp_path / "one.json", issue(comments=[comment(body)], histories=[history], assignee="cem")))
    found = log.frame.sort_values(["time", "target"])
    assert found[["source", "target", "channel"]].to_numpy().tolist() == [
        ["ann", "ben", "assign"],
        ["ben", "cem", "assign"],
        ["ann", "cem", "comment"],
        ["ann", "dan", "comment"],
    ]
    assert log.left_out["unknown_object"] == 1


def test_servers_name_people_by_names_which_later_issues_may_explain(tmp_path):
    ann, ben = {"key": "JIRAUSER1", "name": "ann"}, {"key": "JIRAUSER2", "name": "ben"}
    moment = "2026-03-02T10:00:00Z"
    said = {"comments": [{"author": ann, "created": moment, "body": "[~Ben] [~gone]"}]}
    server = [
        {"id": "1", "fields": {"reporter": ann, "assignee": None, "created": moment, "comment": said}},
        {"id": "2", "fields": {"reporter": ben, "assignee": ann, "created": moment}},
    ]
    for name, issues in (("a", server), ("b", server[::-1])):
        log = read_jira(written(tmp_path / f"{name}.json", issues))
        ends = sorted(zip(log.frame["source"], log.frame["target"], strict=True))
        assert ends == [("JIRAUSER1", "JIRAUSER2"), ("JIRAUSER1", "gone"), ("JIRAUSER2", "JIRAUSER1")]


def test_what_is_missing_is_told(tmp_path):
    cut = issue(1, comments=[comment("x")])
    cut["fields"]["comment"]["total"] = 40
    cut["changelog"]["total"] = 3
    bare = issue(2)
    del bare["changelog"], bare["fields"]["comment"]
    log = read_jira(written(tmp_path / "page.json", {"issues": [cut, bare], "total": 90}))
    told = " ".join(log.lacks)
    for sentence in (
        "1 of 2 issues come without their changelog", "1 of 2 issues come without their comments",
        "The changelogs of 1 of 2 issues are cut",
        "The comments of 1 of 2 issues are cut", "Pages of 90 issues are missing: the export holds 2",
    ):  # fmt: skip
        assert sentence in told
    log = read_jira(written(tmp_path / "token.json", {"issues": [issue()], "isLast": False, "nextPageToken": "x"}))
    assert any("Pages of issues are missing" in one for one in log.lacks)


def test_people_period_and_addresses(tmp_path):
    told = issue(comments=[comment("[~accountid:cem]")])
    told["fields"]["reporter"]["emailAddress"] = "Ann@Firm.example"
    told["fields"]["assignee"] |= {"accountType": "customer"}
    path = written(tmp_path / "one.json", told)
    people = tn.read_people({"person": ["007"], "function": ["Sales"], "email": ["ann@firm.example"]})
    identities = {"person": ["008"], "kind": ["jira"], "value": ["ben"]}
    log = read_jira(path, people=people, identities=identities)
    assert set(log.frame["source"]) | set(log.frame["target"]) == {"007", "008", "jira:cem"}
    assert set(read_jira(path, domains="firm.example").frame["target"]) == {"cem"}
    assert read_jira(path, since="2026-03-03").ledger.counts["outside_period"] == 1


def test_shapes_that_are_none_of_jira_are_counted_and_do_not_stop_it(tmp_path):
    comments = {"comments": [None, {"body": {"content": 5}}]}
    changelog = {"histories": [None, {"items": [None, {"field": None}, {"field": "assignee", "to": {}}]}]}
    odd = [
        issue(1), None, "x", 3, [], {"fields": None, "key": "PAY-2"}, {"id": ["x"], "fields": {}}, {"id": 9, "fields": {}},
        {"id": "10", "fields": {"reporter": "ann", "assignee": [1], "created": 7, "comment": comments}},
        {"id": "11", "fields": {"reporter": user("a\ud800"), "assignee": user("b"), "created": "x", "comment": 3}, "changelog": changelog},
    ]  # fmt: skip
    log = read_jira(written(tmp_path / "odd.json", odd))
    assert log.ledger.used == 1
    assert log.ledger.counts["bad_record"] == 6
    assert len(log.rejects) == log.ledger.rejected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("half.json", json.dumps([issue()])[:-20], "is no JSON, or ends too early"),
        ("half.csv", "Summary,Key\nx,y\n", "looked for JSON with issues"),
        ("deep.json", "[" * 5000 + "]" * 5000, "nested deeper"),
        ("empty.json", "[]", "looked for JSON with issues"),
        ("none.json", json.dumps({"issues": [issue(assignee=None)]}), "no_recipient"),
        ("slack.json", json.dumps([{"id": "U1", "name": PLANTED[0]}]), "looked for JSON with issues"),
        ("board.json", json.dumps({"actions": [{"idMemberCreator": "a", "type": "commentCard"}], "cards": []}), "use the reader 'trello'"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line_without_content(name, content, words, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError) as refusal:
        read_jira(tmp_path / name)
    assert words in str(refusal.value)
    assert_no_planted(None, str(refusal.value))


def test_tables_and_json_together_are_refused(tmp_path):
    table, _ = jira_table(seeded(1))
    path = foldered(tmp_path / "both", {"a.csv": table, "b.json": json.dumps([issue()])})
    with pytest.raises(DataError, match="would count twice"):
        read_jira(path)


def test_rejected_records_are_warned_about_with_their_place(tmp_path):
    bad = issue(2)
    bad["fields"]["created"] = "2026-03-0206:47"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        log = read_jira(written(tmp_path / "page.json", {"issues": [issue(1), bad]}))
    assert [one.category for one in caught] == [RowsRejected]
    (reject,) = log.rejects
    assert (reject.file, reject.line, reject.code) == ("file 1", 2, "bad_time")
