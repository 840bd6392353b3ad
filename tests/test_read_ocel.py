"""Object-centric process logs, against counts made by others and against generated logs that are counted here by hand."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, same_log
from real import find
from tienet.base.errors import ArgumentError, DataError
from tienet.network.sources._ocel_events import DOER_WORDS, PEOPLE_WORDS, sounds_like
from tienet.network.sources.ocel import read_ocel

EXPORTS = find("made_up_exports")
LOG = EXPORTS / "raw/ocel/log.json"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")


def event(number, minute, *objects, time=None, **attributes):
    """An event of OCEL 2.0; `minute` counts from `START`, `time` is a text instead."""
    return {
        "id": str(number),
        "type": "work",
        "time": (START + timedelta(minutes=minute)).isoformat() if time is None else time,
        "attributes": [{"name": name, "value": value} for name, value in attributes.items()],
        "relationships": [{"objectId": one, "qualifier": "of"} for one in objects],
    }


def objects_of(**types):
    return [{"id": one, "type": kind, "attributes": []} for kind, ids in types.items() for one in ids]


def written(folder, events, objects, name="log.json"):
    place = folder / name
    place.write_text(json.dumps({"objectTypes": [], "eventTypes": [], "objects": objects, "events": events}))
    return place


def read(folder, events, objects, **options):
    return read_ocel(written(folder, events, objects), **options)


def links(log, channel=None):
    return sorted((row.source, row.target) for row in log.frame.itertuples() if channel in (None, row.channel))


@pytest.mark.parametrize("of", ["together", "handover"])
def test_the_made_up_log_gives_what_an_independent_script_counted(of):
    log = read_ocel(LOG, of=of)
    assert_counts(log, json.loads((EXPORTS / "expected/ocel.json").read_text())[of])
    assert_closed(log, 7)
    assert_no_planted(log)
    assert dict(log.left_out) == ({"self": 1, "unknown_object": 1} if of == "handover" else {})


# Generated logs.


def generated(rng, count=30):
    """Random events as (moment or None, people, orders, unknown objects)."""
    people, orders = [f"person {at}" for at in range(5)], [f"order {at}" for at in range(4)]
    made = []
    for at in range(count):
        chosen = rng.choice(people, size=int(rng.integers(0, 4)), replace=False).tolist()
        about = rng.choice(orders, size=int(rng.integers(0, 3)), replace=False).tolist()
        unknown = [f"ghost {one}" for one in range(int(rng.integers(0, 2)))]
        made.append((None if rng.random() < 0.1 else at, chosen, about, unknown))
    return made


def counted(made, of):
    """What must come of generated events: codes, (event, source, target) -> channel, participants left out."""
    codes, rows, left_out = Counter(), {}, Counter()
    latest = {}
    for at, (moment, people, orders, unknown) in enumerate(made):  # moments rise with the position
        if moment is None:
            codes["bad_time"] += 1
            continue
        if not people:
            codes["no_person"] += 1
            continue
        found, selves = {}, set()
        if "together" in of:
            found |= {(one, other): "together" for one in people for other in people if one != other}
        if "handover" in of:
            givers = {one for order in orders if order in latest for one in made[latest[order]][1]}
            found |= {(one, other): "handover" for one in givers for other in people if one != other}
            selves = givers & set(people)
        latest |= dict.fromkeys(orders, at)
        rows |= {(at, *pair): channel for pair, channel in found.items()}
        codes["used" if found else "self" if selves else "alone"] += 1
        if found:
            left_out += Counter(self=len(selves), unknown_object=len(unknown))
    return +codes, rows, left_out


def as_ocel(made, rng):
    """Events and objects of generated ones, in any order, with planted content in every place that holds some."""
    events = []
    for at, (moment, people, orders, unknown) in enumerate(made):
        linked = [*people, *orders, *unknown, *people[:1]]
        one = event(at, moment or 0, *rng.permutation(linked).tolist(), time="yesterday" if moment is None else None, note=PLANTED[1])
        one["type"] = PLANTED[2]
        for related in one["relationships"]:
            related["qualifier"] = PLANTED[0]
        events.append(one)
    people, orders = sorted({one for _, held, _, _ in made for one in held}), sorted({one for _, _, held, _ in made for one in held})
    objects = objects_of(employee=people, **{PLANTED[3]: orders})
    for one in objects:
        one["attributes"] = [{"name": "salary", "time": "2026-03-02T08:00:00Z", "value": PLANTED[2]}]
    return [events[at] for at in rng.permutation(len(events))], [objects[at] for at in rng.permutation(len(objects))]


def check_generated(folder, seed, of=("together", "handover")):
    rng = np.random.default_rng(seed)
    made = generated(rng)
    events, objects = as_ocel(made, rng)
    codes, rows, left_out = counted(made, of)
    log = read(folder, events, objects, of=list(of))
    assert dict(log.ledger.counts) == dict(codes)
    assert_closed(log, len(made))
    assert dict(log.left_out) == dict(+left_out)
    minutes = ((log.frame["time"].dt.tz_localize(UTC) - START).dt.total_seconds() // 60).astype(int)
    found = zip(minutes, log.frame["source"], log.frame["target"], log.frame["channel"], strict=True)
    assert {tuple(row[:3]): row[3] for row in found} == rows
    assert len(log.frame) == len(rows)
    assert_no_planted(log, str(log.rejects))
    return log, events, objects


@pytest.mark.parametrize("seed", range(8))
def test_generated_logs_give_what_was_written(tmp_path, seed):
    check_generated(tmp_path, seed, [("together", "handover"), ("together",), ("handover",)][seed % 3])


@pytest.mark.exports
@pytest.mark.parametrize("block", range(10))
def test_500_generated_logs_give_what_was_written(tmp_path, block):
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        check_generated(tmp_path, seed, [("together", "handover"), ("together",), ("handover",)][seed % 3])


# The same log in another form.


def before_2(events, objects):
    """The same log in the shape of OCEL 1.0."""
    return {
        "ocel:global-log": {"ocel:object-types": ["employee"], "ocel:version": "1.0"},
        "ocel:events": {
            one["id"]: {
                "ocel:activity": one["type"],
                "ocel:timestamp": one["time"],
                "ocel:omap": [related["objectId"] for related in one["relationships"]],
                "ocel:vmap": {held["name"]: held["value"] for held in one["attributes"]},
            }
            for one in events
        },
        "ocel:objects": {
            one["id"]: {"ocel:type": one["type"], "ocel:ovmap": {held["name"]: held["value"] for held in one["attributes"]}}
            for one in objects
        },
    }


@pytest.mark.parametrize(
    "form", ["OCEL 1.0", "objects last", "objects apart", "split", "shuffled", "gzip", "zip", "zip of gzip", "twice", "mark", "utf-16"]
)
def test_the_same_log_in_another_form(tmp_path, form):
    (tmp_path / "one").mkdir()
    log, events, objects = check_generated(tmp_path / "one", 7)
    place = tmp_path / "other"
    place.mkdir()
    text = json.dumps({"objects": objects, "events": events})
    if form == "OCEL 1.0":
        (place / "log.jsonocel").write_text(json.dumps(before_2(events, objects)))
    elif form == "objects last":
        (place / "log.json").write_text(json.dumps({"events": events, "objects": objects}))
    elif form == "objects apart":
        written(place, events, [], "a.json")
        written(place, [], objects, "b.json")
    elif form == "split":
        written(place, events[:11], objects, "a.json")
        written(place, events[11:], objects, "b.json")
    elif form == "shuffled":
        written(place, events[::-1], objects[::-1])
    elif form == "gzip":
        (place / "log.json.gz").write_bytes(gzip.compress(text.encode()))
    elif form.startswith("zip"):
        packed = gzip.compress(text.encode()) if form == "zip of gzip" else text
        with zipfile.ZipFile(place := place / "log.zip", "w") as archive:
            archive.writestr("log.json.gz" if form == "zip of gzip" else "folder/log.json", packed)
    elif form == "twice":
        written(place, events, objects, "a.json")
        written(place, events, objects, "b.json")
    else:
        (place / "log.json").write_text(text, encoding="utf-8-sig" if form == "mark" else "utf-16")
    again = read_ocel(place)
    same_log(log, again)
    twice = {"repeated_record": len(events)} if form == "twice" else {}
    assert dict(again.ledger.counts) == dict(log.ledger.counts) | twice


# Rules.

PEOPLE = objects_of(employee=["ana", "ben", "cleo"], order=["o1", "o2"])


def test_handovers_skip_events_without_people_and_objects_that_are_not_listed(tmp_path):
    events = [event(1, 0, "ana", "o1", "ghost"), event(2, 1, "o1"), event(3, 2, "ben", "o1"), event(4, 3, "cleo", "ghost")]
    log = read(tmp_path, events, PEOPLE)
    assert links(log) == [("ana", "ben")]
    assert dict(log.ledger.counts) == {"used": 1, "no_person": 1, "alone": 2}


def test_a_pair_that_is_together_and_hands_over_counts_once(tmp_path):
    log = read(tmp_path, [event(1, 0, "ana", "o1"), event(2, 1, "ana", "ben", "o1")], PEOPLE)
    assert links(log, "handover") == [("ana", "ben")]
    assert links(log, "together") == [("ben", "ana")]
    assert log.left_out == {"self": 1}


def test_a_large_event_is_left_out_and_hands_over_to_no_one(tmp_path):
    crowd = [f"c{at}" for at in range(4)]
    objects = [*PEOPLE, *objects_of(employee=crowd)]
    log = read(tmp_path, [event(1, 0, "ana", "o1"), event(2, 1, *crowd, "o1"), event(3, 2, "ben", "o1")], objects, max_people=3)
    assert links(log) == [("ana", "ben")]
    assert log.ledger.counts["too_many_people"] == 1


def test_people_in_attributes_called_otherwise_in_each_event_type(tmp_path):
    events = [
        event(1, 0, "o1", pr_creator="Mike"),
        event(2, 1, "o1", pr_approver="Tania", size="large"),
        event(3, 2, "o1", invoice_block_rem="Luke"),
        event(4, 3, "o1", "o2", po_editor=" "),
        event(5, 4, "o1", po_editor=["Mario", "Mike"]),
    ]
    objects = objects_of(order=["o1", "o2"])
    log = read(tmp_path, events, objects)
    assert links(log) == [("Mario", "Mike"), ("Mike", "Mario"), ("Mike", "Tania"), ("Tania", "Mario"), ("Tania", "Mike")]
    guessed = "attribute 'po_editor', attribute 'pr_approver' and attribute 'pr_creator'"
    assert log.notes[0] == f"People were guessed by name, from {guessed}; person_types= names others."
    log = read(tmp_path, events, objects, person_types=["pr_creator", "pr_approver", "invoice_block_rem"])
    assert links(log) == [("Mike", "Tania"), ("Tania", "Luke")]
    assert not any("guessed" in note for note in log.notes)


def test_a_guess_takes_attributes_only_where_no_object_is_a_person(tmp_path):
    events = [event(1, 0, "ana", "o1", resource="Ana A."), event(2, 1, "ben", "o1", resource="Ben B.")]
    assert links(read(tmp_path, events, PEOPLE)) == [("ana", "ben")]
    nobody = objects_of(order=["o1"], user=["u1"])  # a type that holds no one in any event
    events = [event(1, 0, "o1", resource="Ana A."), event(2, 1, "o1", resource="Ben B.")]
    assert links(read(tmp_path, events, nobody)) == [("Ana A.", "Ben B.")]


@pytest.mark.parametrize("name", ["employee", "Employees", "SALES_PERSON", "salesPerson", "org:resource", "customer-service agent"])
def test_names_that_sound_like_people(name):
    assert sounds_like(name, PEOPLE_WORDS)


@pytest.mark.parametrize("name", ["order", "user story", "personnel file", "customer", "", "123", "resource id"])
def test_names_that_do_not_sound_like_people(name):
    assert not sounds_like(name, DOER_WORDS)


def test_the_types_that_hold_people_are_asked_for_if_none_fits(tmp_path):
    with pytest.raises(DataError, match=r"no object type and no attribute .* is named like people .*person_types="):
        read(tmp_path, [event(1, 0, "o1", note="x")], objects_of(order=["o1"]))
    with pytest.raises(DataError, match=r"has no object type or attribute of events 'employe'; did you mean 'employee'\?"):
        read_ocel(LOG, person_types="employe")


def test_people_are_matched_by_the_table_of_identities_by_address_and_by_id(tmp_path):
    objects = objects_of(employee=["e1", "e2", "cleo", "r1", "x"], order=["o1"])
    objects[0]["attributes"] = [{"name": "E-Mail", "time": "2026-03-02T08:00:00Z", "value": "ANA@firm.example"}]
    objects[3]["attributes"] = [{"name": "name", "value": "Robot"}]
    events = [event(at, at, one, "o1") for at, one in enumerate(["e1", "e2", "cleo", "r1", "x"])]
    people = tn.read_people({"person": ["a", "b", "cleo"], "email": ["ana@firm.example", "", ""], "function": ["S", "M", "M"]})
    who = {"person": ["b", ""], "kind": ["ocel", "name"], "value": ["e2", "robot"], "exclude": ["", "bot"]}
    log = read(tmp_path, events, objects, people=people, identities=who)
    assert links(log) == [("a", "b"), ("b", "cleo")]
    found = log.people_found.set_index("id")
    assert found.loc["r1", "bot"]
    assert found.loc["r1", "name"] == "Robot"
    assert found.loc["e1", "matched_by"] == "address"


def test_the_zone_of_times_and_the_period(tmp_path):
    events = [event(1, 0, "ana", "o1", time="2026-03-02 09:00:00"), event(2, 0, "ben", "o1", time="2026-03-02T10:00:00.1234567")]
    log = read(tmp_path, events, PEOPLE, timezone="Europe/Berlin")
    assert str(log.frame["time"].iloc[0]) == "2026-03-02 09:00:00.123456"
    with pytest.raises(DataError, match="are outside_period"):
        read(tmp_path, events, PEOPLE, until="2026-03-02")


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (3, "bad_record"),
        ({"id": "9", "time": "2026-03-02T08:00:00Z", "relationships": {"objectId": "o1"}}, "bad_record"),
        ({"id": ["9"], "time": "2026-03-02T08:00:00Z"}, "bad_record"),
        ({"id": "9", "relationships": [{"objectId": "ana"}]}, "missing_time"),
        ({"id": "9", "time": True}, "bad_time"),
        ({"id": "9", "time": "2026-03-02T08:00:00Z", "relationships": None, "attributes": "x"}, "no_person"),
        ({"time": "2026-03-02T08:00:00Z", "relationships": [{"objectId": ["ana"]}, {}]}, "no_person"),
    ],
)
def test_events_of_another_shape_are_counted(tmp_path, broken, code):
    log = read(tmp_path, [event(1, 0, "ana", "o1"), broken, event(2, 1, "ben", "o1")], PEOPLE)
    assert dict(log.ledger.counts) == {"used": 1, "alone": 1, code: 1}
    assert [(one.line, one.code) for one in log.rejects] == ([] if code == "no_person" else [(2, code)])


# What is refused.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "this is not an OCEL export"),
        ("[]", "this is not an OCEL export"),
        ('"zanzibarplan"', "this is not an OCEL export"),
        ('{"events": [{"id": "zanzibarplan"}]}', "this is not an OCEL export"),
        ('{"objects": [', "no JSON, or ends too early"),
        ('{"objects": [}', "no JSON, or ends too early"),
        ('{"objects": [' + "[" * 200, "nested deeper than"),
        ('{"objects": [], "objectTypes": [{"name": "employee"}]}', "no object type and no attribute"),
    ],
)
def test_what_is_no_ocel_is_refused_in_one_line(tmp_path, text, words):
    (tmp_path / "log.json").write_text(text)
    with pytest.raises(DataError, match=words) as problem:
        read_ocel(tmp_path / "log.json")
    assert "\n" not in str(problem.value)
    assert_no_planted(None, str(problem.value))


def test_other_forms_and_other_systems_are_told(tmp_path):
    (tmp_path / "log.xmlocel").write_text("<log/>")
    with pytest.raises(DataError, match="as XML or as a database is not read; save it as JSON"):
        read_ocel(tmp_path / "log.xmlocel")
    with pytest.raises(DataError, match=r"this is not an OCEL export: .*reader 'trello'"):
        read_ocel(EXPORTS / "raw/trello/board.json")
    for name, reader in (("asana/tasks.csv", "asana"), ("xes", "xes")):
        with pytest.raises(DataError, match=f"this is not an OCEL export: .*reader '{reader}'"):
            read_ocel(EXPORTS / "raw" / name)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"of": "both"}, "of must be one of 'together', 'handover'; got 'both'"),
        ({"of": []}, "of must name at least one"),
        ({"person_types": 3}, "person_types must be a name or a list of names"),
    ],
)
def test_options_are_checked(options, words):
    with pytest.raises(ArgumentError, match=words):
        read_ocel(LOG, **options)


def test_a_long_chain_hands_over_step_by_step(tmp_path):
    people = [f"p{at}" for at in range(300)]
    log = read(
        tmp_path, [event(at, at, one, "o1") for at, one in enumerate(people)], objects_of(employee=people, order=["o1"]), of="handover"
    )
    assert links(log) == sorted(pairwise(people))
