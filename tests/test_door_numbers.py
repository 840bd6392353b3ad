"""Numbers behind the door: latency under a rule, equally long paths, ties of strength 0, egos of windows, people without a function."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from inspect import signature
from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import same, to_columns, to_rows
from networks import random_ties, ties_from
from public import PUBLIC, public
from tienet.base.errors import ArgumentError, DataError, TienetWarning
from tienet.network.measures import _paths

SEEDS = st.integers(0, 100_000)
PLAIN = tn.TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None)
MEASURES = tn.network.measures


# Reply latency


def replies() -> dict[str, list]:
    """A mail answered after two hours, and two chats answered after six minutes."""
    rows = [("ann", "bob", "2025-01-01T10:00", "m1", None, "mail", 2), ("bob", "ann", "2025-01-01T12:00", "m2", "m1", "mail", 2)]
    for day in (2, 3):
        rows += [("ann", "bob", f"2025-01-0{day}T10:00", f"c{day}", None, "chat", 60)]
        rows += [("bob", "ann", f"2025-01-0{day}T10:06", f"d{day}", f"c{day}", "chat", 60)]
    names = ("source", "target", "time", "event", "reply_to", "channel", "size")
    columns = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    return columns | {"time": [datetime.fromisoformat(time) for time in columns["time"]]}


@pytest.mark.parametrize(
    ("rule", "hours"),
    [
        ({"channels": ["mail"], "max_size": None}, 2.0),
        ({"channels": ["chat"], "max_size": None}, 0.1),
        ({"channels": None, "max_size": 50}, 2.0),
        ({"channels": None, "max_size": 60}, 0.1),
        ({"channels": None, "max_size": None, "until": "2025-01-02"}, 2.0),
    ],
)
def test_latency_counts_what_the_rule_counts(make_frame, rule, hours):
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    log = tn.read_log(make_frame(replies(), "log"))
    ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None, **rule))
    np.testing.assert_allclose(ties.latency, [hours], rtol=1e-12)
    matrix = tn.function_matrix(ties)
    np.testing.assert_allclose(matrix.latency[0, 1], hours, rtol=1e-12)
    assert np.isnan(np.diag(matrix.latency)).all()


@pytest.mark.sweep
@given(SEEDS)
def test_latency_is_that_of_the_log_without_the_rows_that_the_rule_leaves_out(seed):
    rng = np.random.default_rng(seed)
    count, names = 60, np.array(["ann", "bob", "cat", "dan"])
    source = rng.integers(0, 4, count)
    target = (source + rng.integers(1, 4, count)) % 4
    answers = [None if at < 5 or rng.random() < 0.3 else f"e{rng.integers(0, at)}" for at in range(count)]
    frame = pd.DataFrame(
        {
            "source": names[source],
            "target": names[target],
            "time": pd.Timestamp("2025-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 500_000, count)), unit="s"),
            "event": [f"e{at}" for at in range(count)],
            "reply_to": answers,
            "channel": rng.choice(["mail", "chat", None], count),
            "size": rng.choice([2.0, 9.0, np.nan], count),
        }
    )
    people = tn.read_people({"person": names.tolist(), "function": ["Sales"] * 4})
    rule = replace(PLAIN, channels=["mail"], max_size=5)
    kept = frame[(frame["channel"] == "mail") & ~(frame["size"] > 5)]
    if kept.empty:
        return
    found = tn.build_ties(tn.read_log(frame), people, rule=rule)
    wanted = tn.build_ties(tn.read_log(kept), people, rule=PLAIN)
    assert (found.a.tolist(), found.b.tolist()) == (wanted.a.tolist(), wanted.b.tolist())
    np.testing.assert_array_equal(found.latency, np.full(len(found), np.nan) if wanted.latency is None else wanted.latency)


# Equally long paths


def exact_betweenness(ties) -> list[float]:
    """Betweenness from all simple paths, with lengths as fractions of whole numbers of interactions."""
    size, graph = len(ties.people), nx.Graph()
    graph.add_nodes_from(range(size))
    for a, b, strength in zip(ties.a.tolist(), ties.b.tolist(), ties.strength.tolist(), strict=True):
        graph.add_edge(a, b, length=1 / Fraction(strength))
    through = [Fraction(0)] * size
    for start, end in combinations(range(size), 2):
        paths = list(nx.all_simple_paths(graph, start, end))
        if paths:
            lengths = [sum((graph.edges[step]["length"] for step in nx.utils.pairwise(path)), Fraction(0)) for path in paths]
            shortest = [path for path, length in zip(paths, lengths, strict=True) if length == min(lengths)]
            for path in shortest:
                for person in path[1:-1]:
                    through[person] += Fraction(1, len(shortest))
    pairs = max(1, (size - 1) * (size - 2) // 2)
    return [float(share / pairs) for share in through]


def test_three_fifths_are_a_half_and_a_tenth():
    five = tn.read_people({"person": list("abcde"), "function": ["Sales"] * 5})
    log = tn.read_log({"source": list("abcae"), "target": list("bcded"), "weight": [5, 5, 5, 2, 10]})
    found = MEASURES.centrality(tn.build_ties(log, five, rule=PLAIN))
    np.testing.assert_allclose(found.betweenness, [0, 1 / 4, 5 / 12, 1 / 3, 1 / 12], rtol=1e-12)


@pytest.mark.sweep
@given(SEEDS)
def test_betweenness_is_that_of_exact_fractions(seed):
    ties = random_ties(seed, size=7)
    np.testing.assert_allclose(MEASURES.centrality(ties).betweenness, exact_betweenness(ties), rtol=1e-12, atol=1e-15)


@given(SEEDS, st.floats(1e-9, 1e9))
def test_the_unit_of_strength_does_not_change_betweenness(seed, factor):
    ties = random_ties(seed, size=8)
    other = replace(ties, interactions=ties.interactions * factor)
    found, wanted = MEASURES.centrality(other), MEASURES.centrality(ties)
    np.testing.assert_allclose(found.betweenness, wanted.betweenness, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("seed", range(4))
def test_betweenness_against_igraph(seed):
    igraph = pytest.importorskip("igraph")
    rng = np.random.default_rng(seed)
    counts = np.triu(rng.integers(1, 8, (150, 150)) * (rng.random((150, 150)) < 0.08), 1)
    ties = ties_from(counts, ["a"] * 150)
    graph = igraph.Graph(n=150, edges=list(zip(ties.a.tolist(), ties.b.tolist(), strict=True)))
    wanted = np.array(graph.betweenness(weights=(1 / ties.strength).tolist())) / (149 * 148 / 2)
    np.testing.assert_allclose(MEASURES.centrality(ties).betweenness, wanted, rtol=1e-9, atol=1e-15)


def test_small_blocks_of_pivots_add_up_to_the_whole(monkeypatch):
    ties = random_ties(5, size=40)
    whole = MEASURES.centrality(ties)
    monkeypatch.setattr(_paths, "_CELLS", 100)
    np.testing.assert_allclose(MEASURES.centrality(ties).betweenness, whole.betweenness, rtol=1e-12)


def test_steps_that_vanish_in_floating_point_are_still_steps():
    # A line with two ties that are 1e20 times stronger than the others: their length is lost in every sum. In the closed form of a line of
    # six, the person at place i is between i (5 - i) of the 10 pairs of others.
    line = ties_from(np.diag(np.ones(5), 1), ["a"] * 6)
    found = MEASURES.centrality(replace(line, interactions=np.array([1, 1, 1e20, 1e20, 1]))).betweenness
    np.testing.assert_allclose(found, [place * (5 - place) / 10 for place in range(6)], rtol=1e-12)


# Sampling


@pytest.mark.sweep
def test_two_thousand_people_and_more_are_exact_by_default():
    # A star of 2,200 beside 300 isolates: the centre is between all pairs of its alters, the others between none.
    size, alters = 2_500, 2_199
    empty = np.zeros(alters)
    ties = ties_from(np.zeros((2, 2)), ["a", "b"])
    roster = {"person": [f"p{place}" for place in range(size)], "function": ["Sales"] + ["Marketing"] * (size - 1)}
    ties = replace(
        ties,
        people=tn.read_people(roster),
        a=np.zeros(alters, dtype=np.int64),
        b=np.arange(1, alters + 1),
        **{name: np.ones(alters) for name in ("interactions", "a_to_b", "reciprocity")},
        **dict.fromkeys(("b_to_a", "frequency", "regularity", "channels"), empty),
    )
    egos = tn.measure_egos(ties, of="sales", strength="interactions", include=["betweenness"])
    np.testing.assert_allclose(egos.included["betweenness"], alters * (alters - 1) / ((size - 1) * (size - 2)), rtol=1e-12)
    assert egos.remarks == ()
    assert "estimated" not in str(egos)


def test_a_sample_is_warned_of_and_said(monkeypatch):
    monkeypatch.setattr(_paths, "PIVOTS", 20)
    monkeypatch.setattr(_paths, "AFFORDABLE", 100)
    for module in ("centralities", "include"):
        monkeypatch.setattr(f"tienet.network.measures.{module}.PIVOTS", 20)
    ties = random_ties(8, size=60)
    with pytest.warns(TienetWarning, match=r"estimated from shortest paths of 20 people .* sample_above=60"):
        egos = tn.measure_egos(ties, of="f0", strength="interactions", include=["betweenness", "closeness"])
    assert str(egos).endswith("closeness and betweenness estimated from shortest paths of 20 people drawn at random")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exact = MEASURES.centrality(ties, sample_above=60)
        asked = MEASURES.centrality(ties, sample_above=30)
        tn.measure_egos(ties, of="f0", strength="interactions", include=["degree", "clustering", "eigenvector"])
    assert (exact.betweenness_method, asked.betweenness_method) == ("tienet", "sampled")


@pytest.mark.sweep
def test_a_sample_is_right_on_average(monkeypatch):
    monkeypatch.setattr(_paths, "PIVOTS", 30)
    ties = random_ties(13, size=60)
    exact = MEASURES.centrality(ties).betweenness
    drawn = [MEASURES.centrality(ties, sample_above=30, seed=seed).betweenness for seed in range(400)]
    # Half of the people are drawn, so a mean of 400 is within four standard errors of the exact value almost surely.
    error = np.std(drawn, axis=0) / 20
    assert (np.abs(np.mean(drawn, axis=0) - exact) <= 4.5 * error + 1e-12).all()


# Ties of strength 0


@given(SEEDS)
def test_a_tie_of_strength_0_is_as_none_for_paths_and_holes(seed):
    ties = random_ties(seed)
    faded = np.random.default_rng(seed).random(len(ties)) < 0.3
    strength = np.where(faded, 0.0, ties.interactions)
    weak = replace(ties, interactions=strength)
    kept = {name: getattr(ties, name)[~faded] for name in ("a", "b", "interactions", "a_to_b", "b_to_a", "frequency", "reciprocity")}
    without = replace(ties, **kept, regularity=ties.regularity[~faded], channels=ties.channels[~faded])
    found, wanted = MEASURES.centrality(weak), MEASURES.centrality(without)
    own = MEASURES.centrality(weak, length=lambda positive: 1 / positive)
    for name in ("closeness", "betweenness", "eigenvector", "strength_sum"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-9, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(getattr(own, name), getattr(wanted, name), rtol=1e-9, atol=1e-12, err_msg=name)
    holes, without_holes = MEASURES.structural_holes(weak), MEASURES.structural_holes(without)
    assert same(to_rows(holes.frame), to_rows(without_holes.frame))
    count = int(faded.sum())
    assert (found.ties_of_zero, holes.ties_of_zero) == (count, count)
    for result, words in ((found, "of strength 0 left out of paths"), (holes, "of weight 0 left out")):
        assert (f"({count:,} {'tie' if count == 1 else 'ties'} {words})" in str(result)) == (count > 0)
    assert MEASURES.centrality(weak, length="unweighted").degree.tolist() == MEASURES.centrality(ties).degree.tolist()


def test_channels_of_weight_0_do_not_stop_centrality():
    people = tn.read_people({"person": list("abc"), "function": ["Sales"] * 3})
    days = ["2025-01-01", "2025-01-02", "2025-01-03"]
    log = tn.read_log({"source": list("aab"), "target": list("bcc"), "time": days, "channel": ["mail", "mail", "bot"]})
    rule = tn.TieRule(min_interactions=1, half_life=None, channel_weights={"bot": 0})
    egos = tn.measure_egos(tn.build_ties(log, people, rule=rule), of=None, include=["betweenness", "degree"])
    assert to_columns(egos.frame)["betweenness"] == [1.0, 0.0, 0.0]
    assert to_columns(egos.frame)["degree"] == [2, 2, 2]


@pytest.mark.parametrize("wrong", [np.nan, -1.0])
def test_a_strength_that_is_missing_or_negative_has_no_length(wrong):
    ties = ties_from(np.array([[0, 1, 2], [0, 0, 3], [0, 0, 0]]), "abc")
    with pytest.raises(DataError, match="the strength of 1 tie is missing or negative and has no length"):
        MEASURES.centrality(replace(ties, interactions=np.array([1.0, wrong, 3.0])))


# Egos of a panel


def moving(spells) -> tuple[tn.InteractionLog, tn.People]:
    """Daily contact of everyone with everyone for 120 days, and people with functions over time."""
    people = tn.read_people(spells)
    ids = people.person.tolist()
    days = pd.date_range("2025-01-01", periods=120, freq="D")
    rows = [(a, b, day) for day in days for a, b in combinations(ids, 2)]
    return tn.read_log(pd.DataFrame(rows, columns=["source", "target", "time"])), people


SPELLS = {
    "person": ["ann", "bob", "bob", "cat", "cat", "dan"],
    "function": ["Sales", "Operations", "Sales", "Sales", "Operations", "Marketing"],
    "valid_from": [None, None, "2025-02-20", None, "2025-03-02", None],
    "valid_to": [None, "2025-02-20", None, "2025-03-02", None, None],
}


def test_the_egos_of_a_window_held_the_function_in_it():
    log, people = moving(SPELLS)
    panel = tn.measure_panel(log, people, of="sales", toward=["marketing"], rule=PLAIN, every="30d", window="30d")
    # Windows: 1 to 30 January, 31 January to 1 March, 2 to 31 March, 1 to 30 April.
    frame = pd.DataFrame(to_rows(panel.frame))
    egos = {window: sorted(rows["ego"]) for window, rows in frame.groupby("window")}
    assert egos == {1: ["ann", "cat"], 2: ["ann", "bob", "cat"], 3: ["ann", "bob"], 4: ["ann", "bob"]}
    assert (frame["total_ties_marketing"] == 1).all()
    assert panel.held.sum() == len(frame) == 9
    assert str(panel).startswith("3 egos in sales (2 to 3 in a window) over 4 rolling windows (30 days)")
    assert "marketing: 1.00 to 1.00" in str(panel)


def test_a_function_that_no_one_holds_any_more_has_egos_in_its_windows():
    spells = {name: values[1:3] + values[5:] for name, values in SPELLS.items()}
    log, people = moving(spells)
    panel = tn.measure_panel(log, people, of="operations", rule=PLAIN, every="60d", window="60d")
    assert to_columns(panel.frame)["ego"] == ["bob"]
    assert to_columns(panel.frame)["window"] == [1]


def test_a_split_at_a_move_has_each_side_where_it_belongs():
    log, people = moving(SPELLS)
    panel = tn.measure_panel(log, people, of="sales", rule=PLAIN, split="2025-02-20")
    pairs = list(zip(to_columns(panel.frame)["ego"], to_columns(panel.frame)["window"], strict=True))
    assert pairs == [("ann", 1), ("ann", 2), ("bob", 2), ("cat", 1), ("cat", 2)]


def test_a_split_is_a_day_of_the_log():
    # Half past midnight in Berlin is still the day before in UTC.
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    days = ["2025-02-01 12:00", "2025-02-20 00:30", "2025-03-01 12:00"]
    log = tn.read_log({"source": ["ann"] * 3, "target": ["bob"] * 3, "time": days}, timezone="Europe/Berlin")
    panel = tn.measure_panel(log, people, of="sales", rule=PLAIN, strength="interactions", split="2025-02-20")
    assert to_columns(panel.frame)["tie_strength_marketing"] == [1.0, 2.0]


def test_without_moves_every_ego_is_in_every_window():
    log, people = moving({"person": list("abcd"), "function": ["Sales", "Sales", "Ops", "Ops"]})
    panel = tn.measure_panel(log, people, of="sales", rule=PLAIN, every="30d", window="30d")
    assert panel.held.all()
    assert len(panel.frame) == 2 * 4
    assert str(panel).startswith("2 egos in sales over 4 rolling windows")


# Further measures of egos


@pytest.mark.parametrize("strength", ["interactions", "frequency", "reciprocity", "regularity"])
def test_further_measures_weigh_ties_as_asked(strength):
    log, people = moving(SPELLS)
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(to_rows(log.frame))[["source", "target", "time"]]
    ties = tn.build_ties(tn.read_log(frame.iloc[rng.permutation(len(frame))[:300]]), people, rule=replace(PLAIN, half_life="20d"))
    egos = tn.measure_egos(ties, of=None, strength=strength, include=["constraint", "strength_sum", "betweenness"])
    holes = MEASURES.structural_holes(ties, weight=strength)
    np.testing.assert_allclose(egos.included["constraint"], holes.constraint, rtol=1e-12)
    np.testing.assert_allclose(egos.included["strength_sum"], np.asarray(ties.adjacency(strength).sum(axis=1)).ravel(), rtol=1e-12)
    assert egos.remarks == ()


def test_a_strength_that_cannot_weigh_ties_is_replaced_and_said():
    log, people = moving(SPELLS)
    ties = tn.build_ties(log, people, rule=PLAIN)
    egos = tn.measure_egos(ties, of="sales", strength=lambda tie: tie["interactions"] - 130, include=["constraint", "blau"])
    holes = MEASURES.structural_holes(ties)
    np.testing.assert_allclose(egos.included["constraint"], holes.constraint[people.holders("sales")], rtol=1e-12)
    assert str(egos).endswith("; constraint weighted by frequency, since custom is negative for some ties")
    missing = tn.measure_egos(ties, of="sales", strength=lambda tie: np.where(tie["first"] == tie["first"][0], 1.0, np.nan))
    assert missing.remarks == ()


def test_everyone_is_an_ego_where_no_function_is_named():
    ties = random_ties(21, size=12)
    every = tn.measure_egos(ties, of=None, strength="interactions", include=["peers", "exclusive_pairs", "tie_share"])
    names = ties.people.functions
    assert (every.ego.tolist(), every.functions) == (ties.people.person.tolist(), names)
    assert str(every).startswith("12 egos; tie strength is interactions")
    for function in names:
        part = tn.measure_egos(ties, of=function, toward=names, strength="interactions", include=["peers", "exclusive_pairs", "tie_share"])
        rows = [row for row in to_rows(every.frame) if row["ego"] in set(part.ego.tolist())]
        assert same(rows, to_rows(part.frame))
    # Every tie is counted once from each end.
    assert every.total_ties.sum() == 2 * len(ties)
    with pytest.raises(ArgumentError, match="there is no function to count ties to; name at least one"):
        tn.measure_egos(ties, of=None, toward=[])


def test_meetings_and_mails_reach_the_threshold_as_the_rule_says():
    people = tn.read_people({"person": list("abcd"), "function": ["Sales"] * 4})
    mails, meetings = [("a", "b"), ("a", "b")], [("c", "d"), ("d", "c"), ("c", "d"), ("d", "c")]
    source, target = zip(*mails, *meetings, strict=True)
    ties = tn.build_ties(tn.read_log({"source": list(source), "target": list(target)}), people, rule=tn.TieRule(half_life=None))
    assert to_columns(ties.frame)["a"] == ["c"]
    assert "two meetings reach 3, and two mails do not" in " ".join(tn.TieRule.__doc__.split())


# People without a function


def test_two_people_without_a_function_are_not_alike():
    odd = tn.read_people(pd.DataFrame({"person": list("abcd"), "function": [None, None, "Sales", None]}))
    ties = tn.build_ties(tn.read_log({"source": ["a", "a", "b"], "target": ["b", "c", "d"]}), odd, rule=PLAIN)
    found = MEASURES.diversity(ties)
    assert np.isnan(found.ei_index[[0, 1, 3]]).all()
    assert np.isnan(found.ei_index[2])  # Sales has a tie to an unknown function only
    np.testing.assert_array_equal(found.blau, [0.0, np.nan, np.nan, np.nan])
    assert found.alters.tolist() == [1, 0, 0, 0]
    assert "3 people without a function left out" in str(found)
    roles = MEASURES.brokerage(ties)
    assert (roles.counts.sum(), roles.unassigned) == (0, 3)
    assert np.isnan(roles.expected[[0, 1, 3]]).all()
    matrix = tn.function_matrix(ties)
    assert np.isnan(matrix.ei_index)
    assert "(3 people without a function in a row of their own, not in the E-I index)" in str(matrix)


@given(SEEDS)
def test_measures_of_functions_are_those_without_the_people_whose_function_is_unknown(seed):
    whole = random_ties(seed, size=11)
    rng = np.random.default_rng(seed)
    hidden = rng.random(11) < 0.3
    counts = np.zeros((11, 11))
    counts[whole.a, whole.b], counts[whole.b, whole.a] = whole.a_to_b, whole.b_to_a
    labels = ["unassigned" if gone else function for gone, function in zip(hidden, whole.people.function.tolist(), strict=True)]
    known = np.flatnonzero(~hidden)
    if len(known) < 2:
        return
    ties, part = ties_from(counts, labels), ties_from(counts[np.ix_(known, known)], [labels[place] for place in known])
    for by in ("ties", "strength"):
        found, wanted = MEASURES.diversity(ties, by=by), MEASURES.diversity(part, by=by)
        for name in ("alters", "external", "internal", "ei_index", "expected_ei", "blau", "iqv", "entropy", "n_functions"):
            np.testing.assert_allclose(getattr(found, name)[known], getattr(wanted, name), rtol=1e-12, err_msg=name)
        assert np.isnan(found.ei_index[hidden]).all()
        assert np.isnan(found.expected_ei[hidden]).all()
    for directed in (True, False):
        roles, wanted_roles = MEASURES.brokerage(ties, directed=directed), MEASURES.brokerage(part, directed=directed)
        for name in ("counts", "expected", "z"):
            np.testing.assert_allclose(getattr(roles, name)[known], getattr(wanted_roles, name), rtol=1e-12, err_msg=name)
        for name in ("totals", "expected_totals", "z_totals", "density"):
            np.testing.assert_allclose(getattr(roles, name), getattr(wanted_roles, name), rtol=1e-12, err_msg=name)
    test, wanted_test = MEASURES.ei_permutation(ties, draws=19, seed=1), MEASURES.ei_permutation(part, draws=19, seed=1)
    for name in ("ei_index", "ei_index_rescaled", "ei_expected", "ei_sd", "p_value"):
        np.testing.assert_allclose(getattr(test, name), getattr(wanted_test, name), rtol=1e-12, err_msg=name)
    np.testing.assert_array_equal(test.permuted, wanted_test.permuted)
    summary, wanted_summary = MEASURES.network_summary(ties), MEASURES.network_summary(part)
    for name in ("function_assortativity", "function_modularity", "function_modularity_weighted", "ei_index", "ei_index_strength"):
        np.testing.assert_allclose(getattr(summary, name), getattr(wanted_summary, name), rtol=1e-12, err_msg=name)


def test_a_network_of_unknown_functions_has_no_diversity():
    ties = tn.network.exchange.from_networkx(nx.complete_graph(4))
    found = MEASURES.diversity(ties)
    assert np.isnan([found.blau, found.iqv, found.entropy, found.entropy_normalised, found.ei_index, found.expected_ei]).all()
    assert found.n_functions.tolist() == [0] * 4
    assert str(found).endswith("over 0 functions, 4 people without a function left out: no one has ties to them")
    assert MEASURES.brokerage(ties).counts.sum() == 0
    assert np.isnan(MEASURES.ei_permutation(ties, draws=9).ei_index)
    named = MEASURES.diversity(ties, functions=["unassigned"])
    assert named.alters.tolist() == [3] * 4
    assert "unassigned" in tn.measure_egos(ties, of=None, strength="interactions").functions


# What graphs carry


def test_a_graph_carries_latency_moments_and_the_rule():
    people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Ops"]})
    log = {name: [*values, values[0]] for name, values in replies().items()}
    log["target"][-1], log["event"][-1] = "cat", "m9"
    rule = tn.TieRule(
        min_interactions=2, half_life="90d", channels=["mail"], channel_weights={"mail": 2.0}, since="2024-12-31", max_size=70
    )
    ties = tn.build_ties(tn.read_log(log), people, rule=rule)
    back = tn.network.exchange.from_networkx(ties.to_networkx())
    assert same(to_rows(back.frame), to_rows(ties.frame))
    assert (back.rule, back.window, back.pairs_below) == (rule, ties.window, 1)
    assert str(ties.rule) in str(back)
    other = tn.network.exchange.from_networkx(ties.to_networkx(), rule=PLAIN)
    assert other.rule == PLAIN
    assert tn.network.exchange.from_networkx(ties.to_networkx(directed=True)).rule == rule


def test_graphml_has_every_column_of_the_frame(tmp_path):
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    ties = tn.build_ties(tn.read_log(replies()), people, rule=replace(PLAIN, half_life="9d"))
    graph = nx.read_graphml(tn.network.exchange.write_graphml(ties, tmp_path / "ties.graphml"))
    row = to_rows(ties.frame)[0]
    edge = graph.edges["ann", "bob"]
    for name in set(row) - {"a", "b", "first", "last"} - {name for name, value in row.items() if value is None}:
        assert edge[name] == row[name], name
    assert edge["first"] == "2025-01-01T10:00:00.000000Z"
    back = tn.network.exchange.from_networkx(graph)
    assert same(to_rows(back.frame), to_rows(ties.frame))
    assert back.rule == ties.rule


def test_strength_from_a_survey_is_written_from_both_ends(tmp_path):
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    answers = pd.DataFrame({"respondent": ["ann", "bob"], "colleague": ["bob", "ann"], "close": [5, 3]})
    ties = tn.read_survey(answers, people, scale=(1, 5), items=["close"])
    graph = nx.read_graphml(tn.network.exchange.write_graphml(ties, tmp_path / "ties.graphml"))
    edge = graph.edges["ann", "bob"]
    assert (edge["strength_a"], edge["strength_b"], edge["strength"]) == (1.0, 0.5, 0.75)


@pytest.mark.parametrize("text", ["at least 3 mails", '{"min_interactions": -1}', '{"nothing": 1}', "[1]", "[" * 100_000, 7])
def test_an_attribute_that_is_not_a_rule_of_ours_is_ignored(text):
    graph = nx.Graph([("ann", "bob", {"weight": 4})], tie_rule=text)
    ties = tn.network.exchange.from_networkx(graph)
    assert ties.rule.min_interactions == 4


def test_no_public_function_calls_its_seed_otherwise():
    named = {name: set(signature(public(name)).parameters) for name in PUBLIC if callable(public(name)) and public(name).__module__}
    assert [name for name, parameters in named.items() if parameters & {"rng", "random_state", "generator"}] == []
    assert {"centrality", "ei_permutation"} <= {name for name, parameters in named.items() if "seed" in parameters}
