"""Burt's measures against published numbers, other packages, closed forms and invariances."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import igraph
import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import to_rows
from real import CLOSE, EVERY_ROW, nodes_of
from tienet.base.errors import ArgumentError, DataError
from tienet.network.measures import _triangles
from tienet.network.measures._constraint import holes

MEASURES = ("constraint", "effective_size", "efficiency", "hierarchy")
EXACT = {"rtol": 1e-10, "atol": 1e-12}
# The golden graphs of docs/structural-holes.md; e is in the roster and has no tie.
GOLDEN = {
    "A": [("a", "b", 3), ("a", "c", 1), ("b", "c", 2), ("c", "d", 5)],
    "B": [("a", "b", 3), ("b", "a", 1), ("a", "c", 1), ("b", "c", 2), ("c", "d", 5)],
}


def ties_of(rows, people="abcde", rule=EVERY_ROW) -> tn.Ties:
    source, target, weight = zip(*rows, strict=True)
    log = tn.read_log({"source": list(source), "target": list(target), "weight": list(weight)})
    return tn.build_ties(log, tn.read_people({"person": list(people), "function": ["Sales"] * len(people)}), rule=rule)


# Printed numbers


@pytest.mark.parametrize(
    ("graph", "options", "measure", "printed", "digits"),
    [
        # networkx 3.6.1, python-igraph, R igraph and EasyGraph.
        ("A", {"weight": None}, "constraint", [1.006944, 1.006944, 0.611111, 1], 6),
        ("A", {"weight": "interactions"}, "constraint", [0.962656, 0.725000, 0.584414, 1], 6),
        # networkx (all nodes) and both igraphs: d only hears from others.
        ("B", {"weight": "interactions", "directed": True}, "constraint", [0.940278, 0.719514, 0.598194, 1], 6),
        ("B", {"weight": None, "directed": True}, "constraint", [0.913580, 0.913580, 0.728395, 1], 6),
        # networkx up to 3.4.2, later ones with nodes=[...], and EasyGraph; d of B by the union of in and out.
        ("A", {"weight": None}, "effective_size", [1, 1, 2.3333, 1], 4),
        ("A", {"weight": "interactions"}, "effective_size", [1.5333, 1.7467, 2.6250, 1], 4),
        ("B", {"weight": "interactions", "directed": True}, "effective_size", [1.58, 1.7833, 2.625, 1], 4),
        ("B", {"weight": "interactions", "directed": True}, "efficiency", [0.79, 0.8917, 0.875, 1], 4),
        # EasyGraph; one alter is 1 as in UCINET.
        ("A", {"weight": None}, "hierarchy", [0.0099, 0.0099, 0.0522, 1], 4),
        ("A", {"weight": "interactions"}, "hierarchy", [0.1020, 0.0199, 0.2198, 1], 4),
    ],
)
def test_golden_graphs_to_the_printed_digit(graph, options, measure, printed, digits):
    found = tn.network.measures.structural_holes(ties_of(GOLDEN[graph]), **options)
    assert found.person.tolist() == list("abcde")
    assert found.degree.tolist() == [2, 2, 3, 1, 0]
    assert getattr(found, measure)[:4].round(digits).tolist() == printed
    assert all(np.isnan(getattr(found, name)[4]) for name in MEASURES)


def test_real_networks_against_their_expected_files(real_network):
    ties, folder = real_network
    expected = nodes_of(folder, ties)
    weighted, binary = (
        tn.network.measures.structural_holes(ties, weight="interactions"),
        tn.network.measures.structural_holes(ties, weight=None),
    )
    np.testing.assert_array_equal(binary.degree, expected["degree"])
    for found, column in (
        (weighted.constraint, "constraint_weighted"),
        (binary.constraint, "constraint_binary"),
        (binary.effective_size, "effective_size"),
        (binary.efficiency, "efficiency"),
    ):
        np.testing.assert_allclose(found, expected[column].astype(float), err_msg=column, **CLOSE)


# Other packages, on random networks


def random_network(seed: int, people: int, density: float):
    """Roster positions and whole weights of a random network; as dense or as empty as asked."""
    rng = np.random.default_rng(seed)
    a, b = np.triu_indices(people, 1)
    kept = rng.random(len(a)) < density
    return a[kept], b[kept], rng.integers(1, 30, kept.sum()).astype(float), people


networks = st.builds(random_network, st.integers(0, 2**32 - 1), st.integers(1, 16), st.floats(0.0, 1.0))


def graph_of(a, b, strength, people) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(people))
    graph.add_weighted_edges_from(zip(a.tolist(), b.tolist(), strength.tolist(), strict=True))
    return graph


@given(networks)
def test_constraint_as_in_igraph(network):
    a, b, strength, people = network
    graph = igraph.Graph(n=people, edges=np.column_stack([a, b]).tolist())
    np.testing.assert_allclose(holes(*network).constraint, graph.constraint(weights=strength.tolist()), **EXACT)
    np.testing.assert_allclose(holes(a, b, np.ones(len(a)), people).constraint, graph.constraint(), **EXACT)


@given(networks)
def test_effective_size_as_in_networkx_node_by_node(network):
    # Asked for nodes, networkx takes the path that divides by the right maximum.
    expected = nx.effective_size(graph_of(*network), nodes=range(network[3]), weight="weight")
    np.testing.assert_allclose(holes(*network).effective_size, list(expected.values()), **EXACT)


@given(networks)
def test_scope_ego_is_the_measure_of_each_ego_network_alone(network):
    graph, found = graph_of(*network), holes(*network, ego=True)
    for ego in range(network[3]):
        around = nx.ego_graph(graph, ego)
        for values, measure in ((found.constraint, nx.constraint), (found.effective_size, nx.effective_size)):
            np.testing.assert_allclose(values[ego], measure(around, nodes=[ego], weight="weight")[ego], **EXACT)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("weight", [None, "interactions"])
def test_directed_constraint_as_in_networkx_and_igraph(seed, weight):
    rng = np.random.default_rng(seed)
    people = [f"p{place}" for place in range(12)]
    rows = [(people[i], people[j], int(rng.integers(1, 9))) for i, j in rng.integers(0, 11, (40, 2)) if i != j]
    ties = ties_of(rows, people)
    found, graph = tn.network.measures.structural_holes(ties, weight=weight, directed=True), ties.to_networkx(directed=True)
    np.testing.assert_allclose(found.constraint, list(nx.constraint(graph, weight=weight).values()), **EXACT)
    arcs = igraph.Graph.TupleList(((u, v, w) for u, v, w in graph.edges(data="interactions")), directed=True, edge_attrs=["weight"])
    expected = dict(zip(arcs.vs["name"], arcs.constraint(weights=weight and "weight"), strict=True))
    np.testing.assert_allclose(found.constraint, [expected.get(person, np.nan) for person in people], **EXACT)
    # Both directions added are the interactions of the tie, so weighted measures do not depend on `directed`.
    if weight:
        for name in MEASURES:
            np.testing.assert_array_equal(
                getattr(found, name), getattr(tn.network.measures.structural_holes(ties, weight="interactions"), name)
            )


# Closed forms


@given(networks)
def test_unweighted_effective_size_is_n_less_2t_over_n(network):
    a, b, _, people = network
    found = holes(a, b, np.ones(len(a)), people)
    triangles = np.array(list(nx.triangles(graph_of(*network)).values()))
    n = np.where(found.degree > 0, found.degree, np.nan)
    np.testing.assert_allclose(found.effective_size, n - 2.0 * triangles / n, **EXACT)
    np.testing.assert_allclose(found.efficiency, 1.0 - 2.0 * triangles / n**2, **EXACT)


@pytest.mark.parametrize("ego", [False, True])
def test_a_star_a_clique_and_a_pair(ego):
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    centre = np.zeros(4, dtype=np.int64)
    star = holes(centre, np.arange(1, 5), weights, 5, ego=ego)
    c = (weights / 10) ** 2
    r = c / c.mean()
    assert star.constraint[0] == pytest.approx(c.sum(), rel=1e-12)
    assert star.effective_size.tolist() == [4, 1, 1, 1, 1]
    assert star.hierarchy[0] == pytest.approx((r * np.log(r)).sum() / (4 * np.log(4)), rel=1e-12)
    assert star.hierarchy[1:].tolist() == star.constraint[1:].tolist() == [1, 1, 1, 1]
    n = 7
    clique = holes(*np.triu_indices(n, 1), np.full(n * (n - 1) // 2, 0.3), n, ego=ego)
    p = 1 / (n - 1)
    np.testing.assert_allclose(clique.constraint, (n - 1) * (p + (n - 2) * p * p) ** 2, rtol=1e-12)
    np.testing.assert_allclose(clique.effective_size, 1.0, rtol=1e-12)
    np.testing.assert_allclose(clique.hierarchy, 0.0, atol=1e-12)


@pytest.mark.parametrize("ego", [False, True])
@pytest.mark.parametrize("people", [0, 1, 3])
def test_without_any_tie_everything_is_missing(ego, people):
    none = np.empty(0, dtype=np.int64)
    found = holes(none, none, np.empty(0), people, ego=ego)
    assert found.degree.tolist() == [0] * people
    assert all(np.isnan(values).all() and len(values) == people for values in found[1:])


# What must not matter


@given(networks, st.booleans(), st.randoms(use_true_random=False))
def test_relabelling_people_only_relabels(network, ego, random):
    a, b, strength, people = network
    names = np.array(random.sample(range(people), people))
    plain, renamed = holes(*network, ego=ego), holes(names[a], names[b], strength, people, ego=ego)
    for before, after in zip(plain, renamed, strict=True):
        np.testing.assert_allclose(after[names], before, **EXACT)


@given(networks, st.booleans(), st.sampled_from([1e-300, 1e-6, 7.0, 1e200]))
def test_the_unit_of_the_weights_does_not_matter(network, ego, factor):
    a, b, strength, people = network
    for before, after in zip(holes(*network, ego=ego), holes(a, b, strength * factor, people, ego=ego), strict=True):
        np.testing.assert_allclose(after, before, **EXACT)


@given(networks, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_ties_and_of_their_two_ends_changes_nothing(network, ego, random):
    a, b, strength, people = network
    order = np.array(random.sample(range(len(a)), len(a)), dtype=np.int64)
    turned = np.array([random.random() < 0.5 for _ in a], dtype=bool)
    shuffled = np.where(turned, b, a)[order], np.where(turned, a, b)[order], strength[order]
    for before, after in zip(holes(*network, ego=ego), holes(*shuffled, people, ego=ego), strict=True):
        np.testing.assert_array_equal(after, before)


@given(networks, st.randoms(use_true_random=False))
def test_the_order_of_the_logs_rows_changes_nothing(network, random):
    a, b, strength, people = network
    if not len(a):
        return
    ids = [f"p{place}" for place in range(people)]
    rows = [(ids[i], ids[j], w) for i, j, w in zip(a, b, strength, strict=True)]
    before, after = (tn.network.measures.structural_holes(ties_of(each, ids)) for each in (rows, random.sample(rows, len(rows))))
    for name in ("degree", *MEASURES):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


@given(networks, st.booleans())
def test_measures_stay_within_their_bounds(network, ego):
    found = holes(*network, ego=ego)
    tied = found.degree > 0
    n, slack = found.degree[tied], 1e-9
    assert (found.constraint[tied] * n >= 1 - slack).all()
    assert ((found.effective_size[tied] >= 1 - slack) & (found.effective_size[tied] <= n + slack)).all()
    assert ((found.hierarchy[tied] >= -slack) & (found.hierarchy[tied] <= 1 + slack)).all()
    assert np.isnan(np.stack(found[1:])[:, ~tied]).all()


# Triangles


@pytest.mark.parametrize(("paths", "cells"), [(1, 1), (7, 100), (1 << 18, 1 << 22)])
def test_triangles_are_igraphs_whatever_the_size_of_the_chunks(monkeypatch, paths, cells):
    monkeypatch.setattr(_triangles, "PATHS", paths)
    monkeypatch.setattr(_triangles, "CELLS", cells)
    a, b, _, _ = random_network(3, 60, 0.2)
    graph = igraph.Graph(n=60, edges=np.column_stack([a, b]).tolist())
    oriented = _triangles.orient(a, b, 60)
    node = np.argsort(oriented.rank)
    found = set()
    for uv, uw, vw in _triangles.triangles(oriented):
        assert (oriented.tail[uv] == oriented.tail[uw]).all()
        assert (oriented.head[uv] == oriented.tail[vw]).all()
        assert (oriented.head[uw] == oriented.head[vw]).all()
        corners = node[np.column_stack([oriented.tail[uv], oriented.head[uv], oriented.head[uw]])]
        found |= {frozenset(corner) for corner in corners.tolist()}
        assert (np.sort([a[oriented.order], b[oriented.order]], 0) == np.sort([node[oriented.tail], node[oriented.head]], 0)).all()
    assert found == {frozenset(corner) for corner in graph.list_triangles()}


def test_no_triangle_is_listed_twice():
    a, b = np.triu_indices(30, 1)
    assert sum(len(uv) for uv, _, _ in _triangles.triangles(_triangles.orient(a, b, 30))) == 30 * 29 * 28 // 6


# The public face


def test_every_input_gives_the_same_measures_and_the_callers_kind_of_frame(make_frame):
    rows = {"source": ["a", "a", "b", "c"], "target": ["b", "c", "c", "d"], "weight": [3, 1, 2, 5]}
    roster = {"person": list("abcde"), "function": ["Sales"] * 5}
    ties = tn.build_ties(tn.read_log(make_frame(rows, "log")), tn.read_people(make_frame(roster, "people")), rule=EVERY_ROW)
    found = tn.network.measures.structural_holes(ties)
    assert isinstance(found.frame, make_frame.given_back)
    table = to_rows(found.frame)
    assert list(table[0]) == ["person", "degree", *MEASURES]
    assert table[1] == {
        "person": "b",
        "degree": 2,
        "constraint": pytest.approx(0.725, rel=1e-12),
        "effective_size": pytest.approx(1.746667, rel=1e-6),
        "efficiency": pytest.approx(0.873333, rel=1e-6),
        "hierarchy": pytest.approx(0.0199, abs=5e-5),
    }
    assert table[4] == {"person": "e", "degree": 0} | dict.fromkeys(MEASURES)


def test_weights_of_a_tie():
    ties = ties_of(GOLDEN["B"])
    # reciprocity is 0 for all ties but a-b, and a tie of weight 0 is none.
    assert tn.network.measures.structural_holes(ties, weight="reciprocity").degree.tolist() == [1, 1, 0, 0, 0]
    for options, name in (({}, "strength"), ({"weight": None}, "ties"), ({"weight": "ties"}, "ties"), ({"directed": True}, "interactions")):
        found = tn.network.measures.structural_holes(ties, **options)
        assert (found.weight, found.directed, found.scope) == (name, options.get("directed", False), "whole")
    with pytest.raises(ValueError, match="read-only"):
        found.constraint[0] = 0.0


def test_the_sentence_counts_and_names_nobody():
    found = tn.network.measures.structural_holes(
        ties_of(GOLDEN["B"], people=["a", "b", "c", "d", "zed"]), weight=None, directed=True, scope="ego"
    )
    start = "Structural holes of 5 people, 1 without ties; each tie of each direction counting 1, over each ego network alone; on average: "
    assert str(found).startswith(start + "constraint ")
    assert "zed" not in str(found) + repr(found) + found._repr_html_()
    none = tn.network.measures.structural_holes(ties_of([("a", "b", 1)], rule=dataclasses.replace(EVERY_ROW, min_interactions=9)))
    assert str(none) == "Structural holes of 5 people, 5 without ties; ties weighted by strength, over the whole network"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"weight": "strenght"},
            "'regularity', 'channels', 'strength'; got 'strenght'; did you mean 'strength'?",
        ),
        (
            {"weight": "a_to_b"},
            "weight must be one of 'ties', 'interactions', 'frequency', 'reciprocity', 'regularity', 'channels', 'strength'; got 'a_to_b'",
        ),
        ({"weight": "regularity", "directed": True}, "weight='regularity' has no direction; with directed=True use weight='interactions'"),
        ({"weight": "tie", "directed": True}, "weight must be one of 'interactions', 'ties'; got 'tie'; did you mean 'ties'?"),
        ({"scope": "egos"}, "scope must be one of 'whole', 'ego'; got 'egos'; did you mean 'ego'?"),
    ],
)
def test_options_out_of_range_are_refused_with_the_closest_name(options, message):
    with pytest.raises(ArgumentError) as caught:
        tn.network.measures.structural_holes(ties_of(GOLDEN["A"]), **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_ties_without_the_weight_are_refused():
    ties = ties_of(GOLDEN["A"])
    with pytest.raises(DataError, match=r"weight='frequency' is missing for 4 ties .* use weight='interactions' or None"):
        tn.network.measures.structural_holes(ties, weight="frequency")
    for wrong in (-1.0, np.inf):
        broken = dataclasses.replace(ties, interactions=np.array([wrong, 1.0, 1.0, 1.0]))
        with pytest.raises(
            DataError, match="weight='interactions' is negative or infinite for 1 tie; weights must be finite and at least 0"
        ):
            tn.network.measures.structural_holes(broken, weight="interactions")


def test_the_golden_table_of_the_docs():
    text = (Path(__file__).resolve().parents[1] / "docs" / "structural-holes.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith(("| A |", "| B |"))]
    assert len(rows) == 12
    for graph, weight, scope, measure, *printed in rows:
        options = {"weight": None if weight == "None" else weight, "scope": scope, "directed": graph == "B"}
        found = getattr(tn.network.measures.structural_holes(ties_of(GOLDEN[graph]), **options), measure)
        assert [f"{value:.6f}" for value in found[:4]] == printed, (graph, weight, scope, measure)
