"""Logs made of records: those that readers of exports make, and several of them combined."""

from __future__ import annotations

import warnings

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tienet as tn
from frames import to_rows
from tienet.base.errors import ArgumentError, DataError, RowsRejected
from tienet.network.reading import log_from_records

T = "2025-01-02T10:00"
FRAMES = [dict, pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table]


def sized(log) -> list[tuple[str, str, float]]:
    return sorted((row["source"], row["target"], row["size"]) for row in to_rows(log.frame))


# A log of records


@pytest.mark.parametrize("kind", FRAMES)
def test_records_and_their_interactions(kind):
    mails = {"source": ["ann", "ann", "bob", "ann", "cyn"], "target": ["bob", "cyn", "ann", "ann", "cyn"], "time": [T] * 5}
    log = log_from_records(kind(mails), record=[7, 7, 8, 7, 9], unused={"missing_target": 2}, left_out={"repeated_recipient": 1})
    # Record 7 has one interaction to its sender, record 9 has no other.
    assert dict(log.ledger.counts) == {"used": 2, "missing_target": 2, "self_loop": 1}
    assert (log.ledger.rows_in, log.ledger.interactions, log.ledger.unit) == (5, 3, "record")
    assert dict(log.left_out) == {"repeated_recipient": 1, "self_recipient": 1}
    assert sized(log) == [("ann", "bob", 3), ("ann", "cyn", 3), ("bob", "ann", 2)]
    assert log.made == {"size", "event"}
    assert {(row["source"], row["event"]) for row in to_rows(log.frame)} == {("ann", "7"), ("bob", "8")}


@pytest.mark.parametrize("kind", FRAMES)
def test_records_of_an_event_and_their_repeats(kind):
    table = {
        "source": ["ann", "ann", "ann", "dan", "bob"],
        "target": ["bob", "cyn", "bob", "ann", "ann"],
        "time": [T] * 5,
        "event": ["m", "m", "m", "m", None],
    }
    log = log_from_records(kind(table), record=[0, 0, 1, 2, 3])
    # Record 1 repeats an interaction of record 0; the event has four people; record 3 names no event.
    assert dict(log.ledger.counts) == {"used": 3, "duplicate_event": 1}
    assert log.ledger.interactions == 4
    assert dict(log.left_out) == {"repeated_interaction": 1}
    assert sized(log) == [("ann", "bob", 4), ("ann", "cyn", 4), ("bob", "ann", 2), ("dan", "ann", 4)]


def test_the_same_as_the_cells_of_a_table():
    cells = {"source": ["ann", "bob", "cyn"], "target": ["bob; cyn", "ann", "cyn; dan; ann"], "time": [T, T, "2025-01-03"]}
    read = tn.read_log(cells, separator=";")
    apart = [(k, s, t, m) for k, (s, ts, m) in enumerate(zip(*cells.values(), strict=True)) for t in ts.split("; ")]
    record, source, target, time = map(list, zip(*apart, strict=True))
    made = log_from_records({"source": source, "target": target, "time": time}, record=record)
    assert sized(made) == sized(read)
    assert (made.ledger.counts, made.ledger.interactions) == (read.ledger.counts, read.ledger.interactions)
    assert (made.left_out, made.first, made.last) == (read.left_out, read.first, read.last)


def test_ids_zone_and_size_of_records():
    table = {"source": ["Ann <ANN@x>"], "target": ["bob@x"], "time": ["2025-07-01T00:30"], "size": [40]}
    log = log_from_records(table, record=[1], ids="address", timezone="Europe/Berlin", notes=("calls are not in the export",))
    assert sized(log) == [("ann@x", "bob@x", 40)]
    assert (log.ids, log.timezone, log.notes) == ("address", "Europe/Berlin", ("calls are not in the export",))
    assert log.first == 1751322600 * 1_000_000  # 22:30 UTC the day before


def test_records_that_cannot_be_read():
    with pytest.raises(ArgumentError, match="one number for each of the 2 interactions; got 1"):
        log_from_records({"source": ["a", "b"], "target": ["b", "c"]}, record=[1])
    with pytest.raises(DataError, match="1 record in: 0 used, 1 excluded"):
        log_from_records({"source": ["a"], "target": ["a"]}, record=[1], where="box.mbox")


# Logs combined

MAIL = {"source": ["ann", "bob"], "target": ["bob;cyn", "ann"]}


def test_ledgers_of_records_are_summed():
    with pytest.warns(tn.base.errors.RowsRejected):
        mail = tn.read_log({"source": ["ann", "bob", "bob"], "target": ["bob;cyn", "ann", ""]}, separator=";")
    calls = tn.read_log({"source": ["ann", "ann"], "target": ["dan", "ann"]})
    both = tn.combine(mail, calls)
    assert str(both.ledger) == ("5 records in: 3 used, 1 rejected (missing_target 1), 1 excluded (self_loop 1); they gave 4 interactions")
    assert len(both.frame) == 4
    people = tn.read_people({"person": ["ann", "bob", "cyn", "dan"], "function": ["Sales", "Ops", "Ops", "Ops"]})
    ties = tn.build_ties(both, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    assert dict(zip(zip(ties.frame["a"], ties.frame["b"], strict=True), ties.interactions, strict=True)) == {
        ("ann", "bob"): 2,
        ("ann", "cyn"): 1,
        ("ann", "dan"): 1,
    }


def test_made_events_of_two_logs_are_different():
    first, second = tn.read_log(MAIL, separator=";"), tn.read_log(MAIL, separator=";")
    both = tn.combine(first, second)
    assert both.ledger.interactions == len(both.frame) == 6
    assert both.frame["event"].nunique() == 4
    assert both.made == {"size", "event"}
    named = tn.read_log({"source": ["ann"], "target": ["bob"], "event": [both.frame["event"].iloc[0]]})
    assert tn.combine(first, named).ledger.interactions == 4
    assert tn.combine(first, named).made == {"size"}


def test_an_event_in_two_logs_is_counted_once_with_all_its_people():
    one = tn.read_log({"source": ["ann", "ann"], "target": ["bob", "cyn"], "event": ["m", "m"], "time": [T, T]})
    two = tn.read_log({"source": ["ann", "dan"], "target": ["bob", "ann"], "event": ["m", "m"], "time": [T, T]})
    both = tn.combine(one, two)
    assert str(both.ledger) == "4 rows in: 3 used, 1 duplicate (duplicate_event 1)"
    assert sized(both) == [("ann", "bob", 4), ("ann", "cyn", 4), ("dan", "ann", 4)]
    later = tn.read_log({"source": ["ann"], "target": ["bob"], "event": ["m"], "time": ["2025-01-09T10:00"]})
    assert tn.combine(one, later).ledger.used == 3  # the same id at another time is another event


def test_repeats_among_records_are_participants_left_out():
    mail = tn.read_log({"source": ["ann"], "target": ["bob;cyn"], "event": ["m"]}, separator=";")
    more = tn.read_log({"source": ["ann"], "target": ["bob"], "event": ["m"]})
    both = tn.combine(mail, more)
    assert both.ledger.interactions == len(both.frame) == 2
    assert dict(both.left_out) == {"repeated_interaction": 1}


def test_a_stated_size_is_kept_beside_counted_ones():
    stated = tn.read_log({"source": ["ann"], "target": ["bob"], "event": ["m"], "size": [30]})
    counted = tn.read_log({"source": ["ann", "cyn"], "target": ["bob", "dan"], "event": ["n", "n"]})
    assert sized(tn.combine(stated, counted)) == [("ann", "bob", 4), ("ann", "bob", 30), ("cyn", "dan", 4)]


def test_logs_that_compare_ids_differently_are_refused():
    logs = [tn.read_log({"source": ["ann"], "target": ["bob"]}, ids=how) for how in ("exact", "address")]
    with pytest.raises(DataError, match="compare ids in different ways \\('address' and 'exact'\\)"):
        tn.combine(*logs)
    assert tn.combine(logs[1], logs[1]).ids == "address"


def test_notes_and_what_was_left_out_are_kept():
    with pytest.warns(tn.base.errors.SeveralInCell):
        noted = tn.read_log({"source": ["ann"], "target": ["bob;cyn"]})
    mail = tn.read_log({"source": ["ann"], "target": ["bob;bob;ann"]}, separator=";")
    both = tn.combine(noted, mail, mail)
    assert both.notes == noted.notes
    assert dict(both.left_out) == {"repeated_recipient": 2, "self_recipient": 2}


# Logs taken apart by hand

people = st.sampled_from(["ann", "bob", "cyn", "dan", "eve"])
mails = st.lists(st.tuples(people, st.lists(people, max_size=4), st.lists(people, max_size=3)), min_size=1, max_size=8)
ROSTER = tn.read_people({"person": ["ann", "bob", "cyn", "dan", "eve"], "function": ["A", "B", "A", "B", "C"]})
EVERY = tn.TieRule(min_interactions=1, half_life=None, max_size=None)


def tied(log) -> dict[tuple[str, str], tuple[float, float]]:
    ties = tn.build_ties(log, ROSTER, rule=EVERY)
    rows = zip(ties.frame["a"], ties.frame["b"], ties.interactions, ties.frequency, strict=True)
    return {(a, b): (count, round(weighted, 12)) for a, b, count, weighted in rows}


@pytest.mark.sweep
@given(mails)
def test_mails_taken_apart_by_hand_give_equal_ties(given_mails):
    sent = [(s, set(to) | set(cc)) for s, to, cc in given_mails]
    pairs = [(s, t, float(len({s, *everyone}))) for s, everyone in sent for t in sorted(everyone - {s})]
    assume(pairs)
    cells = {"From": [s for s, _, _ in given_mails], "To": ["; ".join(to) for _, to, _ in given_mails]}
    cells |= {"Cc": [";".join(cc) for _, _, cc in given_mails], "time": [T] * len(sent)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RowsRejected)
        log = tn.read_log(cells, columns={"source": "From", "target": ["To", "Cc"]})
    hand = tn.read_log(
        dict(zip(("source", "target", "size"), map(list, zip(*pairs, strict=True)), strict=True)) | {"time": [T] * len(pairs)}
    )
    assert tied(log) == tied(hand)
    assert (log.ledger.rows_in, log.ledger.interactions) == (len(sent), len(pairs))
    named = sum(len(to) + len(cc) for s, to, cc in given_mails if (set(to) | set(cc)) - {s})
    assert named == len(pairs) + sum(log.left_out.values())


@pytest.mark.sweep
@given(mails)
def test_calendars_taken_apart_by_hand_give_equal_ties(given_rows):
    meetings = [{s, *required, *optional} for s, required, optional in given_rows]
    pairs = [(a, b, float(len(one))) for one in meetings for a in sorted(one) for b in sorted(one) if a != b]
    assume(pairs)
    names = ("Organizer", "Required", "Optional")
    cells = dict(zip(names, ([s for s, _, _ in given_rows], *([";".join(r[k]) for r in given_rows] for k in (1, 2))), strict=True))
    log = tn.read_log(cells | {"time": [T] * len(meetings)}, columns={"source": list(names)})
    hand = tn.read_log(
        dict(zip(("source", "target", "size"), map(list, zip(*pairs, strict=True)), strict=True)) | {"time": [T] * len(pairs)}
    )
    assert tied(log) == tied(hand)
    # The same calendar as a table with a row per person and meeting.
    long = [(f"m{k}", person) for k, one in enumerate(meetings) for person in sorted(one)]
    rows = tn.read_log({"event": [m for m, _ in long], "source": [p for _, p in long], "time": [T] * len(long)})
    assert tied(rows) == tied(log)
    assert dict(log.ledger.counts).get("alone", 0) == sum(len(one) == 1 for one in meetings)
