"""Process logs in XES, against counts made by others and against generated logs that are counted here by hand."""

from __future__ import annotations

import gzip
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, same_log
from real import find
from tienet.base.errors import ArgumentError, DataError, RowsRejected
from tienet.network.sources.xes import read_xes

EXPORTS = find("made_up_exports")
LOG = EXPORTS / "raw/xes/log.xes"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def event(person=None, minute=0, *, lifecycle=None, name="work", time=None, more="", resource="org:resource"):
    """One event; `minute` counts from `START`, `time` is a text instead."""
    when = time if time is not None else (START + timedelta(minutes=minute)).isoformat()
    parts = [f'<string key="concept:name" value={quoteattr(name)}/>', more]
    if person is not None:
        parts.append(f'<string key="{resource}" value={quoteattr(person)}/>')
    if when:
        parts.append(f'<date key="time:timestamp" value="{when}"/>')
    if lifecycle:
        parts.append(f'<string key="lifecycle:transition" value="{lifecycle}"/>')
    return f"<event>{''.join(parts)}</event>"


def trace(*events, name="1"):
    return f'<trace>{f"""<string key="concept:name" value="{name}"/>""" if name else ""}{"".join(events)}</trace>'


def log(*traces, head=""):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">{head}{"".join(traces)}</log>'


def written(folder, text, name="log.xes"):
    place = Path(folder) / name
    place.write_text(text, encoding="utf-8")
    return place


def read(folder, *traces, head="", **options):
    return read_xes(written(folder, log(*traces, head=head)), **options)


def links(found):
    return [(one.source, one.target) for one in found.frame.itertuples()]


def test_the_made_up_log_gives_what_an_independent_script_counted():
    found = read_xes(LOG)
    assert_counts(found, EXPORTS / "expected/xes.json")
    assert_closed(found, 10)
    assert_no_planted(found)


# Generated logs.


def generated(rng, traces=6):
    """Random traces as (name, [(person, lifecycle, moment or None)]), and what must come of them, counted here."""
    people = [f"person {at}" for at in range(5)]
    made, codes, expected, used_minutes = [], Counter(), Counter(), 0
    for at in range(traces):
        events = []
        for _ in range(int(rng.integers(0, 8))):
            used_minutes += 1
            person = str(rng.choice([*people, "__INVALID__", "nobody here", ""]))
            lifecycle = str(rng.choice(["", "complete", "complete", "COMPLETE", "start", "suspend"]))
            moment = None if rng.random() < 0.1 else used_minutes
            events.append((person, lifecycle, moment))
        made.append((f"case {at}", events))
        counted = []
        for person, lifecycle, moment in events:
            if lifecycle.lower() not in ("", "complete"):
                codes["other_action"] += 1
            elif moment is None:
                codes["bad_time"] += 1
            elif person not in people:
                codes["no_person"] += 1
            else:
                counted.append((moment, person))
        counted.sort()
        for (_, giver), (later, taker) in pairwise(counted):
            codes["self" if giver == taker else "used"] += 1
            if giver != taker:
                expected[giver, taker, later] += 1
        codes["no_recipient"] += bool(counted)
    return made, +codes, expected


def as_xes(made, rng):
    """The text of generated traces: events in any order, in any zone, with planted content in every place that holds some."""

    def one(person, lifecycle, moment):
        planted = str(rng.choice(PLANTED))
        zone = timezone(timedelta(hours=int(rng.integers(-11, 12))))
        when = "yesterday" if moment is None else (START + timedelta(minutes=moment)).astimezone(zone).isoformat()
        more = (
            f'<string key="comment" value="{planted}"/>'
            f'<list key="notes"><values><string key="org:resource" value="{planted}"/></values></list>'
            f'<container key="{planted}"><string key="time:timestamp" value="{planted}"/></container>'
            f'<string key="outer" value="x"><string key="org:resource" value="{planted}"/></string>'
        )
        return event(person or None, lifecycle=lifecycle, name=planted, time=when, more=more)

    blocks = []
    for name, events in made:
        order = rng.permutation(len(events))
        blocks.append(trace(*(one(*events[at]) for at in order), name=f"{name} {PLANTED[0]}"))
    return blocks


HEAD = (
    '<global scope="event"><string key="org:resource" value="nobody here"/></global>'
    '<global scope="trace"><string key="org:resource" value="person 1"/></global>'
)


def check_generated(folder, seed):
    rng = np.random.default_rng(seed)
    made, codes, expected = generated(rng)
    blocks = as_xes(made, rng)
    place = written(folder, log(*blocks, head=HEAD))
    if not codes["used"]:
        with pytest.raises(DataError) as problem:
            read_xes(place)
        assert_no_planted(None, str(problem.value))
        return None
    found = read_xes(place)
    assert dict(found.ledger.counts) == dict(codes)
    assert_closed(found, sum(len(events) for _, events in made))
    minutes = (found.frame["time"].dt.tz_localize(UTC) - START).dt.total_seconds() // 60
    assert Counter(zip(found.frame["source"], found.frame["target"], minutes.astype(int), strict=True)) == expected
    assert set(found.frame["channel"]) == {"handover"}
    assert (found.frame["size"] == 2).all()
    assert_no_planted(found, str(found.rejects))
    return found, blocks


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
@pytest.mark.parametrize("seed", range(8))
def test_generated_logs_give_what_was_written(tmp_path, seed):
    check_generated(tmp_path, seed)


@pytest.mark.exports
@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
@pytest.mark.parametrize("block", range(10))
def test_500_generated_logs_give_what_was_written(tmp_path, block):
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        check_generated(tmp_path, seed)


# The same log in another form.


@pytest.fixture
def generated_log(tmp_path):
    (tmp_path / "one").mkdir()
    return check_generated(tmp_path / "one", 7)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
@pytest.mark.parametrize("form", ["split", "shuffled", "gzip", "zip", "zip of gzip", "twice", "utf-16", "namespace", "one line each"])
def test_the_same_log_in_another_form(tmp_path, generated_log, form):
    found, blocks = generated_log
    text = log(*blocks, head=HEAD)
    place = tmp_path / "other"
    place.mkdir()
    if form == "split":
        for at, block in enumerate(blocks):
            written(place, log(block, head=HEAD), f"{at}.xes")
    elif form == "shuffled":
        place = written(place, log(*blocks[::-1], head=HEAD))
    elif form == "gzip":
        (place / "log.xes.gz").write_bytes(gzip.compress(text.encode()))
    elif form == "zip":
        with zipfile.ZipFile(place := place / "log.zip", "w") as archive:
            archive.writestr("folder/log.xes", text)
    elif form == "zip of gzip":
        with zipfile.ZipFile(place := place / "log.zip", "w") as archive:
            archive.writestr("log.xes.gz", gzip.compress(text.encode()))
    elif form == "twice":
        written(place, text, "a.xes")
        written(place, text, "b.xes")
    elif form == "utf-16":
        place = place / "log.xes"
        place.write_bytes(text.replace("UTF-8", "UTF-16").encode("utf-16"))
    elif form == "namespace":
        place = written(place, text.replace("<log ", '<x:log xmlns:x="urn:x" ').replace("</log>", "</x:log>"), "log.xml")
    else:
        place = written(place, text.replace("><", ">\n<"))
    again = read_xes(place)
    same_log(found, again)
    twice = {"repeated_record": found.ledger.rows_in} if form == "twice" else {}
    assert dict(again.ledger.counts) == dict(found.ledger.counts) | twice


def test_the_zone_of_the_machine_changes_nothing(tmp_path, monkeypatch):
    import time

    place = written(tmp_path, log(trace(event("a", time="2026-03-02T09:00:00"), event("b", time="2026-03-02 10:00:00.5"))))
    found = read_xes(place, timezone="Europe/Berlin")
    assert str(found.frame["time"].iloc[0]) == "2026-03-02 09:00:00.500000"
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        same_log(found, read_xes(place, timezone="Europe/Berlin"))
    finally:
        monkeypatch.undo()
        time.tzset()


# Rules.


def test_events_without_a_person_do_not_break_the_chain_and_equal_times_keep_the_order_of_the_file(tmp_path):
    found = read(tmp_path, trace(event("b", 5), event("a", 5), event(None, 6), event(" ", 7), event("c", 8)))
    assert links(found) == [("b", "a"), ("a", "c")]
    assert found.ledger.counts["no_person"] == 2


def test_a_handover_counts_in_the_period_of_the_later_event(tmp_path):
    events = trace(event("a", 0), event("b", 60), event("c", 60 * 48), event("d", 60 * 49))
    found = read(tmp_path, events, since="2026-03-03")
    assert links(found) == [("b", "c"), ("c", "d")]
    assert found.ledger.counts["outside_period"] == 1


def test_lifecycles_that_count(tmp_path):
    events = trace(
        event("a", 0, lifecycle="Start"), event("b", 1, lifecycle="complete"), event("c", 2, lifecycle="ate_abort"), event("d", 3)
    )
    assert links(read(tmp_path, events)) == [("b", "d")]
    assert links(read(tmp_path, events, lifecycle=None)) == [("a", "b"), ("b", "c"), ("c", "d")]
    assert links(read(tmp_path, events, lifecycle=["START", "complete"])) == [("a", "b"), ("b", "d")]
    with pytest.raises(DataError, match=r"no event of the XES export has the lifecycle 'complete'; pass lifecycle=None"):
        read(tmp_path, trace(event("a", 0, lifecycle="open"), event("b", 1, lifecycle="done")))


def test_an_event_outside_of_traces_hands_over_to_no_one(tmp_path):
    found = read(tmp_path, event("a", 0), trace(event("a", 1), event("b", 2)), event("b", 3))
    assert dict(found.ledger.counts) == {"used": 1, "no_recipient": 3}


def test_the_same_events_in_two_unnamed_traces_are_two_cases(tmp_path):
    one = trace(event("a", 0), event("b", 1), name="")
    found = read(tmp_path, one, one)
    assert found.ledger.used == 2
    written(tmp_path, log(one, one), "copy.xes")
    assert read_xes(tmp_path).ledger.counts["repeated_record"] == 4


def test_another_attribute_may_hold_the_people(tmp_path):
    place = written(tmp_path, log(trace(event("a", 0, resource="resource"), event("b", 1, resource="resource"))))
    with pytest.raises(DataError, match=r"names a person under 'org:resource'; pass resource='resource', which it has"):
        read_xes(place)
    assert links(read_xes(place, resource="resource")) == [("a", "b")]
    with pytest.raises(DataError, match=r"names a person under 'nobody'; pass resource='resource'"):
        read_xes(place, resource="nobody")


def test_people_are_matched_by_the_table_of_identities_by_address_and_by_id(tmp_path):
    events = trace(event("ana@firm.example", 0), event("Ben B.", 1), event("cleo", 2), event("robot", 3), event("stranger", 4))
    people = {"person": ["a", "b", "cleo"], "email": ["ANA@firm.example", "", ""], "function": ["S", "M", "M"]}
    who = {"person": ["b", ""], "kind": ["resource", "resource"], "value": ["ben b.", "Robot"], "exclude": ["", "bot"]}
    found = read(tmp_path, events, people=tn.read_people(people), identities=who)
    assert links(found) == [("a", "b"), ("b", "cleo")]
    # A bot between two people does not make them meet: the work went through it.
    assert dict(found.ledger.counts) == {"used": 2, "no_person": 1, "bot": 1, "no_recipient": 1}


def test_broken_times_are_counted_and_located(tmp_path):
    with pytest.warns(RowsRejected, match="2 of 4 records rejected"):
        found = read(tmp_path, trace(event("a", 0), event("b", time="soon"), event("c", time=""), event("d", 9)))
    assert links(found) == [("a", "d")]
    assert [(one.line, one.code) for one in found.rejects] == [(2, "bad_time"), (3, "missing_time")]


# What is refused.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<log><trace><event>", "ends too early"),
        ("<log><trace></log>", "no XML"),
        ('<!DOCTYPE log [<!ENTITY a "zanzibarplan">]><log/>', "document type"),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "document type"),
        ('<?xml version="1.0" encoding="zanzibarplan"?><log/>', "this is not an XES export"),
        ("<html><body>zanzibarplan</body></html>", "this is not an XES export"),
        ("zanzibarplan", "this is not an XES export"),
        ("<log/>", "no event of the XES export names a person"),
        ("<log><object-types/></log>", "object-centric log"),
        ("<log>" + "<a>" * 200, "nested deeper than 100 levels"),
    ],
)
def test_what_is_no_process_log_is_refused_in_one_line(tmp_path, text, words):
    with pytest.raises(DataError, match=words) as problem:
        read_xes(written(tmp_path, text))
    assert "\n" not in str(problem.value)
    assert_no_planted(None, str(problem.value))


def test_an_export_of_another_system_is_told(tmp_path):
    with pytest.raises(DataError, match=r"this is not an XES export: looked for .*reader 'ocel'"):
        read_xes(EXPORTS / "raw/ocel/log.json")


@pytest.mark.parametrize("options", [{"resource": 3}, {"resource": " "}, {"lifecycle": 3}, {"lifecycle": ["complete", 3]}])
def test_options_are_checked(options):
    with pytest.raises(ArgumentError, match=next(iter(options))):
        read_xes(LOG, **options)


def test_nothing_between_people_is_one_sentence_with_the_largest_reason(tmp_path):
    with pytest.raises(DataError, match=r"the XES export gives no interaction: 2 of 3 records are self"):
        read(tmp_path, trace(*(event("a", at) for at in range(3))))


def test_ties_of_a_process_log(tmp_path):
    made, expected = defaultdict(int), ["a", "b", "c"]
    found = read(tmp_path, *(trace(*(event(one, 10 * at + place) for place, one in enumerate(expected)), name=str(at)) for at in range(4)))
    for pair in links(found):
        made[pair] += 1
    assert dict(made) == {("a", "b"): 4, ("b", "c"): 4}
    people = tn.read_people({"person": expected, "function": ["S", "M", "F"]})
    ties = tn.build_ties(found, people, rule=tn.TieRule(min_interactions=4))
    assert len(ties.frame) == 2
