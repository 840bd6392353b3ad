"""Ticket audits of Zendesk, in the shape of its documentation, against an independent count."""

from __future__ import annotations

import json
import random
import re
import time
import zipfile
from collections import Counter

import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_no_planted, same_log
from tienet.base.errors import DataError, TienetError

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
RULE = {"channel": "rule", "source": {"rel": "trigger", "from": {"id": 1, "title": PLANTED[0]}}}
WEB = {"channel": "web", "source": {"rel": None}}


def assigned(value, before=None, kind="Change", **more):
    event = {"id": 1, "type": kind, "field_name": "assignee_id", "value": value}
    return event | ({"previous_value": before} if kind == "Change" else {}) | more


def comment(public=False, text=PLANTED[2], **more):
    return {"id": 2, "type": "Comment", "public": public, "body": text, "html_body": f"<p>{text}</p>", "attachments": [], **more}


def audit(number, author, events, ticket=7, day=2, **more):
    stated = {"id": number, "ticket_id": ticket, "created_at": f"2026-03-{day:02}T09:00:00Z", "author_id": author, "via": WEB}
    return stated | {"metadata": {"system": {"ip_address": "192.0.2.1", "location": PLANTED[1]}}, "events": events} | more


def user(who, role="agent", **more):
    return {"id": who, "email": f"P{who}@firm.example", "name": f"Person {who}", "role": role, "active": True, **more}


def links(log):
    return sorted(zip(log.frame["source"], log.frame["target"], log.frame["channel"], strict=True))


def read(folder, audits, users=(), **more):
    folder.mkdir(exist_ok=True)
    (folder / "audits.json").write_text(json.dumps({"audits": audits, "next_page": None, "previous_page": None, **more}))
    if users:
        (folder / "users.json").write_text(json.dumps({"users": list(users), "next_page": None}))
    return tn.read_zendesk(folder)


def test_an_audit_gives_assignments_handovers_and_internal_comments(tmp_path):
    audits = [
        audit(1, 50, [assigned("11", kind="Create"), comment(public=True)], day=1),  # by a customer
        audit(2, 12, [assigned("13", "11"), comment()], day=2),
        audit(3, 12, [comment()], day=3),
        audit(4, 13, [comment()], day=4),  # to oneself
        audit(5, 14, [comment(public=True)], day=5),
        audit(6, 14, [assigned("14", "13")], day=6),  # takes the ticket over
        audit(7, 14, [{"id": 3, "type": "Change", "field_name": "status", "value": "open", "previous_value": "new"}], day=7),
        audit(8, -1, [assigned("11", "14")], day=8, via=RULE),
        audit(9, 12, [comment()], day=9),
        audit(10, 12, [assigned(None, "11"), comment()], day=10),  # nobody is left
        audit(11, 12, [assigned("12")], day=11),
    ]
    users = [user(11), user(12, "admin"), user(13), user(14), user(50, "end-user")]
    log = read(tmp_path, audits, users)
    assert links(log) == [
        ("11", "13", "handover"), ("12", "11", "comment"), ("12", "13", "assign"), ("12", "13", "comment"), ("13", "14", "handover"),
    ]  # fmt: skip
    counts = {"used": 4, "external": 2, "self": 2, "other_action": 1, "bot": 1, "no_recipient": 1}
    assert dict(log.ledger.counts) == counts
    assert not log.left_out
    assert_closed(log, 11)
    assert_no_planted(log)
    assert not log.lacks


def test_the_first_assignee_is_that_before_the_first_change_or_that_of_today(tmp_path):
    audits = [audit(2, 12, [comment()], day=2), audit(5, 12, [assigned("13", "11")], day=5), audit(6, 12, [comment()], ticket=8)]
    log = read(tmp_path, audits, tickets=[{"id": 8, "assignee_id": 14}, {"id": 7, "assignee_id": 13}])
    assert ("12", "11", "comment") in links(log)
    assert ("12", "14", "comment") in links(log)


def test_without_users_customers_cannot_be_told_from_colleagues(tmp_path):
    log = read(tmp_path, [audit(1, 50, [assigned("11", kind="Create")])])
    assert links(log) == [("50", "11", "assign")]
    assert any("no list of users" in one for one in log.lacks)


def test_what_a_trigger_does_within_the_update_of_a_person_is_not_theirs(tmp_path):
    audits = [audit(1, 12, [assigned("11", kind="Create", via=RULE)]), audit(2, 12, [comment()], day=3)]
    log = read(tmp_path, audits, [user(11), user(12)])
    assert links(log) == [("12", "11", "comment")]
    assert dict(log.ledger.counts) == {"used": 1, "bot": 1}


def test_users_become_people_of_the_roster_by_their_address(tmp_path):
    people = {"person": ["p11@firm.example", "x"], "function": ["Sales", "Sales"]}
    read(tmp_path, [audit(1, 12, [assigned("11")])], [user(11), user(12, suspended=True)])
    identities = {"person": ["x"], "kind": ["zendesk"], "value": ["12"]}
    log = tn.read_zendesk(tmp_path, people=people, identities=identities)
    assert links(log) == [("x", "p11@firm.example", "assign")]
    assert log.people_found.set_index("id")["deactivated"].to_dict() == {"11": False, "12": True}


@pytest.mark.parametrize(
    ("pages", "cut"),
    [
        ([{"next_page": "u?page=2", "previous_page": None}], True),
        ([{"next_page": "u?page=2", "previous_page": None}, {"next_page": None, "previous_page": "u?page=1"}], False),
        ([{"meta": {"has_more": True}, "links": {"next": "u"}}], True),
        ([{"meta": {"has_more": True}}, {"meta": {"has_more": False}}], False),
        ([{}], False),
    ],
)
def test_a_missing_last_page_is_said(tmp_path, pages, cut):
    for at, page in enumerate(pages):
        (tmp_path / f"{at}.json").write_text(json.dumps({"audits": [audit(at + 1, 12, [assigned("11")], ticket=at)], **page}))
    log = tn.read_zendesk(tmp_path)
    assert any("last page" in one for one in log.lacks) == cut


def invent(seed):
    """Users, the assignees of today, and audits with every trap."""
    rng = random.Random(seed)  # noqa: S311 - made-up data
    agents, customers = list(range(11, 11 + rng.randint(2, 5))), [50, 51]
    users = [user(who, rng.choice(["agent", "admin"])) for who in agents] + [user(who, "end-user") for who in customers]
    audits, today, number = [audit(1, 11, [assigned("12")], 99)], {99: 12}, 100
    for ticket in range(rng.randint(1, 4)):
        holder, day, number = rng.choice([*agents, None]), 1, number + 1
        if rng.random() < 0.7:
            events = [comment(public=True)] + ([assigned(str(holder), kind="Create")] if holder else [])
            audits.append(audit(number, rng.choice([*agents, *customers]), events, ticket, day))
        for _ in range(rng.randint(0, 7)):
            number, day = number + 1, day + rng.randint(0, 3)
            events, more = [], {}
            author = rng.choices([rng.choice(agents), rng.choice(customers), None], [12, 2, 1])[0]
            if rng.random() < 0.1:
                author, more = -1, {"via": RULE}
            new = rng.choice([*agents, None])
            if rng.random() < 0.4 and new != holder and author is not None:
                events.append(assigned(new and str(new), holder and str(holder)))
                holder = new
            elif rng.random() < 0.1:
                more["created_at"] = rng.choice(["", "soon", None])
            if rng.random() < 0.4:
                events.append(comment(public=rng.random() < 0.4, text=rng.choice(PLANTED)))
            if rng.random() < 0.3:
                events.append({"id": 9, "type": "Notification", "subject": PLANTED[2], "body": PLANTED[3], "recipients": agents})
            audits.append(audit(number, author, events, ticket, day, **more))
        today[ticket] = holder
    return users, today, audits


def counted_by_hand(users, today, audits):
    """Codes of audits and the interactions of all, as a plain reading of the rules gives them."""
    agents = {str(one["id"]) for one in users if one["role"] != "end-user"}
    codes, found = Counter(), Counter()
    for ticket in {one["ticket_id"] for one in audits}:
        held = sorted((one for one in audits if one["ticket_id"] == ticket), key=lambda one: (str(one["created_at"]), one["id"]))
        changes = [event for one in held for event in one["events"] if event.get("field_name") == "assignee_id"]
        start = changes[0].get("previous_value") if changes else today[ticket]
        holder = start and str(start)
        for one in held:
            change = next((event for event in one["events"] if event.get("field_name") == "assignee_id"), None)
            comments = [event["public"] for event in one["events"] if event["type"] == "Comment" and one["via"] != RULE]
            author, before = str(one["author_id"]), holder
            holder = change["value"] if change else holder
            stated = {}
            if change and change["value"] and one["via"] != RULE:
                stated[author, change["value"]] = "assign"
            if False in comments and holder:
                stated.setdefault((author, holder), "comment")
            if change and change["value"] and before and one["via"] != RULE:
                stated.setdefault((before, change["value"]), "handover")
            kept = {pair: channel for pair, channel in stated.items() if pair[0] != pair[1] and set(pair) <= agents}
            if not change and not comments:
                code = "other_action"
            elif one["author_id"] is None:
                code = "missing_source"
            elif not str(one["created_at"]).startswith("2026"):
                code = "bad_time" if one["created_at"] else "missing_time"
            elif author == "-1":
                code = "bot"
            elif kept:
                code = "used"
                found.update((*pair, channel) for pair, channel in kept.items())
            elif any(pair[0] != pair[1] for pair in stated) or (comments and all(comments) and not stated):
                code = "external"
            else:
                code = "self" if stated else "no_recipient"
            codes[code] += 1
    return codes, found


def check(seed, folder):
    users, today, audits = invent(seed)
    codes, found = counted_by_hand(users, today, audits)
    log = read(folder / str(seed), audits, users, tickets=[{"id": ticket, "assignee_id": who} for ticket, who in today.items()])
    assert Counter(links(log)) == found, seed
    assert dict(log.ledger.counts) == codes, seed
    assert_closed(log, len(audits))
    assert_no_planted(log)


def test_generated_audits_give_what_a_plain_reading_of_the_rules_gives(tmp_path):
    for seed in range(15):
        check(seed, tmp_path)


@pytest.mark.exports
def test_many_generated_audits_give_what_a_plain_reading_of_the_rules_gives(tmp_path):
    for seed in range(15, 515):
        check(seed, tmp_path)


def test_order_pages_packing_and_the_zone_of_the_machine_change_nothing(tmp_path, monkeypatch):
    users, today, audits = invent(5)
    tickets = [{"id": ticket, "assignee_id": who} for ticket, who in today.items()]
    log = read(tmp_path / "plain", audits, users, tickets=tickets)
    mixed = random.Random(1).sample(audits, len(audits))  # noqa: S311 - made-up data
    with monkeypatch.context() as there:
        there.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        with zipfile.ZipFile(tmp_path / "export.zip", "w") as packed:
            packed.writestr("users.json", json.dumps(users))
            packed.writestr("tickets.json", json.dumps({"tickets": tickets}))
            for page in range(3):
                packed.writestr(f"{PLANTED[0]}/{page}.json", json.dumps({"audits": mixed[page::3]}))
            for number, one in enumerate(mixed):  # each audit by itself, as it is asked for by its id
                packed.writestr(f"one/{number}.json", json.dumps({"audit": one} if number % 2 else [one]))
        twice = tn.read_zendesk(tmp_path / "export.zip")
    time.tzset()
    same_log(log, twice)
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/all.jsonl").write_text("\n".join(map(json.dumps, [*mixed, *users])))
    (tmp_path / "lines/tickets.json").write_text(json.dumps({"tickets": tickets}))
    same_log(log, tn.read_zendesk(tmp_path / "lines"))
    assert twice.ledger.counts["repeated_record"] == len(audits)
    assert {**twice.ledger.counts, "repeated_record": 0} == {**log.ledger.counts, "repeated_record": 0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"users": []}', "this is not a Zendesk export"),
        ('{"audits": []}', "not a Zendesk export"),
        ('{"results": [{"engagement": {"id": 1}}]}', "use the reader 'hubspot'"),
        (f'{{"audits": [{{"id": 1, "body": "{PLANTED[0]}"', "is no JSON, or ends too early"),
        (f'{{"audits": [{{"id": 1, "ticket_id": 2, "events": [], "body": "{PLANTED[0]}"}}]}}', "1 of 1 records are other_action"),
        (f'{{"audits": [{{"id": 1, "body": "{PLANTED[0]}"}}, 3]}}', "2 of 2 records are bad_record"),
    ],
)
def test_what_is_no_export_or_links_no_one_is_said_in_one_line(tmp_path, text, words):
    (tmp_path / f"{PLANTED[1]}.json").write_text(text)
    with pytest.raises(TienetError, match=re.escape(words)) as error:
        tn.read_zendesk(tmp_path)
    assert "\n" not in str(error.value)
    assert_no_planted(None, str(error.value))


def test_a_truncated_archive_is_refused(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("audits.json", json.dumps({"audits": invent(1)[2]}))
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError) as error:
        tn.read_zendesk(path)
    assert_no_planted(None, str(error.value))
