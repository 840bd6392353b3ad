"""Options of a tie rule beyond the threshold: weights, both directions, weeks; and the columns of ties."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from tienet.base.errors import ArgumentError, DataError

PEOPLE = tn.read_people({"person": ["ann", "bob", "cat", "dan", "eve"], "function": ["Sales", "Marketing", "Sales", "IT", "IT"]})
DAY0 = pd.Timestamp("2025-01-06")


def log_of(rows, **more):
    """A log from (source, target, day, size, channel)."""
    source, target, day, size, channel = zip(*rows, strict=True)
    columns = {"source": source, "target": target, "time": [DAY0 + pd.Timedelta(days=d) for d in day], "size": size, "channel": channel}
    return tn.read_log(pd.DataFrame({**columns, **more}))


ROWS = [
    ("ann", "bob", 0, 2, "mail"),
    ("ann", "bob", 1, 4, "mail"),
    ("bob", "ann", 8, 2, "chat"),
    ("ann", "cat", 2, 2, "chat"),
    ("ann", "cat", 3, 2, "chat"),
    ("bob", "cat", 20, 3, "mail"),
    ("cat", "bob", 21, 3, "mail"),
]
WEEKS = 3.0 + 1e-6 / 86_400 / 7  # from the first interaction to just after the last


def frequency(rule):
    ties = tn.build_ties(log_of(ROWS), PEOPLE, rule=rule)
    return dict(zip(zip(ties.frame["a"], ties.frame["b"], strict=True), ties.frequency, strict=True))


def test_each_pair_weight_spreads_one_unit_over_the_pairs():
    found = frequency(tn.TieRule(min_interactions=1, half_life=None, size_weight="pair"))
    # 2/(n(n-1)): 1 for two people, 1/6 for four, 1/3 for three.
    assert found == pytest.approx({("ann", "bob"): (1 + 1 / 6 + 1) / WEEKS, ("ann", "cat"): 2 / WEEKS, ("bob", "cat"): (2 / 3) / WEEKS})


def test_channel_weights_multiply_and_others_weigh_one():
    found = frequency(tn.TieRule(min_interactions=1, half_life=None, size_weight="none", channel_weights={"chat": 0.25}))
    assert found == pytest.approx({("ann", "bob"): 2.25 / WEEKS, ("ann", "cat"): 0.5 / WEEKS, ("bob", "cat"): 2 / WEEKS})


def test_strength_from_both_directions():
    plain = {"min_interactions": 1, "half_life": None, "size_weight": "none"}
    weaker = frequency(tn.TieRule(**plain, reciprocal="min"))
    middle = frequency(tn.TieRule(**plain, reciprocal="geometric"))
    # ann to bob 2, back 1; bob and cat 1 each way; ann to cat is never answered, so it is no tie.
    assert weaker == pytest.approx({("ann", "bob"): 2 / WEEKS, ("bob", "cat"): 2 / WEEKS})
    assert middle == pytest.approx({("ann", "bob"): 2 * np.sqrt(2) / WEEKS, ("bob", "cat"): 2 / WEEKS})


def test_a_tie_can_need_several_weeks():
    assert set(frequency(tn.TieRule(min_interactions=1, half_life=None, min_weeks=2))) == {("ann", "bob"), ("bob", "cat")}
    with pytest.raises(DataError, match="the log has none"):
        tn.build_ties(tn.read_log({"source": ["ann"], "target": ["bob"]}), PEOPLE, rule=tn.TieRule(half_life=None, min_weeks=2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel_weights": {"mail": -1}}, "channel_weights: the weight of 'mail' must be a number"),
        ({"channel_weights": {"mail": float("nan")}}, "the weight of 'mail' must be a number of at least 0; got nan"),
        ({"min_weeks": 0}, "min_weeks must be a whole number"),
        ({"min_weeks": 1.5}, "min_weeks must be a whole number"),
        ({"size_weight": "pairs"}, "did you mean 'pair'"),
    ],
)
def test_impossible_rules_are_refused(changes, words):
    with pytest.raises(ArgumentError) as error:
        tn.TieRule(**changes)
    assert words in str(error.value)


def test_rules_with_weights_are_equal_hash_alike_and_print():
    one, other = tn.TieRule(channel_weights={"mail": 2, "chat": 1}), tn.TieRule(channel_weights=[("chat", 1), ("mail", 2)])
    assert one == other
    assert hash(one) == hash(other)
    text = str(tn.TieRule(min_weeks=2, channel_weights={"mail": 2}, reciprocal="min", size_weight="pair"))
    for words in ("in at least 2 different weeks", "2/(n(n - 1))", "times 2 for mail", "twice that of its weaker direction"):
        assert words in text


def test_bots_leave_with_their_reasons():
    table = pd.DataFrame({"person": ["bob", "dan", "nobody", None], "reason": ["bot", "shared mailbox", "bot", "x"]})
    ties = tn.build_ties(log_of(ROWS), PEOPLE, rule=tn.TieRule(min_interactions=1), exclude=table)
    assert ties.people.person.tolist() == ["ann", "cat", "eve"]
    assert ties.excluded == {"bot": 5}
    assert ties.ledger.counts == {"used": 2, "excluded_person": 5}
    assert ties.frame[["a", "b"]].to_numpy().tolist() == [["ann", "cat"]]
    with pytest.raises(DataError, match="has no column 'reason'"):
        tn.build_ties(log_of(ROWS), PEOPLE, exclude={"person": ["bob"]})


def test_importance_is_the_share_of_each_end():
    frame = tn.build_ties(log_of(ROWS), PEOPLE, rule=tn.TieRule(min_interactions=1)).frame
    # ann has 5 interactions in ties, bob 5, cat 4.
    assert frame["importance_a"].tolist() == pytest.approx([3 / 5, 2 / 5, 2 / 5])
    assert frame["importance_b"].tolist() == pytest.approx([3 / 5, 2 / 4, 2 / 4])


@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]), min_size=1))
def test_embeddedness_is_the_overlap_of_neighbourhoods(pairs):
    log = tn.read_log({"source": [f"p{a}" for a, _ in pairs], "target": [f"p{b}" for _, b in pairs]})
    people = tn.read_people({"person": [f"p{i}" for i in range(9)], "function": ["x"] * 9})
    ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    graph = nx.Graph(list(pairs))
    for a, b, found in zip(ties.a.tolist(), ties.b.tolist(), ties.embeddedness.tolist(), strict=True):
        mine, theirs = set(graph[a]) - {b}, set(graph[b]) - {a}
        expected = len(mine & theirs) / len(mine | theirs) if mine | theirs else np.nan
        assert found == pytest.approx(expected, nan_ok=True)


def test_latency_is_the_median_time_to_the_reply():
    rows = [
        ("ann", "bob", 0.0, 2, "mail"),
        ("bob", "ann", 0.25, 2, "mail"),  # answers e0 after 6 hours
        ("ann", "bob", 1.0, 2, "mail"),
        ("bob", "ann", 1.5, 2, "mail"),  # answers e2 after 12 hours
        ("ann", "cat", 2.0, 2, "mail"),
        ("cat", "ann", 1.0, 2, "mail"),  # claims to answer e4 before it was written: no reply
        ("dan", "ann", 3.0, 2, "mail"),  # answers what was never sent to dan: no reply
    ]
    named = {"event": [f"e{i}" for i in range(7)], "reply_to": [None, "e0", None, "e2", None, "e4", "e0"]}
    ties = tn.build_ties(log_of(rows, **named), PEOPLE, rule=tn.TieRule(min_interactions=1))
    latency = dict(zip(zip(ties.frame["a"], ties.frame["b"], strict=True), ties.frame["latency"], strict=True))
    assert latency == pytest.approx({("ann", "bob"): 9.0, ("ann", "cat"): np.nan, ("ann", "dan"): np.nan}, nan_ok=True)
    assert tn.build_ties(log_of(rows), PEOPLE).latency is None


@pytest.mark.parametrize("kind", ["polars", "polars_lazy", "pyarrow", "duckdb"])
@pytest.mark.sweep
def test_every_engine_gives_the_same_weights_and_latencies(kind):
    from frames import as_kind

    frame = {
        "source": [row[0] for row in ROWS],
        "target": [row[1] for row in ROWS],
        "time": [(DAY0 + pd.Timedelta(days=row[2])).to_pydatetime() for row in ROWS],
        "size": [row[3] for row in ROWS],
        "channel": [row[4] for row in ROWS],
        "event": [f"e{i}" for i in range(len(ROWS))],
        "reply_to": [None, None, "e1", None, None, None, "e5"],
    }
    rule = tn.TieRule(min_interactions=1, size_weight="pair", channel_weights={"chat": 0.5}, reciprocal="geometric")
    ours = tn.build_ties(tn.read_log(as_kind(kind, frame, None)), PEOPLE, rule=rule)
    theirs = tn.build_ties(tn.read_log(pd.DataFrame(frame)), PEOPLE, rule=rule)
    for name in ("a", "b", "frequency", "interactions", "latency"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)


def test_latency_between_functions_is_the_median_over_their_ties():
    rows = [
        ("ann", "bob", 0.0, 2, "mail"),
        ("bob", "ann", 0.25, 2, "mail"),  # 6 hours, Sales and Marketing
        ("cat", "bob", 1.0, 2, "mail"),
        ("bob", "cat", 2.0, 2, "mail"),  # 24 hours, Sales and Marketing
        ("dan", "eve", 3.0, 2, "mail"),  # IT, never answered
    ]
    named = {"event": [f"e{i}" for i in range(5)], "reply_to": [None, "e0", None, "e2", None]}
    matrix = tn.function_matrix(tn.build_ties(log_of(rows, **named), PEOPLE, rule=tn.TieRule(min_interactions=1)))
    it, marketing, sales = (matrix.functions.index(name) for name in ("it", "marketing", "sales"))
    assert matrix.latency[sales, marketing] == matrix.latency[marketing, sales] == pytest.approx(15.0)
    assert np.isnan(matrix.latency[it, it])
    assert "latency" in matrix.frame
    assert tn.function_matrix(tn.build_ties(log_of(rows), PEOPLE, rule=tn.TieRule(min_interactions=1))).latency is None


def test_the_fields_of_the_public_contract_come_first():
    rule = tn.TieRule(3, "90d", "newman", 50, False, None, None, None, None)
    assert (rule, hash(rule)) == (tn.TieRule(), hash(tn.TieRule()))
    assert tn.TieRule(2, None, "none", None, True, ["mail"], "2025-01-01", "2025-02-01", "2025-02-01").since == "2025-01-01"


def test_rules_swept_over_an_array_are_those_of_plain_numbers():
    swept = [tn.TieRule(min_interactions=least, max_size=largest, min_weeks=least) for least, largest in np.array([[2, 9], [3, 8]])]
    assert swept == [tn.TieRule(min_interactions=2, max_size=9, min_weeks=2), tn.TieRule(min_interactions=3, max_size=8, min_weeks=3)]
    assert repr(swept[0]) == repr(tn.TieRule(min_interactions=2, max_size=9, min_weeks=2))
    assert tn.TieRule(half_life=np.float64(30)).half_life_days == 30
    with pytest.raises(ArgumentError, match="min_interactions must be a positive number"):
        tn.TieRule(min_interactions=np.bool_(True))
