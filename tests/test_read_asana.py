"""Tasks of Asana, against counts made by others and against simulated tasks."""

from __future__ import annotations

import json

import pytest

import tienet as tn
from board_exports import as_csv, asana, asana_table, check, foldered, seeded, zipped
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, rows_of, same_log
from real import find
from tienet.base.errors import DataError
from tienet.network.sources.asana import read_asana

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
EXPORTS = find("made_up_exports")
HEADER = ["Task ID", "Created At", "Name", "Assignee", "Assignee Email", "Parent task"]


def user(name, **more):
    return {"gid": name, "name": f"Person {name}", "resource_type": "user", **more}


def task(gid="1", *, stories=(), creator="11", assignee="12", **more):
    told = {"gid": gid, "resource_type": "task", "created_at": "2026-02-01T09:00:00.000Z", "created_by": creator and user(creator)}
    return {**told, "assignee": assignee and user(assignee), "stories": list(stories), **more}


def story(gid, kind, day, author="11", **more):
    told = {"gid": gid, "resource_type": "story", "resource_subtype": kind, "created_at": f"2026-02-{day:02d}T09:00:00.000Z"}
    return {**told, "created_by": author and user(author), **more}


def written(path, value):
    path.write_text(json.dumps(value))
    return path


def ends(log):
    return sorted(zip(log.frame["source"], log.frame["target"], log.frame["channel"], strict=True))


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_made_up_tasks_give_what_an_independent_script_counted(kind):
    log = read_asana(EXPORTS / f"raw/asana/tasks.{kind}")
    expected = json.loads((EXPORTS / f"expected/asana_{kind}.json").read_text())
    assert_counts(log, expected)
    assert_closed(log, expected["records"])
    assert_no_planted(log)


def test_a_table_in_which_no_one_addresses_anyone_says_so():
    with pytest.raises(DataError, match=r"gives no interaction: 1 of 1 records are no_recipient"):
        read_asana(EXPORTS / "raw/asana/feed.csv")


def simulated(seed, folder):
    """JSON and a table in turn."""
    if seed % 2:
        table, told = asana_table(seeded(seed))
        (folder / f"{seed}.csv").write_text(as_csv(table))
        check(read_asana, folder / f"{seed}.csv", told)
    else:
        tasks, told = asana(seeded(seed))
        check(read_asana, written(folder / f"{seed}.json", {"data": tasks}), told)


@pytest.mark.parametrize("start", range(0, 24, 6))
def test_simulated_tasks_are_read_as_they_happened(start, tmp_path):
    for seed in range(start, start + 6):
        simulated(seed, tmp_path)


@pytest.mark.exports
@pytest.mark.parametrize("start", range(100, 600, 50))
def test_many_simulated_tasks_are_read_as_they_happened(start, tmp_path):
    for seed in range(start, start + 50):
        simulated(seed, tmp_path)


def test_files_pages_and_order_do_not_matter(tmp_path):
    random = seeded(3)
    tasks, told = asana(random)
    shuffled = random.sample(tasks, len(tasks))
    apart = [{**one, "stories": None} for one in tasks]
    for one in apart:
        del one["stories"]
    loose = [{**one, "target": {"gid": whole["gid"], "resource_type": "task"}} for whole in tasks for one in whole["stories"]]
    users = [{"gid": "11", "resource_type": "user", "name": "Person 11"}, {"gid": "9", "resource_type": "project", "name": PLANTED[0]}]
    lines = random.sample([*apart, *loose, *users], len(apart) + len(loose) + len(users))
    paths = [
        written(tmp_path / "list.json", tasks),
        written(tmp_path / "page.json", {"data": tasks, "next_page": None}),
        foldered(tmp_path / "single", {f"{one['gid']}.json": json.dumps({"data": one}) for one in shuffled}),
        zipped(tmp_path / "pages.zip", {"b.json": json.dumps({"data": shuffled[:2]}), "a.json": json.dumps({"data": shuffled[2:]})}),
        foldered(tmp_path / "lines", {"graph.jsonl": "\n".join(map(json.dumps, lines))}),
        foldered(tmp_path / "apart", {"1.json": json.dumps({"data": loose}), "2.json": json.dumps({"data": apart})}),
    ]
    logs = [check(read_asana, path, told) for path in paths]
    for log in logs[1:]:
        same_log(log, logs[0])


def test_pages_that_overlap_count_once(tmp_path):
    tasks, told = asana(seeded(4))
    log = read_asana(foldered(tmp_path / "pages", {"1.json": json.dumps({"data": tasks}), "2.json": json.dumps({"data": tasks[2:]})}))
    assert log.ledger.used == told.codes["used"]
    assert log.ledger.counts["repeated_record"] == sum(1 + len(one["stories"]) for one in tasks[2:])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_split_in_parts_below_lines_in_every_encoding_say_the_same(delimiter, encoding, tmp_path):
    table, told = asana_table(seeded(8))
    header, rows = table[0], seeded(8).sample(table[1:], len(table) - 1)
    above = [["", ""], ["", "https://app.asana.com/-/googleSheetsProjectCsv?domain=0"], ["", ""]]
    folder = tmp_path / "parts"
    folder.mkdir()
    for number, part in enumerate((rows[:5], rows[5:])):
        (folder / f"{number}.csv").write_bytes(as_csv([*above, header, *part], delimiter).encode(encoding))
    log = check(read_asana, folder, told)
    (tmp_path / "whole.csv").write_text(as_csv([header, *rows, header]))
    same_log(log, read_asana(tmp_path / "whole.csv"))


def test_a_comment_goes_to_the_assignee_of_its_moment_and_to_people_only(tmp_path):
    stories = [
        story("s1", "assigned", 2, assignee=user("12")),
        story("s2", "assigned", 5, author="12", assignee=user("13")),
        story("s3", "unassigned", 8, author="13"),
        story(
            "s4",
            "comment_added",
            3,
            html_text='<body><a data-asana-gid="14"/> and <a href="x" data-asana-type="task" data-asana-gid="99">t</a></body>',
        ),
        story("s5", "comment_added", 9),
        {"gid": "s6", "created_at": "2026-02-06T09:00:00.000Z", "created_by": user("11"), "type": "comment", "text": "@Person 14"},
    ]
    log = read_asana(written(tmp_path / "task.json", task(stories=stories, assignee=None)))
    assert ends(log) == [
        ("11", "12", "assign"), ("11", "12", "comment"), ("11", "13", "comment"), ("11", "14", "comment"), ("12", "13", "assign"),
    ]  # fmt: skip
    assert dict(log.ledger.counts) == {"used": 4, "no_recipient": 1, "other_action": 2}


def test_parts_held_within_a_task_count_and_those_that_are_named_only_do_not(tmp_path):
    whole = task(subtasks=[task("2", creator="12", assignee="13"), {"gid": "3", "name": PLANTED[0], "resource_type": "task"}])
    log = read_asana(written(tmp_path / "tasks.json", [whole]))
    assert ends(log) == [("11", "12", "assign"), ("12", "13", "assign")]


def test_tasks_without_creators_link_assignees_of_parents_and_parts(tmp_path):
    bare = [task("1", stories=()), task("2", assignee="13", parent={"gid": "1"}), task("3", assignee="12", parent={"gid": "1"}), task("4")]
    for one in bare:
        del one["created_by"], one["stories"]
    log = read_asana(written(tmp_path / "tasks.json", {"data": bare}))
    assert ends(log) == [("12", "13", "assign")]
    assert dict(log.ledger.counts) == {"used": 1, "no_recipient": 2, "self": 1}
    assert any("do not say who created them" in one for one in log.lacks)


def test_an_address_in_another_row_is_the_same_person_and_two_of_one_name_are_not_told_apart(tmp_path):
    rows = [
        ["1", "2026-02-01", "Launch", "Tom", "Tom@firm.example", ""],
        ["2", "2026-02-02", "Draft", "Ida", "", "Launch"],  # a guest without an address
        ["3", "2026-02-03", "Print", "Sam", "sam.1@firm.example", "Launch"],
        ["4", "2026-02-04", "Post", "Sam", "sam.2@firm.example", "Launch"],
        ["5", "2026-02-05", "Call", "Sam", "", "Launch"],
        ["6", "2026-02-06", "Mail", "Ida", "", "Post"],
        ["7", "2026-02-07", "Rest", "Tom", "", "Launch"],
        ["", "2026-02-07", "Rest", "Tom", "", "Launch"],
    ]
    (tmp_path / "tasks.csv").write_text(as_csv([HEADER, *rows]))
    log = read_asana(tmp_path / "tasks.csv")
    assert [one[:2] for one in ends(log)] == [
        ("sam.2@firm.example", "Ida"), ("tom@firm.example", "Ida"), ("tom@firm.example", "sam.1@firm.example"),
        ("tom@firm.example", "sam.2@firm.example"),
    ]  # fmt: skip
    assert dict(log.ledger.counts) == {"used": 4, "bad_record": 1, "self": 1, "no_recipient": 1, "no_address": 1}


def test_people_of_the_roster_keep_their_ids(tmp_path):
    table = [
        HEADER,
        ["1", "2026-02-01", "Launch", "Tom", "tom@firm.example", ""],
        ["2", "2026-02-02", "Draft", "Ida", "ida@else.example", "Launch"],
    ]
    (tmp_path / "tasks.csv").write_text(as_csv(table))
    people = tn.read_people({"person": ["007"], "function": ["Sales"], "email": ["tom@firm.example"]})
    assert [one[:2] for one in ends(read_asana(tmp_path / "tasks.csv", people=people))] == [("007", "asana:ida@else.example")]
    with pytest.raises(DataError, match="gives no interaction"):
        read_asana(tmp_path / "tasks.csv", domains="firm.example")
    path = written(tmp_path / "tasks.json", {"data": [task(creator="11"), {**user("12"), "email": "tom@firm.example"}]})
    assert [one[:2] for one in ends(read_asana(path, people=people))] == [("asana:11", "007")]


def test_what_is_missing_is_told(tmp_path):
    bare = task()
    del bare["stories"]
    log = read_asana(written(tmp_path / "page.json", {"data": [bare], "next_page": {"offset": "x"}}))
    told = " ".join(log.lacks)
    assert "holds no stories" in told
    assert "missing after those of 1 list" in told
    foldered(tmp_path / "several", {"a.json": json.dumps([task()]), "b.json": json.dumps({"x": PLANTED[0]})})
    log = read_asana(tmp_path / "several")
    assert any("1 of 2 files of JSON hold no task" in one for one in log.notes)


def test_pages_that_are_all_there_are_not_missed(tmp_path):
    def page(number, more):
        following = {"offset": f"x{number}", "path": f"/tasks?project=1&limit=1&offset=x{number}"} if more else None
        return json.dumps({"data": [task(str(number))], "next_page": following})

    pages = {f"{number}.json": page(number, number < 3) for number in (1, 2, 3)}
    assert not any("Pages" in one for one in read_asana(foldered(tmp_path / "all", pages)).lacks)
    assert any(
        "Pages" in one for one in read_asana(foldered(tmp_path / "cut", {"1.json": pages["1.json"], "2.json": pages["2.json"]})).lacks
    )


def test_an_assignment_that_does_not_say_to_whom_is_to_the_assignee_of_today_if_it_is_the_last(tmp_path):
    stories = [
        story("1", "assigned", 1),
        story("2", "comment_added", 2, "13"),
        story("3", "assigned", 3),
        story("4", "comment_added", 4, "13"),
    ]
    log = read_asana(written(tmp_path / "task.json", {"data": task(stories=stories)}))
    assert ends(log) == [("11", "12", "assign"), ("13", "12", "comment")]
    assert log.ledger.counts == {"used": 2, "no_recipient": 2, "other_action": 1}
    assert any("opt_fields=assignee" in one for one in log.lacks)


def test_shapes_that_are_none_of_asana_are_counted_and_do_not_stop_it(tmp_path):
    strange = {"assignee": "x", "created_by": [1], "created_at": 4, "stories": 3, "parent": 3, "subtasks": [3], "followers": 9}
    odd = [
        task(), None, "x", 3, [], {"name": PLANTED[0]}, task("2", stories=[None, 3, {"resource_subtype": "assigned"}], creator=None),
        {"resource_type": "task", **strange}, {"resource_type": "story", "created_by": user("1"), "html_text": 3, "target": 7},
    ]  # fmt: skip
    log = read_asana(written(tmp_path / "odd.json", odd))
    assert log.ledger.used == 1
    assert log.ledger.counts["bad_record"] == 5
    assert len(log.rejects) == log.ledger.rejected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("half.json", json.dumps([task()])[:-20], "is no JSON, or ends too early"),
        ("other.csv", "Task,Who\nx,y\n", "looked for JSON with tasks"),
        ("empty.json", "[]", "looked for JSON with tasks"),
        ("none.json", json.dumps([task(assignee=None)]), "no_recipient"),
        ("slack.json", json.dumps([{"id": "U1", "name": PLANTED[0]}]), "looked for JSON with tasks"),
        ("issues.csv", "Summary,Issue key,Assignee\nx,PAY-1,y\n", "use the reader 'jira'"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line_without_content(name, content, words, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError) as refusal:
        read_asana(tmp_path / name)
    assert words in str(refusal.value)
    assert_no_planted(None, str(refusal.value))


def test_tables_and_json_together_are_refused(tmp_path):
    table, _ = asana_table(seeded(1))
    with pytest.raises(DataError, match="name people otherwise"):
        read_asana(foldered(tmp_path / "both", {"a.csv": as_csv(table), "b.json": json.dumps([task()])}))


def test_rows_of_a_log_are_the_same_whatever_the_order_of_tasks(tmp_path):
    tasks, _ = asana(seeded(9))
    one, other = (read_asana(written(tmp_path / f"{n}.json", tasks[:: 1 - 2 * n])) for n in (0, 1))
    assert rows_of(one) == rows_of(other)
