"""Hand-off times: working hours minute by minute, a plain count of threads in every engine, and what is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import tienet as tn
from frames import FRAMES, as_kind, to_rows
from tienet.base.errors import ArgumentError, DataError
from tienet.network.measures._working_hours import working_hours_of

handoff_times = tn.network.measures.handoff_times
pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsUnmatched")  # some rows are from outsiders
RULE = tn.TieRule(min_interactions=1, half_life=None)
HOURS = ("median_hours", "low_hours", "high_hours")


def micro(moment):
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def working_minutes(start, end, zone, opens, closes, days, off):
    """Minutes between two moments at which the clock of a zone shows a working hour, one minute after the other."""
    count, at = 0, start
    while at < end:
        local = at.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        count += opens <= minute < closes and local.weekday() in days and local.date().isoformat() not in off
        at += timedelta(minutes=1)
    return count


@pytest.mark.parametrize(
    ("zone", "hours", "days", "off"),
    [
        ("UTC", ("09:00", "17:00"), "Mon-Fri", ()),
        ("Europe/Berlin", ("08:30", "16:45"), "Mon-Fri", ("2025-03-31",)),
        ("America/New_York", ("09:00", "17:00"), "Sun-Thu", ("2025-03-10", "2025-03-15")),
        ("Asia/Kolkata", ("09:00", "18:00"), "Mon,Wed,Sat", ()),
    ],
)
def test_working_hours_as_counted_minute_by_minute(zone, hours, days, off):
    clock = working_hours_of(hours, days, off, zone)
    opens, closes = (int(each[:2]) * 60 + int(each[3:]) for each in hours)
    names = {"Mon-Fri": range(5), "Sun-Thu": (6, 0, 1, 2, 3), "Mon,Wed,Sat": (0, 2, 5)}[days]
    rng = np.random.default_rng(0)
    # Around the nights in March in which clocks go forward in New York and in Berlin; no working hour is skipped.
    for first in (datetime(2025, 3, 7, tzinfo=UTC), datetime(2025, 3, 28, tzinfo=UTC)):
        moments = sorted(first + timedelta(minutes=int(minutes)) for minutes in rng.integers(0, 5 * 1440, 7))
        elapsed = np.diff(clock.elapsed(np.array([micro(moment) for moment in moments])))
        counted = [working_minutes(start, end, zone, opens, closes, names, off) for start, end in pairwise(moments)]
        np.testing.assert_allclose(elapsed * 60, counted, atol=1e-6)


def test_whole_days_are_hours_of_the_clock():
    clock = working_hours_of(("00:00", "24:00"), "Mon-Sun", (), "UTC")
    moments = np.array([0, 3_600_000_000, 10 * 86_400_000_000, -86_400_000_000])
    np.testing.assert_allclose(clock.elapsed(moments), [0, 1, 240, -24])
    assert clock.day == 24
    assert str(clock) == "00:00 to 24:00, Mon-Sun (UTC)"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"working_hours": "9-5"}, "working_hours must be"),
        ({"working_hours": ("9", "17:00")}, "times of day"),
        ({"working_hours": ("17:00", "09:00")}, "end after they begin"),
        ({"working_hours": ("09:00", "24:30")}, "times of day"),
        ({"days": "Mon-Tag"}, "days must be working days"),
        ({"days": ""}, "days must be"),
        ({"holidays": ["soon"]}, "holidays must be a list of days"),
        ({"holidays": ["2025-02-31"]}, "holidays must be days"),
        ({"wait": 0}, "wait"),
        ({"least": 0}, "least"),
        ({"floor": 0}, "floor"),
        ({"of": "nobody"}, "nobody"),
    ],
)
def test_arguments_that_cannot_be_used(wrong, words):
    log, ties = few()
    with pytest.raises(ArgumentError, match=words):
        handoff_times(log, ties, **wrong)


def few(rows=(), people=None, **columns):
    """A log of messages (day and time, event, answered event, from, to) among Sales s1, s2 and Finance f1, f2."""
    rows = rows or [("2025-01-06T10:00", "m1", None, "s1", "f1"), ("2025-01-20T10:00", "end", None, "s1", "f1")]
    names = ("time", "event", "reply_to", "source", "target")
    log = tn.read_log({**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)), **columns})
    roster = people or {"s1": "Sales", "s2": "Sales", "f1": "Finance", "f2": "Finance"}
    return log, tn.build_ties(log, tn.read_people({"person": list(roster), "function": list(roster.values())}), rule=RULE)


END = ("2025-02-03T10:00", "end", None, "x", "y")  # by someone else: the time for all answers is over


def together(*cases):
    """One log of several cases, each among people and functions of its own."""
    rows, roster = [END], {}
    for place, case in enumerate(cases):
        rows += [(time, *(name and f"{name}-{place}" for name in names)) for time, *names in case]
        roster |= {f"{who}-{place}": f"{function} {place}" for who, function in (("s1", "S"), ("s2", "S"), ("f1", "F"), ("f2", "F"))}
    return few(rows, roster)


def told(made, **options):
    """Per case and direction: messages, median hours and share without answer, everything shown."""
    found = handoff_times(*made, of=None, least=1, floor=1, **options)
    cases = {}
    for row in to_rows(found.frame):
        (start, place), (end, _) = (row[name].split("_") for name in ("function_from", "function_to"))
        cases.setdefault(int(place), {})[start, end] = (row["messages"], row["median_hours"], row["unanswered"])
    return [cases[place] for place in sorted(cases)]


def test_an_answer_the_next_morning_takes_the_hours_in_between():
    asked = ("2025-01-10T16:00", "m1", None, "s1", "f1")  # a Friday
    monday, saturday = (asked, ("2025-01-13T10:30", "a1", "m1", "f1", "s1")), (asked, ("2025-01-11T12:00", "a1", "m1", "f1", "s1"))
    made = together(monday, saturday)
    assert told(made) == [{("s", "f"): (1, 2.5, 0.0)}, {("s", "f"): (1, 1.0, 0.0)}]
    assert told(made, holidays=["2025-01-13"]) == [{("s", "f"): (1, 1.0, 0.0)}] * 2
    assert told(made, days="Mon-Sun") == [{("s", "f"): (1, 1 + 2 * 8 + 1.5, 0.0)}, {("s", "f"): (1, 4.0, 0.0)}]
    assert told(made, working_hours=("10:00", "16:30")) == [{("s", "f"): (1, 1.0, 0.0)}, {("s", "f"): (1, 0.5, 0.0)}]


def test_answers_count_within_three_working_days_from_the_function_that_was_asked():
    asked = ("2025-01-06T09:00", "m1", None, "s1", "f1")
    made = together(
        [asked, ("2025-01-09T09:00", "a1", "m1", "f1", "s1")],  # exactly 24 working hours
        [asked, ("2025-01-09T09:01", "a1", "m1", "f1", "s1")],
        [asked, ("2025-01-06T11:00", "a1", "m1", "f2", "s1")],  # a colleague of the person asked
        [asked, ("2025-01-06T11:00", "a1", "m1", "s2", "s1")],  # the asker's own colleague
        [asked, ("2025-01-06T11:00", "a1", "m1", "f1", "s2")],  # to someone else
        # Answers are no first messages, and the earliest counts.
        [asked, ("2025-01-06T12:00", "a2", "m1", "f2", "s1"), ("2025-01-06T11:00", "a1", "m1", "f1", "s1")],
        # To two functions.
        [*((*asked[:4], who) for who in ("f1", "f2", "s2")), ("2025-01-06T10:00", "a1", "m1", "f2", "s1")],
    )
    none = (1, None, 1.0)
    wanted = [(1, 24.0, 0.0), none, (1, 2.0, 0.0), none, none, (1, 2.0, 0.0), (1, 1.0, 0.0)]
    found = told(made)
    assert [case["s", "f"] for case in found] == wanted
    assert [len(case) for case in found] == [1] * 6 + [2]
    assert found[6]["s", "s"] == none
    assert told(made, wait=4)[1]["s", "f"] == (1, pytest.approx(24 + 1 / 60), 0.0)


def test_messages_whose_time_is_not_over_are_left_out():
    times = ("2025-01-06T09:00", "2025-01-08T16:59", "2025-01-09T09:00")
    rows = [(time, f"m{place}", None, "s1", "f1") for place, time in enumerate(times)]
    found = handoff_times(*few(rows), least=1, floor=1)
    assert found.messages.tolist() == [1]  # 24 working hours after the first message the log ends, and they are over for it alone


def test_channels_without_threads_are_counted_apart():
    rows = [
        ("2025-01-06T09:00", "m1", None, "s1", "f1"), ("2025-01-06T10:00", "a1", "m1", "f1", "s1"),
        ("2025-01-06T11:00", "c1", None, "s1", "f1"), ("2025-01-06T11:00", "c2", None, "s1", "f2"), END,
    ]  # fmt: skip
    found = handoff_times(*few(rows, channel=["mail", "mail", "meeting", "meeting", "mail"]), least=1, floor=1)
    assert (found.messages.tolist(), found.no_thread) == ([1], 2)
    assert "The log has no threads for 2 other events." in str(found)


def random_mail(seed, people=14, messages=260):
    rng = np.random.default_rng(seed)
    functions = ["Sales", "Finance", "R&D"]
    roster = {f"p{place}": functions[int(rng.integers(0, 3))] for place in range(people)} | {"s": "Sales"}
    start, rows = datetime(2025, 1, 6), []
    for number in range(messages):
        at = start + timedelta(minutes=int(rng.integers(0, 40 * 1440)))
        who, *to = (f"p{place}" for place in rng.permutation(people + 2)[: int(rng.integers(2, 5))])  # two are not in the roster
        rows += [(at, f"m{number}", None, who, one) for one in to]
        for reply in range(int(rng.integers(0, 3))):
            later = at + timedelta(minutes=int(rng.exponential(900)) - 5)  # some bear a time before the message
            rows.append((later, f"a{number}-{reply}", f"m{number}", str(rng.choice([*to, "p0", "p1"])), who))
    return [row for row in rows if row[3] != row[4]], roster


def plain(rows, roster):
    """The same from loops over the messages."""
    moments = sorted({time for time, *_ in rows})
    clock = working_hours_of(("09:00", "17:00"), "Mon-Fri", (), "UTC")
    elapsed = clock.elapsed(np.array([micro(moment.replace(tzinfo=UTC)) for moment in moments]))
    hours, over = dict(zip(moments, elapsed.tolist(), strict=True)), elapsed[-1]
    first, reply = {}, {}
    for time, event, answered, source, target in rows:
        if source in roster and target in roster:
            if answered is None:
                first[event, source, roster[target]] = time
            else:
                reply.setdefault((answered, target, roster[source]), []).append(time)
    table, sent, got = {}, {}, {}
    for (event, source, to), time in first.items():
        begun = hours[time]
        if begun + 24 > over:
            continue
        waits = [hours[later] - begun for later in reply.get((event, source, to), []) if later >= time]
        table.setdefault((roster[source], to), []).append(min(waits) if waits and min(waits) <= 24 else None)
        sent.setdefault((roster[source], to), set()).add(source)
    for _, _, answered, source, target in rows:
        if answered is None and source in roster and target in roster:
            got.setdefault((roster[source], roster[target]), set()).add(target)
    return table, sent, got


@pytest.mark.parametrize("kind", [*FRAMES, "csv", "parquet"])
def test_a_plain_count_in_every_engine(kind, tmp_path):
    rows, roster = random_mail(3)
    names = ("time", "event", "reply_to", "source", "target")
    table = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    log = tn.read_log(as_kind(kind, table, tmp_path))
    ties = tn.build_ties(log, tn.read_people({"person": list(roster), "function": list(roster.values())}), rule=RULE)
    found = handoff_times(log, ties, of=None, least=12, floor=3)
    counted, sent, got = plain(rows, roster)
    wanted = {pair: waits for pair, waits in counted.items() if len(waits) >= 12 and len(sent[pair]) >= 3 and len(got[pair]) >= 3}
    labels = dict(zip(found.functions, found.labels, strict=True))
    told_ = {(labels[row["function_from"]], labels[row["function_to"]]): row for row in to_rows(found.frame)}
    assert set(told_) == set(wanted)
    assert len(wanted) > 4
    assert found.left_out == len(counted) - len(wanted)
    assert found.first_messages == sum(map(len, counted.values()))
    for pair, waits in wanted.items():
        answered = [wait for wait in waits if wait is not None]
        assert told_[pair]["messages"] == len(waits)
        assert told_[pair]["unanswered"] == pytest.approx(1 - len(answered) / len(waits))
        low, middle, high = np.quantile(answered, [0.25, 0.5, 0.75])
        assert [told_[pair][name] for name in HOURS] == [pytest.approx(each) for each in (middle, low, high)]
    ours = handoff_times(log, ties, of="Finance", least=12, floor=3)
    assert {(labels[row["function_from"]], labels[row["function_to"]]) for row in to_rows(ours.frame)} == {
        pair for pair in wanted if "Finance" in pair
    }


def test_directions_below_the_least_or_the_floor_are_left_out():
    rows, roster = random_mail(5)
    log, ties = few(rows, roster)
    every = handoff_times(log, ties, least=1, floor=1)
    fewer = handoff_times(log, ties, least=int(np.median(every.messages)) + 1, floor=1)
    assert len(fewer.messages) < len(every.messages)
    assert fewer.left_out == len(every.messages) - len(fewer.messages)
    assert f"{fewer.left_out} directions not shown" in str(fewer)
    nothing = handoff_times(log, ties, floor=50)
    assert len(nothing.frame) == 0
    assert str(nothing).startswith("No direction between two functions has enough answered messages to be shown.")


def test_the_sentence_names_the_slowest_direction_and_the_reference():
    rows = [("2025-01-06T09:00", f"m{place}", None, "s1", "f1") for place in range(3)]
    rows += [("2025-01-06T14:30", f"a{place}", f"m{place}", "f1", "s1") for place in range(3)]
    rows += [("2025-01-06T09:00", "w1", None, "s1", "s2"), ("2025-01-06T10:15", "w2", "w1", "s2", "s1")]
    found = handoff_times(*few([*rows, END]), least=1, floor=1)
    assert str(found) == (
        "Sales waits longest for Finance: half of the first answers take more than 5.5 working hours, against 1.2 within Sales. 4 first "
        "messages; working hours 09:00 to 17:00, Mon-Fri (UTC); an answer counts within 3 working days."
    )
    assert found.reference("sales") == 1.25
    assert np.isnan(found.reference("finance"))


def test_the_sentence_is_about_those_who_wait_for_others_where_there_are_any():
    slow = [("2025-01-06T09:00", "m1", None, "f1", "s1"), ("2025-01-07T09:00", "a1", "m1", "s1", "f1")]
    quick = [("2025-01-06T09:00", "m2", None, "s1", "f1"), ("2025-01-06T10:00", "a2", "m2", "f1", "s1")]
    both, one, shown = few([*slow, *quick, END]), few([*slow, END]), {"least": 1, "floor": 1}
    more = "half of the first answers take more than"
    assert handoff_times(*both, **shown).answer == f"Sales waits longest for Finance: {more} 1.0 working hours."
    for answer in (handoff_times(*both, of=None, **shown).answer, handoff_times(*one, **shown).answer):
        assert answer == f"Finance waits longest for Sales: {more} 8.0 working hours."


def test_the_rule_and_the_window_of_the_ties_apply():
    rows = [("2025-01-06T09:00", "m1", None, "s1", "f1"), ("2025-01-06T10:00", "a1", "m1", "f1", "s1"), END]
    log = few(rows, channel=["mail", "mail", "mail"])[0]
    people = tn.read_people({"person": ["s1", "f1"], "function": ["Sales", "Finance"]})
    later = tn.TieRule(min_interactions=1, since="2025-01-06T09:30", half_life=None)
    assert len(handoff_times(log, tn.build_ties(log, people, rule=later), least=1, floor=1).messages) == 0


def test_a_log_without_threads_is_refused_in_one_line():
    people = tn.read_people({"person": ["a", "b"], "function": ["Sales", "Finance"]})
    log = tn.read_log({"time": ["2025-01-06", "2025-01-07"], "source": ["a", "b"], "target": ["b", "a"]})
    with pytest.raises(DataError, match=r"the log has no threads \(columns time, event and reply_to\)"):
        handoff_times(log, tn.build_ties(log, people, rule=RULE))
    timeless = tn.read_log({"source": ["a", "b"], "target": ["b", "a"]})
    with pytest.raises(DataError, match="hand-off times are not known"):
        handoff_times(timeless, tn.build_ties(timeless, people, rule=RULE))
