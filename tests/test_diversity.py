from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import to_columns
from networks import random_counts, random_ties, relabelled, reordered, ties_from
from real import CLOSE, nodes_of
from tienet.base.errors import ArgumentError
from tienet.output.glossary import GLOSSARY

SEEDS = st.integers(0, 100_000)
NUMBERS = ("alters", "external", "internal", "ei_index", "expected_ei", "blau", "iqv", "entropy", "entropy_normalised", "n_functions")


def star(alters, functions="abcde", weights=None) -> tn.Ties:
    """One ego in function x whose alters hold the functions given; one idle person in every function."""
    everyone = ["x", *alters, *functions]
    counts = np.zeros((len(everyone), len(everyone)))
    counts[0, 1 : 1 + len(alters)] = 1 if weights is None else weights
    return ties_from(counts, everyone)


def first(record) -> dict[str, float]:
    """The numbers of the first person."""
    return {name: getattr(record, name)[0] for name in NUMBERS}


# Shares one half, one quarter, one quarter.


@pytest.mark.parametrize(("functions", "iqv", "normalised"), [("abc", 0.9375, 1.0397 / np.log(3)), ("abcde", 0.78125, 0.6460)])
def test_the_printed_example_of_three_functions(functions, iqv, normalised):
    found = first(tn.network.measures.diversity(star("aabc"), functions=list(functions)))
    assert found["blau"] == pytest.approx(0.6250, abs=1e-12)
    assert found["iqv"] == pytest.approx(iqv, abs=1e-12)
    assert found["entropy"] == pytest.approx(1.0397, abs=5e-5)
    assert found["entropy"] / np.log(2) == pytest.approx(1.5, abs=1e-12)
    assert found["entropy_normalised"] == pytest.approx(normalised, abs=5e-5)
    assert found["n_functions"] == 3
    assert found["alters"] == 4


def test_four_external_and_two_internal_ties():
    found = first(tn.network.measures.diversity(star("aabcxx")))
    assert (found["external"], found["internal"]) == (4, 2)
    assert found["ei_index"] == pytest.approx(1 / 3, abs=1e-12)


def test_strength_in_place_of_ties():
    found = first(tn.network.measures.diversity(star("aab", weights=[1, 1, 2]), by="strength", functions=["a", "b"]))
    assert found["blau"] == pytest.approx(0.5)
    assert found["iqv"] == pytest.approx(1.0)
    assert found["external"] == 4
    inward = first(tn.network.measures.diversity(star("ax", weights=[1, 3]), by="strength"))
    assert inward["ei_index"] == pytest.approx(-0.5)


def test_nobody_one_and_one_function():
    alone = tn.network.measures.diversity(star("a"), functions=["a", "b"])
    assert (alone.blau[0], alone.iqv[0], alone.entropy[0], alone.entropy_normalised[0]) == (0, 0, 0, 0)
    assert not np.signbit(alone.entropy[0])
    for name in ("ei_index", "blau", "iqv", "entropy", "entropy_normalised"):
        assert np.isnan(getattr(alone, name)[2:]).all()
    assert alone.n_functions.tolist()[2:] == [0] * 5
    only = tn.network.measures.diversity(star("aa"), functions=["a"])
    assert only.blau[0] == 0
    assert np.isnan([only.iqv[0], only.entropy_normalised[0]]).all()


def test_alters_outside_the_list_count_in_the_e_i_index_only():
    found = first(tn.network.measures.diversity(star("aabxx"), functions=["a", "b"]))
    assert found["blau"] == pytest.approx(1 - 5 / 9)
    assert (found["alters"], found["n_functions"]) == (3, 2)
    assert (found["external"], found["internal"]) == (3, 2)


def test_direction_says_which_ties_count():
    # x -> a twice, a -> x once, b -> x four times.
    counts = np.array([[0, 2, 0], [1, 0, 0], [4, 0, 0]])
    ties = ties_from(counts, ["x", "a", "b"])
    out, back = tn.network.measures.diversity(ties, direction="out"), tn.network.measures.diversity(ties, direction="in", by="strength")
    assert out.external.tolist() == [1, 1, 1]
    assert out.n_functions.tolist() == [1, 1, 1]
    assert back.external.tolist() == [5, 2, 0]
    assert back.blau[0] == pytest.approx(1 - 0.2**2 - 0.8**2)
    assert np.isnan(back.blau[2])
    assert "the strength of the incoming ties of 3 people" in str(back)


@given(SEEDS)
def test_in_a_complete_network_the_e_i_index_is_the_expected_one(seed):
    functions = random_counts(seed)[1]
    size = len(functions)
    found = tn.network.measures.diversity(ties_from(np.ones((size, size)) - np.eye(size), functions))
    np.testing.assert_allclose(found.ei_index, found.expected_ei, atol=1e-12)


@given(SEEDS)
def test_limits_and_sums(seed):
    ties = random_ties(seed)
    found = tn.network.measures.diversity(ties)
    some = found.alters > 0
    np.testing.assert_array_equal(found.external + found.internal, ties.adjacency("ties").sum(axis=0))
    assert (np.abs(found.ei_index[some]) <= 1).all()
    assert (found.blau[some] <= 1 - 1 / found.n_functions[some] + 1e-12).all()
    assert (found.entropy[some] <= np.log(found.n_functions[some]) + 1e-12).all()
    np.testing.assert_array_equal(found.blau[some] < 1e-12, found.n_functions[some] == 1)
    np.testing.assert_array_equal(np.isnan(found.blau), ~some)


@given(SEEDS)
def test_outgoing_ties_are_the_incoming_ones_of_the_reversed_network(seed):
    counts, functions = random_counts(seed)
    out = tn.network.measures.diversity(ties_from(counts, functions), by="strength", direction="out")
    back = tn.network.measures.diversity(ties_from(counts.T, functions), by="strength", direction="in")
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(out, name), getattr(back, name), rtol=1e-12)


@given(SEEDS)
def test_other_names_and_another_order_change_nothing(seed):
    ties, other, order = relabelled(seed)
    for by in ("ties", "strength"):
        found, moved, shuffled = (tn.network.measures.diversity(network, by=by) for network in (ties, other, reordered(ties, seed)))
        for name in NUMBERS:
            np.testing.assert_allclose(getattr(found, name)[order], getattr(moved, name), rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(getattr(found, name), getattr(shuffled, name), rtol=1e-9, atol=1e-12)


def test_real_networks(real_network):
    ties, folder = real_network
    nodes = nodes_of(folder, ties)
    found, weighed = tn.network.measures.diversity(ties), tn.network.measures.diversity(ties, by="strength")
    for column, values in {
        "own_function_ties": found.internal,
        "other_function_ties": found.external,
        "ei_ties": found.ei_index,
        "ei_strength": weighed.ei_index,
        "n_functions_reached": found.n_functions,
        "blau_ties": found.blau,
        "shannon_ties": found.entropy,
    }.items():
        np.testing.assert_allclose(values, nodes[column].astype(float), err_msg=column, **CLOSE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"functions": ["marketin"]}, "no one in the people table holds the function 'marketin'; did you mean 'marketing'?"),
        ({"functions": []}, "functions must name at least one function"),
        ({"functions": ["sales", "Sales"]}, "each once"),
        ({"by": "tie"}, "by must be one of 'ties', 'strength'; got 'tie'; did you mean 'ties'?"),
        ({"direction": "inward"}, "direction must be one of 'both', 'out', 'in'; got 'inward'"),
    ],
)
def test_diversity_refuses_with_the_closest_name(options, message):
    with pytest.raises(ArgumentError) as caught:
        tn.network.measures.diversity(ties_from(np.ones((2, 2)) - np.eye(2), ["Sales", "Marketing"]), **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_frame_and_the_faces(make_frame):
    log = make_frame({"source": ["ann", "ann"], "target": ["bob", "cat"]}, "log")
    people = make_frame({"person": ["ann", "bob", "cat", "dan"], "function": ["Sales", "Ops", "Sales", "Ops"]}, "people")
    rule = tn.TieRule(min_interactions=1, half_life=None)
    found = tn.network.measures.diversity(tn.build_ties(tn.read_log(log), tn.read_people(people), rule=rule))
    assert isinstance(found.frame, make_frame.given_back)
    columns = to_columns(found.frame)
    assert list(columns) == ["person", "function", *NUMBERS]
    assert set(NUMBERS) <= set(GLOSSARY)
    assert columns["blau"] == [0.5, 0.0, 0.0, None]
    assert str(found) == (
        "Diversity of the ties of 4 people over 2 functions: Blau 0.17 and E-I index 0.00 on average (-1 inward, +1 outward), "
        "1 without ties to them"
    )
    assert "ann" not in repr(found) + found._repr_html_()
    with pytest.raises(ValueError, match="read-only"):
        found.blau[0] = 1.0
