"""Ties to other libraries and back: round trips, what networkx allows and tienet does not, and other readers of the file."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import same, to_columns, to_rows
from test_network import random_case, ties_of
from tienet.base.errors import ArgumentError, DataError, OutputError, RowsRejected

T0 = datetime(2025, 1, 6)
PEOPLE = ["p3", 'o"hara & <sons>', "zoë", "00123", "p1", "alone"]
FUNCTIONS = ["Sales", "Customer Service", "R&D", "Sales", "Sales", "Ops"]
RULE = tn.TieRule(min_interactions=1, half_life="20d", max_size=None)


def timed_ties(seed=1, *, make=dict) -> tn.Ties:
    """Ties with every number there is, among people whose ids are hard to write down; the last one is alone."""
    rng = np.random.default_rng(seed)
    source, target = rng.integers(0, 5, 60), rng.integers(0, 5, 60)
    log = {
        "time": [T0 + timedelta(seconds=int(second)) for second in rng.integers(0, 40 * 86_400, 60)],
        "source": [PEOPLE[place] for place in source],
        "target": [PEOPLE[place] for place in target],
        "channel": [["mail", "chat"][place] for place in rng.integers(0, 2, 60)],
    }
    people = tn.read_people({"person": PEOPLE, "function": FUNCTIONS, "tenure": [1, 2, 3, 4, 5, 6]})
    return tn.build_ties(tn.read_log(make(log)), people, rule=RULE)


def numbers(ties, names=None):
    frame = to_columns(ties.frame)
    return {name: frame[name] for name in names or frame}


@given(st.integers(0, 10**6))
def test_there_and_back_through_networkx_keeps_every_number(seed):
    ties = timed_ties(seed)
    back = tn.network.exchange.from_networkx(ties.to_networkx())
    assert numbers(back) == numbers(ties)
    assert back.people.person.tolist() == ties.people.person.tolist()
    assert back.people.function.tolist() == ties.people.function.tolist()
    assert (back.window, back.rule) == (ties.window, ties.rule)
    for weight in ("strength", "regularity"):
        assert (back.adjacency(weight) != ties.adjacency(weight)).nnz == 0


@given(st.integers(0, 10**6))
def test_there_and_back_without_times_directed_or_not(seed):
    arcs, functions = random_case(seed)
    ties = ties_of(arcs, functions)
    for graph in (ties.to_networkx(), ties.to_networkx(directed=True), nx.MultiDiGraph(), nx.MultiGraph()):
        if not graph:
            graph.add_nodes_from(ties.to_networkx().nodes(data=True))
            graph.add_edges_from((f"p{a}", f"p{b}") for a, b in arcs)
        # The roster is read from the graph where tienet wrote it, and given where it did not: reading one takes time.
        back = tn.network.exchange.from_networkx(graph, ties.people if graph.is_multigraph() else None)
        for name in ("a", "b", "interactions", "a_to_b", "b_to_a", "reciprocity", "strength"):
            if type(graph) is not nx.MultiGraph or name in ("a", "b", "interactions", "strength"):
                assert getattr(back, name).tolist() == getattr(ties, name).tolist(), name
    # Another order of the roster turns ties round with their two directions.
    other = tn.network.exchange.from_networkx(ties.to_networkx(), ties_of(arcs, functions, list(range(len(functions)))[::-1]).people)
    assert each_way(other) == each_way(ties)


def each_way(ties) -> dict[tuple[str, str], float]:
    ids, ends = ties.people.person, ((ties.a, ties.b, ties.a_to_b), (ties.b, ties.a, ties.b_to_a))
    return {pair: count for x, y, counts in ends for pair, count in zip(zip(ids[x], ids[y], strict=True), counts.tolist(), strict=True)}


def test_loops_parallel_edges_and_isolates():
    graph = nx.MultiDiGraph()
    graph.add_weighted_edges_from([("a", "b", 2), ("a", "b", 0.5), ("b", "a", 1), ("b", "b", 9), ("b", "c", 0)])
    graph.add_node("alone", unit="Field Sales")
    ties = tn.network.exchange.from_networkx(graph, function="unit")
    assert numbers(ties, ["a", "b", "a_to_b", "b_to_a"]) == {"a": ["a"], "b": ["b"], "a_to_b": [2.5], "b_to_a": [1.0]}
    assert ties.ledger.counts == {"used": 3, "self_loop": 1, "zero_weight": 1}
    assert ties.people.person.tolist() == ["a", "b", "c", "alone"]
    assert ties.people.function.tolist() == ["unassigned"] * 3 + ["field_sales"]
    assert str(ties.rule).startswith("A tie is a pair of people with at least 3.5 interactions")


def test_an_undirected_edge_counts_half_each_way():
    ties = tn.network.exchange.from_networkx(nx.Graph([("a", "b", {"weight": 3}), ("b", "c", {"weight": 1})]))
    found = numbers(ties, ["interactions", "a_to_b", "b_to_a", "reciprocity", "strength"])
    assert list(found.values()) == [[3.0, 1.0], [1.5, 0.5], [1.5, 0.5], [1.0, 1.0], [3.0, 1.0]]
    assert tn.network.measures.network_summary(ties).density == nx.density(nx.path_graph(3))


def test_a_weight_of_the_users_own_comes_before_what_tienet_wrote():
    graph = ties_of([(0, 1), (1, 0)], ["Sales", "Ops"]).to_networkx()
    graph.edges["p0", "p1"]["mails"] = 7
    assert to_columns(tn.network.exchange.from_networkx(graph, weight="mails").frame)["a_to_b"] == [3.5]
    assert to_columns(tn.network.exchange.from_networkx(graph).frame)["interactions"] == [2.0]


def test_a_roster_of_its_own_anchors_the_network():
    people = tn.read_people({"person": ["b", "a", "new"], "function": ["Sales", "Ops", "Sales"]})
    ties = tn.network.exchange.from_networkx(nx.DiGraph([("a", "b"), ("a", "stranger")]), people)
    assert ties.ledger.counts == {"used": 1, "unknown_person": 1}
    assert to_rows(ties.frame)[0] | {"a": "b", "b": "a", "a_to_b": 0.0, "b_to_a": 1.0} == to_rows(ties.frame)[0]
    assert ties.people is people


def test_a_graph_without_edges_is_a_network_without_ties():
    ties = tn.network.exchange.from_networkx(nx.empty_graph(3))
    assert (len(ties), ties.people.person.tolist()) == (0, ["0", "1", "2"])
    assert len(ties.frame) == 0


def test_weights_that_are_no_number_of_interactions_are_counted():
    graph = nx.Graph([("a", "b", {"weight": -1}), ("b", "c", {"weight": float("nan")}), ("c", "d", {"weight": "much"}), ("a", "d")])
    with pytest.warns(RowsRejected, match="3 of 4 edges have a weight that is missing, negative or not a number"):
        ties = tn.network.exchange.from_networkx(graph)
    assert ties.ledger.counts == {"used": 1, "bad_weight": 3}


@pytest.mark.parametrize(
    ("graph", "people", "error", "message"),
    [
        ([("a", "b")], None, ArgumentError, "must be a networkx graph; got list"),
        (nx.Graph(), None, DataError, "the graph has no usable row: it has no nodes"),
        (nx.Graph([(1, 2), ("1", 3)]), None, DataError, "two nodes of the graph have the same id as text"),
        (nx.Graph([("x", "y")]), {"person": ["a"], "function": ["Sales"]}, DataError, "no node of the graph is in the people table"),
    ],
)
def test_graphs_are_refused_in_one_line(graph, people, error, message):
    with pytest.raises(error, match=re.escape(message)):
        tn.network.exchange.from_networkx(graph, people and tn.read_people(people))


# Frames


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_the_frame_of_people_is_of_the_callers_kind(kind, tmp_path):
    from frames import as_kind, given_back

    ties = timed_ties(make=lambda columns: as_kind(kind, columns, tmp_path))
    frame = tn.network.exchange.node_frame(ties)
    assert isinstance(frame, given_back(kind))
    wanted = {"person": PEOPLE, "function": ["sales", "customer_service", "r_d", "sales", "sales", "ops"], "tenure": [1, 2, 3, 4, 5, 6]}
    assert to_columns(frame) == wanted


# GraphML


def test_graphml_there_and_back_with_times_and_hard_names(tmp_path):
    ties = timed_ties()
    graph = nx.read_graphml(tn.network.exchange.write_graphml(ties, tmp_path / "ties.graphml"))
    assert [name for _, name in graph.nodes(data="name")] == list(graph) == PEOPLE
    back = tn.network.exchange.from_networkx(graph)
    assert numbers(back) == numbers(ties)
    assert back.people.function.tolist() == ties.people.function.tolist()
    assert (back.window, back.rule, back.pairs_below) == (ties.window, ties.rule, ties.pairs_below)


def test_graphml_of_ties_without_times_leaves_out_what_is_missing(tmp_path):
    ties = ties_of([(0, 1), (1, 0), (1, 2)], ["Sales", "Ops", "Ops", "Ops"])
    path = tn.network.exchange.write_graphml(ties, tmp_path / "ties.graphml")
    assert ">nan<" not in path.read_text(encoding="utf-8").lower()
    assert numbers(tn.network.exchange.from_networkx(nx.read_graphml(path))) == numbers(ties)


def test_the_same_ties_give_the_same_bytes_in_any_order_of_the_log(tmp_path):
    ties = timed_ties()
    back = tn.network.exchange.from_networkx(nx.read_graphml(tn.network.exchange.write_graphml(ties, tmp_path / "one")))
    assert tn.network.exchange.write_graphml(back, tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()


def test_graphml_is_refused_where_it_cannot_be_written(tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        tn.network.exchange.write_graphml(timed_ties(), tmp_path / "nowhere" / "ties.graphml")
    graph = nx.Graph([("a\x01secret", "b")])
    with pytest.raises(DataError, match="control character") as caught:
        tn.network.exchange.write_graphml(tn.network.exchange.from_networkx(graph), tmp_path / "ties.graphml")
    assert "secret" not in str(caught.value)


def test_awkward_white_space_in_ids_survives(tmp_path):
    graph = nx.Graph([("a\tb", "line\nbreak"), ("carriage\rreturn", "a\tb")])
    ties = tn.network.exchange.from_networkx(graph)
    assert numbers(tn.network.exchange.from_networkx(nx.read_graphml(tn.network.exchange.write_graphml(ties, tmp_path / "x")))) == numbers(
        ties
    )


# igraph, where it is installed


def test_the_two_lines_to_igraph(tmp_path):
    igraph = pytest.importorskip("igraph")
    ties = timed_ties()
    through_frames = igraph.Graph.DataFrame(ties.frame, directed=False, vertices=tn.network.exchange.node_frame(ties), use_vids=False)
    through_file = igraph.Graph.Read_GraphML(str(tn.network.exchange.write_graphml(ties, tmp_path / "ties.graphml")))
    for graph in (through_frames, through_file):
        assert graph.vs["name"] == PEOPLE
        assert graph.vs["function"] == ties.people.function.tolist()
        np.testing.assert_array_equal(graph.get_adjacency_sparse("strength").toarray(), ties.adjacency().toarray())
        wanted = nx.constraint(ties.to_networkx(), weight="strength")
        np.testing.assert_allclose(graph.constraint(weights="strength"), [wanted[person] for person in PEOPLE], rtol=1e-9)


def test_the_lines_of_the_guide_are_those_that_are_tested():
    guide = (Path(__file__).resolve().parents[1] / "docs" / "exchange.md").read_text(encoding="utf-8")
    for line in (
        "igraph.Graph.DataFrame(ties.frame, directed=False, vertices=tn.network.exchange.node_frame(ties), use_vids=False)",
        'igraph.Graph.Read_GraphML("ties.graphml")',
        "tn.network.exchange.from_networkx(graph)",
        "ties.to_networkx()",
    ):
        assert line in guide
    assert isinstance(tn.network.exchange.node_frame(timed_ties()), pd.DataFrame)
    assert same(to_rows(timed_ties().frame), to_rows(timed_ties().frame))
