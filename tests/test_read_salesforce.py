"""Tables of Salesforce, against counts made by others and an independent count of generated tables."""

from __future__ import annotations

import csv
import io
import random
import re
import time
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, rows_of, same_log
from real import find
from tienet.base.errors import ArgumentError, DataError, TienetError

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
EXPORTS = find("made_up_exports")
COLUMNS = {
    "User": ("Id", "Name", "Username", "Email", "IsActive", "UserType"),
    "Task": ("Id", "OwnerId", "CreatedById", "WhoId", "Subject", "Description", "CreatedDate", "ActivityDate", "IsDeleted"),
    "Event": (
        "Id", "OwnerId", "CreatedById", "CreatedDate", "StartDateTime", "EndDateTime", "DurationInMinutes", "IsAllDayEvent", "IsChild",
        "IsDeleted", "IsRecurrence", "RecurrenceActivityId", "Subject", "Location",
    ),
    "EventRelation": ("Id", "EventId", "RelationId", "IsInvitee", "Status", "IsDeleted"),
    "OpportunityTeamMember": ("Id", "OpportunityId", "UserId", "TeamMemberRole", "CreatedDate", "IsDeleted"),
    "AccountHistory": ("Id", "AccountId", "Field", "OldValue", "NewValue", "CreatedById", "CreatedDate", "IsDeleted"),
}  # fmt: skip
TASKS = "Id,OwnerId,CreatedById,WhoId,CreatedDate\n"
QUEUE, CONTACT, ROOM = "00G000000000001", "003000000000001", "023000000000001"


def test_the_made_up_tables_give_what_an_independent_script_counted():
    log = tn.read_salesforce(EXPORTS / "raw/salesforce", teams=True)
    assert_counts(log, EXPORTS / "expected/salesforce.json")
    assert_closed(log, 13)
    assert dict(log.left_out) == {"declined": 1, "room": 1}
    assert Counter(log.frame["channel"]) == {"meeting": 2, "assign": 2, "team": 6}
    assert set(log.frame.loc[log.frame["channel"] == "meeting", "duration"]) == {30.0}


def test_a_warehouse_copy_gives_what_an_independent_script_counted():
    folder = find("salesforce_tables")
    log = tn.read_salesforce(folder / "raw")
    assert_counts(log, folder / "expected/salesforce_tables.json")
    assert_closed(log, 20)
    assert any("EventRelation" in one for one in log.lacks)
    assert log.frame["time"].astype(str).str.startswith("2019-11-11 17:23:34").all()  # no zone is UTC


def test_teams_are_counted_only_if_asked_for():
    log = tn.read_salesforce(EXPORTS / "raw/salesforce")
    assert log.ledger.counts["other_action"] == 4
    assert "team" not in set(log.frame["channel"])
    assert any("teams=True" in one for one in log.notes)


def test_users_become_people_of_the_roster_by_their_address_and_by_ids_of_either_length():
    folder = EXPORTS / "raw/salesforce"
    people = {"person": ["ANA@firm.example", "b"], "function": ["Sales", "Sales"]}
    identities = {"person": ["b"], "kind": ["salesforce"], "value": ["005000000000002AAA"]}
    log = tn.read_salesforce(folder, people=people, identities=identities)
    assert set(log.frame["source"]) | set(log.frame["target"]) == {"ANA@firm.example", "b", "salesforce:005000000000003"}
    by = dict(zip(log.people_found["id"], log.people_found["matched_by"], strict=True))
    assert (by["005000000000001"], by["005000000000002"]) == ("address", "identities")


def test_the_period_holds_starts_of_meetings_and_creation_of_tasks():
    folder = EXPORTS / "raw/salesforce"
    log = tn.read_salesforce(folder, since="2026-03-03", until="2026-03-04")
    assert Counter(log.frame["channel"]) == {"meeting": 2}
    assert log.ledger.counts["outside_period"] == 6  # the tasks and events that are not deleted or copies
    with pytest.raises(DataError, match="gives no interaction"):
        tn.read_salesforce(folder, since="2030-01-01")


def wide(who, rng=None):
    """An id in 15 or 18 letters."""
    return who if who and rng is not None and rng.random() < 0.5 else f"{who}AAA" if who else ""


def invent(seed):
    """Tables with every trap, as rows by their columns, in the official shape."""
    rng = random.Random(seed)  # noqa: S311 - made-up data
    planted = lambda: rng.choice(PLANTED) + rng.choice(["", ";", ' "quoted", ', "\n", "'"])  # noqa: E731
    users = [f"0050000000000{at:02}" for at in range(rng.randint(2, 7))]
    kinds = {user: rng.choices(["Standard", "AutomatedProcess", "PowerPartner"], [8, 1, 1])[0] for user in users[2:]}
    kinds |= dict.fromkeys(users[:2], "Standard")
    tables = {name: [] for name in COLUMNS}
    for user in users[: len(users) - rng.randint(0, 1) if len(users) > 2 else None]:
        row = {"Id": wide(user, rng), "Name": f"Person {user[-2:]}", "Username": f"u{user[-2:]}@firm.example.crm", "UserType": kinds[user]}
        tables["User"].append(row | {"Email": f"P{user[-2:]}@firm.example", "IsActive": rng.choice(["true", "FALSE"])})
    moment = lambda: (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randint(0, 400_000))).strftime(  # noqa: E731
        rng.choice(["%Y-%m-%dT%H:%M:%S.000Z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.000+0000"])
    )
    when = lambda: rng.choices([moment(), "", "yesterday"], [12, 1, 1])[0]  # noqa: E731
    one = lambda *others: wide(rng.choice([*users, *users, *others]), rng)  # noqa: E731
    true = lambda share: rng.choice(["true", "TRUE", "1"]) if rng.random() < share else rng.choice(["false", "FALSE", "0", ""])  # noqa: E731
    for at in range(rng.randint(0, 12)):
        tables["Task"].append(
            {
                "Id": f"00T{at:012}AAA", "OwnerId": one(QUEUE, ""), "CreatedById": one(""), "WhoId": wide(CONTACT), "Subject": planted(),
                "Description": planted(), "CreatedDate": when(), "ActivityDate": "2026-03-05", "IsDeleted": true(0.1),
            }
        )  # fmt: skip
    for at in range(rng.randint(0, 12)):
        event, start = f"00U{at:012}", when()
        series = rng.choice(["", "", f"00U{rng.randint(0, 11):012}AAA"])
        tables["Event"].append(
            {
                "Id": wide(event, rng), "OwnerId": one(QUEUE, ""), "CreatedById": one(""), "CreatedDate": when(), "StartDateTime": start,
                "DurationInMinutes": rng.choice(["30", "60", "-5", ""]), "IsAllDayEvent": true(0.1), "IsChild": true(0.1),
                "IsDeleted": true(0.1), "IsRecurrence": true(0.2), "RecurrenceActivityId": series, "Subject": planted(),
                "Location": planted(),
            }
        )  # fmt: skip
        for who in rng.sample([*users, CONTACT, ROOM, "001000000000001"], rng.randint(0, 4)):
            row = {"Id": f"0RE{len(tables['EventRelation']):012}", "EventId": wide(event, rng), "RelationId": wide(who, rng)}
            row |= {"IsInvitee": true(0.9), "Status": rng.choice(["New", "Accepted", "Declined", ""]), "IsDeleted": true(0.1)}
            tables["EventRelation"].append(row)
    for at in range(rng.randint(0, 8)):
        row = {"Id": f"00q{at:012}", "OpportunityId": f"00600000000000{rng.randint(1, 2)}", "UserId": one("")}
        row |= {"TeamMemberRole": planted(), "CreatedDate": when(), "IsDeleted": true(0.1)}
        tables["OpportunityTeamMember"].append(row)
    for at in range(rng.randint(0, 8)):
        by_name = rng.random() < 0.3
        row = {"Id": f"017{at:012}", "AccountId": "001000000000001", "Field": rng.choice(["Owner", "OwnerId", "Name", "owner_id"])}
        row |= {"OldValue": planted() if by_name else one(QUEUE, ""), "NewValue": planted() if by_name else one(QUEUE, "")}
        tables["AccountHistory"].append(row | {"CreatedById": one(), "CreatedDate": when(), "IsDeleted": true(0.1)})
    # A record that is used in any case.
    tables["Task"].append({"Id": "00TX", "OwnerId": users[1], "CreatedById": users[0], "CreatedDate": "2026-03-02T09:00:00Z"})
    return tables, kinds


def written(tables, folder, rng=None, *, snake=False, parts=1, archive=False, sign=","):
    """Write tables as CSV files; with `rng`, their rows in another order."""
    files = {}
    for name, rows in tables.items():
        if not rows and name not in ("Task", "Event"):
            continue
        held = rng.sample(rows, len(rows)) if rng else rows
        for part in range(parts):
            text = io.StringIO()
            columns = [re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one).lower() if snake else one for one in COLUMNS[name]]
            writer = csv.writer(text, delimiter=sign)
            writer.writerow(columns)
            writer.writerows([row.get(column, "") for column in COLUMNS[name]] for row in held[part::parts])
            files[f"{name}_{part}.csv" if parts > 1 else f"{name}.csv"] = text.getvalue()
    folder.mkdir(parents=True, exist_ok=True)
    if archive:
        with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            for name, text in files.items():
                packed.writestr(f"export/{name}", text)
        return folder / "export.zip"
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8-sig" if snake else "utf-8", newline="")
    return folder


def is_true(cell):
    return cell.lower() in ("true", "1")


def readable(cell):
    return bool(re.match(r"\d{4}-\d\d-\d\d", cell))


def counted_by_hand(tables, kinds):
    """Codes of records and the interactions (source, target, channel) of all, as a plain reading of the rules gives them."""
    codes, links = Counter(), Counter()
    known = {row["Id"][:15]: row["UserType"] for row in tables["User"]}

    def kind_of(who):
        named = {QUEUE: "queue", CONTACT: "customer", ROOM: "room"}
        return named.get(who) or {"AutomatedProcess": "bot", "PowerPartner": "customer"}.get(known.get(who, "Standard"), "person")

    def single(source, target, when, channel):
        if not source:
            code = "missing_source"
        elif not readable(when):
            code = "bad_time" if when else "missing_time"
        elif not target:
            code = "bot" if kind_of(source) == "bot" else "no_recipient"
        else:
            code = {"bot": "bot", "queue": "no_person", "customer": "external"}.get(kind_of(source))
            code = code or {"bot": "no_person", "queue": "no_person", "customer": "external"}.get(kind_of(target))
            code = code or ("self" if source == target else "used")
        codes[code] += 1
        if code == "used":
            links[source, target, channel] += 1

    def short(row, name):
        return row.get(name, "")[:15]

    for row in tables["Task"]:
        if is_true(row.get("IsDeleted", "")):
            codes["deleted"] += 1
        else:
            single(short(row, "CreatedById"), short(row, "OwnerId"), row["CreatedDate"], "assign")
    live = [row for row in tables["Event"] if not is_true(row["IsDeleted"])]
    codes["deleted"] += len(tables["Event"]) - len(live)
    series = {short(row, "RecurrenceActivityId") for row in live if short(row, "RecurrenceActivityId") != short(row, "Id")}
    for row in live:
        owner, creator, start = short(row, "OwnerId"), short(row, "CreatedById"), row["StartDateTime"]
        invited = set()
        for relation in tables["EventRelation"]:
            if short(relation, "EventId") == short(row, "Id") and not is_true(relation["IsDeleted"]) and is_true(relation["IsInvitee"]):
                who = short(relation, "RelationId")
                if who.startswith("005") and relation["Status"] != "Declined":
                    invited.add(who)
        there = {owner, *invited}
        if is_true(row["IsRecurrence"]) and short(row, "Id") in series:
            codes["series_master"] += 1
        elif is_true(row["IsChild"]):
            codes["child_copy"] += 1
        elif is_true(row["IsAllDayEvent"]):
            codes["all_day"] += 1
        elif not owner:
            codes["missing_source"] += 1
        elif len(there) == 1 and creator and creator != owner and owner != QUEUE:
            single(creator, owner, row["CreatedDate"] or start, "assign")
        elif row["DurationInMinutes"] == "-5":
            codes["bad_duration"] += 1
        elif not readable(start):
            codes["bad_time" if start else "missing_time"] += 1
        else:
            left = [who for who in there if kind_of(who) == "person"]
            codes["used" if len(left) > 1 else "alone"] += 1
            for one in left:
                for other in left:
                    if one != other:
                        links[one, other, "meeting"] += 1
    for row in tables["AccountHistory"]:
        values = [row["OldValue"], row["NewValue"]]
        if is_true(row["IsDeleted"]):
            codes["deleted"] += 1
        elif row["Field"] == "Name" or any(one and not one.startswith("00") for one in values):
            codes["other_action"] += 1
        elif not values[0]:
            codes["no_person"] += 1
        else:
            single(values[0][:15], values[1][:15], row["CreatedDate"], "handover")
    members = {}
    stated = [row for row in tables["OpportunityTeamMember"] if not is_true(row["IsDeleted"])]
    codes["deleted"] += len(tables["OpportunityTeamMember"]) - len(stated)
    for row in stated:
        if not row["UserId"]:
            codes["missing_source"] += 1
        elif not readable(row["CreatedDate"]):
            codes["bad_time" if row["CreatedDate"] else "missing_time"] += 1
    fit = [row for row in stated if row["UserId"] and readable(row["CreatedDate"])]
    for row in sorted(fit, key=lambda one: (one["CreatedDate"].replace("T", " ")[:19], one["Id"])):
        there, who = members.setdefault(row["OpportunityId"], set()), short(row, "UserId")
        others = there - {who}
        there.add(who)
        new = [one for one in others if kind_of(one) == "person"] if kind_of(who) == "person" else []
        if new:
            codes["used"] += 1
            for one in new:
                links[who, one, "team"] += 1
                links[one, who, "team"] += 1
        elif not others:
            codes["alone"] += 1
        elif "bot" in (kind_of(who), *map(kind_of, others)):
            codes["bot"] += 1
        else:
            codes["external"] += 1
    return {code: count for code, count in codes.items() if count}, links


def check(seed, folder):
    tables, kinds = invent(seed)
    log = tn.read_salesforce(written(tables, folder / str(seed)), teams=True)
    codes, links = counted_by_hand(tables, kinds)
    assert dict(log.ledger.counts) == codes, seed
    assert Counter(zip(log.frame["source"], log.frame["target"], log.frame["channel"], strict=True)) == links, seed
    assert_closed(log, sum(len(tables[name]) for name in COLUMNS if name not in ("User", "EventRelation")))
    assert_no_planted(log)


def test_generated_tables_give_what_a_plain_reading_of_the_rules_gives(tmp_path):
    for seed in range(15):
        check(seed, tmp_path)


@pytest.mark.exports
def test_many_generated_tables_give_what_a_plain_reading_of_the_rules_gives(tmp_path):
    for seed in range(15, 515):
        check(seed, tmp_path)


def test_order_parts_spelling_packing_and_the_zone_of_the_machine_change_nothing(tmp_path, monkeypatch):
    for seed in (1, 2):
        tables, _ = invent(seed)
        log = tn.read_salesforce(written(tables, tmp_path / f"{seed}"), teams=True)
        rng = random.Random(seed)  # noqa: S311 - made-up data
        same_log(log, tn.read_salesforce(written(tables, tmp_path / f"{seed} mixed", rng, sign=";"), teams=True))
        parted = written(tables, tmp_path / f"{seed} parts", parts=3, snake=True)
        same_log(log, tn.read_salesforce(parted, teams=True))
        with monkeypatch.context() as there:
            there.setenv("TZ", "Asia/Tokyo")
            time.tzset()
            same_log(log, tn.read_salesforce(written(tables, tmp_path / f"{seed} packed", archive=True), teams=True))
        time.tzset()
        # Every table twice: the second copies are repeats.
        for file in list((tmp_path / f"{seed}").iterdir()):
            file.with_stem(f"{file.stem} again").write_bytes(file.read_bytes())
        twice = tn.read_salesforce(tmp_path / f"{seed}", teams=True)
        same_log(log, twice)
        assert twice.ledger.counts["repeated_record"] == log.ledger.rows_in
        assert {**twice.ledger.counts, "repeated_record": 0} == {**log.ledger.counts, "repeated_record": 0}


def test_teams_of_users_link_their_owner_and_broken_rows_are_counted(tmp_path):
    (tmp_path / "UserTeamMember.csv").write_text(
        "Id,OwnerId,UserId,TeamMemberRole,CreatedDate\n"
        f"1,005000000000001,005000000000002,{PLANTED[0]},2026-03-02T09:00:00Z\n"
        f"2,005000000000001,005000000000003,{PLANTED[0]},2026-03-02T09:00:00Z,,,\n"
    )
    log = tn.read_salesforce(tmp_path, teams=True)
    assert [one[2:] for one in rows_of(log)]
    assert sorted(zip(log.frame["source"], log.frame["target"], strict=True)) == [
        ("005000000000001", "005000000000002"), ("005000000000002", "005000000000001"),
    ]  # fmt: skip
    assert dict(log.ledger.counts) == {"used": 1, "bad_record": 1}
    assert (log.rejects[0].code, log.rejects[0].line) == ("bad_record", 3)
    assert_no_planted(log)


def test_meetings_of_many_people_are_excluded_before_they_are_expanded(tmp_path):
    relations = "\n".join(f"{at},00U1,{5:03}{at:012},true,Accepted" for at in range(90))
    (tmp_path / "EventRelation.csv").write_text(f"Id,EventId,RelationId,IsInvitee,Status\n{relations}\n")
    (tmp_path / "Event.csv").write_text(
        "Id,OwnerId,StartDateTime,EndDateTime\n00U1,005000000000001,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z\n"
    )
    with pytest.raises(DataError, match="too_many_people"):
        tn.read_salesforce(tmp_path, max_people=89)
    log = tn.read_salesforce(tmp_path, max_people=90)
    assert len(log.frame) == 90 * 89
    assert set(log.frame["size"]) == {90.0}
    assert set(log.frame["duration"]) == {60.0}


def test_what_an_event_is_about_is_no_person_also_if_it_is_a_custom_object(tmp_path):
    ends = "005000000000001,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z"
    (tmp_path / "Event.csv").write_text(f"Id,OwnerId,StartDateTime,EndDateTime\n00U000000000001,{ends}\n00U000000000002,{ends}\n")
    about = ["00U000000000001,001000000000001AAA,", "00U000000000001,a0B000000000001AAA,", "00U000000000002,005000000000002,"]
    (tmp_path / "EventRelation.csv").write_text("EventId,RelationId,Status\n" + "\n".join(about))
    log = tn.read_salesforce(tmp_path)
    assert log.ledger.counts == {"used": 1, "alone": 1}
    assert set(log.frame["source"]) == {"005000000000001", "005000000000002"}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.csv": f"{PLANTED[0]},b\n1,2\n"}, "this is not a Salesforce export"),
        ({"Opportunity.csv": "Id,OwnerId,Name\n1,2,3\n"}, "OwnerId, CreatedById"),
        ({"User.csv": "Id,Email,IsActive\n1,a@firm.example,true\n"}, "not a Salesforce export"),
        ({"Task.csv": "Id,OwnerId,CreatedById,WhoId,CreatedDate\n"}, "holds no record"),
        (
            {"Task.csv": "Id,OwnerId,CreatedById,WhoId,CreatedDate\n1,005000000000001,005000000000001,,2026-03-02\n"},
            "1 of 1 records are self",
        ),
        ({f"{PLANTED[0]}.json": '{"actions": [{"idMemberCreator": "1"}]}'}, "not a Salesforce export"),
        ({}, "holds no file"),
    ],
)
def test_what_is_no_export_or_links_no_one_is_said_in_one_line(tmp_path, files, words):
    folder = tmp_path / "export"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(TienetError, match=re.escape(words)) as error:
        tn.read_salesforce(folder)
    assert "\n" not in str(error.value)
    assert_no_planted(None, str(error.value))


def test_a_truncated_archive_and_bad_options_are_refused(tmp_path):
    tables, _ = invent(1)
    path = written(tables, tmp_path, archive=True)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError) as error:
        tn.read_salesforce(path)
    assert_no_planted(None, str(error.value))
    with pytest.raises(ArgumentError, match="teams must be True or False"):
        tn.read_salesforce(path, teams="yes")
    with pytest.raises(TienetError, match="no file"):
        tn.read_salesforce(tmp_path / "missing")


def test_customers_and_their_reps_are_no_export_and_are_read_as_a_table():
    folder = find("crm_chinook")
    with pytest.raises(DataError, match="not a Salesforce export"):
        tn.read_salesforce(folder / "raw")
    customers, invoices = (pd.read_csv(folder / f"raw/{name}.csv", dtype=str) for name in ("customers", "invoices"))
    expected = pd.read_csv(folder / "expected/by_rep.csv", dtype={"EmployeeId": str}).set_index("EmployeeId")
    # Customers and employees have numbers of their own: customer 3 is not employee 3.
    for table, name in ((customers, "customers"), (invoices.merge(customers, on="CustomerId"), "invoices")):
        log = tn.read_log({"source": "rep " + table["SupportRepId"], "target": "customer " + table["CustomerId"]})
        counts = Counter(one.removeprefix("rep ") for one in log.frame["source"])
        assert counts == expected[name].to_dict()


def test_what_a_missing_table_means_is_said(tmp_path):
    (tmp_path / "Task.csv").write_text(
        "Id,OwnerId,CreatedById,WhoId,CreatedDate\n1,005000000000002,005000000000001,,2026-03-02T09:00:00Z\n"
    )
    log = tn.read_salesforce(tmp_path)
    told = " ".join(log.lacks)
    assert all(word in told for word in ("table Event ", "table User", "field history"))
    assert "EventRelation" not in told


def test_archives_within_a_folder_are_to_be_unpacked(tmp_path):
    for part in ("WE_1.ZIP", "WE_2.ZIP"):
        with zipfile.ZipFile(tmp_path / part, "w") as packed:
            packed.writestr("Task.csv", TASKS)
    with pytest.raises(DataError, match=r"this is not a Salesforce export: .* found 2 files \(2 zip\); unpack the archives in it$"):
        tn.read_salesforce(tmp_path)
