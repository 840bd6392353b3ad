from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import to_columns
from networks import random_counts, random_ties, relabelled, reordered, ties_from
from tienet.base.errors import ArgumentError
from tienet.network.measures import roles as _roles
from tienet.network.measures.roles import ROLES, role_moments, total_moments
from tienet.output.glossary import describe

SEEDS = st.integers(0, 100_000)

# R package sna: brokerage(g, c("sales", "sales", "ops", "ops", "fin", "fin")); columns w_I w_O b_IO b_OI b_O t
ARCS = ["ab", "ba", "ac", "cd", "de", "bd", "db", "ef", "fc", "ca", "be", "fa"]
COUNTS = [[0, 0, 1, 2, 0, 3], [0, 0, 2, 1, 0, 3], [0, 0, 0, 2, 0, 2], [0, 0, 2, 0, 0, 2], [0, 0, 0, 2, 0, 2], [0, 0, 2, 0, 0, 2]]
Z_REPRESENTATIVE = [0.8600, 2.2562, -0.5361, 2.2562, -0.5361, 2.2562]
Z_GATEKEEPER = [2.2562, 0.8600, 2.2562, -0.5361, 2.2562, -0.5361]
Z_BROKERAGE = [0.5862, 0.5862, 0.0434, 0.0434, 0.0434, 0.0434]


def golden():
    counts = np.zeros((6, 6))
    for arc in ARCS:
        counts["abcdef".index(arc[0]), "abcdef".index(arc[1])] = 1
    return counts, ["sales", "sales", "ops", "ops", "fin", "fin"]


def role_of(a, v, b) -> int:
    """The place in ROLES of a -> v -> b by the functions of the three."""
    if a == v == b:
        return 0
    if a == b:
        return 1
    return 2 if a == v else 3 if v == b else 4


def test_the_sna_table_to_the_printed_digit():
    found = tn.network.measures.brokerage(ties_from(*golden()))
    assert found.counts.tolist() == COUNTS
    np.testing.assert_allclose(found.expected, np.tile([0, 0.384, 0.384, 0.384, 0.768, 1.92], (6, 1)), atol=1e-12)
    for column, wanted in ((2, Z_REPRESENTATIVE), (3, Z_GATEKEEPER), (5, Z_BROKERAGE)):
        np.testing.assert_array_equal(np.round(found.z[:, column], 4), wanted)
    assert np.isnan(found.z[:, 0]).all()
    assert found.totals.tolist() == [0, 0, 7, 7, 0, 14]
    assert round(float(found.z_totals[5]), 4) == 0.5219
    assert np.isnan(found.z_totals[0])
    assert found.density == pytest.approx(0.4)


def test_the_frames_and_the_sentence():
    found = tn.network.measures.brokerage(ties_from(*golden()))
    assert to_columns(found.frame)["representative"] == [1, 2, 0, 2, 0, 2]
    assert to_columns(found.frame)["z_coordinator"] == [None] * 6
    assert list(found.frame.columns) == ["person", "function", *ROLES, *(f"expected_{r}" for r in ROLES), *(f"z_{r}" for r in ROLES)]
    network = to_columns(found.network)
    assert all(describe(column).meaning for column in (*found.frame.columns, *network))
    assert describe("expected_ei").unit != describe("expected_liaison").unit
    assert network["role"] == list(ROLES)
    assert network["total"] == [0, 0, 7, 7, 0, 14]
    assert str(found) == (
        "6 of 6 people broker 14 pairs (directed): coordinator 0, itinerant 0, representative 7, gatekeeper 7, liaison 0; "
        "11.5 pairs would be expected at a density of 0.400"
    )


@given(SEEDS, st.booleans())
def test_every_count_is_the_listing_of_its_definition(seed, directed):
    counts, functions = random_counts(seed)
    arcs = (counts if directed else counts + counts.T) > 0
    wanted = np.zeros((len(arcs), 6), dtype=int)
    for a, v, b in itertools.permutations(range(len(arcs)), 3):
        if arcs[a, v] and arcs[v, b] and not arcs[a, b]:
            wanted[v, role_of(functions[a], functions[v], functions[b])] += 1
            wanted[v, 5] += 1
    found = tn.network.measures.brokerage(ties_from(counts, functions), directed=directed)
    np.testing.assert_array_equal(found.counts, wanted)
    np.testing.assert_array_equal(found.totals, wanted.sum(axis=0))


@pytest.mark.parametrize("functions", [[0, 0, 1, 1], [0, 0, 0, 1], [0, 1, 2, 2], [0, 0, 0, 0]])
@pytest.mark.parametrize("density", [0.3, 0.6])
def test_the_moments_over_all_networks_of_four_people(functions, density):
    # All 4,096 directed networks of four people, each with its probability.
    pairs = list(itertools.permutations(range(4), 2))
    there = np.array(list(itertools.product((0, 1), repeat=len(pairs))))
    arcs = np.zeros((len(there), 4, 4))
    for column, (a, b) in enumerate(pairs):
        arcs[:, a, b] = there[:, column]
    weight = density ** there.sum(axis=1) * (1 - density) ** (len(pairs) - there.sum(axis=1))
    counts = np.zeros((len(there), 4, 6))
    for a, v, b in itertools.permutations(range(4), 3):
        brokered = arcs[:, a, v] * arcs[:, v, b] * (1 - arcs[:, a, b])
        counts[:, v, role_of(functions[a], functions[v], functions[b])] += brokered
        counts[:, v, 5] += brokered
    mean = np.einsum("g,gvr->vr", weight, counts)
    variance = np.einsum("g,gvr->vr", weight, (counts - mean) ** 2)
    sizes = np.bincount(functions)
    found_mean, found_variance = role_moments(sizes, density)
    np.testing.assert_allclose(found_mean[functions], mean, atol=1e-12)
    np.testing.assert_allclose(found_variance[functions], variance, atol=1e-12)
    totals = counts.sum(axis=1)
    total_mean, total_variance = total_moments(sizes, density)
    exact = weight @ (totals - weight @ totals) ** 2
    np.testing.assert_allclose(total_mean, weight @ totals, atol=1e-12)
    # sna leaves out triples that exclude each other; itinerants have none, and for the others its variance is the larger one.
    assert total_variance[1] == pytest.approx(exact[1], abs=1e-12)
    assert (total_variance >= exact - 1e-12).all()


@given(SEEDS)
def test_undirected_each_pair_counts_twice_and_gatekeepers_are_representatives(seed):
    ties = random_ties(seed)
    found = tn.network.measures.brokerage(ties, directed=False)
    graph = nx.from_scipy_sparse_array(ties.adjacency("ties"))
    triangles = nx.triangles(graph)
    open_pairs = [degree * (degree - 1) - 2 * triangles[v] for v, degree in graph.degree()]
    assert found.counts[:, 5].tolist() == open_pairs
    np.testing.assert_array_equal(found.counts[:, 2], found.counts[:, 3])


@given(SEEDS)
def test_reversed_arcs_exchange_representatives_and_gatekeepers(seed):
    counts, functions = random_counts(seed)
    there, back = tn.network.measures.brokerage(ties_from(counts, functions)), tn.network.measures.brokerage(ties_from(counts.T, functions))
    np.testing.assert_array_equal(there.counts[:, [0, 1, 3, 2, 4, 5]], back.counts)
    np.testing.assert_allclose(there.z[:, [0, 1, 3, 2, 4, 5]], back.z, rtol=1e-12)


@given(SEEDS)
def test_other_names_and_another_order_change_nothing(seed):
    ties, other, order = relabelled(seed)
    found, moved = tn.network.measures.brokerage(ties), tn.network.measures.brokerage(other)
    np.testing.assert_array_equal(found.counts[order], moved.counts)
    np.testing.assert_allclose(found.z[order], moved.z, rtol=1e-9)
    np.testing.assert_array_equal(tn.network.measures.brokerage(reordered(ties, seed)).counts, found.counts)
    of = ties.people.functions[0]
    options = {"of": of, "toward": ties.people.functions}
    pairs = np.zeros((2, len(order)))
    for row, network in enumerate((ties, other)):
        pairs[row, network.people.holders(of)] = tn.network.measures.exclusive_intermediaries(network, **options).exclusive_pairs.sum(
            axis=1
        )
    np.testing.assert_array_equal(pairs[0, order], pairs[1])


def test_stretches_of_rows_add_up_to_the_whole(monkeypatch):
    ties = random_ties(7, size=40)
    whole = tn.network.measures.brokerage(ties)
    monkeypatch.setattr(_roles, "_BLOCK", 50)
    np.testing.assert_array_equal(tn.network.measures.brokerage(ties).counts, whole.counts)


def test_a_threshold_counts_the_arcs_from_there_on():
    counts, functions = random_counts(11)
    found = tn.network.measures.brokerage(ties_from(counts, functions), min_interactions=3)
    np.testing.assert_array_equal(
        found.counts, tn.network.measures.brokerage(ties_from(np.where(counts >= 3, counts, 0), functions)).counts
    )
    both = counts + counts.T
    kept = tn.network.measures.brokerage(ties_from(np.where(both >= 4, counts, 0), functions), directed=False)
    np.testing.assert_array_equal(
        tn.network.measures.brokerage(ties_from(counts, functions), directed=False, min_interactions=4).counts, kept.counts
    )


def test_nothing_is_expected_where_nothing_can_vary():
    for counts, functions in ((np.zeros((3, 3)), "aab"), (np.ones((3, 3)) - np.eye(3), "aab"), (np.zeros((1, 1)), "a")):
        found = tn.network.measures.brokerage(ties_from(counts, list(functions)))
        assert (found.counts == 0).all()
        assert (found.expected == 0).all()
        assert np.isnan(found.z).all()
        assert np.isnan(found.z_totals).all()


@pytest.mark.parametrize("least", [0, -1, True, "many", float("nan")])
def test_a_threshold_that_is_no_positive_number_is_refused(least):
    with pytest.raises(ArgumentError, match="min_interactions must be a positive number"):
        tn.network.measures.brokerage(random_ties(1), min_interactions=least)


# Exclusive intermediaries


def _exclusive(ties) -> np.ndarray:
    """Pairs of everyone toward every function, in roster order."""
    pairs = np.zeros((len(ties.people), len(ties.people.functions)), dtype=int)
    for of in ties.people.functions:
        found = tn.network.measures.exclusive_intermediaries(ties, of=of, toward=ties.people.functions)
        pairs[ties.people.holders(of)] = found.exclusive_pairs
    return pairs


@given(SEEDS)
def test_exclusive_pairs_are_those_with_ego_as_the_one_common_neighbour_in_networkx(seed):
    ties = random_ties(seed)
    graph, functions = nx.from_scipy_sparse_array(ties.adjacency("ties")), ties.people.function
    wanted = np.zeros((len(functions), len(ties.people.functions)), dtype=int)
    for peer, alter in itertools.permutations(range(len(functions)), 2):
        common = [] if graph.has_edge(peer, alter) else list(nx.common_neighbors(graph, peer, alter))
        if len(common) == 1 and functions[common[0]] == functions[peer]:
            wanted[common[0], ties.people.functions.index(functions[alter])] += 1
    np.testing.assert_array_equal(_exclusive(ties), wanted)


def test_an_alter_whom_two_colleagues_reach_is_nobodys_alone():
    # p - i - m1, p - i - m2, p - k - m2 with k in ops: of these only (p, m1) is i's alone, and i reaches k through p and m2.
    names = ["p", "i", "k", "m1", "m2"]
    counts = np.zeros((5, 5))
    for arc in ("p i", "i m1", "i m2", "p k", "k m2"):
        source, target = arc.split()
        counts[names.index(source), names.index(target)] = 1
    ties = ties_from(counts, ["sales", "sales", "ops", "marketing", "marketing"])
    found = tn.network.measures.exclusive_intermediaries(ties, of="Sales", toward=["Marketing", "ops"])
    assert to_columns(found.frame) == {
        "ego": ["person0", "person1"],
        "peers": [1, 1],
        "exclusive_pairs": [0, 1],
        "exclusive_pairs_marketing": [0, 1],
        "exclusive_pairs_ops": [0, 0],
    }
    assert all(describe(column).meaning for column in found.frame.columns)
    assert str(found) == (
        "Exclusive intermediaries among 2 egos in sales toward marketing, ops: 1, with 1 pair of a peer and an alter that only they connect"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"of": "f9", "toward": ["f1"]}, "no one in the people table holds the function 'f9'"),
        ({"of": "f0", "toward": ["f7"]}, "no one in the people table holds the function 'f7'"),
        ({"of": "f0", "toward": []}, "toward must name at least one function"),
        ({"of": "f0", "toward": ["f1", "F1"]}, "each once"),
    ],
)
def test_exclusive_intermediaries_refuses_what_it_cannot_answer(options, message):
    with pytest.raises(ArgumentError) as caught:
        tn.network.measures.exclusive_intermediaries(ties_from(np.ones((4, 4)) - np.eye(4), ["f0", "f0", "f1", "f2"]), **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_face_shows_a_person():
    ties = random_ties(5)
    for result in (
        tn.network.measures.brokerage(ties),
        tn.network.measures.exclusive_intermediaries(ties, of=ties.people.functions[0], toward=ties.people.functions),
    ):
        assert "person0" not in str(result) + repr(result) + result._repr_html_()
        for name in ("counts", "exclusive_pairs"):
            if hasattr(result, name):
                with pytest.raises(ValueError, match="read-only"):
                    getattr(result, name)[0] = 7


def test_weights_that_add_up_to_the_least_reach_it():
    # 0.7 + 0.1 + 0.1 is a little less than 0.9 in floating point.
    rows = {"source": ["ann"] * 3 + ["bob"] * 3, "target": ["bob"] * 3 + ["cat"] * 3, "weight": [0.7, 0.1, 0.1] * 2}
    people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Sales", "Ops"]})
    ties = tn.build_ties(tn.read_log(rows), people, rule=tn.TieRule(min_interactions=0.5, half_life=None))
    for directed in (True, False):
        assert tn.network.measures.brokerage(ties, min_interactions=0.9, directed=directed).counts[1, -1] == (1 if directed else 2)
