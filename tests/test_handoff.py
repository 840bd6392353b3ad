"""Handoffs between two functions, against networkx with the person removed, closed forms and invariances."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import to_rows
from test_network import random_case, ties_of
from tienet.base.errors import ArgumentError
from tienet.network.measures import _blocks
from tienet.output.glossary import describe


def connected_pairs(graph, sides, gone=None):
    """Pairs with a path, worked out by networkx component by component."""
    graph = graph.copy()
    if gone is not None:
        graph.remove_node(gone)
    parts = [set(part) for part in nx.connected_components(graph)]
    return {(f, g) for part in parts for f in part & sides[0] for g in part & sides[1]}


def by_hand(graph, sides):
    """Pairs, and per person the pairs cut and whether the person is a single point of failure, straight from the definition."""
    before = connected_pairs(graph, sides)
    rows = {}
    for person in graph:
        remaining = {pair for pair in before if person not in pair}
        left = connected_pairs(graph, sides, gone=person)
        rows[person] = (len(remaining - left), bool(remaining) and not left)
    return len(before), rows


def sides_of(ties, functions):
    return [{p for p, f in zip(ties.people.person, ties.people.function, strict=True) if f == name} for name in functions]


@given(st.integers(0, 10**6), st.sampled_from(["anyone", "members"]))
def test_everyone_taken_away_in_turn(seed, through):
    arcs, functions = random_case(seed)
    functions[:2] = ["Sales", "Ops"]
    ties = ties_of(arcs, functions)
    found = tn.network.measures.handoffs(ties, between=("Sales", "ops"), through=through)
    sides, graph = sides_of(ties, ("sales", "ops")), ties.to_networkx()
    if through == "members":
        graph.remove_nodes_from([person for person in graph if person not in sides[0] | sides[1]])
    pairs, wanted = by_hand(graph, sides)
    assert found.pairs == pairs
    rows = {row["person"]: row for row in to_rows(found.frame)}
    for person, (cut, single) in wanted.items():
        row = rows.get(person, {"pairs_cut": 0, "single_point": False})
        assert (row["pairs_cut"], row["single_point"]) == (cut, single)
    cut_vertices = set(nx.articulation_points(graph))
    assert {person for person, row in rows.items() if row["pairs_cut"]} <= cut_vertices
    check_contacts(found, rows, graph, sides)


@pytest.mark.parametrize("seed", range(40))
def test_blocks_with_and_without_rustworkx(seed, monkeypatch):
    pytest.importorskip("rustworkx")
    arcs, functions = random_case(seed)
    functions[:2] = ["Sales", "Ops"]
    fast = tn.network.measures.handoffs(ties_of(arcs, functions), between=("Sales", "Ops"))
    monkeypatch.setattr(_blocks, "find_spec", lambda name: None)
    slow = tn.network.measures.handoffs(ties_of(arcs, functions), between=("Sales", "Ops"))
    np.testing.assert_array_equal(fast.pairs_cut, slow.pairs_cut)
    np.testing.assert_array_equal(fast.single_point, slow.single_point)
    assert str(fast) == str(slow)


def check_contacts(found, rows, graph, sides):
    for place, (own, other) in enumerate((sides, sides[::-1])):
        contacts = {i: set(graph[i]) & other for i in own}
        backed = {i: sum(bool((set(graph[g]) & own) - {i}) for g in met) for i, met in contacts.items()}
        total = sum(map(len, contacts.values()))
        assert found.members[place] == len(own)
        assert found.carriers[place] == sum(bool(met) for met in contacts.values())
        assert found.ties == total
        assert found.backup_coverage[place] == pytest.approx(sum(backed.values()) / total if total else np.nan, nan_ok=True)
        near = [
            i for i in own if any(0 < steps <= 2 for g, steps in nx.single_source_shortest_path_length(graph, i, 2).items() if g in other)
        ]
        assert found.within_two[place] == pytest.approx(len(near) / len(own))
        for i, met in contacts.items():
            if met:
                assert (rows[i]["contacts"], rows[i]["covered"]) == (len(met), pytest.approx(backed[i] / len(met)))


def test_the_order_of_people_and_of_the_two_functions_only_turns_the_sides():
    for seed in range(60):
        arcs, functions = random_case(seed)
        functions[:2] = ["Sales", "Ops"]
        plain = tn.network.measures.handoffs(ties_of(arcs, functions), between=("sales", "ops"))
        order = np.random.default_rng(seed).permutation(len(functions)).tolist()
        other = tn.network.measures.handoffs(ties_of(arcs[::-1], functions, order), between=("ops", "sales"))
        assert (other.ties, other.pairs, other.single_points) == (plain.ties, plain.pairs, plain.single_points)
        for name in ("members", "carriers", "within_two", "backup_coverage"):
            np.testing.assert_allclose(getattr(other, name), getattr(plain, name)[::-1])
        key = {row["person"]: row for row in to_rows(plain.frame)}
        assert {row["person"]: row for row in to_rows(other.frame)} == key


def test_a_bridge_between_two_cliques():
    # 0 1 2 sales, all tied; 3 4 5 marketing, all tied; 2 - 3 is the only tie across.
    cliques = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)]
    functions = ["Sales"] * 3 + ["Marketing"] * 3
    found = tn.network.measures.handoffs(ties_of([*cliques, (2, 3)], functions))
    assert (found.ties, found.carriers.tolist(), found.backup_coverage.tolist()) == (1, [1, 1], [0.0, 0.0])
    assert (found.single_points, found.pairs, found.pairs_cut.tolist()) == (2, 9, [6, 6])
    assert found.within_two.tolist() == [1.0, 1.0]
    # A second tie from a colleague to the same person: the contact of the one side is backed up, and only that person is left.
    backed = tn.network.measures.handoffs(ties_of([*cliques, (2, 3), (1, 3)], functions))
    assert backed.backup_coverage.tolist() == [1.0, 0.0]
    assert backed.person[backed.single_point].tolist() == ["p3"]
    # A tie between two others leaves no single point.
    assert tn.network.measures.handoffs(ties_of([*cliques, (2, 3), (1, 4)], functions)).single_points == 0


def test_a_second_component_that_joins_the_functions_leaves_no_single_point():
    arcs, functions = [(0, 1), (1, 2)], ["Sales", "Ops", "Marketing"]
    assert tn.network.measures.handoffs(ties_of(arcs, functions)).single_points == 1
    found = tn.network.measures.handoffs(ties_of([*arcs, (3, 4)], [*functions, "Sales", "Marketing"]))
    assert (found.single_points, found.pairs) == (0, 2)
    assert found.pairs_cut[found.person == "p1"].tolist() == [1]


def test_the_only_member_of_a_function_is_no_single_point_since_no_pair_remains():
    found = tn.network.measures.handoffs(ties_of([(0, 1), (1, 2)], ["Marketing", "Sales", "Marketing"]))
    assert (found.single_points, found.pairs_cut.tolist()) == (0, [0, 0, 0])


def test_a_long_chain_is_cut_at_each_of_its_links():
    size = 2_000
    found = tn.network.measures.handoffs(ties_of([(i, i + 1) for i in range(size - 1)], ["Sales"] + ["Ops"] * (size - 2) + ["Marketing"]))
    assert (found.single_points, found.ties, found.within_two.tolist()) == (size - 2, 0, [0.0, 0.0])


def test_the_hub_of_a_large_star_is_the_single_point():
    size = 20_001
    found = tn.network.measures.handoffs(ties_of_star(size), between=("sales", "marketing"))
    assert (found.person[found.single_point].tolist(), found.pairs_cut.tolist()) == (["p0"], [10_000 * 10_000])
    assert (found.ties, found.within_two.tolist()) == (0, [1.0, 1.0])


def ties_of_star(size):
    """Ops in the middle, half sales and half marketing around."""
    people = {"person": [f"p{place}" for place in range(size)], "function": ["Ops", *["Sales", "Marketing"] * (size // 2)]}
    log = tn.read_log({"source": ["p0"] * (size - 1), "target": people["person"][1:]})
    return tn.build_ties(log, tn.read_people(people), rule=tn.TieRule(min_interactions=1, half_life=None))


def test_functions_without_a_path_have_nothing_to_cut():
    found = tn.network.measures.handoffs(ties_of([(0, 1), (2, 3)], ["Sales", "Sales", "Marketing", "Marketing"]))
    assert (found.ties, found.pairs, found.single_points, len(found.frame)) == (0, 0, 0, 0)
    assert np.isnan(found.backup_coverage).all()
    assert "no contacts to back up" in str(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"between": ("sales", "opps")}, "did you mean 'ops'?"),
        ({"between": ("sales", "Sales")}, "between must name two different functions, such as ('sales', 'ops'); got sales, sales"),
        ({"between": "sales"}, "such as ('sales', 'ops'); got sales"),
        ({"between": ()}, "such as ('sales', 'ops'); got none"),
        (
            {"between": ("sales", "ops"), "through": "anybody"},
            "through must be one of 'anyone', 'members'; got 'anybody'; did you mean 'anyone'?",
        ),
    ],
)
def test_handoffs_are_refused_with_the_closest_name(options, message):
    with pytest.raises(ArgumentError) as caught:
        tn.network.measures.handoffs(ties_of([(0, 1)], ["Sales", "Ops"]), **options)
    assert message in str(caught.value)


def test_people_stand_in_the_frame_only():
    found = tn.network.measures.handoffs(ties_of([(0, 1), (1, 2), (0, 3)], ["Sales", "Ops", "Ops", "Sales"]), between=("sales", "ops"))
    for text in (str(found), repr(found), found._repr_html_()):
        assert not any(person in text for person in found.person)
    assert all(describe(column).meaning for column in found.frame.columns)
    with pytest.raises(ValueError, match="read-only"):
        found.pairs_cut[0] = 0
