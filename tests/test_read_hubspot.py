"""Activities of HubSpot, against counts made by others and an independent count of generated exports."""

from __future__ import annotations

import json
import random
import re
import time
import zipfile
from collections import Counter
from datetime import UTC, datetime

import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, same_log
from real import find
from tienet.base.errors import DataError, TienetError

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
EXPORTS = find("made_up_exports")
CUSTOMER = "kunde@customer.example"
FILES = {"TASK": "tasks", "CALL": "calls", "EMAIL": "emails", "MEETING": "meetings", "NOTE": "notes"}


def test_the_made_up_engagements_give_what_an_independent_script_counted():
    log = tn.read_hubspot(EXPORTS / "raw/hubspot")
    assert_counts(log, EXPORTS / "expected/hubspot.json")
    assert_closed(log, 6)
    assert dict(log.left_out) == {"external": 1}
    assert Counter(log.frame["channel"]) == {"assign": 1, "mail": 2, "meeting": 2}
    assert set(log.frame.loc[log.frame["channel"] == "meeting", "duration"]) == {30.0}
    assert any("last page is missing" in one for one in log.lacks)
    assert_no_planted(log)


def test_owners_become_people_of_the_roster_by_their_address_and_archived_ones_stay():
    people = {"person": ["ANA@firm.example", "cleo@firm.example"], "function": ["Sales", "Sales"]}
    log = tn.read_hubspot(EXPORTS / "raw/hubspot", people=people)
    assert set(log.frame["source"]) | set(log.frame["target"]) == {"ANA@firm.example", "cleo@firm.example", "hubspot:102"}
    found = log.people_found.set_index("id")
    assert found["deactivated"].to_dict()["103"]
    assert found["external"].to_dict()[CUSTOMER]


def test_without_owners_users_cannot_be_told_from_owners(tmp_path):
    (tmp_path / "engagements.json").write_bytes((EXPORTS / "raw/hubspot/engagements.json").read_bytes())
    log = tn.read_hubspot(tmp_path)
    assert Counter(log.frame["channel"]) == {"meeting": 2}
    assert log.ledger.counts["missing_source"] == 3
    assert log.ledger.counts["external"] == 1
    assert any("owners.json" in one for one in log.lacks)
    log = tn.read_hubspot(tmp_path, domains="firm.example")
    assert sorted(log.frame.loc[log.frame["channel"] == "mail", "target"]) == ["ben@firm.example", "cleo@firm.example"]


def invent(seed):
    """Owners and activities with every trap, each as a plain mapping, which the tests write in either shape."""
    rng = random.Random(seed)  # noqa: S311 - made-up data
    owners = {str(100 + at): 9000 + at for at in range(rng.randint(2, 6))}
    ids, users = [*owners, "777"], [*owners.values(), 9999]
    addresses = [f"p{one}@firm.example" for one in owners] + [CUSTOMER, "other@customer.example"]
    start = 1_767_225_600_000
    moment = lambda: start + 1000 * rng.randint(0, 20_000_000)  # noqa: E731
    made = [
        {
            "id": 1, "kind": "TASK", "time": start, "created": start, "user": 9000, "owner": "101", "attending": [], "start": None,
            "end": None, "outcome": "", "from": "", "to": [], "cc": [], "bcc": [], "gone": False, "text": PLANTED[0],
        }
    ]  # fmt: skip
    for at in range(rng.randint(0, 20)):
        kind = rng.choice(["TASK", "CALL", "EMAIL", "EMAIL", "MEETING", "MEETING", "NOTE"])
        begin = moment()
        made.append(
            {
                "id": at + 2, "kind": kind, "time": rng.choices([moment(), None, "soon"], [12, 1, 1])[0], "created": moment(),
                "user": rng.choice([*users, *users, None]), "owner": rng.choice([*ids, *ids, None]), "attending": rng.choices(ids, k=2),
                "start": begin, "end": begin + rng.choice([1_800_000, 3_600_000, -60_000]),
                "outcome": rng.choice(["COMPLETED", "", "CANCELED", "NO_SHOW"]), "from": rng.choice([*addresses, ""]),
                "to": rng.choices(addresses, k=rng.randint(0, 2)), "cc": rng.choices(addresses, k=rng.randint(0, 1)),
                "bcc": rng.choices(addresses, k=rng.randint(0, 1)), "gone": rng.random() < 0.1, "text": rng.choice(PLANTED),
            }
        )  # fmt: skip
    return owners, made


def engagement(one):
    """An activity as the engagements API answers."""
    head = {"id": one["id"], "active": not one["gone"], "createdAt": one["created"], "createdBy": one["user"], "type": one["kind"]}
    head |= {"ownerId": None if one["owner"] is None else int(one["owner"]), "timestamp": one["time"], "bodyPreview": one["text"]}
    person = lambda address: {"email": address.upper(), "firstName": one["text"]}  # noqa: E731
    metadata = {"subject": one["text"], "body": one["text"], "html": f"<p>{one['text']}</p>", "title": one["text"]}
    if one["kind"] == "EMAIL":
        metadata |= {"from": person(one["from"]), **{name: [person(address) for address in one[name]] for name in ("to", "cc", "bcc")}}
    if one["kind"] == "MEETING":
        metadata |= {"startTime": one["start"], "endTime": one["end"], "meetingOutcome": one["outcome"]}
    attending = [int(owner) for owner in one["attending"]] if one["kind"] == "MEETING" else []
    return {"engagement": head, "associations": {"contactIds": [501], "ownerIds": attending}, "metadata": metadata}


def as_object(one):
    """An activity as the objects API answers."""
    text = lambda value: None if value is None else str(value)  # noqa: E731
    iso = lambda value: datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") if isinstance(value, int) else value  # noqa: E731
    held = {"hs_timestamp": iso(one["time"]), "hs_createdate": iso(one["created"]), "hubspot_owner_id": text(one["owner"])}
    held |= {"hs_created_by_user_id": text(one["user"]), "hs_body_preview": one["text"]}
    if one["kind"] == "MEETING":
        held |= {"hs_meeting_title": one["text"], "hs_attendee_owner_ids": ";".join(one["attending"])}
        held |= {"hs_meeting_start_time": iso(one["start"]), "hs_meeting_end_time": iso(one["end"]), "hs_meeting_outcome": one["outcome"]}
    if one["kind"] == "EMAIL" and one["id"] % 2:
        person = lambda address: {"email": address, "firstName": one["text"]}  # noqa: E731
        headers = {"from": person(one["from"]), **{name: [person(address) for address in one[name]] for name in ("to", "cc", "bcc")}}
        held |= {"hs_email_subject": one["text"], "hs_email_headers": json.dumps(headers)}
    elif one["kind"] == "EMAIL":
        held |= {"hs_email_subject": one["text"], "hs_email_from_email": one["from"]}
        held |= {f"hs_email_{name}_email": ";".join(one[name]) for name in ("to", "cc", "bcc")}
    return {"id": str(one["id"]), "properties": held, "createdAt": iso(one["created"]), "archived": one["gone"]}


def written(owners, made, folder, *, objects=False, order=None, pages=1, archive=False):
    """Write an export in either shape; with `order`, a seed, in another order."""
    listed = [
        {"id": who, "email": f"P{who}@firm.example", "userId": user, "firstName": "Person", "archived": False}
        for who, user in owners.items()
    ]
    files = {"owners.json": {"results": listed}}
    held = random.Random(order).sample(made, len(made)) if order is not None else made  # noqa: S311 - made-up data
    kinds = FILES if objects else {None: "engagements"}
    for kind, name in kinds.items():
        chosen = [one for one in held if kind in (None, one["kind"])]
        for page in range(min(pages, len(chosen) or 1)):
            items = [as_object(one) if objects else engagement(one) for one in chosen[page::pages]]
            more = {"paging": {"next": {"after": "x", "link": PLANTED[1]}}} if objects else {"hasMore": True, "offset": 1}
            files[f"{name} {page}.json"] = {"results": items, **(more if page < min(pages, len(chosen)) - 1 else {})}
    folder.mkdir(parents=True, exist_ok=True)
    if archive:
        with zipfile.ZipFile(folder / "hubspot.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            for name, value in files.items():
                packed.writestr(f"{PLANTED[2]}/{name}", json.dumps(value))
        return folder / "hubspot.zip"
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return folder


def counted_by_hand(owners, made):
    """Codes of records and the interactions of all, as a plain reading of the rules gives them."""
    codes, links = Counter(), Counter()
    of_user = {user: who for who, user in owners.items()}
    named = lambda address: next((who for who in owners if address == f"p{who}@firm.example"), address)  # noqa: E731
    for one in made:
        when = one["created"] if one["kind"] == "TASK" else one["time"] or one["created"]
        if one["gone"]:
            code = "deleted"
        elif one["kind"] == "NOTE":
            code = "other_action"
        elif one["kind"] in ("TASK", "CALL"):
            creator = one["user"] and of_user.get(one["user"], f"user {one['user']}")
            code = "missing_source" if not creator else "bad_time" if when == "soon" else "" if one["owner"] else "no_recipient"
            code = code or ("self" if creator == one["owner"] else "used")
            links[creator, one["owner"], "assign"] += code == "used"
        elif one["kind"] == "EMAIL":
            to = {named(address) for name in ("to", "cc", "bcc") for address in one[name]}
            sender, inside = named(one["from"]), {who for who in to if who in owners}
            code = "missing_source" if not sender else "bad_time" if when == "soon" else "" if to else "no_recipient"
            if not code and (sender not in owners or (not inside - {sender} and to - inside)):
                code = "external"
            code = code or ("used" if inside - {sender} else "self")
            for who in inside - {sender} if code == "used" else ():
                links[sender, who, "mail"] += 1
        elif one["outcome"] == "CANCELED":
            code = "cancelled"
        elif one["end"] < one["start"]:
            code = "bad_duration"
        else:
            there = {one["owner"], *one["attending"]} - {None}
            code = "used" if len(there) > 1 else "alone"
            for who in there if code == "used" else ():
                for other in there - {who}:
                    links[who, other, "meeting"] += 1
        codes[code] += 1
    return codes, Counter({link: count for link, count in links.items() if count})


def check(seed, folder):
    owners, made = invent(seed)
    codes, links = counted_by_hand(owners, made)
    logs = [tn.read_hubspot(written(owners, made, folder / f"{seed} {objects}", objects=objects)) for objects in (False, True)]
    for log in logs:
        assert Counter(zip(log.frame["source"], log.frame["target"], log.frame["channel"], strict=True)) == links, seed
        assert dict(log.ledger.counts) == codes, seed
        assert_closed(log, len(made))
        assert_no_planted(log)
    same_log(*logs)


def test_generated_exports_of_either_shape_give_what_a_plain_reading_of_the_rules_gives(tmp_path):
    for seed in range(8):
        check(seed, tmp_path)


@pytest.mark.exports
def test_many_generated_exports_give_what_a_plain_reading_of_the_rules_gives(tmp_path):
    for seed in range(8, 508):
        check(seed, tmp_path)


def test_order_pages_packing_and_the_zone_of_the_machine_change_nothing(tmp_path, monkeypatch):
    owners, made = invent(3)
    log = tn.read_hubspot(written(owners, made, tmp_path / "plain"))
    mixed = written(owners, made, tmp_path / "pages", objects=True, order=1, pages=3)
    with monkeypatch.context() as there:
        there.setenv("TZ", "America/Lima")
        time.tzset()
        paged = tn.read_hubspot(mixed)
        same_log(log, paged)
        same_log(log, tn.read_hubspot(written(owners, made, tmp_path / "packed", order=2, archive=True)))
    time.tzset()
    assert not any("last page" in one for one in paged.lacks)
    # The same activities in both shapes and once more: repeats, since both APIs give the same ids.
    written(owners, made, tmp_path / "pages")
    twice = tn.read_hubspot(tmp_path / "pages")
    same_log(log, twice)
    assert twice.ledger.counts["repeated_record"] == len(made)


def test_the_period_and_the_number_of_people_are_bounded(tmp_path):
    owners, made = invent(4)
    folder = written(owners, made, tmp_path)
    log = tn.read_hubspot(folder)
    days = sorted(log.frame["time"].astype(str).str[:10])
    later = tn.read_hubspot(folder, since=days[-1])
    assert later.ledger.rows_in == len(made)
    assert set(later.frame["event"]) == set(log.frame.loc[log.frame["time"].astype(str) >= days[-1], "event"])
    big = {**made[0], "id": 99, "kind": "MEETING", "start": 1_767_225_600_000, "end": 1_767_229_200_000}
    big |= {"attending": [str(at) for at in range(1000, 1260)]}
    log = tn.read_hubspot(written(owners, [made[0], big], tmp_path / "big"))
    assert dict(log.ledger.counts) == {"used": 1, "too_many_people": 1}


def test_a_queue_is_no_person_and_legacy_owners_are_read(tmp_path):
    listed = [
        {"ownerId": 11, "type": "PERSON", "email": "a@firm.example", "activeUserId": 1, "isActive": True},
        {"ownerId": 12, "type": "QUEUE", "email": "", "userIdIncludingInactive": 2, "isActive": False},
        {"ownerId": 13, "type": "PERSON", "email": "c@firm.example", "userIdIncludingInactive": 3, "isActive": False},
    ]
    (tmp_path / "owners.json").write_text(json.dumps(listed))
    tasks = [{"id": at, "type": "TASK", "createdAt": 1_767_225_600_000, "createdBy": 3, "ownerId": 10 + at} for at in (1, 2, 3)]
    (tmp_path / "tasks.json").write_text(json.dumps([*({"engagement": task} for task in tasks), {"other": 1}]))
    log = tn.read_hubspot(tmp_path)
    assert log.frame[["source", "target"]].values.tolist() == [["13", "11"]]
    assert dict(log.ledger.counts) == {"used": 1, "no_person": 1, "self": 1, "bad_record": 1}
    assert log.people_found.set_index("id")["deactivated"].to_dict() == {"11": False, "12": True, "13": True}


def test_contacts_beside_the_activities_are_passed_over_and_a_line_may_hold_each(tmp_path):
    owners, made = invent(6)
    log = tn.read_hubspot(written(owners, made, tmp_path / "plain", objects=True))
    folder = tmp_path / "lines"
    folder.mkdir()
    listed = json.loads((tmp_path / "plain/owners.json").read_text())["results"]
    (folder / "owners.jsonl").write_text("\n".join(map(json.dumps, listed)))
    (folder / "all.jsonl").write_text("\n".join(json.dumps(engagement(one)) for one in made) + "\n")
    contact = {"id": "5", "properties": {"email": CUSTOMER, "hs_email_domain": "x", "hubspot_owner_id": "101", "hs_task_label": PLANTED[0]}}
    (folder / "contacts.json").write_text(json.dumps({"results": [contact]}))
    (folder / "call_center_contacts.json").write_text(json.dumps({"results": [contact]}))
    same_log(log, tn.read_hubspot(folder))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"results": [{"id": "1", "userId": 2, "email": "a@firm.example"}]}', "this is not a HubSpot export"),
        ('{"results": []}', "not a HubSpot export"),
        ('{"actions": [{"idMemberCreator": "1"}]}', "use the reader 'trello'"),
        (f'{{"results": [{{"engagement": {{"id": 1, "type": "NOTE", "text": "{PLANTED[0]}"', "is no JSON, or ends too early"),
        (f'{{"results": [{{"engagement": {{"id": 1, "type": "NOTE"}}, "metadata": "{PLANTED[0]}"}}]}}', "1 of 1 records are other_action"),
        (f'{{"results": [{{"engagement": {{"id": 1, "type": "TASK", "ownerId": 3}}, "metadata": ["{PLANTED[0]}"]}}]}}', "missing_source"),
        (f"{PLANTED[0]}\n", "is no JSON"),
    ],
)
def test_what_is_no_export_or_links_no_one_is_said_in_one_line(tmp_path, text, words):
    (tmp_path / f"{PLANTED[1]}.json").write_text(text)
    with pytest.raises(TienetError, match=re.escape(words)) as error:
        tn.read_hubspot(tmp_path)
    assert "\n" not in str(error.value)
    assert_no_planted(None, str(error.value))


def test_a_truncated_archive_is_refused(tmp_path):
    path = written(*invent(1), tmp_path, archive=True)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError) as error:
        tn.read_hubspot(path)
    assert_no_planted(None, str(error.value))
