"""Dependence on few people: by hand, against plain definitions, and what is not shown."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import tienet as tn
from frames import to_rows
from test_network import random_case, ties_of
from tienet.base.errors import ArgumentError

dependence = tn.network.measures.dependence


def by_hand(ties, of, other):
    """Ties, holders on either side, people with one contact, and left without one, from the definitions."""
    graph, function = ties.to_networkx(), dict(zip(ties.people.person, ties.people.function, strict=True))
    ours, theirs = ([person for person in graph if function[person] == name] for name in (of, other))
    contacts = {person: {met for met in graph[person] if function[met] == other} for person in ours}
    busy = {person: sum(function[met] == of for met in graph[person]) for person in theirs}
    total = sum(map(len, contacts.values()))

    def fewest(counts):
        sizes = range(len(counts) + 1)
        return next(n for n in sizes if any(2 * sum(some) >= total for some in itertools.combinations(counts, n)))

    top = max(busy.values(), default=0)
    left = [sum(met == {person} for met in contacts.values()) for person, n in busy.items() if n == top and top]
    return (
        total,
        fewest([len(met) for met in contacts.values()]),
        fewest(list(busy.values())),
        sum(len(met) == 1 for met in contacts.values()),
        max(left, default=0),
    )


@pytest.mark.parametrize("seed", range(60))
def test_against_the_definitions(seed):
    arcs, functions = random_case(seed)
    functions[:2] = ["Sales", "Ops"]
    ties = ties_of(arcs, functions)
    found = dependence(ties, floor=1)
    people = int(np.sum(ties.people.function == "sales"))
    assert found.people == people
    assert found.functions == tuple(sorted({*ties.people.functions} - {"sales"}))
    for row in to_rows(found.frame):
        total, holders, there, one, left = by_hand(ties, "sales", row["function"])
        assert (row["ties"], row["holders"], row["holders_there"]) == (total, holders, there)
        assert (row["one_contact"], row["left_without"]) == (pytest.approx(one / people), pytest.approx(left / people))
        assert row["marked"] == (left / people >= 0.1)


def star(alone, shared=0, others=0, theirs=6):
    """Sales people who know only the first of `theirs` colleagues in Ops, some who know two, and some who know nobody."""
    sales = alone + shared + others
    arcs = [(place, sales) for place in range(alone + shared)] + [(place, sales + 1) for place in range(alone, alone + shared)]
    return ties_of(arcs, ["Sales"] * sales + ["Ops"] * theirs)


def test_a_star_depends_on_its_centre():
    found = dependence(star(8, 12, 20))
    row = to_rows(found.frame)[0]
    assert (row["ties"], row["members"], row["one_contact"], row["left_without"]) == (32, 6, 8 / 40, 8 / 40)
    assert row["holders"] == 8  # eight of the twelve with two contacts hold 16 of 32
    assert row["holders_there"] is None  # one person: fewer than 5
    assert row["marked"]
    assert str(found) == (
        "ops: if the one colleague there with the most contacts in sales were away, 20% of the 40 people in sales would have no contact "
        "left in that function."
    )


def test_counts_below_the_floor_are_not_told():
    found = dependence(star(4, 12, 20))
    row = to_rows(found.frame)[0]
    assert row["left_without"] is None
    assert row["one_contact"] is None
    assert not row["marked"]
    assert "fewer than 5 of the 36 people in sales would have no contact left there" in str(found)
    nobody = dependence(star(0, 12, 20))
    assert nobody.left_without.tolist() == nobody.one_contact.tolist() == [0.0]
    assert "none of the 32 people" in str(nobody)


def test_all_but_a_few_are_not_told_but_marked():
    found = dependence(star(28, 2))
    assert np.isnan(found.left_without[0])
    assert found.marked[0]
    assert "more than 83% of the 30 people" in str(found)  # 1 - 5/30
    every = dependence(star(30))
    assert every.left_without.tolist() == [1.0]


def test_no_few_people_with_one_contact_can_be_computed():
    # Eight know only the first colleague and two only the second: 10 with one contact would give the two away.
    sales, functions = 30, ["Sales"] * 30 + ["Ops"] * 6
    arcs = [(place, sales) for place in range(8)] + [(8, sales + 1), (9, sales + 1)] + [(place, sales) for place in range(10, 25)]
    arcs += [(place, sales + 2) for place in range(10, 25)]
    found = dependence(ties_of(arcs, functions))
    assert found.left_without.tolist() == [pytest.approx(8 / 30)]
    assert np.isnan(found.one_contact[0])
    assert dependence(ties_of(arcs, functions), floor=2).one_contact.tolist() == [pytest.approx(10 / 30)]


def test_small_functions_and_few_ties_are_not_shown():
    small = dependence(star(8, theirs=4))
    assert not small.shown[0]
    assert np.isnan(small.ties[0])
    nothing = "No function has at least 5 people and ties to sales, so none is shown."
    assert str(small) == f"{nothing} 1 function not shown: fewer than 5 people or ties."
    few = dependence(ties_of([(0, 10), (1, 10)], ["Sales"] * 10 + ["Ops"] * 8))
    assert not few.shown[0]
    none = dependence(ties_of([(0, 1)], ["Sales"] * 10 + ["Ops"] * 8))
    assert (none.ties[0], none.holders[0], none.left_without[0]) == (0, 0, 0)


def test_two_marked_functions_and_the_rest():
    functions = ["Sales"] * 50 + ["Ops"] * 6 + ["IT"] * 6 + ["HR"] * 6
    arcs = [(place, 50) for place in range(10)] + [(place, 56) for place in range(15)] + [(place, 62 + place % 6) for place in range(12)]
    found = dependence(ties_of(arcs, functions))
    assert str(found).startswith("it and ops: ")
    assert "30% and 20% of the 50 people in sales would have no contact left in these functions; elsewhere it is fewer than 5" in str(found)


def test_the_order_of_people_changes_nothing():
    for seed in range(20):
        arcs, functions = random_case(seed)
        functions[:2] = ["Sales", "Ops"]
        order = np.random.default_rng(seed).permutation(len(functions)).tolist()
        one, other = dependence(ties_of(arcs, functions), floor=1), dependence(ties_of(arcs, functions, order), floor=1)
        assert to_rows(one.frame) == to_rows(other.frame)


@pytest.mark.parametrize(
    ("wrong", "words"), [({"of": "nobody"}, "nobody"), ({"floor": 0}, "floor"), ({"mark": 0}, "mark must be"), ({"mark": 1.5}, "mark")]
)
def test_arguments_that_cannot_be_used(wrong, words):
    with pytest.raises(ArgumentError, match=words):
        dependence(star(8), **wrong)
