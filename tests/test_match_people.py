"""Who the ids of exports are: matches, suggestions, conflicts, the table to fill in, and one person under several systems."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import tienet as tn
from exporting import rows_of
from test_cli import call  # noqa: F401 - a fixture
from test_readers import seams  # noqa: F401 - a fixture
from test_study import folder  # noqa: F401 - a fixture
from tienet.base.errors import ArgumentError, DataError
from tienet.network.reading.suggestions import NamedId, local_part, not_a_person, plain_words
from tienet.network.sources.exports.records import Records

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
DAY = 86_400_000_000
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
        records.add(at * DAY, source, targets, "chat_direct", event=f"{at}")
    for at, those in enumerate(held.get("meetings", ())):
        records.meet(at * DAY, those, event=f"m{at}")
    return records.log()


def read_toy(path, *, people=None, identities=None, domains=None, timezone=None, since=None, until=None, max_people=250, ids="exact"):
    """An export of the chat of tests."""
    given = {"domains": domains, "timezone": timezone, "since": since, "until": until, "max_people": max_people, "ids": ids}
    return read_export(path, "slack", people=people, identities=identities, **given)


def export(place, users=(), messages=(), meetings=()):
    place.write_text(json.dumps({"toy": 1, "users": users, "messages": messages, "meetings": meetings}))
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


@pytest.fixture
def team():
    return tn.read_people(ROSTER)


@pytest.fixture
def log(team, tmp_path):
    return read_toy(export(tmp_path / "toy.json", USERS, MESSAGES), people=team)


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


def test_a_log_read_without_the_people_table_is_matched_alike(log, team, tmp_path):
    alone = tn.match_people(team, read_toy(tmp_path / "toy.json"))
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


def test_nothing_suggested_is_taken_by_itself(log, team, tmp_path):
    place = tn.match_people(team, log).write(tmp_path / "who.csv")
    again = read_toy(tmp_path / "toy.json", people=team, identities=place)
    assert rows_of(again) == rows_of(log)
    assert again.ledger.counts == log.ledger.counts
    assert str(tn.match_people(team, again, place)) == str(tn.match_people(team, log))


def test_a_table_that_is_filled_in_is_taken_and_kept(log, team, tmp_path):
    place = filled(tn.match_people(team, log).write(tmp_path / "who.csv"), U4="e5", U3="e3", U6="group")
    read = read_toy(tmp_path / "toy.json", people=team, identities=place)
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
    assert rows_of(read_toy(tmp_path / "toy.json", people=team, identities=place)) == rows_of(read)


def test_days_of_a_table_are_kept(log, team, tmp_path):
    who = {
        "person": ["e3", "e4"],
        "kind": ["slack"] * 2,
        "value": ["U3"] * 2,
        "valid_from": [None, "2025-03-01"],
        "valid_to": ["2025-02-28", None],
    }
    table = tn.match_people(team, log, who).table
    kept = table[table["value"] == "U3"]
    assert of(kept, "valid_from", "person") == {"e3": None, "e4": "2025-03-01"}
    assert of(kept, "valid_to", "person") == {"e3": "2025-02-28", "e4": None}
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
def test_who_is_suggested(team, tmp_path, kind, who, address, name, handle, people):
    held = export(tmp_path / "toy.json", [user(who, address, name, handle)], [(who, ["other"])])
    found = tn.match_people(team, read_export(held, kind, people=team))
    frame = pd.concat([found.suggested, found.conflicts])
    assert [one for one in frame.loc[frame["id"] == who, "suggestion"] if one] == (["; ".join(people)] if people else [])
    assert len(found.conflicts) == (len(people) > 1)


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
