"""Logs in the shapes that people have: several people in a cell, lists, a row per person and event, series of events, no sizes."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import datetime, timedelta

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tienet as tn
from frames import KINDS, as_kind, to_rows
from tienet.base.errors import SeveralInCell
from tienet.network.reading.cells.identity import normal_ids
from tienet.network.reading.ledger import Ledger

RULE = tn.TieRule(min_interactions=1, half_life=None)
PEOPLE = {"person": ["ann", "bob", "cyn", "dan"], "function": ["Sales", "Marketing", "Marketing", "Finance"]}
ADDRESSES = {"person": [f"{name}@x.example" for name in ("ann", "bob", "cyn", "dan")], "function": PEOPLE["function"]}
T0 = datetime(2025, 1, 2, 15)


@pytest.fixture(params=KINDS)
def make(request, tmp_path):
    """A table as one of the supported kinds of input."""
    count = itertools.count()
    return lambda columns: as_kind(request.param, columns, tmp_path / f"table{next(count)}")


def pairs(log) -> list[tuple[str, str, float]]:
    return sorted((row["source"], row["target"], row["size"]) for row in to_rows(log.frame))


def tied(log, people=PEOPLE, rule=RULE) -> dict[tuple[str, str], float]:
    ties = tn.build_ties(log, tn.read_people(people), rule=rule)
    return {(row["a"], row["b"]): row["interactions"] for row in to_rows(ties.frame)}


# Several people in a cell

MAIL = {
    "source": ["ann", "ann", "dan", "bob"],
    "target": ["bob", "bob;cyn", "bob; cyn ;", "ann;bob;ann"],
    "time": ["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"],
}


def test_a_cell_with_several_people_gives_one_interaction_for_each(make):
    columns = {name: MAIL[name] for name in ("source", "target")} | {"time": [T0 + timedelta(days=k) for k in range(4)]}
    log = tn.read_log(make(columns), separator=";")
    assert pairs(log) == [
        ("ann", "bob", 2),
        ("ann", "bob", 3),
        ("ann", "cyn", 3),
        ("bob", "ann", 2),
        ("dan", "bob", 3),
        ("dan", "cyn", 3),
    ]
    assert (dict(log.ledger.counts), log.ledger.unit, log.ledger.interactions) == ({"used": 4}, "record", 6)
    assert str(log.ledger) == "4 records in: 4 used; they gave 6 interactions"
    assert dict(log.left_out) == {"repeated_recipient": 1, "self_recipient": 1}
    assert tied(log) == {("ann", "bob"): 3, ("ann", "cyn"): 1, ("bob", "dan"): 1, ("cyn", "dan"): 1}
    events = {(row["source"], row["time"]): row["event"] for row in to_rows(log.frame)}
    assert len(set(events.values())) == 4  # a record is an event of its own
    assert log.made == {"size", "event"}


def test_without_a_separator_the_rows_with_several_people_are_told(make):
    columns = {"source": MAIL["source"], "target": MAIL["target"]}
    with pytest.warns(SeveralInCell, match="3 of 4 rows have ';' in target: several people in one cell; set separator=';'"):
        log = tn.read_log(make(columns))
    assert log.notes == ("3 of 4 rows have ';' in target: several people in one cell; set separator=';'",)
    with pytest.warns(SeveralInCell, match="1 of 1 row has ',' in target: several people in one cell; set separator=','"):
        tn.read_log({"source": ["a@x"], "target": ['"Cyn, Dr." <c@x>, b@x']})


def test_names_of_one_person_with_a_comma_are_not_told():
    log = tn.read_log({"source": ["Ab, Ann", "ann@x"], "target": ["Bo, Bob <bob@x>", "Bo, Bob"]})
    assert log.notes == ()


@pytest.mark.parametrize("separator", [";", "; ", " ;"])
def test_quotes_names_and_comments_in_a_cell(make, separator):
    cells = {
        "source": ["Ann <ANN@x.example>", "ann@x.example (Ann)", "mailto:ann@x.example"],
        "target": ['Bob <bob@x.example>; "Cyn; Dr." <cyn@x.example>', "'bob@x.example';;", "dan@x.example;\u00a0Dan <DAN@X.example>"],
    }
    log = tn.read_log(make(cells), separator=separator, ids="address")
    assert pairs(log) == [
        ("ann@x.example", "bob@x.example", 2),
        ("ann@x.example", "bob@x.example", 3),
        ("ann@x.example", "cyn@x.example", 3),
        ("ann@x.example", "dan@x.example", 2),
    ]
    assert dict(log.left_out) == {"repeated_recipient": 1}


def test_a_comma_separates_where_it_is_named():
    log = tn.read_log({"source": ["ann"], "target": ['"Cyn, Dr." <c@x>, b@x']}, separator=",", ids="address")
    assert pairs(log) == [("ann", "b@x", 3), ("ann", "c@x", 3)]


def test_several_columns_for_the_recipients(make):
    columns = {"From": ["ann", "bob"], "To": ["bob; cyn", None], "Cc": [None, "ann;dan"]}
    log = tn.read_log(make(columns), columns={"source": "From", "target": ["To", "Cc"]})
    assert pairs(log) == [("ann", "bob", 3), ("ann", "cyn", 3), ("bob", "ann", 3), ("bob", "dan", 3)]
    assert log.ledger.interactions == 4


def test_rejected_records_are_counted_as_records(tmp_path):
    (tmp_path / "mail.csv").write_text(
        "source,target,time\nann,bob;cyn,2025-01-01\nann,;,2025-01-01\n,bob,2025-01-01\nann,bob,soon\nann,ann;ann,2025-01-02\n"
    )
    with pytest.warns(tn.base.errors.RowsRejected, match="3 of 5 records rejected"):
        log = tn.read_log(tmp_path / "mail.csv", separator=";")
    assert dict(log.ledger.counts) == {"used": 1, "missing_target": 1, "missing_source": 1, "bad_time": 1, "self_loop": 1}
    assert [(reject.line, reject.code) for reject in log.rejects] == [(3, "missing_target"), (4, "missing_source"), (5, "bad_time")]
    ties = tn.build_ties(log, tn.read_people(PEOPLE), rule=RULE)
    assert "2 interactions in: 2 used; from 5 records: 1 used, 3 rejected (missing_source 1, missing_target 1, bad_time 1)" in str(ties)


def test_records_of_a_stated_event_are_merged():
    columns = {
        "source": ["ann", "ann", "ann", "ann"],
        "target": ["bob;cyn", "cyn;bob", "bob", "dan;bob"],
        "event": ["m1", "m1", "m1", None],
    }
    log = tn.read_log(columns, separator=";")
    # The second record repeats the first; the third repeats one of its interactions; the fourth has no id and is an event of its own.
    assert dict(log.ledger.counts) == {"used": 3, "duplicate_event": 1}
    assert log.ledger.interactions == 4
    assert dict(log.left_out) == {"repeated_interaction": 3}
    assert pairs(log) == [("ann", "bob", 3), ("ann", "bob", 3), ("ann", "cyn", 3), ("ann", "dan", 3)]


# A row per person and event


def test_the_people_of_an_event_are_paired_both_ways(make):
    table = {
        "meeting": ["m1", "m1", "m1", "m2", "m2"],
        "person": ["ann", "bob", "cyn", "ann", "dan"],
        "start": [T0] * 3 + [T0 + timedelta(days=1)] * 2,
    }
    log = tn.read_log(make(table), columns={"time": "start", "event": "meeting", "source": "person"})
    expected = [(a, b, 3) for a, b in itertools.permutations(("ann", "bob", "cyn"), 2)] + [("ann", "dan", 2), ("dan", "ann", 2)]
    assert pairs(log) == sorted(expected)
    assert str(log.ledger) == "5 rows in: 5 used; they gave 8 interactions"
    assert tied(log) == {("ann", "bob"): 2, ("ann", "cyn"): 2, ("bob", "cyn"): 2, ("ann", "dan"): 2}


def test_people_who_join_later_are_in_the_same_meeting_and_next_week_is_another(make):
    joined = [T0, T0 + timedelta(minutes=7), T0 + timedelta(minutes=50), T0 + timedelta(days=7), T0 + timedelta(days=7, minutes=2)]
    table = {"event": ["weekly"] * 5, "source": ["ann", "bob", "ann", "bob", "cyn"], "time": joined}
    log = tn.read_log(make(table))
    assert sorted((row["source"], row["target"], row["time"]) for row in to_rows(log.frame)) == [
        ("ann", "bob", T0),
        ("bob", "ann", T0),
        ("bob", "cyn", T0 + timedelta(days=7)),
        ("cyn", "bob", T0 + timedelta(days=7)),
    ]
    assert dict(log.ledger.counts) == {"used": 4, "duplicate_event": 1}  # ann left and came back


def test_events_of_one_person_and_of_too_many(make):
    table = {"event": ["e1", "e2", "e2", "e2", "e3", "e3", "", "e4"], "source": ["ann", "ann", "bob", "cyn", "ann", "bob", "ann", ""]}
    log = quiet(make(table), max_people=2)
    assert dict(log.ledger.counts) == {"used": 2, "alone": 1, "too_many_people": 3, "missing_event": 1, "missing_source": 1}
    assert (log.ledger.rows_in, log.ledger.interactions) == (8, 2)


def quiet(data, **options):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tn.base.errors.RowsRejected)
        return tn.read_log(data, **options)


# Events and their sizes


def test_a_weekly_meeting_under_one_id_is_twelve_events(make):
    times = [T0 + timedelta(weeks=k) for k in range(12)]
    log = tn.read_log(make({"source": ["ann"] * 13, "target": ["bob"] * 13, "time": [*times, times[3]], "event": ["uid"] * 13}))
    assert dict(log.ledger.counts) == {"used": 12, "duplicate_event": 1}


def test_the_people_of_an_event_are_its_size(make):
    rows = [("p0", f"p{k}", T0 + timedelta(days=m), f"m{m}") for m in range(2) for k in range(1, 5 + m)]
    columns = dict(zip(("source", "target", "time", "event"), map(list, zip(*rows, strict=True)), strict=True))
    log = tn.read_log(make(columns))
    assert Counter(size for _, _, size in pairs(log)) == {5: 4, 6: 5}
    assert log.made == {"size"}


def test_three_mailings_to_two_hundred_people():
    firm = {"person": [f"p{k}" for k in range(201)], "function": ["Sales"] + ["Marketing"] * 200}
    rows = [("p0", f"p{k}", f"2025-01-0{m + 1}", f"m{m}") for m in range(3) for k in range(1, 201)]
    log = tn.read_log(pd.DataFrame(rows, columns=["source", "target", "time", "event"]))
    ties = tn.build_ties(log, tn.read_people(firm), rule=tn.TieRule(half_life=None, max_size=None))
    # Three events of 201 people: 3/200 in a window of one week.
    assert ties.frequency == pytest.approx([3 / 200] * 200, rel=1e-12)
    with pytest.raises(tn.base.errors.NoInteraction, match="too_many_people 600"):
        tn.build_ties(log, tn.read_people(firm), rule=tn.TieRule(half_life=None))


def test_the_sentence_claims_no_weighting_that_did_not_happen():
    log = tn.read_log({"source": ["ann"], "target": ["bob"], "time": ["2025-01-01"]})
    said = str(tn.build_ties(log, tn.read_people(PEOPLE), rule=tn.TieRule(min_interactions=1)))
    assert "1/(n - 1)" not in said
    assert (
        "the log does not state how many people an event had, so every interaction weighs 1 and no event is left out for its size" in said
    )
    assert "weights are halved for every 90 days of age" in said
    sized = tn.read_log({"source": ["ann"], "target": ["bob"], "time": ["2025-01-01"], "size": [2]})
    assert "1/(n - 1)" in str(tn.build_ties(sized, tn.read_people(PEOPLE), rule=tn.TieRule(min_interactions=1)))


# Ids


def test_ids_without_blanks_of_any_kind(make):
    columns = {"source": ["ann ", "\u00a0ann", "an\u200bn", " "], "target": ["bob", " bob", "bob\ufeff", "bob"]}
    log = quiet(make(columns), ids="trim")
    assert dict(log.ledger.counts) == {"used": 3, "missing_source": 1}
    assert tied(log) == {("ann", "bob"): 3}


def test_addresses_against_a_roster_in_another_spelling(make):
    columns = {"source": ["ANN@x.Example", "Ann Ab <ann@x.example>"], "target": ["bob@x.example", "BOB@X.EXAMPLE"]}
    log = tn.read_log(make(columns), ids="address")
    people = tn.read_people({"person": ["Ann@x.example", " bob@x.example"], "function": ["Sales", "Marketing"]})
    ties = tn.build_ties(log, people, rule=RULE)
    assert ties.interactions.tolist() == [2]
    assert people.person.tolist() == ["Ann@x.example", " bob@x.example"]  # as they are written


def test_two_people_who_become_one_are_refused_by_row():
    log = tn.read_log({"source": ["ann@x"], "target": ["bob@x"]}, ids="address")
    people = tn.read_people({"person": ["bob@x", "ann@x", "Ann@X"], "function": ["Sales"] * 3})
    with pytest.raises(tn.base.errors.DataError, match="2 people \\(number 2, 3\\) have the same id") as refusal:
        tn.build_ties(log, people, rule=RULE)
    assert "ann" not in str(refusal.value).lower()


def test_letters_composed_and_decomposed_are_one():
    assert normal_ids(pd.Series(["e\u0301", "\u00e9"], dtype=object).to_numpy(), "trim").tolist() == ["\u00e9", "\u00e9"]


# Lists and structs


def test_a_list_in_a_cell(tmp_path):
    held = pa.table({"source": ["ann", "bob"], "target": [["bob", "cyn", "bob"], []], "time": ["2025-01-01"] * 2})
    pq.write_table(held, tmp_path / "lists.parquet")
    frames = [
        pd.DataFrame({"source": ["ann", "bob"], "target": [["bob", "cyn", "bob"], []], "time": ["2025-01-01"] * 2}),
        pl.DataFrame(held.to_pydict()),
        pl.DataFrame(held.to_pydict()).lazy().with_columns(pl.lit("2025-01-01").str.to_datetime().alias("time")),
        held,
        duckdb.from_arrow(held),
        tmp_path / "lists.parquet",
    ]
    for frame in frames:
        log = quiet(frame)
        assert pairs(log) == [("ann", "bob", 3), ("ann", "cyn", 3)]
        assert (dict(log.ledger.counts), log.ledger.interactions) == ({"used": 1, "missing_target": 1}, 2)
        assert dict(log.left_out) == {"repeated_recipient": 1}


def test_lists_of_structs_by_path_and_by_name(tmp_path):
    def address(name):
        return {"email": {"name": name.title(), "address": f"{name}@x"}}

    cells = {"from": [address("ann")], "to": [[address("bob"), address("cyn")]]}
    held = pa.table(cells)
    pq.write_table(held, tmp_path / "graph.parquet")
    paths = {"source": "from.email.address", "target": "to.email.address"}
    for frame in (pd.DataFrame(cells), pl.DataFrame(cells), held, duckdb.from_arrow(held), tmp_path / "graph.parquet"):
        for mapped in (paths, {"source": "from", "target": "to"}):
            log = tn.read_log(frame, columns=mapped)
            assert pairs(log) == [("ann@x", "bob@x", 3), ("ann@x", "cyn@x", 3)]
        with pytest.raises(tn.base.errors.DataError, match=r"'to[.]email[.]name', 'to[.]email[.]address'"):
            tn.read_log(frame, columns={"source": "from", "target": "to.mail"})


# The ledger


def test_a_ledger_of_records_and_of_their_interactions():
    ledger = Ledger({"used": 1198, "missing_target": 2}, unit="record", interactions=2391)
    assert str(ledger) == "1,200 records in: 1,198 used, 2 rejected (missing_target 2); they gave 2,391 interactions"
    later = ledger.after({"unknown_person": 91})
    assert (later.used, later.rows_in, later.unit) == (2300, 2391, "interaction")
    assert later.records is ledger
    assert later.after({"outside_window": 300}).records is ledger
    assert later.after({"outside_window": 300}).used == 2000


# A row per event

CALENDAR = {
    "Meeting Organizer": ["ann", "bob", "cyn", None, "dan"],
    "Required Attendees": ["bob; ann;cyn", "", None, "ann;bob", "ann;bob;cyn;zoe"],
    "Optional Attendees": [None, "cyn", "", None, ""],
    "start": [T0 + timedelta(days=k) for k in range(5)],
}
PEOPLE_COLUMNS = ["Meeting Organizer", "Required Attendees", "Optional Attendees"]


def test_a_calendar_with_a_row_per_meeting(make):
    log = tn.read_log(make(CALENDAR), columns={"source": PEOPLE_COLUMNS, "time": "start"}, max_people=3)
    three = [(a, b, 3) for a, b in itertools.permutations(("ann", "bob", "cyn"), 2)]
    assert pairs(log) == sorted([*three, ("bob", "cyn", 2), ("cyn", "bob", 2), ("ann", "bob", 2), ("bob", "ann", 2)])
    assert (dict(log.ledger.counts), log.ledger.unit) == ({"used": 3, "alone": 1, "too_many_people": 1}, "record")
    assert dict(log.left_out) == {"repeated_person": 1}  # ann has invited herself
    assert len({(row["event"], row["time"]) for row in to_rows(log.frame)}) == len({row["event"] for row in to_rows(log.frame)}) == 3


def test_rows_of_a_calendar_with_one_id_are_one_event_where_they_are_within_hours(make):
    ids = ["u", None, None, "u", None]
    table = CALENDAR | {"uid": ids, "start": [T0, T0, T0, T0 + timedelta(minutes=5), T0]}
    log = tn.read_log(make(table), columns={"source": PEOPLE_COLUMNS, "time": "start", "event": "uid"}, max_people=3)
    assert dict(log.ledger.counts) == {"used": 3, "alone": 1, "too_many_people": 1}
    assert log.ledger.interactions == 8  # ann, bob and cyn in one event of two rows; bob and cyn in one without an id
    assert Counter(row["event"] for row in to_rows(log.frame)) == {"u": 6, None: 2}


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table, lambda cells: duckdb.from_arrow(pa.table(cells))])
def test_a_list_of_people_in_each_row(kind):
    log = quiet(kind({"people": [["ann", "bob"], ["cyn"], []]}), columns={"source": "people"})
    assert pairs(log) == [("ann", "bob", 2), ("bob", "ann", 2)]
    assert dict(log.ledger.counts) == {"used": 1, "alone": 1, "missing_source": 1}


def test_a_size_that_is_stated_stands_and_one_that_is_missing_is_counted():
    log = tn.read_log({"source": ["ann;bob", "ann;bob"], "size": [12, None]}, columns={"source": "source"}, separator=";")
    assert pairs(log) == [("ann", "bob", 2), ("ann", "bob", 12), ("bob", "ann", 2), ("bob", "ann", 12)]


def test_a_target_that_is_missing_is_still_missed():
    for columns in ({}, {"source": "source"}):
        with pytest.raises(tn.base.errors.DataError, match="no column 'target'"):
            tn.read_log({"source": ["ann"], "tarqet": ["bob"]}, columns=columns)
    with pytest.raises(tn.base.errors.DataError, match="no column 'target'"):
        tn.read_log({"source": ["ann"], "to": ["bob"]}, separator=";")
    with pytest.raises(tn.base.errors.DataError, match="map a target"):
        tn.read_log({"From": ["ann"], "To": ["bob"]}, columns={"source": "From"}, separator=";")
