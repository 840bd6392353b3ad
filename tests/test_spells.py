from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import as_kind, to_rows
from tienet.base.errors import ArgumentError, DataError, RowsRejected

T0 = datetime(2025, 1, 6)
PLAIN = tn.TieRule(min_interactions=2, half_life=None, size_weight="none", max_size=None)
# Mo moves from Marketing to Sales on 16 January; the others stay.
MOVE = {
    "person": ["ann", "mo", "cat", "mo"],
    "function": ["Sales", "Marketing", "Service", "Sales"],
    "valid_from": [None, None, None, "2025-01-16"],
    "valid_to": [None, "2025-01-16", None, None],
    "team": ["a", "old", "c", "new"],
}


def log_of(rows) -> dict[str, list]:
    """Rows of (day, source, target), at noon."""
    return {
        "time": [T0 + timedelta(days=day, hours=12) for day, *_ in rows],
        "source": [source for _, source, _ in rows],
        "target": [target for _, _, target in rows],
    }


def ties_of(rows, people=MOVE, rule=PLAIN) -> tn.Ties:
    log = rows if isinstance(rows, dict) else log_of(rows)
    return tn.build_ties(tn.read_log(log), tn.read_people(people), rule=rule)


def egos_of(ties, of="sales", strength="interactions", **options) -> dict[str, dict]:
    return {row["ego"]: row for row in to_rows(tn.measure_egos(ties, of=of, strength=strength, **options).frame)}


# Reading


def test_the_roster_has_each_person_once_with_the_latest_spell(make_frame):
    people = tn.read_people(make_frame(MOVE))
    assert people.person.tolist() == ["ann", "mo", "cat"]
    assert people.function.tolist() == ["sales", "sales", "service"]
    assert people.attributes["team"].tolist() == ["a", "new", "c"]
    assert set(people.attributes) == {"team"}
    assert (people.functions, people.functions_ever) == (("sales", "service"), ("marketing", "sales", "service"))
    assert people.ledger.counts == {"used": 4}
    spells = people.spells
    assert spells.person.tolist() == [0, 1, 1, 2]
    assert spells.function.tolist() == ["sales", "marketing", "sales", "service"]
    move = 86_400_000_000 * (date(2025, 1, 16) - date(1970, 1, 1)).days
    assert (spells.end[1], spells.start[2]) == (move, move)


# DuckDB drops a column of a pandas frame in place where a column has a time zone.
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.drop")
@pytest.mark.parametrize("kind", ["pandas", "polars", "polars_lazy", "pyarrow", "duckdb", "parquet"])
@pytest.mark.parametrize("make", [date, datetime, lambda *day: datetime(*day, tzinfo=UTC)], ids=["date", "datetime", "utc"])
def test_days_are_read_from_dates_and_moments(kind, make, tmp_path):
    days = {"valid_from": [None, None, None, make(2025, 1, 16)], "valid_to": [None, make(2025, 1, 16), None, None]}
    found = tn.read_people(as_kind(kind, {**MOVE, **days}, tmp_path)).spells
    wanted = tn.read_people(MOVE).spells
    for name in ("person", "function", "start", "end"):
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist()


def test_columns_can_be_mapped_and_repeats_are_counted():
    table = {"id": ["a", "a", "a", None], "f": ["X", "Y", "X", "X"], "start": [None, "2025-02-01", None, None]}
    table |= {"stop": ["2025-02-01", "", "2025-02-01", None], "valid_from": ["?"] * 4}
    with pytest.warns(RowsRejected):
        people = tn.read_people(table, columns={"person": "id", "function": "f", "valid_from": "start", "valid_to": "stop"})
    assert people.ledger.counts == {"used": 2, "missing_person": 1, "repeated_row": 1}
    assert (people.person.tolist(), people.function.tolist(), dict(people.attributes)) == (["a"], ["y"], {})
    kept = tn.read_people({"person": ["a"], "function": ["X"], "valid_from": ["?"]}, columns={"since": "valid_from"})
    assert kept.spells is None
    assert kept.attributes["since"].tolist() == ["?"]


@pytest.mark.parametrize(
    ("column", "value"), [("valid_from", None), ("valid_to", None), ("valid_from", float("nan")), ("valid_to", "9999-12-31")]
)
def test_open_spells_are_no_spells(column, value):
    assert tn.read_people({"person": ["a", "b"], "function": ["X", "Y"], column: [value, value]}).spells is None


def test_two_rows_of_one_function_are_no_change():
    table = {"person": ["a", "a"], "function": ["X", "x "], "team": ["1", "2"]}
    people = tn.read_people({**table, "valid_from": [None, "2025-01-01"], "valid_to": ["2025-01-01", None]})
    assert people.spells is None
    assert people.attributes["team"].tolist() == [2.0]


def test_without_keeps_the_others_spells():
    people = tn.read_people(MOVE).without(["ann"])
    assert people.spells.person.tolist() == [0, 0, 1]
    assert people.spells.function.tolist() == ["marketing", "sales", "service"]
    rows = [
        (1, "mo", "cat"),
        (2, "mo", "cat"),
        (1, "ann", "cat"),
        (1, "ann", "mo"),
        (20, "cat", "mo"),
        (21, "mo", "cat"),
        (22, "mo", "cat"),
    ]
    left = tn.build_ties(tn.read_log(log_of(rows)), tn.read_people(MOVE), rule=PLAIN, exclude={"person": ["ann"], "reason": ["bot"]})
    assert egos_of(left, of="service") == {
        "cat": {"ego": "cat", "total_ties_marketing": 1, "tie_strength_marketing": 2.0, "total_ties_sales": 1, "tie_strength_sales": 3.0}
    }


SECRET = {"person": ["secretann", "bob", "secretann"], "function": ["Sales", "Sales", "Ops"]}


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ([None, None, None], [None, None, None], "in rows 1 and 3 the same person holds a function in spells that overlap"),
        ([None, None, "2025-01-31"], ["2025-02-01", None, None], "in rows 1 and 3 the same person"),
        ([None, "2025-02-01", "2025-02-01"], ["2025-02-01", "2025-02-01", None], "in row 2 valid_to is not after valid_from"),
        (["secretday", None, None], [None, None, None], "column 'valid_from', row 1: this is not a date; write dates as"),
        ([None, None, None], ["2025-02-01T09:00", None, None], "column 'valid_to', row 1: a time of day other than midnight"),
        ([None, None, None], ["2025-02-01T00:00+01:00", None, None], "a time of day other than midnight UTC"),
        ([20250101, 20250101, 20250101], [None, None, None], "column 'valid_from', row 1: expected a date, found a number"),
    ],
)
def test_refusals_in_one_line_without_ids(start, end, words):
    with pytest.raises(DataError) as caught:
        tn.read_people({**SECRET, "valid_from": start, "valid_to": end})
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_log_without_times_is_refused():
    log = tn.read_log({"source": ["ann"], "target": ["mo"]})
    rule = tn.TieRule(min_interactions=1, half_life=None)
    with pytest.raises(DataError, match="map a time column, or keep one row per person without these columns"):
        tn.build_ties(log, tn.read_people(MOVE), rule=rule)
    nobody = {name: values[:3] for name, values in MOVE.items()} | {"valid_to": [None] * 3}
    assert len(tn.build_ties(log, tn.read_people(nobody), rule=rule)) == 1


# By hand


def test_an_alter_who_moves_counts_in_each_function_for_what_happened_in_it():
    # Two contacts while mo is in Marketing (the move is on day 10), three in Sales.
    ties = ties_of([(0, "ann", "mo"), (9, "mo", "ann"), (10, "ann", "mo"), (11, "ann", "mo"), (30, "mo", "ann")])
    assert ties.interactions.tolist() == [5.0]
    found = egos_of(ties, toward=["Marketing", "sales", "service"])["ann"]
    assert (found["total_ties_marketing"], found["tie_strength_marketing"]) == (1, 2.0)
    assert (found["total_ties_sales"], found["tie_strength_sales"]) == (1, 3.0)
    assert found["total_ties_service"] == 0
    weeks = ties.window.weeks
    often = egos_of(ties, strength="frequency", toward=["marketing", "sales"])["ann"]
    assert often["tie_strength_marketing"] == pytest.approx(2 / weeks, rel=1e-12)
    assert often["tie_strength_sales"] == pytest.approx(3 / weeks, rel=1e-12)
    # Another strength is the tie's: 2 of 5 contacts go the lesser way.
    assert egos_of(ties, strength="reciprocity")["ann"]["tie_strength_marketing"] == pytest.approx(0.8)
    # From mo's end ann is in Sales all the time, also while mo was in Marketing.
    assert egos_of(ties, toward=["sales"])["mo"] == {"ego": "mo", "total_ties_sales": 1, "tie_strength_sales": 5.0}


def test_a_function_that_nobody_holds_any_more_is_looked_toward_but_has_no_egos():
    ties = ties_of([(0, "ann", "mo"), (1, "ann", "mo")])
    measured = tn.measure_egos(ties, of="sales", strength="interactions", include=["all"])
    assert measured.functions == ("marketing", "service")
    assert measured.total_ties.tolist() == [[1, 0], [0, 0]]
    for name, value in (("max", 2.0), ("sum", 2.0), ("median", 2.0)):
        assert measured.included[f"tie_strength_{name}_marketing"][0] == value
    assert measured.included["tie_share_marketing"].tolist() == [1.0, 0.0]
    assert "marketing" in str(measured)
    with pytest.raises(ArgumentError, match="no one in the people table holds the function 'marketing'"):
        tn.measure_egos(ties, of="marketing")
    with pytest.raises(ArgumentError, match="no one in the people table holds the function 'marketting'"):
        tn.measure_egos(ties, of="sales", toward=["marketting"])


def test_the_threshold_is_reached_in_one_part_only():
    ties = ties_of([(9, "ann", "mo"), (10, "ann", "mo"), (11, "ann", "mo")])
    found = egos_of(ties, toward=["marketing", "sales"])["ann"]
    assert (found["total_ties_marketing"], found["total_ties_sales"]) == (0, 1)
    assert found["tie_strength_sales"] == 2.0
    # A tie neither part of which reaches the threshold is a tie all the same, toward neither function.
    split = ties_of([(9, "ann", "mo"), (10, "ann", "mo")])
    assert len(split) == 1
    assert split.pairs_below == 0
    assert tn.measure_egos(split, of="sales", toward=["marketing", "sales"]).total_ties[0].tolist() == [0, 0]


def test_both_ends_change():
    people = {
        "person": ["ann", "bob", "ann", "bob"],
        "function": ["A", "B", "C", "D"],
        "valid_from": [None, None, "2025-01-16", "2025-01-26"],
        "valid_to": ["2025-01-16", "2025-01-26", None, None],
    }
    days = [1, 2, 3, 10, 11, 12, 13, 20, 21]
    ties = ties_of([(day, "ann", "bob") for day in days], people)
    segments = ties.segments
    rows = zip(segments.tie.tolist(), segments.function_a, segments.function_b, segments.interactions.tolist(), strict=True)
    assert list(rows) == [(0, "a", "b", 3.0), (0, "c", "b", 4.0), (0, "c", "d", 2.0)]
    assert segments.frequency.sum() == pytest.approx(ties.frequency[0], rel=1e-12)
    # Bob was in B for seven contacts, whatever ann held; ann in A for three.
    ann, bob = egos_of(ties, of="c", toward=["b", "d"])["ann"], egos_of(ties, of="d", toward=["a", "c"])["bob"]
    assert (ann["tie_strength_b"], ann["tie_strength_d"]) == (7.0, 2.0)
    assert (bob["tie_strength_a"], bob["tie_strength_c"]) == (3.0, 6.0)
    matrix = tn.function_matrix(ties)
    assert matrix.functions == ("b", "c", "d")
    assert matrix.members.tolist() == [0, 1, 1]
    assert matrix.ties.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert np.isnan(matrix.density[0, 1])


def test_a_gap_is_unassigned():
    people = {
        "person": ["ann", "mo", "mo"],
        "function": ["Sales", "Marketing", "Marketing"],
        "valid_from": [None, "2025-01-08", "2025-01-20"],
        "valid_to": [None, "2025-01-12", None],
    }
    ties = ties_of([(day, "ann", "mo") for day in (0, 1, 2, 3, 4, 6, 7, 8, 13, 14, 20)], people)
    found = egos_of(ties, toward=["marketing", "unassigned"])["ann"]
    assert (found["tie_strength_marketing"], found["tie_strength_unassigned"]) == (5.0, 6.0)
    assert tn.measure_egos(ties, of="sales").functions == ("marketing",)
    matrix = tn.function_matrix(ties)
    assert matrix.functions == ("marketing", "sales", "unassigned")
    assert matrix.labels == ("Marketing", "Sales", "unassigned")
    assert matrix.ties[1].tolist() == [0, 0, 1]


def test_in_the_matrix_a_tie_counts_once_where_most_of_it_happened():
    early = [(day, "ann", "mo") for day in (1, 2, 3)]
    late = [(day, "mo", "ann") for day in (11, 12, 13)]
    for rows, pair in [
        (early + late[:2], ("marketing", "sales")),
        (early[:2] + late, ("sales", "sales")),
        # As many in both: the one of the later contact, which comes second in one of these and first in the other.
        (early + late, ("sales", "sales")),
    ]:
        ties = ties_of(rows)
        matrix = tn.function_matrix(ties)
        a, b = (matrix.functions.index(name) for name in pair)
        assert int(np.triu(matrix.ties).sum()) == 1
        assert matrix.ties[a, b] == 1
        assert matrix.strength[a, b] == ties.strength[0]
    back = {**MOVE, "function": ["Sales", "Sales", "Service", "Marketing"]}
    matrix = tn.function_matrix(ties_of(early + late, back))
    assert matrix.functions == ("marketing", "sales", "service")
    assert matrix.ties[0, 1] == 1


def test_ends_that_swap_functions_stay_in_one_pair():
    people = {
        "person": ["ann", "bob", "ann", "bob", "ann"],
        "function": ["A", "B", "B", "A", "C"],
        "valid_from": [None, None, "2025-01-16", "2025-01-16", "2025-01-26"],
        "valid_to": ["2025-01-16", "2025-01-16", "2025-01-26", None, None],
    }
    # Two under (a, b), two under (b, a), three under (c, a).
    matrix = tn.function_matrix(ties_of([(day, "ann", "bob") for day in (1, 2, 11, 12, 21, 22, 23)], people))
    assert matrix.functions == ("a", "b", "c")
    assert matrix.ties[0].tolist() == [0, 1, 0]


def test_the_weaker_direction_is_that_of_the_part():
    people = {
        "person": ["ann", "mo", "ann"],
        "function": ["Ops", "Marketing", "Sales"],
        "valid_from": [None, None, "2025-01-16"],
        "valid_to": ["2025-01-16", None, None],
    }
    # One way before ann moves, the other way after: mo was in Marketing throughout, so the part is the whole tie.
    rows = [(1, "ann", "mo"), (2, "ann", "mo"), (11, "mo", "ann"), (12, "mo", "ann")]
    for kind in ("min", "geometric"):
        ties = ties_of(rows, people, tn.TieRule(min_interactions=2, half_life=None, reciprocal=kind))
        assert ties.segments.frequency.tolist() == [0.0, 0.0]
        assert egos_of(ties, strength="frequency")["ann"]["tie_strength_marketing"] == pytest.approx(ties.frequency[0], rel=1e-12)


def test_a_spell_begins_and_ends_at_midnight():
    rows = {
        "time": [datetime(2025, 1, 15, 23, 59, 59, 999_999), datetime(2025, 1, 16), "2025-01-16T00:30+01:00"],
        "source": ["ann"] * 3,
        "target": ["mo"] * 3,
    }
    rows["time"] = [str(moment) for moment in rows["time"]]
    found = egos_of(ties_of(rows, rule=tn.TieRule(min_interactions=1, half_life=None)), toward=["marketing", "sales"])["ann"]
    assert (found["tie_strength_marketing"], found["tie_strength_sales"]) == (2.0, 1.0)


def test_other_measures_use_the_function_held_last():
    ties = ties_of([(0, "ann", "mo"), (1, "ann", "mo")])
    assert tn.function_matrix(ties).ei_index == 1.0
    assert tn.network.measures.network_summary(ties).ei_index == -1.0
    assert tn.network.measures.ei_permutation(ties, draws=9).ei_index == -1.0
    assert egos_of(ties, include=["ei_index"])["ann"]["ei_index"] == -1.0


def test_a_panel_takes_the_function_of_each_window():
    log = tn.read_log(log_of([(day, "ann", "mo") for day in (0, 1, 2, 20, 21)]))
    panel = tn.measure_panel(
        log, tn.read_people(MOVE), of="sales", toward=["marketing", "sales"], rule=PLAIN, strength="interactions", split="2025-01-16"
    )
    assert panel.total_ties[0].tolist() == [[1, 0], [0, 1]]
    assert panel.tie_strength[0, 0, 0] == 3.0


# Invariants

FULL = {
    "time": [T0 + timedelta(days=day, hours=day % 24) for day in (0, 1, 8, 9, 9, 15, 20, 20, 21, 27, 30)],
    "source": ["ann", "bob", "ann", "cat", "bob", "eve", "dan", "dan", "ann", "ann", "bob"],
    "target": ["bob", "ann", "bob", "ann", "dan", "ann", "cat", "cat", "stranger", "eve", "cat"],
    "channel": ["mail", "chat", "mail", None, "mail", "meeting", "mail", None, "mail", "chat", "mail"],
    "size": [2, 2, 5, None, 2, 9, 3, 60, 2, 2, 4],
    "weight": [1.0, 1.0, 2.0, 1.0, 0.5, 1.0, 0.5, 4.0, 1.0, 1.0, 2.0],
}
ROSTER = {"person": ["eve", "ann", "bob", "cat", "dan"], "function": ["Ops", "Sales", "Sales", "Ops", "Marketing"]}
MOVES = {
    "person": ["eve", "ann", "bob", "cat", "dan", "bob", "ann", "cat"],
    "function": ["Ops", "Sales", "Ops", "Ops", "Marketing", "Sales", "Marketing", "Sales"],
    "valid_from": [None, None, None, "2025-01-08", None, "2025-01-14", "2025-01-15", "2025-01-30"],
    "valid_to": [None, "2025-01-15", "2025-01-14", "2025-01-20", None, None, None, None],
}
RULES = [
    tn.TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None),
    tn.TieRule(min_interactions=1.5, half_life="2w", channel_weights={"mail": 0.5}),
    tn.TieRule(min_interactions=1, half_life="9d", size_weight="pair", channels=["mail", "chat"], reciprocal="min", max_size=5),
]
# What the plain rule does, the other two do as well, so that its turn comes in `make test-sweeps`.
TELLING = [pytest.param(RULES[0], marks=pytest.mark.sweep), *RULES[1:]]


def numbers(ties) -> list:
    """Everything that spells bear on, as plain lists."""
    found = []
    for strength in ("interactions", "frequency", "composite"):
        for of in ties.people.functions:
            toward = sorted({*ties.people.functions_ever, *(["unassigned"] if ties.people.spells else [])})
            egos = tn.measure_egos(ties, of=of, toward=toward, strength=strength, include=["all"])
            found += [egos.ego.tolist(), egos.total_ties.tolist(), *(np.nan_to_num(v, nan=-9.0).tolist() for v in egos.included.values())]
            found.append(np.nan_to_num(egos.tie_strength, nan=-9.0).tolist())
    matrix = tn.function_matrix(ties)
    return [*found, matrix.functions, matrix.ties.tolist(), matrix.strength.tolist()]


@lru_cache
def numbers_of_moves(rule) -> list:
    """Those of the full log with people who move, which several tests compare with."""
    return numbers(ties_of(FULL, MOVES, rule))


def flat(values) -> list:
    return [leaf for value in values for leaf in flat(value)] if isinstance(values, list | tuple) else [values]


def close(found, wanted) -> bool:
    """Equal, but floats to 1e-9: sums of a few terms in another order."""
    return all(
        a == (pytest.approx(b, rel=1e-9, abs=1e-12) if isinstance(b, float) else b) for a, b in zip(flat(found), flat(wanted), strict=True)
    )


@pytest.mark.parametrize("rule", TELLING, ids=["plain", "decay", "min"])
def test_every_input_gives_the_same(make_frame, rule):
    found = tn.build_ties(tn.read_log(make_frame(FULL, "log")), tn.read_people(make_frame(MOVES, "people")), rule=rule)
    assert found.segments is not None
    assert close(numbers(found), numbers_of_moves(rule))


@pytest.mark.parametrize("rule", RULES, ids=["plain", "decay", "min"])
def test_row_order_changes_nothing(rule):
    def shuffled(table, fixed=()):
        order = np.random.default_rng(4).permutation(len(table["weight" if "weight" in table else "person"])).tolist()
        order = [*fixed, *(row for row in order if row not in fixed)]
        return {name: [values[row] for row in order] for name, values in table.items()}

    # The first rows stay in their order, which is the roster's.
    other = ties_of(shuffled(FULL), shuffled(MOVES, fixed=range(5)), rule)
    assert close(numbers(other), numbers_of_moves(rule))
    later_first = {name: [*values[5:], *values[:5]] for name, values in MOVES.items()}
    turned = ties_of(FULL, later_first, rule)
    plain = ties_of(FULL, MOVES, rule)
    for of in plain.people.functions:
        found, wanted = (egos_of(ties, of, "frequency", toward=["marketing", "ops", "unassigned"]) for ties in (turned, plain))
        assert set(found) == set(wanted)
        for ego, row in wanted.items():
            assert close(list(found[ego].values()), list(row.values()))


@pytest.mark.parametrize("rule", TELLING, ids=["plain", "decay", "min"])
@pytest.mark.parametrize(
    "columns",
    [
        {"valid_from": [None] * 5, "valid_to": [None] * 5},
        {"valid_from": ["2025-01-06"] * 5},
        {"valid_from": [None, "2020-01-01", None, "2025-01-06", None], "valid_to": [None, "2025-02-06", "2030-01-01", None, "2025-02-06"]},
    ],
)
def test_spells_in_which_nobody_changes_give_exactly_the_same(rule, columns):
    plain, spelled = ties_of(FULL, ROSTER, rule), ties_of(FULL, {**ROSTER, **columns}, rule)
    assert spelled.segments is None
    pd.testing.assert_frame_equal(spelled.frame, plain.frame)
    for strength in ("interactions", "frequency", "composite"):
        frames = [tn.measure_egos(ties, of="sales", strength=strength, include=["all"]).frame for ties in (spelled, plain)]
        pd.testing.assert_frame_equal(*frames)
    pd.testing.assert_frame_equal(tn.function_matrix(spelled).frame, tn.function_matrix(plain).frame)


def test_nobody_is_counted_double():
    ties, still = ties_of(FULL, MOVES, RULES[0]), ties_of(FULL, ROSTER, RULES[0])
    for name in ("a", "b", "interactions", "frequency", "a_to_b", "pairs_below"):
        assert np.array_equal(getattr(ties, name), getattr(still, name))
    segments = ties.segments
    parts = np.bincount(segments.tie, weights=segments.interactions, minlength=len(ties))
    touched = np.isin(np.arange(len(ties)), segments.tie)
    np.testing.assert_allclose(parts[touched], ties.interactions[touched], rtol=1e-12)
    assert int(np.triu(tn.function_matrix(ties).ties).sum()) == len(ties)


def test_a_former_function_of_the_whole_window_counts():
    """Everything happened before mo moved: nobody changes within the window, and yet mo was in Marketing."""
    ties = ties_of([(0, "ann", "mo"), (1, "ann", "mo"), (1, "ann", "cat"), (2, "cat", "ann")])
    found = egos_of(ties, toward=["marketing", "sales", "service"])["ann"]
    assert [found[f"total_ties_{name}"] for name in ("marketing", "sales", "service")] == [1, 0, 1]


# Against a plain version, row by row


def held(table, person, day) -> str:
    """The function in whose spell the day lies."""
    for who, function, start, end in zip(*(table[name] for name in ("person", "function", "valid_from", "valid_to")), strict=True):
        if who == person and (start is None or start <= day) and (end is None or day < end):
            return function
    return "unassigned"


def row_by_row(log, table, threshold, half_life, function):
    """Total ties and mean frequency toward a function, per person: {person: (ties, strength)}."""
    moments = log["time"]
    end, weeks = max(moments), max(1.0, (max(moments) - min(moments) + timedelta(microseconds=1)) / timedelta(weeks=1))
    tie: dict[frozenset, float] = {}
    part: dict[tuple[str, str], list[float]] = {}
    for time, source, target, weight, size in zip(moments, log["source"], log["target"], log["weight"], log["size"], strict=True):
        if not {source, target} <= set(table["person"]) or size > 50:
            continue
        tie[frozenset((source, target))] = tie.get(frozenset((source, target)), 0.0) + weight
        for ego, alter in ((source, target), (target, source)):
            if held(table, alter, time.date()) == function:
                sums = part.setdefault((ego, alter), [0.0, 0.0])
                sums[0] += weight
                sums[1] += weight / (size - 1) * 0.5 ** ((end - time) / timedelta(days=half_life))
    found = {}
    for person in table["person"]:
        alters = [sums for (ego, alter), sums in part.items() if ego == person and min(sums[0], tie[frozenset((ego, alter))]) >= threshold]
        found[person] = (len(alters), math.fsum(sums[1] for sums in alters) / weeks / len(alters) if alters else None)
    return found


def main_pairs(log, table) -> dict[frozenset, tuple]:
    """The pair of functions of most interactions of each pair of people; of equal ones that of the later contact."""
    parts: dict[frozenset, dict[tuple, list]] = {}
    for time, source, target, weight, size in zip(*(log[name] for name in ("time", "source", "target", "weight", "size")), strict=True):
        if not {source, target} <= set(table["person"]) or size > 50:
            continue
        pair = tuple(sorted(held(table, person, time.date()) for person in (source, target)))
        sums = parts.setdefault(frozenset((source, target)), {}).setdefault(pair, [0.0, time])
        sums[0], sums[1] = sums[0] + weight, max(sums[1], time)
    return {ends: max(sums, key=lambda pair: sums[pair]) for ends, sums in parts.items()}


ids = st.sampled_from(["ann", "bob", "cat", "dan", "stranger"])
functions = st.sampled_from(["x", "y", "z"])
contact = st.tuples(st.integers(0, 24 * 40), ids, ids, st.sampled_from([1.0, 2.0, 0.5]), st.sampled_from([2, 3, 60])).filter(
    lambda row: row[1] != row[2]
)


@st.composite
def careers(draw):
    """Up to three spells per person, with and without gaps, open and closed ends."""
    rows = []
    for person in ("ann", "bob", "cat", "dan"):
        cuts = sorted(draw(st.sets(st.integers(-2, 42), min_size=2, max_size=6)))
        days = [(T0 + timedelta(days=cut)).date() for cut in cuts]
        spells = [list(pair) for pair in pairwise(days)]
        spells = [spell for spell in spells[:3] if draw(st.booleans())] or spells[:1]
        spells[0][0] = draw(st.sampled_from([spells[0][0], None]))
        spells[-1][1] = draw(st.sampled_from([spells[-1][1], None]))
        rows += [(person, draw(functions), *spell) for spell in spells]
    rows = draw(st.permutations(rows))
    return {
        name: list(values) for name, values in zip(("person", "function", "valid_from", "valid_to"), zip(*rows, strict=True), strict=True)
    }


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsUnmatched")  # strangers are among the contacts
@given(st.lists(contact, min_size=1, max_size=30), careers(), st.sampled_from([0.5, 1.0, 2.0, 3.0]))
def test_like_the_plain_version_row_by_row(rows, table, threshold):
    rows = [(500, "ann", "bob", 3.0, 2), *rows]  # so that something is left
    log = {"time": [T0 + timedelta(hours=row[0]) for row in rows]}
    log |= {name: [row[place] for row in rows] for place, name in enumerate(("source", "target", "weight", "size"), 1)}
    ties = ties_of(log, table, tn.TieRule(min_interactions=threshold, half_life="20d"))
    everyone = ties.people.functions_ever
    wanted = {name: row_by_row(log, table, threshold, 20, name) for name in everyone}
    for of in ties.people.functions:
        for ego, row in egos_of(ties, of, "frequency", toward=everyone).items():
            for name in everyone:
                assert close([row[f"total_ties_{name}"], row[f"tie_strength_{name}"]], list(wanted[name][ego]))
    matrix, pairs = tn.function_matrix(ties), main_pairs(log, table)
    found = dict.fromkeys(pairs.values(), 0)
    for a, b in zip(ties.people.person[ties.a], ties.people.person[ties.b], strict=True):
        found[pairs[frozenset((a, b))]] += 1
    for (f, g), count in found.items():
        if count:
            assert matrix.ties[matrix.functions.index(f), matrix.functions.index(g)] == count
    assert int(np.triu(matrix.ties).sum()) == len(ties)


@pytest.mark.parametrize("rule", RULES, ids=["plain", "decay", "min"])
def test_the_strength_of_a_part_is_its_frequency_under_either_name(rule):
    ties = ties_of(FULL, MOVES, rule)
    toward = [*ties.people.functions_ever, "unassigned"]
    for of in ties.people.functions:
        found, wanted = (tn.measure_egos(ties, of=of, toward=toward, strength=name).tie_strength for name in ("strength", "frequency"))
        np.testing.assert_array_equal(found, wanted)
