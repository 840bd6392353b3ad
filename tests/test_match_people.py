"""Who the ids of exports are: matches, suggestions, conflicts, the table to fill in, and one person under several systems."""

from __future__ import annotations

import csv
import json
import random
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import tienet as tn
from exporting import PLANTED, rows_of
from real import find
from test_cli import call  # noqa: F401 - a fixture
from test_readers import seams  # noqa: F401 - a fixture
from test_study import folder  # noqa: F401 - a fixture
from tienet.base.errors import ArgumentError, DataError, InputNotFound, RowsUnmatched, TienetError
from tienet.network.reading.suggestions import NamedId, local_part, not_a_person, plain_words, roster_names, suggested
from tienet.network.sources import readers, register
from tienet.network.sources.exports.records import Records
from tienet.study.chain import log_of
from tienet.study.check import check_study
from tienet.study.page.exports import export_parts, people_found
from tienet.study.proposal.exports import find_exports
from tienet.study.proposal.looking import look
from tienet.study.proposal.proposing import propose
from tienet.study.proposal.study_text import study_text
from tienet.study.verdict import verdicts

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
DAY = 86_400_000_000
START = 20_089 * DAY  # 2025-01-01
RULE = tn.TieRule(min_interactions=1, half_life=None)
FORM = ["person", "kind", "value", "exclude", "valid_from", "valid_to", "name", "address", "interactions", "suggestion", "reason"]


def read_export(
    path,
    kind,
    *,
    people=None,
    identities=None,
    domains=None,
    timezone=None,
    since=None,
    until=None,
    max_people=250,
    ids="exact",
):
    """An export in JSON: `users` and `messages`, and perhaps `meetings`."""
    held = json.loads(Path(path).read_text())
    records = Records(
        kind,
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    for one in held.get("users", ()):
        records.person(one.pop("id"), **one)
    for at, (source, targets) in enumerate(held.get("messages", ())):
        records.add(START + at * held["step"], source, targets, "chat_direct", event=f"{at}")
    for at, those in enumerate(held.get("meetings", ())):
        records.meet(START + at * held["step"], those, event=f"m{at}")
    return records.log()


def read_toy(path, *, people=None, identities=None, domains=None, timezone=None, since=None, until=None, max_people=250, ids="exact"):
    """An export of the chat of tests."""
    given = {"domains": domains, "timezone": timezone, "since": since, "until": until, "max_people": max_people, "ids": ids}
    return read_export(path, "slack", people=people, identities=identities, **given)


def export(place, users=(), messages=(), meetings=(), step=DAY):
    place.write_text(json.dumps({"toy": 1, "users": users, "messages": messages, "meetings": meetings, "step": step}))
    return place


def user(who, address=None, name=None, handle=None, **flags):
    return {"id": who, "addresses": [address] if address else [], "name": name, "handles": [handle] if handle else [], **flags}


ROSTER = {
    "person": ["ana.silva@firm.example", "ben@firm.example", "e3", "e4", "e5"],
    "name": ["Ana Silva", "Ben Müller", "Cleo Ruiz", "Cleo Ruiz", "Dov Levi"],
    "email": [None, "ben.mueller@firm.example", "cleo@firm.example", "cleo.ruiz@firm.example", "dov@firm.example"],
    "function": ["Sales", "Marketing", "Sales", "Marketing", "Sales"],
}
USERS = [
    user("U1", "Ana.Silva@FIRM.example", "Ana"),  # an id of the roster, in capitals
    user("U2", "ben.mueller@firm.example", "Ben"),  # the other address of a person
    user("U3", None, "Cleo Ruiz"),  # a name of two people
    user("U4", None, "Levi, Dov"),  # a name of one
    user("U5", None, None, "ana_s"),
    user("U6", "info@firm.example", "Front desk"),
    user("U7", None, "Deploy", "deploybot", bot=True),
    user("U8", None, "Zoe Zwei"),
]
MESSAGES = [
    ("U1", ["U2", "U3"]),
    ("U2", ["U1"]),
    ("U4", ["U1"]),
    ("U4", ["U2"]),
    ("U5", ["U4"]),
    ("U6", ["U1"]),
    ("U7", ["U1"]),
    ("U8", ["U1"]),
]


@pytest.fixture(scope="module")
def team():
    return tn.read_people(ROSTER)


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    return export(tmp_path_factory.mktemp("chat") / "toy.json", USERS, MESSAGES)


@pytest.fixture(scope="module")
def log(team, chat):
    return read_toy(chat, people=team)


def of(frame, column="suggestion", key="id"):
    """A column of a frame by the ids, None where it is missing."""
    return {one: None if pd.isna(value) else value for one, value in zip(frame[key], frame[column], strict=True)}


# What is matched, suggested and in conflict


def test_every_id_is_in_one_of_five_frames(log, team):
    found = tn.match_people(team, log)
    assert of(found.matched, "person") == {"U1": "ana.silva@firm.example", "U2": "ben@firm.example"}
    assert set(found.matched["matched_by"]) == {"address"}
    assert of(found.suggested) == {"U4": "e5", "U5": "ana.silva@firm.example", "U6": None}
    assert of(found.suggested, "exclude") == {"U4": None, "U5": None, "U6": "group"}
    assert of(found.conflicts) == {"U3": "e3; e4"}
    assert of(found.left_out, "exclude") == {"U7": "bot"}
    assert list(found.unmatched["id"]) == ["U8"]
    frames = (found.matched, found.suggested, found.conflicts, found.left_out, found.unmatched)
    assert sorted(one for frame in frames for one in frame["id"]) == [one["id"] for one in USERS]


def test_the_reason_of_a_suggestion_is_said(log, team):
    found = tn.match_people(team, log)
    assert of(found.suggested, "reason") == {
        "U4": "same name",
        "U5": "handle like the name or address",
        "U6": "the address says info",
    }
    assert of(found.conflicts, "reason") == {"U3": "same name"}


def test_the_order_of_arguments_does_not_matter(log, team):
    assert str(tn.match_people(team, log)) == str(tn.match_people(log, team)) == str(tn.match_people(log=log, people=team))
    for wrong in ((log, log), (team, team), (3, log), (team, "log")):
        with pytest.raises(ArgumentError, match="must be of type"):
            tn.match_people(*wrong)


def test_a_log_read_without_the_people_table_is_matched_alike(log, team, chat):
    alone = tn.match_people(team, read_toy(chat))
    found = tn.match_people(team, log)
    for name in ("matched", "suggested", "conflicts", "left_out", "unmatched", "merged", "table"):
        pd.testing.assert_frame_equal(getattr(alone, name), getattr(found, name))
    assert (alone.rows, alone.unknown) == (found.rows, found.unknown)


def test_the_sentence_counts_and_shows_no_one(log, team):
    found = tn.match_people(team, log)
    assert str(found).startswith(
        "8 ids in the exports: 2 matched, 1 left out as no people, 3 with a suggestion, 1 that may be several people, 1 not known. "
        "6 of 8 rows name someone who is not in the people table (unknown_person); if they are not outsiders, say in a table of identities"
    )
    for text in (str(found), repr(found)):
        assert not [one for one in ("U1", "U8", "Silva", "Ruiz", "ana", "info@") if one in text]


def test_addresses_of_two_people_match_no_one(tmp_path, team):
    users = [{"id": "U1", "addresses": ["cleo@firm.example", "dov@firm.example"]}, user("U2", "ana.silva@firm.example")]
    log = read_toy(export(tmp_path / "toy.json", users, [("U1", ["U2"])]), people=team)
    for read in (log, read_toy(tmp_path / "toy.json")):
        found = tn.match_people(team, read)
        assert (of(found.conflicts), of(found.conflicts, "reason")) == ({"U1": "e3; e5"}, {"U1": "addresses of several people"})
    assert set(log.frame["source"]) == {"slack:U1"}


def test_several_addresses_of_one_person_match(tmp_path, team):
    users = [{"id": "U1", "addresses": ["b@elsewhere.example", "ben.mueller@firm.example"]}, user("U2")]
    place = export(tmp_path / "toy.json", users, [("U1", ["U2"])])
    for read in (read_toy(place, people=team), read_toy(place)):
        assert of(tn.match_people(team, read).matched, "person") == {"U1": "ben@firm.example"}


def test_a_log_of_a_table_has_rows_and_no_ids(team):
    log = tn.read_log({"source": ["ben@firm.example", "x"], "target": ["e3", "e4"]})
    found = tn.match_people(team, log)
    assert (found.rows, found.unknown) == (2, 1)
    for what in ("matched", "table", "merged", "unmatched"):
        with pytest.raises(DataError, match="does not say which people an export names"):
            getattr(found, what)
    with pytest.raises(DataError, match="aliases"):
        found.write("who.csv")


# The table to fill in


def filled(place, **who):
    """The file with some persons written in."""
    table = pd.read_csv(place, dtype=str, keep_default_na=False)
    for value, person in who.items():
        assert (table["value"] == value).sum() == 1
        table.loc[table["value"] == value, "exclude" if person in ("bot", "group", "room", "external") else "person"] = person
    table.to_csv(place, index=False)
    return place


def test_the_table_has_the_undecided_by_interactions(log, team, tmp_path):
    found = tn.match_people(team, log)
    place = found.write(tmp_path / "who.csv")
    table = pd.read_csv(place, dtype={"person": str}, keep_default_na=False)
    assert list(table.columns) == list(found.table.columns) == FORM
    assert list(table["value"]) == ["U4", "U3", "U5", "U6", "U8"]
    assert list(table["interactions"]) == [3, 1, 1, 1, 1]
    assert set(table["person"]) == {""}
    assert list(table["suggestion"]) == ["e5", "e3; e4", "ana.silva@firm.example", "", ""]
    assert list(table["exclude"]) == ["", "", "", "group?", ""]
    assert set(table["kind"]) == {"slack"}


def test_nothing_suggested_is_taken_by_itself(log, team, chat, tmp_path):
    place = tn.match_people(team, log).write(tmp_path / "who.csv")
    again = read_toy(chat, people=team, identities=place)
    assert rows_of(again) == rows_of(log)
    assert again.ledger.counts == log.ledger.counts
    assert str(tn.match_people(team, again, place)) == str(tn.match_people(team, log))


def test_a_table_that_is_filled_in_is_taken_and_kept(log, team, chat, tmp_path):
    place = filled(tn.match_people(team, log).write(tmp_path / "who.csv"), U4="e5", U3="e3", U6="group")
    read = read_toy(chat, people=team, identities=place)
    assert {"e3", "e5"} <= set(read.frame["source"]) | set(read.frame["target"])
    for one in (read, log):
        found = tn.match_people(team, one, place)
        assert of(found.matched, "person") == {"U1": "ana.silva@firm.example", "U2": "ben@firm.example", "U3": "e3", "U4": "e5"}
        assert of(found.left_out, "exclude") == {"U6": "group", "U7": "bot"}
        assert of(found.suggested) == {"U5": "ana.silva@firm.example"}
        assert list(found.unmatched["id"]) == ["U8"]
        table = found.table
        assert of(table, "person", "value") == {"U4": "e5", "U3": "e3", "U6": None, "U5": None, "U8": None}
        assert of(table, "exclude", "value") == {"U4": None, "U3": None, "U6": "group", "U5": None, "U8": None}
    found.write(place)  # over itself: nothing of what was filled in is lost
    assert rows_of(read_toy(chat, people=team, identities=place)) == rows_of(read)


def test_days_of_a_table_are_kept(log, team, tmp_path):
    who = {
        "person": ["e3", "e4"],
        "kind": ["slack"] * 2,
        "value": ["U3"] * 2,
        "valid_from": [None, "2025-03-01"],
        "valid_to": ["2025-03-01", None],
    }
    table = tn.match_people(team, log, who).table
    kept = table[table["value"] == "U3"]
    assert of(kept, "valid_from", "person") == {"e3": None, "e4": "2025-03-01"}
    assert of(kept, "valid_to", "person") == {"e3": "2025-03-01", "e4": None}
    for frame in (pd.DataFrame(who).astype({"valid_from": "datetime64[us]", "valid_to": "datetime64[us]"}),):
        again = tn.match_people(team, log, frame).table
        pd.testing.assert_frame_equal(again, table)


def test_people_of_the_table_who_are_in_no_people_table_are_counted(log, team):
    who = {"person": ["e5", "nobody", "no one"], "kind": ["slack"] * 3, "value": ["U4", "U5", "U8"]}
    found = tn.match_people(team, log, who)
    assert found.strangers == 2
    assert "the table of identities names 2 people not in the people table" in str(found)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ({"person": ["e3"], "kind": ["slak"], "value": ["U1"]}, "row 1 has a kind that is not known; did you mean 'slack'"),
        ({"person": ["e3", "e4"], "kind": ["slack"] * 2, "value": ["U1"] * 2}, "rows 1 and 2 give the same slack to two people"),
        ({"person": ["e3"], "value": ["U1"]}, "has no column 'kind'"),
        ({"exclude": ["robot"], "kind": ["slack"], "value": ["U1"]}, "row 1 has a reason in exclude that is not known"),
    ],
)
def test_a_table_that_is_wrong_is_refused_by_its_rows(log, team, who, said):
    with pytest.raises(DataError, match=said) as error:
        tn.match_people(team, log, who)
    assert "\n" not in str(error.value)
    assert "U1" not in str(error.value)


def test_ids_without_interactions_and_known_outsiders_are_not_asked_about(team, tmp_path):
    users = [
        user("U1", "ana.silva@firm.example"),
        user("U2"),
        user("U3"),
        user("U4", external=True),
        user("U5", None, "Dov Levi", external=True),
    ]
    log = read_toy(export(tmp_path / "toy.json", users, [("U1", ["U2", "U4", "U5"])]), people=team)
    found = tn.match_people(team, log)
    assert list(found.table["value"]) == ["U2", "U5"]
    assert list(found.unmatched["id"]) == ["U2", "U4", "U3"]


# Suggestions


@pytest.mark.parametrize(
    ("kind", "who", "address", "name", "handle", "people"),
    [
        ("slack", "U", None, "ana  SILVA", None, ["ana.silva@firm.example"]),
        ("slack", "U", None, "Silva, Ana (Sales)", None, []),
        ("slack", "U", None, "Ana S.", None, ["ana.silva@firm.example"]),
        ("slack", "U", None, "Ben Mueller", None, ["ben@firm.example"]),
        ("slack", "U", None, "Ben Muller", None, ["ben@firm.example"]),
        ("slack", "U", None, "Dr. Ben Müller", None, ["ben@firm.example"]),
        ("slack", "U", None, "Cleo", None, ["e3"]),  # the address of one is cleo@
        ("slack", "U", None, "C. Ruiz", None, []),  # two people, and only a part of the name
        ("slack", "U", None, "Ruiz Cleo", None, ["e3", "e4"]),
        ("email", "ana.silva@old.example", None, None, None, ["ana.silva@firm.example"]),
        ("email", "ana.silva+crm@firm.example", None, None, None, ["ana.silva@firm.example"]),
        ("email", "dlevi@old.example", None, None, None, ["e5"]),
        ("email", "a@old.example", None, None, None, []),
        ("trello", "5f", None, None, "bmueller", ["ben@firm.example"]),
        ("trello", "5f", None, None, "dov_l", ["e5"]),
        ("trello", "5f", None, None, "xy", []),
        ("resource", "Dov Levi", None, None, None, ["e5"]),
        ("resource", "dov.levi", None, None, None, ["e5"]),
        ("resource", "Dov", None, None, None, ["e5"]),
        ("ocel", "Ana Silva", None, None, None, ["ana.silva@firm.example"]),
        ("slack", "Dov Levi", None, None, None, []),  # an id of Slack is no name
        ("viva", "f3a9", None, None, None, []),
    ],
)
def test_who_is_suggested(team, kind, who, address, name, handle, people):
    found = suggested(NamedId(kind, who, address, name, handle), roster_names(team))
    assert list(found.people if found else ()) == people


@pytest.mark.parametrize(
    ("address", "name", "handle", "kind"),
    [
        ("info@x.example", None, None, "group"),
        ("No-Reply@x.example", None, None, "bot"),
        ("noreply@x.example", None, None, "bot"),
        ("do.not.reply@x.example", None, None, "bot"),
        ("support+eu@x.example", None, None, "group"),
        ("kundenservice@x.example", None, None, "group"),
        ("room.berlin@x.example", None, None, "room"),
        (None, "Deploy Bot", None, "bot"),
        (None, None, "crmbot", "bot"),
        (None, "Anna Abbot", None, None),
        ("anna.abbot@x.example", None, None, None),
        ("annainfo@x.example", None, None, None),
        (None, "Ana Support", None, None),
    ],
)
def test_what_is_suggested_as_no_person(address, name, handle, kind):
    found = not_a_person(NamedId("slack", "U1", address, name, handle), sent=1, received=1, senders=1)
    assert (found and found[0]) == kind


def test_senders_that_never_receive_and_recipients_of_many_are_suggested(team, tmp_path):
    many = [(f"P{at}", ["SINK"]) for at in range(100)] + [("SOURCE", ["P1"])] * 20 + [("P2", ["BOTH"])] * 20 + [("BOTH", ["P2"])]
    found = tn.match_people(team, read_toy(export(tmp_path / "toy.json", (), many), people=team))
    assert of(found.suggested, "exclude") == {"SINK": "group", "SOURCE": "bot"}
    assert of(found.suggested, "reason") == {"SINK": "received from 100, sent none", "SOURCE": "sent 20, received none"}


def test_words_and_local_parts_are_compared_in_plain_letters():
    assert plain_words("Þóra Æsir-O'Neil") == [("thora", "aesir", "oneil")]
    assert plain_words("MÜLLER, Jörg") == [("muller", "jorg"), ("mueller", "joerg")]
    assert plain_words("Dr.") == [("dr",)]
    assert plain_words("  ") == plain_words(None) == []
    assert local_part("A.B+c@d") == "a.b"
    assert local_part("nobody") is local_part(None) is local_part("@x") is None


# One person under several systems

SYSTEMS = ("slack", "mail", "calendar", "trello")


def several(tmp_path, seed=1):
    """A made-up firm in four systems, the file of each, its roster, the table of identities, and the pairs that there should be."""
    rng = random.Random(seed)  # noqa: S311
    people = [f"p{at}" for at in range(8)]
    ids = {"slack": lambda one: f"U{one}", "mail": lambda one: f"{one}@firm.example", "calendar": lambda one: f"{one}@FIRM.example"}
    ids["trello"] = lambda one: f"5f{one}"
    pairs, files = {}, {}
    for kind in SYSTEMS:
        messages = []
        for _ in range(60):
            source, target = rng.sample(people, 2)
            pairs[source, target] = pairs.get((source, target), 0) + 1
            messages.append((ids[kind](source), [ids[kind](target)]))
        users = [user(ids[kind](one), f"{one.upper()}@Firm.example" if kind == "slack" else None) for one in people]
        files[kind] = export(tmp_path / f"{kind}.json", users, messages)
    roster = tn.read_people({"person": people, "function": ["Sales", "Marketing"] * 4, "email": [f"{one}@firm.example" for one in people]})
    who = {"person": people, "kind": ["trello"] * 8, "value": [ids["trello"](one) for one in people]}
    return files, roster, who, pairs


def test_one_person_in_four_systems_is_one_person(tmp_path):
    files, roster, who, pairs = several(tmp_path)
    logs = [read_export(place, kind, people=roster, identities=who) for kind, place in files.items()]
    log = tn.combine(*logs)
    frame = log.frame
    assert frame.groupby(["source", "target"]).size().to_dict() == pairs
    assert log.ledger.counts == {"used": 240}
    assert len(log.people_found) == 24  # mail and calendar both have addresses
    found = tn.match_people(roster, log, who)
    assert found.unknown == len(found.unmatched) == len(found.suggested) == 0
    assert len(found.matched) == 24
    assert sorted(found.merged.groupby("person")["ids"].sum()) == [3] * 8
    assert found.merged["interactions"].sum() == 2 * len(frame)
    assert dict(found.merged.groupby("kind")["ids"].sum()) == {"email": 8, "slack": 8, "trello": 8}
    assert dict(found.merged.groupby("kind")["interactions"].sum()) == {"email": 240, "slack": 120, "trello": 120}
    again = tn.combine(*logs[::-1])
    assert sorted(frame.groupby(["source", "target", "time"]).size().items()) == sorted(
        again.frame.groupby(["source", "target", "time"]).size().items()
    )
    for name in ("kind", "person", "interactions"):
        assert again.people_found[name].tolist() == log.people_found[name].tolist()


def test_other_names_of_people_in_the_systems_change_nothing(tmp_path):
    """Metamorphic: ids of systems are renamed, and the ties stay."""
    files, roster, who, _ = several(tmp_path)
    ties = tn.build_ties(
        tn.combine(*(read_export(place, kind, people=roster, identities=who) for kind, place in files.items())), roster, rule=RULE
    )
    files["slack"].write_text(files["slack"].read_text().replace('"Up', '"W0'))
    files["trello"].write_text(files["trello"].read_text().replace('"5f', '"77'))
    renamed = who | {"value": [f"77{value[2:]}" for value in who["value"]]}
    other = tn.build_ties(
        tn.combine(*(read_export(place, kind, people=roster, identities=renamed) for kind, place in files.items())), roster, rule=RULE
    )
    pd.testing.assert_frame_equal(ties.frame, other.frame)


def test_two_ids_of_one_person_in_a_record_are_the_person_itself(tmp_path, team):
    users = [user("U1", "ana.silva@firm.example"), user("U2"), user("U3", "dov@firm.example")]
    place = export(tmp_path / "toy.json", users, [("U1", ["U2"]), ("U1", ["U2", "U3"])])
    log = read_toy(place, people=team, identities={"person": ["ana.silva@firm.example"], "kind": ["slack"], "value": ["u2"]})
    assert log.ledger.counts == {"used": 1, "self": 1}
    assert dict(log.left_out) == {"self": 1}
    merged = tn.match_people(team, log).merged
    assert merged[merged["person"] == "ana.silva@firm.example"]["ids"].tolist() == [2]


def test_an_id_that_changed_hands_is_two_people(tmp_path, team):
    place = export(tmp_path / "toy.json", [user("U1"), user("U3", "dov@firm.example")], [("U1", ["U3"]) for _ in range(10)])
    who = {
        "person": ["e3", "e4"],
        "kind": ["slack"] * 2,
        "value": ["U1"] * 2,
        "valid_from": [None, "2025-01-05"],
        "valid_to": ["2025-01-05", None],
    }
    log = read_toy(place, people=team, identities=who)
    assert log.frame["source"].value_counts().to_dict() == {"e3": 4, "e4": 6}
    for found in (tn.match_people(team, log), tn.match_people(team, log, who)):
        assert found.unknown == 0
        assert set(found.matched["id"]) == {"U1", "U3"}


def test_a_combined_log_keeps_who_was_found_and_what_lacks(tmp_path, team, log):
    table = tn.read_log({"source": ["ben@firm.example"], "target": ["e3"], "time": ["2025-01-01"]})
    both = tn.combine(table, log)
    pd.testing.assert_frame_equal(both.people_found, log.people_found)
    assert tn.match_people(team, both).rows == 9
    assert tn.combine(table, table).people_found.empty


# The study file and the commands


@pytest.fixture
def toy(seams, folder, firm):  # noqa: F811
    """The firm's log as an export in which two thirds of the people have an address, in the folder of a study, without a table yet."""
    tn.register_reader("toy", read_toy, takes="a JSON file")
    register._READERS["toy"] = register.Reader("toy", read_toy, "The chat of tests", "a JSON file", heads=(r'^{"toy": 1',))
    staff = pd.read_csv(folder / "people.csv", dtype=str)
    staff["email"] = staff["person"] + "@firm.example"
    staff["name"] = [f"First{at} Last{at}" for at in range(len(staff))]
    staff.to_csv(folder / "people.csv", index=False)
    users = [
        user(f"U{who}", f"{who}@firm.example" if at % 3 else None, f"first{at} last{at}") for at, who in enumerate(staff["person"].tolist())
    ]
    rows = firm.interactions.iloc[::6]
    messages = [(f"U{source}", [f"U{target}"]) for source, target in zip(rows["source"], rows["target"], strict=True)]
    export(folder / "chat.json", users, messages, step=600_000_000)
    (folder / "log.csv").unlink()
    study = folder / "study.toml"
    study.write_text(study.read_text().replace('log = "log.csv"', 'log = [{toy = "chat.json"}]'))
    return staff


def accept(place):
    """Take every suggestion of a table."""
    table = pd.read_csv(place, dtype=str, keep_default_na=False)
    table["person"] = table["suggestion"].where(table["person"] == "", table["person"])
    table.to_csv(place, index=False)


def test_a_study_of_exports_from_identify_to_the_model(toy, folder, firm, call):  # noqa: F811
    code, out, err = call("check", folder / "study.toml")
    assert code == 0, err
    assert any(line.startswith("ids: ") and "with a suggestion" in line for line in out)
    assert any(line.startswith("look at this  unknown people") and "tienet identify" in line for line in out)
    code, out, err = call("identify", folder / "study.toml", "-o", folder / "who.csv", "--merged", folder / "merged.csv")
    assert (code, out) == (0, [str(folder / "who.csv")]), err
    assert "with a suggestion" in err
    accept(folder / "who.csv")
    study = folder / "study.toml"
    study.write_text(study.read_text().replace("people =", 'identities = "who.csv"\npeople =', 1))
    code, out, err = call("check", study)
    assert code == 0, err
    assert not any("unknown people" in line for line in out)
    result = tn.read_study(study).study.run()
    rows = firm.interactions.iloc[::6]
    plain = {(min(pair), max(pair)) for pair in zip(rows["source"], rows["target"], strict=True)}
    held = result.log.frame
    assert {(min(pair), max(pair)) for pair in zip(held["source"], held["target"], strict=True)} == plain
    direct = replace(
        result.study,
        log=[tn.network.sources.LogSource("toy", folder / "chat.json")],
        people=pd.read_csv(folder / "people.csv", dtype=str),
        identities=pd.read_csv(folder / "who.csv", dtype=str),
    )
    pd.testing.assert_frame_equal(log_of(direct).frame, held)
    # Again, with the table: nothing is left to ask, and what was said stays.
    code, _, err = call("identify", study, "-o", folder / "who-2.csv")
    assert code == 0, err
    again, first = (pd.read_csv(folder / name, dtype=str)[["person", "kind", "value"]] for name in ("who-2.csv", "who.csv"))
    assert sorted(again.values.tolist()) == sorted(first.values.tolist())


def test_identify_from_exports_with_a_roster(toy, folder, call, tmp_path):  # noqa: F811
    words = ("--people", folder / "people.csv", "-o", tmp_path / "who.csv")
    tables = []
    for source in (folder / "chat.json", f"toy={folder / 'chat.json'}"):
        code, out, err = call("identify", source, *words, "--force")
        assert (code, out) == (0, [str(tmp_path / "who.csv")]), err
        assert "fill in person or exclude, and give the file as identities" in err
        tables.append((tmp_path / "who.csv").read_text())
    assert tables[0] == tables[1]
    assert tables[0].splitlines()[0] == ",".join(FORM)
    code, out, err = call("identify", folder / "chat.json", "--people", folder / "people.csv", "-o", "-", "--json")
    assert code == 0, err
    (said,) = map(json.loads, out)
    assert len(said["rows"]) == len(tables[0].splitlines()) - 1
    assert said["ids"] == said["matched"] + said["left_out"] + said["suggested"] + said["conflicts"] + said["unmatched"]
    code, out, _ = call("identify", folder / "chat.json", "--people", folder / "people.csv", "-o", "-", "-q")
    assert "\n".join(out) + "\n" == tables[0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("chat.json",), 2, "--people people.csv"),
        (("no.json", "--people", "people.csv"), 66, "no.json"),
        (("people.csv", "--people", "people.csv"), 2, "name its reader as KIND=PATH; readers: "),
        (("toy=no.json", "--people", "people.csv"), 66, "no.json"),
        (("study.toml", "--people", "people.csv"), 2, "the study file names its own people table"),
        (("chat.json", "--people", "people.csv", "-o", "people.csv"), 73, "people.csv exists already; add --force"),
        (("chat.json", "--people", "people.csv", "--merged", "people.csv"), 73, "people.csv exists already; add --force"),
        (("chat.json", "--people", "people.csv", "-o", "who.xlsx"), 2, "must end in .csv"),
        (("chat.json", "--people", "people.csv", "--identities", "outcomes.csv"), 65, "has no column 'kind'"),
        (("chat.json", "--people", "people.csv", "--identities", "no.csv"), 66, "no.csv"),
        (("chat.json", "--people", "outcomes.csv"), 65, "or map yours with --people-column function=..."),
    ],
)
def test_every_refusal_of_identify_is_one_line(toy, folder, call, monkeypatch, words, code, said):  # noqa: F811
    monkeypatch.chdir(folder)
    if words[0] == "toy=no.json":
        register._READERS["toy"] = register.Reader("toy", tn.network.sources.read_trello, "x", "y")
    before = sorted(one.name for one in folder.iterdir())
    ended, out, err = call("identify", *words)
    assert (ended, out) == (code, [])
    assert said in err
    assert err.count("\n") == 1
    assert sorted(one.name for one in folder.iterdir()) == before


def test_read_takes_people_identities_and_a_period_and_writes_who_was_found(toy, folder, call, tmp_path):  # noqa: F811
    out_of = ("-o", tmp_path / "log.parquet")
    code, _, err = call(
        "read",
        "toy",
        folder / "chat.json",
        "--people",
        folder / "people.csv",
        *out_of,
        "--people-found",
        tmp_path / "f.csv",
        "--rejects",
        tmp_path / "r.csv",
    )
    assert code == 0, err
    found = pd.read_csv(tmp_path / "f.csv", dtype=str)
    assert list(found.columns) == [
        "id",
        "kind",
        "address",
        "name",
        "handle",
        "bot",
        "room",
        "group",
        "external",
        "deactivated",
        "interactions",
        "person",
        "matched_by",
    ]
    assert set(found["matched_by"].dropna()) == {"address"}
    assert (tmp_path / "r.csv").read_text() == "file,line,code\n"
    ids = set(tn.read_log(tmp_path / "log.parquet").frame["source"])
    assert {one.startswith("slack:") for one in ids} == {True, False}
    who = pd.DataFrame({"person": toy["person"], "kind": "slack", "value": "U" + toy["person"]})
    who.to_csv(tmp_path / "who.csv", index=False)
    words = ("--people", folder / "people.csv", "--identities", tmp_path / "who.csv", "--since", "2025-02-01", "--until", "2025-02-03")
    code, _, err = call("read", "toy", folder / "chat.json", *words, *out_of)
    assert code == 0, err
    log = tn.read_log(tmp_path / "log.parquet")
    assert not [one for one in log.frame["source"] if one.startswith("slack:")]
    assert len(log.frame) == 2 * 24 * 6
    toy.rename(columns={"person": "nr"}).to_csv(tmp_path / "staff.csv", index=False)
    words = ("--people", tmp_path / "staff.csv", "--people-column", "person=nr")
    assert call("read", "toy", folder / "chat.json", *words, *out_of)[0] == 0
    assert set(tn.read_log(tmp_path / "log.parquet").frame["source"]) == ids
    code, out, err = call("read", "table", folder / "outcomes.csv", "--people", folder / "people.csv")
    assert (code, out) == (2, [])
    assert "has no option" in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("identities = 3", "identities must be a path in quotes"),
        ('identities = "no.csv"', "no.csv"),
        ('identities = "outcomes.csv"', "has no column 'kind'"),
    ],
)
def test_a_wrong_table_of_a_study_is_refused_in_one_line(toy, folder, line, said):  # noqa: F811
    study = folder / "study.toml"
    study.write_text(f"{line}\n{study.read_text()}")
    with pytest.raises(TienetError) as error:
        tn.read_study(study).study.run()
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_identities_are_for_exports(toy, folder, firm):  # noqa: F811
    given = {"people": firm.people, "outcomes": firm.outcomes, "no_ties": "drop", "identities": "who.csv"}
    with pytest.raises(ArgumentError, match="identities is for exports"):
        tn.Study(log=firm.interactions, **given).run()
    with pytest.raises(ArgumentError, match="the log is read already"):
        tn.Study(log=firm.log, **given).run()
    firm.interactions.to_csv(folder / "log.csv", index=False)
    with pytest.raises(ArgumentError, match="identities does not apply to exports read as table"):
        tn.Study(log=tn.network.sources.LogSource("table", folder / "log.csv"), **given).run()


def test_the_warning_of_ties_names_the_table_of_identities(log, team):
    with pytest.warns(RowsUnmatched, match="say in a table of identities who they are"):
        tn.build_ties(log, team, rule=RULE)


# init


def test_init_recognises_exports_and_check_reads_them(toy, folder, call, monkeypatch):  # noqa: F811
    (folder / "study.toml").unlink()
    monkeypatch.chdir(folder)
    code, out, err = call("init")
    assert code == 0, err
    file = tomllib.loads((folder / "study.toml").read_text())
    assert (file["log"], file["people"], file["outcomes"]) == ({"toy": "chat.json"}, "people.csv", "outcomes.csv")
    assert out[0].startswith("study.toml: log chat.json (toy), people people.csv, outcomes outcomes.csv")
    assert any(line.startswith("ids: ") for line in out)
    text = (folder / "study.toml").read_text()
    assert '# identities = "who.csv"' in text
    (folder / "study.toml").write_text(text.replace("# identities", "identities").replace('"who.csv"', '"who-2.csv"'))
    assert call("identify", "study.toml")[0] == 66  # its table is not there yet
    (folder / "study.toml").write_text(text)
    assert call("identify", "study.toml", "-o", "who-2.csv")[0] == 0


@pytest.mark.sweep
def test_the_report_and_the_check_say_what_exports_hold_and_lack(folder, firm):  # noqa: F811
    """Two exports of the firm's own interactions: counts by reason, participants left out, people found, and what is lacking."""
    frame = firm.log.frame if hasattr(firm.log, "frame") else firm.log
    slack, mail = Records("slack", people=firm.people), Records("mail", people=firm.people)
    day = pd.to_datetime(frame["time"], utc=True).astype("datetime64[us, UTC]").astype("int64").tolist()
    for at, (moment, one, other) in enumerate(zip(day, frame["source"], frame["target"], strict=True)):
        (slack if at % 2 else mail).add(
            moment, one, [other], "chat_direct" if at % 2 else "mail", event=str(at), left_out={"room": at == 1}
        )
    slack.skip("system")
    slack.add(day[0], "QUOKKA", [next(iter(frame["target"]))], "chat_direct", event="outsider")
    slack.lack("The export holds no group messages, so ties are understated.")
    study = tn.Study(log=tn.combine(slack.log(), mail.log()), people=firm.people, outcomes=firm.outcomes, no_ties="drop")
    result = study.run()
    parts = {part.title: part for part in export_parts(result)}
    count = len(frame)
    assert {row["code"]: row["rows"] for row in parts["Slack export"].records} == {"used": count // 2 + 1, "system": 1}
    assert {row["code"]: row["rows"] for row in parts["Mail export"].records} == {"used": count - count // 2}
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", result.report(folder / "report.html").read_text(encoding="utf-8")))
    assert "Slack export: The export holds no group messages, so ties are understated." in page
    assert "Mail export: nothing that its reader knows of." in page
    assert "Slack export: left out of records that are used: 1 participant (rooms)." in page
    assert "1 match no one" in people_found(result)
    assert people_found(result) in page
    assert "QUOKKA" not in page
    found = {one.topic: one for one in check_study(study)}
    assert "columns" not in found
    assert "Slack export: " in found["exports"].text
    assert "look at this  Slack export: The export holds no group messages" in "\n".join(map(str, verdicts(found.values())))


def proposed_beside_a_mailbox(place, roster, **tables):
    """The proposal for a mailbox, a roster with these columns, and other tables; and its file as text and as a dictionary."""
    (place / "mail.mbox").write_text(
        "From a@firm.example Mon Mar  2 09:00:00 2026\nFrom: a0@firm.example\nTo: a1@firm.example\n"
        "Date: Mon, 2 Mar 2026 09:00:00 +0000\n\nx\n"
    )
    whole = {
        "person": [f"p{at}" for at in range(20)],
        "email": [f"a{at}@firm.example" for at in range(20)],
        "function": ["Sales", "Marketing"] * 10,
        "growth": [at / 7 for at in range(20)],
    }
    pd.DataFrame(whole).rename(columns=roster)[[roster.get(name, name) for name in ("person", "email", "function")]].to_csv(
        place / "people.csv", index=False
    )
    for name, columns in tables.items():
        made = columns if isinstance(columns, dict) else {one: whole[one] for one in columns}
        pd.DataFrame(made).to_csv(place / f"{name}.csv", index=False)
    found = find_exports([place])
    proposal = propose(look([place], lambda file: any(one.holds(file) for one in found))[0], found)
    text = study_text(proposal, place)
    return proposal, text, tomllib.loads(text)


def test_addresses_that_readers_find_by_their_column_need_no_aliases(tmp_path):
    _, text, file = proposed_beside_a_mailbox(tmp_path, {}, outcomes=("person", "growth"))
    assert "aliases" not in file
    assert "ids in column 'person', mail addresses, which match the exports, in 'email'" in text


def test_addresses_in_a_column_of_another_name_are_aliases(tmp_path):
    _, text, file = proposed_beside_a_mailbox(tmp_path, {"email": "Mailadresse dienstlich"}, outcomes=("person", "growth"))
    assert file["aliases"] == "Mailadresse dienstlich"
    assert "ids in column 'person'" in text


def test_addresses_as_ids_need_no_aliases(tmp_path):
    _, text, file = proposed_beside_a_mailbox(tmp_path, {}, outcomes=("email", "growth"))
    assert "aliases" not in file
    assert file["columns"]["people"]["person"] == "email"
    assert "ids in column 'email', functions" in text


def test_the_table_of_identities_is_not_taken_for_the_outcomes(tmp_path):
    who = {"person": ["p1", "p2"] * 10, "kind": ["email"] * 20, "value": [f"x{at}" for at in range(20)], "interactions": [*range(20)]}
    proposal, text, file = proposed_beside_a_mailbox(tmp_path, {}, outcomes=("person", "growth"), who=who)
    assert (file["identities"], file["outcomes"], file["outcome"]) == ("who.csv", "outcomes.csv", "growth")
    assert "# identities" not in text
    assert proposal.left == ()


def test_a_table_that_looks_like_a_log_beside_exports_is_named_and_can_be_added(tmp_path, call, monkeypatch):  # noqa: F811
    calls = {"caller": ["p1", "p2", "p3"] * 9, "target": ["p4", "p5", "p6"] * 9, "time": ["2026-03-02T10:00:00Z"] * 27}
    proposal, text, file = proposed_beside_a_mailbox(tmp_path, {}, outcomes=("person", "growth"), calls=calls)
    assert file["log"] == {"mail": "mail.mbox"}
    assert [one.table.path.name for one in proposal.beside] == ["calls.csv"]
    assert proposal.left == ()
    entry = next(line for line in text.splitlines() if line.startswith("#   {table")).removeprefix("#   ")
    added = tomllib.loads(f"log = [{{mail = 'mail.mbox'}}, {entry}]")["log"]
    assert added[1] == {"table": "calls.csv", "columns": {"source": "caller"}}
    (tmp_path / "study.toml").write_text(text.replace('log = {mail = "mail.mbox"}', f'log = [{{mail = "mail.mbox"}}, {entry}]'))
    log = log_of(tn.read_study(tmp_path / "study.toml").study)
    assert sorted(zip(log.frame["source"], log.frame["target"], strict=True)).count(("p1", "p4")) == 9
    assert ("p0", "p1") in set(zip(log.frame["source"], log.frame["target"], strict=True))
    monkeypatch.chdir(tmp_path)
    _, out, _ = call("init", "--force")
    assert "not counted: calls.csv, which looks like a log as well" in out[0]


def test_a_log_without_times_beside_exports_is_named(tmp_path):
    calls = {"source": ["p1", "p2", "p3"] * 9, "target": ["p4", "p5", "p6"] * 9}
    _, text, _ = proposed_beside_a_mailbox(tmp_path, {}, outcomes=("person", "growth"), calls=calls)
    assert "looks like a log as well. It has no times, so it cannot be combined with the exports." in text


def test_exports_in_folders_are_found(toy, tmp_path):
    data = tmp_path / "data"
    for name in ("one", "two", "mixed"):
        (data / name).mkdir(parents=True)
    for place in (data / "one" / "a.json", data / "one" / "b.json", data / "two" / "c.json", data / "d.json", data / "mixed" / "e.json"):
        export(place, [user("U1")], [("U1", ["U2"])])
    (data / "mixed" / "people.csv").write_text("person,function\n" + "".join(f"p{at},{'Sales' if at % 2 else 'IT'}\n" for at in range(9)))
    (data / "mixed" / "other.json").write_text("[1, 2]")
    found = find_exports([data])
    assert [(one.kind, one.path.relative_to(data).as_posix()) for one in found] == [
        ("toy", "d.json"),
        ("toy", "mixed/e.json"),
        ("toy", "one"),
        ("toy", "two/c.json"),
    ]
    tables, passed = look([data], lambda file: any(one.holds(file) for one in found))
    assert sorted([table.path.name for table in tables] + [one.partition(":")[0] for one in passed]) == ["other.json", "people.csv"]
    proposal = propose(tables, found)
    file = tomllib.loads(study_text(proposal, data))
    assert file["log"] == [{"toy": "d.json"}, {"toy": "mixed/e.json"}, {"toy": "one"}, {"toy": "two/c.json"}]
    assert file["people"] == "mixed/people.csv"
    with pytest.raises(InputNotFound):
        find_exports([tmp_path / "nowhere"])


def test_no_content_of_an_export_is_told_or_written(tmp_path, team):
    users = [user("U1", "ana.silva@firm.example"), user("U2", None, "Dov Levi")]
    place = tmp_path / "toy.json"
    export(place, users, [("U1", ["U2"])])
    held = json.loads(place.read_text())
    held["text"] = list(PLANTED)
    place.write_text(json.dumps(held))
    found = tn.match_people(team, read_toy(place, people=team))
    found.write(tmp_path / "who.csv")
    written = (tmp_path / "who.csv").read_text() + str(found) + repr(found)
    assert not [one for one in PLANTED if one in written]
    with (tmp_path / "who.csv").open() as handle:
        assert [row["value"] for row in csv.DictReader(handle)] == ["U2"]


def test_the_verdict_names_conflicts_and_strangers(toy, folder):  # noqa: F811
    staff = toy.copy()
    staff.loc[staff.index[:2], "name"] = "First0 Last0"
    staff.to_csv(folder / "people.csv", index=False)
    who = pd.DataFrame({"person": ["nobody"], "kind": ["slack"], "value": ["U" + staff["person"].iloc[3]]})
    who.to_csv(folder / "who.csv", index=False)
    study = folder / "study.toml"
    study.write_text(f'identities = "who.csv"\n{study.read_text()}')
    with pytest.warns(RowsUnmatched):
        found = list(check_study(tn.read_study(study).study))
    said = [str(one) for one in verdicts(found)]
    assert any("identities: 1 id may be several people" in one for one in said)
    assert any("identities: the table of identities names 1 person who" in one for one in said)


@pytest.mark.sweep
def test_the_exports_of_a_simulated_firm_are_recognised_and_joined(tmp_path, call, monkeypatch):  # noqa: F811
    """Slack, mail and calendar: the same person is one person, with nothing but addresses and accepted suggestions."""
    firm = tn.simulate_firm(n_people=60, seed=4)
    tn.study.simulate.write_exports(firm, tmp_path)
    (tmp_path / "who.csv").unlink()
    firm.outcomes.to_csv(tmp_path / "outcomes.csv", index=False)
    found = find_exports([tmp_path])
    assert [one.kind for one in found] == ["calendar", "mail", "slack"]
    tables, _ = look([tmp_path], lambda file: any(one.holds(file) for one in found))
    file = tomllib.loads(study_text(propose(tables, found), tmp_path))
    assert file["log"] == [{"calendar": "calendar.ics"}, {"mail": "mail.mbox"}, {"slack": "slack.zip"}]
    people = tn.read_people(tmp_path / "people.csv")
    monkeypatch.chdir(tmp_path)
    assert call("identify", *(one.path.name for one in found), "--people", "people.csv")[0] == 0
    accept(tmp_path / "who.csv")
    logs = [readers()[one.kind].function(one.path, people=people, identities=tmp_path / "who.csv") for one in found]
    log = tn.combine(*logs)
    assert set(log.frame["source"]) | set(log.frame["target"]) == set(people.person)
    matched = tn.match_people(people, log, tmp_path / "who.csv")
    assert matched.unknown == 0
    assert set(matched.merged["person"]) == set(people.person)
    assert dict(matched.merged.groupby("kind")["ids"].sum()) == {"email": 60, "slack": 60}


def test_folders_of_several_systems_are_told_apart(tmp_path):
    """Every made-up export, each in a folder of its own, is found as one export of its kind."""
    made_up = find("made_up_exports")
    kinds = {"asana": "asana", "hubspot": "hubspot", "jira": "jira", "salesforce": "salesforce", "slack": "slack", "trello": "trello"}
    for name, kind in kinds.items():
        found = find_exports([made_up / "raw" / name])
        assert {one.kind for one in found} == {kind}, name
