from __future__ import annotations

import math
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import as_kind, same, to_rows
from tienet.base.errors import ArgumentError, DataError, TienetError

T0 = datetime(2025, 1, 6)
ROSTER = {"person": ["eve", "ann", "bob", "cat", "dan", "zoe"], "function": ["Ops", "Sales", "Sales", "Ops", "Ops", "Sales"]}
PLAIN = tn.TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None)
LOG = {
    "time": [T0 + timedelta(days=d) for d in (0, 1, 8, 9, 15, 20, 20, 21, 27)],
    "source": ["ann", "bob", "ann", "cat", "eve", "dan", "dan", "ann", "ann"],
    "target": ["bob", "ann", "bob", "ann", "ann", "cat", "cat", "stranger", "eve"],
    "channel": ["mail", "chat", "mail", None, "meeting", "mail", None, "mail", "chat"],
    "size": [2, 2, 5, None, 9, 3, 60, 2, 2],
    "weight": [1.0, 1.0, 2.0, 1.0, 1.0, 0.5, 4.0, 1.0, 1.0],
}


def table(rows) -> dict[str, list]:
    return {name: list(values) for name, values in zip(LOG, zip(*rows, strict=True), strict=True)}


def by_hand(log, roster, rule: tn.TieRule) -> list[dict]:
    """The ties a rule makes of a log, row by row as the docstring of `build_ties` has it."""
    rows = [dict(zip(log, values, strict=True)) for values in zip(*log.values(), strict=True)]
    place = {person: position for position, person in enumerate(roster["person"])}
    moments = [row["time"] for row in rows]
    start = min(moments) if rule.since is None else datetime.fromisoformat(str(rule.since))
    last = max(moments) if rule.until is None else datetime.fromisoformat(str(rule.until)) - timedelta(microseconds=1)
    day_ends = timedelta(days=1) - timedelta(microseconds=1)  # a day of the rule counts to its end
    as_of = last if rule.as_of is None else datetime.fromisoformat(str(rule.as_of)) + day_ends
    last = min(last, as_of)
    length = last + timedelta(microseconds=1) - start
    weeks = max(1.0, length / timedelta(weeks=1))
    numbered = (last - start) // timedelta(weeks=1) + 1
    pairs: dict[tuple[int, int], list[dict]] = {}
    for row in rows:
        size = row["size"] or 2
        if row["source"] not in place or row["target"] not in place or not start <= row["time"] <= last:
            continue
        if (rule.channels is not None and row["channel"] not in rule.channels) or (rule.max_size is not None and size > rule.max_size):
            continue
        ends = sorted((place[row["source"]], place[row["target"]]))
        pairs.setdefault((ends[0], ends[1]), []).append(row)
    ties = []
    for (a, b), group in sorted(pairs.items()):
        there = math.fsum(row["weight"] for row in group if place[row["source"]] == a)
        back = math.fsum(row["weight"] for row in group if place[row["source"]] == b)
        if there + back < rule.min_interactions - 1e-9 or (rule.reciprocal and not (there and back)):
            continue
        counted = [
            row["weight"]
            * (1 / ((row["size"] or 2) - 1) if rule.size_weight == "newman" else 1)
            * (1 if rule.half_life is None else 0.5 ** ((as_of - row["time"]) / timedelta(days=rule.half_life_days)))
            for row in group
        ]
        ties.append(
            {
                "a": roster["person"][a],
                "b": roster["person"][b],
                "interactions": there + back,
                "a_to_b": there,
                "b_to_a": back,
                "frequency": math.fsum(counted) / weeks,
                "reciprocity": 2 * min(there, back) / (there + back),
                "regularity": len({(row["time"] - start) // timedelta(weeks=1) for row in group}) / numbered,
                "channels": len({row["channel"] for row in group} - {None}),
                "first": min(row["time"] for row in group),
                "last": max(row["time"] for row in group),
            }
        )
    return ties


def ties_of(log, rule=PLAIN, roster=ROSTER) -> tn.Ties:
    return tn.build_ties(tn.read_log(log), tn.read_people(roster), rule=rule)


# Every kind of input


@pytest.mark.parametrize(
    "rule",
    [
        PLAIN,
        tn.TieRule(min_interactions=1),
        tn.TieRule(min_interactions=2, half_life="2w", reciprocal=True, channels=["mail", "chat"], max_size=None),
    ],
    ids=["plain", "default", "strict"],
)
def test_every_input_gives_the_ties_worked_out_by_hand(make_frame, rule):
    ties = tn.build_ties(tn.read_log(make_frame(LOG, "log")), tn.read_people(make_frame(ROSTER, "people")), rule=rule)
    assert isinstance(ties.frame, make_frame.given_back)
    rows = to_rows(ties.frame)
    assert same(rows, by_hand(LOG, ROSTER, rule))
    assert rows
    counts = [(row["interactions"], row["a_to_b"], row["b_to_a"]) for row in rows]
    assert counts == [(row["interactions"], row["a_to_b"], row["b_to_a"]) for row in by_hand(LOG, ROSTER, rule)]


PEOPLE = [*ROSTER["person"], "stranger", "passer-by"]
one_row = st.tuples(
    st.integers(0, 40 * 24 * 60).map(lambda minutes: T0 + timedelta(minutes=minutes)),
    st.sampled_from(PEOPLE),
    st.sampled_from(PEOPLE),
    st.sampled_from(["mail", "chat", "meeting", None]),
    st.sampled_from([None, 2, 3, 9, 50, 51]),
    st.sampled_from([0.1, 0.5, 1.0, 2.0, 3.0]),
).filter(lambda row: row[1] != row[2])
rules = st.builds(
    tn.TieRule,
    min_interactions=st.sampled_from([0.1, 1, 2, 3, 0.7]),
    half_life=st.sampled_from([None, "36h", "10d", "2w", 90]),
    size_weight=st.sampled_from(["newman", "none"]),
    max_size=st.sampled_from([None, 2, 9, 50]),
    reciprocal=st.booleans(),
    channels=st.sampled_from([None, ("mail",), ("mail", "chat")]),
    since=st.sampled_from([None, "2025-01-10", "2025-01-13T12:00"]),
    until=st.sampled_from([None, "2025-02-01", "2025-02-03"]),
    as_of=st.sampled_from([None, "2025-02-01", "2025-03-01"]),
)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsUnmatched")  # strangers are meant
@given(st.lists(one_row, min_size=1, max_size=40), rules, st.sampled_from(["pandas", "polars_lazy", "pyarrow", "duckdb"]))
def test_any_log_under_any_rule(rows, rule, kind):
    columns = table(
        [(T0 + timedelta(days=20), "ann", "bob", "mail", 2, 3.0), (T0 + timedelta(days=20), "bob", "ann", "mail", 2, 3.0), *rows]
    )
    log = tn.read_log(as_kind(kind, columns, Path("unused")))
    ties = tn.build_ties(log, tn.read_people(ROSTER), rule=rule)
    assert same(to_rows(ties.frame), by_hand(columns, ROSTER, rule))
    assert ties.ledger.rows_in == len(columns["time"])


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsUnmatched")  # strangers are meant
@given(st.lists(one_row, min_size=1, max_size=25), st.randoms(use_true_random=False), st.permutations(range(6)))
def test_order_of_rows_and_names_of_people_do_not_matter(rows, random, order):
    rows = [(T0, "ann", "bob", "mail", 2, 1.0), *rows]
    plain = {frozenset((row["a"], row["b"])): row for row in to_rows(ties_of(table(rows)).frame)}
    shuffled = list(rows)
    random.shuffle(shuffled)
    names = dict(zip(ROSTER["person"], (f"p{place}" for place in order), strict=True))
    renamed = [(t, names.get(s, s), names.get(u, u), *rest) for t, s, u, *rest in shuffled]
    roster = {"person": [names[ROSTER["person"][place]] for place in order], "function": [ROSTER["function"][place] for place in order]}
    other = to_rows(ties_of(table(renamed), roster=roster).frame)
    back = {new: old for old, new in names.items()}
    assert len(other) == len(plain)
    for row in other:
        a, b = back[row["a"]], back[row["b"]]
        twin = plain[frozenset((a, b))]
        ways = (twin["a_to_b"], twin["b_to_a"]) if twin["a"] == a else (twin["b_to_a"], twin["a_to_b"])
        assert (row["a_to_b"], row["b_to_a"]) == pytest.approx(ways, rel=1e-12)
        for name in ("interactions", "frequency", "reciprocity", "regularity", "channels"):
            assert row[name] == pytest.approx(twin[name], rel=1e-12)
        assert (row["first"], row["last"]) == (twin["first"], twin["last"])


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsUnmatched")  # strangers are meant
@given(st.lists(one_row, min_size=1, max_size=25), rules)
def test_doubling_the_log_doubles_strength(rows, rule):
    rows = [(T0 + timedelta(days=20), "ann", "bob", "mail", 2, 3.0), (T0 + timedelta(days=20), "bob", "ann", "mail", 2, 3.0), *rows]
    rule_of_double = tn.TieRule(
        **{**{name: getattr(rule, name) for name in rule.__dataclass_fields__}, "min_interactions": 2 * rule.min_interactions}
    )
    once, twice = ties_of(table(rows), rule), ties_of(table([*rows, *rows]), rule_of_double)
    assert twice.a.tolist() == once.a.tolist()
    assert twice.b.tolist() == once.b.tolist()
    for name in ("interactions", "a_to_b", "b_to_a", "frequency", "strength"):
        np.testing.assert_allclose(getattr(twice, name), 2 * getattr(once, name), rtol=1e-12)
    for name in ("reciprocity", "regularity", "channels"):
        np.testing.assert_allclose(getattr(twice, name), getattr(once, name), rtol=1e-12)


# The fields of the rule, one by one


def two(times=(T0, T0), **columns) -> dict[str, list]:
    """Interactions of ann with bob."""
    return {"source": ["ann"] * len(times), "target": ["bob"] * len(times), "time": list(times), **columns}


def test_an_interaction_halves_with_each_half_life():
    rule = tn.TieRule(min_interactions=1, half_life="10d", as_of="2025-03-01T00:00")
    ages = [0, 10, 20, 30, 15]
    moments = [datetime(2025, 3, 1) - timedelta(days=age) for age in ages]
    # 1 + 1/2 + 1/4 + 1/8 + 2^-1.5, over a window of 30 days and a microsecond.
    weeks = (30 * 86_400e6 + 1) / (7 * 86_400e6)
    assert ties_of(two(moments), rule).frequency[0] == pytest.approx((1.875 + 2**-1.5) / weeks, rel=1e-12)


@pytest.mark.parametrize("half_life", ["240h", "10d", 10, 10.0, timedelta(days=10)])
def test_spellings_of_a_half_life(half_life):
    assert tn.TieRule(half_life=half_life).half_life_days == 10.0


def test_without_decay_frequency_is_interactions_per_week():
    ties = ties_of(two([T0, T0 + timedelta(days=21) - timedelta(microseconds=1)]))
    assert ties.frequency.tolist() == [2 / 3]
    # Three numbered weeks, two of them with contact.
    assert ties.regularity.tolist() == [2 / 3]
    short = ties_of(two([T0, T0 + timedelta(hours=1)]))
    assert (short.frequency.tolist(), short.regularity.tolist()) == ([2.0], [1.0])


def test_an_event_of_n_people_weighs_one_over_n_minus_one():
    log = two([T0] * 4, size=[2, 3, 5, None])
    newman = tn.TieRule(min_interactions=1, half_life=None, max_size=None)
    assert ties_of(log, newman).frequency[0] == pytest.approx(1 + 1 / 2 + 1 / 4 + 1, rel=1e-15)
    assert ties_of(log, PLAIN).frequency.tolist() == [4.0]
    assert ties_of(log, newman).interactions.tolist() == [4.0]


def test_newman_weights_are_networkx_collaboration_weights():
    """Every pair of an event is listed both ways, so the collaboration weight of Newman (2001) comes out twice."""
    events = [("ann", "bob", "cat"), ("ann", "bob"), ("bob", "cat", "dan", "eve"), ("ann", "eve", "bob")]
    rows = [(T0, s, t, "meeting", len(group), 1.0) for group in events for s in group for t in group if s != t]
    ties = ties_of(table(rows), tn.TieRule(min_interactions=1, half_life=None, max_size=None))
    graph = nx.Graph([(person, f"event{place}") for place, group in enumerate(events) for person in group])
    expected = nx.bipartite.collaboration_weighted_projected_graph(graph, {person for group in events for person in group})
    found = {frozenset((row["a"], row["b"])): row["frequency"] for row in to_rows(ties.frame)}
    assert set(found) == {frozenset(edge) for edge in expected.edges}
    for a, b, weight in expected.edges(data="weight"):
        assert found[frozenset((a, b))] == pytest.approx(2 * weight, rel=1e-12)


def test_the_largest_event_that_counts():
    log = two([T0] * 3, size=[2, 8, 9])
    ties = ties_of(log, tn.TieRule(min_interactions=1, half_life=None, max_size=8))
    assert ties.interactions.tolist() == [2.0]
    assert ties.ledger.counts == {"used": 2, "too_many_people": 1}


def test_the_threshold_counts_both_directions_and_is_reached_by_sums():
    log = {"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]}
    found = ties_of(log, tn.TieRule(min_interactions=2, half_life=None))
    assert to_rows(found.frame)[0]["interactions"] == 2.0
    assert (len(found), found.pairs_below) == (1, 1)
    # 0.7 + 0.2 + 0.1 is 0.9999999999999999 in floating point, and 1 in arithmetic.
    for order in ([0.7, 0.2, 0.1], [0.1, 0.2, 0.7]):
        weighted = {"source": ["ann"] * 3, "target": ["bob"] * 3, "weight": order}
        assert len(ties_of(weighted, tn.TieRule(min_interactions=1, half_life=None))) == 1


def test_reciprocal_ties_need_both_directions():
    log = {"source": ["ann", "bob", "ann", "ann"], "target": ["bob", "ann", "cat", "cat"]}
    ties = ties_of(log, tn.TieRule(min_interactions=1, half_life=None, reciprocal=True))
    assert [(row["a"], row["b"]) for row in to_rows(ties.frame)] == [("ann", "bob")]
    assert ties.reciprocity.tolist() == [1.0]


def test_channels_that_count():
    log = two([T0] * 4, channel=["mail", "chat", None, "mail"])
    ties = ties_of(log, tn.TieRule(min_interactions=1, half_life=None, channels="mail"))
    assert ties.interactions.tolist() == [2.0]
    assert ties.ledger.counts == {"used": 2, "channel_left_out": 2}
    assert ties_of(log).channels.tolist() == [2.0]


def test_the_window_starts_at_since_and_ends_before_until():
    moments = [
        datetime(2025, 1, 31, 23, 59, 59, 999_999),
        datetime(2025, 2, 1),
        datetime(2025, 2, 28, 23, 59, 59, 999_999),
        datetime(2025, 3, 1),
    ]
    for since, until in [
        ("2025-02-01", "2025-03-01"),
        (date(2025, 2, 1), datetime(2025, 3, 1, tzinfo=UTC)),
        (datetime(2025, 2, 1), "2025-03-01T01:00+01:00"),
    ]:
        ties = ties_of(two(moments), tn.TieRule(min_interactions=1, half_life=None, since=since, until=until))
        assert ties.interactions.tolist() == [2.0]
        assert ties.ledger.counts == {"used": 2, "outside_window": 2}
        assert ties.window.weeks == 4.0
        assert ties.window.week_count == 4


def test_what_comes_after_as_of_is_left_out_and_as_of_itself_counts():
    moments = [datetime(2025, 2, 1), datetime(2025, 2, 15), datetime(2025, 2, 15, 0, 0, 0, 1)]
    ties = ties_of(two(moments), tn.TieRule(min_interactions=1, half_life="14d", as_of="2025-02-15T00:00"))
    assert ties.ledger.counts == {"used": 2, "outside_window": 1}
    weeks = (14 * 86_400e6 + 1) / (7 * 86_400e6)
    assert ties.frequency[0] == pytest.approx((0.5 + 1.0) / weeks, rel=1e-12)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("size_weight", "newmann", "size_weight must be one of 'newman', 'pair', 'none'; got 'newmann'; did you mean 'newman'?"),
        ("min_interactions", 0, "min_interactions must be a positive number; got 0"),
        ("min_interactions", float("nan"), "min_interactions must be a positive number; got nan"),
        ("min_interactions", "3", "min_interactions must be a positive number; got '3'"),
        ("max_size", "many", "max_size must be a whole number of at least 2; got 'many'"),
        ("reciprocal", "mean", "reciprocal must be true, false, 'min' or 'geometric'; got 'mean'"),
        ("max_size", 1, "max_size must be a whole number of at least 2; got 1"),
        ("half_life", "90 days", "half_life must be a duration, hours, days or weeks as '12h', '90d' or '6w'; got '90 days'"),
        ("half_life", "0d", "half_life must be positive; got '0d'"),
        ("half_life", -3, "half_life must be positive; got -3"),
        ("half_life", float("inf"), "half_life must be positive; got inf"),
        ("since", "yesterday", "since must be a date, as '2026-03-01' or '2026-03-01T09:00+01:00'; got 'yesterday'"),
        ("until", "2025-13-01", "; got '2025-13-01'"),
        ("as_of", "1/2/2025", "as_of must be a date"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_one_line(field, value, message):
    with pytest.raises(ArgumentError) as caught:
        tn.TieRule(**{field: value})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_window_is_refused():
    with pytest.raises(ArgumentError, match="window of the tie rule is empty: it runs from 2025-02-01 to 2025-01-01"):
        tn.TieRule(since="2025-02-01", until="2025-01-01")


def test_a_rule_is_a_value():
    rule = tn.TieRule(channels=["mail", "chat"], since="2025-01-01")
    assert rule == tn.TieRule(channels=("mail", "chat"), since="2025-01-01")
    assert len({rule, tn.TieRule(channels=("mail", "chat"), since="2025-01-01"), tn.TieRule()}) == 2
    with pytest.raises(AttributeError):
        rule.reciprocal = True
    sentence = str(
        tn.TieRule(min_interactions=1, half_life="2w", reciprocal=True, channels=["mail"], since="2025-01-01", until="2025-02-01")
    )
    for part in (
        "at least 1 interaction and",
        "one in each direction",
        "every 14 days",
        "more than 50 people",
        "only mail counts",
        "from 2025-01-01",
        "before 2025-02-01",
    ):
        assert part.replace(" and", "") in sentence
    assert sentence.endswith(".")


# Roster


def test_ties_are_anchored_in_the_roster():
    ties = ties_of(LOG)
    assert ties.people.person.tolist() == ROSTER["person"]
    assert (ties.a < ties.b).all()
    assert list(zip(ties.a, ties.b, strict=True)) == sorted(zip(ties.a, ties.b, strict=True))
    assert ties.ledger.counts == {"used": 8, "unknown_person": 1}
    assert "6 people, 1 of them without any" in str(ties)
    assert "stranger" not in str(ties) + repr(ties) + ties._repr_html_()
    # eve stands before ann in the roster, after her in the alphabet: 1 interaction to ann, 1 back.
    eve = to_rows(ties.frame)[0]
    assert (eve["a"], eve["b"]) == ("eve", "ann")


def test_directions_follow_the_roster_when_it_is_reordered():
    log = {"source": ["ann", "ann", "bob"], "target": ["bob", "bob", "ann"]}
    for order, ways in ((["ann", "bob"], (2.0, 1.0)), (["bob", "ann"], (1.0, 2.0))):
        row = to_rows(ties_of(log, roster={"person": order, "function": ["x", "y"]}).frame)[0]
        assert (row["a"], row["b"]) == tuple(order)
        assert (row["a_to_b"], row["b_to_a"]) == ways


def test_adjacency_is_symmetric_with_isolates_and_agrees_with_networkx():
    ties = ties_of(LOG)
    for weight in ("strength", "interactions", "frequency", "reciprocity", "regularity", "channels"):
        matrix = ties.adjacency(weight).toarray()
        assert matrix.shape == (6, 6)
        assert (matrix == matrix.T).all()
        assert not matrix[5].any()  # zoe has no tie
        graph = ties.to_networkx()
        np.testing.assert_array_equal(matrix, nx.to_numpy_array(graph, nodelist=ROSTER["person"], weight=weight))
    np.testing.assert_array_equal(
        ties.adjacency("ties").toarray(), nx.to_numpy_array(ties.to_networkx(), nodelist=ROSTER["person"], weight=None)
    )


def test_adjacency_of_some_people_comes_in_their_order():
    ties = ties_of(LOG)
    whole, position = ties.adjacency("interactions").toarray(), {person: row for row, person in enumerate(ROSTER["person"])}
    some = [ROSTER["person"][row] for row in (4, 5, 0, 2)]
    rows = [position[person] for person in some]
    for of in (some, np.array(some, dtype=object), tuple(some)):
        np.testing.assert_array_equal(ties.adjacency("interactions", of=of).toarray(), whole[np.ix_(rows, rows)])
    np.testing.assert_array_equal(ties.adjacency(of=ROSTER["person"]).toarray(), ties.adjacency().toarray())
    for of, fault in ((["zoe", "nobody"], "1 of 2 ids .* position 2"), (["zoe", "eve", "zoe"], "twice, again at position 3")):
        with pytest.raises(DataError, match=fault) as caught:
            ties.adjacency(of=of)
        assert not {"zoe", "eve", "nobody"} & set(str(caught.value).split())


def test_the_directed_graph_holds_what_went_each_way():
    ties = ties_of(LOG)
    graph = ties.to_networkx(directed=True)
    wanted: dict[tuple[str, str], float] = {}
    for source, target, weight in zip(LOG["source"], LOG["target"], LOG["weight"], strict=True):
        if target != "stranger":
            wanted[source, target] = wanted.get((source, target), 0.0) + weight
    assert {(a, b): weight for a, b, weight in graph.edges(data="interactions")} == wanted
    assert list(graph) == ROSTER["person"]
    assert graph.nodes["eve"]["function"] == "ops"
    both = ties.adjacency("interactions").toarray()
    one = nx.to_numpy_array(graph, nodelist=ROSTER["person"], weight="interactions")
    np.testing.assert_allclose(both, one + one.T, rtol=1e-15)


@pytest.mark.parametrize("weight", ["a_to_b", "b_to_a", "strenght"])
def test_a_number_that_differs_by_end_is_no_symmetric_weight(weight):
    with pytest.raises(ArgumentError, match="must be one of 'ties'"):
        ties_of(LOG).adjacency(weight)


def test_a_log_without_times_or_channels():
    ties = ties_of({"source": ["ann", "bob"], "target": ["bob", "ann"]})
    assert (ties.window, ties.first, ties.last) == (None, None, None)
    assert ties.strength.tolist() == [2.0]
    assert np.isnan([ties.frequency[0], ties.regularity[0], ties.channels[0]]).all()
    assert list(ties.frame.columns) == [
        "a",
        "b",
        "interactions",
        "a_to_b",
        "b_to_a",
        "frequency",
        "reciprocity",
        "regularity",
        "channels",
        "first",
        "last",
        "importance_a",
        "importance_b",
        "embeddedness",
        "strength",
    ]


REFUSED = {
    "half_life": (
        {"source": ["ann"], "target": ["bob"]},
        tn.TieRule(),
        "the log has none; map a time column, or use TieRule(half_life=None)",
    ),
    "channels": (
        {"source": ["ann"], "target": ["bob"]},
        tn.TieRule(half_life=None, channels=["mail"]),
        "uses channels but the log has none",
    ),
    "window": (two(), tn.TieRule(since="2026-01-01"), "there is no interaction in the window of the tie rule (2026-01-01"),
    "strangers": (
        {"source": ["x"], "target": ["y"]},
        PLAIN,
        "no interaction is left between two people in the people table: 1 row in: 0 used",
    ),
    "channel": (two(channel=["mail", "mail"]), tn.TieRule(half_life=None, channels=["chat"]), "channel_left_out 2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_log_cannot_answer_is_refused_in_one_line(case):
    log, rule, message = REFUSED[case]
    with pytest.raises(DataError) as caught:
        ties_of(log, rule)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, TienetError)


def test_ties_below_the_threshold_leave_an_empty_frame_with_its_columns():
    ties = ties_of(LOG, tn.TieRule(min_interactions=1000))
    assert len(ties) == 0 == len(ties.frame)
    assert ties.adjacency().nnz == 0
    assert len(ties.to_networkx()) == 6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "0 ties among 6 people, 6 of them without any" in str(ties)
