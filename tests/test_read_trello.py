"""Trello boards and cards, against counts made by others and against simulated boards."""

from __future__ import annotations

import json

import pytest

import tienet as tn
from board_exports import check, foldered, seeded, trello, zipped
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, rows_of, same_log
from real import find
from tienet.base.errors import DataError
from tienet.network.sources.trello import read_trello

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
EXPORTS, BOARD = find("made_up_exports"), find("trello_board")


def member(name):
    return {"id": name, "username": name, "fullName": f"Person {name}"}


def action(number, kind, *, author="ann", card="k1", **data):
    told = {"id": f"t{number}", "type": kind, "date": f"2026-03-{number % 28 + 1:02d}T08:00:00.000Z", "idMemberCreator": author}
    return {**told, "data": {"card": {"id": card}, **data}, "memberCreator": member(author)}


def written(path, value):
    path.write_text(json.dumps(value))
    return path


def ends(log):
    return sorted(zip(log.frame["source"], log.frame["target"], log.frame["channel"], strict=True))


def test_the_made_up_board_gives_what_an_independent_script_counted():
    log = read_trello(EXPORTS / "raw/trello/board.json")
    assert_counts(log, EXPORTS / "expected/trello.json")
    assert_closed(log, 12)
    assert_no_planted(log)


def test_the_real_board_gives_what_an_independent_script_counted():
    log = read_trello(BOARD / "raw/board.json")
    assert_counts(log, BOARD / "expected/trello_board.json")
    assert_closed(log, 264)


def test_a_card_that_links_no_one_says_so():
    with pytest.raises(DataError, match="10 of 12 records are other_action"):
        read_trello(BOARD / "raw/card.json")


def simulated(seed, folder):
    board, told = trello(seeded(seed))
    check(read_trello, written(folder / f"{seed}.json", board), told)


@pytest.mark.parametrize("start", range(0, 24, 6))
def test_simulated_boards_are_read_as_they_happened(start, tmp_path):
    for seed in range(start, start + 6):
        simulated(seed, tmp_path)


@pytest.mark.exports
@pytest.mark.parametrize("start", range(100, 600, 50))
def test_many_simulated_boards_are_read_as_they_happened(start, tmp_path):
    for seed in range(start, start + 50):
        simulated(seed, tmp_path)


def test_order_and_kind_of_file_do_not_matter_and_a_board_twice_counts_once(tmp_path):
    board, told = trello(seeded(5))
    mixed = {**board, "actions": seeded(5).sample(board["actions"], len(board["actions"]))}
    paths = [
        written(tmp_path / "board.json", board),
        written(tmp_path / "mixed.json", mixed),
        zipped(tmp_path / "board.zip", {"board.json": json.dumps(mixed)}),
        foldered(tmp_path / "folder", {"a/board.json": json.dumps(board)}),
    ]
    logs = [check(read_trello, path, told) for path in paths]
    for log in logs[1:]:
        same_log(log, logs[0])
    twice = read_trello(foldered(tmp_path / "twice", {"a.json": json.dumps(board), "b.json": json.dumps(mixed), "c.json": '{"x": 1}'}))
    assert rows_of(twice) == rows_of(logs[0])
    assert twice.ledger.counts["repeated_record"] == len(board["actions"])
    assert any("1 of 3 files of JSON are no boards" in one for one in twice.notes)


def test_the_export_of_a_card_holds_its_members_itself(tmp_path):
    card = {"id": "k1", "idMembers": ["ben"], "actions": [action(1, "commentCard", text=PLANTED[0])]}
    assert ends(read_trello(written(tmp_path / "card.json", card))) == [("ann", "ben", "comment")]


def test_a_list_of_actions_is_read_too(tmp_path):
    actions = [action(1, "commentCard", text="@BEN"), action(2, "addMemberToCard", idMember="ben") | {"member": member("ben")}]
    assert ends(read_trello(written(tmp_path / "actions.json", actions))) == [("ann", "ben", "assign"), ("ann", "ben", "comment")]


def test_a_mention_ends_where_a_username_does_and_an_address_is_none(tmp_path):
    text = "thanks @ben.please see (@Cleo)-and write to ann@ben.example"
    board = {"actions": [action(1, "commentCard", text=text)], "members": [member("ben"), member("cleo")]}
    assert ends(read_trello(written(tmp_path / "board.json", board))) == [("ann", "ben", "comment"), ("ann", "cleo", "comment")]


def test_a_thousand_actions_are_all_that_trello_exports(tmp_path):
    actions = [action(number, "updateCard") for number in range(999)]
    actions.append(action(999, "addMemberToCard", idMember="ben") | {"date": "2025-12-01T08:00:00.000Z"})
    log = read_trello(written(tmp_path / "board.json", {"actions": actions, "cards": []}))
    assert any("exactly 1,000 actions" in one and "before 2025-12-01 are missing" in one for one in log.lacks)
    log = read_trello(written(tmp_path / "less.json", {"actions": actions[1:], "cards": []}))
    assert not any("1,000" in one for one in log.lacks)


def test_a_table_of_identities_joins_usernames_with_people(tmp_path):
    path = written(
        tmp_path / "board.json",
        {
            "actions": [
                action(1, "addMemberToCard", idMember="5f1"),
            ],
            "members": [{**member("5f1"), "username": "ben_b"}],
        },
    )
    people = tn.read_people({"person": ["007", "008"], "function": ["Sales", "Sales"]})
    log = read_trello(path, people=people, identities={"person": ["008"], "kind": ["trello"], "value": ["Ben_B"]})
    assert ends(log) == [("trello:ann", "008", "assign")]


def test_shapes_that_are_none_of_trello_are_counted_and_do_not_stop_it(tmp_path):
    odd = {
        "actions": [
            action(1, "addMemberToCard", idMember="ben"), None, 3, "x", [], {}, {"type": ["x"]}, {"type": "commentCard", "data": 3},
            {"type": "addMemberToCard", "data": {"card": "k", "idMember": [1]}, "memberCreator": "x", "member": 3, "date": 7},
            {"type": "commentCard", "data": {"text": {"a": 1}, "card": {"id": 5}}, "idMemberCreator": 7, "date": "2026"},
        ],
        "cards": [None, {"id": ["x"]}, {"id": "k1", "idMembers": 3}],
        "members": [None, {"id": "x", "username": 3, "fullName": [1]}],
    }  # fmt: skip
    log = read_trello(written(tmp_path / "odd.json", odd))
    assert_closed(log, 10)
    assert ends(log) == [("ann", "ben", "assign")]
    assert log.ledger.counts["bad_record"] == 4


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("half.json", json.dumps({"actions": [action(1, "x")]})[:-9], "is no JSON, or ends too early"),
        ("empty.json", "{}", "looked for JSON with actions"),
        ("issues.json", json.dumps({"issues": [{"key": "PAY-1", "fields": {"summary": PLANTED[0]}}]}), "use the reader 'jira'"),
        ("tasks.json", json.dumps({"data": [{"gid": "1", "resource_type": "task", "name": PLANTED[0]}]}), "use the reader 'asana'"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line_without_content(name, content, words, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError) as refusal:
        read_trello(tmp_path / name)
    assert words in str(refusal.value)
    assert_no_planted(None, str(refusal.value))
