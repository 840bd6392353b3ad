"""Measures of the whole network against published results, networkx, closed forms and invariances."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import to_rows
from real import network, published
from tienet.base.errors import ArgumentError
from tienet.base.record import locked
from tienet.base.wording import snake_case
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.people import People

COUNTED = tn.TieRule(min_interactions=1e-9, half_life=None, size_weight="none", max_size=None)
LABELS = np.array(["Sales", "Marketing", "Ops"], dtype=object)
# Expected numbers are rounded to 10 significant digits.
CLOSE = {"rel": 1e-8, "abs": 1e-9}


def ties_of(arcs, functions, order=None) -> tn.Ties:
    """Ties of numbered people, one interaction per arc, made without a log: hundreds of them take a second."""
    order = list(range(len(functions))) if order is None else order
    names = [snake_case(functions[place]) for place in order]
    people = People(
        locked([f"p{place}" for place in order], dtype=object),
        locked(names, dtype=object),
        dict(zip(names, names, strict=True)),
        {},
        Ledger({}),
    )
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    there = np.zeros((len(order), len(order)))
    np.add.at(there, tuple(place[np.array(arcs, dtype=np.int64).reshape(-1, 2)].T), 1.0)
    a, b = np.nonzero(np.triu(there + there.T))
    sums, none = (there + there.T)[a, b], np.full(len(a), np.nan)
    numbers = {"interactions": sums, "a_to_b": there[a, b], "b_to_a": there[b, a], "frequency": none, "regularity": none, "channels": none}
    numbers["reciprocity"] = 2 * np.minimum(there[a, b], there[b, a]) / sums
    columns = {name: locked(values) for name, values in numbers.items()}
    rest = {"first": None, "last": None, "pairs_below": 0, "ledger": Ledger({"used": len(arcs)})}
    return tn.Ties(people=people, rule=COUNTED, window=None, a=locked(a), b=locked(b), **columns, **rest)


def random_case(seed):
    """Arcs among 3 to 14 people, some of them alone or repeated, and a function each."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 15))
    ends = rng.integers(0, size, (int(rng.integers(1, 3 * size)), 2))
    arcs = [(int(a), int(b)) for a, b in ends if a != b] or [(0, 1)]
    return arcs, LABELS[rng.integers(0, int(rng.integers(1, 4)), size)].tolist()


def numbers(summary) -> dict[str, float]:
    return {name: float("nan") if value is None else value for name, value in to_rows(summary.frame)[0].items()}


# Real networks


def test_every_number_of_a_real_network(real_network):
    ties, folder = real_network
    expected, found = network(folder), tn.network.measures.network_summary(ties)
    wanted = {
        "people": "n_people",
        "ties": "n_undirected_ties",
        "isolates": "n_isolates",
        "density": "density_undirected",
        "components": "n_components",
        "largest_component": "largest_component",
        "reciprocity": "reciprocity",
        "transitivity": "transitivity",
        "mean_clustering": "mean_clustering",
        "degree_assortativity": "degree_assortativity_undirected",
        "function_assortativity": "assortativity_function_undirected",
        "function_modularity": "modularity_function_binary",
        "function_modularity_weighted": "modularity_function_weighted",
        "ei_index": "ei_index_ties",
        "ei_index_strength": "ei_index_strength",
    }
    for ours, theirs in wanted.items():
        assert getattr(found, ours) == pytest.approx(expected[theirs], **CLOSE), ours


# Random networks


@given(st.integers(0, 10**6))
def test_a_random_network_against_networkx_and_itself_relabelled(seed):
    arcs, functions = random_case(seed)
    ties = ties_of(arcs, functions)
    found, graph = tn.network.measures.network_summary(ties), ties.to_networkx()
    assert found.components == nx.number_connected_components(graph)
    assert found.mean_clustering == pytest.approx(nx.average_clustering(graph), rel=1e-12)
    paths = sum(d * (d - 1) for _, d in graph.degree()) / 2
    assert found.transitivity == pytest.approx(nx.transitivity(graph) if paths else np.nan, rel=1e-12, nan_ok=True)
    assert found.reciprocity == pytest.approx(nx.overall_reciprocity(ties.to_networkx(directed=True)), rel=1e-12)
    groups = [{p for p, f in graph.nodes(data="function") if f == name} for name in ties.people.functions]
    assert found.function_modularity == pytest.approx(nx.community.modularity(graph, groups, weight=None), abs=1e-12)
    weighted = nx.community.modularity(graph, groups, weight="strength")
    assert found.function_modularity_weighted == pytest.approx(weighted, abs=1e-12)
    ends = {f for a, b in graph.edges for f in (graph.nodes[a]["function"], graph.nodes[b]["function"])}
    mixing = nx.attribute_assortativity_coefficient(graph, "function") if len(ends) > 1 else np.nan
    assert found.function_assortativity == pytest.approx(mixing, rel=1e-9, abs=1e-12, nan_ok=True)
    # The order of the roster and of the rows changes nothing; doubling the log changes no share.
    order = np.random.default_rng(seed).permutation(len(functions)).tolist()
    for other in (ties_of(arcs[::-1], functions, order), ties_of(arcs * 2, functions)):
        assert numbers(tn.network.measures.network_summary(other)) == pytest.approx(numbers(found), rel=1e-9, abs=1e-12, nan_ok=True)


def test_degree_assortativity_is_the_correlation_over_both_ends():
    ties = tn.build_ties(*_firm(), rule=COUNTED)
    degree = ties.adjacency("ties").sum(axis=0)
    ends = np.concatenate([ties.a, ties.b]), np.concatenate([ties.b, ties.a])
    assert tn.network.measures.network_summary(ties).degree_assortativity == pytest.approx(
        np.corrcoef(degree[ends[0]], degree[ends[1]])[0, 1], rel=1e-9
    )


def test_closed_forms():
    star = tn.network.measures.network_summary(ties_of([(0, place) for place in range(1, 6)], ["Sales"] + ["Ops"] * 5))
    assert (star.transitivity, star.mean_clustering, star.ei_index, star.reciprocity) == (0.0, 0.0, 1.0, 0.0)
    assert star.degree_assortativity == star.function_assortativity == -1.0
    assert star.function_modularity == pytest.approx(-0.5, rel=1e-12)
    # Two triangles, each a function of its own: Q = 1 - 2 (1/2)^2.
    both = tn.network.measures.network_summary(
        ties_of([(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)], ["Sales"] * 3 + ["Ops"] * 3 + ["Ops"])
    )
    assert (both.components, both.largest_component, both.isolates) == (3, 3, 1)
    assert (both.transitivity, both.function_assortativity, both.function_modularity) == (1.0, 1.0, 0.5)
    assert (both.mean_clustering, both.ei_index, both.ei_index_strength) == (pytest.approx(6 / 7), -1.0, -1.0)
    assert np.isnan(both.degree_assortativity)


def test_triangles_are_the_same_in_any_number_of_blocks(monkeypatch):
    from tienet.network.measures import _triangles as module

    ties = tn.build_ties(*_firm(), rule=COUNTED)
    whole = tn.network.measures.network_summary(ties)
    monkeypatch.setattr(module, "PATHS", 50)
    monkeypatch.setattr(module, "CELLS", 50)
    assert numbers(tn.network.measures.network_summary(ties)) == numbers(whole)
    assert whole.mean_clustering == pytest.approx(nx.average_clustering(ties.to_networkx()), rel=1e-12)


def _firm():
    made = tn.simulate_firm(n_people=60, seed=2)
    return made.log, made.people


def test_a_network_without_ties_has_counts_and_no_shares():
    people = tn.read_people({"person": ["p0", "p1"], "function": ["Sales", "Ops"]})
    log = tn.read_log({"source": ["p0"], "target": ["p1"]})
    ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=5, half_life=None))
    found = tn.network.measures.network_summary(ties)
    assert (found.ties, found.isolates, found.density, found.components, found.mean_clustering) == (0, 2, 0.0, 2, 0.0)
    assert np.isnan([found.reciprocity, found.transitivity, found.degree_assortativity, found.function_assortativity]).all()
    assert np.isnan([found.function_modularity, found.function_modularity_weighted, found.ei_index]).all()
    test = tn.network.measures.ei_permutation(ties, draws=9)
    assert np.isnan([test.ei_index, test.ei_expected, test.ei_sd, test.p_value]).all()
    assert "not defined" in str(found)
    assert "p not known" in str(test)


# Functions assigned at random


@given(st.integers(0, 10**6))
def test_mean_sd_and_p_over_every_assignment_there_is(seed):
    rng = np.random.default_rng(seed)
    functions = LABELS[rng.integers(0, 3, 6)].tolist()
    pairs = list(itertools.combinations(range(6), 2))
    arcs = [pairs[place] for place in rng.choice(15, int(rng.integers(1, 12)), replace=False)]
    found = tn.network.measures.ei_permutation(ties_of(arcs, functions), draws=2_000, seed=seed)
    a, b = np.array(arcs).T
    every = np.array(list(itertools.permutations(functions)))
    values = 2 * np.mean(every[:, a] != every[:, b], axis=1) - 1
    assert found.ei_expected == pytest.approx(values.mean(), abs=1e-12)
    assert found.ei_sd == pytest.approx(values.std(), abs=1e-9)
    exact = np.mean(np.abs(values - values.mean()) >= abs(found.ei_index - values.mean()) - 1e-12)
    # Five standard errors of a share over 2,000 draws.
    assert found.p_value == pytest.approx(exact, abs=5 * 0.5 / np.sqrt(2_000))
    assert set(np.round(found.permuted, 9)) <= set(np.round(values, 9))


def test_the_p_value_counts_the_observed_assignment_as_one_more():
    ties = tn.build_ties(*_firm(), rule=COUNTED)
    found = tn.network.measures.ei_permutation(ties, draws=500, seed=4)
    beyond = np.abs(found.permuted - found.ei_expected) >= abs(found.ei_index - found.ei_expected) - 1e-12
    assert found.p_value == (1 + beyond.sum()) / 501
    assert found.ei_index == tn.function_matrix(ties).ei_index
    assert found.ei_index_rescaled == tn.function_matrix(ties).ei_index_rescaled
    assert found.permuted.mean() == pytest.approx(found.ei_expected, abs=5 * found.ei_sd / np.sqrt(500))
    again = tn.network.measures.ei_permutation(ties, draws=500, seed=np.random.default_rng(4))
    np.testing.assert_array_equal(again.permuted, found.permuted)
    with pytest.raises(ValueError, match="read-only"):
        found.permuted[0] = 0


def test_permutations_are_the_same_in_any_number_of_blocks(monkeypatch):
    from tienet.network.measures import ei_permutations as module

    ties = ties_of(*random_case(7))
    whole = tn.network.measures.ei_permutation(ties, draws=50).permuted
    monkeypatch.setattr(module, "_CELLS", 40)
    np.testing.assert_array_equal(tn.network.measures.ei_permutation(ties, draws=50).permuted, whole)


def test_krackhardt_and_stern_on_the_hightech_firm():
    ties, folder = published("friendship")
    found, expected = tn.network.measures.ei_permutation(ties, draws=999), network(folder)
    sizes = np.array(list(expected["functions"].values()))
    assert found.ei_index == pytest.approx(expected["ei_index_ties"], **CLOSE)
    assert found.ei_expected == pytest.approx(1 - 2 * (sizes * (sizes - 1)).sum() / (21 * 20), rel=1e-12)
    # By hand: the mean of (N - 2 n_g + 1) / (N - 1) over people is the same.
    assert found.ei_expected == pytest.approx(np.sum(sizes * (21 - 2 * sizes + 1) / 20) / 21, rel=1e-12)


def test_one_function_cannot_be_told_from_chance():
    found = tn.network.measures.ei_permutation(ties_of([(0, 1), (1, 2)], ["Sales"] * 4), draws=19)
    assert (found.ei_index, found.ei_expected, found.ei_sd, found.p_value) == (-1.0, -1.0, 0.0, 1.0)


@pytest.mark.parametrize("draws", [0, -1, 2.5, True, "many"])
def test_draws_that_are_no_number_of_draws_are_refused(draws):
    with pytest.raises(ArgumentError, match="draws must be a whole number"):
        tn.network.measures.ei_permutation(ties_of([(0, 1)], ["Sales", "Ops"]), draws=draws)


def test_the_faces_of_a_network_and_a_test():
    ties = ties_of(*random_case(3))
    for record in (tn.network.measures.network_summary(ties), tn.network.measures.ei_permutation(ties, draws=19)):
        assert len(record.frame) == 1
        assert not any(person in str(record) + repr(record) + record._repr_html_() for person in ties.people.person)
        for column in record.frame.columns:
            from tienet.output.glossary import describe

            assert describe(column).meaning
