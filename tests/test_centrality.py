from __future__ import annotations

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import to_columns
from networks import random_ties, relabelled, reordered, ties_from
from real import CLOSE, nodes_of
from tienet.base.errors import ArgumentError
from tienet.network.measures import _around_egos as _ego_networks
from tienet.network.measures import _paths
from tienet.output.glossary import GLOSSARY

SEEDS = st.integers(0, 100_000)
NUMBERS = ("degree", "strength_sum", "closeness", "betweenness", "eigenvector", "clustering", "ego_density", "ego_betweenness")


def graph_of(ties, length=lambda strength: 1 / strength) -> nx.Graph:
    """The ties with people as roster positions."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(ties.people)))
    for a, b, strength in zip(ties.a.tolist(), ties.b.tolist(), ties.strength.tolist(), strict=True):
        graph.add_edge(a, b, strength=strength, length=length(strength))
    return graph


def listed(values) -> list[float]:
    """A networkx mapping in roster order."""
    return [values[place] for place in sorted(values)]


def test_real_networks(real_network):
    ties, folder = real_network
    nodes = nodes_of(folder, ties)
    found = tn.network.measures.centrality(ties, length="unweighted")
    assert found.betweenness_method in ("tienet", "rustworkx")
    for column in ("degree", "clustering", "betweenness", "ego_betweenness"):
        np.testing.assert_allclose(getattr(found, column), nodes[column], err_msg=column, **CLOSE)
    degree = nodes["degree"].to_numpy()
    np.testing.assert_allclose(found.ego_density, np.where(degree > 1, nodes["clustering"], np.nan), **CLOSE)
    if ties.window is None:  # where the log has times strength is frequency: interactions per week
        np.testing.assert_allclose(found.strength_sum, nodes["strength"], **CLOSE)


@given(SEEDS, st.sampled_from(["inverse", "unweighted"]))
def test_paths_against_networkx(seed, length):
    ties = random_ties(seed)
    # In fractions, since networkx misses equally long paths whose lengths differ by a rounding.
    found, graph = tn.network.measures.centrality(ties, length=length), graph_of(ties, lambda strength: 1 / Fraction(strength))
    weight = "length" if length == "inverse" else None
    closeness = np.array(listed(nx.closeness_centrality(graph, distance=weight, wf_improved=False)), dtype=float)
    np.testing.assert_allclose(found.closeness, np.where(found.degree > 0, closeness, np.nan), rtol=1e-9)
    np.testing.assert_allclose(found.betweenness, listed(nx.betweenness_centrality(graph, weight=weight)), atol=1e-12)
    np.testing.assert_allclose(found.clustering, listed(nx.clustering(graph)), atol=1e-12)
    assert found.closeness_method == "exact"


@given(SEEDS)
def test_ego_betweenness_is_betweenness_in_the_networkx_ego_graph(seed):
    ties = random_ties(seed, size=12)
    graph, found = graph_of(ties), tn.network.measures.centrality(ties, length="unweighted")
    wanted = [nx.betweenness_centrality(nx.ego_graph(graph, ego), normalized=False)[ego] for ego in graph]
    np.testing.assert_allclose(found.ego_betweenness, wanted, atol=1e-12)
    density = [nx.density(nx.ego_graph(graph, ego, center=False)) if graph.degree[ego] > 1 else np.nan for ego in graph]
    np.testing.assert_allclose(found.ego_density, density, atol=1e-12)


@pytest.mark.parametrize("length", ["inverse", "unweighted"])
@pytest.mark.parametrize("seed", [2, 3, 5, 8, 13])
def test_the_first_eigenvector_against_networkx(seed, length):
    ties = random_ties(seed, size=25)
    graph = graph_of(ties)
    weight = "strength" if length == "inverse" else None
    wanted = listed(nx.eigenvector_centrality(graph, max_iter=100_000, tol=1e-13, weight=weight))
    np.testing.assert_allclose(tn.network.measures.centrality(ties, length=length).eigenvector, wanted, atol=1e-8)


@pytest.mark.parametrize("dense", [0, 500])
def test_the_eigenvector_lives_where_the_largest_eigenvalue_is(monkeypatch, dense):
    # A triangle (eigenvalue 2) beside a single tie (1) and an isolate.
    monkeypatch.setattr(_paths, "_DENSE", dense)
    counts = np.zeros((6, 6))
    for a, b in ((0, 1), (1, 2), (0, 2), (3, 4)):
        counts[a, b] = 1
    found = tn.network.measures.centrality(ties_from(counts, "aabbcc"), length="unweighted")
    np.testing.assert_allclose(found.eigenvector, [3**-0.5] * 3 + [0.0] * 3, atol=1e-12)


def test_a_star_in_closed_form():
    # Freeman's star of five: the centre is at distance 1 from all, on all 6 pairs of others, and so in its ego network.
    counts = np.zeros((6, 6))
    counts[0, 1:5] = [1, 2, 4, 4]
    found = tn.network.measures.centrality(ties_from(counts, "aabbcc"), length="unweighted")
    assert to_columns(found.frame) == {
        "person": [f"person{place}" for place in range(6)],
        "function": ["a", "a", "b", "b", "c", "c"],
        "degree": [4, 1, 1, 1, 1, 0],
        "strength_sum": [11.0, 1.0, 2.0, 4.0, 4.0, 0.0],
        "closeness": [1.0, *[pytest.approx(4 / 7)] * 4, None],
        "betweenness": [pytest.approx(6 / 10), 0.0, 0.0, 0.0, 0.0, 0.0],
        "eigenvector": [pytest.approx(0.5**0.5), *[pytest.approx(8**-0.5)] * 4, pytest.approx(0, abs=1e-12)],
        "clustering": [0.0] * 6,
        "ego_density": [0.0, *[None] * 5],
        "ego_betweenness": [6.0, *[0.0] * 5],
    }
    inverse = tn.network.measures.centrality(ties_from(counts, "aabbcc"))
    assert inverse.closeness[0] == pytest.approx(4 / (1 + 1 / 2 + 1 / 4 + 1 / 4))


def test_a_length_of_ones_own():
    ties = random_ties(21)
    found, inverse = tn.network.measures.centrality(ties, length=lambda strength: 1 / strength), tn.network.measures.centrality(ties)
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(found, name), getattr(inverse, name), rtol=1e-12)
    assert (found.length, inverse.length) == ("own", "inverse")
    squared = tn.network.measures.centrality(ties, length=lambda strength: strength**-0.5)
    wanted = nx.betweenness_centrality(graph_of(ties, lambda strength: strength**-0.5), weight="length")
    np.testing.assert_allclose(squared.betweenness, listed(wanted), atol=1e-12)


def test_twice_the_strength_is_half_the_distance():
    ties = random_ties(34)
    once = tn.network.measures.centrality(ties)
    twice = tn.network.measures.centrality(ties, length=lambda strength: 0.5 / strength)
    np.testing.assert_allclose(twice.closeness, 2 * once.closeness, rtol=1e-12)
    np.testing.assert_allclose(twice.betweenness, once.betweenness, rtol=1e-12)


@given(SEEDS)
def test_other_names_and_another_order_change_nothing(seed):
    ties, other, order = relabelled(seed)
    found, moved, shuffled = (tn.network.measures.centrality(network) for network in (ties, other, reordered(ties, seed)))
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(found, name)[order], getattr(moved, name), rtol=1e-9, atol=1e-9, err_msg=name)
        np.testing.assert_allclose(getattr(found, name), getattr(shuffled, name), rtol=1e-9, atol=1e-9, err_msg=name)


def test_rustworkx_and_our_own_paths_agree(monkeypatch):
    pytest.importorskip("rustworkx")
    ties = random_ties(55, size=80)
    fast = tn.network.measures.centrality(ties, length="unweighted")
    assert fast.betweenness_method == "rustworkx"
    assert "betweenness exact (rustworkx)" in str(fast)
    assert tn.network.measures.centrality(ties).betweenness_method == "tienet"
    monkeypatch.setattr(_paths, "find_spec", lambda name: None)
    plain = tn.network.measures.centrality(ties, length="unweighted")
    assert plain.betweenness_method == "tienet"
    np.testing.assert_allclose(fast.betweenness, plain.betweenness, rtol=1e-9, atol=1e-12)


def test_stretches_of_egos_add_up_to_the_whole(monkeypatch):
    ties = random_ties(89, size=60)
    whole = tn.network.measures.centrality(ties, length="unweighted")
    monkeypatch.setattr(_ego_networks, "_WALKS", 300)
    monkeypatch.setattr(_ego_networks, "_CELLS", 200)
    monkeypatch.setattr(_paths, "_CELLS", 200)
    parts = tn.network.measures.centrality(ties, length="unweighted")
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-12)


def test_above_a_size_paths_are_sampled_and_the_sentence_says_so(monkeypatch):
    monkeypatch.setattr(_paths, "PIVOTS", 60)
    monkeypatch.setattr("tienet.network.measures.centralities.PIVOTS", 60)
    counts = np.zeros((104, 104))
    rng = np.random.default_rng(1)
    counts[:100, :100] = np.triu(rng.random((100, 100)) < 0.08, 1)
    counts[100, 101] = 1  # a component of two beside the large one, and two isolates
    ties = ties_from(counts, ["a", "b"] * 52)
    exact = tn.network.measures.centrality(ties, length="unweighted")
    found = tn.network.measures.centrality(ties, length="unweighted", sample_above=90, seed=4)
    assert (exact.closeness_method, found.betweenness_method, found.closeness_method) == ("exact", "sampled", "sampled")
    assert "betweenness estimated from shortest paths of 60 people drawn at random" in str(found)
    again = tn.network.measures.centrality(ties, length="unweighted", sample_above=90, seed=np.random.default_rng(4))
    np.testing.assert_array_equal(found.betweenness, again.betweenness)
    np.testing.assert_array_equal(found.closeness, again.closeness)
    assert np.corrcoef(found.betweenness, exact.betweenness)[0, 1] > 0.95
    near = ~np.isnan(exact.closeness)
    np.testing.assert_array_equal(np.isnan(found.closeness), ~near)
    np.testing.assert_allclose(found.closeness[near], exact.closeness[near], rtol=0.1)
    assert found.closeness[100] == exact.closeness[100] == 1.0
    for name in ("degree", "clustering", "ego_betweenness", "eigenvector"):
        np.testing.assert_array_equal(getattr(found, name), getattr(exact, name))


def test_a_network_without_ties_and_one_of_one_person():
    for size in (1, 2, 5):
        found = tn.network.measures.centrality(ties_from(np.zeros((size, size)), ["a"] * size))
        assert (found.degree == 0).all()
        assert (found.betweenness == 0).all()
        assert np.isnan([found.closeness, found.eigenvector, found.ego_density]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": "inverted"}, "length must be one of 'inverse', 'unweighted'; got 'inverted'; did you mean 'inverse'?"),
        ({"length": lambda strength: strength[:1]}, "one positive, finite number per tie"),
        ({"length": lambda strength: strength * 0}, "one positive, finite number per tie"),
        ({"sample_above": 0}, "sample_above must be a whole number of at least 1; got 0"),
        ({"sample_above": 2.5}, "sample_above must be a whole number of at least 1; got 2.5"),
    ],
)
def test_centrality_refuses_what_it_cannot_answer(options, message):
    with pytest.raises(ArgumentError) as caught:
        tn.network.measures.centrality(random_ties(3), **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_tie_of_strength_zero_is_left_out_of_paths():
    # More than a thousand half-lives ago: the strength has decayed to nothing.
    log = {"time": ["2020-01-01T00:00:00", "2025-01-01T00:00:00"], "source": ["ann", "ann"], "target": ["bob", "cat"]}
    people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["a", "b", "c"]})
    ties = tn.build_ties(tn.read_log(log), people, rule=tn.TieRule(min_interactions=1, half_life="1d"))
    found = tn.network.measures.centrality(ties)
    assert found.degree.tolist() == [2, 1, 1]
    np.testing.assert_array_equal(found.closeness, [found.closeness[2], np.nan, found.closeness[2]])
    assert "the length of a tie is 1 / strength (1 tie of strength 0 left out of paths)" in str(found)
    assert tn.network.measures.centrality(ties, length="unweighted").degree.tolist() == [2, 1, 1]


def test_the_frame_and_the_faces(make_frame):
    log = make_frame({"source": ["ann", "ann"], "target": ["bob", "cat"]}, "log")
    people = make_frame({"person": ["ann", "bob", "cat"], "function": ["Sales", "Ops", "Sales"]}, "people")
    found = tn.network.measures.centrality(
        tn.build_ties(tn.read_log(log), tn.read_people(people), rule=tn.TieRule(min_interactions=1, half_life=None))
    )
    assert isinstance(found.frame, make_frame.given_back)
    assert list(to_columns(found.frame)) == ["person", "function", *NUMBERS]
    assert set(NUMBERS) <= set(GLOSSARY)
    assert str(found) == (
        "Centrality of 3 people, 1.3 ties on average, 0 without any; the length of a tie is 1 / strength; betweenness exact (tienet); "
        "closeness exact, within components"
    )
    assert "ann" not in repr(found) + found._repr_html_()
    with pytest.raises(ValueError, match="read-only"):
        found.degree[0] = 1
